"""The first start without Docker, network and NVD key."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import cast

import pytest

from desktop.instance.control import send_command
from tests.servers import wait_until
from tests.windows.frozen import WINDOWED, Frozen
from tests.windows.machine import Machine
from tests.windows.pictures import changed

pytestmark = pytest.mark.full

LEAST_PIXELS = 1_000  # of a notification, counting every second pixel; the icon alone has 250


def is_drawn(machine: Machine, before: Path) -> bool:
    after = machine.pictures / "notification.png"
    machine.take_picture(after)
    return changed(before, after)[0] > LEAST_PIXELS


@pytest.mark.usefixtures("packaging")  # it waits two minutes for the network, in which the installer is compressed
def test_without_anything_it_runs_says_what_is_missing_and_keeps_calm(frozen: Frozen, data: Path) -> None:
    tray = frozen.running(data, WINDOWED, "tray", "--hidden")
    tray.all_run()
    frozen.machine.take_picture(before := frozen.machine.pictures / "no-notification.png")
    assert tray.is_updated()["status"] == "FAILURE"
    sources = tray.get("sources")["sources"]
    assert {source["state"] for source in sources} <= {"degraded", "failing"}
    assert all(source["last_error"]["title"] for source in sources)
    tray.waits(lambda: bool(send_command(data, "view").get("notifications")), "a notification is reported")
    if frozen.machine.is_wine:  # on a real Windows the user may have switched them off
        tray.waits(partial(is_drawn, frozen.machine, before), "the notification is on the screen", 30)
    view = send_command(data, "view")
    assert len(cast(list[str], view["notifications"])) == 1
    assert not view["page"]
    send_command(data, "quit")
    assert tray.ends() == 0
    wait_until(lambda: frozen.processes() == [], "nothing of it is left")
