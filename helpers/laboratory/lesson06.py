"""The laboratory of lesson 06, LSTM and GRU.

Passes written for speed, time first and from a state of zeros, and the experiments that the lesson is made of. What an
exercise asks for is the learner's own, and is handed in.
"""

import numpy as np

from helpers import data
from helpers.gradients import complex_step, parting, relative_error
from helpers.laboratory.lesson03 import LETTERS, name_batch, names, ngram_bits
from helpers.laboratory.lesson04 import adding_problem

#: The adding problem of this lesson: steps in a sequence, units, and the budget.
LENGTH, UNITS, UPDATES = 80, 16, 500
#: The error of always answering 1, and what counts as solved: a quarter of it.
NO_MEMORY, SOLVED = 1 / 6, 1 / 24
BIASES = (0, 1, 3, 4)


def sigmoid(a):
    """1 / (1 + exp(-a)), which never overflows; complex numbers will do as well."""
    return 0.5 + 0.5 * np.tanh(0.5 * a)


def random_layer(layer, input_size, rng):
    """A Keras layer with random numbers in all its arrays, and the same arrays as a dict with W_x, W_h and b."""
    layer.build((None, None, input_size))
    layer.set_weights([rng.normal(0, 0.5, array.shape) for array in layer.get_weights()])
    return layer, dict(zip(("W_x", "W_h", "b"), layer.get_weights()))


def first_weights(kind, inputs, units, outputs, rng, forget=1.0):
    """Weights before training, as Keras draws them, in float32.

    Parameters
    ----------
    kind : str
        "simple", "lstm" or "gru".
    inputs, units, outputs : int
    rng : numpy.random.Generator
    forget : float
        An LSTM's first forget bias.

    Returns
    -------
    dict of str to ndarray
        W_x, W_h and b in Keras' layout, and W_y and b_y of the output layer.
    """
    blocks = {"simple": 1, "lstm": 4, "gru": 3}[kind]

    def glorot(rows, columns):
        limit = np.sqrt(6 / (rows + columns))
        return rng.uniform(-limit, limit, (rows, columns))

    Q, R = np.linalg.qr(rng.normal(size=(blocks * units, units)))  # orthogonal, as in lesson 04
    W = {"W_x": glorot(inputs, blocks * units), "W_h": (Q * np.sign(np.diag(R))).T}
    W["b"] = np.zeros((2, 3 * units) if kind == "gru" else blocks * units)
    if kind == "lstm":
        W["b"][units : 2 * units] = forget
    W |= {"W_y": glorot(units, outputs), "b_y": np.zeros(outputs)}
    return {name: array.astype("float32") for name, array in W.items()}


# What the learner's own steps show.


def run(lstm_step, x, weights):
    """Read sequences with the learner's `lstm_step`, from zeros.

    Parameters
    ----------
    lstm_step : callable
    x : ndarray (timesteps, batch, inputs)
    weights : dict of str to ndarray

    Returns
    -------
    h, c : ndarray (timesteps + 1, batch, units)
        The zeros come first.
    """
    zeros = np.zeros((x.shape[1], len(weights["W_h"])), np.result_type(x, weights["W_h"]))
    h, c = [zeros], [zeros]
    for x_t in x:
        h_t, c_t = lstm_step(x_t, h[-1], c[-1], weights)
        h.append(h_t)
        c.append(c_t)
    return np.array(h), np.array(c)


def lstm_against_keras(lstm_step):
    """Relative error between the learner's LSTM and that of Keras with the same random weights, over 12 steps."""
    import keras

    rng = np.random.default_rng(0)
    layer, weights = random_layer(keras.layers.LSTM(5, return_sequences=True), 3, rng)
    x = rng.normal(size=(4, 12, 3)).astype("float32")
    h, _ = run(lstm_step, x.swapaxes(0, 1), weights)  # time first
    return relative_error(h[1:].swapaxes(0, 1), np.asarray(layer(x)))


def agreement(error, tolerance=1e-5):
    """How far two results agree, in words: "agree to 1e-5", or by how much they differ."""
    return f"agree to {tolerance:.0e}".replace("e-0", "e-") if error < tolerance else f"differ by {error:.1g}"


def marked_numbers(timesteps, marks, rng):
    """Numbers from -1 to 1, each with a mark beside it that is 1 at the steps `marks` (from 0) and 0 elsewhere.

    Returns
    -------
    ndarray (timesteps, 1, 2)
    """
    x = np.zeros((timesteps, 1, 2))
    x[:, 0, 0] = rng.uniform(-1, 1, timesteps)
    x[list(marks), 0, 1] = 1
    return x


