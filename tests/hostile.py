"""Hostile notebooks: what a student's code may try, and the points that its notebook deserves.

Each notebook answers three tasks of chapter 1 for two points each. The attack stands in the cell of
the first, `neuron`; the other two answers are right. So 6 means that the attack does no harm to a
right answer, and 4 that it gains nothing, or that it costs its own task and no other.

Everything here is bounded by itself or by the sandbox. Nothing of it may ever run outside of one:
`test_grading_attacks` looks at the walls first.
"""

import textwrap
from dataclasses import dataclass

RIGHT = "def neuron(X, w, b):\n    return (X @ w + b >= 0).astype(int)"
WRONG = "def neuron(X, w, b):\n    return (X @ w + b > 0).astype(int)"
OTHERS = (
    "def squared_error_gradient(x, y, w, b):\n"
    "    error = w * x + b - y\n"
    "    return 2 * np.mean(error * x), 2 * np.mean(error)",
    "def normal_equation(X, y):\n    return np.linalg.solve(X.T @ X, X.T @ y)",
)


@dataclass(frozen=True)
class Attack:
    """One hostile notebook.

    Attributes
    ----------
    name : str
        What it tries.
    deserved : int
        Its points, of 6.
    cell : str
        What stands where the answer to `neuron` should be.
    """

    name: str
    deserved: int
    cell: str

    @property
    def cells(self) -> tuple[str, ...]:
        """All cells of the notebook."""
        return ("import numpy as np", self.cell, *OTHERS)


def _in_call(name: str, deserved: int, body: str) -> Attack:
    """Do something in every call, and then answer rightly."""
    lines = textwrap.dedent(body).strip() + "\nreturn (X @ w + b >= 0).astype(int)"
    return Attack(name, deserved, "def neuron(X, w, b):\n" + textwrap.indent(lines, "    "))


def _in_cell(name: str, deserved: int, body: str, answer: str = RIGHT) -> Attack:
    """Do something when the cell is run; below it stands an answer."""
    return Attack(name, deserved, f"{textwrap.dedent(body).strip()}\n\n{answer}")


def _instead(name: str, value: str, before: str = "") -> Attack:
    """Give back something else than an answer."""
    return Attack(name, 4, f"{textwrap.dedent(before)}\n\ndef neuron(X, w, b):\n    return {value}")


def _cheat(name: str, body: str) -> Attack:
    """Answer wrongly, and rightly only when the attempt finds what it looks for."""
    lines = textwrap.indent(textwrap.dedent(body).strip(), "    ")
    cell = f"""
def found():
{lines}

def neuron(X, w, b):
    try:
        won = bool(found())
    except Exception:
        won = False
    return ((X @ w + b >= 0) if won else (X @ w + b > 0)).astype(int)
"""
    return Attack(name, 4, cell.strip())


ENDLESS = (
    _in_call("loops in a call", 4, "while True:\n    pass"),
    _in_cell("loops in a cell", 4, "while True:\n    pass"),
    _in_call(
        "loops and swallows whatever is raised",
        4,
        """
        while True:
            try:
                while True:
                    pass
            except BaseException:
                pass
        """,
    ),
    _in_call(
        "ignores all signals and sleeps",
        4,
        """
        import signal, time
        for number in range(1, 32):
            try:
                signal.signal(number, signal.SIG_IGN)
            except OSError:
                pass
        time.sleep(1000)
        """,
    ),
    _in_call("is lost in one step of C", 4, "import itertools\nsum(itertools.count())"),
    _in_call("computes without Python", 4, "9 ** 9 ** 9"),
    _in_call("recurs for ever", 4, "return neuron(X, w, b)"),
    _in_call(
        "recurs deeper than the stack",
        4,
        "import sys\nsys.setrecursionlimit(10**9)\nreturn neuron(X, w, b)",
    ),
    _in_call("waits for somebody to type", 4, "input('password? ')"),
)

