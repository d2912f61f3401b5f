"""The figures of lesson 09, attention and translation."""

import numpy as np

from helpers.laboratory import lesson09 as lab
from helpers.plots.figure import (
    BLUE,
    BROWN,
    COLOR,
    GRAY,
    GREEN,
    INDIGO,
    ORANGE,
    PINK,
    arrow,
    box,
    canvas,
    label_ends,
    node,
    note,
    picture,
    power,
    readable,
    show,
    subplots,
)

#: One vector between encoder and decoder, and attention: a colour each.
PLAIN, LOOKING = ORANGE, BLUE
#: Nothing, to everything: the colours of weights in a heat map.
HEAT = "Blues"


def opening():
    """A number in two languages, and a single vector between them; as HTML, for the top of the page."""
    english, german, alignment = lab.number(25_672)
    figure, axes = canvas(10.9, 4.3, (-0.9, 14.9), (-2.9, 4.2))
    top, bottom = _row(len(english), 1.85), _row(len(german), 1.45)
    for x, word in zip(top, english):
        box(axes, x, 3.6, word, INDIGO, width=1.7, height=0.62)
    for x, piece in zip(bottom, german):
        box(axes, x, -0.7, piece, readable(PLAIN), width=1.34, height=0.62)
    for left, right in zip(top, top[1:]):
        arrow(axes, (left + 0.85, 3.6), (right - 0.85, 3.6))
    for left, right in zip(bottom, bottom[1:]):
        arrow(axes, (left + 0.67, -0.7), (right - 0.67, -0.7))
    box(axes, 6.2, -2.3, "one vector of 64 numbers", readable(PLAIN), width=3.6, height=0.8, filled=False)
    axes.plot([top[-1] + 0.85, 14.5, 14.5], [3.6, 3.6, -2.3], color="#555555", linewidth=1.6)  # around what looking back needs
    arrow(axes, (14.5, -2.3), (8.0, -2.3))
    axes.plot([4.4, bottom[0]], [-2.3, -2.3], color="#555555", linewidth=1.6)
    arrow(axes, (bottom[0], -2.3), (bottom[0], -1.01))
    for place, sources in enumerate(alignment):
        for source in sources:
            axes.plot([top[source], bottom[place]], [3.26, -0.36], color=LOOKING, linewidth=1.3, alpha=0.7, linestyle="--", zorder=1)
    note(axes, 13.0, 1.45, "or look back:\nwhich piece comes\nfrom which word?", readable(LOOKING), 11)
    return picture(
        figure,
        "The words twenty five thousand six hundred seventy two are read from left to right. All that is known of them goes through"
        " one vector of 64 numbers, and from it the German pieces fünf und zwanzig tausend sechs hundert zwei und siebzig are"
        " written from left to right. Dashed lines show which piece comes from which word; twice they cross. und has none.",
        "Two ways to get from one language into another: through one vector, or by looking back, along the dashed lines.",
    )


def _row(count, step, middle=6.2):
    return [middle + step * (i - (count - 1) / 2) for i in range(count)]


def crossing(english, german, alignment):
    """Which German piece comes from which English word."""
    figure, axes = canvas(10, 2.7, (-0.8, 13.2), (-0.6, 3.2))
    top, bottom = _row(len(english), 1.4), _row(len(german), 1.2)
    for x, word in zip(top, english):
        note(axes, x, 2.6, word, INDIGO, 11, fontweight="bold")
    crossed = _crossing_pieces(alignment)
    for place, (x, piece) in enumerate(zip(bottom, german)):
        sources = alignment[place]
        color = readable(ORANGE) if place in crossed else INDIGO if sources else GRAY
        note(axes, x, 0, piece, color, 11, fontweight="bold" if sources else "normal")
        for source in sources:
            axes.plot([top[source], x], [2.3, 0.3], color=color, linewidth=1.8)
    lone = [piece for piece, sources in zip(german, alignment) if not sources]
    told = "; ".join(f"{piece} from {' and '.join(english[i] for i in sources) or 'nothing'}" for piece, sources in zip(german, alignment))
    show(
        figure,
        f"{' '.join(english)} becomes {' '.join(german)}. {told}.",
        f"*{''.join(german)}*, in its pieces. Orange: what has changed places. Grey: *und*, {_times(len(lone))}, which comes from no word.",
    )


def _times(count):
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def _crossing_pieces(alignment):
    """The pieces whose lines cross another one's."""
    pairs = [(place, source) for place, sources in enumerate(alignment) for source in sources]
    return {a[0] for a in pairs for b in pairs if (a[0] - b[0]) * (a[1] - b[1]) < 0}