def check_gradients(lstm_step, lstm_backward, timesteps=7, units=4):
    """How far the learner's gradients are from the complex step's: a dict of relative errors, the largest first."""
    rng = np.random.default_rng(1)
    weights = {"W_x": rng.normal(size=(3, 4 * units)), "W_h": rng.normal(size=(units, 4 * units)), "b": rng.normal(size=4 * units)}
    x, h_0, c_0 = rng.normal(size=(2, timesteps, 3)), rng.normal(size=(2, units)), rng.normal(size=(2, units))
    dh = rng.normal(size=(2, timesteps, units))

    def loss(arrays):
        h, c, total = arrays["h_0"], arrays["c_0"], 0
        for t in range(timesteps):
            h, c = lstm_step(arrays["x"][:, t], h, c, {name: arrays[name] for name in weights})
            total = total + np.sum(dh[:, t] * h)
        return total

    dx, dh_0, dc_0, dW = lstm_backward(dh, x, h_0, c_0, weights)
    truth = complex_step(loss, {**weights, "x": x, "h_0": h_0, "c_0": c_0})
    return parting(truth, {"x": dx, "h_0": dh_0, "c_0": dc_0, **dW})


def lag_norms(lstm_step, lstm_step_backward, forget, timesteps=81, batch=16):
    """Norm of the gradient of the whole state at each lag, in an untrained network of 32 units.

    Parameters
    ----------
    lstm_step, lstm_step_backward : callable
        The learner's.
    forget : float or None
        The LSTM's forget bias; None is a tanh network with orthogonal weights.

    Returns
    -------
    ndarray (timesteps,)
        Relative to lag 0, the geometric mean over the batch.
    """
    rng = np.random.default_rng(0)
    first = first_weights("simple" if forget is None else "lstm", 8, 32, 1, rng, forget)
    W = {name: first[name].astype("float64") for name in ("W_x", "W_h", "b")}
    x = rng.normal(size=(timesteps, batch, 8))
    if forget is None:
        h, _ = simple_forward(x, W)
        c = np.zeros_like(h)
    else:
        h, c = run(lstm_step, x, W)
    dh, dc, norms = rng.normal(size=(batch, 32)), np.zeros((batch, 32)), []
    for t in reversed(range(timesteps)):
        norms.append(np.linalg.norm(np.hstack([dh, dc]), axis=1))
        if forget is None:
            dh = (dh * (1 - h[t + 1] ** 2)) @ W["W_h"].T
        else:
            _, dh, dc, _ = lstm_step_backward(dh, dc, x[t], h[t], c[t], W)
    return np.exp(np.mean(np.log(np.array(norms) / norms[0]), axis=1))


def gradients_by_bias(lstm_step, lstm_step_backward):
    """`lag_norms` of a tanh network and of LSTMs with each of `BIASES`, by name."""
    networks = {"tanh network": None} | {f"LSTM, forget bias {b}": b for b in BIASES}
    return {name: lag_norms(lstm_step, lstm_step_backward, forget) for name, forget in networks.items()}


def factor_per_step(norms):
    """By what each further step back multiplies the gradient: the slope of its logarithm from lag 20 on."""
    return float(np.exp(np.polyfit(range(20, len(norms)), np.log(norms[20:]), 1)[0]))


def longer_norms(lstm_step, lstm_step_backward, timesteps=601):
    """`lag_norms` of the two LSTMs with the largest of `BIASES`, in longer sequences: by forget bias, a dict."""
    return {b: lag_norms(lstm_step, lstm_step_backward, b, timesteps) for b in BIASES[-2:]}


def against_keras(gru_step, reset_after):
    """Relative error between the learner's GRU and that of Keras with the same random weights, over 12 steps."""
    import keras

    rng = np.random.default_rng(2)
    layer, weights = random_layer(keras.layers.GRU(5, return_sequences=True, reset_after=reset_after), 3, rng)
    x = rng.normal(size=(4, 12, 3)).astype("float32")
    h, states = np.zeros((4, 5), "float32"), []
    for t in range(12):
        h = gru_step(x[:, t], h, weights, reset_after)
        states.append(h)
    return relative_error(np.stack(states, axis=1), np.asarray(layer(x)))


