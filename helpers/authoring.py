"""For authors: execute the solutions, normalise them, and release the notebooks.

    uv run python -m helpers.authoring                   every lesson
    uv run python -m helpers.authoring 01-...            one lesson
    uv run python -m helpers.authoring --no-execute      without running the cells again

The repository's address and the version stand in pyproject.toml and nowhere else: the Colab link and
the setup cell of every lesson are written from them. Releasing is nbgrader's own: the same
preprocessors run in `nbgrader generate_assignment`, so both give the same bytes.
"""

import argparse
import os
import sys
from pathlib import Path

import nbformat
from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearHiddenTests,
    ClearMarkScheme,
    ClearOutput,
    ClearSolutions,
    ComputeChecksums,
    LockCells,
    NbGraderPreprocessor,
    SaveCells,
)

from helpers import session

ROOT = Path(__file__).resolve().parent.parent

SETUP = '''\
# Setup: run this cell first. It is the same in every lesson.
import importlib.util
import os
import shutil
import subprocess
import sys

COURSE, VERSION = "{url}", "{tag}"

try:
    import google.colab
except ImportError:
    in_colab = False
else:
    in_colab = True
    folder = "rnn-course-" + VERSION
    print("Colab: choose File > Save a copy in Drive now, or your work is lost when you leave.")
    if importlib.util.find_spec("helpers") is None and not os.path.isdir(folder):
        if "/OWNER/" in COURSE:
            sys.exit("This copy of the course does not know its own address yet: ask for a published one.")
        part = folder + ".part"
        shutil.rmtree(part, ignore_errors=True)
        options = ["--quiet", "--depth", "1", "--branch", VERSION, "--filter=blob:none", "--sparse"]
        for command in [
            ["git", "clone", *options, COURSE, part],
            ["git", "-C", part, "sparse-checkout", "set", "helpers", "data"],
        ]:
            run = subprocess.run(command, capture_output=True, text=True)
            if run.returncode:
                sys.exit("The course's helpers could not be fetched from " + COURSE + ": " + run.stderr.strip())
        os.rename(part, folder)
    if os.path.isdir(folder) and os.path.abspath(folder) not in sys.path:
        sys.path.insert(0, os.path.abspath(folder))

if importlib.util.find_spec("helpers") is None:
    sys.exit("The course's helpers are missing: open this notebook from a copy of " + COURSE)

from helpers import session

session.start()'''

LINK = (
    "[Open this lesson in Colab](https://colab.research.google.com/github/{repository}/blob/{tag}"
    "/notebooks/{lesson}/{lesson}.ipynb) · [the course]({url})"
)

#: A widget's output: it points to a state that no stored notebook holds.
WIDGET = "application/vnd.jupyter.widget-view+json"

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


class Normalise(NbGraderPreprocessor):
    """Leave out of a notebook what differs between machines and runs."""

    def preprocess(self, nb, resources):
        normalise(nb)
        return nb, resources


def _release_preprocessors():
    """What `nbgrader generate_assignment` does with a solution, in this course's order."""
    lock_and_clear = [LockCells, ClearSolutions, ClearOutput, Normalise, CheckCellMetadata, ComputeChecksums]
    hide = [ClearHiddenTests, ClearMarkScheme, ComputeChecksums, CheckCellMetadata]
    return lock_and_clear, hide


def configure(config):
    """Set the release's preprocessors in an nbgrader configuration (used by nbgrader_config.py)."""
    before, after = _release_preprocessors()
    config.GenerateAssignment.preprocessors = [*before, SaveCells, *after]


def project():
    """The course's address and version, from pyproject.toml.

    Returns
    -------
    dict of str to str
        `url`, `repository` (owner/name) and `tag`.
    """
    try:
        import tomllib
    except ModuleNotFoundError:  # Python 3.10
        import tomli as tomllib

    table = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    url = table["urls"]["Repository"].rstrip("/")
    return {"url": url, "repository": "/".join(url.split("/")[-2:]), "tag": f"v{table['version']}"}


def lessons():
    """The solution notebooks, in order."""
    return sorted((ROOT / "solutions").glob("*/*.ipynb"))


