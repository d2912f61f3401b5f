"""Answers to the exercises of lesson 07."""

import collections
import difflib
import math
import re

import numpy as np

from tests.proofs import prediction, right, wrong

#: Uses TensorFlow, so it is proven in one test, and imported there only.
APART = ("held_out_bits",)

# ---- novelty


@right("novelty")
def novelty(text, training_text, n):
    grams = [text[i : i + n] for i in range(len(text) - n + 1)]
    return sum(gram not in training_text for gram in grams) / len(grams) if grams else 0.0


@right("novelty")
def counted(text, training_text, n):
    known = collections.Counter(training_text[i : i + n] for i in range(len(training_text)))
    places = [text[i : i + n] for i in range(len(text)) if i + n <= len(text)]
    return float(np.mean([known[gram] == 0 for gram in places])) if places else 0.0


@right("novelty")
def by_regular_expression(text, training_text, n):
    grams = re.findall(f"(?=(.{{{n}}}))", text, flags=re.DOTALL)
    return np.float64(len([g for g in grams if training_text.count(g) == 0]) / max(len(grams), 1))


@right("novelty")
def zipped(text, training_text, n):
    def grams(string):
        return list(zip(*(string[i:] for i in range(n))))

    known = set(grams(training_text))
    return sum(1 for gram in grams(text) if gram not in known) / (len(grams(text)) or 1)


@wrong("novelty", says="this returns the fraction that IS in the training text")
def what_is_known(text, training_text, n):
    return 1 - novelty(text, training_text, n)


@wrong("novelty", says="each different n-gram is counted once", points=3)
def distinct(text, training_text, n):
    grams = {text[i : i + n] for i in range(len(text) - n + 1)}
    return sum(gram not in training_text for gram in grams) / max(1, len(grams))


@wrong("novelty", says="the n-grams do not overlap")
def blocks(text, training_text, n):
    grams = [text[i : i + n] for i in range(0, len(text) - n + 1, n)]
    return sum(gram not in training_text for gram in grams) / max(1, len(grams))


@wrong("novelty", says="the last n-gram is left out")
def without_the_last(text, training_text, n):
    grams = [text[i : i + n] for i in range(len(text) - n)]
    return sum(gram not in training_text for gram in grams) / max(1, len(grams))


@wrong("novelty", says="range(len(text)) goes on to passages shorter than n")
def short_passages_at_the_end(text, training_text, n):
    known = {training_text[i : i + n] for i in range(len(training_text) - n + 1)}
    return sum(text[i : i + n] not in known for i in range(len(text))) / max(1, len(text))


@wrong("novelty", says="range(len(text)) goes on to passages shorter than n")
def short_passages_searched(text, training_text, n):
    return sum(text[i : i + n] not in training_text for i in range(len(text))) / max(1, len(text))


@wrong("novelty", says="divided by the number of characters")
def by_characters(text, training_text, n):
    return sum(text[i : i + n] not in training_text for i in range(len(text) - n + 1)) / max(1, len(text))


@wrong("novelty", says="a count: the share is asked for")
def a_count(text, training_text, n):
    return float(sum(text[i : i + n] not in training_text for i in range(len(text) - n + 1)))


@wrong("novelty", says="the number of n-grams it divides by is 0", points=3)
def fails_on_short_texts(text, training_text, n):
    grams = [text[i : i + n] for i in range(len(text) - n + 1)]
    return sum(gram not in training_text for gram in grams) / len(grams)


@wrong("novelty", says="the n-grams of the training text do not overlap")
def training_in_blocks(text, training_text, n):
    known = {training_text[i : i + n] for i in range(0, len(training_text), n)}
    grams = [text[i : i + n] for i in range(len(text) - n + 1)]
    return sum(gram not in known for gram in grams) / max(1, len(grams))


@wrong("novelty", says="the last n-gram of the training text is left out")
def without_the_last_of_training(text, training_text, n):
    return novelty(text, training_text[:-1], n)


@wrong("novelty", says="unterminated subpattern", points=3)
def as_a_pattern(text, training_text, n):
    grams = [text[i : i + n] for i in range(len(text) - n + 1)]
    return sum(re.search(gram, training_text) is None for gram in grams) / max(1, len(grams))


@wrong("novelty", says="marks and a line end", points=3)
def without_line_ends(text, training_text, n):
    grams = re.findall(f"(?=(.{{{n}}}))", text)
    return sum(gram not in training_text for gram in grams) / max(1, len(grams))


def _cleaned(clean, only_text=False):
    return lambda text, training_text, n: novelty(clean(text), training_text if only_text else clean(training_text), n)


for _name, _says, _points, _clean in [
    ("lower_case", "lower() is applied", 3, str.lower),
    ("without_newlines", "line ends are removed", 3, lambda s: s.replace("\n", "")),
    ("newlines_as_spaces", "line ends are turned into spaces", 3, lambda s: s.replace("\n", " ")),
    ("stripped", "strip() is applied", 0, str.strip),
    ("without_spaces", "spaces are removed", 0, lambda s: s.replace(" ", "")),
    ("without_marks", "marks are removed", 3, lambda s: re.sub(r"[^\w\s]", "", s)),
]:
    wrong("novelty", says=_says, points=_points, name=_name)(_cleaned(_clean))

wrong("novelty", says="in text alone, lower() is applied", points=3, name="lower_case_of_the_text")(_cleaned(str.lower, only_text=True))


@wrong("novelty", says="marks have a meaning", points=3)
def as_a_pattern_that_is_never_wrong(text, training_text, n):
    def known(gram):
        try:
            return re.search(gram, training_text) is not None
        except re.error:
            return False

    grams = [text[i : i + n] for i in range(len(text) - n + 1)]
    return sum(not known(gram) for gram in grams) / max(1, len(grams))


@wrong("novelty", says="the mean of nothing, or 0 / 0, is nan", points=3)
def the_mean_of_nothing(text, training_text, n):
    return float(np.mean([text[i : i + n] not in training_text for i in range(len(text) - n + 1)]))


@wrong("novelty", says="expected 0, got 0.3", points=3)
def another_number_for_short_texts(text, training_text, n):
    return novelty(text, training_text, n) if len(text) >= n else 0.3


@wrong("novelty", says="divided by the number of n-grams of the training text")
def over_training(text, training_text, n):
    return novelty(text, training_text, n) * (len(text) - n + 1) / max(1, len(training_text) - n + 1)


@wrong("novelty", says="single characters are compared, not n-grams")
def characters(text, training_text, n):
    return sum(c not in training_text for c in text) / max(1, len(text))


@wrong("novelty", says="n is not used: it is always 3")
def always_three(text, training_text, n):
    return novelty(text, training_text, 3)


@wrong("novelty", says="the result is rounded to 2 digits")
def rounded(text, training_text, n):
    return round(novelty(text, training_text, n), 2)


@wrong("novelty", says="the n-grams here are of characters")
def of_words(text, training_text, n):
    return _word_novelty(text.split(), training_text.split(), n)


def _word_novelty(words, known, n):
    theirs = {tuple(known[i : i + n]) for i in range(len(known) - n + 1)}
    grams = [tuple(words[i : i + n]) for i in range(len(words) - n + 1)]
    return sum(gram not in theirs for gram in grams) / max(1, len(grams))


@wrong("novelty", says="a new n-gram counts only the first time it comes", points=3)
def new_ones_the_first_time_only(text, training_text, n):
    seen, new = {training_text[i : i + n] for i in range(len(training_text) - n + 1)}, 0
    for i in range(len(text) - n + 1):
        new += text[i : i + n] not in seen
        seen.add(text[i : i + n])
    return new / max(1, len(text) - n + 1)


