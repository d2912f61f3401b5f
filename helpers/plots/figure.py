"""How the course draws: sharp pictures with words, lines named at their ends, one colour for each thing."""

import base64
import html
import io
import math
import re

GRAY, ORANGE, BLUE, BROWN = "#6b6b6b", "#d07200", "#0f8af0", "#7d5400"
GREEN, INDIGO, WINE, PINK = "#529054", "#30208a", "#74081f", "#c472ba"

#: In the order of use, for things that have no colour of their own. Any two of these can be told apart with any of the
#: three kinds of colour blindness (tests/test_plots.py simulates them).
PALETTE = (BLUE, ORANGE, INDIGO, GREEN, PINK, BROWN, WINE, GRAY)

#: What has its colour through the whole course.
COLOR = {
    "training": ORANGE,
    "held-out": BLUE,
    "held out": BLUE,
    "validation": BLUE,
    "feedforward": BROWN,
    "window": BROWN,
    "convolution": GREEN,
    "recurrent": INDIGO,
    "SimpleRNN": INDIGO,
    "LSTM": WINE,
    "GRU": PINK,
    "baseline": GRAY,
    # two networks that lesson 07 reads in several ways
    "by_windows": INDIGO,
    "by_windows, from zeros": INDIGO,
    "by_streams": GREEN,
    "by_streams, from zeros": GREEN,
    # the readers that lesson 08 compares in one figure after another
    "one direction": INDIGO,
    "at once": INDIGO,
    "forward only": INDIGO,
    "three letters late": GREEN,
    "both directions": BLUE,
    "both, summary": BLUE,
    "both, [:, -1], padded left": ORANGE,
    "both, [:, -1], padded right": WINE,
}

MARKERS = "os^DvPX*"
TEXT = "#222222"
#: Pixels per inch that the page gives a picture; the PNG holds twice as many.
PIXELS = 80
#: White around each picture, in pixels of the PNG: on a dark page a line must not touch the edge.
MARGIN = 20
STYLE = {
    "figure.facecolor": "white",
    "axes.facecolor": "white",
    "axes.edgecolor": "#888888",
    "axes.labelcolor": TEXT,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlecolor": TEXT,
    "axes.titlepad": 10,
    "axes.titlesize": 12,
    "font.family": "DejaVu Sans",
    "font.size": 11,
    "grid.color": "#e4e4e4",
    "lines.linewidth": 2,
    "text.color": TEXT,
    "xtick.color": "#555555",
    "ytick.color": "#555555",
    "xtick.labelcolor": TEXT,
    "ytick.labelcolor": TEXT,
}


#: The class of a block of HTML that MathJax leaves alone, in its versions 2 and 3: a text may well have two "$" in it.
NO_MATHEMATICS = "tex2jax_ignore mathjax_ignore"


def show(figure, alt, caption=""):
    """Show a matplotlib figure with its text alternative and a visible caption.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    alt : str
        What the figure shows, for readers who cannot see it.
    caption : str, optional
        A sentence or two to be read below it, with `code`, *emphasis*, **strong emphasis** and $mathematics$.
    """
    from IPython.display import display

    display({"text/html": picture(figure, alt, caption), "text/plain": f"Figure: {alt}"}, raw=True)


def picture(figure, alt, caption=""):
    """A figure as HTML: the picture (a PNG inside the text), its text alternative and its caption; as `show`."""
    if not alt.strip():
        raise ValueError("a figure needs a text alternative: `alt` is empty")
    width, png = _png(figure)
    image = (
        f'<img alt="{html.escape(alt)}" width="{width}" src="data:image/png;base64,{base64.b64encode(png).decode()}"'
        ' style="max-width: 100%; height: auto; border-radius: 6px">'
    )
    return f'<figure style="margin: 0">{image}{_caption(caption)}</figure>'


def caption_html(text):
    """The HTML of a line with `code`, *emphasis*, **strong emphasis** and $mathematics$ (which is left to MathJax)."""
    parts = re.split(r"(\$[^$]+\$|`[^`]+`)", text)
    return "".join(_inline(part) for part in parts)


def _inline(part):
    if part.startswith("`") and len(part) > 2:
        return f"<code>{html.escape(part[1:-1], quote=False)}</code>"
    text = html.escape(part, quote=False)
    if part.startswith("$") and len(part) > 2:
        return text
    text = re.sub(r"\*\*(\S(?:.*?\S)?)\*\*", r"<strong>\1</strong>", text)
    return re.sub(r"\*(\S(?:.*?\S)?)\*", r"<em>\1</em>", text)


