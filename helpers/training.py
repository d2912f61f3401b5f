"""Train a character language model on a text, with one command, and load it again.

    uv run python -m helpers.training fables --minutes 3 --output my-model.npz

The recipe: a recurrent network whose state is carried over contiguous streams of the text, Adam with clipped gradients,
a learning rate that rises, then falls to zero over the time given, dropout, and the weights that were best on held-out text.

A model has its state explicit: inputs [ids (batch, time), *states], outputs [logits (batch, time, symbols), *states], each
state (batch, units); an LSTM layer has two, h and c, a GRU layer one.
"""

import argparse
import dataclasses
import json
import math
import os
import platform
import sys
import textwrap
import time
from importlib import metadata
from pathlib import Path

import numpy as np

from helpers import data, session, writing

#: Characters that each stream of held-out text reads, without being scored, before its own part begins.
WARM_UP = 200

#: Share of the time in which the learning rate rises.
RISE = 0.02

#: How often a run is judged, evenly over its length, and after which updates besides: a learner sees noise become words.
JUDGINGS = 20
MILESTONES = (20, 100, 300, 1000, 3000)

#: Characters, and the temperature, of the sample at each judging.
SAMPLE, SAMPLE_TEMPERATURE = 300, 0.7


@dataclasses.dataclass(frozen=True)
class Corpus:
    """A text as ids, split into what is learned from and what judges.

    Attributes
    ----------
    vocabulary : str
        The symbol at position i has the id i.
    train, validation, test : ndarray of int
        `test` is empty unless asked for.
    """

    vocabulary: str
    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray


def corpus(name_or_path, lowercase=False, train=None, validation=None):
    """Load and split a text.

    Parameters
    ----------
    name_or_path : str
        As `data.load_text` takes it. Names and fables are shuffled and held out whole, as `data.split` does; of any
        other text the end is held out.
    lowercase : bool
    train, validation : int, optional
        How many characters to learn from, and how many after them to judge by; the rest is the test part. Without
        them nine tenths and one tenth. Not for names and fables.

    Returns
    -------
    Corpus

    Raises
    ------
    data.DataError
        If there is no such text.
    ValueError
        If the sizes do not fit the text.
    """
    whole = {"names": lambda: [name + "\n" for name in data.load_names()], "fables": data.load_fables}
    if name_or_path in whole:
        if train or validation:
            raise ValueError(f"{name_or_path} is held out in whole texts, a tenth of them: leave out the sizes.")
        parts = ["".join(part) for part in data.split(whole[name_or_path]())] + [""]
    else:
        text = data.load_text(name_or_path)
        train = round(0.9 * len(text)) if train is None else train
        validation = len(text) - train if validation is None else validation
        if min(train, validation) < 2 * WARM_UP or train + validation > len(text):
            wanted = f"{train:,} to learn from and {max(0, validation):,} to judge by"
            raise ValueError(f"a text of {len(text):,} characters cannot give {wanted}; each needs {2 * WARM_UP} at least.")
        parts = [text[:train], text[train : train + validation], text[train + validation :]]
    parts = [part.lower() for part in parts] if lowercase else parts
    vocabulary = "".join(sorted(set("".join(parts))))
    ids = {symbol: i for i, symbol in enumerate(vocabulary)}
    return Corpus(vocabulary, *(np.array([ids[symbol] for symbol in part], np.int32) for part in parts))


