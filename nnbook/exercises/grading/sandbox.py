"""Where a student's code runs: bubblewrap around a process that forks one child a submission.

Inside there is a system that can only be read, Python, and the package; no network, no list of
processes, no home, nothing of the definitions of the tasks, and none of the teacher's environment.
Where a child cannot get namespaces of its own, because a system forbids to nest them, a whole
bubblewrap is started for each submission: slower, and as shut.
"""

import math
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from nnbook.errors import NNBookError
from nnbook.exercises.grading.messages import ClosedError, GarbageError, Wire
from nnbook.exercises.timing import EndlessCall

_SECONDS_TO_START = 60
_SECONDS_TO_LEAVE = 2
_SYSTEM = ("/usr", "/bin", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache", "/etc/alternatives")
_DEVICES = ("/dev/null", "/dev/urandom")
_PACKAGE = Path(__file__).parents[2]
_BOOK, _ENVIRONMENT = "/book", "/environment"


class SandboxError(NNBookError, RuntimeError):
    """Isolation that cannot be had here."""


class Child:
    """One process for one submission's code, and its wire.

    Attributes
    ----------
    wire : Wire
        Connected to a `worker.Worker`.
    """

    def __init__(self, wire: Wire, end: Any) -> None:
        self.wire = wire
        self._end = end

    def end(self) -> None:
        """Kill it, with all that it has started.

        They are gone on return; where each has a bubblewrap of its own, an instant later.
        """
        self.wire.close()
        self._end()


class Sandbox:
    """Starts children.

    Parameters
    ----------
    manner : {"forks", "alone", "bare"}
        One bubblewrap for all submissions, one for each, or none at all.
    hidden : sequence of Path
        Folders that no student's code may see, even where they lie within Python or the system.

    Attributes
    ----------
    processor_seconds : float
        What the children of one bubblewrap have used, with it, until the last of them ended.

    Raises
    ------
    SandboxError
        When there is no bubblewrap, or it does not work here.
    """

    def __init__(self, manner: str = "forks", hidden: Sequence[Path] = ()) -> None:
        self.manner = manner
        self._hidden = hidden
        self.processor_seconds = 0.0
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def open(self) -> Child:
        """Return a fresh child.

        Raises
        ------
        SandboxError
            When some step of the isolation fails: then nothing has been run.
        """
        ours, theirs = socket.socketpair()
        try:
            end = self._fork(theirs) if self.manner == "forks" else self._start_for_one(theirs)
        except SandboxError:
            ours.close()
            raise
        finally:
            theirs.close()
        return _greeted(Child(Wire(ours), end))

    def close(self) -> None:
        """End everything; what waits for a word hears that there will be none, and leaves."""
        if self._control and self._process:
            self._control.close()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_SECONDS_TO_LEAVE)
            _end_process(self._process)
        self._control = self._process = None

    def _fork(self, sock: socket.socket) -> Any:
        control = self._started()
        reply = _asked(control, b"open", [sock.fileno()])
        if not reply:  # a system that is short of memory may have ended it: another takes over
            self.close()
            control = self._started()
            reply = _asked(control, b"open", [sock.fileno()])
        if not reply.isdigit():
            self.close()
            raise _refusal("a child could not be shut in", reply.decode("utf-8", "replace"))

        def end() -> None:
            told = _asked(control, b"end " + reply).split()
            self.processor_seconds = float(told[1]) if len(told) == 2 else math.nan

        return end

    def _started(self) -> socket.socket:
        if self._process and self._process.poll() is not None:
            self.close()
        if self._control is None:
            ours, theirs = socket.socketpair(type=socket.SOCK_SEQPACKET)
            ours.settimeout(_SECONDS_TO_START)
            self._process, self._control = self._start(theirs), ours
            theirs.close()
            if _received(ours) != b"ready":
                words = _last_words(self._process)
                self.close()
                raise _refusal("bubblewrap does not start", words)
        return self._control

    def _start_for_one(self, sock: socket.socket) -> Any:
        process = self._start(sock)
        return lambda: _end_process(process)

    def _start(self, sock: socket.socket) -> "subprocess.Popen[bytes]":
        descriptor = sock.fileno()
        nested = self.manner == "forks"
        command = (
            bare_command() if self.manner == "bare" else sandboxed_command(nested, self._hidden)
        )
        return subprocess.Popen(
            [*command, self.manner, str(descriptor), str(_user())],
            pass_fds=[descriptor],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )


def open_sandbox(*, unsafe: bool = False, hidden: Sequence[Path] = ()) -> Sandbox:
    """Return the best sandbox that works here, or refuse.

    Parameters
    ----------
    unsafe : bool
        Ask for none: a student's code can then do whatever the teacher can.
    hidden : sequence of Path
        As for `Sandbox`.

    Raises
    ------
    SandboxError
        When there is none; the message says how to get one.
    """
    if unsafe and sys.platform != "win32":
        return _tried(Sandbox("bare"))
    if sys.platform != "linux":
        raise _refusal(f"this system is {sys.platform}", "it has no bubblewrap")
    if shutil.which("bwrap") is None:
        raise _refusal("no bubblewrap here", "there is no command bwrap")
    try:
        return _tried(Sandbox("forks", hidden))
    except SandboxError:
        return _tried(Sandbox("alone", hidden))


def _tried(sandbox: Sandbox) -> Sandbox:
    try:
        sandbox.open().end()
    except SandboxError:
        sandbox.close()
        raise
    return sandbox


def _greeted(child: Child) -> Child:
    child.wire.deadline = time.monotonic() + _SECONDS_TO_START
    try:
        if child.wire.receive() == {"ready": True}:
            return child
    except (ClosedError, GarbageError, EndlessCall):
        pass
    child.end()
    raise _refusal("a child ended before it began", "some step of its isolation failed")