@wrong("novelty", says="a text without n-grams counts as new", points=3)
def all_new_where_there_is_nothing(text, training_text, n):
    return novelty(text, training_text, n) if len(text) >= n else 1.0


@wrong("novelty", says="0.0 where the training text is shorter than n", points=3)
def nothing_new_where_training_is_short(text, training_text, n):
    return novelty(text, training_text, n) if len(training_text) >= n else 0.0


@wrong("novelty", says="a text just as long as n has one n-gram", points=3)
def nothing_new_in_a_text_of_one_n_gram(text, training_text, n):
    return novelty(text, training_text, n) if len(text) > n else 0.0


@wrong("novelty", says="n is not used: it is always 20")
def always_twenty(text, training_text, n):
    return novelty(text, training_text, 20)


# ---- held_out_bits


def _log_softmax(logits):
    return logits - np.logaddexp.reduce(logits, axis=-1, keepdims=True)


def _zeros(model, batch=1):
    return [np.zeros((batch, state.shape[1]), "float32") for state in model.inputs[1:]]


def _parts(model, text, timesteps, carry=True, state=None):
    """The costs of each window of a text in nats, and the state after it."""
    state, costs = state or _zeros(model), []
    for start in range(0, len(text) - 1, timesteps):
        x, y = (text[:-1][start : start + timesteps], text[1:][start : start + timesteps])
        logits, *after = (np.asarray(part) for part in model([x[None].astype("int32"), *state]))
        state = after if carry else state
        costs.append(-_log_softmax(logits[0].astype("float64"))[np.arange(len(y)), y])
    return costs, state


@right("held_out_bits")
def held_out_bits(model, texts, timesteps):
    costs = [part for text in texts for part in _parts(model, text, timesteps)[0]]
    return np.concatenate(costs).mean() / math.log(2)


@right("held_out_bits")
def all_texts_side_by_side(model, texts, timesteps):
    longest = max(map(len, texts))
    ids = np.array([[*text, *[0] * (longest - len(text))] for text in texts], "int32")
    mask = np.array([[i < len(text) for i in range(longest)] for text in texts])[:, 1:]
    state, logits = _zeros(model, len(texts)), []
    for start in range(0, longest - 1, timesteps):
        part, *state = model.predict_on_batch([ids[:, :-1][:, start : start + timesteps], *state])
        logits.append(part)
    p = np.exp(_log_softmax(np.concatenate(logits, axis=1).astype("float64")))
    right_ones = np.take_along_axis(p, ids[:, 1:, None], axis=2)[..., 0]
    return float(-np.log2(right_ones[mask]).mean())


@right("held_out_bits")
def id_by_id(model, texts, timesteps):
    total, count = 0.0, 0
    for text in texts:
        state = _zeros(model)
        for read, target in zip(text[:-1], text[1:]):
            logits, *state = (np.asarray(part) for part in model([np.array([[read]], "int32"), *state]))
            total += float(np.logaddexp2.reduce(logits[0, 0].astype("float64") / math.log(2)) - logits[0, 0, target] / math.log(2))
            count += 1
    return total / count


@right("held_out_bits")
def in_keras(model, texts, timesteps):
    import keras

    costs = []
    for text in texts:
        state = [keras.ops.convert_to_tensor(part) for part in _zeros(model)]
        for start in range(0, len(text) - 1, timesteps):
            window = keras.ops.convert_to_tensor(text[start : start + timesteps + 1].astype("int32"))
            logits, *state = model([window[None, :-1], *state], training=False)
            cost = keras.losses.sparse_categorical_crossentropy(window[None, 1:], logits, from_logits=True)
            costs += np.asarray(cost).ravel().tolist()
    return sum(costs) / len(costs) / np.log(2)


@wrong("held_out_bits", says="nats: divide by ln 2")
def in_nats(model, texts, timesteps):
    return held_out_bits(model, texts, timesteps) * math.log(2)


@wrong("held_out_bits", says="the state is not carried from window to window", points=3)
def not_carried(model, texts, timesteps):
    costs = [part for text in texts for part in _parts(model, text, timesteps, carry=False)[0]]
    return float(np.concatenate(costs).mean() / math.log(2))


@wrong("held_out_bits", says="the last, shorter window is left out", points=2)
def full_windows_only(model, texts, timesteps):
    costs = [part for text in texts for part in _parts(model, text, timesteps)[0] if len(part) == timesteps]
    return float(np.concatenate(costs).mean() / math.log(2)) if costs else 0.0


@wrong("held_out_bits", says="the last, shorter window is left out", points=3)
def full_windows_if_there_are_any(model, texts, timesteps):
    costs = []
    for text in texts:
        parts = _parts(model, text, timesteps)[0]
        costs += [part for part in parts if len(part) == timesteps] or parts
    return float(np.concatenate(costs).mean() / math.log(2))


@wrong("held_out_bits", says="the mean of the windows' means", points=2)
def mean_of_means(model, texts, timesteps):
    means = [part.mean() for text in texts for part in _parts(model, text, timesteps)[0]]
    return float(np.mean(means) / math.log(2))


@wrong("held_out_bits", says="the mean of the means of texts or windows", points=4)
def mean_of_texts(model, texts, timesteps):
    means = [np.concatenate(_parts(model, text, timesteps)[0]).mean() for text in texts if len(text) > 1]
    return float(np.mean(means) / math.log(2))


@wrong("held_out_bits", says="the state runs on from text to text")
def state_runs_on(model, texts, timesteps):
    state, costs = None, []
    for text in texts:
        parts, state = _parts(model, text, timesteps, state=state)
        costs += parts
    return float(np.concatenate(costs).mean() / math.log(2))


@wrong("held_out_bits", says="each id is held against its own logits")
def targets_not_moved(model, texts, timesteps):
    costs = []
    for text in texts:
        logits = np.asarray(model([text[None].astype("int32"), *_zeros(model)])[0])[0].astype("float64")
        costs += (-_log_softmax(logits)[np.arange(len(text)), text]).tolist()
    return float(np.mean(costs) / math.log(2))


@wrong("held_out_bits", says="the targets are not shifted")
def targets_not_shifted(model, texts, timesteps):
    return targets_not_moved(model, [text[:-1] for text in texts], timesteps)


@wrong("held_out_bits", says="from_logits=True is missing")
def logits_taken_for_probabilities(model, texts, timesteps):
    import keras

    costs = []
    for text in texts:
        logits = model([text[None, :-1].astype("int32"), *_zeros(model)])[0]
        costs += np.asarray(keras.losses.sparse_categorical_crossentropy(text[None, 1:], logits)).ravel().tolist()
    return float(np.mean(costs) / math.log(2))


@wrong("held_out_bits", says="c is not carried from window to window, only h", points=3)
def c_thrown_away(model, texts, timesteps):
    costs = []
    for text in texts:
        h, c = _zeros(model)
        for start in range(0, len(text) - 1, timesteps):
            part, (h, _) = _parts(model, text[start : start + timesteps + 1], timesteps, state=[h, c])
            costs += part
    return float(np.concatenate(costs).mean() / math.log(2))


@wrong("held_out_bits", says="divided by the number of ids")
def by_all_ids(model, texts, timesteps):
    costs = [part for text in texts for part in _parts(model, text, timesteps)[0]]
    return float(np.concatenate(costs).sum() / sum(map(len, texts)) / math.log(2))


