"""A quiet, repeatable session, and the capture of what code writes while it runs."""

import collections
import contextlib
import ctypes
import io
import logging
import os
import sys
import tempfile
import warnings

#: One thread each for BLAS and TensorFlow. Small matrices gain nothing from more, and lose much
#: when another process wants the core. Read by the libraries when they load.
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
}

#: TensorFlow writes information to stderr, and nbgrader gives no points to a cell with stderr.
QUIET_TENSORFLOW = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",  # one order of summation, so one result
    "KERAS_BACKEND": "tensorflow",
}

#: Where nobody is watching this is set: training shows its last picture only, and widgets are left out.
STILL = "RNN_COURSE_STILL"


def still():
    """Whether everything is to be still, because nobody is watching; a kernel cannot know that by itself."""
    return bool(os.environ.get(STILL))


#: Which graphics cards CUDA shows: none in a lesson, whose numbers are the processor's. A GPU rounds to TF32 and may refuse to be repeatable.
CARDS = "CUDA_VISIBLE_DEVICES"


def start(gpu=False):
    """Prepare this process: one thread a library, no chatter, no GPU, the same result every run.

    Environment variables that are already set stay as they are. Where NumPy is loaded already
    (Colab), its BLAS is limited through threadpoolctl if that is installed. Where TensorFlow is loaded already, too, the GPU
    is hidden from it, unless it has used it.

    Parameters
    ----------
    gpu : bool
        Whether a GPU may be used, as by training that takes long and is not compared with anything.
    """
    if not gpu:
        _hide_gpu()
    for name, value in {**ONE_THREAD, **QUIET_TENSORFLOW}.items():
        os.environ.setdefault(name, value)
    if "numpy" in sys.modules:
        with contextlib.suppress(ImportError):  # not installed: slower, never wrong
            import threadpoolctl

            threadpoolctl.threadpool_limits(int(os.environ["OMP_NUM_THREADS"]))
    logging.getLogger("tensorflow").addFilter(_is_no_advice_on_tracing)
    keep_freed_memory()


def _is_no_advice_on_tracing(record):
    """TensorFlow counts how often models of all kinds are compiled in a process and then advises against it, even where each is another."""
    return "tf.function retracing" not in record.getMessage()


def _hide_gpu():
    os.environ[CARDS] = "-1"
    if "tensorflow" in sys.modules:
        with contextlib.suppress(RuntimeError):  # it has begun to use it: too late in this process
            sys.modules["tensorflow"].config.set_visible_devices([], "GPU")


def keep_freed_memory():
    """Have the C library keep freed arrays of up to 32 MB for the next ones, where it is glibc (Linux).

    Otherwise it gives their memory back to the system and fetches it again, page by page, at every training step.
    """
    with contextlib.suppress(OSError):  # another system: slower, never wrong
        libc = ctypes.CDLL("libc.so.6")
        for option, size in [(-3, 2**25), (-1, 2**28)]:  # M_MMAP_THRESHOLD, M_TRIM_THRESHOLD: mallopt(3)
            libc.mallopt(option, size)


#: Characters kept of what code writes to one stream: a loop that prints for ever must not fill the memory.
KEPT = 1_000_000


class Captured:
    """What code wrote: `stdout`, `stderr` (with file descriptor 2) and `warnings`, as text."""

    def __init__(self):
        self.stdout = ""
        self.stderr = ""
        self.warnings = []

    def text(self):
        """Everything in one string, for showing to the person who wrote the code; equal warnings once, with their number."""
        counted = collections.Counter(self.warnings)
        warned = [f"warning: {w}" + (f" ({times} times)" if times > 1 else "") for w, times in counted.items()]
        parts = [self.stdout, self.stderr, *warned]
        return "\n".join(part.rstrip("\n") for part in parts if part.strip())


@contextlib.contextmanager
def captured():
    """Collect stdout, stderr, warnings and file descriptor 2 while the block runs.

    Loggers and libraries that kept the notebook's own stream objects are caught as well.

    Yields
    ------
    Captured
        Filled when the block ends, also when it ends with an exception.
    """
    result = Captured()
    out, err = _Buffer(), _Buffer()
    with contextlib.ExitStack() as stack:
        stack.callback(_fill, result, out, err)
        stack.enter_context(_descriptor_2(err))
        for stream, buffer in ((sys.stdout, out), (sys.stderr, err)):
            stack.enter_context(_redirected_method(stream, buffer))
        caught = stack.enter_context(warnings.catch_warnings(record=True))
        warnings.simplefilter("always")
        stack.callback(lambda: result.warnings.extend(str(w.message) for w in caught))
        stack.enter_context(contextlib.redirect_stdout(out))
        stack.enter_context(contextlib.redirect_stderr(err))
        yield result


@contextlib.contextmanager
def quiet():
    """Silence an import that writes to stderr; the text is shown if the block fails."""
    with contextlib.ExitStack() as stack:
        log = stack.enter_context(captured())
        try:
            yield
        except Exception:  # after Ctrl-C there is nothing to explain
            stack.close()
            print(log.text())
            raise


class _Buffer(io.StringIO):
    """Keeps the beginning of what is written, also where the code it listens to closes it."""

    def write(self, text):
        super().write(text[: max(0, KEPT - self.tell())])
        return len(text)

    def close(self):
        """Stay readable."""


def _fill(result, out, err):
    result.stdout, result.stderr = out.getvalue(), err.getvalue()


@contextlib.contextmanager
def _descriptor_2(buffer):
    """Collect what compiled code writes to file descriptor 2."""
    try:
        saved = os.dup(2)
    except OSError:  # a process without a stderr has nothing to collect
        yield
        return
    with tempfile.TemporaryFile() as file:
        os.dup2(file.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(saved, 2)
            os.close(saved)
            file.seek(0)
            buffer.write(file.read(KEPT).decode("utf-8", "replace"))


@contextlib.contextmanager
def _redirected_method(stream, buffer):
    """Send `stream.write` to `buffer`, for those who kept a reference to the stream."""
    before = getattr(stream, "__dict__", {}).get("write")
    try:
        stream.write = buffer.write
    except AttributeError:  # a plain file: file descriptor 2 is watched already
        yield
        return
    try:
        yield
    finally:
        if before is not None:
            stream.write = before
        else:
            vars(stream).pop("write", None)


def reproducible(seed):
    """Make Keras, TensorFlow, NumPy's old global state and Python's `random` start from `seed`.

    Same machine, same result, every run; another machine may round differently.
    """
    with quiet():
        import keras
        import tensorflow

    keras.utils.set_random_seed(seed)
    tensorflow.config.experimental.enable_op_determinism()