def reset_in_the_other_place(gru_step):
    """Relative error after one step where weights made for `reset_after` are used without it, their two biases added."""
    rng = np.random.default_rng(2)
    weights = {"W_x": rng.normal(0, 0.5, (3, 15)), "W_h": rng.normal(0, 0.5, (5, 15)), "b": rng.normal(0, 0.5, (2, 15))}
    x_t, h_prev = rng.normal(size=(4, 3)), rng.uniform(-0.9, 0.9, (4, 5))
    one_row = {**weights, "b": weights["b"].sum(axis=0)}
    return relative_error(gru_step(x_t, h_prev, weights, True), gru_step(x_t, h_prev, one_row, False))


# Passes in NumPy: time is the first axis, the first state is zero, and what need not wait is taken out of the loop.


def simple_forward(x, W):
    """States (timesteps + 1, batch, units) of a tanh network, and nothing else that its way back needs."""
    a = x @ W["W_x"] + W["b"]
    h = np.zeros((len(x) + 1, x.shape[1], len(W["W_h"])), a.dtype)
    for t in range(len(x)):
        h[t + 1] = np.tanh(a[t] + h[t] @ W["W_h"])
    return h, None


def simple_backward(dh, x, h, _, W):
    """Gradients of W_x, W_h and b."""
    da, slope, carry = np.empty_like(dh), 1 - h[1:] ** 2, 0
    for t in reversed(range(len(x))):
        da[t] = (dh[t] + carry) * slope[t]
        carry = da[t] @ W["W_h"].T
    return _of_weights(x, h, da)


def _of_weights(x, h, da):
    """Gradients of the weights: one product each, for all steps (lesson 03)."""
    x, h, da = (array.reshape(-1, array.shape[-1]) for array in (x, h[:-1], da))
    return {"W_x": x.T @ da, "W_h": h.T @ da, "b": da.sum(axis=0)}


def lstm_forward(x, W):
    """States (timesteps + 1, batch, units) of an LSTM, and its gates (timesteps, batch, 4, units), cells and their tanh."""
    n = len(W["W_h"])
    half = np.repeat(np.float32([0.5, 0.5, 1, 0.5]), n)  # one tanh for all four: see `sigmoid`
    s = x @ W["W_x"] + W["b"]
    h = np.zeros((len(x) + 1, x.shape[1], n), s.dtype)
    c, tanh_c = np.zeros_like(h), np.zeros_like(h[1:])
    for t in range(len(x)):
        s[t] += h[t] @ W["W_h"]
        s[t] = np.tanh(s[t] * half) * half + (1 - half)
        i, f, g, o = np.split(s[t], 4, axis=1)
        c[t + 1] = f * c[t] + i * g
        tanh_c[t] = np.tanh(c[t + 1])
        h[t + 1] = o * tanh_c[t]
    return h, (s.reshape(*s.shape[:2], 4, n), c, tanh_c)


def lstm_gradients(dh, x, h, kept, W):
    """Gradients of W_x, W_h and b from those of the states (timesteps, batch, units)."""
    s, c, tanh_c = kept
    i, f, g, o = (s[:, :, k] for k in range(4))
    from_c = np.stack([g * i * (1 - i), c[:-1] * f * (1 - f), i * (1 - g * g)], axis=2)
    from_h, into_c = tanh_c * o * (1 - o), o * (1 - tanh_c**2)
    da, dh_t, dc, back = np.empty_like(s), 0, 0, np.ascontiguousarray(W["W_h"].T)
    for t in reversed(range(len(x))):
        dh_t = dh[t] + dh_t
        dc = dc + dh_t * into_c[t]
        da[t, :, :3] = dc[:, None] * from_c[t]
        da[t, :, 3] = dh_t * from_h[t]
        dh_t = da[t].reshape(len(dc), -1) @ back
        dc = dc * f[t]
    return _of_weights(x, h, da.reshape(*da.shape[:2], -1))


def gru_forward(x, W):
    """States (timesteps + 1, batch, units) of a GRU with the reset gate after the product, and what its way back needs."""
    n = len(W["W_h"])
    a = x @ W["W_x"] + W["b"][0]  # becomes z, r and the candidate
    h, u = np.zeros((len(x) + 1, x.shape[1], n), a.dtype), np.empty_like(a)
    for t in range(len(x)):
        u[t] = h[t] @ W["W_h"] + W["b"][1]
        a[t, :, : 2 * n] = sigmoid(a[t, :, : 2 * n] + u[t, :, : 2 * n])
        z, r, g = np.split(a[t], 3, axis=1)
        g[:] = np.tanh(g + r * u[t, :, 2 * n :])
        h[t + 1] = g + z * (h[t] - g)
    return h, (a, u)


