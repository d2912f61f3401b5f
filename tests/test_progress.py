"""Points so far: what the learner's saved notebooks say, and what is said of odd ones."""

import json
import os
import shutil
import sys
import types

import pytest

from helpers import course, progress
from helpers.checks.report import fingerprint

REAL = course.ROOT
FIRST, SECOND = course.lessons()[:2]
EVERY = sum(lesson.points for lesson in course.lessons())
STEP = "def rnn_step(x_t, h_prev, weights):\n    return 1"


@pytest.fixture
def notebooks(tmp_path, monkeypatch):
    """A course folder with solutions/ and without any saved notebook."""
    monkeypatch.setattr(course, "ROOT", tmp_path)
    (tmp_path / "notebooks").mkdir()
    return tmp_path / "notebooks"


def save(notebooks, place, lesson=FIRST, source=STEP, mark=None, counts=(1, 2), **shown):
    """Save a notebook of `lesson` whose checks show what `shown` says, by exercise."""
    cells = []
    for name, most in lesson.exercises.items():
        exercise = {"cell_type": "code", "source": source, "outputs": [], "execution_count": None}
        check = {"cell_type": "code", "source": "report", "outputs": [], "execution_count": None}
        for cell, grade_id, grade in ((exercise, name, False), (check, f"check-{name}", True)):
            cell["metadata"] = {"nbgrader": {"grade_id": grade_id, "grade": grade, "points": most}}
            cells.append(cell)
        if name in shown:
            exercise["execution_count"], check["execution_count"] = counts
            data = {"text/plain": shown[name]}
            if mark is not None:
                data["text/html"] = [f'<div data-exercise="{name}" data-code="{mark}">', "</div>"]
            check["outputs"] = [{"output_type": "execute_result", "data": data, "metadata": {}, "execution_count": counts[1]}]
    path = notebooks / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}), "utf-8")
    return path


def text():
    return str(repr(progress.points()))


def test_nothing_saved_yet_says_where_to_begin(notebooks):
    assert text().splitlines()[0] == f"No points yet, {EVERY} to earn. Begin with lesson 01."


def test_released_notebooks_hold_no_points(notebooks):
    for lesson in course.lessons():
        save(notebooks, lesson.place, lesson)
    assert f"No points yet, {EVERY} to earn." in text()


def test_points_are_added_up_and_it_says_where_to_go_on(notebooks):
    save(notebooks, FIRST.place, rnn_step="5", unroll=["3"])
    save(notebooks, SECOND.place, SECOND, encode="3")
    lines = text().splitlines()
    assert lines[0] == f"11 of {EVERY} points so far. Go on with lesson 01: prediction_memory is open."
    assert f"8 of {FIRST.points}" in lines[1] and f"3 of {SECOND.points}" in lines[2]


def test_half_points_count(notebooks):
    save(notebooks, FIRST.place, rnn_step="2.5")
    assert text().startswith("2.5 of ")


def test_everything_solved(notebooks):
    for lesson in course.lessons():
        save(notebooks, lesson.place, lesson, **{name: str(most) for name, most in lesson.exercises.items()})
    assert text().startswith(f"{EVERY} of {EVERY} points: all there are.")


def test_the_best_of_all_copies_counts_and_says_where_it_is(notebooks):
    save(notebooks, FIRST.place, rnn_step="2", unroll="6")
    save(notebooks, "my-work/another-name.ipynb", rnn_step="5", unroll="1")
    save(notebooks, ".ipynb_checkpoints/old.ipynb", wire="6")
    save(notebooks, f"{FIRST.name}/.ipynb_checkpoints/old.ipynb", wire="6")
    assert text().startswith("11 of ")
    assert "rnn_step: in my-work/another-name.ipynb" in text() and "unroll" not in text()


def test_of_equal_results_the_one_that_is_not_outdated_counts_then_the_lessons_own(notebooks):
    save(notebooks, FIRST.place, counts=(9, 2), rnn_step="5")
    copy = save(notebooks, "my-work/a.ipynb", rnn_step="5")
    assert "in my-work/a.ipynb" in text() and "changed since" not in text()
    save(notebooks, FIRST.place, rnn_step="5")
    os.utime(copy)  # newer
    assert "my-work" not in text()


