"""The pictures of lesson 01, feedforward vs recurrent."""

import numpy as np

from helpers.plots.figure import (
    COLOR,
    GRAY,
    TEXT,
    arrow,
    baseline,
    box,
    canvas,
    label_ends,
    node,
    note,
    picture,
    show,
    subplots,
)

FEEDFORWARD, RECURRENT, CONVOLUTION = COLOR["feedforward"], COLOR["recurrent"], COLOR["convolution"]
FAINT = "#d8d8d8"
ONE = "#ffd27a"


def opening():
    """The lesson's first picture: a window over the stream, and a state handed on. Returns it as HTML."""
    bits = [1, 0, 0, 1, 1, 0, 1, 0, 1, 1, 0, 1]
    figure, (left, right) = subplots(2, 10.4, 2.9)
    for ax in (left, right):
        ax.set(xlim=(-0.9, 12.3), ylim=(-1.5, 3.6), aspect="equal")
        ax.axis("off")
        for t, bit in enumerate(bits):
            _square(ax, t, 0, bit, faint=ax is left and t < 4)
        note(ax, -0.4, -1.3, "the first bit", GRAY, size=10, ha="left")
        arrow(ax, (0, -1.0), (0, -0.45), color=GRAY)
    for start, style in [(0, ":"), (4, "-")]:
        last = start == 4
        _frame(left, start - 0.62, -0.62, 8 + 0.24, 1.24, FEEDFORWARD if last else "#c9b48f", style)
    box(left, 7.5, 2.1, "answer", FEEDFORWARD, width=2.9, height=1.0)
    for t in range(4, 12):
        left.plot([t, 7.5], [0.64, 1.55], color=FEEDFORWARD, linewidth=0.8, alpha=0.6, zorder=1)
    left.set_title("A window sees the last 8 bits.")
    states = [node(right, t, 1.55, "", RECURRENT, size=0.34, filled=True) for t in range(12)]
    for t, state in enumerate(states):
        arrow(right, (t, 0.45), (t, 1.2), color=GRAY)
        if t:
            arrow(right, states[t - 1], state, color=RECURRENT)
    box(right, 11 - 0.6, 3.0, "answer", RECURRENT, width=2.9, height=1.0)
    arrow(right, (11, 1.9), (11, 2.48), color=GRAY)
    note(right, 2.6, 2.45, "the state, handed on", RECURRENT, size=11)
    right.set_title("A recurrent network sees one bit, and its own previous state.")
    return picture(
        figure,
        "Two rows of twelve bits. Left: a frame around the last eight bits leads to an answer; dotted frames show that"
        " it slid along, and the first four bits, now outside, are grey. Right: above each bit is a circle, the state;"
        " each circle gets its bit and is joined to the circle before it; the last one leads to an answer.",
    )


def questions(x, answers):
    """A stream and the right answers to the three questions, as rows of squares.

    Parameters
    ----------
    x : ndarray (timesteps, 1)
        Bits, as -1 and +1.
    answers : ndarray (timesteps, 3)
        0 or 1 for first, parity and echo.
    """
    rows = [("bit", (x[:, 0] > 0).astype(int)), *zip(("first", "parity", "echo"), answers.T.astype(int))]
    asks = ["what comes in", "what was the first bit?", "an odd number of ones so far?", "the bit three steps ago?"]
    timesteps = len(x)
    figure, axes = canvas(10.5, 3.0, (-2.6, timesteps + 6.4), (-4.3, 1.5))
    for row, ((name, bits), ask) in enumerate(zip(rows, asks)):
        y = -1.1 * row - (0.35 if row else 0)
        note(axes, -0.9, y, name, size=12, ha="right", fontweight="bold")
        note(axes, timesteps - 0.1, y, ask, GRAY, size=11, ha="left")
        for t, bit in enumerate(bits):
            _square(axes, t, y, int(bit))
    for t in (0, timesteps - 1):
        note(axes, t, 1.0, f"step {t + 1}", GRAY, size=10)
    text = "; ".join(f"{name}: {' '.join(str(int(b)) for b in bits)}" for name, bits in rows)
    show(figure, f"A stream of {timesteps} bits with the answer to each question below every bit. {text}.")


