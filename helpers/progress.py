"""Your points so far, read from the notebooks you saved; nothing is kept anywhere else.

    progress.points()      on the front door: the whole course, lesson by lesson
"""

import dataclasses
import html
import json
import re
import sys

from helpers import course
from helpers.checks.report import fingerprint

_NUMBER = re.compile(r"\d{1,6}(\.\d{1,6})?", re.ASCII)
_MARK = re.compile(r"""data-code=["']([0-9a-f]{12})["']""")
_CELL = "text-align:left;vertical-align:top;padding:3px 14px 3px 0"

ON_COLAB = (
    "Colab opens one notebook at a time, so this page cannot see the points in your other ones. "
    "The last cell of each lesson shows that lesson's."
)


@dataclasses.dataclass(frozen=True)
class Result:
    """What a saved notebook shows for one exercise.

    Attributes
    ----------
    points : float
    changed : bool
        Whether the exercise's code is newer than its check.
    place : str
        The notebook, seen from notebooks/.
    saved : float
        When, in seconds, as the file system has it.
    """

    points: float
    changed: bool
    place: str
    saved: float


class Overview:
    """The points so far: a table as HTML, lines as text.

    Parameters
    ----------
    best : dict of str to dict of str to Result
        For each lesson's name its exercises that were checked, the best result of each.
    problems : list of str
        What could not be read, in words.
    """

    def __init__(self, best, problems):
        self.best, self.problems = best, problems

    def earned(self, lesson):
        """The points earned in a lesson."""
        return sum(result.points for result in self.best.get(lesson.name, {}).values())

    def next(self):
        """The lesson to go on with: the first one that was begun and is not finished, else the first unfinished one."""
        open_ones = [lesson for lesson in course.lessons() if self.earned(lesson) < lesson.points]
        return next((lesson for lesson in open_ones if self.best.get(lesson.name)), next(iter(open_ones), None))

    def headline(self):
        """The sum, and where to go on, as two strings."""
        every = course.lessons()
        total, most, after = sum(map(self.earned, every)), sum(lesson.points for lesson in every), self.next()
        if after is None:
            return f"{total:g} of {most} points: all there are. Well done!", ""
        if not any(self.best.values()):
            return f"No points yet, {most} to earn.", f"Begin with lesson {after.number}."
        waits = [name for name in after.exercises if name not in self.best.get(after.name, {}) or self._short(after, name)]
        return f"{total:g} of {most} points so far.", f"Go on with lesson {after.number}: {waits[0]} is open."

    def _short(self, lesson, name):
        return self.best[lesson.name][name].points < lesson.exercises[name]

    def _notes(self, lesson, name):
        """What there is to say of a result, such as which notebook it is from."""
        result = self.best[lesson.name][name]
        return ["changed since: run its check again"] * result.changed + [f"in {result.place}"] * (result.place != lesson.place)

    def __repr__(self):
        lines = [" ".join(self.headline()).strip()]
        for lesson in course.lessons():
            lines.append(f"  {lesson.number}  {self.earned(lesson):3g} of {lesson.points}  {lesson.title}")
            for name in self.best.get(lesson.name, {}):
                if notes := self._notes(lesson, name):
                    lines.append(f"        {name}: {', '.join(notes)}")
        return "\n".join([*lines, *self.problems])

    def _repr_html_(self):
        rows = "".join(self._row(lesson) for lesson in course.lessons())
        total, then = map(html.escape, self.headline())
        if (after := self.next()) is not None:
            then = f'<a href="{html.escape(after.place)}">{then}</a>'
        problems = "".join(f"<p>{html.escape(problem)}</p>" for problem in self.problems)
        return (
            f'<p style="font-size:1.15em"><strong>{total}</strong> {then}</p><table style="margin-left:0">'
            f'<thead><tr>{"".join(_th(word) for word in ("lesson", "points", "", "exercise by exercise"))}</tr></thead>'
            f"<tbody>{rows}</tbody></table>{problems}"
        )

    def _row(self, lesson):
        earned, results = self.earned(lesson), self.best.get(lesson.name, {})
        full = 100 * earned / lesson.points
        bar = (  # currentColor: right in light and dark themes
            '<div aria-hidden="true" style="width:120px;height:0.7em;margin-top:0.35em;border:1px solid;border-radius:4px;opacity:0.8">'
            f'<div style="width:{full:.0f}%;height:100%;background:#0072B2;border-radius:3px"></div></div>'
        )
        each = []
        for name, most in lesson.exercises.items():
            if name not in results:
                each.append(f"<li>{name}: not checked yet</li>")
                continue
            notes = "".join(f" · <em>{html.escape(note)}</em>" for note in self._notes(lesson, name))
            each.append(f"<li>{name}: {results[name].points:g} of {most}{notes}</li>")
        done = sum(name in results and not self._short(lesson, name) for name in lesson.exercises)
        changed = sum(result.changed for result in results.values())
        words = f"{done} of {len(lesson.exercises)} done" + (f", {changed} changed since" if changed else "")
        opened = f'<details><summary>{words}</summary><ul style="margin:2px 0 6px 0">{"".join(each)}</ul></details>'
        link = f'<a href="{html.escape(lesson.place)}">{lesson.number} {html.escape(lesson.title)}</a>'
        cells = [link, f"{earned:g} of {lesson.points}", bar, opened]
        return f"<tr>{''.join(_td(cell) for cell in cells)}</tr>"


