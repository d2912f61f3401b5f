"""Intake: from a Moodle or Canvas download to nbgrader's ``submitted/`` folder.

``nbgrader zip_collect`` uses the two plugins at the end of this module. `LMSExtractor` does the work: it looks at
the whole download, finds each file's student on the roster, chooses one notebook a student, and reports everything
else. A path from an archive is only ever read, never written to: the folders it makes are named after the roster.

The work itself is `take_in`, which knows nothing of nbgrader but the format of its files.
"""

import atexit
import codecs
import csv
import filecmp
import io
import json
import os
import re
import shutil
import stat
import tempfile
import unicodedata
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from functools import partial
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from dateutil.tz import gettz
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.plugins.zipcollect import ExtractorPlugin, FileNameCollectorPlugin
from traitlets import Unicode

from helpers.grading import rebuild

__all__ = ["Intake", "LMSCollector", "LMSExtractor", "Origin", "Problem", "Student", "Submission",
           "find_student", "parse_name", "parse_time", "read_worksheet", "take_in", "why_unreadable"]

# What one student may hand in: bytes to read, files in an archive, archives one in another. More is reported.
MAX_BYTES = 50 * 2**20
MAX_FILES = 1000
MAX_DEPTH = 3

_MOODLE = re.compile(r"(?P<name>.+?)_(?P<number>\d+)_assignsubmission_[a-z]+(?:_(?P<file>.*))?")
_CANVAS = re.compile(r"(?P<name>.+?)_(?:(?P<late>LATE)_)?(?P<number>\d+)_(?:(?P<upload>\d{1,18})_)?(?P<file>.+)")
_CANVAS_ANONYMOUS = re.compile(r"(?:LATE_)?anon_[0-9A-Za-z]+_\d+_(?P<file>.+)")
# What Moodle's English language packs write; `parse_time` also reads ISO 8601.
_MOODLE_TIMES = ("%A, %d %B %Y, %I:%M %p", "%A, %B %d, %Y, %I:%M %p")
_PERHAPS = {".txt", ".json", ""}  # of a notebook too: browsers save "lesson.ipynb.txt"
_JUNK = {"__MACOSX", ".ipynb_checkpoints", ".DS_Store", "Thumbs.db", "desktop.ini"}


class Student(NamedTuple):
    """A student of the roster; the fields are those of nbgrader's gradebook."""

    id: str
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    lms_user_id: str | None = None


class Origin(NamedTuple):
    """What an LMS's name says: whose file it is, what they called it; in Canvas also which upload, and if late."""

    lms: str
    name: str
    number: str
    file: str = ""
    upload: int = 0
    late: bool = False


class WorksheetRow(NamedTuple):
    """A participant in Moodle's grading worksheet, as text."""

    name: str
    email: str
    status: str
    modified: str


class Submission(NamedTuple):
    """A collected notebook.

    ``timestamp`` is in UTC without a time zone, as nbgrader wants it; ``late`` is None where nothing says.
    """

    student_id: str
    file: str
    late: bool | None
    timestamp: datetime | None


class Problem(NamedTuple):
    """A file that was not collected, and the reason. ``student_id`` is empty when it matches no student."""

    file: str
    reason: str
    student_id: str = ""


class _File(NamedTuple):
    label: str
    path: PurePosixPath
    size: int
    read: Callable[[], bytes]
    open: Callable[[], io.IOBase]


class _Notebook(NamedTuple):
    label: str
    name: str
    origin: Origin
    data: bytes
    fault: str


