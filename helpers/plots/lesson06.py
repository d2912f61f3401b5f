"""The pictures of lesson 06, LSTM and GRU."""

import numpy as np

from helpers.plots.figure import (
    COLOR,
    GRAY,
    GREEN,
    INDIGO,
    ORANGE,
    TEXT,
    arrow,
    baseline,
    box,
    canvas,
    label_ends,
    node,
    note,
    picture,
    power,
    power_ticks,
    readable,
    sequence,
    show,
    subplots,
)
from helpers.plots.text import coloured

LSTM, GRU = COLOR["LSTM"], COLOR["GRU"]


def opening():
    """The lesson's first picture: a cell that takes in one number of twelve and keeps it. Returns it as HTML."""
    numbers = [0.3, -0.8, 0.6, 0.7, -0.2, 0.9, -0.5, 0.1, -0.9, 0.4, 0.8, -0.3]
    marked, last = 3, len(numbers) - 1
    figure, ax = canvas(10.4, 4.0, (-3.6, 12.4), (-5.2, 1.3))
    rows = [(0, "number"), (-1.2, "input gate"), (-2.4, "the cell"), (-3.6, "output gate"), (-4.7, "what comes out")]
    for y, name in rows:
        note(ax, -0.9, y, name, TEXT if y == -2.4 else GRAY, size=11, ha="right", fontweight="bold" if y == -2.4 else "normal")
    before = None
    for t, number in enumerate(numbers):
        full = t >= marked
        ax.add_patch(_square(t, 0, "#ffd27a" if t == marked else "white"))
        note(ax, t, 0, f"{number:+.1f}", TEXT if t == marked else GRAY, size=10)
        _gate(ax, t, -1.2, t == marked)
        cell = node(ax, t, -2.4, "", LSTM if full else GRAY, size=0.38, filled=full)
        note(ax, t, -2.4, f"{numbers[marked]:+.1f}" if full else "0", TEXT if full else GRAY, size=10)
        if before is not None:
            arrow(ax, before, cell, color=LSTM if t > marked else GRAY)
        before = cell
        _gate(ax, t, -3.6, t == last)
        note(ax, t, -4.7, f"{numbers[marked]:+.1f}" if t == last else "0", LSTM if t == last else GRAY, size=11)
    note(ax, marked, 0.85, "remember this one", readable(ORANGE), size=10)
    note(ax, last, 0.85, "now say it", GRAY, size=10)
    ax.set_title("A cell with gates: write once, keep, show when asked")
    return picture(
        figure,
        "Twelve numbers go by; the fourth, +0.7, is marked. An input gate is open at that step only. The cell below is 0"
        " until then and +0.7 at every step after it, handed on from step to step. An output gate is open at the last"
        " step only, where +0.7 comes out; at all other steps 0 comes out.",
    )


def _square(x, y, color, edge="#9a9a9a"):
    from matplotlib.patches import Rectangle

    return Rectangle((x - 0.42, y - 0.42), 0.84, 0.84, facecolor=color, edgecolor=edge, linewidth=1, zorder=2)


def _gate(ax, x, y, opened):
    """A gate on the way down: a gap between two bars where it is open, one bar where it is closed."""
    color = ORANGE if opened else "#9a9a9a"
    if opened:
        ax.plot([x - 0.4, x - 0.18], [y, y], color=color, linewidth=4)
        ax.plot([x + 0.18, x + 0.4], [y, y], color=color, linewidth=4)
        arrow(ax, (x, y + 0.5), (x, y - 0.5), color=color)
    else:
        ax.plot([x - 0.4, x + 0.4], [y, y], color=color, linewidth=3)


