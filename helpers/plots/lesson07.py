"""The figures of lesson 07, text generation with an LSTM."""

import html
import itertools
import math

import numpy as np

from helpers.laboratory.lesson07 import opening_lines
from helpers.plots.explore import explore
from helpers.plots.figure import (
    BLUE,
    COLOR,
    GRAY,
    GREEN,
    NO_MATHEMATICS,
    ORANGE,
    arrow,
    baseline,
    box,
    canvas,
    caption_html,
    draw,
    label_ends,
    lines,
    node,
    note,
    picture,
    readable,
    show,
    subplots,
)
from helpers.plots.text import coloured

STATE = COLOR["LSTM"]
SHOWN = {"\n": "↵", " ": "␣"}

#: The number of the longest copy among those of a text, in place of its own.
LONGEST = -1


def opening():
    """The lesson's first picture, the loop that writes, over lines that it wrote. Returns both as HTML."""
    from helpers import writing

    network = writing.read("fables-lstm")
    step, states = writing.stepper(network)
    prompt = "The f"
    for symbol in "\n" + prompt:
        logits, states = step(network.vocabulary.index(symbol), states)
    p = np.exp(logits - np.logaddexp.reduce(logits))
    best = np.argsort(-p)[:4]
    figure, axes = canvas(9.1, 3.9, (-0.8, 11.0), (-1.5, 3.7))
    before = None
    for t, letter in enumerate(prompt):
        at = 0.95 * t
        state = node(axes, at, 1.2, "", STATE, size=0.33, filled=True)
        note(axes, at, -0.1, SHOWN.get(letter, letter), size=16, family="DejaVu Sans Mono")
        arrow(axes, (at, 0.22), state)
        if before:
            arrow(axes, before, state, color=STATE)
        before = state
    last, following = 0.95 * (len(prompt) - 1), 0.95 * len(prompt)
    left = following + 1.75
    coming = node(axes, following, 1.2, "", STATE, size=0.33)
    coming.set_linestyle("--")
    arrow(axes, before, coming, color=STATE, linestyle="--")
    arrow(axes, (following, 0.22), coming, linestyle="--")
    axes.plot([last, last], [1.55, 2.1], color="#555555", linewidth=1.6)
    arrow(axes, (last, 2.1), (left - 0.62, 2.1))
    axes.plot([left - 0.5, left - 0.6, left - 0.6, left - 0.5], [2.8, 2.8, -0.2, -0.2], color="#555555", linewidth=1.6)
    for row, i in enumerate(best):
        y = 2.5 - 0.8 * row
        note(axes, left - 0.25, y, SHOWN.get(network.vocabulary[i], network.vocabulary[i]), size=15, family="DejaVu Sans Mono")
        axes.barh(y, 3.2 * p[i], left=left, height=0.5, color=BLUE)
        note(axes, left + 3.2 * p[i] + 0.12, y, f"{p[i]:.2f}", size=11, ha="left")
    note(axes, left - 0.6, 3.3, "a probability for each symbol", GRAY, size=11, ha="left")
    chosen = box(axes, left + 3.4, 1.3, "choose\none", ORANGE, width=1.5, height=1.0)
    arrow(axes, (left + 1.65, 1.3), chosen)
    axes.plot([left + 3.4, left + 3.4], [0.8, -1.0], color=ORANGE, linewidth=2)
    axes.plot([left + 3.4, following], [-1.0, -1.0], color=ORANGE, linewidth=2)
    arrow(axes, (following, -1.0), (following, -0.35), color=ORANGE)
    note(axes, following, -0.1, "?", readable(ORANGE), size=16)
    note(axes, (left + 3.4 + following) / 2, -0.72, "read what was chosen, and again", readable(ORANGE), size=11)
    note(axes, last / 2, 2.1, "the state, carried", readable(STATE), size=11)
    below = (
        "This loop wrote the lines below, a letter at a time, with a network that has read Shakespeare's plays. They are the start"
        " of its first attempt, at temperature 0.5 with seed 0: nothing was picked. At the end of this page, a loop that you have written will write"
        " them again."
    )
    quoted = html.escape(opening_lines(), quote=False).replace("\n", "<br>")
    loop = picture(
        figure,
        f"A network has read {prompt!r}, one letter after the other, its state carried along. It gives each symbol a"
        " probability: " + ", ".join(f"{network.vocabulary[i]!r} {p[i]:.2f}" for i in best) + ". One symbol is chosen, and"
        " an arrow leads it back to the place of the next letter to be read, under a dashed circle: the next state.",
        below,
    )
    return f'{loop}\n<blockquote class="{NO_MATHEMATICS}"><em>{quoted}</em></blockquote>'


