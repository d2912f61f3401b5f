"""Checks of lesson 07, text generation with an LSTM.

The truth comes from references written another way than the exercises ask: n-grams by searching the text, the longest
copy by a table of common endings, truncation by adding one symbol after the other, the LSTM by a NumPy step whose
sigmoid is a tanh. Draws are judged by their distribution: with the model's own probabilities each draw becomes a number
that must be uniform.
"""

import functools
import math
import re
import statistics

import numpy as np

from helpers import writing
from helpers.checks import sampling
from helpers.checks.exercise import CAUSE, Lesson
from helpers.checks.values import describe, difference, duplicate, remembered

lesson = Lesson()
solved, bet, points_so_far = lesson.solved, lesson.bet, lesson.points_so_far

#: Tolerance where a criterion is about the form of the answer: rounding costs the criterion about precision only.
FORM = 1e-6
#: Relative error that float32 arithmetic in Keras may bring.
SINGLE = 1e-5
MANY = "90 symbols: there are as many as b_y has"
LETTERS = "abcdefghijklmnopqrstuvwxyz"

TOO_SLOW = (
    "every passage is tried, though only one longer than the best is of interest; or a loop does not stop at the end of text,"
    " beyond which text[i : i + n] stays the same passage"
)


DIVIDED_BY_NONE = "the number of n-grams it divides by is 0; a text shorter than n has none, and 0.0 is asked for it"

COMPARED_WITH_NONE = "None is compared or reckoned with: what is None is not used, so ask `top_k is not None` and `top_p is not None` first"
OUT_OF_BOUNDS = "an index beyond the last symbol: top_k may be more than there are symbols, and with top_p = 1 all of them stay"
NEVER_REACHED = "the sums are rounded and may end a little below 1: with top_p = 1 all symbols stay"
NO_ROW_OF_W_X = "W_x is given the id itself: it has a row for each number of an embedding; E has one for each id, so E[id] @ W_x"
#: Width of the embeddings in `generate`, the same in hidden cases: an error that names it is about W_x.
WIDTH = 5


@lesson.exercise(
    arguments=("text", "training_text", "n"),
    points={
        "share": ("the fraction of the n-grams of text that are not in training_text", 2),
        "repeats": ("every position counts, also where the same n-gram comes again", 1),
        "short": ("n as long as the text, texts shorter than n, nothing new, all new; capitals, marks, spaces and line ends count", 1),
    },
    errors=dict.fromkeys(("ZeroDivisionError", "at least one data point"), DIVIDED_BY_NONE),
    demos=("share", "repeats"),
)
def novelty(check):
    """Exercise 1."""
    letters = check.letters(LETTERS)
    cases = []
    for n, length in check.sizes([(3, 40), (2, 25), (4, 60)]):
        case = None
        while case is None or not (_tells_novelty(case) if not cases else _novel_words(*case) != _novel_words(*cases[0])):
            case = (*_overlapping_texts(check.rng, letters, length, n), n)
        cases.append(case)
    for case in cases:
        check.expect("share", case, _novelty(*case), NOVELTY_MISTAKES)
    if not check.has_passed("share"):
        return
    for n in (2, 3):
        known, new, other = ("".join(part) for part in np.split(check.rng.permutation(list(letters)), [8, 16]))
        case = (known[:5] * int(check.rng.integers(2, 5)) + new[:4] * int(check.rng.integers(5, 8)) + known, known * 2 + other, n)
        check.expect("repeats", case, _novelty(*case), NOVELTY_MISTAKES)
    case = ("abab", "xbax", 2)
    check.expect("repeats", case, _novelty(*case), NOVELTY_MISTAKES, case="the docstring's example")
    text, training = _overlapping_texts(check.rng, letters, check.sizes(30), 3)
    for case, note in [
        ((text, training, len(text)), "n is the length of the text"),
        ((text, training + text, len(text)), "n is the length of the text, which stands in training"),
        ((text[:12], training + text, 5), "nothing new"),
        ((text[:3], training, 4), "the text is shorter than n"),
        ((text, training[:2], 3), "the training text is shorter than n"),
        ((letters[:9], training, 1), "n = 1"),
        (("a.b\n(c", "acb\n(c", 3), "marks and a line end"),
        ((*_typed(check.rng), 8), "capitals, marks, spaces and line ends"),
        ((*_typed(check.rng), 6), "capitals, marks, spaces and line ends"),
        ((text[:12].upper(), training, 4), "everything new"),
    ]:
        without = len(case[0]) < case[2]  # there is no n-gram to be wrong about
        mistakes = NOTHING_MISTAKES if without else SHORT_MISTAKES | NOVELTY_MISTAKES
        check.expect("short", case, _novelty(*case), mistakes, case=note, branch=note * without)


@lesson.exercise(
    arguments=("model", "texts", "timesteps"),
    points={
        "window": ("each text in one window: bits per character, the first id given, all others predicted", 2),
        "carry": ("several windows of at most `timesteps` ids: the state is carried, a last, shorter window counts too", 2),
        "texts": ("texts of different lengths: each starts from the zero state, each character weighs the same", 1),
        "care": ("timesteps changes nothing; a text of one id; a model that is very sure, and wrong; any number of states; texts stay as they are", 1),
    },
    seconds=60.0,
    errors={
        "ZeroDivisionError": "it divides by 0 predictions: a window that is not full counts too, and a text of one id has nothing to predict",
        "need at least one array": "a text of one id has nothing to predict: there is nothing to join",
        "values to unpack": "the model gives logits and as many states as it has: logits, *states = ... takes them, however many they are",
        "is incompatible with the layer: expected shape": (
            "what goes into the model has another shape than its inputs: ids are (batch, time), a state (batch, units) as in model.inputs[1:]"
        ),
    },
    demos=("window", "carry", "texts"),
)
def held_out_bits(check):
    """Exercise 2."""
    sizes = check.sizes((5, 4, 3))
    symbols, model = sizes[0], _tiny_model(check.rng, *sizes)

    def texts(*lengths):
        return [check.rng.integers(0, symbols, length) for length in lengths]

    def judge(criterion, given, timesteps, note="", model=model, mistakes=BITS_MISTAKES, **known):
        told = (_model_weights(model) | known, given, timesteps)  # to copy the model for each mistake is slow
        check.expect(criterion, (model, given, timesteps), _held_out(*told), mistakes, SINGLE, note, told=told)

    judge("window", texts(*check.sizes((7, 7))), check.sizes(6))
    if not check.has_passed("window"):
        return
    judge("carry", texts(10), 4, "the last window holds one prediction")
    limited, push = _limited_model(check.rng, model, 3, *sizes)
    mistakes = {TOO_MANY_AT_ONCE: _at_once} | BITS_MISTAKES
    judge("carry", texts(8), 3, "a model that is right about the first three ids of a call only", limited, mistakes, push=push)
    judge("texts", texts(*[9, 4, 6, 5][: check.sizes(3)]), check.sizes(20))
    if check.has_passed("carry"):
        some = texts(7, 3, 5)
        judge("texts", some, 3)
        judge("care", some, 1, "one time step")
        judge("care", texts(1, 5, 1), 3, "two texts of one id", mistakes=NO_PREDICTION_MISTAKES | BITS_MISTAKES)
        sure = duplicate(model)
        sure.set_weights([*model.get_weights()[:4], *(40 * array for array in model.get_weights()[4:])])
        judge("care", texts(*check.sizes((12, 6))), 4, "logits of about 50", sure, SURE_MISTAKES | BITS_MISTAKES)
        for kind, layers in [("gru", 1), ("lstm", check.sizes(2))]:
            other, given = _other_model(check.rng, kind, layers, *sizes), texts(8, 5)
            states = {1: "one state", 4: "four states", 6: "six states"}[layers * writing.STATES[kind]]
            truth = statistics.fmean(np.concatenate([_costs_of_network(kind, layers, other.get_weights(), text) for text in given]))
            note = f"a model with {states}: take as many as model.inputs[1:] has"
            check.expect("care", (other, given, 3), truth, {}, SINGLE, note)
    check.unchanged("care", needs="care")


@lesson.exercise(
    arguments=("logits", "temperature"),
    points={
        "usual": ("softmax of the logits divided by the temperature", 1),
        "zero": ("temperature 0: all on the largest logit, on the smallest id of several", 1),
        "care": ("logits of 1e4 and -inf, one symbol, full precision; no argument is changed in place", 1),
    },
    demos=("usual", "zero"),
)
def with_temperature(check):
    """Exercise 3."""
    for size, temperature in [(5, check.rng.uniform(0.3, 0.8)), (4, check.rng.uniform(1.3, 3)), (3, 1.0)]:
        case = (check.rng.normal(0, 1.5, check.sizes(size)), float(temperature))
        check.expect("usual", case, _tempered(*case), TEMPERATURE_MISTAKES, FORM)
    case = (np.log([1.0, 3.0]), 0.5)
    check.expect("usual", case, _tempered(*case), TEMPERATURE_MISTAKES, FORM, "the docstring's example")
    if not check.has_passed("usual"):
        return
    for size in check.sizes((6, 5)):
        logits = check.rng.normal(0, 1.5, size)
        check.expect("zero", (logits, 0.0), np.eye(size)[logits.argmax()], ZERO_MISTAKES, FORM)
        tied = np.sort(check.rng.permutation(size)[:2])
        twice = np.where(np.isin(np.arange(size), tied), logits.max() + 1, logits)
        check.expect("zero", (twice, 0.0), np.eye(size)[tied[0]], ZERO_MISTAKES, FORM, "two largest logits")
    for offset in (1e4, -1e4):
        for temperature in (float(check.rng.uniform(0.4, 2)), 0.01):
            logits = check.rng.normal(0, 2 * temperature, check.sizes(7)) + offset
            logits[check.rng.integers(0, 7)] = -np.inf
            case = (logits, temperature)
            check.expect("care", case, _tempered(*case), OVERFLOW_MISTAKES, 1e-8, f"logits near {offset:g}, one -inf")
    case = (check.rng.normal(0, 2, check.sizes(8)), float(check.rng.uniform(0.4, 2)))
    check.expect("care", case, _tempered(*case), {}, 1e-12)
    case = (check.rng.normal(0, 1, 1), float(check.rng.uniform(0.4, 2)))
    check.expect("care", case, np.ones(1), {}, 1e-12, "one symbol")
    check.unchanged("care", needs="care")


