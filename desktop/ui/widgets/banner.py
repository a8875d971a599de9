"""The banner of a problem: title, message, advice, and buttons that carry out its remedies.

The reason why a remedy failed is shown in the same banner.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, QRectF, Qt, QUrl, Signal
from PySide6.QtGui import QColor, QDesktopServices, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout

from backend.client.api import ApiClient
from backend.contract.formatting import sentences
from backend.contract.names import Role, TaskName
from backend.contract.problem_catalogue import Remedy, Weight
from backend.contract.problems import Problem
from backend.contract.settings import StackKind
from desktop.state.app_state import AppState
from desktop.supervision.plan import STACK
from desktop.ui.page_context import PageContext, PageName
from desktop.ui.theme.apply import colours_of
from desktop.ui.theme.icons import icon
from desktop.ui.theme.tokens import LARGE_ICON, Radius, Size, Space, Tone
from desktop.ui.widgets.folded_text import FoldedText
from desktop.ui.widgets.problem_texts import problem_hint, problem_message, problem_title, problem_tone, remedy_words
from desktop.ui.widgets.text import Plain


def carry_out(
    remedy: Remedy, found: Problem, context: PageContext, failed: Callable[[Problem], None], *, owner: QObject
) -> None:
    """Carry out a remedy: pages and folders are opened here, everything else runs in the background.

    Args:
        found: The problem that the button belongs to.
        failed: Receives the reason, unless the owner has been destroyed.
    """
    services = services_of(found, context.state)
    match remedy:
        case Remedy.OPEN_LOG:
            context.open(PageName.LOGS, found.service)
        case _ if remedy in _PAGES:
            context.open(*_PAGES[remedy])
        case Remedy.OPEN_FOLDER:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(context.actions.home)))
        case Remedy.TRY_AGAIN | Remedy.START_SERVICES:
            for name in services or (None,):
                context.actions.start_service(name)
        case Remedy.RESTART_SERVICE:
            for name in services:
                context.actions.restart_service(name)
        case Remedy.STOP_FETCHING:
            context.actions.stop_service(STACK)
        case Remedy.RESUME_SCHEDULE | Remedy.UPDATE_NOW:
            _ask_api(remedy, context, failed, owner)
        case _:
            context.work(lambda: context.actions.remedy(remedy), lambda _: None, failed, owner=owner)


_PAGES = {
    Remedy.OPEN_SETTINGS: (PageName.SETTINGS, ""),
    Remedy.OPEN_NETWORK_SETTINGS: (PageName.SETTINGS, "network"),
    Remedy.OPEN_REPORT_SETTINGS: (PageName.SETTINGS, "reports"),
    Remedy.OPEN_WEBHOOKS: (PageName.SETTINGS, "webhooks"),
    Remedy.OPEN_SCHEDULE: (PageName.SCHEDULE, ""),
    Remedy.USE_EMBEDDED: (PageName.SETTINGS, f"stack/{StackKind.EMBEDDED}"),  # the page asks for confirmation
}


def _ask_api(remedy: Remedy, context: PageContext, failed: Callable[[Problem], None], owner: QObject) -> None:
    if remedy is Remedy.RESUME_SCHEDULE:
        context.ask(ApiClient.resume_schedule, lambda _: None, failed, owner=owner)
        return
    context.ask(
        lambda client: client.request_run(TaskName.UPDATE),
        lambda accepted: context.open(PageName.TASKS, accepted.task_id),
        failed,
        owner=owner,
    )


def services_of(found: Problem, state: AppState) -> tuple[str, ...]:
    """Return the names of the services that a problem concerns."""
    all_workers = found.service == Role.WORKER
    services = state.supervision.services
    return tuple(
        service.name for service in services if service.name == found.service or (all_workers and service.service.queue)
    )


_ICONS = {Tone.BAD: "close-circle", Tone.WARNING: "alert", Tone.NOTICE: "alert-outline", Tone.INFO: "information"}


class Banner(QFrame):
    """Hidden while there is no problem. Its tone is that of the problem's weight, unless one is given."""

    remedied = Signal(str)
    """The Remedy whose button was pressed."""

    def __init__(self, tone: Tone | None = None) -> None:
        super().__init__()
        self._fixed_tone, self._tone = tone, tone or Tone.WARNING
        self._problem: Problem | None = None
        self._note = ""
        self._icon, self._title, self._text = QLabel(), Plain("", Size.NORMAL, bold=True), Plain()
        self._text.setWordWrap(True)
        self._title.setWordWrap(True)
        words = QVBoxLayout()
        words.setSpacing(Space.XS)
        words.addWidget(self._title)
        words.addWidget(self._text)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(Space.S)
        self._row = QHBoxLayout()
        self._row.setSpacing(Space.M)
        self._row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        self._row.addLayout(words, 1)
        self._row.addLayout(self._buttons)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(Space.M, Space.S, Space.M, Space.S)
        self._column.setSpacing(Space.XS)
        self._column.addLayout(self._row)
        self._details: FoldedText | None = None
        self._unfolded = False
        self.setVisible(False)

    def show_problem(self, problem: Problem | None, note: str = "") -> None:
        """Show a problem; None hides the banner. note: a sentence after the message."""
        self.setVisible(problem is not None)
        if problem is None or (problem == self._problem and note == self._note):
            return
        self._problem, self._note = problem, note
        self._tone = self._fixed_tone or problem_tone(problem)
        self._icon.setPixmap(icon(_ICONS.get(self._tone, "information"), self._tone).pixmap(LARGE_ICON, LARGE_ICON))
        title, message = problem_title(problem), problem_message(problem)
        if note:
            message = sentences(message, note)
        self._title.setText(title)
        text = "\n".join(part for part in (message, problem_hint(problem)) if part)
        self._text.setText(text)
        self._text.setVisible(bool(text))
        self.setAccessibleName(f"{title}: {message}" if message else title)
        self._offer(problem)
        self._show_details(problem.details)
        self.update()

    def add_button(self, button: QPushButton) -> None:
        """Add a button that stays, after those of the remedies."""
        self._row.addWidget(button)

    def unfold_details(self) -> None:
        """Show details unfolded, on pages with room for them."""
        self._unfolded = True

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 ARG002 - Qt's name
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours_of(self.palette()).tones[self._tone].wash))
        painter.drawRoundedRect(QRectF(self.rect()), Radius.CARD, Radius.CARD)
        painter.end()

    def _show_details(self, text: str) -> None:
        if self._details is None and text:  # most problems have none
            self._details = FoldedText(self.tr("Details"))
            self._column.addWidget(self._details)
            if self._unfolded:
                self._details.unfold()
        if self._details is not None:
            self._details.show_text(text)

    def _offer(self, problem: Problem) -> None:
        while (item := self._buttons.takeAt(0)) is not None:
            if widget := item.widget():
                widget.deleteLater()
        for remedy in problem.remedies:
            button = QPushButton(remedy_words(remedy))
            button.clicked.connect(lambda _=False, remedy=remedy: self.remedied.emit(remedy))
            self._buttons.addWidget(button)


class MendingBanner(Banner):
    """A banner whose buttons carry out their remedies. The reason of a failure stays until the problem changes."""

    def __init__(self, context: PageContext, tone: Tone | None = None) -> None:
        super().__init__(tone)
        self._context = context
        self._cause: Problem | None = None
        self._failed = False
        self.remedied.connect(self._mend)

    def update_problem(self, problem: Problem | None, note: str = "") -> None:
        """Show a problem. note: a sentence after the message."""
        if self._failed and problem == self._cause:
            return
        self._cause, self._failed = problem, False
        self.show_problem(problem, note)

    def _mend(self, remedy: str) -> None:
        if self._problem is not None:
            carry_out(Remedy(remedy), self._problem, self._context, self._not_mended, owner=self)

    def _not_mended(self, problem: Problem) -> None:
        """Show the failure; the other remedies of the problem stay available."""
        others = self._cause.remedies if self._cause else ()
        service = self._cause.service if self._cause else ""
        self._failed = True
        remedies = tuple(dict.fromkeys((*problem.remedies, *others)))
        self.show_problem(replace(problem, remedies=remedies, service=service, weight=Weight.ERROR))
