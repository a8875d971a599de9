"""One story on a virtual screen: from the first start to a vulnerability of an installed program that is updated away.

Each scene is a picture; all of them are put side by side in `story.png`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage, QPainter

from backend.client.inventory.machine_id import own_machine_id
from tests.fakes import feed_cisa, feed_nvd
from tests.fakes.feed_server import FeedServer
from tests.servers import wait_until
from tests.system.running import Up
from tests.system.screen import Screen
from tests.system.test_tray_on_screen import Desktop
from tests.system.tray import UPDATE_S, says

pytestmark = [pytest.mark.skipif(sys.platform == "win32", reason="a virtual screen needs an X server")]
FLAW = "CVE-2024-61000"
ROCKET = "cpe:2.3:a:acmesoft:rocket:*:*:*:*:*:*:*:*"
MEDIUM = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:N/A:N"
WIDTH = 640  # pixels of a scene


class Story(Desktop):
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
        entry = {"name": "Acmesoft Rocket", "publisher": "Acmesoft", "version": version}
        file = self.home / "installed.json"
        file.write_text(json.dumps({"software": [entry]}), encoding="utf-8")
        command = Up.command("inventory", "import", str(file), "--machine", own_machine_id(self.home))
        subprocess.run(command, env=self.environment, check=True, timeout=60)
        wait_until(lambda: self._is_matched(version), f"version {version} is matched")

    def a_week_later(self) -> None:
        """The flaw becomes known as exploited."""
        self.feeds.world.at += timedelta(days=7)
        day = f"{self.feeds.world.at:%Y-%m-%d}"
        due = f"{self.feeds.world.at + timedelta(days=21):%Y-%m-%d}"
        named = {"vendorProject": "Acmesoft", "product": "Rocket"}
        self.feeds.world.kev.append(feed_cisa.entry(FLAW, dateAdded=day, dueDate=due, **named))

    def findings(self, **filters: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.asked("/findings", cve_id=FLAW, **filters).get("items", [])
        return found

    def _is_matched(self, version: str) -> bool:
        software = self.asked(f"/machines/{own_machine_id(self.home)}").get("software", [])
        return [item["matched"] for item in software if item["software"]["version"] == version] == [True]


@pytest.fixture
def story(home: Path) -> Iterator[Story]:
    screen = Screen()
    with FeedServer() as feeds:
        match = {"vulnerable": True, "criteria": ROCKET, "versionEndExcluding": "2.0"}
        feed_nvd.change(
            feeds.world,
            FLAW,
            feeds.world.at,
            configurations=[{"nodes": [{"operator": "OR", "negate": False, "cpeMatch": [match]}]}],
            metrics={"cvssMetricV31": [feed_nvd.cvss(score=5.3, vector=MEDIUM)]},
        )
        running = Story(home, screen, feeds)
        yield running
        running.close()
    screen.close()


def test_what_is_exploited_here_is_told_acknowledged_and_updated_away(story: Story) -> None:
    screen = story.screen
    story.sees("the first start asks", lambda seen: seen["page"] == "first-start")
    wait_until(story.is_drawn, "the first window is drawn")
    story.scene("first-start")
    screen.press("Return")
    story.sees("the Inbox is open", lambda seen: seen["page"] == "inbox")
    wait_until(lambda: bool(story.asked("/vulnerabilities", exploited="true").get("total")), "the exploited ones")
    story.updated(1)
    story.sees("it is notified", lambda seen: "The first update is done" in seen["notifications"])
    story.install("1.0")
    screen.press("ctrl+2")
    seen = story.sees("this PC", lambda seen: seen["page"] == "this_pc" and says(seen, "Update to 2.0"))
    assert seen["standing"] == "well", "nothing of it is exploited"
    story.scene("this-pc")
    screen.press("alt+F4")
    story.sees("the window is closed", lambda seen: seen["page"] == "")
    wait_until(lambda: not screen.has_notification(), "no balloon stands before the icon", 60)
    story.a_week_later()
    story.chooses("Update now")
    story.sees("attention", lambda seen: seen["standing"] == "attention", UPDATE_S)
    story.sees("it is notified", lambda seen: "Acmesoft Rocket 1.0 on this PC" in seen["notifications"])
    story.scene("notification")
    wait_until(lambda: not screen.has_notification(), "no balloon stands before the icon", 60)
    screen.click_icon()
    story.sees("the event", lambda seen: seen["page"] == "inbox" and says(seen, "is being exploited"))
    story.scene("inbox")
    assert "1 exploited on this PC" in story.open_menu()
    story.scene("menu")
    screen.press("Escape")
    story.sees("the menu is closed", lambda seen: not seen["menu"])
    wait_until(screen.has_focus, "the window has the focus")
    screen.press("e")
    story.sees("well again", lambda seen: seen["standing"] == "well")
    assert [finding["state"] for finding in story.findings()] == ["acknowledged"]
    story.scene("acknowledged")
    story.install("2.0")
    wait_until(lambda: [one["state"] for one in story.findings(state="resolved")] == ["resolved"], "it is resolved")
    screen.press("ctrl+2")
    story.sees("nothing to update", lambda seen: seen["page"] == "this_pc" and not says(seen, "Update to"))
    story.scene("updated")
    print(story.row())
