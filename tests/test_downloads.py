"""Downloads: fetched once, checked before they are read, and refused in one sentence.

A server on this machine plays the publisher, with small files in the publishers' formats.
"""

import gzip
import hashlib
import http.server
import io
import multiprocessing
import os
import pickle
import socket
import struct
import tarfile
import threading
import tracemalloc
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest

from nnbook import datasets, folders
from nnbook.datasets import downloads, sources
from nnbook.datasets.downloads import CIFAR10, FASHION_MNIST
from nnbook.datasets.sources import RemoteFile, Source
from nnbook.errors import DownloadError, UnknownNameError

STAND_IN = "or use datasets.digits(), which needs no network"
FASHION_NAMES = [file.name for file in FASHION_MNIST.files]
TRAINING_BATCHES = [f"data_batch_{number}" for number in range(1, 6)]
CLASSES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]


# ------------------------------------------------------- the publisher and its files


@dataclass
class Publisher:
    """A web server: its files, what it was asked for, and the tricks it plays."""

    files: dict[str, bytes]
    address: str = ""
    asked: list[str] = field(default_factory=list)
    status: int = 200
    missing_bytes: int = 0
    together: threading.Barrier | None = None

    def answer(self, request: http.server.BaseHTTPRequestHandler) -> None:
        name = request.path.removeprefix("/")
        self.asked.append(name)
        if self.together:
            self.together.wait(timeout=60)
        content = self.files.get(name, b"")
        request.send_response(self.status if name in self.files else 404)
        request.send_header("Content-Length", str(len(content)))
        request.send_header("Connection", "close")
        if "gzip" in request.headers["Accept-Encoding"]:
            # As some servers do for *.gz: the client then unpacks what it should keep as it is.
            request.send_header("Content-Encoding", "gzip")
        request.end_headers()
        request.wfile.write(content[: len(content) - self.missing_bytes])


@pytest.fixture
def publisher():
    """Serve files from this machine for as long as a test lasts."""
    served = Publisher({})

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            served.answer(self)

        def log_message(self, *words):
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        served.address = f"http://127.0.0.1:{server.server_port}/"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield served
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """Give each test a cache of its own, and no way to any other machine."""
    folder = tmp_path / "a b ü"
    monkeypatch.setenv("NNBOOK_HOME", str(folder))
    monkeypatch.setenv("NO_PROXY", "*")
    connect = socket.socket.connect

    def connect_here(self, address):
        if isinstance(address, tuple) and address[0] not in {"127.0.0.1", "::1"}:
            raise AssertionError(f"a test asked for the network: {address}")
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect_here)
    return folder


def published(source: Source, publisher: Publisher, files: dict[str, bytes]) -> Source:
    """Serve these files, and return the source that describes them."""
    publisher.files = files
    described = tuple(
        RemoteFile(name, hashlib.md5(content).hexdigest(), len(content))
        for name, content in files.items()
    )
    return replace(source, address=publisher.address, files=described)


def idx(values: np.ndarray, magic: int | None = None) -> bytes:
    """Write an idx file by hand: big-endian numbers of 32 bits, then bytes."""
    magic = 2048 + values.ndim if magic is None else magic
    header = struct.pack(f">{1 + values.ndim}i", magic, *values.shape)
    return packed(header + values.tobytes())


