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
        title = f"w = {w:.1f}: the last three uses bear {late:.0%} of the blame, counted without signs"
    else:
        title = f"w = {w:.1f}: {steps} use{'s' if steps > 1 else ''} of one weight"
    ax.set(title=title, xlabel="k, the step at which w was used", ylabel="term k of $dh_T/dw$")
    ax.set_xticks(range(1, steps + 1) if steps <= 12 else range(2, steps + 1, 2))
    ax.grid(axis="x", visible=False)
    show(
        figure,
        f"Bars for the {steps} terms of dh_T/dw at w = {w:.1f}, from step 1 to step {steps}: "
        + ", ".join(f"{value:.3g}" for value in values) + f". Their sum is {values.sum():.3g}.",
    )


def shapes(batch=3, input_size=2, hidden_size=4):
    """Two matrix products of one step backward as rectangles, their sides in proportion to the sizes."""
    unit = 0.42
    figure, axes = canvas(10, 3.0, (-0.4, 12.4), (-3.3, 2.3))

    def matrix(at, y, name, rows, columns, row_name, column_name, color):
        """A matrix around the height y, its left edge at `at`; returns its right edge."""
        height, width = unit * rows, unit * columns
        for i in range(rows):
            for j in range(columns):
                axes.add_patch(_cell(at + unit * j, y - height / 2 + unit * i, unit, color))
        note(axes, at + width / 2, y + height / 2 + 0.32, name, readable(color), size=12)
        note(axes, at + width / 2, y - height / 2 - 0.24, column_name, GRAY, size=9)
        note(axes, at - 0.18, y, row_name, GRAY, size=9, rotation=90)
        return at + width

    sizes = {"batch": batch, "input": input_size, "hidden": hidden_size}
    rows = [
        (0.7, ("$x_t^\\top$", "input", "batch", STATE), ("$da_t$", "batch", "hidden", BACK), ("$dW_{xh}$", "input", "hidden", WINE)),
        (-1.9, ("$da_t$", "batch", "hidden", BACK), ("$W_{xh}^\\top$", "hidden", "input", STATE), ("$dx_t$", "batch", "input", WINE)),
    ]
    for y, *matrices in rows:
        at = 0.3
        for place, (name, row, column, color) in enumerate(matrices):
            at = matrix(at, y, name, sizes[row], sizes[column], row, column, color)
            if place < 2:
                note(axes, at + 0.45, y, "@="[place], size=16)
                at += 1.1
    note(axes, 7.6, 0.7, "batch meets batch: the product\nsums over the sequences", ha="left", size=10)
    note(axes, 7.6, -1.9, "hidden meets hidden: the product\nsums over the units", ha="left", size=10)
    show(
        figure,
        "Matrices as rectangles. x_t transposed (input by batch) times da_t (batch by hidden) is dW_xh (input by hidden): it sums"
        " over the batch. da_t (batch by hidden) times W_xh transposed (hidden by input) is dx_t (batch by input): it sums over the units.",
    )


def _cell(x, y, size, color):
    from matplotlib.patches import Rectangle

    return Rectangle((x, y), size, size, facecolor="white", edgecolor=color, linewidth=1.4)