def gru_gradients(dh, x, h, kept, W):
    """Gradients of W_x, W_h and b from those of the states (timesteps, batch, units)."""
    a, u = kept
    n = h.shape[-1]
    z, r, g = np.split(a, 3, axis=2)
    to_g, to_z, to_r = (1 - z) * (1 - g * g), (h[:-1] - g) * z * (1 - z), u[:, :, 2 * n :] * r * (1 - r)
    da, du, carry, back = np.empty_like(a), np.empty_like(a), 0, np.ascontiguousarray(W["W_h"].T)
    for t in reversed(range(len(x))):
        dh_t = dh[t] + carry
        dg = dh_t * to_g[t]
        np.concatenate([dh_t * to_z[t], dg * to_r[t], dg], axis=1, out=da[t])
        du[t] = da[t]
        du[t, :, 2 * n :] *= r[t]
        carry = dh_t * z[t] + du[t] @ back
    by_input, by_state = _of_weights(x, h, da), _of_weights(x, h, du)
    return {"W_x": by_input["W_x"], "W_h": by_state["W_h"], "b": np.stack([by_input["b"], by_state["b"]])}


PASSES = {
    "simple": (simple_forward, simple_backward),
    "lstm": (lstm_forward, lstm_gradients),
    "gru": (gru_forward, gru_gradients),
}


def your_passes(lstm_step, lstm_backward):
    """The learner's functions as a pair of passes like those above."""

    def forward(x, W):
        return run(lstm_step, x, W)[0], None

    def backward(dh, x, h, _, W):
        weights = {name: W[name] for name in ("W_x", "W_h", "b")}
        return lstm_backward(dh.swapaxes(0, 1), x.swapaxes(0, 1), h[0], 0 * h[0], weights)[3]

    return forward, backward


# Training.


def train(W, loss_and_gradients, batches, rates, progress=None, every=10):
    """Adam with gradients clipped at 1, as in lessons 03 and 04.

    Parameters
    ----------
    W : dict of str to ndarray
        Changed in place.
    loss_and_gradients : callable
        `loss_and_gradients(W, *batch)`.
    batches, rates : iterable
        A batch and a learning rate for each update.
    progress : callable, optional
        `progress(update, loss)`, called every `every` updates with the mean loss since the last call.

    Returns
    -------
    list of float
        The loss of each update.
    """
    moments, losses = {name: (np.zeros_like(w), np.zeros_like(w)) for name, w in W.items()}, []
    for step, (batch, rate) in enumerate(zip(batches, rates), 1):
        loss, dW = loss_and_gradients(W, *batch)
        scale = np.float32(1 / max(1, np.sqrt(sum(float(np.sum(g * g)) for g in dW.values()))))
        rate = np.float32(rate * np.sqrt(1 - 0.999**step) / (1 - 0.9**step))
        for name, (m, v) in moments.items():
            g = scale * dW[name]
            m += 0.1 * (g - m)
            v += 0.001 * (g * g - v)
            W[name] -= rate * m / (np.sqrt(v) + np.float32(1e-8))
        losses.append(loss)
        if progress and step % every == 0:
            progress(step, float(np.mean(losses[-every:])))
    return losses


def adding_loss(passes):
    """The loss of the adding problem and its gradients, by a pair of passes: squared error after the last step."""
    forward, backward = passes

    def loss_and_gradients(W, x, y):
        h, kept = forward(x, W)
        error = h[-1] @ W["W_y"] + W["b_y"] - y
        dy, dh = 2 * error / np.float32(len(y)), np.zeros_like(h[1:])
        dh[-1] = dy @ W["W_y"].T
        dW = backward(dh, x, h, kept, W)
        return float(np.mean(error**2)), dW | {"W_y": h[-1].T @ dy, "b_y": dy.sum(axis=0)}

    return loss_and_gradients


def learn_adding(kind, seed=0, forget=3.0, rate=0.02, passes=None, progress=None):
    """Train a network of 16 units on the adding problem of 80 steps: 500 updates of 32 sequences.

    Parameters
    ----------
    kind : str
    seed : int
    forget : float
        An LSTM's first forget bias.
    rate : float
    passes : (callable, callable), optional
        In place of the laboratory's own: `your_passes`.
    progress : callable, optional
        As in `train`.

    Returns
    -------
    W : dict of str to ndarray
    losses : list of float
    """
    rng = np.random.default_rng(seed)
    W = first_weights(kind, 2, UNITS, 1, rng, forget)
    batches = (adding_problem(32, LENGTH, rng) for _ in range(UPDATES))
    return W, train(W, adding_loss(passes or PASSES[kind]), batches, [rate] * UPDATES, progress)