def overlaps(strip, overlap, covered, size=64):
    """A held-out window of the leaky recipe over the windows that overlap it, each at its place in the text.

    Parameters
    ----------
    strip : str
        The window with as many characters of the book before it as after it.
    overlap : dict of int to bool
        By how far a window begins from the held-out one whether it is in training.
    covered : float
        Of all held-out windows, the fraction in which training has every character.
    size : int
        Of the windows.
    """
    margin, known = (len(strip) - size) // 2, sum(overlap.values())
    figure, (ax,) = subplots(1, 9, 0.3 * len(overlap) + 1.1)
    for y, (shift, seen) in enumerate(({0: False} | overlap).items()):
        color = COLOR["training" if seen else "held-out"]
        left, right = max(shift, -margin), min(shift + size, size + margin)
        ax.barh(-y, right - left, left=left, height=0.84, color=color, alpha=0.3)
        for x in range(left, right):
            note(ax, x + 0.5, -y, strip[margin + x].replace("\n", SHOWN["\n"]), size=9.5, family="DejaVu Sans Mono")
        where = f"{abs(shift)} {'later' if shift > 0 else 'earlier'}" if shift else "the window"
        note(ax, -margin - 1, -y, where, GRAY if shift else readable(color), size=10, ha="right")
        note(ax, size + margin + 1, -y, "in training" if seen else "held out", readable(color), size=10, ha="left")
    for edge in (0, size):
        ax.axvline(edge, color=GRAY, linestyle="--", linewidth=1.2, zorder=0.5)
    ax.set(
        title=f"Of the {len(overlap)} windows that overlap this held-out one, {known} are in training",
        xlim=(-margin, size + margin), ylim=(-len(overlap) - 0.6, 0.6),
    )
    ax.axis("off")
    show(
        figure,
        f"A held-out window of {size} characters, {strip[margin:-margin]!r}, and below it the windows that overlap it: "
        + ", ".join(f"the one {abs(s)} characters {'later' if s > 0 else 'earlier'} is {'in training' if k else 'held out'}" for s, k in overlap.items())
        + ".",
        f"Each at its place in the text, and cut where the picture ends. Only {1 - covered:.0%} of all held-out windows have a character that no training window shows.",
    )


def leak(orders, bits):
    """Held-out bits of n-gram models over n, by how the text was split.

    Parameters
    ----------
    orders : sequence of int
    bits : dict of str to sequence of float
        For the name of each split the bits per character at each n.
    """
    best = {name: orders[int(np.argmin(values))] for name, values in bits.items()}
    found = "; ".join(f"{name}: {', '.join(f'{v:.2f} at n = {n}' for n, v in zip(orders, values))}" for name, values in bits.items())
    lines(
        orders, bits, "Best n by the held-out number: " + ", ".join(f"{n} ({name})" for name, n in best.items()),
        "n (characters, the predicted one included)", "held-out bits per character",
        f"Held-out bits per character of n-gram models over n, for two ways to split. {found}.",
        "Where windows overlap, the held-out part asks for what training has shown, and a longer context looks better than it is.",
        xticks=orders,
    )


def window_sizes(sizes, carried, from_zero):
    """One number read in windows of several sizes, in two ways.

    Parameters
    ----------
    sizes : sequence of int
    carried, from_zero : sequence of float
        Bits per character of the same characters, the state carried from window to window, or set to zero.
    """
    low, high = min(from_zero), max(from_zero)
    spread = f"{min(carried):.2f}" if f"{min(carried):.2f}" == f"{max(carried):.2f}" else f"{min(carried):.2f} to {max(carried):.2f}"
    figure, (ax,) = subplots(1, 7.5, 3.4)
    draw(ax, sizes, {"state set to zero": from_zero, "state carried": carried})
    ax.set(
        title=f"State carried: {spread} bits, whatever the window. Set to zero: {low:.2f} to {high:.2f}",
        xlabel="characters in a window (log scale)", ylabel="bits per character", xscale="log",
    )
    ax.set_xticks(sizes, [str(size) for size in sizes])
    ax.minorticks_off()
    label_ends(ax)
    show(
        figure,
        "Bits per character over the size of the window. State carried: " + ", ".join(f"{v:.2f}" for v in carried)
        + "; set to zero: " + ", ".join(f"{size}: {v:.2f}" for size, v in zip(sizes, from_zero)) + ".",
        "One network, the same characters, each counted once.",
    )


def feeding(text_length=42, streams=3, size=6, seed=4):
    """A text as a bar, and from where in it two updates take their windows: of long streams, or of random places."""
    length, rng = text_length // streams, np.random.default_rng(seed)
    shades = (COLOR["LSTM"], BLUE, GREEN)
    starts = rng.permutation(text_length - size)[: 2 * streams]
    figure, (left, right) = _stacked(2, 1, 6.8, 6.4)
    for ax in (left, right):
        ax.set(xlim=(-0.5, text_length + 0.5), ylim=(-3.3, 2.2))
        ax.axis("off")
        ax.barh(1.2, text_length, height=1.0, color="#dddddd")
        note(ax, 0, 1.95, "the text", GRAY, size=11, ha="left")
        for update in range(2):
            note(ax, _column(update, size) + size * 0.95, 0.3, f"update {update + 1}", GRAY, size=11)
        for row in range(streams):
            color = readable(shades[row]) if ax is left else GRAY
            note(ax, 0, _row(row), f"row {row}", color, size=11, ha="left")
    for row in range(streams):
        left.barh(1.2, length - 0.15, left=row * length, height=1.0, color=shades[row], alpha=0.2)
        for update in range(2):
            _window(left, 1 + row + streams * update, row, update, size, row * length + update * size, 1.2, 0.9, shades[row])
        left.annotate(
            "", (_column(1, size), _row(row)), (_column(0, size) + size * 1.9, _row(row)),
            arrowprops={"arrowstyle": "-|>", "color": "#333333"},
        )
    lanes = _lanes(starts, size)
    for i, (start, lane) in enumerate(zip(starts, lanes)):
        row, update = i % streams, i // streams
        height = 1.0 / (max(lanes) + 1)
        _window(right, 1 + i, row, update, size, start, 1.7 - height * (lane + 0.5), 0.9 * height, ORANGE)
        note(right, _column(update, size) - 0.9, _row(row), "0", GRAY, size=11)
    note(left, 9 + size * 5.0, _row(1), "the state\ngoes on", GRAY, size=11)
    note(right, 9 + size * 5.0, _row(1), "each starts\nfrom zero", GRAY, size=11)
    left.set_title("Streams: a row goes on where it stopped")
    right.set_title("Random windows: from anywhere")
    show(
        figure,
        f"Two updates of {streams} rows, each window with its number, and the same numbers at their places in the text above."
        f" Above: the text cut into {streams} long streams. In update 2 each row goes on, in the text, where it stopped in update"
        " 1, and an arrow carries the state over. Below: windows from random places, which overlap and leave gaps; each starts"
        " from a state of zeros.",
        "The numbers in the text say where each window comes from.",
    )


