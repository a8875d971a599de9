"""The first start of somebody who has neither Docker nor a network nor a key for NVD."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from desktop.application.control import ask
from tests.servers import wait_until
from tests.windows.frozen import WINDOWED, Frozen


def test_without_anything_it_runs_says_what_is_missing_and_keeps_calm(frozen: Frozen, data: Path) -> None:
    tray = frozen.running(data, WINDOWED, "tray", "--hidden")
    tray.all_run()
    assert tray.is_updated()["status"] == "FAILURE"
    sources = tray.asks("sources")["sources"]
    assert {one["state"] for one in sources} <= {"degraded", "failing"}
    assert all(one["last_error"]["title"] for one in sources)
    tray.waits(lambda: bool(ask(data, "view").get("notifications")), "it is said")
    frozen.machine.take_picture(frozen.machine.pictures / "notification.png")
    seen = ask(data, "view")
    assert len(cast(list[str], seen["notifications"])) == 1
    assert not seen["page"]
    ask(data, "quit")
    assert tray.ends() == 0
    wait_until(lambda: frozen.processes() == [], "nothing of it is left")
