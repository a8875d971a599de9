"""Both workers are killed again and again in the middle of an update. Nothing is clicked."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests

from backend.contract.environment import read_environment
from backend.contract.settings import UserSettings
from desktop.composition.services import compose
from desktop.host import this_host
from desktop.problems.problems import service_problems
from desktop.supervision.services import Phase, Supervision
from desktop.supervision.supervisor import ThreadInbox
from desktop.supervision.timeouts import RestartPolicy, Rules
from tests.fakes.feed_server import FeedServer
from tests.servers import free_port, wait_until

pytestmark = [pytest.mark.skipif(sys.platform == "win32", reason="signals"), pytest.mark.full]
HASTY = Rules(restart=RestartPolicy(first_s=0.05, longest_s=0.4, recurrence_s=(6.0, 12.0), healthy_s=3.0))
"""The policy of the program, but for the length of its periods."""
WORKERS = ("worker-slow", "worker-fast")
KILLS = 6


class Program:
    """The program as terminal and tray run it; `problems`: the ids of all that was ever wrong with its services."""

    def __init__(self, port: int) -> None:
        self.api = f"http://127.0.0.1:{port}/api/v1"
        self.problems = list[str]()
        self.session = compose(
            read_environment(), UserSettings(), this_host(), ThreadInbox(), self._on_change, rules=HASTY
        )
        self._thread = threading.Thread(target=self.session.run)
        self._thread.start()

    def _on_change(self, before: Supervision, after: Supervision) -> None:
        known = {problem.id for problem in service_problems(before)}
        self.problems += [problem.id for problem in service_problems(after) if problem.id not in known]

    def get(self, path: str) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = requests.get(f"{self.api}{path}", timeout=5).json()
        except requests.RequestException:
            return {}
        return answer

    def runs(self, state: str) -> list[str]:
        return [run["task_id"] for run in self.get(f"/tasks?state={state}").get("items", [])]

    def kill_workers(self, before: dict[str, int]) -> dict[str, int]:
        """Kill the next process of each worker as soon as it runs; none for one that waits for minutes."""
        killed = dict[str, int]()
        for name in WORKERS:
            wait_until(
                lambda name=name: self._runs_anew(name, before.get(name)) or self.session.state[name].failed,
                f"{name} runs again or waits",
                seconds=60,
            )
            pid = self.session.state[name].pid
            if pid is not None:
                psutil.Process(pid).kill()
                killed[name] = pid
        return killed

    def _runs_anew(self, name: str, before: int | None) -> bool:
        state = self.session.state[name]
        return state.phase is Phase.RUNNING and state.pid not in (None, before)

    def close(self) -> None:
        self.session.close()
        self._thread.join(20)
        assert not self._thread.is_alive()


def test_workers_killed_six_times_work_again_by_themselves_and_the_run_is_done(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENTHREAT_API_PORT", str(port := free_port()))
    monkeypatch.setenv("OPENTHREAT_STACK", "embedded")
    with FeedServer() as feeds:
        for name, value in feeds.environment().items():
            monkeypatch.setenv(name, value)
        feeds.faults["euvd"] = "hang"
        program = Program(port)
        try:
            wait_until(lambda: bool(program.runs("STARTED")), "the first update runs", seconds=120)
            [interrupted] = program.runs("STARTED")
            killed = dict[str, int]()
            for _ in range(KILLS):
                killed = program.kill_workers(killed)
            assert program.problems.count("service-failing") >= 1
            feeds.faults.clear()
            wait_until(lambda: interrupted in program.runs("SUCCESS"), "the interrupted update is done", seconds=120)
            wait_until(lambda: not service_problems(program.session.state), "nothing is wrong any more", seconds=60)
            assert all(service.ready for service in program.session.state.services)
        finally:
            program.close()