def _stacked(rows, columns, width, height):
    """A figure of `width` by `height` inches and its axes in rows, which keeps letters large on a narrow page."""
    figure, axes = subplots(rows * columns, width, height)
    for ax, place in zip(axes, figure.add_gridspec(rows, columns)):
        ax.set_subplotspec(place)
    return figure, axes


def _column(update, size):
    return 9 + update * size * 2.4


def _row(row):
    return -0.4 - 1.1 * row


def _window(ax, number, row, update, size, start, y, height, color):
    """A window twice: where it is in the text, and below, large, where it is in its batch."""
    ax.barh(y, size - 0.15, left=start, height=height, color="white")  # the same shade as below
    ax.barh(y, size - 0.15, left=start, height=height, color=color, alpha=0.45)
    note(ax, start + size / 2, y, f"{number}", size=9)
    ax.barh(_row(row), size * 1.9, left=_column(update, size), height=0.6, color=color, alpha=0.45)
    note(ax, _column(update, size) + size * 0.95, _row(row), f"window {number}", size=9)


def _lanes(starts, size):
    """For each window a lane in which it does not overlap another."""
    lanes = []
    for i, start in enumerate(starts):
        taken = {lane for other, lane in zip(starts[:i], lanes) if abs(other - start) < size}
        lanes.append(next(lane for lane in range(i + 1) if lane not in taken))
    return lanes


def after(prompt, most=12):
    """The end of a prompt in words, its last character visible: "after 'The miller␣'"."""
    end = prompt[-most:].strip("\n").replace("\n", SHOWN["\n"])
    return f"after '{end[:-1]}{SHOWN.get(end[-1:], end[-1:])}'"