def language_model(symbols, units, layer="lstm", layers=1, dropout=0.0, seed=0):
    """Build a language model with explicit state.

    Parameters
    ----------
    symbols, units : int
        Size of the vocabulary, and of each layer's state.
    layer : str
        "lstm" or "gru".
    layers : int
        Recurrent layers, one above the other.
    dropout : float
        Share of each layer's outputs that is dropped in training.
    seed : int
        Of the first weights, and of what is dropped.

    Returns
    -------
    keras.Model
        Inputs [ids (batch, time), *states], outputs [logits (batch, time, symbols), *states].
    """
    with session.quiet():
        import keras

    keras.utils.set_random_seed(seed)
    recurrent = {"lstm": keras.layers.LSTM, "gru": keras.layers.GRU}[layer]
    ids = keras.Input((None,), dtype="int32", name="ids")
    states = [keras.Input((units,), name=f"state_{i}") for i in range(layers * writing.STATES[layer])]
    x, after = keras.layers.Embedding(symbols, min(symbols, 64))(ids), []
    for i in range(layers):
        own = states[i * writing.STATES[layer] : (i + 1) * writing.STATES[layer]]
        x, *new = recurrent(units, return_sequences=True, return_state=True)(x, initial_state=own)
        x, after = keras.layers.Dropout(dropout)(x), after + new
    return keras.Model([ids, *states], [keras.layers.Dense(symbols, name="logits")(x), *after])


def zero_states(model, batch_size):
    """The states of a model before it has read anything, for `batch_size` sequences."""
    return [np.zeros((batch_size, state.shape[1]), np.float32) for state in model.inputs[1:]]


def judge(model, ids, streams=16, timesteps=500):
    """Mean cross-entropy of a text, in nats a character.

    The text is cut into streams that are read side by side. Each stream but the first reads `WARM_UP` characters of the
    stream before it without being scored, so that a cut costs next to nothing.

    Parameters
    ----------
    model : keras.Model
        As `language_model` makes it.
    ids : ndarray of int (length,)
    streams, timesteps : int
        Only memory and speed depend on them.

    Returns
    -------
    float
    """
    run = _compiled(model)
    length = math.ceil((len(ids) - 1) / streams)
    starts = np.maximum(1 + length * np.arange(streams) - WARM_UP, 1)
    ends = np.minimum(1 + length * np.arange(1, streams + 1), len(ids))
    place = starts[:, None] + np.arange(WARM_UP + length)  # of each target in the text
    scored = (place > length * np.arange(streams)[:, None]) & (place < ends[:, None])
    place = np.minimum(place, len(ids) - 1)
    states, total = zero_states(model, streams), 0.0
    for start in range(0, place.shape[1], timesteps):
        here = place[:, start : start + timesteps]
        costs, *states = run(ids[here - 1].astype(np.int32), ids[here].astype(np.int32), states)
        total += float(np.sum(costs.numpy()[scored[:, start : start + timesteps]], dtype=np.float64))
    return total / (len(ids) - 1)


