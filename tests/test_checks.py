"""What a check does, whatever the learner's code does: the report, plain values, calling, capturing."""

import functools
import hashlib
import inspect
import io
import logging
import math
import os
import pkgutil
import re
import signal
import subprocess
import sys
import threading
import time
import warnings

import numpy as np
import pytest

import helpers.checks
from helpers import session
from helpers.checks import Report, calling, values
from helpers.checks.bets import Bet, choice_of
from helpers.checks.exercise import CAUSE, PRIVATE_NUMBER, Lesson
from helpers.checks.points import Points
from helpers.checks.report import FAILED, NOT_YET, PASSED, Criterion, fingerprint
from helpers.gradients import relative_error

# ---- Report


def _report(*statuses, exercise="rnn_step", remarks=(), **more):
    criteria = [Criterion(f"criterion {i}", i + 1, status, ["a detail"] * (status == FAILED)) for i, status in statuses]
    return Report(exercise, criteria, remarks, **more)


def _of(*statuses, **more):
    return _report(*enumerate(statuses), **more)


def test_a_report_shown_as_plain_text_is_its_number_of_points():
    assert repr(_of(PASSED, FAILED, PASSED)) == "4"
    assert repr(_of(NOT_YET)) == "0"
    assert repr(Report("halves", [Criterion("half", 0.5, PASSED)])) == "0.5"
    assert float(repr(_of(*[PASSED] * 10))) == 55


def test_a_report_knows_its_points_its_maximum_and_whether_all_passed():
    report = _of(PASSED, FAILED, NOT_YET)
    assert (report.points, report.max_points, report.passed) == (1, 6, False)
    assert _of(PASSED, PASSED).passed


def test_a_report_as_text_has_the_remarks_then_a_line_for_each_criterion_with_its_details_then_what_was_printed():
    assert str(_of(PASSED, FAILED, NOT_YET, remarks=["two\nlines"], printed="hello")).splitlines() == [
        "rnn_step: 1 of 6 points",
        "  two",
        "  lines",
        "  ✓ passed  1  criterion 0",
        "  ✗ failed  2  criterion 1",
        "              a detail",
        "  ○ not yet 3  criterion 2",
        "  While it ran, your code wrote:",
        "  hello",
    ]


def test_a_report_as_html_puts_remarks_before_the_table_what_was_printed_after_it_and_a_cause_in_bold():
    criteria = [Criterion("it adds", 1, FAILED, [f"{CAUSE} it subtracts", "expected 3, got 1"])]
    html = Report("add", criteria, ["fix this first"], "hello")._repr_html_()
    assert html.index("fix this first") < html.index("<table>") < html.index("hello")
    assert f"<strong>{CAUSE} it subtracts</strong>" in html
    assert "<strong>expected" not in html


def test_a_report_says_which_exercise_and_which_version_of_its_cell_it_is_about():
    html = Report("add", [Criterion("it adds", 1)], code="5abf76f3e9f7")._repr_html_()
    assert html.startswith('<div data-exercise="add" data-code="5abf76f3e9f7" class="tex2jax_ignore mathjax_ignore">')
    assert Report("add", [])._repr_html_().startswith('<div data-exercise="add" data-code="" class="tex2jax_ignore mathjax_ignore">')


def test_a_fingerprint_is_the_start_of_the_sha256_of_the_stripped_source():
    source = "def add(a, b):\n    return a + b"
    assert fingerprint(f"\n{source}\n\n") == hashlib.sha256(source.encode()).hexdigest()[:12]
    assert fingerprint("a lone surrogate \ud83d") != fingerprint("")


def test_a_report_is_folded_into_one_line_where_all_passed_and_only_there():
    assert "<details><summary" in _of(PASSED, PASSED)._repr_html_()
    assert "<details>" not in _of(PASSED, FAILED)._repr_html_()


def test_statuses_differ_in_colour_as_well_as_in_sign_and_leave_the_texts_colour_to_the_theme():
    html = _of(PASSED, FAILED, NOT_YET)._repr_html_()
    assert len(set(re.findall(r"background-color:(rgba\([^)]*\))", html))) == 3
    assert ";color:" not in html and '"color:' not in html and "<style" not in html


def test_two_reports_together_keep_the_visible_case_and_never_one_of_the_hidden_check():
    visible, hidden = _of(PASSED, case={"x": 1}), _of(PASSED, case={"x": 2})
    assert (visible & hidden).case == {"x": 1}
    assert (_of(PASSED) & hidden).case is None


def test_a_report_as_html_escapes_whatever_the_learner_can_write():
    evil = "<script>alert('x')</script> & \"quotes\""
    html = Report(evil, [Criterion(evil, 1, FAILED, [evil])], [evil])._repr_html_()
    assert "<script>" not in html
    assert html.count("&lt;script&gt;") == 5, "the name is an attribute too"
    assert html.count("&amp;") == 5


def test_a_report_as_html_says_the_same_as_the_text():
    report = _of(PASSED, FAILED, NOT_YET, remarks=["remark"])
    html = report._repr_html_()
    for words in ("rnn_step: 1 of 6 points", "✓ passed", "✗ failed", "○ not yet", "criterion 1", "a detail", "mark"):
        assert words in html
    assert html.count("<tr>") == 1 + 3


@pytest.mark.parametrize("visible", [PASSED, FAILED, NOT_YET])
@pytest.mark.parametrize("hidden", [PASSED, FAILED, NOT_YET])
def test_two_reports_together_pass_a_criterion_only_where_both_do(visible, hidden):
    both = _of(visible, PASSED) & _of(hidden, PASSED)
    assert (both.criteria[0].status == PASSED) == (visible == hidden == PASSED)
    assert both.criteria[1].status == PASSED
    assert both.max_points == 3


def test_two_reports_together_keep_the_remarks_of_both_once():
    both = _of(PASSED, remarks=["a", "b"]) & _of(PASSED, remarks=["b", "c"])
    assert both.remarks == ["a", "b", "c"]


def test_reports_of_different_exercises_refuse_to_be_joined():
    with pytest.raises(ValueError, match="rnn_step and unroll do not fit together"):
        _of(PASSED) & _of(PASSED, exercise="unroll")
    with pytest.raises(ValueError, match="do not fit together"):
        _of(PASSED) & _of(PASSED, PASSED)


# ---- plain values


@pytest.mark.parametrize(
    "value, words",
    [
        (None, "None"),
        (True, "the bool True"),
        (3, "the int 3"),
        (np.int32(3), "the int32 3"),
        (0.1 + 0.2, "the float 0.3"),
        (math.nan, "the float nan"),
        (1 + 2j, "the complex 1+2j"),
        (10**5000, "the int 2**16609 or more"),
        ("a\n", "the string 'a\\n'"),
        (np.str_("a"), "the string 'a'"),
        ("x" * 99, f"the string {'x' * 40!r}..."),
        (np.zeros((2, 3), np.float32), "an array of shape (2, 3) and dtype float32"),
        ((1, 2), "a tuple of 2"),
        ([], "a list of 0"),
        ({"a": 1, 2: 3}, "a dict with the keys 'a', 2"),
        ({10**5000: 1}, "a dict with the keys 2**16609 or more"),
        ({}, "an empty dict"),
        (np.random.default_rng(), "a NumPy Generator"),
        ({1}, "an object of type set"),
        (b"", "an object of type bytes"),
    ],
    ids=range(20),
)
def test_a_value_is_described_in_a_few_words(value, words):
    assert values.describe(value) == words


class _Array(np.ndarray):
    pass


class _Tensor:
    shape, dtype = (2,), "float32"