@dataclass
class Intake:
    """The result of an intake: what was collected, what was not and why, and what else to know."""

    assignment: str
    submissions: list[Submission] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)

    def summary(self) -> str:
        """Return the report for the instructor; whoever is not named in it was collected, on time."""
        late = [s.student_id for s in self.submissions if s.late]
        unknown = sum(s.late is None for s in self.submissions)
        lines = [
            f"Intake of {self.assignment}: {len(self.submissions)} collected ({len(late)} late, {unknown} with "
            f"lateness unknown), {len(self.problems)} not collected, {len(self.absent)} handed in nothing."
        ]
        if late:
            lines.append(f"Late: {', '.join(late)}")
        for problem in self.problems:
            owner = f" ({problem.student_id})" if problem.student_id else ""
            lines.append(f"Not collected: {problem.file}{owner}: {problem.reason}")
        lines += [f"Note: {note}" for note in self.notes]
        if self.absent:
            lines.append(f"Nothing from: {', '.join(self.absent)}")
        # Names are the students': a line break or an escape sequence in one must not forge a line of the report.
        return "\n".join("".join(c if c.isprintable() else "?" for c in line) for line in lines)


def parse_name(name: str) -> Origin | None:
    """Read the name that Moodle or Canvas gave to a file or folder.

    Parameters
    ----------
    name : str
        One component of a path, for example ``Ann Lee_4711_assignsubmission_file_`` (Moodle's folder),
        ``Ann Lee_4711_assignsubmission_file_lesson.ipynb`` (Moodle, all files in one folder) or
        ``leeann_LATE_812_30455_lesson-1.ipynb`` (Canvas: user 812, upload 30455).

    Returns
    -------
    Origin or None
        None when it is neither. ``number`` is Moodle's participant number or Canvas's user id; it is empty when
        the download is anonymous.
    """
    if match := _MOODLE.fullmatch(name):
        anonymous = match["name"] == "Participant"
        return Origin("Moodle", *(("", "") if anonymous else match.group("name", "number")), match["file"] or "")
    if match := _CANVAS_ANONYMOUS.fullmatch(name):
        return Origin("Canvas", "", "", match["file"])
    if match := _CANVAS.fullmatch(name):
        return Origin("Canvas", match["name"], match["number"], match["file"], int(match["upload"] or 0),
                      match["late"] is not None)
    return None


def _origin(path: PurePosixPath, roster: list[Student]) -> Origin | None:
    # The outermost name is the LMS's; names further in are the student's own and could imitate another's. But a folder
    # around the download may be the instructor's, and look like Canvas' names: "CS_101_A".
    for part in path.parts:
        if (origin := parse_name(part)) and (part == path.name or _is_students(origin, roster)):
            return origin if part == path.name and origin.file else origin._replace(file=path.name)
    return None


