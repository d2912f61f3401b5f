"""Checks of lesson 01, feedforward vs recurrent.

The truth comes from a reference that is written another way than the exercises ask: sums by
`einsum` over [x, h] joined, parameters counted by building the arrays.
"""

import numpy as np

from helpers.checks.exercise import Lesson
from helpers.checks.report import CAUSE, plural
from helpers.checks.values import describe

lesson = Lesson()
solved, bet, points_so_far = lesson.solved, lesson.bet, lesson.points_so_far

#: (batch, input_size, hidden_size). A term alone has equal sizes: what is transposed fits, and spoils that term only.
STEP_SIZES = [(4, 4, 4), (3, 5, 2), (1, 2, 6)]
#: (batch, timesteps, input_size, hidden_size)
UNROLL_SIZES = [(4, 4, 4, 4), (3, 6, 2, 5)]

#: How many bits the latch has to hold.
HELD = 1000

#: The commonest NameError: the weights are in the dict.
NOT_UNPACKED = {f"name '{name}' is not defined": f'the weights are in the dict: write weights["{name}"]' for name in ("W_xh", "W_hh", "b_h", "W_hy", "b_y")}

NOT_UNPACKED["dtype('<U4')"] = 'a dict unpacks into its keys, not into its arrays: write weights["W_xh"]'

#: Tolerance where a criterion is about the form of the answer: rounding costs the criterion about precision only.
FORM = 1e-6


@lesson.exercise(
    arguments=("x_t", "h_prev", "weights"),
    errors=NOT_UNPACKED,
    points={
        "input": ("the input term: h_t uses x_t @ W_xh", 1),
        "recurrent": ("the recurrent term: h_t uses h_prev @ W_hh", 1),
        "bias": ("the bias b_h", 1),
        "all": ("the whole step, for any sizes, a batch of one too, in full precision", 1),
        "care": ("float32 stays float32, and no argument is changed in place", 1),
    },
    demos=("input", "recurrent", "bias", "all"),
)
def rnn_step(check):
    """Exercise 1."""
    for criterion, keep in [("input", "x"), ("recurrent", "h"), ("bias", "b"), ("all", "xhb")]:
        for sizes in check.sizes(STEP_SIZES if criterion == "all" else STEP_SIZES[:1]):
            x, h, weights = _step_case(check.rng, *sizes, keep)
            only = {"x": "h_prev and b_h are zero", "h": "x_t and b_h are zero", "b": "x_t and h_prev are zero"}
            case = only.get(keep, "a batch of one" if sizes[0] == 1 else "")
            tolerance = 1e-9 if criterion == "all" else FORM
            check.expect(criterion, (x, h, weights), _step(x, h, weights), STEP_MISTAKES, tolerance, case)
    one = np.ones((1, 1))
    example = (one, 0 * one, {"W_xh": 2 * one, "W_hh": 3 * one, "b_h": np.zeros(1)})
    check.expect("all", example, np.tanh(2 * one), STEP_MISTAKES, case="the example above")
    x, h, weights = _step_case(check.rng, *check.sizes((3, 4, 5)), "xhb")
    case = (5000 * x, h, weights)
    check.expect("all", case, _step(*case), OVERFLOWING | STEP_MISTAKES, case="sums of many thousands", branch="large")
    _care(check, _step_case(check.rng, *check.sizes((3, 2, 4)), "xhb"), _step, "all")


@lesson.exercise(
    arguments=("x", "h_0", "weights"),
    errors=NOT_UNPACKED
    | {
        "out of bounds for axis 1": "the loop counts more steps than there are: x.shape[1] is the number of time steps",
        "could not broadcast input array": "the array for the result has another shape: it is (batch, timesteps, hidden_size)",
    },
    points={
        "one": ("one time step gives the state of rnn_step, shape (batch, 1, hidden_size)", 1),
        "carry": ("the state is carried: h_t is computed from h_{t-1}", 2),
        "start": ("it starts from h_0, whatever h_0 is", 1),
        "batch": ("any sizes, a batch of one too, in full precision", 1),
        "care": ("float32 stays float32, and no argument is changed in place", 1),
    },
    needs=("rnn_step",),
    demos=("one", "carry", "start", "batch"),
)
def unroll(check):
    """Exercise 2."""
    for batch, _, n, m in check.sizes(UNROLL_SIZES):
        case = _unroll_case(check.rng, batch, 1, n, m)
        flat = {"the axis of time is missing, which has length 1 here": lambda x, h, w: _unroll(x, h, w)[:, 0]}
        check.expect("one", case, _unroll(*case), flat | UNROLL_MISTAKES, FORM, "a single time step")
    for sizes in check.sizes(UNROLL_SIZES):
        x, h, weights = _unroll_case(check.rng, *sizes)
        at_zero = (x, h * 0, weights)
        check.expect("carry", at_zero, _unroll(*at_zero), UNROLL_MISTAKES, FORM, "h_0 is zero")
        check.expect("start", (x, h, weights), _unroll(x, h, weights), UNROLL_MISTAKES, FORM, "h_0 is not zero")
    for sizes in check.sizes([(4, 4, 4, 4), (1, 5, 3, 4), (2, 1, 3, 1), (5, 2, 1, 3)]):
        case = _unroll_case(check.rng, *sizes)
        note = "a batch of one" if sizes[0] == 1 else ""
        check.expect("batch", case, _unroll(*case), UNROLL_MISTAKES, case=note)
    _care(check, _unroll_case(check.rng, *check.sizes((3, 4, 2, 5))), _unroll, "carry")


