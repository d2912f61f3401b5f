"""Checks of lesson 02, language models.

The truth comes from references written another way than the exercises ask: log-softmax by `logaddexp.reduce`, bits in
base 2 a character at a time, n-grams by counting slices of the text, the network by one-hot rows and `einsum`. Draws
are judged by their distribution.
"""

import collections
import functools
import math

import numpy as np

from helpers.checks import sampling
from helpers.checks.exercise import CAUSE, Lesson
from helpers.checks.report import plural
from helpers.checks.values import describe, difference

lesson = Lesson()
solved, bet, points_so_far = lesson.solved, lesson.bet, lesson.points_so_far

#: Tolerance where a criterion is about the form of the answer: rounding costs the criterion about precision only.
FORM = 1e-6
LETTERS = "\n abcdefghijklmnopqrstuvwxyz.,;!?'ABCDEFG"
#: How a case is called that the docstring itself shows.
EXAMPLE = "the docstring's example"
#: Characters that no vocabulary here contains. Two of them look like nothing unless repr shows them.
STRANGERS = "é%#Z\tß\r漢"
LARGE = "logits near 1e4"


@lesson.exercise(
    arguments=("text", "vocabulary"),
    points={
        "ids": ("each character becomes its position in the vocabulary", 2),
        "care": ("int64, for an empty text too; an unknown character is a ValueError that shows it and says where", 1),
    },
    demos=("ids",),
)
def encode(check):
    """Exercise 1."""
    for length in check.sizes((12, 30)):
        case = _text_case(check, length)
        check.expect("ids", case, _encode(*case), ENCODE_MISTAKES)
    if not check.has_passed("ids"):
        return
    # Short first: a message may show the whole text. The long ones are for a message that holds all places.
    for length in (30, 2000):
        for stranger in check.rng.permutation(list(STRANGERS)):
            text, vocabulary = _text_case(check, check.sizes(length))
            place = int(check.rng.integers(0.4 * length, 0.6 * length))
            broken = text[:place] + str(stranger) + text[place + 1 :]
            check.expect_error(
                "care", (broken, vocabulary), "ValueError", (repr(str(stranger)), str(place)),
                f"{str(stranger)!r} at position {place} is not in the vocabulary", _unknown_returned,
            )
    some, others = check.rng.permutation(list(STRANGERS)).reshape(2, -1)
    for place, last, what in [(0, 0, "the first character is unknown"), (23, 46, "several are unknown; the first counts")]:
        for first, other in [(some[0], others[0]), (others[0], some[0]), (some[1], some[1])]:
            text, vocabulary = _text_case(check, check.sizes(60))
            text = text[:place] + str(first) + text[place + 1 :]
            text = text[:last] + str(other if last > place else first) + text[last + 1 :]
            mentions = (repr(str(first)), str(place))
            check.expect_error("care", (text, vocabulary), "ValueError", mentions, what)
    for length, what in [(17, ""), (1, "a single character"), (0, "an empty text")]:
        text, vocabulary = _text_case(check, check.sizes(length))
        got = check.expect("care", (text, vocabulary), _encode(text, vocabulary), ENCODE_MISTAKES, case=what)
        if got is not None and got.dtype != np.int64:
            check.failed("care", f"expected the dtype int64, got {got.dtype}")
    check.expect("ids", ("abba", "xab"), np.array([1, 2, 2, 1]), ENCODE_MISTAKES, case=EXAMPLE)
    text, vocabulary = _text_case(check, check.sizes(1500))  # as long as a fable
    check.expect("ids", (text, vocabulary), _encode(text, vocabulary), ENCODE_MISTAKES)


@lesson.exercise(
    arguments=("ids", "vocabulary"),
    points={
        "text": ("each id becomes its character; no ids give an empty string", 1),
        "range": ("an id outside the vocabulary, a negative one too, is a ValueError that names it; ids are not changed in place", 1),
    },
    demos=("text",),
)
def decode(check):
    """Exercise 2."""
    for length in (12, 30, 1, 0):
        text, vocabulary = _text_case(check, check.sizes(length))
        case = (_encode(text, vocabulary), vocabulary)
        check.expect("text", case, text, DECODE_MISTAKES, case="no ids" if length == 0 else "")
    if not check.has_passed("text"):
        return
    text, vocabulary = _text_case(check, check.sizes(2000))  # too long for a message that holds all ids
    for bad in (-1, len(vocabulary), int(check.rng.integers(200, 900)), -int(check.rng.integers(200, 900)), -len(vocabulary)):
        ids = _encode(text, vocabulary)
        ids[int(check.rng.integers(800, 1200))] = bad
        what = f"the id {bad}, with {len(vocabulary)} symbols in the vocabulary"
        if -len(vocabulary) <= bad < 0:
            what += f": Python counts negative places from the end and finds {vocabulary[bad]!r}"
        check.expect_error("range", (ids, vocabulary), "ValueError", (str(bad),), what)
    check.expect("text", (np.array([1, 2, 2, 1]), "xab"), "abba", DECODE_MISTAKES, case=EXAMPLE)
    text, vocabulary = _text_case(check, check.sizes(1500))
    check.expect("text", (_encode(text, vocabulary), vocabulary), text, DECODE_MISTAKES)
    check.unchanged("range", needs="range")


@lesson.exercise(
    arguments=("ids", "P"),
    points={
        "each": ("each letter costs -log2 of the probability it had after the letter before it", 1),
        "first": ("the first letter follows the newline, id 0", 1),
        "care": ("texts of one letter too; probability 0 costs infinity, and 1 nothing; no argument changed in place", 1),
    },
    demos=("each", "first"),
)
def letter_costs(check):
    """Exercise 3."""
    rng = check.rng
    for length, size in check.sizes([(4, 4), (9, 5), (30, 27), (6, 6), (2000, 27)]):
        _judge_costs(check, _costs_case(rng, length, size))
    if not check.has_passed("each"):
        return
    for length, size in check.sizes([(4, 4), (9, 5), (7, 27)]):
        case = _costs_case(rng, length, size)
        check.expect("first", case, _costs(*case), COSTS_MISTAKES, FORM)
    if not check.has_passed("first"):
        return
    check.expect("care", EXAMPLE_COSTS, np.array([1.0, 2.0]), COSTS_MISTAKES, FORM, EXAMPLE)
    for first in (0, 2):
        ids, P = _costs_case(rng, 1, check.sizes(3))
        ids[0] = first
        check.expect("care", (ids, P), _costs(ids, P), COSTS_MISTAKES, FORM, "a single letter")
    (ids, P), what = _costs_case(rng, *check.sizes((8, 4))), "probabilities 0 and 1"
    ids[:4] = 1, 2, 2, 3
    P[1], P[2, 2] = np.eye(len(P))[2], 0.0
    P[2] /= P[2].sum()
    check.expect("care", (ids, P), _costs(ids, P), IMPOSSIBLE_MISTAKES | COSTS_MISTAKES, FORM, what, branch=what)
    check.unchanged("care", "first")


@lesson.exercise(
    arguments=("logits",),
    points={
        "values": ("the logarithm of softmax over the last axis, for any number of axes", 1),
        "large": ("right where logits are as large as 1e4 and -1e4, and far apart", 1),
        "masked": ("a logit of -inf gives -inf, and the other probabilities still sum to one", 1),
        "care": ("float32 stays float32, and no argument is changed in place", 1),
    },
    demos=("values", "large", "masked"),
)
def log_softmax(check):
    """Exercise 4."""
    rng = check.rng
    check.expect("values", (np.array([5.0, 5.0]),), np.log([0.5, 0.5]), LOG_SOFTMAX_MISTAKES, case=EXAMPLE)
    for shape in check.sizes([(4, 4), (3, 5), (7,), (1, 3, 4), (2, 3, 4, 5)]):
        logits = rng.normal(0, 2, shape)
        check.expect("values", (logits,), _log_softmax(logits), LOG_SOFTMAX_MISTAKES, case=f"{len(shape)} axes")
    # Square first, here and below: without keepdims the others raise an exception that does not say so.
    for scale, offset, what in [(1, 1e4, "logits near 1e4"), (1, -1e4, "logits near -1e4"), (1e4, 0, "logits far apart")]:
        logits = rng.normal(offset, scale, check.sizes((4, 4) if offset > 0 else (3, 5)))
        check.expect("large", (logits,), _log_softmax(logits), LOG_SOFTMAX_MISTAKES, case=what)
    logits = rng.normal(0, 2, (3, 5)) + np.array([[1e4], [0.0], [-1e4]])
    check.expect("large", (logits,), _log_softmax(logits), LOG_SOFTMAX_MISTAKES, case="rows of different size")
    for shape, masked in [((4, 4), [0]), ((2, 6), [0]), ((4, 5), [1, 4])]:
        logits = rng.normal(0, 2, check.sizes(shape))
        logits[:, masked] = -np.inf
        mistakes = MASKED_MISTAKES | LOG_SOFTMAX_MISTAKES
        check.expect("masked", (logits,), _log_softmax(logits), mistakes, case="-inf for some symbols")
    logits = rng.normal(0, 2, (3, 5))
    logits[1, [0, 1, 2, 4]] = -np.inf  # one row only: a truth of nothing but zeros would turn rounding into an error of 1
    check.expect("masked", (logits,), _log_softmax(logits), LOG_SOFTMAX_MISTAKES, case="a single symbol left in a row")
    logits = rng.normal(0, 2, (3, 5)) + 500
    logits[np.arange(3), rng.integers(0, 5, 3)] = -np.inf
    check.expect("masked", (logits,), _log_softmax(logits), LOG_SOFTMAX_MISTAKES, case="-inf at another place in each row")
    logits = rng.normal(0, 2, (3, 5))
    check.expect("values", (logits,), _log_softmax(logits), LOG_SOFTMAX_MISTAKES, 1e-12, case="to the last digits")
    check.single_precision("care", (rng.normal(150, 20, check.sizes((3, 6))),), _log_softmax, "values")
    check.unchanged("care", "values")


@lesson.exercise(
    arguments=("logits", "targets", "mask"),
    points={
        "bits": ("without padding: the mean cross-entropy, in bits", 1),
        "mask": ("with padding: the mean over the real characters, each counted once", 1),
        "padding": ("whatever the padded positions hold, even nan or infinity, does not matter", 1),
        "extreme": ("logits of 1e4, and symbols masked by -inf", 1),
        "care": ("any sizes, in full precision; float32 logits too; no argument changed in place", 1),
    },
    needs=("log_softmax",),
    demos=("bits", "mask"),
)
def bits_per_character(check):
    """Exercise 5."""
    rng = check.rng
    alike = (np.full((2, 3, 8), 7.0), rng.integers(0, 8, (2, 3)), np.ones((2, 3), bool))
    check.expect("bits", alike, 3.0, BITS_MISTAKES, FORM, EXAMPLE)
    for sizes in check.sizes([(4, 4, 4), (3, 5, 2)]):
        logits, targets, mask = _bits_case(rng, *sizes)
        mask[:] = True
        check.expect("bits", (logits, targets, mask), _bits(logits, targets, mask), BITS_MISTAKES, FORM, "no padding")
    for sizes in check.sizes([(4, 6, 5), (3, 7, 4), (2, 5, 6)]):
        case = _bits_case(rng, *sizes)
        check.expect("mask", case, _bits(*case), BITS_MISTAKES, FORM, "padding")
    if check.has_passed("mask"):
        for filling in (np.nan, np.inf, -np.inf, 1e300):
            logits, targets, mask = _bits_case(rng, *check.sizes((3, 6, 4)))
            logits[~mask] = filling
            case = f"padded logits are {filling:g}"
            truth = _bits(logits, targets, mask)
            check.expect("padding", (logits, targets, mask), truth, PADDING_MISTAKES | BITS_MISTAKES, FORM, case, branch=case)
    for scale, what in [(1e4, "logits of 1e4"), (1.0, "a symbol masked by -inf")] if check.has_passed("bits") else ():
        logits, targets, mask = _bits_case(rng, *check.sizes((3, 6, 4)), scale)
        mask[:] = True
        if scale == 1.0:
            logits[..., 2] = -np.inf
            targets[targets == 2] = 3
        truth = _bits(logits, targets, mask)
        mistakes = EXTREME_MISTAKES if scale == 1e4 else INFINITE_MISTAKES
        check.expect("extreme", (logits, targets, mask), truth, mistakes | BITS_MISTAKES, FORM, what, branch=what)
    for sizes in check.sizes([(1, 5, 3), (2, 1, 4), (1, 1, 2), (5, 3, 7), (100, 16, 27)]) if check.has_passed("mask") else ():
        case = _bits_case(rng, *sizes)
        note = "a single character" if sizes[:2] == (1, 1) else ""
        check.expect("care", case, _bits(*case), BITS_MISTAKES, 1e-9, note)
    if check.has_passed("mask"):
        logits, *rest = _bits_case(rng, *check.sizes((3, 5, 4)))
        case = (logits.astype(np.float32), *rest)
        check.expect("care", case, _bits(*case), BITS_MISTAKES, 1e-4, "float32")  # a float has no dtype to keep
    check.unchanged("care", "mask")


