"""Real processes that misbehave."""

import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from backend.contract.problem_catalogue import ProblemId
from desktop.host import Launch, this_host
from desktop.logs.log_file import LogFile
from desktop.notifications.activity import ActivityEntry
from desktop.supervision.children import Children
from desktop.supervision.events import CloseRequested, StartRequested
from desktop.supervision.services import ReadinessCheck, Service, ServiceState, Supervision
from desktop.supervision.supervisor import Supervisor, SystemClock, ThreadInbox
from desktop.supervision.timeouts import RestartPolicy, Rules
from tests.integration.children import launch, lives
from tests.servers import wait_until
from tests.unit.supervision.replay import activity, started

NAME, STOP_S = "service", 1.0
LOG_BYTES = 100_000
KEY = "7f6c1b1e-9d1e-4a3b-8a77-0123456789ab"
HASTY = Rules(restart=RestartPolicy(first_s=0.05, longest_s=0.1))
"""The policy of the program, but for the length of its delays."""


class Supervised:
    """One supervised real process, in a thread as in the tray; `notices`: all entries of the activity log."""

    def __init__(self, behaviour: str, folder: Path) -> None:
        self.inbox, self.notices = ThreadInbox(), list[ActivityEntry]()
        plain = launch(behaviour)
        with_key = Launch(plain.command, {**plain.environment, "NVD_API_KEY": KEY}, plain.folder)
        children = Children(
            this_host(),
            lambda _: with_key,
            lambda name: LogFile(folder / f"{name}.log", max_bytes=LOG_BYTES, keep=1),
            self.inbox.post,
        )
        service = Service(NAME, ReadinessCheck.UPTIME, (behaviour,), stop_s=STOP_S)
        self.supervisor = Supervisor(
            Supervision.of([service]), self.inbox, children, clock=SystemClock(), chance=lambda: 0.5, rules=HASTY
        )
        self.supervisor.add_listener(self._note)
        self.thread = threading.Thread(target=self.supervisor.run)
        self.inbox.post(StartRequested())
        self.thread.start()

    def _note(self, before: Supervision, after: Supervision) -> None:
        """The activity log belongs to a whole program: the other services run."""
        whole = started().state
        changes = [replace(whole, services=(*whole.services, *state.services)) for state in (before, after)]
        self.notices.extend(activity(*changes))

    @property
    def service(self) -> ServiceState:
        return self.supervisor.state[NAME]

    def close(self) -> None:
        self.inbox.post(CloseRequested())
        self.thread.join(20)
        assert not self.thread.is_alive()


@pytest.fixture
def crashing(tmp_path: Path) -> Iterator[Supervised]:
    supervised = Supervised("crashes aloud", tmp_path)
    wait_until(lambda: supervised.service.failed, "it keeps failing", seconds=60)
    yield supervised
    supervised.close()


def failing(notices: list[ActivityEntry]) -> list[ActivityEntry]:
    return [notice for notice in notices if notice.problem and notice.problem.id is ProblemId.SERVICE_FAILING]


def test_a_service_that_crashes_five_times_keeps_failing_and_that_is_said_once(crashing: Supervised) -> None:
    assert len(crashing.service.exits) == 5
    assert len(failing(crashing.notices)) == 1


def test_it_is_said_with_the_last_lines_of_its_log_and_without_its_secrets(crashing: Supervised) -> None:
    [notice] = failing(crashing.notices)
    assert notice.problem is not None
    assert notice.problem.details.splitlines() == [f"line {number}, the key is ***" for number in range(18, 30)]
    assert notice.problem.message.endswith("exit code 7: line 29, the key is ***")
    assert KEY not in str(crashing.notices)


@pytest.mark.skipif(sys.platform == "win32", reason="counts what a process has written as Linux does")
def test_a_service_that_ignores_everything_floods_its_log_and_has_a_family_is_ended_with_all_of_it(
    tmp_path: Path,
) -> None:
    supervised = Supervised("is beyond control", tmp_path)
    wait_until(lambda: supervised.service.pid is not None, "it runs")
    process = psutil.Process(supervised.service.pid)
    wait_until(lambda: process.io_counters().write_chars > 200 * 2**20, "it has written 200 MB", seconds=120)
    [grandchild] = process.children()
    supervised.close()
    wait_until(lambda: not lives(process.pid) and not lives(grandchild.pid), "none of them is left", seconds=2)
    wait_until(
        lambda: not any(thread.name.startswith("output of") for thread in threading.enumerate()), "its output is read"
    )
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 2 * LOG_BYTES