def fit(
    model, text, *, minutes=None, updates=None, batch_size=64, timesteps=64, learning_rate=4e-3, weight_dropout=0.0, seed=0,
    resume=None, progress=None,
):
    """Train a model; it is left with the weights that were best on the validation part, also where Ctrl-C ends it.

    Parameters
    ----------
    model : keras.Model
        As `language_model` makes it.
    text : Corpus
    minutes, updates : float, int
        One of the two: how long to train. The learning rate falls to zero by then. Only `updates` repeats exactly.
    batch_size, timesteps : int
        How many streams the text is cut into, and how many characters of each an update sees.
    learning_rate : float
        The highest.
    weight_dropout : float
        Share of the recurrent weights that each update does without, other ones each time (Merity et al., 2018).
    seed : int
        Of where the text is cut, and of what is dropped.
    resume : Run, optional
        A run of the same model, text, batch size and steps to go on with: for `minutes` or `updates` more. The learning
        rate is then what a schedule over both lengths together gives.
    progress : callable, optional
        Called with the `Run` each time the model is judged, and once before the first update.

    Returns
    -------
    Run

    Raises
    ------
    ValueError
        If not one of the two lengths is given.
    Diverged
        If the loss is no longer a number.
    """
    if (minutes is None) == (updates is None):
        raise ValueError("say either for how many minutes to train or for how many updates.")
    with session.quiet():
        import keras

    optimizer = keras.optimizers.Adam(learning_rate, global_clipnorm=1.0)
    step = _training_step(model, optimizer, weight_dropout)
    run = resume or Run([], model.get_weights(), {})
    last = dict(run.last) or {"epoch": 0, "window": 0, "updates": 0, "seconds": 0.0, "cpu_seconds": 0.0}
    seeds = [variable for variable in model.non_trainable_variables if "seed" in variable.path]
    states = zero_states(model, batch_size)
    if run.last:
        for variable, value in zip([*model.trainable_variables, *optimizer.variables, *seeds], last["variables"]):
            variable.assign(value)
        states = last["states"]
    total = last["updates"] + updates if updates else last["seconds"] + 60 * minutes
    start, cpu_start = time.monotonic() - last["seconds"], time.process_time() - last["cpu_seconds"]
    count, epoch, position, losses = last["updates"], last["epoch"], last["window"], []
    judged = count / total if updates else last["seconds"] / total

    def look():
        """Judge the model, and note where the run stands."""
        nonlocal losses
        row = {
            "updates": count, "characters": count * batch_size * timesteps, "seconds": time.monotonic() - start,
            "cpu_seconds": time.process_time() - cpu_start, "training": float(np.mean(losses)) if losses else None,
            "held_out": judge(model, text.validation),
        }
        losses = []
        if not run.rows or row["held_out"] < run.best["held_out"]:
            run.weights = model.get_weights()
        network = writing.Network(text.vocabulary, *_form(model), model.get_weights())
        row["sample"] = "".join(writing.stream(network, text.vocabulary[text.train[0]], SAMPLE, SAMPLE_TEMPERATURE, seed=1))
        run.rows.append(row)
        run.last = {
            "epoch": epoch, "window": position, "updates": count, "seconds": row["seconds"], "cpu_seconds": row["cpu_seconds"],
            "variables": [np.array(v) for v in (*model.trainable_variables, *optimizer.variables, *seeds)],
            "states": [np.array(state) for state in states],
        }
        if progress:
            progress(run)

    try:
        if not run.rows:
            look()
        share = 0.0
        while share < 1:
            shift = int(np.random.default_rng([seed, epoch]).integers(timesteps))  # other cuts in each epoch
            windows = list(data.windows(text.train[shift:], batch_size, timesteps))
            for inputs, targets in windows[position:]:
                share = count / total if updates else (time.monotonic() - start) / total
                optimizer.learning_rate.assign(learning_rate * _schedule(share))
                loss, *states = step(inputs, targets, states, np.array([seed, count], np.int32))
                losses.append(float(loss))
                if not math.isfinite(losses[-1]):
                    raise Diverged(f"after {count + 1} updates the cost is no longer a number: try a lower learning rate.")
                count, position = count + 1, position + 1
                share = count / total if updates else (time.monotonic() - start) / total
                if share >= 1 or share - judged >= 1 / JUDGINGS or count in MILESTONES:
                    judged = judged if count in MILESTONES else share
                    look()
                if share >= 1:
                    break
            else:
                epoch, position, states = epoch + 1, 0, zero_states(model, batch_size)
    except KeyboardInterrupt:
        pass  # whoever stops it wants what it has reached
    finally:
        model.set_weights(run.weights)
    return run


class Diverged(ArithmeticError):
    """The training cost is no longer a number."""


@dataclasses.dataclass
class Run:
    """What a training run has reached.

    Attributes
    ----------
    rows : list of dict
        One each time the model was judged: `updates`, `characters` read, `seconds` and `cpu_seconds` since the start,
        nats a character on the `training` windows since the row before (None at the start) and `held_out`, and a
        `sample` of what the model writes.
    weights : list of ndarray
        Those that were best on the validation part.
    last : dict
        Where the run stands, for going on: position in the text, all variables, states. Empty before the start.
    """

    rows: list
    weights: list
    last: dict

    @property
    def best(self):
        """The row of the best weights."""
        return min(self.rows, key=lambda row: row["held_out"])


