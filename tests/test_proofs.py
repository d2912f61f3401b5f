"""Each check gives wrong answers the points and the diagnosis they deserve, and right ones all points, however unusual.

The answers are in `proofs`, a file for each lesson; a new file is found by itself.
"""

import collections
import copy
import importlib
import inspect
import pkgutil
import sys

import numpy as np
import pytest

from helpers.checks import diagnosis, exercise
from helpers.checks.bets import choice_of
from helpers.checks.report import NOT_YET, PASSED
from helpers.checks.values import describe, difference, is_keras_model
from tests import proofs

#: Private numbers of two instructors: None is a self-learner without one.
NUMBERS = [None, "an instructor's own"]

FILES = {name: importlib.import_module(f"tests.proofs.{name}") for _, name, _ in pkgutil.iter_modules(proofs.__path__)}


def _lesson(file):
    """The lesson that a file of proofs is about: its own, or that of the checks of the same name."""
    module = FILES[file]
    return module.lesson if hasattr(module, "lesson") else importlib.import_module(f"helpers.checks.{file}").lesson


CHECKS = {(file, name): check for file in FILES for name, check in _lesson(file)._checks.items()}
#: These are proven in one test each, so that what they import is imported there only.
APART = {(file, name) for file in FILES for name in getattr(FILES[file], "APART", ())}
TOGETHER = [key for key in CHECKS if key not in APART]


def _proofs_of(file, name):
    return [proof for proof in proofs.PROOFS if (proof.file, proof.exercise) == (file, name)]


def _parameters(keys, wrong):
    return [
        pytest.param(proof, id=f"{proof.file}-{proof.exercise}-{proof.name}")
        for key in keys
        for proof in _proofs_of(*key)
        if (proof.points is not None) == wrong
    ]


def _is_prediction(key):
    """An exercise where any committed answer is right."""
    return key[1].startswith("prediction_")


def _asks_the_same(key):
    """An exercise whose function takes no arguments, so that the hidden check asks what the visible one asks."""
    right = next(proof.function for proof in _proofs_of(*key) if proof.points is None)
    return _is_prediction(key) or not inspect.signature(right).parameters


each_exercise = pytest.mark.parametrize("key", TOGETHER, ids="-".join)
each_of_a_lesson = pytest.mark.parametrize("key", [k for k in CHECKS if k[0].startswith("lesson") and not _asks_the_same(k)], ids="-".join)
each_with_cases = pytest.mark.parametrize("key", [k for k in TOGETHER if not _asks_the_same(k)], ids="-".join)


@pytest.fixture(autouse=True)
def notebook(monkeypatch):
    """Outside IPython the learner's names are those of `__main__`: none of the exercises is there."""
    main = sys.modules["__main__"]
    for _, name in CHECKS:
        monkeypatch.delattr(main, name, raising=False)

    def define(**answers):
        for name, answer in answers.items():
            monkeypatch.setattr(main, name, answer, raising=False)

    return define


@pytest.fixture
def instructor(monkeypatch):
    """Sets the private number."""

    def choose(number):
        if number is None:
            monkeypatch.delenv(exercise.PRIVATE_NUMBER, raising=False)
        else:
            monkeypatch.setenv(exercise.PRIVATE_NUMBER, number)

    return choose


def _visible_and_hidden(key, answer):
    return CHECKS[key](answer) & CHECKS[key](answer, hidden=True)


def right_answer(key):
    """The first right answer to an exercise among its proofs."""
    return next(proof.function for proof in _proofs_of(*key) if proof.points is None)


def _arguments(key, hidden):
    """The arguments of each call of a check."""
    calls = []

    def listens(*arguments):
        calls.append(arguments)
        return right_answer(key)(*arguments)

    CHECKS[key](listens, hidden=hidden)
    return calls


# ---- each answer


def prove_wrong(proof):
    report = _visible_and_hidden((proof.file, proof.exercise), proof.function)
    assert proof.says in str(report), f"the report does not say {proof.says!r}:\n{report}"
    assert report.points == proof.points < report.max_points, str(report)
    assert not report.passed


def prove_right(proof, instructor):
    check = CHECKS[proof.file, proof.exercise]
    report = check(proof.function)
    for number in NUMBERS:
        instructor(number)
        report &= check(proof.function, hidden=True)
    assert report.passed and report.points == report.max_points > 0, str(report)


