"""The head of the pane: which program it is, which product that is, and what to update to."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from backend.contract.inventory import Confidence, ResolvedBy
from backend.contract.machine_exposure import ProgramExposure
from desktop.ui.formatting import number, one_line, translate
from desktop.ui.pages.this_pc.words import reason_words
from desktop.ui.theme.icons import icon
from desktop.ui.theme.tokens import Size, Space
from desktop.ui.widgets.layout import FlowLayout
from desktop.ui.widgets.text import Code, Muted, Plain


class ProgramFacts(QWidget):
    choice_wanted = Signal()
    """The user wants to say which product this is."""

    def __init__(self) -> None:
        super().__init__()
        self._name, self._product = Plain("", Size.LARGE, bold=True), Muted()
        self.update_line, self.command, self._origin = Plain(), Code(), Muted("", Size.SMALL)
        self.choose = QPushButton()
        self.copy = QPushButton(icon("content-copy"), self.tr("Copy command"))
        self.copy.setToolTip(self.tr("The command is copied, not run."))
        self.choose.clicked.connect(self.choice_wanted)
        self.copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.command.text()))
        for label in (self._name, self._product, self.update_line, self.command, self._origin):
            label.setWordWrap(True)
        self._lay_out()

    def show_program(self, program: ProgramExposure) -> None:
        self._name.setText(one_line(f"{program.software.name} {_version_after(program)}"))
        self._product.setText(product_words(program))
        self.choose.setText(self.tr("Not this product…") if program.product else self.tr("Say which product…"))
        self.choose.setVisible(not program.is_system)
        self.update_line.setText(update_words(program))
        self.update_line.setVisible(bool(self.update_line.text()))
        self.command.setText(f"winget upgrade --id {program.winget} --exact" if program.winget else "")
        self._origin.setText(self._origin_words(program))
        for part in (self.command, self.copy, self._origin):
            part.setVisible(bool(program.winget and program.affected))

    def _origin_words(self, program: ProgramExposure) -> str:
        if program.software.purl:
            return self.tr("The id comes from the imported list of winget.")
        return self.tr("The id is the one by which winget knows a program of this name.")

    def _lay_out(self) -> None:
        buttons = FlowLayout()
        buttons.addWidget(self.choose)
        buttons.addWidget(self.copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.XS)
        for part in (self._name, self._product, self.update_line, self.command, self._origin):
            column.addWidget(part)
        column.addLayout(buttons)


def _version_after(program: ProgramExposure) -> str:
    """The version, unless the name has it already."""
    version = program.software.version
    return "" if version in program.software.name else version


def product_words(program: ProgramExposure) -> str:
    """Say which product it is and how that is known; or why none is named."""
    product = program.product
    if product is None:
        return f"{reason_words(program)}."
    if product.by is ResolvedBy.USER:
        words = translate("this pc", "Compared as {0}, which you chose.")
    elif product.confidence is Confidence.CERTAIN:
        words = translate("this pc", "Compared as {0}.")
    else:
        words = translate("this pc", "Compared as {0}, by the name only: probably right.")
    text = words.format(reason_words(program))
    if program.version and program.version != program.software.version:
        text += " " + translate("this pc", "The records call this version {0}.").format(one_line(program.version))
    return text


def update_words(program: ProgramExposure) -> str:
    """Say what to update to, and what that mends."""
    if not program.affected:
        return _nothing_affects(program)
    if program.update_to is None:
        return translate("this pc", "No source states a version without these vulnerabilities.")
    template = (
        translate("this pc", "Windows Update: build {0} mends {1} of {2}.")
        if program.is_system
        else translate("this pc", "Update to {0}: that mends {1} of {2}.")
    )
    return template.format(one_line(program.update_to), number(program.mended), number(program.affected))


def _nothing_affects(program: ProgramExposure) -> str:
    if program.product is None or not program.matched or program.cannot_tell or not program.not_affected:
        return ""
    known = translate("this pc", "%Ln vulnerabilit(y|ies) of the product (is|are) known.", "", program.not_affected)
    return f"{known} {translate('this pc', 'The installed version has none of them.')}"
