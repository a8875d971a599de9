"""A running `openthreat tray` and its visible state."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests

from backend.contract.errors import OpenThreatError
from desktop.instance.control import send_command
from tests.servers import free_port, wait_until
from tests.system.running import Up

UPDATE_S = 120
FIRST_UPDATE = "The first update is done"


class Tray:
    """A running tray, on the screen that the variables name or, without one, offscreen."""

    def __init__(self, home: Path, variables: dict[str, str], *words: str) -> None:
        self.home = home
        self.api = f"http://127.0.0.1:{(port := free_port())}/api/v1"
        here = {"OPENTHREAT_API_PORT": str(port), "QT_QPA_PLATFORM": "offscreen"}
        self.environment = {**os.environ, **here, **variables}
        self.process = self.types("tray", *words)

    def types(self, *words: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(Up.command(*words), env=self.environment)

    def view(self) -> dict[str, Any]:
        return self._send("view")

    def services(self) -> dict[str, dict[str, Any]]:
        """Services by name; empty while the program does not report them."""
        return {service["name"]: service for service in self._send("status").get("services", [])}

    def sees(self, what: str, condition: Callable[[dict[str, Any]], bool], seconds: float = 60) -> dict[str, Any]:
        """Wait until the condition is visible, and return the visible state."""
        latest: dict[str, Any] = {}

        def holds() -> bool:
            latest.clear()
            latest.update(self.view())
            return "page" in latest and condition(latest)  # it is missing while the GUI thread is busy

        try:
            wait_until(holds, what, seconds)
        except AssertionError as error:
            self.picture(self.home / "not-seen.png")
            raise AssertionError(f"{error}; view: {latest}") from error
        return latest

    def picture(self, path: Path) -> None:
        """Of the screen, where there is one."""

    def updated(self, times: int, state: str = "SUCCESS") -> None:
        def so_often() -> bool:
            found = self.get("/tasks", state=state).get("items", [])
            return sum("update_" in run["name"] and "stats" not in run["name"] for run in found) >= times

        wait_until(so_often, f"{times} updates have ended with {state}", UPDATE_S)

    def get(self, path: str, **parameters: str) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = requests.get(self.api + path, params=parameters, timeout=5).json()
        except requests.RequestException:
            return {}
        return answer

    def quits(self) -> None:
        assert send_command(self.home, "quit") == {"closing": True}
        assert self.process.wait(30) == 0

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(25)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def _send(self, command: str) -> dict[str, Any]:
        try:
            return dict(send_command(self.home, command))
        except OpenThreatError:
            return {}


def shows(view: dict[str, Any], words: str) -> bool:
    return any(words in text for text in view.get("texts", []))


def notified(view: dict[str, Any]) -> list[str]:
    """The titles of all notifications but that of the first update, with which every story begins."""
    return [title for title in view.get("notifications", []) if title != FIRST_UPDATE]
