"""Submissions that cheat, break or flood, for the tests of grading: each with the outcome that it must have.

All are lesson 02's, whose sandbox starts in a second. A row puts code into the cells of named exercises, or changes the
notebook, or is a file of its own kind. The code never runs outside the sandbox; every bomb in it is bounded.
"""

import copy
import dataclasses
import json
import textwrap

import nbformat
import numpy as np
from nbformat.v4 import new_code_cell

from helpers.checks import lesson02
from helpers.grading import check
from tests import course

LESSON = "02-rnn-language-model"
#: Where a Keras model may be an answer.
KERAS_LESSON = "05-keras-simple-rnn"
PRIVATE_NUMBER = "4711-tell-nobody-1174"

#: Of every submission here unless its row says otherwise: CPU seconds of a cell and of the whole, seconds by the clock, bytes, processes.
LIMITS = {"cell": 2.0, "whole": 30.0, "wall": 300.0, "memory": 300 * 2**20, "processes": 16, "tasks": 64}

#: What the worked solution of each exercise earns.
POINTS = {"encode": 3, "decode": 2, "letter_costs": 3, "log_softmax": 4, "bits_per_character": 5, "fit_ngram": 6, "forward": 6, "bigram_weights": 3, "sample": 4, "write": 4}


@dataclasses.dataclass
class Row:
    """One submission and what must come of it.

    Attributes
    ----------
    id : str
    build : callable
        Gives the file, as bytes.
    earned : dict of str to float
        Points by exercise; all others earn nothing.
    problem, flags, limits : str or None
        Words that must be there; "" where nothing may be there, None where anything may.
    task : dict
        Limits of its own.
    says : str
        Words that must be in the reports: the attack did take place, and this is what came of it.
    lesson : str
    """

    id: str
    build: object
    earned: dict = dataclasses.field(default_factory=dict)
    problem: str = ""
    flags: str = ""
    limits: str = ""
    task: dict = dataclasses.field(default_factory=dict)
    says: str = ""
    lesson: str = LESSON


def task(submission, limits=None, lesson=LESSON):
    """What `check.grade` takes."""
    cells = [cell for cell in course.solution(lesson).cells if cell.metadata.get("nbgrader", {}).get("grade")]
    checks = {cell.metadata.nbgrader.grade_id: cell.source for cell in cells}
    release = nbformat.writes(course.release(lesson))
    return check.task(lesson, submission, release, checks, PRIVATE_NUMBER, limits=LIMITS | (limits or {}))


def grade(submission, limits=None):
    """The result, read."""
    return json.loads(check.grade(task(submission, limits)))


def solved(name):
    """The worked solution's cell of an exercise."""
    (cell,) = [cell for cell in course.solution(LESSON).cells if grade_id(cell) == name]
    return cell.source


def grade_id(cell):
    return cell.metadata.get("nbgrader", {}).get("grade_id")


def notebook(lesson=LESSON, **cells):
    """The release with code in the cells of named exercises."""
    nb = course.release(lesson)
    for cell in nb.cells:
        if grade_id(cell) in cells:
            cell.source = textwrap.dedent(cells.pop(grade_id(cell)))
    assert not cells, f"no such cells: {sorted(cells)}"
    return nb


def saved(nb):
    """The notebook as a file, whatever is in it."""
    return json.dumps(nb).encode()


def put(**cells):
    """A builder: as `notebook`."""
    return lambda: saved(notebook(**cells))


def changed(change, **cells):
    """A builder: the notebook, after `change(nb)`."""

    def build():
        nb = notebook(**cells)
        return saved(change(nb) or nb)

    return build


def added(code, after="imports", **cells):
    """A builder: the notebook with a code cell of the student's own."""

    def change(nb):
        place = [grade_id(cell) for cell in nb.cells].index(after)
        nb.cells.insert(place + 1, new_code_cell(textwrap.dedent(code)))

    return changed(change, **cells)


RIGHT, DECODE = solved("encode"), solved("decode")
WRONG = "def encode(text, vocabulary):\n    return None\n"


# ---- answers that are not earned

