"""Lesson 04's laboratory: random networks, a cliff, and two tasks that ask for memory.

What the exercises ask for is not here: where it is needed, the learner's own function is an argument.
"""

import numpy as np

from helpers import data

ACTIVATIONS = {"linear": lambda a: a, "tanh": np.tanh, "relu": lambda a: np.maximum(a, 0)}

#: Spectral radii at which gradients are compared.
RADII = (0.5, 0.9, 1.0, 1.5, 3.0)

#: Sequence lengths of the adding problem and delays of copy memory at which networks are trained.
LENGTHS = (10, 20, 40, 80)
DELAYS = (1, 10, 40)
SYMBOLS, SHOWN = 4, 3  # copy memory: how many different symbols there are, and how many are shown

#: Test sequences, and the share of the baseline below which a network counts as having learned the task.
TEST_SIZE, LEARNED = 1000, 0.5


def random_matrix(size=64, seed=0):
    """A square matrix of independent normal numbers with standard deviation 1 / sqrt(size)."""
    return np.random.default_rng(seed).normal(size=(size, size)) / np.sqrt(size)


def run(W_hh, activation, timesteps, rng, scale=1.0):
    """The states of one network under random inputs.

    Parameters
    ----------
    W_hh : ndarray (hidden_size, hidden_size)
    activation : str
        "linear", "tanh" or "relu".
    timesteps : int
    rng : numpy.random.Generator
    scale : float
        At each step a normal number with this standard deviation enters each unit.

    Returns
    -------
    ndarray (timesteps, hidden_size)
        h_1 to h_T, of the dtype of W_hh; h_0 is zero.
    """
    h, states = np.zeros(len(W_hh), W_hh.dtype), []
    for _ in range(timesteps):
        drive = scale * rng.normal(size=len(W_hh))
        h = ACTIVATIONS[activation](drive.astype(W_hh.dtype) + h @ W_hh)
        states.append(h)
    return np.array(states)


def shear():
    """A matrix of two units whose eigenvalues are both 0.9."""
    return np.array([[0.9, 5.0], [0.0, 0.9]])


def delay_line(size=20):
    """The matrix of units in a row, each of which hands its number on to the next."""
    return np.diag(np.ones(size - 1), 1)


def first_overflow(W_hh, activation, timesteps=10_000):
    """The first of `timesteps` steps, from 1, at which float32 cannot hold a state; None if it can hold all."""
    with np.errstate(over="ignore", invalid="ignore"):  # the overflow is what is looked for
        states = run(W_hh.astype("float32"), activation, timesteps, np.random.default_rng(1))
    broken = np.flatnonzero(~np.isfinite(states).all(axis=1))
    return int(broken[0]) + 1 if len(broken) else None


def one_step(size=6):
    """W_hh of a few units, and the state of its tanh network after a step that left them differently saturated."""
    rng = np.random.default_rng(4)
    return rng.normal(size=(size, size)), np.tanh(np.linspace(-2.2, 1.6, size))


def by_pushing(W_hh, lag, timesteps=40):
    """A gradient found by experiment: push each unit `lag` steps before the end, run on, and see how the loss moves.

    The loss is the product of a random vector and the last state of a tanh network, and the push is imaginary and
    tiny (the complex step of lesson 03), so nothing is lost to rounding.

    Parameters
    ----------
    W_hh : ndarray (hidden_size, hidden_size)
    lag, timesteps : int

    Returns
    -------
    norm : float
        Of dL/dh_{T-lag}.
    dh_T : ndarray (hidden_size,)
    h : ndarray (timesteps, hidden_size)
        What the learner's own function needs to compute the same number.
    """
    rng = np.random.default_rng(2)
    drive, dh_T = rng.normal(size=(timesteps, len(W_hh))), rng.normal(size=len(W_hh))

    def onward(h, steps):
        states = []
        for inputs in drive[timesteps - steps :]:
            h = np.tanh(inputs + h @ W_hh)
            states.append(h)
        return np.array(states)

    h = onward(np.zeros(len(W_hh)), timesteps)
    pushed = [onward(h[-1 - lag] + 1e-20j * unit, lag)[-1] @ dh_T for unit in np.eye(len(W_hh))]
    return float(np.linalg.norm(np.imag(pushed)) / 1e-20), dh_T, h