def adding_error(kind, W, sequences=1000):
    """Squared error on sequences that no network was trained on, and the fraction that is off by more than 0.08."""
    x, y = adding_problem(sequences, LENGTH, np.random.default_rng(99))
    errors = PASSES[kind][0](x, W)[0][-1] @ W["W_y"] + W["b_y"] - y
    return float(np.mean(errors**2)), float(np.mean(np.abs(errors) > 0.08))


def update_below(losses, window=25):
    """The first update at which the mean loss of the last 25 is below a quarter of 1/6; None if there is none."""
    below = np.flatnonzero(np.convolve(losses, np.ones(window) / window, "valid") < SOLVED)
    return int(below[0]) + window if len(below) else None


def adding_finding(needed):
    """What the curves show, in words; `needed` as `update_below` gives it, by name."""
    there = sorted((update, name) for name, update in needed.items() if update is not None)
    late = [f"{name} not by {UPDATES}" for name, update in needed.items() if update is None]
    return "Below a quarter of 1/6: " + "; ".join([f"{name} at update {update}" for update, name in there] + late)


def who_is_first(needed):
    """Which of two networks gets there first, "lstm", "gru" or "neither"; `needed` as `update_below` gives it, by name."""
    there = {name: update for name, update in needed.items() if update is not None}
    return min(there, key=there.get) if there else "neither"


def adding_record():
    """Recorded: for each network, by name, a list of [update below 1/24 or None, squared error at the end] over the seeds."""
    return data.record("adding-at-80")["networks"]


def open_update_gate(W):
    """The update gate of the GRU's most open unit: its median over the steps of 200 sequences."""
    x = adding_problem(200, LENGTH, np.random.default_rng(7))[0]
    z = gru_forward(x, W)[1][0][:, :, :UNITS]
    return float(np.median(z, axis=(0, 1)).max())


def gru_state_back(dh, h_prev, z, r, g, u, W_h):
    """dL/dh_prev of one step of a GRU from dL/dh_t, its gates z and r, its candidate g and u, the candidate's part of the state's product."""
    dg = dh * (1 - z) * (1 - g**2)
    dr = dg * u * r * (1 - r)
    dz = dh * (h_prev - g) * z * (1 - z)
    return dh * z + np.concatenate([dz, dr, dg * r], axis=1) @ W_h.T


def gru_lag_norms(W):
    """Norm of the gradient of a GRU's last state at each lag, over 80 steps of the adding problem.

    Parameters
    ----------
    W : dict of str to ndarray
        W_x, W_h and b, in Keras' layout.

    Returns
    -------
    ndarray (81,)
        Relative to lag 0, the geometric mean over 200 sequences.
    """
    rng = np.random.default_rng(7)
    W = {name: W[name].astype("float64") for name in ("W_x", "W_h", "b")}
    x = adding_problem(200, LENGTH, rng)[0]
    h, (a, u) = gru_forward(x, W)
    z, r, g = np.split(a, 3, axis=2)
    dh = rng.normal(size=h[-1].shape)
    norms = [np.linalg.norm(dh, axis=1)]
    for t in reversed(range(LENGTH)):
        dh = gru_state_back(dh, h[t], z[t], r[t], g[t], u[t, :, 2 * UNITS :], W["W_h"])
        norms.append(np.linalg.norm(dh, axis=1))
    return np.exp(np.mean(np.log(np.array(norms) / norms[0]), axis=1))


def gru_before_and_after(W):
    """The most open update gate, and `gru_lag_norms`, of the GRU with seed 0 "before training" and, with weights W, "after"."""
    weights = {"before training": first_weights("gru", 2, UNITS, 1, np.random.default_rng(0)), "after": W}
    return {name: open_update_gate(w) for name, w in weights.items()}, {name: gru_lag_norms(w) for name, w in weights.items()}