UNEARNED = [
    Row("a score printed as nan, -1 and 1e9 in place of a check", changed(
        lambda nb: [cell.update(source=f"print({score}); {score}") for cell, score in zip(
            (c for c in nb.cells if (grade_id(c) or "").startswith("check-")), ["float('nan')", "-1", "1e9"])] and None
    ), flags="check-encode was changed"),
    Row("asserts, equality and NumPy's own tests patched", put(encode=f"""
import unittest.mock, numpy.testing, builtins, operator
for name in [n for n in dir(np.testing) if n.startswith("assert")]:
    setattr(np.testing, name, lambda *a, **k: None)
np.array_equal = np.allclose = np.isclose = np.array_equiv = lambda *a, **k: True
np.linalg.norm = lambda *a, **k: 0.0
operator.eq = builtins.all = lambda *a: True
{WRONG}"""), says="no return statement"),
    Row("the checks' modules patched where the student can see them", put(encode=f"""
import helpers.checks.report as r, helpers.checks.values as v, helpers.checks.calling as c, helpers.gradients as g
r.Report.points = property(lambda self: self.max_points)
r.Report.passed = property(lambda self: True)
v.difference = lambda *a, **k: None
g.relative_error = lambda *a: 0.0
c.Outcome.kind = "ok"
checks.encode = lambda *a, **k: r.Report("encode", [r.Criterion("all", 3, "passed")])
{WRONG}"""), says="no return statement"),
    Row("hooks of IPython: displayhook, input and AST transformers, events, a new run_cell", put(encode=f"""
import ast, sys
shell = get_ipython()
shell.input_transformers_cleanup.append(lambda lines: ["report = 3\\n", "report\\n"] if any("checks." in l for l in lines) else lines)
class Full(ast.NodeTransformer):
    def visit_Expr(self, node):
        return ast.copy_location(ast.Expr(ast.Constant(3)), node)
shell.ast_transformers.append(Full())
shell.events.register("pre_run_cell", lambda *a: shell.user_ns.update(report=3))
sys.displayhook = lambda value: print(3)
{WRONG}"""), says="no return statement"),
    Row("an object that is equal to everything", put(encode="""
class Equal(str):
    shape, dtype, ndim, size = (12,), np.dtype(np.int64), 1, 12
    __eq__ = lambda self, other: True
    __ne__ = lambda self, other: False
    __hash__ = lambda self: 0
    __getattr__ = lambda self, name: Equal()
    __call__ = lambda self, *a, **k: Equal()
def encode(text, vocabulary):
    return Equal()
"""), says="returned"),
    Row("a subclass of ndarray that is equal to everything", put(encode="""
class Equal(np.ndarray):
    __array_priority__ = 1e9
    __eq__ = lambda self, other: np.full(self.shape, True)
    __ne__ = lambda self, other: np.full(self.shape, False)
    __array_ufunc__ = lambda self, *a, **k: np.zeros(self.shape)
    __array_function__ = lambda self, *a, **k: True
def encode(text, vocabulary):
    return np.zeros(len(text), np.int64).view(Equal)
"""), says="returned"),
    Row("an array of objects that are equal to everything, where the student's own side lets it through", put(encode="""
import helpers.checks.values as v
v.not_plain = lambda value: None
class Equal:
    __eq__ = lambda self, other: True
    __ne__ = lambda self, other: False
def encode(text, vocabulary):
    return np.array([Equal() for _ in text], dtype=object)
"""), says="returned"),
    Row("a function that answers with an exception of every name", put(encode="""
class ValueError(KeyError, LookupError):
    __str__ = lambda self: "0 1 2 3 anything"
def encode(text, vocabulary):
    raise ValueError
"""), says="ValueError: 0 1 2 3"),
    Row("values that compare strangely: nan, -0.0, float16, 0-d, huge numbers, time spans", put(
        encode="def encode(text, vocabulary):\n    return np.array([np.timedelta64(0)] * len(text))",
        decode="def decode(ids, vocabulary):\n    return np.str_('a' * 10**6)",
        log_softmax="def log_softmax(logits):\n    return np.full(logits.shape, np.nan, np.float16)",
        bits_per_character="def bits_per_character(logits, targets, mask):\n    return np.timedelta64(3, 's')",
        fit_ngram="def fit_ngram(texts, n, vocabulary, add):\n    return {float('nan'): -0.0, True: 16 ** 300_000, (1, (2,)): None}",
        forward="def forward(ids, h_0, weights):\n    return np.array(1e308), np.zeros((2**40, 0))",
        sample="def sample(logits, rng):\n    return np.zeros(len(logits), 'M8[s]')",
    ), says="the timedelta64"),
    Row("keys that are numbers of a million digits", put(
        fit_ngram="def fit_ngram(texts, n, vocabulary, add):\n    return {16 ** 300_000: np.ones(3)}",
    ), says="a whole number of more than 4000 bits"),
    Row("a network that gives no states worth the name, and the output bias for logits", put(forward="""
def forward(ids, h_0, weights):
    h = np.full((*ids.shape, h_0.shape[1]), 1e-300)
    return np.zeros((*ids.shape, 1)) + weights["b_y"], h
"""), says="the values differ"),
    Row("a message that holds every character and every position", put(encode=f"""
{RIGHT}
right = encode
def encode(text, vocabulary):
    try:
        return right(text, vocabulary)
    except ValueError:
        raise ValueError(" ".join(map(repr, "é%#Z\\t\\r漢ß")) + " ".join(map(str, range(60)))) from None
"""), {"encode": 2}, says="message does not contain"),
    Row("a Keras model under an exercise's name: nothing may call it on the grader's side", put(encode="""
grader = get_ipython()._showtraceback.__globals__
kind, pack = grader["_kind"], grader["channel"]._pack
MODEL = {"module": "keras", "class_name": "Sequential", "registered_name": None, "config": {"name": "m", "layers": [
    {"module": "keras.layers", "class_name": "InputLayer", "config": {"batch_shape": [None, 2], "dtype": "float32", "name": "i"},
     "registered_name": None}]}}
class Forged:
    pass
grader["_kind"] = lambda thing: "plain" if isinstance(thing, Forged) else kind(thing)
grader["channel"]._pack = lambda v, arrays, depth: ["model", MODEL, [], []] if isinstance(v, Forged) else pack(v, arrays, depth)
encode = Forged()
"""), flags="Keras model", limits=None),
    Row("an exercise that is deleted, one that is a number, one that is a class", put(
        encode=f"{RIGHT}\ndel encode", decode="decode = 3", log_softmax="class log_softmax:\n    pass",
    ), says="it is the int 3"),
    Row("claims in the notebook's own data: full marks stored, checks unlocked, exercises worth a million", changed(
        lambda nb: [cell.update(
            metadata={"nbgrader": dict(cell.metadata.nbgrader, points=1e6, locked=False), "tags": ["demo", "skip-execution", "raises-exception"]},
            outputs=[{"output_type": "execute_result", "execution_count": 1, "data": {"text/plain": "3"}, "metadata": {}}],
        ) for cell in nb.cells if grade_id(cell) == "check-encode"] and None
    ), flags="stored output of check-encode shows 3 points"),
    Row("a check cell replaced by code of the student's, under the check's cell id", changed(
        lambda nb: [(cell.metadata.clear(), cell.update(source="report = 3\nreport")) for cell in nb.cells if cell.id == "check-encode"] and None
    ), flags="check-encode was changed"),
    Row("a variable that the check uses, set by the student", put(encode="""
report = 3
class checks:
    encode = staticmethod(lambda **k: 3)
solved = lambda *a: True
__builtins__ = {}
"""), says="is not defined"),
]


# ---- what ends, hangs or floods, and costs its own question only

LOOP = "import time\nend = time.time() + 300\nwhile time.time() < end:\n    pass\n"
IN_SAMPLE = "def sample(logits, rng):\n"


def in_sample(code):
    """Lesson 02's last long exercise does it, when it is called."""
    return IN_SAMPLE + textwrap.indent(textwrap.dedent(code), "    ")



