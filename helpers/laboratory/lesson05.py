"""The laboratory of lesson 05, the recurrent network of Keras.

The tutorials' text, alphabet and noise, the names of lesson 02, a plain training loop, and the rungs of the speed
ladder. What an exercise asks for is the learner's, and is handed in.
"""

import functools
import string
import time

import numpy as np

from helpers import data, gradients, session

#: The text of the character model, with its 17 different characters.
TEXT = "This is GeeksforGeeks a software training institute"
CHARACTERS = "".join(sorted(set(TEXT)))
#: The letters that the alphabet models are trained on.
TRAINED = string.ascii_lowercase[:10]
#: Symbols of the names: 0 is padding, the newline and the letters follow.
NAME_LETTERS = "\n" + string.ascii_lowercase
NAME_SYMBOLS = 1 + len(NAME_LETTERS)
#: Cost in nats of a character of a held-out name, by the bigram of lesson 02 (3.53 bits).
BIGRAM = 2.4497
#: What a held-out loss of the best constant may be by chance, on 1,000 random targets: three standard errors.
BAND = 3 * np.sqrt(1 / 180 / 1000)
#: Length of the prompt, and characters written, on each rung of the ladder.
READ, WRITE = 10, 10
SPEEDS = ("10", "300", "10000", "300000")
#: Mean squared errors to bet on.
LOSSES = ("0", "0.08", "0.17", "0.33")


# The network, the plain way.


def random_weights(input_size, hidden_size, output_size, seed, scale=0.5):
    """Weights of a network with an output at each step, normal numbers in float32; a dict."""
    rng, n, m, k = np.random.default_rng(seed), input_size, hidden_size, output_size
    shapes = {"W_xh": (n, m), "W_hh": (m, m), "b_h": m, "W_hy": (m, k), "b_y": k}
    return {name: rng.normal(0, scale, shape).astype("float32") for name, shape in shapes.items()}


def plain_logits(x, weights):
    """Logits (batch, time, output_size) of x (batch, time, input_size) in float64; complex numbers will do as well."""
    h, logits = np.zeros((len(x), len(weights["b_h"]))), []
    for t in range(x.shape[1]):
        h = np.tanh(x[:, t].astype(float) @ weights["W_xh"] + h @ weights["W_hh"] + weights["b_h"])
        logits.append(h @ weights["W_hy"] + weights["b_y"])
    return np.stack(logits, axis=1)


def log_softmax(logits):
    """Logarithms of the probabilities, along the last axis, as in lesson 02: large logits do not overflow."""
    shifted = logits - logits.real.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def costs(logits, targets):
    """The cost in nats of each target (batch, time), by logits (batch, time, symbols); complex numbers will do as well."""
    return -np.take_along_axis(log_softmax(logits), targets[..., None], axis=-1)[..., 0]


def mean_cost(x, targets, weights):
    """The mean cross-entropy of the plain network in nats; complex numbers will do as well."""
    return costs(plain_logits(x, weights), targets).mean()


def tape_gradients(model, x, targets):
    """The gradients of the mean cross-entropy by TensorFlow's tape, a dict by the names of the weights."""
    with session.quiet():
        import keras
        import tensorflow as tf

    with tf.GradientTape() as tape:
        logits = model(x)
        loss = tf.reduce_mean(keras.losses.sparse_categorical_crossentropy(targets, logits, from_logits=True))
    slopes = tape.gradient(loss, model.trainable_variables)
    return dict(zip(("W_xh", "W_hh", "b_h", "W_hy", "b_y"), (np.asarray(slope) for slope in slopes)))


def apart(model, weights):
    """Relative errors between a Keras model in float32 and the plain network in float64: outputs, and each gradient.

    The plain network's gradients are by the complex step.
    """
    rng, (inputs, _), outputs = np.random.default_rng(1), weights["W_xh"].shape, len(weights["b_y"])
    x, targets = rng.normal(size=(8, 20, inputs)).astype("float32"), rng.integers(0, outputs, (8, 20))
    plain = gradients.complex_step(lambda w: mean_cost(x, targets, w), weights)
    parting = gradients.parting(plain, tape_gradients(model, x, targets))
    errors = {"outputs": gradients.relative_error(plain_logits(x, weights), np.asarray(model(x)))}
    return errors | {f"d{name}": parting[name] for name in weights}


