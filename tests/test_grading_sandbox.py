"""Where there is no sandbox nothing is graded, and the words say what to do; --no-sandbox says what it costs, and grades."""

import json
import os
import subprocess
import sys

import pytest

from helpers.grading import check, run, sandbox
from tests import hostile
from tests.course import solution, to_bytes


@pytest.fixture
def without_bubblewrap(monkeypatch, tmp_path):
    """A search path with no bubblewrap on it."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def test_without_bubblewrap_it_says_what_to_install(without_bubblewrap):
    assert "apt-get install bubblewrap" in sandbox.explain()
    with pytest.raises(sandbox.SandboxError, match="bubblewrap is not installed"):
        sandbox.Sandbox([], [])


def test_where_bubblewrap_has_no_rights_it_says_so(without_bubblewrap):
    program = without_bubblewrap / "bwrap"
    program.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
    program.chmod(0o755)
    assert "No permissions to create new namespace" in sandbox.explain() and "user namespaces must be allowed" in sandbox.explain()
    with pytest.raises(sandbox.SandboxError, match="No permissions to create new namespace"):
        sandbox.Sandbox([], [])


def test_the_command_grades_nothing_without_a_sandbox(without_bubblewrap, tmp_path, capsys, monkeypatch):
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n")
    monkeypatch.chdir(tmp_path)
    assert run.main(["--course-dir", str(tmp_path)]) == 2
    assert "bubblewrap is not installed" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["nbgrader_config.py"]


def test_a_folder_that_is_no_course_is_named(tmp_path, capsys):
    assert run.main(["--course-dir", str(tmp_path)]) == 2
    assert "is no course: it has no nbgrader_config.py" in capsys.readouterr().err


def test_without_protection_the_grades_are_the_same_and_the_checks_stay_apart(without_bubblewrap):
    """An answer that patches all it can reach finds no check to patch; and nothing it started goes on."""
    attack = hostile.RIGHT + (
        "import helpers.checks.report as r\nr.Report.points = property(lambda self: 99)\n"
        "import os, time\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(600 + 0.25)\n    os._exit(0)\n"
    )
    try:
        for build, expected in [(lambda: to_bytes(solution(hostile.LESSON)), 43), (hostile.put(encode=attack), 3)]:
            task = json.loads(hostile.task(build()))
            result = json.loads(check.grade(json.dumps(task | {"protected": False}).encode()))
            assert sum(result["scores"].values()) == expected, result
    finally:
        check.close()
    listed = subprocess.run([sys.executable, "-c", LIST], capture_output=True, text=True, check=True)
    assert str(os.getpid()) not in listed.stdout.split()


#: The parents of all processes that the engine's untrusted side has left.
LIST = """
import pathlib
for path in pathlib.Path("/proc").glob("[0-9]*"):
    try:
        if b"\\0helpers.grading.student\\0" in (path / "cmdline").read_bytes():
            print((path / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        pass
"""
