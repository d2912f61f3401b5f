"""Answers to the exercises of lesson 09."""

import collections
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


def _no_empty(sequences, start, end, padding):
    result = teacher_forcing(sequences, start, end, padding)
    result[2][[not s for s in sequences]] = False
    return result


for _name, _says, _points, _answer in [
    ("one_row_cut_twice", "the shorter rows of inputs hold `end`, where padding belongs", 1, _one_row_cut),
    ("one_row_cut_twice_by_lengths", "the shorter rows of inputs hold `end`, where padding belongs", 2, _one_row_cut_with_lengths),
    ("end_in_inputs", "`end` stands in inputs after each sequence", 2, _forcing(lambda i, t, m, s, start, end, p: _padded([[start, *r, end] for r in s], p))),
    ("inputs_not_shifted", "inputs are not shifted: they begin with the sequence itself", 2, _forcing(lambda i, t, m, s, start, end, p: _padded(s, p, m.shape[1]))),
    ("inputs_are_targets", "inputs are not shifted, and end like the targets", 2, _forcing(lambda i, t, *_: t)),
    ("targets_are_inputs", "targets are not shifted", 2, _forcing(None, lambda i, *_: i)),
    ("targets_with_start", "targets begin with `start`", 2, _forcing(None, lambda i, t, m, s, start, end, p: _padded([[start, *r, end] for r in s], p))),
    ("no_end", "targets have no `end`: the decoder must learn when to stop", 2, _forcing(None, lambda i, t, m, s, start, end, p: _padded(s, p, m.shape[1]))),
    ("rolled", "shifted in a circle, as np.roll does", 2, _forcing(None, lambda i, *_: np.roll(i, -1, axis=1))),
    ("end_in_the_last_column", "`end` stands in the last column, after the padding", 2, _forcing(
        None, lambda i, t, m, s, start, end, p: np.hstack([_padded(s, p, m.shape[1] - 1), np.full((len(s), 1), end)]))),
    ("inputs_shifted_back", "so that `end` is in none of them", 2, _forcing(None, lambda i, t, m, s, start, end, p: np.hstack([i[:, 1:], np.full((len(s), 1), p)]))),
    ("both_exchanged", "inputs and targets are exchanged", 1, lambda *case: (lambda i, t, m: (t, i, m))(*teacher_forcing(*case))),
    ("start_and_end_exchanged", "`start` and `end` are exchanged", 1, lambda s, start, end, p: teacher_forcing(s, end, start, p)),
    ("start_for_end", "`start` is used in place of `end`", 2, lambda s, start, end, p: teacher_forcing(s, start, start, p)),
    ("padding_in_front", "the padding stands in front", 0, _front),
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
    ("nothing_for_an_empty_sequence", "expected", 3, _no_empty),
    ("no_mask", "expected a tuple (inputs, targets, mask), got a tuple of 2", 0, lambda *case: teacher_forcing(*case)[:2]),
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


for _name, _says, _points, _answer in [
    ("replacement_of_two", "a replacement counts as two edits", 1, _filled(lambda up, left, corner, alike: corner if alike else 1 + min(up, left))),
    ("hamming_and_rest", "symbols are compared place by place, and the rest is counted", 1, lambda a, b: sum(x != y for x, y in zip(a, b)) + abs(len(a) - len(b))),
    ("hamming", "zip ends with the shorter sequence", 1, lambda a, b: sum(x != y for x, y in zip(a, b))),
    ("neighbours_exchanged", "two neighbours that change places count as one edit", 2, _filled(_usual, swap=True)),
    ("lengths", "this is the difference of the lengths", 1, lambda a, b: abs(len(a) - len(b))),
    ("longer", "this is the length of the longer one", 0, lambda a, b: max(len(a), len(b))),
    ("no_insertion", "insertions are missing: each symbol of b", 1, _filled(lambda up, left, corner, alike: min(up + 1, corner + (not alike)))),
    ("no_deletion", "deletions are missing: each symbol of a", 1, _filled(lambda up, left, corner, alike: min(left + 1, corner + (not alike)))),
    ("replacement_for_nothing", "replacing a symbol costs nothing", 1, _filled(lambda up, left, corner, alike: min(up + 1, left + 1, corner))),
    ("equal_costs_too", "two equal symbols cost an edit too", 0, _filled(lambda up, left, corner, alike: 1 + min(up, left, corner))),
    ("wrong_way_round", "equal and different are exchanged", 0, _filled(lambda up, left, corner, alike: min(up + 1, left + 1, corner + alike))),
    ("largest", "the largest of the three costs", 0, _filled(lambda up, left, corner, alike: max(up + 1, left + 1, corner + (not alike)))),
    ("borders_of_zero", "first row and first column are 0", 0, _filled(_usual, 0, 0)),
    ("first_row_of_zero", "the table's first row is 0", 0, _filled(_usual, 0, 1)),
    ("first_column_of_zero", "the table's first column is 0", 0, _filled(_usual, 1, 0)),
    ("overwritten", "is overwritten before it is used", 0, _overwritten),
    ("without_a_cache", "a loop that never ends, or one that is far too slow", 0, _without_a_cache),
    ("symbols_counted", "the symbols are counted, wherever they stand", 2, lambda a, b: max(
        (collections.Counter(a) - collections.Counter(b)).total(), (collections.Counter(b) - collections.Counter(a)).total())),
    ("sets", "sets are compared", 0, lambda a, b: len(set(a) ^ set(b))),
    ("normalised", "divided by the length of the longer one", 0, lambda a, b: edit_distance(a, b) / max(len(a), len(b), 1)),
    ("float", "a float in place of a whole number", 0, lambda a, b: float(edit_distance(a, b))),
    ("one_too_many", "one edit too many", 0, lambda a, b: edit_distance(a, b) + 1),
    ("index_error", "one row and one column more than there are symbols", 0, _table_too_small),
    ("last_not_looked_at", "the last symbol of each is not looked at", 0, lambda a, b: edit_distance(a[:-1], b[:-1])),
    ("small_letters", "capitals and small letters are taken as equal", 3, _keeps_the_lowercase),
    ("joined", "a list of words is joined into one text: a symbol", 3, lambda a, b: edit_distance(*("".join(map(str, s)) if s and isinstance(s[0], str) else s for s in (a, b)))),
    ("identity", "symbols are compared with `is`", 3, _is),
    ("empty_is_zero", "for an empty sequence 0 comes back", 3, lambda a, b: edit_distance(a, b) if a and b else 0),
    ("changed", "changed in place: a, b", 3, _pops),
    ("hashed", "a list cannot be looked up in a set", 3, functools.lru_cache(None)(edit_distance)),
    ("text", "a text in place of a number", 0, lambda a, b: str(edit_distance(a, b))),
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
    ("percent", "percent: a fraction is asked", 0, lambda *case: tuple(100 * r for r in error_rates(*case))),
    ("accuracy", "the fraction that is right", 0, lambda *case: tuple(1 - r for r in error_rates(*case))),
    ("place_by_place", "the symbols are compared place by place", 1, _rate(distance=lambda r, p: sum(x != y for x, y in zip(r, p)) + abs(len(r) - len(p)))),
    ("letters", "joined, and their letters are counted", 1, _rate(distance=lambda r, p: edit_distance("".join(r), "".join(p)), over=lambda r, p, right: len("".join(r)))),
    ("right_sequences", "the fraction of the right sequences", 1, _rate(share=lambda w: 1 - sum(w) / len(w))),
    ("number_of_wrong", "the number of wrong sequences comes back", 1, _rate(share=lambda w: sum(w))),
    ("all_references", "unless it equals all of its references", 1, _rate(wrong=lambda right, p, d: any(p != r for r in right))),
    ("list_of_references", "which it never equals", 1, _rate(wrong=lambda right, p, d: p != right)),
    ("compared_with_the_first", "compared with the first reference only", 1, _rate(wrong=lambda right, p, d: p != right[0])),
    ("changed_predictions", "changed in place: predictions", 2, _removes),
    ("one_number", "expected a tuple (symbol_error_rate, sequence_error_rate), got the float", 0, lambda *case: error_rates(*case)[0]),
    ("rounded", "rounded to 2 decimals", 0, lambda *case: tuple(round(r, 2) for r in error_rates(*case))),
    ("division_by_prediction", "something is divided by the length of a prediction", 1, _rate(total=lambda d, n: sum(d) / sum(n), over=lambda r, p, right: len(r) * len(p) // len(p))),
]:
    wrong("error_rates", says=_says, points=_points, name=_name)(_answer)