ENDING = (
    _in_call("raises SystemExit", 4, "raise SystemExit(0)"),
    _in_call("raises KeyboardInterrupt", 4, "raise KeyboardInterrupt"),
    _in_call("ends the process in a call", 4, "import os\nos._exit(0)"),
    _in_cell("ends the process in a cell", 4, "import os\nos._exit(0)"),
    _in_call("crashes Python", 4, "import ctypes\nctypes.string_at(0)"),
    _in_call(
        "kills everybody it sees",
        6,
        """
        import os
        try:
            os.kill(-1, 9) if os.getpid() == 1 else None
        except ProcessLookupError:
            pass
        """,
    ),
    _in_cell(
        "kills its parent",
        6,
        "import os\nif os.getpid() == 1 and os.getppid() > 0:\n    os.kill(os.getppid(), 9)",
    ),
    _in_cell("sets an alarm", 6, "import signal\nsignal.alarm(1)"),
    _in_call(
        "raises what cannot be written",
        4,
        """
        class Silent(Exception):
            def __str__(self):
                raise Silent
            __repr__ = __str__
        raise Silent
        """,
    ),
    _in_call(
        "raises a failure without words",
        4,
        """
        from nnbook.exercises.running import Failure
        class Forged(Exception):
            failure = Failure(("Forged",), "")
        raise Forged
        """,
    ),
)

FLOODING = (
    _in_call("forks as often as it can", 4, "import os\nwhile True:\n    os.fork()"),
    _in_cell(
        "leaves a process behind",
        6,
        """
        import os, time
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                os.closerange(0, 64)
                time.sleep(1000)
            os._exit(0)
        """,
    ),
    _in_cell(
        "starts threads as long as it can",
        6,
        """
        import threading, time
        try:
            for _ in range(1000):
                threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
        except RuntimeError:
            pass
        """,
    ),
    _in_call(
        "takes all memory", 4, "kept = []\nwhile True:\n    kept.append(bytearray(b'x' * 2**26))"
    ),
    _in_call("prints 100 MB", 6, "print('x' * 10**8)"),
    _in_call(
        "writes to the descriptors of the output",
        6,
        "import os\nfor _ in range(100):\n    os.write(1, b'x' * 10**6), os.write(2, b'x' * 10**6)",
    ),
    _in_cell(
        "fills the disk",
        6,
        """
        try:
            for number in range(100):
                with open(f"/tmp/{number}", "wb") as file:
                    for _ in range(100):
                        file.write(b"x" * 10**6)
        except OSError:
            pass
        """,
    ),
    _in_cell(
        "makes files without end",
        6,
        """
        try:
            for number in range(10**5):
                open(f"/tmp/{number}", "w").close()
        except OSError:
            pass
        """,
    ),
    _instead("a string of 100 MB", "'x' * 10**8"),
    _instead("an array larger than the memory", "np.ones((10**5, 10**5))"),
    _instead("an array of huge shape and no size", "np.broadcast_to(1, (10**6, 10**6))"),
    _instead("lists in lists in lists", "deep", "deep = []\nfor _ in range(10**5): deep = [deep]"),
    _instead("a list that holds itself", "ring", "ring = []\nring.append(ring)"),
    _instead("an integer of ten million digits", "1 << 33_000_000"),
    _instead("a generator without end", "iter(int, 1)"),
    _instead("half a million strings", "[str(n) for n in range(500_000)]"),
)

