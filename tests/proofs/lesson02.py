"""Answers to the exercises of lesson 02."""

import collections
import copy
import functools
import itertools
import math
import os
import sys
import warnings

import numpy as np

from tests.proofs import prediction, right, wrong

# ---- encode: right


@right("encode")
def encode(text, vocabulary):
    ids = {character: i for i, character in enumerate(vocabulary)}
    for position, character in enumerate(text):
        if character not in ids:
            raise ValueError(f"{character!r} at position {position} is not in the vocabulary")
    return np.array([ids[character] for character in text], dtype=np.int64)


@right("encode")
def find_in_the_vocabulary(text, vocabulary):
    ids = np.fromiter(map(vocabulary.find, text), np.int64, len(text))
    for position in np.flatnonzero(ids < 0)[:1]:
        raise ValueError(f"position {position}: {text[position]!r}?")
    return ids


@right("encode")
def code_points_and_searchsorted(text, vocabulary):
    known, asked = (np.frombuffer(s.encode("utf-32-le"), np.uint32) for s in (vocabulary, text))
    order = np.argsort(known)
    ids = order[np.searchsorted(known, asked, sorter=order) % len(order)]
    if (known[ids] != asked).any():
        first = int(np.argmax(known[ids] != asked))
        raise ValueError(chr(asked[first]), first)
    return ids


@right("encode")
def a_key_error_turned_into_a_value_error(text, vocabulary):
    ids = dict(zip(vocabulary, itertools.count()))
    out = np.empty(len(text), "int64")
    for i, c in enumerate(text):
        try:
            out[i] = ids[c]
        except KeyError as error:
            raise ValueError(f"unknown character {error} (character {i} of {len(text)})") from None
    return out


@right("encode")
def one_hot_and_argmax(text, vocabulary):
    hits = np.array([[c == v for v in vocabulary] for c in text], bool).reshape(len(text), len(vocabulary))
    missing = np.flatnonzero(~hits.any(axis=1))
    if len(missing):
        raise ValueError("%r is unknown, see position %d" % (text[missing[0]], missing[0]))
    return hits.argmax(axis=1)


@right("encode")
def talkative(text, vocabulary):
    print(text, vocabulary)
    print("to stderr", file=sys.stderr)
    os.write(2, b"to file descriptor 2\n")
    warnings.warn("be warned", stacklevel=1)
    return encode(text, vocabulary)


# ---- encode: wrong


@wrong("encode", says="expected shape (1500,), got shape (1000,)")
def a_thousand_characters_at_most(text, vocabulary):
    return encode(text[:1000], vocabulary)


@wrong("encode", says="ids start at 0, not at 1")
def counted_from_one(text, vocabulary):
    return encode(text, vocabulary) + 1


@wrong("encode", says="code points (ord)")
def code_points(text, vocabulary):
    return np.array([ord(c) for c in text], dtype=np.int64)


@wrong("encode", says="the vocabulary is sorted first")
def sorted_vocabulary(text, vocabulary):
    return encode(text, sorted(vocabulary))


@wrong("encode", says="the vocabulary is built from the text")
def vocabulary_of_the_text(text, vocabulary):
    return encode(text, sorted(set(text)))


@wrong("encode", says="the order in which the text meets its characters")
def in_order_of_appearance(text, vocabulary):
    ids = {}
    return np.array([ids.setdefault(c, len(ids)) for c in text], dtype=np.int64)


@wrong("encode", says="one-hot rows are returned")
def one_hot_rows(text, vocabulary):
    return np.eye(len(vocabulary))[encode(text, vocabulary)]


@wrong("encode", says="a list; np.array makes it an array")
def list_of_ids(text, vocabulary):
    return [vocabulary.index(c) for c in text]


@wrong("encode", says="an empty text needs dtype=np.int64 too", points=2)
def empty_text_is_float(text, vocabulary):
    ids = encode(text, vocabulary)
    return np.array(ids.tolist())


@wrong("encode", says="expected the dtype int64, got int32", points=2)
def ids_of_another_dtype(text, vocabulary):
    return encode(text, vocabulary).astype(np.int32)


@wrong("encode", says="an axis of length 1 is gone", points=2)
def squeezed_ids(text, vocabulary):
    return encode(text, vocabulary).squeeze()


@wrong("encode", says="the ids are floats; dtype=np.int64 makes them whole numbers")
def filled_into_zeros(text, vocabulary):
    ids = np.zeros(len(text))
    ids[:] = encode(text, vocabulary)
    return ids


@wrong("encode", says="spaces and newlines at the ends are stripped")
def stripped(text, vocabulary):
    return encode(text.strip(), vocabulary)


@wrong("encode", says="the unknown character has become -1, as str.find gives it", points=2)
def unknown_is_minus_one(text, vocabulary):
    return np.array([vocabulary.find(c) for c in text], dtype=np.int64)


@wrong("encode", says="expected a ValueError, got an array", points=2)
def unknown_is_left_out(text, vocabulary):
    return encode("".join(c for c in text if c in vocabulary), vocabulary)


@wrong("encode", says="expected a ValueError, got this instead:\n              KeyError", points=2)
def key_error(text, vocabulary):
    ids = {c: i for i, c in enumerate(vocabulary)}
    return np.array([ids[c] for c in text], dtype=np.int64)


@wrong("encode", says="expected a ValueError, got this instead:\n              KeyError", points=2)
def key_error_and_floats_for_an_empty_text(text, vocabulary):
    ids = {c: i for i, c in enumerate(vocabulary)}
    return np.array([ids[c] for c in text])


@wrong("encode", says="message does not contain", points=2)
def the_error_of_str_index(text, vocabulary):
    return np.array([vocabulary.index(c) for c in text], dtype=np.int64)


@wrong("encode", says="message does not contain '\\t'; it is: '\N{SYMBOL FOR HORIZONTAL TABULATION}'", points=2)
def stranger_not_as_repr_shows_it(text, vocabulary):
    for position, character in enumerate(text):
        if character not in vocabulary:
            raise ValueError(f"'{character}' at position {position} is not in the vocabulary")
    return encode(text, vocabulary)


@wrong("encode", says="message does not contain", points=2)
def position_counted_from_one(text, vocabulary):
    for position, character in enumerate(text, start=1):
        if character not in vocabulary:
            raise ValueError(f"{character!r} at position {position} is not in the vocabulary")
    return encode(text, vocabulary)


@wrong("encode", says="message does not contain", points=2)
def stranger_without_its_position(text, vocabulary):
    if strangers := set(text) - set(vocabulary):
        raise ValueError(f"unknown: {strangers}")
    return encode(text, vocabulary)


@wrong("encode", says="AssertionError", points=2)
def asserted(text, vocabulary):
    for i, c in enumerate(text):
        assert c in vocabulary, f"{c!r} at position {i}"
    return encode(text, vocabulary)


@wrong("encode", says="it prints its result instead of returning it")
def prints_the_ids(text, vocabulary):
    print(encode(text, vocabulary))


@wrong("encode", says="expected shape (12,), got shape ()")
def returns_inside_the_loop(text, vocabulary):
    for c in text:
        return np.array(vocabulary.index(c))


class UnknownCharacter(ValueError):
    pass


@right("encode")
def an_exception_class_of_its_own(text, vocabulary):
    try:
        return encode(text, vocabulary)
    except ValueError as error:
        raise UnknownCharacter(*error.args) from None


@wrong("encode", says="several are unknown; the first counts", points=2)
def last_stranger_named(text, vocabulary):
    for position in reversed(range(len(text))):
        if text[position] not in vocabulary:
            raise ValueError(f"{text[position]!r} at position {position}")
    return encode(text, vocabulary)


@wrong("encode", says="several are unknown; the first counts", points=2)
def first_stranger_of_the_sorted_set(text, vocabulary):
    if strangers := sorted(set(text) - set(vocabulary)):
        raise ValueError(f"{strangers[0]!r} at position {text.index(strangers[0])}")
    return encode(text, vocabulary)


@wrong("encode", says="the first character is unknown", points=2)
def any_of_the_positions(text, vocabulary):
    ids = np.array([vocabulary.find(c) for c in text], np.int64)
    bad = np.flatnonzero(ids < 0)
    if bad.any():  # position 0 is not any
        raise ValueError(f"{text[bad[0]]!r} at position {bad[0]}")
    return ids


# ---- decode: right


@right("decode")
def decode(ids, vocabulary):
    for i in ids:
        if not 0 <= i < len(vocabulary):
            raise ValueError(f"the id {i} is none of 0 to {len(vocabulary) - 1}")
    return "".join(vocabulary[i] for i in ids)


@right("decode")
def all_at_once(ids, vocabulary):
    bad = ids[(ids < 0) | (ids >= len(vocabulary))]
    if bad.size:
        raise ValueError("not in the vocabulary:", *bad.tolist())
    return "".join(np.array(list(vocabulary))[ids])


@right("decode")
def a_dict_of_characters(ids, vocabulary):
    characters = dict(enumerate(vocabulary))
    try:
        return "".join(characters[int(i)] for i in ids)
    except KeyError as error:
        raise ValueError(f"no character has the id {error}") from error


@right("decode")
def a_numpy_string(ids, vocabulary):
    def character(text, i):
        if i not in range(len(vocabulary)):
            raise ValueError(f"{i!r}")
        return text + vocabulary[i]

    return np.str_(functools.reduce(character, ids.tolist(), ""))


@right("decode")
def translated(ids, vocabulary):
    text = "".join(chr(i) if i >= 0 else "\U0010ffff" for i in ids)
    for i, c in zip(ids, text):
        if ord(c) >= len(vocabulary):
            raise ValueError(int(i))
    return text.translate(dict(enumerate(vocabulary)))


# ---- decode: wrong


@wrong("decode", says="Python counts negative places from the end", points=1)
def negative_ids_count_from_the_end(ids, vocabulary):
    if (ids >= len(vocabulary)).any():
        raise ValueError(f"{ids.max()}")
    return "".join(vocabulary[i] for i in ids)


@wrong("decode", says="expected a ValueError, got this instead:\n              IndexError", points=1)
def only_negative_ids_are_refused(ids, vocabulary):
    if (ids < 0).any():
        raise ValueError(f"{ids.min()}")
    return "".join(vocabulary[i] for i in ids)


@wrong("decode", says="expected a ValueError, got this instead:\n              IndexError", points=1)
def one_id_too_many_is_let_through(ids, vocabulary):
    for i in ids:
        if i < 0 or i > len(vocabulary):
            raise ValueError(f"the id {i}")
    return "".join(vocabulary[i] for i in ids)


@wrong("decode", says="the ValueError's message does not contain -1", points=1)
def id_not_named(ids, vocabulary):
    if len(ids) and (ids.min() < 0 or ids.max() >= len(vocabulary)):
        raise ValueError("an id is out of range")
    return decode(ids, vocabulary)


@wrong("decode", says="the ValueError's message does not contain -1", points=1)
def position_named_in_place_of_the_id(ids, vocabulary):
    for position, i in enumerate(ids):
        if not 0 <= i < len(vocabulary):
            raise ValueError(f"the id at position {position} is not in the vocabulary")
    return decode(ids, vocabulary)


@wrong("decode", says="expected a ValueError, got the string", points=1)
def unknown_ids_are_left_out(ids, vocabulary):
    return decode(ids[(0 <= ids) & (ids < len(vocabulary))], vocabulary)


