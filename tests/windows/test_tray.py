"""The frozen tray on a screen: it is visible, works and ends, and leaves no processes when killed."""

from __future__ import annotations

import time
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtCore import QRect

from backend.contract.errors import OpenThreatError
from desktop.instance.control import Reply, send_command
from desktop.ui.page_context import PageName
from tests.fakes.feed_server import FeedServer
from tests.servers import wait_until
from tests.windows.frozen import WINDOWED, Frozen, Running
from tests.windows.pictures import changed, colours_in

LEAST_PIXELS, LEAST_COLOURS = 20_000, 20  # of a window of 1024 x 700, counting every second pixel
LEAST_MENU_PIXELS = 2_000
TITLE = QRect(180, 20, 160, 40)  # of a page, where letters stand


@pytest.fixture
def tray(frozen: Frozen, data: Path, feeds: FeedServer) -> Running:
    return frozen.running(data, WINDOWED, "tray", **feeds.environment())


def menu_opens(tray: Running) -> bool:
    """Click once and allow time for a busy machine to show the menu; another click would close it."""
    tray.machine.open_tray_menu()
    with suppress(AssertionError):
        tray.waits(lambda: "Quit" in cast(dict[str, object], report(tray)["menu"]), "the menu is open", 30)
        return True
    return False


def report(tray: Running) -> Reply:
    with suppress(OpenThreatError):
        return send_command(tray.data, "view")
    return {}


@pytest.mark.full
def test_it_shows_itself_updates_and_ends_when_it_is_asked(frozen: Frozen, data: Path, feeds: FeedServer) -> None:
    machine = frozen.machine
    before, after = machine.pictures / "before.png", machine.pictures / "window.png"
    machine.take_picture(before)
    began = time.monotonic()
    tray = frozen.running(data, WINDOWED, "tray", **feeds.environment())
    tray.waits(lambda: bool(report(tray).get("tooltip")), "the icon stands")
    print(f"\nthe icon stood after {time.monotonic() - began:.1f} s")
    assert tray.is_updated()["status"] == "SUCCESS"
    send_command(data, "show")
    tray.waits(lambda: report(tray).get("page") is not None, "a window is shown")
    tray.waits(lambda: "Updating" not in str(report(tray)["tooltip"]), "the tray shows that the update has ended")

    def seen() -> bool:
        machine.take_picture(after)
        pixels, colours = changed(before, after)
        return pixels > LEAST_PIXELS and colours > LEAST_COLOURS

    tray.waits(seen, "the window is on the screen")
    drawn = frozen.types(data, "pictures", machine.seen(machine.pictures / "pages"), **tray.variables)
    assert drawn.code == 0, drawn.output
    pages = list((machine.pictures / "pages").glob("*.png"))
    assert len(pages) == 2 * len(PageName)
    assert [page.name for page in pages if colours_in(page, TITLE) < LEAST_COLOURS] == []
    assert report(tray)["heavy"] == []
    assert "Traceback" not in tray.logs()
    assert frozen.types(data, "down").code == 0
    assert tray.ends() == 0
    wait_until(lambda: frozen.processes() == [], "nothing of it is left")


def test_its_menu_opens_and_quit_ends_everything(frozen: Frozen, tray: Running) -> None:
    machine = frozen.machine
    tray.all_run()
    tray.waits(lambda: bool(report(tray).get("tooltip")), "the icon stands")
    before, after = machine.pictures / "no-menu.png", machine.pictures / "menu.png"
    machine.take_picture(before)
    tray.waits(partial(menu_opens, tray), "its menu opens", 240)
    machine.take_picture(after)
    assert changed(before, after)[0] > LEAST_MENU_PIXELS
    x, y = cast(dict[str, tuple[int, int]], report(tray)["menu"])["Quit"]
    machine.click(x, y)
    assert tray.ends() == 0
    wait_until(lambda: frozen.processes() == [], "nothing of it is left")


@pytest.mark.full
def test_a_second_start_shows_the_first(frozen: Frozen, tray: Running) -> None:
    tray.waits(lambda: bool(report(tray).get("tooltip")), "the icon stands")
    second = frozen.machine.run(
        frozen.program(WINDOWED), "tray", OPENTHREAT_HOME=frozen.machine.seen(tray.data), timeout=60
    )
    assert second.code == 0, second.output
    assert cast(str, report(tray)["page"])


@pytest.mark.full
def test_killed_in_an_update_nothing_is_left_and_the_next_start_goes_on(
    frozen: Frozen, data: Path, feeds: FeedServer
) -> None:
    feeds.faults |= dict.fromkeys(("cisa", "nvd", "euvd", "mitre", "epss"), "slow:5")
    tray = frozen.running(data, WINDOWED, "tray", "--hidden", **feeds.environment())
    tray.waits(lambda: bool(feeds.requests), "an update has begun")
    tray.main_process().kill()
    wait_until(lambda: frozen.processes() == [], "nothing of it is left", seconds=2)
    feeds.faults.clear()
    again = frozen.running(data, WINDOWED, "tray", "--hidden", **feeds.environment())
    assert again.is_updated()["status"] == "SUCCESS"
