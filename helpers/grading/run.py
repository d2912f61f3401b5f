"""Grade a course's submissions: `uv run grade 01-feedforward-vs-recurrent`.

Reads what nbgrader's folders hold, or an LMS archive; grades on several processes, or on a Dask cluster; writes nbgrader's
gradebook and graded notebooks, and a report. Interrupted at any moment it goes on where it was.
"""

import argparse
import concurrent.futures
import contextlib
import json
import logging
import multiprocessing
import multiprocessing.util
import os
import shutil
import statistics
import sys
import tempfile
import threading
import warnings
from pathlib import Path

from helpers import session
from helpers.grading import check, rebuild, sandbox

#: What the student is told whose submission takes the grader's own process with it, or meets an error of the engine.
FATAL = "Grading it failed for a reason of the grader's own. Your instructor has been told."


#: How many characters the private number has at least: what hidden tests let out must not be enough to find it.
DIGITS = 32


class GradeError(Exception):
    """Nothing can be graded; the message says why and what to do."""


def main(argv=None):
    """Command line."""
    parser = argparse.ArgumentParser(prog="grade", description="Grade submissions, safely.")
    parser.add_argument("assignment", nargs="*", help="lessons to grade, as 01-feedforward-vs-recurrent; all that were submitted without any")
    parser.add_argument("--assignment", action="append", dest="more", default=[], metavar="NAME", help="the same as an option")
    parser.add_argument("--student", action="append", default=[], metavar="ID", help="only these students")
    parser.add_argument("--archive", type=lambda text: Path(text).resolve(), help="take in an LMS archive, or a folder with it and Moodle's worksheet, first")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes (default: %(default)s, one a core)")
    parser.add_argument("--scheduler", metavar="ADDRESS", help="grade on the Dask cluster at this address, such as tcp://10.0.0.1:8786")
    parser.add_argument("--regrade", action="store_true", help="grade again what the journal holds already")
    parser.add_argument("--no-sandbox", action="store_true", help="grade without protection: submissions can do what you can")
    parser.add_argument("--course-dir", type=Path, default=Path.cwd(), help="the course's folder (default: this one)")
    options = parser.parse_args(argv)
    for stream in (sys.stdout, sys.stderr):  # a terminal that lacks a letter of somebody's name shows its number
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    if options.jobs < 1:
        parser.error("--jobs is at least 1")
    try:
        return _grade(options, [*options.assignment, *options.more])
    except (GradeError, check.OtherVersion, sandbox.SandboxError, _record().RecordError) as error:
        print(f"grade: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\ngrade: stopped; what is graded is kept. Run the command again to go on.", file=sys.stderr)
        return 130


def _record():
    from helpers.grading import record  # nbgrader takes seconds to load: the workers do without

    return record


def _grade(options, assignments):
    session.start()
    warnings.filterwarnings("ignore", module="nbgrader")  # SQLAlchemy's, on how nbgrader writes its rows
    app = application(options.course_dir)
    protected = not options.no_sandbox
    if protected and not options.scheduler and (reason := sandbox.explain()):
        raise GradeError(reason)
    if not protected:
        print("grade: WITHOUT a sandbox: submissions run with your rights. They can read and change your files, other students' work and "
              "the gradebook, and use your network. The checks stay in a process of their own.", file=sys.stderr)
    if private_number() is None:
        print(f"grade: {check.exercise.PRIVATE_NUMBER} is not set: hidden tests take their cases from the default that everybody can read.", file=sys.stderr)
    if options.archive:
        if len(assignments) != 1:
            raise GradeError("--archive belongs to one assignment: name it.")
        _take_in(app, options.archive, assignments[0])
    course, record = Course(app), _record().Record(app)
    status = 0
    with contextlib.ExitStack() as stack:
        pool = stack.enter_context(Pool(options.jobs, options.scheduler))
        assignments = assignments or course.assignments(options.student)
        if not assignments:
            raise GradeError(f"Nothing to grade: no lesson is in {course.root / course.folders.submitted_directory}.")
        for assignment in assignments:
            status |= grade_assignment(course, record, pool, assignment, options.student, options.regrade, protected)
    return status


def private_number():
    """The number from which hidden tests take their cases, None where the instructor has set none."""
    name = check.exercise.PRIVATE_NUMBER
    number = os.environ.get(name) or None
    if number is not None and len(number) < DIGITS:
        raise GradeError(f"{name} has {len(number)} characters and could be guessed: at least {DIGITS} are needed. Make one with `openssl rand -hex 16`.")
    return number


