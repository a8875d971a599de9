"""A field for several names: each is completed while it is typed, and listed below with a button that removes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QSizePolicy, QToolButton, QVBoxLayout, QWidget

from desktop.ui.formatting import one_line
from desktop.ui.theme.icons import icon
from desktop.ui.theme.tokens import Space
from desktop.ui.widgets.completing_field import CompletingField
from desktop.ui.widgets.layout import FlowLayout

_MAX_LENGTH = 40


class NamesField(QWidget):
    """The owner answers `field.wanted` with `field.suggest`.

    Args:
        name: What the field is called for people.
        placeholder: An example.
        names_of: The names that a typed text or a completion stands for.
        most: Names in all.
    """

    changed = Signal()
    """The person added or removed a name."""

    def __init__(
        self,
        name: str,
        placeholder: str = "",
        names_of: Callable[[str], Sequence[str]] = lambda text: [text],
        most: int = 50,
    ) -> None:
        super().__init__()
        self.names: tuple[str, ...] = ()
        self._names_of, self._most = names_of, most
        self.field, self._chips = CompletingField(name, placeholder), QWidget()
        self._flow = FlowLayout(self._chips)
        self._flow.setSpacing(Space.XS)
        self.setFocusProxy(self.field)
        self.field.editingFinished.connect(self._take_text)
        self.field.completer().activated.connect(self._take_completion)
        self._chips.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.XS)
        column.addWidget(self.field)
        column.addWidget(self._chips)
        self._chips.hide()

    def set_names(self, names: tuple[str, ...]) -> None:
        """Show names; `changed` is not emitted."""
        if names == self.names:
            return
        self.names = names
        while (item := self._flow.takeAt(0)) is not None:
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        for name in names:
            self._flow.addWidget(self._chip(name))
        self._chips.setVisible(bool(names))

    def _chip(self, name: str) -> QToolButton:
        chip = QToolButton()
        chip.setText(one_line(name, _MAX_LENGTH).replace("&", "&&"))
        chip.setIcon(icon("close"))
        chip.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        chip.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        chip.setToolTip(self.tr("Remove"))
        chip.setAccessibleName(self.tr("Remove {0}").format(one_line(name, _MAX_LENGTH)))
        chip.clicked.connect(lambda: self._set(tuple(other for other in self.names if other != name)))
        return chip

    def _take_text(self) -> None:
        text = self.field.text()
        self.field.clear()
        self._add(text)

    def _take_completion(self, text: str) -> None:
        self._add(text)
        QTimer.singleShot(0, self.field.clear)  # Qt writes the completion into the field after this

    def _add(self, text: str) -> None:
        given = filter(None, map(str.strip, self._names_of(text)))
        self._set(tuple(dict.fromkeys((*self.names, *given)))[: self._most])

    def _set(self, names: tuple[str, ...]) -> None:
        if names != self.names:
            self.set_names(names)
            self.changed.emit()
