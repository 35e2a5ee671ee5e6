"""Quizzes and recordings in a browser: first on a bare page, then in JupyterLab by keyboard."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import asdict
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jupyter_page
import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jupyter_page import NotebookPage, Server, serve
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import expect

from nnbook import notebooks
from nnbook.live.questions import Answer, Question, bank, question
from nnbook.live.quizzes import Quiz
from nnbook.live.recording import ProgressBar

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = pytest.mark.browser

FOLDER = resources.files("nnbook").joinpath("questions")
CHAPTERS = sorted(path.name[:2] for path in FOLDER.iterdir() if path.name.endswith(".toml"))
NUMBERS = [one for chapter in CHAPTERS for one in bank(chapter).values() if not one.options]
CHOICE, NUMBER = "01.bias-line", "01.sign"


# ------------------------------------------------------------------- on a bare page

# A model as Jupyter's, without a kernel; `Object.assign` lets the tests reach the functions.
WIDGET = """
class Model {
  constructor(state) { this.state = state; this.acts = []; this.saved = 0; }
  get(name) { return this.state[name]; }
  save_changes() { this.saved += 1; }
  on(event, act) { this.acts.push([event, act]); }
  off(event, act) { this.acts = this.acts.filter((one) => one[0] !== event || one[1] !== act); }
  set(name, value) {
    const changed = JSON.stringify(value) !== JSON.stringify(this.state[name]);
    this.state[name] = value;
    if (changed) this.acts.filter(([on]) => on === `change:${name}`).forEach(([, act]) => act());
  }
}
function show(model) {
  const el = document.body.appendChild(document.createElement("div"));
  return render({ model, el });
}
"""


@pytest.fixture(scope="module")
def bare(browser: "Browser") -> Iterator["Page"]:
    """Open a page that has nothing but the functions of a quiz."""
    page = browser.new_page()
    page.set_default_timeout(5_000)
    load(page, Quiz, "numberIn", "feedbackTo")
    yield page
    page.close()


@pytest.fixture
def page(bare: "Page") -> "Page":
    """Empty the page."""
    bare.evaluate("() => document.body.replaceChildren()")
    return bare


def load(page: "Page", widget: type[Quiz | ProgressBar], *functions: str) -> None:
    names = ", ".join(("Model", "show", *functions))
    page.add_style_tag(content=widget._css)
    page.add_script_tag(
        type="module", content=f"{widget._esm}{WIDGET}Object.assign(window, {{ {names} }});"
    )
    page.wait_for_function("() => window.Model")


def ask(page: "Page", *asked: Question, before: str = "") -> "Locator":
    """Show a quiz with these questions, and return their places."""
    questions = [
        {**asdict(one), "options": one.options, "title": f"Question {number}", "before": before}
        for number, one in enumerate(asked, start=1)
    ]
    page.evaluate(
        "(questions) => { window.model = new Model({ questions, given: {} }); show(model); }",
        questions,
    )
    return page.locator(".nnbook-quiz")


def given_in(page: "Page") -> dict[str, Any]:
    given: dict[str, Any] = page.evaluate("() => model.get('given')")
    return given


def a_number(value: float, tolerance: float = 0.005, unit: str = "") -> Question:
    """Build a question about one number."""
    answers = (Answer("So it is.", right=True, value=value), Answer("Think again."))
    return Question("01.x", "How much is it?", answers, tolerance, unit)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        *[("0.5", 0.5), ("0,5", 0.5), (".5", 0.5), (",5", 0.5), ("5.", 5), ("+5", 5), ("007", 7)],
        *[("-3", -3), ("−3", -3), ("–3", -3), ("− 3", -3), ("-0,25", -0.25)],
        *[("50 000", 5e4), ("50\u202f000", 5e4), ("1 000 000", 1e6), ("1 234,5", 1234.5)],
        *[("2e3", 2000), ("2E-3", 0.002), ("2e−3", 0.002), ("1,5e+2", 150)],
        *[("2·10³", 2000), ("2 × 10⁻³", 0.002), ("2*10^3", 2000), ("2·10^−3", 0.002)],
        *[("10**-2", 0.01), ("10²", 100), ("2^10", 1024), ("-2²", -4), ("2·3·4", 24)],
        *[("1/3", 1 / 3), ("-1/3", -1 / 3), ("1 / 4", 0.25), ("1/-4", -0.25), ("1/10²", 0.01)],
        *[("0,5/2", 0.25), ("2·3/4", 1.5), ("0,125", 0.125), ("1,25", 1.25), ("1,2345", 1.2345)],
        *[("50 %", 0.5), ("12,5%", 0.125), ("−1/2 %", -0.005)],
    ],
)
def test_number_is_read_as_it_is_written(page: "Page", written: str, value: float) -> None:
    assert page.evaluate("numberIn", written) == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize(
    "written",
    [
        *[
            "",
            " ",
            "-",
            ".",
            "abc",
            "1 2",
            "5 5000",
            "1/2/3",
            "1/",
            "/2",
            "2·",
            "e3",
            "2e",
            "1 1/2",
        ],
        *["1.2.3", "1,2,3", "1.234,5", "3 ms", "0x10", "1_000", "Infinity", "NaN", "--3", "%", "³"],
        *["1,000", "-50,000", "1 + 1", "alert(1)", "2^", "2^0.5"],
    ],
)
def test_what_is_no_number_is_not_read_as_one(page: "Page", written: str) -> None:
    assert page.evaluate("text => Number.isNaN(numberIn(text))", written)


@pytest.mark.parametrize(
    ("written", "unit", "value"),
    [("3 ms", "ms", 3), ("3ms", "ms", 3), ("3", "ms", 3), ("1/4 m", "m", 0.25), ("50 %", "%", 50)],
)
def test_unit_may_be_written_or_left_out(
    page: "Page", written: str, unit: str, value: float
) -> None:
    assert page.evaluate("([text, unit]) => numberIn(text, unit)", [written, unit]) == value


finite = st.floats(allow_nan=False, allow_infinity=False)


@settings(max_examples=50)
@given(st.lists(finite, max_size=50))
def test_every_number_is_read_as_python_prints_it(bare: "Page", numbers: list[float]) -> None:
    read = bare.evaluate("texts => texts.map((one) => numberIn(one))", [*map(repr, numbers)])
    assert [*map(float, read)] == numbers


decimals = st.decimals(-999_999, 999_999, places=4).map(str)


@settings(max_examples=50)
@given(st.lists(decimals, max_size=50))
def test_comma_and_minus_sign_are_read_as_point_and_hyphen(
    bare: "Page", numbers: list[str]
) -> None:
    written = [number.replace(".", ",").replace("-", "−") for number in numbers]
    read = bare.evaluate("texts => texts.map((one) => numberIn(one))", written)
    assert read == [*map(float, numbers)]


@pytest.mark.parametrize("one", NUMBERS, ids=lambda one: one.name)
def test_every_expected_number_meets_its_own_answer(page: "Page", one: Question) -> None:
    def told(number: float) -> str:
        return page.evaluate(
            "([question, number]) => feedbackTo(question, number).text",
            [{**asdict(one), "options": one.options}, number],
        )

    for answer in one.answers:
        for off in (-0.9, 0, 0.9) if answer.value is not None else ():
            assert told(answer.value + off * one.tolerance) == answer.text
    assert told(12345.678) == one.answers[-1].text


def check(quiz: "Locator", written: str) -> str:
    """Answer a question about a number, and return what is said to it."""
    quiz.locator("input").fill(written)
    quiz.locator("button").click()
    return quiz.locator(".nnbook-feedback").inner_text()


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("0.25", "Right. So it is."),
        ("−0.25", "Not this one. Think again."),
        ("1/4", "Right: 1/4 is read as 0.25. So it is."),
        ("0,25", "Right: 0,25 is read as 0.25. So it is."),
        ("0.253", "Right: near enough to 0.25. So it is."),
        ("5/20 ms", "Right: 5/20 ms is read as 0.25 ms. So it is."),
    ],
)
def test_feedback_says_how_a_number_was_read(page: "Page", written: str, said: str) -> None:
    quiz = ask(page, a_number(0.25, unit="ms" if "ms" in written else ""))
    assert check(quiz, written) == said


def test_near_enough_and_the_reading_are_said_together_with_the_unit(page: "Page") -> None:
    quiz = ask(page, a_number(0.3333, unit="ms"))
    assert check(quiz, "1/3") == (
        "Right: 1/3 is read as 0.333333 ms, near enough to 0.3333 ms. So it is."
    )
    assert quiz.locator("label").inner_text().split() == ["Your", "number", "ms"]


@pytest.mark.parametrize(
    ("written", "unit", "complaint"),
    [
        ("", "", "Write a number first, such as 0.5."),
        ("a half", "", "“a half” cannot be read as a number. Write one such as 0.5, 1/3 or 2e3."),
        ("2 kB", "MB", "“2 kB” cannot be read as a number. "),
        ("2 kB", "MB", "Write one such as 0.5, 1/3 or 2e3, in MB."),
        ("1,000", "", "1,000 can be read in two ways. Write 1000 or 1.000."),
        ("1,000 ms", "ms", "1,000 ms can be read in two ways. Write 1000 ms or 1.000 ms."),
        ("1/0", "", "“1/0” cannot be read as a number."),
    ],
)
def test_complaint_gives_an_example_and_the_focus(
    page: "Page", written: str, unit: str, complaint: str
) -> None:
    quiz = ask(page, a_number(0.25, unit=unit))
    assert check(quiz, written) == ""
    number = quiz.get_by_role("textbox")
    expect(quiz.get_by_role("alert")).to_contain_text(complaint)
    expect(number).to_be_focused()
    expect(number).to_have_accessible_description(quiz.get_by_role("alert").inner_text())
    expect(number).to_have_attribute("aria-invalid", "true")
    assert given_in(page) == {}
    assert check(quiz, "0.25").startswith("Right")
    expect(quiz.get_by_role("alert")).to_be_hidden()
    expect(number).to_have_accessible_description("")
    expect(number).to_have_attribute("aria-invalid", "false")


def test_choice_is_asked_for_before_it_is_checked(page: "Page") -> None:
    quiz = ask(page, question(CHOICE))
    quiz.locator("button").click()
    expect(quiz.get_by_role("alert")).to_have_text("Choose one first.")
    expect(quiz.get_by_role("radio").first).to_be_focused()


def test_reader_can_try_again(page: "Page") -> None:
    quiz = ask(page, a_number(2))
    assert check(quiz, "1") == check(quiz, "1") == "Not this one. Think again."
    assert given_in(page)["01.x"] == {"answer": 1, "written": "1", "right": False, "tries": 2}
    assert check(quiz, "4/2").startswith("Right")
    assert given_in(page)["01.x"] == {"answer": 2, "written": "4/2", "right": True, "tries": 3}
    assert page.evaluate("() => model.saved") == 3


def test_view_that_is_drawn_later_shows_what_was_given(page: "Page") -> None:
    quiz = ask(page, question(CHOICE), question(NUMBER), question("01.double"))
    quiz.nth(0).get_by_role("radio").nth(2).check()
    quiz.nth(0).locator("button").click()
    check(quiz.nth(1), "16/2")
    page.evaluate("() => show(model)")
    first, later = quiz.nth(0), quiz.nth(3)
    expect(later.get_by_role("radio").nth(2)).to_be_checked()
    expect(later.get_by_role("status")).to_have_text(first.get_by_role("status").inner_text())
    expect(quiz.nth(4).get_by_role("textbox")).to_have_value("16/2")
    expect(quiz.nth(4).get_by_role("status")).to_contain_text("Right")
    expect(quiz.nth(5).get_by_role("status")).to_be_empty()
    expect(quiz.nth(5).locator("input:checked")).to_have_count(0)


def test_views_follow_each_other_until_they_are_removed(page: "Page") -> None:
    quiz = ask(page, a_number(2))
    page.evaluate("() => { window.remove = show(model); }")
    check(quiz.nth(0), "1")
    expect(quiz.nth(1).get_by_role("textbox")).to_have_value("1")
    expect(quiz.nth(1).get_by_role("status")).to_have_text("Not this one. Think again.")
    page.evaluate("() => remove()")
    check(quiz.nth(0), "2")
    expect(quiz.nth(1).get_by_role("textbox")).to_have_value("1")
    assert page.evaluate("() => model.acts.length") == 1


def test_answer_to_one_question_leaves_what_is_chosen_in_another(page: "Page") -> None:
    quiz = ask(page, question(CHOICE), question(NUMBER))
    options = quiz.nth(0).get_by_role("radio")
    options.nth(1).check()
    quiz.nth(0).locator("button").click()
    options.nth(2).check()
    check(quiz.nth(1), "8")
    expect(options.nth(2)).to_be_checked()


def test_earlier_answer_is_mentioned_until_there_is_a_new_one(page: "Page") -> None:
    quiz = ask(page, a_number(2), before="not yet right")
    note = quiz.locator(".nnbook-before")
    expect(note).to_have_text("You answered this before: not yet right.")
    expect(quiz.get_by_role("status")).to_be_empty()
    check(quiz, "2")
    expect(note).to_be_hidden()
    assert ask(page, a_number(2)).nth(1).locator(".nnbook-before").is_hidden()


def test_question_names_its_group_and_feedback_describes_it(page: "Page") -> None:
    one = question(CHOICE)
    quiz = ask(page, one)
    group = quiz.get_by_role("group")
    expect(group).to_have_accessible_name(f"Question 1 {one.text}")
    expect(group).to_have_accessible_description("")
    quiz.get_by_role("radio", name="both").check()
    quiz.locator("button").click()
    expect(group).to_have_accessible_description(quiz.get_by_role("status").inner_text())
    expect(quiz.get_by_role("status")).to_contain_text("Not this one.")


def test_quiz_is_answered_by_keyboard_and_focus_stays(page: "Page") -> None:
    quiz = ask(page, question(CHOICE), a_number(2))
    options, status = quiz.nth(0).get_by_role("radio"), quiz.nth(0).get_by_role("status")
    press(page, "Tab", "Space")
    expect(options.nth(0)).to_be_checked()
    press(page, "ArrowDown", "ArrowDown", "ArrowUp")
    expect(options.nth(1)).to_be_checked()
    press(page, "Enter")
    expect(status).not_to_be_empty()
    expect(options.nth(1)).to_be_focused()
    press(page, "ArrowDown", "Tab", "Space")
    expect(quiz.nth(0).locator("button")).to_be_focused()
    expect(status).to_contain_text(question(CHOICE).answers[2].text)
    press(page, "Tab", "2", "Enter")
    expect(quiz.nth(1).get_by_role("textbox")).to_be_focused()
    expect(quiz.nth(1).get_by_role("status")).to_contain_text("Right")


def press(page: "Page", *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_two_widgets_share_no_id(browser: "Browser") -> None:
    page = browser.new_page()
    ids = set()
    for count in (1, 2):
        load(page, Quiz)
        ask(page, question(CHOICE))
        ids |= set(page.locator(".nnbook-quiz [id]").evaluate_all("all => all.map(e => e.id)"))
        assert len(ids) == 4 * count
    page.close()


# ------------------------------------------------------------ a bar on a bare page


@pytest.fixture
def bar_page(browser: "Browser") -> Iterator["Page"]:
    """Open a page that has nothing but the functions of a progress bar."""
    page = browser.new_page()
    page.set_default_timeout(5_000)
    load(page, ProgressBar)
    yield page
    page.close()


def show_bar(page: "Page", total: int | None) -> None:
    news = {"count": 0, "words": "starting", "state": "running"}
    page.evaluate(
        "(state) => { window.model = new Model(state); window.remove = show(model); }",
        {"name": "Recording training", "total": total, "news": news},
    )


def tell(page: "Page", **news: Any) -> None:
    page.evaluate("(news) => model.set('news', news)", news)


def test_bar_says_where_it_is_and_announces_its_end_only(bar_page: "Page") -> None:
    show_bar(bar_page, total=4)
    bar = bar_page.get_by_role("progressbar", name="Recording training")
    expect(bar).to_have_attribute("aria-valuetext", "starting")
    tell(bar_page, count=3, words="3 of 4, about 2 s left", state="running")
    expect(bar).to_have_attribute("aria-valuetext", "3 of 4, about 2 s left")
    expect(bar).to_have_js_property("position", 0.75)
    expect(bar_page.locator(".nnbook-news")).to_have_text("3 of 4, about 2 s left")
    expect(bar_page.get_by_role("status")).to_be_empty()
    tell(bar_page, count=4, words="Recorded 4 steps of training.", state="done")
    expect(bar_page.get_by_role("status")).to_have_text("Recorded 4 steps of training.")
    expect(bar_page.locator("progress")).to_be_hidden()
    assert bar_page.locator(".nnbook").bounding_box()["height"] < 2


def test_bar_without_a_total_is_indeterminate_and_does_not_run_on(bar_page: "Page") -> None:
    show_bar(bar_page, total=None)
    bar = bar_page.locator("progress")
    tell(bar_page, count=3, words="3", state="running")
    expect(bar).to_have_js_property("position", -1)
    tell(bar_page, count=3, words="stopped at 3", state="stopped")
    expect(bar).to_be_hidden()
    expect(bar_page.get_by_text("stopped at 3").first).to_be_visible()


def test_bar_stays_where_it_was_stopped(bar_page: "Page") -> None:
    show_bar(bar_page, total=4)
    tell(bar_page, count=1, words="stopped at 1 of 4", state="stopped")
    expect(bar_page.locator("progress")).to_have_js_property("position", 0.25)
    expect(bar_page.locator(".nnbook-news")).to_have_text("stopped at 1 of 4")
    expect(bar_page.get_by_role("status")).to_have_text("stopped at 1 of 4")


def test_bar_that_is_removed_listens_no_more(bar_page: "Page") -> None:
    show_bar(bar_page, total=4)
    bar_page.evaluate("() => remove()")
    assert bar_page.evaluate("() => model.acts.length") == 0


# ------------------------------------------------------------------- in JupyterLab

NOTEBOOK = "quizzes.ipynb"
CELLS = (
    "import time\n\nfrom nnbook import live",
    f'live.quiz("{CHOICE}", "{NUMBER}")',
    'quick = live.record(range(40), label="training")\nlen(quick)',
    "def slow():\n    while True:\n        time.sleep(0.02)\n        yield 1",
    'some = live.record(slow(), total=5000, label="waiting")',
    "0 < len(some) < 5000",
)
QUIZ, INTERRUPTED = 1, 4


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the notebook that is opened."""
    folder = tmp_path_factory.mktemp("quizzes")
    cells = [new_code_cell(source) for source in CELLS]
    nbformat.write(new_notebook(cells=cells), folder / NOTEBOOK)
    notebooks.clean_file(folder / NOTEBOOK)  # which also names its kernel
    return folder


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Server]:
    """Serve the notebook without the book's hook, so that saved outputs keep their widgets."""
    shutil.copytree(jupyter_page.BOOK / ".jupyter" / "labconfig", folder / ".jupyter" / "labconfig")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jupyter_page, "BOOK", folder)
        with serve(folder) as started:
            yield started


