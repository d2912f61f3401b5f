"""What grading promises about submissions that cheat, break or flood: no undeserved point, no secret, nothing left behind."""

import ast
import json
import os
import re
import socket
import stat
import sys
import tempfile
import uuid
from pathlib import Path

import nbformat
import pytest

from helpers.authoring import ROOT
from helpers.checks import exercise
from helpers.grading import check, sandbox
from tests import course, hostile

ALL = hostile.UNEARNED + hostile.BOUNDED + hostile.CHANNEL + hostile.KERAS + hostile.FILES + hostile.CORRECT

#: A number that nothing else on this machine has in its command line or in the name of a file.
MARKER = str(uuid.uuid4().int)[:15]


@pytest.fixture(scope="module", autouse=True)
def engine(tmp_path_factory):
    """The engine with a folder for temporary files that nobody else uses."""
    course.require_sandbox()
    before, tempfile.tempdir = tempfile.tempdir, str(tmp_path_factory.mktemp("temporary"))
    grace, check.GRACE = check.GRACE, 1.0
    yield tempfile.tempdir
    check.close()
    tempfile.tempdir, check.GRACE = before, grace


@pytest.fixture(scope="module")
def honest():
    """The result of an undisturbed submission, in bytes, before anything else was graded."""
    task = hostile.task(course.to_bytes(course.solution(hostile.LESSON)))
    return task, check.grade(task)


def earned(result):
    """Points by exercise, of those that earned any."""
    return {name.removeprefix("check-"): points for name, points in result["scores"].items() if points}


def test_there_are_enough(honest):
    assert len({row.id for row in ALL}) == len(ALL) >= 40
    result = json.loads(honest[1])
    assert result["scores"] == result["max_scores"] and sum(result["scores"].values()) == 43


@pytest.mark.parametrize("row", ALL, ids=lambda row: row.id)
def test_what_comes_of_it(row):
    """Exactly the points that are due, a reason in words where there is one, and no reason where there is none."""
    submission = row.build().replace(b"{marker}", MARKER.encode())
    graded = check.grade(hostile.task(submission, row.task, row.lesson))
    result = json.loads(graded)
    assert earned(result) == row.earned, (result["flags"], result["limits"], result["problem"])
    for words, said in ((row.problem, [result["problem"]]), (row.flags, result["flags"]), (row.limits, result["limits"])):
        assert words is None or (any(words in text for text in said) if words else not any(said)), said
    assert row.says in json.dumps(result["reports"])
    assert len(graded) < 20_000_000
    assert not any(tag in _scripts(result) for tag in ("<script", "<svg", "javascript", "data:text"))
    assert json.loads(result["notebook"])["nbformat"] == 4
    nbformat.writes(nbformat.reads(result["notebook"], as_version=4)).encode()  # no lone surrogate ends the record of a whole class


def _scripts(result):
    """All of the graded notebook that a page would take for markup."""
    found = []
    for cell in json.loads(result["notebook"])["cells"]:
        found += [cell["source"]] if cell["cell_type"] == "markdown" and cell["id"] == "problem" else []
        for output in cell.get("outputs", []):
            found += [str(text) for kind, text in output.get("data", {}).items() if kind != "text/plain"]
    return "".join(found).lower()


@pytest.mark.parametrize("way", hostile.LEAKS)
def test_no_hidden_case_comes_out(way, monkeypatch):
    """Where a function keeps what hidden tests call it with, nothing that a student is shown holds any of it."""
    monkeypatch.setenv(exercise.PRIVATE_NUMBER, hostile.PRIVATE_NUMBER)
    hidden, visible = ({text.encode().hex()[:16] for text in hostile.asked_of_encode(kind) if len(text) >= 8} for kind in (True, False))
    result = hostile.grade(hostile.put(**hostile.LEAKS[way])(), {"whole": 20.0})
    shown = result["notebook"] + json.dumps([result["reports"], result["problem"]])
    assert len(hidden) > 10 and not hidden & visible
    assert not [piece for piece in hidden if piece in shown]
    if way.startswith("later: "):  # this way does lead out, for the cases that everybody may see
        assert [piece for piece in visible if piece in shown]


SAYS = {
    "an exception of the usual names": "raise (KeyError, ZeroDivisionError, UnicodeError, StopIteration)[len(kept) % 4]",
    "one of its own": "raise type('Mine', (Exception,), {})",
    "not solved": "raise NotImplementedError",
    "the end of the process": "__import__('os')._exit(3)",
    "a set": "return {1}",
    "a known mistake": "return right(text, vocabulary) + 1",
    "another known mistake": "return right(text, vocabulary)[::-1].copy()",
    "nothing": "return None",
}


