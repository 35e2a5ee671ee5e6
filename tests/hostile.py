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
MISTAKE = "strict step"  # what a twin of the task calls it
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
    mistake : str
        Which known mistake the answer makes, when the attack itself leaves no trace: then it has
        been tried, and has not failed for a reason of its own.
    """

    name: str
    deserved: int
    cell: str
    mistake: str = ""

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
    cell = f"{textwrap.dedent(body).strip()}\n\n{answer}"
    return Attack(name, deserved, cell, MISTAKE if answer is WRONG else "")


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
    except (OSError, LookupError):  # refused, or not there
        won = False
    return ((X @ w + b >= 0) if won else (X @ w + b > 0)).astype(int)
"""
    return Attack(name, 4, cell.strip(), MISTAKE)


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
    _in_call("prints 10 MB", 6, "print('x' * 10**7)"),
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
    _instead("a string of 10 MB", "'x' * 10**7"),
    _instead("an array larger than the memory", "np.ones((10**5, 10**5))"),
    _instead("an array of huge shape and no size", "np.broadcast_to(1, (10**6, 10**6))"),
    _instead("lists in lists in lists", "deep", "deep = []\nfor _ in range(2000): deep = [deep]"),
    _instead("a list that holds itself", "ring", "ring = []\nring.append(ring)"),
    _instead("an integer of ten million digits", "1 << 33_000_000"),
    _instead("a generator without end", "iter(int, 1)"),
    _instead("a quarter of a million strings", "[''] * 250_000"),
)

