"""The files of this checkout, as a commit of it would hold them."""

import shutil
import subprocess

from helpers.authoring import ROOT


def copy(folder, without=()):
    """Copy what git tracks, and what it would add, into `folder`.

    Parameters
    ----------
    folder : pathlib.Path
    without : tuple of str
        Beginnings of paths to leave out.
    """
    listed = subprocess.run(
        ["git", "ls-files", "-coz", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file() and not name.startswith(tuple(without)):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