@lesson.exercise(
    arguments=("texts", "n", "vocabulary", "add"),
    points={
        "unigram": ("n = 1: one context, the empty string, and the share of each symbol", 1),
        "bigram": ("n = 2: the probabilities after each character, and after the boundary", 1),
        "longer": ("n = 3 and 4: contexts of n - 1 characters, each text preceded by n - 1 boundaries", 2),
        "add": ("smoothing: add is added to every count, and the probabilities still sum to one", 1),
        "care": ("any vocabulary and any texts, taken as they are; no argument changed in place", 1),
    },
    demos=("unigram", "bigram", "longer", "add"),
)
def fit_ngram(check):
    """Exercise 6."""
    _judge_ngram(check, "bigram", (["aab\n"], 2, "\nab", 0), EXAMPLE)
    cases = [("unigram", 1, 0), ("unigram", 1, 0), ("bigram", 2, 0), ("bigram", 2, 0)]
    cases += [("longer", 4, 0), ("longer", 3, 0), ("longer", check.sizes(5), 0)]
    cases += [("add", 1, 1), ("add", 2, check.sizes(2) - 1), ("add", 2, 0.05), ("add", 3, check.sizes(2) + 0.5)]
    for criterion, n, add in cases:
        texts, vocabulary = _texts_case(check, unseen=5 if n < 5 else 1)  # who lists all contexts shall not wait for a minute
        case = (texts, n, vocabulary, add)
        _judge_ngram(check, criterion, case)
    if not (check.has_passed("longer") and check.has_passed("add")):
        return
    special = {
        "one text": lambda words: words[:1],
        "a text without a newline at its end": lambda words: [words[0], words[1].strip("\n"), *words[2:]],
        "newlines inside a text": lambda words: ["".join(words), words[0]],
        "an empty text among them": lambda words: [words[0], "", *words[1:]],
        "texts shorter than the context": lambda words: [word[:1] for word in words],
        "a text that is there twice": lambda words: [*words, words[0]],
        "a letter that comes 400 times": lambda words: [*words, check.sizes(400) * words[0][:1]],
    }
    for what, change in special.items():
        texts, vocabulary = _texts_case(check)
        for n in (2, 4):
            case = (change(texts), n, vocabulary, 0.5)
            _judge_ngram(check, "care", case, what)
    check.unchanged("care", "longer")


@lesson.exercise(
    arguments=("ids", "h_0", "weights"),
    points={
        "input": ("the input term: row ids[:, t] of W_xh, plus b_h, inside tanh", 1),
        "carry": ("the state is carried: h_t is computed from h_{t-1}", 2),
        "start": ("it starts from h_0, whatever h_0 is", 1),
        "logits": ("the logits are read from each state: h_t @ W_hy + b_y", 1),
        "care": ("any sizes, a batch of one too; float32 stays float32; no argument changed in place", 1),
    },
    demos=("input", "carry", "start", "logits"),
)
def forward(check):
    """Exercise 7."""
    rng = check.rng
    for criterion in ("input", "carry", "start"):
        for sizes in check.sizes([(4, 4, 4, 4), (3, 5, 6, 2), (32, 10, 27, 64)]):
            ids, h_0, weights = _forward_case(rng, *sizes)
            if criterion != "start":
                h_0 = h_0 * 0
            if criterion == "input":
                weights["W_hh"] = weights["W_hh"] * 0
            _judge_forward(check, criterion, (ids, h_0, weights))
    if not (check.has_passed("start") and check.has_passed("logits")):
        return
    for sizes in check.sizes([(1, 5, 3, 4), (2, 1, 3, 5), (1, 1, 2, 3), (5, 2, 7, 1)]):
        case = _forward_case(rng, *sizes)
        check.expect("care", case, _forward(*case), case="a batch of one" if sizes[0] == 1 else "")
    check.single_precision("care", _forward_case(rng, *check.sizes((3, 4, 6, 5))), _forward, "start")
    check.unchanged("care", "start")


@lesson.exercise(
    arguments=("P",),
    points={
        "rows": ("after each symbol, softmax of the network's logits is that symbol's row of P", 2),
        "memory": ("what came before that symbol makes no difference; P is not changed in place", 1),
    },
)
def bigram_weights(check):
    """Exercise 8."""
    for size in check.sizes((4, 3, 27)):
        P = _softmax(check.rng.normal(0, 1.2, (size, size)))
        got = check.inspect((P,), dict, "a dict of the five weights", ["rows"])
        if got is None:
            return
        if problem := _unfit(got, size):
            check.failed("rows", check.describe((P,)), problem)
            return
        alone = _softmax(_after_each(got))
        if problem := difference(P, alone, FORM):
            cause = _bridge_cause(P, got)
            words = [f"{CAUSE} {cause}"] if cause else []
            check.failed("rows", check.describe((P,)), f"the probabilities after each symbol: {problem}", *words)
            return
        check.passed("rows")
        ids = check.rng.integers(0, size, (size, 6))
        after_others = _softmax(_forward(ids, np.zeros((size, len(got["W_hh"]))), got)[0])
        if difference(P[ids], after_others, FORM):
            cause = f"{CAUSE} W_hh is not zero, so that the state still feels the symbols before" if got["W_hh"].any() else ""
            problem = "after a longer text, the probabilities are not those of its last symbol"
            check.failed("memory", check.describe((P,)), problem, *([cause] if cause else []))
            return
        check.passed("memory")
    check.unchanged("memory", needs="memory")


@lesson.exercise(
    arguments=("logits", "rng"),
    points={
        "alike": ("many rows of the same logits: each symbol as often as softmax says", 1),
        "rows": ("rows of different logits: each row from its own softmax, independently of the others", 1),
        "masked": ("a logit of -inf is never drawn; logits of 1e4; a batch of one", 1),
        "generator": ("it draws from rng and from nothing else; no argument changed in place", 1),
    },
    needs=("log_softmax",),
    errors={"contain NaN": "np.exp of a large logit overflows, and inf / inf is nan: take log_softmax first, then np.exp"},
    demos=("alike", "rows"),
)
def sample(check):
    """Exercise 9."""
    _sample_alike(check)
    if check.has_passed("alike"):
        _sample_rows(check)
        _sample_masked(check)
        _sample_generator(check)
        if check.has_passed("generator"):
            _sample_again(check)
        check.unchanged("generator", "generator")
        _draw(check, np.zeros((2, 6)), _generator(check.rng), "alike")  # the docstring's example


@lesson.exercise(
    arguments=("model", "n", "vocabulary", "rng"),
    points={
        "letters": ("where the model leaves no choice, it writes the only text there is, up to its newline", 2),
        "draws": ("each letter is drawn with the probabilities of its context, by rng; at most 100 letters", 1),
        "care": ("after a context that the model has never met, all symbols are equally likely; no argument changed in place", 1),
    },
    needs=("log_softmax", "sample"),
    errors={
        "KeyError": "a context that is not in the model is looked up: either it is not the last n - 1 characters, newlines in"
        " front included, or the model has never met it, and all symbols are equally likely",
    },
)
def write(check):
    """Exercise 10."""
    example = ({"\n": np.array([0.0, 1.0]), "a": np.array([1.0, 0.0])}, 2, "\na", _generator(check.rng))
    check.expect("letters", example, "a\n", WRITE_MISTAKES, case=EXAMPLE)
    for n in (2, 3, check.sizes(4), 2, 3):
        _judge_dictated(check, n)
    if not check.has_passed("letters"):
        return
    if not _stops_in_time(check):
        return
    for n in (1, 2):
        _judge_writing(check, n)
    if check.has_passed("draws"):
        _write_again(check)
    if check.has_passed("draws"):
        _write_unmet(check)
        check.unchanged("care", "care")


prediction_order = lesson.prediction(
    "prediction_order",
    ("1", "2", "3", "4", "5"),
    tempting={
        "1": "It has nothing to overfit with, and nothing to go on either: a letter depends a lot on the one before it.",
        "2": "Its 27 rows are the best counted of all, but there is a lot to know beyond one letter.",
        "3": "Tempting, with 27 imagined observations in each row of a longer context. With this many names, four still wins.",
        "5": "A longer context does know more. With 1 added to each count, it is mostly told imagination.",
    },
)
prediction_fables = lesson.prediction(
    "prediction_fables",
    ("1", "2", "3", "4", "5"),
    tempting={
        "1": "It knows that spaces and e are frequent, and nothing else.",
        "2": "Safe, but English spelling reaches further than one letter.",
        "4": "It was right for the names. Here there are fewer characters, and 58 imagined observations a row where those had 27.",
        "5": "Running text does reward a long memory, but not one that has hardly ever seen what it remembers.",
    },
)
prediction_copies = lesson.prediction(
    "prediction_copies",
    ("under 100", "100 to 500", "over 500"),
    tempting={
        "under 100": "It draws letter by letter, so copying seems unlikely. But after five letters there is mostly one way to go on.",
        "100 to 500": "That is where n = 4 lies. Two more letters of context leave it far less choice.",
    },
)


# The truth.


def _encode(text, vocabulary):
    return np.array([vocabulary.index(character) for character in text], dtype=np.int64)


def _costs(ids, P, before=0):
    return np.array([-math.log2(p) if (p := P[i, j]) > 0 else math.inf for i, j in zip([before, *ids[:-1]], ids)])


def _log_softmax(logits):
    return logits - np.logaddexp.reduce(logits, axis=-1, keepdims=True)


def _bits(logits, targets, mask, per=np.mean):
    if not mask.any():
        raise ValueError("no real character")
    bits = []
    for b, t in zip(*np.nonzero(mask)):
        row = logits[b, t].astype(np.float64) / math.log(2)
        bits.append(float(np.logaddexp2.reduce(row) - row[targets[b, t]]))
    return float(per(bits))


def _ngram(texts, n, vocabulary, add, boundaries=None, boundary="\n", context=lambda gram: gram[:-1]):
    boundaries = n - 1 if boundaries is None else boundaries
    grams = collections.Counter()
    for text in texts:
        padded = boundary * boundaries + text
        grams.update(padded[i : i + n] for i in range(len(padded) - n + 1))
    counts = {}
    for gram, count in grams.items():
        row = counts.setdefault(context(gram), dict.fromkeys(vocabulary, 0))
        row[gram[-1]] += count
    model = {}
    for met, row in counts.items():
        total = sum(row.values()) + add * len(vocabulary)
        model[met] = np.array([(row[symbol] + add) / total for symbol in vocabulary])
    return model


def _forward(ids, h_0, weights, activation=np.tanh):
    one_hot = np.eye(len(weights["W_xh"]), dtype=weights["W_xh"].dtype)
    joined = np.concatenate([weights["W_xh"], weights["W_hh"]])
    states = np.empty((*ids.shape, h_0.shape[1]), np.result_type(h_0, weights["W_hh"]))
    h = h_0
    for t in range(ids.shape[1]):
        entering = np.concatenate([one_hot[ids[:, t]], h], axis=1)
        states[:, t] = h = activation(np.einsum("bi,ij->bj", entering, joined) + weights["b_h"])
    return _read(states, weights), states


def _read(h, weights):
    return np.einsum("...h,hv->...v", h, weights["W_hy"]) + weights["b_y"]


def _softmax(logits):
    return np.exp(_log_softmax(logits))


# How the parts of an answer are judged.


def _unknown_returned(ids):
    """Why encode returns ids for a text with a character that has none; "" where it is not known."""
    if isinstance(ids, np.ndarray) and ids.dtype.kind in "if" and (ids == -1).any():
        return "the unknown character has become -1, as str.find gives it: look for it, and raise a ValueError"
    return ""


def _judge_costs(check, case):
    """All letters but the first, whose predecessor is a criterion of its own."""
    truth = _costs(*case)
    got = check.inspect(case, _array_or_so, f"an array of shape {truth.shape}", ["each"])
    if got is None:
        return
    if not isinstance(got, np.ndarray) or got.shape != truth.shape:
        check.settle("each", case, truth, got, COSTS_MISTAKES, FORM)
        return
    later = {text: functools.partial(_after_the_first, mistake) for text, mistake in COSTS_MISTAKES.items()}
    check.settle("each", case, truth[1:], got[1:], later, FORM, part="after the first letter")


