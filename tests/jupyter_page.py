"""A notebook in a real Jupyter page, driven by a real browser.

The browser tests use the pieces. Authors use the command, to look at what a reader will see:

    python tests/jupyter_page.py NOTEBOOK OUT_FOLDER [--dark]
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnbook.notebooks import clean_file

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

BOOK = Path(__file__).parent.parent
BROWSERS = (
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
    *("microsoft-edge", "chrome", "msedge"),
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
INSTALL_BROWSER = (
    "no Chromium, Chrome or Edge found; install one (Debian: sudo apt-get install chromium) "
    "or set NNBOOK_BROWSER to its path"
)
START_SECONDS = 90


# ------------------------------------------------------------------ the server


@dataclass(frozen=True)
class Server:
    """A running Jupyter server: where it listens, its secret and its application."""

    url: str
    token: str
    application: str

    def address(self, notebook: str) -> str:
        """Return the page that shows one notebook and little else."""
        path = {"lab": "doc/tree", "notebook": "notebooks"}[self.application]
        return f"{self.url}{path}/{notebook}?token={self.token}"


@contextmanager
def serve(root: Path, *, application: str = "lab", windowing: str = "none") -> Iterator[Server]:
    """Run Jupyter on a folder, with settings of its own.

    Parameters
    ----------
    root : Path
        The folder whose notebooks can be opened.
    application : {"lab", "notebook"}
        JupyterLab or Notebook 7.
    windowing : {"none", "defer", "full"}
        What becomes of cells that are out of sight: drawn, drawn later, or taken away.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        _write_settings(home / "settings", windowing)
        server = Server(f"http://127.0.0.1:{_free_port()}/", secrets.token_hex(16), application)
        with (home / "server.log").open("wb") as log:
            process = subprocess.Popen(
                _command(server, root, home),
                env=_environment(home),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
            try:
                _wait_until_up(server, process, home / "server.log")
                yield server
            finally:
                _shut_down(server, process)


def _write_settings(folder: Path, windowing: str) -> None:
    settings = {
        "notebook-extension/tracker": {"windowingMode": windowing, "recordTiming": False},
        "docmanager-extension/plugin": {"autosave": False},
    }
    for name, values in settings.items():
        file = folder / "@jupyterlab" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values), encoding="utf-8")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _command(server: Server, root: Path, home: Path) -> list[str]:
    port = server.url.rstrip("/").rpartition(":")[2]
    app = {"lab": "LabApp", "notebook": "JupyterNotebookApp"}[server.application]
    module = {"lab": "jupyterlab", "notebook": "notebook"}[server.application]
    return [
        *(sys.executable, "-m", module),
        *("--no-browser", "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}"),
        *("--ServerApp.port_retries=0", "--ServerApp.allow_root=True"),
        f"--IdentityProvider.token={server.token}",
        f"--ServerApp.root_dir={root}",
        f"--{app}.user_settings_dir={home / 'settings'}",
        f"--{app}.workspaces_dir={home / 'workspaces'}",
        f"--{app}.expose_app_in_browser=True",
        "--LabApp.extension_manager=readonly",
    ]


def _environment(home: Path) -> dict[str, str]:
    """Take the book's settings as `make book` does; leave the reader's own, and progress, alone."""
    folders = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    ours = {name: str(home / name.lower()) for name in (*folders, "NNBOOK_HOME")}
    return {**os.environ, **ours, "JUPYTER_CONFIG_PATH": str(BOOK / ".jupyter")}


