"""The wire: values come over as they are, and what a stranger sends is believed in nothing."""

import json
import math
import socket
import struct
import threading
import time
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nnbook.exercises.compare import difference
from nnbook.exercises.grading.messages import ClosedError, GarbageError, Wire, as_bytes, understood
from nnbook.exercises.grading.remote import Connection, LostError, Remote, is_callable
from nnbook.exercises.grading.values import Values
from nnbook.exercises.grading.worker import Worker, compiled
from nnbook.exercises.timing import EndlessCall


def no_objects(_: object) -> dict:
    raise GarbageError("an object")


def there_and_back(value):
    """Return a value as the other side holds it."""
    here, there = Values(0, no_objects, no_objects), Values(1, no_objects, no_objects)
    data, news = json.loads(json.dumps([here.encoded(value), here.news()]))
    there.learn(news)
    return there.decoded(data)


DTYPES = st.one_of(
    hnp.boolean_dtypes(),
    hnp.integer_dtypes(endianness="<"),
    hnp.unsigned_integer_dtypes(endianness="<"),
    hnp.floating_dtypes(endianness="<", sizes=(16, 32, 64)),
    hnp.complex_number_dtypes(endianness="<", sizes=(64, 128)),
)
ARRAYS = hnp.arrays(DTYPES, hnp.array_shapes(min_dims=0, min_side=0, max_side=4))
PLAIN = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), ARRAYS)
NESTED = st.recursive(
    PLAIN,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.tuples(inner, inner),
        st.dictionaries(st.text(max_size=3), inner, max_size=3),
    ),
    max_leaves=12,
)


def same(one, other) -> bool:
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        return (one.dtype == other.dtype and np.array_equal(one.view(np.ndarray), other)) or (
            one.shape == other.shape and one.tobytes() == other.tobytes()
        )
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    return one == other or (one != one and other != other)


@given(NESTED)
def test_a_value_comes_over_as_it_is(value):
    assert same(there_and_back(value), value)


@pytest.mark.parametrize(
    "value",
    [np.float32(0.5), np.int64(-3), np.bool_(True), np.str_("a"), 1 + 2j, ..., slice(1, None, 2)],
)
def test_scalars_and_other_atoms_come_over(value):
    assert same(there_and_back(value), value)


def test_a_list_that_holds_itself_comes_over():
    ring: list = [1]
    ring.append(ring)
    other = there_and_back(ring)
    assert other[1] is other


def test_a_generator_goes_on_where_it_was_on_both_sides():
    rng = np.random.default_rng(3)
    rng.normal()
    here, there = Values(0, no_objects, no_objects), Values(1, no_objects, no_objects)
    data = here.encoded(rng)
    there.learn(here.news())
    other = there.decoded(data)
    assert other.normal(size=3).tolist() == np.random.default_rng(3).normal(size=4)[1:].tolist()
    here.learn(there.news())
    assert rng.normal() == np.random.default_rng(3).normal(size=5)[-1]


def test_a_change_in_place_goes_over_and_comes_back():
    here, there = Values(0, no_objects, no_objects), Values(1, no_objects, no_objects)
    ours = {"w": [np.zeros(2), np.ones(3)]}
    data = here.encoded(ours)
    there.learn(here.news())
    theirs = there.decoded(data)
    theirs["w"][0][1] = 5
    theirs["w"].append("more")
    theirs["new"] = theirs["w"]
    first = ours["w"][0]
    here.learn(there.news())
    assert ours["w"][0] is first
    assert first.tolist() == [0, 5]
    assert ours["w"][2] == "more"
    assert ours["new"] is ours["w"]
    assert here.news() == there.news() == []


# --- what nobody should believe ------------------------------------------------------------------

JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=6)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.sampled_from(
                ["shared", "tuple", "scalar", "complex", "slice", "ellipsis", "handle", "type",
                 "exception", "kinds", "message", "x"]
            ),
            inner,
            max_size=3,
        ),
    ),
    max_leaves=10,
)  # fmt: skip


