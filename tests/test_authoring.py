"""The author's command: what it writes into notebooks, what it keeps of them, and how a copy is published."""

import shutil
import subprocess
import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from helpers import authoring
from tests import checkout

LESSON = authoring.lessons()[0]


class TestNormalise:
    def cell(self, tags, **metadata):
        nb = new_notebook(cells=[new_code_cell("#@title Claims\n1", id="a", metadata={"tags": tags, **metadata})])
        authoring.normalise(nb)
        return nb.cells[0]

    def test_claims_are_folded(self):
        assert self.cell(["claims"]).metadata == {"tags": ["claims"], "jupyter": {"source_hidden": True}, "cellView": "form"}

    def test_other_cells_are_not(self):
        marks = {"jupyter": {"source_hidden": True, "outputs_hidden": True}, "cellView": "form", "scrolled": True}
        assert self.cell(["demo"], **marks).metadata == {"tags": ["demo"]}

    def test_widgets_leave_nothing(self):
        widget = {"application/vnd.jupyter.widget-view+json": {"model_id": "1"}, "text/plain": "IntSlider()"}
        cell = new_code_cell("x", id="a", metadata={"tags": ["demo"]}, outputs=[
            new_output("display_data", {"text/plain": "the still picture"}), new_output("display_data", widget),
        ])
        nb = new_notebook(cells=[cell], metadata={"widgets": {"state": {}}})
        authoring.normalise(nb)
        assert nb.metadata == {"kernelspec": authoring.KERNEL}
        assert [output.data for output in nb.cells[0].outputs] == [{"text/plain": "the still picture"}]


class TestInsert:
    def test_writing_twice_is_writing_once(self):
        for path in [authoring.front_door(), *authoring.lessons()]:
            nb = nbformat.read(path, as_version=4)
            authoring.insert(nb, path.stem)
            once = authoring.text(nb)
            authoring.insert(nb, path.stem)
            assert authoring.text(nb) == once

    def test_a_fold_that_is_out_of_date_is_replaced(self):
        nb = nbformat.read(LESSON, as_version=4)
        before = authoring.text(nb)
        for cell in nb.cells:
            cell.source = cell.source.replace("in a cell of its own", "somewhere")
        assert authoring.text(nb) != before
        authoring.insert(nb, LESSON.stem)
        assert authoring.text(nb) == before

    @pytest.mark.parametrize("name, missing", [(LESSON.stem, "colab or setup"), ("start-here", "colab or lessons or setup")])
    def test_a_notebook_without_the_cells_is_named(self, name, missing):
        with pytest.raises(SystemExit, match=f"{name}: no cell has the id {missing}"):
            authoring.insert(new_notebook(cells=[new_markdown_cell("# x", id="title")]), name)

    def test_before_it_is_published_a_copy_says_why_there_is_no_colab(self, monkeypatch):
        facts = authoring.project() | {"url": "https://github.com/OWNER/x", "repository": "OWNER/x", "published": False}
        monkeypatch.setattr(authoring, "project", lambda: facts)
        for path in (authoring.front_door(), LESSON):
            nb = nbformat.read(path, as_version=4)
            authoring.insert(nb, path.stem)
            text = "".join(cell.source for cell in nb.cells if cell.cell_type == "markdown")
            assert text.count(authoring.NO_COLAB) == 1 and "OWNER" not in text and "colab.research" not in text


ADDRESSES = [
    "https://github.com/a-fork/the.course", "https://github.com/a-fork/the.course.git", "https://github.com/a-fork/the.course/",
    "https://name@github.com/a-fork/the.course.git", "git@github.com:a-fork/the.course.git", "ssh://git@github.com/a-fork/the.course.git",
]


@pytest.mark.parametrize("remote", ADDRESSES)
def test_a_github_repository_has_one_web_address(remote):
    assert authoring.web_address(remote) == "https://github.com/a-fork/the.course"


