"""What a reader sees and does in a browser: chapter 1 in JupyterLab and in Notebook 7."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from jupyter_page import NotebookPage, Server, serve

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator

pytestmark = pytest.mark.browser

CHAPTER = "01_perceptron.ipynb"
FIGURE = ".nnbook-figure:has(.nnbook-predict):has(input[type=range])"
SETTINGS = [("lab", "none"), ("lab", "full"), ("notebook", "defer")]


@pytest.fixture(scope="module")
def book(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the chapters, so that nothing that is done to them here stays."""
    return Path(shutil.copytree(root / "chapters", tmp_path_factory.mktemp("book") / "chapters"))


@pytest.fixture(scope="module", params=SETTINGS, ids="-".join)
def server(request: pytest.FixtureRequest, book: Path) -> Iterator[Server]:
    application, windowing = request.param
    with serve(book, application=application, windowing=windowing) as started:
        yield started


@pytest.fixture(scope="module")
def saved(browser: "Browser", server: Server) -> Iterator[NotebookPage]:
    """Open the chapter as it is stored; nothing has been run."""
    page = browser.new_page(viewport={"width": 1200, "height": 1000})
    yield NotebookPage(page, server, CHAPTER)
    page.close()


@pytest.fixture(scope="module")
def running(browser: "Browser", server: Server) -> Iterator[NotebookPage]:
    """Open the chapter and run all of it."""
    page = browser.new_page(viewport={"width": 1200, "height": 1000})
    opened = NotebookPage(page, server, CHAPTER)
    opened.run_all()
    yield opened
    page.close()


def test_saved_chapter_shows_pictures_and_no_broken_widgets(saved: NotebookPage) -> None:
    saved.show(".jp-RenderedImage img")
    text = saved.page.locator(".jp-Notebook").inner_text()
    assert "Loading widget" not in text
    assert "model not found" not in text
    assert saved.page.locator(".jp-RenderedImage img").first.evaluate("i => i.naturalWidth") > 100


def test_every_cell_runs(running: NotebookPage) -> None:
    errors = [output for output in running.outputs() if output["output_type"] == "error"]
    assert [f"{error['ename']}: {error['evalue']}" for error in errors] == []


def test_nothing_moves_before_a_prediction_and_all_follows_after_it(running: NotebookPage) -> None:
    _predict_and_move(running)


def test_figures_live_again_after_a_restart(running: NotebookPage) -> None:
    running.restart_and_run_all()
    _predict_and_move(running)


def test_question_answers_every_choice(running: NotebookPage) -> None:
    quiz = running.show(".nnbook-quiz:has(input[type=radio])")
    told = []
    for number in range(quiz.locator("input[type=radio]").count()):
        quiz.locator("input[type=radio]").nth(number).check()
        quiz.locator("button[type=submit]").click()
        told.append(quiz.locator(".nnbook-feedback").inner_text())
    assert len(set(told)) == len(told) > 1
    assert sum(text.startswith("Right.") for text in told) == 1


def test_dark_theme_reaches_the_pictures(running: NotebookPage) -> None:
    figure = running.show(FIGURE)
    before = _picture(figure)
    running.dark()
    _wait_for_change(figure, before)
    running.dark(False)


def test_no_error_was_shown_in_a_figure(running: NotebookPage) -> None:
    errors = running.page.locator(".nnbook-error:visible")
    assert errors.all_inner_texts() == []


def test_chapter_that_was_run_and_saved_shows_pictures_when_opened_again(
    running: NotebookPage,
) -> None:
    running.save()
    running.shut_kernel_down()
    running.reload()
    test_saved_chapter_shows_pictures_and_no_broken_widgets(running)


def _predict_and_move(opened: NotebookPage) -> None:
    figure = opened.show(FIGURE)
    if figure.locator(".nnbook-again").count():  # it was predicted before, and is remembered
        figure.locator(".nnbook-again").click()
    slider = figure.locator("input[type=range]").first
    assert slider.is_disabled()
    _commit(figure)
    before, formula = _picture(figure), figure.locator(".nnbook-formula").inner_text()
    slider.focus()
    opened.page.keyboard.press("Home")
    _wait_for_change(figure, before)
    assert figure.locator(".nnbook-formula").inner_text() != formula
    assert figure.locator(".nnbook-picture").get_attribute("aria-label")


def _commit(figure: "Locator") -> None:
    form = figure.locator(".nnbook-predict form")
    choices = form.locator("input[type=radio]")
    if choices.count():
        choices.first.check()
    else:
        form.locator("input").fill("1")
    form.locator("button[type=submit]").click()
    figure.locator(".nnbook-predicted").wait_for()


def _picture(figure: "Locator") -> str:
    """Return the pixels on the page, as the browser would encode them."""
    return str(figure.locator(".nnbook-picture").evaluate(_PIXELS))


def _wait_for_change(figure: "Locator", before: str) -> None:
    handle = figure.locator(".nnbook-picture").element_handle()
    figure.page.wait_for_function(f"([i, old]) => ({_PIXELS})(i) !== old", arg=[handle, before])


_PIXELS = "canvas => canvas.toDataURL()"
