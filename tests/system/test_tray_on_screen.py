"""The tray on a virtual screen: icon, mouse, menu, windows and notifications while updates run."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from backend.contract.names import Source
from backend.services.update.progress import Part, Stage, write_durations
from backend.store.engine import Database
from tests.fakes import feed_mitre
from tests.fakes.feed_server import FeedServer
from tests.integration.replay.world import ReplayedWorld
from tests.servers import wait_until
from tests.system.running import SERVICES
from tests.system.screen import RIGHT, Screen
from tests.system.tray import FIRST_UPDATE, UPDATE_S, Tray, notified, says

pytestmark = [pytest.mark.skipif(sys.platform == "win32", reason="a virtual screen needs an X server")]
PAGE = 200  # records of the CVE list that are reported as one step


class Desktop(Tray):
    """A running tray on a screen with a mouse."""

    def __init__(self, home: Path, screen: Screen, feeds: dict[str, str], *words: str) -> None:
        self.screen = screen
        super().__init__(home, {**screen.variables, "XDG_CONFIG_HOME": str(home / "config"), **feeds}, *words)

    def picture(self, path: Path) -> None:
        self.screen.picture(path)

    def open_menu(self) -> dict[str, tuple[int, int]]:
        """Open the menu with the right mouse button and return the positions of its entries."""
        self.screen.click_icon(RIGHT)
        menu: dict[str, tuple[int, int]] = self.sees("the menu is open", lambda seen: bool(seen["menu"]))["menu"]
        return menu

    def chooses(self, entry: str) -> None:
        """Click again while the menu stays open, as a user does."""
        self.open_menu()

        def chosen() -> bool:
            seen = self.seen()
            if menu := seen.get("menu"):
                self.screen.click(menu[entry])
            return bool(seen) and not menu

        wait_until(chosen, f"{entry!r} is chosen")


@pytest.fixture
def screen() -> Iterator[Screen]:
    shown = Screen()
    yield shown
    shown.close()


@pytest.fixture
def feeds() -> Iterator[FeedServer]:
    with FeedServer() as server:
        yield server


@pytest.fixture
def desktop(home: Path, screen: Screen, feeds: FeedServer) -> Iterator[Desktop]:
    """The program, started at login, after its first update."""
    running = Desktop(home, screen, feeds.environment(), "--hidden")
    running.updated(1)
    running.sees("all is well", lambda seen: seen["standing"] == "well" and FIRST_UPDATE in seen["notifications"])
    wait_until(lambda: not screen.has_notification(), "no balloon stands before the icon", 60)
    yield running
    running.close()


def test_the_icon_appears_a_click_opens_the_window_and_closing_it_leaves_the_icon(desktop: Desktop) -> None:
    assert desktop.screen.has_icon()
    assert desktop.seen()["page"] == ""
    desktop.screen.click_icon()
    desktop.sees("the window is open", lambda seen: seen["page"] == "inbox")
    desktop.screen.press("alt+F4")
    told = desktop.sees("the window is closed", lambda seen: seen["page"] == "")
    assert notified(told) == ["OpenThreat is still running"]
    assert desktop.screen.has_icon()
    assert desktop.process.poll() is None


def test_update_now_by_mouse_moves_icon_inbox_and_tasks_and_the_numbers_change(
    desktop: Desktop, feeds: FeedServer, tmp_path: Path
) -> None:
    desktop.screen.click_icon()
    before = desktop.sees("the inbox is shown", lambda seen: seen["page"] == "inbox" and says(seen, "sources checked"))
    _grow(feeds)
    _mitre_takes_long(desktop.home)
    feeds.faults["mitre-record"] = "gated"
    desktop.chooses("Update now")
    feeds.gate.release(PAGE)
    told = desktop.sees("the first page", lambda seen: _tells(seen, "inbox", "200 of 800"))
    icon = desktop.screen.icon(tmp_path / "200.png")
    feeds.gate.release(PAGE)
    later = desktop.sees("the second page", lambda seen: _tells(seen, "inbox", "400 of 800"))
    assert later["share"] > told["share"]
    wait_until(lambda: desktop.screen.icon(tmp_path / "400.png") != icon, "the icon on the screen moves as well")
    for _ in range(2):  # from the list of pages backwards to "Cancel" and "Details", which goes to the run
        desktop.screen.press("shift+Tab")
    desktop.screen.press("space")
    desktop.sees("the run", lambda seen: _tells(seen, "tasks", "400 of 800 records"))
    assert _updating(later) in desktop.open_menu()
    feeds.gate.release(PAGE)
    moved = desktop.sees("the run moves", lambda seen: _tells(seen, "tasks", "600 of 800 records"))
    assert moved["share"] > later["share"]
    assert _updating(moved) in moved["menu"]
    feeds.faults.clear()
    feeds.gate.release(PAGE)
    desktop.sees("it offers the next update", lambda seen: "Update now" in seen["menu"], UPDATE_S)
    desktop.screen.close_menu()
    desktop.updated(2)
    desktop.screen.press("ctrl+3")
    desktop.sees("all is well again", lambda seen: seen["standing"] == "well")
    total = f"{desktop.asked('/stats')['total_vulnerabilities']:,} vulnerabilities"
    assert not says(before, total)
    used = desktop.sees("the new total is shown", lambda seen: says(seen, total))
    assert used["heavy"] == [], "what only the services need is not loaded, whatever the window was used for"


def test_a_failing_source_makes_a_notification_and_a_click_on_it_opens_the_run(
    desktop: Desktop, feeds: FeedServer
) -> None:
    feeds.faults["epss"] = "404"
    desktop.chooses("Update now")
    desktop.sees("it is told of", lambda seen: notified(seen) == ["EPSS could not be updated"], UPDATE_S)
    desktop.screen.click_notification()
    opened = "a click opens the run"
    run = desktop.sees(opened, lambda seen: seen["page"] == "tasks" and says(seen, "EPSS could not be updated"))
    assert run["standing"] == "degraded"


@pytest.mark.full
def test_a_failing_run_makes_a_notification(home: Path, screen: Screen, feeds: FeedServer) -> None:
    feeds.faults |= dict.fromkeys(("cisa", "nvd", "nvd_feeds", "euvd", "mitre", "epss"), "400")
    running = Desktop(home, screen, feeds.environment(), "--hidden")
    try:
        failed = running.sees("it is told of", lambda seen: bool(seen["notifications"]), UPDATE_S)
        assert failed["notifications"] == ["The last update failed"]
        running.sees("it stands as failed", lambda seen: seen["standing"] == "failed")  # once all services run
    finally:
        running.close()


def test_a_second_start_raises_the_window_of_the_first_and_quit_ends_it(desktop: Desktop) -> None:
    assert desktop.types("tray").wait(20) == 0
    desktop.sees("the window is open", lambda seen: seen["page"] == "inbox")
    assert desktop.types("tray", "--quit").wait(30) == 0
    assert desktop.process.wait(20) == 0
    assert not desktop.screen.has_icon()


def test_replace_takes_over(desktop: Desktop) -> None:
    second = desktop.types("tray", "--replace", "--hidden")
    assert desktop.process.wait(30) == 0
    desktop.process = second
    desktop.sees("the second one is there", lambda seen: seen["standing"] == "well", UPDATE_S)


def test_quit_in_the_menu_ends_everything(desktop: Desktop) -> None:
    assert {name for name, one in desktop.services().items() if one["pid"]} == set(SERVICES)
    desktop.chooses("Quit")
    assert desktop.process.wait(20) == 0


def test_the_first_start_asks_for_the_stack_and_starts_what_was_chosen(
    home: Path, screen: Screen, feeds: FeedServer
) -> None:
    running = Desktop(home, screen, feeds.environment())
    try:
        running.sees("the question is asked", lambda seen: seen["page"] == "first-start")
        assert running.services() == {}
        in_the_way = home / "settings.toml.new"
        in_the_way.mkdir()
        screen.press("Return")
        running.sees("the choice cannot be kept", lambda seen: says(seen, "The settings cannot be saved"))
        in_the_way.rmdir()
        screen.press("Return")
        running.sees("the window is open", lambda seen: seen["page"] == "inbox")
        running.updated(1)
    finally:
        running.close()


@pytest.mark.full
@pytest.mark.realdata
def test_the_recorded_world_arrives_and_icon_inbox_and_run_tell_how_far_it_is(
    home: Path, screen: Screen, feed_world: Path
) -> None:
    world = ReplayedWorld(feed_world, "2024-09-30")
    (home / "settings.toml").write_text('version = 1\nstack = "embedded"\n', encoding="utf-8")
    running = Desktop(home, screen, dict(world.environment))
    shares, totals = set[float | None](), set[int]()
    bars: dict[str, set[int]] = {"": set(), "inbox": set(), "tasks": set()}

    def noted(seen: dict[str, Any]) -> dict[str, Any]:
        shares.add(seen["share"])
        totals.add(running.asked("/vulnerabilities").get("total", 0))
        bars[seen["page"]].update(seen.get("bars", []))
        return seen

    try:
        running.sees("the inbox's bar moves", lambda seen: bool(noted(seen)) and len(bars["inbox"]) > 3, 280)
        for _ in range(2):
            screen.press("shift+Tab")
        screen.press("space")
        running.sees("the first update is done", lambda seen: noted(seen)["standing"] == "well", 280)
        assert len(bars["tasks"]) > 3
        assert len(shares) > 3
        assert max(totals) > 0
    finally:
        running.close()
        world.close()


def _tells(seen: dict[str, Any], page: str, amount: str) -> bool:
    """The icon's ring, its tooltip and the bar on that page, all at once, and how much of a source is read."""
    if seen["share"] is None or seen["page"] != page or not says(seen, amount) or len(seen["bars"]) != 1:
        return False
    return _updating(seen) in seen["tooltip"] and abs(seen["bars"][0] - 100 * seen["share"]) <= 1


def _updating(seen: dict[str, Any]) -> str:
    return f"Updating: {round(100 * seen['share'])} %"


def _mitre_takes_long(home: Path) -> None:
    """Note that reading MITRE's records was nearly all of the last updates, so that its pages move the ring."""
    with closing(Database(f"sqlite:///{home / 'openthreat.db'}")) as database, database.transaction() as connection:
        write_durations(connection, {Part(Stage.READ, Source.MITRE): 100.0})


def _grow(feeds: FeedServer) -> None:
    """By four pages of records."""
    for number in range(4 * PAGE):
        feed_mitre.change(feeds.world, f"CVE-2024-{50_000 + number}", feeds.world.at)