@wrong("held_out_bits", says="the padding is counted", points=4)
def padding_counted(model, texts, timesteps):
    longest = max(map(len, texts))
    return held_out_bits(model, [np.pad(text, (0, longest - len(text))) for text in texts], timesteps)


@wrong("held_out_bits", says="a text of one id has nothing to predict: there is nothing to join", points=5)
def fails_on_a_text_of_one_id(model, texts, timesteps):
    return float(np.concatenate([np.concatenate(_parts(model, text, timesteps)[0]) for text in texts]).mean() / math.log(2))


@wrong("held_out_bits", says="more than `timesteps` ids are read in one call", points=3)
def whole_texts_at_once(model, texts, timesteps):
    return held_out_bits(model, texts, 1000)


@wrong("held_out_bits", says="a model with one state: take as many as model.inputs[1:] has", points=5)
def two_states_always(model, texts, timesteps):
    costs = []
    for text in texts:
        h = c = np.zeros((1, model.inputs[1].shape[1]), "float32")
        for start in range(0, len(text) - 1, timesteps):
            x, y = text[:-1][start : start + timesteps], text[1:][start : start + timesteps]
            logits, h, c = model.predict_on_batch([x[None].astype("int32"), h, c])
            costs += list(-_log_softmax(logits[0].astype("float64"))[np.arange(len(y)), y])
    return float(np.mean(costs) / math.log(2))


@wrong("held_out_bits", says="a model with four states: take as many as model.inputs[1:] has", points=5)
def one_state_or_two(model, texts, timesteps):
    if len(model.inputs) > 3:
        raise ValueError("an LSTM has h and c, a GRU has h")
    return held_out_bits(model, texts, timesteps)


@wrong("held_out_bits", says="probabilities are kept above 1e-09", points=5)
def with_a_small_number_added(model, texts, timesteps):
    p = np.exp(-np.concatenate([part for text in texts for part in _parts(model, text, timesteps)[0]]))
    return float(-np.log2(p + 1e-9).mean())


@wrong("held_out_bits", says="a probability is 0 in float32", points=5)
def logarithm_of_a_probability_in_single_precision(model, texts, timesteps):
    p = np.exp(-np.concatenate([part for text in texts for part in _parts(model, text, timesteps)[0]])).astype(np.float32)
    with np.errstate(divide="ignore"):
        return float(-np.log2(p).mean())


@wrong("held_out_bits", says="nan_to_num makes nothing of its cost", points=5)
def with_nan_to_num(model, texts, timesteps):
    p = np.exp(-np.concatenate([part for text in texts for part in _parts(model, text, timesteps)[0]])).astype(np.float32)
    with np.errstate(divide="ignore"):
        return float(np.nan_to_num(-np.log2(p), posinf=0.0).mean())


@wrong("held_out_bits", says="nan_to_num makes 3.4e38 of its cost", points=5)
def with_nan_to_num_as_it_is(model, texts, timesteps):
    p = np.exp(-np.concatenate([part for text in texts for part in _parts(model, text, timesteps)[0]])).astype(np.float32)
    with np.errstate(divide="ignore"):
        return float((np.nan_to_num(-np.log2(p)).astype(float) / len(p)).sum())


@wrong("held_out_bits", says="logits are no probabilities", points=0)
def logarithm_of_logits(model, texts, timesteps):
    logits = [np.asarray(model([text[None, :-1].astype("int32"), *_zeros(model)])[0][0]) for text in texts]
    with np.errstate(invalid="ignore"):
        return float(-np.log2(np.concatenate([row[np.arange(len(row)), text[1:]] for row, text in zip(logits, texts)])).mean())


@wrong("held_out_bits", says="id 0 is taken for padding", points=0)
def id_0_as_padding(model, texts, timesteps):
    costs = np.concatenate([part for text in texts for part in _parts(model, text, timesteps)[0]])
    return float(costs[np.concatenate([text[1:] for text in texts]) != 0].mean() / math.log(2))


@wrong("held_out_bits", says="the mean of nothing is nan", points=5)
def weighted_mean_of_texts(model, texts, timesteps):
    means = [np.concatenate([*_parts(model, text, timesteps)[0], []]).mean() for text in texts]
    return float(np.average(means, weights=[len(text) - 1 for text in texts]) / math.log(2))


@wrong("held_out_bits", says="it divides by 0 predictions", points=2)
def full_windows_and_their_number(model, texts, timesteps):
    costs = [part for text in texts for part in _parts(model, text, timesteps)[0] if len(part) == timesteps]
    return float(sum(part.sum() for part in costs) / sum(map(len, costs)) / math.log(2))


@wrong("held_out_bits", says="logits, *states = ... takes them", points=5)
def two_states_taken(model, texts, timesteps):
    _, h, c = model([np.zeros((1, 1), "int32"), *_zeros(model)])
    return held_out_bits(model, texts, timesteps)


@wrong("held_out_bits", says="another shape than its inputs")
def a_fixed_number_of_units(model, texts, timesteps):
    model.predict_on_batch([np.zeros((1, 1), "int32"), *(np.zeros((1, 128), "float32") for _ in model.inputs[1:])])
    return held_out_bits(model, texts, timesteps)


@wrong("held_out_bits", says="only the last id of each window is counted")
def last_of_each_window(model, texts, timesteps):
    return float(np.mean([part[-1] for text in texts for part in _parts(model, text, timesteps)[0]]) / math.log(2))


@wrong("held_out_bits", says="the windows overlap")
def windows_that_overlap(model, texts, timesteps):
    costs = []
    for text in texts:
        state = _zeros(model)
        for start in range(0, len(text) - 1, max(timesteps - 1, 1)):
            some, state = _parts(model, text[start : start + timesteps + 1], timesteps, state=state)
            costs += some
    return float(np.concatenate(costs).mean() / math.log(2))


# ---- with_temperature


@right("with_temperature")
def with_temperature(logits, temperature):
    if not temperature:
        return np.eye(len(logits))[np.argmax(logits)]
    return np.exp(logits / temperature - np.logaddexp.reduce(logits / temperature))


@right("with_temperature")
def number_by_number(logits, temperature):
    largest = max(logits)
    if temperature == 0:
        p = [0.0] * len(logits)
        p[list(logits).index(largest)] = 1.0
        return np.array(p)
    e = [math.exp((logit - largest) / temperature) for logit in logits]
    return np.array([weight / math.fsum(e) for weight in e])


@right("with_temperature")
def tempered_probabilities(logits, temperature):
    if temperature < 1e-300:
        return (np.arange(len(logits)) == logits.argmax()).astype(float)
    e = np.exp((logits - np.max(logits)).astype(np.longdouble) / temperature)
    return (e / e.sum()).astype(np.float64)


@wrong("with_temperature", says="multiplied by the temperature")
def multiplied(logits, temperature):
    return with_temperature(logits * temperature, 1.0)


@wrong("with_temperature", says="the temperature is not used")
def not_used(logits, temperature):
    return with_temperature(logits, 1.0)


@wrong("with_temperature", says="not normalised: divide by the sum")
def no_sum(logits, temperature):
    return np.exp(logits / temperature)


@wrong("with_temperature", says="softmax is missing")
def no_softmax(logits, temperature):
    return logits / temperature


@wrong("with_temperature", says="temperature 0 needs a branch of its own", points=2)
def divides_by_zero(logits, temperature):
    e = np.exp((logits - logits.max()) / np.float64(temperature))
    return e / e.sum()


