"""Answers to the exercises of lesson 08."""

import functools

import numpy as np

from tests.proofs import prediction, right, wrong


def _all(exercise, answers):
    """Register wrong answers: name, what is said, points, answer."""
    for name, says, points, answer in answers:
        wrong(exercise, says=says, points=points, name=name)(answer)


# ---- boundary_scores: right


@right("boundary_scores")
def boundary_scores(true, predicted, mask):
    true = np.asarray(true, bool) & mask
    predicted = np.asarray(predicted, bool) & mask
    found = (true & predicted).sum()
    precision = float(found / predicted.sum()) if predicted.any() else 1.0
    recall = float(found / true.sum()) if true.any() else 1.0
    total = precision + recall
    return precision, recall, 2 * precision * recall / total if total > 0 else 0.0


@right("boundary_scores")
def by_a_loop(true, predicted, mask):
    found = false = missed = 0
    for row_true, row_predicted, row_mask in zip(true.tolist(), predicted.tolist(), mask.tolist()):
        for t, p, m in zip(row_true, row_predicted, row_mask):
            if m and t and p:
                found += 1
            elif m and p:
                false += 1
            elif m and t:
                missed += 1
    precision = found / (found + false) if found + false else 1
    recall = found / (found + missed) if found + missed else 1
    f1 = 2 * found / (2 * found + false + missed) if found + false + missed else 1
    return precision, recall, f1


@right("boundary_scores")
def picked_places(true, predicted, mask):
    t, p = true[mask] != 0, predicted[mask] != 0
    precision = np.mean(t[p]) if p.sum() else np.float64(1)
    recall = np.mean(p[t]) if t.sum() else np.float64(1)
    with np.errstate(invalid="ignore"):
        f1 = np.nan_to_num(2 * precision * recall / (precision + recall))
    return [precision, recall, f1]


@right("boundary_scores")
def by_matrix_product(true, predicted, mask):
    t, p = (np.where(mask, a, 0).astype(float).ravel() for a in (true, predicted))
    found, n_true, n_predicted = t @ p, t @ t, p @ p
    precision, recall = (found / n if n else 1.0 for n in (n_predicted, n_true))
    return precision, recall, 0.0 if not found and (n_true or n_predicted) else 2 / (1 / precision + 1 / recall)


# ---- boundary_scores: wrong


def _tally(true, predicted, mask):
    t, p = (np.asarray(a, bool) & mask for a in (true, predicted))
    return int((t & p).sum()), int((~t & p & mask).sum()), int((t & ~p & mask).sum()), int(mask.sum())


def _f1(p, r):
    return 2 * p * r / (p + r) if p + r else 0.0


def _score(precision=None, recall=None, f1=_f1):
    """The right scores, but for what is given: functions of found, false, missed and places, or of precision and recall."""

    def answer(true, predicted, mask):
        p, r, _ = boundary_scores(true, predicted, mask)
        counts = _tally(true, predicted, mask)
        p, r = precision(*counts) if precision else p, recall(*counts) if recall else r
        return p, r, f1(p, r)

    return answer


def _empty(precision=1.0, recall=1.0, f1=0.0):
    def answer(true, predicted, mask):
        found, false, missed, _ = _tally(true, predicted, mask)
        p = found / (found + false) if found + false else precision
        r = found / (found + missed) if found + missed else recall
        return p, r, 2 * p * r / (p + r) if p + r else f1

    return answer


@wrong("boundary_scores", says="0 divided by 0 is nan", points=3)
def without_looking(true, predicted, mask):
    true, predicted = true & mask, predicted & mask
    with np.errstate(all="ignore"):
        found = (true & predicted).sum()
        p, r = found / predicted.sum(), found / true.sum()
        return p, r, 2 * p * r / (p + r)


@wrong("boundary_scores", says="look before you divide", points=3)
def without_looking_by_whole_numbers(true, predicted, mask):
    found, false, missed, _ = _tally(true, predicted, mask)
    p, r = found / (found + false), found / (found + missed)
    return p, r, 2 * p * r / (p + r)


@wrong("boundary_scores", says="all texts are counted together")
def mean_of_texts(true, predicted, mask):
    return tuple(np.mean([boundary_scores(*(a[None] for a in row)) for row in zip(true, predicted, mask)], axis=0))


@wrong("boundary_scores", says="changed in place: predicted", points=3)
def masked_in_place(true, predicted, mask):
    predicted &= mask
    return boundary_scores(true, predicted, mask)


@wrong("boundary_scores", says="the scores of each text: all texts are counted together")
def scores_of_each_text(true, predicted, mask):
    rows = [boundary_scores(*(a[None] for a in row)) for row in zip(true, predicted, mask)]
    return tuple(np.array(part) for part in zip(*rows))


@wrong("boundary_scores", says="places where both say that no word begins are taken for right predictions")
def equal_is_right(true, predicted, mask):
    t, p = true.astype(bool) & mask, predicted.astype(bool) & mask
    same = ((t == p) & mask).sum()
    precision, recall = same / p.sum() if p.any() else 1.0, same / t.sum() if t.any() else 1.0
    return precision, recall, _f1(precision, recall)


_all("boundary_scores", [
    ("exchanged", "precision and recall are swapped", 1, lambda t, p, m: (*boundary_scores(t, p, m)[1::-1], boundary_scores(t, p, m)[2])),
    ("without_mask", "the mask is not used", 0, lambda t, p, m: boundary_scores(t, p, np.ones_like(m))),
    ("mask_reversed", "the mask is the wrong way round", 0, lambda t, p, m: boundary_scores(t, p, ~m)),
    ("mask_on_true_only", "the predictions at masked places are counted", 1, lambda t, p, m: boundary_scores(t.astype(bool) & m, p, np.ones_like(m))),
    ("mask_on_predicted_only", "the true beginnings at masked places are counted", 1, lambda t, p, m: boundary_scores(t, p.astype(bool) & m, np.ones_like(m))),
    ("first_text", "only the first text is scored", 0, lambda t, p, m: boundary_scores(t[:1], p[:1], m[:1])),
    ("no_beginnings", "where NO word begins are scored", 0, lambda t, p, m: boundary_scores(1 - t.astype(int), 1 - p.astype(int), m)),
    ("accuracy_as_precision", "accuracy in place of precision", 1, _score(precision=lambda f, x, y, n: (n - x - y) / n)),
    ("accuracy_as_recall", "accuracy in place of recall", 1, _score(recall=lambda f, x, y, n: (n - x - y) / n)),
    ("accuracy_three_times", "accuracy in place of all three", 0, lambda t, p, m: (float((t == p)[m].mean()) if m.any() else 1.0,) * 3),
    ("over_all_places", "divided by the number of all positions", 0, _score(lambda f, x, y, n: f / max(n, 1), lambda f, x, y, n: f / max(n, 1))),
    ("wrong_share", "the fraction of predictions that are WRONG", 1, _score(precision=lambda f, x, y, n: x / (f + x) if f + x else 1.0)),
    ("missed_share", "the fraction that is MISSED", 1, _score(recall=lambda f, x, y, n: y / (f + y) if f + y else 1.0)),
    ("jaccard", "the Jaccard index), in place of precision", 1, _score(precision=lambda f, x, y, n: f / (f + x + y) if f + x + y else 1.0)),
    ("specificity", "specificity in place of recall", 1, _score(recall=lambda f, x, y, n: (n - f - x - y) / (n - f - y) if n - f - y else 1.0)),
    ("numbers", "counts, not fractions", 0, _score(lambda f, *_: f, lambda f, *_: f)),
    ("arithmetic_mean", "f1 is the mean of the two", 2, _score(f1=lambda p, r: (p + r) / 2)),
    ("geometric_mean", "f1 is the square root", 2, _score(f1=lambda p, r: (p * r) ** 0.5)),
    ("without_the_two", "f1 without the 2", 2, _score(f1=lambda p, r: p * r / (p + r) if p + r else 0.0)),
    ("product", "f1 is the product", 2, _score(f1=lambda p, r: p * r)),
    ("missing_parentheses", "parentheses are missing", 2, _score(f1=lambda p, r: 2 * p * r / p + r if p else 0.0)),
    ("per_cent", "in per cent", 0, lambda t, p, m: tuple(100 * s for s in boundary_scores(t, p, m))),
    ("rounded", "rounded to 2 digits", 0, lambda t, p, m: tuple(round(s, 2) for s in boundary_scores(t, p, m))),
    ("precision_of_nothing", "with nothing predicted the precision is 1.0", 3, _empty(precision=0.0)),
    ("recall_of_nothing", "with no beginning to find the recall is 1.0", 3, _empty(recall=0.0)),
    ("both_of_nothing", "where there is nothing to divide by, precision and recall are 1.0", 3, _empty(0.0, 0.0)),
    ("f1_of_nothing", "f1 is 1.0 where both scores are 0", 3, _empty(f1=1.0)),
    ("nan_f1", "f1 is 0 divided by 0", 3, _empty(f1=np.nan)),
    ("small_number_added", "a small number is added to what is divided by", 3, lambda t, p, m: _smooth(t, p, m, 1e-9)),
    ("all_zero_where_empty", "where there is nothing to divide by, precision and recall are 1.0", 3,
     lambda t, p, m: boundary_scores(t, p, m) if (t.astype(bool) & m).any() and (p.astype(bool) & m).any() else (0.0, 0.0, 0.0)),
    ("found_only_masked", "the mask is used for the found beginnings only", 0, lambda t, p, m: _of_counts(_tally(t, p, m)[0], p.astype(bool).sum(), t.astype(bool).sum())),
    ("masked_to_true", "masked places are set to True", 0, lambda t, p, m: boundary_scores(t.astype(bool) | ~m, p.astype(bool) | ~m, np.ones_like(m))),
    ("first_mask", "the first row's mask is used for all rows", 0, lambda t, p, m: boundary_scores(t, p, m[:1].repeat(len(m), axis=0))),
    ("first_place_left_out", "the first place of each text is left out", 0, lambda t, p, m: boundary_scores(t[:, 1:], p[:, 1:], m[:, 1:])),
    ("mean_of_texts_0_for_nothing", "with 0 where a text has nothing", 0,
     lambda t, p, m: tuple(np.mean([_empty(0.0, 0.0)(*(a[None] for a in row)) for row in zip(t, p, m)], axis=0))),
    ("f1_first", "the order is f1, precision, recall", 0, lambda t, p, m: (lambda a, b, c: (c, a, b))(*boundary_scores(t, p, m))),
    ("accuracy_as_f1", "accuracy in place of f1", 2, lambda t, p, m: (*boundary_scores(t, p, m)[:2], (t == p)[m].mean() if m.any() else 1.0)),
    ("f1_by_counts", "f1 is 0.0 where nothing is predicted and nothing is there", 3,
     lambda t, p, m: (*boundary_scores(t, p, m)[:2], (lambda f, x, y, n: 2 * f / (2 * f + x + y) if f + x + y else 0.0)(*_tally(t, p, m)))),
    ("asked_before_the_mask", "the empty cases are tested before the mask is used", 3, lambda t, p, m: _asked_too_early(t.astype(bool), p.astype(bool), m)),
    ("f1_alone", "a single number: return precision, recall and f1", 0, lambda t, p, m: boundary_scores(t, p, m)[2]),
    ("texts", "texts in place of numbers", 0, lambda t, p, m: tuple(map(str, boundary_scores(t, p, m)))),
    ("two_of_three", "one of the three is missing", 0, lambda t, p, m: boundary_scores(t, p, m)[:2]),
    ("an_array", "an array: return a tuple", 0, lambda t, p, m: np.array(boundary_scores(t, p, m))),
    ("a_dict", "a dict: return a tuple", 0, lambda t, p, m: dict(zip(("precision", "recall", "f1"), boundary_scores(t, p, m)))),
    ("precision_over_all_places", "in precision the found beginnings are divided by the number of all positions", 1,
     _score(precision=lambda f, x, y, n: f / n if n and f + x else 1.0)),
    ("recall_over_all_places", "in recall the found beginnings are divided by the number of all positions", 1,
     _score(recall=lambda f, x, y, n: f / n if n and f + y else 1.0)),
    ("precision_1_without_a_hit", "the precision is 1.0 wherever nothing is right", 3, _score(precision=lambda f, x, y, n: f / (f + x) if f else 1.0)),
    ("recall_1_without_a_hit", "the recall is 1.0 wherever nothing is right", 3, _score(recall=lambda f, x, y, n: f / (f + y) if f else 1.0)),
    ("both_1_without_a_hit", "precision and recall are 1.0 wherever nothing is right", 3,
     _score(lambda f, x, y, n: f / (f + x) if f else 1.0, lambda f, x, y, n: f / (f + y) if f else 1.0)),
])  # fmt: skip


