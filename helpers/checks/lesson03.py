"""Checks of lesson 03, backpropagation through time.

The truth is the complex step through a private forward pass: it goes forward where the exercises go backward. At a
boundary of truncation that pass drops the imaginary part, which is what stopping a gradient means. The optimizer's
truth is computed on all weights as one vector.
"""

import operator
import re

import numpy as np

from helpers.checks.exercise import Lesson
from helpers.checks.report import CAUSE
from helpers.checks.values import describe, difference, remembered
from helpers.gradients import complex_step

lesson = Lesson()
solved, bet, points_so_far = lesson.solved, lesson.bet, lesson.points_so_far

#: (batch, input_size, hidden_size). With equal sizes what is transposed fits, and is told from what is missing.
STEP_SIZES = [(4, 4, 4), (3, 5, 2), (1, 2, 4)]
#: (batch, timesteps, input_size, hidden_size). Batch and time differ: dividing by one is told from dividing by the other.
SIZES = [(4, 5, 4, 4), (3, 6, 2, 5), (1, 5, 3, 2)]

#: A sequence as long as the lesson's segments.
LONG = (1, 70, 1, 2)

#: Tolerance where a criterion is about the form of the answer: rounding costs the criterion about precision only.
FORM = 1e-6
#: Tolerance against the complex step.
EXACT = 1e-12

STEP_RESULT = "the tuple (dx_t, dh_prev, gradients)"
RESULT = "the tuple (dx, dh_0, gradients)"
W_XH, W_HH, B_H = (2, "W_xh"), (2, "W_hh"), (2, "b_h")
WHOLE = "the tuple (loss, h_last, gradients)"
TRAINED = "the tuple (losses, h_last, weights, state)"
RECURRENT = ("W_xh", "W_hh", "b_h")


@lesson.exercise(
    arguments=("x", "h_0", "w"),
    points={
        "one": ("one time step: the only term is the explicit derivative of h_1", 1),
        "last": ("where w is 0 only the last term is left, the explicit derivative of h_T, all others are 0; x is not changed in place", 1),
        "terms": ("every term: dh_T/dh_k times the explicit derivative of h_k, for short and long x, in full precision", 2),
    },
    demos=("one", "last", "terms"),
)
def gradient_terms(check):
    """Exercise 1."""
    rng = check.rng
    example = np.array([0.0]), 0.5, 0.0
    check.expect("one", example, np.array([0.5]), TERM_MISTAKES, FORM, "the example", _first_wrong_term)
    for criterion, timesteps, w in [
        ("one", 1, rng.uniform(0.5, 1.5)), ("one", 1, rng.uniform(-1.5, -0.5)), ("last", 4, 0.0), ("last", 3, 0.0),
        ("terms", 3, rng.uniform(0.5, 1.2)), ("terms", 2, rng.uniform(-1.2, -0.5)), ("terms", 12, rng.uniform(1.0, 1.4)),
        ("terms", 40, rng.uniform(1.0, 1.4)),
    ]:
        case = rng.normal(0, 0.7, check.sizes(timesteps)), float(rng.uniform(0.3, 0.9)), float(w)
        note = {"one": "a single time step", "last": "w is 0, so no step depends on the one before"}.get(criterion, "")
        tolerance = EXACT if criterion == "terms" else FORM
        check.expect(criterion, case, _terms(*case), TERM_MISTAKES, tolerance, note, _first_wrong_term)
    check.unchanged("last", needs="last")


@lesson.exercise(
    arguments=("dh_t", "x_t", "h_prev", "h_t", "weights"),
    points={
        "dx_t": ("dx_t, the gradient of the input", 1),
        "dh_prev": ("dh_prev, the gradient of the state before", 1),
        "W_xh": ("gradients['W_xh'], summed over the batch", 1),
        "W_hh": ("gradients['W_hh'], summed over the batch", 1),
        "b_h": ("gradients['b_h'], summed over the batch", 1),
        "care": ("full precision, float32 stays float32, and no argument is changed in place", 1),
    },
    demos=("dx_t", "dh_prev", "W_xh", "W_hh", "b_h"),
)
def rnn_step_backward(check):
    """Exercise 2."""
    parts = {"dx_t": [(0,)], "dh_prev": [(1,)], "W_xh": [W_XH], "W_hh": [W_HH], "b_h": [B_H]}
    for sizes in check.sizes(STEP_SIZES):
        case = _step_case(check.rng, *sizes)
        note = "a batch of one" if sizes[0] == 1 else ""
        _part_by_part(check, case, _step(*case), STEP_RESULT, parts, STEP_MISTAKES, note)
    weights = {"W_xh": np.array([[4.0]]), "W_hh": np.array([[8.0]]), "b_h": np.array([0.0])}
    case = (*(np.array([[value]]) for value in (1.0, 2.0, -1.0, 0.0)), weights)
    truth = np.array([[4.0]]), np.array([[8.0]]), {"W_xh": np.array([[2.0]]), "W_hh": np.array([[-1.0]]), "b_h": np.array([1.0])}
    _part_by_part(check, case, truth, STEP_RESULT, parts, STEP_MISTAKES, "the example")
    _care(check, parts, [_step_case(check.rng, *check.sizes((3, 2, 4)))], _step)


@lesson.exercise(
    arguments=("dh", "x", "h_0", "h", "weights"),
    points={
        "one": ("one time step gives what rnn_step_backward gives", 1),
        "sum": ("the weights' gradients are summed over the time steps (seen where W_hh is 0)", 2),
        "carry": ("dx: what step t+1 sends back is added to what h_t gets from its own output", 2),
        "dh_0": ("dh_0", 1),
        "weights": ("the gradients of W_xh, W_hh and b_h for any sizes", 1),
        "care": ("full precision, float32 stays float32, and no argument is changed in place", 1),
    },
    needs=("rnn_step_backward",),
    errors={f"KeyError: '{name}'": "weights may hold more than the three: go over the keys of the gradients" for name in ("W_hy", "b_y")},
    demos=("one", "sum", "carry", "dh_0", "weights"),
)
def rnn_backward(check):
    """Exercise 3."""
    rng = check.rng
    for batch, _, n, m in check.sizes(SIZES[:2]):
        case = _case(rng, batch, 1, n, m)
        everything = {"one": [(0,), (1,), W_XH, W_HH, B_H]}
        _part_by_part(check, case, _sequence(*case), RESULT, everything, MISTAKES, "a single time step", branch="one")
    for sizes in check.sizes(SIZES[:2]):
        case = _case(rng, *sizes, recurrent=0.0)
        _part_by_part(check, case, _sequence(*case), RESULT, {"sum": [W_XH, W_HH, B_H]}, MISTAKES, "W_hh is zero")
    parts = {"carry": [(0,)], "dh_0": [(1,)], "weights": [W_XH, W_HH, B_H]}
    for sizes in check.sizes(SIZES):
        dh, *rest = _case(rng, *sizes, output_layer=sizes[0] == 1)
        at_the_end = dh * (np.arange(sizes[1]) == sizes[1] - 1)[:, None]
        for outputs, note in [(at_the_end, "only the last step has an output"), (dh, "every step has an output")]:
            note += "; the weights hold W_hy and b_y too" if sizes[0] == 1 else ""
            case = (outputs, *rest)
            _part_by_part(check, case, _sequence(*case), RESULT, parts, MISTAKES, note)
    case = _case(rng, *check.sizes(LONG))
    _part_by_part(check, case, _sequence(*case), RESULT, parts, MISTAKES, "a long sequence")
    _care(check, ["one", "sum", *parts], [_case(rng, *check.sizes((3, 4, 2, 5))), _case(rng, 1, 1, 2, 1, output_layer=True)], _sequence)


@lesson.exercise(
    arguments=("dh", "x", "h_0", "h", "weights", "truncation"),
    points={
        "full": ("a truncation of T or more is the full backward pass", 1),
        "dx": ("dx: nothing is sent back across a boundary, everything within", 1),
        "rest": ("dh_0 and the weights' gradients: all segments count", 1),
        "care": ("full precision, float32 stays float32, and no argument is changed in place", 1),
    },
    needs=("rnn_step_backward", "rnn_backward"),
    demos=("full", "dx", "rest"),
)
def truncated_backward(check):
    """Exercise 4."""
    rng = check.rng
    for sizes, truncation in check.sizes([((4, 5, 4, 4), 5), ((3, 4, 2, 5), 9), ((2, 1, 3, 2), 1)]):
        case = (*_case(rng, *sizes), truncation)
        _part_by_part(check, case, _truncated(*case), RESULT, {"full": [(0,), (1,), W_XH, W_HH, B_H]}, TRUNCATION_MISTAKES)
    parts = {"dx": [(0,)], "rest": [(1,), W_XH, W_HH, B_H]}
    for sizes, truncation in check.sizes([((4, 10, 4, 4), 4), ((3, 7, 2, 4), 2), ((1, 5, 3, 2), 1), ((2, 6, 3, 4), 5)]):
        case = (*_case(rng, *sizes), truncation)
        _part_by_part(check, case, _truncated(*case), RESULT, parts, TRUNCATION_MISTAKES)
    case = (*_case(rng, *check.sizes(LONG)), int(rng.integers(20, 50)))
    _part_by_part(check, case, _truncated(*case), RESULT, parts, TRUNCATION_MISTAKES, "a long sequence")
    cases = [(*_case(rng, *sizes), truncation) for sizes, truncation in check.sizes([((3, 5, 2, 4), 2), ((2, 3, 1, 2), 3)])]
    _care(check, ["full", *parts], cases, _truncated)


@lesson.exercise(
    arguments=("logits", "targets", "mask"),
    points={
        "loss": ("the loss: mean cross-entropy in nats, where every position is real", 1),
        "gradient": ("dlogits, where every position is real", 1),
        "mask": ("padding: it counts in neither, its dlogits are zero, and its logits may be anything, nan too", 1),
        "stable": ("logits of plus and minus 10,000 do not overflow", 1),
        "care": ("full precision, float32 stays float32, and no argument is changed in place", 1),
    },
    demos=("loss", "gradient", "mask"),
)
def cross_entropy_backward(check):
    """Exercise 5."""
    rng = check.rng
    wanted, both = "the tuple (loss, dlogits)", {"loss": [(0,)], "gradient": [(1,)]}
    example = np.zeros((1, 1, 2)), np.array([[1]]), np.ones((1, 1), bool)
    truth = float(np.log(2)), np.array([[[0.5, -0.5]]])
    for sizes in check.sizes([(2, 3, 30), (4, 4, 4), (3, 5, 6), (1, 1, 3), (2, 40, 2)]):  # first, not every symbol is a target
        case = _logits_case(rng, *sizes)
        _part_by_part(check, case, _cross_entropy(*case), wanted, both, LOSS_MISTAKES, "no padding")
    _part_by_part(check, example, truth, wanted, both, LOSS_MISTAKES, "the example")
    for sizes, padding in [((4, 4, 12), 7.0), ((4, 4, 4), 7.0), ((3, 5, 6), 0.0), ((2, 6, 3), np.nan), ((3, 4, 5), np.inf)]:
        case = _logits_case(rng, *check.sizes(sizes), padding)
        note = f"some positions are padding, with logits of {padding:g}"
        _named_parts(check, "mask", case, _cross_entropy(*case), wanted, LOSS_MISTAKES, note, "" if np.isfinite(padding) else note)
    for shift in (1e4, -1e4):
        logits, targets, mask = _logits_case(rng, *check.sizes((2, 3, 5)))
        truth = _cross_entropy(logits, targets, mask)  # softmax does not see what is added to all logits
        note = f"logits near {shift:g}"
        _named_parts(check, "stable", (logits + shift, targets, mask), truth, wanted, LOSS_MISTAKES, note, note)
    far = np.zeros((1, 2, 3))
    far[0, 0, 1], far[0, 1, 2] = 1e4, -1e4
    cost, sure = 1e4 / 2, np.array([[[-0.5, 0.5, 0.0], [0.25, 0.25, -0.5]]])  # derived by hand for the targets 0 and 2
    truth = cost + (np.log(2) + 1e4) / 2, sure
    case = (far, np.array([[0, 2]]), np.ones((1, 2), bool))
    _named_parts(check, "stable", case, truth, wanted, LOSS_MISTAKES, "logits 10,000 apart", "apart")
    needs = [*both, "mask", "stable"]
    _care(check, needs, [_logits_case(rng, *check.sizes((4, 3, 5)), 0.0), _logits_case(rng, *check.sizes((2, 3, 4)))], _cross_entropy)


