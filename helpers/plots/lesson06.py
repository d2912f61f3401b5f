"""The figures of lesson 06, LSTM and GRU."""

import numpy as np

from helpers.plots.figure import BLUE, PALETTE, GRAY, GREEN, MARKERS, ORANGE, PINK, arrow, canvas, node, show, subplots


def cell_picture():
    """The step of an LSTM: the straight way of the cell, and the four things that act on it."""
    figure, ax = canvas(8.4, 3.9, (-0.6, 10.6), (-0.5, 4.7))
    for x, text, color in [(0.2, "$c_{t-1}$", BLUE), (2.2, "×", BLUE), (4.6, "+", BLUE), (10.0, "$c_t$", BLUE), (7.0, "tanh", GRAY)]:
        node(ax, x, 3.9 if x != 7.0 else 2.6, text, color, size=0.42)
    for start, end in [((0.62, 3.9), (1.78, 3.9)), ((2.62, 3.9), (4.18, 3.9)), ((5.02, 3.9), (9.58, 3.9))]:
        arrow(ax, start, end)
    for x, text, to in [(2.2, "$f_t$", (2.2, 3.48)), (3.9, "$i_t$", (4.35, 2.2)), (5.3, "$g_t$", (4.85, 2.2)), (8.5, "$o_t$", (8.5, 2.18))]:
        node(ax, x, 0.9, text, ORANGE if text != "$g_t$" else GREEN, size=0.42)
        arrow(ax, (x, 1.32), to)
    for x, y in [(4.6, 2.5), (8.5, 2.6)]:
        node(ax, x, y, "×", GRAY, size=0.42)
    for start, end in [((4.6, 2.92), (4.6, 3.48)), ((7.0, 3.9), (7.0, 3.02)), ((7.42, 2.6), (8.08, 2.6)), ((8.92, 2.6), (9.58, 2.6))]:
        arrow(ax, start, end)
    node(ax, 10.0, 2.6, "$h_t$", PINK, size=0.42)
    ax.text(5.3, -0.25, "each of the four is made from $x_t$ and $h_{t-1}$", ha="center", fontsize=11, color="#333333")
    ax.set_title("The way of the cell holds one product and one sum, and no matrix", fontsize=11)
    show(
        figure,
        "A straight line from c at t-1 to c at t with two nodes on it: times f, then plus the product of i and g. From c at t a"
        " branch goes through tanh and is multiplied by o, which gives h at t.",
        "Orange: gates, between 0 and 1. Green: the candidate, between -1 and 1. Follow the upper line from left to right.",
    )


def gradient_by_lag(norms):
    """Norm of the gradient over the lag for several networks.

    Parameters
    ----------
    norms : dict of str to ndarray
        For each network the norm at lag 0, 1, ..., relative to that at lag 0.
    """
    powers = {name: np.log10(values) for name, values in norms.items()}
    last = len(next(iter(powers.values()))) - 1
    figure, (ax,) = subplots(1, 7.5, 3.6)
    for (name, values), color, marker in zip(powers.items(), PALETTE, MARKERS):
        ax.plot(values, color=color, marker=marker, markevery=10, markersize=5, label=name)
    best, worst = (pick(values[-1] for values in powers.values()) for pick in (max, min))
    ax.set(
        title=f"At lag {last} the norms lie between 10^{worst:.1f} and 10^{best:.1f}",
        xlabel="lag (steps back)", ylabel="gradient's norm (powers of ten)",
    )
    ax.legend(fontsize=9)
    ends = ", ".join(f"{name} {values[-1]:.1f}" for name, values in powers.items())
    show(
        figure,
        f"Norm of the gradient of the whole state over the lag, in powers of ten. At lag {last}: {ends}.",
        "Untrained networks of 32 units, random inputs. A straight line is one and the same factor at every step.",
    )


def learning(losses, baseline, window=25):
    """Training loss over the updates, smoothed, beside the loss of no memory.

    Parameters
    ----------
    losses : dict of str to sequence of float
        For each run the loss of every update; at most five runs.
    baseline : float
    window : int
        How many updates each point is the mean of.
    """
    smooth = {name: np.convolve(values, np.ones(window) / window, "valid") for name, values in losses.items()}
    learned = [name for name, values in smooth.items() if values[-1] < baseline / 4]
    figure, (ax,) = subplots(1, 8, 3.7)
    for (name, values), color, marker in zip(smooth.items(), PALETTE, MARKERS):
        ax.plot(np.arange(window, window + len(values)), values, color=color, marker=marker, markevery=60, markersize=5, label=name)
    ax.axhline(baseline, color="black", linewidth=1, linestyle=":", label=f"always answering 1: {baseline:.3f}")
    ax.set(
        title=f"{len(learned)} of {len(smooth)} runs get under a quarter of the dotted line", yscale="log",
        xlabel="updates", ylabel="squared error (log scale)",
    )
    ax.legend(fontsize=9)
    ends = ", ".join(f"{name} {values[-1]:.3f}" for name, values in smooth.items())
    show(
        figure,
        f"Training loss over the updates, mean of {window}. At the end: {ends}. No memory: {baseline:.3f}.",
        f"Each point is the mean of {window} updates. {_those_that_learned(learned, smooth)}",
    )


