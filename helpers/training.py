"""Train a character language model on a text, with one command, and load it again.

    uv run python -m helpers.training my.txt --minutes 3

The recipe: a recurrent network whose state is carried over contiguous streams of the text, Adam with clipped gradients,
a learning rate that rises, then falls to zero over the time given, dropout, and the weights that were best on
held-out text.

A model has its state explicit: inputs [ids (batch, time), *states], outputs [logits (batch, time, symbols), *states],
each state (batch, units); an LSTM layer has two, h and c, a GRU layer one.
"""

import argparse
import contextlib
import dataclasses
import hashlib
import json
import math
import os
import platform
import shlex
import sys
import tempfile
import textwrap
import time
from importlib import metadata
from pathlib import Path

from helpers import session

if __name__ == "__main__":
    # Half as fast again, in an order of summation of its own: a run repeats on its machine, and is compared with nothing.
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    session.start(gpu=True)  # before NumPy loads, for the samples; TensorFlow's threads are set by `main`

import numpy as np

from helpers import data, writing

#: Characters that each stream of held-out text reads, without being scored, before its own part begins.
WARM_UP = 200

#: The fraction of the training in which the learning rate rises.
RISE = 0.02

#: How often a run is judged, evenly over its length, and after which updates besides: a reader sees noise become words.
JUDGINGS = 20
MILESTONES = (20, 100, 300, 1000, 3000)

#: Of the validation part, this many characters judge during training.
JUDGED = 60_000

#: Characters, and the temperature, of the sample at each judging.
SAMPLE, SAMPLE_TEMPERATURE = 300, 0.7

#: The shortest text that is split by itself, and the shortest part that may be asked for, in characters.
SHORTEST_TEXT, SHORTEST_PART = 1000, 50

#: Windows of each stream in an epoch, at least: with fewer, there would be little state to carry.
FEWEST_WINDOWS = 8


@dataclasses.dataclass(frozen=True)
class Corpus:
    """A text as ids, split into what is learned from, what chooses, and what judges.

    Attributes
    ----------
    vocabulary : str
        The symbol at position i has the id i. Those of the training part alone.
    train, validation, test : ndarray of int
        The weights are chosen by the validation part. The test part gives the verdict; it may be empty.
    left_out : str
        Symbols that the training part does not have; they are left out of the other two.
    """

    vocabulary: str
    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray
    left_out: str = ""


def corpus(name_or_path, lowercase=False, train=None, validation=None, encoding=None, vocabulary=None):
    """Load and split a text.

    Parameters
    ----------
    name_or_path : str
        As `data.load_text` takes it. Names and fables are shuffled and held out whole, as `data.split` does; of any
        other text the end is held out.
    lowercase : bool
    train, validation : int, optional
        How many characters to learn from, and how many after them to choose by; the rest is the test part. Without
        them nine tenths, a twentieth and a twentieth. Not for names and fables.
    encoding : str, optional
        As `data.load_text` takes it.
    vocabulary : str, optional
        That of a model which is to read the text, in place of the text's own.

    Returns
    -------
    Corpus

    Raises
    ------
    data.DataError
        If there is no such text, or it cannot be read.
    ValueError
        If the text is too short, the sizes do not fit it, or it has symbols that the given vocabulary lacks.
    """
    whole = {"names": lambda: [name + "\n" for name in data.load_names()], "fables": data.load_fables}
    if name_or_path in whole:
        if train or validation:
            raise ValueError(f"{name_or_path} is held out in whole texts, a tenth of them: leave out the sizes.")
        own, held_out = data.split(whole[name_or_path]())
        half = len(held_out) // 2
        parts = ["".join(own), "".join(held_out[:half]), "".join(held_out[half:])]
    else:
        parts = _cut(data.load_text(name_or_path, encoding), train, validation)
    parts = [part.lower() for part in parts] if lowercase else parts
    own = "".join(sorted(set(parts[0])))
    missing = "" if vocabulary is None else "".join(sorted(set(own) - set(vocabulary)))
    if missing:
        unknown = writing.listed(missing)
        raise ValueError(f"the model does not know {unknown}, which this text has: train a new model on it.")
    vocabulary = vocabulary or own
    ids = {symbol: i for i, symbol in enumerate(vocabulary)}
    left_out = "".join(sorted(set(parts[1] + parts[2]) - set(ids)))
    return Corpus(vocabulary, *(np.array([ids[c] for c in part if c in ids], np.int32) for part in parts), left_out)