@lesson.exercise(
    arguments=("ids", "targets", "mask", "h_0", "weights", "truncation"),
    points={
        "loss": ("the loss, and the last state", 1),
        "output": ("the output layer: the gradients of W_hy and b_y", 2),
        "recurrent": ("the gradients of W_xh, W_hh and b_h, all the way back", 1),
        "truncation": ("the same with a truncation", 1),
        "care": ("full precision, float32 stays float32, and no argument is changed in place", 1),
    },
    needs=("rnn_step_backward", "rnn_backward", "truncated_backward", "cross_entropy_backward"),
    demos=("loss", "output", "recurrent", "truncation"),
)
def loss_and_gradients(check):
    """Exercise 6."""
    rng = check.rng
    everything = {"loss": [(0,), (1,)], "output": [(2, "W_hy"), (2, "b_y")], "recurrent": [(2, key) for key in RECURRENT]}
    silent = _model_case(rng, *check.sizes((2, 3, 4, 5)))
    silent[-2]["W_hy"] *= 0
    silent[-2]["b_y"] *= 0
    _part_by_part(check, silent, _whole(*silent), WHOLE, {"loss": [(0,), (1,)]}, WHOLE_MISTAKES, "W_hy and b_y are zero")
    for sizes in [(4, 5, 4, 4), (3, 6, 5, 2), (1, 4, 3, 6), (2, 1, 3, 4), (1, 70, 2, 2)]:
        padded = sizes == (3, 6, 5, 2)
        case = _model_case(rng, *check.sizes(sizes), padded=padded)
        note = "some positions are padding" if padded else "a batch of one" if sizes[0] == 1 else ""
        _part_by_part(check, case, _whole(*case), WHOLE, everything, WHOLE_MISTAKES, note)
    cut = {"truncation": [(2, key) for key in (*RECURRENT, "W_hy", "b_y")]}
    for sizes, truncation in [((3, 7, 4, 3), 3), ((2, 5, 3, 4), 1), ((2, 4, 3, 4), 4)]:
        case = _model_case(rng, *check.sizes(sizes), padded=truncation == 3, truncation=check.sizes(truncation))
        note = "some positions are padding" if truncation == 3 else ""
        _part_by_part(check, case, _whole(*case), WHOLE, cut, WHOLE_MISTAKES, note, branch="truncation")
    cases = [_model_case(rng, *check.sizes((3, 4, 2, 5)), True), _model_case(rng, *check.sizes((2, 5, 3, 4)), False, check.sizes(2))]
    _care(check, [*everything, "truncation"], cases, _whole)


@lesson.exercise(
    arguments=("weights", "gradients", "state", "learning_rate", "max_norm"),
    points={
        "first": ("the first step, from moments of zero; state['step'] is 1 after it", 1),
        "moments": ("a later step: state['m'] and state['v']", 1),
        "weights": ("a later step: the weights", 1),
        "clip": ("gradients of a global norm over max_norm are scaled down to it, all by one factor", 1),
        "care": ("full precision, gradients of zero, float32 stays float32, and no argument is changed in place", 1),
    },
    errors={f"KeyError: '{name}'": "names are wired in: go over the keys of weights, whatever they are" for name in (*RECURRENT, "W_hy", "b_y")}
    | {"division by zero": "a norm of zero is divided by: divide only where it is over max_norm"},
    demos=("first", "moments", "weights", "clip"),
)
def adam_step(check):
    """Exercise 7."""
    rng = check.rng
    wanted = "the tuple (weights, state)"
    for _ in range(2):
        case = _adam_case(check, first=True, clipped=False)
        note = "the first update: the moments are zero"
        _named_parts(check, "first", case, _adam(*case), wanted, ADAM_MISTAKES, note, shown=_adam_said(case, note))
    halves = {"a": np.array([0.5, 0.5]), "b": np.array([[0.5]])}
    zeros = {key: g * 0 for key, g in halves.items()}
    example = {"a": np.array([1.0, -2.0]), "b": np.array([[3.0]])}, halves, {"m": zeros, "v": zeros, "step": 0}, 0.1, 2.0
    note = "the example, with two weights a and b"
    _named_parts(check, "first", example, _adam(*example), wanted, ADAM_MISTAKES, note, shown=_adam_said(example, note))
    parts = {"moments": [(1, "m"), (1, "v"), (1, "step")], "weights": [(0,)]}
    for _ in range(2):
        case = _adam_case(check, first=False, clipped=False)
        note = f"after {case[2]['step']} steps, and the gradient's norm is below max_norm"
        _part_by_part(check, case, _adam(*case), wanted, parts, ADAM_MISTAKES, note, shown=_adam_said(case, note))
    for first in (True, False):
        case = _adam_case(check, first, clipped=True)
        note = "the gradient's norm is over max_norm"
        places = [(1, "m"), (1, "v")] if check.has_passed("moments") else [(1, "m")]
        _part_by_part(check, case, _adam(*case), wanted, {"clip": places}, ADAM_MISTAKES, note, shown=_adam_said(case, note))
    for over in (1.13, 0.93):  # the arrays' own norms, their sum and the largest number lie on the other side
        case = _near_the_limit(rng, over)
        note = f"the gradient's norm is {over:g} times max_norm"
        _part_by_part(check, case, _adam(*case), wanted, {"clip": [(1, "m"), (1, "v")]}, ADAM_MISTAKES, note, shown=_adam_said(case, note))
    if all(check.has_passed(key) for key in ("first", *parts, "clip")):
        weights, gradients, state, *rest = _adam_case(check, first=True, clipped=True)
        still = weights, {key: g * 0 for key, g in gradients.items()}, state, *rest
        check.expect("care", still, _adam(*still), ADAM_MISTAKES, FORM, "all gradients are zero")
    cases = [_adam_case(check, first=False, clipped=True), _adam_case(check, first=False, clipped=False)]
    _care(check, ["first", *parts, "clip"], cases, _adam)


@lesson.exercise(
    arguments=("batches", "h_0", "weights", "state", "learning_rate", "keep_state", "truncation"),
    points={
        "one": ("one batch: its loss, its last state, and one update", 1),
        "updates": ("several batches: each update starts from the one before", 2),
        "state": ("keep_state=True starts a batch from the last state of the one before, keep_state=False from h_0", 1),
        "care": ("truncation is passed on, float32 stays float32, and no argument is changed in place", 1),
    },
    needs=("rnn_step_backward", "rnn_backward", "truncated_backward", "cross_entropy_backward", "loss_and_gradients", "adam_step"),
    demos=("one", "updates", "state"),
)
def train(check):
    """Exercise 8."""
    parts = [(0,), (1,), (2,), (3, "m"), (3, "v"), (3, "step")]

    def ask(criterion, count, **options):
        case = _training_case(check, count, **options)
        batches, h_0, _, _, rate, keep_state, truncation = case
        said = f"case: {count} batch{'es' * (count > 1)} of {batches[0][0].shape}, h_0 {h_0.shape}, learning_rate = {rate:.3g}"
        said += f", keep_state = {keep_state}, truncation = {truncation}"
        _part_by_part(check, case, _trained(*case), TRAINED, {criterion: parts}, TRAIN_MISTAKES, shown=said)

    for first, clipped in [(True, True), (False, False), (False, True)]:
        ask("one", 1, first=first, clipped=clipped)
    for count in check.sizes((3, 2)):
        ask("updates", count)
    ask("updates", 3, learning_rate=0.0)
    for count, keep_state in [(3, True), (2, True), (3, False)]:
        ask("state", count, keep_state=keep_state)
    if all(check.has_passed(key) for key in ("one", "updates", "state")):
        ask("care", 2, keep_state=True, truncation=check.sizes(2))
        ask("care", 1, timesteps=check.sizes(10))
    if check.has_passed("care"):
        check.single_precision("care", _training_case(check, 2), _trained, needs="care")
        check.unchanged("care", needs="care")


prediction_step_size = lesson.prediction(
    "prediction_step_size", ("1e-2", "1e-5", "1e-8", "1e-12"),
    tempting={
        "1e-2": "It is safe from rounding, but the curvature itself changes over a hundredth, and that does not cancel.",
        "1e-8": "It is the root of float64's precision, the right step for a one-sided difference; with two sides the best step is larger.",
        "1e-12": "On paper it would win. In float64 the two values then agree in nearly all digits, and the difference is made of the rest.",
    },
)
prediction_truncation = lesson.prediction(
    "prediction_truncation", ("2", "8", "32"),
    tempting={
        "2": "A gradient that fades quickly would need no more. This one fades, but each cut costs the steps after it nearly everything.",
        "8": "Eight letters of context sounds like plenty. But the first two of the eight steps after each cut see at most one step back.",
    },
)
prediction_one_step = lesson.prediction(
    "prediction_one_step", ("yes", "no"),
    tempting={"no": "It looks as if a network that learns nothing across steps could use nothing across steps. Its state does not stop at the cut."},
)
prediction_tape = lesson.prediction(
    "prediction_tape", ("1", "2", "4"),
    tempting={
        "1": "That is what your own backward pass needs. The tape does not know your formula; it knows single operations.",
        "2": "States and inputs, one might think. The tape keeps what went into each addition as well.",
    },
)


# How a result of several parts is judged, so that each part earns its own points.


def _part_by_part(check, case, truth, wanted, parts, mistakes, note="", branch="", shown=""):
    """Compare the parts of a result with the truth; `parts` says for each criterion where its parts are."""
    got = check.inspect(case, tuple, wanted, criteria=parts, case=note)
    if got is None:
        return
    shown = shown or check.describe(case, note)
    if len(got) != len(truth):
        for criterion in parts:
            flat = len(got) > len(truth) and type(truth[-1]) is dict
            cause = [f"{CAUSE} the gradients of the weights belong into one dict, which is the last of the {len(truth)}"] if flat else []
            check.failed(criterion, shown, f"expected {wanted}, got a tuple of {len(got)}", *cause)
        return
    names = _names(wanted)
    kinds, right = ([_kind(part) for part in value] for value in (got, truth))
    if kinds != right and sorted(kinds) == sorted(right):
        for criterion in parts:
            check.failed(criterion, shown, f"expected {wanted}", f"{CAUSE} the parts come in another order")
        return
    for criterion, places in parts.items():
        for place in places:
            name = names[place[0]] + "".join(f"[{key!r}]" for key in place[1:])
            found, part, expected = *_part(got, place), _part(truth, place)[1]
            if found:
                renamed = len(place) > 1 and type(got[place[0]]) is dict and f"d{place[-1]}" in got[place[0]]
                cause = [f"{CAUSE} the keys are the names of the weights, {place[-1]!r} and not 'd{place[-1]}'"] if renamed else []
                check.failed(criterion, shown, f"{name}: {found}", *cause)
                break
            where = _first_wrong_step((expected,), (part,)) if place == (0,) and difference(expected, part, FORM) else ""
            known = {text: lambda *a, m=mistake, place=place: _part(m(*a), place)[1] for text, mistake in mistakes.items()}
            # the time step stands with the case: it stays where the same cause was told before
            stands = f"{shown}\n{where}".strip()
            if not check.settle(criterion, case, expected, part, known, FORM, part=name, shown=stands, branch=branch):
                break


def _kind(value):
    return "number" if isinstance(value, (float, np.floating)) else type(value).__name__


def _named_parts(check, criterion, case, truth, wanted, mistakes, note, branch="", shown=""):
    """Compare the whole tuple with the truth, as `check.expect` does, but name its parts instead of counting them."""
    got = check.inspect(case, tuple, wanted, criteria=[criterion], case=note)
    if got is None:
        return
    problem = difference(truth, got, FORM)
    words = [re.sub(r"^\[(\d)\]", lambda place: _names(wanted)[int(place[1])], problem)] if problem else []
    check.settle(criterion, case, truth, got, mistakes, FORM, case=note, words=words, branch=branch, shown=shown)


def _adam_said(case, note):
    """A case of exercise 7 in words: four dicts have the same shapes, which are said once."""
    weights, _, state, learning_rate, max_norm = case
    shapes = ", ".join(f"{name} {array.shape}" for name, array in weights.items())
    numbers = f"state['step'] = {state['step']}, learning_rate = {learning_rate:.3g}, max_norm = {max_norm:.3g}"
    return f"case: weights {shapes}; gradients, m and v of the same shapes; {numbers} ({note})"


def _names(wanted):
    """The names of a tuple's parts, from the words that describe it."""
    return [name.strip() for name in wanted[wanted.index("(") + 1 : -1].split(",")]


def _part(value, place):
    """What is wrong with the way to a part, in words, else ""; and the part."""
    for depth, key in enumerate(place):
        if depth and type(value) is not dict:
            return f"expected a dict, got {describe(value)}", None
        if depth and key not in value:
            return f"there is no such key, but {describe(value)}", None
        value = value[key]
    return "", value


def _care(check, needs, cases, truth):
    """Full precision, float32 in and float32 out, nothing changed in place: asked once all of `needs` have passed."""
    needs = list(needs)
    if not all(check.has_passed(key) for key in needs):
        return
    for case in cases:
        tolerance = EXACT if truth in (_step, _sequence, _truncated) else 1e-10
        check.expect("care", case, truth(*case), tolerance=tolerance)
    if check.has_passed("care"):
        for case in cases:
            check.single_precision("care", case, truth, needs="care")
        check.unchanged("care", needs="care")


def _first_wrong_term(expected, got):
    if getattr(got, "shape", None) != expected.shape or got.dtype.kind not in "fiu":
        return ""
    wrong = [k for k in range(len(expected), 0, -1) if _apart(expected[k - 1], got[k - 1], np.abs(expected).max())]
    return f"the first wrong term, from the last one backwards: k = {wrong[0]} of {len(expected)}" if wrong else ""


def _first_wrong_step(expected, got):
    """The time step where a backward pass leaves the truth: it runs from the last step to the first."""
    truth, dx = expected[0], got[0] if type(got) is tuple and got else None
    if np.ndim(truth) != 3 or getattr(dx, "shape", None) != truth.shape or dx.dtype.kind not in "fiu":
        return ""
    timesteps = truth.shape[1]
    scale = np.linalg.norm(truth) / np.sqrt(timesteps)
    wrong = [t for t in range(timesteps, 0, -1) if _apart(truth[:, t - 1], dx[:, t - 1], scale)]
    if not wrong or timesteps == 1:
        return "dx is right in every time step" if timesteps > 1 else ""
    return f"going back from the last time step, dx is first wrong at step {wrong[0]} of {timesteps}"


def _apart(a, b, scale):
    return not np.linalg.norm(a - b) <= FORM * max(scale, 1e-300)  # true for nan too


# The truth: the complex step through a forward pass.