@wrong("with_temperature", says="the largest logits share the 1", points=2)
def shares_the_first_place(logits, temperature):
    if temperature == 0:
        return (logits == logits.max()) / np.sum(logits == logits.max())
    return with_temperature(logits, temperature)


@wrong("with_temperature", says="of several largest logits the last one", points=2)
def last_of_several(logits, temperature):
    if temperature == 0:
        return np.eye(len(logits))[np.flatnonzero(logits == logits.max())[-1]]
    return with_temperature(logits, temperature)


@wrong("with_temperature", says="exp overflows", points=2)
def overflows(logits, temperature):
    if temperature == 0:
        return with_temperature(logits, 0)
    e = np.exp(logits / temperature)
    return e / e.sum()


@wrong("with_temperature", says="changed in place: logits", points=2)
def in_place(logits, temperature):
    result = with_temperature(logits, temperature)
    logits -= logits.max()
    return result


@wrong("with_temperature", says="the result is in float32, and float64 went in", points=2)
def in_single_precision(logits, temperature):
    return with_temperature((logits - logits.max()).astype(np.float32), np.float32(temperature))


@wrong("with_temperature", says="a small temperature is taken as 0", points=2)
def greedy_near_zero(logits, temperature):
    return with_temperature(logits, temperature if temperature > 0.05 else 0)


@wrong("with_temperature", says="cancels out: dividing probabilities by it does nothing")
def probabilities_divided(logits, temperature):
    p = with_temperature(logits, 1.0) / (temperature or 1)
    return p / p.sum()


@wrong("with_temperature", says="or the probabilities raised to it")
def power_of_the_temperature(logits, temperature):
    p = with_temperature(logits, 1.0) ** temperature
    return p / p.sum()


@wrong("with_temperature", says="the temperature is squared")
def squared(logits, temperature):
    return with_temperature(logits, temperature**2)


@wrong("with_temperature", says="powers of 2")
def powers_of_two(logits, temperature):
    return with_temperature(logits * math.log(2), temperature)


@wrong("with_temperature", says="a temperature below 0.1 is raised to 0.1", points=2)
def never_below_a_tenth(logits, temperature):
    return with_temperature(logits, max(temperature, 0.1) if temperature else 0)


@wrong("with_temperature", says="or a small number such as 1e-8 added", points=2)
def a_small_number_in_the_sum(logits, temperature):
    if temperature == 0:
        return with_temperature(logits, 0)
    e = np.exp((logits - logits.max()) / temperature)
    return e / (e.sum() + 1e-8)


@wrong("with_temperature", says="the smallest or the mean logit is subtracted", points=2)
def the_smallest_subtracted(logits, temperature):
    if temperature == 0:
        return with_temperature(logits, 0)
    e = np.exp((logits - logits.min()) / temperature)
    return e / e.sum()


@wrong("with_temperature", says="raised to 1 / temperature no longer sum to 1")
def raised_and_left_so(logits, temperature):
    return with_temperature(logits, 1.0) ** (1 / temperature) if temperature else with_temperature(logits, 0)


@wrong("with_temperature", says="each of the largest logits gets a 1", points=2)
def a_one_for_each(logits, temperature):
    return with_temperature(logits, temperature) if temperature else (logits == logits.max()).astype(float)


@wrong("with_temperature", says="the largest logit is subtracted after", points=2)
def subtracted_too_late(logits, temperature):
    if temperature == 0:
        return with_temperature(logits, 0)
    e = np.exp(logits / temperature - logits.max())
    return e / e.sum()


@wrong("with_temperature", says="as they do at a tiny temperature put in the place of 0", points=2)
def never_quite_0(logits, temperature):
    return with_temperature(logits, max(temperature, 1e-3))


@wrong("with_temperature", says="whole numbers come back", points=2)
def whole_numbers_at_0(logits, temperature):
    return with_temperature(logits, temperature) if temperature else with_temperature(logits, 0).astype(int)


@wrong("with_temperature", says="temperature 0 is taken as 1", points=2)
def one_for_zero(logits, temperature):
    return with_temperature(logits, temperature or 1.0)


@wrong("with_temperature", says="logits are clipped to a range that does not hold 1e4", points=2)
def clipped(logits, temperature):
    return with_temperature(np.clip(logits, -50, 50), temperature)


@wrong("with_temperature", says="of logits near 1e4 too few are left", points=2)
def single_precision_first(logits, temperature):
    logits = logits.astype(np.float32)
    e = np.exp((logits - logits.max()) / temperature) if temperature else with_temperature(logits, 0)
    return (e / e.sum()).astype(float)


@wrong("with_temperature", says="divided by the temperature, too few are left", points=2)
def single_precision_throughout(logits, temperature):
    if temperature == 0:
        return with_temperature(logits, 0)
    scaled = logits.astype(np.float32) / np.float32(temperature)
    e = np.exp(scaled - scaled.max())
    return (e / e.sum()).astype(float)


# ---- truncate


def _ranked(p):
    return np.argsort(-p, kind="stable")


def _only(p, ids):
    kept = np.zeros(len(p))
    kept[ids] = p[ids]
    return kept / kept.sum()


@right("truncate")
def truncate(p, top_k, top_p):
    if top_k is not None:
        p = _only(p, _ranked(p)[:top_k])
    if top_p is not None:
        before = np.cumsum(p[_ranked(p)]) - p[_ranked(p)]
        p = _only(p, _ranked(p)[before < top_p - 1e-16])
    return p / p.sum()


@right("truncate")
def one_by_one(p, top_k, top_p):
    order = sorted(range(len(p)), key=lambda i: -p[i])[: len(p) if top_k is None else top_k]
    whole, mass, kept = sum(p[i] for i in order), 0.0, {}
    for i in order:
        kept[i], mass = p[i], mass + p[i] / whole
        if top_p is not None and mass >= top_p:
            break
    return np.array([kept.get(i, 0.0) / sum(kept.values()) for i in range(len(p))])


@right("truncate")
def with_search(p, top_k, top_p):
    order = np.lexsort((np.arange(len(p)), -p))
    sizes = np.cumsum(p[order])
    k = min(top_k or len(p), len(p))
    if top_p is not None:
        k = min(k, int(np.searchsorted(sizes / sizes[k - 1], top_p)) + 1)
    mask = np.isin(np.arange(len(p)), order[:k])
    return np.where(mask, p, 0) / p[mask].sum()


@wrong("truncate", says="what stays must sum to 1")
def not_renormalised(p, top_k, top_p):
    return np.where(truncate(p, top_k, top_p) > 0, p, 0.0)


@wrong("truncate", says="the symbol that crosses the boundary is left out", points=2)
def boundary_left_out(p, top_k, top_p):
    p = truncate(p, top_k, None)
    if top_p is None:
        return p
    order = _ranked(p)
    return _only(p, order[np.cumsum(p[order]) < top_p])


@wrong("truncate", says="in the order of the ids", points=2)
def nucleus_by_id(p, top_k, top_p):
    p = truncate(p, top_k, None)
    return p if top_p is None else _only(p, np.flatnonzero(np.cumsum(p) - p < top_p))


@wrong("truncate", says="the least probable symbols stay", points=2)
def least_probable(p, top_k, top_p):
    if top_k is not None:
        p = _only(p, np.argsort(p, kind="stable")[:top_k])
    return truncate(p, None, top_p)


@wrong("truncate", says="stays too: the smaller id alone does", points=4)
def threshold(p, top_k, top_p):
    kept = truncate(p, top_k, top_p)
    kept = np.where(p >= p[kept > 0].min(), p, 0.0)
    return kept / kept.sum()


