"""The numerical gradients are right, and say where two gradients part."""

import numpy as np
import pytest

from helpers import gradients

RNG = np.random.default_rng(0)
ARRAYS = {"A": RNG.normal(size=(3, 4)), "b": RNG.normal(size=4)}
X = RNG.normal(size=(5, 3))


def function(arrays):
    return np.sum(np.tanh(X @ arrays["A"] + arrays["b"]) ** 3)


def truth():
    y = np.tanh(X @ ARRAYS["A"] + ARRAYS["b"])
    slope = 3 * y**2 * (1 - y**2)
    return {"A": X.T @ slope, "b": slope.sum(axis=0)}


@pytest.mark.parametrize("method, bound", [(gradients.central_differences, 1e-8), (gradients.complex_step, 1e-14)])
def test_agrees_with_the_chain_rule(method, bound):
    errors = gradients.parting(truth(), method(function, ARRAYS))
    assert set(errors) == {"A", "b"} and max(errors.values()) < bound


def test_a_float32_array_is_asked_in_float64_and_stays_as_it_is():
    single = {name: array.astype(np.float32) for name, array in ARRAYS.items()}
    before = {name: array.copy() for name, array in single.items()}
    found = gradients.central_differences(function, single)
    assert found["A"].dtype == np.float64 and gradients.relative_error(found["A"], truth()["A"]) < 1e-6
    assert all(np.array_equal(single[name], before[name]) for name in single)


def test_parting_names_the_worst_parameter_first():
    errors = gradients.parting(truth(), {"A": truth()["A"] * 1.01, "b": -truth()["b"]})
    assert list(errors) == ["b", "A"]
    assert errors["b"] == pytest.approx(1.0) and errors["A"] == pytest.approx(0.01 / 2.01)


@pytest.mark.parametrize("got, says", [({"A": 1}, "one gradient is for"), ({"A": np.ones((4, 3)), "b": np.ones(4)}, r"A has shape")])
def test_parting_says_what_does_not_fit(got, says):
    with pytest.raises(ValueError, match=says):
        gradients.parting(ARRAYS, got)


def test_relative_error_of_zeros_is_zero():
    assert gradients.relative_error(np.zeros(3), np.zeros(3)) == 0.0
    assert gradients.relative_error(1.0, -1.0) == 1.0