def attack(id, code, limits, says="", **task):
    """A row: the exercise `sample` does it, and encode and decode keep their points."""
    build = put(encode=RIGHT, decode=DECODE, sample=in_sample(code))
    return Row(id, build, {"encode": 3, "decode": 2}, limits=limits, says=says, task=task)


ENDED = "your code ended the whole process"
# Only where the process is the first of its own namespace may it signal everybody: without one it would reach this machine.
EVERYBODY = """
import os, signal
assert os.getpid() == 1 and len(os.listdir("/proc")) < 10
try:
    os.kill(-1, signal.SIGKILL)
except OSError:
    pass
"""

BOUNDED = [
    attack("sys.exit in a call", "import sys\nsys.exit(0)", "", "SystemExit"),
    attack("os._exit in a call", "import os\nos._exit(0)", ENDED),
    attack("os.abort in a call", "import os\nos.abort()", "your code crashed the whole process"),
    attack("a segmentation fault in a call", "import ctypes\nctypes.string_at(0)", "Segmentation fault"),
    attack("kill of everybody it can see, then of itself", EVERYBODY + "os._exit(3)", ENDED),
    attack("an endless loop in a call", LOOP, "stopped", whole=3.0),
    attack("an endless loop that swallows every interrupt", """
import time
end = time.time() + 300
while time.time() < end:
    try:
        while time.time() < end:
            pass
    except BaseException:
        pass
""", "stopped", whole=3.0),
    attack("an endless loop with all signals blocked", "import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32))\n" + LOOP,
           "stopped", whole=3.0),
    attack("the alarm taken away", "import signal\nsignal.signal(signal.SIGPROF, signal.SIG_IGN)\n" + LOOP, "stopped", whole=3.0),
    attack("an endless loop in a process of its own", "import os\nif os.fork() == 0:\n" + textwrap.indent(LOOP, "    ") + "os.wait()",
           "stopped", whole=3.0),
    attack("half an answer, and then an endless loop", """
import threading
frame = __import__("sys")._getframe()
while "stream" not in frame.f_locals:
    frame = frame.f_back
frame.f_locals["stream"].sendall(b"\\0")
""" + LOOP, "stopped", whole=3.0),
    attack("an endless sleep", "import time\ntime.sleep(300)", "stopped", wall=6.0),
    attack("an endless sleep with all signals blocked",
           "import signal, time\nsignal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32))\ntime.sleep(300)", "stopped", wall=6.0),
    attack("a fork bomb", "import os, time\nfor _ in range(200):\n    try:\n        os.fork()\n    except OSError:\n        break\ntime.sleep(20)", "sample: it "),
    attack("a bomb of threads", """
import threading, time
for _ in range(500):
    threading.Thread(target=time.sleep, args=(20,), daemon=True).start()
""", "", "can't start new thread"),
    attack("a bomb of memory", "kept = []\nfor _ in range(200):\n    kept.append(bytearray(b'x' * 10**7))", "memory"),
    attack("a bomb of memory that is shared, and let go of after each page", """
import mmap, time
block = mmap.mmap(-1, 800 * 2**20)
for start in range(0, len(block), 2**20):
    block[start : start + 2**20] = b"x" * 2**20
    block.madvise(mmap.MADV_DONTNEED, start, 2**20)
    time.sleep(0.001)
""", "", "Operation not permitted"),
    attack("a bomb of memory in new programs, each too small to notice", """
import subprocess, sys, time
code = "import time; x = bytearray(b'x' * 60_000_000); time.sleep(3)"
[subprocess.Popen([sys.executable, "-ISc", code]) for _ in range(12)]
time.sleep(8)
""", "memory"),
    attack("a flood of the disk", "with open('/tmp/flood', 'wb') as file:\n    for _ in range(2000):\n        file.write(b'x' * 2**20)", "", "OSError"),
    attack("a flood of small files", "for i in range(50_000):\n    open(f'/tmp/{i}', 'w').close()", "", "No space left"),
    attack("a flood of output", "for _ in range(300):\n    print('x' * 10**6)\nimport sys\nsys.stderr.write('y' * 10**7)", "", "xxxx"),
    attack("an answer of 400 MB", "return np.zeros(50_000_000)", "memory"),
    attack("an answer nested 10,000 deep", "value = []\nfor _ in range(10_000):\n    value = [value]\nreturn value", "", "returned"),
    Row("an exercise's cell that ends the process", put(encode=RIGHT, decode="import os\nos._exit(0)", sample="1 + 1"), {"encode": 3},
        limits="the cell decode: your code ended the whole process"),
    Row("an exercise's cell that never ends", put(encode=RIGHT, decode=DECODE + "\n" + LOOP, log_softmax=solved("log_softmax")),
        {"encode": 3, "decode": 2, "log_softmax": 4}, limits="the cell decode was stopped after 2 seconds"),
    Row("an exercise's cell that never ends and swallows interrupts", put(
        encode=RIGHT, decode=f"{DECODE}\ndef forever():\n    try:\n" + textwrap.indent(LOOP, " " * 8)
        + "    finally:\n        forever()\nforever()", log_softmax=solved("log_softmax"),
    ), {"encode": 3, "log_softmax": 4}, limits="the cell decode"),
    Row("daemons that outlive the cell", put(encode=RIGHT, decode="""
import os, subprocess, threading, time
for _ in range(3):
    if not os.fork():
        os.setsid()
        if not os.fork():
            time.sleep(60)
        os._exit(0)
subprocess.Popen(["sleep", "{marker}"], start_new_session=True)
threading.Thread(target=time.sleep, args=(60,)).start()
"""), {"encode": 3}),
    Row("2,000 cells of its own that take their time", changed(
        lambda nb: nb.cells.extend(new_code_cell("import time\ntime.sleep(0.4)") for _ in range(60)), encode=RIGHT,
    ), {"encode": 3}, limits="the time for this submission was up", task={"wall": 4.0}),
    Row("cells that show more than anybody reads", changed(
        lambda nb: nb.cells.extend(
            new_code_cell("from IPython.display import display, HTML\nfor _ in range(20):\n    display('x' * 19_000)\nprint('y' * 10**6)")
            for _ in range(60)), encode=RIGHT,
    ), {"encode": 3}),
    Row("a demo of a million numbers, and errors that make the grader look through it", changed(
        lambda nb: [cell.update(source="nothing = [" + "1," * 900_000 + "]") for cell in nb.cells if cell.id == "texts"] and None,
        encode=RIGHT, sample=in_sample("""raise NameError("name 'letters' is not defined")"""),
    ), {"encode": 3}, task={"whole": 5.0}),
    Row("80 MB of rich output", put(encode=RIGHT + """
from IPython.display import HTML, SVG, Javascript, display
display(HTML("<b>" * 27_000_000))
display({"image/svg+xml": "<svg/>", "application/javascript": "alert(1)", "text/latex": "$x$"}, raw=True)
"""), {"encode": 3}),
    Row("a dozen true pictures in one cell", put(encode=RIGHT + """
import zlib, struct
from IPython.display import Image, display
def png(size):
    part = lambda name, data: struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    rows = b"".join(b"\\0" + np.random.default_rng(0).bytes(size) for _ in range(size))
    return b"\\x89PNG\\r\\n\\x1a\\n" + part(b"IHDR", struct.pack(">IIBBBBB", size, size, 8, 0, 0, 0, 0)) + part(b"IDAT", zlib.compress(rows, 0)) + part(b"IEND", b"")
for _ in range(14):
    display(Image(png(540)))
"""), {"encode": 3}),
]


