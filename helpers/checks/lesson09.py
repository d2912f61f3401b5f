"""Checks of lesson 09, attention and translation.

The truth comes another way than the exercises ask: attention query by query over the real positions alone, its gradients
by the whole Jacobian of each softmax, an edit distance as the shortest path through a grid, a beam of whole sequences, and
by enumeration where nothing is pruned. `tests/test_checks09.py` compares them with Keras and the complex step.
"""

import collections
import difflib
import functools
import itertools

import numpy as np

from helpers.checks.exercise import CAUSE, Lesson
from helpers.checks.values import describe

lesson = Lesson()
solved, bet, points_so_far = lesson.solved, lesson.bet, lesson.points_so_far

#: How a case is called that the docstring itself shows.
EXAMPLE = "the docstring's example"
#: Tolerance where a criterion is about the form of the answer, and where it is about precision.
FORM, EXACT = 1e-6, 1e-12

FORCING_ERRORS = {
    "inhomogeneous": "np.array makes no rectangle of rows of different lengths: fill an array of padding row by row",
    "could not broadcast": "a row and what goes into it are not equally long: a row has one column more than the longest sequence has symbols, and row[: len(sequence) + 1] is the part that a sequence and `start`, or `end`, fill",
    "out of bounds for uint8": "a small dtype cannot hold every id: np.full(..., padding) takes one that can",
    "out of bounds for int8": "a small dtype cannot hold every id: np.full(..., padding) takes one that can",
}
DISTANCE_ERRORS = {
    "string index out of range": "the table has one row and one column more than there are symbols: its row i is about a[:i], so the symbol is a[i - 1]",
    "list index out of range": "the table has one row and one column more than there are symbols: its row i is about a[:i], so the symbol is a[i - 1]",
    "stopped after": "the same pairs of positions are worked out again and again: a table, or functools.lru_cache over positions, keeps each result",
    "maximum recursion depth": "the recursion has no end: nothing is left to edit once one of the two is empty",
    "is out of bounds for axis": "the table has len(a) + 1 rows and len(b) + 1 columns, and its row i is about the first i symbols of a",
    "could not broadcast": "the table has len(a) + 1 rows and len(b) + 1 columns, and its row i is about the first i symbols of a",
    "unhashable type": "a list cannot be looked up in a set, a dict or a cache: positions in it can",
    "out of bounds for int8": "int8 ends at 127, and a distance may be larger: dtype=int",
    "out of bounds for uint8": "uint8 ends at 255, and a distance may be larger: dtype=int",
}
RATE_ERRORS = {
    "ZeroDivisionError": "something is divided by the length of a prediction, which may be 0: the references' lengths are what counts",
    "unhashable type": "a list cannot be looked up in a set or a dict: compare lists with == or in",
}
WEIGHTED = "weights * values multiplies number by number: the weighted mean is a matrix product, weights @ values"
ATTENTION_ERRORS = {
    "axes don't match array": "transpose(0, 2, 1) exchanges the last two of three axes; are all arrays used as they are?",
    "The truth value of an array": "an array is neither true nor false: `if v is None` asks whether there is one",
    "boolean index did not match": "mask is (batch, source) and the scores are (batch, target, source): np.where(mask[:, None], scores, -np.inf) adds the axis in between",
    "mismatch in its core dimension": "the sizes in the middle of a matrix product differ: the scores are queries (target, size) times keys turned to (size, source), the context is weights (target, source) times values (source, value_size)",
    "shapes (2,3,5) (2,5,6)": WEIGHTED, "shapes (3,4,6) (3,6,7)": WEIGHTED,
} | dict.fromkeys(
    ["shapes (2,3,5) (2,3)", "shapes (3,4,6) (3,4)"], "a sum or maximum over the source has lost its axis: keepdims=True keeps it, so that the one of query t belongs to row t"
) | dict.fromkeys(
    # in the first case whose sizes differ, visible and hidden
    ["shapes (2,5) (2,3,5)", "shapes (3,6) (3,4,6)", "shapes (2,3,5) (2,5)", "shapes (3,4,6) (3,6)", "shapes (2,5,1) (2,3,5)", "shapes (3,6,1) (3,4,6)"],
    "mask is (batch, source) and the scores are (batch, target, source): mask[:, None] adds the axis in between",
)
BACKWARD_ERRORS = {
    "axes don't match array": ATTENTION_ERRORS["axes don't match array"],
    "mismatch in its core dimension": "the sizes in the middle of a matrix product differ: d_values and d_keys collect from all queries, so there weights and d_scores are turned to (source, target); d_weights is d_context times values turned to (value_size, source)",
} | dict.fromkeys(
    ["shapes (2,3,5) (2,3)", "shapes (3,4,6) (3,4)"], "the sum over the source has lost its axis: keepdims=True keeps it, so that the sum of query t belongs to row t"
)
AGREEMENT_ERRORS = {
    "ZeroDivisionError": "the number of positions of a symbol is divided by, and it may be 0: such a symbol does not count",
    "list index out of range": "a symbol that translates nothing has an empty list, which has no [0]",
    "inhomogeneous": "alignment is a list of lists of different lengths, of which NumPy makes no array: go through weights and alignment row by row, with zip",
    "out of bounds for axis 0": "weights[positions] takes whole rows, but the positions are columns: row i, its columns `positions`",
}
BEAM_ERRORS = {
    "ZeroDivisionError": "a divisor is 0: length counts `end`, so that it is at least 1, and alpha, which may be 0, is its exponent: length ** alpha",
    "is an empty sequence": "nothing may be complete, or no extension possible: ([], -inf) comes back then",
    "iterable argument is empty": "nothing may be complete, or no extension possible: ([], -inf) comes back then",
    "list index out of range": "an empty list has no [0] and no [-1]: nothing may be complete, or the first hypothesis is empty",
    "kth(": "np.argpartition needs more entries than it puts in front: there may be fewer extensions than `width`",
    "stopped after": "the search has no end, or keeps more and more: it makes at most `longest` steps, and `width` hypotheses survive each",
}


@lesson.exercise(
    arguments=("sequences", "start", "end", "padding"),
    points={
        "inputs": ("inputs: start, then the sequence, then padding", 1),
        "targets": ("targets: the sequence, then end, then padding", 1),
        "mask": ("mask: by the lengths, whatever the ids are", 1),
        "care": ("empty sequences, any numbers for start, end and padding; no list is changed in place", 1),
    },
    errors=FORCING_ERRORS,
    demos=("inputs", "targets", "mask"),
)
def teacher_forcing(check):
    """Exercise 1."""
    parts = {name: [name] for name in FORCED}
    for lengths in check.sizes([[3, 5, 2, 4], [4, 2, 6]]):
        case = _forcing_case(check.rng, lengths)
        _judge(check, case, _forced(*case), FORCED, parts, FORCING_MISTAKES)
    _judge(check, ([[5, 6], [7]], 1, 2, 0), _forced([[5, 6], [7]], 1, 2, 0), FORCED, parts, FORCING_MISTAKES, EXAMPLE)
    for lengths, what in [([4, 2, 3], "ids that equal padding"), ([3, 5, 2], "end equals padding"), ([2, 4, 3], "start equals padding")]:
        sequences, start, end, padding = _forcing_case(check.rng, check.sizes(lengths))
        if what.startswith("ids"):
            sequences[0][1:3] = [padding, padding]
            sequences[1][-1] = sequences[2][0] = padding
        start, end = (padding if what.startswith(name) else number for name, number in [("start", start), ("end", end)])
        case = sequences, start, end, padding
        _judge(check, case, _forced(*case), FORCED, {"mask": ["mask"]}, FORCING_MISTAKES, what)
    sequences, start, end, padding = _forcing_case(check.rng, check.sizes([4, 2, 5]))
    sequences[0][1] = sequences[1][0] = sequences[2][-1] = end
    case = sequences, start, end, padding
    _judge(check, case, _forced(*case), FORCED, {"mask": ["mask"]}, FORCING_MISTAKES, "ids that equal end")
    sequences, start, end, padding = _forcing_case(check.rng, check.sizes([4, 2, 3]))
    sequences[0][2] = sequences[1][1] = sequences[2][0] = 0
    case = sequences, start, end, padding
    _judge(check, case, _forced(*case), FORCED, parts, FORCING_MISTAKES, "ids that are 0, which is not the padding")
    if all(check.has_passed(name) for name in parts):
        for lengths, padding, what in [
            ([2, 0, 3], 0, "an empty sequence"), ([0, 0], 5, "nothing but empty sequences"), ([4], 3, "a single sequence"),
            ([3, 3, 3], 0, "all of one length"), ([5, 1, 2], -1, "padding -1"), ([0, 4], -100, "padding -100"),
        ]:
            case = *_forcing_case(check.rng, check.sizes(lengths))[:3], padding
            _judge(check, case, _forced(*case), FORCED, {"care": FORCED}, FORCING_MISTAKES, what)
    check.unchanged("care", needs="care")


@lesson.exercise(
    arguments=("a", "b"),
    points={
        "insert": ("symbols that are missing or too many: one edit each", 1),
        "replace": ("symbols that are replaced: one edit each", 1),
        "least": ("any two sequences: no smaller number of edits would do", 1),
        "care": ("lists of words or ids, empty ones too, symbols taken as they are; no list is changed in place", 1),
    },
    seconds=1.0,
    errors=DISTANCE_ERRORS,
)
def edit_distance(check):
    """Exercise 5."""
    ask = functools.partial(_distance_case, check)
    for length, missing in check.sizes([(9, 3), (11, 2), (15, 13)]):
        text = _word(check, length)
        shorter = "".join(text[i] for i in sorted(check.rng.permutation(length)[missing:]))
        ask("insert", text, shorter)
        ask("insert", shorter[::-1], text[::-1])
    for front in (False, True):
        text, more = _word(check, check.sizes(5)), _word(check, check.sizes(4))
        ask("insert", text, more + text if front else text + more, "symbols added in front" if front else "symbols added at the end")
    for length, replaced in check.sizes([(7, 2), (9, 4), (13, 12)]):
        text = _word(check, length)
        places = check.rng.permutation(length)[:replaced]
        ask("replace", text, "".join(check.letters("xyz")[i % 3] if i in places else c for i, c in enumerate(text)))
    ask("least", "kitten", "sitting", EXAMPLE)
    ask("least", "ab", "ba", EXAMPLE)
    for lengths in check.sizes([(8, 8), (9, 12), (14, 10), (16, 17)]):
        ask("least", *(_word(check, length, "abc") for length in lengths))
    text = _word(check, check.sizes(8))
    ask("least", text, text[:2] + text[3] + text[2] + text[4:], "two neighbours are exchanged")
    ask("least", text[3:] + text[:3], text, "the end has moved to the front")
    ask("least", text + text[:1], text + text[:1], "both are equal")
    if all(check.has_passed(key) for key in ("insert", "replace", "least")):
        ask("care", ["drei", "und"], [], EXAMPLE)
        for lengths in check.sizes([(7, 9), (10, 6)]):
            ask("care", *(_words(check, length) for length in lengths), "lists of words")
            ask("care", *(_numbers(check, length) for length in lengths), "lists of ids")
        word = _word(check, check.sizes(13))
        ask("care", word, "", "an empty string")
        ask("care", "", word[1:], "an empty string")
        ask("care", [], _numbers(check, check.sizes(12)), "an empty list")
        ask("care", "", "", "two empty strings")
        ask("care", _word(check, check.sizes(260)), _word(check, check.sizes(4)), "one is very long")
        ask("care", check.letters("A b Ab"), check.letters("a B aBB"), "capitals are symbols of their own")
        ask("care", check.letters("  ab c\n"), check.letters("ab  c"), "spaces and newlines are symbols, too")
    check.unchanged("care", needs="care")


@lesson.exercise(
    arguments=("references", "predictions"),
    points={
        "symbols": ("one reference each: all edits over all symbols of the references", 1),
        "sequences": ("the fraction of predictions that equal none of their references", 1),
        "nearest": ("several references: the nearest counts, of equally near ones the first; no list is changed in place", 1),
    },
    needs=("edit_distance",),
    seconds=4.0,
    errors=RATE_ERRORS,
)
def error_rates(check):
    """Exercise 6."""
    for number in check.sizes([5, 7]):
        case = _rates_case(check, number, [1])
        _judge(check, case, _rates(*case), RATES, {"symbols": RATES[:1], "sequences": RATES[1:]}, RATE_MISTAKES, "one reference each", plain=_all_wrong)
    case = _rates_case(check, check.sizes(3), [1])
    case = case[0], [prediction * 4 for prediction in case[1]]
    _judge(check, case, _rates(*case), RATES, {"symbols": RATES[:1]}, RATE_MISTAKES, "predictions that are far too long")
    first, second, third, fourth = (_words(check, check.sizes(length), words=14) for length in (3, 4, 3, 2))
    case = [[[*first, "s"]], [second], [[*third, "s"]], [[*fourth, "s"]]], [first, ["s", *second], ["s", *third], ["s", *fourth]]
    _judge(check, case, _rates(*case), RATES, {"symbols": RATES[:1], "sequences": RATES[1:]}, RATE_MISTAKES, "a symbol is written too late", plain=_all_wrong)
    first, second = (check.letters(str(w)) for w in check.rng.permutation(NUMBER_WORDS)[:2])
    case = [[[first, second, second]], [[second + first]], [[first]]], [[first + second, second], [second, first], [first]]
    _judge(check, case, _rates(*case), RATES, {"symbols": RATES[:1], "sequences": RATES[1:]}, RATE_MISTAKES, "two symbols in place of one that joins them", plain=_all_wrong)
    for number in check.sizes([6, 8]):
        case = _rates_case(check, number, [2, 3, 1])
        _judge(check, case, _rates(*case), RATES, {"nearest": RATES[:1], "sequences": RATES[1:]}, RATE_MISTAKES, "several references")
    if check.has_passed("nearest"):
        for equally_near in (["equal lengths first", "longer first"], ["late in the alphabet", "shorter first"], ["longer first"], ["shorter first"]):
            case = _equally_near(check, equally_near)
            _judge(check, case, _rates(*case), RATES, {"nearest": RATES}, RATE_MISTAKES, "references that are equally near")
        case = _equally_near(check, ["short or far", "shorter first"])
        _judge(check, case, _rates(*case), RATES, {"nearest": RATES}, RATE_MISTAKES, "a short reference, and one that is longer and farther")
        case = ([[["ein", "hundert"], ["hundert"]], [["drei", "und", "zwanzig"]]], [["hundert"], ["drei", "zwanzig"]])
        _judge(check, case, (1 / 4, 1 / 2), RATES, {"nearest": RATES}, RATE_MISTAKES, EXAMPLE)
        references, predictions = _rates_case(check, check.sizes(4), [1, 2])
        case = references, [[], *predictions[1:-1], []]
        _judge(check, case, _rates(*case), RATES, {"nearest": RATES}, RATE_MISTAKES, "empty predictions")
        for right in (True, False):
            references, _ = _rates_case(check, check.sizes(3), [2])
            case = references, [list(some[-1]) if right else some[0] + some[1][:1] + some[0][:1] for some in references]
            what = "all predictions are right" if right else "no prediction is right"
            _judge(check, case, _rates(*case), RATES, {"nearest": RATES}, RATE_MISTAKES, what)
    check.unchanged("nearest", needs="nearest")


@lesson.exercise(
    arguments=("queries", "keys", "values", "mask", "v"),
    points={
        "weights": ("no padding, v is None: the weights are the softmax over the source of the dot products", 2),
        "context": ("the context is the mean of the values by these weights", 1),
        "mask": ("padding has the weight 0 exactly, and the other weights sum to 1", 1),
        "additive": ("with v the score is additive: v[d] * tanh(q[d] + k[d]), summed over d", 1),
        "care": ("scores of 10,000 and -10,000, at padding too; full precision; no argument is changed in place", 1),
    },
    errors=ATTENTION_ERRORS,
    demos=("weights", "context", "mask"),
)
def attention(check):
    """Exercise 2."""
    rng, basic = check.rng, ("weights", "context")
    for sizes in check.sizes(ATTENTION_SIZES):
        case = _attention_case(rng, *sizes)
        case[3][:] = True
        _attend(check, case, basic, "no padding")
    for sizes in check.sizes(ATTENTION_SIZES):
        _attend(check, _attention_case(rng, *sizes), ["mask"], "padding")
    example = [np.array([[[1.0, 0.0]]]), np.array([[[np.log(3), 5.0], [0.0, 7.0], [9.0, 9.0]]]), np.array([[[4.0], [8.0], [100.0]]])]
    _attend(check, (*example, np.array([[True, True, False]]), None), ["mask"], EXAMPLE)
    for sizes in check.sizes(ATTENTION_SIZES):
        case = _attention_case(rng, *sizes, additive=True)
        case[3][:] = True
        _attend(check, case, ["additive"], "additive, no padding")
    queries, keys, values, mask, _ = _attention_case(rng, *check.sizes((3, 2, 4, 5, 2)))
    case = queries, keys, values, mask | True, np.zeros(queries.shape[-1])
    _attend(check, case, ["additive"], "v is nothing but zeros")
    if check.has_passed("additive"):
        _attend(check, _attention_case(rng, *check.sizes((3, 2, 6, 5, 4)), additive=True), ["mask"], "additive, padding")
    if all(check.has_passed(key) for key in (*basic, "mask", "additive")):
        for additive in (False, True):
            for place, what in LARGE.items():
                case = _large(rng, place, _attention_case(rng, *check.sizes((3, 4, 5, 6, 2)), additive=additive))
                _attend(check, case, ["care"], what, LARGE_MISTAKES)
            case = _enormous(_attention_case(rng, *check.sizes((3, 2, 6, 4, 3)), additive=additive))
            _attend(check, case, ["care"], "real scores of -1e8, and 0 at padding", LARGE_MISTAKES)
            for sizes in check.sizes([(1, 4, 3, 2, 5), (3, 1, 4, 5, 2), (2, 3, 1, 4, 6), (2, 5, 4, 1, 1)]):
                case = _attention_case(rng, *sizes, additive=additive)
                _attend(check, case, ["care"], "", {}, EXACT)
    check.unchanged("care", needs="care")


