"""How a lesson states its exercises, and how a check goes through their criteria."""

import ast
import dataclasses
import functools
import hashlib
import numbers
import operator
import os

import numpy as np

from helpers.checks import calling, values
from helpers.checks.bets import Bet, choice_of
from helpers.checks.diagnosis import Case, constant, known_mistake, telling
from helpers.checks.points import Points
from helpers.checks.report import CAUSE, FAILED, NOT_YET, PASSED, Criterion, Report, fingerprint, plural

#: All that is said of a hidden case, beside the likely cause.
HIDDEN = "passes the tests you see, but not a hidden one"

#: The environment variable with the instructor's private number, from which hidden tests take their seeds.
PRIVATE_NUMBER = "RNN_COURSE_PRIVATE_NUMBER"

#: Relative error that two calls with the same arguments may have between them: threads may sum in another order.
REPEATED = 1e-6

#: By how much the sizes of a hidden case exceed those that a learner sees.
LARGER = 1

#: For each Latin letter the one that takes its place in a hidden case.
CYRILLIC = {ord(first) + i: ord(other) + i for first, other in ("aа", "AА") for i in range(26)}

#: How many cases of a criterion are looked at once one has failed and its result could be chance.
EVIDENCE = 8

#: Control characters as something that can be seen, and is not what repr shows.
VISIBLE = {code: chr(0x2400 + code) for code in range(32)}

STATE = (
    f"{CAUSE} a second call with the same arguments returns something else: state is kept between calls "
    "(a global variable, a default argument that is changed, random numbers), or np.empty is used, which holds "
    "leftovers until each place is filled"
)
STALE = (
    f"{CAUSE} with other weights of the same sizes the result is still the old one: state is kept between calls, "
    "such as weights of an earlier call"
)


