"""Plain values between two processes that do not trust each other: JSON and .npy, never pickle.

A frame is one message: a JSON text and the arrays it refers to. Whatever the other side sends, `receive` gives back
either values of the kinds below, made anew here, or raises `Malformed`.

Kinds: None, booleans, numbers, strings, arrays and scalars of NumPy, tuples, lists, dicts, a NumPy Generator (its state), a
Keras model (its configuration, of built-in layers only, and its weights).
"""

import io
import json
import math
import re
import struct
import time

import numpy as np

from helpers.checks import values

#: Limits of one frame: bytes of its JSON, bytes and number of its arrays, how deep values may be nested, bits of a whole number.
JSON_BYTES, ARRAY_BYTES, ARRAYS, DEPTH, BITS = 4_000_000, 256_000_000, 5_000, 60, 200_000

#: How often the one who waits may look whether it still should, in seconds.
LOOK = 0.25

#: Bits of a whole number that is a key: Python writes out no larger one, and checks show keys.
KEY_BITS = 4_000
#: Limits of a Keras model: its layers, its weights, and any number in its configuration but seeds.
LAYERS, MODEL_SIZE, NUMBER = 60, 20_000_000, 4_096

_HEAD = struct.Struct(">II")
_LENGTH = struct.Struct(">Q")
_KINDS = "biufcSUmM"  # of arrays: everything but objects and records
_GENERATORS = ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")
_SEEDS = ("entropy", "spawn_key", "pool_size", "n_children_spawned")
_SMALL = 2**53


class Malformed(Exception):
    """What came over the channel is not what may come."""


class Closed(Exception):
    """The other side is gone."""


def send(stream, message, **values_by_name):
    """Send one frame.

    Parameters
    ----------
    stream : socket.socket
    message : dict
        What JSON holds as it is.
    **values_by_name : plain values

    Raises
    ------
    Closed
        If the other side is gone.
    Malformed
        If a value is of no kind that can cross.
    """
    arrays = []
    tree = {name: _pack(value, arrays, 0) for name, value in values_by_name.items()}
    text = json.dumps([message, tree]).encode()
    parts = [_HEAD.pack(len(text), len(arrays)), text]
    for array in arrays:
        parts += [_LENGTH.pack(len(array)), array]
    try:
        stream.sendall(b"".join(parts))
    except OSError as error:
        raise Closed(str(error)) from None


def receive(stream, seconds=None, trusted=False, models=True, watch=None):
    """Receive one frame.

    Parameters
    ----------
    stream : socket.socket
    seconds : float, optional
        How long to wait for all of it, by the clock.
    trusted : bool
        Whether the sender is the checker: then a Keras model is built without measuring it first.
    models : bool
        Whether a Keras model may come.
    watch : callable, optional
        Called every `LOOK` seconds of the waiting; what it raises ends it.

    Returns
    -------
    tuple of (dict, dict of str to plain value)
        The message, and the values by name.

    Raises
    ------
    Closed
        If the other side is gone.
    TimeoutError
        If it does not come in time.
    Malformed
        If it is too large, or not what `send` sends.
    """
    wait = _waiting(seconds, watch)
    size, count = _HEAD.unpack(_read(stream, _HEAD.size, wait))
    if size > JSON_BYTES or count > ARRAYS:
        raise Malformed(f"a message of {size:,} bytes with {count:,} arrays is too large")
    text, arrays, total = _read(stream, size, wait), [], 0
    for _ in range(count):
        (length,) = _LENGTH.unpack(_read(stream, _LENGTH.size, wait))
        total += length
        if total > ARRAY_BYTES:
            raise Malformed(f"arrays of more than {ARRAY_BYTES:,} bytes are too large")
        arrays.append(_array(_read(stream, length, wait)))
    try:
        message, tree = json.loads(text)
        if type(message) is not dict or type(tree) is not dict:
            raise Malformed("a message of another form")
        return message, {name: _unpack(value, arrays, 0, trusted, models) for name, value in tree.items()}
    except (ValueError, TypeError, KeyError, IndexError, OverflowError, RecursionError) as error:
        raise Malformed(f"a message of another form: {type(error).__name__}") from None


def _waiting(seconds, watch):
    """A function that gives how long to wait for the next bytes, in seconds; it raises where there was enough of it."""
    start = look = time.monotonic()

    def wait():
        nonlocal look
        now = time.monotonic()
        if seconds is not None and now >= start + seconds:
            raise TimeoutError
        if watch is None:
            return None if seconds is None else start + seconds - now
        if now >= look + LOOK:
            look = now
            watch()
        return LOOK

    return wait


