"""What the demos of lesson 07 run: corpora, n-grams, both ways to train, and texts to judge."""

import collections
import functools
import itertools
import math
import tempfile
from pathlib import Path

import numpy as np

from helpers import data, session, training, writing
from helpers.laboratory.lesson03 import best_time
from helpers.laboratory.lesson05 import log_softmax

#: The shortest text the lesson works with: below, a part of the held-out tenth would not fill a window.
SHORTEST = 2500

#: The networks that the course ships; the second may be missing from a copy of the course.
FABLES, SHAKESPEARE = "fables-lstm", "shakespeare-lstm"

#: Four ways to choose the next character, as arguments of the lesson's `write`.
WAYS = {
    "temperature 1": {},
    "temperature 0.7": {"temperature": 0.7},
    "top-k 5": {"top_k": 5},
    "nucleus 0.9": {"top_p": 0.9},
}

#: The texts of the bet on what is cheapest.
TO_BET_ON = ("greedy", "temperature 0.7", "temperature 1", "real fables")

#: Nats a character on the last tenth of tiny Shakespeare, 65 symbols, as published or as measured for this course.
PUBLISHED = {
    "4-gram counts": 1.777,
    "5-gram counts": 1.757,
    "minLSTM": 1.555,
    "minGRU": 1.548,
    "nanoGPT (a Transformer)": 1.4697,
}

#: Nats a character of a 4-gram on the second half of that tenth, which chose no weights (data/README.md).
COUNTING_ON_THE_OTHER_HALF = 1.838

#: How the page reads a network: for how many characters a state lives until it is set to zero again, None for a whole text.
READINGS = {"state carried": None, "from zeros every 64": 64, "from zeros every 8": 8}

#: The names of the course's own network among them.
OURS = ("ours, windows of 256", "ours, state carried")


def load_corpus(name, model=""):
    """The texts to learn from and the held-out texts; of a text without parts two twentieths at its end are held out.

    Parameters
    ----------
    name : str or os.PathLike
        "fables", "names", another of the course's sets, or the path of a text file.
    model : str or os.PathLike
        A model of `helpers.training` that will read the texts, or "".

    Returns
    -------
    tuple of (list of str, list of str, str, str)
        The two lists, the vocabulary (the model's, or that of the training texts), and the symbols that were left out of
        the held-out texts because the vocabulary lacks them.

    Raises
    ------
    ValueError
        If the text is too short, or the model does not know all of the training text's symbols.
    data.DataError
        If there is no such text or model.
    """
    if name == "fables":
        train, held_out = data.split(data.load_fables())
    elif name == "names":
        train, held_out = data.split([word + "\n" for word in data.load_names()])
    else:
        text = data.load_text(name)
        if len(text) < SHORTEST:
            raise ValueError(f"{name} has {len(text):,} characters: this lesson needs {SHORTEST:,} at least.")
        cut = round(0.9 * len(text))  # the parts of helpers.training
        middle = cut + (len(text) - cut) // 2
        train, held_out = [text[:cut]], [text[cut:middle], text[middle:]]
    own = "".join(sorted(set("".join(train))))
    vocabulary = writing.read(model).vocabulary if model else own
    if missing := sorted(set(own) - set(vocabulary)):
        unknown = writing.listed("".join(missing))
        raise ValueError(f"{model} does not know {unknown}, which {name} has: it was trained on another text, or in lower case.")
    unknown = "".join(sorted(set("".join(held_out)) - set(vocabulary)))
    if unknown:
        held_out = ["".join(c for c in text if c in vocabulary) for text in held_out]
    return train, held_out, vocabulary, unknown


def first_symbol(vocabulary):
    """What a text is begun after: a line's end; in a corpus without lines a space; else the first symbol."""
    return next(symbol for symbol in "\n " + vocabulary if symbol in vocabulary)


