"""Which sources are asked, and the key that makes NVD answer faster.

The key for NVD: tested when it is entered, kept in the system's keyring, and never shown again.

One that the environment names is used in place of every other, so nothing can be entered then.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from backend.contract.names import Source
from backend.contract.problems import Problem
from backend.contract.settings import UserSettings
from backend.contract.sources import KeyVerdict
from desktop.settings.secrets import KeyPlace
from desktop.ui.formatting import plain, translate
from desktop.ui.page_context import PageContext
from desktop.ui.pages.settings.section import Saver, Section, Switch
from desktop.ui.theme.tokens import Space, Tone
from desktop.ui.widgets.badge import Badge
from desktop.ui.widgets.looks import Look
from desktop.ui.widgets.text import Muted

_LONGEST = 200


class NvdKey(QWidget):
    failed = Signal(object)
    """A Problem."""

    def __init__(self, context: PageContext) -> None:
        super().__init__()
        self._context = context
        self._state, self._verdict = Badge(), Muted()
        self._verdict.setWordWrap(True)
        self.field = QLineEdit()
        self.field.setEchoMode(QLineEdit.EchoMode.Password)
        self.field.setMaxLength(_LONGEST)
        self.field.setPlaceholderText(self.tr("Paste a key here"))
        self.field.setAccessibleName(self.tr("NVD key"))
        self.test, self.keep = QPushButton(self.tr("Test")), QPushButton(self.tr("Keep"))
        self.remove = QPushButton(self.tr("Remove"))
        self.remove.setVisible(False)
        self._connect()
        self._lay_out()
        self._say("")
        self._typed("")

    def look(self) -> None:
        """Whether there is one already."""
        self._find(self._show_found)

    def _find(self, show: Callable[[KeyPlace], None]) -> None:
        self._context.work(self._context.actions.nvd_key_place, show, self.failed.emit, owner=self)

    def _show_found(self, place: KeyPlace) -> None:
        self._show_place(place)
        if place is KeyPlace.ENVIRONMENT:
            self._say(self.tr("The environment decides this (NVD_API_KEY): change it there."))
        elif place is KeyPlace.FILE:
            self._say(
                self.tr("It stands in the file .env in the data folder. A key that is kept here is used before it.")
            )

    def _show_place(self, place: KeyPlace) -> None:
        self._state.show_look(_look(place))
        self.remove.setVisible(place is KeyPlace.KEPT)
        for widget in (self.field, self.test, self.keep):
            widget.setVisible(place is not KeyPlace.ENVIRONMENT)

    def _typed(self, text: str) -> None:
        self.test.setEnabled(bool(text.strip()))
        self.keep.setEnabled(bool(text.strip()))

    def _try(self) -> None:
        key = self._begin(self.tr("NVD is being asked…"))
        self._context.ask(lambda client: client.try_nvd_key(key), self._tell, self._not_done, owner=self)

    def _keep(self) -> None:
        """Tested first; where NVD cannot be asked, it is kept as it is."""
        key = self._begin(self.tr("NVD is being asked…"))

        def tested(verdict: KeyVerdict) -> None:
            self._tell(verdict)
            if verdict.accepted is not False:
                self._store(key)

        self._context.ask(lambda client: client.try_nvd_key(key), tested, lambda _: self._store(key), owner=self)

    def _store(self, key: str) -> None:
        self._context.work(
            lambda: self._context.actions.keep_nvd_key(key),
            lambda in_keyring: self._stored(key, in_keyring=in_keyring),
            self._not_done,
            owner=self,
        )

    def _stored(self, key: str, *, in_keyring: bool) -> None:
        self.field.clear()
        self._end()
        self._find(self._show_place)
        kept = self.tr("Kept in the system's keyring. The service that updates starts again.")
        beside = self.tr("There is no keyring here: kept in a file that only you can read.")
        gone = self.tr("The key is forgotten. The service that updates starts again.")
        self._say((kept if in_keyring else beside) if key else gone)

    def _tell(self, verdict: KeyVerdict) -> None:
        self._end()
        self._say(plain(verdict.message))

    def _not_done(self, problem: Problem) -> None:
        self._end()
        self._say("")
        self.failed.emit(problem)

    def _begin(self, words: str) -> str:
        self._say(words)
        for widget in (self.field, self.test, self.keep, self.remove):
            widget.setEnabled(False)
        return self.field.text().strip()

    def _end(self) -> None:
        for widget in (self.field, self.remove):
            widget.setEnabled(True)
        self._typed(self.field.text())

    def _say(self, words: str) -> None:
        self._verdict.setText(words)
        self._verdict.setVisible(bool(words))

    def _connect(self) -> None:
        self.field.textChanged.connect(self._typed)
        self.field.returnPressed.connect(self.keep.click)
        self.test.clicked.connect(self._try)
        self.keep.clicked.connect(self._keep)
        self.remove.clicked.connect(lambda: self._store(""))

    def _lay_out(self) -> None:
        head, entry = QHBoxLayout(), QHBoxLayout()
        label = QLabel(self.tr("NVD &key"))
        label.setBuddy(self.field)
        for line in (head, entry):
            line.setSpacing(Space.S)
        for part in (label, self._state, self.remove):
            head.addWidget(part)
        head.addStretch(1)
        entry.addWidget(self.field, 1)
        entry.addWidget(self.test)
        entry.addWidget(self.keep)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.S)
        column.addLayout(head)
        column.addLayout(entry)
        column.addWidget(self._verdict)


def _look(place: KeyPlace) -> Look:
    if place is KeyPlace.NOWHERE:
        return Look("key-outline", translate("settings", "No key: NVD is asked slowly"), Tone.NEUTRAL)
    words = {
        KeyPlace.ENVIRONMENT: translate("settings", "The environment has a key"),
        KeyPlace.KEPT: translate("settings", "A key is kept"),
        KeyPlace.FILE: translate("settings", "The file .env has a key"),
    }
    return Look("key", words[place], Tone.GOOD)


class SourcesSection(Section):
    def __init__(self, context: PageContext, saver: Saver) -> None:
        super().__init__(saver, translate("settings", "Sources"))
        self.add_remark(self.tr("What a source brought stays when it is switched off; it is asked nothing new."))
        self.sources = {source: self._add(source) for source in Source}
        self.body.addSpacing(Space.XS)
        self.key = NvdKey(context)
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
