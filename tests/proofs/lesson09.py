"""Answers to the exercises of lesson 09."""

import collections
import difflib
import functools
import heapq
import itertools
import math

import numpy as np

from tests.proofs import prediction, right, wrong

# ---- teacher_forcing


@right("teacher_forcing")
def teacher_forcing(sequences, start, end, padding):
    width = 1 + max(len(sequence) for sequence in sequences)
    inputs = np.full((len(sequences), width), padding)
    targets = inputs.copy()
    lengths = np.array([len(sequence) for sequence in sequences])
    for row, sequence in enumerate(sequences):
        inputs[row, : len(sequence) + 1] = [start, *sequence]
        targets[row, : len(sequence) + 1] = [*sequence, end]
    return inputs, targets, np.arange(width) <= lengths[:, None]


@right("teacher_forcing")
def lists_filled_up(sequences, start, end, padding):
    width = max(map(len, sequences))
    inputs = [[start] + s + [padding] * (width - len(s)) for s in sequences]
    targets = [s + [end] + [padding] * (width - len(s)) for s in sequences]
    mask = [[True] * (len(s) + 1) + [False] * (width - len(s)) for s in sequences]
    return [np.array(inputs, np.int32), np.array(targets, np.int32), np.array(mask)]


@right("teacher_forcing")
def zipped_longest(sequences, start, end, padding):
    columns = lambda rows, fill: np.array(list(itertools.zip_longest(*rows, fillvalue=fill))).T  # noqa: E731
    return (
        columns([[start, *s] for s in sequences], padding), columns([[*s, end] for s in sequences], padding),
        columns([[True, *map(lambda _: True, s)] for s in sequences], False),
    )


@right("teacher_forcing")
def mask_first_then_assigned(sequences, start, end, padding):
    lengths = np.array(list(map(len, sequences)))
    steps = np.arange(lengths.max() + 1)
    inputs, targets = np.full((2, len(lengths), len(steps)), padding, np.int64)
    ids = np.array(list(itertools.chain(*sequences)), np.int64)
    targets[steps < lengths[:, None]] = ids
    targets[steps == lengths[:, None]] = end
    inputs[:, 0] = start
    inputs[:, 1:][steps[:-1] < lengths[:, None]] = ids
    return inputs, targets, steps < (lengths + 1)[:, None]


def _padded(rows, padding, width=None, dtype=int):
    width = width or max(map(len, rows))
    array = np.full((len(rows), width), padding, dtype)
    for i, row in enumerate(rows):
        array[i, : len(row)] = row[:width]
    return array


def _forcing(inputs=None, targets=None, mask=None):
    def answer(sequences, start, end, padding):
        parts = teacher_forcing(sequences, start, end, padding)
        changed = [f and f(*parts, sequences, start, end, padding) for f in (inputs, targets, mask)]
        return tuple(part if new is None else new for part, new in zip(parts, changed))

    return answer


def _one_row_cut(sequences, start, end, padding):
    """The whole sequence with both ends, padded, then cut in two ways: as it is done most often."""
    whole = _padded([[start, *s, end] for s in sequences], padding)
    return whole[:, :-1], whole[:, 1:], whole[:, 1:] != padding


def _one_row_cut_with_lengths(sequences, start, end, padding):
    whole = _padded([[start, *s, end] for s in sequences], padding)
    return whole[:, :-1], whole[:, 1:], teacher_forcing(sequences, start, end, padding)[2]


def _front(sequences, start, end, padding):
    width = max(map(len, sequences)) + 1
    rows = lambda rows, fill: np.array([[fill] * (width - len(row)) + row for row in rows])  # noqa: E731
    return rows([[start, *s] for s in sequences], padding), rows([[*s, end] for s in sequences], padding), rows([[True] * (len(s) + 1) for s in sequences], False)


def _floats(sequences, start, end, padding):
    inputs = np.zeros((len(sequences), max(map(len, sequences)) + 1)) + padding
    targets = inputs.copy()
    for i, s in enumerate(sequences):
        inputs[i, : len(s) + 1] = [start, *s]
        targets[i, : len(s) + 1] = [*s, end]
    return inputs, targets, teacher_forcing(sequences, start, end, padding)[2]


def _appends(sequences, start, end, padding):
    result = teacher_forcing(sequences, start, end, padding)
    for s in sequences:
        s.append(end)
    return result


def _rectangle(sequences, start, end, padding):
    return np.array([[start, *s] for s in sequences]), np.array([[*s, end] for s in sequences]), None


def _passes_over(sequences, start, end, padding):
    inputs, targets, mask = teacher_forcing(sequences, start, end, padding)
    empty = [not s for s in sequences]
    inputs[empty] = targets[empty] = padding
    return inputs, targets, mask


def _aliased(sequences, start, end, padding):
    mask = teacher_forcing(sequences, start, end, padding)[2]
    inputs, targets = ([[padding] * mask.shape[1]] * len(sequences) for _ in range(2))
    for i, s in enumerate(sequences):
        inputs[i][: len(s) + 1] = [start, *s]
        targets[i][: len(s) + 1] = [*s, end]
    return np.array(inputs), np.array(targets), mask


def _bytes(sequences, start, end, padding):
    for number in (start, end, padding, *itertools.chain(*sequences)):
        if not 0 <= number < 256:
            raise OverflowError(f"Python integer {number} out of bounds for uint8")  # as NumPy 2 does
    return teacher_forcing(sequences, start, end, padding)


def _width_of_the_first(sequences, start, end, padding):
    inputs = np.full((len(sequences), len(sequences[0]) + 1), padding)
    for i, s in enumerate(sequences):
        inputs[i, : len(s) + 1] = [start, *s]
    return inputs, *teacher_forcing(sequences, start, end, padding)[1:]


def _no_empty(sequences, start, end, padding):
    result = teacher_forcing(sequences, start, end, padding)
    result[2][[not s for s in sequences]] = False
    return result


def _one_array_two_names(order):
    def answer(sequences, start, end, padding):
        mask = teacher_forcing(sequences, start, end, padding)[2]
        inputs = targets = np.full(mask.shape, padding)
        for i, s in enumerate(sequences):
            for name in order:
                (inputs if name == "inputs" else targets)[i, : len(s) + 1] = [start, *s] if name == "inputs" else [*s, end]
        return inputs, targets, mask

    return answer


def _too_narrow(sequences, start, end, padding):
    inputs = np.full((len(sequences), max(map(len, sequences))), padding)
    for i, s in enumerate(sequences):
        inputs[i, : len(s) + 1] = [start, *s]
    return inputs, *teacher_forcing(sequences, start, end, padding)[1:]


for _name, _says, _points, _answer in [
    ("one_array_targets_last", "inputs are the same as targets: either `inputs = targets = np.full(...)`", 2, _one_array_two_names(("inputs", "targets"))),
    ("one_array_inputs_last", "targets are the same as inputs: either `inputs = targets = np.full(...)`", 2, _one_array_two_names(("targets", "inputs"))),
    ("too_narrow_to_fill", "row[: len(sequence) + 1] is the part", 0, _too_narrow),
    ("inputs_without_the_last", "inputs leave out the last symbol of each sequence", 2, _forcing(lambda i, t, m, s, start, end, p: _padded([[start, *r[:-1]] for r in s], p, m.shape[1]))),
    ("targets_shifted_twice", "targets are shifted twice", 2, _forcing(None, lambda i, t, m, s, start, end, p: _padded([[*r[1:], end] for r in s], p, m.shape[1]))),
    ("one_row_cut_twice", "the shorter rows of inputs hold `end`, where padding belongs", 1, _one_row_cut),
    ("one_row_cut_twice_by_lengths", "the shorter rows of inputs hold `end`, where padding belongs", 2, _one_row_cut_with_lengths),
    ("end_in_inputs", "inputs have an `end` after each sequence", 2, _forcing(lambda i, t, m, s, start, end, p: _padded([[start, *r, end] for r in s], p))),
    ("inputs_not_shifted", "inputs are not shifted: they begin with the sequence itself", 2, _forcing(lambda i, t, m, s, start, end, p: _padded(s, p, m.shape[1]))),
    ("inputs_are_targets", "inputs are the same as targets", 2, _forcing(lambda i, t, *_: t)),
    ("targets_are_inputs", "targets are the same as inputs", 2, _forcing(None, lambda i, *_: i)),
    ("targets_with_start", "targets begin with `start`", 2, _forcing(None, lambda i, t, m, s, start, end, p: _padded([[start, *r, end] for r in s], p))),
    ("no_end", "targets have no `end`: the decoder must learn when to stop", 2, _forcing(None, lambda i, t, m, s, start, end, p: _padded(s, p, m.shape[1]))),
    ("rolled", "shifted in a circle, as np.roll does", 2, _forcing(None, lambda i, *_: np.roll(i, -1, axis=1))),
    ("end_in_the_last_column", "`end` is in the last column, after the padding", 2, _forcing(
        None, lambda i, t, m, s, start, end, p: np.hstack([_padded(s, p, m.shape[1] - 1), np.full((len(s), 1), end)]))),
    ("inputs_shifted_back", "targets have no `end`: the decoder must learn when to stop", 2, _forcing(None, lambda i, t, m, s, start, end, p: np.hstack([i[:, 1:], np.full((len(s), 1), p)]))),
    ("both_exchanged", "inputs and targets are exchanged", 1, lambda *case: (lambda i, t, m: (t, i, m))(*teacher_forcing(*case))),
    ("start_and_end_exchanged", "`start` and `end` are exchanged", 1, lambda s, start, end, p: teacher_forcing(s, end, start, p)),
    ("start_for_end", "`start` is used in place of `end`", 2, lambda s, start, end, p: teacher_forcing(s, start, start, p)),
    ("padding_in_front", "the padding comes first", 0, _front),
    ("zeros_for_padding", "0 stands for padding, whatever padding is", 1, lambda s, start, end, p: teacher_forcing(s, start, end, 0)),
    ("one_for_start", "1 stands for start, whatever start is", 2, lambda s, start, end, p: teacher_forcing(s, 1, end, p)),
    ("two_for_end", "2 stands for end, whatever end is", 2, lambda s, start, end, p: teacher_forcing(s, start, 2, p)),
    ("mask_by_targets", "mask is targets != padding", 2, _forcing(None, None, lambda i, t, m, s, start, end, p: t != p)),
    ("mask_by_inputs", "mask is inputs != padding", 2, _forcing(None, None, lambda i, t, m, s, start, end, p: i != p)),
    ("mask_by_zero", "mask is targets != 0", 2, _forcing(None, None, lambda i, t, *_: t != 0)),
    ("mask_without_end", "mask leaves out `end`", 2, _forcing(None, None, lambda i, t, m, s, *_: np.arange(m.shape[1]) < np.array([[len(r)] for r in s]))),
    ("mask_too_long", "mask is one step too long", 2, _forcing(None, None, lambda i, t, m, s, *_: np.arange(m.shape[1]) <= np.array([[len(r) + 1] for r in s]))),
    ("mask_inverted", "mask is the wrong way round", 2, _forcing(None, None, lambda i, t, m, *_: ~m)),
    ("mask_everywhere", "mask is True everywhere", 2, _forcing(None, None, lambda i, t, m, *_: np.ones_like(m))),
    ("mask_of_numbers", "numbers in place of True and False", 2, _forcing(None, None, lambda i, t, m, *_: m.astype(float))),
    ("floats", "ids are whole numbers", 1, _floats),
    ("lists", "np.array makes it an array", 1, lambda *case: (lambda i, t, m: (i.tolist(), t.tolist(), m))(*teacher_forcing(*case))),
    ("changed_in_place", "changed in place: sequences", 3, _appends),
    ("rectangle_expected", "makes no rectangle of rows of different lengths", 0, _rectangle),
    ("cut_to_the_first", "every row is cut to the length of the first", 0, lambda s, start, end, p: tuple(
        a[:, : len(s[0]) + 1] for a in teacher_forcing(s, start, end, p))),
    ("read_from_the_end", "the sequences are read from their end", 1, lambda s, *rest: teacher_forcing([r[::-1] for r in s], *rest)),
    ("transposed", "time and batch are exchanged", 0, lambda *case: tuple(a.T for a in teacher_forcing(*case))),
    ("too_narrow", "one column too narrow", 0, lambda *case: tuple(a[:, :-1] for a in teacher_forcing(*case))),
    ("nothing_for_an_empty_sequence", "an empty sequence counts as nothing but padding", 3, _no_empty),
    ("no_mask", "expected a tuple (inputs, targets, mask), got a tuple of 2", 0, lambda *case: teacher_forcing(*case)[:2]),
    ("targets_filled_with_end", "targets are filled up with `end`", 2, _forcing(None, lambda i, t, m, s, start, end, p: np.where(m, t, end))),
    ("sorted_by_length", "the rows are sorted by length: they stay", 0, lambda s, *rest: teacher_forcing(sorted(s, key=len, reverse=True), *rest)),
    ("empty_left_out", "empty sequences are left out", 3, lambda s, *rest: teacher_forcing([r for r in s if r], *rest)),
    ("mask_to_the_first_end", "mask ends with the first `end` in targets", 2, _forcing(None, None, lambda i, t, m, s, start, end, p: np.arange(m.shape[1]) <= np.argmax(t == end, axis=1)[:, None])),
    ("mask_to_the_first_end_counted", "mask ends with the first `end` in targets", 2, _forcing(
        None, None, lambda i, t, m, s, start, end, p: np.cumsum(t == end, axis=1) - (t == end) == 0)),
    ("mask_to_the_first_padding", "mask ends before the first padding in targets", 2, _forcing(None, None, lambda i, t, m, s, start, end, p: np.cumprod(t != p, axis=1).astype(bool))),
    ("mask_without_padding_but_end", "mask asks targets for padding and for `end`", 2, _forcing(None, None, lambda i, t, m, s, start, end, p: (t != p) | (t == end))),
    ("zero_is_no_id", "0 is taken for an empty place", 1, _forcing(lambda i, t, m, s, start, end, p: np.where(i, i, p), lambda i, t, m, s, start, end, p: np.where(t, t, p))),
    ("empty_passed_over", "an empty sequence is passed over", 3, _passes_over),
    ("padding_in_front_but_of_the_mask", "the padding comes first in inputs and targets", 1, lambda *case: (*_front(*case)[:2], teacher_forcing(*case)[2])),
    ("one_row_many_times", "[[padding] * n] * m holds one row m times", 1, _aliased),
    ("small_numbers", "a small dtype cannot hold every id", 0, _bytes),
    ("width_of_the_first", "a row has one column more than the longest sequence", 0, _width_of_the_first),
    ("mask_by_either", "mask asks inputs or targets for padding", 2, _forcing(None, None, lambda i, t, m, s, start, end, p: (i != p) | (t != p))),
]:
    wrong("teacher_forcing", says=_says, points=_points, name=_name)(_answer)