# ---- what is forged on the channel: the exercise encode sends it, decode is honest and keeps its points

FORGE = r"""
import json, os, struct, sys, time, io
def frame(message, tree, *arrays):
    text = message if isinstance(message, bytes) else json.dumps([message, tree]).encode()
    return struct.pack(">II", len(text), len(arrays)) + text + b"".join(struct.pack(">Q", len(a)) + a for a in arrays)
def npy(array, **k):
    file = io.BytesIO()
    np.save(file, array, **k)
    return file.getvalue()
def header(text, data=b""):
    text = text.encode() + b" " * (-(len(text) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + data
def array(descr, shape, data=b"", kind="array"):
    return reply([kind, 0], header(repr({"descr": descr, "fortran_order": False, "shape": shape}), data))
def nested(depth):
    start = b'[{"reply": %d, "kind": "ok"}, {"value": ' % number
    return frame(start + b'["list", [' * depth + b"]]" * depth + b"}]", None)
def reply(value, *arrays, **facts):
    message = {"reply": number, "kind": "ok", "problem": "", "error": [], "message": "", "printed": "", "changed": [], "idle": []}
    return frame(message | facts, {"value": value}, *arrays)
grader = get_ipython()._showtraceback.__globals__
usual = grader["_answer"]
def generator(kind, **state):
    arrays = []
    return reply(["generator", grader["channel"]._pack({"bit_generator": kind, **state}, arrays, 0)], *arrays)
def answer(theirs, reply_to, outcome):
    global stream, number
    stream, number, grader["_answer"] = theirs, reply_to["reply"], usual
    stream.sendall(FORGED())
    if BROKEN:
        os._exit(0)
def encode(text, vocabulary):
    grader["_answer"] = answer
"""

FORGERIES = {  # by what it is; the expression that gives its bytes
    "nothing at all": 'b""',
    "half a frame": 'reply(None)[:20]',
    "text that is no JSON": 'frame(b"[1, 2", None)',
    "JSON of another form": 'frame(b"[[], []]", None)',
    "NUL and lone surrogates": r"""frame(b'[{"reply": 1, "kind": "\\ud800\\u0000"}, {}]', None)""",
    "JSON that is not UTF-8": 'frame(b"\\xff\\xfe[]", None)',
    "a length of 4 GB": 'struct.pack(">II", 2**32 - 1, 0) + b"x" * 1000',
    "four billion arrays": 'struct.pack(">II", 2, 2**32 - 1) + b"[]"',
    "an array of 2**63 bytes": 'struct.pack(">II", 2, 1) + b"[]" + struct.pack(">Q", 2**63)',
    "an endless stream": 'b"".join(stream.sendall(b"x" * 2**20) or b"" for _ in range(2000))',
    "an endless stream of empty arrays": 'struct.pack(">II", 2, 5000) + b"[]" + struct.pack(">Q", 0) * 5000',
    "a value nested 10,000 deep": "nested(10_000)",
    "a value nested 400 deep": "nested(400)",
    "a number of 100,000 digits": r"""frame(b'[{"reply": %d}, {"value": ' % number + b"9" * 100_000 + b"}]", None)""",
    "a number of a million digits, as text": 'reply(["int", "0x" + "f" * 1_000_000])',
    "floats that are none": 'reply(["float", "1e5; import os"])',
    "a kind that does not exist": 'reply(["pickle", "gASVAAA="])',
    "a pickle in an array": 'reply(["array", 0], npy(np.array([print], dtype=object), allow_pickle=True))',
    "an array that is not there": 'reply(["array", 7])',
    "an array by a negative place": 'reply(["array", -1], npy(np.zeros(2)))',
    "an array of records": 'reply(["array", 0], npy(np.zeros(3, "i4, f8")))',
    "an array of subarrays": 'array(("<f8", (1_000_000,)), (2,))',
    "a shape that promises more than comes": 'array("<f8", (1_000_000_000,), b"12345678")',
    "a shape that overflows to nothing": 'array("<f8", (2**32, 2**32))',
    "a negative shape": 'array("<f8", (-1,), b"12345678")',
    "a header that is a program": 'reply(["array", 0], header("__import__(\'os\').system(\'true\')"))',
    "a header of 60 kB of brackets": 'reply(["array", 0], header("(" * 60_000))',
    "characters beyond Unicode": 'array("<U1", (), b"\\xff\\xff\\xff\\x7f", "scalar")',
    "a Generator whose state is none": 'reply(["generator", ["dict", [["bit_generator", "PCG64"], ["state", "none"]]]])',
    "a Generator of a class of its own": 'reply(["generator", ["dict", [["bit_generator", "__class__"], ["state", None]]]])',
    "a Generator whose place lies far outside its numbers":
        'generator("MT19937", state={"key": np.zeros(624, np.uint32), "pos": 2**30})',
    "another Generator whose place lies outside":
        'generator("Philox", buffer=np.zeros(4, np.uint64), buffer_pos=2**30, has_uint32=0, uinteger=0, '
        'state={"counter": np.zeros(4, np.uint64), "key": np.zeros(2, np.uint64)})',
    "a dict whose key is a list": 'reply(["dict", [[["list", []], 1]]])',
    "an answer to another question": 'frame({"reply": number + 1, "kind": "ok"}, {"value": None})',
    "answers out of order": 'frame({"reply": number - 1, "kind": "ok"}, {"value": None}) + reply(None)',
}
# What may come, and is wrong: it is judged as any wrong answer.
ACCEPTED = {
    "a problem nested 900 deep": r"""frame(b'[{"reply": %d, "kind": "failed", "problem": ' % number + b"[" * 900 + b"]" * 900 + b"}, {}]", None)""",
    "an answer full of nan payloads": 'array("<f8", (12,), b"\\x01\\x00\\x00\\x00\\x00\\x00\\xf8\\x7f" * 12)',
    "a list of words that begins with model": 'reply(["list", ["model", "words"]])',
    "truth values that are neither": 'array("|b1", (12,), b"\\x02" * 12)',
    "an array of the other byte order, 32 axes": 'reply(["array", 0], npy(np.zeros((1,) * 32, ">i8")))',
    "a kind of outcome that does not exist": 'reply(None, kind="passed", points=3)',
    "full marks": 'reply(None, kind="ok", score=3, points=3, passed=True)',
    "words that are none": 'reply(None, kind="failed", problem=7, error={"a": 1}, message=[], printed=None, changed=3, idle="x")',
}


