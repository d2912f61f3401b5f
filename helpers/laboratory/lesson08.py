"""The laboratory of lesson 08, both directions and depth.

The fables without their spaces, a small network in NumPy that reads them (forward, late, in both directions, in several
layers), windows and counts to compare it with; names with the counts of their girls and boys; a grammar of opinions. What
an exercise asks for is the learner's, and is handed in.
"""

import functools
import os
import re
import string
import textwrap
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np

from helpers import data, session
from helpers.laboratory.lesson05 import costs

#: Ids of the letters are 1 to 26; 0 is padding.
SYMBOLS = 1 + len(string.ascii_lowercase)
#: Longest piece of a sentence, in words.
WORDS = 10
#: Updates of a training, sequences in each, and the highest learning rate.
UPDATES, BATCH, RATE = 600, 64, 0.01
UNITS = 64
#: Weights of a network of 64 units that reads forward; and the units of one in both directions with about as many.
WEIGHTS, UNITS_IN_BOTH = 5953, 42


# The fables without their spaces.


def pieces(fables):
    """The sentences of fables as lists of lower-case words, longer ones cut into pieces; of two words at least."""
    found = []
    for fable in fables:
        for sentence in re.split(r"[.!?:;\n]+", fable.lower().replace("'", "")):
            words = re.findall(r"[a-z]+", sentence)
            found += [words[i : i + WORDS] for i in range(0, len(words), WORDS)]
    return [words for words in found if len(words) > 1]


@functools.cache
def texts():
    """The pieces to train on, and those of the held-out fables: two lists of lists of words."""
    return tuple(pieces(part) for part in data.split(data.load_fables()))


def without_spaces(found):
    """A padded batch of letters, where words begin, and which positions count.

    Parameters
    ----------
    found : list of list of str

    Returns
    -------
    ids : ndarray of int (batch, timesteps)
        Letters are 1 to 26; after the end, 0.
    begins : ndarray of bool (batch, timesteps)
    counts : ndarray of bool (batch, timesteps)
        All letters but the first of each piece, which begins a word in any case.
    """
    ids, mask = data.pad([[ord(letter) - 96 for letter in "".join(words)] for words in found])
    begins = np.zeros(ids.shape, bool)
    for row, words in zip(begins, found):
        row[np.cumsum([0, *map(len, words[:-1])])] = True
    counts = mask.copy()
    counts[:, 0] = False
    return ids, begins, counts


@functools.cache
def batches():
    """`without_spaces` of the training pieces and of the held-out ones."""
    return tuple(without_spaces(part) for part in texts())


# A network in NumPy: simple layers, one above the other, forward or in both directions.


def first_weights(units, directions, rng, inputs=SYMBOLS, norm=False):
    """Weights before training: for each layer a dict of arrays whose first axis is the direction, and the output's dict."""
    layers, reads = [], inputs
    for size in units:
        W_xh = rng.normal(0, 1 / np.sqrt(reads if layers else 4), (directions, reads, size))
        W_hh = np.stack([np.linalg.qr(rng.normal(size=(size, size)))[0] for _ in range(directions)])
        layer = {"W_xh": W_xh, "W_hh": W_hh, "b_h": np.zeros((directions, 1, size))}
        reads = directions * size
        if norm:
            layer |= {"gain": np.ones(reads), "shift": np.zeros(reads)}
        layers.append({name: value.astype("float32") for name, value in layer.items()})
    output = {"W_hy": rng.normal(0, 1 / np.sqrt(reads), (reads, 1)), "b_y": np.zeros(1)}
    return [*layers, {name: value.astype("float32") for name, value in output.items()}]


def _turned(ids):
    """For each row the places of its letters from the last to the first, then those of the padding, (timesteps, batch)."""
    return np.argsort(np.where(ids > 0, -np.arange(ids.shape[1]), 1), axis=1, kind="stable").T


def forward(weights, ids, residual=False, drop=None):
    """Logits (batch, timesteps), and what the way back needs.

    Parameters
    ----------
    weights : list of dict
        As `first_weights` makes them; with two directions the second reads each row from its last letter to its first.
    ids : ndarray of int (batch, timesteps)
    residual : bool
        Whether each layer's input is added to its output, where the sizes are equal.
    drop : list of (ndarray or None, ndarray or None), optional
        For each layer the factors of its state in the recurrence (directions, batch, units), and of its outputs
        (timesteps, batch, directions * units).
    """
    *layers, output = weights
    turned, rows = _turned(ids), np.arange(len(ids))
    below, kept = ids.T, []
    for n, layer in enumerate(layers):
        directions, _, _ = layer["b_h"].shape
        recurrent, between = drop[n] if drop else (None, None)
        reads = np.stack([below, below[turned, rows]][:directions], axis=1)  # (timesteps, directions, batch, ...)
        if n == 0:
            states = layer["W_xh"][np.arange(directions)[:, None], reads]
        else:
            states = reads @ layer["W_xh"]
        states += layer["b_h"]
        h = np.zeros_like(states[0])
        for t in range(len(states)):
            h = h if recurrent is None else h * recurrent
            h = states[t] = np.tanh(states[t] + h @ layer["W_hh"])
        both = [states[:, 0]] if directions == 1 else [states[:, 0], states[:, 1][turned, rows]]
        above = np.concatenate(both, axis=-1)
        scaled = None
        if "gain" in layer:
            centred = above - above.mean(axis=-1, keepdims=True)
            scale = 1 / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-3)
            scaled = centred * scale, scale
            above = scaled[0] * layer["gain"] + layer["shift"]
        shortcut = residual and n > 0 and below.shape == above.shape
        if between is not None:
            above = above * between
        kept.append((reads, states, recurrent, between, scaled, shortcut))
        below = above + below if shortcut else above
    logits = (below @ output["W_hy"] + output["b_y"])[..., 0].T
    return logits, (kept, below, turned, rows)