class _Unlookable:
    __class__ = property(lambda self: 1 / 0)


def _endless():
    value = [0]
    value[0] = {"again": value}
    return value


@pytest.mark.parametrize(
    "value, words",
    [
        (np.zeros(2).view(_Array), "an object of type _Array"),
        (np.ma.array([1.0]), "an object of type MaskedArray"),
        (np.array([1, "a"], object), "an array of objects"),
        ([np.array([None])], "an array of objects"),
        (_Tensor(), "an object of type _Tensor"),
        ({"loss": _Tensor()}, "an object of type _Tensor"),
        ({(1, _Tensor): 0}, "an object of type type"),
        ([1, (2, {3})], "an object of type set"),
        (b"bytes", "an object of type bytes"),
        (range(3), "an object of type range"),
        (len, "an object of type builtin_function_or_method"),
        (type("Counts", (dict,), {})(), "an object of type Counts"),
        (np.random.RandomState(), "an object of type RandomState"),
        (_endless(), "a list that contains itself"),
    ],
)
def test_what_is_not_plain_is_found_wherever_it_hides(value, words):
    assert values.not_plain(value) == words


def test_what_breaks_when_it_is_looked_at_is_not_plain():
    assert values.not_plain([_Unlookable()]) == "an object that cannot be looked at"


@pytest.mark.parametrize(
    "value",
    [None, True, 1, 1.5, 1j, "a", np.float32(1), np.bool_(True), np.str_("a"), np.zeros(3), np.array(["a"]), (), [], {},
     {"W": [np.zeros(1), ({1: None},)]}, np.random.default_rng()],
    ids=values.describe,
)  # fmt: skip
def test_what_is_plain_is_plain(value):
    assert values.not_plain(value) is None


def _same(value):
    return value, values.duplicate(value)


_RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    "expected, got",
    [
        *map(_same, [None, True, 7, 0.5, 1j, "a", (1, "b"), [], {}, [{}], {"a": [np.zeros((2, 0))]}, _RNG]),
        *map(_same, [math.nan, math.inf, np.array([np.nan, np.inf, -np.inf, 1.0]), np.array(["a"]), np.array([True])]),
        (3, np.int16(3)),
        (3, np.array(3)),
        (0.5, np.float32(0.5)),
        (True, np.bool_(True)),
        ("a", np.str_("a")),
        (1.0, 1),
        (1.0, 1 + 1e-12),
        (np.array([3, 4]), np.array([3, 4], np.uint8)),
        (np.ones(2), np.ones(2, np.float32)),
        (np.array([1.0, -np.inf]), np.array([1 + 1e-12, -np.inf])),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    ],
    ids=values.describe,
)
def test_values_that_agree_have_no_difference(expected, got):
    assert values.difference(expected, got) is None


@pytest.mark.parametrize(
    "expected, got, words",
    [
        (None, 0, "expected None, got the int 0"),
        (True, 1, "expected True or False, got the int 1"),
        (True, False, "expected True, got False"),
        (3, 4, "expected 3, got 4"),
        (3, 3.0, "expected the whole number 3, got the float 3"),
        (3, True, "expected a number, got the bool True"),
        (3, "3", "expected a number, got the string '3'"),
        (3, np.array([3]), "expected a number, got an array of shape (1,) and dtype int64"),
        (3, 10**5000, "expected 3, got 2**16609 or more"),
        (0.5, 0.25, "expected 0.5, got 0.25"),
        (0.5, 0.5 + 1e-8, "expected 0.5, got 0.50000001"),
        (0.5, math.nan, "expected 0.5, got nan"),
        (0.5, -math.inf, "expected 0.5, got -inf"),
        (math.inf, -math.inf, "expected inf, got -inf"),
        (math.nan, 0.0, "expected nan, got 0"),
        (0.5, 10**400, "expected 0.5, got 2**1328 or more"),
        (0.5, None, "expected a number, got None"),
        (1 + 2j, 1.0, "expected 1+2j, got 1"),
        ("a", "b", "expected 'a', got 'b'"),
        ("1", 1, "expected a string, got the int 1"),
        (np.zeros(2), [0.0, 0.0], "expected an array of shape (2,) and dtype float64, got a list of 2"),
        (np.zeros(2), np.zeros(2).view(_Array), "of shape (2,) and dtype float64, got an object of type _Array"),
        (np.zeros((2, 3)), np.zeros((3, 2)), "expected shape (2, 3), got shape (3, 2)"),
        (np.zeros(2), np.zeros(2, int), "dtype float64, got an array of shape (2,) and dtype int64"),
        (np.ones(2), np.array([1.0, 3.0]), "the values differ: relative error 0.4"),
        (np.ones(2), np.array([1.0, 1e300]), "the values differ"),
        (np.ones(2), np.array([1.0, np.nan]), "expected finite numbers, got nan or infinity"),
        (np.array([1.0, -np.inf]), np.array([1.0, np.inf]), "nan and infinity are not where they are expected"),
        (np.array([1.0, np.nan]), np.array([np.nan, 1.0]), "nan and infinity are not where they are expected"),
        (np.array([1, 2]), np.array([1, 3]), "1 of 2 values differ"),
        (np.array([1, 2]), np.array([1.0, 2.0]), "dtype int64, got an array of shape (2,) and dtype float64"),
        (np.array([True]), np.array([1]), "dtype bool, got an array of shape (1,) and dtype int64"),
        (np.array(["a", "b"]), np.array(["a", "c"]), "1 of 2 values differ"),
        ((1, 2), [1, 2], "expected a tuple of 2, got a list of 2"),
        ([1, 2], [1], "expected a list of 2, got a list of 1"),
        ([1, (2, 3)], [1, (2, 4)], "[1][1]: expected 3, got 4"),
        ({"a": 1}, {"b": 1}, "expected a dict with the keys 'a', got a dict with the keys 'b'"),
        ({"a": 1}, {}, "expected a dict with the keys 'a', got an empty dict"),
        ({}, {"a": 1}, "expected an empty dict, got a dict with the keys 'a'"),
        ({"a": [1]}, {"a": [2]}, "['a'][0]: expected 1, got 2"),
        (_RNG, 3, "expected a NumPy Generator, got the int 3"),
        (_RNG, np.random.default_rng(1), "the Generator is in another state"),
        (_RNG, np.random.Generator(np.random.MT19937(0)), "the Generator is in another state"),
        (*(np.random.Generator(np.random.MT19937(seed)) for seed in (0, 1)), "the Generator is in another state"),
    ],
    ids=values.describe,
)
def test_a_difference_says_what_was_expected_and_what_came(expected, got, words):
    assert words in values.difference(expected, got)


def test_the_tolerance_is_norm_wise_for_floating_point_and_nothing_else():
    a = np.array([1000.0, 0.001])
    b = np.array([1000.0, 0.0015])  # half as much again, and small beside its neighbour
    assert values.difference(a, b, 1e-6) is None
    assert values.difference(a, b, relative_error(a, b) * 0.99)
    assert values.difference(a, b, relative_error(a, b) * 1.01) is None
    assert values.difference(10**6, 10**6 + 1, tolerance=0.1)
    assert values.difference(np.array([10**6]), np.array([10**6 + 1]), tolerance=0.1)


def test_a_truth_that_is_not_plain_is_the_authors_mistake():
    with pytest.raises(TypeError, match="an object of type set is no plain value"):
        values.difference({1}, {1})