def _cut(text, train, validation):
    """The three parts of a text whose end is held out."""
    if train is None and validation is None and len(text) < SHORTEST_TEXT:
        raise ValueError(
            f"a text of {len(text):,} characters is too short to learn from: {SHORTEST_TEXT:,} at least, and some "
            "hundred thousand write better."
        )
    train = round(0.9 * len(text)) if train is None else train
    validation = (len(text) - train) // 2 if validation is None else validation
    if min(train, validation) < SHORTEST_PART or train + validation > len(text):
        raise ValueError(
            f"a text of {len(text):,} characters cannot give {train:,} to learn from and {max(0, validation):,} to "
            f"choose by; each needs {SHORTEST_PART} at least."
        )
    return text[:train], text[train : train + validation], text[train + validation :]


def fitting_batch(length, batch_size, timesteps):
    """The number of streams that a text allows: `batch_size`, or fewer where it is short.

    Parameters
    ----------
    length : int
        Characters to learn from.
    batch_size, timesteps : int

    Returns
    -------
    int

    Raises
    ------
    ValueError
        If the text does not fill one window.
    """
    usable = length - timesteps  # each epoch starts up to so many characters into the text
    if usable <= timesteps:
        few = f"{length:,} characters are too few for windows of {timesteps}"
        raise ValueError(f"{few}: take fewer timesteps, or a longer text.")
    return min(batch_size, max(1, (usable - 1) // (FEWEST_WINDOWS * timesteps)))


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
        Fraction of each layer's outputs that is dropped in training.
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
        Memory and speed depend on them, the result hardly.

    Returns
    -------
    float
    """
    run = _compiled(model)
    streams = min(streams, math.ceil(len(ids) / WARM_UP))  # a short text in many streams would be mostly warm-up
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


def judge_windows(model, ids, timesteps=256, batch_size=64):
    """Mean cross-entropy of a text that is read in windows, each from a state of zeros, in nats a character.

    This is how models that carry no state are judged, such as small Transformers (nanoGPT averages random windows of
    256). The first characters of each window are read with hardly any context, so the number is higher than that of
    `judge`.

    Parameters
    ----------
    model : keras.Model
    ids : ndarray of int (length,)
    timesteps : int
        Characters of a window. The windows tile the text; what does not fill the last one is left out.
    batch_size : int
        Windows read side by side.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If the text does not fill one window.
    """
    count = (len(ids) - 1) // timesteps
    if count < 1:
        raise ValueError(f"a text of {len(ids)} characters does not fill a window of {timesteps}.")
    run, total = _compiled(model), 0.0
    for first in range(0, count, batch_size):
        here = timesteps * np.arange(first, min(first + batch_size, count))[:, None] + np.arange(timesteps)
        costs, *_ = run(ids[here].astype(np.int32), ids[here + 1].astype(np.int32), zero_states(model, len(here)))
        total += float(np.sum(costs.numpy(), dtype=np.float64))
    return total / (count * timesteps)


def counting_nats(text, ids, n=4, add=0.05):
    """Mean cross-entropy that an n-gram, counted in the training part, gives a held-out part: the number to beat.

    Parameters
    ----------
    text : Corpus
    ids : ndarray of int (length,)
        One of its held-out parts.
    n : int
    add : float
        Added to each count.

    Returns
    -------
    float
        In nats a character.
    """
    symbols = len(text.vocabulary)

    def grams(sequence):  # each n-gram as one number, the symbols its digits
        number = np.zeros(len(sequence) - n + 1, np.int64)
        for i in range(n):
            number = number * symbols + sequence[i : i + len(number)]
        return number

    def counter(found):
        known, counts = np.unique(found, return_counts=True)

        def count(wanted):
            place = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
            return np.where(known[place] == wanted, counts[place], 0)

        return count

    learned, asked = grams(text.train), grams(np.concatenate([text.train[len(text.train) - n + 1 :], ids]))
    seen, contexts = counter(learned)(asked), counter(learned // symbols)(asked // symbols)
    return float(-np.mean(np.log((seen + add) / (contexts + add * symbols))))


def fit(
    model, text, *, minutes=None, updates=None, batch_size=64, timesteps=64, learning_rate=4e-3, weight_dropout=0.0,
    seed=0, resume=None, progress=None,
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
        Fraction of the recurrent weights that each update does without, other ones each time (Merity et al., 2018).
    seed : int
        Of where the text is cut, and of what is dropped.
    resume : Run, optional
        A run of the same model to go on with, for `minutes` or `updates` more; one that was stopped goes on to its
        planned end if neither is given, and then equals one that was never stopped. A run that had ended goes on with
        the learning rate of a schedule over both lengths together. It does not equal one longer run: its learning rate
        had already come down to zero.
    progress : callable, optional
        Called with the `Run` each time the model is judged, and once before the first update. Without it, training in a
        notebook draws a picture that grows.

    Returns
    -------
    Run

    Raises
    ------
    ValueError
        If not one of the two lengths is given, or the text does not fill the batch.
    Diverged
        If the loss is no longer a number.
    """
    stopped = resume is not None and resume.rest is not None
    if minutes is not None and updates is not None or minutes is None and updates is None and not stopped:
        raise ValueError("say either for how many minutes to train or for how many updates.")
    if len(text.train) - timesteps <= batch_size * timesteps:
        most = fitting_batch(len(text.train), batch_size, timesteps)
        streams = f"{batch_size} streams of {timesteps}"
        raise ValueError(f"{len(text.train):,} characters do not fill {streams}: take a batch size of {most}.")
    with session.quiet():
        import keras
        from tqdm import tqdm

    optimizer = keras.optimizers.Adam(learning_rate, global_clipnorm=1.0)
    step = _training_step(model, optimizer, weight_dropout)
    run = resume or Run([], model.get_weights(), {})
    groups = {
        "weights": model.trainable_variables, "optimizer": optimizer.variables,
        "seeds": [variable for variable in model.non_trainable_variables if "seed" in variable.path],
    }
    states, shape = zero_states(model, batch_size), [batch_size, timesteps]
    epoch = position = count = 0
    seconds = cpu_seconds = 0.0
    if run.last:
        for name, variables in groups.items():
            for variable, value in zip(variables, run.last[name]):
                variable.assign(value)
        epoch, position, count = (run.last[name] for name in ("epoch", "window", "updates"))
        seconds, cpu_seconds = run.last["seconds"], run.last["cpu_seconds"]
        if run.last["shape"] == shape:
            states = run.last["states"]
        else:  # other streams: from the beginning of the text
            epoch, position = epoch + 1, 0
    if updates:
        planned = {"updates": count + updates}
    else:
        planned = {"seconds": seconds + 60 * minutes} if minutes else run.last["planned"]
    start, cpu_start = time.monotonic() - seconds, time.process_time() - cpu_seconds
    losses = []

    def look(report):
        """Judge the model, and note where the run stands."""
        held_out = _finite(judge(model, text.validation[:JUDGED]), count)
        row = {
            "updates": count, "characters": count * batch_size * timesteps, "seconds": time.monotonic() - start,
            "cpu_seconds": time.process_time() - cpu_start, "training": float(np.mean(losses)) if losses else None,
            "held_out": held_out, "sample": _sample(model, text),
        }
        losses.clear()
        if not run.rows or row["held_out"] < run.best["held_out"]:
            run.weights = model.get_weights()
        run.rows.append(row)
        run.last = {
            "epoch": epoch, "window": position, "planned": planned, "shape": shape,
            "updates": count, "seconds": row["seconds"], "cpu_seconds": row["cpu_seconds"],
            "states": [np.asarray(state) for state in states],
        } | {name: [variable.numpy() for variable in variables] for name, variables in groups.items()}
        report(run)

    def share():
        """How much of the planned length is over."""
        return count / planned["updates"] if "updates" in planned else (time.monotonic() - start) / planned["seconds"]

    bar = tqdm(total=100, unit="%", bar_format="{l_bar}{bar}| {elapsed}<{remaining}{postfix}", disable=None)
    with bar, contextlib.nullcontext(progress) if progress else _watched(text) as report:
        try:
            if not run.rows:
                look(report)
            now = share()
            for epoch, window, inputs, targets in _endless(text.train, batch_size, timesteps, seed, epoch, position):
                states = states if window else zero_states(model, batch_size)
                optimizer.learning_rate.assign(learning_rate * _schedule(share()))
                loss, *states = step(inputs, targets, states, np.array([seed, count], np.int32))
                losses.append(_finite(float(loss), count))
                count, position = count + 1, window + 1
                before, now = now, share()
                if int(JUDGINGS * now) > int(JUDGINGS * before) or count in MILESTONES:
                    look(report)
                    here, best = _bits(run.rows[-1]["held_out"]), _bits(run.best["held_out"])
                    bar.set_postfix_str(f"held out {here}, best {best}")
                bar.update(min(100, round(100 * now)) - bar.n)
                if now >= 1:
                    break
        except KeyboardInterrupt:  # keep what was reached; a second Ctrl-C does not wait for that
            if not run.rows:
                raise
            if count > run.last["updates"]:
                look(report)
        finally:
            model.set_weights(run.weights)
    return run


def _finite(nats, count):
    """A cost, if it is a number."""
    if not math.isfinite(nats):
        raise Diverged(f"after {count} updates the cost is no longer a number: try a lower learning rate.")
    return nats


def _endless(ids, batch_size, timesteps, seed, epoch, window):
    """Epoch after epoch, the text cut elsewhere in each: yields (epoch, window, inputs, targets) from a given place."""
    while True:
        shift = int(np.random.default_rng([seed, epoch]).integers(timesteps))
        for place, (inputs, targets) in enumerate(data.windows(ids[shift:], batch_size, timesteps)):
            if place >= window:
                yield epoch, place, inputs, targets
        epoch, window = epoch + 1, 0


def _sample(model, text):
    """What a model writes at this moment, the same numbers drawn each time."""
    network = writing.Network(text.vocabulary, *_form(model), model.get_weights())
    return "".join(writing.stream(network, length=SAMPLE, temperature=SAMPLE_TEMPERATURE, seed=1))


@contextlib.contextmanager
def _watched(text):
    """What `fit` reports to by default: in a notebook a picture that grows, elsewhere nothing."""
    if not _in_notebook():
        yield lambda run: None
        return
    from helpers.plots.watch import Watch

    counting = counting_nats(text, text.validation[:JUDGED]) / math.log(2)
    with Watch("Training", "bits per character", baselines={"4-gram": counting}) as watch:
        shown = 0

        def report(run):
            nonlocal shown
            for row in run.rows[shown:]:
                curves = {name: row[name] for name in ("held_out", "training") if row[name] is not None}
                watch.add(row["updates"], **{name: nats / math.log(2) for name, nats in curves.items()})
                watch.sample(row["updates"], row["sample"])
            shown = len(run.rows)
            best = f"Best {_bits(run.best['held_out'])} after {run.best['updates']:,} updates"
            watch.title = f"{best}; a 4-gram needs {counting:.2f}"

        yield report


def _in_notebook():
    shell = sys.modules.get("IPython") and sys.modules["IPython"].get_ipython()
    return getattr(shell, "kernel", None) is not None


def _bits(nats):
    return f"{nats / math.log(2):.3f} bits"


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

    @property
    def rest(self):
        """What was planned and is not done, a dict of `updates` or `seconds`; None if the run ended as planned."""
        planned = self.last.get("planned", {}).items()
        return {unit: total - self.last[unit] for unit, total in planned if total > self.last[unit]} or None


def save(model, vocabulary, path, run=None, about=None, small=False):
    """Write a model of `language_model` and its vocabulary into one .npz file; an older one stays until it is whole.

    Parameters
    ----------
    model : keras.Model
    vocabulary : str
    path : str or os.PathLike
    run : Run, optional
        Kept as well, with its weights in place of the model's, so that training can go on.
    about : dict, optional
        What else is worth knowing about the run; kept in its record.
    small : bool
        Keep the weights as float16 and nothing to go on from: an eighth of the size.

    Raises
    ------
    OSError
        If the file cannot be written. The older one is then still there.
    """
    path = Path(path).expanduser()
    layer, layers, units = _form(model)
    content = {"format": writing.FORMAT, "vocabulary": vocabulary, "layer": layer, "layers": layers, "units": units}
    weights = run.weights if run else model.get_weights()
    content |= {f"weights_{i:02d}": w.astype(np.float16) if small else w for i, w in enumerate(weights)}
    if run:
        last = {name: value for name, value in run.last.items() if name not in ARRAYS}
        content["record"] = json.dumps({"about": about or {}, "rows": run.rows, "last": last}, ensure_ascii=False)
    if run and not small:
        content |= {f"last_{name}_{i:03d}": value for name in ARRAYS for i, value in enumerate(run.last[name])}
    part = path.with_name(path.name + ".part")
    try:
        with open(part, "wb") as file:
            np.savez(file, **content)
        os.replace(part, path)
    except BaseException:  # no space, or Ctrl-C
        part.unlink(missing_ok=True)
        raise


#: What of a run's last state is kept as arrays.
ARRAYS = ("weights", "optimizer", "seeds", "states")


def load_run(path):
    """Load what `save` kept of a run, to go on with or to draw.

    Parameters
    ----------
    path : str or os.PathLike

    Returns
    -------
    tuple of (Run, dict)
        The run (`last` is empty if the file holds nothing to go on from), and what is known about it.

    Raises
    ------
    data.DataError
        If there is no such model, or it has no record.
    """
    network = writing.read(path)
    with np.load(writing.located(path), allow_pickle=False) as file:
        if "record" not in file.files:
            raise data.DataError(f"{path} holds a model without the record of its training.")
        record = json.loads(str(file["record"][()]))
        arrays = {name: [file[key] for key in sorted(file.files) if key.startswith(f"last_{name}_")] for name in ARRAYS}
    last = record["last"] | arrays if arrays["weights"] else {}
    return Run(record["rows"], network.weights, last), record["about"]


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


def export(name_or_path, path):
    """Write a model as plain Keras, and its vocabulary beside it, for programs that know nothing of this course.

    Parameters
    ----------
    name_or_path : str or os.PathLike
        As `load` takes it.
    path : str or os.PathLike
        Ends in .keras. Inputs and outputs are those of `language_model`. The symbols, in the order of their ids, go
        into a file of the same name that ends in .txt, in UTF-8.

    Raises
    ------
    ValueError
        If the path does not end in .keras.
    """
    path = Path(path).expanduser()
    if path.suffix != ".keras":
        raise ValueError(f"the file of a Keras model ends in .keras; got {path.name}.")
    model, vocabulary = load(name_or_path)
    model.save(path)
    path.with_suffix(".txt").write_bytes(vocabulary.encode("utf-8"))


def main(argv=None):
    """Command line: train a model on a text, keep it, and say how good it is on what was held out."""
    argv = sys.argv[1:] if argv is None else list(argv)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # a sample may hold what this terminal cannot show
    parser = _parser()
    options = parser.parse_args(argv)
    try:
        run = None
        if options.resume:
            run, about = load_run(options.resume)
            if not run.last:
                raise ValueError(f"{options.resume} holds a finished model, without what training needs to go on.")
            parser.set_defaults(**about["settings"], text=about["text"])
            options = parser.parse_args(argv)
        elif options.text is None:
            parser.error("say which text to learn from")
        _train(options, run, about if run else None)
    except data.EncodingError as error:
        advice = "Save it as UTF-8 in your editor."
        if error.candidates:
            command = shlex.join([*argv, "--encoding", next(iter(error.candidates))])
            command = f"uv run python -m helpers.training {command}"
            advice = f"Choose the encoding that reads right, for example:\n  {command}"
        parser.exit(1, f"{error.facts}\n{advice}\n")
    except (OSError, ValueError, Diverged) as error:  # a DataError is an OSError
        parser.exit(1, f"{error}\n")
    except KeyboardInterrupt:
        parser.exit(130, "Stopped.\n")


def _parser():
    parser = argparse.ArgumentParser(prog="python -m helpers.training", description=__doc__.split("\n")[0])
    parser.add_argument("text", nargs="?", help=f"one of {', '.join(data.SETS)}, or the path of a text file")
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--minutes", type=_positive(float), help="how long to train (default: 3)")
    length.add_argument("--updates", type=_positive(int), help="train for so many updates instead: repeats exactly")
    parser.add_argument(
        "--output", type=Path,
        help="where to keep the model (.npz, a new file; default: the text's name, in the folder you are in)",
    )
    parser.add_argument(
        "--continue", dest="resume", metavar="MODEL", type=Path,
        help="go on with a model of an earlier run, with its text and settings: to its end if it was stopped, or for "
        "--minutes or --updates more",
    )
    parser.add_argument("--plot", action="store_true", help="draw the curve into a .png beside the model")
    parser.add_argument("--encoding", help="how the text's characters are stored (default: utf-8)")
    parser.add_argument("--lowercase", action="store_true", help="turn capitals into small letters")
    parser.add_argument("--train", type=_positive(int), help="characters to learn from, at the start of the text")
    parser.add_argument(
        "--validation", type=_positive(int), help="characters after them to choose the weights by; the rest judges"
    )
    parser.add_argument("--layer", choices=sorted(writing.STATES), default="gru")
    for name, kind, default, text in [
        ("units", int, 256, "size of each layer's state"),
        ("layers", int, 1, "recurrent layers"),
        ("batch-size", int, 64, "streams side by side, at most"),
        ("timesteps", int, 64, "characters of each stream in an update"),
        ("threads", int, os.cpu_count(), "threads of TensorFlow"),
        ("learning-rate", float, 4e-3, "the highest"),
    ]:
        parser.add_argument(f"--{name}", type=_positive(kind), default=default, help=f"{text} (default: {default})")
    for name, what in [("dropout", "a layer's outputs"), ("weight-dropout", "the recurrent weights")]:
        text = f"the fraction of {what} dropped in training (default: 0)"
        parser.add_argument(f"--{name}", type=_fraction, default=0.0, help=text)
    parser.add_argument("--seed", type=_seed, default=0)
    return parser


#: Options that say what the run is, and are taken over by `--continue`; and those of them that shape the network.
SETTINGS = (
    "encoding", "lowercase", "train", "validation", "layer", "layers", "units", "batch_size", "timesteps",
    "learning_rate", "dropout", "weight_dropout", "seed",
)
SHAPE = ("layer", "layers", "units")


def _train(options, run, about):
    """What the command does: everything that can be wrong with its arguments is found before TensorFlow loads."""
    network = writing.read(options.resume) if run else None
    for name in SHAPE if run else ():
        if getattr(options, name) != getattr(network, name):
            fixed = f"--{name} {getattr(network, name)}"
            raise ValueError(f"the model in {options.resume} has {fixed}, and that cannot be changed.")
    vocabulary = network.vocabulary if run else None
    text = corpus(options.text, options.lowercase, options.train, options.validation, options.encoding, vocabulary)
    batch_size = fitting_batch(len(text.train), options.batch_size, options.timesteps)
    output = _output(options)
    content = hashlib.sha256(text.vocabulary.encode("utf-8") + text.train.tobytes()).hexdigest()
    if run and about["content"] != content:
        print(f"Another text than {options.resume} was trained on: its weights go on, its curve begins anew.")
        start = {"epoch": 0, "window": 0, "updates": 0, "seconds": 0.0, "cpu_seconds": 0.0}
        run = Run([], run.weights, run.last | start | {"shape": None, "planned": {}})

    counting = counting_nats(text, text.validation[:JUDGED])
    print(
        f"{len(text.train):,} characters of {len(text.vocabulary)} symbols to learn from, {len(text.validation):,} to "
        f"choose by, {len(text.test):,} for the verdict. A 4-gram needs {_bits(counting)} a character."
    )
    if text.left_out:
        print(f"Left out of the held-out text, as the training part has none: {writing.listed(text.left_out)}.")
    if batch_size < options.batch_size:
        print(f"The text is short: {batch_size} streams instead of {options.batch_size}.")
    print(f"The best model so far is always in {output}. Ctrl-C ends the training and keeps it.", flush=True)

    os.environ |= {name: str(options.threads) for name in session.ONE_THREAD if name.startswith("TF_")}
    os.environ["TF_ENABLE_ONEDNN_OPTS"] = "1"  # faster than the lessons' setting; the last digits differ
    session.start(gpu=True)
    layer, layers, units = (getattr(options, name) for name in SHAPE)
    model = language_model(len(text.vocabulary), units, layer, layers, options.dropout, options.seed)
    print(f"{layer.upper()}, {layers} x {units} units, {model.count_params():,} weights, on {_device()}", flush=True)
    about = {
        "text": options.text, "content": content, "learned_from": len(text.train), "chosen_by": len(text.validation),
        "weights": model.count_params(), "counting": counting,
        "settings": {name: getattr(options, name) for name in SETTINGS},
        "threads": options.threads, "versions": _versions(), "begun": time.strftime("%Y-%m-%d %H:%M"),
    }
    progress = _Progress(model, text, output, about, options.plot)
    to_the_end = run is not None and run.rest is not None and not (options.updates or options.minutes)
    minutes = None if options.updates or to_the_end else options.minutes or 3.0
    run = fit(
        model, text, minutes=minutes, updates=options.updates, batch_size=batch_size, timesteps=options.timesteps,
        learning_rate=options.learning_rate, weight_dropout=options.weight_dropout, seed=options.seed, resume=run,
        progress=progress,
    )
    _verdict(model, text, run)
    if progress.unsaved:
        raise OSError(progress.unsaved)
    quoted = shlex.quote(str(output))
    if run.rest:
        print(f"Stopped before its planned end. Go on: uv run python -m helpers.training --continue {quoted}")
    print(f"Kept in {output}. Let it write: uv run python -m helpers.writing {quoted}")


class _Progress:
    """Print each judging, and keep the model; `unsaved` says why the last attempt to keep it failed, or is None."""

    def __init__(self, model, text, output, about, plot):
        self.model, self.text, self.output, self.about, self.plot = model, text, output, about, plot
        self.unsaved = None

    def __call__(self, run):
        from tqdm import tqdm

        row = run.rows[-1]
        training = "" if row["training"] is None else f"training {_bits(row['training'])}, "
        place = f"{row['seconds']:7.0f} s {row['updates']:6d} updates"
        tqdm.write(f"{place}: {training}held out {_bits(row['held_out'])} a character")
        tqdm.write(textwrap.indent(row["sample"].strip("\n"), "    | ", lambda line: True))
        if row["held_out"] > run.rows[0]["held_out"] + 0.1:
            tqdm.write("Worse than at the start: the training diverges. Ctrl-C, and try a lower --learning-rate.")
        try:
            save(self.model, self.text.vocabulary, self.output, run, self.about)
            if self.plot:
                draw(run, self.about, self.output.with_suffix(".png"))
            self.unsaved = None
        except OSError as error:  # a full disk may be emptied before the end: training goes on
            why = error.strerror or error
            self.unsaved = f"{self.output} could not be written ({why}); what it held before is still there."
            tqdm.write(self.unsaved)
        sys.stdout.flush()


def _verdict(model, text, run):
    """Say how good the model is on text that neither taught nor chose it."""
    best = run.best
    print(f"Best after {best['updates']} updates: {_bits(best['held_out'])} a character on the text that chose it.")
    if len(text.test) < SHORTEST_PART:
        print("No text is left that did not choose it: the number is a little flattered.")
        return
    nats, counting = judge(model, text.test), counting_nats(text, text.test)
    print(f"On text it has never met: {_bits(nats)} ({nats:.4f} nats) a character; a 4-gram needs {_bits(counting)}.")
    if len(text.test) > 256:
        windows = judge_windows(model, text.test)
        print(f"The same in windows of 256, each from a state of zeros: {_bits(windows)} ({windows:.4f} nats).")


def draw(run, about, path):
    """Draw a run's curve into a PNG file.

    Parameters
    ----------
    run : Run
    about : dict
        With `counting`, the 4-gram's nats.
    path : str or os.PathLike
    """
    from helpers.plots import figure

    picture, (ax,) = figure.subplots(1, 7, 3.4)
    for name, color in (("training", figure.ORANGE), ("held_out", figure.BLUE)):
        rows = [row for row in run.rows if row[name] is not None]
        updates, bits = [row["updates"] for row in rows], [row[name] / math.log(2) for row in rows]
        ax.plot(updates, bits, color=color, label=name.replace("_", " "))
    ax.axhline(about["counting"] / math.log(2), color=figure.GRAY, linestyle="--", label="4-gram")
    best = run.best
    title = f"Best {_bits(best['held_out'])} after {best['updates']:,} updates"
    ax.set(title=title, xlabel="updates", ylabel="bits per character")
    ax.legend()
    picture.savefig(path, dpi=160)


def _output(options):
    """The path that the model will be kept at: a new file that can be written, or the one of the run that goes on."""
    path = options.output or options.resume or Path(Path(options.text).stem + ".npz")
    path = path.expanduser()
    if path.suffix != ".npz":
        raise ValueError(f"--output is the path of an .npz file; got {path}.")
    if options.output and path.exists():
        raise ValueError(f"{path} exists: choose another name, or go on with it (--continue {path}).")
    number = 1
    while path.exists() and not options.resume:
        number += 1
        path = path.with_name(f"{Path(options.text).stem}-{number}.npz")
    try:
        tempfile.TemporaryFile(dir=path.parent).close()
    except OSError as error:
        where = f"{path.parent.resolve()} ({error.strerror})"
        raise ValueError(f"nothing can be written in {where}: choose another --output.") from None
    return path


def _device():
    """Where TensorFlow computes, in words."""
    import tensorflow as tf

    gpus = tf.config.get_visible_devices("GPU")
    return f"{len(gpus)} GPU{'s' * (len(gpus) > 1)}" if gpus else "the CPU"


def _versions():
    """The versions a record names."""
    packages = ("numpy", "tensorflow", "keras")
    return {"python": platform.python_version()} | {name: metadata.version(name) for name in packages}


def _positive(kind):
    def number(text):
        value = kind(text)
        if not 0 < value < math.inf:
            raise argparse.ArgumentTypeError(f"{text} is not above zero")
        return value

    return number


def _fraction(text):
    value = float(text)
    if not 0 <= value < 1:
        raise argparse.ArgumentTypeError(f"{text} is no fraction: from 0 to below 1")
    return value


def _seed(text):
    value = int(text)
    if not 0 <= value < 2**31:
        raise argparse.ArgumentTypeError(f"{text} is no seed: a whole number from 0 on")
    return value


def _schedule(share):
    """The learning rate as a fraction of the highest: a straight rise, then half a cosine down to zero."""
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
    recurrent = [weight for weight in model.trainable_variables if weight.path.endswith("recurrent_kernel")]
    thinned = recurrent if weight_dropout else []
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
