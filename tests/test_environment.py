"""The environment files agree, and the package loads light."""

import logging
import os
import re
import subprocess
import sys
import types

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from helpers import session
from helpers.authoring import ROOT

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
CONDA = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))


def test_conda_asks_for_the_same_python():
    (python,) = [d for d in CONDA["dependencies"] if isinstance(d, str) and d.startswith("python")]
    assert SpecifierSet(python.removeprefix("python")) == SpecifierSet(PROJECT["project"]["requires-python"])
    assert CONDA["channels"][0] == "conda-forge" and "pip" in CONDA["dependencies"]


def test_conda_installs_the_project_with_all_its_extras():
    (pip,) = [d["pip"] for d in CONDA["dependencies"] if isinstance(d, dict)]
    assert len(pip) == 1 and pip[0].startswith("-e .")
    named = set(re.search(r"\[(.*)\]", pip[0]).group(1).split(","))
    assert named == set(PROJECT["project"]["optional-dependencies"])


def test_uv_installs_all_extras_by_default():
    (requirement,) = PROJECT["dependency-groups"]["dev"]
    assert Requirement(requirement).name == PROJECT["project"]["name"]
    assert Requirement(requirement).extras == set(PROJECT["project"]["optional-dependencies"])


def test_resolution_is_repeatable_without_a_lock_file():
    assert re.match(r"\d{4}-\d\d-\d\d", PROJECT["tool"]["uv"]["exclude-newer"])
    tracked = subprocess.run(["git", "ls-files", "uv.lock"], cwd=ROOT, capture_output=True, text=True)
    assert tracked.stdout == ""


def test_ci_runs_what_the_readme_says():
    readme, script = (ROOT / "README.md").read_text("utf-8"), (ROOT / ".ci/run").read_text("utf-8")
    for command in ("uv run pytest --nbval", "uv run pytest -m slow"):
        assert command in readme and command in script
    assert "    uv run jupyter lab notebooks/start-here.ipynb " in readme
    assert readme.count("\n    jupyter lab notebooks/start-here.ipynb\n") == 2  # venv and conda
    workflow = yaml.safe_load((ROOT / ".github/workflows/tests.yml").read_text("utf-8"))
    assert "bash .ci/run" in [step.get("run") for step in workflow["jobs"]["test"]["steps"]]


LIGHT = ["helpers", *(f"helpers.{name}" for name in ("course", "data", "gradients", "progress", "session", "training", "update", "writing"))]
LIGHT += ["helpers.checks.start_here", *(f"helpers.plots.{name}" for name in ("course_map", "explore", "figure", "text", "watch"))]
LIGHT += sorted(f"helpers.{path.parent.name}.{path.stem}" for path in (ROOT / "helpers").glob("*/lesson*.py"))


@pytest.mark.parametrize("module", LIGHT)
def test_import_is_light(module):
    code = f"import sys, {module}; print(sorted({{'tensorflow', 'keras', 'matplotlib', 'PIL', 'ipywidgets', 'nbgrader', 'pooch'}} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_session_does_not_override_what_the_user_set():
    code = (
        "import os; os.environ['OMP_NUM_THREADS'] = '3'; os.environ.pop('TF_CPP_MIN_LOG_LEVEL', None)\n"
        "from helpers import session; session.start()\n"
        "print(os.environ['OMP_NUM_THREADS'], os.environ['TF_CPP_MIN_LOG_LEVEL'])"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["3", "3"]


def test_tensorflow_gives_no_advice_on_tracing_and_still_warns_of_the_rest(caplog):
    session.start()
    for words in ("5 out of the last 5 calls to f triggered tf.function retracing. Tracing is expensive", "something else"):
        logging.getLogger("tensorflow").warning(words)
    assert caplog.messages == ["something else"]


@pytest.mark.parametrize("gpu, cards, hidden", [(False, "-1", [[], "GPU"]), (True, "0", None)])
def test_a_lesson_sees_no_gpu_and_training_may(monkeypatch, gpu, cards, hidden):
    """Whether TensorFlow is loaded before, as it may be on Colab, or after."""
    seen = []
    config = types.SimpleNamespace(set_visible_devices=lambda *what: seen.extend(what))
    monkeypatch.setitem(sys.modules, "tensorflow", types.SimpleNamespace(config=config))
    monkeypatch.setenv(session.CARDS, "0")
    session.start(gpu=gpu)
    assert os.environ[session.CARDS] == cards and (seen or None) == hidden