def shifted(inputs, targets, mask):
    """What the decoder reads, below what it should say, step by step."""
    inputs, targets, mask = (np.asarray(array) for array in (inputs, targets, mask))
    rows, steps = inputs.shape
    figure, axes = canvas(9.2, 1.75 * rows, (-2.6, 2.0 * steps + 0.2), (-3.4 * rows + 1.6, 2.2))
    told = []
    for row in range(rows):
        base = -3.4 * row
        note(axes, -1.1, base + 1.3, "should say", readable(ORANGE), 10, ha="right")
        note(axes, -1.1, base - 0.3, "reads", INDIGO, 10, ha="right")
        for t in range(steps):
            said, read = (lab.GERMAN[int(ids[row, t])] for ids in (targets, inputs))
            counts = bool(mask[row, t])
            for y, word, color in ((1.3, said, readable(ORANGE)), (-0.3, read, INDIGO)):
                shown = "" if word == lab.GERMAN[lab.PADDING] else word
                box(axes, 2.0 * t, base + y, shown, color if counts else "#aaaaaa", width=1.86, height=0.72, filled=counts)
            arrow(axes, (2.0 * t, base + 0.1), (2.0 * t, base + 0.9), color="#555555" if counts else "#cccccc")
        pairs = [[lab.GERMAN[int(i)] for i in ids] for ids in (inputs[row], targets[row])]
        told.append("; ".join(
            f"reads {read}, should say {said}{'' if counts else ' (does not count)'}" for read, said, counts in zip(*pairs, mask[row])
        ))
    show(
        figure, f"What the decoder reads and should say, step by step. {' | '.join(told)}.",
        "Inputs below, targets above, one column a step. Grey and empty: padding, which does not count.",
    )


#: Two sequences, the distances between the first symbols of the one and of the other, and one of the cheapest ways.
EDITED = (["drei", "und", "zwanzig"], ["zwei", "zwanzig"])
DISTANCES = ((0, 1, 2), (1, 1, 2), (2, 2, 2), (3, 3, 2))
CHEAPEST = ((0, 0), (1, 1), (2, 1), (3, 2))


def edit_table():
    """The table of edit distances between the first symbols of two sequences, filled in."""
    a, b = EDITED
    figure, axes = canvas(5.6, 3.5, (-2.8, 2.2 * len(b) + 1.4), (-1.3 * len(a) - 0.8, 1.7))
    for j, piece in enumerate(["nothing", *b]):
        note(axes, 2.2 * j, 1.25, piece, readable(ORANGE) if j else GRAY, 11)
    for i, piece in enumerate(["nothing", *a]):
        note(axes, -1.3, -1.3 * i, piece, INDIGO if i else GRAY, 11, ha="right")
    for i, row in enumerate(DISTANCES):
        for j, distance in enumerate(row):
            axes.add_patch(_rectangle(2.2 * j - 1.1, -1.3 * i - 0.65, 2.2, 1.3, facecolor="none", edgecolor="#cccccc"))
            on = (i, j) in CHEAPEST
            color, size, weight = ("#222222", 15, "bold") if on else ("#888888", 12, "normal")
            note(axes, 2.2 * j, -1.3 * i, str(distance), color, size, fontweight=weight)
    for (i, j), (k, m) in zip(CHEAPEST, CHEAPEST[1:]):
        (x0, y0), (x1, y1) = (2.2 * j, -1.3 * i), (2.2 * m, -1.3 * k)
        arrow(axes, (x0 + 0.25 * (x1 - x0), y0 + 0.25 * (y1 - y0)), (x0 + 0.75 * (x1 - x0), y0 + 0.75 * (y1 - y0)), color=readable(BLUE))
    rows = "; ".join(f"{piece}: {', '.join(map(str, row))}" for piece, row in zip(["nothing", *a], DISTANCES))
    show(
        figure,
        f"Edit distances from the first pieces of {' '.join(a)}, down, to the first pieces of {' '.join(b)}, across. {rows}.",
        f"From *{' '.join(a)}* to *{' '.join(b)}* in {DISTANCES[-1][-1]} edits. The arrows follow one of the cheapest ways: replace *drei*,"
        " delete *und*, keep *zwanzig*.",
    )


def by_length(exact, trained, rivals=None):
    """Exact match against the length, for one network or two.

    Parameters
    ----------
    exact : dict of str to dict of int to float
        By network, then by English words.
    trained : int
        Words of the longest number that was trained on.
    rivals : dict of str to list of list of float, optional
        Recorded networks as in `recorded_lengths`, drawn thin: the mean of their seeds.
    """
    figure, (ax,) = subplots(1, 8, 3.5)
    lengths = list(next(iter(exact.values())))
    for (name, found), color, marker in zip(exact.items(), (PLAIN, LOOKING), "os"):
        ax.plot(lengths, list(found.values()), color=color, marker=marker, label=name)
    recorded = {f"{name}, one vector": dict(zip(lengths, np.mean(seeds, axis=0))) for name, seeds in (rivals or {}).items()}
    for (name, found), line in zip(recorded.items(), (":", "--")):
        ax.plot(lengths, list(found.values()), color=COLOR["GRU"] if "GRU" in name else GRAY, linestyle=line, linewidth=1.2, label=name)
    first, *second = exact.values()
    title = f"Three words: {_percent(first[3])} right. Seven words: {_percent(first[7])}"
    if second:
        through = [f"{_percent(found[7])} ({name.removesuffix(', one vector')})" for name, found in {**exact, **recorded}.items() if "one vector" in name]
        title = f"Seven words: {_percent(second[0][7])} right when it may look back;\nthrough one vector {', '.join(through)}"
    ax.set(title=title, xlabel="words of the English number", ylabel="held-out numbers right", ylim=(-0.04, 1.06))
    _beyond(ax, lengths, trained)
    label_ends(ax)
    told = "; ".join(f"{name}: {_by_words(found)}" for name, found in {**exact, **recorded}.items())
    show(
        figure,
        f"Fraction of the held-out numbers that are translated without a mistake. {told}. Longer than {trained} words: none was trained on.",
        "Thick: the networks trained here. Thin: recorded in Section 2, the mean over three seeds." if recorded else "",
    )


