"""Checks of lesson 06, LSTM and GRU.

The truth comes another way than the exercises ask: gates one at a time from weights cut into blocks, the sigmoid written
with tanh, gradients by the complex step through a forward pass, sizes by a whole-number square root.
"""

import functools
import itertools
import math
import pickle

import numpy as np

from helpers.checks.exercise import CAUSE, Lesson
from helpers.checks.values import describe, difference, duplicate, remembered
from helpers.gradients import complex_step

lesson = Lesson()
solved, bet, points_so_far = lesson.solved, lesson.bet, lesson.points_so_far

#: Tolerance where a criterion is about the form of the answer, and where it is about precision.
FORM, EXACT = 1e-6, 1e-12

#: Causes by what stands in NumPy's error.
SPLIT_ERRORS = {"array split does not result in an equal division": "np.split without axis=1 cuts the batch; the blocks are columns"}

BIAS_ERRORS = {
    "math domain error": "the logarithm of a number that is not positive: is p between 0 and 1? p ** lag is the share, so p is share ** (1 / lag)",
    "float division by zero": "1 - p is 0: is p rounded, or is it 1 // lag in place of 1 / lag?",
    "ZeroDivisionError: division by zero": "the divisor is a whole number, and 0: is it lag - 1? p is share ** (1 / lag)",
}

#: How long the cell wired by hand has to hold a number, and how near it has to stay.
LATCHED, NEAR = 200, 0.05

LATCH_SHAPES = {"W_x": (2, 4), "W_h": (1, 4), "b": (4,)}

#: Batch, input size, units: all different, and a one in each place.
STEP_SIZES = [(3, 2, 4), (1, 5, 3), (2, 3, 1), (4, 1, 2)]

#: For three blocks: a batch that cannot be cut into three by mistake.
GRU_SIZES = [(4, 2, 5), *STEP_SIZES[1:]]

#: The same with time steps in second place.
SIZES = [(3, 5, 2, 4), (1, 4, 5, 3), (2, 6, 3, 1), (4, 3, 1, 2)]


@lesson.exercise(
    arguments=("share", "lag"),
    points={
        "one": ("one step: the sigmoid of the bias is the share", 1),
        "any": ("any lag up to 200 steps", 1),
        "long": ("a million steps, to six digits", 1),
    },
    errors=BIAS_ERRORS,
)
def forget_bias(check):
    """Exercise 1."""
    for low, high in [(0.05, 0.45), (0.55, 0.97), (0.05, 0.97)]:
        share = float(check.rng.uniform(low, high))
        check.expect("one", (share, 1), _bias(share, 1), BIAS_MISTAKES, FORM, branch="one step")
    for most, low, high in [(0.15, 2, 6), (0.95, 10, 80), (0.95, 100, 200)]:  # in the first share * lag is a share, too
        case = float(check.rng.uniform(0.05, most)), int(check.rng.integers(low, high))
        check.expect("any", case, _bias(*case), BIAS_MISTAKES, FORM)
    for _ in range(2):
        case = float(check.rng.uniform(0.05, 0.95)), int(check.rng.integers(900_000, 1_100_000))
        check.expect("long", case, _bias(*case), BIAS_MISTAKES, FORM)


@lesson.exercise(
    arguments=("x_t", "h_prev", "c_prev", "weights"),
    points={
        "cell": ("c_t: what is kept plus what is written", 2),
        "state": ("h_t: what is shown of it", 1),
        "stable": ("numbers of plus and minus 1,000 before the gates do no harm", 1),
        "care": ("full precision, float32 stays float32, and no argument is changed in place", 1),
    },
    errors=SPLIT_ERRORS,
    demos=("cell", "state"),
)
def lstm_step(check):
    """Exercise 2."""
    parts = {"cell": ["c_t"], "state": ["h_t"]}
    for sizes in check.sizes(STEP_SIZES):
        case = _lstm_case(check.rng, *sizes)
        _part_by_part(check, case, _named(STATES, _lstm(*case)), STATES, parts, LSTM_MISTAKES, _note(sizes))
    if all(check.has_passed(key) for key in parts):
        for sizes in check.sizes(STEP_SIZES[:2]):
            x_t, h_prev, c_prev, weights = _lstm_case(check.rng, *sizes)
            signs = check.rng.permutation([-1.0, 1.0] * (2 * sizes[2]))
            case = x_t, h_prev, c_prev, weights | {"b": 1000 * signs}
            truth = _named(STATES, _lstm(*case))
            _part_by_part(check, case, truth, STATES, {"stable": ["h_t", "c_t"]}, CLIPPED_SUMS, "biases of plus and minus 1,000", _overflow)
    _care(check, [*parts, "stable"], [_lstm_case(check.rng, *sizes) for sizes in check.sizes(STEP_SIZES[:2])], _lstm)


@lesson.exercise(
    arguments=(),
    points={
        "empty": ("before the mark the cell stays within 0.05 of zero, whatever numbers go by", 1),
        "taken": ("at the mark it becomes tanh of the marked number, to within 0.05", 1),
        "held": (f"for {LATCHED} more steps it stays there, to within 0.05", 2),
    },
)
def latch_weights(check):
    """Exercise 3."""
    wanted = "a dict with W_x (2, 4), W_h (1, 4) and b (4,)"
    weights = check.inspect((), lambda value: type(value) is dict and value.keys() == LATCH_SHAPES.keys(), wanted)
    if weights is None:
        return
    if problem := _wrong_array(weights):
        for criterion in ("empty", "taken", "held"):
            check.failed(criterion, "your answer:", problem)
        return
    stories = list(_stories(check.rng))
    if all(np.abs(_cells(weights, x)).max() <= NEAR for _, x, _ in stories):
        _, x, mark = stories[0]
        why = _why_not_latched(weights, x, mark, "taken", stories)
        words = "the cell stays at zero even at the mark: that it is empty before then says nothing yet"
        check.failed("empty", "your answer:", words, *([f"{CAUSE} {why}"] if why else []))
    for words, x, mark in stories:
        at = f"case: {words}, the mark at step {mark + 1}"
        number = x[mark, 0]
        cell = _cells(weights, x)
        off = {
            "empty": np.abs(cell[:mark]),
            "taken": np.abs(cell[mark : mark + 1] - np.tanh(number)),
            "held": np.abs(cell[mark + 1 :] - np.tanh(number)),
        }
        for criterion, first in [("empty", 0), ("taken", mark), ("held", mark + 1)]:
            late = np.flatnonzero(~(off[criterion] <= NEAR))  # nan is late too
            if not len(late):
                check.passed(criterion)
                continue
            t = first + int(late[0])
            aim = 0.0 if criterion == "empty" else np.tanh(number)
            why = _why_not_latched(weights, x, mark, criterion, stories)
            check.failed(criterion, at, f"step {t + 1}: the cell is {cell[t]:.3g}, expected {aim:.3g}", *([f"{CAUSE} {why}"] if why else []))


@lesson.exercise(
    arguments=("dh_t", "dc_t", "x_t", "h_prev", "c_prev", "weights"),
    points={
        "direct": ("dc_prev where dh_t is zero: only the cell's own path", 1),
        "cell": ("dc_prev: what comes by way of h_t too", 1),
        "gates": ("gradients['b']: four blocks, one for each gate and one for the candidate", 2),
        "weights": ("gradients['W_x'] and gradients['W_h'], summed over the batch", 1),
        "inputs": ("dx_t and dh_prev", 1),
        "care": ("full precision, float32 stays float32, and no argument is changed in place", 1),
    },
    needs=("lstm_step",),
    errors=SPLIT_ERRORS,
    demos=("direct", "cell", "gates", "weights", "inputs"),
)
def lstm_step_backward(check):
    """Exercise 4."""
    parts = {"cell": ["dc_prev"], "gates": ["b"], "weights": ["W_x", "W_h"], "inputs": ["dx_t", "dh_prev"]}
    for sizes in check.sizes(STEP_SIZES):
        dh_t, dc_t, *rest = _step_case(check.rng, *sizes)
        case = (dh_t * 0, dc_t, *rest)
        truth = _named(STEP_BACK, _step_back(*case))
        _part_by_part(check, case, truth, STEP_BACK, {"direct": ["dc_prev"]}, STEP_MISTAKES, "dh_t is zero")
        case = (dh_t, dc_t, *rest)
        _part_by_part(check, case, _named(STEP_BACK, _step_back(*case)), STEP_BACK, parts, STEP_MISTAKES, _note(sizes))
    _care(check, ["direct", *parts], [_step_case(check.rng, *sizes) for sizes in check.sizes(STEP_SIZES[:2])], _step_back)


@lesson.exercise(
    arguments=("dh", "x", "h_0", "c_0", "weights"),
    points={
        "one": ("one time step gives what lstm_step_backward gives", 1),
        "carry": ("dx: both carries, that of h and that of c, reach the step before", 2),
        "start": ("dh_0 and dc_0", 1),
        "weights": ("the gradients of W_x, W_h and b, summed over the time steps", 1),
        "care": ("full precision, float32 stays float32, and no argument is changed in place", 1),
    },
    needs=("lstm_step", "lstm_step_backward"),
    errors=SPLIT_ERRORS | {
        "is out of bounds for axis 1 with size": "the loop has more steps than x: their number is x.shape[1], x.shape[0] is the batch",
    } | dict.fromkeys(
        # the batch and the one time step, the batch and the five, each in the first case, visible and hidden
        ["(size 3 is different from 1)", "(size 4 is different from 1)", "shapes (5,16) (3,16)", "shapes (6,20) (4,20)", "shapes (5,4) (3,4)", "shapes (6,5) (4,5)"],
        "batch and time are exchanged: the batch comes first, so step t is x[:, t] and dh[:, t], and x[t] is a sample",
    ),
    demos=("one", "carry", "start", "weights"),
)
def lstm_backward(check):
    """Exercise 5."""
    everything = {"one": ["dx", "dh_0", "dc_0", "W_x", "W_h", "b"]}
    for batch, _, n, m in check.sizes(SIZES[:2]):
        case = _sequence_case(check.rng, batch, 1, n, m)
        truth = _named(BACK, _back(*case))
        _part_by_part(check, case, truth, BACK, everything, SEQUENCE_MISTAKES, "a single time step")
    parts = {"carry": ["dx"], "start": ["dh_0", "dc_0"], "weights": ["W_x", "W_h", "b"]}
    for sizes in check.sizes(SIZES):
        case = _sequence_case(check.rng, *sizes)
        _part_by_part(check, case, _named(BACK, _back(*case)), BACK, parts, SEQUENCE_MISTAKES, _note(sizes))
    _care(check, ["one", *parts], [_sequence_case(check.rng, *sizes) for sizes in check.sizes([(3, 4, 2, 3), (1, 2, 3, 1)])], _back)