@wrong("boundary_scores", says="whole numbers 0 and 1 are taken for positions", points=0)
def picked_by_whole_numbers(true, predicted, mask):
    true, predicted = true[mask], predicted[mask]
    p = true[predicted].mean() if predicted.any() else 1.0
    r = predicted[true].mean() if true.any() else 1.0
    return p, r, _f1(p, r)


@wrong("boundary_scores", says="True and False cannot be subtracted")
def subtracted(true, predicted, mask):
    true, predicted = true[mask], predicted[mask]
    return _of_counts((true * predicted).sum(), (predicted - true == 1).sum(), (true - predicted == 1).sum())


@wrong("boundary_scores", says="the mean of the scores of those texts that have any")
def mean_of_texts_that_have_some(true, predicted, mask):
    rows = [_tally(*(part[None] for part in row)) for row in zip(true, predicted, mask)]
    p, r = [f / (f + x) for f, x, _, _ in rows if f + x], [f / (f + y) for f, _, y, _ in rows if f + y]
    p, r = (np.mean(scores) if scores else 1.0 for scores in (p, r))
    return p, r, _f1(p, r)


def _of_counts(found, predicted, true):
    p, r = found / predicted if predicted else 1.0, found / true if true else 1.0
    return p, r, _f1(p, r)


def _asked_too_early(true, predicted, mask):
    found = (true & predicted & mask).sum()
    with np.errstate(all="ignore"):
        p = found / (predicted & mask).sum() if predicted.any() else 1.0
        r = found / (true & mask).sum() if true.any() else 1.0
    return p, r, _f1(p, r)


def _smooth(true, predicted, mask, small):
    found, false, missed, _ = _tally(true, predicted, mask)
    p, r = found / (found + false + small), found / (found + missed + small)
    return p, r, 2 * p * r / (p + r + small)


# ---- can_tell: right


@right("can_tell")
def can_tell(a, b):
    if min(a) > max(b):
        return "a"
    if min(b) > max(a):
        return "b"
    return "cannot tell"


@right("can_tell")
def every_score_against_every_score(a, b):
    above = [[x > y for y in b] for x in a]
    below = [[x < y for y in b] for x in a]
    return "a" if all(map(all, above)) else "b" if all(map(all, below)) else "cannot tell"


@right("can_tell")
def by_sorting(a, b):
    ranked = sorted([(score, 1, "a") for score in a] + [(score, 0, "b") for score in b])
    names = "".join(name for _, _, name in ranked)
    if min(a) in b or min(b) in a:
        return "cannot tell"
    return {len(b) * "b" + len(a) * "a": "a", len(a) * "a" + len(b) * "b": "b"}.get(names, "cannot tell")


@right("can_tell")
def by_outer_difference(a, b):
    gaps = np.subtract.outer(a, b)
    return np.str_("a") if (gaps > 0).all() else "b" if (gaps < 0).all() else "cannot tell"


# ---- can_tell: wrong


def _told(above):
    """The verdict by what counts as above."""
    return lambda a, b: "a" if above(a, b) else "b" if above(b, a) else "cannot tell"


@wrong("can_tell", says="changed in place: ", points=1)
def sorts_in_place(a, b):
    a.sort()
    b.sort()
    return can_tell(a, b)


@wrong("can_tell", says="no return statement", points=1)
def forgets_the_third_answer(a, b):
    if min(a) > max(b):
        return "a"
    if min(b) > max(a):
        return "b"


@wrong("can_tell", says="min and max make one number of a list")
def compares_arrays(a, b):
    return "a" if np.array(a)[: len(b)] > np.array(b)[: len(a)] else "b"


@wrong("can_tell", says="the lists need not be of the same length")
def pairs_arrays(a, b):
    return "a" if (np.array(a) > np.array(b)).all() else "b" if (np.array(a) < np.array(b)).all() else "cannot tell"


@wrong("can_tell", says="the search for the worst begins at 1", points=1)
def begins_at_one(a, b):
    if min([1, *a]) > max(b):
        return "a"
    return "b" if min([1, *b]) > max(a) else "cannot tell"


@wrong("can_tell", says="most of the pairs decide", points=1)
def most_pairs(a, b):
    above = sum(x > y for x in a for y in b) - sum(y > x for x in a for y in b)
    return "a" if above > 0 else "b" if above < 0 else "cannot tell"


@wrong("can_tell", says="the search for the best begins at 0", points=1)
def begins_at_zero(a, b):
    best = {"a": 0, "b": 0}
    for name, scores in (("a", a), ("b", b)):
        for score in scores:
            best[name] = max(best[name], score)
    return "a" if min(a) > best["b"] else "b" if min(b) > best["a"] else "cannot tell"


_all("can_tell", [
    ("means", "the means are compared", 1, _told(lambda x, y: sum(x) / len(x) > sum(y) / len(y))),
    ("means_or_b", "the means are compared", 1, lambda a, b: "a" if np.mean(a) > np.mean(b) else "b"),
    ("medians", "the medians are compared", 1, _told(lambda x, y: np.median(x) > np.median(y))),
    ("best_scores", "the best scores are compared", 1, _told(lambda x, y: max(x) > max(y))),
    ("worst_scores", "the worst scores are compared", 1, _told(lambda x, y: min(x) > min(y))),
    ("ties", "equal scores are taken for above", 1, _told(lambda x, y: min(x) >= max(y))),
    ("seed_by_seed", "scores at the same place are compared", 1, _told(lambda x, y: all(p > q for p, q in zip(x, y)))),
    ("one_is_enough", "one score above another is enough", 1, _told(lambda x, y: any(p > q for p in x for q in y))),
    ("lists", "the lists themselves, or their first scores", 1, _told(lambda x, y: x > y)),
    ("first_scores", "the lists themselves, or their first scores", 1, _told(lambda x, y: x[0] > y[0])),
    ("taken_for_sorted", "the lists are taken for sorted", 1, _told(lambda x, y: x[0] > y[-1])),
    ("standard_deviations", "means and standard deviations are compared", 0, _told(lambda x, y: np.mean(x) - np.std(x) > np.mean(y) + np.std(y))),
    ("exchanged", "a and b are exchanged", 0, lambda a, b: can_tell(b, a)),
    ("losses", "a and b are exchanged", 0, _told(lambda x, y: max(x) < min(y))),
    ("else_b", 'whatever is not "a" is called "b"', 1, lambda a, b: "a" if min(a) > max(b) else "b"),
    ("never_b", 'it never says "b"', 0, lambda a, b: "a" if min(a) > max(b) else "cannot tell"),
    ("capitals", "in small letters", 0, lambda a, b: {"a": "A", "b": "B"}.get(can_tell(a, b), "cannot tell")),
    ("the_list_itself", "the better list comes back", 0, lambda a, b: {"a": a, "b": b}.get(can_tell(a, b), "cannot tell")),
    ("another_wording", "the wording is another", 1, lambda a, b: can_tell(a, b).replace("cannot", "can't")),
    ("always_cannot_tell", "cannot tell", 0, lambda a, b: "cannot tell"),
])  # fmt: skip


# ---- reverse_padded: right


@right("reverse_padded")
def reverse_padded(x, mask):
    lengths, steps = mask.sum(axis=1)[:, None], np.arange(x.shape[1])
    source = np.where(steps < lengths, lengths - 1 - steps, steps)
    return x[np.arange(len(x))[:, None], source]