def _caption(text):
    return f'<figcaption style="max-width: 50em; margin: 4px 0 8px">{caption_html(text)}</figcaption>' if text else ""


def _png(figure):
    """The width on the page, in pixels, and the PNG: twice as many pixels, at most 256 colours."""
    from PIL import Image, ImageOps

    _finish(figure)
    raw = io.BytesIO()
    figure.savefig(raw, format="png", dpi=2 * PIXELS, bbox_inches="tight")
    image = Image.open(raw).convert("RGB")
    drawn = ImageOps.invert(image).getbbox()  # without the empty part of a canvas
    image = ImageOps.expand(image.crop(drawn), MARGIN, "white").quantize(256, dither=Image.Dither.NONE)
    small = io.BytesIO()
    image.save(small, format="png", optimize=True)
    return round(image.width / 2), small.getvalue()


def _finish(figure):
    """What matplotlib reads from its settings too late, when ours are gone: titles to the left, legends without frames."""
    from matplotlib.legend import Legend

    for legend in figure.findobj(Legend):
        legend.set_frame_on(False)
    for ax in figure.axes:
        ax.title.set(x=0, horizontalalignment="left")


def subplots(columns, width, height, **options):
    """A figure of `width` by `height` inches and its axes, side by side, in the course's style."""
    import matplotlib.style
    from matplotlib.figure import Figure  # without pyplot: the learner's own plots stay as they are

    with matplotlib.style.context(["default", STYLE]):
        figure = Figure(figsize=(width, height), layout="constrained")
        return figure, figure.subplots(1, columns, squeeze=False, **options)[0]


def lines(x, series, title, xlabel, ylabel, alt, caption="", ordered=False, baselines=None, **settings):
    """Show one chart of lines, a marker at each point and its name at each line's end.

    Parameters
    ----------
    x : sequence of float
    series : dict of str to sequence of float
        For each name the values at `x`; at most eight.
    title : str
        The finding, in words.
    xlabel, ylabel : str
        With units.
    alt, caption : str
        As in `show`.
    ordered : bool
        Whether the series are values of one quantity in rising order: they get a sequence of colours.
    baselines : dict of str to float, optional
        Horizontal lines, by name.
    **settings
        Further properties of the axes, such as `xscale="log"`.
    """
    figure, (ax,) = subplots(1, 8, 3.6)
    draw(ax, x, series, ordered)
    for name, value in (baselines or {}).items():
        baseline(ax, value, name)
    ax.set(title=title, xlabel=xlabel, ylabel=ylabel, **settings)
    if len(series) + len(baselines or {}) > 1:
        label_ends(ax)
    show(figure, alt, caption)


