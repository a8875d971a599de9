"""One story on a virtual screen: from the first start to a vulnerability of an installed program that is updated away.

It is played twice: by mouse alone, and by keyboard alone. Each scene is a picture; all of them are put side by side in
`story.png`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage, QPainter

from backend.client.inventory.machine_id import own_machine_id
from tests.fakes import rocket
from tests.fakes.feed_server import FeedServer
from tests.servers import wait_until
from tests.system.running import Up
from tests.system.screen import Screen
from tests.system.test_tray_on_screen import TrayOnScreen
from tests.system.tray import UPDATE_S, shows

pytestmark = [pytest.mark.skipif(sys.platform == "win32", reason="a virtual screen needs an X server")]
WIDTH = 640  # pixels of a scene
MOST_TABS = 60
"""Controls of a page that Tab goes through, at most."""


class Story(TrayOnScreen):
    """The program on a screen with feeds that the story changes. Every scene is a picture."""

    def __init__(self, home: Path, screen: Screen, feeds: FeedServer) -> None:
        self.feeds, self.scenes = feeds, list[Path]()
        super().__init__(home, screen, feeds.environment())

    def scene(self, name: str) -> None:
        self.scenes.append(self.home / f"{len(self.scenes) + 1}-{name}.png")
        self.picture(self.scenes[-1])

    def is_drawn(self) -> bool:
        """Whether the middle of the screen shows a window."""
        self.picture(path := self.home / "drawn.png")
        picture = QImage(str(path))
        return picture.pixelColor(picture.rect().center()).lightness() > 0

    def row(self) -> Path:
        """All scenes side by side."""
        smooth = Qt.TransformationMode.SmoothTransformation
        scenes = [QImage(str(scene)).scaledToWidth(WIDTH, smooth) for scene in self.scenes]
        row = QImage(WIDTH * len(scenes), scenes[0].height(), QImage.Format.Format_RGB32)
        painter = QPainter(row)
        for number, scene in enumerate(scenes):
            painter.drawImage(QPoint(WIDTH * number, 0), scene)
        painter.end()
        path = self.home / "story.png"
        assert row.save(str(path))
        return path

    def install(self, version: str) -> None:
        """Let the machine have a program in a version, and wait until it is matched."""
        file = self.home / "installed.json"
        file.write_text(json.dumps({"software": [rocket.entry(version)]}), encoding="utf-8")
        command = Up.command("inventory", "import", str(file), "--machine", own_machine_id(self.home))
        subprocess.run(command, env=self.environment, check=True, timeout=60)
        wait_until(lambda: self._is_matched(version), f"version {version} is matched")

    def starts_again(self) -> None:
        """Start the program a second time, which only opens the window of the first one."""
        assert self.types("tray").wait(60) == 0
        self.sees("the window is open", lambda view: bool(view["page"]))

    def findings(self, **filters: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get("/findings", cve_id=rocket.FLAW, **filters).get("items", [])
        return found

    def _is_matched(self, version: str) -> bool:
        software = self.get(f"/machines/{own_machine_id(self.home)}").get("software", [])
        return [item["matched"] for item in software if item["software"]["version"] == version] == [True]


class Hand(Protocol):
    """How a person uses the program."""

    def start(self) -> None:
        """Go on from the first start."""

    def turn_to(self, section: str, key: str) -> None:
        """Show a section of the navigation. key: the one that its tooltip names."""

    def close_window(self) -> None: ...

    def update_now(self) -> None: ...

    def open_news(self) -> None:
        """Open the window where something is unread."""

    def look_at_menu(self) -> None:
        """See in the icon's menu what is unread."""

    def acknowledge(self) -> None:
        """Acknowledge the event that is selected."""


class Mouse:
    def __init__(self, story: Story) -> None:
        self._story = story

    def start(self) -> None:
        self._click("Start")

    def turn_to(self, section: str, key: str) -> None:
        self._click(section)

    def close_window(self) -> None:
        x, y = self._story.view()["corner"]
        self._story.screen.click_close((x, y))

    def update_now(self) -> None:
        wait_until(lambda: not self._story.screen.has_notification(), "no balloon stands before the icon", 60)
        self._story.chooses("Update now")

    def open_news(self) -> None:
        wait_until(lambda: not self._story.screen.has_notification(), "no balloon stands before the icon", 60)
        self._story.screen.click_icon()

    def look_at_menu(self) -> None:
        assert "1 exploited on this PC" in self._story.open_menu()
        self._story.scene("menu")
        self._story.screen.close_menu()  # a click beside it would also click what is there
        self._story.sees("the menu is closed", lambda view: not view["menu"])

    def acknowledge(self) -> None:
        self._click("Acknowledge")

    def _click(self, name: str) -> None:
        view = self._story.sees(f"{name!r} can be clicked", lambda view: name in view.get("places", {}))
        self._story.screen.click(view["places"][name])