def overlapping_windows(texts, size=64, step=16, most=160_000):
    """The leaky recipe: overlapping windows of the whole book, shuffled, a tenth of them held out."""
    book = "".join(texts)
    return tuple([book[i : i + size] for i in starts] for starts in _window_starts(book, size, step, most))


def _window_starts(book, size=64, step=16, most=160_000):
    """Where the leaky recipe's windows begin in the book: those to learn from, and those held out."""
    return data.split(range(0, min(len(book), most) - size, step))


def neighbours(texts, size=64, step=16, margin=10):
    """One of the leaky recipe's held-out windows, and the windows that overlap it.

    Parameters
    ----------
    texts : list of str
    size, step : int
        Of the windows, and from the start of one to that of the next.
    margin : int
        Characters of the book to show before the window and after it.

    Returns
    -------
    tuple of (str, dict of int to bool, float)
        The held-out window with its margins; by how far each overlapping window begins from it, whether that one is in
        training; and of all held-out windows, the fraction in which training has every character.
    """
    book = "".join(texts)
    known, held_out = map(set, _window_starts(book, size, step))
    start = sorted(held_out)[len(held_out) // 2]
    seen = np.zeros(len(book), bool)
    for one in known:
        seen[one : one + size] = True
    covered = float(np.mean([seen[one : one + size].all() for one in held_out]))
    overlap = {shift: start + shift in known for shift in range(-size + step, size, step) if shift}
    return book[start - margin : start + size + margin], overlap, covered


def ngram_bits(fit_to, judged, n, add=0.05, skip=0):
    """Bits per character of an n-gram model, as in lesson 02, with n - 1 newlines before each text.

    The first `skip` characters of each judged text do not count.
    """
    return _ngram_bits(tuple(fit_to), tuple(judged), n, add, skip)


@functools.cache
def _ngram_bits(fit_to, judged, n, add, skip):
    cost, bits = _ngram(fit_to, n, add), []
    for text in judged:
        padded = "\n" * (n - 1) + text
        bits += [cost(padded[i : i + n - 1], text[i]) for i in range(skip, len(text))]
    return float(np.mean(bits))


def _ngram(fit_to, n, add):
    """A function (context, character) -> bits that counted these texts."""
    counts = collections.defaultdict(collections.Counter)
    for text in fit_to:
        padded = "\n" * (n - 1) + text
        for i, character in enumerate(text):
            counts[padded[i : i + n - 1]][character] += 1
    symbols = len(set("".join(fit_to)))
    totals = {context: sum(row.values()) for context, row in counts.items()}

    def cost(context, character):
        count = counts[context][character] if context in totals else 0
        return -math.log2((count + add) / (totals.get(context, 0) + add * symbols))

    return cost


def ngrams_by_place(fit_to, judged, orders=(2, 3, 4), size=64, add=0.05):
    """What n-grams pay at the start of a window, given the characters of that window and nothing before it.

    A 2-gram is asked where one character has been read, a 3-gram where two have, and so on: the same characters as those
    of `costs_by_place` at that place.

    Parameters
    ----------
    fit_to, judged : list of str
        The judged ones begin with the symbol that is given.
    orders : sequence of int
    size : int
        Of the windows.
    add : float
        To each count.

    Returns
    -------
    dict of int to float
        Mean bits by place: of the n-gram at place n - 1.
    """
    windows, bits = _full_windows(judged, size), {}
    for n in orders:
        cost = _ngram(fit_to, n, add)
        bits[n - 1] = float(np.mean([cost(window[: n - 1], window[n - 1]) for window in windows]))
    return bits


def _full_windows(texts, size):
    """The full windows of some texts or arrays of ids, each with the symbol before it, which is given."""
    return [text[i : i + size + 1] for text in texts for i in range(0, len(text) - size, size)]


def bits_by_split(orders, train, held_out):
    """Bits per character of n-grams, by how the book was split: into random windows, or into whole texts.

    Parameters
    ----------
    orders : sequence of int
    train, held_out : list of str

    Returns
    -------
    dict of str to list of float
    """
    splits = {"random windows": overlapping_windows(train + held_out), "whole texts": (train, held_out)}
    return {name: [ngram_bits(*split, n) for n in orders] for name, split in splits.items()}


def ngram_bits_of_touched_texts(train, held_out, n):
    """Bits per character of an n-gram by what was done to all texts before: nothing, lower case, one symbol for the rest."""
    ways = {
        "as it is": str,
        "in lower case": str.lower,
        "all but small letters unknown": lambda text: "".join(c if c.islower() or c in " \n" else "?" for c in text),
    }
    return {name: ngram_bits([way(t) for t in train], [way(t) for t in held_out], n) for name, way in ways.items()}


def cut(texts, size):
    """The windows of some texts as texts of their own; each begins with the id that the one before ended with.

    Parameters
    ----------
    texts : list of ndarray of int
    size : int
        Predicted ids in a window, at most.

    Returns
    -------
    list of ndarray of int
        Read one by one, they ask for the very same ids as the texts do.
    """
    return [text[i : i + size + 1] for text in texts for i in range(0, len(text) - 1, size)]


def readings(held_out_bits, model, texts):
    """What texts cost a network, by how it reads them (`READINGS`); the same ids are counted in each.

    Parameters
    ----------
    held_out_bits : callable
        The learner's.
    model : keras.Model
    texts : list of ndarray of int

    Returns
    -------
    dict of str to float
        Bits per character.
    """
    return {
        name: held_out_bits(model, cut(texts, size) if size else texts, size or 1500) for name, size in READINGS.items()
    }


def random_windows(ids, batch_size, timesteps, updates, units, seed=0):
    """A tf.data pipeline of ((inputs, h, c), targets), each batch from random places of the text."""
    import tensorflow as tf

    starts = np.random.default_rng(seed).integers(0, len(ids) - timesteps, (updates, batch_size))
    zeros = tf.zeros((batch_size, units))

    def cut(start):
        passages = tf.gather(ids, start[:, None] + tf.range(timesteps + 1, dtype=start.dtype))
        return (passages[:, :-1], zeros, zeros), passages[:, 1:]

    return tf.data.Dataset.from_tensor_slices(starts).map(cut).prefetch(2)


def fit(trainer, ids, updates, validation_ids, callbacks=(), batch_size=32, rate=0.008, timesteps=64):
    """Train on random windows with Keras' own loop; an "epoch" is 50 updates.

    Parameters
    ----------
    trainer : keras.Model
        Inputs [ids, h, c], one output: the logits.
    ids, validation_ids : ndarray of int (length,)
    updates : int
        A multiple of 50.
    callbacks : sequence of keras.callbacks.Callback

    Returns
    -------
    dict of str to ndarray (updates // 50,)
        "training" and "validation", in bits.
    """
    with session.quiet():
        import keras
    units = trainer.inputs[1].shape[1]
    cost = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    trainer.compile(keras.optimizers.Adam(rate, clipnorm=1.0), cost)
    windows = random_windows(ids, batch_size, timesteps, updates, units)
    validation = random_windows(validation_ids, 64, timesteps, 3, units)
    history = trainer.fit(
        windows, epochs=updates // 50, steps_per_epoch=50, shuffle=False, verbose=0,
        validation_data=validation, callbacks=list(callbacks),
    ).history
    names = {"training": "loss", "validation": "val_loss"}
    return {name: np.array(history[key]) / math.log(2) for name, key in names.items()}


def validation_bits(model, ids):
    """What `fit` reports as "validation", of any network: the cost of the same random windows, each from a state of zeros.

    Parameters
    ----------
    model : keras.Model
        Inputs [ids, h, c], outputs [logits, h, c].
    ids : ndarray of int (length,)

    Returns
    -------
    float
        Bits per character.
    """
    windows = random_windows(ids, 64, 64, 3, model.inputs[1].shape[1])
    return float(np.mean([costs(model, np.c_[inputs, targets[:, -1]], states) for (inputs, *states), targets in windows]))


def finding(title, curves, counting):
    """The lowest held-out cost of a run beside that of counting, in words.

    Parameters
    ----------
    title : str
    curves : dict of str to ndarray
        As `fit` returns them.
    counting : float
        Bits of a 4-gram on the same text.

    Returns
    -------
    str
    """
    bits, updates = curves["validation"].min(), 50 * (int(np.argmin(curves["validation"])) + 1)
    beside = "not yet" if bits > counting else "below"
    return f"{title}: {bits:.2f} bits held out after {updates} updates, {beside} the 4-gram's {counting:.2f}"


def overfit(model, ids, validation_ids, watch, updates=500):
    """Train on a very short text until it is known by heart.

    Parameters
    ----------
    model : keras.Model
        Inputs [ids, h, c], outputs [logits, h, c].
    ids, validation_ids : ndarray of int (length,)
    watch : Watch
    updates : int

    Returns
    -------
    tuple of (dict of str to ndarray, dict of str to list of ndarray)
        The curves, and the weights at two moments: "stopped early" and "to the end".
    """
    with session.quiet():
        import keras
    trainer, file = keras.Model(model.inputs, model.outputs[0]), weights_file()
    kept = keras.callbacks.ModelCheckpoint(file, save_best_only=True, save_weights_only=True)
    report = watch.keras(scale=1 / math.log(2))
    curves = fit(trainer, ids, updates, validation_ids, [kept, report], batch_size=16, rate=0.016)
    turn = 50 * (int(np.argmin(curves["validation"])) + 1)
    watch.title = f"The held-out cost turns after {turn} updates; training goes on falling"
    end = model.get_weights()
    trainer.load_weights(file)
    return curves, {"stopped early": model.get_weights(), "to the end": end}


def at_moments(model, moments, write, judge):
    """What a network writes, and what held-out text costs it, with its weights of several moments.

    Parameters
    ----------
    model : keras.Model
    moments : dict of str to list of ndarray
        Weights, as `overfit` returns them.
    write : callable
        The lesson's.
    judge : callable
        Of the model: a number.

    Returns
    -------
    tuple of (dict of str to str, dict of str to float)
    """
    texts, cost = {}, {}
    for name, weights in moments.items():
        model.set_weights(weights)
        texts[name], cost[name] = write(2000, 0.5, seed=1, model=model), judge(model)
    return texts, cost


def weights_file():
    """A new place for a checkpoint."""
    return Path(tempfile.mkdtemp()) / "best.weights.h5"


def carrying_step(model, rate=0.008):
    """A compiled function (inputs, targets, h, c) -> (loss, h, c) that makes one update; the loss is in nats.

    No gradient flows into the next window: the tape of this one is closed by then.
    """
    with session.quiet():
        import keras
        import tensorflow as tf
    optimizer = keras.optimizers.Adam(rate, clipnorm=1.0)
    cost = keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    @tf.function(reduce_retracing=True)
    def step(inputs, targets, h, c):
        with tf.GradientTape() as tape:
            logits, h, c = model([inputs, h, c], training=True)
            loss = cost(targets, logits)
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables))
        return loss, h, c

    def update(inputs, targets, h, c):
        return step(tf.cast(inputs, "int32"), tf.cast(targets, "int32"), tf.convert_to_tensor(h), tf.convert_to_tensor(c))

    return update