@lesson.exercise(
    arguments=("p", "top_k", "top_p"),
    points={
        "top-k": ("top_k: the most probable symbols stay, and sum to 1 again", 1),
        "nucleus": ("top_p: the fewest symbols that reach this mass; the one that crosses the boundary is in", 1),
        "both": ("both: top-k first, the nucleus of what it leaves, renormalised, after it", 1),
        "ties": ("equally probable at the boundary: the smaller id stays", 1),
        "care": ("None, more than there is, exactly reached, one symbol; full precision, p is not changed in place", 1),
    },
    errors={f"'{a}' and '{b}'": COMPARED_WITH_NONE for kind in ("int", "float") for a, b in [("NoneType", kind), (kind, "NoneType")]}
    | {"'NoneType' object cannot be interpreted as an integer": COMPARED_WITH_NONE, "IndexError": OUT_OF_BOUNDS, "StopIteration": NEVER_REACHED},
    demos=("top-k", "nucleus", "both"),
)
def truncate(check):
    """Exercise 4."""
    rng = check.rng
    for size, k in [(8, 3), (10, 4)]:  # k is not about half of them, or other ways to cut leave as many
        case = _telling(lambda: (_probabilities(rng, check.sizes(size)), k, None), TOP_K_MISTAKES)
        check.expect("top-k", case, _truncated(*case), TOP_K_MISTAKES, FORM, branch="top_k")
    for size, keep in [(7, 3), (9, 4)]:
        case = _telling(lambda: _nucleus_case(rng, check.sizes(size), None, keep), NUCLEUS_MISTAKES)
        check.expect("nucleus", case, _truncated(*case), NUCLEUS_MISTAKES | UNUSED_MISTAKES, FORM, branch="top_p")
    p = _probabilities(rng, check.sizes(8))  # two symbols are more probable than this mass
    case = (p, None, float(np.sort(p)[-2] * rng.uniform(0.85, 0.95)))
    check.expect("nucleus", case, _truncated(*case), NUCLEUS_MISTAKES | UNUSED_MISTAKES, FORM, branch="top_p")
    passed = [check.has_passed(key) for key in ("top-k", "nucleus")]
    if all(passed):
        case = _nucleus_case(rng, *check.sizes((9, 4, 4)))  # in p itself more than top_k symbols are needed to reach the mass
        check.expect("both", case, _truncated(*case), BOTH_MISTAKES, FORM)
        for size, k in [(9, 5), (10, 6)]:
            case = _telling(lambda: _nucleus_case(rng, check.sizes(size), k, 3), FIRST_BOTH_MISTAKES)
            check.expect("both", case, _truncated(*case), BOTH_MISTAKES, FORM)
    for size in (6, 65):  # NumPy's sort happens to be stable on short arrays
        for kind, wanted in zip(("top-k", "nucleus"), passed):
            if wanted:
                # exact fractions: the boundary falls among symbols of the very same probability
                p = np.repeat([0.25, 0.125], [2, 4]) if size == 6 else np.array([0.5] + 64 * [1 / 128])
                for _ in range(100):
                    p, k = rng.permutation(p), int(rng.integers(3, 5)) * size // 6
                    if size == 6 or set(np.argsort(-p)[:k]) != set(_order(p)[:k]):  # a sort that is not stable shows
                        break
                largest = np.sort(p)[::-1]
                mass = float(np.sum(largest[:k]) - largest[k - 1] / 2)
                case = (p, k, None) if kind == "top-k" else (p, None, mass)
                check.expect("ties", case, _truncated(*case), TIES_MISTAKES, FORM, locate=functools.partial(_others_stay, case))
    if all(passed):
        p = _probabilities(rng, size := check.sizes(8))
        exact = rng.permutation([0.5, 0.25, 0.125, 0.0625, 0.0625])
        holes = rng.permutation(np.append(_probabilities(rng, 4), [0.0, 0.0]))
        for case, note in [
            ((p, None, None), "both None"), ((p, size, None), "top_k is the number of symbols"), ((p, size + 3, None), "more than there are"),
            ((p, None, 1.0), "top_p = 1"), ((np.full(10, 0.1), None, 1.0), "top_p = 1, and rounding"),
            ((p, 1, None), "top_k = 1"), ((p, None, 1e-9), "a tiny top_p"),
            ((exact, None, 0.75), "top_p is reached exactly"), ((exact, None, 0.5), "top_p is reached exactly"),
            ((exact, None, 0.750001), "a millionth is missing"),
            ((holes, 5, None), "some probabilities are 0"), ((holes, None, 0.999999), "some probabilities are 0"),
            ((np.ones(1), 1, 0.5), "one symbol"), ((p, 5, 1.0), ""),
        ]:
            check.expect("care", case, _truncated(*case), REACHED_MISTAKES, 1e-12, note)
    check.unchanged("care", needs="care")


@lesson.exercise(
    arguments=("weights", "state", "first", "length", "temperature", "top_k", "top_p", "rng"),
    points={
        "greedy": ("temperature 0: the most probable id, step by step, from the state given", 2),
        "state": ("the state that comes back has read everything but the last id", 1),
        "drawn": ("above 0 each id is drawn from softmax of the logits divided by the temperature", 2),
        "cut": ("top_k and top_p: each id is drawn from what truncate leaves at this temperature", 1),
        "care": ("one step, one unit; the same rng gives the same text, a different rng a different text; no argument is changed", 1),
    },
    needs=("with_temperature", "truncate"),
    errors=dict.fromkeys((f"out of bounds for axis 0 with size {WIDTH}", f"(size {WIDTH} is different from"), NO_ROW_OF_W_X),
    demos=("greedy", "state", "drawn", "cut"),
)
def generate(check):
    """Exercise 5."""
    for size, units in check.sizes([(9, 7), (8, 5)]):
        case = _greedy_case(check.rng, size, units, check.sizes(30))
        got = _written(check, case, ("greedy", "state"))
        if got is None:
            return
        ids, state = got
        expected = _write(*case)[0]
        words = [] if np.array_equal(ids, expected) else _drawn_at_zero(check, case, expected, ids)
        check.settle("greedy", case, expected, ids, _tell_apart(case), part="ids", words=words)
        _judge_state(check, "state", case, ids, state, FORM)
    if not check.has_passed("greedy"):
        return
    for temperature in (float(check.rng.uniform(0.5, 0.6)), float(check.rng.uniform(1.7, 2))):
        weights, state, first, *_ = _greedy_case(check.rng, 8, 6, 30, told=False)
        case = (weights, state, first, check.sizes(900), temperature, None, None, _generator(check.rng))
        got = _written(check, case, ("drawn",))
        if got is None:
            return
        _judge_draws(check, case, got[0])
    if not check.has_passed("drawn"):
        return
    for top_k, top_p in [(check.sizes(4), 0.9), (None, 0.8)]:  # both first: there the mistakes can be told apart
        weights, state, first, *_ = _greedy_case(check.rng, 8, 6, 30, told=False)
        case = (weights, state, first, check.sizes(800), float(check.rng.uniform(2, 2.5)), top_k, top_p, _generator(check.rng))
        got = _written(check, case, ("cut",))
        if got is not None:
            _judge_cut(check, case, got[0])
    for size, units, first, length, note in [(6, 1, 2, 12, "one unit"), (5, 4, 0, 1, "one step"), (check.sizes(90), 4, check.sizes(88), 12, MANY)]:
        case = (_weights(check.rng, size, units), _state(check.rng, units), first, length, 0.0, None, None, _generator(check.rng))
        while note == MANY and _write(*case)[0].max() < 70:  # the late ones come as well
            case = (_weights(check.rng, size, units), *case[1:])
        got = _written(check, case, ("care",), note)
        if got is not None:
            check.settle("care", case, _write(*case)[0], got[0], {}, case=note, part="ids")
            if check.has_passed("state"):
                _judge_state(check, "care", case, *got, 1e-10, note)
    weights = _weights(check.rng, 6, 3) | {"W_y": np.zeros((3, 6)), "b_y": check.rng.permutation([0.0, 0, 1, 1, 1, -1])}
    case = (weights, _state(check.rng, 3), 2, 3, 0.0, None, None, _generator(check.rng))
    got = _written(check, case, ("care",), "equal logits")
    if got is not None:
        last = {"of several largest logits the smallest id is asked for": lambda w, *_: np.full(3, np.flatnonzero(w["b_y"] == 1)[-1])}
        check.settle("care", case, _write(*case)[0], got[0], last, case="equal logits", part="ids")
    weights = weights | {"b_y": np.eye(6)[0]}
    case = (weights, _state(check.rng, 3), 0, 3, 0.0, None, None, _generator(check.rng))
    got = _written(check, case, ("care",), "id 0, and nothing else")
    if got is not None:
        check.settle("care", case, np.zeros(3, int), got[0], {}, case="id 0, and nothing else", part="ids")
    seeds = [int(seed) for seed in check.rng.integers(0, 2**60, 2)]
    weights = {name: array.astype(np.float32) for name, array in _weights(check.rng, 8, 4, 0.4).items()}
    case = (weights, tuple(part.astype(np.float32) for part in _state(check.rng, 4)), 3, 60, 1.0, None, None)
    texts = [_written(check, (*case, np.random.default_rng(seed)), ("care",), "float32") for seed in (*seeds, seeds[0])]
    if None not in texts:
        shown = check.describe((*case, np.random.default_rng(0)))
        if not np.array_equal(texts[0][0], texts[2][0]):
            check.failed("care", shown, "rng in the same state gave another text", f"{CAUSE} np.random draws beside rng")
        elif np.array_equal(texts[0][0], texts[1][0]):
            check.failed("care", shown, "another rng gave the same text", f"{CAUSE} rng is made anew with a fixed seed")
        elif check.has_passed("state"):
            _judge_state(check, "state", (*case, np.random.default_rng(0)), *texts[0], SINGLE, "float32")
    check.unchanged("care", needs="care")


