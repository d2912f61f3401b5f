"""The channel: what is sent comes back equal and made anew; whatever else comes is refused."""

import io
import json
import socket
import struct

import numpy as np
import pytest

from helpers import session
from helpers.checks import values
from helpers.grading import channel


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def crossed(value, pair):
    ours, theirs = pair
    channel.send(theirs, {}, value=value)
    return channel.receive(ours, 10)[1]["value"]


PLAIN = [
    None, True, False, 0, -1, 2**53, -(2**2000), 0.1, -0.0, float("inf"), 1e-320, 1 + 2j, "", "é\0\ud800", (), [], {},
    (1, [2.0, {"a": None, 3: "b", (1, 2): [()]}]), np.zeros(()), np.arange(6).reshape(2, 3), np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    np.zeros((0, 5), np.float32), np.array([1.5, np.nan, -np.inf], np.float16), np.array(["a", "bcd"]), np.array([True, False]),
    np.array([1 + 2j], np.complex64), np.float32(0.1), np.int8(-3), np.bool_(True), np.str_("x"), np.array(["2026-11-21"], "datetime64[D]"),
]


@pytest.mark.parametrize("value", PLAIN, ids=lambda value: repr(value)[:40])
def test_plain_values_come_back_equal_and_of_the_same_kind(value, pair):
    got = crossed(value, pair)
    assert type(got) is type(value)
    if isinstance(value, (np.ndarray, np.generic)):
        assert got.dtype == value.dtype and got.shape == value.shape and got.tobytes() == value.tobytes()
    else:
        assert repr(got) == repr(value)


def test_nan_comes_back(pair):
    assert np.isnan(crossed(float("nan"), pair))


@pytest.mark.parametrize("bits", ["PCG64", "MT19937", "Philox", "SFC64"])
def test_a_generator_goes_on_where_it_was(bits, pair):
    generator = np.random.Generator(getattr(np.random, bits)(3))
    generator.normal(size=5)
    assert np.array_equal(crossed(generator, pair).random(9), generator.random(9))


def test_a_generator_for_the_submission_spawns_the_same_children(pair):
    ours, theirs = pair
    generator = np.random.default_rng(3)
    generator.spawn(1)
    channel.send(theirs, {}, value=generator)
    _, given = channel.receive(ours, 10, trusted=True)
    (got,), (expected,) = given["value"].spawn(1), generator.spawn(1)
    assert np.array_equal(got.random(9), expected.random(9))


def test_an_array_that_came_is_ones_own(pair):
    value = np.arange(3)
    got = crossed(value, pair)
    got += 1
    assert list(value) == [0, 1, 2] and got.flags.owndata and got.flags.writeable


OTHERS = {
    "object": object(), "set": {1, 2}, "objects": np.array([None]), "records": np.zeros(1, [("a", int)]), "function": lambda: 0, "bytes": b"bytes",
}


@pytest.mark.parametrize("value", OTHERS.values(), ids=OTHERS)
def test_other_objects_do_not_leave(value, pair):
    with pytest.raises(channel.Malformed):
        crossed(value, pair)


def test_what_contains_itself_does_not_leave(pair):
    value = []
    value.append(value)
    with pytest.raises(channel.Malformed):
        crossed(value, pair)


def frame(tree, *arrays):
    text = tree if isinstance(tree, bytes) else json.dumps([{}, {"value": tree}]).encode()
    return struct.pack(">II", len(text), len(arrays)) + text + b"".join(struct.pack(">Q", len(array)) + array for array in arrays)


def npy(array, **changes):
    file = io.BytesIO()
    np.lib.format.write_array(file, array, allow_pickle=True)
    data = file.getvalue()
    for before, after in changes.values():
        assert before in data and len(before) == len(after)
        data = data.replace(before, after)
    return data


NESTED = []
for _ in range(10_000):
    NESTED = [NESTED]