def backward(weights, dlogits, kept, norms=None):
    """The gradients of all weights, as `weights`; `norms`, a list, gets that of each layer's states, from the last layer down."""
    *layers, output = weights
    kept, top, turned, rows = kept
    dlogits = dlogits.T[..., None]
    gradients = [{"W_hy": np.einsum("tbi,tbj->ij", top, dlogits), "b_y": dlogits.sum(axis=(0, 1))}]
    above = dlogits @ output["W_hy"].T
    for n in reversed(range(len(layers))):
        layer, (reads, states, recurrent, between, scaled, shortcut) = layers[n], kept[n]
        directions, _, size = layer["b_h"].shape
        straight = above if shortcut else 0.0
        above = above if between is None else above * between
        found = {}
        if scaled is not None:
            found = {"gain": (above * scaled[0]).sum(axis=(0, 1)), "shift": above.sum(axis=(0, 1))}
            above = above * layer["gain"]
            inner = (above * scaled[0]).mean(axis=-1, keepdims=True)
            above = scaled[1] * (above - above.mean(axis=-1, keepdims=True) - scaled[0] * inner)
        parts = [above[..., i * size : (i + 1) * size] for i in range(directions)]
        dh = np.stack([parts[0], *(part[turned, rows] for part in parts[1:])], axis=1)  # turning is its own inverse
        da, back, W_hh = np.empty_like(states), 0.0, layer["W_hh"].swapaxes(1, 2)
        slopes = 1 - states**2
        for t in reversed(range(len(states))):
            dh[t] += back
            da[t] = dh[t] * slopes[t]
            back = da[t] @ W_hh
            back = back if recurrent is None else back * recurrent
        if norms is not None:
            norms.append(np.linalg.norm(dh, axis=-1)[:, 0])
        before = states[:-1] if recurrent is None else states[:-1] * recurrent
        found["W_hh"] = np.einsum("tdbi,tdbj->dij", before, da[1:], optimize=True)
        found["b_h"] = da.sum(axis=(0, 2))[:, None]
        if n == 0:
            one_hot = np.eye(len(layer["W_xh"][0]), dtype=da.dtype)[reads]
            found["W_xh"] = np.einsum("tdbi,tdbj->dij", one_hot, da, optimize=True)
        else:
            found["W_xh"] = np.einsum("tdbi,tdbj->dij", reads, da, optimize=True)
            below = da @ layer["W_xh"].swapaxes(1, 2)
            above = sum([below[:, 0], *(below[:, i][turned, rows] for i in range(1, directions))]) + straight
        gradients.append({name: found[name] for name in layer})
    return gradients[::-1]


def loss_of(logits, begins, counts):
    """The mean cross-entropy in nats over the positions that count, and its derivative."""
    p = 1 / (1 + np.exp(-logits))
    cost = np.logaddexp(0, logits) - begins * logits
    return (cost * counts).sum() / counts.sum(), ((p - begins) * counts / counts.sum()).astype(logits.dtype)


def late(batch, delay):
    """The same batch with `delay` more steps: the answer to a letter is given so much later."""
    ids, begins, counts = batch
    return np.pad(ids, [(0, 0), (0, delay)]), *(np.pad(part, [(0, 0), (delay, 0)]) for part in (begins, counts))