def adding_gates(W):
    """What the unit of a trained LSTM that writes most at the marks does, over 200 sequences.

    Returns
    -------
    dict
        unit; marks (timesteps, sequences), numbers, written (i * g) and kept (f) of the same shape, cell (timesteps + 1,
        sequences); at_mark and elsewhere, the mean size of what is written; follows, the absolute correlation of what
        is written at a mark with the number there; line, the slope and the offset of the straight line through them;
        moved, what each unmarked step adds to the cell; creep, the sum of those over each sequence.
    """
    x, _ = adding_problem(200, LENGTH, np.random.default_rng(7))
    _, (s, c, _) = lstm_forward(x, W)
    marks, written = x[:, :, 1] == 1, s[:, :, 0] * s[:, :, 2]
    at_marks, elsewhere = np.abs(written[marks]).mean(axis=0), np.abs(written[~marks]).mean(axis=0)
    unit = int(np.argmax(at_marks - elsewhere))
    wrote, cell, numbers = written[:, :, unit], c[:, :, unit], x[:, :, 0]
    change = np.diff(cell, axis=0)
    slope, offset = np.polyfit(numbers[marks], wrote[marks], 1)
    return {
        "unit": unit, "marks": marks, "numbers": numbers, "written": wrote, "kept": s[:, :, 1, unit], "cell": cell,
        "at_mark": float(at_marks[unit]), "elsewhere": float(elsewhere[unit]),
        "follows": float(np.abs(np.corrcoef(wrote[marks], numbers[marks])[0, 1])), "line": (float(slope), float(offset)),
        "moved": change[~marks], "creep": np.where(marks, 0, change).sum(axis=0),
    }


# How much is remembered.


def recalled(kind, forget=None, timesteps=80, sequences=4000):
    """Accuracy of a linear read-out of the last state, for the bit 0, 1, ... steps back: an ndarray (timesteps,)."""
    rng = np.random.default_rng(0)
    W = first_weights(kind, 1, 32, 1, rng, forget)
    bits = rng.integers(0, 2, (timesteps, sequences))
    signs = 2 * bits - 1
    h, kept = PASSES[kind][0](signs[:, :, None].astype("float32"), W)
    state = np.hstack([h[-1], kept[1][-1]] if kind == "lstm" else [h[-1]]).astype("float64")
    state = np.hstack([state, np.ones((sequences, 1))])
    half = sequences // 2
    readout = np.linalg.lstsq(state[:half], signs[::-1, :half].T, rcond=None)[0]
    return np.mean((state[half:] @ readout > 0) == (bits[::-1, half:].T == 1), axis=0)


def recalled_by_all():
    """`recalled` of the four networks of prediction 2, by name."""
    lstms = {f"LSTM, forget bias {b}": recalled("lstm", b) for b in (0, 1, 4)}
    return {"tanh network": recalled("simple"), **lstms}


def best_at(read, lag=8):
    """Which network's bit `lag` steps back is read best, as prediction 2 calls it."""
    best = max(read, key=lambda name: read[name][lag])
    return "simple" if best == "tanh network" else best.removeprefix("LSTM, forget ")


def information(accuracy):
    """Bits of information in answers that are right so often: 1 for each sure answer, 0 for a guess."""
    p = np.clip(accuracy, 0.5, 1 - 1e-9)
    return float(np.sum(1 + p * np.log2(p) + (1 - p) * np.log2(1 - p)))


# Gates over text.


#: What each gate over the fables is held against. The last one is held back at first.
NAMED = ("no letter", "place in word", "place in line", "space", "line's end", "vowel", "capital")


def language_loss(kind):
    """The loss of a language model and its gradients: mean cross-entropy in nats over the real positions of (time, batch)."""
    forward, backward = PASSES[kind]

    def loss_and_gradients(W, ids, targets, mask):
        x = np.eye(len(W["W_x"]), dtype="float32")[ids]
        h, kept = forward(x, W)
        p = _softmax(h[1:] @ W["W_y"] + W["b_y"])
        chosen = np.take_along_axis(p, targets[:, :, None], axis=2)[:, :, 0]
        dz = (p - np.eye(p.shape[2], dtype="float32")[targets]) * (mask / mask.sum()).astype("float32")[:, :, None]
        dW = backward(dz @ W["W_y"].T, x, h, kept, W)
        dz = dz.reshape(-1, dz.shape[2])
        dW |= {"W_y": h[1:].reshape(-1, h.shape[2]).T @ dz, "b_y": dz.sum(axis=0)}
        return -float(np.mean(np.log(chosen[mask]))), dW

    return loss_and_gradients


def _softmax(z):
    p = np.exp(z - z.max(axis=-1, keepdims=True))
    return p / p.sum(axis=-1, keepdims=True)


def fables():
    """The fables' symbols, and their training and held-out text."""
    train_text, held_out = ("".join(part) for part in data.split(data.load_fables()))
    return "".join(sorted(set(train_text + held_out))), train_text, held_out


def fable_bigram():
    """Bits per character of a bigram with add 1 on the held-out fables."""
    symbols, *texts = fables()
    train_ids, held = (np.array([symbols.index(c) for c in text]) for text in texts)
    counts = np.ones((len(symbols), len(symbols)))
    np.add.at(counts, (train_ids[:-1], train_ids[1:]), 1)
    return float(-np.mean(np.log2((counts / counts.sum(axis=1, keepdims=True))[held[:-1], held[1:]])))