def train(model, x, y, epochs, batch_size=32, seed=0, after=None):
    """What `fit` does with a compiled model, without what `fit` does at the start of each epoch, which takes longer here.

    Parameters
    ----------
    model : keras.Model
        Compiled with an optimizer and a loss.
    x, y : ndarray (samples, ...)
        Shuffled anew for each epoch.
    epochs, batch_size, seed : int
    after : callable, optional
        Called after each epoch with its number, from 1, and the mean training loss during it.
    """
    with session.quiet():
        import keras
        import tensorflow as tf

    loss_of, optimizer, variables = keras.losses.get(model.loss), model.optimizer, model.trainable_variables
    optimizer.build(variables)

    inputs, targets = tf.constant(x), tf.constant(y)

    @tf.function(input_signature=[tf.TensorSpec((len(x),), tf.int64)])
    def one_epoch(order):
        total = 0.0
        for begin in tf.range(0, len(x), batch_size):
            chosen = order[begin : begin + batch_size]
            with tf.GradientTape() as tape:
                answers = model(tf.gather(inputs, chosen), training=True)
                loss = tf.reduce_mean(loss_of(tf.gather(targets, chosen), answers))
            optimizer.apply(tape.gradient(loss, variables), variables)
            total += loss * tf.cast(tf.size(chosen), tf.float32)
        return total / len(x)

    rng = np.random.default_rng(seed)
    for epoch in range(1, epochs + 1):
        loss = float(one_epoch(tf.constant(rng.permutation(len(x)))))
        if after is not None:
            after(epoch, loss)


# Padding, and names.


def what_comes_out():
    """What a layer of 5 units returns for 2 sequences of 6 steps, by its two switches.

    Returns
    -------
    shapes : dict of (bool, bool) to list of tuple
        By return_sequences and return_state, the shapes of what the layer returns.
    results : dict of (bool, bool) to list of array
        The arrays themselves.
    """
    with session.quiet():
        import keras

    x, results = np.random.default_rng(0).normal(size=(2, 6, 3)).astype("float32"), {}
    for sequences in (False, True):
        for state in (False, True):
            result = keras.layers.SimpleRNN(5, return_sequences=sequences, return_state=state)(x)
            results[sequences, state] = [np.asarray(part) for part in (result if state else [result])]
    return {switches: [part.shape for part in parts] for switches, parts in results.items()}, results


def padded(real=4, padding=4):
    """A random sequence (1, real, 3), and the same with steps of zeros at its right and at its left end; a dict."""
    x = np.random.default_rng(0).normal(size=(1, real, 3)).astype("float32")
    zeros = np.zeros((1, padding, 3), "float32")
    return {"none": x, "right": np.concatenate([x, zeros], axis=1), "left": np.concatenate([zeros, x], axis=1)}


def moved_by_padding(states_of):
    """How far padding moves the last state: a distance by side, mask and bias.

    Parameters
    ----------
    states_of : callable
        Of a sequence, whether it is masked, and whether there is a bias; the states (1, timesteps, units).
    """
    sequences, moved = padded(), {}
    for bias in (False, True):
        truth = states_of(sequences["none"], False, bias)[0, -1]
        for side in ("right", "left"):
            for masked in (False, True):
                moved[side, masked, bias] = float(np.linalg.norm(states_of(sequences[side], masked, bias)[0, -1] - truth))
    return moved


def left_padding_by_step(states_of):
    """How far padding on the left, with a bias and no mask, has moved the state after each of the real steps: (4,)."""
    sequences = padded()
    plain, moved = (states_of(sequences[side], False, True)[0] for side in ("none", "left"))
    return np.linalg.norm(moved[-len(plain) :] - plain, axis=-1)


