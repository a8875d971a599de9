"""The supervisor's loop with fakes, where hours pass at once, and with real processes."""

import itertools
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop.host import Spawner, this_host
from desktop.logs.log_file import LogFile
from desktop.supervision.children import Children
from desktop.supervision.events import CloseRequested, Event, StartRequested
from desktop.supervision.services import Phase, ReadinessCheck, Service, ServiceState, Supervision
from desktop.supervision.supervisor import Clock, Inbox, Supervisor, SystemClock, ThreadInbox
from desktop.supervision.timeouts import Rules
from tests.fakes.clock import FakeClock, FakeInbox
from tests.fakes.processes import FakeSpawner
from tests.integration.children import launch, lives
from tests.servers import wait_until

NAME = "service"


def supervisor_of(
    behaviour: str, folder: Path, spawner: Spawner, clock: Clock, inbox: Inbox, rules: Rules | None = None
) -> Supervisor:
    service = Service(NAME, ReadinessCheck.UPTIME, (behaviour,), stop_s=1.0)
    children = Children(
        spawner,
        lambda _: launch(behaviour),
        lambda name: LogFile(folder / f"{name}.log", max_bytes=100_000, keep=1),
        inbox.post,
    )
    state = Supervision.of([service])
    return Supervisor(state, inbox, children, clock=clock, chance=lambda: 0.5, rules=rules or Rules())


class Running:
    """A supervisor of one real process, in a thread as in the tray."""

    def __init__(self, behaviour: str, folder: Path) -> None:
        self.inbox = ThreadInbox()
        self.supervisor = supervisor_of(behaviour, folder, this_host(), SystemClock(), self.inbox)
        self.thread = threading.Thread(target=self.supervisor.run)
        self.inbox.post(StartRequested())
        self.thread.start()

    @property
    def service(self) -> ServiceState:
        return self.supervisor.state[NAME]

    def becomes(self, phase: Phase) -> None:
        wait_until(lambda: self.service.phase is phase, f"the service is {phase}")

    def close(self) -> None:
        self.inbox.post(CloseRequested())
        self.thread.join(20)
        assert not self.thread.is_alive()


@pytest.fixture
def run(tmp_path: Path) -> Callable[[str], Running]:
    return lambda behaviour: Running(behaviour, tmp_path)


def test_an_obedient_service_runs_and_stops(run: Callable[[str], Running]) -> None:
    running = run("obeys")
    running.becomes(Phase.RUNNING)
    pid = running.service.pid
    running.close()
    assert pid is not None
    assert not lives(pid)


def test_a_service_that_ignores_the_request_is_killed_with_its_family(
    run: Callable[[str], Running], tmp_path: Path
) -> None:
    running = run("has a family and ignores")
    wait_until(lambda: "deaf" in read(tmp_path / "service.log"), "it ignores everything")
    grandchild = int(read(tmp_path / "service.log").split()[0])
    running.close()
    wait_until(lambda: not lives(grandchild), "the grandchild is gone")


def test_a_service_that_crashes_is_started_again(run: Callable[[str], Running]) -> None:
    running = run("crashes")
    wait_until(lambda: running.service.restarts > 0, "it was started again")
    running.close()
    assert running.service.exits


@pytest.mark.full
@pytest.mark.timeout(900)
def test_a_gigabyte_of_output_neither_blocks_the_service_nor_fills_the_disk(
    run: Callable[[str], Running], tmp_path: Path
) -> None:
    running = run("floods")
    wait_until(lambda: bool(running.service.exits), "it has written everything and ended", seconds=600)
    running.close()
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 200_000


def test_a_line_without_end_is_cut(run: Callable[[str], Running], tmp_path: Path) -> None:
    running = run("never ends a line")
    wait_until(lambda: "after it" in read(tmp_path / "service.log"), "the line after it was read")
    running.close()
    assert (tmp_path / "service.log").stat().st_size < 100_000


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def test_the_last_words_of_a_crash_reach_the_trouble(tmp_path: Path) -> None:
    clock = FakeClock()
    inbox = SettledInbox(clock)
    inbox.plan(0, StartRequested())
    inbox.plan(0.5, CloseRequested())
    supervisor = supervisor_of("talks", tmp_path, FakeSpawner(), clock, inbox)
    seen: list[str] = []
    supervisor.add_listener(lambda _, after: seen.extend([str(after[NAME].problem)] if after[NAME].problem else []))
    supervisor.run()
    assert any("second" in words for words in seen)


class SettledInbox(FakeInbox):
    """Lets the threads of the child readers finish before time passes."""

    def take(self, timeout_s: float) -> Event | None:
        for thread in threading.enumerate():
            if thread.name.startswith("end of"):
                thread.join(5)
        return super().take(timeout_s)


def test_a_service_that_always_crashes_is_tried_more_and_more_rarely_on_the_fake_clock(tmp_path: Path) -> None:
    clock, spawner = FakeClock(), FakeSpawner()
    inbox = SettledInbox(clock)
    inbox.plan(0, StartRequested())
    inbox.plan(3600, CloseRequested())
    supervisor = supervisor_of("crashes", tmp_path, spawner, clock, inbox)
    reports = [False]
    supervisor.add_listener(lambda _, after: reports.append(after[NAME].recurrence is not None))
    supervisor.run()
    assert len(spawner.children) == 5 + 3  # after 5, 10 and 20 minutes; the fourth does not fit into the hour
    assert [reported for reported, _ in itertools.groupby(reports)] == [False, True, False]


@pytest.mark.parametrize("kind", ["fake", "real"])
def test_an_inbox_gives_events_in_the_order_in_which_they_came_and_nothing_when_it_is_empty(kind: str) -> None:
    inbox: Inbox = FakeInbox(FakeClock()) if kind == "fake" else ThreadInbox()
    inbox.post(StartRequested())
    inbox.post(CloseRequested())
    assert [inbox.take(0.01) for _ in range(3)] == [StartRequested(), CloseRequested(), None]


@pytest.mark.parametrize("clock", [FakeClock(), SystemClock()], ids=["fake", "real"])
def test_a_steady_clock_never_goes_back(clock: Clock) -> None:
    before = clock.read()
    assert clock.read().steady >= before.steady
    assert clock.read().wall == pytest.approx(before.wall, abs=60)


@pytest.mark.skipif(sys.platform == "win32", reason="stopped by a signal")
def test_being_held_up_is_taken_for_sleep(tmp_path: Path) -> None:
    clock = FakeClock()
    inbox = FakeInbox(clock)
    inbox.plan(0, StartRequested())
    inbox.plan(5, CloseRequested())
    supervisor = supervisor_of("obeys", tmp_path, FakeSpawner(), clock, inbox)
    calm: list[float] = []

    def fall_asleep(before: Supervision, after: Supervision) -> None:
        if after[NAME].phase is Phase.RUNNING and before[NAME].phase is not Phase.RUNNING:
            clock.advance(3600, asleep=True)
        calm.append(after.grace_until)

    supervisor.add_listener(fall_asleep)
    supervisor.run()
    assert max(calm) > 0
