"""No check raises, whatever an answer returns and from whichever call on: a report comes, its points within bounds."""

import itertools
import warnings

import numpy as np
import pytest

from helpers.checks import values
from helpers.checks.diagnosis import Case, known_mistake
from helpers.checks.report import Report
from tests.test_proofs import CHECKS, right_answer

QUESTIONS = [key for key in CHECKS if not key[1].startswith("prediction_")]
KERAS = [key for key in QUESTIONS if key[0] == "lesson05" and key[1] not in ("ceiling", "generate", "which_rule")] + [("lesson07", "held_out_bits"), ("lesson08", "look_ahead")]
#: One run of these takes about a second, so that an answer is spoiled from fewer calls on.
LONG = [("lesson07", "generate"), ("lesson07", "longest_copy")]
NUMPY = [key for key in QUESTIONS if key not in KERAS]


def _nested(depth):
    value = 0.0
    for _ in range(depth):
        value = [value]
    return value


#: What has nothing to do with the question.
ANYTHING = [
    *(float("nan"), float("inf"), -float("inf"), None, True, -1, 10**400, 1e300, 1j),
    *("", "nan", "\ud83d", b"bytes", object(), len),
    *((), [], {}, {1: 2}, {"W_xh": None}, _nested(50), np.random.default_rng(0), np.datetime64("NaT")),
    *(np.zeros(0), np.zeros((0, 3)), np.zeros((2, 1, 1, 1)), np.full((3, 4), np.nan), np.array(2**63, np.uint64)),
    *(np.array("text"), np.array([None]), np.array(["a", "b"])),
]


def _spoiled(value):
    """Values of nearly the form of a right one."""
    if isinstance(value, np.ndarray):
        numbers = value.dtype.kind in "fiubc"
        yield from (np.full(value.shape, filling) for filling in (np.nan, np.inf, -np.inf, 1e308, -1, 2**62))
        yield from (value[None], value[..., :0], value.reshape(-1)[:-1])
        yield from (value.astype(str), value.tolist(), value.astype(object))
        yield from (value.astype(np.complex64), value.astype(bool), value.astype(np.float16)) if numbers else ()
    elif isinstance(value, (tuple, list)):
        yield from (value[:-1], value + value[:1], type(value)(reversed(value)), type(value)([None] * len(value)))
        yield dict(enumerate(value))
        for i, item in enumerate(value[:4]):
            yield from (type(value)([*value[:i], other, *value[i + 1 :]]) for other in _spoiled(item))
    elif isinstance(value, dict):
        yield from ({}, {**value, 1: None}, list(value.items()), dict.fromkeys(value))
        for name in list(value)[:4]:
            yield {key: item for key, item in value.items() if key != name}
            yield from ({**value, name: other} for other in _spoiled(value[name]))
    elif isinstance(value, str):
        yield from (value + "\ud83d", value[::-1], value * 1000, value.encode())
    elif isinstance(value, (int, float, np.generic)):
        yield from (np.float16(np.nan), -value, str(value), [value], np.array([value]), complex(value, 1), 10**400)
    else:
        yield None


#: Right results of each kind, for the causes that are looked for in any exercise.
TRUTHS = [
    *(3, 1.25, 1.2345678, np.float64(2.5), 0.0, float("inf"), True, None, "text", (1, 2.5), {"a": np.ones(2)}),
    *(np.arange(12.0).reshape(3, 4), np.zeros((2, 2)), np.array([1, 2, 3]), np.array([True, False])),
    *(np.array([1.5, -np.inf, 2]), np.full((2, 3), np.inf), np.zeros(0), np.array(["a", "b"]), np.array([2**63], np.uint64)),
]


@pytest.mark.parametrize("truth", TRUTHS, ids=values.describe)
def test_a_cause_is_looked_for_whatever_came_in_place_of_the_truth(truth):
    with warnings.catch_warnings(), np.errstate(all="ignore"):  # as a check runs
        warnings.simplefilter("error")
        for came in [*ANYTHING, *_spoiled(truth), np.timedelta64(3, "s"), np.float16(1.2)]:
            if not values.not_plain(came):
                for tolerance in (1e-9, 1e-6):
                    case = Case("any", (), truth, came, {}, tolerance, passed=False)
                    assert isinstance(known_mistake(case, [case]), str)


def _from_call(key, k, turn):
    """An answer that is right until its k-th call, and returns something else from then on, another thing each time."""
    right, calls, things = right_answer(key), itertools.count(1), itertools.count(turn)

    def answer(*arguments):
        value = right(*arguments)
        if next(calls) < k:
            return value
        choices = [*ANYTHING, *_spoiled(value)]
        return choices[next(things) * 7 % len(choices)]

    return answer


def _hold(key, ks, turns):
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # what a check itself writes to stderr would cost a cell its points in nbgrader
        for k, turn, hidden in itertools.product(ks, turns, (False, True)):
            report = CHECKS[key](_from_call(key, k, turn), hidden=hidden)
            assert isinstance(report, Report)
            assert 0 <= report.points <= report.max_points, f"call {k}, turn {turn}: {report}"
            assert len(str(report)) < 20_000


@pytest.mark.parametrize("key", NUMPY, ids="-".join)
def test_a_check_survives_whatever_comes_from_some_call_on(key):
    _hold(key, ks=(1, 3) if key in LONG else (1, 2, 5), turns=range(0, 60, 30 if key in LONG else 20))


@pytest.mark.slow
@pytest.mark.parametrize("key", NUMPY, ids="-".join)
def test_a_check_survives_whatever_comes_from_any_call_on(key):
    _hold(key, ks=range(1, 30, 7), turns=range(0, 40, 13))


def test_a_check_of_keras_survives_what_comes_first():
    for key in KERAS:
        _hold(key, ks=(1,), turns=(0, 3))


@pytest.mark.slow
@pytest.mark.parametrize("key", KERAS, ids="-".join)
def test_a_check_of_keras_survives_whatever_comes_from_some_call_on(key):
    _hold(key, ks=(1, 3), turns=(0, 20, 40))