@right("reverse_padded")
def row_by_row(x, mask):
    result = x.copy()
    for row, real in enumerate(mask):
        result[row, real] = x[row, real][::-1]
    return result


@right("reverse_padded")
def taken_along_the_axis(x, mask):
    order = np.array([[*range(n - 1, -1, -1), *range(n, len(row))] for row, n in zip(mask, mask.sum(axis=1).tolist())])
    return np.take_along_axis(x, order.reshape(*mask.shape, *[1] * (x.ndim - 2)), axis=1)


@right("reverse_padded")
def step_by_step(x, mask):
    rows = []
    for row, real in zip(x, mask):
        n = int(np.count_nonzero(real))
        rows.append([row[n - 1 - t] if t < n else row[t] for t in range(len(row))])
    return np.array(rows, dtype=x.dtype)


# ---- reverse_padded: wrong


def _rows(change):
    """Each row changed on its own: `change(row, n)`, n real steps."""
    return lambda x, mask: np.stack([change(row, int(n)) for row, n in zip(x, mask.sum(axis=1))])


def _swapped_while_read(row, n):
    row = row.copy()
    for t in range(n):
        row[t] = row[n - 1 - t]
    return row


@wrong("reverse_padded", says="changed in place: x", points=3)
def in_place(x, mask):
    for row, n in zip(x, mask.sum(axis=1)):
        row[:n] = row[:n][::-1].copy()
    return x


@wrong("reverse_padded", says="floats come back for whole numbers", points=3)
def into_zeros(x, mask):
    result = np.zeros(x.shape)
    for row, n in enumerate(mask.sum(axis=1)):
        result[row, :n], result[row, n:] = x[row, :n][::-1], x[row, n:]
    return result


@wrong("reverse_padded", says="an array gets the default dtype float64", points=3)
def single_becomes_double(x, mask):
    return reverse_padded(x.astype(float) if x.dtype == np.float32 else x, mask)


@wrong("reverse_padded", says="a slice that goes backwards came out empty")
def slice_backwards(x, mask):
    result = x.copy()
    for row, n in enumerate(mask.sum(axis=1)):
        result[row, :n] = x[row, n - 1 : -1 : -1]
    return result


@wrong("reverse_padded", says="x may have two axes: batch and time alone", points=3)
def three_axes(x, mask):
    result = x.copy()
    for row, n in enumerate(mask.sum(axis=1)):
        result[row, :n, :] = x[row, :n, :][::-1]
    return result


@wrong("reverse_padded", says="row[n - 1 :: -1] of a row without a real step begins at -1", points=3)
def slice_backwards_to_the_start(x, mask):
    result = x.copy()
    for row, n in enumerate(mask.sum(axis=1)):
        result[row, :n] = x[row, n - 1 :: -1]
    return result


@wrong("reverse_padded", says="np.take_along_axis wants an index for each axis of x")
def taken_with_two_axes(x, mask):
    lengths, steps = mask.sum(axis=1)[:, None], np.arange(x.shape[1])[None]
    return np.take_along_axis(x, np.where(mask, lengths - 1 - steps, steps), axis=1)


def _any_number(x):
    return (x != 0).reshape(*x.shape[:2], -1).any(axis=-1)


_all("reverse_padded", [
    ("whole_axis", "the whole time axis is reversed", 1, lambda x, mask: x[:, ::-1]),
    ("batch", "axis 0 is reversed, which is the batch", 0, lambda x, mask: x[::-1]),
    ("batch_and_time", "batch and time are both reversed", 0, lambda x, mask: x[::-1, ::-1]),
    ("numbers_of_a_step", "the numbers of each step are reversed", 0, lambda x, mask: x[..., ::-1] if x.ndim == 3 else x),
    ("first_length", "up to the first row's length", 1, lambda x, mask: reverse_padded(x, mask[:1].repeat(len(mask), axis=0))),
    ("longest", "up to the longest row's length", 1,
     lambda x, mask: reverse_padded(x, np.arange(x.shape[1]) < mask.sum(axis=1).max() + np.zeros((len(x), 1)))),
    ("padding_too", "the padding is reversed too", 1, _rows(lambda row, n: np.concatenate([row[:n][::-1], row[n:][::-1]]))),
    ("rolled", "the padding is reversed too", 1, _rows(lambda row, n: np.roll(row[::-1], n - len(row), axis=0))),
    ("padding_zero", "the padding is set to zero", 1, _rows(lambda row, n: np.concatenate([row[:n][::-1], 0 * row[n:]]))),
    ("zeros_in_front", "with the padding set to zero, which now comes first", 1, _rows(lambda row, n: np.concatenate([0 * row[n:], row[:n][::-1]]))),
    ("padding_in_front", "the padding comes first: it belongs", 1, _rows(lambda row, n: np.concatenate([row[n:], row[:n][::-1]]))),
    ("index_at_least_0", "the padding is filled with step 0", 1, _rows(lambda row, n: row[np.maximum(n - 1 - np.arange(len(row)), 0)])),
    ("index_below_0", "the padding is reversed too", 1, _rows(lambda row, n: row[n - 1 - np.arange(len(row))])),
    ("one_too_few", "the last real step stays where it is", 0, _rows(lambda row, n: np.concatenate([row[: max(n - 1, 0)][::-1], row[max(n - 1, 0) :]]))),
    ("one_too_many", "one step of padding is reversed", 1, _rows(lambda row, n: np.concatenate([row[: n + 1][::-1], row[n + 1 :]]))),
    ("n_minus_t", "the first step stays where it is", 0, _rows(lambda row, n: np.concatenate([[row[(n - t) % n] for t in range(n)], row[n:]]) if n else row)),
    ("first_step_stays", "the first step stays where it is", 0, _rows(lambda row, n: np.concatenate([row[:1], row[1:n][::-1], row[n:]]) if n else row)),
    ("one_row", "only the first row is reversed", 0, lambda x, mask: np.concatenate([reverse_padded(x[:1], mask[:1]), x[1:]])),
    ("mask_reversed", "mask is True at the REAL steps", 0, _rows(lambda row, n: np.concatenate([row[:n], row[n:][::-1]]))),
    ("read_while_written", "a row is overwritten while it is read", 0, _rows(_swapped_while_read)),
    ("as_it_was", "the sequences come back as they went in", 0, lambda x, mask: x.copy()),
    ("where_of_the_whole", "np.where takes the real places from x[:, ::-1]", 1,
     lambda x, mask: np.where(mask.reshape(*mask.shape, *[1] * (x.ndim - 2)), x[:, ::-1], x)),
    ("modulo_the_length", "is an index taken modulo the length?", 1, _rows(lambda row, n: row[(n - 1 - np.arange(len(row))) % max(n, 1)])),
    ("only_real_steps", "rows of different lengths cannot be stacked", 1, lambda x, mask: np.stack([row[real][::-1] for row, real in zip(x, mask)])),
    ("down_to_1", "it begins at step n, which is padding", 1, _rows(lambda row, n: np.concatenate([row[n:0:-1], row[n:]]) if n < len(row) else row[::-1])),
    ("flip_without_axis", "np.flip without an axis", 0, _rows(lambda row, n: np.concatenate([np.flip(row[:n]), row[n:]]))),
    ("lengths_along_axis_0", "a row's length is mask.sum(axis=1)", 0,
     lambda x, mask: np.stack([np.concatenate([row[:n][::-1], row[n:]]) for row, n in zip(x, mask.sum(axis=0))])),
    ("list_of_rows", "join them into one array with np.stack", 0, lambda x, mask: list(reverse_padded(x, mask))),
    ("last_length", "up to the last row's length", 1, lambda x, mask: reverse_padded(x, mask[-1:].repeat(len(mask), axis=0))),
    ("length_by_the_numbers", "padding is looked for in the numbers", 1, lambda x, mask: reverse_padded(x, _any_number(x))),
    ("last_nonzero_step", "padding is looked for in the numbers", 1,
     lambda x, mask: reverse_padded(x, np.arange(x.shape[1]) < x.shape[1] - _any_number(x)[:, ::-1].argmax(axis=1)[:, None])),
    ("sorted_steps", "the numbers of the steps are sorted", 0, _rows(lambda row, n: np.concatenate([np.sort(row[:n], axis=0)[::-1], row[n:]]))),
    ("rows_left_out", "a row without a real step is left out", 3, lambda x, mask: reverse_padded(x[mask.any(axis=1)], mask[mask.any(axis=1)])),
])  # fmt: skip


# ---- bidirectional: right


def _unroll(x, weights, h=None, squash=np.tanh):
    h, states = np.zeros((len(x), len(weights["b_h"]))) if h is None else h, []
    for t in range(x.shape[1]):
        h = squash(x[:, t] @ weights["W_xh"] + h @ weights["W_hh"] + weights["b_h"])
        states.append(h)
    return np.stack(states, axis=1)


def _merge(ahead, back, mode):
    if mode is None:
        return ahead, back
    if mode == "concat":
        return np.concatenate([ahead, back], axis=-1)
    return {"sum": ahead + back, "mul": ahead * back, "ave": (ahead + back) / 2}[mode]


@right("bidirectional")
def bidirectional(x, mask, forward, backward, merge_mode):
    ahead = _unroll(x, forward) * mask[..., None]
    back = reverse_padded(_unroll(reverse_padded(x, mask), backward), mask) * mask[..., None]
    return _merge(ahead, back, merge_mode)


@right("bidirectional")
def read_from_the_end_with_the_state_kept(x, mask, forward, backward, merge_mode):
    """The state stays at zero as long as there is padding."""
    both = []
    for weights, steps in ((forward, range(x.shape[1])), (backward, reversed(range(x.shape[1])))):
        h = np.zeros((len(x), len(weights["b_h"])))
        states = np.zeros((*mask.shape, len(weights["b_h"])))
        for t in steps:
            new = np.tanh(x[:, t] @ weights["W_xh"] + h @ weights["W_hh"] + weights["b_h"])
            h = np.where(mask[:, t, None], new, h)
            states[:, t] = np.where(mask[:, t, None], h, 0)
        both.append(states)
    return _merge(*both, merge_mode)


