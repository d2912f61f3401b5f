"""Grading for instructors, on top of nbgrader.

Learners do not install nbgrader: only this package and `helpers.authoring` import it.
"""