SEARCHING = (
    _cheat(
        "looks for definitions on the disk",
        """
        import os, sys
        names = []
        for where, folders, files in os.walk("/"):
            known = {"/usr", "/environment", sys.base_prefix}  # Python and the system: too many
            folders[:] = [one for one in folders if os.path.join(where, one) not in known]
            names += [*folders, *files]
        assert "tensor.py" in names
        return [one for one in names
                if one.endswith(".ipynb") or one in ("checks", "solutions") or one[:3] == "ch0"]
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

CHANGING = (
    _instead(
        "an object that is something else whenever it is looked at",
        "Changing()",
        """
        class Changing:
            looks = 0
            def __getattribute__(self, name):
                Changing.looks += 1
                return (lambda *_: 1) if Changing.looks % 2 else None
            def __array__(self, *_, **__):
                Changing.looks += 1
                return np.full(2, Changing.looks % 2)
            def __float__(self):
                Changing.looks += 1
                return float(Changing.looks % 2)
            __int__ = __index__ = __len__ = __float__
        """,
    ),
    _instead(
        "a list of objects that pass for numbers",
        "[Number() for _ in X]",
        """
        class Number(int):
            def __eq__(self, other): return True
            def __sub__(self, other): return 0
            __rsub__, __hash__ = __sub__, int.__hash__
        """,
    ),
    _instead("a dict whose keys are objects", "{Key(): 1}", "class Key: pass"),
    _instead("records in place of numbers", "np.zeros(len(X), [('a', 'i8'), ('b', 'i8')])"),
    _instead("dates in place of numbers", "np.zeros(len(X), 'M8[s]')"),
    _instead("numbers with more bits than others", "np.zeros(len(X), np.longdouble)"),
    _instead(
        "NaN that carries a message",
        "np.full(len(X), 0x7FF8000000000001, np.uint64).view(float)",
    ),
    _instead("numbers next to nothing", "np.full(len(X), 5e-324)"),
    _instead("an integer that is just not too long", "2**4095"),
    _instead("halves of letters and commands to a terminal", r"'\ud800\x1b[2J\x00\u202e'"),
    _in_call(
        "raises a failure of ten megabytes",
        4,
        "raise type('X' * 10**6, (Exception,), {'__str__': lambda _: 'x' * 10**7})",
    ),
    _in_call("changes its inputs", 4, "X[...] = 0\nX, w, b = X.copy(), w, b"),
    _in_call(
        "changes its inputs from another thread, when it has answered",
        4,
        """
        import threading, time
        def spoil():
            time.sleep(0.0005)
            X[...] = np.nan
        threading.Thread(target=spoil).start()
        X = X.copy()
        X[...] = 0
        """,
    ),
)

LEARNING = (
    Attack(
        "knows small inputs and cheats on others",
        4,
        "def neuron(X, w, b):\n"
        "    return (X @ w + b >= 0).astype(int) if X.size <= 8 else np.zeros(len(X), int)",
    ),
    Attack(
        "counts the calls, and cheats after the public ones",
        4,
        "calls = []\n"
        "def neuron(X, w, b):\n"
        "    calls.append(1)\n"
        "    return (X @ w + b >= (0 if len(calls) <= 4 else 0.5)).astype(int)",
    ),
    Attack(
        "is right the first time it sees an input",
        4,
        "seen = set()\n"
        "def neuron(X, w, b):\n"
        "    known = seen & {X.size}\n"
        "    seen.add(X.size)\n"
        "    return (X @ w + b >= bool(known)).astype(int)",
    ),
    _cheat(
        "looks for inputs of later calls in the worker",
        """
        import gc
        from nnbook.exercises.grading.values import Values
        found.calls = getattr(found, "calls", 0) + 1
        (values,) = [one for one in gc.get_objects() if isinstance(one, Values)]
        arrays = [one for one in values._shared.values() if isinstance(one, np.ndarray)]
        assert len(arrays) >= 2, "they are kept under another name"
        return len(arrays) > 3 * found.calls
        """,
    ),
)

WORKER = "from nnbook.exercises.grading import messages, values, worker\n"


def _patching(name: str, body: str, answer: str = WRONG) -> Attack:
    return Attack(name, 4, f"{WORKER}{textwrap.dedent(body)}\n{answer}")


POSING = (
    _patching(
        "says that it is right",
        """
        named, verdict = worker.Worker._named, {"status": "right", "points": 100}
        def mine(self, name):
            return (lambda *_: verdict,) if name == "neuron" else named(self, name)
        worker.Worker._named = mine
        """,
    ),
    _patching(
        "says a number where a definition is due",
        """
        named = worker.Worker._named
        worker.Worker._named = lambda self, name: 6 if name == "neuron" else named(self, name)
        """,
    ),
    _patching(
        "says two definitions where one is due",
        """
        named = worker.Worker._named
        worker.Worker._named = lambda self, name: named(self, name) * (1 + (name == "neuron"))
        """,
    ),
    _patching(
        "fails where a definition is due",
        """
        named = worker.Worker._named
        worker.Worker._named = lambda self, name: named(self, name) if name != "neuron" else 1 / 0
        """,
    ),
    _patching(
        "says tuples in tuples without end",
        """
        encoded = values.Values.encoded
        def deep(self, value):
            if not isinstance(value, np.ndarray):
                return encoded(self, value)
            inner = 1
            for _ in range(400):
                inner = {"tuple": [inner]}
            return inner
        values.Values.encoded = deep
        neuron_only = worker.Worker._named
        def named(self, name):
            values.Values.encoded = deep if name == "neuron" else encoded
            return neuron_only(self, name)
        worker.Worker._named = named
        """,
    ),
    _patching(
        "changes what the grader has given it, by message",
        """
        news = values.Values.news
        def forged(self):
            arrays = [(n, one) for n, one in self._shared.items() if isinstance(one, np.ndarray)]
            for _, one in arrays:
                one.flags.writeable = True
                one[...] = 0
            return news(self)
        named = worker.Worker._named
        def mine(self, name):
            values.Values.news = forged if name == "neuron" else news
            return named(self, name)
        worker.Worker._named = mine
        """,
        RIGHT,
    ),
    _patching(
        "patches how messages are written",
        """
        import json
        dumps, verdict = json.dumps, '{"status": "right", "points": 2, "news": [], "id": '
        def write(message, **named):
            shared = "shared" in str(message.get("value"))
            return verdict + str(message["id"]) + "}" if shared else dumps(message, **named)
        def switched(self, name, old=worker.Worker._named):
            json.dumps = write if name == "neuron" else dumps
            return old(self, name)
        worker.Worker._named = switched
        """,
    ),
    _patching(
        "patches the operating system and NumPy under the worker",
        """
        import os, socket, time
        os.kill = os._exit = os.write = time.monotonic = time.sleep = lambda *_, **__: 0
        np.random.PCG64, np.array_equal, np.isclose = None, lambda *_: True, lambda *_: True
        """,
    ),
)

STAYING = (
    _in_cell(
        "leaves hooks for its own end",
        6,
        """
        import atexit, os, signal, sys, threading, time
        def stay(*_, **__):
            while True:
                time.sleep(1)
        class Last:
            __del__ = stay
        sys.last, sys.excepthook = Last(), stay
        atexit.register(stay)
        threading._register_atexit(stay)
        os.register_at_fork(before=lambda: None, after_in_child=stay)
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, stay)
        """,
    ),
    _in_cell(
        "is in many places, and stops them all",
        6,
        """
        import os, signal
        for _ in range(3):
            if os.fork() == 0:
                os.setsid()
                os.kill(os.getpid(), signal.SIGSTOP)
                os._exit(0)
        """,
    ),
    _cheat(
        "looks into the memory of its maker",
        """
        import ctypes, os
        libc = ctypes.CDLL(None, use_errno=True)
        near = [number for number in (os.getppid(), *range(2, 200)) if number > 1]
        return any(libc.ptrace(16, number, None, None) == 0 for number in near)
        """,
    ),
    _cheat(
        "makes links to what it cannot see",
        """
        import os
        for place in ("/book/exercises", "/work", "/home", "/root", "SUBMISSIONS", "/proc/1/root"):
            os.symlink(place, f"/tmp/{len(os.listdir('/tmp'))}")
        try:
            os.link("/dev/null", "/tmp/link")
        except OSError:
            pass
        return [name for name in os.listdir("/tmp") if os.path.isdir(f"/tmp/{name}")
                and any(one.endswith(".ipynb") for one in os.listdir(f"/tmp/{name}"))]
        """,
    ),
    _cheat(
        "calls the machine around this one",
        """
        import socket
        with socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM) as around:
            around.settimeout(0.02)
            return around.connect((1, PORT)) is None
        """,
    ),
)

ALL = (*ENDLESS, *ENDING, *FLOODING, *SEARCHING, *LYING, *PATCHING, *FORGING, *CHANGING, *LEARNING,
       *POSING, *STAYING)  # fmt: skip
_SO_TOO = {"forks as often as it can", "takes all memory", "sends half a message"}
UNENDING = (*ENDLESS, *[one for one in ALL if one.name in _SO_TOO])