def read_with_and_without_a_mask(states_of):
    """The states of a sequence of 4 real steps and 4 of padding, by "mask" and "no mask" (8, units), and a unit to look at.

    Of the last real state that unit is furthest from 0, so that a reset would show.
    """
    traces = {name: states_of(padded()["right"], masked)[0] for name, masked in (("mask", True), ("no mask", False))}
    return traces, int(np.abs(traces["mask"][3]).argmax())


@functools.cache
def names():
    """The names to train on, and those held out: two lists of str, each name with a newline at its end."""
    return data.split([name + "\n" for name in data.load_names()])


def encode(text):
    """Ids of a text of letters and newlines; 0 is kept for padding."""
    return np.array([1 + NAME_LETTERS.index(character) for character in text])


def name_batch(chosen):
    """Padded inputs, their lengths, and padded targets of a list of names; reading begins with a newline."""
    inputs, mask = data.pad([encode("\n" + name[:-1]) for name in chosen])
    targets, _ = data.pad([encode(name) for name in chosen])
    return inputs, mask.sum(axis=1), targets


def judge_on_names(masked_loss, naive_loss, model):
    """The loss on the held-out names by what is counted, and beside that of Keras.

    Parameters
    ----------
    masked_loss, naive_loss : callable
        The learner's, and one that counts every position.
    model : keras.Model
        Compiled with a loss in nats; it masks the id 0.

    Returns
    -------
    losses : dict of str to float
        Over the real characters, over all positions, and at the padding alone, in nats.
    one_batch, every_batch : tuple of (float, float)
        The learner's loss and Keras' `evaluate`, on 64 names and on all.
    """
    ids, lengths, targets = name_batch(names()[1])
    real, counted = masked_loss(model, ids, targets), naive_loss(model, ids, targets)
    share, options = lengths.sum() / ids.size, {"batch_size": 64, "verbose": 0}
    losses = {"real characters": real, "all positions": counted, "the padding alone": (counted - share * real) / (1 - share)}
    one_batch = masked_loss(model, ids[:64], targets[:64]), model.evaluate(ids[:64], targets[:64], **options)
    return losses, one_batch, (real, model.evaluate(ids, targets, **options))


def left_without_a_mask(model, number=500):
    """What held-out names cost if they are padded on the left and no mask is asked for, in nats for each real character.

    Parameters
    ----------
    model : keras.Model
        Of names, as the lesson trains it; its twin without a mask has the same weights.
    number : int

    Returns
    -------
    tuple of (float, float)
        As it should be, and so.
    """
    with session.quiet():
        import keras

    embedding, recurrent, output = (type(layer).from_config(layer.get_config()) for layer in model.layers)
    embedding.mask_zero = False
    twin = keras.Sequential([keras.Input((None,)), embedding, recurrent, output])
    twin.set_weights(model.get_weights())
    ids, lengths, targets = name_batch(names()[1][:number])
    real = np.arange(ids.shape[1]) < lengths[:, None]
    right = costs(np.asarray(model(ids)), targets)[real].mean()
    left = [np.stack([np.roll(row, len(row) - length) for row, length in zip(part, lengths)]) for part in (ids, targets)]
    return float(right), float(costs(np.asarray(twin(left[0])), left[1])[real[:, ::-1]].mean())


def leaking_scores(model, texts):
    """What a stateful model's mean costs become if it is reset once, before the first text, and then never again."""
    for layer in model.layers:
        if hasattr(layer, "reset_state"):
            layer.reset_state()
    scores = []
    for text in texts:
        scores.append(float(costs(np.asarray(model(text[None, :-1])), text[None, 1:]).mean()))
    return scores


def per_character(scores, texts):
    """The mean over all characters, where each score is a mean over those of one text but its first."""
    return float(np.average(scores, weights=[len(text) - 1 for text in texts]))


# 51 characters and a window of 3.


def window_model():
    """The tutorial's model of 50 units that reads three characters, compiled and untrained."""
    with session.quiet():
        import keras

    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [
            keras.Input((3, len(CHARACTERS))),
            keras.layers.SimpleRNN(50, activation="relu"),
            keras.layers.Dense(len(CHARACTERS), activation="softmax"),
        ]
    )
    model.compile("adam", "categorical_crossentropy")
    return model