@pytest.mark.parametrize("answer", SAYS)
def test_a_hidden_failure_is_told_in_one_of_few_words(answer):
    """Else an answer that knows the hidden case could tell of it, by the name of its exception or by which mistake it makes."""
    result = hostile.grade(hostile.put(encode=hostile.KEEP + hostile.SPOIL.replace("SPOIL", SAYS[answer]))())
    lines = [line for line in result["reports"]["check-encode"]["criteria"] if line["status"] != "passed"]
    told = {tuple(line["details"]) for line in lines}
    assert lines and told <= {(exercise.HIDDEN,), *((exercise.HIDDEN, f"{exercise.CAUSE} {words}") for words in check.KINDS.values())}
    if "exception" in answer or answer == "one of its own":
        assert (exercise.HIDDEN, f"{exercise.CAUSE} it raises an exception") in told


SEARCH = '''
import gc, os, re, sys
words = re.compile({patterns}.encode())
found = set()
def look(where, data):
    for hit in words.finditer(data):
        found.add((where, hit.group().decode()))
for number in os.listdir("/proc/self/fd"):
    try:
        look("descriptors", os.readlink("/proc/self/fd/" + number).encode())
    except OSError:
        pass
for name in ("environ", "cmdline", "mountinfo", "maps"):
    look("/proc/self/" + name, open("/proc/self/" + name, "rb").read())
packages = [folder for folder in sys.path if folder.endswith("site-packages")]
for folder, folders, files in os.walk("/"):
    if folder.startswith(("/proc", "/dev", "/sys")) or os.path.dirname(folder) in packages:
        folders.clear()  # of the packages their names and first files are enough
    elif folder in ("/usr", sys.base_prefix):
        folders.clear()
    for name in files:
        path = os.path.join(folder, name)
        look("names", path.encode())
        if not folder.startswith(("/proc", "/dev", "/sys", "/usr", "/lib", "/bin", "/sbin", sys.prefix, sys.base_prefix)):
            try:
                look("files", open(path, "rb").read(5_000_000))
            except OSError:
                pass
with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as memory:
    for line in maps.read().splitlines():
        start, end = (int(n, 16) for n in line.split()[0].split("-"))
        if line.split()[1].startswith("r") and end - start < 300_000_000 and "[v" not in line:
            memory.seek(start)
            while start < end:
                part = memory.read(min(end - start, 1 << 24))
                look("memory", part)
                start += len(part)
frame = sys._getframe()
while frame:
    look("frames", " ".join(map(str, frame.f_locals)).encode())
    frame = frame.f_back
print(sorted(found))
'''


def test_nothing_secret_can_be_reached():
    """Not in files, names of files, environment, descriptors, frames or the process's memory."""
    written = "{character!r} at position {position} is not in the vocab"  # the worked solution of encode
    secrets = [r"BEGIN[ ]HIDDEN|BEGIN[ ]SOLUTION", hostile.PRIVATE_NUMBER.replace("-", "[-]"), re_escape(written) + "[u]lary"]
    secrets += [r"np.logaddexp.reduce\(logits,[ ]axis", r"checks/lesson0\d\.p[y]", r"solutions/\d\d"]
    control = r"def[ ]relative_error"  # what is there, and must be found: the search works
    code = SEARCH.replace("{patterns}", repr("|".join([*secrets, control])))
    result = hostile.grade(hostile.put(prediction_order=code)(), {"cell": 60.0, "whole": 120.0})
    cell = _cell(result, "prediction_order")
    found = ast.literal_eval(cell["outputs"][0]["text"])
    assert {what for _, what in found} == {"def relative_error"}, found
    assert "files" in {where for where, _ in found}
    assert not earned(result) and not result["limits"]


def re_escape(text):
    """As `re.escape`, and no part of the pattern is the text itself."""
    return "".join(f"[{c}]" if c.isalnum() else "\\" + c for c in text)


