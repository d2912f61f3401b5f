"""How a lesson states its exercises, and how a check goes through their criteria."""

import functools
import hashlib
import os

import numpy as np

from helpers.checks import calling, values
from helpers.checks.report import FAILED, NOT_YET, PASSED, Criterion, Report

#: How a diagnosis begins.
CAUSE = "likely cause:"

#: Relative error below which only rounding, of float32 say, can be to blame.
ROUNDED = 1e-6

#: The environment variable with the instructor's private number, from which hidden tests take their seeds.
PRIVATE_NUMBER = "RNN_COURSE_PRIVATE_NUMBER"


class Lesson:
    """The exercises of one lesson."""

    def __init__(self):
        self._checks = {}

    def exercise(self, arguments, points, needs=(), seconds=10.0):
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
                run = Examination(name, function, hidden, arguments, points, seconds)
                if run.ready:
                    with np.errstate(all="ignore"):  # a check's own arithmetic writes nothing into the cell
                        examine(run)
                blamed = [n for n in needs if not run.all_passed and not self._passes(n)]
                return run.report(blamed)

            self._checks[name] = check
            return check

        return decorate

    def solved(self, *names):
        """Whether these exercises pass their checks; prints one line that names those that do not.

        For demos that need exercises: `if checks.solved("rnn_step"): ...`
        """
        missing = [name for name in names if not self._passes(name)]
        if missing:
            print(f"This demo waits for {' and '.join(missing)}: do it above, then run this cell again.")
        return not missing

    def _passes(self, name):
        return self._checks[name]().passed