@lesson.exercise(
    arguments=("text", "training_text"),
    points={
        "found": ("the longest passage of text that stands in training_text", 2),
        "first": ("the first of several; the whole text; nothing in common; capitals, marks, spaces and line ends count", 1),
        "fast": ("2,000 characters against 100,000 in a second or two: do not try every passage", 1),
    },
    errors={"seconds of computing": TOO_SLOW},
    demos=("found", "first"),
)
def longest_copy(check):
    """Exercise 6."""
    for length, planted in [(40, 12), (60, 9), (30, 15)]:
        case = _planted(check.rng, check.letters(LETTERS), *check.sizes((length, 150)), planted)
        check.expect("found", case, _common(*case), COPY_MISTAKES)
    if not check.has_passed("found"):
        return
    letters = "".join(check.rng.permutation(list(check.letters(LETTERS))))
    one, two, other = letters[:6], letters[6:12], letters[12:18]
    for case, note in [
        ((f"{other[:3]}{one}{other[3:]}{two}", f"{one}-{two}"), "two of the same length"),
        ((f"{other[:3]}{one}{other[3:]}{two}", f"{two}-{one}"), "two of the same length"),
        ((f"{other[:3]}{two}{other[3:]}{one}", f"{two}-{one}"), "two of the same length"),
        ((one + two, other + one + two + other), "the whole text"),
        ((one, one), "the same text twice"),
        ((one, two), "nothing in common"),
        ((one + other, two + other[3]), "a single character"),
        (("", one), "an empty text"),
        ((one, ""), "an empty training text"),
        (("the cat sat", "a cat ran"), "the docstring's example: spaces at both ends"),
        ((f"{two}\n{one[0]}\n\n{other[0]}", f"{other[1]}\n{one[0]}\n\n{other[2]}"), "line ends"),
        ((f"{two}.+({one[0]}?{one[1]}", f"{other[0]}.+({one[0]}?{other[1]}{two[0]}z{two[1]}"), "marks"),
        (_typed(check.rng), "capitals, marks, spaces and line ends"),
        (_typed(check.rng), "capitals, marks, spaces and line ends"),
    ]:
        check.expect("first", case, _common(*case), COPY_MISTAKES, case=note)
    letters, size = np.array(list(LETTERS[: int(check.rng.integers(5, 9))] + " ")), check.sizes(2000)
    training = "".join(check.rng.choice(letters, check.sizes(100_000)))
    text = "".join(check.rng.choice(letters, size))
    start, place = int(check.rng.integers(0, 90_000)), int(check.rng.integers(0, 1000))
    copied = training[start : start + int(check.rng.integers(300, 400))].strip()
    text = f"{text[:place]}!{copied}!{text[place:]}"[:size]
    check.expect("fast", (text, training), copied, CUT_MISTAKES, case="2,000 characters against 100,000", told=(copied,))


prediction_split = lesson.prediction(
    "prediction_split",
    ("2", "4", "6", "8"),
    tempting={
        "2": "You may have thought: short contexts are seen often, so their counts can be trusted. That pays only where contexts are new.",
        "4": "It is the best on whole held-out fables. A leak that helped every n alike would leave it there; this one helps long contexts most.",
        "6": "You may have thought: a longer context profits, up to where counts get thin. Here the passages are known, and with so little smoothing the counts may stay thin.",
    },
)
prediction_state = lesson.prediction(
    "prediction_state",
    ("more", "less", "the same"),
    tempting={
        "more": "You may have thought: it was never trained on a state from so far back. But it has learned a step, not a length.",
        "the same": "You may have thought: 64 characters are context enough. For the last of a window they are; its first has none.",
    },
)
prediction_lowest = lesson.prediction(
    "prediction_lowest",
    ("greedy", "temperature 0.7", "temperature 1", "real fables"),
    tempting={
        "temperature 0.7": "You may have thought: it reads best of what the network writes, so it should be cheap. But cheap is what is easy to predict.",
        "temperature 1": "It is drawn from exactly the probabilities that judge it. That makes it typical, not cheap.",
        "real fables": "A good model of fables should like fables best. It likes a loop better: nothing is easier to predict.",
    },
)
prediction_copy = lesson.prediction(
    "prediction_copy",
    ("under 40", "40 to 100", "over 100"),
    tempting={
        "40 to 100": "You may have thought: so many weights and so many readings must leave a sentence or two behind. The measurement says they did not.",
        "over 100": "You may have thought: there is room for the whole book in its weights. But the weights kept were those that did best on other fables.",
    },
)


# The truth.


def _novelty(text, training_text, n):
    places = len(text) - n + 1
    if places < 1:
        return 0.0
    return sum(training_text.find(text[i : i + n]) < 0 for i in range(places)) / places


def _common(text, training_text):
    """By a table: how long the common ending of each two beginnings is, a row at a time."""
    theirs = np.array(list(training_text), dtype="U1") if training_text else np.empty(0, "U1")
    row, best, end = np.zeros(len(theirs) + 1, int), 0, 0
    for i, character in enumerate(text):
        row[1:] = np.where(theirs == character, row[:-1] + 1, 0)
        if row.max() > best:
            best, end = int(row.max()), i + 1
    return text[end - best : end]


def _tempered(logits, temperature):
    scaled = (logits - np.max(logits)) / temperature
    return np.exp(scaled - np.logaddexp.reduce(scaled))


def _truncated(p, top_k, top_p):
    """One symbol after the other, the most probable first."""
    order = sorted(range(len(p)), key=lambda i: (-p[i], i))
    order = order if top_k is None else order[:top_k]
    allowed, kept, mass = math.fsum(p[i] for i in order), [], 0.0
    for i in order:
        kept.append(i)
        mass += p[i] / allowed
        if top_p is not None and mass >= top_p:
            break
    result = np.zeros(len(p))
    result[kept] = p[kept] / math.fsum(p[kept])
    return result


def _sigmoid(a):
    return 0.5 + 0.5 * np.tanh(a / 2)


def _step(weights, state, symbol):
    """One step of the LSTM and its logits."""
    h, c = state
    i, f, g, o = (weights["E"][symbol] @ weights["W_x"] + h @ weights["W_h"] + weights["b"]).reshape(4, -1)
    c = _sigmoid(f) * c + _sigmoid(i) * np.tanh(g)
    h = _sigmoid(o) * np.tanh(c)
    return h @ weights["W_y"] + weights["b_y"], (h, c)


def _read(weights, state, ids, step=_step):
    """The logits after each of the ids, and the last state."""
    logits = []
    for symbol in ids:
        row, state = step(weights, state, symbol)
        logits.append(row)
    return np.array(logits), tuple(state)


def _write(weights, state, first, length, temperature=0.0, top_k=None, top_p=None, rng=None, step=_step):
    """Greedy."""
    ids = []
    for _ in range(length):
        logits, state = step(weights, state, first)
        first = int(np.argmax(logits))
        ids.append(first)
    return np.array(ids), tuple(state)


@remembered
def _choices(weights, state, first, length):
    """The greedy ids, and the logits that each was chosen from, in rising order."""
    ids = _write(weights, state, first, length)[0]
    return ids, np.sort(_read(weights, state, np.append(first, ids[:-1]))[0], axis=1)


def _model_weights(model):
    (symbols, width), units = model.get_weights()[0].shape, model.inputs[1].shape[1]
    shapes = {"E": (symbols, width), "W_x": (width, 4 * units), "W_h": (units, 4 * units), "b": (4 * units,)}
    shapes |= {"W_y": (units, symbols), "b_y": (symbols,)}
    arrays = {array.shape: array.astype(np.float64) for array in model.get_weights()}  # no two of one shape
    return {name: arrays[shape] for name, shape in shapes.items()}


def _zero(h, c):
    return 0 * h, 0 * c


def _costs(weights, ids, resets=(), state=None, reset=_zero):
    """Bits of each id of a text but the first, and the state after it; at the places in `resets` the state is set to zero."""
    state, costs = (np.zeros(len(weights["W_h"])),) * 2 if state is None else state, []
    for place, (read, target) in enumerate(zip(ids[:-1], ids[1:])):
        logits, state = _step(weights, reset(*state) if place in resets else state, read)
        costs.append((np.logaddexp.reduce(logits) - logits[target]) / math.log(2))
    return np.array(costs), state


def _held_out(weights, texts, timesteps):
    return statistics.fmean(np.concatenate([_costs(weights, text)[0] for text in texts]))


# Mistakes: for each diagnosis, what the mistake gives.


def _distinct_novelty(text, training_text, n):
    grams = {text[i : i + n] for i in range(len(text) - n + 1)}
    return sum(gram not in training_text for gram in grams) / max(1, len(grams))


def _blocks(text, training_text, n):
    grams = [text[i : i + n] for i in range(0, len(text) - n + 1, n)]
    return float(np.mean([gram not in training_text for gram in grams]))


def _short_ends(text, training_text, n, known):
    grams = [text[i : i + n] for i in range(len(text))]
    return float(np.mean([gram not in known for gram in grams]))


def _without_last(text, training_text, n):
    return _novelty(text[:-1], training_text, n)


#: What people do to a text before they compare it, though every character counts.
CLEANED = {
    "lower() is applied: a capital is a character of its own": str.lower,
    "line ends are removed: a line end is a character like any other": lambda s: s.replace("\n", ""),
    "line ends are turned into spaces: a line end is a character of its own": lambda s: s.replace("\n", " "),
    "strip() is applied: spaces and line ends at both ends count": str.strip,
    "spaces are removed: a space is a character like any other": lambda s: s.replace(" ", ""),
    "split() and join change the spaces and line ends: each of them counts": lambda s: " ".join(s.split()),
    "marks are removed: a mark is a character like any other": lambda s: re.sub(r"[^\w\s]", "", s),
    "only letters are kept: every character counts": lambda s: re.sub(r"[^A-Za-z]", "", s),
}


def _novelty_by_pattern(text, training_text, n):
    grams = [text[i : i + n] for i in range(len(text) - n + 1)]
    return sum(not _matches(gram, training_text) for gram in grams) / max(1, len(grams))


def _matches(pattern, text):
    try:
        return re.search(pattern, text) is not None
    except re.error:
        return False


def _novel_words(text, training_text, n):
    words, known = text.split(), training_text.split()
    theirs = {tuple(known[i : i + n]) for i in range(len(known) - n + 1)}
    grams = [tuple(words[i : i + n]) for i in range(len(words) - n + 1)]
    return sum(gram not in theirs for gram in grams) / max(1, len(grams))


