"""The frozen program over a real installation: found by itself, exploited a week later, and updated away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import requests

from backend.contract.errors import OpenThreatError
from backend.contract.names import RunState
from desktop.instance.control import send_command
from tests.fakes import rocket
from tests.fakes.feed_server import FeedServer
from tests.servers import wait_until
from tests.windows.frozen import WINDOWED, Frozen, Running
from tests.windows.machine import Machine
from tests.windows.test_inventory import InventoryPc, Program

pytestmark = pytest.mark.full

OLD = Program(rocket.NAME, rocket.AFFECTED, view=64, publisher=rocket.PUBLISHER)
NEW = Program(rocket.NAME, rocket.FIXED, view=64, publisher=rocket.PUBLISHER)


class Window:
    """The window of a running tray: what it shows, and clicks on it."""

    def __init__(self, tray: Running) -> None:
        self.tray = tray

    def view(self) -> dict[str, Any]:
        with suppress(OpenThreatError):
            return dict(send_command(self.tray.data, "view"))
        return {}

    def shows(self, page: str, text: str) -> None:
        def is_shown() -> bool:
            view = self.view()
            return view.get("page") == page and any(text in shown for shown in view["texts"])

        try:
            self.tray.waits(is_shown, f"{page} shows {text!r}", 180)
        except AssertionError as error:
            raise AssertionError(f"{error}\nseen: {self.view()}") from None

    def click(self, name: str) -> None:
        self.tray.waits(lambda: name in self.view().get("places", {}), f"{name!r} can be clicked")
        self.tray.machine.click(*self.view()["places"][name])

    def turn_to(self, section: str, page: str) -> None:
        """Click until the page is shown: a click may come while the window is being moved to the front."""

        def is_there() -> bool:
            self.click(section)
            with suppress(AssertionError):
                wait_until(lambda: self.view().get("page") == page, f"{page} is shown", 10)
                return True
            return False

        self.tray.waits(is_there, f"{section} is chosen")

    def take_picture(self, name: str) -> None:
        self.tray.machine.take_picture(self.tray.machine.pictures / f"story-{name}.png")


@pytest.fixture
def pc(windows: Machine, nsis: None) -> Iterator[InventoryPc]:
    pc = InventoryPc(windows)
    pc.installs(OLD)
    yield pc
    pc.uninstalls(NEW)


def findings(tray: Running, **filters: str) -> list[str]:
    """The states of the flaw's findings."""
    answer = requests.get(f"{tray.api}/findings", {"cve_id": rocket.FLAW, **filters}, timeout=30).json()
    return [item["state"] for item in answer["items"]]


def test_what_is_exploited_here_is_shown_and_updated_away(
    frozen: Frozen, data: Path, feeds: FeedServer, pc: InventoryPc
) -> None:
    rocket.add_flaw(feeds.world)
    tray = frozen.running(data, WINDOWED, "tray", **feeds.environment())
    window = Window(tray)
    assert tray.is_updated()["status"] == RunState.SUCCESS, tray.logs()
    tray.waits(lambda: findings(tray) == ["open"], "the installed program is found and matched", 240)
    send_command(data, "show")
    window.turn_to("This PC", "this_pc")
    window.shows("this_pc", rocket.NAME)
    window.shows("this_pc", f"Update to {rocket.FIXED}")
    window.take_picture("this-pc")

    rocket.become_exploited(feeds.world)
    requests.post(f"{tray.api}/tasks/update-vulnerabilities", timeout=30).raise_for_status()
    tray.waits(lambda: window.view().get("standing") == "attention", "the icon shows it", 240)
    notified = f"{rocket.NAME} {rocket.AFFECTED} on this PC"
    tray.waits(lambda: notified in window.view()["notifications"], "it is notified")
    window.turn_to("Inbox", "inbox")
    window.shows("inbox", "is being exploited")
    window.take_picture("inbox")

    pc.installs(NEW)
    tray.waits(lambda: findings(tray, state="resolved") == ["resolved"], "the update is found by itself", 240)
    tray.waits(lambda: window.view().get("standing") == "well", "all is well")
    window.take_picture("updated")
    assert "Traceback" not in tray.logs()
    send_command(data, "quit")
    assert tray.ends() == 0
    wait_until(lambda: frozen.processes() == [], "nothing of it is left")
