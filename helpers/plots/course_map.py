"""The front door's picture: a map of the lessons, and what depends on what."""

import textwrap

from helpers import course
from helpers.plots.figure import BLUE, GRAY, GREEN, ORANGE, arrow, canvas, show

#: Width and height of a lesson's box, and of the grid.
BOX, GRID = (2.3, 2.05), (2.95, 2.5)


def draw():
    """Draw the map from the lessons' own notebooks."""
    lessons = course.lessons()
    places = layout(lessons)
    columns, height = max(x for x, _ in places.values()), max(abs(y) for _, y in places.values()) * GRID[1] + BOX[1] / 2 + 0.1
    xlim = (-BOX[0] / 2 - 0.1, columns * GRID[0] + BOX[0] / 2 + 0.1)
    figure, axes = canvas((xlim[1] - xlim[0]) * 0.62, 2 * height * 0.62, xlim, (-height, height))
    for lesson in lessons:
        _box(axes, *_center(places[lesson.number]), lesson)
        for needed in direct_needs(lesson, lessons):
            _way(axes, places[needed], places[lesson.number])
    ways = [f"{lesson.number} ({lesson.title}) {_after(direct_needs(lesson, lessons))}" for lesson in lessons]
    hours = sum(lesson.minutes for lesson in lessons) / 60
    show(
        figure,
        f"Map of the {len(lessons)} lessons, an arrow from each lesson to those that build on it: {'; '.join(ways)}.",
        f"{len(lessons)} lessons, about {hours:.0f} hours: from the first recurrent step to {lessons[-1].title[0].lower()}{lessons[-1].title[1:]}. "
        "An arrow means: do this one first.",
    )


def layout(lessons):
    """Where each lesson stands: as far to the right as the lessons it needs push it.

    Parameters
    ----------
    lessons : sequence of course.Lesson

    Returns
    -------
    dict of str to tuple of float
        For each number its column, and its row, which is 0 in the middle.
    """
    columns = {}
    for lesson in lessons:
        columns[lesson.number] = 1 + max((columns[n] for n in lesson.needs if n in columns), default=-1)
    places = {}
    for column in set(columns.values()):
        inside = [number for number in columns if columns[number] == column]
        for row, number in enumerate(inside):
            places[number] = (column, (len(inside) - 1) / 2 - row)
    return places


def direct_needs(lesson, lessons):
    """The lessons that `lesson` needs, without those that these need themselves."""
    needs = {other.number: set(other.needs) for other in lessons}

    def behind(number):
        return needs.get(number, set()).union(*(behind(n) for n in needs.get(number, ())))

    return [n for n in lesson.needs if not any(n in behind(other) for other in lesson.needs)]


def _after(needed):
    return f"after {' and '.join(needed)}" if needed else "first"


def _center(place):
    return place[0] * GRID[0], place[1] * GRID[1]


def _way(axes, start, end):
    """The arrow from one lesson to another; between the boxes of the columns in between, where there are any."""
    (x0, y0), (x1, y1) = _center(start), _center(end)
    if end[0] - start[0] == 1:
        slope = 0.25 if y1 > y0 else -0.25 if y1 < y0 else 0
        arrow(axes, (x0 + BOX[0] / 2 + 0.04, y0 + slope), (x1 - BOX[0] / 2 - 0.02, y1 - slope))
    else:
        side = 1 if y0 > y1 else -1
        begin, end = (x0 + BOX[0] / 2 + 0.04, y0), (x1 - BOX[0] / 2 - 0.02, y1 + side * 0.7)
        axes.annotate("", end, begin, arrowprops={  # level to the gap between the columns, then up or down
            "arrowstyle": "-|>,head_width=0.22,head_length=0.5", "mutation_scale": 13, "color": "#555555", "linewidth": 1.6,
            "connectionstyle": f"angle,angleA=0,angleB={-side * 80},rad=8", "shrinkA": 0, "shrinkB": 0,
        })


def _box(axes, x, y, lesson):
    from matplotlib.patches import FancyBboxPatch

    corner = (x - BOX[0] / 2 + 0.1, y - BOX[1] / 2 + 0.1)
    axes.add_patch(FancyBboxPatch(corner, BOX[0] - 0.2, BOX[1] - 0.2, "round,pad=0.1", facecolor="white", edgecolor=BLUE, linewidth=1.5))
    axes.text(x - BOX[0] / 2 + 0.14, y + BOX[1] / 2 - 0.14, lesson.number, ha="left", va="top", fontsize=11, color=BLUE, weight="bold")
    axes.text(x, y - 0.52, textwrap.fill(lesson.title, 17), ha="center", va="center", fontsize=10)
    if lesson.number in SKETCHES:
        SKETCHES[lesson.number](axes, x, y + 0.42)


# A sketch for each lesson, about 1.2 wide and 0.7 high, around its middle.


