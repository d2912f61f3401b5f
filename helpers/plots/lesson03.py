"""The pictures of lesson 03, backpropagation through time."""

import functools
import math

import numpy as np

from helpers.plots.figure import (
    BLUE,
    COLOR,
    GRAY,
    GREEN,
    ORANGE,
    WINE,
    arrow,
    box,
    canvas,
    draw,
    label_ends,
    lines,
    node,
    note,
    picture,
    power,
    power_ticks,
    readable,
    show,
    subplots,
)

STATE, BACK = COLOR["recurrent"], ORANGE
NAME = "isabella"


def opening():
    """The lesson's first picture: one loss, and a weight that was used at every letter. Returns it as HTML."""
    letters = ["↵", *NAME]
    figure, axes = canvas(11, 3.5, (-2.6, 1.45 * len(letters) + 2.0), (-2.3, 3.0))
    before = node(axes, -1.45, 0, "", GRAY, size=0.3)
    for t, letter in enumerate(letters):
        at = 1.45 * t
        state = node(axes, at, 0, "", STATE, size=0.42, filled=True)
        note(axes, at, -1.5, letter, size=16, family="DejaVu Sans Mono")
        arrow(axes, (at, -1.1), state)
        arrow(axes, before, state, color=STATE)
        arrow(axes, (at - 0.36, 0.36), (at - 1.09, 0.36), color=BACK, linestyle="--", curve=0.35)
        note(axes, at - 0.72, 0.92, "?", readable(BACK), size=13)
        before = state
    last = 1.45 * (len(letters) - 1)
    loss = box(axes, last + 1.75, 1.75, "one loss", BACK, width=2.0, height=0.8)
    arrow(axes, before, loss)
    note(axes, last + 1.75, 2.5, "is the name over?", GRAY, size=10)
    note(axes, 0.5 * last - 0.7, 2.0, "Each of these arrows used the number $W_{hh}[3, 7]$.", STATE, size=12)
    note(axes, 0.5 * last - 0.7, 1.45, "Which use is to blame, and for how much of the loss?", readable(BACK), size=12)
    return picture(
        figure,
        f"A recurrent network reads a newline and the letters of {NAME}, one state for each, joined by arrows. Only the"
        " last state leads to a loss. From there dashed arrows go back from state to state, each with a question mark.",
    )


def terms(values, w):
    """The terms of dh_T/dw as bars, one for each use of w.

    Parameters
    ----------
    values : ndarray (T,)
    w : float
    """
    values, steps = np.asarray(values, dtype=float), len(values)
    figure, (ax,) = subplots(1, 8, 3.1)
    ax.bar(range(1, steps + 1), values, color=BACK, width=0.7)
    ax.axhline(0, color=GRAY, linewidth=1)
    size = np.abs(values)
    total = size.sum()
    late = size[-3:].sum() / total if total else 0.0
    if steps > 3:
        title = f"w = {w:.1f}: the last three uses have {late:.0%} of the blame"
    else:
        title = f"w = {w:.1f}: {steps} use{'s' if steps > 1 else ''} of one weight"
    ax.set(title=title, xlabel="k, the step at which w was used", ylabel="its share of $dh_T/dw$")
    ax.set_xticks(range(1, steps + 1) if steps <= 12 else range(2, steps + 1, 2))
    ax.grid(axis="x", visible=False)
    show(
        figure,
        f"Bars for the {steps} terms of dh_T/dw at w = {w:.1f}, from step 1 to step {steps}: "
        + ", ".join(f"{value:.3g}" for value in values) + f". Their sum is {values.sum():.3g}.",
    )


def backward_pass(timesteps=3):
    """The unfolded network, and the way back through it."""
    back = functools.partial(arrow, color=BACK, linestyle="--")
    figure, axes = canvas(9.5, 3.4, (-1.0, 2.6 * timesteps + 1.6), (-0.9, 3.0))
    node(axes, 0, 0, "$h_0$", STATE)
    for t in range(1, timesteps + 1):
        at = 2.6 * t
        node(axes, at, 0, f"$h_{t}$", STATE, filled=True)
        node(axes, at, 2.4, f"$L_{t}$", GRAY)
        arrow(axes, (at - 2.22, 0.12), (at - 0.38, 0.12))
        arrow(axes, (at - 0.1, 0.38), (at - 0.1, 2.02))
        back(axes, (at + 0.12, 2.02), (at + 0.12, 0.38), f"own $dh_{t}$", offset=(0.62, 0.25))
        back(axes, (at - 0.38, -0.14), (at - 2.22, -0.14), f"carry $da_{t}\\,W_{{hh}}^\\top$", offset=(0, -0.33))
    note(axes, 2.6 * timesteps + 0.55, 0, "carry = 0", readable(BACK), ha="left")
    steps = " and ".join(f"h_{t}" for t in range(timesteps - 1, 0, -1))
    show(
        figure,
        f"States h_0 to h_{timesteps} in a row, forward arrows between them and up to the losses L_1 to L_{timesteps}. Backward"
        " arrows: each L_t sends its own dh_t down to h_t, and each h_t sends the carry da_t W_hh^T to the state before it."
        f" At {steps} two backward arrows meet; after h_{timesteps} there is no step, so its carry is 0.",
        "Dashed: the way back. A state is used twice, so two gradients meet there and are added.",
    )


