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
#: Updates after which its bits on the held-out names are measured.
MEASURED = (0, 20, 100, 200, 400, 600, 900, 1200, 1500)
#: Steps of the central differences that are compared, by how a reader writes them.
STEPS = {"10⁻⁴": 1e-4, "10⁻⁵": 1e-5, "10⁻⁶": 1e-6}
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
        The learner's: `train(batches, h_0, weights, state, learning_rate, keep_state, truncation)`.
    updates : int
    seed : int
    truncation : int, optional
    frozen : sequence of str
        Weights that keep their first values.
    watch : helpers.plots.watch.Watch, optional
        Gets the loss in bits, of the first batch and then the mean of each `every` updates, the bits on the held-out
        names at `MEASURED`, and names at `MOMENTS`.
    every : int

    Returns
    -------
    dict
        The trained weights.
    """
    rng = np.random.default_rng(seed)
    weights, state = initial(len(LETTERS), HIDDEN_SIZE, rng)
    kept = {name: weights[name] for name in frozen}
    h_0 = np.zeros((64, HIDDEN_SIZE), "float32")
    size = 1 if frozen else every
    for start in range(0, updates, size):
        if watch:
            _report_names(watch, start, weights)
        batches = random_batches(size, rng)
        learning_rate = 0.01 * (1 - start / updates)
        losses, _, weights, state = train(batches, h_0, weights, state, learning_rate, False, truncation)
        weights = {**weights, **kept}
        if watch:
            _report_losses(watch, start, losses)
    if watch:
        _report_names(watch, updates, weights)
    return weights


def _report_losses(watch, start, losses):
    """The training curve: the very first loss at update 0, then the mean of each part, in bits."""
    if start == 0:
        watch.add(0, training=losses[0] / np.log(2))
    watch.add(start + len(losses), training=np.mean(losses) / np.log(2))


def _report_names(watch, done, weights):
    if done in MEASURED:
        watch.add(done, held_out=held_out_bits(weights))
    if done in MOMENTS:
        watch.sample(done, "\n".join(write_names(weights, 5, seed=4)))


def random_batches(count, rng):
    """A list of `count` batches, each of 64 names drawn at random from those to train on."""
    learn_from = names()[0]
    return [name_batch([learn_from[i] for i in rng.integers(0, len(learn_from), 64)]) for _ in range(count)]


def known_and_new(weights, count=2000, seed=4):
    """Of `count` names that a network writes, the fraction that it was trained on, and those that are held out.

    Returns
    -------
    known : float
        The fraction among the names to train on.
    new : float
        The fraction among the held-out names: real ones that it has never seen.
    examples : list of str
        Some of these.
    """
    written, (learnt, held_out) = write_names(weights, count, seed), map(set, names())
    new = [name for name in written if name in held_out - learnt]
    return sum(name in learnt for name in written) / count, len(new) / count, sorted(set(new), key=new.index)[:6]


def probability_of_the_end(name, weights):
    """The probability that a network gives to the newline after a name."""
    ids, _, _ = name_batch([name])
    logits, _ = forward(ids, np.zeros((1, len(weights["b_h"])), "float32"), weights)
    y = logits[0, -1].astype(float)
    return float(np.exp(y[0] - y.max()) / np.exp(y - y.max()).sum())


# Fables.


@functools.cache
def fables():
    """The symbols, and as ids the fables to train on and those held out, each as one long text."""
    texts = data.load_fables()
    symbols = "".join(sorted(set("".join(texts))))
    ids = {symbol: i for i, symbol in enumerate(symbols)}
    return symbols, *(np.array([ids[c] for c in "".join(part)]) for part in data.split(texts))


def train_on_fables(train, seed=0, epochs=8, batch_size=32, timesteps=64, watch=None):
    """Train on the fables in 32 streams side by side, 64 steps at a time, the state carried from segment to segment.

    Parameters
    ----------
    train : callable
        The learner's, as in `train_on_names`.
    seed, epochs, batch_size, timesteps : int
    watch : helpers.plots.watch.Watch, optional
        Gets the loss in bits, of the first segment and then the mean of each 20 updates, the bits on the held-out fables
        after every second epoch, and what is written after the first and the last one.

    Returns
    -------
    dict
        The trained weights.
    """
    symbols, learn_from, _ = fables()
    weights, state = initial(len(symbols), HIDDEN_SIZE, np.random.default_rng(seed))
    mask = np.ones((batch_size, timesteps), bool)
    segments = [(*segment, mask) for segment in data.windows(learn_from, batch_size, timesteps)]
    done, total = 0, epochs * len(segments)
    if watch:
        watch.add(0, held_out=held_out_fable_bits(weights))
    for epoch in range(epochs):
        h = np.zeros((batch_size, HIDDEN_SIZE), "float32")
        for start in range(0, len(segments), 20):
            part = segments[start : start + 20]
            losses, h, weights, state = train(part, h, weights, state, 0.01 * (1 - done / total), True, None)
            if watch:
                _report_losses(watch, done, losses)
            done += len(part)
        if watch and (epoch == 0 or epoch % 2):
            watch.add(done, held_out=held_out_fable_bits(weights))
        if watch and epoch in (0, epochs - 1):
            watch.sample(done, write_fable(weights, 200, seed=1))
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


def verdict(what, bits, ngram):
    """Whether a network beats the 4-gram on held-out texts, as a title says it."""
    return f"Held-out {what}: {bits:.2f} bits, {'ahead of' if bits < ngram else 'behind'} the 4-gram's {ngram:.2f}"


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


# Witnesses.


def step_errors(gradient_terms, run, witness, step, sequences, h_0, w):
    """Relative errors of a numerical derivative of h_T in w, compared with the sum of the learner's terms.

    Parameters
    ----------
    gradient_terms : callable
        The learner's.
    run : callable
        `run(x, h_0, *own_w)` returns the states.
    witness : callable
        `witness(f, w, step)` returns the derivative of f at w.
    step : float
    sequences : ndarray (sequences, T)
    h_0, w : float

    Returns
    -------
    list of float
    """
    errors = []
    for x in sequences:
        tried = witness(lambda w, x=x: run(x, h_0, *len(x) * [w])[-1], w, step)
        errors.append(gradients.relative_error(tried, gradient_terms(x, h_0, w).sum()))
    return errors


def errors_of_right_code(rnn_backward, cases=40):
    """The largest error that each witness finds in a backward pass, at random sizes.

    Parameters
    ----------
    rnn_backward : callable
        The learner's.
    cases : int

    Returns
    -------
    dict of str to ndarray (cases,)
    """
    witnesses = {f"steps of {power}": functools.partial(gradients.central_differences, step=step) for power, step in STEPS.items()}
    witnesses["complex step"] = gradients.complex_step
    rng, found = np.random.default_rng(0), {name: [] for name in witnesses}
    for _ in range(cases):
        batch, timesteps, n, m = rng.integers(1, [5, 9, 6, 6])
        weights = {"W_xh": rng.normal(size=(n, m)), "W_hh": rng.normal(size=(m, m)), "b_h": rng.normal(size=m)}
        x, h_0 = rng.normal(size=(batch, timesteps, n)), rng.normal(size=(batch, m))
        dh = rng.normal(size=(batch, timesteps, m))
        dx, dh_0, dW = rnn_backward(dh, x, h_0, unroll(x, h_0, weights), weights)

        def loss(arrays, dh=dh, names=tuple(weights)):
            return np.sum(dh * unroll(arrays["x"], arrays["h_0"], {name: arrays[name] for name in names}))

        for name, witness in witnesses.items():
            truth = witness(loss, {"x": x, "h_0": h_0, **weights})
            found[name].append(max(gradients.parting(truth, {"x": dx, "h_0": dh_0, **dW}).values()))
    return {name: np.array(row) for name, row in found.items()}


def small_case(symbols=5, hidden_size=4, lengths=(7, 3, 5)):
    """A padded batch of random ids and small random weights in float64.

    Returns
    -------
    case : tuple
        ids, targets, mask and h_0.
    weights : dict
    """
    rng = np.random.default_rng(0)
    weights = {name: rng.normal(0, 0.7, array.shape) for name, array in initial(symbols, hidden_size, rng)[0].items()}
    ids, mask = data.pad([rng.integers(0, symbols, length) for length in lengths])
    return (ids[:, :-1], ids[:, 1:], mask[:, 1:], rng.normal(size=(len(lengths), hidden_size))), weights


def product_times(batch, timesteps=64, hidden_size=128, repeats=20):
    """Make dW_hh as one product for each step, added up, and as a single product.

    Parameters
    ----------
    batch, timesteps, hidden_size, repeats : int

    Returns
    -------
    ratio : float
        How many times as fast the single product is; it depends on the machine.
    error : float
        The relative error between the two.
    """
    h_prev, da = np.random.default_rng(0).normal(size=(2, batch, timesteps, hidden_size)).astype("float32")

    def many():
        return sum(h_prev[:, t].T @ da[:, t] for t in range(timesteps))

    def single():
        return h_prev.reshape(-1, hidden_size).T @ da.reshape(-1, hidden_size)

    return best_time(many, repeats) / best_time(single, repeats), gradients.relative_error(many(), single())


def best_time(function, repeats):
    """The shortest of several runs, in seconds."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return min(times)


