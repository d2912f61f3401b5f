"""The walls: a process that knows no more than the lesson needs, behind bubblewrap, ready to be forked for each submission."""

import contextlib
import os
import select
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from helpers import data, session
from helpers.grading import channel, student

#: Where `helpers` is, and the parts of it that a submission may see: no check, no release, no grading but its own side.
HELPERS = Path(student.__file__).resolve().parent.parent
VISIBLE = [
    "__init__.py", "course.py", "data.py", "gradients.py", "session.py", "training.py", "writing.py",
    "claims", "laboratory", "plots",
    "checks/__init__.py", "checks/calling.py", "checks/report.py", "checks/values.py",
    "grading/__init__.py", "grading/channel.py", "grading/student.py",
]
SYSTEM = ["/usr", "/lib", "/lib32", "/lib64", "/bin", "/sbin", "/etc/ld.so.cache", "/etc/alternatives", "/etc/fonts", "/etc/localtime"]

#: Of one submission: memory beyond what Python and the libraries take, address space, scratch folder (all in bytes),
#: processes, processes and threads, CPU time (seconds).
LIMITS = {"memory": 2**30, "address_space": 8 * 2**30, "scratch": 64 * 2**20, "processes": 32, "tasks": 192, "seconds": 900}

#: How long the libraries may take to load, in seconds: a busy machine is slow.
START = 300.0

WHAT_TO_DO = (
    "On Debian and Ubuntu: `apt-get install bubblewrap`; plain user rights are enough. Inside a container, user namespaces must be "
    "allowed. On macOS and Windows, grade in a Linux machine, container or WSL. --no-sandbox grades without protection: the "
    "checks stay in a process of their own, but a submission can then read and change whatever you can, and use your network."
)


class SandboxError(Exception):
    """There is no sandbox on this machine."""


class Sandbox:
    """A process that has imported what a lesson imports and has done nothing else; submissions are its forks.

    Parameters
    ----------
    checks : sequence of str
        Names of the modules of checks, which the sandbox provides without a check in them.
    imports : sequence of str
        Import statements to run before the first submission: what is loaded then costs no submission time.
    protected : bool
        Whether to stand behind bubblewrap; without it only the processes are separate.
    limits : dict, optional
        As `LIMITS`.

    Raises
    ------
    SandboxError
        If it cannot be protected, or does not start.
    """

    def __init__(self, checks, imports, protected=True, limits=None):
        if not hasattr(os, "fork"):
            raise SandboxError("Grading needs a system with fork, such as Linux. " + WHAT_TO_DO)
        command = [sys.executable, "-m", "helpers.grading.student"]
        environment = _environment()
        self._folder = None
        if protected:
            command = [*_walls(environment), *command]
        else:
            self._folder = tempfile.TemporaryDirectory(prefix="grading-", ignore_cleanup_errors=True)
            environment |= {"HOME": self._folder.name, "TMPDIR": self._folder.name}
        order = {**LIMITS, **(limits or {}), "checks": list(checks), "imports": list(imports), "protected": protected, "kept": _below_tmp()}
        order["secret"] = _secret() if protected else []
        self._control, theirs = socket.socketpair()
        with theirs, tempfile.TemporaryFile() as said:
            self._process = subprocess.Popen(
                [*command, str(theirs.fileno())], env=environment, pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said,
                cwd=self._folder.name if self._folder else "/",
            )
            theirs.close()
            try:
                channel.send(self._control, order)
                channel.receive(self._control, START)
            except (channel.Closed, TimeoutError) as error:
                self.close()
                said.seek(0)
                words = said.read(4000).decode("utf-8", "replace").strip() or str(error) or "it did not start in time"
                raise SandboxError(f"The sandbox does not start here: {words}\n{WHAT_TO_DO}") from None

    def open(self):
        """Fork for one submission.

        Returns
        -------
        socket.socket
            The channel to it. Call `end` before the next.

        Raises
        ------
        SandboxError
            If the process is gone.
        """
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                socket.send_fds(self._control, [student.OPEN], [theirs.fileno()])
            except OSError:
                ours.close()
                raise SandboxError("The sandbox has ended.") from None
        return ours

    def cpu_seconds(self):
        """CPU time that all in the sandbox have used so far; 0 where the system does not say."""
        return student.cpu_seconds(self._process.pid)

    def end(self, stream, gone=False):
        """End the submission, with all that it has started.

        Parameters
        ----------
        stream : socket.socket
        gone : bool
            Whether it has hung up by itself: then there is a moment to find out why.

        Returns
        -------
        dict
            `reason` (str): the limit that it ran into, or ""; `peak` (int): its memory in bytes.
        """
        stream.close()
        try:
            if not (gone and select.select([self._control], [], [], 2.0)[0]):
                self._control.send(student.STOP)
            message, _ = channel.receive(self._control, 60.0)
        except (OSError, channel.Closed, TimeoutError):
            self.close()
            return {"reason": "the sandbox ended with it", "peak": 0}
        return message

    def close(self):
        """End the process, and whatever runs in it."""
        self._control.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(2)
        self._process.kill()
        self._process.wait()
        if self._folder:
            self._folder.cleanup()


