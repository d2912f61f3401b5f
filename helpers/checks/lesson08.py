"""Checks of lesson 08, both directions and depth.

The truth comes another way than the exercises ask: each sequence alone and without its padding, beginnings as sets of
places, the arrays of a layer built and counted. Keras is imported for `look_ahead` only, which asks about models of it;
`tests/test_checks08.py` holds the references for the others against Keras, once.
"""

import functools
import itertools
import numbers

import numpy as np

from helpers import session
from helpers.checks.exercise import CAUSE, Lesson
from helpers.checks.values import beyond_floats, describe

lesson = Lesson()
solved, bet, points_so_far = lesson.solved, lesson.bet, lesson.points_so_far

#: How a case is called that the docstring itself shows.
EXAMPLE = "the docstring's example"

#: Tolerance where a criterion is about the form of the answer, and where it is about precision.
FORM, EXACT = 1e-6, 1e-12

SCORE_ERRORS = {
    "division by zero": "nothing is predicted, or there is nothing to find: look before you divide; the docstring says what to return then",
    "numpy boolean subtract": "True and False cannot be subtracted: predicted & ~true are the false ones, true & ~predicted the missed ones",
    "truth value of an array": "`if` and `and` ask one question; & asks it of each place of two arrays",
}

TELL_ERRORS = {
    "truth value of an array": "`if` asks one question, and two arrays compared give many answers: min and max make one number of a list",
    "could not be broadcast together": "the lists need not be of the same length, and seed 0 of one has nothing to do with seed 0 of the other",
    "index out of range": "the lists need not be of the same length: min and max need no index",
    "'>' not supported between instances of 'list' and 'float'": "a list is compared with a number: min and max make one number of a list",
    "'>' not supported between instances of 'float' and 'list'": "a list is compared with a number: min and max make one number of a list",
    "unsupported operand type(s) for -: 'list' and 'list'": "a and b are lists: min and max make one number of a list",
}

REVERSE_ERRORS = {
    "could not broadcast input array from shape (0": "a slice that goes backwards came out empty: a negative number in it counts from the end of the row; row[:n][::-1] has the first n the other way round",
    "into shape (0": "row[n - 1 :: -1] of a row without a real step begins at -1, the last step; row[:n][::-1] is empty, as it should be",
    "must have the same number of dimensions": "np.take_along_axis wants an index for each axis of x: index[..., None] where x has three",
    "all input arrays must have the same shape": "the padding is missing: rows of different lengths cannot be stacked",
    "inhomogeneous shape": "the padding is missing: rows of different lengths make no array",
    "is out of bounds for axis": "the last of n real steps is number n - 1: step t comes from step n - 1 - t",
    "could not be broadcast together": "time is axis 1: a row's number of real steps is mask.sum(axis=1)",
    "too many indices for array: array is 2-dimensional": "x may have two axes: batch and time alone",
}

TIME_FIRST = "np.stack(states) puts time first: np.stack(states, axis=1) keeps the batch first"
TIME_AS_ROW = "a step is used for a row: does np.stack(states) put time first? np.stack(states, axis=1) keeps the batch first"
LAST_AXIS = "the mask has no axis for a state's numbers: mask[..., None] has one"

#: Where shapes stand, they are those of the first visible case: batch 3, time 5, inputs 2, units 4.
WEIGHT_ERRORS = {
    **{f"name '{name}' is not defined": f'the weights are in the dict: write forward["{name}"]' for name in ("W_xh", "W_hh", "b_h")},
    "(size 4 is different from 2)": "rows of as many numbers as an input has are multiplied by W_hh, which is for states: those have len(b_h) numbers",
    "(3,5,1) (5,3,4)": TIME_FIRST,
    "(5,3,4) (3,5,1)": TIME_FIRST,
    "(3,5) (3,5,4)": LAST_AXIS,
    "(3,5,4) (3,5)": LAST_AXIS,
    "is out of bounds for axis 0 with size 3": TIME_AS_ROW,
    "(5,1) (3,3)": TIME_AS_ROW,
}

NOTHING_MOVES = "where no later input moves the output there is nothing to take the largest of: that is 0, as max(..., default=0) says"

SUMMARY_ERRORS = {
    # the first visible case has 3 rows of 5 steps
    "(3,) (5,)": "the lengths are counted along axis 0: a row's length is mask.sum(axis=1)",
    "(5,) (3,)": "a number for each step stands beside one for each row: np.arange(len(sequences)) counts the rows",
    "is out of bounds for axis 1": "the length itself is taken for an index: the last of n real steps is number n - 1",
    "array split does not result in an equal division": "np.split cuts the steps in two: axis=-1 cuts the numbers of a state",
    "must have same number of dimensions": "sequences[:, last] picks each row's last step from every row: sequences[np.arange(len(sequences)), last] pairs them",
}

COUNT_ERRORS = {
    "KeyError: 'rnn'": 'cell is "rnn", "lstm" or "gru", in small letters',
    "list index out of range": "an empty list has no first layer: it is a stack of 0 numbers",
    "can't multiply sequence": "units is a list: go through it, a layer at a time",
    "unsupported operand type(s) for +: 'int' and 'list'": "units is a list: go through it, a layer at a time",
    "can only concatenate list": "units is a list: go through it, a layer at a time",
}

BAG_ERRORS = {
    "unhashable type: 'list'": "a list cannot be the key of a dict or be in a set: a tuple of it can",
    "unhashable type: 'Counter'": "a Counter cannot be the key of a dict: frozenset(counter.items()) can, or a tuple of the sorted words",
    "unhashable type: 'dict'": "a dict cannot be the key of a dict: frozenset(d.items()) can, or a tuple of the sorted words",
    "unhashable type: 'set'": "a set cannot be the key of a dict, and would forget how often a word occurs: use a tuple of the sorted words",
    "KeyError": "the first sentence of a bag finds no sum there yet: setdefault, get or a defaultdict begins one",
}

SCORES = ("precision", "recall", "f1")


@lesson.exercise(
    arguments=("true", "predicted", "mask"),
    points={
        "precision": ("precision: of the predicted beginnings, the fraction that are true", 1),
        "recall": ("recall: of the true beginnings, the fraction that are predicted", 1),
        "f1": ("f1, their harmonic mean", 1),
        "empty": ("exact where nothing is predicted, nothing is there, or nothing is right; no argument is changed in place", 1),
    },
    errors=SCORE_ERRORS,
    demos=("precision", "recall", "f1"),
)
def boundary_scores(check):
    """Exercise 1."""
    for sizes, kind, masked in [((3, 8), bool, "none"), ((5, 9), bool, "padding"), ((4, 12), int, "padding"), ((6, 10), bool, "anywhere")]:
        batch, timesteps = check.sizes(sizes)
        mask = _score_mask(check.rng, batch, timesteps, masked)
        case = *_beginnings(check.rng, mask, kind), mask
        note = "whole numbers 0 and 1" if kind is int else "the mask leaves out places in the middle" if masked == "anywhere" else ""
        _score_case(check, dict(zip(SCORES, SCORES)), case, SCORE_MISTAKES, note)
    if all(check.has_passed(score) for score in SCORES):
        example = np.array([[1, 0, 0, 1, 0]]), np.array([[1, 1, 0, 0, 1]]), np.array([[True, True, True, True, False]])
        nothing = 0 * example[1]
        cases = [(EXAMPLE, example), (EXAMPLE, (example[0], nothing, example[2])), (EXAMPLE, (nothing, nothing, example[2]))]
        for note in ("nothing is predicted", "there is no beginning", "nothing predicted, nothing there", "nothing that is predicted is right",
                     "predicted in the padding only", "beginnings in the padding only", "every place is masked"):
            cases.append((note, _empty_case(check.rng, *check.sizes((3, 7)), note)))
        for note, case in cases:
            _score_case(check, dict.fromkeys(SCORES, "empty"), case, EMPTY_MISTAKES, note, EXACT)
    check.unchanged("empty", needs="empty")


@lesson.exercise(
    arguments=("a", "b"),
    points={
        "apart": ('"a" or "b" where every score of that list is above every score of the other', 1),
        "overlap": ('"cannot tell" everywhere else; equal scores, scores below 0 and above 1, one score; no list is changed in place', 1),
    },
    errors=TELL_ERRORS,
)
def can_tell(check):
    """Exercise 2."""
    rng = check.rng

    def ask(criterion, first, second, case=""):
        check.expect(criterion, (first, second), _verdict(first, second), TELL_MISTAKES, case=case)

    for n, m in check.sizes([(3, 3), (2, 4), (4, 2), (3, 3)]):
        high, low = _scores_of(rng, n, m)
        ask("apart", high, low)
        ask("apart", low, high)
    ask("apart", *_skewed(rng, *check.sizes((4, 3))), "a wide spread, and a small gap")
    ask("apart", *map(list, EXAMPLE_SCORES[0]), EXAMPLE)
    if not check.has_passed("apart"):
        return
    for places in OUTLIERS:
        ask("overlap", *_outliers(rng, *check.sizes((3, 3)), places))
    for n, m in check.sizes([(2, 4), (4, 2)]):
        high, low = _scores_of(rng, n, m, swapped=True)
        ask("overlap", high, low)
        ask("overlap", low, high)
    for note, make in (("one list lies inside the other", _nested), ("pairs of seeds", _pairwise), ("a tie", _touching)):
        first, second = make(rng, *check.sizes((3, 3)))
        ask("overlap", first, second, note)
        ask("overlap", second, first, note)
    for example in EXAMPLE_SCORES[1:]:
        ask("overlap", *map(list, example), EXAMPLE)
    if check.has_passed("overlap"):
        high, low = ([-score for score in scores] for scores in _scores_of(rng, *check.sizes((3, 4)))[::-1])
        ask("overlap", high, low, "scores below 0")
        ask("overlap", low, high, "scores below 0")
        ask("overlap", *_scores_of(rng, 1, 1), "one score each")
        high, low = ([20 * score for score in scores] for scores in _scores_of(rng, *check.sizes((2, 3))))
        ask("overlap", high, low, "scores above 1")
        ask("overlap", low, high, "scores above 1")
    check.unchanged("overlap", needs="overlap")


@lesson.exercise(
    arguments=("x", "mask"),
    points={
        "full": ("rows without padding: their steps in reverse order", 1),
        "padded": ("rows with padding: it stays at the end, as it was", 2),
        "care": ("two axes, rows without a real step, whole numbers and float32; no argument is changed in place", 1),
    },
    errors=REVERSE_ERRORS,
    demos=("full", "padded"),
)
def reverse_padded(check):
    """Exercise 3."""
    for shape in check.sizes([(3, 5, 2), (4, 4, 4)]):
        case = check.rng.normal(size=shape), np.ones(shape[:2], bool)
        check.expect("full", case, _reversed(*case), REVERSE_MISTAKES, EXACT, "no padding")
    for shape in check.sizes([(5, 6, 3), (4, 4, 4), (6, 7, 2), (5, 8, 1)]):
        mask = _padded(check.rng, *shape[:2], full=shape[2] == 2)
        case = _numbers(check.rng, mask, shape[2]), mask
        check.expect("padded", case, _reversed(*case), REVERSE_MISTAKES, EXACT)
    if check.has_passed("full") and check.has_passed("padded"):
        batch, timesteps = check.sizes((4, 5))
        some = _padded(check.rng, batch, timesteps)
        some[1] = False
        cases = [
            ("a row without a real step", (check.rng.normal(size=(batch, timesteps, 2)), some)),
            ("two axes", (check.rng.normal(size=(batch, timesteps)), some)),
            ("whole numbers", (check.rng.integers(1, 99, (batch, timesteps, 2)), some)),
            ("a batch of one", (check.rng.normal(size=(1, timesteps, 3)), some[:1])),
            ("one time step", (check.rng.normal(size=(batch, 1, 3)), some[:, :1])),
            ("nothing but padding", (check.rng.normal(size=(2, timesteps)), np.zeros((2, timesteps), bool))),
            (EXAMPLE, (np.array([[1, 2, 3, 0], [4, 5, 0, 0]]), np.array([[True] * 3 + [False], [True] * 2 + [False] * 2]))),
        ]
        for note, case in cases:
            check.expect("care", case, _reversed(*case), REVERSE_MISTAKES | KIND_MISTAKES, EXACT, note)
        check.single_precision("care", (check.rng.normal(size=(batch, timesteps, 2)), some), _reversed, "care")
    check.unchanged("care", needs="care")


