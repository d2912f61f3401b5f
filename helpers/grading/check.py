"""Grade one submission: its cells run behind the walls, the checks run here, and plain values go between the two."""

import ast
import base64
import binascii
import contextlib
import dataclasses
import functools
import hashlib
import html
import importlib
import json
import os
import platform
import re
import select
import socket
import threading
import time

from helpers.checks import calling, exercise
from helpers.checks.report import PASSED, Report
from helpers.grading import channel, rebuild, sandbox, student

#: CPU seconds of one cell, of a whole submission, and what an answer may take beyond its own limit.
CELL, WHOLE, GRACE = 60.0, 900.0, 10.0

#: Wall time of a whole submission, in seconds: for code that sleeps. Of a cell and of a call it is `calling.PATIENCE` times the CPU time.
WALL = 3600.0

#: CPU seconds of the grader's own for the check of one answer.
CHECK = 300.0

TIME_IS_UP = "the time for this submission was up"

#: What is told of a hidden failure, by what its cause begins or ends with. The list is short, since a submission that knows a hidden
#: case may choose from it, and so tell a little of it with each criterion.
KINDS = {
    "the function does not end in time": "the function does not end in time", "the function ends the whole process": "the function ends the whole process",
    "it fails": "it raises an exception", "plain value": "what it returns is no plain value",
}

#: What the cells of a notebook show together, in characters.
SHOWN = 10_000_000

#: What does in a NumPy lesson what the exercises ask for.
TOOLS = ("tensorflow", "keras", "jax", "torch", "autograd", "complex_step", "central_differences")

#: The files whose change may change a grade, beside the lesson's own checks.
ENGINE = [
    "data.py", "gradients.py", "session.py", "training.py", "writing.py",
    "checks/bets.py", "checks/calling.py", "checks/diagnosis.py", "checks/exercise.py", "checks/report.py",
    "checks/sampling.py", "checks/values.py",
    "grading/channel.py", "grading/check.py", "grading/rebuild.py", "grading/sandbox.py", "grading/student.py",
]

_sandboxes = {}
_one_at_a_time = threading.RLock()


class OtherVersion(Exception):
    """This machine has another version of the course than the one that asks."""


def grade(task):
    """Grade one submission.

    Parameters
    ----------
    task : bytes
        As `task` makes it.

    Returns
    -------
    bytes
        JSON: `scores` and `max_scores` by grade id; `reports`, as `helpers.checks.Report` has them; `notebook`, the graded
        notebook; `flags`, what looks forged; `limits`, what ran into a limit; `problem`, why nothing could be graded.

    Raises
    ------
    sandbox.SandboxError
        If there is no sandbox here: nothing is graded without.
    OtherVersion
        If the engine or the lesson's checks are not the same here as where the task was made.
    """
    task = json.loads(task)
    if task["version"] != version(task["release"]):
        raise OtherVersion(f"The course on {platform.node()} is another version than here: bring its workers to the same commit.")
    with _one_at_a_time, _private_number(task["private_number"]):
        try:
            cells, flags = rebuild.rebuild(base64.b64decode(task["submission"]), task["release"])
        except rebuild.Unreadable as error:
            return ungraded(json.dumps(task), str(error))
        return _Grading(task, cells, flags).run()


def task(assignment, submission, release, checks, private_number, protected=True, limits=None):
    """All that grading a submission needs, as bytes.

    Parameters
    ----------
    assignment : str
    submission : bytes
        The file that was handed in.
    release : str
        The released notebook, JSON.
    checks : dict of str to str
        For each check's grade id its source, with its hidden tests.
    private_number : str or None
        From which hidden tests take their cases.
    protected : bool
        Whether to grade behind bubblewrap.
    limits : dict, optional
        As `sandbox.LIMITS`, and `cell`, `whole` and `wall` for `CELL`, `WHOLE` and `WALL`.
    """
    return json.dumps({
        "assignment": assignment, "submission": base64.b64encode(submission).decode(), "release": release, "checks": checks,
        "private_number": private_number, "protected": protected, "limits": limits or {}, "version": version(release),
    }, sort_keys=True).encode()


