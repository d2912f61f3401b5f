"""Plain values: what exercises take and return, described, copied and compared.

Plain are None, booleans, numbers, strings, NumPy arrays of these, tuples, lists and dicts of plain
values, a NumPy Generator (it is its state) and a Keras model (its configuration and weights).
"""

import copy
import functools
import numbers
import pickle
import sys

import numpy as np

from helpers.gradients import relative_error


def describe(value):
    """A few words on a value: its type, and shape and dtype where it has them."""
    if value is None:
        return "None"
    if type(value) is np.ndarray:
        return f"an array of shape {value.shape} and dtype {value.dtype}"
    if type(value) in (str, np.str_):
        return f"the string {str(value[:40])!r}" + ("..." if len(value) > 40 else "")
    if type(value) in (bool, int, float, complex) or isinstance(value, np.generic):
        return f"the {_name(value)} {_brief(value)}"
    if type(value) in (tuple, list):
        return f"a {_name(value)} of {len(value)}"
    if type(value) is dict:
        keys = ", ".join(_brief(key) if type(key) is int else describe(key) for key in list(value)[:6])
        keys = keys.replace("the string ", "")
        return f"a dict with the keys {keys}" if keys else "an empty dict"
    if _is_generator(value):
        return "a NumPy Generator"
    if isinstance(value, getattr(sys.modules.get("keras"), "Model", ())) and not is_keras_model(value):
        return f"a Keras model of a class of your own, {_name(value)}"
    return "a Keras model" if is_keras_model(value) else f"an object of type {_name(value)}"


def plain(value):
    """The same with each namedtuple as a tuple and each defaultdict, Counter or OrderedDict as a dict, at any depth."""
    kind = type(value)  # not isinstance, which asks the value's own word for its class
    if issubclass(kind, tuple):
        return tuple(map(plain, tuple.__iter__(value)))
    if issubclass(kind, dict):
        return {key: plain(item) for key, item in dict.items(value)}
    return [plain(item) for item in value] if kind is list else value


def not_plain(value):
    """The first part of `value` that is no plain value, described; None if all is plain."""
    try:
        return _not_plain(value)
    except RecursionError:
        return f"a {_name(value)} that contains itself"
    except Exception:  # a class may do anything when it is looked at
        return "an object that cannot be looked at"


def _not_plain(value):
    if value is None or type(value) in (bool, int, float, complex, str) or _is_generator(value):
        return None
    if isinstance(value, np.generic) or type(value) is np.ndarray:
        return "an array of objects" if value.dtype.hasobject else None
    if type(value) in (tuple, list):
        return next((bad for item in value if (bad := _not_plain(item))), None)
    if type(value) is dict:
        return next((bad for pair in value.items() for x in pair if (bad := _not_plain(x))), None)
    return None if is_keras_model(value) else describe(value)


def is_keras_model(value):
    """Whether `value` is a Keras model; asks without importing Keras."""
    model = getattr(sys.modules.get("keras"), "Model", ())
    return isinstance(value, model) and type(value).__module__.partition(".")[0] == "keras"


def beyond_floats(value):
    """Whether `value` is a whole number that no float can hold."""
    return type(value) is int and abs(value) > sys.float_info.max


def form(value):
    """What two values of the same form have in common: types, shapes and dtypes, not the numbers."""
    if isinstance(value, np.ndarray):
        return value.shape, str(value.dtype)
    if type(value) in (tuple, list):
        return type(value), [form(item) for item in value]
    return {key: form(item) for key, item in value.items()} if type(value) is dict else type(value)


def duplicate(value):
    """A copy that shares nothing with a plain value."""
    if type(value) is np.ndarray and not value.dtype.hasobject:
        return value.copy(order="K")  # several times as fast as deepcopy, and every call of an answer goes through here
    if type(value) in (tuple, list):
        return type(value)(duplicate(item) for item in value)
    if type(value) is dict:
        return {key: duplicate(item) for key, item in value.items()}
    if is_keras_model(value):
        twin = type(value).from_config(value.get_config())
        twin.build(value.input_shape)
        twin.set_weights(value.get_weights())
        flatten = sys.modules["keras"].tree.flatten
        for layer, copied in zip(value.layers, twin.layers):  # a stateful layer's state is not among the weights
            if getattr(layer, "stateful", False):
                for state, own in zip(flatten(layer.states), flatten(copied.states)):
                    own.assign(state)
        return twin
    return copy.deepcopy(value)


#: How many results of one function are remembered: a check and its hidden part ask for some hundreds.
REMEMBERED = 4096


def remembered(function):
    """Decorator: a function of plain values, without side effects, computes once what it is asked again.

    The known mistakes of a check go through the same reference for the same cases, answer after answer.
    """
    known = {}

    @functools.wraps(function)
    def asked(*arguments, **named):
        key = pickle.dumps((arguments, named))
        if key not in known:
            if len(known) >= REMEMBERED:
                known.clear()
            known[key] = function(*arguments, **named)
        return duplicate(known[key])

    return asked