#: The parts of an LSTM's step: where each stands, its name and its colour.
PARTS = {
    "c before": (0.2, 3.6, "$c_{t-1}$", LSTM), "times f": (2.2, 3.6, "×", ORANGE), "plus": (4.6, 3.6, "+", LSTM),
    "c": (9.7, 3.6, "$c_t$", LSTM), "times i": (4.6, 2.2, "×", ORANGE), "times o": (8.2, 2.2, "×", ORANGE),
    "h": (9.7, 2.2, "$h_t$", INDIGO), "f": (2.2, 0.7, "$f_t$", ORANGE), "i": (3.9, 0.7, "$i_t$", ORANGE),
    "g": (5.4, 0.7, "$g_t$", GREEN), "o": (8.2, 0.7, "$o_t$", ORANGE), "tanh": (6.5, 2.2, "tanh", INDIGO),
}
#: What each stage adds, and its arrows.
STAGES = [
    (
        "1. A cell that only adds", "c_t = c_{t-1} + g_t", ("c before", "plus", "c", "g"),
        [("c before", "plus"), ("g", "plus"), ("plus", "c")],
    ),
    (
        "2. An input gate says how much is written", r"c_t = c_{t-1} + i_t \odot g_t", ("i", "times i"),
        [("c before", "plus"), ("g", "times i"), ("i", "times i"), ("times i", "plus"), ("plus", "c")],
    ),
    (
        "3. A forget gate says how much is kept", r"c_t = f_t \odot c_{t-1} + i_t \odot g_t", ("f", "times f"),
        [("c before", "times f"), ("times f", "plus"), ("f", "times f"), ("g", "times i"), ("i", "times i"), ("times i", "plus"), ("plus", "c")],
    ),
    (
        "4. An output gate says how much is shown", r"h_t = o_t \odot \tanh(c_t)", ("o", "times o", "tanh", "h"),
        [
            ("c before", "times f"), ("times f", "plus"), ("f", "times f"), ("g", "times i"), ("i", "times i"), ("times i", "plus"),
            ("plus", "c"), ("o", "times o"), ("tanh", "times o"), ("times o", "h"),
        ],
    ),
]


