"""The wire between the grader and a student's code: framed JSON, and nothing that runs.

A message is four bytes with its length, and then a JSON object. What comes from the other side is
believed in nothing: its length is known before a byte of it is kept, and its items are counted
before one of them is made. There is no pickle here and no eval.
"""

import json
import math
import socket
import struct
import time
from typing import Any

from nnbook.exercises.timing import EndlessCall

LONGEST = 4 * 2**20  # bytes of one message from a student's side
MOST_ITEMS = 200_000  # of lists and tables in one message
_MOST_BYTES = 32 * 2**20  # of all messages about one question

Message = dict[str, Any]


class GarbageError(Exception):
    """What the other side sent is no message, or not the one that was due."""


class ClosedError(Exception):
    """The other side has ended."""


class Wire:
    """One end of a stream socket that carries messages.

    Parameters
    ----------
    sock : socket.socket
        Connected to the other end.
    longest : int
        The longest message that is taken, in bytes.
    """

    def __init__(self, sock: socket.socket, longest: int = LONGEST) -> None:
        self._socket = sock
        self._longest = longest
        self.deadline = math.inf  # of time.monotonic
        self.start_count()

    def start_count(self) -> None:
        """Forget how much has come in: another question begins."""
        self._bytes_left = max(self._longest, _MOST_BYTES)

    def send(self, message: Message) -> None:
        """Send one message.

        Raises
        ------
        ClosedError
            When the other side has ended.
        EndlessCall
            When it takes nothing until the deadline.
        """
        self.send_bytes(as_bytes(message))

    def send_bytes(self, data: bytes) -> None:
        """Send a message that has been written already."""
        self._in_time(self._socket.sendall, _LENGTH.pack(len(data)) + data)

    def receive(self) -> Message:
        """Return the next message.

        Raises
        ------
        GarbageError
            When it is none, or too long.
        ClosedError
            When the other side has ended.
        EndlessCall
            When it does not come before the deadline.
        """
        (length,) = _LENGTH.unpack(self._exactly(_LENGTH.size))
        self._bytes_left -= length
        if length > self._longest or self._bytes_left < 0:
            raise GarbageError(f"a message of {length} bytes")
        return understood(self._exactly(length))

    def close(self) -> None:
        """Close this end."""
        self._socket.close()

    def _exactly(self, count: int) -> bytes:
        parts = []
        while count:
            part = self._in_time(self._socket.recv, min(count, _CHUNK))
            if not part:
                raise ClosedError
            parts.append(part)
            count -= len(part)
        return b"".join(parts)

    def _in_time(self, work: Any, argument: Any) -> Any:
        self._socket.settimeout(self._time_left())
        try:
            return work(argument)
        except TimeoutError:
            raise EndlessCall from None
        except OSError:
            raise ClosedError from None

    def _time_left(self) -> float | None:
        if self.deadline == math.inf:
            return None
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise EndlessCall
        return left


def as_bytes(message: Message) -> bytes:
    """Write a message as JSON; NaN and infinity by their names."""
    return json.dumps(message, separators=(",", ":")).encode()


def understood(data: bytes, most_items: int = MOST_ITEMS) -> Message:
    """Read a JSON object that a stranger wrote.

    Raises
    ------
    GarbageError
        When it is none, or has so many items that they would fill the memory.
    """
    # Every item of a list or a table is followed by a comma, or by the bracket that ends it.
    if sum(map(data.count, (b",", b"[", b"{"))) > most_items:
        raise GarbageError("too many items")
    try:
        message = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise GarbageError("no JSON") from error
    if not isinstance(message, dict):
        raise GarbageError("no JSON object")
    return message


_LENGTH = struct.Struct(">I")
_CHUNK = 2**20