@right("bidirectional")
def one_sequence_after_the_other(x, mask, forward, backward, merge_mode):
    ahead, back = (np.zeros((*mask.shape, len(w["b_h"]))) for w in (forward, backward))
    for row, n in enumerate(mask.sum(axis=1)):
        ahead[row, :n] = _unroll(x[row : row + 1, :n], forward)[0]
        back[row, :n] = _unroll(x[row : row + 1, :n][:, ::-1], backward)[0, ::-1]
    return [ahead, back] if merge_mode is None else _merge(ahead, back, merge_mode)


@right("bidirectional")
def with_einsum_and_a_dict_of_rules(x, mask, forward, backward, merge_mode):
    def read(steps, weights):
        h, states = np.zeros((x.shape[0], weights["W_hh"].shape[0])), {}
        for t in steps:
            a = np.einsum("bi,ij->bj", x[:, t], weights["W_xh"]) + np.einsum("bi,ij->bj", h, weights["W_hh"])
            h = np.tanh(a + weights["b_h"]) * mask[:, t : t + 1]
            states[t] = h
        return np.stack([states[t] for t in sorted(states)], axis=1)

    pair = read(range(x.shape[1]), forward), read(range(x.shape[1] - 1, -1, -1), backward)
    rules = {"concat": np.dstack, "sum": sum, "mul": lambda p: np.multiply(*p), "ave": lambda p: np.mean(p, axis=0)}
    return rules.get(merge_mode, tuple)(pair)


# ---- bidirectional: wrong


def _two(ahead=None, back=None, zero=True, merge=_merge):
    """The right layer, but for what is given: how each network's states are made, whether zeros are set, how they are joined."""

    def answer(x, mask, forward, backward, merge_mode):
        a = ahead(x, mask, forward, backward) if ahead else _unroll(x, forward)
        b = back(x, mask, forward, backward) if back else reverse_padded(_unroll(reverse_padded(x, mask), backward), mask)
        if zero:
            a, b = (np.where(mask[..., None], states, 0) for states in (a, b))
        return merge(a, b, merge_mode)

    return answer


def _step_by(squash=np.tanh, W_xh=1.0, W_hh=1.0, b_h=1.0, turn=False):
    """Both networks with something else in the step."""

    def changed(weights):
        W = weights["W_hh"].T if turn else weights["W_hh"]
        return {"W_xh": W_xh * weights["W_xh"], "W_hh": W_hh * W, "b_h": b_h * weights["b_h"]}

    return _two(
        lambda x, mask, f, b: _unroll(x, changed(f), squash=squash),
        lambda x, mask, f, b: reverse_padded(_unroll(reverse_padded(x, mask), changed(b), squash=squash), mask),
    )


def _outside(x, weights):
    h, states = np.zeros((len(x), len(weights["b_h"]))), []
    for t in range(x.shape[1]):
        h = np.tanh(x[:, t] @ weights["W_xh"] + weights["b_h"]) + h @ weights["W_hh"]
        states.append(h)
    return np.stack(states, axis=1)


def _both_ways(f, b, x, mask):
    return reverse_padded(_unroll(reverse_padded(x, mask), b), mask)


@wrong("bidirectional", says="does np.stack(states) put time first?")
def time_comes_first(x, mask, forward, backward, merge_mode):
    def states(x, weights):
        h, found = 0.0, []
        for t in range(x.shape[1]):
            h = np.tanh(x[:, t] @ weights["W_xh"] + (h @ weights["W_hh"] if t else 0.0) + weights["b_h"])
            found.append(h)
        return np.stack(found)

    back = reverse_padded(states(reverse_padded(x, mask), backward), mask)
    return np.concatenate([states(x, forward), back], axis=-1) * mask[..., None]


@wrong("bidirectional", says="changed in place: x", points=6)
def sets_the_padding_to_zero_in_place(x, mask, forward, backward, merge_mode):
    x[~mask] = 0
    x[:, 0] += 0
    return bidirectional(x, mask, forward, backward, merge_mode)


@wrong("bidirectional", says="return it with None only, otherwise one array")
def always_the_pair(x, mask, forward, backward, merge_mode):
    return bidirectional(x, mask, forward, backward, None)


@wrong("bidirectional", says="or the state is set back to zero in every step")
def state_not_carried(x, mask, forward, backward, merge_mode):
    ahead, back = (np.tanh(x @ w["W_xh"] + w["b_h"]) * mask[..., None] for w in (forward, backward))
    return _merge(ahead, back, merge_mode)


@wrong("bidirectional", says="the forward network's last state is repeated", points=4)
def held_at_masked_steps(x, mask, forward, backward, merge_mode):
    def read(weights, steps):
        h = np.zeros((len(x), len(weights["b_h"])))
        states = np.zeros((*mask.shape, h.shape[1]))
        for t in steps:
            h = np.where(mask[:, t, None], np.tanh(x[:, t] @ weights["W_xh"] + h @ weights["W_hh"] + weights["b_h"]), h)
            states[:, t] = h
        return states

    return _merge(read(forward, range(x.shape[1])), read(backward, reversed(range(x.shape[1]))), merge_mode)


def _by_step(step):
    """Both networks with another `step(x_t, h, weights, t)`."""

    def read(x, weights):
        h, states = np.zeros((len(x), len(weights["b_h"]))), []
        for t in range(x.shape[1]):
            h = step(x[:, t], h, weights, t)
            states.append(h)
        return np.stack(states, axis=1)

    return _two(lambda x, mask, f, b: read(x, f), lambda x, mask, f, b: reverse_padded(read(reverse_padded(x, mask), b), mask))


def _next_state(x_t, h, weights, t=0):
    return np.tanh(x_t @ weights["W_xh"] + h @ weights["W_hh"] + weights["b_h"])


def _written_over(x_t, h, weights, t):
    h[...] = _next_state(x_t, h, weights)
    return h


def _units_from_the_input(x, weights):
    h, states = np.zeros((len(x), len(weights["W_xh"]))), []
    for t in range(x.shape[1]):
        h = _next_state(x[:, t], h, weights)
        states.append(h)
    return np.stack(states, axis=1)


_all("bidirectional", [
    ("written_over", "one array is written over in every step", 0, _by_step(_written_over)),
    ("bias_in_the_first_step", "the bias b_h is added in the first step only", 0,
     _by_step(lambda x_t, h, w, t: np.tanh(x_t @ w["W_xh"] + h @ w["W_hh"] + (w["b_h"] if t == 0 else 0)))),
    ("weights_of_a_step_exchanged", "rows of as many numbers as an input has are multiplied by W_hh", 0,
     _by_step(lambda x_t, h, w, t: np.tanh(x_t @ w["W_hh"] + h @ w["W_xh"] + w["b_h"]))),
    ("as_many_units_as_inputs", "rows of as many numbers as an input has are multiplied by W_hh", 0, _two(lambda x, m, f, b: _units_from_the_input(x, f))),
    ("stacked_with_time_first", "np.stack(states) puts time first", 0, _two(lambda x, m, f, b: np.swapaxes(_unroll(x, f), 0, 1))),
    ("mask_of_two_axes", "the mask has no axis for a state's numbers", 0, lambda x, m, f, b, mode: _merge(_unroll(x, f) * m, _both_ways(f, b, x, m) * m, mode)),
])  # fmt: skip


@wrong("bidirectional", says="each row starts from the last state of the row before")
def state_carried_from_row_to_row(x, mask, forward, backward, merge_mode):
    ahead, back = (np.zeros((*mask.shape, len(w["b_h"]))) for w in (forward, backward))
    f, b = (np.zeros(len(w["b_h"])) for w in (forward, backward))
    for row, n in enumerate(mask.sum(axis=1)):
        for t in range(n):
            ahead[row, t] = f = _next_state(x[row, t], f, forward)
        for t in reversed(range(n)):
            back[row, t] = b = _next_state(x[row, t], b, backward)
    return _merge(ahead, back, merge_mode)


