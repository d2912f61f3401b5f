"""A released notebook alone in Colab: the setup cell fetches helpers and data, and the lesson runs."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from helpers import authoring
from helpers.authoring import ROOT
from tests import checkout

URL = "https://github.com/a-fork/the-course"
LESSON = authoring.lessons()[0].stem

# What the two newest known Colab runtimes have installed (2026-08-19, and the one before).
COLAB = {
    "3.13": [
        "numpy==2.1.3", "tensorflow==2.20.0", "keras==3.13.2", "matplotlib==3.10.0", "ipykernel==6.17.1", "ipython==7.34.0",
        "ipywidgets==7.7.1", "nbformat==5.11.1", "pooch==1.9.0", "scikit-learn==1.6.1", "statsmodels==0.14.6",
    ],
    "3.12": [
        "numpy==2.0.2", "tensorflow==2.20.0", "keras==3.13.2", "matplotlib==3.10.0", "ipykernel==6.17.1", "ipython==7.34.0",
        "ipywidgets==7.7.1", "nbformat==5.10.4", "pooch==1.9.0", "scikit-learn==1.6.1", "statsmodels==0.14.6", "pandas==2.2.2",
    ],
}


def git(folder, *arguments):
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
    subprocess.run(["git", "-C", folder, *identity, *arguments], check=True, capture_output=True)


@pytest.fixture(scope="module")
def fork(tmp_path_factory):
    """A fork: the one line with the address changed, released, committed and tagged."""
    folder = tmp_path_factory.mktemp("fork")
    checkout.copy(folder)
    settings = folder / "pyproject.toml"
    text = settings.read_text("utf-8")
    assert text.count(authoring.project()["url"]) == 1
    settings.write_text(text.replace(authoring.project()["url"], URL), "utf-8")
    subprocess.run([sys.executable, "-m", "helpers.authoring", "--no-execute"], cwd=folder, check=True, capture_output=True)
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "a fork")
    git(folder, "tag", authoring.project()["tag"])
    return folder


@pytest.fixture
def colab(tmp_path, fork, monkeypatch):
    """An empty folder with a stub of google.colab, in which git finds the fork at its address."""
    stub = tmp_path / "stub" / "google" / "colab"
    stub.mkdir(parents=True)
    # This environment has the helpers installed; Colab has not.
    (stub / "__init__.py").write_text(f"import sys\nsys.path[:] = [p for p in sys.path if p != {str(ROOT)!r}]\n")
    monkeypatch.setenv("PYTHONPATH", str(stub.parent.parent))
    settings = {f"url.{fork.as_uri()}.insteadOf": URL, "uploadpack.allowFilter": "true"}
    monkeypatch.setenv("GIT_CONFIG_COUNT", str(len(settings)))
    for i, (key, value) in enumerate(settings.items()):
        monkeypatch.setenv(f"GIT_CONFIG_KEY_{i}", key)
        monkeypatch.setenv(f"GIT_CONFIG_VALUE_{i}", value)
    folder = tmp_path / "content"
    folder.mkdir()
    return folder


def run_alone(folder, notebook, kernel="python3"):
    """Run a notebook in `folder`, its setup cell once more at the end; return it executed."""
    nb = nbformat.read(notebook, as_version=4)
    again = nbformat.from_dict(next(cell for cell in nb.cells if cell.get("id") == "setup"))
    again.id = "setup-again"
    where = nbformat.v4.new_code_cell("import helpers, os; print(os.path.dirname(helpers.__file__))", id="where")
    nb.cells += [again, where]
    authoring.execute(nb, folder, kernel)
    return nb


def outputs(nb, cell_id):
    cell = next(cell for cell in nb.cells if cell.id == cell_id)
    return "".join(output.get("text", "") for output in cell.outputs)


def no_trouble(nb):
    made = [(cell.id, output) for cell in nb.cells if cell.cell_type == "code" for output in cell.outputs]
    return not [(i, o) for i, o in made if o.output_type == "error" or o.get("name") == "stderr"]


def test_a_release_alone_runs_and_fetches_only_what_it_needs(colab, fork):
    nb = run_alone(colab, fork / "notebooks" / LESSON / f"{LESSON}.ipynb")
    assert no_trouble(nb)
    course = colab / f"rnn-course-{authoring.project()['tag']}"
    assert outputs(nb, "where").strip() == str(course / "helpers")
    assert (course / "data" / "fables.txt").is_file()
    assert (course / "solutions" / LESSON / f"{LESSON}.ipynb").is_file()  # for the fold with the worked solution
    assert not (course / "tests").exists() and not (course / "notebooks").exists()
    for cell_id in ("setup", "setup-again"):
        assert "Save a copy in Drive" in outputs(nb, cell_id)
    # A second session finds the folder of the first: without git's redirection nothing could be fetched.
    os.environ.pop("GIT_CONFIG_COUNT")
    only_setup = nbformat.read(fork / "notebooks" / LESSON / f"{LESSON}.ipynb", as_version=4)
    only_setup.cells = [cell for cell in only_setup.cells if cell.id == "setup"]
    nbformat.write(only_setup, colab / "second.ipynb")
    assert outputs(run_alone(colab, colab / "second.ipynb"), "where").strip() == str(course / "helpers")


def setup_in(folder, source):
    return subprocess.run([sys.executable, "-c", source], cwd=folder, capture_output=True, text=True)


def test_a_fork_links_to_itself(fork):
    nb = nbformat.read(fork / "notebooks" / LESSON / f"{LESSON}.ipynb", as_version=4)
    link = next(cell.source for cell in nb.cells if cell.id == "colab")
    tag = authoring.project()["tag"]
    assert f"/github/a-fork/the-course/blob/{tag}/notebooks/{LESSON}/{LESSON}.ipynb" in link


def test_without_a_published_address_it_says_what_is_missing(colab):
    source = authoring.SETUP.format(url="https://github.com/OWNER/rnn-course", tag="v0.1.0")
    run = setup_in(colab, source)
    assert run.returncode == 1 and run.stderr.count("\n") == 1
    assert "does not know its own address" in run.stderr
    assert list(colab.iterdir()) == []


def test_an_address_that_does_not_answer_is_said_and_leaves_nothing_half_done(colab):
    source = authoring.SETUP.format(url=(colab / "nothing").as_uri(), tag="v0.1.0")
    for _ in range(2):
        run = setup_in(colab, source)
        assert run.returncode == 1 and "could not be fetched" in run.stderr
        assert not (colab / "rnn-course-v0.1.0").exists()


def test_outside_colab_a_lone_notebook_says_what_to_do(tmp_path):
    facts = authoring.project()
    hide = f"import sys; sys.path[:] = [p for p in sys.path if p != {str(ROOT)!r}]\n"
    run = setup_in(tmp_path, hide + authoring.SETUP.format(**facts))
    assert run.returncode == 1 and f"in a copy of {facts['url']}" in run.stderr


def test_setup_never_calls_pip():
    assert "pip" not in authoring.SETUP


def find_python(version):
    """What to ask uv for: pyenv's Python where there is one (pyenv hides it from uv), else uv finds or fetches it."""
    if pyenv := shutil.which("pyenv"):
        found = subprocess.run([pyenv, "prefix", version], capture_output=True, text=True)
        if found.returncode == 0:
            return Path(found.stdout.strip()) / "bin" / "python"
    return version