def inside_the_step():
    """The inside of one recurrent step: two products, a sum and a tanh."""
    figure, axes = canvas(9.6, 3.3, (-0.9, 12.2), (-1.1, 3.4))
    h_before = node(axes, 0, 2.4, "$h_{t-1}$", RECURRENT, size=0.5)
    x = node(axes, 0, 0, "$x_t$", GRAY, size=0.5)
    by_hh = box(axes, 2.7, 2.4, "$h_{t-1}\\, W_{hh}$", RECURRENT, width=2.1)
    by_xh = box(axes, 2.7, 0, "$x_t\\, W_{xh}$", GRAY, width=2.1)
    plus = node(axes, 5.4, 1.2, "+", TEXT, size=0.42)
    bias = box(axes, 5.4, -0.55, "$b_h$", GRAY, width=1.0)
    squash = box(axes, 7.7, 1.2, "tanh", RECURRENT, width=1.6)
    h = node(axes, 10.0, 1.2, "$h_t$", RECURRENT, size=0.5, filled=True)
    for start, end in [(h_before, by_hh), (x, by_xh), (by_hh, plus), (by_xh, plus), (bias, plus), (plus, squash), (squash, h)]:
        arrow(axes, start, end)
    arrow(axes, h, (11.7, 1.2))
    note(axes, 11.2, 1.75, "next step", GRAY, size=10)
    note(axes, 2.7, 3.15, "what it remembers", GRAY, size=10)
    note(axes, 2.7, -0.75, "what it sees", GRAY, size=10)
    note(axes, 7.7, 1.95, "into (-1, 1)", GRAY, size=10)
    show(
        figure,
        "The recurrent step. The state h_{t-1} times W_hh and the input x_t times W_xh are added, together with the"
        " bias b_h; tanh of the sum is the new state h_t, which goes on to the next step.",
    )


def unfolding(timesteps=4):
    """The recurrent layer, folded on the left and unfolded through time on the right."""
    figure, axes = canvas(10, 3.4, (-4.3, 1.8 * timesteps + 0.7), (-1.8, 1.9))
    h, x, y = (node(axes, -3.3, at, text, color) for at, text, color in [(0, "$h$", RECURRENT), (-1.35, "$x$", GRAY), (1.35, "$y$", GRAY)])
    arrow(axes, x, h, "$W_{xh}$", offset=(-0.5, 0))
    arrow(axes, h, y, "$W_{hy}$", offset=(-0.5, 0))
    arrow(axes, (-2.98, 0.2), (-2.98, -0.2), "$W_{hh}$", curve=-2.6, offset=(1.05, 0), color=RECURRENT)
    note(axes, -1.05, 0, "=", size=22)
    before = node(axes, 0, 0, "$h_0$", RECURRENT)
    for t in range(1, timesteps + 1):
        at = 1.8 * t
        h, x, y = (node(axes, at, place, f"${name}_{t}$", color) for place, name, color in [(0, "h", RECURRENT), (-1.35, "x", GRAY), (1.35, "y", GRAY)])
        arrow(axes, x, h, "$W_{xh}$")
        arrow(axes, h, y, "$W_{hy}$")
        arrow(axes, before, h, "$W_{hh}$", offset=(0, 0.26), color=RECURRENT)
        before = h
    show(
        figure,
        "Left, folded: the input x goes through W_xh to the state h, the state goes back to itself through W_hh and to"
        f" the output y through W_hy. Right, unfolded: h_0 to h_{timesteps} in a row, joined by W_hh; each h_t gets x_t"
        " through W_xh and gives y_t through W_hy. Each weight has the same name at every step.",
        "One layer, drawn twice. Unfolding makes no new weights: every $W_{xh}$ on the right is the same array.",
    )