def learn_fables(progress=None, updates=300, batch=32, timesteps=50):
    """Train an LSTM of 64 units on the fables, and let it read the held-out ones.

    Parameters
    ----------
    progress : callable, optional
        `progress(update, bits)`.

    Returns
    -------
    bits : float
        Per held-out character.
    gates : ndarray (characters, 3, 64)
        Input, forget and output gate of each unit after each character of the held-out text but its last.
    """
    symbols, *texts = fables()
    train_ids, held = (np.array([symbols.index(c) for c in text]) for text in texts)
    rng = np.random.default_rng(0)
    W = first_weights("lstm", len(symbols), 64, len(symbols), rng)

    def excerpts():
        for _ in range(updates):
            ids = train_ids[rng.integers(0, len(train_ids) - timesteps - 1, batch) + np.arange(timesteps + 1)[:, None]]
            yield ids[:-1], ids[1:], np.ones((timesteps, batch), bool)

    reports = progress and (lambda update, nats: progress(update, nats / np.log(2)))
    train(W, language_loss("lstm"), excerpts(), 0.02 * (1 - np.arange(updates) / updates), reports)
    h, (s, _, _) = lstm_forward(np.eye(len(symbols), dtype="float32")[held[:-1, None]], W)
    p = _softmax(h[1:, 0] @ W["W_y"] + W["b_y"])
    return float(-np.mean(np.log2(p[np.arange(len(p)), held[1:]]))), s[:, 0][:, [0, 1, 3]]


def name_gates(gates, text):
    """Correlations of each gate with each of `NAMED`: an ndarray (3 gates, 7 names, units)."""
    into_word, into_line = np.zeros(len(text)), np.zeros(len(text))
    for t, c in enumerate(text):
        into_word[t] = into_word[t - 1] + 1 if c.isalpha() else 0
        into_line[t] = into_line[t - 1] + 1 if c != "\n" else 0
    tests = (lambda c: not c.isalpha(), lambda c: c == " ", lambda c: c == "\n", lambda c: c in "aeiou", str.isupper)
    no_letter, space, end, vowel, capital = ([float(test(c)) for c in text] for test in tests)
    features = np.array([no_letter, into_word, into_line, space, end, vowel, capital])
    tables = [np.corrcoef(features, gates[:, k].T.astype("float64"))[:7, 7:] for k in range(3)]
    return np.array(tables)