def test_a_duplicate_shares_nothing():
    given = {"W": np.zeros(2), "nested": [(np.zeros(2), {"b": [1]})], "rng": np.random.default_rng(0)}
    copy = values.duplicate(given)
    assert values.difference(given, copy, tolerance=0.0) is None
    copy["W"] += 1
    copy["nested"][0][0][:] = 1
    copy["nested"][0][1]["b"].append(2)
    copy["rng"].random()
    again = {"W": np.zeros(2), "nested": [(np.zeros(2), {"b": [1]})], "rng": np.random.default_rng(0)}
    assert values.difference(again, given, tolerance=0.0) is None


def test_what_is_remembered_is_computed_once_and_cannot_be_spoiled():
    asked = []

    @values.remembered
    def doubled(array, name=""):
        asked.append(name)
        return {"twice": 2 * array}

    doubled(np.ones(2))["twice"][:] = 7
    assert values.difference({"twice": np.full(2, 2.0)}, doubled(np.ones(2))) is None
    assert asked == [""]
    for other in (np.ones(2, np.float32), np.ones((2, 1)), -np.ones(2)):  # another dtype, shape or value is another question
        assert doubled(other)["twice"].dtype == other.dtype and doubled(other)["twice"].shape == other.shape
    doubled(np.ones(2), name="again")
    assert asked == ["", "", "", "", "again"]


def test_what_is_remembered_does_not_grow_without_end(monkeypatch):
    monkeypatch.setattr(values, "REMEMBERED", 3)
    asked = []
    squared = values.remembered(lambda number: asked.append(number) or number**2)
    assert [squared(number) for number in (1, 2, 3, 3, 4, 1)] == [1, 4, 9, 9, 16, 1]
    assert asked == [1, 2, 3, 4, 1]


# ---- calling the learner's code


def _line(function, text):
    """The number of the line of `function` that has `text`."""
    lines, first = inspect.getsourcelines(function)
    return first + next(i for i, line in enumerate(lines) if text in line)


def test_a_call_gives_back_the_value_and_works_on_copies():
    x = np.zeros(2)

    def overwrites(x, weights):
        x += 1
        weights["b"].append(x)
        del weights["old"]["W"]
        return x

    weights = {"W": np.zeros(1), "b": [1], "old": {"W": 1}}
    outcome = calling.call(overwrites, [x, weights], names=("x",))
    assert outcome.kind == calling.OK
    assert np.array_equal(outcome.value, [1, 1])
    assert outcome.changed == ("x", "argument 2['b']", "argument 2['old'] (its keys)")
    assert np.array_equal(x, [0, 0]) and weights["b"] == [1] and weights["old"] == {"W": 1}


def test_an_exception_is_told_with_the_learners_own_error_and_line():
    def fails(x):
        return helper(x) + 1

    def helper(x):
        return x["W_hx"]  # misspelt

    outcome = calling.call(fails, [{"W_xh": 1}])
    assert outcome.kind == calling.FAILED
    assert outcome.problem.splitlines() == [
        "KeyError: 'W_hx'",
        f"  in helper, line {_line(helper, 'misspelt')}: return x[\"W_hx\"]  # misspelt",
    ]
    assert outcome.reason == "it fails: KeyError"


def test_an_exception_deep_in_a_library_is_told_with_the_learners_line():
    def fails(x):
        return np.linalg.inv(x)

    outcome = calling.call(fails, [np.zeros((2, 2))])
    assert outcome.problem.startswith("LinAlgError: Singular matrix\n  in fails, line ")


def test_an_error_is_told_without_the_stack_of_a_graph_and_without_addresses():
    stack = 'Detected at node embedding/GatherV2 defined at (most recent call last):\n  File "keras.py", line 1, in call\n\n'
    raised = [
        ValueError(f"Graph execution error:\n\n{stack}indices[0,2] = 7 is not in [0, 7)\n\t [[{{{{node embedding/GatherV2}}}}]] [Op:__inference_1]"),
        ValueError(f"no optimizer: {object()!r}"),
    ]

    def fails(number):
        raise raised[number]

    told = [calling.call(fails, [number]).problem.splitlines()[0] for number in (0, 1)]
    assert told == ["ValueError: indices[0,2] = 7 is not in [0, 7)", "ValueError: no optimizer: <object object>"]


class _Instance:
    def __call__(self, x):
        return self.method(x)

    def method(self, x):
        return x.nothing


@pytest.mark.parametrize("function", [_Instance(), _Instance().method, functools.partial(_Instance().method)])
def test_the_line_is_told_for_instances_methods_and_partials_too(function):
    problem = calling.call(function, [1]).problem
    assert problem.startswith("AttributeError: 'int' object has no attribute 'nothing'\n  in method, line ")
    assert problem.endswith(": return x.nothing")


def test_arguments_that_do_not_fit_are_told_as_such():
    outcome = calling.call(lambda x: x, [1, 2])
    assert "takes 1 positional argument but 2 were given" in outcome.problem
    assert "does the function still take the arguments of the exercise, in this order?" in outcome.problem
    inside = calling.call(lambda x: x + None, [1])
    assert "does the function still take" not in inside.problem


class _BrokenMessage(Exception):
    def __str__(self):
        raise RuntimeError


class _BrokenGetattr:
    def __getattr__(self, name):
        raise KeyError(name)

    def __call__(self):
        raise NotImplementedError


def _raises(error):
    def function(*_):
        raise error

    return function


def _recurses():
    return _recurses()


@pytest.mark.parametrize(
    "function, words",
    [
        (_raises(SystemExit(3)), "SystemExit: 3"),
        (lambda: sys.exit("goodbye"), "SystemExit: goodbye"),
        (_raises(GeneratorExit()), "GeneratorExit"),
        (_raises(_BrokenMessage()), "_BrokenMessage: (its message cannot be shown: RuntimeError)"),
        (_raises(ValueError("x" * 10_000)), "ValueError: xxx"),
        (_recurses, "RecursionError: maximum recursion depth exceeded"),
        (lambda: np.zeros((10**6, 10**9)), "MemoryError: Unable to allocate"),
        (lambda: {1, 2}, "returned an object of type set: NumPy arrays and plain Python values are expected"),
        (_Tensor, "a tensor becomes an array by .numpy()"),
        (_endless, "returned a list that contains itself"),
        (_Unlookable, "returned an object that cannot be looked at"),
    ],
)
def test_whatever_the_code_raises_or_gives_back_is_an_outcome(function, words):
    outcome = calling.call(function, [])
    assert outcome.kind == calling.FAILED
    assert words in outcome.problem
    assert len(outcome.problem) < 1000


def test_a_terminal_s_colours_are_no_part_of_an_error_s_message_or_of_what_was_printed():
    def as_keras_writes():
        print("\x1b[38;5;34m12\x1b[0m parameters")
        raise ValueError("in LSTM.call().\n\n\x1b[1mInvalid input shape [0], [1]\x1b[0m")

    outcome = calling.call(as_keras_writes, [])
    assert outcome.message == "in LSTM.call().\n\nInvalid input shape [0], [1]"
    assert outcome.problem.startswith(f"ValueError: {outcome.message}")
    assert outcome.printed == "12 parameters"


def test_an_argument_made_to_hold_anything_at_all_is_only_changed():
    def fills(items, weights):
        items.append(items)
        weights["W"] = _Unlookable()

    outcome = calling.call(fills, [[1], {"W": 1}], names=("items", "weights"))
    assert outcome.changed == ("items", "weights['W']")


def _never_ends():
    while True:
        pass


def _runs_out_of_time(*_):
    """Never ends, and its time is up at once, so that no test depends on how fast the machine is."""
    signal.setitimer(signal.ITIMER_PROF, 0.05, 0.01)
    _never_ends()


