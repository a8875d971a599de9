"""The windows' words in the user's language. So far there is English, which needs its plurals."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLocale, QTranslator

from desktop.host.resources import resource

_CATALOGUE, _OTHERWISE = "openthreat", "openthreat_en"


def install_translation(application: QCoreApplication) -> None:
    """The catalogue of the system's language, else English."""
    folder = str(resource("translations"))
    translator = QTranslator(application)
    if translator.load(QLocale(), _CATALOGUE, "_", folder) or translator.load(_OTHERWISE, folder):
        application.installTranslator(translator)