def log_probabilities(model, ids, states):
    """What a model says before each id but the first of each row.

    Parameters
    ----------
    model : keras.Model
        Inputs [ids, *states], outputs [logits, *states].
    ids : ndarray of int32 (batch, time)
    states : list of ndarray (batch, units)

    Returns
    -------
    ndarray (batch, time - 1, symbols)
        Natural logarithms, float64.
    """
    logits = model.predict_on_batch([ids[:, :-1], *states])[0].astype("float64")
    return log_softmax(logits)


def costs(model, ids, states):
    """Bits of each id but the first of each row, ndarray (batch, time - 1); the arguments as for `log_probabilities`."""
    log_p = log_probabilities(model, ids, states)
    return -np.take_along_axis(log_p, ids[:, 1:, None], axis=-1)[..., 0] / math.log(2)


def bits_of_choice(model, ids):
    """The entropy of each choice along a text, from a state of zeros, ndarray (len(ids) - 1,), in bits."""
    log_p = log_probabilities(model, ids[None], training.zero_states(model, 1))[0]
    return -(np.exp(log_p) * log_p).sum(axis=-1) / math.log(2)


def misspellings(text, training_text, vocabulary):
    """Which symbols would spell, at each place of a text, what no word of the training text does.

    A letter does where the word so far and that letter begin no known word, any other symbol where it ends a word that is
    not known. Small letters and capitals count as the same. In a word of the text that is already unknown, none does.

    Parameters
    ----------
    text, training_text, vocabulary : str

    Returns
    -------
    ndarray of bool (len(text), len(vocabulary))
    """
    words = set(_words(training_text))
    beginnings = {word[:i] for word in words for i in range(len(word) + 1)}
    wrong, so_far = np.zeros((len(text), len(vocabulary)), bool), ""
    for row, character in zip(wrong, text):
        if so_far in beginnings:
            ends = bool(so_far) and so_far not in words
            row[:] = [so_far + c.lower() not in beginnings if c.isalpha() else ends for c in vocabulary]
        so_far = so_far + character.lower() if character.isalpha() else ""
    return wrong