def next_characters(symbols, columns, most=10):
    """The probabilities of the next character, chosen in several ways, as rows of bars.

    Parameters
    ----------
    symbols : str
    columns : dict of str to ndarray (symbols,)
        For the name of each way its probabilities.
    most : int
        How many symbols are shown, those that the first way finds most probable.
    """
    first = next(iter(columns.values()))
    order = np.argsort(-first, kind="stable")[:most]
    names = [SHOWN.get(symbols[i], symbols[i]) for i in order][::-1]
    right = 1.0 if max(p.max() for p in columns.values()) > 0.5 else 0.6  # one scale for all, and few to compare by eye
    rows = -(-len(columns) // 2)  # at most two side by side: the letters stay large on a narrow page
    beside = min(2, len(columns))
    figure, axes = _stacked(rows, beside, 3.3 * beside + 0.3, (0.24 * most + 1.5) * rows)
    for ax in axes[-beside:]:  # below the lowest row alone: it would touch the titles of a row under it
        ax.set_xlabel("probability")
    for ax, (name, p) in zip(axes, columns.items()):
        shown = p[order][::-1]
        ax.barh(range(len(order)), shown, color=BLUE, height=0.7)
        for y, value in enumerate(shown):
            inside = value > 0.8  # where there is no room to its right
            color = "white" if inside else "#222222" if value else GRAY
            at, side = (value - 0.02, "right") if inside else (value + 0.02, "left")
            told = "cut" if not value else "<0.01" if value < 0.005 else f"{value:.2f}"
            note(ax, at, y, told, color, size=10, ha=side)
        ax.set_title(name, pad=24)
        note(
            ax, 0, 1.03, f"{_symbols(p)}, {_entropy(p):.2f} bits of choice", GRAY, size=10, ha="left", va="bottom",
            transform=ax.transAxes,
        )
        ax.set(xlim=(0, right))
        ax.set_xticks([0, right / 2, right])
        ax.set_yticks(range(len(order)), names, family="DejaVu Sans Mono")
        ax.grid(axis="y", visible=False)
    said = "; ".join(
        f"{name}: " + ", ".join(f"{symbols[i]!r} {p[i]:.2f}" for i in order[:4]) + f", left: {_symbols(p)}"
        for name, p in columns.items()
    )
    show(figure, f"Bars of the probabilities of the next character. {said}.")


def knobs(symbols, logits, with_temperature, truncate):
    """What each of three knobs does to one choice of the next character, still and to turn.

    Parameters
    ----------
    symbols : str
    logits : ndarray (symbols,)
    with_temperature, truncate : callable
        The learner's.
    """
    free = with_temperature(logits, 1.0)

    def still():
        next_characters(symbols, {
            "as it is": free,
            "temperature 0.5": with_temperature(logits, 0.5),
            "top-k 5": truncate(free, 5, None),
            "nucleus 0.9": truncate(free, None, 0.9),
        }, most=12)

    def turned(temperature=1.0, top_k=len(symbols), top_p=1.0):
        chosen = truncate(with_temperature(logits, temperature), top_k, top_p)
        next_characters(symbols, {"as it is": free, "as you set it": chosen}, most=12)

    explore(turned, still, temperature=(0.0, 2.0, 0.1), top_k=(1, len(symbols)), top_p=(0.05, 1.0, 0.05))


def _symbols(p):
    count = int(np.sum(p > 0))
    return f"{count} symbol" if count == 1 else f"{count} symbols"


def _entropy(p):
    return float(-np.sum(p[p > 0] * np.log2(p[p > 0]))) + 0.0


def misspelt(text, chances, place, tail, before=50, size=100):
    """A stretch of a text, each character the darker the likelier a misspelling is in its place.

    Parameters
    ----------
    text : str
    chances : ndarray (len(text),)
        Of a misspelling.
    place : int
        Where the tail does most harm; the stretch is around it.
    tail : str
        What the tail does there, in words.
    before, size : int
        Characters shown before this place, and in all.
    """
    start = max(0, min(place - before, len(text) - size))
    stretch = slice(start, start + size)
    shown, read = chances[stretch], text[max(0, place - 20) : place]
    coloured(
        text[stretch], shown, "probability of a misspelling", low=0.0,
        alt=f"{len(shown)} characters of held-out text; a misspelling in the place of one has a probability of {shown.max():.2f} at most"
        f" and {np.median(shown):.3f} in the median.",
        caption=f"After {read!r}: {tail}.",
    )


def samples(texts, alt, caption="", lines=14, marked=None):
    """Texts side by side, typeset as texts: their lines are lines.

    Parameters
    ----------
    texts : dict of str to str
        For each heading a text.
    alt : str
        What there is to see.
    caption : str
    lines : int
        Lines of each that are shown, at most; a blank line counts.
    marked : dict of str to ndarray of int, optional
        For each heading a number for each character of its text, as `copies` gives them.
    """
    from IPython.display import display

    blocks, plain = [], []
    for name, whole in texts.items():
        rows, begin = whole.strip("\n").split("\n"), len(whole) - len(whole.lstrip("\n"))
        shown = "\n".join(rows[:lines])
        written = _with_marks(shown, marked[name][begin:]) if marked else html.escape(shown, quote=False)
        cut = len(rows) > lines
        more = '\n<em style="opacity: 0.7; font-size: 12px">(it goes on)</em>' * cut
        blocks.append(
            f'<div class="{NO_MATHEMATICS}" style="flex: 0 1 calc(50% - 11px); min-width: min(260px, 100%);'
            ' box-sizing: border-box; max-width: 46em; border-left: 3px solid #888888; padding-left: 10px">'
            f"<div><strong>{html.escape(name)}</strong></div>"
            '<div style="font-family: Georgia, serif; font-size: 14px; line-height: 1.45; white-space: pre-wrap;'
            f' overflow-wrap: anywhere">{written}{more}</div></div>'
        )
        plain.append(f"[{name}]\n{shown}" + "\n(it goes on)" * cut)
    below = f'<figcaption style="max-width: 50em; margin: 4px 0 8px">{caption_html(caption)}</figcaption>' if caption else ""
    page = (
        f'<figure style="margin: 0" aria-label="{html.escape(alt)}">'
        f'<div style="display: flex; flex-wrap: wrap; gap: 14px 22px; margin: 6px 0">{"".join(blocks)}</div>{below}</figure>'
    )
    display({"text/html": page, "text/plain": f"Texts: {alt}\n" + "\n".join(plain)}, raw=True)


def fold(said):
    """Lines that are read once the reader unfolds them: who wrote which text."""
    from IPython.display import display

    lines = html.escape(said, quote=False)
    page = (
        f'<details class="{NO_MATHEMATICS}"><summary>Who wrote what, and the model&#x27;s order: unfold it once you have yours</summary>'
        f'<pre style="white-space: pre-wrap; margin: 6px 0">{lines}</pre></details>'
    )
    display({"text/html": page, "text/plain": said}, raw=True)


def _with_marks(shown, numbers):
    """HTML: each run of one number is a mark, of `LONGEST` in another colour, with a line where two marks meet."""
    parts, before = [], 0
    for number, run in itertools.groupby(zip(shown, numbers), key=lambda pair: int(pair[1])):
        part = html.escape("".join(character for character, _ in run), quote=False)
        seam = "; border-left: 2px solid #7a3b00" if number and before else ""
        color = "#8fd0f5" if number == LONGEST else "#fdc277"
        parts.append(f'<mark style="background: {color}; color: #000000; padding: 0{seam}">{part}</mark>' if number else part)
        before = number
    return "".join(parts)


def invented(shares):
    """The share of words that training does not have, by how the text was written, as bars.

    Parameters
    ----------
    shares : dict of str to float
        The last one is the held-out text.
    """
    from matplotlib.ticker import MultipleLocator

    *names, yardstick = shares
    line = shares[yardstick]
    most = max(names, key=shares.get)
    figure, (ax,) = subplots(1, 8, 0.42 * len(names) + 1.2)
    ax.barh(names[::-1], [shares[name] for name in names[::-1]], color=STATE, height=0.6)
    for y, name in enumerate(names[::-1]):
        note(ax, shares[name], y, f" {shares[name]:.1%}", size=10, ha="left")
    _yardstick(ax, line)
    note(ax, line, len(names) - 0.35, f" held-out text: {line:.1%}", GRAY, size=10, ha="left")
    times = f"{shares[most] / line:.1f} times as many as in held-out text" if line else "and held-out text has none"
    ax.set(title=f"Most new words: {most}, {times}", xlabel="words that the training text does not have", ylim=(-0.6, len(names) - 0.1))
    ax.xaxis.set_major_locator(MultipleLocator(0.05 if shares[most] < 0.35 else 0.1))
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    ax.grid(axis="y", visible=False)
    ax.margins(x=0.12)
    show(
        figure, "Words that the training text does not have: " + ", ".join(f"{name} {value:.1%}" for name, value in shares.items()) + ".",
    )


def _yardstick(ax, value):
    """A dashed vertical line behind the bars, which stay whole."""
    ax.axvline(value, color=GRAY, linestyle="--", linewidth=1.5, zorder=0.5)


def copies(texts, passages, copied, width=240):
    """How long the longest copied passage of each text is, and the text around it, with all that is copied marked.

    Parameters
    ----------
    texts : dict of str to str or list of str
        Of several texts under one name the one with the longest passage is shown. The last are held out, the yardstick.
    passages : dict of str to str or list of str
        The longest copy of each text, by the same names.
    copied : dict of str to ndarray of int, or list of ndarray of int
        For each character of each text the number of the copy it is in, 0 for none. The longest copy is marked in any case.
    width : int
        Characters to show before and after it.
    """
    *names, yardstick = texts
    natural = [len(passage) for passage in passages[yardstick]]
    average = np.mean([len(text) for text in texts[yardstick]])
    written = ", ".join(sorted({f"{len(texts[name]):,}" for name in names}))
    sizes = f"Written texts have {written} characters, the {len(natural)} held-out ones {average:,.0f} on average."
    if min(len(texts[name]) for name in names) > average:
        sizes += " A longer text has more chances of a long copy, so the comparison is biased against the network."
    _lengths({name: len(passages[name]) for name in names}, natural, sizes)
    excerpts, marked = {}, {}
    for name, whole in texts.items():
        parts = whole, passages[name], copied[name]
        several = [parts] if isinstance(whole, str) else list(zip(*parts))
        share, size = np.concatenate([numbers > 0 for *_, numbers in several]).mean(), sum(len(text) for text, *_ in several)
        whole, passage, numbers = max(several, key=lambda one: len(one[1]))
        start = whole.find(passage)
        numbers = numbers.copy()
        numbers[start : start + len(passage)] = LONGEST
        around = slice(max(0, start - width), start + len(passage) + width)
        heading = f"{name}: longest copy {len(passage)} characters; copied {share:.0%} of {size:,}"
        excerpts[heading], marked[heading] = whole[around], numbers[around]
    said = ", ".join(marked)
    caption = (
        f"Excerpts: the longest copy, in blue, and up to {width} characters on either side. Orange: other passages of more than 20"
        " characters that training has too. A brown line: here one copy ends and the next takes over."
    )
    samples(excerpts, f"Texts with their copies marked. {said}.", caption, 99, marked)


def _lengths(lengths, natural, caption):
    """The longest copies as dots, below those that held-out texts have by nature."""
    names, low, high = list(lengths), min(natural), max(natural)
    longest = max(names, key=lengths.get)
    if lengths[longest] > high:
        title = f"Longest copy, {longest}: {lengths[longest]} characters; held-out texts share {high} at most"
    else:
        title = f"No copy is longer than what held-out texts share: up to {high} characters"
    figure, (ax,) = subplots(1, 8, 0.45 * len(names) + 1.8)
    raised = [len(names) - 0.15 + 0.22 * natural[:i].count(length) for i, length in enumerate(natural)]  # equal ones pile up
    ax.plot(natural, raised, color=GRAY, marker="o", markersize=7, linestyle="")
    for y, name in enumerate(names[::-1]):
        ax.plot(lengths[name], y, color=STATE, marker="o", markersize=9)
        note(ax, lengths[name], y, f"   {lengths[name]}", size=10, ha="left")
    for end in (low, high):
        _yardstick(ax, end)
    caption = f"A grey dot is a held-out text; the dashed lines are the lowest and the highest of them. {caption}"
    ax.set(
        title=title, xlabel="longest copied passage (characters)", ylim=(-0.6, max(raised) + 0.4),
        xlim=(0, 1.12 * max(high, lengths[longest]) + 3),
    )
    ax.set_yticks(range(len(names) + 1), [*names[::-1], f"{len(natural)} held-out texts"])
    ax.grid(axis="y", visible=False)
    show(
        figure, "The longest copied passages as dots: " + ", ".join(f"{name} {length}" for name, length in lengths.items())
        + f" characters; the {len(natural)} held-out texts " + ", ".join(map(str, sorted(natural))) + ".",
        caption,
    )


def noise_to_verse(run, about):
    """A training run as its curve, and what the network wrote on the way.

    Parameters
    ----------
    run : training.Run
    about : dict
        With `counting`, the nats of a 4-gram on the same text.
    """
    rows, best = run.rows, run.best
    linear = min(row["updates"] for row in rows if row["updates"])  # a log axis has no place for 0 updates
    figure, (ax,) = subplots(1, 8, 3.4)
    ticks = [0, linear] + [10**k for k in range(7) if 2 * linear < 10**k < 2 * rows[-1]["updates"]]
    for name, label in (("training", "training"), ("held_out", "held-out")):
        known = [row for row in rows if row[name] is not None]
        ax.plot([row["updates"] for row in known], [row[name] for row in known], color=COLOR[label], label=label)
    chosen = _spaced(rows, best)
    moments = [row["updates"] for row in chosen], [row["held_out"] for row in chosen]
    ax.plot(*moments, color=COLOR["held-out"], linestyle="", marker="o", markersize=6, clip_on=False, zorder=3)
    baseline(ax, about["counting"], f"4-gram counts,\n{_in_both(about['counting'])}")
    ax.set(
        title=f"On the half that chose: {_in_both(best['held_out'])} after {best['updates']:,} updates",
        xlabel=f"updates (log scale from {linear:,} on)", ylabel="nats (bits) per character",
    )
    ax.set_xscale("symlog", linthresh=linear, linscale=0.5)
    ax.set_xlim(left=0)
    ax.set_xticks(ticks, [f"{tick:,}" for tick in ticks])
    ax.minorticks_off()
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:g} ({value / math.log(2):.1f})")
    label_ends(ax)
    show(
        figure,
        f"Nats per character over {rows[-1]['updates']:,} updates, on a log scale from {linear:,} on. Held-out text from {run.rows[0]['held_out']:.2f} before the"
        f" first update to {_in_both(best['held_out'])} after {best['updates']:,}; a 4-gram needs {_in_both(about['counting'])}.",
        "The dots are the moments at which the network wrote the texts below."
        " A point of the training curve is the mean since the point before it.",
    )
    said = {f"{row['updates']:,} updates, {_in_both(row['held_out'], 2)}": row["sample"] for row in chosen}
    samples(
        said, "What the network wrote at temperature 0.7, at moments from the first update to the best weights.",
        f"Each is what the record keeps: {len(best['sample'])} characters, so a last line may stop short.", lines=99,
    )


