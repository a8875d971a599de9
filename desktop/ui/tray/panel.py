"""Whether the panel that the tray is part of is dark. Windows lets it differ from the windows' own theme."""

from __future__ import annotations

from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QGuiApplication

_PERSONALIZE = r"HKEY_CURRENT_USER\Software\Microsoft\Windows\CurrentVersion\Themes\Personalize"


def panel_is_dark() -> bool:
    """Panels of Linux desktops are dark where nobody says otherwise."""
    if QGuiApplication.platformName() == "windows":
        return not QSettings(_PERSONALIZE, QSettings.Format.NativeFormat).value("SystemUsesLightTheme", 0, int)
    return QGuiApplication.styleHints().colorScheme() is not Qt.ColorScheme.Light
