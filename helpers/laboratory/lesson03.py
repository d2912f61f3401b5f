"""The laboratory of lesson 03, backpropagation through time.

The names and fables, the forward pass (lesson 02's), and the loops that the lesson's experiments are made of. Whatever
goes backward or changes a weight is the learner's, and is handed in.
"""

import functools
import time
import tracemalloc
import weakref

import numpy as np

from helpers import data, gradients, session

LETTERS = "\nabcdefghijklmnopqrstuvwxyz"
HIDDEN_SIZE = 128
#: Updates after which the network on names writes a few.
MOMENTS = (0, 20, 100, 600, 1500)
TRUNCATIONS = (1, 2, 4, 8, 16, 32, 64)


# The forward pass, and what goes into it.


def forward(ids, h_0, weights):
    """The forward pass of lesson 02.

    Parameters
    ----------
    ids : ndarray of int (batch, timesteps)
    h_0 : ndarray (batch, hidden_size)
    weights : dict
        W_xh, W_hh, b_h, W_hy and b_y.

    Returns
    -------
    logits : ndarray (batch, timesteps, symbols)
    h : ndarray (batch, timesteps, hidden_size)
        The states h_1 to h_T.
    """
    inputs = weights["W_xh"] + weights["b_h"]  # one-hot times matrix is a row of it
    h = np.empty((*ids.shape, h_0.shape[1]), np.result_type(inputs, h_0, weights["W_hh"]))
    h_t = h_0
    for t in range(ids.shape[1]):
        h_t = h[:, t] = np.tanh(inputs[ids[:, t]] + h_t @ weights["W_hh"])
    return h @ weights["W_hy"] + weights["b_y"], h


def one_hot(ids, weights):
    """The ids as the x that a backward pass wants: (batch, timesteps, symbols), of the weights' dtype."""
    W_xh = weights["W_xh"]
    return np.eye(len(W_xh), dtype=W_xh.dtype)[ids]


def unroll(x, h_0, weights):
    """The states (batch, timesteps, hidden_size) of a layer that reads x; complex numbers will do as well."""
    h = np.empty((*x.shape[:2], h_0.shape[1]), np.result_type(x, h_0, *weights.values()))
    h_t = h_0
    for t in range(x.shape[1]):
        h_t = h[:, t] = np.tanh(x[:, t] @ weights["W_xh"] + h_t @ weights["W_hh"] + weights["b_h"])
    return h


def mean_cost(ids, targets, mask, h_0, weights):
    """The mean cross-entropy over the real positions in nats, written the plain way; complex numbers will do as well."""
    logits, _ = forward(ids, h_0, weights)
    z = logits - logits.real.max(axis=2, keepdims=True)
    costs = np.log(np.exp(z).sum(axis=2)) - np.take_along_axis(z, targets[:, :, None], axis=2)[:, :, 0]
    return costs[mask].mean()


def initial(symbols, hidden_size, rng, recurrent=0.9):
    """Small random weights in float32, and the optimizer's state before the first update.

    Parameters
    ----------
    symbols, hidden_size : int
    rng : numpy.random.Generator
    recurrent : float
        About the spectral radius of W_hh (lesson 04).

    Returns
    -------
    weights : dict
    state : dict
        Adam's "m" and "v", all zero, and "step", 0.
    """
    scales = {
        "W_xh": ((symbols, hidden_size), 0.1),
        "W_hh": ((hidden_size, hidden_size), recurrent / np.sqrt(hidden_size)),
        "b_h": ((hidden_size,), 0.0),
        "W_hy": ((hidden_size, symbols), 0.1 / np.sqrt(hidden_size)),
        "b_y": ((symbols,), 0.0),
    }
    weights = {name: rng.normal(0, scale, shape).astype("float32") for name, (shape, scale) in scales.items()}
    zeros = {name: np.zeros_like(array) for name, array in weights.items()}
    return weights, {"m": zeros, "v": zeros, "step": 0}


def write(first, length, weights, rng):
    """Let a network write: draw a symbol from its softmax, feed it back in, and go on.

    Parameters
    ----------
    first : ndarray of int (batch,)
        What is fed in before the first symbol.
    length : int
    weights : dict
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of int (batch, length)
    """
    h, last, written = np.zeros((len(first), len(weights["b_h"])), "float32"), first[:, None], []
    for _ in range(length):
        logits, states = forward(last, h, weights)
        h = states[:, -1]
        z = logits[:, -1].astype(float)
        edges = np.cumsum(np.exp(z - z.max(axis=1, keepdims=True)), axis=1)
        last = (rng.random((len(first), 1)) * edges[:, -1:] > edges).sum(axis=1)[:, None]
        written.append(last)
    return np.concatenate(written, axis=1)


# Names.


@functools.cache
def names():
    """The names to train on, and those held out: two lists of str."""
    return data.split(data.load_names())


def name_batch(chosen):
    """Inputs, targets and mask of a list of names; each has a newline before it and one after it."""
    ids, mask = data.pad([[LETTERS.index(letter) for letter in "\n" + name + "\n"] for name in chosen])
    return ids[:, :-1], ids[:, 1:], mask[:, 1:]


def held_out_bits(weights):
    """Bits per character on the held-out names."""
    batch = name_batch(names()[1])
    zeros = np.zeros((len(batch[0]), len(weights["b_h"])), "float32")
    return float(mean_cost(*batch, zeros, weights)) / np.log(2)


def write_names(weights, count, seed):
    """A list of `count` names, each drawn letter by letter and cut at its newline or after 16 letters."""
    ids = write(np.zeros(count, int), 16, weights, np.random.default_rng(seed))
    return ["".join(LETTERS[i] for i in row).split("\n")[0] for row in ids]


