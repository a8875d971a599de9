"""Shows the notifications that desktop.notifications decides on: their texts, and the queue in which they appear."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QSystemTrayIcon

from backend.contract.formatting import sentences
from backend.contract.problems import Problem
from backend.contract.tasks import TaskRun
from backend.contract.vulnerabilities import VulnerabilityPage
from desktop.notifications.memory import Notification, NotificationKind, NotificationMemory
from desktop.notifications.notifications import NotificationChange, exploited_now, notifications_of
from desktop.state.app_state import AppState
from desktop.ui.formatting import number, one_line, translate
from desktop.ui.page_context import PageContext, PageName
from desktop.ui.widgets.problem_texts import (
    problem_hint,
    problem_message,
    problem_page,
    problem_title,
    resolved_title,
)

_SHOWN = 3
_LOOKALIKES = str.maketrans(
    {"<": "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}", ">": "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}"}
)
_LONGEST = 240  # Windows cuts a notification's text off after 255 characters


@dataclass(frozen=True)
class Words:
    title: str
    text: str


def words_of(notification: Notification) -> Words:
    """Return title and text. What to do comes first, and a long reason is cut: the number of occurrences stays."""
    again = _again(notification)
    reason = one_line(_reason(notification), _LONGEST - len(again))
    return Words(_harmless(one_line(_title(notification))), _harmless(" ".join(filter(None, (reason, again)))))


def _harmless(text: str) -> str:
    """Replace angle brackets: some notification services render HTML, others would show escapes literally."""
    return text.translate(_LOOKALIKES)


def _title(notification: Notification) -> str:
    match notification:
        case Notification(kind=NotificationKind.PROBLEM, problem=Problem() as found):
            return problem_title(found)
        case Notification(kind=NotificationKind.RESOLVED, problem=Problem() as gone):
            return resolved_title(gone)
        case Notification(kind=NotificationKind.EXPLOITED):
            return _exploited_title(notification)
        case Notification(kind=NotificationKind.RELEASE):
            return translate("notification", "OpenThreat {0} is available").format(notification.subject)
        case Notification(kind=NotificationKind.SUCCEEDED):
            return translate("notification", "Update completed")
    return translate("notification", "During quiet hours")


def _reason(notification: Notification) -> str:
    match notification:
        case Notification(kind=NotificationKind.SUMMARY):
            return " · ".join(_title(part) for part in notification.parts)
        case Notification(kind=NotificationKind.EXPLOITED):
            what_to_do = translate("notification", "Open it to see which versions are fixed, and update.")
            return f"{what_to_do} {_listed(notification.items)}"
        case Notification(kind=NotificationKind.RELEASE):
            return translate(
                "notification", "It is not installed automatically. The download page is linked in Settings."
            )
        case Notification(kind=NotificationKind.PROBLEM, problem=Problem() as found):
            return sentences(problem_hint(found), problem_message(found))
    return ""


def _exploited_title(notification: Notification) -> str:
    """Give "Apache Tomcat: a vulnerability is being exploited"; names ids where no record names a product."""
    if not notification.products:
        return translate("notification", "Exploited now: {0}").format(_listed(notification.items))
    count = len(notification.items)
    said = translate("notification", "%Ln vulnerabilit(y|ies) (is|are) being exploited", "", count)
    return f"{_listed(notification.products)}: {said}"


def _again(notification: Notification) -> str:
    if notification.count < 2 or notification.kind not in (NotificationKind.PROBLEM, NotificationKind.SUCCEEDED):
        return ""
    return translate("notification", "{0} times since the last notification.").format(number(notification.count))


def _listed(names: tuple[str, ...]) -> str:
    shown, more = ", ".join(names[:_SHOWN]), len(names) - _SHOWN
    return translate("notification", "{0} and {1} more").format(shown, number(more)) if more > 0 else shown


_APART_MS = 6_000  # a notification that comes sooner would hide the one before
_LOOK_MS = 60_000
_PAGE_SIZE = 500
_KEPT = 20
_PAGES: Mapping[NotificationKind, PageName] = {
    NotificationKind.SUCCEEDED: PageName.TASKS,
    NotificationKind.EXPLOITED: PageName.VULNERABILITIES,
    NotificationKind.RELEASE: PageName.SETTINGS,
    NotificationKind.SUMMARY: PageName.OVERVIEW,
}


def _page(notification: Notification) -> PageName:
    """Return the page that a click opens."""
    return problem_page(notification.problem) if notification.problem else _PAGES[notification.kind]


class Notifier(QObject):
    """Shows notifications one after another as the state changes.

    Args:
        keep: Writes the memory to disk; may block.
        now: Returns the time in the user's time zone.
    """

    clicked = Signal()
    """A notification without a page of its own was clicked."""

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
        self._waiting: deque[Notification] = deque()
        self._shown: Notification | None = None
        self.shown: deque[Words] = deque(maxlen=_KEPT)  # the latest notifications
        self._pause = QTimer(self, singleShot=True, interval=apart_ms)
        self._pause.timeout.connect(self._next)
        self._look = QTimer(self, interval=_LOOK_MS)
        self._look.timeout.connect(lambda: self._update(self._context.state))
        self._look.start()
        context.changed.connect(self._update)
        icon.messageClicked.connect(self._clicked)

    def say(self, title: str, text: str) -> None:
        """Show a notification at once, in response to an action of the user."""
        self._shown = None
        self._show(Words(title, text), QSystemTrayIcon.MessageIcon.Information)

    def _update(self, state: AppState) -> None:
        change = notifications_of(state, self._memory, self._now())
        self._apply(change)
        if change.updated is not None:
            self._ask_what_is_exploited(change.updated)

    def _apply(self, change: NotificationChange) -> None:
        if change.memory != self._memory:
            self._memory = change.memory
            self._context.work(lambda: self._keep(change.memory), _nothing, _nothing, owner=self)
        self._waiting.extend(change.notifications)
        if not self._pause.isActive():
            self._next()

    def _ask_what_is_exploited(self, run: TaskRun) -> None:
        """Request newly exploited vulnerabilities. The first time, only the moment is stored for the next request."""
        since, until = self._memory.exploited_until, run.finished_at or run.queued_at
        if since is None or not self._context.state.settings.watched_vendors:
            self._apply(exploited_now((), until, self._context.state.settings, self._memory, self._now()))
            return
        filters: dict[str, str | int] = {"exploited_after": since.isoformat(), "page_size": _PAGE_SIZE}

        def found(page: VulnerabilityPage) -> None:
            self._apply(exploited_now(page.items, until, self._context.state.settings, self._memory, self._now()))

        self._context.ask(lambda client: client.vulnerabilities(filters), found, _nothing, owner=self)

    def _next(self) -> None:
        if self._waiting:
            self._shown = self._waiting.popleft()
            icons, bad = QSystemTrayIcon.MessageIcon, self._shown.kind is NotificationKind.PROBLEM
            self._show(words_of(self._shown), icons.Warning if bad else icons.Information)
            self._pause.start()

    def _show(self, words: Words, icon: QSystemTrayIcon.MessageIcon) -> None:
        self.shown.append(words)
        self._icon.showMessage(words.title, words.text, icon)

    def _clicked(self) -> None:
        if self._shown is None:
            self.clicked.emit()
        else:
            self._context.open(_page(self._shown), self._shown.key)


def _nothing(_: object) -> None:
    """Ignore success and failure: the next change repeats the action."""