def draw(ax, x, series, ordered=False, **properties):
    """Draw lines in the colours of what they show; label them with `label_ends` once the axes are as they should be.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    x : sequence of float
    series : dict of str to sequence of float
    ordered : bool
        As in `lines`.
    **properties
        Of the lines, such as `markevery=10`.
    """
    properties = {"markersize": 5, "markevery": 1 if len(x) <= 20 else max(1, len(x) // 10), **properties}
    for (name, values), color, marker in zip(series.items(), colors(series, ordered), MARKERS):
        ax.plot(x, values, color=color, marker=marker, label=name, **properties)


def colors(names, ordered=False):
    """A colour for each name: its own where the course has one, else the next free one of the palette.

    Parameters
    ----------
    names : iterable of str
        At most eight, if they are not ordered.
    ordered : bool
        Whether they are values of one quantity in rising order.

    Returns
    -------
    list of str
    """
    names = list(names)
    if ordered:
        return sequence(len(names))
    if len(names) > len(PALETTE):
        raise ValueError(f"{len(names)} lines in one picture cannot be told apart: at most {len(PALETTE)}, or `ordered=True`")
    own = {COLOR[name]: name for name in reversed(names) if name in COLOR}  # of two names of one thing the first gets it
    free = (color for color in PALETTE if color not in own)
    return [COLOR[name] if own.get(COLOR.get(name)) == name else next(free) for name in names]


def sequence(n):
    """Colours for `n` values of one quantity in rising order, from dark to light (matplotlib's inferno without its ends)."""
    import matplotlib
    from matplotlib.colors import to_hex

    inferno = matplotlib.colormaps["inferno"]
    return [to_hex(inferno(0.1 + 0.6 * i / max(1, n - 1))) for i in range(n)]


def baseline(ax, value, label, color=GRAY, linestyle="--"):
    """A horizontal line to compare with; `label_ends` names it."""
    ax.axhline(value, color=color, linewidth=1.5, linestyle=linestyle, label=label)
    ax.autoscale_view(scalex=False)  # a lowest or highest line is not to lie on the edge of the picture


def label_ends(ax, size=10, gap=8):
    """Write each line's label at its right end, in its colour, spread where they would overlap.

    Call it last: where the lines end depends on the scales and limits.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Its lines that have a label get one; horizontal lines get it at the right edge.
    size : float
        Of the letters, in points.
    gap : float
        Between the line's end and its label, in points.
    """
    from matplotlib.text import Text

    figure = ax.figure
    ends = [(line, _end(ax, line)) for line in ax.get_lines() if not str(line.get_label()).startswith("_")]
    texts = []
    for line, end in ends:
        if end is None:
            continue
        arrow = {"arrowstyle": "-", "color": line.get_color(), "linewidth": 0.8, "shrinkA": 1, "shrinkB": 2, "relpos": (0, 0.5)}
        texts.append(ax.annotate(
            line.get_label(), end, (gap, 0), textcoords="offset points", ha="left", va="center", fontsize=size,
            color=readable(line.get_color()), arrowprops=arrow, annotation_clip=False,
        ))
    if not texts:
        return
    figure.draw_without_rendering()  # the layout leaves room for the labels
    points = 72 / figure.dpi
    box = ax.get_window_extent()
    heights = [Text.get_window_extent(text).height * points for text in texts]  # of the words, without the line to them
    wanted = [ax.transData.transform(text.xy)[1] * points for text in texts]
    placed = spread(wanted, [height + 1 for height in heights], box.y0 * points - size / 2, box.y1 * points + size / 2)
    moves = [then - now for now, then in zip(wanted, placed)]
    far = [abs(move) > size / 2 for move in moves]  # a thin line leads from the end to such a label
    for text, move, visible in zip(texts, moves, far):
        text.set_position((gap + 12 * any(far), move))
        text.arrow_patch.set_visible(visible)


def _end(ax, line):
    """The rightmost point of a line inside the axes, in the data's coordinates; None where there is none."""
    edge, (y0, y1) = ax.get_xlim()[1], sorted(ax.get_ylim())
    if line.get_transform() == ax.get_yaxis_transform():  # from edge to edge
        return edge, line.get_ydata()[-1]
    points = [(x, min(max(y, y0), y1)) for x, y in zip(line.get_xdata(), line.get_ydata()) if math.isfinite(y)]
    places = [(ax.transAxes.inverted().transform(ax.transData.transform(point))[0], point) for point in points]
    inside = [(place, point) for place, point in places if -1e-9 <= place <= 1 + 1e-9]
    if not inside:
        return None
    place, (x, y) = max(inside, key=lambda pair: pair[0])
    return (edge if place > 0.92 else x), y


def spread(wanted, sizes, low, high):
    """Places for labels in a column, as near as can be to where they should be, without overlap.

    Parameters
    ----------
    wanted : sequence of float
        Where the middle of each should be.
    sizes : sequence of float
        Their heights.
    low, high : float
        The column's ends, kept where the labels fit between them.

    Returns
    -------
    list of float
        The middle of each, in the order given.
    """
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    low, high = low, max(high, low + sum(sizes))
    blocks = []  # each: (bottom, height, members); overlapping blocks become one around the mean of what they want
    for i in order:
        block = _block([i], wanted, sizes, low, high)
        while blocks and blocks[-1][0] + blocks[-1][1] > block[0]:
            block = _block([*blocks.pop()[2], *block[2]], wanted, sizes, low, high)
        blocks.append(block)
    places = [0.0] * len(wanted)
    for bottom, _, members in blocks:
        for i in members:
            places[i] = bottom + sizes[i] / 2
            bottom += sizes[i]
    return places


def _block(members, wanted, sizes, low, high):
    height, offset, bottoms = sum(sizes[i] for i in members), 0.0, []
    for i in members:
        bottoms.append(wanted[i] - sizes[i] / 2 - offset)
        offset += sizes[i]
    return min(max(sum(bottoms) / len(bottoms), low), high - height), height, members


def readable(color):
    """The colour, darkened until it can be read as text on white (a contrast of 4.5, as WCAG 2 asks)."""
    from matplotlib.colors import to_hex, to_rgb

    rgb = to_rgb(color)
    while contrast(rgb, (1, 1, 1)) < 4.5:
        rgb = tuple(0.95 * channel for channel in rgb)
    return to_hex(rgb)


def contrast(one, other):
    """Contrast of two colours, 1 to 21, as WCAG 2 defines it; `one` and `other` are red, green and blue from 0 to 1."""
    dark, light = sorted(
        sum(share * _linear(channel) for share, channel in zip((0.2126, 0.7152, 0.0722), color)) for color in (one, other)
    )
    return (light + 0.05) / (dark + 0.05)


def _linear(channel):
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def power(exponent, digits=0):
    """A power of ten as one reads it: `power(-18)` is "10⁻¹⁸"; with `digits` also fractions, as "10⁻¹⁸·⁴"."""
    text = f"{exponent:.{digits}f}".replace("-0", "0") if round(exponent, digits) == 0 else f"{exponent:.{digits}f}"
    return "10" + text.translate(str.maketrans("-0123456789.", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹·"))


def power_ticks(axis):
    """Write the ticks of an axis of logarithms (base ten) as the powers they stand for."""
    from matplotlib.ticker import MaxNLocator

    axis.set_major_locator(MaxNLocator(6, integer=True))
    axis.set_major_formatter(lambda value, _: power(value))


def canvas(width, height, xlim, ylim):
    """A figure and one axes without axis lines, for drawings; `width` and `height` in inches."""
    figure, (axes,) = subplots(1, width, height)
    axes.set(xlim=xlim, ylim=ylim, aspect="equal")
    axes.axis("off")
    return figure, axes


def node(axes, x, y, text, color, size=0.36, filled=False):
    """A circle with a name in it; returns it, for `arrow`."""
    from matplotlib.patches import Circle

    circle = Circle((x, y), size, facecolor=_tint(color) if filled else "white", edgecolor=color, linewidth=2, zorder=3)
    axes.add_patch(circle)
    note(axes, x, y, text, size=13)
    return circle


def box(axes, x, y, text, color, width=1.2, height=0.7, filled=True):
    """A rounded box around (x, y) with a name in it; returns it, for `arrow`."""
    from matplotlib.patches import FancyBboxPatch

    corner = (x - width / 2 + 0.08, y - height / 2 + 0.08)
    patch = FancyBboxPatch(
        corner, width - 0.16, height - 0.16, boxstyle="round,pad=0.08", facecolor=_tint(color) if filled else "white",
        edgecolor=color, linewidth=1.5, zorder=3,
    )
    axes.add_patch(patch)
    note(axes, x, y, text)
    return patch


def note(axes, x, y, text, color=TEXT, size=11, **properties):
    """Words in a drawing, around (x, y)."""
    properties = {"ha": "center", "va": "center", "zorder": 4, "family": "DejaVu Sans", **properties}
    return axes.text(x, y, text, color=color, fontsize=size, **properties)


def arrow(axes, start, end, label="", curve=0.0, offset=(0.42, 0), color="#555555", linestyle="-"):
    """An arrow from `start` to `end`, its label beside its middle.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    start, end : (float, float), or what `node` or `box` returned
        A node or a box is left and reached at its edge.
    label : str
    curve : float
        0 is straight; above and below, bent to one side or the other.
    offset : (float, float)
        From the middle to the label.
    color, linestyle : str
    """
    a, b = _middle(start), _middle(end)
    axes.annotate("", b, a, arrowprops={
        "arrowstyle": "-|>,head_width=0.22,head_length=0.5", "mutation_scale": 13, "color": color, "linewidth": 1.6,
        "linestyle": linestyle, "connectionstyle": f"arc3,rad={curve}", "shrinkA": 0, "shrinkB": 0,
        "patchA": start if a is not start else None, "patchB": end if b is not end else None,
    }, annotation_clip=False)
    if label:
        note(axes, (a[0] + b[0]) / 2 + offset[0], (a[1] + b[1]) / 2 + offset[1], label, readable(color))


def _middle(place):
    if isinstance(place, tuple):
        return place
    if hasattr(place, "center"):  # a circle
        return tuple(place.center)
    return place.get_x() + place.get_width() / 2, place.get_y() + place.get_height() / 2


def _tint(color, share=0.14):
    from matplotlib.colors import to_hex, to_rgb

    return to_hex([1 - share + share * channel for channel in to_rgb(color)])