@lesson.exercise(
    arguments=("d_context", "queries", "keys", "values", "weights"),
    points={
        "values": ("d_values: what each value sent into the contexts", 1),
        "queries": ("d_queries: back through the softmax and the dot product", 2),
        "keys": ("d_keys: the same scores, from the other side", 2),
        "care": ("exactly 0 at padding, full precision, sizes of 1; no argument is changed in place", 1),
    },
    errors=BACKWARD_ERRORS,
    demos=("values", "queries", "keys"),
)
def attention_backward(check):
    """Exercise 3."""
    parts = {"values": ["d_values"], "queries": ["d_queries"], "keys": ["d_keys"]}
    for sizes in check.sizes(ATTENTION_SIZES):
        for padded in (False, True):
            case = _backward_case(check.rng, *sizes, padded=padded)
            _judge(check, case, _backward(*case), BACKWARD, parts, BACKWARD_MISTAKES, "padding" if padded else "no padding")
    if all(check.has_passed(key) for key in parts):
        for sizes in check.sizes([(3, 2, 5, 4, 2), (1, 4, 3, 2, 5), (3, 1, 4, 5, 2), (2, 5, 4, 1, 1)]):
            case = _backward_case(check.rng, *sizes, padded=True)
            _judge(check, case, _backward(*case), BACKWARD, {"care": BACKWARD}, {}, "", EXACT, _not_zero(case[4]))
        example = (
            np.ones((1, 1, 1)), np.array([[[1.0, 0.0]]]), np.array([[[np.log(3), 5.0], [0.0, 7.0], [9.0, 9.0]]]),
            np.array([[[4.0], [8.0], [100.0]]]), np.array([[[0.75, 0.25, 0.0]]]),
        )
        _judge(check, example, _backward(*example), BACKWARD, {"care": BACKWARD}, {}, EXAMPLE, FORM)
    check.unchanged("care", needs="care")


@lesson.exercise(
    arguments=("weights", "alignment"),
    points={
        "one": ("one source position for each symbol: the mean of the weights there", 1),
        "several": ("several positions: their weights count together", 1),
        "nothing": ("a symbol that translates nothing does not count; no argument is changed in place", 1),
    },
    errors=AGREEMENT_ERRORS,
)
def agreement(check):
    """Exercise 4."""
    for sizes in check.sizes([(8, 8), (6, 4), (3, 7)]):
        _agree(check, "one", _agreement_case(check.rng, *sizes, [1]))
    for sizes in check.sizes([(9, 9), (5, 7), (6, 3)]):
        _agree(check, "several", _agreement_case(check.rng, *sizes, [1, 2, 3]))
    for sizes, counts in zip(check.sizes([(12, 12), (8, 5), (7, 9)]), [[0, 2, 1, 3, 0], [2, 1, 0, 3], [0, 1, 2, 3, 0]]):
        _agree(check, "nothing", _agreement_case(check.rng, *sizes, counts))
    if check.has_passed("one") and check.has_passed("several"):
        _agree(check, "nothing", (np.array([[0.9, 0.1], [0.5, 0.5], [0.3, 0.7]]), [[0], [], [1]]), EXAMPLE)
        for number, what in [(1, "one symbol counts"), (4, "all weight is in the right place"), (5, "no weight is in the right place")]:
            weights, alignment = _agreement_case(check.rng, *check.sizes((5, 6)), [1, 0])
            if number == 1:
                alignment = [positions if i == 2 else [] for i, positions in enumerate(alignment)]
            else:
                for row, positions in zip(weights, alignment):
                    row[:] = 0
                    row[positions or [1]] = 1
                if number == 5:
                    weights = np.roll(weights, 1, axis=1)
            _agree(check, "nothing", (weights, alignment), what)
    check.unchanged("nothing", needs="nothing")


@lesson.exercise(
    arguments=("log_probabilities", "start", "end", "width", "longest", "alpha"),
    points={
        "greedy": ("width 1: the likeliest next symbol each time, until it is end", 1),
        "beam": ("a wider beam: of all extensions together the likeliest survive", 2),
        "complete": ("complete sequences are put aside; none longer than longest; ([], -inf) where there is none", 1),
        "length": ("alpha: of the complete sequences the one with the largest sum / length ** alpha", 1),
        "care": ("equals: the shorter one first, then the smaller symbol; no argument is changed in place", 1),
    },
    errors=BEAM_ERRORS,
)
def beam_search(check):
    """Exercise 7."""
    ask, rng = functools.partial(_beam_case, check), check.rng
    # first a case so small that a search which prunes nothing comes to its end
    layers, each = check.sizes((3, 4))
    extra, = rng.spawn(1)  # its cases leave the others as they are
    ask("greedy", _layered(extra, layers, each, 1, ["a wider beam", "no cut"]), "all sequences are equally long")
    for symbols, places in [(4, ""), (8, "start last"), (8, "end last")]:
        ask("greedy", _apart(rng, check.sizes(symbols), 1, check.sizes(9), 0.0, ["a wider beam"], places))
    for sizes, *flaws in [
        ((3, 3, 2), "the best of each hypothesis"), ((2, 3, 2), "the last step alone"), ((3, 3, 2), "a wider beam", "no cut"), ((3, 2, 2), "greedy"),
    ]:
        ask("beam", _layered(rng, *check.sizes(sizes), flaws), "all sequences are equally long")
    table = np.full((4, 4), -np.inf)
    table[0, 1:3], table[1, 1:], table[2, 3] = np.log([0.6, 0.4]), np.log([0.3, 0.3, 0.4]), 0.0
    ask("greedy", (table, 0, 3, 1, 4, 0.0), EXAMPLE)
    ask("beam", (table, 0, 3, 2, 4, 0.0), EXAMPLE)
    for alpha, flaws in [
        (1.0, ["no alpha", "multiplied"]), (0.6, ["length counts start", "Wu's penalty"]), (2.0, ["length without end"]), (0.5, ["alpha is a factor"]),
        (0.7, ["a bonus", "no alpha"]), (1.2, ["Wu's penalty", "length counts start"]), (0.8, ["a bonus in logarithms", "no alpha"]),
        (0.9, ["the mean times alpha", "no alpha"]),
    ]:
        case = _unpruned(rng, check.sizes(4), 3, alpha, flaws)
        ask("length", case, "nothing is pruned", _enumerated(*case))
    case = _unpruned(extra, check.sizes(4), 3, 2.0, ["no alpha", "alpha to the length, but for 0"])
    ask("length", case, "nothing is pruned", _enumerated(*case))
    for symbols, width, longest, flaw in [
        (5, 3, 5, "complete before pruning"), (6, 2, 5, "the first complete"), (5, 4, 5, "beam shrinks"), (4, 2, 5, "unfinished ones count"), (6, 2, 5, "last step only"),
    ]:
        ask("complete", _apart(rng, *check.sizes((symbols, width, longest)), 0.0, [flaw]))
    symbols, width, longest = check.sizes((5, 3, 4))
    table = _table(rng, symbols)
    start, end = map(int, rng.permutation(symbols)[:2])
    table[np.arange(symbols) != end, end] = -np.inf
    ask("complete", (table, start, end, width * symbols, longest, 0.0), "no sequence can end")
    table, start, end, width, longest, _ = _layered(rng, *check.sizes((4, 2, 3)), ["greedy"])
    ask("complete", (table, start, end, width, longest - 3, 0.0), "every sequence is longer than longest")
    ask("complete", (table, start, end, width, longest - 2, 0.0), "all sequences have the length longest")
    if check.has_passed("length"):
        for flaw in ("complete ones stay", "complete ones are extended", "enough are complete", "more than enough are complete", "ahead of the rest", "the mean is ahead", "one step more", "one step less"):
            ask("complete", _apart(rng, *check.sizes((5, 4, 5)), 1.0, [flaw]))
        for sizes in [(4, 1, 3), (5, 2, 4)]:
            ask("complete", _apart(rng, *check.sizes(sizes), 1.5, ["refilled"]))
    if all(check.has_passed(key) for key in ("greedy", "beam", "complete", "length")):
        _ask_equals(check, ask)
        case = _apart(rng, *check.sizes((4, 2, 5)), 0.0, [])
        ask("care", (case[0], *case[1:4], 1, 0.0), "longest is 1")
        table = np.full((2, 2), -np.inf)
        table[0, 1] = 0.0
        ask("care", (table, 0, 1, check.sizes(3), check.sizes(4), 1.0), "a single sequence, and certain")
        table = np.full((3, 3), -np.inf)
        table[0, 2], table[2, 1] = -400.0, -500.0
        ask("care", (table, 0, 1, check.sizes(2), check.sizes(4), 1.0), "a single sequence, and very unlikely")
    check.unchanged("care", needs="care")


prediction_bottleneck = lesson.prediction(
    "prediction_bottleneck",
    ("0.9", "0.5", "0.1"),
    tempting={
        "0.9": "64 numbers could hold far more than six digits. But what they can hold is one thing; what a network learns to put there,"
        " and to find again a dozen steps later, is another.",
        "0.5": "Seven words sound only twice as hard as three. But every word has to survive the reading of all those after it.",
    },
)
prediction_seeds = lesson.prediction(
    "prediction_seeds",
    ("0.1", "0.5", "0.9"),
    tempting={
        "0.1": "At seven words they are within a few hundredths of each other. But there the loss has made them so; at nine it has never"
        " looked.",
        "0.5": "One would expect some of what was learned to carry over. For one seed nearly all of it does, for another nearly nothing.",
    },
)
prediction_order = lesson.prediction(
    "prediction_order",
    ("the same", "shuffled", "different"),
    tempting={
        "the same": "The set of context vectors is the same, but each one stays with its word, so they come in the new order.",
        "different": "A recurrent network would answer differently: it reads in order. Attention only compares and averages, and neither"
        " knows where a word stands.",
    },
)
prediction_likeliest = lesson.prediction(
    "prediction_likeliest",
    ("1", "3", "5", "7"),
    tempting={
        "3": "There are many short names. But two more letters multiply the probability by two more numbers below 1.",
        "5": "Many names have five letters. But there are so many of them that no single one is likely.",
        "7": "Names have six letters on average, and 7 is common. But every letter multiplies the probability by a number below 1, so the"
        " likeliest name of all is far shorter than a typical one.",
    },
)


# ---- how a result of several parts is judged, so that each part earns its own points

FORCED = ("inputs", "targets", "mask")
RATES = ("symbol_error_rate", "sequence_error_rate")
ATTENDED = ("context", "weights")
BACKWARD = ("d_queries", "d_keys", "d_values")
FOUND = ("sequence", "log_probability")


def _judge(check, case, truth, names, parts, mistakes, note="", tolerance=FORM, also=None, plain=None):
    """Hold the parts of a tuple against the truth; `parts` says for each criterion which parts it is about.

    `also(label, got)` says in two lines what else is wrong with a part that agrees, the problem and its cause, or nothing.
    `plain(label, expected, got)` is the cause of a wrong part where it can be seen from the part itself, or "".
    """
    wanted = f"a tuple ({', '.join(names)})"
    result = check.inspect(case, lambda v: type(v) is tuple and len(v) == len(names), wanted, parts, note)
    if result is None:
        return
    shown = check.describe(case, note)
    for criterion, labels in parts.items():
        for label in labels:
            i = names.index(label)
            got, expected = result[i], truth[i]
            if cause := _other_kind(expected, got):
                check.failed(criterion, shown, f"{label}: expected {describe(expected)}, got {describe(got)}", f"{CAUSE} {cause}")
                break
            if plain and (cause := plain(label, expected, got)):
                check.failed(criterion, shown, f"{label}: expected {describe(expected)}, got {describe(got)}", f"{CAUSE} {cause}")
                break
            known = {text: functools.partial(_part, mistake, i) for text, mistake in mistakes.items()}
            agrees = check.settle(criterion, case, expected, got, known, tolerance, part=label, shown=shown)
            if agrees and also and (problem := also(label, got)):
                check.failed(criterion, shown, *problem)


def _part(mistake, i, *case):
    """One part of what a mistake gives."""
    return mistake(*case)[i]


def _other_kind(expected, got):
    """Why a part has the right values but another kind; "" where that is not so."""
    if isinstance(expected, np.ndarray):
        if type(got) in (list, tuple):
            return f"a {type(got).__name__}; np.array makes it an array"
        if type(got) is not np.ndarray or got.shape != expected.shape or got.dtype.kind not in "biuf":
            return ""
        if expected.dtype.kind == "i" and got.dtype.kind == "f":
            return "ids are whole numbers: np.zeros and np.ones make floats unless they get dtype=int"
        if expected.dtype.kind == "b" and got.dtype.kind in "iuf":
            return "numbers in place of True and False: np.zeros(..., dtype=bool), or a comparison"
    if type(expected) is list and type(got) is str:
        return "a text in place of a list of numbers"
    if type(expected) is list and type(got) is list and any(type(item) is str for item in got):
        return "texts in the list in place of numbers: the symbols are whole numbers"
    if type(expected) is list and got is None:
        return "no list: an empty one is []"
    if type(expected) is list and (type(got) is tuple or type(got) is np.ndarray):
        return f"{'a tuple' if type(got) is tuple else 'an array'}; list(...) makes it a list"
    return ""


# ---- teacher_forcing


def _forcing_case(rng, lengths):
    """Sequences of ids, start, end and padding, all of them different numbers."""
    numbers = rng.permutation(np.arange(1, 1000))
    start, end, padding = (int(number) for number in numbers[:3])
    return [[int(i) for i in rng.choice(numbers[3:], length)] for length in lengths], start, end, padding


def _forced(sequences, start, end, padding):
    """A symbol at a time: which one is at each step of each row."""
    steps = range(max(map(len, sequences)) + 1)
    inputs = [[start if t == 0 else s[t - 1] if t <= len(s) else padding for t in steps] for s in sequences]
    targets = [[s[t] if t < len(s) else end if t == len(s) else padding for t in steps] for s in sequences]
    return np.array(inputs), np.array(targets), np.array([[t <= len(s) for t in steps] for s in sequences])


def _filled(rows, padding, width=None, front=False):
    """Rows of different lengths as one array, cut at `width`."""
    width = max(map(len, rows)) if width is None else width
    array = np.full((len(rows), width), padding)
    for line, row in zip(array, rows):
        row = row[:width]
        line[width - len(row) if front else 0 : width if front else len(row)] = row
    return array


def _forcing(change):
    """A mistake made from the right parts, and from the arguments: `change(parts, sequences, start, end, padding)`."""

    def mistake(*case):
        parts = dict(zip(FORCED, _forced(*case)))
        return tuple((parts | change(parts, *case))[name] for name in FORCED)

    return mistake


def _with_numbers(**numbers):
    """A mistake that takes other numbers for start, end or padding."""
    return lambda sequences, start, end, padding: _forced(sequences, **({"start": start, "end": end, "padding": padding} | numbers))


def _begun_once(inputs, padding):
    """Inputs whose first row alone begins with `start`."""
    inputs[1:, 0] = padding
    return inputs


def _one_row_for_all(rows, padding):
    """Rows written into a list that holds the same row many times."""
    row = [padding] * max(map(len, rows))
    for some in rows:
        row[: len(some)] = some
    return np.array([row] * len(rows))


def _lengths(sequences):
    return np.array([len(sequence) for sequence in sequences])[:, None]


