"""For authors: execute the solutions, normalise them, and release the notebooks.

    uv run python -m helpers.authoring                   every lesson
    uv run python -m helpers.authoring 01-...            one lesson
    uv run python -m helpers.authoring --no-execute      without running the cells again
    uv run python -m helpers.authoring --publish         give this copy its own address: release, commit, tag

The repository's address and the version stand in pyproject.toml and nowhere else: the links and
the setup cell of every notebook are written from them. Releasing is nbgrader's own: the same
preprocessors run in `nbgrader generate_assignment`, so both give the same bytes. The front door,
`start-here`, is no assignment; it keeps the picture it opens with.
"""

import argparse
import importlib
import os
import re
import subprocess
import sys

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

from helpers import course, session
from helpers.course import FRONT_DOOR, ROOT

SETUP = '''\
# Setup: run this cell first. It is the same in every notebook.
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
    print("Colab: choose File > Save a copy in Drive now, or your work will be lost.")
    if importlib.util.find_spec("helpers") is None and not os.path.isdir(folder):
        if "/OWNER/" in COURSE:
            sys.exit("This copy does not know its own address: ask for another.")
        part = folder + ".part"
        shutil.rmtree(part, ignore_errors=True)
        options = ["--quiet", "--depth", "1", "--filter=blob:none", "--sparse"]
        folders = ["helpers", "data", "solutions"]
        for command in [
            ["git", "clone", *options, "--branch", VERSION, COURSE, part],
            ["git", "-C", part, "sparse-checkout", "set", *folders],
        ]:
            run = subprocess.run(command, capture_output=True, text=True)
            if run.returncode:
                problem = "The course's helpers could not be fetched from "
                sys.exit(problem + COURSE + ": " + run.stderr.strip())
        os.rename(part, folder)
    if os.path.isdir(folder) and os.path.abspath(folder) not in sys.path:
        sys.path.insert(0, os.path.abspath(folder))

if importlib.util.find_spec("helpers") is None:
    sys.exit("The course's helpers are missing: open this in a copy of " + COURSE)

from helpers import course, session

session.start()'''

COLAB = "https://colab.research.google.com/github/{repository}/blob/{tag}/notebooks/{place}"
NO_COLAB = "(Links to Colab appear here once this copy of the course is published.)"

FOLD = "<details><summary>Worked solution</summary>"
WORKED = (
    FOLD + "To see one, run <code>course.solution(&quot;{number}&quot;, &quot;{exercise}&quot;)</code> in a cell of its own{link}. "
    "To start this exercise over, put <code>course.start_over(&quot;{number}&quot;, &quot;{exercise}&quot;)</code> into its cell, alone, "
    "and run it.</details>"
)
WORKED_LINK = ', or read <a href="{url}/blob/{tag}/solutions/{place}">the solved notebook</a>'

#: A widget's output: it points to a state that no stored notebook holds.
WIDGET = "application/vnd.jupyter.widget-view+json"

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


class Normalise(NbGraderPreprocessor):
    """Leave out of a notebook what differs between machines and runs."""

    def preprocess(self, nb, resources):
        normalise(nb)
        return nb, resources