DEFINES = "def encode(text, vocabulary):\n    BODY\n"
BORROWED = {
    "an import": ("import tensorflow as tf\n" + DEFINES, "", "the cell encode uses tensorflow"),
    "an import of a part, below a magic": ("%matplotlib inline\nfrom keras.ops import one_hot\n" + DEFINES, "", "the cell encode uses keras"),
    "an import in the function": (DEFINES.replace("BODY", "from torch import nn"), "", "the cell encode uses torch"),
    "an import by name": (DEFINES.replace("BODY", "importlib.import_module('jax.numpy')"), "", "the cell encode uses jax"),
    "complex_step": (DEFINES.replace("BODY", "return gradients.complex_step(sum, text)"), "", "the cell encode uses complex_step"),
    "complex_step by another name": (DEFINES.replace("BODY", "return c(sum, text)"), "from helpers.gradients import complex_step as c", "the cell encode uses complex_step"),
    "an import in a cell before": (DEFINES.replace("BODY", "return tf.constant(1)"), "import tensorflow as tf", "the cell encode uses tensorflow"),
    "a function in a cell before": (DEFINES, "import keras\ndef mine(x):\n    return keras.ops.abs(x)", "the cell added-1 uses keras"),
    "a comparison of one's own": (DEFINES, "import keras\nfrom helpers.gradients import complex_step\ncomplex_step(sum, [1])", ""),
    "words only": (DEFINES.replace("BODY", "return 'tensorflow and complex_step'  # import keras"), "", ""),
}


@pytest.mark.parametrize("case", BORROWED)
def test_a_tool_that_does_the_work_is_told_to_the_instructor_and_to_the_student(case):
    encode, before, expected = BORROWED[case]
    submission = hostile.added(before, encode=encode)() if before else hostile.put(encode=encode)()
    result = hostile.grade(submission, {"cell": 0.5, "whole": 2.0, "wall": 1.0})
    summary = json.loads(result["notebook"])["cells"][0]["source"]
    flags = [f"{expected}, in a lesson that is to be solved without"] if expected else []
    assert result["flags"] == flags
    assert [line for line in summary.splitlines() if "instructor" in line] == [f"Your instructor is told that {flag}." for flag in flags]


def test_markup_is_inert():
    """What a page shows of a submission that shows scripts is text."""
    from nbconvert import HTMLExporter

    (row,) = [row for row in hostile.CORRECT if "markup" in row.id]
    result = hostile.grade(row.build())
    page, _ = HTMLExporter(template_name="basic").from_notebook_node(nbformat.reads(result["notebook"], as_version=4))
    assert page.count("&lt;script&gt;") > 5
    assert not re.search(r"<script>alert|<svg onload", page)


def _cell(result, name):
    (cell,) = [c for c in json.loads(result["notebook"])["cells"] if hostile_id(c) == name]
    return cell


def hostile_id(cell):
    return cell.get("metadata", {}).get("nbgrader", {}).get("grade_id")


REACH = """
import ctypes, os, socket
told = {}
written = []
def inside(place):
    try:
        return os.listdir(place)
    except OSError:
        return []
for folder in sorted({part for place in ("/", "/dev", os.getcwd(), "{root}", "{home}", "{python}", "{temporary}", "/usr/lib", "/etc", "/proc")
                      for part in [place, *(os.path.join(place, name) for name in inside(place))]}):
    try:
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "m{marker}"), "w") as file:
            file.write("x")
        written.append(folder)
    except OSError:
        pass
told["written"] = [folder for folder in written if not folder.startswith(("/tmp", "/dev/shm")) and folder != "/proc"]
def fails(action):
    try:
        action()
        return False
    except OSError:
        return True
families = {name: getattr(socket, name) for name in dir(socket) if name.startswith("AF_")}
told["families"] = sorted(name for name, number in families.items() if not fails(lambda: socket.socket(number, socket.SOCK_STREAM).close())
                          or not fails(lambda: socket.socket(number, socket.SOCK_DGRAM).close()))
told["loopback"] = not fails(lambda: socket.create_connection(("127.0.0.1", {port}), 2))
told["names"] = not fails(lambda: socket.getaddrinfo("localhost.localdomain.invalid", 80))
libc = ctypes.CDLL(None, use_errno=True)
told["calls"] = [name for name, call in {
    "unshare": lambda: libc.unshare(0x10000000), "memfd_create": lambda: libc.memfd_create(b"x", 0), "mount": lambda: libc.mount(b"t", b"/tmp", b"tmpfs", 0, None),
    "ptrace": lambda: libc.ptrace(0, 0, 0, 0), "chroot": lambda: libc.chroot(b"/tmp"), "setuid": lambda: libc.setuid(0),
    "posix_fadvise": lambda: -libc.posix_fadvise(0, 0, 0, 4), "mincore": lambda: libc.mincore(0, 0, 0), "cachestat": lambda: libc.syscall(451, 0, 0, 0, 0),
    "preadv2": lambda: libc.preadv2(0, 0, 0, 0, 8), "readahead": lambda: libc.readahead(0, 0, 0), "io_setup": lambda: libc.io_setup(1, 0) if hasattr(libc, "io_setup") else -1,
    "sethostname": lambda: libc.sethostname(b"x", 1), "open_by_handle_at": lambda: libc.open_by_handle_at(-100, b"\\0" * 8, 0),
}.items() if call() >= 0]
told["processes"] = [name for name in os.listdir("/proc") if name.isdigit()]
told["pid"] = os.getpid()
told["read"] = []
for path in {paths}:
    try:
        told["read"].append((path, os.listdir(path) if os.path.isdir(path) else len(open(path, "rb").read())))
    except OSError:
        pass
told["files"] = 0
for place in ("/dev/shm", "/proc", "/tmp"):
    try:
        os.mkdir(place + "/many")
        for number in range(10_000):
            open(f"{place}/many/{number}", "w").close()
        told["files"] += number
    except OSError:
        pass
told["parent"] = os.getppid()
told["rights"] = [line for line in open("/proc/self/status") if line.startswith("Cap") and int(line.split()[1], 16) and "CapBnd" not in line]
told["links"] = [os.readlink(f"/proc/self/fd/{n}").split(":")[0] for n in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{n}")]
print(repr(told))
"""