@lesson.exercise(
    arguments=("x", "mask", "forward", "backward", "merge_mode"),
    points={
        "forward": ("the forward network's states", 1),
        "backward": ("the backward network's states, in the order of x", 2),
        "padding": ("padding: neither network reads it, and the outputs there are zero", 2),
        "modes": ('"sum", "mul", "ave" and None', 1),
        "care": ("any sizes, in full precision; no argument is changed in place", 1),
    },
    needs=("reverse_padded",),
    errors=WEIGHT_ERRORS,
    demos=("forward", "backward", "padding", "modes"),
)
def bidirectional(check):
    """Exercise 4."""
    for sizes in check.sizes([(3, 5, 2, 4), (4, 4, 4, 4), (2, 6, 5, 3)]):
        _halves_case(check, _two_way_case(check.rng, *sizes, "concat", padded=False))
    for sizes in check.sizes([(5, 6, 2, 3), (4, 4, 4, 4), (4, 7, 3, 2)]):
        _, mask, *layers = _two_way_case(check.rng, *sizes, "concat")
        case = _numbers(check.rng, mask, sizes[2]), mask, *layers
        _layer_case(check, "padding", case, TWO_WAY_MISTAKES | JOIN_MISTAKES, "rows of different lengths", branch="padded")
    for mode in ("sum", "mul", "ave", None):
        for sizes in check.sizes([(3, 4, 2, 3), (2, 5, 3, 4)]):
            case = _two_way_case(check.rng, *sizes, mode, padded=check.has_passed("padding"))
            _layer_case(check, "modes", case, MODE_MISTAKES | TWO_WAY_MISTAKES, _mode_note(mode), branch=str(mode))
    if all(check.has_passed(key) for key in ("forward", "backward", "padding", "modes")):
        sizes = [((1, 4, 2, 3), "a batch of one"), ((3, 1, 2, 3), "one time step"), ((3, 5, 2, 1), "one unit"), ((2, 5, 1, 3), "an input of one number")]
        for (sizes, note), mode in zip(sizes, ("concat", None, "concat", "ave")):
            case = _two_way_case(check.rng, *check.sizes(sizes), mode)
            check.expect("care", case, _two_ways(*case), MODE_MISTAKES | TWO_WAY_MISTAKES, case=note)
        check.expect("care", EXAMPLE_LAYER, _two_ways(*EXAMPLE_LAYER), case=EXAMPLE)
        batch, timesteps, n, m = check.sizes((3, 6, 2, 3))
        x, mask, forward, backward, _ = _two_way_case(check.rng, batch, timesteps, n, m, "concat")
        case = np.where(mask[..., None], x, 1e6), mask, forward, backward, "concat"
        check.expect("care", case, _two_ways(*case), TWO_WAY_MISTAKES, case="a million in the padding")
    check.unchanged("care", needs="care")


@lesson.exercise(
    arguments=("model", "x", "t"),
    points={
        "steps": ("the farthest later input that moves the output at step t, in steps from t", 2),
        "gap": ("also where a nearer input does not move it", 1),
        "care": ("0 where no later input counts; any number of the output, up or down; x is not changed in place", 1),
    },
    seconds=60.0,
    errors={
        "local variable": "where no later input moves the output nothing is ever assigned: begin with 0",
        "Invalid input shape": "the model wants a batch axis: x[None] has one",
        "expected min_ndim=3": "the model wants a batch axis: x[None] has one",
        "expected ndim=3": "the model wants a batch axis: x[None] has one",
        "is out of bounds for axis 0 with size 1": "the first axis of the model's output is the batch, which has one sequence: [0, t] is step t",
        "is out of bounds for axis": "the loop goes past the last step: there are x.shape[0] of them",
        "arg is an empty sequence": NOTHING_MOVES,
        "iterable argument is empty": NOTHING_MOVES,
        "zero-size array to reduction operation": NOTHING_MOVES,
        "does not support item assignment": "a tensor cannot be changed: change a copy of x, which is an array, and call the model again",
    },
    demos=("steps",),
)
def look_ahead(check):
    """Exercise 5."""
    timesteps, inputs, units, deep = check.sizes((7, 3, 5, 2))
    for criterion, reads, places in [("steps", (-1, 0, 1, 2), (1, timesteps - 2)), ("steps", (-3, -2, 0, 1), (3,)), ("gap", (-3, 0, 3), (1,)), ("gap", (6,), (0,))]:
        model = _convolution(check.rng, _window(check.rng, inputs, units, reads))
        for t in places:
            _probe_case(check, criterion, model, timesteps, inputs, t, min(max(reads), timesteps - 1 - t))
    if check.has_passed("steps") and check.has_passed("gap"):
        model = _convolution(check.rng, _window(check.rng, inputs, units, (-2, -1, 0)))
        _probe_case(check, "care", model, timesteps, inputs, 3, 0, "the model reads no later input")
        for note, x, kernel, reach, activation in _odd_cases(check.rng, timesteps, inputs):
            _probe_case(check, "care", _convolution(check.rng, kernel, activation), timesteps, inputs, 0, reach, note, x)
    if check.has_passed("care"):
        model = _both_directions(check.rng, inputs, units, deep)
        _probe_case(check, "care", model, timesteps, inputs, 4, timesteps - 5, "a Bidirectional layer")
    check.unchanged("care", needs="care")


@lesson.exercise(
    arguments=("sequences", "mask"),
    points={
        "forward": ("the forward half: the state at the last real step", 1),
        "backward": ("the backward half: the state that has read the whole sequence", 1),
        "care": ("any sizes, float32 stays float32, and no argument is changed in place", 1),
    },
    errors=SUMMARY_ERRORS,
    demos=("forward", "backward"),
)
def summary(check):
    """Exercise 6."""
    for sizes, padded in [((3, 5, 3), False), ((5, 6, 2), True), ((4, 4, 3), True), ((6, 7, 1), True)]:
        batch, timesteps, units = check.sizes(sizes)
        mask = _padded(check.rng, batch, timesteps, full=sizes[0] != 5) if padded else np.ones((batch, timesteps), bool)
        numbers = _numbers(check.rng, mask, 2 * units) if padded else check.rng.normal(size=(batch, timesteps, 2 * units))
        _summary_case(check, (numbers, mask), "" if padded else "no padding")
    if check.has_passed("forward") and check.has_passed("backward"):
        batch, timesteps, units = check.sizes((3, 6, 4))
        cases = [("a batch of one", (1, timesteps, units)), ("one time step", (batch, 1, units)), ("one unit", (batch, timesteps, 1))]
        for note, (b, steps, u) in cases:
            case = check.rng.normal(size=(b, steps, 2 * u)), _padded(check.rng, b, steps)
            check.expect("care", case, _summary(*case), SUMMARY_MISTAKES, EXACT, note)
        example = np.array([[[1.0, 2.0], [3.0, 4.0], [0.0, 0.0]]]), np.array([[True, True, False]])
        check.expect("care", example, _summary(*example), SUMMARY_MISTAKES, EXACT, EXAMPLE)
        case = check.rng.normal(size=(batch, timesteps, 2 * units)), _padded(check.rng, batch, timesteps)
        check.single_precision("care", case, _summary, "care")
    check.unchanged("care", needs="care")


@lesson.exercise(
    arguments=("sentences", "good", "chances"),
    points={
        "order": ("the same words in another order are the same bag, which gets one answer", 1),
        "counts": ("how often a word occurs makes a difference, and words are taken whole", 1),
        "chances": ("the likelier answer by the sentences' chances, added up; a sentence that occurs twice, one alone; nothing is changed in place", 1),
    },
    errors=BAG_ERRORS,
)
def bag_ceiling(check):
    """Exercise 7."""
    words = [check.letters(word) for word in ("on", "no", "was", "saw", "the", "end")]
    on, no, was, saw, the, end = words

    def some(number):
        return [[*check.rng.choice(words[:5], 2 + i % 3, replace=False).tolist(), f"{end}{i}"] for i in range(number)]

    def ask(criterion, bags, sizes, favourable, even=True, note=""):
        case = _language(check.rng, bags, sizes, favourable, even)
        check.expect(criterion, case, _ceiling(*case), BAG_MISTAKES, EXACT, note)

    for number, favourable in zip(check.sizes((4, 5)), (True, False)):
        ask("order", some(number), (3, 5, 2), favourable)
    repeated = [[on, on, was], [on, was, was], [on, was, was, was], [on, on, on, was], [on, on, was, was]]
    ask("counts", repeated, (3, 4), favourable=False, note="words that occur more than once")
    anagrams = [[on, saw, the], [no, saw, the], [on, was, the, end], [no, was, the, end], [no, saw, the, end]]
    ask("counts", anagrams, (3, 5, 4), favourable=True, note="words of the same letters")
    one, two, three = on[0], 2 * on[0], 3 * on[0]
    orders = [(one, three, the), (three, one, the), (the, one, three), (two, two, the), (two, the, two), (the, two, two)]
    run_together = [" ".join(order) for order in orders], np.array([True, True, False, False, False, True]), np.full(6, 1 / 6)
    check.expect("counts", run_together, 2 / 3, BAG_MISTAKES, EXACT, "words that make the same letters when they are joined")
    for number, favourable in zip(check.sizes((3, 6)), (True, False)):
        ask("chances", some(number), (3, 5, 7), favourable, even=False, note="one sentence twice, with both opinions")
    if check.has_passed("chances"):
        alone = [f"{on} {was} {on}"], np.array([False]), np.array([1.0])
        check.expect("chances", alone, 1.0, BAG_MISTAKES, EXACT, "one sentence")
    if check.has_passed("counts"):
        example = ["a b", "b a", "a b a"], np.array([True, False, True]), np.array([0.3, 0.5, 0.2])
        check.expect("chances", example, 0.7, BAG_MISTAKES, EXACT, EXAMPLE)
    check.unchanged("chances", needs="chances")


@lesson.exercise(
    arguments=("cell", "inputs", "units", "bidirectional"),
    points={
        "rnn": ('one layer of "rnn": W_xh, W_hh and b_h', 1),
        "gates": ('one layer of "lstm" and of "gru"', 1),
        "stack": ("several layers, each reading the one before; a list of none; no list is changed in place", 1),
        "both": ("both directions, in one layer and in several", 1),
    },
    errors=COUNT_ERRORS,
    demos=("rnn", "stack"),
)
def stack_parameters(check):
    """Exercise 8."""
    rng = check.rng

    def ask(criterion, cell, inputs, units, both, case=""):
        arguments = cell, inputs, units, both
        mistakes = (TWICE_AS_LARGE if both and check.has_passed("rnn") else {}) | COUNT_MISTAKES | ({} if both else ONE_WAY_MISTAKES)
        check.expect(criterion, arguments, _stack(*arguments), mistakes, case=case, branch=criterion)

    def some(low, high):
        return int(rng.integers(*check.sizes((low, high))))

    for low, high in [(20, 30), (4, 8), (1, 3)]:
        ask("rnn", "rnn", some(9, 14), [some(low, high)], False)
    ask("rnn", "rnn", 3, [5], False, EXAMPLE)
    for cell in ("lstm", "gru"):
        for low, high in [(20, 30), (4, 8), (1, 3)]:
            ask("gates", cell, some(9, 14), [some(low, high)], False)
        ask("gates", cell, 3, [5], False, EXAMPLE)
    cells = ["rnn", *(["lstm", "gru"] if check.has_passed("gates") else [])]
    for cell in cells:
        for sizes in ([(15, 20), (6, 10)], [(5, 9), (11, 16)], [(3, 5), (7, 9), (3, 5), (12, 15), (5, 8)][: check.sizes(4)]):
            ask("stack", cell, some(22, 40), [some(*pair) for pair in sizes], False)
    if check.has_passed("stack"):
        for cell in cells:
            ask("stack", cell, some(3, 9), [], False, "no layers")
    for cell in cells:
        for low, high in [(20, 30), (4, 8)]:
            ask("both", cell, some(9, 14), [some(low, high)], True)
        for sizes in ([(15, 20), (6, 10)], [(3, 5), (7, 9), (11, 15)]):
            ask("both", cell, some(22, 40), [some(*pair) for pair in sizes], True)
    ask("both", "rnn", 3, [5, 2], True, EXAMPLE)
    check.unchanged("stack", needs="stack")


# ---- batches with padding


def _padded(rng, batch, timesteps, full=False):
    """A mask of rows of many lengths, one of them 1, the first neither the longest nor the shortest where there is room.

    None is full unless `full` or there is no room, and none is empty.
    """
    longest = timesteps if full or timesteps < 3 else timesteps - 1
    lengths = rng.permutation(np.append(rng.integers(1, longest + 1, max(batch - 3, 0)), [longest, 1][: max(batch - 1, 0)]))
    return np.arange(timesteps) < np.append(max(1, longest - 1), lengths)[:, None]


def _numbers(rng, mask, n):
    """Steps of n numbers each; the last one of the shortest row is all zeros, the others of its padding are not.

    Lengths that are taken from the numbers are thus neither the right ones nor all the same.
    """
    x = rng.normal(size=(*mask.shape, n))
    x[mask.sum(axis=1).argmin(), -1] = 0
    return x


def _by_numbers(x):
    """A mask that takes every step for padding that is all zeros."""
    return (x != 0).reshape(*x.shape[:2], -1).any(axis=-1)


#: Said of lengths that come from the numbers; it is the same in each exercise.
FROM_NUMBERS = "padding is looked for in the numbers, as zeros: it may hold anything, and only the mask says where it is"


def _turned(row, n):
    """The row with its first n steps turned round."""
    return np.concatenate([row[:n][::-1], row[n:]])


def _by_row(change):
    """`change(row, n)` of each row and its number of real steps."""
    return lambda x, mask: np.stack([change(row, int(real.sum())) for row, real in zip(x, mask)])


def _is_number(value):
    real = isinstance(value, numbers.Real) and not isinstance(value, (bool, np.bool_))
    return (real or type(value) is np.ndarray and value.ndim == 0 and value.dtype.kind in "fiu") and not beyond_floats(value)


# ---- boundary_scores


def _score_mask(rng, batch, timesteps, masked):
    if masked == "padding":
        return _padded(rng, batch, timesteps, full=True)
    mask = np.ones((batch, timesteps), bool)
    if masked == "anywhere":
        mask = rng.random(mask.shape) < 0.7
    return mask


def _beginnings(rng, mask, kind):
    """True and predicted beginnings: some found, some missed, some of what is predicted false, and each of these in the padding too."""
    while True:
        true, predicted = rng.random((2, *mask.shape)) < np.array([0.45, 0.55])[:, None, None]
        tallies = [(len(t & p), len(p - t), len(t - p)) for t, p in [_places(true, predicted, mask)]]
        outside = mask.all() or (true & ~predicted & ~mask).any() and (predicted & ~true & ~mask).any()
        (found, false, missed), places = tallies[0], int(mask.sum())
        if outside and len({found, false, missed}) == 3 and min(found, false, missed) > 1 and 2 * (found + missed) != places:
            return true.astype(kind), predicted.astype(kind)