def insert(nb, lesson):
    """Write the Colab link and the setup cell, in the cells that have the ids `colab` and `setup`."""
    facts = project()
    cells = {cell.id: cell for cell in nb.cells}
    if missing := {"colab", "setup"} - cells.keys():
        raise SystemExit(f"{lesson}: no cell has the id {' or '.join(sorted(missing))}")
    cells["colab"].source = LINK.format(lesson=lesson, **facts)
    cells["setup"].source = SETUP.format(**facts)
    cells["setup"].metadata["jupyter"] = {"source_hidden": True}  # long, and the same everywhere: JupyterLab folds it


def execute(nb, folder, kernel="python3"):
    """Run a notebook from top to bottom in a new kernel; its cells keep what they printed."""
    from nbclient import NotebookClient

    os.environ[session.STILL] = "1"
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # TensorFlow loads in seconds from cached bytecode only
    # On a busy machine output comes late: by default nbclient goes on without it after four seconds.
    waits = {"timeout": 600, "iopub_timeout": 60, "raise_on_iopub_timeout": True}
    NotebookClient(nb, kernel_name=kernel, resources={"metadata": {"path": str(folder)}}, **waits).execute()


def normalise(nb):
    """Keep of a notebook what is the same on every machine; see `tests/test_notebooks.py` for the rules."""
    nb.nbformat, nb.nbformat_minor = 4, 5
    nb.metadata = nbformat.from_dict({"kernelspec": KERNEL})
    count = 0
    for cell in nb.cells:
        keep = ("nbgrader", "tags", "editable", "deletable", "jupyter")
        cell.metadata = nbformat.from_dict({k: cell.metadata[k] for k in keep if k in cell.metadata})
        if cell.cell_type != "code":
            continue
        ran, cell.execution_count = cell.execution_count is not None, None
        if ran:
            count += 1
            cell.execution_count = count
        cell.outputs = _joined_streams([output for output in cell.outputs if WIDGET not in output.get("data", {})])
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = count
            if "metadata" in output:
                output.metadata = nbformat.from_dict({})


def release(path):
    """The released notebook of a solution.

    Parameters
    ----------
    path : pathlib.Path
        The solution's notebook.

    Returns
    -------
    str
        What belongs into notebooks/, to the byte.
    """
    nb = nbformat.read(path, as_version=4)
    before, after = _release_preprocessors()
    resources = {"unique_key": path.stem}
    for preprocessor in [*before, *after]:
        nb, resources = preprocessor().preprocess(nb, resources)
    return text(nb)


def text(nb):
    """A notebook as it is stored: sorted keys, one space of indent, a newline at the end."""
    return nbformat.writes(nb, version=4).rstrip("\n") + "\n"


def main(argv=None):
    """Command line: execute, normalise and release the lessons named, or all."""
    parser = argparse.ArgumentParser(prog="python -m helpers.authoring", description=__doc__.split("\n")[0])
    parser.add_argument("lesson", nargs="*", help="folder names under solutions/; all without any")
    parser.add_argument("--no-execute", action="store_true", help="keep the stored outputs")
    options = parser.parse_args(argv)
    paths = [path for path in lessons() if not options.lesson or path.stem in options.lesson]
    if unknown := set(options.lesson) - {path.stem for path in paths}:
        parser.error(f"no such lesson in solutions/: {', '.join(sorted(unknown))}")
    for path in paths:
        nb = nbformat.read(path, as_version=4)
        insert(nb, path.stem)
        if not options.no_execute:
            execute(nb, path.parent)
        normalise(nb)
        path.write_text(text(nb), "utf-8", newline="\n")
        target = ROOT / "notebooks" / path.stem / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(release(path), "utf-8", newline="\n")
        print(f"{path.stem}: {'executed and ' if not options.no_execute else ''}released")


def _joined_streams(outputs):
    joined = []
    for output in outputs:
        last = joined[-1] if joined else None
        if last and output.output_type == last.output_type == "stream" and output.name == last.name:
            last.text += output.text
        else:
            joined.append(output)
    return joined


if __name__ == "__main__":
    sys.exit(main())
