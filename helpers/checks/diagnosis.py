"""Which known mistake explains what was seen: a cause is named only if it fits every case."""

import dataclasses
import math
import numbers
import warnings

import numpy as np

from helpers.checks import values

#: Relative error below which only rounding, of float32 say, can be to blame.
ROUNDED = 1e-6


@dataclasses.dataclass(eq=False)
class Case:
    """One case that was seen: what went in, what was expected and what came.

    Attributes
    ----------
    criterion : str
    told : sequence
        What the known mistakes are called with.
    expected, got : plain values
    mistakes : dict of str to callable
    tolerance : float
    passed : bool
    part : str
        What the learner calls the part of the result that this is; "" for all of it.
    branch : str
        A mistake may be made in the cases of one branch alone: those of one activation, say.
    """

    criterion: str
    told: object
    expected: object
    got: object
    mistakes: dict
    tolerance: float
    passed: bool
    part: str = ""
    branch: str = ""
    made: dict = dataclasses.field(default_factory=dict)  # what each known mistake has given here, once it was asked for


def known_mistake(case, cases):
    """The cause of a failed case, in words; "" where none is known.

    Parameters
    ----------
    case : Case
    cases : sequence of Case
        All that was seen. A mistake is the cause if it gives what came wherever it is among the known ones. Where
        two mistakes were made at once none does: then it must give all that came in this criterion and wherever the
        answer was right, and what came must not be chance; the one that misses least is taken.
    """
    wrong = {text: _made(text, case) for text in case.mistakes}
    fitting = [t for t, value in wrong.items() if value is not None and _gives(value, case) and values.difference(case.expected, value, case.tolerance)]
    others = {text: [c for c in cases if c is not case and _same_mistake(text, c, case)] for text in fitting}
    misses = {text: [c for c in others[text] if not _gives(_made(text, c), c)] for text in fitting}
    for text in fitting:
        if not misses[text]:
            return text
    possible = [t for t in fitting if not any(c.passed or c.criterion == case.criterion for c in misses[t])]
    if possible and telling(case.got):
        return min(possible, key=lambda text: len(misses[text]))
    return _of_any_exercise(case)


def constant(case, cases):
    """Whether the same came for every case, though the truths differ."""
    alike = [c for c in cases if c.part == case.part]
    if len(alike) < (2 if telling(case.got) else 3) or case.got is None:
        return False
    if isinstance(case.got, (bool, np.bool_)) and not isinstance(case.expected, (bool, np.bool_)):
        return False  # that it is no number says more
    return (
        not any(values.difference(case.got, c.got, 0.0) for c in alike)
        and any(values.difference(case.expected, c.expected, c.tolerance) for c in alike)
    )


def telling(value):
    """Whether a value has so much in it that it does not come about by chance, as 0, 1 or a small number may."""
    if isinstance(value, np.ndarray):
        if value.dtype.kind == "f":
            return any(telling(number) for number in value.ravel()[:1000])
        return value.size >= 4 and len(np.unique(value)) >= 3
    if isinstance(value, (float, np.floating)):
        return math.isfinite(value) and float(value) != round(float(value), 2)
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (tuple, list)):
        return any(telling(item) for item in value)
    return isinstance(value, str) and len(value) >= 4


_NOTHING = object()


def _made(text, case):
    """What a known mistake gives in a case; `_NOTHING` where it cannot be made."""
    if text not in case.made:
        try:
            with warnings.catch_warnings():  # NumPy's on the mean of nothing, say: the check's own, which a cell must not show
                warnings.simplefilter("ignore")
                case.made[text] = case.mistakes[text](*(_lent(a) for a in case.told))
        except Exception:  # of whatever kind: with these arguments nobody made this mistake and got a result
            case.made[text] = _NOTHING
    return case.made[text]


def _lent(argument):
    """An argument for a known mistake: a copy, or a Keras model without state as it is, for no mistake changes its weights."""
    if values.is_keras_model(argument) and not any(getattr(layer, "stateful", False) for layer in argument.layers):
        return argument
    return values.duplicate(argument)