def _by_words(found):
    return ", ".join(f"{length} words {value:.2f}" for length, value in found.items())


def _percent(fraction):
    return f"{100 * fraction:.0f} %"


def _beyond(ax, lengths, trained, told="high"):
    """Mark the lengths that were never trained on; that is told at the top ("high"), to the left of the mark ("low") or nowhere ("")."""
    ax.axvspan(trained + 0.5, max(lengths) + 0.5, color=GRAY, alpha=0.13, linewidth=0)
    ax.set_xlim(min(lengths) - 0.3, max(lengths) + 0.5)
    if told == "low":
        note(ax, trained + 0.4, 0.0, "grey: longer than any in training", "#555555", 9, ha="right", va="bottom")
    elif told:
        note(ax, trained + 0.6, 1.01, "longer than any\nin training", "#555555", 9, ha="left", va="top")
    ax.set_xticks(lengths)
    ax.yaxis.set_major_formatter(lambda value, _: _percent(value))


def recorded_lengths(recorded, trained):
    """Exact match against the length over seeds, for several networks.

    Parameters
    ----------
    recorded : dict of str to list of list of float
        By network, for each seed the fraction at two words, three, and so on.
    trained : int
    """
    figure, (ax,) = subplots(1, 8.6, 4.0)
    means = {name: np.mean(seeds, axis=0) for name, seeds in recorded.items()}
    lengths = list(range(2, 2 + len(next(iter(means.values())))))
    color = dict(zip((name for name in recorded if "GRU" not in name), (GRAY, PLAIN, INDIGO, BROWN))) | {"GRU": COLOR["GRU"]}
    for name, marker in zip(recorded, "os^Dvp"):
        shade = color["GRU" if "GRU" in name else name]
        ax.plot(lengths, means[name], color=shade, marker=marker, markersize=5, label=name)
        low, high = np.min(recorded[name], axis=0), np.max(recorded[name], axis=0)
        ax.fill_between(lengths, low, high, color=shade, alpha=0.13, linewidth=0)
    at = trained - 2
    low, high = (choose(values[at] for values in means.values()) for choose in (min, max))
    title = f"Through one vector, from {_percent(low)} to {_percent(high)} of the numbers of seven words come out right"
    ax.set(title=title, xlabel="words of the English number", ylabel="held-out numbers right", ylim=(-0.04, 1.06))
    _beyond(ax, lengths, trained, "")
    lines = sorted(ax.get_lines(), key=lambda line: -line.get_ydata()[at])
    ax.legend(handles=lines, loc="upper right", fontsize=9, frameon=False, handlelength=1.0)
    told = "; ".join(f"{name}: {_by_words(dict(zip(lengths, values)))}" for name, values in means.items())
    count = len(next(iter(recorded.values())))
    show(
        figure, f"Mean over the seeds of the fraction of held-out numbers translated without a mistake. {told}.",
        f"Recorded: the mean over {count} seeds, and shaded from the lowest to the highest. tanh networks, unless named. Grey: longer than"
        " any in training.",
    )


def by_position(places):
    """Accuracy at each place of the answer, with the truth read in and with the network's own words."""
    figure, (ax,) = subplots(1, 8, 3.3)
    steps = np.arange(1, 1 + len(next(iter(places.values()))))
    for (name, values), color, marker in zip(places.items(), (GRAY, PLAIN), "so"):
        ax.plot(steps, values, color=color, marker=marker, label=name)
    forced, free = places["teacher forcing"], places["free running"]
    worst = int(np.argmax(forced - free))
    title = "On its own, it falls behind what the training log shows"
    if forced[worst] - free[worst] < 0.05:
        title = "On its own, it is as good as when it is fed the truth"
    ax.set(title=title, xlabel="place in the answer", ylabel="right at this place", ylim=(-0.03, 1.05))
    ax.set_xticks(steps)
    ax.yaxis.set_major_formatter(lambda value, _: _percent(value))
    label_ends(ax)
    told = "; ".join(f"{name}: {', '.join(f'{value:.2f}' for value in values)}" for name, values in places.items())
    show(
        figure, f"Accuracy at each place of the answer. {told}.",
        f"Furthest apart at place {worst + 1}: {_percent(forced[worst])} when fed the truth, {_percent(free[worst])} on its own.",
    )