def application(folder):
    """nbgrader with the configuration of the course in this folder."""
    import nbgrader.api
    from nbgrader.apps.baseapp import NbGrader

    if not (Path(folder) / "nbgrader_config.py").is_file():
        raise GradeError(f"{folder} is no course: it has no nbgrader_config.py. Run the command at the course's root, or name it with --course-dir.")
    os.chdir(folder)  # nbgrader reads the configuration of the folder it is in, whatever it is told
    logging.getLogger(nbgrader.api.app_log.name).setLevel(logging.CRITICAL + 1)  # a traceback for each error; `record` says them in a line
    app, path = NbGrader(), list(sys.path)
    app.initialize([])
    sys.path[:] = path  # nbgrader adds the course's folder: the workers would take `helpers` from there
    app.log_level = 30  # warnings
    return app


class Course:
    """A course's folders: its releases, its solutions, and what was handed in.

    Parameters
    ----------
    app : nbgrader.apps.NbGrader
    """

    def __init__(self, app):
        self.folders = app.coursedir
        self.root = Path(app.coursedir.root)
        self.journal = _record().Journal(self.root / ".grading" / "results")

    def path(self, step, student, assignment):
        return Path(self.folders.format_path(step, student, assignment))

    def assignments(self, students=()):
        """The assignments that have a release and submissions, of these students if any are named."""
        found = {path.parent.name for path in self.path(self.folders.release_directory, ".", "*").parent.glob("*/*.ipynb")}
        return sorted(name for name in found if any(not students or student in students for student in self.submissions(name)))

    def lesson(self, assignment):
        """The release, and the sources of its checks with their hidden tests.

        Returns
        -------
        tuple of (str, dict of str to str)
        """
        release = self.path(self.folders.release_directory, ".", assignment) / f"{assignment}.ipynb"
        source = self.path(self.folders.source_directory, ".", assignment) / f"{assignment}.ipynb"
        if not source.is_file():
            names = sorted(path.parent.name for path in source.parent.parent.glob("*/*.ipynb"))
            raise GradeError(f"There is no lesson {assignment!r}. There are: {', '.join(names)}")
        if not release.is_file():
            raise GradeError(f"There is no {release}. Run: uv run nbgrader generate_assignment {assignment} --force")
        text = release.read_text("utf-8")
        checks = {cell.name: cell.source for cell in rebuild.released(source.read_text("utf-8")) if cell.kind == rebuild.CHECK}
        wanted = [cell.name for cell in rebuild.released(text) if cell.kind == rebuild.CHECK]
        if lacking := set(wanted) - set(checks):
            raise GradeError(f"{source} lacks the checks {', '.join(sorted(lacking))}: release it again (uv run nbgrader generate_assignment {assignment} --force).")
        return text, {name: checks[name] for name in wanted}

    def submissions(self, assignment):
        """The files that were handed in, by student: notebooks, and what the intake could not open."""
        found = {}
        for folder in sorted(self.path(self.folders.submitted_directory, "*", assignment).parent.parent.glob(f"*/{assignment}")):
            files = [folder / f"{assignment}{ending}" for ending in (".ipynb", ".unreadable")]
            if present := [file for file in files if file.is_symlink() or file.exists()]:
                found[folder.parent.name] = present[0]
        return found

    def task(self, assignment, lesson, path, protected):
        """The task of grading one file; a link, and what is no file, counts as an empty one."""
        submission = b""
        if path.is_file() and not path.is_symlink():
            with open(path, "rb") as file:
                submission = file.read(rebuild.FILE_BYTES + 1)
        return check.task(assignment, submission, *lesson, private_number(), protected)