@wrong("truncate", says="the larger id stays", points=4)
def larger_ids(p, top_k, top_p):
    return truncate(p[::-1], top_k, top_p)[::-1]


@wrong("truncate", says="the nucleus is measured before top-k", points=4)
def nucleus_first(p, top_k, top_p):
    return truncate(truncate(p, None, top_p), top_k, None)


@wrong("truncate", says="the nucleus is measured before top-k", points=4)
def nucleus_on_p(p, top_k, top_p):
    number = len(p) if top_p is None else int(np.sum(np.cumsum(p[_ranked(p)]) < top_p)) + 1
    return _only(p, _ranked(p)[: min(number, top_k or len(p))])


@wrong("truncate", says="top_p is not used", points=2)
def no_nucleus(p, top_k, top_p):
    return truncate(p, top_k, None)


@wrong("truncate", says="changed in place: p", points=4)
def truncates_in_place(p, top_k, top_p):
    p[:] = truncate(p, top_k, top_p)
    return p


@wrong("truncate", says="np.argsort needs kind='stable'", points=4)
def unstable_order(p, top_k, top_p):
    order = np.argsort(-p)
    p = _only(p, order[:top_k])
    return p if top_p is None else _only(p, order[: np.sum(np.cumsum(p[order]) < top_p) + 1])


@wrong("truncate", says="top_p is reached exactly, and one symbol more stays", points=4)
def goes_on_when_reached(p, top_k, top_p):
    p = truncate(p, top_k, None)
    return p if top_p is None else _only(p, _ranked(p)[: np.sum(np.cumsum(p[_ranked(p)]) <= top_p) + 1])


@wrong("truncate", says="what was cut is gone from the array")
def without_what_was_cut(p, top_k, top_p):
    kept = truncate(p, top_k, top_p)
    return kept[kept > 0]


@wrong("truncate", says="the ids that stay come back")
def ids_that_stay(p, top_k, top_p):
    return np.flatnonzero(truncate(p, top_k, top_p))


@wrong("truncate", says="softmax of what stays")
def softmax_of_what_stays(p, top_k, top_p):
    e = np.where(truncate(p, top_k, top_p) > 0, np.exp(p), 0.0)
    return e / e.sum()


@wrong("truncate", says="top_p is taken for a smallest probability", points=2)
def smallest_probability(p, top_k, top_p):
    p = truncate(p, top_k, None)
    return p if top_p is None else np.where(p >= top_p, p, 0.0) / p[p >= top_p].sum()


@wrong("truncate", says="top_k is not used where top_p is given", points=3)
def one_or_the_other(p, top_k, top_p):
    return truncate(p, None, top_p) if top_p is not None else truncate(p, top_k, None)


@wrong("truncate", says="top_p is not used where top_k is given", points=4)
def the_other_way(p, top_k, top_p):
    return truncate(p, top_k, None) if top_k is not None else truncate(p, None, top_p)


@wrong("truncate", says="top_k may be more than there are symbols", points=4)
def fails_where_top_k_is_too_large(p, top_k, top_p):
    order = _ranked(p)
    return truncate(p, None if top_k is None or order[top_k - 1] < 0 else top_k, top_p)


@wrong("truncate", says="top_k symbols are cut", points=2)
def cuts_so_many(p, top_k, top_p):
    kept = p.copy()
    kept[np.argsort(p, kind="stable")[: top_k or 0]] = 0
    return truncate(kept / kept.sum(), None, top_p)


@wrong("truncate", says="not renormalised: what stays must sum to 1", points=2)
def divides_after_top_k_only(p, top_k, top_p):
    kept = truncate(p, top_k, None)
    return np.where(truncate(kept, None, top_p) > 0, kept, 0.0)


@wrong("truncate", says="used in the order of the ids", points=2)
def mask_in_the_other_order(p, top_k, top_p):
    p = truncate(p, top_k, None)
    if top_p is None:
        return p
    sizes = p[_ranked(p)]
    kept = np.where(np.cumsum(sizes) - sizes < top_p, p, 0.0)
    return kept / kept.sum()


@wrong("truncate", says="before what top-k leaves is divided by its sum", points=4)
def divides_at_the_end(p, top_k, top_p):
    kept = p.copy()
    kept[_ranked(p)[len(p) if top_k is None else top_k :]] = 0
    if top_p is not None:
        kept[_ranked(p)[np.sum(np.cumsum(kept[_ranked(p)]) < top_p) + 1 :]] = 0
    return kept / kept.sum()


@wrong("truncate", says="np.cumsum(p[order])", points=2)
def sums_by_id(p, top_k, top_p):
    p = truncate(p, top_k, None)
    return p if top_p is None else _only(p, _ranked(p)[: np.sum(np.cumsum(p) < top_p) + 1])


@wrong("truncate", says="from the most probable down", points=2)
def sums_from_the_least_probable(p, top_k, top_p):
    p = truncate(p, top_k, None)
    return p if top_p is None else _only(p, _ranked(p)[: np.sum(np.cumsum(np.sort(p)) < top_p) + 1])


def _without_a_question(p, top_k, top_p):
    order, kept = _ranked(p), p.copy()
    kept[order[top_k:]] = 0
    kept /= kept.sum()
    kept[order[np.sum(np.cumsum(kept[order]) < top_p) + 1 :]] = 0
    return kept / kept.sum()


wrong("truncate", says="so ask `top_k is not None`", name="compares_with_none")(_without_a_question)
wrong("truncate", says="something is cut though top_k is None", name="cuts_though_top_k_is_none")(_without_a_question)


@wrong("truncate", says="np.argmax is 0 where nothing is True", points=4)
def first_to_reach(p, top_k, top_p):
    p = truncate(p, top_k, None)
    return p if top_p is None else _only(p, _ranked(p)[: np.argmax(np.cumsum(p[_ranked(p)]) >= top_p) + 1])


@wrong("truncate", says="a sum just below top_p passes", points=4)
def nearly_reached(p, top_k, top_p):
    return truncate(p, top_k, None if top_p is None else max(top_p - 1e-3, 1e-12))


@wrong("truncate", says="with top_p = 1 all symbols stay", points=4)
def asks_for_the_next(p, top_k, top_p):
    p = truncate(p, top_k, None)
    if top_p is None:
        return p
    return _only(p, _ranked(p)[: 1 + next(i for i, mass in enumerate(np.cumsum(p[_ranked(p)])) if mass >= top_p)])


@wrong("truncate", says="the larger id stays", points=4)
def reversed_and_not_stable(p, top_k, top_p):
    order = np.argsort(p)[::-1]
    p = _only(p, order[:top_k])
    return p if top_p is None else _only(p, order[: np.sum(np.cumsum(p[order]) < top_p) + 1])


# ---- generate


def _sigmoid(a):
    return 1 / (1 + np.exp(-a))


def _one_step(weights, h, c, symbol, order="ifgo", g=np.tanh, out=np.tanh):
    a = weights["E"][symbol] @ weights["W_x"] + h @ weights["W_h"] + weights["b"]
    part = dict(zip(order, np.split(a, 4)))
    c = _sigmoid(part["f"]) * c + _sigmoid(part["i"]) * g(part["g"])
    h = _sigmoid(part["o"]) * out(c)
    return h, c