FORCING_MISTAKES = {
    "the shorter rows of inputs hold `end`, where padding belongs: the decoder never reads its own end": _forcing(
        lambda parts, s, start, end, padding: {"inputs": _filled([[start, *row, end] for row in s], padding, parts["mask"].shape[1])}
    ),
    "inputs have an `end` after each sequence: it belongs in targets alone": _forcing(
        lambda parts, s, start, end, padding: {"inputs": _filled([[start, *row, end] for row in s], padding)}
    ),
    "inputs are not shifted: they begin with the sequence itself, not with `start`": _forcing(
        lambda parts, s, start, end, padding: {"inputs": _filled(s, padding, parts["mask"].shape[1])}
    ),
    "inputs are the same as targets: either `inputs = targets = np.full(...)` has made one array with two names (make two), or the inputs are not shifted: they begin with `start`": _forcing(lambda parts, *_: {"inputs": parts["targets"]}),
    "targets are the same as inputs: either `inputs = targets = np.full(...)` has made one array with two names (make two), or the targets are not shifted: they are what comes next, not what the decoder has just read": _forcing(lambda parts, *_: {"targets": parts["inputs"]}),
    "targets begin with `start`: the first target is the first symbol of the sequence": _forcing(
        lambda parts, s, start, end, padding: {"targets": _filled([[start, *row, end] for row in s], padding)}
    ),
    "inputs leave out the last symbol of each sequence: after it the decoder should say `end`": _forcing(
        lambda parts, s, start, end, padding: {"inputs": _filled([[start, *row[:-1]] for row in s], padding, parts["mask"].shape[1])}
    ),
    "targets are shifted twice: the first target is the first symbol of the sequence": _forcing(
        lambda parts, s, start, end, padding: {"targets": _filled([[*row[1:], end] for row in s], padding, parts["mask"].shape[1])}
    ),
    "targets have no `end`: the decoder must learn when to stop": _forcing(
        lambda parts, s, start, end, padding: {"targets": _filled(s, padding, parts["mask"].shape[1])}
    ),
    "targets have no `end`, and are a column narrower": _forcing(lambda parts, s, start, end, padding: {"targets": _filled(s, padding)}),
    "`end` is in the last column, after the padding: it comes right after its sequence": _forcing(
        lambda parts, s, start, end, padding: {"targets": np.hstack([_filled(s, padding, parts["mask"].shape[1] - 1), np.full((len(s), 1), end)])}
    ),
    "targets are inputs shifted in a circle, as np.roll does: the start comes back at their end": _forcing(
        lambda parts, *_: {"targets": np.roll(parts["inputs"], -1, axis=1)}
    ),
    "inputs and targets are exchanged": _forcing(lambda parts, *_: {"inputs": parts["targets"], "targets": parts["inputs"]}),
    "[[padding] * n] * m holds one row m times, so that a change shows in all of them: make each row anew": _forcing(
        lambda parts, s, start, end, padding: {
            "inputs": _one_row_for_all([[start, *row] for row in s], padding), "targets": _one_row_for_all([[*row, end] for row in s], padding),
        }
    ),
    "`start` and `end` are exchanged": lambda s, start, end, padding: _forced(s, end, start, padding),
    "`start` is used in place of `end`": lambda s, start, end, padding: _forced(s, start, start, padding),
    "the padding comes first: it belongs at the end of each row": lambda s, start, end, padding: (
        _filled([[start, *row] for row in s], padding, front=True), _filled([[*row, end] for row in s], padding, front=True),
        _filled([[True] * (len(row) + 1) for row in s], False, front=True),
    ),
    "the padding comes first in inputs and targets, as in pad_sequences without padding='post': it belongs at the end of each row": lambda s, start, end, padding: (
        _filled([[start, *row] for row in s], padding, front=True), _filled([[*row, end] for row in s], padding, front=True), None
    ),
    "0 is taken for an empty place, though it is an id as any other: fill with padding first": _forcing(
        lambda parts, s, start, end, padding: {name: np.where(parts[name] == 0, padding, parts[name]) for name in ("inputs", "targets")}
    ),
    "an empty sequence is passed over, and its row stays padding: it has `start` and `end`": _forcing(
        lambda parts, s, start, end, padding: {
            "inputs": np.where(_lengths(s) > 0, parts["inputs"], padding), "targets": np.where(_lengths(s) > 0, parts["targets"], padding), "mask": None,
        }
    ),
    **{
        f"{number} stands for {name}, whatever {name} is": _with_numbers(**{name: number})
        for name, numbers in {"padding": (0, -1), "start": (0, 1), "end": (0, 1, 2)}.items()
        for number in numbers
    },
    "every row is cut to the length of the first": lambda s, start, end, padding: tuple(
        _filled(rows, fill, len(s[0]) + 1)
        for rows, fill in [
            ([[start, *row] for row in s], padding), ([[*row, end] for row in s], padding), ([[True] * (len(row) + 1) for row in s], False)
        ]
    ),
    "every row is cut to the length of the shortest": lambda *case: tuple(part[:, : min(map(len, case[0])) + 1] for part in _forced(*case)),
    "the rows are one column too narrow: `start` and `end` make each row one longer than its sequence": lambda *case: tuple(
        part[:, :-1] for part in _forced(*case)
    ),
    "the rows are one column too wide": lambda s, start, end, padding: tuple(
        np.hstack([part, np.full((len(s), 1), fill)]) for part, fill in zip(_forced(s, start, end, padding), (padding, padding, False))
    ),
    "the sequences are read from their end": lambda s, *rest: _forced([row[::-1] for row in s], *rest),
    "time and batch are exchanged: a row for each sequence": lambda *case: tuple(part.T for part in _forced(*case)),
    "mask is targets != padding, but an id, and `end`, may equal padding: go by the lengths": _forcing(
        lambda parts, s, start, end, padding: {"mask": parts["targets"] != padding}
    ),
    "mask is inputs != padding, but an id, and `start`, may equal padding: go by the lengths": _forcing(
        lambda parts, s, start, end, padding: {"mask": parts["inputs"] != padding}
    ),
    "mask ends with the first `end` in targets, but an id may equal `end`: go by the lengths": _forcing(
        lambda parts, s, start, end, padding: {
            "mask": np.arange(parts["mask"].shape[1]) <= (parts["targets"] == end).argmax(axis=1)[:, None]
        }
    ),
    "mask ends before the first padding in targets, but an id, and `end`, may equal padding: go by the lengths": _forcing(
        lambda parts, s, start, end, padding: {"mask": np.cumprod(parts["targets"] != padding, axis=1) > 0}
    ),
    "mask asks targets for padding and for `end`, but an id may equal padding: go by the lengths": _forcing(
        lambda parts, s, start, end, padding: {"mask": (parts["targets"] != padding) | (parts["targets"] == end)}
    ),
    "mask asks inputs and targets for padding, but an id may equal padding: go by the lengths": _forcing(
        lambda parts, s, start, end, padding: {"mask": (parts["inputs"] != padding) & (parts["targets"] != padding)}
    ),
    "mask asks inputs or targets for padding, but ids may equal padding: go by the lengths": _forcing(
        lambda parts, s, start, end, padding: {"mask": (parts["inputs"] != padding) | (parts["targets"] != padding)}
    ),
    "mask is False in the last column, where the longest row has its `end`": _forcing(
        lambda parts, *_: {"mask": parts["mask"] & (np.arange(parts["mask"].shape[1]) < parts["mask"].shape[1] - 1)}
    ),
    "targets are filled up with `end`: after the first it is padding": _forcing(
        lambda parts, s, start, end, padding: {"targets": np.where(parts["mask"], parts["targets"], end)}
    ),
    "inputs are filled up with `end`: it is padding that fills": _forcing(
        lambda parts, s, start, end, padding: {"inputs": np.where(parts["mask"], parts["inputs"], end)}
    ),
    "only the first row of inputs begins with `start`": _forcing(
        lambda parts, s, start, end, padding: {"inputs": _begun_once(parts["inputs"], padding)}
    ),
    "the rows are sorted by length: they stay in the order of the sequences": lambda s, *rest: (
        _forced(sorted(s, key=len, reverse=True), *rest)
    ),
    "the rows are sorted by length, the shortest first: they stay in the order of the sequences": lambda s, *rest: (
        _forced(sorted(s, key=len), *rest)
    ),
    "empty sequences are left out: each has a row, with `start` and `end`": lambda s, *rest: _forced([row for row in s if row], *rest),
    "mask is targets != 0, but 0 is an id as any other: go by the lengths": _forcing(lambda parts, *_: {"mask": parts["targets"] != 0}),
    "mask leaves out `end`, which is a target too": _forcing(
        lambda parts, s, *_: {"mask": np.arange(parts["mask"].shape[1]) < _lengths(s)}
    ),
    "mask is one step too long: it takes in the first padding": _forcing(
        lambda parts, s, *_: {"mask": np.arange(parts["mask"].shape[1]) < _lengths(s) + 2}
    ),
    "mask is the wrong way round: True where the target counts": _forcing(lambda parts, *_: {"mask": ~parts["mask"]}),
    "mask is True everywhere: padding does not count": _forcing(lambda parts, *_: {"mask": np.ones_like(parts["mask"])}),
    "an empty sequence counts as nothing but padding: it has a target, its `end`": _forcing(
        lambda parts, s, *_: {"mask": parts["mask"] & (_lengths(s) > 0)}
    ),
    "mask leaves out the first target": _forcing(lambda parts, *_: {"mask": parts["mask"] & (np.arange(parts["mask"].shape[1]) > 0)}),
}


# ---- edit_distance

#: None of its letters is among those that replace some.
LETTERS = "abcdefgh"
NUMBER_WORDS = ["null", "ein", "zwei", "drei", "vier", "acht", "neun", "zehn", "und", "hundert", "tausend", "s", "sech", "sieb"]


def _word(check, length, letters=LETTERS):
    return check.letters("".join(check.rng.choice(list(letters), length)))


def _words(check, length, words=7):
    """A list of words, each a string of its own."""
    return [check.letters(str(word)) for word in check.rng.choice(NUMBER_WORDS[:words], length)]


def _numbers(check, length):
    """A list of large ids, each an object of its own, as those that an array gives are."""
    return [int(number) for number in check.rng.choice(check.rng.integers(1000, 10**6, 5), length)]


def _distance_case(check, criterion, a, b, what=""):
    check.expect(criterion, (a, b), _distance(a, b), DISTANCE_MISTAKES, case=what)


def _distance(a, b):
    """The shortest path from corner to corner of the grid of positions; a step over two equal symbols costs nothing."""
    known, waiting = set(), collections.deque([(0, 0, 0)])
    while waiting:
        edits, i, j = waiting.popleft()
        if (i, j) == (len(a), len(b)):
            return edits
        if (i, j) in known:
            continue
        known.add((i, j))
        if i < len(a) and j < len(b) and a[i] == b[j]:
            waiting.appendleft((edits, i + 1, j + 1))
        for di, dj in [(1, 0), (0, 1), (1, 1)]:
            if i + di <= len(a) and j + dj <= len(b):
                waiting.append((edits + 1, i + di, j + dj))


def _table_of_edits(
    insert=1, delete=1, replace=1, equal=0, column=1, row=1, swap=False, same=lambda x, y: x == y, overwritten=False, free=False, late=0, zero=False, corner=lambda D: D[-1, -1]
):
    """The last corner of the table, filled with other prices or borders than the right ones."""

    def mistake(a, b):
        D = np.zeros((len(a) + 1, len(b) + 1))
        D[:, 0], D[0] = column * np.arange(len(a) + 1), row * np.arange(len(b) + 1)
        D[1:, 0] -= late
        D[0, 0] = 0
        for i, j in itertools.product(range(1, len(a) + 1), range(1, len(b) + 1)):
            alike = same(a[i - 1], b[j - 1])
            before = D[i - 1, 0] if overwritten == "later" and j == 1 else D[i, j - 1] if overwritten else D[i - 1, j] if overwritten is None else D[i - 1, j - 1]
            beside = 0 if free and alike else 1
            D[i, j] = min(D[i - 1, j] + delete * beside, D[i, j - 1] + insert * beside, before + (equal if alike else replace))
            if zero and alike:
                D[i, j] = 0
            if swap and i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                D[i, j] = min(D[i, j], D[i - 2, j - 2] + 1)
        return int(corner(D)) if np.isfinite(corner(D)) else float(corner(D))

    return mistake


def _taken_as(change):
    """The right distance of something else."""
    return lambda a, b: _distance(change(a), change(b))


def _joined(change):
    return _taken_as(lambda sequence: change(sequence) if type(sequence) is str else list(map(change, sequence)) if _holds_text(sequence) else sequence)


def _holds_text(sequence):
    return bool(sequence) and type(sequence[0]) is str


def _by_place(a, b):
    return sum(x != y for x, y in zip(a, b))


def _counted(a, b):
    """How many of each symbol of a have no counterpart in b."""
    return sum((collections.Counter(a) - collections.Counter(b)).values())


def _common(a, b):
    """Length of the longest common subsequence."""
    return (len(a) + len(b) - _table_of_edits(replace=2)(a, b)) // 2


def _ends_alike(a, b):
    """What is left once the beginnings and the ends that a and b share are gone."""
    while a and b and a[0] == b[0]:
        a, b = a[1:], b[1:]
    while a and b and a[-1] == b[-1]:
        a, b = a[:-1], b[:-1]
    return max(len(a), len(b))


def _one_row(a, b, before=0):
    """As the table is filled whose rows are all the same list, with `before` in its first column."""
    row = [before, *range(1, len(b) + 1)]
    for x in a:
        for j, y in enumerate(b, start=1):
            row[j] = min(row[j] + 1, row[j - 1] + 1, row[j - 1] + (x != y))
    return row[-1]


def _rows_shared(a, b):
    """As the table is filled whose two rows are one and the same from the second row on."""
    before, row = list(range(len(b) + 1)), [0] * (len(b) + 1)
    for i, x in enumerate(a, start=1):
        row[0] = i
        for j, y in enumerate(b, start=1):
            row[j] = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
        before = row
    return before[-1]


def _in_few_bits(kind):
    """The distance in a table whose numbers start anew when `kind` has no larger one."""

    def mistake(a, b):
        before = np.arange(len(b) + 1).astype(kind)
        for i, x in enumerate(a, start=1):
            row = np.zeros_like(before)
            row[:1] = np.array([i]).astype(kind)
            for j, y in enumerate(b, start=1):
                row[j] = np.minimum(np.minimum(before[j : j + 1] + kind(1), row[j - 1 : j] + kind(1)), before[j - 1 : j] + kind(x != y))[0]
            before = row
        return int(before[-1])

    return mistake


def _by_blocks(a, b):
    blocks = difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes()
    return sum(max(last - first, end - begin) for kind, first, last, begin, end in blocks if kind != "equal")


def _greedily(a, b):
    """One pass over both: at a difference the longer rest loses a symbol, or both do."""
    edits = i = j = 0
    while i < len(a) and j < len(b):
        if a[i] != b[j]:
            edits += 1
            i, j = i + (len(a) - i >= len(b) - j), j + (len(b) - j >= len(a) - i)
        else:
            i, j = i + 1, j + 1
    return edits + len(a) - i + len(b) - j


DISTANCE_MISTAKES = {
    "a replacement counts as two edits, one deletion and one insertion: it is one edit": _table_of_edits(replace=2),
    "symbols are compared place by place, and the rest is counted: after one insertion everything is shifted": lambda a, b: (
        _by_place(a, b) + abs(len(a) - len(b))
    ),
    "symbols are compared place by place: zip ends with the shorter sequence": _by_place,
    "two neighbours that change places count as one edit: there are insertions, deletions and replacements only": _table_of_edits(
        swap=True
    ),
    "this is the difference of the lengths: to replace a symbol costs an edit, too": lambda a, b: abs(len(a) - len(b)),
    "this is len(a) - len(b)": lambda a, b: len(a) - len(b),
    "this is the length of the longer one: where two symbols are equal, the diagonal step costs nothing": lambda a, b: max(len(a), len(b)),
    "this is the sum of both lengths: of the three costs the least is taken, and equal symbols cost nothing": lambda a, b: len(a) + len(b),
    "insertions are missing: each symbol of b that is not in a may be inserted": _table_of_edits(insert=np.inf),
    "deletions are missing: each symbol of a that is not in b may be deleted": _table_of_edits(delete=np.inf),
    "insertions and deletions are missing inside the table: only replacements are left": _table_of_edits(insert=np.inf, delete=np.inf),
    "equal and different are exchanged: the diagonal step costs 0 where the symbols are equal": _table_of_edits(equal=1, replace=0),
    "the table's first row and first column are 0: from nothing to j symbols it takes j edits": _table_of_edits(row=0, column=0),
    "the table's first row is 0: from nothing to the first j symbols of b it takes j edits": _table_of_edits(row=0),
    "the table's first column is 0: from the first i symbols of a to nothing it takes i edits": _table_of_edits(column=0),
    "the corner above and to the left is overwritten before it is used: with one row keep it, and for a table do not write [[0] * n] * m, which is one row m times": _table_of_edits(overwritten=True),
    "the corner above and to the left is kept too late, when it is the new number already: keep the old one": _table_of_edits(overwritten="later"),
    "the symbols are sorted first: their order matters": _taken_as(sorted),
    "the number above is taken for the corner above and to the left: it is one column to the left": _table_of_edits(overwritten=None),
    "the table's first column begins with 0 twice: from the first i symbols of a to nothing it takes i edits": _table_of_edits(late=1),
    "[[0] * n] * m holds one row m times, so that a change shows in all of them: make each row anew": _one_row,
    "[[0] * n] * m holds one row m times, and its first column is the last number written there: make each row anew": lambda a, b: _one_row(a, b, len(a)),
    "where two symbols are equal the number becomes 0: free means that it is the number in the corner above and to the left, with nothing added": _table_of_edits(zero=True),
    "the last symbol of each is not looked at: the table has one row and one column more than there are symbols": _taken_as(
        lambda s: s[:-1]
    ),
    "the first symbol of each is not looked at": _taken_as(lambda s: s[1:]),
    "this is what the two share, not what tells them apart": _common,
    "the longest common subsequence is taken away from the longer one: its symbols need not line up, and then it takes more edits": lambda a, b: (
        max(len(a), len(b)) - _common(a, b)
    ),
    "the symbols are counted, wherever they are: their order matters": lambda a, b: max(_counted(a, b), _counted(b, a)),
    "the symbols are counted on both sides, wherever they are: their order matters, and a replacement is one edit": lambda a, b: (
        _counted(a, b) + _counted(b, a)
    ),
    "sets are compared: how often a symbol comes and where it is matters": lambda a, b: len(set(a) ^ set(b)),
    "this is the right number of edits divided by the length of the longer one": lambda a, b: _distance(a, b) / max(len(a), len(b)),
    "this is the right number of edits divided by the length of a": lambda a, b: _distance(a, b) / len(a),
    "this is the right number of edits divided by the length of b": lambda a, b: _distance(a, b) / len(b),
    "insertions and deletions cost nothing where the symbols are equal: only the diagonal step does": _table_of_edits(free=True),
    "the least number of the table's last row comes back: its last corner is the answer": _table_of_edits(corner=lambda D: D[-1].min()),
    "the least number of the table's last column comes back: its last corner is the answer": _table_of_edits(
        corner=lambda D: D[:, -1].min()
    ),
    "the table's first row and column hold no numbers of edits: from nothing to j symbols it takes j": _table_of_edits(
        row=np.inf, column=np.inf
    ),
    "difflib looks for long common blocks, not for the fewest edits": _by_blocks,
    "symbols that the other one does not have are counted: how often they come and where they are matters": lambda a, b: (
        sum(x not in b for x in a) + sum(y not in a for y in b)
    ),
    "str(...) of a list has brackets, quotes and commas: the symbols themselves are compared": _taken_as(
        lambda s: s if type(s) is str else str(s)
    ),
    "a list is joined into one text: a symbol is a whole word or id": _taken_as(lambda s: "".join(map(str, s))),
    "the row before and the new row are one and the same list: `before = row` makes no copy, so make a new row for each symbol": _rows_shared,
    "a float in place of a whole number: np.zeros makes floats unless it gets dtype=int, and / gives one": lambda a, b: float(_distance(a, b)),
    "the table's numbers end at 127, as in int8, and a distance may be larger: dtype=int": _in_few_bits(np.int8),
    "the table's numbers end at 255, as in uint8, and a distance may be larger: dtype=int": _in_few_bits(np.uint8),
    "one edit too many": lambda a, b: _distance(a, b) + 1,
    "one edit too few": lambda a, b: _distance(a, b) - 1,
    "only what both begin and end with is left out; between these some symbols may be kept, too": _ends_alike,
    "the first difference decides which edit is made: all three have to be tried, and the least total counts": _greedily,
    "capitals and small letters are taken as equal": _joined(str.lower),
    "spaces at both ends are left out: they are symbols, too": _joined(str.strip),
    "spaces are left out: they are symbols, too": _joined(lambda text: "".join(text.split())),
    "a list of words is joined into one text: a symbol is a whole word": _taken_as(lambda s: "".join(s) if _holds_text(s) else s),
    "a list of words is joined into one text with spaces: a symbol is a whole word": _taken_as(
        lambda s: " ".join(s) if _holds_text(s) else s
    ),
    "symbols are compared with `is`, which asks for the same object: compare them with ==": _table_of_edits(same=lambda x, y: x is y),
    "for an empty sequence 0 comes back: it takes as many edits as the other one has symbols": lambda a, b: (
        _distance(a, b) if len(a) and len(b) else 0
    ),
}


