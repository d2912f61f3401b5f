"""The instructor's path with lesson 01: release, collect, autograde, feedback, export, as the README says it."""

import copy
import csv
import json
import os
import shlex
import shutil
import subprocess
import sys

import nbformat
import pytest
from nbgrader.api import Gradebook

from helpers import authoring
from helpers.authoring import ROOT
from tests import lms

LESSON = "01-feedforward-vs-recurrent"
DUE = "2026-11-19 12:00 UTC"
LATE = "Friday, 20 November 2026, 8:15 AM"

# A partly solved lesson. rnn_step and unroll are right, though one warns and writes to stderr.
PARTLY = {
    "rnn_step": """
import logging, os, sys, warnings
logging.basicConfig()
def rnn_step(x_t, h_prev, weights):
    warnings.warn("I am not sure")
    print("still here", file=sys.stderr)
    logging.warning("and in the log")
    os.write(2, b"and on file descriptor 2")
    return np.tanh(x_t @ weights["W_xh"] + h_prev @ weights["W_hh"] + weights["b_h"])
""",
    "unroll": """
def unroll(x, h_0, weights):
    states = [h_0]
    for t in range(x.shape[1]):
        states.append(rnn_step(x[:, t], states[-1], weights))
    return np.stack(states[1:], axis=1)
""",
    "count_parameters": """
def count_parameters(timesteps, input_size, hidden_size, output_size):
    output = hidden_size * output_size + output_size
    return {
        "feedforward": timesteps * input_size * hidden_size + output,
        "recurrent": (input_size + hidden_size + 1) * hidden_size + output,
    }
""",
    "crossover_length": "def crossover_length(input_size, hidden_size)\n    return 2",
    "wire": """
def wire(kind, x, weights, timesteps=None):
    if kind == "one-to-many":
        raise NotImplementedError
    sequence = x if x.ndim == 3 else x[:, None]
    y = unroll(sequence, np.zeros((len(x), len(weights["b_h"]))), weights) @ weights["W_hy"] + weights["b_y"]
    return y if kind == "many-to-many" else y[:, -1]
""",
}
POINTS = {"rnn_step": 5, "unroll": 6, "count_parameters": 2, "crossover_length": 0, "wire": 3}
ALL_POINTS = 27


def solution():
    return nbformat.read(ROOT / "solutions" / LESSON / f"{LESSON}.ipynb", as_version=4)


def release():
    return nbformat.read(ROOT / "notebooks" / LESSON / f"{LESSON}.ipynb", as_version=4)


def partly():
    nb = release()
    for cell in nb.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if name in PARTLY:
            cell.source = PARTLY[name]
    return nb


def to_bytes(nb):
    return nbformat.writes(nb).encode()


def saved_by_colab(nb):
    """The notebook as Colab downloads it: old minor version, no cell ids, its own metadata."""
    nb = copy.deepcopy(nb)
    nb.nbformat_minor = 0
    nb.metadata = nbformat.from_dict({
        "colab": {"provenance": [], "toc_visible": True},
        "kernelspec": {"display_name": "Python 3", "name": "python3"},
        "language_info": {"name": "python"},
    })
    for i, cell in enumerate(nb.cells):
        del cell["id"]
        cell.metadata["id"] = f"aB3_{i:08d}"
        if cell.cell_type == "code":
            cell.metadata["outputId"] = f"7f-{i:08d}"
    return to_bytes(nb)


def saved_by_classic_notebook(nb):
    """The notebook as the classic interface saves it: minor version 2, no cell ids, collapsed and scrolled flags."""
    nb = copy.deepcopy(nb)
    nb.nbformat_minor = 2
    nb.metadata["language_info"] = {"name": "python", "version": "3.8.10", "file_extension": ".py"}
    nb.metadata["celltoolbar"] = "Create Assignment"
    for cell in nb.cells:
        del cell["id"]
        if cell.cell_type == "code":
            cell.metadata |= {"collapsed": False, "scrolled": True}
    return to_bytes(nb)


# nbgrader takes seconds to load: load it once, then give each command a process of its own.
NBGRADER = """
import json, os, sys
from nbgrader.apps import NbGraderApp
for arguments in json.loads(sys.argv[1]):
    child = os.fork()
    if not child:
        NbGraderApp.launch_instance(arguments)
        sys.exit(0)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
        sys.exit(1)
"""