def _key(text: str) -> str:
    """Letters and digits only, without case or accents: Moodle drops apostrophes, Canvas all but letters."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if c.isalnum())


def find_student(origin: Origin, roster: list[Student], row: WorksheetRow | None = None) -> Student:
    """Find the student a file comes from.

    Canvas's user id is the roster's ``lms_user_id``; Moodle's worksheet gives the e-mail address. A name decides
    only where neither speaks against it, so that a namesake who is not on the roster is not taken for a student.

    Parameters
    ----------
    origin : Origin
        What `parse_name` read.
    roster : list of Student
    row : WorksheetRow, optional
        The participant's row in Moodle's grading worksheet.

    Returns
    -------
    Student

    Raises
    ------
    LookupError
        When no student matches, or more than one; the message says which and what to do.
    """
    if not origin.number:
        raise LookupError(_anonymous(origin.lms))
    if origin.lms == "Canvas":
        column, identity, name = "lms_user_id", origin.number, origin.name
    else:
        column, identity, name = "email", row.email if row else "", row.name if row and row.name else origin.name

    def known(student):
        return (getattr(student, column) or "").strip().casefold()

    found = [s for s in roster if identity and known(s) == identity.strip().casefold()]
    if not found:
        key = _key(name)
        namesakes = [s for s in roster if key and key in (_key(f"{s.first_name or ''}{s.last_name or ''}"),
                                                          _key(f"{s.last_name or ''}{s.first_name or ''}"))]
        found = [s for s in namesakes if not (identity and known(s))]
        if namesakes and not found:
            raise LookupError(f"the LMS gives {column} {identity}, but the roster gives {known(namesakes[0])} for "
                              f"{namesakes[0].id}, of the same name; if this is the same person, correct the roster")
    if len(found) > 1:
        raise LookupError(f"it could be any of {', '.join(sorted(s.id for s in found))}; "
                          f"give them {column} on the roster" + (", and add Moodle's grading worksheet to the archive "
                                                                 "folder" if column == "email" else ""))
    if not found:
        who = f"{column} {identity} or the name '{name}'" if identity else f"the name '{name}'"
        raise LookupError(f"no student on the roster has {who}")
    return found[0]


def _anonymous(lms: str) -> str:
    return f"the download is anonymous; switch anonymous grading off in {lms} and download again"


def _has_rows(path: Path) -> bool:
    try:
        return bool(read_worksheet(path))
    except ValueError:
        return False


def read_worksheet(path: Path) -> dict[str, WorksheetRow]:
    """Read Moodle's grading worksheet.

    Returns
    -------
    dict of str to WorksheetRow
        By participant number.

    Raises
    ------
    ValueError
        When the file is not UTF-8 or lacks the columns of an English worksheet.
    """
    advice = "set Moodle's language to English, download the worksheet again, and do not save it from a spreadsheet"
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            missing = {"Identifier", "Last modified (submission)"} - set(reader.fieldnames or ())
            if missing:
                raise ValueError(f"has no column {' or '.join(sorted(missing))}; {advice}")
            rows = {}
            for line in reader:
                if number := re.search(r"\d+$", (line["Identifier"] or "").strip()):
                    rows[number[0]] = WorksheetRow(*((line.get(column) or "").strip() for column in (
                        "Full name", "Email address", "Status", "Last modified (submission)")))
            return rows
    except (UnicodeDecodeError, csv.Error):
        raise ValueError(f"is not CSV in UTF-8; {advice}") from None


def parse_time(text: str, zone: str = "UTC") -> datetime:
    """Read a time of Moodle's worksheet.

    Parameters
    ----------
    text : str
        Moodle's English form (``Thursday, 19 November 2026, 11:58 PM``, or the American order) or ISO 8601.
    zone : str
        Time zone of times that name none, for example ``Europe/Paris``.

    Returns
    -------
    datetime
        In UTC, without a time zone.

    Raises
    ------
    ValueError
        When the text is in another form (it is never guessed), or the zone is unknown.
    """
    if (tz := gettz(zone)) is None:
        raise ValueError(f"there is no time zone '{zone}'; names look like Europe/Paris")
    tidy = " ".join(text.split())
    for form in (*_MOODLE_TIMES, "ISO"):
        try:
            if form != "ISO":
                time = datetime.strptime(tidy, form)
            elif ":" in tidy:  # a date alone would be taken for midnight
                time = datetime.fromisoformat(re.sub("Z$", "+00:00", tidy))
            else:
                continue
        except ValueError:
            continue
        return (time if time.tzinfo else time.replace(tzinfo=tz)).astimezone(timezone.utc).replace(tzinfo=None)
    raise ValueError(f"the time '{text}' is in no form this course reads "
                     "(such as 'Thursday, 19 November 2026, 11:58 PM')")


def why_unreadable(data: bytes) -> str:
    """Say why a notebook could not be graded, as the grader itself would.

    Returns
    -------
    str
        Empty when it can be graded.
    """
    if not data.strip():
        return "the file is empty"
    try:
        json.loads(data.decode("utf-8-sig"))  # some editors put a byte-order mark first
    except UnicodeDecodeError:
        return "it is not UTF-8 text"
    except RecursionError:
        return "it is not a notebook: its JSON is nested too deeply"
    except ValueError as error:
        return f"it is not JSON ({error}), so the upload was cut short or is not a notebook"
    try:
        rebuild.parse(data)
    except rebuild.Unreadable as error:
        return f"it is JSON but not a notebook ({error})"
    return ""


def _is_junk(path: PurePosixPath) -> bool:
    """Whether a computer, not a person, put this file there."""
    return bool(_JUNK & set(path.parts)) or path.name.startswith("._")


def _member_path(info: zipfile.ZipInfo) -> PurePosixPath:
    name = info.filename
    if not info.flag_bits & 0x800:  # some tools write UTF-8 without the flag that says so
        try:
            name = name.encode("cp437").decode("utf-8")
        except UnicodeError:
            pass
    return PurePosixPath(name.replace("\\", "/"))


def _members(label: str, source, problems: list[Problem], stack: ExitStack):
    """Yield the files of a zip archive; report what is unsafe."""
    try:
        archive = stack.enter_context(zipfile.ZipFile(source))
    except Exception as error:  # a stranger's archive: whatever zipfile raises is the reason
        problems.append(Problem(label, f"it cannot be opened as a zip archive ({error})"))
        return
    for info in archive.infolist():
        path = _member_path(info)
        if info.is_dir() or _is_junk(path):
            continue
        if path.is_absolute() or ".." in path.parts or re.match("[A-Za-z]:", str(path)):
            problems.append(Problem(f"{label}/{path}", "refused: its path leads out of the archive"))
        elif stat.S_ISLNK(info.external_attr >> 16):
            problems.append(Problem(f"{label}/{path}", "refused: it is a link"))
        else:
            yield _File(f"{label}/{path}", path, info.file_size, partial(archive.read, info), partial(archive.open, info))


def _downloaded(folder: Path, problems: list[Problem], stack: ExitStack, roster: list[Student]):
    """Yield the files below a folder, those in the LMS's own archives included.

    An archive that is no student's file is the LMS's, whatever it is called.
    """

    def opened(file, depth=0):
        if file.path.suffix.lower() != ".zip" or _is_students(_origin(file.path, roster), roster):
            yield file
        elif depth == MAX_DEPTH:
            problems.append(Problem(file.label, "it is an archive in too many others"))
        else:
            source = stack.enter_context(tempfile.TemporaryFile())
            try:
                with file.open() as data:
                    shutil.copyfileobj(data, source)
            except Exception as error:  # encrypted, damaged, an unknown method
                problems.append(Problem(file.label, f"it cannot be unpacked ({error})"))
                return
            for member in _members(file.label, source, problems, stack):
                yield from opened(member, depth + 1)

    for root, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names + [f for f in folders if os.path.islink(os.path.join(root, f))]):
            path = Path(root, name)
            relative = PurePosixPath(path.relative_to(folder).as_posix())
            if path.is_symlink():
                problems.append(Problem(str(relative), "refused: it is a link"))
            elif not _is_junk(relative):
                yield from opened(_File(str(relative), relative, path.stat().st_size, path.read_bytes, partial(open, path, "rb")))


def _is_students(origin: Origin | None, roster: list[Student]) -> bool:
    """Whether a name is one that the LMS gave to a student's file.

    Moodle's names are unmistakable. Canvas' are not: a course may be called "ML_2026_WS"; there the roster decides.
    """
    if origin is None or origin.lms == "Moodle" or not origin.number:
        return origin is not None
    try:
        return bool(find_student(origin, roster))
    except LookupError:
        return origin.upload > 0


def _hand_in(files: list[tuple[Origin, _File]]) -> tuple[list[_Notebook], list[str], list[Problem]]:
    """Read what one student handed in: the notebooks, the names of other files, and what could not be read."""
    notebooks, others, problems, total = {}, [], [], 0

    def read(file):
        nonlocal total
        try:
            if total + file.size > MAX_BYTES:
                raise ValueError(f"one student's files may be {MAX_BYTES >> 20} MB together")
            total += file.size
            return file.read()
        except Exception as error:  # too large, encrypted, damaged, an unknown method
            problems.append(Problem(file.label, f"it cannot be unpacked ({error})"))

    def unpacked(file, depth=0):
        if file.path.suffix.lower() != ".zip":
            yield file
        elif depth == MAX_DEPTH:
            problems.append(Problem(file.label, "it is an archive in too many others"))
        elif (data := read(file)) is not None:
            members = list(_members(file.label, io.BytesIO(data), problems, stack))
            if len(members) > MAX_FILES:
                problems.append(Problem(file.label, f"it holds {len(members)} files"))
            else:
                for member in members:
                    yield from unpacked(member, depth + 1)

    with ExitStack() as stack:
        for origin, outer in files:
            for file in unpacked(outer):
                named = file.path.suffix.lower() == ".ipynb"
                if not named and file.path.suffix.lower() not in _PERHAPS:
                    others.append(file.path.name)
                elif (data := read(file)) is not None:  # by content: the same file may be there twice
                    fault = why_unreadable(data)
                    if named or not fault:
                        name = re.sub(r"\.ipynb$", "", file.path.stem)
                        notebooks[data] = _Notebook(file.label, name, origin, data.removeprefix(codecs.BOM_UTF8), fault)
                    else:
                        others.append(file.path.name)
    return list(notebooks.values()), others, problems


def _preference(notebook: _Notebook, assignment: str) -> tuple:
    """Order a student's notebooks: the one to grade comes last."""
    name = _key(notebook.name)
    copy = re.search(r"(\d{1,9})\)?$", notebook.name.rpartition(assignment)[2])  # "lesson-2", "lesson (2)"
    return not notebook.fault, _key(assignment) in name, notebook.origin.upload, int(copy[1]) if copy else 0