@lesson.exercise(
    arguments=("x_t", "h_prev", "weights", "reset_after"),
    points={
        "update": ("the update gate mixes h_prev and the candidate (the candidate's part of W_h is zero)", 2),
        "before": ("reset_after=False: the reset gate stands before the product", 1),
        "after": ("reset_after=True: it stands after the product, and there are two biases", 2),
        "care": ("full precision, numbers of 1,000, float32 stays float32, and no argument is changed in place", 1),
    },
    errors=SPLIT_ERRORS | dict.fromkeys(
        ["shapes (4,15) (2,15)", "shapes (5,18) (2,18)"],  # in the first case, visible and hidden
        "with reset_after=True b has two rows: b[0] goes to x_t @ W_x, b[1] to h_prev @ W_h",
    ),
    demos=("update", "before", "after"),
)
def gru_step(check):
    """Exercise 6."""
    for sizes in check.sizes(GRU_SIZES):
        for reset_after in (False, True):
            x_t, h_prev, weights, _ = _gru_case(check.rng, *sizes, reset_after)
            weights["W_h"][:, 2 * sizes[2] :] = 0
            if reset_after:
                weights["b"][1, 2 * sizes[2] :] = 0
            case = x_t, h_prev, weights, reset_after
            mistakes = GRU_MISTAKES | (ROW_MISTAKES if reset_after else ONE_ROW_MISTAKES)
            check.expect("update", case, _gru(*case), mistakes, FORM, "the candidate's part of W_h is zero", branch=str(reset_after))
    for sizes in check.sizes(GRU_SIZES):
        for criterion, reset_after in [("before", False), ("after", True)]:
            case = _gru_case(check.rng, *sizes, reset_after)
            check.expect(criterion, case, _gru(*case), GRU_MISTAKES | RESET_MISTAKES[reset_after], FORM, _note(sizes), branch=str(reset_after))
    needs = ["update", "before", "after"]
    if all(check.has_passed(key) for key in needs):
        for reset_after in (False, True):
            x_t, h_prev, weights, _ = _gru_case(check.rng, *check.sizes((2, 3, 4)), reset_after)
            signs = np.resize([-1.0, 1.0], weights["b"].shape[-1])
            weights["b"] = weights["b"] * 0 + 1000 * check.rng.permutation(signs)
            case = x_t, h_prev, weights, reset_after
            check.expect("care", case, _gru(*case), tolerance=FORM, case="biases of plus and minus 1,000", locate=_overflow)
    _care(check, needs, [_gru_case(check.rng, *check.sizes((3, 2, 4)), reset_after) for reset_after in (False, True)], _gru)