def _array_or_so(value):
    return isinstance(value, (np.ndarray, float, np.floating, list))


def _after_the_first(mistake, ids, P):
    return mistake(ids, P)[1:]


def _judge_ngram(check, criterion, case, note=""):
    """The contexts first, said by those that are missing or surplus; then the rows."""
    got = check.inspect(case, dict, "a dict with a row for each context", [criterion], note)
    if got is None:
        return
    expected = _ngram(*case)
    branch = "n = 1" if case[1] == 1 else ""
    if got.keys() == expected.keys():
        check.settle(criterion, case, expected, got, NGRAM_MISTAKES, case=note, branch=branch)
        return
    lacking = [repr(context) for context in expected if context not in got]
    extra = [text if len(text := repr(context)) <= 20 else f"{text[:17]}..." for context in got if context not in expected]
    apart = [
        f"{plural(len(contexts), 'context')} {what}: {', '.join(contexts[:3])}" + (", ..." if len(contexts) > 3 else "")
        for what, contexts in [("missing", lacking), ("never met", extra)]
        if contexts
    ]
    check.settle(criterion, case, expected, got, NGRAM_MISTAKES, FORM, note, words=apart, branch=branch)


def _judge_forward(check, criterion, case):
    """The states for `criterion`; the logits for theirs, by the states that came with them."""
    got = check.inspect(case, tuple, "a tuple of two arrays, (logits, h)", [criterion, "logits"])
    if got is None:
        return
    shown = check.describe(case)
    if len(got) != 2 or not all(isinstance(part, np.ndarray) for part in got):
        parts = ", ".join(describe(part) for part in got[:4])
        for key in ("input", "carry", "start", "logits", "care"):
            check.failed(key, shown, f"expected a tuple of two arrays, (logits, h), got a tuple of {parts}")
        return
    logits, h = _forward(*case)
    check.settle(criterion, case, h, got[1], ALIKE.get(criterion, {}) | STATE_MISTAKES, FORM, part="h")
    usable = got[1].shape == h.shape and got[1].dtype.kind == "f" and np.isfinite(got[1]).all()
    states = got[1] if usable else h
    expected = _read(states, case[2])
    mistakes = {text: functools.partial(mistake, states, case[2]) for text, mistake in LOGITS_MISTAKES.items()}
    if np.abs(states).max(initial=0.0) > 1e-3 or difference(expected, got[0], FORM):  # from no states the bias alone gives these logits
        check.settle("logits", case, expected, got[0], mistakes, FORM, part="logits")


def _unfit(weights, size):
    """Why these are no weights of a character network of so many symbols, in words; "" if they are."""
    lacking = [name for name in ("W_xh", "W_hh", "b_h", "W_hy", "b_y") if name not in weights]
    if lacking:
        return f"the dict has no {' and no '.join(lacking)}"
    hidden = np.shape(weights["b_h"])[0] if np.ndim(weights["b_h"]) == 1 else size
    wanted = {"W_xh": (size, hidden), "W_hh": (hidden, hidden), "b_h": (hidden,), "W_hy": (hidden, size), "b_y": (size,)}
    for name, shape in wanted.items():
        array = weights[name]
        if not (isinstance(array, np.ndarray) and array.shape == shape and array.dtype.kind in "fiu"):
            return f"{name}: expected an array of shape {shape}, got {describe(array)}"
    return ""


def _after_each(weights):
    """The logits after each symbol alone, from a state of zeros: (V, V)."""
    size = len(weights["W_xh"])
    return _forward(np.arange(size)[:, None], np.zeros((size, len(weights["W_hh"]))), weights)[0][:, 0]


def _bridge_cause(P, weights):
    """What is wrong with weights that should be a bigram model, in words; "" where it is not known.

    Tried out: one repair at a time, and what else the logits may be, up to a constant in each row and a factor.
    """
    logits = _after_each(weights)
    if np.ptp(logits, axis=0).max() < FORM:
        return "the logits are the same after every symbol: the input makes no difference"
    repairs = {
        "b_h is not zero, so that all units are on, not only that of the symbol": {"b_h": weights["b_h"] * 0},
        "b_y is not zero, and changes the logits": {"b_y": weights["b_y"] * 0},
    }
    if weights["W_xh"].shape == weights["W_hy"].shape:
        repairs["W_xh and W_hy are exchanged"] = {"W_xh": weights["W_hy"], "W_hy": weights["W_xh"]}
    for cause, change in repairs.items():
        if not difference(P, _softmax(_after_each({**weights, **change})), FORM):
            return cause
    wanted = {
        "W_hy is log P times a wrong factor: divide it by tanh(c), where c is what W_xh has on its diagonal (and np.log has base e)": np.log(P),
        "the sign is wrong: logits are log P, costs are -log P": -np.log(P),
        "P itself is in W_hy; softmax needs its logarithm": P,
        "P is transposed": np.log(P.T),
        "np.exp in place of np.log": np.exp(P),
    }
    for cause, table in wanted.items():
        ours, theirs = (a - a.mean(axis=1, keepdims=True) for a in (logits, table))
        factor = (ours * theirs).sum() / (theirs * theirs).sum()
        if factor > 0 and not difference(factor * theirs, ours, FORM):
            return cause
    return ""


def _form_causes(ids, logits):
    if ids.shape == logits.shape:
        return [f"{CAUSE} one id for each row was asked for, not a row of probabilities or one-hot"]
    if ids.shape == (len(logits),) and ids.dtype.kind == "f":
        return [f"{CAUSE} the ids are floats; .astype(np.int64) makes them whole numbers"]
    if ids.shape == (len(logits), 1):
        return [f"{CAUSE} an axis of length 1 too many"]
    return [f"{CAUSE} one id in all, where each row needs one"] if ids.size == 1 else []


def _draw(check, logits, rng, criterion):
    """The ids drawn; None where there are none, and then `criterion` failed, or all wait."""
    case = (logits, rng)
    form = f"an array of whole numbers, of shape ({len(logits)},)"
    ids, size = check.inspect(case, np.ndarray, form, [criterion]), logits.shape[1]
    if ids is None:
        return None
    if ids.shape != (len(logits),) or ids.dtype.kind not in "iu":
        problem = f"expected {form}, got {describe(ids)}"
        check.failed(criterion, check.describe(case), problem, *_form_causes(ids, logits))
        return None
    if len(ids) and (ids.min() < 0 or ids.max() >= size):
        cause = ""
        if ids.max() == size and ids.min() > 0:
            cause = f"{CAUSE} the symbols are counted from 1, not from 0"
            if criterion == "alike" and not _not_from(size - ids.astype(np.int64), logits[0]):
                cause = f"{CAUSE} (u < cumulative) counts from the wrong end: count where u >= cumulative"
        elif ids.min() == -1 and ids.max() < size - 1:
            cause = f"{CAUSE} every symbol is one too small: off by one"
        cause = cause or f"{CAUSE} no symbol is found for some draws: the probabilities do not sum to 1"
        outside = ids[(ids < 0) | (ids >= size)][0]
        check.failed(criterion, check.describe(case), f"the id {outside} is outside the vocabulary of {size} symbols", cause)
        return None
    return ids.astype(np.int64)


def _writing(case, note):
    """A case in words: a model's contexts are too many to list."""
    return f"case: a model of {plural(len(case[0]), 'context')}, n = {case[1]}, vocabulary = {case[2]!r} ({note})"


def _judge_dictated(check, n):
    """A model in which each context allows one letter only."""
    text, vocabulary, model = _dictated(check, n)
    case, other = ((model, n, vocabulary, _generator(check.rng)) for _ in range(2))
    note = "each context allows one letter only"
    got = check.inspect(case, lambda value: value is not None, "a string", ["letters"], note)
    if got is None:
        return
    words, shown = [f"expected {text!r}, got {describe(got)}"], _writing(case, note)
    if type(got) in (str, np.str_) and got != text:
        again = check.inspect(other, lambda value: value is not None, "a string", ["letters"], note)
        if again is not None and again != got:
            cause = "it writes at random: a context is looked up that is not in the model, or p is given where logits are expected"
            check.failed("letters", shown, *words, f"{CAUSE} {cause}")
            return
    check.settle("letters", case, text, got, WRITE_MISTAKES, words=words, shown=shown)


def _written(check, criterion, case, note):
    """What an answer writes, where it is a string of the vocabulary's symbols; None where it is not."""
    got = check.inspect(case, lambda value: type(value) in (str, np.str_), "a string", [criterion], note)
    if got is not None and (strangers := set(got) - set(case[2])):
        check.failed(criterion, _writing(case, note), f"{min(strangers)!r} is not in the vocabulary")
        return None
    return got


def _stops_in_time(check):
    """Whether the only text there is, of 120 letters, is cut at 100: asked before texts that never end."""
    letters = check.letters("abcdefghijkl")  # a de Bruijn sequence: no two letters stand side by side twice
    pairs = "".join(a + "".join(a + b for b in letters[i + 1 :]) for i, a in enumerate(letters))
    text, vocabulary = pairs[:120] + "\n", "\n" + letters
    padded = "\n\n" + text
    model = {padded[i : i + 2]: np.eye(len(vocabulary))[vocabulary.index(c)] for i, c in enumerate(text)}
    case, note = (model, 3, vocabulary, _generator(check.rng)), "the only text there is has 120 letters"
    got = _written(check, "draws", case, note)
    if got is not None and got != text[:100]:
        problem = f"expected the first 100 characters, got {len(got)}"
        check.failed("draws", _writing(case, note), problem, *_length_cause(got.strip("\n"), 3))
    return got == text[:100]


def _judge_writing(check, n):
    """Texts that never end, as the newline has probability 0: their letters, judged context by context."""
    rng, note = check.rng, "the newline has probability 0"
    vocabulary, size = check.letters("\nabcde"), 6
    logits = np.stack([np.insert(_skewed(rng, 5), 0, -np.inf) for _ in range(size)])
    model = {context: _softmax(row) for context, row in zip(vocabulary if n == 2 else [""], logits)}
    pairs, texts = np.zeros((size, size), int), set()
    for _ in range(20):
        case = (model, n, vocabulary, _generator(rng))
        if (text := _written(check, "draws", case, note)) is None:
            return
        if len(text) != 100:
            cause = _length_cause(text, n)
            check.failed("draws", _writing(case, note), f"expected 100 letters, got {len(text)}", *cause)
            return
        texts.add(str(text))
        ids = [0, *map(vocabulary.index, text)]
        np.add.at(pairs, (ids[:-1], ids[1:]), 1)
    counted = [(context, pairs[vocabulary.index(context)]) for context in model] if n == 2 else [("", pairs.sum(axis=0))]
    for (context, counts), row in zip(counted, logits):
        if counts.sum() and not sampling.fits(counts, _softmax(row)):
            cause = sampling.cause(counts, _alike_mistakes(row))
            if len(texts) == 1 and np.count_nonzero(counts) > 1:
                cause = "a generator of its own with a fixed seed is used, not the argument rng: 20 times the same text"
            elif len(texts) > 1 and all(len(set(text)) == 1 for text in texts):
                cause = "one random number serves all letters of a text: each needs its own"
            words = [f"{CAUSE} {cause}"] if cause else []
            check.failed("draws", _writing(case, f"after {context!r}"), sampling.worst(counts, _softmax(row)), *words)
            return
    check.passed("draws")


def _length_cause(text, n):
    """Why a text that cannot end has not 100 letters; a list of one or none."""
    if "\n" in text and n == 1:
        return [f"{CAUSE} for n = 1 the context is the empty string; text[-0:] is the whole text"]
    if "\n" in text:
        return [f"{CAUSE} a newline is drawn, which has probability 0: the context that is looked up is not in the model"]
    if len(text) in (99, 101):
        return [f"{CAUSE} off by one: the loop goes on while the text has fewer than 100 characters"]
    return [f"{CAUSE} it does not stop at 100 characters"] if len(text) > 100 else []


