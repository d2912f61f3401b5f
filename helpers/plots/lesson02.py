"""The pictures of lesson 02, language models."""

import collections

import numpy as np

from helpers.plots import text
from helpers.plots.figure import (
    BLUE,
    BROWN,
    COLOR,
    GRAY,
    GREEN,
    MARKERS,
    ORANGE,
    TEXT,
    WINE,
    arrow,
    baseline,
    box,
    canvas,
    colors,
    draw,
    label_ends,
    node,
    note,
    picture,
    readable,
    show,
    subplots,
)

RECURRENT = COLOR["recurrent"]
FAINT = "#d8d8d8"
HELD_OUT, TRAINING = "held-out", "training"
#: Colours of names, fables and Shakespeare: none that means training or held-out.
TEXTS = (BROWN, GREEN, WINE)
LOOKS_AT = "n (it looks at n - 1 characters)"
RING = "The ring marks the cheapest held-out model."
SCALES = "The two panels have different scales."


def opening():
    """The lesson's first picture, as HTML: the name maria spelled out, with what each letter costs."""
    from helpers import data

    names = [name + "\n" for name in data.load_names()]
    name = "maria\n"
    figure, axes = subplots(len(name), 8.4, 3)
    said, total = [], 0.0
    for i, (ax, letter) in enumerate(zip(axes, name)):
        fitting = [other for other in names if other.startswith(name[:i])]
        follow = collections.Counter(other[i] for other in fitting)
        shown = [c for c, _ in follow.most_common(6)]
        if letter not in shown:
            shown[-2:] = "…", letter
        shares = [follow[c] / len(fitting) for c in shown]
        ax.barh(range(len(shown)), shares, color=[ORANGE if c == letter else FAINT for c in shown])
        ax.set_yticks(range(len(shown)), [_shown(c) for c in shown], fontsize=14)
        for label, c in zip(ax.get_yticklabels(), shown):
            label.set(fontweight="bold" if c == letter else "normal")
        bits = -np.log2(follow[letter] / len(fitting))
        total += bits
        ax.set(ylim=(len(shown) - 0.4, -0.6), xticks=[], xlim=(0, 0.7))
        ax.set_title(f"{name[:i] or 'start'} ...", fontsize=14)
        ax.set_xlabel(f"{_shown(letter)}: {bits:.1f} bits", fontsize=13, fontweight="bold")
        ax.grid(False)
        ax.spines["bottom"].set_visible(False)
        ax.tick_params(length=0)
        share = follow[letter] / len(fitting)
        said.append(f"after {name[:i] or 'nothing'}, {_word(letter)} has probability {share:.2f}: {bits:.1f} bits")
    return picture(
        figure,
        f"Bars: which letter comes next, among the names that begin so. {'; '.join(said)}. Together {total:.1f} bits.",
        f"Which letter comes next? Counted among the {len(names):,} names of this lesson. The orange letter came, and"
        " below it is what it cost someone who guesses with these numbers. (↵ is the end of the name.)"
        f" The whole name: {total:.1f} bits.",
    )


def surprise():
    """The cost of a symbol over the probability that it was given."""
    p = np.linspace(0.0005, 1, 2000)
    figure, (ax,) = subplots(1, 8, 3.4)
    ax.plot(p, -np.log2(p), color=BLUE)
    marks = [
        (1, "certain: nothing", (-8, 14), "right"),
        (1 / 2, "a fair coin: 1 bit", (8, 8), "left"),
        (1 / 4, "one of four: 2 bits", (8, 8), "left"),
        (1 / 27, "one of 27 symbols: 4.75 bits", (10, 4), "left"),
        (1 / 1024, "one of 1,024: 10 bits", (10, -2), "left"),
    ]
    for share, words, offset, ha in marks:
        ax.plot([share], [-np.log2(share)], "o", color=ORANGE, markersize=7, clip_on=False)
        ax.annotate(words, (share, -np.log2(share)), offset, textcoords="offset points", ha=ha)
    ax.set(title="Each time you find it half as likely, it costs one bit more", xlim=(0, 1.01), ylim=(0, 11))
    ax.set(xlabel="probability p that you gave to the letter that came", ylabel="cost in bits")
    alt = "The cost -log2 p falls from 10 bits at p = 1/1024 over 4.75 at 1/27, 2 at 1/4 and 1 at 1/2 to 0 at p = 1."
    show(figure, alt)


