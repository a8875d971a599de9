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
from tests.system.tray import FIRST_UPDATE, UPDATE_S, Tray, notified, shows

pytestmark = [pytest.mark.skipif(sys.platform == "win32", reason="a virtual screen needs an X server")]
PAGE = 200  # records of the CVE list that are reported as one step


class TrayOnScreen(Tray):
    """A running tray on a screen with a mouse."""

    def __init__(self, home: Path, screen: Screen, feeds: dict[str, str], *words: str) -> None:
        self.screen = screen
        super().__init__(home, {**screen.variables, "XDG_CONFIG_HOME": str(home / "config"), **feeds}, *words)

    def picture(self, path: Path) -> None:
        self.screen.picture(path)

    def open_menu(self) -> dict[str, tuple[int, int]]:
        """Open the menu with the right mouse button and return the positions of its entries."""
        self.screen.click_icon(RIGHT)
        menu: dict[str, tuple[int, int]] = self.sees("the menu is open", lambda view: bool(view["menu"]))["menu"]
        return menu

    def chooses(self, entry: str) -> None:
        """Click again while the menu stays open, as a user does."""
        self.open_menu()

        def chosen() -> bool:
            view = self.view()
            if menu := view.get("menu"):
                self.screen.click(menu[entry])
            return bool(view) and not menu

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
def tray(home: Path, screen: Screen, feeds: FeedServer) -> Iterator[TrayOnScreen]:
    """The program, started at login, after its first update."""
    running = TrayOnScreen(home, screen, feeds.environment(), "--hidden")
    running.updated(1)
    running.sees("all is well", lambda view: view["standing"] == "well" and FIRST_UPDATE in view["notifications"])
    wait_until(lambda: not screen.has_notification(), "no balloon stands before the icon", 60)
    yield running
    running.close()


def test_the_icon_appears_a_click_opens_the_window_and_closing_it_leaves_the_icon(tray: TrayOnScreen) -> None:
    assert tray.screen.has_icon()
    assert tray.view()["page"] == ""
    tray.screen.click_icon()
    tray.sees("the window is open", lambda view: view["page"] == "inbox")
    tray.screen.press("alt+F4")
    view = tray.sees("the window is closed", lambda view: view["page"] == "")
    assert notified(view) == ["OpenThreat is still running"]
    assert tray.screen.has_icon()
    assert tray.process.poll() is None


def test_update_now_by_mouse_moves_icon_inbox_and_tasks_and_the_numbers_change(
    tray: TrayOnScreen, feeds: FeedServer, tmp_path: Path
) -> None:
    tray.screen.click_icon()
    before = tray.sees("the inbox is shown", lambda view: view["page"] == "inbox" and shows(view, "sources checked"))
    _grow(feeds)
    _mitre_takes_long(tray.home)
    feeds.faults["mitre-record"] = "gated"
    tray.chooses("Update now")
    feeds.gate.release(PAGE)
    first = tray.sees("the first page", lambda view: _shows_progress(view, "inbox", "200 of 800"))
    icon = tray.screen.icon(tmp_path / "200.png")
    feeds.gate.release(PAGE)
    later = tray.sees("the second page", lambda view: _shows_progress(view, "inbox", "400 of 800"))
    assert later["share"] > first["share"]
    wait_until(lambda: tray.screen.icon(tmp_path / "400.png") != icon, "the icon on the screen moves as well")
    for _ in range(2):  # from the list of pages backwards to "Cancel" and "Details", which goes to the run
        tray.screen.press("shift+Tab")
    tray.screen.press("space")
    tray.sees("the run", lambda view: _shows_progress(view, "tasks", "400 of 800 records"))
    assert _updating(later) in tray.open_menu()
    feeds.gate.release(PAGE)
    moved = tray.sees("the run moves", lambda view: _shows_progress(view, "tasks", "600 of 800 records"))
    assert moved["share"] > later["share"]
    assert _updating(moved) in moved["menu"]
    feeds.faults.clear()
    feeds.gate.release(PAGE)
    tray.sees("it offers the next update", lambda view: "Update now" in view["menu"], UPDATE_S)
    tray.screen.close_menu()
    tray.updated(2)
    tray.screen.press("ctrl+3")
    tray.sees("all is well again", lambda view: view["standing"] == "well")
    total = f"{tray.get('/stats')['total_vulnerabilities']:,} vulnerabilities"
    assert not shows(before, total)
    used = tray.sees("the new total is shown", lambda view: shows(view, total))
    assert used["heavy"] == [], "what only the services need is not loaded, whatever the window was used for"