def save(model, vocabulary, path, run=None, about=None):
    """Write a model of `language_model` and its vocabulary into one .npz file; an older one is replaced when it is whole.

    Parameters
    ----------
    model : keras.Model
    vocabulary : str
    path : str or os.PathLike
    run : Run, optional
        Kept as well, with its weights in place of the model's, so that training can go on.
    about : dict, optional
        What else is worth knowing about the run; kept in its record.
    """
    path = Path(path)
    form = dict(zip(("layer", "layers", "units"), _form(model)), vocabulary=vocabulary)
    weights = run.weights if run else model.get_weights()
    content = {**form, **{f"weights_{i:02d}": w for i, w in enumerate(weights)}}
    if run:
        numbers = {name: value for name, value in run.last.items() if name not in ("variables", "states")}
        content["record"] = json.dumps({"about": about or {}, "rows": run.rows, "last": numbers}, ensure_ascii=False)
        for name in ("variables", "states"):
            content |= {f"last_{name}_{i:03d}": value for i, value in enumerate(run.last[name])}
    part = path.with_name(path.name + ".part")
    with open(part, "wb") as file:
        np.savez(file, **content)
    os.replace(part, path)


def _form(model):
    """(kind of layer, how many, units) of a model of `language_model`."""
    recurrent = [layer for layer in model.layers if type(layer).__name__.lower() in writing.STATES]
    return type(recurrent[0]).__name__.lower(), len(recurrent), recurrent[0].units


def load(name_or_path):
    """Load a model that `save` wrote.

    Parameters
    ----------
    name_or_path : str or os.PathLike
        "fables-lstm", the one that comes with the course, or the path of a file.

    Returns
    -------
    tuple of (keras.Model, str)
        The model, and its vocabulary: the symbol at position i has the id i.

    Raises
    ------
    data.DataError
        If there is no such file, or it is not such a model.
    """
    network = writing.read(name_or_path)
    model = language_model(len(network.vocabulary), network.units, network.layer, network.layers)
    model.set_weights(network.weights)
    return model, network.vocabulary


def main(argv=None):
    """Command line: train a model on a text, and say how good it is on what was held out."""
    parser = argparse.ArgumentParser(prog="python -m helpers.training", description=__doc__.split("\n")[0])
    parser.add_argument("text", help=f"one of {', '.join(data.SETS)}, or the path of a text file in UTF-8")
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--minutes", type=_positive(float), default=None, help="how long to train (default: 3)")
    length.add_argument("--updates", type=_positive(int), help="train for so many updates instead: repeats exactly")
    parser.add_argument("--output", type=Path, help="where to keep the best model so far (.npz)")
    parser.add_argument("--lowercase", action="store_true", help="turn capitals into small letters")
    parser.add_argument("--train", type=_positive(int), help="characters to learn from, at the start of the text")
    parser.add_argument("--validation", type=_positive(int), help="characters after them to judge by; the rest is the test part")
    parser.add_argument("--layer", choices=sorted(writing.STATES), default="gru")
    for name, kind, default, text in [
        ("units", int, 256, "size of each layer's state"),
        ("layers", int, 1, "recurrent layers"),
        ("batch-size", int, 64, "streams side by side"),
        ("timesteps", int, 64, "characters of each stream in an update"),
        ("threads", int, os.cpu_count(), "threads of TensorFlow"),
        ("learning-rate", float, 4e-3, "the highest"),
    ]:
        parser.add_argument(f"--{name}", type=_positive(kind), default=default, help=f"{text} (default: {default})")
    for name, what in [("dropout", "a layer's outputs dropped"), ("weight-dropout", "recurrent weights dropped")]:
        parser.add_argument(f"--{name}", type=_share, default=0.0, help=f"share of {what} in training (default: 0)")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(argv)
    if options.output and (options.output.suffix != ".npz" or not options.output.parent.is_dir()):
        parser.error(f"--output is the path of an .npz file in a folder that exists; got {options.output}")
    os.environ |= {name: str(options.threads) for name in session.ONE_THREAD}
    os.environ["TF_ENABLE_ONEDNN_OPTS"] = "1"  # faster than the lessons' setting; the last digits differ
    session.start()
    try:
        text = corpus(options.text, options.lowercase, options.train, options.validation)
        _run(text, options)
    except (data.DataError, ValueError) as error:
        parser.exit(1, f"{error}\n")


