"""Numerical gradients in float64, and how far two gradients are apart.

A numerical gradient asks the function itself, a number at a time. It is slow and it is a witness: it knows nothing of
the chain rule that the code under test got wrong.
"""

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


def central_differences(function, arrays, step=1e-5):
    """Gradient by (f(w + step) - f(w - step)) / (2 step), for each number of each array.

    Parameters
    ----------
    function : callable
        Of a dict like `arrays`; returns a real number.
    arrays : dict of str to ndarray
        Computed with in float64; never changed.
    step : float

    Returns
    -------
    dict of str to ndarray
        Of the shapes of `arrays`. With the default step the error is about 1e-10 where function and gradient are of
        size 1: the part from the step's size falls with step**2, the part from rounding grows with 1e-16 / step.
    """

    def slope(shifted):
        return (function(shifted(step)) - function(shifted(-step))) / (2 * step)

    return _each_number(slope, arrays, np.float64)


def complex_step(function, arrays, step=1e-30):
    """Gradient by the imaginary part of f(w + i step) / step: nothing is subtracted, so nothing is lost to rounding.

    Parameters
    ----------
    function : callable
        Of a dict like `arrays`, computed with in complex numbers; returns a number. Every operation in it must be
        analytic: `+`, `@`, `np.exp`, `np.tanh` are, `abs`, comparisons and `astype(float)` are not.
    arrays : dict of str to ndarray
        Never changed.
    step : float

    Returns
    -------
    dict of str to ndarray
        Of the shapes of `arrays`, float64, right to about 1e-15 (Squire and Trapp, SIAM Review 40, 1998).
    """
    return _each_number(lambda shifted: np.imag(function(shifted(1j * step))) / step, arrays, np.complex128)


def parting(expected, got):
    """How far two gradients are apart, a parameter at a time.

    Parameters
    ----------
    expected, got : dict of str to ndarray

    Returns
    -------
    dict of str to float
        The relative error of each parameter, the largest first.

    Raises
    ------
    ValueError
        If the names or the shapes differ; it says which.
    """
    if expected.keys() != got.keys():
        raise ValueError(f"one gradient is for {sorted(expected)}, the other for {sorted(got)}")
    for name in expected:
        if np.shape(expected[name]) != np.shape(got[name]):
            raise ValueError(f"{name} has shape {np.shape(expected[name])} in one, {np.shape(got[name])} in the other")
    errors = {name: relative_error(expected[name], got[name]) for name in expected}
    return dict(sorted(errors.items(), key=lambda pair: -pair[1]))


def _each_number(slope, arrays, dtype):
    arrays = {name: np.array(array, dtype) for name, array in arrays.items()}
    gradients = {}
    for name, array in arrays.items():
        gradients[name] = np.empty(array.shape, np.float64)
        for place in np.ndindex(array.shape):

            def shifted(by):
                moved = array.copy()
                moved[place] += by
                return {**arrays, name: moved}

            gradients[name][place] = slope(shifted)
    return gradients