def _terms(x, h_0, w):
    """Unfolded, each step has a w of its own: term k is the derivative in the k-th of them."""

    def last_state(arrays):
        h = h_0
        for x_t, own_w in zip(x, arrays["w"]):
            h = np.tanh(x_t + own_w * h)
        return h

    return complex_step(last_state, {"w": np.full(len(x), w)})["w"]


def _states(x, h_0, weights):
    """The states, (..., time, hidden); every array may have an axis more in front, one row for each shifted number."""
    h, states = h_0, []
    for t in range(x.shape[-2]):
        joined = np.concatenate([x[..., t, :], h], axis=-1)
        h = np.tanh(joined @ np.concatenate([weights["W_xh"], weights["W_hh"]], axis=-2) + weights["b_h"][..., None, :])
        states.append(h)
    return np.stack(states, axis=-2)


@remembered
def _truncated(dh, x, h_0, h, weights, truncation):
    size = x.shape[1]

    def loss(arrays):
        state, total = arrays["h_0"], 0.0
        for t in range(size):
            if t and t % truncation == 0:
                state = np.real(state)  # the value goes on, the derivative does not
            state = _states(arrays["x"][..., t : t + 1, :], state, arrays)[..., 0, :]
            total = total + np.sum(dh[:, t] * state, axis=(-2, -1))
        return total

    names = ("W_xh", "W_hh", "b_h")
    slopes = _all_complex_steps(loss, {"x": x, "h_0": h_0, **{name: weights[name] for name in names}})
    return slopes["x"], slopes["h_0"], {name: slopes[name] for name in names}


def _all_complex_steps(function, arrays, step=1e-30):
    """helpers.gradients.complex_step, with one row of each array for every number that is shifted: one call in all."""
    ends = np.cumsum([array.size for array in arrays.values()])
    rows, first = {}, 0
    for (name, array), end in zip(arrays.items(), ends):
        rows[name] = np.tile(array.astype(np.complex128), (ends[-1], *[1] * array.ndim))
        rows[name].reshape(ends[-1], -1)[np.arange(first, end), np.arange(array.size)] += 1j * step
        first = end
    slopes = np.split(np.imag(function(rows)) / step, ends[:-1])
    return {name: slope.reshape(array.shape) for (name, array), slope in zip(arrays.items(), slopes)}


def _sequence(dh, x, h_0, h, weights):
    return _truncated(dh, x, h_0, h, weights, x.shape[1])


def _step(dh_t, x_t, h_prev, h_t, weights):
    dx, dh_prev, gradients = _sequence(dh_t[:, None], x_t[:, None], h_prev, h_t[:, None], weights)
    return dx[:, 0], dh_prev, gradients


@remembered
def _cross_entropy(logits, targets, mask):
    places = np.nonzero(mask)
    rows, right = np.asarray(logits, np.float64)[places], targets[places]

    def loss(arrays):
        rows = arrays["rows"]
        return np.mean(np.log(np.sum(np.exp(rows), axis=-1)) - rows[..., np.arange(len(right)), right], axis=-1)

    dlogits = np.zeros(logits.shape)
    dlogits[places] = _all_complex_steps(loss, {"rows": rows})["rows"]
    return float(loss({"rows": rows})), dlogits


@remembered
def _adam(weights, gradients, state, learning_rate, max_norm):
    """All weights as one vector; each mean is moved towards what is new."""
    names = list(weights)
    w, g, m, v = (np.concatenate([d[n].ravel() for n in names]).astype(np.float64) for d in (weights, gradients, state["m"], state["v"]))
    norm = np.sqrt(np.dot(g, g))
    g = g if norm <= max_norm else g / norm * max_norm
    step = state["step"] + 1
    m, v = m + (1 - 0.9) * (g - m), v + (1 - 0.999) * (g**2 - v)
    w = w - learning_rate * (m / (1 - 0.9**step)) / ((v / (1 - 0.999**step)) ** 0.5 + 1e-8)
    cuts = np.cumsum([weights[n].size for n in names])[:-1]

    def apart(vector):
        return {n: part.reshape(weights[n].shape) for n, part in zip(names, np.split(vector, cuts))}

    return apart(w), {"m": apart(m), "v": apart(v), "step": step}


def _model(ids, h_0, weights):
    """Logits and states, by the forward pass of the truth; every array may have an axis more in front."""
    x = np.eye(weights["W_xh"].shape[-2])[ids]
    rows = weights["W_xh"].shape[:-2]
    h = _states(np.broadcast_to(x, (*rows, *x.shape)), np.broadcast_to(h_0, (*rows, *h_0.shape)), weights)
    return h @ weights["W_hy"][..., None, :, :] + weights["b_y"][..., None, None, :], h


@remembered
def _whole(ids, targets, mask, h_0, weights, truncation=None):
    """The complex step through the whole model; at a boundary the imaginary part is dropped."""
    weights = {key: np.asarray(array, np.float64) for key, array in weights.items()}
    timesteps, places = ids.shape[1], np.nonzero(mask)
    cut = truncation or timesteps

    def loss(arrays):
        state, total = np.asarray(h_0, np.float64), 0.0
        for start in range(0, timesteps, cut):
            here = slice(start, start + cut)
            logits, h = _model_from(state, ids[:, here], arrays)
            state = np.real(h[..., -1, :])
            costs = np.log(np.sum(np.exp(logits), axis=-1)) - np.sum(logits * np.eye(logits.shape[-1])[targets[:, here]], axis=-1)
            total = total + np.sum(np.where(mask[:, here], costs, 0.0), axis=(-2, -1))
        return total / len(places[0])

    _, h = _model(ids, h_0, weights)
    plain = {key: array[None] for key, array in weights.items()}
    return float(np.real(loss(plain))[0]), h[:, -1], _all_complex_steps(loss, weights)


def _model_from(state, ids, arrays):
    """As `_model`, from a state that may have a row for each shifted number already."""
    lead = arrays["W_xh"].shape[:-2]
    state = state if state.ndim > 2 else np.broadcast_to(state, (*lead, *state.shape))
    x = np.eye(arrays["W_xh"].shape[-2])[ids]
    h = _states(np.broadcast_to(x, (*lead, *x.shape)), state, arrays)
    return h @ arrays["W_hy"][..., None, :, :] + arrays["b_y"][..., None, None, :], h


def _trained(batches, h_0, weights, state, learning_rate, keep_state, truncation, gradients=None, update=None, start=None):
    """One update for each batch; a mistake replaces one of the three functions."""
    gradients, update = gradients or _whole, update or _adam
    start = start or (lambda h, i: h if keep_state else h_0)
    losses, h = [], h_0
    for i, (ids, targets, mask) in enumerate(batches):
        loss, h, dW = gradients(ids, targets, mask, start(h, i), weights, truncation)
        weights, state = update(weights, dW, state, learning_rate, 1.0)
        losses.append(loss)
    return losses, h, weights, state


# What known mistakes give: a backward pass with one thing to spoil at a time.


def _slope(h, h_prev):
    return 1 - h * h


def _back(
    dh, x, h_0, h, w, *, slope=_slope, carry=lambda da, w, before: np.einsum("bk,hk->bh", da, w["W_hh"]),
    add=lambda own, carried, s: (own + carried) * s, order=reversed,
):
    """The gradients of the sums inside tanh, (batch, time, hidden), and what arrives at h_0."""
    h_prev = _before(h_0, h)
    da, carried = np.zeros(dh.shape), np.zeros(h_0.shape)
    for t in order(range(dh.shape[1])):
        da[:, t] = add(dh[:, t], carried, slope(h[:, t], h_prev[:, t]))
        carried = carry(da[:, t], w, carried)
    return da, carried


def _before(h_0, h):
    return np.concatenate([h_0[:, None], h[:, :-1]], axis=1)


def _collect(da, carried, x, h_prev, w):
    gradients = {
        "W_xh": np.einsum("bti,bth->ih", x, da),
        "W_hh": np.einsum("btj,bth->jh", h_prev, da),
        "b_h": np.einsum("bth->h", da),
    }
    return np.einsum("bth,ih->bti", da, w["W_xh"]), carried, gradients


def _spoiled(**spoil):
    def mistake(dh, x, h_0, h, w):
        return _collect(*_back(dh, x, h_0, h, w, **spoil), x, _before(h_0, h), w)

    return mistake


_right = _spoiled()


def _after(change, only=None):
    """A right pass whose gradients of the weights (all, or those named in `only`) are changed at the end."""

    def mistake(dh, x, h_0, h, w):
        dx, dh_0, gradients = _right(dh, x, h_0, h, w)
        return dx, dh_0, {k: change(g, dh) if only is None or k in only else g for k, g in gradients.items()}

    return mistake


def _with(replace):
    """A right pass with parts of the result replaced: `replace(dx, dh_0, gradients, da, case)` gives the result."""

    def mistake(*case):
        dh, x, h_0, h, w = case
        return replace(*_right(*case), _back(*case)[0], case)

    return mistake


def _only_steps(steps):
    def replace(dx, dh_0, gradients, da, case):
        _, x, h_0, h, w = case
        kept = _collect(da[:, steps], dh_0, x[:, steps], _before(h_0, h)[:, steps], w)[2]
        return dx, dh_0, kept

    return _with(replace)


def _averaged(over):
    return _after(lambda g, dh: g / np.prod([dh.shape[axis] for axis in over]))


def _everything_by(axis):
    return lambda dh, *rest: _right(dh / dh.shape[axis], *rest)


def _with_prev(h_prev):
    return _with(lambda dx, dh_0, g, da, c: (dx, dh_0, _collect(da, dh_0, c[1], h_prev(c[2], c[3]), c[4])[2]))


def _way_to_the_state_without_slope(dh, x, h_0, h, w):
    """The gradients of the weights pass through tanh, what goes back to the state before does not."""
    da, carried = np.zeros(dh.shape), np.zeros(h_0.shape)
    for t in reversed(range(dh.shape[1])):
        arrives = dh[:, t] + carried
        da[:, t], carried = arrives * (1 - h[:, t] ** 2), arrives @ w["W_hh"].T
    return _collect(da, carried, x, _before(h_0, h), w)


COMMON = {
    "what goes back to the state before does not pass through tanh: da_t @ W_hh.T, not dh_t @ W_hh.T": (
        _way_to_the_state_without_slope
    ),
    "the tanh derivative is taken of the state again: h_t is tanh(...) already, its derivative is 1 - h_t**2": (
        _spoiled(slope=lambda h, before: 1 - np.tanh(h) ** 2)
    ),
    "the derivative is 1 - h_t**2, with h_t = tanh(a), not 1 - a**2": (
        _spoiled(slope=lambda h, before: 1 - np.arctanh(h) ** 2)
    ),
    "the tanh derivative 1 - h_t**2 is missing": _spoiled(slope=lambda h, before: 1.0),
    "1 - h_t in place of 1 - h_t**2": _spoiled(slope=lambda h, before: 1 - h),
    "h_t**2 in place of 1 - h_t**2": _spoiled(slope=lambda h, before: h * h),
    "1 + h_t**2 in place of 1 - h_t**2": _spoiled(slope=lambda h, before: 1 + h * h),
    "1 - h_prev**2 in place of 1 - h_t**2": _spoiled(slope=lambda h, before: 1 - before**2),
    "h_t * (1 - h_t) is the derivative of the sigmoid": _spoiled(slope=lambda h, before: h * (1 - h)),
    "the derivative of relu in place of tanh's": _spoiled(slope=lambda h, before: 1.0 * (h > 0)),
    "the tanh derivative is taken twice": _spoiled(slope=lambda h, before: (1 - h * h) ** 2),
    "W_hh is not transposed where the gradient goes back to the state": (
        _spoiled(carry=lambda da, w, before: da @ w["W_hh"])
    ),
    "W_xh is not transposed where the gradient goes back to the input": _with(
        lambda dx, dh_0, g, da, c: (da @ c[4]["W_xh"], dh_0, g)
    ),
    "the gradient goes back to the state without W_hh": _spoiled(carry=lambda da, w, before: da),
    "the gradient goes back to the state through W_xh in place of W_hh": (
        _spoiled(carry=lambda da, w, before: da @ w["W_xh"].T)
    ),
    "the gradient goes back to the input through W_hh in place of W_xh": _with(
        lambda dx, dh_0, g, da, c: (da @ c[4]["W_hh"].T, dh_0, g)
    ),
    "h_t is used for h_prev (h_{t-1}) in the gradient of W_hh": _with_prev(lambda h_0, h: h),
    "the gradient of W_xh is made from h_prev in place of x": _with(
        lambda dx, dh_0, g, da, c: (dx, dh_0, {**g, "W_xh": g["W_hh"]})
    ),
    "the gradient of W_hh is made from x in place of h_prev": _with(
        lambda dx, dh_0, g, da, c: (dx, dh_0, {**g, "W_hh": g["W_xh"]})
    ),
    "the gradient is transposed": _after(lambda g, dh: g.T, only=("W_xh", "W_hh")),
    "the gradient of W_hh is transposed: da.T @ h_prev in place of h_prev.T @ da": (
        _after(lambda g, dh: g.T, only=("W_hh",))
    ),
    "the gradient of W_xh is transposed: da.T @ x in place of x.T @ da": _after(lambda g, dh: g.T, only=("W_xh",)),
    "divided by the batch twice: the mean belongs into the loss, the gradients are summed": (
        _after(lambda g, dh: g / len(dh) ** 2)
    ),
    "averaged over the batch, not summed: the mean is in dh already": _averaged([0]),
    "the bias is averaged over the batch, not summed": _after(lambda g, dh: g / len(dh), only=("b_h",)),
    "the gradient of W_xh is averaged over the batch, not summed": _after(lambda g, dh: g / len(dh), only=("W_xh",)),
    "the gradient of W_hh is averaged over the batch, not summed": _after(lambda g, dh: g / len(dh), only=("W_hh",)),
    "sqrt(1 - h_t**2) in place of 1 - h_t**2: no root is taken": _spoiled(slope=lambda h, before: np.sqrt(1 - h * h)),
    "the gradient of the input stops at the sum inside tanh: W_xh is still to come": _with(lambda dx, dh_0, g, da, c: (da, dh_0, g)),
    "only the first sample of the batch counts": _with(
        lambda dx, dh_0, g, da, c: (dx, dh_0, _collect(da[:1], None, c[1][:1], _before(*c[2:4])[:1], c[4])[2])
    ),
    "only the last sample of the batch counts": _with(
        lambda dx, dh_0, g, da, c: (dx, dh_0, _collect(da[-1:], None, c[1][-1:], _before(*c[2:4])[-1:], c[4])[2])
    ),
    "the sign is inverted: this is minus the gradient": lambda *c: (lambda dx, dh_0, g: (
        -dx, -dh_0, {k: -a for k, a in g.items()}))(*_right(*c)),
    "the gradient of the bias does not pass through tanh": _with(
        lambda dx, dh_0, g, da, c: (dx, dh_0, {**g, "b_h": c[0].sum(axis=(0, 1))})
    ),
    "the gradient of the input does not pass through tanh": _with(
        lambda dx, dh_0, g, da, c: (c[0] @ c[4]["W_xh"].T, dh_0, g)
    ),
}