def attention_drawn():
    """The three steps of attention, drawn over an encoder's states."""
    words, weights = ["seventy", "two", "thousand"], [0.15, 0.8, 0.05]
    figure, axes = canvas(9.6, 4.3, (-2.2, 11.6), (-0.9, 6.0))
    for j, (word, weight) in enumerate(zip(words, weights)):
        x = 2.6 * j
        note(axes, x, -0.6, word, INDIGO, 12)
        node(axes, x, 0.6, f"$k_{j + 1}$", INDIGO, 0.42, filled=True)
        arrow(axes, (x, -0.3), (x, 0.16))
        if j:
            arrow(axes, (x - 2.15, 0.6), (x - 0.45, 0.6))
        bar = 1.5 * weight
        axes.add_patch(_rectangle(x - 0.35, 2.5, 0.7, bar, facecolor=BLUE, edgecolor="none", alpha=0.75))
        note(axes, x + 0.45, 2.5 + bar / 2, f"$w_{j + 1}$ = {weight:.2f}", readable(BLUE), 10, ha="left")
        axes.plot([x, x], [1.05, 2.45], color=readable(BLUE), linewidth=0.8 + 3 * weight, alpha=0.6, linestyle=":")
        note(axes, x + 0.12, 1.75, f"$q \\cdot k_{j + 1}$", GRAY, 10, ha="left")
        arrow(axes, (x, 2.6 + bar), (2.6, 5.0), color="#9bbfe6")
    context = node(axes, 2.6, 5.45, "$c$", readable(BLUE), 0.45, filled=True)
    query = node(axes, 9.6, 0.6, "$q$", readable(ORANGE), 0.42, filled=True)
    note(axes, 9.6, -0.6, "decoder's state", readable(ORANGE), 11)
    axes.plot([0, 2.6, 5.2, 9.6], [2.2] * 4, color=readable(ORANGE), linewidth=1.4, zorder=1)
    axes.plot([0, 2.6, 5.2], [2.2] * 3, color=readable(ORANGE), linestyle="", marker="o", markersize=6, zorder=3)
    note(axes, 3.25, 5.75, "$c = w_1 v_1 + w_2 v_2 + w_3 v_3$", readable(BLUE), 11, ha="left")
    note(axes, 3.25, 5.15, "$v_j = k_j$: the states once more", GRAY, 10, ha="left")
    piece = box(axes, 9.6, 5.45, "zwei", readable(ORANGE), width=1.5)
    arrow(axes, context, piece)
    arrow(axes, query, (9.6, 5.1), color=readable(ORANGE))
    arrow(axes, (5.65, 0.6), (9.15, 0.6), color="#aaaaaa", linestyle="--")
    note(axes, 7.4, 0.05, "the decoder started\nfrom the last state", GRAY, 9)
    for y, words_ in ((1.75, "1  score"), (3.1, "2  softmax"), (4.5, "3  mean")):
        note(axes, -2.1, y, words_, "#222222", 12, ha="left", fontweight="bold")
    show(
        figure,
        "The encoder has read seventy, two, thousand and has a state, a key, for each. The decoder's state is the query. 1: a score"
        " of the query with each key. 2: the softmax makes weights of the scores, here 0.15, 0.80 and 0.05. 3: the mean of the"
        " states with these weights is the context, which is read, beside the decoder's state, to say zwei. The decoder started from"
        " the encoder's last state.",
        "About to say *zwei*. The query meets every key. The numbers are made up.",
    )


def _rectangle(x, y, width, height, **colors):
    from matplotlib.patches import Rectangle

    return Rectangle((x, y), width, height, zorder=2, **colors)


def apart(errors):
    """The largest differences from Keras' layers."""
    figure, (ax,) = subplots(1, 8, 1.9)
    names = list(errors)[::-1]
    ax.axvspan(1e-9, 1e-5, color=GREEN, alpha=0.12)
    note(ax, 1e-8, len(names) - 0.45, "tolerance: 1e-5", readable(GREEN), 10, va="bottom", ha="left")
    ax.plot([max(errors[name], 1e-9) for name in names], range(len(names)), linestyle="", marker="o", color=INDIGO, markersize=8)
    for place, name in enumerate(names):
        digit, exponent = f"{errors[name]:.0e}".split("e")
        note(ax, max(errors[name], 1e-9) * 1.6, place, f"{digit} · {power(int(exponent))}", size=10, ha="left")
    ax.set_yticks(range(len(names)), [f"keras.layers.{name}" for name in names])
    same = max(errors.values()) < 1e-5
    ax.set(title="Contexts and weights are those of Keras" if same else "Not what Keras computes", xlabel="largest difference, Keras in float32")
    ax.set(xscale="log", xlim=(1e-9, 10), ylim=(-0.6, len(names) + 0.1))
    ticks = [-9, -7, -5, -3, -1]
    ax.set_xticks([10.0**t for t in ticks], [power(t) for t in ticks])
    ax.minorticks_off()
    found = ", ".join(f"{name} {value:.0e}" for name, value in errors.items())
    show(figure, f"Largest differences between your attention and Keras: {found}.")


def looked(n, answer, weights, alignment):
    """Where the network looked for each piece, as a heat map, with the truth in rings.

    Parameters
    ----------
    n : int
    answer : list of str
    weights : ndarray (pieces + 1, words)
    alignment : list of list of int, or None
        One entry a row of `weights`; None if the answer is wrong.
    """
    words, rows = lab.number(n)[0], [*answer, "<end>"][: len(weights)]
    figure, ax = _heat(words, rows, weights, 1.0)
    for i, sources in enumerate(alignment or []):
        for j in sources:
            ax.plot([j], [i], marker="o", markersize=19, markerfacecolor="none", markeredgecolor=readable(ORANGE), markeredgewidth=2)
    told = "; ".join(f"{piece} at {words[int(np.argmax(row))]} with {row.max():.2f}" for piece, row in zip(rows, weights))
    right = "Rings: the words that a piece translates." if alignment else f"This answer is wrong; right is *{' '.join(lab.number(n)[1])}*."
    show(figure, f"Attention for {n:,}. Each piece looks most: {told}.", f"{n:,}, one row for each piece that was written. {right}")