def _read(stream, size, wait):
    parts = []
    while size:
        stream.settimeout(wait())
        try:
            part = stream.recv(min(size, 1 << 20))
        except TimeoutError:
            continue
        except OSError as error:
            raise Closed(str(error)) from None
        if not part:
            raise Closed("it closed the channel")
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _pack(value, arrays, depth):
    """The JSON form of a plain value; arrays are appended to `arrays`."""
    if depth > DEPTH:
        raise Malformed(f"a value nested more than {DEPTH} deep")
    if value is None or type(value) in (bool, str):
        return value
    if type(value) is int:
        if value.bit_length() > BITS:
            raise Malformed(f"a whole number of more than {BITS} bits")
        return value if abs(value) < _SMALL else ["int", hex(value)]
    if type(value) is float:
        return ["float", value.hex()]
    if type(value) is complex:
        return ["complex", value.real.hex(), value.imag.hex()]
    if type(value) in (list, tuple):
        return [type(value).__name__, [_pack(item, arrays, depth + 1) for item in value]]
    if type(value) is dict:
        _look_at_keys(value)
        return ["dict", [[_pack(key, arrays, depth + 1), _pack(item, arrays, depth + 1)] for key, item in value.items()]]
    if type(value) is np.ndarray or isinstance(value, np.generic):
        if value.dtype.kind not in _KINDS or value.dtype.fields is not None:
            raise Malformed(f"{values.describe(value)} cannot be handed over")
        file = io.BytesIO()
        np.lib.format.write_array(file, np.asarray(value), allow_pickle=False)
        arrays.append(file.getvalue())
        return ["array" if type(value) is np.ndarray else "scalar", len(arrays) - 1]
    if type(value) is np.random.Generator:
        state = value.bit_generator.state
        if state.get("bit_generator") not in _GENERATORS:
            raise Malformed("a Generator of another kind than NumPy's")
        seeds = value.bit_generator.seed_seq
        seeds = {name: getattr(seeds, name) for name in _SEEDS} if type(seeds) is np.random.SeedSequence else None
        return ["generator", _pack(state, arrays, depth + 1), _pack(seeds, arrays, depth + 1)]
    if values.is_keras_model(value):
        return ["model", *_pack_model(value, arrays)]
    raise Malformed(f"{values.describe(value)} cannot be handed over")


def _unpack(tree, arrays, depth, trusted=False, models=True):
    """The plain value of a JSON form, which may come from anybody."""
    if depth > DEPTH:
        raise Malformed(f"a value nested more than {DEPTH} deep")
    if tree is None or type(tree) in (bool, str):
        return tree
    if type(tree) is int:
        if abs(tree) >= _SMALL:
            raise Malformed("a number of another form")
        return tree
    if type(tree) is not list or not tree or type(tree[0]) is not str:
        raise Malformed("a value of another form")
    kind, *rest = tree
    if kind == "int":
        if len(rest[0]) > BITS // 4 + 3:
            raise Malformed(f"a whole number of more than {BITS} bits")
        return int(rest[0], 16)
    if kind == "float":
        return float.fromhex(rest[0])
    if kind == "complex":
        return complex(float.fromhex(rest[0]), float.fromhex(rest[1]))
    if kind in ("list", "tuple"):
        return (list if kind == "list" else tuple)(_unpack(item, arrays, depth + 1, trusted, models) for item in rest[0])
    if kind == "dict":
        return _look_at_keys(
            {_unpack(key, arrays, depth + 1, trusted, models): _unpack(item, arrays, depth + 1, trusted, models) for key, item in rest[0]}
        )
    if kind in ("array", "scalar"):
        array = arrays[_index(rest[0])]
        if kind == "scalar" and array.ndim:
            raise Malformed("a scalar with axes")
        return array if kind == "array" else array[()]
    if kind == "generator":
        state = _unpack(rest[0], arrays, depth + 1)
        if type(state) is not dict or state.get("bit_generator") not in _GENERATORS:
            raise Malformed("a Generator of another kind than NumPy's")
        inner = state.get("state") if type(state.get("state")) is dict else {}
        if not 0 <= int(inner.get("pos", 0)) <= 624 or not 0 <= int(state.get("buffer_pos", 0)) <= 4:
            raise Malformed("a Generator's state that NumPy would not survive")
        seeds = _unpack(rest[1], arrays, depth + 1) if trusted else None  # for `spawn`; a large pool of theirs would fill the memory
        bits = getattr(np.random, state["bit_generator"])(np.random.SeedSequence(**seeds) if seeds else 0)
        try:
            bits.state = state
        except Exception as error:  # whatever NumPy says to a state that is none
            raise Malformed(f"a Generator's state of another form: {type(error).__name__}") from None
        return np.random.Generator(bits)
    if kind == "model":
        if not models:
            raise Malformed("a Keras model, where none is asked for")
        return _unpack_model(*rest, arrays, trusted)
    raise Malformed("a value of another kind")


