"""A learner keeps their work and fetches a newer course, by the command of the README."""

import shutil
import subprocess

import pytest

from helpers import update
from helpers.authoring import ROOT, lessons

FIRST, SECOND = (f"notebooks/{path.stem}/{path.name}" for path in lessons()[:2])
DOOR = "notebooks/start-here.ipynb"


def git(folder, *arguments):
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
    return subprocess.run(["git", "-C", folder, *identity, *arguments], check=True, capture_output=True, text=True).stdout


@pytest.fixture
def upstream(tmp_path):
    folder = tmp_path / "upstream"
    for place in (FIRST, SECOND, DOOR):
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / place, folder / place)
    shutil.copy(ROOT / ".gitignore", folder)
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "the course")
    return folder


@pytest.fixture
def clone(tmp_path, upstream, monkeypatch):
    """A learner's clone, which `update` takes for the course."""
    subprocess.run(["git", "clone", "-q", upstream, tmp_path / "clone"], check=True)
    monkeypatch.setattr(update, "ROOT", tmp_path / "clone")
    return tmp_path / "clone"


def newer(upstream, *places):
    """One newer commit upstream that touches these files."""
    for place in places:
        (upstream / place).write_text("newer", "utf-8")
    git(upstream, "add", "-A")
    git(upstream, "commit", "-q", "-m", "a newer course")


def read(folder, place):
    return (folder / place).read_text("utf-8")


def state(folder):
    """Every file outside git's own folder, with what it holds."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file() and ".git" not in p.parts}


def test_the_readme_and_the_front_door_name_the_command():
    assert "    uv run python -m helpers.update\n" in (ROOT / "README.md").read_text("utf-8")
    assert "uv run python -m helpers.update" in read(ROOT, DOOR)


def test_work_that_the_newer_course_replaces_moves_to_my_work(upstream, clone):
    for place in (FIRST, DOOR):
        (clone / place).write_text("mine", "utf-8")
    newer(upstream, FIRST, DOOR)
    lines = update.update()
    for place in (FIRST, DOOR):
        kept = f"notebooks/my-work/{place.split('/')[-1]}"
        assert read(clone, place) == "newer" and read(clone, kept) == "mine"
        assert f"Your version of {place} is now {kept}" in lines
    assert git(clone, "status", "--porcelain") == ""


def test_work_that_the_newer_course_does_not_touch_stays_where_it_is(upstream, clone):
    (clone / SECOND).write_text("mine", "utf-8")
    newer(upstream, FIRST)
    assert update.update() == ["The course is up to date."]
    assert read(clone, FIRST) == "newer" and read(clone, SECOND) == "mine"
    assert not (clone / "notebooks/my-work").exists()


def test_earlier_copies_are_never_overwritten(upstream, clone):
    for number in (1, 2, 3):
        (clone / FIRST).write_text(f"mine {number}", "utf-8")
        (upstream / FIRST).write_text(f"newer {number}", "utf-8")
        git(upstream, "commit", "-q", "-a", "-m", "newer")
        update.update()
    kept = sorted((clone / "notebooks/my-work").iterdir())
    assert [path.read_text("utf-8") for path in kept] == ["mine 2", "mine 3", "mine 1"]  # -2, -3, then the plain name


def test_staged_and_deleted_notebooks_do_not_stand_in_the_way(upstream, clone):
    (clone / FIRST).write_text("mine", "utf-8")
    git(clone, "add", FIRST)
    (clone / SECOND).unlink()
    newer(upstream, FIRST, SECOND)
    update.update()
    assert read(clone, FIRST) == read(clone, SECOND) == "newer"
    assert read(clone, f"notebooks/my-work/{FIRST.split('/')[-1]}") == "mine"


def test_nothing_to_fetch_changes_nothing(clone):
    (clone / FIRST).write_text("mine", "utf-8")
    before = state(clone)
    assert update.update() == ["The course is up to date already."]
    assert state(clone) == before


def test_where_git_refuses_everything_is_as_it_was(upstream, clone):
    """An untracked file of the learner's has the name of a new lesson's."""
    new = "notebooks/99-new/99-new.ipynb"
    for folder in (upstream, clone):
        (folder / new).parent.mkdir()
    (clone / new).write_text("mine too", "utf-8")
    (clone / FIRST).write_text("mine", "utf-8")
    newer(upstream, FIRST, new)
    before = state(clone)
    with pytest.raises(update.Refused, match="everything is as it was") as refused:
        update.update()
    assert "99-new" in str(refused.value)
    assert state(clone) == before


def test_commits_of_ones_own_are_said_and_kept(upstream, clone):
    (clone / FIRST).write_text("mine, committed", "utf-8")
    git(clone, "commit", "-q", "-a", "-m", "mine")
    newer(upstream, FIRST)
    before = state(clone)
    with pytest.raises(update.Refused, match="could not move on to origin/main"):
        update.update()
    assert state(clone) == before


@pytest.mark.parametrize("command, words", [
    (["remote", "set-url", "origin", "no/such/place"], "Are you online?"),
    (["switch", "-q", "--detach"], "follows none"),
])
def test_says_what_is_missing(clone, command, words):
    git(clone, *command)
    with pytest.raises(update.Refused, match=words.replace("?", r"\?")):
        update.update()


def test_outside_git_it_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    monkeypatch.setattr(update, "ROOT", tmp_path)
    with pytest.raises(update.Refused, match="no git clone"):
        update.update()


def test_on_the_command_line_a_refusal_is_a_line_not_a_traceback(clone, capsys):
    git(clone, "switch", "-q", "--detach")
    with pytest.raises(SystemExit, match="git switch main"):
        update.main([])