def take_in(download: Path, destination: Path, roster: list[Student], assignment: str,
            due: datetime | None = None, zone: str = "UTC", again: str = "collect again with --force") -> Intake:
    """Sort a download by student.

    Writes ``{destination}/{student id}/{assignment}.ipynb``, and ``timestamp.txt`` beside it when the time is known.
    A notebook that cannot be opened keeps its bytes under the suffix ``.unreadable``: nbgrader then passes over it
    instead of failing, and the instructor can mend and rename it. Where there is no notebook, a file of that suffix
    says so: `grade` gives 0 with that reason.

    Parameters
    ----------
    download : Path
        Folder with the LMS's archives, or with what was in them, and for Moodle the grading worksheet (CSV).
    destination : Path
        An empty folder.
    roster : list of Student
    assignment : str
        The assignment's name, which is also its notebook's.
    due : datetime, optional
        Due date in UTC, without a time zone, as the gradebook has it. Canvas says only whether a file is late, so a
        file from Canvas is dated with the due date, or one second after it.
    zone : str
        Time zone of the times in Moodle's worksheet: that of the person who downloaded it.
    again : str
        How to do it once more, for the advice in notes.

    Returns
    -------
    Intake
    """
    intake = Intake(assignment)
    worksheet = {}
    files = defaultdict(list)
    with ExitStack() as stack:
        for file in _downloaded(download, intake.problems, stack, roster):
            origin = _origin(file.path, roster)
            worksheets = file.path.suffix.lower() == ".csv" and file.label == str(file.path)  # none comes from an archive
            if origin and not (worksheets and not _is_students(origin, roster) and _has_rows(download / file.label)):
                files[origin.lms, origin.number, origin.name].append(
                    (origin, file._replace(path=PurePosixPath(origin.file))))
            elif worksheets:
                try:
                    rows = read_worksheet(download / file.label)
                    if any(worksheet.get(number, row) != row for number, row in rows.items()):
                        raise ValueError("disagrees with another one; leave only the newest in the archive folder")
                    worksheet.update(rows)
                except ValueError as error:
                    intake.problems.append(Problem(file.label, f"as Moodle's grading worksheet it {error}"))
            else:
                intake.problems.append(Problem(file.label, "its name is neither Moodle's nor Canvas's"))

        by_student = defaultdict(list)
        names = Counter(name for lms, _, name in files if lms == "Moodle")
        for (lms, number, name), found in files.items():
            try:
                student = find_student(found[0][0], roster, worksheet.get(number) if lms == "Moodle" else None)
                by_student[student.id] += found
            except LookupError as error:
                reason = str(error)
                if lms == "Moodle" and names[name] > 1 and reason.startswith("no student"):  # "Participant" in its language
                    reason = f"{names[name]} people are called '{name}': {_anonymous(lms)}"
                intake.problems += [Problem(file.label, reason) for _, file in found]

        for student_id, found in sorted(by_student.items()):
            if len({origin.number for origin, _ in found}) > 1:
                reason = "two people in the LMS match this student; give email or lms_user_id on the roster"
                intake.problems += [Problem(file.label, reason, student_id) for _, file in found]
                continue
            folder = destination / student_id
            folder.mkdir(parents=True)
            if notebook := _choose(intake, student_id, found):
                (folder / (assignment + (".unreadable" if notebook.fault else ".ipynb"))).write_bytes(notebook.data)
                late, time = _lateness(intake, student_id, notebook.origin, worksheet, due, zone)
                if time:
                    (folder / "timestamp.txt").write_text(time.isoformat(" "), encoding="utf-8")
                if notebook.fault:
                    intake.problems.append(Problem(notebook.label, notebook.fault, student_id))
                else:
                    intake.submissions.append(Submission(student_id, notebook.label, late, time))
            else:
                reasons = [problem for problem in intake.problems if problem.student_id == student_id]
                words = "; ".join(f"{problem.file}: {problem.reason}" for problem in reasons)
                (folder / f"{assignment}.unreadable").write_text(json.dumps({rebuild.NO_NOTEBOOK: words}), "utf-8")

    handed_in = {s.student_id for s in intake.submissions} | {p.student_id for p in intake.problems}
    intake.absent = [s.id for s in roster if s.id not in handed_in]
    if not worksheet and any(lms == "Moodle" for lms, _, _ in files):
        intake.notes.append("no grading worksheet beside the archive, so lateness is unknown and students are matched "
                            f"by name; download it from Moodle's grading menu, and {again}")
    if not due and (worksheet or any(origin.late for found in files.values() for origin, _ in found)):
        intake.notes.append(f"{assignment} has no due date, so nobody counts as late; set one (nbgrader db assignment "
                            f"add {assignment} --duedate=\"2026-11-19 23:59 Europe/Paris\") and {again}")
    return intake