def _heat(columns, rows, weights, width):
    """A heat map of weights, the columns' names above; `width` is that of a column in inches."""
    figure, (ax,) = subplots(1, width * len(columns) + 1.6, 0.36 * len(rows) + 1.3)
    ax.imshow(weights, cmap=HEAT, vmin=0, vmax=1, aspect="auto")
    for i, j in np.ndindex(weights.shape):
        if weights[i, j] >= 0.1:
            note(ax, j, i, f"{weights[i, j]:.1f}", "white" if weights[i, j] > 0.55 else "#222222", 9)
    ax.set_xticks(range(len(columns)), columns)
    ax.set_yticks(range(len(rows)), rows)
    ax.xaxis.tick_top()
    ax.grid(visible=False)
    ax.tick_params(length=0)
    return figure, ax


def spelled(word, sounds, weights):
    """Which letters a network looked at for each of the sounds it gave a word."""
    rows = [*sounds, "<end>"][: len(weights)]
    figure, _ = _heat(list(word), rows, weights, 0.62)
    told = "; ".join(f"{sound} at {word[int(np.argmax(row))]} with {row.max():.2f}" for sound, row in zip(rows, weights))
    show(figure, f"Attention for the letters of {word}. Each sound looks most: {told}.", f"*{word}*, one row for each sound.")


def spelling_rates(recorded, count):
    """Phoneme and word error rates by model, on all `count` held-out words.

    Parameters
    ----------
    recorded : dict of str to (float, float)
        By model.
    count : int
    """
    figure, axes = subplots(2, 10.2, 2.6, sharey=True)
    names = list(recorded)[::-1]
    for k, (ax, what) in enumerate(zip(axes, ("sounds", "words"))):
        best = min(recorded, key=lambda name: recorded[name][k])
        for place, name in enumerate(names):
            color = LOOKING if name == "attention" else GRAY
            ax.barh(place, recorded[name][k], height=0.66, color=color)
            note(ax, recorded[name][k] + 0.015, place, _percent(recorded[name][k]), size=10, ha="left")
        ax.set(title=f"Fewest wrong {what}:\n{SPELLERS.get(best, best)}", xlim=(0, 1.12))
        ax.xaxis.set_major_formatter(lambda value, _: _percent(value))
        ax.grid(visible=False, axis="y")
    axes[0].set_yticks(range(len(names)), [SPELLERS.get(name, name) for name in names])
    axes[0].set_xlabel("phoneme error rate")
    axes[1].set_xlabel("word error rate")
    told = "; ".join(
        f"{SPELLERS.get(name, name)}: phoneme error rate {phonemes:.3f}, word error rate {words:.3f}"
        for name, (phonemes, words) in recorded.items()
    )
    show(
        figure, f"Error rates on {count:,} held-out words, any listed pronunciation being right. {told}.",
        f"Recorded, all on the same {count:,} held-out words. Grey: the sounds that were most frequent in training.",
    )


#: What the record's models are called in a figure.
SPELLERS = {
    "attention": "network with attention", "each letter by itself": "table: the letter alone",
    "with 1 letter on each side": "table: 1 letter on each side", "with 3 letters on each side": "table: 3 letters on each side",
}


#: A colour for each seed of the network that looks back, the same in all figures.
SEEDS = (BLUE, ORANGE, GREEN, PINK, BROWN)


def agreements(found, recorded):
    """The agreement of this network by kind of piece, beside two that know nothing, and of others over seeds.

    Parameters
    ----------
    found : dict of str to dict of str to float
        By kind of piece, then by attention, as `agreements` of the laboratory returns them.
    recorded : dict
        "agreement by kind": by kind a list over seeds.
    """
    figure, (left, right) = subplots(2, 9.6, 3.7, width_ratios=[1.45, 1])
    shades = {"uniform": "#c4c8cf", "diagonal": GRAY, "learned": LOOKING}
    _grouped(left, {name: [values[name] for values in found.values()] for name in shades}, shades, "{:.2f}".format)
    left.set_xticks(range(len(found)), ["all pieces" if kind == "all" else kind for kind in found])
    kinds = [kind for kind in found if kind != "all"]
    low, high = (choose(kinds, key=lambda kind: found[kind]["learned"]) for choose in (min, max))
    title = f"This network: {found[high]['learned']:.2f} on {high},\n{found[low]['learned']:.2f} on {low}"
    left.set(title=title, ylabel="agreement with the alignment", ylim=(0, 1.25))
    left.set_yticks(np.linspace(0, 1, 6))
    left.grid(visible=False, axis="x")
    by_kind = recorded["agreement by kind"]
    for (kind, values), marker, lower in zip(by_kind.items(), "os^", (-0.24, 0, 0.24)):
        right.scatter(values, np.arange(len(values)) + lower, marker=marker, s=42, c=SEEDS[: len(values)], zorder=3)
        right.plot([], [], color=GRAY, linestyle="", marker=marker, label=kind)
    count = len(by_kind["digits"])
    for seed in range(1, count):
        right.axhline(seed - 0.5, color="#cccccc", linewidth=0.8)
    right.grid(visible=False, axis="y")
    right.set_yticks(range(count), [f"seed {seed}" for seed in range(count)])
    same = max(by_kind["digits"]) - min(by_kind["digits"])
    title = f"{count} seeds: on digits they differ by {same:.2f},\nelsewhere some look away"
    right.set(title=title, xlim=(-0.06, 1.06), ylim=(count - 0.4, -1.1), xlabel="agreement with the alignment")
    right.legend(loc="upper center", ncols=3, fontsize=9, frameon=False, columnspacing=1.0, handletextpad=0.1)
    told = "; ".join(f"{kind}: {', '.join(f'{name} {value:.2f}' for name, value in values.items())}" for kind, values in found.items())
    over = "; ".join(f"{kind}: {', '.join(f'{value:.2f}' for value in values)}" for kind, values in by_kind.items())
    show(
        figure, f"Agreement with the true alignment, by kind of piece. {told}. Recorded for {len(by_kind['digits'])} seeds, {over}.",
        "Left: this network; grey, two that know nothing. Right: recorded, a row for each seed.",
    )


