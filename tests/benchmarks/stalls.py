"""How long the GUI thread is held up: `python -m tests.benchmarks stalls [--records 300000] [--minutes 5]`.

The program itself runs as `openthreat tray` does, offscreen, over a database of that many made-up records, while
updates from recorded feeds write into it. A script types, scrolls, sorts, reads and changes pages; a timer that should
fire every few milliseconds tells by how much it came late, and what was being done then.

The machine must not be busy otherwise: a process that does not get a processor is late as well.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from backend.contract.names import TaskName
from backend.store.engine import Database
from desktop.api_client.client import ApiClient
from desktop.api_client.faults import ApiError
from desktop.ui.desk import PageName
from desktop.ui.pages.vulnerabilities import VulnerabilitiesPage
from desktop.ui.window.main_window import MainWindow
from tests.benchmarks import search
from tests.benchmarks.ingest import FEEDS
from tests.benchmarks.world import Edition, FileServer, FileWorld
from tests.servers import free_port, wait_until

MINUTES = 5.0
BEAT_MS = 5
LONG_MS = 50.0
"""What a person begins to feel."""
WRITTEN_SHARE = 5
"""The updates write one in so many of the records that are there."""
SETTLING_S = 8.0
UPDATE_AGAIN_S = 5.0
TEXTS = ("cve-2024", "remote code", "linux kernel overflow", "vulnerability", "kalomi", "a", "sql injection", "zzzz")
Step = tuple[str, int]
"""What was just begun, and after how many milliseconds the next step follows."""


@dataclass
class Lateness:
    """Milliseconds by which each beat was late, by what was being done."""

    beats: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def lines(self) -> Iterator[str]:
        every = [late for beats in self.beats.values() for late in beats]
        yield f"{'milliseconds late':28}{'beats':>8}{'p50':>8}{'p99':>8}{'worst':>8}{'above 50':>10}"
        for name, beats in (("all", every), *sorted(self.beats.items())):
            hundredths = statistics.quantiles(beats, n=100) if len(beats) > 1 else beats * 99
            above = sum(late > LONG_MS for late in beats)
            yield f"{name:28}{len(beats):8}{hundredths[49]:8.1f}{hundredths[98]:8.1f}{max(beats):8.1f}{above:10}"


class Heartbeat(QObject):
    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.doing, self.lateness = "coming up", Lateness()
        self._last = time.perf_counter()
        self._timer = QTimer(self, interval=BEAT_MS)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start()

    def _beat(self) -> None:
        now = time.perf_counter()
        late = (now - self._last) * 1000 - BEAT_MS
        self._last = now
        self.lateness.beats[self.doing].append(max(late, 0.0))


class Script(QObject):
    """Somebody who uses the windows without a pause, until the time is up."""

    def __init__(self, window: MainWindow, seconds: float) -> None:
        super().__init__(window)
        self._window, self._chance = window, random.Random(5)
        self._heartbeat = Heartbeat(self)
        self._until = time.monotonic() + seconds
        self._steps = self._use()
        QTimer.singleShot(0, self, self._go_on)

    def _go_on(self) -> None:
        if time.monotonic() > self._until:
            print("\n".join(self._heartbeat.lateness.lines()), flush=True)
            QApplication.quit()
            return
        self._heartbeat.doing, pause = next(self._steps)
        QTimer.singleShot(pause, self, self._go_on)

    def _use(self) -> Iterator[Step]:
        yield from self._change_page(PageName.VULNERABILITIES)
        page = self._window.page
        assert isinstance(page, VulnerabilitiesPage)
        while True:
            for text in TEXTS:
                yield from self._type(page, text)
                yield from self._read(page, 4)
                yield from self._scroll(page, 12)
            yield from self._type(page, "")
            for column in range(7):
                yield from self._sort(page, column)
                yield from self._jump(page)
                yield from self._read(page, 2)
            for name in PageName:
                yield from self._change_page(name)
            yield from self._change_page(PageName.VULNERABILITIES)

    def _change_page(self, name: PageName) -> Iterator[Step]:
        yield f"changing to {name}", 20
        self._window.show_page(name)
        yield f"changing to {name}", 600

    def _type(self, page: VulnerabilitiesPage, text: str) -> Iterator[Step]:
        page.bar.field.setFocus()
        page.bar.field.selectAll()
        QTest.keyClick(page.bar.field, Qt.Key.Key_Delete)
        for letter in text:
            QTest.keyClicks(page.bar.field, letter)
            yield "typing", self._chance.randint(60, 220)
        yield "typing", 700

    def _scroll(self, page: VulnerabilitiesPage, steps: int) -> Iterator[Step]:
        bar = page.list.verticalScrollBar()
        for _ in range(steps):
            bar.setValue(bar.value() + self._chance.randint(20, 400))
            yield "scrolling", 40

    def _jump(self, page: VulnerabilitiesPage) -> Iterator[Step]:
        bar = page.list.verticalScrollBar()
        for share in (1.0, 0.5, self._chance.random()):
            bar.setValue(round(bar.maximum() * share))
            yield "jumping", 300

    def _sort(self, page: VulnerabilitiesPage, column: int) -> Iterator[Step]:
        header = page.list.horizontalHeader()
        header.setSortIndicator(column, self._chance.choice(list(Qt.SortOrder)))
        yield "sorting", 500

    def _read(self, page: VulnerabilitiesPage, records: int) -> Iterator[Step]:
        page.list.setFocus()
        for _ in range(records):
            QTest.keyClick(page.list, Qt.Key.Key_Down)
            yield "reading", 250
        for tab in range(page.pane.tabs.count()):
            page.pane.tabs.setCurrentIndex(tab)
            yield "reading", 80


class Updates(threading.Thread):
    """Asks for one update after the other, as nobody would, so that there is always one that writes."""

    def __init__(self, port: int) -> None:
        super().__init__(name="updates", daemon=True)
        self._client = ApiClient(f"http://127.0.0.1:{port}")

    def run(self) -> None:
        while True:
            with suppress(ApiError):
                self._client.request_run(TaskName.UPDATE)
            time.sleep(UPDATE_AGAIN_S)


class Watch(QObject):
    """In the GUI thread: waits for the window to be there and everything to have settled."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds
        self._timer = QTimer(self, interval=200)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def _look(self) -> None:
        window = next((one for one in QApplication.topLevelWidgets() if isinstance(one, MainWindow)), None)
        if window is not None and window.isVisible():
            self._timer.stop()
            QTimer.singleShot(round(SETTLING_S * 1000), window, lambda: Script(window, self._seconds))