@lesson.exercise(
    arguments=(),
    points={
        "first": ("after one bit, the state has that bit's sign", 1),
        "hold": (f"whatever comes after it, for {HELD:,} bits the state keeps that sign and stays at least 0.5 from zero", 2),
    },
)
def latch(check):
    """Exercise 3."""
    got = check.inspect((), _has_latch_keys, "a dict with W_xh (1, 1), W_hh (1, 1) and b_h (1,)")
    if got is None:
        return
    if wrong := _wrong_array(got):
        for criterion in ("first", "hold"):
            check.failed(criterion, "your answer:", wrong)
        return
    w_x, w_h, b = (float(np.asarray(got[name]).reshape(())) for name in ("W_xh", "W_hh", "b_h"))
    for first in (1.0, -1.0):
        h = np.tanh(w_x * first + b)
        if first * h > 0:
            check.passed("first")
        else:
            cause = "b_h outweighs the first bit" if w_x > 0 else "W_xh must be positive: a +1 has to make the state positive"
            check.failed("first", f"case: h_0 is 0, the first bit is {first:+.0f}", f"the state is {h:.3g}", f"{CAUSE} {cause}")
    if not check.has_passed("first"):
        return
    for first in (1.0, -1.0):
        for story, bits in _stories(check.rng, first):
            h = _held(w_x, w_h, b, bits)
            if np.all(first * h >= 0.5):
                check.passed("hold")
                continue
            lost = int(np.argmax(~(first * h >= 0.5)))
            shown = f"case: the first bit is {first:+.0f}, then {story}"
            check.failed("hold", shown, f"after {plural(lost + 1, 'bit')} the state is {h[lost]:.3g}", f"{CAUSE} {_why_lost(w_h, lost, first * h[lost])}")


@lesson.exercise(
    arguments=("timesteps", "input_size", "hidden_size", "output_size"),
    points={
        "feedforward": ("the feedforward network that sees the whole sequence at once", 2),
        "recurrent": ("the recurrent network", 2),
    },
)
def count_parameters(check):
    """Exercise 4."""
    for sizes in [(5, 3, 4, 2), (1, 1, 1, 1), (1, 7, 2, 3), *(tuple(map(int, check.rng.integers(2, 60, 4))) for _ in range(6))]:
        truth = _count(*sizes)
        got = check.inspect(sizes, dict, "a dict with the keys 'feedforward' and 'recurrent'")
        if got is None:
            return
        for criterion, mistakes in COUNT_MISTAKES.items():
            if criterion not in got:
                check.failed(criterion, f"the dict has no key {criterion!r}")
            else:
                check.settle(criterion, sizes, truth[criterion], got[criterion], mistakes, part=repr(criterion))


@lesson.exercise(
    arguments=("input_size", "hidden_size"),
    points={
        "between": ("where input_size does not divide hidden_size", 1),
        "exact": ("where input_size divides hidden_size: at equality the RNN does not have fewer yet", 1),
        "wide": ("where the input is as wide as the state, or wider", 1),
    },
    needs=("count_parameters",),
)
def crossover_length(check):
    """Exercise 5."""
    cases = [("between", (3, 10)), ("between", (4, 11)), ("exact", (4, 12))]
    cases += [("exact", (1, 1)), ("exact", (1, 6)), ("exact", (1, 500)), ("wide", (20, 7)), ("wide", (7, 6)), ("wide", (9, 9))]
    for _ in range(3):
        n, factor = (int(k) for k in check.rng.integers(3, 12, 2))
        rest = int(check.rng.integers(1, n))
        cases += [("exact", (n, n * factor)), ("between", (n, n * factor + rest)), ("wide", (n * factor + rest, n))]
    for criterion, (n, m) in cases:
        check.expect(criterion, (n, m), _crossover(n, m), CROSSOVER_MISTAKES)


