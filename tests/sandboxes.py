"""What the tests of the grader share: a sandbox, or a sentence that says why there is none."""

import os
import time
from pathlib import Path

import pytest

from nnbook.exercises import load
from nnbook.exercises.exercise import checks_folder
from nnbook.exercises.grading.grade import Limits, TaskResult, grade
from nnbook.exercises.grading.remote import Connection
from nnbook.exercises.grading.sandbox import Sandbox, SandboxError, open_sandbox
from nnbook.exercises.grading.submissions import Notebook

PATIENT = Limits()
SHORT = Limits(request=0.5, cell=0.75)  # for what does not end

LOOK = """
import ctypes, os, resource, socket, sys

def capabilities():
    held = (ctypes.c_uint32 * 6)()
    ctypes.CDLL(None).capget((ctypes.c_uint32 * 2)(0x20080522, 0), held)
    return [bits for bits in held if bits]

def writable():
    found = []
    for where, folders, _ in os.walk("/"):
        found += [where] * os.access(where, os.W_OK)
        if where in ("/usr", "/environment", sys.base_prefix) and os.statvfs(where).f_flag & 1:
            folders.clear()  # no more than the whole of it can be written to
    return found

def look():
    limits = {name: resource.getrlimit(getattr(resource, f"RLIMIT_{name}"))
              for name in ("AS", "CORE", "CPU", "FSIZE", "NOFILE", "NPROC")}
    tmp = os.statvfs("/tmp")
    return {
        "pid": os.getpid(), "users": list(os.getresuid()), "groups": os.getgroups(),
        "limits": {name: list(pair) for name, pair in limits.items()},
        "tmp": tmp.f_blocks * tmp.f_frsize, "root": sorted(os.listdir("/")),
        "proc": os.listdir("/proc") if os.path.exists("/proc") else [],
        "tmp_files": os.listdir("/tmp"), "interfaces": [name for _, name in socket.if_nameindex()],
        "environment": dict(os.environ),
        "capabilities": list(capabilities()),
        "no_new_privileges": ctypes.CDLL(None).prctl(39, 0, 0, 0, 0),
        "writable": writable(),
    }
"""


def sandbox_or_skip(manner: str = "") -> Sandbox:
    """Return a sandbox; without one, skip in words, or fail where one is required."""
    try:
        return Sandbox(manner) if manner else open_sandbox()
    except SandboxError as error:
        give_up = pytest.fail if os.environ.get("NNBOOK_REQUIRE_SANDBOX") else pytest.skip
        give_up(f"no sandbox for the tests of the grader: {error}")


def seen_inside(sandbox: Sandbox) -> dict:
    """Return what a student's code sees."""
    child = sandbox.open()
    try:
        connection = Connection(child.wire)
        connection.limit(20.0, time.monotonic() + 30)
        connection.ask("cell", LOOK, 1)
        (look,) = connection.ask("answer", "look")
        return look()
    finally:
        child.end()


def tasks_of(chapter: int, checks: Path | None = None) -> tuple[str, ...]:
    """Return the names of a chapter's tasks."""
    known = load(checks or checks_folder())
    return tuple(name for name, task in known.items() if task.chapter == chapter)


def marks(
    cells: tuple[str, ...], sandbox: Sandbox, tasks: tuple[str, ...], limits: Limits = PATIENT
) -> dict[str, TaskResult]:
    """Grade cells in a sandbox: task → result."""
    notebook = Notebook(cells, {}, tasks)
    known = load(checks_folder())
    return {one.name: one for one in grade(notebook, known, sandbox, 1, limits)}