@lesson.exercise(
    arguments=("kind", "parameters", "input_size"),
    points={
        "simple": ("'simple': the recurrent layer of lesson 01", 1),
        "lstm": ("'lstm'", 1),
        "gru": ("'gru', with Keras' two biases", 1),
    },
)
def units_for(check):
    """Exercise 7."""
    for kind in ("simple", "lstm", "gru"):
        # many inputs first: there the ways to miscount and to misround differ most
        for some_units, some_inputs in [((14, 18), (50, 60)), ((20, 60), (10, 40)), ((4, 9), (1, 2)), ((1, 2), (2, 40)), ((400, 500), (2, 40))]:
            units, input_size = int(check.rng.integers(*some_units)), int(check.rng.integers(*some_inputs))
            full, more = (_count(kind, n, input_size) for n in (units, units + 1))
            spare = more - full
            for parameters, note in [
                (full, "just enough"), (full + 1, "one to spare"), (full + spare // 3, ""), (full + (2 * spare) // 3, ""),
                (more - 1, "one too few for one unit more"),
            ]:
                case = kind, parameters, input_size
                check.expect(kind, case, _units(*case), SIZE_MISTAKES, case=note)
    # larger than the first thousand sizes; one case only, for those who try every size there is
    units, input_size = int(check.rng.integers(1050, 1400)), int(check.rng.integers(2, 40))
    case = "simple", _count("simple", units, input_size) + 1, input_size
    check.expect("simple", case, _units(*case), SIZE_MISTAKES, case="a large layer")


prediction_adding = lesson.prediction(
    "prediction_adding",
    ("lstm", "gru", "neither"),
    tempting={
        "lstm": "Its first bias was chosen for this length. But the reach at the start is only the start: an update gate can learn to open.",
        "neither": "After lesson 04 that is the safe guess, and 0.5 to the power 80 speaks for it. Training moved the gates.",
    },
)
prediction_memory = lesson.prediction(
    "prediction_memory",
    ("simple", "bias 0", "bias 1", "bias 4"),
    tempting={
        "bias 4": "It keeps most of everything, and that is the trouble: all the bits lie on top of each other in one sum.",
        "bias 1": "It is the default of Keras, but a default is made for learning, not for remembering untrained.",
        "bias 0": "It forgets fast, which helps with the last few bits, but eight steps back only 0.4 % is left on the direct path.",
    },
)
prediction_size = lesson.prediction(
    "prediction_size",
    ("gru", "lstm", "close"),
    tempting={
        "lstm": "It has one gate more. On names this short there is little for it to do.",
        "close": "They have as good as the same number of parameters. Two hundredths of a bit is a narrow margin, though.",
    },
)


# ---- how a result of several parts is judged, so that each part earns its own points

STATES = ("h_t", "c_t")
STEP_BACK = ("dx_t", "dh_prev", "dc_prev", "gradients")
BACK = ("dx", "dh_0", "dc_0", "gradients")


def _named(names, result):
    """A result as one dict: the gradients under their own names, a part that is missing as None."""
    parts = dict(zip(names, result))
    if "gradients" in parts:
        inner = parts.pop("gradients")
        parts |= {name: inner.get(name) if type(inner) is dict else None for name in ("W_x", "W_h", "b")}
    return parts


def _part_by_part(check, case, truth, names, parts, mistakes, note="", locate=None):
    """Hold the parts of a result against the truth; `parts` says for each criterion which parts it is about."""
    wanted = f"a tuple ({', '.join(names)})"
    result = check.inspect(case, lambda v: type(v) is tuple and len(v) == len(names), wanted, parts, note)
    if result is None:
        return
    got, shown = _named(names, result), check.describe(case, note)
    if "gradients" in names and (type(result[-1]) is not dict or set(result[-1]) != {"W_x", "W_h", "b"}):
        for criterion, labels in parts.items():
            if {"W_x", "W_h", "b"} & set(labels):
                check.failed(criterion, shown, f"gradients: expected a dict with the keys W_x, W_h, b, got {describe(result[-1])}")
    for criterion, labels in parts.items():
        for label in labels:
            words = []
            if problem := difference(truth[label], got[label], FORM):
                words = [f"{label}: {problem}", *_wrong_blocks(label, truth[label], got[label])]
                if place := locate(truth[label], got[label]) if locate else "":
                    check.failed(criterion, shown, *words, place)
                    break
            known = {text: lambda *a, m=mistake, k=label: _named(names, m(*a))[k] for text, mistake in mistakes.items()}
            if not check.settle(criterion, case, truth[label], got[label], known, FORM, part=label, shown=shown, words=words):
                break


def _wrong_blocks(label, truth, got):
    """Which of the four blocks of a weight's gradient are wrong, where some are right."""
    if label not in ("W_x", "W_h", "b") or getattr(got, "shape", None) != truth.shape or got.dtype.kind not in "fiu":
        return []
    pairs = zip("ifgo", np.split(truth, 4, axis=-1), np.split(got, 4, axis=-1))
    wrong = [gate for gate, a, b in pairs if difference(a, b.astype(np.float64), FORM)]
    if not 0 < len(wrong) < 4:
        return []
    if len(wrong) == 1:
        return [f"the block of {wrong[0]} is wrong, the others are right"]
    others = "others are" if len(wrong) == 2 else "other is"
    return [f"the blocks of {', '.join(wrong[:-1])} and {wrong[-1]} are wrong, the {others} right"]


def _overflow(expected, got):
    """What to do about numbers that are not finite, where large ones stood before the gates."""
    if type(got) is not np.ndarray or got.dtype.kind not in "fc" or np.isfinite(got).all():
        return ""
    return f"{CAUSE} exp of a large number overflows; np.tanh and the function sigmoid of the imports cell do not"


def _care(check, needs, cases, truth):
    """Full precision, float32 in and float32 out, nothing changed in place: asked once all of `needs` have passed."""
    if not all(check.has_passed(key) for key in needs):
        return
    for case in cases:
        check.expect("care", case, truth(*case), tolerance=EXACT)
    for case in cases:
        check.single_precision("care", case, truth, needs="care")
    check.unchanged("care", needs="care")


def _note(sizes):
    batch, *_, input_size, units = sizes
    return "one unit" if units == 1 else "an input of one number" if input_size == 1 else "a batch of one" if batch == 1 else ""


# ---- forget_bias


def _bias(share, lag):
    return -math.log(math.expm1(-math.log(share) / lag))


def _logit(p):
    return np.log(p) - np.log1p(-p)


def _unmade():
    """In this case nobody makes the mistake."""
    raise ValueError


def _in_single(share, lag):
    p = np.float32(share) ** np.float32(1 / lag)
    return float(np.log(p / (np.float32(1) - p)))


BIAS_MISTAKES = {
    "the root is taken of the logit: first p = share ** (1 / lag), and then log(p / (1 - p))": lambda s, k: _logit(s) ** (1 / k),
    "the sigmoid's value comes back, not the bias: what is missing is its inverse, log(p / (1 - p))": lambda s, k: s ** (1 / k),
    "the sigmoid in place of its inverse, log(p / (1 - p))": lambda s, k: _sigmoid(s ** (1 / k)),
    "log(lag / log(1 / share)) holds for long lags only, roughly: first p, then log(p / (1 - p))": lambda s, k: np.log(-k / np.log(s)),
    "lag plays no part: after k steps the share is p**k": lambda s, k: _logit(s),
    "share / lag: the steps multiply, so p is a root of share": lambda s, k: _logit(s / k),
    "share * lag: p ** lag is the share, so p is share ** (1 / lag)": lambda s, k: _logit(s * k) if s * k < 1 else None,
    "lag stands before the logarithm: p is share ** (1 / lag), and then log(p / (1 - p))": lambda s, k: k * _logit(s),
    "the bias for one step is divided by lag: p is share ** (1 / lag), and then log(p / (1 - p))": lambda s, k: _logit(s) / k,
    "share ** lag: p ** lag is the share, so p is share ** (1 / lag)": lambda s, k: _logit(s**k),
    "1 - (1 - share) / lag: the steps multiply, so p is a root of share": lambda s, k: _logit(1 - (1 - s) / k),
    "the logarithm is missing: log(p / (1 - p))": lambda s, k: s ** (1 / k) / (1 - s ** (1 / k)),
    "log(p) / (1 - p): the logarithm is that of the whole fraction, log(p / (1 - p))": lambda s, k: np.log(s ** (1 / k)) / (1 - s ** (1 / k)),
    "log(1 - p) alone: the inverse of the sigmoid is log(p / (1 - p))": lambda s, k: np.log(1 - s ** (1 / k)),
    "share plays no part: 0.5 is used in its place": lambda s, k: _logit(0.5 ** (1 / k)),
    "share plays no part: log(lag / log 2) is for a half, and roughly": lambda s, k: np.log(k / np.log(2)),
    "2 * arctanh(p): the sigmoid's inverse is log(p / (1 - p)), or 2 * arctanh(2 * p - 1)": lambda s, k: 2 * np.arctanh(s ** (1 / k)),
    "the sign is wrong, or share is taken for what is lost (over one step both give the same)": lambda s, k: (
        -_logit(s) if k == 1 else _unmade()
    ),
    "the sign is wrong: log(p / (1 - p))": lambda s, k: -_logit(s ** (1 / k)),
    "log10: the sigmoid is made with exp, so its inverse has the natural logarithm": lambda s, k: _logit(s ** (1 / k)) / np.log(10),
    "log2: the sigmoid is made with exp, so its inverse has the natural logarithm": lambda s, k: _logit(s ** (1 / k)) / np.log(2),
    "share is what is left, not what is lost": lambda s, k: _logit((1 - s) ** (1 / k)),
    **{
        f"{eps:g} is added to 1 - p, which over a million steps is hardly larger itself": lambda s, k, eps=eps: (
            np.log(s ** (1 / k) / (1 - s ** (1 / k) + eps))
        )
        for eps in (1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10)
    },
    **{
        f"{eps:g} is added to p and to 1 - p, which over a million steps is hardly larger itself": lambda s, k, eps=eps: (
            np.log((s ** (1 / k) + eps) / (1 - s ** (1 / k) + eps))
        )
        for eps in (1e-5, 1e-6)
    },
    **{
        f"p is rounded to {digits} decimals: over many steps it becomes 1": lambda s, k, digits=digits: _logit(round(s ** (1 / k), digits))
        for digits in (2, 3, 4, 5, 6)
    },
    "float32: of 1 - p too few digits are left": lambda s, k: _in_single(s, k),
    "log(p) alone: the inverse of the sigmoid is log(p / (1 - p))": lambda s, k: np.log(s) / k,
    "the inverse of tanh in place of the sigmoid's": lambda s, k: np.arctanh(s ** (1 / k)),
    # over one step these two would be a square root, and nothing at all
    "one step too many: lag + 1": lambda s, k: _logit(s ** (1 / (k + 1))) if k > 1 else _unmade(),
    "one step too few: lag - 1": lambda s, k: _logit(s ** (1 / (k - 1))) if k > 1 else _unmade(),
    **{
        f"the bias is rounded to {digits} decimals: return it as it is": lambda s, k, digits=digits: round(_bias(s, k), digits)
        for digits in (1, 2, 3, 4)
    },
    **{
        f"p is clipped at 1 - {eps:g}, and over a million steps it lies above that": lambda s, k, eps=eps: _logit(min(s ** (1 / k), 1 - eps))
        for eps in (1e-3, 1e-4, 1e-5, 1e-6)
    },
    **{
        f"the bias ends at {limit}, by a search between -{limit} and {limit} or a clip: over many steps it is larger": (
            lambda s, k, limit=float(limit): max(-limit, min(limit, _bias(s, k)))
        )
        for limit in (5, 6, 8, 10, 12)
    },
}


# ---- lstm_step: the truth, and what known mistakes give


def _weights(rng, n, m, blocks, biases=None):
    shapes = {"W_x": (n, blocks * m), "W_h": (m, blocks * m), "b": (biases, blocks * m) if biases else (blocks * m,)}
    return {name: rng.normal(0, 0.9, shape) for name, shape in shapes.items()}


def _lstm_case(rng, batch, n, m):
    return rng.normal(size=(batch, n)), rng.uniform(-0.9, 0.9, (batch, m)), rng.normal(0, 1.2, (batch, m)), _weights(rng, n, m, 4)


def _sigmoid(a):
    return 0.5 + 0.5 * np.tanh(0.5 * a)


def _sums(x, h, weights, keep=("x", "h", "b")):
    """The four sums before the gates, each from its own block of weights."""
    size = h.shape[-1]
    cuts = [slice(k * size, (k + 1) * size) for k in range(4)]
    sums = []
    for cut in cuts:
        a = np.zeros(h.shape)
        a = a + np.einsum("bi,ij->bj", x, weights["W_x"][:, cut]) if "x" in keep else a
        a = a + np.einsum("bi,ij->bj", h, weights["W_h"][:, cut]) if "h" in keep else a
        sums.append(a + weights["b"][cut] if "b" in keep else a)
    return sums


def _lstm(x, h, c, weights, order=(0, 1, 2, 3), keep=("x", "h", "b"), gate=_sigmoid, squash=np.tanh, cell=None, show=None):
    sums = _sums(x, h, weights, keep)
    i, f, g, o = (sums[k] for k in order)
    i, f, g, o = gate(i), gate(f), squash(g), gate(o)
    c_t = cell(i, f, g, c, h) if cell else f * c + i * g
    return (show(o, c_t, c) if show else o * np.tanh(c_t)), c_t


def _misread(order):
    """Blocks read in another order: position k of `order` is the gate that your code takes from block k."""
    taken = tuple(order.index(gate) for gate in "ifgo")
    return lambda x, h, c, w: _lstm(x, h, c, w, order=taken)


def _reshaped(blocks, interleaved):
    """Four or three sums taken out of one array by a reshape that mixes samples, units and blocks."""

    def step(x, h, weights):
        a = sum((x @ weights["W_x"], h @ weights["W_h"], weights["b"]))
        return np.moveaxis(a.reshape(*h.shape, blocks), -1, 0) if interleaved else a.reshape(blocks, *h.shape)

    return step


def _lstm_reshaped(interleaved):
    def mistake(x, h, c, weights):
        i, f, g, o = _reshaped(4, interleaved)(x, h, weights)
        c_t = _sigmoid(f) * c + _sigmoid(i) * np.tanh(g)
        return _sigmoid(o) * np.tanh(c_t), c_t

    return mistake


def _lstm_by(gates="ssts", cell=lambda i, f, g, c: f * c + i * g, show=lambda o, c, h: o * np.tanh(c)):
    """A mistake: for each block the letters of what it goes through (s, t, 1 - s as "n", relu as "r", a sigmoid of lines as "l"), the cell and what is shown."""
    squash = {
        "s": _sigmoid, "t": np.tanh, "n": lambda a: 1 - _sigmoid(a),
        "r": lambda a: np.maximum(a, 0), "l": lambda a: np.clip(0.2 * a + 0.5, 0, 1),
    }  # fmt: skip

    def mistake(x, h, c, weights):
        blocks = []
        for a, letters in zip(_sums(x, h, weights), gates):
            for letter in letters:
                a = squash[letter](a)
            blocks.append(a)
        i, f, g, o = blocks
        c_t = cell(i, f, g, c)
        return show(o, c_t, h), c_t

    return mistake


def _instead(block, letters):
    """What the four blocks go through, with `letters` for one of them."""
    return [letters if gate == block else usual for gate, usual in zip("ifgo", "ssts")]


def _joined_the_other_way(x, h, c, weights):
    a = np.hstack([h, x]) @ np.vstack([weights["W_x"], weights["W_h"]]) + weights["b"]
    i, f, g, o = np.split(a, 4, axis=1)
    c_t = _sigmoid(f) * c + _sigmoid(i) * np.tanh(g)
    return _sigmoid(o) * np.tanh(c_t), c_t


def _clipped(limit):
    def clipped(a):
        return np.clip(a, -limit, limit)

    return lambda *case: _lstm(*case, gate=lambda a: _sigmoid(clipped(a)), squash=lambda a: np.tanh(clipped(a)))


#: A limit that the ordinary cases do not reach shows only where large numbers stand before the gates.
CLIPPED_SUMS = {
    f"the sums before the gates are clipped at {limit:g}: np.tanh and the function sigmoid need no such limit": _clipped(limit)
    for limit in (1, 2, 3, 4, 5, 6, 8, 10)
}

GATES = {"i": "input", "f": "forget", "o": "output"}

#: What gives the same results as blocks read in a wrong order.
SAME_AS = {tuple("figo"): " (or i and f are exchanged in c_t, which is f * c_prev + i * g)"}

LSTM_MISTAKES = CLIPPED_SUMS | {
    "1 / (1 + exp(a)): the sigmoid is 1 / (1 + exp(-a))": _lstm_by(["n", "n", "t", "n"]),
    "what is kept and what is written are multiplied: they are added": _lstm_by(cell=lambda i, f, g, c: f * c * i * g),
    "1 - i in place of the forget gate: an LSTM has a gate of its own for keeping": _lstm_by(cell=lambda i, f, g, c: (1 - i) * c + i * g),
    "h_prev is added to h_t: it goes into the four sums only": _lstm_by(show=lambda o, c, h: o * np.tanh(c) + h),
    "sigmoid(o * tanh(c_t)): h_t is o * tanh(c_t) as it is": _lstm_by(show=lambda o, c, h: _sigmoid(o * np.tanh(c))),
    "tanh(c_t) stands inside the output gate's sigmoid: o is the sigmoid of its sum, and multiplies tanh(c_t)": _lstm_by(
        _instead("o", ""), show=lambda o, c, h: _sigmoid(o * np.tanh(c))
    ),
    "the output gate is added to tanh(c_t): it multiplies it": _lstm_by(show=lambda o, c, h: o + np.tanh(c)),
    "h_t is c_t: it is o * tanh(c_t)": _lstm_by(show=lambda o, c, h: c),
    "h_t comes back twice: the second is c_t, the cell as it is, without the output gate": lambda *case: _lstm(*case)[:1] * 2,
    "tanh(c_prev) is kept: the forget gate multiplies the cell as it is": _lstm_by(cell=lambda i, f, g, c: f * np.tanh(c) + i * g),
    "the candidate goes through the sigmoid before its tanh": _lstm_by(_instead("g", "st")),
    "relu for the candidate g: it is tanh": _lstm_by(_instead("g", "r")),
    "a sigmoid made of straight lines, as older versions of Keras had it: the gates have 1 / (1 + exp(-a))": _lstm_by(["l", "l", "t", "l"]),
    "the sigmoid is taken twice": _lstm_by(["ss", "ss", "t", "ss"]),
    "tanh of the candidate is taken twice": _lstm_by(_instead("g", "tt")),
    "c_prev @ W_h: the sums are made of x_t and h_prev": lambda x, h, c, w: _lstm(x, c, c, w),
    "h_prev comes before x_t in the joined array, but W_x before W_h": _joined_the_other_way,
    **{f"the sigmoid of the {name} gate is missing": _lstm_by(_instead(gate, "")) for gate, name in GATES.items()},
    **{f"tanh for the {name} gate: it is a sigmoid": _lstm_by(_instead(gate, "t")) for gate, name in GATES.items()},
    "reshape(4, batch, units) mixes the samples: the blocks are columns, np.split(a, 4, axis=1)": _lstm_reshaped(False),
    "reshape(batch, units, 4) takes the blocks to be interleaved: they stand side by side": _lstm_reshaped(True),
    "the bias b is added twice": lambda x, h, c, w: _lstm(x, h, c, w | {"b": 2 * w["b"]}),
    "a mean over the batch: each sample has a state of its own": lambda *case: tuple(a.mean(axis=0) for a in _lstm(*case)),
    "c_t and h_t are exchanged in the tuple": lambda *case: _lstm(*case)[::-1],
    "h_prev in place of c_prev: what the forget gate keeps is the cell": lambda *case: _lstm(
        *case, cell=lambda i, f, g, c, h: f * h + i * g
    ),
    "tanh(c_t) is missing in h_t": lambda *case: _lstm(*case, show=lambda o, c, before: o * c),
    "h_t is made from c_prev: it is o * tanh(c_t)": lambda *case: _lstm(*case, show=lambda o, c, before: o * np.tanh(before)),
    "tanh(o * c_t): the output gate stands outside of tanh": lambda *case: _lstm(*case, show=lambda o, c, before: np.tanh(o * c)),
    "the output gate is missing in h_t": lambda *case: _lstm(*case, show=lambda o, c, before: np.tanh(c)),
    "sigmoid of c_t in h_t: it is tanh": lambda *case: _lstm(*case, show=lambda o, c, before: o * _sigmoid(c)),
    "sigmoid for the candidate g: it is tanh": lambda *case: _lstm(*case, squash=_sigmoid),
    "tanh for the gates: i, f and o are sigmoids": lambda *case: _lstm(*case, gate=np.tanh),
    "the sigmoid of the gates is missing": lambda *case: _lstm(*case, gate=lambda a: a),
    "tanh of the candidate is missing": lambda *case: _lstm(*case, squash=lambda a: a),
    "the forget gate is missing: c_prev is kept whole": lambda *case: _lstm(*case, cell=lambda i, f, g, c, h: c + i * g),
    "the input gate is missing": lambda *case: _lstm(*case, cell=lambda i, f, g, c, h: f * c + g),
    "1 - f: the share f is what is kept": lambda *case: _lstm(*case, cell=lambda i, f, g, c, h: (1 - f) * c + i * g),
    "1 - f in place of the input gate: an LSTM has a gate of its own for writing": lambda *case: _lstm(
        *case, cell=lambda i, f, g, c, h: f * c + (1 - f) * g
    ),
    "c_prev is missing: nothing is kept": lambda *case: _lstm(*case, cell=lambda i, f, g, c, h: i * g),
    "the forget gate is on the candidate too": lambda *case: _lstm(*case, cell=lambda i, f, g, c, h: f * (c + i * g)),
    "tanh goes into the cell: c_t itself stays without it": lambda *case: _lstm(
        *case, cell=lambda i, f, g, c, h: np.tanh(f * c + i * g), show=lambda o, c, before: o * c
    ),
    "the bias b is missing": lambda *case: _lstm(*case, keep=("x", "h")),
    "h_prev @ W_h is missing": lambda *case: _lstm(*case, keep=("x", "b")),
    "x_t @ W_x is missing": lambda *case: _lstm(*case, keep=("h", "b")),
    "1 is added to the forget gate's sum: Keras' forget bias of 1 stands in b already": lambda x, h, c, w: _lstm(
        x, h, c, w | {"b": w["b"] + np.repeat([0.0, 1.0, 0.0, 0.0], h.shape[1])}
    ),
} | {
    f"the blocks are read as {', '.join(order)}{SAME_AS.get(order, '')}; they stand in the order i, f, g, o": _misread(order)
    for order in itertools.permutations("ifgo")
    if order != tuple("ifgo")
}

# ---- latch_weights


def _wrong_array(weights):
    """What is wrong with the first of the arrays that is none of its shape, in words; "" if nothing is."""
    for name, shape in LATCH_SHAPES.items():
        array = weights[name]
        if not isinstance(array, np.ndarray) or array.shape != shape or array.dtype.kind not in "iuf":
            return f"{name} should be a NumPy array of shape {shape}, such as np.zeros({shape}); it is {describe(array)}"
        if not np.isfinite(array).all():
            return f"{name} should hold finite numbers only"
    return ""


def _stories(rng):
    """Numbers with one mark among them, in words, as an array (steps, 2), and the step of the mark."""
    for words, other in [("random numbers", None), ("random numbers", None), ("only ones around it", 1.0), ("only minus ones around it", -1.0)]:
        mark = int(rng.integers(30, 60))
        x = np.zeros((mark + 1 + LATCHED, 2))
        x[:, 0] = rng.uniform(-1, 1, len(x)) if other is None else other
        x[mark] = (rng.uniform(0.3, 0.9) * rng.choice([-1, 1]) if other is None else -0.7 * other), 1
        yield words, x, mark
    x = np.zeros((1 + LATCHED, 2))
    x[:, 0] = rng.uniform(-1, 1, len(x))
    x[0, 1] = 1
    yield "the very first number is marked", x, 0


def _trace(weights, x, order="ifgo", kept=False, shut=()):
    """The gates (steps, 4), as i, f, g, o, and the cells (steps,) of the single unit.

    With `kept` the forget gate is 1, and in the steps `shut` the input gate is 0, whatever the weights say.
    """
    sums, by_h = (x @ weights["W_x"] + weights["b"]).tolist(), weights["W_h"][0].tolist()
    places = [order.index(gate) for gate in "ifgo"]
    h = c = 0.0
    gates, cells = [], []
    for t, row in enumerate(sums):  # plain numbers: NumPy is slow on arrays this small
        i, f, g, o = (row[k] + h * by_h[k] for k in places)
        i, f, o = (0.5 + 0.5 * math.tanh(0.5 * a) for a in (i, f, o))
        i, f = 0.0 if t in shut else i, 1.0 if kept else f
        g = math.tanh(g)
        c = f * c + i * g
        h = o * math.tanh(c)
        gates.append((i, f, g, o))
        cells.append(c)
    return np.array(gates), np.array(cells)


def _cells(weights, x, order="ifgo"):
    return _trace(weights, x, order)[1]


def _aim(x, mark):
    return np.where(np.arange(len(x)) < mark, 0, np.tanh(x[mark, 0]))


def _latches(weights, stories, order="ifgo"):
    """Whether these weights, with their blocks in some order, do all that is asked."""
    return all(np.all(np.abs(_cells(weights, x, order) - _aim(x, mark)) <= NEAR) for _, x, mark in stories)


def _only_by_the_mark(weights):
    """The same weights, where neither the number nor the state opens or closes the input gate."""
    own = {name: array.astype(float) for name, array in weights.items()}
    own["W_x"][0, 0] = own["W_h"][0, 0] = 0.0
    return own


def _why_not_latched(weights, x, mark, criterion, stories):
    """Why the cell is not what it should be, in words; "" where that cannot be told."""
    for order in itertools.permutations("ifgo"):
        if order != tuple("ifgo") and _latches(weights, stories, order):
            return f"this works if the columns are {', '.join(order)}; they stand in the order i, f, g, o"
    if _latches(weights | {"W_x": weights["W_x"][::-1]}, stories):
        return "the rows of W_x are exchanged: row 0 is the number's, row 1 the mark's"
    (gates, _), (by_mark, _) = _trace(weights, x), _trace(_only_by_the_mark(weights), x)
    i, f, g, _ = gates.T
    unmarked = np.flatnonzero(np.arange(len(x)) != mark)
    others = "column i needs no weight for the number, and none in W_h"
    if criterion == "taken":
        if i[mark] < 0.95:
            cure = others if by_mark[mark, 0] > 0.95 else "the mark's weight in column i has to outweigh the bias"
            return f"at the mark the input gate opens to {i[mark]:.2f} only: {cure}"
        if abs(g[mark] - np.tanh(x[mark, 0])) > NEAR:
            return "the candidate is not tanh of the number: column g needs weight 1 for the number, 0 for the mark, and no bias"

    def cured(**repaired):
        """Whether a gate that does its work is all that is missing."""
        return np.all(np.abs(_trace(weights, x, **repaired)[1] - _aim(x, mark)) <= NEAR)

    leak, kept = float(i[unmarked].max()), float(f[unmarked].min())
    if leak > 0.001 or cured(shut=set(unmarked.tolist())):
        cure = others if by_mark[unmarked, 0].max() < leak / 10 else "column i needs a more negative bias"
        return f"without a mark the input gate is open by up to {leak:.2g}, and what it lets in adds up: {cure}"
    if kept < 0.999 or cured(kept=True):
        left = f"{kept:.3g}" if kept < 0.999 else f"{kept:.5f}"
        return f"the forget gate closes to {left}, and after {LATCHED} steps {left}**{LATCHED} is left: column f needs a larger bias, and no weights"
    return ""


# ---- lstm_step_backward


def _step_case(rng, batch, n, m):
    return rng.normal(size=(batch, m)), rng.normal(size=(batch, m)), *_lstm_case(rng, batch, n, m)


def _remembered(truth):
    """The same cases come back in every run of a visible check, and the complex step takes its time."""

    @functools.lru_cache(maxsize=64)
    def from_bytes(case):
        return truth(*pickle.loads(case))

    return functools.wraps(truth)(lambda *case: duplicate(from_bytes(pickle.dumps(case))))


@_remembered
def _step_back(dh_t, dc_t, x_t, h_prev, c_prev, weights):
    def loss(arrays):
        h_t, c_t = _lstm(arrays["x"], arrays["h"], arrays["c"], arrays)
        return np.sum(dh_t * h_t) + np.sum(dc_t * c_t)

    found = complex_step(loss, {"x": x_t, "h": h_prev, "c": c_prev, **weights})
    return found["x"], found["h"], found["c"], {name: found[name] for name in ("W_x", "W_h", "b")}


def _by_hand(dh_t, dc_t, x_t, h_prev, c_prev, weights, flaw="", order=(0, 1, 2, 3), keep=("x", "h", "b")):
    """The backward pass by the chain rule, with one named flaw: what a wrong answer gives."""
    i, f, g, o = (s(a) for s, a in zip((_sigmoid, _sigmoid, np.tanh, _sigmoid), _sums(x_t, h_prev, weights, keep)))
    c_t = f * c_prev + i * g
    t = np.tanh(c_prev if flaw == "tanh of c_prev" else c_t)
    inner = {
        "no slope of tanh": 1.0, "slope of c": 1 - c_t**2, "slope of tanh twice": 1 - np.tanh(t) ** 2,
        "slope not squared": 1 - t, "slope of h": 1 - (o * t) ** 2,
    }.get(flaw, 1 - t**2)
    by_state = dh_t * inner * (1.0 if flaw == "no output gate" else o)
    dc = {
        "no way by h": dc_t, "no later steps": by_state, "dh as it is": dc_t + dh_t, "slope on both": dc_t * inner + by_state,
        "f too early": dc_t * f + by_state, "subtracted": dc_t - by_state,
    }.get(flaw, dc_t + by_state)
    di, df, dg = dc * g, dc * c_prev, dc * i
    do = (dc if flaw == "do with dc" else dh_t) * {"do without tanh": 1.0, "do with c": c_t, "do with c_prev": np.tanh(c_prev)}.get(flaw, t)
    if flaw == "gates from dc_t":
        di, df, dg = dc_t * g, dc_t * c_prev, dc_t * i
    if flaw in ("dg alone", "di alone", "df alone"):
        di, df, dg = (dc if flaw == f"d{gate} alone" else d for gate, d in zip("ifg", (di, df, dg)))
    if flaw == "gates from dh_t":
        di, df, dg = dh_t * g, dh_t * c_prev, dh_t * i
    if flaw == "do without dh_t":
        do = t
    if flaw == "df with tanh":
        df = dc * np.tanh(c_prev)
    if flaw == "do with dc_t":
        do = (dh_t + dc_t) * t
    if flaw == "i and g exchanged":
        di, dg = dg, di
    if flaw == "df with c_t":
        df = dc * c_t
    if flaw == "df with h_prev":
        df = dc * h_prev
    slopes = [i * (1 - i), f * (1 - f), 1 - g * g, o * (1 - o)]
    if flaw == "no gate slopes":
        slopes = [1.0, 1.0, slopes[2], 1.0]
    if flaw in ("no slope of i", "no slope of f", "no slope of o"):
        slopes["ifgo".index(flaw[-1])] = 1.0
    if flaw == "s for its slope":
        slopes = [i, f, slopes[2], o]
    if flaw in ("i for its slope", "f for its slope", "o for its slope"):
        slopes["ifgo".index(flaw[0])] = {"i": i, "f": f, "o": o}[flaw[0]]
    if flaw == "slopes of the sums":
        slopes = [a * (1 - a) for a in _sums(x_t, h_prev, weights)]
        slopes[2] = 1 - _sums(x_t, h_prev, weights)[2] ** 2
    if flaw == "no slopes":
        slopes = [1.0] * 4
    if flaw == "no candidate slope":
        slopes[2] = 1.0
    if flaw in ("1 - g", "(1 - g)**2", "g (1 - g**2)", "tanh of g"):
        slopes[2] = {"1 - g": 1 - g, "(1 - g)**2": (1 - g) ** 2, "g (1 - g**2)": g * (1 - g * g), "tanh of g": 1 - np.tanh(g) ** 2}[flaw]
    if flaw == "sigmoid of the gates":
        slopes = [_sigmoid(s) * (1 - _sigmoid(s)) for s in (i, f)] + [slopes[2], _sigmoid(o) * (1 - _sigmoid(o))]
    if flaw == "sigmoid slope for g":
        slopes[2] = g * (1 - g)
    if flaw == "tanh slopes":
        slopes = [1 - i * i, 1 - f * f, slopes[2], 1 - o * o]
    blocks = [d * s for d, s in zip((di, df, dg, do), slopes)]
    da = np.concatenate([blocks[k] for k in order], axis=1)
    read = np.concatenate([x_t, h_prev if flaw != "W_h with h_t" else o * t], axis=1).T @ da
    gradients = {"W_x": read[: x_t.shape[1]], "W_h": read[x_t.shape[1] :], "b": da.sum(axis=0, keepdims=flaw == "keepdims")}
    if flaw == "no sum":
        gradients["b"] = da
    if flaw == "b over the batch":
        gradients["b"] = da.mean(axis=0)
    if flaw == "b over the columns":
        gradients["b"] = da.sum(axis=1)
    if flaw == "b over everything":
        gradients["b"] = da.sum()
    if flaw == "W_h with c_prev":
        gradients["W_h"] = c_prev.T @ da
    if flaw == "weights over the batch":
        gradients = gradients | {name: gradients[name] / len(x_t) for name in ("W_x", "W_h")}
    if flaw == "mean":
        gradients = {name: array / len(x_t) for name, array in gradients.items()}
    dc_prev = {
        "no f": dc, "dc_t alone": dc_t * f, "i for f": dc * i, "dc_t again": dc * f + dc_t, "f too early": dc,
        "slope on the way": dc * f * (1 - t * t), "slope of f on the way": dc * f * (1 - f), "c for f": dc * c_prev,
        "dh_t on dc_prev": dc_t * f + dh_t, "i and f on the way": dc * f * i,
    }.get(flaw, dc * f)
    dx_t, dh_prev = da @ weights["W_x"].T, da @ weights["W_h"].T
    if flaw in ("dh added", "dh times o added"):
        dh_prev = dh_prev + dh_t * (o if flaw == "dh times o added" else 1.0)
    if flaw == "dh_t * o for dh_prev":
        dh_prev = dh_t * o
    if flaw == "dc_prev in dh_prev":
        dh_prev = dh_prev + dc_prev
    if flaw == "no dh_prev":
        dh_prev = dh_prev * 0
    if flaw == "exchanged":
        dx_t, dh_prev = dh_prev, dx_t
    if flaw == "states exchanged":
        dh_prev, dc_prev = dc_prev, dh_prev
    return dx_t, dh_prev, dc_prev, gradients


FLAWS = {
    "dh as it is": "dh_t is added to dc_t as it is: on its way from h_t to c_t come the factors o and 1 - tanh(c_t)**2",
    "slope on both": "the slope of tanh is on dc_t too: it belongs to what comes by way of h_t, and dc_t is about c_t already",
    "f too early": "the forget gate is on dc_t: it belongs to dc_prev, since dc_t is about c_t, after that gate",
    "slope not squared": "1 - tanh(c_t): the derivative of tanh is 1 - tanh(c_t)**2",
    "slope of h": "1 - h_t**2: the derivative of tanh(c_t) is 1 - tanh(c_t)**2, and h_t has the output gate in it",
    "subtracted": "what comes by way of h_t is subtracted from dc_t: the two are added",
    "gates from dh_t": "i, f and g get dh_t: they reach h_t by way of the cell, so they get the cell's gradient",
    "do without dh_t": "dh_t is missing in the output gate's gradient: it is dh_t * tanh(c_t)",
    "df with tanh": "the forget gate multiplies c_prev, not tanh(c_prev)",
    "s for its slope": "the gate stands in place of its derivative: with the gate s that is s * (1 - s)",
    "i for its slope": "the input gate stands in place of its derivative, i * (1 - i)",
    "f for its slope": "the forget gate stands in place of its derivative, f * (1 - f)",
    "o for its slope": "the output gate stands in place of its derivative, o * (1 - o)",
    "(1 - g)**2": "(1 - g)**2: the derivative of tanh is 1 - g**2",
    "b over everything": "the bias's gradient is summed over all its numbers: sum over the batch alone, sum(axis=0)",
    "dh_t on dc_prev": "dh_t is added to dc_prev as it is: it goes through o and 1 - tanh(c_t)**2 into the cell's gradient, and then through f",
    "i and f on the way": "the input gate is on dc_prev too: from cell to cell there is one factor, f",
    "dh_t * o for dh_prev": "dh_prev is dh_t * o: h_prev reaches h_t through the four sums only, so it is da @ W_h.T",
    "dc_prev in dh_prev": "dc_prev is added to dh_prev: the state and the cell each have a gradient of their own",
    "do with dc_t": "dc_t goes into the output gate's gradient: the cell does not pass that gate, so it gets dh_t * tanh(c_t)",
    "di alone": "the input gate multiplies g, so its gradient is that of the cell times g",
    "df alone": "the forget gate multiplies c_prev, so its gradient is that of the cell times c_prev",
    "dg alone": "the candidate is multiplied by i, so its gradient is that of the cell times i",
    "1 - g": "1 - g: the derivative of tanh is 1 - g**2",
    "g (1 - g**2)": "g * (1 - g**2): the derivative of tanh is 1 - g**2",
    "tanh of g": "tanh is taken twice in the candidate's derivative: g is the tanh already, so it is 1 - g**2",
    "sigmoid of the gates": "the sigmoid is taken twice in the gates' derivatives: with the gate s it is s * (1 - s)",
    "b over the batch": "the bias's gradient is averaged over the batch: sum over it",
    "b over the columns": "the bias's gradient is summed over the wrong axis: the batch is axis 0",
    "W_h with c_prev": "W_h is multiplied by h_prev, so its gradient has h_prev in it, not c_prev",
    "dc_t again": "dc_t is added to dc_prev once more: it is part of the cell's gradient already, which gets the factor f",
    "slope on the way": "1 - tanh(c_t)**2 is on dc_prev: from cell to cell there is one factor, f",
    "slope of f on the way": "f * (1 - f) is on dc_prev: that is the way to the forget gate's sum; from cell to cell the factor is f",
    "c for f": "c_prev in place of f in dc_prev: c_prev is multiplied by f, so that is the factor",
    "dh times o added": "dh_t * o is added to dh_prev: h_prev reaches h_t through the four sums only",
    "no dh_prev": "dh_prev is zero: it is da @ W_h.T",
    "no way by h": "what dh_t sends into the cell, dh_t * o * (1 - tanh(c_t)**2), is missing",
    "no later steps": "dc_t, what later steps say about the cell, is not added",
    "no slope of tanh": "the derivative of tanh, 1 - tanh(c_t)**2, is missing on the way from h_t to c_t",
    "slope of c": "1 - c_t**2: the derivative is 1 - tanh(c_t)**2",
    "slope of tanh twice": "tanh is taken twice in 1 - tanh(c_t)**2",
    "no output gate": "the output gate is missing on the way from h_t to c_t",
    "do without tanh": "the output gate multiplies tanh(c_t): its gradient is dh_t * tanh(c_t)",
    "do with c": "the output gate multiplies tanh(c_t), not c_t",
    "do with c_prev": "the output gate multiplies tanh(c_t), not tanh(c_prev): its gradient is dh_t * tanh(c_t)",
    "do with dc": "the output gate's gradient comes from dh_t, not from the cell's",
    "gates from dc_t": "i, f and g get the whole gradient of the cell, with the part that came by way of h_t, not dc_t alone",
    "i and g exchanged": "i and g are exchanged: the gradient of i is that of the cell times g",
    "df with c_t": "the forget gate multiplies c_prev, not c_t",
    "df with h_prev": "the forget gate multiplies c_prev, not h_prev",
    "no gate slopes": "the derivative of the sigmoid, s * (1 - s), is missing for the gates",
    "no slope of i": "the derivative of the sigmoid, i * (1 - i), is missing for the input gate",
    "no slope of f": "the derivative of the sigmoid, f * (1 - f), is missing for the forget gate",
    "no slope of o": "the derivative of the sigmoid, o * (1 - o), is missing for the output gate",
    "slopes of the sums": "the derivatives are s * (1 - s) and 1 - g**2 with the gates' values, not with the sums before them",
    "tanh of c_prev": "tanh(c_prev) in place of tanh(c_t): the state is made from the new cell",
    "no sum": "the bias's gradient is not summed over the batch: sum(axis=0)",
    "weights over the batch": "the gradients of W_x and W_h are averaged over the batch: sum over it, as for b",
    "no slopes": "the derivatives of the sigmoids and of tanh are missing",
    "no candidate slope": "the derivative of tanh, 1 - g**2, is missing for the candidate",
    "sigmoid slope for g": "g * (1 - g): the candidate is a tanh, its derivative 1 - g**2",
    "tanh slopes": "1 - s**2 for the gates: they are sigmoids, their derivative is s * (1 - s)",
    "W_h with h_t": "W_h is multiplied by h_prev, so its gradient has h_prev in it, not h_t",
    "mean": "the batch is summed over, not averaged: the loss's own 1/N comes with dh_t",
    "no f": "the forget gate is missing in dc_prev",
    "dc_t alone": "dc_prev has dc_t * f only: what came by way of h_t belongs to it too",
    "i for f": "the input gate in place of the forget gate in dc_prev",
    "dh added": "dh_t is added to dh_prev: h_prev reaches h_t through the four sums only",
    "exchanged": "dx_t and dh_prev are exchanged",
    "states exchanged": "dh_prev and dc_prev are exchanged",
    "keepdims": "the bias's gradient keeps an axis for the batch: sum(axis=0), without keepdims",
}


def _flawed(flaw, **options):
    return lambda *case: _by_hand(*case, flaw=flaw, **options)


def _side_by_side(*case):
    """The four gradients one under the other, and then reshaped to the right size."""
    x_t, h_prev, weights = case[2], case[3], case[5]
    da = np.array(np.split(_by_hand(*case, flaw="no sum")[3]["b"], 4, axis=1)).reshape(len(x_t), -1)
    gradients = {"W_x": x_t.T @ da, "W_h": h_prev.T @ da, "b": da.sum(axis=0)}
    return da @ weights["W_x"].T, da @ weights["W_h"].T, _step_back(*case)[2], gradients


STEP_MISTAKES = {
    "reshape mixes the samples: np.concatenate([...], axis=1) puts the four gradients side by side": _side_by_side,
    "the bias b is missing in the sums that the gates are made of": _flawed("", keep=("x", "h")),
    "h_prev @ W_h is missing in the sums that the gates are made of": _flawed("", keep=("x", "b")),
    "x_t @ W_x is missing in the sums that the gates are made of": _flawed("", keep=("h", "b")),
} | {text: _flawed(flaw) for flaw, text in FLAWS.items()} | {
    f"the four gradients are put together as {', '.join('ifgo'[k] for k in order)}; the blocks stand as i, f, g, o": _flawed("", order=order)
    for order in itertools.permutations(range(4))
    if order != (0, 1, 2, 3)
}


# ---- lstm_backward


def _sequence_case(rng, batch, timesteps, n, m):
    _, h_0, c_0, weights = _lstm_case(rng, batch, n, m)
    return rng.normal(size=(batch, timesteps, m)), rng.normal(size=(batch, timesteps, n)), h_0, c_0, weights


@_remembered
def _back(dh, x, h_0, c_0, weights):
    def loss(arrays):
        h, c, total = arrays["h"], arrays["c"], 0.0
        for t in range(dh.shape[1]):
            h, c = _lstm(arrays["x"][:, t], h, c, arrays)
            total = total + np.sum(dh[:, t] * h)
        return total

    found = complex_step(loss, {"x": x, "h": h_0, "c": c_0, **weights})
    return found["x"], found["h"], found["c"], {name: found[name] for name in ("W_x", "W_h", "b")}


#: What the carries start with, where it is not zero.
FIRST_CARRIES = {
    "starts with dh": lambda dh, states: (dh[:, -1], 0 * dh[:, -1]),
    "cell starts with dh": lambda dh, states: (0 * dh[:, -1], dh[:, -1]),
    "both start with dh": lambda dh, states: (dh[:, -1], dh[:, -1]),
    "starts with the last cell": lambda dh, states: (0 * dh[:, -1], states[-1][1]),
    "starts with the last states": lambda dh, states: states[-1],
    "starts with the first states": lambda dh, states: states[0],
}


@remembered
def _through_time(dh, x, h_0, c_0, weights, flaw=""):
    timesteps, dh_prev, dc_prev = x.shape[1], 0 * h_0, 0 * c_0  # these come back where the loop has no step
    if flaw == "read from the end":
        x = x[:, ::-1]
    if flaw == "dh from the end":
        dh = dh[:, ::-1]
    states = [(h_0, c_0)]
    for t in range(timesteps):
        states.append(_lstm(x[:, t], *states[-1], weights))
    carry_h, carry_c = np.zeros_like(h_0), np.zeros_like(c_0)
    if flaw in FIRST_CARRIES:
        carry_h, carry_c = FIRST_CARRIES[flaw](dh, states)
    dx, total = np.zeros_like(x), {name: np.zeros_like(array) for name, array in weights.items()}
    if flaw == "a sample's dh":  # with more than one step its shape does not fit
        dh = dh[:1] + 0 * dh if timesteps == 1 else _unmade()
    if flaw == "dh over time":
        dh = dh / timesteps
    if flaw == "dh added up":
        dh = np.cumsum(dh, axis=1)
    if flaw in ("sum of dh", "mean of dh"):
        dh = np.repeat(dh.sum(axis=1, keepdims=True) / (timesteps if flaw == "mean of dh" else 1), timesteps, axis=1)
    if flaw == "dh of the step before":
        dh = np.roll(dh, 1, axis=1)
    steps = range(flaw == "no first step", timesteps - (flaw == "no last step"))
    for t in steps if flaw == "forwards" else reversed(steps):
        before = {
            "cells after": (states[t][0], states[t + 1][1]), "hs after": (states[t + 1][0], states[t][1]), "states after": states[t + 1],
            "first states": (h_0, c_0), "last states": states[-1],
        }.get(flaw, states[t])  # fmt: skip
        last = t == timesteps - 1
        more_h, more_c = 2.0 if flaw in ("carries twice", "carry of h twice") else 1.0, 2.0 if flaw in ("carries twice", "carry of c twice") else 1.0
        own = dh[:, t] * {"no dh": 0.0, "dh too late": 0.0, "last only": float(last), "dh twice": 1.0 if last else 2.0}.get(flaw, 1.0) + more_h * carry_h
        dx[:, t], dh_prev, dc_prev, part = _by_hand(own, more_c * carry_c, x[:, t], *before, weights)
        if flaw in ("both carries pile up", "carry of h piles up"):
            dh_prev = dh_prev + carry_h
        if flaw == "dh too late":
            dh_prev = dh_prev + dh[:, t]
        if flaw in ("both carries pile up", "carry of c piles up"):
            dc_prev = dc_prev + carry_c
        carry_h = dh_prev * 0 if flaw in ("no carry of h", "no carry") else dh_prev
        carry_c = dc_prev * 0 if flaw in ("no carry of c", "no carry") else dc_prev
        if flaw == "carries exchanged":
            carry_h, carry_c = dc_prev, dh_prev
        if flaw == "sum of carries" and t:
            carry_h, carry_c = dh_prev + dc_prev, dc_prev
        if flaw == "h in the carry of c" and t:
            carry_c = dc_prev + dh_prev
        if flaw != "last step's weights" or last:
            total = {name: part[name] + (0 if flaw == "one step's weights" or flaw == f"one step's {name}" else total[name]) for name in weights}
    if flaw == "mean over time":
        total = {name: array / timesteps for name, array in total.items()}
    if flaw == "mean over the batch":
        total = {name: array / len(x) for name, array in total.items()}
    if flaw in ("reversed", "read from the end"):
        dx = dx[:, ::-1]
    if flaw == "exchanged":
        dh_prev, dc_prev = dc_prev, dh_prev
    if flaw == "dh_0 for dc_0":
        dc_prev = dh_prev
    if flaw == "h_0 and c_0 come back":
        dh_prev, dc_prev = h_0, c_0
    if flaw in ("dh_0 zero", "dc_0 zero"):
        dh_prev, dc_prev = (array * (flaw != f"{name} zero") for name, array in (("dh_0", dh_prev), ("dc_0", dc_prev)))
    if flaw == "dh_0 with dh":
        dh_prev = dh_prev + dh[:, 0]
    if flaw == "dx added up":
        dx = np.cumsum(dx[:, ::-1], axis=1)[:, ::-1]
    if flaw == "time first":
        dx = dx.swapaxes(0, 1)
    return dx, dh_prev, dc_prev, total


SEQUENCE_MISTAKES = {
    text: (lambda *case, flaw=flaw: _through_time(*case, flaw=flaw))
    for flaw, text in {
        "no carry of c": "the cell's carry is lost: dc_prev of step t+1 is dc_t of step t",
        "no carry of h": "the state's carry is lost: dh_prev of step t+1 is added to dh[:, t]",
        "no carry": "nothing is carried from one step to the step before",
        "last only": "only the last step's own dh goes in: dh[:, t] is added to the carry at every step",
        "carries exchanged": "the two carries are exchanged",
        "sum of carries": "the cell's carry is added to the state's: each has its own way",
        "forwards": "the loop goes from the first step to the last: go back from the last",
        "states after": "step t goes back with the states behind it: it needs those before it, h_{t-1} and c_{t-1}",
        "first states": "every step goes back with h_0 and c_0",
        "one step's weights": "the gradients of the weights are those of the first step only: sum them over the steps",
        "dh over time": "dh is divided by the number of steps: the loss's own factor comes with dh",
        "dh added up": "the dh of all steps so far go in at step t: dh[:, t] alone is what step t gets from its own output",
        "no last step": "the last step is missing in the loop back: range(timesteps - 1, -1, -1), or reversed(range(timesteps))",
        "no first step": "the first step is missing in the loop back: range(timesteps - 1, -1, -1), or reversed(range(timesteps))",
        "both carries pile up": "the carries pile up: each step's dh_prev and dc_prev replace the carries, with = and not +=",
        "carry of h piles up": "the state's carry piles up: each step's dh_prev replaces it, with = and not +=",
        "carry of c piles up": "the cell's carry piles up: each step's dc_prev replaces it, with = and not +=",
        "carries twice": "the two carries count twice",
        "carry of h twice": "the state's carry counts twice",
        "carry of c twice": "the cell's carry counts twice",
        "h in the carry of c": "the state's carry is added to the cell's: each has its own way",
        "sum of dh": "dh is summed over the steps: step t gets dh[:, t], its own",
        "mean of dh": "dh is averaged over the steps: step t gets dh[:, t], its own",
        "dh of the step before": "dh[:, t - 1] goes in at step t: it is dh[:, t]",
        "starts with dh": "the state's carry starts as dh[:, -1], which the loop adds once more: it starts at zero",
        "cell starts with dh": "the cell's carry starts as dh[:, -1]: dh is the state's gradient, and the cell's carry starts at zero",
        "both start with dh": "both carries start as dh[:, -1]: they start at zero, and the loop adds dh[:, t] to the state's",
        "dh too late": "dh[:, t] is added only after step t has gone back: it belongs to h_t, so it goes into that step, with the carry",
        "a sample's dh": "dh[t] is a sample of the batch: what step t gets from its own output is dh[:, t]",
        "starts with the last cell": "the cell's carry starts as the last cell: it is a gradient, and starts at zero",
        "starts with the last states": "the carries start as the last state and cell: they are gradients, and start at zero",
        "starts with the first states": "the carries start as h_0 and c_0: they are gradients, and start at zero",
        "h_0 and c_0 come back": "h_0 and c_0 come back: dh_0 and dc_0 are the carries after the loop",
        "last states": "every step goes back with the last state and cell: step t needs those before it",
        "hs after": "step t goes back with h_t: it needs h_{t-1}, the state before it",
        "one step's b": "the gradient of b is that of the first step only: sum it over the steps",
        "no dh": "dh plays no part: dh[:, t] is added to the carry at every step",
        "dh_0 zero": "dh_0 is zero: it is the state's carry after the loop",
        "dc_0 zero": "dc_0 is zero: it is the cell's carry after the loop",
        "dh_0 for dc_0": "dc_0 is the same as dh_0: it is the cell's carry after the loop",
        "dh_0 with dh": "dh[:, 0] is added to dh_0: it belongs to h_1, and h_0 has no output of its own",
        "last step's weights": "the gradients of the weights are those of the last step only: sum them over the steps",
        "dx added up": "dx is added up over the steps: each step has a dx of its own",
        "time first": "dx has time as its first axis: it is (batch, timesteps, input_size)",
        "mean over time": "the gradients of the weights are averaged over the steps, not summed",
        "reversed": "dx is reversed in time",
        "read from the end": "the sequence is read from its end",
        "dh from the end": "dh is read from its end: dh[:, t] belongs to step t",
        "cells after": "step t goes back with c_t: it needs c_{t-1}, the cell before it",
        "mean over the batch": "the gradients of the weights are averaged over the batch, not summed",
        "exchanged": "dh_0 and dc_0 are exchanged",
        "dh twice": "dh[:, t] counts twice",
    }.items()
} | {
    "h_0 plays no part: the first step starts from it": lambda dh, x, h_0, c_0, w: _through_time(dh, x, 0 * h_0, c_0, w),
    "h_0 and c_0 play no part: the first step starts from them": lambda dh, x, h_0, c_0, w: _through_time(dh, x, 0 * h_0, 0 * c_0, w),
    "c_0 plays no part: the first step starts from it": lambda dh, x, h_0, c_0, w: _through_time(dh, x, h_0, 0 * c_0, w),
}


# ---- gru_step


def _gru_case(rng, batch, n, m, reset_after):
    return rng.normal(size=(batch, n)), rng.uniform(-0.9, 0.9, (batch, m)), _weights(rng, n, m, 3, 2 if reset_after else None), reset_after


def _gru(x_t, h_prev, weights, reset_after, flaw="", order=(0, 1, 2)):
    size = h_prev.shape[1]
    cuts = [slice(k * size, (k + 1) * size) for k in order]
    b_x, b_h = weights["b"] if reset_after else (weights["b"], np.zeros(3 * size))
    if flaw == "rows exchanged":
        b_x, b_h = b_h, b_x
    if flaw == "b twice":
        b_x = 2 * b_x
    if flaw in ("a number for b", "two numbers for b", "two numbers for b, one in the gates"):
        b_x, b_h = b_x * 0 + b_x[0], b_h + b_x[1] * (flaw != "a number for b")
    if flaw == "input bias only" or flaw == "no bias":
        b_h = b_h * 0
    if flaw == "recurrent bias only" or flaw == "no bias":
        b_x = b_x * 0
    from_x = [np.einsum("bi,ij->bj", x_t, weights["W_x"][:, cut]) + b_x[cut] for cut in cuts]
    from_h = [np.einsum("bi,ij->bj", h_prev, weights["W_h"][:, cut]) for cut in cuts]
    gates = [a + b + (0 if flaw == "b[1] not in the gates" else b_h[cut]) for a, b, cut in zip(from_x, from_h, cuts)]
    z, r = (np.tanh(a) for a in gates[:2]) if flaw == "tanh gates" else (_sigmoid(a) for a in gates[:2])
    if flaw == "no r":
        r = np.ones_like(r)
    if flaw == "1 - r":
        r = 1 - r
    if flaw == "r without sigmoid":
        r = gates[1]
    W, b = weights["W_h"][:, cuts[2]], b_h[cuts[2]]
    inside = {"bias outside": r * from_h[2] + b, "before": (r * h_prev) @ W + b, "after": r * (from_h[2] + b)}
    place = "after" if reset_after else "before"
    place = {"wrong place": "before" if reset_after else "after", "bias outside": "bias outside", "other version": "before"}.get(flaw, place)
    if flaw in ("other version", "two numbers for b, one in the gates"):
        inside["before"] = (r * h_prev) @ W
    if flaw == "b[1] not in the candidate":
        inside["after"] = r * from_h[2]
    if flaw == "z without sigmoid":
        z = gates[0]
    if flaw == "both places":
        inside = dict.fromkeys(inside, r * ((r * h_prev) @ W + b))
    if flaw in ("block of z", "block of r"):
        inside["before"] = (r * h_prev) @ weights["W_h"][:, cuts["zr".index(flaw[-1])]]
    if flaw == "bias twice":
        inside["before"] = inside["before"] + b_x[cuts[2]]
    if flaw == "z for r":
        inside = {"before": (z * h_prev) @ W + b, "after": z * (from_h[2] + b)}
    if flaw == "r * h_prev alone":
        inside = dict.fromkeys(inside, r * h_prev)
    squash = {"sigmoid candidate": _sigmoid, "candidate without tanh": lambda a: a, "relu candidate": lambda a: np.maximum(a, 0)}.get(flaw, np.tanh)
    candidate = squash(from_x[2] + (0 if flaw == "no state inside" else inside[place]))
    if flaw == "sum":
        return h_prev + candidate
    if flaw == "z on both":
        return z * h_prev + z * candidate
    if flaw == "z on one":
        return h_prev + z * candidate
    if flaw == "candidate whole":
        return z * h_prev + candidate
    if flaw == "1 - z on both":
        return (1 - z) * h_prev + (1 - z) * candidate
    if flaw == "nothing kept":
        return (1 - z) * candidate
    if flaw == "nothing new":
        return z * h_prev
    if flaw == "tanh of all":
        return np.tanh(z * h_prev + (1 - z) * candidate)
    if flaw == "r in the mix":
        return z * r * h_prev + (1 - z) * candidate
    if flaw == "r on everything":
        candidate = np.tanh(r * (from_x[2] + from_h[2] + b))
    if flaw == "r outside":
        candidate = r * np.tanh(from_x[2] + from_h[2] + b)
    if flaw == "other side":
        return (1 - z) * h_prev + z * candidate
    if flaw == "z on the candidate":
        return h_prev + (1 - z) * candidate
    if flaw == "candidate":
        return candidate
    return z * h_prev + (1 - z) * candidate


def _gru_flaw(flaw, **options):
    return lambda *case: _gru(*case, flaw=flaw, **options)


def _gru_reshaped(interleaved):
    def mistake(x_t, h_prev, weights, reset_after):
        b_x, b_h = weights["b"] if reset_after else (weights["b"], 0 * weights["b"])
        from_x = _reshaped(3, interleaved)(x_t, h_prev, weights | {"W_h": 0 * weights["W_h"], "b": b_x})
        from_h = _reshaped(3, interleaved)(x_t, h_prev, weights | {"W_x": 0 * weights["W_x"], "b": b_h})
        z, r = (_sigmoid(a + b) for a, b in zip(from_x[:2], from_h[:2]))
        inside = r * from_h[2] if reset_after else (r * h_prev) @ weights["W_h"][:, 2 * h_prev.shape[1] :]
        return z * h_prev + (1 - z) * np.tanh(from_x[2] + inside)

    return mistake


GRU_MISTAKES = {
    "reshape(3, batch, units) mixes the samples: the blocks are columns, np.split(a, 3, axis=1)": _gru_reshaped(False),
    "reshape(batch, units, 3) takes the blocks to be interleaved: they stand side by side": _gru_reshaped(True),
    "a mean over the batch: each sample has a state of its own": lambda *case: _gru(*case).mean(axis=0),
    "tanh of the candidate is missing": _gru_flaw("candidate without tanh"),
    "the candidate is computed with x_t alone: r * h_prev goes into it too": _gru_flaw("no state inside"),
    "z and 1 - z are missing: h_prev and the candidate are added": _gru_flaw("sum"),
    "z on both: the candidate's share is 1 - z": _gru_flaw("z on both"),
    "h_prev is kept whole, and z is on the candidate: in Keras h_t = z * h_prev + (1 - z) * candidate": _gru_flaw("z on one"),
    "the candidate is taken whole: its share is 1 - z": _gru_flaw("candidate whole"),
    "1 - z on both: h_prev's share is z": _gru_flaw("1 - z on both"),
    "r * h_prev goes into the candidate without its block of W_h": _gru_flaw("r * h_prev alone"),
    "relu for the candidate: it is tanh": _gru_flaw("relu candidate"),
    "the update gate stands where the reset gate belongs, inside the candidate": _gru_flaw("z for r"),
    "z * h_prev is missing: nothing is kept": _gru_flaw("nothing kept"),
    "(1 - z) * candidate is missing: nothing new comes in": _gru_flaw("nothing new"),
    "tanh of the whole: the mixture stays as it is": _gru_flaw("tanh of all"),
    "the reset gate is on what is kept: it belongs to the candidate only": _gru_flaw("r in the mix"),
    "the sigmoid of the update gate is missing": _gru_flaw("z without sigmoid"),
    "the sigmoid of the reset gate is missing": _gru_flaw("r without sigmoid"),
    "z stands on the other side: in Keras h_t = z * h_prev + (1 - z) * candidate": _gru_flaw("other side"),
    "sigmoid for the candidate: it is tanh": _gru_flaw("sigmoid candidate"),
    "tanh for the gates: z and r are sigmoids": _gru_flaw("tanh gates"),
    "the candidate alone comes back: mix it with h_prev": _gru_flaw("candidate"),
    "h_prev is kept whole: its share is z": _gru_flaw("z on the candidate"),
    "the reset gate is missing": _gru_flaw("no r"),
    "1 - r: the share r is what is let through": _gru_flaw("1 - r"),
    "the reset gate is on the input's part too": _gru_flaw("r on everything"),
    "the reset gate stands outside of tanh: it belongs to what h_prev sends into the candidate": _gru_flaw("r outside"),
    "the bias b is missing": _gru_flaw("no bias"),
    "h_prev @ W_h is missing": lambda x, h, w, after: _gru(x, h, w | {"W_h": 0 * w["W_h"]}, after),
    "x_t @ W_x is missing": lambda x, h, w, after: _gru(0 * x, h, w, after),
} | {
    f"the blocks are read as {', '.join('zrh'[order.index(k)] for k in range(3))}; they stand in the order z, r, h": _gru_flaw("", order=order)
    for order in itertools.permutations(range(3))
    if order != (0, 1, 2)
}

#: With two rows of biases. Where the candidate's part of b[1] is zero, some of RESET_MISTAKES cannot be told apart; these can.
ROW_MISTAKES = {
    "the two rows of b are exchanged: b[0] goes to x_t @ W_x, b[1] to h_prev @ W_h": _gru_flaw("rows exchanged"),
    "b[1] is missing in z and r: it is added to all three blocks of h_prev @ W_h": _gru_flaw("b[1] not in the gates"),
    "only b[1] is used: b[0] is added to x_t @ W_x": _gru_flaw("recurrent bias only"),
}

ONE_ROW_MISTAKES = {
    "b is added twice, to x_t @ W_x and to h_prev @ W_h: with reset_after=False there is one bias": _gru_flaw("b twice"),
    "b[0] is a single number with reset_after=False: there b is one row, and b itself is added": _gru_flaw("a number for b"),
    "b[0] and b[1] are single numbers with reset_after=False: there b is one row, and b itself is added": _gru_flaw("two numbers for b"),
    "b[0] and b[1] are single numbers with reset_after=False, added in the gates: there b is one row, and b itself is added": _gru_flaw(
        "two numbers for b, one in the gates"
    ),
}

RESET_MISTAKES = {
    False: ONE_ROW_MISTAKES
    | {
        "r is applied after the product: with reset_after=False it is (r * h_prev) @ W": _gru_flaw("wrong place"),
        "r is applied twice, before and after the product": _gru_flaw("both places"),
        "r * h_prev is multiplied by the block of z: the candidate's block of W_h is the third": _gru_flaw("block of z"),
        "r * h_prev is multiplied by the block of r: the candidate's block of W_h is the third": _gru_flaw("block of r"),
        "the candidate's bias is added twice": _gru_flaw("bias twice"),
    },
    True: {
        "r is applied twice, before and after the product": _gru_flaw("both places"),
        "r is applied before the product: with reset_after=True it is r * (h_prev @ W + b[1])": _gru_flaw("wrong place"),
        "the recurrent bias of the candidate stands outside of the reset gate: r * (h_prev @ W + b[1])": _gru_flaw("bias outside"),
        "the candidate is that of reset_after=False, (r * h_prev) @ W: with reset_after=True it has r * (h_prev @ W + b[1])": _gru_flaw("other version"),
        "only b[0] is used: b[1] is added to h_prev @ W_h": _gru_flaw("input bias only"),
        "b[1] is missing in the candidate: r * (h_prev @ W + b[1])": _gru_flaw("b[1] not in the candidate"),
    }
    | ROW_MISTAKES,
}


# ---- units_for


ONE = {"simple": 1, "lstm": 1, "gru": 1}
BLOCKS = {"simple": 1, "lstm": 4, "gru": 3}
BIASES = {"simple": 1, "lstm": 1, "gru": 2}


def _count(kind, units, input_size):
    """Numbers in the three arrays of a layer."""
    return sum(BLOCKS[kind] * units * rows for rows in (input_size, units, BIASES[kind]))


def _units(kind, parameters, input_size, blocks=BLOCKS, biases=BIASES):
    """The largest n with blocks * n * (n + input_size + biases) <= parameters."""
    linear = input_size + biases[kind]
    return (math.isqrt(linear * linear + 4 * (parameters // blocks[kind])) - linear) // 2


def _of(blocks, biases):
    """Sizes by a wrong count; `blocks` and `biases` by kind."""
    return lambda *case: _units(*case, blocks, biases)


def _nearest(kind, parameters, input_size):
    linear = input_size + BIASES[kind]
    return round((math.sqrt(linear * linear + 4 * parameters / BLOCKS[kind]) - linear) / 2)


def _rounded_up(kind, parameters, input_size):
    units = _units(kind, parameters, input_size)
    return units + (_count(kind, units, input_size) < parameters)


def _searched(count):
    """The largest size by a wrong count of its own, `count(blocks, biases, units, input_size)`."""

    def mistake(kind, parameters, input_size):
        units = 0
        while count(BLOCKS[kind], BIASES[kind], units + 1, input_size) <= parameters:
            units += 1
        return units

    return mistake


SIZE_MISTAKES = {
    "the number is right, but a float: wrap it in int()": lambda *case: float(_units(*case)),
    "rounded to the nearest whole number: round down, or the layer has more than `parameters`": _nearest,
    "rounded up: round down, or the layer has more than `parameters`": _rounded_up,
    "every layer is counted as an LSTM: `kind` plays no part": _of(dict.fromkeys(BLOCKS, 4), ONE),
    "every layer is counted as a GRU: `kind` plays no part": _of(dict.fromkeys(BLOCKS, 3), dict.fromkeys(BLOCKS, 2)),
    **{
        f"input_size plays no part: {size} is used in its place": lambda kind, p, n, size=size: _units(kind, p, size)
        for size in (1, 10, 27, 64)
    },
    **{
        f"the search ends at {limit} units: larger layers fit, too": lambda kind, p, n, limit=limit: min(limit, _units(kind, p, n))
        for limit in (50, 64, 99, 100, 127, 128, 199, 200, 255, 256, 299, 300, 399, 400, 499, 500, 511, 512, 999, 1000, 1023, 1024)
    },
    "the biases are counted once for the whole layer: each block has its own, a GRU's block two": _searched(lambda b, q, u, n: b * u * (n + u) + q * u),
    "W_h is counted as one number for each unit: it is units by units": _searched(lambda b, q, u, n: b * u * (n + 1 + q)),
    "W_h alone is counted: W_x and the biases have numbers too": _searched(lambda b, q, u, n: b * u * u),
    "the biases are not counted, or as one number for each block: there is one for each unit": _of(BLOCKS, dict.fromkeys(BLOCKS, 0)),
    "each block's bias is counted as one number: it has one for each unit": _searched(lambda b, q, u, n: b * (u * (n + u) + q)),
    "the simple layer's bias is counted as one number: it has one for each unit": _searched(
        lambda b, q, u, n: b * u * (n + u) + (1 if b == 1 else b * q * u)
    ),
    "the blocks are counted in W_x and b only: W_h has one for each gate and the candidate, too": _searched(lambda b, q, u, n: b * u * (n + q) + u * u),
    "the blocks are counted in W_h and b only: W_x has one for each gate and the candidate, too": _searched(lambda b, q, u, n: b * u * (u + q) + u * n),
    "the simple layer's number of units is divided by the number of blocks: divide the parameters, as W_h grows with the square of the units": (
        lambda kind, p, n: _units("simple", p, n) // BLOCKS[kind]
    ),
    "an output layer is counted as well": _searched(lambda b, q, u, n: b * u * (n + u + q) + u + 1),
    "the recurrent weights are counted twice": _searched(lambda b, q, u, n: b * u * (n + 2 * u + q)),
    "the input's weights are counted twice": _searched(lambda b, q, u, n: b * u * (2 * n + u + q)),
    "only the input's weights are counted": lambda kind, p, n: p // (BLOCKS[kind] * n),
    "the LSTM has 4 blocks and the GRU 3; you have it the other way round": _of({"simple": 1, "lstm": 3, "gru": 4}, {"simple": 1, "lstm": 2, "gru": 1}),
    "the gates are not counted: an LSTM has 4 blocks of weights, a GRU 3": _of(ONE, ONE),
    "an LSTM has 4 blocks: three gates and the candidate": _of({**BLOCKS, "lstm": 3}, BIASES),
    "a GRU has 3 blocks, two gates and the candidate; you count 2": _of({**BLOCKS, "gru": 2}, BIASES),
    "a GRU has 3 blocks, two gates and the candidate; you count 4, as an LSTM has": _of({**BLOCKS, "gru": 4}, BIASES),
    # after those above, which are true of both where one bias more or less does not show
    **{
        f"'{kind}' is counted as '{other}' is: each kind has a count of its own; is kind compared with '{kind}', in small letters?": _of(
            {**BLOCKS, kind: BLOCKS[other]}, {**BIASES, kind: BIASES[other]}
        )
        for kind, other in itertools.permutations(BLOCKS, 2)
    },
    "the input's weights are not counted": lambda kind, p, n: _units(kind, p, 0),
    "the recurrent weights are not counted": lambda kind, p, n: p // (BLOCKS[kind] * (n + BIASES[kind])),
    "the number of parameters comes back, not that of units": lambda kind, p, n: _count(kind, _units(kind, p, n), n),
    "one bias for each block: Keras' GRU has two": _of(BLOCKS, ONE),
    "two biases for each block: only the GRU has two biases": _of(BLOCKS, dict.fromkeys(BLOCKS, 2)),
    "two biases for each block of the LSTM: in Keras only the GRU has two biases": _of(BLOCKS, {**BIASES, "lstm": 2}),
    "one unit too few where `parameters` are just enough: equal is allowed": lambda kind, p, n: _units(kind, p - 1, n),
    "one unit too many: with that many the layer has more than `parameters`; the size before is the last that fits": lambda *case: _units(*case) + 1,
    "one unit too few: one more still fits": lambda *case: _units(*case) - 1,
}