@pytest.mark.parametrize("proof", _parameters(TOGETHER, wrong=True))
def test_a_wrong_answer_loses_its_points_and_is_told_why(proof):
    prove_wrong(proof)


@pytest.mark.parametrize("proof", _parameters(TOGETHER, wrong=False))
def test_a_right_answer_gets_all_points_whatever_the_private_number(proof, instructor):
    prove_right(proof, instructor)


@pytest.mark.parametrize("key", sorted(APART), ids="-".join)
def test_the_answers_to_an_exercise_that_is_proven_apart(key):
    for proof in _proofs_of(*key):
        report = CHECKS[key](proof.function)
        if proof.points is None:
            assert (report & CHECKS[key](proof.function, hidden=True)).passed, f"{proof.name}: {report}"
        else:
            assert proof.says in str(report), f"{proof.name} does not say {proof.says!r}:\n{report}"
            assert report.points == proof.points < report.max_points, f"{proof.name}: {report}"
    assert CHECKS[key](_unsolved).points == 0


# ---- enough answers


@pytest.mark.parametrize("key", CHECKS, ids="-".join)
def test_each_exercise_has_enough_proofs(key):
    wrong = [proof for proof in _proofs_of(*key) if proof.points is not None]
    right = [proof for proof in _proofs_of(*key) if proof.points is None]
    assert len(wrong) >= (2 if _is_prediction(key) else 6)
    assert len(right) >= (1 if _is_prediction(key) else 3)


def test_each_proof_belongs_to_an_exercise_and_says_something():
    assert proofs.PROOFS
    for proof in proofs.PROOFS:
        assert (proof.file, proof.exercise) in CHECKS, proof
        assert proof.points is None or proof.says, proof
    names = [(proof.file, proof.exercise, proof.name) for proof in proofs.PROOFS]
    assert len(names) == len(set(names)), "two answers of one name: the second hides the first"


def test_each_lesson_with_checks_has_proofs():
    import helpers.checks

    lessons = {name for _, name, _ in pkgutil.iter_modules(helpers.checks.__path__) if name.startswith("lesson")}
    assert lessons <= set(FILES)


# ---- answers that are no answers


def _unsolved(*_):
    raise NotImplementedError


@each_exercise
def test_an_unsolved_exercise_earns_nothing_and_every_criterion_is_open(key):
    report = _visible_and_hidden(key, _unsolved)
    assert report.points == 0
    assert {criterion.status for criterion in report.criteria} == {NOT_YET}
    assert "Not solved yet." in str(report)


@each_exercise
def test_a_missing_name_earns_nothing_and_is_told(key):
    report = CHECKS[key]() & CHECKS[key](hidden=True)
    assert report.points == 0
    assert {criterion.status for criterion in report.criteria} == {NOT_YET}
    assert f"{key[1]} is not defined" in str(report)


@each_exercise
def test_a_name_that_is_no_function_earns_nothing_and_is_told(key, notebook):
    for value in (None, 3, "recurrent"):
        notebook(**{key[1]: value})
        report = CHECKS[key]() & CHECKS[key](hidden=True)
        assert report.points == 0
        assert f"{key[1]} should be a function; it is {describe(value)}" in str(report)


@each_exercise
def test_the_name_is_looked_up_in_the_notebook(key, notebook):
    notebook(**{key[1]: right_answer(key)})
    assert (CHECKS[key]() & CHECKS[key](hidden=True)).passed


def _zeros(value):
    """What has the form of `value` and says nothing."""
    if isinstance(value, (tuple, list)):
        return type(value)(_zeros(item) for item in value)
    if isinstance(value, dict):
        return {name: _zeros(item) for name, item in value.items()}
    return None if value is None else value * 0


@each_exercise
def test_zeros_of_the_right_form_earn_nothing(key):
    assert _visible_and_hidden(key, lambda *arguments: _zeros(right_answer(key)(*arguments))).points == 0


@each_exercise
def test_a_constant_earns_nothing(key):
    for constant in (None, True, *range(12), 1.0, float("nan"), "", "0", (), [], {}, np.zeros(()), np.zeros((4, 4))):
        if choice_of(constant, _lesson(key[0])._choices.get(key[1], ())) is not None:
            continue  # a bet
        report = CHECKS[key](lambda *_: constant)
        assert report.points == 0, f"{constant!r} earns points:\n{report}"