# ---- error_rates


def _rates_case(check, number, counts):
    """References, as many for each prediction as `counts` says in turn, and predictions, a third of them right."""
    references, predictions = [], []
    for i in range(number):
        lengths = [check.sizes(int(length)) for length in check.rng.integers(2, 6, counts[i % len(counts)])]
        references.append([_words(check, length, words=14) for length in lengths])
        chosen = references[-1][-1 if i % 2 else 0]
        predictions.append(list(chosen) if i % 3 == 1 else _edited(check, chosen))
    return references, predictions


def _edited(check, sequence):
    """The sequence after one edit or two."""
    sequence = list(sequence)
    for _ in range(int(check.rng.integers(1, 3))):
        place = int(check.rng.integers(len(sequence)))
        kind = int(check.rng.integers(3))
        sequence[place : place + (kind > 0)] = _words(check, 1, words=14) if kind < 2 or len(sequence) == 1 else []
    return sequence


def _equally_near(check, kinds):
    """Predictions, each with two references: both one edit away, shorter, as long or longer; or a short one and a far longer one."""
    references, predictions = [], []
    for kind in kinds:
        word = [check.letters(str(w)) for w in check.rng.permutation(NUMBER_WORDS)[: check.sizes(4)]]
        other = check.letters(NUMBER_WORDS[int(check.rng.integers(len(NUMBER_WORDS)))]) + "e"
        shorter, longer, alike = word[:-1], [*word, other], [word[0], other, *word[2:]]
        references.append({
            "shorter first": [shorter, longer], "longer first": [longer, shorter], "equal lengths first": [alike, shorter],
            "short or far": [[*word, *[other] * len(word)], word[:1]], "late in the alphabet": [alike, [check.letters("a"), *word]],
        }[kind])
        predictions.append(word)
    return references, predictions


def _rated(nearest=None, distance=_distance, over=lambda nearest, predicted, right: len(nearest), total=lambda d, n: sum(d) / sum(n), wrong=None, sequences=None):
    """Rates with one thing done in another way; all is as it should be where nothing is given."""

    def rates(references, predictions):
        chosen, distances, lengths, misses = [], [], [], []
        for right, predicted in zip(references, predictions):
            apart = [distance(sequence, predicted) for sequence in right]
            chosen = nearest(right, predicted, apart) if nearest else apart.index(min(apart))
            distances.append(apart[chosen])
            lengths.append(over(right[chosen], predicted, right))
            misses.append(wrong(right, predicted) if wrong else predicted not in right)
        return total(distances, lengths), sequences(misses) if sequences else sum(misses) / len(misses)

    return rates


_rates = _rated()


def _by_key(key):
    """The reference with the least key of its distance, itself and its place."""
    return lambda right, predicted, apart: min(range(len(right)), key=lambda i: key(apart[i], right[i], i))


def _nearest_length(right, p):
    return min(range(len(right)), key=lambda i: abs(len(right[i]) - len(p)))


def _from_all(take):
    """The symbol error rate where all references of a prediction take part."""
    def rates(references, predictions):
        pairs = [[(_distance(r, p), len(r)) for r in right] for right, p in zip(references, predictions)]
        return take(pairs), _rates(references, predictions)[1]

    return rates


def _all_wrong(label, expected, got):
    """The cause where every sequence counts as wrong, though some are right."""
    if label == "sequence_error_rate" and expected < 1 and isinstance(got, (int, float)) and got == 1:
        return "every sequence counts as wrong, the right ones too: is a prediction compared with the list of its references, as in p != right? Ask p in right"
    return ""


def _joined_rates(references, predictions):
    """All predictions as one long sequence, the nearest references as one."""
    nearest = [min(right, key=lambda r, p=p: _distance(r, p)) for right, p in zip(references, predictions)]
    whole = list(itertools.chain(*nearest)), list(itertools.chain(*predictions))
    return _distance(*whole) / len(whole[0]), _rates(references, predictions)[1]


RATE_MISTAKES = {
    "the mean of each prediction's own rate: add up all distances first, then divide by all lengths together": _rated(
        total=lambda d, n: sum(map(lambda a, b: a / b, d, n)) / len(d)
    ),
    "the edits are divided by the lengths of the predictions: the references' lengths are asked": _rated(over=lambda n, p, right: len(p)),
    "the edits are divided by the longer of reference and prediction: the references' lengths are asked": _rated(
        over=lambda n, p, right: max(len(n), len(p))
    ),
    "the edits are divided by the number of predictions: divide by the number of symbols": _rated(over=lambda n, p, right: 1),
    "the number of edits comes back: divide it by the number of symbols": _rated(total=lambda d, n: float(sum(d))),
    "the lengths of all references count, the far ones too: only those of the nearest": _rated(
        over=lambda n, p, right: sum(map(len, right))
    ),
    "the lengths of the first references are added up: those of the nearest": _rated(over=lambda n, p, right: len(right[0])),
    "the lengths of the shortest references are added up: those of the nearest": _rated(over=lambda n, p, right: min(map(len, right))),
    "the lengths of the longest references are added up: those of the nearest": _rated(over=lambda n, p, right: max(map(len, right))),
    "the mean lengths of the references are added up: the lengths of the nearest": _rated(
        over=lambda n, p, right: sum(map(len, right)) / len(right)
    ),
    "the mean distance to all references counts: that to the nearest": _from_all(
        lambda pairs: sum(sum(d for d, _ in some) / len(some) for some in pairs) / sum(some[0][1] for some in pairs)
    ),
    "a prediction is compared with the list of its references, whose symbols are whole sequences": lambda references, predictions: (
        sum(map(_distance, references, predictions)) / sum(map(len, references)), 1.0
    ),
    "only the last prediction counts: add up in the loop, divide after it": lambda references, predictions: (
        _rates(references[-1:], predictions[-1:])
    ),
    "only the first prediction counts: does `return` stand inside the loop?": lambda references, predictions: (
        _rates(references[:1], predictions[:1])
    ),
    "the rates are rounded down to whole numbers, as int(...) and // do": lambda *case: tuple(int(rate) for rate in _rates(*case)),
    "empty predictions are left out: all symbols of their nearest reference are missing": lambda references, predictions: (
        _rates(*map(list, zip(*[pair for pair in zip(references, predictions) if pair[1]])))
    ),
    "the fraction of right symbols: the edits over the symbols are asked": lambda *case: (1 - _rates(*case)[0], _rates(*case)[1]),
    "the two rates are exchanged": lambda *case: _rates(*case)[::-1],
    "only the first reference is used for the symbols": _rated(nearest=lambda right, p, apart: 0),
    "only the last reference is used for the symbols": _rated(nearest=lambda right, p, apart: len(apart) - 1),
    "only the first reference is used: any of them is right": _rated(
        nearest=lambda right, p, apart: 0, wrong=lambda right, p: p != right[0]
    ),
    "the shortest reference counts: the nearest one does": _rated(nearest=_by_key(lambda d, r, i: len(r))),
    "the reference with most symbols in their places counts: the nearest one has the least edit distance": _rated(
        nearest=lambda right, p, apart: max(range(len(right)), key=lambda i: sum(x == y for x, y in zip(right[i], p)))
    ),
    "the farthest reference counts, not the nearest, and for the sequences all of them": _rated(
        nearest=_by_key(lambda d, r, i: -d), wrong=lambda right, p: any(p != r for r in right)
    ),
    "the farthest reference counts, not the nearest": _rated(nearest=_by_key(lambda d, r, i: -d)),
    "the reference with the least rate counts: the nearest one has the least distance": _rated(nearest=_by_key(lambda d, r, i: d / len(r))),
    "all references count: only the nearest one of each prediction": _from_all(
        lambda pairs: sum(d for some in pairs for d, _ in some) / sum(n for some in pairs for _, n in some)
    ),
    "of equally near references the last one counts, not the first": _rated(nearest=_by_key(lambda d, r, i: (d, -i))),
    "of equally near references the shortest counts, not the first": _rated(nearest=_by_key(lambda d, r, i: (d, len(r)))),
    "of equally near references the longest counts, not the first": _rated(nearest=_by_key(lambda d, r, i: (d, -len(r)))),
    "of equally near references the first in the alphabet counts, as min does with pairs of distance and sequence": _rated(
        nearest=_by_key(lambda d, r, i: (d, r))
    ),
    "the rate is cut off at 1: it may exceed 1": _rated(total=lambda d, n: min(1.0, sum(d) / sum(n))),
    "percent: a fraction is asked for": lambda *case: tuple(100 * rate for rate in _rates(*case)),
    "the fraction that is right: the fraction that is wrong is asked": lambda *case: tuple(1 - rate for rate in _rates(*case)),
    "the symbols are compared place by place: the edit distance is asked": _rated(
        distance=lambda r, p: _by_place(r, p) + abs(len(r) - len(p))
    ),
    "the symbols are joined into one text: an edit is one of a whole symbol": _rated(
        distance=lambda r, p: _distance("".join(r), "".join(p))
    ),
    "the symbols are joined, and their letters are counted: an edit is one of a whole symbol": _rated(
        distance=lambda r, p: _distance("".join(r), "".join(p)), over=lambda n, p, right: len("".join(n))
    ),
    "the symbols are joined into one text with spaces: an edit is one of a whole symbol": _rated(
        distance=lambda r, p: _distance(" ".join(r), " ".join(p))
    ),
    "symbols are compared place by place, and zip ends with the shorter sequence: the edit distance is asked": _rated(
        distance=_by_place, wrong=lambda right, p: all(_by_place(r, p) for r in right)
    ),
    "only the references of wrong predictions are counted in the lengths: those of right ones count, too": _rated(
        over=lambda n, p, right: 0 if p in right else len(n), total=lambda d, n: sum(d) / max(1, sum(n))
    ),
    "the distance is cut off at the reference's length: it may be larger": _rated(
        nearest=lambda right, p, apart: min(range(len(right)), key=lambda i: _distance(right[i], p)), distance=lambda r, p: min(len(r), _distance(r, p))
    ),
    "the reference whose length is nearest counts: the nearest one has the least edit distance": _rated(
        nearest=lambda right, p, apart: _nearest_length(right, p), wrong=lambda right, p: p != right[_nearest_length(right, p)]
    ),
    "the nearest of all predictions' references counts: each prediction has references of its own": lambda references, predictions: (
        _rated(wrong=lambda right, p: p not in right)([list(itertools.chain(*references))] * len(predictions), predictions)[0], _rates(references, predictions)[1]
    ),
    "the edits are divided by the mean length of reference and prediction: the references' lengths are asked": _rated(
        over=lambda n, p, right: (len(n) + len(p)) / 2
    ),
    "the wrong sequences are divided by the number of all references: divide by the number of predictions": lambda references, predictions: (
        _rates(references, predictions)[0], sum(p not in right for right, p in zip(references, predictions)) / sum(map(len, references))
    ),
    "each prediction counts by the fraction of its references that it does not equal: one of them is enough": lambda references, predictions: (
        _rates(references, predictions)[0], sum(sum(r != p for r in right) / len(right) for right, p in zip(references, predictions)) / len(predictions)
    ),
    "equal predictions share the references of the first of them, as with .index: each has its own": lambda references, predictions: (
        _rates([references[predictions.index(p)] for p in predictions], predictions)
    ),
    "equal predictions are counted once, as keys of a dict: each counts": lambda references, predictions: (
        _rates(*map(list, zip(*{tuple(p): (right, p) for right, p in zip(references, predictions)}.values())))
    ),
    "sets of symbols are compared: their order, and how often each one comes, matter": _rated(
        wrong=lambda right, p: all(set(p) != set(r) for r in right)
    ),
    "the symbols are joined before two sequences are compared: other symbols may give the same text": _rated(
        wrong=lambda right, p: all("".join(p) != "".join(r) for r in right)
    ),
    "a prediction with a single edit counts as right": _rated(wrong=lambda right, p: all(_distance(r, p) > 1 for r in right)),
    "all predictions are joined into one sequence: an edit in one must not make up for one in another": _joined_rates,
    "wrong are counted by symbols: what fraction of the predictions equals none of its references?": lambda *case: (_rates(*case)[0],) * 2,
    "all edits are divided by the number of predictions: what fraction of the predictions equals none of its references?": (
        lambda references, predictions: (
            _rates(references, predictions)[0], sum(min(_distance(r, p) for r in right) for right, p in zip(references, predictions)) / len(predictions)
        )
    ),
    "the fraction of the right sequences: that of the wrong ones is asked": _rated(sequences=lambda misses: 1 - sum(misses) / len(misses)),
    "the wrong sequences are divided by the number of symbols: divide by the number of predictions": lambda references, predictions: (
        _rates(references, predictions)[0], sum(p not in right for right, p in zip(references, predictions)) / sum(
            len(min(right, key=lambda r, p=p: _distance(r, p))) for right, p in zip(references, predictions)
        )
    ),
    "the number of wrong sequences comes back: divide it by the number of predictions": _rated(sequences=lambda misses: float(sum(misses))),
    "a prediction counts as wrong unless it equals all of its references: one of them is enough": _rated(
        wrong=lambda right, p: any(p != r for r in right)
    ),
    "a prediction is compared with the list of its references, which it never equals: is it in that list?": _rated(
        wrong=lambda right, p: True
    ),
    "a prediction is compared with the first reference only: one of them is enough": _rated(wrong=lambda right, p: p != right[0]),
    "a prediction counts as right when its length is": _rated(wrong=lambda right, p: all(len(p) != len(r) for r in right)),
    "a prediction counts as right whatever the order of its symbols": _rated(
        wrong=lambda right, p: all(sorted(p) != sorted(r) for r in right)
    ),
}


# ---- attention

#: Batch, target, source, size and value size: all equal first, where swapped axes give a result that can be told.
ATTENTION_SIZES = [(4, 4, 4, 4, 4), (2, 3, 5, 4, 6), (3, 5, 2, 6, 4)]


def _mask(rng, batch, source):
    """Real positions first, as padding is at the end, or anywhere: at least one in each row, and padding where there is room."""
    lengths = rng.integers(1, max(2, source), batch)
    mask = np.arange(source) < lengths[:, None]
    mask[::2] = rng.permuted(mask[::2], axis=1)
    return mask


def _attention_case(rng, batch, target, source, size, value_size, additive=False):
    arrays = [rng.normal(0, 0.9, shape) for shape in [(batch, target, size), (batch, source, size), (batch, source, value_size)]]
    return (*arrays, _mask(rng, batch, source), rng.normal(0, 1.2, size) if additive else None)


def _attention(queries, keys, values, mask, v=None):
    """Query by query, with the real positions alone."""
    kind = np.result_type(queries, keys, values)
    context, weights = np.zeros((*queries.shape[:2], values.shape[2]), kind), np.zeros((*queries.shape[:2], keys.shape[1]), kind)
    for b, t in np.ndindex(queries.shape[:2]):
        real = np.flatnonzero(mask[b])
        terms = queries[b, t] * keys[b, real] if v is None else v * np.tanh(queries[b, t] + keys[b, real])
        scores = terms.sum(axis=1)
        odds = np.exp(scores - scores.real.max())
        weights[b, t, real] = odds / odds.sum()
        context[b, t] = weights[b, t, real] @ values[b, real]
    return context, weights


def _attend(check, case, criteria, note, mistakes=None, tolerance=FORM):
    """Judge both parts for the criteria; "weights" and "context" stand for themselves, any other for both."""
    parts = {criterion: [criterion] if criterion in ATTENDED else ["weights", "context"] for criterion in criteria}
    mistakes = ATTENTION_MISTAKES if mistakes is None else mistakes
    padding = np.broadcast_to(~case[3][:, None], (*case[0].shape[:2], case[1].shape[1]))
    _judge(check, case, _attention(*case), ATTENDED, parts, mistakes, note, tolerance, _left_over(padding))


def _left_over(padding):
    """Whether the weights at padding are not exactly 0, though too small to show in a sum."""

    def problem(label, got):
        rest = np.abs(got[padding]).max(initial=0.0) if label == "weights" else 0.0
        if not rest:
            return ()
        told = f"weights: at padding there is {rest:.1g}, expected exactly 0"
        ratios = (got / got.max(axis=-1, keepdims=True))[padding]
        if min(np.ptp(got[padding]) / rest, np.ptp(ratios) / ratios.max()) > 1e-3:
            return told, f"{CAUSE} a score of padding is made small, but not small enough: -np.inf makes its weight exactly 0"
        if len(ratios) > 1:  # a small score's weight depends on how large the others are
            return told, f"{CAUSE} something small is added to all weights, or to exp of all scores: at padding nothing is left"
        return (told,)

    return problem