def _places(true, predicted, mask):
    """The places that count as two sets, of true and of predicted beginnings."""
    return tuple({place for place in zip(*np.nonzero(marks)) if mask[place]} for marks in (true, predicted))


def _scored(true, predicted, precision=1.0, recall=1.0, f1=0.0):
    """The three scores of two sets; where there is nothing to divide by, what is given."""
    found = len(true & predicted)
    p = found / len(predicted) if predicted else precision
    r = found / len(true) if true else recall
    return p, r, (2 * p * r / (p + r) if p + r else f1)


def _scored_by(found, true, predicted):
    """The three scores of three numbers."""
    p, r = found / predicted if predicted else 1.0, found / true if true else 1.0
    return p, r, 2 * p * r / (p + r) if p + r else 0.0


def _scores(true, predicted, mask, **empty):
    return _scored(*_places(true, predicted, mask), **empty)


def _empty_case(rng, batch, timesteps, note):
    """A batch in which there is nothing of some kind."""
    mask = _padded(rng, batch, timesteps)
    true, predicted = rng.random((2, batch, timesteps)) < 0.4
    true[0, 0], predicted[1, 0] = True, True  # the first step of a row is real
    if note == "nothing that is predicted is right":
        predicted &= ~true
        true[1, 0], predicted[1, 0] = False, True
    if note in ("nothing is predicted", "nothing predicted, nothing there"):
        predicted[:] = False
    if note in ("there is no beginning", "nothing predicted, nothing there"):
        true[:] = False
    if note == "predicted in the padding only":
        predicted = ~mask
    if note == "beginnings in the padding only":
        true = ~mask
    if note == "every place is masked":
        mask[:] = False
    return true, predicted, mask


def _score_case(check, criteria, case, mistakes, note="", tolerance=FORM):
    """Hold the three scores, each for its criterion."""
    wanted = "a tuple of three numbers, (precision, recall, f1)"
    got = check.inspect(case, lambda v: type(v) is tuple and len(v) == 3 or _no_three(v), wanted, dict.fromkeys(criteria.values()), note)
    if got is None:
        return
    if type(got) is not tuple or len(got) != 3 or not all(map(_is_number, got)):
        cause = _no_three(got)
        for criterion in dict.fromkeys(criteria.values()):
            shown = check.describe(case, note)
            check.failed(criterion, shown, f"expected {wanted}, got {describe(got)}", *([f"{CAUSE} {cause}"] if cause else []))
        return
    for i, (label, criterion) in enumerate(criteria.items()):
        known = {text: lambda *a, m=mistake, i=i: _part(m(*a), i) for text, mistake in mistakes.items()}
        check.settle(criterion, case, _scores(*case)[i], float(got[i]), known, tolerance, note, part=label, branch=str("empty" in criteria.values()))


def _part(value, i):
    return None if value is None else float(value[i])


def _no_three(value):
    """The likely cause of a result that is no tuple of three numbers; "" where none is known."""
    if type(value) is np.ndarray and value.shape == (3,):
        return "an array: return a tuple, (precision, recall, f1)"
    if type(value) is dict and len(value) == 3:
        return "a dict: return a tuple, (precision, recall, f1)"
    if type(value) is tuple and len(value) == 3 and all(type(part) is np.ndarray and part.ndim == 1 for part in value):
        return "the scores of each text: all texts are counted together"
    if type(value) is tuple and any(type(part) in (str, np.str_) for part in value):
        return "texts in place of numbers: no str(...), no format"
    if type(value) is tuple and len(value) == 2:
        return "one of the three is missing: (precision, recall, f1)"
    return "a single number: return precision, recall and f1" if _is_number(value) else ""


def _f1_as(f1):
    """The scores with `f1(precision, recall)` in place of the harmonic mean."""
    return lambda *case: (*_scores(*case)[:2], f1(*_scores(*case)[:2]))


def _with(precision=None, recall=None):
    """The scores from another precision or recall, each a function of the counts found, false, missed and the number of places."""

    def mistake(true, predicted, mask):
        t, p = _places(true, predicted, mask)
        counts = len(t & p), len(p - t), len(t - p), int(mask.sum())
        right = _scored(t, p)
        p, r = (of(*counts) if of else right[i] for i, of in enumerate((precision, recall)))
        return p, r, 2 * p * r / (p + r) if p + r else 0.0

    return mistake


def _all_alike(of):
    """One number in place of all three."""

    def mistake(true, predicted, mask):
        t, p = _places(true, predicted, mask)
        return (of(len(t & p), len(p - t), len(t - p), int(mask.sum())),) * 3

    return mistake


def _mean_of_texts(true, predicted, mask, **empty):
    return tuple(np.mean([_scores(*(part[None] for part in row), **empty) for row in zip(true, predicted, mask)], axis=0))


def _mean_of_some_texts(true, predicted, mask):
    texts = [_scores(*(part[None] for part in row), precision=np.nan, recall=np.nan) for row in zip(true, predicted, mask)]
    p, r = np.nanmean([text[:2] for text in texts], axis=0)
    return p, r, 2 * p * r / (p + r) if p + r else 0.0


def _picked(true, predicted):
    """The scores where each of two flat arrays picks places of the other, whatever its numbers are."""
    p, r = true[predicted].mean(), predicted[true].mean()
    return p, r, 2 * p * r / (p + r) if p + r else 0.0


def _negated(true, predicted, mask):
    return _scores(1 - true.astype(int), 1 - predicted.astype(int), mask)


SCORE_MISTAKES = {
    **{
        f"the order is {', '.join(SCORES[i] for i in order)}: it is precision, recall, f1": lambda *case, order=order: tuple(_scores(*case)[i] for i in order)
        for order in itertools.permutations(range(3))
        if order not in ((0, 1, 2), (1, 0, 2))
    },
    "the mask is used for the found beginnings only: what is predicted and what is true at masked places does not count either": lambda t, p, m: _scored_by(
        len(_places(t, p, m)[0] & _places(t, p, m)[1]), *map(len, _places(t, p, m | True))
    ),
    "masked places are set to True, which makes them beginnings: False takes them out": lambda t, p, m: _scores(t.astype(bool) | ~m, p.astype(bool) | ~m, m | True),
    "the first row's mask is used for all rows": lambda t, p, m: _scores(t, p, m[:1].repeat(len(m), axis=0)),
    "accuracy in place of f1: it counts the places where no word begins, too": lambda t, p, m: (*_scores(t, p, m)[:2], np.mean(t[m] == p[m])),
    "precision and recall are swapped: precision divides by what is predicted, recall by what is true": lambda *case: (
        *_scores(*case)[1::-1], _scores(*case)[2]
    ),
    "the mask is not used: whatever is there must be ignored": lambda t, p, m: _scores(t, p, m | True),
    "the mask is the wrong way round: it is True at the places that count": lambda t, p, m: _scores(t, p, ~m),
    "the predictions at masked places are counted: the mask belongs to both arrays": lambda t, p, m: _scores(t.astype(bool) & m, p, m | True),
    "the true beginnings at masked places are counted: the mask belongs to both arrays": lambda t, p, m: _scores(t, p.astype(bool) & m, m | True),
    "the mean of each text's scores: all texts are counted together, so that a long one counts more": _mean_of_texts,
    "the mean of each text's scores, with 0 where a text has nothing: all texts are counted together": lambda *case: _mean_of_texts(*case, precision=0.0, recall=0.0),
    "the mean of the scores of those texts that have any: all texts are counted together": _mean_of_some_texts,
    "whole numbers 0 and 1 are taken for positions: an array picks places by True and False only if it is one of bools": lambda t, p, m: _picked(t[m], p[m]),
    "the first place of each text is left out: it counts as any other": lambda t, p, m: _scores(t[:, 1:], p[:, 1:], m[:, 1:]),
    "only the first text is scored": lambda t, p, m: _scores(t[:1], p[:1], m[:1]),
    "the places where NO word begins are scored: count the True ones": _negated,
    "places where both say that no word begins are taken for right predictions: a beginning is found where both arrays are True": _with(
        lambda found, false, missed, n: (n - false - missed) / (found + false), lambda found, false, missed, n: (n - false - missed) / (found + missed)
    ),
    "accuracy in place of precision: it counts the places where no word begins, too": _with(precision=lambda found, false, missed, n: (n - false - missed) / n),
    "accuracy in place of recall: it counts the places where no word begins, too": _with(recall=lambda found, false, missed, n: (n - false - missed) / n),
    "accuracy in place of all three": _all_alike(lambda found, false, missed, n: (n - false - missed) / n),
    "the found beginnings are divided by the number of all positions: precision divides by the predicted ones, recall by the true ones": _with(
        lambda found, false, missed, n: found / n, lambda found, false, missed, n: found / n
    ),
    "in precision the found beginnings are divided by the number of all positions: divide by the predicted ones": _with(
        precision=lambda found, false, missed, n: found / n
    ),
    "in recall the found beginnings are divided by the number of all positions: divide by the true ones": _with(
        recall=lambda found, false, missed, n: found / n
    ),
    "precision is the fraction of predictions that are WRONG: count the right ones": _with(precision=lambda found, false, missed, n: false / (found + false)),
    "recall is the fraction that is MISSED: count what is found": _with(recall=lambda found, false, missed, n: missed / (found + missed)),
    "false predictions and missed beginnings are swapped in precision: it divides by all that is predicted": _with(
        precision=lambda found, false, missed, n: found / (found + missed)
    ),
    "false predictions and missed beginnings are swapped in recall: it divides by all that is true": _with(
        recall=lambda found, false, missed, n: found / (found + false)
    ),
    "found over found, false and missed together (the Jaccard index), in place of precision": _with(
        precision=lambda found, false, missed, n: found / (found + false + missed)
    ),
    "found over found, false and missed together (the Jaccard index), in place of recall": _with(
        recall=lambda found, false, missed, n: found / (found + false + missed)
    ),
    "specificity in place of recall: of the places where no word begins, the fraction without a prediction": _with(
        recall=lambda found, false, missed, n: (n - found - false - missed) / (n - found - missed)
    ),
    "counts, not fractions": _with(lambda found, *_: found, lambda found, *_: found),
    "f1 is the mean of the two, (p + r) / 2: it is the harmonic mean, 2 * p * r / (p + r)": _f1_as(lambda p, r: (p + r) / 2),
    "f1 is the square root of their product: it is the harmonic mean, 2 * p * r / (p + r)": _f1_as(lambda p, r: (p * r) ** 0.5),
    "f1 without the 2: 2 * p * r / (p + r)": _f1_as(lambda p, r: p * r / (p + r) if p + r else 0.0),
    "f1 is the product of the two: 2 * p * r / (p + r)": _f1_as(lambda p, r: p * r),
    "f1 is twice the product, without the division: 2 * p * r / (p + r)": _f1_as(lambda p, r: 2 * p * r),
    "f1 is upside down: 2 * p * r / (p + r)": _f1_as(lambda p, r: (p + r) / (2 * p * r)),
    "parentheses are missing: 2 * p * r / p + r is 3 * r; it is 2 * p * r / (p + r)": _f1_as(lambda p, r: 2 * p * r / p + r),
    "in per cent: return fractions": lambda *case: tuple(100 * part for part in _scores(*case)),
    **{
        f"rounded to {digits} digits: leave the numbers as they are": lambda *case, digits=digits: tuple(round(part, digits) for part in _scores(*case))
        for digits in (2, 3, 4)
    },
}

EMPTY_MISTAKES = {
    "with nothing predicted the precision is 1.0: no false word was claimed": lambda *case: _scores(*case, precision=0.0),
    "with no beginning to find the recall is 1.0: nothing was missed": lambda *case: _scores(*case, recall=0.0),
    "where there is nothing to divide by, precision and recall are 1.0: nothing false was claimed, nothing was missed": lambda *case: (
        _scores(*case, precision=0.0, recall=0.0)
    ),
    "0 divided by 0 is nan: where nothing is predicted the precision is 1.0, where there is nothing to find the recall is 1.0": lambda *case: (
        _scores(*case, precision=np.nan, recall=np.nan, f1=np.nan)
    ),
    "f1 is 0 divided by 0 where both scores are 0: then it is 0.0": lambda *case: _scores(*case, f1=np.nan),
    "f1 is 0.0 where nothing is predicted and nothing is there: both scores are 1.0 then, and so is f1": lambda t, p, m: (
        *_scores(t, p, m)[:2], _scores(t, p, m)[2] * all(_places(t, p, m))
    ),
    "the empty cases are tested before the mask is used: after it there may be nothing left": lambda t, p, m: (
        _scores(t, p, m, precision=np.nan if p.any() else 1.0, recall=np.nan if t.any() else 1.0)
    ),
    "f1 is 1.0 where both scores are 0: then it is 0.0": lambda *case: _scores(*case, f1=1.0),
    "the precision is 1.0 wherever nothing is right: that is so only where nothing is predicted": lambda *case: _none_found(case, precision=1.0),
    "the recall is 1.0 wherever nothing is right: that is so only where there is nothing to find": lambda *case: _none_found(case, recall=1.0),
    "precision and recall are 1.0 wherever nothing is right: that is so only where there is nothing to divide by": lambda *case: (
        _none_found(case, precision=1.0, recall=1.0)
    ),
    "all three are 1.0 wherever there is nothing to divide by: each has its own rule": lambda t, p, m: (
        _scores(t, p, m) if all(_places(t, p, m)) else (1.0, 1.0, 1.0)
    ),
    "a small number is added to what is divided by: where that is 0 the docstring says what to return": lambda t, p, m: _with_small(t, p, m, 1e-9),
}