# ---- edit_distance


@right("edit_distance")
def edit_distance(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, start=1):
        diagonal, row[0] = row[0], i
        for j, y in enumerate(b, start=1):
            best = min(row[j] + 1, row[j - 1] + 1, diagonal + (x != y))
            diagonal, row[j] = row[j], best
    return row[-1]


@right("edit_distance")
def whole_table(a, b):
    D = np.zeros((len(a) + 1, len(b) + 1), int)
    D[:, 0], D[0] = np.arange(len(a) + 1), np.arange(len(b) + 1)
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            D[i, j] = D[i - 1, j - 1] if a[i - 1] == b[j - 1] else 1 + min(D[i - 1, j - 1], D[i - 1, j], D[i, j - 1])
    return D[-1, -1]


@right("edit_distance")
def recursion_with_a_cache(a, b):
    @functools.lru_cache(None)
    def distance(i, j):
        if i == len(a) or j == len(b):
            return len(a) - i + len(b) - j
        if a[i] == b[j]:
            return distance(i + 1, j + 1)
        return 1 + min(distance(i + 1, j), distance(i, j + 1), distance(i + 1, j + 1))

    return distance(0, 0)


@right("edit_distance")
def cheapest_path(a, b):
    heap, seen = [(0, 0, 0)], set()
    while True:
        cost, i, j = heapq.heappop(heap)
        if i == len(a) and j == len(b):
            return cost
        if (i, j) in seen:
            continue
        seen.add((i, j))
        if i < len(a):
            heapq.heappush(heap, (cost + 1, i + 1, j))
        if j < len(b):
            heapq.heappush(heap, (cost + 1, i, j + 1))
        if i < len(a) and j < len(b):
            heapq.heappush(heap, (cost + (a[i] != b[j]), i + 1, j + 1))


def _filled(cost, first_row=1, first_column=1, swap=False):
    """The table, filled by `cost(above, left, corner, alike)`."""

    def answer(a, b):
        D = [[j * first_row for j in range(len(b) + 1)]] + [[i * first_column] + [0] * len(b) for i in range(1, len(a) + 1)]
        for i in range(1, len(a) + 1):
            for j in range(1, len(b) + 1):
                D[i][j] = cost(D[i - 1][j], D[i][j - 1], D[i - 1][j - 1], a[i - 1] == b[j - 1])
                if swap and i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                    D[i][j] = min(D[i][j], D[i - 2][j - 2] + 1)
        return D[len(a)][len(b)]

    return answer


def _usual(above, left, corner, alike):
    return min(above + 1, left + 1, corner + (not alike))


def _overwritten(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, start=1):
        row[0] = i
        for j, y in enumerate(b, start=1):
            row[j] = min(row[j] + 1, row[j - 1] + 1, row[j - 1] + (x != y))
    return row[-1]


def _without_a_cache(a, b):
    if not a or not b:
        return len(a) + len(b)
    return min(_without_a_cache(a[1:], b) + 1, _without_a_cache(a, b[1:]) + 1, _without_a_cache(a[1:], b[1:]) + (a[0] != b[0]))


def _table_too_small(a, b):
    D = np.zeros((len(a) + 1, len(b) + 1), int)
    D[:, 0], D[0] = np.arange(len(a) + 1), np.arange(len(b) + 1)
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            D[i, j] = min(D[i - 1, j] + 1, D[i, j - 1] + 1, D[i - 1, j - 1] + (a[i] != b[j]))
    return D[-1, -1]


def _is(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, start=1):
        diagonal, row[0] = row[0], i
        for j, y in enumerate(b, start=1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (x is not y))
    return row[-1]


def _pops(a, b):
    result = edit_distance(a, b)
    for s in (a, b):
        if isinstance(s, list) and s:
            s.pop()
    return result


def _keeps_the_lowercase(a, b):
    lower = lambda s: s.lower() if isinstance(s, str) else s  # noqa: E731
    return edit_distance(lower(a), lower(b))


def _turned_table(a, b):
    D = np.zeros((len(b) + 1, len(a) + 1), int)
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            D[i, j] = min(D[i - 1, j] + 1, D[i, j - 1] + 1, D[i - 1, j - 1] + (a[i - 1] != b[j - 1]))
    return D[-1, -1] if len(a) != len(b) else edit_distance(a, b)


def _one_row(a, b):
    D = [[0] * (len(b) + 1)] * (len(a) + 1)
    for i in range(len(a) + 1):
        D[i][0] = i
    for j in range(len(b) + 1):
        D[0][j] = j
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            D[i][j] = min(D[i - 1][j] + 1, D[i][j - 1] + 1, D[i - 1][j - 1] + (a[i - 1] != b[j - 1]))
    return D[len(a)][len(b)]


def _one_row_column_last(a, b):
    D = [[0] * (len(b) + 1)] * (len(a) + 1)
    for j in range(len(b) + 1):
        D[0][j] = j
    for i in range(len(a) + 1):
        D[i][0] = i
    for i, j in itertools.product(range(1, len(a) + 1), range(1, len(b) + 1)):
        D[i][j] = min(D[i - 1][j] + 1, D[i][j - 1] + 1, D[i - 1][j - 1] + (a[i - 1] != b[j - 1]))
    return D[-1][-1]


def _one_row_column_in_the_loop(a, b):
    D = [[0] * (len(b) + 1)] * (len(a) + 1)
    for j in range(len(b) + 1):
        D[0][j] = j
    for i in range(1, len(a) + 1):
        D[i][0] = i
        for j in range(1, len(b) + 1):
            D[i][j] = min(D[i - 1][j] + 1, D[i][j - 1] + 1, D[i - 1][j - 1] + (a[i - 1] != b[j - 1]))
    return D[-1][-1]


def _square_table(a, b):
    D = np.zeros((len(a) + 1, len(a) + 1), int)
    D[:, 0], D[0] = np.arange(len(a) + 1), np.arange(len(b) + 1)
    return edit_distance(a, b)


def _kept_too_late(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, start=1):
        diagonal, row[0] = row[0], i
        for j, y in enumerate(b, start=1):
            row[j] = min(row[j] + 1, row[j - 1] + 1, diagonal + (x != y))
            diagonal = row[j]
    return row[-1]


def _shared_rows(a, b):
    before, row = list(range(len(b) + 1)), [0] * (len(b) + 1)
    for i in range(1, len(a) + 1):
        row[0] = i
        for j in range(1, len(b) + 1):
            row[j] = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a[i - 1] != b[j - 1]))
        before = row
    return before[-1]


def _in_a_table(a, b, kind):
    D = np.zeros((len(a) + 1, len(b) + 1), kind)
    D[:, 0], D[0] = np.arange(len(a) + 1), np.arange(len(b) + 1)
    one = D.dtype.type(1)
    with np.errstate(over="ignore"):
        for i, j in itertools.product(range(1, len(a) + 1), range(1, len(b) + 1)):
            D[i, j] = min(D[i - 1, j] + one, D[i, j - 1] + one, D[i - 1, j - 1] + D.dtype.type(a[i - 1] != b[j - 1]))
    return D[-1, -1]


def _number_above(a, b):
    before = list(range(len(b) + 1))
    for i, x in enumerate(a, start=1):
        row = [i]
        for j, y in enumerate(b, start=1):
            row.append(min(before[j] + 1, row[j - 1] + 1, before[j] + (x != y)))
        before = row
    return before[-1]