def _look_at_keys(keys):
    """Raise `Malformed` where a whole number among the keys, or in a tuple among them, is too large to be shown."""
    for key in keys:
        if type(key) is tuple:
            _look_at_keys(key)
        elif type(key) is int and key.bit_length() > KEY_BITS:
            raise Malformed(f"a key that is a whole number of more than {KEY_BITS} bits")
    return keys


def _index(number):
    if type(number) is not int or number < 0:
        raise Malformed("an array that was not sent")
    return number


def _array(data):
    """An array from the bytes of an .npy file, whose header must promise just the bytes that follow it."""
    file = io.BytesIO(data)
    try:
        version = np.lib.format.read_magic(file)
        read = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}[version]
        shape, fortran, dtype = read(file)
    except Exception as error:  # a header is a text that NumPy evaluates as a literal: it may fail in any way
        raise Malformed(f"an array of another form: {type(error).__name__}") from None
    size = dtype.itemsize
    for length in shape:
        if type(length) is not int or length < 0:
            raise Malformed("an array with an impossible shape")
        size *= length
    if dtype.kind not in _KINDS or dtype.fields is not None or dtype.subdtype is not None or len(shape) > 32:
        raise Malformed("an array of a kind that cannot be handed over")
    if size != len(data) - file.tell() or max(shape, default=0) > 2**40:
        raise Malformed("an array that is not as long as it says")
    flat = np.frombuffer(data, dtype, offset=file.tell()) if size else np.empty(0, dtype)
    if dtype.kind == "U" and size and flat.view(dtype.byteorder.replace("|", "=") + "u4").max() > 0x10FFFF:
        raise Malformed("text that is none")
    return flat.reshape(shape, order="F" if fortran else "C").copy(order="K")


# ---- Keras models

_LAYERS = frozenset("""
    InputLayer Embedding Dense Activation Dropout SpatialDropout1D GaussianNoise Masking Flatten Reshape Permute RepeatVector
    SimpleRNN LSTM GRU RNN SimpleRNNCell LSTMCell GRUCell StackedRNNCells Bidirectional TimeDistributed Softmax ReLU LeakyReLU
    ELU PReLU LayerNormalization BatchNormalization RMSNormalization GroupNormalization UnitNormalization Identity Rescaling
    Concatenate Add Subtract Multiply Average Maximum Minimum Dot Attention AdditiveAttention MultiHeadAttention EinsumDense
    Conv1D Conv2D SeparableConv1D DepthwiseConv1D MaxPooling1D MaxPooling2D AveragePooling1D AveragePooling2D
    GlobalAveragePooling1D GlobalAveragePooling2D GlobalMaxPooling1D GlobalMaxPooling2D
    Cropping1D
""".split())
_MODULES = {
    "keras.layers": _LAYERS.__contains__,
    "keras": {"Sequential", "Functional", "DTypePolicy"}.__contains__,
    "keras.models": {"Sequential", "Functional"}.__contains__,
    "keras.src.models.functional": {"Functional"}.__contains__,
    "keras.initializers": re.compile("[A-Z][A-Za-z0-9]*").fullmatch,
    "keras.regularizers": re.compile("[A-Z][A-Za-z0-9]*").fullmatch,
    "keras.constraints": re.compile("[A-Z][A-Za-z0-9]*").fullmatch,
    "keras.src.ops.numpy": re.compile("[A-Z][A-Za-z0-9]*").fullmatch,
    "keras.src.ops.nn": re.compile("[A-Z][A-Za-z0-9]*").fullmatch,
}
_PLAIN = {"__keras_tensor__", "__slice__", "__ellipsis__", "__tuple__"}


def _pack_model(model, arrays):
    """A Keras model's configuration, weights, and the states of its stateful layers."""
    config = json.loads(model.to_json())
    config.pop("compile_config", None)
    flatten = _keras().tree.flatten
    weights = [_pack(weight, arrays, 0) for weight in model.get_weights()]
    states = [
        [_pack(np.asarray(state), arrays, 0) for state in flatten(layer.states)]
        for layer in model.layers
        if getattr(layer, "stateful", False) and getattr(layer, "states", None) is not None
    ]
    return config, weights, states