def _write_again(check):
    """The same rng gives the same text, others give others."""
    vocabulary, seed = check.letters("\nabcde"), int(check.rng.integers(2**60))
    model, note = {"": np.array([0, 0.2, 0.2, 0.2, 0.2, 0.2])}, "all letters equally likely"
    first, again, *others = (
        _written(check, "draws", (model, 1, vocabulary, np.random.default_rng(s)), note)
        for s in (seed, seed, *range(seed + 1, seed + 5))
    )
    if any(text is None for text in (first, again, *others)):
        return
    shown = _writing((model, 1, vocabulary), note)
    if first != again:
        cause = f"{CAUSE} it draws from another source, such as np.random or a generator of its own"
        check.failed("draws", shown, "the same rng, in the same state, writes another text the second time", cause)
    elif first in others:
        cause = f"{CAUSE} a generator of its own with a fixed seed is used, not the argument rng"
        check.failed("draws", shown, "another rng writes the same text", cause)
    elif check.idle:
        cause = f"{CAUSE} the numbers come from a copy of rng: the next call draws the same again"
        check.failed("draws", shown, "rng is in the same state after the call as before it", cause)


#: The likely cause where nothing is written after a context that the model has never met.
STOPS = "it stops where the model has never met the context: go on there, with all symbols equally likely"


def _write_unmet(check):
    """After "ab" the model knows nothing: from there on all symbols are equally likely, the newline too."""
    letters = [chr(ord("a") + i) for i in range(20)] + [chr(ord("A") + i) for i in range(20)]
    vocabulary, note = check.letters("".join(["\n", *letters])), 'the context "ab" is not in the model'
    begin = vocabulary[1:3]
    model = {"\n\n": np.eye(41)[1], "\n" + begin[0]: np.eye(41)[2]}
    groups, ended = np.zeros(4, int), 0
    for _ in range(40):
        case = (model, 3, vocabulary, _generator(check.rng))
        text = _written(check, "care", case, note)
        if text is None:
            return
        if len(text) < 3 or not text.startswith(begin):
            problem = f"expected a text that begins with {begin!r} and goes on, got {text[:20]!r}"
            check.failed("care", _writing(case, note), problem, *([f"{CAUSE} {STOPS}"] if text == begin else []))
            return
        ended += text.endswith("\n")
        later = [vocabulary.index(c) % 4 for c in text[2:] if c != "\n"]
        groups += sampling.tally(np.array(later, int), 4)
    if groups.sum() < 200 or ended == 0:  # of 40 texts nearly all end, after some 40 letters
        problem = f"{ended} of 40 texts end with a newline, after {groups.sum() / 40:.1f} letters on average: that is not chance"
        check.failed("care", _writing(case, note), problem, *([f"{CAUSE} {STOPS}"] if groups.sum() == 0 else []))
    elif not sampling.fits(groups, np.full(4, 0.25)):
        problem = "the letters that follow are not all equally frequent"
        check.failed("care", _writing(case, note), problem)
    else:
        check.passed("care")


def _not_from(ids, row):
    """Whether draws from one row do not come from its softmax."""
    return not sampling.fits(sampling.tally(ids, len(row)), _softmax(row))


def _dependent(first, second, row, other):
    """Whether draws from two rows, side by side, are not independent."""
    joint = np.outer(_softmax(row), _softmax(other)).ravel()
    return not sampling.fits(sampling.tally(sampling.pairs(first, second, len(row)), len(row) ** 2), joint)


def _sample_again(check):
    """Small batches, of two and of one, often enough that a row which is not drawn shows."""
    times = 40
    for kinds in (_different(check.rng, 2, 5), _different(check.rng, 1, 5)):
        drawn = [_draw(check, kinds, _generator(check.rng), "generator") for _ in range(times)]
        if any(ids is None for ids in drawn):
            return
        for place, column in enumerate(np.transpose(drawn)):
            if len(set(column.tolist())) == 1:  # less often than once in 10 ** 13, if it is drawn
                shown = f"{check.describe((kinds, check.rng))} ({times} calls, a batch of {len(kinds)})"
                causes = [f"{CAUSE} the most probable symbol is taken (argmax)"] if column[0] == kinds[place].argmax() else []
                check.failed("rows", shown, f"row {place} gives the symbol {column[0]} each time", *causes)
                return


def _sample_alike(check):
    rng = check.rng
    for row in (_skewed(rng, 5), _long_tail(rng, check.sizes(60))):
        logits = np.repeat(row[None], check.sizes(4000), axis=0)
        ids = _draw(check, logits, _generator(rng), "alike")
        if ids is None:
            return
        counts, p = sampling.tally(ids, len(row)), _softmax(row)
        if not sampling.fits(counts, p):
            break
    else:
        check.passed("alike")
        if sampling.surprise(counts, p) < 0.02:  # a chi-square variable of some 30 degrees never is so small
            cause = f"{CAUSE} the random numbers are spread evenly over the batch: each row needs one of its own"
            check.failed("rows", check.describe((logits, rng)), "frequencies too even: the rows are not independent", cause)
        return
    more = _draw(check, np.repeat(logits, 5, axis=0), _generator(rng), "alike")  # some mistakes draw almost alike
    counts = counts if more is None else sampling.tally(more, len(row))
    cause = ""
    if len(np.unique(ids)) == 1:
        others = [_draw(check, logits[:2], _generator(rng), "alike") for _ in range(12)]
        same = all(other is not None and other[0] == ids[0] for other in others)
        if not same:
            cause = "one random number serves all rows: each needs its own"
        elif ids[0] not in (np.argmax(p), np.argmin(p)):
            cause = "the same symbol for all rows"
    cause = cause or sampling.cause(counts, _alike_mistakes(logits[0]))
    check.failed(
        "alike", check.describe((logits, rng)), sampling.worst(counts, p), *([f"{CAUSE} {cause}"] if cause else [])
    )