@each_with_cases
def test_an_argument_given_back_earns_nothing(key):
    for i in range(len(_arguments(key, hidden=False)[0])):
        report = CHECKS[key](lambda *arguments: arguments[i])
        assert report.points == 0, f"argument {i} earns points:\n{report}"


@each_exercise
def test_an_exception_earns_nothing_and_is_shown_with_the_line(key):
    def fails(*_):
        raise KeyError("no such thing")

    report = _visible_and_hidden(key, fails)
    assert report.points == 0
    assert "KeyError: 'no such thing'" in str(report)
    assert 'raise KeyError("no such thing")' in str(report)


# ---- hidden tests


@each_with_cases
def test_what_is_learnt_by_heart_from_the_visible_check_earns_nothing(key):
    table = {}

    def listens(*arguments):
        asked = _as_text(arguments)  # before a Generator among them is drawn from
        try:
            answer = right_answer(key)(*arguments)
        except ValueError as error:  # what an exercise must refuse
            answer = error
        return said(table.setdefault(asked, answer))

    def said(answer):
        if isinstance(answer, ValueError):
            raise answer
        return answer

    def by_heart(look_up):
        def answer(*case):
            asked = _as_text(case)
            for generator in case:
                if isinstance(generator, np.random.Generator):
                    generator.random()  # or the check sees that nothing was drawn
            return said(look_up(asked))

        return answer

    assert CHECKS[key](listens).passed
    for answer in (by_heart(table.__getitem__), by_heart(table.get)):
        assert CHECKS[key](answer).passed
        assert _visible_and_hidden(key, answer).points == 0


#: Arguments that name one of a few kinds, all of which a learner sees.
KINDS = ("kind", "activation", "cell", "merge_mode")


def _extents(arguments, names):
    """How large a call's arguments are: pairs of what is measured, in words, and the size, length, number or symbol there."""

    def measured(value, name):
        if isinstance(value, np.ndarray):
            yield from ((f"size of axis {axis} of {name}", size) for axis, size in enumerate(value.shape))
        elif isinstance(value, (list, tuple, dict)):
            if isinstance(value, list):  # a tuple or a dict of an exercise always has the same parts
                yield f"length of {name}", len(value)
            for item in value.values() if isinstance(value, dict) else value:
                yield from measured(item, name)
        elif isinstance(value, str):
            yield f"length of {name}", len(value)
            yield from ((f"symbols of {name}", symbol) for symbol in value)
        elif isinstance(value, (int, np.integer)) and not isinstance(value, (bool, np.bool_)):
            yield f"number {name}", int(value)
        elif is_keras_model(value):
            yield from measured(value.get_weights(), name)

    for value, name in zip(arguments, names):
        if name not in KINDS:
            yield from measured(value, name)


@pytest.mark.parametrize(
    "key", [key for key in CHECKS if key[0].startswith("lesson") and not _asks_the_same(key)], ids="-".join
)
def test_what_fits_only_the_sizes_lengths_and_symbols_of_the_visible_cases_loses_in_the_hidden_ones(key):
    names, seen = list(inspect.signature(right_answer(key)).parameters), collections.defaultdict(set)
    for arguments in _arguments(key, hidden=False):
        for what, found in _extents(arguments, names):
            seen[what].add(found)

    def fitted_to(known):
        def answer(*arguments):
            for what, found in _extents(arguments, names):
                if what in known and found not in seen[what]:
                    raise IndexError(f"{what}: {found!r} is none of {sorted(seen[what])}")
            return right_answer(key)(*arguments)

        return answer

    assert CHECKS[key](fitted_to(seen)).passed
    lets_through = [what for what in seen if CHECKS[key](fitted_to([what]), hidden=True).passed]
    assert not lets_through, f"hidden cases ask nothing that is new in the {lets_through}"


@each_with_cases
def test_each_private_number_asks_cases_of_its_own(key, instructor):
    asked = [_as_text(_arguments(key, hidden=False))]
    for number in NUMBERS:
        instructor(number)
        asked.append(_as_text(_arguments(key, hidden=True)))
        assert _as_text(_arguments(key, hidden=True)) == asked[-1], "the same number asks the same"
    assert len(set(asked)) == len(asked)


def _as_text(arguments):
    """A text that is the same for equal plain values only."""
    if isinstance(arguments, (tuple, list)):
        return "".join(map(_as_text, arguments))
    if isinstance(arguments, dict):
        return "".join(_as_text(pair) for pair in arguments.items())
    if isinstance(arguments, np.random.Generator):
        return repr(arguments.bit_generator.state)
    if isinstance(arguments, np.ndarray):
        return f"{arguments.shape}{arguments.dtype}{arguments.tobytes()}"
    return repr(arguments)