SHORT_ENDS = "range(len(text)) goes on to passages shorter than n, which are no n-grams"
NOVELTY_MISTAKES = {
    "this returns the fraction that IS in the training text; the exercise asks for the fraction that is not": lambda t, r, n: (
        1 - _novelty(t, r, n)
    ),
    "each different n-gram is counted once: every position counts": _distinct_novelty,
    "a new n-gram counts only the first time it comes: every position counts": lambda t, r, n: (
        len({t[i : i + n] for i in range(len(t) - n + 1)} - {r[i : i + n] for i in range(len(r) - n + 1)}) / (len(t) - n + 1)
    ),
    "the n-grams do not overlap: one begins at every character": _blocks,
    "the last n-gram is left out: there are len(text) - n + 1": _without_last,
    "divided by the number of characters: there are len(text) - n + 1 n-grams": lambda t, r, n: (
        _novelty(t, r, n) * (len(t) - n + 1) / len(t)
    ),
    "divided by len(text) - n: there is one n-gram more": lambda t, r, n: _novelty(t, r, n) * (len(t) - n + 1) / (len(t) - n),
    "range(len(text)) goes on to passages shorter than n: there are len(text) - n + 1 n-grams": lambda t, r, n: _short_ends(t, r, n, r),
    SHORT_ENDS: lambda t, r, n: (
        _short_ends(t, r, n, {r[i : i + n] for i in range(len(r) - n + 1)})
    ),
    "a count: the share is asked for": lambda t, r, n: _novelty(t, r, n) * (len(t) - n + 1),
    "text and training_text are exchanged": lambda t, r, n: _novelty(r, t, n),
    "the last n-gram of the training text is left out": lambda t, r, n: _novelty(t, r[:-1], n),
    "the n-grams are one character too long here: is n used, and as it is?": lambda t, r, n: _novelty(t, r, n + 1),
    "the n-grams are one character too short here: is n used, and as it is?": lambda t, r, n: _novelty(t, r, n - 1),
    "the n-grams of the training text do not overlap": lambda t, r, n: float(
        np.mean([t[i : i + n] not in {r[j : j + n] for j in range(0, len(r), n)} for i in range(len(t) - n + 1)])
    ),
    "a percentage: a share lies between 0 and 1": lambda t, r, n: 100 * _novelty(t, r, n),
    "divided by the number of n-grams of the training text": lambda t, r, n: _novelty(t, r, n) * (len(t) - n + 1) / (len(r) - n + 1),
    "single characters are compared, not n-grams": lambda t, r, n: _novelty(t, r, 1),
    "n-grams of words: the n-grams here are of characters": _novel_words,
    "the n-gram is used as a pattern, in which some marks have a meaning: use `in`, or re.escape": _novelty_by_pattern,
    "whole-number division: // throws the fraction away": lambda t, r, n: float(_novelty(t, r, n) == 1),
    **{
        f"the result is rounded to {digits} digits": lambda t, r, n, digits=digits: round(_novelty(t, r, n), digits)
        for digits in (1, 2, 3, 4)
    },
    **{f"n is not used: it is always {fixed}": lambda t, r, n, fixed=fixed: _novelty(t, r, fixed) for fixed in (2, 3, 4, 5, 8, 10, 20)},
    **{text: lambda t, r, n, clean=clean: _novelty(clean(t), clean(r), n) for text, clean in CLEANED.items()},
    **{
        f"in text alone, {text}": lambda t, r, n, clean=clean: _novelty(clean(t), r, n) for text, clean in CLEANED.items()
    },
}


#: Where the text has no n-grams.
NOTHING_MISTAKES = {
    "a text without n-grams counts as new: 0.0 is asked for": lambda t, r, n: 1.0,
    "the mean of nothing, or 0 / 0, is nan: a text shorter than n has no n-grams, and 0.0 is asked for it": lambda t, r, n: math.nan,
}

#: Where one of the two texts is just as long as n, or shorter.
SHORT_MISTAKES = {
    "a text just as long as n has one n-gram: 0.0 is for a shorter one": lambda t, r, n: 0.0 if len(t) <= n else _novelty(t, r, n),
    "0.0 where the training text is shorter than n: it knows no n-gram, so all of them are new": lambda t, r, n: (
        0.0 if len(r) < n else _novelty(t, r, n)
    ),
}


def _by_window(texts, timesteps, costs):
    return [window for text in costs for window in np.split(text, range(timesteps, len(text), timesteps)) if len(window)]


def _all_costs(weights, texts, timesteps, reset=None):
    edges = [range(timesteps, len(text), timesteps) if reset else () for text in texts]
    return [_costs(weights, text, edge, reset=reset)[0] for text, edge in zip(texts, edges)]


def _badly_carried(reset):
    return lambda w, t, n: statistics.fmean(np.concatenate(_all_costs(w, t, n, reset)))


def _joined(weights, texts, timesteps):
    return float(np.mean(_costs(weights, np.concatenate(texts))[0]))


def _state_runs_on(weights, texts, timesteps):
    state, costs = None, []
    for text in texts:
        some, state = _costs(weights, text, state=state)
        costs.append(some)
    return statistics.fmean(np.concatenate(costs))


def _only_full(weights, texts, timesteps):
    kept = []
    for text, costs in zip(texts, _all_costs(weights, texts, timesteps)):
        windows = _by_window([text], timesteps, [costs])
        kept += [window for window in windows if len(window) == timesteps] or windows
    return statistics.fmean(np.concatenate(kept))


def _logits(weights, text):
    return _read(weights, (np.zeros(len(weights["W_h"])),) * 2, text)[0]


def _itself(weights, texts, timesteps):
    costs = []
    for text in texts:
        costs += [(np.logaddexp.reduce(row) - row[i]) / math.log(2) for row, i in zip(_logits(weights, text), text)]
    return float(np.mean(costs))


def _as_probabilities(weights, texts, timesteps):
    """What Keras' cross-entropy makes of logits it takes for probabilities: it clips them and divides by their sum."""
    costs = []
    for text in texts:
        p = np.clip(_logits(weights, text[:-1]), 1e-7, 1 - 1e-7)
        costs += (np.log2(p.sum(axis=1)) - np.log2(p[np.arange(len(p)), text[1:]])).tolist()
    return float(np.mean(costs))


def _lost_at_the_edge(weights, texts, timesteps):
    """Windows of ids that do not share one: the target of each window's last id is lost."""
    costs = [_costs(weights, text)[0] for text in texts]
    kept = [cost[(np.arange(len(cost)) + 1) % timesteps != 0] for cost in costs]
    return statistics.fmean(np.concatenate(kept))


def _over_the_uniform(weights, texts, timesteps):
    """The first id is counted as well, at what guessing costs."""
    costs, symbols = np.concatenate(_all_costs(weights, texts, timesteps)), len(weights["b_y"])
    return float((costs.sum() + len(texts) * math.log2(symbols)) / (len(costs) + len(texts)))


def _per_given_id(weights, texts, timesteps):
    return float(np.concatenate(_all_costs(weights, texts, timesteps)).sum() / sum(map(len, texts)))


def _padding_counted(weights, texts, timesteps):
    longest = max(map(len, texts))
    return _held_out(weights, [np.pad(text, (0, longest - len(text))) for text in texts], timesteps)


def _logarithms_of_logits(weights, texts, timesteps):
    with np.errstate(invalid="ignore"):
        return float(np.mean([-np.log2(row[i]) for text in texts for row, i in zip(_logits(weights, text), text[1:])]))


def _without_zero_ids(weights, texts, timesteps):
    """As if what is 0 were padding: it is read, but not counted."""
    costs = np.concatenate(_all_costs(weights, texts, timesteps))
    return float(costs[np.concatenate([text[1:] for text in texts]) != 0].mean())


def _last_of_each_window(weights, texts, timesteps):
    return float(np.mean([part[-1] for part in _by_window(texts, timesteps, _all_costs(weights, texts, timesteps))]))


def _overlapping_windows(weights, texts, timesteps):
    """The next window begins with the last id of the one before, which is read twice."""
    costs = []
    for text in texts:
        state = None
        for start in range(0, len(text) - 1, max(timesteps - 1, 1)):
            some, state = _costs(weights, text[start : start + timesteps + 1], state=state)
            costs.append(some)
    return statistics.fmean(np.concatenate(costs))


#: Where a text has one id.
NO_PREDICTION_MISTAKES = {
    "the mean of nothing is nan: a text of one id has nothing to predict, and weighs nothing": lambda w, t, n: math.nan,
}

BITS_MISTAKES = {
    "nats: divide by ln 2": lambda w, t, n: _held_out(w, t, n) * math.log(2),
    "the sum: the mean over all predicted characters is asked for": lambda w, t, n: float(np.concatenate(_all_costs(w, t, n)).sum()),
    "each id is held against its own logits: the target is the id after it": _itself,
    "the targets are not shifted: text[1:] is predicted from text[:-1]": lambda w, t, n: _itself(w, [text[:-1] for text in t], n),
    "Keras' cross-entropy takes logits for probabilities: from_logits=True is missing": _as_probabilities,
    "divided by the number of ids: the first of each text is not predicted": _per_given_id,
    "the first id of each text is counted: it is given": _over_the_uniform,
    "the state is not carried from window to window": _badly_carried(_zero),
    "c is not carried from window to window, only h": _badly_carried(lambda h, c: (h, 0 * c)),
    "h and c are exchanged from window to window": _badly_carried(lambda h, c: (c, h)),
    "the last, shorter window is left out": _only_full,
    "the id after a window's last is never predicted: windows of targets must follow each other without a gap": _lost_at_the_edge,
    "the mean of the means of texts or windows: a short one weighs too much": lambda w, t, n: float(
        np.mean([costs.mean() for costs in _all_costs(w, t, n) if len(costs)])
    ),
    "the mean of the windows' means: a short window weighs too much": lambda w, t, n: float(
        np.mean([part.mean() for part in _by_window(t, n, _all_costs(w, t, n))])
    ),
    "the state is not carried, and the mean of the windows' means is taken": lambda w, t, n: float(
        np.mean([part.mean() for part in _by_window(t, n, _all_costs(w, t, n, _zero))])
    ),
    "the state runs on from text to text: each starts from zero": _state_runs_on,
    "the texts are joined: the first id of each is predicted from the text before": _joined,
    "the padding is counted: only where the mask is True": _padding_counted,
    "the logarithm of a logit: logits are no probabilities, softmax comes first": _logarithms_of_logits,
    "id 0 is taken for padding: it is a symbol like any other, and data.pad's mask says where the padding is": _without_zero_ids,
    "perplexity: bits are asked for": lambda w, t, n: 2 ** _held_out(w, t, n),
    "only the first text is judged": lambda w, t, n: _held_out(w, t[:1], n),
    "only the last text is judged": lambda w, t, n: _held_out(w, t[-1:], n),
    "only the first window of each text is judged": lambda w, t, n: _held_out(w, [text[: n + 1] for text in t], n),
    "only the last id of each window is counted: all of them are predicted": _last_of_each_window,
    "the windows overlap, and an id is read twice: the next window begins `timesteps` ids on": _overlapping_windows,
    "the sign: a cost is -log2 p": lambda w, t, n: -_held_out(w, t, n),
}


def _kept_above(floor, add):
    """Probabilities that are kept away from 0 before their logarithm is taken."""

    def costs(weights, texts, timesteps):
        p = np.concatenate([_softmax_rows(_logits(weights, text[:-1]))[np.arange(len(text) - 1), text[1:]] for text in texts])
        return float(-np.log2(p + floor if add else np.maximum(p, floor)).mean())

    return costs


def _softmax_rows(logits):
    return np.exp(logits - np.logaddexp.reduce(logits, axis=1, keepdims=True))