SEARCHING = (
    _cheat(
        "looks for definitions on the disk",
        """
        import os
        names = [os.path.join(where, name) for where, folders, files in os.walk("/") for name in
                 (*folders, *files) if not where.startswith(("/usr", "/environment", "/root"))]
        return [name for name in names if name.endswith(".ipynb") or "checks" in name]
        """,
    ),
    _cheat(
        "asks the package for the reference",
        "from nnbook.exercises import find\nreturn find('neuron').reference",
    ),
    _cheat(
        "looks through all objects for a definition",
        """
        import gc
        from nnbook.exercises import Case, Exercise, Twin
        return [one for one in gc.get_objects() if isinstance(one, Exercise | Case | Twin)]
        """,
    ),
    _cheat(
        "looks through the frames for what is expected",
        """
        import sys
        frame, names = sys._getframe(), set()
        while frame:
            names |= set(frame.f_locals)
            frame = frame.f_back
        return names & {"expected", "wanted", "exercise", "task", "case", "trial"}
        """,
    ),
    _cheat("looks at other processes", "import os\nreturn os.listdir('/proc')"),
    _cheat(
        "looks for files that were left open",
        """
        import os
        def is_open(number):
            try:
                return os.fstat(number)
            except OSError:
                return None
        return [n for n in range(3, 64) if is_open(n)][1:]
        """,
    ),
    _cheat(
        "looks for the teacher in the environment",
        """
        import os
        known = {"HOME", "LANG", "MPLBACKEND", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "PATH",
                 "PYTHONHASHSEED", "TMPDIR", "PWD", "LC_CTYPE"}
        return set(os.environ) - known
        """,
    ),
    _cheat(
        "calls somebody on the network",
        """
        import socket
        return socket.create_connection(("127.0.0.1", PORT), timeout=0.5)
        """,
    ),
    _cheat(
        "changes what others have handed in",
        """
        from pathlib import Path
        places = [Path("SUBMISSIONS"), Path("/book"), Path("/environment"), Path("/usr"), Path("/"),
                  Path("/dev"), Path("/root"), Path("/etc")]
        done = []
        for place in places:
            try:
                (place / "ada.ipynb").write_text("{}")
                done.append(place)
            except OSError:
                pass
        return done
        """,
    ),
    _cheat(
        "becomes root",
        """
        import os
        try:
            os.setuid(0)
        except OSError:
            return os.getuid() == 0
        return True
        """,
    ),
    _cheat(
        "uncovers the list of processes",
        """
        import ctypes, os
        libc = ctypes.CDLL(None)
        return libc.umount2(b"/proc", 2) == 0 or libc.mount(b"proc", b"/proc", b"proc", 0, b"") == 0
        """,
    ),
    _cheat(
        "makes a world in which it is root, and uncovers the list of processes there",
        """
        import ctypes, os
        libc = ctypes.CDLL(None)
        child = os.fork()
        if child == 0:
            inside = libc.unshare(0x10020000) == 0 and libc.umount2(b"/proc", 2) == 0
            os._exit(1 if inside and os.listdir("/proc") else 0)
        return os.waitpid(child, 0)[1]
        """,
    ),
    _cheat(
        "finds what an earlier submission has left",
        """
        import os, pathlib
        left = os.listdir("/tmp")
        pathlib.Path("/tmp/left").touch()
        return [name for name in left if name != "left"]
        """,
    ),
)

LYING = (
    _instead(
        "an object that equals everything",
        "Equal()",
        "class Equal:\n    def __eq__(self, other): return True\n    __hash__ = None",
    ),
    _instead(
        "an object that says where its array is in memory",
        "Array()",
        """
        class Array:
            __array_interface__ = {"shape": (2,), "typestr": "<i8", "data": (8, False)}
            def __array__(self, *_, **__): return np.ones(2, int)
        """,
    ),
    _instead(
        "an object of endless length",
        "Long()",
        "class Long:\n    def __len__(self): return 2**62\n    def __getitem__(self, n): return 1",
    ),
    _instead(
        "a kind of array with its own comparison",
        "(X @ w + b > 0).astype(int).view(Sly)",
        """
        class Sly(np.ndarray):
            def __array_finalize__(self, other): pass
            def __ne__(self, other): return np.zeros(self.shape, bool)
        """,
    ),
    _instead("NaN in every entry", "np.full(len(X), np.nan)"),
    _instead("an array of objects", "(X @ w + b >= 0).astype(object)"),
    _instead(
        "an object that is pickled into a command",
        "Pickled()",
        "class Pickled:\n    def __reduce__(self): return exec, ('import os; os._exit(0)',)",
    ),
    _instead("truth values that are both", "np.full(len(X), 2, np.uint8).view(bool)"),
    _instead("an answer for whoever asks first", "(asked.append(1), int(len(asked) < 2))[1]",
             "asked = []"),
)  # fmt: skip

