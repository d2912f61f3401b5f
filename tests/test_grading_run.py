"""A run of `grade` loses nothing: killed, out of disk, locked out, with workers that die, it goes on where it was."""

import contextlib
import json
import os
import random
import re
import select
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from helpers.checks import exercise
from helpers.grading import check, record, run
from tests import course as courses
from tests import lms
from tests.course import Course, to_bytes

# Two lessons cut down to what takes a second: their setup, imports and these exercises.
LESSON, OTHER = "02-rnn-language-model", "04-vanishing-and-exploding-gradients"
EXERCISES = {LESSON: ("encode", "decode"), OTHER: ("copy-baseline",)}
FULL = 5
POINTS = {"dangelo": FULL, "garcia": 2, "nguyen": 3, "obrien": 0}  # of what `hand_in_all` hands in
KILLS = 18
NUMBER = "7" * run.DIGITS

DUE, IN_TIME, LATE = "2026-11-19 12:00:00 UTC", "2026-11-19 09:30:00 UTC", "2026-11-20 08:15:00 UTC"

WRONG = """
def encode(text, vocabulary):
    print("<script>alert(1)</script>")
    return [vocabulary.find(c) for c in text]
encode("a", "abc")
"""
SLOW = "import time\ntime.sleep(2)\n"
ENDLESS = "import time\ntime.sleep(1000)\n"  # what must not have ended before a test has done what it does meanwhile

# The command, again and again: nbgrader takes seconds to load, so it is loaded once and forked. A line of JSON starts
# the command (or, after "sh", another one) in a process group of its own; the answers are its id and its exit code.
SERVER = """
import json, os, sys
from helpers.grading import record, report, run
from helpers.plots import figure
for line in sys.stdin:
    arguments, said = json.loads(line)
    child = os.fork()
    if not child:
        os.setsid()
        file = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(file, 1)
        os.dup2(file, 2)
        if arguments[:1] == ["sh"]:
            os.execvp("sh", arguments)
        sys.exit(run.main(arguments))
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class Engine:
    """The command `grade` in a course's folder, with what it says."""

    def __init__(self, folder, walls=()):
        self.folder, self.said = folder, folder / "said.txt"
        (folder / "tmp").mkdir(exist_ok=True)
        environment = os.environ | {"TMPDIR": str(folder / "tmp"), exercise.PRIVATE_NUMBER: NUMBER}
        command = [*walls, sys.executable, "-c", SERVER]
        self.running = None
        self.server = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
        )

    def start(self, *arguments):
        """Start the command; its process's id, which is its group's too."""
        self.stop()
        self.server.stdin.write(json.dumps([arguments, str(self.said)]).encode() + b"\n")
        self.running = int(self.server.stdout.readline())
        return self.running

    def has_ended(self, seconds=0.0):
        return bool(select.select([self.server.stdout], [], [], seconds)[0])

    def wait(self):
        """Its exit code, and what it wrote."""
        code, self.running = int(self.server.stdout.readline()), None
        return code, self.said.read_text("utf-8")

    def stop(self):
        """End what a test that failed has left."""
        if self.running:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.running, signal.SIGKILL)
            self.wait()

    def run(self, *arguments):
        self.start(*arguments)
        return self.wait()

    def close(self):
        self.stop()
        self.server.stdin.close()
        self.server.wait()
        self.server.stdout.close()


