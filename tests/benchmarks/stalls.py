"""Measure stalls of the GUI thread: `python -m tests.benchmarks stalls [--records 300000] [--minutes 5]`.

The program itself runs as `openthreat tray` does, offscreen, over a database of that many made-up records, while an
update from recorded feeds and then another process write into it. A script types, scrolls, sorts, reads and changes
pages; a timer of a few milliseconds records its delays, and the action at that moment.

Other load on the machine delays the timer as well; "ours" is the part that the program itself has caused.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop.ui.page_context import PageName
from desktop.ui.pages.vulnerabilities import VulnerabilitiesPage
from desktop.ui.window.main_window import MainWindow

MINUTES = 5.0
BEAT_MS = 5
LONG_MS = 50.0
"""Delay in milliseconds that a user notices."""
HEAD_OURS = f"{'ours, worst':>12}{'above 50':>10}{'GUI, worst':>12}"
LOOK_S = 0.2
SETTLING_S = 8.0
TEXTS = ("cve-2024", "remote code", "linux kernel overflow", "vulnerability", "kalomi", "a", "sql injection", "zzzz")
Step = tuple[str, int]
"""The started action, and the milliseconds until the next step."""


@dataclass(frozen=True)
class Beat:
    """Milliseconds. ours: how much of it the program's own threads used the processor, gui: the GUI thread alone; the
    rest was others'.
    """

    late: float
    ours: float
    gui: float


def row(name: str, beats: Sequence[Beat]) -> str:
    late = [beat.late for beat in beats]
    hundredths = statistics.quantiles(late, n=100) if len(late) > 1 else late * 99
    above, ours = (sum(ms > LONG_MS for ms in each) for each in (late, [beat.ours for beat in beats]))
    figures = f"{len(beats):8}{hundredths[49]:8.1f}{hundredths[98]:8.1f}{max(late):8.1f}{above:10}"
    own = f"{max(beat.ours for beat in beats):12.1f}{ours:10}{max(beat.gui for beat in beats):12.1f}"
    return f"{name:28}{figures}{own}"


class Heartbeat(QObject):
    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.doing = "coming up"
        self.beats: defaultdict[str, list[Beat]] = defaultdict(list)
        self._last, self._used, self._worked = time.perf_counter(), time.process_time(), time.thread_time()
        self._timer = QTimer(self, interval=BEAT_MS)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start()

    def report(self) -> None:
        print(f"{'milliseconds late':28}{'beats':>8}{'p50':>8}{'p99':>8}{'worst':>8}{'above 50':>10}{HEAD_OURS}")
        print(row("all", [beat for beats in self.beats.values() for beat in beats]))
        for name, beats in sorted(self.beats.items()):
            print(row(name, beats), flush=True)

    def _beat(self) -> None:
        now, used, worked = time.perf_counter(), time.process_time(), time.thread_time()
        late = max((now - self._last) * 1000 - BEAT_MS, 0.0)
        ours, gui = (min(late, seconds * 1000) for seconds in (used - self._used, worked - self._worked))
        self.beats[self.doing].append(Beat(late, ours, gui))
        self._last, self._used, self._worked = now, used, worked


class Script(QObject):
    """A user who operates the windows without a pause until the time is over."""

    def __init__(self, window: MainWindow, seconds: float) -> None:
        super().__init__(window)
        self._window, self._chance = window, random.Random(5)
        self._heartbeat = Heartbeat(self)
        self._until = time.monotonic() + seconds
        self._steps = self._use()
        QTimer.singleShot(0, self, self._go_on)

    def _go_on(self) -> None:
        if time.monotonic() > self._until:
            self._heartbeat.report()
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


class Watch(QObject):
    """Waits in the GUI thread until the window exists and nothing is loading."""

    def __init__(self, seconds: float, begin_writing: Callable[[], None]) -> None:
        super().__init__()
        self._seconds, self._begin_writing = seconds, begin_writing
        self._timer = QTimer(self, interval=round(LOOK_S * 1000))
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def _look(self) -> None:
        window = next((widget for widget in QApplication.topLevelWidgets() if isinstance(widget, MainWindow)), None)
        if window is not None and window.isVisible():
            self._timer.stop()
            QTimer.singleShot(round(SETTLING_S * 1000), window, lambda: self._begin(window))

    def _begin(self, window: MainWindow) -> None:
        self._begin_writing()
        Script(window, self._seconds)


@contextmanager
def busy_world(folder: Path, records: int, feeds: Path) -> Iterator[Callable[[], None]]:
    """Puts what names it into the environment. Gives what lets it begin to write."""
    command = [sys.executable, "-m", "tests.benchmarks.busy_world", str(folder)]
    command += ["--records", str(records), "--feeds", str(feeds)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as world:
        assert world.stdin is not None
        assert world.stdout is not None
        os.environ |= json.loads(world.stdout.readline()) | {"QT_QPA_PLATFORM": "offscreen"}
        begin = partial(print, file=world.stdin, flush=True)
        try:
            yield begin
        finally:
            world.stdin.close()
            print(world.stdout.read().strip(), flush=True)


def _drive(seconds: float, begin_writing: Callable[[], None]) -> None:
    """Run in a separate thread, because the program itself creates the application."""
    while (application := QApplication.instance()) is None:
        time.sleep(LOOK_S)
    QTimer.singleShot(0, application, lambda: setattr(application, "watch", Watch(seconds, begin_writing)))


def report(records: int, minutes: float, feeds: Path, folder: Path | None = None) -> None:
    """Run the measurement. A `folder` can be used again, which saves filling the database."""
    from desktop.composition import tray

    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as otherwise,
        busy_world(folder or Path(otherwise), records, feeds) as begin_writing,
    ):
        threading.Thread(target=_drive, args=(minutes * 60, begin_writing), daemon=True).start()
        tray.run(hidden=False, replace=False)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--records", type=int, default=300_000)
    parser.add_argument("--minutes", type=float, default=MINUTES)
    parser.add_argument("--feeds", type=Path, required=True)
    parser.add_argument("--folder", type=Path, help="to be reused the next time")
    given = parser.parse_args(arguments)
    report(given.records, given.minutes, given.feeds, given.folder)


if __name__ == "__main__":
    main()