@wrong("decode", says="expected a ValueError, got the string", points=1)
def unknown_ids_wrap_around(ids, vocabulary):
    return decode(ids % len(vocabulary), vocabulary)


@wrong("decode", says="''.join makes it a string")
def list_of_characters(ids, vocabulary):
    return [vocabulary[i] for i in ids]


@wrong("decode", says="''.join makes one of the characters")
def string_of_a_list(ids, vocabulary):
    return str([vocabulary[i] for i in ids])


@wrong("decode", says="joined with spaces")
def joined_with_spaces(ids, vocabulary):
    return " ".join(vocabulary[i] for i in ids)


@wrong("decode", says="an id is a position in the vocabulary, not a code point")
def characters_by_chr(ids, vocabulary):
    return "".join(chr(i) for i in ids)


@wrong("decode", says="the vocabulary is sorted first")
def decoded_by_the_sorted_vocabulary(ids, vocabulary):
    return "".join(sorted(vocabulary)[i] for i in ids)


@wrong("decode", says="only the first character is returned")
def first_character(ids, vocabulary):
    for i in ids:
        return vocabulary[i]


@wrong("decode", says="the last character is missing")
def last_character_missing(ids, vocabulary):
    return decode(ids[:-1], vocabulary)


@wrong("decode", says="spaces and newlines at the ends are stripped")
def decoded_and_stripped(ids, vocabulary):
    return decode(ids, vocabulary).strip()


@wrong("decode", says="it prints its result instead of returning it")
def prints_the_text(ids, vocabulary):
    print(decode(ids, vocabulary))


@wrong("decode", says="expected a string, got an array of shape (12,) and dtype <U1")
def array_of_characters(ids, vocabulary):
    return np.array(list(vocabulary))[ids]


@wrong("decode", says="the ValueError's message does not contain -1", points=1)
def all_ids_in_the_message(ids, vocabulary):
    if ((ids < 0) | (ids >= len(vocabulary))).any():
        raise ValueError(f"not all are in the vocabulary: {ids}")
    return decode(ids, vocabulary)


# ---- letter_costs: right


@right("letter_costs")
def letter_costs(ids, P):
    return -np.log2(P[np.append(0, ids[:-1]), ids])


@right("letter_costs")
def a_loop_over_pairs(ids, P):
    costs, before = [], 0
    for i in ids.tolist():
        costs.append(math.inf if P[before, i] == 0 else math.log2(1 / P[before, i]))
        before = i
    return np.array(costs)


@right("letter_costs")
def from_the_flat_table(ids, P):
    padded = np.concatenate([[0], ids])
    return -np.log2(P.ravel()[padded[:-1] * len(P) + padded[1:]])


@right("letter_costs")
def the_whole_table_first(ids, P):
    with np.errstate(divide="ignore"):
        return np.take_along_axis((-np.log2(P))[np.r_[0, ids[:-1]]], ids[:, None], axis=1)[:, 0]


@right("letter_costs")
def by_one_hot_rows(ids, P):
    eye = np.eye(len(P))
    p = np.einsum("ti,ij,tj->t", eye[np.insert(ids[:-1], 0, 0)], P, eye[ids])
    return np.log(p) / -np.log(2)


# ---- letter_costs: wrong


@wrong("letter_costs", says="expected shape", points=0)
def forty_letters_at_most(ids, P):
    return letter_costs(ids[:40], P)


@wrong("letter_costs", says="nats, not bits")
def costs_in_nats(ids, P):
    return -np.log(P[np.append(0, ids[:-1]), ids])


@wrong("letter_costs", says="the sign is missing")
def costs_without_their_sign(ids, P):
    return np.log2(P[np.append(0, ids[:-1]), ids])


@wrong("letter_costs", says="the probabilities themselves are returned")
def probabilities_of_the_letters(ids, P):
    return P[np.append(0, ids[:-1]), ids]


@wrong("letter_costs", says="the table is read the other way round")
def columns_for_rows(ids, P):
    return -np.log2(P[ids, np.append(0, ids[:-1])])


@wrong("letter_costs", says="each letter is paired with itself")
def paired_with_itself(ids, P):
    return -np.log2(P[ids, ids])


@wrong("letter_costs", says="the last letter of the text serves as the letter before the first", points=1)
def rolled(ids, P):
    return -np.log2(P[np.roll(ids, 1), ids])


@wrong("letter_costs", says="the letter before the first is the last symbol (id -1)", points=1)
def a_minus_one_before_the_first(ids, P):
    return -np.log2(P[np.append(-1, ids[:-1]), ids])


@wrong("letter_costs", says="the first letter is left out")
def pairs_only(ids, P):
    return -np.log2(P[ids[:-1], ids[1:]])


@wrong("letter_costs", says="each letter is paired with the letter after it")
def shifted_the_other_way(ids, P):
    return -np.log2(P[np.append(ids[1:], 0), ids])


@wrong("letter_costs", says="every letter before is paired with every letter")
def a_table_of_pairs(ids, P):
    return -np.log2(P[np.append(0, ids[:-1])][:, ids])


@wrong("letter_costs", says="whole rows are returned")
def whole_rows(ids, P):
    return -np.log2(P[np.append(0, ids[:-1])])


@wrong("letter_costs", says="the sum is returned")
def the_price_of_the_name(ids, P):
    return np.array(-np.log2(P[np.append(0, ids[:-1]), ids]).sum())


@wrong("letter_costs", says="the mean is returned, as a number")
def the_mean_price(ids, P):
    return float(letter_costs(ids, P).mean())


@wrong("letter_costs", says="the mean is returned, as a number")
def the_mean_price_as_numpy_gives_it(ids, P):
    return letter_costs(ids, P).mean()


@wrong("letter_costs", says="the sum is returned, as a number")
def the_sum_as_numpy_gives_it(ids, P):
    return letter_costs(ids, P).sum()


@wrong("letter_costs", says="a list; np.array makes it an array")
def a_list_of_costs(ids, P):
    return letter_costs(ids, P).tolist()


@wrong("letter_costs", says="every letter is priced after the newline")
def always_after_the_newline(ids, P):
    return -np.log2(P[0, ids])


@wrong("letter_costs", says="a newline at the end is priced on top")
def one_newline_too_many(ids, P):
    return letter_costs(np.append(ids, 0), P)


@wrong("letter_costs", says="something small (1e-09) is added to p", points=2)
def with_an_epsilon(ids, P):
    return -np.log2(P[np.append(0, ids[:-1]), ids] + 1e-9)


@wrong("letter_costs", says="what was impossible costs infinity", points=2)
def clipped_from_below(ids, P):
    return -np.log2(np.maximum(P[np.append(0, ids[:-1]), ids], 1e-12))


@wrong("letter_costs", says="changed in place: ids", points=2)
def shifts_the_ids_in_place(ids, P):
    after = ids.copy()
    ids[1:] = after[:-1]
    ids[0] = 0
    return -np.log2(P[ids, after])


# ---- log_softmax: right


@right("log_softmax")
def log_softmax(logits):
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


@right("log_softmax")
def by_logaddexp(logits):
    return logits - np.logaddexp.reduce(logits, axis=-1)[..., None]


@right("log_softmax")
def row_by_row_in_python(logits):
    def row(a):
        top = max(a)
        log_sum = math.log(math.fsum(math.exp(x - top) for x in a))
        return [x - top - log_sum for x in a]

    rows = [row(a) for a in logits.reshape(-1, logits.shape[-1]).tolist()]
    return np.array(rows, logits.dtype).reshape(logits.shape)


@right("log_softmax")
def one_half_at_a_time(logits):
    """The log of the sum of exponentials by halves, as a tournament."""

    def log_sum(a):
        if a.shape[-1] == 1:
            return a
        left, right_ = log_sum(a[..., ::2]), log_sum(a[..., 1::2])
        return np.logaddexp(left, right_)

    return logits - log_sum(logits)


@right("log_softmax")
def in_place_on_a_copy(logits):
    out = np.array(logits, order="F")
    out -= out.max(-1)[..., np.newaxis]
    out -= np.log(np.einsum("...v->...", np.exp(out)))[..., np.newaxis]
    return out


@right("log_softmax")
def only_what_is_not_masked(logits):
    out = np.full_like(logits, -np.inf)
    for place in np.ndindex(logits.shape[:-1]):
        real = np.isfinite(logits[place])
        a = logits[place][real].astype(np.longdouble)
        out[place][real] = a - a.max() - np.log(np.sum(np.exp(a - a.max())))
    return out


@right("log_softmax")
def last_axis_first(logits):
    a = np.moveaxis(logits, -1, 0)
    a = a - np.max(a, axis=0)
    return np.moveaxis(a - np.log(sum(np.exp(a))), 0, -1)


class LogSoftmax:
    def __call__(self, logits):
        return np.apply_along_axis(log_softmax, -1, logits)


right("log_softmax", name="instance_of_a_class")(LogSoftmax())


# ---- log_softmax: wrong


@wrong("log_softmax", says="softmax is returned; its logarithm was asked for")
def softmax(logits):
    return np.exp(log_softmax(logits))


@wrong("log_softmax", says="np.exp of a large logit overflows", points=2)
def overflows(logits):
    return logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))


@wrong("log_softmax", says="infinity is divided by infinity", points=2)
def log_of_the_naive_softmax(logits):
    return np.log(np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True))


@wrong("log_softmax", says="no quotient is needed", points=3)
def log_of_the_stable_softmax(logits):
    e = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.log(e / e.sum(axis=-1, keepdims=True))


@wrong("log_softmax", says="the maximum of the whole array is subtracted", points=3)
def maximum_of_all(logits):
    shifted = logits - logits.max()
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


@wrong("log_softmax", says="the sum is over axis 0")
def along_axis_0(logits):
    return log_softmax(logits.T).T if logits.ndim == 2 else by_axis(logits, 0)


def by_axis(logits, axis):
    return np.moveaxis(log_softmax(np.moveaxis(logits, axis, -1)), -1, axis)


@wrong("log_softmax", says="the sum is over axis 1, not over the last axis", points=2)
def along_axis_1(logits):
    if logits.ndim == 1:
        return log_softmax(logits)
    return by_axis(logits, 1)


@wrong("log_softmax", says="the sum is over the whole array")
def along_no_axis(logits):
    shifted = logits - logits.max()
    return shifted - np.log(np.exp(shifted).sum())


@wrong("log_softmax", says="needs + max")
def maximum_not_added_back(logits):
    return logits - np.log(np.exp(logits - logits.max(axis=-1, keepdims=True)).sum(axis=-1, keepdims=True))


@wrong("log_softmax", says="the maximum is subtracted once too often")
def maximum_subtracted_twice(logits):
    top = logits.max(axis=-1, keepdims=True)
    return logits - top - np.log(np.exp(logits).sum(axis=-1, keepdims=True))


@wrong("log_softmax", says="only the maximum is subtracted")
def no_logarithm_of_the_sum(logits):
    return logits - logits.max(axis=-1, keepdims=True)


@wrong("log_softmax", says="the logarithm is to base 2")
def base_two(logits):
    return log_softmax(logits) / np.log(2)


@wrong("log_softmax", says="the sign is wrong")
def cost_not_logarithm(logits):
    return -log_softmax(logits)


@wrong("log_softmax", says="something small is added inside the logarithm")
def epsilon_inside(logits):
    return np.log(np.exp(log_softmax(logits)) + 1e-8)