def _same_mistake(text, case, other):
    """Whether a mistake of this name is made in the same way in both cases: two tables may use the same words."""
    mine, others = (getattr(c.mistakes.get(text), "func", c.mistakes.get(text)) for c in (case, other))
    return mine is not None and case.branch == other.branch and getattr(mine, "__code__", mine) is getattr(others, "__code__", others)


def _gives(value, case):
    """Whether this came; None says nothing about this part of the result."""
    return value is None or value is not _NOTHING and not values.difference(value, case.got, max(case.tolerance, ROUNDED))


def _of_any_exercise(case):
    expected, got = case.expected, case.got
    if case.tolerance < ROUNDED and not values.difference(expected, got, ROUNDED):
        if isinstance(got, np.ndarray) and got.dtype.itemsize < expected.dtype.itemsize:
            return f"right but for rounding: the result is in {got.dtype}, and {expected.dtype} went in; keep the arguments' dtype"
        return "right but for rounding: is something turned into float32 on the way, or a small number such as 1e-8 added?"
    if isinstance(expected, np.ndarray):
        if not values.difference(expected.squeeze(), got, case.tolerance):
            return "an axis of length 1 is gone, as after squeeze or [0]"
        if isinstance(got, np.ndarray) and not values.difference(expected, got.squeeze(), case.tolerance):
            return "an axis of length 1 too many, as after [None] or keepdims=True"
        if isinstance(got, np.ndarray) and expected.dtype.kind == "f" and got.dtype.kind == "c":
            return "complex numbers in place of real ones: np.abs gives their size, .real their real part"
        if isinstance(got, np.ndarray) and expected.dtype.kind == "f" and got.dtype.kind in "iu":
            return "whole numbers in place of floats: is the array made with dtype int, or something rounded?"
        return next((text for text, value in _changed(expected) if telling(value) and not values.difference(value, got, case.tolerance)), "")
    if isinstance(expected, numbers.Number) and not isinstance(expected, (bool, np.bool_)):
        return _of_a_number(case)
    return ""


def _changed(right):
    """What is often made of a right array at its end, in words and as a value."""
    if not right.size or right.dtype.kind not in "fiu":
        return
    yield "this is the right result with the other sign", -right
    if right.ndim:
        yield "this is the right result in reverse order", right[::-1]
        yield "only the first of the right results (index 0) comes back", right[0]
        yield "only the last of the right results (index -1) comes back", right[-1]
        yield "the right numbers are summed up; they should come back one by one", right.sum()
        yield "the mean of the right numbers comes back; they should come back one by one", right.mean()
    if right.ndim > 1:
        yield "this is the right result with its axes in the opposite order: is something transposed?", right.T
        for axis in range(right.ndim):
            yield f"this is the right result summed over axis {axis}", right.sum(axis=axis)
            yield f"this is the right result averaged over axis {axis}", right.mean(axis=axis)


def _of_a_number(case):
    """Why something else came for a number, by its kind alone."""
    got = case.got
    if isinstance(got, (bool, np.bool_)):
        return "True or False in place of a number: is a comparison returned, or bool(...)?"
    if isinstance(got, str):
        return "a text in place of a number: no quotes, no str(...), no format"
    if isinstance(got, (tuple, list, dict)) or isinstance(got, np.ndarray) and got.ndim:
        return f"{'an array' if isinstance(got, np.ndarray) else f'a {type(got).__name__}'} in place of one number"
    if isinstance(case.expected, numbers.Integral) and isinstance(got, numbers.Real) and got == case.expected:
        return "a float in place of a whole number: // gives a whole number, / does not"
    if isinstance(got, numbers.Real) and telling(case.expected):
        for digits in range(1, 7):
            if values.difference(round(float(case.expected), digits), got, 0.0) is None:
                return f"rounded to {digits} decimals: return the number as it is"
    return ""