def _drive(port: int, seconds: float) -> None:
    """In a thread of its own, since only the program makes the application."""
    wait_until(lambda: QApplication.instance() is not None, "the application is there", 60)
    application = QApplication.instance()
    assert application is not None
    QTimer.singleShot(0, application, lambda: setattr(application, "watch", Watch(seconds)))
    Updates(port).start()


def report(records: int, minutes: float, feeds: Path, database: Path | None = None) -> None:
    """database: one that was filled before, to be used as it is; else one is filled."""
    from desktop.composition import tray  # reads the environment that is made here

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        home = Path(folder) / "home"
        home.mkdir()
        if database is not None:
            (home / "openthreat.db").symlink_to(database)
        else:
            _fill(home, records)
        FileWorld(Path(folder) / "world", feeds, max(records // WRITTEN_SHARE, 1), datetime.now(UTC), Edition.FIRST)
        server, port = FileServer(Path(folder) / "world"), free_port()
        os.environ |= server.environment | {"OPENTHREAT_HOME": str(home), "OPENTHREAT_API_PORT": str(port)}
        os.environ |= {"QT_QPA_PLATFORM": "offscreen", "OPENTHREAT_STACK": "embedded"}
        threading.Thread(target=_drive, args=(port, minutes * 60), daemon=True).start()
        try:
            tray.run(hidden=False, replace=False)
        finally:
            server.close()


def _fill(home: Path, records: int) -> None:
    database = Database(f"sqlite:///{home / 'openthreat.db'}")
    database.prepare()
    search.fill(database, records)
    database.close()


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--records", type=int, default=300_000)
    parser.add_argument("--minutes", type=float, default=MINUTES)
    parser.add_argument("--feeds", type=Path, default=FEEDS)
    parser.add_argument("--database", type=Path, help="an SQLite file that holds the records already")
    given = parser.parse_args(arguments)
    report(given.records, given.minutes, given.feeds, given.database)


if __name__ == "__main__":
    sys.exit(main())