def typical_norms(gradient_norms, W_hh, activation, scale=1.0, timesteps=101, samples=8):
    """Norm of the gradient at each lag relative to lag 0: the geometric mean over a few samples.

    Parameters
    ----------
    gradient_norms : callable
        The learner's, as exercise 2 asks.
    W_hh, activation, scale, timesteps
        As in `run`.
    samples : int

    Returns
    -------
    ndarray (timesteps,)
    """
    rng = np.random.default_rng(3)
    runs = [run(W_hh, activation, timesteps, rng, scale) for _ in range(samples)]
    norms = np.array([gradient_norms(rng.normal(size=len(W_hh)), h, W_hh, activation) for h in runs])
    with np.errstate(divide="ignore"):  # a gradient may have died
        return np.exp(np.mean(np.log(norms / norms[:, :1]), axis=0))


def norms_by_radius(gradient_norms, rescale_spectral_radius):
    """`typical_norms` of the random matrix for each activation and each of `RADII`.

    Parameters
    ----------
    gradient_norms, rescale_spectral_radius : callable
        The learner's.

    Returns
    -------
    dict of str to (dict of float to ndarray)
    """
    matrices = {radius: rescale_spectral_radius(random_matrix(), radius) for radius in RADII}
    return {
        activation: {radius: typical_norms(gradient_norms, W_hh, activation) for radius, W_hh in matrices.items()}
        for activation in ACTIVATIONS
    }


def fate(norms, lag=50):
    """What became of a gradient: "vanishes" or "explodes" where it changed more than tenfold, else "stays"."""
    change = norms[lag] / norms[0]
    return "explodes" if change > 10 else "vanishes" if change < 0.1 else "stays"


def growth_at_most(norms):
    """How large a gradient gets over all lags: "never" larger, "less than 10" or "more than 10" times as large."""
    most = np.max(norms) / norms[0]
    return "never" if most <= 1 else "less than 10" if most < 10 else "more than 10"


def growth_of_states(W_hh, timesteps=200):
    """By which factor the norm of a relu network's state grows at each step, once past the first ten: an ndarray."""
    norms = np.linalg.norm(run(W_hh, "relu", timesteps, np.random.default_rng(1)), axis=1)[10:]
    return norms[1:] / norms[:-1]


def fraction_on(W_hh, timesteps=1000):
    """The fraction of relu units that are on, over all units and steps, with inputs of size 1."""
    return float(np.mean(run(W_hh, "relu", timesteps, np.random.default_rng(3)) > 0))


def begin(gradient_norms, first, scale):
    """`typical_norms` of each first W_hh in a linear and in a tanh network, by the names of both.

    Parameters
    ----------
    gradient_norms : callable
        The learner's.
    first : dict of str to ndarray (hidden_size, hidden_size)
    scale : float
        Of the inputs.

    Returns
    -------
    dict of str to ndarray
        The keys are such as "normal, tanh".
    """
    return {
        f"{name}, {activation}": typical_norms(gradient_norms, W_hh, activation, scale)
        for name, W_hh in first.items()
        for activation in ("linear", "tanh")
    }


def mean_slope(W_hh, scale, timesteps=300):
    """The mean of 1 - h**2 over the units and steps of a tanh network, once it has settled."""
    return float(np.mean(1 - run(W_hh, "tanh", timesteps, np.random.default_rng(5), scale)[50:] ** 2))


def growth_map(growth_factor, rescale_spectral_radius, radii, scales, timesteps=120):
    """The factor per step of a tanh network's gradient, for each spectral radius and each size of the inputs.

    Parameters
    ----------
    growth_factor, rescale_spectral_radius : callable
        The learner's, as exercises 3 and 4 ask.
    radii, scales : sequence of float
    timesteps : int

    Returns
    -------
    ndarray (radii, scales)
    """
    factors = np.empty((len(radii), len(scales)))
    for i, radius in enumerate(radii):
        W_hh = rescale_spectral_radius(random_matrix(), radius)
        for j, scale in enumerate(scales):
            rng = np.random.default_rng(3)
            h = run(W_hh, "tanh", timesteps, rng, scale)
            factors[i, j] = growth_factor(rng.normal(size=len(W_hh)), h, W_hh, "tanh")
    return factors


