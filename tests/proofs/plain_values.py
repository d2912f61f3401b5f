"""Every kind of plain value goes into an exercise, comes back, is compared and is watched for changes in place.

Two made-up exercises: `exchange(first, second)` gives back (second, first), and `shift(model, by)` a
model like `model` whose weights are all larger by `by`.
"""

import copy
import fractions
import functools
import math

import numpy as np

from helpers import session
from helpers.checks.exercise import Lesson
from tests.proofs import right, wrong

lesson = Lesson()

#: Uses TensorFlow, so it is proven in one test, and imported there only.
APART = ("shift",)


LARGE = 10**30


def _values():
    """Plain values of each kind, always new ones."""
    return {
        "none": [None],
        "bool": [True, False],
        "int": [-3, LARGE],
        "float": [0.125, math.inf, math.nan],
        "complex": [1 + 2j],
        "str": ["Émile\n", ""],
        "float array": [np.array([[0.1, -np.inf], [np.nan, 0.4]]), np.zeros((0, 3), np.float32), np.array(0.5)],
        "int array": [np.array([[3, 1, 2]]), np.array([250], np.uint8)],
        "bool array": [np.array([True, False, True])],
        "string array": [np.array(["a", "bc"])],
        "tuple": [(1, "a"), ()],
        "list": [[0.5, 1.5], []],
        "dict": [{"a": 1, 2: "b", (0, 1): 0.5}, {}],
        "nested": [{"layers": [{"W": np.ones((2, 2)), "b": np.zeros(2)}], "names": ("x", ["y", {}])}],
        "generator": [np.random.Generator(kind(1)) for kind in (np.random.PCG64, np.random.MT19937, np.random.Philox)],
    }


@lesson.exercise(
    arguments=("first", "second"),
    points={**{kind: (f"plain values: {kind}", 1) for kind in _values()}, "care": ("nothing is changed in place", 1)},
)
def exchange(check):
    """A made-up exercise."""
    for kind, examples in _values().items():
        for first in examples:
            second = float(check.rng.random())
            check.expect(kind, (first, second), (second, first))
    check.unchanged("care", needs="nested")


# ---- right


@right("exchange", name="exchange")
def _exchange(first, second):
    return second, first


@right("exchange")
def exchange_of_deep_copies(first, second):
    return copy.deepcopy((second, first))


_NUMPY = {bool: np.bool_, float: np.float64, complex: np.complex128, str: np.str_}


@right("exchange")
def numpy_scalars(first, second):
    if type(first) is int:
        return second, np.array(first)[()] if abs(first) < 2**60 else first
    return np.float64(second), _NUMPY.get(type(first), lambda same: same)(first)


def _built_again(value):
    if type(value) in (tuple, list):
        return type(value)(map(_built_again, value))
    if type(value) is dict:
        return {key: _built_again(value[key]) for key in reversed(value)}
    if type(value) is np.ndarray:
        return np.repeat(value, 2, axis=-1)[..., ::2] if value.ndim else value
    return value


@right("exchange")
def built_again_in_another_order(first, second):
    return second, _built_again(first)


@right("exchange")
def generator_with_the_same_state(first, second):
    if type(first) is np.random.Generator:
        twin = np.random.Generator(type(first.bit_generator)(99))
        twin.bit_generator.state = first.bit_generator.state
        return second, twin
    return second, first


# ---- wrong: one kind comes back as something else


def _all_but(name, applies, change, says, points=15):
    """A wrong answer that changes the values for which `applies` holds."""

    def answer(first, second):
        return second, change(first) if _holds(applies, first) else first

    wrong("exchange", name=name, says=says, points=points)(answer)


def _is(kind):
    return lambda value: type(value) is kind


def _equals(example):
    return lambda value: type(value) is type(example) and value == example


def _has(key):
    return lambda value: type(value) is dict and key in value


def _array_of(kinds):
    return lambda value: type(value) is np.ndarray and value.dtype.kind in kinds


def _holds(applies, value):
    """An array compares element by element, which is no answer."""
    return applies(value) is True


def _other_weights(nested):
    return {**nested, "layers": [{"W": np.eye(2), "b": np.zeros(2)}]}


def _drawn_from(generator):
    generator.integers(2)
    return generator


