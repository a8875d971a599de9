"""The icon and the tooltip of the tray: the overall status, the last and the next update.

The icon has one shape for each status, in colours for a light or a dark panel. On Windows the panel may be dark while
the windows are light.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache

from PySide6.QtCore import QByteArray, QRectF, QSettings, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPen, QPixmap
from PySide6.QtSvg import QSvgRenderer

from backend.contract.names import UPDATE_TASKS, RunState
from desktop.assets import asset
from desktop.problems.overall_status import Kind, OverallStatus
from desktop.state.app_state import AppState, last_update
from desktop.ui.formatting import ago, one_line, percent, translate, until
from desktop.ui.theme.tokens import DARK, LIGHT
from desktop.ui.widgets.pause import pause_words
from desktop.ui.widgets.problem_texts import problem_title

_LONGEST = 120  # Windows cuts a tooltip off after 127 characters


def status_line(status: OverallStatus) -> str:
    """Return the overall status in one line, the first of menu and tooltip."""
    if status.kind is Kind.UPDATING:
        return updating(status.share)
    if status.problem is not None:
        return one_line(problem_title(status.problem), 80)
    if status.kind is Kind.ATTENTION:
        return exploited_line(status.unread.unread_exploited)
    return translate("tray", "Starting…") if status.kind is Kind.STARTING else translate("tray", "All is well")


def updating(share: float | None) -> str:
    if share is None:
        return translate("tray", "Updating…")
    return translate("tray", "Updating: {0}").format(percent(share))


def exploited_line(count: int) -> str:
    """Give "2 exploited for you"; empty for none."""
    return translate("tray", "%Ln exploited for you", "", count) if count else ""


def tooltip(state: AppState, status: OverallStatus, now: datetime) -> str:
    news = exploited_line(status.unread.unread_exploited)
    first, *others = dict.fromkeys(filter(None, (news, status_line(status))))
    lines = [translate("tray", "OpenThreat: {0}").format(first), *others, _last(state, now), _next(state, now)]
    return "\n".join(line for line in lines if line)[:_LONGEST]


def pause_line(state: AppState, now: datetime) -> str:
    """Return a line on the pause of the schedule; empty while it is not paused."""
    pause = state.snapshot.pause if state.snapshot else None
    if pause is None or not pause.paused:
        return ""
    return translate("tray", "Schedule: {0}").format(pause_words(pause, now))


def _last(state: AppState, now: datetime) -> str:
    run = last_update(state)
    if run is None or run.finished_at is None:
        return ""
    words = {
        RunState.SUCCESS: translate("tray", "Last update {0}"),
        RunState.FAILURE: translate("tray", "Last update failed {0}"),
    }.get(run.status, translate("tray", "Last update cancelled {0}"))
    return words.format(ago(run.finished_at, now))


def _next(state: AppState, now: datetime) -> str:
    if paused := pause_line(state, now):
        return paused
    if state.snapshot and not state.has_scheduler:
        return translate("tray", "Automatic updates are off")
    entries = state.snapshot.schedule if state.snapshot else ()
    times = [
        entry.next_run_at for entry in entries if entry.enabled and entry.task in UPDATE_TASKS and entry.next_run_at
    ]
    return translate("tray", "Next update {0}").format(until(min(times), now)) if times else ""


_SIZES = (16, 20, 22, 24, 32, 48, 64)
_GRID = 16.0
_RING = QRectF(1.4, 1.4, 13.2, 13.2)
_RING_WIDTH = 1.8
_STEPS = 24  # of the progress ring; each step is a cached icon
_TOP, _WHOLE_TURN = 90 * 16, 360 * 16  # in sixteenths of a degree, counterclockwise, as Qt counts
_ON_DARK = {
    LIGHT.accent: DARK.accent,
    "#FFFFFF": DARK.on_accent,
    "#A84E00": "#FFB689",
    "#C4122F": "#FF8A97",
    "#4F5862": "#C0C7D0",
}
"""Maps the colours of the SVG files, which are for a light panel, to those for a dark one."""


def logo() -> QIcon:
    return QIcon(str(asset("icons/logo.svg")))


def tray_icon(kind: Kind, *, dark: bool, share: float | None = None) -> QIcon:
    """Return the icon of a status. dark: for a dark panel. share: progress of an update, 0-1."""
    return _drawn(kind, dark, None if share is None else round(share * _STEPS))


@cache
def _drawn(kind: Kind, dark: bool, steps: int | None) -> QIcon:
    icon, renderer = QIcon(), QSvgRenderer(QByteArray(_inked(kind, dark=dark).encode()))
    for size in _SIZES:
        icon.addPixmap(_pixmap(renderer, size, steps if kind is Kind.UPDATING else None, dark=dark))
    return icon


def _inked(kind: Kind, *, dark: bool) -> str:
    drawn = asset(f"icons/tray-{kind}.svg").read_text(encoding="utf-8")
    for light, other in _ON_DARK.items() if dark else ():
        drawn = drawn.replace(light, other)
    return drawn


def _pixmap(renderer: QSvgRenderer, size: int, steps: int | None, *, dark: bool) -> QPixmap:
    pixmap = QPixmap(QSize(size, size))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter)
    if steps is not None:
        painter.scale(size / _GRID, size / _GRID)
        painter.setPen(QPen(QColor((DARK if dark else LIGHT).accent), _RING_WIDTH, c=Qt.PenCapStyle.FlatCap))
        painter.drawArc(_RING, _TOP, -_WHOLE_TURN * steps // _STEPS)
    painter.end()
    return pixmap


_PERSONALIZE = r"HKEY_CURRENT_USER\Software\Microsoft\Windows\CurrentVersion\Themes\Personalize"


def panel_is_dark() -> bool:
    """Whether the panel is dark. On Linux it is taken for dark unless the desktop's colour scheme is light."""
    if QGuiApplication.platformName() == "windows":
        return not QSettings(_PERSONALIZE, QSettings.Format.NativeFormat).value("SystemUsesLightTheme", 0, int)
    return QGuiApplication.styleHints().colorScheme() is not Qt.ColorScheme.Light