for _name, _says, _points, _answer in [
    ("replacement_of_two", "a replacement counts as two edits", 1, _filled(lambda up, left, corner, alike: corner if alike else 1 + min(up, left))),
    ("hamming_and_rest", "symbols are compared place by place, and the rest is counted", 1, lambda a, b: sum(x != y for x, y in zip(a, b)) + abs(len(a) - len(b))),
    ("hamming", "zip ends with the shorter sequence", 1, lambda a, b: sum(x != y for x, y in zip(a, b))),
    ("neighbours_exchanged", "two neighbours that change places count as one edit", 2, _filled(_usual, swap=True)),
    ("lengths", "this is the difference of the lengths", 1, lambda a, b: abs(len(a) - len(b))),
    ("longer", "this is the length of the longer one", 0, lambda a, b: max(len(a), len(b))),
    ("no_insertion", "insertions are missing: each symbol of b", 1, _filled(lambda up, left, corner, alike: min(up + 1, corner + (not alike)))),
    ("no_deletion", "deletions are missing: each symbol of a", 1, _filled(lambda up, left, corner, alike: min(left + 1, corner + (not alike)))),
    ("replacement_for_nothing", "this is the difference of the lengths: to replace", 1, _filled(lambda up, left, corner, alike: min(up + 1, left + 1, corner))),
    ("equal_costs_too", "where two symbols are equal, the diagonal step costs nothing", 0, _filled(lambda up, left, corner, alike: 1 + min(up, left, corner))),
    ("wrong_way_round", "equal and different are exchanged", 0, _filled(lambda up, left, corner, alike: min(up + 1, left + 1, corner + alike))),
    ("largest", "of the three costs the least is taken", 0, _filled(lambda up, left, corner, alike: max(up + 1, left + 1, corner + (not alike)))),
    ("borders_of_zero", "first row and first column are 0", 1, _filled(_usual, 0, 0)),
    ("first_row_of_zero", "the table's first row is 0", 1, _filled(_usual, 0, 1)),
    ("first_column_of_zero", "the table's first column is 0", 1, _filled(_usual, 1, 0)),
    ("overwritten", "is overwritten before it is used", 0, _overwritten),
    ("without_a_cache", "the same pairs of positions are worked out again and again", 0, _without_a_cache),
    ("symbols_counted", "the symbols are counted, wherever they are", 2, lambda a, b: max(
        (collections.Counter(a) - collections.Counter(b)).total(), (collections.Counter(b) - collections.Counter(a)).total())),
    ("sets", "sets are compared", 0, lambda a, b: len(set(a) ^ set(b))),
    ("normalised", "divided by the length of the longer one", 0, lambda a, b: edit_distance(a, b) / max(len(a), len(b), 1)),
    ("float", "a float in place of a whole number", 0, lambda a, b: float(edit_distance(a, b))),
    ("one_too_many", "one edit too many", 0, lambda a, b: edit_distance(a, b) + 1),
    ("index_error", "one row and one column more than there are symbols", 0, _table_too_small),
    ("last_not_looked_at", "the last symbol of each is not looked at", 1, lambda a, b: edit_distance(a[:-1], b[:-1])),
    ("small_letters", "capitals and small letters are taken as equal", 3, _keeps_the_lowercase),
    ("joined", "a list of words is joined into one text: a symbol", 3, lambda a, b: edit_distance(*("".join(map(str, s)) if s and isinstance(s[0], str) else s for s in (a, b)))),
    ("identity", "symbols are compared with `is`", 0, _is),
    ("empty_is_zero", "for an empty sequence 0 comes back", 3, lambda a, b: edit_distance(a, b) if a and b else 0),
    ("changed", "changed in place: a, b", 3, _pops),
    ("hashed", "a list cannot be looked up in a set", 3, functools.lru_cache(None)(edit_distance)),
    ("text", "a text in place of a number", 0, lambda a, b: str(edit_distance(a, b))),
    ("difflib", "difflib looks for long common blocks", 2, lambda a, b: sum(
        max(i - h, k - j) for kind, h, i, j, k in difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes() if kind != "equal")),
    ("table_turned", "the table has len(a) + 1 rows and len(b) + 1 columns", 1, lambda a, b: _turned_table(a, b)),
    ("everything_free_where_equal", "insertions and deletions cost nothing where the symbols are equal", 1, _filled(
        lambda up, left, corner, alike: min(up + (not alike), left + (not alike), corner + (not alike)))),
    ("one_row_many_times", "[[0] * n] * m holds one row m times", 0, lambda a, b: _one_row(a, b)),
    ("one_row_its_column_last", "its first column is the last number written there", 0, lambda a, b: _one_row_column_last(a, b)),
    ("one_row_its_column_in_the_loop", "for a table do not write [[0] * n] * m", 0, lambda a, b: _one_row_column_in_the_loop(a, b)),
    ("square_table", "the table has len(a) + 1 rows and len(b) + 1 columns", 1, lambda a, b: _square_table(a, b)),
    ("nothing_where_equal", "where two symbols are equal the number becomes 0", 0, _filled(lambda up, left, corner, alike: 0 if alike else 1 + min(up, left, corner))),
    ("number_above", "the number above is taken for the corner", 0, lambda a, b: _number_above(a, b)),
    ("corner_kept_too_late", "is kept too late, when it is the new number already", 0, lambda a, b: _kept_too_late(a, b)),
    ("rows_shared", "the row before and the new row are one and the same list", 0, lambda a, b: _shared_rows(a, b)),
    ("all_joined", "a list is joined into one text: a symbol is a whole word or id", 3, lambda a, b: edit_distance("".join(map(str, a)), "".join(map(str, b)))),
    ("table_of_floats", "np.zeros makes floats unless it gets dtype=int", 0, lambda a, b: _in_a_table(a, b, float)),
    ("table_of_small_numbers", "the table's numbers end at 127, as in int8", 3, lambda a, b: int(_in_a_table(a, b, np.int8))),
    ("table_of_bytes", "the table's numbers end at 255, as in uint8", 3, lambda a, b: int(_in_a_table(a, b, np.uint8))),
    ("sorted", "the symbols are sorted first", 1, lambda a, b: edit_distance(sorted(a), sorted(b))),
]:
    wrong("edit_distance", says=_says, points=_points, name=_name)(_answer)


# ---- error_rates


@right("error_rates")
def error_rates(references, predictions):
    distances, lengths = [], []
    for right, predicted in zip(references, predictions):
        nearest = min(right, key=lambda sequence: edit_distance(sequence, predicted))
        distances.append(edit_distance(nearest, predicted))
        lengths.append(len(nearest))
    wrong = sum(distance > 0 for distance in distances)
    return sum(distances) / sum(lengths), wrong / len(distances)


@right("error_rates")
def with_arrays(references, predictions):
    edits = symbols = 0
    for right, predicted in zip(references, predictions):
        apart = np.array([whole_table(r, predicted) for r in right])
        edits, symbols = edits + apart.min(), symbols + len(right[np.argmin(apart)])
    return [edits / symbols, np.mean([p not in right for right, p in zip(references, predictions)])]


@right("error_rates")
def sorted_by_distance(references, predictions):
    nearest = [sorted(right, key=lambda r, p=p: recursion_with_a_cache(r, p))[0] for right, p in zip(references, predictions)]
    total = sum(edit_distance(p, r) for r, p in zip(nearest, predictions))
    return total / len(sum(nearest, [])), 1 - sum(map(list.__eq__, nearest, predictions)) / len(predictions)


@right("error_rates")
def pairs_with_the_place(references, predictions):
    best = [min((edit_distance(r, p), i, len(r)) for i, r in enumerate(right)) for right, p in zip(references, predictions)]
    return np.float64(sum(d for d, _, _ in best)) / sum(n for _, _, n in best), sum(d != 0 for d, _, _ in best) / len(best)


def _rate(key=lambda d, r, i: (d, i), over=lambda r, p, right: len(r), total=lambda d, n: sum(d) / sum(n), wrong=lambda right, p, d: d > 0, share=lambda w: sum(w) / len(w), distance=edit_distance):
    def answer(references, predictions):
        distances, lengths, misses = [], [], []
        for right, p in zip(references, predictions):
            d, _, r = min(((distance(r, p), i, r) for i, r in enumerate(right)), key=lambda t: key(t[0], t[2], t[1]))
            distances.append(d)
            lengths.append(over(r, p, right))
            misses.append(wrong(right, p, d))
        return total(distances, lengths), share(misses)

    return answer


def _each_cut_off(references, predictions):
    nearest = [min(right, key=lambda r, p=p: edit_distance(r, p)) for right, p in zip(references, predictions)]
    return sum(min(len(r), edit_distance(r, p)) for r, p in zip(nearest, predictions)) / sum(map(len, nearest)), error_rates(references, predictions)[1]


def _removes(references, predictions):
    result = error_rates(references, predictions)
    predictions.pop()
    return result


