"""The sources: what each gives, up to when its data go, and whether it is used."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtWidgets import QWidget

from backend.contract.names import Source
from backend.contract.settings import UserSettings
from backend.contract.sources import SourceStatus
from desktop.state.app_state import AppState
from desktop.ui.formatting import ago, number, timestamp, translate
from desktop.ui.page_context import PageContext
from desktop.ui.pages.settings.nvd_key import NvdKey
from desktop.ui.pages.settings.section import Saver, SettingsSection, Switch
from desktop.ui.theme.tokens import Space
from desktop.ui.widgets.badge import Badge
from desktop.ui.widgets.layout import FlowLayout, Option
from desktop.ui.widgets.looks import off_look, source_look
from desktop.ui.widgets.text import Muted, When


class SourceData(QWidget):
    """State of a source, up to when its data go, and when it was last checked."""

    def __init__(self) -> None:
        super().__init__()
        self.badge, self.amount, self.checked = Badge(), Muted(), When(_checked_words)
        line = FlowLayout(self)
        for part in (self.badge, self.amount, self.checked):
            line.addWidget(part)

    def show_status(self, status: SourceStatus | None) -> None:
        """Show what is known; None: nothing yet."""
        self.setVisible(status is not None)
        if status is not None:
            self.badge.show_look(source_look(status.state) if status.enabled else off_look())
            self.amount.setText(_amount_words(status))
            self.checked.show_moment(status.last_success_at)
            self.checked.setVisible(status.last_success_at is not None)


class SourcesSection(SettingsSection):
    def __init__(self, context: PageContext, saver: Saver) -> None:
        super().__init__(saver, translate("settings", "Sources"))
        self.add_remark(self.tr("The data of a source stay when you turn it off, but are no longer updated."))
        self.data = {source: SourceData() for source in Source}
        self.sources = {source: self._add(source) for source in Source}
        self.body.addSpacing(Space.XS)
        self.key = NvdKey(context)
        self.body.addWidget(self.key)

    def show_state(self, state: AppState) -> None:
        known = {status.name: status for status in state.snapshot.sources} if state.snapshot else {}
        for source, data in self.data.items():
            data.show_status(known.get(source))

    def _add(self, source: Source) -> Switch:
        def edit(settings: UserSettings, on: bool) -> UserSettings:
            others = {name: value for name, value in settings.sources.items() if name is not source}
            return settings.model_copy(update={"sources": others if on else {**others, source: False}})

        title, description = _source_words(source)
        switch = self.make_switch(title, lambda settings: settings.source_enabled(source), edit)
        gives = Muted(description)
        gives.setWordWrap(True)
        self.body.addWidget(Option(switch, gives, self.data[source]))
        return switch


def _source_words(source: Source) -> tuple[str, str]:
    """Return the name of a source, and what it gives."""
    return {
        Source.CISA: (
            translate("settings", "CISA KEV"),
            translate("settings", "What is known to be exploited, and by when US agencies have to mend it."),
        ),
        Source.NVD: (
            translate("settings", "NVD"),
            translate("settings", "Scores, weaknesses and affected products with versions, from NIST (United States)."),
        ),
        Source.EUVD: (
            translate("settings", "EUVD"),
            translate("settings", "The European Union's records, and what ENISA knows to be exploited."),
        ),
        Source.MITRE: (
            translate("settings", "MITRE CVE list"),
            translate("settings", "The records as their publishers write them, with affected and fixed versions."),
        ),
        Source.EPSS: (
            translate("settings", "EPSS"),
            translate("settings", "How likely each vulnerability is to be exploited in the next 30 days, from FIRST."),
        ),
    }[source]


def _amount_words(status: SourceStatus) -> str:
    if status.last_success_at is None:
        return translate("settings", "Nothing has been read yet")
    end = timestamp(status.watermark or status.last_success_at)
    return translate("settings", "Data up to {0}, {1} vulnerabilities").format(end, number(status.records))


def _checked_words(moment: datetime, now: datetime) -> str:
    return translate("settings", "Checked {0}").format(ago(moment, now))
