"""What is graded: the release with the student's code in it, whatever else was done to the notebook."""

import json

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from helpers.grading import rebuild
from tests import course
from tests.hostile import grade_id

RELEASE = course.to_bytes(course.release()).decode()
CODE = "def rnn_step(x_t, h_prev, weights):\n    return x_t"


def rebuilt(change):
    nb = course.release()
    change(nb)
    return rebuild.rebuild(course.to_bytes(nb), RELEASE)


def cell(nb, name):
    (found,) = [c for c in nb.cells if grade_id(c) == name or c.id == name]
    return found


def place(nb, name):
    return nb.cells.index(cell(nb, name))


def kinds(cells):
    return [(c.kind, c.name) for c in cells]


def test_an_untouched_release_is_itself():
    cells, flags = rebuilt(lambda nb: None)
    assert flags == [] and kinds(cells) == kinds(rebuild.released(RELEASE))
    assert [c.source for c in cells] == [c.source for c in rebuild.released(RELEASE)]


@pytest.mark.parametrize("save", [course.saved_by_colab, course.saved_by_classic_notebook, course.to_bytes])
def test_who_saved_it_makes_no_difference(save):
    nb = course.partly()
    cells, flags = rebuild.rebuild(save(nb), RELEASE)
    assert flags == [] and [c.source for c in cells] == [c.source for c in nb.cells]


def test_added_code_stays_where_it_was_and_added_text_goes():
    def change(nb):
        nb.cells.insert(place(nb, "rnn_step"), new_code_cell("one = 1"))
        nb.cells.insert(place(nb, "rnn_step") + 1, new_code_cell("two = 2"))
        nb.cells.insert(0, new_code_cell("zero = 0"))
        nb.cells.append(new_markdown_cell("three"))

    cells, flags = rebuilt(change)
    assert flags == []
    sources = [c.source for c in cells]
    step = [c.name for c in cells].index("rnn_step")
    assert (sources[step - 1], sources[step + 1], sources[0]) == ("one = 1", "two = 2", "zero = 0")
    assert sum(c.kind == rebuild.ADDED for c in cells) == 3


def test_an_edited_demo_is_not_run_also_where_ids_are_lost():
    def change(nb):
        cell(nb, "three-steps").source += "\nmine = 3"

    nb = course.release()
    change(nb)
    for submission in (course.to_bytes(nb), course.saved_by_colab(nb)):
        cells, flags = rebuild.rebuild(submission, RELEASE)
        (demo,) = [c for c in cells if c.name == "three-steps"]
        assert demo.kind == rebuild.DEMO and "mine = 3" in demo.theirs and "mine = 3" not in demo.source
        assert flags == [] and not [c for c in cells if c.kind == rebuild.ADDED]


def test_a_cell_without_its_metadata_is_known_by_its_id():
    def change(nb):
        cell(nb, "rnn_step").source = CODE
        for c in nb.cells:
            c.metadata = {}

    cells, flags = rebuilt(change)
    assert flags == [] and next(c.source for c in cells if c.name == "rnn_step") == CODE


def test_a_missing_exercise_is_not_run_and_its_check_stays():
    cells, flags = rebuilt(lambda nb: nb.cells.remove(cell(nb, "rnn_step")))
    assert flags == ["the cell rnn_step is missing"]
    assert next(c.missing for c in cells if c.name == "rnn_step") and "check-rnn_step" in [c.name for c in cells]


def test_of_a_cell_that_is_there_twice_the_last_counts_and_the_first_runs_before_it():
    def change(nb):
        twin = cell(nb, "rnn_step").copy()
        twin.id = "another-id"
        cell(nb, "rnn_step").source = "helper = 1"
        twin.source = CODE
        nb.cells.insert(place(nb, "rnn_step") + 1, twin)

    cells, flags = rebuilt(change)
    step = [c.name for c in cells].index("rnn_step")
    assert flags == ["the cell rnn_step is there more than once; the last one counts"]
    assert cells[step].source == CODE and cells[step - 1].source == "helper = 1" and cells[step - 1].kind == rebuild.ADDED


CHANGES = {
    "a check's code": (lambda nb: cell(nb, "check-rnn_step").update(source="report = 5\nreport"), "the cell check-rnn_step was changed; the release's was used"),
    "the setup": (lambda nb: cell(nb, "setup").update(source="this = 1"), "the cell setup was changed; the release's was used"),
    "an exercise as text": (lambda nb: cell(nb, "rnn_step").update(cell_type="markdown"), "the cell rnn_step has another type"),
    "tags": (lambda nb: cell(nb, "check-rnn_step").metadata.update(tags=["check", "skip-execution"]), "the cell check-rnn_step has tags of its own: skip-execution"),
    "points": (lambda nb: cell(nb, "check-rnn_step").metadata.nbgrader.update(points=99), "the cell check-rnn_step has other settings of nbgrader: points"),
    "order": (lambda nb: nb.cells.reverse(), "cells are not in the release's order"),
    "a check gone": (lambda nb: nb.cells.remove(cell(nb, "check-rnn_step")), "the cell check-rnn_step is missing"),
    "a grade id of its own": (lambda nb: nb.cells.append(new_code_cell("1", metadata={"nbgrader": {"grade_id": "mine"}})), "a cell names the grade id 'mine', which the release does not have"),
}


