"""Feedback while working: what the reader is told, for every way to go wrong."""

import gc
import io
import signal
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stdout, suppress

import numpy as np
import pytest

from nnbook import check, hint, progress, solution
from nnbook.errors import ArgumentError, KindError, UnknownNameError
from nnbook.exercises import running
from nnbook.exercises.feedback import Feedback


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """Keep the progress of a test in a folder of its own."""
    monkeypatch.setenv("NNBOOK_HOME", str(tmp_path))
    return tmp_path


def right_neuron(X, w, b):
    return (X @ w + b >= 0).astype(int)


def strict_neuron(X, w, b):
    return (X @ w + b > 0).astype(int)


def test_a_right_answer_says_what_was_not_run():
    assert repr(check("neuron", right_neuron)) == (
        "Right: neuron (2 points)\n"
        "  run here  5 cases, each as expected\n"
        "  not run   8 further cases, which only a grader runs"
    )


def test_a_wrong_answer_says_what_came_back_and_names_the_mistake():
    assert repr(check("neuron", strict_neuron)) == (
        "Not right yet: neuron\n"
        "  called      neuron(np.array([[1.0, 1.0], [0.0, 1.0]]), np.array([1.0, -1.0]), 0.0)\n"
        "  returned    np.array([0, 0])  # shape (2,)\n"
        "  difference  entry [0] of the answer is 0; expected 1\n"
        "  expected    np.array([1, 0])  # shape (2,)\n"
        "  mistake     Your step and the book's differ at a single point. "
        "Which weighted sum is it?"
    )


def test_an_unknown_mistake_gets_a_nudge():
    feedback = check("neuron", lambda X, w, b: np.ones(len(X), int))
    assert dict(feedback.lines)["look at"].startswith("Here the bias decides")
    assert "mistake" not in dict(feedback.lines)


NOT_ATTEMPTED = [
    lambda X, w, b: None,
    lambda X, w, b: ...,
    lambda X, w, b: (None, ...),
    lambda X, w, b: _not_implemented(),
]


def _not_implemented():
    raise NotImplementedError


@pytest.mark.parametrize("starter", NOT_ATTEMPTED)
def test_the_starter_is_not_wrong(starter):
    feedback = check("neuron", starter)
    assert feedback.status == "not attempted"
    assert "return" in repr(feedback)
    assert progress.read()["tasks"] == {}


def test_a_starter_with_code_in_it_is_not_wrong():
    def broken(x, y, w, b, passes):
        for _ in range(passes):
            for one, other in zip(x, y, strict=True):
                w = w - 0.02 * (w * one + b - other) * one
        return 0.01, w, b

    feedback = check("mend_node", broken)
    assert feedback.status == "not attempted"
    assert "find its faults" in repr(feedback)


@pytest.mark.parametrize("answer", [(), [], (None, 1)])
def test_an_empty_or_half_empty_answer_is_wrong(answer):
    assert check("neuron", lambda X, w, b: answer).status == "wrong"


def test_the_smallest_case_that_fails_is_shown():
    def fails_on_rows(X, w, b):
        return right_neuron(X, w, b) if len(X) < 2 else np.zeros(len(X) + 1)

    called = dict(check("neuron", fails_on_rows).lines)["called"]
    assert called == "neuron(np.array([[-1.0], [2.0], [3.0]]), np.array([2.0]), -5.0)"


def test_an_answer_that_is_none_only_now_and_then_is_wrong():
    feedback = check("neuron", lambda X, w, b: None if len(X) > 1 else right_neuron(X, w, b))
    assert feedback.status == "wrong"
    assert "the answer is None" in repr(feedback)


def fails_on_a_line_of_its_own(X, w, b):
    z = X @ w + b
    return z.shape[7]


def test_an_exception_is_told_at_the_readers_line():
    feedback = check("neuron", fails_on_a_line_of_its_own)
    number = fails_on_a_line_of_its_own.__code__.co_firstlineno + 2
    assert dict(feedback.lines)["raised"] == "IndexError: tuple index out of range"
    assert dict(feedback.lines)["your line"] == (f"line {number} of the cell: return z.shape[7]")