class ClearAllButTheMap(NbGraderPreprocessor):
    """For the front door: its picture is there before anything has run."""

    def preprocess(self, nb, resources):
        for cell in nb.cells:
            if cell.cell_type == "code" and cell.id != "map":  # nbval wants a count beside an output
                cell.execution_count, cell.outputs = None, []
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
    dict of str to str or bool
        `url`, `repository` (owner/name), `tag`, and whether it is `published`.
    """
    try:
        import tomllib
    except ModuleNotFoundError:  # Python 3.10
        import tomli as tomllib

    table = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    url = table["urls"]["Repository"].rstrip("/")
    repository = "/".join(url.split("/")[-2:])
    return {"url": url, "repository": repository, "tag": f"v{table['version']}", "published": not repository.startswith("OWNER/")}


def lessons():
    """The solution notebooks of the lessons, in order."""
    return sorted((ROOT / "solutions").glob("*/*.ipynb"))


def front_door():
    """The solution notebook of the front door, which is no lesson."""
    return ROOT / "solutions" / f"{FRONT_DOOR}.ipynb"


def insert(nb, name):
    """Write into a notebook what follows from the others and from the course's address.

    That is the Colab link and the setup cell, in the cells with the ids `colab` and `setup`, and the fold with the
    worked solution under every exercise's hints; in a lesson the links to its neighbours, at the top and, in a
    cell with the id `next`, at the end; in the front door the table, in the cell with the id `lessons`.

    Parameters
    ----------
    nb : nbformat.NotebookNode
        Changed in place.
    name : str
        The lesson's, or "start-here".
    """
    facts = project()
    cells = {cell.id: cell for cell in nb.cells}
    wanted = {"colab", "setup"} | ({"lessons"} if name == FRONT_DOOR else set())
    if missing := wanted - cells.keys():
        raise SystemExit(f"{name}: no cell has the id {' or '.join(sorted(missing))}")
    place = f"{name}.ipynb" if name == FRONT_DOOR else f"{name}/{name}.ipynb"
    colab = f"[open in Colab]({COLAB.format(place=place, **facts)})" if facts["published"] else NO_COLAB
    if name == FRONT_DOOR:
        cells["colab"].source = colab + (f" · [the repository]({facts['url']})" if facts["published"] else "")
        cells["lessons"].source = lesson_table(facts)
    else:
        before, after = _neighbours(name)
        links = [f"before: {before}"] * bool(before) + [f"next: {after}"] * bool(after)
        cells["colab"].source = " · ".join(["[Start here](../start-here.ipynb)", *links, colab])
        nb.cells = [cell for cell in nb.cells if cell.id != "next"]
        end = [f"**Next:** {after}"] * bool(after) + ["[Start here](../start-here.ipynb): the map, and your points so far"]
        nb.cells.append(nbformat.v4.new_markdown_cell(" · ".join(end), id="next"))
    cells["setup"].source = SETUP.format(**facts)
    cells["setup"].metadata["jupyter"] = {"source_hidden": True}  # long, and the same everywhere: JupyterLab folds it
    link = WORKED_LINK.format(place=place, **facts) if facts["published"] else ""
    _fold_solutions(nb, name if name == FRONT_DOOR else name[:2], link)


def lesson_table(facts):
    """The front door's table of the lessons, in Markdown; `facts` as `project` returns them."""
    columns = ["", "lesson", "afterwards you can", "minutes", "points"] + ["Colab"] * facts["published"]
    rows = [columns, ["---"] * 3 + ["---:"] * 2 + ["---"] * facts["published"]]
    for lesson in course.lessons():
        if lesson.number not in course.AIMS:
            raise SystemExit(f"say in helpers/course.py, AIMS, what a learner can do after lesson {lesson.number}")
        link, aim = f"[{lesson.title}]({lesson.place})", course.AIMS[lesson.number]
        row = [lesson.number, link, aim, str(lesson.minutes), str(lesson.points)]
        rows.append(row + [f"[open]({COLAB.format(place=lesson.place, **facts)})"] * facts["published"])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def illustrate(nb, name):
    """Draw the lesson's first picture into the cell with the id `opening`, where it is seen before anything has run.

    It is what `opening()` in the lesson's module of `helpers.plots` returns; a lesson without one stays as it is.
    """
    module = importlib.import_module(f"helpers.plots.lesson{name[:2]}")
    for cell in nb.cells:
        if cell.id == "opening":
            cell.source = module.opening()


def _neighbours(name):
    """Links to the lessons before and after; "" where there is none."""
    known = course.lessons()
    place = [lesson.name for lesson in known].index(name)
    around = [known[place - 1] if place else None, known[place + 1] if place + 1 < len(known) else None]
    return [lesson and f"[{lesson.number} {lesson.title}](../{lesson.place})" or "" for lesson in around]


def _fold_solutions(nb, number, link):
    """Under the hints of each exercise, the fold that says how to see its solution and how to start over."""
    for hints, cell in zip(nb.cells, nb.cells[1:]):
        if "<details><summary>Hint" not in hints.source or "exercise" not in cell.metadata.get("tags", ()):
            continue
        exercise = re.search(r"^def (\w+)\(", cell.source, re.MULTILINE)[1]
        lines = [line for line in hints.source.rstrip().split("\n") if not line.startswith(FOLD)]
        last = max(i for i, line in enumerate(lines) if "</details>" in line)
        lines.insert(last + 1, WORKED.format(number=number, exercise=exercise, link=link))
        hints.source = "\n".join(lines)


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
        tags = set(cell.metadata.get("tags", ()))
        keep = ["nbgrader", "tags", "editable", "deletable"] + ["jupyter"] * ("setup" in tags)
        kept = {k: cell.metadata[k] for k in keep if k in cell.metadata}
        if "claims" in tags:  # folded where the front end can: JupyterLab and Notebook by the one, Colab by the other
            kept |= {"jupyter": {"source_hidden": True}, "cellView": "form"}
        cell.metadata = nbformat.from_dict(kept)
        if cell.cell_type != "code":
            continue
        ran, cell.execution_count = cell.execution_count is not None, None
        if ran:
            count += 1
            cell.execution_count = count
        # A widget without its state is an error message to anyone who opens the notebook.
        cell.outputs = _joined_streams(o for o in cell.outputs if WIDGET not in o.get("data", {}))
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
    steps = [step() for step in [*before, *after]]
    if path.stem == FRONT_DOOR:
        steps = [ClearSolutions(enforce_metadata=False), ClearAllButTheMap(), Normalise()]
    resources = {"unique_key": path.stem}
    for step in steps:
        nb, resources = step.preprocess(nb, resources)
    return text(nb)


