"""What is kept: a journal of results by content, and the gradebook, written by one process through nbgrader's own API."""

import contextlib
import hashlib
import importlib.metadata
import json
import os
from pathlib import Path

import nbformat
import sqlalchemy.exc
from nbgrader.api import Gradebook, InvalidEntry, MissingEntry
from nbgrader.preprocessors import AssignLatePenalties, LimitOutput, NbGraderPreprocessor, SaveAutoGrades

#: What nbgrader itself does with an executed notebook: the command and the formgrader's button alike.
PREPROCESSORS = [LimitOutput, SaveAutoGrades, AssignLatePenalties]


class RecordError(Exception):
    """Something could not be kept; the message says what and what to do. What the journal holds stays."""


def write_whole(path, data):
    """Write a file so that at any time the old one is there or the new one, never a part.

    Parameters
    ----------
    path : path
        Its folder is made if missing.
    data : bytes

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    OSError
        If it cannot be written. Nothing is left behind.
    """
    path = Path(os.path.abspath(path))  # a name even where the path is "."
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with open(part, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
    return path


class Journal:
    """Results by the content they follow from: a file each, complete or not there.

    Parameters
    ----------
    folder : pathlib.Path
    """

    def __init__(self, folder):
        self.folder = Path(folder)

    def key(self, task):
        """The name of a task's result: it changes with the submission, the release, the checks, the private number, the engine.

        Parameters
        ----------
        task : bytes
            As `check.task` makes it.
        """
        packages = [importlib.metadata.version(package) for package in ("numpy", "keras", "tensorflow")]
        return hashlib.sha256(task + json.dumps(packages).encode()).hexdigest()

    def has(self, key):
        """Whether there is a result of this key."""
        return self.get(key) is not None

    def get(self, key):
        """The result of this key, None where there is none."""
        try:
            return json.loads((self.folder / f"{key}.json").read_bytes())
        except FileNotFoundError:
            return None
        except ValueError:  # not written by `put`: as if it were not there
            return None

    def put(self, key, result):
        """Keep a result.

        Raises
        ------
        RecordError
            If there is no room, or no right to write.
        """
        try:
            write_whole(self.folder / f"{key}.json", result)
        except OSError as error:
            raise RecordError(f"A result cannot be kept in {self.folder}: {error.strerror}. Make room or rights, then run the command again.") from None


class Record:
    """The gradebook of a course, and the graded notebooks beside it.

    Parameters
    ----------
    app : nbgrader.apps.NbGrader
        With the course's configuration; its `coursedir` says where everything is.
    """

    def __init__(self, app):
        self.app, self.course, self._open = app, app.coursedir, None

    def missing_cells(self, assignment, names):
        """Which graded cells of a release the gradebook does not know, or None where it does not know the assignment."""
        try:
            with self._gradebook() as gradebook:
                known = {cell.name for cell in gradebook.find_notebook(assignment, assignment).grade_cells}
        except MissingEntry:
            return None
        except sqlalchemy.exc.SQLAlchemyError as error:
            raise RecordError(self._words(error)) from None
        return sorted(set(names) ^ known)

    def put(self, assignment, student, result):
        """Put a result into the gradebook, and the graded notebook beside it, unless both are there already.

        Parameters
        ----------
        assignment, student : str
        result : dict
            As `check.grade` gives it.

        Returns
        -------
        bool
            Whether anything had to be written.

        Raises
        ------
        RecordError
            If the gradebook or the folder cannot be written.
        """
        folder = Path(self.course.format_path(self.course.autograded_directory, student, assignment))
        submitted = Path(self.course.format_path(self.course.submitted_directory, student, assignment))
        target = folder / f"{assignment}.ipynb"
        notebook = nbformat.reads(result["notebook"], as_version=4)
        limit = LimitOutput(parent=self.app)
        notebook, _ = limit.preprocess(notebook, {})
        text = nbformat.writes(notebook)
        try:
            timestamp = self._timestamp(submitted)
            with self._gradebook() as gradebook:
                there = _is_there(gradebook, assignment, student, result, timestamp)
                if there and target.is_file() and target.read_text("utf-8") == text:
                    return False
                target.unlink(missing_ok=True)  # what is written below is whole only when it is back
                gradebook.update_or_create_student(student)
                when = {"timestamp": timestamp} if timestamp else {}
                submission = gradebook.update_or_create_submission(assignment, student, **when)
                saver = SaveAutoGrades(parent=self.app)
                saver.gradebook, saver.notebook_id, saver.assignment_id, saver.student_id = _Later(gradebook), assignment, assignment, student
                NbGraderPreprocessor.preprocess(saver, notebook, {})  # its own would open the gradebook once more
                gradebook.db.commit()
                late = submission.total_seconds_late > 0 or submission.late_submission_penalty
            if late:
                facts = {"student": student, "assignment": assignment, "notebook": assignment, "db_url": self.course.db_url}
                AssignLatePenalties(parent=self.app).preprocess(notebook, {"nbgrader": facts})
            if (submitted / "timestamp.txt").is_file():
                write_whole(folder / "timestamp.txt", (submitted / "timestamp.txt").read_bytes())
            write_whole(target, text.encode())  # last: where it stands, the gradebook is complete
        except (sqlalchemy.exc.SQLAlchemyError, InvalidEntry) as error:  # the second is nbgrader's word for the first
            raise RecordError(self._words(error)) from None
        except OSError as error:
            raise RecordError(f"{target} cannot be written: {error.strerror}. Make room or rights, then run the command again.") from None
        return True

    def _timestamp(self, folder):
        try:
            return self.course.get_existing_timestamp(str(folder))
        except (SystemExit, OSError, ValueError, AttributeError):  # nbgrader stops where it cannot read one, in one way or another
            raise RecordError(f"{folder / 'timestamp.txt'} holds no time. Mend or remove it, then run the command again.") from None

    @contextlib.contextmanager
    def _gradebook(self):
        """The gradebook, opened once; nothing of it stays locked or remembered after the block."""
        try:
            self._open = self._open or Gradebook(self.course.db_url, self.course.course_id)
        except sqlalchemy.exc.SQLAlchemyError as error:
            raise RecordError(self._words(error)) from None
        try:
            yield self._open
        finally:
            self._open.db.remove()

    def _words(self, error):
        said = str(getattr(error, "orig", error)).strip().splitlines()[0]
        advice = "Results that are ready stay in the journal: run the command again once it is mended."
        if "locked" in said:
            advice = f"Another program is writing to it (formgrader, nbgrader?): end that. {advice}"
        elif "readonly" in said:
            advice = f"Give yourself the right to write to it, and to its folder. {advice}"
        elif "full" in said:
            advice = f"Make room on its disk. {advice}"
        return f"The gradebook {_without_password(self.course.db_url)} cannot be written: {said}. {advice}"


class _Later:
    """A gradebook for nbgrader's preprocessors, which commit after each cell: here all of a submission is one commit."""

    def __init__(self, gradebook):
        self._gradebook, self.db = gradebook, self

    def __getattr__(self, name):
        return getattr(self._gradebook, name)

    def commit(self):
        """Not yet."""


def _is_there(gradebook, assignment, student, result, timestamp):
    """Whether the gradebook holds these scores and this time."""
    try:
        submission = gradebook.find_submission(assignment, student)
        grades = gradebook.find_submission_notebook(assignment, assignment, student).grades
    except MissingEntry:
        return False
    return {grade.name: grade.auto_score for grade in grades} == result["scores"] and (not timestamp or submission.timestamp == timestamp)


def _without_password(url):
    return sqlalchemy.engine.make_url(url).render_as_string(hide_password=True)
