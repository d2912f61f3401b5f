"""A learner keeps their work and pulls a newer course, by the commands of the README."""

import re
import shutil
import subprocess

import pytest

from helpers.authoring import ROOT, lessons

LESSON = lessons()[0].stem
WORK = f"notebooks/{LESSON}/{LESSON}.ipynb"


def git(folder, *arguments):
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
    return subprocess.run(["git", "-C", folder, *identity, *arguments], check=True, capture_output=True, text=True).stdout


def readme_commands(first):
    """The indented commands of the README's block that begins with `first`."""
    text = (ROOT / "README.md").read_text("utf-8")
    block = re.search(rf"(?:^    .*\n)*^    {re.escape(first)}.*\n(?:^    .*\n)*", text, re.MULTILINE).group()
    return [line.strip() for line in block.splitlines()]


def run(folder, command):
    subprocess.run(["bash", "-c", command], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def clone(tmp_path):
    """A learner's clone, and one newer commit upstream that changes the lesson."""
    upstream = tmp_path / "upstream"
    (upstream / WORK).parent.mkdir(parents=True)
    shutil.copy(ROOT / WORK, upstream / WORK)
    shutil.copy(ROOT / ".gitignore", upstream)
    git(upstream, "init", "-q", "-b", "main")
    git(upstream, "add", "-A")
    git(upstream, "commit", "-q", "-m", "the course")
    subprocess.run(["git", "clone", "-q", upstream, tmp_path / "clone"], check=True)
    (upstream / WORK).write_text((upstream / WORK).read_text("utf-8").replace("# 01 ·", "# 01, newer ·"), "utf-8")
    git(upstream, "commit", "-q", "-a", "-m", "a newer course")
    return tmp_path / "clone"


def test_a_copy_in_my_work_survives_a_pull(clone):
    for command in readme_commands("mkdir -p notebooks/my-work"):
        run(clone, command)
    mine = clone / "notebooks" / "my-work" / f"{LESSON}.ipynb"
    mine.write_text("my work", "utf-8")
    assert git(clone, "status", "--porcelain") == ""
    git(clone, "pull", "-q")
    assert mine.read_text("utf-8") == "my work"
    assert "01, newer" in (clone / WORK).read_text("utf-8")


def test_work_in_the_lessons_own_file_is_saved_first(clone):
    (clone / WORK).write_text("my work", "utf-8")
    run(clone, "mkdir -p notebooks/my-work")
    commands = readme_commands("git checkout -- notebooks")
    assert commands[-1] == "git pull"
    for command in commands:
        run(clone, command)
    assert (clone / "notebooks" / "my-work" / f"{LESSON}.ipynb").read_text("utf-8") == "my work"
    assert "01, newer" in (clone / WORK).read_text("utf-8")
