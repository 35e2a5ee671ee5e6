"""Where downloadable data sets come from, and how their files get into the cache.

A file is asked for only when it is missing from the cache or damaged. It is received in a folder of
its own, and takes its name in the cache only when its checksum is right: so nothing half-written
is ever read, and two notebooks that fetch at once do not meet.
"""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from nnbook import folders
from nnbook.errors import DownloadError

if TYPE_CHECKING:
    from requests import RequestException


@dataclass(frozen=True)
class RemoteFile:
    """One file of a source: its name, its MD5 checksum in hexadecimal, and its size in bytes."""

    name: str
    md5: str
    size: int


@dataclass(frozen=True)
class Source:
    """A data set that can be downloaded.

    Parameters
    ----------
    name : str
        The function that reads it, and its folder in the cache.
    title : str
        The publisher's name for it.
    address : str
        What comes before the files' names: an http or https address that ends in a slash.
    files : tuple of RemoteFile
        All its files.
    """

    name: str
    title: str
    address: str
    files: tuple[RemoteFile, ...]

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(file.size for file in self.files)

    @property
    def folder(self) -> Path:
        """Where its files are in the cache, whether or not they are there yet."""
        return folders.cache() / "datasets" / self.name

    @property
    def here(self) -> bool:
        """Whether all files are in the cache, with the right checksums."""
        return all(_is_good(self.folder / file.name, file.md5) for file in self.files)


def fetch(source: Source, names: Sequence[str] | None = None) -> list[Path]:
    """Return where files of a source lie in the cache; fetch those that are missing or damaged.

    Parameters
    ----------
    source : Source
        Where the files come from.
    names : sequence of str, optional
        The files wanted, in this order; all of them by default.

    Returns
    -------
    list of Path
        Each file's checksum has been compared with that of the source.

    Raises
    ------
    DownloadError
        If a file cannot be had.
    """
    by_name = {file.name: file for file in source.files}
    return [_cached(source, by_name[name]) for name in (by_name if names is None else names)]


def refusal(source: Source, *, got: str, wanted: str, advice: str) -> DownloadError:
    """Make the error of a source; its remedy names the stand-in that every reader has."""
    remedy = f"{advice}, or use datasets.digits(), which needs no network"
    return DownloadError(source.name, got=got, wanted=wanted, remedy=remedy)


def _cached(source: Source, file: RemoteFile) -> Path:
    path = source.folder / file.name
    with _disk_errors_told(source):
        if not _is_good(path, file.md5):
            path.parent.mkdir(parents=True, exist_ok=True)
            with TemporaryDirectory(prefix="fetching-", dir=path.parent) as draft_folder:
                draft = Path(draft_folder, file.name)
                _receive(source, file, draft)
                _require_checksum(source, file, draft)
                _put(draft, path, file.md5)
    return path


def _is_good(path: Path, md5: str) -> bool:
    return path.is_file() and _checksum(path) == md5


def _checksum(path: Path) -> str:
    with path.open("rb") as content:
        # It guards against damage, as MD5 still does; it is no signature.
        return hashlib.file_digest(content, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _receive(source: Source, file: RemoteFile, draft: Path) -> None:
    """Write what the server sends into a file."""
    from requests import RequestException  # what pooch asks servers with

    url = source.address + file.name
    try:
        _download(url, file, draft)
    except RequestException as error:
        advice = "try again when you are online"
        raise refusal(source, got=_told(error), wanted=url, advice=advice) from error


def _download(url: str, file: RemoteFile, draft: Path) -> None:
    """Download with a progress bar, and close the connection however it ends."""
    # Imported here, because they are slow and only a download needs them.
    import pooch  # type: ignore[import-untyped]
    from tqdm.auto import tqdm  # type: ignore[import-untyped]

    with (
        tqdm(total=file.size, desc=file.name, unit="B", unit_scale=True, leave=False) as bar,
        ExitStack() as opened,
    ):
        download = pooch.HTTPDownloader(
            progressbar=bar,
            chunk_size=2**16,
            headers={"Accept-Encoding": "identity"},  # the checksum is that of the file as it is
            # pooch leaves the response open when a transfer breaks off.
            hooks={"response": lambda response, **_: opened.enter_context(response)},
        )
        download(url, draft, None)


def _told(error: "RequestException") -> str:
    """Say in words how a request failed."""
    from requests.exceptions import ChunkedEncodingError

    if error.response is not None:
        return f"the answer {error.response.status_code} {error.response.reason}"
    if isinstance(error, ChunkedEncodingError):
        return "a transfer that broke off"
    return "no answer"


def _require_checksum(source: Source, file: RemoteFile, draft: Path) -> None:
    checksum = _checksum(draft)
    if checksum != file.md5:
        raise refusal(
            source,
            got=f"{file.name} with MD5 checksum {checksum}",
            wanted=file.md5,
            advice="the file was thrown away: try again later",
        )


def _put(draft: Path, path: Path, md5: str) -> None:
    """Give a file its name in the cache, in one step."""
    try:
        draft.replace(path)
    except PermissionError:
        # Windows keeps a file that is being read: another notebook may have put the same one there.
        if not _is_good(path, md5):
            raise


@contextmanager
def _disk_errors_told(source: Source) -> Iterator[None]:
    """Turn what the disk refuses into a `DownloadError`."""
    try:
        yield
    except DownloadError:
        raise
    except OSError as error:
        raise refusal(
            source,
            got=f"{error.strerror or type(error).__name__} in {source.folder}",
            wanted=f"a folder with room for {source.size / 1e6:.0f} MB",
            advice="set the environment variable NNBOOK_HOME to a folder of yours",
        ) from error