@pytest.mark.parametrize("change, says", CHANGES.values(), ids=CHANGES)
def test_what_nobody_should_change_is_noted_and_has_no_effect(change, says):
    cells, flags = rebuilt(change)
    assert flags == [says]
    ours = [(c.kind, c.name, c.source) for c in cells if c.kind != rebuild.ADDED]
    assert ours == [(c.kind, c.name, c.source) for c in rebuild.released(RELEASE)]


@pytest.mark.parametrize("line", ["", "%matplotlib inline\n", "rng = 1\n"])
@pytest.mark.parametrize("name", ["imports", "setup", "check-rnn_step"])
def test_import_lines_added_to_a_locked_cell_are_run_after_it_and_nothing_else_is(name, line):
    def change(nb):
        cell(nb, name).source = "import math\n" + line + cell(nb, name).source + "\nfrom os import path as p, sep"

    cells, flags = rebuilt(change)
    assert flags == [
        f"the cell {name} was changed; the release's was used", f"import lines added to {name} are run: import math; from os import path as p, sep",
    ]
    (place,) = [i for i, c in enumerate(cells) if c.kind == rebuild.ADDED]
    assert cells[place - 1].name == name and cells[place].source == "import math\nfrom os import path as p, sep"
    assert [c.source for c in cells if c.kind != rebuild.ADDED] == [c.source for c in rebuild.released(RELEASE)]


def test_what_a_check_is_said_to_have_shown_is_kept():
    def change(nb):
        cell(nb, "check-rnn_step").outputs = [new_output("execute_result", {"text/plain": "5"})]

    cells, _ = rebuilt(change)
    assert {c.name: c.claimed for c in cells if c.claimed is not None} == {"check-rnn_step": 5.0}


ODD = [None, True, 10**400, -1, 0.5, float("nan"), float("inf"), "", "1" + "0" * 400, "nan", "-inf", "1_0", "\ud83d", "\0", [], [[]], [10**400], {}, {"": []}]


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: repr(odd)[:20])
def test_whatever_stands_anywhere_in_a_cell_stops_nothing(odd):
    """In each place of a cell's JSON, one after the other, something that does not belong there."""
    nb = json.loads(RELEASE)
    nb["cells"] = [one for one in nb["cells"] if one["id"] in ("rnn_step", "check-rnn_step", "imports")]
    for one in nb["cells"]:
        if one["cell_type"] == "code":
            one["outputs"] = [{"output_type": "execute_result", "data": {"text/plain": ["5"]}, "metadata": {}}]
    for number, _ in enumerate(list(_places(nb["cells"]))):
        broken = json.loads(json.dumps(nb))
        inside, key = list(_places(broken["cells"]))[number]
        inside[key] = odd
        try:
            cells, flags = rebuild.rebuild(json.dumps(broken).encode(), RELEASE)
        except rebuild.Unreadable:
            continue
        assert [c.name for c in cells if c.kind == rebuild.CHECK] == [c.name for c in rebuild.released(RELEASE) if c.kind == rebuild.CHECK]
        assert all(type(c.claimed) in (float, type(None)) for c in cells) and all(isinstance(flag, str) for flag in flags)


def _places(cells):
    """Every place in these cells, as what holds it and its key there."""
    new = list(cells)
    while new:
        held = new.pop()
        for key, value in list(held.items() if isinstance(held, dict) else enumerate(held)):
            yield held, key
            if isinstance(value, (dict, list)) and key != "source":
                new.append(value)


def test_an_old_notebook_is_read():
    old = {"nbformat": 3, "worksheets": [{"cells": [{"cell_type": "code", "input": CODE, "metadata": {"nbgrader": {"grade_id": "rnn_step"}}}]}]}
    cells, _ = rebuild.rebuild(json.dumps(old).encode(), RELEASE)
    assert next(c.source for c in cells if c.name == "rnn_step") == CODE


BROKEN = {
    "empty": (b" \n", "The file is empty"),
    "half": (RELEASE.encode()[:5000], "it cannot be read as JSON"),
    "not UTF-8": (b"\xff\xfe{", "it cannot be read as JSON"),
    "nested": (b"[" * 100_000, "it cannot be read as JSON"),
    "a list": (b"[]", "it is JSON of another kind"),
    "no cells": (b"{}", "it has no cells"),
    "long": (b" " * rebuild.FILE_BYTES + b"{}", "Clear its outputs"),
    "many cells": (json.dumps({"cells": [{}] * 2_001}).encode(), "The notebook has 2,001 cells"),
    "much code": (json.dumps({"cells": [{"cell_type": "code", "source": "#" * 2_000_001}]}).encode(), "characters of code"),
}


@pytest.mark.parametrize("submission, says", BROKEN.values(), ids=BROKEN)
def test_what_is_no_notebook_gets_a_reason(submission, says):
    with pytest.raises(rebuild.Unreadable, match=says):
        rebuild.rebuild(submission, RELEASE)
