"""The first tab of a record: the fixed versions, what it means for this PC, its description and facts."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from desktop.ui.formatting import number, tip
from desktop.ui.pages.vulnerabilities.record.concern import Concern
from desktop.ui.pages.vulnerabilities.record.content import Content
from desktop.ui.pages.vulnerabilities.record.facts import Fact
from desktop.ui.pages.vulnerabilities.record.trend import TrendView
from desktop.ui.theme.tokens import Size, Space
from desktop.ui.widgets.badge import Badge
from desktop.ui.widgets.folded_text import Collapsible
from desktop.ui.widgets.layout import Scroll
from desktop.ui.widgets.linked_text import LinkedText
from desktop.ui.widgets.text import Muted, Plain


class _ConcernLine(QWidget):
    """What weighs most and its badge in one line, the rest below."""

    def __init__(self) -> None:
        super().__init__()
        self._text, self._detail, self._badge = Plain("", bold=True), Muted(), Badge()
        for label in (self._text, self._detail):
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        above = QHBoxLayout()
        above.setSpacing(Space.S)
        above.addWidget(self._text, 1)
        above.addWidget(self._badge, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(above)
        column.addWidget(self._detail)

    def show_concern(self, concern: Concern) -> None:
        self._text.setText(concern.text)
        self._detail.setText(concern.detail)
        self._detail.setVisible(bool(concern.detail))
        self._detail.setToolTip(tip(concern.tip))
        self._badge.show_look(concern.look)


class ConcernSection(QWidget):
    """A title with lines; without lines, a sentence that says so."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.setAccessibleName(title)
        self._title, self._nothing, self._lines = Plain(title, Size.SMALL, bold=True), Muted(), list[_ConcernLine]()
        self._nothing.setWordWrap(True)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(Space.XS)
        self._column.addWidget(self._title)
        self._column.addWidget(self._nothing)

    def show_title(self, title: str) -> None:
        self._title.setText(title)
        self.setAccessibleName(title)

    def show_concerns(self, concerns: Sequence[Concern], nothing: str) -> None:
        self._nothing.setText(nothing)
        self._nothing.setVisible(not concerns)
        while len(self._lines) < len(concerns):
            self._lines.append(_ConcernLine())
            self._column.addWidget(self._lines[-1])
        for place, line in enumerate(self._lines):
            line.setVisible(place < len(concerns))
            if place < len(concerns):
                line.show_concern(concerns[place])


class _FactLine:
    """A label, a value, and what of it is folded at first, in three cells of a grid."""

    def __init__(self, grid: QGridLayout, place: int) -> None:
        self._label, self._value, self._more = Muted(), LinkedText(), LinkedText()
        self._folded = Collapsible("", self._more)
        grid.addWidget(self._label, 2 * place, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(self._value, 2 * place, 1)
        grid.addWidget(self._folded, 2 * place + 1, 1)

    def show_fact(self, fact: Fact, explain: str, unnamed: str) -> None:
        """explain: the title of what is folded. unnamed: the accessible name of a value without a label."""
        self._label.setText(fact.label)
        self._value.set_code(fact.code)
        self._value.show_text(fact.text)
        self._value.setToolTip(tip(fact.tip))
        self._value.setAccessibleName(fact.label or unnamed)
        self._folded.show_title(explain)
        self._more.setAccessibleName(explain)
        self._more.show_text("\n".join(fact.folded))
        self._label.show()
        self._value.show()
        self._folded.setVisible(bool(fact.folded))

    def hide(self) -> None:
        for widget in (self._label, self._value, self._folded):
            widget.hide()


class Summary(Scroll):
    def __init__(self) -> None:
        super().__init__()
        self._whole_text = ""
        self.fixes, self.findings = ConcernSection(self.tr("Fixed in")), ConcernSection("")
        self.description, self._show_all = LinkedText(), QPushButton()
        self.description.setAccessibleName(self.tr("Description"))
        self._show_all.clicked.connect(self._unfold)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(Space.M)
        self._grid.setVerticalSpacing(Space.S)
        self._grid.setColumnStretch(1, 1)
        self._facts: list[_FactLine] = []
        self.content.setContentsMargins(0, Space.M, 0, Space.M)
        self.content.addWidget(self.fixes)
        self.content.addWidget(self.findings)
        self.content.addWidget(self.description)
        self.content.addWidget(self._show_all, 0, Qt.AlignmentFlag.AlignLeft)
        self.content.addLayout(self._grid)
        self.trend = TrendView()
        self.content.addWidget(self.trend)

    def show_content(self, content: Content) -> None:
        self.fixes.show_concerns(content.fixes, self.tr("No source states a fixed version."))
        self.findings.show_title(content.place)
        self.findings.show_concerns(content.findings, self.tr("Not found in what is installed here."))
        self.findings.setVisible(bool(content.findings) or content.is_scanned)
        self._whole_text = content.whole_description
        self.description.show_text(content.description or self.tr("No description available."))
        self.description.setToolTip(content.description_tip)
        self._show_all.setText(self.tr("Show all ({0} characters)").format(number(len(content.whole_description))))
        self._show_all.setVisible(content.whole_description != content.description)
        while len(self._facts) < len(content.facts):
            self._facts.append(_FactLine(self._grid, len(self._facts)))
        for line in self._facts[len(content.facts) :]:
            line.hide()
        for line, fact in zip(self._facts, content.facts, strict=False):
            line.show_fact(fact, self.tr("What this means"), self.tr("Vector"))

        self.trend.show_trend(content.trend)

    def _unfold(self) -> None:
        self._show_all.hide()
        self.description.show_long(self._whole_text)
