"""The CSV files for Canvas and Moodle, written by ``nbgrader export`` and read back as their importers read them."""

import csv
import io
import logging
import os
import re
import shutil
import sys
import time
import unicodedata
import warnings

import pytest
from nbgrader.api import Grade, Gradebook, Student, SubmittedAssignment, SubmittedNotebook
from nbgrader.apps.exportapp import ExportApp

from helpers.grading import export as exporters
from tests import lms

ONE, TWO = "01-feedforward-vs-recurrent", "02-word-rnn"
# Student id to first name, last name, email, number in Canvas, and the names as Canvas's file has them.
HOSTILE = {
    "dash": ("Ann", "-Ann", "dash@uni.example", "80001", "'-Ann, Ann"),
    "formula": ("x", "=cmd|' /C calc'!A0", "formula@uni.example", "80002", "'=cmd|' /C calc'!A0, x"),
    "fullwidth": ("x", "\uff1dSUM(1)", "fullwidth@uni.example", "80003", "'\uff1dSUM(1), x"),
    "hidden": ("x", "\u200b \"+1+1", "hidden@uni.example", "80004", "'\u200b \"+1+1, x"),
    "lines": ("An\r\n\"na\"", "\t@Lee, Jr.", "lines@uni.example", "80005", "'@Lee, Jr., An \"na\""),
    "points": ("x", "Points\u00a0Possible", "points@uni.example", "80006", "Points-Possible, x"),
    "separators": ("x\\", "a;=1+1;\\\"", "separators@uni.example", "80007", "a,=1+1,/\", x/"),
    "nameless": (None, None, "nameless@uni.example", "80008", "nameless"),
}


@pytest.fixture(scope="module")
def gradebook_file(tmp_path_factory):
    """A class of five of whom one handed in nothing, and as many students as there are hostile names."""
    path = tmp_path_factory.mktemp("gradebook") / "gradebook.db"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", os.path.dirname(sys.executable), prepend=os.pathsep)  # nbgrader calls alembic by name
        gradebook = Gradebook(f"sqlite:///{path}", "rnn-course")
    with gradebook:
        for lesson in (TWO, ONE):
            gradebook.add_assignment(lesson)
            gradebook.add_notebook(lesson, lesson)
            for cell, points in (("check-a", 5), ("check-b", 6.5)):
                gradebook.add_grade_cell(cell, lesson, lesson, max_score=points, cell_type="code")
        for student in lms.ROSTER:
            gradebook.add_student(student.id, **dict(zip(student._fields[1:], student[1:])))
        for student_id, (first, last, email, number, _) in HOSTILE.items():
            gradebook.add_student(student_id, first_name=first, last_name=last, email=email, lms_user_id=number)
        graded(gradebook, ONE, "dangelo", 5, 6.5)
        graded(gradebook, ONE, "garcia", 5, 2.25, penalty=1.5)
        graded(gradebook, ONE, "nguyen", 1, 0, penalty=4)
        graded(gradebook, ONE, "obrien", 1 / 3, 1e-7)
        graded(gradebook, TWO, "dangelo", 5, 0)
        for student_id in HOSTILE:
            graded(gradebook, ONE, student_id, 5, 0)
    return path


@pytest.fixture
def course(gradebook_file, tmp_path, monkeypatch):
    """A folder with a gradebook of its own; what a test changes, no other sees."""
    shutil.copy(gradebook_file, tmp_path / "gradebook.db")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", os.path.dirname(sys.executable), prepend=os.pathsep)
    return tmp_path


def graded(gradebook, lesson, student, *scores, penalty=0.0):
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Object of type")  # nbgrader's own
        gradebook.add_submission(lesson, student)
    for cell, score in zip(("check-a", "check-b"), scores):
        grade = gradebook.find_grade(cell, lesson, lesson, student)
        grade.auto_score, grade.needs_manual_grade = score, False
    gradebook.find_submission_notebook(lesson, lesson, student).late_submission_penalty = penalty
    gradebook.db.commit()


def opened(course):
    return Gradebook(f"sqlite:///{course}/gradebook.db", "rnn-course")