def version(release):
    """What the engine and the checks of a release are, as a digest of their files."""
    names = {module for cell in rebuild.released(release) if cell.kind == rebuild.LOCKED for module in checks_imported(cell.source).values()}
    content = hashlib.sha256()
    for name in [*ENGINE, *(f"checks/{module}.py" for module in sorted(names))]:
        content.update((sandbox.HELPERS / name).read_bytes())
    return content.hexdigest()


def ungraded(task, problem):
    """The result of a task that cannot be graded, for a reason in words."""
    task = json.loads(task)
    return _result(task, rebuild.released(task["release"]), {}, {}, [], [], problem)


def close():
    """End the sandboxes of this process."""
    while _sandboxes:
        _sandboxes.popitem()[1].close()


def _sandbox(task, cells):
    """The sandbox of a lesson, kept for its next submission."""
    limits = {name: value for name, value in task["limits"].items() if name in sandbox.LIMITS}
    key = json.dumps([task["assignment"], task["protected"], limits])
    if key not in _sandboxes:
        close()  # one at a time: a lesson's libraries fill hundreds of megabytes
        imports = [statement for cell in cells if cell.kind == rebuild.LOCKED for statement in _imports(cell.source)]
        modules = sorted({module for cell in cells if cell.kind == rebuild.LOCKED for module in checks_imported(cell.source).values()})
        _sandboxes[key] = sandbox.Sandbox(modules, [s for s in imports if "helpers.checks" not in s], task["protected"], limits)
    return key