class Examination:
    """One run of a check: calls the learner's function and notes how each criterion goes.

    Attributes
    ----------
    rng : numpy.random.Generator
        Source of the cases: fixed for the visible check, from the private number for the hidden one.
    ready : bool
        Whether there is a function to call; False after a call that did not end.
    """

    def __init__(self, name, function, hidden, arguments, points, seconds):
        self.rng = np.random.default_rng(_seed(name, hidden))
        self._name, self._hidden, self._arguments, self._seconds = name, hidden, arguments, seconds
        self._criteria = {key: Criterion(label, worth) for key, (label, worth) in points.items()}
        self._remarks, self._printed, self._changed, self._waiting = [], "", [], set()
        self._given, note = (function, "") if function is not None else calling.find(name)
        if note:
            self._remarks.append(note)
        self.ready = self._given is not None
        if self._given is None and not note:
            self._remarks.append(f"{name} should be a function; it is None. Does a decorator return nothing?")
        elif self.ready and not callable(self._given):
            self._remarks.append(f"{name} should be a function; it is {values.describe(self._given)}.")
            self.ready = False

    @property
    def all_passed(self):
        return all(c.status == PASSED for c in self._criteria.values())

    def expect(self, criterion, arguments, expected, mistakes=None, tolerance=1e-9, case=""):
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

        Returns
        -------
        plain value or None
            What the function gave back, None where it gave nothing usable.
        """
        if self._criteria[criterion].status == FAILED:
            return None
        outcome = self._call(arguments) if self.ready and criterion not in self._waiting else None
        if outcome is None:
            self._leave_open(criterion)
            return None
        problem = outcome.problem or values.difference(expected, outcome.value, tolerance)
        if not problem:
            self.passed(criterion)
            return outcome.value
        causes = self._causes(arguments, expected, outcome, mistakes or {}, tolerance)
        self.failed(criterion, self.describe(arguments) + (f" ({case})" if case else ""), problem, *causes)
        return None

    def inspect(self, arguments, kind, wanted):
        """Call the function and give back its result, for criteria that look at parts of it.

        Parameters
        ----------
        arguments : sequence of plain values
        kind : type
            Type the result must have.
        wanted : str
            The result in words, for the learner.

        Returns
        -------
        object or None
            The result; None where there is none of this type, and then every criterion failed or waits.
        """
        outcome = self._call(arguments) if self.ready else None
        if outcome is None:
            for criterion in self._criteria:
                self._leave_open(criterion)
            return None
        problem = outcome.problem or (
            "" if type(outcome.value) is kind else f"expected {wanted}, got {values.describe(outcome.value)}"
        )
        if not problem:
            return outcome.value
        causes = self._causes(arguments, kind(), outcome, {}, 0.0)
        for criterion in self._criteria:
            self.failed(criterion, self.describe(arguments), problem, *causes)
        return None

    def describe(self, arguments):
        """The arguments of a case, in words."""
        if not self._arguments:
            return "your answer:"
        return "case: " + ", ".join(s for n, a in zip(self._arguments, arguments) for s in _shapes(n, a))

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
            line.details = ["passes the tests you see, but not a hidden one", *causes]

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
        told = set()
        for line in self._criteria.values():  # one mistake often fails several criteria: say it once
            problem = tuple(d for d in line.details if d.startswith(CAUSE)) or tuple(line.details[1:])
            if line.status == FAILED and problem and problem in told:
                line.details = [line.details[0], "as above"]
            told.add(problem)
        if self._printed and not self.all_passed and not self._hidden:  # a hidden case may be in what it printed
            self._remarks.append(f"While it ran, your code wrote:\n{self._printed}")
        return Report(self._name, self._criteria.values(), self._remarks)

    def _call(self, arguments):
        """The outcome of a call, None where the exercise is not solved yet."""
        outcome = calling.call(self._given, arguments, self._arguments, self._seconds)
        self._printed = self._printed or outcome.printed
        self._changed += [place for place in outcome.changed if place not in self._changed]
        self.ready = outcome.kind != calling.TOO_LONG
        if outcome.kind != calling.UNSOLVED:
            return outcome
        remark = f"{outcome.problem}."
        self._remarks += [remark] if remark not in self._remarks else []
        return None

    def _leave_open(self, criterion):
        """A case that cannot be tried takes back the point its criterion had until then."""
        self._waiting.add(criterion)
        if self._criteria[criterion].status == PASSED:
            self._criteria[criterion].status = NOT_YET

    def _causes(self, arguments, expected, outcome, mistakes, tolerance):
        if outcome.kind != calling.OK:
            return [f"{CAUSE} {outcome.reason}"] if self._hidden else []
        if outcome.value is None:
            prints = "it prints its result instead of returning it" if outcome.printed else "no return statement"
            return [f"{CAUSE} {prints}"]
        if type(outcome.value) in (list, tuple) and isinstance(expected, np.ndarray):
            return [f"{CAUSE} a sequence of arrays; make it one array with np.stack or np.array"]
        for text, mistake in mistakes.items():
            try:
                wrong = mistake(*(values.duplicate(a) for a in arguments))
            except (ValueError, IndexError):  # this mistake cannot be made with these shapes
                continue
            same = not values.difference(wrong, outcome.value, max(tolerance, 1e-6))
            if same and values.difference(expected, wrong, tolerance):
                return [f"{CAUSE} {text}"]
        if tolerance < ROUNDED and not values.difference(expected, outcome.value, ROUNDED):
            return [f"{CAUSE} right but for rounding: is something turned into float32 on the way?"]
        if isinstance(expected, np.ndarray) and not values.difference(expected.squeeze(), outcome.value, tolerance):
            return [f"{CAUSE} an axis of length 1 is gone, as after squeeze or [0]"]
        return []


def _seed(name, hidden):
    number = os.environ.get(PRIVATE_NUMBER, "0") if hidden else "visible"
    return list(hashlib.sha256(f"{number}/{name}".encode()).digest())


def _shapes(name, value):
    if isinstance(value, np.ndarray):
        return [f"{name} {value.shape}"]
    if isinstance(value, dict):
        return [s for key, item in value.items() for s in _shapes(key, item)]
    if isinstance(value, np.random.Generator) or values.is_keras_model(value):
        return [f"{name} = {values.describe(value)}"]
    return [f"{name} = {value!r}"[:60]]