_all_but("none_is_zero", _is(type(None)), lambda v: 0, "[1]: expected None, got the int 0")
_all_but("bool_is_a_number", _is(bool), int, "[1]: expected True or False, got the int 1")
_all_but("bool_negated", _is(bool), lambda v: not v, "[1]: expected True, got False")
_all_but("int_is_a_float", _is(int), float, "[1]: expected the whole number -3, got the float -3")
_all_but("int_is_a_bool", _is(int), bool, "[1]: expected a number, got the bool True")
_all_but("large_int_lost", _equals(LARGE), lambda v: 1, "[1]: expected 1000000000000000000000000000000, got 1")
_all_but("float_rounded", _equals(0.125), lambda v: round(v, 2), "[1]: expected 0.125, got 0.12")
_all_but("float_far_too_large", _equals(0.125), lambda v: LARGE**20, "[1]: expected 0.125, got 2**1993 or more")
_all_but("infinity_is_finite", _equals(math.inf), lambda v: 1e300, "[1]: expected inf, got 1e+300")
_all_but("nan_is_zero", lambda v: v != v, lambda v: 0.0, "[1]: expected nan, got 0")
_all_but("complex_is_real", _is(complex), lambda v: v.real, "[1]: expected 1+2j, got 1")
_all_but("str_lower", _is(str), str.lower, "[1]: expected 'Émile\\n', got 'émile\\n'")
_all_but("str_is_bytes", _is(str), str.encode, "returned an object of type bytes")
_all_but("array_is_a_list", _array_of("f"), np.ndarray.tolist, "and dtype float64, got a list of 2")
_all_but("array_reversed", _array_of("f"), lambda v: v[::-1], "nan and infinity are not where they are expected")
_all_but("array_without_nan", _array_of("f"), np.nan_to_num, "nan and infinity are not where they are expected")
_all_but("array_larger", _array_of("f"), lambda v: v * 2, "[1]: the values differ: relative error 0.3")
_all_but("array_flat", _array_of("f"), np.ravel, "expected shape (2, 2), got shape (4,)")
_all_but("int_array_is_float", _array_of("iu"), lambda v: v * 1.0, "got an array of shape (1, 3) and dtype float64")
_all_but("int_array_sorted", _array_of("iu"), np.sort, "3 of 3 values differ")
_all_but("bool_array_is_int", _array_of("b"), lambda v: v * 1, "dtype bool, got an array of shape (3,) and dtype int64")
_all_but("bool_array_negated", _array_of("b"), np.invert, "3 of 3 values differ")
_all_but("string_array_upper", _array_of("U"), np.char.upper, "2 of 2 values differ")
_all_but("string_array_of_bytes", _array_of("U"), lambda v: v.astype("S"), "got an array of shape (2,) and dtype |S2")
_all_but("tuple_is_a_list", _is(tuple), list, "[1]: expected a tuple of 2, got a list of 2")
_all_but("list_is_an_array", _is(list), np.array, "[1]: expected a list of 2, got an array of shape (2,)")
_all_but("list_longer", _is(list), lambda v: [*v, 0.5], "[1]: expected a list of 2, got a list of 3")
_all_but("list_reversed", _is(list), lambda v: v[::-1], "[1][0]: expected 0.5, got 1.5")
_all_but("key_lost", _has("a"), lambda v: {"a": 1}, "the keys 'a', 2, a tuple of 2, got a dict with the keys 'a'")
_all_but("value_of_a_key", _has("a"), lambda v: {**v, 2: "c"}, "[1][2]: expected 'b', got 'c'")
_all_but("empty_dict_is_none", _equals({}), lambda v: None, "[1]: expected an empty dict, got None")
_all_but("array_deep_inside", _has("layers"), _other_weights, "[1]['layers'][0]['W']: the v", 14)
_all_but("generator_drawn_from", _is(np.random.Generator), lambda v: _drawn_from(copy.deepcopy(v)), "in another state")
_all_but("generator_of_another_kind", _is(np.random.Generator), lambda v: np.random.default_rng(1), "in another state")
_all_but("generator_is_its_state", _is(np.random.Generator), lambda v: v.bit_generator.state, "expected a NumPy G")


# ---- wrong: what came in is changed


def _in_place(name, applies, change, says):
    """A wrong answer that gives back what it should, and changes the argument."""

    def answer(first, second):
        result = second, copy.deepcopy(first)
        if _holds(applies, first):
            change(first)
        return result

    wrong("exchange", name=name, says=says, points=15)(answer)


