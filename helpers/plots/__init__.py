"""The course's figures, one module a lesson; `figure` holds the style and what they share.

Every function shows its figure as a PNG with a text alternative (read by screen readers, and by nbval) and a
visible caption below it. matplotlib is loaded by the first figure.
"""
