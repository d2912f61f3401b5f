"""Shared utilities of the course on recurrent neural networks.

=================== =====================================================================
`helpers.session`   a quiet, repeatable session: threads, log levels, captured output
`helpers.data`      the embedded texts and names, larger public sets, one's own files
`helpers.course`    the lessons as their notebooks describe them, worked solutions
`helpers.progress`  your points so far
`helpers.update`    fetch a newer course, keep your work
`helpers.gradients` numerical gradients and how far two arrays are apart
`helpers.plots`     figures, coloured text, training to watch, knobs: each with words
`helpers.checks`    what the check cells call, one module a lesson
`helpers.authoring` for authors: execute the solutions, release the notebooks
`helpers.grading`   for instructors: intake of downloaded submissions
=================== =====================================================================

Importing `helpers` imports none of them, and neither TensorFlow nor matplotlib.
"""