def cut(timesteps=6, truncation=3):
    """States that go on over a cut, and gradients that do not."""
    back = functools.partial(arrow, color=BACK, linestyle="--")
    figure, axes = canvas(9.5, 2.9, (-0.9, 1.6 * timesteps + 0.9), (-1.5, 2.3))
    node(axes, 0, 0, "$h_0$", STATE)
    for t in range(1, timesteps + 1):
        at = 1.6 * t
        node(axes, at, 0, f"$h_{t}$", STATE, filled=True)
        node(axes, at, 1.7, f"$L_{t}$", GRAY)
        arrow(axes, (at - 1.22, 0.12), (at - 0.38, 0.12), color=STATE)
        back(axes, (at + 0.1, 1.32), (at + 0.1, 0.38))
        if t == 1 or (t - 1) % truncation:
            back(axes, (at - 0.38, -0.14), (at - 1.22, -0.14))
        else:
            axes.plot([at - 0.8, at - 0.8], [-0.75, 2.15], color=WINE, linewidth=2)
            note(axes, at - 0.8, -1.1, "the state passes, the gradient does not", readable(WINE), size=10)
    show(
        figure,
        f"States h_0 to h_{timesteps} in a row, each with a loss. Forward arrows join all of them. The dashed arrows back do"
        f" the same, except at the cut after h_{truncation}: no gradient goes back across it.",
    )


def error_by_step_size(steps, errors):
    """Relative errors of numerical gradients over the size of the step.

    Parameters
    ----------
    steps : sequence of float
    errors : dict of str to sequence of float
        For each witness its relative error at each step.
    """
    first, row = next(iter(errors.items()))
    low, high = sorted(sorted(steps, key=lambda step: row[steps.index(step)])[:2])  # the two best
    best = [power(math.log10(step)) for step in (low, high)]
    figure, (ax,) = subplots(1, 8, 3.6)
    logs = {name: [math.log10(max(error, 1e-17)) for error in row] for name, row in errors.items()}
    draw(ax, [math.log10(step) for step in steps], logs)
    ax.set(
        title=f"Central differences do best with steps of {best[0]} and {best[1]}; smaller is worse",
        xlabel="step size", ylabel="relative error",
    )
    for axis in (ax.xaxis, ax.yaxis):
        power_ticks(axis)
    ax.invert_xaxis()
    label_ends(ax)
    show(
        figure,
        f"Relative error over the step size, from {power(math.log10(steps[0]))} to {power(math.log10(steps[-1]))}."
        f" {first.capitalize()} are best at {best[0]} and {best[1]}; larger and smaller steps are worse. The complex step"
        " improves until it reaches the rounding of float64, and stays there.",
    )


def errors_of_right_code(errors, wanted=1e-8):
    """Errors that a right backward pass has by several witnesses, a dot for each random case.

    Parameters
    ----------
    errors : dict of str to sequence of float
        By witness.
    wanted : float
        The error that is often asked for.
    """
    figure, (ax,) = subplots(1, 8.5, 3.0)
    shift = np.random.default_rng(0).uniform(-0.25, 0.25, max(len(row) for row in errors.values()))
    names = list(errors)
    for place, name in enumerate(names):
        logs = np.log10(np.maximum(errors[name], 1e-17))
        color = GREEN if name == "complex step" else BLUE
        ax.plot(logs, len(names) - 1 - place + shift[: len(logs)], "o", color=color, markersize=4, alpha=0.7)
    ax.axvline(math.log10(wanted), color=WINE, linewidth=1.5, linestyle="--")
    note(ax, math.log10(wanted) - 0.1, len(names) - 0.45, f"{power(math.log10(wanted))} asked for", readable(WINE), size=10, ha="right")
    missed = {name: float(np.mean(np.asarray(row) > wanted)) for name, row in errors.items()}
    worst = max(missed, key=missed.get)
    ax.set(title=f"Right code, asked by {worst}: {missed[worst]:.0%} of the cases miss {power(math.log10(wanted))}")
    ax.set(xlabel="largest relative error of any array", ylim=(-0.6, len(names) - 0.2))
    ax.set_yticks(range(len(names)), names[::-1])
    power_ticks(ax.xaxis)
    show(
        figure,
        "Relative errors of a right backward pass at random sizes. "
        + "; ".join(f"{name}: worst {max(row):.0e}, over {wanted:.0e} in {missed[name]:.0%}" for name, row in errors.items()) + ".",
    )