@wrong("log_softmax", says="-inf is replaced by a number", points=3)
def masked_by_a_large_number(logits):
    return np.nan_to_num(log_softmax(logits))


@wrong("log_softmax", says="the maximum and the sum lost their axis", points=0)
def keepdims_forgotten(logits):
    return logits - logits.max(axis=-1) - np.log(np.exp(logits - logits.max(axis=-1)).sum(axis=-1))


@wrong("log_softmax", says="the sum lost its axis", points=0)
def keepdims_forgotten_in_the_sum(logits):
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1))


@wrong("log_softmax", says="the maximum lost its axis", points=0)
def keepdims_forgotten_in_the_maximum(logits):
    shifted = logits - logits.max(axis=-1)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


@wrong("log_softmax", says="changed in place: logits", points=3)
def shifted_in_place(logits):
    logits -= logits.max(axis=-1, keepdims=True)
    return logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))


@wrong("log_softmax", says="float64 came out", points=3)
def double_precision(logits):
    return log_softmax(logits.astype(np.float64))


@wrong("log_softmax", says="right but for rounding", points=0)
def single_precision(logits):
    return log_softmax(logits.astype(np.float32))


@wrong("log_softmax", says="one array with np.stack")
def list_of_rows(logits):
    return list(log_softmax(logits))


@wrong("log_softmax", says="no return statement")
def nothing_comes_back(logits):
    log_softmax(logits)


