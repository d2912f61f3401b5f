"""Grading behind the walls finds what a check finds in the learner's own notebook: same points, same words.

That plain nbgrader reads just these points is proven in test_grades.py.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from helpers import authoring
from helpers.checks import exercise
from helpers.checks.report import Criterion, Report
from helpers.grading import check, sandbox
from tests import course, proofs
from tests.test_proofs import CHECKS

pytestmark = pytest.mark.slow  # hundreds of answers, each graded three times over: minutes

#: So many answers to an exercise of a lesson, spread evenly over its proofs; to the made-up ones, whose values are odd, all.
ANSWERS = 3

#: The lesson whose setup and imports a file of proofs needs.
LESSONS = {f"lesson{path.stem[:2]}": path.stem for path in authoring.lessons()}
LESSONS["plain_values"] = LESSONS["lesson05"]  # its exercises are made up; one of them takes a Keras model

#: Answers whose own report differs from one run to the next, in its numbers: here Keras draws the weights, unseeded.
DRAWN = {("lesson05", "to_keras", "nothing_copied")}
#: Answers that are not compared. Whether two equal words are one object is each process's own affair; and TensorFlow has two ways to say
#: that a target is too large, of which its threads choose one.
EACH_ITS_OWN = {("lesson09", "edit_distance", "identity"), ("lesson05", "names_model", "no_output_for_the_last_character")}


@pytest.fixture(scope="module", autouse=True)
def engine():
    """Sandboxes that see the proofs, and what the file of made-up exercises imports; nothing else is changed."""
    course.require_sandbox()
    here = Path(proofs.__file__).parent
    with pytest.MonkeyPatch.context() as patch:
        seen = [*sandbox.VISIBLE, here.parent / "__init__.py", here, *(f"checks/{name}.py" for name in ("bets", "diagnosis", "exercise", "points"))]
        patch.setattr(sandbox, "VISIBLE", seen)
        check.close()
        yield
        check.close()


@pytest.fixture(autouse=True)
def notebook(monkeypatch):
    """Both sides know no other exercise, and have the same private number: none."""
    monkeypatch.delenv(exercise.PRIVATE_NUMBER, raising=False)
    main = sys.modules["__main__"]
    for _, name in CHECKS:
        monkeypatch.delattr(main, name, raising=False)
    return lambda name, answer: monkeypatch.setattr(main, name, answer, raising=False)


def _cell(name, source, **facts):
    usual = {"grade_id": name, "grade": False, "solution": False, "locked": True, "task": False, "schema_version": 3}
    return nbformat.v4.new_code_cell(source, id=name, metadata={"nbgrader": usual | facts})


def _lesson(key, answers):
    """The lesson with one exercise, answered again and again, by each of these proofs, and checked after each answer."""
    file, name = key
    nb = course.release(LESSONS[file])
    nb.cells = [cell for cell in nb.cells if cell.id in ("setup", "imports")]
    nb.cells.append(_cell("answers", f"""
from tests import proofs
from tests.proofs import {file}
functions = {{proof.name: proof.function for proof in proofs.PROOFS if (proof.file, proof.exercise) == {key}}}
answers = [functions[name] for name in {[proof.name for proof in answers]}]"""))
    # What an exercise's docstring promises decides whether a Keras model may come back; what is made up may give one.
    asked = [cell.source for cell in course.release(LESSONS[file]).cells if f"def {name}(" in cell.source and "exercise" in cell.metadata.get("tags", ())]
    (asked,) = asked or [f'def {name}(model):\n    """\n    Returns\n    -------\n    keras.Model\n    """']
    module = "tests.proofs" if file == "plain_values" else "helpers.checks"
    for number in range(len(answers)):
        nb.cells.append(_cell(f"answer-{number}", f"{asked}\n\n{name} = answers[{number}]", solution=True, locked=False))
        nb.cells.append(_cell(f"check-{number}", f"""
from {module}.{file} import lesson
report = lesson._checks[{name!r}]()
report &= lesson._checks[{name!r}](hidden=True)
report""", grade=True, points=CHECKS[key]().max_points))
    return nb


def _task(assignment, nb, release, solution):
    cells = [cell for cell in solution.cells if cell.metadata.get("nbgrader", {}).get("grade")]
    checks = {cell.metadata.nbgrader.grade_id: cell.source for cell in cells}
    return check.task(assignment, course.to_bytes(nb), nbformat.writes(release), checks, None)


def _words(key, proof, report):
    """All that a learner reads: points, the status of each criterion, each diagnosis."""
    return re.sub(r"-?\d+(\.\d+)?(e[-+]\d+)?", "#", str(report)) if (*key, proof.name) in DRAWN else str(report)


@pytest.mark.parametrize("key", CHECKS, ids="-".join)
def test_each_answer_gets_the_same_report(key, notebook):
    answers = [proof for proof in proofs.PROOFS if (proof.file, proof.exercise) == key and (*key, proof.name) not in EACH_ITS_OWN]
    step = 1 if key[0] == "plain_values" else -(-len(answers) // ANSWERS)
    answers = answers[::step]
    nb = _lesson(key, answers)
    graded = json.loads(check.grade(_task(key[0], nb, nb, nb)))
    assert (graded["problem"], graded["flags"]) == ("", [])
    expected, found = {}, {}
    for number, proof in enumerate(answers):
        notebook(key[1], proof.function)
        report = CHECKS[key]() & check.told(CHECKS[key](hidden=True))
        expected[proof.name] = report.points, _words(key, proof, report)
        report = graded["reports"][f"check-{number}"]
        report = Report(report["exercise"], [Criterion(**line) for line in report["criteria"]], report["remarks"], report["printed"])
        found[proof.name] = graded["scores"][f"check-{number}"], _words(key, proof, report)
    assert found == expected


ELSEWHERE = """
import sys
from helpers.grading import check
task = sys.stdin.buffer.read()
sys.stdout.buffer.write(check.grade(task))
check.close()
"""


def test_the_same_submission_gives_the_same_bytes_again_and_in_another_process():
    task = _task(course.LESSON, course.partly(), course.release(), course.solution())
    first = check.grade(task)
    other = _task(course.LESSON, course.solution(), course.release(), course.solution())
    assert json.loads(first)["scores"] != json.loads(check.grade(other))["scores"]
    assert check.grade(task) == first
    command = [sys.executable, "-c", ELSEWHERE]
    run = subprocess.run(command, input=task, stdout=subprocess.PIPE, cwd=authoring.ROOT, check=True)
    assert run.stdout == first