def _covered_up(value):
    """A cost that is infinite in float32 is replaced."""

    def costs(weights, texts, timesteps):
        costs = np.concatenate(_all_costs(weights, texts, timesteps))
        lost = np.exp2(-costs).astype(np.float32) == 0
        return float(np.where(lost, value / len(costs), costs / len(costs)).sum())

    return costs


SURE_MISTAKES = {
    f"probabilities are kept above {floor:g}{'' if add else ' by clipping'}: a large cost comes out too small": _kept_above(floor, add)
    for floor in (1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12)
    for add in (True, False)
} | {
    "a probability is 0 in float32: subtract the largest logit and stay with logarithms, as in lesson 02": lambda *case: math.inf,
    **{
        f"a probability is 0 in float32, and nan_to_num makes {said} of its cost: it hides the mistake": _covered_up(value)
        for said, value in [("nothing", 0.0), ("3.4e38", float(np.finfo(np.float32).max)), ("1.8e308", float(np.finfo(float).max))]
    },
}

TOO_MANY_AT_ONCE = "more than `timesteps` ids are read in one call of the model: timesteps is not used, and no state is carried"


def _at_once(weights, texts, timesteps):
    """Whole texts read at once by the model that is wrong after `timesteps` ids of a call."""
    costs = []
    for text in texts:
        rows = _logits(weights, text[:-1])
        rows = rows + np.maximum(np.arange(1, len(rows) + 1) - timesteps, 0)[:, None] * weights["push"]
        costs += [(np.logaddexp.reduce(row) - row[i]) / math.log(2) for row, i in zip(rows, text[1:])]
    return float(np.mean(costs))


def _softmax(logits):
    return np.exp(logits - np.logaddexp.reduce(logits))


TEMPERATURE_MISTAKES = {
    "the logits are multiplied by the temperature (or the probabilities raised to it): divide the logits by it": lambda x, t: (
        _softmax(x * t)
    ),
    "the temperature is not used, or cancels out: dividing probabilities by it does nothing once they sum to 1 again": lambda x, t: (
        _softmax(x)
    ),
    "the probabilities are divided by the temperature, not the logits": lambda x, t: _softmax(x) / t,
    "the temperature is squared": lambda x, t: _softmax(x / t**2),
    "the square root of the temperature is used": lambda x, t: _softmax(x / t**0.5),
    "powers of 2: softmax is made with exp": lambda x, t: _softmax(x / t * math.log(2)),
    "not normalised: divide by the sum": lambda x, t: np.exp(x / t),
    "not normalised: probabilities raised to 1 / temperature no longer sum to 1": lambda x, t: _softmax(x) ** (1 / t),
    "not normalised: divide by the sum, after the largest is subtracted": lambda x, t: np.exp((x - x.max()) / t),
    "softmax of the probabilities divided by the temperature: divide the logits": lambda x, t: _softmax(_softmax(x) / t),
    "logits divided by the temperature: softmax is missing": lambda x, t: x / t,
    "log-softmax: probabilities are asked for": lambda x, t: np.log(_tempered(x, t)),
    "the sign: exp of minus the logits": lambda x, t: _softmax(-x / t),
}


def _last_of_largest(x):
    return np.eye(len(x))[len(x) - 1 - int(np.argmax(x[::-1]))]


ZERO_MISTAKES = {
    "the largest logits share the 1, as they do at a tiny temperature put in the place of 0: the smallest id gets all of it": lambda x, t: (x == x.max()) / np.sum(x == x.max()),
    "each of the largest logits gets a 1: all of it belongs to the smallest id": lambda x, t: (x == x.max()).astype(float),
    "of several largest logits the last one is taken": lambda x, t: _last_of_largest(x),
    "temperature 0 is taken as 1": lambda x, t: _softmax(x),
    "temperature 0 gives the uniform distribution: it is the other end": lambda x, t: np.full(len(x), 1 / len(x)),
    "an id comes back: a row of probabilities is asked for": lambda x, t: int(np.argmax(x)),
    "whole numbers come back: probabilities are of floating point, so np.zeros without dtype=int": lambda x, t: np.eye(len(x), dtype=int)[np.argmax(x)],
    "division by zero: temperature 0 needs a branch of its own": lambda x, t: _quietly_divided(x),
}


def _quietly_divided(x):
    with np.errstate(all="ignore"):
        weights = np.exp((x - x.max()) / 0.0)
        return weights / weights.sum()


OVERFLOW_MISTAKES = {
    "exp overflows: subtract the largest logit first": lambda x, t: _overflown(x, t),
    "a small temperature is taken as 0: only 0 itself is greedy": lambda x, t: np.eye(len(x))[np.argmax(x)] if t < 0.1 else _softmax(x / t),
    "the largest logit is subtracted after the others were divided by the temperature: subtract it first, then divide": lambda x, t: (
        _late(x, t)
    ),
    "logits are clipped to a range that does not hold 1e4: there they all become the same number": lambda x, t: (
        _softmax(np.clip(x, -50, 50) / t)
    ),
    "float32 has seven digits: of logits near 1e4 too few are left to tell them apart": lambda x, t: (
        _tempered(x.astype(np.float32).astype(np.float64), t)
    ),
    "float32 has seven digits: of logits near 1e4, divided by the temperature, too few are left to tell them apart": lambda x, t: (
        _softmax((x.astype(np.float32) / np.float32(t)).astype(np.float64))
    ),
    "-inf is replaced by 0: its symbol must not come": lambda x, t: _softmax(np.where(np.isinf(x), 0, x) / t),
    "all is nan: exp overflows, or the smallest or the mean logit is subtracted (-inf makes nan of it): subtract the largest first": (
        lambda x, t: x * np.nan
    ),
    **{
        f"a temperature below {floor:g} is raised to {floor:g}: it may be as small as you like": lambda x, t, floor=floor: (
            _softmax(x / max(t, floor))
        )
        for floor in (0.5, 0.1, 0.05, 0.02)
    },
}


def _late(x, t):
    with np.errstate(all="ignore"):
        return np.exp(x / t - x.max()) / np.exp(x / t - x.max()).sum()


def _overflown(x, t):
    with np.errstate(all="ignore"):
        return np.exp(x / t) / np.exp(x / t).sum()


def _normal(weights):
    return weights / weights.sum()


def _first_k(p, order, k):
    kept = np.zeros(len(p))
    kept[order[:k]] = p[order[:k]]
    return kept


def _order(p):
    return np.argsort(-p, kind="stable")


def _count(p, top_p, order=None):
    order = _order(p) if order is None else order
    return len(p) if top_p is None else int(np.sum(np.cumsum(p[order]) < top_p - 1e-15)) + 1


def _nucleus(p, top_p, shift=0, order=None):
    order = _order(p) if order is None else order
    return _normal(_first_k(p, order, max(0, min(len(p), _count(p, top_p, order) + shift))))


def _goes_on(p, top_p):
    """One symbol more where the mass is reached exactly."""
    if top_p is None:
        return p
    order = _order(p)
    return _normal(_first_k(p, order, min(len(p), int(np.sum(np.cumsum(p[order]) <= top_p)) + 1)))


def _first_to_reach(p, top_p):
    return p if top_p is None else _k(p, int(np.argmax(np.cumsum(p[_order(p)]) >= top_p)) + 1)


def _k(p, top_k, order=None):
    return p if top_k is None else _normal(_first_k(p, _order(p) if order is None else order, top_k))


def _later_first(p):
    return len(p) - 1 - np.argsort(-p[::-1], kind="stable")


def _not_normalised(p, top_k, top_p):
    return np.where(_truncated(p, top_k, top_p) > 0, p, 0.0)


def _threshold(p, top_k, top_p):
    """Everything as probable as the last one that stays, stays."""
    kept = _truncated(p, top_k, top_p) > 0
    return _normal(np.where(p >= p[kept].min(), p, 0.0))


ANY_TRUNCATION = {
    "not renormalised: what stays must sum to 1": _not_normalised,
    "the symbols come back sorted by probability: each keeps its place": lambda p, k, m: np.sort(_truncated(p, k, m))[::-1],
    "what stays gets equal shares": lambda p, k, m: _normal((_truncated(p, k, m) > 0).astype(float)),
    "what was cut is gone from the array: each symbol keeps its place, with 0": lambda p, k, m: _without_zeros(_truncated(p, k, m)),
    "what was cut is gone and the rest is sorted: each symbol keeps its place, with 0 where it was cut": lambda p, k, m: (
        np.sort(_without_zeros(_truncated(p, k, m)))[::-1]
    ),
    "the ids that stay come back: their probabilities are asked for": lambda p, k, m: np.flatnonzero(_truncated(p, k, m)),
    "a mask comes back: probabilities are asked for": lambda p, k, m: _truncated(p, k, m) > 0,
    "softmax of what stays: divide it by its sum": lambda p, k, m: _softmax(np.where(_truncated(p, k, m) > 0, p, -np.inf)),
    "softmax of the result, with the zeros in it: divide what stays by its sum": lambda p, k, m: _softmax(_not_normalised(p, k, m)),
}

TOP_K_MISTAKES = ANY_TRUNCATION | {
    "one symbol too many stays": lambda p, k, m: _k(p, k + 1),
    "one symbol too few stays": lambda p, k, m: _k(p, k - 1),
    "top_k symbols are cut: as many stay": lambda p, k, m: _k(p, len(p) - k),
    "the least probable symbols stay": lambda p, k, m: _k(p, k, np.argsort(p, kind="stable")),
    "the most probable symbols are cut, the others stay": lambda p, k, m: _normal(p - _first_k(p, _order(p), k)),
    "the first top_k ids stay, not the most probable": lambda p, k, m: _k(p, k, np.arange(len(p))),
    "top_k is not used": lambda p, k, m: p,
}

NUCLEUS_MISTAKES = ANY_TRUNCATION | {
    "the symbol that crosses the boundary is left out": lambda p, k, m: _nucleus(p, m, -1),
    "one symbol too many stays": lambda p, k, m: _nucleus(p, m, +1),
    "the nucleus is filled from the least probable end": lambda p, k, m: _nucleus(p, m, order=np.argsort(p, kind="stable")),
    "the sums run over the ids as they stand: those of the most probable symbols first are asked for, np.cumsum(p[order])": lambda p, k, m: (
        _k(p, _count(p, m, np.arange(len(p))))
    ),
    "the sums run from the least probable symbol up: from the most probable down": lambda p, k, m: (
        _k(p, _count(p, m, np.argsort(p, kind="stable")))
    ),
    "the nucleus is filled in the order of the ids, not of the probabilities": lambda p, k, m: _nucleus(p, m, order=np.arange(len(p))),
    "top_p is not used": lambda p, k, m: p,
    "the mask is in the order of the probabilities, and is used in the order of the ids": lambda p, k, m: (
        _normal(np.where(np.arange(len(p)) < _count(p, m), p, 0.0))
    ),
    "top_p is taken for a smallest probability: it is the sum of those that stay": lambda p, k, m: _normal(np.where(p >= m, p, 0.0)),
}

