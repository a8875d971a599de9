import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backend.contract.names import HOPELESS
from backend.contract.problems import failure
from backend.contract.settings import StackKind
from desktop.composition.terminal import ConsoleRun
from desktop.logs.log_file import LogFile
from desktop.notifications.activity_log import ActivityLog
from desktop.supervision.events import (
    CloseRequested,
    Event,
    PortFoundFree,
    ServiceExited,
    ServicePortTaken,
    ServiceReady,
    StartRequested,
)
from desktop.supervision.plan import API, BEAT, STACK
from tests.unit.supervision.replay import FAST, SLOW, Replay, started

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class Stage:
    """A console run with recorded output and posted events."""

    def __init__(self, folder: Path, *, as_json: bool = False) -> None:
        self.stream, self.log = io.StringIO(), folder / "supervisor.log"
        self.posted: list[Event] = []
        self.activity_log = ActivityLog(
            self.stream, LogFile(self.log), "http://here/docs", as_json=as_json, now=lambda: NOW
        )
        self.run = ConsoleRun(self.activity_log, self.posted.append, StackKind.EMBEDDED)

    def replay(self, replay: Replay, *events: Event) -> None:
        for event in events:
            before = replay.state
            replay.then(event)
            self.run.on_change(before, replay.state)

    def output(self) -> list[str]:
        self.activity_log.start()
        self.activity_log.close(5)
        return self.stream.getvalue().splitlines()


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def test_a_port_that_is_taken_closes_the_program_with_three(stage: Stage) -> None:
    replay = Replay()
    stage.replay(replay, StartRequested(), ServiceReady(STACK), ServicePortTaken(API, failure("Port 8001 is taken")))
    assert stage.posted == [CloseRequested()]
    assert stage.run.exit_code == 3


def test_services_that_keep_failing_end_neither_the_others_nor_the_program(stage: Stage) -> None:
    replay = started()
    for name in (BEAT, SLOW, FAST, API):
        for _ in range(5):
            before = replay.state
            if replay[name].pid is not None:
                replay.exits(name)
            replay.wait(20)
            if name == API:
                replay.then(PortFoundFree(API))
            stage.run.on_change(before, replay.state)
        assert replay[name].failed
    assert stage.posted == []
    stage.replay(replay, CloseRequested())
    assert stage.run.exit_code == 1


def test_nothing_left_to_do_closes_the_program_with_one(stage: Stage) -> None:
    replay = Replay()
    stage.replay(replay, StartRequested(), ServiceReady(STACK), PortFoundFree(API))
    pid = replay[API].pid
    assert pid is not None
    stage.replay(replay, ServiceExited(API, pid, HOPELESS, "DATABASE_URL cannot be used"))
    assert stage.posted[-1] == CloseRequested()
    assert stage.run.exit_code == 1


def test_an_orderly_end_is_zero(stage: Stage) -> None:
    stage.replay(started(), CloseRequested())
    assert stage.run.exit_code == 0
    assert stage.output()[0] == "Stopping everything"


def test_only_ctrl_c_twice_means_at_once(stage: Stage) -> None:
    stage.run.interrupt(False)
    stage.run.interrupt(False)
    stage.run.interrupt(True)
    assert stage.posted == [CloseRequested(), CloseRequested(), CloseRequested(again=True)]


def test_the_page_of_the_api_is_said_when_it_is_up(stage: Stage) -> None:
    replay = Replay()
    stage.replay(replay, StartRequested(), ServiceReady(STACK))
    before = replay.state
    replay.then(PortFoundFree(API))
    replay.api_answers()
    stage.run.on_change(before, replay.state)
    assert "API: http://here/docs" in stage.output()


def test_lines_are_json_for_programs_and_text_in_the_log(tmp_path: Path) -> None:
    stage = Stage(tmp_path, as_json=True)
    stage.replay(started(), CloseRequested())
    first, *others = map(json.loads, stage.output())
    assert first == {"at": "2026-01-02T03:04:05+00:00", "message": "Stopping everything", "closing": True}
    assert {"service": SLOW, "phase": "stopping"}.items() <= others[0].items()
    assert stage.log.read_text(encoding="utf-8").startswith("2026-01-02T03:04:05+00:00 Stopping everything\n")


def test_a_reader_that_went_away_is_no_trouble(stage: Stage) -> None:
    stage.activity_log.say("heard by nobody")
    stage.stream.close()
    stage.activity_log.start()
    stage.activity_log.close(5)
    assert "heard by nobody" in stage.log.read_text(encoding="utf-8")