def table(P, vocabulary):
    """Which letter follows which, as a heat map.

    Parameters
    ----------
    P : ndarray (V, V)
        Row i: the probabilities of the next symbol after symbol i.
    vocabulary : str
    """
    import matplotlib.colors

    figure, (ax,) = subplots(1, 8.2, 7.2)
    scale = matplotlib.colors.PowerNorm(0.6, vmin=0)  # most are small: show that some are smaller
    image = ax.imshow(P, cmap=matplotlib.colormaps["YlOrBr"], norm=scale)
    names = [_shown(c) for c in vocabulary]
    ax.set_xticks(range(len(names)), names)
    ax.set_yticks(range(len(names)), names)
    ax.tick_params(top=True, labeltop=True, length=0)
    ax.grid(False)
    for i, row in enumerate(P):
        for j in np.argsort(-row)[:2]:
            if row[j] > 0.25 or i == 0 and j == row.argmax():  # the first row's too: the text points at it
                note(ax, j, i, f".{100 * row[j]:02.0f}", TEXT if row[j] < 0.3 else "white", size=8)
    first, then = np.unravel_index(P.argmax(), P.shape)
    said = f"After {_word(vocabulary[first])}, the model gives {_word(vocabulary[then])} {P[first, then]:.2f}"
    ax.set(title=said, xlabel="the next letter", ylabel="the letter before it")
    figure.colorbar(image, ax=ax, label="probability of the next letter", shrink=0.6).outline.set_visible(False)
    names = [_word(c) for c in vocabulary]
    best = ", ".join(f"{name} {names[row.argmax()]} {row.max():.2f}" for name, row in zip(names, P))
    alt = "Heat map of the next letter's probability (columns) after each letter (rows)."
    show(figure, f"{alt} {said}. The most probable in each row: {best}.")


def shifted(word):
    """The input and the target of a text: the same letters, shifted by one; `word` ends with a newline."""
    read = "\n" + word[:-1]
    figure, axes = canvas(1.05 * len(word) + 2.4, 1.9, (-2.3, len(word) - 0.4), (-0.6, 1.75))
    for t, (before, after) in enumerate(zip(read, word)):
        arrow(axes, box(axes, t, 1.2, _shown(before), GRAY, 0.8, 0.7), box(axes, t, 0, _shown(after), BLUE, 0.8, 0.7))
        if t:
            axes.plot([t - 0.62, t - 0.38], [0.28, 0.9], color=FAINT, linewidth=1.5, zorder=1)
    note(axes, -0.7, 1.2, "input: read", ha="right")
    note(axes, -0.7, 0, "target: predict", BLUE, ha="right")
    pairs = ", ".join(f"{_word(a)} to {_word(b)}" for a, b in zip(read, word))
    alt = f"Two rows of letters. Above what is read, below what is to be predicted from it: {pairs}."
    show(figure, alt, "The grey lines join equal letters: what is to be predicted at one step is read at the next.")


def coloured_names(names, costs, caption=""):
    """Names, or other short texts, coloured by what each letter costs.

    Parameters
    ----------
    names : sequence of str
        Each with its newline.
    costs : sequence of ndarray
        For each the bits of its letters.
    caption : str, optional
    """
    rows, most = [], []
    for name, cost in zip(names, costs):
        rows.append((f"{np.mean(cost):.2f} bits per character", name.replace("\n", "↵"), cost))
        most.append(f"in {name.strip()} the {_word(name[int(np.argmax(cost))])} costs most, {np.max(cost):.1f} bits")
    alt = f"Letters coloured by their cost: {'; '.join(most)}."
    text.coloured_rows(rows, "bits", alt, caption, low=0, high=8, digits=1, size=18)


def coloured_passage(passage, cost, caption=""):
    """A passage of running text, coloured by what each character costs in bits."""
    begins = np.array([before in " \n" for before in " " + passage[:-1]])
    first, rest = np.mean(cost[begins]), np.mean(cost[~begins])
    alt = f"A passage coloured by cost. After a space or a line break a character costs {first:.1f} bits on average,"
    alt += f" elsewhere {rest:.1f}."
    text.coloured(passage, cost, "bits", alt, caption, low=0, high=8, digits=1)


