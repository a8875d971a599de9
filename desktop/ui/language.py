"""The language of all that people read: the texts, and the form of dates and numbers.

The program's texts come from desktop/assets/translations, those of Qt's dialogs from Qt. A text that a catalogue lacks
is English.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QObject, QTranslator, Signal

from backend.contract.settings import LanguageChoice
from desktop.assets import asset

LANGUAGE_NAMES: Mapping[LanguageChoice, str] = {LanguageChoice.ENGLISH: "English", LanguageChoice.GERMAN: "Deutsch"}
"""Each in its own words, so that it is found by who reads no other."""

_LOCALES = {
    LanguageChoice.ENGLISH: QLocale(QLocale.Language.English, QLocale.Country.UnitedKingdom),
    LanguageChoice.GERMAN: QLocale(QLocale.Language.German, QLocale.Country.Germany),
}


def language_of(choice: LanguageChoice, of_system: Sequence[str]) -> LanguageChoice:
    """Return the language that a choice means: the first of the system's that there are texts in, else English.

    Args:
        choice: the user's.
        of_system: the system's languages, the preferred one first, such as "de-AT".
    """
    if choice is not LanguageChoice.SYSTEM:
        return choice
    preferred = (name.split("-")[0].lower() for name in of_system)
    return next((LanguageChoice(name) for name in preferred if name in LANGUAGE_NAMES), LanguageChoice.ENGLISH)


class Language(QObject):
    """Applies the user's choice, or the system's languages while the user has chosen to follow these."""

    changed = Signal()
    """Texts are in another language from now on: what shows some has to be made anew."""

    def __init__(self, application: QCoreApplication, choice: LanguageChoice, system: QLocale | None = None) -> None:
        """Apply the choice. system: the system's locale; None: the one of this machine."""
        super().__init__(application)
        self._application, self._system = application, QLocale.system() if system is None else system
        self._translators: list[QTranslator] = []
        self._language = self._meant(choice)
        self._apply()

    def follow(self, choice: LanguageChoice) -> None:
        """Apply the user's choice."""
        if (language := self._meant(choice)) is not self._language:
            self._language = language
            self._apply()
            self.changed.emit()

    def _meant(self, choice: LanguageChoice) -> LanguageChoice:
        return language_of(choice, self._system.uiLanguages())

    def _apply(self) -> None:
        """Use the system's locale if it is of the language: it has the formats that the user has set there."""
        own = _LOCALES[self._language]
        QLocale.setDefault(self._system if self._system.language() is own.language() else own)
        for translator in self._translators:
            self._application.removeTranslator(translator)
            translator.deleteLater()
        self._translators = list(self._load())
        for translator in self._translators:  # the last one is asked first
            self._application.installTranslator(translator)

    def _load(self) -> Iterator[QTranslator]:
        ours, qts = str(asset("translations")), QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        english = [(f"openthreat_{LanguageChoice.ENGLISH}", ours)]  # has the plurals
        other = [(f"qtbase_{self._language}", qts), (f"openthreat_{self._language}", ours)]
        for name, folder in english if self._language is LanguageChoice.ENGLISH else [*english, *other]:
            translator = QTranslator(self)
            if translator.load(name, folder):
                yield translator