def _none_found(case, precision=None, recall=None):
    """The scores; what is given instead where nothing that is predicted is right."""
    t, p = _places(*case)
    right = _scored(t, p)
    if t & p:
        return right
    precision, recall = (old if new is None else new for old, new in zip(right, (precision, recall)))
    return precision, recall, 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _with_small(true, predicted, mask, small):
    t, p = _places(true, predicted, mask)
    precision, recall = (len(t & p) / (len(part) + small) for part in (p, t))
    return precision, recall, 2 * precision * recall / (precision + recall + small)


# ---- can_tell

#: The docstring's examples of `can_tell`: the first can be told.
EXAMPLE_SCORES = ([0.93, 0.95], [0.90, 0.92, 0.91]), ([0.93, 0.95], [0.90, 0.94]), ([0.5], [0.5])


def _verdict(a, b, above=lambda x, y: all(p > q for p in x for q in y)):
    """What the rule says; what counts as `above` may be mistaken."""
    return "a" if above(a, b) else "b" if above(b, a) else "cannot tell"


def _told_by(above):
    return lambda a, b: _verdict(a, b, above)


def _drawn(rng, number):
    """So many different scores, the lowest first."""
    return (np.sort(rng.choice(np.arange(9000, 9600), number, replace=False)) / 10000).tolist()


def _scores_of(rng, n, m, swapped=False):
    """n high scores and m low ones in any order; `swapped`: the lowest of the high ones and the highest of the low ones exchanged."""
    drawn = _drawn(rng, n + m)
    if swapped:
        drawn[m - 1], drawn[m] = drawn[m], drawn[m - 1]
    return rng.permutation(drawn[m:]).tolist(), rng.permutation(drawn[:m]).tolist()


def _skewed(rng, n, m):
    """n scores of which all but one are just above the m others, of which one is far below."""
    low, high = 0.9 + 0.002 * rng.random(), 0.9 + 0.004 + 0.002 * rng.random()
    above, below = (0.0001 * rng.permutation(number) for number in (n - 1, m - 1))
    first, second = np.round([*(high + above), high + 0.05], 5), np.round([low - 0.05, *(low + below)], 5)
    return rng.permutation(first).tolist(), rng.permutation(second).tolist()


#: For the scores of the first list where each lies among the second's: "<" a little below, ">" a little above, "-" and "+" far.
OUTLIERS = "<+<", ">->", "->>", "<<+", "+<<", ">>-"


def _outliers(rng, n, m, places):
    """A list with one score far from the others, and one of scores close together."""
    middle = np.round(0.9 + 0.002 * rng.random(m), 5)
    shift = {"<": -0.01, ">": 0.01, "-": -0.08, "+": 0.08}
    scores = [float(np.round(0.9 + shift[place] + 0.002 * rng.random(), 5)) for place in places + places[1] * (n - 3)]
    return scores, middle.tolist()


def _nested(rng, n, m):
    drawn = _drawn(rng, n + m)
    return rng.permutation(drawn[1 : n + 1]).tolist(), rng.permutation([drawn[0], *drawn[n + 1 :]]).tolist()


def _pairwise(rng, n, _):
    """Each score of the first list is above that of the second at its place."""
    drawn, order = np.array(_drawn(rng, 2 * n)), rng.permutation(n)
    return drawn[1::2][order].tolist(), drawn[::2][order].tolist()


def _touching(rng, n, m):
    high, low = _scores_of(rng, n, m)
    return high, [min(high) if score == max(low) else score for score in low]


TELL_MISTAKES = {
    "a and b are exchanged: the higher score is the better": lambda a, b: _verdict(b, a),
    "the means are compared: every score of one must be above every score of the other": _told_by(lambda x, y: np.mean(x) > np.mean(y)),
    "the medians are compared, or most of the pairs decide: every score of one must be above every score of the other": _told_by(lambda x, y: np.median(x) > np.median(y)),
    "the best scores are compared: the WORST of one must be above the best of the other": _told_by(lambda x, y: max(x) > max(y)),
    "the worst scores are compared: the worst of one must be above the BEST of the other": _told_by(lambda x, y: min(x) > min(y)),
    "equal scores are taken for above: where the worst of one equals the best of the other, we cannot tell": _told_by(lambda x, y: min(x) >= max(y)),
    "scores at the same place are compared: every score of one must be above EVERY score of the other": (
        _told_by(lambda x, y: all(p > q for p, q in zip(x, y)))
    ),
    "one score above another is enough: every score of one must be above every score of the other": _told_by(lambda x, y: max(x) > min(y)),
    "the sums are compared: every score of one must be above every score of the other": _told_by(lambda x, y: sum(x) > sum(y)),
    "the lists themselves, or their first scores, are compared: all their scores count": _told_by(lambda x, y: list(x) > list(y)),
    "the last scores are compared: all their scores count": _told_by(lambda x, y: x[-1] > y[-1]),
    "the lists are taken for sorted: min and max find the worst and the best": _told_by(lambda x, y: x[0] > y[-1]),
    "means and standard deviations are compared: the rule asks about the scores themselves": (
        _told_by(lambda x, y: np.mean(x) - np.std(x) > np.mean(y) + np.std(y))
    ),
    'whatever is not "a" is called "b": where neither is above, the answer is "cannot tell"': lambda a, b: "a" if _verdict(a, b) == "a" else "b",
    'whatever is not "b" is called "a": where neither is above, the answer is "cannot tell"': lambda a, b: "b" if _verdict(a, b) == "b" else "a",
    'it never says "b": ask also whether every score of b is above every score of a': lambda a, b: "a" if _verdict(a, b) == "a" else "cannot tell",
    'it never says "a": ask also whether every score of a is above every score of b': lambda a, b: "b" if _verdict(a, b) == "b" else "cannot tell",
    "the search for the best begins at 0: scores may lie anywhere, and max needs no beginning": _told_by(lambda x, y: min(x) > max([0, *y])),
    "the search for the worst begins at 1: scores may lie anywhere, and min needs no beginning": _told_by(lambda x, y: min([1, *x]) > max(y)),
    "the search for the best begins at 0, and that for the worst at 1: scores may lie anywhere, and min and max need no beginning": (
        _told_by(lambda x, y: min([1, *x]) > max([0, *y]))
    ),
    '"a" and "b" in small letters': lambda a, b: _verdict(a, b).upper() if _verdict(a, b) in "ab" else _verdict(a, b),
    "the better list comes back: its name is asked for": lambda a, b: {"a": a, "b": b}.get(_verdict(a, b)),
    "the wording is another: the three answers are \"a\", \"b\" and \"cannot tell\"": lambda a, b: _verdict(a, b).replace("cannot tell", "can't tell"),
}


# ---- reverse_padded


def _reversed(x, mask):
    return np.stack([_turned(row, int(real.sum())) for row, real in zip(x, mask)])


def _to_step(x, n):
    """The whole batch reversed up to step n."""
    return np.concatenate([x[:, :n][:, ::-1], x[:, n:]], axis=1)


REVERSE_MISTAKES = {
    "the whole time axis is reversed, so that the padding comes before the sequence: a row's length is mask[i].sum()": lambda x, mask: x[:, ::-1],
    "axis 0 is reversed, which is the batch: time is axis 1": lambda x, mask: x[::-1],
    "the numbers of each step are reversed: leave the last axis alone": lambda x, mask: x[..., ::-1] if x.ndim == 3 else None,
    "batch and time are both reversed: keep the rows in their order": lambda x, mask: x[::-1, ::-1],
    "every row is reversed up to the first row's length: each row has a length of its own": lambda x, mask: _to_step(x, int(mask[0].sum())),
    "every row is reversed up to the last row's length: each row has a length of its own": lambda x, mask: _to_step(x, int(mask[-1].sum())),
    FROM_NUMBERS: lambda x, mask: _reversed(x, _by_numbers(x)),
    "the numbers of the steps are sorted: only the order of the steps is turned round": _by_row(
        lambda row, n: np.concatenate([np.sort(row[:n], axis=0)[::-1], row[n:]])
    ),
    "a row without a real step is left out: it comes back as it is": lambda x, mask: (
        np.stack([_turned(row, int(real.sum())) for row, real in zip(x, mask) if real.any()])
    ),
    "every row is reversed up to the longest row's length: each row has a length of its own": lambda x, mask: _to_step(x, int(mask.sum(axis=1).max())),
    "every row is reversed up to the shortest row's length: each row has a length of its own": lambda x, mask: _to_step(x, int(mask.sum(axis=1).min())),
    "the lengths are counted along axis 0: a row's length is mask.sum(axis=1)": lambda x, mask: (
        np.stack([_turned(row, int(mask[:, i].sum())) for i, row in enumerate(x)])
    ),
    "the padding is reversed too: leave it as it was": _by_row(lambda row, n: np.concatenate([row[:n][::-1], row[n:][::-1]])),
    "np.where takes the real places from x[:, ::-1], in which padding comes first: reverse each row's real steps only": lambda x, mask: (
        np.where(mask.reshape(*mask.shape, *[1] * (x.ndim - 2)), x[:, ::-1], x)
    ),
    "the real steps come again where the padding was: is an index taken modulo the length?": _by_row(
        lambda row, n: row[(n - 1 - np.arange(len(row))) % n] if n else row
    ),
    "the padding is set to zero: leave it as it was": _by_row(lambda row, n: np.concatenate([row[:n][::-1], 0 * row[n:]])),
    "the time axis is reversed with the padding set to zero, which now comes first": _by_row(lambda row, n: np.concatenate([0 * row[n:], row[:n][::-1]])),
    "the padding comes first: it belongs at the end of its row": _by_row(lambda row, n: np.concatenate([row[n:], row[:n][::-1]])),
    "the padding is filled with step 0: is an index kept from going below 0?": _by_row(
        lambda row, n: np.concatenate([row[:n][::-1], row[:1].repeat(len(row) - n, axis=0)])
    ),
    "the last real step stays where it is: row[:n] ends before step n, so n is the number of real steps": _by_row(
        lambda row, n: _turned(row, n - 1) if n else row
    ),
    "one step of padding is reversed along with the real ones: the last of n real steps is number n - 1": _by_row(lambda row, n: _turned(row, n + 1)),
    "the first step stays where it is: step t comes from step n - 1 - t of the n real ones": _by_row(lambda row, n: np.concatenate([row[:1], row[1:n][::-1], row[n:]]) if n else row),
    "it begins at step n, which is padding, and ends at step 1: of n real steps the last is n - 1 and the first 0": _by_row(
        lambda row, n: np.concatenate([row[n:0:-1], row[n:]]) if n < len(row) else row[::-1]
    ),
    "np.flip without an axis reverses the numbers of each step, too: axis=0 for a row, axis=1 for the batch": lambda x, mask: (
        np.stack([np.concatenate([row[:n][::-1, ::-1], row[n:]]) for row, n in zip(x, mask.sum(axis=1))]) if x.ndim == 3 else None
    ),
    "only the first row is reversed: does `return` stand inside the loop?": lambda x, mask: np.concatenate([_reversed(x[:1], mask[:1]), x[1:]]),
    "the padding is reversed and the real steps are not: mask is True at the REAL steps": _by_row(lambda row, n: np.concatenate([row[:n], row[n:][::-1]])),
    "the sequences come back as they went in": lambda x, mask: x,
    "a row is overwritten while it is read: what was already replaced is read again; make a copy first": _by_row(
        lambda row, n: np.concatenate([np.stack([row[max(t, n - 1 - t)] for t in range(n)]) if n else row[:0], row[n:]])
    ),
}

KIND_MISTAKES = {
    "floats come back for whole numbers: np.zeros takes dtype=x.dtype, np.zeros_like(x) and x.copy() have it": lambda x, mask: _reversed(x, mask).astype(float),
}


# ---- bidirectional


def _layer(rng, n, m):
    shapes = {"W_xh": (n, m), "W_hh": (m, m), "b_h": (m,)}
    scale = {"W_xh": 1 / np.sqrt(n), "W_hh": 0.8 / np.sqrt(m), "b_h": 0.5}
    return {name: rng.normal(0, scale[name], shape) for name, shape in shapes.items()}


def _two_way_case(rng, batch, timesteps, n, m, mode, padded=True):
    mask = _padded(rng, batch, timesteps, full=True) if padded else np.ones((batch, timesteps), bool)
    return rng.normal(size=(batch, timesteps, n)), mask, _layer(rng, n, m), _layer(rng, n, m), mode


_ONE = {"W_xh": np.ones((1, 1)), "W_hh": np.ones((1, 1)), "b_h": np.zeros(1)}
#: The docstring's example of `bidirectional`.
EXAMPLE_LAYER = np.array([[[0.0], [1.0], [9.0]]]), np.array([[True, True, False]]), _ONE, _ONE, "concat"


def _states(steps, weights, flaw="", start=None):
    """States of one sequence, a step after the other, from the weights of both products joined."""
    W, b = np.concatenate([weights["W_xh"], weights["W_hh"]]), weights["b_h"]
    n, m = weights["W_xh"].shape
    W, b = W.copy(), {"no bias": 0, "bias twice": 2}.get(flaw, 1) * b
    if flaw == "no W_hh":
        W[n:] = 0
    if flaw == "no W_xh":
        W[:n] = 0
    if flaw == "W_hh transposed":
        W[n:] = W[n:].T
    squash = {"no tanh": lambda a: a, "relu": lambda a: np.maximum(a, 0), "sigmoid": lambda a: 1 / (1 + np.exp(-a))}.get(flaw, np.tanh)
    h, states = np.zeros(m) if start is None else start, []
    for t, step in enumerate(steps):
        outside = h @ W[n:] if flaw == "W_hh outside" else 0
        b = 0 * b if flaw == "bias at first" and t else b
        h = squash(np.einsum("i,ij->j", np.concatenate([step, 0 * h if flaw == "W_hh outside" else h]), W) + b) + outside
        states.append(h)
    return np.array(states).reshape(-1, m)