class Lesson:
    """The exercises of one lesson."""

    def __init__(self):
        self._checks, self._needs, self._demos, self._choices, self._tempting = {}, {}, {}, {}, {}
        self._reports = {}  # by exercise: what the notebook held when it was checked, and the report

    def exercise(self, arguments, points, needs=(), seconds=10.0, errors=None, demos=None):
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
        demos : sequence of str, optional
            Keys of the criteria that the lesson's demos rely on; all of them without it.

        Returns
        -------
        callable
            `check(function=None, *, hidden=False) -> Report`; it never raises for what a learner
            wrote. Without `function` the exercise is looked up by its name.
        """
        if unknown := set(demos or ()) - set(points):
            raise ValueError(f"demos names no criterion: {', '.join(sorted(unknown))}")

        def decorate(examine):
            name = examine.__name__
            self._needs[name] = tuple(needs)
            self._demos[name] = [label for key, (label, _) in points.items() if demos is None or key in demos]

            @functools.wraps(examine)
            def check(function=None, *, hidden=False):
                run = Examination(name, function, hidden, arguments, points, seconds, errors or {})
                with np.errstate(all="ignore"):  # a check's own arithmetic writes nothing into the cell
                    if run.ready:
                        examine(run)
                        run.ask_again()
                    blamed = [n for n in needs if not run.all_passed and not self._passes(n)]
                    report = run.report(blamed)
                if function is None and not hidden:
                    self._reports[name] = self._held(name), report
                return report

            self._checks[name] = check
            return check

        return decorate

    def prediction(self, name, choices, tempting=None):
        """A check that gives its point for any committed answer: what counts is to commit before the demo.

        Parameters
        ----------
        name : str
            Of the exercise, a function without arguments: "prediction_...".
        choices : sequence of str
            What it may return; a number may come as a number, and capitals, spaces and quotes around it do not matter.
        tempting : dict of str to str, optional
            For choices that will turn out wrong, the sentence that says why each is tempting; see `bet`.

        Returns
        -------
        callable
            As `exercise` makes it.
        """
        self._choices[name], self._tempting[name] = tuple(choices), tempting or {}
        options = ", ".join(choices)

        def examine(check):
            got = check.inspect((), lambda value: isinstance(value, (str, numbers.Real)), f"one of {options}")
            if got is not None and choice_of(got, choices) is None:
                said = repr(got[:40]) if isinstance(got, str) else values.describe(got)
                check.failed("committed", f"got {said}; choose one of {options}")
            elif got is not None:
                check.passed("committed")

        examine.__name__, examine.__doc__ = name, f"Prediction: one of {options}."
        return self.exercise(arguments=(), points={"committed": ("you have placed your bet", 1)})(examine)

    def solved(self, *names, quiet=False):
        """Whether these exercises do what demos need of them; prints what is there and what is missing if not.

        For demos that need exercises: `if checks.solved("rnn_step"): ...`. A claims cell asks quietly, since the
        demo before it has printed that already.
        """
        waiting = [line for name in names if (line := self._waiting(name))]
        if waiting and not quiet:
            print("\n".join(waiting))
        return not waiting

    def bet(self, name, measured):
        """Show in one line whether the bet on a demo was right, and why a wrong one was tempting.

        Parameters
        ----------
        name : str
            Of a prediction.
        measured : str or number
            The choice that the demo found.
        """
        from IPython.display import display

        function, _ = calling.find(name)
        outcome = calling.call(function, ()) if function is not None else None
        answer = outcome.value if outcome is not None and outcome.kind == calling.OK else None
        display(Bet(name, self._choices[name], answer, measured, self._tempting[name]))

    def points_so_far(self):
        """The points of each exercise of this lesson, by the visible checks: for a lesson's last cell.

        Returns
        -------
        Points
            Checks only what has been defined anew since it was checked.
        """
        return Points([self._known_report(name) for name in self._checks])

    def forget(self):
        """Forget what is known of the exercises: another submission follows."""
        self._reports.clear()

    def _held(self, name):
        """What the notebook holds under an exercise's name, and under those of the exercises that it may call."""
        names, waiting = [], [name]
        while waiting:
            if (next_name := waiting.pop()) not in names:
                names.append(next_name)
                waiting += self._needs[next_name]
        return [calling.find(n)[0] for n in names]

    def _known_report(self, name, again=lambda report: False):
        """The report of the visible check, asked anew where an exercise is defined anew or `again` holds."""
        before, report = self._reports.get(name, ((), None))
        held = self._held(name)
        known = len(before) == len(held) and all(map(operator.is_, before, held))
        return report if known and not again(report) else self._checks[name]()

    def _passes(self, name):
        """Whether it passes; what has failed is asked again, as something that it calls may be repaired by now."""
        return self._known_report(name, lambda report: not report.passed).passed

    def _waiting(self, name):
        """Why demos have to wait for an exercise, in words; "" if they need not."""

        def lacking(report):
            return [c.label for c in report.criteria if c.status != PASSED and c.label in self._demos[name]]

        report = self._known_report(name, lacking)
        missing = lacking(report)
        if not missing:
            return ""
        if not report.begun:
            todo = "commit your answer above" if name in self._choices else "write it above"
            return f"This demo needs `{name}`: {todo}, then run this cell again."
        more = f" (and {len(missing) - 1} more)" if len(missing) > 1 else ""
        score = f"{report.points:g} of {plural(report.max_points, 'point')}"
        return f"This demo needs `{name}`, which has {score}. Still open: {missing[0]}{more}."


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
        self._larger = LARGER if hidden else 0
        self._name, self._hidden, self._arguments, self._seconds, self._errors = name, hidden, arguments, seconds, errors
        self._criteria = {key: Criterion(label, worth) for key, (label, worth) in points.items()}
        self._remarks, self._printed, self._changed, self._waiting = [], "", [], set()
        self._cases, self._failed_cases, self._shown_cases = [], {}, {}
        self._calls, self._last, self._kept = [], None, ""
        self._code = "" if function is not None else fingerprint(found) if (found := calling.source(name)) else ""
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

    def sizes(self, sizes):
        """Sizes of cases: as they stand in the visible check, all that exceed 1 larger in the hidden one.

        What is right for the sizes of the visible cases only (a loop over 6 steps, an array of 27 columns) thus meets
        another size in each axis; sizes that are equal stay equal, and 0 and 1 stay what is special about them.

        Parameters
        ----------
        sizes : int, or a list, tuple or dict of sizes

        Returns
        -------
        int, list, tuple or dict
            Of the same form.
        """
        if isinstance(sizes, dict):
            return {name: self.sizes(size) for name, size in sizes.items()}
        if isinstance(sizes, (list, tuple)):
            return type(sizes)(map(self.sizes, sizes))
        return sizes + self._larger if sizes > 1 else sizes

    def letters(self, text):
        """A text as it stands in the visible check; in the hidden one its letters are Cyrillic, capitals still capitals.

        What is right for the visible cases' alphabet only (a table of 26 letters, `ord(c) - 97`) thus meets another one.
        """
        return text.translate(CYRILLIC) if self._hidden else text

    def expect(self, criterion, arguments, expected, mistakes=None, tolerance=1e-9, case="", locate=None, told=None, branch=""):
        """Call the function and hold its result against the truth.

        Parameters
        ----------
        criterion : str
            Key of the criterion that this case belongs to.
        arguments : sequence of plain values
        expected : plain value
            A list will do for a tuple.
        mistakes : dict of str to callable, optional
            Known mistakes: for each diagnosis, a function of the same arguments that gives what the mistake gives.
        tolerance : float
            Largest norm-wise relative error.
        case : str
            What is special here, in words ("a batch of one").
        locate : callable, optional
            `locate(expected, got)` says in words where a wrong result parts from the truth, or "".
        told : sequence, optional
            What the known mistakes are called with, where it is not `arguments` (a model's weights in its place).
        branch : str
            Names the cases in which a mistake can be made and in the others not: those of one activation, say.

        Returns
        -------
        plain value or None
            What the function returned, None where it returned nothing usable.
        """
        if self._criteria[criterion].status == FAILED and not self._wants_evidence(criterion):
            return None
        arguments = _snapshot(arguments)
        if (outcome := self._attempt(criterion, arguments)) is None:
            return None
        if type(expected) is tuple and type(outcome.value) is list:  # who unpacks it sees no difference
            outcome.value = tuple(outcome.value)
        problem = outcome.problem or values.difference(expected, outcome.value, tolerance)
        seen = None
        if outcome.kind == calling.OK and (outcome.value is not None or expected is None):
            told = arguments if told is None else told
            seen = self._see(Case(criterion, told, expected, outcome.value, mistakes or {}, tolerance, not problem, branch=branch))
        if not problem:
            self.passed(criterion)
            return outcome.value
        causes = self._form_causes(expected, outcome)
        place = locate(expected, outcome.value) if locate and outcome.kind == calling.OK else ""
        shown = self.describe(arguments, case)
        self._fail(criterion, arguments, [shown, problem, *([place] if place else []), *causes], seen)
        return None

    def expect_error(self, criterion, arguments, error, mentions=(), case="", returned=None):
        """Call the function with what it must refuse, and look at the exception it raises.

        Parameters
        ----------
        criterion : str
            Key of the criterion that this case belongs to.
        arguments : sequence of plain values
        error : str
            Name of the exception's type, such as "ValueError".
        mentions : sequence of str
            What its message must contain.
        case : str
            What is wrong with these arguments, in words.
        returned : callable, optional
            `returned(value)` says in words why something is returned where the exception is due, or "".
        """
        if self._criteria[criterion].status == FAILED or (outcome := self._attempt(criterion, arguments)) is None:
            return
        shown = self.describe(arguments, case)
        if outcome.kind == calling.OK:
            cause = returned(outcome.value) if returned else ""
            problem = f"expected a {error}, got {values.describe(outcome.value)}"
            self.failed(criterion, shown, problem, *([f"{CAUSE} {cause}"] if cause else []))
        elif error not in outcome.error:
            problem = f"expected a {error}, got this instead:\n{outcome.problem}"
            other = f"{CAUSE} another kind of error: ask for what is wrong first, and raise a {error} yourself"
            self.failed(criterion, shown, problem, *([other] if outcome.error else []))
        elif lacking := [m for m in mentions if m not in outcome.message]:
            wanted = " or ".join(lacking)
            message = outcome.message.translate(VISIBLE)
            problem = f"the {error}'s message does not contain {wanted}; it is: {message}"
            self.failed(criterion, shown, problem, *_message_cause(lacking, outcome.message))
        else:
            self.passed(criterion)

    def inspect(self, arguments, accept, wanted, criteria=None, case=""):
        """Call the function and return its result, for criteria that look at it or its parts themselves.

        Parameters
        ----------
        arguments : sequence of plain values
        accept : type or callable
            The type the result must have, or a function that says whether a result will do. A list will do for a tuple.
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
        arguments = _snapshot(arguments)
        concerned = list(self._criteria) if criteria is None else list(criteria)
        outcome = self._call(arguments, concerned[0]) if self.ready else None
        if outcome is None:
            for criterion in concerned:
                self._leave_open(criterion)
            return None
        problem = outcome.problem
        if not problem:
            value = outcome.value
            fits = accept if not isinstance(accept, type) else lambda value: type(value) is accept
            if type(value) is list and not fits(value) and fits(tuple(value)):
                value = tuple(value)  # as in `expect`
            if fits(value):
                return value
            problem = f"expected {wanted}, got {values.describe(value)}"
        causes = self._form_causes(np.empty(0) if accept is np.ndarray else None, outcome)
        for criterion in concerned:
            self.failed(criterion, self.describe(arguments, case), problem, *causes)
        return None

    def settle(self, criterion, arguments, expected, got, mistakes=None, tolerance=1e-9, case="", part="", told=None, words=(), shown="", branch=""):
        """Hold what a call returned, or a part of it, against the truth; as in `expect`, without a call.

        Parameters
        ----------
        got : plain value
        part : str
            What the learner calls this part, such as "logits".
        words : sequence of str
            What is wrong, in better words than those of `values.difference`.
        shown : str
            The case, in better words than those of `describe`.

        Returns
        -------
        bool
            Whether they agree.
        """
        problem = values.difference(expected, got, tolerance)
        told = _snapshot(arguments if told is None else told)
        seen = self._see(Case(criterion, told, expected, got, mistakes or {}, tolerance, not problem, part, branch))
        if not problem:
            self.passed(criterion)
            return True
        words = [f"{part}: {problem}" if part else problem] if not words else words
        self._fail(criterion, arguments, [shown or self.describe(arguments, case), *words], seen)
        return False

    def ask_again(self):
        """Ask one case twice, and once with other weights of the same sizes: a function keeps nothing between calls."""
        calls = [c for c in self._calls if c.arguments and not _holds(c.arguments, np.random.Generator)]
        calls = [c for c in calls if self.all_passed or not values.is_keras_model(c.value)]  # a wrong one may have random weights
        calls = [c for c in calls if not any(map(_has_state, c.arguments))]
        if not calls or not self.ready:
            return
        first = calls[0]
        same = [c for c in calls[1:] if values.form(c.arguments) == values.form(first.arguments)]
        other = next((c for c in same if values.difference(first.arguments, c.arguments, 0.0)), None)
        mixed = other and tuple(b if type(b) is dict else a for a, b in zip(first.arguments, other.arguments))
        for call in (first, other, first):
            if call is None or not self.ready or self._kept:
                continue
            outcome = self._call(call.arguments, "")
            if outcome is None or outcome.kind != calling.OK or values.difference(call.value, outcome.value, REPEATED):
                self._kept = STATE
                shown = self.describe(call.arguments, "asked a second time")
                got = "nothing" if outcome is None else outcome.problem or values.difference(call.value, outcome.value, REPEATED)
                self._fail(call.criterion, call.arguments, [shown, f"first call and second call: {got}", STATE])
        changed = mixed and values.difference(tuple(first.arguments), mixed, 0.0)
        if changed and self.ready and not self._kept and not self.all_passed:
            right = any(c.passed and not values.difference(first.arguments, c.told, 0.0) for c in self._cases)
            outcome = self._call(mixed, "") if right else None
            if outcome is not None and outcome.kind == calling.OK and not values.difference(first.value, outcome.value, 0.0):
                self._kept = STALE

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
        """Note that this criterion failed, and why, by the last call."""
        self._fail(criterion, self._last, details)

    def _fail(self, criterion, arguments, details, seen=None):
        """Note a failure with its arguments, and with the case whose cause is found once all have been seen."""
        line = self._criteria[criterion]
        if line.status == FAILED:
            return
        line.status, line.details = FAILED, list(details)
        if seen is not None and not any(d.startswith(CAUSE) for d in details):
            self._failed_cases[criterion] = seen
        if arguments and not self._hidden:
            self._shown_cases[criterion] = dict(zip(self._arguments, _snapshot(arguments)))

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
            cause = f"{CAUSE} an array gets the default dtype float64 (np.zeros takes dtype=x.dtype), or a NumPy float64 scalar multiplies it: wrap it in float()"
            self.failed(criterion, f"float32 went in, {' and '.join(wrong)} came out", cause)

    def unchanged(self, criterion, needs):
        """Settle that no argument was changed in place: it costs the one criterion whose label says so, and needs `needs`."""
        if self._changed:
            places = ", ".join(self._changed)
            self.failed(criterion, f"changed in place: {places}", f"{CAUSE} an assignment such as += or [...] =, or a method such as sort or pop")
        elif self.has_passed(needs):
            self.passed(criterion)

    def report(self, blamed=()):
        """The `Report` of this run; `blamed` names earlier exercises that fail their own checks."""
        started = any(c.status != NOT_YET for c in self._criteria.values())
        blame = [f"{name} does not pass its own check. If {self._name} calls it, fix {name} first." for name in blamed]
        stopped = any(c.status == FAILED for c in self._criteria.values())
        case, told = None, set()
        for key, line in self._criteria.items():
            if line.status == FAILED:
                line.details = self._told(key, told)
                if case is None and (case := self._shown_cases.get(key)) is not None:
                    line.details.append("report.case holds the arguments of this case")
            elif line.status == NOT_YET and stopped and not line.details:
                line.details = ["not checked yet: what failed comes first"]
        # a hidden case may be in what it printed
        printed = "" if self.all_passed or self._hidden else self._printed
        remarks = blame * started + self._remarks
        return Report(self._name, self._criteria.values(), remarks, printed, case, self._code)

    def _told(self, criterion, told):
        """What is said of a failed criterion, the cause first; a mistake that fails several of them is said once."""
        details = self._criteria[criterion].details
        causes = [d for d in details if d.startswith(CAUSE)] or self._settled(self._failed_cases.get(criterion))
        rest = [d for d in details if not d.startswith(CAUSE)]
        if self._hidden:  # the category of the failure, not the case
            return [HIDDEN, *causes]
        key = tuple(causes or rest[1:])
        again = key and key in told
        told.add(key)
        if again:
            return [rest[0], "same cause as above" if causes else "as above"]
        return causes + rest

    def _settled(self, case):
        """The likely cause of a failed case, by all that was seen; a list of one or none."""
        if case is None:
            return []
        if constant(case, self._cases):
            return [f"{CAUSE} {case.part or 'the result'} is the same for every case"]
        if self._kept == STATE:
            return [STATE]
        if known := known_mistake(case, self._cases):
            return [f"{CAUSE} {known}"]
        return [self._kept] if self._kept else []

    def _see(self, case):
        self._cases.append(case)
        return case

    def _wants_evidence(self, criterion):
        """Whether another case is worth a call, though this criterion has failed: its result may be chance."""
        seen = [case for case in self._cases if case.criterion == criterion]
        return self._failed_cases.get(criterion) in seen and not telling(seen[-1].got) and len(seen) < EVIDENCE

    def _call(self, arguments, criterion):
        """The outcome of a call, None where the exercise is not solved yet."""
        outcome = calling.call(self._given, arguments, self._arguments, self._seconds)
        self._last = arguments
        if outcome.kind == calling.OK and criterion:
            self._calls.append(_Call(criterion, arguments, outcome.value))
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
        """The outcome of a call for one criterion; None where it cannot be tried."""
        outcome = self._call(arguments, criterion) if self.ready and criterion not in self._waiting else None
        if outcome is None:
            self._leave_open(criterion)
        return outcome

    def _leave_open(self, criterion):
        """A case that cannot be tried takes back the point its criterion had until then."""
        self._waiting.add(criterion)
        if self._criteria[criterion].status == PASSED:
            self._criteria[criterion].status = NOT_YET

    def _form_causes(self, expected, outcome):
        """The likely cause where what came has no usable form; a list of one or none."""
        if outcome.kind != calling.OK:
            known = [f"{CAUSE} {cause}" for words, cause in self._errors.items() if words in outcome.problem]
            return known or ([f"{CAUSE} {outcome.reason}"] if self._hidden else [])
        if outcome.value is None:
            prints = "it prints its result instead of returning it" if outcome.printed else "no return statement is reached, or what it returns is None"
            return [f"{CAUSE} {prints}"]
        if type(outcome.value) in (list, tuple) and isinstance(expected, np.ndarray):
            kind = type(outcome.value).__name__
            if any(isinstance(item, np.ndarray) for item in outcome.value):
                return [f"{CAUSE} a {kind} of arrays; join them into one array with np.stack, along the right axis"]
            return [f"{CAUSE} a {kind}; np.array makes it an array"]
        return []


@dataclasses.dataclass
class _Call:
    """A call that returned something, for the criterion that its case belongs to."""

    criterion: str
    arguments: object
    value: object


def _message_cause(lacking, message):
    """Why a message lacks a repr or a number that it should contain; a list of one or none."""
    for words in lacking:
        if words[:1] in ("'", "\"") and ast.literal_eval(words) in message:
            return [f"{CAUSE} {{character!r}} in an f-string shows it as repr does, {{character}} does not"]
        if words.isdigit() and str(int(words) + 1) in message:
            return [f"{CAUSE} positions are counted from 0"]
    return []


def _snapshot(arguments):
    """Arguments as they are now, whatever a lesson's check does with them later; Keras models stay: they are slow to copy."""
    return tuple(a if values.is_keras_model(a) else values.duplicate(a) for a in arguments)


def _has_state(value):
    """Whether this is a Keras model with a state of its own, which may be another one by now."""
    return values.is_keras_model(value) and any(getattr(layer, "stateful", False) for layer in value.layers)


def _holds(value, kind):
    """Whether something of this kind is in a plain value."""
    if isinstance(value, dict):
        value = list(value.values())
    return any(_holds(item, kind) for item in value) if isinstance(value, (tuple, list)) else isinstance(value, kind)


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
    if isinstance(value, (list, tuple)) and value and all(isinstance(item, np.ndarray) for item in value):
        shapes = ", ".join(str(item.shape) for item in value)
        return [f"{name} [{shapes}]" if isinstance(value, list) else f"{name} ({shapes})"]
    text = repr(value.item() if isinstance(value, np.generic) else value)
    return [f"{name} = {text}" if len(text) <= 50 else f"{name} = {text[:47]}..."]