#: What is special about the scores of a case.
LARGE = {
    "near": "scores near 10,000",
    "low": "scores near -10,000",
    "apart": "scores far apart",
    "rows": "the scores of one query near 10,000, those of the next near -10,000",
    "padding": "the scores at padding are 10,000 larger than the others",
    "real": "the scores at padding are 10,000 larger than the others, which are near -10,000",
}


def _large(rng, place, case):
    """The case with scores that are large in the way of `LARGE`; the first number of each vector makes them so."""
    queries, keys, values, mask, v = (None if a is None else a.copy() for a in case)
    if place == "apart":
        return (queries * 60, keys * 60, values, mask, None) if v is None else (queries, keys, values, mask, v * 8000)
    size = 100.0 if v is None else 30.0  # tanh(30) is 1
    if v is not None:
        v[0] = 10_000.0
    queries[..., 0], keys[..., 0] = (size, 0.0) if v is None else (0.0, 0.0)
    if place == "near":
        keys[..., 0] = size
    elif place == "low":
        keys[..., 0] = -size
    elif place == "rows":
        keys[..., 0] = size if v is None else 0.0
        queries[..., 0] = size * np.resize([1, -1], queries.shape[1])
    elif place == "padding":
        keys[..., 0] = np.where(mask, 0.0, size)
    else:
        keys[..., 0] = np.where(mask, -size, 0.0)
    return queries, keys, values, mask, v


def _enormous(case):
    """The case with a single real position in each row, and there scores of -1e8, while those at padding are 0."""
    queries, keys, values, mask, v = (None if a is None else a.copy() for a in case)
    mask &= np.arange(mask.shape[1]) == mask.argmax(axis=1)[:, None]
    queries[:], keys[:] = 0.0, 0.0
    if v is None:
        queries[..., 0], keys[..., 0] = 1e4, np.where(mask, -1e4, 0.0)
    else:
        v[:], keys[..., 0] = 1e8 * (np.arange(len(v)) == 0), np.where(mask, -30.0, 0.0)  # tanh(-30) is -1
    return queries, keys, values, mask, v


def _score(queries, keys, v):
    if v is None:
        return np.einsum("btd,bsd->bts", queries, keys)
    return np.einsum("btsd,d->bts", np.tanh(queries[:, :, None] + keys[:, None]), v)


def _softmax(scores, axis=-1):
    odds = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return odds / odds.sum(axis=axis, keepdims=True)


def _read(weights, values):
    return np.einsum("bts,bsv->btv", weights, values)


def _hide(scores, mask):
    return np.where(mask[:, None], scores, -np.inf)


def _attending(score=_score, hide=_hide, normalise=_softmax, late=lambda weights, mask: weights, read=lambda w, values, keys, mask: _read(w, values)):
    """Attention with one thing done in another way."""

    def mistake(queries, keys, values, mask, v=None):
        weights = late(normalise(hide(score(queries, keys, v), mask)), mask)
        return read(weights, values, keys, mask), weights

    return mistake


def _dot(product):
    """Another score without v."""
    return _attending(score=lambda q, k, v: product(q, k) if v is None else _score(q, k, v))


def _additive(score):
    """Another score with v, of queries and keys whose axes can be added."""
    return _attending(score=lambda q, k, v: _score(q, k, v) if v is None else score(q[:, :, None], k[:, None], v))


def _turned(mistake, order):
    """With the parts in another order."""
    return lambda *case: tuple(mistake(*case)[i] for i in order)


def _long(a):
    return np.linalg.norm(a, axis=-1, keepdims=True)


ATTENTION_MISTAKES = {
    "the scores are divided by the root of size: here the dot product is not scaled, as in keras.layers.Attention": _dot(
        lambda q, k: _score(q, k, None) / np.sqrt(q.shape[-1])
    ),
    "all scores are divided by the root of size, the additive ones too: neither is scaled": _attending(
        score=lambda q, k, v: _score(q, k, v) / np.sqrt(q.shape[-1])
    ),
    "the scores are divided by size: the dot product is not scaled": _dot(lambda q, k: _score(q, k, None) / q.shape[-1]),
    "the scores are divided by the root of the number of positions: the dot product is not scaled": _attending(
        score=lambda q, k, v: _score(q, k, v) / np.sqrt(k.shape[1])
    ),
    "tanh of the dot product: the dot product itself is the score": _dot(lambda q, k: np.tanh(_score(q, k, None))),
    "keys and values are exchanged: the scores are those of the keys, and the values are averaged": lambda queries, keys, values, mask, v=None: (
        _attention(queries, values, keys, mask, v)
    ),
    "only earlier positions are seen: a query may look at all that are not padding": _attending(
        hide=lambda a, mask: np.where(np.tril(np.ones(a.shape[1:], bool)), _hide(a, mask), -1e9)
    ),
    "the vectors are divided by their norms first: the dot product itself is the score": _dot(
        lambda q, k: _score(q / _long(q), k / _long(k), None)
    ),
    "keys.T turns round all three axes: transpose(0, 2, 1) leaves the batch where it is": _dot(lambda q, k: q @ k.T),
    "the keys are not transposed: the score is the sum over the last axis of both": _dot(lambda q, k: q @ k),
    "the scores have source and target exchanged: it is a row for each query": _dot(lambda q, k: _score(q, k, None).transpose(0, 2, 1)),
    "the sum over the source has lost its axis, and the one of query t no longer belongs to row t: keepdims=True keeps it": _attending(
        normalise=lambda a: (odds := np.exp(a - a.max(axis=-1, keepdims=True))) / odds.sum(axis=-1)
    ),
    "the largest score over the source has lost its axis, and the one of query t no longer belongs to row t: keepdims=True keeps it": _attending(
        normalise=lambda a: _odds(a, a.max(axis=-1))
    ),
    "largest score and sum over the source have lost their axis, and those of query t no longer belong to row t: keepdims=True keeps it": _attending(
        normalise=lambda a: (odds := np.exp(a - a.max(axis=-1))) / odds.sum(axis=-1)
    ),
    "the largest score over the target is subtracted: a query's scores must all be made smaller by the same, their own largest": _attending(
        normalise=lambda a: _odds(a, a.max(axis=1, keepdims=True))
    ),
    **{
        f"something like {size:g} is added to the sum of exp, and a query's weights no longer sum to 1": _attending(
            normalise=lambda a, size=size: (odds := np.exp(a - a.max(axis=-1, keepdims=True))) / (odds.sum(axis=-1, keepdims=True) + size)
        )
        for size in (1e-2, 1e-3, 1e-4, 1e-5)
    },
    "the keys are reshaped, and their numbers get mixed up: transpose(0, 2, 1) exchanges the axes": _dot(
        lambda q, k: q @ k.reshape(len(k), k.shape[2], k.shape[1])
    ),
    "the keys of the first sequence are used for all": _dot(lambda q, k: q @ k[0].T),
    "-np.inf * 0 is nan: np.where(mask[:, None], scores, -np.inf) leaves the other scores alone": _attending(
        hide=lambda a, mask: a + -np.inf * ~mask[:, None]
    ),
    "the softmax runs over the target: each query's weights sum to 1 over the source": _attending(
        normalise=functools.partial(_softmax, axis=1)
    ),
    "the softmax runs over the batch: each query's weights sum to 1 over the source": _attending(
        normalise=functools.partial(_softmax, axis=0)
    ),
    "the softmax runs over the whole array: each query has weights of its own, with sum 1": _attending(
        normalise=functools.partial(_softmax, axis=None)
    ),
    "the softmax runs over target and source together: each query has weights of its own, with sum 1": _attending(
        normalise=functools.partial(_softmax, axis=(1, 2))
    ),
    **{
        f"exp of the scores is divided by its sum over {what}: each query's weights sum to 1 over the source": _attending(
            normalise=lambda a, axis=axis: (odds := np.exp(a - a.max(axis=-1, keepdims=True))) / odds.sum(axis=axis, keepdims=True)
        )
        for what, axis in {"the whole array": None, "the target": 1, "the batch": 0}.items()
    },
    "powers of 2 in place of exp": _attending(normalise=lambda a: _softmax(a * np.log(2))),
    "the smallest score is subtracted, or the mean, and both are -inf where there is padding: subtract the largest": _attending(
        normalise=lambda a: _odds(a, a.min(axis=-1, keepdims=True))
    ),
    "the smallest score is subtracted, and exp of a large score overflows: subtract the largest": _attending(
        hide=lambda a, mask: np.where(mask[:, None], a, -1e9), normalise=lambda a: _odds(a, a.min(axis=-1, keepdims=True))
    ),
    "the masked scores come back in place of the weights": lambda *case: (_attention(*case)[0], _hide(_score(*case[:2], case[4]), case[3])),
    "the scores come back in place of the weights": lambda *case: (_attention(*case)[0], _score(*case[:2], case[4])),
    "without v the score is additive, too: it is the dot product": lambda queries, keys, values, mask, v=None: (
        _attention(queries, keys, values, mask, np.ones(queries.shape[-1]) if v is None else v)
    ),
    "the softmax is missing: the scores themselves are the weights": _attending(
        hide=lambda a, mask: np.where(mask[:, None], a, 0.0), normalise=lambda a: a
    ),
    "exp of the scores is not divided by its sum: the weights of a query sum to 1": _attending(normalise=np.exp),
    "exp is missing: the scores are divided by their sum": _attending(
        hide=lambda a, mask: np.where(mask[:, None], a, 0.0), normalise=lambda a: a / a.sum(axis=-1, keepdims=True)
    ),
    "the sigmoid of each score: the softmax makes a query's weights sum to 1": _attending(normalise=lambda a: 1 / (1 + np.exp(-a))),
    "the logarithm of the weights": _attending(normalise=lambda a: np.log(_softmax(a))),
    "softmax twice: its result is taken for scores": _attending(normalise=lambda a: _softmax(_softmax(a))),
    "the sign of the scores: the largest score gets the largest weight": _attending(score=lambda q, k, v: -_score(q, k, v)),
    "all of the weight goes to the largest score: that is argmax, softmax shares": _attending(
        normalise=lambda a: (a == a.max(axis=-1, keepdims=True)) * 1.0
    ),
    "the mask is the wrong way round: scores become very small where it is True": _attending(hide=lambda a, mask: np.where(mask[:, None], -1e9, a)),
    "the context is made of keys, not of values": _attending(read=lambda w, values, keys, mask: _read(w, keys)),
    "the values are added up without the weights": _attending(read=lambda w, values, keys, mask: _read(np.ones_like(w), values)),
    "the values' plain mean: the weights are not used": _attending(
        read=lambda w, values, keys, mask: _read(np.ones_like(w) / w.shape[-1], values)
    ),
    "the weighted values are summed over the target: a query's context is their sum over the source": _attending(
        read=lambda w, values, keys, mask: np.einsum("bts,bsv->bsv", w, values)
    ),
    "weights * values multiplies number by number: the weighted mean is a matrix product, weights @ values": _attending(
        read=lambda w, values, keys, mask: w * values
    ),
    "the values stand where the keys belong, in the scores": lambda queries, keys, values, mask, v=None: (
        (weights := _attention(queries, values, values, mask, v)[1]), _read(weights, values)
    )[::-1],
    "the weighted values are not summed: a query's context is their sum over the source": _attending(
        read=lambda w, values, keys, mask: w[..., None] * values[:, None]
    ),
    "all queries get the context of the last one: each has its own": _attending(
        read=lambda w, values, keys, mask: np.repeat(_read(w[:, -1:], values), w.shape[1], axis=1)
    ),
    "the contexts of all queries are averaged: each has its own": _attending(
        read=lambda w, values, keys, mask: _read(w, values).mean(axis=1, keepdims=True)
    ),
    "the context is divided by the number of positions: the weights sum to 1 already": _attending(
        read=lambda w, values, keys, mask: _read(w, values) / w.shape[-1]
    ),
    "the weights are transposed before the values are read: row t of the weights is query t's": _attending(
        read=lambda w, values, keys, mask: _read(w.transpose(0, 2, 1), values)
    ),
    "the value with the largest weight is taken: the context is the mean by all weights": _attending(
        read=lambda w, values, keys, mask: _read((w == w.max(axis=-1, keepdims=True)) * 1.0, values)
    ),
    "context and weights are exchanged: the context comes first": _turned(_attention, (1, 0)),
    "the mask plays no part": _attending(hide=lambda a, mask: a),
    "the mask is the wrong way round: False is padding": _attending(hide=lambda a, mask: _hide(a, ~mask)),
    "the mask is the wrong way round: something is subtracted where it is True": _attending(hide=lambda a, mask: a - 1e9 * mask[:, None]),
    "keys at padding are set to 0: their scores are still there": lambda queries, keys, values, mask, v=None: (
        _attention(queries, keys * mask[..., None], values, mask | True, v)
    ),
    "keys and values at padding are set to 0: their scores are still there": lambda queries, keys, values, mask, v=None: (
        _attention(queries, keys * mask[..., None], values * mask[..., None], mask | True, v)
    ),
    "the mask of the first sequence is used for all": _attending(hide=lambda a, mask: _hide(a, np.broadcast_to(mask[0], mask.shape))),
    "scores at padding are set to 0 once the largest has been subtracted, and 0 is the largest then: mask first": _attending(
        hide=lambda a, mask: (a - a.max(axis=-1, keepdims=True)) * mask[:, None]
    ),
    "the context is divided by the number of real positions: the weights sum to 1 already": lambda queries, keys, values, mask, v=None: (
        _attention(queries, keys, values, mask, v)[0] / mask.sum(axis=1)[:, None, None], _attention(queries, keys, values, mask, v)[1]
    ),
    "padding is taken to be at the end: the mask says where it is": lambda queries, keys, values, mask, v=None: (
        _attention(queries, keys, values, np.arange(mask.shape[1]) < mask.sum(axis=1)[:, None], v)
    ),
    "scores at padding are set to 0, and exp(0) is 1: -np.inf takes them out": _attending(hide=lambda a, mask: a * mask[:, None]),
    "weights at padding are set to 0 after the softmax: the others no longer sum to 1": _attending(
        hide=lambda a, mask: a, late=lambda w, mask: w * mask[:, None]
    ),
    "the values at padding are set to 0, but their weights are not": _attending(
        hide=lambda a, mask: a, read=lambda w, values, keys, mask: _read(w * mask[:, None], values)
    ),
    "the mask lies on the wrong axes: mask[:, None] gives it an axis for the target": _attending(
        hide=lambda a, mask: np.where(mask, a, -np.inf)
    ),
    "the mask lies on the target: mask[:, None] puts it on the source, mask[:, :, None] does not": _attending(
        hide=lambda a, mask: np.where(mask[:, :, None], a, -np.inf)
    ),
    **{
        f"scores at padding become {size:g}, which leaves them a weight: -np.inf makes it exactly 0": _attending(
            hide=lambda a, mask, size=size: np.where(mask[:, None], a, size)
        )
        for size in (-1, -10)
    },
    **{
        f"{size:g} is added to the scores at padding, which leaves them a weight: -np.inf makes it exactly 0": _attending(
            hide=lambda a, mask, size=size: a + np.where(mask[:, None], 0.0, size)
        )
        for size in (-1, -10)
    },
    "with v the mask plays no part: padding is left out there, too": lambda queries, keys, values, mask, v=None: (
        _attention(queries, keys, values, mask if v is None else mask | True, v)
    ),
    "without v the mask plays no part: padding is left out there, too": lambda queries, keys, values, mask, v=None: (
        _attention(queries, keys, values, mask | (v is None), v)
    ),
    "a v of nothing but zeros is taken for none: `if v is None` asks whether there is one": lambda queries, keys, values, mask, v=None: (
        _attention(queries, keys, values, mask, v if v is not None and v.any() else None)
    ),
    "with v the scores have source and target exchanged: queries[:, :, None] + keys[:, None] has a row for each query": _attending(
        score=lambda q, k, v: _score(q, k, v) if v is None else _score(q, k, v).transpose(0, 2, 1)
    ),
    "v multiplies the query alone, inside tanh: tanh first, then the sum with v": _additive(lambda q, k, v: np.tanh(v * q + k).sum(axis=-1)),
    "v multiplies the key alone, inside tanh: tanh first, then the sum with v": _additive(lambda q, k, v: np.tanh(q + v * k).sum(axis=-1)),
    "the sum of v multiplies the sum of the tanh: each v[d] multiplies its own": _additive(lambda q, k, v: np.tanh(q + k).sum(axis=-1) * v.sum()),
    "v is not used: with v the score is additive": lambda queries, keys, values, mask, v: _attention(queries, keys, values, mask, None),
    "tanh is missing: the score is the sum of v[d] * tanh(q[d] + k[d])": _additive(lambda q, k, v: ((q + k) * v).sum(axis=-1)),
    "v is missing: tanh(q[d] + k[d]) is multiplied by v[d] before the sum": _additive(lambda q, k, v: np.tanh(q + k).sum(axis=-1)),
    "the mean over d in place of the sum": _additive(lambda q, k, v: (np.tanh(q + k) * v).mean(axis=-1)),
    "tanh of the query and tanh of the key are added: add first, then tanh": _additive(
        lambda q, k, v: ((np.tanh(q) + np.tanh(k)) * v).sum(axis=-1)
    ),
    "query and key are multiplied inside tanh: they are added": _additive(lambda q, k, v: (np.tanh(q * k) * v).sum(axis=-1)),
    "the key is subtracted inside tanh: it is added": _additive(lambda q, k, v: (np.tanh(q - k) * v).sum(axis=-1)),
    "v stands inside tanh: tanh first, then the sum with v": _additive(lambda q, k, v: np.tanh((q + k) * v).sum(axis=-1)),
    "tanh stands outside of the sum: tanh first, then the sum with v": _additive(lambda q, k, v: np.tanh(((q + k) * v).sum(axis=-1))),
    "each query meets the key of its own position alone: queries[:, :, None] + keys[:, None] pairs them all": _attending(
        score=lambda q, k, v: _score(q, k, v) if v is None else np.tanh(q + k) @ v
    ),
    "tanh of the dot product: with v the score is additive": _attending(
        score=lambda q, k, v: _score(q, k, v) if v is None else np.tanh(_score(q, k, None))
    ),
    "tanh of the sum over d: tanh first, then the sum with v": _additive(lambda q, k, v: np.tanh((q + k).sum(axis=-1))),
    "sigmoid in place of tanh": _additive(lambda q, k, v: (v / (1 + np.exp(-q - k))).sum(axis=-1)),
    "relu in place of tanh": _additive(lambda q, k, v: (v * np.maximum(q + k, 0)).sum(axis=-1)),
    "the dot product weighted by v: with v the score is additive": _additive(lambda q, k, v: (q * k * v).sum(axis=-1)),
    "the dot product is added to the additive score": _additive(lambda q, k, v: (np.tanh(q + k) * v + q * k).sum(axis=-1)),
    "the additive score is divided by the root of size": _additive(
        lambda q, k, v: (np.tanh(q + k) * v).sum(axis=-1) / np.sqrt(q.shape[-1])
    ),
}