class Course:
    """A course in a folder of its own, run by nbgrader's command line with the course's configuration."""

    def __init__(self, folder):
        self.folder = folder
        listed = subprocess.run(
            ["git", "ls-files", "-coz", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
        )
        for name in filter(None, listed.stdout.split("\0")):
            if (ROOT / name).is_file() and not name.startswith(("tests/", "data/")):
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, folder / name)

    def nbgrader(self, *commands, succeeds=True):
        """Run nbgrader commands one after the other, as the command line does; return what they wrote."""
        environment = os.environ | {"PATH": os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"]}
        arguments = [shlex.split(command) for command in commands]
        run = subprocess.run(
            [sys.executable, "-c", NBGRADER, json.dumps(arguments)], cwd=self.folder, env=environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )
        assert (run.returncode == 0) == succeeds, run.stdout
        return run.stdout

    def grades(self, student):
        """Points by exercise, as the gradebook has them."""
        with Gradebook(f"sqlite:///{self.folder}/gradebook.db", "rnn-course") as gradebook:
            grades = gradebook.find_submission_notebook(LESSON, LESSON, student).grades
            return {grade.name.removeprefix("check-"): grade.auto_score for grade in grades}


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """Released to a class of five, collected from Moodle's archive, graded."""
    course = Course(tmp_path_factory.mktemp("course"))
    lms.write_roster(course.folder / "roster.csv")
    files = {
        "dangelo": to_bytes(solution()),
        "garcia": to_bytes(partly()),
        "nguyen": to_bytes(release()),
        "obrien": saved_by_colab(partly()),
        "vandenberg": to_bytes(partly())[:5000],
    }
    lms.moodle_download(course.folder / "downloaded" / LESSON / "archive", files, LESSON, times={"obrien": LATE})
    course.graded = course.nbgrader(
        f"db assignment add {LESSON} --duedate='{DUE}'",
        "db student import roster.csv",
        f"generate_assignment {LESSON} --force",
        f"zip_collect {LESSON}",
        f"autograde {LESSON}",
        f"generate_feedback {LESSON}",
        "export --to=grades.csv",
    )
    return course


def test_nbgrader_releases_what_is_committed(course):
    path = f"notebooks/{LESSON}/{LESSON}.ipynb"
    assert (course.folder / path).read_bytes() == (ROOT / path).read_bytes()


def test_the_solution_earns_everything(course):
    grades = course.grades("dangelo")
    assert sum(grades.values()) == ALL_POINTS
    points = {c.metadata.nbgrader.grade_id: c.metadata.nbgrader.points for c in solution().cells
              if c.metadata.get("nbgrader", {}).get("grade")}
    assert {f"check-{name}": earned for name, earned in grades.items()} == points


def test_the_untouched_release_earns_nothing(course):
    grades = course.grades("nguyen")
    assert len(grades) == 8 and set(grades.values()) == {0}


def test_a_partly_solved_lesson_earns_exactly_its_part(course):
    """With warnings, stderr and file descriptor 2 in a right answer, and a syntax error in a wrong one."""
    grades = course.grades("garcia")
    assert {name: points for name, points in grades.items() if not name.startswith("prediction")} == POINTS


def test_what_colab_saved_grades_the_same(course):
    assert course.grades("obrien") == course.grades("garcia")


def test_the_broken_one_gets_a_reason_and_stops_nobody(course):
    assert "vandenberg" in course.graded and "it is not JSON" in course.graded
    assert "it is not JSON" in (course.folder / "downloaded" / LESSON / "intake.txt").read_text("utf-8")
    assert (course.folder / "submitted" / "vandenberg" / LESSON / f"{LESSON}.unreadable").is_file()


def test_lateness_comes_from_moodles_worksheet(course):
    with Gradebook(f"sqlite:///{course.folder}/gradebook.db", "rnn-course") as gradebook:
        late = {s.student_id: s.total_seconds_late for s in gradebook.assignment_submissions(LESSON)}
    assert late["obrien"] == 20 * 3600 + 15 * 60
    assert late["dangelo"] == late["garcia"] == late["nguyen"] == 0


def test_feedback_shows_each_criterion_and_the_likely_cause(course):
    page = (course.folder / "feedback" / "garcia" / LESSON / f"{LESSON}.html").read_text("utf-8")
    for words in ("the bias b_h is missing", "does not compile", "Not solved yet", "float32 stays float32"):
        assert words in page, words


def test_export_lists_everybody(course):
    with open(course.folder / "grades.csv", newline="", encoding="utf-8") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    assert set(rows) == {student.id for student in lms.ROSTER}
    scores = {student: float(row["raw_score"] or 0) for student, row in rows.items()}
    assert scores == {"dangelo": ALL_POINTS, "garcia": 16, "nguyen": 0, "obrien": 16, "vandenberg": 0}
    assert float(rows["obrien"]["max_score"]) == ALL_POINTS


def test_canvas_and_classic_notebook(course):
    """Collected again, from Canvas, with a stranger's file: reported, and the classic notebook grades the same."""
    stranger = lms.Student("stranger", "Sam", "Stranger", "sam@other.example", "99999")
    archive = course.folder / "downloaded" / LESSON / "archive"
    shutil.rmtree(archive)
    files = {"garcia": saved_by_classic_notebook(partly()), "stranger": to_bytes(release())}
    lms.canvas_download(archive, files, LESSON, roster=[*lms.ROSTER, stranger], late={"garcia"})
    before = course.grades("garcia")
    collected = course.nbgrader(f"zip_collect {LESSON} --force", f"autograde {LESSON} --student=garcia --force")
    assert "strangersam" in collected and "no student on the roster" in collected
    assert course.grades("garcia") == before
    with Gradebook(f"sqlite:///{course.folder}/gradebook.db", "rnn-course") as gradebook:
        assert gradebook.find_submission(LESSON, "garcia").total_seconds_late == 1


def test_validate_agrees(course):
    """nbgrader's validate button: what is solved passes, and what is not is named."""
    right, wrong = course.folder / "right.ipynb", course.folder / "wrong.ipynb"
    nb = partly()
    imports = nbformat.v4.new_code_cell("import numpy as np\nfrom helpers.checks import lesson01 as checks")
    keep = {"rnn_step", "check-rnn_step", "unroll", "check-unroll"}
    nb.cells = [imports, *(c for c in nb.cells if c.metadata.get("nbgrader", {}).get("grade_id") in keep)]
    nbformat.write(nb, right)
    next(c for c in nb.cells if c.id == "unroll").source = "def unroll(x, h_0, weights):\n    return x"
    nbformat.write(nb, wrong)
    said = course.nbgrader("validate right.ipynb", "validate wrong.ipynb")
    assert "Success! Your notebook passes all the tests" in said
    failing = said.split("The following cell failed:")
    assert len(failing) == 2 and "report = checks.unroll()" in failing[1]
