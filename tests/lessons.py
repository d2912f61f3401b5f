"""The worked functions of a lesson, taken from its solution notebook."""

import nbformat
import numpy as np

from helpers import authoring


def functions(number, **given):
    """What the exercise cells of a solution define.

    Parameters
    ----------
    number : str
        Of the lesson, as "03".
    **given
        What they use beside NumPy, such as `lab=` the lesson's laboratory.

    Returns
    -------
    dict of str to object
    """
    (path,) = [path for path in authoring.lessons() if path.stem.startswith(f"{number}-")]
    space = {"np": np, **given}
    for cell in nbformat.read(path, as_version=4).cells:
        if "exercise" in cell.metadata.get("tags", ()):
            exec(compile(cell.source, f"{path.stem}: {cell.id}", "exec"), space)
    return space


def source(number, cell_id):
    """The code of one cell of a lesson's solution notebook.

    Parameters
    ----------
    number, cell_id : str

    Returns
    -------
    str
    """
    (path,) = [path for path in authoring.lessons() if path.stem.startswith(f"{number}-")]
    (code,) = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.id == cell_id]
    return code