def one_number(weights, steps=20):
    """A single state number after one 1 and then zeros, for several weights on the old state.

    Parameters
    ----------
    weights : sequence of float
    steps : int
    """
    figure, (ax,) = subplots(1, 8.5, 3.0)
    ends = []
    for weight, color in zip(weights, (GRAY, RECURRENT, COLOR["training"])):
        h = [np.tanh(1.0)]
        for _ in range(steps - 1):
            h.append(np.tanh(weight * h[-1]))
        ax.plot(range(1, steps + 1), h, color=color, marker="o", markersize=4, label=f"weight {weight:g}")
        ends.append(f"with weight {weight:g} it ends at {h[-1]:.3f}")
    ax.axhline(0, color=FAINT, linewidth=1)
    ax.set(title="One 1, then only zeros: whether the memory fades depends on one weight", xlabel="step", ylabel="state $h_t$", ylim=(-1.1, 1.1))
    ax.set_xticks([1, 5, 10, 15, 20])
    label_ends(ax)
    show(figure, f"The state over {steps} steps, after a 1 and then zeros: {'; '.join(ends)}.")


def parity_machine(bits, states, step):
    """The two units of the parity network, as far as `step`, with the true parity below.

    Parameters
    ----------
    bits : sequence of int
        0 and 1.
    states : ndarray (timesteps, 2)
        The units' values after each bit.
    step : int
        How many bits have been read, from 1.
    """
    timesteps = len(bits)
    states = np.asarray(states, dtype=float)
    says = (states[:, 0] - states[:, 1] > 1).astype(int)
    truth = np.cumsum(bits) % 2
    figure, axes = canvas(10, 3.7, (-4.2, timesteps + 0.2), (-5.6, 1.5))
    rows = [(0, "bit"), (-1.4, "unit 1: is p + b at least 1?"), (-2.5, "unit 2: is p + b equal to 2?"), (-3.8, "the network says"), (-4.9, "true parity")]
    for y, name in rows:
        note(axes, -0.8, y, name, size=10, ha="right")
    axes.add_patch(_rounded(step - 1.55, -5.45, 1.1, 6.0, "#ece9f6", "none"))
    for t in range(timesteps):
        read = t < step
        _square(axes, t, 0, bits[t], faint=not read)
        for unit, y in [(0, -1.4), (1, -2.5)]:
            value = states[t, unit]
            _disc(axes, t, y, _signed(value) if read else "", RECURRENT if read else FAINT, read and value > 0)
        wrong = read and says[t] != truth[t]
        _square(axes, t, -3.8, int(says[t]) if read else "", faint=not read, edge=COLOR["training"] if wrong else None)
        _square(axes, t, -4.9, int(truth[t]) if read else "", faint=not read)
    now, word = states[step - 1], ("even", "odd")
    right = int(np.sum(says[:step] == truth[:step]))
    read = "the first bit" if step == 1 else f"{step} bits"
    found = (
        f"after {read}: unit 1 is {_signed(now[0])}, unit 2 is {_signed(now[1])}, so the network says {word[says[step - 1]]};"
        f" {right} of {step} right so far"
    )
    note(axes, (timesteps - 4) / 2, 1.1, found, size=11)
    show(
        figure,
        f"Bits {' '.join(str(b) for b in bits[:step])}; unit 1: {' '.join(_signed(v) for v in states[:step, 0])}; unit 2:"
        f" {' '.join(_signed(v) for v in states[:step, 1])}. {found[0].upper()}{found[1:]}.",
    )


def _signed(value):
    """A state's value in a few characters: "+1", "-0.46"; never "-0"."""
    text = f"{value:+.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("+0", "-0") else text