def _pair(x, mask, forward, backward, flaw=""):
    """Both networks' states, each sequence alone and without its padding; or what `flaw` makes of them."""
    if flaw == "mask reversed":
        mask = ~mask
    ahead, back = (np.zeros((*x.shape[:2], len(w["b_h"]))) for w in (forward, backward))
    forward, backward = {
        "forward weights": (forward, forward), "backward weights": (backward, backward), "exchanged weights": (backward, forward),
    }.get(flaw, (forward, backward))
    inside = flaw if flaw in ("bias at first", "no bias", "bias twice", "W_hh outside", "no W_hh", "no W_xh", "W_hh transposed", "no tanh", "relu", "sigmoid") else ""
    for row in range(len(x)):
        n = int(mask[row].sum())
        steps, padding = (x[row][mask[row]], x[row][~mask[row]]) if flaw == "mask reversed" else (x[row, :n], x[row, n:])
        place = np.flatnonzero(mask[row])
        ahead[row, place] = _states(steps, forward, inside)
        back[row, place] = _states(steps[::-1], backward, inside)[::-1]
        if n == 0:
            continue
        if flaw == "reads forward":
            back[row, :n] = _states(steps, backward)
        if flaw == "not turned back":
            back[row, :n] = _states(steps[::-1], backward)
        if flaw == "padding first":
            back[row, :n] = _states(np.concatenate([padding[::-1], steps[::-1]]), backward)[::-1][:n]
        if flaw == "zeros first":
            back[row, :n] = _states(np.concatenate([0 * padding, steps[::-1]]), backward)[::-1][:n]
        if flaw == "flipped back":
            back[row] = _states(np.concatenate([steps[::-1], padding]), backward)[::-1] * mask[row][:, None]
        if flaw == "flipped in":
            read = _states(x[row, ::-1], backward)
            back[row, :n] = read[:n][::-1]
        if flaw == "backward goes on":
            back[row, :n] = _states(steps[::-1], backward, start=ahead[row, n - 1])[::-1]
        if flaw == "backward reads states":
            back[row, :n] = _states(ahead[row, :n][::-1], backward)[::-1]
        if flaw == "back repeated":
            back[row, :n] = back[row, 0]
        if flaw == "both turned":
            ahead[row, :n] = ahead[row, :n][::-1].copy()
        if flaw == "one late":
            ahead[row, :n] = np.concatenate([np.zeros((1, ahead.shape[2])), ahead[row, : n - 1]])
            back[row, :n] = np.concatenate([back[row, 1:n], np.zeros((1, back.shape[2]))])
        if flaw in ("not zero", "forward not zero"):
            ahead[row] = _states(x[row], forward)
        if flaw in ("not zero", "backward not zero"):
            back[row, n:] = _states(np.concatenate([steps[::-1], padding]), backward)[n:]
        if flaw == "zeros read, not zero":
            ahead[row] = _states(np.concatenate([steps, 0 * padding]), forward)
            back[row, n:] = _states(np.concatenate([steps[::-1], 0 * padding]), backward)[n:]
        if flaw == "numbers reversed":
            back[row, :n] = _states(steps[:, ::-1], backward)
        if flaw == "padding first, not zero":
            ahead[row], back[row] = _states(x[row], forward), _states(x[row, ::-1], backward)[::-1]
        if flaw == "one array":
            ahead[row, :n] = _states(x[row], forward)[-1]
            back[row, :n] = _states(np.concatenate([steps[::-1], padding]), backward)[-1]
        if flaw == "carried over" and row:
            before = int(mask[row - 1].sum())
            ahead[row, :n] = _states(steps, forward, start=ahead[row - 1, before - 1])
            back[row, :n] = _states(steps[::-1], backward, start=back[row - 1, 0])[::-1]
        if flaw == "backward mask reversed":
            turned = _states(np.concatenate([steps[::-1], padding]), backward)
            back[row] = np.concatenate([turned[:n][::-1], turned[n:]]) * mask[row, ::-1, None]
        if flaw == "forward state held":
            ahead[row, n:] = ahead[row, n - 1]
        if flaw == "state held":
            ahead[row, n:], back[row, n:] = ahead[row, n - 1], back[row, 0]
    return ahead, back


def _to_longest(x, mask):
    steps = mask.sum(axis=1).max()
    return x[:, :steps], mask[:, :steps]


def _joined(pair, mode):
    """The two directions as one, by what `mode` says; the mean as a number on the way from one to the other."""
    ahead, back = pair
    if mode is None:
        return ahead, back
    if mode == "concat":
        return np.block([ahead, back])
    return {"sum": np.sum, "mul": np.prod, "ave": np.mean}[mode](np.stack([ahead, back]), axis=0)


def _two_ways(x, mask, forward, backward, merge_mode, flaw=""):
    return _joined(_pair(x, mask, forward, backward, flaw), merge_mode)


TWO_WAY_FLAWS = {
    "padding first": "the backward network reads the padding before the sequence: x[:, ::-1] puts it first, reverse_padded does not",
    "padding first, not zero": "x[:, ::-1] is read, so the padding comes first, and nothing sets the outputs there to zero",
    "zeros first": "the backward network reads zeros in place of the padding before the sequence: a step of zeros is still a step, in which b_h and W_hh move the state",
    "reads forward": "the backward network reads the sequence forwards: reverse it first, along axis 1",
    "not turned back": "the backward network's states come in the order in which it read: reverse them again, so that the state of step t is at t",
    "flipped back": "the backward network's states are reversed with [:, ::-1], which moves those of the padding to the front: use reverse_padded again",
    "flipped in": "the input is reversed with [:, ::-1], and only the states with reverse_padded: both need it",
    "forward weights": "the forward network's weights are used in both directions",
    "backward weights": "the backward network's weights are used in both directions",
    "exchanged weights": "the two networks' weights are swapped",
    "backward goes on": "the backward network starts from the forward network's last state: a state of zeros comes first in both",
    "backward reads states": "the backward network reads the forward network's states: both read x",
    "both turned": "the forward network's states are reversed, too",
    "one late": "each state has not read its own step yet: x_t comes in before the state of step t is kept",
    "not zero": "the outputs at masked steps are not set to zero",
    "zeros read, not zero": "the outputs at masked steps are not set to zero: zeros in x there do not make the states zero",
    "numbers reversed": "the last axis of x is reversed, the numbers of a step: time is axis 1",
    "forward not zero": "the forward network's outputs at masked steps are not set to zero",
    "backward not zero": "the backward network's outputs at masked steps are not set to zero",
    "state held": "at masked steps the last state is repeated: the outputs there are zero",
    "forward state held": "at masked steps the forward network's last state is repeated: the outputs there are zero",
    "one array": "one array is written over in every step, so that all steps show the last state: make a new one for each, or keep a copy",
    "carried over": "each row starts from the last state of the row before: a state of zeros comes first in every row",
    "backward mask reversed": "the backward network's outputs are set to zero by the reversed mask: they are in the order of x, as the mask is",
    "bias at first": "the bias b_h is added in the first step only",
    "mask reversed": "the mask is the wrong way round: it is True at the real steps",
    "no tanh": "tanh is missing",
    "W_hh outside": "h_before @ W_hh is added outside of tanh: the whole sum goes into it",
    "relu": "relu in place of tanh",
    "sigmoid": "the sigmoid in place of tanh",
    "no bias": "the bias b_h is missing",
    "bias twice": "the bias b_h is added twice",
    "back repeated": "the backward network's last state is repeated at every step: each step has a state of its own",
    "no W_hh": "h_before @ W_hh is missing, or the state is set back to zero in every step",
    "no W_xh": "x_t @ W_xh is missing",
    "W_hh transposed": "W_hh is transposed",
}  # fmt: skip

TWO_WAY_MISTAKES = {
    **{text: lambda *case, flaw=flaw: _two_ways(*case, flaw=flaw) for flaw, text in TWO_WAY_FLAWS.items()},
    FROM_NUMBERS: lambda x, mask, *layers: _two_ways(x, _by_numbers(x), *layers),
    "the first row's mask is used for all rows": lambda x, mask, *layers: _two_ways(x, mask[:1].repeat(len(mask), axis=0), *layers),
    "time ends with the longest row: all steps of x come back": lambda x, mask, *layers: _two_ways(*_to_longest(x, mask), *layers),
}

PAIR = "the pair (forward, backward) comes back: return it with None only, otherwise one array"

#: Where two arrays are joined.
JOIN_MISTAKES = {
    "the backward half comes first: forward, then backward": lambda x, mask, f, b, mode: np.concatenate(_pair(x, mask, f, b)[::-1], axis=-1),
    "the two are joined along the axis of time: side by side is the last axis": lambda x, mask, f, b, mode: np.concatenate(_pair(x, mask, f, b), axis=1),
    "the two are joined along the batch: side by side is the last axis": lambda x, mask, f, b, mode: np.concatenate(_pair(x, mask, f, b), axis=0),
    "the two are stacked along a new axis, in front: np.concatenate with axis=-1 joins them": lambda x, mask, f, b, mode: np.stack(_pair(x, mask, f, b)),
    "the two are stacked along a new axis, at the end: np.concatenate with axis=-1 joins them": lambda x, mask, f, b, mode: np.stack(_pair(x, mask, f, b), axis=-1),
    PAIR: lambda x, mask, f, b, mode: _pair(x, mask, f, b),
    "the two are added: with \"concat\" they go side by side": lambda x, mask, f, b, mode: _joined(_pair(x, mask, f, b), "sum"),
    "batch and time are swapped: np.stack(states, axis=1) keeps the batch first": lambda *case: _two_ways(*case).swapaxes(0, 1),
    "only the last step comes back: return all of them": lambda *case: _two_ways(*case)[:, -1],
    "only the forward network's states come back": lambda x, mask, f, b, mode: _pair(x, mask, f, b)[0],
    "only the backward network's states come back": lambda x, mask, f, b, mode: _pair(x, mask, f, b)[1],
    "the halves are interleaved, number by number: they go side by side": lambda x, mask, f, b, mode: (
        (both := np.stack(_pair(x, mask, f, b), axis=-1)).reshape(*both.shape[:2], -1)
    ),
}

MODE_MISTAKES = {
    **{
        f'the two are joined as "{other}" joins them: merge_mode says how': lambda x, mask, f, b, mode, other=other: (
            _joined(_pair(x, mask, f, b), other) if mode != other else None
        )
        for other in ("concat", "sum", "mul", "ave")
    },
    PAIR: lambda x, mask, f, b, mode: _pair(x, mask, f, b) if mode is not None else None,
    "with None the backward network comes first: the pair is (forward, backward)": lambda x, mask, f, b, mode: (
        _pair(x, mask, f, b)[::-1] if mode is None else None
    ),
    "with None one array comes back, with a new axis: return a tuple of two arrays": lambda x, mask, f, b, mode: (
        np.stack(_pair(x, mask, f, b)) if mode is None else None
    ),
    "with None the backward states come in the order in which they were read: both are in the order of x": lambda x, mask, f, b, mode: (
        (_pair(x, mask, f, b)[0], _pair(x, mask, f, b, "not turned back")[1]) if mode is None else None
    ),
    '"mul" is a matrix product: * multiplies number by number': lambda x, mask, f, b, mode: (
        (lambda pair: pair[0] @ pair[1].transpose(0, 2, 1))(_pair(x, mask, f, b)) if mode == "mul" else None
    ),
    '"mul" is summed up over the units: multiply number by number, and add nothing': lambda x, mask, f, b, mode: (
        np.prod(_pair(x, mask, f, b), axis=0).sum(axis=-1) if mode == "mul" else None
    ),
    '"mul" is summed up over the units, and an axis kept: multiply number by number, and add nothing': lambda x, mask, f, b, mode: (
        np.prod(_pair(x, mask, f, b), axis=0).sum(axis=-1, keepdims=True) if mode == "mul" else None
    ),
    '"ave" divides by two only the second array: parentheses around the sum': lambda x, mask, f, b, mode: (
        (lambda pair: pair[0] + pair[1] / 2)(_pair(x, mask, f, b)) if mode == "ave" else None
    ),
    '"ave" is the mean over a wrong axis: each number is averaged with the one at its place in the other array': lambda x, mask, f, b, mode: (
        np.mean(_pair(x, mask, f, b), axis=-1) if mode == "ave" else None
    ),
    '"ave" is one number, the mean of everything: average number by number': lambda x, mask, f, b, mode: (
        np.mean(_pair(x, mask, f, b)) if mode == "ave" else None
    ),
    '"sum" adds up each array to fewer numbers: the two arrays are added, number by number': lambda x, mask, f, b, mode: (
        np.sum(_pair(x, mask, f, b), axis=-1) if mode == "sum" else None
    ),
}  # fmt: skip


def _mode_note(mode):
    return {"sum": "added", "mul": "multiplied", "ave": "averaged"}.get(mode, "the pair")


def _is_layer(value):
    """Whether it is an array of numbers, or a tuple, which is asked where merge_mode is None."""
    return type(value) is tuple or type(value) is np.ndarray and value.dtype.kind in "fiu"


def _layer_case(check, criterion, case, mistakes, note, branch):
    got = check.inspect(case, _is_layer, "a tuple of two arrays" if case[-1] is None else "an array", (criterion,), note)
    if got is not None:
        check.settle(criterion, case, _two_ways(*case), got, mistakes, FORM, note, branch=branch)