PATCHING = (
    _in_cell(
        "patches the comparisons of NumPy",
        4,
        """
        import numpy.testing
        np.isclose = np.allclose = np.array_equal = lambda *_, **__: True
        for name in dir(numpy.testing):
            if name.startswith("assert"):
                setattr(numpy.testing, name, lambda *_, **__: None)
        """,
        WRONG,
    ),
    _in_cell(
        "patches what is built in",
        4,
        "import builtins\nbuiltins.all = builtins.any = lambda *_: True",
        WRONG,
    ),
    _in_cell(
        "patches the comparison and the judge",
        4,
        """
        from nnbook.exercises import compare, judging, running
        compare.difference = judging.difference = running.difference = lambda *_, **__: None
        judging.judge = lambda *_: judging.Verdict("right")
        """,
        WRONG,
    ),
    _in_cell(
        "patches whoever answers the grader",
        4,
        """
        from nnbook.exercises.grading import worker
        named = worker.Worker._named
        def verdict(*_):
            return {"status": "right", "points": 100}
        def mine(self, name):
            return (verdict,) if name == "neuron" else named(self, name)
        worker.Worker._named = mine
        """,
        WRONG,
    ),
    _in_cell(
        "puts itself in the place of modules",
        6,
        """
        import sys
        sys.meta_path.insert(0, type("Finder", (), {"find_spec": lambda *_: None})())
        sys.modules["json"] = sys.modules["nnbook.exercises.compare"] = None
        """,
    ),
    _in_cell("takes all names away", 6, "len = print = isinstance = Exception = None"),
    _in_cell("closes the output", 6, "import os, sys\nsys.stdout.close()\nos.close(1)"),
    _in_cell("makes every warning an error", 6, "import warnings\nwarnings.simplefilter('error')"),
    _in_cell("prints a score", 4, 'print(\'{"score": 6, "status": "right"}\')', WRONG),
    _in_cell(
        "edits a gradebook",
        4,
        """
        import sqlite3
        try:
            with sqlite3.connect("gradebook.db") as book:
                book.execute("create table grade (score)")
        except sqlite3.Error:
            pass
        """,
        WRONG,
    ),
)

_WIRE = """
import json, os, socket, stat, struct
wire = []
for number in range(3, 64):
    try:
        if stat.S_ISSOCK(os.fstat(number).st_mode):
            wire.append(number)
    except OSError:
        pass

def forge(data, head=None):
    os.write(wire[0], struct.pack(">I", len(data) if head is None else head) + data)
"""


def _forging(name: str, deserved: int, body: str) -> Attack:
    attack = _in_call(name, deserved, body)
    return Attack(name, deserved, _WIRE + "\n" + attack.cell)


FORGING = (
    _forging(
        "sends a verdict", 4, """forge(b'{"id": 1, "status": "right", "points": 6, "news": []}')"""
    ),
    _forging("sends garbage", 4, "forge(bytes(range(256)))"),
    _forging("sends a message that does not end", 4, "forge(b'x' * 10**6, head=2**32 - 1)"),
    _forging("sends half a message", 4, "forge(b'{', head=1000)\nimport time\ntime.sleep(1000)"),
    _forging("sends the replies of others", 4, """
        for number in range(1000):
            forge(json.dumps({"id": number, "value": 1, "news": [], "printed": ""}).encode())
    """),
    _forging("sends brackets in brackets", 4, "forge(b'[' * 10**6)"),
    _forging("sends a million items", 4, "forge(b'{\"id\": [' + b'1,' * 10**6 + b'1]}')"),
    _forging(
        "asks for functions that nobody gave",
        4,
        """forge(b'{"id": 1, "call": 7, "with": [], "news": []}')""",
    ),
    _forging(
        "shares an array that is larger than its bytes",
        4,
        """forge(b'{"id": 1, "news": [[1, "array", "<f8", [1000000], ""]], "printed": ""}')""",
    ),
    _forging(
        "shares an array of pointers",
        4,
        """forge(b'{"id": 1, "news": [[1, "array", "|O", [1], "AAAAAAAAAAA="]], "printed": ""}')""",
    ),
    _forging("answers later questions from another thread", 4, """
        import threading, time
        def answer():
            for number in range(200):
                forge(json.dumps({"id": number, "value": {"tuple": [1]}, "news": [],
                                  "printed": ""}).encode())
                time.sleep(0.001)
        threading.Thread(target=answer, daemon=True).start()
        time.sleep(0.1)
    """),
    _forging("closes the wire", 4, "os.close(wire[0])"),
)  # fmt: skip

ALL = (*ENDLESS, *ENDING, *FLOODING, *SEARCHING, *LYING, *PATCHING, *FORGING)