def explain():
    """What keeps this machine from protecting itself, in words with what to do; "" if nothing does."""
    try:
        command = [*_walls(_environment()), sys.executable, "-c", "import numpy"]
    except SandboxError as error:
        return str(error)
    run = subprocess.run(command, env=_environment(), capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return "" if run.returncode == 0 else f"bubblewrap does not work here: {run.stderr.strip()[:500]}\n{WHAT_TO_DO}"


def _environment():
    """All that a submission sees of the environment: nothing of the instructor's."""
    quiet = {"PATH": "/usr/bin:/bin", "HOME": "/tmp", "LANG": "C.UTF-8", "MPLBACKEND": "agg", "MPLCONFIGDIR": "/tmp", "IPYTHONDIR": "/tmp"}
    python = {"PYTHONPATH": str(HELPERS.parent), "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1"}
    return {**quiet, **python, session.STILL: "1", **session.ONE_THREAD, **session.QUIET_TENSORFLOW}


def _walls(environment):
    """The bubblewrap command: a read-only system, Python, the visible parts of `helpers`, the data; no network, no rights."""
    bubblewrap = shutil.which("bwrap")
    if bubblewrap is None:
        raise SandboxError("bubblewrap is not installed. " + WHAT_TO_DO)
    walls = [bubblewrap, "--unshare-net", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--hostname", "sandbox"]
    walls += ["--die-with-parent", "--new-session", "--clearenv", "--cap-drop", "ALL"]
    if os.getuid() == 0:  # the process that forks makes each submission nobody
        walls += [*(word for right in ("SETUID", "SETGID", "KILL") for word in ("--cap-add", f"CAP_{right}"))]
    else:
        walls += ["--unshare-user", "--uid", "1000", "--gid", "1000"]
    for name, value in environment.items():
        walls += ["--setenv", name, value]
    walls += ["--tmpfs", "/tmp", "--proc", "/proc", "--dev", "/dev", "--dev-bind", "/dev/null", "/dev/zero"]
    for path in filter(os.path.islink, SYSTEM):
        walls += [*_way_to(path), "--symlink", os.readlink(path), path]
    shown = [*(path for path in SYSTEM if os.path.exists(path) and not os.path.islink(path)), *_python()]
    if Path("/tmp") in (Path(path).resolve() for path in shown):
        raise SandboxError("Python's environment is the folder /tmp itself, where the sandbox has an empty folder of its own. "
                           "Make the environment in a folder of its own, such as .venv (`uv sync` does).")
    covered = [*_covers(shown), str(HELPERS)]
    for path in sorted({*shown, *covered}, key=lambda path: len(Path(path).parts)):  # what lies further in comes on top
        walls += [*_way_to(path), *(["--tmpfs", path] if path in covered else ["--ro-bind", path, path])]
    for path in [*(HELPERS / name for name in VISIBLE), data.DATA_FOLDER]:
        walls += [*_way_to(path), "--ro-bind-try", str(path), str(path)]
    return [*walls, *(word for path in [*covered, "/dev", "/"] for word in ("--remount-ro", path)), "--chdir", "/tmp"]


def _courses():
    """The folders of a course that this process knows: that of its own `helpers`, and the one that it grades."""
    own, here = HELPERS.parent, Path.cwd()
    found = [own] if own.name not in ("site-packages", "dist-packages") else []  # installed: there are packages, and no course
    return [*found, *([here] if here != own and (here / "nbgrader_config.py").is_file() else [])]


def _covers(shown):
    """Where a course lies below a folder that is shown, as below a virtual environment: there the sandbox has an empty folder."""
    covers = set()
    for path, course in ((Path(path), course) for path in shown for course in _courses()):
        if path.resolve() == course:
            raise SandboxError(f"The course and Python's environment are one folder, {course}: submissions would see what is in it. "
                               "Make the environment in a folder of its own, such as .venv (`uv sync` does).")
        if path.resolve() in course.parents:
            covers.add(str(path / course.relative_to(path.resolve())))
    return covers


def _secret():
    """All that lies in a course's folder, but what a submission may see."""
    seen = [Path(path).resolve() for path in (*_python(), HELPERS, *(HELPERS / name for name in VISIBLE), data.DATA_FOLDER)]
    files = [file for course in _courses() for file in course.iterdir()]
    return sorted(str(file) for file in files if not any(file == one or file in one.parents for one in seen))


def _below_tmp():
    """The names in /tmp under which something lies that the sandbox shows."""
    shown = [Path(path) for path in (*_python(), HELPERS, data.DATA_FOLDER)]
    return sorted({path.parts[2] for path in shown if path.parts[:2] == ("/", "tmp") and path.parts[2:] and path.exists()})


def _way_to(path):
    """The folders above a path, open to everybody: bubblewrap would make them the administrator's alone."""
    return [word for folder in reversed(Path(path).parents[:-1]) for word in ("--perms", "0755", "--dir", str(folder))]


def _python():
    """The folders of this Python and its packages."""
    real = Path(sys.executable).resolve().parent.parent
    return sorted({str(Path(folder)) for folder in (sys.prefix, sys.base_prefix, real)} - {"/usr", "/"})
