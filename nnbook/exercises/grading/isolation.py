"""What a process takes from itself before a student's code runs in it; Linux only.

Everything here is a system call whose result is looked at: a step that fails is an `OSError`, and
then no student's code is run.
"""

import ctypes
import os
import resource
from pathlib import Path

TMP = "/tmp"  # the one place that a student's code can write to
TMP_BYTES = 16 * 2**20
PROCESSES = 8  # threads are counted too
SECONDS_OF_CPU = 120
MEMORY = 2 * 2**30  # bytes of address space; Python with NumPy takes an eighth of it
OPEN_FILES = 64


def enter_namespaces() -> None:
    """Give this process its own users, mounts and messages, and its children their own numbers.

    Its user stays the same, and is the only one there is.
    """
    user, group = os.getuid(), os.getgid()
    _call("unshare", _NEW_USER | _NEW_MOUNTS | _NEW_IPC | _NEW_PROCESSES)
    _call("prctl", _DUMPABLE, 1, 0, 0, 0)  # who has given root up may not write the lines below
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{user} {user} 1")
    _write("/proc/self/gid_map", f"{group} {group} 1")


def hide_and_drop() -> None:
    """Cover the list of processes, get an empty /tmp, and give all privileges up for good."""
    _mount("/proc", "size=4k,nr_inodes=2,mode=555", _READ_ONLY)
    _mount(TMP, f"size={TMP_BYTES},nr_inodes=1000,mode=700", 0)
    for capability in range(_last_capability() + 1):
        _call("prctl", _DROP_FROM_BOUNDS, capability, 0, 0, 0)
    _hold_nothing()


def limit() -> None:
    """Set the limits of each process of a student's, and of their number."""
    largest = {
        resource.RLIMIT_AS: MEMORY,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_CPU: SECONDS_OF_CPU,
        resource.RLIMIT_FSIZE: TMP_BYTES,
        resource.RLIMIT_NOFILE: OPEN_FILES,
        resource.RLIMIT_NPROC: PROCESSES,
        resource.RLIMIT_MEMLOCK: 0,
    }
    for kind, value in largest.items():
        resource.setrlimit(kind, (value, value))


def keep_only(descriptor: int) -> None:
    """Close every file but one; input is empty and output goes nowhere."""
    nowhere = os.open("/dev/null", os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    os.closerange(3, descriptor)
    os.closerange(descriptor + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])


def adopt_orphans() -> None:
    """Become the parent of whatever a child leaves behind."""
    _call("prctl", _SUBREAPER, 1, 0, 0, 0)


def give_root_up(user: int) -> None:
    """Become this user and group, without any others, for good.

    Raises
    ------
    OSError
        When some way back is left.
    """
    if os.getuid() == 0:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    _hold_nothing()
    if 0 in (*os.getresuid(), *os.getresgid()) or 0 in os.getgroups():
        raise OSError("this process is still root")


_NEW_USER, _NEW_PROCESSES, _NEW_MOUNTS, _NEW_IPC = 0x10000000, 0x20000000, 0x00020000, 0x08000000
_READ_ONLY, _NO_SETUID, _NO_DEVICES, _NO_EXEC = 1, 2, 4, 8
_DUMPABLE, _IS_IN_BOUNDS, _DROP_FROM_BOUNDS, _SUBREAPER = 4, 23, 24, 36
_NO_NEW_PRIVILEGES, _AMBIENT, _CLEAR_ALL = 38, 47, 4
_CAPABILITY_VERSION = 0x20080522


def _hold_nothing() -> None:
    """Hold no capability in any set, and never gain one."""
    _call("prctl", _AMBIENT, _CLEAR_ALL, 0, 0, 0)
    header, nothing = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0), (ctypes.c_uint32 * 6)()
    _call("capset", header, nothing)
    _call("prctl", _NO_NEW_PRIVILEGES, 1, 0, 0, 0)


def _last_capability() -> int:
    """Return the highest capability that this kernel knows: it refuses the next one."""
    known = 0
    while ctypes.CDLL(None).prctl(_IS_IN_BOUNDS, known + 1, 0, 0, 0) >= 0:
        known += 1
    return known


def _call(name: str, *arguments: object) -> None:
    if getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def _mount(place: str, options: str, flags: int) -> None:
    flags |= _NO_SETUID | _NO_DEVICES | _NO_EXEC
    _call("mount", b"tmpfs", place.encode(), b"tmpfs", flags, options.encode())


def _write(file: str, text: str) -> None:
    Path(file).write_text(text, encoding="ascii")