def accuracy_by_length(lengths, scores, trained):
    """Accuracy of the last answer by sequence length, a panel for each question.

    Parameters
    ----------
    lengths : sequence of int
        Time steps.
    scores : dict of str to ndarray (lengths, 3)
        For each network the accuracy on first, parity and echo.
    trained : int
        The length of the training sequences.
    """
    figure, axes = subplots(3, 10.4, 3.2, sharey=True)
    for i, (ax, question) in enumerate(zip(axes, ("first", "parity", "echo"))):
        ax.axhline(0.5, color=GRAY, linewidth=1, linestyle="--")
        ax.axvline(trained, color=FAINT, linewidth=4, zorder=0)
        for name, score in scores.items():
            size = 9 if name == "window" else 5
            ax.plot(
                lengths, score[:, i], color=COLOR[name], marker="o", markersize=size, label=name,
                linestyle=(0, (5, 2)) if name == "convolution" else "-",
            )
        long_run = {name: score[-1, i] for name, score in scores.items()}
        knowing = [name for name, value in long_run.items() if value > 0.9]
        ax.set(title=_who(question, knowing, long_run, lengths[-1]), xlabel="bits in the stream", xscale="log", ylim=(0.4, 1.06))
        ax.set_xticks(lengths, [str(t) for t in lengths])
        ax.minorticks_off()
        label_ends(ax)
    axes[0].set_ylabel("accuracy of the last answer")
    note(axes[0], trained, 0.425, f" trained at {trained}", GRAY, size=9, ha="left")
    note(axes[2], lengths[0], 0.515, "guessing", GRAY, size=9, ha="left", va="bottom")
    show(
        figure,
        f"Accuracy of the last answer by stream length, {lengths[0]} to {lengths[-1]} bits, trained at {trained}. "
        + " ".join(
            f"{question}: " + ", ".join(f"{name} {score[-1, i]:.2f} at {lengths[-1]}" for name, score in scores.items()) + "."
            for i, question in enumerate(("first", "parity", "echo"))
        ),
    )


def _who(question, knowing, scores, length):
    if len(knowing) == len(scores):
        return f"{question}: all answer at {length} bits" if len(scores) > 2 else f"{question}: both answer at {length} bits"
    if not knowing:
        return f"{question}: at {length} bits all guess"
    return f"{question}: at {length} bits only\nthe {' and the '.join(_full(n) for n in knowing)} know{'s' if len(knowing) == 1 else ''}"


def _full(name):
    return "recurrent network" if name == "recurrent" else name


def echo_race(updates, accuracies):
    """Accuracy on "echo", seven steps back, over the first updates of training.

    Parameters
    ----------
    updates : sequence of int
    accuracies : dict of str to sequence of float
        For each network.
    """
    figure, (ax,) = subplots(1, 8, 3.2)
    for name, values in accuracies.items():
        ax.plot(updates, values, color=COLOR[name], marker="o", markersize=4, label=name)
    baseline(ax, 0.5, "guessing")
    there = {name: next((u for u, v in zip(updates, values) if v > 0.99), None) for name, values in accuracies.items()}
    said = {
        name: f"the {_full(name)} needs {u} updates" if u else f"the {_full(name)} more than {updates[-1]}" for name, u in there.items()
    }
    ax.axhline(0.99, color=FAINT, linewidth=1)
    note(ax, updates[0], 0.992, "0.99", GRAY, size=9, ha="center", va="bottom")
    ax.set(title="To pass 0.99, " + ",\n".join(said.values()), xlabel="updates", ylabel="accuracy, seven steps back", ylim=(0.4, 1.07))
    label_ends(ax)
    show(figure, f"Accuracy on the bit seven steps back, by updates. To pass 0.99, {', '.join(said.values())}.")