def forge(code, broken):
    """A builder: encode's first answer is made of these bytes; then its process ends, or goes on."""
    return put(encode=f"{FORGE}BROKEN, FORGED = {broken}, lambda: {code}", decode=DECODE)


UNFLAGGED = ("nothing at all", "half a frame")  # any process that ends may leave these
CHANNEL = [
    Row(f"on the channel: {what}", forge(code, True), {"decode": 2}, flags="" if what in UNFLAGGED else "channel", limits="encode: ")
    for what, code in FORGERIES.items()
]
CHANNEL += [Row(f"on the channel: {what}", forge(code, False), {"decode": 2}, says='"status": "failed"') for what, code in ACCEPTED.items()]
NO_MODELS = {
    "a Keras model, where a lesson has none": 'reply(["list", [["model", {}, [], []]]])',
    "a Keras model, spelt in escapes": r"""frame(b'[{"reply": %d, "kind": "ok"}, {"value": ["\\u006dodel", {}, [], []]}]' % number, None)""",
}
CHANNEL += [
    Row(f"on the channel: {what}", forge(code, True), {"decode": 2}, flags="where none is asked for", limits="encode: ")
    for what, code in NO_MODELS.items()
]
CHANNEL.append(Row("on the channel: the same answer twice", forge("reply(None) * 2", False), {"decode": 2}, flags="channel", limits=None))


# ---- configurations of Keras models that may not be built on the grader's side


def layer(kind, module="keras.layers", registered=None, config=None, **more):
    """A part of a configuration."""
    return {"module": module, "class_name": kind, "registered_name": registered, "config": config or more}


def keras_model(*layers):
    """The expression of a forged answer that is a Sequential model."""
    first = layer("InputLayer", batch_shape=[None, 1500, 1500], dtype="float32", name="input")
    model = layer("Sequential", "keras", name="model", layers=[first, *layers])
    return f'reply(["model", {model!r}, [], []])'


CODE = {"class_name": "__lambda__", "config": {"code": "4wEAAAA=", "defaults": None, "closure": None}}
MODELS = {
    "a Lambda layer": (keras_model(layer("Lambda", function=CODE)), "not built in: Lambda"),
    "a class of another module": (keras_model(layer("system", "os", config="true")), "not built in: system"),
    "a class registered by somebody": (keras_model(layer("Dense", registered="mine>Dense", units=2)), "not built in: Dense"),
    "a function of the builtins for activation": (keras_model(
        layer("Dense", units=2, activation=layer("function", "builtins", "function", "eval"))), "not built in: function"),
    "a billion units": (keras_model(layer("Dense", units=10**9, name="dense")), "too large"),
    "sizes that multiply to 20 GB": (keras_model(layer("Flatten", name="flat"), layer("Dense", units=2250, name="dense")), "too large"),
    "a thousand layers": (keras_model(*(layer("Identity", name=f"layer_{i}") for i in range(1000))), "too many layers"),
}
FORGE_MODEL = FORGE.replace("def encode(text, vocabulary):", "def to_keras(weights):")
MODEL = "model = __import__('keras').Sequential([__import__('keras').Input((3,)), __import__('keras').layers.Dense(2)])\n"
LARGE = FORGE.replace("def encode(text, vocabulary):", "def masked_loss(*_):")
KERAS = [
    Row("honest mistakes: an exercise that is a Keras model, one that gives one back instead of a number", put(
        lesson=KERAS_LESSON, to_keras=MODEL + "to_keras = model", masked_loss="def masked_loss(*_):\n    return [model]"),
        says="returned a Keras model, where none is asked for", lesson=KERAS_LESSON, task={"whole": 60.0}),
    Row("a large Keras model where a number is asked for is not read", put(
        lesson=KERAS_LESSON, masked_loss=f"{LARGE}BROKEN, FORGED = True, lambda: " + keras_model(layer("Dense", units=1500, name="dense", kernel_initializer="orthogonal"))),
        flags="where none is asked for", limits="masked_loss: ", lesson=KERAS_LESSON),
    *(Row(f"a forged Keras model: {what}", put(lesson=KERAS_LESSON, to_keras=f"{FORGE_MODEL}BROKEN, FORGED = True, lambda: {code}"),
        flags=words, limits="to_keras: ", task={"whole": 60.0}, lesson=KERAS_LESSON)
      for what, (code, words) in MODELS.items()),
]


# ---- files that are no notebook, or not the one that was released