def _sample_rows(check):
    rng, size, groups, each = check.rng, 5, 5, 1200
    kinds = _different(rng, groups, size)
    logits = np.tile(kinds, (each, 1))
    ids = _draw(check, logits, _generator(rng), "rows")
    if ids is None:
        return
    ids, shown = ids.reshape(each, groups), check.describe((logits, rng))
    for group, row in enumerate(kinds):
        counts, p = sampling.tally(ids[:, group], size), _softmax(row)
        if sampling.fits(counts, p):
            continue
        cause = sampling.cause(counts, _rows_mistakes(kinds, group) | _alike_mistakes(row))
        problem = f"row {group}, {sampling.worst(counts, p)}"
        check.failed("rows", shown, problem, *([f"{CAUSE} {cause}"] if cause else []))
        return
    together = [(ids[:, a], ids[:, b], kinds[a], kinds[b]) for a in range(groups) for b in range(a)]
    row = kinds[0]
    for lag in (1, 2, 4, 8, 16, 32, 64, 100, 128, 256, 512, each // 2):  # each draw in one pair, or the statistic has another law
        early = np.flatnonzero(np.arange(each - lag) // lag % 2 == 0)
        together.append((ids[early, 0], ids[early + lag, 0], row, row))
    for first, second, row, other in together:
        if _dependent(first, second, row, other):
            cause = f"{CAUSE} the same random numbers serve several rows: each row needs its own"
            check.failed("rows", shown, "each row has its own distribution, but the rows are not independent", cause)
            return
    check.passed("rows")


def _sample_masked(check):
    rng, size, each = check.rng, check.sizes(6), 700
    kinds = rng.normal(0, 0.7, (4, size))
    kinds[0, [0, 3]] = -np.inf  # what a cumulative sum is most easily wrong at: the ends
    kinds[1, [2, size - 1]] = -np.inf
    kinds[2] += 1e4
    kinds[3] = -np.inf
    kinds[3, int(rng.integers(1, size - 1))] = -3.0
    notes = ["symbols 0 and 3 masked", f"symbols 2 and {size - 1} masked", LARGE, "all but one symbol masked"]
    logits = np.tile(kinds, (each, 1))
    ids = _draw(check, logits, _generator(rng), "masked")
    if ids is None:
        return
    for group, (row, note) in enumerate(zip(kinds, notes)):
        counts, p = sampling.tally(ids[group :: len(kinds)], size), _softmax(row)
        shown = f"{check.describe((logits, rng))} (row {group}: {note})"
        if sampling.fits(counts, p):
            continue
        cause = sampling.cause(counts, _rows_mistakes(kinds, group) | _alike_mistakes(row))
        if note != LARGE and counts.max() == each:  # nothing drawn, because of the one large row
            cause = "the maximum of the whole array is subtracted; each row has its own"
        elif note == LARGE and counts.max() == each:
            cause = "np.exp of a large logit overflows: log_softmax first"
        problem = sampling.worst(counts, p)
        if counts[p == 0].any():
            symbol = int(np.argmax((counts > 0) & (p == 0)))
            problem = f"symbol {symbol} has a logit of -inf, and was drawn {counts[symbol]} times"
        check.failed("masked", shown, problem, *([f"{CAUSE} {cause}"] if cause else []))
        return
    few = np.full(60, -np.inf)
    few[rng.permutation(60)[:5]] = rng.normal(-1e4, 0.7, 5)  # a large negative number in place of -inf is drawn here
    logits = np.tile(few, (4000, 1))
    ids = _draw(check, logits, _generator(rng), "masked")
    if ids is None:
        return
    if (few[ids] == -np.inf).any():
        shown, cause = f"{check.describe((logits, rng))} (55 of 60 symbols masked)", "is -inf replaced by a number, or something added to p?"
        check.failed("masked", shown, f"a symbol with a logit of -inf was drawn {np.sum(few[ids] == -np.inf)} times", f"{CAUSE} {cause}")
        return
    only = kinds[3:]
    ids = _draw(check, only, _generator(rng), "masked")
    if ids is not None and ids[0] == np.argmax(only[0]):
        check.passed("masked")
    elif ids is not None:
        check.failed("masked", check.describe((only, rng)), "a batch of one: a symbol of probability zero was drawn")


def _sample_generator(check):
    logits = check.rng.normal(0, 0.5, check.sizes((40, 30)))
    seed = int(check.rng.integers(2**60))
    first, again, *others = (
        _draw(check, logits, np.random.default_rng(s), "generator") for s in (seed, seed, *range(seed + 1, seed + 20))
    )
    advanced = np.random.default_rng(seed)
    advanced.random(7)
    later = _draw(check, logits, advanced, "generator")
    if any(ids is None for ids in (first, again, *others, later)):
        return
    shown = check.describe((logits, advanced))
    if not np.array_equal(first, again):
        cause = f"{CAUSE} it draws from another source, such as np.random or a generator of its own"
        check.failed("generator", shown, "the same rng, in the same state, gives other draws the second time", cause)
    elif all(np.array_equal(first, other) for other in others):
        cause = f"{CAUSE} a generator of its own with a fixed seed is used, not the argument rng"
        check.failed("generator", shown, "another rng gives the same draws", cause)
    elif len({ids.tobytes() for ids in (first, *others)}) <= len(others):
        check.failed("generator", shown, "of 20 different rngs some give the same draws: few random numbers are taken from rng")
    elif np.array_equal(first, later):
        cause = f"{CAUSE} the generator is built anew from its seed, and starts from its beginning in each call"
        check.failed("generator", shown, "an rng that has been drawn from gives the same draws as a fresh one", cause)
    elif check.idle:
        cause = f"{CAUSE} the numbers come from a copy of rng: the next call draws the same again"
        check.failed("generator", shown, "rng is in the same state after the call as before it", cause)
    else:
        check.passed("generator")


# What known mistakes give.

ENCODE_MISTAKES = {
    "np.array([]) is an array of floats: an empty text needs dtype=np.int64 too": lambda t, v: np.array(
        _encode(t, v).tolist()
    ),
    "ids start at 0, not at 1": lambda t, v: _encode(t, v) + 1,
    "these are the characters' code points (ord), not their positions in the vocabulary": lambda t, v: np.array(
        [ord(c) for c in t]
    ),
    "the letter's place in the alphabet, not in the vocabulary": lambda t, v: np.array([ord(c) - ord("a") for c in t]),
    "the vocabulary is sorted first; it is used in the order it has": lambda t, v: _encode(t, "".join(sorted(v))),
    "the vocabulary is built from the text; it is the argument": lambda t, v: _encode(t, "".join(sorted(set(t)))),
    "the ids follow the order in which the text meets its characters": lambda t, v: _encode(
        t, "".join(dict.fromkeys(t))
    ),
    "the vocabulary is read from its end": lambda t, v: _encode(t, v[::-1]),
    "the ids come in reverse order": lambda t, v: _encode(t, v)[::-1],
    "capitals are turned into small letters": lambda t, v: np.array([v.index(k if (k := c.lower()) in v else c) for c in t]),
    "the ids are floats; dtype=np.int64 makes them whole numbers": lambda t, v: _encode(t, v).astype(float),
    "the characters are returned, not their ids": lambda t, v: np.array(list(t)),
    "one-hot rows are returned, not ids": lambda t, v: np.eye(len(v), dtype=np.int64)[_encode(t, v)],
    "one-hot rows are returned, not ids (floats)": lambda t, v: np.eye(len(v))[_encode(t, v)],
    "each character is counted; its id was asked for": lambda t, v: np.array([t.count(c) for c in v]),
    "every character's id is there once; it was asked for at each position": lambda t, v: np.array(
        sorted(set(_encode(t, v).tolist()))
    ),
    "an axis of length 1 too many": lambda t, v: _encode(t, v)[:, None],
    "an axis of length 1 too many, in front": lambda t, v: _encode(t, v)[None],
    "spaces and newlines at the ends are stripped": lambda t, v: _encode(t.strip(), v),
    "the characters are encoded the wrong way round: vocabulary in text": lambda t, v: np.array([t.find(c) for c in v]),
}

DECODE_MISTAKES = {
    "a list of characters; ''.join makes it a string": lambda i, v: [v[k] for k in i],
    "the string of a list; ''.join makes one of the characters": lambda i, v: str([v[k] for k in i]),
    "joined with spaces in between": lambda i, v: " ".join(v[k] for k in i),
    "joined with newlines in between": lambda i, v: "\n".join(v[k] for k in i),
    "joined with commas in between": lambda i, v: ",".join(v[k] for k in i),
    "joined with commas and spaces in between": lambda i, v: ", ".join(v[k] for k in i),
    "ids start at 0, not at 1": lambda i, v: "".join(v[k - 1] for k in i),
    "one position too far": lambda i, v: "".join(v[(k + 1) % len(v)] for k in i),
    "the characters come in reverse order": lambda i, v: "".join(v[k] for k in i)[::-1],
    "the vocabulary is sorted first; it is used in the order it has": lambda i, v: "".join(sorted(v)[k] for k in i),
    "the vocabulary is read from its end": lambda i, v: "".join(v[::-1][k] for k in i),
    "chr of the id: an id is a position in the vocabulary, not a code point": lambda i, v: "".join(chr(k) for k in i),
    "chr of the id plus 'a': an id is a position in the vocabulary": lambda i, v: "".join(chr(97 + k) for k in i),
    "the numbers themselves, joined": lambda i, v: "".join(str(k) for k in i),
    "only the first character is returned: is the return inside the loop?": lambda i, v: "".join(v[k] for k in i)[:1],
    "only the last character is returned": lambda i, v: "".join(v[k] for k in i)[-1:],
    "the last character is missing": lambda i, v: "".join(v[k] for k in i)[:-1],
    "the first character is missing": lambda i, v: "".join(v[k] for k in i)[1:],
    "each character is there once": lambda i, v: "".join(dict.fromkeys(v[k] for k in i)),
    "spaces and newlines at the ends are stripped": lambda i, v: "".join(v[k] for k in i).strip(),
    "a newline is put at the end": lambda i, v: "".join(v[k] for k in i) + "\n",
}


#: The example of the docstring.
EXAMPLE_COSTS = (np.array([1, 0]), np.array([[0.5, 0.5], [0.25, 0.75]]))


def _priced(ids, P, before, change=lambda p: p):
    return -np.log2(change(P[before, ids]))


def _before(ids):
    return np.append(0, ids[:-1])


COSTS_MISTAKES = {
    "nats, not bits: np.log is the natural logarithm, np.log2 has base 2": lambda i, P: _costs(i, P) * math.log(2),
    "the logarithm is to base 10; bits need base 2": lambda i, P: _costs(i, P) * math.log10(2),
    "the sign is missing: a cost is -log2 p": lambda i, P: -_costs(i, P),
    "the probabilities themselves are returned, not their cost": lambda i, P: np.exp2(-_costs(i, P)),
    "1/p is returned, not its logarithm": lambda i, P: np.exp2(_costs(i, P)),
    "the table is read the other way round: the row is the letter before": lambda i, P: _priced(_before(i), P, i),
    "each letter is paired with itself, not with the letter before it": lambda i, P: _priced(i, P, i),
    "each letter is paired with the letter after it; the row is the letter before": lambda i, P: (
        _priced(i, P, np.append(i[1:], 0))
    ),
    "each letter is paired with the letter after it, starting from its end": lambda i, P: _priced(i, P, np.roll(i, -1)),
    "each place has the cost of the letter after it": lambda i, P: _priced(np.append(i[1:], 0), P, i),
    "the last letter of the text serves as the letter before the first; that is the newline, id 0": lambda i, P: (
        _priced(i, P, np.roll(i, 1))
    ),
    "the first letter is paired with itself; the letter before it is the newline, id 0": lambda i, P: (
        _priced(i, P, np.append(i[:1], i[:-1]))
    ),
    "the first letter costs nothing here; it follows the newline, id 0": lambda i, P: np.append(0.0, _costs(i, P)[1:]),
    "the first letter is priced as if nothing came before it; it follows the newline, id 0": lambda i, P: np.append(
        -np.log2(P.mean(axis=0)[i[0]]), _costs(i, P)[1:]
    ),
    "the first letter pays for a blind guess; it follows the newline, id 0": lambda i, P: np.append(
        math.log2(len(P)), _costs(i, P)[1:]
    ),
    "the letter before the first is the last symbol (id -1); it is the newline, id 0": lambda i, P: (
        _costs(i, P, before=-1)
    ),
    "every letter is priced after the newline; the row is the letter before it": lambda i, P: _priced(i, P, 0 * i),
    "the letter before is not used": lambda i, P: -np.log2(P.mean(axis=0)[i]),
    "the first letter is left out": lambda i, P: _costs(i, P)[1:],
    "the last letter is left out": lambda i, P: _costs(i, P)[:-1],
    "a newline at the end is priced on top: the text brings its own": lambda i, P: _costs(np.append(i, 0), P),
    "every letter before is paired with every letter: P[before, ids] picks one number for each pair": lambda i, P: (
        -np.log2(P[_before(i)][:, i])
    ),
    "whole rows are returned: P[before, ids] picks one number of each": lambda i, P: -np.log2(P[_before(i)]),
    "the sum is returned, not each letter's cost": lambda i, P: np.array(_costs(i, P).sum()),
    "the sum is returned, as a number, not each letter's cost": lambda i, P: float(_costs(i, P).sum()),
    "the mean is returned, not each letter's cost": lambda i, P: np.array(_costs(i, P).mean()),
    "the mean is returned, as a number, not each letter's cost": lambda i, P: float(_costs(i, P).mean()),
    "a list; np.array makes it an array": lambda i, P: _costs(i, P).tolist(),
    "the costs are added up along the text": lambda i, P: np.cumsum(_costs(i, P)),
    "the probabilities are multiplied along the text": lambda i, P: -np.log2(np.cumprod(np.exp2(-_costs(i, P)))),
    "the costs come in reverse order": lambda i, P: _costs(i, P)[::-1],
    "1 - p is used in place of p": lambda i, P: _priced(i, P, _before(i), lambda p: 1 - p),
    "-p log2 p is the entropy's term; the letter that came costs -log2 p": lambda i, P: (
        _costs(i, P) * np.exp2(-_costs(i, P))
    ),
    "the costs are rounded": lambda i, P: _costs(i, P).round(),
}

IMPOSSIBLE_MISTAKES = {
    "nan where a letter had probability 0: -log2 0 is infinity": lambda i, P: (
        np.where(np.isinf(_costs(i, P)), np.nan, _costs(i, P))
    ),
    "0 bits where a letter had probability 0: it was impossible, and costs infinity": lambda i, P: (
        np.where(np.isinf(_costs(i, P)), 0.0, _costs(i, P))
    ),
    "a large number where a letter had probability 0: it costs infinity": lambda i, P: np.nan_to_num(_costs(i, P)),
}

for _small in (1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15, 1e-16, 1e-20, 1e-30, 1e-300):
    IMPOSSIBLE_MISTAKES[f"something small ({_small:g}) is added to p, or bounds it: what was impossible costs infinity"] = (
        lambda i, P, small=_small: _priced(i, P, _before(i), lambda p: np.maximum(p, small))
    )


def _naive(logits):
    return np.log(np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True))


def _shifted(logits, by):
    shifted = logits - by
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def _without_keepdims(logits, top=True, total=True):
    """The maximum or the sum loses its axis, and is subtracted from columns where rows are meant."""
    shifted = logits - (logits.max(axis=-1) if top else _top(logits))
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=not total))


def _log_sum(logits):
    return np.logaddexp.reduce(logits, axis=-1, keepdims=True)


def _top(logits):
    return logits.max(axis=-1, keepdims=True)


MASKED_MISTAKES = {
    "what is subtracted is not finite where a symbol is masked, and -inf - -inf is nan: subtract the row's own maximum": lambda a: (
        np.full_like(a, np.nan)
    ),
}

LOG_SOFTMAX_MISTAKES = {
    "softmax is returned; its logarithm was asked for": _softmax,
    "np.exp of a large logit overflows: subtract the row's maximum first": lambda a: (
        a - np.log(np.exp(a).sum(axis=-1, keepdims=True))
    ),
    "np.exp overflows, and then infinity is divided by infinity: subtract the row's maximum first": _naive,
    "np.log of a probability that has become 0: log softmax is a - log(sum(exp(a))), no quotient is needed": lambda a: (
        np.log(np.exp(a - _top(a)) / np.exp(a - _top(a)).sum(axis=-1, keepdims=True))
    ),
    "the maximum of the whole array is subtracted; each row has its own": lambda a: _shifted(a, a.max()),
    "the maximum is taken along axis 0": lambda a: _shifted(a, a.max(axis=0, keepdims=True)),
    "the maximum lost its axis, and is subtracted from the columns: keepdims=True": lambda a: (
        _without_keepdims(a, total=False)
    ),
    "the sum lost its axis, and is subtracted from the columns: keepdims=True": lambda a: (
        _without_keepdims(a, top=False)
    ),
    "the maximum and the sum lost their axis, and are subtracted from the columns: keepdims=True": _without_keepdims,
    "the logarithm of the sum lost its axis, and is subtracted from the columns: keepdims=True": lambda a: (
        a - np.logaddexp.reduce(a, axis=-1)
    ),
    "the mean or the minimum is subtracted, not the maximum": lambda a: _shifted(a, a.mean(axis=-1, keepdims=True)),
    "the first logit is subtracted, not the maximum": lambda a: _shifted(a, a[..., :1]),
    "the maximum of the absolute values is subtracted": lambda a: _shifted(a, abs(a).max(axis=-1, keepdims=True)),
    "the sum is over axis 0, not over the last axis": lambda a: a - np.logaddexp.reduce(a, axis=0, keepdims=True),
    "the sum is over axis 1, not over the last axis": lambda a: a - np.logaddexp.reduce(a, axis=min(1, a.ndim - 1), keepdims=True),
    "the sum is over the whole array, not over the last axis": lambda a: a - np.logaddexp.reduce(a, axis=None),
    "the maximum is missing in what is subtracted: log(sum(exp(a - max))) needs + max": lambda a: (
        a - (_log_sum(a) - _top(a))
    ),
    "the maximum is subtracted once too often: the logarithm of sum(exp(a)) contains it already": lambda a: a - (_log_sum(a) + _top(a)),
    "only the maximum is subtracted, the logarithm of the sum is missing": lambda a: a - _top(a),
    "the sum is subtracted, not its logarithm": lambda a: (
        a - _top(a) - np.exp(a - _top(a)).sum(axis=-1, keepdims=True)
    ),
    "the sum of the logits is used, not of their exponentials": lambda a: a - np.log(a.sum(axis=-1, keepdims=True)),
    "the sign is wrong": lambda a: -_log_softmax(a),
    "the logarithm of the sum alone is returned": lambda a: _log_sum(a)[..., 0],
    "the logarithm of the sum alone is returned, with its axis": _log_sum,
    "the logarithm is to base 2; the natural one was asked for": lambda a: _log_softmax(a) / np.log(2),
    "the logarithm is to base 10; the natural one was asked for": lambda a: _log_softmax(a) / np.log(10),
    "softmax is taken of the logits' softmax": lambda a: _log_softmax(_softmax(a)),
    "softmax is taken of -logits": lambda a: _log_softmax(-a),
    "the logarithm of the mean is used, not of the sum": lambda a: _log_softmax(a) + np.log(a.shape[-1]),
    "sigmoid of each logit alone, not softmax": lambda a: -np.logaddexp(0, -a),
    "something small is added inside the logarithm (1e-8): it moves the result": lambda a: np.log(_softmax(a) + 1e-8),
    "something small is added inside the logarithm (1e-9): it moves the result": lambda a: np.log(_softmax(a) + 1e-9),
    "something small is added inside the logarithm (1e-10): it moves the result": lambda a: np.log(_softmax(a) + 1e-10),
    "something small is added inside the logarithm (1e-12): it moves the result": lambda a: np.log(_softmax(a) + 1e-12),
    "the probabilities are clipped from below: a - log(sum(exp(a))) needs no clipping": lambda a: (
        np.log(np.maximum(_softmax(a), 1e-12))
    ),
    "-inf is replaced by a number": lambda a: np.nan_to_num(_log_softmax(a)),
}