def _odds(scores, shift):
    """Softmax with something else subtracted than each row's largest score."""
    odds = np.exp(scores - shift)
    return odds / odds.sum(axis=-1, keepdims=True)


def _shifted_before_the_mask(queries, keys, values, mask, v=None):
    scores = _score(queries, keys, v)
    weights = _softmax_of_odds(np.where(mask[:, None], np.exp(scores - scores.max(axis=-1, keepdims=True)), 0.0))
    return _read(weights, values), weights


def _softmax_of_odds(odds):
    return odds / odds.sum(axis=-1, keepdims=True)


LARGE_MISTAKES = {
    "with v no largest score is subtracted: sums with large v are large, too": lambda queries, keys, values, mask, v=None: (
        _attention(queries, keys, values, mask) if v is None else _attending(normalise=lambda a: _odds(a, 0.0))(queries, keys, values, mask, v)
    ),
    "without v no largest score is subtracted, and exp of a large one overflows": lambda queries, keys, values, mask, v=None: (
        _attention(queries, keys, values, mask, v) if v is not None else _attending(normalise=lambda a: _odds(a, 0.0))(queries, keys, values, mask)
    ),
    "exp of a large score overflows, and 0 times infinity is nan: mask the scores, and subtract each row's largest first": _attending(
        hide=lambda a, mask: a, normalise=np.exp, late=lambda w, mask: _softmax_of_odds(w * mask[:, None])
    ),
    "the largest score counts as 0 where all are negative, as with initial=0, and exp of a whole row becomes 0": _attending(
        normalise=lambda a: _odds(a, a.max(axis=-1, keepdims=True, initial=0.0))
    ),
    "the largest size of a score is subtracted, and where that is a negative one exp of a whole row becomes 0: subtract the largest score": _attending(
        hide=lambda a, mask: _hide(a - np.abs(a).max(axis=-1, keepdims=True), mask), normalise=lambda a: _odds(a, 0.0)
    ),
    "the largest size of a real score is subtracted, and where that is a negative one exp of a whole row becomes 0: subtract the largest score": _attending(
        hide=lambda a, mask: _hide(a - np.where(mask[:, None], np.abs(a), 0).max(axis=-1, keepdims=True), mask), normalise=lambda a: _odds(a, 0.0)
    ),
    "scores at padding become a finite number, or get one added, and others may be smaller still: -np.inf is smaller than all": _attending(
        hide=lambda a, mask: np.where(mask[:, None], a, -1e6)
    ),
    "exp of a large score overflows, or all of a row become 0: subtract each row's largest score first": _attending(
        normalise=lambda a: _odds(a, 0.0)
    ),
    "the largest score of the whole array is subtracted, and exp of a whole row becomes 0: subtract each row's own": _attending(
        normalise=lambda a: _odds(a, a.max())
    ),
    "nan is replaced by a number: exp of a large score overflows, so subtract each row's largest score first": _attending(
        normalise=lambda a: np.nan_to_num(_odds(a, 0.0))
    ),
    "the largest score of the whole array, padding too, is subtracted, and exp of a whole row becomes 0: mask first, and subtract each row's own": _attending(
        hide=lambda a, mask: a, normalise=lambda a: np.exp(a - a.max()), late=lambda w, mask: _softmax_of_odds(w * mask[:, None])
    ),
    "the largest score of each sequence is subtracted, and exp of a whole row becomes 0: subtract each row's own": _attending(
        normalise=lambda a: _odds(a, a.max(axis=(1, 2), keepdims=True))
    ),
    "the softmax takes in the padding before that is left out, and where its scores are large nothing remains for the others: mask the scores first": _shifted_before_the_mask,
    **{
        f"scores at padding become {size:g}, and others may be as small: -np.inf is smaller than all": _attending(
            hide=lambda a, mask, size=size: np.where(mask[:, None], a, size)
        )
        for size in (-1000, -1e4)
    },
    **{
        f"{size:g} is added to the scores at padding, and others may be smaller still: -np.inf is smaller than all": _attending(
            hide=lambda a, mask, size=size: a + np.where(mask[:, None], 0.0, size)
        )
        for size in (-1000, -1e4)
    },
    "the scores are clipped: large ones become equal": _attending(score=lambda q, k, v: np.clip(_score(q, k, v), -500, 500)),
}


# ---- agreement


def _agreement_case(rng, target, source, counts):
    """Weights, and for each symbol as many positions as `counts` says in turn; the last position is among them."""
    weights = _softmax(rng.normal(0, 1.5, (target, source)))
    alignment = [[int(i) for i in rng.permutation(source)[: counts[row % len(counts)]]] for row in range(target)]
    if all(source - 1 not in positions for positions in alignment):
        next(filter(None, alignment))[0] = source - 1
    return weights, alignment


def _agree(check, criterion, case, what=""):
    check.expect(criterion, case, _agreement(*case), AGREEMENT_MISTAKES, FORM, what)


def _agreement(weights, alignment):
    """Weights where a table of zeros and ones has ones."""
    right = np.array([[j in positions for j in range(weights.shape[1])] for positions in alignment])
    return float((weights * right).sum() / right.any(axis=1).sum())


def _shares(weights, alignment, of=lambda row: row.sum()):
    return [of(row[positions]) for row, positions in zip(weights, alignment) if positions]


def _of_each(of):
    """The mean of something else than the sum of a symbol's weights."""
    return lambda weights, alignment: float(np.mean(_shares(weights, alignment, of)))


AGREEMENT_MISTAKES = {
    "weights[alignment] takes whole rows, but the positions are columns: go through weights and alignment row by row, with zip": lambda w, a: (
        float(np.mean(w[a]))
    ),
    "weights[positions] takes whole rows, but the positions are columns: row i, its columns `positions`": lambda w, a: (
        float(np.mean([w[p].sum() for p in a if p]))
    ),
    "a symbol that translates nothing is counted as 0: it does not count at all": lambda w, a: sum(_shares(w, a)) / len(a),
    "a symbol that translates nothing is counted as 1: it does not count at all": lambda w, a: (
        (sum(_shares(w, a)) + sum(not p for p in a)) / len(a)
    ),
    "the mean of a symbol's weights: they count together, so add them": _of_each(np.mean),
    "the largest of a symbol's weights: they count together, so add them": _of_each(np.max),
    "only the first position of each symbol counts": _of_each(lambda row: row[0]),
    "only the last position of each symbol counts": _of_each(lambda row: row[-1]),
    "the largest of the symbols: their mean is asked": lambda w, a: np.max(_shares(w, a)),
    "the least of the symbols: their mean is asked": lambda w, a: np.min(_shares(w, a)),
    "the geometric mean of the symbols: their plain mean is asked": lambda w, a: np.exp(np.mean(np.log(_shares(w, a)))),
    "position 0 is taken for none, as by any(positions): ask whether the list is empty": lambda w, a: (
        np.mean(_shares(w, [p if any(p) else [] for p in a]))
    ),
    "position 0 is left out: `if position` is false for it, which is a position as any other": lambda w, a: (
        np.mean([w[i, [j for j in p if j]].sum() for i, p in enumerate(a) if p])
    ),
    "a slice from a symbol's first listed position up to its last, without it: index with the list itself": lambda w, a: (
        np.mean([w[i, p[0] : p[-1]].sum() for i, p in enumerate(a) if p])
    ),
    "a slice from a symbol's first listed position to its last: index with the list itself": lambda w, a: (
        np.mean([w[i, p[0] : p[-1] + 1].sum() for i, p in enumerate(a) if p])
    ),
    "symbols with equal entries in `alignment` share the row of the first, as with .index: each has its own": lambda w, a: (
        np.mean(_shares([w[a.index(p)] for p in a], a))
    ),
    "symbols with equal entries in `alignment` are counted once, as keys of a dict: each counts": lambda w, a: (
        np.mean(list({tuple(p): row[p].sum() for row, p in zip(w, a) if p}.values()))
    ),
    "the search ends at the first symbol that translates nothing, as by break: others come after it": lambda w, a: (
        np.mean(_shares(w, list(itertools.takewhile(bool, a))))
    ),
    "symbols without any weight in the right place are left out: they count as 0": lambda w, a: np.mean([share for share in _shares(w, a) if share]),
    "the sum of a symbol's weights is divided by the number of source positions: the weights count together": lambda w, a: (
        np.mean(_shares(w, a)) / w.shape[1]
    ),
    "all pairs of symbol and position are averaged: divide by the number of symbols": lambda w, a: (
        np.mean([w[i, j] for i, p in enumerate(a) for j in p])
    ),
    "the weights are multiplied: they count together, so add them": _of_each(np.prod),
    "the sum over the symbols: their mean is asked": lambda w, a: float(sum(_shares(w, a))),
    "the weights elsewhere: those on the right positions are asked": lambda w, a: 1 - np.mean(_shares(w, a)),
    "target and source are exchanged: row i of the weights belongs to target symbol i": lambda w, a: float(np.mean(_shares(w.T, a))),
    "the largest weight decides alone: how much of the weight falls there is asked": lambda w, a: (
        np.mean([int(r.argmax()) in p for r, p in zip(w, a) if p])
    ),
    "weights above a half count as 1, others as 0: how much of the weight falls there is asked": _of_each(lambda row: row.sum() > 0.5),
    "symbols that translate nothing are left out of the alignment but not of the weights: the rows no longer belong together": lambda w, a: (
        np.mean(_shares(w, [p for p in a if p]))
    ),
    "the diagonal is taken: `alignment` says where the right positions are": lambda w, a: (
        np.mean([w[i, min(i, w.shape[1] - 1)] for i in range(len(w))])
    ),
    "the least of a symbol's weights: they count together, so add them": _of_each(np.min),
    "all weights between a symbol's first and last position count: only those on its positions": lambda w, a: (
        np.mean([w[i, min(p) : max(p) + 1].sum() for i, p in enumerate(a) if p])
    ),
    "whole columns of the weights are read: those of the symbol's own row are asked": lambda w, a: (
        np.mean([w[:, p].sum(axis=1).mean() for p in a if p])
    ),
    "percent: a fraction is asked for": lambda w, a: 100 * np.mean(_shares(w, a)),
    "the largest weight of each symbol counts, wherever it is: that on the right positions": lambda w, a: (
        np.mean([r.max() for r, p in zip(w, a) if p])
    ),
    "the largest weight decides alone, and it must be on the first position: how much of the weight falls on all of them is asked": lambda w, a: (
        np.mean([int(r.argmax()) == p[0] for r, p in zip(w, a) if p])
    ),
    "the first symbol is left out": lambda w, a: np.mean(_shares(w[1:], a[1:])),
    "the last symbol is left out": lambda w, a: np.mean(_shares(w[:-1], a[:-1])),
    "the median of the symbols: their mean is asked": lambda w, a: np.median(_shares(w, a)),
    "the logarithm: the weights themselves are asked": lambda w, a: -np.mean(np.log(_shares(w, a))),
    "this is what uniform attention would score: the weights are not used": lambda w, a: np.mean([len(p) / w.shape[1] for p in a if p]),
    "a symbol that translates nothing counts as nan: it does not count at all": lambda w, a: (
        np.mean([w[i, p].sum() if p else np.nan for i, p in enumerate(a)])
    ),
    "the sum is divided by the number of source positions: divide by the number of symbols that count": lambda w, a: (
        sum(_shares(w, a)) / w.shape[1]
    ),
    "the largest weight decides alone, and symbols that translate nothing count as wrong: how much of the weight falls there is asked": lambda w, a: (
        np.mean([int(r.argmax()) in p for r, p in zip(w, a)])
    ),
    "the positions are counted from 1: they begin with 0": lambda w, a: (
        np.mean([w[i, [j - 1 for j in p]].sum() for i, p in enumerate(a) if p])
    ),
    "only the first symbol is looked at: does `return` stand inside the loop?": lambda w, a: _shares(w, a)[0],
    "only the last symbol is looked at": lambda w, a: _shares(w, a)[-1],
    "symbols with several positions are weighted by their number": lambda w, a: (
        sum(s * len(p) for s, p in zip(_shares(w, a), filter(None, a))) / sum(map(len, a))
    ),
    "the mean of nothing is nan: a symbol that translates nothing does not count": lambda w, a: (
        np.mean([w[i, p].mean() for i, p in enumerate(a)])
    ),
    "symbols with several positions do not count": lambda w, a: np.mean(_shares(w, [p if len(p) == 1 else [] for p in a])),
}


# ---- attention_backward


def _backward_case(rng, batch, target, source, size, value_size, padded):
    queries, keys, values, mask, _ = _attention_case(rng, batch, target, source, size, value_size)
    mask[:, [0, -1]] = True  # with a single real position the gradients of its score are 0, and rounding would look like an error
    mask = mask if padded else mask | True
    return rng.normal(0, 1, (batch, target, value_size)), queries, keys, values, _attention(queries, keys, values, mask)[1]


def _backward(d_context, queries, keys, values, weights):
    """Query by query, with the whole Jacobian of its softmax, diag(w) - w w^T."""
    d_queries, d_keys, d_values = np.zeros_like(queries), np.zeros_like(keys), np.zeros_like(values)
    for b, t in np.ndindex(queries.shape[:2]):
        w = weights[b, t]
        d_scores = (np.diag(w) - np.outer(w, w)) @ (values[b] @ d_context[b, t])
        d_queries[b, t] = d_scores @ keys[b]
        d_keys[b] += np.outer(d_scores, queries[b, t])
        d_values[b] += np.outer(w, d_context[b, t])
    return d_queries, d_keys, d_values


def _not_zero(weights):
    """Whether a gradient at padding is not exactly 0."""
    padding = (weights == 0).all(axis=1)

    def problem(label, got):
        rest = np.abs(got[padding]).max(initial=0.0) if label != "d_queries" else 0.0
        return (f"{label}: at padding there is {rest:.1g}, expected exactly 0",) if rest else ()

    return problem


def _d_scores(d_context, queries, keys, values, weights):
    d_weights = np.einsum("btv,bsv->bts", d_context, values)
    return weights * (d_weights - _weighted_mean(weights, d_weights))


def _weighted_mean(w, d):
    return (w * d).sum(axis=-1, keepdims=True)


def _going_back(d_weights=lambda d, values: np.einsum("btv,bsv->bts", d, values), d_scores=lambda w, d: w * (d - _weighted_mean(w, d)), **others):
    """The backward pass with one thing done in another way; `others` are `d_queries`, `d_keys`, `d_values`."""
    d_queries = others.get("d_queries", lambda s, queries, keys: np.einsum("bts,bsd->btd", s, keys))
    d_keys = others.get("d_keys", lambda s, queries, keys: np.einsum("bts,btd->bsd", s, queries))
    d_values = others.get("d_values", lambda w, d, s: np.einsum("bts,btv->bsv", w, d))

    def mistake(d_context, queries, keys, values, weights):
        s = d_scores(weights, d_weights(d_context, values))
        return d_queries(s, queries, keys), d_keys(s, queries, keys), d_values(weights, d_context, s)

    return mistake


_through = _going_back()