def _step_gradients(dh, x, hp, h):
    da = dh * (1 - h * h)
    return {"W_xh": x.T @ da, "W_hh": hp.T @ da, "b_h": da.sum(axis=0)}


#: Of a step: a sequence of one.
STEP_MISTAKES = {
    text: lambda dh_t, x_t, h_prev, h_t, w, f=f: (lambda dx, *rest: (dx[:, 0], *rest))(
        *f(dh_t[:, None], x_t[:, None], h_prev, h_t[:, None], w)
    )
    for text, f in COMMON.items()
} | {
    "the bias is not summed over the batch": lambda dh, x, hp, h, w: (None, None, {"b_h": dh * (1 - h * h)}),
    "the bias is summed over the hidden units (axis 1), not over the batch (axis 0)": lambda dh, x, hp, h, w: (
        None, None, {"b_h": (dh * (1 - h * h)).sum(axis=1)}
    ),
    "the bias is summed over everything": lambda dh, x, hp, h, w: (
        None, None, {"b_h": np.full(dh.shape[1], (dh * (1 - h * h)).sum())}
    ),
    "the bias is summed over everything: a sum over the batch is sum(axis=0)": lambda dh, x, hp, h, w: (
        None, None, {"b_h": float((dh * (1 - h * h)).sum())}
    ),
    "keepdims=True leaves an axis of length 1 in the bias, which has the shape (hidden_size,)": lambda dh, x, hp, h, w: (
        None, None, {"b_h": (dh * (1 - h * h)).sum(axis=0, keepdims=True)}
    ),
    "a matrix product (@) with the slope of tanh; it is multiplied number by number (*)": lambda dh, x, hp, h, w: (
        lambda da: (da @ w["W_xh"].T, da @ w["W_hh"].T, {"W_xh": x.T @ da, "W_hh": hp.T @ da, "b_h": da.sum(axis=0)})
    )(dh @ (1 - h * h)),
    "dx_t and dh_prev are swapped": lambda dh, x, hp, h, w: (
        (dh * (1 - h * h)) @ w["W_hh"].T, (dh * (1 - h * h)) @ w["W_xh"].T, _step_gradients(dh, x, hp, h)
    ),
    "the gradient of the sum inside tanh comes back; it is still to go through the weights": lambda dh, x, hp, h, w: (
        dh * (1 - h * h), dh * (1 - h * h), {}
    ),
    "dh_t comes back as it is": lambda dh, x, hp, h, w: (dh, dh, {}),
    "dh_t is added to dh_prev: what reaches the state before comes through tanh and W_hh only": lambda dh, x, hp, h, w: (
        None, (dh * (1 - h * h)) @ w["W_hh"].T + dh, {}
    ),
    "the gradient of W_hh does not pass through tanh": lambda dh, x, hp, h, w: (None, None, {"W_hh": hp.T @ dh}),
    "the gradient of W_xh does not pass through tanh": lambda dh, x, hp, h, w: (None, None, {"W_xh": x.T @ dh}),
}


def _accumulating(da, w, before):
    return before + np.einsum("bk,hk->bh", da, w["W_hh"])


def _reversed_in_time(dx, dh_0, g, da, c):
    return dx[:, ::-1], dh_0, g


def _skipped(step):
    """The pass with one time step left out of the loop: nothing from it, nothing through it."""

    def mistake(dh, x, h_0, h, w):
        keep = np.arange(x.shape[1]) != step % x.shape[1]
        if not keep.any():
            raise ValueError("no step is left")
        h_prev = _before(h_0, h)
        da, carried = np.zeros(dh.shape), np.zeros(h_0.shape)
        for t in reversed(np.flatnonzero(keep)):
            da[:, t] = (dh[:, t] + carried) * (1 - h[:, t] ** 2)
            carried = da[:, t] @ w["W_hh"].T
        return _collect(da, carried, x, h_prev, w)

    return mistake


def _last_output_only(dh, x, h_0, h, w):
    return _right(dh * (np.arange(dh.shape[1]) == dh.shape[1] - 1)[:, None], x, h_0, h, w)


def _rolled(dh, x, h_0, h, w):
    """The gradient of W_hh with h_{T} standing before h_1, as np.roll leaves it."""
    return _with_prev(lambda h_0, h: np.roll(h, 1, axis=1))(dh, x, h_0, h, w)


def _longer_than_one(mistake):
    def longer(*case):
        if case[1].shape[1] == 1:
            raise ValueError("a single step has no step t+1")
        return mistake(*case)

    return longer


def _mixed_axes(da, x, h_prev):
    rows = np.swapaxes(da, 0, 1).reshape(-1, da.shape[2])
    return {
        "W_xh": x.reshape(-1, x.shape[2]).T @ rows, "W_hh": h_prev.reshape(-1, h_prev.shape[2]).T @ rows, "b_h": rows.sum(axis=0),
    }


def _after_the_only_step(dh, x, h_0, h, w):
    if h.shape[1] > 1:
        raise ValueError("there the mistakes that begin alike part")
    return _with_prev(lambda h_0, h: h)(dh, x, h_0, h, w)


def _always_cut(steps):
    return lambda *case: _joined(_segments(*case, steps))


MISTAKES = {
    "the state before the first step is h_0: h[:, t - 1] at t = 0 is h[:, -1], the last state, and h[:, t] is the state after the step": (
        _after_the_only_step
    ),
    "the gradient that comes back from step t+1 is never added to dh[:, t]: each state learns only from its own output": (
        _longer_than_one(_spoiled(carry=lambda da, w, before: 0 * before))
    ),
    "the carry from step t+1 is not added in the loop": _spoiled(add=lambda own, carried, s: own * s),
    "the carry is added after tanh's derivative; it must pass through it too": (
        _spoiled(add=lambda own, carried, s: own * s + carried)
    ),
    "only the carry is used after the last step: dh of the earlier steps is not added": _last_output_only,
    "the carry is accumulated (+=); each step's carry replaces the one before": _spoiled(carry=_accumulating),
    "the loop runs forward in time; gradients go from the last step to the first": _spoiled(order=iter),
    "dx comes back in reverse order of time": _with(_reversed_in_time),
    "da was collected from the last step to the first, and its order is not reversed before the products": _with(
        lambda dx, dh_0, g, da, c: _collect(da[:, ::-1], dh_0, c[1], _before(*c[2:4]), c[4])
    ),
    "x (or h_prev) and da are laid out in different orders before the product: batch first in one, time first in the other": _with(
        lambda dx, dh_0, g, da, c: (dx, dh_0, _mixed_axes(da, c[1], _before(*c[2:4])))
    ),
    "the gradient is overwritten in every step, not accumulated: only step 1 is left": _only_steps(slice(0, 1)),
    "only the last time step's gradient counts": _only_steps(slice(-1, None)),
    "the first time step is left out of the loop": _skipped(0),
    "the last time step is left out of the loop": _skipped(-1),
    "the gradients of the weights leave the first time step out": _only_steps(slice(1, None)),
    "the gradients of the weights leave the last time step out": _only_steps(slice(0, -1)),
    **COMMON,
    "h_0 is ignored: the state before the first step is taken as zero": _with_prev(lambda h_0, h: _before(0 * h_0, h)),
    "every step takes h_0 for the state before it": _with_prev(
        lambda h_0, h: np.repeat(h_0[:, None], h.shape[1], axis=1)
    ),
    "h[:, -1] at t = 0 is the last state, h_T; h_0 belongs there (np.roll does the same)": _rolled,
    "averaged over the time steps, not summed: where the loss is a mean, dh is divided by T already, and now by T twice": (
        _averaged([1])
    ),
    "everything is divided by T: where the loss is a mean, dh is divided by T already, and now by T twice": _everything_by(1),
    "everything is divided by the batch: where the loss is a mean, dh is divided by it already": _everything_by(0),
    "averaged over batch and time, not summed: where the loss is a mean, it is in dh already": _averaged([0, 1]),
    "divided by T twice, and not even once is right here: sum over the time steps": _after(lambda g, dh: g / dh.shape[1] ** 2),
    "dh_0 is the gradient of h_1: the last step back, through step 1, is missing": _with(
        lambda dx, dh_0, g, da, c: (dx, da[:, 0] / (1 - c[3][:, 0] ** 2), g)
    ),
    "dh_0 is the gradient of the sum inside step 1's tanh: W_hh is still to come": _with(
        lambda dx, dh_0, g, da, c: (dx, da[:, 0], g)
    ),
    "dh_0 stays zero: the carry that is left after the loop is dh_0": _with(
        lambda dx, dh_0, g, da, c: (dx, 0 * dh_0, g)
    ),
    "dh_0 has dh[:, 0] added to it: h_0 has no output of its own, the carry alone is left": _with(
        lambda dx, dh_0, g, da, c: (dx, dh_0 + c[0][:, 0], g)
    ),
    "dh_0 has dh[:, -1] added to it: h_0 has no output of its own, the carry alone is left": _with(
        lambda dx, dh_0, g, da, c: (dx, dh_0 + c[0][:, -1], g)
    ),
    "the axes batch and time of dx are swapped": _with(lambda dx, dh_0, g, da, c: (np.swapaxes(dx, 0, 1), dh_0, g)),
    "only the last step of dx comes back": _with(lambda dx, dh_0, g, da, c: (dx[:, -1], dh_0, g)),
    "only the first step of dx comes back": _with(lambda dx, dh_0, g, da, c: (dx[:, 0], dh_0, g)),
    "the bias is not summed over the batch": _with(
        lambda dx, dh_0, g, da, c: (dx, dh_0, {**g, "b_h": da.sum(axis=1)})
    ),
    "the bias is not summed over the time steps": _with(
        lambda dx, dh_0, g, da, c: (dx, dh_0, {**g, "b_h": da.sum(axis=0)})
    ),
    "the bias gets its gradient from the last time step only": _with(
        lambda dx, dh_0, g, da, c: (dx, dh_0, {**g, "b_h": da[:, -1].sum(axis=0)})
    ),
    "the bias gets its gradient from the first time step only": _with(
        lambda dx, dh_0, g, da, c: (dx, dh_0, {**g, "b_h": da[:, 0].sum(axis=0)})
    ),
    **{f"the gradient is cut every {steps} steps, whatever is asked": _always_cut(steps) for steps in (2, 3, 4, 5, 8, 10, 16, 20, 32)},
    "dx uses dh without what comes from later steps": _with(
        lambda dx, dh_0, g, da, c: ((c[0] * (1 - c[3] ** 2)) @ c[4]["W_xh"].T, dh_0, g)
    ),
    "what comes from later steps is added without passing through W_hh and tanh": lambda dh, x, h_0, h, w: _collect(
        np.cumsum(dh[:, ::-1], axis=1)[:, ::-1] * (1 - h * h),
        (np.sum(dh, axis=1) * (1 - h[:, 0] ** 2)) @ w["W_hh"].T, x, _before(h_0, h), w,
    ),
}


def _segments(dh, x, h_0, h, w, truncation, start=0):
    """A right pass of each segment by itself: boundaries at start, start + truncation, ..."""
    edges = sorted({0, *range(start, x.shape[1], truncation), x.shape[1]})
    h_prev = _before(h_0, h)
    return [
        _right(dh[:, a:b], x[:, a:b], h_prev[:, a], h[:, a:b], w) for a, b in zip(edges, edges[1:])
    ]


def _joined(parts, dh_0=lambda parts: parts[0][1], sum_over=lambda all_parts: all_parts, factor=lambda n: 1):
    kept = sum_over(parts)
    gradients = {k: sum(part[2][k] for part in kept) / factor(len(parts)) for k in parts[0][2]}
    return np.concatenate([part[0] for part in parts], axis=1), dh_0(parts), gradients


def _cut(**change):
    return lambda *case: _joined(_segments(*case), **change)


def _cut_at(offset):
    """Boundaries `offset` steps from where they belong."""
    return lambda *case: _joined(_segments(*case, start=(case[-1] + offset) % case[-1]))