def one_hot_windows(text=TEXT, window=3):
    """One-hot windows (number, window, symbols) and one-hot next characters (number, symbols)."""
    one_hot = np.eye(len(CHARACTERS), dtype="float32")[[CHARACTERS.index(c) for c in text]]
    return np.stack([one_hot[i : i + window] for i in range(len(text) - window)]), one_hot[window:]


def every_window():
    """All windows of three characters, one-hot (symbols**3, 3, symbols): (a, b, c) is row (a * symbols + b) * symbols + c."""
    symbols = len(CHARACTERS)
    ids = np.stack(np.meshgrid(*3 * [np.arange(symbols)], indexing="ij"), axis=-1).reshape(-1, 3)
    return np.eye(symbols, dtype="float32")[ids]


def write(table, start="This is G", length=150, seed=None):
    """Let a table of probabilities, a row for each of `every_window`, go on with a text.

    Greedy without a seed; else drawn from the probabilities.
    """
    symbols, ids = len(CHARACTERS), [CHARACTERS.index(c) for c in start]
    rng = np.random.default_rng(seed)
    for _ in range(length):
        a, b, c = ids[-3:]
        p = table[(a * symbols + b) * symbols + c]
        ids.append(int(p.argmax() if seed is None else rng.choice(symbols, p=p)))
    return "".join(CHARACTERS[i] for i in ids)


def repeating(text):
    """For each character the length of the longest piece that ends with it and stood in the text before."""
    lengths = []
    for end in range(1, len(text) + 1):
        n = 0
        while n < end and text[end - n - 1 : end] in text[: end - 1]:
            n += 1
        lengths.append(n)
    return lengths


def loop_of(text, start=9, window=3):
    """Characters written until a window comes again, and the length of the loop from there on; None, None if none does."""
    seen = {}
    for end in range(start, len(text) + 1):
        if (last := text[end - window : end]) in seen:
            return end - start, end - seen[last]
        seen[last] = end
    return None, None


# The alphabet.


def letter_ids(texts):
    """Ids of texts of equal length (number, length); 0 is padding."""
    return np.array([[1 + string.ascii_lowercase.index(letter) for letter in text] for text in texts])


def runs(span, left_out=""):
    """All runs of `span` letters from a to j, but the one left out: "abc", "bcd", ..."""
    every = [TRAINED[i : i + span] for i in range(len(TRAINED) - span + 1)]
    return [run for run in every if run != left_out]