#: Where top_k is None; apart, as `_telling` would look in vain for a case in which no other mistake leaves nothing.
UNUSED_MISTAKES = {"something is cut though top_k is None: order[None:] is all of it": lambda p, k, m: p * np.nan}

FIRST_BOTH_MISTAKES = {
    "not renormalised: what stays must sum to 1": _not_normalised,
    "the nucleus is measured before top-k, or before what top-k leaves is divided by its sum: top-k, divide, then the nucleus": lambda p, k, m: (
        _k(_nucleus(p, m), k)
    ),
    "top_p is not used where top_k is given": lambda p, k, m: _k(p, k),
    "the symbol that crosses the boundary is left out": lambda p, k, m: _nucleus(_k(p, k), m, -1),
}

BOTH_MISTAKES = {
    "top_k is not used where top_p is given, or the larger of the two sets stays": lambda p, k, m: _nucleus(p, m),
    **FIRST_BOTH_MISTAKES,
}

REACHED_MISTAKES = {
    "top_p is reached exactly, and one symbol more stays: < and not <=": lambda p, k, m: _goes_on(_k(p, k), m),
    "a sum just below top_p passes for having reached it: is it rounded, or compared with a tolerance?": lambda p, k, m: (
        _k(p, k) if m is None else _nucleus(_k(p, k), max(m - 1e-5, 1e-12))
    ),
    "np.argmax is 0 where nothing is True: the sums are rounded, may end below top_p = 1, and then all symbols stay": lambda p, k, m: (
        _first_to_reach(_normal(_k(p, k)), m)
    ),
}

TIES_MISTAKES = {
    "a symbol as probable as the last one that stays, stays too: the smaller id alone does": _threshold,
    "of equally probable symbols the larger id stays": lambda p, k, m: (
        _nucleus(_k(p, k, _later_first(p)), m, order=_later_first(_k(p, k, _later_first(p))))
    ),
}


def _without_zeros(p):
    return p[p > 0]


def _others_stay(case, expected, got):
    """Whether other symbols stay than those of the smallest ids, though as many and equally probable."""
    if type(got) is not np.ndarray or got.shape != expected.shape or difference(np.sort(expected), np.sort(got), FORM):
        return ""
    if text := next((text for text, mistake in TIES_MISTAKES.items() if not difference(mistake(*case), got, FORM)), ""):
        return f"{CAUSE} {text}"  # of a sort that is not stable it need not be true in the next case
    return f"{CAUSE} of equally probable symbols those of the smallest ids must stay: np.argsort needs kind='stable'"


def _telling(draw, mistakes):
    """A case in which the mistakes give different results, none of them the truth."""
    for _ in range(100):
        case = draw()
        results = [_truncated(*case), *(mistake(*case) for mistake in mistakes.values())]
        if all(difference(a, b, 1e-3) for i, a in enumerate(results) for b in results[:i]):
            break
    return case


def _gates(order="ifgo", g=np.tanh, out=np.tanh, gate=_sigmoid, bias=True, recurrent=True, exchange=False, keep=True):
    """The step with another wiring."""

    def step(weights, state, symbol):
        h, c = state[::-1] if exchange else state
        a = weights["E"][symbol] @ weights["W_x"] + (h @ weights["W_h"] if recurrent else 0) + (weights["b"] if bias else 0)
        part = dict(zip(order, a.reshape(4, -1)))
        c = (gate(part["f"]) * c if keep else 0) + gate(part["i"]) * g(part["g"])
        h = gate(part["o"]) * out(c)
        return h @ weights["W_y"] + weights["b_y"], (c, h) if exchange else (h, c)

    return step


def _id_into_W_x(weights):
    """Weights with which E[id] @ W_x is W_x[id]; beyond the last row, where that fails, it is some other row."""
    return weights | {"E": np.take(np.eye(WIDTH), np.arange(len(weights["E"])), axis=0, mode="wrap")}


def _part_given(given, part):
    """A step in which h (part 0) or c (part 1) is always the one given at the start."""
    return lambda weights, state, symbol: _step(weights, (given[0], state[1]) if part == 0 else (state[0], given[1]), symbol)


def _no_carry(weights, state, first, length, *_):
    ids = []
    for _ in range(length):
        first = int(np.argmax(_step(weights, state, first)[0]))
        ids.append(first)
    return np.array(ids)


def _state_argmax(weights, state, first, length, *_):
    ids = []
    for _ in range(length):
        state = _step(weights, state, first)[1]
        first = int(np.argmax(state[0]))
        ids.append(first)
    return np.array(ids)


def _chosen_before_reading(weights, state, first, length, *_):
    ids = []
    for _ in range(length):
        chosen = int(np.argmax(state[0] @ weights["W_y"] + weights["b_y"]))
        state = _step(weights, state, first)[1]
        ids.append(chosen)
        first = chosen
    return np.array(ids)


def _with_step(step):
    return lambda w, s, first, length, *_: _write(w, s, first, length, step=step)[0]


GREEDY_MISTAKES = {
    "the first id is given back too: ids begin with what follows it": lambda w, s, f, n, *_: np.append(f, _write(w, s, f, n - 1)[0]),
    "the state given is not used: it starts from zero": lambda w, s, f, n, *_: _write(w, (s[0] * 0, s[1] * 0), f, n)[0],
    "the state is not carried: every step starts from the state given": _no_carry,
    "the state is set back to zero in every step": lambda w, s, f, n, *_: _no_carry(w, (s[0] * 0, s[1] * 0), f, n),
    "h is not carried: every step reads the h that was given": lambda w, s, f, n, *_: _write(w, s, f, n, step=_part_given(s, 0))[0],
    "c is not carried: every step reads the c that was given": lambda w, s, f, n, *_: _write(w, s, f, n, step=_part_given(s, 1))[0],
    "one step late: the id is chosen before `first` is read": _chosen_before_reading,
    "first is read again and again: the id just drawn must be read": lambda w, s, f, n, *_: (
        np.argmax(_read(w, s, [f] * n)[0], axis=1)
    ),
    "argmax of the state, not of the logits": _state_argmax,
    "the least probable id is taken": lambda w, s, f, n, *_: _write({**w, "W_y": -w["W_y"], "b_y": -w["b_y"]}, s, f, n)[0],
    "the bias b_y is missing": lambda w, s, f, n, *_: _write({**w, "b_y": 0 * w["b_y"]}, s, f, n)[0],
    "the blocks are i, f, g, o: g and o are exchanged here": _with_step(_gates("ifog")),
    "the blocks are i, f, g, o: i and f are exchanged here": _with_step(_gates("figo")),
    "the blocks are i, f, g, o: f, i, o, g is read here": _with_step(_gates("fiog")),
    "the blocks are i, f, g, o: f and g are exchanged here": _with_step(_gates("igfo")),
    "the bias b is missing": _with_step(_gates(bias=False)),
    NO_ROW_OF_W_X: lambda w, s, f, n, *_: _write(_id_into_W_x(w), s, f, n)[0],
    "h @ W_h is missing": _with_step(_gates(recurrent=False)),
    "f * c is missing: the cell is not kept": _with_step(_gates(keep=False)),
    "a sigmoid for g: it takes tanh": _with_step(_gates(g=_sigmoid)),
    "tanh for the gates: i, f and o take a sigmoid": _with_step(_gates(gate=np.tanh)),
    "tanh(c) is missing: h = o * tanh(c)": _with_step(_gates(out=lambda c: c)),
    "tanh is missing for g": _with_step(_gates(g=lambda a: a)),
    "a sigmoid of c: h = o * tanh(c)": _with_step(_gates(out=_sigmoid)),
    "h and c are exchanged: state is (h, c)": _with_step(_gates(exchange=True)),
}


def _tell_apart(case):
    """The mistakes of greedy writing that give ids of their own: two that give the same must not be named."""
    return {text: GREEDY_MISTAKES[text] for text in _of_their_own(*case[:4])}


@remembered
def _of_their_own(*case):
    given = {}
    for text, mistake in GREEDY_MISTAKES.items():
        given.setdefault(np.asarray(mistake(*case)).tobytes(), []).append(text)
    return [texts[0] for texts in given.values() if len(texts) == 1]


#: Where a passage is longer than code that tries a fixed number of lengths can see.
CUT_MISTAKES = {
    f"no passage longer than {size} characters is tried": lambda copied, size=size: copied[:size]
    for size in (10, 16, 20, 25, 30, 32, 40, 50, 60, 64, 80, 100, 120, 128, 150, 200, 250, 256)
} | {"nothing is found in a long text: difflib's SequenceMatcher, for one, leaves out characters that are frequent (autojunk)": lambda copied: ""}

COPY_MISTAKES = {
    "the last of the longest: the first is asked for": lambda t, r: _common(t[::-1], r[::-1])[::-1],
    "of several, the first in training_text comes back: the first in text is asked for": lambda t, r: _common(r, t),
    "the last character of the text is left out": lambda t, r: _common(t[:-1], r),
    "the length: the passage itself is asked for": lambda t, r: len(_common(t, r)),
    "one character is missing at the end": lambda t, r: _common(t, r)[:-1],
    "one character is missing at the start": lambda t, r: _common(t, r)[1:],
    "one character too many at the end: it stands in text, but not so in training_text": lambda t, r: (
        t[t.find(_common(t, r)) :][: len(_common(t, r)) + 1] if _common(t, r) else ""
    ),
    "a single character in common is a passage too, of length 1": lambda t, r: _common(t, r) if len(_common(t, r)) > 1 else "",
    "the search ends at the first character that is not in training_text: go on with the next one": lambda t, r: (
        _common(t[: next((i for i, c in enumerate(t) if c not in r), len(t))], r)
    ),
    "the texts are compared place by place: the passage may stand anywhere in training_text": lambda t, r: _at_the_same_place(t, r),
    "only the beginning of the text is tried, or the search ends at the first place that gives nothing longer": lambda t, r: max((t[:i] for i in range(len(t) + 1) if t[:i] in r), key=len),
    "only the end of the text is tried": lambda t, r: max((t[i:] for i in range(len(t) + 1) if t[i:] in r), key=len),
    "whole words are compared: a passage may begin and end anywhere": lambda t, r: max(
        (" ".join(t.split()[i:j]) for i in range(len(t.split())) for j in range(i, len(t.split()) + 1)
         if " ".join(t.split()[i:j]) in r), key=len
    ),
    "letters with gaps between them: a passage has none": lambda t, r: _subsequence(t, r),
    "letters with gaps between them, each looked for after the one before: a passage has none": lambda t, r: _one_after_the_other(t, r),
    "the passage ends where a different one begins: start again inside it": lambda t, r: _greedy_parse(t, r),
    "the place in the text: the passage itself is asked for": lambda t, r: t.find(_common(t, r)),
    "the characters in common: a passage is asked for": lambda t, r: "".join(c for c in t if c in r),
    "the passage is used as a pattern, in which some marks have a meaning: use `in`, or re.escape": lambda t, r: _common_by_pattern(t, r),
    **{text: lambda t, r, clean=clean: _common(clean(t), clean(r)) for text, clean in CLEANED.items()},
    "the result is stripped: spaces and line ends at both ends belong to the passage": lambda t, r: _common(t, r).strip(),
    "the passage comes back in lower case": lambda t, r: _common(t, r).lower(),
}


