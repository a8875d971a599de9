"""The frozen program, as tests start and query it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import psutil
import requests

from backend.contract.names import FINAL_STATES
from tests.servers import free_port, wait_until
from tests.windows.machine import Ended, Machine

WINDOWED, CONSOLE = "OpenThreat.exe", "openthreat-cli.exe"
SOURCES = ("CISA", "NVD", "NVD_FEEDS", "EUVD", "MITRE", "EPSS")
NOWHERE = {f"OPENTHREAT_{source}_URL": "http://127.0.0.1:9" for source in SOURCES}  # refused at once


class Frozen:
    """The frozen program; `build_output` is what the release script printed."""

    def __init__(self, machine: Machine, build_output: str) -> None:
        self.machine, self.build_output = machine, build_output
        self.folder = machine.project / "dist" / "OpenThreat"
        self.icon = machine.project / "build" / "openthreat.ico"

    def program(self, name: str) -> str:
        return self.machine.seen(self.folder / name)

    def types(self, data: Path, *words: str, timeout: float = 120, **variables: str) -> Ended:
        """Run a command for this data folder."""
        given = {"OPENTHREAT_HOME": self.machine.seen(data), **variables}
        return self.machine.run(self.program(CONSOLE), *words, timeout=timeout, **given)

    def running(self, data: Path, name: str, *words: str, **variables: str) -> Running:
        return Running(self, data, name, *words, **variables)

    def processes(self) -> list[psutil.Process]:
        return self.machine.processes_below(self.folder)


class Running:
    """The program with its services, on a port of its own, without any network unless variables say otherwise.

    variables: those it was given, for other programs that have to find it.
    """

    def __init__(self, frozen: Frozen, data: Path, name: str, *words: str, **variables: str) -> None:
        self.data, self.machine, port = data, frozen.machine, free_port()
        self.api = f"http://127.0.0.1:{port}/api/v1"
        self._frozen = frozen
        self.variables = {
            **NOWHERE,
            "OPENTHREAT_HOME": frozen.machine.seen(data),
            "OPENTHREAT_API_PORT": str(port),
            "OPENTHREAT_STACK": "embedded",
            **variables,
        }
        self._output = (data / "output.txt").open("wb")
        self.started = frozen.machine.start(frozen.program(name), *words, output=self._output, **self.variables)

    def logs(self) -> str:
        """The ends of its output and of its log files."""
        files = [self.data / "output.txt", *sorted(self.data.glob("logs/*.log"))]
        return "\n".join(f"--- {path.name}\n{path.read_text('utf-8', 'replace')[-3000:]}" for path in files)

    def get(self, path: str) -> dict[str, Any]:
        return cast(dict[str, Any], requests.get(f"{self.api}/{path}", timeout=30).json())

    def waits(self, condition: Callable[[], bool], what: str, seconds: float = 120) -> None:
        def met() -> bool:
            assert self.started.poll() is None, f"it has ended: {self.logs()}"
            try:
                return condition()
            except (requests.ConnectionError, requests.Timeout, requests.JSONDecodeError, KeyError):
                return False  # not there yet; for a moment, a server of another test may have had the port

        try:
            wait_until(met, what, seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.logs()}") from None

    def all_run(self) -> None:
        """Wait until API, both workers and beat are running."""

        def there() -> bool:
            status = self.get("tasks/workers/status")
            return status["total_workers"] == 2 and len(status["beats"]) == 1

        self.waits(there, "API, workers and beat run")

    def is_updated(self) -> dict[str, Any]:
        """Wait for the end of the first update of an empty database, and return its run."""

        def first() -> dict[str, Any]:
            runs = [run for run in self.get("tasks?page_size=50")["items"] if run["trigger"] == "first-start"]
            return cast(dict[str, Any], runs[-1] if runs else {"status": "not requested"})

        self.waits(lambda: first()["status"] in list(FINAL_STATES), "it has updated", 300)
        return first()

    def main_process(self) -> psutil.Process:
        """The process that supervises the others."""
        return next(
            process for process in self._frozen.processes() if not any("--role" in word for word in process.cmdline())
        )

    def ends(self, seconds: float = 30) -> int:
        try:
            return self.started.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"it has not ended: {self.logs()}") from None
        finally:
            self._output.close()
