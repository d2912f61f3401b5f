"""Pictures with knobs: a still picture first, which says it all, and the same picture to play with below it."""

import importlib.util

from helpers import session


def explore(draw, still, **controls):
    """Show a still picture and, where somebody can use them, controls that draw another one below it.

    Parameters
    ----------
    draw : callable
        Shows a picture; called with one argument for each control. Its defaults are where the controls stand at first.
    still : callable
        Shows the still picture; called without arguments.
    **controls
        What ipywidgets makes a control from: (low, high, step) a slider, a list or a dict a choice, a bool a box to
        tick, a str a line to type; or a widget. "_" in a name is shown as a space.
    """
    if not controls:
        raise ValueError("explore needs at least one control, as in explore(draw, still, radius=(0.5, 1.5, 0.1))")
    still()
    if session.still():
        return
    if importlib.util.find_spec("ipywidgets") is None:
        print("To turn the knobs yourself, install ipywidgets and restart the kernel.")
        return
    from IPython.display import display
    from ipywidgets import interactive

    panel = interactive(draw, **controls)
    for widget in panel.children[:-1]:  # the last one is the picture
        widget.description = widget.description.replace("_", " ")
        widget.style = {"description_width": "initial"}
        if hasattr(widget, "continuous_update"):
            widget.continuous_update = False  # a picture takes longer than a move of the mouse
    display(panel)