def packed(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def clothes(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (n, 28, 28), np.uint8), rng.integers(0, 10, n, np.uint8)


def fashion_files(n: int = 6) -> dict[str, bytes]:
    parts = [*clothes(n, seed=0), *clothes(n // 2, seed=1)]
    return dict(zip(FASHION_NAMES, map(idx, parts), strict=True))


@pytest.fixture
def fashion(publisher):
    return published(FASHION_MNIST, publisher, fashion_files())


def python_2_pickle(value: object) -> bytes:
    """Pickle as Python 2 did for CIFAR: strings of bytes, and NumPy's names of that time."""
    return b"\x80\x02" + _opcodes(value) + b"."


def _opcodes(value: object) -> bytes:
    if isinstance(value, bytes):
        return b"T" + struct.pack("<i", len(value)) + value  # BINSTRING
    if isinstance(value, int):
        return b"J" + struct.pack("<i", value)  # BININT
    if isinstance(value, list):
        return b"](" + b"".join(map(_opcodes, value)) + b"e"  # EMPTY_LIST MARK APPENDS
    if isinstance(value, tuple):
        return b"(" + b"".join(map(_opcodes, value)) + b"t"  # MARK TUPLE
    if isinstance(value, dict):
        pairs = b"".join(_opcodes(key) + _opcodes(item) for key, item in value.items())
        return b"}(" + pairs + b"u"  # EMPTY_DICT MARK SETITEMS
    if value is None:
        return b"N"
    assert isinstance(value, np.ndarray)
    start = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n" + _opcodes((0,))
    empty = start + _opcodes(b"b") + b"tR"  # TUPLE REDUCE
    dtype = b"cnumpy\ndtype\n" + _opcodes((value.dtype.str[1:].encode(), 0, 1)) + b"R"
    dtype += _opcodes((3, b"|", None, None, None, -1, -1, 0)) + b"b"  # BUILD
    filled = _opcodes(1) + _opcodes(value.shape) + dtype + _opcodes(0) + _opcodes(value.tobytes())
    return empty + b"(" + filled + b"tb"


def batch(n: int, seed: int) -> dict[bytes, object]:
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 256, (n, 3072), np.uint8)
    labels = rng.integers(0, 10, n).tolist()
    names = [b"a_s_%06d.png" % number for number in range(n)]
    return {b"batch_label": b"a", b"labels": labels, b"data": pixels, b"filenames": names}


def cifar_pickles() -> dict[str, bytes]:
    """Return the members of the archive, in an order that is not theirs, as in the real one."""
    meta = {b"num_cases_per_batch": 3, b"label_names": [name.encode() for name in CLASSES]}
    names = ["data_batch_4", "test_batch", *sorted(set(TRAINING_BATCHES) - {"data_batch_4"})]
    pickles = {name: python_2_pickle(batch(3, seed=ord(name[-1]))) for name in reversed(names)}
    return {"batches.meta": python_2_pickle(meta), **pickles, "readme.html": b"<p>"}


def archive(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in members.items():
            entry = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def cifar_source(publisher: Publisher, members: dict[str, bytes]) -> Source:
    return published(CIFAR10, publisher, {CIFAR10.files[0].name: archive(members)})


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


# ------------------------------------------------------- what is read


@pytest.mark.parametrize(("part", "n", "seed"), [("train", 6, 0), ("test", 3, 1)])
def test_fashion_mnist_is_what_the_publisher_has(fashion, part, n, seed):
    pixels, labels = clothes(n, seed)
    data = datasets.fashion_mnist(part, source=fashion)
    assert (data.x.dtype, data.x.shape) == (np.float32, (n, 784))
    np.testing.assert_array_equal(data.images, pixels.astype(np.float32) / np.float32(255))
    assert data.y.tolist() == labels.tolist()
    assert data.y.dtype.kind == "i"
    assert data.y.dtype.itemsize == 8
    assert (data.class_names[0], data.class_names[9]) == ("T-shirt/top", "Ankle boot")
    assert data.feature_names[28 * 3 + 5] == "pixel_3_5"
    assert data.source == f"Fashion-MNIST, {part}"


@pytest.mark.parametrize(
    ("part", "batches"), [("train", TRAINING_BATCHES), ("test", ["test_batch"])]
)
def test_cifar10_is_what_the_publisher_has_in_the_order_of_its_batches(publisher, part, batches):
    data = datasets.cifar10(part, source=cifar_source(publisher, cifar_pickles()))
    parts = [batch(3, seed=ord(name[-1])) for name in batches]
    pixels = np.concatenate([found[b"data"] for found in parts])
    assert (data.x.dtype, data.x.shape) == (np.float32, (3 * len(batches), 3072))
    np.testing.assert_array_equal(data.x, pixels.astype(np.float32) / np.float32(255))
    assert data.y.tolist() == [label for found in parts for label in found[b"labels"]]
    assert data.class_names == tuple(CLASSES)
    row, column = 4, 7
    green = pixels[:, 1024 + 32 * row + column] / 255
    np.testing.assert_allclose(data.images[:, 1, row, column], green, rtol=1e-6)
    assert data.feature_names[1024 + 32 * row + column] == "green_4_7"
    assert (data.feature_names[0], data.feature_names[-1]) == ("red_0_0", "blue_31_31")


def test_the_handmade_pickles_are_what_pickle_reads():
    found = pickle.loads(python_2_pickle({b"labels": [1, 2]}), encoding="bytes")
    assert found == {b"labels": [1, 2]}


def test_the_real_sources_are_described_as_published():
    assert set(downloads.SOURCES) == {"fashion_mnist", "cifar10"}
    for name, source in downloads.SOURCES.items():
        assert callable(getattr(datasets, name))
        assert source.name == name
        assert source.address.startswith("http")
        assert source.address.endswith("/")
        assert all(len(bytes.fromhex(file.md5)) == 16 for file in source.files)
    assert CIFAR10.size == 170_498_071
    assert len(FASHION_NAMES) == 4


def test_images_are_never_held_as_float64(publisher):
    n = 1500
    fashion = published(FASHION_MNIST, publisher, fashion_files(n))
    datasets.fashion_mnist(source=fashion)
    tracemalloc.start()
    try:
        data = datasets.fashion_mnist(source=fashion)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # The float32 array and the bytes that it is made from (unpacked and packed) fit below this;
    # a second copy of the array does not, and float64 takes as much as two.
    assert peak < 1.9 * data.x.nbytes


@pytest.mark.parametrize("load", [datasets.fashion_mnist, datasets.cifar10])
def test_an_unknown_part_is_named_before_anything_is_fetched(load, home):
    with pytest.raises(UnknownNameError, match=f"{load.__name__}: got 'tset', .* mean 'test'"):
        load("tset")
    assert not home.exists()


# ------------------------------------------------------- what is fetched, and when


def test_only_the_files_of_a_part_are_fetched_and_only_once(fashion, publisher, home):
    for _ in range(2):
        datasets.fashion_mnist("test", source=fashion)
        assert publisher.asked == FASHION_NAMES[2:]
    assert not fashion.here
    datasets.fashion_mnist("train", source=fashion)
    assert publisher.asked == FASHION_NAMES[2:] + FASHION_NAMES[:2]
    assert fashion.here
    assert fashion.folder == home / "datasets" / "fashion_mnist"
    assert left_in(home) == sorted(FASHION_NAMES)
    assert [path.name for path in (home / "datasets").iterdir()] == ["fashion_mnist"]


def test_a_good_cache_needs_no_publisher(fashion, publisher):
    sources.fetch(fashion)
    gone = replace(fashion, address="http://127.0.0.1:1/")
    assert len(datasets.fashion_mnist(source=gone)) == 6


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


def _flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def _empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("damage", [_truncate, _flip_a_bit, _empty, Path.unlink])
def test_a_damaged_file_in_the_cache_is_fetched_again_and_the_others_are_not(
    fashion, publisher, damage
):
    sources.fetch(fashion)
    publisher.asked.clear()
    damage(fashion.folder / FASHION_NAMES[0])
    assert not fashion.here
    data = datasets.fashion_mnist(source=fashion)
    assert publisher.asked == FASHION_NAMES[:1]
    np.testing.assert_array_equal(np.rint(data.images * 255), clothes(6)[0])
    assert fashion.here


def _fetch_in_another_process(folder: str, source: Source) -> None:
    os.environ["NNBOOK_HOME"] = folder
    sources.fetch(source, FASHION_NAMES[:1])


def test_two_processes_that_fetch_at_once_do_not_harm_each_other(fashion, publisher, home):
    publisher.together = threading.Barrier(2)  # answers only when both have asked
    context = multiprocessing.get_context("spawn")
    workers = [
        context.Process(target=_fetch_in_another_process, args=(str(home), fashion))
        for _ in range(2)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0]
    assert publisher.asked == FASHION_NAMES[:1] * 2
    assert left_in(home) == FASHION_NAMES[:1]
    publisher.together = None
    assert len(datasets.fashion_mnist(source=fashion)) == 6


def test_windows_refusal_is_fine_when_another_process_put_the_same_file(fashion, monkeypatch, home):
    content = fashion_files()[FASHION_NAMES[0]]

    def refuse(draft: Path, path: Path) -> None:
        path.write_bytes(content)
        raise PermissionError(13, "Access is denied")

    monkeypatch.setattr(Path, "replace", refuse)
    (path,) = sources.fetch(fashion, FASHION_NAMES[:1])
    assert path.read_bytes() == content
    assert left_in(home) == FASHION_NAMES[:1]
    content = b"another file"
    path.unlink()
    with pytest.raises(DownloadError, match="Access is denied"):
        sources.fetch(fashion, FASHION_NAMES[:1])


# ------------------------------------------------------- what goes wrong


def refused(source: Source, *parts: str) -> None:
    """Demand one sentence that names the set, these parts and the stand-in; and no file."""
    with pytest.raises(DownloadError) as caught:
        datasets.fashion_mnist("test", source=source)
    told = str(caught.value)
    assert told.startswith("fashion_mnist: got ")
    assert told.endswith(STAND_IN)
    assert "\n" not in told
    for part in parts:
        assert part in told
    assert left_in(source.folder) == []
    assert not source.folder.exists() or list(source.folder.iterdir()) == []


def test_a_server_that_is_gone_is_said(fashion):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}/"
    wanted = address + FASHION_NAMES[2]
    gone = replace(fashion, address=address)
    refused(gone, "got no answer, ", f"wanted {wanted};", "try again when you are online")


@pytest.mark.parametrize(("status", "words"), [(404, "404 Not Found"), (503, "503 Service Un")])
def test_a_refusal_of_the_server_is_said(fashion, publisher, status, words):
    publisher.status = status
    refused(fashion, f"got the answer {words}", fashion.address)


def test_a_file_that_the_server_does_not_have_is_said(fashion, publisher):
    del publisher.files[FASHION_NAMES[2]]
    refused(fashion, "got the answer 404 Not Found")


def test_a_transfer_that_breaks_off_is_said_and_leaves_nothing(fashion, publisher):
    publisher.missing_bytes = 5
    refused(fashion, "got a transfer that broke off")
    publisher.missing_bytes = 0
    assert len(datasets.fashion_mnist("test", source=fashion)) == 3


def test_a_wrong_checksum_is_said_and_the_file_is_thrown_away(fashion, publisher):
    content = publisher.files[FASHION_NAMES[2]] = b"<html>Please log in to the hotel</html>"
    got, wanted = hashlib.md5(content).hexdigest(), fashion.files[2].md5
    refused(
        fashion,
        f"got {FASHION_NAMES[2]} with MD5 checksum {got}, wanted {wanted}",
        "the file was thrown away",
    )


def test_a_damaged_file_and_a_server_that_is_gone_is_not_read(fashion):
    sources.fetch(fashion)
    _flip_a_bit(fashion.folder / FASHION_NAMES[2])
    with pytest.raises(DownloadError, match="got no answer"):
        datasets.fashion_mnist("test", source=replace(fashion, address="http://127.0.0.1:1/"))


def test_a_disk_that_refuses_is_said(fashion, home):
    home.write_text("a file where the folder should be")
    with pytest.raises(DownloadError, match=r"got .* in .*fashion_mnist, wanted a folder with"):
        datasets.fashion_mnist(source=fashion)


def test_an_interrupt_leaves_nothing(fashion, monkeypatch):
    def interrupted(draft: Path) -> str:
        assert draft.read_bytes()
        raise KeyboardInterrupt

    monkeypatch.setattr(sources, "_checksum", interrupted)
    with pytest.raises(KeyboardInterrupt):
        sources.fetch(fashion)
    assert list(fashion.folder.iterdir()) == []


def test_the_checksum_is_compared_before_anything_is_read(fashion, publisher, monkeypatch):
    def never(*arguments):
        raise AssertionError("an unchecked file was read")

    monkeypatch.setattr(downloads, "read_idx", never)
    publisher.files[FASHION_NAMES[2]] = b"something else"
    refused(fashion, "MD5 checksum")


IMAGES, LABELS = clothes(3)
BARE = gzip.decompress(idx(IMAGES))
OTHER_FORMATS = {
    "images with the magic number of labels": (
        idx(IMAGES, magic=2049),
        idx(LABELS),
        "magic number 2049 in t10k-images.*wanted 2051",
    ),
    "labels in place of images": (idx(LABELS), idx(LABELS), "magic number 2049 in t10k-images"),
    "labels of another type": (
        idx(IMAGES),
        idx(LABELS, magic=3329),
        "magic number 3329 in t10k-labels.*wanted 2049",
    ),
    "smaller images": (
        idx(IMAGES[:, :27]),
        idx(LABELS),
        r"the shape \(3, 27, 28\).*items of shape \(28, 28\)",
    ),
    "as many pixels in another shape": (
        idx(IMAGES.reshape(3, 14, 56)),
        idx(LABELS),
        r"2352 values for the shape \(3, 14, 56\)",
    ),
    "a value too few": (packed(BARE[:-1]), idx(LABELS), r"2351 values for the shape \(3, 28, 28\)"),
    "a value too many": (packed(BARE + b"0"), idx(LABELS), "got 2353 values"),
    "a label too few": (idx(IMAGES), idx(LABELS[:2]), r"got x \(3, 784\), y \(2,\)"),
    "an end in the lengths": (packed(BARE[:6]), idx(LABELS), r"got ValueError \(.*Fashion-MNIST"),
    "nothing": (packed(b""), idx(LABELS), "magic number 0"),
    "no gzip": (b"not gzip", idx(LABELS), "got BadGzipFile"),
    "half a gzip": (idx(IMAGES)[:-20], idx(LABELS), "got EOFError"),
}


@pytest.mark.parametrize("case", OTHER_FORMATS)
def test_an_idx_file_of_another_format_is_said(publisher, case):
    images, labels, message = OTHER_FORMATS[case]
    files = dict(zip(FASHION_NAMES[2:], (images, labels), strict=True))
    source = published(FASHION_MNIST, publisher, files)
    with pytest.raises(DownloadError, match=message) as caught:
        datasets.fashion_mnist("test", source=source)
    assert str(caught.value).startswith("fashion_mnist: got ")
    assert str(caught.value).endswith(STAND_IN)


def _calling(module: str, name: str, argument: bytes) -> bytes:
    """Pickle a call."""
    return b"\x80\x02c%s\n%s\n" % (module.encode(), name.encode()) + _opcodes((argument,)) + b"R."


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("os", "mkdir"),
        ("posix", "mkdir"),
        ("builtins", "eval"),
        ("__builtin__", "eval"),
        ("numpy", "fromfile"),
        ("numpy", "dtype.__class__"),
        ("numpy.core.multiarray", "fromfile"),
        ("_codecs", "encode"),
    ],
)
def test_a_pickle_that_calls_anything_is_refused_and_calls_nothing(
    publisher, tmp_path, module, name
):
    trap = tmp_path / "trap"
    members = {**cifar_pickles(), "test_batch": _calling(module, name, bytes(trap))}
    with pytest.raises(DownloadError, match=f"a pickle asks for {module}.{name}"):
        datasets.cifar10("test", source=cifar_source(publisher, members))
    assert not trap.exists()