@pytest.fixture(scope="module")
def lab(browser: "Browser", server: Server) -> Iterator[NotebookPage]:
    """Open the notebook and run it up to the recording that is interrupted."""
    page = browser.new_page(viewport={"width": 1000, "height": 900})
    opened = NotebookPage(page, server, NOTEBOOK)
    page.set_default_timeout(20_000)
    for _ in range(INTERRUPTED):
        opened.command("notebook:run-cell-and-select-next")
    opened.wait_until_idle()
    yield opened
    page.close()


def quiz_in(lab: NotebookPage) -> "tuple[Locator, Locator]":
    """Scroll to the quiz, and return the places of its two questions."""
    return lab.show(".nnbook-quiz", 0), lab.show(".nnbook-quiz", 1)


def test_keys_reach_the_quiz_and_not_the_notebook(lab: NotebookPage) -> None:
    choice, number = quiz_in(lab)
    choice.get_by_role("radio").first.focus()
    before = lab.active_cell
    press(lab.page, "Space", "ArrowDown", "ArrowDown", "Enter")
    expect(choice.get_by_role("radio").nth(2)).to_be_focused()
    expect(choice.get_by_role("status")).to_contain_text(question(CHOICE).answers[2].text)
    press(lab.page, "Tab", "Tab", *"16/2", "Enter")
    expect(number.get_by_role("textbox")).to_be_focused()
    expect(number.get_by_role("status")).to_contain_text("Right: 16/2 is read as 8.")
    assert lab.active_cell == before
    assert len(lab.page.locator(".jp-Notebook .jp-Cell").all()) <= len(CELLS)


