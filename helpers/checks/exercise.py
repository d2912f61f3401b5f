"""How a lesson states its exercises, and how a check goes through their criteria."""

import functools
import hashlib
import operator
import os

import numpy as np

from helpers.checks import calling, values
from helpers.checks.report import FAILED, NOT_YET, PASSED, Criterion, Report

#: How a diagnosis begins.
CAUSE = "likely cause:"

#: All that is said of a hidden case, beside the likely cause.
HIDDEN = "passes the tests you see, but not a hidden one"

#: Relative error below which only rounding, of float32 say, can be to blame.
ROUNDED = 1e-6

#: The environment variable with the instructor's private number, from which hidden tests take their seeds.
PRIVATE_NUMBER = "RNN_COURSE_PRIVATE_NUMBER"


class Lesson:
    """The exercises of one lesson."""

    def __init__(self):
        self._checks = {}
        self._passed_by = {}  # for an exercise that passed, what the notebook held under every exercise's name then

    def exercise(self, arguments, points, needs=(), seconds=10.0, errors=None):
        """Decorator: turn `examine(check)` into a check cell's function.

        Parameters
        ----------
        arguments : sequence of str
            Names of the exercise's arguments, in order; none for a prediction.
        points : dict of str to (str, int)
            For each criterion its key, what the learner reads, and its points.
        needs : sequence of str
            Earlier exercises of this lesson that a solution may call.
        seconds : float
            Time limit of one call.
        errors : dict of str to str, optional
            For words in the message of an exception what is its likely cause.

        Returns
        -------
        callable
            `check(function=None, *, hidden=False) -> Report`; it never raises for what a learner
            wrote. Without `function` the exercise is looked up by its name.
        """

        def decorate(examine):
            name = examine.__name__

            @functools.wraps(examine)
            def check(function=None, *, hidden=False):
                run = Examination(name, function, hidden, arguments, points, seconds, errors or {})
                if run.ready:
                    with np.errstate(all="ignore"):  # a check's own arithmetic writes nothing into the cell
                        examine(run)
                blamed = [n for n in needs if not run.all_passed and not self._passes(n)]
                return run.report(blamed)

            self._checks[name] = check
            return check

        return decorate

    def prediction(self, name, choices):
        """A check that gives its point for any committed answer: what counts is to commit before the demo.

        Parameters
        ----------
        name : str
            Of the exercise, a function without arguments: "prediction_...".
        choices : sequence of str
            What it may return; capitals and spaces around it do not matter.

        Returns
        -------
        callable
            As `exercise` makes it.
        """
        options = ", ".join(repr(choice) for choice in choices)

        def examine(check):
            got = check.inspect((), str, f"one of {options}")
            if got is not None and got.strip().lower() not in choices:
                check.failed("committed", f"got {got[:40]!r}; choose one of {options}")
            elif got is not None:
                check.passed("committed")

        examine.__name__, examine.__doc__ = name, f"Prediction: one of {options}."
        return self.exercise(arguments=(), points={"committed": ("an answer is committed", 1)})(examine)

    def solved(self, *names):
        """Whether these exercises pass their checks; prints one line that names those that do not.

        For demos that need exercises: `if checks.solved("rnn_step"): ...`
        """
        missing = [name for name in names if not self._passes(name)]
        if missing:
            print(f"This demo waits for {' and '.join(missing)}: do it above, then run this cell again.")
        return not missing

    def forget(self):
        """Forget which exercises have passed: another submission follows."""
        self._passed_by.clear()

    def _passes(self, name):
        """Whether it passes; not asked again until one of the lesson's exercises is defined anew."""
        held = [calling.find(exercise)[0] for exercise in self._checks]
        before = self._passed_by.get(name, ())
        if len(before) == len(held) and all(map(operator.is_, before, held)):
            return True
        passed = self._checks[name]().passed
        self._passed_by[name] = held if passed else ()
        return passed