def _imports(source):
    """The import statements at the top level of a cell, also within `with`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.Import, ast.ImportFrom)) and "google" not in ast.unparse(node):
            yield ast.unparse(node)


def checks_imported(source):
    """Under which names a cell imports which modules of checks."""
    found = [n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.ImportFrom) and n.module == "helpers.checks"]
    return {alias.asname or alias.name: alias.name for node in found for alias in node.names}


@contextlib.contextmanager
def _private_number(number):
    before = os.environ.pop(exercise.PRIVATE_NUMBER, None)
    try:
        if number is not None:
            os.environ[exercise.PRIVATE_NUMBER] = number
        yield
    finally:
        os.environ.pop(exercise.PRIVATE_NUMBER, None)
        if before is not None:
            os.environ[exercise.PRIVATE_NUMBER] = before


class _Grading:
    """The way through one submission's notebook."""

    def __init__(self, task, cells, flags):
        self.task, self.cells, self.flags, self.limits = task, cells, flags, []
        self.cell_seconds = task["limits"].get("cell", CELL)
        names = {name: module for cell in cells if cell.kind == rebuild.LOCKED for name, module in checks_imported(cell.source).items()}
        self.names = {name: importlib.import_module(f"helpers.checks.{module}") for name, module in names.items()}
        self.has_models = any("keras" in cell.source for cell in cells if cell.kind == rebuild.LOCKED)
        asked = [rebuild.text_of(cell.released) for cell in cells if cell.kind == rebuild.SOLUTION]
        self.give_models = {name for source in asked if _gives_model(source) for name in _defined(source)}
        self.borrowed = [] if self.has_models else _borrowed(cells)
        self.flags += self.borrowed
        for module in self.names.values():
            module.lesson.forget()
        if self.has_models:
            channel.forget_models()

    def run(self):
        """Twice through the notebook: with the checks that everybody can read, then with the hidden tests.

        What people see comes from the first process, which never met a hidden case; of the second only what passed counts.
        """
        outputs, visible, reports, room = {}, {}, {}, SHOWN
        with _Submission(self) as submission:
            for place, cell in enumerate(self.cells):
                if _runs(cell):
                    shown = submission.execute(place)
                    room -= len(json.dumps(shown))
                    outputs[place] = shown if room > 0 else []
                elif cell.kind == rebuild.CHECK:
                    visible[cell.name] = self.examine(cell, cell.source, self.names, submission)
            ended = submission.skipped
        with _Submission(self, again=True) as submission:
            submission.skipped |= ended  # what ended the first process would end this one
            for place, cell in enumerate(self.cells):
                if _runs(cell):
                    submission.execute(place)
                elif cell.kind == rebuild.CHECK:
                    report, names = visible[cell.name], {name: _HiddenOnly(module, visible[cell.name]) for name, module in self.names.items()}
                    some = report is not None and any(criterion.status == PASSED for criterion in report.criteria)
                    reports[cell.name] = self.examine(cell, self.task["checks"][cell.name], names, submission) if some else report
        for cell in self.cells:
            if cell.kind == rebuild.CHECK and cell.claimed is not None and cell.claimed > (found := _points(reports[cell.name])):
                self.flags.append(f"the stored output of {cell.name} shows {cell.claimed:g} points; grading found {found:g}")
        return _result(self.task, self.cells, reports, outputs, self.flags, self.limits, "", self.borrowed)

    @functools.cached_property
    def not_run(self):
        """Where names are defined that no cell defines that is run: in demos, or in the student's version of a locked cell."""
        found = {}
        for cell in self.cells:
            if cell.kind in (rebuild.DEMO, rebuild.LOCKED, rebuild.CHECK):
                words = "a demo cell" if cell.kind == rebuild.DEMO else f"your version of the locked cell {cell.name}"
                for source in (cell.source if cell.kind == rebuild.DEMO else "", cell.theirs):
                    found |= dict.fromkeys(_defined(source) if len(source) < 20_000 else (), words)
        return found

    def examine(self, cell, source, names, submission):
        """Run a check cell here, with stand-ins for the student's functions."""
        space = dict(names)
        try:
            with calling.found_by(submission.find), _alarm(submission.end - time.monotonic() + 3 * GRACE):
                calling.run(exec, (compile(source, cell.name, "exec"), space))
            report = space["report"]
            if not isinstance(report, Report) or report.max_points != cell.released["metadata"]["nbgrader"]["points"]:
                raise TypeError("its report does not fit its points")
            return report
        except (Exception, _Late) as error:  # a check that cannot cope with an answer must cost this answer, not the batch
            submission.stop()  # an answer may still be on its way
            self.flags.append(f"{cell.name}: the check itself failed on this answer ({type(error).__name__}: {str(error)[:200]}): look at it")
            return None


class _HiddenOnly:
    """A module of checks in which the visible check is done already, and of a hidden one only the verdict is told."""

    def __init__(self, module, visible):
        self._module, self._visible = module, visible

    def __getattr__(self, name):
        check = getattr(self._module, name)

        def verdict(*arguments, hidden=False):
            return told(check(*arguments, hidden=True)) if hidden else self._visible

        return verdict


def told(report):
    """Of a report on hidden tests what may be told: which criteria passed, and of the others one of `KINDS`, or nothing."""
    criteria = []
    for criterion in report.criteria:
        causes = [detail for detail in criterion.details if detail.startswith(exercise.CAUSE)]
        kinds = [f"{exercise.CAUSE} {words}" for kind, words in KINDS.items() if any(kind in cause for cause in causes)]
        details = [] if criterion.status == PASSED else [exercise.HIDDEN, *kinds[:1]]
        criteria.append(dataclasses.replace(criterion, details=details))
    return Report(report.exercise, criteria)


class _Late(BaseException):
    """A check takes too long over an answer."""


def _alarm(wall):
    """Stop a check that does not end; only the main thread can be stopped."""
    if threading.current_thread() is not threading.main_thread():
        return contextlib.nullcontext()
    return calling.alarm(CHECK, max(1.0, wall), _Late, again=1.0)


