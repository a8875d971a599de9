"""The engine runs one program after another, each to its end, in one thread."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from backend.contract.errors import ConfigurationError
from backend.contract.problems import Problem
from backend.contract.settings import StackKind, UserSettings
from desktop.supervision.session import SupervisorThread
from tests.servers import wait_until

EMBEDDED, DOCKER = UserSettings(stack=StackKind.EMBEDDED), UserSettings(stack=StackKind.DOCKER)


class FakeProgram:
    """Runs until it is closed, and tells in which thread."""

    def __init__(self) -> None:
        self.thread: threading.Thread | None = None
        self.closed, self.at_once = threading.Event(), False

    def run(self) -> None:
        self.thread = threading.current_thread()
        self.closed.wait(30)

    def close(self, *, at_once: bool = False) -> None:
        self.at_once = at_once
        self.closed.set()


class Stage:
    def __init__(self) -> None:
        self.programs: list[FakeProgram] = []
        self.refused: list[Problem] = []
        self.ended = threading.Event()
        self.engine = SupervisorThread(self._compose, self.refused.append, self.ended.set)
        self.engine.start()

    def runs(self, number: int) -> FakeProgram:
        """Waits until so many have been begun."""
        wait_until(lambda: len(self.programs) == number and self.programs[-1].thread is not None, "it runs")
        return self.programs[-1]

    def _compose(self, settings: UserSettings) -> FakeProgram:
        if settings.stack is StackKind.EXTERNAL:
            raise ConfigurationError("No address", "DATABASE_URL is not set.")
        self.programs.append(FakeProgram())
        return self.programs[-1]


@pytest.fixture
def stage() -> Iterator[Stage]:
    made = Stage()
    yield made
    made.engine.close(at_once=True)
    made.engine.join(30)


def test_nothing_runs_before_it_is_told_what(stage: Stage) -> None:
    assert stage.engine.program is None
    stage.engine.run(EMBEDDED)
    program = stage.runs(1)
    assert stage.engine.program is program


def test_other_settings_end_what_runs_and_the_next_begins_in_the_same_thread(stage: Stage) -> None:
    stage.engine.run(EMBEDDED)
    first = stage.runs(1)
    stage.engine.run(DOCKER)
    second = stage.runs(2)
    assert first.closed.is_set()
    assert second.thread is first.thread
    assert not second.closed.is_set()


def test_what_cannot_run_is_said_and_the_next_settings_are_waited_for(stage: Stage) -> None:
    stage.engine.run(UserSettings(stack=StackKind.EXTERNAL))
    stage.engine.run(EMBEDDED)
    stage.runs(1)
    assert [problem.title for problem in stage.refused] == ["No address"]


def test_closing_ends_what_runs_and_tells_when_nothing_does(stage: Stage) -> None:
    stage.engine.run(EMBEDDED)
    program = stage.runs(1)
    stage.engine.close()
    assert stage.ended.wait(30)
    assert program.closed.is_set()
    assert stage.engine.program is None


def test_an_engine_that_never_ran_anything_ends_at_once(stage: Stage) -> None:
    stage.engine.close()
    assert stage.ended.wait(30)
