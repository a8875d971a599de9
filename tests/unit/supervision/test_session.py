"""The supervisor thread runs one session after another, each to its end."""

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


class FakeSession:
    """Runs until it is closed, and records its thread."""

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
        self.sessions: list[FakeSession] = []
        self.refused: list[Problem] = []
        self.ended = threading.Event()
        self.supervisor = SupervisorThread(self._compose, self.refused.append, self.ended.set)
        self.supervisor.start()

    def runs(self, number: int) -> FakeSession:
        """Wait until this many sessions have been started, and return the last."""
        wait_until(lambda: len(self.sessions) == number and self.sessions[-1].thread is not None, "it runs")
        return self.sessions[-1]

    def _compose(self, settings: UserSettings) -> FakeSession:
        if settings.stack is StackKind.EXTERNAL:
            raise ConfigurationError("No address", "DATABASE_URL is not set.")
        self.sessions.append(FakeSession())
        return self.sessions[-1]


@pytest.fixture
def stage() -> Iterator[Stage]:
    made = Stage()
    yield made
    made.supervisor.close(at_once=True)
    made.supervisor.join(30)


def test_nothing_runs_before_it_is_told_what(stage: Stage) -> None:
    assert stage.supervisor.session is None
    stage.supervisor.run(EMBEDDED)
    session = stage.runs(1)
    assert stage.supervisor.session is session


def test_other_settings_end_what_runs_and_the_next_begins_in_the_same_thread(stage: Stage) -> None:
    stage.supervisor.run(EMBEDDED)
    first = stage.runs(1)
    stage.supervisor.run(DOCKER)
    second = stage.runs(2)
    assert first.closed.is_set()
    assert second.thread is first.thread
    assert not second.closed.is_set()


def test_what_cannot_run_is_said_and_the_next_settings_are_waited_for(stage: Stage) -> None:
    stage.supervisor.run(UserSettings(stack=StackKind.EXTERNAL))
    stage.supervisor.run(EMBEDDED)
    stage.runs(1)
    assert [problem.title for problem in stage.refused] == ["No address"]


def test_closing_ends_what_runs_and_tells_when_nothing_does(stage: Stage) -> None:
    stage.supervisor.run(EMBEDDED)
    session = stage.runs(1)
    stage.supervisor.close()
    assert stage.ended.wait(30)
    assert session.closed.is_set()
    assert stage.supervisor.session is None


def test_a_thread_that_never_ran_a_session_ends_at_once(stage: Stage) -> None:
    stage.supervisor.close()
    assert stage.ended.wait(30)