def train_on_names(train, updates, seed=0, truncation=None, frozen=(), watch=None, every=20):
    """Train a network of 128 units on batches of 64 names; the learning rate falls from 0.01 to zero.

    Parameters
    ----------
    train : callable
        The learner's: `train(batches, h_0, weights, state, learning_rate, carry, truncation)`.
    updates : int
    seed : int
    truncation : int, optional
    frozen : sequence of str
        Weights that keep their first values.
    watch : helpers.plots.watch.Watch, optional
        Gets the loss in bits, mean of each `every` updates, and names at `MOMENTS`.
    every : int

    Returns
    -------
    dict
        The trained weights.
    """
    rng = np.random.default_rng(seed)
    weights, state = initial(len(LETTERS), HIDDEN_SIZE, rng)
    kept = {name: weights[name] for name in frozen}
    h_0, learn_from = np.zeros((64, HIDDEN_SIZE), "float32"), names()[0]
    size = 1 if frozen else every
    for start in range(0, updates, size):
        if watch and start in MOMENTS:
            watch.sample(start, "\n".join(write_names(weights, 5, seed=4)))
        batches = [name_batch([learn_from[i] for i in rng.integers(0, len(learn_from), 64)]) for _ in range(size)]
        learning_rate = 0.01 * (1 - start / updates)
        losses, _, weights, state = train(batches, h_0, weights, state, learning_rate, False, truncation)
        weights = {**weights, **kept}
        if watch:
            watch.add(start + size, training=np.mean(losses) / np.log(2))
    if watch:
        watch.sample(updates, "\n".join(write_names(weights, 5, seed=4)))
    return weights


# Fables.


@functools.cache
def fables():
    """The symbols, and as ids the fables to train on and those held out, each as one long text."""
    texts = data.load_fables()
    symbols = "".join(sorted(set("".join(texts))))
    ids = {symbol: i for i, symbol in enumerate(symbols)}
    return symbols, *(np.array([ids[c] for c in "".join(part)]) for part in data.split(texts))


def train_on_fables(train, seed=0, epochs=8, batch_size=32, timesteps=64, watch=None):
    """Train on the fables in 32 streams side by side, 64 steps at a time, the state carried from window to window.

    Parameters
    ----------
    train : callable
        The learner's, as in `train_on_names`.
    seed, epochs, batch_size, timesteps : int
    watch : helpers.plots.watch.Watch, optional
        Gets the loss in bits, mean of each 20 updates.

    Returns
    -------
    dict
        The trained weights.
    """
    symbols, learn_from, _ = fables()
    weights, state = initial(len(symbols), HIDDEN_SIZE, np.random.default_rng(seed))
    mask = np.ones((batch_size, timesteps), bool)
    windows = [(*window, mask) for window in data.windows(learn_from, batch_size, timesteps)]
    done, total = 0, epochs * len(windows)
    for _ in range(epochs):
        h = np.zeros((batch_size, HIDDEN_SIZE), "float32")
        for start in range(0, len(windows), 20):
            part = windows[start : start + 20]
            losses, h, weights, state = train(part, h, weights, state, 0.01 * (1 - done / total), True, None)
            done += len(part)
            if watch:
                watch.add(done, training=np.mean(losses) / np.log(2))
    return weights


def held_out_fable_bits(weights):
    """Bits per character on the held-out fables, read as one text."""
    stream = fables()[2][None]
    case = stream[:, :-1], stream[:, 1:], np.ones((1, stream.size - 1), bool)
    return float(mean_cost(*case, np.zeros((1, HIDDEN_SIZE), "float32"), weights)) / np.log(2)


def write_fable(weights, length, seed):
    """A text of `length` characters."""
    symbols = fables()[0]
    ids = write(np.array([symbols.index("\n")]), length, weights, np.random.default_rng(seed))
    return "".join(symbols[i] for i in ids[0])


# Counting, the bar that must be passed.


def ngram_bits(train, held_out, n, add, symbols):
    """Bits per character that an n-gram, contexts of n - 1 characters, needs for held-out texts.

    Parameters
    ----------
    train, held_out : sequence of str
        Each text is preceded by n - 1 newlines.
    n : int
    add : float
        Added to each count.
    symbols : int

    Returns
    -------
    float
    """
    counts, contexts = {}, {}
    for text in train:
        padded = "\n" * (n - 1) + text
        for i in range(len(text)):
            gram = padded[i : i + n]
            counts[gram] = counts.get(gram, 0) + 1
            contexts[gram[:-1]] = contexts.get(gram[:-1], 0) + 1
    costs = []
    for text in held_out:
        padded = "\n" * (n - 1) + text
        for i in range(len(text)):
            gram = padded[i : i + n]
            costs.append(-np.log2((counts.get(gram, 0) + add) / (contexts.get(gram[:-1], 0) + add * symbols)))
    return float(np.mean(costs))


ADDS = {2: 1, 3: 0.1, 4: 0.1, 5: 0.1}


@functools.cache
def name_ngrams():
    """Bits per character on the held-out names for each n from 2 to 5: a dict."""
    parts = [[name + "\n" for name in part] for part in names()]
    return {n: ngram_bits(*parts, n, add, len(LETTERS)) for n, add in ADDS.items()}


@functools.cache
def fable_ngrams():
    """Bits per character on the held-out fables for n of 2, 3 and 4, each with the best of three `add`: a dict."""
    symbols, *parts = fables()
    train, held_out = ("".join(symbols[i] for i in part) for part in parts)
    return {n: min(ngram_bits([train], [held_out], n, add, len(symbols)) for add in (0.01, 0.03, 0.1)) for n in (2, 3, 4)}