def export(lms_name, *arguments):
    """Run ``nbgrader export``; return what it logged."""
    app = ExportApp()
    app.initialize([f"--exporter=helpers.grading.export.{lms_name}", "--course=rnn-course",
                    f"--db=sqlite:///{os.getcwd()}/gradebook.db", *arguments])
    log = io.StringIO()
    handler = logging.StreamHandler(log)
    app.log.addHandler(handler)
    try:
        app.start()
    except SystemExit:
        log.write("stopped")
    finally:
        app.log.removeHandler(handler)
    return log.getvalue()


def canvas_import(path):
    """Read a file by the rules of Canvas's importer: points and scores by assignment, and names by student number."""
    text = path.read_text("utf-8")  # with the byte-order mark, as Canvas reads it
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    assert not text.startswith('\ufeff"'), "Canvas's parser takes a quote after the mark for a broken file"
    assert "Student" in header[0] and header[1:5] == ["ID", "SIS User ID", "SIS Login ID", "Section"]
    points, scores, names = {}, {}, {}
    for row in rows:
        assert len(row) == len(header)
        cells = dict(zip(header[5:], row[5:]))
        if "Points Possible" in row[0]:
            points |= {name: float(cell) for name, cell in cells.items()}
        else:
            number = int(re.match("[0-9]+", row[1])[0])
            assert number not in scores
            scores[number] = {name: float(cell) for name, cell in cells.items() if cell}
            names[number] = row[0]
    return points, scores, names


def moodle_import(path):
    """Read a file by the rules of Moodle's importer, which finds students by their address in lower case."""
    text = path.read_text("utf-8-sig").replace("\r\n", "\n")
    header, *rows = csv.reader(io.StringIO(text.strip(), newline=""))
    assert header[0] == "Email address"
    assert all(len(row) == len(header) for row in rows) and "\\" not in text
    scores = {row[0].lower(): {n: float(cell) for n, cell in zip(header[1:], row[1:]) if cell} for row in rows}
    assert len(scores) == len(rows) and all(scores)
    return scores


def runs_as_formula(cell):
    """Whether some spreadsheet might run a cell: anything but a number whose first real character starts a formula."""
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", cell):
        return False
    seen = [c for c in unicodedata.normalize("NFKC", cell) if unicodedata.category(c) not in ("Cf", "Cc", "Zs")]
    return "".join(seen).lstrip('"“”')[:1] in set("=+-@") or bool(re.search(r"[\t\r\n;]", cell))


def test_canvas_gets_points_names_and_scores_by_its_own_numbers(course):
    log = export("Canvas", f"--assignment={ONE}", "--to=canvas.csv")
    points, scores, names = canvas_import(course / "canvas.csv")
    assert points == {ONE: 11.5}
    assert {number: scores[number][ONE] for number in (70211, 70305, 70118, 70422)} == {
        70211: 11.5, 70305: 5.75, 70118: 0.0, 70422: 0.33333}
    assert (names[70305], names[70118]) == ("García López, José María", "An, Nguyễn")
    assert f"In Canvas the maximum of each must be: {ONE}: 11.5" in log


def test_moodle_gets_scores_by_address(course):
    export("Moodle", f"--assignment={ONE}", "--to=moodle.csv")
    scores = moodle_import(course / "moodle.csv")
    assert scores["zoe.dangelo@uni.example"] == {ONE: 11.5}
    assert scores["jose.garcia@uni.example"] == {ONE: 5.75}, "less the penalty, as nbgrader shows it"
    assert scores["an.nguyen@uni.example"] == {ONE: 0.0}, "a penalty does not go below 0"


@pytest.mark.parametrize("lms_name", ["Canvas", "Moodle"])
def test_who_handed_in_nothing_keeps_what_the_lms_has(course, lms_name):
    """Both importers delete a grade where a cell is empty; so there is no row."""
    log = export(lms_name, f"--assignment={ONE}", "--to=out.csv")
    text = (course / "out.csv").read_text("utf-8-sig")
    assert "eva.vandenberg" not in text and "70007" not in text
    assert "1 students without a submission have no row" in log and "empty" not in log