def fails_inside_numpy(X, w, b):
    return np.linalg.inv(X[0])


def test_an_exception_in_a_library_is_told_at_the_readers_line():
    feedback = check("neuron", fails_inside_numpy)
    assert "np.linalg.inv(X[0])" in dict(feedback.lines)["your line"]


def endless(X, w, b):
    return endless(X, w, b)


def leaves(X, w, b):
    sys.exit("gone")


def out_of_memory(X, w, b):
    return np.ones((2**20, 2**30))


def says_nothing(X, w, b):
    class MuteError(Exception):
        def __str__(self):
            raise RuntimeError

    raise MuteError


class BlankError(BaseException):
    """No kind of Exception, and without words."""


def fails_with(error):
    def answer(X, w, b):
        raise error

    return answer


def closes_its_output(X, w, b):
    print("closing")
    sys.stdout.close()
    print("and more")
    return 0


def yields(X, w, b):
    yield 1


class Liar:
    """Says that it equals everything, and that it is an array."""

    def __eq__(self, other):
        return True

    def __hash__(self):
        return 0

    def __array__(self, *_, **__):
        raise RuntimeError("not really")

    __float__ = __len__ = __repr__ = __str__ = __array__


class TensorLike:
    """Has what a tensor has."""

    def numpy(self):
        return np.ones(1)


IN_WORDS = [
    (endless, "RecursionError: the function calls itself without end"),
    (leaves, "SystemExit: gone"),
    (out_of_memory, "MemoryError"),
    (says_nothing, "MuteError"),
    (lambda X: X, "TypeError"),
    (lambda X, w, b: 1 / 0, "ZeroDivisionError: division by zero"),
    (lambda X, w, b: undefined, "NameError: name 'undefined' is not defined"),  # noqa: F821
    (lambda X, w, b: "1", "the answer is a string; expected an array of shape (1,)"),
    (lambda X, w, b: TensorLike(), "the answer is a TensorLike (its .numpy() is the array)"),
    (lambda X, w, b: right_neuron, "the answer is a function"),
    (lambda X, w, b: np.ones(10**6), "the answer has shape (1000000,); expected shape (1,)"),
    (lambda X, w, b: "x" * 10**7, "the answer is a string"),
    (lambda X, w, b: np.array(["1"]), "the answer holds strings; expected numbers"),
    (lambda X, w, b: {"answer": 1}, "the answer is a dict of length 1"),
    (fails_with(BlankError()), "BlankError"),
    (fails_with(GeneratorExit()), "GeneratorExit"),
    (fails_with(StopIteration()), "StopIteration"),
    (fails_with(BaseExceptionGroup("two", [BlankError()])), "BaseExceptionGroup: two"),
    (fails_with(ValueError("x" * 10**7)), "ValueError: xxx"),
    (lambda X, w, b: eval("1 +"), "SyntaxError: invalid syntax"),
    (lambda: 1, "TypeError"),
    (lambda *, X: X, "TypeError"),
    (closes_its_output, "closing"),
    (yields, "the answer is a generator; expected an array of shape (1,)"),
    (lambda X, w, b: Liar(), "the answer is a Liar; expected an array of shape (1,)"),
    (lambda X, w, b: [Liar()] * len(X), "the answer is a list of length 1; expected an array"),
    (lambda X, w, b: np.array([abs] * len(X)), "the answer holds objects; expected numbers"),
    (lambda X, w, b: np.full(len(X), np.nan), "entry [0] of the answer is NaN"),
    (lambda X, w, b: right_neuron(X, w, b).astype(object), "holds objects; expected numbers"),
    (lambda X, w, b: np.ma.array(right_neuron(X, w, b)), "the answer is a MaskedArray"),
    (lambda X, w, b: [["x" * 10**6] * 8] * 8, "the answer is a list of length 8"),
]


