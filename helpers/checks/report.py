"""What a check cell shows: a table for people, a number of points for nbgrader."""

import dataclasses
import hashlib
import html

PASSED, FAILED, NOT_YET = "passed", "failed", "not yet"
_SIGNS = {PASSED: "✓", FAILED: "✗", NOT_YET: "○"}
_CELL = "text-align:left;vertical-align:top;padding:2px 12px 2px 0"


@dataclasses.dataclass
class Criterion:
    """One line of a report: what is asked, its points, how it went, and the diagnosis."""

    label: str
    points: int
    status: str = NOT_YET
    details: list = dataclasses.field(default_factory=list)


def fingerprint(source):
    """Twelve hexadecimal digits that tell one version of an exercise's cell from another."""
    return hashlib.sha256(source.strip().encode()).hexdigest()[:12]


class Report:
    """The result of one check.

    As HTML it is a table of criteria with what was expected, what came and the likely cause; as plain text
    (`repr`) it is the number of points, which nbgrader reads as partial credit; `str` is the table
    as text. `a & b` passes a criterion only where both do.

    Parameters
    ----------
    exercise : str
        Name of the exercise.
    criteria : list of Criterion
    remarks : list of str
        What concerns the whole exercise, such as an error or what the code printed.
    """

    def __init__(self, exercise, criteria, remarks=()):
        self.exercise = exercise
        self.criteria = list(criteria)
        self.remarks = list(remarks)

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

    def __and__(self, other):
        mine, others = ([r.exercise, *(c.label for c in r.criteria)] for r in (self, other))
        if mine != others:
            raise ValueError(f"reports of {self.exercise} and {other.exercise} do not fit together")
        both = [a if a.status != PASSED else b for a, b in zip(self.criteria, other.criteria)]
        remarks = self.remarks + [r for r in other.remarks if r not in self.remarks]
        return Report(self.exercise, both, remarks)

    def __repr__(self):
        return f"{self.points:g}"

    def __str__(self):
        lines = [f"{self.exercise}: {self.points:g} of {self.max_points:g} points"]
        for c in self.criteria:
            lines.append(f"  {_SIGNS[c.status]} {c.status:<7} {c.points:g}  {c.label}")
            lines.extend(_indented(c.details, 14))
        return "\n".join(lines + _indented(self.remarks, 2))

    def _repr_html_(self):
        rows = "".join(
            f'<tr><td style="{_CELL};white-space:nowrap">{_SIGNS[c.status]} {c.status}</td>'
            f'<td style="{_CELL}">{c.points:g}</td>'
            f'<td style="{_CELL}">{html.escape(c.label)}{_html_lines(c.details)}</td></tr>'
            for c in self.criteria
        )
        return (
            f"<div><strong>{html.escape(self.exercise)}: {self.points:g} of {self.max_points:g} points</strong>"
            f'<table><thead><tr><th style="{_CELL}">result</th><th style="{_CELL}">points</th>'
            f'<th style="{_CELL}">criterion</th></tr></thead><tbody>{rows}</tbody></table>'
            f"{_html_lines(self.remarks)}</div>"
        )


def _indented(details, width):
    return [" " * width + line for detail in details for line in detail.splitlines()]


def _html_lines(details):
    return "".join(
        f'<div style="white-space:pre-wrap;margin-left:1em">{html.escape(d)}</div>' for d in details
    )