def _in_both(nats, digits=3):
    """A cost in nats, and beside it in bits: "1.351 nats (1.95 bits)"."""
    return f"{nats:.{digits}f} nats ({nats / math.log(2):.2f} bits)"


def _spaced(rows, best, count=6):
    """The first row, the best one, and some between them, evenly spaced in the logarithm of the updates."""
    until = [row for row in rows if row["updates"] <= best["updates"]]
    wanted = np.geomspace(max(1, until[min(1, len(until) - 1)]["updates"]), max(1, best["updates"]), count - 1)
    places = {0} | {int(np.argmin([abs(math.log((row["updates"] or 0.1) / w)) for row in until])) for w in wanted}
    return [until[i] for i in sorted(places)]


def costs_in_nats(judged, own, weights):
    """Models of one text and what a character costs them; `own` are the names of ours.

    Parameters
    ----------
    judged : dict of str to float
    own : sequence of str
    weights : int
        Of our network.
    """
    figure, ax = _dots(judged, {name: STATE if name in own else GRAY for name in judged}, _in_both)
    ours = sorted(judged[name] for name in own)
    ax.set_title(f"Tiny Shakespeare, 65 symbols: ours {ours[0]:.2f} or {ours[-1]:.2f} nats, depending on the reading", pad=16)
    ax.set_xlabel("nats per character")
    ax.secondary_xaxis("top", functions=(lambda nats: nats / math.log(2), lambda bits: bits * math.log(2))).set_xlabel("bits per character")
    show(
        figure, "Held-out tiny Shakespeare, per character: " + ", ".join(f"{name} {_in_both(value)}" for name, value in judged.items()) + ".",
        "All on the last tenth of the text, each model read in its own way: nanoGPT's value is a mean over windows drawn from it at random."
        f" Ours has {weights / 1e6:.1f} million weights, nanoGPT over 10 million. Half of that tenth chose our weights; nanoGPT's value is the lowest of its run on all of it.",
    )


