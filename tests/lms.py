"""Downloads as Moodle and Canvas make them, for the tests of grading."""

import csv
import re
import zipfile

from helpers.grading.intake import Student

#: A class of five, with the names that trip up file names.
ROSTER = [
    Student("dangelo", "Zoë", "D'Angelo-Smith", "zoe.dangelo@uni.example", "70211"),
    Student("garcia", "José María", "García López", "jose.garcia@uni.example", "70305"),
    Student("nguyen", "Nguyễn", "An", "an.nguyen@uni.example", "70118"),
    Student("obrien", "Seán", "O'Brien", "sean.obrien@uni.example", "70422"),
    Student("vandenberg", "Eva", "van den Berg", "eva.vandenberg@uni.example", "70007"),
]
IN_TIME = "Thursday, 19 November 2026, 9:30 AM"
WORKSHEET_COLUMNS = ["Identifier", "Full name", "Email address", "Status", "Grade", "Maximum Grade",
                     "Grade can be changed", "Last modified (submission)", "Last modified (grade)", "Feedback comments"]


def write_roster(path, roster=ROSTER):
    """Write the CSV file for ``nbgrader db student import``."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(Student._fields)
        writer.writerows(roster)
    return path


def moodle_number(student_id, roster=ROSTER):
    """Return the participant number that `moodle_download` gives a student."""
    return 1348200 + [student.id for student in roster].index(student_id)


def moodle_download(folder, files, assignment, *, roster=ROSTER, times=None, late=(), layout="folders", worksheet=True):
    """Write what an instructor downloads from a Moodle assignment.

    Parameters
    ----------
    folder : Path
        The archive folder; made if missing.
    files : dict
        Student id to the notebook's bytes, or to a dict of file name to bytes.
    assignment : str
        Name of the notebook, without suffix, of students who gave none.
    roster : list of Student
        Those enrolled in Moodle. A student of another roster may be among them.
    times : dict of str to str, optional
        Student id to "Last modified (submission)"; `IN_TIME` where it is missing.
    late : container of str
        Student ids that Moodle itself calls late.
    layout : {"folders", "folders without underscore", "flat"}
        Moodle's older and newer folder names, and all files in one folder.
    worksheet : bool
        Whether to write the grading worksheet beside the archive.

    Returns
    -------
    Path
        The archive.
    """
    folder.mkdir(parents=True, exist_ok=True)
    separator = {"folders": "_/", "folders without underscore": "/", "flat": "_"}[layout]
    archive = folder / f"RNN101-{assignment}-4711.zip"
    rows = []
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zip_file:
        for student in roster:
            name, number = f"{student.first_name} {student.last_name}", moodle_number(student.id, roster)
            handed_in = student.id in files
            status = "Submitted for grading - 2 hours 3 mins late" if student.id in late else "Submitted for grading"
            rows.append([f"Participant {number}", name, student.email, status if handed_in else "No submission", "",
                         "100.00", "Yes", (times or {}).get(student.id, IN_TIME) if handed_in else "-", "-", ""])
            prefix = re.sub(r"[&<>\"`|':\\/]", "", name.replace("_", " ")) + f"_{number}_assignsubmission_file"
            for file_name, data in _named(files.get(student.id, {}), assignment):
                zip_file.writestr(prefix + separator + file_name, data)
    if worksheet:
        with open(folder / f"Grades-RNN101-{assignment}-4711.csv", "w", newline="", encoding="utf-8-sig") as file:
            writer = csv.writer(file)
            writer.writerow(WORKSHEET_COLUMNS)
            writer.writerows(rows)
    return archive


def canvas_download(folder, files, assignment, *, roster=ROSTER, late=()):
    """Write what an instructor downloads from a Canvas assignment.

    The parameters are those of `moodle_download`. Uploads are numbered in the order of ``files``.

    Returns
    -------
    Path
        The archive.
    """
    folder.mkdir(parents=True, exist_ok=True)
    archive = folder / "submissions.zip"
    students = {student.id: student for student in roster}
    upload = 6093100
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zip_file:
        for student_id, given in files.items():
            student = students[student_id]
            name = re.sub(r"\W", "", f"{student.last_name}, {student.first_name}".lower())
            for file_name, data in _named(given, assignment):
                upload += 17
                parts = [name, *(["LATE"] if student_id in late else []), student.lms_user_id, str(upload), file_name]
                zip_file.writestr("_".join(parts), data)
    return archive


def _named(given, assignment):
    return (given if isinstance(given, dict) else {f"{assignment}.ipynb": given}).items()