def closest_and_ordinary(table):
    """For each kind of gate the unit that is closest to one of the first six names, and the one in the middle of the ranking."""
    chosen = []
    for k, gate in enumerate(("input", "forget", "output")):
        ranked = np.argsort(np.abs(table[k, :6]).max(axis=0))
        for unit in (int(ranked[-1]), int(ranked[len(ranked) // 2])):
            name = int(np.argmax(np.abs(table[k, :6, unit])))
            chosen.append((gate, k, unit, NAMED[name], float(table[k, name, unit]), float(table[k, 6, unit])))
    return chosen


def with_the_seventh(table):
    """What the seventh name adds to the six: a dict, from the sizes of the correlations in `name_gates`' table.

    Returns
    -------
    dict
        gates, how many there are; closest, for each name of how many gates it is the closest; six and seven, the median
        over the gates of the correlation with the closest of so many names; largest, the largest of all.
    """
    size = np.abs(table).transpose(1, 0, 2).reshape(len(NAMED), -1)
    return {
        "gates": size.shape[1],
        "closest": np.bincount(size.argmax(axis=0), minlength=len(NAMED)),
        "six": float(np.median(size[:6].max(axis=0))), "seven": float(np.median(size.max(axis=0))), "largest": float(size.max()),
    }


#: What is shown in colour: the end of a paragraph of a held-out fable, and the two lines after it.
PASSAGE = "the market.\n\nGIRL: Are you not hot?\nTAILOR: In a coat of this cut?"


def passage_gates(gates, chosen):
    """Of the units that `closest_and_ordinary` chose, the gates over `PASSAGE`: a dict of ndarrays, by what to call them."""
    begin = fables()[2].index(PASSAGE)
    return {
        f"{gate} {unit} · {name}, correlation {fit:+.2f}": gates[begin : begin + len(PASSAGE), k, unit]
        for gate, k, unit, name, fit, _ in chosen
    }


# Names.


def layer_sizes(units):
    """Parameters of Keras' layers that read 27 numbers, by kind; `units` is a dict or one number for all."""
    import keras

    layers = {"simple": keras.layers.SimpleRNN, "gru": keras.layers.GRU, "lstm": keras.layers.LSTM}
    sizes = {}
    for kind, layer in layers.items():
        made = layer(units[kind] if isinstance(units, dict) else units)
        made.build((None, None, 27))
        sizes[kind] = made.count_params()
    return sizes


def learn_names_in_numpy(kind, units, seed=0, rate=0.02, updates=400):
    """What `learn_names` does, with the passes above, which are faster where a layer is small.

    Returns
    -------
    float
        Bits per character on the held-out names.
    """
    rng = np.random.default_rng(seed)
    train_names, held_out = names()
    W = first_weights(kind, len(LETTERS), units, len(LETTERS), rng)
    order = rng.permutation(len(train_names))
    chosen = ([train_names[k] for k in order[64 * u : 64 * (u + 1)]] for u in range(updates))
    batches = ([array.T for array in name_batch(some)] for some in chosen)
    train(W, language_loss(kind), batches, rate * (1 - np.arange(updates) / updates))
    ids, targets, mask = (array.T for array in name_batch(held_out))
    h, _ = PASSES[kind][0](np.eye(len(LETTERS), dtype="float32")[ids], W)
    return _bits(h[1:] @ W["W_y"] + W["b_y"], targets, mask)


def _bits(logits, targets, mask):
    p = _softmax(np.asarray(logits, "float64"))
    chosen = np.take_along_axis(p, targets[:, :, None], axis=2)[:, :, 0]
    return float(-np.mean(np.log2(chosen[mask])))


def learn_names(layer, units, seed=0, rate=0.02, updates=400, progress=None, every=20):
    """Train a Keras layer, and a softmax after it, on names: 400 updates of 64, the learning rate falling to zero.

    Parameters
    ----------
    layer : type
        Such as keras.layers.GRU.
    units : int
    seed : int
    rate : float
    progress : callable, optional
        `progress(update, bits)`.

    Returns
    -------
    float
        Bits per character on the held-out names.
    """
    import keras

    keras.utils.set_random_seed(seed)
    train_names, held_out = names()
    order = np.random.default_rng(seed).permutation(len(train_names))[: 64 * updates]
    ids, targets, mask = name_batch([train_names[k] for k in order])
    x, y = np.eye(len(LETTERS), dtype="float32")[ids], np.where(mask, targets, -1)
    model = keras.Sequential([keras.Input((None, len(LETTERS))), layer(units, return_sequences=True), keras.layers.Dense(len(LETTERS))])
    falling = keras.optimizers.schedules.PolynomialDecay(rate, updates, 0.0)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=-1)
    model.compile(keras.optimizers.Adam(falling, clipnorm=1.0), loss, steps_per_execution=every)
    for begin in range(0, len(x), 64 * every):
        part = slice(begin, begin + 64 * every)
        seen = model.fit(x[part], y[part], batch_size=64, shuffle=False, verbose=0).history["loss"][0]
        if progress:
            progress((begin + 64 * every) // 64, seen / np.log(2))
    ids, targets, mask = name_batch(held_out)
    logits = model.predict(np.eye(len(LETTERS), dtype="float32")[ids], batch_size=512, verbose=0)
    return _bits(logits, targets, mask)


def counted_names():
    """Bits per character of counting on the held-out names (lesson 02): the bigram with add 1, the 4-gram with add 0.05."""
    parts = [[name + "\n" for name in part] for part in names()]
    return {n: ngram_bits(*parts, n, add, len(LETTERS)) for n, add in ((2, 1), (4, 0.05))}


def ahead(gru, lstm, margin=0.02):
    """Who is ahead by more than `margin` bits: "gru", "lstm", or "close"."""
    return "close" if abs(gru - lstm) <= margin else "gru" if gru < lstm else "lstm"


def lead(bits):
    """Which of two networks has fewer bits, and by how much, in words; `bits` by name."""
    first, last = sorted(bits, key=bits.get)
    return f"The {first} ends {100 * (bits[last] - bits[first]):.0f} hundredths of a bit ahead of the {last} of its size"


def parameters_of(recorded):
    """Parameters of each network of `names_record`, as Keras counts them."""
    kinds = {"SimpleRNN": "simple", "GRU": "gru", "LSTM": "lstm"}
    parts = {name: name.split(", ")[:2] for name in recorded}
    return {name: layer_sizes(int(units.removesuffix(" units")))[kinds[kind]] for name, (kind, units) in parts.items()}


def names_record():
    """Recorded: held-out bits per character by network and learning rate, a list over the seeds."""
    return data.record("gates-on-names")["bits"]