def away(fractions, by_found):
    """What is still said of each kind of piece when the network looks elsewhere, and what it must find to say it.

    Parameters
    ----------
    fractions : dict of str to (float, float, float, float)
        As `without_looking` of the laboratory returns them.
    by_found : dict of str to (float, float, float)
        As `by_what_is_found` returns them.
    """
    figure, (left, right) = subplots(2, 10.2, 3.6, sharey=True, width_ratios=[1.6, 1])
    kinds = list(fractions)
    ways = {"its own choice": LOOKING, "nothing": BROWN, "blurred": "#c4c8cf", "in another number": PLAIN}
    _grouped(left, {way: [fractions[kind][k] for kind in kinds] for k, way in enumerate(ways)}, ways)
    finds = {"no word for it found": GRAY, "one found": GREEN}
    _grouped(right, {name: [by_found[kind][k] for kind in kinds] for k, name in enumerate(finds)}, finds)
    left.set_xticks(range(len(kinds)), kinds)
    right.set_xticks(range(len(kinds)), [f"{kind}\nfound: {_percent(by_found[kind][2])}" for kind in kinds])
    for ax in (left, right):
        ax.set(ylim=(0, 1.3))
        ax.set_yticks(np.linspace(0, 1, 6))
        ax.yaxis.set_major_formatter(lambda value, _: _percent(value))
        ax.grid(visible=False, axis="x")
    kept = max(kinds, key=lambda kind: fractions[kind][1])
    others = " and ".join(f"{_percent(fractions[kind][1])} of the {kind}" for kind in kinds if kind != kept)
    lost, said, _ = by_found["hundert"]
    left.set(title=f"With nothing to read, it says {_percent(fractions[kept][1])} of the {kept},\n{others}", ylabel="pieces said")
    right.set(title=f"hundert: {_percent(said)} where it finds a\nhundred, {_percent(lost)} where it does not")
    told = "; ".join(f"{kind}: {', '.join(f'{way} {value:.2f}' for way, value in zip(ways, fractions[kind]))}" for kind in kinds)
    split = "; ".join(
        f"{kind}: {lost:.2f} where no word for it is found, " + ("one is never found" if np.isnan(said) else f"{said:.2f} where one is, in {share:.2f} of the cases")
        for kind, (lost, said, share) in by_found.items()
    )
    show(
        figure, f"Fraction of the pieces that are said, by where the network looks. {told}. Looking into another number, by what it finds there, {split}.",
        "Left: what is still said when the context is another one. Right: the orange bars taken apart, by what the query has found in the"
        " other number, and how often it finds one. Found: at least 0.8 of the weight on words that mean the piece; not found: less than 0.2.",
    )


def _grouped(ax, series, colors, form=_percent):
    """Groups of bars with their numbers, a legend above; what is nan has no bar."""
    width = 0.84 / len(series)
    for k, (name, values) in enumerate(series.items()):
        for place, value in enumerate(values):
            x = place + width * (k - (len(series) - 1) / 2)
            bar = ax.bar(x, 0.0 if np.isnan(value) else value, width=width * 0.92, color=colors[name], label=None if place else name)
            told = "never\nfound" if np.isnan(value) else form(value)
            note(ax, x, bar[0].get_height() + 0.01, told, size=9, va="bottom")
    ax.legend(loc="upper center", ncols=len(series), fontsize=9, frameon=False, columnspacing=1.0, handlelength=1.0, handletextpad=0.5)