@lesson.exercise(
    arguments=("kind", "x", "weights", "timesteps"),
    errors=NOT_UNPACKED,
    points={
        "one-to-one": ("one-to-one: x (batch, input_size) to y (batch, output_size)", 1),
        "one-to-many": ("one-to-many: x enters at the first step, zeros after it", 2),
        "many-to-one": ("many-to-one: y from the last state only", 1),
        "many-to-many": ("many-to-many: a y for each step", 1),
        "care": ("every kind for a batch of one, in full precision, with no argument changed in place", 1),
    },
    needs=("rnn_step", "unroll"),
    demos=("one-to-one", "one-to-many", "many-to-one", "many-to-many"),
)
def wire(check):
    """Exercise 6."""
    for kind, mistakes in WIRE_MISTAKES.items():
        for sizes in check.sizes([(4, 4, 4, 4, 4), (3, 5, 2, 6, 4)]):
            case = _wire_case(check.rng, kind, *sizes)
            check.expect(kind, case, _wire(*case), mistakes | WIRE_ANY, FORM, branch=kind)
    if all(check.has_passed(kind) for kind in WIRE_MISTAKES):
        for kind, mistakes in WIRE_MISTAKES.items():
            for timesteps, what in [(3, "a batch of one"), (1, "a batch of one, one time step")]:
                case = _wire_case(check.rng, kind, *check.sizes((1, timesteps, 2, 4, 5)))
                check.expect("care", case, _wire(*case), mistakes | WIRE_ANY, case=what, branch=kind)
    check.unchanged("care", needs="care")


prediction_memory = lesson.prediction(
    "prediction_memory",
    ("window", "recurrent", "both", "neither"),
    tempting={
        "window": "The window has the clearest view of all, but only of the last 8 bits, and the first one is long gone.",
        "both": "Training can do a lot, and 32,000 streams are many. But what a network cannot see, no training can teach it.",
        "neither": "The single number above faded within a few steps. With other weights a state need not fade, and training found such weights.",
    },
)
prediction_convolution = lesson.prediction(
    "prediction_convolution",
    ("above", "below"),
    tempting={"above": "It sees every bit that it needs. But seeing all the bits is one thing, and finding what to do with them is another."},
)
prediction_parameters = lesson.prediction(
    "prediction_parameters",
    ("feedforward", "recurrent"),
    tempting={
        "recurrent": "It shares its weights over all time steps, which sounds thrifty. But its 100 x 100 weights from state to state cost more than 5 steps of input do.",
    },
)


# The truth, and what known mistakes give.


def _step(x, h, weights, activation=np.tanh):
    joined = np.concatenate([x, h], axis=1)
    stacked = np.concatenate([weights["W_xh"], weights["W_hh"]], axis=0)
    return activation(np.einsum("bi,ij->bj", joined, stacked) + weights["b_h"])


def _unroll(x, h, weights, step=_step):
    states = np.empty((x.shape[0], x.shape[1], h.shape[1]), np.result_type(x, h))
    for t in range(x.shape[1]):
        states[:, t] = h = step(x[:, t], h, weights)
    return states


def _count(timesteps, input_size, hidden_size, output_size):
    head = [np.empty((hidden_size, output_size)), np.empty(output_size)]
    dense = [np.empty((timesteps, input_size, hidden_size)), np.empty(hidden_size)]
    cell = [np.empty((input_size, hidden_size)), np.empty((hidden_size, hidden_size)), np.empty(hidden_size)]
    return {
        "feedforward": sum(array.size for array in dense + head),
        "recurrent": sum(array.size for array in cell + head),
    }


def _crossover(input_size, hidden_size):
    timesteps = 1
    while True:
        count = _count(timesteps, input_size, hidden_size, 1)
        if count["recurrent"] < count["feedforward"]:
            return timesteps
        timesteps += 1