def test_the_trap_would_have_caught_an_unpickler_that_calls(tmp_path):
    trap = tmp_path / "trap"
    pickle.loads(_calling("os", "mkdir", bytes(trap)), encoding="bytes")
    assert trap.is_dir()


def changed(**fields: object) -> bytes:
    """Pickle a batch with other values."""
    return python_2_pickle({**batch(3, 0), **{k.encode(): value for k, value in fields.items()}})


OTHER_ARCHIVES = {
    "no batch": ({"test_batch": None}, "an archive without test_batch, wanted test_batch, batches"),
    "no names": ({"batches.meta": None}, "got an archive without batches.meta"),
    "smaller images": (
        {"test_batch": changed(data=np.zeros((3, 9), np.uint8))},
        r"got uint8 of shape \(3, 9\) in cifar-10.*wanted uint8 of shape \(N, 3072\)",
    ),
    "another type": (
        {"test_batch": changed(data=np.zeros((3, 3072), "i2"))},
        r"got int16 of shape \(3, 3072\)",
    ),
    "a label too few": ({"test_batch": changed(labels=[1, 2])}, r"got x \(3, 3072\), y \(2,\)"),
    "labels only": ({"test_batch": python_2_pickle({b"labels": [1]})}, r"KeyError \(b'data'\)"),
    "a list": ({"test_batch": python_2_pickle([1])}, "got TypeError"),
    "half a pickle": ({"test_batch": changed()[:-9]}, "got UnpicklingError"),
    "nothing": ({"test_batch": b""}, "got EOFError"),
}