def grade_assignment(course, record, pool, assignment, students=(), regrade=False, protected=True):
    """Grade what was handed in for an assignment, record it, and write the report.

    Returns
    -------
    int
        0, or 1 where a submission could not be graded.
    """
    from tqdm import tqdm

    lesson = course.lesson(assignment)
    missing = record.missing_cells(assignment, lesson[1])
    if missing is None:
        raise GradeError(f"The gradebook does not know {assignment}. Run: uv run nbgrader generate_assignment {assignment} --force")
    if missing:
        raise GradeError(f"The gradebook and the release of {assignment} differ in {', '.join(missing)}. Run: uv run nbgrader generate_assignment {assignment} --force")
    paths = course.submissions(assignment)
    wanted = [student for student in paths if not students or student in students]
    if not wanted:
        raise GradeError(f"Nobody has handed in {assignment}" + (f" among {', '.join(students)}." if students else "."))
    keys = {student: course.journal.key(course.task(assignment, lesson, path, protected)) for student, path in paths.items()}
    by_key, results, changed, lost = {}, {}, 0, 0
    for student in wanted:
        by_key.setdefault(keys[student], []).append(student)
    known = set() if regrade else {key for key in by_key if course.journal.has(key)}
    with tqdm(total=len(wanted), desc=assignment, unit="submission", disable=None) as bar:

        def keep(key, result):
            nonlocal changed, lost
            for student in by_key[key]:
                try:
                    changed += record.put(assignment, student, result)
                except (ValueError, TypeError, KeyError, AttributeError) as error:  # what this student wrote must not cost the others
                    lost += 1
                    bar.write(f"grade: {student}: the result cannot be recorded ({type(error).__name__}: {error})", file=sys.stderr)
                    result = json.loads(check.ungraded(task(key), FATAL))
                    changed += record.put(assignment, student, result)
                results[student] = {name: value for name, value in result.items() if name != "notebook"}
                bar.update()

        def task(key):
            return course.task(assignment, lesson, paths[by_key[key][0]], protected)

        for key in filter(known.__contains__, by_key):
            keep(key, course.journal.get(key))
        for key, data, error in pool.run([key for key in by_key if key not in known], task):
            if data is None:  # not kept in the journal: it does not follow from the submission alone, and the next run tries again
                lost += 1
                bar.write(f"grade: {', '.join(by_key[key])}: {error}", file=sys.stderr)
                keep(key, json.loads(check.ungraded(task(key), FATAL)))
            else:
                course.journal.put(key, data)
                keep(key, json.loads(data))
    new = sum(len(students) for key, students in by_key.items() if key not in known)
    everybody = dict(results)
    for student, key in keys.items():
        if student not in results and (result := course.journal.get(key)) is not None:
            everybody[student] = result
    _summary(assignment, results, changed, new, course, everybody)
    return int(lost > 0)


def grade_one(course, assignment, student, protected=True):
    """Grade one student's submission in this process, or take its result from the journal.

    Returns
    -------
    dict
        As `check.grade` gives it; the journal holds it, the gradebook does not yet.
    """
    lesson = course.lesson(assignment)
    task = course.task(assignment, lesson, course.submissions(assignment)[student], protected)
    key = course.journal.key(task)
    if (result := course.journal.get(key)) is None:
        try:
            data = check.grade(task)
        finally:
            check.close()
        course.journal.put(key, data)
        result = json.loads(data)
    return result


def _summary(assignment, results, changed, new, course, everybody):
    from helpers.grading import report

    try:
        page = report.write(everybody, course.root / "reports" / assignment)
    except OSError as error:
        raise GradeError(f"All is graded, but the report cannot be written: {error}. Make room or rights, then run the command again.") from None
    totals = sorted(sum(result["scores"].values()) for result in results.values() if not result["problem"]) or [0.0]
    most = sum(next(iter(results.values()))["max_scores"].values())
    rows = [
        ("submissions", f"{len(results)}"), ("graded now", f"{new}"), ("known from before", f"{len(results) - new}"),
        ("changed in the gradebook", f"{changed}"), ("points", f"{totals[0]:g} to {totals[-1]:g} of {most:g}, median {statistics.median(totals):g}"),
        ("not a notebook", f"{sum(bool(r['problem']) for r in results.values())}"),
        ("ran into a limit", f"{sum(bool(r['limits']) for r in results.values())}"),
        ("look at these", f"{sum(bool(r['flags'] or r['limits'] or r['problem']) for r in results.values())} (the report says why)"), ("report", str(page)),
    ]
    print(assignment)
    print("\n".join(f"  {name:<26}{value}" for name, value in rows))


# ---- where the work is done