def _row_means(logits, targets, mask):
    rows = [_bits(logits[b : b + 1], targets[b : b + 1], mask[b : b + 1]) for b in range(len(mask)) if mask[b].any()]
    return float(np.mean(rows))


def _replaced(logits, mask, by=0.0):
    logits = logits.copy()
    logits[~mask] = by
    return logits


def _shifted_targets(logits, targets, mask, by):
    return _bits(logits, np.roll(targets, by, axis=1), mask)


def _entropy(logits, targets, mask):
    log_p = _log_softmax(logits[mask]) / np.log(2)
    return float(-(np.exp2(log_p) * log_p).sum(axis=-1).mean())


PADDING_MISTAKES = {
    "nan * 0 is nan: select the real characters with the mask, multiplying by it does not remove the others": (
        lambda a, y, m: float("nan")
    ),
    "infinity times zero is nan, and infinity stays infinity: select the real characters with the mask": (
        lambda a, y, m: float("inf")
    ),
}

EXTREME_MISTAKES = {
    "the logarithm of a probability that has become 0: log_softmax gives the logarithm itself": (
        lambda a, y, m: float("inf")
    ),
    "a probability has become nan: take the logarithms that log_softmax gives": lambda a, y, m: float("nan"),
}

BITS_MISTAKES = {
    "nats, not bits: divide by ln 2": lambda a, y, m: _bits(a, y, m) * math.log(2),
    "multiplied by ln 2, where nats become bits by dividing": lambda a, y, m: _bits(a, y, m) * math.log(2) ** 2,
    "the logarithm is to base 10; bits need base 2": lambda a, y, m: _bits(a, y, m) * math.log10(2),
    "divided by ln 2 twice": lambda a, y, m: _bits(a, y, m) / math.log(2),
    "the sign is wrong: a cost is -log p": lambda a, y, m: -_bits(a, y, m),
    "the sum over the characters, not their mean": lambda a, y, m: _bits(a, y, m, np.sum),
    "the padded positions are counted: the mean is over all positions": lambda a, y, m: (
        _bits(_replaced(a, m), y, np.ones_like(m))
    ),
    "the mask is not used: padded positions are judged like real ones": lambda a, y, m: _bits(a, y, np.ones_like(m)),
    "the padded positions cost nothing, but are counted: divide by mask.sum()": lambda a, y, m: (
        _bits(a, y, m, np.sum) / m.size
    ),
    "the mean of the sequences' means: short sequences count too much; take one mean over all real characters": _row_means,
    "divided by the number of sequences, not of characters": lambda a, y, m: _bits(a, y, m, np.sum) / len(m),
    "divided by the number of time steps": lambda a, y, m: _bits(a, y, m, np.sum) / m.shape[1],
    "the mask is taken the wrong way round: True marks what is real": lambda a, y, m: _bits(a, y, ~m),
    "every row is paired with every target: p[np.arange(len(y)), y] pairs row i with y[i], p[:, y] does not": (
        lambda a, y, m: float(-(_log_softmax(a[m])[:, y[m]]).mean() / math.log(2))
    ),
    "every row is paired with every target, and summed: p[np.arange(len(y)), y] pairs row i with y[i]": (
        lambda a, y, m: float(-(_log_softmax(a[m])[:, y[m]]).sum() / m.sum() / math.log(2))
    ),
    "perplexity is returned, 2 to the power of the bits": lambda a, y, m: float(np.exp2(_bits(a, y, m))),
    "e to the power of the bits is returned": lambda a, y, m: float(np.exp(_bits(a, y, m))),
    "the targets are shifted: targets[:, t] belongs to logits[:, t]": lambda a, y, m: _shifted_targets(a, y, m, 1),
    "the targets are shifted: targets[:, t] already is the next character": lambda a, y, m: _shifted_targets(a, y, m, -1),
    "the first time step is left out": lambda a, y, m: _bits(a[:, 1:], y[:, 1:], m[:, 1:]),
    "the last time step is left out": lambda a, y, m: _bits(a[:, :-1], y[:, :-1], m[:, :-1]),
    "only the last time step is judged": lambda a, y, m: _bits(a[:, -1:], y[:, -1:], m[:, -1:]),
    "logits[t] for targets[t+1]": lambda a, y, m: _bits(a[:, :-1], y[:, 1:], m[:, 1:]),
    "the most probable symbol is judged, not the target": lambda a, y, m: _bits(a, a.argmax(axis=-1), m),
    "this is the entropy of the model's own distribution: the targets are not used": _entropy,
    "softmax is missing: the logits are no logarithms of probabilities": lambda a, y, m: (
        _picked(a, y, m)
    ),
    "the mean probability is taken first, its logarithm after it": lambda a, y, m: (
        _bits(a, y, m, lambda bits: -np.log2(np.mean(np.exp2(-np.array(bits)))))
    ),
    "the mean probability of the targets, not their cost in bits": lambda a, y, m: (
        _bits(a, y, m, lambda bits: np.mean(np.exp2(-np.array(bits))))
    ),
    "the share of right guesses, not bits": lambda a, y, m: float((a.argmax(axis=-1) == y)[m].mean()),
    "softmax is taken twice": lambda a, y, m: _bits(_softmax(a), y, m),
    "softmax over the time steps, not over the symbols": lambda a, y, m: (
        _picked(_log_over(a, 1), y, m)
    ),
    "softmax over the batch, not over the symbols": lambda a, y, m: _picked(_log_over(a, 0), y, m),
    "0 is taken for padding, but it is a symbol too: the mask says what is real": lambda a, y, m: _bits(a, y, m & (y != 0)),
    "0 is taken for padding, and the mask is not used": lambda a, y, m: _bits(a, y, y != 0),
    "divided by the bits of a blind guess": lambda a, y, m: _bits(a, y, m) / math.log2(a.shape[-1]),
    "divided by the number of symbols too": lambda a, y, m: _bits(a, y, m) / a.shape[-1],
}


def _repaired(change):
    """Bits, where the probability of each target is changed before its logarithm is taken."""
    return lambda a, y, m: _bits(a, y, m, lambda bits: np.mean(-np.log2(change(np.exp2(-np.array(bits))))))


for _small in (1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15, 1e-16, 1e-20, 1e-30, 1e-300):
    EXTREME_MISTAKES[f"something small ({_small:g}) is added to the probability, or bounds it: that hides the worst mistakes"] = (
        _repaired(functools.partial(np.add, _small))
    )

INFINITE_MISTAKES = {
    "0 times -inf is nan: pick the target's logarithm; a product with one-hot rows fails here": lambda a, y, m: float("nan"),
}


def _log_over(logits, axis):
    return logits - np.logaddexp.reduce(logits, axis=axis, keepdims=True)


def _picked(log_p, targets, mask):
    return float(np.mean([-log_p[b, t, targets[b, t]] for b, t in zip(*np.nonzero(mask))]) / math.log(2))


def _scaled(model, change):
    return {context: change(row) for context, row in model.items()}


def _counts(texts, n, vocabulary, add):
    raw = _ngram(texts, n, vocabulary, 0)
    seen = collections.Counter()
    for text in texts:
        padded = "\n" * (n - 1) + text
        seen.update(padded[i : i + n - 1] for i in range(len(text)))
    return {context: row * seen[context] for context, row in raw.items()}


def _normalised_by(texts, n, vocabulary, add, size):
    return {c: (row + add) / (row.sum() + size) for c, row in _counts(texts, n, vocabulary, add).items()}


def _one_row_for_all(texts, n, vocabulary, add):
    row = _ngram(texts, 1, vocabulary, add)[""]
    return dict.fromkeys(_ngram(texts, n, vocabulary, add), row)


def _first_not_counted(texts, n, vocabulary, add):
    counts, met = _counts(texts, n, vocabulary, add), set()
    for text in texts:
        padded = "\n" * (n - 1) + text
        for i, character in enumerate(text):
            context = padded[i : i + n - 1]
            if context not in met:
                counts[context] = counts[context] - (np.array(list(vocabulary)) == character)
            met.add(context)
    return {context: (row + add) / (row + add).sum() for context, row in counts.items()}


def _all_contexts(texts, n, vocabulary, add):
    uniform = np.full(len(vocabulary), 1 / len(vocabulary))
    model = _ngram(texts, n, vocabulary, add)
    contexts = [""]
    for _ in range(n - 1):
        contexts = [c + s for c in contexts for s in vocabulary]
    return {context: model.get(context, uniform) for context in contexts}


def _joint(texts, n, vocabulary, add):
    counts = _counts(texts, n, vocabulary, add)
    total = sum(row.sum() for row in counts.values())
    return {context: row / total for context, row in counts.items()}


def _lists(texts, n, vocabulary, add):
    return {context: row.tolist() for context, row in _ngram(texts, n, vocabulary, add).items()}


def _seen_only(texts, n, vocabulary, add):
    counts = _counts(texts, n, vocabulary, add)
    smoothed = {context: np.where(row > 0, row + add, 0.0) for context, row in counts.items()}
    return {context: row / row.sum() for context, row in smoothed.items()}


def _minus_zero(texts, n, vocabulary, add):
    if n != 1:
        raise ValueError("the mistake shows for n = 1 only")
    counts = {}
    for text in texts:
        for i, character in enumerate(text):
            counts.setdefault(text[:i], np.full(len(vocabulary), float(add)))[vocabulary.index(character)] += 1
    return {context: row / row.sum() for context, row in counts.items()}


def _counted(texts, vocabulary, add, pairs):
    """A model of the pairs of context and character that `pairs(text)` lists."""
    counts = {}
    for context, character in (pair for text in texts for pair in pairs(text)):
        row = counts.setdefault(context, np.full(len(vocabulary), float(add)))
        row[vocabulary.index(character)] += 1
    return {context: row / row.sum() for context, row in counts.items()}


def _up_to(padded, n, first):
    """Each character from `first` on, after as many as there are before it, n - 1 at most."""
    return [(padded[max(0, i - n + 1) : i], padded[i]) for i in range(first, len(padded))]


def _short_contexts(texts, n, vocabulary, add):
    return _counted(texts, vocabulary, add, lambda text: _up_to(text, n, 0))


def _one_newline_and_short(texts, n, vocabulary, add):
    return _counted(texts, vocabulary, add, lambda text: _up_to("\n" + text, n, 1))


def _one_newline_and_too_far(texts, n, vocabulary, add):
    return _counted(texts, vocabulary, add, lambda text: [(("\n" + text)[i : i + n - 1], c) for i, c in enumerate(text)])


def _padding_predicted(texts, n, vocabulary, add):
    return _counted(texts, vocabulary, add, lambda text: _up_to("\n" * (n - 1) + text, n, 0))


def _sorted_vocabulary(texts, n, vocabulary, add):
    return _ngram(texts, n, "".join(sorted(vocabulary)), add)


def _by_tuple(texts, n, vocabulary, add):
    return {tuple(context): row for context, row in _ngram(texts, n, vocabulary, add).items()}


def _each_text_once(texts, n, vocabulary, add):
    return _ngram(list(dict.fromkeys(texts)), n, vocabulary, add)


def _last_text(texts, n, vocabulary, add):
    return _ngram(texts[-1:], n, vocabulary, add)