def _each_loss_reaches_back(dh, x, h_0, h, w, truncation):
    """The other definition: what each output says goes back `truncation` steps."""
    h_prev, total = _before(h_0, h), None
    for t in range(x.shape[1]):
        a = max(0, t + 1 - truncation)
        alone = np.where(np.arange(x.shape[1])[:, None] == t, dh, 0)
        part = _right(alone[:, a : t + 1], x[:, a : t + 1], h_prev[:, a], h[:, a : t + 1], w)
        dx = np.zeros(x.shape)
        dx[:, a : t + 1] = part[0]
        part = [dx, part[1] * (a == 0), *part[2].values()]
        total = part if total is None else [s + p for s, p in zip(total, part)]
    return total[0], total[1], dict(zip(("W_xh", "W_hh", "b_h"), total[2:]))


def _only_the_end(dh, x, h_0, h, w, truncation):
    """The gradient of the last `truncation` steps only."""
    a = max(0, x.shape[1] - truncation)
    dx, dh_0, gradients = _right(dh[:, a:], x[:, a:], _before(h_0, h)[:, a], h[:, a:], w)
    return np.pad(dx, ((0, 0), (a, 0), (0, 0))), dh_0 * (a == 0), gradients


def _state_dropped(dh, x, h_0, h, w, truncation):
    parts, edges = [], [*range(0, x.shape[1], truncation), x.shape[1]]
    for a, b in zip(edges, edges[1:]):
        parts.append(_right(dh[:, a:b], x[:, a:b], h_0 * (a == 0), h[:, a:b], w))
    return _joined(parts)


def _cut_late(*case):
    """Boundaries one step later, and none after step 1."""
    truncation, T = case[-1], case[1].shape[1]
    edges = [0, *range(truncation + 1, T, truncation), T]
    dh, x, h_0, h, w, _ = case
    h_prev = _before(h_0, h)
    return _joined([_right(dh[:, a:b], x[:, a:b], h_prev[:, a], h[:, a:b], w) for a, b in zip(edges, edges[1:])])


def _from_first_state(dh, x, h_0, h, w, truncation):
    edges = [*range(0, x.shape[1], truncation), x.shape[1]]
    starts = [h_0 if a == 0 else h[:, a] for a in edges[:-1]]
    return _joined([_right(dh[:, a:b], x[:, a:b], s, h[:, a:b], w) for s, a, b in zip(starts, edges, edges[1:])])


def _from_h_0(dh, x, h_0, h, w, truncation):
    edges = [*range(0, x.shape[1], truncation), x.shape[1]]
    return _joined([_right(dh[:, a:b], x[:, a:b], h_0, h[:, a:b], w) for a, b in zip(edges, edges[1:])])


def _rest_left_out(dh, x, h_0, h, w, truncation):
    whole = x.shape[1] // truncation * truncation
    if not whole:
        raise ValueError("no whole segment")
    dx, dh_0, g = _joined(_segments(dh[:, :whole], x[:, :whole], h_0, h[:, :whole], w, truncation))
    return np.pad(dx, ((0, 0), (0, x.shape[1] - whole), (0, 0))), dh_0, g


TRUNCATION_MISTAKES = {
    "nothing is cut: this is the full backward pass": lambda *case: _right(*case[:-1]),
    "the boundary is one step too early: the cut is after steps truncation, 2 * truncation, ...": _cut_at(-1),
    "the boundary is one step too late: the cut is after steps truncation, 2 * truncation, ...": _cut_late,
    "the boundaries are after steps 1, 1 + truncation, ...: they belong one step earlier, and none is after step 1": _cut_at(1),
    "the segments are counted from the end; the first one begins at step 1": lambda *case: _joined(
        _segments(*case, start=case[1].shape[1] % case[-1])
    ),
    "each loss reaches back `truncation` steps: that is the other definition": _each_loss_reaches_back,
    "only the last `truncation` steps get a gradient; every segment's losses count": _only_the_end,
    "the gradient is cut after every step": lambda *case: _joined(_segments(*case[:-1], 1)),
    "the gradients are overwritten: only the first segment's are left": _cut(sum_over=lambda parts: parts[:1]),
    "the gradients are overwritten: only the last segment's are left": _cut(sum_over=lambda parts: parts[-1:]),
    "the gradients are averaged over the segments, not summed": _cut(factor=lambda n: n),
    "only the last segment's dx comes back": lambda *case: (_segments(*case)[-1][0], *_joined(_segments(*case))[1:]),
    "dh_0 is that of the last segment; h_0 is the state before the first": _cut(dh_0=lambda parts: parts[-1][1]),
    "dh_0 is summed over the segments; only the first one starts from h_0": _cut(
        dh_0=lambda parts: sum(part[1] for part in parts)
    ),
    "dh_0 is zero: within the first segment the gradient does reach h_0": _cut(dh_0=lambda parts: 0 * parts[0][1]),
    "dh_0 is that of the full backward pass": _cut(dh_0=lambda parts: None),
    "the state is cut too: a segment starts from h[:, start - 1], not from zero": _state_dropped,
    "the state before a segment is h[:, start - 1], not h[:, start], which is its first": _from_first_state,
    "every segment starts from h_0; a later one starts from h[:, start - 1]": _from_h_0,
    "the last steps, too few for a whole segment, are left out": _rest_left_out,
    "truncation is taken for the number of segments": lambda *case: _joined(
        _segments(*case[:-1], -(-case[1].shape[1] // case[-1]))
    ),
    **{text: (lambda *case, f=f: f(*case[:-1])) for text, f in MISTAKES.items()},
}
TRUNCATION_MISTAKES["dh_0 is that of the full backward pass"] = lambda *case: (
    *_joined(_segments(*case))[:1], _right(*case[:-1])[1], _joined(_segments(*case))[2]
)


def _term_parts(x, h_0, w):
    h = [h_0]
    for x_t in x:
        h.append(np.tanh(x_t + w * h[-1]))
    h = np.array(h)
    slope = 1 - h[1:] ** 2
    return h, slope, slope * h[:-1]


def _terms_of(x, h_0, w, step):
    """The terms as the right backward pass makes them of states that `step(x_t, h)` gave."""
    h = [h_0]
    for x_t in x:
        h.append(step(x_t, h[-1]))
    slope = 1 - np.array(h[1:]) ** 2
    return _product(slope * w) * slope * np.array(h[:-1])


def _product(factors):
    """For each k the product of the factors after k."""
    return np.array([np.prod(factors[k:]) for k in range(1, len(factors) + 1)])


def _term_mistake(make):
    def mistake(x, h_0, w):
        return make(*_term_parts(x, h_0, w), w)

    return mistake


def _total(h, slope, explicit, w):
    total, rows = 0.0, []
    for s, e in zip(slope, explicit):
        total = e + s * w * total
        rows.append(total)
    return np.array(rows)


TERM_MISTAKES = {
    "the terms come in reverse order: item k-1 is the term of step k": _term_mistake(
        lambda h, s, e, w: (_product(s * w) * e)[::-1]
    ),
    "the factor dh_T/dh_k is missing": _term_mistake(lambda h, s, e, w: e),
    "w is missing in dh_T/dh_k": _term_mistake(lambda h, s, e, w: _product(s) * e),
    "tanh's derivative is missing in dh_T/dh_k": _term_mistake(lambda h, s, e, w: _product(0 * s + w) * e),
    "tanh's derivative is missing in the explicit derivative": _term_mistake(lambda h, s, e, w: _product(s * w) * h[:-1]),
    "tanh's derivative is missing everywhere": _term_mistake(lambda h, s, e, w: _product(0 * s + w) * h[:-1]),
    "h_k in place of h_{k-1} in the explicit derivative": _term_mistake(lambda h, s, e, w: _product(s * w) * s * h[1:]),
    "x_k in place of h_{k-1} in the explicit derivative": lambda x, h_0, w: (
        lambda h, s, e: _product(s * w) * s * x
    )(*_term_parts(x, h_0, w)),
    "one factor too many: this is dh_T/dh_{k-1} times the explicit derivative": _term_mistake(
        lambda h, s, e, w: _product(s * w) * s * w * e
    ),
    "one factor too few in dh_T/dh_k": _term_mistake(
        lambda h, s, e, w: np.append(_product(s * w)[1:], 1.0) * e
    ),
    "dh_T/dh_k multiplies the slopes of steps k to T-1; it is those of k+1 to T": _term_mistake(
        lambda h, s, e, w: np.array([np.prod((s * w)[k:-1]) for k in range(len(s))]) * e
    ),
    "the explicit derivative is multiplied by w": _term_mistake(lambda h, s, e, w: _product(s * w) * e * w),
    "each term holds those before it too: a running sum, or the whole derivative of h_k in place of the explicit one": (
        _term_mistake(lambda h, s, e, w: _product(s * w) * _total(h, s, e, w))
    ),
    "dh_k/dw comes back, the whole derivative of each state": _term_mistake(_total),
    "only dh_T/dh_k comes back": _term_mistake(lambda h, s, e, w: _product(s * w)),
    "the derivative is taken of the state again: h_k is tanh(...) already, its derivative is 1 - h_k**2": _term_mistake(
        lambda h, s, e, w: _product((1 - np.tanh(h[1:]) ** 2) * w) * (1 - np.tanh(h[1:]) ** 2) * h[:-1]
    ),
    "the derivative is 1 - h_k**2, with h_k = tanh(a), not 1 - a**2": _term_mistake(
        lambda h, s, e, w: (lambda slope: _product(slope * w) * slope * h[:-1])(1 - np.arctanh(h[1:]) ** 2)
    ),
    "the product runs over the steps before k; dh_T/dh_k is made of those after k": _term_mistake(
        lambda h, s, e, w: np.append(1.0, np.cumprod(s * w)[:-1]) * e
    ),
    "1 - h_k in place of 1 - h_k**2": _term_mistake(lambda h, s, e, w: _product((1 - h[1:]) * w) * (1 - h[1:]) * h[:-1]),
    "the derivative 1 - h**2 is taken at h_{k-1}, not at h_k": _term_mistake(
        lambda h, s, e, w: _product((1 - h[:-1] ** 2) * w) * (1 - h[:-1] ** 2) * h[:-1]
    ),
    "h_0 is ignored": lambda x, h_0, w: _terms(x, 0.0, w),
    "tanh is missing in the states: h_t is tanh(x_t + w * h_{t-1})": lambda x, h_0, w: _terms_of(x, h_0, w, lambda x_t, h: x_t + w * h),
    "w belongs to the state, not to the input: h_t is tanh(x_t + w * h_{t-1})": lambda x, h_0, w: (
        _terms_of(x, h_0, w, lambda x_t, h: np.tanh(w * x_t + h))
    ),
    "the terms are summed; they should come back one by one": _term_mistake(lambda h, s, e, w: np.sum(_product(s * w) * e)),
    "there is a term for k = 0: h_0 does not depend on w": _term_mistake(
        lambda h, s, e, w: np.append(0.0, _product(s * w) * e)
    ),
    "the sign is inverted": _term_mistake(lambda h, s, e, w: -_product(s * w) * e),
}


def _loss_with(gradient=lambda p, hot, n, mask: (p - hot) / n, loss=lambda cost, mask: cost[mask].sum() / mask.sum()):
    """Softmax and costs at every position, then what a mistake makes of them."""

    def mistake(logits, targets, mask, shift=True):
        z = logits - np.max(logits, axis=-1, keepdims=True)
        p = np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)
        hot = np.eye(logits.shape[-1])[targets]
        cost = np.log(np.exp(z).sum(axis=-1)) - np.sum(z * hot, axis=-1)
        real = mask[..., None]
        d = gradient(p, hot, mask.sum(), real)
        return float(loss(cost, mask)), d if gradient in UNMASKED else np.where(real, d, 0.0)

    return mistake


def _unmasked(p, hot, n, mask):
    return (p - hot) / n


def _unmasked_mean(p, hot, n, mask):
    return (p - hot) / mask.size


UNMASKED = (_unmasked, _unmasked_mean)


def _naive(logits, targets, mask, axis=-1, picked=True, log_of_sum=False):
    if axis == 1:  # told from what overflows
        logits = logits - np.max(logits, axis=axis, keepdims=True)
    p = np.exp(logits) / np.exp(logits).sum(axis=axis, keepdims=True)
    hot = np.eye(logits.shape[-1])[targets]
    chosen = np.take_along_axis(p, targets[..., None], axis=-1)[..., 0] if picked else np.sum(p * hot, axis=-1)
    cost = -np.log(chosen)
    if log_of_sum:
        cost = np.log(np.exp(logits).sum(axis=-1)) - np.take_along_axis(logits, targets[..., None], axis=-1)[..., 0]
    return float(np.sum(np.where(mask, cost, 0)) / mask.sum()), np.where(mask[..., None], (p - hot) / mask.sum(), 0.0)


def _of_means(p, hot, n, mask):
    return (p - hot) / np.maximum(mask.sum(axis=1, keepdims=True), 1) / len(p)


def _mean_of_means(cost, mask):
    return np.mean([row[keep].mean() for row, keep in zip(cost, mask) if keep.any()])


def _with_nan(loss, gradient):
    """What multiplying by the mask gives where the padding holds nan or infinity."""

    def mistake(logits, targets, mask):
        if np.isfinite(logits).all():
            raise ValueError("all logits are finite")
        right = _cross_entropy(logits, targets, mask)
        return float("nan") if loss else right[0], np.where(mask[..., None], right[1], np.nan if gradient else 0.0)

    return mistake


_NAN = "0 * nan is nan: keep padding out (select, or np.where) instead of multiplying by the mask"


def _logarithm_of_softmax(logits, targets, mask, small=0.0, axis=-1, log_of_sum=False):
    z = logits - np.max(np.where(mask[..., None], logits, -np.inf), axis=axis, keepdims=True)
    p = np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)
    hot = np.eye(logits.shape[-1])[targets]
    cost = -np.log(np.sum(p * hot, axis=-1) + small)
    if log_of_sum:
        cost = np.log(np.exp(z).sum(axis=-1)) - np.sum(z * hot, axis=-1)
    return float(np.sum(np.where(mask, cost, 0)) / mask.sum()), np.where(mask[..., None], (p - hot) / mask.sum(), 0.0)


