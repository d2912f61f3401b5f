"""Three ways to train the same character RNN, each in a process of its own with threads of its own.

    python -m tests.benchmarks.contenders NAME

reads numbers of updates from its standard input, a line each, does them, and answers "done".
"""

import sys

import numpy as np

from helpers import session

BATCH, TIMESTEPS, HIDDEN, SYMBOLS = 32, 64, 128, 60
#: Characters that one update of each contender learns from.
CHARACTERS = {"course": BATCH * TIMESTEPS, "keras": BATCH * TIMESTEPS, "plain loop": TIMESTEPS}


def initial_weights(rng):
    """float32 weights, the same kind for all."""
    shapes = {
        "W_xh": (SYMBOLS, HIDDEN), "W_hh": (HIDDEN, HIDDEN), "b_h": (HIDDEN,), "W_hy": (HIDDEN, SYMBOLS), "b_y": (SYMBOLS,),
    }
    return {name: rng.normal(0, 0.05, shape).astype(np.float32) for name, shape in shapes.items()}


def course(rng):
    """The training loop of lesson 03's solution: forward, loss, backward in time, clipping, Adam."""
    from helpers.laboratory import lesson03 as lab
    from tests import lessons

    train = lessons.functions("03", lab=lab)["train"]
    weights = initial_weights(rng)
    state = {"m": {k: np.zeros_like(w) for k, w in weights.items()}, "v": {k: np.zeros_like(w) for k, w in weights.items()}, "step": 0}
    ids = rng.integers(0, SYMBOLS, (BATCH, TIMESTEPS + 1))
    mask = np.ones((BATCH, TIMESTEPS), bool)
    h = np.zeros((BATCH, HIDDEN), np.float32)

    def run(updates):
        nonlocal weights, state, h
        for _ in range(updates):
            losses, h, weights, state = train([(ids[:, :-1], ids[:, 1:], mask)], h, weights, state, 1e-3, keep_state=True)
        assert np.isfinite(losses).all()

    return run


def keras(rng):
    """`fit` of a SimpleRNN of the same sizes, the one-hot inputs made beforehand."""
    with session.quiet():  # without the determinism of the lessons, which costs Keras speed
        import keras

    layers = [keras.layers.SimpleRNN(HIDDEN, return_sequences=True), keras.layers.Dense(SYMBOLS)]
    model = keras.Sequential([keras.Input((TIMESTEPS, SYMBOLS)), *layers])
    model.compile(keras.optimizers.Adam(1e-3, global_clipnorm=5.0), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    prepared = {}

    def run(updates):
        if updates not in prepared:
            ids = rng.integers(0, SYMBOLS, (BATCH * updates, TIMESTEPS + 1))
            prepared[updates] = np.eye(SYMBOLS, dtype=np.float32)[ids[:, :-1]], ids[:, 1:]
        model.fit(*prepared[updates], batch_size=BATCH, shuffle=False, verbose=0)

    return run


def plain_loop(rng):
    """One sample and one step at a time, each character a column, Adagrad: the style of Karpathy's min-char-rnn (2015)."""
    weights = {name: w.T.copy() if w.ndim == 2 else w[:, None].copy() for name, w in initial_weights(rng).items()}
    memory = {name: np.zeros_like(w) for name, w in weights.items()}
    ids = rng.integers(0, SYMBOLS, TIMESTEPS + 1)
    h_last = np.zeros((HIDDEN, 1), np.float32)

    def update():
        nonlocal h_last
        xs, hs, ps = [], [h_last], []
        for t in range(TIMESTEPS):
            x = np.zeros((SYMBOLS, 1), np.float32)
            x[ids[t]] = 1
            h = np.tanh(weights["W_xh"] @ x + weights["W_hh"] @ hs[-1] + weights["b_h"])
            e = np.exp(weights["W_hy"] @ h + weights["b_y"])
            xs.append(x), hs.append(h), ps.append(e / e.sum())
        gradients = {name: np.zeros_like(w) for name, w in weights.items()}
        carry = np.zeros_like(h_last)
        for t in reversed(range(TIMESTEPS)):
            dy = ps[t].copy()
            dy[ids[t + 1]] -= 1
            gradients["W_hy"] += dy @ hs[t + 1].T
            gradients["b_y"] += dy
            da = (1 - hs[t + 1] ** 2) * (weights["W_hy"].T @ dy + carry)
            gradients["b_h"] += da
            gradients["W_xh"] += da @ xs[t].T
            gradients["W_hh"] += da @ hs[t].T
            carry = weights["W_hh"].T @ da
        for name, gradient in gradients.items():
            np.clip(gradient, -5, 5, out=gradient)
            memory[name] += gradient**2
            weights[name] -= 0.1 * gradient / np.sqrt(memory[name] + 1e-8)
        h_last = hs[-1]

    def run(updates):
        for _ in range(updates):
            update()

    return run


CONTENDERS = {"course": course, "keras": keras, "plain loop": plain_loop}


if __name__ == "__main__":
    session.keep_freed_memory()  # as in the lessons, for every contender
    run = CONTENDERS[sys.argv[1]](np.random.default_rng(0))
    for line in sys.stdin:
        run(int(line))
        print("done", flush=True)
