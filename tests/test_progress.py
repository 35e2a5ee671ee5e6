"""The progress file: kept, shared, mended, and never in the way."""

import json
import multiprocessing
import os
import warnings
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nnbook import check, hint, progress, solution
from nnbook.errors import ArgumentError, UnknownNameError


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """Keep the progress of a test in a folder of its own, whose name is not only letters."""
    folder = tmp_path / "a b ü"
    monkeypatch.setenv("NNBOOK_HOME", str(folder))
    return folder


def test_path_follows_the_environment(home):
    assert progress.path() == home / "progress.json"


def test_path_is_the_platforms_when_nothing_is_said(monkeypatch):
    monkeypatch.delenv("NNBOOK_HOME")
    assert progress.path().name == "progress.json"
    assert progress.path().parent.name == "nnbook"


def test_nothing_is_written_by_reading(home):
    assert progress.read() == {"tasks": {}, "questions": {}, "predictions": {}}
    assert not home.exists()


def test_fields_are_merged():
    progress.record("tasks", "neuron", tries=1, passed=False)
    assert progress.record("tasks", "neuron", passed=True) == {"tries": 1, "passed": True}
    assert progress.read()["tasks"] == {"neuron": {"tries": 1, "passed": True}}


entries = st.tuples(st.sampled_from(progress.KINDS), st.text(), st.booleans() | st.text())


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(entries, max_size=4))
def test_what_is_recorded_is_read(recorded):
    progress.clear()
    for kind, name, value in recorded:
        progress.record(kind, name, value=value)
    tables = progress.read()
    for kind, name, value in {
        (kind, name): (kind, name, value) for kind, name, value in recorded
    }.values():
        assert tables[kind][name] == {"value": value}


def test_clear_forgets_what_was_set_aside_too(home):
    home.mkdir()
    progress.path().write_text("damaged")
    with pytest.warns(UserWarning, match="damaged-1"):
        progress.record("questions", "q1", right=True)
    assert len(progress.files()) == 2
    progress.clear()
    assert progress.files() == []


def test_an_unknown_kind_is_refused():
    with pytest.raises(UnknownNameError, match=r"'task'.*did you mean 'tasks'"):
        progress.record("task", "neuron")


def test_clear_forgets():
    progress.record("questions", "q1", right=True)
    progress.clear()
    progress.clear()
    assert progress.read()["questions"] == {}


def _record_many(folder: str, worker: int) -> None:
    os.environ["NNBOOK_HOME"] = folder
    for number in range(25):
        progress.record("tasks", f"{worker}-{number}", tries=number)


def test_two_notebooks_at_once_lose_nothing(home):
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_record_many, args=(str(home), n)) for n in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0]
    assert len(progress.read()["tasks"]) == 50


def test_a_lock_file_left_behind_means_nothing(home):
    home.mkdir()
    (home / "progress.lock").write_text("left by a notebook that was killed")
    progress.record("tasks", "neuron", passed=True)
    assert progress.read()["tasks"]["neuron"]["passed"]


def test_a_lock_that_is_held_is_waited_for_and_then_given_up(home, monkeypatch):
    progress.record("tasks", "neuron", tries=1)
    monkeypatch.setattr(progress, "_patiently", lambda action: action())
    with (
        progress._locked(progress.path()),
        pytest.warns(UserWarning, match=r"was not saved"),
    ):
        progress.record("tasks", "neuron", tries=2)
    assert progress.read()["tasks"]["neuron"]["tries"] == 1


def test_patience_tries_again_and_ends():
    attempts = []

    def busy_once():
        attempts.append(1)
        if len(attempts) == 1:
            raise BlockingIOError

    progress._patiently(busy_once)
    assert len(attempts) == 2
    with pytest.raises(PermissionError):
        progress._patiently(_always_denied, seconds=0.0)


def _always_denied():
    raise PermissionError


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff\xfe", b"[]", b'{"tasks": 3}', b'{"tasks": {"neuron": 1}}', b"null"],
)
def test_a_damaged_file_is_set_aside_with_one_sentence(home, content):
    home.mkdir()
    progress.path().write_bytes(content)
    with pytest.warns(UserWarning, match=r"kept as .*progress\.damaged-1\.json") as caught:
        progress.record("tasks", "neuron", passed=True)
    assert len(caught) == 1
    assert (home / "progress.damaged-1.json").read_bytes() == content
    assert progress.read()["tasks"] == {"neuron": {"passed": True}}


def test_a_file_of_many_brackets_is_set_aside(home):
    home.mkdir()
    for content in ("[" * 100_000, '{"later": ' + "[" * 300 + "]" * 300 + "}"):
        progress.path().write_text(content)
        with pytest.warns(UserWarning, match="kept as"):
            progress.record("tasks", "neuron", passed=True)