@pytest.fixture
def answered(lab: NotebookPage) -> "tuple[Locator, Locator]":
    """Answer both questions, and return their places."""
    choice, number = quiz_in(lab)
    choice.get_by_role("radio").nth(2).check()
    choice.locator("button").click()
    check(number, "16/2")
    return choice, number


def assert_shows_what_was_given(choice: "Locator", number: "Locator") -> None:
    expect(choice.get_by_role("radio").nth(2)).to_be_checked()
    expect(choice.get_by_role("status")).to_contain_text(question(CHOICE).answers[2].text)
    expect(number.get_by_role("textbox")).to_have_value("16/2")
    expect(number.get_by_role("status")).to_contain_text("Right")


def test_quiz_that_is_drawn_anew_shows_what_was_given(
    lab: NotebookPage, answered: "tuple[Locator, Locator]"
) -> None:
    answered[0].evaluate("(quiz) => { quiz.dataset.old = 'yes'; }")
    lab.go_to(QUIZ)
    lab.command("notebook:move-cell-down")
    lab.command("notebook:move-cell-up")
    choice, number = quiz_in(lab)
    expect(choice).not_to_have_attribute("data-old", "yes")
    assert_shows_what_was_given(choice, number)


@pytest.mark.usefixtures("answered")
def test_second_view_of_the_output_shows_what_was_given(lab: NotebookPage) -> None:
    lab.go_to(QUIZ)
    lab.command("notebook:create-output-view")
    view = lab.page.locator(".jp-LinkedOutputView .nnbook-quiz")
    assert_shows_what_was_given(view.nth(0), view.nth(1))