def softmax_minus_one_hot(letters, p, target, gradient):
    """Probabilities, the target, and the gradient in the logits, as three rows of bars.

    Parameters
    ----------
    letters : sequence of str
    p : ndarray (symbols,)
    target : int
    gradient : ndarray (symbols,)
    """
    hot = np.eye(len(p))[target]
    rows = [("softmax", p, BLUE), ("one-hot", hot, GRAY), ("gradient", gradient, BACK)]
    figure, axes = subplots(3, 11, 2.8, sharey=True)
    for ax, (name, values, color) in zip(axes, rows):
        ax.bar(range(len(values)), values, color=color, width=0.75)
        ax.axhline(0, color=GRAY, linewidth=1)
        ax.set(title=name, ylim=(-1.05, 1.05))
        ax.set_xticks(range(len(letters)), letters)
        ax.grid(axis="x", visible=False)
    axes[1].set_title("minus one-hot")
    axes[2].set_title("is the gradient in the logits")
    show(
        figure,
        "Three rows of bars over the symbols " + " ".join(letters) + ". "
        + "; ".join(f"{name}: {', '.join(f'{value:.2f}' for value in values)}" for name, values, _ in rows) + ".",
        "The logit of what came is pushed up, by what its probability lacks; each of the others is pushed down, by its probability.",
    )


def blame(letters, values):
    """What each use of one recurrent weight adds to its gradient.

    Parameters
    ----------
    letters : sequence of str
        What was read at each use.
    values : sequence of float
    """
    values = np.asarray(values, dtype=float) + 0.0  # no minus zero
    figure, (ax,) = subplots(1, 9, 3.2)
    scale = 10.0 ** np.floor(np.log10(np.abs(values).max()))
    ax.bar(range(len(values)), values / scale, color=[BACK if v > 0 else BLUE for v in values], width=0.65)
    total = values.sum() / scale
    ax.bar([len(values) + 0.6], [total], color=STATE, width=0.65)
    ax.axhline(0, color=GRAY, linewidth=1)
    ax.set_xticks([*range(len(values)), len(values) + 0.6], [*(letter.replace("\n", "↵") for letter in letters), "sum"])
    whole = np.abs(values).sum()
    ax.set(
        title=f"One use has {np.abs(values).max() / whole:.0%} of the blame; {1 - abs(values.sum()) / whole:.0%} of all of it cancels",
        xlabel="letter read when $W_{hh}[3, 7]$ was used", ylabel=f"share of the gradient, in {power(math.log10(scale))}",
    )
    ax.grid(axis="x", visible=False)
    show(
        figure,
        "Bars, one for each letter read: " + ", ".join(f"{letter!r} {value:+.1e}" for letter, value in zip(letters, values))
        + f". Their sum is {values.sum():+.1e}.",
    )


def gradient_kept(truncations, errors, timesteps):
    """How far the truncated gradient of W_hh is from the full one.

    Parameters
    ----------
    truncations : sequence of int
    errors : dict of str to sequence of float
        For each network the error relative to the full gradient's norm.
    timesteps : int
        Of the full backward pass.
    """
    row = next(iter(errors.values()))
    said = "; ".join(
        f"{name}: " + ", ".join(f"{e:.2f} at {k}" for k, e in zip(truncations, row)) for name, row in errors.items()
    )
    lines(
        truncations,
        errors,
        f"Segments of {truncations[0]} miss {row[0]:.0%} of the gradient of $W_{{hh}}$, segments of {truncations[-1]} still {row[-1]:.0%}",
        "steps in a segment (log scale)",
        "error / norm of the full gradient",
        f"Error of the truncated gradient, relative to the full gradient over {timesteps} steps. {said}.",
        xscale="log",
        xticks=list(truncations),
        xticklabels=[str(k) for k in truncations],
        ylim=(0, 1),
    )


