"""The panel above the list that asks for a reason and its end, or for a note. It blocks nothing; Esc closes it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget

from backend.contract.exposure import MAX_NOTE
from backend.contract.wire import utc_now
from desktop.ui.theme.tokens import Size, Space
from desktop.ui.widgets.ignore_until import IgnoreUntil
from desktop.ui.widgets.layout import Card
from desktop.ui.widgets.text import Plain


class DecisionPanel(Card):
    ignored = Signal(str, object)
    """The reason, and until when (datetime in UTC; None: until it is changed)."""
    noted = Signal(str)
    """The note."""
    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._title, self.field, self._ends = Plain("", Size.NORMAL, bold=True), QLineEdit(), QWidget()
        self.until, self.confirm, self.cancel = IgnoreUntil(), QPushButton(), QPushButton(self.tr("Cancel"))
        self._ignores = False
        self.field.setMaxLength(MAX_NOTE)
        self._lay_out()
        self.field.textChanged.connect(self._update_confirm)
        self.field.returnPressed.connect(self._confirm)
        self.confirm.clicked.connect(self._confirm)
        self.cancel.clicked.connect(self.close_panel)
        self.field.installEventFilter(self)
        self.until.installEventFilter(self)
        self.hide()

    def ask_reason(self, count: int) -> None:
        """Ask why findings are ignored, and until when. count: of vulnerabilities."""
        self._open(self.tr("Ignore %Ln vulnerabilit(y|ies)", "", count), self.tr("Reason"), self.tr("Ignore"), "")

    def ask_note(self, count: int, present: str) -> None:
        """Ask for a note on findings. present: the note that they have."""
        title = self.tr("Note on %Ln vulnerabilit(y|ies)", "", count)
        self._open(title, self.tr("Note"), self.tr("Save"), present, ignores=False)

    def close_panel(self) -> None:
        if self.isVisible():
            self.hide()
            self.closed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Esc closes the panel; Enter confirms also where the end was chosen last."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Escape:
                self.close_panel()
                return True
            if watched is self.until and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._confirm()
                return True
        return super().eventFilter(watched, event)

    def _open(self, title: str, what: str, action: str, text: str, *, ignores: bool = True) -> None:
        self._ignores = ignores
        self._title.setText(title)
        self.setAccessibleName(title)
        self.field.setPlaceholderText(what)
        self.field.setAccessibleName(what)
        self.confirm.setText(action)
        self._ends.setVisible(ignores)
        self.field.setText(text)
        self._update_confirm()
        self.show()
        self.field.setFocus()

    def _update_confirm(self) -> None:
        """A reason is needed; a note may be removed."""
        self.confirm.setEnabled(bool(self.field.text().strip()) or not self._ignores)

    def _confirm(self) -> None:
        if not self.confirm.isEnabled():
            return
        text = self.field.text().strip()
        self.close_panel()
        if self._ignores:
            self.ignored.emit(text, self.until.end(utc_now()))
        else:
            self.noted.emit(text)

    def _lay_out(self) -> None:
        ends = QHBoxLayout(self._ends)
        ends.setContentsMargins(0, 0, 0, 0)
        label = QLabel(self.tr("Ignore"))
        label.setBuddy(self.until)
        ends.addWidget(label)
        ends.addWidget(self.until)
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        row.addWidget(self.field, 1)
        for widget in (self._ends, self.confirm, self.cancel):
            row.addWidget(widget)
        self.body.addWidget(self._title)
        self.body.addLayout(row)
