"""How many submissions a minute `grade` grades, against plain `nbgrader autograde`, and in how much memory.

    uv run pytest -n 0 tests/benchmarks/bench_grading.py

The same submissions, of mixed quality, on the same machine in the same run, for a NumPy and a Keras lesson. Plain
nbgrader takes up to a minute a submission, so it gets a few of them: as they are, and with the demo cells taken out.
The time that a command takes where nothing is left to grade is taken off plain nbgrader's, not off ours. The ratios of
one run are what counts, and on a busy machine the CPU times. Grades must be equal.
"""

import json
import os
import random
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from helpers import session
from helpers.authoring import ROOT
from helpers.grading import rebuild, sandbox
from tests import course as courses
from tests.course import Course, to_bytes

LESSONS = {"NumPy": "03-backpropagation-through-time", "Keras": "05-keras-simple-rnn"}
SUBMISSIONS = int(os.environ.get("BENCH_SUBMISSIONS", "40"))
AS_IS, WITHOUT_DEMOS = 2, 6
GOALS = {"NumPy": (20, 8), "Keras": (20, 4)}
JOBS = 2

# The checks of a lesson, with what they need, in one plain process: the seconds that its check cells take.
CHECKS = """
import json, sys, time
from helpers import session
session.start()
total = cpu = 0.0
for path in sys.argv[1:]:
    space = sys.modules["__main__"].__dict__
    for kind, source in json.load(open(path)):
        started, busy = time.perf_counter(), time.process_time()
        try:
            with session.captured():
                exec(compile(source, kind, "exec"), space)
        except BaseException:
            assert kind != "check"
        total += (time.perf_counter() - started) * (kind == "check")
        cpu += (time.process_time() - busy) * (kind == "check")
    space["checks"].lesson.forget()
print(total, cpu)
"""


class Usage(threading.Thread):
    """What a process and all below it use.

    Attributes
    ----------
    all, worker : int
        Resident memory, in bytes: the most at one time, of all and of a worker with its sandbox. Pages that processes
        share count for each of them.
    cpu : float
        CPU seconds of those that live and of those that they have waited for. (The command itself never waits for a
        sandbox that ends with its worker.)
    """

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.all, self.worker, self.cpu = pid, 0, 0, 0.0
        self.start()

    def run(self):
        while Path(f"/proc/{self.pid}").exists():
            tree = _tree(self.pid)
            self.all = max(self.all, sum(tree.values()))
            self.cpu = max(self.cpu, sum(map(_cpu, tree)))
            for child in _children(self.pid):
                self.worker = max(self.worker, sum(_tree(child).values()))
            time.sleep(0.2)


def _children(pid):
    found = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(child) for child in path.read_text().split()]
        except OSError:  # it has just ended
            pass
    return found