class _Ended(Exception):
    """The submission's process is gone; the message says why."""


class _Submission:
    """A submission's process, begun again without the cell that ended it whenever it has gone."""

    def __init__(self, grading, again=False):
        self.grading, self.again = grading, again
        self.skipped, self.done, self.stream, self.number, self.stand_ins = set(), [], None, 0, {}
        limits = grading.task["limits"]
        self.end, self.left, self.since = time.monotonic() + limits.get("wall", WALL), limits.get("whole", WHOLE), 0.0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def execute(self, place):
        """Run a cell; a list of what it showed."""
        self.settle()
        try:
            self.begin()
        except _Ended as error:
            return _stopped(str(error))
        if place in self.skipped:
            return []
        outputs = self._execute(place)
        self.done.append(place)
        return outputs

    def settle(self):
        """Notice a process that ended, or spoke, after its last answer: the next question is not to blame."""
        if self.stream is None or not select.select([self.stream], [], [], 0)[0]:
            return
        try:
            more = self.stream.recv(1, socket.MSG_PEEK)
        except OSError:
            more = b""
        self.stop(gone=not more)
        if more:
            self.grading.flags.append("it wrote to the grader's channel: an answer that nobody asked for")

    def begin(self):
        """Start the process if there is none, with all that has run so far but what ended it."""
        while self.stream is None:
            if self.time_is_up():
                self.note(TIME_IS_UP)
                raise _Ended(TIME_IS_UP)
            self.key, self.stand_ins = _sandbox(self.grading.task, self.grading.cells), {}
            try:
                self.stream = _sandboxes[self.key].open()
            except sandbox.SandboxError:  # it went with the last submission: once more
                _sandboxes.pop(self.key).close()
                self.stream = _sandboxes[_sandbox(self.grading.task, self.grading.cells)].open()
            self.since = _sandboxes[self.key].cpu_seconds()
            for place in self.done:
                if place not in self.skipped and self.stream is not None:
                    self._execute(place)

    def _execute(self, place):
        cell = self.grading.cells[place]
        if self.time_is_up():
            self.note(TIME_IS_UP)
            return _stopped(TIME_IS_UP)
        try:
            reply, _ = self.ask({"do": "execute", "source": cell.source}, self.grading.cell_seconds)
            outputs = _clean(reply.get("outputs"))
        except _Ended as error:
            self.skipped.add(place)
            self.note(f"the cell {cell.name}: {error}")
            return _stopped(str(error))
        if late := [output["evalue"] for output in outputs if output.get("ename") == "Stopped"]:
            self.note(f"the cell {cell.name} was {late[0]}")
        return outputs

    def time_is_up(self):
        """Whether the submission has used up what it has for one pass, of CPU time or by the clock."""
        used = _sandboxes[self.key].cpu_seconds() - self.since if self.stream is not None else 0.0
        return used > self.left or time.monotonic() > self.end

    def find(self, name):
        """As `calling.find`: a stand-in for a function, anything else as it is."""
        self.settle()
        try:
            self.begin()
            reply, given = self.ask({"do": "find", "name": name}, GRACE)
        except _Ended as error:
            return None, f"{name} cannot be looked at: {error}."
        kind, note, handle = reply.get("kind"), str(reply.get("note", ""))[:2000], reply.get("handle")
        if kind == "function" and type(handle) is int:
            return self.stand_ins.setdefault(handle, _StandIn(self, name, handle)), note
        if kind == "plain" and not callable(given.get("value")):  # a Keras model is: it must not be called here
            return given.get("value"), note
        return type(re.sub(r"\W", "", str(kind).removeprefix("object "))[:60] or "object", (), {})(), note

    def ask(self, message, seconds, models=False, **values):
        """Send a question and wait for its answer, which may take so many CPU seconds; whatever else comes ends the process."""
        self.number += 1
        wall = max(1.0, min(calling.PATIENCE * seconds, self.end - time.monotonic()))
        box, began = _sandboxes[self.key], None

        def watch():
            nonlocal began
            now = box.cpu_seconds()
            began = now if began is None else began
            if now - began > seconds + GRACE:  # it did not stop by itself
                raise TimeoutError(f"stopped after {seconds:g} seconds of computing")
            if now - self.since > self.left:
                raise TimeoutError(f"stopped: {TIME_IS_UP}")

        try:
            channel.send(self.stream, {**message, "number": self.number, "seconds": seconds, "wall": wall}, **values)
            reply, given = channel.receive(self.stream, wall + GRACE, models=models, watch=watch)
            if reply.get("reply") != self.number:
                raise channel.Malformed("an answer that nobody asked for")
            return reply, given
        except channel.Closed:
            reason = self.stop(gone=True) or "your code ended the whole process"
        except TimeoutError as error:
            self.stop()
            reason = str(error) or f"stopped after {wall:g} seconds by the clock"
        except channel.Malformed as error:
            self.stop()
            reason = f"it wrote to the grader's channel: {error}"
            self.grading.flags.append(reason)
        raise _Ended(reason)

    def stop(self, gone=False):
        """End the process; the limit that it ran into, if any."""
        if self.stream is None:
            return ""
        stream, self.stream, box = self.stream, None, _sandboxes[self.key]
        self.left -= box.cpu_seconds() - self.since
        return box.end(stream, gone)["reason"]

    def note(self, text):
        if not self.again and text not in self.grading.limits:
            self.grading.limits.append(text)