@given(JSON)
def test_nonsense_is_garbage_and_never_another_error(data):
    connection = Connection(Wire(socket.socket()))
    try:
        connection._values.decoded(data)
    except GarbageError:
        pass
    finally:
        connection.wire.close()


@given(
    st.lists(
        st.tuples(
            st.integers(0, 3),
            st.sampled_from(["list", "dict", "array", "generator", "file"]),
            JSON,
        ).map(list)
        | JSON,
        max_size=4,
    )
)
def test_nonsense_about_what_is_shared_is_garbage(news):
    values = Values(0, no_objects, no_objects)
    with suppress(GarbageError):
        values.learn(news)


@pytest.mark.parametrize(
    "content",
    [
        ["|O", [1], "AAAAAAAAAAA="],
        ["<f8", [2], "AAAAAAAAAAA="],
        ["<f8", [-1], ""],
        ["<f8", [2**40, 0], ""],
        ["<f8", [True], "AAAAAAAAAAA="],
        ["<f8", [1], "AAAA!AAAAAAA="],
        ["<U1", [1], "////fw=="],
        ["V8", [1], "AAAAAAAAAAA="],
        ["<f8", 1, "AAAAAAAAAAA="],
        ["<f16", [1], "AAAAAAAAAAAAAAAAAAAAAA=="],
        [["<f8"], [1], "AAAAAAAAAAA="],
    ],
)
def test_an_array_that_lies_is_garbage(content):
    with pytest.raises(GarbageError):
        Values(0, no_objects, no_objects).learn([[1, "array", *content]])


def test_a_truth_value_is_one_of_two():
    values = Values(0, no_objects, no_objects)
    values.learn([[1, "array", "|b1", [2], "AgA="]])
    both = values.decoded({"shared": 1})
    assert both.view(np.uint8).tolist() == [1, 0]
    assert difference(both, np.array([True, False])) is None


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b"1", b"{", b"\xff", b"[" * 10**5, b'{"a":' * 10**5,
     b'{"a": ' + b"9" * 10**4 + b"}", b'{"a": [' + b"0," * 300_000 + b"0]}"],
)  # fmt: skip
def test_what_is_no_message_is_garbage(data):
    with pytest.raises(GarbageError):
        understood(data)


def test_a_message_that_is_too_long_is_not_even_read():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(struct.pack(">I", 2**32 - 1))
        with pytest.raises(GarbageError, match="4294967295 bytes"):
            Wire(ours).receive()


def test_messages_about_one_question_are_limited_in_all():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        wire, data = Wire(ours, longest=100), as_bytes({"x": "y" * 80})
        wire._bytes_left = 150
        for _ in range(2):
            theirs.sendall(struct.pack(">I", len(data)) + data)
        wire.receive()
        with pytest.raises(GarbageError):
            wire.receive()


def test_a_deadline_ends_the_wait_and_a_closed_end_is_told():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        wire = Wire(ours)
        wire.deadline = time.monotonic() + 0.05
        with pytest.raises(EndlessCall):
            wire.receive()
        wire.deadline = math.inf
        theirs.close()
        with pytest.raises(ClosedError):
            wire.receive()


# --- a worker in a thread: only for what is harmless ---------------------------------------------


@pytest.fixture
def connection():
    """Connect to a worker of this process; nothing that it runs is a stranger's."""
    ours, theirs = socket.socketpair()

    def work():
        try:
            Worker.serve(_quiet_worker(theirs))
        except ClosedError:
            theirs.close()

    thread = threading.Thread(target=work)
    thread.start()
    made = Connection(Wire(ours))
    yield made
    ours.close()
    thread.join()


def _quiet_worker(sock):
    worker = Worker(Wire(sock, 2**31))
    worker._main.__dict__["np"] = np
    return worker