def padded(names, width):
    """A few names as rows of one array, the padding after their ends in grey.

    Parameters
    ----------
    names : sequence of str
        Each with its newline.
    width : int
        Columns of the array.
    """
    figure, axes = canvas(8, 0.42 * len(names) + 0.5, (-0.6, width - 0.4), (-len(names) + 0.4, 0.8))
    for row, name in enumerate(names):
        for t in range(width):
            real = t < len(name)
            box(axes, t, -row, _shown(name[t]) if real else "0", BLUE if real else FAINT, 0.86, 0.8, filled=real)
    real = sum(map(len, names)) / (width * len(names))
    said = ", ".join(f"{name.strip()} {width - len(name)}" for name in names)
    show(
        figure,
        f"{len(names)} names as rows of {width} places; after each end come zeros, the padding: {said}.",
        f"Blue: real characters, the newline included ({100 * real:.0f} % of these places). Gray: padding.",
    )


def bits_by_order(orders, sets, add, blind):
    """The cost of n-grams over n, a panel for each kind of text.

    Parameters
    ----------
    orders : sequence of int
        n.
    sets : dict of str to ndarray (orders, 2)
        For each kind of text the bits per character on training and on held-out texts.
    add : float
        What is added to each count.
    blind : dict of str to float
        The cost of a blind guess.
    """
    figure, axes = _panels(orders, sets)
    found = []
    for ax, (what, bits) in zip(axes, sets.items()):
        best = int(np.argmin(bits[:, 1]))
        baseline(ax, blind[what], "blind guess")
        ax.set(title=f"{what.capitalize()}, add {add:g}: n = {orders[best]} is cheapest,\n{bits[best, 1]:.2f} bits")
        ax.set(xlabel=LOOKS_AT, xticks=orders)
        label_ends(ax)
        found.append(f"{what}, training and held-out: " + ", ".join(f"{a:.2f} and {b:.2f}" for a, b in bits))
    alt = f"Bits per character for n = {orders[0]} to {orders[-1]}, {add:g} added to each count. {'; '.join(found)}."
    show(figure, alt, f"{RING} {SCALES}")


def bits_by_add(adds, sets):
    """The cost of 4-grams over what is added to each count; `sets` as in `bits_by_order`, over `adds`."""
    figure, axes = _panels(adds, sets)
    found = []
    for ax, (what, bits) in zip(axes, sets.items()):
        best = int(np.argmin(bits[:, 1]))
        ax.set(title=f"{what.capitalize()}, n = 4: {adds[best]:g} is best{'' if adds[best] == 1 else ', not 1'}")
        ax.set(xlabel="added to each count (log scale)", xscale="log")
        ax.set_xticks(adds, [f"{add:g}" for add in adds])
        ax.minorticks_off()
        label_ends(ax)
        training = f"training from {bits[:, 0].max():.2f} to {bits[:, 0].min():.2f}"
        found.append(f"{what}: held-out lowest at {adds[best]:g} with {bits[best, 1]:.2f} bits, {training}")
    show(figure, f"Bits per character of 4-grams over what is added to each count. {'; '.join(found)}.", f"{RING} {SCALES}")


def _panels(x, sets):
    figure, axes = subplots(len(sets), 10.5, 3.7)
    for ax, bits in zip(axes, sets.values()):
        draw(ax, x, {TRAINING: bits[:, 0], HELD_OUT: bits[:, 1]})
        best = int(np.argmin(bits[:, 1]))
        ax.plot(x[best], bits[best, 1], "o", markersize=14, fillstyle="none", color=GRAY, markeredgewidth=1.5)
    axes[0].set_ylabel("bits per character")
    return figure, axes


def thin_contexts(orders, shares):
    """How much of the text comes after contexts that hold more imagined than real observations.

    Parameters
    ----------
    orders : sequence of int
        n.
    shares : dict of str to sequence of float
        For each kind of text the fraction of its characters, at each n.
    """
    figure, (ax,) = subplots(1, 8, 3.2)
    for (what, values), color, marker in zip(shares.items(), TEXTS, MARKERS):
        ax.plot(orders, [100 * share for share in values], color=color, marker=marker, markersize=5, label=what)
    names, fables = (100 * values[-1] for values in shares.values())
    title = f"At n = {orders[-1]}, rare contexts decide {names:.0f} % of the names' characters"
    ax.set(title=f"{title} and {fables:.0f} % of the fables'")
    ax.set(xlabel=LOOKS_AT, xticks=orders, ylim=(0, None), ylabel="% of the characters")
    label_ends(ax)
    rows = [f"{what}: " + ", ".join(f"{100 * share:.0f}" for share in values) for what, values in shares.items()]
    show(
        figure,
        "Percent of the characters that come after a context met less often than there are symbols,"
        f" n = {orders[0]} to {orders[-1]}. {'; '.join(rows)}.",
    )