def _dots(judged, colors, told):
    """Models and their costs as dots, one below another, each with what is `told` of its cost."""
    figure, (ax,) = subplots(1, 8, 0.42 * len(judged) + 1.2)
    names, low, high = list(judged)[::-1], min(judged.values()), max(judged.values())
    for y, name in enumerate(names):
        ax.plot(judged[name], y, color=colors[name], marker="o", markersize=8)
        note(ax, judged[name], y, f"   {told(judged[name])}", size=10, ha="left")
    wide = 0.018 * len(told(high)) * (high - low)  # room for the words beside the last dot
    ax.set_yticks(range(len(names)), names)
    ax.set(xlim=(low - 0.08 * (high - low), high + 0.1 * (high - low) + wide), ylim=(-0.6, len(names) - 0.4))
    ax.grid(axis="y", visible=False)
    return figure, ax


def bits(judged, blind, chose):
    """Held-out bits of several models, one below another.

    Parameters
    ----------
    judged : dict of str to float
    blind : float
        What guessing costs.
    chose : str
        The name of a model whose weights these very texts have chosen, or "".
    """
    best = min(judged, key=judged.get)
    figure, ax = _dots(judged, {name: ORANGE if name == best else BLUE for name in judged}, lambda cost: f"{cost:.2f}")
    where = "on the texts that chose its weights" if best == chose else "on held-out text"
    ax.set(title=f"Lowest: {best}, {judged[best]:.2f} bits, {where}", xlabel="bits per character")
    show(
        figure,
        "Held-out bits per character: " + ", ".join(f"{name} {value:.2f}" for name, value in judged.items())
        + f"; a blind guess costs {blind:.2f}.",
        f"All on the same held-out characters, each counted once. A blind guess costs {blind:.2f} bits.",
    )


