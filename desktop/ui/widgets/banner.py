"""A trouble, said where it matters: what it is, what it means, what to do, and the buttons that do it.

A trouble whose buttons work: what they promise is done, and where that fails, said in the same place.

The button of each remedy: what it says, and how its promise is kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, QRectF, Qt, QUrl, Signal
from PySide6.QtGui import QColor, QDesktopServices, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout

from backend.contract.names import TaskName
from backend.contract.problems import Problem, Remedy
from backend.contract.settings import StackKind
from desktop.supervision.plan import STACK
from desktop.ui.formatting import plain, translate
from desktop.ui.page_context import PageContext, PageName
from desktop.ui.theme.apply import colours_of
from desktop.ui.theme.icons import icon
from desktop.ui.theme.tokens import LARGE_ICON, Radius, Size, Space, Tone
from desktop.ui.widgets.folded_text import FoldedText
from desktop.ui.widgets.text import Plain


def remedy_words(remedy: Remedy) -> str:
    return {
        Remedy.START_DOCKER: translate("remedy", "Start Docker Desktop"),
        Remedy.USE_EMBEDDED: translate("remedy", "Use the built-in database"),
        Remedy.USE_OTHER_PORTS: translate("remedy", "Use other ports"),
        Remedy.FETCH_IMAGES: translate("remedy", "Download the images"),
        Remedy.STOP_FETCHING: translate("remedy", "Cancel the download"),
        Remedy.TRY_AGAIN: translate("remedy", "Try again"),
        Remedy.OPEN_LOG: translate("remedy", "Show the log"),
        Remedy.OPEN_SETTINGS: translate("remedy", "Open the settings"),
        Remedy.OPEN_FOLDER: translate("remedy", "Open the data folder"),
        Remedy.UPDATE_NOW: translate("remedy", "Update now"),
    }[remedy]


def carry_out(
    remedy: Remedy, context: PageContext, failed: Callable[[Problem], None], *, owner: QObject, service: str = ""
) -> None:
    """What leads to a page or a folder is done here, all else by the program, in the background.

    service: whose trouble it is, where it is one's. failed: is told why, unless the owner is gone by then.
    """
    match remedy:
        case Remedy.OPEN_LOG:
            context.open(PageName.LOGS, service)
        case Remedy.TRY_AGAIN:
            context.actions.start_service(service or None)
        case Remedy.STOP_FETCHING:
            context.actions.stop_service(STACK)
        case Remedy.OPEN_SETTINGS:
            context.open(PageName.SETTINGS)
        case Remedy.USE_EMBEDDED:
            context.open(
                PageName.SETTINGS, f"stack/{StackKind.EMBEDDED}"
            )  # which asks first, and says what stays where
        case Remedy.OPEN_FOLDER:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(context.actions.home)))
        case Remedy.UPDATE_NOW:
            context.ask(
                lambda client: client.request_run(TaskName.UPDATE),
                lambda accepted: context.open(PageName.TASKS, accepted.task_id),
                failed,
                owner=owner,
            )
        case _:
            context.work(lambda: context.actions.remedy(remedy), lambda _: None, failed, owner=owner)


_ICONS = {Tone.BAD: "close-circle", Tone.WARNING: "alert", Tone.NOTICE: "alert-outline", Tone.INFO: "information"}


class Banner(QFrame):
    """Hidden while there is nothing to say."""

    remedied = Signal(str)
    """The Remedy whose button was pressed."""

    def __init__(self, tone: Tone = Tone.WARNING) -> None:
        super().__init__()
        self._tone, self._problem = tone, Problem("")
        self._icon, self._title, self._text = QLabel(), Plain("", Size.NORMAL, bold=True), Plain()
        self._text.setWordWrap(True)
        self._title.setWordWrap(True)
        words = QVBoxLayout()
        words.setSpacing(Space.XS)
        words.addWidget(self._title)
        words.addWidget(self._text)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(Space.S)
        row = QHBoxLayout()
        row.setSpacing(Space.M)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        row.addLayout(self._buttons)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(Space.M, Space.S, Space.M, Space.S)
        self._column.setSpacing(Space.XS)
        self._column.addLayout(row)
        self._details: FoldedText | None = None
        self._unfolded = False
        self.setVisible(False)

    def tell(self, problem: Problem | None, tone: Tone | None = None) -> None:
        """None: all is well again."""
        self.setVisible(problem is not None)
        if problem is None or (problem == self._problem and tone in (None, self._tone)):
            return
        self._problem, self._tone = problem, tone or self._tone
        self._icon.setPixmap(icon(_ICONS.get(self._tone, "information"), self._tone).pixmap(LARGE_ICON, LARGE_ICON))
        self._title.setText(plain(problem.title))
        text = "\n".join(plain(part) for part in (problem.message, problem.hint) if part)
        self._text.setText(text)
        self._text.setVisible(bool(text))
        self.setAccessibleName(str(problem))
        self._offer(problem)
        self._tell_details(problem.details)
        self.update()

    def unfold_details(self) -> None:
        """Where there is room for them, nobody has to ask."""
        self._unfolded = True

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 ARG002 - Qt's name
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours_of(self.palette()).tones[self._tone].wash))
        painter.drawRoundedRect(QRectF(self.rect()), Radius.CARD, Radius.CARD)
        painter.end()

    def _tell_details(self, text: str) -> None:
        if self._details is None and text:  # most troubles have none
            self._details = FoldedText(self.tr("Details"))
            self._column.addWidget(self._details)
            if self._unfolded:
                self._details.unfold()
        if self._details is not None:
            self._details.tell(text)

    def _offer(self, problem: Problem) -> None:
        while (item := self._buttons.takeAt(0)) is not None:
            if widget := item.widget():
                widget.deleteLater()
        for remedy in problem.remedies:
            button = QPushButton(remedy_words(remedy))
            button.clicked.connect(lambda _=False, remedy=remedy: self.remedied.emit(remedy))
            self._buttons.addWidget(button)


class MendingBanner(Banner):
    """A failed remedy is told until the trouble that it was for is another one."""

    def __init__(self, context: PageContext, tone: Tone = Tone.WARNING) -> None:
        super().__init__(tone)
        self._context, self._usual = context, tone
        self._cause: Problem | None = None
        self._failed = False
        self._service = ""
        self.remedied.connect(self._mend)

    def tell_of(self, problem: Problem | None, service: str = "") -> None:
        """service: whose trouble it is, where it is one's."""
        if self._failed and problem == self._cause:
            return
        self._cause, self._service, self._failed = problem, service, False
        self.tell(problem, self._usual)

    def _mend(self, remedy: str) -> None:
        carry_out(Remedy(remedy), self._context, self._not_mended, owner=self, service=self._service)

    def _not_mended(self, problem: Problem) -> None:
        """What else may help stays on offer."""
        others = self._cause.remedies if self._cause else ()
        self._failed = True
        self.tell(replace(problem, remedies=tuple(dict.fromkeys((*problem.remedies, *others)))), Tone.BAD)
