"""A text field whose completions come from the API while a person types."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QStringListModel, Qt, QTimer, Signal
from PySide6.QtWidgets import QCompleter, QLineEdit

_PAUSE_MS = 150  # of a person who types
_MAX_LENGTH = 200


class CompletingField(QLineEdit):
    """The owner answers `wanted` with `suggest`. The names need not contain the text: the API compares spellings."""

    wanted = Signal(str)
    """Completions of the text are wanted."""

    def __init__(self, name: str, placeholder: str = "") -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setPlaceholderText(placeholder)
        self.setMaxLength(_MAX_LENGTH)
        self.setClearButtonEnabled(True)
        self._names = QStringListModel(self)
        completer = QCompleter(self._names, self)
        completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.setCompleter(completer)
        self._pause = QTimer(self, interval=_PAUSE_MS, singleShot=True)
        self._pause.timeout.connect(lambda: self.wanted.emit(self.text().strip()))
        self.textEdited.connect(lambda _: self._pause.start())

    @property
    def names(self) -> list[str]:
        return self._names.stringList()

    def suggest(self, names: Sequence[str]) -> None:
        """Offer completions; the popup opens while the field has the focus."""
        self._names.setStringList(list(names))
        if names and self.hasFocus() and self.text().strip():
            self.completer().complete()
