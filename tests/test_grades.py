"""Every lesson through the engine and through nbgrader itself: all points for its solution, none for its release; what Canvas
hands over. Plain nbgrader takes long, so that most lessons go through it in the slow tests only."""

import json

import nbformat
import pytest
from nbgrader.api import Gradebook

from helpers import authoring
from helpers.grading import check
from tests import lms
from tests.course import (
    LESSON, POINTS, Course, partly, points, release, require_sandbox, saved_by_classic_notebook, saved_by_colab, solution, to_bytes,
)

LESSONS = [path.stem for path in authoring.lessons()]
SOLVED, UNTOUCHED = "dangelo", "nguyen"
#: Graded by plain nbgrader at every run, solved and untouched: a lesson in NumPy and one with Keras.
ALWAYS = (LESSON, "05-keras-simple-rnn")
WITH_NBGRADER = [lesson if lesson in ALWAYS else pytest.param(lesson, marks=pytest.mark.slow) for lesson in LESSONS]
#: Lesson 01, partly solved, as three programs save it.
CLASSIC, COLAB, LAB = "garcia", "obrien", "vandenberg"


def without_demos(nb):
    """What grading needs of a notebook; the demos train for a minute, and test_notebooks and nbval run them."""
    nb.cells = [cell for cell in nb.cells if "demo" not in cell.metadata.get("tags", [])]
    return nb


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """The lessons of `ALWAYS` handed in solved and untouched, lesson 01 also partly solved; graded by nbgrader alone."""
    course = Course(tmp_path_factory.mktemp("course"), plain=True)
    lms.write_roster(course.folder / "roster.csv")
    commands = ["db student import roster.csv", f"db assignment add {LESSON} --duedate='2026-11-19 12:00 UTC'"]
    for lesson in ALWAYS:
        files = {SOLVED: to_bytes(without_demos(solution(lesson))), UNTOUCHED: to_bytes(without_demos(release(lesson)))}
        commands.append(f"generate_assignment {lesson} --force")
        if lesson == LESSON:
            _download_from_canvas(course, files)
            commands.append(f"zip_collect {lesson}")
        else:
            _hand_in(course, lesson, files)
        commands.append(f"autograde {lesson}")
    course.said = course.nbgrader(*commands)
    return course


def _hand_in(course, lesson, files):
    for student, file in files.items():
        folder = course.folder / "submitted" / student / lesson
        folder.mkdir(parents=True)
        (folder / f"{lesson}.ipynb").write_bytes(file)


def _download_from_canvas(course, files):
    nb = partly()
    files = files | {CLASSIC: saved_by_classic_notebook(nb), COLAB: saved_by_colab(nb), LAB: to_bytes(nb)}
    stranger = lms.Student("stranger", "Sam", "Stranger", "sam@other.example", "99999")
    files = files | {stranger.id: to_bytes(release())}
    archive = course.folder / "downloaded" / LESSON / "archive"
    lms.canvas_download(archive, files, LESSON, roster=[*lms.ROSTER, stranger], late={CLASSIC})


@pytest.fixture(scope="module")
def engine():
    """Grades by exercise, as the engine finds them."""
    require_sandbox()

    def grade(lesson, submission):
        cells = [cell for cell in solution(lesson).cells if cell.metadata.get("nbgrader", {}).get("grade")]
        checks = {cell.metadata.nbgrader.grade_id: cell.source for cell in cells}
        task = check.task(lesson, submission, nbformat.writes(release(lesson)), checks, None)
        result = json.loads(check.grade(task))
        assert (result["problem"], result["limits"]) == ("", [])
        return {name.removeprefix("check-"): earned for name, earned in result["scores"].items()}

    yield grade
    check.close()


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_solution_earns_everything_and_the_untouched_release_nothing(engine, lesson):
    assert engine(lesson, to_bytes(without_demos(solution(lesson)))) == points(solution(lesson))
    assert engine(lesson, to_bytes(without_demos(release(lesson)))) == dict.fromkeys(points(solution(lesson)), 0)


@pytest.mark.parametrize("lesson", WITH_NBGRADER)
def test_so_it_is_with_nbgrader_alone(request, tmp_path, lesson):
    if lesson in ALWAYS:
        course = request.getfixturevalue("course")
        assert course.grades(UNTOUCHED, lesson) == dict.fromkeys(points(solution(lesson)), 0)
    else:
        course = Course(tmp_path / "course", plain=True)
        _hand_in(course, lesson, {SOLVED: to_bytes(without_demos(solution(lesson)))})
        course.nbgrader(f"generate_assignment {lesson} --force", f"autograde {lesson} --create")
    assert course.grades(SOLVED, lesson) == points(solution(lesson))


@pytest.mark.parametrize("student", [CLASSIC, COLAB, LAB])
def test_a_partly_solved_lesson_earns_exactly_its_part(course, student):
    """Whoever saved it; one right answer warns and writes to stderr, one wrong answer does not compile."""
    grades = course.grades(student)
    assert {name: earned for name, earned in grades.items() if not name.startswith("prediction")} == POINTS


@pytest.mark.parametrize("student", [CLASSIC, COLAB, LAB])
def test_the_engine_gives_the_same_grades(course, engine, student):
    submission = course.folder / "submitted" / student / LESSON / f"{LESSON}.ipynb"
    assert engine(LESSON, submission.read_bytes()) == course.grades(student)


def test_canvas_names_a_stranger_and_who_was_late(course):
    assert "strangersam" in course.said and "no student on the roster" in course.said
    with Gradebook(f"sqlite:///{course.folder}/gradebook.db", "rnn-course") as gradebook:
        late = {s.student_id: s.total_seconds_late for s in gradebook.assignment_submissions(LESSON)}
    assert late == {CLASSIC: 1, **dict.fromkeys((COLAB, LAB, SOLVED, UNTOUCHED), 0)}


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
