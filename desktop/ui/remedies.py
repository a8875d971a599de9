"""What the button of each remedy says."""

from __future__ import annotations

from desktop.model.trouble import Remedy
from desktop.ui.words import translate


def remedy_words(remedy: Remedy) -> str:
    return {
        Remedy.START_DOCKER: translate("remedy", "Start Docker Desktop"),
        Remedy.USE_EMBEDDED: translate("remedy", "Use the built-in database"),
        Remedy.USE_OTHER_PORTS: translate("remedy", "Use other ports"),
        Remedy.FETCH_IMAGES: translate("remedy", "Download the images"),
        Remedy.TRY_AGAIN: translate("remedy", "Try again"),
        Remedy.OPEN_LOG: translate("remedy", "Show the log"),
        Remedy.OPEN_SETTINGS: translate("remedy", "Open the settings"),
        Remedy.OPEN_FOLDER: translate("remedy", "Open the data folder"),
        Remedy.UPDATE_NOW: translate("remedy", "Update now"),
    }[remedy]
