"""`openthreat up` as a child of a test, and its output."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import psutil

from tests.servers import wait_until

NOWHERE = "http://127.0.0.1:9"  # refused at once
SOURCES = ("CISA", "NVD", "NVD_FEEDS", "EUVD", "MITRE", "EPSS")
SERVICES = ("api", "worker-slow", "worker-fast", "beat")


class Up:
    """A running `openthreat up --json`, and `lines`, the objects that it has printed."""

    def __init__(self, home: Path, port: int, **variables: str) -> None:
        self.api = f"http://127.0.0.1:{port}/api/v1"
        self.environment = {**os.environ, "OPENTHREAT_HOME": str(home), "OPENTHREAT_API_PORT": str(port)}
        self.environment |= {f"OPENTHREAT_{source}_URL": NOWHERE for source in SOURCES}
        self.environment |= variables
        self.lines: list[dict[str, Any]] = []
        self.process = subprocess.Popen(self.command("up", "--json"), env=self.environment, stdout=subprocess.PIPE)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @staticmethod
    def command(*words: str) -> list[str]:
        return [sys.executable, "-m", "desktop", *words]

    def types(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run another command for the same data folder."""
        return subprocess.run(
            self.command(*words), env=self.environment, capture_output=True, text=True, encoding="utf-8", timeout=60
        )

    def runs(self, service: str, besides: int = 0) -> int:
        """Wait until the service runs as another process than `besides`, and return its pid."""

        def pids() -> list[int]:
            return [line["pid"] for line in self.lines if line.get("service") == service and line["phase"] == "running"]

        wait_until(lambda: bool(pids()) and pids()[-1] != besides, f"{service} runs; output: {self.lines}", seconds=120)
        return pids()[-1]

    def all_run(self) -> dict[str, int]:
        return {service: self.runs(service) for service in SERVICES}

    def pids(self) -> set[int]:
        return {line["pid"] for line in self.lines if line.get("pid")}

    def wait_for_output(self, words: str) -> None:
        """Wait until a line of the output contains the words."""
        wait_until(
            lambda: any(words in line["message"] for line in self.lines), f"{words!r} is printed: {self.lines}", 60
        )

    def close(self) -> None:
        """Kill it if it is still running."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def ends(self, within_s: float) -> int:
        code = self.process.wait(within_s)
        self._reader.join(5)
        return code

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as output:
            self.lines.extend(json.loads(line) for line in output)


def alive(pids: set[int]) -> set[int]:
    return {pid for pid in pids if psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE}
