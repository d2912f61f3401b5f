"""Comparisons, run by a command of their own: uv run pytest -n 0 tests/benchmarks/bench_*.py; and what the records are made by."""

import json
import os

from helpers.grading.record import write_whole
from helpers.session import ONE_THREAD

os.environ.update(ONE_THREAD)  # before a record's command loads NumPy: on networks this small, two threads take up to ten times as long


def write_record(path, record):
    """Write a record in one go: a run that is stopped leaves the old one as it was.

    Parameters
    ----------
    path : pathlib.Path
    record : dict
    """
    write_whole(path, (json.dumps(record, indent=1) + "\n").encode())
