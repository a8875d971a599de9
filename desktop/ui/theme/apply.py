"""Light and dark theme: the palette of the application, switched live by the system or the user.

Under a contrast theme of the system, its palette is left alone, and all colours are taken from it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontMetrics, QPalette
from PySide6.QtWidgets import QApplication

from backend.contract.settings import ThemeChoice
from desktop.ui.theme.tokens import DARK, LIGHT, SCALE, Colours, Pair, Size, Tone

_OUTLINED = ("QCheckBox", "QRadioButton", "QLineEdit", "QAbstractSpinBox")
_OUTLINED_BY_CONTRAST = ("QPushButton", "QToolButton", "QComboBox", "QTabBar")
"""In our own themes their ground tells them from the window."""
_FUSION_DARKENS = 140  # per cent: from the window's colour to that of outlines
_ROLES = QPalette.ColorRole


class Theme(QObject):
    """Applies the user's choice, or the system's while the user has chosen to follow that."""

    """Args:
    high_contrast: Returns whether the system has a contrast theme now.
    system_palette: Returns its palette; QPalette() is Qt's way to ask for it.
    """

    def __init__(
        self,
        application: QApplication,
        choice: ThemeChoice,
        high_contrast: Callable[[], bool] = lambda: False,
        system_palette: Callable[[], QPalette] = QPalette,
    ) -> None:
        super().__init__(application)
        self._application, self._choice = application, choice
        self._high_contrast, self._system_palette = high_contrast, system_palette
        self._is_systems = False
        application.setStyle("Fusion")
        application.styleHints().colorSchemeChanged.connect(self._apply)
        self._apply()

    def follow(self, choice: ThemeChoice) -> None:
        """Apply the user's choice, and a contrast theme that was turned on or off, of which Qt does not tell."""
        if choice is not self._choice or self._high_contrast() is not self._is_systems:
            self._choice = choice
            self._apply()

    def _apply(self) -> None:
        self._is_systems = self._high_contrast()
        own = palette_of(DARK if self._dark() else LIGHT)
        self._application.setPalette(self._system_palette() if self._is_systems else own)
        outlined = _outlined(self._application.palette())
        for kind in _OUTLINED:  # the stub declares bytes, which the call rejects
            self._application.setPalette(outlined, kind)  # type: ignore[arg-type]
        for kind in _OUTLINED_BY_CONTRAST:
            self._application.setPalette(outlined if self._is_systems else own, kind)  # type: ignore[arg-type]

    def _dark(self) -> bool:
        if self._choice is ThemeChoice.SYSTEM:
            return self._application.styleHints().colorScheme() is Qt.ColorScheme.Dark
        return self._choice is ThemeChoice.DARK


def colours_of(palette: QPalette) -> Colours:
    """Return the colours that belong to a widget's palette: of a palette that is not ours, its own."""
    mark = palette.color(_ROLES.AlternateBase).name()
    ours = next((colours for colours in (LIGHT, DARK) if QColor(colours.sunken).name() == mark), None)
    return ours or _system_colours(*(palette.color(role).name() for role in _SYSTEM_ROLES))


_SYSTEM_ROLES = (_ROLES.Window, _ROLES.Base, _ROLES.WindowText, _ROLES.Link, _ROLES.Highlight, _ROLES.HighlightedText)


@cache
def _system_colours(window: str, surface: str, text: str, link: str, accent: str, on_accent: str) -> Colours:
    """Return colours of the system only. Tones are all the same: icons and words tell states apart."""
    return Colours(
        window=window,
        surface=surface,
        sunken=surface,
        hover=surface,
        border=text,
        outline=text,
        text=text,
        muted=text,
        link=link,
        accent=accent,
        on_accent=on_accent,
        tones=dict.fromkeys(Tone, Pair(text, surface)),
        strong=dict.fromkeys(Tone, text),
    )


def palette_of(colours: Colours) -> QPalette:
    palette = QPalette(QColor(colours.surface), QColor(colours.window))
    roles = {
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
    for role, colour in roles.items():
        palette.setColor(role, QColor(colour))
    faded = _between(QColor(colours.text), QColor(colours.window))
    for role in (_ROLES.WindowText, _ROLES.Text, _ROLES.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, faded)
    return palette


def _outlined(whole: QPalette) -> QPalette:
    """Fusion outlines these widgets in a darkened window colour, which is invisible on a dark window."""
    palette = QPalette(whole)
    palette.setColor(_ROLES.Window, QColor(colours_of(whole).outline).lighter(_FUSION_DARKENS))
    return palette


def sized(font: QFont, size: Size, *, bold: bool = False) -> QFont:
    """Return the font scaled to a size of the theme, so that it follows the system's font size."""
    scaled = QFont(font)
    scaled.setPointSizeF(font.pointSizeF() * SCALE[size])
    scaled.setBold(bold)
    return scaled


def text_width(font: QFont, characters: int) -> int:
    """The width of that many digits in logical pixels, as CSS's unit `ch`.

    A font's mean character width does not serve: for Noto Sans, which has the letters of all scripts, it is a third
    wider than for DejaVu Sans, while the same words are narrower.
    """
    return QFontMetrics(font).horizontalAdvance("0") * characters


def fixed_font(like: QFont) -> QFont:
    """Return the system's fixed-width font, for IDs, vectors and logs."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPointSizeF(like.pointSizeF())
    return font


def _between(first: QColor, second: QColor) -> QColor:
    return QColor.fromRgbF(
        (first.redF() + second.redF()) / 2, (first.greenF() + second.greenF()) / 2, (first.blueF() + second.blueF()) / 2
    )