def _greedy_parse(text, training_text):
    """The text cut into passages from the left, each as long as can be; the longest of them."""
    passages, current = [""], ""
    for character in text:
        current = current + character if current + character in training_text else character if character in training_text else ""
        passages.append(current)
    return max(passages, key=len)


def _at_the_same_place(text, training_text):
    same = "".join("1" if a == b else "0" for a, b in zip(text, training_text))
    run = max(same.split("0"), key=len)
    return text[same.find(run) :][: len(run)]


def _one_after_the_other(text, training_text):
    place, found = 0, ""
    for character in text:
        if (here := training_text.find(character, place)) >= 0:
            place, found = here + 1, found + character
    return found


def _common_by_pattern(text, training_text):
    best = ""
    for i in range(len(text)):
        while i + len(best) < len(text) and _matches(text[i : i + len(best) + 1], training_text):
            best = text[i : i + len(best) + 1]
    return best


def _subsequence(text, other):
    best = [""] * (len(other) + 1)
    for a in text:
        row = [""]
        for j, b in enumerate(other):
            row.append(best[j] + a if a == b else max(best[j + 1], row[-1], key=len))
        best = row
    return best[-1]


# How a text that was written is judged.


def _written(check, case, criteria, note=""):
    """(ids, state) where they have the right form; else None, and the criteria have failed."""
    got = check.inspect(case, _is_pair, "a tuple (ids, state)", criteria, note)
    if got is None:
        return None
    ids, state = got
    state = tuple(state) if type(state) is list else state
    problem, *causes = _misfit(case, ids, state)
    if not problem:
        return ids.astype(np.int64), tuple(part.astype(np.float64) for part in state)
    for criterion in criteria:
        check.failed(criterion, check.describe(case, note), problem, *causes)
    return None


def _is_pair(got):
    return type(got) is tuple and len(got) == 2


def _drawn_at_zero(check, case, expected, ids):
    """In words, that another rng gives other ids at temperature 0; [] where it does not, or the same rng does too."""
    same, other = (_written(check, (*case[:-1], rng), ("greedy",)) for rng in (case[-1], np.random.default_rng(1)))
    if same is None or other is None or not np.array_equal(same[0], ids) or np.array_equal(other[0], ids):
        return []
    cause = "the ids are drawn at temperature 0 too: is it taken as 1, or is the temperature not used?"
    return [f"ids: {difference(expected, ids)}, and another rng gives others", f"{CAUSE} {cause}"]


def _misfit(case, ids, state):
    """What is wrong with the form of what came, and the likely cause where there is one; [""] where nothing is."""
    length, units, symbols = case[3], len(case[1][0]), len(case[0]["b_y"])
    if type(ids) is not np.ndarray or ids.dtype.kind not in "iu":
        floating = type(ids) is np.ndarray and ids.dtype.kind == "f"
        causes = [f"{CAUSE} a list: return np.array(ids)"] if type(ids) is list else []
        causes = [f"{CAUSE} the ids are of floating point: they choose rows, so np.array(ids) or dtype=int"] if floating else causes
        return [f"ids: expected an array of whole numbers, got {describe(ids)}", *causes]
    if ids.shape != (length,):
        problem = f"expected {length} ids, an array of shape ({length},), got {describe(ids)}"
        expected = _write(*case)[0]  # of use where the case is greedy
        if np.array_equal(ids, np.append(case[2], expected)):
            return [problem, f"{CAUSE} first stands in front: ids begin with what follows it"]
        if np.array_equal(ids, expected[:-1]):
            return [problem, f"{CAUSE} one id too few"]
        if ids.ndim == 1 and np.array_equal(ids, expected[: len(ids)]) and np.flatnonzero(ids == 0).tolist() == [len(ids) - 1]:
            return [problem, f"{CAUSE} it stops at id 0: that is a symbol like any other, and `length` ids are asked for"]
        if ids.shape == (length + 1,) and np.array_equal(ids[:-1], expected):
            return [problem, f"{CAUSE} one id too many"]
        return [problem]
    if np.any((ids < 0) | (ids >= symbols)):
        return [f"the id {ids[(ids < 0) | (ids >= symbols)][0]} is no symbol of {symbols}"]
    if type(state) is np.ndarray and state.shape == (units,):
        return [f"state: expected a tuple (h, c), got {describe(state)}", f"{CAUSE} one of the two comes back: the state is (h, c)"]
    if not _is_pair(state):
        return [f"state: expected a tuple (h, c), got {describe(state)}"]
    for part in state:
        if type(part) is not np.ndarray or part.dtype.kind != "f" or part.shape != (units,):
            return [f"state: expected h and c of shape ({units},), got {describe(state[0])} and {describe(state[1])}"]
    return [""]


def _judge_state(check, criterion, case, ids, state, tolerance, note=""):
    """Whether the state has read first and all of these ids but the last."""
    weights, given, first, _, temperature, *_ = case
    expected = _read(weights, given, np.append(first, ids[:-1]))[1]
    mistakes = {
        "the last id has been read too: the next call would read it twice": lambda *_: _step(weights, expected, ids[-1])[1],
        "the state that was given comes back": lambda *_: given,
        "h and c are exchanged: (h, c)": lambda *_: expected[::-1],
    }
    check.settle(criterion, case, expected, state, mistakes, tolerance, note, "state", branch="drawn" if temperature else "greedy")


BINS = 20


def _uniforms(ids, p, rng):
    """What becomes uniform, independent numbers if each id was drawn from its row of p.

    The probabilities are laid end to end, the largest first, so that a wrong temperature shows.
    """
    order, steps = np.argsort(-p, axis=1, kind="stable"), np.arange(len(ids))
    ends = np.cumsum(np.take_along_axis(p, order, axis=1), axis=1)
    place = np.argmax(order == ids[:, None], axis=1)
    return ends[steps, place] - rng.random(len(ids)) * p[steps, ids]


def _suits(ids, p, rng):
    """Whether the draws may come from these probabilities, each step on its own and side by side."""
    place = np.clip((_uniforms(ids, p, rng) * BINS).astype(int), 0, BINS - 1)
    alone = sampling.fits(sampling.tally(place, BINS), np.full(BINS, 1 / BINS))
    coarse = place * 5 // BINS
    pair = sampling.pairs(coarse[:-1:2], coarse[1::2], 5)
    return alone, sampling.fits(sampling.tally(pair, 25), np.full(25, 1 / 25))


def _judge_draws(check, case, ids):
    weights, state, first, _, temperature, *_ = case
    read, rng = np.append(first, ids[:-1]), np.random.default_rng(0)
    logits = _read(weights, state, read)[0]

    def rows(logits, scale):
        scaled = logits / scale
        return np.exp(scaled - np.logaddexp.reduce(scaled, axis=1, keepdims=True))

    alone, together = _suits(ids, rows(logits, temperature), rng)
    if alone and together:
        check.passed("drawn")
        return
    shown = check.describe(case)
    if "rng" in check.idle:
        cause = "the most probable id is taken" if np.array_equal(ids, logits.argmax(axis=1)) else "nothing is drawn from rng"
        check.failed("drawn", shown, "the Generator is as it was before", f"{CAUSE} {cause}")
        return
    if alone:
        check.failed("drawn", shown, "the draws of neighbouring steps hang together", f"{CAUSE} a random number serves several steps")
        return
    zero = (state[0] * 0, state[1] * 0)
    reset = np.array([_step(weights, zero, symbol)[0] for symbol in read])
    again = np.array([_step(weights, state, symbol)[0] for symbol in read])
    known = {
        "the temperature is not used, or cancels out: dividing probabilities by it does nothing once they sum to 1 again": rows(logits, 1.0),
        "softmax of the probabilities divided by the temperature: divide the logits": rows(rows(logits, 1.0), temperature),
        "the bias b_y is missing where ids are drawn": rows(logits - weights["b_y"], temperature),
        "the logits are multiplied by the temperature: divide": rows(logits, 1 / temperature),
        "all symbols alike: the logits are not used": np.full(logits.shape, 1 / logits.shape[1]),
        "the state is set back to zero in every step": rows(reset, temperature),
        "every step starts from the state given": rows(again, temperature),
        "the temperature is applied twice": rows(logits, temperature**2),
    }
    causes = [text for text, p in known.items() if all(_suits(ids, p, rng))]
    ends = np.cumsum(p := rows(logits, temperature), axis=1)[np.arange(len(ids)), ids]
    if ends.min() > (ends - p[np.arange(len(ids)), ids]).max():
        causes = ["the same random number serves every step: is a Generator made anew in the loop?"]
    problem = "the ids do not come with the probabilities of the model at this temperature"
    check.failed("drawn", shown, problem, *(f"{CAUSE} {text}" for text in causes if len(causes) == 1))


