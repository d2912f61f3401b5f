"""Grades as CSV files that Canvas and Moodle import as they are.

    nbgrader export --exporter=helpers.grading.export.Canvas --assignment LESSON --to grades-canvas.csv
    nbgrader export --exporter=helpers.grading.export.Moodle --assignment LESSON --to grades-moodle.csv

The score is the one nbgrader shows: less the penalty for lateness, never below 0. Both importers take an empty cell
for "no grade" and delete a grade that is there. So a student who handed in none of the exported lessons has no row,
and keeps what Canvas or Moodle has: export one lesson at a time.

Both importers take a lesson's column for an assignment of the same name; its maximum there must be the lesson's
points. Neither scales the scores. Canvas also knows an assignment by its number, which the configuration can name:
``c.Canvas.assignment_ids = {"LESSON": 4711}``.

The files begin with a byte-order mark. Both importers accept it, and without one Excel takes "ë" for "Ã«".
"""

import csv
import io
import math
import re
import unicodedata
from collections import Counter, defaultdict

from nbgrader.plugins import ExportPlugin
from traitlets import Dict, Integer, Unicode

from helpers.grading.record import write_whole
from helpers.grading.report import plain_text

# What a spreadsheet takes for the start of a formula. Full-width variants are folded to these.
_FORMULA = frozenset("=+-@")
_QUOTES = "\"'`´‘’“”„«»‹›"
_SHOWN = 10  # students named in a warning
# Any address people have. What else may stand in one, such as quotes or "=" at the start, a spreadsheet or Moodle's
# reader would take for something else, and escaped it would be another address.
_EMAIL = re.compile(r"\w[\w.+'&/-]*@\w[\w.-]*")
_NUMBER = re.compile(r"[1-9][0-9]{0,17}")


