"""The vulnerabilities of one program: a table, and in words what is known of the selected one."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame

from backend.contract.exposure import Finding, FindingState
from backend.contract.inventory import FindingVerdict
from backend.contract.names import Severity
from desktop.ui.formatting import day, one_line, translate
from desktop.ui.page_context import Memory
from desktop.ui.sentences import translated
from desktop.ui.theme.tokens import Tone
from desktop.ui.widgets.badge import badge_characters
from desktop.ui.widgets.column_fit import ColumnFit
from desktop.ui.widgets.looks import Look, exploited_look, severity_look
from desktop.ui.widgets.record_model import RecordColumn, RecordModel
from desktop.ui.widgets.table import RecordTable

_LEAST_ROWS, _MOST_ROWS = 3, 7
"""How high the table is; the most are those of a low window."""
_SHARE = 0.4
"""Of the pane's height in a high one: the rest takes what is known of the selected one, with its buttons."""


class FindingColumn(IntEnum):
    ID = 0
    SEVERITY = 1
    EXPLOITED = 2
    FIXED_IN = 3
    TITLE = 4
    STATE = 5


_WIDTHS = {
    FindingColumn.ID: 13,
    FindingColumn.FIXED_IN: 10,
    FindingColumn.TITLE: 24,
    FindingColumn.STATE: 13,
}


def state_look(finding: Finding) -> Look | None:
    """The look of the triage, or of a verdict that is none; None for what affects and is open."""
    if finding.state is FindingState.ACKNOWLEDGED:
        return Look("check", translate("this pc", "Acknowledged"), Tone.INFO)
    if finding.state is FindingState.IGNORED:
        return Look("eye-off-outline", translate("this pc", "Ignored"), Tone.NEUTRAL)
    if finding.verdict is not FindingVerdict.AFFECTED:
        return Look("help", translate("this pc", "Cannot tell"), Tone.NEUTRAL)
    return None


def _columns() -> tuple[RecordColumn[Finding], ...]:
    """In the order of FindingColumn."""
    return (
        RecordColumn(translate("this pc", "ID"), lambda finding: finding.cve_id, tooltip=_title),
        RecordColumn(
            translate("this pc", "Severity"), lambda _: "", lambda finding: severity_look(finding.severity), _title
        ),
        RecordColumn(translate("this pc", "Exploited"), lambda _: "", _exploited_look, _title),
        RecordColumn(
            translate("this pc", "Fixed in"), lambda finding: one_line(finding.fixed_in or ""), tooltip=_title
        ),
        RecordColumn(translate("this pc", "Title"), _title),
        RecordColumn(translate("this pc", "State"), lambda _: "", state_look, _title),
    )


def _title(finding: Finding) -> str:
    return one_line(finding.title)


def _exploited_look(finding: Finding) -> Look | None:
    return exploited_look() if finding.exploited_in_the_wild else None


class FindingTable(RecordTable):
    """As high as its rows, up to a few, so that what is known of the selected one stays in sight."""

    selected = Signal()
    """Other rows are selected."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory, "this-pc/findings")
        self.rows = RecordModel[Finding](_columns(), lambda finding: finding.id, self)
        widths = {
            FindingColumn.SEVERITY: badge_characters(severity_look(Severity.UNKNOWN), self.font()),
            FindingColumn.EXPLOITED: badge_characters(exploited_look(), self.font()),
            **_WIDTHS,
        }
        self.set_model(self.rows, tuple(widths[column] for column in FindingColumn))
        self.setAccessibleName(self.tr("Vulnerabilities of the program"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        ColumnFit(
            self,
            memory,
            elastic=FindingColumn.STATE,
            least=11,
            optional=(FindingColumn.TITLE, FindingColumn.FIXED_IN),
        )
        self.selectionModel().selectionChanged.connect(self.selected)
        self._room = 0

    def make_room(self, height: int) -> None:
        """Let the table show more rows where the pane around it has that height."""
        self._room = height
        self._fit_height()

    def _fit_height(self) -> None:
        row = self.verticalHeader().defaultSectionSize()
        most = max(_MOST_ROWS, round(self._room * _SHARE) // row)
        rows = min(max(self.rows.rowCount(), _LEAST_ROWS), most)
        self.setFixedHeight(self.horizontalHeader().sizeHint().height() + rows * row + 2)

    @property
    def selected_findings(self) -> Sequence[Finding]:
        """The selected findings, from top to bottom."""
        return [self.rows.records[row] for row in self.selected_rows()]

    def show_findings(self, findings: tuple[Finding, ...], *, is_other_program: bool) -> None:
        """Show findings; those of another program begin at the first one, with it selected."""
        self.rows.replace(findings)
        self._fit_height()
        if findings and (is_other_program or not self.selected_rows()):
            self.selectRow(0)


def finding_words(finding: Finding) -> tuple[str, str]:
    """Say why it is one, with the source, and what to do."""
    return one_line(translated(finding.reason or "")), _what_to_do(finding)


def _what_to_do(finding: Finding) -> str:
    if finding.state is FindingState.IGNORED:
        until = translate("this pc", "Ignored until {0}").format(day(finding.until)) if finding.until else ""
        words = until or translate("this pc", "Ignored")
        return f"{words}: {one_line(finding.note)}" if finding.note else f"{words}."
    if finding.verdict is not FindingVerdict.AFFECTED:
        return translate("this pc", "Compare the version with the record, and ignore it if it does not apply.")
    if finding.fixed_in:
        return translate("this pc", "Update to {0} or later.").format(one_line(finding.fixed_in))
    return translate("this pc", "No source states a fixed version. The record may name a way around it.")