def at_least_once(probabilities, stretch=100):
    """The chance that something comes at least once in a stretch of draws, the mean over all stretches.

    Parameters
    ----------
    probabilities : ndarray (draws,)
        Of it, at each draw.
    stretch : int
        Draws; all of them, if there are fewer.

    Returns
    -------
    float
    """
    stretches = np.lib.stride_tricks.sliding_window_view(1 - probabilities, min(stretch, len(probabilities)))
    return float(1 - stretches.prod(axis=1).mean())


def worst_tail(log_p, misspelt, small=0.05):
    """Where along a text the tail does most harm: symbols that misspell, each of them improbable.

    Parameters
    ----------
    log_p : ndarray (places, symbols)
    misspelt : ndarray of bool (places, symbols)
        As `misspellings` returns it.
    small : float
        The tail is all symbols with a probability below this.

    Returns
    -------
    tuple of (int, float, int)
        The place, the probability of all these symbols together, and how many there are.
    """
    tail = np.where(misspelt & (np.exp(log_p) < small), np.exp(log_p), 0)
    place = int(tail.sum(axis=1).argmax())
    return place, float(tail[place].sum()), int(np.sum(tail[place] > 0))


def misspelt_by_way(with_temperature, truncate, log_p, misspelt):
    """The probability of a misspelling that each of the four `WAYS` leaves, the mean over the places of a text.

    Parameters
    ----------
    with_temperature, truncate : callable
        The learner's.
    log_p : ndarray (places, symbols)
    misspelt : ndarray of bool (places, symbols)
        As `misspellings` returns it.

    Returns
    -------
    dict of str to float
    """
    left = {}
    for name, way in WAYS.items():
        heat, top_k, top_p = way.get("temperature", 1.0), way.get("top_k"), way.get("top_p")
        chosen = (truncate(with_temperature(row, heat), top_k, top_p) for row in log_p)
        left[name] = float(np.mean([p[wrong].sum() for p, wrong in zip(chosen, misspelt)]))
    return left


