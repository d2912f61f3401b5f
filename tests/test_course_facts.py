"""What the course says of itself, worked solutions, and exercises started over."""

import json
import re

import pytest
from IPython.core.interactiveshell import InteractiveShell

from helpers import authoring, course

EXERCISES = [(lesson.number, name) for lesson in course.lessons() for name in lesson.exercises] + [(course.FRONT_DOOR, "remember")]


def released_cells():
    """Each exercise's cell in the released notebooks, by lesson and name."""
    found = {}
    for path in [authoring.front_door(), *authoring.lessons()]:
        number = path.stem if path.stem == course.FRONT_DOOR else path.stem[:2]
        for cell in json.loads(authoring.release(path))["cells"]:
            if "exercise" in cell["metadata"].get("tags", ()):
                source = course.source_of(cell)
                found[number, re.search(r"^def (\w+)\(", source, re.MULTILINE)[1]] = source
    return found


def test_the_lessons_are_those_of_solutions_in_order():
    assert [lesson.name for lesson in course.lessons()] == [path.stem for path in authoring.lessons()]


def test_a_lesson_needs_earlier_lessons_only():
    known = []
    for lesson in course.lessons():
        assert set(lesson.needs) <= set(known) and lesson.minutes > 0 and lesson.points > 0
        known.append(lesson.number)
    assert course.lessons()[1].needs == ("01",)


def test_a_notebook_that_does_not_say_its_facts_is_named(tmp_path):
    path = tmp_path / "01-x.ipynb"
    path.write_text('{"cells": []}', "utf-8")
    with pytest.raises(ValueError, match="01-x.ipynb needs a title"):
        course.describe(path)


def test_without_solutions_the_facts_come_from_notebooks(tmp_path, monkeypatch):
    lesson = course.lessons()[0]
    (tmp_path / "notebooks" / lesson.name).mkdir(parents=True)
    released = authoring.released(authoring.lessons()[0])
    (tmp_path / "notebooks" / lesson.place).write_bytes(released.read_bytes())
    monkeypatch.setattr(course, "ROOT", tmp_path)
    assert course.lessons.__wrapped__() == (lesson,)


def test_without_any_notebook_it_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(course, "ROOT", tmp_path)
    with pytest.raises(FileNotFoundError, match="fetch the course anew"):
        course.lessons.__wrapped__()


def test_the_released_form_is_the_releases_to_the_letter():
    released = released_cells()
    assert set(released) == set(EXERCISES)
    for lesson, exercise in EXERCISES:
        assert course.without_solution(course.worked(lesson, exercise)) == released[lesson, exercise]


@pytest.mark.parametrize("lesson", ["05", 5, "05-keras-simple-rnn"])
def test_of_two_exercises_with_one_name_the_lesson_decides(lesson):
    assert course.worked(lesson, "generate") == course.worked("05", "generate") != course.worked("07", "generate")
    assert "state" in course.worked(lesson, "generate").splitlines()[0]


def shown(monkeypatch):
    """What is displayed from now on."""
    display = []
    monkeypatch.setattr("IPython.display.display", display.append)
    return display


def test_the_worked_solution_is_shown_without_marks(monkeypatch):
    display = shown(monkeypatch)
    course.solution("01", "rnn_step")
    (markdown,) = display
    code = re.search(r"```python\n(.*)\n```", markdown.data, re.DOTALL)[1]
    assert "np.tanh(" in code and "SOLUTION" not in code
    compile(code, "rnn_step", "exec")


@pytest.mark.parametrize("function", [course.solution, course.start_over])
@pytest.mark.parametrize("lesson, exercise, words", [
    ("01", "rnn_stop", "Lesson 01 has no exercise 'rnn_stop'; it has prediction_memory, rnn_step"),
    ("99", "rnn_step", "There is no lesson '99'; there are 01, 02"),
])
def test_a_slip_of_the_pen_is_a_line(function, lesson, exercise, words, capsys):
    function(lesson, exercise)
    assert capsys.readouterr().out.startswith(words)


@pytest.mark.parametrize("function", [course.solution, course.start_over])
def test_where_there_are_no_solutions_it_says_so(function, tmp_path, monkeypatch, capsys):
    """In a copy without solutions/, and in the grader's sandbox."""
    monkeypatch.setattr(course, "ROOT", tmp_path)
    function("01", "rnn_step")
    assert "comes without solutions/" in capsys.readouterr().out


def test_starting_over_replaces_the_running_cell(monkeypatch, capsys):
    """By the message that `%load` sends: every front end knows it."""
    shell = InteractiveShell()
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    payloads = []
    monkeypatch.setattr(shell, "set_next_input", lambda text, replace=False: payloads.append((text, replace)))
    course.start_over("01", "rnn_step")
    assert payloads == [(released_cells()["01", "rnn_step"], True)]
    assert "as it was released" in capsys.readouterr().out


def test_the_readmes_pictures_are_small_and_have_words():
    readme = (course.ROOT / "README.md").read_text("utf-8")
    pictures = re.findall(r"!\[([^\]]+)\]\(([^)]+)\)", readme)
    assert len(pictures) == 2 and all(len(words) > 40 for words, _ in pictures)
    assert sum((course.ROOT / place).stat().st_size for _, place in pictures) < 300_000