def test_walls(engine):
    """It writes nowhere but in its scratch folder, reaches no network, sees no other process, has no rights."""
    mine = Path(engine) / "mine.txt"
    mine.write_text("a secret")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        words = {"root": ROOT, "home": Path.home(), "python": Path(sys.prefix), "temporary": engine, "marker": MARKER, "port": listening.getsockname()[1]}
        secret = ["solutions", "tests", ".git", "helpers/checks/lesson02.py", "nbgrader_config.py", "gradebook.db", "submitted", "pyproject.toml"]
        code = REACH.replace("{paths}", repr([*(str(ROOT / name) for name in secret), "/etc/passwd", "/sys", str(mine), "/proc/1/environ"]))
        for word, value in words.items():
            code = code.replace("{" + word + "}", str(value))
        result = hostile.grade(hostile.put(encode=hostile.RIGHT + code)(), {"cell": 30.0})
    mine.unlink()
    output = _cell(result, "encode")["outputs"][0]
    told = ast.literal_eval(output.get("text", "None"))
    assert told is not None, output
    assert told["written"] == [] and told["read"] == []
    assert set(told["families"]) == {"AF_UNIX", "AF_INET", "AF_INET6"}
    assert told["files"] == 0  # no folder takes 10,000
    assert not told["loopback"] and not told["names"]
    assert told["calls"] == [] and told["rights"] == []
    assert told["processes"] == [] and told["pid"] == 1 and told["parent"] == 0
    assert all(link.startswith(("/dev/null", "socket", "/tmp/", "/proc/")) for link in told["links"]), told["links"]
    for folder in (ROOT, Path.home(), Path("/tmp"), Path("/dev/shm"), Path(engine), Path(sys.prefix), Path("/")):
        assert not (folder / f"m{MARKER}").exists()


LISTED = """
import os
print([(folder, sorted(os.listdir(folder))) for folder in {folders} if os.path.isdir(folder)])
"""
LAYOUTS = {
    "below Python's environment": lambda monkeypatch, link: _shown(monkeypatch, ROOT.parent),
    "below Python's environment, which is a link": lambda monkeypatch, link: _shown(monkeypatch, link),
    "below the system's folder": lambda monkeypatch, link: monkeypatch.setattr(sandbox, "SYSTEM", [*sandbox.SYSTEM, str(ROOT.parent)]),
}


def _shown(monkeypatch, folder):
    python = sandbox._python()
    monkeypatch.setattr(sandbox, "_python", lambda: [*python, str(folder)])


def _in_the_way():
    """Why the folder above this checkout cannot stand for Python's; "" if it can."""
    above = ROOT.parent
    if above in Path(sys.prefix).parents and ROOT not in Path(sys.prefix).parents:
        return "Python lies beside the course"
    if above == Path("/tmp"):
        return "the course lies in /tmp itself, where the sandbox has a folder of its own"
    return "" if above.stat().st_mode & stat.S_IXOTH else "only its owner may enter the folder above the course"