class Small(Course):
    """A course with the two cut-down lessons, released; `begin` takes it back to where nobody has handed in."""

    def __init__(self, folder):
        super().__init__(folder)
        lms.write_roster(folder / "roster.csv")
        for lesson, names in EXERCISES.items():
            nb = courses.solution(lesson)
            kept = {"setup", "imports", *names, *(f"check-{name}" for name in names)}
            nb.cells = [cell for cell in nb.cells if cell.id in kept]
            nbformat.write(nb, folder / "solutions" / lesson / f"{lesson}.ipynb")
        with open(folder / "nbgrader_config.py", "a") as file:
            file.write('\nc.LateSubmissionPlugin.penalty_method = "zero"\n')
        self.nbgrader(
            f"db assignment add {LESSON} --duedate='{DUE}'", "db student import roster.csv",
            f"generate_assignment {LESSON} --force", f"generate_assignment {OTHER} --force",
        )
        shutil.copy(folder / "gradebook.db", folder / "empty.db")

    def begin(self):
        if (self.folder / ".grading").is_symlink():
            (self.folder / ".grading").unlink()
        for name in ("submitted", "autograded", "feedback", "reports", ".grading"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        for path in self.folder.glob("gradebook.db*"):
            path.unlink()
        shutil.copy(self.folder / "empty.db", self.folder / "gradebook.db")

    def answer(self, lesson=LESSON, answered=None, **sources):
        """The release with these exercises solved (all of them without a word), or answered by these sources."""
        nb = nbformat.read(self.folder / "notebooks" / lesson / f"{lesson}.ipynb", as_version=4)
        solved = {cell.id: cell.source for cell in courses.solution(lesson).cells}
        for cell in nb.cells:
            if cell.id in (EXERCISES[lesson] if answered is None else answered):
                cell.source = solved[cell.id]
            if cell.id in sources:
                cell.source = sources[cell.id]
        return to_bytes(nb)

    def hand_in(self, student, data, when=None, lesson=LESSON, ending=".ipynb"):
        folder = self.folder / "submitted" / student / lesson
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{lesson}{ending}").write_bytes(data)
        if when:
            (folder / "timestamp.txt").write_text(when)

    def hand_in_all(self):
        """Four of all sorts: solved, wrong and late, solved in part, no notebook."""
        self.hand_in("dangelo", self.answer(), IN_TIME)
        self.hand_in("garcia", self.answer(answered=["decode"], encode=WRONG), LATE)
        self.hand_in("nguyen", self.answer(answered=["encode"]))
        self.hand_in("obrien", b"{ this is not JSON", IN_TIME)

    def book(self):
        """All that a run puts into the gradebook."""
        with Gradebook(f"sqlite:///{self.folder}/gradebook.db", "rnn-course") as gradebook:
            return sorted(_submission(one) for lesson in EXERCISES for one in gradebook.assignment_submissions(lesson))

    def files(self):
        """Results, graded notebooks and reports, by name; what was only begun to be written does not count."""
        folders = [self.folder / name for name in (".grading", "autograded", "reports")]
        paths = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
        return {str(path.relative_to(self.folder)): path for path in paths if path.suffix != ".part"}

    def state(self):
        return self.book(), {name: path.read_bytes() for name, path in self.files().items()}

    def results(self):
        """Of each result in the journal the file's identity: another one if it is written again."""
        files = {name: path.stat() for name, path in self.files().items() if name.startswith(".grading")}
        return {name: (file.st_ino, file.st_mtime_ns) for name, file in files.items()}

    def scores(self, lesson=LESSON):
        """Each student's points."""
        return {line[1]: line[4] for line in self.book() if line[0] == lesson}

    @contextlib.contextmanager
    def configured(self, line):
        path = self.folder / "nbgrader_config.py"
        before = path.read_text()
        path.write_text(f"{before}\n{line}\n")
        try:
            yield
        finally:
            path.write_text(before)


def _submission(one):
    grades = [
        (g.name, g.auto_score, g.manual_score, g.extra_credit, g.needs_manual_grade)
        for n in one.notebooks for g in n.grades
    ]
    comments = [(c.name, str(c.auto_comment), str(c.manual_comment)) for n in one.notebooks for c in n.comments]
    lateness = str(one.timestamp), one.total_seconds_late, one.late_submission_penalty
    grades, comments = sorted(grades), sorted(comments)
    return one.assignment.name, one.student_id, len(one.notebooks), lateness, one.score, grades, comments


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    courses.require_sandbox()
    return Small(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="module")
def engine(released):
    engine = Engine(released.folder)
    yield engine
    engine.close()


@pytest.fixture
def course(released):
    released.begin()
    return released


def _processes(folder, but=()):
    """The processes, but some, that were started for this course: they or their environment name its folder."""
    found = {}
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if str(folder).encode() in (path / "environ").read_bytes() + (path / "cmdline").read_bytes():
                found[int(path.name)] = (path / "cmdline").read_bytes().replace(b"\0", b" ")[:200]
    return {pid: words for pid, words in found.items() if pid not in but}


def _soon(condition, seconds=600.0):
    """Whether it comes true; a busy machine may take its time."""
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return condition()


def _no_process_is_left(engine):
    return _soon(lambda: not _processes(engine.folder, but=[engine.server.pid])), _processes(engine.folder)


def _workers(pid):
    """The grading processes of a run."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]


def _count(said, row):
    return int(re.search(rf"^  {row} +(\d+)", said, re.MULTILINE)[1])


def _one_line(said):
    """What the command said, where that is one line and names it."""
    lines = said.strip().splitlines()
    assert len(lines) == 1 and lines[0].startswith("grade: "), said
    return lines[0]


# ---- one run, two runs


def test_the_gradebook_has_what_grading_found_and_a_second_run_does_nothing(course, engine):
    course.hand_in_all()
    code, said = engine.run(LESSON)
    assert code == 0 and (_count(said, "graded now"), _count(said, "changed in the gradebook")) == (4, 4), said
    journal = [json.loads((course.folder / name).read_bytes())["scores"] for name in course.results()]
    grades = {line[1]: {grade[0]: grade[1] for grade in line[5]} for line in course.book()}
    assert all(scores in journal for scores in grades.values()) and len(journal) == 4
    assert {student: sum(scores.values()) for student, scores in grades.items()} == POINTS
    kept = {name: path.stat() for name, path in course.files().items()}
    before = course.state()
    code, again = engine.run(LESSON)
    assert code == 0 and (_count(again, "graded now"), _count(again, "changed in the gradebook")) == (0, 0), again
    assert course.state() == before
    assert again.split("points")[1] == said.split("points")[1]
    for name, path in course.files().items():
        if not name.startswith("reports"):
            assert (path.stat().st_ino, path.stat().st_mtime_ns) == (kept[name].st_ino, kept[name].st_mtime_ns), name


def test_the_journals_are_those_of_grade_alone(course, engine, monkeypatch):
    """The journal's bytes are what the function gives, on one process as on two."""
    course.hand_in_all()
    assert engine.run(LESSON, "--jobs", "1")[0] == 0
    one = course.state()
    shutil.rmtree(course.folder / ".grading")
    assert engine.run(LESSON, "--jobs", "2")[0] == 0
    assert course.state() == one
    assert engine.run(LESSON, "--regrade")[0] == 0
    assert course.state() == one
    monkeypatch.chdir(course.folder)
    app = run.application(course.folder)
    lesson = run.Course(app).lesson(LESSON)
    submission = (course.folder / "submitted" / "garcia" / LESSON / f"{LESSON}.ipynb").read_bytes()
    try:
        data = check.grade(check.task(LESSON, submission, lesson[0], lesson[1], NUMBER))
    finally:
        check.close()
    assert data in one[1].values()


# ---- killed


def test_killed_at_any_moment_it_goes_on(course, engine):
    rng = random.Random(5)
    course.hand_in_all()
    started = time.monotonic()
    assert engine.run(LESSON, "--jobs", "1")[0] == 0
    took, undisturbed = time.monotonic() - started, course.state()
    course.begin()
    course.hand_in_all()
    kills, in_transaction, seen = 0, 0, {}
    while kills < KILLS:
        group = engine.start(LESSON, "--jobs", "1" if kills % 2 else "2")
        if not _moment(course, engine, rng, kills, took):
            with contextlib.suppress(ProcessLookupError):  # it may have ended since it was looked at: no kill then
                os.killpg(group, signal.SIGKILL)
                kills += 1
                in_transaction += (course.folder / "gradebook.db-journal").exists()
        code, said = engine.wait()
        assert code in (0, -signal.SIGKILL), said
        now = course.results()
        assert seen.items() <= now.items(), "a result was computed twice"
        seen = now
        if code == 0:
            assert course.state() == undisturbed
            course.begin()
            course.hand_in_all()
            seen = {}
    assert in_transaction, "no kill hit a transaction: the test tests less than it says"
    assert engine.run(LESSON)[0] == 0
    assert course.state() == undisturbed and seen.items() <= course.results().items()
    assert _no_process_is_left(engine) == (True, {engine.server.pid: _processes(engine.folder)[engine.server.pid]})
    assert list((course.folder / "tmp").iterdir()) == []


def _moment(course, engine, rng, number, took):
    """Wait for the moment of a kill; whether the run ended before it came.

    A third each: any time, soon after a result, in a transaction of the gradebook.
    """
    if number % 3 == 0:
        return engine.has_ended(rng.uniform(0, took))
    if number % 3 == 1:
        enough = len(course.results()) + rng.randrange(1, 3)
        while not engine.has_ended(0.005):
            if len(course.results()) >= enough:
                return engine.has_ended(rng.uniform(0, 0.2 * took / 4))
        return True
    return _ends_before_transaction(course, engine, rng.randrange(1, 8))


def _ends_before_transaction(course, engine, wanted):
    """Wait for a run's transaction of this number in the gradebook; whether the run ended before."""
    there, journal = False, course.folder / "gradebook.db-journal"
    while not engine.has_ended(0.0002):
        there, before = journal.exists(), there
        wanted -= there and not before
        if wanted == 0:
            return False
    return True


def test_without_its_main_process_nothing_goes_on(course, engine):
    """As the kernel does when memory is short: it kills one process, not its group."""
    course.hand_in("dangelo", course.answer(encode=SLOW))
    main = engine.start(LESSON, "--jobs", "1")
    assert _soon(lambda: b"helpers.grading.student" in b"".join(_processes(engine.folder).values()))
    os.kill(main, signal.SIGKILL)
    engine.wait()
    assert _no_process_is_left(engine)[0], _processes(engine.folder)


def test_interrupted_it_says_so_in_one_line(course, engine):
    course.hand_in("dangelo", course.answer(encode=ENDLESS))
    group = engine.start(LESSON, "--jobs", "2")
    assert _soon(lambda: b"helpers.grading.student" in b"".join(_processes(engine.folder).values()))
    os.killpg(group, signal.SIGINT)
    code, said = engine.wait()
    assert code == 130 and "Run the command again" in _one_line(said)
    assert _no_process_is_left(engine)[0]


# ---- a worker dies


def test_a_worker_that_dies_costs_nobody_a_grade(course, engine):
    course.hand_in_all()
    course.hand_in("vandenberg", course.answer(encode=SLOW))
    main = engine.start(LESSON, "--jobs", "2")
    assert _soon(lambda: _workers(main))
    assert _soon(lambda: course.results() or engine.has_ended())
    with contextlib.suppress(OSError):  # on a busy machine the run may have ended: then nobody has lost a grade either
        for worker in _workers(main):
            os.kill(worker, signal.SIGKILL)
    code, said = engine.wait()
    assert code == 0, said
    assert course.scores() == POINTS | {"vandenberg": 2}


def test_a_submission_that_always_kills_its_worker_gets_a_reason(course, engine):
    course.hand_in_all()
    assert engine.run(LESSON)[0] == 0
    before, known = course.scores(), course.results()
    course.hand_in("vandenberg", course.answer(encode=ENDLESS))
    main, dead = engine.start(LESSON, "--jobs", "2"), set()
    while not engine.has_ended(0.02):
        with contextlib.suppress(OSError):
            for worker in set(_workers(main)) - dead:
                if _soon(lambda: Path(f"/proc/{worker}/task/{worker}/children").read_text()):
                    os.kill(worker, signal.SIGKILL)
                    dead.add(worker)
    code, said = engine.wait()
    assert code == 1 and "grade: vandenberg: it ended the process that graded it" in said, said
    assert course.scores() == before | {"vandenberg": 0}
    page = (course.folder / "autograded" / "vandenberg" / LESSON / f"{LESSON}.ipynb").read_text()
    assert "Grading it failed for a reason of the grader" in page
    assert course.results() == known  # it was not its fault: the next run tries again


def test_no_task_is_lost_between_two_results(course, monkeypatch):
    """The workers die while the main process writes a result down; what is submitted next meets a broken pool."""
    monkeypatch.chdir(course.folder)
    lesson = run.Course(run.application(course.folder)).lesson(LESSON)
    tasks = {str(n): check.task(LESSON, b"no notebook %d" % n, lesson[0], lesson[1], NUMBER) for n in range(6)}
    tasks["not a task"] = b"{"
    found, reasons = {}, {}
    with run.Pool(2) as pool:
        for key, data, reason in pool.run(list(tasks), tasks.get):
            assert key not in found
            found[key], reasons[key] = data, reason
            if len(found) in (1, 3):
                for process in list(pool.executor._processes.values()):
                    process.kill()
                    process.join()
                time.sleep(0.5)  # until the pool knows
    assert found.keys() == tasks.keys()
    assert [key for key, data in found.items() if data is None] == ["not a task"]
    assert "the engine failed" in reasons.pop("not a task") and not any(reasons.values())


# ---- no room, no right, no lock


def _refused(course, engine, *words):
    """The run ends with one clear line; what it found before stays."""
    code, said = engine.run(LESSON, "--jobs", "1")
    assert code == 2, said
    line = _one_line(said)
    for word in words:
        assert word in line, line


def test_a_gradebook_that_cannot_be_written(course, engine):
    course.hand_in_all()
    database = course.folder / "gradebook.db"
    with course.configured(f"c.CourseDirectory.db_url = 'sqlite:///file:{database}?mode=ro&uri=true'"):
        _refused(course, engine, "readonly", "right to write", "again")
    assert course.results() and not course.book()
    assert engine.run(LESSON)[0] == 0 and len(course.book()) == 4


@pytest.mark.parametrize("lock", ["IMMEDIATE", "EXCLUSIVE"])
def test_a_gradebook_that_is_locked(course, engine, lock):
    course.hand_in_all()
    with contextlib.closing(sqlite3.connect(course.folder / "gradebook.db", isolation_level=None)) as other:
        other.execute(f"BEGIN {lock}")
        _refused(course, engine, "locked", "Another program", "again")
    before = course.results()
    assert (lock == "IMMEDIATE") == bool(before)
    assert engine.run(LESSON)[0] == 0 and len(course.book()) == 4
    assert before.items() <= course.results().items()


@pytest.fixture(scope="module")
def small_disk(released):
    """The command where the course's folder `full` is a disk of 1 MB."""
    (released.folder / "full").mkdir()
    here, full = str(released.folder), str(released.folder / "full")
    walls = ["bwrap", "--dev-bind", "/", "/", "--size", str(2**20), "--tmpfs", full, "--chdir", here]
    engine = Engine(released.folder, walls)
    yield engine
    engine.close()


def _shell(engine, command):
    code, said = engine.run("sh", "-c", command)
    assert code == 0, said


def test_no_room_for_the_journal(course, small_disk):
    course.hand_in_all()
    (course.folder / ".grading").symlink_to("full")
    _shell(small_disk, "dd if=/dev/zero of=full/filler bs=1024 count=1004 2>/dev/null")
    _refused(course, small_disk, ".grading", "No space left", "Make room", "again")
    recorded = course.book()
    assert 0 < len(recorded) < 4
    _shell(small_disk, "rm full/filler; ls full/results > results.txt")
    assert (course.folder / "results.txt").read_text().count(".json") == len(recorded)
    code, said = small_disk.run(LESSON)
    assert code == 0 and _count(said, "graded now") == 4 - len(recorded) and len(course.book()) == 4


def test_no_room_for_the_gradebook(course, small_disk):
    course.hand_in_all()
    with course.configured(f"c.CourseDirectory.db_url = 'sqlite:///{course.folder}/full/gradebook.db'"):
        _shell(small_disk, "rm -rf full/*; cp empty.db full/gradebook.db")
        _shell(small_disk, "dd if=/dev/zero of=full/filler bs=1024 count=2000 2>/dev/null; true")
        _refused(course, small_disk, "full", "Make room", "again")
        kept = course.results()
        assert kept
        _shell(small_disk, "rm full/filler")
        code, said = small_disk.run(LESSON)
        assert code == 0 and _count(said, "known from before") == len(kept), said
        _shell(small_disk, "cp full/gradebook.db gradebook.db; rm -rf full/*")
    assert len(course.book()) == 4


# ---- a mended check


def test_a_mended_check_grades_its_lesson_again_and_writes_what_changed(course, engine):
    course.hand_in_all()
    course.hand_in("dangelo", course.answer(OTHER), lesson=OTHER)
    assert engine.run()[0] == 0
    graded = {name: path.stat().st_mtime_ns for name, path in course.files().items() if name.startswith("autograded")}
    checks = course.folder / "helpers" / "checks" / "lesson02.py"
    before = checks.read_text("utf-8")
    try:
        checks.write_text(before + "\n# another comment\n", "utf-8")
        code, said = engine.run()
        assert code == 0
        first, second = said.split(OTHER)[0], said.split(OTHER)[1]
        assert (_count(first, "graded now"), _count(first, "changed in the gradebook")) == (4, 0), said
        assert (_count(second, "graded now"), _count(second, "known from before")) == (0, 1), said
        criterion = "each character becomes its position in the vocabulary"
        assert criterion in before
        checks.write_text(before.replace(criterion, "characters become positions"), "utf-8")
        code, said = engine.run(LESSON)
        assert code == 0 and _count(said, "changed in the gradebook") == 3, said
    finally:
        checks.write_text(before, "utf-8")
    now = {name: path.stat().st_mtime_ns for name, path in course.files().items()}
    changed = {name.split("/")[1] for name in graded if now[name] != graded[name]}
    assert changed == {"dangelo", "garcia", "nguyen"}  # not what is no notebook


def test_handed_in_again_later_the_lateness_is_the_new_one(course, engine):
    """The same notebook with another time: what follows from it is right, also after a kill in between."""
    expected = {IN_TIME: (0, 0), LATE: (20.25 * 3600, FULL)}
    course.hand_in("dangelo", course.answer(), IN_TIME)
    assert engine.run(LESSON)[0] == 0 and course.book()[0][3][1:] == expected[IN_TIME]
    for when, later in [(LATE, 0.0), (IN_TIME, 0.01), (LATE, 0.02), (IN_TIME, 0.04)]:
        course.hand_in("dangelo", course.answer(), when)
        group = engine.start(LESSON)
        assert not _ends_before_transaction(course, engine, 1) and not engine.has_ended(later)
        os.killpg(group, signal.SIGKILL)
        assert engine.wait()[0] == -signal.SIGKILL
        assert engine.run(LESSON)[0] == 0
        assert course.book()[0][3][1:] == expected[when]


# ---- what the command is asked


def test_what_is_asked_for_is_graded(course, engine):
    course.hand_in_all()
    course.hand_in("vandenberg", course.answer(OTHER), lesson=OTHER)
    assert engine.run(LESSON, "--student", "garcia", "--student", "nguyen")[0] == 0
    assert set(course.scores()) == {"garcia", "nguyen"}
    code, said = engine.run("--student", "vandenberg")  # of all lessons, those that this one handed in
    assert code == 0 and course.scores(OTHER) == {"vandenberg": 3}, said
    assert engine.run("--assignment", LESSON, "--jobs", "1")[0] == 0
    assert set(course.scores()) == {"dangelo", "garcia", "nguyen", "obrien"}
    code, said = engine.run(LESSON, "--regrade")
    assert code == 0 and (_count(said, "graded now"), _count(said, "changed in the gradebook")) == (4, 0)


@pytest.mark.parametrize("arguments, words", [
    (["99-no-such-lesson"], "99-no-such-lesson"),
    ([LESSON], "Nobody has handed in"),
    ([], "Nothing to grade"),
    ([LESSON, "--student", "nobody"], "nobody"),
    ([LESSON, "--archive", "no.zip"], "no.zip"),
    (["--archive", "no.zip"], "name it"),
    ([LESSON, "--course-dir", "/"], "nbgrader_config.py"),
    (["05-keras-simple-rnn"], "generate_assignment"),  # released, but unknown to the gradebook
])
def test_what_cannot_be_graded_is_one_clear_line(course, engine, arguments, words):
    (course.folder / "submitted").mkdir()
    code, said = engine.run(*arguments)
    assert code == 2 and words in _one_line(said)


def test_a_private_number_that_could_be_guessed_is_refused(course, monkeypatch, capsys):
    monkeypatch.chdir(course.folder)
    monkeypatch.setenv(exercise.PRIVATE_NUMBER, NUMBER[1:])
    assert run.main([LESSON]) == 2 and "openssl rand -hex 16" in _one_line(capsys.readouterr().err)
    course.hand_in("dangelo", b"")
    with pytest.raises(run.GradeError, match="31 characters"):  # nbgrader's button
        run.grade_one(run.Course(run.application(course.folder)), LESSON, "dangelo")


def test_a_terminal_that_lacks_a_letter_of_a_name_does_not_end_the_run(course, tmp_path):
    files = {"dangelo": {"zoë.pdf": b"%PDF"}, "garcia": course.answer(answered=["decode"])}
    archive = lms.canvas_download(tmp_path, files, LESSON)
    command = [sys.executable, "-W", "default::ResourceWarning", "-m", "helpers.grading.run", LESSON, "--archive", str(archive), "--jobs", "1"]
    done = subprocess.run(command, cwd=course.folder, capture_output=True, text=True, env=os.environ | {"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0 and "zo\\xeb.pdf" in done.stdout and course.scores() == {"dangelo": 0, "garcia": 2}, done.stderr
    assert "ResourceWarning" not in done.stderr  # what was opened is closed


def test_the_course_may_be_elsewhere(course, tmp_path):
    """Even where the command is run in another course; and the installed command is this one."""
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\nc.CourseDirectory.root = '.'\n")
    course.hand_in("dangelo", course.answer())
    command = [str(Path(sys.executable).with_name("grade")), LESSON, "--course-dir", str(course.folder), "--jobs", "1"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0 and course.scores() == {"dangelo": FULL}, done.stderr


@pytest.mark.parametrize("platform", ["Moodle", "Canvas"])
def test_an_archive_is_taken_in_and_graded(course, engine, tmp_path, platform):
    files = {"dangelo": course.answer(), "garcia": course.answer(answered=["decode"]), "nguyen": b"{ no notebook", "obrien": {"a.pdf": b"%PDF"}}
    if platform == "Moodle":
        lms.moodle_download(tmp_path, files, LESSON, times={"garcia": "Friday, 20 November 2026, 8:15 AM"})
        code, said = engine.run(LESSON, "--archive", str(tmp_path))
    else:
        code, said = engine.run(LESSON, "--archive", str(lms.canvas_download(tmp_path, files, LESSON, late=["garcia"])))
    assert code == 0, said
    grades = {line[1]: sum(grade[1] for grade in line[5]) for line in course.book()}
    late = {line[1]: line[3][1] > 0 for line in course.book()}
    assert grades == {"dangelo": FULL, "garcia": 2, "nguyen": 0, "obrien": 0}
    assert late == {"dangelo": False, "garcia": True, "nguyen": False, "obrien": False}
    assert "There was no notebook in what was handed in" in (course.folder / "reports" / LESSON / "index.html").read_text("utf-8")
    assert "--force" not in said
    assert list((course.folder / "tmp").iterdir()) == []


# ---- broken submissions


def test_each_gets_a_grade_and_a_reason_that_the_feedback_shows(course, engine):
    broken = {"empty": b"", "text": b"my notebook is attached", "list": b"[1, 2]", "blanks": b" " * 70_000_000}
    for student, data in broken.items():
        course.hand_in(student, data)
    course.hand_in("intake", b"%PDF-1.7", ending=".unreadable")
    course.hand_in("surrogate", json.dumps(json.loads(course.answer(decode="x = 'LONE'"))).replace("LONE", "\\ud83d").encode())
    for student in ("link", "folder"):
        (course.folder / "submitted" / student / LESSON).mkdir(parents=True)
    (course.folder / "submitted" / "link" / LESSON / f"{LESSON}.ipynb").symlink_to("/etc/passwd")
    (course.folder / "submitted" / "folder" / LESSON / f"{LESSON}.ipynb").mkdir()
    course.hand_in("garcia", course.answer(answered=["decode"], encode=WRONG), LATE)
    code, said = engine.run(LESSON)
    assert code == 0 and _count(said, "not a notebook") == 7, said
    assert course.scores() == {"garcia": 2, "surrogate": 3} | dict.fromkeys([*broken, "intake", "link", "folder"], 0)
    course.nbgrader(f"generate_feedback {LESSON}")
    reasons = dict.fromkeys(["empty", "blanks", "link", "folder"], "The file is empty")
    reasons |= dict.fromkeys(["text", "intake"], "cannot be read as JSON") | {"list": "JSON of another kind"}
    for student, words in reasons.items():
        page = (course.folder / "feedback" / student / LESSON / f"{LESSON}.html").read_text("utf-8")
        assert "Nothing could be graded" in page and words in page, student
        assert "root:" not in page
    page = (course.folder / "feedback" / "garcia" / LESSON / f"{LESSON}.html").read_text("utf-8")
    assert "&lt;script&gt;alert(1)" in page and "<script>alert(1)" not in page
    for words in ("each character becomes its position", "int64, for an empty text too", "an unknown character is"):
        assert words in page
    assert "expected" in page  # what was found instead


def test_a_result_that_cannot_be_recorded_costs_that_student_alone(course, monkeypatch, capsys):
    """Whatever the reason: the others are recorded, the student is named and gets 0 with a reason, now and in the next run."""
    monkeypatch.chdir(course.folder)
    monkeypatch.delenv(exercise.PRIVATE_NUMBER, raising=False)
    course.hand_in_all()
    app = run.application(course.folder)
    book = record.Record(app)

    def refuses(assignment, student, result):
        if student == "garcia" and not result["problem"]:
            "\ud83d".encode()
        return record.Record.put(book, assignment, student, result)

    monkeypatch.setattr(book, "put", refuses)
    with run.Pool(1) as pool:
        for _ in range(2):
            assert run.grade_assignment(run.Course(app), book, pool, LESSON) == 1
            assert "grade: garcia: the result cannot be recorded (UnicodeEncodeError" in capsys.readouterr().err
            assert course.scores() == POINTS | {"garcia": 0}


def test_a_broken_time_stamp_is_named_and_mended(course, engine):
    course.hand_in_all()
    course.hand_in("dangelo", course.answer(), "the day before yesterday, or so")
    code, said = engine.run(LESSON)
    assert code == 2 and str(Path("submitted", "dangelo", LESSON, "timestamp.txt")) in said.splitlines()[-1], said
    assert "Traceback" not in said
    course.hand_in("dangelo", course.answer(), IN_TIME)
    assert engine.run(LESSON)[0] == 0 and len(course.book()) == 4


# ---- a cluster


@pytest.fixture
def cluster(course, tmp_path):
    """A Dask scheduler and two workers on this machine: its address, and the workers."""
    pytest.importorskip("distributed")
    address = tmp_path / "scheduler.json"
    common = ["--scheduler-file", str(address), "--no-dashboard"]
    environment = os.environ | {"PYTHONPATH": str(course.folder), "TMPDIR": str(course.folder / "tmp")}
    commands = [["distributed.cli.dask_scheduler", *common, "--host", "127.0.0.1", "--port", "0"]]
    worker = ["--nthreads", "1", "--no-nanny", "--host", "127.0.0.1", "--local-directory", str(tmp_path)]
    commands += 2 * [["distributed.cli.dask_worker", *common, *worker]]
    with open(tmp_path / "cluster.txt", "w") as said:
        started = [
            subprocess.Popen([sys.executable, "-m", *command], cwd=tmp_path, env=environment, stdout=said, stderr=said)
            for command in commands
        ]
    assert _soon(address.is_file), (tmp_path / "cluster.txt").read_text()
    yield json.loads(address.read_text())["address"], started[1:]
    for process in reversed(started):
        process.kill()
        process.wait()


def test_on_a_cluster_that_loses_a_worker(course, engine, cluster):
    course.hand_in_all()
    assert engine.run(LESSON)[0] == 0
    course.hand_in("vandenberg", course.answer(encode=SLOW))
    assert engine.run(LESSON, "--student", "vandenberg")[0] == 0
    undisturbed = course.state()
    shutil.rmtree(course.folder / ".grading")
    shutil.rmtree(course.folder / "autograded")
    shutil.copy(course.folder / "empty.db", course.folder / "gradebook.db")
    address, workers = cluster
    engine.start(LESSON, "--scheduler", address)
    busy = []

    def one_is_busy():
        tasks = [(worker, task) for worker in workers for task in Path(f"/proc/{worker.pid}/task").glob("*")]
        busy[:] = [worker for worker, task in tasks if (task / "children").read_text().strip()]
        return busy or engine.has_ended()

    assert _soon(one_is_busy, 100) and not engine.has_ended()
    busy[0].kill()
    code, said = engine.wait()
    assert code == 0, said
    assert course.state() == undisturbed


def test_a_scheduler_that_is_not_there(course, engine):
    course.hand_in_all()
    code, said = engine.run(LESSON, "--scheduler", "tcp://127.0.0.1:1")
    assert code == 2 and "tcp://127.0.0.1:1" in _one_line(said)


def test_dask_is_loaded_only_when_asked_for():
    code = "import sys, helpers.grading.run, helpers.grading.record; print({'dask', 'distributed'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