def released(path):
    """Where the released notebook of a solution belongs."""
    return ROOT / "notebooks" / path.relative_to(ROOT / "solutions")


def text(nb):
    """A notebook as it is stored: sorted keys, one space of indent, a newline at the end."""
    return nbformat.writes(nb, version=4).rstrip("\n") + "\n"


def publish():
    """Give this copy of the course its own address: write it, release everything, commit and tag.

    Returns
    -------
    str
        The command that sends it there.

    Raises
    ------
    SystemExit
        Where there is no address to publish at, or something would be lost or overwritten; nothing has changed then.
    """
    def git(*arguments, **options):
        return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, **options)

    origin = git("remote", "get-url", "origin")
    if origin.returncode:
        raise SystemExit("There is no address yet: make an empty repository on GitHub, then `git remote add origin ADDRESS`.")
    url, tag = web_address(origin.stdout.strip()), project()["tag"]
    if git("status", "--porcelain", check=True).stdout:
        raise SystemExit("There are changes that are not committed: commit them, or put them away with `git stash -u`.")
    if git("tag", "--list", tag, check=True).stdout:
        raise SystemExit(f"The tag {tag} is there already: raise `version` in pyproject.toml, commit, and publish again.")
    settings = ROOT / "pyproject.toml"
    settings.write_text(settings.read_text("utf-8").replace(f'"{project()["url"]}"', f'"{url}"'), "utf-8", newline="\n")
    main(["--no-execute"])
    if git("status", "--porcelain", check=True).stdout:
        for arguments in [("add", "--all"), ("commit", "--quiet", "--message", f"Publish {tag} at {url}")]:
            if (run := git(*arguments)).returncode:
                raise SystemExit(f"Everything is written; git could not commit it: {run.stderr.strip() or run.stdout.strip()}")
    git("tag", tag, check=True)
    return f"git push origin HEAD {tag}"


def web_address(remote):
    """The web address of a GitHub repository, from what `git remote` knows it by.

    Parameters
    ----------
    remote : str
        As "https://github.com/owner/name.git" or "git@github.com:owner/name.git".

    Returns
    -------
    str

    Raises
    ------
    SystemExit
        If it is no repository on GitHub: Colab opens no others.
    """
    known = re.fullmatch(r"(?:https://(?:[^@/]+@)?|ssh://git@|git@)github\.com[:/]([\w.-]+)/([\w.-]+?)(?:\.git)?/?", remote)
    if known is None or known[1] == "OWNER":
        raise SystemExit(f"Colab opens notebooks from github.com only, and origin is {remote}: set it with `git remote set-url origin ADDRESS`.")
    return f"https://github.com/{known[1]}/{known[2]}"


def main(argv=None):
    """Command line: execute, normalise and release the notebooks named, or all; or publish."""
    parser = argparse.ArgumentParser(prog="python -m helpers.authoring", description=__doc__.split("\n")[0])
    parser.add_argument("lesson", nargs="*", help="folder names under solutions/, or start-here; all without any")
    parser.add_argument("--no-execute", action="store_true", help="keep the stored outputs")
    parser.add_argument("--publish", action="store_true", help="write the address of `origin` into the course, release, commit and tag")
    options = parser.parse_args(argv)
    if options.publish:
        if options.lesson:
            parser.error("--publish releases every lesson: name none")
        print(f"Published here. Send it off with:  {publish()}")
        return
    paths = [path for path in [front_door(), *lessons()] if not options.lesson or path.stem in options.lesson]
    if unknown := set(options.lesson) - {path.stem for path in paths}:
        parser.error(f"no such lesson in solutions/: {', '.join(sorted(unknown))}")
    for path in paths:
        nb = nbformat.read(path, as_version=4)
        insert(nb, path.stem)
        if not options.no_execute:
            if path != front_door():
                illustrate(nb, path.stem)
            execute(nb, path.parent)
        normalise(nb)
        path.write_text(text(nb), "utf-8", newline="\n")
        target = released(path)
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