NGRAM_MISTAKES = {
    "add has no effect: it must also reach the counts that are zero": lambda x, n, v, a: _ngram(x, n, v, 0),
    "text[-0:] is the whole text, not the empty string that n = 1 needs as its context": _minus_zero,
    "the texts are joined: a text's first characters are predicted from the end of the text before": lambda x, n, v, a: (
        _ngram(["".join(x)], n, v, a)
    ),
    "the boundary newlines are predicted too: n - 1 of them stand in front of each text, and the texts are joined": (
        lambda x, n, v, a: _ngram(["".join("\n" * (n - 1) + t for t in x)], n, v, a, boundaries=0)
    ),
    "the boundary newlines are predicted too: n - 1 of them stand between the texts, which are joined": (
        lambda x, n, v, a: _ngram([("\n" * (n - 1)).join(x)], n, v, a)
    ),
    "the contexts at the start are too short: put n - 1 newlines in front of each text": _short_contexts,
    "one newline in front, where n - 1 are needed: the contexts at the start are too short": _one_newline_and_short,
    "one newline in front, where n - 1 are needed: with n above 2 a context then holds the character it predicts": (
        _one_newline_and_too_far
    ),
    "the newlines in front are predicted too, after contexts that are too short: they are only context": _padding_predicted,
    "the boundary in front is missing: a text's first characters are not predicted": lambda x, n, v, a: (
        _ngram(x, n, v, a, boundaries=0)
    ),
    "one boundary in front, where n - 1 are needed": lambda x, n, v, a: _ngram(x, n, v, a, boundaries=1),
    "n boundaries in front, where n - 1 are needed: a boundary is predicted too": lambda x, n, v, a: (
        _ngram(x, n, v, a, boundaries=n)
    ),
    "the boundary is a space; it is a newline": lambda x, n, v, a: _ngram(x, n, v, a, boundary=" "),
    "a newline is put behind each text; a text brings its own": lambda x, n, v, a: _ngram([t + "\n" for t in x], n, v, a),
    "the newline at the end is not predicted": lambda x, n, v, a: _ngram([t.rstrip("\n") for t in x], n, v, a),
    "the last character of each text is not predicted": lambda x, n, v, a: _ngram([t[:-1] for t in x], n, v, a),
    "spaces and newlines at both ends are stripped": lambda x, n, v, a: _ngram([t.strip() for t in x], n, v, a),
    "each text is cut at its newlines": lambda x, n, v, a: _ngram([p + "\n" for t in x for p in t.split("\n") if p], n, v, a),
    "a context has n - 1 characters, not n": lambda x, n, v, a: _ngram(x, n + 1, v, a),
    "a context has n - 1 characters, not n - 2": lambda x, n, v, a: _ngram(x, n - 1, v, a),
    "only the last character is kept as context": lambda x, n, v, a: _ngram(x, n, v, a, context=lambda g: g[:-1][-1:]),
    "the context is reversed": lambda x, n, v, a: _ngram(x, n, v, a, context=lambda g: g[:-1][::-1]),
    "the texts are read backwards": lambda x, n, v, a: _ngram([t[::-1] for t in x], n, v, a),
    "counts are returned: divide each row by its sum": lambda x, n, v, a: _scaled(_counts(x, n, v, a), lambda r: r + a),
    "counts are returned, unsmoothed": _counts,
    "the rows are divided by the sum over all contexts": _joint,
    "all contexts have the same row: is one array shared by all, as by dict.fromkeys?": _one_row_for_all,
    "the first character after a new context is not counted": _first_not_counted,
    "one is added, whatever add is": lambda x, n, v, a: _ngram(x, n, v, 1),
    "the rows do not sum to one: add is in the counts, but not in the sum (it is added once for each symbol)": (
        lambda x, n, v, a: _normalised_by(x, n, v, a, 0)
    ),
    "the rows do not sum to one: the sum grows by add times the number of symbols, not by add": lambda x, n, v, a: (
        _normalised_by(x, n, v, a, a)
    ),
    "the rows do not sum to one: the sum grows by the number of symbols, not by add times it": lambda x, n, v, a: (
        _normalised_by(x, n, v, a, len(v))
    ),
    "add is added to the probabilities, not to the counts": lambda x, n, v, a: _scaled(
        _ngram(x, n, v, 0), lambda r: (r + a) / (r + a).sum()
    ),
    "add is added to the probabilities, which no longer sum to one": lambda x, n, v, a: _scaled(
        _ngram(x, n, v, 0), lambda r: r + a
    ),
    "add is added to the counts that are not zero only": _seen_only,
    "add is added twice": lambda x, n, v, a: _ngram(x, n, v, 2 * a),
    "the logarithms are returned; probabilities were asked for": lambda x, n, v, a: _scaled(_ngram(x, n, v, a), np.log),
    "contexts that were never met are listed too": _all_contexts,
    "the rows are lists; make each an array": _lists,
    "a context is a tuple of characters; join it to a string": _by_tuple,
    "the columns follow the sorted vocabulary, not the vocabulary's own order": _sorted_vocabulary,
    "a text that comes twice is counted once": _each_text_once,
    "only the last text is counted": _last_text,
    "only the first text is counted: is the return inside the loop?": lambda x, n, v, a: _ngram(x[:1], n, v, a),
    "rows are divided by their largest number, not by their sum": lambda x, n, v, a: _scaled(
        _ngram(x, n, v, a), lambda r: r / r.max()
    ),
    "softmax is taken of the counts": lambda x, n, v, a: _scaled(_counts(x, n, v, a), lambda r: _softmax(r + a)),
}


def _states(ids, h_0, weights, activation=np.tanh):
    return _forward(ids, h_0, weights, activation)[1]


def _with(weights, **change):
    return {**weights, **{key: new(weights[key]) for key, new in change.items()}}


def _zero(array):
    return array * 0


def _without_carry(ids, h_0, weights):
    return np.concatenate([_states(ids[:, t : t + 1], h_0, weights) for t in range(ids.shape[1])], axis=1)


def _numbers(ids, h_0, weights, W_xh):
    """The states if the id itself, a number, goes into the product."""
    states, h = [], h_0
    for t in range(ids.shape[1]):
        h = np.tanh(ids[:, t, None] * W_xh + h @ weights["W_hh"] + weights["b_h"])
        states.append(h)
    return np.stack(states, axis=1)


def _bias_outside(ids, h_0, weights):
    states, h = [], h_0
    for t in range(ids.shape[1]):
        h = np.tanh(weights["W_xh"][ids[:, t]] + h @ weights["W_hh"]) + weights["b_h"]
        states.append(h)
    return np.stack(states, axis=1)


def _tanh_of_input(ids, h_0, weights):
    states, h = [], h_0
    for t in range(ids.shape[1]):
        h = np.tanh(weights["W_xh"][ids[:, t]] + weights["b_h"]) + h @ weights["W_hh"]
        states.append(h)
    return np.stack(states, axis=1)


def _one_row_after_another(ids, h_0, weights):
    rows, state = [], h_0[:1]
    for sequence in ids:
        rows.append(_states(sequence[None], state, weights)[0])
        state = rows[-1][None, -1]
    return np.stack(rows)


def _only_path(model, n, vocabulary):
    """The text of a model that leaves no choice."""
    text = ""
    while not text.endswith("\n"):
        text += vocabulary[int(np.argmax(model[("\n" * (n - 1) + text)[len(text) :]]))]
    return text


def _on_and_on(model, n, vocabulary):
    if n != 2:
        raise ValueError("elsewhere the model has never met a newline in the middle")
    return (_only_path(model, n, vocabulary) * 100)[:100]


WRITE_MISTAKES = {
    "the newline at the end is missing: it is part of the text": lambda m, n, v, r: _only_path(m, n, v)[:-1],
    "the newlines in front are returned too: they are context only": lambda m, n, v, r: "\n" * (n - 1) + _only_path(m, n, v),
    "one newline in front is returned too: it is context only": lambda m, n, v, r: "\n" + _only_path(m, n, v),
    "it does not stop at the newline": lambda m, n, v, r: _on_and_on(m, n, v),
    "a list of characters; ''.join makes it a string": lambda m, n, v, r: list(_only_path(m, n, v)),
    "ids are returned; vocabulary[i] is the character": lambda m, n, v, r: [v.index(c) for c in _only_path(m, n, v)],
    "ids are returned, as an array; vocabulary[i] is the character": lambda m, n, v, r: _encode(_only_path(m, n, v), v),
    "only the first letter is returned: is the return inside the loop?": lambda m, n, v, r: _only_path(m, n, v)[0],
    "only the last letter is returned: add each one to the text": lambda m, n, v, r: _only_path(m, n, v)[-1],
    "the first letter is missing": lambda m, n, v, r: _only_path(m, n, v)[1:],
    "the text comes in reverse order": lambda m, n, v, r: _only_path(m, n, v)[::-1],
    "the beginning of the text serves as its context, not its end": lambda m, n, v, r: (
        100 * v[int(np.argmax(m["\n" * (n - 1)]))]
    ),
    "a newline too many at the end": lambda m, n, v, r: _only_path(m, n, v) + "\n",
}

STATE_MISTAKES = {
    "the two arrays are exchanged: (logits, h)": lambda i, h, w: _forward(i, h, w)[0],
    "the bias b_h is missing": lambda i, h, w: _states(i, h, _with(w, b_h=_zero)),
    "the bias b_h is added after tanh": _bias_outside,
    "tanh is missing": lambda i, h, w: _states(i, h, w, lambda a: a),
    "a sigmoid in place of tanh": lambda i, h, w: _states(i, h, w, lambda a: 1 / (1 + np.exp(-a))),
    "relu in place of tanh": lambda i, h, w: _states(i, h, w, lambda a: np.maximum(a, 0)),
    "tanh is taken twice": lambda i, h, w: _states(i, h, w, lambda a: np.tanh(np.tanh(a))),
    "tanh does not cover the recurrent term": _tanh_of_input,
    "the recurrent term h @ W_hh is missing": lambda i, h, w: _states(i, h, _with(w, W_hh=_zero)),
    "the input term is missing": lambda i, h, w: _states(i, h, _with(w, W_xh=_zero)),
    "a column of W_xh is taken, where the row of the id was asked for": lambda i, h, w: _states(i, h, _with(w, W_xh=np.transpose)),
    "W_hh is transposed": lambda i, h, w: _states(i, h, _with(w, W_hh=np.transpose)),
    "the id itself is multiplied, as if it were a number: it chooses a row of W_xh": lambda i, h, w: (
        _numbers(i, h, w, w["W_xh"][0])
    ),
    "the id itself is added, as if it were a number: it chooses a row of W_xh": lambda i, h, w: _numbers(i, h, w, 1.0),
    "W_xh @ ids: an id is not a vector; it chooses a row of W_xh": lambda i, h, w: _numbers(i, h, w, w["W_xh"].sum(axis=0)),
    "the state is not carried: every step starts from h_0": _without_carry,
    "the state is set back to zero in every step": lambda i, h, w: _without_carry(i, h * 0, w),
    "h_0 is ignored: the state starts from zero": lambda i, h, w: _states(i, h * 0, w),
    "the state before the step is stored, not the one after it": lambda i, h, w: (
        np.concatenate([h[:, None], _states(i, h, w)[:, :-1]], axis=1)
    ),
    "h_0 is in front of the states": lambda i, h, w: np.concatenate([h[:, None], _states(i, h, w)], axis=1),
    "the sequence is read backwards": lambda i, h, w: _states(i[:, ::-1], h, w)[:, ::-1],
    "the time steps are returned in reverse order": lambda i, h, w: _states(i, h, w)[:, ::-1],
    "the axes batch and time are swapped in the result": lambda i, h, w: np.swapaxes(_states(i, h, w), 0, 1),
    "rows of ids are read as steps, and returned as rows: step t is ids[:, t]": lambda i, h, w: (
        np.swapaxes(_states(i.T, h, w), 0, 1)
    ),
    "rows of ids are read as steps, but a row is a text: step t is ids[:, t]": lambda i, h, w: _states(i.T, h, w),
    "time is the last axis; np.stack(..., axis=1) makes it axis 1": lambda i, h, w: np.swapaxes(_states(i, h, w), 1, 2),
    "only the last state is returned": lambda i, h, w: _states(i, h, w)[:, -1],
    "only the first step is returned: is the return inside the loop?": lambda i, h, w: _states(i[:, :1], h, w),
    "every step stores the last state": lambda i, h, w: np.repeat(_states(i, h, w)[:, -1:], i.shape[1], axis=1),
    "only the first id is read, again and again": lambda i, h, w: _states(np.repeat(i[:, :1], i.shape[1], axis=1), h, w),
    "each step reads the id of the step after it": lambda i, h, w: _states(np.roll(i, -1, axis=1), h, w),
    "each step reads the id of the step before it": lambda i, h, w: _states(np.roll(i, 1, axis=1), h, w),
    "the first time step is left out": lambda i, h, w: _states(i[:, 1:], h, w),
    "the last time step is left out": lambda i, h, w: _states(i[:, :-1], h, w),
    "the ids are one too large": lambda i, h, w: _states((i + 1) % len(w["W_xh"]), h, w),
    "the ids are one too small: they start at 0": lambda i, h, w: _states(i - 1, h, w),
    "the state of the first sample is used for all": lambda i, h, w: _states(i, np.repeat(h[:1], len(h), axis=0), w),
    "only the first sequence of the batch is used": lambda i, h, w: _states(np.repeat(i[:1], len(i), axis=0), h, w),
    "the state of one sequence is carried into the next": _one_row_after_another,
}