def context(reset, carried, small, counted):
    """Cost of a character by its place in the window: from the zero state, with the state carried, and by counting.

    Parameters
    ----------
    reset, carried : ndarray (windows, timesteps)
        Bits of each character, of the large network.
    small : dict of str to ndarray (windows, timesteps)
        Those of the two small networks, read from the zero state: first the one that was trained from it.
    counted : dict of int to float
        By place what an n-gram pays that is given the characters of the window so far: the 2-gram at place 1, and so on.
    """
    windows, size = reset.shape
    edges = np.unique([1, 2, 3, 4, 5, *np.round(np.geomspace(5, size + 1, 8)).astype(int)])
    groups = [slice(a - 1, b - 1) for a, b in zip(edges, edges[1:])]
    places = [np.sqrt(a * (b - 1)) for a, b in zip(edges, edges[1:])]
    series = {"large network, from zeros": reset, "large network, carried": carried}
    series |= {f"{name}, from zeros": costs for name, costs in small.items()}
    means = {name: costs.mean(axis=0) for name, costs in series.items()}
    begin, end = edges[-2], edges[-1] - 1
    ticks = [2**k for k in range(int(np.log2(size)) + 1)]
    figure, (ax,) = subplots(1, 7.5, 4.4)
    draw(ax, places, {name: [costs[:, g].mean() for g in groups] for name, costs in series.items()})
    for line, costs in zip(list(ax.get_lines())[:2], (reset, carried)):
        middle = np.array([costs[:, g].mean() for g in groups])
        error = np.array([costs[:, g].mean(axis=1).std() / np.sqrt(windows) for g in groups])
        ax.fill_between(places, middle - 2 * error, middle + 2 * error, color=line.get_color(), alpha=0.18, linewidth=0)
    for place, bits in counted.items():
        ax.plot(place, bits, color="#222222", marker="o", markersize=8, linestyle="")
        note(ax, 0.93 * place, bits, f"{place + 1}-gram", size=10, ha="right")
    first = {name: mean[0] for name, mean in means.items()}
    ax.set(
        title=f"At place 1: {first['large network, from zeros']:.1f} bits from zeros, {counted[1]:.1f} by counting the same,"
        f" {first['large network, carried']:.1f} with the state",
        xlabel=f"place in a window of {size} (characters, log scale)", ylabel="bits per character", xscale="log",
        xlim=(0.5, 1.05 * size),
    )
    ax.set_xticks(ticks, [str(t) for t in ticks])
    ax.minorticks_off()
    label_ends(ax)
    show(
        figure,
        f"Mean cost of a character over its place in a window of {size}, on a log scale: the first three places, and the second half. "
        + "; ".join(
            f"{name} " + ", ".join(f"{bits:.1f}" for bits in mean[:3]) + f" and {mean[size // 2 :].mean():.2f}" for name, mean in means.items()
        )
        + ". Dots: " + ", ".join(f"{place + 1}-gram {bits:.1f} at place {place}" for place, bits in counted.items()) + ".",
        f"Means over {windows} windows; the shaded bands are two standard errors to either side. All lines read the same characters at"
        " each place: where these happen to be easy, all dip."
        " The black dots are n-grams that are given nothing but the one, two and three characters of the window that the"
        f" networks have read. From place 5 on, a point is the mean over neighbours, the last over places {begin} to {end}.",
    )