def inert(text):
    """Return text for a cell that no spreadsheet runs and no CSV reader splits.

    A text that would be a formula gets an apostrophe in front, as Moodle writes it; nothing of it is lost.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
        One line, without what cannot be seen. Semicolons, which are separators in many countries, become commas, and
        backslashes, which Moodle's reader takes for escapes, slashes.
    """
    text = plain_text(text).replace("\\", "/").replace(";", ",")
    shown = (c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")
    start = "".join(shown).lstrip(_QUOTES + " ")[:1]
    return "'" + text if start in _FORMULA else text


def number(score):
    """Return a score as both importers read it: a decimal point, at most five decimals, no exponent."""
    return f"{score:.5f}".rstrip("0").rstrip(".")


class _Gradebook(ExportPlugin):
    """What the two exporters share: which students and lessons, their scores, and what to say about them."""

    default_file = ""
    lms = ""

    def export(self, gradebook):
        """Write the file.

        Parameters
        ----------
        gradebook : nbgrader.api.Gradebook
        """
        assignments = self._wanted(gradebook.assignments, self.assignment, lambda a: a.name, "assignment")
        students = self._wanted(gradebook.students, self.student, lambda s: s.id, "student")
        assignments.sort(key=lambda a: a.name)  # databases differ in where they put those without a due date
        students.sort(key=lambda s: (s.last_name or "", s.first_name or "", s.id))
        scores = {assignment.name: self._scores(gradebook, assignment) for assignment in assignments}
        assignments = [assignment for assignment in assignments if scores[assignment.name]]
        handed_in = [s for s in students if any(s.id in scores[a.name] for a in assignments)]
        rows = [
            self.identify(student) + [number(scores[a.name][student.id]) if student.id in scores[a.name] else ""
                                      for a in assignments]
            for student in self._known(handed_in)
        ]
        if not rows:
            self._stop("There is nothing to export: none of these students has a grade in these assignments. "
                       "Grade first (nbgrader autograde), or look at --assignment and --student.")
        self._write(self.header(assignments) + rows)
        self._tell(assignments, rows, len(students) - len(handed_in))

    def header(self, assignments):
        """Return the rows above the students'."""
        raise NotImplementedError

    def identify(self, student):
        """Return the cells that say whose row it is."""
        raise NotImplementedError

    def key(self, student):
        """Return what the importer knows a student by, and why it does not do, or an empty text."""
        raise NotImplementedError

    def _wanted(self, entries, names, name, kind):
        """Return those that an option names, or all; stop at a name that is not in the gradebook."""
        wanted = {str(each) for each in names}
        if unknown := wanted.difference(map(name, entries)):
            self._stop(f"The gradebook has no {kind} {', '.join(sorted(unknown))}. Look at --{kind}.")
        return [entry for entry in entries if not wanted or name(entry) in wanted]

    def _scores(self, gradebook, assignment):
        """Return the scores of one assignment by student. One query for all: a class may have 20,000 students."""
        penalties = defaultdict(float)
        for notebook in assignment.notebooks:
            for submitted in gradebook.notebook_submissions(notebook.name, assignment.name):
                penalties[submitted.assignment_id] += submitted.late_submission_penalty or 0.0
        scores, waiting, broken = {}, [], []
        for submission in gradebook.submission_dicts(assignment.name):
            score = submission["score"] - penalties[submission["id"]]
            if math.isfinite(score):
                scores[submission["student"]] = max(0.0, score)
            else:
                broken.append(submission["student"])
            if submission["needs_manual_grade"]:
                waiting.append(submission["student"])
        self._warn(waiting, f"{assignment.name}: parts are not graded yet and count 0 until then")
        self._warn(broken, f"{assignment.name}: left out, because the score is not a number; grade again")
        return scores

    def _known(self, students):
        """Return the students whom the importer can tell apart; warn of the others."""
        keys = {student.id: self.key(student) for student in students}
        times = Counter(key for key, _ in keys.values())
        problems = defaultdict(list)
        for student in students:
            key, problem = keys[student.id]
            if not problem and times[key] > 1:
                problem = "others have the same"
            if problem:
                problems[problem].append(student.id)
        for problem, ids in problems.items():
            self._warn(ids, f"left out, {self.lms} could not tell who it is: {problem}. Mend the roster "
                            "(nbgrader db student import) and export again")
        left_out = {student for ids in problems.values() for student in ids}
        return [student for student in students if student.id not in left_out]

    def _write(self, rows):
        text = io.StringIO()
        csv.writer(text).writerows(rows)
        destination = self.to or self.default_file
        try:
            write_whole(destination, text.getvalue().encode("utf-8-sig"))
        except OSError as error:
            self._stop(f"{destination} cannot be written ({error.strerror}). Name another file with --to.")

    def _tell(self, assignments, rows, absent):
        empty = sum(cell == "" for row in rows for cell in row[-len(assignments):])
        self.log.info("%s: %s students, %s assignments. %s students without a submission have no row.",
                      self.to or self.default_file, len(rows), len(assignments), absent)
        self.log.info("In %s the maximum of each must be: %s", self.lms,
                      "; ".join(f"{a.name}: {number(a.max_score)}" for a in assignments))
        if empty:
            self.log.warning("%s cells are empty, for want of a submission. %s takes an empty cell for 'no grade' and "
                             "deletes a grade that is there; to keep it, export one assignment at a time "
                             "(--assignment).", empty, self.lms)

    def _warn(self, ids, message):
        if ids:
            names = ", ".join(plain_text(each, 60) for each in sorted(ids)[:_SHOWN])
            more = f" and {len(ids) - _SHOWN} more" if len(ids) > _SHOWN else ""
            self.log.warning("%s: %s%s", message, names, more)

    def _stop(self, message):
        self.log.error(message)
        raise SystemExit(1)


class Canvas(_Gradebook):
    """A file for Canvas: Gradebook, Import. Students are matched by ``lms_user_id``, their number in Canvas."""

    default_file = "grades-canvas.csv"
    lms = "Canvas"
    assignment_ids = Dict(
        key_trait=Unicode(), value_trait=Integer(),
        help="Numbers of assignments in Canvas (the last part of an assignment's address), where its name differs.",
    ).tag(config=True)

    def header(self, assignments):
        """Return the header and the row of points, which Canvas needs for assignments it does not have yet."""
        names = [inert(a.name) + (f" ({self.assignment_ids[a.name]})" if a.name in self.assignment_ids else "")
                 for a in assignments]
        return [
            ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *names],
            ["    Points Possible", "", "", "", "", *(number(a.max_score) for a in assignments)],
        ]

    def identify(self, student):
        """Return the five columns Canvas has before the assignments'. The number is enough, the name is for people."""
        name = ", ".join(filter(None, (student.last_name, student.first_name))) or student.id
        # A row whose first cell has these words is no student's for Canvas, but sets the points.
        return [inert(name).replace("Points Possible", "Points-Possible"), student.lms_user_id, "", "", ""]

    def key(self, student):
        """Canvas reads the digits at the start and would take "1~234" for 1."""
        if not student.lms_user_id:
            return "", "no lms_user_id"
        if not _NUMBER.fullmatch(student.lms_user_id):
            return "", "lms_user_id is not a number"
        return student.lms_user_id, ""


class Moodle(_Gradebook):
    """A file for Moodle: Grades, Import, CSV file; map "Email address" to "Email address".

    One address that Moodle does not know stops the whole import, and Moodle says which.
    """

    default_file = "grades-moodle.csv"
    lms = "Moodle"

    def header(self, assignments):
        """Return the header. The address is the first column, which Moodle offers to match by."""
        return [["Email address", *(inert(a.name) for a in assignments)]]

    def identify(self, student):
        """Return the address."""
        return [student.email]

    def key(self, student):
        """Moodle does not tell upper case from lower case in an address."""
        if not student.email:
            return "", "no email"
        if not _EMAIL.fullmatch(student.email):
            return "", "email is not an address that a CSV file can hold safely"
        return student.email.lower(), ""