@pytest.mark.parametrize(("answer", "words"), IN_WORDS)
def test_whatever_comes_back_is_put_into_words(answer, words):
    feedback = check("neuron", answer)
    assert feedback.status == "wrong"
    assert words in repr(feedback)
    assert len(repr(feedback)) < 1500


def test_an_answer_that_takes_whatever_comes_can_be_right():
    assert check("neuron", lambda *inputs, **_: right_neuron(*inputs)).status == "right"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such timer")
def test_a_call_that_does_not_end_is_stopped_and_no_other_is_made(monkeypatch):
    calls = []

    def never_ends(X, w, b):
        calls.append(X)
        while True:
            with suppress(Exception):
                len(X)

    monkeypatch.setattr(running, "SECONDS", 0.2)
    before = signal.getsignal(signal.SIGALRM)
    feedback = check("neuron", never_ends)
    assert dict(feedback.lines)["raised"].startswith("EndlessCall: stopped after 0.2 seconds")
    assert "your line" in dict(feedback.lines)
    assert len(calls) == 1
    assert signal.getsignal(signal.SIGALRM) == before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def loops(X, w, b):
    while True:
        X = X + 1


def test_outside_the_main_thread_a_call_that_does_not_end_is_stopped_too(monkeypatch):
    monkeypatch.setattr(running, "SECONDS", 0.2)
    with ThreadPoolExecutor(1) as pool:
        feedback = pool.submit(check, "neuron", loops).result()
        assert dict(feedback.lines)["raised"].startswith("EndlessCall: stopped after 0.2 seconds")
        assert dict(feedback.lines)["your line"].endswith(("while True:", "X = X + 1"))
        assert pool.submit(check, "neuron", right_neuron).result().status == "right"


@pytest.mark.parametrize("answer", [lambda X, w, b: 1, lambda X, w, b: np.array(X.size)])
def test_one_answer_for_a_whole_batch_is_put_plainly(answer):
    feedback = check("neuron", answer)
    assert dict(feedback.lines)["mistake"].startswith("You return one answer for the whole batch")
    assert "the answer is a number; expected an array of shape (1,)" in repr(feedback)
    assert "()\n" not in repr(feedback)


def test_an_interrupt_passes_through_and_leaves_everything_usable():
    def interrupted(X, w, b):
        warnings.simplefilter("ignore")
        raise KeyboardInterrupt

    before = sys.stdout, list(warnings.filters), np.geterr()
    with pytest.raises(KeyboardInterrupt):
        check("neuron", interrupted)
    assert (sys.stdout, list(warnings.filters), np.geterr()) == before
    assert check("neuron", right_neuron).status == "right"


def test_warnings_do_not_matter():
    def warns(X, w, b):
        warnings.warn("look out", stacklevel=1)
        np.log(np.zeros(1))
        return right_neuron(X, w, b)

    assert check("neuron", warns).status == "right"


def test_warnings_made_errors_change_nothing():
    def overflows(X, w, b):
        return 1 / (1 + np.exp(-1e9 * (X @ w + b))) + np.log(X * 0).sum()

    words = repr(check("neuron", overflows))
    progress.clear()
    with warnings.catch_warnings(), np.errstate(all="raise"):
        warnings.simplefilter("error")
        assert repr(check("neuron", overflows)) == words
        assert check("neuron", right_neuron).status == "right"


def adds_in_place(w, b, x, y):
    w += (y - int(w @ x + b >= 0)) * x


@pytest.mark.parametrize(
    ("task", "answer"),
    [
        ("neuron", lambda X, w, b: print(right_neuron(X, w, b))),
        ("neuron", lambda X, w, b: None if len(X) > 1 else right_neuron(X, w, b)),
        ("perceptron_update", adds_in_place),
    ],
)
def test_a_forgotten_return_is_named(task, answer):
    feedback = check(task, answer)
    assert feedback.status == "wrong"
    assert dict(feedback.lines)["mistake"].startswith("Your function returns nothing")
    assert "the answer is None; expected" in repr(feedback)