BACKWARD_MISTAKES = {
    "the softmax is not gone back through: the gradient of the weights is taken for that of the scores": _going_back(
        d_scores=lambda w, d: d
    ),
    "the softmax is not gone back through, but for the padding": _going_back(d_scores=lambda w, d: np.where(w > 0, d, 0)),
    "the weights are worked out anew without the mask: those that are given have it": lambda d, q, k, v, w: (
        _through(d, q, k, v, _softmax(_score(q, k, None)))
    ),
    "the sum of d_weights is taken without the weights: weights * sum(weights * d_weights) is subtracted": _going_back(
        d_scores=lambda w, d: w * d - w * w * d.sum(axis=-1, keepdims=True)
    ),
    "the softmax's Jacobian has its diagonal only: each weight depends on every score, so their weighted mean is subtracted": _going_back(
        d_scores=lambda w, d: w * (1 - w) * d
    ),
    "the weighted mean is not subtracted: weights * (d_weights - sum(weights * d_weights))": _going_back(d_scores=lambda w, d: w * d),
    "the plain mean is subtracted: it is weighted by the weights": _going_back(
        d_scores=lambda w, d: w * (d - d.mean(axis=-1, keepdims=True))
    ),
    "the plain sum is subtracted: it is weighted by the weights": _going_back(
        d_scores=lambda w, d: w * (d - d.sum(axis=-1, keepdims=True))
    ),
    "the weighted mean is subtracted outside of the brackets: the weights multiply it, too": _going_back(
        d_scores=lambda w, d: w * d - _weighted_mean(w, d)
    ),
    "the weights in front are missing: weights * (d_weights - sum(weights * d_weights))": _going_back(
        d_scores=lambda w, d: d - _weighted_mean(w, d)
    ),
    "the weighted mean is added: it is subtracted": _going_back(d_scores=lambda w, d: w * (d + _weighted_mean(w, d))),
    "the weighted mean runs over the target: it runs over the source": _going_back(
        d_scores=lambda w, d: w * (d - (w * d).sum(axis=1, keepdims=True))
    ),
    "the weighted mean runs over target and source: each query has its own": _going_back(
        d_scores=lambda w, d: w * (d - (w * d).sum(axis=(1, 2), keepdims=True))
    ),
    "the weighted means of the first sequence are used for all": _going_back(d_scores=lambda w, d: w * (d - _weighted_mean(w, d)[:1])),
    "the gradient of the scores is divided by the batch: the loss adds up over it": lambda *case: (
        *(part / len(part) for part in _through(*case)[:2]), _through(*case)[2]
    ),
    "the values are used in d_queries, where keys belong": lambda d, q, k, v, w: (_d_scores(d, q, k, v, w) @ v, *_through(d, q, k, v, w)[1:]),
    "the gradient of the weights is used in d_queries, where that of the scores belongs": lambda d, q, k, v, w: (
        np.einsum("btv,bsv->bts", d, v) @ k, *_through(d, q, k, v, w)[1:]
    ),
    "the gradient of the weights is used in d_keys, where that of the scores belongs": lambda d, q, k, v, w: (
        _through(d, q, k, v, w)[0], np.einsum("btv,bsv,btd->bsd", d, v, q), _through(d, q, k, v, w)[2]
    ),
    **{
        f"np.dot pairs each sequence with all others in {name}: @ keeps to its own": _going_back(**{name: product})
        for name, product in {
            "d_queries": lambda s, queries, keys: np.dot(s, keys), "d_keys": lambda s, queries, keys: np.dot(s.transpose(0, 2, 1), queries),
            "d_values": lambda w, d, s: np.dot(w.transpose(0, 2, 1), d),
        }.items()
    },
    "d_values has its axes exchanged: it has a row for each value": _going_back(d_values=lambda w, d, s: d.transpose(0, 2, 1) @ w),
    "the keys of the first sequence are used for all in d_queries": _going_back(d_queries=lambda s, queries, keys: s @ keys[0]),
    "the queries of the first sequence are used for all in d_keys": _going_back(d_keys=lambda s, queries, keys: s.transpose(0, 2, 1) @ queries[0]),
    "the gradients are clipped at 1: they come back as they are": lambda *case: tuple(np.clip(part, -1, 1) for part in _through(*case)),
    "the weighted mean runs over the whole array: each query has its own": _going_back(d_scores=lambda w, d: w * (d - (w * d).sum())),
    "keepdims=True is missing: the sum of query t belongs to row t": _going_back(d_scores=lambda w, d: w * (d - (w * d).sum(axis=-1))),
    "the mean of weights * d_weights: the weights sum to 1, so it is their sum": _going_back(
        d_scores=lambda w, d: w * (d - (w * d).mean(axis=-1, keepdims=True))
    ),
    "the softmax is gone back through twice": _going_back(
        d_scores=lambda w, d: w * ((s := w * (d - _weighted_mean(w, d))) - _weighted_mean(w, s))
    ),
    "the softmax's Jacobian lacks its diagonal: weights * (d_weights - sum(weights * d_weights))": _going_back(
        d_scores=lambda w, d: -w * _weighted_mean(w, d)
    ),
    "the mean of the weights is subtracted: it is the mean of d_weights by the weights": _going_back(
        d_scores=lambda w, d: w * (d - w.mean(axis=-1, keepdims=True))
    ),
    "the sum of the weights is subtracted: it is the mean of d_weights by the weights": _going_back(
        d_scores=lambda w, d: w * (d - w.sum(axis=-1, keepdims=True))
    ),
    "the largest is subtracted, as in the forward pass: it is the mean of d_weights by the weights": _going_back(
        d_scores=lambda w, d: w * (d - d.max(axis=-1, keepdims=True))
    ),
    "the weights go through a softmax again: they are one already": _going_back(
        d_scores=lambda w, d: _softmax(w) * (d - _weighted_mean(_softmax(w), d))
    ),
    "the weighted mean runs over the batch: it runs over the source": _going_back(
        d_scores=lambda w, d: w * (d - (w * d).sum(axis=0, keepdims=True))
    ),
    "d_weights is multiplied by the weights before the softmax's Jacobian is": _going_back(
        d_scores=lambda w, d: w * (w * d - _weighted_mean(w, w * d))
    ),
    "keys are used where values belong, on the way from d_context to the weights": lambda d, q, k, v, w: (
        (s := w * ((d_weights := np.einsum("btd,bsd->bts", d, k)) - _weighted_mean(w, d_weights))) @ k, np.einsum("bts,btd->bsd", s, q), _through(d, q, k, v, w)[2]
    ),
    "only the last query's part is in d_values: they add up": _going_back(
        d_values=lambda w, d, s: np.einsum("bts,btv->bsv", w[:, -1:], d[:, -1:])
    ),
    "only the last query's part is in d_keys: they add up": _going_back(
        d_keys=lambda s, queries, keys: np.einsum("bts,btd->bsd", s[:, -1:], queries[:, -1:])
    ),
    "the mean over the source in d_queries: they add up": _going_back(
        d_queries=lambda s, queries, keys: np.einsum("bts,bsd->btd", s, keys) / s.shape[2]
    ),
    "d_queries is divided by the root of size: here the dot product is not scaled": _going_back(
        d_queries=lambda s, queries, keys: np.einsum("bts,bsd->btd", s, keys) / np.sqrt(keys.shape[-1])
    ),
    "weights.T turns round all three axes: transpose(0, 2, 1) leaves the batch where it is": _going_back(d_values=lambda w, d, s: w.T @ d),
    "d_scores.T turns round all three axes: transpose(0, 2, 1) leaves the batch where it is": _going_back(
        d_keys=lambda s, queries, keys: s.T @ queries
    ),
    "d_context itself comes back for d_values: each value takes part by its weight": _going_back(d_values=lambda w, d, s: d),
    "the derivative of tanh or of the sigmoid: a softmax has a Jacobian": _going_back(d_scores=lambda w, d: (1 - w**2) * d),
    "the weights enter squared": _going_back(d_scores=lambda w, d: w * w * (d - _weighted_mean(w, d))),
    "the sign of the gradient of the scores": _going_back(d_scores=lambda w, d: -w * (d - _weighted_mean(w, d))),
    "the scores are taken as scaled by the root of size: here the dot product is not scaled": lambda d, q, k, v, w: (
        *(part / np.sqrt(q.shape[-1]) for part in _through(d, q, k, v, w)[:2]), _through(d, q, k, v, w)[2]
    ),
    "values are not transposed on the way to the weights": _going_back(d_weights=lambda d, values: d @ values),
    "d_context is taken for the gradient of the weights: each weight multiplies its value": _going_back(d_weights=lambda d, values: d),
    "the weights are not transposed in d_values: value s collects from all queries": _going_back(d_values=lambda w, d, s: w @ d),
    "d_values is divided by the batch: the loss adds up over it": lambda *case: (*_through(*case)[:2], _through(*case)[2] / len(case[0])),
    "d_values is made of d_weights: a value's gradient is the context's, by its weight": lambda d, q, k, v, w: (
        *_through(d, q, k, v, w)[:2], np.einsum("bts,btv->bsv", np.einsum("btv,bsv->bts", d, v), d)
    ),
    "d_values without the weights: each value takes part by its weight": _going_back(
        d_values=lambda w, d, s: np.einsum("bts,btv->bsv", np.ones_like(w), d)
    ),
    "the gradient of the scores in place of the weights in d_values": _going_back(d_values=lambda w, d, s: np.einsum("bts,btv->bsv", s, d)),
    "the mean over the queries in d_values: they add up": _going_back(
        d_values=lambda w, d, s: np.einsum("bts,btv->bsv", w, d) / w.shape[1]
    ),
    "the gradient of the scores is not transposed in d_keys: key s collects from all queries": _going_back(
        d_keys=lambda s, queries, keys: s @ queries
    ),
    "the gradient of the scores is reshaped in d_keys, and its numbers get mixed up: transpose(0, 2, 1) exchanges the axes": _going_back(
        d_keys=lambda s, queries, keys: s.reshape(len(s), s.shape[2], -1) @ queries
    ),
    "the weights are reshaped in d_values, and their numbers get mixed up: transpose(0, 2, 1) exchanges the axes": _going_back(
        d_values=lambda w, d, s: w.reshape(len(w), w.shape[2], -1) @ d
    ),
    "the gradient of the scores is transposed in d_queries: row t of it belongs to query t": _going_back(
        d_queries=lambda s, queries, keys: s.transpose(0, 2, 1) @ keys
    ),
    "queries are used in d_queries, where keys belong": _going_back(d_queries=lambda s, queries, keys: s @ queries),
    "keys are used in d_keys, where queries belong": _going_back(d_keys=lambda s, queries, keys: s.transpose(0, 2, 1) @ keys),
    "the mean over the queries in d_keys: they add up": _going_back(
        d_keys=lambda s, queries, keys: np.einsum("bts,btd->bsd", s, queries) / s.shape[1]
    ),
    "the weights are used in d_queries, where the gradient of the scores belongs": lambda d, q, k, v, w: (
        np.einsum("bts,bsd->btd", w, k), *_through(d, q, k, v, w)[1:]
    ),
    "the weights are used in d_keys, where the gradient of the scores belongs": lambda d, q, k, v, w: (
        _through(d, q, k, v, w)[0], np.einsum("bts,btd->bsd", w, q), _through(d, q, k, v, w)[2]
    ),
    "d_queries and d_keys are exchanged": _turned(_through, (1, 0, 2)),
    "d_values comes first: the order is d_queries, d_keys, d_values": _turned(_through, (2, 0, 1)),
    "the three gradients come in reverse order: d_queries, d_keys, d_values": _turned(_through, (2, 1, 0)),
    "the gradients are averaged over the batch": lambda *case: tuple(part / len(part) for part in _through(*case)),
    "the gradients are summed over the batch": lambda *case: tuple(part.sum(axis=0) for part in _through(*case)),
    "the sign of all three gradients": lambda *case: tuple(-part for part in _through(*case)),
    "the context's gradient is not used: ones take its place": lambda d, *rest: _through(np.ones_like(d), *rest),
}


# ---- beam_search


def _table(rng, symbols, spread=1.5):
    """Log-probabilities of the next symbol after each symbol."""
    return np.log(_softmax(rng.normal(0, spread, (symbols, symbols))))


def _best(sums, alpha):
    """The first of the complete sequences, given with their sums, by the rules of the exercise."""
    if not sums:
        return [], -np.inf
    best = min(sums, key=lambda s: (-sums[s] / len(s) ** alpha, len(s), s))
    return list(best), float(sums[best])


@functools.lru_cache(maxsize=2**14)
def _remembered(search, numbers, size, *rest):
    return search(np.frombuffer(numbers).reshape(size, size), *rest)


def _once(search):
    """Decorator: the search is made once for each case, as many mistakes are looked for in many cases, again and again."""

    @functools.wraps(search)
    def remembers(table, *rest):
        sequence, total = _remembered(search, table.tobytes(), len(table), *rest)
        return list(sequence), total

    return remembers


@_once
def _found(table, start, end, width, longest, alpha):
    """All that can be reached in a step is one dict of sums; the likeliest of its sequences survive."""
    rows, alive, complete = table.tolist(), {(): 0.0}, {}
    for _ in range(longest):
        reached = {(*s, j): total + p for s, total in alive.items() for j, p in enumerate(rows[s[-1] if s else start]) if p > -np.inf}
        kept = sorted(reached, key=lambda s: (-reached[s], s))[:width]
        complete |= {s: reached[s] for s in kept if s[-1] == end}
        alive = {s: reached[s] for s in kept if s[-1] != end}
    return _best(complete, alpha)


def _enumerated(table, start, end, width, longest, alpha):
    """All sequences that there are: what a beam must find that prunes none of them."""
    inner = [symbol for symbol in range(len(table)) if symbol != end]
    complete = [(*s, end) for length in range(longest) for s in itertools.product(inner, repeat=length)]
    sums = {s: sum(table[i, j] for i, j in itertools.pairwise((start, *s))) for s in complete}
    return _best({s: total for s, total in sums.items() if total > -np.inf}, alpha)


def _beam_case(check, criterion, case, what="", truth=None):
    _judge(check, case, truth or _found(*case), FOUND, {criterion: FOUND}, BEAM_MISTAKES, what)


def _apart(rng, symbols, width, longest, alpha, flaws, places=""):
    """A case in which these flaws give another sequence than the right search, which gives one of some length."""
    for _ in range(400):
        start, end = map(int, rng.permutation(symbols)[:2])
        if places:
            start, end = (symbols - 1, symbols - 2) if places == "start last" else (symbols - 2, symbols - 1)
        case = _table(rng, symbols), start, end, width, longest, alpha
        sequence, _ = _found(*case)
        # other orders of the same steps have the same sum: none of them may decide, as rounding would decide then
        if len(sequence) > 1 and all(_searching(flaw)(*case)[0] != sequence for flaw in flaws) and _searching("larger symbols first")(*case)[0] == sequence:
            break
    return case


def _unpruned(rng, symbols, longest, alpha, flaws):
    """A case that prunes nothing and never goes on after `end`; the right search and each of the flaws give sequences of their own."""
    for _ in range(400):
        start, end = map(int, rng.permutation(symbols)[:2])
        table = _table(rng, symbols)
        table[end] = -np.inf
        case = table, start, end, symbols**longest, longest, alpha
        found = [_found(*case)[0], *(_searching(flaw)(*case)[0] for flaw in flaws)]
        if all(a != b for a, b in itertools.combinations(found, 2)):
            break
    return case


def _layered(rng, layers, each, width, flaws):
    """A case in which every complete sequence takes one symbol of each layer; each of these flaws gives a sequence of its own."""
    symbols = layers * each + 2
    for _ in range(400):
        names = rng.permutation(symbols)
        start, end, rest = int(names[0]), int(names[1]), names[2:].reshape(layers, each)
        table = np.full((symbols, symbols), -np.inf)
        for before, after in zip([names[:1], *rest], [*rest, names[1:2]]):
            table[np.ix_(before, after)] = np.log(_softmax(rng.normal(0, 1.0, (len(before), len(after)))))
        table[end, start] = 0.0
        case = table, start, end, width, layers + 3, 0.0
        found = [_found(*case)[0], *(_searching(flaw)(*case)[0] for flaw in flaws)]
        if all(a != b for a, b in itertools.combinations(found, 2)):
            break
    return case


def _ask_equals(check, ask):
    """Cases in which sums are equal to the last digit: they are made of halves and whole numbers."""
    start, end, one, two, three = range(5)
    for names, alpha, steps, what in [
        ((0, 4, 1, 2, 3), 0.0, {(start, one): -1, (start, two): -1, (one, end): -1, (two, end): -1}, "equal sums, equal lengths"),
        ((4, 0, 3, 1, 2), 0.0, {(start, one): -2, (start, two): -1, (two, three): -0.5, (three, end): -0.5, (one, end): 0}, "equal sums, different lengths"),
        ((4, 0, 1, 3, 2), 0.0, {(start, one): -2, (start, two): -1, (two, three): -0.5, (three, end): -0.5, (one, end): 0}, "equal sums, different lengths"),
        ((0, 4, 2, 1, 3), 1.0, {(start, two): -1, (two, three): -1, (three, one): -1, (one, end): -1, (start, one): -1}, "equal quotients, different lengths"),
        ((0, 4, 2, 1, 3), 0.0, {(start, one): -1, (start, two): -2, (one, end): -2, (two, end): -1}, "equal sums, reached in another order"),
        ((0, 4, 2, 1, 3), 0.0, {(start, one): -1, (start, two): -2, (one, three): -2, (two, three): -1, (three, end): -1}, "equal sums, reached in another order"),
        ((1, 0, 4, 3, 2), 0.0, {(start, one): -1, (start, two): -1, (start, three): -1, (one, end): 0, (two, end): 0, (three, end): 0}, "equals in the pruning"),
        ((4, 3, 1, 2, 0), 0.0, {(start, one): -1, (start, two): -1, (one, three): -1, (two, three): -1, (three, end): -1}, "equals that differ in their first symbol"),
    ]:
        for width in (1, 3):
            size = check.sizes(5)
            table = np.full((size, size), -np.inf)
            names = [name + size - 5 for name in names] if width == 1 else names
            for (i, j), log_probability in steps.items():
                table[names[i], names[j]] = log_probability
            ask("care", (table, names[start], names[end], width, check.sizes(6), alpha), what)
    for names, steps, what in [
        ((0, 1, 2, 3, 4, 5, 6), {(0, 2): -1, (0, 3): -1, (2, 6): -1, (2, 5): -2, (3, 4): -2, (5, 1): 0, (4, 1): 0}, "two equals for the last place of the beam"),
        ((6, 5, 0, 1, 2, 3, 4), {(0, 2): -1, (0, 3): -1, (2, 6): -1, (2, 5): -2, (3, 4): -2, (5, 1): 0, (4, 1): 0}, "two equals for the last place of the beam"),
        ((0, 3, 1, 2, 4, 5, 6), {(0, 2): -1, (0, 1): -1, (2, 1): 0}, "two equals, one of which ends"),
        ((0, 1, 2, 3, 4, 5, 6), {(0, 2): -1, (0, 1): -1, (2, 1): 0}, "two equals, one of which ends"),
        ((0, 6, 1, 2, 3, 4, 5), {(0, 2): -1.004, (0, 3): -1.001, (2, 1): 0, (3, 1): 0}, "nearly equal, but not quite"),
    ]:
        size = check.sizes(7)
        table = np.full((size, size), -np.inf)
        names = [name + size - 7 for name in names]
        for (i, j), log_probability in steps.items():
            table[names[i], names[j]] = log_probability
        ask("care", (table, names[0], names[1], 2 if "place" in what else 1, check.sizes(4), 0.0), what)
    size, (start, end, one, two, three) = check.sizes(5), np.array([0, 4, 2, 1, 3]) + check.sizes(5) - 5
    table = np.full((size, size), -np.inf)
    for (i, j), log_probability in {(start, one): -1, (start, two): -2, (one, three): -1, (one, end): -3, (two, end): -2, (three, end): -9}.items():
        table[i, j] = log_probability
    ask("care", (table, int(start), int(end), 2, check.sizes(6), 0.0), "two equals for the last place of the beam")