class Examination:
    """One run of a check: calls the learner's function and notes how each criterion goes.

    Attributes
    ----------
    rng : numpy.random.Generator
        Source of the cases: fixed for the visible check, from the private number for the hidden one.
    ready : bool
        Whether there is a function to call; False after a call that did not end.
    idle : tuple of str
        The Generators among the last call's arguments that nothing was drawn from.
    """

    def __init__(self, name, function, hidden, arguments, points, seconds, errors):
        self.rng = np.random.default_rng(_seed(name, hidden))
        self._name, self._hidden, self._arguments, self._seconds, self._errors = name, hidden, arguments, seconds, errors
        self._criteria = {key: Criterion(label, worth) for key, (label, worth) in points.items()}
        self._remarks, self._printed, self._changed, self._waiting = [], "", [], set()
        self.idle = ()
        self._given, note = (function, "") if function is not None else calling.find(name)
        if note:
            self._remarks.append(note)
        self.ready = self._given is not None
        if self._given is None and not note:
            self._remarks.append(f"{name} should be a function; it is None. Does a decorator return nothing?")
        elif self.ready and not callable(self._given) and not isinstance(self._given, calling.StandIn):
            self._remarks.append(f"{name} should be a function; it is {values.describe(self._given)}.")
            self.ready = False

    @property
    def all_passed(self):
        return all(c.status == PASSED for c in self._criteria.values())

    def expect(self, criterion, arguments, expected, mistakes=None, tolerance=1e-9, case="", locate=None):
        """Call the function and hold its result against the truth.

        Parameters
        ----------
        criterion : str
            Key of the criterion that this case belongs to.
        arguments : sequence of plain values
        expected : plain value
        mistakes : dict of str to callable, optional
            Known mistakes: for each diagnosis, a function of the same arguments that gives what the mistake gives.
        tolerance : float
            Largest norm-wise relative error.
        case : str
            What is special here, in words ("a batch of one").
        locate : callable, optional
            `locate(expected, got)` says in words where a wrong result parts from the truth, or "".

        Returns
        -------
        plain value or None
            What the function gave back, None where it gave nothing usable.
        """
        if (outcome := self._attempt(criterion, arguments)) is None:
            return None
        problem = outcome.problem or values.difference(expected, outcome.value, tolerance)
        if not problem:
            self.passed(criterion)
            return outcome.value
        causes = self._causes(arguments, expected, outcome, mistakes or {}, tolerance)
        place = locate(expected, outcome.value) if locate and outcome.kind == calling.OK else ""
        shown = self.describe(arguments, case)
        self.failed(criterion, shown, problem, *([place] if place else []), *causes)
        return None

    def expect_error(self, criterion, arguments, error, mentions=(), case=""):
        """Call the function with what it must refuse, and look at the exception it raises.

        Parameters
        ----------
        criterion : str
            Key of the criterion that this case belongs to.
        arguments : sequence of plain values
        error : str
            Name of the exception's type, such as "ValueError".
        mentions : sequence of str
            What its message must hold.
        case : str
            What is wrong with these arguments, in words.
        """
        if (outcome := self._attempt(criterion, arguments)) is None:
            return
        shown = self.describe(arguments, case)
        if outcome.kind == calling.OK:
            self.failed(criterion, shown, f"expected a {error}, got {values.describe(outcome.value)}")
        elif error not in outcome.error:
            self.failed(criterion, shown, f"expected a {error}, got this instead:\n{outcome.problem}")
        elif lacking := [m for m in mentions if m not in outcome.message]:
            wanted = " and ".join(map(repr, lacking))
            self.failed(criterion, shown, f"the {error}'s message does not hold {wanted}: {outcome.message!r}")
        else:
            self.passed(criterion)

    def inspect(self, arguments, accept, wanted, criteria=None, case=""):
        """Call the function and give back its result, for criteria that look at it or its parts themselves.

        Parameters
        ----------
        arguments : sequence of plain values
        accept : type or callable
            The type the result must have, or a function that says whether a result will do.
        wanted : str
            The result in words, for the learner.
        criteria : sequence of str, optional
            Keys of the criteria that fail or wait where there is no such result; all of them without it.
        case : str
            What is special here, in words.

        Returns
        -------
        object or None
            The result; None where there is none that will do.
        """
        concerned = self._criteria if criteria is None else criteria
        outcome = self._call(arguments) if self.ready else None
        if outcome is None:
            for criterion in concerned:
                self._leave_open(criterion)
            return None
        problem = outcome.problem
        if not problem:
            fits = type(outcome.value) is accept if isinstance(accept, type) else accept(outcome.value)
            problem = "" if fits else f"expected {wanted}, got {values.describe(outcome.value)}"
        if not problem:
            return outcome.value
        causes = self._causes(arguments, np.empty(0) if accept is np.ndarray else None, outcome, {}, 0.0)
        for criterion in concerned:
            self.failed(criterion, self.describe(arguments, case), problem, *causes)
        return None

    def settle(self, criterion, arguments, expected, got, mistakes=None, tolerance=1e-9, case="", part=""):
        """Hold what a call gave, or a part of it, against the truth; as in `expect`, without a call.

        Parameters
        ----------
        got : plain value
        part : str
            What the learner calls this part, such as "logits".
        """
        if not (problem := values.difference(expected, got, tolerance)):
            self.passed(criterion)
            return
        shown = self.describe(arguments, case)
        causes = known_mistake(arguments, expected, got, mistakes or {}, tolerance)
        self.failed(criterion, shown, f"{part}: {problem}" if part else problem, *causes)

    def describe(self, arguments, case=""):
        """The arguments of a case, in words, and what is special about it."""
        if not self._arguments:
            return "your answer:"
        shown = ", ".join(s for n, a in zip(self._arguments, arguments) for s in _shapes(n, a))
        return f"case: {shown}" + (f" ({case})" if case else "")

    def has_passed(self, criterion):
        """Whether every case of this criterion has gone well so far."""
        return self._criteria[criterion].status == PASSED

    def passed(self, criterion):
        """Note that a case of this criterion went well; a failure stays a failure."""
        if self._criteria[criterion].status == NOT_YET and criterion not in self._waiting:
            self._criteria[criterion].status = PASSED

    def failed(self, criterion, *details):
        """Note that this criterion failed, and why."""
        line = self._criteria[criterion]
        if line.status == FAILED:
            return
        line.status, line.details = FAILED, list(details)
        if self._hidden:  # the category of the failure, not the case
            causes = [d for d in details if d.startswith(CAUSE)]
            line.details = [HIDDEN, *causes]

    def single_precision(self, criterion, arguments, truth, needs):
        """Hold that float32 in gives float32 out, asked only once `needs` has passed.

        Parameters
        ----------
        criterion, needs : str
            Keys of criteria.
        arguments : sequence of plain values
            In float64; the function gets them as float32.
        truth : callable
            Of the same arguments.
        """
        if not self.has_passed(needs):
            return
        arguments = [_single(argument) for argument in arguments]
        got = self.expect(criterion, arguments, truth(*arguments), tolerance=1e-4, case="float32")
        wrong = [] if got is None else sorted({str(a.dtype) for a in _arrays(got)} - {"float32"})
        if wrong:
            cause = f"{CAUSE} an array gets the default dtype float64, or a NumPy float64 scalar multiplies it: wrap it in float()"
            self.failed(criterion, f"float32 went in, {' and '.join(wrong)} came out", cause)

    def unchanged(self, criterion, needs):
        """Settle the criterion that no argument was changed in place, earned only with `needs`."""
        if self._changed:
            places = ", ".join(self._changed)
            self.failed(criterion, f"changed in place: {places}", f"{CAUSE} an assignment such as += or [...] =")
        elif self.has_passed(needs):
            self.passed(criterion)

    def report(self, blamed=()):
        """The `Report` of this run; `blamed` names earlier exercises that fail their own checks."""
        started = any(c.status != NOT_YET for c in self._criteria.values())
        for name in blamed if started else ():
            self._remarks.append(
                f"{name} does not pass its own check. If {self._name} calls it, mend {name} first."
            )
        stopped = any(c.status == FAILED for c in self._criteria.values())
        told = set()
        for line in self._criteria.values():  # one mistake often fails several criteria: say it once
            problem = tuple(d for d in line.details if d.startswith(CAUSE)) or tuple(line.details[1:])
            if line.status == FAILED and problem and problem in told:
                line.details = [line.details[0], "as above"]
            told.add(problem)
            if line.status == NOT_YET and stopped and not line.details:
                line.details = ["not checked yet: what failed comes first"]
        if self._printed and not self.all_passed and not self._hidden:  # a hidden case may be in what it printed
            self._remarks.append(f"While it ran, your code wrote:\n{self._printed}")
        return Report(self._name, self._criteria.values(), self._remarks)

    def _call(self, arguments):
        """The outcome of a call, None where the exercise is not solved yet."""
        outcome = calling.call(self._given, arguments, self._arguments, self._seconds)
        self._printed = self._printed or outcome.printed
        self._changed += [place for place in outcome.changed if place not in self._changed]
        self.idle = outcome.idle
        self.ready = outcome.kind not in (calling.TOO_LONG, calling.ENDED)
        if outcome.kind != calling.UNSOLVED:
            return outcome
        remark = f"{outcome.problem}."
        self._remarks += [remark] if remark not in self._remarks else []
        return None

    def _attempt(self, criterion, arguments):
        """The outcome of a call for one criterion; None where it has failed already, or cannot be tried."""
        if self._criteria[criterion].status == FAILED:
            return None
        outcome = self._call(arguments) if self.ready and criterion not in self._waiting else None
        if outcome is None:
            self._leave_open(criterion)
        return outcome

    def _leave_open(self, criterion):
        """A case that cannot be tried takes back the point its criterion had until then."""
        self._waiting.add(criterion)
        if self._criteria[criterion].status == PASSED:
            self._criteria[criterion].status = NOT_YET

    def _causes(self, arguments, expected, outcome, mistakes, tolerance):
        if outcome.kind != calling.OK:
            known = [f"{CAUSE} {cause}" for words, cause in self._errors.items() if words in outcome.problem]
            return known or ([f"{CAUSE} {outcome.reason}"] if self._hidden else [])
        if outcome.value is None:
            prints = "it prints its result instead of returning it" if outcome.printed else "no return statement"
            return [f"{CAUSE} {prints}"]
        if type(outcome.value) in (list, tuple) and isinstance(expected, np.ndarray):
            return [f"{CAUSE} a sequence of arrays; make it one array with np.stack or np.array"]
        if known := known_mistake(arguments, expected, outcome.value, mistakes, tolerance):
            return known
        if isinstance(expected, np.ndarray) and not values.difference(expected.squeeze(), outcome.value, tolerance):
            return [f"{CAUSE} an axis of length 1 is gone, as after squeeze or [0]"]
        return []