def test_several_lessons_leave_empty_cells_and_a_warning(course):
    log = export("Canvas", "--to=canvas.csv")
    points, scores, _ = canvas_import(course / "canvas.csv")
    assert list(points) == [ONE, TWO]
    assert scores[70211] == {ONE: 11.5, TWO: 5.0} and scores[70305] == {ONE: 5.75}
    assert "11 cells are empty" in log and "one assignment at a time" in log


def test_a_lesson_nobody_handed_in_makes_no_column(course):
    with opened(course) as gradebook:
        gradebook.add_assignment("03-bptt")
    export("Canvas", "--to=canvas.csv")
    assert "03-bptt" not in (course / "canvas.csv").read_text("utf-8")


@pytest.mark.parametrize("lms_name", ["Canvas", "Moodle"])
def test_no_cell_runs_as_a_formula_and_numbers_stay_numbers(course, lms_name):
    export(lms_name, "--to=out.csv")
    with open("out.csv", newline="", encoding="utf-8-sig") as file:
        header, *rows = csv.reader(file)
    assert len(rows) >= len(HOSTILE) + 4
    assert not [cell for row in [header, *rows] for cell in row if runs_as_formula(cell)]
    first = header.index(ONE)  # columns from here on are scores
    assert all(re.fullmatch(r"([0-9]+(\.[0-9]{1,5})?)?", cell) for row in rows for cell in row[first:])


def test_hostile_names_stay_recognisable_and_cost_nobody_a_grade(course):
    export("Canvas", f"--assignment={ONE}", "--to=canvas.csv")
    points, scores, names = canvas_import(course / "canvas.csv")
    assert {number: names[int(number)] for _, _, _, number, _ in HOSTILE.values()} == {
        number: name for _, _, _, number, name in HOSTILE.values()}
    assert all(scores[int(number)] == {ONE: 5.0} for _, _, _, number, _ in HOSTILE.values())
    assert points == {ONE: 11.5}, "nobody's name is taken for the row of points"


@pytest.mark.parametrize("text, cell", [
    ("=1+1", "'=1+1"), ("-Ann", "'-Ann"), ("@x", "'@x"), ("+x", "'+x"), ("\t=1", "'=1"), ("\r\n=1", "'=1"),
    (" ' \"=1", "'' \"=1"), ("\uff0b1", "'\uff0b1"), ("\ufe63x", "'\ufe63x"), ("“=1", "'“=1"), ("\x00=1", "\ufffd=1"),
    ("Seán O'Brien", "Seán O'Brien"), ("", ""), ("Jean-Luc", "Jean-Luc"),
])
def test_what_would_be_a_formula_gets_an_apostrophe(text, cell):
    assert exporters.inert(text) == cell


@pytest.mark.parametrize("score, cell", [
    (0.0, "0"), (7.0, "7"), (7.5, "7.5"), (1 / 3, "0.33333"), (1e-7, "0"), (1e9, "1000000000"), (100.0, "100"),
])
def test_scores_have_no_exponent(score, cell):
    assert exporters.number(score) == cell


@pytest.mark.parametrize("lms_name, changed, reason", [
    ("Canvas", {"lms_user_id": None}, "no lms_user_id"),
    ("Canvas", {"lms_user_id": "70305~1"}, "lms_user_id is not a number"),
    ("Canvas", {"lms_user_id": "=70305"}, "lms_user_id is not a number"),
    ("Moodle", {"email": None}, "no email"),
    ("Moodle", {"email": "=cmd@uni.example"}, "email is not an address"),
    ("Moodle", {"email": 'a\\"b@uni.example'}, "email is not an address"),
])
def test_one_problem_student_is_left_out_and_named(course, lms_name, changed, reason):
    with opened(course) as gradebook:
        gradebook.update_or_create_student("dangelo", **changed)
    log = export(lms_name, f"--assignment={ONE}", "--to=out.csv")
    assert re.search(f"left out, {lms_name} could not tell who it is: {reason}.*: dangelo$", log, re.MULTILINE)
    imported = canvas_import(course / "out.csv")[1] if lms_name == "Canvas" else moodle_import(course / "out.csv")
    assert len(imported) == 3 + len(HOSTILE)


