"""A contrast theme of a system: yellow on black."""

from __future__ import annotations

from PySide6.QtGui import QColor, QPalette

BLACK, YELLOW = QColor(0, 0, 0), QColor(255, 255, 0)


def contrast_palette() -> QPalette:
    palette, roles = QPalette(), QPalette.ColorRole
    inverse = (roles.HighlightedText,)
    grounds = (roles.Window, roles.Base, roles.AlternateBase, roles.Button, roles.ToolTipBase)
    shades = (roles.Light, roles.Midlight, roles.Mid, roles.Dark, roles.Shadow)
    for role in QPalette.ColorRole:
        if role is not roles.NColorRoles:
            palette.setColor(role, BLACK if role in (*inverse, *grounds, *shades) else YELLOW)
    return palette