def beyond(numbers, answers, longest, seeds):
    """How long the answers to nine words are, and how much the seed decides.

    Parameters
    ----------
    numbers : list of int
    answers : list of list of str
    longest : int
        Pieces of the longest answer in the training.
    seeds : list of list of float
        For each seed, the fraction right at two words, three, ..., nine.
    """
    figure, (left, right) = subplots(2, 9.6, 3.5, width_ratios=[1.3, 1])
    right_ones = np.array([answer in lab.readings(n) for n, answer in zip(numbers, answers)])
    sizes = np.array([len(answer) for answer in answers])
    pieces = range(min(sizes), max(11, max(sizes)) + 1)
    shares, said = [], []
    for size in pieces:
        wrong, good = (int(((sizes == size) & (right_ones == which)).sum()) for which in (False, True))
        left.bar(size, wrong, width=0.8, color="#707070", label=None if shares else "wrong")
        left.bar(size, good, width=0.8, bottom=wrong, color="#D0D0D0", label=None if shares else "right")
        if wrong + good:
            note(left, size, wrong + good + 1.5, str(wrong + good), size=10, va="bottom")
        shares.append(wrong)
        said.append(f"{size} pieces: {wrong} wrong, {good} right")
    top = 1.25 * max(np.bincount(sizes))
    left.axvspan(longest + 0.5, max(pieces) + 0.5, color=GRAY, alpha=0.13, linewidth=0)
    note(left, longest + 0.6, top, "longer than any\nin training", "#555555", 9, ha="left", va="top")
    share = shares[list(pieces).index(longest)] / max(1, sum(shares)) if longest in pieces else 0.0
    needed = sorted({len(reading) for n in numbers for reading in lab.readings(n)})
    left.set(title=f"Nine words: {_percent(share)} of the wrong answers have\n{longest} pieces, the most in any training answer", xlabel="pieces of the answer")
    left.set(ylabel=f"answers, of {len(answers)}", ylim=(0, top), xlim=(min(pieces) - 0.5, max(pieces) + 0.5))
    left.set_xticks(list(pieces))
    left.grid(visible=False, axis="x")
    left.legend(loc="upper left", fontsize=9, frameon=False)
    lengths = list(range(2, 2 + len(seeds[0])))
    for seed, (values, color) in enumerate(zip(seeds, SEEDS)):
        right.plot(lengths, values, color=color, marker="o", markersize=4, linewidth=1.5, label=f"seed {seed}")
    last = [values[-1] for values in seeds]
    right.set(title=f"{len(seeds)} seeds: alike at seven words,\n{_percent(min(last))} to {_percent(max(last))} at nine", ylim=(-0.04, 1.06))
    right.set(xlabel="words of the English number", ylabel="held-out numbers right")
    _beyond(right, lengths, lab.TRAINED, "low")
    label_ends(right)
    told = "; ".join(", ".join(f"{value:.2f}" for value in values) for values in seeds)
    show(
        figure,
        f"Answers to {len(answers)} numbers of nine words by length: {'; '.join(said)}. Right answers have {' or '.join(map(str, needed))} pieces."
        f" Fraction right at two words to nine, for each of {len(seeds)} seeds: {told}.",
        f"Left: this network; right answers have {' or '.join(map(str, needed))} pieces. Right: recorded, five seeds, of which seed 0 is this"
        " network, in the colours of the figure of Section 4.",
    )


def tree():
    """The small table in which the greedy step is the wrong one, as a tree."""
    figure, axes = canvas(8.6, 3.9, (-0.8, 10.6), (-2.3, 3.2))
    start = node(axes, 0, 0, "start", GRAY, 0.62)
    a, b = node(axes, 3.4, 1.4, "a", readable(ORANGE), 0.45, filled=True), node(axes, 3.4, -1.6, "b", readable(BLUE), 0.45, filled=True)
    arrow(axes, start, a, "0.6", offset=(-0.1, 0.32), color=readable(ORANGE))
    arrow(axes, start, b, "0.4", offset=(-0.1, -0.34), color=readable(BLUE))
    for y, name, p, offset in ((2.6, "a", 0.3, (-0.15, 0.28)), (1.4, "b", 0.3, (0.55, 0.22)), (0.2, "end", 0.4, (-0.15, -0.3))):
        color = readable(ORANGE) if name == "end" else GRAY
        child = node(axes, 6.6, y, name, color, 0.45, filled=name == "end")
        arrow(axes, a, child, f"{p:.1f}", offset=offset, color=color)
    end = node(axes, 6.6, -1.6, "end", readable(BLUE), 0.45, filled=True)
    arrow(axes, b, end, "1.0", offset=(0, 0.3), color=readable(BLUE))
    note(axes, 7.4, 0.2, "greedy: 0.6 · 0.4 = 0.24", readable(ORANGE), 11, ha="left")
    note(axes, 7.4, -1.6, "better: 0.4 · 1.0 = 0.40", readable(BLUE), 11, ha="left")
    show(
        figure,
        "A tree of probabilities. After the start: a 0.6, b 0.4. After a: a 0.3, b 0.3, end 0.4. After b: end 1.0. The greedy way,"
        " a then end, has 0.24; b then end has 0.40.",
        "Orange: what greed writes. Blue: the likeliest sequence.",
    )


#: What a beam of width 2 keeps at each of the first steps after an m, in the table of letters; "$" is the end.
KEPT = (("ma", "mi"), ("ma$", "man"), ("man$", "mana"))


def beam():
    """A beam of width 2 over the table of letters: what it keeps, what it drops, and what is complete."""
    table, symbols = lab.letters_table()
    sums = {"m": 0.0}
    figure, axes = canvas(10.2, 5.2, (-1.0, 14.0), (-4.7, 3.0))
    axes.add_patch(_rectangle(2.2, 1.45, 11.7, 1.3, facecolor="#eef5ee", edgecolor=GREEN, linewidth=1.2))
    note(axes, 2.5, 2.1, "complete", readable(GREEN), 11, ha="left", fontweight="bold")
    alive, told = {"m": box(axes, 0, 0, "m", INDIGO, width=1.5, height=0.9)}, []
    for step, kept in enumerate(KEPT, start=1):
        extended = {
            before + symbols[j]: sums[before] + table[symbols.index(before[-1]), j]
            for before in alive for j in np.flatnonzero(np.isfinite(table[symbols.index(before[-1])]))
        }
        sums |= extended
        dropped = sorted(extended.keys() - set(kept), key=lambda name: (-extended[name], name))
        x, y, places = 4.2 * step, 0.0, {}
        note(axes, x, -4.5, f"step {step}", "#222222", 11, fontweight="bold")
        for name in kept:
            done = name.endswith("$")
            color = readable(GREEN) if done else INDIGO
            places[name] = box(axes, x, 2.1 if done else y, _summed(name, sums), color, width=2.0, height=0.95)
            arrow(axes, alive[name[:-1]], places[name], color=color)
            y -= 0 if done else 1.15
        for name in dropped[:2]:
            note(axes, x, y, _summed(name, sums), "#8a8a8a", 10)
            start = alive[name[:-1]]
            axes.plot([start.get_x() + start.get_width() + 0.1, x - 1.0], [_centre(start), y], color="#cccccc", linewidth=1.0, zorder=1)
            y -= 0.9
        note(axes, x, y + 0.1, f"and {len(dropped) - 2} more", "#8a8a8a", 9)
        alive = {name: place for name, place in places.items() if not name.endswith("$")}
        told.append(f"step {step} keeps {' and '.join(_summed(name, sums, ' ') for name in kept)} and drops {len(dropped)}, the best of them {_summed(dropped[0], sums, ' ')}")
    show(
        figure,
        f"A beam of width 2 over the letters after an m. {'; '.join(told)}. What is complete is put into a tray and not extended.",
        "Width 2, from the letter *m*, in the table of letters; below each sequence its sum of log-probabilities. Boxed: the two that"
        " survive. Grey: the best of those that are dropped. What has ended waits in the green tray.",
    )