def gate_by_gate():
    """The LSTM's step in four drawings, each with one part more than the one before."""
    figure, ax = canvas(11, 7.1, (-0.6, 22.8), (-7.2, 5.6))
    present = []
    for k, (title, formula, new, arrows) in enumerate(STAGES):
        right, down = 12.0 * (k % 2), -6.3 * (k // 2)
        present += new
        note(ax, right - 0.3, down + 5.3, title, size=12, ha="left", fontweight="bold")
        note(ax, right - 0.3, down + 4.6, f"${formula}$", size=12, ha="left")
        at = {}
        for name in present:
            x, y, text, color = PARTS[name]
            color = color if name in new else "#a8a8a8"
            where = right + x, down + y
            small = name == "tanh"
            at[name] = box(ax, *where, text, color, width=1.4) if small else node(ax, *where, text, color, size=0.6 if "t-1" in text else 0.46, filled=name in "figo" and name in new)
        for start, end in arrows:
            fresh = start in new or end in new
            arrow(ax, at[start], at[end], color="#555555" if fresh else "#bdbdbd")
        if "tanh" in present:
            arrow(ax, (right + PARTS["tanh"][0], down + 3.6), at["tanh"])
            _from_below(ax, [at[name] for name in "figo"], down - 0.7)
    show(
        figure,
        "The LSTM in four stages. First the cell c at t-1 plus the candidate g gives c at t. Then g is multiplied by the"
        " input gate i before it is added. Then c at t-1 is multiplied by the forget gate f. Last, tanh of c at t is"
        " multiplied by the output gate o, which gives h at t. In the last drawing, arrows lead from x at t and h at t-1 to"
        " f, i, g and o.",
        "In colour: what each stage adds. Orange is a gate, between 0 and 1; green is the candidate, between -1 and 1. All"
        " four are computed from $x_t$ and $h_{t-1}$, in each stage; only the last drawing shows it.",
    )


def _from_below(ax, nodes, y):
    """A line that brings the input and the state before the step to each of the nodes above it."""
    left, right = (node.center[0] for node in (nodes[0], nodes[-1]))
    ax.plot([left - 1.0, right], [y, y], color="#777777", linewidth=1.6)
    note(ax, left - 1.15, y, "$x_t, h_{t-1}$", ha="right")
    for end in nodes:
        arrow(ax, (end.center[0], y), end, color="#777777")


def four_blocks(W_x, W_h, b):
    """The arrays of a Keras LSTM, their columns in four blocks, with the numbers of the bias.

    Parameters
    ----------
    W_x : ndarray (input_size, 4 units)
    W_h : ndarray (units, 4 units)
    b : ndarray (4 units,)
    """
    units = len(b) // 4
    figure, ax = canvas(10.4, 4.4, (-4.6, 4 * units + 1.3), (-8.2, 2.3))
    starts = [f"{gate} {', '.join(f'{x:g}' for x in part)}" for gate, part in zip("ifgo", np.split(b, 4))]
    ax.set_title(f"One block of {units} columns for each of i, f, g and o; only the forget gate's bias does not start at 0")
    top = 0
    for name, array in {"W_x": W_x, "W_h": W_h, "b": b}.items():
        rows = np.atleast_2d(array)
        note(ax, -0.5, top - len(rows) / 2, f"${name}$ {array.shape}", ha="right")
        for k, color in enumerate((ORANGE, ORANGE, GREEN, ORANGE)):
            for (row, column), number in np.ndenumerate(np.split(rows, 4, axis=1)[k]):
                x, y = k * (units + 0.3) + column + 0.5, top - row - 0.5
                ax.add_patch(_square(x, y, _faint(color), color))
                if name == "b":
                    note(ax, x, y, f"{number:g}")
        top -= len(rows) + 0.6
    for k, (gate, word) in enumerate({"i": "input gate", "f": "forget gate", "g": "candidate", "o": "output gate"}.items()):
        x, color = k * (units + 0.3) + units / 2, GREEN if gate == "g" else ORANGE
        note(ax, x, 1.2, f"${gate}$", readable(color), size=14)
        note(ax, x, 0.5, word, readable(color), size=10)
    show(
        figure,
        f"Three arrays: W_x {W_x.shape}, W_h {W_h.shape} and b {b.shape}. Their columns form four blocks of {units}, for the input gate i,"
        f" the forget gate f, the candidate g and the output gate o. The bias starts as {'; '.join(starts)}.",
        "The arrays of an untrained `keras.layers.LSTM`, with the numbers of its bias.",
    )


def _faint(color):
    from matplotlib.colors import to_hex, to_rgb

    return to_hex([0.86 + 0.14 * channel for channel in to_rgb(color)])


def kept_by_bias(sigmoid, biases, lags=80):
    """What is left of a cell over the lag, on the direct path, for several forget biases.

    Parameters
    ----------
    sigmoid : callable
    biases : sequence of float
        In rising order.
    lags : int
    """
    figure, (ax,) = subplots(1, 8.5, 3.6)
    left = {b: np.arange(lags + 1) * np.log10(sigmoid(b)) for b in biases}
    for (b, values), color in zip(left.items(), sequence(len(biases))):
        ax.plot(range(lags + 1), values, color=color, label=f"bias {b:g}, gate {sigmoid(b):.3f}")
    worst, best = biases[0], biases[-1]
    ends = ", ".join(f"bias {b:g} {10 ** values[-1]:.1e}" for b, values in left.items())
    ax.set(
        title=f"After {lags} steps, bias {worst:g} leaves {power(left[worst][-1])} of the cell, bias {best:g} leaves {10 ** left[best][-1]:.0%}",
        xlabel="steps", ylabel="what is left (log scale)",
    )
    power_ticks(ax.yaxis)
    label_ends(ax)
    show(figure, f"What is left of the cell by the number of steps, on the direct path. After {lags} steps: {ends}.")


def latch(x, cell):
    """Numbers with marks, and the cell of an LSTM that was wired by hand.

    Parameters
    ----------
    x : ndarray (timesteps, 2)
        Numbers and marks.
    cell : ndarray (timesteps,)
    """
    steps, marks = np.arange(1, len(x) + 1), np.flatnonzero(x[:, 1])
    aim = np.cumsum(np.tanh(x[:, 0]) * x[:, 1])
    figure, axes = subplots(2, 10.4, 3.0)
    axes[0].bar(steps, x[:, 0], color=[ORANGE if m else "#c9c9c9" for m in x[:, 1]], width=0.9)
    axes[0].set(title=f"{len(x)} numbers, {_count(len(marks))} marked", xlabel="step", ylabel="number", ylim=(-1.15, 1.15))
    axes[1].plot(steps, aim, color=GRAY, linestyle="--", linewidth=1.5, label="sum of tanh(marked)")
    axes[1].plot(steps, cell, color=LSTM, label="cell")
    off = float(np.max(np.abs(cell - aim)))
    follows = f"The cell follows the tanh of the marked {'number' if len(marks) == 1 else 'numbers'}"
    verdict = follows if off < 0.05 * max(1, len(marks)) else "The cell loses its way"
    axes[1].set(title=f"{verdict}:\noff by at most {off:.2g}", xlabel="step", ylabel="cell $c_t$")
    label_ends(axes[1])
    for t in marks:
        axes[1].axvline(t + 1, color=ORANGE, linewidth=1.5, linestyle=":")
    where = " and ".join(str(t + 1) for t in marks)
    show(
        figure,
        f"Left: {len(x)} numbers from -1 to 1, marked at step {where}. Right: the cell over the steps. It ends at"
        f" {cell[-1]:.3f}; tanh of the marked numbers, added up, is {aim[-1]:.3f}; it is off by at most {off:.2g}.",
    )


def _count(n):
    return {1: "one", 2: "two", 3: "three"}.get(n, str(n))


def step_backward():
    """The way of the gradient through one step of an LSTM, from right to left."""
    figure, ax = canvas(11, 5.9, (-1.2, 21.4), (-3.4, 8.4))
    ax.set_title("From cell to cell the gradient meets one factor: $f_t$")
    columns = {"i": 5.2, "f": 8.3, "g": 11.4, "o": 14.5}
    middle = 9.85
    before = node(ax, 0.2, 7, "$dc_{t-1}$", LSTM, size=0.85, filled=True)
    keep = box(ax, 3, 7, r"$\odot\; f_t$", ORANGE, width=1.6)
    total = node(ax, middle, 7, "$dc$", LSTM, size=0.6, filled=True)
    plus = node(ax, 17.3, 7, "+", LSTM, size=0.46)
    later = node(ax, 20.2, 7, "$dc_t$", LSTM, size=0.65)
    state = node(ax, 20.2, 4.2, "$dh_t$", INDIGO, size=0.65)
    shown = box(ax, 17.3, 5.5, r"$\odot\; o_t \odot (1 - \tanh^2 c_t)$", ORANGE, width=4.3, height=0.8)
    box(ax, middle, 0, "", GRAY, width=11.5, height=0.8)
    for x in (6.75, middle, 12.95):  # between the blocks
        note(ax, x, 0, "|", GRAY)
    note(ax, 15.9, 0, "$= da$", ha="left")
    for start, end in [(later, plus), (state, shown), (shown, plus), (plus, total), (total, keep), (keep, before)]:
        arrow(ax, start, end, color=INDIGO if start is state or start is shown else LSTM)
    # What each of the four is multiplied by on its way: first by its partner in the step forward, then by its slope.
    ways = {
        "i": ("g_t", "i_t (1 - i_t)"), "f": ("c_{t-1}", "f_t (1 - f_t)"), "g": ("i_t", "(1 - g_t^2)"),
        "o": (r"\tanh c_t", "o_t (1 - o_t)"),
    }
    for name, (partner, slope) in ways.items():
        x, color = columns[name], GREEN if name == "g" else ORANGE
        into = box(ax, x, 4.2, rf"$\odot\; {partner}$", color, width=2.2, filled=False)
        gate = node(ax, x, 2.8, f"$d{name}_t$", color, size=0.62, filled=True)
        back = box(ax, x, 1.4, rf"$\odot\; {slope}$", color, width=2.7, filled=False)
        note(ax, x, 0, f"$da_{name}$")
        arrow(ax, state if name == "o" else total, into, color=INDIGO if name == "o" else LSTM)
        for start, end in [(into, gate), (gate, back), (back, (x, 0.4))]:
            arrow(ax, start, end, color=color)
    by_state = box(ax, 2.4, 0, r"$W_h^\top$", GRAY, width=1.3, height=0.8)
    by_input = box(ax, middle, -1.3, r"$W_x^\top$", GRAY, width=1.3, height=0.8)
    previous = node(ax, 0.2, 0, "$dh_{t-1}$", INDIGO, size=0.85, filled=True)
    x_t = node(ax, middle, -2.6, "$dx_t$", GRAY, size=0.62, filled=True)
    for start, end in [((4.1, 0), by_state), (by_state, previous), ((middle, -0.4), by_input), (by_input, x_t)]:
        arrow(ax, start, end)
    note(ax, 20.2, 8.0, "from step $t+1$", GRAY, size=10)
    note(ax, 20.2, 3.2, "from $h_t$'s output\nand step $t+1$", GRAY, size=10, va="top")
    note(ax, 0.2, 3.5, "to step $t-1$", GRAY, size=10)
    show(
        figure,
        "The gradient's way through one step of an LSTM, from right to left. dc at t and dh at t arrive. dh, times o and"
        " 1 - tanh squared of c, is added to dc at t; the sum is dc. It goes four ways: times f it is dc at t-1; times g"
        " it is di, times c at t-1 it is df, times i it is dg. dh times tanh of c is do. Each of di, df, dg and do is"
        " multiplied by its own slope; side by side they are da. da times W_h transposed is dh at t-1, da times W_x"
        " transposed is dx at t.",
        "A box with $\\odot$ multiplies number by number; $W_h^\\top$ and $W_x^\\top$ are matrix products. Left out: the gradients"
        " of the weights, which are made from $da$ too.",
    )


def gru_twice():
    """The GRU's step with its reset gate before and after the product."""
    figure, ax = canvas(11, 4.4, (-0.8, 23.4), (-1.6, 7.4))
    for right, after in [(0.0, False), (12.2, True)]:
        word = "after" if after else "before"
        title = f"reset_after={after}: $r_t$ comes {word} the product"
        note(ax, right - 0.3, 6.9, title, size=12, ha="left", fontweight="bold")
        h = node(ax, right, 4.2, "$h_{t-1}$", INDIGO, size=0.68)
        keep = node(ax, right + 4.4, 5.6, "×", ORANGE, size=0.42)
        plus = node(ax, right + 8.8, 5.6, "+", GRU, size=0.42)
        out = node(ax, right + 10.4, 5.6, "$h_t$", INDIGO, size=0.5, filled=True)
        z = node(ax, right + 4.4, 4.2, "$z_t$", ORANGE, size=0.46, filled=True)
        write = node(ax, right + 8.8, 3.4, "×", ORANGE, size=0.42)
        rest = box(ax, right + 6.6, 3.9, "$1 - z_t$", ORANGE, width=1.7)
        first, second = (right + 2.2, 1.4), (right + 4.6, 1.4)
        times = node(ax, *(second if after else first), "×", ORANGE, size=0.42)
        product = box(ax, *first, "$\\cdot\\,W_h^h + b_1^h$", GRAY, width=2.3) if after else box(ax, *second, "$\\cdot\\,W_h^h$", GRAY, width=1.3)
        r = node(ax, (second if after else first)[0], -0.4, "$r_t$", ORANGE, size=0.46, filled=True)
        squash = box(ax, right + 7.0, 1.4, "tanh", GREEN, width=1.4)
        x = node(ax, right + 7.0, -0.4, "$x_t$", GRAY, size=0.46)
        candidate = node(ax, right + 8.8, 1.4, r"$\tilde h_t$", GREEN, size=0.46, filled=True)
        one, two = (product, times) if after else (times, product)
        for start, end in [
            (h, keep), (keep, plus), (plus, out), (z, keep), (z, rest), (rest, write), (write, plus), (h, one), (one, two),
            (two, squash), (r, times), (x, squash), (squash, candidate), (candidate, write),
        ]:
            fresh = {start, end} & {times, r}
            arrow(ax, start, end, color=ORANGE if fresh else "#777777")
    show(
        figure,
        "Two drawings of the GRU. In both, h at t-1 is multiplied by the update gate z, the candidate by 1 - z, and the two"
        " are added. Left, h at t-1 is first multiplied by the reset gate r and then by the matrix; right, the matrix"
        " and its bias come first and r multiplies the sum. Then x is added, and tanh makes the candidate.",
        "The only difference is in the lower left: the order of $r_t$ and the matrix, and the bias within the reach of $r_t$."
        " (Left out: all other biases, the matrix of $x_t$, and where $z_t$ and $r_t$ come from.)",
    )


def gradient_by_lag(norms):
    """Norm of the gradient over the lag for several networks.

    Parameters
    ----------
    norms : dict of str to ndarray
        For each network the norm at lag 0, 1, ..., relative to that at lag 0: "tanh network", "LSTM, forget bias 0", ...
    """
    powers = {name: np.log10(values) for name, values in norms.items()}
    last = len(next(iter(powers.values()))) - 1
    figure, (ax,) = subplots(1, 8.5, 3.8)
    _draw(ax, range(last + 1), powers)
    lstm = {name.rpartition(" ")[2]: values[-1] for name, values in powers.items() if name.startswith("LSTM")}
    faster = [bias for bias, end in lstm.items() if end < powers["tanh network"][-1]]
    alive = [bias for bias, end in lstm.items() if end > -2]
    ax.set(
        title=f"Forget bias {_listed(faster)}: the gradient fades faster than in a tanh network; {_listed(alive)}: it survives {last} steps"
    )
    _over_lag(ax)
    ends = ", ".join(f"{name} {values[-1]:.1f}" for name, values in powers.items())
    show(
        figure,
        f"Norm of the gradient of the whole state over the lag, in powers of ten. At lag {last}: {ends}.",
        "Untrained networks of 32 units, random inputs. A straight line is one and the same factor at every step.",
    )


def gradient_in_longer_sequences(norms, short):
    """Norm of the gradient over the lag in sequences that are much longer than those before.

    Parameters
    ----------
    norms : dict of int to ndarray
        By the forget bias of an LSTM the norm at lag 0, 1, ..., relative to that at lag 0.
    short : int
        The largest lag of the shorter sequences.
    """
    powers = {f"LSTM, forget bias {bias}": np.log10(values) for bias, values in norms.items()}
    last = len(next(iter(powers.values()))) - 1
    figure, (ax,) = subplots(1, 8.5, 2.9)
    ax.axvspan(last - short, last, color=GRAY, alpha=0.13, linewidth=0)
    _draw(ax, range(last + 1), powers)
    middle = max(np.abs(values[last - short] - values[short]) for values in powers.values())
    ax.set(title=f"In sequences of {last} steps, from lag {short} to lag {last - short}: a factor of {10**middle:.1f} at most, up or down")
    note(ax, last - short - 8, ax.get_ylim()[1], "grey: the first steps\nof the sequence", "#555555", 9, ha="right", va="top")
    _over_lag(ax)
    found = "; ".join(f"{name} " + ", ".join(f"{values[lag]:.1f} at lag {lag}" for lag in (short, last - short, last)) for name, values in powers.items())
    show(figure, f"Norm of the gradient over the lag, in powers of ten: {found}.", "The same two networks as in the first figure, with forget bias 3 and 4.")


def _draw(ax, x, series):
    """Lines of networks: each forget bias of an LSTM has its colour, the same in every figure, and so has the tanh network."""
    shades = dict(zip(("0", "1", "3", "4"), sequence(4)))
    for name, values in series.items():
        lstm = name.startswith("LSTM")
        ax.plot(x, values, color=shades[name.rpartition(" ")[2]] if lstm else "black", linestyle="-" if lstm else "--", label=name)


def _over_lag(ax):
    """The axes of a gradient's norm, in powers of ten, over the lag; each line says what it is at its end."""
    ax.set(xlabel="lag (steps back)", ylabel="gradient's norm, relative to lag 0")
    power_ticks(ax.yaxis)
    label_ends(ax)


def gru_gradient(norms, gates):
    """Norm of a GRU's gradient over the lag, before training and after it.

    Parameters
    ----------
    norms : dict of str to ndarray
        "before training" and "after": for each the norm at lag 0, 1, ..., relative to that at lag 0.
    gates : dict of str to float
        The most open update gate, by the same names.
    """
    figure, (ax,) = subplots(1, 8.5, 3.6)
    powers = {name: np.log10(values) for name, values in norms.items()}
    last = len(powers["after"]) - 1
    for (name, values), style in zip(powers.items(), ("--", "-")):
        ax.plot(range(last + 1), values, color=GRU, linestyle=style, label=f"{name}, most open gate {gates[name]:.3f}")
    ax.set(
        title=f"Before training {power(powers['before training'][-1])} of the GRU's gradient gets through {last} steps, after it {norms['after'][-1]:.2g}"
    )
    _over_lag(ax)
    ends = "; ".join(f"{name} {values[-1]:.2g}, most open update gate {gates[name]:.3f}" for name, values in norms.items())
    show(
        figure, f"Norm of the GRU's gradient over the lag, relative to lag 0. At lag {last}: {ends}.",
        "The GRU that learned to add, over 200 sequences. The gate is the median of its most open update gate.",
    )


def _listed(names):
    return " and ".join(names) or "none"


def adding_over_seeds(networks, budget):
    """For each network the update at which it gets below a quarter of the error of no memory, by seed.

    Parameters
    ----------
    networks : dict of str to list of (int or None, float)
        As `helpers.laboratory.lesson06.adding_record` gives them.
    budget : int
        Updates of each run.
    """
    figure, (ax,) = subplots(1, 8.8, 3.5)
    there = {name: [u for u, _ in runs if u is not None] for name, runs in networks.items()}
    for row, (name, runs) in enumerate(networks.items()):
        color = COLOR.get(name.partition(",")[0].partition(" ")[0], COLOR["recurrent"])
        ax.plot(there[name], [row] * len(there[name]), "o", color=color, markersize=8, alpha=0.75)
        if failed := len(runs) - len(there[name]):
            note(ax, 1.03 * budget, row, f"{failed} of {len(runs)} not yet", GRAY, size=10, ha="left", backgroundcolor="white")
    ax.axvline(budget, color=GRAY, linewidth=1, linestyle=":")
    ax.set_yticks(range(len(networks)), networks)
    all_there = [name for name, found in there.items() if len(found) == len(networks[name])]
    only = f"Only the {all_there[0]} gets there on every seed" if len(all_there) == 1 else f"There on every seed: {_listed(all_there)}"
    ax.set(
        title=f"{only} (budget: {budget} updates)",
        xlabel="updates until the error is below a quarter of 1/6", xlim=(0, 1.28 * budget), ylim=(-0.6, len(networks) - 0.4),
    )
    ax.set_xticks(range(0, budget + 1, 100))
    found = "; ".join(
        f"{name}: {', '.join(map(str, u)) or 'no seed'}, {len(networks[name]) - len(u)} of {len(networks[name])} not yet" for name, u in there.items()
    )
    show(
        figure, f"Updates until each network gets below a quarter of 1/6, by seed. {found}. The budget is {budget} updates.",
        "Each dot is one of six seeds. The learning rate is 0.02 unless the name says otherwise.",
    )


def memory(accuracy):
    """Accuracy of a linear read-out over how far back the bit lies.

    Parameters
    ----------
    accuracy : dict of str to ndarray
        For each network the accuracy at 0, 1, ... steps back: "tanh network", "LSTM, forget bias 0", ...
    """
    reach = {name: int(np.argmax(np.append(values, 0) < 0.75)) for name, values in accuracy.items()}
    figure, (ax,) = subplots(1, 8.5, 3.8)
    _draw(ax, range(len(next(iter(accuracy.values())))), accuracy)
    baseline(ax, 0.5, "guessing", linestyle=":")
    longest = max(n for name, n in reach.items() if name.startswith("LSTM"))
    ax.set(
        title=f"Read right 3 times in 4: the tanh network's last {reach['tanh network']} bits, no LSTM's more than {longest}",
        xlabel="how far back the bit lies (steps)", ylabel="accuracy",
    )
    label_ends(ax)
    found = "; ".join(f"{name}: 1 step back {values[1]:.2f}, 8 back {values[8]:.2f}, 40 back {values[40]:.2f}" for name, values in accuracy.items())
    show(figure, f"Accuracy of a linear read-out. {found}.", "Counted from the last bit back, as long as the accuracy stays at or above 0.75.")


def adding_gates(found, k=0):
    """What one unit of a trained LSTM does over one sequence of the adding problem.

    Parameters
    ----------
    found : dict
        As `helpers.laboratory.lesson06.adding_gates` gives it.
    k : int
        Which of its sequences.
    """
    marks, written, kept, cell = (found[name][:, k] for name in ("marks", "written", "kept", "cell"))
    numbers, cell = found["numbers"][:, k], cell[1:]
    rest = np.abs(written[~marks]).mean()
    panels = {
        "written, $i_t g_t$": (written, GREEN, f"Written at the marks: {', '.join(f'{w:.2f}' for w in written[marks])}"),
        "forget gate $f_t$": (kept, ORANGE, f"Kept: at least {np.min(kept):.1%} of the cell"),
        "cell $c_t$": (cell, LSTM, f"Unmarked steps: {np.diff(cell, prepend=0)[~marks].sum():+.2f} in all"),
    }
    figure, axes = subplots(3, 11, 3.2)
    times = np.flatnonzero(marks) + 1
    for ax, (ylabel, (values, color, title)) in zip(axes, panels.items()):
        ax.plot(np.arange(1, len(values) + 1), values, color=color)
        for t in times:
            ax.axvline(t, color=GRAY, linestyle=":", linewidth=1.5)
        ax.set(title=title, xlabel="time step", ylabel=ylabel)
    axes[1].set_ylim(0, 1.05)  # all that a gate can do: one that hardly moves is to look like it
    low, high = axes[0].get_ylim()
    axes[0].set_ylim(low, high + 0.3 * (high - low))
    for t, number, height in zip(times, numbers[marks], (0.22, 0.08)):  # two heights: the marks may be neighbours
        left = t < 0.6 * len(marks)
        note(axes[0], t + (1.5 if left else -1.5), high + height * (high - low), f"number {number:.2f}", size=10, ha="left" if left else "right")
    pairs = " and ".join(f"{number:.2f} at step {t}, where it writes {w:.2f}" for t, number, w in zip(times, numbers[marks], written[marks]))
    show(
        figure,
        f"Three panels over the time steps of one sequence. Marked are {pairs}; elsewhere it writes {rest:.3f} on average. The forget gate"
        f" is between {np.min(kept):.3f} and {np.max(kept):.3f}. The cell ends at {cell[-1]:.2f}.",
        "One unit of the trained LSTM. The dotted lines are the marked steps, with the numbers that were marked.",
    )


def coloured_gates(text, rows):
    """Gates of single units over the characters of a text: for each the text, coloured on one scale from 0 to 1.

    Parameters
    ----------
    text : str
    rows : dict of str to ndarray (len(text),)
        Values between 0 and 1, by label.
    """
    for label, values in rows.items():
        reach = f"from {np.min(values):.2f} to {np.max(values):.2f}"
        alt = f"A passage of a fable, coloured by how far one gate is open. {label} · gate {reach}; 0 is closed, 1 is open."
        coloured(text, values, f"{label} · gate", alt, low=0, high=1)


def names_over_seeds(bits, counted, parameters):
    """Bits per character on held-out names for each network, a mark for each seed.

    Parameters
    ----------
    bits : dict of str to list of float
        By network; the first word of the name says its kind.
    counted : dict of str to float
        Counting, to compare with: what lies far beyond the networks is named at the right edge.
    parameters : dict of str to int
        Of each network.
    """
    figure, (ax,) = subplots(1, 8.8, 3.8)
    worst, best = (choose(value for values in bits.values() for value in values) for choose in (max, min))
    edge = worst + 0.25 * (worst - best)
    for row, (name, values) in enumerate(bits.items()):
        color = COLOR.get(name.partition(",")[0], GRAY)
        ax.plot(values, [row] * len(values), "o", color=color, markersize=8, alpha=0.75)
    for name, value in counted.items():
        above = {"size": 10, "va": "bottom", "transform": ax.get_xaxis_transform()}
        if value > edge:
            note(ax, edge, 1.01, f"{name}: {value:.2f}, far to the right →", GRAY, ha="right", **above)
        else:
            ax.axvline(value, color=GRAY, linewidth=1.5, linestyle="--")
            note(ax, value, 1.01, name, GRAY, **above)
    means = {name: float(np.mean(values)) for name, values in bits.items()}
    kinds = {name: name.partition(",")[0] for name in bits}
    first = min(means, key=means.get)
    rival = min((name for name in means if kinds[name] != kinds[first]), key=means.get)
    ax.set_yticks(range(len(bits)), [f"{name} ({parameters[name]:,} parameters)" for name in bits])
    ax.set(ylim=(len(bits) - 0.4, -0.6), xlim=(min(best, *counted.values()) - 0.1 * (worst - best), edge))
    ax.set_title(f"The best {kinds[first]} needs {means[rival] - means[first]:.3f} bits less than the best of the others ({rival})", pad=24)
    ax.set_xlabel("bits per character on held-out names (lower is better)")
    found = "; ".join(f"{name} {value:.3f}" for name, value in means.items())
    show(figure, f"Bits per character on held-out names, means over the seeds: {found}. " + "; ".join(f"{k} {v:.3f}" for k, v in counted.items()) + ".")