@pytest.mark.skipif(bool(_in_the_way()), reason=_in_the_way())
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_course_is_covered_wherever_it_lies(layout, monkeypatch, tmp_path):
    """A virtual environment around the checkout, a course below /usr, a conda prefix: of the course only what lessons need is there."""
    check.close()
    (tmp_path / "link").symlink_to(ROOT.parent)
    LAYOUTS[layout](monkeypatch, tmp_path / "link")
    folders = [str(ROOT), str(ROOT / "helpers" / "checks"), str(tmp_path / "link"), str(tmp_path / "link" / ROOT.name)]
    result = hostile.grade(hostile.put(encode=hostile.RIGHT + LISTED.replace("{folders}", repr(folders)))(), {"cell": 30.0})
    check.close()
    seen = dict(ast.literal_eval(_cell(result, "encode")["outputs"][0]["text"]))
    assert set(seen.pop(str(ROOT))) <= {"helpers", "data", ".venv"}
    assert seen.pop(str(ROOT / "helpers" / "checks")) == ["__init__.py", "calling.py", "report.py", "values.py"]
    if link := seen.pop(str(tmp_path / "link"), []):
        assert ROOT.name in link and seen.pop(str(tmp_path / "link" / ROOT.name)) == []
    assert bool(link) == layout.endswith("link") and not seen


def test_where_the_course_is_pythons_own_folder_nothing_is_graded(monkeypatch):
    check.close()
    _shown(monkeypatch, ROOT)
    with pytest.raises(sandbox.SandboxError, match="are one folder"):
        sandbox.Sandbox([], [])


def test_where_pythons_own_folder_is_tmp_nothing_is_graded(monkeypatch):
    check.close()
    _shown(monkeypatch, Path("/tmp"))
    with pytest.raises(sandbox.SandboxError, match="the folder /tmp itself"):
        sandbox.Sandbox([], [])
    assert [p for p in _processes() if _parent(p) == os.getpid() and b"helpers.grading" in _command(p)] == []


def test_what_is_seen_although_it_is_covered_stops_the_grading(monkeypatch):
    """The sandbox looks itself before it takes a submission."""
    monkeypatch.setattr(sandbox, "_secret", lambda: [sys.prefix])
    with pytest.raises(sandbox.SandboxError, match=f"submissions would see {re.escape(sys.prefix)}"):
        sandbox.Sandbox([], [])


def test_one_submission_finds_nothing_of_another():
    """What one leaves in its scratch, in shared memory, on the loopback or in a module is gone for the next."""
    leaves = f"""
import builtins, os, socket
for folder in ("/tmp", "/dev/shm"):
    open(os.path.join(folder, "{MARKER}"), "w").close()
np.pi = 3
builtins.left = 3
os.environ["LEFT"] = "x"
np.random.seed(1)
server = socket.socket(socket.AF_UNIX); server.bind("\\0{MARKER}"); server.listen()
"""
    looks = f"""
import builtins, os, socket
found = [name for folder in ("/tmp", "/dev/shm") for name in os.listdir(folder) if name == "{MARKER}"]
try:
    client = socket.socket(socket.AF_UNIX); client.connect("\\0{MARKER}")
    found.append("socket")
except OSError:
    pass
print(found, np.pi > 3.1, hasattr(builtins, "left"), os.environ.get("LEFT"), np.random.random())
"""
    before, _, after = (
        _cell(hostile.grade(hostile.put(encode=hostile.RIGHT + code)()), "encode")["outputs"][0]["text"] for code in (looks, leaves + "print()", looks)
    )
    assert before == after and before.startswith("[] True False None")


def test_the_honest_keep_every_bit(honest):
    """The same submission after all of that: the same result."""
    task, before = honest
    assert check.grade(task) == before


def test_nothing_is_left(engine):
    """No process and no file; of the sandbox, while it waits for the next, only its own."""
    hostile.grade(hostile.put(encode=hostile.RIGHT)(), {})
    below, new = [], [os.getpid()]
    while new:
        new = [p for p in _processes() if _parent(p) in new]
        below += [p for p in new if b"helpers.grading" in _command(p)]
    assert 1 <= len(below) <= 3  # bubblewrap, the first process behind it, the one that forks
    check.close()
    assert os.listdir(engine) == []
    assert [p for p in _processes() if _parent(p) == os.getpid() and b"helpers.grading" in _command(p)] == []
    assert [p for p in _processes() if MARKER.encode() in _command(p)] == []


def _processes():
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def _command(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:  # it has just ended
        return b""


def _parent(pid):
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0
