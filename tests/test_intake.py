"""Intake: whose file, which one, how late, and what is said of the rest."""

import io
import os
import re
import stat
import zipfile
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest

pytest.importorskip("nbgrader")

from helpers.grading import intake, rebuild
from helpers.grading.intake import Origin, Student, WorksheetRow, find_student, parse_name, parse_time
from tests.lms import ROSTER, canvas_download, moodle_download, moodle_number

LESSON = "01-feedforward-vs-recurrent"
DUE = datetime(2026, 11, 19, 22, 59)  # UTC; 23:59 in Paris
AFTER_DUE = "Friday, 20 November 2026, 2:02 AM"  # in Moodle's worksheet


def notebook(text="answer"):
    return nbformat.writes(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text, id="a")])).encode()


def zipped(files):
    """A student's zip archive; a value may be a (data, file mode) pair."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            if isinstance(data, tuple):
                data, mode = data
                info.external_attr = mode << 16
            archive.writestr(info, data)
    return buffer.getvalue()


@pytest.fixture
def take_in(tmp_path):
    def run(roster=ROSTER, due=DUE, zone="Europe/Paris"):
        return intake.take_in(tmp_path / "archive", tmp_path / "extracted", roster, LESSON, due, zone)
    run.archive = tmp_path / "archive"
    run.extracted = tmp_path / "extracted"
    run.archive.mkdir()
    run.text = lambda student: (run.extracted / student / f"{LESSON}.ipynb").read_bytes()
    return run


def collected(result):
    return [submission.student_id for submission in result.submissions]


def reason(result, part):
    """The one problem whose file or student is `part`."""
    [problem] = [p for p in result.problems if part in p.file or part == p.student_id]
    return problem.reason


# ---------------------------------------------------------------- names

@pytest.mark.parametrize("name, origin", [
    ("Ann Lee_4711_assignsubmission_file_", Origin("Moodle", "Ann Lee", "4711")),
    ("Ann Lee_4711_assignsubmission_file", Origin("Moodle", "Ann Lee", "4711")),
    ("Ann Lee_4711_assignsubmission_file_lesson_2.ipynb", Origin("Moodle", "Ann Lee", "4711", "lesson_2.ipynb")),
    ("Mary-Jane O Neill Ødegård_1_assignsubmission_onlinetext_", Origin("Moodle", "Mary-Jane O Neill Ødegård", "1")),
    ("A B_1_assignsubmission_file_C D_2_assignsubmission_file_x.ipynb",
     Origin("Moodle", "A B", "1", "C D_2_assignsubmission_file_x.ipynb")),
    ("Participant_4711_assignsubmission_file_", Origin("Moodle", "", "")),
    ("leeann_812_30455_lesson.ipynb", Origin("Canvas", "leeann", "812", "lesson.ipynb", 30455)),
    ("leeann_LATE_812_30455_lesson-1.ipynb", Origin("Canvas", "leeann", "812", "lesson-1.ipynb", 30455, True)),
    ("leeann_812_30455_9_10_lesson.ipynb", Origin("Canvas", "leeann", "812", "9_10_lesson.ipynb", 30455)),
    ("leeann_LATE_812_text.html", Origin("Canvas", "leeann", "812", "text.html", 0, True)),
    ("late_812_30455_lesson.ipynb", Origin("Canvas", "late", "812", "lesson.ipynb", 30455)),
    ("anon_x9Yz1_30455_lesson.ipynb", Origin("Canvas", "", "", "lesson.ipynb")),
    ("LATE_anon_x9Yz1_30455_lesson.ipynb", Origin("Canvas", "", "", "lesson.ipynb")),
    ("lesson.ipynb", None),
    ("Grades-RNN101-Lesson 1-4711.csv", None),
])
def test_an_lms_name_says_who_and_when(name, origin):
    assert parse_name(name) == origin


# ---------------------------------------------------------------- the roster

def row(name="", email="", status="Submitted for grading", modified=""):
    return WorksheetRow(name, email, status, modified)


@pytest.mark.parametrize("name, student", [
    ("Zoë DAngelo-Smith", "dangelo"),  # Moodle drops apostrophes
    ("Zoe\u0308 DAngelo-Smith", "dangelo"),  # the accent as a character of its own
    ("garcía lópez  josé maría", "garcia"),  # family name first
    ("Nguyen An", "nguyen"),
    ("Eva van den Berg", "vandenberg"),
])
def test_a_name_is_found_whatever_became_of_its_accents(name, student):
    assert find_student(Origin("Moodle", name, "1"), ROSTER).id == student


def test_the_email_decides_before_the_name():
    roster = [Student("a", "Ann", "Lee", "ann@x.org"), Student("b", "Bo", "Ray", "BO@x.org ")]
    assert find_student(Origin("Moodle", "Ann Lee", "1"), roster, row("Ann Lee", "bo@X.org")).id == "b"


def test_the_worksheets_name_decides_before_the_folders():
    roster = [Student("a", "Ann", "Lee"), Student("b", "Bo", "Ray")]
    assert find_student(Origin("Moodle", "Ann Lee", "1"), roster, row("Bo Ray")).id == "b"


def test_canvas_decides_by_its_user_id_before_the_name():
    assert find_student(Origin("Canvas", "bergeva", "70422"), ROSTER).id == "obrien"


def test_canvas_falls_back_to_the_name_where_the_roster_has_no_id():
    roster = [Student("a", "Seán", "O'Brien"), Student("b", "Bo", "Ray", lms_user_id="7")]
    assert find_student(Origin("Canvas", "obrienseán", "12"), roster).id == "a"


@pytest.mark.parametrize("origin, sheet, roster, message", [
    (Origin("Canvas", "leeann", "12"), None, ROSTER, "no student on the roster has lms_user_id 12 or the name 'lee"),
    (Origin("Moodle", "Ann Lee", "12"), None, ROSTER, "no student on the roster has the name 'Ann Lee'"),
    (Origin("Canvas", "", ""), None, ROSTER, "anonymous"),
    # a namesake who is not enrolled must not be graded as the one who is
    (Origin("Canvas", "obrienseán", "12"), None, ROSTER, "gives lms_user_id 12, but the roster gives 70422 for obrien"),
    (Origin("Moodle", "Seán OBrien", "12"), row("Seán O'Brien", "sean@home.example"), ROSTER, "sean@home.example"),
    (Origin("Moodle", "Wei Li", "12"), None, [Student("w1", "Wei", "Li", "w1@x"), Student("w2", "Wei", "Li", "w2@x")],
     "any of w1, w2"),
    (Origin("Canvas", "x", "9"), None, [Student("a", "A", "B", None, "9"), Student("b", "C", "D", None, "9")],
     "any of a, b"),
    (Origin("Moodle", "...", "12"), None, [Student("nameless")], "no student"),
])
def test_a_file_that_matches_no_student_or_two_is_refused_with_the_reason(origin, sheet, roster, message):
    with pytest.raises(LookupError, match=message):
        find_student(origin, roster, sheet)


# ---------------------------------------------------------------- times

@pytest.mark.parametrize("text, zone, utc", [
    ("Thursday, 19 November 2026, 11:58 PM", "UTC", (2026, 11, 19, 23, 58)),
    ("Thursday, 19 November 2026, 11:58 PM", "Europe/Paris", (2026, 11, 19, 22, 58)),
    ("Sunday, 5 July 2026, 12:05 AM", "Europe/Paris", (2026, 7, 4, 22, 5)),
    ("Thursday, 19 November 2026, 11:58\u202fPM", "UTC", (2026, 11, 19, 23, 58)),
    ("Thursday, November 19, 2026, 11:58 PM", "America/New_York", (2026, 11, 20, 4, 58)),
    ("2026-11-19 23:58", "Europe/Paris", (2026, 11, 19, 22, 58)),
    ("2026-11-19T23:58:30Z", "Europe/Paris", (2026, 11, 19, 23, 58, 30)),
    ("2026-11-19T23:58:00+05:30", "UTC", (2026, 11, 19, 18, 28)),
])
def test_a_time_is_read_in_its_zone(text, zone, utc):
    assert parse_time(text, zone) == datetime(*utc)


@pytest.mark.parametrize("text", ["11/12/2026, 11:58 PM", "12.11.2026 23:58", "Donnerstag, 19. November 2026, 23:58",
                                  "2026-11-19", "20261119", "19 November 2026", "-", ""])
def test_a_time_in_another_form_is_not_guessed(text):
    with pytest.raises(ValueError, match="in no form this course reads"):
        parse_time(text)


def test_an_unknown_time_zone_is_named():
    with pytest.raises(ValueError, match="no time zone 'Paris/France'"):
        parse_time("2026-11-19 23:58", "Paris/France")


# ---------------------------------------------------------------- the worksheet

def test_the_worksheet_is_read_by_participant_number(tmp_path):
    moodle_download(tmp_path, {"obrien": b""}, LESSON, times={"obrien": "when"})
    rows = intake.read_worksheet(next(tmp_path.glob("*.csv")))
    assert len(rows) == len(ROSTER)
    obrien = rows[str(moodle_number("obrien"))]
    assert obrien == ("Seán O'Brien", "sean.obrien@uni.example", "Submitted for grading", "when")
    assert rows[str(moodle_number("garcia"))].status == "No submission"


@pytest.mark.parametrize("data, message", [
    (b"Bezeichner,Status\nTeilnehmer 1,ja\n", "no column Identifier or Last modified"),
    ("Identifier,Full name,Last modified (submission)\nParticipant 1,Zoë,-\n".encode("latin-1"), "not CSV in UTF-8"),
    (b'Identifier,Last modified (submission)\n1,"' + b"x" * 200_000, "not CSV in UTF-8"),
    (b"", "no column"),
])
def test_a_worksheet_that_cannot_be_used_says_what_to_do(tmp_path, data, message):
    (tmp_path / "Grades.csv").write_bytes(data)
    with pytest.raises(ValueError, match=f"{message}.*English"):
        intake.read_worksheet(tmp_path / "Grades.csv")


# ---------------------------------------------------------------- notebooks

@pytest.mark.parametrize("data, part", [
    (notebook()[:60], "line 5"),
    (b"", "empty"),
    (b" \n", "empty"),
    (b"<html>Please sign in</html>", "not JSON"),
    (notebook().decode().encode("utf-16"), "not UTF-8"),
    (b"[" * 100_000, "nested"),
    (b"[]", "not a notebook"),
    (b"null", "not a notebook"),
    (b'{"a": 1}', "not a notebook"),
    (b'{"cells": {}}', "has no cells"),
])
def test_an_unreadable_notebook_has_a_reason(data, part):
    assert part in intake.why_unreadable(data)


def test_readable_notebooks_have_none():
    assert intake.why_unreadable(b"\xef\xbb\xbf" + notebook()) == ""
    assert intake.why_unreadable(notebook("π = 3")) == ""
    old = b'{"metadata": {}, "nbformat": 3, "nbformat_minor": 0, "worksheets": [{"cells": [], "metadata": {}}]}'
    assert intake.why_unreadable(old) == ""


# ---------------------------------------------------------------- a class

CLASS = {"dangelo": notebook("complete"), "garcia": notebook("partly"), "nguyen": notebook("blank"),
         "obrien": notebook("late"), "vandenberg": notebook("broken")[:70]}


@pytest.mark.parametrize("layout", ["folders", "folders without underscore", "flat"])
def test_a_class_from_moodle(take_in, layout):
    moodle_download(take_in.archive, CLASS, LESSON, layout=layout, late=["obrien"],
                    times={"obrien": AFTER_DUE})
    result = take_in()
    assert collected(result) == ["dangelo", "garcia", "nguyen", "obrien"]
    assert [s.late for s in result.submissions] == [False, False, False, True]
    assert result.submissions[3].timestamp == datetime(2026, 11, 20, 1, 2)
    assert (take_in.extracted / "obrien" / "timestamp.txt").read_text() == "2026-11-20 01:02:00"
    assert (take_in.extracted / "dangelo" / "timestamp.txt").read_text() == "2026-11-19 08:30:00"
    assert [p.student_id for p in result.problems] == ["vandenberg"] and "not JSON" in reason(result, "vandenberg")
    assert not result.notes and not result.absent
    for student in collected(result):
        assert take_in.text(student) == CLASS[student]


def test_a_class_from_canvas(take_in):
    canvas_download(take_in.archive, CLASS, LESSON, late=["obrien"])
    result = take_in()
    assert collected(result) == ["dangelo", "garcia", "nguyen", "obrien"]
    assert [s.late for s in result.submissions] == [False, False, False, True]
    # Canvas does not say when: the due date stands for "in time", one second later for "late"
    assert (take_in.extracted / "obrien" / "timestamp.txt").read_text() == "2026-11-19 22:59:01"
    assert (take_in.extracted / "garcia" / "timestamp.txt").read_text() == "2026-11-19 22:59:00"
    assert [p.student_id for p in result.problems] == ["vandenberg"]
    assert take_in.text("dangelo") == CLASS["dangelo"]


def test_an_unreadable_notebook_is_kept_where_nbgrader_does_not_stumble_over_it(take_in):
    moodle_download(take_in.archive, CLASS, LESSON)
    take_in()
    [kept, time] = sorted((take_in.extracted / "vandenberg").iterdir())
    assert (kept.name, time.name) == (f"{LESSON}.unreadable", "timestamp.txt")
    assert kept.read_bytes() == CLASS["vandenberg"]


def test_the_summary_counts_and_names(take_in):
    canvas_download(take_in.archive, {**CLASS, "nguyen": {"notes.txt": b"sorry"}}, LESSON, late=["obrien", "garcia"])
    (take_in.archive / "stray.ipynb").write_bytes(notebook())
    text = take_in(ROSTER + [Student("absent", "Ab", "Sent")]).summary()
    assert "3 collected (2 late, 0 with lateness unknown), 3 not collected, 1 handed in nothing" in text
    assert "Late: garcia, obrien" in text
    assert "_notes.txt (nguyen): there is no .ipynb" in text
    assert "stray.ipynb: its name is neither" in text
    assert "(vandenberg): it is not JSON" in text
    assert "Nothing from: absent" in text
    assert "dangelo" not in text


def test_a_file_name_cannot_forge_a_line_of_the_report(take_in):
    canvas_download(take_in.archive, {"garcia": {"x\nLate: dangelo\x1b[2J\u202e.py": b""}}, LESSON)
    text = take_in().summary()
    assert "x?Late: dangelo?[2J?.py" in text
    assert not any(line.startswith("Late:") for line in text.splitlines())


# ---------------------------------------------------------------- lateness

def test_without_the_worksheet_lateness_is_unknown(take_in):
    moodle_download(take_in.archive, {"garcia": notebook()}, LESSON, worksheet=False)
    result = take_in()
    assert [s.late for s in result.submissions] == [None]
    assert "no grading worksheet" in result.summary() and "1 with lateness unknown" in result.summary()
    assert not (take_in.extracted / "garcia" / "timestamp.txt").exists()


def test_an_unreadable_time_is_reported(take_in):
    moodle_download(take_in.archive, {"garcia": notebook()}, LESSON, times={"garcia": "19/11/26 23:58"})
    result = take_in()
    assert [s.late for s in result.submissions] == [None]
    [note] = result.notes
    assert note.startswith("garcia: lateness is unknown") and "19/11/26 23:58" in note


def test_a_participant_missing_from_the_worksheet_is_noted(take_in):
    moodle_download(take_in.archive, CLASS, LESSON)
    sheet = next(take_in.archive.glob("*.csv"))
    sheet.write_text("".join(line for line in sheet.open(encoding="utf-8-sig") if "García" not in line), "utf-8")
    result = take_in()
    assert "garcia" in collected(result)
    assert result.notes == ["garcia: not in the grading worksheet, so lateness is unknown"]


@pytest.mark.parametrize("zone, late, noted", [("Europe/Paris", True, False), ("America/New_York", True, False),
                                               ("Pacific/Auckland", False, True)])
def test_moodles_own_verdict_shows_a_wrong_time_zone(take_in, zone, late, noted):
    moodle_download(take_in.archive, {"garcia": notebook()}, LESSON, late=["garcia"],
                    times={"garcia": AFTER_DUE})
    result = take_in(zone=zone)
    assert [s.late for s in result.submissions] == [late]
    assert ("Moodle says 'Submitted for grading - 2 hours 3 mins late'" in result.summary()) == noted


def test_an_extension_in_moodle_is_noted_before_it_costs_points(take_in):
    moodle_download(take_in.archive, {"garcia": notebook()}, LESSON, times={"garcia": AFTER_DUE})
    sheet = next(take_in.archive.glob("*.csv"))
    text = sheet.read_text("utf-8-sig").replace("for grading", "for grading - Extension granted until: Monday")
    sheet.write_text(text, "utf-8")
    assert "garcia: Moodle says 'Submitted for grading - Extension granted" in take_in().summary()


def test_without_a_due_date_the_command_that_sets_it_is_named(take_in):
    canvas_download(take_in.archive, {"garcia": notebook()}, LESSON, late=["garcia"])
    result = take_in(due=None)
    assert f"nbgrader db assignment add {LESSON} --duedate" in result.summary() and "Late: garcia" in result.summary()
    assert not (take_in.extracted / "garcia" / "timestamp.txt").exists()


def test_the_advice_is_that_of_the_command_that_was_run(take_in):
    moodle_download(take_in.archive, {"garcia": notebook()}, LESSON, worksheet=False)
    result = intake.take_in(take_in.archive, take_in.extracted, ROSTER, LESSON, None, again="run the command again")
    assert result.notes and all("run the command again" in note and "--force" not in note for note in result.notes)


def test_where_canvas_calls_nobody_late_no_due_date_is_needed(take_in):
    canvas_download(take_in.archive, {"garcia": notebook()}, LESSON)
    assert take_in(due=None).notes == []


def test_two_worksheets_that_disagree_are_reported(take_in):
    moodle_download(take_in.archive, {"garcia": notebook()}, LESSON)
    sheet = next(take_in.archive.glob("*.csv"))
    (take_in.archive / "Grades (1).csv").write_text(sheet.read_text().replace("9:30", "9:45"))
    assert "disagrees with another" in reason(take_in(), ".csv")


def test_a_worksheet_inside_an_archive_is_not_used(take_in):
    archive = moodle_download(take_in.archive, {"garcia": notebook()}, LESSON, worksheet=False)
    with zipfile.ZipFile(archive, "a") as opened:
        opened.writestr("Grades.csv", "Identifier,Last modified (submission)\n")
    result = take_in()
    assert collected(result) == ["garcia"] and "neither Moodle's nor Canvas's" in reason(result, "Grades.csv")


def test_a_students_csv_is_not_taken_for_the_worksheet(take_in):
    forged = "Identifier,Last modified (submission)\n" + f"Participant {moodle_number('garcia')},2020-01-01 00:00\n"
    moodle_download(take_in.archive, {"garcia": {f"{LESSON}.ipynb": notebook(), "Grades.csv": forged}}, LESSON,
                    worksheet=False)
    assert [s.late for s in take_in().submissions] == [None]


# ---------------------------------------------------------------- which notebook

@pytest.mark.parametrize("name", [f"{LESSON} (1)", f"{LESSON}-copy", f"{LESSON}_final", f"Copy of {LESSON}",
                                  f"{LESSON}-Copy1", LESSON.upper(), "01_feedforward_vs_recurrent-2"])
def test_students_rename_the_notebook(take_in, name):
    canvas_download(take_in.archive, {"garcia": {f"{name}.ipynb": notebook()}}, LESSON)
    result = take_in()
    assert collected(result) == ["garcia"] and not result.notes and take_in.text("garcia") == notebook()


def test_another_name_is_collected_and_noted(take_in):
    canvas_download(take_in.archive, {"garcia": {"Untitled3.IPYNB": notebook()}}, LESSON)
    result = take_in()
    assert collected(result) == ["garcia"] and "'Untitled3.ipynb'; is it the right lesson?" in result.summary()


@pytest.mark.parametrize("files, chosen", [
    ({f"{LESSON}.ipynb": "1", f"{LESSON}-1.ipynb": "2"}, "2"),  # Canvas: the higher upload
    ({f"{LESSON}-1.ipynb": "1", f"{LESSON}.ipynb": "2"}, "2"),
    ({f"{LESSON}.ipynb": "1", "scratch.ipynb": "2"}, "1"),  # the lesson's name before the upload
    ({f"{LESSON}.ipynb": "1", f"{LESSON}-1.ipynb": None}, "1"),  # one that can be graded before one that cannot
])
def test_of_two_files_from_canvas_one_is_taken_and_the_other_reported(take_in, files, chosen):
    files = {name: notebook(text) if text else b"{" for name, text in files.items()}
    canvas_download(take_in.archive, {"garcia": files}, LESSON)
    result = take_in()
    assert take_in.text("garcia") == notebook(chosen)
    assert len(result.problems) == 1 and result.problems[0].student_id == "garcia"


@pytest.mark.parametrize("names, chosen, unsure", [
    ([f"{LESSON}.ipynb", f"{LESSON} (2).ipynb", f"{LESSON} (10).ipynb"], 2, False),
    ([f"{LESSON}-1.ipynb", f"{LESSON}.ipynb"], 0, False),
    (["a.ipynb", "b.ipynb"], 1, True),
])
def test_of_two_files_from_moodle_the_last_copy_is_taken(take_in, names, chosen, unsure):
    moodle_download(take_in.archive, {"garcia": {name: notebook(name) for name in names}}, LESSON)
    result = take_in()
    assert take_in.text("garcia") == notebook(names[chosen])
    assert {Path(p.file).name for p in result.problems} == set(names) - {names[chosen]}
    assert ("nothing says which is newer" in result.summary()) == unsure


def test_the_same_file_downloaded_twice_is_one(take_in):
    archive = canvas_download(take_in.archive, {"garcia": notebook()}, LESSON)
    (take_in.archive / "submissions (1).zip").write_bytes(archive.read_bytes())
    result = take_in()
    assert collected(result) == ["garcia"] and not result.problems


def test_other_files_are_not_collected_but_named(take_in):
    canvas_download(take_in.archive, {"garcia": {f"{LESSON}.ipynb": notebook(), "plot.png": b"x"}}, LESSON)
    result = take_in()
    assert sorted(os.listdir(take_in.extracted / "garcia")) == [f"{LESSON}.ipynb", "timestamp.txt"]
    assert result.notes == ["garcia: only the notebook was collected, not plot.png"]


def test_many_other_files_are_counted(take_in):
    files = {f"{LESSON}.ipynb": notebook(), "hw.zip": zipped({f"{n}.png": b"" for n in range(9)})}
    canvas_download(take_in.archive, {"garcia": files}, LESSON)
    [note] = take_in().notes
    assert note == "garcia: only the notebook was collected, not 0.png, 1.png, 2.png, 3.png, 4.png and 4 more"


def test_a_name_of_ten_thousand_digits_stops_nobody(take_in):
    long = f"{LESSON}-{'9' * 10_000}.ipynb"
    moodle_download(take_in.archive, {"garcia": {"hw.zip": zipped({long: notebook()})}, "obrien": {long: notebook()}},
                    LESSON)
    with zipfile.ZipFile(take_in.archive / "submissions.zip", "w") as archive:
        archive.writestr(f"annguyen_70118_{'9' * 10_000}_{LESSON}.ipynb", notebook())
    assert collected(take_in()) == ["garcia", "nguyen", "obrien"]


@pytest.mark.parametrize("files", [{"answer.py": b""}, {"hw.zip": zipped({"answer.py": b""})}, {"hw.rar": b"Rar!"}])
def test_nothing_but_other_files_is_reported(take_in, files):
    canvas_download(take_in.archive, {"garcia": files}, LESSON)
    result = take_in()
    assert "no .ipynb" in reason(result, "garcia") and collected(result) == []
    assert "garcia" not in result.absent


@pytest.mark.parametrize("name", [f"{LESSON}.ipynb.txt", f"{LESSON}.ipynb.json", f"{LESSON}.json", f"{LESSON}.txt", LESSON, f"{LESSON}.IPYNB"])
def test_content_decides_what_is_a_notebook(take_in, name):
    canvas_download(take_in.archive, {"garcia": {name: notebook(), "notes.txt": b"sorry", "data.json": b"{}"}}, LESSON)
    result = take_in()
    assert collected(result) == ["garcia"] and not result.problems and take_in.text("garcia") == notebook()
    assert result.notes == ["garcia: only the notebook was collected, not data.json, notes.txt"]


def test_a_byte_order_mark_is_taken_off(take_in):
    canvas_download(take_in.archive, {"garcia": b"\xef\xbb\xbf" + notebook()}, LESSON)
    assert collected(take_in()) == ["garcia"] and take_in.text("garcia") == notebook()


@pytest.mark.parametrize("files, words", [
    ({"answer.pdf": b"%PDF-1.7"}, "there is no .ipynb in it"),
    ({"hw.zip": zipped({"a.ipynb": b" " * 2**19, "b.ipynb": b" " * 2**19 + b"x"})}, "may be 0 MB together"),
    ({"hw.zip": b"PK"}, "it cannot be opened as a zip archive"),
    ({"lesson.ipynb": b"[]"}, "JSON of another kind"),
])
def test_who_handed_in_nothing_that_can_be_read_gets_a_file_that_grades_to_the_reason(take_in, monkeypatch, files, words):
    monkeypatch.setattr(intake, "MAX_BYTES", 2**18)
    canvas_download(take_in.archive, {"garcia": files}, LESSON)
    result = take_in()
    assert collected(result) == [] and words in str(result.problems)
    kept = take_in.extracted / "garcia" / f"{LESSON}.unreadable"
    with pytest.raises(rebuild.Unreadable, match=re.escape(words)):
        rebuild.parse(kept.read_bytes())


# ---------------------------------------------------------------- what a course may be called

COURSES = ["ML_2026_WS-Lesson 1-4711", "rnn_2026_lesson1", "CS_101_A", "submissions"]


@pytest.mark.parametrize("course", COURSES)
@pytest.mark.parametrize("download", [moodle_download, canvas_download])
@pytest.mark.parametrize("way", ["archive", "folder", "unpacked", "zipped once more", "folder in the archive"])
def test_a_course_may_be_called_like_a_file_of_canvas(take_in, tmp_path, download, course, way):
    inside = take_in.archive / course if way in ("folder", "unpacked") else take_in.archive
    archive = download(inside, {"garcia": notebook(), "obrien": {"hw.zip": zipped({"x.ipynb": notebook("zipped")})}}, LESSON)
    for sheet in inside.glob("*.csv"):
        sheet.rename(inside / f"Grades-{course}.csv")
    archive = archive.rename(inside / f"{course}.zip")
    if way == "unpacked":
        zipfile.ZipFile(archive).extractall(inside)
        archive.unlink()
    elif way == "zipped once more":
        archive.write_bytes(zipped({f"{course}.zip": archive.read_bytes()}))
    elif way == "folder in the archive":
        with zipfile.ZipFile(archive) as members:
            data = {f"{course}/{info.filename}": members.read(info) for info in members.infolist()}
        archive.write_bytes(zipped(data))
    result = take_in()
    assert collected(result) == ["garcia", "obrien"] and not result.problems
    assert take_in.text("obrien") == notebook("zipped")
    assert [s.late for s in result.submissions] == [False, False]  # Moodle's come from the worksheet


def test_an_anonymous_download_in_another_language_is_told_from_strangers(take_in):
    with zipfile.ZipFile(take_in.archive / "x.zip", "w") as archive:
        for number in (11, 12):
            archive.writestr(f"Teilnehmer_in_{number}_assignsubmission_file_/{LESSON}.ipynb", notebook(str(number)))
        archive.writestr(f"Ann Lee_13_assignsubmission_file_/{LESSON}.ipynb", notebook())
    result = take_in()
    assert [p.reason for p in result.problems if "Teilnehmer" in p.file] == [
        "2 people are called 'Teilnehmer_in': the download is anonymous; switch anonymous grading off in Moodle and download again"] * 2
    assert "no student on the roster" in reason(result, "Ann Lee")


# ---------------------------------------------------------------- unmatched

def test_files_that_match_no_student_are_reported_by_name(take_in):
    stranger = Student("stranger", "Jo", "Stranger", "jo@else.example", "99999")
    moodle_download(take_in.archive, {"garcia": notebook(), "stranger": notebook()}, LESSON, roster=ROSTER + [stranger])
    result = take_in()
    assert collected(result) == ["garcia"]
    assert reason(result, "Jo Stranger") == ("no student on the roster has email jo@else.example "
                                             "or the name 'Jo Stranger'")


def test_two_people_who_match_one_student_are_both_reported(take_in):
    twins = [Student("li", "Wei", "Li"), Student("guest", "Wei", "Li")]
    files = {"li": notebook("1"), "guest": notebook("2")}
    moodle_download(take_in.archive, files, LESSON, roster=twins, worksheet=False)
    result = take_in([twins[0]])
    assert collected(result) == [] and len(result.problems) == 2
    assert "two people in the LMS match this student" in result.problems[0].reason


def test_what_the_computer_added_is_passed_over(take_in):
    junk = {f"__MACOSX/{LESSON}.ipynb": b"", f"._{LESSON}.ipynb": b"", ".DS_Store": b"",
            f".ipynb_checkpoints/{LESSON}-checkpoint.ipynb": notebook("old"), f"{LESSON}.ipynb": notebook()}
    moodle_download(take_in.archive, {"garcia": {"hw.zip": zipped(junk)}}, LESSON)
    (take_in.archive / ".DS_Store").write_bytes(b"")
    result = take_in()
    assert take_in.text("garcia") == notebook() and not result.problems and not result.notes


# ---------------------------------------------------------------- archives

@pytest.mark.parametrize("download", [moodle_download, canvas_download])
def test_an_archive_that_the_instructor_unpacked(take_in, download):
    files = {"garcia": notebook(), "obrien": {"hw.zip": zipped({"x.ipynb": notebook()})}}
    archive = download(take_in.archive, files, LESSON)
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(take_in.archive / "unpacked")
    archive.unlink()
    assert collected(take_in()) == ["garcia", "obrien"]


def test_a_students_archive_that_the_instructor_unpacked(take_in):
    for folder in ("garcia_70305_1_hw", f"Seán OBrien_{moodle_number('obrien')}_assignsubmission_file_"):
        (take_in.archive / "unpacked" / folder / "homework").mkdir(parents=True)
        (take_in.archive / "unpacked" / folder / "homework" / f"{LESSON}.ipynb").write_bytes(notebook(folder))
    result = take_in()
    assert collected(result) == ["garcia", "obrien"] and take_in.text("garcia") == notebook("garcia_70305_1_hw")
    assert not any("right lesson" in note for note in result.notes)


def test_names_in_utf8_without_the_flag_that_says_so(take_in):
    archive = moodle_download(take_in.archive, {"garcia": notebook()}, LESSON, worksheet=False)
    data = archive.read_bytes()
    archive.write_bytes(data.replace(b"\x00\x08\x08\x00", b"\x00\x00\x08\x00"))  # bit 11 of the flags, then "deflated"
    assert not any(info.flag_bits & 0x800 for info in zipfile.ZipFile(archive).infolist())
    assert collected(take_in()) == ["garcia"]


def test_names_inside_a_students_folder_do_not_speak_for_others(take_in):
    moodle_download(take_in.archive, {"garcia": {"vandenbergeva_70007_9999999_x.ipynb": notebook("mine")}}, LESSON)
    assert collected(take_in()) == ["garcia"]


def test_names_inside_a_students_archive_do_not_speak_for_others(take_in):
    imitation = zipped({"bergeva_70007_9999999_x.ipynb": notebook("mine"),
                        f"Seán OBrien_{moodle_number('obrien')}_assignsubmission_file_/x.ipynb": notebook("mine too")})
    canvas_download(take_in.archive, {"garcia": {"hw.zip": imitation}, "vandenberg": notebook("hers")}, LESSON)
    result = take_in()
    assert collected(result) == ["garcia", "vandenberg"] and take_in.text("vandenberg") == notebook("hers")


@pytest.mark.parametrize("name, content", [
    ("../obrien/x.ipynb", notebook()),
    ("a/../../x.ipynb", notebook()),
    ("/tmp/x.ipynb", notebook()),
    ("..\\x.ipynb", notebook()),
    ("C:\\x.ipynb", notebook()),
    ("x.ipynb", (b"../../gradebook.db", stat.S_IFLNK | 0o777)),
])
def test_what_is_unsafe_in_an_archive_is_refused_and_the_rest_collected(take_in, name, content):
    files = {"garcia": {"hw.zip": zipped({name: content, f"{LESSON}.ipynb": notebook("good")})}, "obrien": notebook()}
    canvas_download(take_in.archive, files, LESSON)
    result = take_in()
    assert collected(result) == ["garcia", "obrien"] and take_in.text("garcia") == notebook("good")
    assert reason(result, "garcia").startswith("refused")
    assert sorted(os.listdir(take_in.extracted)) == ["garcia", "obrien"]


def test_an_archive_of_nothing_but_unsafe_files_is_reported_once(take_in):
    canvas_download(take_in.archive, {"garcia": {"hw.zip": zipped({"../x.ipynb": notebook()})}}, LESSON)
    assert reason(take_in(), "garcia").startswith("refused")


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="no links here")
@pytest.mark.parametrize("target", ["file", "folder"])
def test_a_link_on_disk_is_refused(take_in, tmp_path, target):
    secret = tmp_path / "solutions"
    secret.mkdir()
    (secret / "x.ipynb").write_bytes(notebook("secret"))
    link = take_in.archive / ("garcia_70305_1_x.ipynb" if target == "file" else "Garcia_1_assignsubmission_file_")
    link.symlink_to(secret / "x.ipynb" if target == "file" else secret)
    result = take_in()
    assert collected(result) == [] and [p.reason for p in result.problems] == ["refused: it is a link"]


@pytest.mark.parametrize("data", [b"this is not a zip archive", zipped({"x.ipynb": notebook()})[:-40], b""])
def test_a_damaged_archive_of_one_student_stops_nobody_else(take_in, data):
    canvas_download(take_in.archive, {"garcia": {"hw.zip": data}, "obrien": notebook()}, LESSON)
    result = take_in()
    assert collected(result) == ["obrien"] and "zip archive" in reason(result, "garcia")


def test_a_damaged_member_is_reported(take_in):
    data = bytearray(zipped({"x.ipynb": notebook("a long text " * 20)}))
    data[60:70] = bytes(10)
    canvas_download(take_in.archive, {"garcia": {"hw.zip": bytes(data)}}, LESSON)
    assert "cannot be unpacked" in reason(take_in(), "garcia")


def test_a_damaged_download_is_reported(take_in):
    (take_in.archive / "submissions.zip").write_bytes(b"half")
    assert "cannot be opened as a zip archive" in reason(take_in(), "submissions.zip")


@pytest.mark.parametrize("suffix", ["ipynb", "zip"])
def test_a_zip_bomb_is_reported_and_not_unpacked(take_in, monkeypatch, suffix):
    monkeypatch.setattr(intake, "MAX_BYTES", 2**20)
    bomb = zipped({f"{n}.{suffix}": b" " * 2**19 + b"%d" % n for n in range(9)})
    assert len(bomb) < 2**14
    canvas_download(take_in.archive, {"garcia": {"hw.zip": bomb}, "obrien": notebook()}, LESSON)
    result = take_in()
    assert collected(result) == ["obrien"]
    assert sum("may be 1 MB together" in p.reason for p in result.problems) == 8


def test_archives_in_archives_end(take_in):
    data = zipped({"x.ipynb": notebook()})
    for depth in range(5):
        data = zipped({f"{depth}.zip": data})
    canvas_download(take_in.archive, {"garcia": {"hw.zip": data}}, LESSON)
    assert "too many others" in reason(take_in(), "garcia")


def test_an_archive_of_very_many_files_is_one_line_of_the_report(take_in):
    canvas_download(take_in.archive, {"garcia": {"hw.zip": zipped({f"{n}.ipynb": b"" for n in range(1001)})}}, LESSON)
    assert reason(take_in(), "garcia") == "it holds 1001 files"


def test_a_large_file_does_not_cost_the_student_the_notebook_beside_it(take_in, monkeypatch):
    monkeypatch.setattr(intake, "MAX_BYTES", 2**16)
    files = {"all.zip": os.urandom(2**16 + 1), f"{LESSON}.ipynb": notebook()}
    canvas_download(take_in.archive, {"garcia": files}, LESSON)
    assert collected(take_in()) == ["garcia"]


# ---------------------------------------------------------------- through nbgrader

class FakeGradebook:
    """Making nbgrader's takes seconds; this is all that intake asks it."""

    def __init__(self, url, course):
        self.students = ROSTER

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass

    def find_assignment(self, name):
        return SimpleNamespace(duedate=DUE)


