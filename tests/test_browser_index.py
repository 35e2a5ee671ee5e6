"""A link of the index, which is an output of a cell, leads to its section in JupyterLab."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from jupyter_page import NotebookPage, Server, serve

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

INDEX = "appendix_b_glossary_and_index.ipynb"


@pytest.fixture(scope="module")
def server(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    book = shutil.copytree(root / "chapters", tmp_path_factory.mktemp("book") / "chapters")
    with serve(Path(book)) as started:
        yield started


@pytest.mark.parametrize(
    ("target", "heading"),
    [
        ("03_activation_functions.ipynb#3.6-Dead-or-resting?", "3.6 Dead or resting?"),
        ("02_multi_layer_perceptrons.ipynb#cell-id=universal", "2.11 One hidden layer"),
    ],
)
def test_the_first_click_opens_the_notebook_and_the_second_goes_to_the_section(
    browser: "Browser", server: Server, target: str, heading: str
) -> None:
    page = browser.new_page(viewport={"width": 1200, "height": 1000})
    opened = NotebookPage(page, server, INDEX)
    notebook, _, fragment = target.partition("#")
    path = notebook.removesuffix(".ipynb")
    link = f"a[href*='{path}'][href$='#{fragment}']"
    opened.show(link).click()
    page.wait_for_function(_SHOWN, arg=notebook)
    page.evaluate(_GO_BACK, INDEX)
    page.wait_for_function(_SHOWN, arg=INDEX)
    opened.show(link).click()
    page.wait_for_function(_SHOWN, arg=notebook)
    page.wait_for_function(_IN_SIGHT, arg=heading)
    page.close()


_SHOWN = "name => window.jupyterapp.shell.currentWidget?.context?.path === name"
_GO_BACK = """name => {
  const opened = [...window.jupyterapp.shell.widgets("main")];
  window.jupyterapp.shell.activateById(opened.find(({ context }) => context?.path === name).id);
}"""
_IN_SIGHT = """start => [...document.querySelectorAll(".jp-MarkdownOutput h2")].some(heading => {
  const { top } = heading.getBoundingClientRect();
  return heading.innerText.startsWith(start) && top > 0 && top < window.innerHeight;
})"""