def pairs(timesteps=6):
    """Every loss with every earlier use of the weight, beside the carry that adds the losses up on its way."""
    figure, axes = canvas(9.5, 3.3, (-1.4, 15.6), (-1.4, timesteps + 0.9))
    for t in range(1, timesteps + 1):
        note(axes, -0.1, t, f"$L_{t}$", GRAY)
        note(axes, t, -0.1, f"$h_{t}$", STATE)
        for k in range(1, t + 1):
            axes.plot([k], [t], "o", color=BACK, markersize=7)
    count = timesteps * (timesteps + 1) // 2
    note(axes, 0.6, timesteps + 0.75, f"{count} pairs of a loss and a use", ha="left", size=11)
    left = 8.6
    note(axes, left - 0.4, timesteps + 0.75, f"a carry: {timesteps} steps", ha="left", size=11)
    for t in range(1, timesteps + 1):
        at = left + 1.15 * (t - 1)
        node(axes, at, 1.6, f"$h_{t}$", STATE, filled=True)
        note(axes, at, 4.3, f"$L_{t}$", GRAY)
        arrow(axes, (at, 3.9), (at, 2.0), color=BACK, linestyle="--")
        if t > 1:
            arrow(axes, (at - 0.38, 1.6), (at - 0.77, 1.6), color=BACK, linestyle="--")
    note(axes, left + 0.575 * (timesteps - 1), 0.5, "each arrow to the left brings the sum of all later losses", readable(BACK), size=10)
    show(
        figure,
        f"Left: a dot for each pair of a loss L_t and a state h_k with k at most t, {count} for {timesteps} steps. Right: the same"
        f" states in a row; each gets an arrow from its own loss and one from the next state, which carries the sum of all later losses: {timesteps} steps.",
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
        back(axes, (at + 0.12, 2.02), (at + 0.12, 0.38), f"$dh_{t}^{{\\mathrm{{own}}}}$", offset=(0.55, 0.25))
        back(axes, (at - 0.38, -0.14), (at - 2.22, -0.14), f"carry $da_{t}\\,W_{{hh}}^\\top$", offset=(0, -0.33))
    note(axes, 2.6 * timesteps + 0.55, 0, "carry = 0", readable(BACK), ha="left")
    steps = " and ".join(f"h_{t}" for t in range(timesteps - 1, 0, -1))
    show(
        figure,
        f"States h_0 to h_{timesteps} in a row, forward arrows between them and up to the losses L_1 to L_{timesteps}. Backward"
        " arrows: each L_t sends dh_t^own down to h_t, and each h_t sends the carry da_t W_hh^T to the state before it."
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
    """Errors that a correct backward pass has by several witnesses, a dot for each random case.

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
    note(ax, math.log10(wanted) - 0.1, len(names) - 0.45, f"required: {power(math.log10(wanted))}", readable(WINE), size=10, ha="right")
    missed = {name: float(np.mean(np.asarray(row) > wanted)) for name, row in errors.items()}
    worst = max(missed, key=missed.get)
    ax.set(title=f"Correct code, checked with {worst}: {missed[worst]:.0%} of cases miss {power(math.log10(wanted))}")
    ax.set(xlabel="largest relative error of any array", ylim=(-0.6, len(names) - 0.2))
    ax.set_yticks(range(len(names)), names[::-1])
    power_ticks(ax.xaxis)
    show(
        figure,
        "Relative errors of a correct backward pass at random sizes. "
        + "; ".join(f"{name}: worst {max(row):.0e}, over {wanted:.0e} in {missed[name]:.0%}" for name, row in errors.items()) + ".",
    )


def softmax_minus_one_hot(letters, p, target, gradient):
    """Probabilities, the target, and the gradient with respect to the logits, at a single position: three groups of bars.

    Parameters
    ----------
    letters : sequence of str
    p : ndarray (symbols,)
    target : int
    gradient : ndarray (symbols,)
    """
    hot = np.eye(len(p))[target]
    rows = [("softmax", p, BLUE), ("one-hot", hot, GRAY), ("gradient times N (here N is 1)", gradient, BACK)]
    figure, axes = subplots(3, 11, 2.8, sharey=True)
    for ax, (name, values, color) in zip(axes, rows):
        ax.bar(range(len(values)), values, color=color, width=0.75)
        ax.axhline(0, color=GRAY, linewidth=1)
        ax.set(title=name, ylim=(-1.05, 1.05))
        ax.set_xticks(range(len(letters)), letters)
        ax.grid(axis="x", visible=False)
    for ax, sign in zip(axes[1:], "−="):
        ax.annotate(sign, (-0.13, 0.5), xycoords="axes fraction", ha="center", va="center", fontsize=22)
    show(
        figure,
        "Three groups of bars over the symbols " + " ".join(letters) + ". "
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
    largest = int(np.abs(values).argmax())
    ax.set(
        title=f"The use at {_nth(letters, largest)} bears {np.abs(values).max() / whole:.0%} of the blame, counted without signs",
        xlabel="letter read when $W_{hh}[3, 7]$ was used", ylabel=f"term of the gradient, in {power(math.log10(scale))}",
    )
    ax.grid(axis="x", visible=False)
    show(
        figure,
        "Bars, one for each letter read: " + ", ".join(f"{letter!r} {value:+.1e}" for letter, value in zip(letters, values))
        + f". Their sum is {values.sum():+.1e}.",
        "Orange: with a larger weight at this use the loss would rise; blue: it would fall; dark: the sum of all."
        f" Without signs the bars add up to {whole / scale:.2f}, with signs to {abs(total):.2f} in size: {1 - abs(total) * scale / whole:.0%} cancels.",
    )


def _nth(letters, place):
    """A letter in words, "the first l" where it is read more than once."""
    letter, count = letters[place].replace("\n", "↵"), list(letters).count(letters[place])
    nth = list(letters[: place + 1]).count(letters[place])
    return letter if count == 1 else f"the {('first', 'second', 'third')[min(nth, 3) - 1]} {letter}"


def gradient_kept(truncations, errors, cosines, timesteps):
    """How far the truncated gradient of W_hh is from the full one, in all and in its direction.

    Parameters
    ----------
    truncations : sequence of int
    errors : dict of str to sequence of float
        For each network the error relative to the full gradient's norm.
    cosines : dict of str to sequence of float
        For each network the cosine of the two gradients.
    timesteps : int
        Of the full backward pass.
    """
    first, row = next(iter(errors.items()))
    angles = {name: np.degrees(np.arccos(np.clip(values, -1, 1))) for name, values in cosines.items()}
    said = "; ".join(
        f"{name}: " + ", ".join(f"{e:.2f} and {angle:.0f}° at {k}" for k, e, angle in zip(truncations, errors[name], angles[name]))
        for name in errors
    )
    figure, axes = subplots(2, 11, 3.4)
    for ax, series in zip(axes, (errors, angles)):
        draw(ax, truncations, series)
        ax.set(xscale="log", xlabel="steps in a segment (log scale)", xticks=list(truncations))
        ax.set_xticklabels([str(k) for k in truncations])
        ax.minorticks_off()
    axes[0].set(
        title=f"Segments of {truncations[0]} miss {row[0]:.0%} of the gradient of $W_{{hh}}$,\nsegments of {truncations[-1]} still {row[-1]:.0%}",
        ylabel="error / norm of the full gradient", ylim=(0, 1),
    )
    axes[1].set(
        title=f"and they point elsewhere: by {angles[first][truncations.index(8)]:.0f}°\nwith segments of 8",
        ylabel="angle to the full gradient, degrees", ylim=(0, None),
    )
    for ax in axes:
        label_ends(ax)
    show(figure, f"Error of the truncated gradient relative to the full gradient over {timesteps} steps, and the angle between the two. {said}.")


def memory_by_length(lengths, megabytes):
    """Memory of a backward pass over the length of the sequence, beside growth like T and like its root.

    Parameters
    ----------
    lengths : sequence of int
        Time steps.
    megabytes : dict of str to sequence of float
        For two ways of working, all states kept and with checkpoints, the peak at each length.
    """
    growth = {name: row[-1] / row[-2] for name, row in megabytes.items()}
    said = "; ".join(f"{name}: {factor:.1f} times" for name, factor in growth.items())
    figure, (ax,) = subplots(1, 8, 3.6)
    for row, exponent, name in zip(megabytes.values(), (1, 0.5), ("like T", "like √T")):  # through the last, longest point
        guide = [row[-1] * (length / lengths[-1]) ** exponent for length in lengths]
        ax.plot(lengths, guide, color=GRAY, linewidth=1, linestyle=":")
        ax.annotate(name, (lengths[0], guide[0]), (4, -3), textcoords="offset points", ha="left", va="top", fontsize=10, color=GRAY)
    draw(ax, lengths, megabytes)
    kept, checkpoints = growth.values()
    ax.set(
        title=f"From {lengths[-2]:,} to {lengths[-1]:,} steps: {kept:.1f} times the memory, or {checkpoints:.1f} times with checkpoints",
        xlabel="time steps (log scale)", ylabel="peak memory, MB (log scale)", xscale="log", yscale="log",
        ylim=(0.4 * guide[0], None),
    )
    ax.set_xticks(list(lengths), [f"{length:,}" for length in lengths])
    ax.set_yticks([0.1, 1, 10], ["0.1", "1", "10"])
    ax.minorticks_off()
    label_ends(ax)
    show(figure, f"Peak memory over time steps, from {lengths[0]} to {lengths[-1]}. From {lengths[-2]} to {lengths[-1]} it grows: {said}.")


def truncation_rows(bits, bigram):
    """Bits on held-out names by what was trained and how: a dot for each seed.

    Parameters
    ----------
    bits : dict of str to sequence of float
        By way of training a number for each seed.
    bigram : float
    """
    rows = {
        "output layer only": "the output layer alone", "truncation 1, W_hh frozen": "+ $W_{xh}$ and $b_h$",
        "truncation 1": "+ $W_{hh}$, by truncation 1", "all the way back": "+ all the way back",
    }
    means = {name: float(np.mean(bits[name])) for name in rows}
    figure, (ax,) = subplots(1, 8.5, 2.7)
    for place, name in enumerate(reversed(rows)):
        ax.plot(bits[name], [place] * len(bits[name]), "o", color=STATE, markersize=6, alpha=0.6)
        ax.annotate(f"{means[name]:.3f}", (max(bits[name]), place), (9, 0), textcoords="offset points", va="center", fontsize=10)
    ax.axvline(bigram, color=GRAY, linewidth=1.5, linestyle="--")
    ax.annotate("bigram", (bigram, 3.3), (-5, 0), textcoords="offset points", ha="right", fontsize=10, color=GRAY)
    gain = [means["truncation 1, W_hh frozen"] - means["truncation 1"], means["truncation 1"] - means["all the way back"]]
    ax.set(
        title=f"Truncation 1 gains {gain[0]:.3f} bits from $W_{{hh}}$; the whole way back gains {gain[1]:.3f} more",
        xlabel="bits per character on held-out names, after 600 updates", ylim=(-0.5, 3.6),
    )
    ax.set_yticks(range(len(rows)), list(rows.values())[::-1])
    ax.grid(axis="y", visible=False)
    show(
        figure,
        f"Bits per character on held-out names, {len(bits['truncation 1'])} seeds, means: "
        + "; ".join(f"{name} {means[name]:.3f}" for name in rows) + f"; bigram {bigram:.3f}.",
    )


def echo(accuracy):
    """Accuracy on the echo of four steps ago.

    Parameters
    ----------
    accuracy : dict of str to float
        By setting; the last one does not train the recurrent layer.
    """
    able = [name for name, value in accuracy.items() if name.startswith("segments") and value > 0.9 and "W_xh" not in name]
    title = f"The echo of four steps ago: {able[0]} are enough" if able else "The echo of four steps ago: not learned"
    _bars(accuracy, title, "accuracy", colors={list(accuracy)[-1]: GRAY}, mark=(0.5, "guessing"))


def kept_by_the_tape(kilobytes, inputs):
    """What a tape keeps of a forward pass, kind by kind and in all, beside what a pass by hand keeps.

    Parameters
    ----------
    kilobytes : dict of str to float
        By kind of intermediate result; "h_t" are the states.
    inputs : str
        The kind that is the input, which a pass by hand keeps too.
    """
    total, by_hand = sum(kilobytes.values()), kilobytes["h_t"] + kilobytes[inputs]
    bars = {**kilobytes, "the tape, in all": total, f"by hand: {inputs} and h_t": by_hand}
    colors = {name: STATE for name in bars} | {"h_t": BACK, "the tape, in all": GRAY, list(bars)[-1]: BACK}
    _bars(bars, f"The tape keeps {total / kilobytes['h_t']:.1f} times what the states take", "kB held after 64 steps", digits=0, colors=colors)


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