def border(radii, factors):
    """The radius at which the factor first reaches 1, on a straight line between two of `radii`; None where it never does."""
    above = np.flatnonzero(np.asarray(factors) >= 1)
    if not len(above):
        return None
    i = int(above[0])
    return float(radii[0] if i == 0 else np.interp(1.0, factors[i - 1 : i + 1], radii[i - 1 : i + 1]))


def bounds(step_jacobian, gradient_norms, W_hh, radius, activation, lag=50):
    """A gradient's norm and what is said about it beforehand, in powers of ten relative to lag 0.

    Parameters
    ----------
    step_jacobian, gradient_norms : callable
        The learner's, as exercises 1 and 2 ask.
    W_hh : ndarray (hidden_size, hidden_size)
    radius : float
        Its spectral radius.
    activation : str
    lag : int

    Returns
    -------
    dict of str to float
        "measured"; "each step", the product of the spectral norms of the Jacobians; "norm", the power of the
        spectral norm of W_hh; "radius", the power of the spectral radius.
    """
    rng = np.random.default_rng(4)
    h = run(W_hh, activation, lag + 1, rng)
    norms = gradient_norms(rng.normal(size=len(W_hh)), h, W_hh, activation)
    steps = [np.linalg.norm(step_jacobian(h_t, W_hh, activation), 2) for h_t in h[1:]]
    found = {
        "measured": np.log10(norms[lag] / norms[0]),
        "each step": np.sum(np.log10(steps)),
        "norm": lag * np.log10(np.linalg.norm(W_hh, 2)),
        "radius": lag * np.log10(radius),
    }
    return {name: float(value) for name, value in found.items()}


def foretell(step_jacobian, gradient_norms, rescale_spectral_radius):
    """`bounds` for four networks, by their names; the arguments are the learner's functions."""
    networks = [("linear", 0.9), ("tanh", 0.9), ("tanh", 1.1), ("relu", 1.1)]
    return {
        f"{activation}, radius {radius}": bounds(
            step_jacobian, gradient_norms, rescale_spectral_radius(random_matrix(), radius), radius, activation
        )
        for activation, radius in networks
    }


def terms_of_the_sum(step_jacobian, W_hh, timesteps=101):
    """What each step of a tanh network adds to the gradient of W_hh, for a loss of the last state.

    Parameters
    ----------
    step_jacobian : callable
        The learner's, as exercise 1 asks.
    W_hh : ndarray (hidden_size, hidden_size)
    timesteps : int

    Returns
    -------
    sizes : ndarray (timesteps - 1,)
        Norm of the term from k steps before the end.
    sums : ndarray (timesteps - 1,)
        Norm of the sum of the terms of the last k + 1 steps; the last one is that of the whole gradient.
    missing : ndarray (timesteps - 1,)
        Norm of the sum of all terms from further back than k, relative to that of the whole gradient.
    """
    rng = np.random.default_rng(6)
    h, gradient, terms = run(W_hh, "tanh", timesteps, rng), rng.normal(size=len(W_hh)), []
    for t in range(timesteps - 1, 0, -1):
        terms.append(np.outer(h[t - 1], gradient * (1 - h[t] ** 2)))
        gradient = gradient @ step_jacobian(h[t], W_hh, "tanh")
    terms = np.array(terms)
    partial = np.cumsum(terms, axis=0)
    sizes, sums, beyond = (np.linalg.norm(parts, axis=(1, 2)) for parts in (terms, partial, partial[-1] - partial))
    return sizes, sums, beyond / sums[-1]


def one_unit(w, b=-0.5, h_0=0.9, timesteps=50):
    """The loss of one unit, h_t = tanh(w * h_{t-1} + b), that should end at 0.8; and its derivative by w.

    Parameters
    ----------
    w, b : float or ndarray
        Of shapes that broadcast.
    h_0 : float
    timesteps : int

    Returns
    -------
    loss, slope : ndarray
        (h_T - 0.8)**2 and dL/dw, which is carried forward along with the state.
    """
    h = np.full(np.broadcast(w, b).shape, h_0)
    dh_dw = np.zeros_like(h)
    for _ in range(timesteps):
        before, h = h, np.tanh(w * h + b)
        dh_dw = (1 - h**2) * (before + w * dh_dw)
    return (h - 0.8) ** 2, 2 * (h - 0.8) * dh_dw