def text(nb):
    return json.dumps(nb)


def swap(nb, one, other):
    places = [[grade_id(cell) for cell in nb.cells].index(name) for name in (one, other)]
    nb.cells[places[0]], nb.cells[places[1]] = nb.cells[places[1]], nb.cells[places[0]]


def old_format(nb):
    """As nbformat 3 has it."""
    cells = [
        {"cell_type": "code", "language": "python", "input": cell.source, "outputs": [], "metadata": cell.metadata}
        if cell.cell_type == "code" else {"cell_type": "markdown", "source": cell.source, "metadata": cell.metadata}
        for cell in nb.cells
    ]
    return {"metadata": {"name": ""}, "nbformat": 3, "nbformat_minor": 0, "worksheets": [{"cells": cells, "metadata": {}}]}


def broken_cells(nb):
    """Cells that hold anything but what cells hold."""
    odd = [None, 7, [], {}, {"cell_type": "code"}, {"cell_type": ["code"], "source": {"a": 1}, "id": [], "metadata": []}]
    odd += [{"cell_type": "code", "source": ["1 + ", None, "1", 3], "id": {}, "metadata": {"nbgrader": [], "tags": 3}, "outputs": 3}]
    odd += [{"cell_type": "code", "source": "", "metadata": {"nbgrader": {"grade_id": {}, "points": "x"}, "tags": [[], 1]}}]
    return {**nb, "cells": odd + nb.cells + odd}


def each(nb, name, **values):
    for cell in nb.cells:
        if grade_id(cell) == name:
            cell.update(values)


FILES = [
    Row("an empty file", lambda: b"", problem="empty"),
    Row("blanks", lambda: b" \n\t ", problem="empty"),
    Row("NUL", lambda: b"\0" * 5000, problem="cannot be read as JSON"),
    Row("half a notebook", lambda: put(encode=RIGHT)()[:5000], problem="cannot be read as JSON"),
    Row("a picture", lambda: b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, problem="cannot be read as JSON"),
    Row("UTF-16", lambda: text(notebook(encode=RIGHT)).encode("utf-16"), problem="cannot be read as JSON"),
    Row("JSON nested 100,000 deep", lambda: b"[" * 100_000 + b"]" * 100_000, problem="cannot be read as JSON"),
    Row("a number of a million digits", lambda: b'{"cells": ' + b"9" * 10**6 + b"}", problem="cannot be read as JSON"),
    Row("JSON of another kind", lambda: b'["cells"]', problem="JSON of another kind"),
    Row("no cells", lambda: b'{"nbformat": 4}', problem="it has no cells"),
    Row("cells that are a text", lambda: b'{"cells": "many"}', problem="it has no cells"),
    Row("5,000 cells", lambda: text({"cells": [{"cell_type": "code", "source": "1"}] * 5000}).encode(), problem="5,000 cells"),
    Row("three million characters of code", changed(lambda nb: nb.cells.append(new_code_cell("#" * 3_000_000))), problem="characters of code"),
    Row("61 MB", lambda: b'{"cells": [], "x": "' + b"x" * 61_000_000 + b'"}', problem="61 MB"),
    Row("a bomb of millions of empty values", lambda: b'{"cells": [' + b"{}," * 4_000_000 + b"{}]}", problem="too many parts"),
    Row("no cell of the release in it", lambda: text({"cells": [], "nbformat": 4}).encode(), flags="the cell encode is missing"),
    Row("cells that hold anything", changed(broken_cells, encode=RIGHT), {"encode": 3}),
    Row("nbformat 3", changed(old_format, encode=RIGHT), {"encode": 3}),
    Row("another kernel, another language, forged versions", changed(
        lambda nb: {**nb, "metadata": {"kernelspec": {"name": "ir", "language": "R"}}, "nbformat": 99, "nbformat_minor": "x"}, encode=RIGHT,
    ), {"encode": 3}),
    Row("a byte order mark", lambda: b"\xef\xbb\xbf" + put(encode=RIGHT)(), {"encode": 3}),
    Row("NUL in an exercise", put(encode=RIGHT, decode="def decode(ids, vocabulary):\n    return '\0'"), {"encode": 3}),
    Row("a lone surrogate in an exercise and in what it shows", put(
        encode=RIGHT + "\nprint(chr(0xd800))\n'\\ud800'", decode="def decode(i, v):\n    return '\ud800'"), {"encode": 3}),
    Row("a check output of ten to the four hundredth", changed(
        lambda nb: [cell.update(outputs=[{"output_type": "execute_result", "execution_count": 1, "data": {"text/plain": 10**400}, "metadata": {}}])
                    for cell in nb.cells if grade_id(cell) == "check-encode"] and None, encode=RIGHT), {"encode": 3}),
    Row("3,000 nested brackets in an exercise", put(encode=RIGHT, decode="(" * 3_000), {"encode": 3}),
    Row("missing cells: a check, an exercise, the imports", changed(
        lambda nb: {**nb, "cells": [c for c in nb.cells if grade_id(c) not in ("check-encode", "decode", "imports")]}, encode=RIGHT,
    ), {"encode": 3}, flags="the cell check-encode is missing"),
    Row("duplicated cells: the last one counts", changed(
        lambda nb: {**nb, "cells": nb.cells + [dict(c, source=WRONG) for c in nb.cells if grade_id(c) == "encode"]}, encode=RIGHT, decode=DECODE,
    ), {"decode": 2}, flags="the cell encode is there more than once"),
    Row("a check duplicated twenty times", changed(
        lambda nb: {**nb, "cells": nb.cells + [c for c in nb.cells if grade_id(c) == "check-encode"] * 20}, encode=RIGHT,
    ), {"encode": 3}, flags="the cell check-encode is there more than once"),
    Row("cells in the reverse order", changed(lambda nb: {**nb, "cells": nb.cells[::-1]}, encode=RIGHT, decode=DECODE),
        {"encode": 3, "decode": 2}, flags="not in the release's order"),
    Row("exercises that changed places", changed(lambda nb: swap(nb, "encode", "decode"), encode=RIGHT, decode=DECODE),
        {"encode": 3, "decode": 2}, flags="not in the release's order"),
    Row("an exercise retyped as text, a check as raw", changed(
        lambda nb: (each(nb, "encode", cell_type="markdown"), each(nb, "check-decode", cell_type="raw")) and None, encode=RIGHT, decode=DECODE,
    ), {"encode": 3, "decode": 2}, flags="another type"),
    Row("grade ids that the release does not have", changed(
        lambda nb: [c.metadata.nbgrader.update(grade_id="../../x" * 20) for c in nb.cells if grade_id(c) == "check-sample"] and None, encode=RIGHT,
    ), {"encode": 3}, flags="which the release does not have"),
    Row("metadata and cell ids stripped from every cell", changed(
        lambda nb: {"cells": [{"cell_type": cell.cell_type, "source": cell.source} for cell in nb.cells]}, encode=RIGHT, decode=DECODE,
    ), {"encode": 3, "decode": 2}, flags="the cell encode is missing"),
    Row("attachments, widgets and side files in the metadata", changed(
        lambda nb: [c.update(attachments={"../x": {"text/plain": "x"}}) for c in nb.cells] and {**nb, "metadata": {"widgets": {"a": "b"}}}, encode=RIGHT,
    ), {"encode": 3}),
    Row("two hundred shuffled copies of the demos", changed(
        lambda nb: nb.cells.extend(new_code_cell(scrambled(c.source, i)) for i in range(8) for c in copy.copy(nb.cells)
                                   if c.cell_type == "code" and "demo" in c.metadata.get("tags", ()) and len(c.source) > 300), encode=RIGHT,
    ), {"encode": 3}),
]


