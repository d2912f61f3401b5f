"""What a check cell shows: a table for people, a number of points for nbgrader."""

import dataclasses
import hashlib
import html

PASSED, FAILED, NOT_YET = "passed", "failed", "not yet"

#: How a diagnosis begins.
CAUSE = "likely cause:"

_SIGNS = {PASSED: "✓", FAILED: "✗", NOT_YET: "○"}
# Half-transparent: each keeps its contrast on a white page and on a dark one, where the text is the theme's own.
_TINTS = {PASSED: "rgba(0, 158, 115, 0.22)", FAILED: "rgba(213, 94, 0, 0.30)", NOT_YET: "rgba(128, 128, 128, 0.22)"}
_CELL = "text-align:left;vertical-align:top;padding:3px 12px 3px 6px"
_BOX = "padding:4px 10px;margin:4px 0"


@dataclasses.dataclass
class Criterion:
    """One line of a report: what is asked for, its points, how it went, and the diagnosis."""

    label: str
    points: int
    status: str = NOT_YET
    details: list = dataclasses.field(default_factory=list)


class Report:
    """The result of one check.

    As HTML it is a table of criteria with the likely cause, what was expected and what came, folded where all
    passed; as plain text (`repr`) it is the number of points, which nbgrader reads as partial credit; `str` is the
    table as text. `a & b` passes a criterion only where both do.

    Parameters
    ----------
    exercise : str
        Name of the exercise.
    criteria : list of Criterion
    remarks : list of str
        What concerns the whole exercise and comes first, such as a cell that does not compile.
    printed : str
        What the code wrote while it ran; comes last.
    case : dict, optional
        The arguments, by name, of the first failed case that a learner may see.
    code : str
        The `fingerprint` of the cell that was checked; "" if unknown.
    """

    def __init__(self, exercise, criteria, remarks=(), printed="", case=None, code=""):
        self.exercise = exercise
        self.criteria = list(criteria)
        self.remarks = list(remarks)
        self.printed, self.case, self.code = printed, case, code

    @property
    def points(self):
        """Points earned."""
        return sum(c.points for c in self.criteria if c.status == PASSED)

    @property
    def max_points(self):
        """Points that can be earned."""
        return sum(c.points for c in self.criteria)

    @property
    def passed(self):
        """Whether every criterion passed."""
        return all(c.status == PASSED for c in self.criteria)

    @property
    def begun(self):
        """Whether any criterion has passed or failed."""
        return any(c.status != NOT_YET for c in self.criteria)

    def __and__(self, other):
        mine, others = ([r.exercise, *(c.label for c in r.criteria)] for r in (self, other))
        if mine != others:
            raise ValueError(f"reports of {self.exercise} and {other.exercise} do not fit together")
        both = [a if a.status != PASSED else b for a, b in zip(self.criteria, other.criteria)]
        remarks = self.remarks + [r for r in other.remarks if r not in self.remarks]
        return Report(self.exercise, both, remarks, self.printed or other.printed, self.case, self.code)

    def __repr__(self):
        return f"{self.points:g}"

    def __str__(self):
        lines = [self._title(), *_indented(self.remarks, 2)]
        for c in self.criteria:
            lines.append(f"  {_SIGNS[c.status]} {c.status:<7} {c.points:g}  {c.label}")
            lines.extend(_indented(c.details, 14))
        return "\n".join(lines + _indented(self._last(), 2))

    def _repr_html_(self):
        rows = [
            (c.status, f"{c.points:g}", f"{html.escape(c.label)}{_html_lines(c.details)}")
            for c in self.criteria
        ]
        table = html_table(("result", "points", "criterion"), rows) + _html_lines(self._last())
        # a learner's text may hold two dollar signs: no formula, whatever a front end makes of them
        code = f'data-exercise="{html.escape(self.exercise)}" data-code="{html.escape(self.code)}" class="tex2jax_ignore mathjax_ignore"'
        title = f"<strong>{html.escape(self._title())}</strong>"
        if self.passed and self.criteria:
            fold = f'<summary style="cursor:pointer;background-color:{_TINTS[PASSED]};{_BOX}">{_SIGNS[PASSED]} {title}</summary>'
            return f"<div {code}>{self._boxes()}<details>{fold}{table}</details></div>"
        return f"<div {code}>{title}{self._boxes()}{table}</div>"

    def _title(self):
        if not self.max_points:  # an exercise to practise on
            return f"{self.exercise}: {'solved' if self.passed else 'not solved yet'}"
        return f"{self.exercise}: {self.points:g} of {plural(self.max_points, 'point')}"

    def _boxes(self):
        status = FAILED if self.begun else NOT_YET
        return "".join(html_box(status, html.escape(remark)) for remark in self.remarks)

    def _last(self):
        return [f"While it ran, your code wrote:\n{self.printed}"] if self.printed else []


def fingerprint(source):
    """12 hexadecimal digits that tell one version of a cell's source from another; spaces around it do not count."""
    return hashlib.sha256(source.strip().encode("utf-8", "surrogatepass")).hexdigest()[:12]


def plural(number, noun):
    """The number with its noun: "1 point", "3 points"."""
    return f"{number:g} {noun}" + ("" if number == 1 else "s")


def html_table(titles, rows):
    """A table whose first column is a status, in its colour and with its sign.

    Parameters
    ----------
    titles : sequence of str
    rows : sequence of tuple
        A status, then the other columns as HTML.
    """
    head = "".join(f'<th style="{_CELL}">{title}</th>' for title in titles)
    body = ""
    for status, *columns in rows:
        tint = f"background-color:{_TINTS[status]};white-space:nowrap"
        cells = [f'<td style="{_CELL};{tint}">{_SIGNS[status]} {status}</td>']
        cells += [f'<td style="{_CELL}">{column}</td>' for column in columns]
        body += f"<tr>{''.join(cells)}</tr>"
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def html_box(status, text):
    """A line of HTML on the colour of a status."""
    return f'<div style="white-space:pre-wrap;background-color:{_TINTS[status]};{_BOX}">{text}</div>'


def _indented(details, width):
    return [" " * width + line for detail in details for line in detail.splitlines()]


def _html_lines(details):
    lines = ""
    for detail in details:
        text = html.escape(detail)
        text = f"<strong>{text}</strong>" if detail.startswith(CAUSE) else text
        lines += f'<div style="white-space:pre-wrap;margin-left:1em">{text}</div>'
    return lines
