"""Light and dark: the palette of the whole program, following the system or the user's own choice, switched live."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontMetrics, QPalette
from PySide6.QtWidgets import QApplication

from backend.contract.settings import ThemeChoice as Choice
from desktop.ui.theme.tokens import DARK, LIGHT, SCALE, Colours, Size

_MIDDLE = 128
_OUTLINED = ("QCheckBox", "QRadioButton", "QLineEdit", "QAbstractSpinBox")
_FUSION_DARKENS = 140  # per cent: from the window's colour to that of outlines
_ROLES = QPalette.ColorRole


class Theme(QObject):
    """choice: the user's; `follow` takes another one."""

    def __init__(self, application: QApplication, choice: Choice) -> None:
        super().__init__(application)
        self._application, self._choice = application, choice
        application.setStyle("Fusion")
        application.styleHints().colorSchemeChanged.connect(self._apply)
        self._apply()

    def follow(self, choice: Choice) -> None:
        if choice is not self._choice:
            self._choice = choice
            self._apply()

    def _apply(self) -> None:
        colours = DARK if self._dark() else LIGHT
        self._application.setPalette(palette_of(colours))
        for kind in _OUTLINED:  # the stub asks for bytes, which the call refuses
            self._application.setPalette(_outlined(colours), kind)  # type: ignore[arg-type]

    def _dark(self) -> bool:
        if self._choice is Choice.SYSTEM:
            return self._application.styleHints().colorScheme() is Qt.ColorScheme.Dark
        return self._choice is Choice.DARK


def colours_of(palette: QPalette) -> Colours:
    """Every widget carries its palette, so whoever paints needs to know nothing else of the theme."""
    return DARK if palette.color(_ROLES.Window).lightness() < _MIDDLE else LIGHT


def palette_of(colours: Colours) -> QPalette:
    palette = QPalette(QColor(colours.surface), QColor(colours.window))
    plain = {
        _ROLES.Window: colours.window,
        _ROLES.WindowText: colours.text,
        _ROLES.Base: colours.surface,
        _ROLES.AlternateBase: colours.sunken,
        _ROLES.Text: colours.text,
        _ROLES.PlaceholderText: colours.muted,
        _ROLES.Button: colours.surface,
        _ROLES.ButtonText: colours.text,
        _ROLES.BrightText: colours.text,
        _ROLES.ToolTipBase: colours.surface,
        _ROLES.ToolTipText: colours.text,
        _ROLES.Highlight: colours.accent,
        _ROLES.HighlightedText: colours.on_accent,
        _ROLES.Accent: colours.accent,
        _ROLES.Link: colours.link,
        _ROLES.LinkVisited: colours.link,
        _ROLES.Mid: colours.border,
        _ROLES.Midlight: colours.hover,
        _ROLES.Dark: colours.border,
    }
    for role, colour in plain.items():
        palette.setColor(role, QColor(colour))
    faded = _between(QColor(colours.text), QColor(colours.window))
    for role in (_ROLES.WindowText, _ROLES.Text, _ROLES.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, faded)
    return palette


def _outlined(colours: Colours) -> QPalette:
    """Fusion draws their outline in a darkened window colour, which on a dark window cannot be seen."""
    palette = palette_of(colours)
    palette.setColor(_ROLES.Window, QColor(colours.outline).lighter(_FUSION_DARKENS))
    return palette


def sized(font: QFont, size: Size, *, bold: bool = False) -> QFont:
    """The same font, larger or smaller, so that text scales with the system's."""
    other = QFont(font)
    other.setPointSizeF(font.pointSizeF() * SCALE[size])
    other.setBold(bold)
    return other


def text_width(font: QFont, characters: int) -> int:
    """The width of that many digits in logical pixels, as CSS's unit `ch`.

    A font's mean character width does not serve: for Noto Sans, which has the letters of all scripts, it is a third
    wider than for DejaVu Sans, while the same words are narrower.
    """
    return QFontMetrics(font).horizontalAdvance("0") * characters


def fixed_font(like: QFont) -> QFont:
    """For ids, vectors and logs."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPointSizeF(like.pointSizeF())
    return font


def _between(one: QColor, other: QColor) -> QColor:
    return QColor.fromRgbF(
        (one.redF() + other.redF()) / 2, (one.greenF() + other.greenF()) / 2, (one.blueF() + other.blueF()) / 2
    )