def difference(expected, got, tolerance=1e-9):
    """Where `got` differs from `expected`, in words; None where they agree.

    Parameters
    ----------
    expected, got : plain values
        Their kinds must agree: list and array are different, Python and NumPy numbers are not.
    tolerance : float
        Largest norm-wise relative error ||a-b|| / (||a||+||b||) of arrays and numbers of
        floating point; whole numbers, booleans and strings must be equal.

    Returns
    -------
    str or None
        What was expected and what came.
    """
    if isinstance(expected, np.ndarray):
        return _array_difference(expected, got, tolerance)
    if expected is None:
        return None if got is None else f"expected None, got {describe(got)}"
    if isinstance(expected, (bool, np.bool_)):
        if not isinstance(got, (bool, np.bool_)):
            return f"expected True or False, got {describe(got)}"
        return None if got == expected else f"expected {expected}, got {got}"
    if isinstance(expected, numbers.Number):
        return _number_difference(expected, got, tolerance)
    if type(expected) in (str, np.str_):
        if type(got) not in (str, np.str_):
            return f"expected a string, got {describe(got)}"
        return None if got == expected else f"expected {str(expected[:60])!r}, got {str(got[:60])!r}"
    if type(expected) in (tuple, list):
        if type(got) is not type(expected) or len(got) != len(expected):
            return f"expected {describe(expected)}, got {describe(got)}"
        parts = [(f"[{i}]", a, b) for i, (a, b) in enumerate(zip(expected, got))]
        return _first_difference(parts, tolerance)
    if type(expected) is dict:
        if type(got) is not dict or got.keys() != expected.keys():
            return f"expected {describe(expected)}, got {describe(got)}"
        return _first_difference([(f"[{k!r}]", v, got[k]) for k, v in expected.items()], tolerance)
    if _is_generator(expected):
        if not _is_generator(got):
            return f"expected a NumPy Generator, got {describe(got)}"
        other = difference(expected.bit_generator.state, got.bit_generator.state, tolerance=0.0)
        return "the Generator is in another state" if other else None
    if is_keras_model(expected):
        if not is_keras_model(got):
            return f"expected a Keras model, got {describe(got)}"
        return _first_difference(
            [("the weights", expected.get_weights(), got.get_weights())], tolerance
        )
    if isinstance(expected, np.generic):  # a date, say, which a learner may return
        same = type(got) is type(expected) and got.tobytes() == expected.tobytes()
        return None if same else f"expected {describe(expected)}, got {describe(got)}"
    raise TypeError(f"{describe(expected)} is no plain value")


def _array_difference(expected, got, tolerance):
    if type(got) is not np.ndarray or got.dtype.hasobject:
        return f"expected {describe(expected)}, got {describe(got)}"
    if got.shape != expected.shape:
        return f"expected shape {expected.shape}, got shape {got.shape}"
    alike = {"i": "iu", "u": "iu", "c": "cf"}.get(expected.dtype.kind, expected.dtype.kind)
    if got.dtype.kind not in alike:  # where real numbers are expected, complex ones are wrong, even if they are real
        return f"expected {describe(expected)}, got {describe(got)}"
    if expected.dtype.kind in "fc":
        return _float_difference(expected, got, tolerance)
    wrong = int(np.sum(got != expected))
    return f"{wrong} of {expected.size} values differ" if wrong else None


def _float_difference(expected, got, tolerance):
    finite = np.isfinite(expected)
    if finite.all() and not np.isfinite(got).all():
        return "expected finite numbers, got nan or infinity"
    if not np.isfinite(got[finite]).all() or not np.array_equal(got[~finite], expected[~finite], equal_nan=True):
        return "nan and infinity are not where they are expected"
    with np.errstate(all="ignore"):  # what came may be large enough to overflow here
        error = relative_error(expected[finite].astype(np.complex128), got[finite].astype(np.complex128))
    if error <= tolerance:
        return None
    return "the values differ" + (f": relative error {error:.1g}" if np.isfinite(error) else "") + _worst(expected, got)


def _worst(expected, got):
    """Where two arrays are furthest apart, and what stands there."""
    if expected.ndim == 0:
        return ""
    with np.errstate(all="ignore"):
        apart = np.abs(np.where(np.isfinite(expected), got - expected, 0.0))
    worst = tuple(int(i) for i in np.unravel_index(np.nanargmax(apart), apart.shape))
    place = ", ".join(map(str, worst))
    digits = next(d for d in (3, 6, 17) if d == 17 or _brief(expected[worst], d) != _brief(got[worst], d))
    return f"; furthest apart at [{place}]: expected {_brief(expected[worst], digits)}, got {_brief(got[worst], digits)}"


def _number_difference(expected, got, tolerance):
    if isinstance(got, np.ndarray) and got.ndim == 0:
        got = got[()]
    if isinstance(got, (bool, np.bool_, np.timedelta64)) or not isinstance(got, numbers.Number):
        return f"expected a number, got {describe(got)}"
    if isinstance(expected, numbers.Integral):
        if not isinstance(got, numbers.Integral):
            return f"expected the whole number {expected}, got {describe(got)}"
        return None if int(got) == int(expected) else f"expected {_brief(expected)}, got {_brief(got)}"
    if isinstance(expected, numbers.Real) and not isinstance(got, numbers.Real):
        return f"expected a real number, got {describe(got)}"
    try:
        found = _float_difference(np.array(complex(expected)), np.array(complex(got)), tolerance)
    except OverflowError:  # a Python int that no float can hold
        found = "too large"
    if not found:
        return None
    digits = next(d for d in (6, 9, 17) if d == 17 or _brief(expected, d) != _brief(got, d))
    return f"expected {_brief(expected, digits)}, got {_brief(got, digits)}"


def _brief(number, digits=6):
    """A number in a few characters, however long it is."""
    if isinstance(number, int) and number.bit_length() > 128:
        return ("-" if number < 0 else "") + f"2**{number.bit_length() - 1} or more"
    inexact = isinstance(number, (float, complex, np.inexact))
    return f"{number:.{digits}g}" if inexact else f"{number}"


def _first_difference(parts, tolerance):
    for place, expected, got in parts:
        if found := difference(expected, got, tolerance):
            return f"{place}{found}" if found.startswith("[") else f"{place}: {found}"
    return None


def _is_generator(value):
    return type(value) is np.random.Generator


def _name(value):
    return type(value).__name__