@pytest.fixture
def zip_collect(tmp_path, monkeypatch):
    """nbgrader's own command, run in a course folder with a download from Canvas."""
    from nbgrader.apps import ZipCollectApp

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(intake, "Gradebook", FakeGradebook)
    monkeypatch.setattr(intake.atexit, "register", lambda function, *values: app.at_exit.append((function, values)))
    canvas_download(tmp_path / "downloaded" / LESSON / "archive", CLASS, LESSON, late=["obrien"])
    app = ZipCollectApp()
    app.at_exit, app.said = [], []
    monkeypatch.setattr(app.log, "warning", app.said.append)
    app.initialize([LESSON, "--extractor=helpers.grading.intake.LMSExtractor",
                    "--collector=helpers.grading.intake.LMSCollector"])
    return app


def last_word(app):
    [(function, values)] = app.at_exit
    function(*values)
    return app.said[-1]


def test_zip_collect_puts_each_notebook_in_its_students_folder(zip_collect, tmp_path):
    zip_collect.start()
    found = {p.relative_to(tmp_path / "submitted").as_posix() for p in tmp_path.glob("submitted/**/*") if p.is_file()}
    assert found == {f"{student}/{LESSON}/{name}" for student in CLASS for name in (
        f"{LESSON}.unreadable" if student == "vandenberg" else f"{LESSON}.ipynb", "timestamp.txt")}
    assert (tmp_path / "submitted" / "obrien" / LESSON / "timestamp.txt").read_text() == "2026-11-19 22:59:01"
    report = (tmp_path / "downloaded" / LESSON / "intake.txt").read_text("utf-8").strip()
    assert "4 collected (1 late" in report and "vandenberg" in report
    assert last_word(zip_collect).startswith(report) and "NOT copied" not in last_word(zip_collect)