@pytest.mark.usefixtures("answered")
def test_reloaded_page_shows_what_was_given_while_the_kernel_lives(lab: NotebookPage) -> None:
    lab.save()
    lab.reload()
    assert_shows_what_was_given(*quiz_in(lab))


@pytest.mark.usefixtures("answered")
def test_quiz_that_is_run_again_is_empty_and_says_how_it_was_answered(lab: NotebookPage) -> None:
    lab.go_to(QUIZ)
    lab.command("notebook:run-cell")
    choice, number = quiz_in(lab)
    expect(number.locator(".nnbook-before")).to_have_text("You answered this before: right.")
    expect(number.get_by_role("textbox")).to_have_value("")
    expect(choice.get_by_role("status")).to_be_empty()


def test_recording_leaves_one_line_in_the_page(lab: NotebookPage) -> None:
    cell = lab.show(".jp-CodeCell:has-text('quick =')")
    expect(cell.get_by_text("Recorded 40 steps of training.").last).to_be_visible()
    expect(cell.locator("progress")).to_be_hidden()


def test_interrupted_recording_says_where_and_the_notebook_goes_on(lab: NotebookPage) -> None:
    lab.go_to(INTERRUPTED)
    lab.page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-cell'); }")
    bar = lab.show(".nnbook-recording:has-text('Recording waiting')")
    expect(bar.locator(".nnbook-news")).to_have_text(
        re.compile(r"\d+ of 5000, about \d+ (s|min) left")
    )
    lab.command("notebook:interrupt-kernel")
    expect(bar.locator(".nnbook-news")).to_have_text(re.compile(r"stopped at \d+ of 5000"))
    lab.go_to(INTERRUPTED + 1)
    lab.command("notebook:run-cell")
    lab.wait_until_idle()
    assert [one["data"]["text/plain"] for one in lab.outputs()[-1:]] == ["True"]
    assert not [one for one in lab.outputs() if one["output_type"] == "error"]


def test_saved_notebook_shows_the_words_and_no_broken_widget(
    lab: NotebookPage, folder: Path
) -> None:
    lab.save()
    lab.shut_kernel_down()
    notebooks.clean_file(folder / NOTEBOOK)
    lab.reload()
    lab.show(".jp-OutputArea-output:has-text('Recorded 40 steps of training.')")
    text = lab.page.locator(".jp-Notebook").inner_text()
    assert "Loading widget" not in text
    assert "model not found" not in text
