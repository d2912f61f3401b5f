"""pytest's settings that cannot stand in pyproject.toml: threads, and kernels that die."""

import os
import signal
import time
from queue import Empty

import pytest

from helpers.session import ONE_THREAD, QUIET_TENSORFLOW, STILL

# Before NumPy or TensorFlow load, here, in the workers and in the kernels they start.
os.environ.update(ONE_THREAD)
os.environ.update(QUIET_TENSORFLOW)
os.environ[STILL] = "1"  # nobody watches: the kernels of nbval show still pictures, as they are stored
# A shell that starts a job in the background has it ignore SIGINT, and so would all that tests start and interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)
# Kernels import TensorFlow; without cached bytecode that takes several times as long.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


# Two workers end together only if what takes minutes begins first.
LONGEST_FIRST = (
    "test_proofs.py", "test_grading_run.py", "test_grading_hostile.py", "test_grades.py", "solutions", "test_training.py",
    "test_course.py", "test_colab.py",
)


def pytest_collection_modifyitems(items):
    def place(item):
        return next((i for i, part in enumerate(LONGEST_FIRST) if part in item.path.parts), len(LONGEST_FIRST))

    items.sort(key=place)
    for item in items:
        if hasattr(item, "output_timeout"):  # nbval: a cell's output may come seconds after its reply
            item.output_timeout = 60


def pytest_configure(config):
    if config.pluginmanager.hasplugin("nbval") or config.pluginmanager.hasplugin("nbval.plugin"):
        _notice_dead_kernels()
        _leave_pictures_to_their_own_tests()


def _leave_pictures_to_their_own_tests():
    """nbval compares HTML and SVG byte for byte; tests/test_notebooks.py reads them instead."""
    from nbval.plugin import IPyNbFile

    begin = IPyNbFile.__init__

    def __init__(self, *args, **kwargs):
        begin(self, *args, **kwargs)
        self.skip_compare = (*self.skip_compare, "text/html", "image/svg+xml")

    IPyNbFile.__init__ = __init__


def _notice_dead_kernels():
    """nbval waits for a dead kernel until the cell's time is up; look every second instead."""
    from nbval.kernel import RunningKernel

    waits = RunningKernel.get_message

    def get_message(self, stream, timeout=None):
        end = time.monotonic() + timeout if timeout is not None else None
        while True:
            try:
                return waits(self, stream, timeout=1 if end is None else max(0, min(1, end - time.monotonic())))
            except Empty:
                if end is not None and time.monotonic() >= end:
                    raise
                if not self.is_alive():
                    pytest.fail("the kernel died while it ran this cell", pytrace=False)

    RunningKernel.get_message = get_message
