"""Pictures of windows and pages, as they look with the data that they are given."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QElapsedTimer, QEventLoop, QSize
from PySide6.QtWidgets import QWidget

WINDOW = QSize(1180, 780)
_TURN_MS = 50
_QUIET_MS = 400


def picture(widget: QWidget, path: Path, *, size: QSize = WINDOW, settled: Callable[[], bool] | None = None) -> None:
    """Shows the widget, waits for what it asks for, and writes it as PNG.

    settled: whether there is nothing more to wait for; without it a moment has to do. At twice the size of pixels where
    the screen has them. Raises OSError where the file cannot be written.
    """
    widget.resize(size)
    widget.show()
    wait(settled)
    path.parent.mkdir(parents=True, exist_ok=True)
    if not widget.grab().save(str(path), "PNG"):
        raise OSError(f"{path} cannot be written")


def wait(settled: Callable[[], bool] | None = None, longest_ms: int = 15_000) -> None:
    """Lets the windows work until they have settled, and a moment more."""
    clock, quiet = QElapsedTimer(), QElapsedTimer()
    clock.start()
    quiet.start()
    while clock.elapsed() < longest_ms and quiet.elapsed() < _QUIET_MS:
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, _TURN_MS)
        if settled is not None and not settled():
            quiet.restart()