@functools.lru_cache(maxsize=None)
def _searching(flaw):
    """Beam search with one thing done in another way."""
    if flaw == "greedy":
        return lambda table, start, end, width, longest, alpha: _found(table, start, end, 1, longest, alpha)
    if flaw == "a wider beam":
        return lambda table, start, end, width, longest, alpha: _found(table, start, end, width + 1, longest, alpha)
    if flaw == "a narrower beam":
        return lambda table, start, end, width, longest, alpha: _found(table, start, end, max(1, width - 1), longest, alpha)
    if flaw == "0 for start":
        return lambda table, start, *rest: _found(table, 0, *rest)
    if flaw == "the last for end":
        return lambda table, start, end, *rest: _found(table, start, len(table) - 1, *rest)
    if flaw in ("without symbol 0", "without the last symbol"):
        left_out = 0 if flaw == "without symbol 0" else -1
        return lambda table, *rest: _found(np.where(np.arange(len(table)) == left_out % len(table), -np.inf, table), *rest)
    if flaw == "never start again":
        return lambda table, start, *rest: _found(np.where(np.arange(len(table)) == start, -np.inf, table), start, *rest)
    if flaw in ("one for each last symbol", "no cut"):

        def search_by_symbol(table, start, end, width, longest, alpha):
            """Of all hypotheses that end in the same symbol the best one stands for all; where nothing is cut it is the best of all."""
            alive, complete = {start: (0.0, ())}, []
            for _ in range(longest):
                reached = {}
                for i, (total, sequence) in alive.items():
                    for j in np.flatnonzero(table[i] > -np.inf).tolist():
                        longer = total + table[i, j], (*sequence, j)
                        if j not in reached or (-longer[0], longer[1]) < (-reached[j][0], reached[j][1]):
                            reached[j] = longer
                kept = sorted(reached.values(), key=lambda h: (-h[0], h[1]))[: len(table) if flaw == "no cut" else width]
                complete += [h for h in kept if h[1][-1] == end]
                alive = {h[1][-1]: h for h in kept if h[1][-1] != end}
            return _best({sequence: total for total, sequence in complete}, alpha)

        return _once(search_by_symbol)
    if flaw == "a very unlikely one is lost":
        return lambda *case: (lambda sequence, total: (sequence, total) if total > -100 else ([], -np.inf))(*_found(*case))
    if flaw == "a step too many, cut":
        return lambda table, start, end, width, longest, alpha: (lambda sequence, total: (sequence[:longest], total))(*_found(table, start, end, width, longest + 1, alpha))
    if flaw in ("without any start", "reversed", "0.0"):

        def change(table, start, *rest):
            sequence, total = _found(table, start, *rest)
            if flaw == "0.0":
                return sequence, total if sequence else 0.0
            return sequence[::-1] if flaw == "reversed" else [symbol for symbol in sequence if symbol != start], total

        return change

    def rank(total, sequence, alpha):
        length = len(sequence) - 1 + {"length counts start": 1, "length without end": -1}.get(flaw, 0)
        if flaw in ("no alpha", "the worst"):
            return total if flaw == "no alpha" else -total / length**alpha
        if flaw == "always the mean":
            return total / length
        if flaw == "length without end, at least 1":
            return total / max(length - 1, 1) ** alpha
        if flaw == "a root":
            return total / length ** (1 / alpha) if alpha else total
        if flaw == "alpha is a factor":
            return total / (alpha * length) if alpha else total
        if flaw == "multiplied":
            return total * length**alpha
        if flaw in ("a bonus in logarithms", "a penalty in logarithms"):
            return total + alpha * np.log(length) * (1 if flaw == "a bonus in logarithms" else -1)
        if flaw == "alpha to the length":
            return total / alpha**length if alpha else -np.inf
        if flaw == "alpha to the length, but for 0":
            return total / alpha**length if alpha else total
        if flaw == "the mean times alpha":
            return alpha * total / length
        if flaw in ("the longest", "the shortest"):
            return length if flaw == "the longest" else -length
        if flaw in ("a bonus", "a penalty"):
            return total + alpha * length * (1 if flaw == "a bonus" else -1)
        if flaw == "Wu's penalty":
            return total / ((5 + length) / 6) ** alpha
        return total / max(length, 1e-9) ** alpha

    def search(table, start, end, width, longest, alpha):
        turned = flaw in ("transposed", "transposed, impossible ones")
        prices = {"transposed": table.T, "transposed, impossible ones": table.T, "probabilities are added": np.exp(table)}.get(flaw, table)
        possible = np.ones_like(table) if flaw.endswith("impossible ones") else (table.T if turned else table) > -np.inf
        symbols, room = range(len(table)), width
        sign = {"larger symbols first": -1, "larger symbols survive": -1, "no rule for equals": 0, "any of equals survives": 0}.get(flaw, 1)
        before = {"its last symbol decides": lambda s: s[-1], "complete ones first": lambda s: s[-1] != end, "complete ones last": lambda s: s[-1] == end}.get(flaw, lambda s: 0)

        def order(hypothesis):
            total, sequence = hypothesis
            value = prices[sequence[-2], sequence[-1]] if flaw == "the last step alone" else -total if flaw == "the worst survive" else total
            return -(round(value, 2) if flaw == "rounded" else value), before(sequence), [sign * symbol for symbol in sequence]

        def left_out(sequence, j, step, last):
            return {
                "no symbol twice": j in sequence, "no symbol twice, but start": j in sequence[1:], "no symbol twice in a row": j == sequence[-1],
                "no end at once": step == 0 and j == end, "end alone in the last step": last and j != end,
            }.get(flaw, False)

        hypotheses, complete = [(0.0, [start])], []
        for step in range(longest + {"one step less": -1, "one step more": 1}.get(flaw, 0)):
            extended, groups = [], []
            last = step == longest - 1
            for total, sequence in hypotheses:
                if flaw == "complete ones stay" and sequence[-1] == end and len(sequence) > 1:
                    groups.append([(total, sequence)])
                    continue
                row = start if flaw == "always after start" else sequence[-1]
                steps = [(prices[row, j], j) for j in symbols if possible[row, j] and not left_out(sequence, j, step, last)]
                multiplied = flaw == "logarithms are multiplied" and step or flaw == "multiplied from 0"
                before_it = 0.0 if flaw == "no sum" else total
                groups.append([(total * price if multiplied else before_it + price, [*sequence, j]) for price, j in steps])
            if flaw == "the best of each hypothesis":
                groups = [sorted(group, key=order)[:width] for group in groups]
                extended = kept = sum(groups, [])
            else:
                extended = sum(groups, [])
                kept = (extended if flaw == "not sorted" else sorted(extended, key=order))[: max(room, 0)]
            if flaw == "complete before pruning":
                complete += [h for h in extended if h[1][-1] == end]
                kept = sorted((h for h in extended if h[1][-1] != end), key=order)[:width]
                hypotheses = kept
                continue
            if flaw == "lost at the end" and not extended:
                return [], -np.inf
            ended = [h for h in kept if h[1][-1] == end]
            if flaw == "complete ones stay":
                hypotheses, complete = kept, ended
                continue
            if flaw in ("last step only", "last step that had any"):
                complete = ended or (complete if flaw == "last step that had any" else [])
            else:
                complete += ended
            if flaw == "beam shrinks":
                room -= len(ended)
            hypotheses = kept if flaw == "complete ones are extended" else [h for h in kept if h[1][-1] != end]
            if flaw == "refilled":
                hypotheses = sorted((h for h in extended if h[1][-1] != end), key=order)[:width]
            if flaw == "ahead of the rest" and complete and (not hypotheses or max(complete)[0] >= max(hypotheses)[0]):
                break
            if flaw == "the mean is ahead" and complete and hypotheses:
                if max(rank(*h, alpha) for h in complete) >= max(rank(*h, alpha) for h in hypotheses):
                    break
            if flaw == "the first complete" and complete or len(complete) >= {"enough are complete": width, "more than enough are complete": width + 1}.get(flaw, np.inf):
                break
        if flaw == "width complete ones":
            complete = sorted(complete, key=lambda h: (-h[0], h[1]))[:width]
        if flaw == "unfinished ones where none is complete":
            complete = complete or hypotheses
        if flaw == "unfinished ones count":
            complete = complete + hypotheses
        if not complete:
            return [], -np.inf

        def choice(hypothesis):
            total, sequence = hypothesis
            if flaw == "the larger sum first":
                return -rank(total, sequence, alpha), -total, sequence
            length = {"longer ones first": -len(sequence), "the largest tuple": -len(sequence), "no rule for lengths": 0, "no rule for equals": 0, "larger symbols are chosen": 0}.get(flaw, len(sequence))
            order = {"larger symbols first": -1, "larger symbols are chosen": -1, "the largest tuple": -1, "no rule for equals": 0}.get(flaw, 1)
            return -rank(total, sequence, alpha), length, [order * symbol for symbol in sequence]

        total, sequence = complete[-1] if flaw == "the last found" else min(complete, key=choice)
        inside = {"with start": sequence, "without end": sequence[1:-1], "end twice": [*sequence[1:], end]}.get(flaw, sequence[1:])
        told = {"normalised": rank(total, sequence, alpha), "probability": np.exp(total), "cost": -total, "mean": total / len(inside), "bits": total / np.log(2)}.get(flaw, total)
        return list(inside), float(told)

    return _once(search)


BEAM_MISTAKES = {
    text: _searching(flaw)
    for text, flaw in {
        "`start` is still in the sequence: it is left out": "with start",
        "`end` is left out of the sequence: it is its last symbol": "without end",
        "the probability comes back, not its logarithm": "probability",
        "minus the log-probability comes back": "cost",
        "the normalised sum comes back: the sum itself is asked, and length ** alpha is for the choice only": "normalised",
        "the table is read the wrong way round: log_probabilities[i, j] is about j after i": "transposed",
        "the table is read the wrong way round, and steps that cannot be made are made: log_probabilities[i, j] is about j after i": "transposed, impossible ones",
        "probabilities are added: they multiply, so their logarithms are added": "probabilities are added",
        "width is not used: only the best hypothesis survives a step, as in greedy search": "greedy",
        "one hypothesis more survives a step than `width` says": "a wider beam",
        "one hypothesis fewer survives a step than `width` says": "a narrower beam",
        "the search begins with symbol 0: it begins with `start`": "0 for start",
        "the search ends with the last symbol of the table: it ends with `end`": "the last for end",
        "`start` never comes again, or no symbol comes twice in a row: both may, where the table says so": "never start again",
        "no symbol comes twice in a row: it may, where the table says so": "no symbol twice in a row",
        "symbol 0 never comes: it may, where the table says so": "without symbol 0",
        "the last symbol of the table never comes: it may, where the table says so": "without the last symbol",
        "no symbol comes twice: it may, where the table says so": "no symbol twice",
        "`end` is in the sequence twice": "end twice",
        "bits: the table has natural logarithms": "bits",
        "of the complete sequences the longest is chosen: the one with the best sum": "the longest",
        "`start` is taken out of the sequence wherever it is: only the first one is left out": "without any start",
        "the sequence comes in reverse order": "reversed",
        "where nothing is complete the sum is 0: ([], -inf) is asked": "0.0",
        "the mean log-probability comes back: the sum is asked": "mean",
        "only one hypothesis survives for each last symbol, as in Viterbi's search: of all extensions together the best `width` survive": "one for each last symbol",
        "width is not used: all extensions survive, or far too many": "no cut",
        "the table is always read at `start`: what comes next depends on the last symbol": "always after start",
        "logarithms are multiplied: probabilities are, so their logarithms are added": "logarithms are multiplied",
        "logarithms are multiplied, beginning with 0, so that all is 0: probabilities are multiplied, their logarithms added": "multiplied from 0",
        "the logarithm of the last step takes the place of the sum: add it to what came before": "no sum",
        "the extensions are not sorted before they are cut: the `width` with the largest sums survive": "not sorted",
        "each hypothesis keeps its own best extensions: of all extensions together the best `width` survive": "the best of each hypothesis",
        "the extensions are ranked by their last step alone: the whole sum counts": "the last step alone",
        "the worst extensions survive: the largest sums are wanted": "the worst survive",
        "of the complete sequences the worst is chosen": "the worst",
        "complete ones are put aside before the pruning: one that is not among the best `width` extensions is dropped": "complete before pruning",
        "the places of complete ones are filled with extensions beyond the best `width`: the beam is cut once, with the complete ones in it": "refilled",
        "the search stops once more than `width` sequences are complete: a better one may still come": "more than enough are complete",
        "only `width` complete sequences are kept, those with the best sums: with alpha another may be the best": "width complete ones",
        "only what was complete last counts: the complete ones of all steps do": "last step that had any",
        "one step too many, and what is too long is cut: no sequence has more than `longest` symbols": "a step too many, cut",
        "in the last step only `end` is tried: the others take their places in the beam then, too": "end alone in the last step",
        "where no hypothesis is left ([], -inf) comes back, though something may be complete": "lost at the end",
        "an unfinished hypothesis comes back where nothing is complete: ([], -inf) is asked": "unfinished ones where none is complete",
        "no symbol but `start` comes twice: all may, where the table says so": "no symbol twice, but start",
        "`end` may not come at once: it may, where the table says so": "no end at once",
        "complete ones stay in the beam and take places in the next steps: they are put aside": "complete ones stay",
        "the beam becomes narrower with each complete sequence: they take no place in the next step": "beam shrinks",
        "complete sequences are extended beyond their `end`": "complete ones are extended",
        "the search stops at the first complete sequence: a better one may still come": "the first complete",
        "the sequence that was complete last comes back: the best of all is asked": "the last found",
        "only what is complete in the last step counts": "last step only",
        "the search stops once `width` sequences are complete: a better one may still come": "enough are complete",
        "one step too few: a sequence may have `longest` symbols, and `start` is none of them": "one step less",
        "one step too many: no sequence has more than `longest` symbols, `end` among them": "one step more",
        "hypotheses that never ended count, too: only complete ones do": "unfinished ones count",
        "alpha makes no difference: at the end each sum is divided by length ** alpha": "no alpha",
        "the sum is divided by length whatever alpha is: length ** alpha": "always the mean",
        "the sum is divided by length, or by alpha times length, wherever alpha is not 0: alpha is the exponent of length": "alpha is a factor",
        "1 / alpha is the exponent of length: alpha is": "a root",
        "length does not count `end`, or is 1: it counts what comes back, `end` included": "length without end, at least 1",
        "the sum is multiplied by length ** alpha: it is divided": "multiplied",
        "length counts `start`: it counts what comes back, `end` included": "length counts start",
        "length does not count `end`: it counts what comes back, `end` included": "length without end",
        "alpha times the length is added to the sum: it is divided by length ** alpha": "a bonus",
        "alpha times the logarithm of the length is added to the sum: it is divided by length ** alpha": "a bonus in logarithms",
        "alpha times the logarithm of the length is subtracted from the sum: it is divided by length ** alpha": "a penalty in logarithms",
        "alpha multiplies the length, or the mean: it is the exponent of length, sum / length ** alpha": "the mean times alpha",
        "alpha ** length in place of length ** alpha": "alpha to the length",
        "alpha ** length in place of length ** alpha, wherever alpha is not 0": "alpha to the length, but for 0",
        "the search stops once a complete sequence is likelier than all hypotheses: with alpha a longer one may still be better": "ahead of the rest",
        "the search stops once the best complete sequence is ahead of all hypotheses, each divided by its length ** alpha: a longer one may still be better": "the mean is ahead",
        "alpha times the length is subtracted from the sum: it is divided by length ** alpha": "a penalty",
        "another length penalty, ((5 + length) / 6) ** alpha: length ** alpha is asked": "Wu's penalty",
        "steps that cannot be made are made: a log-probability of -inf": "impossible ones",
        "of equal extensions the one with the smaller last symbol survives: the first symbol that differs decides": "its last symbol decides",
        "of equal extensions one that ends survives: the smaller symbol decides, whether it is `end` or not": "complete ones first",
        "of equal extensions one that does not end survives: the smaller symbol decides, whether it is `end` or not": "complete ones last",
        "sums that are nearly equal are taken as equal, as by rounding: the larger one comes first": "rounded",
        "of equals the larger tuple is chosen, as by max: the shorter one is, then the one with the smaller symbol": "the largest tuple",
        "of equal quotients the larger sum decides: the shorter one comes first, then the one with the smaller symbol": "the larger sum first",
        "a sequence with a very small probability is lost: begin with -np.inf as the best sum, and stay with logarithms": "a very unlikely one is lost",
        "of equals the larger symbol comes first: the smaller one does": "larger symbols first",
        "of equal extensions the one with the larger symbol survives: the one with the smaller does": "larger symbols survive",
        "of equal extensions the one that was found first survives: the one with the smaller symbol does": "any of equals survives",
        "of equal complete sequences the one with the larger symbols is chosen: the shorter one is, then the one with the smaller": "larger symbols are chosen",
        "equals stay in the order in which they were found: the shorter one comes first, then the smaller symbol": "no rule for equals",
        "of equals the longer sequence is chosen: the shorter one is": "longer ones first",
        "of equals of different lengths the smaller symbol decides: the shorter one comes first": "no rule for lengths",
    }.items()
} | {
    "log_probability and sequence are exchanged: the sequence comes first": lambda *case: _found(*case)[::-1],
    "log_probability and sequence are exchanged where something is complete: the sequence comes first": lambda *case: (
        _found(*case)[::-1] if _found(*case)[0] else ([], -np.inf)
    ),
}