FORGED = {
    "no JSON": frame(b"hello"),
    "JSON of another form": frame(b"[1, 2]"),
    "JSON nested 10,000 deep": frame(b"[" * 10_000 + b"]" * 10_000),
    "lists nested 1,000 deep": frame(b'[{}, {"value": ' + b'["list", [' * 1_000 + b"]]" * 1_000 + b"}]"),
    "a bare list": frame([1, 2]),
    "a kind that is none": frame(["code", "print()"]),
    "a float without tag": frame(1.5),
    "a float in words": frame(["float", "much"]),
    "a large integer without tag": frame(2**70),
    "a number of 5,000 digits": frame(b'[{}, {"value": ' + b"9" * 5_000 + b"}]"),
    "a list as a key": frame(["dict", [[["list", []], 1]]]),
    "an array that was not sent": frame(["array", 0]),
    "an array before the first": frame(["array", -1], npy(np.zeros(3))),
    "an array's number as a list": frame(["array", [0]], npy(np.zeros(3))),
    "a pickle": frame(["array", 0], npy(np.array([{"a": 1}], object))),
    "no .npy": frame(["array", 0], b"\x80\x04."),
    "a shape larger than its bytes": frame(["array", 0], npy(np.zeros(30), shape=(b"(30,)", b"(99,)"))),
    "a shape smaller than its bytes": frame(["array", 0], npy(np.zeros(30), shape=(b"(30,)", b"(10,)"))),
    "a negative shape": frame(["array", 0], npy(np.zeros(30), shape=(b"(30,)", b"(-3,)"))),
    "records": frame(["array", 0], npy(np.zeros(3, [("a", "f8")]))),
    "a scalar with axes": frame(["scalar", 0], npy(np.zeros(3))),
    "a generator of its own": frame(["generator", ["dict", [["bit_generator", "os"]]]]),
    "a generator without a state": frame(["generator", ["dict", [["bit_generator", "PCG64"]]]]),
    "a model of another form": frame(["model", 3, [], []]),
}


@pytest.mark.parametrize("data", FORGED.values(), ids=FORGED)
def test_what_is_forged_is_refused(data, pair):
    ours, theirs = pair
    theirs.sendall(data)
    with pytest.raises(channel.Malformed):
        channel.receive(ours, 10)


@pytest.mark.parametrize("head", [struct.pack(">II", 2**32 - 1, 0), struct.pack(">II", 2, 2**31)], ids=["long text", "many arrays"])
def test_what_is_too_large_is_refused_before_it_is_read(head, pair):
    pair[1].sendall(head)
    with pytest.raises(channel.Malformed, match="too large"):
        channel.receive(pair[0], 10)


def test_an_endless_array_is_refused_before_it_is_read(pair):
    pair[1].sendall(struct.pack(">II", 2, 1) + b"[]" + struct.pack(">Q", 2**60))
    with pytest.raises(channel.Malformed, match="too large"):
        channel.receive(pair[0], 10)


def test_half_a_message_is_waited_for_no_longer_than_said(pair):
    pair[1].sendall(frame(1)[:9])
    with pytest.raises(TimeoutError):
        channel.receive(pair[0], 0.2)


def test_a_sender_that_hangs_up_is_told_from_one_that_is_slow(pair):
    pair[1].sendall(frame(1)[:9])
    pair[1].close()
    with pytest.raises(channel.Closed):
        channel.receive(pair[0], 10)


# ---- Keras models


@pytest.fixture(scope="module")
def keras():
    session.start()
    session.reproducible(0)
    import keras

    return keras


@pytest.fixture
def model(keras):
    return keras.Sequential([
        keras.Input((None,), batch_size=2, dtype="int32"),
        keras.layers.Embedding(5, 4, mask_zero=True),
        keras.layers.GRU(3, return_sequences=True, stateful=True, kernel_initializer=keras.initializers.Orthogonal(seed=3)),
        keras.layers.Dense(5, activation="softmax", kernel_regularizer="l2"),
    ])