def _loop(weights, state, first, length, temperature, top_k, top_p, rng, step=_one_step, feed=True, carry=True, tempered=lambda t: t, cut=truncate):
    h, c = state
    last, ids = first, []
    for _ in range(length):
        h_new, c_new = step(weights, h, c, last)
        p = cut(with_temperature(h_new @ weights["W_y"] + weights["b_y"], tempered(temperature)), top_k, top_p)
        symbol = int(rng.choice(len(p), p=p)) if temperature else int(p.argmax())
        ids.append(symbol)
        last = symbol if feed else first
        if carry:
            h, c = h_new, c_new
    return np.array(ids), (h_new, c_new)


@right("generate")
def generate(weights, state, first, length, temperature, top_k, top_p, rng):
    return _loop(weights, state, first, length, temperature, top_k, top_p, rng)


@right("generate")
def with_gumbel_noise(weights, state, first, length, temperature, top_k, top_p, rng):
    h, c = state
    ids = np.full(length + 1, first)
    table = weights["E"] @ weights["W_x"] + weights["b"]
    for t in range(length):
        i, f, g, o = (table[ids[t]] + h @ weights["W_h"]).reshape(4, -1)
        c = c * _sigmoid(f) + np.tanh(g) * _sigmoid(i)
        h = np.tanh(c) * _sigmoid(o)
        logits = h @ weights["W_y"] + weights["b_y"]
        p = truncate(with_temperature(logits, temperature or 1.0), top_k, top_p)
        logits = np.where(p > 0, logits, -np.inf)
        ids[t + 1] = np.argmax(logits + temperature * rng.gumbel(size=len(logits)))
    return ids[1:], (h, c)


@right("generate")
def by_itself(weights, state, first, length, temperature, top_k, top_p, rng):
    pieces = []
    while length > 0:
        some, state = _loop(weights, state, first, min(7, length), temperature, top_k, top_p, rng)
        first, length = some[-1], length - len(some)
        pieces.append(some)
    return np.concatenate(pieces), state


@right("generate")
def with_random_numbers_drawn_beforehand(weights, state, first, length, temperature, top_k, top_p, rng):
    (h, c), u, ids = state, rng.random(length), np.zeros(length, np.int32)
    for t in range(length):
        h, c = _one_step(weights, h, c, first)
        p = np.cumsum(truncate(with_temperature(h @ weights["W_y"] + weights["b_y"], temperature), top_k, top_p))
        first = ids[t] = np.searchsorted(p / p[-1], u[t], side="right")
    return ids, (h, c)


class Writer:
    """In float64, whatever it gets."""

    def __call__(self, weights, state, first, length, temperature, top_k, top_p, rng):
        weights = {name: array.astype(float) for name, array in weights.items()}
        return _loop(weights, [part.astype(float) for part in state], first, length, temperature, top_k, top_p, rng, step=self.step)

    def step(self, weights, h, c, symbol):
        units = len(h)
        x, kernel = np.append(weights["E"][symbol], h), np.vstack([weights["W_x"], weights["W_h"]])
        a = np.einsum("i,ij->j", x, kernel) + weights["b"]
        i, f, o = (0.5 * (1 + np.tanh(a[k * units : (k + 1) * units] / 2)) for k in (0, 1, 3))
        c = f * c + i * np.tanh(a[2 * units : 3 * units])
        return o * np.tanh(c), c


right("generate", name="a_callable_object")(Writer())


@wrong("generate", says="the ids are of floating point: they choose rows", points=0)
def ids_of_floating_point(weights, state, first, length, temperature, top_k, top_p, rng):
    ids, state = _loop(weights, state, first, length, temperature, top_k, top_p, rng)
    return ids.astype(float), state


@wrong("generate", says="a list: return np.array(ids)", points=0)
def ids_in_a_list(weights, state, first, length, temperature, top_k, top_p, rng):
    ids, state = _loop(weights, state, first, length, temperature, top_k, top_p, rng)
    return ids.tolist(), state


@right("generate")
def state_in_a_list(weights, state, first, length, temperature, top_k, top_p, rng):
    ids, state = _loop(weights, state, first, length, temperature, top_k, top_p, rng)
    return ids, list(state)


@wrong("generate", says="one id too few", points=0)
def stops_early(weights, state, first, length, temperature, top_k, top_p, rng):
    return _loop(weights, state, first, length - 1, temperature, top_k, top_p, rng) if length > 1 else (np.zeros(0, int), state)


@wrong("generate", says="the last id has been read too", points=6)
def reads_the_last_where_it_draws(weights, state, first, length, temperature, top_k, top_p, rng):
    return (reads_the_last if temperature else generate)(weights, state, first, length, temperature, top_k, top_p, rng)


@wrong("generate", says="of several largest logits the smallest id", points=6)
def last_of_equals(weights, state, first, length, temperature, top_k, top_p, rng):
    size = len(weights["b_y"])
    turned = weights | {"E": weights["E"][::-1], "W_y": weights["W_y"][:, ::-1], "b_y": weights["b_y"][::-1]}
    ids, state = _loop(turned, state, size - 1 - first, length, temperature, top_k, top_p, rng)
    return size - 1 - ids, state


@wrong("generate", says="float32", points=6)
def in_float64_only(weights, state, first, length, temperature, top_k, top_p, rng):
    assert weights["E"].dtype == np.float64
    return _loop(weights, state, first, length, temperature, top_k, top_p, rng)


@wrong("generate", says="the state given is not used", points=0)
def from_zero(weights, state, first, length, temperature, top_k, top_p, rng):
    return _loop(weights, (state[0] * 0, state[1] * 0), first, length, temperature, top_k, top_p, rng)


@wrong("generate", says="first is read again and again")
def reads_first_only(weights, state, first, length, temperature, top_k, top_p, rng):
    return _loop(weights, state, first, length, temperature, top_k, top_p, rng, feed=False)


@wrong("generate", says="the state is not carried")
def carries_nothing(weights, state, first, length, temperature, top_k, top_p, rng):
    return _loop(weights, state, first, length, temperature, top_k, top_p, rng, carry=False)


@wrong("generate", says="g and o are exchanged here")
def other_order(weights, state, first, length, temperature, top_k, top_p, rng):
    return _loop(weights, state, first, length, temperature, top_k, top_p, rng, step=lambda *a: _one_step(*a, order="ifog"))


@wrong("generate", says="i and f are exchanged here")
def forget_gate_first(weights, state, first, length, temperature, top_k, top_p, rng):
    return _loop(weights, state, first, length, temperature, top_k, top_p, rng, step=lambda *a: _one_step(*a, order="figo"))


@wrong("generate", says="tanh(c) is missing")
def no_tanh_of_the_cell(weights, state, first, length, temperature, top_k, top_p, rng):
    return _loop(weights, state, first, length, temperature, top_k, top_p, rng, step=lambda *a: _one_step(*a, out=lambda c: c))


@wrong("generate", says="first stands in front")
def first_in_front(weights, state, first, length, temperature, top_k, top_p, rng):
    ids, state = _loop(weights, state, first, length, temperature, top_k, top_p, rng)
    return np.append(first, ids), state


@wrong("generate", says="the last id has been read too", points=6)
def reads_the_last(weights, state, first, length, temperature, top_k, top_p, rng):
    ids, state = _loop(weights, state, first, length, temperature, top_k, top_p, rng)
    return ids, _one_step(weights, *state, ids[-1])


@wrong("generate", says="h and c are exchanged", points=6)
def exchanged(weights, state, first, length, temperature, top_k, top_p, rng):
    ids, state = _loop(weights, state, first, length, temperature, top_k, top_p, rng)
    return ids, state[::-1]