@pytest.mark.parametrize("remote", [
    "https://gitlab.com/a/b", "/srv/git/course.git", "git@host:b.git", "https://github.com/a", "https://github.com.evil.example/a/b",
    "https://github.com/OWNER/rnn-course", "https://github.com/a/b\"\nx",
])
def test_an_address_that_colab_cannot_open_is_refused(remote):
    with pytest.raises(SystemExit, match="github.com only"):
        authoring.web_address(remote)


def git(folder, *arguments):
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
    return subprocess.run(["git", "-C", folder, *identity, *arguments], check=True, capture_output=True, text=True).stdout


def publish(folder):
    return subprocess.run(
        [sys.executable, "-m", "helpers.authoring", "--publish"], cwd=folder, capture_output=True, text=True,
    )


@pytest.fixture
def fork(tmp_path):
    """A clean clone whose origin is on GitHub, and where what is pushed there really goes."""
    folder, remote = tmp_path / "fork", tmp_path / "remote.git"
    checkout.copy(folder)
    subprocess.run(["git", "init", "-q", "--bare", remote], check=True)
    git(folder, "init", "-q", "-b", "main")
    for name, value in [("user.name", "test"), ("user.email", "test@example.org"), (f"url.{remote.as_uri()}.pushInsteadOf", "https://github.com/a-fork/the-course")]:
        git(folder, "config", name, value)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "the course")
    git(folder, "remote", "add", "origin", "https://github.com/a-fork/the-course")
    return folder


def state(folder):
    return git(folder, "rev-parse", "HEAD"), git(folder, "status", "--porcelain"), git(folder, "tag")


class TestPublish:
    def test_a_copy_publishes_itself(self, fork, tmp_path):
        run = publish(fork)
        tag = authoring.project()["tag"]
        assert run.returncode == 0, run.stderr
        assert run.stdout.splitlines()[-1].endswith(f"git push origin HEAD {tag}")
        assert git(fork, "status", "--porcelain") == ""
        git(fork, "push", "-q", "origin", "HEAD", tag)
        subprocess.run(["git", "clone", "-q", "--branch", tag, tmp_path / "remote.git", tmp_path / "got"], check=True)
        for path in [authoring.front_door(), *authoring.lessons()]:
            place = authoring.released(path).relative_to(authoring.ROOT)
            text = (tmp_path / "got" / place).read_text("utf-8")
            assert f"https://colab.research.google.com/github/a-fork/the-course/blob/{tag}/{place.as_posix()}" in text
            assert f'COURSE, VERSION = \\"https://github.com/a-fork/the-course\\", \\"{tag}\\"' in text
            assert "OWNER/rnn-course" not in text and "once this copy of the course is published" not in text
        lesson = (tmp_path / "got" / "notebooks" / LESSON.stem / LESSON.name).read_text("utf-8")
        assert f"https://github.com/a-fork/the-course/blob/{tag}/solutions/{LESSON.stem}/{LESSON.name}" in lesson
        # Again: the tag is there. With another version: goes on.
        before = state(fork)
        again = publish(fork)
        assert again.returncode == 1 and f"The tag {tag} is there already" in again.stderr and state(fork) == before

    @pytest.mark.parametrize("change, words", [
        (["remote", "remove", "origin"], "There is no address yet"),
        (["remote", "set-url", "origin", "https://gitlab.com/a/b"], "github.com only"),
        (["rm", "-q", "--cached", "LICENSE"], "not committed"),
        (["tag", authoring.project()["tag"]], "is there already"),
    ])
    def test_it_refuses_in_words_and_changes_nothing(self, fork, change, words):
        git(fork, *change)
        before = state(fork)
        run = publish(fork)
        assert run.returncode == 1 and words in run.stderr and "Traceback" not in run.stderr
        assert state(fork) == before

    def test_files_that_git_does_not_know_are_not_published_by_accident(self, fork):
        shutil.copy(fork / "LICENSE", fork / "notes.txt")
        run = publish(fork)
        assert run.returncode == 1 and "not committed" in run.stderr