@pytest.mark.parametrize(
    "answer",
    [
        leaves,
        lambda X, w, b: input("X? "),
        lambda X: X,
        lambda X, w, b: "1",
        lambda X, w, b: np.ones((len(X), 3)),
    ],
)
def test_no_nudge_about_values_goes_with_what_is_no_value_of_the_right_kind(answer):
    feedback = check("neuron", answer)
    assert feedback.status == "wrong"
    assert not {"look at", "mistake"} & dict(feedback.lines).keys()


def test_a_nudge_goes_with_an_exception_that_a_value_may_cause():
    told = dict(check("spam_score", lambda message, weights, bias: 1 / len(message.split())).lines)
    assert "look at" in told


def test_nobody_is_asked_and_nobody_waits():
    told = dict(check("neuron", lambda X, w, b: input("X? ")).lines)
    assert told["raised"].startswith("EOFError: input() has nobody to ask here")
    assert check("neuron", lambda X, w, b: sys.stdin.read()).status == "wrong"
    assert input is not running._refuse_to_ask


def test_an_exception_in_compiled_code_is_told_at_the_readers_line():
    def draws_too_many(X, w, b):
        return np.random.default_rng(0).choice(5, size=10, replace=False)

    assert "replace=False" in dict(check("neuron", draws_too_many).lines)["your line"]


def test_an_exception_goes_by_its_bare_name():
    def adds_floats_to_integers(X, w, b):
        z = np.zeros(len(X), int)
        z += X @ w + b
        return z

    told = dict(check("neuron", adds_floats_to_integers).lines)
    assert told["raised"].startswith("UFuncOutputCastingError: Cannot cast")
    told = dict(check("neuron", lambda X, w, b: np.linalg.inv(X)).lines)
    assert told["raised"].startswith("LinAlgError: ")


def test_a_coroutine_is_told_and_leaves_no_warning_behind():
    async def neuron(X, w, b):
        return right_neuron(X, w, b)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        feedback = check("neuron", neuron)
        gc.collect()
    assert "the answer is a coroutine; expected an array" in repr(feedback)


def test_a_tuple_of_arrays_is_called_a_tuple():
    def returns_both(X, w, b):
        z = X @ w + b
        return z, right_neuron(X, w, b)

    words = "the answer is a tuple of length 2; expected an array of shape (1,)"
    assert words in repr(check("neuron", returns_both))


def test_prints_are_shown_only_when_something_is_wrong_and_never_at_length():
    def talks(X, w, b):
        print("z =", 1.5)
        print("x" * 10**6)
        return np.zeros(len(X))

    page = io.StringIO()
    with redirect_stdout(page):
        feedback = check("neuron", talks)
    assert page.getvalue() == ""
    assert dict(feedback.lines)["printed"].startswith("z = 1.5")
    assert len(repr(feedback)) < 1500


def test_an_input_changed_in_place_is_named():
    def in_place(X, w, b):
        X += b
        return right_neuron(X - b, w, b)

    difference = dict(check("neuron", in_place).lines)["difference"]
    assert difference == "the call changed its input X; inputs must stay as they are"


def test_cases_are_not_spoilt_by_an_answer_that_changes_them():
    def spoils(X, w, b):
        w[:] = 0
        return right_neuron(X, w, b)

    check("neuron", spoils)
    assert check("neuron", right_neuron).status == "right"


@pytest.mark.parametrize("answer", [np.array([1]), None, 3, "neuron"])
def test_a_call_in_place_of_the_function_is_explained(answer):
    feedback = check("neuron", answer)
    assert feedback.status == "not attempted"
    assert 'check("neuron", neuron)' in repr(feedback)


def test_an_unknown_task_names_the_nearest():
    with pytest.raises(UnknownNameError, match="did you mean 'neuron'"):
        check("neurn", right_neuron)