def scrambled(source, seed):
    """A comment with a demo's characters in another order."""
    import random

    letters = list(source.replace("\n", " "))
    random.Random(seed).shuffle(letters)
    return "#" + "".join(letters)


# ---- correct work in bad company: nothing may be lost

CORRECT = [
    Row("what a notebook understands: magics for pictures, a kernel, magics of other front ends, await, an input that is asked for", put(
        encode="%matplotlib inline\n%config InlineBackend.figure_format = 'retina'\n" + RIGHT, decode="%pylab inline\nget_ipython().kernel.do_one_iteration()\n" + DECODE,
        log_softmax="%autosave 60\n%tensorflow_version 2.x\n%load_ext tensorboard\n%load_ext autoreload\n%autoreload 2\n!true\n" + solved("log_softmax"),
        bits_per_character="import asyncio\nawait asyncio.sleep(0)\n%matplotlib widget\n" + solved("bits_per_character"),
    ), {"encode": 3, "decode": 2, "log_softmax": 4, "bits_per_character": 5}, task={"cell": 20.0}),
    Row("imports added to the locked cell", changed(
        lambda nb: [cell.update(source="%matplotlib inline\nimport math\n" + cell.source) for cell in nb.cells if grade_id(cell) == "imports"] and None,
        encode=RIGHT, log_softmax="floor = math.floor\n" + solved("log_softmax"),
    ), {"encode": 3, "log_softmax": 4}, flags="import lines added to imports are run: import math"),
    Row("a function of the student's own in the locked cell", changed(
        lambda nb: [cell.update(source=cell.source + "\nmine = 3") for cell in nb.cells if grade_id(cell) == "imports"] and None,
        encode=RIGHT, decode="def decode(ids, vocabulary):\n    return mine",
    ), {"encode": 3}, flags="the cell imports was changed", says="mine is defined in your version of the locked cell imports only"),
    Row("an exercise's cell and its function wait longer than they may compute", put(encode=f"""
import time
{RIGHT}
time.sleep(1.5)
waits = encode
def encode(text, vocabulary):
    time.sleep(0.01)
    return waits(text, vocabulary)
"""), {"encode": 3}, task={"cell": 1.0}),
    Row("input() after the exercise", put(encode=RIGHT + "\nname = input('your name? ')"), {"encode": 3}),
    Row("stderr, warnings, logs and file descriptors 1 and 2 in the exercise", put(encode=f"""
import logging, os, sys, warnings
{RIGHT}
plain = encode
def encode(text, vocabulary):
    warnings.warn("I am not sure")
    print("still here", file=sys.stderr)
    logging.warning("in the log")
    os.write(1, b"one"); os.write(2, b"two")
    return plain(text, vocabulary)
"""), {"encode": 3}),
    Row("TensorFlow and all that it logs", put(encode=f"""
import os, sys
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "0"
import tensorflow as tf
tf.constant(1) + 1
{RIGHT}
plain = encode
def encode(text, vocabulary):
    tf.print("a log", output_stream=sys.stderr)
    tf.get_logger().warning("a warning")
    return plain(text, vocabulary)
"""), {"encode": 3}, flags="the cell encode uses tensorflow", task={"cell": 60.0, "whole": 90.0, "memory": 3 * 2**29}),
    Row("streams closed, replaced and lost", put(encode=RIGHT + "\nimport sys, os\nsys.stdout.close()\nsys.stderr = None\nos.close(1); os.close(2)",
                                                   decode=DECODE), {"encode": 3, "decode": 2}),
    Row("warnings that are errors, all NumPy's errors raised, an odd print format", put(
        encode=RIGHT + "\nimport warnings\nwarnings.simplefilter('error')\nnp.seterr(all='raise')\nnp.set_printoptions(precision=1, legacy='1.13')",
        log_softmax=solved("log_softmax")), {"encode": 3, "log_softmax": 4}),
    Row("a thread that goes on printing", put(encode=RIGHT + """
import threading, time
threading.Thread(target=lambda: [(print("x"), time.sleep(0.01)) for _ in range(3000)], daemon=True).start()
""", decode=DECODE), {"encode": 3, "decode": 2}),
    Row("the working folder gone, a strange locale, the module search path empty", put(encode=RIGHT + """
import os, sys, shutil
shutil.rmtree(os.getcwd(), ignore_errors=True)
sys.path.clear()
os.environ.clear()
sys.setrecursionlimit(200)
""", decode=DECODE), {"encode": 3, "decode": 2}),
    Row("scripts and markup in everything that is shown", put(encode=RIGHT + """
from IPython.display import HTML, Javascript, display
print("<script>alert(1)</script>")
display(HTML("<script>alert(2)</script>"), Javascript("alert(3)"))
display({"text/html": "<script>alert(4)</script>", "text/plain": "<script>alert(5)</script>", "image/svg+xml": "<svg onload='alert(6)'/>",
         "image/png": "<script>alert(7)</script>", "text/markdown": "<script>alert(8)</script>"}, raw=True)
raise type("<script>alert(9)</script>", (Exception,), {})("<script>alert(10)</script>")
""", decode='def decode(ids, vocabulary):\n    raise ValueError("<script>alert(11)</script>")'), {"encode": 3}),
    Row("a module of the student's own that shadows NumPy and sitecustomize", put(encode="""
%%writefile numpy.py
raise SystemExit
""", decode="""
import os, shutil
for name in ("sitecustomize.py", "usercustomize.py", "json.py", "socket.py", "helpers.py", "tensorflow.py"):
    shutil.copy("numpy.py", name)
""" + DECODE), {"decode": 2}),
]


