"""The front door: start-here.ipynb, what it says about the lessons, and the ways that lead on from it."""

import re
import subprocess
import sys

import nbformat
import pytest
from nbgrader.apps import NbGraderApp
from nbgrader.apps.api import NbGraderAPI

from helpers import authoring, course
from helpers.checks import start_here
from helpers.plots import course_map
from tests.test_notebooks import committed

DOOR = authoring.front_door()
RELEASED = authoring.released(DOOR)


def cells(path):
    return {cell.id: cell for cell in nbformat.reads(committed(path), as_version=4).cells}


def markdown(path):
    return "\n".join(cell.source for cell in cells(path).values() if cell.cell_type == "markdown")


def links(path):
    """The Markdown links of a notebook that lead to other notebooks or into it."""
    targets = re.findall(r"\]\(([^)\s]+)\)", markdown(path))
    return [target for target in targets if not target.startswith(("http", "$"))]


def test_it_is_no_lesson():
    assert DOOR.stem not in [path.stem for path in authoring.lessons()]
    assert not [cell.id for cell in cells(RELEASED).values() if "nbgrader" in cell.metadata]


def test_its_release_is_what_its_solution_generates():
    advice = "run `uv run python -m helpers.authoring --no-execute` and commit notebooks/"
    assert committed(RELEASED) == authoring.release(DOOR), advice


def test_its_release_opens_with_the_map_and_nothing_of_anybodys_work():
    released = cells(RELEASED)
    assert [id for id, cell in released.items() if cell.get("outputs")] == ["map"]
    counts = {id: cell.execution_count for id, cell in released.items() if cell.cell_type == "code"}
    assert counts.pop("map") and not any(counts.values())  # nbval asks for a count beside an output
    assert released["remember"].source.endswith("raise NotImplementedError()")
    assert "SOLUTION" not in committed(RELEASED)


def test_what_is_stored_in_the_solution_is_a_beginners():
    shown = cells(DOOR)["points"].outputs[0].data["text/plain"]
    assert shown.startswith(f"No points yet, {sum(lesson.points for lesson in course.lessons())} to earn.")


def test_the_table_is_what_the_lessons_say():
    assert cells(RELEASED)["lessons"].source == authoring.lesson_table(authoring.project())
    for lesson in course.lessons():
        assert f"| [{lesson.title}]({lesson.place}) |" in markdown(RELEASED)
        assert f"| {lesson.minutes} | {lesson.points} |" in markdown(RELEASED)


def test_the_readme_has_the_same_points():
    readme = (authoring.ROOT / "README.md").read_text("utf-8")
    for lesson in course.lessons():
        (row,) = [line for line in readme.splitlines() if lesson.place in line and line.startswith("|")]
        assert row.endswith(f"| {lesson.points} |")


def test_there_is_an_aim_for_each_lesson():
    assert set(course.AIMS) == {lesson.number for lesson in course.lessons()}


@pytest.mark.parametrize("path", [RELEASED, *map(authoring.released, authoring.lessons())], ids=lambda path: path.stem)
def test_every_link_leads_somewhere(path):
    for target in links(path):
        file, _, anchor = target.partition("#")
        linked = (path.parent / file).resolve() if file else path
        assert linked.is_file(), f"{target}: no such file"
        if anchor:
            known = cells(linked)
            assert anchor.startswith("cell-id=") and anchor[8:] in known, f"{target}: {linked.name} has the cells {', '.join(known)}"


def test_each_term_is_linked_to_where_it_is_taught():
    rows = [line for line in cells(RELEASED)["glossary"].source.splitlines() if line.startswith("| [")]
    terms = [re.match(r"\| \[([^]]+)\]\(\S+#cell-id=\S+\) \| .+ \| (\d\d) \|$", row) for row in rows]
    assert len(terms) >= 20 and all(terms)
    names = [term[1].lower() for term in terms]
    assert names == sorted(names)
    assert {term[2] for term in terms} == {lesson.number for lesson in course.lessons()}, "a lesson without a term"
    for row, term in zip(rows, terms):
        assert f"]({term[2]}-" in row, "the lesson's number is not that of the link"