def _judge_cut(check, case, ids):
    """Whether the ids come from what `truncate` leaves of the tempered probabilities."""
    weights, state, first, _, temperature, top_k, top_p, _ = case
    logits = _read(weights, state, np.append(first, ids[:-1]))[0]

    def rows(logits):
        return np.exp(logits - np.logaddexp.reduce(logits, axis=1, keepdims=True))

    def cut(p, top_k, top_p):
        return np.array([_truncated(row, top_k, top_p) for row in p])

    def fit(p):
        steps = np.arange(len(ids))
        return bool(np.all(p[steps, ids] > 0)) and all(_suits(ids, p, np.random.default_rng(0)))

    tempered = rows(logits / temperature)
    truth = cut(tempered, top_k, top_p)
    if fit(truth):
        check.passed("cut")
        return
    power = cut(rows(logits), top_k, top_p) ** (1 / temperature)
    neither = {"top_k and top_p are not used: the probabilities go through truncate": tempered}
    known = (neither if top_k and top_p else {}) | {
        "top_p is not used": cut(tempered, top_k, None),
        "top_k is not used": cut(tempered, None, top_p),
        "truncate is applied before the temperature: first with_temperature, then truncate": power / power.sum(axis=1, keepdims=True),
        "the temperature is not used where top_k or top_p is given": cut(rows(logits), top_k, top_p),
        "the most probable id is taken": np.eye(logits.shape[1])[logits.argmax(axis=1)],
        "what stays gets equal shares": (truth > 0) / (truth > 0).sum(axis=1, keepdims=True),
    }
    fitting = {text: float(np.sum(np.log(p[np.arange(len(ids)), ids]))) for text, p in known.items() if fit(p)}
    causes = sorted(fitting, key=fitting.get)[-1:]  # of several that fit, the one that makes these ids most likely
    lost = int(np.sum(truth[np.arange(len(ids)), ids] == 0))
    problem = f"{lost} of {len(ids)} ids are among those that truncate cuts" if lost else "the ids do not come with the probabilities of what is left"
    check.failed("cut", check.describe(case, f"top_k = {top_k}, top_p = {top_p}"), problem, *(f"{CAUSE} {text}" for text in causes))


# Random cases.


def _overlapping_texts(rng, alphabet, length, n):
    """A text in which no n-gram comes twice, and a training text that shares passages with it, among them its last n-gram.

    The last letter of the text is not in the training text, and what counts n-grams of words finds some that are known.
    """
    while True:
        letters = list(alphabet[: int(rng.integers(8, 12))] + "   ")
        text, training = ("".join(rng.choice(some, size)) for some, size in ((letters, length), (letters[1:], length * 2)))
        text, place = text[:-1] + letters[0], int(rng.integers(0, length // 2))
        training += text[place : place + n + int(rng.integers(length // 4, length // 2))]
        grams = {text[i : i + n] for i in range(length - n + 1)}
        if len(grams) == length - n + 1 and 0.1 < _novelty(text, training, n) < 0.9 and _told_by_parts(text, training, n):
            return text, training


def _tells_novelty(case):
    """Whether no two mistakes give the same in this case; but for the truth, 0 and 1."""
    made = [mistake(*case) for text, mistake in NOVELTY_MISTAKES.items() if not text.startswith(("in text alone", "only letters", "n is not used", SHORT_ENDS))]
    made = [round(value, 9) for value in made if 0 < value != 1 and difference(_novelty(*case), value)]
    return len(set(made)) == len(made)


def _told_by_parts(text, training, n):
    """Whether what compares words or single characters gives some number between 0 and 1."""
    return 0 < _novelty(text, training, 1) and 0 < _novel_words(text, training, n) < 1


def _typed(rng):
    """A text and a training text as people type them; what cleaning does to either shows in novelty and in the longest copy."""
    letters = list(rng.permutation(list(LETTERS))[:8])
    letters += [letter.upper() for letter in letters[:4]]
    changes = [*list(CLEANED.values())[:3], str.swapcase, lambda s: s.replace(".", "x"), lambda s: s.replace(" ", "")]
    while True:
        a, b, c, d, e = ("".join(rng.choice(letters, 3)) for _ in range(5))
        passage, near = f" \n{a[:2]}.{a[2]}\n\n{b}  {c}! {a}\n{b}. ", f"{d}\n{e[:2]}. {e[2]}\n{a} {d}."
        text, almost = f"{near}-{passage}", "/".join(change(near)[i:] for i, change in enumerate(changes))
        training = f" {d}({passage.swapcase()}{e}{passage}{d}?{almost}\n"
        cleaned = [(clean(text), clean(training)) for clean in CLEANED.values()]
        shares = [{_novelty(*pair, n) for pair in [(text, training), *cleaned]} for n in (6, 8)]
        if all(_common(*pair) != _common(text, training) for pair in cleaned) and all(len(s) == len(CLEANED) + 1 for s in shares):
            return text, training


def _planted(rng, alphabet, length, training_length, planted):
    """A text with one passage of the training text that is longer than chance gives; no space at its ends."""
    letters = list(rng.permutation(list(alphabet))[: int(rng.integers(4, 8))]) + [" "]
    while True:
        text, training = ("".join(rng.choice(letters, size)) for size in (length, training_length))
        start, place = int(rng.integers(5, training_length - planted - 5)), int(rng.integers(5, length - 5))
        text = text[:place] + training[start : start + planted] + text[place:]
        copied = _common(text, training)
        if copied == copied.strip() and _greedy_parse(text, training) not in (copied, copied[1:]):
            return text, training


def _probabilities(rng, size):
    """Probabilities no two of which are nearly alike."""
    p = 0.75 ** np.arange(size) * rng.uniform(0.95, 1.05, size)
    return rng.permutation(p / p.sum())


def _nucleus_case(rng, size, k, keep):
    p = _probabilities(rng, size)
    return p, k, _between(_truncated(p, k, None), keep, rng)


def _between(p, keep, rng):
    """A mass that the `keep` most probable symbols reach and one symbol less does not."""
    mass = np.append(0, np.cumsum(np.sort(p)[::-1]))
    return float(mass[keep - 1] + (mass[keep] - mass[keep - 1]) * rng.uniform(0.3, 0.7))


def _generator(rng):
    return np.random.default_rng(int(rng.integers(2**60)))


def _weights(rng, size, units, scale=1.0):
    shapes = {"E": (size, WIDTH), "W_x": (WIDTH, 4 * units), "W_h": (units, 4 * units), "b": (4 * units,)}
    shapes |= {"W_y": (units, size), "b_y": (size,)}
    return {name: scale * rng.normal(0, 1.2, shape) for name, shape in shapes.items()}


def _state(rng, units):
    return tuple(rng.normal(0, 0.8, units) for _ in range(2))


def _greedy_case(rng, size, units, length, told=True):
    """A model whose greedy text is no short loop, whose choices are clear, and with which mistakes show, each in its own way."""
    best, most = None, 0
    for _ in range(6):
        case = _clear_case(rng, size, units, length)
        known = len(_tell_apart(case)) if told else len(GREEDY_MISTAKES)
        if known > most:
            best, most = case, known
        if most == len(GREEDY_MISTAKES):
            break
    return best


def _clear_case(rng, size, units, length):
    while True:
        case = (_weights(rng, size, units), _state(rng, units), int(rng.integers(size)), length, 0.0, None, None, _generator(rng))
        ids, logits = _choices(*case[:4])
        if len(set(ids.tolist())) >= 4 and np.min(logits[:, -1] - logits[:, -2]) > 1e-3 and len(set(ids[-6:].tolist())) > 1:
            return case


@functools.cache
def _untrained(symbols, width, units):
    import keras

    ids, h, c = keras.Input((None,), dtype="int32"), keras.Input((units,)), keras.Input((units,))
    x = keras.layers.Embedding(symbols, width)(ids)
    x, h_after, c_after = keras.layers.LSTM(units, return_sequences=True, return_state=True)(x, initial_state=[h, c])
    return keras.Model([ids, h, c], [keras.layers.Dense(symbols)(x), h_after, c_after], name="language_model")


@functools.cache
def _other_untrained(kind, layers, symbols, width, units):
    import keras

    recurrent = {"gru": keras.layers.GRU, "lstm": keras.layers.LSTM}[kind]
    ids, own = keras.Input((None,), dtype="int32"), writing.STATES[kind]
    states = [keras.Input((units,)) for _ in range(own * layers)]
    x, after = keras.layers.Embedding(symbols, width)(ids), []
    for i in range(layers):
        layer = recurrent(units, return_sequences=True, return_state=True)
        x, *new = layer(x, initial_state=states[own * i : own * (i + 1)])
        after += new
    return keras.Model([ids, *states], [keras.layers.Dense(symbols)(x), *after], name="another_language_model")


def _other_model(rng, kind, layers, symbols, width, units):
    """As `_tiny_model`, with another kind of layer or several of them."""
    model = _other_untrained(kind, layers, symbols, width, units)
    model.set_weights([rng.normal(0, 1.5, array.shape) for array in model.get_weights()])
    return model


def _costs_of_network(kind, layers, weights, ids):
    """Bits of each id of a text but the first, by the NumPy step of `helpers.writing`."""
    symbols, units = LETTERS[: len(weights[0])], weights[2].shape[0]
    step, states = writing.stepper(writing.Network(symbols, kind, layers, units, weights))
    costs = []
    for read, target in zip(ids[:-1], ids[1:]):
        logits, states = step(read, states)
        costs.append((np.logaddexp.reduce(logits.astype(np.float64)) - logits[target]) / math.log(2))
    return np.array(costs)


@functools.cache
def _untrained_and_limited(timesteps, symbols, width, units):
    """As `_untrained`, but every id after the first `timesteps` of a call pushes the logits further from the truth."""
    import keras

    ids, h, c = keras.Input((None,), dtype="int32"), keras.Input((units,)), keras.Input((units,))
    embedded = keras.layers.Embedding(symbols, width, name="E")(ids)
    x, h_after, c_after = keras.layers.LSTM(units, return_sequences=True, return_state=True, name="lstm")(embedded, initial_state=[h, c])
    count = keras.layers.SimpleRNN(1, activation="linear", return_sequences=True, name="count")(embedded)
    over = keras.layers.ReLU()(keras.layers.Rescaling(1.0, offset=-timesteps)(count))
    push = keras.layers.Dense(symbols, use_bias=False, name="push")(over)
    logits = keras.layers.Add()([keras.layers.Dense(symbols, name="logits")(x), push])
    model = keras.Model([ids, h, c], [logits, h_after, c_after], name="limited_language_model")
    model.get_layer("count").set_weights([np.zeros((width, 1)), np.ones((1, 1)), np.ones(1)])
    return model


def _limited_model(rng, model, timesteps, symbols, width, units):
    """A model with the weights of `model` that tells the truth in calls of at most `timesteps` ids, and what it adds after them."""
    limited, weights = _untrained_and_limited(timesteps, symbols, width, units), model.get_weights()
    push = rng.uniform(5, 20, symbols).astype(np.float32)
    for name, arrays in [("E", weights[:1]), ("lstm", weights[1:4]), ("logits", weights[4:]), ("push", [push[None]])]:
        limited.get_layer(name).set_weights(arrays)
    return limited, push


def _tiny_model(rng, symbols, width, units):
    """A small language model with random weights."""
    model = _untrained(symbols, width, units)
    model.set_weights([rng.normal(0, 1.5, array.shape) for array in model.get_weights()])
    return model