# ---- one rule for what is changed in place, and one for what is kept between calls


def _spoil(value):
    """Change a plain value in place, somewhere inside; whether that can be done."""
    if isinstance(value, np.ndarray) and value.size:
        value[...] = ~value if value.dtype.kind == "b" else value + 1
        return True
    if isinstance(value, list) and value:
        value.append(value[0])
        return True
    items = value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else ()
    return any(map(_spoil, items))


def _lost(report):
    return [criterion for criterion in report.criteria if criterion.status != PASSED]


@each_of_a_lesson
def test_what_changes_an_argument_in_place_loses_the_one_criterion_that_says_so(key):
    changeable = set()

    def changes(i):
        def answer(*arguments):
            result = copy.deepcopy(right_answer(key)(*arguments))
            if _spoil(arguments[i]):
                changeable.add(i)
            return result

        return answer

    for i, name in enumerate(inspect.signature(right_answer(key)).parameters):
        report = CHECKS[key](changes(i))
        assert [("chang" in c.label, f"changed in place: {name}" in str(c.details)) for c in _lost(report)] == [
            (True, True)
        ] * (i in changeable), report


@each_of_a_lesson
def test_what_returns_something_else_when_asked_again_loses_one_criterion_and_is_told(key):
    calls = _arguments(key, hidden=False)
    if any(isinstance(argument, np.random.Generator) or is_keras_model(argument) for call in calls for argument in call):
        return  # chance and a stateful model may answer another way
    known = set()

    def forgets(*arguments):
        asked = _as_text(arguments)
        if asked in known:
            return None
        known.add(asked)
        return right_answer(key)(*arguments)

    lost = _lost(CHECKS[key](forgets))
    assert len(lost) == 1
    assert exercise.STATE in lost[0].details


# ---- lesson 01: answers that call earlier ones


def _calls_rnn_step():
    """unroll as a notebook defines it, where it finds rnn_step by name."""
    source = """
def unroll(x, h_0, weights):
    states, h = [], h_0
    for t in range(x.shape[1]):
        h = rnn_step(x[:, t], h, weights)
        states.append(h)
    return np.stack(states, axis=1)
"""
    main = vars(sys.modules["__main__"])
    names = {}
    exec(compile(source, "a cell", "exec"), main, names)
    return names["unroll"]


def test_a_failing_unroll_blames_the_rnn_step_it_calls(notebook):
    lesson01 = FILES["lesson01"]
    notebook(np=np)
    notebook(rnn_step=lesson01.without_tanh, unroll=_calls_rnn_step())
    report = CHECKS["lesson01", "unroll"]()
    assert report.points == 0
    assert "rnn_step does not pass its own check. If unroll calls it, fix rnn_step first." in str(report)
    notebook(rnn_step=lesson01.rnn_step)
    assert CHECKS["lesson01", "unroll"]().passed


def test_a_failing_unroll_does_not_blame_a_right_rnn_step(notebook):
    lesson01 = FILES["lesson01"]
    notebook(rnn_step=lesson01.rnn_step, unroll=lesson01.state_not_carried)
    assert "fix rnn_step" not in str(CHECKS["lesson01", "unroll"]())


def test_an_unroll_that_calls_an_unsolved_rnn_step_waits_and_names_it(notebook):
    def rnn_step(x_t, h_prev, weights):
        raise NotImplementedError

    main = vars(sys.modules["__main__"])
    rnn_step = type(rnn_step)(rnn_step.__code__, main, "rnn_step")
    notebook(np=np)
    notebook(rnn_step=rnn_step, unroll=_calls_rnn_step())
    report = CHECKS["lesson01", "unroll"]()
    assert {criterion.status for criterion in report.criteria} == {NOT_YET}
    assert "unroll calls rnn_step, which is not solved yet." in str(report)
    assert "fix" not in str(report)


def test_a_failing_wire_blames_the_unroll_it_calls_only_where_it_fails(notebook):
    lesson01 = FILES["lesson01"]
    notebook(rnn_step=lesson01.rnn_step, unroll=lesson01.starts_from_zero, wire=lesson01.last_sample)
    text = str(CHECKS["lesson01", "wire"]())
    assert "fix unroll first" in text
    assert "fix rnn_step first" not in text
    assert "fix" not in str(CHECKS["lesson01", "wire"](lesson01.wire))