class _StandIn(calling.StandIn):
    def __init__(self, submission, name, handle):
        self.submission, self.name, self.handle = submission, name, handle

    def call(self, arguments, names, seconds):
        submission = self.submission
        if submission.stand_ins.get(self.handle) is not self or submission.stream is None:
            return calling.Outcome(calling.ENDED, problem="the process it ran in has ended")
        models = self.name in submission.grading.give_models
        message = {"do": "call", "handle": self.handle, "names": list(names), "models": models}
        try:
            reply, given = submission.ask(message, seconds, models, arguments=list(arguments))
        except _Ended as error:
            late = str(error).startswith("stopped")
            outcome = calling.Outcome(calling.TOO_LONG if late else calling.ENDED, problem=str(error))
        else:
            outcome = _outcome(reply, given)
        if outcome.kind in (calling.TOO_LONG, calling.ENDED):
            submission.note(f"{self.name}: {outcome.problem}")
        if missing := re.match(r"NameError: name '(\w+)' is not defined", outcome.problem):
            if place := submission.grading.not_run.get(missing[1]):
                outcome.problem += f"\n  {missing[1]} is defined in {place} only, which grading does not run: define it in a cell of your own"
        return outcome


def _outcome(reply, given):
    """What a call gave, from an answer that may hold anything."""

    def texts(name):
        found = reply.get(name)
        return tuple(str(text)[:200] for text in found[:50]) if isinstance(found, list) else ()

    kind, problem = reply.get("kind"), str(reply.get("problem", ""))[:2000]
    if problem.lstrip().startswith(exercise.CAUSE):  # nobody but a check says causes
        problem = f"({problem.strip()})"
    return calling.Outcome(
        kind if kind in (calling.OK, calling.UNSOLVED, calling.FAILED, calling.TOO_LONG) else calling.FAILED,
        given.get("value") if kind == calling.OK else None,
        problem, texts("error"), str(reply.get("message", ""))[:400], str(reply.get("printed", ""))[:2000],
        texts("changed"), texts("idle"),
    )


def _gives_model(source):
    """Whether an exercise's docstring says that it returns a Keras model: only then one is read."""
    return re.search(r"Returns\n\s*-+\n(?:(?!\n\s*\n)[\s\S])*\bkeras\.?\s?model\b", source, re.IGNORECASE) is not None


