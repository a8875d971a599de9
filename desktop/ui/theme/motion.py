"""Whether anything in the windows moves by itself, as the system's settings say."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QApplication

_PROPERTY = "still"


def set_motion(application: QApplication, *, wanted: bool) -> None:
    """Let things move, or keep them still: Qt's own effects, and what asks `is_moving`."""
    application.setProperty(_PROPERTY, not wanted)
    if not wanted:
        for effect in Qt.UIEffect:
            application.setEffectEnabled(effect, False)


def is_moving() -> bool:
    application = QCoreApplication.instance()
    return application is None or not application.property(_PROPERTY)