def _summed(name, sums, between="\n"):
    return f"{name.replace('$', ' end')}{between}{sums[name]:.2f}".replace("-", "\u2212")


def _centre(patch):
    return patch.get_y() + patch.get_height() / 2


def likeliest_names(names, widths, alphas):
    """The names that the beam finds, by its width and by alpha.

    Parameters
    ----------
    names : dict of (int, float) to (str, float)
        Name and log-probability.
    widths, alphas : sequence
    """
    figure, axes = canvas(9.4, 3.2, (-3.3, 4.2 * len(alphas)), (-1.15 * len(widths) - 0.1, 1.7))
    heads, told = {0.0: "sum", 1.0: "mean per symbol"}, []
    for column, alpha in enumerate(alphas):
        note(axes, 4.2 * column + 1, 1.2, f"α = {alpha:g}", "#222222", 12, fontweight="bold")
        note(axes, 4.2 * column + 1, 0.6, heads.get(alpha, "long ones rewarded"), GRAY, 10)
    for row, width in enumerate(widths):
        y = -1.15 * row - 0.25
        note(axes, -0.9, y, f"width {width}", "#222222", 11, ha="right")
        for column, alpha in enumerate(alphas):
            name, log_p = names[width, alpha]
            note(axes, 4.2 * column + 1, y, name or "nothing", INDIGO, 13, fontweight="bold")
            score = log_p / (len(name) + 1) ** alpha
            note(axes, 4.2 * column + 1, y - 0.45, f"{score:.2f}".replace("-", "\u2212"), GRAY, 9)
            told.append(f"alpha {alpha:g}, width {width}: {name}, compared by {score:.2f}")
    show(
        figure, f"The best name found in the table of letters. {'; '.join(told)}.",
        "What the beam finds in a table of which letter follows which, in 26,919 names. Below each name what was compared: the sum of its"
        " log-probabilities divided by its length, the end counted, to the power α.",
    )


def self_attention(words, weights, before, after, order):
    """How much each word of a sequence looks at each other one, and the contexts in one order and in another.

    Parameters
    ----------
    words : list of str
    weights : ndarray (words, words)
    before, after : ndarray (words, units)
        The contexts of the words as they are, and in the new order.
    order : ndarray of int (words,)
    """
    figure, (ax, *rows) = subplots(3, 10.8, 4.0, width_ratios=[2.2, 1, 1])
    ax.imshow(weights, cmap=HEAT, vmin=0, vmax=1, aspect="auto")
    for i, j in np.ndindex(weights.shape):
        if weights[i, j] >= 0.05:
            note(ax, j, i, f"{weights[i, j]:.2f}", "white" if weights[i, j] > 0.55 else "#222222", 9)
    ax.set_xticks(range(len(words)), words, rotation=30)
    ax.set_yticks(range(len(words)), words)
    shuffled, most = [words[i] for i in order], np.abs(before).max()
    for panel, contexts, named, title in zip(rows, (before, after), (words, shuffled), ("Contexts, in order", "Shuffled")):
        panel.imshow(contexts, cmap="PuOr_r", vmin=-most, vmax=most, aspect="auto", interpolation="nearest")
        panel.set_yticks(range(len(named)), named)
        panel.set_xticks([])
        panel.set(title=title, xlabel=f"{contexts.shape[1]} numbers")
    for panel in (ax, *rows):
        panel.grid(visible=False)
        panel.tick_params(length=0)
    twice = sorted({word for word in words if words.count(word) > 1})
    ax.set(title=f"Equal words share their attention:\none \u201c{twice[0]}\u201d gets as much as the other")
    told = "; ".join(f"{word}: {', '.join(f'{words[j]} {row[j]:.2f}' for j in np.argsort(-row)[:2])}" for word, row in zip(words, weights))
    moved = "the same contexts, moved with their words" if np.allclose(before[order], after, atol=1e-4) else "other contexts"
    show(
        figure,
        f"Self-attention of {' '.join(words)}. Each word's two largest weights: {told}. In the order {' '.join(shuffled)} there are {moved}.",
        "Left: a row says where a word looks. Right: each word's context, before and after the shuffle. Orange above 0, purple below.",
    )
