"""How many characters a second a generator writes, rung by rung from one `predict` call a character to lessons 05's and 07's.

    uv run pytest -n 0 tests/benchmarks/bench_generation.py

128 units, 60 symbols, batch 1, one thread, the same weights on every rung, and the same text by argmax. On the upper rungs a
window of the last 100 characters is read again for each character. The random weights forget within that window, so the
text is the same as with a carried state. The ratios of one run are what counts.
"""

import numpy as np
import pytest

from helpers import session
from tests import lessons

WINDOW, SYMBOLS, UNITS = 100, 60, 128
#: Characters a round: a tenth of a second to a second.
CHARACTERS = {
    "predict on a window": 10, "compiled window": 100, "NumPy window": 100, "one compiled step": 500, "compiled loop": 1000,
    "NumPy step": 2000,
}
NETWORKS = ("SimpleRNN, lesson 05", "LSTM, lesson 07")
SPEED, TEXT = {}, {}


@pytest.fixture(scope="module", autouse=True)
def quiet():
    session.start()
    with session.quiet():
        import keras  # noqa: F401


def _weights(network):
    """Random weights as the lessons' generators take them, and the prompt, one window long."""
    rng = np.random.default_rng(0)
    gates = 4 if network.startswith("LSTM") else 1
    recurrent = [
        rng.normal(0, 1, (SYMBOLS, gates * UNITS)), rng.normal(0, 0.8 / np.sqrt(UNITS), (UNITS, gates * UNITS)), np.zeros(gates * UNITS),
    ]
    output = [rng.normal(0, 1, (UNITS, SYMBOLS)), np.zeros(SYMBOLS)]
    return [w.astype(np.float32) for w in (*recurrent, *output)], rng.integers(0, SYMBOLS, WINDOW)


def _model(network, weights):
    """Inputs [one-hot (1, time, symbols), *states], outputs [logits of the last step, *states]."""
    import keras

    layer = keras.layers.LSTM if network.startswith("LSTM") else keras.layers.SimpleRNN
    x = keras.Input((None, SYMBOLS))
    states = [keras.Input((UNITS,)) for _ in range(2 if layer is keras.layers.LSTM else 1)]
    h, *after = layer(UNITS, return_state=True)(x, initial_state=states)
    model = keras.Model([x, *states], [keras.layers.Dense(SYMBOLS)(h), *after])
    model.set_weights(weights)
    return model


def _rungs(network):
    """For each rung a function of how many characters to write after the prompt, which gives their ids."""
    import tensorflow as tf

    weights, prompt = _weights(network)
    model = _model(network, weights)
    zeros = [tf.zeros((1, UNITS)) for _ in model.inputs[1:]]
    one_hot = np.eye(SYMBOLS, dtype=np.float32)
    call = tf.function(lambda x, *states: model([x, *states], training=False), reduce_retracing=True)

    def window(logits_of):
        def write(length):
            ids = list(prompt)
            for _ in range(length):
                ids.append(int(np.argmax(logits_of(ids[-WINDOW:]))))
            return ids[WINDOW:]

        return write

    def step(length):
        logits, *states = call(one_hot[prompt][None], *zeros)
        ids = [int(np.argmax(logits))]
        for _ in range(length - 1):
            logits, *states = call(one_hot[ids[-1]][None, None], *states)
            ids.append(int(np.argmax(logits)))
        return ids

    @tf.function(reduce_retracing=True)
    def in_one_graph(x, length):
        logits, *states = model([x, *zeros], training=False)
        written = tf.TensorArray(tf.int64, length)
        for i in tf.range(length):
            last = tf.argmax(logits, axis=1)
            written = written.write(i, last[0])
            logits, *states = model([tf.one_hot(last, SYMBOLS)[:, None], *states], training=False)
        return written.stack()

    by_hand = _by_hand(network, weights)

    def numpy_window(length):
        ids = list(prompt)
        for _ in range(length):
            ids += by_hand(np.array(ids[-WINDOW:]), 1)
        return ids[WINDOW:]

    zeros_for_predict = [np.zeros((1, UNITS), np.float32) for _ in zeros]
    return {
        "predict on a window": window(lambda ids: model.predict([one_hot[ids][None], *zeros_for_predict], verbose=0)[0]),
        "compiled window": window(lambda ids: call(one_hot[ids][None], *zeros)[0]),
        "NumPy window": numpy_window,
        "one compiled step": step,
        "compiled loop": lambda length: list(in_one_graph(one_hot[prompt][None], tf.constant(length)).numpy()),
        "NumPy step": lambda length: by_hand(prompt, length),
    }


def _by_hand(network, weights):
    """A lesson's own `generate`: reads the prompt, then writes."""
    W_x, W_h, b, W_y, b_y = weights
    if network.startswith("SimpleRNN"):
        generate = lessons.functions("05")["generate"]
        own = {"W_xh": W_x, "W_hh": W_h, "b_h": b, "W_hy": W_y, "b_y": b_y}
        return lambda prompt, length: list(generate(own, prompt, length, np.zeros(UNITS, np.float32))[0])
    generate = lessons.functions("07")["generate"]
    own = {"E": np.eye(SYMBOLS, dtype=np.float32), "W_x": W_x, "W_h": W_h, "b": b, "W_y": W_y, "b_y": b_y}
    rng = np.random.default_rng(0)

    def write(prompt, length):
        state = (np.zeros(UNITS, np.float32),) * 2
        for i in prompt[:-1]:  # to read an id is to write one more and forget it
            _, state = generate(own, state, int(i), 1, 0.0, None, None, rng)
        return list(generate(own, state, int(prompt[-1]), length, 0.0, None, None, rng)[0])

    return write


@pytest.fixture(scope="module", params=NETWORKS)
def network(request):
    return request.param, _rungs(request.param)


@pytest.mark.parametrize("rung", CHARACTERS)
def test_generation(benchmark, network, rung):
    name, rungs = network
    length = CHARACTERS[rung]
    TEXT[name, rung] = benchmark.pedantic(rungs[rung], args=(length,), rounds=9, warmup_rounds=1)
    SPEED[name, rung] = length / benchmark.stats.stats.median
    benchmark.extra_info["characters a second"] = round(SPEED[name, rung])


def test_ratios(capsys):
    """The same text on every rung; prints what was measured."""
    assert set(SPEED) == {(n, r) for n in NETWORKS for r in CHARACTERS}
    with capsys.disabled():
        for name in NETWORKS:
            longest = TEXT[name, "NumPy step"]
            assert len(set(longest)) > 1
            for rung in CHARACTERS:
                assert TEXT[name, rung] == longest[: len(TEXT[name, rung])], f"{name}, {rung}: another text"
            speed = {rung: SPEED[name, rung] for rung in CHARACTERS}
            print(f"\n{name}: " + ", ".join(f"{rung} {value:,.0f} characters/s" for rung, value in speed.items()))
            print(f"  top to bottom {speed['NumPy step'] / speed['predict on a window']:,.0f} (goal 1,000), carried state alone"
                  f" {speed['NumPy step'] / speed['NumPy window']:.0f} in NumPy (goal {WINDOW // 4}),"
                  f" {speed['one compiled step'] / speed['compiled window']:.1f} compiled,"
                  f" framework alone {speed['NumPy window'] / speed['predict on a window']:.0f}")