class Pool:
    """Processes of this machine, or a Dask cluster; a process that dies costs no submission but its own.

    Parameters
    ----------
    jobs : int
    scheduler : str or None
        Address of a Dask scheduler.
    """

    def __init__(self, jobs, scheduler=None):
        self.jobs, self.scheduler, self.client, self.executor = jobs, scheduler, None, None

    def __enter__(self):
        if self.scheduler:
            try:
                from distributed import Client
            except ImportError:
                raise GradeError("--scheduler needs Dask: uv sync --extra cluster, or pip install distributed.") from None
            try:
                self.client = Client(self.scheduler, timeout="10s")
            except (OSError, ValueError) as error:
                raise GradeError(f"No Dask scheduler answers at {self.scheduler}: {str(error)[:200]}") from None
        return self

    def __exit__(self, *_):
        self._close()
        if self.client:
            self.client.close()

    def run(self, keys, task):
        """Grade tasks.

        Parameters
        ----------
        keys : list of str
        task : callable
            Makes a key's task, in bytes.

        Yields
        ------
        tuple of (str, bytes or None, str)
            A key and its result, in any order; None where there is none, and why.
        """
        queue, alone = list(reversed(keys)), []
        while queue or alone:
            single = alone[-1:]
            source, width = (alone, 1) if single else (queue, 4 * self.jobs if self.client else self.jobs + 1)
            running = {}
            try:
                while source or running:
                    while source and len(running) < width and not (single and source[-1:] != single):
                        running[self._submit(task(source[-1]))] = source[-1]
                        source.pop()
                    if not running:
                        break
                    done, _ = concurrent.futures.wait(running, return_when=concurrent.futures.FIRST_COMPLETED)
                    for future in done:
                        result, error = _outcome(future)
                        yield running.pop(future), result, error
            except (concurrent.futures.process.BrokenProcessPool, *_killed_worker()):
                self._close()
                if single and running:
                    yield single[0], None, "it ended the process that graded it"
                else:
                    alone += running.values()  # one of these did it: each once more, by itself
            except concurrent.futures.CancelledError:
                raise GradeError(f"The scheduler at {self.scheduler} is gone. What is graded is kept: run the command again.") from None

    def _submit(self, task):
        if self.executor is None:
            if self.client:
                self.executor = self.client.get_executor(pure=False)
            else:
                context = multiprocessing.get_context("spawn")
                self.executor = concurrent.futures.ProcessPoolExecutor(self.jobs, context, _worker)
        return self.executor.submit(check.grade, task)

    def _close(self):
        if self.executor is not None:
            self.executor.shutdown(wait=True, cancel_futures=True) if not self.client else self.executor.shutdown(wait=False)
            self.executor = None


def _outcome(future):
    """A task's result, or the error of the engine that it met: that must not stop the others."""
    try:
        return future.result(), ""
    except (concurrent.futures.CancelledError, concurrent.futures.process.BrokenProcessPool, *_killed_worker()):
        raise
    except (sandbox.SandboxError, check.OtherVersion):  # nothing can be graded
        raise
    except Exception as error:
        return None, f"the engine failed: {type(error).__name__}: {error}"


def _worker():
    """Prepare a process of the pool; it ends with the process that started it, however that ends."""
    session.start()
    multiprocessing.util.Finalize(None, check.close, exitpriority=10)  # at its end; atexit does not run there
    parent = multiprocessing.parent_process()
    threading.Thread(target=lambda: (parent.join(), os._exit(1)), daemon=True).start()


def _killed_worker():
    """Dask's error for a task that several workers did not survive."""
    return [sys.modules["distributed"].KilledWorker] if "distributed" in sys.modules else []


# ---- an LMS's archive


def _take_in(app, archive, assignment):
    """Sort an LMS's download into `submitted/`, as `nbgrader zip_collect` does."""
    from dateutil.tz import gettz
    from nbgrader.api import Gradebook, MissingEntry

    from helpers.grading import intake

    course = app.coursedir
    if not archive.exists():
        raise GradeError(f"There is no {archive}.")
    with Gradebook(course.db_url, course.course_id) as gradebook:
        roster = [intake.Student(*(getattr(s, column) for column in intake.Student._fields)) for s in gradebook.students]
        try:
            due = gradebook.find_assignment(assignment).duedate
        except MissingEntry:
            due = None
    if not roster:
        raise GradeError("The gradebook has no students. Run: uv run nbgrader db student import roster.csv")
    zone = app.config.LMSExtractor.get("timezone", "UTC")
    if gettz(zone) is None:
        raise GradeError(f"LMSExtractor.timezone in nbgrader_config.py: there is no time zone {zone!r}.")
    with tempfile.TemporaryDirectory() as folder:
        download, sorted_files = archive, Path(folder, "sorted")
        if archive.is_file():
            download = Path(folder, "archive")
            download.mkdir()
            shutil.copy(archive, download)
        found = intake.take_in(download, sorted_files, roster, assignment, due, zone, again="run the command again")
        for student in sorted(path for path in sorted_files.glob("*") if path.is_dir()):
            target = Path(course.format_path(course.submitted_directory, student.name, assignment))
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(student, target)
    report = Path(course.root, "downloaded", assignment, "intake.txt")  # where zip_collect keeps it
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text(found.summary() + "\n", "utf-8")
    print(found.summary())


if __name__ == "__main__":
    sys.exit(main())
