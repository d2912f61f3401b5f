"""The figures of lesson 06, LSTM and GRU."""

import numpy as np

from helpers.plots.figure import (
    BLUE, COLOR, GRAY, GREEN, ORANGE, PALETTE, PINK, arrow, baseline, box, canvas, label_ends, node, note, power, power_ticks,
    sequence, show, subplots,
)


def cell_picture():
    """The step of an LSTM: the straight way of the cell, and the four things that act on it."""
    figure, ax = canvas(8.8, 4, (-0.6, 10.6), (-0.5, 4.7))
    places = {
        "c before": (0.2, 3.9, "$c_{t-1}$", BLUE), "times f": (2.2, 3.9, "×", BLUE), "plus": (4.6, 3.9, "+", BLUE),
        "c": (10.0, 3.9, "$c_t$", BLUE), "times i": (4.6, 2.5, "×", GRAY), "times o": (8.5, 2.5, "×", GRAY),
        "h": (10.0, 2.5, "$h_t$", PINK), "f": (2.2, 0.9, "$f_t$", ORANGE), "i": (3.9, 0.9, "$i_t$", ORANGE),
        "g": (5.3, 0.9, "$g_t$", GREEN), "o": (8.5, 0.9, "$o_t$", ORANGE),
    }
    at = {name: node(ax, x, y, text, color, size=0.42, filled=name in "figo") for name, (x, y, text, color) in places.items()}
    at["tanh"] = box(ax, 7.0, 2.5, "tanh", GRAY, width=1.1)
    for start, end in [
        ("c before", "times f"), ("times f", "plus"), ("plus", "c"), ("f", "times f"), ("i", "times i"), ("g", "times i"),
        ("o", "times o"), ("times i", "plus"), ("tanh", "times o"), ("times o", "h"),
    ]:
        arrow(ax, at[start], at[end])
    arrow(ax, (7.0, 3.9), at["tanh"])
    note(ax, 5.3, -0.25, "each of the four is made from $x_t$ and $h_{t-1}$")
    ax.set_title("The way of the cell holds one product and one sum, and no matrix")
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
    figure, (ax,) = subplots(1, 8.5, 3.8)
    _draw(ax, range(last + 1), powers)
    best, worst = (pick(values[-1] for values in powers.values()) for pick in (max, min))
    ax.set(
        title=f"At lag {last} the norms lie between {power(worst)} and {power(best)} times that at lag 0",
        xlabel="lag (steps back)", ylabel="gradient's norm, relative to lag 0",
    )
    power_ticks(ax.yaxis)
    label_ends(ax)
    ends = ", ".join(f"{name} {values[-1]:.1f}" for name, values in powers.items())
    show(
        figure,
        f"Norm of the gradient of the whole state over the lag, in powers of ten. At lag {last}: {ends}.",
        "Untrained networks of 32 units, random inputs. A straight line is one and the same factor at every step.",
    )


def _draw(ax, x, series):
    """Lines of networks: the LSTMs' colours in the order of their forget bias, one colour for the network without gates."""
    lstm = [name for name in series if name.startswith("LSTM")]
    shades = dict(zip(lstm, sequence(len(lstm))))
    for name, values in series.items():
        ax.plot(x, values, color=shades.get(name, "black"), linestyle="-" if name in shades else "--", label=name)


def learning(losses, guess, window=25):
    """Training loss over the updates, smoothed, beside the loss of no memory.

    Parameters
    ----------
    losses : dict of str to sequence of float
        For each run the loss of every update; at most five runs.
    guess : float
        The loss of always answering the mean.
    window : int
        How many updates each point is the mean of.
    """
    smooth = {name: np.convolve(values, np.ones(window) / window, "valid") for name, values in losses.items()}
    learned = [name for name, values in smooth.items() if values[-1] < guess / 4]
    figure, (ax,) = subplots(1, 8.5, 3.8)
    drawn = []
    for name, values in smooth.items():
        kind = name.partition(",")[0]
        style = ("-", "--", "-.", ":")[drawn.count(kind) % 4]
        ax.plot(
            np.arange(window, window + len(values)), values, color=COLOR.get(kind, COLOR["recurrent"]), linestyle=style, label=name
        )
        drawn.append(kind)
    baseline(ax, guess, f"always answering 1: {guess:.3f}", linestyle=":")
    ax.set(
        title=f"{len(learned)} of {len(smooth)} runs get under a quarter of the dotted line", yscale="log",
        xlabel="updates", ylabel="squared error (log scale)",
    )
    label_ends(ax)
    ends = ", ".join(f"{name} {values[-1]:.3f}" for name, values in smooth.items())
    show(
        figure,
        f"Training loss over the updates, mean of {window}. At the end: {ends}. No memory: {guess:.3f}.",
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
    figure, (ax,) = subplots(1, 8.5, 3.8)
    _draw(ax, range(len(next(iter(accuracy.values())))), accuracy)
    baseline(ax, 0.5, "guessing", linestyle=":")
    longest = max(reach, key=reach.get)
    ax.set(
        title=f"{longest}: above 0.75 for {reach[longest]} steps; the others for {', '.join(str(n) for k, n in reach.items() if k != longest)}",
        xlabel="how far back the bit lies (steps)", ylabel="right answers (share)",
    )
    label_ends(ax)
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
    image = ax.imshow(np.array(list(rows.values())), aspect="auto", cmap="cividis", interpolation="nearest", vmin=0, vmax=1)
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