# ---- what keeps the cases of hidden tests, to show them later: none may come out

KEEP = RIGHT.replace("def encode", "def right") + """
kept = []
def tell():
    return kept[-1].encode().hex()[:16]
def encode(text, vocabulary):
    kept.append(text)
    return right(text, vocabulary)
"""


def asked_of_encode(hidden):
    """The texts that the check of encode, which its worked solution passes, calls it with."""
    space = {"np": np}
    exec(KEEP, space)
    assert lesson02.encode(space["encode"], hidden=hidden).passed
    return space["kept"]


# Right for every case of the visible check, so that the hidden one is asked.
SPOIL = f"""
usual = {asked_of_encode(hidden=False)!r}
def encode(text, vocabulary):
    kept.append(text)
    if text not in usual:
        SPOIL
    return right(text, vocabulary)
"""
# The untrusted side's own module, which a submission may change as it likes.
AGENT = "grader = get_ipython()._showtraceback.__globals__\n"
LEAKS = {
    "a cell after the check prints them": dict(encode=KEEP, decode="print([text.encode().hex() for text in kept])"),
    "later: a visible call prints them": dict(encode=KEEP, decode="def decode(ids, vocabulary):\n    print(tell())"),
    "later: a visible call warns with them": dict(encode=KEEP, decode="import warnings\ndef decode(ids, vocabulary):\n    warnings.warn(tell())"),
    "later: a visible call returns them": dict(encode=KEEP, decode="def decode(ids, vocabulary):\n    return tell()"),
    "later: a visible call raises them": dict(encode=KEEP, decode="def decode(ids, vocabulary):\n    raise KeyError(tell())"),
    "later: an exception has them for a name": dict(encode=KEEP, decode="def decode(ids, vocabulary):\n    raise type(tell(), (Exception,), {})"),
    "later: a line of code holds them": dict(encode=KEEP, decode="""
import linecache
def decode(ids, vocabulary):
    linecache.getline = lambda *a: tell()
    raise KeyError
"""),
    "later: an exercise is an object whose type they name": dict(encode=KEEP.replace(
        "    kept.append(text)\n", "    global decode\n    kept.append(text)\n    decode = type('x' + tell(), (), {})()\n"), decode="1"),
    "later: a syntax error quotes them": dict(encode=KEEP.replace(
        "    kept.append(text)\n", "    kept.append(text)\n    get_ipython().user_ns['In'].append('def decode(x): ' + tell() + ' !')\n"), decode="1"),
    "the hidden call's exception has the name of a diagnosis": dict(encode=KEEP + SPOIL.replace("SPOIL",
        'raise type("likely cause", (Exception,), {})(tell())')),
    "the hidden call's exception has a diagnosis for its message": dict(encode=KEEP + SPOIL.replace("SPOIL",
        'raise type("likely cause: " + tell(), (Exception,), {})')),
    "the hidden call is not solved yet, says a function of their name": dict(encode=KEEP + SPOIL.replace("SPOIL", """
        def other():
            raise NotImplementedError
        other.__code__ = other.__code__.replace(co_name=tell())
        other()
""")),
    "the hidden call's outcome is forged": dict(encode=AGENT + KEEP + SPOIL.replace("SPOIL", "pass") + """
answer = grader["_answer"]
def forged(stream, reply, outcome):
    if kept[-1] in usual:
        return answer(stream, reply, outcome)
    outcome.problem = "likely cause: " + tell()
    outcome.kind = ("unsolved", "failed", "too long", "ok")[len(kept) % 4]
    outcome.changed, outcome.idle, outcome.printed = (tell(),), (tell(),), tell()
    answer(stream, reply, outcome)
grader["_answer"] = forged
"""),
    "later: the note of a look-up is forged": dict(encode=AGENT + KEEP + """
find = grader["calling"].find
grader["calling"].find = lambda name: (find(name)[0], "note " + tell() if kept else "")
""", decode=DECODE),
    "later: what is called changed in place is forged": dict(encode=AGENT + KEEP, log_softmax="""
answer = grader["_answer"]
def log_softmax(logits):
    return logits - np.logaddexp.reduce(logits, axis=-1, keepdims=True)
def forged(stream, reply, outcome):
    outcome.changed = (tell(),)
    answer(stream, reply, outcome)
grader["_answer"] = forged
"""),
    "sockets that linger on the loopback": dict(encode=KEEP, decode="""
import socket, time
def decode(ids, vocabulary):
    for i, letter in enumerate(kept[-1][:8].encode()):
        try:
            server = socket.create_server(("127.0.0.1", 2000 + 256 * i + letter))
            client = socket.create_connection(("127.0.0.1", 2000 + 256 * i + letter), 1)
            other = server.accept()[0]
            other.close(); time.sleep(0.02); client.close(); server.close()
        except OSError:
            pass
""", log_softmax="""
import socket
found = b""
for i in range(8):
    for letter in range(256):
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", 2000 + 256 * i + letter))
            except OSError as error:
                if error.errno == 98:
                    found += bytes([letter])
print(found.hex())
"""),
}
