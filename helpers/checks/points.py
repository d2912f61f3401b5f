"""The points of a lesson so far, exercise by exercise."""

import html

from helpers.checks.report import FAILED, NOT_YET, PASSED, html_table, plural


class Points:
    """A table of exercises with their points and what still waits; as plain text one line.

    Parameters
    ----------
    reports : sequence of Report
    """

    def __init__(self, reports):
        self.reports = list(reports)

    @property
    def points(self):
        """Points earned."""
        return sum(report.points for report in self.reports)

    @property
    def max_points(self):
        """Points that can be earned."""
        return sum(report.max_points for report in self.reports)

    def __repr__(self):
        return f"{self.points:g} of {plural(self.max_points, 'point')}"

    def _repr_html_(self):
        rows = [
            (_status(r), html.escape(r.exercise), f"{r.points:g} of {r.max_points:g}", html.escape(_waiting(r)))
            for r in self.reports
        ]
        table = html_table(("result", "exercise", "points", "what still waits"), rows)
        return f"<div><strong>Your points in this lesson: {self!r}</strong>{table}</div>"


def _status(report):
    return PASSED if report.passed else FAILED if report.begun else NOT_YET


def _waiting(report):
    if not report.begun:
        return "all of it"
    return "; ".join(c.label for c in report.criteria if c.status != PASSED)
