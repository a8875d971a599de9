"""Which sources are asked, and the key that makes NVD answer faster."""

from __future__ import annotations

from backend.contract.names import Source
from backend.contract.settings import UserSettings
from desktop.ui.formatting import translate
from desktop.ui.page_context import Desk
from desktop.ui.pages.settings.nvd_key import NvdKey
from desktop.ui.pages.settings.saving import Saver
from desktop.ui.pages.settings.section import Section, Switch
from desktop.ui.theme.tokens import Space


class SourcesSection(Section):
    def __init__(self, desk: Desk, saver: Saver) -> None:
        super().__init__(saver, translate("settings", "Sources"))
        self.add_remark(self.tr("What a source brought stays when it is switched off; it is asked nothing new."))
        self.sources = {source: self._add(source) for source in Source}
        self.body.addSpacing(Space.XS)
        self.key = NvdKey(desk)
        self.body.addWidget(self.key)

    def _add(self, source: Source) -> Switch:
        def edit(settings: UserSettings, on: bool) -> UserSettings:
            others = {name: value for name, value in settings.sources.items() if name is not source}
            return settings.model_copy(update={"sources": others if on else {**others, source: False}})

        return self.add_switch(source_words(source), lambda settings: settings.source_enabled(source), edit)


def source_words(source: Source) -> str:
    return {
        Source.CISA: translate("settings", "CISA: what is known to be exploited, and until when to act"),
        Source.NVD: translate("settings", "NVD: scores and affected products, from the United States' NIST"),
        Source.EUVD: translate("settings", "EUVD: the European Union's vulnerability database"),
        Source.MITRE: translate("settings", "MITRE: the CVE records themselves, as their publishers wrote them"),
        Source.EPSS: translate("settings", "EPSS: how likely each is to be exploited in the next 30 days"),
    }[source]
