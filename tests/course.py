"""A course as an instructor runs it, for tests: lesson 01 in every state, and nbgrader's command line."""

import copy
import json
import os
import shlex
import subprocess
import sys

import nbformat
import pytest
from nbgrader.api import Gradebook

from helpers.authoring import ROOT
from helpers.grading import sandbox
from tests import checkout

LESSON = "01-feedforward-vs-recurrent"

# A partly solved lesson. rnn_step and unroll are right, though one warns and writes to stderr: not in all of a demo's
# 10,000 steps, or plain nbgrader's kernel would be minutes in handing over what it wrote, and more than a minute is too late.
PARTLY = {
    "rnn_step": """
import itertools, logging, os, sys, warnings
logging.basicConfig()
calls = itertools.count()
def rnn_step(x_t, h_prev, weights):
    if next(calls) < 200:
        warnings.warn("I am not sure")
        print("still here", file=sys.stderr)
        logging.warning("and in the log")
        os.write(2, b"and on file descriptor 2")
    return np.tanh(x_t @ weights["W_xh"] + h_prev @ weights["W_hh"] + weights["b_h"])
""",
    "unroll": """
def unroll(x, h_0, weights):
    states = [h_0]
    for t in range(x.shape[1]):
        states.append(rnn_step(x[:, t], states[-1], weights))
    return np.stack(states[1:], axis=1)
""",
    "count_parameters": """
def count_parameters(timesteps, input_size, hidden_size, output_size):
    output = hidden_size * output_size + output_size
    return {
        "feedforward": timesteps * input_size * hidden_size + output,
        "recurrent": (input_size + hidden_size + 1) * hidden_size + output,
    }
""",
    "crossover_length": "def crossover_length(input_size, hidden_size)\n    return 2",
    "wire": """
def wire(kind, x, weights, timesteps=None):
    if kind == "one-to-many":
        raise NotImplementedError
    sequence = x if x.ndim == 3 else x[:, None]
    y = unroll(sequence, np.zeros((len(x), len(weights["b_h"]))), weights) @ weights["W_hy"] + weights["b_y"]
    return y if kind == "many-to-many" else y[:, -1]
""",
}
POINTS = {"rnn_step": 5, "unroll": 6, "latch": 0, "count_parameters": 2, "crossover_length": 0, "wire": 3}
ALL_POINTS = 30


def solution(lesson=LESSON):
    """A lesson with every exercise solved."""
    return nbformat.read(ROOT / "solutions" / lesson / f"{lesson}.ipynb", as_version=4)


def release(lesson=LESSON):
    """A lesson as learners get it."""
    return nbformat.read(ROOT / "notebooks" / lesson / f"{lesson}.ipynb", as_version=4)


def partly():
    """Lesson 01, partly solved."""
    nb = release()
    for cell in nb.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if name in PARTLY:
            cell.source = PARTLY[name]
    return nb


def points(nb):
    """The maximum of each check cell."""
    cells = [cell.metadata.get("nbgrader", {}) for cell in nb.cells]
    return {cell.grade_id.removeprefix("check-"): cell.points for cell in cells if cell.get("grade")}


def to_bytes(nb):
    """The notebook as a file."""
    return nbformat.writes(nb).encode()


def saved_by_colab(nb):
    """The notebook as Colab downloads it: old minor version, no cell ids, its own metadata."""
    nb = copy.deepcopy(nb)
    nb.nbformat_minor = 0
    nb.metadata = nbformat.from_dict({
        "colab": {"provenance": [], "toc_visible": True},
        "kernelspec": {"display_name": "Python 3", "name": "python3"},
        "language_info": {"name": "python"},
    })
    for i, cell in enumerate(nb.cells):
        del cell["id"]
        cell.metadata["id"] = f"aB3_{i:08d}"
        if cell.cell_type == "code":
            cell.metadata["outputId"] = f"7f-{i:08d}"
    return to_bytes(nb)


def saved_by_classic_notebook(nb):
    """The notebook as the classic interface saves it: minor version 2, no cell ids, collapsed and scrolled flags."""
    nb = copy.deepcopy(nb)
    nb.nbformat_minor = 2
    nb.metadata["language_info"] = {"name": "python", "version": "3.8.10", "file_extension": ".py"}
    nb.metadata["celltoolbar"] = "Create Assignment"
    for cell in nb.cells:
        del cell["id"]
        if cell.cell_type == "code":
            cell.metadata |= {"collapsed": False, "scrolled": True}
    return to_bytes(nb)


def require_sandbox():
    """Skip, saying why, where there is no sandbox; on CI, which installs one, fail."""
    if problem := sandbox.explain():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(problem)


# nbgrader takes seconds to load: load it once, then give each command a process of its own.
NBGRADER = """
import json, os, sys
from nbgrader.apps import NbGraderApp
for arguments in json.loads(sys.argv[1]):
    child = os.fork()
    if not child:
        NbGraderApp.launch_instance(arguments)
        sys.exit(0)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
        sys.exit(1)
"""


class Course:
    """A course in a folder of its own, run by the command lines of nbgrader and of `grade`, with the course's configuration.

    Parameters
    ----------
    folder : pathlib.Path
    plain : bool
        Whether nbgrader runs submissions itself, without the engine.
    """

    def __init__(self, folder, plain=False):
        self.folder = folder
        checkout.copy(folder, without=("tests/", "data/"))
        if plain:
            config = folder / "nbgrader_config.py"
            text = config.read_text("utf-8")
            assert "\nbutton.configure(c)\n" in text
            config.write_text(text.replace("\nbutton.configure(c)\n", "\n"), "utf-8")

    def grade(self, *arguments, succeeds=True):
        """Run `grade` with these arguments; return what it wrote."""
        run = subprocess.run(
            [sys.executable, "-m", "helpers.grading.run", *arguments], cwd=self.folder, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )
        assert (run.returncode == 0) == succeeds, run.stdout
        return run.stdout

    def nbgrader(self, *commands, succeeds=True):
        """Run nbgrader commands one after the other, as the command line does; return what they wrote."""
        environment = os.environ | {"PATH": os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"]}
        arguments = [shlex.split(command) for command in commands]
        run = subprocess.run(
            [sys.executable, "-c", NBGRADER, json.dumps(arguments)], cwd=self.folder, env=environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )
        assert (run.returncode == 0) == succeeds, run.stdout
        return run.stdout

    def grades(self, student, lesson=LESSON):
        """Points by exercise, as the gradebook has them."""
        with Gradebook(f"sqlite:///{self.folder}/gradebook.db", "rnn-course") as gradebook:
            grades = gradebook.find_submission_notebook(lesson, lesson, student).grades
            return {grade.name.removeprefix("check-"): grade.auto_score for grade in grades}