def test_a_model_comes_back_with_its_weights_and_its_state(model, pair):
    model.compile(loss="mse")
    model(np.ones((2, 4), int))
    got = crossed(model, pair)
    assert got is not model and not values.difference(model, got, tolerance=0.0)
    ids = np.array([[1, 2, 0], [3, 4, 1]])
    assert np.array_equal(got(ids), model(ids))


@pytest.mark.parametrize("initializer", ["Orthogonal", "orthogonal"])
def test_what_a_submission_sends_is_built_without_drawing_weights(keras, pair, monkeypatch, initializer):
    """A 4096 x 4096 orthogonal matrix would take the checker seconds an answer."""
    kernel = initializer if initializer.islower() else getattr(keras.initializers, initializer)(seed=1)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(4, kernel_initializer=kernel)])
    monkeypatch.setattr(keras.initializers.Orthogonal, "__call__", lambda *_, **__: pytest.fail("weights were drawn"))
    assert not values.difference(model, crossed(model, pair), tolerance=0.0)
    arrays = []
    _, config, weights, states = channel._pack(model, arrays, 0)
    pair[1].sendall(frame(["model", config, [], states]))
    with pytest.raises(channel.Malformed, match="cannot be built again"):
        channel.receive(pair[0], 600)


def test_a_functional_model_with_operations_comes_back(keras, pair):
    entrance = keras.Input((None, 3))
    states = keras.layers.SimpleRNN(4, return_sequences=True)(entrance)
    model = keras.Model(entrance, [keras.ops.tanh(states[:, -1]), states])
    x = np.ones((2, 5, 3), np.float32)
    for got, expected in zip(crossed(model, pair)(x), model(x), strict=True):
        assert np.array_equal(got, expected)


def test_a_model_without_a_shape_comes_back_without_weights(keras, pair):
    got = crossed(keras.Sequential([keras.layers.Dense(2)]), pair)
    assert not got.built and got.get_weights() == []


def forged_model(model, change):
    arrays = []
    _, config, weights, states = channel._pack(model, arrays, 0)
    config = json.loads(change(json.dumps(config)))
    return frame(["model", config, weights, states], *arrays)


MODELS = {
    "a Lambda layer": lambda text: text.replace('"class_name": "Dense"', '"class_name": "Lambda"'),
    "a module of its own": lambda text: text.replace('"module": "keras.layers", "class_name": "Dense"', '"module": "os", "class_name": "system"'),
    "a registered class": lambda text: text.replace('"class_name": "Dense"', '"class_name": "Dense", "registered_name": "Package>Dense"').replace(', "registered_name": null, "build_config": {"input_shape": [2, null, 3]}', ""),
    "a function as activation": lambda text: text.replace('"softmax"', '{"class_name": "function", "config": "eval", "module": "builtins"}'),
    "a layer that reads files": lambda text: text.replace('"class_name": "Dense"', '"class_name": "StringLookup"'),
    "an output without weights that is too large": lambda text: text.replace("\"units\": 5", "\"units\": 4000").replace("\"output_dim\": 4", "\"output_dim\": 4000"),
    "huge units": lambda text: text.replace('"units": 5', '"units": 500000000'),
    "weights of other shapes": lambda text: text.replace('"units": 5', '"units": 6'),
    "a layer, not a model": lambda text: json.dumps(json.loads(text)["config"]["layers"][-1]),
    "no layers": lambda text: json.dumps({"class_name": "Sequential", "module": "keras", "config": {}}),
}


@pytest.mark.parametrize("change", MODELS.values(), ids=MODELS)
def test_a_forged_model_is_refused(change, model, pair):
    data = forged_model(model, change)
    assert data != forged_model(model, lambda text: text)
    pair[1].sendall(data)
    with pytest.raises(channel.Malformed):
        channel.receive(pair[0], 60)
