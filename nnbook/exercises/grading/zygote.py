"""The process that waits inside the sandbox, with Python and NumPy loaded, and forks.

Loading them takes a fifth of a second, a fork a hundredth. Each child enters namespaces of its own
before a student's code comes near it: it sees neither this process nor another submission, and all
that it starts dies with it.

The grader talks to this process over a socket that keeps messages apart. ``open`` comes with one
end of a child's own socket, and is answered with the child's number; ``end`` and a number kills
that child and whatever it has started, and is answered when they are gone, with the seconds that
processors have worked here so far.
"""

import os
import resource
import signal
import socket
import sys

import numpy.random  # noqa: F401 - it is loaded once, for all children

import nnbook.tensor  # noqa: F401
from nnbook.exercises.grading import isolation, worker

OPEN, END, READY = b"open", b"end", b"ready"
_LONGEST = 1000


def main(manner: str, descriptor: int, user: int) -> None:
    """Run as told: ``forks`` serves many submissions, ``alone`` and ``bare`` serve one.

    ``bare`` is without a sandbox, and without limits: those count all that a user runs.
    """
    sock = socket.socket(fileno=descriptor)
    if manner == "bare":
        worker.serve(sock)
        return
    isolation.give_root_up(user)
    _limit_open_files()
    if manner == "forks":
        isolation.adopt_orphans()
        _serve_grader(sock)
    else:
        isolation.keep_only(sock.fileno())
        isolation.limit()
        worker.serve(sock)


def _limit_open_files() -> None:
    """Keep the numbers of files low: a child closes all that there can be."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, most))


def _serve_grader(control: socket.socket) -> None:
    control.send(READY)
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, _LONGEST, 1)
        if not message:
            return
        verb, *number = message.split()
        control.send(_open(control, *descriptors) if verb == OPEN else _end(int(number[0])))


def _open(control: socket.socket, descriptor: int) -> bytes:
    """Fork twice: the first child enters the namespaces, and the second is born inside them."""
    reader, writer = os.pipe()
    between = os.fork()
    if between == 0:
        _be_between(control, descriptor, writer)
    os.close(writer)
    os.close(descriptor)
    os.waitpid(between, 0)
    told = os.read(reader, _LONGEST)
    os.close(reader)
    return told


def _be_between(control: socket.socket, descriptor: int, writer: int) -> None:
    try:
        isolation.enter_namespaces()
        child = os.fork()
        if child == 0:
            _be_child(control, descriptor)
        os.write(writer, str(child).encode())
    except OSError as error:
        os.write(writer, f"refused {error}".encode()[:_LONGEST])
    finally:
        os._exit(0)


def _be_child(control: socket.socket, descriptor: int) -> None:
    """Become the first process of a world of its own; when it dies, its whole world does."""
    try:
        control.detach()
        os.setsid()
        isolation.keep_only(descriptor)
        isolation.hide_and_drop()
        isolation.limit()
        os.chdir(isolation.TMP)
        worker.serve(socket.socket(fileno=descriptor))
    finally:
        os._exit(1)


def _end(child: int) -> bytes:
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    used = [resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return b"%s %f" % (END, sum(one.ru_utime + one.ru_stime for one in used))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