class TestChangedSince:
    def said(self):
        return "rnn_step: changed since" in text()

    def test_the_code_is_the_one_that_was_checked(self, notebooks):
        save(notebooks, FIRST.place, source=f"\n{STEP}\n\n", mark=fingerprint(STEP), counts=(9, 2), rnn_step="5")
        assert not self.said()

    def test_the_code_is_another_one(self, notebooks):
        save(notebooks, FIRST.place, source=STEP + " + 1", mark=fingerprint(STEP), rnn_step="5")
        assert self.said() and "changed since" in progress.points()._repr_html_()

    def test_without_a_mark_what_ran_last_decides(self, notebooks):
        save(notebooks, FIRST.place, counts=(3, 2), rnn_step="5")
        assert self.said()
        save(notebooks, FIRST.place, counts=(2, 3), rnn_step="5")
        assert not self.said()
        save(notebooks, FIRST.place, counts=(None, 3), rnn_step="5")
        assert not self.said()

    def test_an_exercise_that_is_gone_was_changed(self, notebooks):
        path = save(notebooks, FIRST.place, rnn_step="5")
        notebook = json.loads(path.read_text("utf-8"))
        notebook["cells"] = [c for c in notebook["cells"] if c["metadata"]["nbgrader"]["grade_id"] != "rnn_step"]
        path.write_text(json.dumps(notebook), "utf-8")
        assert self.said()


@pytest.mark.parametrize("shown", ["nan", "inf", "-1", "6", "1e1", "9" * 400, "five", "", "<Report>", "٣"])
def test_a_number_of_points_that_cannot_be_is_a_line_not_points(notebooks, shown):
    save(notebooks, FIRST.place, rnn_step=shown, unroll="6")
    assert text().startswith("6 of ")
    assert f"{FIRST.place}: the check of rnn_step shows {shown[:20]!r}, not 0 to 5 points" in text()


ODD = {
    "not JSON": "{",
    "empty": "",
    "no notebook": "[1, 2]",
    "no cells": "{}",
    "cells that are none": '{"cells": 3}',
    "deeply nested": "[" * 100_000,
}


@pytest.mark.parametrize("held", ODD.values(), ids=ODD.keys())
def test_a_file_that_is_no_notebook_costs_a_line(notebooks, held):
    save(notebooks, FIRST.place, unroll="6")
    (notebooks / "odd.ipynb").write_text(held, "utf-8")
    assert text().startswith("6 of ") and "odd.ipynb" in text().splitlines()[-1]
    assert "odd.ipynb" in progress.points()._repr_html_()


def test_bytes_that_are_no_text_cost_a_line(notebooks):
    (notebooks / "odd.ipynb").write_bytes(b"\xff\xfe\x00")
    assert "odd.ipynb cannot be read" in text()


ODD_CELLS = [
    3, None, {}, {"metadata": 3}, {"metadata": {"nbgrader": 3}}, {"metadata": {"nbgrader": {"grade_id": 3}}},
    *({"metadata": {"nbgrader": {"grade_id": "check-rnn_step"}}, "outputs": outputs} for outputs in (
        3, None, [3], [{}], [{"output_type": "execute_result"}], [{"output_type": "execute_result", "data": 3}],
    )),
]


@pytest.mark.parametrize("cell", ODD_CELLS, ids=str)
def test_an_odd_cell_is_never_a_traceback(notebooks, cell):
    (notebooks / "odd.ipynb").write_text(json.dumps({"cells": [cell]}), "utf-8")
    assert text().startswith("No points yet")
    progress.points()._repr_html_()


def test_a_files_name_cannot_write_into_the_page(notebooks):
    save(notebooks, "my-work/<img src=x>.ipynb", rnn_step="5")
    assert "<img" not in progress.points()._repr_html_()


def test_the_table_leads_to_each_lesson(notebooks):
    save(notebooks, FIRST.place, rnn_step="5")
    page = progress.points()._repr_html_()
    assert all(f'href="{lesson.place}"' in page for lesson in course.lessons())
    assert f"1 of {len(FIRST.exercises)} done" in page and "unroll: not checked yet" in page


def test_on_colab_it_says_why_there_is_nothing_to_see(notebooks, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "google.colab", types.ModuleType("google.colab"))
    assert progress.points() is None
    assert capsys.readouterr().out.strip() == progress.ON_COLAB


def test_it_reads_a_real_notebook(notebooks):
    """The solution of lesson 01, saved by its author, has all points."""
    (notebooks / FIRST.name).mkdir()
    shutil.copy(REAL / "solutions" / FIRST.place, notebooks / FIRST.place)
    assert text().startswith(f"{FIRST.points} of {EVERY} points so far. Go on with lesson 02")