_all("bidirectional", [
    ("reverse_of_everything", "the backward network reads the padding before the sequence", 4, _two(back=lambda x, m, f, b: _unroll(x[:, ::-1], b)[:, ::-1])),
    ("reverse_of_everything_not_zero", "the padding comes first, and nothing sets the outputs there to zero", 4,
     _two(back=lambda x, m, f, b: _unroll(x[:, ::-1], b)[:, ::-1], zero=False)),
    ("zeros_first", "reads zeros in place of the padding before the sequence", 4,
     _two(back=lambda x, m, f, b: _unroll((x * m[..., None])[:, ::-1], b)[:, ::-1])),
    ("reads_forward", "the backward network reads the sequence forwards", 1, _two(back=lambda x, m, f, b: _unroll(x, b))),
    ("not_turned_back", "come in the order in which it read", 1, _two(back=lambda x, m, f, b: _unroll(reverse_padded(x, m), b))),
    ("flipped_back", "reversed with [:, ::-1]", 4, _two(back=lambda x, m, f, b: _unroll(reverse_padded(x, m), b)[:, ::-1])),
    ("flipped_in", "the input is reversed with [:, ::-1]", 4, _two(back=lambda x, m, f, b: reverse_padded(_unroll(x[:, ::-1], b), m))),
    ("forward_weights", "the forward network's weights are used in both", 1, _two(back=lambda x, m, f, b: _both_ways(b, f, x, m))),
    ("backward_weights", "the backward network's weights are used in both", 2, _two(ahead=lambda x, m, f, b: _unroll(x, b))),
    ("exchanged_weights", "the two networks' weights are swapped", 0, lambda x, m, f, b, mode: bidirectional(x, m, b, f, mode)),
    ("goes_on", "starts from the forward network's last state", 1,
     _two(back=lambda x, m, f, b: reverse_padded(_unroll(reverse_padded(x, m), b, _unroll(x, f)[np.arange(len(x)), m.sum(axis=1) - 1]), m))),
    ("both_turned", "the forward network's states are reversed, too", 2, _two(ahead=lambda x, m, f, b: reverse_padded(_unroll(x, f), m))),
    ("not_zero", "the outputs at masked steps are not set to zero", 4, _two(zero=False)),
    ("mask_reversed", "the mask is the wrong way round", 0, lambda x, m, f, b, mode: bidirectional(x, ~m, f, b, mode)),
    ("no_tanh", "tanh is missing", 0, _step_by(squash=lambda a: a)),
    ("relu", "relu in place of tanh", 0, _step_by(squash=lambda a: np.maximum(a, 0))),
    ("no_bias", "the bias b_h is missing", 0, _step_by(b_h=0.0)),
    ("no_recurrence", "h_before @ W_hh is missing", 0, _step_by(W_hh=0.0)),
    ("zeros_in_x", "zeros in x there do not make the states zero", 4,
     lambda x, m, f, b, mode: _merge(_unroll(x * m[..., None], f), _both_ways(f, b, x * m[..., None], m), mode)),
    ("numbers_reversed", "the last axis of x is reversed", 1, _two(back=lambda x, m, f, b: _unroll(x[..., ::-1], b))),
    ("recurrence_outside", "is added outside of tanh", 0, lambda x, m, f, b, mode: _merge(_outside(x, f) * m[..., None], reverse_padded(_outside(reverse_padded(x, m), b), m) * m[..., None], mode)),
    ("bias_twice", "the bias b_h is added twice", 0, _step_by(b_h=2.0)),
    ("time_first", "batch and time are swapped", 0, lambda x, m, f, b, mode: np.swapaxes(bidirectional(x, m, f, b, mode or "sum"), 0, 1)),
    ("summary_at_every_step", "last state is repeated at every step", 1, _two(back=lambda x, m, f, b: np.repeat(_both_ways(f, b, x, m)[:, :1], x.shape[1], axis=1))),
    ("turned_weights", "W_hh is transposed", 0, _step_by(turn=True)),
    ("backward_first", "the backward half comes first", 1, _two(merge=lambda a, b, mode: _merge(b, a, mode) if mode == "concat" else _merge(a, b, mode))),
    ("joined_in_time", "joined along the axis of time", 1, _two(merge=lambda a, b, mode: np.concatenate([a, b], axis=1) if mode == "concat" else _merge(a, b, mode))),
    ("stacked", "stacked along a new axis, in front", 1, _two(merge=lambda a, b, mode: np.stack([a, b]) if mode == "concat" else _merge(a, b, mode))),
    ("always_concat", 'the two are joined as "concat" joins them', 5, _two(merge=lambda a, b, mode: _merge(a, b, "concat"))),
    ("ave_not_halved", 'the two are joined as "sum" joins them', 5, _two(merge=lambda a, b, mode: _merge(a, b, "sum" if mode == "ave" else mode))),
    ("half_of_the_second", "divides by two only the second array", 5, _two(merge=lambda a, b, mode: a + b / 2 if mode == "ave" else _merge(a, b, mode))),
    ("pair_as_one_array", "return a tuple of two arrays", 5, _two(merge=lambda a, b, mode: np.stack([a, b]) if mode is None else _merge(a, b, mode))),
    ("pair_exchanged", "with None the backward network comes first", 5, _two(merge=lambda a, b, mode: (b, a) if mode is None else _merge(a, b, mode))),
    ("last_step", "only the last step comes back", 0, lambda *case: (lambda r: r[:, -1] if type(r) is not tuple else r)(bidirectional(*case))),
    ("none_is_concat", 'the two are joined as "concat" joins them', 5, lambda x, m, f, b, mode: bidirectional(x, m, f, b, mode or "concat")),
    ("by_the_numbers", "padding is looked for in the numbers", 4, lambda x, m, f, b, mode: bidirectional(x, _any_number(x), f, b, mode)),
    ("first_mask", "the first row's mask is used for all rows", 4, lambda x, m, f, b, mode: bidirectional(x, m[:1].repeat(len(m), axis=0), f, b, mode)),
    ("to_the_longest", "time ends with the longest row", 6,
     lambda x, m, f, b, mode: bidirectional(x[:, : m.sum(axis=1).max()], m[:, : m.sum(axis=1).max()], f, b, mode)),
    ("mul_summed", '"mul" is summed up over the units: multiply', 5, _two(merge=lambda a, b, mode: (a * b).sum(axis=-1) if mode == "mul" else _merge(a, b, mode))),
    ("mul_summed_with_an_axis", '"mul" is summed up over the units, and an axis kept', 5,
     _two(merge=lambda a, b, mode: (a * b).sum(axis=-1, keepdims=True) if mode == "mul" else _merge(a, b, mode))),
    ("zero_by_the_reversed_mask", "outputs are set to zero by the reversed mask", 4, lambda x, m, f, b, mode: _merge(
        _unroll(x, f) * m[..., None], _both_ways(f, b, x, m) * m[:, ::-1, None], mode)),
])  # fmt: skip


# ---- look_ahead: right


def _moved(model, x, t, add=1.0):
    """For each step, how far the output at step t moves when the input there is changed."""
    probes = x + add * np.eye(len(x), dtype=x.dtype)[:, :, None]
    return np.asarray(model(probes))[:, t] - np.asarray(model(x[None]))[0, t]


@right("look_ahead")
def look_ahead(model, x, t):
    timesteps = len(x)
    steps = np.arange(timesteps)
    changed = np.repeat(x[None], timesteps, axis=0)
    changed[steps, steps] += 1
    before, after = np.asarray(model(x[None]))[0, t], np.asarray(model(changed))[:, t]
    moved = np.abs(after - before).max(axis=-1) > 1e-6
    return int(max(np.flatnonzero(moved[t:]), default=0))


@right("look_ahead")
def from_the_last_step_down(model, x, t):
    before = model(x[np.newaxis]).numpy()[0, t]
    for k in range(len(x) - 1 - t, 0, -1):
        changed = np.array(x)
        changed[t + k] = changed[t + k] + 1
        if (abs(model(changed[np.newaxis]).numpy()[0, t] - before) > 1e-6).any():
            return k
    return 0


@right("look_ahead")
def by_predict(model, x, t):
    import tensorflow as tf

    probes = tf.constant(x)[None] + tf.eye(len(x))[:, :, None]
    moves = tf.reduce_max(tf.abs(model(probes)[:, t] - model(x[None])[:, t]), axis=-1).numpy()
    return np.max(np.arange(len(x)) * (moves > 1e-6) * (np.arange(len(x)) >= t), initial=t) - t


# ---- look_ahead: wrong


def _probe(of, moved=lambda moves: np.abs(moves).max(axis=-1) > 1e-6):
    """`of(moved, t)` of which steps move the output at step t."""
    return lambda model, x, t: int(of(moved(_moved(model, x, t)), t))


def _far(moved, t):
    return max((s - t for s in range(t + 1, len(moved)) if moved[s]), default=0)


def _until_nothing_moves(moved, t):
    k = 0
    while t + k + 1 < len(moved) and moved[t + k + 1]:
        k += 1
    return k


def _own_moves(model, x):
    probes = x + np.eye(len(x), dtype=x.dtype)[:, :, None]
    steps = np.arange(len(x))
    return np.abs(np.asarray(model(probes))[steps, steps] - np.asarray(model(x[None]))[0]).max(axis=-1) > 1e-6


@wrong("look_ahead", says="the model wants a batch axis")
def without_a_batch(model, x, t):
    return _far(np.array([np.asarray(model(x))[t]] * len(x)), t)


@wrong("look_ahead", says="changed in place: x", points=3)
def puts_one_more_into_x(model, x, t):
    k = look_ahead(model, x, t)
    x[t] += 1
    return k


@wrong("look_ahead", says="change one step in each copy of x, no other")
def changes_stay(model, x, t):
    before, far, changed = np.asarray(model(x[None]))[0, t], 0, x.copy()
    for k in range(1, len(x) - t):
        changed[t + k] += 1
        if np.abs(np.asarray(model(changed[None]))[0, t] - before).max() > 1e-6:
            far = k
    return far


@wrong("look_ahead", says="nothing is ever assigned: begin with 0", points=3)
def nothing_to_begin_with(model, x, t):
    moved = np.abs(_moved(model, x, t)).max(axis=-1) > 1e-6
    for k in range(1, len(x) - t):
        if moved[t + k]:
            farthest = k
    return farthest


@wrong("look_ahead", says="the first axis of the model's output is the batch")
def batch_taken_for_time(model, x, t):
    return _far(np.asarray(model(x[None]))[t] > 0, t)


@wrong("look_ahead", says="a tensor cannot be changed")
def changes_a_tensor(model, x, t):
    import tensorflow as tf

    x = tf.constant(x)
    x[t] += 1
    return 0


@wrong("look_ahead", says="the input of step t is changed and later outputs are watched")
def the_other_way_round(model, x, t):
    changed = x.copy()
    changed[t] += 1
    moves = np.abs(np.asarray(model(changed[None]))[0] - np.asarray(model(x[None]))[0]).max(axis=-1)
    return _far(moves > 1e-6, t)


@wrong("look_ahead", says="watch the output of step t alone")
def any_output(model, x, t):
    before, far = np.asarray(model(x[None]))[0], 0
    for k in range(1, len(x) - t):
        changed = x.copy()
        changed[t + k] += 1
        if np.abs(np.asarray(model(changed[None]))[0] - before).max() > 1e-6:
            far = k
    return far


@wrong("look_ahead", says="only the first number of an input is changed", points=3)
def one_number_of_the_input(model, x, t):
    return _far(np.abs(_moved(model, x, t, np.eye(x.shape[1], dtype=np.float32)[0])).max(axis=-1) > 1e-6, t)


def _probe_beside(of):
    """Which inputs count, by `of(after, before)`: the outputs at step t (changed step, number) and (number,)."""

    def answer(model, x, t):
        after = np.asarray(model(x + np.eye(len(x), dtype=x.dtype)[:, :, None]))[:, t]
        return _far(of(after, np.asarray(model(x[None]))[0, t]), t)

    return answer


def _other_axis(model, x, t):
    changed = np.repeat(x[None], len(x), axis=0)
    for s in range(len(x)):
        changed[s, :, s % x.shape[1]] += 1
    moves = np.asarray(model(changed))[:, t] - np.asarray(model(x[None]))[0, t]
    return _far(np.abs(moves).max(axis=-1) > 1e-6, t)