def test_a_failing_source_makes_a_notification_and_a_click_on_it_opens_the_run(
    tray: TrayOnScreen, feeds: FeedServer
) -> None:
    feeds.faults["epss"] = "404"
    tray.chooses("Update now")
    tray.sees("a notification is shown", lambda view: notified(view) == ["EPSS could not be updated"], UPDATE_S)
    tray.screen.click_notification()
    opened = "a click opens the run"
    run = tray.sees(opened, lambda view: view["page"] == "tasks" and shows(view, "EPSS could not be updated"))
    assert run["standing"] == "degraded"


@pytest.mark.full
def test_a_failing_run_makes_a_notification(home: Path, screen: Screen, feeds: FeedServer) -> None:
    feeds.faults |= dict.fromkeys(("cisa", "nvd", "nvd_feeds", "euvd", "mitre", "epss"), "400")
    running = TrayOnScreen(home, screen, feeds.environment(), "--hidden")
    try:
        failed = running.sees("a notification is shown", lambda view: bool(view["notifications"]), UPDATE_S)
        assert failed["notifications"] == ["The last update failed"]
        running.sees("it stands as failed", lambda view: view["standing"] == "failed")  # once all services run
    finally:
        running.close()


def test_a_second_start_raises_the_window_of_the_first_and_quit_ends_it(tray: TrayOnScreen) -> None:
    assert tray.types("tray").wait(20) == 0
    tray.sees("the window is open", lambda view: view["page"] == "inbox")
    assert tray.types("tray", "--quit").wait(30) == 0
    assert tray.process.wait(20) == 0
    assert not tray.screen.has_icon()


def test_replace_takes_over(tray: TrayOnScreen) -> None:
    second = tray.types("tray", "--replace", "--hidden")
    assert tray.process.wait(30) == 0
    tray.process = second
    tray.sees("the second one is there", lambda view: view["standing"] == "well", UPDATE_S)


def test_quit_in_the_menu_ends_everything(tray: TrayOnScreen) -> None:
    assert {name for name, service in tray.services().items() if service["pid"]} == set(SERVICES)
    tray.chooses("Quit")
    assert tray.process.wait(20) == 0


def test_the_first_start_asks_for_the_stack_and_starts_what_was_chosen(
    home: Path, screen: Screen, feeds: FeedServer
) -> None:
    running = TrayOnScreen(home, screen, feeds.environment())
    try:
        running.sees("the question is shown", lambda view: view["page"] == "first-start")
        assert running.services() == {}
        in_the_way = home / "settings.toml.new"
        in_the_way.mkdir()
        screen.press("Return")
        running.sees("the choice cannot be saved", lambda view: shows(view, "The settings cannot be saved"))
        in_the_way.rmdir()
        screen.press("Return")
        running.sees("the window is open", lambda view: view["page"] == "inbox")
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
    running = TrayOnScreen(home, screen, dict(world.environment))
    shares, totals = set[float | None](), set[int]()
    bars: dict[str, set[int]] = {"": set(), "inbox": set(), "tasks": set()}

    def recorded(view: dict[str, Any]) -> dict[str, Any]:
        shares.add(view["share"])
        totals.add(running.get("/vulnerabilities").get("total", 0))
        bars[view["page"]].update(view.get("bars", []))
        return view

    try:
        running.sees("the inbox's bar moves", lambda view: bool(recorded(view)) and len(bars["inbox"]) > 3, 280)
        for _ in range(2):
            screen.press("shift+Tab")
        screen.press("space")
        running.sees("the first update is done", lambda view: recorded(view)["standing"] == "well", 280)
        assert len(bars["tasks"]) > 3
        assert len(shares) > 3
        assert max(totals) > 0
    finally:
        running.close()
        world.close()


def _shows_progress(view: dict[str, Any], page: str, amount: str) -> bool:
    """The icon's ring, its tooltip and the bar on that page, all at once, and how much of a source is read."""
    if view["share"] is None or view["page"] != page or not shows(view, amount) or len(view["bars"]) != 1:
        return False
    return _updating(view) in view["tooltip"] and abs(view["bars"][0] - 100 * view["share"]) <= 1


def _updating(view: dict[str, Any]) -> str:
    return f"Updating: {round(100 * view['share'])} %"


def _mitre_takes_long(home: Path) -> None:
    """Note that reading MITRE's records was nearly all of the last updates, so that its pages move the ring."""
    with closing(Database(f"sqlite:///{home / 'openthreat.db'}")) as database, database.transaction() as connection:
        write_durations(connection, {Part(Stage.READ, Source.MITRE): 100.0})


def _grow(feeds: FeedServer) -> None:
    """By four pages of records."""
    for number in range(4 * PAGE):
        feed_mitre.change(feeds.world, f"CVE-2024-{50_000 + number}", feeds.world.at)