def _runs(cell):
    return cell.kind in (rebuild.LOCKED, rebuild.ADDED) or cell.kind == rebuild.SOLUTION and not cell.missing


def _points(report):
    return float(report.points) if report is not None else 0.0


def _stopped(reason):
    return [{"output_type": "error", "ename": "Stopped", "evalue": reason, "traceback": [f"Stopped: {reason}"]}]


def _clean(outputs):
    """Of what a cell showed, text, errors and true PNG pictures, in the form that notebooks store."""
    clean, room = [], student.SHOWN + student.TEXT
    for output in outputs[:30] if isinstance(outputs, list) else []:
        kind = output.get("output_type") if isinstance(output, dict) else None
        if kind == "stream":
            name = "stderr" if output.get("name") == "stderr" else "stdout"
            clean.append({"output_type": "stream", "name": name, "text": _text(output.get("text"))})
        elif kind == "error":
            lines = output.get("traceback") if isinstance(output.get("traceback"), list) else []
            clean.append({
                "output_type": "error", "ename": _text(output.get("ename"))[:100], "evalue": _text(output.get("evalue")),
                "traceback": [_text(line) for line in lines[:60]],
            })
        elif kind == "display_data" and isinstance(output.get("data"), dict):
            data = {"text/plain": _text(output["data"].get("text/plain", ""))}
            if _is_png(picture := output["data"].get("image/png")):
                data["image/png"] = "".join(picture.split())
            clean.append({"output_type": "display_data", "data": data, "metadata": {}})
        room -= len(json.dumps(clean[-1])) if clean else 0
        if room < 0:
            return clean[:-1]
    return clean


def _text(value):
    return value[:40_000] if isinstance(value, str) else ""


def _is_png(text):
    try:
        return isinstance(text, str) and len(text) <= student.PICTURE and base64.b64decode("".join(text.split()), validate=True).startswith(b"\x89PNG\r\n\x1a\n")
    except (binascii.Error, ValueError):
        return False


def _defined(source):
    """The names that a cell defines at its top level."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    stored = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    stored |= {n.name for n in ast.walk(tree) if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))}
    imported = [alias for n in ast.walk(tree) if isinstance(n, (ast.Import, ast.ImportFrom)) for alias in n.names]
    return stored | {alias.asname or alias.name.partition(".")[0] for alias in imported}


def _borrowed(cells):
    """Which exercises of a NumPy lesson let another tool do their work: they earn their points, and the instructor should know."""
    theirs = [cell for cell in cells if cell.kind in (rebuild.SOLUTION, rebuild.ADDED)]
    plain = {cell.name: re.sub(r"(?m)^(\s*)[%!].*$", r"\1pass", cell.source) for cell in theirs}  # without magics
    trees = {cell.name: (cell.kind, tree) for cell in theirs if (tree := rebuild.tree_of(plain[cell.name]))}
    tools = {tool: tool for tool in TOOLS}
    for _, tree in trees.values():
        for module, alias in _imported(tree):
            if module.partition(".")[0] in TOOLS:
                tools[alias] = module.partition(".")[0]
    found = []
    for name, (kind, tree) in trees.items():
        # An exercise may not even import them; a cell of the student's own may compare with them, but not define what an exercise calls.
        functions = [tree] if kind == rebuild.SOLUTION else [n for n in ast.walk(tree) if isinstance(n, (ast.FunctionDef, ast.Lambda))]
        used = {module.partition(".")[0] for one in functions for module, _ in _imported(one)} & set(TOOLS)
        for node in (node for one in functions for node in ast.walk(one)):
            word = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else None
            used |= {tools[word]} if word in tools else set()
        found += [f"the cell {name} uses {tool}, in a lesson that is to be solved without" for tool in sorted(used)]
    return found


def _imported(tree):
    """Each module that is imported, with the name that it or a part of it gets; a part named in `TOOLS` counts as a module."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                module = alias.name if isinstance(node, ast.Import) or alias.name in TOOLS else node.module or ""
                yield module, alias.asname or alias.name.partition(".")[0]
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str):
            if getattr(node.func, "id", getattr(node.func, "attr", "")) in ("__import__", "import_module"):
                yield node.args[0].value, node.args[0].value