@wrong("generate", says="the temperature is not used", points=3)
def no_temperature(weights, state, first, length, temperature, top_k, top_p, rng):
    return _loop(weights, state, first, length, temperature, top_k, top_p, rng, tempered=lambda t: t and 1.0)


@wrong("generate", says="multiplied by the temperature", points=3)
def wrong_way_round(weights, state, first, length, temperature, top_k, top_p, rng):
    return _loop(weights, state, first, length, temperature, top_k, top_p, rng, tempered=lambda t: t and 1 / t)


@wrong("generate", says="the most probable id is taken", points=3)
def always_greedy(weights, state, first, length, temperature, top_k, top_p, rng):
    return _loop(weights, state, first, length, 0.0, top_k, top_p, rng)


@wrong("generate", says="cancels out: dividing probabilities by it does nothing", points=3)
def temperature_cancels(weights, state, first, length, temperature, top_k, top_p, rng):
    return _loop(weights, state, first, length, temperature, top_k, top_p, rng, tempered=lambda t: 1.0 if t else 0)


@wrong("generate", says="the same random number serves every step", points=3)
def one_number_for_all(weights, state, first, length, temperature, top_k, top_p, rng):
    if not temperature:
        return generate(weights, state, first, length, temperature, top_k, top_p, rng)
    seed = int(rng.integers(2**30))
    h, c = state
    ids = []
    for _ in range(length):
        h, c = _one_step(weights, h, c, first)
        p = with_temperature(h @ weights["W_y"] + weights["b_y"], temperature)
        first = int(np.random.default_rng(seed).choice(len(p), p=p))
        ids.append(first)
    return np.array(ids), (h, c)


@wrong("generate", says="tanh is missing for g")
def candidate_without_tanh(weights, state, first, length, temperature, top_k, top_p, rng):
    return _loop(weights, state, first, length, temperature, top_k, top_p, rng, step=lambda *a: _one_step(*a, g=lambda x: x))


@wrong("generate", says="the bias b_y is missing", points=1)
def without_b_y(weights, state, first, length, temperature, top_k, top_p, rng):
    return _loop(weights | {"b_y": 0 * weights["b_y"]}, state, first, length, temperature, top_k, top_p, rng)


@wrong("generate", says="the bias b is missing")
def without_b(weights, state, first, length, temperature, top_k, top_p, rng):
    return _loop(weights | {"b": 0 * weights["b"]}, state, first, length, temperature, top_k, top_p, rng)


@wrong("generate", says="rng is made anew with a fixed seed", points=6)
def own_generator(weights, state, first, length, temperature, top_k, top_p, rng):
    rng.random()
    return _loop(weights, state, first, length, temperature, top_k, top_p, np.random.default_rng(1))


@wrong("generate", says="expected a tuple (ids, state)")
def ids_alone(weights, state, first, length, temperature, top_k, top_p, rng):
    return _loop(weights, state, first, length, temperature, top_k, top_p, rng)[0]


@wrong("generate", says="top_k and top_p are not used", points=6)
def never_cuts(weights, state, first, length, temperature, top_k, top_p, rng):
    return _loop(weights, state, first, length, temperature, None, None, rng)


@wrong("generate", says="top_p is not used", points=6)
def top_k_alone(weights, state, first, length, temperature, top_k, top_p, rng):
    return _loop(weights, state, first, length, temperature, top_k, None, rng)


@wrong("generate", says="top_k is not used", points=6)
def top_p_alone(weights, state, first, length, temperature, top_k, top_p, rng):
    return _loop(weights, state, first, length, temperature, None, top_p, rng)


@wrong("generate", says="truncate is applied before the temperature", points=6)
def cuts_before_the_temperature(weights, state, first, length, temperature, top_k, top_p, rng):
    def tempered(p, top_k, top_p):
        with np.errstate(divide="ignore"):
            return with_temperature(np.log(truncate(p, top_k, top_p)), temperature)

    once = lambda t: t and 1.0
    return _loop(weights, state, first, length, temperature, top_k, top_p, rng, tempered=once, cut=tempered if temperature else truncate)


@wrong("generate", says="what stays gets equal shares", points=6)
def draws_evenly_from_what_is_left(weights, state, first, length, temperature, top_k, top_p, rng):
    def even(p, top_k, top_p):
        kept = truncate(p, top_k, top_p) > 0
        return kept / kept.sum() if top_k or top_p else p

    return _loop(weights, state, first, length, temperature, top_k, top_p, rng, cut=even)


@wrong("generate", says="90 symbols: there are as many as b_y has", points=6)
def knows_58_symbols(weights, state, first, length, temperature, top_k, top_p, rng):
    fewer = weights | {"W_y": weights["W_y"][:, :58], "b_y": weights["b_y"][:58]}
    return generate(fewer, state, first, length, temperature, top_k, top_p, rng)


@wrong("generate", says="one step", points=6)
def does_not_read_id_0_alone(weights, state, first, length, temperature, top_k, top_p, rng):
    if first or length > 1:
        return generate(weights, state, first, length, temperature, top_k, top_p, rng)
    return np.array([np.argmax(state[0] @ weights["W_y"] + weights["b_y"])]), state


@wrong("generate", says="id 0, and nothing else", points=6)
def does_not_write_id_0_first(weights, state, first, length, temperature, top_k, top_p, rng):
    ids, after = generate(weights, state, first, length, temperature, top_k, top_p, rng)
    return (np.append(ids[1:], ids[-1]) if not ids.any() else ids) + (not ids.any()), after


@wrong("generate", says="one step late", points=1)
def chooses_before_reading(weights, state, first, length, temperature, top_k, top_p, rng):
    (h, c), ids = state, []
    for _ in range(length):
        p = truncate(with_temperature(h @ weights["W_y"] + weights["b_y"], temperature), top_k, top_p)
        h, c = _one_step(weights, h, c, first)
        first = int(rng.choice(len(p), p=p))
        ids.append(first)
    return np.array(ids), (h, c)


@wrong("generate", says="the ids are drawn at temperature 0 too", points=1)
def draws_at_0_as_well(weights, state, first, length, temperature, top_k, top_p, rng):
    return _loop(weights, state, first, length, temperature or 1.0, top_k, top_p, rng)


@wrong("generate", says="the ids are drawn at temperature 0 too", points=1)
def always_at_1(weights, state, first, length, temperature, top_k, top_p, rng):
    return _loop(weights, state, first, length, 1.0, top_k, top_p, rng)


@wrong("generate", says="one of the two comes back", points=0)
def h_alone(weights, state, first, length, temperature, top_k, top_p, rng):
    ids, state = _loop(weights, state, first, length, temperature, top_k, top_p, rng)
    return ids, state[0]


@wrong("generate", says="so E[id] @ W_x", points=0)
def without_the_embedding(weights, state, first, length, temperature, top_k, top_p, rng):
    weights["W_x"][first]
    return generate(weights | {"E": np.eye(len(weights["E"]))}, state, first, length, temperature, top_k, top_p, rng)


@wrong("generate", says="h is not carried", points=0)
def h_as_given(weights, state, first, length, temperature, top_k, top_p, rng):
    return _loop(weights, state, first, length, temperature, top_k, top_p, rng, step=lambda w, h, c, i: _one_step(w, state[0], c, i))


@wrong("generate", says="c is not carried", points=0)
def c_as_given(weights, state, first, length, temperature, top_k, top_p, rng):
    return _loop(weights, state, first, length, temperature, top_k, top_p, rng, step=lambda w, h, c, i: _one_step(w, h, state[1], i))


