"""The windows' words in the user's language. So far there is English, which needs its plurals."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLocale, QTranslator

from desktop.assets import asset

_INTERNATIONAL = QLocale(QLocale.Language.English, QLocale.Country.UnitedKingdom)
_CATALOGUE, _OTHERWISE = "openthreat", "openthreat_en"


def install_translation(application: QCoreApplication) -> None:
    """The catalogue of the system's language, else English.

    A system that names no language writes numbers without separators: it gets English ones.
    """
    if QLocale().language() is QLocale.Language.C:
        QLocale.setDefault(_INTERNATIONAL)
    folder = str(asset("translations"))
    translator = QTranslator(application)
    if translator.load(QLocale(), _CATALOGUE, "_", folder) or translator.load(_OTHERWISE, folder):
        application.installTranslator(translator)
