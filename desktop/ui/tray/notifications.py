"""Watches the view for what people should be told of, and shows it as notifications, one after another.

What a notification says: a title of a few words, and one or two lines below it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QSystemTrayIcon

from backend.contract.formatting import sentences
from backend.contract.names import TaskName
from backend.contract.tasks import TaskRun
from backend.contract.vulnerabilities import VulnerabilityPage
from desktop.notifications.memory import Notification, NotificationKind, NotificationMemory
from desktop.notifications.notifications import UPDATE, NotificationChange, exploited_now, notifications_between
from desktop.state.app_state import AppState
from desktop.ui.formatting import number, one_line, translate
from desktop.ui.page_context import PageContext, PageName

_IDS_SHOWN = 3
_LOOKALIKES = str.maketrans(
    {"<": "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}", ">": "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}"}
)
_LONGEST = 240  # Windows cuts a notification's text off after 255 characters


@dataclass(frozen=True)
class Words:
    title: str
    text: str


def words_of(alert: Notification) -> Words:
    """A reason that is too long is cut off; how often it happened is not."""
    again = _again(alert)
    reason = one_line(_reason(alert), _LONGEST - len(again))
    return Words(_harmless(_title(alert)), _harmless(" ".join(part for part in (reason, again) if part)))


def _harmless(text: str) -> str:
    """Qt's balloon and some services take what looks like HTML for it; others would show what is escaped."""
    return text.translate(_LOOKALIKES)


def task_title(task: str) -> str:
    return {
        UPDATE: translate("alert", "The update"),
        TaskName.CLEAN_CACHE: translate("alert", "The clean-up"),
        TaskName.UPDATE_STATS: translate("alert", "Computing the statistics"),
        TaskName.TEST: translate("alert", "The test run"),
    }.get(task, task)


def _title(alert: Notification) -> str:
    if alert.kind is NotificationKind.SERVICE_GAVE_UP and alert.problem:
        return one_line(alert.problem.title)  # not all that give up keep failing: a port may be taken
    return {
        NotificationKind.RUN_FAILED: translate("alert", "{0} failed"),
        NotificationKind.RUN_RECOVERED: translate("alert", "{0} works again"),
        NotificationKind.SOURCES_FAILED: translate("alert", "{0} could not be updated"),
        NotificationKind.SOURCES_RECOVERED: translate("alert", "{0} is up to date again"),
        NotificationKind.SERVICE_GAVE_UP: translate("alert", "{0} keeps failing"),
        NotificationKind.SERVICE_RECOVERED: translate("alert", "{0} runs again"),
        NotificationKind.EXPLOITED: translate("alert", "Exploited now: {0}"),
        NotificationKind.SUCCEEDED: translate("alert", "{0} is done"),
        NotificationKind.RELEASE: translate("alert", "OpenThreat {0} is out"),
        NotificationKind.SUMMARY: translate("alert", "While it was quiet"),
    }[alert.kind].format(_subject(alert))


def _subject(alert: Notification) -> str:
    match alert.kind:
        case NotificationKind.SOURCES_FAILED | NotificationKind.SOURCES_RECOVERED:
            return ", ".join(item.upper() for item in alert.items)
        case NotificationKind.EXPLOITED:
            return _listed(alert.items)
        case NotificationKind.SERVICE_GAVE_UP | NotificationKind.SERVICE_RECOVERED | NotificationKind.RELEASE:
            return alert.subject
    return task_title(alert.subject)


def _reason(alert: Notification) -> str:
    if alert.kind is NotificationKind.SUMMARY:
        return " · ".join(_title(part) for part in alert.parts)
    if alert.kind is NotificationKind.EXPLOITED:
        return translate("alert", "CISA says that attackers use it. You watch its vendor.")
    if alert.kind is NotificationKind.RELEASE:
        return translate("alert", "Nothing is installed by itself. The settings lead to its page.")
    if alert.kind is NotificationKind.SOURCES_FAILED and len(alert.items) > 1:
        return translate("alert", "What the other sources gave is there.")
    if alert.problem is None:
        return ""
    if alert.kind is NotificationKind.SERVICE_GAVE_UP:
        return sentences(alert.problem.message, alert.problem.hint)
    return sentences(str(alert.problem))


def _again(alert: Notification) -> str:
    if alert.count < 2 or alert.kind not in (
        NotificationKind.RUN_FAILED,
        NotificationKind.SERVICE_GAVE_UP,
        NotificationKind.SUCCEEDED,
    ):
        return ""
    return translate("alert", "{0} times since it was last told.").format(number(alert.count))