def known_mistake(arguments, expected, got, mistakes, tolerance):
    """The known mistake that gives what came, as a list of one diagnosis; an empty list where none does.

    Parameters
    ----------
    arguments : sequence of plain values
        What each mistake is called with.
    expected, got : plain values
    mistakes : dict of str to callable
    tolerance : float
    """
    for text, mistake in mistakes.items():
        try:
            wrong = mistake(*(values.duplicate(a) for a in arguments))
        except (ValueError, IndexError, TypeError):  # this mistake cannot be made with these shapes
            continue
        same = not values.difference(wrong, got, max(tolerance, ROUNDED))
        if same and values.difference(expected, wrong, tolerance):
            return [f"{CAUSE} {text}"]
    if tolerance < ROUNDED and not values.difference(expected, got, ROUNDED):
        return [f"{CAUSE} right but for rounding: is something turned into float32 on the way?"]
    return []


def _seed(name, hidden):
    number = os.environ.get(PRIVATE_NUMBER, "0") if hidden else "visible"
    return list(hashlib.sha256(f"{number}/{name}".encode()).digest())


def _single(value):
    """The same with every array of floating point as float32."""
    if isinstance(value, (tuple, list)):
        return type(value)(_single(item) for item in value)
    if isinstance(value, dict):
        return {key: _single(item) for key, item in value.items()}
    return value.astype(np.float32) if isinstance(value, np.ndarray) and value.dtype.kind == "f" else value


def _arrays(value):
    """The arrays of floating point in a plain value, real and complex."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (tuple, list)):
        return [array for item in value for array in _arrays(item)]
    return [value] if isinstance(value, np.ndarray) and value.dtype.kind in "fc" else []


def _shapes(name, value):
    if isinstance(value, np.ndarray):
        return [f"{name} {value.shape}"]
    if isinstance(value, dict):
        return [s for key, item in value.items() for s in _shapes(key, item)]
    if isinstance(value, np.random.Generator) or values.is_keras_model(value):
        return [f"{name} = {values.describe(value)}"]
    if isinstance(value, list) and value and all(isinstance(item, np.ndarray) for item in value):
        return [f"{name} [{', '.join(str(item.shape) for item in value)}]"]
    return [f"{name} = {value!r}"[:60]]
