"""The references of the checks of lesson 08 agree with Keras, which the checks themselves need not import."""

import numpy as np
import pytest

from helpers import session
from helpers.checks import lesson08 as checks


@pytest.fixture(scope="module")
def layers():
    """Keras' layers; imported here only."""
    with session.quiet():
        import keras
    return keras.layers


def _case(rng, mode):
    """Rows of five lengths, in float32, and weights for both directions."""
    lengths = np.array([2, 6, 1, 5, 3])
    x, mask = rng.normal(size=(5, 6, 3)).astype(np.float32), np.arange(6) < lengths[:, None]
    forward, backward = checks._layer(rng, 3, 4), checks._layer(rng, 3, 4)
    return x, mask, forward, backward, mode


@pytest.mark.parametrize("mode", ["concat", "sum", "mul", "ave", None])
def test_a_layer_in_both_directions_is_that_of_keras(layers, mode):
    x, mask, forward, backward, _ = case = _case(np.random.default_rng(8), mode)
    layer = layers.Bidirectional(layers.SimpleRNN(4, return_sequences=True), merge_mode=mode)
    layer.build(x.shape)
    layer.set_weights([w[name] for w in (forward, backward) for name in ("W_xh", "W_hh", "b_h")])
    expected = checks._two_ways(*case)
    assert np.allclose(np.asarray(expected), np.asarray(layer(x, mask=mask)), atol=1e-5)
    assert (type(expected) is tuple) == (mode is None)


def test_a_summary_is_what_keras_returns_without_the_sequence(layers):
    x, mask, *_ = case = _case(np.random.default_rng(9), "concat")
    layer = layers.Bidirectional(layers.SimpleRNN(4))
    layer.build(x.shape)
    layer.set_weights([w[name] for w in case[2:4] for name in ("W_xh", "W_hh", "b_h")])
    assert np.allclose(checks._summary(checks._two_ways(*case), mask), np.asarray(layer(x, mask=mask)), atol=1e-5)


@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_the_parameters_of_a_stack_are_those_that_keras_counts(layers, cell, both):
    kind = getattr(layers, {"rnn": "SimpleRNN", "lstm": "LSTM", "gru": "GRU"}[cell])
    shape, total = (None, None, 7), 0
    for units in (4, 2, 5):
        layer = kind(units, return_sequences=True)
        layer = layers.Bidirectional(layer) if both else layer
        layer.build(shape)
        shape, total = layer.compute_output_shape(shape), total + layer.count_params()
    assert checks._stack(cell, 7, [4, 2, 5], both) == total


def test_a_convolution_reads_the_steps_that_its_kernel_says(layers):
    rng = np.random.default_rng(10)
    model = checks._convolution(rng, checks._window(rng, 2, 3, (-3, 0, 2)))
    moves, *_ = checks._moves(model, rng.normal(size=(9, 2)).astype(np.float32))
    moved = np.abs(moves["1 added"]).max(axis=-1) > checks.MOVED
    assert {int(step - t) for step, t in np.argwhere(moved)} == {-3, 0, 2}
