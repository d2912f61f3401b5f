"""The figures of lesson 04, vanishing and exploding gradients."""

import numpy as np

from helpers.plots.figure import (
    BLUE, GRAY, GREEN, MARKERS, ORANGE, PALETTE, draw, label_ends, lines, power_ticks, show, subplots,
)

#: Colour and marker of a network by its first weights.
BEGINNINGS = {"normal": (BLUE, "o"), "identity": (ORANGE, "^")}


def gradient_by_lag(norms):
    """Norm of the gradient over the lag, a panel for each activation.

    Parameters
    ----------
    norms : dict of str to (dict of float to ndarray)
        For each activation, for each spectral radius, the norm at lag 0, 1, ..., relative to that at lag 0.
    """
    figure, axes = subplots(len(norms), 10, 3.6, sharey=True)
    for ax, (activation, by_radius) in zip(axes, norms.items()):
        powers = {f"{radius:g}": np.log10(values) for radius, values in sorted(by_radius.items())}
        draw(ax, range(len(next(iter(powers.values())))), powers, ordered=True)
        ax.axhline(0, color=GRAY, linewidth=1, linestyle=":")
        grow = [f"{radius:g}" for radius, values in by_radius.items() if values[-1] > values[0]]
        ax.set(title=f"{activation}: grows at {', '.join(grow) or 'none of them'}", xlabel="lag (steps back)")
        power_ticks(ax.yaxis)
        label_ends(ax)
    axes[0].set_ylabel("gradient's norm, relative to lag 0")
    ends = "; ".join(
        f"{activation}: "
        + ", ".join(f"{np.round(np.log10(values[-1])) + 0:g} at radius {radius:g}" for radius, values in rows.items())
        for activation, rows in norms.items()
    )
    last = len(next(iter(next(iter(norms.values())).values()))) - 1
    show(
        figure,
        f"Norm of the gradient over the lag on a log scale, in powers of ten. At lag {last}: {ends}.",
        "The numbers at the ends are spectral radii. A straight line on this axis is one and the same factor at every step."
        " Above the dotted line the gradient has grown.",
    )


def transient(norms):
    """Norm of the gradient over the lag for matrices of spectral radius below 1.

    Parameters
    ----------
    norms : dict of str to ndarray
        For the name of each matrix the norm at lag 0, 1, ...
    """
    highest = {name: (int(np.argmax(values)), np.max(values)) for name, values in norms.items()}
    figure, axes = subplots(len(norms), 10, 3.2)
    for ax, (name, values), color, marker in zip(axes, norms.items(), PALETTE, MARKERS):
        ax.plot(values, color=color, marker=marker, markersize=4, markevery=10)
        ax.set(title=f"{name}: at most {highest[name][1]:.0f} times as long", xlabel="lag (steps back)")
        ax.set_ylim(0, 1.1 * highest[name][1])
    axes[0].set_ylabel("gradient's norm")
    found = "; ".join(f"{name}: highest {value:.1f} at lag {lag}" for name, (lag, value) in highest.items())
    show(
        figure,
        f"Norm of the gradient over the lag, linear network. {found}.",
        "Eigenvalues tell what happens in the end, not what happens on the way there.",
    )


def saturation(scales, slopes):
    """Mean slope of tanh over the scale of what enters.

    Parameters
    ----------
    scales, slopes : sequence of float
    """
    lines(
        scales,
        {"mean of 1 - h²": slopes},
        f"The mean slope falls from {slopes[0]:.2f} to {slopes[-1]:.2f}",
        "standard deviation of the input to each unit (log scale)",
        "mean slope of tanh",
        "Mean of 1 - h squared over the scale of the input: "
        + ", ".join(f"{s:.2f} at {x:g}" for x, s in zip(scales, slopes)) + ".",
        "The slope is what each step back is multiplied by, besides the weights.",
        xscale="log",
        ylim=(0, 1.05),
    )