# Who is to blame, and what a cut costs.


def blame(loss_and_gradients, weights, name="isabella", row=3, column=7):
    """What each use of W_hh[row, column] adds to its gradient, where only the last guess of a name has a loss.

    Every letter gets an input row of its own, a copy of its row of W_xh. As x is one-hot, the gradient of that row
    is da_t, and the use at step t adds h_{t-1}[row] * da_t[column].

    Parameters
    ----------
    loss_and_gradients : callable
        The learner's.
    weights : dict
    name : str
    row, column : int

    Returns
    -------
    letters : list of str
        What is read at each step.
    terms : ndarray (timesteps,)
    whole : float
        dW_hh[row, column].
    """
    weights = {key: array.astype(float) for key, array in weights.items()}
    (ids, targets, mask), h_0 = name_batch([name]), np.zeros((1, len(weights["b_h"])))
    mask = mask & (np.arange(mask.shape[1]) == mask.shape[1] - 1)
    steps = np.arange(ids.shape[1])[None]
    _, h = forward(ids, h_0, weights)
    _, _, dW = loss_and_gradients(steps, targets, mask, h_0, weights | {"W_xh": weights["W_xh"][ids[0]]})
    before = np.append(h_0[:, row], h[0, :-1, row])
    return [LETTERS[i] for i in ids[0]], before * dW["W_xh"][:, column], float(dW["W_hh"][row, column])


