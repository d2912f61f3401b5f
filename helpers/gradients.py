"""How far two arrays are apart."""

import numpy as np


def relative_error(a, b):
    """Norm-wise relative error of two arrays or numbers.

    Parameters
    ----------
    a, b : array_like
        Of one shape.

    Returns
    -------
    float
        ||a-b|| / (||a||+||b||), between 0 and 1; 0 where both are all zero.
    """
    a, b = np.asarray(a), np.asarray(b)
    scale = np.linalg.norm(a) + np.linalg.norm(b)
    return float(np.linalg.norm(a - b) / scale) if scale else 0.0
