"""What the windows remember from one start to the next: sizes, columns, filters. An INI file in the data folder."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings


class Memory:
    """A file that is damaged or cannot be written costs the remembered sizes, and nothing else."""

    def __init__(self, home: Path) -> None:
        self._settings = QSettings(str(home / "window.ini"), QSettings.Format.IniFormat)

    def keep(self, key: str, value: str | QByteArray) -> None:
        """key: `<page>/<what>`."""
        self._settings.setValue(key, value)

    def text(self, key: str, otherwise: str = "") -> str:
        value = self._settings.value(key, otherwise)
        return value if isinstance(value, str) else otherwise

    def state(self, key: str) -> QByteArray:
        """Empty where nothing is remembered."""
        value = self._settings.value(key)
        return value if isinstance(value, QByteArray) else QByteArray()