def _wire(kind, x, weights, timesteps=None, read=lambda h, w: np.einsum("...h,ho->...o", h, w["W_hy"]) + w["b_y"]):
    sequence = x if x.ndim == 3 else x[:, None]
    if kind == "one-to-many":
        silence = np.zeros((x.shape[0], timesteps - 1, x.shape[1]), x.dtype)
        sequence = np.concatenate([sequence, silence], axis=1)
    h_0 = np.zeros((x.shape[0], weights["W_hh"].shape[0]), x.dtype)
    y = read(_unroll(sequence, h_0, weights), weights)
    return y[:, -1] if kind.endswith("one") else y


LATCH_SHAPES = {"W_xh": (1, 1), "W_hh": (1, 1), "b_h": (1,)}


def _has_latch_keys(value):
    return type(value) is dict and value.keys() == LATCH_SHAPES.keys()


def _wrong_array(weights):
    """What is wrong with the first of the arrays that is none of its shape, in words; "" if nothing is."""
    for name, shape in LATCH_SHAPES.items():
        array = weights[name]
        if not isinstance(array, np.ndarray) or array.shape != shape or array.dtype.kind not in "iuf":
            return f"{name} should be an array of shape {shape}, such as np.{'array([[2.0]])' if len(shape) == 2 else 'array([0.0])'}; it is {describe(array)}"
        if not np.isfinite(array).all():
            return f"{name} should be a finite number; it is {array.reshape(-1)[0]}"
    return ""


def _stories(rng, first):
    """Bits that may follow a first one, in words and as an array (HELD,)."""
    rest = HELD - 1
    yield f"{first:+.0f} again and again", np.full(HELD, first)
    yield f"{-first:+.0f} again and again", np.concatenate([[first], np.full(rest, -first)])
    yield "the two in turn", first * (-1.0) ** np.arange(HELD)
    for _ in range(3):
        yield "random bits", np.concatenate([[first], rng.choice([-1.0, 1.0], rest)])


def _held(w_x, w_h, b, bits):
    states, h = np.empty(len(bits)), 0.0
    for t, bit in enumerate(bits):
        states[t] = h = np.tanh(w_x * bit + w_h * h + b)
    return states


def _why_lost(w_h, lost, kept):
    """Why the state, times the sign it should have, is only `kept` after `lost` bits more than one."""
    if lost == 0:
        return "W_xh is too small: the first bit alone must bring the state at least 0.5 from zero"
    if w_h < 0:
        return "W_hh is negative, so the old state speaks for the other side"
    what = "overrules the state" if kept <= 0 else "pulls the state too close to zero"
    return f"a later bit {what}: W_hh has to be larger, compared with W_xh and b_h"


def _changed(weights, **new):
    return {**weights, **{key: change(weights[key]) for key, change in new.items()}}


def _zero(array):
    return array * 0