def three_texts(orders, series):
    """The held-out cost of n-grams on texts that cannot be compared with each other, in a fold.

    Parameters
    ----------
    orders : sequence of int
        n.
    series : dict of str to sequence of float
        For each text the bits per character at each n.
    """
    from IPython.display import display

    figure, (ax,) = subplots(1, 8, 3.4)
    for (what, bits), color, marker in zip(series.items(), TEXTS, MARKERS):
        ax.plot(orders, bits, color=color, marker=marker, markersize=5, label=what)
        best = int(np.argmin(bits))
        ax.plot(orders[best], bits[best], "o", markersize=14, fillstyle="none", color=GRAY, markeredgewidth=1.5)
    longest = max(series, key=lambda what: int(np.argmin(series[what])))
    best = orders[int(np.argmin(series[longest]))]
    ax.set(title=f"{longest[:1].upper()}{longest[1:]} has enough text for n = {best}", xticks=orders)
    ax.set(xlabel=LOOKS_AT, ylabel="bits per held-out character")
    label_ends(ax)
    rows = "; ".join(f"{what}: {', '.join(f'{b:.2f}' for b in bits)}" for what, bits in series.items())
    alt = f"Bits per held-out character for n = {orders[0]} to {orders[-1]}, 0.05 added to each count. {rows}."
    fold = f"<details><summary>The three curves in one picture</summary>{picture(figure, alt)}</details>"
    display({"text/html": fold, "text/plain": f"Figure: {alt}"}, raw=True)


def row_by_one_hot(place=1, rows=5, columns=3):
    """A one-hot row times a matrix: the product is one row of the matrix."""
    figure, axes = canvas(8.6, 2.5, (-0.8, 15.2), (-1.2, 5.6))
    for i in range(rows):
        _cell(axes, i, 2, "1" if i == place else "0", ORANGE if i == place else None)
        for j in range(columns):
            _cell(axes, 6.6 + j, 4 - i, "", ORANGE if i == place else None)
    for j in range(columns):
        _cell(axes, 11.9 + j, 2, "", ORANGE)
    note(axes, 5.4, 2, "@", size=16)
    note(axes, 10.2, 2, "=", size=18)
    note(axes, 2, 3.2, "one-hot row of id 1", GRAY, size=10)
    note(axes, 7.6, 5.1, "$W_{xh}$", size=12)
    note(axes, 12.9, 3.2, "row 1 of $W_{xh}$", GRAY, size=10)
    alt = f"A row of {rows} zeros with a one at place {place}, times a matrix of {rows} rows:"
    show(figure, f"{alt} the product is row {place} of the matrix.")


def unrolled(word, probabilities=None, vocabulary=""):
    """A character network unrolled over a word.

    Parameters
    ----------
    word : str
        With its newline at the end.
    probabilities : ndarray (len(word), V), optional
        What the network expects at each step: the five most probable letters are drawn as bars.
    vocabulary : str
        Symbol i is vocabulary[i].
    """
    read = "\n" + word[:-1]
    wide, top = 2.0, 5.3 if probabilities is not None else 3.6
    figure, axes = canvas(11, 4.6 if probabilities is not None else 3.3, (-1.9, wide * len(word) - 0.6), (-2.2, top))
    before = node(axes, -1.4, 0, "0", RECURRENT, size=0.36)
    said = []
    for t, (given, wanted) in enumerate(zip(read, word)):
        at = wide * t
        h = node(axes, at, 0, f"$h_{t + 1}$", RECURRENT, size=0.42, filled=True)
        arrow(axes, before, h, color=RECURRENT)
        arrow(axes, box(axes, at, -1.6, _shown(given), GRAY, 0.9, 0.8), h)
        if probabilities is None:
            y = box(axes, at, 1.6, f"$y_{t + 1}$", TEXT, 0.9, 0.8, filled=False)
            arrow(axes, h, y)
            note(axes, at, 2.75, _shown(wanted), BLUE, size=13, fontweight="bold")
        else:
            arrow(axes, h, (at, 1.15))
            _bars(axes, at - 0.75, 1.3, probabilities[t], vocabulary, wanted)
            share = probabilities[t][vocabulary.index(wanted)]
            said.append(f"after {_word(given)}, {_word(wanted)} gets {share:.2f}")
        before = h
    if probabilities is None:
        note(axes, -1.75, 2.75, "target", BLUE, size=11, ha="left")
    note(axes, -1.75, -1.6, "input", GRAY, size=11, ha="left")
    alt = f"A recurrent network unrolled over the word {word.strip()}."
    alt += f" Below, what it reads: {' '.join(map(_word, read))}."
    alt += f" Each state gets the state before it. Above, what it should predict: {' '.join(map(_word, word))}."
    show(figure, alt + (f" Its probabilities as bars: {'; '.join(said)}." if said else ""))


