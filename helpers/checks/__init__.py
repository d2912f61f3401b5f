"""Checks: what the check cells call. Each lesson has a module here; each check returns a `Report`.

`values` knows plain values, `calling` runs the learner's code, `report` is what is shown,
`exercise` puts them together. No module here holds a solution that a learner could call.
"""

from helpers.checks.report import Report

__all__ = ["Report"]