def _through_the_probabilities(logits, targets, mask, log_of_p=False):
    """-1/p of the target first, the softmax's Jacobian next: right until a probability is 0."""
    y, wanted = logits[mask], targets[mask]
    y = y - y.max(axis=1, keepdims=True)
    p = np.exp(y) / np.exp(y).sum(axis=1, keepdims=True)
    rows = np.arange(len(y))
    dp = np.zeros(p.shape)
    dp[rows, wanted] = -1 / p[rows, wanted]
    dlogits = np.zeros(logits.shape)
    dlogits[mask] = p * (dp - np.sum(dp * p, axis=1, keepdims=True)) / len(y)
    costs = -np.log(p[rows, wanted]) if log_of_p else np.log(np.exp(y).sum(axis=1)) - y[rows, wanted]
    return float(costs.mean()), dlogits


_DETOUR = "the way through -1/p gives 0 times infinity where p has rounded to 0: softmax minus one-hot divides by no probability"


def _columns_of_all_targets(logits, targets, mask):
    loss, right = _loss_with()(logits, targets, mask)
    d = right + np.where(mask[..., None], np.eye(logits.shape[-1])[targets], 0) / mask.sum()
    d[..., np.unique(targets[mask])] -= mask[..., None] / mask.sum()
    return loss, d


LOSS_MISTAKES = {
    "1 is taken from every symbol's probability; only the target's loses it: p[rows, targets] -= 1": (
        _loss_with(lambda p, hot, n, mask: (p - 1) / n)
    ),
    _DETOUR: _through_the_probabilities,
    _DETOUR + " ": lambda *case: _through_the_probabilities(*case, log_of_p=True),
    _NAN: _with_nan(True, True),
    _NAN + " ": _with_nan(True, False),
    _NAN + "  ": _with_nan(False, True),
    "softmax has rounded the target's probability to 0 before the logarithm: take log(sum(exp(z))) - z of the target": (
        _logarithm_of_softmax
    ),
    "one maximum for all positions: subtract each position's largest logit first": (
        lambda *case: _logarithm_of_softmax(*case, axis=None)
    ),
    "one maximum for all positions: subtract each position's largest logit first ": (
        lambda *case: _logarithm_of_softmax(*case, axis=None, log_of_sum=True)
    ),
    **{
        f"a small number ({small:g}) inside the logarithm bounds the loss: take log(sum(exp(z))) - z of the target": (
            lambda *case, small=small: _logarithm_of_softmax(*case, small)
        )
        for small in (1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15, 1e-16)
    },
    "the loss is the sum, not the mean": _loss_with(loss=lambda cost, mask: cost[mask].sum()),
    "the gradient is that of the sum: it is not divided by the number of real positions": (
        _loss_with(lambda p, hot, n, mask: p - hot)
    ),
    "sum, not mean, in loss and gradient": _loss_with(
        lambda p, hot, n, mask: p - hot, lambda cost, mask: cost[mask].sum()
    ),
    "divided by the number of all positions, padding too": _loss_with(
        lambda p, hot, n, mask: (p - hot) / mask.size, lambda cost, mask: cost[mask].sum() / mask.size
    ),
    "the gradient is divided by the number of all positions, padding too": _loss_with(
        lambda p, hot, n, mask: (p - hot) / mask.size
    ),
    "the loss is divided by the number of all positions, padding too": _loss_with(
        loss=lambda cost, mask: cost[mask].sum() / mask.size
    ),
    "p[:, targets] takes 1 from these columns in every row; p[rows, targets] pairs each row with its own target": (
        _columns_of_all_targets
    ),
    "padding counts like a real position": _loss_with(_unmasked_mean, lambda cost, mask: cost.mean()),
    "padding counts in the loss": _loss_with(loss=lambda cost, mask: cost.mean()),
    "padding gets a gradient": _loss_with(_unmasked),
    "padding counts in the loss's sum and gets a gradient": _loss_with(
        _unmasked, lambda cost, mask: cost.sum() / mask.sum()
    ),
    "the mask is inverted: it is True at the real positions": lambda logits, targets, mask: (
        _loss_with()(logits, targets, ~mask)
    ),
    "divided by the batch only": _loss_with(
        lambda p, hot, n, mask: (p - hot) / len(p), lambda cost, mask: cost[mask].sum() / len(cost)
    ),
    "divided by the number of time steps only": _loss_with(
        lambda p, hot, n, mask: (p - hot) / p.shape[1], lambda cost, mask: cost[mask].sum() / cost.shape[1]
    ),
    "the gradient is divided by the number of positions twice": _loss_with(lambda p, hot, n, mask: (p - hot) / n**2),
    "the gradient is in bits, the loss in nats: take the natural logarithm for both": _loss_with(
        lambda p, hot, n, mask: (p - hot) / n / np.log(2)
    ),
    "the gradient is that of the mean of the sequences' means: long and short sequences count the same": _loss_with(_of_means),
    "loss and gradient are those of the mean of the sequences' means: long and short sequences count the same": _loss_with(
        _of_means, _mean_of_means
    ),
    "padding keeps its logits in dlogits: zeros belong there": lambda logits, targets, mask: (
        (lambda loss, d: (loss, np.where(mask[..., None], d, logits)))(*_loss_with()(logits, targets, mask))
    ),
    "dlogits has a row for each real position; it needs the shape of logits, with zeros at padding": lambda logits, targets, mask: (
        (lambda loss, d: (loss, d[mask]))(*_loss_with()(logits, targets, mask))
    ),
    "a target of 0 is taken for padding; the mask alone says what padding is": lambda logits, targets, mask: (
        _loss_with()(logits, targets, mask & (targets > 0))
    ),
    "the gradient is divided by the batch only": _loss_with(lambda p, hot, n, mask: (p - hot) / len(p)),
    "divided by the number of symbols too": _loss_with(
        lambda p, hot, n, mask: (p - hot) / n / p.shape[-1],
        lambda cost, mask: cost[mask].sum() / mask.sum() / 1.0,
    ),
    "the mean of the sequences' means: long and short sequences count the same": _loss_with(loss=_mean_of_means),
    "the loss is in bits: nats take the natural logarithm": _loss_with(
        loss=lambda cost, mask: cost[mask].sum() / mask.sum() / np.log(2)
    ),
    "loss and gradient are in bits: nats take the natural logarithm": _loss_with(
        lambda p, hot, n, mask: (p - hot) / n / np.log(2), lambda cost, mask: cost[mask].sum() / mask.sum() / np.log(2)
    ),
    "the loss has the wrong sign": _loss_with(loss=lambda cost, mask: -cost[mask].sum() / mask.sum()),
    "the loss is the mean probability of the targets, without the logarithm": _loss_with(
        loss=lambda cost, mask: np.exp(-cost[mask]).mean()
    ),
    "the loss is a perplexity: exp is too much": _loss_with(loss=lambda cost, mask: np.exp(cost[mask].mean())),
    "the gradient has the wrong sign: softmax minus one-hot": _loss_with(lambda p, hot, n, mask: (hot - p) / n),
    "the one-hot target is not subtracted": _loss_with(lambda p, hot, n, mask: p / n),
    "the softmax is missing in the gradient": _loss_with(lambda p, hot, n, mask: -hot / n),
    "only the target's logit gets a gradient: the others have softmax / N": _loss_with(
        lambda p, hot, n, mask: (p - hot) * hot / n
    ),
    "this is the gradient with respect to the probabilities, -1/p at the target; that of the logits is simpler": _loss_with(
        lambda p, hot, n, mask: -hot / p / n
    ),
    "the one-hot is at the most likely symbol, not at the target": _loss_with(
        lambda p, hot, n, mask: (p - (p == p.max(axis=-1, keepdims=True))) / n
    ),
    "the softmax probabilities come back": _loss_with(lambda p, hot, n, mask: p),
    "the targets are one time step off": lambda logits, targets, mask: _loss_with()(
        logits, np.roll(targets, -1, axis=1), mask
    ),
    "the softmax runs over the time steps, not over the symbols": lambda *case: _naive(*case, axis=1),
    "the exponential overflows or all of them vanish: subtract each position's largest logit first": _naive,
    "the exponential overflows or all of them vanish: subtract each position's largest logit first ": (
        lambda *case: _naive(*case, picked=False)
    ),
    "the exponential overflows or all of them vanish: subtract each position's largest logit first  ": (
        lambda *case: _naive(*case, log_of_sum=True)
    ),
}


def _clip_all(gradients, max_norm):
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients.values()))
    return {k: g * min(1.0, max_norm / norm) if norm else g for k, g in gradients.items()}


def _adam_with(
    clip=_clip_all, b1=0.9, b2=0.999, power=2, count=1, correct=(True, True), root=lambda v, fix: np.sqrt(v * fix) + 1e-8,
    sign=-1.0, keep=lambda m, v, fix_m, fix_v: (m, v), fresh=False, rate=lambda r: r, mix=(None, None), use=None, advance=1,
    corrected_by=None, square=None, raised=(pow, pow),
):
    def mistake(weights, gradients, state, learning_rate, max_norm):
        g = clip(gradients, max_norm)
        step = state["step"] + count
        if (correct[0] or correct[1]) and not step:
            fix_m = fix_v = np.inf
        else:
            c1, c2 = corrected_by or (b1, b2)
            fix_m = 1 / (1 - raised[0](c1, step)) if correct[0] else 1.0
            fix_v = 1 / (1 - raised[1](c2, step)) if correct[1] else 1.0
        new, kept_m, kept_v = {}, {}, {}
        for k, w in weights.items():
            before_m, before_v = (0.0, 0.0) if fresh else (state["m"][k], state["v"][k])
            m = b1 * before_m + (1 - b1 if mix[0] is None else mix[0]) * g[k]
            v = b2 * before_v + (1 - b2 if mix[1] is None else mix[1]) * (np.abs(g[k]) ** power if square is None else square(g[k]))
            top = m * fix_m if use is None else use(g[k], m, fix_m)
            new[k] = w + sign * rate(learning_rate) * top / root(v, fix_v)
            kept_m[k], kept_v[k] = keep(m, v, fix_m, fix_v)
        return new, {"m": kept_m, "v": kept_v, "step": state["step"] + advance}

    return mistake


def _each_alone(gradients, max_norm):
    return {k: _clip_all({k: g}, max_norm)[k] for k, g in gradients.items()}


def _scaled(factor):
    def clip(gradients, max_norm):
        norms = {k: np.linalg.norm(g) for k, g in gradients.items()}
        return {k: g * factor(norms, max_norm, sum(g.size for g in gradients.values())) for k, g in gradients.items()}

    return clip


def _global_norm(norms):
    return np.sqrt(sum(n**2 for n in norms.values()))


def _by_largest_number(gradients, max_norm):
    top = max(np.abs(g).max() for g in gradients.values())
    return {k: g * min(1.0, max_norm / top) if top else g for k, g in gradients.items()}


def _late_clip(gradients, max_norm, slack=1.2):
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients.values()))
    return gradients if norm <= slack * max_norm else _clip_all(gradients, max_norm)


def _unclipped_v(weights, gradients, state, learning_rate, max_norm):
    right = _adam_with()(weights, gradients, state, learning_rate, max_norm)[1]
    v = _adam_with(clip=lambda g, c: g)(weights, gradients, state, learning_rate, max_norm)[1]["v"]
    fix_m, fix_v = 1 - 0.9 ** right["step"], 1 - 0.999 ** right["step"]
    new = {k: w - learning_rate * right["m"][k] / fix_m / (np.sqrt(v[k] / fix_v) + 1e-8) for k, w in weights.items()}
    return new, {**right, "v": v}


def _adam_rate_by_step(weights, gradients, state, learning_rate, max_norm):
    return _adam_with()(weights, gradients, state, learning_rate / np.sqrt(state["step"] + 1), max_norm)


