"""Self-check questions: every answer is answered, and every bank is sound."""

from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nnbook import live, progress
from nnbook.errors import ArgumentError, UnknownNameError
from nnbook.live import questions, quizzes
from nnbook.live.questions import Answer, Question, bank, question, warm_up_names
from nnbook.live.quizzes import Quiz

FOLDER = resources.files("nnbook").joinpath("questions")
CHAPTERS = sorted(path.name[:2] for path in FOLDER.iterdir() if path.name.endswith(".toml"))
ALL = [one for chapter in CHAPTERS for one in bank(chapter).values()]
FIRST, SECOND = "01.bias-line", "01.sign"


@pytest.fixture(autouse=True)
def displayed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Quiz]:
    """Keep the progress of a test apart, and collect the quizzes that it displays."""
    monkeypatch.setenv("NNBOOK_HOME", str(tmp_path))
    shown: list[Quiz] = []
    monkeypatch.setattr(quizzes, "display", shown.append)
    return shown


def name_of(one: Question) -> str:
    return one.name


def flaws(one: Question) -> list[str]:
    """List what is wrong with a question."""
    values = [answer.value for answer in one.answers if answer.value is not None]
    others = [a for a in one.answers if a.value is None and a.option is None]
    right = [answer for answer in one.answers if answer.right]
    found = {
        "not one right answer": len(right) != 1,
        "nothing asked": len(one.text) < 10,
        "an answer without words": any(len(answer.text) < 10 for answer in one.answers),
        "two answers in the same words": len({a.text for a in one.answers}) < len(one.answers),
        "an option twice": len(set(one.options)) < len(one.options),
        "one option": len(one.options) == 1,
        "options and numbers": bool(one.options) and bool(values or others),
        "options with a unit": bool(one.options) and bool(one.unit),
        "no answer to other numbers": not one.options and len(others) != 1,
        "every number is right": any(answer.right for answer in others),
        "two values that one number meets": any(
            abs(a - b) <= 2 * one.tolerance for i, a in enumerate(values) for b in values[:i]
        ),
    }
    return [flaw for flaw, there in found.items() if there]


@pytest.mark.parametrize("one", ALL, ids=name_of)
def test_question_is_sound(one: Question) -> None:
    assert flaws(one) == []


def choice(*options: str, **more: Any) -> Question:
    """Build a sound question with options; the first is right."""
    answers = [
        Answer(f"An answer to {text} {i}.", i == 0, option=text) for i, text in enumerate(options)
    ]
    return Question("01.choice", "What is it, then?", tuple(answers), **more)


def number(*values: float | None, tolerance: float = 0.1, unit: str = "") -> Question:
    """Build a sound question about a number; the first is right."""
    answers = [
        Answer(f"An answer to {value} {i}.", i == 0, value=value) for i, value in enumerate(values)
    ]
    return Question("01.number", "How much is it, then?", tuple(answers), tolerance, unit)


@pytest.mark.parametrize(
    ("planted", "flaw"),
    [
        (choice("a"), "one option"),
        (choice("a", "a"), "an option twice"),
        (choice("a", "b", unit="kB"), "options with a unit"),
        (choice(), "not one right answer"),
        (Question("01.x", "What?", choice("a", "b").answers), "nothing asked"),
        (Question("01.x", "What is it?", (Answer("no", True, option="a"),)), "without words"),
        (number(1.0, 2.0), "no answer to other numbers"),
        (number(None, 2.0), "every number is right"),
        (number(1.0, 1.15, None), "two values that one number meets"),
    ],
)
def test_flaw_is_found(planted: Question, flaw: str) -> None:
    assert any(flaw in found for found in flaws(planted))
    assert flaws(choice("a", "b")) == flaws(number(1.0, 2.0, None)) == []


def test_names_are_unique_and_say_their_chapter() -> None:
    assert len({one.name for one in ALL}) == len(ALL)
    for chapter in CHAPTERS:
        assert {one.chapter for one in bank(chapter).values()} == {int(chapter)}
        assert all(name == one.name for name, one in bank(chapter).items())


@pytest.mark.parametrize("count", [0, 2])
def test_bank_refuses_a_question_without_one_right_answer(count: int) -> None:
    table = {"text": "Why?", "answers": [{"text": "So.", "right": i < count} for i in range(3)]}
    with pytest.raises(ArgumentError, match=rf"question 01\.x: got {count} right answers"):
        questions._read("01.x", table)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("01.bias-lin", r"quiz: got '01\.bias-lin'.*did you mean '01\.bias-line'"),
        ("99.x", r"quiz: got '99', wanted one of '00', '01'"),
        ("bias", r"quiz: got 'bias', wanted one of '00'"),
    ],
)
def test_unknown_question_is_named(name: str, words: str) -> None:
    with pytest.raises(UnknownNameError, match=words):
        question(name)