def _tree(pid):
    """Bytes by process: of pages that it shares with others, its part (of a process that may not be asked, all)."""
    try:
        found = {pid: 1024 * sum(int(line.split()[1]) for line in open(f"/proc/{pid}/smaps_rollup") if line.startswith("Pss:"))}
    except OSError:
        try:
            found = {pid: int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")}
        except (OSError, IndexError):
            return {}
    for child in _children(pid):
        found |= _tree(child)
    return found


def _mixed(lesson, number):
    """A submission that gets better with its number: each exercise solved, spoilt or left alone."""
    rng = random.Random(number)
    nb, solved = courses.release(lesson), {cell.id: cell.source for cell in courses.solution(lesson).cells}
    for cell in nb.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            good = rng.random() < number / (SUBMISSIONS - 1)
            if good or rng.random() < 0.5:
                cell.source = solved[cell.id] + f"\n# {number}"
            if not good:
                cell.source = cell.source.replace(" + ", " - ", 1)
    return nb


def _cpu(pid):
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def _without_demos(nb):
    nb.cells = [cell for cell in nb.cells if cell.cell_type != "code" or cell.metadata.get("nbgrader")]
    return nb


def _timed(course, *command):
    """Seconds, and usage, of a command in the course's folder."""
    path = os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"]
    started = time.monotonic()
    with open(course.folder / "said.txt", "w+") as said:
        environment = os.environ | {"PATH": path}
        run = subprocess.Popen(
            [sys.executable, "-m", *command], cwd=course.folder, env=environment, stdout=said, stderr=said
        )
        usage = Usage(run.pid)
        run.wait()
        seconds = time.monotonic() - started
        usage.join()
        said.seek(0)
        assert run.returncode == 0, said.read()
    return seconds, usage


def _course(folder, lesson, submissions, plain):
    folder.mkdir()
    course = Course(folder, plain=plain)
    shutil.copytree(ROOT / "data", folder / "data")  # what demos read
    course.nbgrader(f"generate_assignment {lesson} --force")
    for number, nb in submissions.items():
        path = folder / "submitted" / f"student{number:02d}" / lesson / f"{lesson}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_bytes(to_bytes(nb))
    return course


def _grades(course, lesson, numbers):
    return {number: course.grades(f"student{number:02d}", lesson) for number in numbers}


def _seconds_of_checks(folder, lesson, numbers):
    """A submission's mean, and that of the CPU time."""
    solved, release = (to_bytes(nb).decode() for nb in (courses.solution(lesson), courses.release(lesson)))
    sources = {cell.name: cell.source for cell in rebuild.released(solved) if cell.kind == rebuild.CHECK}
    paths = []
    for number in numbers:
        cells, _ = rebuild.rebuild(to_bytes(_mixed(lesson, number)), release)
        cells = [cell for cell in cells if cell.kind in (rebuild.LOCKED, rebuild.SOLUTION, rebuild.CHECK)]
        paths.append(folder / f"{number}.json")
        paths[-1].write_text(json.dumps([(cell.kind, sources.get(cell.name, cell.source)) for cell in cells]))
    run = subprocess.run([sys.executable, "-c", CHECKS, *map(str, paths)], cwd=folder, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return [float(word) / len(numbers) for word in run.stdout.split()[-2:]]


def _row(name, *figures):
    return f"  {name:<32}" + "".join(f"{figure:>14}" for figure in figures)


def _gb(size):
    return f"{size / 2**30:.2f} GB"


@pytest.mark.parametrize("kind", LESSONS)
def test_grading(kind, tmp_path, capsys):
    """Prints what was measured; asserts that the grades are the same."""
    session.start()
    if problem := sandbox.explain():
        pytest.skip(problem)
    lesson, numbers, load = LESSONS[kind], range(SUBMISSIONS), os.getloadavg()[0]
    few = [round(i * (SUBMISSIONS - 1) / (WITHOUT_DEMOS - 1)) for i in range(WITHOUT_DEMOS)]
    fewer = [few[len(few) // 3], few[-2]]
    ours = _course(tmp_path / "ours", lesson, {n: _mixed(lesson, n) for n in numbers}, plain=False)
    seconds, usage = _timed(ours, "helpers.grading.run", lesson, "--jobs", str(JOBS))
    again, start = _timed(ours, "helpers.grading.run", lesson, "--jobs", str(JOBS))
    checks, checks_cpu = _seconds_of_checks(ours.folder, lesson, numbers)
    a_minute = 60 * SUBMISSIONS / seconds
    beyond = JOBS * seconds / SUBMISSIONS - checks
    lines = [
        f"{kind}, lesson {lesson[:2]}: {SUBMISSIONS} submissions, {JOBS} processes, load {load:.1f} before",
        _row("", "a minute", "a submission", "its CPU time", "ours is", "goal", "memory", "a worker"),
        _row(
            "grade", f"{a_minute:.1f}", f"{seconds / SUBMISSIONS:.2f} s", f"{usage.cpu / SUBMISSIONS:.2f} s", "", "",
            _gb(usage.all), _gb(usage.worker),
        ),
    ]
    plain = [
        ("plain nbgrader, as is", fewer, lambda nb: nb, 0), ("plain nbgrader, without demos", few, _without_demos, 1),
    ]
    for name, chosen, change, goal in plain:
        course = _course(tmp_path / f"plain{goal}", lesson, {n: change(_mixed(lesson, n)) for n in chosen}, plain=True)
        whole, theirs = _timed(course, "nbgrader", "autograde", lesson)
        nothing, idle = _timed(course, "nbgrader", "autograde", lesson)
        each, each_cpu = (whole - nothing) / len(chosen), (theirs.cpu - idle.cpu) / len(chosen)
        assert _grades(course, lesson, chosen) == _grades(ours, lesson, chosen)
        ratio = a_minute * each / 60
        figures = f"{60 / each:.1f}", f"{each:.2f} s", f"{each_cpu:.2f} s", f"{ratio:.1f} x", f"{GOALS[kind][goal]} x"
        lines.append(_row(f"{name} ({len(chosen)})", *figures, _gb(theirs.all), ""))
    totals = sorted(sum(grades.values()) for grades in _grades(ours, lesson, numbers).values())
    lines += [
        f"  a submission: checks alone {checks:.2f} s; a process {beyond + checks:.2f} s, so {beyond:.2f} s beyond them"
        f" (goal 0.3), {beyond - JOBS * again / SUBMISSIONS:.2f} s without the start of the command",
        f"  CPU time: checks alone {checks_cpu:.2f} s, {usage.cpu / SUBMISSIONS - checks_cpu:.2f} s beyond them,"
        f" {(usage.cpu - start.cpu) / SUBMISSIONS - checks_cpu:.2f} s without the start of the command",
        f"  with nothing to grade {again:.1f} s; {len(set(totals))} totals, from {totals[0]:g} to {totals[-1]:g}",
    ]
    with capsys.disabled():
        print("\n" + "\n".join(lines))
    assert totals[0] < totals[-1]
