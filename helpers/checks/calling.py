"""Find the learner's code by name and run it, without ever letting it stop a check."""

import ast
import builtins
import contextlib
import dataclasses
import functools
import inspect
import linecache
import re
import signal
import sys
import threading
import traceback
import warnings

import numpy as np

from helpers import session
from helpers.checks import values

OK, UNSOLVED, FAILED, TOO_LONG, ENDED = "ok", "unsolved", "failed", "too long", "ended"

#: How many times its CPU time code may take by the clock: it may sleep, and the machine may be busy with other work.
PATIENCE = 20

#: What a terminal turns into colours and bold letters, as in Keras' error messages; a report would show it as it stands.
COLOURS = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
#: Where an object lies in memory, as its repr says.
ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
#: Why code runs out of time; its limit is a multiple of what the solution needs.
ENDLESS = "a loop that never ends, or one that is far too slow?"


@dataclasses.dataclass
class Outcome:
    """What one call gave.

    Attributes
    ----------
    kind : str
        `OK`, `UNSOLVED`, `FAILED`, `TOO_LONG`, or `ENDED` where the code took its whole process with it.
    value : plain value
        What the function returned, where `kind` is `OK`.
    problem : str
        What went wrong, with the learner's own error and line, else "".
    error : tuple of str
        The names of the type of the exception that ended it and of that type's bases.
    message : str
        That exception's message.
    printed : str
        What the code wrote to stdout, stderr and as warnings.
    changed : tuple of str
        The arguments that were changed in place.
    idle : tuple of str
        The Generators among the arguments that nothing was drawn from.
    """

    kind: str
    value: object = None
    problem: str = ""
    error: tuple = ()
    message: str = ""
    printed: str = ""
    changed: tuple = ()
    idle: tuple = ()

    @property
    def reason(self):
        """The problem's category, which gives no case away: an exception's own name or message might."""
        if self.kind in (TOO_LONG, ENDED):
            return "the function does not end in time" if self.kind == TOO_LONG else "the function ends the whole process"
        if not self.error:
            return "what it returns is no plain value"
        usual = (name for name in self.error if isinstance(getattr(builtins, name, None), type))
        return f"it fails: {next(usual, 'an exception of its own')}"


class StandIn:
    """Stands for a learner's function that lives in another process, where grading keeps it; see `helpers.grading`."""

    def call(self, arguments, names, seconds):
        """As the module's `call`, answered by that process."""
        raise NotImplementedError


#: Where to find the learner's objects when it is not in this process: a function as `find`, or None.
_elsewhere = None


@contextlib.contextmanager
def found_by(function):
    """Have `find` ask `function` instead of looking into this process, while the block runs."""
    global _elsewhere
    before, _elsewhere = _elsewhere, function
    try:
        yield
    finally:
        _elsewhere = before


def find(name):
    """What the learner's notebook holds under `name`.

    Returns
    -------
    tuple of (object, str)
        The object and "", or None and what is missing. A newest version that does not compile
        is said even where an older one is still defined.
    """
    if _elsewhere is not None:
        return _elsewhere(name)
    space = _user_namespace()
    broken = _newest_syntax_error(name, space)
    if name in space:
        return space[name], broken and f"{broken} The version before it was checked."
    return None, broken or (
        f"{name} is not defined. Run the cell of the exercise; if you did, look for an error below it."
    )


def source(name):
    """The source of the newest cell that defines `name`, as it stands in the notebook; "" if unknown.

    A cell that does not compile defines nothing.
    """
    if _elsewhere is not None:
        return ""
    shell = getattr(builtins, "get_ipython", lambda: None)()
    for number, cell in _defining(name, _user_namespace()):
        if not _syntax_error(name, cell):  # In has magics translated; what the notebook keeps is the raw cell
            raw = shell.history_manager.input_hist_raw if shell is not None else []
            return raw[number] if number < len(raw) else cell
    return ""