def alphabet_model(runs, at_each_step, seed=0, epochs=100):
    """A model trained on runs of letters, each of which it is to continue.

    Parameters
    ----------
    runs : list of str
        Of equal length.
    at_each_step : bool
        Whether it says the next letter at each letter, or only the last one of the run.
    seed, epochs : int

    Returns
    -------
    model : keras.Model
        From ids (batch, time) to probabilities of 27 symbols.
    accuracy : float
        On the runs themselves.
    """
    with session.quiet():
        import keras

    keras.utils.set_random_seed(seed)
    model = keras.Sequential(
        [
            keras.Input((None,)),
            keras.layers.Embedding(27, 8),
            keras.layers.SimpleRNN(64, activation="relu", return_sequences=at_each_step),
            keras.layers.Dense(27, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    ids = letter_ids(runs)
    x, y = ids[:, :-1], ids[:, 1:] if at_each_step else ids[:, -1]
    train(model, x, y, epochs, batch_size=1, seed=seed)
    return model, float(np.mean(np.asarray(model(x)).argmax(axis=-1) == y))


def answers(model, texts):
    """What a model of the alphabet answers to texts of equal length: a str of one letter, or of one for each step."""
    best = np.asarray(model(letter_ids(texts))).argmax(axis=-1)
    shown = "_" + string.ascii_lowercase
    return ["".join(shown[i] for i in np.atleast_1d(row)) for row in best]


def say(model, strings):
    """The letter that a model of the alphabet says after the last one of each string; the strings may differ in length."""
    said = {}
    for length in {len(string) for string in strings}:
        group = [string for string in strings if len(string) == length]
        said |= {string: answer[-1] for string, answer in zip(group, answers(model, group))}
    return [said[string] for string in strings]


def read_in_training(span=5):
    """What the many-to-many model has read in training whenever it was to answer: "a", "ab", ... of each run."""
    return [run[:length] for run in runs(span) for length in range(1, span)]


def answered_pairs():
    """The pairs after which both rules predict a letter that was an answer in training of runs of three: c to j."""
    return [a + b for a in TRAINED[:8] for b in TRAINED[1:9]]


#: Lengths of the random strings; training asked after up to four letters.
ASKED_LENGTHS = (2, 3, 4, 5)


def random_strings(length, number=2000, seed=0):
    """Strings of the letters that the many-to-many model reads in training, a to i, which begin as its runs do, with a to f.

    Those of five letters begin with a to e, so that the letter counted on from the first is one that was an answer in training.
    """
    rng = np.random.default_rng([seed, length])
    places = rng.integers(0, len(TRAINED) - 1, (number, length))  # j ends a run: it is never read
    places[:, 0] = rng.integers(0, len(TRAINED) - max(4, length), number)
    return ["".join(TRAINED[i] for i in row) for row in places]


def alphabet_record():
    """What was recorded of the models of the alphabet over seeds: for each a dict, as the record's command makes it."""
    return data.record("alphabet-rules")["found"]


def most_followed(found):
    """The rule that most of the answers to random strings follow, all lengths together: "next", "count" or "neither".

    Parameters
    ----------
    found : sequence of (list of str, dict of str to float)
        For each length what `which_rule` returns.
    """
    answers = {rule: sum(len(apart) * shares[rule] for apart, shares in found) for rule in ("next", "count", "neither")}
    return max(answers, key=answers.get)


# Noise.


def noise(sequences, timesteps, seed=0):
    """Random sequences and random numbers to predict: x, y, and as many held out; as a blog post makes them.

    All of 1,000 sequences of 100 steps are drawn, and of those to train on only the first ones, and of all only the
    first steps are kept.
    """
    rng = np.random.default_rng(seed)
    x, x_held_out = rng.random((2, 1000, 100, 32), dtype="float32")[:, :, :timesteps]
    y, y_held_out = rng.random((2, 1000, 1), dtype="float32")
    return x[:sequences], y[:sequences], x_held_out, y_held_out


def noise_model():
    """The blog post's model of 32 units, compiled and untrained."""
    with session.quiet():
        import keras

    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((None, 32)), keras.layers.SimpleRNN(32), keras.layers.Dense(1)])
    model.compile("rmsprop", "mse")
    return model


class Judge:
    """Loss on noise after each epoch, training and held out, and mean and spread of what the model predicts.

    Parameters
    ----------
    model : keras.Model
    x, y : ndarray
        Held out.
    progress : helpers.plots.watch.Watch, optional

    Attributes
    ----------
    training, held_out : list of float
        After each epoch.
    means, spreads : list of float
        Mean and standard deviation of the predictions, untrained and after each epoch.
    y, before, after : ndarray (samples, 1)
        The held-out targets; what the model predicts of them untrained, and now.
    """

    def __init__(self, model, x, y, progress=None):
        with session.quiet():
            import tensorflow as tf

        self._predict = tf.function(lambda: model(x))
        self.y, self._progress = y, progress
        self.before = self._predict().numpy()
        self.training, self.held_out = [], []
        self.means, self.spreads = [float(self.before.mean())], [float(self.before.std())]

    def __call__(self, epoch, loss):
        self.after = self._predict().numpy()
        self.training.append(loss)
        self.held_out.append(float(np.mean((self.after - self.y) ** 2)))
        self.means.append(float(self.after.mean()))
        self.spreads.append(float(self.after.std()))
        if self._progress is not None:
            self._progress.add(epoch, training=loss, held_out=self.held_out[-1])


# The speed ladder.


def ladder(model, weights, generate, prompt):
    """Let one network write the same text in six ways, and time each: one run that does not count, then the best of two.

    Parameters
    ----------
    model : keras.Model
        From one-hot (batch, time, symbols) to logits at each step.
    weights : dict
        The same network's.
    generate : callable
        The learner's.
    prompt : ndarray of int

    Returns
    -------
    seconds, texts : dict of str to float, dict of str to list of int
        By the name of the way, in TensorFlow first.
    """
    with session.quiet():
        import tensorflow as tf

    symbols, hidden_size = len(weights["W_xh"]), len(weights["b_h"])
    spec = [tf.TensorSpec((1, None, symbols), tf.float32)]
    compiled = tf.function(lambda x: model(x), input_signature=spec, autograph=False)  # nothing in it to rewrite
    step = _compiled_step(weights)

    def whole_text(call):
        ids = list(prompt)
        for _ in range(WRITE):
            ids.append(int(np.argmax(call(np.eye(symbols, dtype="float32")[ids][None])[0, -1])))
        return ids[len(prompt) :]

    def carried():
        h, written = tf.zeros((1, hidden_size)), []
        for i in prompt.tolist():
            best, h = step(tf.constant([i], tf.int32), h)
        for n in range(WRITE):
            if n > 0:
                best, h = step(best, h)
            written.append(int(best.numpy()[0]))
        return written

    def anew():
        ids = prompt.tolist()
        for _ in range(WRITE):
            ids += generate(weights, np.array(ids), 1, np.zeros(hidden_size, "float32"))[0].tolist()
        return ids[len(prompt) :]

    ways = {
        "predict, whole text": lambda: whole_text(lambda x: model.predict(x, verbose=0)),
        "model(x), whole text": lambda: whole_text(lambda x: np.asarray(model(x))),
        "compiled, whole text": lambda: whole_text(lambda x: compiled(x).numpy()),
        "compiled step, carried state": carried,
        "your NumPy step, whole text": anew,
        "your NumPy step, carried state": lambda: generate(weights, prompt, WRITE, np.zeros(hidden_size, "float32"))[0].tolist(),
    }
    texts = {name: way() for name, way in ways.items()}
    return {name: min(_seconds(way) for _ in range(2)) for name, way in ways.items()}, texts


def in_two_calls(generate, weights, prompt):
    """The ladder's text written in two calls, the second of which goes on from the state of the first."""
    first, h = generate(weights, prompt, WRITE // 2, np.zeros(len(weights["b_h"]), "float32"))
    second, _ = generate(weights, first[-1:], WRITE - len(first), h)
    return [*first.tolist(), *second.tolist()]


def from_three(generate, weights, prompt):
    """The ladder's text if each id is written from the three before it alone."""
    ids, start = prompt.tolist(), np.zeros(len(weights["b_h"]), "float32")
    for _ in range(WRITE):
        ids += generate(weights, np.array(ids[-3:]), 1, start)[0].tolist()
    return ids[len(prompt) :]


def _compiled_step(weights):
    import tensorflow as tf

    W = {name: tf.constant(array) for name, array in weights.items()}

    spec = [tf.TensorSpec((1,), tf.int32), tf.TensorSpec((1, len(weights["b_h"])), tf.float32)]

    @tf.function(input_signature=spec, autograph=False)
    def step(i, h):
        h = tf.tanh(tf.gather(W["W_xh"], i) + h @ W["W_hh"] + W["b_h"])
        return tf.argmax(h @ W["W_hy"] + W["b_y"], axis=1, output_type=tf.int32), h

    return step


def _seconds(action):
    begin = time.perf_counter()
    action()
    return time.perf_counter() - begin


def nearest(loss, choices=LOSSES):
    """The choice that a loss comes closest to."""
    return min(choices, key=lambda choice: abs(loss - float(choice)))


def nearest_power(factor, choices=SPEEDS):
    """The choice that a factor comes closest to, counted in powers of ten."""
    return min(choices, key=lambda choice: abs(np.log10(factor / float(choice))))