def _choose(intake: Intake, student_id: str, found: list) -> _Notebook | None:
    """Choose one student's notebook; report everything else."""
    notebooks, others, problems = _hand_in(found)
    intake.problems += [p._replace(student_id=student_id) for p in problems]
    if not notebooks:
        if not problems:
            names = ", ".join(file.label for _, file in found)
            intake.problems.append(Problem(names, "there is no .ipynb in it; ask for the notebook", student_id))
        return None
    *rest, chosen = sorted(notebooks, key=partial(_preference, assignment=intake.assignment))
    for other in rest:
        unsure = _preference(other, intake.assignment) == _preference(chosen, intake.assignment)
        reason = f"{chosen.label} was taken instead" + (", though nothing says which is newer" if unsure else "")
        intake.problems.append(Problem(other.label, other.fault or reason, student_id))
    if _key(intake.assignment) not in _key(chosen.name):
        intake.notes.append(f"{student_id}: collected from '{chosen.name}.ipynb'; is it the right lesson?")
    if others:
        more = f" and {len(others) - 5} more" if len(others) > 5 else ""
        intake.notes.append(f"{student_id}: only the notebook was collected, not {', '.join(sorted(others)[:5])}{more}")
    return chosen


def _lateness(intake: Intake, student_id: str, origin: Origin, worksheet: dict[str, WorksheetRow],
              due: datetime | None, zone: str) -> tuple[bool | None, datetime | None]:
    """Say whether a student was late (None: unknown) and when the notebook was handed in; note doubts."""
    if origin.lms == "Canvas":
        return origin.late, due + timedelta(seconds=origin.late) if due else None
    if (row := worksheet.get(origin.number)) is None:
        if worksheet:
            intake.notes.append(f"{student_id}: not in the grading worksheet, so lateness is unknown")
        return None, None
    try:
        time = parse_time(row.modified, zone)
    except ValueError as error:
        intake.notes.append(f"{student_id}: lateness is unknown: {error}")
        return None, None
    if due is None:
        return None, time
    late, late_in_moodle = time > due, " late" in row.status
    if late != late_in_moodle and (late_in_moodle or "extension" in row.status.lower()):
        intake.notes.append(f"{student_id}: Moodle says '{row.status}', but by the gradebook's due date it is "
                            f"{'late' if late else 'on time'}; check the due date and LMSExtractor.timezone ({zone})")
    return late, time