def _bars(axes, left, bottom, p, vocabulary, wanted):
    """The five most probable symbols, and the one wanted, as bars to the right."""
    shown = [vocabulary[i] for i in np.argsort(-p)[:5]]
    if wanted not in shown:
        shown[-1] = wanted
    for row, c in enumerate(shown):
        y, share = bottom + 3.5 - 0.72 * row, p[vocabulary.index(c)]
        axes.barh(y, 1.9 * share, height=0.5, left=left + 0.35, color=ORANGE if c == wanted else FAINT, zorder=2)
        note(axes, left + 0.1, y, _shown(c), TEXT, size=10, fontweight="bold" if c == wanted else "normal")
        note(axes, left + 0.42 + 1.9 * share, y, f"{share:.2f}".lstrip("0"), GRAY, size=8, ha="left")


def one_draw(probabilities, u):
    """How a random number from 0 to 1 falls on one of the probabilities, laid end to end.

    Parameters
    ----------
    probabilities : dict of str to float
        For each symbol, in order; together 1.
    u : float
        The random number.
    """
    symbols, ends = list(probabilities), np.cumsum(list(probabilities.values()))
    drawn = symbols[int(np.searchsorted(ends, u, side="right"))]
    figure, axes = canvas(8.2, 1.9, (-0.05, 10.05), (-0.9, 1.45))
    for symbol, share, end in zip(symbols, probabilities.values(), ends):
        fill = ORANGE if symbol == drawn else FAINT
        axes.barh(0, 10 * share, left=10 * (end - share), height=0.8, color=fill, edgecolor="white", linewidth=2)
        note(axes, 10 * (end - share / 2), 0, f"{symbol}  {share:g}", size=12, fontweight="bold")
        note(axes, 10 * end, -0.68, f"{end:.2g}", GRAY, size=10)
    note(axes, 0, -0.68, "0", GRAY, size=10)
    arrow(axes, (10 * u, 1.15), (10 * u, 0.42), color=TEXT)
    note(axes, 10 * u + 0.15, 1.05, f"u = {u:g} falls on {drawn}", size=12, ha="left")
    pieces = ", ".join(f"{symbol} up to {end:.2g}" for symbol, end in zip(symbols, ends))
    alt = f"The line from 0 to 1 in pieces as long as the probabilities: {pieces}. The number {u:g} falls on {drawn}."
    show(figure, alt, "A piece is hit as often as it is long, because every number from 0 to 1 is equally likely.")