def test_what_nbgrader_failed_to_copy_is_not_called_collected(zip_collect, tmp_path):
    there = tmp_path / "submitted" / "garcia" / LESSON / f"{LESSON}.ipynb"
    there.parent.mkdir(parents=True)
    there.write_bytes(notebook("an earlier one"))
    with pytest.raises(SystemExit):  # nbgrader overwrites only with --force
        zip_collect.start()
    not_copied = [line for line in last_word(zip_collect).splitlines() if "NOT copied" in line]
    assert [next(s for s in CLASS if s in line) for line in not_copied] == ["garcia", "nguyen", "obrien"]


@pytest.mark.parametrize("fault, message", [("roster", "nbgrader db student import"), ("zone", "no time zone 'Mars'")])
def test_zip_collect_stops_where_nothing_could_come_of_it(zip_collect, monkeypatch, fault, message):
    errors = []
    monkeypatch.setattr(zip_collect.log, "error", lambda text, *values: errors.append(text))
    if fault == "roster":
        monkeypatch.setattr(FakeGradebook, "__enter__", lambda self: SimpleNamespace(
            students=[], find_assignment=self.find_assignment))
    else:
        zip_collect.config.LMSExtractor.timezone = "Mars"
    with pytest.raises(SystemExit):
        zip_collect.start()
    assert message in errors[0]
