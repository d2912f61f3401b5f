"""How the course draws: one style, and colours that colour-blind readers can tell apart."""

import io
import warnings

# Okabe and Ito's palette ("Color universal design", 2008), in the order of use.
BLUE, ORANGE, GREEN, PURPLE, GRAY = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#666666"
COLORS = (BLUE, ORANGE, GREEN, PURPLE, GRAY)
MARKERS = "os^Dv"
DPI = 80
STYLE = {
    "font.size": 11,
    "axes.titlesize": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.3,
    "legend.frameon": False,
}


def show(figure, alt, caption):
    """Show a matplotlib figure with its text alternative and a visible caption.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    alt : str
        What the figure shows, for readers who cannot see it.
    caption : str
        The finding, in a sentence or two (Markdown).
    """
    from IPython.display import Markdown, display

    png = io.BytesIO()
    with warnings.catch_warnings():  # a slow machine's warning would stand in the notebook as stderr
        warnings.filterwarnings("ignore", message='Creating legend with loc="best"')
        figure.savefig(png, format="png", dpi=DPI, bbox_inches="tight", metadata={"Software": None})
    bundle = {"image/png": png.getvalue(), "text/plain": f"Figure: {alt}"}
    display(bundle, raw=True, metadata={"image/png": {"alt": alt}})
    display(Markdown(f"*{caption}*"))


def lines(x, series, title, xlabel, ylabel, alt, caption, **settings):
    """Show one chart of lines, a marker at each point.

    Parameters
    ----------
    x : sequence of float
    series : dict of str to sequence of float
        For each name in the legend the values at `x`; at most five.
    title : str
        The finding.
    xlabel, ylabel : str
        With units.
    alt, caption : str
        As in `show`.
    **settings
        Further properties of the axes, such as `xscale="log"`.
    """
    figure, (ax,) = subplots(1, 7, 3.4)
    for (name, values), color, marker in zip(series.items(), COLORS, MARKERS):
        ax.plot(x, values, color=color, marker=marker, markersize=5, label=name)
    ax.set(title=title, xlabel=xlabel, ylabel=ylabel, **settings)
    if len(series) > 1:
        ax.legend()
    show(figure, alt, caption)


def subplots(columns, width, height, **options):
    """A figure of `width` by `height` inches and its axes, side by side, in the course's style."""
    import matplotlib
    from matplotlib.figure import Figure  # without pyplot: the learner's own plots stay as they are

    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        return figure, figure.subplots(1, columns, squeeze=False, **options)[0]


def canvas(width, height, xlim, ylim):
    """A figure and one axes without axis lines, for drawings."""
    figure, (axes,) = subplots(1, width, height)
    axes.set(xlim=xlim, ylim=ylim, aspect="equal")
    axes.axis("off")
    return figure, axes


def node(axes, x, y, text, color, size=0.36):
    """A circle with a name in it."""
    from matplotlib.patches import Circle

    axes.add_patch(Circle((x, y), size, facecolor="white", edgecolor=color, linewidth=2))
    axes.text(x, y, text, ha="center", va="center", fontsize=13)


def arrow(axes, start, end, label="", curve=0.0, offset=(0.42, 0)):
    """An arrow, its label beside its middle."""
    style = f"arc3,rad={curve}" if curve else "arc3"
    axes.annotate("", end, start, arrowprops={"arrowstyle": "->", "connectionstyle": style, "color": GRAY, "linewidth": 1.5})
    if label:
        middle = ((start[0] + end[0]) / 2 + offset[0], (start[1] + end[1]) / 2 + offset[1])
        axes.text(*middle, label, ha="center", va="center", fontsize=11, color="#333333")