@pytest.mark.parametrize("name", [name for file, name in CHECKS if file == "lesson01"])
def test_solved_says_which_exercise_a_demo_waits_for(name, notebook, capsys):
    lesson = _lesson("lesson01")
    assert not lesson.solved(name)
    assert name in capsys.readouterr().out
    notebook(**{name: right_answer(("lesson01", name))})
    assert lesson.solved(name)
    assert capsys.readouterr().out == ""


# ---- known mistakes can be told apart by what the visible check asks

#: Mistakes that are one in their results, where no case could tell them apart; the words of the first say so or may stand.
TWINS = {
    ("the mask is the wrong way round: padding is what counts", "exp of a large logit overflows"),
    ("strip() is applied: spaces and line ends at both ends count", "in text alone, strip() is applied"),
    ("lower() is applied: a capital is a character of its own", "the passage comes back in lower case"),
    ("only the last state comes back", "the axis of time is missing, which has length 1 here"),
    ("the states stand one below the other", "the axis of time is missing, which has length 1 here"),
    ("the states stand side by side", "the axis of time is missing, which has length 1 here"),
    ("0 is taken for padding, and the mask is not used", "0 is taken for padding, but it is a symbol too"),
    ("something small is added inside the logarithm", "the probabilities are clipped from below"),
    ("spaces and newlines at both ends are stripped", "the newline at the end is not predicted"),
    ("the axes batch and time are swapped in the result", "the axes batch and time are swapped: step t"),
    ("the boundary newlines are predicted too: n - 1 of them stand in front", "the boundary newlines are predicted too: n - 1 of them stand between"),
    ("the state is set back to zero in every step", "the recurrent term h @ W_hh is missing"),
    ("probabilities are kept above", "probabilities are kept above"),
    ("the two arrays are exchanged", "the output layer is missing"),
    ("W_hh is counted twice", "two directions are counted as one layer of twice the size"),
    ("where there is nothing to divide by, precision and recall are 1.0", "a small number is added to what is divided by"),
    ("the gradient is cut after every step", "the carry from step t+1 is not added in the loop"),
}
#: Mistakes known by a sign that others share (nan, a term that is missing): they are looked at last, or where that sign comes.
SIGNS = (
    "what is subtracted is not finite", "the logarithm of a probability that has become 0", "0 times -inf is nan",
    "a probability is 0 in float32, or exp", "no state arrives from the step before", "h_t is in it, but a linear unit's derivative is 1", "relu's derivative is 1",
)  # fmt: skip


def _seen(key, monkeypatch):
    """The cases that the visible check sees of a right answer."""
    cases, see = [], exercise.Examination._see
    monkeypatch.setattr(exercise.Examination, "_see", lambda run, case: cases.append(case) or see(run, case))
    assert CHECKS[key](right_answer(key)).passed
    return cases


def _listed(first, second):
    pairs = ((first, second), (second, first))
    return any(a.startswith(x) and b.startswith(y) for a, b in pairs for x, y in TWINS) or f"{first}\n{second}".startswith(
        SIGNS
    ) or second.startswith(SIGNS)


@each_with_cases
def test_no_known_mistake_gives_the_truth_in_all_visible_cases_and_no_two_give_the_same(key, monkeypatch):
    cases, made = _seen(key, monkeypatch), {}
    with np.errstate(all="ignore"):
        for number, case in enumerate(cases):
            for text in case.mistakes:
                made.setdefault(text, {})[number] = diagnosis._made(text, case)

    def same(number, a, b):
        if any(value is diagnosis._NOTHING or value is None for value in (a, b)):
            return a is b
        return not difference(a, b, max(cases[number].tolerance, diagnosis.ROUNDED))

    for text, results in made.items():
        assert any(
            value is not diagnosis._NOTHING and value is not None and difference(cases[n].expected, value, cases[n].tolerance)
            for n, value in results.items()
        ), f"no case shows this mistake: {text}"
    texts = list(made)
    for i, first in enumerate(texts):
        for second in texts[i + 1 :]:
            both = made[first].keys() & made[second].keys()
            if both and not _listed(first, second):
                assert not all(same(n, made[first][n], made[second][n]) for n in both), f"{first}\n{second}"