_all("look_ahead", [
    ("number_of_the_step", "the number of the step comes back", 0, _probe(lambda moved, t: t + _far(moved, t))),
    ("counted", "the later inputs that move the output are counted", 2, _probe(lambda moved, t: moved[t + 1 :].sum())),
    ("counted_with_t", "that of step t too", 0, _probe(lambda moved, t: moved[t:].sum())),
    ("first_gap", "the search ends at the first input that does not move the output", 2, _probe(_until_nothing_moves)),
    ("nearest", "the nearest later input", 1, _probe(lambda moved, t: next((k for k in range(1, len(moved) - t) if moved[t + k]), 0))),
    ("backwards", "how far the output looks BACK", 0, _probe(lambda moved, t: t - min(np.flatnonzero(moved[: t + 1]), default=t))),
    ("either_side", "the farthest input on either side", 1, _probe(lambda moved, t: max(abs(np.flatnonzero(moved) - t), default=0))),
    ("one_too_many", "one too many", 0, _probe(lambda moved, t: _far(moved, t) + 1)),
    ("last_left_out", "the last input is never changed", 0, _probe(lambda moved, t: _far(moved[:-1], t))),
    ("steps_left", "every later input seems to move the output", 0, lambda model, x, t: len(x) - 1 - t),
    ("rise_only", "only the rise of an output counts", 3, _probe(_far, lambda moves: moves.max(axis=-1) > 1e-6)),
    ("added_up", "the differences are added up, and cancel", 3, _probe(_far, lambda moves: abs(moves.sum(axis=-1)) > 1e-6)),
    ("first_number", "only the first number of the output is watched", 3, _probe(_far, lambda moves: abs(moves[:, 0]) > 1e-6)),
    ("all_numbers", "all numbers of the output have to move", 3, _probe(_far, lambda moves: abs(moves).min(axis=-1) > 1e-6)),
    ("any_difference", "any difference counts", 3, _probe(_far, lambda moves: (moves != 0).any(axis=-1))),
    ("large_difference", "a move of 0.0001 is not seen", 3, _probe(_far, lambda moves: (abs(moves) > 1e-2).any(axis=-1))),
    ("output_of_the_changed_step", "the output of the changed step or of the last one is watched", 0, lambda model, x, t: _far(_own_moves(model, x), t)),
    ("argmax", "np.argmax of truths finds the first", 0, _probe(lambda moved, t: np.argmax(moved[t + 1 :]))),
    ("mean_of_the_differences", "the mean of the differences is compared with 1e-6", 3, _probe(_far, lambda moves: abs(moves).mean(axis=-1) > 1e-6)),
    ("minus_t_for_none", "minus t where no later input moves the output", 3, _probe(lambda moved, t: _far(moved, t) or -t)),
    ("minus_1_for_none", "-1 where no later input moves the output", 3, _probe(lambda moved, t: _far(moved, t) or -1)),
    ("set_to_zero", "is it set to 0, or multiplied? 1 is added", 1, lambda model, x, t: _far(np.abs(_moved(model, x, t, -x)).max(axis=-1) > 1e-6, t)),
    ("true", "True or False in place of a number", 0, lambda model, x, t: bool(look_ahead(model, x, t))),
    ("allclose", "np.allclose allows more where the output is large", 3,
     _probe_beside(lambda after, before: [not np.allclose(a, before, atol=1e-6) for a in after])),
    ("allclose_as_it_comes", "np.allclose with tolerances of its own", 3, _probe_beside(lambda after, before: [not np.allclose(a, before) for a in after])),
    ("relative", "the difference is divided by the output", 3, _probe_beside(lambda after, before: (abs((after - before) / before) > 1e-6).any(axis=-1))),
    ("limit_1e-5", "a move of 1e-05 is not seen", 3, _probe(_far, lambda moves: (abs(moves) > 1e-5).any(axis=-1))),
    ("a_tenth_added", "or less than 1 added to an input?", 3, lambda model, x, t: _far(np.abs(_moved(model, x, t, 0.1)).max(axis=-1) > 1e-6, t)),
    ("set_to_one", "an input of ones stays as it is", 3, lambda model, x, t: _far(np.abs(_moved(model, x, t, 1 - x)).max(axis=-1) > 1e-6, t)),
    ("doubled", "is it set to 0, or multiplied?", 1, lambda model, x, t: _far(np.abs(_moved(model, x, t, x)).max(axis=-1) > 1e-6, t)),
    ("subtracted", "1 is subtracted from an input", 3, lambda model, x, t: _far(np.abs(_moved(model, x, t, -1)).max(axis=-1) > 1e-6, t)),
    ("one_number_at_a_time", "the numbers of an input are changed one at a time", 3, lambda model, x, t: max(
        _far(np.abs(_moved(model, x, t, row)).max(axis=-1) > 1e-6, t) for row in np.eye(x.shape[1], dtype=np.float32))),
    ("five_steps", "expected 6, got 0", 2, _probe(lambda moved, t: _far(moved[: t + 6], t))),
    ("last_input_alone", "only the last input is changed", 0, _probe(lambda moved, t: len(moved) - 1 - t if moved[-1] and t + 1 < len(moved) else 0)),
    ("from_the_second", "the input of the next step, t + 1, is never changed", 1, _probe(lambda moved, t: max((k for k in range(2, len(moved) - t) if moved[t + k]), default=0))),
    ("another_axis", "change one step in each copy of x, no other", 0, _other_axis),
    ("largest_of_none", "there is nothing to take the largest of", 3, _probe(lambda moved, t: max(np.flatnonzero(moved[t + 1 :]).tolist()) + 1)),
    ("largest_of_an_empty_array", "there is nothing to take the largest of", 3, _probe(lambda moved, t: np.flatnonzero(moved[t + 1 :]).max() + 1)),
])  # fmt: skip


# ---- summary: right


@right("summary")
def summary(sequences, mask):
    units, last = sequences.shape[-1] // 2, mask.sum(axis=1) - 1
    return np.concatenate([sequences[np.arange(len(sequences)), last, :units], sequences[:, 0, units:]], axis=-1)


@right("summary")
def row_by_row_of_a_batch(sequences, mask):
    rows = [row[real] for row, real in zip(sequences, mask)]
    half = sequences.shape[2] // 2
    return np.array([[*row[-1][:half], *row[0][half:]] for row in rows], dtype=sequences.dtype)


@right("summary")
def by_the_end_of_the_mask(sequences, mask):
    ends = mask & ~np.pad(mask, ((0, 0), (0, 1)))[:, 1:]
    forward, backward = np.split(sequences, 2, axis=-1)
    return np.hstack([forward[ends], backward[:, 0]])


@right("summary")
def taken_along_time(sequences, mask):
    last = mask.shape[1] - 1 - mask[:, ::-1].argmax(axis=1)
    result = np.take_along_axis(sequences, last[:, None, None], axis=1)[:, 0]
    half = result.shape[1] // 2
    result[:, half:] = sequences[:, 0, half:]
    return result


# ---- summary: wrong


def _taken(ahead=lambda n, s: n - 1, back=lambda n, s: 0, turn=False):
    """Each half from a step of its own, given by the number of real steps and of all."""

    def answer(sequences, mask):
        rows = []
        for row, n in zip(sequences, mask.sum(axis=1)):
            f, b = np.split(row, 2, axis=1)[:: -1 if turn else 1]
            rows.append(np.concatenate([f[ahead(n, len(row))], b[back(n, len(row))]]))
        return np.stack(rows)

    return answer


@wrong("summary", says="changed in place: sequences", points=2)
def written_into_the_sequences(sequences, mask):
    half = sequences.shape[2] // 2
    sequences[np.arange(len(mask)), mask.sum(axis=1) - 1, half:] = sequences[:, 0, half:]
    return sequences[np.arange(len(mask)), mask.sum(axis=1) - 1]


@wrong("summary", says="float32 went in, float64 came out", points=2)
def into_zeros_of_double(sequences, mask):
    result = np.zeros((len(sequences), sequences.shape[2]))
    result[:] = summary(sequences, mask)
    return result


def _parts(sequences, mask, units):
    last = sequences[np.arange(len(sequences)), mask.sum(axis=1) - 1]
    return np.concatenate([last[:, :units], sequences[:, 0, units:]], axis=1)


def _forward_as(of):
    """The summary with something else made of the forward half's real steps."""

    def answer(sequences, mask):
        result, half = summary(sequences, mask), sequences.shape[2] // 2
        for row, real in enumerate(mask):
            result[row, :half] = of(sequences[row, real, :half])
        return result

    return answer


