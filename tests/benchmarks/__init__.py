"""Comparisons, run by a command of their own: uv run pytest -n 0 tests/benchmarks/bench_*.py; and what the records are made by."""

import datetime
import importlib.metadata
import json
import os
import platform

from helpers.grading.record import write_whole
from helpers.session import ONE_THREAD

os.environ.update(ONE_THREAD)  # before a record's command loads NumPy: on networks this small, two threads take up to ten times as long


def made_by(command, *packages):
    """Where a record's numbers come from: the command, the date, and the versions of Python, NumPy and other packages."""
    versions = {"python": platform.python_version(), **{name: importlib.metadata.version(name) for name in ("numpy", *packages)}}
    return {"command": command, "date": datetime.date.today().isoformat(), "versions": versions}


def write_record(path, record):
    """Write a record in one go: a run that is stopped leaves the old one as it was.

    Parameters
    ----------
    path : pathlib.Path
    record : dict
    """
    write_whole(path, (json.dumps(record, indent=1) + "\n").encode())