@pytest.fixture(autouse=True)
def main_module(monkeypatch):
    """Put back what a worker takes the place of."""
    import sys

    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


def answer(connection, source, name):
    connection.ask("cell", source, 1)
    (found,) = connection.ask("answer", name)
    return found


def test_an_object_is_used_as_if_it_were_here(connection):
    box = answer(
        connection,
        """
class Box:
    def __init__(self, *items): self.items = list(items)
    def __len__(self): return len(self.items)
    def __getitem__(self, n): return self.items[n]
    def __setitem__(self, n, value): self.items[n] = value
    def __contains__(self, item): return item in self.items
    def __iter__(self): return iter(self.items)
    def __add__(self, other): return Box(*self.items, *other.items)
    def __rmul__(self, n): return Box(*self.items * n)
    def __eq__(self, other): return self.items == other.items
    def __float__(self): return 2.5
    def __call__(self, *, shift): return [item + shift for item in self.items]
""",
        "Box",
    )
    one = box(1, 2)
    assert is_callable(box)
    assert type(one).__name__ == "Box"
    assert (len(one), one[1], 2 in one, 3 in one, list(one)) == (2, 2, True, False, [1, 2])
    one[0] = 7
    one.extra = [1]
    assert (one.items, one.extra) == ([7, 2], [1])
    assert (one + box(3)).items == [7, 2, 3]
    assert (2 * one).items == [7, 2, 7, 2]
    assert one == box(7, 2)
    assert float(one) == 2.5
    assert one(shift=1) == [8, 3]
    with pytest.raises(IndexError):
        one[9]
    with pytest.raises(TypeError):
        one - 1


def test_no_secret_name_is_asked_for_over_there(connection):
    sly = answer(
        connection,
        """
class Sly:
    def __getattr__(self, name):
        return {"version": 3, "shape": (2,), "typestr": "<i8", "data": (8, False)}
sly = Sly()
""",
        "sly",
    )
    assert isinstance(sly, Remote)
    for name in ("__array_interface__", "__array_struct__", "__array__", "__dlpack__"):
        assert not hasattr(sly, name)
    assert np.asarray(sly).dtype == object


def test_functions_go_over_and_are_called_back_even_within_each_other(connection):
    apply = answer(connection, "def apply(f, x):\n    return f(x) + 1", "apply")
    assert apply(lambda x: x * 2, 3) == 7
    assert apply(lambda x: apply(lambda y: y * 10, x), 3) == 32
    with pytest.raises(ZeroDivisionError):
        apply(lambda x: 1 / 0, 3)


def test_an_exception_comes_over_as_pythons_own_with_its_words_and_line(connection):
    fails = answer(
        connection, "class Mine(KeyError): pass\ndef fails(x):\n    raise Mine('so')", "fails"
    )
    with pytest.raises(KeyError) as caught:
        fails(1)
    assert caught.value.failure.kinds == ("Mine", "KeyError", "LookupError")
    assert caught.value.failure.line == "raise Mine('so')"


def test_a_generator_ends_as_one_does(connection):
    count = answer(connection, "def count(n):\n    yield from range(n)", "count")
    assert list(count(3)) == [0, 1, 2]
    assert dict(zip(count(2), "ab", strict=True)) == {0: "a", 1: "b"}


def test_nobody_answers_when_the_other_side_has_ended(connection):
    connection.wire._socket.shutdown(socket.SHUT_RDWR)
    for _ in range(2):
        with pytest.raises(LostError):
            connection.ask("answer", "x")


def test_magics_keep_the_numbers_of_lines():
    code = compiled("%time\nx = 1\n!ls\nif x:\n    %pip list\ny = !ls\n1 / 0", "<cell>")
    with pytest.raises(ZeroDivisionError) as caught:
        exec(code, {})
    assert caught.tb.tb_next.tb_lineno == 7
    with pytest.raises(SyntaxError):
        compiled("def broken(:", "<cell>")