def copies(counts, samples, ratio):
    """Of 1,000 drawn names, how many are in the training list, how many in the held-out one, how many in neither.

    Parameters
    ----------
    counts : dict of int to (int, int, int)
        For each n.
    samples : dict of int to sequence of (str, str)
        For each n a few of the names, and where each is: "training", "held-out" or "".
    ratio : float
        How many times as long the training list is as the held-out one.
    """
    figure, (ax,) = subplots(1, 9.5, 0.62 * len(counts) + 1.2)
    look = {TRAINING: readable(ORANGE), HELD_OUT: readable(BLUE), "": GRAY}
    orders, total = list(counts), sum(next(iter(counts.values())))
    for row, n in enumerate(orders):
        left = 0
        for kind, count in zip(look, counts[n]):
            ax.barh(row, count, left=left, height=0.62, color=COLOR[kind] if kind else FAINT)
            left += count
        expected = ratio * counts[n][1]
        ax.plot([expected, expected], [row - 0.42, row + 0.42], color=TEXT, linewidth=2.5, solid_capstyle="butt")
        for at, kind, count in ((1.08, TRAINING, counts[n][0]), (1.19, HELD_OUT, counts[n][1])):
            note(ax, at * total, row, f"{count}", look[kind], size=11, ha="right", fontweight="bold")
        for at, (name, kind) in zip((1.23, 1.43, 1.63), samples[n]):
            weight = "bold" if kind else "normal"
            note(ax, at * total, row, name[:11], look[kind], size=10, ha="left", fontweight=weight)
    for at, kind in ((1.08, TRAINING), (1.19, HELD_OUT)):
        note(ax, at * total, -0.75, kind, look[kind], size=9, ha="right")
    note(ax, expected + 0.01 * total, row, f"{ratio:.0f} × blue", TEXT, size=10, ha="left")  # of the last row
    note(ax, 1.23 * total, -0.75, "the first three", GRAY, size=9, ha="left")
    ax.set(ylim=(len(orders) - 0.4, -1.1), xlim=(0, total), xlabel=f"of {total:,} names drawn")
    ax.set_yticks(range(len(orders)), [f"n = {n}" for n in orders])
    ax.grid(False)
    last = orders[-1]
    ax.set_title(f"n = {last} writes {counts[last][0]} names that it was shown, and {counts[last][1]} that were held out")
    rows = [f"n = {n}: {a} in the training list, {b} held-out, {c} in neither" for n, (a, b, c) in counts.items()]
    show(
        figure,
        f"Of {total:,} names drawn without smoothing. {'; '.join(rows)}.",
        f"Orange: in the training list. Blue: in the held-out list. Gray: in neither. The black mark is {ratio:.0f} times"
        " the blue bar: there the orange bar ends if a model does not favour the names it has seen.",
    )


def bits_and_floor(orders, bits, floor, own):
    """The cost of n-grams on a source of known entropy, from n = 3 on.

    Parameters
    ----------
    orders : sequence of int
        n, from 1.
    bits : ndarray (orders, 2)
        Bits per character on training and on held-out text.
    floor : float
        The source's entropy, in bits per character.
    own : (float, float)
        What the source's own probabilities cost on the same texts.
    """
    figure, (ax,) = subplots(1, 8.5, 3.8)
    for i, part in enumerate((TRAINING, HELD_OUT)):
        color = colors([part])[0]
        ax.plot(orders[2:], bits[2:, i], color=color, marker="o", markersize=5, label=part)
        ax.axhline(own[i], color=color, linewidth=1.2, linestyle=":", label=f"the source itself, on {part} text")
    baseline(ax, floor, "entropy", TEXT, "-")
    best = orders[int(np.argmin(bits[:, 1]))]
    ax.set(title=f"n = {best} costs what the source itself costs; then orange falls by memory alone", xticks=orders[2:])
    ax.set(xlabel=LOOKS_AT, ylabel="bits per character")
    label_ends(ax)
    rows = [f"{part}: {', '.join(f'{b:.3f}' for b in column)}" for part, column in zip((TRAINING, HELD_OUT), bits.T)]
    show(
        figure,
        f"Bits per character for n = {orders[0]} to {orders[-1]}. {'; '.join(rows)}. Entropy {floor:.3f};"
        f" the source's own probabilities cost {own[0]:.3f} on the training text and {own[1]:.3f} on the held-out text.",
        f"Not drawn: n = 1 and 2, with {bits[0, 1]:.2f} and {bits[1, 1]:.2f} bits on held-out text. The entropy is"
        " computed, the rest measured.",
    )


def _cell(axes, x, y, words, color):
    from matplotlib.patches import Rectangle

    look = {"facecolor": color or "white", "edgecolor": "#999999", "alpha": 0.75 if color else 1, "zorder": 2}
    axes.add_patch(Rectangle((x - 0.45, y - 0.45), 0.9, 0.9, **look))
    note(axes, x, y, words)


def _shown(character):
    return {"\n": "↵", " ": "␣"}.get(character, character)


def _word(character):
    return {"\n": "end", " ": "space"}.get(character, character)
