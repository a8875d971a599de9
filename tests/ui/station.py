"""A real API process on a data folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from backend.client.api import ApiClient
from backend.client.transport import ApiError
from tests.servers import free_port, wait_until


def unreachable() -> ApiClient:
    """Make a client of an API that does not run."""
    return ApiClient("http://127.0.0.1:1")


class ApiProcess:
    def __init__(self, home: Path) -> None:
        self.home, self.port = home, free_port()
        (home / "logs").mkdir(parents=True, exist_ok=True)
        environment = {**os.environ, "OPENTHREAT_HOME": str(home), "OPENTHREAT_API_PORT": str(self.port)}
        self._log = (home / "logs" / "api.log").open("wb")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "desktop", "api"], env=environment, stdout=self._log, stderr=self._log
        )
        wait_until(self._responds, f"the API answers; see {self._log.name}", seconds=60)

    def client(self) -> ApiClient:
        return ApiClient(f"http://127.0.0.1:{self.port}", wait_s=15)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(20)
        self._log.close()

    def _responds(self) -> bool:
        try:
            self.client().health()
        except ApiError:
            return False
        return True
