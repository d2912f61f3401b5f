"""The instructor's path with lesson 01: release, collect, grade, feedback, export, as the README says it; and nbgrader's own button."""

import csv
import json
import shutil
import subprocess
import sys

import pytest
from nbgrader.api import Gradebook

from helpers.authoring import ROOT
from tests import lms
from tests.course import ALL_POINTS, LESSON, POINTS, Course, partly, points, release, saved_by_colab, solution, to_bytes

DUE = "2026-11-19 12:00 UTC"
LATE = "Friday, 20 November 2026, 8:15 AM"


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
    course.collected = course.nbgrader(
        f"db assignment add {LESSON} --duedate='{DUE}'",
        "db student import roster.csv",
        f"generate_assignment {LESSON} --force",
        f"zip_collect {LESSON}",
    )
    course.graded = course.grade(LESSON)
    course.nbgrader(
        f"generate_feedback {LESSON}",
        "export --to=grades.csv",
        f"export --exporter=helpers.grading.export.Moodle --assignment {LESSON}",
    )
    return course


def test_nbgrader_releases_what_is_committed(course):
    path = f"notebooks/{LESSON}/{LESSON}.ipynb"
    assert (course.folder / path).read_bytes() == (ROOT / path).read_bytes()


def test_the_solution_earns_everything(course):
    grades = course.grades("dangelo")
    assert sum(grades.values()) == ALL_POINTS
    assert grades == points(solution())


def test_the_untouched_release_earns_nothing(course):
    grades = course.grades("nguyen")
    assert len(grades) == 9 and set(grades.values()) == {0}


def test_a_partly_solved_lesson_earns_exactly_its_part(course):
    """With warnings, stderr and file descriptor 2 in a right answer, and a syntax error in a wrong one."""
    grades = course.grades("garcia")
    assert {name: earned for name, earned in grades.items() if not name.startswith("prediction")} == POINTS


def test_what_colab_saved_grades_the_same(course):
    assert course.grades("obrien") == course.grades("garcia")


def test_the_broken_one_gets_a_reason_and_stops_nobody(course):
    assert "vandenberg" in course.collected and "it is not JSON" in course.collected
    assert "it is not JSON" in (course.folder / "downloaded" / LESSON / "intake.txt").read_text("utf-8")
    assert (course.folder / "submitted" / "vandenberg" / LESSON / f"{LESSON}.unreadable").is_file()
    assert "not a notebook            1" in course.graded
    page = (course.folder / "feedback" / "vandenberg" / LESSON / f"{LESSON}.html").read_text("utf-8")
    assert "Nothing could be graded. The file is no notebook" in page
    assert set(course.grades("vandenberg").values()) == {0}


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


def test_moodle_gets_everybody_who_handed_in(course):
    with open(course.folder / "grades-moodle.csv", newline="", encoding="utf-8-sig") as file:
        scores = {row["Email address"]: float(row[LESSON]) for row in csv.DictReader(file)}
    assert scores == {
        "zoe.dangelo@uni.example": ALL_POINTS, "jose.garcia@uni.example": 16, "an.nguyen@uni.example": 0,
        "sean.obrien@uni.example": 16, "eva.vandenberg@uni.example": 0,
    }


def test_the_report_names_the_mistakes_and_what_to_look_at(course):
    page = (course.folder / "reports" / LESSON / "index.html").read_text("utf-8")
    for words in ("5 submissions, 1 could not be graded", "the bias b_h is missing", "Histogram", "cannot be read as JSON"):
        assert words in page, words


BUTTON = """
import json, sys
from traitlets.config import Config
from nbgrader.apps.baseapp import NbGrader
from nbgrader.apps.api import NbGraderAPI
app = NbGrader()
app.initialize([])
api = NbGraderAPI(app.coursedir, parent=app)
print(json.dumps(api.autograde(*sys.argv[1:])))
"""


def test_the_formgraders_button_grades_with_the_same_engine(course):
    """The same grades and the same notebook, from the journal; and a new grade where there is none yet."""
    path = course.folder / "autograded" / "garcia" / LESSON / f"{LESSON}.ipynb"
    before, grades = path.read_text("utf-8"), course.grades("garcia")
    run = subprocess.run([sys.executable, "-c", BUTTON, LESSON, "garcia"], cwd=course.folder, capture_output=True, text=True, check=True)
    result = json.loads(run.stdout)
    assert result["success"], result
    assert course.grades("garcia") == grades and json.loads(path.read_text("utf-8"))["cells"] == json.loads(before)["cells"]
    shutil.rmtree(course.folder / ".grading")
    run = subprocess.run([sys.executable, "-c", BUTTON, LESSON, "garcia"], cwd=course.folder, capture_output=True, text=True, check=True)
    assert json.loads(run.stdout)["success"] and course.grades("garcia") == grades
    assert list((course.folder / ".grading" / "results").glob("*.json"))