def _halves_case(check, case):
    """Rows without padding, side by side: the first half is the forward network's, the second the backward one's."""
    expected, both, note = _two_ways(*case), ("forward", "backward"), "no padding"
    got = check.inspect(case, _is_layer, "an array", both, note)
    if got is None:
        return
    m = expected.shape[-1] // 2
    if type(got) is tuple or got.shape != expected.shape:
        for criterion in both:
            check.settle(criterion, case, expected, got, JOIN_MISTAKES | TWO_WAY_MISTAKES, FORM, note, branch=f"{criterion} whole")
        return
    for criterion, half in zip(both, (np.s_[..., :m], np.s_[..., m:])):
        known = {text: lambda *a, f=mistake, half=half: _cut(f(*a), half, expected.shape) for text, mistake in (JOIN_MISTAKES | TWO_WAY_MISTAKES).items()}
        part = f"the {criterion} half"
        check.settle(criterion, case, expected[half], got[half], known, FORM, note, part=part, branch="halves")


def _cut(value, half, shape):
    """The half of what a mistake gives; an error where that has another shape, as no such mistake was made here."""
    if type(value) is not np.ndarray or value.shape != shape:
        raise ValueError("another shape")
    return value[half]


# ---- look_ahead


#: How far to either side the kernel of a `_convolution` reaches.
REACH = 6


def _model(rng, inputs, *layers):
    """A model named by chance, so that rng decides all of it."""
    with session.quiet():
        import keras
    return keras.Sequential([keras.Input((None, inputs)), *layers], name=f"model_{rng.integers(10**12)}")


def _convolution(rng, kernel, activation=None):
    """A model whose output at step t is the sum of the inputs at steps t - REACH to t + REACH, each times its part of the kernel."""
    with session.quiet():
        from keras.layers import Conv1D
    model = _model(rng, kernel.shape[1], Conv1D(kernel.shape[2], len(kernel), padding="same", use_bias=False, activation=activation))
    model.set_weights([kernel.astype(np.float32)])
    return model


def _window(rng, inputs, units, reads):
    """A kernel that reads the steps `reads` from t."""
    kernel = np.zeros((2 * REACH + 1, inputs, units))
    kernel[REACH + np.array(reads)] = rng.uniform(0.3, 0.6, (len(reads), inputs, units)) * rng.choice([-1, 1], (len(reads), 1, units))
    return kernel


def _both_directions(rng, inputs, units, deep):
    """A recurrent layer in both directions, and some Dense layers after it."""
    with session.quiet():
        from keras.layers import Bidirectional, Dense, SimpleRNN
    model = _model(rng, inputs, Bidirectional(SimpleRNN(units, return_sequences=True)), *(Dense(units) for _ in range(deep)))
    model.set_weights([(rng.uniform(0.3, 0.6, w.shape) * rng.choice([-1, 1], w.shape)).astype(np.float32) for w in model.get_weights()])
    return model


#: What is done to one step's input: what the exercise asks for, and what is done in its place.
PROBES = {
    "1 added": lambda x: 1 + 0 * x,
    "set to 0": lambda x: -x,
    "set to 1": lambda x: 1 - x,
    "1 subtracted": lambda x: 0 * x - 1,
}


def _moves(model, x):
    """What becomes of the outputs where one step's input after the other is changed, and the outputs before.

    Returns
    -------
    tuple
        A dict of arrays (changed step, step, number), one for each of the `PROBES` and for 1 added to "number i" alone; and an
        array (step, number).
    """
    return _moves_of(model, x.tobytes(), x.shape)


@functools.lru_cache(maxsize=16)  # each known mistake asks, but only where something is wrong
def _moves_of(model, x, shape):
    x = np.frombuffer(x, np.float32).reshape(shape)
    one = np.eye(len(x))[:, :, None]
    changes = {name: change(x) for name, change in PROBES.items()} | {f"number {i}": row + 0 * x for i, row in enumerate(np.eye(x.shape[1]))}
    probes = np.concatenate([0 * x[None], *(one * change for change in changes.values())])
    with session.captured():
        outputs = np.asarray(model((x + probes).astype(np.float32)), np.float64)
    return dict(zip(changes, np.split(outputs[1:] - outputs[0], len(changes)))), outputs[0]


def _probe_case(check, criterion, model, timesteps, inputs, t, reach, note="", x=None):
    if x is None:
        x = check.rng.uniform(-0.5, 0.5, (timesteps, inputs)).astype(np.float32)
    if criterion == "steps":
        x[t + reach] = 0  # an input that is set to 0, or multiplied, and not raised by 1, stays as it is
    check.expect(criterion, (model, x, t), reach, PROBE_MISTAKES, case=note, told=(model, x, t))


def _odd_cases(rng, timesteps, inputs):
    """In words, an input, a kernel (steps, inputs, numbers), how far it looks ahead from step 0, and what is made of its sum.

    The farthest input is missed by each way of looking too closely, and each finds another one of those before it.
    """
    up, down = rng.uniform(0.3, 0.5), -rng.uniform(0.3, 0.5)
    x = rng.uniform(-0.5, 0.5, (timesteps, inputs)).astype(np.float32)
    ones = np.ones((timesteps, inputs), np.float32)
    first_unread = _kernel(rng, inputs, [(up, up), (up, 0), (down, 0), (0, down)], 0.3, unread=1)
    yield "the inputs ahead move one number of the output or both, up or down, by one number of the input or more", x, first_unread, 4, None
    tiny = rng.uniform(1.3e-6, 1.35e-6)
    # the farthest that is found where 1e-5 is the limit; numbers are changed one at a time; the differences are added up; their mean counts
    found = [(5e-5, 5e-5), (7e-6, 7e-6), (1.2e-6, 1.2e-6), (1.6e-6, -1.6e-6)]
    smaller = [*found, (tiny, -tiny / 3), (2e-7, 2e-7)]
    kernel = _kernel(rng, inputs, smaller, 1e-3)
    yield "the inputs ahead move the output by less and less: by 0.00005, by 0.000001 five steps ahead, six ahead by less", x, kernel, 5, None
    large = _kernel(rng, inputs, [(0.3, 0.3), (2e-5, 2e-5), (3e-6, 3e-6)], 10.0)
    yield "all inputs are 1, and the output is about 5; the input three steps ahead moves it by 0.000003", ones, large, 3, None
    yield "all inputs are 0, and the output can only rise", 0 * ones, np.abs(_kernel(rng, inputs, [(up, up), (up, -down)], 0.3)), 2, "relu"


#: Of a Dirichlet distribution whose parts are about the same.
EVEN = 100.0


def _kernel(rng, inputs, ahead, now, unread=0):
    """A kernel; for each step ahead, by how much an input moves the numbers of the output, and how many of its own are not read.

    The numbers of an input have about the same part in that; `now` is what the inputs of step t and of the one before it do together.
    """
    kernel = np.zeros((2 * REACH + 1, inputs, 2))
    kernel[REACH - 1 : REACH + 1] = now * rng.dirichlet(np.full(2 * inputs, EVEN)).reshape(2, inputs, 1)
    for k, moves in enumerate(ahead, 1):
        kernel[REACH + k, unread:] = rng.dirichlet(np.full(inputs - unread, EVEN))[:, None] * np.array(moves)
    return kernel


#: Above it an output has moved.
MOVED = 1e-6


def _farthest(moved, t):
    """The farthest later step with moved[step], in steps from t."""
    return max((s - t for s in range(t + 1, len(moved)) if moved[s]), default=0)


def _if_moved(of):
    """A mistake in what is made of which input moves the output of which step: `of(moved, t)`, moved (steps, steps)."""
    return lambda model, x, t: int(of(np.abs(_moves(model, x)[0]["1 added"]).max(axis=-1) > MOVED, t))


def _by(measure, limit=MOVED):
    """A mistake in how two outputs are compared: `measure` of their difference is compared with the limit."""
    return lambda model, x, t: _farthest([measure(difference) > limit for difference in _moves(model, x)[0]["1 added"][:, t]], t)


def _beside(size, limit):
    """A mistake in the limit: it grows with the output's numbers, `size` times them above `limit`."""

    def mistake(model, x, t):
        moves, before = _moves(model, x)
        return _farthest((np.abs(moves["1 added"][:, t]) > limit + size * np.abs(before[t])).any(axis=-1), t)

    return mistake


def _changed_by(probe):
    """Other changes of the input than the one asked for: those whose name begins so, one at a time."""

    def mistake(model, x, t):
        moves, _ = _moves(model, x)
        return max(_farthest(np.abs(moves[name][:, t]).max(axis=-1) > MOVED, t) for name in moves if name.startswith(probe))

    return mistake


def _unbroken(moved, t):
    k = 0
    while t + k + 1 < len(moved) and moved[t + k + 1]:
        k += 1
    return k


PROBE_MISTAKES = {
    "the number of the step comes back: return its distance from t": _if_moved(lambda moved, t: t + _farthest(moved[:, t], t)),
    "the later inputs that move the output are counted: return how far away the farthest one is": _if_moved(lambda moved, t: moved[t + 1 :, t].sum()),
    "the inputs that move the output are counted, that of step t too: return how far away the farthest one is": _if_moved(lambda moved, t: moved[t:, t].sum()),
    "all inputs that move the output are counted, earlier ones too: return how far away the farthest later one is": _if_moved(
        lambda moved, t: moved[:, t].sum()
    ),
    "the search ends at the first input that does not move the output: a farther one may": _if_moved(lambda moved, t: _unbroken(moved[:, t], t)),
    "the search ends at the first input that does not move the output, and returns that one's distance": _if_moved(
        lambda moved, t: _unbroken(moved[:, t], t) + 1
    ),
    "the nearest later input that moves the output is taken, not the farthest": _if_moved(
        lambda moved, t: next((s - t for s in range(t + 1, len(moved)) if moved[s, t]), 0)
    ),
    "the input of step t is changed and later outputs are watched: that is how far step t is remembered": _if_moved(lambda moved, t: _farthest(moved[t], t)),
    "that is how far the output looks BACK: change the inputs after step t": _if_moved(lambda moved, t: t - min(np.flatnonzero(moved[: t + 1, t]), default=t)),
    "the farthest input on either side: only later ones count": _if_moved(lambda moved, t: max((abs(s - t) for s in np.flatnonzero(moved[:, t])), default=0)),
    "the output of the changed step or of the last one is watched, not that of step t": _if_moved(lambda moved, t: _farthest(np.diag(moved), t)),
    "the first later input that moves the output is taken, counted from 0: np.argmax of truths finds the first": _if_moved(
        lambda moved, t: int(np.argmax(moved[t + 1 :, t]))
    ),
    "the output of the first step is watched, not that of step t": _if_moved(lambda moved, t: _farthest(moved[:, 0], t)),
    "one too many: an input at step t + k is k steps ahead": _if_moved(lambda moved, t: _farthest(moved[:, t], t) + 1),
    "one too few: an input at step t + k is k steps ahead": _if_moved(lambda moved, t: _farthest(moved[:, t], t) - 1),
    "the last input is never changed: the steps go to x.shape[0] - 1": _if_moved(lambda moved, t: _farthest(moved[:-1, t], t)),
    "every later input seems to move the output: change one step in each copy of x, no other, and watch the output of step t alone": _if_moved(
        lambda moved, t: len(moved) - 1 - t
    ),
    "only the last input is changed: a nearer one may be the farthest that counts": _if_moved(
        lambda moved, t: len(moved) - 1 - t if moved[-1, t] and t + 1 < len(moved) else 0
    ),
    "the input of the next step, t + 1, is never changed: begin there": _if_moved(lambda moved, t: _farthest([False, False, *moved[t + 2 :, t]], 0)),
    "the number of the first input that moves the output comes back: return how many steps ahead the farthest one is": _if_moved(
        lambda moved, t: int(np.argmax(moved[:, t]))
    ),
    "only the rise of an output counts: take np.abs of the difference": _by(np.max),
    "the differences are added up, and cancel: one number that moves is enough": _by(lambda difference: abs(difference.sum())),
    "only the first number of the output is watched: one that moves is enough": _by(lambda difference: abs(difference[0])),
    "all numbers of the output have to move: one is enough": _by(lambda difference: np.abs(difference).min()),
    "any difference counts: an output has moved if it differs by more than 1e-6, less is rounding": _by(lambda difference: np.abs(difference).max(), 0.0),
    **{
        f"a move of {limit:g} is not seen: is more than 1e-6 asked for, or less than 1 added to an input?": _by(lambda difference: np.abs(difference).max(), limit)
        for limit in (1e-5, 1e-4)
    },
    "np.allclose with tolerances of its own: it allows more where the output is large; compare np.abs of the difference with 1e-6": _beside(1e-5, 1e-8),
    "np.allclose allows more where the output is large: give it rtol=0, or compare np.abs of the difference with 1e-6": _beside(1e-5, 1e-6),
    "the difference is divided by the output: the difference itself is compared with 1e-6": _beside(1e-6, 0.0),
    "an input of zeros stays as it is: is it set to 0, or multiplied? 1 is added to all its numbers": _changed_by("set to 0"),
    "an input of ones stays as it is: is it set to 1? 1 is added to all its numbers": _changed_by("set to 1"),
    "1 is subtracted from an input: it is added, which may make a difference": _changed_by("1 subtracted"),
    "the mean of the differences is compared with 1e-6: one number that moves is enough": _by(lambda difference: np.abs(difference).mean()),
    "the numbers of an input are changed one at a time: 1 is added to all of them at once": _changed_by("number"),
    "minus t where no later input moves the output: return 0 then": _if_moved(lambda moved, t: _farthest(moved[:, t], t) or -t),
    "-1 where no later input moves the output: return 0": _if_moved(lambda moved, t: _farthest(moved[:, t], t) or -1),
    "only the first number of an input is changed: 1 is added to all of them": _changed_by("number 0"),
}