def test_a_field_of_the_wrong_type_is_left_out_and_the_others_stay(home):
    home.mkdir()
    fields = {"tries": "x", "passed": True, "hints": None, "points": 2.5, "chapter": -1, "own": "y"}
    progress.path().write_text(json.dumps({"tasks": {"neuron": fields}}))
    assert progress.read()["tasks"] == {"neuron": {"passed": True, "own": "y"}}


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=5), inside),
    max_leaves=5,
)
FIELDS = st.sampled_from(["chapter", "points", "tries", "hints", "passed", "gave_up", "right"])
EDITED = st.fixed_dictionaries(
    {
        "tasks": st.fixed_dictionaries({"neuron": st.dictionaries(FIELDS, ANY_JSON)}),
        "questions": st.dictionaries(st.text(), st.dictionaries(FIELDS, ANY_JSON), max_size=2),
    }
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ANY_JSON | EDITED)
def test_whatever_the_file_holds_nothing_that_reads_it_fails(home, content):
    home.mkdir(exist_ok=True)
    progress.path().write_text(json.dumps(content))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        progress.summary()
        repr(progress.summary())
        check("neuron", lambda X, w, b: X)
        hint("neuron")
        solution("neuron")
        assert progress.read()["tasks"]["neuron"]["tries"] > 0
    progress.clear()


def test_an_older_damaged_file_is_not_overwritten(home):
    home.mkdir()
    for number in (1, 2):
        progress.path().write_text(f"damaged {number}")
        with pytest.warns(UserWarning, match=f"damaged-{number}"):
            progress.read()
    assert (home / "progress.damaged-1.json").read_text() == "damaged 1"


def test_what_a_later_version_wrote_is_kept(home):
    home.mkdir()
    progress.path().write_text('{"badges": {"first": {}}}')
    progress.record("tasks", "neuron", passed=True)
    assert json.loads(progress.path().read_text())["badges"] == {"first": {}}


def test_a_folder_that_cannot_be_made_gives_one_warning(tmp_path, monkeypatch):
    obstacle = tmp_path / "file"
    obstacle.write_text("not a folder")
    monkeypatch.setenv("NNBOOK_HOME", str(obstacle))
    with pytest.warns(UserWarning, match=r"Your progress was not saved \(.*\); the book works"):
        assert progress.record("tasks", "neuron", passed=True) == {"passed": True}
    with pytest.warns(UserWarning, match="could not be read"):
        assert progress.read()["tasks"] == {}


def test_a_full_disk_loses_nothing_that_was_there(monkeypatch):
    progress.record("tasks", "neuron", tries=1)

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_text", full)
        with pytest.warns(UserWarning, match="No space left"):
            progress.record("tasks", "neuron", tries=2)
    assert progress.read()["tasks"]["neuron"]["tries"] == 1


def test_the_summary_counts_by_chapter():
    progress.record("tasks", "neuron", chapter=1, points=2, tries=1, passed=True)
    progress.record("tasks", "normal_equation", chapter=1, points=2, tries=3, passed=False)
    progress.record("tasks", "spam_score", chapter=1, points=2, hints=1)
    progress.record("questions", "layers", chapter=2, right=True)
    progress.record("questions", "shapes", chapter=2, right=False)
    progress.record("predictions", "loss", chapter=3, choice="up")
    assert progress.summary().rows == (
        progress.ChapterProgress(1, 1, 2, 2, 0, 0),
        progress.ChapterProgress(2, 0, 0, 0, 1, 2),
    )


def test_the_summary_is_a_table():
    progress.record("tasks", "neuron", chapter=1, points=2, tries=0, passed=True)
    assert repr(progress.summary()) == (
        "chapter  tasks passed  points  questions right\n"
        "     01        1 of 1       2           0 of 0"
    )
    assert '<th scope="row">01</th><td>1 of 1</td>' in progress.summary()._repr_html_()


def test_the_appendix_has_no_number_in_the_table():
    progress.record("questions", "11.keep", chapter=progress.APPENDIX, right=True)
    assert repr(progress.summary()).splitlines()[1].strip().startswith("appendix ")


def test_an_empty_summary_says_so():
    assert repr(progress.summary()) == "Nothing is recorded yet."
    assert progress.summary()._repr_html_() == "<p>Nothing is recorded yet.</p>"


def test_the_warning_names_the_callers_line(tmp_path, monkeypatch):
    obstacle = tmp_path / "file"
    obstacle.write_text("")
    monkeypatch.setenv("NNBOOK_HOME", str(obstacle))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        progress.record("tasks", "neuron")
    assert caught[0].filename == __file__


def test_an_export_is_the_record_and_overwrites_nothing(tmp_path):
    progress.record("tasks", "neuron", passed=True)
    file = tmp_path / "a copy ü.json"
    progress.export(file)
    assert json.loads(file.read_text(encoding="utf-8")) == progress.read()
    with pytest.raises(ArgumentError, match=r"File exists.*choose another name"):
        progress.export(file)
    with pytest.raises(ArgumentError, match="a folder that exists"):
        progress.export(tmp_path / "nowhere" / "copy.json")


def test_an_export_put_in_the_place_of_the_record_brings_it_back(tmp_path):
    progress.record("questions", "q1", chapter=1, right=True)
    progress.export(tmp_path / "copy.json")
    progress.clear()
    (tmp_path / "copy.json").replace(progress.path())
    assert progress.read()["questions"] == {"q1": {"chapter": 1, "right": True}}
