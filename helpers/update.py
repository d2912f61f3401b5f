"""Fetch the newer course, and lose nothing of one's own work.

    uv run python -m helpers.update

A lesson that you changed and the newer course changes too moves to notebooks/my-work/ before the new one takes its
place; every other file stays as you left it. Where something goes wrong, everything is as it was.
"""

import argparse
import shutil
import subprocess
import sys

from helpers.course import ROOT

MY_WORK = "notebooks/my-work"


class Refused(Exception):
    """The course cannot be updated; the message says why and what to do."""


def update():
    """Bring the course up to date.

    Returns
    -------
    list of str
        What was done, a line each.

    Raises
    ------
    Refused
        If there is nothing to fetch from, or git refuses; nothing has changed then.
    """
    _git("rev-parse", "--git-dir", why="This folder is no git clone, so there is nothing to fetch from. Clone the course, and copy your notebooks over.")
    upstream = _git("rev-parse", "--abbrev-ref", "@{upstream}", why="This branch follows none, so git does not know where the newer course is. Try `git switch main`.").strip()
    _git("fetch", "--quiet", why="The newer course could not be fetched. Are you online?")
    newer = set(_git("diff", "--name-only", "--no-renames", "-z", "HEAD...@{upstream}").split("\0")) - {""}
    if not newer:
        return ["The course is up to date already."]
    mine = set(_git("diff", "--name-only", "--no-renames", "-z", "HEAD").split("\0")) - {""}
    aside = sorted(place for place in mine & newer if place.startswith("notebooks/"))
    copies = {place: _keep(place) for place in aside if (ROOT / place).is_file()}
    try:
        if aside:
            _git("checkout", "HEAD", "--", *aside, why="Git could not put the released notebooks back.")
        _git("merge", "--ff-only", "--quiet", "@{upstream}", why=f"Git could not move on to {upstream}, and everything is as it was.")
    except Refused:
        for place, copy in copies.items():
            shutil.copy2(copy, ROOT / place)
            copy.unlink()
        raise
    lines = [f"Your version of {place} is now {copy.relative_to(ROOT).as_posix()}" for place, copy in copies.items()]
    if "pyproject.toml" in newer:
        lines.append("The list of packages may have changed: uv sees to it; with pip, run `pip install -e \".[learner]\"` again.")
    return [*lines, "The course is up to date."]


def _keep(place):
    """Copy a notebook to my-work, under a name that is free; return the copy's path."""
    source = ROOT / place
    folder = ROOT / MY_WORK
    folder.mkdir(parents=True, exist_ok=True)
    number, copy = 1, folder / source.name
    while copy.exists():
        number += 1
        copy = folder / f"{source.stem}-{number}{source.suffix}"
    return shutil.copy2(source, copy)


def _git(*arguments, why="Git failed."):
    """What git prints; `Refused` with `why` and git's own words where it fails."""
    try:
        run = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, encoding="utf-8", errors="replace")
    except FileNotFoundError:
        raise Refused("Git is not installed, or not on the PATH: see https://git-scm.com.") from None
    if run.returncode:
        raise Refused(f"{why}\n{run.stderr.strip()}".strip())
    return run.stdout


def main(argv=None):
    """Command line: `python -m helpers.update`."""
    argparse.ArgumentParser(prog="python -m helpers.update", description=__doc__.split("\n")[0]).parse_args(argv)
    try:
        print("\n".join(update()))
    except Refused as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    main()