def _loop(axes, x, y):
    """A unit whose output comes back to it."""
    from matplotlib.patches import Circle

    axes.add_patch(Circle((x, y - 0.1), 0.17, facecolor="white", edgecolor=BLUE, linewidth=2))
    arrow(axes, (x - 0.62, y - 0.1), (x - 0.18, y - 0.1))
    arrow(axes, (x + 0.18, y - 0.1), (x + 0.62, y - 0.1))
    arrow(axes, (x + 0.13, y - 0.02), (x - 0.13, y - 0.02), curve=2.2)


def _bars(axes, x, y):
    """The chances of the next letter."""
    for i, (letter, chance) in enumerate(zip("aeior", (0.22, 0.6, 0.36, 0.12, 0.28))):
        axes.bar(x + 0.26 * (i - 2), chance, 0.18, y - 0.22, color=ORANGE if letter == "e" else GRAY)
        axes.text(x + 0.26 * (i - 2), y - 0.25, letter, ha="center", va="top", fontsize=9)


def _backward(axes, x, y):
    """Steps to the right, and blame on its way back."""
    from matplotlib.patches import Circle

    for i in (-1, 0, 1):
        axes.add_patch(Circle((x + 0.45 * i, y - 0.1), 0.11, facecolor="white", edgecolor=BLUE, linewidth=1.5))
    for i in (-1, 0):
        arrow(axes, (x + 0.45 * i + 0.11, y - 0.1), (x + 0.45 * i + 0.36, y - 0.1))
        axes.annotate("", (x + 0.45 * i + 0.05, y + 0.04), (x + 0.45 * i + 0.42, y + 0.04), arrowprops={
            "arrowstyle": "->", "connectionstyle": "arc3,rad=0.7", "color": ORANGE, "linewidth": 1.5})


def _curves(axes, x, y):
    """One gradient dies out, another blows up."""
    steps = [i / 20 for i in range(21)]
    axes.plot([x - 0.6 + 1.2 * t for t in steps], [y - 0.25 + 0.6 * 0.03**t for t in steps], color=BLUE, linewidth=2)
    axes.plot([x - 0.6 + 1.2 * t for t in steps], [y - 0.25 + 0.6 * 0.03 ** (1 - t) for t in steps], color=ORANGE, linewidth=2)


def _twins(axes, x, y):
    """Two networks, number for number the same."""
    from matplotlib.patches import Rectangle

    for i, color in ((-1, BLUE), (1, ORANGE)):
        for row in range(3):
            for column in range(3):
                corner = (x + 0.4 * i - 0.24 + 0.16 * column, y - 0.26 + 0.16 * row)
                shade = (0.9, 0.3, 0.6, 0.2, 0.7, 0.4, 0.5, 1.0, 0.3)[3 * row + column]
                axes.add_patch(Rectangle(corner, 0.14, 0.14, facecolor=color, alpha=shade))
    axes.text(x, y - 0.03, "=", ha="center", va="center", fontsize=14)


def _gates(axes, x, y):
    """A straight way through time, and gates on it."""
    arrow(axes, (x - 0.7, y), (x + 0.7, y))
    for i, sign in ((-1, "×"), (1, "+")):
        axes.text(x + 0.28 * i, y, sign, ha="center", va="center", fontsize=13, color="white", weight="bold",
                  bbox={"boxstyle": "circle,pad=0.12", "facecolor": GREEN if i < 0 else BLUE, "edgecolor": "none"})


def _writing(axes, x, y):
    """A text that goes on by itself."""
    axes.text(x, y + 0.02, "Once upon a", ha="center", va="center", fontsize=10, family="serif", style="italic")
    axes.text(x, y - 0.28, "time there ▌", ha="center", va="center", fontsize=10, family="serif", style="italic", color=ORANGE)


def _both_ways(axes, x, y):
    """Two readers of one text, from its two ends."""
    for letter, place in zip("read", (-0.42, -0.14, 0.14, 0.42)):
        axes.text(x + place, y - 0.06, letter, ha="center", va="center", fontsize=11, family="DejaVu Sans Mono")
    arrow(axes, (x - 0.6, y + 0.24), (x + 0.6, y + 0.24), color=BLUE)
    arrow(axes, (x + 0.6, y - 0.36), (x - 0.6, y - 0.36), color=ORANGE)


def _looking_back(axes, x, y):
    """A word that is being written, and the words it looks at."""
    from matplotlib.patches import Circle

    for place, weight in zip((-0.54, -0.18, 0.18, 0.54), (0.5, 0.5, 4.0, 0.9)):
        axes.plot([x, x + place], [y - 0.22, y + 0.2], color=BLUE, linewidth=weight)
        axes.add_patch(Circle((x + place, y + 0.24), 0.1, facecolor="white", edgecolor=GRAY, linewidth=1.5, zorder=3))
    axes.add_patch(Circle((x, y - 0.3), 0.12, facecolor="white", edgecolor=ORANGE, linewidth=2, zorder=3))


SKETCHES = {"01": _loop, "02": _bars, "03": _backward, "04": _curves, "05": _twins, "06": _gates, "07": _writing, "08": _both_ways,
            "09": _looking_back}