def test_each_lesson_leads_to_its_neighbours_and_back_here():
    known = course.lessons()
    for place, lesson in enumerate(known):
        released = cells(authoring.ROOT / "notebooks" / lesson.place)
        around = [f"../{other.place}" for other in known[max(0, place - 1) : place + 2] if other is not lesson]
        top, end = released["colab"].source, released["next"].source
        assert all(f"]({target})" in top for target in ["../start-here.ipynb", *around])
        assert list(released)[-1] == "next" and "](../start-here.ipynb)" in end
        assert (f"**Next:** [{known[place + 1].number}" in end) if place + 1 < len(known) else "**Next:**" not in end


def test_it_runs_from_top_to_bottom_without_tensorflow(tmp_path):
    """As one process: what the cells hold, one after the other, in IPython."""
    code = [cell.source for cell in cells(RELEASED).values() if cell.cell_type == "code"]
    script = tmp_path / "run.py"
    script.write_text(
        "import sys\nfrom IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance()\n"
        f"for cell in {code!r}:\n    shell.run_cell(cell, store_history=True).raise_error()\n"
        "print('loaded', sorted({'tensorflow', 'keras', 'nbgrader'} & set(sys.modules)))\n", "utf-8",
    )
    run = subprocess.run([sys.executable, script], capture_output=True, text=True, encoding="utf-8")
    assert run.returncode == 0 and run.stderr == "", run.stderr
    assert run.stdout.splitlines()[-1] == "loaded []"
    assert "remember" in run.stdout.split("loaded")[0].splitlines()[-1]  # the demo says what it waits for


@pytest.mark.parametrize("answer, words", [
    (lambda state, x: x, "the old state is not used"),
    (lambda state, x: state / 2, "x is not used"),
    (lambda state, x: state + x, "half of it should fade"),
    (lambda state, x: (state + x) / 2, "x is halved as well"),
    (lambda state, x: state + x / 2, "x is halved instead"),
    (lambda state, x: state / 4 + x, "taken away twice"),
    (lambda state, x: print(state / 2 + x), "prints its result"),
])
def test_its_check_names_the_mistake(answer, words):
    report = start_here.remember(answer)
    assert not report.passed and words in str(report)


@pytest.mark.parametrize("answer", [lambda state, x: state / 2 + x, lambda state, x: 0.5 * (state + 2 * x)])
def test_its_check_passes_any_correct_answer_and_gives_no_points(answer):
    report = start_here.remember(answer)
    assert report.passed and report.points == report.max_points == 0


def test_its_check_waits_for_an_answer():
    def remember(state, x):
        raise NotImplementedError()

    assert {criterion.status for criterion in start_here.remember(remember).criteria} == {"not yet"}


def test_nbgrader_does_not_take_it_for_an_assignment(monkeypatch):
    monkeypatch.chdir(authoring.ROOT)
    app = NbGraderApp()
    app.initialize([])
    api = NbGraderAPI(app.coursedir, parent=app)
    names = {path.stem for path in authoring.lessons()}
    assert set(api.get_source_assignments()) == names
    assert not [name for name in api.get_released_assignments() if name.endswith(".ipynb")]


class TestMap:
    def lesson(self, number, *needs):
        return course.Lesson(f"{number}-name", "Title", 60, needs, {})

    def test_only_direct_needs_are_drawn(self):
        chain = [self.lesson("01"), self.lesson("02", "01"), self.lesson("03", "01", "02"), self.lesson("04", "01")]
        assert [course_map.direct_needs(lesson, chain) for lesson in chain] == [[], ["01"], ["02"], ["01"]]

    def test_a_lesson_is_right_of_all_it_needs(self):
        lessons = course.lessons()
        places = course_map.layout(lessons)
        assert set(places) == {lesson.number for lesson in lessons} and len(set(places.values())) == len(lessons)
        for lesson in lessons:
            assert all(places[needed][0] < places[lesson.number][0] for needed in lesson.needs)

    def test_its_words_name_every_lesson_and_what_it_needs(self):
        alt = cells(DOOR)["map"].outputs[0].data["text/plain"]
        for lesson in course.lessons():
            assert f"{lesson.number} ({lesson.title})" in alt
            needed = course_map.direct_needs(lesson, course.lessons())
            assert not needed or f"({lesson.title}) after {' and '.join(needed)}" in alt