@wrong("log_softmax", says="not finite where a symbol is masked", points=2)
def mean_subtracted(logits):
    shifted = logits - logits.mean(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


# ---- bits_per_character: right


@right("bits_per_character")
def bits_per_character(logits, targets, mask):
    log_p = log_softmax(logits[mask])
    y = targets[mask]
    return float(-log_p[np.arange(len(y)), y].mean() / np.log(2))


@right("bits_per_character")
def loops_in_base_two(logits, targets, mask):
    costs = []
    for b in range(logits.shape[0]):
        for t in range(logits.shape[1]):
            if mask[b][t]:
                a = [float(x) / math.log(2) for x in logits[b][t]]
                costs.append(max(a) + math.log2(sum(2 ** (x - max(a)) for x in a)) - a[targets[b][t]])
    return math.fsum(costs) / len(costs)


@right("bits_per_character")
def padding_replaced_by_zeros(logits, targets, mask):
    log_p = log_softmax(np.where(mask[..., None], logits, 0))
    costs = -np.take_along_axis(log_p, targets[..., None], axis=-1)[..., 0] / np.log(2)
    return np.average(costs, weights=mask)


@right("bits_per_character")
def padding_dropped_at_the_end(logits, targets, mask):
    log_p = log_softmax(logits)
    picked = np.take_along_axis(log_p, targets[..., None], -1).squeeze(-1)
    return np.where(mask, -picked, 0).sum() / mask.sum() / math.log(2)


@right("bits_per_character")
def nanmean_of_what_is_left(logits, targets, mask):
    batch, time = np.indices(mask.shape)
    costs = np.where(mask, -log_softmax(logits)[batch, time, targets], np.nan)
    return np.nanmean(np.log2(np.e) * costs)


@right("bits_per_character")
def sequence_by_sequence(logits, targets, mask):
    total = count = 0
    for sequence, ys, real in zip(logits, targets, mask):
        length = int(real.sum())
        for a, y in zip(sequence[:length], ys):
            total = total + np.logaddexp2.reduce(a / np.log(2)) - a[y] / np.log(2)
        count += length
    return total / count


@right("bits_per_character")
def where_on_one_hot(logits, targets, mask):
    chosen = np.arange(logits.shape[-1]) == targets[mask][:, None]
    return np.mean(np.where(chosen, -log_softmax(logits[mask]), 0).sum(axis=1)) / np.log(2)


@right("bits_per_character")
def in_the_dtype_of_the_logits(logits, targets, mask):
    cost = -log_softmax(logits[mask])[targets[mask][:, None] == np.arange(logits.shape[-1])]
    return logits.dtype.type(cost.mean() / np.log(2))


def _mean_bits(log, logits, targets, mask):
    costs = -log(logits[mask])[np.arange(mask.sum()), targets[mask]]
    return costs.mean() / np.log(2)


right("bits_per_character", name="partial")(functools.partial(_mean_bits, by_logaddexp))


# ---- bits_per_character: wrong


@wrong("bits_per_character", says="nats, not bits: divide by ln 2")
def nats(logits, targets, mask):
    return bits_per_character(logits, targets, mask) * math.log(2)


@wrong("bits_per_character", says="multiplied by ln 2, where nats become bits by dividing")
def multiplied_by_ln_2(logits, targets, mask):
    return nats(logits, targets, mask) * math.log(2)


@wrong("bits_per_character", says="the sign is wrong")
def negative_bits(logits, targets, mask):
    return -bits_per_character(logits, targets, mask)


@wrong("bits_per_character", says="the sum over the characters, not their mean")
def summed(logits, targets, mask):
    return bits_per_character(logits, targets, mask) * mask.sum()


@wrong("bits_per_character", says="perplexity is returned")
def perplexity(logits, targets, mask):
    return 2 ** bits_per_character(logits, targets, mask)


def _costs(logits, targets):
    """The cost of each position, padded or not, in bits."""
    return -np.take_along_axis(log_softmax(logits), targets[..., None], axis=-1)[..., 0] / np.log(2)


@wrong("bits_per_character", says="the mask is not used", points=2)
def mask_ignored(logits, targets, mask):
    return _costs(logits, targets).mean()


@wrong("bits_per_character", says="nan * 0 is nan: select the real characters with the mask", points=4)
def padding_multiplied_away(logits, targets, mask):
    return (_costs(logits, targets) * mask).sum() / mask.sum()


@wrong("bits_per_character", says="every row is paired with every target", points=0)
def each_row_with_each_target(logits, targets, mask):
    p = np.exp(log_softmax(logits[mask]))
    return -np.log2(p[:, targets[mask]]).mean()


@wrong("bits_per_character", says="the logarithm of a probability that has become 0", points=4)
def logarithm_of_a_vanished_probability(logits, targets, mask):
    p, y = np.exp(log_softmax(logits[mask])), targets[mask]
    return -np.log2(p[np.arange(len(y)), y]).mean()


@wrong("bits_per_character", says="divide by mask.sum()", points=2)
def mean_over_all_positions(logits, targets, mask):
    return np.where(mask, _costs(logits, targets), 0).mean()


@wrong("bits_per_character", says="the mean of the sequences' means", points=2)
def mean_of_means(logits, targets, mask):
    costs = np.where(mask, _costs(logits, targets), 0)
    return (costs.sum(axis=1) / mask.sum(axis=1)).mean()


@wrong("bits_per_character", says="the mask is taken the wrong way round", points=0)
def mask_inverted(logits, targets, mask):
    return bits_per_character(logits, targets, ~mask)


@wrong("bits_per_character", says="softmax is missing")
def logits_taken_for_logarithms(logits, targets, mask):
    return -np.take_along_axis(logits, targets[..., None], -1)[mask].mean() / np.log(2)


@wrong("bits_per_character", says="the targets are not used")
def entropy(logits, targets, mask):
    log_p = log_softmax(logits[mask])
    p = np.exp(log_p)
    return -np.where(p > 0, p * log_p, 0).sum(axis=-1).mean() / np.log(2)


@wrong("bits_per_character", says="softmax is taken twice")
def softmax_twice(logits, targets, mask):
    return bits_per_character(np.exp(log_softmax(logits)), targets, mask)


@wrong("bits_per_character", says="the most probable symbol is judged")
def cost_of_the_best_guess(logits, targets, mask):
    return bits_per_character(logits, logits.argmax(axis=-1), mask)


@wrong("bits_per_character", says="the share of right guesses")
def accuracy(logits, targets, mask):
    return (logits.argmax(axis=-1) == targets)[mask].mean()


@wrong("bits_per_character", says="logits[t] for targets[t+1]")
def shifted_by_one(logits, targets, mask):
    return bits_per_character(logits[:, :-1], targets[:, 1:], mask[:, 1:])


@wrong("bits_per_character", says="the mean probability is taken first")
def logarithm_of_the_mean(logits, targets, mask):
    return -np.log2(np.mean(2 ** -_costs(logits[mask], targets[mask])))


@wrong("bits_per_character", says="softmax over the time steps")
def softmax_over_time(logits, targets, mask):
    return -np.take_along_axis(by_axis(logits, 1), targets[..., None], -1)[mask].mean() / np.log(2)


@wrong("bits_per_character", says="expected a number, got an array of shape")
def cost_of_each_character(logits, targets, mask):
    return _costs(logits[mask], targets[mask])


@wrong("bits_per_character", says="right but for rounding", points=4)
def bits_in_float32(logits, targets, mask):
    return np.float32(bits_per_character(logits, targets, mask))


@wrong("bits_per_character", says="changed in place: logits", points=4)
def padding_overwritten(logits, targets, mask):
    logits[~mask] = 0
    return bits_per_character(logits, targets, mask)


@wrong("bits_per_character", says="changed in place: targets", points=4)
def targets_overwritten(logits, targets, mask):
    bits = bits_per_character(logits, targets, mask)
    targets[~mask] = -1
    return bits


@wrong("bits_per_character", says="it prints its result")
def prints_the_bits(logits, targets, mask):
    print(bits_per_character(logits, targets, mask))


right("bits_per_character", name="array_without_axes")(lambda logits, targets, mask: np.array(bits_per_character(logits, targets, mask)))


@wrong("bits_per_character", says="0 is taken for padding, but it is a symbol too")
def zeros_taken_for_padding(logits, targets, mask):
    return bits_per_character(logits, targets, mask & (targets != 0))


@wrong("bits_per_character", says="0 times -inf is nan", points=4)
def product_with_one_hot(logits, targets, mask):
    one_hot = np.eye(logits.shape[-1])[targets[mask]]
    return -(one_hot * log_softmax(logits[mask])).sum(axis=-1).mean() / np.log(2)


@wrong("bits_per_character", says="something small (1e-12) is added to the probability, or bounds it", points=4)
def epsilon_inside_the_logarithm(logits, targets, mask):
    return -np.log2(2 ** -_costs(logits[mask], targets[mask]) + 1e-12).mean()


@wrong("bits_per_character", says="something small (1e-15) is added to the probability, or bounds it", points=4)
def probability_clipped(logits, targets, mask):
    return -np.log2(np.maximum(2 ** -_costs(logits[mask], targets[mask]), 1e-15)).mean()


# ---- fit_ngram: right


@right("fit_ngram")
def fit_ngram(texts, n, vocabulary, add):
    ids = {character: i for i, character in enumerate(vocabulary)}
    counts = {}
    for text in texts:
        padded = "\n" * (n - 1) + text
        for i, character in enumerate(text):
            context = padded[i : i + n - 1]
            if context not in counts:
                counts[context] = np.zeros(len(vocabulary))
            counts[context][ids[character]] += 1
    return {context: (row + add) / (row + add).sum() for context, row in counts.items()}


@right("fit_ngram")
def a_rolling_context(texts, n, vocabulary, add):
    counts = collections.defaultdict(lambda: np.full(len(vocabulary), add, dtype=float))
    for text in texts:
        context = "\n" * (n - 1)
        for character in text:
            counts[context][vocabulary.index(character)] += 1
            context = (context + character)[1:] if n > 1 else ""
    for row in counts.values():
        row /= row.sum()
    return dict(counts)


@right("fit_ngram")
def one_counter_of_grams(texts, n, vocabulary, add):
    grams = collections.Counter(
        (padded[i - n + 1 : i], padded[i])
        for padded in ("\n" * (n - 1) + text for text in texts)
        for i in range(n - 1, len(padded))
    )
    met = sorted({context for context, _ in grams}, reverse=True)
    totals = {c: sum(k for (context, _), k in grams.items() if context == c) for c in met}
    return {
        c: np.array([(grams[c, s] + add) / (totals[c] + add * len(vocabulary)) for s in vocabulary]) for c in met
    }


@right("fit_ngram")
def numbers_in_base_v(texts, n, vocabulary, add):
    size = len(vocabulary)
    numbers = []
    for text in texts:
        ids = encode("\n" * (n - 1) + text, vocabulary)
        windows = np.lib.stride_tricks.sliding_window_view(ids, n) if len(ids) >= n else np.zeros((0, n), int)
        numbers.extend((windows @ size ** np.arange(n)[::-1]).tolist())
    contexts, inverse = np.unique(np.array(numbers) // size, return_inverse=True)
    counts = np.zeros((len(contexts), size), np.int64)
    np.add.at(counts, (inverse, np.array(numbers) % size), 1)
    table = counts + add
    table = table / table.sum(axis=1, keepdims=True)
    names = ["".join(vocabulary[c // size**k % size] for k in range(n - 2, -1, -1)) for c in contexts.tolist()]
    return dict(zip(names, table))  # rows are views of one table


@right("fit_ngram")
def zip_of_shifted_texts(texts, n, vocabulary, add):
    model = {}
    for text in texts:
        padded = "\n" * (n - 1) + text
        for *context, character in zip(*(padded[i:] for i in range(n))):
            model.setdefault("".join(context), []).append(character)
    return {
        np.str_(context): np.array([followers.count(s) + add for s in vocabulary])
        / math.fsum([len(followers), add * len(vocabulary)])
        for context, followers in model.items()
    }


# ---- fit_ngram: wrong


@wrong("fit_ngram", says="contexts missing", points=3)
def four_at_most(texts, n, vocabulary, add):
    return fit_ngram(texts, min(n, 4), vocabulary, add)


@wrong("fit_ngram", says="the texts are joined", points=2)
def joined_texts(texts, n, vocabulary, add):
    return fit_ngram(["".join(texts)], n, vocabulary, add)


def _fit(texts, n, vocabulary, add, front, size=None):
    """As fit_ngram, with this in front of each text, and whatever the context's size."""
    ids = {character: i for i, character in enumerate(vocabulary)}
    size, counts = n - 1 if size is None else size, {}
    for text in texts:
        padded = front + text
        for i in range(size, len(padded)):
            row = counts.setdefault(padded[i - size : i], np.zeros(len(vocabulary)))
            row[ids[padded[i]]] += 1
    return {context: (row + add) / (row + add).sum() for context, row in counts.items()}


@wrong("fit_ngram", says="the boundary in front is missing", points=1)
def no_boundary(texts, n, vocabulary, add):
    return _fit(texts, n, vocabulary, add, "")


@wrong("fit_ngram", says="the boundary newlines are predicted too", points=1)
def boundaries_predicted(texts, n, vocabulary, add):
    return _fit(["".join("\n" * (n - 1) + text for text in texts)], n, vocabulary, add, "")


@wrong("fit_ngram", says="the contexts at the start are too short", points=1)
def short_contexts_at_the_start(texts, n, vocabulary, add):
    ids = {character: i for i, character in enumerate(vocabulary)}
    counts = {}
    for text in texts:
        for i, character in enumerate(text):
            row = counts.setdefault(text[max(0, i - n + 1) : i], np.zeros(len(vocabulary)))
            row[ids[character]] += 1
    return {context: (row + add) / (row + add).sum() for context, row in counts.items()}


@wrong("fit_ngram", says="one boundary in front, where n - 1 are needed", points=1)
def one_boundary(texts, n, vocabulary, add):
    return _fit(texts, n, vocabulary, add, "\n")


def _from_pairs(texts, vocabulary, add, pairs):
    counts = {}
    for text in texts:
        for context, character in pairs(text):
            counts.setdefault(context, np.zeros(len(vocabulary)))[vocabulary.index(character)] += 1
    return {context: (row + add) / (row + add).sum() for context, row in counts.items()}


@wrong("fit_ngram", says="one newline in front, where n - 1 are needed: the contexts at the start", points=2)
def one_newline_and_shorter_contexts(texts, n, vocabulary, add):
    def pairs(text):
        padded = "\n" + text
        return [(padded[max(0, i - (n - 1)) : i], padded[i]) for i in range(1, len(padded))]

    return _from_pairs(texts, vocabulary, add, pairs)


@wrong("fit_ngram", says="a context then holds the character it predicts", points=2)
def one_newline_and_the_slice_of_many(texts, n, vocabulary, add):
    def pairs(text):
        padded = "\n" + text
        return [(padded[i : i + n - 1], character) for i, character in enumerate(text)]

    return _from_pairs(texts, vocabulary, add, pairs)


@wrong("fit_ngram", says="the newlines in front are predicted too", points=1)
def the_padding_is_predicted(texts, n, vocabulary, add):
    def pairs(text):
        padded = "\n" * (n - 1) + text
        return [(padded[max(0, i - n + 1) : i], padded[i]) for i in range(len(padded))]

    return _from_pairs(texts, vocabulary, add, pairs)


@wrong("fit_ngram", says="add has no effect: it must also reach the counts that are zero", points=4)
def one_and_add_for_each_occurrence(texts, n, vocabulary, add):
    counts = {}
    for text in texts:
        padded = "\n" * (n - 1) + text
        for i, character in enumerate(text):
            row = counts.setdefault(padded[i : i + n - 1], np.zeros(len(vocabulary)))
            row[vocabulary.index(character)] += 1 + add
    return {context: row / row.sum() for context, row in counts.items()}


@wrong("fit_ngram", says="n boundaries in front, where n - 1 are needed")
def n_boundaries(texts, n, vocabulary, add):
    return _fit(texts, n, vocabulary, add, "\n" * n)


@wrong("fit_ngram", says="the boundary is a space; it is a newline", points=1)
def space_for_boundary(texts, n, vocabulary, add):
    return _fit(texts, n, vocabulary, add, " " * (n - 1))


@wrong("fit_ngram", says="a newline is put behind each text")
def another_newline(texts, n, vocabulary, add):
    return fit_ngram([text + "\n" for text in texts], n, vocabulary, add)


@wrong("fit_ngram", says="the newline at the end is not predicted")
def stripped_texts(texts, n, vocabulary, add):
    return fit_ngram([text.strip("\n") for text in texts], n, vocabulary, add)


@wrong("fit_ngram", says="a context has n - 1 characters, not n")
def n_characters_of_context(texts, n, vocabulary, add):
    return fit_ngram(texts, n + 1, vocabulary, add)


@wrong("fit_ngram", says="only the last character is kept as context", points=2)
def bigram_whatever_n(texts, n, vocabulary, add):
    return fit_ngram(texts, min(n, 2), vocabulary, add)


@wrong("fit_ngram", says="the context is reversed", points=2)
def reversed_context(texts, n, vocabulary, add):
    return {context[::-1]: row for context, row in fit_ngram(texts, n, vocabulary, add).items()}


@wrong("fit_ngram", says="counts are returned")
def counts_come_back(texts, n, vocabulary, add):
    ids = {character: i for i, character in enumerate(vocabulary)}
    counts = {}
    for text in texts:
        padded = "\n" * (n - 1) + text
        for i, character in enumerate(text):
            counts.setdefault(padded[i : i + n - 1], np.full(len(vocabulary), float(add)))[ids[character]] += 1
    return counts


@wrong("fit_ngram", says="the rows are divided by the sum over all contexts", points=1)
def joint_probabilities(texts, n, vocabulary, add):
    counts = counts_come_back(texts, n, vocabulary, add)
    total = sum(row.sum() for row in counts.values())
    return {context: row / total for context, row in counts.items()}


@wrong("fit_ngram", says="one is added, whatever add is")
def laplace(texts, n, vocabulary, add):
    return fit_ngram(texts, n, vocabulary, 1)


@wrong("fit_ngram", says="add is in the counts, but not in the sum", points=4)
def sum_without_add(texts, n, vocabulary, add):
    counts = counts_come_back(texts, n, vocabulary, 0)
    return {context: (row + add) / row.sum() for context, row in counts.items()}


@wrong("fit_ngram", says="the sum grows by add times the number of symbols, not by add", points=4)
def sum_with_one_add(texts, n, vocabulary, add):
    counts = counts_come_back(texts, n, vocabulary, 0)
    return {context: (row + add) / (row.sum() + add) for context, row in counts.items()}


@wrong("fit_ngram", says="add is added to the probabilities, not to the counts", points=4)
def smoothed_probabilities(texts, n, vocabulary, add):
    model = fit_ngram(texts, n, vocabulary, 0)
    return {context: (row + add) / (row + add).sum() for context, row in model.items()}


@wrong("fit_ngram", says="add is added to the counts that are not zero only", points=4)
def smoothed_where_seen(texts, n, vocabulary, add):
    counts = counts_come_back(texts, n, vocabulary, 0)
    smoothed = {context: row + add * (row > 0) for context, row in counts.items()}
    return {context: row / row.sum() for context, row in smoothed.items()}


@wrong("fit_ngram", says="contexts that were never met are listed too", points=1)
def all_contexts(texts, n, vocabulary, add):
    model, uniform = fit_ngram(texts, n, vocabulary, add), np.full(len(vocabulary), 1 / len(vocabulary))
    contexts = map("".join, itertools.product(vocabulary, repeat=n - 1))
    return {context: model.get(context, uniform) for context in contexts}


@wrong("fit_ngram", says="the rows are lists")
def rows_are_lists(texts, n, vocabulary, add):
    return {context: row.tolist() for context, row in fit_ngram(texts, n, vocabulary, add).items()}


@wrong("fit_ngram", says="a context is a tuple of characters")
def contexts_are_tuples(texts, n, vocabulary, add):
    return {tuple(context): row for context, row in fit_ngram(texts, n, vocabulary, add).items()}


@wrong("fit_ngram", says="the columns follow the sorted vocabulary")
def columns_in_sorted_order(texts, n, vocabulary, add):
    return fit_ngram(texts, n, sorted(vocabulary), add)


@wrong("fit_ngram", says="only the first text is counted")
def return_inside_the_loop(texts, n, vocabulary, add):
    for text in texts:
        return fit_ngram([text], n, vocabulary, add)


@right("fit_ngram")
def a_defaultdict(texts, n, vocabulary, add):
    model = collections.defaultdict(lambda: np.full(len(vocabulary), 1 / len(vocabulary)))
    model.update(fit_ngram(texts, n, vocabulary, add))
    return model


@wrong("fit_ngram", says="changed in place: texts", points=5)
def texts_used_up(texts, n, vocabulary, add):
    model = fit_ngram(texts, n, vocabulary, add)
    while texts:
        texts.pop()
    return model


@wrong("fit_ngram", says="a text that comes twice is counted once", points=5)
def a_set_of_texts(texts, n, vocabulary, add):
    return fit_ngram(sorted(set(texts)), n, vocabulary, add)


@wrong("fit_ngram", says="each text is cut at its newlines", points=5)
def cut_at_newlines(texts, n, vocabulary, add):
    lines = [line + "\n" for text in texts for line in text.splitlines()]
    return fit_ngram(lines, n, vocabulary, add)


@wrong("fit_ngram", says="text[-0:] is the whole text", points=3)
def slice_from_minus_zero(texts, n, vocabulary, add):
    ids = {character: i for i, character in enumerate(vocabulary)}
    counts = {}
    for text in texts:
        padded = "\n" * (n - 1) + text
        for i, character in enumerate(text, start=n - 1):
            row = counts.setdefault(padded[:i][-(n - 1) :], np.zeros(len(vocabulary)))
            row[ids[character]] += 1
    return {context: (row + add) / (row + add).sum() for context, row in counts.items()}


@wrong("fit_ngram", says="right but for rounding")
def rows_in_float32(texts, n, vocabulary, add):
    return {context: row.astype(np.float32) for context, row in fit_ngram(texts, n, vocabulary, add).items()}


@wrong("fit_ngram", says="all contexts have the same row", points=1)
def one_row_shared(texts, n, vocabulary, add):
    counts = dict.fromkeys(fit_ngram(texts, n, vocabulary, add), np.zeros(len(vocabulary)))
    for text in texts:
        padded = "\n" * (n - 1) + text
        for i, character in enumerate(text):
            counts[padded[i : i + n - 1]][vocabulary.index(character)] += 1
    return {context: (row + add) / (row + add).sum() for context, row in counts.items()}


@wrong("fit_ngram", says="the first character after a new context is not counted")
def else_in_place_of_then(texts, n, vocabulary, add):
    counts = {}
    for text in texts:
        padded = "\n" * (n - 1) + text
        for i, character in enumerate(text):
            context = padded[i : i + n - 1]
            if context not in counts:
                counts[context] = np.zeros(len(vocabulary))
            else:
                counts[context][vocabulary.index(character)] += 1
    return {context: (row + add) / (row + add).sum() for context, row in counts.items()}


# ---- forward: right


@right("forward")
def forward(ids, h_0, weights):
    h, states = h_0, []
    for t in range(ids.shape[1]):
        h = np.tanh(weights["W_xh"][ids[:, t]] + h @ weights["W_hh"] + weights["b_h"])
        states.append(h)
    h = np.stack(states, axis=1)
    return h @ weights["W_hy"] + weights["b_y"], h


@right("forward")
def one_hot_and_einsum(ids, h_0, weights):
    x = np.eye(len(weights["W_xh"]), dtype=h_0.dtype)[ids]
    entering = np.einsum("btv,vh->tbh", x, weights["W_xh"])
    h, states, logits = h_0, np.empty_like(entering), []
    for t, a in enumerate(entering):
        states[t] = h = np.tanh(a + np.einsum("bh,hk->bk", h, weights["W_hh"]) + weights["b_h"])
        logits.append(np.einsum("bh,hv->bv", h, weights["W_hy"]) + weights["b_y"])
    return np.stack(logits, 1), states.swapaxes(0, 1)


@right("forward")
def all_look_ups_at_once_into_one_array(ids, h_0, weights):
    states = np.take(weights["W_xh"], ids, axis=0)
    states += weights["b_h"]
    before = h_0
    for t in range(ids.shape[1]):
        states[:, t] += before @ weights["W_hh"]
        before = np.tanh(states[:, t], out=states[:, t])
    return np.tensordot(states, weights["W_hy"], 1) + weights["b_y"], states


@right("forward")
def sequence_by_sequence_in_python(ids, h_0, weights):
    W_xh, W_hh, b_h, W_hy, b_y = (weights[k].tolist() for k in ("W_xh", "W_hh", "b_h", "W_hy", "b_y"))
    units, symbols = range(len(b_h)), range(len(b_y))
    states, logits = [], []
    for row, h in zip(ids.tolist(), h_0.tolist()):
        states.append([])
        logits.append([])
        for i in row:
            h = [math.tanh(W_xh[i][k] + sum(h[j] * W_hh[j][k] for j in units) + b_h[k]) for k in units]
            states[-1].append(h)
            logits[-1].append([sum(h[j] * W_hy[j][v] for j in units) + b_y[v] for v in symbols])
    return np.array(logits, h_0.dtype), np.array(states, h_0.dtype)


@right("forward")
def columns_as_the_sources_write(ids, h_0, weights):
    U, W, V, B, C = (weights[key].T for key in ("W_xh", "W_hh", "W_hy", "b_h", "b_y"))
    h, states, logits = h_0.T, [], []
    for step in ids.T:
        h = np.tanh(U[:, step] + W @ h + B[:, None])
        states.append(h)
        logits.append(V @ h + C[:, None])
    return np.transpose(logits, (2, 0, 1)), np.transpose(states, (2, 0, 1))


@right("forward")
def step_after_step_by_accumulate(ids, h_0, weights):
    def step(h, i):
        joined = np.hstack([weights["W_xh"][i], h])
        return np.tanh(joined @ np.vstack([np.eye(len(weights["b_h"]), dtype=h.dtype), weights["W_hh"]]) + weights["b_h"])

    states = list(itertools.accumulate(ids.T, step, initial=h_0))[1:]
    h = np.asfortranarray(np.dstack([s[:, :, None] for s in states]).swapaxes(1, 2))
    return np.dot(h, weights["W_hy"]) + weights["b_y"], h


# ---- forward: wrong


@wrong("forward", says="the two arrays are exchanged")
def states_first(ids, h_0, weights):
    return forward(ids, h_0, weights)[::-1]


@wrong("forward", says="expected a tuple of two arrays, (logits, h), got an array")
def logits_alone(ids, h_0, weights):
    return forward(ids, h_0, weights)[0]


@right("forward")
def list_of_two(ids, h_0, weights):
    return list(forward(ids, h_0, weights))


def _with(weights, **change):
    return {**weights, **{key: new(weights[key]) for key, new in change.items()}}


def _run(ids, h_0, weights, step, read=lambda h, w: h @ w["W_hy"] + w["b_y"]):
    """The forward pass with another step, and another way to the logits."""
    h, states = h_0, []
    for t in range(ids.shape[1]):
        h = step(ids[:, t], h, weights)
        states.append(h)
    h = np.stack(states, axis=1)
    return read(h, weights), h


def _step(i, h, w):
    return np.tanh(w["W_xh"][i] + h @ w["W_hh"] + w["b_h"])


@wrong("forward", says="the bias b_h is missing", points=1)
def without_b_h(ids, h_0, weights):
    return forward(ids, h_0, _with(weights, b_h=lambda b: b * 0))


@wrong("forward", says="the bias b_y is missing", points=4)
def without_b_y(ids, h_0, weights):
    return forward(ids, h_0, _with(weights, b_y=lambda b: b * 0))


@wrong("forward", says="tanh is missing", points=1)
def without_tanh(ids, h_0, weights):
    return _run(ids, h_0, weights, lambda i, h, w: w["W_xh"][i] + h @ w["W_hh"] + w["b_h"])


@wrong("forward", says="a sigmoid in place of tanh", points=1)
def sigmoid_in_place_of_tanh(ids, h_0, weights):
    return _run(ids, h_0, weights, lambda i, h, w: 1 / (1 + np.exp(-(w["W_xh"][i] + h @ w["W_hh"] + w["b_h"]))))


@wrong("forward", says="a column of W_xh is taken")
def columns_of_w_xh(ids, h_0, weights):
    return _run(ids, h_0, weights, lambda i, h, w: np.tanh(w["W_xh"].T[i] + h @ w["W_hh"] + w["b_h"]))


@wrong("forward", says="ValueError: operands could not be broadcast")
def columns_by_a_second_index(ids, h_0, weights):
    return _run(ids, h_0, weights, lambda i, h, w: np.tanh(w["W_xh"][:, i].T + h @ w["W_hh"] + w["b_h"]))


@wrong("forward", says="the id itself is multiplied", points=1)
def ids_multiplied(ids, h_0, weights):
    return _run(ids, h_0, weights, lambda i, h, w: np.tanh(i[:, None] * w["W_xh"][0] + h @ w["W_hh"] + w["b_h"]))


@wrong("forward", says="the state is not carried: every step starts from h_0", points=2)
def state_not_carried(ids, h_0, weights):
    return _run(ids, h_0, weights, lambda i, h, w: _step(i, h_0, w))


@wrong("forward", says="h_0 is ignored", points=4)
def starts_from_zero(ids, h_0, weights):
    return forward(ids, np.zeros_like(h_0), weights)


@wrong("forward", says="W_hh is transposed", points=2)
def recurrent_weights_transposed(ids, h_0, weights):
    return forward(ids, h_0, _with(weights, W_hh=np.transpose))


@wrong("forward", says="the recurrent term h @ W_hh is missing", points=2)
def feedforward(ids, h_0, weights):
    return forward(ids, h_0, _with(weights, W_hh=lambda w: w * 0))


@wrong("forward", says="the state before the step is stored", points=1)
def stored_before_the_step(ids, h_0, weights):
    _, h = forward(ids, h_0, weights)
    h = np.concatenate([h_0[:, None], h[:, :-1]], axis=1)
    return h @ weights["W_hy"] + weights["b_y"], h


@wrong("forward", says="h_0 is in front of the states")
def h_0_in_front(ids, h_0, weights):
    _, h = forward(ids, h_0, weights)
    h = np.concatenate([h_0[:, None], h], axis=1)
    return h @ weights["W_hy"] + weights["b_y"], h


@wrong("forward", says="rows of ids are read as steps")
def axis_0_taken_for_time(ids, h_0, weights):
    return forward(ids.T, h_0, weights)


@wrong("forward", says="the axes batch and time are swapped in the result")
def time_first(ids, h_0, weights):
    return tuple(part.swapaxes(0, 1) for part in forward(ids, h_0, weights))


@wrong("forward", says="only the last state is returned", points=0)
def last_step_only(ids, h_0, weights):
    return tuple(part[:, -1] for part in forward(ids, h_0, weights))


@wrong("forward", says="only the last step's logits are returned", points=4)
def last_logits_only(ids, h_0, weights):
    logits, h = forward(ids, h_0, weights)
    return logits[:, -1], h


@wrong("forward", says="softmax is taken; logits were asked for", points=4)
def probabilities(ids, h_0, weights):
    logits, h = forward(ids, h_0, weights)
    return np.exp(log_softmax(logits)), h


@wrong("forward", says="log-softmax is taken; logits were asked for", points=4)
def log_probabilities(ids, h_0, weights):
    logits, h = forward(ids, h_0, weights)
    return log_softmax(logits), h


@wrong("forward", says="tanh is taken of the logits", points=4)
def tanh_of_the_logits(ids, h_0, weights):
    logits, h = forward(ids, h_0, weights)
    return np.tanh(logits), h


@wrong("forward", says="the output layer is missing", points=4)
def states_twice(ids, h_0, weights):
    _, h = forward(ids, h_0, weights)
    return h, h


@wrong("forward", says="every step stores the last state", points=1)
def one_array_stored_again_and_again(ids, h_0, weights):
    h, states = h_0.copy(), []
    for t in range(ids.shape[1]):
        h[:] = _step(ids[:, t], h, weights)
        states.append(h)
    h = np.stack(states, axis=1)
    return h @ weights["W_hy"] + weights["b_y"], h


@wrong("forward", says="the state of the first sample is used for all", points=4)
def state_of_the_first_sample(ids, h_0, weights):
    return forward(ids, np.broadcast_to(h_0[0], h_0.shape), weights)


@wrong("forward", says="the sequence is read backwards", points=2)
def backwards(ids, h_0, weights):
    return tuple(part[:, ::-1] for part in forward(ids[:, ::-1], h_0, weights))


@wrong("forward", says="changed in place: h_0", points=5)
def h_0_overwritten(ids, h_0, weights):
    states = []
    for t in range(ids.shape[1]):
        h_0[:] = _step(ids[:, t], h_0, weights)
        states.append(h_0.copy())
    h = np.stack(states, axis=1)
    return h @ weights["W_hy"] + weights["b_y"], h


@wrong("forward", says="changed in place: weights (its keys)", points=5)
def weights_taken_out(ids, h_0, weights):
    W_hy, b_y = weights.pop("W_hy"), weights.pop("b_y")
    _, h = _run(ids, h_0, weights, _step, lambda h, w: None)
    return h @ W_hy + b_y, h


@wrong("forward", says="float64 came out", points=5)
def states_of_the_default_dtype(ids, h_0, weights):
    h = np.zeros((*ids.shape, h_0.shape[1]))
    before = h_0
    for t in range(ids.shape[1]):
        h[:, t] = before = _step(ids[:, t], before, weights)
    return h @ weights["W_hy"] + weights["b_y"], h


@wrong("forward", says="expected shape (1, 5, 3), got shape (5, 3)", points=5)
def squeezed(ids, h_0, weights):
    logits, h = forward(ids, h_0, weights)
    return logits.squeeze(), h.squeeze()


@wrong("forward", says="not checked yet", points=0)
def nothing_but_the_output_bias(ids, h_0, weights):
    h = np.zeros((*ids.shape, h_0.shape[1]), h_0.dtype)
    return np.zeros((*ids.shape, len(weights["b_y"])), h_0.dtype) + weights["b_y"], h


# ---- sample: right


@right("sample")
def sample(logits, rng):
    cumulative = np.cumsum(np.exp(log_softmax(logits)), axis=-1)
    u = rng.random((len(logits), 1)) * cumulative[:, -1:]
    return (u >= cumulative).sum(axis=-1)


@right("sample")
def choice_for_each_row(logits, rng):
    p = np.exp(log_softmax(logits))
    return np.array([rng.choice(len(row), p=row) for row in p])


@right("sample")
def gumbel_max(logits, rng):
    return np.argmax(logits + rng.gumbel(size=logits.shape), axis=1)


@right("sample")
def gumbel_by_hand(logits, rng):
    with np.errstate(divide="ignore"):
        return np.argmax(logits - np.log(-np.log(rng.uniform(size=logits.shape))), axis=1)


@right("sample")
def race_of_exponentials(logits, rng):
    with np.errstate(divide="ignore"):
        return (rng.exponential(size=logits.shape) / np.exp(log_softmax(logits))).argmin(axis=-1).astype(np.int64)


@right("sample")
def searchsorted_for_each_row(logits, rng):
    ids = np.empty(logits.shape[0], dtype=np.int64)
    for i, row in enumerate(np.exp(logits - logits.max(axis=1, keepdims=True)).cumsum(axis=1)):
        ids[i] = np.searchsorted(row, rng.uniform(0, row[-1]), side="right")
    return ids


@right("sample")
def multinomial_of_one(logits, rng):
    return rng.multinomial(1, np.exp(log_softmax(logits))).argmax(axis=1)


@right("sample")
def pure_python(logits, rng):
    ids = []
    for row in np.exp(log_softmax(logits)).tolist():
        left = rng.random()
        for i, p in enumerate(row):
            left -= p
            if left < 0:
                break
        ids.append(i)
    return np.asarray(ids, "i8")


@right("sample")
def rejection(logits, rng):
    weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    ids, open_ = np.empty(len(logits), np.int64), np.arange(len(logits))
    while len(open_):
        tried = rng.integers(logits.shape[1], size=len(open_))
        taken = rng.random(len(open_)) < weights[open_, tried]
        ids[open_[taken]] = tried[taken]
        open_ = open_[~taken]
    return ids


@right("sample")
def python_s_own_choices_seeded_by_rng(logits, rng):
    import random

    own = random.Random(int(rng.integers(2**63)))
    symbols = range(logits.shape[1])
    return np.array([own.choices(symbols, weights=row)[0] for row in np.exp(log_softmax(logits)).tolist()])


@right("sample")
def last_row_first(logits, rng):
    return sample(logits[::-1, ::-1], rng)[::-1] * -1 + logits.shape[1] - 1


class Sampler:
    def __call__(self, logits, rng):
        print("drawing", len(logits))
        warnings.warn("by chance", stacklevel=1)
        return sample(logits, rng)


right("sample", name="instance_of_a_class_that_talks")(Sampler())


# ---- sample: wrong


def _softmax(logits):
    return np.exp(log_softmax(logits))


def _look_up(p, u):
    """The symbol on whose piece of the line each u falls."""
    return np.minimum((u[:, None] >= np.cumsum(p, axis=-1)).sum(axis=-1), p.shape[1] - 1)


@wrong("sample", says="the most probable symbol is taken (argmax)")
def most_probable(logits, rng):
    return logits.argmax(axis=-1)


@wrong("sample", says="all symbols equally likely")
def logits_not_used(logits, rng):
    return rng.integers(0, logits.shape[1], len(logits))


@wrong("sample", says="softmax of -logits")
def sign_lost(logits, rng):
    return gumbel_max(-logits, rng)


@wrong("sample", says="one random number serves all rows")
def one_number_for_all_rows(logits, rng):
    return _look_up(_softmax(logits), np.full(len(logits), rng.random()))


@wrong("sample", says="the probabilities of the first row serve all rows", points=2)
def first_row_for_all(logits, rng):
    return rng.choice(logits.shape[1], size=len(logits), p=_softmax(logits)[0])


@wrong("sample", says="softmax is taken twice")
def softmax_of_softmax(logits, rng):
    return sample(_softmax(logits), rng)


@wrong("sample", says="Gumbel noise added to probabilities comes to the same")
def noise_on_probabilities(logits, rng):
    return gumbel_max(_softmax(logits), rng)


@wrong("sample", says="logarithms of probabilities are used as weights")
def logarithms_as_weights(logits, rng):
    weights = log_softmax(logits)
    weights = np.where(np.isfinite(weights), weights, 0)
    return _look_up(weights / weights.sum(axis=-1, keepdims=True), rng.random(len(logits)))


@wrong("sample", says="normal noise is added to the logits")
def normal_noise(logits, rng):
    return np.argmax(logits + rng.normal(size=logits.shape), axis=1)


@wrong("sample", says="the noise has the wrong sign")
def noise_subtracted(logits, rng):
    return np.argmax(logits - rng.gumbel(size=logits.shape), axis=1)


@wrong("sample", says="one random number serves all rows")
def the_same_noise_for_all_rows(logits, rng):
    return np.argmax(logits + rng.gumbel(size=logits.shape[1]), axis=1)


@wrong("sample", says="the symbols are counted from 1, not from 0")
def faces_from_one(logits, rng):
    return sample(logits, rng) + 1


@wrong("sample", says="every symbol is one too large")
def one_too_large(logits, rng):
    return (sample(logits, rng) + 1) % logits.shape[1]


@wrong("sample", says="softmax is taken along the wrong axis")
def softmax_along_axis_0(logits, rng):
    p = by_axis(logits, 0)
    return sample(p, rng)


@wrong("sample", says="another source, such as np.random", points=3)
def global_source(logits, rng):
    return gumbel_max(logits, np.random.default_rng())


@wrong("sample", says="a generator of its own with a fixed seed", points=3)
def fixed_seed(logits, rng):
    return gumbel_max(logits, np.random.default_rng(0))


@wrong("sample", says="the rows are not independent", points=3)
def one_number_for_two_rows(logits, rng):
    u = np.repeat(rng.random((len(logits) + 1) // 2), 2)[: len(logits)]
    return _look_up(_softmax(logits), u)


@wrong("sample", says="the rows are not independent", points=3)
def the_second_half_mirrors_the_first(logits, rng):
    u = rng.random((len(logits) + 1) // 2)
    return _look_up(_softmax(logits), np.concatenate([u, 1 - u])[: len(logits)])


@wrong("sample", says="the rows are not independent", points=2)  # one random number in all: the generator's point too
def evenly_spaced_numbers(logits, rng):
    return _look_up(_softmax(logits), (np.arange(len(logits)) + rng.random()) / len(logits))


@wrong("sample", says="np.exp of a large logit overflows", points=3)
def naive_softmax(logits, rng):
    weights = np.exp(logits)
    u = rng.random(len(logits)) * weights.sum(axis=-1)
    return (u[:, None] >= weights.cumsum(axis=-1)).sum(axis=-1) % logits.shape[1]


@wrong("sample", says="the maximum of the whole array is subtracted", points=3)
def maximum_over_all_rows(logits, rng):
    weights = np.exp(logits - logits.max())
    u = rng.random((len(logits), 1))
    return (u >= np.cumsum(weights / weights.sum(axis=-1, keepdims=True), axis=-1)).sum(axis=-1)


@wrong("sample", says="the probabilities do not sum to 1")
def not_divided_by_the_sum(logits, rng):
    return (rng.random((len(logits), 1)) >= np.cumsum(np.exp(logits), axis=-1)).sum(axis=-1)


@wrong("sample", says="the probabilities do not sum to 1")
def not_divided_after_the_maximum(logits, rng):
    weights = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return (rng.random((len(logits), 1)) < np.cumsum(weights, axis=-1)).argmax(axis=-1)


@wrong("sample", says="has a logit of -inf, and was drawn", points=3)
def masks_taken_for_small_numbers(logits, rng):
    return gumbel_max(np.where(np.isfinite(logits), logits, -3), rng)


@wrong("sample", says="one id for each row was asked for")
def one_hot_draws(logits, rng):
    return rng.multinomial(1, _softmax(logits))


@wrong("sample", says="the ids are floats")
def ids_as_floats(logits, rng):
    return sample(logits, rng).astype(float)


@wrong("sample", says="an axis of length 1 too many")
def column_of_ids(logits, rng):
    return sample(logits, rng)[:, None]


@wrong("sample", says="one id in all, where each row needs one")
def one_id_in_all(logits, rng):
    return np.array([rng.choice(logits.shape[1], p=_softmax(logits)[0])])


@wrong("sample", says="expected an array of whole numbers, of shape (4000,), got the int64")
def a_single_number(logits, rng):
    return sample(logits, rng)[0]


@wrong("sample", says="a list; np.array makes it an array")
def list_of_draws(logits, rng):
    return sample(logits, rng).tolist()


@wrong("sample", says="changed in place: logits", points=3)
def softmax_in_place(logits, rng):
    logits -= logits.max(axis=-1, keepdims=True)
    np.exp(logits, out=logits)
    logits /= logits.sum(axis=-1, keepdims=True)
    return _look_up(logits, rng.random(len(logits)))


@wrong("sample", says="starts from its beginning in each call", points=3)
def generator_built_anew(logits, rng):
    return sample(logits, np.random.default_rng(rng.bit_generator.seed_seq))


@wrong("sample", says="the first symbol is never drawn")
def first_symbol_never_drawn(logits, rng):
    return sample(logits[:, 1:], rng) + 1


@wrong("sample", says="the symbols are sorted by probability")
def place_in_the_sorted_order(logits, rng):
    return sample(np.sort(logits, axis=-1), rng)


@wrong("sample", says="no return statement")
def nothing_drawn(logits, rng):
    sample(logits, rng)


@wrong("sample", says="ValueError", points=0)
def choice_with_all_rows(logits, rng):
    return rng.choice(logits.shape[1], size=len(logits), p=_softmax(logits))


@wrong("sample", says="the mean probabilities of all rows serve each row", points=2)
def mean_row_for_all(logits, rng):
    return rng.choice(logits.shape[1], size=len(logits), p=_softmax(logits).mean(axis=0))


@wrong("sample", says="of 20 different rngs some give the same draws", points=3)
def one_of_ten_seeds(logits, rng):
    return sample(logits, np.random.default_rng(int(rng.integers(10))))


@wrong("sample", says="case: logits (4000, 60)")
def a_bag_of_a_hundred_balls(logits, rng):
    balls = (100 * _softmax(logits)).round()
    return _look_up(balls / balls.sum(axis=-1, keepdims=True), rng.random(len(logits)))


@wrong("sample", says="case: logits (4000, 60)")
def a_hundred_random_numbers(logits, rng):
    return _look_up(_softmax(logits), (rng.integers(0, 100, len(logits)) + 0.5) / 100)


@wrong("sample", says="case: logits (4000, 60)")
def rare_symbols_left_out(logits, rng):
    return sample(np.where(_softmax(logits) < 0.02, -np.inf, logits), rng)


@wrong("sample", says="is -inf replaced by a number, or something added to p?", points=3)
def something_added_to_each_probability(logits, rng):
    p = _softmax(logits) + 1e-4
    return _look_up(p / p.sum(axis=-1, keepdims=True), rng.random(len(logits)))


@wrong("sample", says="the most probable symbol is taken (argmax)", points=3)
def nothing_drawn_for_a_single_row(logits, rng):
    return sample(logits, rng) if len(logits) > 1 else logits.argmax(axis=-1)


@wrong("sample", says="(40 calls, a batch of 2)", points=3)
def last_row_forgotten(logits, rng):
    ids = logits.argmax(axis=-1)
    ids[:-1] = sample(logits, rng)[:-1]
    return ids


@wrong("sample", says="the rows are not independent", points=3)
def one_draw_from_each_of_equal_parts(logits, rng):
    return _look_up(_softmax(logits), (rng.permutation(len(logits)) + rng.random(len(logits))) / len(logits))


@wrong("sample", says="the rows are not independent", points=3)
def numbers_of_the_row_before_the_last(logits, rng):
    u = rng.random(len(logits))
    second = np.arange(len(u)) % 4 >= 2
    return _look_up(_softmax(logits), np.where(second, np.roll(u, 2), u))


@wrong("sample", says="each symbol gets a random number of its own")
def a_number_for_each_symbol(logits, rng):
    return (rng.random(logits.shape) >= np.cumsum(_softmax(logits), axis=-1)).sum(axis=-1) % logits.shape[1]


@wrong("sample", says="each symbol is tossed on its own")
def first_symbol_that_wins(logits, rng):
    return (rng.random(logits.shape) < _softmax(logits)).argmax(axis=-1)


@wrong("sample", says="uniform noise times the probabilities")
def noise_times_probability(logits, rng):
    return (rng.random(logits.shape) * _softmax(logits)).argmax(axis=-1)


@wrong("sample", says="counts from the wrong end")
def counted_below(logits, rng):
    return (rng.random((len(logits), 1)) < np.cumsum(_softmax(logits), axis=-1)).sum(axis=-1)


@wrong("sample", says="every symbol is one too small: off by one")
def one_subtracted(logits, rng):
    return sample(logits, rng) - 1


@wrong("sample", says="u may be 0, and so may the first sums", points=3)
def counted_above(logits, rng):
    return (rng.random((len(logits), 1)) > np.cumsum(_softmax(logits), axis=-1)).sum(axis=-1)


@wrong("sample", says="u may be 0, and so may the first sums", points=3)
def searched_from_the_left(logits, rng):
    sums = np.cumsum(_softmax(logits), axis=-1)
    return np.array([np.searchsorted(row / row[-1], rng.random()) for row in sums])


@right("sample")
def in_int32(logits, rng):
    return sample(logits, rng).astype(np.int32)


# ---- bigram_weights: right


@right("bigram_weights")
def bigram_weights(P):
    size = len(P)
    weights = {"W_xh": np.eye(size), "W_hh": np.zeros((size, size)), "b_h": np.zeros(size)}
    return weights | {"W_hy": np.log(P) / np.tanh(1), "b_y": np.zeros(size)}


@right("bigram_weights")
def saturated_units(P):
    return bigram_weights(P) | {"W_xh": 30.0 * np.eye(len(P)), "W_hy": np.log(P)}


@right("bigram_weights")
def the_first_row_in_the_bias(P):
    return bigram_weights(P) | {"W_hy": (np.log(P) - np.log(P[0])) / np.tanh(1), "b_y": np.log(P[0])}


@right("bigram_weights")
def units_in_any_basis(P):
    mixed = np.random.default_rng(0).normal(size=P.shape) + 2 * np.eye(len(P))
    return bigram_weights(P) | {"W_xh": mixed, "W_hy": np.linalg.solve(np.tanh(mixed), np.log(P) - 7)}


@right("bigram_weights")
def units_nobody_needs(P):
    spare = np.zeros((len(P), 2))
    return {
        "W_xh": np.hstack([np.eye(len(P)), spare]), "W_hh": np.zeros((len(P) + 2,) * 2), "b_h": np.zeros(len(P) + 2),
        "W_hy": np.vstack([np.log(P) / np.tanh(1), spare.T]), "b_y": np.zeros(len(P)),
    }


# ---- bigram_weights: wrong


@wrong("bigram_weights", says="W_hy is log P times a wrong factor")
def tanh_forgotten(P):
    return bigram_weights(P) | {"W_hy": np.log(P)}


@wrong("bigram_weights", says="P itself is in W_hy")
def probabilities_for_logits(P):
    return bigram_weights(P) | {"W_hy": P / np.tanh(1)}


@wrong("bigram_weights", says="P is transposed")
def transposed_table(P):
    return bigram_weights(P) | {"W_hy": np.log(P).T / np.tanh(1)}


@wrong("bigram_weights", says="logits are log P, costs are -log P")
def costs_for_logits(P):
    return bigram_weights(P) | {"W_hy": -np.log(P) / np.tanh(1)}


@wrong("bigram_weights", says="np.log has base e")
def logarithms_to_base_two(P):
    return bigram_weights(P) | {"W_hy": np.log2(P) / np.tanh(1)}


@wrong("bigram_weights", says="W_hh is not zero", points=2)
def a_state_that_remembers(P):
    return bigram_weights(P) | {"W_hh": np.eye(len(P))}


@wrong("bigram_weights", says="the input makes no difference")
def nothing_but_zeros(P):
    return {name: weight * 0 for name, weight in bigram_weights(P).items()}


@wrong("bigram_weights", says="the dict has no b_h and no b_y")
def biases_left_out(P):
    return {name: weight for name, weight in bigram_weights(P).items() if name.startswith("W")}


@wrong("bigram_weights", says="W_hh: expected an array of shape (4, 4), got the int 0")
def a_number_for_a_matrix(P):
    return bigram_weights(P) | {"W_hh": 0}


@wrong("bigram_weights", says="divide it by tanh(c), where c is what W_xh has on its diagonal")
def divided_by_c(P):
    return bigram_weights(P) | {"W_xh": 2 * np.eye(len(P)), "W_hy": np.log(P) / 2}


@wrong("bigram_weights", says="b_h is not zero")
def all_units_on(P):
    return bigram_weights(P) | {"b_h": np.ones(len(P))}


@wrong("bigram_weights", says="W_xh and W_hy are exchanged")
def input_and_output_exchanged(P):
    weights = bigram_weights(P)
    return weights | {"W_xh": weights["W_hy"], "W_hy": weights["W_xh"]}


@wrong("bigram_weights", says="b_y: expected an array of shape (4,), got an array of shape (1, 4)")
def a_bias_with_two_axes(P):
    return bigram_weights(P) | {"b_y": np.zeros((1, len(P)))}


# ---- write: right


@right("write")
def write(model, n, vocabulary, rng):
    text = ""
    while not text.endswith("\n") and len(text) < 100:
        context = ("\n" * (n - 1) + text)[len(text) :]
        p = model.get(context, np.full(len(vocabulary), 1 / len(vocabulary)))
        with np.errstate(divide="ignore"):
            text += vocabulary[sample(np.log(p)[None], rng)[0]]
    return text


@right("write")
def write_by_choice(model, n, vocabulary, rng):
    padded = ["\n"] * (n - 1)
    for _ in range(100):
        p = model.get("".join(padded[len(padded) - n + 1 :]))
        padded.append(rng.choice(list(vocabulary), p=p))  # without p all are alike
        if padded[-1] == "\n":
            break
    return "".join(padded[n - 1 :])


@right("write")
def write_recursively(model, n, vocabulary, rng, text=""):
    if text[-1:] == "\n" or len(text) == 100:
        return text
    row = model.get(text.rjust(n - 1, "\n")[-(n - 1) :] if n > 1 else "", np.ones(len(vocabulary)))
    i = int(np.searchsorted(np.cumsum(row), rng.random() * row.sum(), side="right"))
    return write_recursively(model, n, vocabulary, rng, text + vocabulary[i])


@right("write")
def write_with_gumbel_noise(model, n, vocabulary, rng):
    window, text = "\n" * (n - 1), []
    while len(text) < 100 and text[-1:] != ["\n"]:
        p = np.asarray(model[window] if window in model else [1.0] * len(vocabulary))
        with np.errstate(divide="ignore"):
            text.append(vocabulary[int((np.log(p) + rng.gumbel(size=len(p))).argmax())])
        window = (window + text[-1])[1:] if n > 1 else ""
    return "".join(text)


# ---- write: wrong


@wrong("write", says="the newline at the end is missing")
def writes_without_its_newline(model, n, vocabulary, rng):
    return write(model, n, vocabulary, rng).strip()


@wrong("write", says="newlines in front are returned too")
def writes_its_padding(model, n, vocabulary, rng):
    return "\n" * (n - 1) + write(model, n, vocabulary, rng)


@wrong("write", says="a list of characters")
def writes_a_list(model, n, vocabulary, rng):
    return list(write(model, n, vocabulary, rng))


@wrong("write", says="a context that is not in the model is looked up")
def writes_without_boundaries(model, n, vocabulary, rng):
    text = vocabulary[rng.choice(len(vocabulary), p=model["\n" * (n - 1)])]
    while not text.endswith("\n") and len(text) < 100:
        text += vocabulary[rng.choice(len(vocabulary), p=model[text[-(n - 1) :]])]
    return text


@wrong("write", says="a context that is not in the model is looked up")
def writes_from_n_characters(model, n, vocabulary, rng):
    text = "\n" * n
    while True:
        text += vocabulary[rng.choice(len(vocabulary), p=model[text[-n:]])]
        if text.endswith("\n"):
            return text[n:]


@wrong("write", says="only the first letter is returned")
def writes_one_letter(model, n, vocabulary, rng):
    return write(model, n, vocabulary, rng)[0]


@wrong("write", says="the most probable symbol is taken (argmax)", points=2)
def writes_the_most_probable(model, n, vocabulary, rng):
    rows = {context: np.eye(len(vocabulary))[row.argmax()] for context, row in model.items()}
    return write(rows, n, vocabulary, rng)


@wrong("write", says="it writes at random")
def writes_with_probabilities_for_logits(model, n, vocabulary, rng):
    text = ""
    while not text.endswith("\n") and len(text) < 100:
        p = model.get(("\n" * (n - 1) + text)[len(text) :], np.ones(len(vocabulary)))
        text += vocabulary[sample(p[None], rng)[0]]
    return text


@wrong("write", says="it writes at random")
def writes_from_contexts_of_n_characters(model, n, vocabulary, rng):
    rows = {context[1:]: row for context, row in model.items()} if n > 2 else {}
    return write(rows, n, vocabulary, rng)


@wrong("write", says="it draws from another source", points=2)
def writes_by_the_global_generator(model, n, vocabulary, rng):
    return write(model, n, vocabulary, np.random.default_rng())


@wrong("write", says="a generator of its own with a fixed seed", points=2)
def writes_by_a_fixed_seed(model, n, vocabulary, rng):
    return write(model, n, vocabulary, np.random.default_rng(0))


@wrong("write", says="from a copy of rng", points=2)
def writes_by_a_copy(model, n, vocabulary, rng):
    return write(model, n, vocabulary, copy.deepcopy(rng))


@wrong("write", says="it does not stop at 100 characters", points=2)
def writes_without_a_limit(model, n, vocabulary, rng):
    text = ""
    while not text.endswith("\n"):
        row = model.get(("\n" * (n - 1) + text)[len(text) :], np.full(len(vocabulary), 1 / len(vocabulary)))
        text += vocabulary[rng.choice(len(vocabulary), p=row)]
    return text


@wrong("write", says="expected the first 100 characters, got 99", points=2)
def writes_one_letter_less(model, n, vocabulary, rng):
    return write(model, n, vocabulary, rng)[:99]


@wrong("write", says="for n = 1 the context is the empty string", points=2)
def writes_with_text_minus_zero(model, n, vocabulary, rng):
    text = "\n" * (n - 1)
    while True:
        row = model.get(text[-(n - 1) :], np.full(len(vocabulary), 1 / len(vocabulary)))
        text += vocabulary[rng.choice(len(vocabulary), p=row)]
        if text.endswith("\n") or len(text) >= 99 + n:
            return text[n - 1 :]


@wrong("write", says="off by one", points=2)
def writes_up_to_a_hundred_and_one(model, n, vocabulary, rng):
    text = ""
    while not text.endswith("\n") and len(text) <= 100:
        text += vocabulary[rng.choice(len(vocabulary), p=model[("\n" * (n - 1) + text)[len(text) :]])]
    return text


@wrong("write", says="one random number serves all letters", points=2)
def writes_by_one_number(model, n, vocabulary, rng):
    text, u = "", rng.random()
    while not text.endswith("\n") and len(text) < 100:
        row = model[("\n" * (n - 1) + text)[len(text) :]]
        text += vocabulary[int((u >= np.cumsum(row)).sum()) % len(vocabulary)]
    return text


@wrong("write", says="the beginning of the text serves as its context")
def writes_from_its_beginning(model, n, vocabulary, rng):
    text = ""
    while not text.endswith("\n") and len(text) < 100:
        text += vocabulary[rng.choice(len(vocabulary), p=model[("\n" * (n - 1) + text)[: n - 1]])]
    return text


@wrong("write", says="it stops where the model has never met the context", points=3)
def ends_where_it_knows_nothing(model, n, vocabulary, rng):
    end = np.eye(len(vocabulary))[vocabulary.index("\n")]
    text = ""
    while not text.endswith("\n") and len(text) < 100:
        row = model.get(("\n" * (n - 1) + text)[len(text) :], end)
        text += vocabulary[rng.choice(len(vocabulary), p=row)]
    return text


@wrong("write", says="the model has never met it, and all symbols are equally likely", points=3)
def writes_only_what_it_met(model, n, vocabulary, rng):
    text = ""
    while not text.endswith("\n") and len(text) < 100:
        text += vocabulary[rng.choice(len(vocabulary), p=model[("\n" * (n - 1) + text)[len(text) :]])]
    return text


@wrong("write", says="it stops where the model has never met the context", points=3)
def stops_where_it_knows_nothing(model, n, vocabulary, rng):
    text = ""
    while not text.endswith("\n") and len(text) < 100:
        p = model.get(("\n" * (n - 1) + text)[len(text) :])
        if p is None:
            break
        text += vocabulary[rng.choice(len(vocabulary), p=p)]
    return text


@wrong("write", says="a newline that comes first is skipped, or drawn again", points=2)
def never_an_empty_text(model, n, vocabulary, rng):
    while (text := write(model, n, vocabulary, rng)) == "\n":
        if rng.random() < 1e-9:
            break
    return text


@wrong("write", says="only the first 27 symbols of the vocabulary come", points=3)
def twenty_seven_symbols(model, n, vocabulary, rng):
    text, equal = "", np.full(27, 1 / 27)
    while not text.endswith("\n") and len(text) < 100:
        row = model.get(("\n" * (n - 1) + text)[len(text) :], equal)
        text += vocabulary[rng.choice(len(row), p=row)]
    return text


# ---- predictions

prediction("prediction_order", ("1", "2", "3", "4", "5"))
prediction("prediction_fables", ("1", "2", "3", "4", "5"))
prediction("prediction_copies", ("under 100", "100 to 500", "over 500"))



# ---- sample: a softmax that overflows


@wrong("sample", says="np.exp of a large logit overflows, and inf / inf is nan", points=3)
def chosen_by_a_naive_softmax(logits, rng):
    with np.errstate(all="ignore"):
        p = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    return np.array([rng.choice(len(row), p=row) for row in p])


# ---- sample: the numbers come from rng itself


@wrong("sample", says="the numbers come from a copy of rng", points=3)
def copy_of_the_generator(logits, rng):
    return sample(logits, copy.deepcopy(rng))


@wrong("sample", says="the numbers come from a copy of rng", points=3)
def another_generator_in_the_same_state(logits, rng):
    twin = np.random.default_rng()
    twin.bit_generator.state = rng.bit_generator.state
    return sample(logits, twin)


# ---- answers that once kept every point


@wrong("log_softmax", says="a small number such as 1e-8 added", points=2)
def a_little_is_added_inside_the_logarithm(logits):
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(1e-9 + np.exp(shifted).sum(axis=-1, keepdims=True))


@wrong("fit_ngram", says="a letter that comes 400 times", points=5)
def counts_in_bytes(texts, n, vocabulary, add):
    counts = {}
    for text in texts:
        padded = "\n" * (n - 1) + text
        for i, symbol in enumerate(text):
            row = counts.setdefault(padded[i : i + n - 1], np.zeros(len(vocabulary), np.uint8))
            row[vocabulary.index(symbol)] += 1
    return {context: (row + add) / (row + float(add)).sum() for context, row in counts.items()}


@wrong("log_softmax", says="the mean or the minimum is subtracted, not the maximum", points=2)
def minimum_subtracted(logits):
    shifted = logits - logits.min(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


@wrong("letter_costs", says="the letter before the first is the last symbol (id -1)", points=1)
def last_row_of_the_table_first(ids, P):
    return -np.log2(P[np.append(-1, ids[:-1]), ids])


@wrong("sample", says="probability 0.", points=0)
def small_probabilities_raised(logits, rng):
    cumulative = np.cumsum(np.exp(np.maximum(log_softmax(logits), -5)), axis=-1)
    return (rng.random((len(logits), 1)) * cumulative[:, -1:] >= cumulative).sum(axis=-1)


@wrong("bigram_weights", says="changed in place: P", points=2)
def logarithm_in_place(P):
    weights = bigram_weights(P)
    np.log(P, out=P)
    return weights


@wrong("decode", says="changed in place: ids", points=1)
def ids_sorted_afterwards(ids, vocabulary):
    text = decode(ids, vocabulary)
    ids.sort()
    return text


# ---- answers of a blind corpus


wrong("encode", says="the unknown character is passed over", points=2, name="left_out_is_told")(unknown_is_left_out)
wrong("encode", says="another kind of error: ask for what is wrong first", points=2, name="key_error_is_told")(key_error)


@wrong("encode", says="a text is refused all of whose characters are in the vocabulary")
def a_vocabulary_of_small_letters(text, vocabulary):
    return encode(text.lower(), vocabulary)


@wrong("decode", says="Python takes a negative place and counts it from the end", points=1)
def no_lower_bound(ids, vocabulary):
    if any(i >= len(vocabulary) for i in ids):
        raise ValueError(f"{max(ids)} is too large")
    return "".join(vocabulary[i] for i in ids)


@wrong("log_softmax", says="the logarithm of the sum is to base 2")
def half_in_base_2(logits):
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return shifted - np.log2(np.exp(shifted).sum(axis=-1, keepdims=True))


@wrong("log_softmax", says="-inf is replaced by -1e+09, and comes back as a number", points=3)
def minus_a_thousand_million(logits):
    return log_softmax(np.where(np.isinf(logits), np.array(-1e9, logits.dtype), logits))


@wrong("log_softmax", says="axis=-1 is the last of any number", points=2)
def along_axis_1_of_any(logits):
    shifted = logits - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


@wrong("bits_per_character", says="is replaced by 0, which is a logit like any other", points=4)
def nan_and_infinity_become_0(logits, targets, mask):
    return bits_per_character(np.nan_to_num(logits, nan=0, posinf=0, neginf=0), targets, mask)


def _ngram_with(context):
    def fit(texts, n, vocabulary, add):
        counts = {}
        for text in texts:
            for i, character in enumerate(text):
                row = counts.setdefault(context(text, i, n), np.zeros(len(vocabulary)))
                row[vocabulary.index(character)] += 1
        return {context: (row + add) / (row + add).sum() for context, row in counts.items()}

    return fit


for _name, _says, _points, _context in [
    ("from_the_character_itself", "the context begins with the character it predicts", 1, lambda text, i, n: text[i : i + n - 1]),
    ("with_the_character_itself", "the context holds the character it predicts", 0, lambda text, i, n: ("\n" * (n - 1) + text)[i : i + n]),
    ("one_newline_more", "each context ends one character too early", 1, lambda text, i, n: ("\n" * n + text)[i : i + n - 1]),
]:
    wrong("fit_ngram", says=_says, points=_points, name=_name)(_ngram_with(_context))


@wrong("write", says="the newline never comes where the model has not met the context", points=3)
def never_a_newline_by_chance(model, n, vocabulary, rng):
    text, letters = "", np.array([float(c != "\n") for c in vocabulary])
    while not text.endswith("\n") and len(text) < 100:
        row = model.get(("\n" * (n - 1) + text)[len(text) :], letters / letters.sum())
        text += vocabulary[rng.choice(len(row), p=row)]
    return text


@wrong("write", says="stops after 20 characters; 100 are allowed", points=2)
def twenty_characters(model, n, vocabulary, rng):
    return write(model, n, vocabulary, rng)[:20]