STEP_MISTAKES = {
    "the bias b_h is missing": lambda x, h, w: _step(x, h, _changed(w, b_h=_zero)),
    "tanh is missing, or does not cover the whole sum": lambda x, h, w: _step(x, h, w, lambda a: a),
    "a sigmoid in place of tanh": lambda x, h, w: _step(x, h, w, lambda a: 1 / (1 + np.exp(-a))),
    "relu in place of tanh": lambda x, h, w: _step(x, h, w, lambda a: np.maximum(a, 0)),
    "W_xh is transposed": lambda x, h, w: _step(x, h, _changed(w, W_xh=np.transpose)),
    "W_hh is transposed": lambda x, h, w: _step(x, h, _changed(w, W_hh=np.transpose)),
    "both weights are transposed": lambda x, h, w: _step(x, h, _changed(w, W_xh=np.transpose, W_hh=np.transpose)),
    "W_xh and W_hh are swapped": lambda x, h, w: _step(x, h, {**w, "W_xh": w["W_hh"], "W_hh": w["W_xh"]}),
    "the products are x_t @ W_xh and h_prev @ W_hh, in this order": lambda x, h, w: (
        np.tanh(w["W_xh"] @ x + w["W_hh"] @ h + w["b_h"])
    ),
    "* multiplies element by element; the matrix product is @": lambda x, h, w: (
        np.tanh(x * w["W_xh"] + h * w["W_hh"] + w["b_h"])
    ),
    "the recurrent term h_prev @ W_hh is missing": lambda x, h, w: _step(x, h, _changed(w, W_hh=_zero)),
    "the input term x_t @ W_xh is missing": lambda x, h, w: _step(x, h, _changed(w, W_xh=_zero)),
    "W_hh is missing: h_prev is added as it is": lambda x, h, w: _step(x, h, {**w, "W_hh": np.eye(len(w["W_hh"]))}),
    "the bias is subtracted": lambda x, h, w: _step(x, h, _changed(w, b_h=np.negative)),
    "the bias is added along the batch, not along hidden_size": lambda x, h, w: (
        _step(x, h, {**w, "b_h": w["b_h"][:, None]})
    ),
    "the bias is added after tanh": lambda x, h, w: _step(x, h, _changed(w, b_h=_zero)) + w["b_h"],
    "h_prev is added to the result of tanh": lambda x, h, w: _step(x, h, w) + h,
    "tanh of each product alone, and the bias after it: one tanh covers the whole sum": lambda x, h, w: (
        np.tanh(x @ w["W_xh"]) + np.tanh(h @ w["W_hh"]) + w["b_h"]
    ),
    "tanh is taken twice": lambda x, h, w: np.tanh(_step(x, h, w)),
    "tanh of each term alone, not of their sum": lambda x, h, w: (
        np.tanh(x @ w["W_xh"]) + np.tanh(h @ w["W_hh"]) + np.tanh(w["b_h"])
    ),
    "tanh of the input term and tanh of the others, added: one tanh covers the whole sum": lambda x, h, w: (
        np.tanh(x @ w["W_xh"]) + np.tanh(h @ w["W_hh"] + w["b_h"])
    ),
    "tanh of the recurrent term and tanh of the others, added: one tanh covers the whole sum": lambda x, h, w: (
        np.tanh(x @ w["W_xh"] + w["b_h"]) + np.tanh(h @ w["W_hh"])
    ),
    "only the first sample's state comes back: x_t and h_prev have a row for each": lambda x, h, w: _step(x, h, w)[0],
    "only the first sample of the batch is used": lambda x, h, w: np.repeat(_step(x, h, w)[:1], len(x), axis=0),
    "the state of the first sample is used for all": lambda x, h, w: _step(x, np.repeat(h[:1], len(h), axis=0), w),
    "the state of another sample of the batch is used": lambda x, h, w: _step(x, h[::-1], w),
    "the state of the sample before is used": lambda x, h, w: _step(x, np.roll(h, 1, axis=0), w),
    "the state of the sample after is used": lambda x, h, w: _step(x, np.roll(h, -1, axis=0), w),
    "the result is transposed": lambda x, h, w: _step(x, h, w).T,
    "h_prev comes back unchanged": lambda x, h, w: h,
}


_OVERFLOWS = "np.exp, np.sinh and np.cosh of large numbers overflow, and inf / inf is nan: np.tanh does not"
OVERFLOWING = {
    _OVERFLOWS: lambda x, h, w: _step(x, h, w, lambda a: np.where(np.abs(a) < 709.5, np.tanh(a), np.nan)),
    _OVERFLOWS + " ": lambda x, h, w: _step(x, h, w, lambda a: np.where(a < 354.8, np.tanh(a), np.nan)),  # exp(2a)
}


def _without_carry(x, h, w):
    return _unroll(x, h, w, lambda x_t, _, weights: _step(x_t, h, weights))


def _late(x, h, w):
    states = _unroll(x, h, w)
    return np.concatenate([h[:, None], states[:, :-1]], axis=1)


def _one_sample_after_another(x, h, w):
    rows, state = [], h[:1]
    for sample in x:
        rows.append(_unroll(sample[None], state, w)[0])
        state = rows[-1][None, -1]
    return np.stack(rows)