@pytest.fixture(scope="module")
def runtime(request, tmp_path_factory):
    """A plain environment of a Colab runtime's packages; the folder of its kernel."""
    folder = tmp_path_factory.mktemp("colab-" + request.param)
    uv = shutil.which("uv")
    assert uv, "uv is needed: it brings the Python and the pins"
    interpreter = folder / "environment" / "bin" / "python"
    subprocess.run([uv, "venv", "--quiet", "--python", find_python(request.param), folder / "environment"], check=True)
    subprocess.run([uv, "pip", "install", "--quiet", "--python", interpreter, *COLAB[request.param]], cwd=folder, check=True)
    subprocess.run(
        [interpreter, "-m", "ipykernel", "install", "--name", "colab", "--prefix", folder / "kernels"],
        check=True, capture_output=True,
    )
    return folder / "kernels" / "share" / "jupyter"


# The two differ in Python and NumPy, not in TensorFlow and Keras: every lesson in the newest, the first in both.
# A solution runs all that its release has, demos too; what only a release does, waiting, is the frame's, and the first shows it.
RUNS = [("3.13", path.stem) for path in authoring.lessons()] + [("3.12", LESSON)]


@pytest.mark.slow
@pytest.mark.parametrize("runtime, lesson", RUNS, indirect=["runtime"])
def test_with_colabs_own_packages(runtime, lesson, colab, fork, monkeypatch):
    """The solution, and the first lesson's release, each alone, in Colab's own packages."""
    monkeypatch.setenv("JUPYTER_PATH", str(runtime))
    for kind in ("notebooks", "solutions") if lesson == LESSON else ("solutions",):
        folder = colab / kind
        folder.mkdir()
        nb = run_alone(folder, fork / kind / lesson / f"{lesson}.ipynb", kernel="colab")
        assert no_trouble(nb)
        assert Path(outputs(nb, "where").strip()).parent.parent == folder
        for cell in nb.cells:
            if "check" in cell.metadata.get("tags", []):
                earned = cell.outputs[-1].data["text/plain"]
                assert earned == ("0" if kind == "notebooks" else str(cell.metadata.nbgrader.points)), cell.id
