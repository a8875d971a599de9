"""Kept answers: of the database in use only, private, bounded; whatever is wrong with a file, it counts as none."""

from __future__ import annotations

import logging
import os
import stat
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backend.contract.wire import Wire
from desktop.state import last_answers
from desktop.state.last_answers import LastAnswers


class Dishes(Wire):
    names: tuple[str, ...] = ()


class Database:
    """Names the database in use."""

    name = "first"

    def __call__(self) -> str:
        return self.name


DISHES = Dishes(names=("rice", "Süppchen"))


@pytest.fixture
def database() -> Database:
    return Database()


@pytest.fixture
def answers(tmp_path: Path, database: Database) -> LastAnswers:
    return LastAnswers(tmp_path, database)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "last-answers" / "menu.json"


def names(answers: LastAnswers) -> tuple[str, ...] | None:
    found = answers.read("menu", Dishes)
    return found.answer.names if found else None


def test_the_next_run_reads_what_was_written_last(answers: LastAnswers, tmp_path: Path) -> None:
    answers.write("menu", "first", Dishes(names=("tea",)))
    answers.write("menu", "first", DISHES)
    assert names(LastAnswers(tmp_path, Database())) == DISHES.names
    assert LastAnswers(tmp_path, Database()).read("drinks", Dishes) is None


def test_an_answer_of_another_database_counts_as_none(answers: LastAnswers, database: Database) -> None:
    answers.write("menu", "first", DISHES)
    database.name = "second"
    assert names(answers) is None
    database.name = "first"
    assert names(answers) == DISHES.names


def test_an_answer_belongs_to_the_database_that_was_asked(answers: LastAnswers, database: Database) -> None:
    database.name = "second"
    answers.write("menu", "first", DISHES)
    assert names(answers) is None


def test_an_unchanged_answer_gets_the_time_of_the_last_one(answers: LastAnswers, file: Path) -> None:
    answers.write("menu", "first", DISHES)
    os.utime(file, (0, 0))
    early = answers.read("menu", Dishes)
    assert early is not None
    assert early.at == datetime(1970, 1, 1, tzinfo=UTC)
    answers.write("menu", "first", DISHES)
    late = answers.read("menu", Dishes)
    assert late is not None
    assert (late.answer, late.at > early.at) == (DISHES, True)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"first", id="without answer"),
        pytest.param(b"first\n{", id="cut off"),
        pytest.param(b'first\n{"names": 5}', id="of another version"),
        pytest.param(b"first\n\xff\xfe", id="no text"),
        pytest.param(b"\n\n\n", id="line feeds"),
    ],
)
def test_a_damaged_file_counts_as_none(answers: LastAnswers, file: Path, content: bytes) -> None:
    file.parent.mkdir()
    file.write_bytes(content)
    assert names(answers) is None
    answers.write("menu", "first", DISHES)
    assert names(answers) == DISHES.names


def test_the_log_says_what_is_damaged_without_what_was_in_it(
    answers: LastAnswers, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file.parent.mkdir()
    file.write_bytes(b'first\n{"names": {"secret": "rice"}}')
    with caplog.at_level(logging.WARNING):
        assert names(answers) is None
    assert str(file) in caplog.text
    assert "names" in caplog.text
    assert "rice" not in caplog.text


def test_a_folder_in_place_of_the_file_is_logged(
    answers: LastAnswers, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file.mkdir(parents=True)
    with caplog.at_level(logging.WARNING):
        assert names(answers) is None
        answers.write("menu", "first", DISHES)
    assert len(caplog.records) == 2
    assert "begins with an empty page" in caplog.text


def test_what_is_too_long_is_not_kept_and_leaves_nothing_old(
    answers: LastAnswers, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers.write("menu", "first", DISHES)
    monkeypatch.setattr(last_answers, "MAX_BYTES", 20)
    assert names(answers) is None, "it is not read either"
    answers.write("menu", "first", DISHES)
    assert not file.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows protects the folder that contains it")
def test_only_the_owner_can_read_it(answers: LastAnswers, file: Path) -> None:
    answers.write("menu", "first", DISHES)
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (file.parent, file)]
    assert modes == [0o700, 0o600]