@pytest.mark.parametrize("lms_name, changed, other", [
    ("Canvas", {"lms_user_id": "70305"}, "70305"), ("Moodle", {"email": "Jose.Garcia@uni.example"}, "jose.garcia"),
])
def test_two_students_who_would_share_a_grade_get_none(course, lms_name, changed, other):
    with opened(course) as gradebook:
        gradebook.update_or_create_student("dangelo", **changed)
    log = export(lms_name, f"--assignment={ONE}", "--to=out.csv")
    assert "others have the same" in log and "dangelo, garcia" in log
    assert other not in (course / "out.csv").read_text("utf-8").lower()


def test_students_can_be_chosen(course):
    export("Moodle", f"--assignment={ONE}", "--student=garcia", "--student=obrien", "--to=moodle.csv")
    assert set(moodle_import(course / "moodle.csv")) == {"jose.garcia@uni.example", "sean.obrien@uni.example"}


@pytest.mark.parametrize("arguments, words", [
    (["--assignment=01"], "The gradebook has no assignment 01. Look at --assignment."),
    (["--student=nobody"], "The gradebook has no student nobody. Look at --student."),
    (["--student=vandenberg"], "There is nothing to export"),
    (["--to=."], "cannot be written"),
])
def test_what_cannot_be_exported_says_why_and_writes_nothing(course, arguments, words):
    before = set(os.listdir(course))
    log = export("Canvas", *arguments)
    assert words in log and log.endswith("stopped")
    assert set(os.listdir(course)) - {".nbgrader.log"} == before


def test_an_assignments_number_in_canvas_goes_behind_its_name(course):
    export("Canvas", f"--assignment={ONE}", f"--Canvas.assignment_ids={ONE}=4711", "--to=canvas.csv")
    assert f",Section,{ONE} (4711)\r\n" in (course / "canvas.csv").read_bytes().decode("utf-8")


def test_parts_that_are_not_graded_yet_are_named(course):
    with opened(course) as gradebook:
        gradebook.find_grade("check-b", ONE, ONE, "garcia").needs_manual_grade = True
        gradebook.db.commit()
    assert f"{ONE}: parts are not graded yet and count 0 until then: garcia" in export("Canvas", "--to=canvas.csv")


def test_an_export_that_fails_leaves_the_last_file(course, monkeypatch):
    export("Moodle", f"--assignment={ONE}")
    before = (course / "grades-moodle.csv").read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert "grades-moodle.csv cannot be written (No space left on device)" in export("Moodle", f"--assignment={TWO}")
    assert (course / "grades-moodle.csv").read_bytes() == before
    assert not list(course.glob(".*.part"))


def test_excel_reads_the_names(course):
    export("Canvas", f"--assignment={ONE}")
    assert (course / "grades-canvas.csv").read_bytes().startswith(b"\xef\xbb\xbfStudent,ID,")


def test_a_large_class_takes_seconds(course):
    """A few queries an assignment, not a few a student."""
    with opened(course) as gradebook:
        assignment = gradebook.find_assignment(ONE)
        (notebook,) = assignment.notebooks
        for i in range(2_000):
            submission = SubmittedAssignment(
                assignment_id=assignment.id, student_id=f"s{i}",
                notebooks=[SubmittedNotebook(notebook_id=notebook.id, late_submission_penalty=0.5, grades=[
                    Grade(cell_id=cell.id, auto_score=5, needs_manual_grade=False) for cell in notebook.grade_cells])])
            gradebook.db.add_all([Student(id=f"s{i}", lms_user_id=str(10**6 + i)), submission])
        gradebook.db.commit()
    before = time.process_time()
    export("Canvas", f"--assignment={ONE}", "--to=canvas.csv")
    assert time.process_time() - before < 10
    _, scores, _ = canvas_import(course / "canvas.csv")
    assert [scores[10**6 + i] for i in range(2_000)] == [{ONE: 9.5}] * 2_000