def _th(word):
    return f'<th style="{_CELL}">{word}</th>'


def _td(inside):
    return f'<td style="{_CELL}">{inside}</td>'


def points():
    """The points so far, from every notebook saved under notebooks/, copies included.

    The best result of each exercise counts. A notebook that cannot be read costs a line, nothing else.

    Returns
    -------
    Overview or None
        For the cell to show; None on Colab, where a line says why there is nothing to see.
    """
    if "google.colab" in sys.modules:
        print(ON_COLAB)
        return None
    best, problems = {}, []
    for path in sorted((course.ROOT / "notebooks").rglob("*.ipynb")):
        if ".ipynb_checkpoints" in path.parts:
            continue
        lesson, results, odd = read(path)
        problems += odd
        for name, result in results.items():
            kept = best.setdefault(lesson.name, {})
            kept[name] = max(filter(None, (kept.get(name), result)), key=lambda r: (r.points, not r.changed, r.place == lesson.place, r.saved))
    return Overview(best, problems)


def read(path):
    """What a saved notebook shows.

    Parameters
    ----------
    path : pathlib.Path

    Returns
    -------
    tuple of (course.Lesson or None, dict of str to Result, list of str)
        The lesson it is a copy of, told by its exercises; the result of each that was checked; what is odd, in words.
    """
    place = path.relative_to(course.ROOT / "notebooks").as_posix()
    try:
        notebook = json.loads(path.read_text("utf-8"))
        saved = path.stat().st_mtime
    except (OSError, ValueError, RecursionError) as error:
        return None, {}, [f"{place} cannot be read ({type(error).__name__}), so its points are not counted. Does it open?"]
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(cells, list):
        return None, {}, [f"{place} is no notebook (it has no cells), so it is not counted."]
    named = {}
    for cell in cells:
        if isinstance(cell, dict) and isinstance(name := _facts(cell, "metadata", "nbgrader").get("grade_id"), str):
            named[name] = cell
    checked = {name for name in named if name.startswith("check-")}
    lesson = max(course.lessons(), key=lambda lesson: sum(f"check-{name}" in checked for name in lesson.exercises))
    results, problems = {}, []
    for name, most in lesson.exercises.items():
        check, exercise = named.get(f"check-{name}"), named.get(name)
        shown, mark = _shown(check) if check else (None, "")
        if shown is None:
            continue
        if not _NUMBER.fullmatch(shown) or float(shown) > most:
            problems.append(f"{place}: the check of {name} shows {shown[:20]!r}, not 0 to {most:g} points; run it again and save.")
            continue
        results[name] = Result(float(shown), _changed(exercise, check, mark), place, saved)
    return lesson, results, problems


def _facts(part, *keys):
    """A dict inside dicts; empty where anything on the way is something else."""
    for key in keys:
        part = part.get(key) if isinstance(part, dict) else None
    return part if isinstance(part, dict) else {}


def _shown(check):
    """The plain text that a check cell's report shows, and its mark; (None, "") before it was run."""
    outputs = check.get("outputs")
    for output in outputs if isinstance(outputs, list) else ():
        if isinstance(output, dict) and output.get("output_type") == "execute_result":
            data = _facts(output, "data")
            mark = _MARK.search(_text(data.get("text/html")))
            return _text(data.get("text/plain")).strip(), mark[1] if mark else ""
    return None, ""


def _text(stored):
    lines = stored if isinstance(stored, list) else [stored]
    return "".join(line for line in lines if isinstance(line, str))


def _changed(exercise, check, mark):
    """Whether an exercise's code is newer than its check: by the mark in the report, else by what ran last."""
    if exercise is None:
        return True
    if mark:
        return mark != fingerprint(_text(exercise.get("source")))
    ran, checked = exercise.get("execution_count"), check.get("execution_count")
    return type(ran) is int and type(checked) is int and ran > checked