def unit_states(w, b=-0.5, h_0=0.9, timesteps=50):
    """The states h_0 to h_T of that one unit: an ndarray (timesteps + 1,)."""
    states = [h_0]
    for _ in range(timesteps):
        states.append(float(np.tanh(w * states[-1] + b)))
    return np.array(states)


def angle(a, b):
    """Degrees between two dicts of arrays, each taken as one vector."""
    a, b = (np.concatenate([array.ravel() for array in part.values()]) for part in (a, b))
    return float(np.degrees(np.arccos(np.clip(a @ b / np.linalg.norm(a) / np.linalg.norm(b), -1, 1))))


def lopsided_gradients():
    """Gradients of a network in which one array outweighs the others: a dict of arrays."""
    rng = np.random.default_rng(7)
    return {"W_xh": rng.normal(size=(2, 32)), "W_hh": 20 * rng.normal(size=(32, 32)), "b_h": 5 * rng.normal(size=32)}


def adding_problem(batch, length, rng):
    """Sequences of numbers, two of them marked.

    Time is the first axis here, so that each step is one solid block of memory.

    Returns
    -------
    x : ndarray (length, batch, 2), float32
        A number between 0 and 1, and a mark: 1 at one step of each half, else 0.
    y : ndarray (batch, 1), float32
        The sum of the two marked numbers.
    """
    x = np.zeros((length, batch, 2), "float32")
    x[:, :, 0] = rng.random((length, batch))
    first, second = rng.integers(0, length // 2, batch), rng.integers(length // 2, length, batch)
    rows = np.arange(batch)
    x[first, rows, 1] = x[second, rows, 1] = 1
    return x, (x[first, rows, 0] + x[second, rows, 0])[:, None]


def copy_memory(batch, delay, rng):
    """Three symbols to remember, a delay, and a cue to recall them.

    Returns
    -------
    x : ndarray (delay + 6, batch, 6), float32
        One-hot: four symbols, the blank, the cue.
    y : ndarray (delay + 6, batch), int
        What to answer at each step: the blank (4), and at the last three steps the symbols shown.
    """
    ids = np.full((delay + 2 * SHOWN, batch), SYMBOLS)
    ids[:SHOWN] = rng.integers(0, SYMBOLS, (SHOWN, batch))
    ids[SHOWN + delay] = SYMBOLS + 1
    y = np.full_like(ids, SYMBOLS)
    y[-SHOWN:] = ids[:SHOWN]
    return np.eye(SYMBOLS + 2, dtype="float32")[ids], y


def lazy_errors(answers, sequences=200_000):
    """Mean squared error of one and the same answer to all of `sequences` adding problems: a dict, by answer."""
    _, sums = adding_problem(sequences, 10, np.random.default_rng(10))
    return {answer: float(np.mean((sums - answer) ** 2)) for answer in answers}


def forgetful_loss(delay, sequences=50_000):
    """Mean cross-entropy on copy memory, in nats, of probabilities that know the task and remember nothing."""
    _, y = copy_memory(sequences, delay, np.random.default_rng(10))
    blank, any_symbol = np.eye(SYMBOLS + 1)[SYMBOLS], np.append(np.full(SYMBOLS, 1 / SYMBOLS), 0.0)
    p = np.array([blank if t < len(y) - SHOWN else any_symbol for t in range(len(y))])
    return float(-np.mean(np.log(np.take_along_axis(p, y, axis=1))))


def luck(sequences=TEST_SIZE, tests=2000):
    """The error of the answer 1 on test sets of `sequences` adding problems: the bounds of the middle 95 %."""
    sums = np.random.default_rng(10).random((tests, sequences, 2)).sum(axis=2)
    return tuple(np.quantile(np.mean((sums - 1) ** 2, axis=1), [0.025, 0.975]))


def normal(size, rng):
    """First weights W_hh: independent normal numbers with standard deviation 1 / sqrt(size)."""
    return rng.normal(0, 1 / np.sqrt(size), (size, size))


def identity(size, rng):
    """First weights W_hh: the identity, each unit keeping what it has."""
    return np.eye(size)


def first_weights(W_hh, inputs, outputs, rng, scale):
    """A network's weights before training, in float32; `scale` is the standard deviation of W_xh."""
    n = len(W_hh)
    weights = {"W_xh": rng.normal(0, scale, (inputs, n)), "W_hh": W_hh, "b_h": np.zeros(n)}
    weights |= {"W_hy": rng.normal(0, 1 / np.sqrt(n), (n, outputs)), "b_y": np.zeros(outputs)}
    return {name: array.astype("float32") for name, array in weights.items()}


def forward(x, weights, activation):
    """States (steps + 1, batch, hidden_size) of a network that reads x (steps, batch, inputs); h_0 = 0 comes first."""
    drive = x @ weights["W_xh"] + weights["b_h"]  # one product for all steps
    h = np.zeros((len(x) + 1, *drive.shape[1:]), "float32")
    for t in range(len(x)):
        h[t + 1] = ACTIVATIONS[activation](drive[t] + h[t] @ weights["W_hh"])
    return h


def loss_and_gradients(x, y, weights, activation):
    """Loss of one batch of either task, and its gradients: lesson 03's backward pass, time first.

    The loss is the mean squared error after the last step for the adding problem, and the mean cross-entropy over
    all steps, in nats, for copy memory (whose y holds whole numbers).
    """
    h = forward(x, weights, activation)
    recalled = y.dtype.kind == "i"
    read = h[1:] if recalled else h[-1:]
    out = read @ weights["W_hy"] + weights["b_y"]
    if recalled:
        out -= out.max(axis=-1, keepdims=True)
        log_p = out - np.log(np.exp(out).sum(axis=-1, keepdims=True))
        one_hot = np.eye(out.shape[-1], dtype="float32")[y]
        loss, dy = -np.sum(log_p * one_hot) / y.size, (np.exp(log_p) - one_hot) / np.float32(y.size)
    else:
        loss, dy = np.mean((out - y) ** 2), 2 * (out - y) / np.float32(y.size)
    da = np.zeros_like(h[1:])  # first what each h_t gets from its own output, then, step by step, dL/da_t
    da[-len(dy) :] = dy @ weights["W_hy"].T
    slope = (h[1:] > 0).astype("float32") if activation == "relu" else 1 - h[1:] ** 2
    back = np.ascontiguousarray(weights["W_hh"].T)
    da[-1] *= slope[-1]
    for t in range(len(x) - 2, -1, -1):
        da[t] = slope[t] * (da[t] + da[t + 1] @ back)
    x, h, da, read, dy = (array.reshape(-1, array.shape[-1]) for array in (x, h[:-1], da, read, dy))
    gradients = {"W_xh": x.T @ da, "W_hh": h.T @ da, "b_h": da.sum(axis=0), "W_hy": read.T @ dy, "b_y": dy.sum(axis=0)}
    return float(loss), gradients


def descend(clip, max_norm=1.0, updates=300, rate=0.01):
    """Plain gradient descent on the adding problem, 40 steps, relu, W_hh starting as the identity.

    Parameters
    ----------
    clip : callable or None
        The learner's, as exercise 5 asks; None trains without clipping.
    max_norm, rate : float
    updates : int

    Returns
    -------
    losses, norms : ndarray (updates,)
        The loss and the global norm of the gradients before clipping; nan once the weights are broken.
    """
    rng = np.random.default_rng(0)
    weights, seen = first_weights(np.eye(32), 2, 1, rng, scale=0.1), []
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(updates):
            loss, gradients = loss_and_gradients(*adding_problem(32, 40, rng), weights, "relu")
            numbers = np.concatenate([g.ravel() for g in gradients.values()])
            seen.append((loss, float(np.linalg.norm(numbers.astype("float64")))))
            if clip is not None:
                gradients, _ = clip(gradients, max_norm)
            weights = {name: w - np.float32(rate) * gradients[name] for name, w in weights.items()}
    return tuple(np.array(seen).T)


def train(task, length, start, activation, clip, seed=0, updates=1000, size=32, progress=None, every=50):
    """Train a network with Adam, the learning rate 0.003, on 32 new sequences for each update.

    Parameters
    ----------
    task : callable
        `adding_problem` or `copy_memory`.
    length : int
        Of the sequences; for copy memory the delay.
    start : callable
        `start(size, rng)` makes the first W_hh: `normal`, `identity`, or the learner's `orthogonal`.
    activation : str
        "tanh" or "relu".
    clip : callable
        The learner's, as exercise 5 asks; gradients are clipped at 1.
    seed, updates, size : int
    progress : callable, optional
        `progress(update, loss)`, called every `every` updates with the mean loss since the last call.

    Returns
    -------
    loss : float
        On `TEST_SIZE` new sequences.
    weights : dict of str to ndarray
    log : tuple of (ndarray, ndarray)
        The loss and the norm that `clip` returns, by update.
    """
    rng = np.random.default_rng(seed)
    inputs, outputs = (2, 1) if task is adding_problem else (SYMBOLS + 2, SYMBOLS + 1)
    W_hh = start(size, rng)
    weights = first_weights(W_hh, inputs, outputs, rng, scale=0.2 if activation == "relu" else 0.5)
    m, v = ({name: 0 * array for name, array in weights.items()} for _ in range(2))
    losses, norms = [], []
    for update in range(1, updates + 1):
        loss, gradients = loss_and_gradients(*task(32, length, rng), weights, activation)
        gradients, norm = clip(gradients, 1.0)
        rate = np.float32(0.003 * np.sqrt(1 - 0.999**update) / (1 - 0.9**update))
        for name, g in gradients.items():  # Adam, as in lesson 03
            m[name] += 0.1 * (g - m[name])
            v[name] += 0.001 * (g * g - v[name])
            weights[name] -= rate * m[name] / (np.sqrt(v[name]) + np.float32(1e-8))
        losses.append(loss)
        norms.append(norm)
        if progress and update % every == 0:
            progress(update, np.mean(losses[-every:]))
    loss, _ = loss_and_gradients(*task(TEST_SIZE, length, np.random.default_rng(99)), weights, activation)
    return loss, weights, (np.array(losses), np.array(norms))


def train_all(task, lengths, start, activation, clip, progress=lambda length: None):
    """`train` at each of `lengths`; `progress` is called with each and returns what `train` reports to.

    Returns
    -------
    losses : list of float
    weights : dict of int to (dict of str to ndarray)
    logs : dict of int to (ndarray, ndarray)
        Both by length.
    """
    trained = {length: train(task, length, start, activation, clip, progress=progress(length)) for length in lengths}
    losses, weights, logs = zip(*trained.values())
    return list(losses), dict(zip(lengths, weights)), dict(zip(lengths, logs))


def power_at_lag(gradient_norms, weights, lag=20, length=40, sequences=50):
    """How much of the gradient of a trained adding network (tanh) arrives `lag` steps back, in powers of ten.

    Parameters
    ----------
    gradient_norms : callable
        The learner's, as exercise 2 asks.
    weights : dict of str to ndarray
    lag, length, sequences : int

    Returns
    -------
    float
        Mean over the sequences of log10 of the norm at that lag, relative to lag 0.
    """
    x, _ = adding_problem(sequences, length, np.random.default_rng(5))
    states, dh_T = forward(x, weights, "tanh")[1:].astype("float64"), weights["W_hy"][:, 0].astype("float64")
    norms = [gradient_norms(dh_T, states[:, i], weights["W_hh"].astype("float64"), "tanh") for i in range(sequences)]
    return float(np.mean([np.log10(norm[lag] / norm[0]) for norm in norms]))


def adding_record():
    """Tanh networks trained at 40 steps over seeds, as `tests/benchmarks/record_adding.py` measured them.

    Returns
    -------
    dict of (str, str) to list of (float, float)
        By first weights and activation the error and what `power_at_lag` gives, by seed.
    """
    record = data.record("adding-at-40")
    return {(start, "tanh"): [tuple(pair) for pair in pairs] for start, pairs in record["networks"].items()}


def longest_learned(lengths, losses, baselines):
    """How far each network has learned a task.

    Parameters
    ----------
    lengths : sequence of int
    losses : dict of (str, str) to sequence of float
        By network the loss at each length.
    baselines : sequence of float
        The loss without memory at each length.

    Returns
    -------
    dict of (str, str) to int or None
        The longest length up to which every loss is below half of its baseline; None if there is none.
    """
    reached = {}
    for network, found in losses.items():
        missed = [n for n, loss, least in zip(lengths, found, baselines) if not loss < LEARNED * least]
        reached[network] = max((n for n in lengths if n < min(missed, default=np.inf)), default=None)
    return reached