ADAM_MISTAKES = {
    "the gradient is not clipped": _adam_with(clip=lambda g, c: g),
    "the norm of the first array alone decides; the global norm is that of all arrays together": _adam_with(
        clip=_scaled(lambda norms, c, size: min(1.0, c / list(norms.values())[0]))
    ),
    "the norm of the last array alone decides; the global norm is that of all arrays together": _adam_with(
        clip=_scaled(lambda norms, c, size: min(1.0, c / list(norms.values())[-1]))
    ),
    "a gradient a little over max_norm is not clipped": _adam_with(clip=_late_clip),
    "the learning rate is not used": _adam_with(rate=lambda r: 1.0),
    "the learning rate is divided by the square root of the step": _adam_rate_by_step,
    "each array is clipped by its own norm; one factor, from the norm of all, keeps the direction": _adam_with(clip=_each_alone),
    "each number is clipped to max_norm; scale all by one factor": _adam_with(
        clip=lambda g, c: {k: np.clip(a, -c, c) for k, a in g.items()}
    ),
    "the gradient is scaled to max_norm always, also where it is shorter": _adam_with(
        clip=_scaled(lambda norms, c, size: c / _global_norm(norms))
    ),
    "the norms of the arrays are added up; the global norm is the root of the sum of all squares": _adam_with(
        clip=_scaled(lambda norms, c, size: min(1.0, c / sum(norms.values())))
    ),
    "the square root is missing in the norm": _adam_with(clip=_scaled(lambda norms, c, size: min(1.0, c / _global_norm(norms) ** 2))),
    "the largest array's norm in place of the norm of all": _adam_with(
        clip=_scaled(lambda norms, c, size: min(1.0, c / max(norms.values())))
    ),
    "the largest number decides, not the norm of all numbers": _adam_with(clip=_by_largest_number),
    "the norm is taken of the mean of the squares, not of their sum": _adam_with(
        clip=_scaled(lambda norms, c, size: min(1.0, c / (_global_norm(norms) / np.sqrt(size))))
    ),
    "the gradient is divided by its norm but not multiplied by max_norm": _adam_with(
        clip=_scaled(lambda norms, c, size: 1 / _global_norm(norms) if _global_norm(norms) > c else 1.0)
    ),
    "a gradient over max_norm is thrown away, not scaled": _adam_with(
        clip=_scaled(lambda norms, c, size: 1.0 * (_global_norm(norms) <= c))
    ),
    "v takes the gradient as it was before clipping": lambda w, g, s, r, c: _unclipped_v(w, g, s, r, c),
    "a norm of zero is divided by": _adam_with(clip=lambda g, c: {k: a * np.nan for k, a in g.items()}),
    "the bias correction is missing": _adam_with(correct=(False, False)),
    "the bias correction of m is missing": _adam_with(correct=(False, True)),
    "the bias correction of v is missing": _adam_with(correct=(True, False)),
    "the bias correction uses the old step: the first update has step 1": _adam_with(count=0),
    "step is increased twice in an update": _adam_with(count=2),
    "step is increased once for each array": _adam_with(advance=5),
    "step is never increased": _adam_with(advance=0),
    "the corrected m and v are stored: the state keeps the uncorrected ones": _adam_with(
        keep=lambda m, v, a, b: (m * a, v * b)
    ),
    "epsilon is inside the square root": _adam_with(root=lambda v, fix: np.sqrt(v * fix + 1e-8)),
    "epsilon is missing": _adam_with(root=lambda v, fix: np.sqrt(v * fix)),
    "epsilon is added before the bias correction of v, as some libraries do": _adam_with(
        root=lambda v, fix: (np.sqrt(v) + 1e-8) * np.sqrt(fix)
    ),
    "the square root of v is missing": _adam_with(root=lambda v, fix: v * fix + 1e-8),
    "the update has the wrong sign: go against the gradient": _adam_with(sign=1.0),
    "v takes the gradient, not its square": _adam_with(square=lambda g: g),
    "v takes the gradient, not its square ": _adam_with(power=1),
    "beta * step in place of beta**step in the bias correction": _adam_with(raised=(operator.mul, operator.mul)),
    "beta1 * step in place of beta1**step in the bias correction": _adam_with(raised=(operator.mul, pow)),
    "beta1 and beta2 are swapped": _adam_with(b1=0.999, b2=0.9),
    "beta1 and beta2 are swapped in m and v": _adam_with(b1=0.999, b2=0.9, corrected_by=(0.9, 0.999)),
    "beta1 and beta2 are swapped in the bias correction": _adam_with(corrected_by=(0.999, 0.9)),
    "beta2 is 0.99; the course takes 0.999": _adam_with(b2=0.99),
    "0.9 and 0.1 are exchanged in m: it keeps 0.9 of itself": _adam_with(b1=0.1, corrected_by=(0.9, 0.999)),
    "0.999 and 0.001 are exchanged in v: it keeps 0.999 of itself": _adam_with(b2=0.001, corrected_by=(0.9, 0.999)),
    "0.9 and 0.1, 0.999 and 0.001 are exchanged: m and v keep most of themselves": _adam_with(
        b1=0.1, b2=0.001, corrected_by=(0.9, 0.999)
    ),
    **{
        f"epsilon is {epsilon:g}; the course takes 1e-8": _adam_with(root=lambda v, fix, epsilon=epsilon: np.sqrt(v * fix) + epsilon)
        for epsilon in (1e-3, 1e-5, 1e-6, 1e-7, 1e-10, 1e-12)
    },
    **{f"the learning rate is {rate:g}, whatever is asked": _adam_with(rate=lambda r, rate=rate: rate) for rate in (1e-3, 1e-2)},
    "max_norm is not used: the gradient is clipped to a norm of 1": _adam_with(clip=lambda g, c: _clip_all(g, 1.0)),
    "the means of the arrays' squares are added up: the norm is the root of the sum of all squares": _adam_with(
        clip=lambda g, c: {k: a * min(1.0, c / np.sqrt(sum(np.mean(b * b) for b in g.values()))) for k, a in g.items()}
    ),
    "the new gradient's share of m is 1, not 1 - beta1": _adam_with(mix=(1.0, None)),
    "the new square's share of v is 1, not 1 - beta2": _adam_with(mix=(None, 1.0)),
    "the new gradient's shares are 1, not 1 - beta": _adam_with(mix=(1.0, 1.0)),
    "the old moments are not used": _adam_with(fresh=True),
    "the update takes the gradient in place of m": _adam_with(use=lambda g, m, fix: g),
    "the update takes the old m's place without the gradient: state['m'] must be renewed first": (
        lambda w, g, s, r, c: _adam_with(use=lambda g, m, fix: (m - 0.1 * g) * fix)(w, g, s, r, c)
    ),
    "this is plain gradient descent": lambda w, g, s, r, c: (
        (lambda clipped, state: ({k: w[k] - r * clipped[k] for k in w}, state))(_clip_all(g, c), _adam_with()(w, g, s, r, c)[1])
    ),
    "the weights come back without the update": lambda w, g, s, r, c: (w, _adam_with()(w, g, s, r, c)[1]),
    "the update comes back, not the updated weights": lambda w, g, s, r, c: (
        (lambda new, state: ({k: new[k] - w[k] for k in w}, state))(*_adam_with()(w, g, s, r, c))
    ),
    "the state comes back as it was": lambda w, g, s, r, c: (_adam_with()(w, g, s, r, c)[0], s),
}


def _whole_with(change):
    """A right result that `change(loss, h_last, gradients, case)` makes a mistake of."""
    return lambda *case: change(*_whole(*case), case)


def _logit_gradient(ids, targets, mask, h_0, weights):
    logits, h = _model(ids, h_0, weights)
    p = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    d = np.where(mask[..., None], p - np.eye(p.shape[-1])[targets], 0.0) / mask.sum()
    return d, h


def _through(dh_of):
    """The result with another dh: `dh_of(dlogits, W_hy)`."""

    def mistake(ids, targets, mask, h_0, weights, truncation):
        loss, h_last, right = _whole(ids, targets, mask, h_0, weights, truncation)
        d, h = _logit_gradient(ids, targets, mask, h_0, weights)
        x = np.eye(len(weights["W_xh"]))[ids]
        dW = _joined(_segments(dh_of(d, weights["W_hy"]), x, h_0, h, weights, truncation or ids.shape[1]))[2]
        return loss, h_last, {**right, **dW}

    return mistake


def _backward_with(before=lambda h_0: h_0, read=lambda ids, targets: ids, one_hot=lambda ids, size: np.eye(size)[ids]):
    """The result where the recurrent layer's backward pass gets another h_0 or another x."""

    def mistake(ids, targets, mask, h_0, weights, truncation):
        loss, h_last, right = _whole(ids, targets, mask, h_0, weights, truncation)
        d, h = _logit_gradient(ids, targets, mask, h_0, weights)
        x = one_hot(read(ids, targets), len(weights["W_xh"]))
        dW = _joined(_segments(d @ weights["W_hy"].T, x, before(h_0), h, weights, truncation or ids.shape[1]))[2]
        return loss, h_last, {**right, **dW}

    return mistake


def _output(**new):
    """The result with other gradients of the output layer: functions of dlogits (batch, time, symbols), h and h_0."""

    def change(loss, h_last, gradients, case):
        d, h = _logit_gradient(*case[:5])
        return loss, h_last, {**gradients, **{key: f(d, h, case[3]) for key, f in new.items()}}

    return _whole_with(change)


WHOLE_MISTAKES = {
    "the last state is h[:, -1]; h[-1] is the last sequence of the batch": _whole_with(
        lambda loss, h, g, case: (loss, _model(*case[::3][:1], *case[3:5])[1][-1], g)
    ),
    "all states come back; the last one is h[:, -1]": _whole_with(
        lambda loss, h, g, case: (loss, _model(case[0], *case[3:5])[1], g)
    ),
    "the state after each sequence's last real step comes back; the last state is h[:, -1], after padding too": _whole_with(
        lambda loss, h, g, case: (loss, _model(case[0], *case[3:5])[1][np.arange(len(h)), np.maximum(case[2].sum(axis=1), 1) - 1], g)
    ),
    "the ids themselves are the input; rnn_backward needs them one-hot": _backward_with(
        one_hot=lambda ids, size: np.repeat(ids[..., None], size, axis=2)
    ),
    "dh is dlogits itself: it still has to go through W_hy, as dlogits @ W_hy.T": _through(lambda d, W_hy: d),
    "db_y counts the first sequence of the batch only": _output(b_y=lambda d, h, h_0: d[0].sum(axis=0)),
    "h_0 comes back in place of the last state": _whole_with(lambda loss, h, g, case: (loss, case[3], g)),
    "the first state comes back, not the last": _whole_with(
        lambda loss, h, g, case: (loss, _model(case[0], *case[3:5])[1][:, 0], g)
    ),
    "the truncation is not used: this is the full gradient": lambda *case: _whole(*case[:-1]),
    "the sequence is cut though truncation is None": lambda *case: (
        _whole(*case[:-1], 1) if case[-1] is None else _whole(*case)
    ),
    "dh is made with W_hy, not with its transpose": _through(
        lambda d, W_hy: d @ (W_hy if W_hy.shape[0] == W_hy.shape[1] else W_hy.T)  # elsewhere the shapes forbid it
    ),
    "dh passes through W_hy and the slope of tanh; rnn_backward takes care of the slope": lambda *case: (
        _slope_twice(*case)
    ),
    "rnn_backward gets zeros for h_0: only dW_hh shows it": _backward_with(before=lambda h_0: 0 * h_0),
    "x is made from the targets; the network reads ids": _backward_with(read=lambda ids, targets: targets),
    "dW_hy is transposed": _whole_with(lambda loss, h, g, case: (loss, h, {**g, "W_hy": g["W_hy"].T})),
    "dW_hy is made from the states before each step; the logits at t are made from h_t": _output(
        W_hy=lambda d, h, h_0: np.einsum("bth,btk->hk", _before(h_0, h), d)
    ),
    "dW_hy and db_y count the last time step only": _output(
        W_hy=lambda d, h, h_0: np.einsum("bh,bk->hk", h[:, -1], d[:, -1]), b_y=lambda d, h, h_0: d[:, -1].sum(axis=0)
    ),
    "dW_hy counts the last time step only": _output(W_hy=lambda d, h, h_0: np.einsum("bh,bk->hk", h[:, -1], d[:, -1])),
    "dW_hy counts the first time step only": _output(W_hy=lambda d, h, h_0: np.einsum("bh,bk->hk", h[:, 0], d[:, 0])),
    "dW_hy and db_y are divided by the batch: the mean is in dlogits already": _output(
        W_hy=lambda d, h, h_0: np.einsum("bth,btk->hk", h, d) / len(d), b_y=lambda d, h, h_0: d.sum(axis=(0, 1)) / len(d)
    ),
    "dW_hy and db_y are divided by the number of positions: the mean is in dlogits already": _output(
        W_hy=lambda d, h, h_0: np.einsum("bth,btk->hk", h, d) / d[..., 0].size,
        b_y=lambda d, h, h_0: d.mean(axis=(0, 1)),
    ),
    "db_y is the mean, not the sum: the mean is in dlogits already": _output(b_y=lambda d, h, h_0: d.mean(axis=(0, 1))),
    "db_y is not summed over the batch": _output(b_y=lambda d, h, h_0: d.sum(axis=1)),
    "db_y is not summed over the time steps": _output(b_y=lambda d, h, h_0: d.sum(axis=0)),
    "db_y is summed over the symbols too": _output(b_y=lambda d, h, h_0: d.sum()),
    "dW_hy mixes the axes: h and dlogits must be laid out in the same order before the product": _output(
        W_hy=lambda d, h, h_0: np.swapaxes(h, 0, 1).reshape(-1, h.shape[2]).T @ d.reshape(-1, d.shape[2])
    ),
    "only the output layer gets a gradient; the others are zero": _through(lambda d, W_hy: 0 * (d @ W_hy.T)),
    "the loss is in bits: nats take the natural logarithm": _whole_with(lambda loss, h, g, case: (loss / np.log(2), h, g)),
    "h_0 is ignored: the states start from zero": lambda ids, targets, mask, h_0, weights, truncation: (
        _whole(ids, targets, mask, 0 * h_0, weights, truncation)
    ),
    "the mask is not used: padding counts too": lambda ids, targets, mask, *rest: (
        _whole(ids, targets, mask | True, *rest)
    ),
    "the loss compares with the inputs, not with the targets": lambda ids, targets, *rest: _whole(ids, ids, *rest),
    "the sign is inverted: this is minus the gradient": _whole_with(
        lambda loss, h, g, case: (loss, h, {key: -a for key, a in g.items()})
    ),
}


def _slope_twice(ids, targets, mask, h_0, weights, truncation):
    h = _model(ids, h_0, weights)[1]
    return _through(lambda d, W_hy: (d @ W_hy.T) * (1 - h**2))(ids, targets, mask, h_0, weights, truncation)