def call(function, arguments, names=(), seconds=10.0, wall=None):
    """Call the learner's function on copies of plain values.

    Parameters
    ----------
    function : callable
    arguments : sequence of plain values
        Never changed: the function gets copies.
    names : sequence of str
        What the arguments are called, to say which was changed in place.
    seconds : float
        The CPU time, of all threads, after which the call is stopped. Windows has no timer for that: there it is wall time.
    wall : float, optional
        The wall time, in seconds, after which it is stopped whatever it does; `PATIENCE` times `seconds` by default.

    Returns
    -------
    Outcome
        Whatever the function does: this never raises.
    """
    if isinstance(function, StandIn):
        return function.call(arguments, names, seconds)
    wall = PATIENCE * seconds if wall is None else wall
    given = [values.duplicate(argument) for argument in arguments]
    outcome = Outcome(FAILED)
    # NumPy's own settings: a learner may have set others, and a check wants none of its own warnings shown
    usual = np.errstate(divide="warn", over="warn", under="ignore", invalid="warn")
    with session.captured() as written, usual:
        try:
            with _time_limit(seconds, wall):
                value = run(function, given)
            outcome = Outcome(OK, value)
        except _TooLong as late:
            outcome = Outcome(TOO_LONG, problem=str(late))
        except NotImplementedError as error:
            outcome = _unsolved(error, function)
        except KeyboardInterrupt:
            outcome = Outcome(TOO_LONG, problem="you interrupted it")
        except BaseException as error:  # SystemExit too: the learner's code must not end the check
            outcome = _failed(error, function)
    outcome.printed = COLOURS.sub("", written.text())[:2000]
    if outcome.kind == OK and (bad := values.not_plain(value := _plain(outcome.value))):
        outcome.kind, outcome.problem = FAILED, _not_plain(bad)
    elif outcome.kind == OK:
        outcome.value = value
    labels = [*names, *(f"argument {i + 1}" for i in range(len(names), len(given)))]
    outcome.changed = tuple(
        place
        for label, before, after in zip(labels, arguments, given)
        for place in _changes(label, before, after)
    )
    outcome.idle = tuple(
        label
        for label, before, after in zip(labels, arguments, given)
        if type(before) is np.random.Generator and not values.difference(before, after)
    )
    return outcome


class _TooLong(BaseException):
    """Raised in the learner's code when its time is up; `except Exception` does not stop it."""


def run(function, arguments):
    """Call a function, where an `alarm` can stop it."""
    return function(*arguments)


@contextlib.contextmanager
def alarm(seconds, wall, error, again=0.01):
    """Stop what `run` runs in the block when its time is up. Only in the main thread, and not on Windows.

    Parameters
    ----------
    seconds : float
        CPU time of this process, all threads together.
    wall : float
        Wall time, in seconds.
    error : callable
        Gets what happened, in words, and gives the exception to raise.
    again : float
        Seconds after which it is raised once more, in code that swallowed it.
    """
    limits = [
        (signal.SIGPROF, signal.ITIMER_PROF, seconds, f"stopped after {seconds:g} seconds of computing: {ENDLESS}"),
        (signal.SIGALRM, signal.ITIMER_REAL, wall, f"stopped after {wall:g} seconds: does it wait for something?"),
    ]

    def ring(number, frame):
        while frame is not None:  # only inside the function, never while we clean up
            if frame.f_code is run.__code__:
                raise error(next(words for one, _, _, words in limits if one == number))
            frame = frame.f_back

    before = [signal.signal(number, ring) for number, *_ in limits]
    try:
        for _, timer, limit, _ in limits:
            signal.setitimer(timer, limit, again)
        yield
    finally:
        for (number, timer, *_), handler in zip(limits, before):
            signal.setitimer(timer, 0)
            if callable(handler):  # else `ring` stays, idle: a late signal without a handler is reported on stderr
                signal.signal(number, handler)


@contextlib.contextmanager
def _time_limit(seconds, wall):
    if threading.current_thread() is not threading.main_thread():
        yield  # nothing can interrupt another thread
    elif hasattr(signal, "setitimer"):
        with alarm(seconds, wall, _TooLong):
            yield
    else:  # Windows has no alarm, and no timer of CPU time
        import _thread

        late = threading.Event()
        timer = threading.Timer(seconds, lambda: (late.set(), _thread.interrupt_main()))
        timer.start()
        try:
            yield
        except KeyboardInterrupt:
            if late.is_set():
                raise _TooLong(f"stopped after {seconds:g} seconds: {ENDLESS}") from None
            raise
        finally:
            timer.cancel()


def _user_namespace():
    shell = getattr(builtins, "get_ipython", lambda: None)()
    return shell.user_ns if shell is not None else sys.modules["__main__"].__dict__


def _defining(name, space):
    """The number and the source of each cell that defines `name`, the newest first."""
    cells = space.get("In")
    cells = cells if isinstance(cells, list) else []  # a learner may call a variable In
    for number in reversed(range(len(cells))):
        cell = cells[number]
        if isinstance(cell, str) and (f"def {name}(" in cell or cell.lstrip().startswith(f"{name} =")):
            yield number, cell


def _newest_syntax_error(name, space):
    """The SyntaxError in the newest cell that defines `name`, in words; "" if there is none."""
    _, newest = next(_defining(name, space), (0, ""))
    problem = _syntax_error(name, newest)
    return f"The cell that defines {name} does not compile: {problem}." if problem else ""