@pytest.fixture
def four_banks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pretend that there are chapters 0 to 4 with four questions each."""
    monkeypatch.setattr(
        questions, "bank", lambda chapter: {f"{chapter}.{letter}": None for letter in "abcd"}
    )


@pytest.mark.usefixtures("four_banks")
@pytest.mark.parametrize(
    ("chapter", "record", "names"),
    [
        (1, {}, "00.a 00.b 00.c"),
        (2, {}, "01.a 01.b 01.c"),
        (4, {}, "03.a 03.b 03.c"),
        (4, {"01.d": False, "03.b": False}, "03.b 01.d 03.a"),
        (4, {"03.a": True, "03.b": True, "03.c": True}, "03.d 01.a 01.b"),
        (4, {"02.a": False, "04.a": False, "00.a": False}, "03.a 03.b 03.c"),
        (1, {f"00.{letter}": True for letter in "abcd"}, "00.a 00.b 00.c"),
        (1, {"00.a": True, "00.b": True, "00.c": True}, "00.d 00.a 00.b"),
    ],
)
def test_warm_up_asks_what_was_missed_then_what_is_new(
    chapter: int, record: dict[str, bool], names: str
) -> None:
    answered = {name: {"right": right} for name, right in record.items()}
    assert warm_up_names(chapter, answered) == names.split()


MISSED_AT_FIRST = {"right": True, "first_right": False}
STILL_WRONG = {"right": False, "first_right": False}
WRONG_NOW = {"right": False, "first_right": True}
KNOWN = {"right": True, "first_right": True}


@pytest.mark.usefixtures("four_banks")
@pytest.mark.parametrize(
    ("record", "names"),
    [
        ({"00.c": MISSED_AT_FIRST}, "00.c 00.a 00.b"),
        ({"00.d": WRONG_NOW}, "00.d 00.a 00.b"),
        ({"00.b": MISSED_AT_FIRST, "00.d": STILL_WRONG}, "00.d 00.b 00.a"),
        ({"00.a": KNOWN, "00.b": KNOWN, "00.d": MISSED_AT_FIRST}, "00.d 00.c 00.a"),
        ({"00.a": {"chapter": 0}, "00.b": {"right": False}}, "00.b 00.c 00.d"),
    ],
)
def test_warm_up_asks_for_what_is_wrong_then_for_what_was_wrong_at_first(
    record: dict[str, dict[str, bool]], names: str
) -> None:
    assert warm_up_names(1, record) == names.split()


@pytest.mark.usefixtures("four_banks")
def test_warm_up_asks_nothing_twice() -> None:
    names = warm_up_names(4, {"03.a": STILL_WRONG, "01.b": MISSED_AT_FIRST}, count=20)
    assert len(names) == len(set(names)) == 8


def give(quiz: Quiz, name: str, answer: float, right: bool) -> None:
    """Deliver an answer as the page sends it: with all that was given before."""
    tries = quiz.given.get(name, {"tries": 0})["tries"] + 1
    tried = {"answer": answer, "written": str(answer), "right": right, "tries": tries}
    state = {"given": {**quiz.given, name: tried}}
    data = {"method": "update", "state": state, "buffer_paths": []}
    quiz._handle_msg({"content": {"data": data}, "buffers": []})


def recorded(name: str) -> dict[str, Any]:
    return progress.read()["questions"][name]


def test_answers_are_kept_in_the_progress_file(displayed: list[Quiz]) -> None:
    live.quiz(FIRST, SECOND)
    give(displayed[0], SECOND, 4, False)
    give(displayed[0], FIRST, 0, True)
    assert progress.read()["questions"] == {
        SECOND: {
            **{"chapter": 1, "answer": 4, "right": False},
            **{"first_answer": 4, "first_right": False},
        },
        FIRST: {
            **{"chapter": 1, "answer": 0, "right": True},
            **{"first_answer": 0, "first_right": True},
        },
    }


tries = st.lists(st.tuples(st.integers(-9, 9), st.booleans(), st.booleans()), min_size=1)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tries)
def test_first_and_last_try_are_remembered(given: list[tuple[int, bool, bool]]) -> None:
    progress.clear()
    quiz = Quiz([question(FIRST)])
    for answer, right, in_a_new_widget in given:
        quiz = Quiz([question(FIRST)]) if in_a_new_widget else quiz
        give(quiz, FIRST, answer, right)
    first, last = given[0], given[-1]
    assert recorded(FIRST) == {
        **{"chapter": 1, "answer": last[0], "right": last[1]},
        **{"first_answer": first[0], "first_right": first[1]},
    }


def test_what_an_old_record_holds_counts_as_the_first_try() -> None:
    progress.record("questions", FIRST, chapter=1, answer=3, right=False)
    give(Quiz([question(FIRST)]), FIRST, 0, True)
    assert recorded(FIRST) == {
        **{"chapter": 1, "answer": 0, "right": True},
        **{"first_answer": 3, "first_right": False},
    }


def test_answer_to_one_question_leaves_the_record_of_the_others(displayed: list[Quiz]) -> None:
    live.quiz(FIRST, SECOND)
    give(displayed[0], FIRST, 0, True)
    progress.record("questions", FIRST, answer=1, right=False)  # in another notebook
    give(displayed[0], SECOND, 8, True)
    assert recorded(FIRST)["answer"] == 1


def test_next_warm_up_opens_with_what_is_wrong_and_what_was_wrong_at_first(
    displayed: list[Quiz],
) -> None:
    mended, missed = list(bank("00"))[2:4]
    live.quiz(mended, missed)
    give(displayed[0], mended, 1, False)
    give(displayed[0], mended, 0, True)
    give(displayed[0], missed, 1, False)
    live.warm_up(1)
    assert [one["name"] for one in displayed[1].questions[:2]] == [missed, mended]
    assert len(displayed[1].questions) == 3


def test_every_view_of_a_quiz_shows_what_was_given() -> None:
    quiz = Quiz([question(FIRST), question(SECOND)])
    give(quiz, SECOND, 4, False)
    give(quiz, SECOND, 8, True)
    assert quiz.get_state()["given"] == {
        SECOND: {"answer": 8, "written": "8", "right": True, "tries": 2}
    }


@pytest.mark.parametrize(
    ("entry", "before"),
    [
        ({}, ""),
        ({"chapter": 1}, ""),
        ({"right": True, "first_right": False}, "right"),
        ({"right": False, "first_right": True}, "not yet right"),
        ({"answer": 2, "right": False}, "not yet right"),
    ],
)
def test_quiz_that_is_run_again_starts_empty_and_says_how_it_was_answered(
    entry: dict[str, Any], before: str
) -> None:
    progress.record("questions", SECOND, **entry)
    quiz = Quiz([question(FIRST), question(SECOND)])
    assert quiz.given == {}
    assert [one["before"] for one in quiz.questions] == ["", before]


def test_saved_quiz_says_nothing_of_its_reader() -> None:
    stored = [Quiz([question(FIRST)])._repr_mimebundle_()[0]]
    give(Quiz([question(FIRST)]), FIRST, 0, True)
    stored.append(Quiz([question(FIRST)])._repr_mimebundle_()[0])
    assert stored[0]["text/html"] == stored[1]["text/html"]
    assert stored[0]["text/plain"] == stored[1]["text/plain"]


def test_page_gets_every_answer() -> None:
    one = question("01.bias-line")
    (sent,) = Quiz([one]).questions
    assert sent["title"] == "Question"
    assert sent["text"] == one.text
    assert sent["options"] == one.options
    assert [(a["text"], a["right"]) for a in sent["answers"]] == [
        (a.text, a.right) for a in one.answers
    ]


def test_saved_quiz_can_be_read() -> None:
    several = [choice("a < b", "b"), number(1.0, None, unit="<m>")]
    data, _ = Quiz(several)._repr_mimebundle_()
    assert data["text/plain"] == (
        "Question 1. What is it, then?\n  (a) a < b\n  (b) b\nQuestion 2. How much is it, then?"
    )
    assert data["text/html"] == (
        "<p><strong>Question 1.</strong> What is it, then?</p>"
        '<ol type="a"><li>a &lt; b</li><li>b</li></ol>'
        "<p><strong>Question 2.</strong> How much is it, then?</p><p>Your number: … &lt;m&gt;</p>"
    )
    assert "application/vnd.jupyter.widget-view+json" in data


def test_saved_quiz_does_not_tell_the_answers() -> None:
    data, _ = Quiz(ALL)._repr_mimebundle_()
    for one in ALL:
        for answer in one.answers:
            assert answer.text not in data["text/html"] + data["text/plain"]


def test_bank_refuses_a_number_without_an_answer_to_every_other_number() -> None:
    table = {"text": "2 + 2?", "answers": [{"text": "yes", "value": 4, "right": True}]}
    with pytest.raises(ArgumentError, match="every other number"):
        questions._read("01.x", table)
    table["answers"].append({"text": "no"})
    assert len(questions._read("01.x", table).answers) == 2


def test_bank_reads_tolerance_and_unit() -> None:
    answers = [{"text": "yes", "value": 4, "right": True}, {"text": "no"}]
    table = {"text": "2 + 2?", "answers": answers}
    assert questions._read("01.x", table).tolerance == 0
    assert questions._read("01.x", table).unit == ""
    read = questions._read("01.x", {**table, "tolerance": 0.5, "unit": "ms"})
    assert (read.tolerance, read.unit) == (0.5, "ms")