def memory_by_length(lengths, megabytes):
    """Memory of a backward pass over the length of the sequence.

    Parameters
    ----------
    lengths : sequence of int
        Time steps.
    megabytes : dict of str to sequence of float
        For each way of working its peak at each length.
    """
    growth = {name: row[-1] / row[0] for name, row in megabytes.items()}
    longer = lengths[-1] / lengths[0]
    said = "; ".join(f"{name}: {factor:.0f} times" for name, factor in growth.items())
    kept, checkpoints = growth.values()
    lines(
        lengths,
        megabytes,
        f"{longer:.0f} times the steps: {kept:.0f} times the memory, or {checkpoints:.0f} times with checkpoints",
        "time steps (log scale)",
        "peak memory, MB (log scale)",
        f"Peak memory over time steps, from {lengths[0]} to {lengths[-1]}. It grows: {said}.",
        xscale="log",
        yscale="log",
        xticks=list(lengths),
        xticklabels=[f"{length:,}" for length in lengths],
        yticks=[0.2, 1, 5, 25],
        yticklabels=["0.2", "1", "5", "25"],
    )


def truncation_rows(bits, bigram):
    """Bits on held-out names by what was trained and how: a dot for each seed.

    Parameters
    ----------
    bits : dict of str to sequence of float
        By way of training a number for each seed.
    bigram : float
    """
    rows = ["output layer only", "truncation 1, W_hh frozen", "truncation 1", "all the way back"]
    means = {name: float(np.mean(bits[name])) for name in rows}
    figure, (ax,) = subplots(1, 8.5, 2.7)
    for place, name in enumerate(rows[::-1]):
        ax.plot(bits[name], [place] * len(bits[name]), "o", color=STATE, markersize=6, alpha=0.6)
        ax.annotate(f"{means[name]:.2f}", (max(bits[name]), place), (9, 0), textcoords="offset points", va="center", fontsize=10)
    ax.axvline(bigram, color=GRAY, linewidth=1.5, linestyle="--")
    ax.annotate("bigram", (bigram, 3.3), (-5, 0), textcoords="offset points", ha="right", fontsize=10, color=GRAY)
    cost = {name: means[name] - means["all the way back"] for name in rows}
    ax.set(
        title=f"Truncation 1 costs {cost['truncation 1']:.2f} bits; not training $W_{{hh}}$ costs {cost[rows[1]]:.2f}",
        xlabel="bits per character on held-out names, after 600 updates", ylim=(-0.5, 3.6),
    )
    ax.set_yticks(range(len(rows)), rows[::-1])
    ax.grid(axis="y", visible=False)
    show(
        figure,
        f"Bits per character on held-out names, {len(bits[rows[0]])} seeds, means: "
        + "; ".join(f"{name} {means[name]:.2f}" for name in rows) + f"; bigram {bigram:.2f}.",
    )


def echo(accuracy):
    """Accuracy on the echo of four steps ago.

    Parameters
    ----------
    accuracy : dict of str to float
        By setting.
    """
    able = [name for name, value in accuracy.items() if name.startswith("segments") and value > 0.9 and "W_xh" not in name]
    title = f"The echo of four steps ago: {able[0]} are enough" if able else "The echo of four steps ago: not learned"
    _bars(accuracy, title, "accuracy", colors={list(accuracy)[-1]: GRAY}, mark=(0.5, "guessing"))


def kept_by_the_tape(kilobytes):
    """What a tape keeps of a forward pass, beside the states.

    Parameters
    ----------
    kilobytes : dict of str to float
        By kind of intermediate result; "h_t" are the states.
    """
    ratio = sum(kilobytes.values()) / kilobytes["h_t"]
    _bars(
        kilobytes, f"The tape keeps {ratio:.1f} times what the states take", "kB held after 64 steps",
        digits=0, colors={name: BACK if name == "h_t" else STATE for name in kilobytes},
    )


def _bars(values, title, xlabel, digits=2, colors=None, mark=None):
    """Horizontal bars with their names and values, the first on top; `mark` is a number to compare with, and its name."""
    figure, (ax,) = subplots(1, 8.5, 0.9 + 0.42 * len(values))
    names = list(values)[::-1]
    ax.barh(names, [values[name] for name in names], height=0.62, color=[(colors or {}).get(name, STATE) for name in names])
    for name in names:
        ax.annotate(f"{values[name]:,.{digits}f}", (values[name], name), (5, 0), textcoords="offset points", va="center", fontsize=10)
    if mark:
        ax.axvline(mark[0], color="white", linewidth=1.5, linestyle="--")
        ax.annotate(mark[1], (mark[0], len(names) - 1), (-4, 0), textcoords="offset points", ha="right", va="center", color="white", fontsize=10)
    ax.set(title=title, xlabel=xlabel)
    ax.grid(axis="y", visible=False)
    ax.margins(x=0.1)
    show(figure, f"{title}. {xlabel}: {'; '.join(f'{name} {values[name]:.{digits}f}' for name in values)}.")