def _run(text, options):
    model = language_model(len(text.vocabulary), options.units, options.layer, options.layers, options.dropout, options.seed)
    minutes = None if options.updates else options.minutes or 3.0
    print(
        f"{len(text.train):,} characters of {len(text.vocabulary)} symbols to learn from, {len(text.validation):,} held out;"
        f" {options.layer} {options.layers} x {options.units}, {model.count_params():,} weights", flush=True,
    )
    about = {
        "text": str(options.text), "learned from": len(text.train), "judged by": len(text.validation), "weights": model.count_params(),
        "settings": {name: value for name, value in vars(options).items() if name not in ("text", "output")},
        "versions": versions(), "started": time.strftime("%Y-%m-%d %H:%M"),
    }

    def progress(run):
        row = run.rows[-1]
        training = "" if row["training"] is None else f"training {row['training']:.4f}, "
        print(f"{row['seconds']:7.0f} s {row['updates']:6d} updates: {training}held out {row['held_out']:.4f} nats a character", flush=True)
        print(textwrap.indent(row["sample"], "    | "), flush=True)
        if options.output:
            save(model, text.vocabulary, options.output, run, about)

    fit(
        model, text, minutes=minutes, updates=options.updates, batch_size=options.batch_size, timesteps=options.timesteps,
        learning_rate=options.learning_rate, weight_dropout=options.weight_dropout, seed=options.seed, progress=progress,
    )
    parts = {"held out": text.validation} | ({"test": text.test} if len(text.test) > 2 * WARM_UP else {})
    for part, ids in parts.items():
        nats = judge(model, ids)
        print(f"best model, {part}: {nats:.4f} nats, {nats / math.log(2):.4f} bits a character")


def versions():
    """The versions a record names."""
    return {"python": platform.python_version()} | {name: metadata.version(name) for name in ("numpy", "tensorflow", "keras")}


def _positive(kind):
    def number(text):
        value = kind(text)
        if not 0 < value < math.inf:
            raise argparse.ArgumentTypeError(f"{text} is not above zero")
        return value

    return number


def _share(text):
    value = float(text)
    if not 0 <= value < 1:
        raise argparse.ArgumentTypeError(f"{text} is no share from 0 to below 1")
    return value


def _schedule(share):
    """The learning rate as a share of the highest: a straight rise, then half a cosine down to zero."""
    return min(share / RISE, (1 + math.cos(math.pi * min(1.0, share))) / 2)


def _compiled(model):
    """A function (ids, targets, states) -> (cross-entropies, *states), compiled once a model."""
    import tensorflow as tf

    if not hasattr(model, "_course_judge"):

        @tf.function(reduce_retracing=True)
        def run(ids, targets, states):
            logits, *states = model([ids, *states], training=False)
            return tf.nn.sparse_softmax_cross_entropy_with_logits(targets, logits), *states

        model._course_judge = run
    return model._course_judge


def _training_step(model, optimizer, weight_dropout):
    """A compiled function (ids, targets, states) -> (loss, *states) that makes one update."""
    import tensorflow as tf

    optimizer.build(model.trainable_variables)
    thinned = [weight for weight in model.trainable_variables if weight.path.endswith("recurrent_kernel") and weight_dropout]
    order = [id(weight) for weight in model.trainable_variables]

    @tf.function
    def step(ids, targets, states, seed):
        whole = [tf.identity(weight.value) for weight in thinned]
        masks = [
            tf.nn.experimental.stateless_dropout(tf.ones_like(weight), weight_dropout, seed=[seed[0] + i, seed[1]])
            for i, weight in enumerate(whole)
        ]
        for weight, value, mask in zip(thinned, whole, masks):
            weight.assign(value * mask)
        with tf.GradientTape() as tape:
            logits, *states = model([ids, *states], training=True)
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(targets, logits))
        gradients = tape.gradient(loss, model.trainable_variables)
        for weight, value, mask in zip(thinned, whole, masks):
            weight.assign(value)
            gradients[order.index(id(weight))] *= mask
        optimizer.apply(gradients, model.trainable_variables)
        return loss, *states

    return step


if __name__ == "__main__":
    sys.exit(main())
