"""What the course consists of: its lessons, their exercises, the worked solutions.

Everything is read from the notebooks themselves, so no title, minute or point is written twice.

    course.solution("01", "rnn_step")      show the worked solution of an exercise
    course.start_over("01", "rnn_step")    bring back the exercise's cell as it was on the first day
"""

import dataclasses
import functools
import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

#: The front door's notebook, in solutions/ and in notebooks/.
FRONT_DOOR = "start-here"

#: What a learner can do after each lesson, for the front door.
AIMS = {
    "01": "tell which questions need a memory, and write the step that carries one",
    "02": "say how good a language model is, in bits, and build the counting model that is hard to beat",
    "03": "derive every gradient by hand, prove it right, and train a network in plain NumPy",
    "04": "measure how far back a network can learn, and say what stops it",
    "05": "move your network to Keras number for number, and find out what is wrong in three popular tutorials",
    "06": "build LSTM and GRU gate by gate, and solve what the simple network could not",
    "07": "train a network that writes, steer it, and tell invention from copying",
    "08": "say how much of the future a task needs, catch a model that reads the answer, and test whether depth pays",
    "09": "build attention, forward and backward, and train a translator with it that can be checked word by word",
}

#: What stands for a solution in a released notebook, as nbgrader writes it.
STUB = ("# YOUR CODE HERE", "raise NotImplementedError()")


@dataclasses.dataclass(frozen=True)
class Lesson:
    """One lesson, as its notebook describes it.

    Attributes
    ----------
    name : str
        Of its folder and its notebook, "01-feedforward-vs-recurrent".
    title : str
    minutes : int
    needs : tuple of str
        Numbers of the lessons it builds on.
    exercises : dict of str to int
        The points of each exercise and bet, in the lesson's order.
    """

    name: str
    title: str
    minutes: int
    needs: tuple
    exercises: dict

    @property
    def number(self):
        return self.name[:2]

    @property
    def points(self):
        return sum(self.exercises.values())

    @property
    def place(self):
        """Where its notebook is, seen from the front door."""
        return f"{self.name}/{self.name}.ipynb"


def source_of(cell):
    """A stored cell's text, whether it is stored as one string or as lines."""
    source = cell.get("source", "")
    return source if isinstance(source, str) else "".join(source)


@functools.lru_cache(maxsize=1)
def lessons():
    """The lessons in order.

    Returns
    -------
    tuple of Lesson

    Raises
    ------
    FileNotFoundError
        If this copy of the course has no notebooks.
    """
    # solutions/ first: a learner's work changes notebooks/ only.
    folder = next((f for f in (ROOT / "solutions", ROOT / "notebooks") if any(f.glob("*/*.ipynb"))), None)
    if folder is None:
        raise FileNotFoundError(f"neither solutions/ nor notebooks/ holds a lesson in {ROOT.name}: fetch the course anew")
    return tuple(describe(path) for path in sorted(folder.glob("[0-9][0-9]-*/*.ipynb")) if path.stem == path.parent.name)


def describe(path):
    """Read a lesson's facts from its notebook.

    Parameters
    ----------
    path : pathlib.Path

    Returns
    -------
    Lesson

    Raises
    ------
    ValueError
        If the notebook does not say its title, its time or what it needs.
    """
    cells = json.loads(path.read_text("utf-8"))["cells"]
    text = "\n".join(source_of(cell) for cell in cells if cell["cell_type"] == "markdown")
    title = re.search(r"^# \d\d · (.+)$", text, re.MULTILINE)
    minutes = re.search(r"\*\*Time:\*\* about (\d+) minutes", text)
    needs = re.search(r"\*\*You need\*\*(.*?)\*\*Time:", text, re.DOTALL)
    if not (title and minutes and needs):
        raise ValueError(f"{path.name} needs a title `# NN · ...`, `**You need** ...` and `**Time:** about N minutes`")
    numbers = {number for match in re.findall(r"lessons? (\d\d(?:(?:,| and|, and) \d\d)*)", needs[1]) for number in re.findall(r"\d\d", match)}
    graded = [cell["metadata"]["nbgrader"] for cell in cells if cell["metadata"].get("nbgrader", {}).get("grade")]
    exercises = {facts["grade_id"].removeprefix("check-"): facts["points"] for facts in graded}
    return Lesson(path.stem, title[1], int(minutes[1]), tuple(sorted(numbers)), exercises)


def worked(lesson, exercise):
    """The solution's cell of an exercise.

    Parameters
    ----------
    lesson : str
        Its number, "01"; "start-here" for the front door.
    exercise : str
        Its function's name.

    Returns
    -------
    str
        The cell with the marks around the solution.

    Raises
    ------
    LookupError
        If this copy of the course has no such lesson or exercise; the message says what there is.
    """
    number = f"{lesson:02}" if isinstance(lesson, int) else str(lesson)
    folder = ROOT / "solutions"
    found = sorted([*folder.glob(f"{FRONT_DOOR}.ipynb"), *folder.glob("*/*.ipynb")])
    if not found:
        raise LookupError("This copy of the course comes without solutions/. Ask the person who gave it to you.")
    path = next((p for p in found if p.stem == number or p.stem.startswith(f"{number}-")), None)
    if path is None:
        raise LookupError(f"There is no lesson {number!r}; there are {', '.join(_number(p) for p in found)}.")
    exercises = {}
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        if "exercise" in cell["metadata"].get("tags", ()):
            exercises |= dict.fromkeys(re.findall(r"^def (\w+)\(", source_of(cell), re.MULTILINE), source_of(cell))
    if exercise not in exercises:
        raise LookupError(f"Lesson {number} has no exercise {exercise!r}; it has {', '.join(exercises)}.")
    return exercises[exercise]


def _number(path):
    return path.stem if path.stem == FRONT_DOOR else path.stem[:2]


def without_solution(source):
    """The released form of a solution's cell: what is between the marks is the learner's to write."""
    stub = r"\n".join(rf"\1{line}" for line in STUB)
    # Written so that this file, which a submission may read, does not hold the mark that solutions are searched for.
    return re.sub(r"^([ \t]*)### BEGIN[ ]SOLUTION\n.*?### END[ ]SOLUTION$", stub, source, flags=re.MULTILINE | re.DOTALL)


def solution(lesson, exercise):
    """Show the worked solution of an exercise.

    Parameters
    ----------
    lesson : str
        Its number, "01".
    exercise : str
        Its function's name, "rnn_step".
    """
    from IPython.display import Markdown, display

    try:
        source = worked(lesson, exercise)
    except LookupError as problem:
        print(problem)
        return
    source = re.sub(r"^[ \t]*### (BEGIN|END) SOLUTION\n?", "", source, flags=re.MULTILINE).rstrip()
    display(Markdown(f"One way to write `{exercise}`; any other that passes the check is as good.\n\n```python\n{source}\n```"))


def start_over(lesson, exercise):
    """Replace the running cell by the exercise's cell as it was released.

    Write this call as the only line of the exercise's cell and run it. Every front end that knows IPython's
    `%load` knows how to do this.

    Parameters
    ----------
    lesson : str
        Its number, "01".
    exercise : str
        Its function's name, "rnn_step".
    """
    from IPython import get_ipython

    try:
        source = without_solution(worked(lesson, exercise))
    except LookupError as problem:
        print(problem)
        return
    shell = get_ipython()
    if shell is None:
        print(source)
        return
    shell.set_next_input(source, replace=True)
    print("The cell is as it was released. (If it appeared in a new cell below, copy it from there.)")