class Keyboard:
    def __init__(self, story: Story) -> None:
        self._story = story

    def start(self) -> None:
        self._press("Return")

    def turn_to(self, section: str, key: str) -> None:
        self._press(key)

    def close_window(self) -> None:
        self._press("alt+F4")

    def update_now(self) -> None:
        """The icon belongs to the mouse: the program is started again, as from the Start menu."""
        self._story.starts_again()
        self._press("ctrl+1")
        self._press_button("Update now")
        self.close_window()
        self._story.sees("the window is closed", lambda view: view["page"] == "")

    def open_news(self) -> None:
        self._story.starts_again()

    def look_at_menu(self) -> None:
        """Only the system leads to the menu by keyboard, as Windows does with Win+B."""

    def acknowledge(self) -> None:
        self._press("e")

    def _press_button(self, name: str) -> None:
        """Go to a button with Tab, and press it."""
        for _ in range(MOST_TABS):
            if self._story.view().get("focus") == name:
                break
            self._press("Tab")
        else:
            raise AssertionError(f"Tab does not reach {name!r}")
        self._press("space")

    def _press(self, keys: str) -> None:
        self._story.screen.press(keys)


@pytest.fixture
def story(home: Path) -> Iterator[Story]:
    screen = Screen()
    with FeedServer() as feeds:
        rocket.add_flaw(feeds.world)
        running = Story(home, screen, feeds)
        yield running
        running.close()
    screen.close()


@pytest.fixture(params=[Mouse, Keyboard], ids=["by mouse", "by keyboard"])
def hand(request: pytest.FixtureRequest, story: Story) -> Hand:
    made: Hand = request.param(story)
    return made


def test_what_is_exploited_here_is_told_acknowledged_and_updated_away(story: Story, hand: Hand) -> None:
    story.sees("the first start is shown", lambda view: view["page"] == "first-start")
    wait_until(story.is_drawn, "the first window is drawn")
    story.scene("first-start")
    hand.start()
    story.sees("the Inbox is open", lambda view: view["page"] == "inbox")
    wait_until(lambda: bool(story.get("/vulnerabilities", exploited="true").get("total")), "the exploited ones")
    story.updated(1)
    story.sees("it is notified", lambda view: "The first update is done" in view["notifications"])
    story.install(rocket.AFFECTED)
    hand.turn_to("This PC", "ctrl+2")
    view = story.sees("this PC", lambda view: view["page"] == "this_pc" and shows(view, "Update to 2.0"))
    assert view["standing"] == "well", "nothing of it is exploited"
    story.scene("this-pc")
    hand.close_window()
    story.sees("the window is closed", lambda view: view["page"] == "")
    rocket.become_exploited(story.feeds.world)
    hand.update_now()
    story.sees("attention", lambda view: view["standing"] == "attention", UPDATE_S)
    story.sees("it is notified", lambda view: "Acmesoft Rocket 1.0 on this PC" in view["notifications"])
    story.scene("notification")
    hand.open_news()
    story.sees("the event", lambda view: view["page"] == "inbox" and shows(view, "is being exploited"))
    story.scene("inbox")
    hand.look_at_menu()
    hand.acknowledge()
    story.sees("well again", lambda view: view["standing"] == "well")
    assert [finding["state"] for finding in story.findings()] == ["acknowledged"]
    story.scene("acknowledged")
    story.install(rocket.FIXED)
    wait_until(
        lambda: [finding["state"] for finding in story.findings(state="resolved")] == ["resolved"], "it is resolved"
    )
    hand.turn_to("This PC", "ctrl+2")
    story.sees("nothing to update", lambda view: view["page"] == "this_pc" and not shows(view, "Update to"))
    story.scene("updated")
    print(story.row())