UNROLL_MISTAKES = {
    "the state is not carried: every step starts from h_0": _without_carry,
    "h_0 is ignored: the state starts from zero": lambda x, h, w: _unroll(x, _zero(h), w),
    "the state is set back to zero in every step": lambda x, h, w: _without_carry(x, _zero(h), w),
    "the state before the step is stored, not the one after it": _late,
    "the sequence is read backwards": lambda x, h, w: _unroll(x[:, ::-1], h, w)[:, ::-1],
    "the sequence is read from its end: the first state is that of the last input": lambda x, h, w: _unroll(x[:, ::-1], h, w),
    "the time steps come back in reverse order": lambda x, h, w: _unroll(x, h, w)[:, ::-1],
    "x_t and the state are exchanged: rnn_step takes x_t first, then h_prev": lambda x, h, w: (
        _unroll(x, h, w, lambda x_t, state, weights: _step(state, x_t, weights))
    ),
    "the loop runs over the features: x.shape[2] is input_size, x.shape[1] the number of time steps": lambda x, h, w: (
        _unroll(x[:, : x.shape[2]], h, w)
    ),
    "the axes batch and time are swapped in the result (np.swapaxes exchanges axes, reshape does not)": (
        lambda x, h, w: np.swapaxes(_unroll(x, h, w), 0, 1)
    ),
    "reshape puts the states of different samples together; np.swapaxes exchanges axes, reshape does not": (
        lambda x, h, w: np.swapaxes(_unroll(x, h, w), 0, 1).reshape(len(x), x.shape[1], -1)
    ),
    "the axes batch and time of x are swapped": lambda x, h, w: (
        np.swapaxes(_unroll(np.swapaxes(x, 0, 1), h, w), 0, 1)
    ),
    "axis 0 of x is taken for time, but it is the batch": lambda x, h, w: (
        _unroll(np.swapaxes(x, 0, 1), h, w)
    ),
    "only the last state comes back": lambda x, h, w: _unroll(x, h, w)[:, -1],
    "the loop runs over the batch: len(x) is the batch size, x.shape[1] the number of time steps": lambda x, h, w: (
        _unroll(x[:, : len(x)], h, w)
    ),
    "only the first step comes back: does return stand inside the loop?": lambda x, h, w: _unroll(x[:, :1], h, w),
    "time is the last axis; np.stack(..., axis=1) makes it axis 1": lambda x, h, w: np.swapaxes(_unroll(x, h, w), 1, 2),
    "every step stores the last state": lambda x, h, w: np.repeat(_unroll(x, h, w)[:, -1:], x.shape[1], axis=1),
    "the state of one sample is carried into the next": _one_sample_after_another,
    "only the first input is read, again and again": lambda x, h, w: _unroll(
        np.repeat(x[:, :1], x.shape[1], axis=1), h, w
    ),
    "the first time step is left out": lambda x, h, w: np.pad(_unroll(x[:, 1:], h, w), ((0, 0), (1, 0), (0, 0))),
    "the last time step is left out": lambda x, h, w: np.pad(_unroll(x, h, w)[:, :-1], ((0, 0), (0, 1), (0, 0))),
    "one time step too few: the first is missing": lambda x, h, w: _unroll(x[:, 1:], h, w),
    "one time step too few: the last is missing": lambda x, h, w: _unroll(x, h, w)[:, :-1],
    "the states stand side by side; np.stack(..., axis=1) gives time an axis": lambda x, h, w: (
        _unroll(x, h, w).reshape(len(x), -1)
    ),
    "the states stand one below the other; np.stack(..., axis=1) gives time an axis": lambda x, h, w: (
        np.concatenate(np.swapaxes(_unroll(x, h, w), 0, 1))
    ),
    "the bias b_h is missing": lambda x, h, w: _unroll(x, h, _changed(w, b_h=_zero)),
    "tanh is missing": lambda x, h, w: _unroll(x, h, w, lambda *case: _step(*case, lambda a: a)),
    "h_0 is in front of the states": lambda x, h, w: np.concatenate([h[:, None], _unroll(x, h, w)], axis=1),
}

COUNT_MISTAKES = {
    "feedforward": {
        "the biases are missing": lambda t, n, m, k: t * n * m + m * k,
        "the bias b_h is missing": lambda t, n, m, k: t * n * m + m * k + k,
        "the bias b_y is missing": lambda t, n, m, k: t * n * m + m + m * k,
        "timesteps is missing: every time step has weights of its own here": lambda t, n, m, k: n * m + m + m * k + k,
        "the output layer is missing": lambda t, n, m, k: t * n * m + m,
        "the bias b_h is counted once for each time step": lambda t, n, m, k: t * n * m + t * m + m * k + k,
        "the output layer is counted once for each time step": lambda t, n, m, k: t * n * m + m + t * (m * k + k),
        "the whole network is counted once for each time step": lambda t, n, m, k: t * (n * m + m + m * k + k),
        "a feedforward network has no W_hh": lambda t, n, m, k: t * n * m + m * m + m + m * k + k,
        "the two numbers are swapped": lambda t, n, m, k: n * m + m * m + m + m * k + k,
    },
    "recurrent": {
        "the biases are missing": lambda t, n, m, k: n * m + m * m + m * k,
        "the bias b_h is missing": lambda t, n, m, k: n * m + m * m + m * k + k,
        "the bias b_y is missing": lambda t, n, m, k: n * m + m * m + m + m * k,
        "there is one bias b_h, not two": lambda t, n, m, k: n * m + m * m + 2 * m + m * k + k,
        "the output layer is counted once for each time step": lambda t, n, m, k: n * m + m * m + m + t * (m * k + k),
        "the output reads the last state only, not every step's": lambda t, n, m, k: n * m + m * m + m + t * m * k + k,
        "W_hh is missing": lambda t, n, m, k: n * m + m + m * k + k,
        "W_hh has hidden_size ** 2 numbers, not hidden_size": lambda t, n, m, k: n * m + 2 * m + m * k + k,
        "W_hh has hidden_size ** 2 numbers, not hidden_size * 2": lambda t, n, m, k: n * m + 3 * m + m * k + k,
        "the output layer is missing": lambda t, n, m, k: n * m + m * m + m,
        "the weights are shared by all time steps: timesteps does not count": lambda t, n, m, k: (
            t * (n * m + m * m + m) + m * k + k
        ),
        "timesteps does not count for W_xh, it is shared": lambda t, n, m, k: t * n * m + m * m + m + m * k + k,
        "W_hh is (hidden_size, hidden_size), not (input_size, hidden_size)": lambda t, n, m, k: (
            2 * n * m + m + m * k + k
        ),
        "the two numbers are swapped": lambda t, n, m, k: t * n * m + m + m * k + k,
    },
}