def _refusal(got: str, reason: str) -> SandboxError:
    return SandboxError(
        "grade",
        got=f"{got} ({' '.join(reason.split())[:300]})",
        wanted="a sandbox for students' code",
        remedy="grade on Linux and install bubblewrap, as in `sudo apt-get install bubblewrap`; "
        "for your own work, and only for that, there is --unsafe-no-sandbox",
    )


def _asked(control: socket.socket, message: bytes, descriptors: Any = ()) -> bytes:
    try:
        socket.send_fds(control, [message], descriptors)
    except OSError:
        return b""
    return _received(control)


def _received(control: socket.socket) -> bytes:
    try:
        return control.recv(2000)
    except OSError:
        return b""


def _last_words(process: "subprocess.Popen[bytes]") -> str:
    process.kill()
    _, words = process.communicate()
    return words.decode("utf-8", "replace")[-300:]


def _end_process(process: "subprocess.Popen[bytes]") -> None:
    """Kill a process and its group; what a bubblewrap holds dies with it."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stderr:
        process.stderr.close()


def _user() -> int:
    """Return the number of a user who does not exist, and never has.

    The kernel counts a user's processes, and keeps keys for a user from one process to the next.
    """
    return 2**30 + secrets.randbelow(2**30)


def bare_command() -> list[str]:
    """Return the command line of the process without a sandbox."""
    return [sys.executable, *_PYTHON, _START.format(book=str(_PACKAGE.parent))]


def sandboxed_command(nested: bool, hidden: Sequence[Path] = ()) -> list[str]:
    """Return the command line of bubblewrap, and of the process inside it.

    Parameters
    ----------
    nested : bool
        Whether children make namespaces of their own; the list of processes, which they need to
        do so, is then here, and each of them covers it.
    hidden : sequence of Path
        As for `Sandbox`.
    """
    as_root = os.geteuid() == 0
    return [
        "bwrap",
        *("--die-with-parent", "--new-session", "--unshare-ipc", "--unshare-net"),
        *("--unshare-pid", "--unshare-uts", "--unshare-cgroup-try", "--hostname", "sandbox"),
        # Root may own what only root can enter, such as its home with a Python in it: then the
        # process inside gives root up as its first step. Anybody else becomes somebody else.
        *(_AS_ROOT if as_root else ("--unshare-user", "--uid", str(_user()))),
        *(() if as_root else ("--gid", str(_user()))),
        *("--clearenv", *_environment()),
        *_binds(),
        *_covers(hidden),
        *(("--proc", "/proc") if nested else ()),
        *("--size", str(16 * 2**20), "--tmpfs", "/tmp", "--chmod", "1777", "/tmp"),
        *("--remount-ro", "/", "--chdir", "/tmp"),
        *(_python_inside(), *_PYTHON, _START.format(book=_BOOK)),
    ]


_AS_ROOT = ("--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID")
_PYTHON = ("-s", "-P", "-B", "-c")
_START = (
    "import sys; sys.path.insert(0, {book!r}); from nnbook.exercises.grading import zygote; "
    "zygote.main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))"
)


def _environment() -> list[str]:
    values = {
        "HOME": "/tmp",
        "LANG": "C.UTF-8",
        "MPLBACKEND": "agg",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "PATH": "/usr/bin:/bin",
        "PYTHONHASHSEED": "0",  # sets come in the same order every time
        "TMPDIR": "/tmp",
    }
    return [word for name, value in values.items() for word in ("--setenv", name, value)]


def _places() -> dict[str, str]:
    """Return where the package and Python are → where they are inside."""
    places = {str(_PACKAGE): f"{_BOOK}/nnbook", sys.base_prefix: sys.base_prefix}
    if sys.prefix != sys.base_prefix:
        places[sys.prefix] = _ENVIRONMENT
    return places


def _covers(hidden: Sequence[Path]) -> list[str]:
    """Put an empty folder over each that would be seen, such as a book within /usr."""
    seen = {**{place: place for place in _SYSTEM if not Path(place).is_symlink()}, **_places()}
    found = {
        str(inside / folder.relative_to(outside))
        for folder in (one.resolve() for one in hidden if one.is_dir())
        for outside, inside in ((Path(one).resolve(), Path(other)) for one, other in seen.items())
        if folder.is_relative_to(outside)
    }
    return [word for one in sorted(found) for word in ("--tmpfs", one, "--remount-ro", one)]


def _binds() -> list[str]:
    places = _places()
    reads = [word for pair in places.items() for word in ("--ro-bind", *pair)]
    system = [word for place in _SYSTEM for word in _system_bind(place)]
    devices = [word for place in _DEVICES for word in ("--dev-bind", place, place)]
    # Of the folders around these, bubblewrap lets nobody but root pass through, unless it is told.
    around = {str(folder) for place in (*places.values(), *_DEVICES) for folder in _above(place)}
    folders = [word for folder in sorted(around) for word in ("--perms", "0755", "--dir", folder)]
    return [*system, *folders, *reads, *devices]


def _above(place: str) -> list[Path]:
    return list(Path(place).parents)[:-1]


def _system_bind(place: str) -> tuple[str, ...]:
    if Path(place).is_symlink():
        return ("--symlink", str(Path(place).readlink()), place)
    return ("--ro-bind-try", place, place)


def _python_inside() -> str:
    if sys.prefix == sys.base_prefix:
        return sys.executable
    return str(_ENVIRONMENT / Path(sys.executable).relative_to(sys.prefix))