for _name, _says, _points, _answer in [
    ("mean_of_rates", "the mean of each prediction's own rate", 1, _rate(total=lambda d, n: np.mean([a / b for a, b in zip(d, n)]))),
    ("over_predictions", "the edits are divided by the lengths of the predictions", 1, _rate(over=lambda r, p, right: len(p))),
    ("over_the_longer", "the longer of reference and prediction", 1, _rate(over=lambda r, p, right: max(len(r), len(p)))),
    ("over_number", "divided by the number of predictions", 1, _rate(total=lambda d, n: sum(d) / len(d))),
    ("edits_not_divided", "the number of edits comes back", 1, _rate(total=lambda d, n: float(sum(d)))),
    ("over_all_references", "the lengths of all references count", 2, _rate(over=lambda r, p, right: sum(map(len, right)))),
    ("over_the_first", "the lengths of the first references are added up", 2, _rate(over=lambda r, p, right: len(right[0]))),
    ("exchanged", "the two rates are exchanged", 0, lambda *case: error_rates(*case)[::-1]),
    ("first_only", "only the first reference is used: any of them is right", 1, lambda refs, preds: error_rates([r[:1] for r in refs], preds)),
    ("farthest", "the farthest reference counts", 1, _rate(key=lambda d, r, i: -d, wrong=lambda right, p, d: d > 0)),
    ("least_rate", "the reference with the least rate counts", 2, _rate(key=lambda d, r, i: d / len(r))),
    ("last_of_equals", "of equally near references the last one counts", 2, _rate(key=lambda d, r, i: (d, -i))),
    ("shortest_of_equals", "of equally near references the shortest counts", 2, _rate(key=lambda d, r, i: (d, len(r)))),
    ("longest_of_equals", "of equally near references the longest counts", 2, _rate(key=lambda d, r, i: (d, -len(r)))),
    ("pairs_compared", "the first in the alphabet counts, as min does with pairs", 2, _rate(key=lambda d, r, i: (d, r))),
    ("cut_off", "the rate is cut off at 1", 2, _rate(total=lambda d, n: min(1.0, sum(d) / sum(n)))),
    ("percent", "percent: a fraction is asked for", 0, lambda *case: tuple(100 * r for r in error_rates(*case))),
    ("accuracy", "the fraction that is right", 0, lambda *case: tuple(1 - r for r in error_rates(*case))),
    ("place_by_place", "the symbols are compared place by place", 1, _rate(distance=lambda r, p: sum(x != y for x, y in zip(r, p)) + abs(len(r) - len(p)))),
    ("letters", "joined, and their letters are counted", 0, _rate(distance=lambda r, p: edit_distance("".join(r), "".join(p)), over=lambda r, p, right: len("".join(r)))),
    ("right_sequences", "the fraction of the right sequences", 1, _rate(share=lambda w: 1 - sum(w) / len(w))),
    ("number_of_wrong", "the number of wrong sequences comes back", 1, _rate(share=lambda w: sum(w))),
    ("all_references", "unless it equals all of its references", 1, _rate(wrong=lambda right, p, d: any(p != r for r in right))),
    ("list_of_references", "every sequence counts as wrong, the right ones too", 1, _rate(wrong=lambda right, p, d: p != right)),
    ("in_all_references", "every sequence counts as wrong, the right ones too", 1, lambda references, predictions: (
        error_rates(references, predictions)[0], sum(p not in references for p in predictions) / len(predictions))),
    ("sequences_by_symbols", "the wrong sequences are divided by the number of symbols", 1, lambda references, predictions: (
        error_rates(references, predictions)[0], sum(p not in right for right, p in zip(references, predictions))
        / sum(len(min(right, key=lambda r, p=p: edit_distance(r, p))) for right, p in zip(references, predictions)))),
    ("compared_with_the_first", "compared with the first reference only", 1, _rate(wrong=lambda right, p, d: p != right[0])),
    ("changed_predictions", "changed in place: predictions", 2, _removes),
    ("one_number", "expected a tuple (symbol_error_rate, sequence_error_rate), got the float", 0, lambda *case: error_rates(*case)[0]),
    ("rounded", "rounded to 2 decimals", 0, lambda *case: tuple(round(r, 2) for r in error_rates(*case))),
    ("division_by_prediction", "something is divided by the length of a prediction", 2, _rate(total=lambda d, n: sum(d) / sum(n), over=lambda r, p, right: len(r) * len(p) // len(p))),
    ("longest_references", "the lengths of the longest references are added up", 2, _rate(over=lambda r, p, right: max(map(len, right)))),
    ("last_prediction_only", "only the last prediction counts", 0, lambda refs, preds: error_rates(refs[-1:], preds[-1:])),
    ("right_symbols", "the fraction of right symbols", 1, lambda *case: (lambda a, b: (1 - a, b))(*error_rates(*case))),
    ("empty_predictions_left_out", "empty predictions are left out", 2, lambda refs, preds: error_rates(*map(list, zip(*[t for t in zip(refs, preds) if t[1]])))),
    ("shortest_reference", "the shortest reference counts", 2, _rate(key=lambda d, r, i: len(r), wrong=lambda right, p, d: p not in right)),
    ("zipped", "zip ends with the shorter sequence", 0, _rate(distance=lambda r, p: sum(x != y for x, y in zip(r, p)))),
    ("joined_by_spaces", "the symbols are joined into one text with spaces", 1, _rate(distance=lambda r, p: edit_distance(" ".join(r), " ".join(p)))),
    ("joined_for_equality", "the symbols are joined before two sequences are compared", 2, _rate(wrong=lambda right, p, d: "".join(p) not in map("".join, right))),
    ("right_ones_not_in_the_lengths", "only the references of wrong predictions are counted", 1, _rate(over=lambda r, p, right: len(r) * (p not in right))),
    ("each_cut_off", "the distance is cut off at the reference's length", 1, _each_cut_off),
    ("nearest_length", "the reference whose length is nearest counts", 1, lambda refs, preds: error_rates(
        [[min(right, key=lambda r, p=p: abs(len(r) - len(p)))] for right, p in zip(refs, preds)], preds)),
    ("of_all_references", "the nearest of all predictions' references counts", 1, lambda refs, preds: (error_rates([sum(refs, [])] * len(preds), preds)[0], error_rates(refs, preds)[1])),
    ("over_the_mean_length", "divided by the mean length of reference and prediction", 1, _rate(over=lambda r, p, right: (len(r) + len(p)) / 2)),
    ("over_the_number_of_references", "the wrong sequences are divided by the number of all references", 1, lambda refs, preds: (
        error_rates(refs, preds)[0], sum(p not in right for right, p in zip(refs, preds)) / len(sum(refs, [])))),
    ("share_of_references", "counts by the fraction of its references", 1, lambda refs, preds: (
        error_rates(refs, preds)[0], np.mean([np.mean([r != p for r in right]) for right, p in zip(refs, preds)]))),
    ("sets", "sets of symbols are compared", 1, _rate(wrong=lambda right, p, d: set(p) not in list(map(set, right)))),
    ("one_edit_is_right", "a prediction with a single edit counts as right", 1, _rate(wrong=lambda right, p, d: d > 1)),
    ("by_index", "equal predictions share the references of the first", 2, lambda refs, preds: error_rates([refs[preds.index(p)] for p in preds], preds)),
    ("by_prediction", "equal predictions are counted once", 2, lambda refs, preds: error_rates(*map(list, zip(*{str(p): (r, p) for r, p in zip(refs, preds)}.values())))),
    ("edits_over_predictions", "all edits are divided by the number of predictions", 1, lambda refs, preds: (
        error_rates(refs, preds)[0], sum(min(edit_distance(r, p) for r in right) for right, p in zip(refs, preds)) / len(preds))),
]:
    wrong("error_rates", says=_says, points=_points, name=_name)(_answer)


# ---- attention


def _softmax(a, axis=-1):
    e = np.exp(a - a.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


@right("attention")
def attention(queries, keys, values, mask, v=None):
    if v is None:
        scores = queries @ keys.transpose(0, 2, 1)
    else:
        scores = np.tanh(queries[:, :, None] + keys[:, None]) @ v
    scores = np.where(mask[:, None], scores, -np.inf)
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = powers / powers.sum(axis=-1, keepdims=True)
    return weights @ values, weights


@right("attention")
def infinity_subtracted(queries, keys, values, mask, v=None):
    scores = np.einsum("bik,bjk->bij", queries, keys) if v is None else (np.tanh(queries[:, :, None] + keys[:, None]) * v).sum(axis=-1)
    weights = _softmax(scores - np.where(mask, 0, np.inf)[:, None])
    return np.einsum("bij,bjk->bik", weights, values), weights


@right("attention")
def one_query_at_a_time(queries, keys, values, mask, v=None):
    context, weights = [], []
    for q, k, w, m in zip(queries, keys, values, mask):
        rows = []
        for query in q:
            s = k @ query if v is None else np.tanh(k + query) @ v
            row = np.zeros(len(k))
            row[m] = _softmax(s[m])
            rows.append(row)
        weights.append(rows)
        context.append(np.array(rows) @ w)
    return np.array(context), np.array(weights)


@right("attention")
def log_of_the_sum_subtracted(queries, keys, values, mask, v=None):
    if v is not None:
        total = np.broadcast_to(0.0, (*queries.shape[:2], keys.shape[1])).copy()
        for d, factor in enumerate(v):
            total += factor * np.tanh(np.add.outer(queries[..., d], keys[..., d])[np.arange(len(queries)), :, np.arange(len(queries))])
    else:
        total = np.matmul(queries, np.swapaxes(keys, 1, 2))
    total[np.broadcast_to(~mask[:, None], total.shape)] = -np.inf
    weights = np.exp(total - np.logaddexp.reduce(total, axis=-1, keepdims=True))
    return weights @ values, weights


def _attending(score=None, additive=None, hide=lambda a, m: np.where(m[:, None], a, -np.inf), normalise=_softmax, late=lambda w, m: w, read=lambda w, values, keys: w @ values):
    def answer(queries, keys, values, mask, v=None):
        if v is None:
            a = (score or (lambda q, k: q @ k.transpose(0, 2, 1)))(queries, keys)
        else:
            a = (additive or (lambda q, k, v: np.tanh(q + k) @ v))(queries[:, :, None], keys[:, None], v)
        weights = late(normalise(hide(a, mask)), mask)
        return read(weights, values, keys), weights

    return answer


def _where(size):
    return lambda a, m: np.where(m[:, None], a, size)


def _added(size):
    return lambda a, m: a + size * ~m[:, None]


def _in_place(queries, keys, values, mask, v=None):
    result = attention(queries, keys, values, mask, v)
    values *= mask[..., None]
    return result


def _plain_softmax(a):
    e = np.exp(a)
    return e / e.sum(axis=-1, keepdims=True)


def _array_maximum(a):
    e = np.exp(a - a.max())
    return e / e.sum(axis=-1, keepdims=True)


def _maximum_before_the_mask(queries, keys, values, mask, v=None):
    scores = queries @ keys.transpose(0, 2, 1) if v is None else np.tanh(queries[:, :, None] + keys[:, None]) @ v
    e = np.exp(scores - scores.max(axis=-1, keepdims=True)) * mask[:, None]
    weights = e / e.sum(axis=-1, keepdims=True)
    return weights @ values, weights


def _masked_by_index(queries, keys, values, mask, v=None):
    scores = queries @ keys.transpose(0, 2, 1)
    scores[~mask] = -np.inf
    weights = _softmax(scores)
    return weights @ values, weights


for _name, _says, _points, _answer in [
    ("scaled", "the scores are divided by the root of size", 1, _attending(lambda q, k: q @ k.transpose(0, 2, 1) / np.sqrt(q.shape[-1]))),
    ("all_scaled", "all scores are divided by the root of size, the additive ones too", 0, _attending(
        lambda q, k: q @ k.transpose(0, 2, 1) / np.sqrt(q.shape[-1]), lambda q, k, v: np.tanh(q + k) @ v / np.sqrt(q.shape[-1]))),
    ("cosine", "divided by their norms first", 1, _attending(
        lambda q, k: (q / np.linalg.norm(q, axis=-1, keepdims=True)) @ (k / np.linalg.norm(k, axis=-1, keepdims=True)).transpose(0, 2, 1))),
    ("all_axes_turned", "keys.T turns round all three axes", 1, _attending(lambda q, k: q @ k.T)),
    ("not_transposed", "the keys are not transposed", 1, _attending(lambda q, k: q @ k)),
    ("source_and_target_exchanged", "the scores have source and target exchanged", 1, _attending(lambda q, k: k @ q.transpose(0, 2, 1))),
    ("over_the_target", "the softmax runs over the target:", 0, _attending(normalise=lambda a: _softmax(a, 1))),
    ("over_the_batch", "the softmax runs over the batch", 0, _attending(normalise=lambda a: _softmax(a, 0))),
    ("over_everything", "the softmax runs over the whole array", 0, _attending(normalise=lambda a: _softmax(a, None))),
    ("no_softmax", "the softmax is missing", 0, _attending(hide=_where(0.0), normalise=lambda a: a)),
    ("exp_alone", "exp of the scores is not divided by its sum", 0, _attending(normalise=np.exp)),
    ("no_exp", "exp is missing", 0, _attending(hide=_where(0.0), normalise=lambda a: a / a.sum(axis=-1, keepdims=True))),
    ("sigmoid", "the sigmoid of each score", 0, _attending(normalise=lambda a: 1 / (1 + np.exp(-a)))),
    ("twice", "softmax twice", 0, _attending(normalise=lambda a: _softmax(_softmax(a)))),
    ("argmax", "all of the weight goes to the largest score", 0, _attending(normalise=lambda a: (a == a.max(axis=-1, keepdims=True)).astype(float))),
    ("keys_for_values", "the context is made of keys", 2, _attending(read=lambda w, values, keys: w @ keys)),
    ("context_without_weights", "the values are added up without the weights", 2, _attending(read=lambda w, values, keys: np.ones_like(w) @ values)),
    ("weights_transposed", "the weights are transposed before the values are read", 0, _attending(read=lambda w, values, keys: w.transpose(0, 2, 1) @ values)),
    ("parts_exchanged", "context and weights are exchanged", 0, lambda *case: attention(*case)[::-1]),
    ("no_mask", "the mask plays no part", 4, _attending(hide=lambda a, m: a)),
    ("mask_inverted", "the mask is the wrong way round", 0, _attending(hide=lambda a, m: np.where(m[:, None], -np.inf, a))),
    ("zero_scores", "scores at padding are set to 0, and exp(0) is 1", 4, _attending(hide=lambda a, m: a * m[:, None])),
    ("late_mask", "weights at padding are set to 0 after the softmax: the others no longer", 4, _attending(hide=lambda a, m: a, late=lambda w, m: w * m[:, None])),
    ("masked_values", "the values at padding are set to 0, but their weights are not", 4, lambda q, k, values, m, v=None: attention(q, k, values * m[..., None], m | True, v)),
    ("mask_without_axis", "the mask lies on the wrong axes", 0, _attending(hide=lambda a, m: np.where(m, a, -np.inf))),
    ("mask_on_the_target", "the mask lies on the target", 0, _attending(hide=lambda a, m: np.where(m[:, :, None], a, -np.inf))),
    ("minus_ten", "scores at padding become -10, which leaves them", 4, _attending(hide=_where(-10.0))),
    ("minus_hundred", "not small enough: -np.inf makes its weight exactly 0", 4, _attending(hide=_where(-100.0))),
    ("ten_subtracted", "-10 is added to the scores at padding", 4, _attending(hide=_added(-10.0))),
    ("minus_thousand", "scores at padding become -1000, and others may be as small", 5, _attending(hide=_where(-1000.0))),
    ("ten_thousand_subtracted", "-10000 is added to the scores at padding", 5, _attending(hide=_added(-1e4))),
    ("v_not_used", "v is not used", 4, lambda q, k, values, m, v=None: attention(q, k, values, m)),
    ("no_tanh", "tanh is missing", 4, _attending(additive=lambda q, k, v: (q + k) @ v)),
    ("no_v", "v is missing: tanh", 4, _attending(additive=lambda q, k, v: np.tanh(q + k).sum(axis=-1))),
    ("tanh_of_each", "tanh of the query and tanh of the key are added", 4, _attending(additive=lambda q, k, v: (np.tanh(q) + np.tanh(k)) @ v)),
    ("tanh_of_the_product", "query and key are multiplied inside tanh", 4, _attending(additive=lambda q, k, v: np.tanh(q * k) @ v)),
    ("v_inside", "v stands inside tanh", 4, _attending(additive=lambda q, k, v: np.tanh(v * (q + k)).sum(axis=-1))),
    ("tanh_outside", "tanh stands outside of the sum", 4, _attending(additive=lambda q, k, v: np.tanh((q + k) @ v))),
    ("additive_scaled", "the additive score is divided by the root of size", 4, _attending(additive=lambda q, k, v: np.tanh(q + k) @ v / np.sqrt(len(v)))),
    ("overflow", "exp of a large score overflows", 5, _attending(normalise=_plain_softmax)),
    ("maximum_of_the_array", "the largest score of the whole array is subtracted", 5, _attending(normalise=_array_maximum)),
    ("maximum_before_the_mask", "the softmax takes in the padding before that is left out", 5, _maximum_before_the_mask),
    ("renormalised", "the softmax takes in the padding before that is left out", 5, _attending(hide=lambda a, m: a, late=lambda w, m: w * m[:, None] / (w * m[:, None]).sum(axis=-1, keepdims=True))),
    ("clipped", "the scores are clipped: large ones become equal", 5, _attending(lambda q, k: np.clip(q @ k.transpose(0, 2, 1), -500, 500), lambda q, k, v: np.clip(np.tanh(q + k) @ v, -500, 500))),
    ("something_small_added", "right but for rounding", 5, _attending(normalise=lambda a: (e := np.exp(a - a.max(axis=-1, keepdims=True))) / (e.sum(axis=-1, keepdims=True) + 1e-9))),
    ("changed", "changed in place: values", 5, _in_place),
    ("context_alone", "expected a tuple (context, weights), got an array", 0, lambda *case: attention(*case)[0]),
    ("keys_and_values_exchanged", "keys and values are exchanged", 0, lambda q, k, values, m, v=None: attention(q, values, k, m, v)),
    ("keys_masked", "keys at padding are set to 0", 4, lambda q, k, values, m, v=None: attention(q, k * m[..., None], values, m | True, v)),
    ("padding_at_the_end", "padding is taken to be at the end", 4, lambda q, k, values, m, v=None: attention(q, k, values, np.sort(m, axis=1)[:, ::-1], v)),
    ("earlier_positions", "only earlier positions are seen", 0, _attending(hide=lambda a, m: np.where(np.tril(np.ones(a.shape[1:], bool)), np.where(m[:, None], a, -np.inf), -1e9))),
    ("summed_over_the_target", "the weighted values are summed over the target", 2, _attending(read=lambda w, values, keys: (w[..., None] * values[:, None]).sum(axis=1))),
    ("truth_of_v", "an array is neither true nor false", 4, lambda q, k, values, m, v=None: attention(q, k, values, m, v if v else None)),
    ("not_a_number_replaced", "nan is replaced by a number", 5, _attending(normalise=lambda a: np.nan_to_num(_plain_softmax(a)))),
    ("first_mask", "the mask of the first sequence is used for all", 4, _attending(hide=lambda a, m: np.where(m[0], a, -np.inf))),
    ("sum_of_the_array", "exp of the scores is divided by its sum over the whole array", 0, _attending(
        normalise=lambda a: (e := np.exp(a - a.max(axis=-1, keepdims=True))) / e.sum())),
    ("smallest_subtracted", "the smallest score is subtracted, or the mean", 4, _attending(normalise=lambda a: _plain_softmax(a - a.min(axis=-1, keepdims=True)))),
    ("always_additive", "without v the score is additive, too", 1, lambda q, k, values, m, v=None: attention(q, k, values, m, np.ones(q.shape[-1]) if v is None else v)),
    ("million", "scores at padding become a finite number, or get one added", 5, _attending(hide=_where(-1e6))),
    ("something_added_to_exp", "something small is added to all weights, or to exp of all scores", 4, _attending(
        normalise=lambda a: (e := np.exp(a - a.max(axis=-1, keepdims=True)) + 1e-12) / e.sum(axis=-1, keepdims=True))),
    ("something_added_to_the_sum", "something like 0.001 is added to the sum of exp", 0, _attending(
        normalise=lambda a: (e := np.exp(a - a.max(axis=-1, keepdims=True))) / (e.sum(axis=-1, keepdims=True) + 1e-3))),
    ("sum_without_its_axis", "the sum over the source has lost its axis", 0, _attending(normalise=lambda a: (e := np.exp(a - a.max(axis=-1, keepdims=True))) / e.sum(axis=-1))),
    ("maximum_without_its_axis", "the largest score over the source has lost its axis", 0, _attending(normalise=lambda a: _plain_softmax(a - a.max(axis=-1)))),
    ("maximum_over_the_target", "the largest score over the target is subtracted", 0, _attending(normalise=lambda a: _plain_softmax(a - a.max(axis=1, keepdims=True)))),
    ("reshaped", "the keys are reshaped", 1, _attending(lambda q, k: q @ k.reshape(len(k), k.shape[2], k.shape[1]))),
    ("first_keys", "the keys of the first sequence are used for all", 1, _attending(lambda q, k: q @ k[0].T)),
    ("infinity_times_zero", "-np.inf * 0 is nan", 0, _attending(hide=lambda a, m: a - np.inf * ~m[:, None])),
    ("thousand_million_and_the_smallest", "the smallest score is subtracted, and exp of a large score overflows", 4, _attending(
        hide=_where(-1e9), normalise=lambda a: _plain_softmax(a - a.min(axis=-1, keepdims=True)))),
    ("last_context", "all queries get the context of the last one", 2, _attending(read=lambda w, values, keys: np.repeat(w[:, -1:] @ values, w.shape[1], axis=1))),
    ("additive_without_mask", "with v the mask plays no part", 4, lambda q, k, values, m, v=None: attention(q, k, values, m if v is None else m | True, v)),
    ("dot_without_mask", "without v the mask plays no part", 4, lambda q, k, values, m, v=None: attention(q, k, values, m | True if v is None else m, v)),
    ("any_v", "a v of nothing but zeros is taken for none", 4, lambda q, k, values, m, v=None: attention(q, k, values, m, v if np.any(v) else None)),
    ("additive_exchanged", "with v the scores have source and target exchanged", 4, _attending(
        additive=lambda q, k, v: np.tanh(k.transpose(0, 2, 1, 3) + q.transpose(0, 2, 1, 3)) @ v)),
    ("v_with_the_query", "v multiplies the query alone", 4, _attending(additive=lambda q, k, v: np.tanh(v * q + k).sum(axis=-1))),
    ("sum_of_v", "the sum of v multiplies the sum of the tanh", 4, _attending(additive=lambda q, k, v: np.tanh(q + k).sum(axis=-1) * v.sum())),
    ("additive_overflow", "with v no largest score is subtracted", 5, lambda q, k, values, m, v=None: (
        attention(q, k, values, m) if v is None else _attending(normalise=_plain_softmax)(q, k, values, m, v))),
    ("dot_overflow", "without v no largest score is subtracted", 5, lambda q, k, values, m, v=None: (
        attention(q, k, values, m, v) if v is not None else _attending(normalise=_plain_softmax)(q, k, values, m))),
    ("exp_times_mask", "exp of a large score overflows, and 0 times infinity is nan", 5, _attending(
        hide=lambda a, m: a, normalise=np.exp, late=lambda w, m: (e := w * m[:, None]) / e.sum(axis=-1, keepdims=True))),
    ("maximum_from_zero", "the largest score counts as 0 where all are negative", 5, _attending(
        normalise=lambda a: _plain_softmax(a - a.max(axis=-1, keepdims=True, initial=0)))),
    ("maximum_of_sizes", "the largest size of a score is subtracted", 5, _attending(
        hide=lambda a, m: np.where(m[:, None], a - np.abs(a).max(axis=-1, keepdims=True), -np.inf), normalise=_plain_softmax)),
    ("values_for_keys", "the values stand where the keys belong, in the scores", 0, lambda q, k, values, m, v=None: attention(q, values, values, m, v)),
    ("weights_times_values", "weights * values multiplies number by number", 0, _attending(read=lambda w, values, keys: w * values)),
    ("mask_by_index", "mask is (batch, source) and the scores are (batch, target, source)", 0, _masked_by_index),
    ("small_where_true", "the mask is the wrong way round: scores become very small", 0, _attending(hide=lambda a, m: np.where(m[:, None], -1e9, a))),
]:
    wrong("attention", says=_says, points=_points, name=_name)(_answer)


right("attention", name="a_large_negative_number")(_attending(hide=_where(-1e9)))
right("attention", name="a_large_number_subtracted_as_in_keras")(_attending(hide=_added(-1e9)))
right("attention", name="below_the_smallest")(_attending(hide=lambda a, m: np.where(m[:, None], a, a.min() - 1000)))


# ---- agreement


@right("agreement")
def agreement(weights, alignment):
    found = [row[positions].sum() for row, positions in zip(weights, alignment) if positions]
    return float(np.mean(found))


@right("agreement")
def counted(weights, alignment):
    total = number = 0
    for i in range(len(alignment)):
        if len(alignment[i]) > 0:
            number += 1
            for j in alignment[i]:
                total += weights[i, j]
    return total / number


@right("agreement")
def by_a_table(weights, alignment):
    table = np.zeros_like(weights)
    for i, positions in enumerate(alignment):
        table[i, positions] = 1
    counts = table.any(axis=1)
    return np.mean((weights * table).sum(axis=1), where=counts)


@right("agreement")
def nan_left_out(weights, alignment):
    return np.array(np.nanmean([sum(weights[i][j] for j in p) if p else np.nan for i, p in enumerate(alignment)]))


def _of(each, filled=lambda p: p):
    return lambda weights, alignment: float(np.mean([each(row[p]) for row, p in zip(weights, alignment) if filled(p)]))


def _drops(weights, alignment):
    result = agreement(weights, alignment)
    alignment[:] = [p for p in alignment if p]
    return result


for _name, _says, _points, _answer in [
    ("all_symbols", "a symbol that translates nothing is counted as 0", 2, lambda w, a: sum(row[p].sum() for row, p in zip(w, a)) / len(a)),
    ("empty_is_one", "a symbol that translates nothing is counted as 1", 2, lambda w, a: float(np.mean([row[p].sum() if p else 1.0 for row, p in zip(w, a)]))),
    ("mean_of_positions", "the mean of a symbol's weights", 1, _of(np.mean)),
    ("largest", "the largest of a symbol's weights", 1, _of(np.max)),
    ("first_position", "only the first position of each symbol counts", 1, _of(lambda row: row[0])),
    ("last_position", "only the last position of each symbol counts", 1, _of(lambda row: row[-1])),
    ("pairs", "all pairs of symbol and position are averaged", 1, lambda w, a: float(np.mean([w[i, j] for i, p in enumerate(a) for j in p]))),
    ("product", "the weights are multiplied", 1, _of(np.prod)),
    ("sum", "the sum over the symbols", 0, lambda w, a: sum(row[p].sum() for row, p in zip(w, a) if p)),
    ("elsewhere", "the weights elsewhere", 0, lambda w, a: 1 - agreement(w, a)),
    ("transposed", "target and source are exchanged", 0, lambda w, a: agreement(w.T, a[: w.shape[1]] + [[]] * (w.shape[1] - len(a)))),
    ("argmax", "the largest weight decides alone", 0, lambda w, a: float(np.mean([row.argmax() in p for row, p in zip(w, a) if p]))),
    ("above_a_half", "weights above a half count as 1", 0, _of(lambda row: float(row.sum() > 0.5))),
    ("rows_moved_up", "the rows no longer belong together", 2, lambda w, a: agreement(w, [p for p in a if p])),
    ("diagonal", "the diagonal is taken", 0, lambda w, a: float(np.mean([w[i, min(i, w.shape[1] - 1)] for i in range(len(w))]))),
    ("from_one", "the positions are counted from 1", 0, lambda w, a: float(np.mean([w[i, [j - 1 for j in p]].sum() for i, p in enumerate(a) if p]))),
    ("first_symbol", "does `return` stand inside the loop", 0, lambda w, a: next(row[p].sum() for row, p in zip(w, a) if p)),
    ("mean_of_nothing", "the mean of nothing is nan", 1, lambda w, a: float(np.mean([row[p].mean() for row, p in zip(w, a)]))),
    ("drops", "changed in place: alignment", 2, _drops),
    ("list", "a list in place of one number", 0, lambda w, a: [row[p].sum() for row, p in zip(w, a) if p]),
    ("divided_by_zero", "such a symbol does not count", 2, lambda w, a: agreement(w, a) + 0 * sum(1 / len(p) for p in a)),
    ("rounded", "rounded to 3 decimals", 0, lambda w, a: round(agreement(w, a), 3)),
    ("least", "the least of a symbol's weights", 1, _of(np.min)),
    ("whole_range", "all weights between a symbol's first and last position", 1, lambda w, a: float(np.mean([w[i, min(p) : max(p) + 1].sum() for i, p in enumerate(a) if p]))),
    ("columns", "whole columns of the weights are read", 0, lambda w, a: float(np.mean([w[:, p].sum(axis=1).mean() for p in a if p]))),
    ("percent", "percent: a fraction is asked for", 0, lambda w, a: 100 * agreement(w, a)),
    ("largest_symbol", "the largest of the symbols", 0, lambda w, a: max(row[p].sum() for row, p in zip(w, a) if p)),
    ("least_symbol", "the least of the symbols", 0, lambda w, a: min(row[p].sum() for row, p in zip(w, a) if p)),
    ("geometric_mean", "the geometric mean of the symbols", 0, lambda w, a: float(np.exp(np.mean([np.log(row[p].sum()) for row, p in zip(w, a) if p])))),
    ("any_position", "position 0 is taken for none", 1, _of(np.sum, any)),
    ("if_position", "position 0 is left out", 0, lambda w, a: float(np.mean([sum(row[j] for j in p if j) for row, p in zip(w, a) if p]))),
    ("slice", "a slice from a symbol's first listed position up to its last, without it", 0, lambda w, a: float(np.mean([row[p[0] : p[-1]].sum() for row, p in zip(w, a) if p]))),
    ("whole_slice", "a slice from a symbol's first listed position to its last", 1, lambda w, a: float(np.mean([row[p[0] : p[-1] + 1].sum() for row, p in zip(w, a) if p]))),
    ("row_by_index", "share the row of the first, as with .index", 0, lambda w, a: agreement(w[[a.index(p) for p in a]], a)),
    ("row_by_key", "are counted once, as keys of a dict", 0, lambda w, a: float(np.mean(list({str(p): row[p].sum() for row, p in zip(w, a) if p}.values())))),
    ("break_for_continue", "the search ends at the first symbol that translates nothing", 2, lambda w, a: agreement(w, list(itertools.takewhile(bool, a)))),
    ("zeros_left_out", "symbols without any weight in the right place are left out", 2, lambda w, a: float(np.mean([x for x in (row[p].sum() for row, p in zip(w, a) if p) if x]))),
    ("over_the_source", "is divided by the number of source positions", 0, lambda w, a: agreement(w, a) / w.shape[1]),
    ("last_left_out", "the last symbol is left out", 0, lambda w, a: agreement(w[:-1], a[:-1])),
    ("whole_rows", "weights[alignment] takes whole rows", 0, lambda w, a: float(np.mean(w[a]))),
    ("rows_by_position", "weights[positions] takes whole rows", 0, lambda w, a: float(np.mean([w[p].sum() for p in a if p]))),
    ("array_of_the_alignment", "go through weights and alignment row by row", 1, lambda w, a: agreement(w, a) + 0 * np.array(a).size),
]:
    wrong("agreement", says=_says, points=_points, name=_name)(_answer)


# ---- attention_backward


@right("attention_backward")
def attention_backward(d_context, queries, keys, values, weights):
    d_values = weights.transpose(0, 2, 1) @ d_context
    d_weights = d_context @ values.transpose(0, 2, 1)
    mean = (weights * d_weights).sum(axis=-1, keepdims=True)
    d_scores = weights * (d_weights - mean)
    return d_scores @ keys, d_scores.transpose(0, 2, 1) @ queries, d_values


@right("attention_backward")
def whole_jacobian(d_context, queries, keys, values, weights):
    d_queries, d_keys, d_values = np.zeros_like(queries), np.zeros_like(keys), np.zeros_like(values)
    for b in range(len(queries)):
        for t in range(queries.shape[1]):
            w = weights[b, t]
            jacobian = np.diag(w) - np.outer(w, w)
            d_scores = jacobian @ (values[b] @ d_context[b, t])
            d_queries[b, t] = keys[b].T @ d_scores
            d_keys[b] += np.outer(d_scores, queries[b, t])
            d_values[b] += np.outer(w, d_context[b, t])
    return d_queries, d_keys, d_values


@right("attention_backward")
def mean_from_the_context(d_context, queries, keys, values, weights):
    context = weights @ values
    d_scores = weights * (np.einsum("btv,bsv->bts", d_context, values) - np.einsum("btv,btv->bt", d_context, context)[:, :, None])
    return [np.einsum("bts,bsd->btd", d_scores, keys), np.einsum("bts,btd->bsd", d_scores, queries), np.einsum("bts,btv->bsv", weights, d_context)]


@right("attention_backward")
def padding_left_out(d_context, queries, keys, values, weights):
    parts = [np.zeros_like(a) for a in (queries, keys, values)]
    for b, w in enumerate(weights):
        real = w.any(axis=0)
        w = w[:, real]
        d_weights = d_context[b] @ values[b, real].T
        d_scores = w * d_weights - w * np.sum(w * d_weights, axis=1)[:, None]
        parts[0][b], parts[1][b, real], parts[2][b, real] = d_scores @ keys[b, real], d_scores.T @ queries[b], w.T @ d_context[b]
    return tuple(parts)


def _mean(w, d):
    return (w * d).sum(axis=-1, keepdims=True)


def _back(scores=lambda w, d: w * (d - _mean(w, d)), weights=lambda dc, values: dc @ values.transpose(0, 2, 1), of_values=lambda w, dc: w.transpose(0, 2, 1) @ dc,
          of_queries=lambda s, q, k: s @ k, of_keys=lambda s, q, k: s.transpose(0, 2, 1) @ q):
    def answer(d_context, queries, keys, values, w):
        s = scores(w, weights(d_context, values))
        return of_queries(s, queries, keys), of_keys(s, queries, keys), of_values(w, d_context)

    return answer


def _left_at_padding(d_context, queries, keys, values, weights):
    d_queries, d_keys, d_values = attention_backward(d_context, queries, keys, values, weights)
    return d_queries, d_keys + 1e-15, d_values


def _in_place_back(d_context, queries, keys, values, weights):
    result = attention_backward(d_context, queries, keys, values, weights)
    weights *= 2
    return result


def _scaled(d_context, queries, keys, values, weights):
    d_queries, d_keys, d_values = attention_backward(d_context, queries, keys, values, weights)
    return d_queries / np.sqrt(queries.shape[-1]), d_keys / np.sqrt(queries.shape[-1]), d_values


for _name, _says, _points, _answer in [
    ("softmax_skipped", "the softmax is not gone back through", 1, _back(lambda w, d: d)),
    ("diagonal", "the softmax's Jacobian has its diagonal only", 1, _back(lambda w, d: w * (1 - w) * d)),
    ("no_mean", "the weighted mean is not subtracted", 1, _back(lambda w, d: w * d)),
    ("plain_mean", "the plain mean is subtracted", 1, _back(lambda w, d: w * (d - d.mean(axis=-1, keepdims=True)))),
    ("plain_sum", "the plain sum is subtracted", 1, _back(lambda w, d: w * (d - d.sum(axis=-1, keepdims=True)))),
    ("outside_of_the_brackets", "subtracted outside of the brackets", 1, _back(lambda w, d: w * d - _mean(w, d))),
    ("no_weights_in_front", "the weights in front are missing", 1, _back(lambda w, d: d - _mean(w, d))),
    ("added", "the weighted mean is added", 1, _back(lambda w, d: w * (d + _mean(w, d)))),
    ("over_the_target", "the weighted mean runs over the target", 1, _back(lambda w, d: w * (d - (w * d).sum(axis=1, keepdims=True)))),
    ("over_everything", "the weighted mean runs over the whole array", 1, _back(lambda w, d: w * (d - np.sum(w * d)))),
    ("no_keepdims", "keepdims=True is missing", 0, _back(lambda w, d: w * (d - np.sum(w * d, axis=-1)))),
    ("mean_of_products", "the weights sum to 1, so it is their sum", 1, _back(lambda w, d: w * (d - np.mean(w * d, axis=-1, keepdims=True)))),
    ("sign_of_scores", "the sign of the gradient of the scores", 1, _back(lambda w, d: w * (_mean(w, d) - d))),
    ("scaled", "the scores are taken as scaled", 1, _scaled),
    ("values_not_transposed", "values are not transposed on the way to the weights", 0, _back(weights=lambda dc, values: dc @ values)),
    ("d_values_not_transposed", "the weights are not transposed in d_values", 0, _back(of_values=lambda w, dc: w @ dc)),
    ("d_values_without_weights", "d_values without the weights", 4, _back(of_values=lambda w, dc: np.ones_like(w).transpose(0, 2, 1) @ dc)),
    ("d_keys_not_transposed", "is not transposed in d_keys", 0, _back(of_keys=lambda s, q, k: s @ q)),
    ("queries_in_d_queries", "queries are used in d_queries", 0, _back(of_queries=lambda s, q, k: s @ q)),
    ("keys_in_d_keys", "keys are used in d_keys", 0, _back(of_keys=lambda s, q, k: s.transpose(0, 2, 1) @ k)),
    ("transposed_in_d_queries", "is transposed in d_queries", 0, _back(of_queries=lambda s, q, k: s.transpose(0, 2, 1) @ k)),
    ("exchanged", "d_queries and d_keys are exchanged", 1, lambda *case: (lambda q, k, v: (k, q, v))(*attention_backward(*case))),
    ("values_first", "d_values comes first", 0, lambda *case: (lambda q, k, v: (v, q, k))(*attention_backward(*case))),
    ("reversed", "the three gradients come in reverse order", 2, lambda *case: attention_backward(*case)[::-1]),
    ("averaged", "the gradients are averaged over the batch", 0, lambda *case: tuple(a / len(a) for a in attention_backward(*case))),
    ("summed", "the gradients are summed over the batch", 0, lambda *case: tuple(a.sum(axis=0) for a in attention_backward(*case))),
    ("sign", "the sign of all three gradients", 0, lambda *case: tuple(-a for a in attention_backward(*case))),
    ("ones", "the context's gradient is not used", 0, lambda dc, *rest: attention_backward(np.ones_like(dc), *rest)),
    ("left_at_padding", "d_keys: at padding there is 1e-15, expected exactly 0", 5, _left_at_padding),
    ("single_precision", "right but for rounding", 5, lambda *case: tuple(a.astype(np.float32) for a in attention_backward(*case))),
    ("changed", "changed in place: weights", 5, _in_place_back),
    ("two_gradients", "expected a tuple (d_queries, d_keys, d_values), got a tuple of 2", 0, lambda *case: attention_backward(*case)[:2]),
    ("no_diagonal", "the softmax's Jacobian lacks its diagonal", 1, _back(lambda w, d: -w * _mean(w, d))),
    ("largest_subtracted", "the largest is subtracted, as in the forward pass", 1, _back(lambda w, d: w * (d - d.max(axis=-1, keepdims=True)))),
    ("last_query_only", "only the last query's part is in d_keys", 3, _back(of_keys=lambda s, q, k: s[:, -1, :, None] * q[:, -1, None])),
    ("over_target_and_source", "the weighted mean runs over target and source", 1, _back(lambda w, d: w * (d - (w * d).sum(axis=(1, 2), keepdims=True)))),
    ("first_means", "the weighted means of the first sequence are used for all", 1, _back(lambda w, d: w * (d - _mean(w, d)[:1]))),
    ("scores_averaged", "the gradient of the scores is divided by the batch", 1, _back(lambda w, d: w * (d - _mean(w, d)) / len(w))),
    ("values_in_d_queries", "the values are used in d_queries", 3, lambda dc, q, k, values, w: (
        w * ((d := dc @ values.transpose(0, 2, 1)) - _mean(w, d)) @ values, *attention_backward(dc, q, k, values, w)[1:])),
    ("d_weights_in_d_queries", "the gradient of the weights is used in d_queries", 3, lambda dc, q, k, values, w: (
        dc @ values.transpose(0, 2, 1) @ k, *attention_backward(dc, q, k, values, w)[1:])),
    ("d_weights_in_d_keys", "the gradient of the weights is used in d_keys", 3, lambda dc, q, k, values, w: (
        (r := attention_backward(dc, q, k, values, w))[0], (dc @ values.transpose(0, 2, 1)).transpose(0, 2, 1) @ q, r[2])),
    ("dot_in_d_queries", "np.dot pairs each sequence with all others in d_queries", 3, _back(of_queries=lambda s, q, k: np.dot(s, k))),
    ("dot_in_d_keys", "np.dot pairs each sequence with all others in d_keys", 3, _back(of_keys=lambda s, q, k: np.dot(s.transpose(0, 2, 1), q))),
    ("d_keys_reshaped", "the gradient of the scores is reshaped in d_keys", 3, _back(of_keys=lambda s, q, k: s.reshape(len(s), s.shape[2], -1) @ q)),
    ("d_values_reshaped", "the weights are reshaped in d_values", 4, _back(of_values=lambda w, dc: w.reshape(len(w), w.shape[2], -1) @ dc)),
    ("d_values_turned", "d_values has its axes exchanged", 4, _back(of_values=lambda w, dc: dc.transpose(0, 2, 1) @ w)),
    ("first_keys", "the keys of the first sequence are used for all in d_queries", 3, _back(of_queries=lambda s, q, k: s @ k[0])),
    ("first_queries", "the queries of the first sequence are used for all in d_keys", 3, _back(of_keys=lambda s, q, k: s.transpose(0, 2, 1) @ q[0])),
    ("clipped", "the gradients are clipped at 1", 0, lambda *case: tuple(np.clip(part, -1, 1) for part in attention_backward(*case))),
    ("d_weights_for_values", "d_values is made of d_weights", 4, lambda dc, q, k, values, w: (
        *attention_backward(dc, q, k, values, w)[:2], (dc @ values.transpose(0, 2, 1)).transpose(0, 2, 1) @ dc)),
    ("values_over_the_batch", "d_values is divided by the batch", 4, lambda dc, q, k, values, w: (
        *attention_backward(dc, q, k, values, w)[:2], attention_backward(dc, q, k, values, w)[2] / len(dc))),
    ("all_axes_turned", "weights.T turns round all three axes", 0, _back(of_values=lambda w, dc: w.T @ dc)),
    ("weights_without_mask", "the weights are worked out anew without the mask", 0, lambda dc, q, k, values, w: attention_backward(dc, q, k, values, _softmax(q @ k.transpose(0, 2, 1)))),
]:
    wrong("attention_backward", says=_says, points=_points, name=_name)(_answer)


# ---- beam_search


@right("beam_search")
def beam_search(log_probabilities, start, end, width, longest, alpha):
    hypotheses, complete = [(0.0, [start])], []
    for _ in range(longest):
        extended = [
            (total + log_probabilities[sequence[-1], symbol], sequence + [symbol])
            for total, sequence in hypotheses
            for symbol in range(len(log_probabilities))
            if log_probabilities[sequence[-1], symbol] > -np.inf
        ]
        kept = sorted(extended, key=lambda h: (-h[0], h[1]))[:width]
        complete += [h for h in kept if h[1][-1] == end]
        hypotheses = [h for h in kept if h[1][-1] != end]

    def rank(hypothesis):
        total, (_, *sequence) = hypothesis
        return -total / len(sequence) ** alpha, len(sequence), sequence

    if not complete:
        return [], -np.inf
    total, (_, *sequence) = min(complete, key=rank)
    return sequence, float(total)


@right("beam_search")
def with_a_heap(log_probabilities, start, end, width, longest, alpha):
    beam, best = {(): 0.0}, None
    for length in range(1, longest + 1):
        candidates = []
        for sequence, total in beam.items():
            row = log_probabilities[sequence[-1] if sequence else start]
            candidates += [(-(total + p), (*sequence, j)) for j, p in enumerate(row.tolist()) if p != -math.inf]
        beam = {}
        for cost, sequence in heapq.nsmallest(width, candidates):
            if sequence[-1] != end:
                beam[sequence] = -cost
            elif best is None or (cost / length**alpha, length, sequence) < best[0]:
                best = (cost / length**alpha, length, sequence), -cost
    return (list(best[0][2]), best[1]) if best else ([], float("-inf"))


@right("beam_search")
def normalised_in_the_pruning_too(log_probabilities, start, end, width, longest, alpha):
    """All extensions of a step are equally long, so that it makes no difference."""
    hypotheses, complete = [(0.0, [])], []
    for length in range(1, longest + 1):
        extended = [(t + log_probabilities[(s or [start])[-1], j], [*s, j]) for t, s in hypotheses for j in range(len(log_probabilities))]
        extended = sorted((-t / length**alpha, s, t) for t, s in extended if np.isfinite(t))[:width]
        complete += [(rate, length, s, t) for rate, s, t in extended if s[-1] == end]
        hypotheses = [(t, s) for _, s, t in extended if s[-1] != end]
    return min(complete)[2:] if complete else ([], -np.inf)


@right("beam_search")
def with_arrays(log_probabilities, start, end, width, longest, alpha):
    sequences, totals, best = np.array([[start]]), np.zeros(1), (np.inf, [], -np.inf)
    for length in range(1, longest + 1):
        if not len(sequences):
            break
        scores = (totals[:, None] + log_probabilities[sequences[:, -1]]).ravel()
        whole = np.hstack([np.repeat(sequences, len(log_probabilities), axis=0), np.tile(np.arange(len(log_probabilities)), len(sequences))[:, None]])
        order = np.lexsort([*whole.T[::-1], -scores])[:width]
        order = order[np.isfinite(scores[order])]
        sequences, totals = whole[order], scores[order]
        ended = sequences[:, -1] == end
        for s, t in zip(sequences[ended], totals[ended]):
            if -t / length**alpha < best[0]:
                best = -t / length**alpha, s[1:].tolist(), t
        sequences, totals = sequences[~ended], totals[~ended]
    return best[1:]


def _beam(order=lambda total, s, end, table: (-total, s), rank=lambda total, n, alpha: total / n**alpha, per_hypothesis=False, before=False, stay=False, shrink=False,
          stop=False, steps=0, unfinished=False, beyond=False, length_rule=1, impossible=False, choose=None, width_of=lambda width: width, shown=lambda s, total: (s[1:], total), last_only=False, last=lambda s: s, enough=False, more=0, ahead=False, repeats=True,
          refilled=False, keep=False, forbidden=lambda s, j, end: False, sums=lambda total, price: total + price):
    def answer(table, start, end, width, longest, alpha):
        hypotheses, complete = [(0.0, [start])], []
        room = width_of(width)
        for _ in range(longest + steps):
            groups = []
            for total, s in hypotheses:
                if stay and s[-1] == end and len(s) > 1:
                    groups.append([(total, s)])
                else:
                    groups.append([(sums(total, table[s[-1], j]), [*s, j]) for j in range(len(table)) if impossible or table[s[-1], j] > -np.inf and (repeats or j != s[-1]) and not forbidden(s, j, end)])
            key = lambda h: order(*h, end, table)  # noqa: E731
            if per_hypothesis:
                kept = [h for group in groups for h in sorted(group, key=key)[:room]]
            else:
                candidates = [h for group in groups for h in group]
                if before:
                    complete += [h for h in candidates if h[1][-1] == end]
                    candidates = [h for h in candidates if h[1][-1] != end]
                kept = sorted(candidates, key=key)[:room]
            ended = [h for h in kept if h[1][-1] == end]
            if stay:
                hypotheses, complete = kept, ended
                continue
            complete = ended if last_only else complete + ended
            room = room - len(ended) if shrink else room
            hypotheses = kept if beyond else [h for h in kept if h[1][-1] != end]
            if refilled:
                hypotheses = sorted((h for h in candidates if h[1][-1] != end), key=key)[:width]
            if ahead and complete and (not hypotheses or max(complete)[0] > max(hypotheses)[0]):
                break
            if stop and complete or enough and len(complete) >= width + more:
                break
        complete += hypotheses if unfinished is True or unfinished and not complete else []
        complete = sorted(complete, key=lambda h: (-h[0], h[1]))[:width] if keep else complete
        if not complete:
            return [], -np.inf
        if choose is not None:
            total, s = complete[choose]
        else:
            total, s = min(complete, key=lambda h: (-rank(h[0], len(h[1]) - 1, alpha), length_rule * len(h[1]), last(h[1])))
        s, total = shown(s, total)
        return s, float(total)

    return answer


def _one_for_each(table, start, end, width, longest, alpha):
    hypotheses, complete = [(0.0, [start])], []
    for _ in range(longest):
        candidates = [(t + table[s[-1], j], [*s, j]) for t, s in hypotheses for j in range(len(table)) if table[s[-1], j] > -np.inf]
        first = {}
        for h in sorted(candidates, key=lambda h: (-h[0], h[1])):
            first.setdefault(h[1][-1], h)
        kept = list(first.values())[:width]
        complete += [h for h in kept if h[1][-1] == end]
        hypotheses = [h for h in kept if h[1][-1] != end]
    if not complete:
        return [], -np.inf
    total, s = min(complete, key=lambda h: (-h[0] / (len(h[1]) - 1) ** alpha, len(h[1]), h[1]))
    return s[1:], float(total)


def _read_from_next(table, *case):
    return _beam(impossible=True)(table.T, *case)


def _negative_order(total, s, end, table):
    return -total, [-j for j in s]


def _spoils(table, *rest):
    result = beam_search(table, *rest)
    table[~np.isfinite(table)] = -1e9
    return result


for _name, _says, _points, _answer in [
    ("with_start", "`start` is still in the sequence", 0, _beam(shown=lambda s, total: (s, total))),
    ("without_end", "`end` is left out of the sequence", 0, _beam(shown=lambda s, total: (s[1:-1], total))),
    ("probability", "the probability comes back, not its logarithm", 0, _beam(shown=lambda s, total: (s[1:], np.exp(total)))),
    ("tuple_for_a_list", "a tuple; list(...) makes it a list", 0, _beam(shown=lambda s, total: (tuple(s[1:]), total))),
    ("transposed", "the table is read the wrong way round", 0, lambda table, *rest: beam_search(table.T, *rest)),
    ("greedy", "width is not used: only the best hypothesis", 1, lambda table, start, end, width, longest, alpha: beam_search(table, start, end, 1, longest, alpha)),
    ("each_keeps_its_own", "each hypothesis keeps its own best extensions", 2, _beam(per_hypothesis=True)),
    ("last_step", "ranked by their last step alone", 2, _beam(order=lambda total, s, end, table: (-table[s[-2], s[-1]], s))),
    ("complete_before_the_pruning", "complete ones are put aside before the pruning", 3, _beam(before=True)),
    ("complete_ones_stay", "complete ones stay in the beam", 4, _beam(stay=True)),
    ("beam_shrinks", "the beam becomes narrower", 4, _beam(shrink=True)),
    ("first_complete", "the search stops at the first complete sequence", 3, _beam(stop=True)),
    ("extended_beyond_end", "complete sequences are extended beyond their `end`", 4, _beam(beyond=True)),
    ("one_step_less", "one step too few", 3, _beam(steps=-1)),
    ("one_step_more", "one step too many", 3, _beam(steps=1)),
    ("unfinished", "hypotheses that never ended count, too", 3, _beam(unfinished=True)),
    ("last_found", "the sequence that was complete last comes back", 1, _beam(choose=-1)),
    ("no_alpha", "alpha makes no difference", 4, _beam(rank=lambda total, n, alpha: total)),
    ("always_the_mean", "the sum is divided by length whatever alpha is", 3, _beam(rank=lambda total, n, alpha: total / n)),
    ("length_with_start", "length counts `start`", 4, _beam(rank=lambda total, n, alpha: total / (n + 1) ** alpha)),
    ("length_without_end", "length does not count `end`", 4, _beam(rank=lambda total, n, alpha: total / max(n - 1, 1e-9) ** alpha)),
    ("multiplied", "the sum is multiplied by length ** alpha", 4, _beam(rank=lambda total, n, alpha: total * n**alpha)),
    ("larger_symbols_survive", "of equal extensions the one with the larger symbol survives", 5, _beam(order=_negative_order)),
    ("larger_symbols_first", "of equals the larger symbol comes first", 5, _beam(order=_negative_order, last=lambda s: [-j for j in s])),
    ("order_kept", "equals stay in the order in which they were found", 5, _beam(order=lambda total, s, end, table: -total, last=lambda s: 0, length_rule=0)),
    ("longer_first", "of equals the longer sequence is chosen", 5, _beam(length_rule=-1)),
    ("symbols_before_lengths", "of equals of different lengths the smaller symbol decides", 5, _beam(length_rule=0)),
    ("impossible_steps", "steps that cannot be made are made", 4, _beam(impossible=True)),
    ("changed", "changed in place: log_probabilities", 5, _spoils),
    ("enough_complete", "the search stops once `width` sequences are complete", 4, _beam(enough=True)),
    ("bonus", "alpha times the length is added to the sum", 4, _beam(rank=lambda total, n, alpha: total + alpha * n)),
    ("wider", "one hypothesis more survives", 1, _beam(width_of=lambda width: width + 1)),
    ("narrower", "one hypothesis fewer survives", 2, _beam(width_of=lambda width: max(1, width - 1))),
    ("never_start_again", "`start` never comes again", 3, lambda table, start, *rest: beam_search(np.where(np.arange(len(table)) == start, -np.inf, table), start, *rest)),
    ("nothing_costs_nothing", "where nothing is complete the sum is 0", 4, lambda *case: (lambda s, total: (s, total if s else 0.0))(*beam_search(*case))),
    ("nothing_is_none", "no list: an empty one is []", 4, lambda *case: (lambda s, total: (s or None, total))(*beam_search(*case))),
    ("mean", "the mean log-probability comes back", 0, _beam(shown=lambda s, total: (s[1:], total / len(s[1:])))),
    ("list_of_numbers_reversed", "the sequence comes in reverse order", 0, _beam(shown=lambda s, total: (s[:0:-1], total))),
    ("ahead_of_the_rest", "once a complete sequence is likelier than all hypotheses", 4, _beam(ahead=True)),
    ("twice_in_a_row", "no symbol comes twice in a row", 3, _beam(repeats=False)),
    ("mean_times_alpha", "alpha multiplies the length, or the mean", 1, _beam(rank=lambda total, n, alpha: alpha * total / n)),
    ("text", "a text in place of a list of numbers", 0, _beam(shown=lambda s, total: (" ".join(map(str, s[1:])), total))),
    ("any_of_equals_survives", "of equal extensions the one that was found first survives", 5, _beam(order=lambda total, s, end, table: -total)),
    ("larger_symbols_chosen", "of equal complete sequences the one with the larger symbols is chosen", 5, _beam(length_rule=0, last=lambda s: [-j for j in s])),
    ("refilled", "the places of complete ones are filled", 4, _beam(refilled=True)),
    ("last_symbol_first", "of equal extensions the one with the smaller last symbol survives", 5, _beam(order=lambda total, s, end, table: (-total, s[-1], s))),
    ("complete_first", "of equal extensions one that ends survives", 5, _beam(order=lambda total, s, end, table: (-total, s[-1] != end, s))),
    ("complete_last", "of equal extensions one that does not end survives", 5, _beam(order=lambda total, s, end, table: (-total, s[-1] == end, s))),
    ("rounded_sums", "sums that are nearly equal are taken as equal", 5, _beam(order=lambda total, s, end, table: (-round(total, 2), s))),
    ("largest_tuple", "of equals the larger tuple is chosen, as by max", 5, _beam(length_rule=-1, last=lambda s: [-j for j in s])),
    ("best_from_minus_hundred", "a sequence with a very small probability is lost", 5, lambda *case: (r if (r := beam_search(*case))[1] > -100 else ([], -np.inf))),
    ("nothing_cut", "width is not used: all extensions survive, or far too many", 1, _beam(width_of=lambda width: 50 * width)),
    ("one_for_each_last_symbol", "as in Viterbi's search", 2, _one_for_each),
    ("at_start", "the table is always read at `start`", 0, lambda table, start, end, *rest: beam_search(np.tile(table[start], (len(table), 1)), start, end, *rest)),
    ("more_than_enough", "the search stops once more than `width` sequences are complete", 4, _beam(more=1, enough=True)),
    ("width_complete_ones", "only `width` complete sequences are kept", 4, _beam(keep=True)),
    ("unfinished_for_none", "an unfinished hypothesis comes back where nothing is complete", 4, _beam(unfinished="for none")),
    ("no_end_at_once", "`end` may not come at once", 4, _beam(forbidden=lambda s, j, end: len(s) == 1 and j == end)),
    ("no_symbol_twice_but_start", "no symbol but `start` comes twice", 3, _beam(forbidden=lambda s, j, end: j in s[1:])),
    ("length_without_end_or_1", "length does not count `end`, or is 1", 4, _beam(rank=lambda total, n, alpha: total / max(n - 1, 1) ** alpha)),
    ("mean_where_alpha", "by alpha times length, wherever alpha is not 0", 4, _beam(rank=lambda total, n, alpha: total / (n if alpha else 1))),
    ("root_of_length", "1 / alpha is the exponent of length", 4, _beam(rank=lambda total, n, alpha: total / n ** (1 / alpha) if alpha else total)),
    ("exchanged", "log_probability and sequence are exchanged", 0, lambda *case: beam_search(*case)[::-1]),
    ("exchanged_but_for_nothing", "log_probability and sequence are exchanged", 0, lambda *case: r[::-1] if (r := beam_search(*case))[0] else r),
    ("texts", "texts in the list in place of numbers", 0, _beam(shown=lambda s, total: ([str(j) for j in s[1:]], total))),
    ("cut_at_longest", "one step too many, and what is too long is cut", 3, lambda table, start, end, width, longest, alpha: (
        lambda s, total: (s[:longest], total))(*beam_search(table, start, end, width, longest + 1, alpha))),
    ("without_symbol_0", "symbol 0 never comes", 0, lambda table, *rest: beam_search(np.where(np.arange(len(table)) == 0, -np.inf, table), *rest)),
    ("never_cut", "width is not used: all extensions survive", 1, _beam(width_of=lambda width: 300)),
    ("alpha_times_length", "alpha multiplies the length, or the mean", 1, _beam(rank=lambda total, n, alpha: total / (n * alpha) if alpha else -np.inf)),
    ("alpha_times_length_by_python", "a divisor is 0: length counts `end`", 0, _beam(rank=lambda total, n, alpha: float(total) / (n * alpha))),
    ("alpha_to_the_length", "alpha ** length in place of length ** alpha", 1, _beam(rank=lambda total, n, alpha: total / alpha**n if alpha else -np.inf)),
    ("alpha_to_the_length_but_for_0", "wherever alpha is not 0", 4, _beam(rank=lambda total, n, alpha: total / alpha**n if alpha else total)),
    ("no_sum", "the logarithm of the last step takes the place of the sum", 0, _beam(sums=lambda total, price: price)),
    ("multiplied_from_0", "logarithms are multiplied, beginning with 0", 0, _beam(sums=lambda total, price: total * price)),
    ("multiplied_from_1", "logarithms are multiplied: probabilities are", 0, _beam(sums=lambda total, price: price if total == 0 else total * price)),
    ("not_sorted", "the extensions are not sorted before they are cut", 1, _beam(order=lambda total, s, end, table: 0)),
    ("read_from_next_to_previous", "the table is read the wrong way round", 0, _read_from_next),
    ("worst", "of the complete sequences the worst is chosen", 1, _beam(rank=lambda total, n, alpha: -total / n**alpha)),
]:
    wrong("beam_search", says=_says, points=_points, name=_name)(_answer)


# ---- predictions

prediction("prediction_bottleneck", ("0.9", "0.5", "0.1"))
prediction("prediction_seeds", ("0.1", "0.5", "0.9"))
prediction("prediction_order", ("the same", "shuffled", "different"))
prediction("prediction_likeliest", ("1", "3", "5", "7"))