def _unpack_model(config, weights, states, arrays, trusted):
    """A Keras model of built-in layers, built here; nothing of it is code of the other side."""
    if type(config) is not dict or type(config.get("config")) is not dict:
        raise Malformed("a Keras model of another form")
    config.pop("compile_config", None)
    if _built_in(config, 0) > LAYERS:
        raise Malformed("a Keras model of too many layers")
    keras = _keras()
    weights = [_unpack(weight, arrays, 0) for weight in weights]
    try:
        if not trusted:  # a small configuration may ask for all memory there is: measure it, with no weight made
            measured = json.loads(json.dumps(config).replace('"stateful": true', '"stateful": false'))  # no state can be made here
            with keras.StatelessScope(initialize_variables=False):
                shapes = [tuple(variable.shape) for variable in keras.saving.deserialize_keras_object(measured, safe_mode=True).variables]
            if sum(math.prod(shape) for shape in shapes) > MODEL_SIZE:
                raise Malformed("a Keras model that is too large")
        model = _built(keras, config if trusted else _uninitialised(config), trusted)
        if not values.is_keras_model(model):
            raise Malformed("a layer, not a model")
        if weights or model.weights:
            model.set_weights(weights)
        stateful = [layer for layer in model.layers if getattr(layer, "stateful", False)]
        for layer, given in zip(stateful, states):
            for state, value in zip(keras.tree.flatten(layer.states), given, strict=True):
                state.assign(_unpack(value, arrays, 0))
    except Malformed:
        raise
    except Exception as error:  # Keras may refuse a configuration in any way
        raise Malformed(f"a Keras model that cannot be built again: {type(error).__name__}") from None
    return model


def _uninitialised(config):
    """The same configuration with zeros for initial weights: all of them are sent, and an orthogonal matrix takes seconds to draw."""
    if type(config) is list:
        return [_uninitialised(item) for item in config]
    if type(config) is not dict:
        return config
    if config.get("module") == "keras.initializers":
        return {"module": "keras.initializers", "class_name": "Zeros", "config": {}, "registered_name": None}
    return {
        key: "zeros" if type(value) is str and key.endswith("_initializer") else _uninitialised(value) for key, value in config.items()
    }


_models = {}


def _built(keras, config, trusted):
    """A model of this configuration; of the checker's, which go to a function as copies, one is kept for the next of its kind."""
    if not trusted or config.get("class_name") != "Sequential":
        return keras.saving.deserialize_keras_object(config, safe_mode=True)
    key = re.sub(r'("name": "[a-z_]+?)_\d+"', r'\1"', json.dumps(config))  # Keras counts the layers that it makes
    if key not in _models:
        _models[key] = keras.saving.deserialize_keras_object(config, safe_mode=True)
    return _models[key]


def _shapes(model):
    """The shapes of a model's variables, and of what its layers and operations give, with 16 for batch and time where they are open."""
    yield from (tuple(variable.shape) for variable in model.variables)
    graph = getattr(model, "_functional", model)  # a Sequential keeps its graph there, once it has a shape
    for operation in getattr(graph, "operations", ()):
        for node in operation._inbound_nodes:
            yield from (tuple(16 if length is None else length for length in tensor.shape) for tensor in node.output_tensors)


def _built_in(tree, depth, name=""):
    """How many layers a configuration names; raises `Malformed` unless it names built-in things only."""
    if depth > DEPTH:
        raise Malformed("a Keras model that is nested too deep")
    if type(tree) is int and abs(tree) > NUMBER and name != "seed":
        raise Malformed(f"a Keras model with the number {tree}: it is too large")
    if type(tree) is list:
        return sum(_built_in(item, depth + 1) for item in tree)
    if type(tree) is not dict:
        return 0
    layers = 0
    if "class_name" in tree:
        module, kind = tree.get("module"), tree["class_name"]
        plain = module is None and kind in _PLAIN
        known = type(module) is str and type(kind) is str and module in _MODULES and _MODULES[module](kind)
        if not (plain or known) or tree.get("registered_name") not in (None, kind):
            raise Malformed(f"a Keras model with a part that is not built in: {str(kind)[:40]}")
        layers = int(module == "keras.layers")
    elif "module" in tree or "registered_name" in tree:
        raise Malformed("a Keras model of another form")
    return layers + sum(_built_in(item, depth + 1, key) for key, item in tree.items())


def forget_models():
    """Give back what Keras keeps of the models made so far in this process."""
    _models.clear()
    _keras().utils.clear_session()


def _keras():
    from helpers import session

    with session.quiet():
        import keras
    return keras
