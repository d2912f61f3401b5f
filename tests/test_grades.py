"""Every lesson through nbgrader itself: all points for its solution, none for its release; and what Canvas hands over."""

import nbformat
import pytest
from nbgrader.api import Gradebook

from helpers import authoring
from tests import lms
from tests.course import LESSON, POINTS, Course, partly, points, release, saved_by_classic_notebook, solution, to_bytes

#: Lesson 01 takes the instructor's whole path in test_course.py.
LATER = [path.stem for path in authoring.lessons()][1:]
SOLVED, UNTOUCHED = "dangelo", "nguyen"


def without_demos(nb):
    """What grading needs of a notebook; the demos train for a minute, and test_notebooks and nbval run them."""
    nb.cells = [cell for cell in nb.cells if "demo" not in cell.metadata.get("tags", [])]
    return nb


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """Every later lesson handed in solved and untouched, and graded; lesson 01 released."""
    course = Course(tmp_path_factory.mktemp("course"))
    lms.write_roster(course.folder / "roster.csv")
    commands = ["db student import roster.csv", f"db assignment add {LESSON} --duedate='2026-11-19 12:00 UTC'"]
    commands.append(f"generate_assignment {LESSON} --force")
    for lesson in LATER:
        for student, nb in [(SOLVED, without_demos(solution(lesson))), (UNTOUCHED, without_demos(release(lesson)))]:
            folder = course.folder / "submitted" / student / lesson
            folder.mkdir(parents=True)
            (folder / f"{lesson}.ipynb").write_bytes(to_bytes(nb))
        commands += [f"generate_assignment {lesson} --force", f"autograde {lesson}"]
    course.nbgrader(*commands)
    return course


@pytest.mark.parametrize("lesson", LATER)
def test_the_solution_earns_everything(course, lesson):
    assert course.grades(SOLVED, lesson) == points(solution(lesson))


@pytest.mark.parametrize("lesson", LATER)
def test_the_untouched_release_earns_nothing(course, lesson):
    grades = course.grades(UNTOUCHED, lesson)
    assert grades.keys() == points(solution(lesson)).keys() and set(grades.values()) == {0}


def test_canvas_and_classic_notebook(course):
    """Collected from Canvas, with a stranger's file: reported, and what the classic notebook saved grades as it should."""
    stranger = lms.Student("stranger", "Sam", "Stranger", "sam@other.example", "99999")
    files = {"garcia": saved_by_classic_notebook(partly()), "stranger": to_bytes(release())}
    archive = course.folder / "downloaded" / LESSON / "archive"
    lms.canvas_download(archive, files, LESSON, roster=[*lms.ROSTER, stranger], late={"garcia"})
    collected = course.nbgrader(f"zip_collect {LESSON}", f"autograde {LESSON} --student=garcia")
    assert "strangersam" in collected and "no student on the roster" in collected
    grades = course.grades("garcia")
    assert {name: earned for name, earned in grades.items() if not name.startswith("prediction")} == POINTS
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