def _result(task, cells, reports, outputs, flags, limits, problem, borrowed=()):
    checks = [cell for cell in cells if cell.kind == rebuild.CHECK]
    result = {
        "assignment": task["assignment"],
        "scores": {cell.name: _points(reports.get(cell.name)) for cell in checks},
        "max_scores": {cell.name: float(cell.released["metadata"]["nbgrader"]["points"]) for cell in checks},
        "reports": {name: _as_dict(report) for name, report in reports.items() if report is not None},
        "flags": flags, "limits": limits, "problem": problem,
        "notebook": _notebook(task, cells, reports, outputs, problem, borrowed),
    }
    return json.dumps(_storable(result)).encode()


def _as_dict(report):
    return {"exercise": report.exercise, "criteria": [vars(c) for c in report.criteria], "remarks": report.remarks, "printed": report.printed}


def _notebook(task, cells, reports, outputs, problem, borrowed):
    """The graded notebook, as nbgrader's feedback takes it."""
    written, count = [], 0
    if problem:
        words = html.escape(f"Nothing could be graded. {problem}")
        written.append({"cell_type": "markdown", "id": "problem", "metadata": {}, "source": f"<strong>{words}</strong>"})
    else:
        written.append({"cell_type": "markdown", "id": "summary", "metadata": {}, "source": _summary(cells, reports, borrowed)})
    for place, cell in enumerate(cells):
        if problem and cell.kind != rebuild.CHECK:  # they are not the student's
            continue
        new = {"cell_type": "code", "id": cell.name, "metadata": {}}
        if cell.released:
            new |= {key: cell.released[key] for key in ("cell_type", "id", "metadata")}
        new["source"] = "# This cell is missing in what was handed in." if cell.missing else cell.source
        if new["cell_type"] == "code":
            count += 1
            new |= {"execution_count": None, "outputs": []}
            if not problem and (_runs(cell) or cell.kind == rebuild.CHECK):
                new["execution_count"] = count
                new["outputs"] = outputs.get(place, []) if _runs(cell) and cell.kind != rebuild.LOCKED else []
            if cell.kind == rebuild.CHECK:
                new["outputs"] = [_shown(reports.get(cell.name), new["execution_count"])]
        written.append(new)
    release = json.loads(task["release"])
    return json.dumps(_storable({"cells": written, "metadata": release["metadata"], "nbformat": 4, "nbformat_minor": 5}))


def _summary(cells, reports, borrowed):
    """A table of the exercises and their points, for the top of the graded notebook."""
    rows = [
        f"| {cell.name.removeprefix('check-')} | {_points(reports[cell.name]):g} | {cell.released['metadata']['nbgrader']['points']:g} |"
        for cell in cells if cell.kind == rebuild.CHECK
    ]
    return "\n".join(["| exercise | your points | of |", "|---|---|---|", *rows, "", "What passed, and the likely cause of what did not, stands below each exercise.",
                      *(f"\nYour instructor is told that {words}." for words in borrowed)])


def _shown(report, count):
    words = "Not checked: your instructor has been told." if count else "Not checked."
    data = {"text/plain": repr(report), "text/html": report._repr_html_()} if report is not None else {"text/plain": "0", "text/html": words}
    return {"output_type": "execute_result", "execution_count": count, "data": data, "metadata": {}}


def _storable(value):
    """The same without lone surrogates and control characters, which files, databases and browsers refuse."""
    if isinstance(value, str):
        return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]", "\ufffd", value)
    if isinstance(value, dict):
        return {_storable(key): _storable(item) for key, item in value.items()}
    return [_storable(item) for item in value] if isinstance(value, (list, tuple)) else value