def learn(
    units=(UNITS,), directions=1, delay=0, seed=0, updates=UPDATES, progress=None, residual=False, norm=False, dropout=0.0, recurrent=0.0,
    examples=None,
):
    """Train a network to say where words begin, or what else is marked in a text; returns its weights.

    Parameters
    ----------
    units : sequence of int
        Of each layer.
    directions : int
        1, or 2 for both.
    delay : int
        Letters that are read before the answer has to be given.
    seed, updates : int
    progress : callable, optional
        Called with the number of updates and the mean loss of the last 20.
    residual, norm : bool
        Residual connections; layer normalisation of each layer's outputs.
    dropout, recurrent : float
        Rates of dropping the layers' outputs, anew at each step, and states, once a sequence.
    examples : tuple of (ids, begins, counts), optional
        What to learn from, as `without_spaces` makes it; by default the training pieces of the fables.
    """
    rng = np.random.default_rng(seed)
    ids, begins, counts = late(examples or batches()[0], delay)
    lengths = (ids > 0).sum(axis=1)
    weights = first_weights(units, directions, rng, norm=norm)
    moments, losses, done = [[{k: np.zeros_like(v) for k, v in part.items()} for part in weights] for _ in range(2)], [], 0
    while done < updates:
        order = np.argsort(lengths + rng.normal(0, 4, len(ids)))  # of similar length, so that there is little padding
        groups = np.array_split(order, len(order) // BATCH)
        for group in rng.permutation(len(groups))[: updates - done]:
            rows = groups[group]
            end = lengths[rows].max() + delay
            batch = ids[rows, :end], begins[rows, :end], counts[rows, :end]
            drop = None
            if dropout or recurrent:
                drop = [_drop(rng, size, directions, len(rows), end, recurrent, dropout) for size in units]
            logits, kept = forward(weights, batch[0], residual, drop)
            loss, slope = loss_of(logits, *batch[1:])
            done += 1
            _adam(weights, backward(weights, slope, kept), moments, done, RATE * (1 - done / (updates + 1)))
            losses.append(loss)
            if progress is not None and done % 20 == 0:
                progress(done, float(np.mean(losses[-20:])))
    return weights


def _drop(rng, size, directions, batch, timesteps, recurrent, dropout):
    """Factors for one layer, as `forward` takes them."""
    state = rng.random((directions, batch, size), dtype=np.float32) >= recurrent
    outputs = rng.random((timesteps, batch, directions * size), dtype=np.float32) >= dropout
    return state.astype("float32") / np.float32(1 - recurrent), outputs.astype("float32") / np.float32(1 - dropout)


def _adam(weights, gradients, moments, step, rate):
    """One update of Adam, with the gradients' norm clipped at 1."""
    norm = np.sqrt(sum(float((g**2).sum()) for part in gradients for g in part.values()))
    factor = np.float32(min(1.0, 1.0 / (norm + 1e-12)))
    size = np.float32(rate * np.sqrt(1 - 0.999**step) / (1 - 0.9**step))
    for part, gradient, first, second in zip(weights, gradients, *moments):
        for name in part:
            g = gradient[name] * factor
            first[name] += np.float32(0.1) * (g - first[name])
            second[name] += np.float32(0.001) * (g**2 - second[name])
            part[name] -= size * first[name] / (np.sqrt(second[name]) + np.float32(1e-7))


def says(weights, batch, delay=0, residual=False):
    """Where a network says that words begin: bool (batch, timesteps), in the places of the letters."""
    logits, _ = forward(weights, np.pad(batch[0], [(0, 0), (0, delay)]), residual)
    return logits[:, delay:] > 0


# Numbers without their commas.

#: Digits of a number that is asked about, at least and at most: one comma to three. Digits of the longest ones, asked about apart.
SHORTEST, LONGEST, MUCH_LONGER = 4, 12, 24
#: Digits of a number to learn from, at most: more, or being the longest would give a length away before its end.
LONGEST_LEARNED = 16
#: Updates, and the delays that are tried, in digits.
NUMBER_UPDATES, NUMBER_DELAYS = 200, range(10)


@functools.cache
def numbers():
    """Numbers without commas as `without_spaces` returns texts, digits being the ids 1 to 10: to learn from, held out, and longer.

    Every length is equally likely: from `SHORTEST` to `LONGEST_LEARNED`, to `LONGEST`, and from there to `MUCH_LONGER`. So is every
    digit; none begins with 0.
    """
    rng, parts = np.random.default_rng(0), []
    for count, shortest, longest in ((4000, SHORTEST, LONGEST_LEARNED), (1000, SHORTEST, LONGEST), (1000, LONGEST + 1, MUCH_LONGER)):
        lengths = rng.integers(shortest, longest + 1, count)
        parts.append(_without_commas([np.append(rng.integers(2, 11), rng.integers(1, 11, length - 1)) for length in lengths]))
    return tuple(parts)


def _without_commas(some):
    """Ids, where a comma stands before a digit, and which digits count: all but the first."""
    ids, mask = data.pad([row.tolist() for row in some])
    counts = mask.copy()
    counts[:, 0] = False
    from_the_end = mask.sum(axis=1, keepdims=True) - np.arange(ids.shape[1])
    return ids, counts & (from_the_end % 3 == 0), counts


def learn_commas(delay):
    """Train a network to put in the commas, its answer so many digits late, or in "both" directions: its weights, and the delay."""
    both = delay == "both"
    units, late = ((UNITS_IN_BOTH,), 0) if both else ((UNITS,), delay)
    return learn(units, 1 + both, late, updates=NUMBER_UPDATES, examples=numbers()[0]), late


def whole_numbers(readers):
    """The fractions of numbers with all commas right, in those held out and in longer ones, by who puts them in.

    Parameters
    ----------
    readers : dict of (int or str) to (weights, int)
        By the delay, as `learn_commas` returns them.

    Returns
    -------
    dict of str to (float, float)
    """
    _, *parts = numbers()
    names = {0: "one direction, at once", "both": "both directions"} | {d: f"one direction, {d} late" for d in (3, 6, 9)}
    found = {"every third digit from the front": [_whole(part, np.arange(part[0].shape[1]) % 3 == 0) for part in parts]}
    for delay in (0, 3, 6, 9, "both"):
        weights, late = readers[delay]
        found[names[delay]] = [_whole(part, says(weights, part, late)) for part in parts]
    *layers, output = readers["both"][0]
    from_the_end = [*layers, output | {"W_hy": output["W_hy"] * (np.arange(len(output["W_hy"])) >= UNITS_IN_BOTH)[:, None]}]
    found["both, the forward half silenced"] = [_whole(part, says(from_the_end, part)) for part in parts]
    return {name: tuple(values) for name, values in found.items()}


def _whole(batch, said):
    """The fraction of rows in which every position that counts is right."""
    _, begins, counts = batch
    return float(np.mean(np.all((said == begins) | ~counts, axis=1)))


def delay_needed(f1):
    """The smallest delay with which one direction puts in the commas as well as both directions, to 0.01."""
    return min((delay for delay, value in f1.items() if delay != "both" and value > f1["both"] - 0.01), default="none")


# Rivals without a state: a window, and counts of words.
# Rivals without a state: a window, and counts of words.


def surrounded(ids, before, after):
    """The letters around each letter (batch, timesteps, before + 1 + after); 0 beyond the ends."""
    wide = np.pad(ids, [(0, 0), (before, after)])
    return np.lib.stride_tricks.sliding_window_view(wide, before + 1 + after, axis=1)


def window_logits(weights, ids):
    """Logits of a window (batch, timesteps) and its hidden layer; `weights` is a dict with `before` letters and `after`."""
    around = surrounded(ids, weights["before"], weights["after"])
    h = np.tanh(weights["W_xh"][np.arange(around.shape[-1]), around].sum(axis=2) + weights["b_h"])
    return (h @ weights["W_hy"] + weights["b_y"])[..., 0], h


def window_units(around):
    """How many units give a window with so many letters on either side about as many weights as the recurrent network has."""
    return round((WEIGHTS - 1) / (SYMBOLS * (2 * around + 1) + 2))


def learn_window(before, after, seed=0, updates=UPDATES, units=None):
    """Train a feedforward network on a window of letters; returns its weights. Without `units` it has those of `window_units`."""
    width = before + 1 + after
    units = units or window_units((before + after) / 2)
    rng = np.random.default_rng(seed)
    ids, begins, counts = batches()[0]
    part = {
        "W_xh": rng.normal(0, 0.5, (width, SYMBOLS, units)), "b_h": np.zeros(units),
        "W_hy": rng.normal(0, units**-0.5, (units, 1)), "b_y": np.zeros(1),
    }
    part = {name: value.astype("float32") for name, value in part.items()}
    moments = [[{name: np.zeros_like(value) for name, value in part.items()}] for _ in range(2)]
    for step in range(1, updates + 1):
        rows = rng.choice(len(ids), BATCH, replace=False)
        logits, h = window_logits(part | {"before": before, "after": after}, ids[rows])
        _, slope = loss_of(logits, begins[rows], counts[rows])
        chosen = counts[rows]
        d, h = slope[chosen][:, None], h[chosen]
        da = d @ part["W_hy"].T * (1 - h**2)
        one_hot = np.eye(SYMBOLS, dtype="float32")[surrounded(ids[rows], before, after)[chosen]]
        dW = one_hot.reshape(len(da), -1).T @ da
        gradient = {"W_xh": dW.reshape(width, SYMBOLS, units), "b_h": da.sum(axis=0), "W_hy": h.T @ d, "b_y": d.sum(axis=0)}
        _adam([part], [gradient], moments, step, RATE * (1 - step / (updates + 1)))
    return part | {"before": before, "after": after}


@functools.cache
def word_costs():
    """The cost in nats of each word of the training fables by its count, and of a new word: at first, and for each letter."""
    counted = Counter(word for words in texts()[0] for word in words)
    once = sum(number == 1 for number in counted.values())  # as many new words are to be expected (Good and Turing)
    total = sum(counted.values())
    costs = {word: -np.log(number / total * (1 - once / total)) for word, number in counted.items()}
    return costs, -np.log(once / total), np.log(26)


def cut_by_counts(letters):
    """The words of a row of letters that are likeliest together, each by how often it occurs in the training fables."""
    costs, new, each = word_costs()
    longest = max(map(len, costs))
    best = [(0.0, 0)]
    for end in range(1, len(letters) + 1):
        options = []
        for start in range(max(0, end - longest), end):
            word = letters[start:end]
            options.append((best[start][0] + costs.get(word, new + each * len(word)), start))
        best.append(min(options))
    words, end = [], len(letters)
    while end:
        start = best[end][1]
        words.append(letters[start:end])
        end = start
    return words[::-1]


def counts_say():
    """Where the counts say that words begin in the held-out pieces: bool (batch, timesteps)."""
    return without_spaces([cut_by_counts("".join(words)) for words in texts()[1]])[1]


def boundary_f1(says, batch):
    """F1 of the word beginnings, for the record: in the lesson the learner's `boundary_scores` judges."""
    _, begins, counts = batch
    right = (says & begins & counts).sum()
    return float(2 * right / ((says & counts).sum() + (begins & counts).sum()))


def new_words():
    """How many of the held-out words never occur in the training fables, and how many held-out words there are."""
    found = [word in word_costs()[0] for words in texts()[1] for word in words]
    return found.count(False), len(found)


def words_found(says):
    """Of the held-out words, the fraction of which both ends and nothing between were found: of known words, and of new ones."""
    known, hits = set(word_costs()[0]), defaultdict(list)
    for row, words in zip(says, texts()[1]):
        ends = np.cumsum([0, *map(len, words)])
        for word, start, end in zip(words, ends, ends[1:]):
            inside = row[start + 1 : end]
            left, right = start == 0 or row[start], end == ends[-1] or row[end]
            hits["known" if word in known else "new"].append(bool(left and right and not inside.any()))
    return {kind: float(np.mean(hits[kind])) for kind in ("known", "new")}


def in_one_direction(weights, direction=0):
    """The weights of one direction of the first layer, by the names of the course: W_xh, W_hh and b_h."""
    chosen = {name: weights[0][name][direction] for name in ("W_xh", "W_hh", "b_h")}
    return chosen | {"b_h": chosen["b_h"][0]}


def against_keras(bidirectional):
    """The largest distance between the learner's outputs and those of keras.layers.Bidirectional, by merge mode."""
    with session.quiet():
        import keras

    rng = np.random.default_rng(0)
    x, mask = rng.normal(size=(4, 7, 3)).astype("float32"), np.arange(7) < np.array([[7], [4], [1], [5]])
    shapes = {"W_xh": (3, 5), "W_hh": (5, 5), "b_h": 5}
    both = [{name: rng.normal(0, 0.5, shape).astype("float32") for name, shape in shapes.items()} for _ in range(2)]
    apart = {}
    for mode in ("concat", "sum", "mul", "ave", None):
        layer = keras.layers.Bidirectional(keras.layers.SimpleRNN(5, return_sequences=True), merge_mode=mode)
        layer.build(x.shape)
        layer.set_weights([value for weights in both for value in weights.values()])
        theirs, yours = layer(x, mask=mask), bidirectional(x, mask, *both, mode)
        pairs = zip(theirs, yours) if mode is None else [(theirs, yours)]
        apart[str(mode)] = max(float(np.abs(np.asarray(a) - b).max()) for a, b in pairs)
    return apart


def chances(weights, some, delay=0):
    """The probability that a word begins, for each letter of some pieces: a list of arrays."""
    batch = without_spaces(some)
    logits = forward(weights, np.pad(batch[0], [(0, 0), (0, delay)]))[0][:, delay:]
    return [1 / (1 + np.exp(-row[: sum(map(len, words))])) for row, words in zip(logits, some)]


#: The held-out piece that is shown in colours.
SHOWN = 390


def told(rows):
    """What the coloured letters show, in words, and their caption; `rows` are a name, words, and a chance for each letter."""
    missed, cuts = [], []
    for name, words, values in rows:
        letters = "".join(words)
        starts = set(np.cumsum([len(word) for word in words[:-1]]).tolist())
        said = {place for place, value in enumerate(values) if place and value > 0.5}
        cuts.append("".join(" " * (place in said) + letter for place, letter in enumerate(letters)))
        missed.append(f"{name}: {len(starts - said)} of {len(starts)} beginnings missed, {len(said - starts)} false ones")
    alt = f"The probability that a word begins at each letter of: {' '.join(rows[0][1])}. {'; '.join(missed)}."
    read = "; ".join(f"{name}, it reads *{cut}*" for (name, _, _), cut in zip(rows, cuts))
    return alt, f"Cut where the probability is above one half: {read}. The first letter does not count, and has no colour."


def boundary_record():
    """What was recorded of word beginnings: F1 over seeds by the delay and the window, of both directions, and of longer training."""
    found = data.record("word-boundaries")
    by_number = {kind: {int(key): values for key, values in found["f1"][kind].items()} for kind in ("delay", "window")}
    longer = {int(key): values for key, values in found["longer"]["delay"].items()}
    windows = {"windows_alike": found["windows_of_the_same_units"], "windows_longer": found["longer"]["window"]}
    windows = {kind: {int(key): values for key, values in by_width.items()} for kind, by_width in windows.items()}
    return by_number | windows | {"both": found["f1"]["both"], "longer": longer | {"both": found["longer"]["both"]}}


def delay_pairs(recorded):
    """Pairs of F1 over the seeds, by the names of the two networks: each delay beside both directions, and beside the best window."""
    late, both, longer = recorded["delay"], recorded["both"], recorded["longer"]
    pairs = {(f"{delay} late", "both directions"): (late[delay], both) for delay in late if delay}
    pairs["3 late, 2,000 updates", "both directions, 2,000 updates"] = longer[3], longer["both"]
    pairs["3 late", "a window of 2"] = late[3], recorded["window"][2]
    pairs["3 late, 2,000 updates", "a window of 2, 2,000 updates"] = longer[3], recorded["windows_longer"][2]
    return pairs


def half_won(f1, both):
    """The smallest of the delays 1, 2, 4 and 8 that wins back half of what both directions gain over delay 0, as a str."""
    half = (np.mean(f1[0]) + np.mean(both)) / 2
    return next((str(delay) for delay in (1, 2, 4, 8) if np.mean(f1[delay]) >= half), "8")


# Depth.

#: The answer is this many letters late in the experiments on depth; and the stacks of about as many weights.
DELAY = 3
STACKS = ([64], [40, 40], [31, 31, 31])


def gradient_map(units, residual=False, norm=False, seed=0):
    """How much of the gradient of a late answer arrives, in an untrained network.

    Parameters
    ----------
    units : sequence of int
    residual, norm : bool
    seed : int

    Returns
    -------
    ndarray (layers, timesteps)
        The norm of the gradient by each layer's state at each step, for the loss at the last step: root mean square over pieces.
    """
    ids = _long_pieces()
    weights = first_weights(units, 1, np.random.default_rng(seed), norm=norm)
    logits, kept = forward(weights, ids, residual)
    slope = np.zeros_like(logits)
    slope[:, -1] = 1
    norms = []
    backward(weights, slope, kept, norms)
    return np.sqrt(np.mean(np.stack(norms[::-1]) ** 2, axis=-1))


def fading(found):
    """How many times smaller a gradient becomes, from what `gradient_map` returns.

    Parameters
    ----------
    found : ndarray (layers, timesteps)

    Returns
    -------
    dict of str to float
        "across": from the answer to the first step of the lowest layer; "back": for each step back in the top layer; "down":
        for each layer down at the last step (1.0 for a single layer).
    """
    layers, steps = found.shape
    answer = found[-1, -1]
    back, down = (answer / found[-1, 0]) ** (1 / (steps - 1)), (answer / found[0, -1]) ** (1 / max(layers - 1, 1))
    return {"across": float(answer / found[0, 0]), "back": float(back), "down": float(down)}


def top_slope(units, residual=False, seed=0):
    """The root mean square of the slopes of tanh in the top layer, in the network and on the pieces of `gradient_map`."""
    *_, (_, states, *_) = forward(first_weights(units, 1, np.random.default_rng(seed)), _long_pieces(), residual)[1][0]
    return float(np.sqrt(np.mean((1 - states**2) ** 2)))


def _long_pieces():
    ids = batches()[0][0]
    return ids[(ids > 0).sum(axis=1) >= 30][:64, :30]


def depth_record():
    """What was recorded of depth: weights, and F1 held out and in training over the seeds, by the network's name."""
    return data.record("depth-on-word-boundaries")


def in_equal_time(ablation):
    """F1 on held-out text over the seeds by the network's name, each after as many updates as take the time of one layer's."""
    return {name: found["held_out"] for name, found in ablation["in_equal_time"].items()}


def best_depth(held_out, can_tell):
    """The number of layers without extras, "one", "two" or "three", that is better than both others; or "cannot tell".

    Parameters
    ----------
    held_out : dict of str to list of float
        Scores over the seeds, by the network's name.
    can_tell : callable
        The learner's.
    """
    found = {number: held_out[f"{number} layer{'s' * (number != 'one')}"] for number in ("one", "two", "three")}
    better = {number for number in found if all(can_tell(found[number], found[other]) == "a" for other in found if other != number)}
    return better.pop() if better else "cannot tell"


def beside_one_layer(ablation):
    """By the name of each other network, pairs of scores over the seeds, the single layer's first: at equal weights, in equal time."""
    timed, (one, *others) = in_equal_time(ablation), ablation["held_out"]
    return {name: [(by[one], by[name]) for by in (ablation["held_out"], timed)] for name in others}


def recurrent_dropout_rows(ablation):
    """The rows of the record that tell what recurrent dropout costs, and why: F1 held out and in training, by the name.

    Returns
    -------
    dict of str to (float, float)
        Means over the seeds.
    """
    rows = _dropout_rows(ablation)
    return {name: tuple(float(np.mean(values)) for values in parts) for name, parts in rows.items()}


def dropout_pairs(ablation):
    """Pairs of scores over the seeds on held-out text, by the names of what is compared, from the rows of `recurrent_dropout_rows`."""
    rows = {name: held_out for name, (held_out, _) in _dropout_rows(ablation).items()}
    plain, dropped, fewer, longer, longer_dropped = rows
    pairs = (plain, dropped), (plain, fewer), (longer, longer_dropped)
    return {(a, b): (rows[a], rows[b]) for a, b in pairs}


def _dropout_rows(ablation):
    causes = ablation["causes"]
    both = {name: [ablation[part][name] for part in ("held_out", "training")] for name in ("one layer", "one, recurrent dropout")}
    fewer, longer, dropped = ([found["held_out"], found["training"]] for found in causes.values())
    return {
        "64 units": both["one layer"],
        "64 units, recurrent dropout": both["one, recurrent dropout"],
        "51 units": fewer,
        "64 units, 3 times the updates": longer,
        "64 units, recurrent dropout, 3 times the updates": dropped,
    }


# Keras models, trained without what `fit` does at the start of each epoch, which takes longer here.


def train(model, x, y, updates, batch=BATCH, rate=RATE, seed=0, progress=None, every=20):
    """Train a Keras model by Adam, the learning rate falling to zero.

    Parameters
    ----------
    model : keras.Model
        Compiled with a loss.
    x, y : ndarray (samples, ...)
    updates, batch, seed : int
    rate : float
        The highest.
    progress : callable, optional
        Called every `every` updates with their number and the mean loss since the last call.
    """
    with session.quiet():
        import keras
        import tensorflow as tf

    optimizer, loss_function = keras.optimizers.Adam(rate, global_clipnorm=1.0), keras.losses.get(model.loss)
    optimizer.build(model.trainable_variables)

    @tf.function
    def update(inputs, targets):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(loss_function(targets, model(inputs, training=True)))
        optimizer.apply(tape.gradient(loss, model.trainable_variables), model.trainable_variables)
        return loss

    rng, losses = np.random.default_rng(seed), []
    for step in range(1, updates + 1):
        rows = rng.choice(len(x), batch, replace=False)
        optimizer.learning_rate = rate * (1 - step / (updates + 1))
        losses.append(float(update(tf.constant(x[rows]), tf.constant(y[rows]))))
        if progress is not None and step % every == 0:
            progress(step, float(np.mean(losses[-every:])))


# The next letter: where looking ahead is cheating.

TIMESTEPS = 32


@functools.cache
def next_letters():
    """Windows of the fables' letters to predict the next from: for training, and held out.

    Returns
    -------
    pair of (x, y)
        x one-hot in float32 (number, TIMESTEPS, 26), y ids (number, TIMESTEPS), each the letter after.
    """
    found = []
    for part in texts():
        ids = np.array([ord(letter) - 97 for words in part for word in words for letter in word])
        starts = np.arange(0, len(ids) - TIMESTEPS, TIMESTEPS)[:, None] + np.arange(TIMESTEPS)
        found.append((np.eye(26, dtype="float32")[ids[starts]], ids[starts + 1]))
    return tuple(found)


def letter_model(both, units=64, seed=1):
    """A Keras model that gives logits of the next letter at each step, from one direction or from both; untrained."""
    with session.quiet():
        import keras

    keras.utils.set_random_seed(seed)
    layer = keras.layers.SimpleRNN(units, return_sequences=True)
    layers = [keras.layers.Bidirectional(layer) if both else layer, keras.layers.Dense(26)]
    model = keras.Sequential([keras.Input((None, 26)), *layers])
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return model


def letter_losses(model):
    """Nats a letter on the held-out fables, at each step (TIMESTEPS,)."""
    x, y = next_letters()[1]
    return costs(np.asarray(model(x), np.float64), y).mean(axis=0)


def verdict_on_letters(losses):
    """What both directions make of a language model's loss: "about the same", "half" or "nearly zero"."""
    ratio = losses["both_directions"].mean() / losses["one_direction"].mean()
    return "about the same" if ratio > 0.75 else "half" if ratio > 0.25 else "nearly zero"


def looking(look_ahead, sequence):
    """How far each output of a few untrained models looks ahead: for each a list, by the model's name.

    Parameters
    ----------
    look_ahead : callable
        The learner's.
    sequence : ndarray of float32 (timesteps, 26)
    """
    with session.quiet():
        import keras

    models = {"one direction": letter_model(both=False), "both directions": letter_model(both=True)}
    window = keras.layers.Conv1D(8, 5, padding="same")
    models["Conv1D, width 5, \"same\""] = keras.Sequential([keras.Input((None, 26)), window])
    return {name: [look_ahead(model, sequence, t) for t in range(len(sequence))] for name, model in models.items()}


def moved_behind_norm(sequence):
    """How far the outputs of an untrained layer in both directions move, behind a layer normalisation of the inputs.

    Parameters
    ----------
    sequence : ndarray of float32 (timesteps, 26)

    Returns
    -------
    (float, float)
        The largest move when 1 is added to all numbers of the last input, and when that input is another letter.
    """
    with session.quiet():
        import keras

    keras.utils.set_random_seed(1)
    both = keras.layers.Bidirectional(keras.layers.SimpleRNN(8, return_sequences=True))
    model = keras.Sequential([keras.Input((None, 26)), keras.layers.LayerNormalization(), both])
    added, exchanged = sequence.copy(), sequence.copy()
    added[-1] += 1
    exchanged[-1] = np.roll(sequence[-1], 1)
    before, *after = np.asarray(model(np.stack([sequence, added, exchanged])))
    return tuple(float(np.abs(moved - before).max()) for moved in after)


# Names of girls and boys.


@functools.cache
def fractions():
    """The fraction of girls among the children of each name, a dict in the names' order."""
    return {name: girls / (girls + boys) for name, girls, boys in data.load_names_by_sex()}


@functools.cache
def names():
    """Names to learn from and held-out ones: for each part the names, and the fraction of girls among their children."""
    return tuple((part, np.array([fractions()[name] for name in part])) for part in data.split(list(fractions())))


def name_ids(some, side="right"):
    """Ids (number, longest) of names, padded with 0 on the right or on the left to 15 letters."""
    ids = np.zeros((len(some), 15), np.int32)
    for row, name in zip(ids, some):
        letters = [ord(letter) - 96 for letter in name]
        row[slice(len(letters)) if side == "right" else slice(15 - len(letters), None)] = letters
    return ids


def right(says_girl, fraction):
    """Accuracy, each name counted once: the mean fraction of its children that are what was said."""
    return float(np.where(says_girl, fraction, 1 - fraction).mean())


def ceiling(fraction):
    """The accuracy of the one who knows the counts."""
    return float(np.maximum(fraction, 1 - fraction).mean())


def last_letter(train, held_out):
    """Accuracy of the likelier sex by the last letter; both arguments as a part of `names`."""
    girls = defaultdict(list)
    for name, fraction in zip(*train):
        girls[name[-1]].append(fraction)
    says = np.array([np.mean(girls[name[-1]]) > 0.5 for name in held_out[0]])
    return right(says, held_out[1])


def bag_of_letters(train, held_out):
    """Accuracy of a logistic regression on how often each letter occurs in a name."""

    def counts(some):
        return np.array([[name.count(letter) for letter in string.ascii_lowercase] for name in some], float)

    return right(_logistic(counts(train[0]), train[1])(counts(held_out[0])) > 0, held_out[1])


def _logistic(x, y, rounds=25):
    """A logistic regression by Newton's method; a function from rows to logits."""
    x = np.column_stack([x, np.ones(len(x))])
    w = np.zeros(x.shape[1])
    for _ in range(rounds):
        p = 1 / (1 + np.exp(-x @ w))
        slope = x.T @ (p - y) / len(x) + 1e-6 * w
        curve = (x * (p * (1 - p))[:, None]).T @ x / len(x) + 1e-6 * np.eye(len(w))
        w -= np.linalg.solve(curve, slope)
    return lambda rows: np.column_stack([rows, np.ones(len(rows))]) @ w


#: Updates of a network that reads names.
NAME_UPDATES = 200
ENDS = ("forward only", "both, summary", "both, [:, -1], padded left", "both, [:, -1], padded right")


def name_model(end, units=24, seed=1):
    """A Keras model from ids of a name (batch, 15) to a logit of girl, untrained, by what is read at the end (one of ENDS)."""
    with session.quiet():
        import keras

    keras.utils.set_random_seed(seed)
    ids = keras.Input((15,), dtype="int32")
    read = keras.layers.Embedding(27, 16, mask_zero=True)(ids)
    if end == "forward only":
        vector = keras.layers.GRU(36)(read)
    elif end == "both, summary":
        vector = keras.layers.Bidirectional(keras.layers.GRU(units))(read)
    else:
        vector = keras.layers.Bidirectional(keras.layers.GRU(units, return_sequences=True))(read)[:, -1]
    model = keras.Model(ids, keras.layers.Dense(1)(vector)[:, 0])
    model.compile(loss=keras.losses.BinaryCrossentropy(from_logits=True))
    return model


def side(end):
    """Where the padding of a name is: "left" or "right"."""
    return "left" if "left" in end else "right"


def beside_counts(accuracy):
    """The arguments of `plots.accuracies`: counts, networks, floor and ceiling."""
    train, held_out = names()
    rows = {"letters, counted": bag_of_letters(train, held_out), "the last letter": last_letter(train, held_out)} | accuracy
    floor, best = right(train[1].mean() > 0.5, held_out[1]), ceiling(held_out[1])
    guessing = [end.split("padded ")[1] for end, value in accuracy.items() if ":" in end and value < floor + 0.02]
    title = "Girl or boy, by what is read at the end"
    if guessing:
        title = f"[:, -1] with padding on the {' and the '.join(guessing)} is guessing"
    caption = (
        "Bars: this run; dots: three recorded seeds, on the right with their means. Each name counts once; its score is the fraction"
        " of its children guessed right. *guessing* always says the more frequent sex; the *ceiling* is the score of one who knows each"
        " held-out name's own counts. *letters, counted* is a logistic regression on how often each letter occurs in a name."
    )
    return rows, names_record(), ("guessing", floor), ("ceiling", best), title, "accuracy on held-out names", caption


def names_record():
    """What was recorded of names: accuracies over seeds, by what is read at the end."""
    return data.record("name-ends")["accuracy"]


def name_pairs():
    """Pairs of recorded accuracies over the seeds, by the names of what is read at the end."""
    found = names_record()
    forward, summary, left, _ = found
    return {(a, b): (found[a], found[b]) for a, b in ((summary, forward), (summary, left), (forward, left))}


def verdict_on_last(accuracy):
    """What `[:, -1]` of sequences padded on the right is worth beside the right summary: "the same", "worse" or "guessing"."""
    floor = right(names()[0][1].mean() > 0.5, names()[1][1])
    value, whole = accuracy["both, [:, -1], padded right"], accuracy["both, summary"]
    return "guessing" if value < floor + 0.02 else "the same" if value > whole - 0.02 else "worse"


def states_of(model, ids):
    """All states of the bidirectional layer of a name model that ends in a summary, and the mask of the letters.

    Returns
    -------
    sequences : ndarray (batch, 15, 2 * units)
    mask : ndarray of bool (batch, 15)
    whole : ndarray (batch, 2 * units)
        What the layer itself returns for the whole name.
    """
    with session.quiet():
        import keras

    _, embedding, both, *_ = model.layers
    layer = keras.layers.Bidirectional(keras.layers.GRU(both.forward_layer.units, return_sequences=True))
    read, mask = embedding(ids), ids > 0
    layer.build(read.shape)
    layer.set_weights(both.get_weights())
    return np.asarray(layer(read, mask=mask)), mask, np.asarray(both(read, mask=mask))


def distinct_ends(sequences, mask, summaries):
    """How many different vectors there are: whole summaries, their backward halves, and those at the last letter; a dict."""
    units, last = sequences.shape[-1] // 2, mask.sum(axis=1) - 1
    ends = np.take_along_axis(sequences, last[:, None, None], axis=1)[:, 0, units:]
    vectors = {"summaries": summaries, "backward halves of summaries": summaries[:, units:]}
    vectors["backward halves at the last letter"] = ends
    return {what: len(np.unique(np.round(values, 4), axis=0)) for what, values in vectors.items()}


def name_accuracy(model, end):
    """Accuracy of a name model on the held-out names."""
    some, fraction = names()[1]
    return right(np.asarray(model(name_ids(some, side(end)))) > 0, fraction)


# Opinions.

NOUNS = ("soup", "plot", "music", "room", "view", "service")
GOOD, BAD = ("good", "lovely", "clever", "warm"), ("bad", "dull", "clumsy", "cold")
NEGATIONS = ("the {} was {}", "the {} was not {}", "i would not say that the {} was {}")


@functools.cache
def opinions():
    """All sentences of the grammar.

    Returns
    -------
    sentences : list of str
    good : ndarray of bool
        What the speaker thinks in the end: after "but" the second half decides, before "although" the first.
    kinds : ndarray of str
    chances : ndarray
        The probability of each sentence: one clause in a fifth of all cases, a negation in four clauses of ten.
    """
    clauses = []
    for noun in NOUNS:
        for adjective in (*GOOD, *BAD):
            for number, form in enumerate(NEGATIONS):
                chance = (0.6, 0.2, 0.2)[number] / len(NOUNS) / len(GOOD + BAD)
                clauses.append((form.format(noun, adjective), noun, (adjective in GOOD) == (number == 0), number > 0, chance))
    rows = [(text, good, "one clause" + ", negated" * negated, 0.2 * chance) for text, _, good, negated, chance in clauses]
    different = 1 - 1 / len(NOUNS)
    for link in ("but", "although"):
        for a in clauses:
            for b in clauses:
                if a[1] == b[1]:
                    continue
                plain = "halves agree" if a[2] == b[2] else "halves disagree"
                kind = (plain, "one half negated", "both halves negated")[a[3] + b[3]]
                decides = b if link == "but" else a
                rows.append((f"{a[0]} {link} {b[0]}", decides[2], kind, 0.4 * a[4] * b[4] / different))
    sentences, good, kinds, chances = zip(*rows)
    return list(sentences), np.array(good), np.array(kinds), np.array(chances)


@functools.cache
def bags():
    """The bag of words of each sentence: counts (sentences, words), and the words."""
    sentences = opinions()[0]
    words = sorted({word for sentence in sentences for word in sentence.split()})
    place = {word: i for i, word in enumerate(words)}
    counts = np.zeros((len(sentences), len(words)), np.int8)
    for row, sentence in zip(counts, sentences):
        for word in sentence.split():
            row[place[word]] += 1
    return counts, words


def by_kind(bag_ceiling):
    """The ceiling of any function of the counts by kind of sentence, and of all; the kind can be read off a bag.

    Parameters
    ----------
    bag_ceiling : callable
        The learner's.
    """
    sentences, good, kinds, chances = opinions()
    asked = {kind: np.flatnonzero(kinds == kind) for kind in dict.fromkeys(kinds.tolist())} | {"all": np.arange(len(kinds))}
    return {
        kind: bag_ceiling([sentences[i] for i in rows], good[rows], chances[rows] / chances[rows].sum()) for kind, rows in asked.items()
    }


#: Weights of the best linear judge of the counts, which says + above 0; all other words weigh nothing.
JUDGE = dict.fromkeys(GOOD, 1.0) | dict.fromkeys(BAD, -1.0) | {"not": -1.5}


def linear_judge():
    """The accuracy of `JUDGE`, by kind of sentence. No other weights do better: `linear_loss`."""
    _, good, kinds, chances = opinions()
    counts, words = bags()
    return _accuracies((counts @ np.array([JUDGE.get(word, 0.0) for word in words]) > 0) == good, kinds, chances)


def linear_loss():
    """How far any linear judge of the counts stays below the ceiling of all functions of them, at least.

    Take four bags: a plain one with good adjectives, the same with bad ones in their places, and both with a negation. The
    first and the last should score above the cut, the others not; but a linear score of the first and the last together is
    that of the other two, whatever the weights. So one of the four gets the unlikelier answer. Each bag is in one family:
    a plain pair, and a pair for each negation. In a family either one of the plain bags is lost, or one bag of each negation.
    """
    mirror, negating = dict(zip(BAD, GOOD)), {"not", *"i would say that".split()}
    families = defaultdict(lambda: defaultdict(lambda: defaultdict(float)))
    for sentence, good, _, chance in zip(*opinions()):
        words = sentence.split()
        signs = {word in GOOD for word in words if word in GOOD + BAD}
        if len(signs) == 1:
            plain = tuple(sorted(mirror.get(word, word) for word in words if word not in negating))
            negation = tuple(sorted(word for word in words if word in negating))
            families[plain][negation][signs.pop()] += chance if good else -chance
    lost = 0.0
    for family in families.values():
        plain = family.pop(())
        pairs = [min(-negated[True], negated[False]) for negated in family.values()]
        lost += min(plain[True], -plain[False], sum(max(pair, 0.0) for pair in pairs))
    return lost


def _accuracies(hits, kinds, chances):
    asked = {kind: kinds == kind for kind in dict.fromkeys(kinds.tolist())} | {"all": slice(None)}
    return {kind: float(np.average(hits[rows], weights=chances[rows])) for kind, rows in asked.items()}


def draw_opinions(number=3000, seed=0):
    """Places of sentences in `opinions` drawn to learn from, by their chances, and of all that were not drawn."""
    chances = opinions()[3]
    drawn = np.random.default_rng(seed).choice(len(chances), number, p=chances)
    return drawn, np.setdiff1d(np.arange(len(chances)), drawn)


def word_ids(some):
    """Ids (number, longest) of sentences, words numbered from 1, padded with 0."""
    place = {word: 1 + i for i, word in enumerate(bags()[1])}
    return data.pad([[place[word] for word in sentence.split()] for sentence in some])[0].astype("int32")


def opinion_model(both=False, units=16, words=None, seed=1):
    """A Keras model from word ids to a logit of a good opinion, untrained; `words` ids, by default the grammar's."""
    with session.quiet():
        import keras

    keras.utils.set_random_seed(seed)
    layer = keras.layers.GRU(units)
    read = keras.layers.Embedding(words or 1 + len(bags()[1]), 16, mask_zero=True)
    layers = [read, keras.layers.Bidirectional(layer) if both else layer, keras.layers.Dense(1), keras.layers.Reshape(())]
    model = keras.Sequential([keras.Input((None,), dtype="int32"), *layers])
    model.compile(loss=keras.losses.BinaryCrossentropy(from_logits=True))
    return model


def judge_opinions(model, chosen, at_most=4000):
    """Accuracy by kind on held-out sentences (places in `opinions`): all of one clause, and others up to so many in all.

    Returns
    -------
    accuracy : dict of str to float
    asked : dict of str to int
        How many sentences of each kind.
    """
    sentences, good, kinds, chances = opinions()
    chosen = np.random.default_rng(0).permutation(chosen)
    clause = np.char.startswith(kinds[chosen], "one clause")
    chosen = np.concatenate([chosen[clause], chosen[~clause]])[:at_most]
    hits = (np.asarray(model(word_ids([sentences[i] for i in chosen]))) > 0) == good[chosen]
    return _accuracies(hits, kinds[chosen], chances[chosen]), dict(Counter(kinds[chosen].tolist()))


def one_of_each(kinds, seed=1):
    """A place of each kind of sentence, drawn at random."""
    rng = np.random.default_rng(seed)
    return [int(rng.choice(np.flatnonzero(kinds == kind))) for kind in dict.fromkeys(kinds.tolist())]


def verdict(model, sentence):
    """What a model makes of a sentence, in words; the sentence may be any, but only the grammar's words can be read."""
    words = sentence.lower().split()
    unknown = [word for word in words if word not in bags()[1]]
    if unknown or not words:
        known = textwrap.fill(", ".join(bags()[1]), 90)
        return f"It cannot read {', '.join(unknown) or 'an empty line'}. Its words:\n{known}"
    p = 1 / (1 + np.exp(-float(np.asarray(model(word_ids([sentence.lower()])))[0])))
    return f"{sentence}\nfavourable with a probability of {100 * p:.0f} %"


# Real reviews, where they are on this machine.

#: Words that are told apart, and last words of each review that are read.
FREQUENT, LAST = 5000, 100
#: Validation accuracies of a GRU on these reviews, from Geron's book: without a mask after 2 epochs, with one after 5.
PUBLISHED = {"published GRU, no mask, 2 epochs": 0.501, "published GRU, mask, 5 epochs": 0.855}
NOT_HERE = (
    "IMDB's reviews are not on this machine. Where there is a network,\n"
    "keras.datasets.imdb.load_data() fetches them (17 MB); then run this again."
)


def reviews():
    """IMDB's reviews as word ids (number, LAST), padded with 0 on the right, and 1 for favourable: to learn from and held out.

    Returns
    -------
    pair of (ids, good), or None
        None where Keras has not fetched them yet: nothing is downloaded here.
    """
    folder = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras")
    if not (folder / "datasets" / "imdb.npz").is_file():
        return None
    with session.quiet():
        import keras

    parts = keras.datasets.imdb.load_data(num_words=FREQUENT)
    return tuple((data.pad([words[-LAST:] for words in part])[0].astype("int32"), good.astype("float32")) for part, good in parts)


def naive_bayes(train, held_out):
    """Accuracy of counts of words: each word adds the logarithm of how much more frequent it is in favourable reviews."""
    counts = np.stack([np.bincount(train[0][train[1] == sign].ravel(), minlength=FREQUENT) for sign in (0, 1)]) + 1.0
    counts[:, 0] = 1  # padding
    bad, good = np.log(counts / counts.sum(axis=1, keepdims=True))
    weigh = good - bad
    weigh[0] = 0
    return float(np.mean((weigh[held_out[0]].sum(axis=1) > 0) == held_out[1]))


def judge_reviews(model, held_out):
    """Accuracy of a model on held-out reviews."""
    said = np.concatenate([np.asarray(model(rows)) > 0 for rows in np.array_split(held_out[0], 1 + len(held_out[0]) // 500)])
    return float(np.mean(said == held_out[1]))