def truncation_errors(loss_and_gradients, weights):
    """How far the truncated gradient of W_hh is from the full one, over 128 steps of held-out fables, in float64.

    Parameters
    ----------
    loss_and_gradients : callable
        The learner's.
    weights : dict

    Returns
    -------
    dict of int to (float, float)
        For each of `TRUNCATIONS` the error relative to the full gradient's norm, and the cosine of the two.
    """
    weights = {name: array.astype(float) for name, array in weights.items()}
    ids, targets = next(data.windows(fables()[2], 32, 128))
    case = ids, targets, np.ones(ids.shape, bool), np.zeros((32, len(weights["b_h"]))), weights
    full = loss_and_gradients(*case)[2]["W_hh"]
    found = {}
    for truncation in TRUNCATIONS:
        part = loss_and_gradients(*case, truncation)[2]["W_hh"]
        cosine = np.sum(part * full) / (np.linalg.norm(part) * np.linalg.norm(full))
        found[truncation] = float(np.linalg.norm(part - full) / np.linalg.norm(full)), float(cosine)
    return found


def smallest_within(errors, allowed=0.3, choices=("2", "8", "32")):
    """The smallest of some truncations whose error is below `allowed`, as the text of the choice."""
    return next((choice for choice in choices if errors[int(choice)][0] < allowed), choices[-1])


def train_echo(train, truncation, recurrent=0.09, inputs=1, frozen=(), lag=4, updates=300):
    """Train 32 units to repeat the bit of four steps ago, in sequences of 32 bits.

    Parameters
    ----------
    train : callable
        The learner's.
    truncation : int
    recurrent : float
        As in `initial`; small ones forget.
    inputs : float
        What the first W_xh is multiplied by.
    frozen : sequence of str
        Weights that keep their first values.
    lag, updates : int

    Returns
    -------
    float
        Accuracy on the last batch.
    """
    rng = np.random.default_rng(0)
    weights, state = initial(2, 32, rng, recurrent)
    weights["W_xh"] *= inputs
    kept = {name: weights[name] for name in frozen}
    h_0, mask = np.zeros((32, 32), "float32"), np.arange(32) >= np.full((32, 1), lag)
    for _ in range(updates):
        bits = rng.integers(0, 2, (32, 32))
        echo = np.pad(bits, ((0, 0), (lag, 0)))[:, :32]
        _, _, weights, state = train([(bits, echo, mask)], h_0, weights, state, 0.005, False, truncation)
        weights = {**weights, **kept}
    logits, _ = forward(bits, h_0, weights)
    return float(np.mean((logits.argmax(axis=2) == echo)[mask]))


def truncation_record():
    """What tests/benchmarks/record_truncation.py measured: for each way of training the mean bits on held-out names.

    Returns
    -------
    dict of str to list of float
        A number for each seed.
    """
    return data.record("truncation-on-names")["bits"]


# Automatic differentiation, and memory.