def _wait_until_up(server: Server, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            _request(server, "api/status")
            return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    raise RuntimeError(f"Jupyter did not start:\n{log.read_text(errors='replace')[-3000:]}")


def _request(server: Server, path: str, method: str = "GET") -> None:
    headers = {"Authorization": f"token {server.token}"}
    request = urllib.request.Request(server.url + path, method=method, headers=headers)
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    direct.open(request, timeout=10).close()


def _shut_down(server: Server, process: subprocess.Popen[bytes]) -> None:
    """Ask first: a server that is asked also ends its kernels, on every system."""
    try:
        _request(server, "api/shutdown", method="POST")
        process.wait(timeout=20)
    except (urllib.error.URLError, ConnectionError, subprocess.TimeoutExpired):
        process.kill()
        process.wait()


# ----------------------------------------------------------------- the browser


def find_browser() -> str | None:
    """Return the browser to drive: NNBOOK_BROWSER, or the first known one that is there."""
    return os.environ.get("NNBOOK_BROWSER") or next(filter(None, map(shutil.which, BROWSERS)), None)


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Start a headless browser that can reach this machine and nothing else."""
    from playwright.sync_api import sync_playwright

    executable = find_browser()
    if executable is None:
        raise FileNotFoundError(INSTALL_BROWSER)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=_browser_arguments())
        try:
            yield browser
        finally:
            browser.close()


def _browser_arguments() -> list[str]:
    quiet = ["gpu", "quic", "background-networking", "component-update", "sync"]
    offline = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    return [*(f"--disable-{name}" for name in quiet), "--no-first-run", offline, *root]


# -------------------------------------------------------------------- the page


class NotebookPage:
    """One notebook, open in the browser.

    Parameters
    ----------
    page : playwright.sync_api.Page
        A fresh page.
    server : Server
        The server that holds the notebook.
    notebook : str
        Its path below the server's root, with forward slashes.
    """

    def __init__(self, page: Page, server: Server, notebook: str) -> None:
        self.page = page
        self.page.set_default_timeout(60_000)
        self._address = server.address(notebook)
        self.reload()

    def reload(self) -> None:
        """Load the page from the saved file; what was not saved is forgotten."""
        self.page.goto(self._address)
        self.page.wait_for_function(_READY)

    def run_all(self) -> None:
        """Run every cell from top to bottom and wait until the kernel rests."""
        self.command("notebook:run-all-cells")
        self.wait_until_idle()

    def restart_and_run_all(self) -> None:
        """Start a fresh kernel, then run every cell."""
        self.page.evaluate(f"{_PANEL}.sessionContext.session.kernel.restart()")
        self.run_all()

    def shut_kernel_down(self) -> None:
        """End the kernel and leave the page open."""
        self.page.evaluate(f"{_PANEL}.sessionContext.shutdown()")

    def save(self) -> None:
        """Save the notebook with the outputs it shows."""
        self.command("docmanager:save")

    def command(self, name: str, **arguments: Any) -> None:
        """Run a command of the application by its id and wait for its end."""
        self.page.evaluate(
            "([name, args]) => window.jupyterapp.commands.execute(name, args).then(() => null)",
            [name, arguments],
        )

    def execute(self, code: str, *, wait: bool = True) -> None:
        """Run code in the notebook's kernel, outside its cells."""
        self.page.evaluate(_EXECUTE, [code, wait])

    @property
    def active_cell(self) -> int:
        """The number of the cell that keys go to."""
        number: int = self.page.evaluate(f"() => {_PANEL}.content.activeCellIndex")
        return number

    def go_to(self, cell: int | Locator) -> None:
        """Make a cell the active one: by its number, or by something that it shows."""
        wanted = cell if isinstance(cell, int) else cell.element_handle()
        self.page.evaluate(_GO_TO, wanted)

    def wait_until_idle(self) -> None:
        """Wait for the kernel to rest and for every picture of the page to be there."""
        self.page.wait_for_function(_IDLE)
        self.page.wait_for_function(_PICTURES_LOADED)

    def dark(self, wanted: bool = True) -> None:
        """Choose JupyterLab's dark theme, or the light one."""
        theme = "JupyterLab Dark" if wanted else "JupyterLab Light"
        self.command("apputils:change-theme", theme=theme)
        light = "false" if wanted else "true"
        self.page.wait_for_selector(f'body[data-jp-theme-light="{light}"]', state="attached")

    def errors(self) -> list[str]:
        """Return the text of every error output on the page."""
        return self.page.locator(".jp-RenderedText[data-mime-type*='stderr']").all_inner_texts()

    def outputs(self) -> list[dict[str, Any]]:
        """Return the outputs of all cells as the notebook would store them."""
        outputs: list[dict[str, Any]] = self.page.evaluate(_OUTPUTS)
        return outputs

    def show(self, selector: str, number: int = 0) -> Locator:
        """Scroll one element into view and return it.

        JupyterLab draws only the cells in sight, and may still be on its way to a cell that ran.
        """
        element = self.page.locator(selector).nth(number)
        top = 0
        while not (element.is_visible() and element.evaluate(_IN_SIGHT)):
            if top > self.page.evaluate(_HEIGHT):
                raise LookupError(f"{selector} number {number} is not on the page")
            self.page.evaluate(_SCROLL_TO, top)
            self.page.wait_for_timeout(300)
            if element.is_visible():
                element.evaluate("element => element.scrollIntoView({block: 'center'})")
                self.page.wait_for_timeout(300)
            top += self.page.evaluate(_HALF_A_PAGE)
        return element

    def screenshots(self, folder: Path) -> list[Path]:
        """Photograph the notebook from top to bottom; each picture starts with a whole cell."""
        folder.mkdir(parents=True, exist_ok=True)
        files = []
        for number, top in enumerate(_piece_tops(self.page.evaluate(_CELL_BOXES)), start=1):
            self.page.evaluate(_SCROLL_TO, top)
            self.page.wait_for_timeout(150)
            files.append(folder / f"page_{number:02d}.png")
            self.page.screenshot(path=files[-1])
        return files


def _piece_tops(layout: dict[str, Any]) -> list[float]:
    """Return the scroll positions that show all cells, cutting between cells where possible."""
    tops, end = [0.0], layout["height"]
    for top, bottom in layout["cells"]:
        if bottom - tops[-1] > end:
            tops.append(top)
        while bottom - tops[-1] > end:
            tops.append(tops[-1] + end)
    return tops


_PANEL = "window.jupyterapp.shell.currentWidget"
_READY = f"""() => window.jupyterapp && {_PANEL}?.context?.isReady
  && {_PANEL}.sessionContext?.isReady && document.querySelector('.jp-Notebook .jp-Cell')"""
_IDLE = f"() => {_PANEL}.sessionContext.session?.kernel?.status === 'idle'"
_PICTURES_LOADED = """() => [...document.querySelectorAll('.jp-Notebook img[src]')]
  .every(picture => picture.complete)"""
_OUTPUTS = f"""() => {_PANEL}.content.model.sharedModel.toJSON().cells
  .flatMap(cell => cell.outputs ?? [])"""
_EXECUTE = f"""([code, wait]) => {{
  const {{ kernel }} = {_PANEL}.sessionContext.session;
  const future = kernel.requestExecute({{ code, store_history: false }});
  return wait ? future.done.then(() => null) : null;
}}"""
_GO_TO = f"""wanted => {{
  const holds = ({{ node }}) => node.contains(wanted);
  const isNumber = typeof wanted === "number";
  const {{ content }} = {_PANEL};
  content.activeCellIndex = isNumber ? wanted : content.widgets.findIndex(holds);
}}"""
_SCROLLER = "document.querySelector('.jp-WindowedPanel-outer')"
_SCROLL_TO = f"top => {{ {_SCROLLER}.scrollTop = top; }}"
_HEIGHT = f"() => {_SCROLLER}.scrollHeight"
_HALF_A_PAGE = f"() => {_SCROLLER}.clientHeight / 2"
_IN_SIGHT = f"""element => {{
  const own = element.getBoundingClientRect(), page = {_SCROLLER}.getBoundingClientRect();
  return own.height > 0 && own.bottom > page.top && own.top < page.bottom;
}}"""
_CELL_BOXES = f"""() => {{
  const box = {_SCROLLER}, start = box.getBoundingClientRect().top - box.scrollTop;
  const cells = [...document.querySelectorAll('.jp-Notebook .jp-Cell')].map(cell => {{
    const place = cell.getBoundingClientRect();
    return [place.top - start, place.bottom - start];
  }});
  return {{height: box.clientHeight, cells}};
}}"""


# ----------------------------------------------------------------- the command


def photograph(notebook: Path, folder: Path, *, dark: bool, width: int, run: bool) -> list[str]:
    """Run a copy of `notebook` in JupyterLab, photograph it into `folder`, return its errors."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as root:
        clean_file(Path(shutil.copy(notebook, root)))
        with serve(Path(root)) as server, open_browser() as browser:
            page = browser.new_page(viewport={"width": width, "height": 1400})
            shown = NotebookPage(page, server, notebook.name)
            if dark:
                shown.dark()
            if run:
                shown.run_all()
            for file in shown.screenshots(folder):
                print(file)
            return shown.errors()


def main() -> int:
    """Read the arguments, photograph, and fail when a cell raised."""
    parser = argparse.ArgumentParser(description="Photograph a notebook as JupyterLab shows it.")
    parser.add_argument("notebook", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--dark", action="store_true", help="use the dark theme")
    parser.add_argument("--saved", action="store_true", help="show the saved outputs; run nothing")
    parser.add_argument("--width", type=int, default=1100, help="width of the page in pixels")
    choice = parser.parse_args()
    errors = photograph(
        choice.notebook.resolve(),
        choice.folder,
        dark=choice.dark,
        width=choice.width,
        run=not choice.saved,
    )
    print(*errors, sep="\n", file=sys.stderr)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