@pytest.mark.parametrize("case", OTHER_ARCHIVES)
def test_an_archive_of_another_format_is_said(publisher, case):
    changes, message = OTHER_ARCHIVES[case]
    every = {**cifar_pickles(), **changes}
    members = {name: content for name, content in every.items() if content is not None}
    with pytest.raises(DownloadError, match=message) as caught:
        datasets.cifar10("test", source=cifar_source(publisher, members))
    assert str(caught.value).startswith("cifar10: got ")
    assert str(caught.value).endswith(STAND_IN)


def test_a_file_that_is_no_archive_is_said(publisher):
    source = published(CIFAR10, publisher, {CIFAR10.files[0].name: b"no archive"})
    with pytest.raises(DownloadError, match="cifar10: got ReadError"):
        datasets.cifar10(source=source)


# ------------------------------------------------------- where


def test_the_environment_names_one_folder_for_all(home):
    assert folders.data() == folders.cache() == home


def test_without_it_the_platform_s_folders_for_data_and_for_caches_are_used(monkeypatch):
    from platformdirs import user_cache_path, user_data_path

    monkeypatch.delenv("NNBOOK_HOME")
    assert folders.data() == user_data_path("nnbook", appauthor=False)
    assert folders.cache() == user_cache_path("nnbook", appauthor=False)