def tape_gradients(ids, targets, mask, h_0, weights):
    """The loss and its gradients by TensorFlow's tape, for the arguments of the learner's `loss_and_gradients`."""
    with session.quiet():
        import tensorflow as tf

        variables = {name: tf.Variable(array) for name, array in weights.items()}
        with tf.GradientTape() as tape:
            h_t, states = tf.constant(h_0), []
            for t in range(ids.shape[1]):
                h_t = tf.tanh(tf.gather(variables["W_xh"], ids[:, t]) + h_t @ variables["W_hh"] + variables["b_h"])
                states.append(h_t)
            logits = tf.stack(states, axis=1) @ variables["W_hy"] + variables["b_y"]
            costs = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=targets, logits=logits)
            loss = tf.reduce_mean(tf.boolean_mask(costs, mask))
        slopes = tape.gradient(loss, variables)
    return float(loss), {name: tf.convert_to_tensor(slope).numpy() for name, slope in slopes.items()}


def kept_by_the_tape(timesteps=64, batch=32, input_size=60, hidden_size=128):
    """What TensorFlow's tape keeps alive for the way back, in eager mode.

    Each intermediate result is held by a weak reference only. What is alive after the forward pass, the tape holds.

    Returns
    -------
    dict of str to float
        Kilobytes of each kind of intermediate result.
    """
    with session.quiet():
        import tensorflow as tf

        shapes = {"W_xh": (input_size, hidden_size), "W_hh": (hidden_size, hidden_size), "b_h": (hidden_size,)}
        weights = {name: tf.Variable(tf.zeros(shape)) for name, shape in shapes.items()}
        x, references = tf.zeros((batch, timesteps, input_size)), {}
        with tf.GradientTape() as tape:  # noqa: F841  (it is the tape that holds them)
            h_t, loss = tf.zeros((batch, hidden_size)), 0.0
            for t in range(timesteps):
                x_t = x[:, t]
                from_input, from_state = x_t @ weights["W_xh"], h_t @ weights["W_hh"]
                both = from_input + from_state
                a_t = both + weights["b_h"]
                h_t = tf.tanh(a_t)
                loss += tf.reduce_sum(h_t)
                made = {
                    "x_t": x_t, "x_t @ W_xh": from_input, "h_prev @ W_hh": from_state, "their sum": both,
                    "a_t, with b_h": a_t, "h_t": h_t,
                }
                for name, tensor in made.items():
                    references.setdefault(name, []).append((weakref.ref(tensor), 4 * int(tf.size(tensor))))
        del x_t, from_input, from_state, both, a_t, h_t, tensor, made
        return {name: sum(size for tensor, size in row if tensor() is not None) / 1000 for name, row in references.items()}


def times_the_states(kept, choices=("1", "2", "4")):
    """How many times the memory of the states the tape keeps, as the nearest of some choices."""
    ratio = sum(kept.values()) / kept["h_t"]
    return min(choices, key=lambda choice: abs(np.log(ratio / int(choice))))


def memory_of_the_way_back(rnn_backward, with_checkpoints, lengths=(64, 256, 1024, 4096)):
    """Peak memory of a backward pass that keeps all states, and of one with checkpoints.

    Parameters
    ----------
    rnn_backward : callable
        The learner's.
    with_checkpoints : callable
        The page's: `with_checkpoints(x, h_0, weights, dh_last)` returns the gradients of the weights.
    lengths : sequence of int

    Returns
    -------
    megabytes : dict of str to list of float
    error : float
        The largest relative error between the two.
    """
    rng = np.random.default_rng(0)
    weights = {name: array for name, array in initial(4, 64, rng)[0].items() if name in ("W_xh", "W_hh", "b_h")}
    ways, error = {"all states kept": functools.partial(_keep_all, rnn_backward), "checkpoints": with_checkpoints}, 0.0
    megabytes = {name: [] for name in ways}
    for timesteps in lengths:
        x = rng.normal(size=(8, timesteps, 4)).astype("float32")
        results = []
        for name, way in ways.items():
            tracemalloc.start()
            results.append(way(x, np.zeros((8, 64), "float32"), weights, np.ones((8, 64), "float32")))
            megabytes[name].append(tracemalloc.get_traced_memory()[1] / 1e6)
            tracemalloc.stop()
        error = max(error, *gradients.parting(*results).values())
    return megabytes, error


def _keep_all(rnn_backward, x, h_0, weights, dh_last):
    h = unroll(x, h_0, weights)
    dh = np.zeros_like(h)
    dh[:, -1] = dh_last  # only the last state has an output here
    return rnn_backward(dh, x, h_0, h, weights)[2]
