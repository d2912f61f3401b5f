"""Lesson 01's laboratory: streams of bits, three questions about them, and networks that answer."""

import numpy as np

from helpers import data

#: The questions, in the order of the answers' last axis.
QUESTIONS = ("first", "parity", "echo")

#: Sequence lengths at which a trained network is tested. It was trained at 16.
LENGTHS = (8, 16, 32, 64, 256)
TRAINED_AT = 16


def stream(sequences, timesteps, seed, lag=3):
    """Random bits, and the right answer to each question after every bit.

    Parameters
    ----------
    sequences, timesteps : int
    seed : int
    lag : int
        How many steps back "echo" asks.

    Returns
    -------
    x : ndarray (sequences, timesteps, 1), float32
        The bits, as -1 and +1.
    answers : ndarray (sequences, timesteps, 3), float32
        0 or 1 for first, parity and echo.
    """
    bits = np.random.default_rng(seed).integers(0, 2, (sequences, timesteps))
    first = np.repeat(bits[:, :1], timesteps, axis=1)
    parity = np.cumsum(bits, axis=1) % 2
    echo = np.pad(bits, ((0, 0), (lag, 0)))[:, :timesteps]
    x = (2 * bits - 1)[:, :, None].astype("float32")
    return x, np.stack([first, parity, echo], axis=2).astype("float32")


def network(*hidden):
    """A Keras model: one bit in at each step, the hidden layers given, and three answers out.

    An answer is a logit: above 0 it says 1.
    """
    import keras

    return keras.Sequential([keras.Input((None, 1)), *hidden, keras.layers.Dense(len(QUESTIONS))])


def train(model, updates=1000, lag=3, progress=None, every=50, seed=0, resume=False):
    """Train on streams of 16 random bits, 32 new ones for each update.

    Parameters
    ----------
    model : keras.Model
        From `network`. If it returns one answer per stream, it is asked after the last bit only.
    updates : int
        A multiple of `every`.
    lag : int
        As in `stream`.
    progress : callable, optional
        `progress(update, loss)`, called every `every` updates with the mean cross-entropy of one
        answer over those updates, in nats.
    seed : int
        Of the streams.
    resume : bool
        Whether to go on with the optimizer of an earlier call.
    """
    import keras

    x, y = stream(32 * updates, TRAINED_AT, seed=seed, lag=lag)
    if len(model.output_shape) == 2:
        y = y[:, -1]
    if not resume:
        optimizer = keras.optimizers.Adam(0.01, clipnorm=1.0)  # clipnorm: no single update may be huge (lesson 04)
        loss = keras.losses.BinaryCrossentropy(from_logits=True)
        model.compile(optimizer, loss, steps_per_execution=every)
    size = 32 * (every if progress else updates)
    for start in range(0, len(x), size):
        history = model.fit(x[start : start + size], y[start : start + size], batch_size=32, verbose=0)
        if progress:
            progress((start + size) // 32, history.history["loss"][0])


def accuracy(model, timesteps, lag=3):
    """Accuracy of the answer after the last bit, on 500 streams the model has not seen.

    Returns
    -------
    ndarray (3,)
        For first, parity and echo.
    """
    x, y = stream(500, timesteps, seed=timesteps, lag=lag)
    outputs = np.asarray(model(x))
    last = outputs if outputs.ndim == 2 else outputs[:, -1]
    return np.mean((last > 0) == (y[:, -1] > 0.5), axis=0)


def accuracy_while_training(model, updates, lag):
    """Train, and measure the accuracy on "echo" after every 10 updates: a list of floats."""
    measured = []
    train(model, updates, lag, progress=lambda *_: measured.append(accuracy(model, TRAINED_AT, lag)[2]), every=10)
    return measured


def accuracy_by_length(model):
    """`accuracy` at each of `LENGTHS`: an ndarray (5, 3)."""
    return np.array([accuracy(model, timesteps) for timesteps in LENGTHS])


def who_remembers(scores):
    """Which network has the first bit right at 256 bits in at least 9 streams of 10: "window", "recurrent", "both" or "neither"."""
    able = [name for name in ("window", "recurrent") if scores[name][-1, 0] >= 0.9]
    return {0: "neither", 2: "both"}.get(len(able)) or able[0]


def keras_counts(timesteps, input_size, hidden_size, output_size):
    """Parameters of both networks of section 3, as Keras counts them: a dict with "feedforward" and "recurrent"."""
    import keras

    def count(*hidden):
        model = keras.Sequential([keras.Input((timesteps, input_size)), *hidden, keras.layers.Dense(output_size)])
        return model.count_params()

    return {
        "feedforward": count(keras.layers.Flatten(), keras.layers.Dense(hidden_size)),
        "recurrent": count(keras.layers.SimpleRNN(hidden_size)),
    }


def parity_record():
    """Accuracy on the parity of 16 bits after each thousand updates, as recorded: by network, a list for each seed."""
    return data.record("parity-over-updates")["accuracy"]


def flip_test(model, lags, timesteps=64):
    """How often the model's parity answer changes when one bit is flipped.

    Parameters
    ----------
    model : keras.Model
    lags : sequence of int
        How many steps before the last one the flipped bit is.
    timesteps : int

    Returns
    -------
    ndarray (len(lags),)
        The fraction of 100 streams whose last answer changes; the right answer always does.
    """
    x, _ = stream(100, timesteps, seed=5)
    streams = np.repeat(x[None], 1 + len(lags), axis=0)  # the first copy stays as it is
    for copy, lag in zip(streams[1:], lags):
        copy[:, timesteps - 1 - lag] *= -1
    answers = np.asarray(model(streams.reshape(-1, timesteps, 1)))[:, -1, 1].reshape(-1, 100) > 0
    return np.mean(answers[1:] != answers[0], axis=1)


def parity_convolution():
    """Four dilated convolutions whose weights are set by hand: their last output is the parity of the last 16 bits.

    Every layer joins two partial parities a and b, each 0 or 1, into a new one,
    relu(a + b) - 2 relu(a + b - 1). Only the first layer differs: it reads bits as -1 and +1, and zeros
    before the stream begins, which must count as the bit 0.

    Returns
    -------
    keras.Model
        (batch, timesteps, 1) to (batch, timesteps, 1): above 0 for odd parity.
    """
    import keras

    def layer(units, dilation):
        return keras.layers.Conv1D(units, kernel_size=2, dilation_rate=dilation, padding="causal", activation="relu")

    joins = [layer(3, 1), layer(2, 2), layer(2, 4), layer(2, 8)]
    model = keras.Sequential([keras.Input((None, 1)), *joins, keras.layers.Dense(1)])
    # of s = x_t + x_{t-1}: relu(s + 1) - relu(s) - relu(s - 1) is the parity, for x in {-1, 0, +1} and x_t not 0
    joins[0].set_weights([np.ones((2, 1, 3)), np.array([1.0, 0.0, -1.0])])
    readout = np.array([1.0, -1.0, -1.0])
    for join in joins[1:]:
        both_taps = np.repeat(readout[None, :, None], 2, axis=0)  # (kernel, units in, 1)
        join.set_weights([np.repeat(both_taps, 2, axis=2), np.array([0.0, -1.0])])
        readout = np.array([1.0, -2.0])
    model.layers[-1].set_weights([readout[:, None], np.array([-0.5])])
    return model