def test_after_two_tries_the_next_hint_is_offered():
    assert "hint(" not in repr(check("neuron", strict_neuron))
    assert 'hint("neuron") shows hint 1 of 3' in repr(check("neuron", strict_neuron))
    hint("neuron")
    assert 'hint("neuron") shows hint 2 of 3' in repr(check("neuron", strict_neuron))


def test_tries_and_results_are_recorded():
    check("neuron", strict_neuron)
    check("neuron", right_neuron)
    check("neuron", strict_neuron)
    assert progress.read()["tasks"]["neuron"] == {
        "chapter": 1,
        "points": 2,
        "tries": 2,
        "passed": True,
    }


def test_hints_come_in_turn():
    headlines = [hint("neuron").headline for _ in range(4)]
    assert headlines == [f"Hint {level} of 3 for neuron" for level in (1, 2, 3, 3)]
    assert 'solution("neuron")' in repr(hint("neuron"))


def test_a_hint_can_be_asked_for_by_its_level():
    assert hint("neuron", 3).headline == "Hint 3 of 3 for neuron"
    assert "def neuron(X, w, b):\n" in dict(hint("neuron", 3).lines)["skeleton"]
    with pytest.raises(ArgumentError, match="level 4"):
        hint("neuron", 4)


def test_a_solution_asks_first():
    asked = solution("neuron")
    assert "give_up=True" in repr(asked)
    assert "X @ w" not in repr(asked)
    assert "z = X @ w + b" in repr(solution("neuron", give_up=True))
    assert progress.read()["tasks"]["neuron"]["gave_up"]


def test_who_has_passed_need_not_give_up():
    check("neuron", right_neuron)
    assert "z = X @ w + b" in repr(solution("neuron"))


@pytest.mark.parametrize("answer", [strict_neuron, lambda X, w, b: None, 3])
def test_under_nbgrader_a_failed_check_raises_the_same_words(answer, monkeypatch):
    words = repr(check("neuron", answer))
    progress.clear()
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    with pytest.raises(AssertionError) as caught:
        check("neuron", answer)
    assert str(caught.value) == words
    assert check("neuron", right_neuron).status == "right"


def test_under_nbgrader_nothing_is_recorded_and_nothing_warns(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("NNBOOK_HOME", str(tmp_path / "file"))
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert check("neuron", right_neuron).status == "right"
    monkeypatch.setenv("NNBOOK_HOME", str(tmp_path))
    check("neuron", right_neuron)
    assert progress.read()["tasks"] == {}


def test_what_another_notebook_has_passed_meanwhile_stays_passed(monkeypatch):
    read = progress.read
    monkeypatch.setattr(progress, "read", lambda: {"tasks": {}})  # read before the other has passed
    progress.record("tasks", "neuron", passed=True)
    check("neuron", strict_neuron)
    assert read()["tasks"]["neuron"]["passed"] is True


@pytest.mark.parametrize("level", [1.0, "1", int])
def test_a_level_that_is_no_whole_number_is_refused_and_not_remembered(level):
    with pytest.raises(KindError, match="wanted a level, 1 to 3"):
        hint("neuron", level)
    assert progress.read()["tasks"] == {}
    assert hint("neuron", np.int64(1)).headline == "Hint 1 of 3 for neuron"


def test_a_disk_that_refuses_does_not_stop_a_check(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("NNBOOK_HOME", str(tmp_path / "file"))
    with pytest.warns(UserWarning, match="the book works without it"):
        feedback = check("neuron", right_neuron)
    assert feedback.status == "right"


def test_html_escapes_what_the_reader_wrote():
    html = Feedback("wrong", "<b>", (("returned", "'<script>'"),))._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "<b>" not in html


@pytest.mark.parametrize("status", ["right", "wrong", "not attempted", "hint", "solution"])
def test_html_takes_its_colours_from_jupyter(status):
    html = Feedback(status, "headline")._repr_html_()
    assert "var(--jp-ui-font-color1" in html
    assert "border-left: 4px solid var(--jp-" in html