def _listed(ids: tuple[str, ...]) -> str:
    shown, more = ", ".join(ids[:_IDS_SHOWN]), len(ids) - _IDS_SHOWN
    return translate("alert", "{0} and {1} more").format(shown, number(more)) if more > 0 else shown


_APART_MS = 6_000  # a notification that comes sooner would hide the one before
_LOOK_MS = 60_000
_PAGE_SIZE = 500
_KEPT = 20
_BAD = (NotificationKind.RUN_FAILED, NotificationKind.SOURCES_FAILED, NotificationKind.SERVICE_GAVE_UP)
_PAGES: Mapping[NotificationKind, PageName] = {
    NotificationKind.RUN_FAILED: PageName.TASKS,
    NotificationKind.RUN_RECOVERED: PageName.TASKS,
    NotificationKind.SUCCEEDED: PageName.TASKS,
    NotificationKind.SOURCES_FAILED: PageName.TASKS,
    NotificationKind.SOURCES_RECOVERED: PageName.TASKS,
    NotificationKind.SERVICE_GAVE_UP: PageName.SERVICES,
    NotificationKind.SERVICE_RECOVERED: PageName.SERVICES,
    NotificationKind.EXPLOITED: PageName.VULNERABILITIES,
    NotificationKind.RELEASE: PageName.SETTINGS,
    NotificationKind.SUMMARY: PageName.OVERVIEW,
}


class Notifier(QObject):
    """keep: writes the memory down; may wait. now: the user's own clock."""

    clicked = Signal()
    """On a notification that speaks of nothing in particular."""

    def __init__(
        self,
        context: PageContext,
        icon: QSystemTrayIcon,
        memory: NotificationMemory,
        keep: Callable[[NotificationMemory], None],
        now: Callable[[], datetime],
        apart_ms: int = _APART_MS,
    ) -> None:
        super().__init__(icon)
        self._context, self._icon, self._memory, self._keep, self._now = context, icon, memory, keep, now
        self._seen = context.state
        self._waiting: deque[Notification] = deque()
        self._shown: Notification | None = None
        self.shown: deque[Words] = deque(maxlen=_KEPT)  # the latest notifications
        self._pause = QTimer(self, singleShot=True, interval=apart_ms)
        self._pause.timeout.connect(self._next)
        self._look = QTimer(self, interval=_LOOK_MS)
        self._look.timeout.connect(lambda: self._judge(self._context.state))
        self._look.start()
        context.changed.connect(self._judge)
        icon.messageClicked.connect(self._clicked)

    def say(self, title: str, text: str) -> None:
        """At once: somebody has just done something, and this is the answer to it."""
        self._shown = None
        self._show(Words(title, text), QSystemTrayIcon.MessageIcon.Information)

    def _judge(self, state: AppState) -> None:
        verdict = notifications_between(self._seen, state, self._memory, self._now())
        self._seen = state
        self._heed(verdict)
        if verdict.updated is not None:
            self._ask_what_is_exploited(verdict.updated)

    def _heed(self, verdict: NotificationChange) -> None:
        if verdict.memory != self._memory:
            self._memory = verdict.memory
            self._context.work(lambda: self._keep(verdict.memory), _nothing, _nothing, owner=self)
        self._waiting.extend(verdict.alerts)
        if not self._pause.isActive():
            self._next()

    def _ask_what_is_exploited(self, run: TaskRun) -> None:
        """The first time there is nothing to compare with: then only the moment is remembered."""
        since, until = self._memory.exploited_until, run.finished_at or run.queued_at
        if since is None or not self._context.state.settings.watched_vendors:
            self._heed(exploited_now((), until, self._context.state.settings, self._memory, self._now()))
            return
        filters: dict[str, str | int] = {"exploited_after": since.isoformat(), "page_size": _PAGE_SIZE}

        def found(page: VulnerabilityPage) -> None:
            self._heed(exploited_now(page.items, until, self._context.state.settings, self._memory, self._now()))

        self._context.ask(lambda client: client.vulnerabilities(filters), found, _nothing, owner=self)

    def _next(self) -> None:
        if self._waiting:
            self._shown = self._waiting.popleft()
            icons = QSystemTrayIcon.MessageIcon
            self._show(words_of(self._shown), icons.Warning if self._shown.kind in _BAD else icons.Information)
            self._pause.start()

    def _show(self, words: Words, icon: QSystemTrayIcon.MessageIcon) -> None:
        self.shown.append(words)
        self._icon.showMessage(words.title, words.text, icon)

    def _clicked(self) -> None:
        if self._shown is None:
            self.clicked.emit()
        else:
            self._context.open(_PAGES[self._shown.kind], self._shown.key)


def _nothing(_: object) -> None:
    """Neither its success nor its failure is worth a word; it is tried again next time."""