CROSSOVER_MISTAKES = {
    "at equality the RNN does not have fewer yet, so rounding up is too little": lambda n, m: 1 + -(-m // n),
    "rounded to the nearest number, not down": lambda n, m: round(m / n) + 2,
    "one too small: at this length the RNN does not have fewer yet": lambda n, m: _crossover(n, m) - 1,
    "one too large": lambda n, m: _crossover(n, m) + 1,
    "hidden_size // input_size alone is too short: both networks have one W_xh to begin with": lambda n, m: m // n,
    "input_size and hidden_size are swapped": lambda n, m: _crossover(m, n),
    "input_size does not enter: hidden_size + 2 holds for an input_size of 1": lambda n, m: m + 2,
    "the search stops at 100, and there are longer ones": lambda n, m: min(_crossover(n, m), 100),
    "the search stops at 99, and there are longer ones": lambda n, m: min(_crossover(n, m), 99),
    "a length is a whole number: 1 + hidden_size / input_size is not": lambda n, m: 1 + m / n,
    "a length is a whole number: 2 + hidden_size / input_size is not": lambda n, m: 2 + m / n,
}

WIRE_ANY = {
    "the bias b_y is missing": lambda k, x, w, t: _wire(k, x, _changed(w, b_y=_zero), t),
    "the output layer is missing: states come back": lambda k, x, w, t: _wire(k, x, w, t, lambda h, _: h),
    "tanh is taken of the output": lambda k, x, w, t: np.tanh(_wire(k, x, w, t)),
    "the bias b_h is missing": lambda k, x, w, t: _wire(k, x, _changed(w, b_h=_zero), t),
    "W_hy is transposed": lambda k, x, w, t: _wire(k, x, _changed(w, W_hy=np.transpose), t),
    "softmax is taken of the output": lambda k, x, w, t: _softmax(_wire(k, x, w, t)),
}


def _softmax(y):
    return np.exp(y) / np.exp(y).sum(axis=-1, keepdims=True)


def _fed_again(kind, x, weights, timesteps):
    return _wire("many-to-many", np.repeat(x[:, None], timesteps, axis=1), weights)


def _fed_back(kind, x, weights, timesteps):
    h, y, outputs = np.zeros((len(x), len(weights["b_h"])), x.dtype), x, []
    for _ in range(timesteps):
        h = _step(y, h, weights)
        y = h @ weights["W_hy"] + weights["b_y"]
        outputs.append(y)
    return np.stack(outputs, axis=1)


def _frozen(kind, x, weights, timesteps):
    return np.repeat(_wire("one-to-one", x, weights)[:, None], timesteps, axis=1)


def _bias_once(kind, x, weights, timesteps):
    first = _step(x, np.zeros((len(x), len(weights["b_h"]))), weights)
    silence = np.zeros((len(x), timesteps - 1, x.shape[1]))
    later = _unroll(silence, first, _changed(weights, b_h=_zero))
    return np.concatenate([first[:, None], later], axis=1) @ weights["W_hy"] + weights["b_y"]


def _no_time_axis(x, w):
    """The columns of x taken for time steps, as happens unnoticed where batch and input size agree."""
    h, states = np.zeros((len(x), len(w["W_hh"]))), []
    for t in range(x.shape[1]):
        h = np.tanh(x[:, t] @ w["W_xh"] + h @ w["W_hh"] + w["b_h"])
        states.append(h)
    return np.stack(states, axis=1) @ w["W_hy"] + w["b_y"]


WIRE_MISTAKES = {
    "one-to-one": {
        "a time axis is left in the result": lambda k, x, w, t: _wire(k, x, w, t)[:, None],
        "x has no time axis yet: x[:, None] makes it a sequence of one step": lambda k, x, w, t: _no_time_axis(x, w)[:, -1],
        "x has no time axis yet: x[:, None] makes it a sequence of one step, with one y": lambda k, x, w, t: _no_time_axis(x, w),
    },
    "one-to-many": {
        "the zeros come before x, not after it": lambda k, x, w, t: _wire(
            "many-to-many", np.concatenate([np.zeros((len(x), t - 1, x.shape[1])), x[:, None]], axis=1), w
        ),
        "x is fed in every step, not only in the first": _fed_again,
        "the output is fed back as input; here the later inputs are zero": _fed_back,
        "the state is not carried on: every step gives the same": _frozen,
        "the bias b_h belongs to the later steps too: their input is zero, not their bias": _bias_once,
        "only the last step's y comes back": lambda k, x, w, t: _wire(k, x, w, t)[:, -1],
        "the first y, the one of x, is left out": lambda k, x, w, t: _wire(k, x, w, t + 1)[:, 1:],
        "one step too few": lambda k, x, w, t: _wire(k, x, w, t)[:, :-1],
        "one step too many": lambda k, x, w, t: _wire(k, x, w, t + 1),
    },
    "many-to-one": {
        "a y for every step comes back": lambda k, x, w, t: _wire("many-to-many", x, w),
        "the first step's y comes back, not the last one's": lambda k, x, w, t: _wire("many-to-many", x, w)[:, 0],
        "[-1] is the last sample; the last step is [:, -1]": lambda k, x, w, t: _wire("many-to-many", x, w)[-1],
        "the mean over the steps comes back": lambda k, x, w, t: _wire("many-to-many", x, w).mean(axis=1),
        "the sum over the steps comes back": lambda k, x, w, t: _wire("many-to-many", x, w).sum(axis=1),
        "the first time step is left out": lambda k, x, w, t: _wire(k, x[:, 1:], w),
        "a time axis is left in the result": lambda k, x, w, t: _wire(k, x, w)[:, None],
    },
    "many-to-many": {
        "only the last step's y comes back": lambda k, x, w, t: _wire("many-to-one", x, w),
        "the first time step is left out": lambda k, x, w, t: _wire(k, x[:, 1:], w),
        "the state before the step is read, not the one after it": lambda k, x, w, t: _wire(
            k, x, w, t, lambda h, w: np.pad(h[:, :-1], ((0, 0), (1, 0), (0, 0))) @ w["W_hy"] + w["b_y"]
        ),
        "the axes batch and time are swapped": lambda k, x, w, t: np.swapaxes(_wire(k, x, w), 0, 1),
        "every step repeats the last one's y": lambda k, x, w, t: np.repeat(
            _wire("many-to-one", x, w)[:, None], x.shape[1], axis=1
        ),
    },
}


# Random cases.


def _weights(rng, n, m, k=None):
    weights = {
        "W_xh": rng.normal(0, 0.7, (n, m)),
        "W_hh": rng.normal(0, 0.7, (m, m)),
        "b_h": rng.normal(0, 0.7, m),
    }
    if k is not None:
        weights |= {"W_hy": rng.normal(0, 0.7, (m, k)), "b_y": rng.normal(0, 0.7, k)}
    return weights


def _step_case(rng, batch, n, m, keep):
    weights = _weights(rng, n, m)
    weights["b_h"] *= "b" in keep
    return rng.normal(size=(batch, n)) * ("x" in keep), rng.normal(size=(batch, m)) * ("h" in keep), weights


def _unroll_case(rng, batch, timesteps, n, m):
    return rng.normal(size=(batch, timesteps, n)), rng.normal(size=(batch, m)), _weights(rng, n, m)


def _wire_case(rng, kind, batch, timesteps, n, m, k):
    shape = (batch, n) if kind.startswith("one") else (batch, timesteps, n)
    return kind, rng.normal(size=shape), _weights(rng, n, m, k), timesteps if kind == "one-to-many" else None


def _care(check, case, truth, needs):
    """float32 in, float32 out, asked once `needs` has passed; and nothing changed in place in any call of the check."""
    check.single_precision("care", case, truth, needs)
    check.unchanged("care", needs)