_in_place("float_array_changed", _array_of("f"), lambda v: v.__imul__(2), "changed in place: first")
_in_place("nan_changed", _array_of("f"), lambda v: v.put(2, 0.0) if v.size == 4 else None, "changed in place: first")
_in_place("int_array_sorted_in_place", _array_of("iu"), np.ndarray.sort, "changed in place: first")
_in_place("bool_array_changed", _array_of("b"), lambda v: v.fill(False), "changed in place: first")
_in_place("string_array_changed", _array_of("U"), lambda v: v.put(0, "z"), "changed in place: first")
_in_place("list_appended_to", _is(list), lambda v: v.append(None), "changed in place: first")
_in_place("dict_emptied", _is(dict), dict.clear, "changed in place: first (its keys)")
_in_place("dict_value_changed", _has("a"), lambda v: v.update(a=2), "changed in place: first['a']")
_in_place("list_inside_reversed", _has("names"), lambda v: v["names"][1].reverse(), "changed in place: first['names']")
_in_place("array_inside_changed", _has("layers"), lambda v: v["layers"][0]["b"].fill(1), "place: first['layers']")


@right("exchange")
def generator_drawn_from_in_place(first, second):
    """To draw from a Generator is no change in place."""
    result = second, copy.deepcopy(first)
    if type(first) is np.random.Generator:
        first.random()
    return result


# ---- wrong: no plain value


@wrong("exchange", says="returned an object of type set: NumPy arrays and plain Python values are expected")
def set_of_two(first, second):
    return {second, str(first)}


@wrong("exchange", says="returned an array of objects")
def array_of_objects(first, second):
    both = np.empty(2, object)
    both[:] = second, first
    return both


@wrong("exchange", says="returned an object of type function")
def postponed(first, second):
    return lambda: (second, first)


@wrong("exchange", says="returned an object of type Fraction")
def fraction(first, second):
    return fractions.Fraction(second), first


@wrong("exchange", says="returned an object of type generator")
def lazily(first, second):
    yield second
    yield first


@wrong("exchange", says="returned a list that contains itself")
def endless(first, second):
    both = [second, first]
    both.append(both)
    return both


# ---- a Keras model


@functools.cache
def _networks():
    """A model, and another of the same form for what is expected; built once, since that is slow."""
    with session.quiet():
        import keras

    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, "tanh"), keras.layers.Dense(2)])
    return model, keras.models.clone_model(model)


@lesson.exercise(
    arguments=("model", "by"),
    points={"weights": ("all weights are larger by `by`", 1), "care": ("nothing is changed in place", 1)},
)
def shift(check):
    """A made-up exercise."""
    model, expected = _networks()
    weights, by = [check.rng.normal(size=w.shape) for w in model.get_weights()], float(check.rng.random())
    model.set_weights(weights)
    expected.set_weights([w + by for w in weights])
    check.expect("weights", (model, by), expected, tolerance=1e-6)
    check.unchanged("care", needs="weights")


@right("shift")
def from_its_configuration(model, by):
    twin = type(model).from_config(model.get_config())
    twin.set_weights([w + by for w in model.get_weights()])
    return twin


@right("shift")
def cloned(model, by):
    import keras

    twin = keras.models.clone_model(model)
    for new, old in zip(twin.weights, model.weights):
        new.assign(old + by)
    return twin


@right("shift")
def functional(model, by):
    import keras

    inputs = keras.Input((2,))
    twin = keras.Model(inputs, keras.layers.Dense(2)(keras.layers.Dense(3, "tanh")(inputs)))
    twin.set_weights([w + by for w in model.get_weights()])
    return twin


@wrong("shift", says="changed in place: model", points=1)
def model_changed_in_place(model, by):
    model.set_weights([w + by for w in model.get_weights()])
    return model


@wrong("shift", says="changed in place: model", points=1)
def one_bias_changed_in_place(model, by):
    twin = from_its_configuration(model, by)
    model.layers[-1].bias.assign_add([0.0, 1e-3])
    return twin


@wrong("shift", says="the weights[0]: the values differ")
def same_weights(model, by):
    return model


@wrong("shift", says="the weights[3]: the values differ")
def last_bias_forgotten(model, by):
    twin = from_its_configuration(model, by)
    twin.layers[-1].bias.assign(model.layers[-1].bias)
    return twin


@wrong("shift", says="the weights: expected a list of 4, got a list of 0")
def never_built(model, by):
    import keras

    return keras.Sequential([keras.layers.Dense(3), keras.layers.Dense(2)])


@wrong("shift", says="expected a Keras model, got a list of 4")
def list_of_weights(model, by):
    return [w + by for w in model.get_weights()]


@wrong("shift", says="returned a Keras model of a class of your own, Mine")
def model_of_a_class_of_its_own(model, by):
    import keras

    class Mine(keras.Model):
        pass

    return Mine()


@wrong("shift", says="returned an object of type Dense")
def layer(model, by):
    return model.layers[-1]


@wrong("shift", says="a tensor becomes an array by .numpy()")
def tensors(model, by):
    return [w.value + by for w in model.weights]