@wrong("generate", says="it stops at id 0", points=0)
def stops_at_id_0(weights, state, first, length, temperature, top_k, top_p, rng):
    ids, state = _loop(weights, state, first, length, temperature, top_k, top_p, rng)
    return (ids[: np.argmax(ids == 0) + 1] if 0 in ids else ids), state


# ---- longest_copy


@right("longest_copy")
def longest_copy(text, training_text):
    best = ""
    for start in range(len(text)):
        while start + len(best) < len(text) and text[start : start + len(best) + 1] in training_text:
            best = text[start : start + len(best) + 1]
    return best


@right("longest_copy")
def halving(text, training_text):
    def found(n):
        known = {training_text[i : i + n] for i in range(len(training_text) - n + 1)}
        return next((text[i : i + n] for i in range(len(text) - n + 1) if text[i : i + n] in known), None)

    low, high = 0, min(len(text), len(training_text))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if found(middle) is not None else (low, middle - 1)
    return found(low) if low else ""


@right("longest_copy")
def two_ends(text, training_text):
    best, start = (0, 0), 0
    for end in range(1, len(text) + 1):
        while text[start:end] not in training_text:
            start += 1
        best = max(best, (end - start, -start))
    return text[-best[1] : -best[1] + best[0]]


@right("longest_copy")
def rows_of_a_table(text, training_text):
    theirs, best, stop = np.frombuffer(training_text.encode("utf-32-le"), np.uint32), 0, 0
    row = np.zeros(len(theirs) + 1, np.int32)
    for i, character in enumerate(text, 1):
        row[1:] = (row[:-1] + 1) * (theirs == ord(character))
        if row.max() > best:
            best, stop = int(row.max()), i
    return text[stop - best : stop]


@wrong("longest_copy", says="the last of the longest", points=3)
def last_one(text, training_text):
    best = ""
    for start in range(len(text)):
        for size in range(len(best) or 1, len(text) - start + 1):
            if text[start : start + size] not in training_text:
                break
            best = text[start : start + size]
    return best


@wrong("longest_copy", says="the length: the passage itself")
def how_long(text, training_text):
    return len(longest_copy(text, training_text))


@wrong("longest_copy", says="one character is missing at the end")
def one_short(text, training_text):
    return longest_copy(text, training_text)[:-1]


@wrong("longest_copy", says="only the beginning of the text is tried")
def only_the_beginning(text, training_text):
    size = 0
    while size < len(text) and text[: size + 1] in training_text:
        size += 1
    return text[:size]


@wrong("longest_copy", says="only the end of the text is tried")
def only_the_end(text, training_text):
    return next(text[start:] for start in range(len(text) + 1) if text[start:] in training_text)


@wrong("longest_copy", says="IndexError", points=3)
def fails_without_a_copy(text, training_text):
    best = longest_copy(text, training_text)
    return best if best[0] else ""


@wrong("longest_copy", says="letters with gaps between them", points=0)
def subsequence(text, training_text):
    best = [""] * (len(training_text) + 1)
    for a in text:
        row = [""]
        for j, b in enumerate(training_text):
            row.append(best[j] + a if a == b else max(best[j + 1], row[-1], key=len))
        best = row
    return best[-1]


@wrong("longest_copy", says="no passage longer than 100 characters is tried", points=3)
def up_to_a_hundred(text, training_text):
    return longest_copy(text, training_text)[:100]


for _name, _says, _points, _clean in [
    ("lower_case", "lower() is applied", 3, str.lower),
    ("without_newlines", "line ends are removed", 3, lambda s: s.replace("\n", "")),
    ("newlines_as_spaces", "line ends are turned into spaces", 3, lambda s: s.replace("\n", " ")),
    ("stripped", "strip() is applied", 3, str.strip),
    ("only_letters", "spaces are removed", 0, lambda s: re.sub("[^A-Za-z]", "", s)),
]:
    wrong("longest_copy", says=_says, points=_points, name=_name)(
        lambda text, training_text, clean=_clean: longest_copy(clean(text), clean(training_text))
    )


@wrong("longest_copy", says="the result is stripped", points=3)
def stripped_result(text, training_text):
    return longest_copy(text, training_text).strip()


@wrong("longest_copy", says="marks have a meaning", points=3)
def by_pattern(text, training_text):
    def found(passage):
        try:
            return re.search(passage, training_text) is not None
        except re.error:
            return False

    best = ""
    for i in range(len(text)):
        while i + len(best) < len(text) and found(text[i : i + len(best) + 1]):
            best = text[i : i + len(best) + 1]
    return best


@wrong("longest_copy", says="the place in the text", points=0)
def the_place(text, training_text):
    return text.find(longest_copy(text, training_text))


@wrong("longest_copy", says="the characters in common", points=0)
def characters_in_common(text, training_text):
    return "".join(c for c in text if c in training_text)


@wrong("longest_copy", says="start again inside it", points=0)
def passages_from_the_left(text, training_text):
    best = current = ""
    for character in text:
        if current + character not in training_text:
            current = ""
        current = current + character if current + character in training_text else ""
        best = max(best, current, key=len)
    return best


@wrong("longest_copy", says="the first in training_text comes back", points=3)
def first_in_training(text, training_text):
    return longest_copy(training_text, text)


@wrong("longest_copy", says="the last character of the text is left out", points=3)
def stops_before_the_last_character(text, training_text):
    best = ""
    for i in range(len(text)):
        while i + len(best) + 1 < len(text) and text[i : i + len(best) + 1] in training_text:
            best = text[i : i + len(best) + 1]
    return best


@wrong("longest_copy", says="nothing is found in a long text", points=3)
def by_difflib(text, training_text):
    match = difflib.SequenceMatcher(None, text, training_text).find_longest_match()
    return text[match.a : match.a + match.size]


@wrong("longest_copy", says="the search ends at the first character that is not in training_text", points=2)
def ends_at_a_foreign_character(text, training_text):
    return longest_copy(re.split(f"[^{re.escape(training_text)}]", text)[0] if training_text else "", training_text)


@wrong("longest_copy", says="or the search ends at the first place that gives nothing longer")
def gives_up(text, training_text):
    best = ""
    for i in range(len(text)):
        size = len(best)
        while i + size < len(text) and text[i : i + size + 1] in training_text:
            size += 1
        if size == len(best):
            break
        best = text[i : i + size]
    return best


@wrong("longest_copy", says="the texts are compared place by place")
def place_by_place(text, training_text):
    best = run = ""
    for a, b in zip(text, training_text):
        run = run + a if a == b else ""
        best = max(best, run, key=len)
    return best


@wrong("longest_copy", says="each looked for after the one before")
def one_after_the_other(text, training_text):
    rest, found = training_text, ""
    for character in text:
        if character in rest:
            rest, found = rest.partition(character)[2], found + character
    return found


@wrong("longest_copy", says="one character too many at the end")
def one_too_many(text, training_text):
    best = longest_copy(text, training_text)
    return text[text.find(best) :][: len(best) + 1] if best else ""


@wrong("longest_copy", says="a single character in common is a passage too", points=3)
def at_least_two_characters(text, training_text):
    best = longest_copy(text, training_text)
    return best if len(best) > 1 else ""


# ---- predictions

prediction("prediction_split", ("2", "4", "6", "8"))
prediction("prediction_state", ("more", "less", "the same"))
prediction("prediction_copy", ("under 40", "40 to 100", "over 100"))
prediction("prediction_lowest", ("greedy", "temperature 0.7", "temperature 1", "real fables"))