def _never_ends_and_catches_exceptions():
    while True:
        try:
            math.sqrt(2)
        except Exception:
            pass


def _never_ends_and_catches_everything():
    while True:
        try:
            math.sqrt(2)
        except:  # noqa: E722
            pass


def _never_ends_in_threads():
    threads = [threading.Thread(target=_computes, args=(2.0,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _computes(seconds):
    """So many seconds of this thread's CPU time, however long that takes."""
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        math.sqrt(2)


@pytest.mark.parametrize(
    "function", [_never_ends, _never_ends_and_catches_exceptions, _never_ends_and_catches_everything, _never_ends_in_threads]
)
def test_an_endless_loop_is_stopped(function):
    outcome = calling.call(function, [], seconds=0.3, wall=3600)
    assert outcome.kind == calling.TOO_LONG
    assert outcome.problem == "stopped after 0.3 seconds of computing: a loop that never ends, or one that is far too slow?"
    assert outcome.reason == "the function does not end in time"


def test_the_clock_alone_stops_nothing_on_a_busy_machine():
    """To wait for the processor and to sleep are the same to the clock: neither is computing."""
    assert calling.call(lambda: time.sleep(0.6) or 3, [], seconds=0.3, wall=3600).value == 3


def test_what_sleeps_for_ever_is_stopped_by_the_clock():
    outcome = calling.call(lambda: time.sleep(3600), [], seconds=3600, wall=0.3)
    assert (outcome.kind, outcome.problem) == (calling.TOO_LONG, "stopped after 0.3 seconds: does it wait for something?")


def test_an_endless_loop_is_stopped_where_there_is_no_alarm(monkeypatch):
    monkeypatch.delattr(signal, "setitimer")
    outcome = calling.call(_never_ends, [], seconds=0.3)
    assert outcome.kind == calling.TOO_LONG
    assert outcome.problem.startswith("stopped after 0.3 seconds")
    assert calling.call(lambda: 3, [], seconds=60).value == 3
    for timer in (t for t in threading.enumerate() if isinstance(t, threading.Timer)):
        timer.join(10)
        assert not timer.is_alive(), "an interrupt would come long after the call"


@pytest.mark.parametrize("function", [lambda: 3, _runs_out_of_time, _raises(ValueError())])
def test_no_alarm_is_left_behind(function):
    calling.call(lambda: 3, [])  # where there was no handler before the first call, its own stays, idle
    before = [signal.getsignal(number) for number in (signal.SIGALRM, signal.SIGPROF)]
    calling.call(function, [])
    assert signal.getitimer(signal.ITIMER_REAL) == signal.getitimer(signal.ITIMER_PROF) == (0.0, 0.0)
    assert [signal.getsignal(number) for number in (signal.SIGALRM, signal.SIGPROF)] == before


def test_an_interrupt_by_the_person_ends_the_call_only():
    outcome = calling.call(_raises(KeyboardInterrupt()), [])
    assert (outcome.kind, outcome.problem) == (calling.TOO_LONG, "you interrupted it")


def test_a_call_outside_the_main_thread_works():
    outcomes = []
    thread = threading.Thread(target=lambda: outcomes.append(calling.call(lambda x: x + 1, [1])))
    thread.start()
    thread.join()
    assert outcomes[0].value == 2


def test_an_unsolved_exercise_is_not_a_failed_one():
    outcome = calling.call(_raises(NotImplementedError()), [])
    assert (outcome.kind, outcome.problem) == (calling.UNSOLVED, "Not solved yet")
    assert calling.call(_BrokenGetattr(), []).kind == calling.UNSOLVED


def test_a_call_of_an_unsolved_exercise_names_it():
    def rnn_step():
        raise NotImplementedError

    def unroll():
        return [rnn_step() for _ in range(3)]

    outcome = calling.call(unroll, [])
    assert (outcome.kind, outcome.problem) == (calling.UNSOLVED, "unroll calls rnn_step, which is not solved yet")


def _handler_made_earlier():
    handler = logging.StreamHandler()  # keeps sys.stderr as it is now
    logger = logging.Logger("earlier")
    logger.addHandler(handler)
    return logger


def test_everything_the_code_writes_is_caught_and_nothing_shows(capfd):
    logger, kept = _handler_made_earlier(), sys.stdout

    def writes():
        print("to stdout")
        kept.write("to a stdout that was kept\n")
        print("to stderr", file=sys.stderr)
        os.write(2, b"to file descriptor 2\n")
        os.write(2, b"not UTF-8: \xff\n")
        warnings.warn("a warning", stacklevel=1)
        logger.error("to a handler made earlier")
        np.log(np.zeros(1))
        return 3

    outcome = calling.call(writes, [])
    assert outcome.value == 3
    assert outcome.printed.splitlines() == [
        "to stdout",
        "to a stdout that was kept",
        "to stderr",
        "to a handler made earlier",
        "to file descriptor 2",
        "not UTF-8: \N{REPLACEMENT CHARACTER}",
        "warning: a warning",
        "warning: divide by zero encountered in log",
    ]
    assert capfd.readouterr() == ("", "")


def test_what_was_written_before_a_failure_or_the_end_of_time_is_kept():
    def fails():
        print("before")
        raise ValueError

    def never_ends():
        print("before")
        _runs_out_of_time()

    assert calling.call(fails, []).printed == "before"
    assert calling.call(never_ends, []).printed == "before"


def test_a_huge_print_is_cut(monkeypatch):
    outcome = calling.call(lambda: print("x" * 100_000), [])
    assert outcome.printed == "x" * 2000
    monkeypatch.setattr(session, "KEPT", 5000)

    def never_ends():
        while True:
            print("x" * 999)

    with session.captured() as written:
        calling.call(never_ends, [], seconds=0.1)
        for _ in range(9):
            print("y" * 999)
        os.write(2, b"z" * 9000)
    assert written.stdout == ("y" * 999 + "\n") * 5
    assert written.stderr == "z" * 5000


def test_the_code_runs_with_numpys_own_error_settings_and_cannot_change_them():
    def divides():
        np.seterr(all="raise")
        return 1

    with np.errstate(all="ignore", over="raise"):
        outcome = calling.call(lambda: float(np.exp(np.float64(1000))), [])
        assert outcome.printed == "warning: overflow encountered in exp"
        calling.call(divides, [])
        assert np.geterr()["over"] == "raise" and np.geterr()["invalid"] == "ignore"


# ---- finding the learner's code


@pytest.fixture
def notebook(monkeypatch):
    """Sets names in the namespace where a check looks outside IPython."""

    def define(**names):
        for name, value in names.items():
            monkeypatch.setattr(sys.modules["__main__"], name, value, raising=False)

    return define


def test_a_name_is_found_in_the_notebook(notebook):
    notebook(rnn_step=len, In=["", "def rnn_step(x):\n    return x"])
    assert calling.find("rnn_step") == (len, "")


def test_a_missing_name_is_told():
    assert calling.find("rnn_step") == (
        None,
        "rnn_step is not defined. Run the cell of the exercise; if you did, look for an error below it.",
    )


BROKEN = "def rnn_step(x):\n    return (x"


def test_a_syntax_error_in_the_newest_cell_is_told(notebook):
    notebook(In=["", "def rnn_step(x):\n    return 1", BROKEN, "checks.rnn_step()"])
    found, note = calling.find("rnn_step")
    assert found is None
    assert note == "The cell that defines rnn_step does not compile: '(' was never closed (line 2: return (x)."
    notebook(rnn_step=len)
    assert calling.find("rnn_step") == (len, f"{note} The version before it was checked.")


@pytest.mark.parametrize(
    "cells",
    [
        [BROKEN, "def rnn_step(x):\n    return (x)"],
        [BROKEN, "rnn_step = len"],
        ["def rnn_step_2(x):\n    return (x"],
        ["def rnn_step(x):\n    return await_(x)\nawait sleep(0)"],
        [3, None],
        "a learner's own In",
        7,
    ],
)
def test_only_the_newest_cell_that_defines_the_name_counts(notebook, cells):
    notebook(rnn_step=len, In=cells)
    assert calling.find("rnn_step") == (len, "")


def test_a_doubtful_escape_in_a_cell_writes_nothing(notebook, capfd):
    notebook(rnn_step=len, In=['def rnn_step(x):\n    "\\h"\n    return x'])
    for action in ("always", "error"):
        with warnings.catch_warnings():
            warnings.simplefilter(action)
            assert calling.find("rnn_step") == (len, "")
    assert capfd.readouterr() == ("", "")


def test_a_cell_that_not_even_compile_understands_is_told(notebook):
    notebook(In=["def rnn_step(x):\n    return '\0'"])
    assert "rnn_step does not compile: " in calling.find("rnn_step")[1]


# ---- going through the criteria


def _lesson(examine=None):
    """The check of a made-up exercise, `double(x)`, of one lesson with `half(x)`, an earlier one."""
    lesson = Lesson()

    @lesson.exercise(arguments=("x",), points={"all": ("it halves", 1)})
    def half(check):
        x = check.rng.normal(size=3)
        check.expect("all", (x,), x / 2)

    def double(check):
        for key, shape in [("small", (2,)), ("small", (1,)), ("large", (3, 4)), ("large", (4, 4))]:
            x = check.rng.normal(size=shape)
            mistakes = {
                "it does not fit": lambda x: x @ np.zeros((7, 7)),
                "it says nothing": lambda x: 2 * x,
                "squared": lambda x: x**2,
            }
            check.expect(key, (x,), 2 * x, mistakes, case=f"of {shape}")
        check.unchanged("care", needs="large")

    points = {"small": ("small arrays", 1), "large": ("large arrays", 2), "care": ("nothing changed in place", 4)}
    lesson.exercise(arguments=("x",), points=points, needs=("half",), demos=("small", "large"))(examine or double)
    return lesson._checks["double"]


def _statuses(report):
    return [criterion.status for criterion in report.criteria]


def test_a_right_answer_passes_every_criterion_and_needs_no_words():
    report = _lesson()(lambda x: 2 * x)
    assert (report.points, report.max_points) == (7, 7)
    assert report.remarks == []
    assert all(criterion.details == [] for criterion in report.criteria)


def test_a_failure_says_the_case_what_is_wrong_and_the_likely_cause_once():
    report = _lesson()(lambda x: x**2)
    assert _statuses(report) == [FAILED, FAILED, NOT_YET]
    small, large, _ = (criterion.details for criterion in report.criteria)
    assert small[:2] == [f"{CAUSE} squared", "case: x (2,) (of (2,))"]
    assert small[2].startswith("the values differ: relative error 0.")
    assert small[3:] == ["report.case holds the arguments of this case"]
    assert large == ["case: x (3, 4) (of (3, 4))", "same cause as above"]


@pytest.mark.parametrize(
    "answer, cause",
    [
        (lambda x: print(2 * x), "it prints its result instead of returning it"),
        (lambda x: None, "no return statement"),
        (lambda x: list(2 * x), "a list; np.array makes it an array"),
        (lambda x: (2 * x,), "a tuple of arrays; join them into one array with np.stack, along the right axis"),
        (lambda x: np.float64(np.float32(2) * x.astype("f4")), "right but for rounding"),
        (lambda x: np.squeeze(2 * x), "an axis of length 1 is gone"),
        (lambda x: x**2, "squared"),
        (lambda x: -2 * x, "this is the right result with the other sign"),
        (lambda x: 2 * x[::-1], "this is the right result in reverse order"),
        (lambda x: 2 * x[0], "only the first of the right results (index 0) comes back"),
        (lambda x: 2 * x.sum(), "the right numbers are summed up"),
        (lambda x: 2 * x.T, "this is the right result with its axes in the opposite order"),
        (lambda x: 2 * x.mean(axis=-1), "this is the right result averaged over axis 1"),
        (lambda x: 2 * x[None], "an axis of length 1 too many"),
        (lambda x: 2 * x + 0j, "complex numbers in place of real ones"),
        (lambda x: (2 * x).astype(int), "whole numbers in place of floats"),
    ],
)
def test_a_known_mistake_is_named_in_the_visible_and_in_the_hidden_check(answer, cause):
    for hidden in (False, True):
        assert f"{CAUSE} {cause}" in str(_lesson()(answer, hidden=hidden))


@pytest.mark.parametrize(
    "answer, cause",
    [
        (lambda n: 2.0 * n, "a float in place of a whole number"),
        (lambda n: str(2 * n), "a text in place of a number"),
        (lambda n: (2 * n,), "a tuple in place of one number"),
        (lambda n: np.array([2 * n]), "an array in place of one number"),
    ],
)
def test_what_is_no_number_where_one_was_asked_for_is_named(answer, cause):
    def double(check):
        for n in (3, 5):
            check.expect("small", (n,), 2 * n)

    assert f"{CAUSE} {cause}" in str(_lesson(double)(answer))
    assert CAUSE not in str(_lesson(double)(lambda n: 3 * n))


def test_a_rounded_number_is_named():
    def double(check):
        for n in (3.14159265, 2.71828183):
            check.expect("small", (n,), 2 * n)

    assert f"{CAUSE} rounded to 3 decimals" in str(_lesson(double)(lambda n: round(2 * n, 3)))


def test_an_unknown_mistake_is_not_given_a_cause():
    assert CAUSE not in str(_lesson()(lambda x: x + 1))


def test_what_was_printed_is_shown_where_something_failed():
    assert "While it ran, your code wrote:\n  [" in str(_lesson()(lambda x: print(x)))


@pytest.mark.parametrize("sizes", [(1, 16), (2, 12)])
def test_one_case_that_is_not_solved_leaves_its_criterion_open_whether_the_last_or_the_first(sizes):
    def one_case_each(x):
        if x.size in sizes:
            raise NotImplementedError
        return 2 * x

    report = _lesson()(one_case_each)
    assert _statuses(report) == [NOT_YET] * 3
    assert report.points == 0


def test_an_inspected_case_that_is_not_solved_takes_back_the_points_before_it():
    def double(check):
        for n in (1, 2):
            if check.inspect((n,), dict, "a dict") is not None:
                check.passed("small")

    check = _lesson(double)
    assert check(lambda x: {}).points == 1
    assert check(lambda x: {} if x == 1 else _raises(NotImplementedError())()).points == 0
    assert check(lambda x: {} if x == 1 else _raises(ValueError())()).points == 0
    assert "expected a dict, got the int 2" in str(check(lambda x: {} if x == 1 else x))


def test_a_call_that_does_not_end_fails_its_criterion_and_leaves_the_ones_after_it_open():
    calls = []

    def stops_at_the_second(x):
        calls.append(x)
        if x.size == 1:
            _runs_out_of_time()
        return 2 * x

    report = _lesson()(stops_at_the_second)
    assert _statuses(report) == [FAILED, NOT_YET, NOT_YET]
    assert "stopped after 10 seconds" in str(report)
    assert len(calls) == 2, "nothing is called after it: each call might take as long"


def test_a_call_that_does_not_end_keeps_what_was_earned_before_and_earns_no_care():
    report = _lesson()(lambda x: _runs_out_of_time() if x.shape == (4, 4) else 2 * x)
    assert _statuses(report) == [PASSED, FAILED, NOT_YET]


def test_an_unfinished_criterion_does_not_earn_by_its_first_cases():
    def double(check):
        for key in ("small", "large", "small"):
            check.expect(key, (np.ones(3 if key == "small" else 4),), np.full(3 if key == "small" else 4, 2.0))

    report = _lesson(double)(lambda x: _runs_out_of_time() if x.size == 4 else 2 * x)
    assert _statuses(report) == [NOT_YET, FAILED, NOT_YET]


def test_a_change_in_place_costs_its_criterion_only_and_names_the_argument():
    def in_place(x):
        x *= 2
        return x

    report = _lesson()(in_place)
    assert _statuses(report) == [PASSED, PASSED, FAILED]
    assert report.criteria[2].details == [
        f"{CAUSE} an assignment such as += or [...] =, or a method such as sort or pop", "changed in place: x", "report.case holds the arguments of this case",
    ]


def test_an_earlier_exercise_is_blamed_where_it_fails_its_own_check_and_this_one_fails_too(notebook):
    remark = "half does not pass its own check. If double calls it, fix half first."
    assert remark in str(_lesson()(lambda x: x))
    assert remark not in str(_lesson()(lambda x: 2 * x))
    assert remark not in str(_lesson()(_raises(NotImplementedError())))
    notebook(half=lambda x: x / 2)
    assert remark not in str(_lesson()(lambda x: x))


def test_a_check_writes_nothing_itself_whatever_comes(capfd):
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        for odd in (1e200, -1e308, math.inf, math.nan, 1e-320):
            with np.errstate(all="raise"):
                assert _lesson()(lambda x: np.full_like(x, odd)).points == 0
    assert capfd.readouterr() == ("", "")


def test_a_checks_own_arithmetic_is_silent_and_does_not_stop(capfd):
    def double(check):
        check.expect("small", (np.full(2, -1000.0),), np.exp(np.full(2, -1000.0)) + 1 / np.zeros(2))

    with warnings.catch_warnings(), np.errstate(all="raise"):
        warnings.simplefilter("error")
        assert _lesson(double)(lambda x: np.full(2, np.inf)).points == 1
    assert capfd.readouterr() == ("", "")


def test_each_check_asks_the_same_cases_every_time_and_other_ones_for_each_private_number(monkeypatch):
    def cases(**how):
        asked = []
        _lesson()(lambda x: asked.append(x.tolist()), **how)
        return asked

    assert cases() == cases()
    hidden = []
    for number in ("0", "1", "2"):
        monkeypatch.setenv(PRIVATE_NUMBER, number)
        hidden.append(cases(hidden=True))
        assert cases(hidden=True) == hidden[-1]
    monkeypatch.delenv(PRIVATE_NUMBER)
    assert cases(hidden=True) == hidden[0], "a self-learner has the number 0"
    everything = [cases(), *hidden]
    assert all(a != b for i, a in enumerate(everything) for b in everything[:i])


# ---- hidden tests tell the category, never the case


def _tells_what_it_gets(x):
    print("printed", x)
    print("printed", x, file=sys.stderr)
    warnings.warn(f"warned {x}", stacklevel=1)
    raise ValueError(f"raised {x}")


def test_a_hidden_failure_gives_the_category_and_never_the_case():
    cases = []

    def tells(x):
        cases.append(x)
        return _tells_what_it_gets(x)

    check = _lesson()
    text = str(check(tells, hidden=True))
    assert "passes the tests you see, but not a hidden one" in text
    assert f"{CAUSE} it fails: ValueError" in text
    assert cases
    for words in ("printed", "warned", "raised", "case:", "(2,)", "(3, 4)", *(f"{x.flat[0]:.3f}" for x in cases)):
        assert words not in text
    assert "raised" in str(check(tells)), "the visible check does show it"


@pytest.mark.parametrize(
    "answer, category",
    [
        (_runs_out_of_time, "the function does not end in time"),
        (lambda x: x + 0, "passes the tests you see"),
        (lambda x: x[:-1], "passes the tests you see"),
        (lambda x: x * math.nan, "passes the tests you see"),
        (lambda x: {1}, "what it returns is no plain value"),
        (lambda x: x.astype(str), "passes the tests you see"),
    ],
)
def test_a_hidden_failure_of_any_kind_gives_only_its_category(answer, category):
    text = str(_lesson()(answer, hidden=True))
    assert category in text
    for words in ("case:", "shape", "expected", "relative error", "differ", "seconds"):
        assert words not in text


@pytest.mark.parametrize("answer", [np.linalg.inv, lambda x: np.linalg.inv(x[None, 0])])
def test_no_report_shows_a_line_of_another_file_which_might_hold_the_truth(answer):
    text = str(_lesson()(answer))
    assert "LinAlgError: " in text
    assert ".py" not in text
    assert "function(*given)" not in text


def test_a_hidden_change_in_place_gives_its_cause():
    def in_place(x):
        x *= 2
        return x

    text = str(_lesson()(in_place, hidden=True))
    assert "an assignment such as += or [...] =, or a method such as sort or pop" in text
    assert "changed in place: x" not in text


def test_the_visible_details_stand_where_the_visible_check_failed_already():
    check = _lesson()
    both = str(check(lambda x: x**2) & check(lambda x: x**2, hidden=True))
    assert "case: x (2,)" in both
    assert "passes the tests you see" not in both


# ---- capturing


def _state():
    """Everything that a capture touches."""
    return {
        "streams": (sys.stdout, sys.stderr),
        "write": [vars(stream).get("write") for stream in (sys.stdout, sys.stderr)],
        "descriptor 2": (os.fstat(2).st_dev, os.fstat(2).st_ino),
        "open files": len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0,
        "filters": list(warnings.filters),
        "showwarning": warnings.showwarning,
    }


@pytest.mark.parametrize("capture", [session.captured, session.quiet])
@pytest.mark.parametrize("error", [None, ValueError, KeyboardInterrupt, SystemExit])
def test_a_capture_restores_everything_also_after_an_exception(capture, error, capfd):
    before = _state()
    try:
        with capture():
            sys.stdout, sys.stderr = io.StringIO(), None
            warnings.simplefilter("error")
            os.write(2, b"...")
            if error:
                raise error
    except BaseException as came:
        assert type(came) is error
    else:
        assert error is None
    assert _state() == before
    capfd.readouterr()
    print("out")
    print("err", file=sys.stderr)
    os.write(2, b"2")
    assert capfd.readouterr() == ("out\n", "err\n2")


def test_a_capture_is_filled_when_the_block_ends_also_with_an_exception():
    with pytest.raises(ValueError):
        with session.captured() as written:
            print("a")
            print("b", file=sys.stderr)
            warnings.warn("c", stacklevel=1)
            raise ValueError
    assert (written.stdout, written.stderr, written.warnings) == ("a\n", "b\n", ["c"])
    assert written.text() == "a\nb\nwarning: c"


def test_equal_warnings_are_shown_once_with_their_number():
    with session.captured() as written:
        for message in ["overflow", "invalid value", "overflow", "overflow"]:
            warnings.warn(message, RuntimeWarning, stacklevel=1)
    assert written.text() == "warning: overflow (3 times)\nwarning: invalid value"


@pytest.mark.parametrize("action", ["ignore", "error", "once"])
def test_warnings_are_collected_every_time_whatever_filter_is_set(action):
    with warnings.catch_warnings():
        warnings.simplefilter(action)
        for _ in range(2):
            with session.captured() as written:
                for _ in range(2):
                    warnings.warn("deprecated", DeprecationWarning, stacklevel=1)
            assert written.warnings == ["deprecated"] * 2


def test_captures_nest():
    with session.captured() as outer:
        print("outer")
        with session.captured() as inner:
            print("inner")
            os.write(2, b"inner 2")
        print("outer again")
        os.write(2, b"outer 2")
    assert (inner.stdout, inner.stderr) == ("inner\n", "inner 2")
    assert (outer.stdout, outer.stderr) == ("outer\nouter again\n", "outer 2")


def test_a_capture_survives_code_that_closes_what_it_is_given():
    before = _state()
    with session.captured() as written:
        print("before")
        sys.stdout.close()
        sys.stderr.close()
        print("after")
    assert written.stdout == "before\nafter\n"
    assert _state() == before


def test_a_capture_works_where_stdout_and_stderr_are_one_stream_or_have_a_write_of_their_own(monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.setattr(sys, "stderr", stream)
    kept = stream.write = lambda text: len(text)
    with session.captured() as written:
        print("a")
        stream.write("b")
    assert written.text().split() == ["a", "b"]
    assert stream.write is kept
    del stream.write
    with session.captured():
        pass
    assert "write" not in vars(stream)


@pytest.mark.parametrize("missing", ["stdout", "stderr"])
def test_a_capture_works_without_a_stream(monkeypatch, missing):
    monkeypatch.setattr(sys, missing, None)
    with session.captured() as written:
        print("a", file=getattr(sys, missing))
    assert written.text() == "a"
    assert getattr(sys, missing) is None


def test_quiet_is_quiet_and_shows_what_was_written_only_if_the_block_fails(capfd):
    with session.quiet():
        print("chatter")
        os.write(2, b"chatter")
    assert capfd.readouterr() == ("", "")
    with pytest.raises(ImportError):
        with session.quiet():
            print("the reason")
            os.write(2, b"from compiled code")
            raise ImportError
    assert capfd.readouterr() == ("the reason\nfrom compiled code\n", "")


def test_start_sets_one_thread_and_keeps_what_is_set_already(monkeypatch):
    for name in (*session.ONE_THREAD, *session.QUIET_TENSORFLOW):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MKL_NUM_THREADS", "3")
    session.start()
    assert os.environ["OMP_NUM_THREADS"] == os.environ["TF_NUM_INTEROP_THREADS"] == "1"
    assert os.environ["TF_CPP_MIN_LOG_LEVEL"] == "3"
    assert os.environ["MKL_NUM_THREADS"] == "3"


# ---- another process

NUMPY_LESSONS = {"lesson01", "lesson02", "lesson03", "lesson04", "lesson06"}

ALL_CHECKS = """
import importlib, os, sys
from helpers import session
session.start()
os.close(2)
for name in sys.argv[1:]:
    for check in importlib.import_module(f"helpers.checks.{name}").lesson._checks.values():
        for hidden in (False, True):
            assert check(lambda *_: None, hidden=hidden).points == 0
print(sorted({"tensorflow", "keras", "matplotlib"} & set(sys.modules)))
"""


def test_the_checks_of_the_numpy_lessons_import_no_tensorflow_and_need_no_stderr():
    there = {name for _, name, _ in pkgutil.iter_modules(helpers.checks.__path__)} & NUMPY_LESSONS
    assert there
    done = subprocess.run([sys.executable, "-c", ALL_CHECKS, *sorted(there)], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("[]\n", "")


# ---- what a demo asks


def test_solved_checks_again_only_after_an_exercise_is_defined_anew(monkeypatch, capsys):
    lesson, calls = Lesson(), []

    @lesson.exercise(arguments=(), points={"all": ("it says two", 1)})
    def two(check):
        calls.append("two")
        check.expect("all", (), 2)

    @lesson.exercise(arguments=(), points={"all": ("it says four", 1)}, needs=("two",))
    def four(check):
        check.expect("all", (), 4)

    main = sys.modules["__main__"]
    monkeypatch.setattr(main, "two", lambda: 3, raising=False)
    monkeypatch.setattr(main, "four", lambda: 2 * main.two(), raising=False)
    assert not lesson.solved("two") and not lesson.solved("two")
    assert len(calls) == 2, "what fails is checked each time"
    monkeypatch.setattr(main, "two", lambda: 2)
    assert lesson.solved("two", "four") and lesson.solved("two", "four")
    assert len(calls) == 3
    monkeypatch.setattr(main, "two", lambda: 5)
    assert not lesson.solved("four"), "it calls the one that was defined anew"
    assert "four" in capsys.readouterr().out


def _answers(monkeypatch, **answers):
    for name, answer in answers.items():
        monkeypatch.setattr(sys.modules["__main__"], name, answer, raising=False)


def _with_demos():
    lesson = Lesson()

    @lesson.exercise(arguments=("x",), points={"value": ("it doubles", 2), "care": ("for text it says so", 1)}, demos=("value",))
    def double(check):
        check.expect("value", (check.rng.normal(size=3),), *_twice(check))
        check.expect_error("care", ("a",), "ValueError", ("a number",))

    lesson.prediction("prediction_size", ("8", "1e-5", "both"), tempting={"8": "It was the first."})
    return lesson


def _twice(check):
    """The truth of the case that has just been drawn."""
    again = np.random.default_rng(check.rng.bit_generator.seed_seq)
    return (2 * again.normal(size=3),)


def test_a_demo_needs_what_it_uses_and_not_full_marks(monkeypatch, capsys):
    _answers(monkeypatch, double=lambda x: 2 * x)
    lesson = _with_demos()
    assert lesson._checks["double"]().points == 2
    assert lesson.solved("double")
    assert capsys.readouterr().out == ""


def test_a_waiting_demo_says_what_is_there_and_what_is_missing(monkeypatch, capsys):
    def refuses(x):
        raise ValueError("x is not a number, it is a text: a number is wanted")

    lesson = _with_demos()
    assert not lesson.solved("double", "prediction_size")
    assert capsys.readouterr().out.splitlines() == [
        "This demo needs `double`: write it above, then run this cell again.",
        "This demo needs `prediction_size`: commit your answer above, then run this cell again.",
    ]
    assert not lesson.solved("double", quiet=True)
    assert capsys.readouterr().out == ""
    _answers(monkeypatch, double=refuses, prediction_size=lambda: 8)
    assert not lesson.solved("double", "prediction_size")
    assert capsys.readouterr().out == "This demo needs `double`, which has 1 of 3 points. Still open: it doubles.\n"


def test_demos_that_name_no_criterion_are_the_authors_mistake():
    with pytest.raises(ValueError, match="demos names no criterion: speed"):
        Lesson().exercise(arguments=(), points={"all": ("all of it", 1)}, demos=("speed",))


# ---- bets and points


@pytest.mark.parametrize("answer", ["8", 8, 8.0, np.int64(8), " '8' ", '"8"'])
def test_a_bet_may_be_a_number_or_a_text_with_spaces_and_quotes(answer):
    assert choice_of(answer, ("8", "1e-5", "both")) == "8"


@pytest.mark.parametrize("answer, choice", [(1e-5, "1e-5"), ("0.00001", "1e-5"), (" BOTH", "both"), (True, None), (9, None), (None, None), (10**400, None)])
def test_a_bet_is_the_choice_that_it_means_or_none(answer, choice):
    assert choice_of(answer, ("8", "1e-5", "both")) == choice


def test_a_bet_is_settled_in_one_line_with_the_sentence_for_a_wrong_choice():
    def line(answer):
        return repr(Bet("prediction_size", ("8", "16"), answer, 8, {16: "Twice as many look safer."}))

    assert line("8") == "Your bet: 8. The demo found 8: you were right."
    assert line(16) == "Your bet: 16. The demo found 8. Twice as many look safer."
    assert line(None).startswith("No bet is committed in prediction_size.")
    assert "8" not in line(None)


@pytest.mark.parametrize("measured, tempting", [("4", {}), ("8", {"4": "a sentence"})])
def test_a_bet_on_something_that_is_no_choice_is_the_authors_mistake(measured, tempting):
    with pytest.raises(ValueError, match="prediction_size has no choice '4'; it has 8, 16"):
        Bet("prediction_size", ("8", "16"), "8", measured, tempting)


def test_a_bet_is_shown_by_the_lesson_with_the_learners_own_answer(monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    _answers(monkeypatch, prediction_size=lambda: 8)
    _with_demos().bet("prediction_size", "both")
    assert repr(shown[0]) == "Your bet: 8. The demo found both. It was the first."
    assert "background-color" in shown[0]._repr_html_()


def test_points_so_far_are_a_line_as_text_and_a_table_of_what_waits_as_html():
    points = Points([_of(PASSED, exercise="one"), _of(PASSED, FAILED, exercise="two"), _of(NOT_YET, exercise="three")])
    assert repr(points) == "2 of 5 points"
    html = points._repr_html_()
    assert [html.index(words) for words in ("one", "two", "criterion 1", "three", "all of it")] == sorted(
        html.index(words) for words in ("one", "two", "criterion 1", "three", "all of it")
    )


def test_points_so_far_check_only_what_is_not_known_yet(monkeypatch):
    lesson, calls = Lesson(), []

    @lesson.exercise(arguments=(), points={"all": ("it says two", 3)})
    def two(check):
        calls.append("two")
        check.expect("all", (), 2)

    _answers(monkeypatch, two=lambda: 3)
    assert repr(lesson.points_so_far()) == repr(lesson.points_so_far()) == "0 of 3 points"
    assert len(calls) == 1
    _answers(monkeypatch, two=lambda: 2)
    assert repr(lesson.points_so_far()) == "3 of 3 points"
    assert lesson._checks["two"](hidden=True).points == 3
    assert len(calls) == 3 and repr(lesson.points_so_far()) == "3 of 3 points"


# ---- causes fit all that was seen


def test_a_result_that_is_the_same_for_every_case_is_named_before_any_other_cause():
    def double(check):
        for number in (1, 2, 3, 4):
            check.expect("small", (number,), 2 * number, {"one is added": lambda x: x + 2})

    assert f"{CAUSE} the result is the same for every case" in str(_lesson(double)(lambda x: 3))
    assert f"{CAUSE} one is added" in str(_lesson(double)(lambda x: x + 2))


def test_a_known_mistake_that_would_have_failed_what_passed_is_dropped():
    def double(check):
        mistakes = {"squared": lambda x: x**2}
        check.expect("small", (3,), 6, mistakes)
        check.expect("large", (4,), 8, mistakes)

    assert CAUSE not in str(_lesson(double)(lambda x: 6 if x == 3 else 16))
    assert f"{CAUSE} squared" in str(_lesson(double)(lambda x: x**2))


def test_a_known_mistake_must_fit_the_cases_that_follow_the_first_failure():
    def double(check):
        for number in (3, 5):
            check.expect("small", (number,), 2 * number, {"squared": lambda x: x**2})

    assert CAUSE not in str(_lesson(double)(lambda x: x + 6))


def test_a_known_mistake_in_one_branch_is_not_held_against_another():
    def double(check):
        for sign in (1, -1):
            check.expect("small" if sign > 0 else "large", (3 * sign,), 6 * sign, {"squared": lambda x: x**2}, branch=str(sign))

    assert f"{CAUSE} squared" in str(_lesson(double)(lambda x: 2 * x if x > 0 else x**2))


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyError, OverflowError, MemoryError])
def test_a_known_mistake_that_raises_is_no_match(error):
    def double(check):
        check.expect("small", (3,), 6, {"broken": _raises(error()), "squared": lambda x: x**2})

    assert f"{CAUSE} squared" in str(_lesson(double)(lambda x: x**2))


def test_two_mistakes_at_once_are_each_named_where_they_were_made():
    def double(check):
        mistakes = {"squared": lambda x: x**2, "halved": lambda x: x / 2}
        for key in ("small", "large"):
            x = check.rng.normal(size=3)
            check.expect(key, (x,), 2 * x, mistakes)

    calls = []

    def both(x):
        calls.append(x.tolist())
        return x**2 if x.tolist() == calls[0] else x / 2

    text = str(_lesson(double)(both))
    assert f"{CAUSE} squared" in text and f"{CAUSE} halved" in text


# ---- state kept between calls


def test_a_function_that_counts_its_calls_is_caught_though_each_first_call_is_right():
    seen = set()

    def double(x):
        again = x.tobytes() in seen
        seen.add(x.tobytes())
        return 2 * x + again

    report = _lesson()(double)
    assert not report.passed
    assert "a second call with the same arguments returns something else: state is kept between calls" in str(report)


def test_a_function_that_keeps_the_weights_of_its_first_call_is_told_so():
    def product(check):
        for key in ("small", "large"):
            x, weights = check.rng.normal(size=(2, 2)), {"W": check.rng.normal(size=(2, 2))}
            check.expect(key, (x, weights), x @ weights["W"])

    lesson = Lesson()
    lesson.exercise(arguments=("x", "weights"), points={"small": ("one", 1), "large": ("another", 1)})(product)
    kept = {}

    def stale(x, weights):
        return x @ kept.setdefault("W", weights["W"])

    text = str(lesson._checks["product"](stale))
    assert "with other weights of the same sizes the result is still the old one" in text
    assert CAUSE not in str(lesson._checks["product"](lambda x, weights: x @ weights["W"] + 1))


# ---- what is shown


def test_the_first_failed_case_can_be_taken_in_the_hand_and_never_a_hidden_one():
    report = _lesson()(lambda x: x**2)
    assert list(report.case) == ["x"] and report.case["x"].shape == (2,)
    assert "report.case" not in str(_lesson()(lambda x: x**2, hidden=True))
    assert _lesson()(lambda x: x**2, hidden=True).case is None
    assert _lesson()(lambda x: 2 * x).case is None


def test_a_long_argument_is_cut_plainly_and_is_whole_in_the_case():
    def double(check):
        check.expect("small", ("ab" * 99,), "")

    report = _lesson(double)(lambda x: "c")
    assert f"case: x = '{'ab' * 23}...\n" in f"{report}\n"
    assert report.case == {"x": "ab" * 99}


def test_a_raise_that_was_left_above_finished_code_is_named():
    def double(x):
        """Twice x."""
        raise NotImplementedError
        return 2 * x

    assert "`raise NotImplementedError()` is still there and ends the function. Delete that line." in str(_lesson()(double))
    assert str(_lesson()(_raises(NotImplementedError()))).count("Delete that line") == 0


def test_the_version_of_the_cell_that_was_checked_is_known(notebook):
    cell = "def double(x):\n    return 2 * x"
    notebook(double=lambda x: 2 * x, In=["", "def double(x): return x", cell, "def double(x:"])
    report = _lesson()()
    assert report.code == fingerprint(cell), "a cell that does not compile defines nothing"
    assert report.remarks[0].startswith("The cell that defines double does not compile")
    assert _lesson()(lambda x: 2 * x).code == ""