_all("summary", [
    ("last_place", "[:, -1] takes both halves at the last place", 0, lambda s, m: s[:, -1]),
    ("last_real_step", "both halves are taken at the last real step", 1, _taken(back=lambda n, s: n - 1)),
    ("first_step", "both halves are taken at step 0", 1, lambda s, m: s[:, 0]),
    ("last_place_forward", "the forward half is taken at the last place", 1, _taken(ahead=lambda n, s: s - 1)),
    ("exchanged_steps", "the halves' steps are swapped", 0, _taken(lambda n, s: 0, lambda n, s: n - 1)),
    ("exchanged_steps_of_the_whole", "the first half of the numbers is taken for the backward network", 0, _taken(turn=True)),
    ("backward_first", "the backward half comes first", 0, lambda s, m: np.roll(summary(s, m), s.shape[2] // 2, axis=1)),
    ("one_too_small", "the length is one too small", 1, _taken(ahead=lambda n, s: n - 2)),
    ("one_too_large", "the length is one too large where there is room", 1, _taken(ahead=lambda n, s: min(n, s - 1))),
    ("backward_at_1", "the backward half is taken at step 1", 1, _taken(back=lambda n, s: min(1, s - 1))),
    ("last_place_backward", "the backward half is taken at the last place", 1, _taken(back=lambda n, s: s - 1)),
    ("steps_cut_in_two", "np.split cuts the steps in two", 0, lambda s, m: (lambda f, b: np.concatenate([f[:, -1], b[:, 0]], axis=1))(*np.split(s, 2, axis=1))),
    ("whole_states", "whole states are joined", 0, lambda s, m: np.concatenate([s[np.arange(len(s)), m.sum(axis=1) - 1], s[:, 0]], axis=1)),
    ("forward_half_twice", "the forward half of step 0 comes back", 1, lambda s, m: np.concatenate([np.split(summary(s, m), 2, axis=1)[0], np.split(s[:, 0], 2, axis=1)[0]], axis=1)),
    ("last_of_the_zeroed", "where padding was set to zero", 1, lambda s, m: _taken(ahead=lambda n, steps: steps - 1)(s * m[..., None], m)),
    ("largest_of_the_zeroed", "padding as zero", 0, lambda s, m: (s * m[..., None]).max(axis=1)),
    ("lengths_along_axis_0", "a row's length is mask.sum(axis=1)", 1,
     lambda s, m: np.concatenate([s[np.arange(len(s)), m.sum(axis=0)[: len(s)] - 1, : s.shape[2] // 2], s[:, 0, s.shape[2] // 2 :]], axis=1)),
    ("length_as_index", "the length itself is taken for an index", 0,
     lambda s, m: np.concatenate([s[np.arange(len(s)), m.sum(axis=1), : s.shape[2] // 2], s[:, 0, s.shape[2] // 2 :]], axis=1)),
    ("all_rows_for_each", "picks each row's last step from every row", 0,
     lambda s, m: np.concatenate([s[:, m.sum(axis=1) - 1, : s.shape[2] // 2], s[:, 0, s.shape[2] // 2 :]], axis=-1)),
    ("first_length", "the first row's length is used for all rows", 1, lambda s, m: summary(s, m[:1].repeat(len(m), axis=0))),
    ("mean", "a mean over the real steps", 0, lambda s, m: np.stack([row[real].mean(axis=0) for row, real in zip(s, m)])),
    ("mean_of_all", "a mean over all steps", 0, lambda s, m: s.mean(axis=1)),
    ("largest", "the largest number over the steps", 0, lambda s, m: s.max(axis=1)),
    ("added", "the two halves are added", 0, lambda s, m: sum(np.split(summary(s, m), 2, axis=1))),
    ("forward_only", "only the forward half comes back", 0, lambda s, m: np.split(summary(s, m), 2, axis=1)[0]),
    ("below", "the halves stand one below the other", 0, lambda s, m: np.concatenate(np.split(summary(s, m), 2, axis=1))),
    ("pair", "join them into one array", 0, lambda s, m: tuple(np.split(summary(s, m), 2, axis=1))),
    ("last_length", "the last row's length is used for all rows", 1, lambda s, m: summary(s, m[-1:].repeat(len(m), axis=0))),
    ("length_by_the_numbers", "padding is looked for in the numbers", 1, lambda s, m: summary(s, _any_number(s))),
    ("units_of_the_time_axis", "half of the TIME axis", 0, lambda s, m: _parts(s, m, s.shape[1] // 2)),
    ("two_units", "the number of units is 2 whatever comes", 0, lambda s, m: _parts(s, m, 2)),
    ("lengths_along_axis_0_of_all", "the lengths are counted along axis 0", 0,
     lambda s, m: np.concatenate([s[np.arange(len(s)), m.sum(axis=0) - 1, : s.shape[2] // 2], s[:, 0, s.shape[2] // 2 :]], axis=1)),
    ("steps_beside_rows", "np.arange(len(sequences)) counts the rows", 0,
     lambda s, m: np.concatenate([s[np.arange(s.shape[1]), m.sum(axis=1) - 1, : s.shape[2] // 2], s[:, 0, s.shape[2] // 2 :]], axis=1)),
    ("largest_of_the_real", "the largest number over the real steps", 0, lambda s, m: np.where(m[..., None], s, -np.inf).max(axis=1)),
    ("sum_of_the_real", "the sum over the real steps", 0, lambda s, m: (s * m[..., None]).sum(axis=1)),
    ("forward_sum", "the forward half is summed over the real steps", 1, _forward_as(lambda real: real.sum(axis=0))),
    ("forward_mean", "the forward half is averaged over the real steps", 1, _forward_as(lambda real: real.mean(axis=0))),
])  # fmt: skip


# ---- bag_ceiling: right


def _by(key):
    """The ceiling where sentences of the same `key` are one bag."""

    def answer(sentences, good, chances):
        bags = {}
        for sentence, favourable, chance in zip(sentences, good, chances):
            sums = bags.setdefault(key(sentence), [0.0, 0.0])
            sums[int(favourable)] += chance
        return float(sum(max(sums) for sums in bags.values()))

    return answer


@right("bag_ceiling")
def bag_ceiling(sentences, good, chances):
    return _by(lambda sentence: tuple(sorted(sentence.split())))(sentences, good, chances)


@right("bag_ceiling")
def by_a_table_of_counts(sentences, good, chances):
    words = sorted({word for sentence in sentences for word in sentence.split()})
    counts = np.array([[sentence.split().count(word) for word in words] for sentence in sentences])
    bags, which = np.unique(counts, axis=0, return_inverse=True)
    which = which.reshape(-1)
    sums = [np.bincount(which, chances * opinion, len(bags)) for opinion in (good, ~good)]
    return np.maximum(*sums).sum()


@right("bag_ceiling")
def by_counters(sentences, good, chances):
    import collections

    sums = collections.defaultdict(float)
    for sentence, favourable, chance in zip(sentences, good, chances):
        sums[frozenset(collections.Counter(sentence.split()).items()), bool(favourable)] += chance
    return sum(max(sums.get((bag, True), 0), sums.get((bag, False), 0)) for bag in {bag for bag, _ in sums})


@right("bag_ceiling")
def by_what_is_lost(sentences, good, chances):
    sign = np.where(good, 1.0, -1.0)
    bags = np.array([" ".join(sorted(sentence.split(" "))) for sentence in sentences])
    return (1 + sum(abs((sign * chances)[bags == bag].sum()) for bag in set(bags.tolist()))) / 2


# ---- bag_ceiling: wrong


def _of_bags(of):
    """What `of` makes of a bag's pairs of opinion and chance, added up."""

    def answer(sentences, good, chances):
        bags = {}
        for sentence, favourable, chance in zip(sentences, good, chances):
            bags.setdefault(tuple(sorted(sentence.split())), []).append((bool(favourable), chance))
        return float(sum(of(bag) for bag in bags.values()))

    return answer


def _sum(bag, opinion):
    return sum(chance for favourable, chance in bag if favourable == opinion)


@wrong("bag_ceiling", says="joined without a space, so that 'a bc' and 'ab c' become one bag", points=2)
def joined_without_a_space(sentences, good, chances):
    return _by(lambda sentence: "".join(sorted(sentence.split())))(sentences, good, chances)


@wrong("bag_ceiling", says="a list cannot be the key of a dict")
def a_list_for_a_key(sentences, good, chances):
    return _by(lambda sentence: sorted(sentence.split()))(sentences, good, chances)


@wrong("bag_ceiling", says="the first sentence of a bag finds no sum there yet")
def nothing_begins_a_sum(sentences, good, chances):
    bags = {}
    for sentence, favourable, chance in zip(sentences, good, chances):
        bags[tuple(sorted(sentence.split()))][int(favourable)] += chance
    return sum(map(max, bags.values()))


@wrong("bag_ceiling", says="a sentence's chance replaces that of the one before it", points=0)
def replaces(sentences, good, chances):
    bags = {}
    for sentence, favourable, chance in zip(sentences, good, chances):
        bags.setdefault(tuple(sorted(sentence.split())), [0.0, 0.0])[int(favourable)] = chance
    return sum(map(max, bags.values()))


@wrong("bag_ceiling", says="of a sentence that occurs twice the last is taken", points=2)
def a_dict_of_sentences(sentences, good, chances):
    opinion, chance = dict(zip(sentences, good)), dict(zip(sentences, chances))
    return bag_ceiling(list(opinion), list(opinion.values()), list(chance.values()))


@wrong("bag_ceiling", says="changed in place: chances", points=2)
def multiplies_the_chances(sentences, good, chances):
    total = bag_ceiling(sentences, good, chances)
    chances *= 2
    return total


@wrong("bag_ceiling", says="it prints its result")
def prints_it(sentences, good, chances):
    print(bag_ceiling(sentences, good, chances))


_all("bag_ceiling", [
    ("keeps_the_order", "the order of the words is kept", 0, _by(str)),
    ("sets", "a bag is not a set", 2, _by(lambda s: frozenset(s.split()))),
    ("letters", "these are bags of letters", 2, _by(lambda s: "".join(sorted(s)))),
    ("number_of_words", "only the number of words is compared", 0, _by(lambda s: len(s.split()))),
    ("no_bags", "the bags play no part", 0, _by(lambda s: None)),
    ("rarer", "this is how often it is wrong", 0, _of_bags(lambda bag: min(_sum(bag, True), _sum(bag, False)))),
    ("error", "this is how often it is wrong", 0, lambda *case: 1 - bag_ceiling(*case)),
    ("difference", "the difference of the two sums", 0, _of_bags(lambda bag: abs(_sum(bag, True) - _sum(bag, False)))),
    ("favourable_only", "only favourable sentences are added up", 0, _of_bags(lambda bag: _sum(bag, True))),
    ("counted", "the sentences are counted: add up their chances", 2, lambda s, good, chances: bag_ceiling(s, good, np.ones(len(s)) / len(s))),
    ("number", "the number of sentences comes back", 0, lambda s, good, chances: bag_ceiling(s, good, np.ones(len(s)))),
    ("majority", "the answer of a bag is that of most of its sentences", 2,
     _of_bags(lambda bag: _sum(bag, sorted(favourable for favourable, _ in bag)[len(bag) // 2]))),
    ("first_decides", "the first sentence of a bag decides", 0, _of_bags(lambda bag: _sum(bag, bag[0][0]))),
    ("last_decides", "the last sentence of a bag decides", 0, _of_bags(lambda bag: _sum(bag, bag[-1][0]))),
    ("likeliest_alone", "only the likeliest sentence of each bag is taken", 0, _of_bags(lambda bag: max(chance for _, chance in bag))),
    ("mean_of_bags", "each bag counts the same", 0,
     lambda *case: _of_bags(lambda bag: max(_sum(bag, True), _sum(bag, False)) / sum(c for _, c in bag))(*case) / _of_bags(lambda bag: 1)(*case)),
    ("left_out", "bags with one opinion only are left out", 2,
     _of_bags(lambda bag: max(_sum(bag, True), _sum(bag, False)) if len({favourable for favourable, _ in bag}) > 1 else 0)),
    ("returns_inside_the_loop", "only the first bag is counted", 0,
     lambda s, good, chances: max(_sum([(g, c) for t, g, c in zip(s, good, chances) if sorted(t.split()) == sorted(s[0].split())], o) for o in (False, True))),
    ("likeliest_bag", "only the likeliest bag is counted", 0,
     lambda s, good, chances: max(_sum([(g, c) for t, g, c in zip(s, good, chances) if sorted(t.split()) == sorted(u.split())], o) for u in s for o in (False, True))),
    ("per_cent", "in per cent", 0, lambda *case: 100 * bag_ceiling(*case)),
])  # fmt: skip


# ---- stack_parameters: right


@right("stack_parameters")
def stack_parameters(cell, inputs, units, bidirectional):
    blocks, biases = {"rnn": (1, 1), "lstm": (4, 1), "gru": (3, 2)}[cell]
    directions, total = 2 if bidirectional else 1, 0
    for size in units:
        total += directions * blocks * size * (inputs + size + biases)
        inputs = directions * size
    return total


@right("stack_parameters")
def by_recursion(cell, inputs, units, bidirectional):
    if not units:
        return 0
    first, *others = units
    one = {"rnn": 1, "lstm": 4, "gru": 3}[cell] * (inputs * first + first**2 + first + (cell == "gru") * first)
    times = 1 + bool(bidirectional)
    return times * one + by_recursion(cell, times * first, others, bidirectional)


@right("stack_parameters")
def by_arrays(cell, inputs, units, bidirectional):
    blocks, rows = {"rnn": (1, 1), "lstm": (4, 1), "gru": (3, 2)}[cell]
    reads = [inputs, *(size * (2 if bidirectional else 1) for size in units)]
    sizes = [np.empty((a + b + rows, blocks * b)).size for a, b in zip(reads, units)]
    return np.int64(sum(sizes) * (2 if bidirectional else 1))


# ---- stack_parameters: wrong


def _per_layer(cell, n, m, biases=None, blocks=None):
    k = (blocks or {"rnn": 1, "lstm": 4, "gru": 3})[cell]
    return k * m * (n + m + (biases or {"rnn": 1, "lstm": 1, "gru": 2})[cell])


def _summed(layer=_per_layer, hands_on=lambda n, m, both: m * (1 + both), times=lambda both, i: 1 + both):
    """The sum over the layers, with one thing counted otherwise."""

    def answer(cell, inputs, units, bidirectional):
        total = 0
        for i, m in enumerate(units):
            total += layer(cell, inputs, m) * times(bidirectional, i)
            inputs = hands_on(inputs, m, bidirectional)
        return total

    return answer


@wrong("stack_parameters", says="changed in place: units", points=3)
def takes_layers_out_of_the_list(cell, inputs, units, bidirectional):
    total = 0
    while units:
        total += _per_layer(cell, inputs, units[0]) * (1 + bidirectional)
        inputs = units.pop(0) * (1 + bidirectional)
    return total


@wrong("stack_parameters", says="or a method such as sort or pop", points=3)
def puts_the_inputs_into_the_list(cell, inputs, units, bidirectional):
    total = stack_parameters(cell, inputs, units, bidirectional)
    units.insert(0, inputs)
    return total


@wrong("stack_parameters", says="an empty list has no first layer", points=3)
def needs_a_first_layer(cell, inputs, units, bidirectional):
    first = stack_parameters(cell, inputs, [units[0]], bidirectional)
    return first + stack_parameters(cell, units[0] * (1 + bidirectional), units[1:], bidirectional)


@wrong("stack_parameters", says="units is a list: go through it")
def units_as_a_number(cell, inputs, units, bidirectional):
    return inputs * units + units * units + units


@wrong("stack_parameters", says="only the first layer is counted", points=2)
def returns_inside_the_loop(cell, inputs, units, bidirectional):
    for size in units:
        return _per_layer(cell, inputs, size) * (1 + bidirectional)
    return 0


_all("stack_parameters", [
    ("no_biases", "the biases are not counted", 0, _summed(functools.partial(_per_layer, biases=dict.fromkeys(("rnn", "lstm", "gru"), 0)))),
    ("no_recurrent_weights", "W_hh is not counted", 0, _summed(lambda c, n, m: _per_layer(c, n, m) - _per_layer(c, 0, m, dict.fromkeys(("rnn", "lstm", "gru"), 0)))),
    ("no_input_weights", "W_xh is not counted", 0, _summed(lambda c, n, m: _per_layer(c, 0, m))),
    ("one_bias", "a layer's bias is counted as one number", 0,
     _summed(lambda c, n, m: _per_layer(c, n, m, dict.fromkeys(("rnn", "lstm", "gru"), 0)) + (1 + (c == "gru")))),
    ("gates_once", "the gates are not counted", 3, _summed(functools.partial(_per_layer, blocks=dict.fromkeys(("rnn", "lstm", "gru"), 1), biases=dict.fromkeys(("rnn", "lstm", "gru"), 1)))),
    ("three_blocks_of_lstm", "you count 3", 3, _summed(functools.partial(_per_layer, blocks={"rnn": 1, "lstm": 3, "gru": 3}))),
    ("four_blocks_of_gru", "you count 4, as an LSTM has", 3, _summed(functools.partial(_per_layer, blocks={"rnn": 1, "lstm": 4, "gru": 4}))),
    ("two_blocks_of_gru", "you count 2 blocks with one", 3,
     _summed(functools.partial(_per_layer, blocks={"rnn": 1, "lstm": 4, "gru": 2}, biases=dict.fromkeys(("rnn", "lstm", "gru"), 1)))),
    ("sizes_added", "the sizes are added up", 0, _summed(lambda c, n, m: _per_layer(c, n, m) // m)),
    ("capitals", "in small letters", 0, lambda cell, n, u, both: {"RNN": 1, "LSTM": 4, "GRU": 3}[cell]),
    ("gates_without_the_candidate", "the candidate's block is missing", 3, _summed(functools.partial(_per_layer, blocks={"rnn": 1, "lstm": 3, "gru": 2}))),
    ("one_bias_of_gru", "one bias for each block of the GRU", 3, _summed(functools.partial(_per_layer, biases=dict.fromkeys(("rnn", "lstm", "gru"), 1)))),
    ("two_biases_of_lstm", "two biases for each block of the LSTM", 3, _summed(functools.partial(_per_layer, biases={"rnn": 1, "lstm": 2, "gru": 2}))),
    ("inputs_for_all", "every layer reads `inputs` numbers", 2, _summed(hands_on=lambda n, m, both: n)),
    ("half_read", "a layer after a bidirectional one reads both halves", 3, _summed(hands_on=lambda n, m, both: m)),
    ("one_direction", "bidirectional plays no part", 3, _summed(times=lambda both, i: 1, hands_on=lambda n, m, both: m)),
    ("second_not_counted", "the second direction is not counted, only what the next layer reads", 3, _summed(times=lambda both, i: 1)),
    ("first_layer_only_doubled", "only the first layer is counted in both directions", 3, _summed(times=lambda both, i: 1 + (both and i == 0))),
    ("twice_the_size", "two directions are counted as one layer of twice the size", 3, lambda c, n, u, both: stack_parameters(c, n, [m * (1 + both) for m in u], False)),
    ("one_by_one", "the layers' numbers come back one by one", 0,
     lambda c, n, u, both: [stack_parameters(c, a, [m], both) for a, m in zip([n, *(m * (1 + both) for m in u)], u)]),
    ("last_only", "only the last layer is counted", 2, lambda c, n, u, both: stack_parameters(c, [n, *(m * (1 + both) for m in u)][len(u) - 1], u[-1:], both)),
    ("float", "a float in place of a whole number", 0, lambda *case: float(stack_parameters(*case))),
    ("output_layer", "an output layer is counted", 0, lambda c, n, u, both: stack_parameters(c, n, u, both) + (u[-1] + 1 if u else 0)),
    ("two_layers", "only the first two layers are counted", 2, lambda c, n, u, both: stack_parameters(c, n, u[:2], both)),
    ("plain_as_lstm", "the plain layer is counted as an LSTM", 1, _summed(functools.partial(_per_layer, blocks={"rnn": 4, "lstm": 4, "gru": 3}))),
    ("second_bias_one_number", "the second bias of each of the GRU's blocks is counted as one number", 3,
     _summed(lambda c, n, m: _per_layer(c, n, m, dict.fromkeys(("rnn", "lstm", "gru"), 1)) + 3 * (c == "gru"))),
    ("two_biases_in_the_first_layer", "only the first layer of the GRU has two biases", 2,
     lambda c, n, u, both: stack_parameters(c, n, u, both) - (c == "gru") * 3 * (1 + both) * sum(u[1:])),
    ("one_large_layer", "the layers are one layer with all the units", 2, lambda c, n, u, both: stack_parameters(c, n, [sum(u)] if u else [], both)),
    ("all_before", "a layer reads what all layers before it read and give", 2, _summed(hands_on=lambda n, m, both: n + m * (1 + both))),
])  # fmt: skip


# ---- bets

prediction("prediction_delay", ("1", "2", "4", "8"))
prediction("prediction_rival", ("counts", "network"))
prediction("prediction_commas", ("3", "6", "9", "12"))
prediction("prediction_letters", ("about the same", "half", "nearly zero"))
prediction("prediction_last", ("the same", "worse", "guessing"))
prediction("prediction_depth", ("one", "two", "three", "cannot tell"))