def read_alike(table, names):
    """Networks read alike, in each of several ways: a line for each network.

    Parameters
    ----------
    table : dict of (str, str) to dict of str to float
        By network and texts the bits per character by way of reading; of each network the first row is drawn.
    names : sequence of str
        Of two networks.
    """
    rows = {name: next(row for (network, _), row in table.items() if network == name) for name in names}
    ways = list(rows[names[0]])
    cheaper = [min(rows, key=lambda name, way=way: rows[name][way]) for way in (ways[0], ways[-1])]
    if cheaper[0] != cheaper[1]:
        title = f"Which is cheaper depends on the reading: {cheaper[0]} with the {ways[0]},\n{cheaper[1]} {ways[-1]} characters"
    else:
        title = f"{cheaper[0]} is cheaper both with the {ways[0]} and {ways[-1]} characters"
    figure, (ax,) = subplots(1, 7.5, 3.6)
    draw(ax, range(len(ways)), {name: list(row.values()) for name, row in rows.items()})
    low, *_, high = sorted(bits for row in rows.values() for bits in row.values())
    ax.set(title=title, ylabel="bits per character", xlim=(-0.3, len(ways) - 0.9), ylim=(low - 0.25 * (high - low), high + 0.15 * (high - low)))
    upper = [max(row[way] for row in rows.values()) for way in ways]
    for name, row in rows.items():
        for x, (bits, most) in enumerate(zip(row.values(), upper)):
            note(ax, x, bits + (0.06 if bits == most else -0.06) * (high - low), f"{bits:.2f}", size=10, va="bottom" if bits == most else "top")
    ax.set_xticks(range(len(ways)), ways)
    label_ends(ax)
    show(
        figure,
        "Bits per character by way of reading. " + "; ".join(
            f"{name}: " + ", ".join(f"{way} {bits:.2f}" for way, bits in row.items()) for name, row in rows.items()
        ) + ".",
        "Two networks, the same fables, each character counted once. *From zeros every 64*: the state is set to zero after every 64 characters.",
    )


def readings(table):
    """What the page has measured so far, as a table: networks, on which texts, read in which way.

    Parameters
    ----------
    table : dict of (str, str) to dict of str to float
        By network and texts the bits per character by way of reading; the first row has every way. What counts and has no
        state has a single number.
    """
    from IPython.display import display

    ways = list(next(iter(table.values())))
    head = ["", "judged on", *ways]
    rows = []
    for (network, texts), row in table.items():
        single = len(row) < len(ways)
        cells = [f"{bits:.2f}" for bits in row.values()] + ["–"] * (len(ways) - len(row))
        rows.append([f"{network} (no state)" if single else network, texts, *cells])
    align = [' style="text-align: left"'] * 2 + [' style="text-align: right"'] * len(ways)
    html_rows = "".join(
        "<tr>" + "".join(f"<td{side}>{html.escape(cell, quote=False)}</td>" for side, cell in zip(align, row)) + "</tr>" for row in rows
    )
    page = (
        f'<table class="{NO_MATHEMATICS}" style="margin-left: 0"><caption style="text-align: left; caption-side: top">Bits per character, by network and way of reading</caption>'
        "<thead><tr>" + "".join(f'<th scope="col"{side}>{name}</th>' for side, name in zip(align, head)) + f"</tr></thead><tbody>{html_rows}</tbody></table>"
    )
    plain = "\n".join(" | ".join(row) for row in [head, *rows])
    display({"text/html": page, "text/plain": plain}, raw=True)


def temperatures(values, bits, again, new, length):
    """What a text costs, repeats and adds, over the temperature it was written at.

    Parameters
    ----------
    values : sequence of float
        The temperatures.
    bits, again, new : dict of str to float
        Bits under the model, fraction of repeated 20-grams, fraction of new 8-grams: of a text at each temperature, in
        this order, and last of held-out text.
    length : int
        Of the held-out text.
    """
    (*cost, real), (*repeated, usual), (*added, yardstick) = (list(measured.values()) for measured in (bits, again, new))
    figure, (left, right) = _stacked(2, 1, 7.5, 6.4)
    left.plot(values, cost, color=BLUE, marker="o", markersize=5)
    baseline(left, real, "held-out text")
    if all(real - bits_of > 0.3 for heat, bits_of in zip(values, cost) if heat < 1):
        title = f"Up to temperature {max(heat for heat in values if heat < 1):g} its own text is far cheaper than held-out text"
    else:
        title = f"Cheapest: written at temperature {values[int(np.argmin(cost))]:g}"
    left.set(title=title, xlabel="temperature", ylabel="bits per character, by the model")
    label_ends(left)
    right.plot(values, repeated, color=ORANGE, marker="s", markersize=5, label="20-grams repeated")
    right.plot(values, added, color=GREEN, marker="^", markersize=5, label="8-grams new")
    baseline(right, yardstick, "8-grams new,\nheld-out text", GREEN)
    baseline(right, usual, "20-grams repeated,\nheld-out text", ORANGE)
    right.set(title=_crossing(values, added, yardstick), xlabel="temperature", ylabel="fraction of the n-grams")
    right.set_ylim(-0.03, 1.03)
    label_ends(right)
    show(
        figure,
        "Above: bits per character of generated text under the model, over the temperature: "
        + ", ".join(f"{t:g}: {v:.2f}" for t, v in zip(values, cost)) + f"; held-out text {real:.2f}. Below: fraction of repeated 20-grams "
        + ", ".join(f"{v:.2f}" for v in repeated) + " and of 8-grams that are not in training " + ", ".join(f"{v:.2f}" for v in added)
        + f"; held-out text {usual:.2f} and {yardstick:.2f}.",
        f"Dashed lines: the same measured on the first {length:,} characters of the held-out texts.",
    )


def _crossing(values, added, yardstick):
    """Between which temperatures the novelty of the written texts crosses that of held-out text, in words; `values` rise."""
    above = np.greater(added, yardstick)
    if not (above.any() and not above.all()):
        return f"At each temperature {'newer' if above.all() else 'less new'} than held-out text"
    i = int(np.argmax(np.diff(above.astype(int)) != 0))
    return f"As new as held-out text between temperatures {values[i]:g} and {values[i + 1]:g}"