def _first_weights(batches, h_0, weights, state, *rest):
    """Every batch asks the first weights for its gradient; the updates add up."""
    return _trained(batches, h_0, weights, state, *rest, gradients=lambda ids, targets, mask, h, _, truncation: (
        _whole(ids, targets, mask, h, weights, truncation)
    ))


def _last_batch_only(batches, h_0, weights, state, *rest):
    """Every update starts from the first weights and the first state, so that only the last one is left."""
    one_by_one = [_trained([batch], h_0, weights, state, *rest) for batch in batches]
    return [losses[0] for losses, *_ in one_by_one], *one_by_one[-1][1:]


def _state_not_kept(batches, h_0, weights, state, *rest):
    """Adam's state is the one from before at every batch."""
    return _trained(batches, h_0, weights, state, *rest, update=lambda w, g, s, r, c: _adam(w, g, state, r, c))


def _losses_after(batches, h_0, weights, state, learning_rate, keep_state, truncation):
    losses, h = [], h_0
    for batch in batches:
        _, last, weights, state = _trained([batch], h if keep_state else h_0, weights, state, learning_rate, keep_state, truncation)
        losses.append(_whole(*batch, h if keep_state else h_0, weights, truncation)[0])
        h = last
    return losses, h, weights, state


def _one_update(batches, h_0, weights, state, learning_rate, keep_state, truncation):
    """The mean of all gradients, and a single update."""
    losses, h, total = [], h_0, {}
    for ids, targets, mask in batches:
        loss, h, dW = _whole(ids, targets, mask, h if keep_state else h_0, weights, truncation)
        losses.append(loss)
        total = {key: total.get(key, 0) + g / len(batches) for key, g in dW.items()}
    return losses, h, *_adam(weights, total, state, learning_rate, 1.0)


def _no_moments(state):
    return {**state, **{name: {key: array * 0 for key, array in state[name].items()} for name in "mv"}}


def _reported(change):
    return lambda *case: (lambda losses, h, w, s: (change(losses), h, w, s))(*_trained(*case))


def _only(kept):
    """The batches that `kept` leaves; where none is left there is nothing to be wrong about."""
    return lambda batches, *rest: _trained(kept(batches) or batches, *rest)


TRAIN_MISTAKES = {
    "every batch starts from h_0, although keep_state is True": lambda batches, h_0, w, s, r, keep_state, k: (
        _trained(batches, h_0, w, s, r, False, k)
    ),
    "the state is carried from batch to batch, although keep_state is False": lambda batches, h_0, w, s, r, keep_state, k: (
        _trained(batches, h_0, w, s, r, True, k)
    ),
    "keep_state is inverted": lambda batches, h_0, w, s, r, keep_state, k: _trained(batches, h_0, w, s, r, not keep_state, k),
    "the first batch starts from zero, not from h_0": lambda batches, h_0, w, s, r, keep_state, k: (
        _trained(batches, 0 * h_0, w, s, r, keep_state, k)
    ),
    "without keep_state a batch starts from h_0, not from zeros": lambda batches, h_0, w, s, r, keep_state, k: (
        _trained(batches, h_0, w, s, r, keep_state, k, start=lambda h, i: h if keep_state else 0 * h_0)
    ),
    "with keep_state the first batch starts from h_0, not from zeros": lambda batches, h_0, w, s, r, keep_state, k: (
        _trained(batches, h_0, w, s, r, keep_state, k, start=lambda h, i: (h if i else 0 * h_0) if keep_state else h_0)
    ),
    "two updates are made for each batch": lambda batches, h_0, w, s, r, keep_state, k: _trained(
        batches, h_0, w, s, r, keep_state, k, update=lambda w, g, s, r, c: (
            (lambda new, state: _adam(new, g, state, r, c))(*_adam(w, g, s, r, c))
        )
    ),
    "adam_step gets moments of zero: they go on from batch to batch, with the state that was passed in": (
        lambda batches, h_0, w, s, r, keep_state, k: _trained(
            batches, h_0, w, s, r, keep_state, k, update=lambda w, g, s, r, c: _adam(w, g, _no_moments(s), r, c)
        )
    ),
    "adam_step gets a state of zeros: it goes on from batch to batch, from the one that was passed in": (
        lambda batches, h_0, w, s, r, keep_state, k: _trained(
            batches, h_0, w, s, r, keep_state, k, update=lambda w, g, s, r, c: _adam(w, g, {**_no_moments(s), "step": 0}, r, c)
        )
    ),
    "the losses are an array; a list of floats was asked for": _reported(np.array),
    "the gradients are those of the first weights: loss_and_gradients must get the new ones": _first_weights,
    "every update starts from the first weights and optimizer state: only the last batch's is left": _last_batch_only,
    "adam_step gets the same old optimizer state every time": _state_not_kept,
    "only the first batch is used: is the `return` inside the loop?": _only(lambda batches: batches[:1]),
    "the last batch is left out": _only(lambda batches: batches[:-1]),
    "the first batch is left out": _only(lambda batches: batches[1:]),
    "the batches are taken in reverse order": _only(lambda batches: batches[::-1]),
    "the gradients of all batches go into a single update; each batch gets its own": _one_update,
    "each loss is measured after its update, not before": _losses_after,
    "only the last loss comes back": _reported(lambda losses: losses[-1]),
    "the mean of the losses comes back, not their list": _reported(lambda losses: float(np.mean(losses))),
    "the losses are summed; a list is asked for": _reported(lambda losses: float(np.sum(losses))),
    "the losses are in bits: nats take the natural logarithm": _reported(lambda losses: [x / np.log(2) for x in losses]),
    "the weights come back as they were: no update is made, or its result is not kept": lambda batches, h_0, w, s, r, keep_state, k: (
        _trained(batches, h_0, w, s, r, keep_state, k, update=lambda w, g, s, r, c: (w, _adam(w, g, s, r, c)[1]))
    ),
    "the gradient is not clipped to a norm of 1": lambda batches, h_0, w, s, r, keep_state, k: (
        _trained(batches, h_0, w, s, r, keep_state, k, update=lambda w, g, s, r, c: _adam(w, g, s, r, np.inf))
    ),
    "this is plain gradient descent": lambda batches, h_0, w, s, r, keep_state, k: _trained(
        batches, h_0, w, s, r, keep_state, k, update=lambda w, g, s, r, c: ({n: w[n] - r * g[n] for n in w}, s)
    ),
    "the truncation is not passed on": lambda batches, h_0, w, s, r, keep_state, k: _trained(batches, h_0, w, s, r, keep_state, None),
    "each batch is cut after every step, although truncation is None": lambda batches, h_0, w, s, r, keep_state, k: (
        _trained(batches, h_0, w, s, r, keep_state, 1)
    ),
    "the gradient is cut, although truncation is None": lambda batches, h_0, w, s, r, keep_state, k: (
        _trained(batches, h_0, w, s, r, keep_state, k or 4)
    ),
    "the gradient is cut, although truncation is None: every 8 steps": lambda batches, h_0, w, s, r, keep_state, k: (
        _trained(batches, h_0, w, s, r, keep_state, k or 8)
    ),
    "the update has the wrong sign": lambda batches, h_0, w, s, r, keep_state, k: _trained(batches, h_0, w, s, -r, keep_state, k),
    "h_0 comes back, not the last state": lambda batches, h_0, w, s, r, keep_state, k: (
        lambda losses, h, w, s: (losses, h_0, w, s)
    )(*_trained(batches, h_0, w, s, r, keep_state, k)),
}


# Random cases.


def _model_case(rng, batch, timesteps, symbols, m, padded=False, truncation=None):
    weights = _weights(rng, symbols, m, output_layer=True)
    ids, targets = rng.integers(0, symbols, (2, batch, timesteps))
    mask = np.ones((batch, timesteps), bool)
    if padded:
        lengths = rng.permutation([timesteps, *(int(k) for k in rng.integers(1, timesteps, batch - 1))])
        mask = np.arange(timesteps) < lengths[:, None]
        ids, targets = np.where(mask, ids, 0), np.where(mask, targets, 0)
    return ids, targets, mask, rng.uniform(-0.9, 0.9, (batch, m)), weights, truncation


def _near_the_limit(rng, over):
    """Two arrays of equal norm, and a max_norm that the norm of both is `over` times."""
    gradients = {"a": rng.normal(size=3), "b": rng.normal(size=(2, 2))}
    gradients = {key: g / np.linalg.norm(g) for key, g in gradients.items()}
    weights = {key: rng.normal(size=g.shape) for key, g in gradients.items()}
    m = {key: rng.normal(0, 0.1, g.shape) for key, g in gradients.items()}
    v = {key: rng.uniform(0.1, 0.5, g.shape) for key, g in gradients.items()}
    return weights, gradients, {"m": m, "v": v, "step": 3}, 0.1, float(np.sqrt(2) / over)


def _training_case(check, count, keep_state=False, truncation=None, learning_rate=None, first=False, clipped=True, timesteps=None):
    """Batches, and weights at which the gradient's norm of the first batch is over 1.3 or below 0.8."""
    rng = check.rng
    batch, few, symbols, m = check.sizes((3, 4, 3, 2))
    timesteps = timesteps or few
    while True:
        *_, h_0, weights, _ = _model_case(rng, batch, timesteps, symbols, m)
        weights["W_hy"] *= 3 if clipped else 1
        batches = [_model_case(rng, batch, timesteps, symbols, m)[:3] for _ in range(count)]
        norm = np.sqrt(sum(np.sum(g**2) for g in _whole(*batches[0], h_0, weights)[2].values()))
        if norm > 1.3 if clipped else norm < 0.8:
            break
    if first:
        m_0, v_0 = ({key: array * 0 for key, array in weights.items()} for _ in "mv")
    else:
        m_0 = {key: rng.normal(0, 0.1, array.shape) for key, array in weights.items()}
        v_0 = {key: rng.uniform(0.01, 0.05, array.shape) for key, array in weights.items()}
    state = {"m": m_0, "v": v_0, "step": 0 if first else int(rng.integers(2, 30))}
    rate = float(rng.uniform(0.05, 0.2)) if learning_rate is None else learning_rate
    return batches, h_0, weights, state, rate, keep_state, truncation


def _weights(rng, n, m, recurrent=0.7, output_layer=False):
    weights = {
        "W_xh": rng.normal(0, 0.7, (n, m)),
        "W_hh": rng.normal(0, recurrent, (m, m)),
        "b_h": rng.normal(0, 0.5, m),
    }
    if output_layer:
        weights |= {"W_hy": rng.normal(0, 0.7, (m, n)), "b_y": rng.normal(0, 0.7, n)}
    return weights


def _case(rng, batch, timesteps, n, m, recurrent=0.7, output_layer=False):
    while True:
        weights = _weights(rng, n, m, recurrent, output_layer)
        x, h_0 = rng.normal(size=(batch, timesteps, n)), rng.uniform(-0.9, 0.9, (batch, m))
        h = _states(x, h_0, weights)
        if np.mean(1 - h**2) > 0.02:  # where every state is near 1, the derivative 1 - h**2 is rounding only
            return rng.normal(size=(batch, timesteps, m)), x, h_0, h, weights


def _step_case(rng, batch, n, m):
    dh, x, h_0, h, weights = _case(rng, batch, 1, n, m)
    return dh[:, 0], x[:, 0], h_0, h[:, 0], weights


def _logits_case(rng, batch, timesteps, size, padding=None):
    logits = rng.normal(0, 1.5, (batch, timesteps, size))
    targets = rng.integers(0, size, (batch, timesteps))
    mask = np.ones((batch, timesteps), bool)
    if padding is not None:  # sequences of different lengths, the longest one without padding
        lengths = rng.permutation([timesteps, *(int(k) for k in rng.integers(1, timesteps, batch - 1))])
        mask = np.arange(timesteps) < lengths[:, None]
        logits, targets = np.where(mask[..., None], logits, padding), np.where(mask, targets, 0)
    return logits, targets, mask


def _adam_case(check, first, clipped):
    rng = check.rng
    n, m, k = (int(size) for size in rng.permutation(check.sizes([2, 3, 5])))
    shapes = {"W_xh": (n, m), "W_hh": (m, m), "b_h": (m,), "W_hy": (m, k), "b_y": (k,)}
    weights = {key: rng.normal(0, 0.7, shape) for key, shape in shapes.items()}
    gradients = {key: rng.normal(0, size, shape) for (key, shape), size in zip(shapes.items(), (0.5, 1.5, 0.3, 1.0, 0.7))}
    if first:
        state = {"m": {key: w * 0 for key, w in weights.items()}, "v": {key: w * 0 for key, w in weights.items()}, "step": 0}
    else:
        state = {
            "m": {key: rng.normal(0, 0.4, shape) for key, shape in shapes.items()},
            "v": {key: rng.uniform(0.1, 0.9, shape) for key, shape in shapes.items()},
            "step": int(rng.integers(2, 30)),
        }
    if not clipped:  # one array whose gradients are as small as epsilon
        gradients["b_h"] *= 3e-8
        state["m"]["b_h"] *= 3e-8
        state["v"]["b_h"] *= 1e-15
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients.values()))
    max_norm = float(norm * (rng.uniform(0.2, 0.5) if clipped else rng.uniform(2, 5)))
    if clipped and first:  # each array's own norm is over it, so that to take one of them is told from not clipping at all
        max_norm = float(rng.uniform(0.5, 0.9) * min(np.linalg.norm(g) for g in gradients.values()))
    return weights, gradients, state, float(rng.uniform(0.01, 0.2)), max_norm