class LMSExtractor(ExtractorPlugin):
    """nbgrader's extractor for a Moodle or Canvas download; see `take_in`.

    The report is logged once nbgrader has copied the files, and kept as ``intake.txt`` beside the archive folder.
    """

    timezone = Unicode("UTC", help="Time zone of the times in Moodle's grading worksheet, such as Europe/Paris: that "
                                   "of the Moodle user who downloaded it.").tag(config=True)

    def extract(self, archive_path: str, extracted_path: str) -> None:
        """Sort the files of ``archive_path`` by student into ``extracted_path``."""
        course = self.parent.coursedir
        if gettz(self.timezone) is None:
            self.parent.fail(f"LMSExtractor.timezone: there is no time zone '{self.timezone}'; "
                             "names look like Europe/Paris")
        with Gradebook(course.db_url, course.course_id) as gradebook:
            roster = [Student(*(getattr(s, column) for column in Student._fields)) for s in gradebook.students]
            try:
                due = gradebook.find_assignment(course.assignment_id).duedate
            except MissingEntry:
                due = None
        if not roster:
            self.parent.fail("The gradebook has no students: run nbgrader db student import roster.csv")
        intake = take_in(Path(archive_path), Path(extracted_path), roster, course.assignment_id, due, self.timezone)
        report = Path(archive_path).parent / "intake.txt"
        report.write_text(intake.summary() + "\n", encoding="utf-8")
        # nbgrader copies the files after this and has no hook behind it; the last lines are the ones people read.
        atexit.register(self._last_word, intake, Path(extracted_path), report)

    def _last_word(self, intake: Intake, extracted: Path, report: Path) -> None:
        course = self.parent.coursedir
        notebook = f"{intake.assignment}.ipynb"
        lines = [intake.summary(), f"This report is kept in {report}"]
        for submission in intake.submissions:
            target = course.format_path(course.submitted_directory, submission.student_id, intake.assignment)
            copy = Path(target, notebook)
            if not (copy.exists() and filecmp.cmp(extracted / submission.student_id / notebook, copy, shallow=False)):
                lines.append(f"NOT copied to {copy}: nbgrader stopped, see its error above")
        attention = intake.problems or intake.notes or len(lines) > 2
        (self.log.warning if attention else self.log.info)("\n".join(lines))


class LMSCollector(FileNameCollectorPlugin):
    """nbgrader's collector for the folders that `LMSExtractor` made."""

    def collect(self, submitted_file: str) -> dict:
        """Say whose file this is."""
        path = Path(submitted_file)
        return {"student_id": path.parent.name, "file_id": path.name}