# ---- summary


def _summary(sequences, mask, ahead=lambda n, steps: n - 1, back=lambda n, steps: 0, halves=(0, 1)):
    """The two halves of each row, each from a step of its own."""
    rows = []
    for row, real in zip(sequences, mask):
        n, parts = np.count_nonzero(real), np.split(row, 2, axis=1)
        rows.append(np.concatenate([parts[half][at(n, len(row))] for half, at in zip(halves, (ahead, back))]))
    return np.stack(rows)


def _from(ahead=None, back=None, **how):
    steps = {name: at for name, at in (("ahead", ahead), ("back", back)) if at}
    return lambda sequences, mask: _summary(sequences, mask, **steps, **how)


def _parted(sequences, mask, units):
    """The summary, where the halves part after so many numbers."""
    ends = np.stack([row[real.sum() - 1] for row, real in zip(sequences, mask)])
    return np.concatenate([ends[:, :units], sequences[:, 0, units:]], axis=1)


def _half_as(of, sequences, mask):
    """The summary, with something else made of the forward half's real steps."""
    units = sequences.shape[2] // 2
    return np.stack([np.concatenate([of(row[real, :units]), row[0, units:]]) for row, real in zip(sequences, mask)])


SUMMARY_MISTAKES = {
    "[:, -1] takes both halves at the last place: there the backward network has read one step, or only padding": _from(lambda n, s: s - 1, lambda n, s: s - 1),
    "both halves are taken at the last real step: there the backward network has read one step": _from(back=lambda n, s: n - 1),
    "both halves are taken at step 0: there the forward network has read one step": _from(ahead=lambda n, s: 0),
    "the forward half is taken at the last place, which is padding in a short row: take the last REAL step": _from(ahead=lambda n, s: s - 1),
    "the halves' steps are swapped: the forward network has read everything at the last real step, the backward one at step 0": _from(
        lambda n, s: 0, lambda n, s: n - 1
    ),
    "the backward half comes first: put the forward half first": lambda sequences, mask: np.roll(_summary(sequences, mask), sequences.shape[2] // 2, axis=1),
    "the first half of the numbers is taken for the backward network: it is the forward network's": _from(halves=(1, 0)),
    "the length is one too large: the last of n real steps is number n - 1": _from(ahead=lambda n, s: n),
    "the length is one too large, and starts again at step 0 in a full row: the last of n real steps is number n - 1": _from(ahead=lambda n, s: n % s),
    "the length is one too large where there is room: the last of n real steps is number n - 1": _from(ahead=lambda n, s: min(n, s - 1)),
    "the length is one too small: the last of n real steps is number n - 1": _from(ahead=lambda n, s: n - 2),
    "the backward half is taken n steps before the end, row[-n]: the padding is at the end, so its last step is step 0": _from(back=lambda n, s: s - n),
    "the forward half of step 0 comes back in place of the backward half": _from(halves=(0, 0)),
    "whole states are joined: take only the forward half of one and the backward half of the other": lambda sequences, mask: np.concatenate(
        [np.stack([row[real.sum() - 1] for row, real in zip(sequences, mask)]), sequences[:, 0]], axis=1
    ),
    "np.split cuts the steps in two: axis=-1 cuts the numbers of a state": lambda sequences, mask: (
        (lambda f, b: np.concatenate([f[:, -1], b[:, 0]], axis=-1))(*np.split(sequences, 2, axis=1))
    ),
    "the backward half is taken at step 1: step 0 is the last one it reads": _from(back=lambda n, s: 1),
    "the backward half is taken at the last place, where it has read one step or only padding": _from(back=lambda n, s: s - 1),
    "the forward half is taken at the last place, where padding was set to zero: take the last REAL step": lambda sequences, mask: (
        _from(ahead=lambda n, s: s - 1)(sequences * mask[..., None], mask)
    ),
    "the largest number over the steps, padding as zero: each half has read everything at one step, take that": lambda sequences, mask: (
        (sequences * mask[..., None]).max(axis=1)
    ),
    "the lengths are counted along axis 0: a row's length is mask.sum(axis=1)": lambda sequences, mask: np.stack(
        [np.concatenate([(halves := np.split(row, 2, axis=1))[0][mask[:, i].sum() - 1], halves[1][0]]) for i, row in enumerate(sequences)]
    ),
    "the first row's length is used for all rows": lambda sequences, mask: _summary(sequences, mask[:1].repeat(len(mask), axis=0)),
    "the last row's length is used for all rows": lambda sequences, mask: _summary(sequences, mask[-1:].repeat(len(mask), axis=0)),
    FROM_NUMBERS: lambda sequences, mask: _summary(sequences, _by_numbers(sequences)),
    "half of the TIME axis is taken for the number of units: it is half of the last axis": lambda sequences, mask: _parted(sequences, mask, sequences.shape[1] // 2),
    "the number of units is 2 whatever comes: it is half of the last axis": lambda sequences, mask: _parted(sequences, mask, 2),
    "the largest number over the real steps: each half has read everything at one step, take that": lambda sequences, mask: np.stack(
        [row[real].max(axis=0) for row, real in zip(sequences, mask)]
    ),
    "the sum over the real steps: each half has read everything at one step, take that": lambda sequences, mask: (sequences * mask[..., None]).sum(axis=1),
    "the forward half is summed over the real steps: it has read everything at the last one, take that": lambda sequences, mask: (
        _half_as(lambda real: real.sum(axis=0), sequences, mask)
    ),
    "the forward half is averaged over the real steps: it has read everything at the last one, take that": lambda sequences, mask: (
        _half_as(lambda real: real.mean(axis=0), sequences, mask)
    ),
    "the longest row's length is used for all rows": lambda sequences, mask: _summary(sequences, mask[[mask.sum(axis=1).argmax()]].repeat(len(mask), axis=0)),
    "a mean over the real steps: each half has read everything at one step, take that": lambda sequences, mask: np.stack(
        [row[real].mean(axis=0) for row, real in zip(sequences, mask)]
    ),
    "a mean over all steps: each half has read everything at one step, take that": lambda sequences, mask: sequences.mean(axis=1),
    "the largest number over the steps: each half has read everything at one step, take that": lambda sequences, mask: sequences.max(axis=1),
    "the sum over the steps: each half has read everything at one step, take that": lambda sequences, mask: sequences.sum(axis=1),
    "the two halves are added: they go side by side": lambda sequences, mask: sum(np.split(_summary(sequences, mask), 2, axis=1)),
    "the two halves are averaged: they go side by side": lambda sequences, mask: sum(np.split(_summary(sequences, mask), 2, axis=1)) / 2,
    "only the forward half comes back": lambda sequences, mask: np.split(_summary(sequences, mask), 2, axis=1)[0],
    "only the backward half comes back": lambda sequences, mask: np.split(_summary(sequences, mask), 2, axis=1)[1],
    "every second number is taken for the forward network's: its half is the first": lambda sequences, mask: np.concatenate(
        [np.stack([row[real.sum() - 1, ::2] for row, real in zip(sequences, mask)]), sequences[:, 0, 1::2]], axis=1
    ),
    "the halves stand one below the other: np.concatenate takes axis=-1": lambda sequences, mask: np.concatenate(np.split(_summary(sequences, mask), 2, axis=1)),
    "the halves are stacked along a new axis: np.concatenate with axis=-1 joins them": lambda sequences, mask: (
        np.stack(np.split(_summary(sequences, mask), 2, axis=1))
    ),
    "the halves are stacked along a new axis in the middle: np.concatenate with axis=-1 joins them": lambda sequences, mask: (
        np.stack(np.split(_summary(sequences, mask), 2, axis=1), axis=1)
    ),
    "the mask is the wrong way round: it is True at the real steps": lambda sequences, mask: _summary(sequences, ~mask),
    "an index picks whole rows of the batch for each row: np.arange(len(sequences)) goes with the steps": lambda sequences, mask: np.concatenate(
        [sequences[:, mask.sum(axis=1) - 1][0, :, : sequences.shape[2] // 2], sequences[:, 0, sequences.shape[2] // 2 :]], axis=1
    ),
}


def _summary_case(check, case, note=""):
    """Hold the two halves, each for its own criterion."""
    expected, both = _summary(*case), ("forward", "backward")
    got = check.inspect(case, np.ndarray, f"an array of shape {expected.shape}", both, note)
    if got is None:
        return
    m = expected.shape[1] // 2
    if got.shape != expected.shape or got.dtype.kind != "f":
        for criterion in both:
            check.settle(criterion, case, expected, got, SUMMARY_MISTAKES, FORM, note, branch="whole")
        return
    for criterion, half in zip(both, (np.s_[:, :m], np.s_[:, m:])):
        known = {text: lambda *a, f=mistake, half=half: _cut(f(*a), half, expected.shape) for text, mistake in SUMMARY_MISTAKES.items()}
        check.settle(criterion, case, expected[half], got[half], known, FORM, note, part=f"the {criterion} half", branch="halves")


# ---- bag_ceiling


def _language(rng, bags, sizes, favourable, even):
    """Sentences of some bags of words in different orders, their opinions, and chances.

    Parameters
    ----------
    rng : numpy.random.Generator
    bags : list of list of str
    sizes : sequence of int
        How many sentences of each bag there are, in turn; fewer where it has no more orders.
    favourable : bool
        Whether favourable sentences are the likelier ones, all bags together.
    even : bool
        Whether all have the same chance; if not, one of them occurs twice, with both opinions.
    """
    sentences, good = [], []
    for i, bag in enumerate(bags):
        orders = sorted({" ".join(order) for order in itertools.permutations(bag)})
        chosen = [orders[k] for k in rng.permutation(len(orders))[: sizes[i % len(sizes)]]]
        opinions = rng.random(len(chosen)) < 0.5
        opinions[:2] = [i % 2 == 0, i % 2 == 1]  # in every bag both
        sentences += chosen
        good += opinions.tolist()
    if not even:
        sentences, good = [*sentences, sentences[0]], [*good, not good[0]]
    order = rng.permutation(len(sentences))
    chances = np.ones(len(sentences)) if even else rng.gamma(0.7, size=len(sentences)) + 0.01
    good, chances = np.array(good)[order], chances / chances.sum()
    return [sentences[k] for k in order], good if (chances[good].sum() > 0.5) == favourable else ~good, chances


def _bag(sentence):
    return tuple(sorted(sentence.split()))


def _bags(sentences, good, chances, key=_bag):
    """For each bag its chances with the opinions, in the order of the sentences."""
    found = {}
    for sentence, favourable, chance in zip(sentences, good, chances):
        found.setdefault(key(sentence), []).append((bool(favourable), float(chance)))
    return list(found.values())


def _sums(bag):
    return [sum(chance for favourable, chance in bag if favourable == opinion) for opinion in (False, True)]


def _ceiling(sentences, good, chances, key=_bag, of=lambda bag: max(_sums(bag))):
    """The ceiling; the `key` of a sentence, or what is taken `of` a bag, may be mistaken."""
    return float(sum(of(bag) for bag in _bags(sentences, good, chances, key)))


def _keyed(key):
    return lambda *case: _ceiling(*case, key=key)


def _taken(of):
    return lambda *case: _ceiling(*case, of=of)


def _if_said(opinion, bag):
    return _sums(bag)[bool(opinion)]


def _majority(bag):
    return 2 * sum(favourable for favourable, _ in bag) > len(bag)


BAG_MISTAKES = {
    "the order of the words is kept: two sentences with the same words are the same bag": _keyed(lambda s: s),
    "how often a word occurs plays no part: a bag is not a set": _keyed(lambda s: frozenset(s.split())),
    "these are bags of letters: sentence.split() has the words": _keyed(lambda s: tuple(sorted(s))),
    "the sorted words are joined without a space, so that 'a bc' and 'ab c' become one bag: keep them apart, as a tuple does": (
        _keyed(lambda s: "".join(sorted(s.split())))
    ),
    "only the number of words is compared, not which they are": _keyed(lambda s: len(s.split())),
    "the bags play no part: one answer is given to all sentences": _keyed(lambda s: 0),
    "this is how often it is wrong: of each bag's two sums the larger one is the chance of being right": _taken(lambda bag: min(_sums(bag))),
    "both sums of a bag are added: it can be right on one of them only": _taken(lambda bag: sum(_sums(bag))),
    "the difference of the two sums is taken: the larger one is the chance of being right": _taken(lambda bag: abs(np.subtract(*_sums(bag)))),
    "only favourable sentences are added up: for some bags the other answer is the likelier": _taken(lambda bag: _sums(bag)[1]),
    "only sentences that are not favourable are added up: for some bags the other answer is the likelier": _taken(lambda bag: _sums(bag)[0]),
    "the sentences are counted: add up their chances": lambda sentences, good, chances: (
        _ceiling(sentences, good, np.full(len(sentences), 1 / len(sentences)))
    ),
    "the number of sentences comes back: add up their chances": lambda sentences, good, chances: _ceiling(sentences, good, np.ones(len(sentences))),
    "the answer of a bag is that of most of its sentences: the likelier one has the larger sum of chances": _taken(lambda bag: _if_said(_majority(bag), bag)),
    "the first sentence of a bag decides: the likelier answer has the larger sum of chances": _taken(lambda bag: _if_said(bag[0][0], bag)),
    "the last sentence of a bag decides: the likelier answer has the larger sum of chances": _taken(lambda bag: _if_said(bag[-1][0], bag)),
    "the likeliest sentence of a bag decides: the likelier answer has the larger sum of chances": (
        _taken(lambda bag: _if_said(max(bag, key=lambda pair: pair[1])[0], bag))
    ),
    "only the likeliest sentence of each bag is taken: add up all that have its opinion": _taken(lambda bag: max(chance for _, chance in bag)),
    "a sentence's chance replaces that of the one before it in the same bag: add them up": _taken(lambda bag: max(dict(bag).values())),
    "each bag counts the same: a bag has the chances of its sentences": lambda *case: (
        float(np.mean([max(_sums(bag)) / sum(_sums(bag)) for bag in _bags(*case)]))
    ),
    "only the first bag is counted: does `return` stand inside the loop?": lambda *case: max(_sums(_bags(*case)[0])),
    "only the last bag is counted: add up all": lambda *case: max(_sums(_bags(*case)[-1])),
    "only the likeliest bag is counted: add up all": lambda *case: max(max(_sums(bag)) for bag in _bags(*case)),
    "the sum is divided by the number of bags: the chances add up to 1 as they are": lambda *case: _ceiling(*case) / len(_bags(*case)),
    "the sum is divided by the number of sentences: the chances add up to 1 as they are": lambda *case: _ceiling(*case) / len(case[0]),
    "bags with one opinion only are left out: on these the function is always right": _taken(lambda bag: max(_sums(bag)) if min(_sums(bag)) > 0 else 0.0),
    "bags with both opinions are left out: on these the likelier answer is right sometimes": _taken(lambda bag: max(_sums(bag)) if min(_sums(bag)) == 0 else 0.0),
    "in per cent: a probability is wanted": lambda *case: 100 * _ceiling(*case),
    "rounded: leave the sum as it is": lambda *case: round(_ceiling(*case), 2),
    "of a sentence that occurs twice the last is taken: add up all": lambda sentences, good, chances: (
        _ceiling(*zip(*((s, g, c) for s, (g, c) in dict(zip(sentences, zip(good, chances))).items())))
    ),
    "of a sentence that occurs twice the first is taken: add up all": lambda sentences, good, chances: (
        _ceiling(*zip(*((s, g, c) for s, (g, c) in dict(zip(sentences[::-1], zip(good[::-1], chances[::-1]))).items())))
    ),
}


# ---- stack_parameters

BLOCKS = {"rnn": 1, "lstm": 4, "gru": 3}
BIASES = {"rnn": 1, "lstm": 1, "gru": 2}


def _shapes(cell, n, m, blocks=BLOCKS, biases=BIASES):
    """The arrays of one layer in one direction."""
    return [(n, blocks[cell] * m), (m, blocks[cell] * m), (biases[cell], blocks[cell] * m)]


def _stack(cell, inputs, units, bidirectional, layer=lambda cell, n, m: sum(a * b for a, b in _shapes(cell, n, m)), reads=None, twice=None):
    """Numbers in all layers; `layer`, `reads` (what a layer hands on) and `twice` (its directions) may be mistaken."""
    total = 0
    for m in units:
        total += layer(cell, inputs, m) * (twice(cell, inputs, m) if twice else 1 + bidirectional)
        inputs = reads(inputs, m, bidirectional) if reads else m * (1 + bidirectional)
    return total


def _layers(layer):
    return lambda *case: _stack(*case, layer=layer)


def _counted(blocks=BLOCKS, biases=BIASES):
    return _layers(lambda cell, n, m: sum(a * b for a, b in _shapes(cell, n, m, blocks, biases)))


def _only(last):
    """The count of the first or the last layer alone."""

    def mistake(cell, inputs, units, bidirectional):
        before = [inputs, *(m * (1 + bidirectional) for m in units)]
        return _stack(cell, before[len(units) - 1 if last else 0], [units[-1 if last else 0]], bidirectional)

    return mistake


def _each(cell, inputs, units, bidirectional):
    before = [inputs, *(m * (1 + bidirectional) for m in units)]
    return [_stack(cell, n, [m], bidirectional) for n, m in zip(before, units)]


COUNT_MISTAKES = {
    "the biases are not counted": _counted(biases=dict.fromkeys(BIASES, 0)),
    "a layer's bias is counted as one number: it has one for each unit of each block": _layers(lambda c, n, m: BLOCKS[c] * m * (n + m) + BIASES[c]),
    "each block's bias is counted as one number: it has one for each unit": _layers(lambda c, n, m: BLOCKS[c] * (m * (n + m) + BIASES[c])),
    "the biases are counted once for the whole layer: each block has its own": _layers(lambda c, n, m: BLOCKS[c] * m * (n + m) + BIASES[c] * m),
    "W_hh is not counted: units by units in each block": _layers(lambda c, n, m: BLOCKS[c] * m * (n + BIASES[c])),
    "W_hh is counted as one number for each unit: it is units by units": _layers(lambda c, n, m: BLOCKS[c] * m * (n + 1 + BIASES[c])),
    "W_hh is counted twice": _layers(lambda c, n, m: BLOCKS[c] * m * (n + 2 * m + BIASES[c])),
    "W_xh is not counted: inputs by units in each block": _layers(lambda c, n, m: BLOCKS[c] * m * (m + BIASES[c])),
    "the sizes are added up: each of the `units` numbers of a state has so many weights": _layers(lambda c, n, m: BLOCKS[c] * (n + m + BIASES[c])),
    "W_xh is counted as inputs by inputs: it is inputs by units": _layers(lambda c, n, m: BLOCKS[c] * (n * n + m * m + BIASES[c] * m)),
    "the blocks are counted in W_xh and the biases only: W_hh has one for each, too": _layers(lambda c, n, m: BLOCKS[c] * m * (n + BIASES[c]) + m * m),
    "the blocks are counted in W_hh and the biases only: W_xh has one for each, too": _layers(lambda c, n, m: BLOCKS[c] * m * (m + BIASES[c]) + n * m),
    "an output layer is counted: count the recurrent layers only": lambda *case: _stack(*case) + case[2][-1] + 1,
    "the gates are not counted: an LSTM has 4 blocks of weights, a GRU 3": _counted(dict.fromkeys(BLOCKS, 1), dict.fromkeys(BIASES, 1)),
    "an LSTM has 4 blocks, three gates and the candidate; you count 3": _counted({**BLOCKS, "lstm": 3}),
    "a GRU has 3 blocks, two gates and the candidate; you count 2": _counted({**BLOCKS, "gru": 2}),
    "a GRU has 3 blocks, two gates and the candidate; you count 4, as an LSTM has": _counted({**BLOCKS, "gru": 4}),
    "the candidate's block is missing: an LSTM has 4 blocks, three gates and the candidate, a GRU 3, two gates and the candidate": _counted(
        {"rnn": 1, "lstm": 3, "gru": 2}
    ),
    "a GRU has 3 blocks with two biases each; you count 2 blocks with one": _counted({**BLOCKS, "gru": 2}, dict.fromkeys(BIASES, 1)),
    "a GRU is counted as an LSTM: it has 3 blocks and two biases for each": _counted({**BLOCKS, "gru": 4}, dict.fromkeys(BIASES, 1)),
    "an LSTM is counted as a GRU: it has 4 blocks and one bias for each": _counted({**BLOCKS, "lstm": 3}, {**BIASES, "lstm": 2}),
    "one bias for each block of the GRU: Keras' has two, one for the input's part and one for the state's": _counted(biases=dict.fromkeys(BIASES, 1)),
    "one bias too many in the GRU: each of its three blocks has two": _counted(biases={**BIASES, "gru": 3}),
    "the second bias of the GRU is counted once for the layer: each of its three blocks has two": _layers(
        lambda c, n, m: BLOCKS[c] * m * (n + m + 1) + (m if c == "gru" else 0)
    ),
    "two biases for each block of the LSTM: in Keras only the GRU has two": _counted(biases={**BIASES, "lstm": 2}),
    "two biases in the plain layer: in Keras only the GRU has two": _counted(biases={**BIASES, "rnn": 2}),
    "every layer reads `inputs` numbers: from the second on it reads the outputs of the one before": lambda *case: _stack(*case, reads=lambda n, m, both: n),
    "every layer reads `inputs` numbers, doubled from the second on: it reads the outputs of the one before": lambda cell, inputs, units, both: (
        sum(_stack(cell, inputs * (1 + (both and i > 0)), [m], both) for i, m in enumerate(units))
    ),
    "every layer reads as many numbers as its own state has: from the second on it reads the outputs of the one before": lambda cell, inputs, units, both: (
        sum(_stack(cell, m * (1 + both) if i else inputs, [m], both) for i, m in enumerate(units))
    ),
    "a layer after a bidirectional one reads both halves: 2 * units numbers": lambda *case: _stack(*case, reads=lambda n, m, both: m),
    "the second direction is not counted, only what the next layer reads is doubled": lambda *case: _stack(*case, twice=lambda *_: 1),
    "bidirectional plays no part": lambda cell, inputs, units, both: _stack(cell, inputs, units, False),
    "bidirectional is taken the wrong way round": lambda cell, inputs, units, both: _stack(cell, inputs, units, not both),
    "every layer is counted in both directions": lambda cell, inputs, units, both: _stack(cell, inputs, units, True),
    "only the first layer is counted in both directions: each is": lambda cell, inputs, units, both: (
        _stack(cell, inputs, units, both) - (_stack(cell, 2 * units[0], units[1:], both) // 2 if both and len(units) > 1 else 0)
    ),
    "the biases of the second direction are not counted": lambda cell, inputs, units, both: (
        _stack(cell, inputs, units, both) - both * sum(BLOCKS[cell] * BIASES[cell] * m for m in units)
    ),
    "the first layer is counted as if it read both halves of something: it reads `inputs` numbers": lambda cell, inputs, units, both: (
        _stack(cell, inputs * (1 + both), units, both)
    ),
    "only the first layer is counted: does `return` stand inside the loop?": _only(last=False),
    "only the last layer is counted: add the layers up": _only(last=True),
    "the layers' numbers come back one by one: return their sum": _each,
    "only the first two layers are counted: units may name any number of them": lambda cell, inputs, units, both: _stack(cell, inputs, units[:2], both),
    "the plain layer is counted as an LSTM: it has one block of weights": _counted({**BLOCKS, "rnn": 4}),
    "the second bias of each of the GRU's blocks is counted as one number: it has one for each unit": _layers(
        lambda c, n, m: BLOCKS[c] * (m * (n + m + 1) + (c == "gru"))
    ),
    "only the first layer of the GRU has two biases for each block: each layer has": lambda cell, inputs, units, both: (
        _stack(cell, inputs, units, both) - (cell == "gru") * 3 * (1 + both) * sum(units[1:])
    ),
    "the last layer is not counted": lambda cell, inputs, units, both: _stack(cell, inputs, units[:-1], both),
    "the layers are taken from the last to the first": lambda cell, inputs, units, both: _stack(cell, inputs, units[::-1], both),
}

#: In both directions the two give the same numbers, and cannot be told apart.
ONE_WAY_MISTAKES = {
    "the layers are one layer with all the units: each has its own arrays": lambda cell, inputs, units, both: _stack(cell, inputs, [sum(units)], both),
    "a layer reads what all layers before it read and give, added up: it reads the outputs of the one before": lambda *case: (
        _stack(*case, reads=lambda n, m, both: n + m * (1 + both))
    ),
}

#: In both directions this cannot be told from a W_hh that is counted twice: it is the cause where one direction was right.
TWICE_AS_LARGE = {
    "two directions are counted as one layer of twice the size: they are two layers, each with its own W_hh": lambda cell, inputs, units, both: (
        _stack(cell, inputs, [m * (1 + both) for m in units], False)
    ),
}


# ---- bets

prediction_delay = lesson.prediction(
    "prediction_delay", ("1", "2", "4", "8"),
    tempting={
        "2": "Two letters are better than one, but the first has already won back more than half.",
        "4": "Words are about four letters long, so that is a fair guess; but the very next letter already rules out most of what might have begun.",
        "8": "All of the rest could matter, and hardly any of it does. At 8 the network has to hold each answer back so long that it loses some of them.",
    },
)
prediction_rival = lesson.prediction(
    "prediction_rival", ("counts", "network"),
    tempting={
        "network": "It has learned how words are made, which no table knows, and it shows on new words. But 96 in 100 held-out words are not new,"
        " and those a table knows by heart.",
    },
)
prediction_commas = lesson.prediction(
    "prediction_commas", ("3", "6", "9", "12"),
    tempting={
        "3": "Three digits later the end is in sight for the last comma. A number of twelve digits has two more.",
        "6": "Six digits later the end is in sight for the last two commas; but numbers of ten to twelve digits have a third.",
        "12": "That would be a whole number's length. But the first comma stands after one digit at least, and in numbers of up to twelve it is never more than nine digits from the end.",
    },
)
prediction_letters = lesson.prediction(
    "prediction_letters", ("about the same", "half", "nearly zero"),
    tempting={
        "about the same": "For the word beginnings the second direction was worth little. But what follows is the answer itself here, not a hint at it.",
        "half": "The future says a good deal of a letter. Here it says all: the very next letter is the target.",
    },
)
prediction_last = lesson.prediction(
    "prediction_last", ("the same", "worse", "guessing"),
    tempting={
        "the same": "It would be, nearly, if the last step were a letter: see the bar of names padded on the left. A masked step holds zeros.",
        "worse": "Half of the vector would be lost if the last step were a letter. But it is padding, and a masked Bidirectional sequence is zero there, in both halves.",
    },
)
prediction_depth = lesson.prediction(
    "prediction_depth", ("one", "two", "three", "cannot tell"),
    tempting={
        "one": "Its best seed beats two of the three of the deepest stack. But its mean is the lowest, and its seeds spread the most.",
        "two": "In the mean, two lie between one and three, and within the spread of one.",
        "three": "Three layers have the best mean, by half a point. But the best seed of the single layer beats two of theirs: other seeds may say otherwise.",
    },
)