def costs_by_place(model, texts, size=64):
    """What a character costs at each place of a window: from the zero state, and with the state carried.

    Parameters
    ----------
    model : keras.Model
    texts : list of ndarray of int32
    size : int
        Of the windows.

    Returns
    -------
    tuple of (ndarray (windows, size), ndarray (windows, size)), or None
        Bits; None where no text fills a window.
    """
    if not (windows := _full_windows(texts, size)):
        return None
    parts = np.array_split(np.stack(windows), -(-len(windows) // 256))
    reset = np.concatenate([costs(model, part, training.zero_states(model, len(part))) for part in parts])
    rows = [text[: size * ((len(text) - 1) // size) + 1] for text in texts if len(text) > size]
    one = training.zero_states(model, 1)
    carried = np.concatenate([costs(model, text[None], one).reshape(-1, size) for text in rows])
    return reset, carried


def lstm_weights(model):
    """The weights of a model with one LSTM layer as a dict; None for any other network.

    Parameters
    ----------
    model : keras.Model or writing.Network

    Returns
    -------
    dict of str to ndarray, or None
        E (symbols, width); W_x, W_h and b with the blocks i, f, g, o; W_y, b_y.
    """
    if isinstance(model, writing.Network):
        single, weights = (model.layer, model.layers) == ("lstm", 1), model.weights
    else:
        kinds = [type(layer).__name__ for layer in model.layers if type(layer).__name__ in ("LSTM", "GRU")]
        single, weights = kinds == ["LSTM"], model.get_weights()
    return dict(zip(("E", "W_x", "W_h", "b", "W_y", "b_y"), weights)) if single else None


def pen(generate, writer, vocabulary, begin, file=""):
    """The lesson's `write`: a text by the learner's `generate`, from `begin` and a state of zeros.

    Parameters
    ----------
    generate : callable
    writer : keras.Model
        The network that writes unless another one is named.
    vocabulary, begin : str
    file : str, os.PathLike or writing.Network
        Where `writer` comes from, if it is a model of `helpers.training`: where it is no single LSTM layer,
        `helpers.writing` writes in place of `generate`.

    Returns
    -------
    callable
        write(length, temperature=1.0, top_k=None, top_p=None, seed=0, model=writer) -> str
    """

    def write(length, temperature=1.0, top_k=None, top_p=None, seed=0, model=writer):
        weights, rng = lstm_weights(model), np.random.default_rng(seed)
        if weights is None:
            return writing.write(file, begin, length, temperature, top_k, top_p, seed)[len(begin) :]
        ids, _ = generate(weights, zero_state(weights), vocabulary.index(begin), length, temperature, top_k, top_p, rng)
        return "".join(vocabulary[i] for i in ids)

    return write


def first_lines(model, vocabulary, begin, length=64, seeds=(0, 1, 2)):
    """What a network writes at temperature 1, each time from `begin` and a state of zeros: a line for each seed.

    Parameters
    ----------
    model : keras.Model
        With one LSTM layer.
    vocabulary, begin : str
    length : int
        Characters in a line; an end of line is shown as a sign.
    seeds : sequence of int

    Returns
    -------
    str
    """
    network = writing.Network(vocabulary, "lstm", 1, model.inputs[1].shape[1], model.get_weights())
    texts = (writing.write(network, begin, length, 1.0, seed=seed)[len(begin) :] for seed in seeds)
    return "\n".join(text.replace("\n", "↵") for text in texts)


def behind_the_best(model, ids):
    """How far the logit of each id but the first lies behind the largest one there, ndarray (len(ids) - 1,)."""
    logits = model.predict_on_batch([ids[None, :-1], *training.zero_states(model, 1)])[0][0]
    return logits.max(axis=-1) - logits[np.arange(len(ids) - 1), ids[1:]]


def seconds_a_character(write, model, length=200, calls=5):
    """What a character costs in the learner's loop, and in a call of `model.predict`, in seconds, the shortest of some tries.

    Parameters
    ----------
    write : callable
        As `pen` returns it.
    model : keras.Model
    length, calls : int
        Characters that are written in a try, and tries.

    Returns
    -------
    tuple of (float, float)
        They depend on the machine.
    """
    one = [np.zeros((1, 1), "int32"), *training.zero_states(model, 1)]
    model.predict(one, verbose=0)  # compiles

    return best_time(lambda: write(length), calls) / length, best_time(lambda: model.predict(one, verbose=0), calls)


def state_apart(generate, model, first, length=200, seed=0):
    """How far the state after a drawn text is from the one that Keras has after reading that text.

    Parameters
    ----------
    generate : callable
        The learner's.
    model : keras.Model
        With one LSTM layer.
    first : int
        The id to read first, from a state of zeros.
    length : int
        Of the text, drawn at temperature 1.

    Returns
    -------
    float
        The largest difference between numbers of the state, over the largest number in it; nan for any other network.
    """
    if (weights := lstm_weights(model)) is None:
        return math.nan
    ids, state = generate(weights, zero_state(weights), first, length, 1.0, None, None, np.random.default_rng(seed))
    read = np.array([[first, *ids[:-1]]], "int32")
    expected = np.concatenate(model.predict_on_batch([read, *training.zero_states(model, 1)])[1:], axis=-1)[0]
    return float(np.abs(np.concatenate(state) - expected).max() / np.abs(expected).max())


def copied(text, source, longest=20):
    """Which characters of a text are in a passage of more than `longest` characters that the source has too, and in which.

    Copies may overlap: where one ends inside another, the characters up to its end count as its own.

    Parameters
    ----------
    text, source : str
    longest : int

    Returns
    -------
    ndarray of int (len(text),)
        0 where there is none, else the number of the copy: 1 for the first, and so on.
    """
    numbers, count, end = np.zeros(len(text), int), 0, 0  # the last copy found is text[...:end]
    for i in range(len(text) - longest):
        reach = max(end, i + longest)
        if reach == len(text) or text[i : reach + 1] not in source:  # nothing from here goes further than what was found
            continue
        while reach < len(text) and text[i : reach + 1] in source:
            reach += 1
        count += 1
        numbers[max(i, end) : reach], end = count, reach
    return numbers


def repeated(text, n=20):
    """The fraction of a text's n-grams that have stood in it before."""
    grams = [text[i : i + n] for i in range(len(text) - n + 1)]
    return 1 - len(set(grams)) / max(1, len(grams))


def invented(text, training_text):
    """The fraction of the words that the training text does not have; nan without words."""
    known = set(_words(training_text))
    words = _words(text)
    return float(np.mean([word not in known for word in words])) if words else math.nan


def _words(text):
    return "".join(c if c.isalpha() else " " for c in text.lower()).split()


def compared(cost, other, same=0.01):
    """The choice of the bet on the state: whether `cost` is "more", "less" or, within so many bits, "the same" as `other`."""
    return "the same" if abs(cost - other) <= same else "more" if cost > other else "less"


def length_range(passage):
    """The choice of the bet on copies that a passage of this length belongs to."""
    return "under 40" if len(passage) < 40 else "40 to 100" if len(passage) <= 100 else "over 100"


def shared_lengths(texts):
    """How long the longest passage is that each text shares with any of the others.

    Parameters
    ----------
    texts : list of str

    Returns
    -------
    list of int
    """
    lengths, left, n = [0] * len(texts), range(len(texts)), 1
    while left:  # who shares n characters shares n - 1, with a text that does so too
        grams = {i: {texts[i][j : j + n] for j in range(len(texts[i]) - n + 1)} for i in left}
        known = collections.Counter(itertools.chain.from_iterable(grams.values()))
        left = [i for i in left if any(known[gram] > 1 for gram in grams[i])]
        for i in left:
            lengths[i] = n
        n += 1
    return lengths


def pieces(held_out, whole, size=2000, most=5):
    """The held-out texts where they are `whole` ones, such as fables; else passages of them."""
    if whole:
        return held_out
    text = "".join(held_out)
    return [text[i : i + size] for i in range(0, len(text), size)][:most]


def zero_state(weights):
    """(h, c) of one LSTM layer before it has read anything."""
    zero = np.zeros(len(weights["W_h"]), np.float32)
    return zero, zero


def rankings(mine, names, cost):
    """A ranking of texts by a person and by the model, in words.

    Parameters
    ----------
    mine : str
        Letters, best first; others are left out.
    names : dict of str to str
        By letter how the text was written.
    cost : dict of str to float
        By letter the model's bits per character.

    Returns
    -------
    str
    """
    told = {k: f"{k} ({name}, {cost[k]:.2f} bits)" for k, name in names.items()}
    rows = {"you": [told[k] for k in mine.upper() if k in names], "the model": [told[k] for k in sorted(cost, key=cost.get)]}
    return "\n".join(f"{who}:\n  " + "\n  ".join(row or ["no ranking yet"]) for who, row in rows.items())


def long_trained(corpus, model=""):
    """The network that was trained for long on this corpus: the one named, for the fables the course's; else None."""
    name = model or (FABLES if corpus == "fables" else "")
    return training.load(name)[0] if name else None


def shakespeare():
    """The record of the network that learned tiny Shakespeare: (run, what is known about it), or None with one line.

    Returns
    -------
    tuple of (training.Run, dict), or None
    """
    if writing.located(SHAKESPEARE).exists():
        return training.load_run(SHAKESPEARE)
    print(f"data/{SHAKESPEARE}.npz is not in this copy of the course: there is nothing to show here.")
    return None


def nats_of_shakespeare(about):
    """The checkpoint's costs beside the published ones, the highest first, in nats.

    Parameters
    ----------
    about : dict
        With `tenth`, the cost of the whole last tenth, the state carried; and `tenth_windows`, the same in windows of 256
        from the zero state.

    Returns
    -------
    dict of str to float
    """
    ours = dict(zip(OURS, (about["tenth_windows"], about["tenth"])))
    return dict(sorted((PUBLISHED | ours).items(), key=lambda item: -item[1]))


def by_half(run, about):
    """The checkpoint and a 4-gram on each half of the last tenth, in nats, the state carried.

    Parameters
    ----------
    run : training.Run
    about : dict
        With `counting`, the 4-gram's cost of the half that chose, and `test`, the network's cost of the other.

    Returns
    -------
    dict of str to tuple of (float, float)
        By half what the network pays, and the 4-gram.
    """
    return {
        "the half that chose": (run.best["held_out"], about["counting"]),
        "the other half": (about["test"], COUNTING_ON_THE_OTHER_HALF),
    }


def opening_lines(length=200):
    """What a correct `generate` writes first with the network of the plays, at temperature 0.5 with seed 0: whole lines.

    Drawn as the exercise asks, one `rng.choice` over all symbols for each character, so that the lesson can open with
    what the learner's loop writes at its end.

    Parameters
    ----------
    length : int
        Characters, at most.

    Returns
    -------
    str
    """
    network, rng, text = writing.read(SHAKESPEARE), np.random.default_rng(0), "\n"
    step, states = writing.stepper(network)
    for _ in range(length):
        logits, states = step(network.vocabulary.index(text[-1]), states)
        scaled = logits.astype("float64") / 0.5
        text += network.vocabulary[rng.choice(len(scaled), p=np.exp(scaled - np.logaddexp.reduce(scaled)))]
    return text[1 : text.rindex("\n")].rstrip("\n")


def perform(generate, name, title, heats, length=420):
    """What the learner's `generate` writes with a shipped network, from the start of a line: a text by title and temperature."""
    network = writing.read(name)
    write = pen(generate, network, network.vocabulary, "\n")
    return {f"{title}, temperature {heat:g}": write(length, heat) for heat in heats}