def _syntax_error(name, cell):
    try:
        with warnings.catch_warnings():  # about "\h" in a docstring, say
            warnings.simplefilter("ignore")
            compile(cell, name, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    except SyntaxError as error:
        return f"{error.msg} (line {error.lineno}: {(error.text or '').strip()})"
    except (ValueError, RecursionError, MemoryError) as error:
        return str(error) or type(error).__name__
    return ""


def _unsolved(error, function):
    """An exercise that still raises NotImplementedError, or calls one that does."""
    frame = _own_frames(error, function)[-1:]
    owner = frame[0][0].f_code.co_name if frame else ""
    mine = getattr(_python_function(function), "__name__", owner)
    if owner and owner != mine:
        return Outcome(UNSOLVED, problem=f"{mine} calls {owner}, which is not solved yet")
    if frame and _is_left_over(frame[0][0].f_code, frame[0][1]):
        return Outcome(UNSOLVED, problem="Not solved yet: `raise NotImplementedError()` is still there and ends the function. Delete that line")
    return Outcome(UNSOLVED, problem="Not solved yet")


def _is_left_over(code, line):
    """Whether the `raise` in this line of a function stands beside code that the learner wrote."""
    lines = linecache.getlines(code.co_filename)
    try:
        tree = ast.parse("".join(lines))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False  # the file is no longer what ran
    functions = [n for n in ast.walk(tree) if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef)) and n.name == code.co_name]
    for body in (function.body for function in functions if function.lineno <= line <= function.end_lineno):
        written = [n for n in body if not (isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant))]  # no docstring
        if any(isinstance(n, ast.Raise) and n.lineno <= line <= n.end_lineno for n in written):
            return len(written) > 1
    return False


def _failed(error, function):
    """The learner's own error, with the line of their cell where it arose."""
    try:
        message = _essence(COLOURS.sub("", str(error)))
    except BaseException as broken:  # a learner's own exception class may be broken too
        message = f"(its message cannot be shown: {type(broken).__name__})"
    text = f"{type(error).__name__}: {message}"[:400]
    frames = _own_frames(error, function)
    if frames:
        frame, line = frames[-1]
        source = linecache.getline(frame.f_code.co_filename, line).strip()
        text += f"\n  in {frame.f_code.co_name}, line {line}" + (f": {source}" if source else "")
    elif isinstance(error, TypeError):
        text += "\n  does the function still take the arguments of the exercise, in this order?"
    return Outcome(FAILED, problem=text, error=tuple(t.__name__ for t in type(error).__mro__), message=message[:400])


def _essence(message):
    """What an error says is wrong: without the stack and the node of a TensorFlow graph, and without addresses, which no two runs share."""
    if message.startswith("Graph execution error"):
        message = message.rsplit("\n\n", 1)[-1].partition("[[{{node")[0].strip()
    return ADDRESS.sub("", message)


def _own_frames(error, function):
    space = getattr(_python_function(function), "__globals__", None)
    return [(f, line) for f, line in traceback.walk_tb(error.__traceback__) if f.f_globals is space]


def _python_function(function):
    """The function with the learner's lines: below partial and decorators, or an instance's `__call__`."""
    try:
        while isinstance(function, functools.partial):
            function = function.func
        function = inspect.unwrap(function)
        return function if hasattr(function, "__globals__") else type(function).__call__
    except Exception:  # a learner's __getattr__ may do anything
        return None


def _plain(value):
    """What came back, a kind of tuple or dict as what it is a kind of."""
    try:
        return values.plain(value)
    except RecursionError:  # it contains itself, which is said where it is described
        return value


def _not_plain(bad):
    if bad.startswith("a Keras model"):
        return f"returned {bad}: only models of Keras' own classes can be copied, keras.Sequential([...]) or keras.Model(inputs, outputs)"
    advice = "NumPy arrays and plain Python values are expected"
    if "Tensor" in bad:
        advice += "; a tensor becomes an array by .numpy()"
    return f"returned {bad}: {advice}"


def _changes(label, before, after):
    if type(before) is np.random.Generator:
        return []  # to draw from it is what it is for
    if type(before) is dict and type(after) is dict:
        if before.keys() != after.keys():
            return [f"{label} (its keys)"]
        return [p for key in before for p in _changes(f"{label}[{key!r}]", before[key], after[key])]
    try:
        return [label] if values.difference(before, after, tolerance=0.0) else []
    except Exception:  # the learner put something into it that cannot even be looked at
        return [label]