def _those_that_learned(learned, runs):
    others = "; ".join(name for name in runs if name not in learned)
    return f"Under a quarter of the dotted line at the end: {'; '.join(learned) or 'none'}. Not there: {others or 'none'}."


def memory(accuracy):
    """Share of right answers of a linear read-out over how far back the bit lies.

    Parameters
    ----------
    accuracy : dict of str to ndarray
        For each network the share at 0, 1, ... steps back.
    """
    reach = {name: int(np.argmax(np.append(values, 0) < 0.75)) for name, values in accuracy.items()}
    figure, (ax,) = subplots(1, 7.5, 3.6)
    for (name, values), color, marker in zip(accuracy.items(), PALETTE, MARKERS):
        ax.plot(values, color=color, marker=marker, markevery=5, markersize=5, label=name)
    ax.axhline(0.5, color="black", linewidth=1, linestyle=":", label="guessing")
    longest = max(reach, key=reach.get)
    ax.set(
        title=f"{longest}: above 0.75 for {reach[longest]} steps; the others for {', '.join(str(n) for k, n in reach.items() if k != longest)}",
        xlabel="how far back the bit lies (steps)", ylabel="right answers (share)",
    )
    ax.legend(fontsize=9)
    found = "; ".join(f"{name}: 1 step back {values[1]:.2f}, 8 back {values[8]:.2f}, 40 back {values[40]:.2f}" for name, values in accuracy.items())
    show(figure, f"Share of bits that a linear read-out gets right. {found}.", "Every network forgets. They differ in how.")


def adding_gates(marks, series):
    """What a trained LSTM does over one sequence of the adding problem.

    Parameters
    ----------
    marks : ndarray of bool (timesteps,)
        Where the two numbers to add stand.
    series : dict of str to ndarray (timesteps,)
        A panel for each.
    """
    figure, axes = subplots(len(series), 10, 3.1)
    times = np.flatnonzero(marks) + 1
    for ax, (name, values), color in zip(axes, series.items(), PALETTE):
        ax.plot(np.arange(1, len(values) + 1), values, color=color)
        for t in times:
            ax.axvline(t, color=GRAY, linestyle=":", linewidth=1.5)
        ax.set(title=f"{name}: {np.min(values):.2f} to {np.max(values):.2f}", xlabel="time step")
        if "gate" in name:
            ax.set_ylim(0, 1.05)
    axes[0].set_ylabel("value (no unit)")
    found = "; ".join(f"{name}: mean size {np.mean(np.abs(v[marks])):.2f} at the marks, {np.mean(np.abs(v[~marks])):.2f} elsewhere" for name, v in series.items())
    show(
        figure, f"Three panels over the time steps of one sequence, marks at steps {' and '.join(map(str, times))}. {found}.",
        "One unit of the trained LSTM. The dotted lines are the marked steps.",
    )


def gates_over_text(text, rows):
    """Gates of single units over the characters of a text.

    Parameters
    ----------
    text : str
    rows : dict of str to ndarray (len(text),)
        Values between 0 and 1, by label.
    """
    figure, (ax,) = subplots(1, 11, 0.42 * len(rows) + 0.9)
    ax.grid(False)
    image = ax.imshow(np.array(list(rows.values())), aspect="auto", cmap="cividis", vmin=0, vmax=1)
    ax.set_yticks(range(len(rows)), list(rows), fontsize=9)
    ax.set_xticks(range(len(text)), ["␣" if c == " " else "¶" if c == "\n" else c for c in text], fontsize=9, family="DejaVu Sans Mono")
    spread = {label: np.max(values) - np.min(values) for label, values in rows.items()}
    ax.set(title=f"Gates move: the widest by {max(spread.values()):.2f}, the least by {min(spread.values()):.2f}", xlabel="what was just read")
    figure.colorbar(image, ax=ax, label="open (0 to 1)")
    show(
        figure, "A row of coloured cells for each gate, one cell for each character of: " + text.replace("\n", " / ")
        + ". " + "; ".join(f"{label}: from {np.min(v):.2f} to {np.max(v):.2f}" for label, v in rows.items()) + ".",
        "Bright is open. The labels: the closest of six names and its correlation with the gate, then that of capital letters.",
    )
