"""`pytest --nbval` in this course compares strictly and notices a dead kernel."""

import subprocess
import sys

import nbformat
import pytest

from helpers.authoring import ROOT

PASSING = {
    "equal": ("print(1)", "1\n"),
    "environment": (
        "import os, sys; print(os.environ['OMP_NUM_THREADS'], os.environ['TF_NUM_INTRAOP_THREADS'], sys.prefix)",
        f"1 1 {sys.prefix}\n",
    ),
}
PICTURE = "from IPython.display import display; display({{'text/html': '{html}', 'image/svg+xml': '<svg>{html}</svg>', 'text/plain': '{words}'}}, raw=True)"
STORED = {"text/html": "<b>stored</b>", "image/svg+xml": "<svg><b>stored</b></svg>", "text/plain": "Figure: words"}
PASSING["other_html"] = (PICTURE.format(html="<i>other</i>", words="Figure: words"), STORED)
PASSING["still"] = ("from helpers import session; print(session.still())", "True\n")
FAILING = {
    "other_words_of_a_picture": (PICTURE.format(html="<b>stored</b>", words="Figure: others"), STORED),
    "another_output": ("print(2)", "1\n"),
    "more_output": ("print(1); print(1)", "1\n"),
    "stderr": ("import sys; print(1); print(1, file=sys.stderr)", "1\n"),
    "dead_kernel": ("import os; os._exit(1)", ""),
}


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    """One run of pytest over a notebook for each case."""
    folder = tmp_path_factory.mktemp("nbval")
    for name, (source, stored) in {**PASSING, **FAILING}.items():
        if isinstance(stored, dict):
            outputs = [nbformat.v4.new_output("display_data", data=stored)]
        else:
            outputs = [nbformat.v4.new_output("stream", text=stored)] if stored else []
        cell = nbformat.v4.new_code_cell(source, execution_count=1, outputs=outputs)
        nbformat.write(nbformat.v4.new_notebook(cells=[cell]), folder / f"{name}.ipynb")
    command = [sys.executable, "-m", "pytest", "-p", "conftest", "--nbval", "-n", "0", "-rA", "-c", ROOT / "pyproject.toml"]
    return subprocess.run([*command, folder], cwd=ROOT, capture_output=True, text=True, timeout=240).stdout


@pytest.mark.parametrize("name", [*PASSING, *FAILING])
def test_passes_what_is_equal_and_nothing_else(result, name):
    verdict = "PASSED" if name in PASSING else "FAILED"
    assert f"{verdict} {name}.ipynb::Cell 0" in result, result


def test_a_dead_kernel_is_named_at_once(result):
    assert "the kernel died while it ran this cell" in result
    assert "Timeout" not in result