def cliff(w, loss, slope, start, landings):
    """The loss of a one-unit network along its weight, its slope, and where one update lands.

    Parameters
    ----------
    w, loss, slope : ndarray
    start : float
        The weight before the update.
    landings : dict of str to (float, float)
        The weight and the loss after it, by the name of the update.
    """
    figure, axes = subplots(2, 10, 3.5)
    axes[0].plot(w, loss, color=BLUE)
    label = f"start: w = {start:.4g}"
    axes[0].plot([start], [np.interp(start, w, loss)], color=GRAY, marker="D", markersize=8, linestyle="none", label=label)
    for (name, (at, value)), color, marker in zip(landings.items(), (GREEN, ORANGE), "o^"):
        inside = at <= w[-1]
        axes[0].plot(
            [min(at, w[-1])], [value], color=color, marker=marker if inside else ">", markersize=9, linestyle="none",
            label=f"{name}: w = {at:.4g}", clip_on=False,
        )
    fall = w[(loss < 0.9 * loss.max()) & (loss > 0.1 * loss.max())]
    axes[0].set(
        title=f"The loss goes from 90 to 10 % within {fall.max() - fall.min():.4f} of w", xlabel="w", ylabel="loss after 50 steps"
    )
    axes[0].legend(fontsize=9, loc="upper right")
    axes[1].plot(w, np.log10(np.maximum(np.abs(slope), 1e-12)), color=ORANGE)
    steepest = int(np.argmax(np.abs(slope)))
    power_ticks(axes[1].yaxis)
    axes[1].set(
        title=f"The slope reaches {abs(slope[steepest]):,.0f} at w = {w[steepest]:.3f}",
        xlabel="w", ylabel="|dL/dw|",
    )
    found = "; ".join(f"{name} it lands at w = {at:.2f} with loss {value:.4f}" for name, (at, value) in landings.items())
    show(
        figure,
        f"Left: the loss over the weight w from {w[0]:g} to {w[-1]:g}, going from 90 to 10 percent between"
        f" {fall.min():.4f} and {fall.max():.4f}. One update from"
        f" w = {start:.2f}: {found}. Right: the size of the slope on a log scale, {abs(slope[steepest]):,.0f} at its highest.",
        "The slope says which way is down. How far one may go it does not say.",
    )


def initialisation(norms):
    """Norm of the gradient over the lag for several ways to begin.

    Parameters
    ----------
    norms : dict of str to ndarray
        The norm at lag 0, 1, ..., relative to that at lag 0.
    """
    lag = len(next(iter(norms.values()))) - 1
    ends = {name: np.log10(values[-1]) for name, values in norms.items()}
    level = [name for name, end in ends.items() if abs(end) < 0.01]
    figure, (ax,) = subplots(1, 7.5, 3.6)
    draw(ax, range(lag + 1), {name: np.log10(values) for name, values in norms.items()})
    title = f"Keeps the gradient's norm over {lag} steps: {' and '.join(level) or 'none of them'}"
    ax.set(title=title, xlabel="lag (steps back)", ylabel="gradient's norm, relative to lag 0")
    power_ticks(ax.yaxis)
    label_ends(ax)
    show(
        figure,
        f"Norm of the gradient over the lag, in powers of ten. At lag {lag}: "
        + "; ".join(f"{name} {np.round(end, 1) + 0:.1f}" for name, end in ends.items()) + ".",
        "An orthogonal matrix keeps every length. What shortens the gradient then is the slope of the activation.",
    )


def learning_by_length(lengths, losses, without, xlabel, ylabel, task):
    """The loss after training over the length, against the answer without any memory.

    Parameters
    ----------
    lengths : sequence of int
    losses : dict of str to sequence of float
        For each network, by its name as in "normal, tanh", the loss after training at each length.
    without : sequence of float
        The loss of the best answer without memory at each length.
    xlabel, ylabel : str
    task : str
        What is learned, in a word.
    """
    learnt = {}
    for name, values in losses.items():  # the longest length up to which every one is learned
        missed = [n for n, v, b in zip(lengths, values, without) if v >= b / 2]
        learnt[name] = max((n for n in lengths if n < min(missed, default=np.inf)), default=0)
    figure, (ax,) = subplots(1, 9, 3.5)
    ax.plot(lengths, without, color=GRAY, linestyle="--", label="no memory at all")
    ax.plot(lengths, np.divide(without, 2), color=GRAY, linestyle=":", label="half of that")
    for name, values in losses.items():
        color, marker = BEGINNINGS[name.partition(",")[0]]
        ax.plot(lengths, values, color=color, marker=marker, markersize=6, label=name)
    reached = ", ".join(f"by “{name}” up to {n} steps" if n else f"by “{name}” nowhere" for name, n in learnt.items())
    title = f"{task} is learned {reached}"
    ax.set(title=title, xlabel=xlabel, ylabel=ylabel, xscale="log", yscale="log")
    ax.set_xticks(lengths, [str(n) for n in lengths])
    ax.minorticks_off()
    label_ends(ax)
    found = "; ".join(f"{name}: under half of it up to {n} steps" for name, n in learnt.items())
    show(
        figure,
        "Loss after training over the length, both on log scales, with the loss without memory as a dashed line."
        f" {found}.",
        "Close to the dashed line: no memory used.",
    )