#: Mistakes that are the same in the cases of one criterion; a later criterion tells them apart.
ALIKE = {
    "input": {
        "the axes batch and time are swapped: step t is ids[:, t], and in the result time is axis 1": lambda i, h, w: (
            np.swapaxes(_states(i, h, w), 0, 1)
        ),
    },
    "carry": {
        "no state arrives from the step before: h @ W_hh is missing, or every step takes h_0": _without_carry,
    },
}

LOGITS_MISTAKES = {
    "the output layer is missing: states are returned": lambda h, w, *_: h,
    "the two arrays are exchanged: (logits, h)": lambda h, w, i, h_0, _: _states(i, h_0, w),
    "the bias b_y is missing": lambda h, w, *_: _read(h, w) - w["b_y"],
    "softmax is taken; logits were asked for": lambda h, w, *_: _softmax(_read(h, w)),
    "log-softmax is taken; logits were asked for": lambda h, w, *_: _log_softmax(_read(h, w)),
    "tanh is taken of the logits": lambda h, w, *_: np.tanh(_read(h, w)),
    "a sigmoid is taken of the logits": lambda h, w, *_: 1 / (1 + np.exp(-_read(h, w))),
    "W_hy is transposed": lambda h, w, *_: _read(h, _with(w, W_hy=np.transpose)),
    "tanh is taken of the state once more": lambda h, w, *_: _read(np.tanh(h), w),
    "the state before the step is read, not the one after it": lambda h, w, i, h_0, _: (
        _read(np.concatenate([h_0[:, None], h[:, :-1]], axis=1), w)
    ),
    "the bias b_y is subtracted": lambda h, w, *_: _read(h, w) - 2 * w["b_y"],
    "only the last step's logits are returned": lambda h, w, *_: _read(h, w)[:, -1],
    "every step repeats the last one's logits": lambda h, w, *_: np.repeat(_read(h, w)[:, -1:], h.shape[1], axis=1),
    "the axes batch and time are swapped": lambda h, w, *_: np.swapaxes(_read(h, w), 0, 1),
    "the most probable ids are returned, not the logits": lambda h, w, *_: _read(h, w).argmax(axis=-1),
    "the time steps are returned in reverse order": lambda h, w, *_: _read(h, w)[:, ::-1],
    "b_h is added, not b_y": lambda h, w, *_: _read(h, w) - w["b_y"] + w["b_h"],
}


def _normal(weights):
    weights = np.where(np.isfinite(weights), weights, 0.0)
    return weights / weights.sum()


def _alike_mistakes(logits):
    """With which probabilities known mistakes draw from one row."""
    p = _softmax(logits)
    finite = np.where(np.isfinite(logits), logits, np.min(logits[np.isfinite(logits)]))
    size = len(p)
    return {
        "the most probable symbol is taken (argmax), nothing is drawn": np.eye(size)[np.argmax(p)],
        "the least probable symbol is taken (argmin)": np.eye(size)[np.argmin(p)],
        "all symbols equally likely: the logits are not used, or softmax is taken along the wrong axis": np.full(size, 1 / size),
        "softmax of -logits: the sign is wrong": _softmax(-finite),
        "softmax is taken twice (Gumbel noise added to probabilities comes to the same)": _softmax(p),
        "logarithms of probabilities are used as weights; np.exp makes them probabilities": _normal(_log_softmax(finite)),
        "the logits themselves are used as weights": _normal(abs(finite)),
        "the logits, shifted to be positive, are used as weights": _normal(finite - finite.min() + 1e-300),
        "1 - p is used in place of p": _normal(1 - p),
        "the probabilities are squared: softmax of twice the logits": _normal(p**2),
        "2 to the power of the logits; softmax takes e": _softmax(finite * np.log(2)),
        "the softmax of half the logits": _softmax(finite / 2),
        "the probabilities do not sum to 1: np.exp(logits) has to be divided by its sum": _cut_at_one(np.exp(finite)),
        "the probabilities do not sum to 1: np.exp(logits - max) has to be divided by its sum": _cut_at_one(
            np.exp(finite - finite.max())
        ),
        "a sigmoid of each logit, not softmax": _normal(1 / (1 + np.exp(-finite))),
        "normal noise is added to the logits; the maximum needs Gumbel noise": _with_noise(finite, "normal"),
        "uniform noise is added to the logits; the maximum needs Gumbel noise": _with_noise(finite, "random"),
        "the noise has the wrong sign: Gumbel noise is -log(-log(u))": _with_noise(finite, "gumbel", -1),
        "each symbol gets a random number of its own; each row needs one": _number_for_each_symbol(p),
        "each symbol is tossed on its own, and the first that wins is taken": _first_toss(p),
        "uniform noise times the probabilities; the maximum needs Gumbel noise, added to the logits": _with_noise(
            np.log(p), "random", change=np.log
        ),
        "every symbol is one too large: off by one": np.roll(p, 1),
        "every symbol is one too small: off by one": np.roll(p, -1),
        "the first symbol is never drawn": _normal(p * (np.arange(size) > 0)),
        "the last symbol is never drawn": _normal(p * (np.arange(size) < size - 1)),
        "off by one: the last two symbols are drawn as one": np.append(p[:-2], [p[-2] + p[-1], 0]),
        "off by one: the first two symbols are drawn as one, and the others move": np.append([p[0] + p[1]], np.append(p[2:], 0)),
        "off by one: symbol 0 is drawn for symbol 1, and the last for all that lie beyond": np.append(
            [0.0], np.append(p[:-2], p[-2] + p[-1])
        ),
        "the symbols are read in reverse order": p[::-1],
        "the symbols are sorted by probability: the place in that order is returned": np.sort(p),
        "the symbols are sorted, the most probable first: the place in that order is returned": np.sort(p)[::-1],
    }


def _cut_at_one(weights):
    """How often each symbol is found by a random number below 1 on the line of these weights; 0 if it lies beyond."""
    ends = np.minimum(np.cumsum(weights), 1)
    found = np.diff(ends, prepend=0)
    found[0] += 1 - ends[-1]  # argmax of nothing but False
    return found


def _number_for_each_symbol(p):
    """The distribution of (u >= cumsum(p)).sum(), where each symbol has a u of its own."""
    sums = np.ones(1)
    for end in np.minimum(np.cumsum(p), 1):
        sums = np.convolve(sums, [end, 1 - end])
    return sums[: len(p)] / sums[: len(p)].sum()


def _first_toss(p):
    """The distribution of (u < p).argmax(), where each symbol has a u of its own; 0 where none wins."""
    lost = np.concatenate([[1.0], np.cumprod(1 - p)])
    first = p * lost[:-1]
    first[0] += lost[-1]
    return first


def _with_noise(values, kind, sign=1, change=lambda noise: noise):
    """How often each symbol wins if noise is added, by simulation."""
    rng = np.random.default_rng(0)
    noisy = values + sign * change(getattr(rng, kind)(size=(500_000 // len(values), len(values))))
    return np.bincount(noisy.argmax(axis=-1), minlength=len(values)) / len(noisy)


def _rows_mistakes(kinds, group):
    p = _softmax(kinds)
    over_rows = np.exp(kinds) / np.exp(kinds).sum(axis=0)
    return {
        "the probabilities of the first row serve all rows": p[0],
        "the probabilities of the last row serve all rows": p[-1],
        "the mean probabilities of all rows serve each row": p.mean(axis=0),
        "softmax along axis 0: it belongs to the last axis": _normal(over_rows[group]),
        "the rows are taken in reverse order": p[::-1][group],
        "each row gets the logits of the row before": np.roll(p, 1, axis=0)[group],
        "each row gets the logits of the row after": np.roll(p, -1, axis=0)[group],
    }


# Random cases.


def _text_case(check, length):
    """A text, with white space at both ends where it is long enough, and a vocabulary in no order."""
    rng, letters = check.rng, list(dict.fromkeys(LETTERS[2:] + check.letters(LETTERS[2:])))  # some of each alphabet where there are two
    some = rng.permutation(letters)[: int(rng.integers(26, len(letters)))]
    vocabulary = "".join(rng.permutation([*some, *LETTERS[:2]]))
    text = "".join(rng.choice(list(vocabulary), length))
    return (" " + text[1:-1] + "\n" if length > 10 else text), vocabulary


def _costs_case(rng, length, size):
    """No zeros in P; the first letter is not the newline, not the last symbol, and not the text's last letter."""
    ids = rng.integers(0, size, length)
    ids[0] = int(rng.integers(1, size - 1))
    if length > 1:
        ids[-1] = rng.choice([i for i in range(size - 1) if i != ids[0]])
    P = rng.random((size, size)) + 0.05
    return ids, P / P.sum(axis=1, keepdims=True)


def _dictated(check, n):
    """A text, its vocabulary, and the model with n in which no other text is possible."""
    rng = check.rng
    vocabulary = "".join(rng.permutation(list(check.letters("\nabcdefgh"[: check.sizes(8)]))))
    letters = vocabulary.replace("\n", "")
    while True:
        text = "".join(rng.choice(list(letters), 7 + n) if n > 2 else rng.permutation(list(letters)))
        padded = "\n" * (n - 1) + text + "\n"
        contexts = [padded[i : i + n - 1] for i in range(len(text) + 1)]
        shorter = [context[1:] for context in contexts]
        if len(set(contexts)) == len(contexts) and (n == 2 or len(set(shorter)) < len(shorter)):
            break
    rows = np.eye(len(vocabulary))[[vocabulary.index(c) for c in text + "\n"]]
    return text + "\n", vocabulary, dict(zip(contexts, rows))


def _bits_case(rng, batch, timesteps, size, scale=1.5):
    lengths = rng.permutation(np.linspace(1, timesteps, batch).round().astype(int))
    mask = np.arange(timesteps) < lengths[:, None]
    targets = rng.integers(0, size, (batch, timesteps))
    targets[~mask] = 0
    return rng.normal(0, scale, (batch, timesteps, size)), targets, mask


def _texts_case(check, unseen=5):
    """Texts and their vocabulary, up to `unseen` symbols of which need not be in them (the newline is the first of these)."""
    rng = check.rng
    letters = "".join(rng.permutation(list("abcdefgh ")))[: check.sizes(4)]
    words = {"".join(rng.choice(list(letters), int(rng.integers(2, check.sizes(7))))).strip() or "a" for _ in range(check.sizes(7))}
    vocabulary = "".join(rng.permutation(sorted({*letters, *"\na xyz"[: check.sizes(unseen)]})))
    return [check.letters(word) + "\n" for word in rng.permutation(sorted(words)).tolist()], check.letters(vocabulary)


def _forward_case(rng, batch, timesteps, size, hidden):
    weights = {
        "W_xh": rng.normal(0, 0.7, (size, hidden)),
        "W_hh": rng.normal(0, 0.7, (hidden, hidden)),
        "b_h": rng.normal(0, 0.7, hidden),
        "W_hy": rng.normal(0, 0.7, (hidden, size)),
        "b_y": rng.normal(0, 0.7, size),
    }
    return rng.integers(0, size, (batch, timesteps)), rng.normal(0, 0.7, (batch, hidden)), weights


def _generator(rng):
    return np.random.default_rng(int(rng.integers(2**60)))


def _skewed(rng, size):
    """Logits of one row, far from uniform, each probability known to differ from the others."""
    p = np.array([0.42, 0.26, 0.16, 0.1, 0.06])
    assert len(p) == size
    return np.log(rng.permutation(p)) + rng.uniform(-1, 1)


def _long_tail(rng, size):
    """Logits of one row with many rare symbols, by Zipf's law: tables of 100 slots, and coarse random numbers, miss them."""
    return rng.permutation(-1.1 * np.log(np.arange(1, size + 1))) + rng.uniform(-1, 1)


def _different(rng, groups, size):
    """Logits of rows no two of which are alike: each is the row before, turned."""
    first = _skewed(rng, size)
    return np.stack([np.roll(first, g) * (1 - 0.1 * g) + rng.uniform(-1, 1) for g in range(groups)])