def parameters_by_length(lengths, settings, count_parameters, crossover_length):
    """Parameter counts by the input's length, a panel for each setting.

    Parameters
    ----------
    lengths : sequence of int
        Time steps.
    settings : sequence of (int, int)
        Input size and hidden size.
    count_parameters, crossover_length : callable
        The learner's own, as exercises 3 and 4 ask.
    """
    figure, axes = subplots(len(settings), 10.4, 3.3)
    found = []
    for ax, (input_size, hidden_size) in zip(axes, settings):
        counts = [count_parameters(t, input_size, hidden_size, 3) for t in lengths]
        for name in ("feedforward", "recurrent"):
            ax.plot(lengths, [count[name] for count in counts], color=COLOR[name], label=name)
        turn = crossover_length(input_size, hidden_size)
        found.append(f"{input_size} inputs, {hidden_size} units: the recurrent network has fewer from {turn} steps on")
        ax.axvline(turn, color=FAINT, linewidth=4, zorder=0)
        late = turn > lengths[len(lengths) // 2]
        note(
            ax, turn - 0.8 if late else turn + 0.8, 0.04, f"{turn} steps", GRAY, size=9,
            ha="right" if late else "left", va="bottom", transform=ax.get_xaxis_transform(),
        )
        title = f"{input_size} inputs, {hidden_size} units: from {turn} steps on,\nthe recurrent network has fewer"
        ax.set(title=title, xlabel="time steps", ylim=(0, None))
        ax.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
        label_ends(ax)
    axes[0].set_ylabel("parameters")
    show(figure, f"Parameters by time steps. The feedforward line rises, the recurrent line is level. {'; '.join(found)}.")


def sequence_types():
    """The four sequence types, and the encoder-decoder that joins two of them."""
    types = [
        ("one-to-one", [0], [0], "a label for an image"),
        ("one-to-many", [0], [0, 1, 2], "a caption for an image"),
        ("many-to-one", [0, 1, 2], [2], "the mood of a review"),
        ("many-to-many", [0, 1, 2], [0, 1, 2], "a tag for each word"),
        ("encoder, then decoder", [0, 1], [2, 3], "translation"),
    ]
    figure, axes = canvas(10.4, 3.2, (-0.9, 18.9), (-2.4, 2.7))
    left = 0.0
    for name, inputs, outputs, example in types:
        steps = range(max(inputs + outputs) + 1)
        for t in steps:
            at = left + t
            decoder = name.startswith("encoder") and t in outputs
            h = node(axes, at, 0, "$s$" if decoder else "$h$", COLOR["training"] if decoder else RECURRENT, size=0.3, filled=True)
            if t:
                arrow(axes, (at - 0.7, 0), (at - 0.31, 0))
            if t in inputs:
                arrow(axes, node(axes, at, -1.15, "$x$", GRAY, size=0.3), h)
            if t in outputs:
                arrow(axes, h, node(axes, at, 1.15, "$y$", GRAY, size=0.3))
        middle = left + (len(steps) - 1) / 2
        note(axes, middle, 2.1, name.replace(", then", ",\nthen"), size=10, fontweight="bold")
        note(axes, middle, -1.95, example, GRAY, size=10)
        left += len(steps) + 1.1 - (0.2 if len(steps) == 1 else 0)
    show(
        figure,
        "Five wirings of the same step. One-to-one: one x, one h, one y. One-to-many: x at the first of three steps,"
        " y at each. Many-to-one: x at each of three steps, y at the last. Many-to-many: x and y at each step."
        " Translation: x at the first two steps, y at the last two, which belong to a second network with states s.",
        "In the first four the step is the same; only where $x$ enters and where $y$ is read differs. The fifth joins two networks.",
    )


def dilated_tree(dilations=(1, 2, 4, 8)):
    """Four dilated convolutions over a stream: what the last output is made from."""
    width = 1 + sum(dilations) + 4
    figure, axes = canvas(10, 3.4, (-1.0, width + 4.2), (-0.9, 4.8))
    used = {0: {width - 1}}
    for level, dilation in enumerate(reversed(dilations), start=1):
        used[level] = {t - back for t in used[level - 1] for back in (0, dilation)}
    depth = len(dilations)
    for level in range(depth + 1):
        y, active = level, used[depth - level]
        for t in range(width):
            _disc(axes, t, y, "", CONVOLUTION if t in active else FAINT, t in active and level in (0, depth), size=0.2)
            if level:
                back = dilations[level - 1]
                for start in (t, t - back):
                    if start >= 0:
                        on = t in active
                        axes.plot([start, t], [y - 0.8, y - 0.2], color=CONVOLUTION if on else "#eeeeee", linewidth=1.4 if on else 0.7, zorder=2 if on else 1)
        text = "bits" if not level else f"looks 0 and {dilations[level - 1]} back"
        note(axes, width - 0.4, y, text, GRAY, size=10, ha="left")
    reach = 1 + sum(dilations)
    _frame(axes, width - reach - 0.4, -0.42, reach - 0.2, 0.84, CONVOLUTION, "-")
    note(axes, width - reach / 2 - 0.5, -0.75, f"receptive field: {reach} bits", CONVOLUTION, size=10)
    show(
        figure,
        f"A stream of bits below {depth} layers. Each point of a layer is joined to two points of the layer below, which"
        f" lie {', '.join(map(str, dilations))} steps apart from bottom to top. The last point at the top is reached"
        f" from exactly {reach} bits.",
    )


def parity_over_updates(accuracy):
    """How long parity takes to learn: a line for each seed.

    Parameters
    ----------
    accuracy : dict of str to list of list of float
        For each network, for each seed, the accuracy on 16 bits after each thousand updates.
    """
    figure, (ax,) = subplots(1, 8.5, 3.2)
    said = []
    for (name, seeds), color in zip(accuracy.items(), (CONVOLUTION, RECURRENT)):
        for k, values in enumerate(seeds):
            ax.plot(range(1, len(values) + 1), values, color=color, marker="o", markersize=4, label=name if not k else "_", alpha=0.8)
        last = [values[-1] for values in seeds]
        said.append(f"{name}: {min(last):.2f} to {max(last):.2f} after {len(seeds[0]):,} thousand updates")
    baseline(ax, 0.5, "guessing")
    learned = [name for name, seeds in accuracy.items() if min(values[-1] for values in seeds) > 0.9]
    title = {
        ("convolution",): "With more updates the convolution learns parity;\nasked only at the end, the recurrent network does not",
    }.get(tuple(learned), "Parity of 16 bits, over thousands of updates")
    ax.set(title=title, xlabel="thousands of updates", ylabel="accuracy on parity", ylim=(0.4, 1.05))
    ax.set_xticks(range(1, len(next(iter(accuracy.values()))[0]) + 1))
    label_ends(ax)
    show(figure, f"Accuracy on the parity of 16 bits. {'; '.join(said)}.", f"Recorded over {len(next(iter(accuracy.values())))} random starts each, one line per start; lines may coincide.")


def flips_by_lag(lags, fractions):
    """How often an answer changes when one input bit, so many steps back, is flipped.

    Parameters
    ----------
    lags : sequence of int
        Steps back from the last one.
    fractions : dict of str to sequence of float
        For each network the fraction of streams whose answer changes.
    """
    figure, (ax,) = subplots(1, 8.5, 3.3)
    for name, values in fractions.items():
        ax.plot(lags, values, color=COLOR[name], marker="o", markersize=4, label=name)
    reach = {name: max((k for k, v in zip(lags, values) if v > 0), default=0) + 1 for name, values in fractions.items()}
    sees = [f"the {_full(name)} sees {'at least ' if bits == len(lags) else ''}{bits} bits" for name, bits in reach.items()]
    title = ",\n".join([", ".join(sees[:2]), *sees[2:]])
    ax.set(title=title[0].upper() + title[1:], xlabel="how many steps back the flipped bit is", ylabel="answers that change", ylim=(-0.05, 1.08))
    ax.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
    label_ends(ax)
    show(
        figure,
        f"Fraction of parity answers that change when one bit is flipped, by how far back it is: {'; '.join(sees)}.",
        "The right answer changes every time (100 %). Where a line is at zero, that bit cannot be seen.",
    )


def _square(axes, x, y, text, faint=False, edge=None):
    """A bit; with `edge`, a colour, one that is wrong."""
    color = "#f4f4f4" if faint else ONE if text == 1 else "white"
    line = edge or (FAINT if faint else "#8a8a8a")
    axes.add_patch(_rounded(x - 0.4, y - 0.4, 0.8, 0.8, color, line, linewidth=3 if edge else 1, zorder=3))
    note(axes, x, y, str(text), "#9a9a9a" if faint else TEXT, size=11)


def _disc(axes, x, y, text, color, filled, size=0.4):
    from matplotlib.patches import Circle

    axes.add_patch(Circle((x, y), size, facecolor=color if filled else "white", edgecolor=color, linewidth=1.6, zorder=3))
    note(axes, x, y, text, "white" if filled else TEXT, size=9)


def _frame(axes, x, y, width, height, color, linestyle):
    axes.add_patch(_rounded(x, y, width, height, "none", color, linewidth=2, linestyle=linestyle, zorder=5))


def _rounded(x, y, width, height, facecolor, edgecolor, **properties):
    from matplotlib.patches import FancyBboxPatch

    shape = "round,pad=0,rounding_size=0.15"
    return FancyBboxPatch((x, y), width, height, boxstyle=shape, facecolor=facecolor, edgecolor=edgecolor, **properties)
