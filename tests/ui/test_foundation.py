"""Colours, formatting and links, which all pages use."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtGui import QColor

from desktop.ui.formatting import ago, duration, happened, one_line, plain, safe_link, until
from desktop.ui.theme.tokens import DARK, LIGHT, Colours

ENOUGH = 4.5
"""WCAG 2.1, success criterion 1.4.3: contrast of normal text."""
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.1 defines it."""
    ink = QColor(colour)
    return 0.2126 * linear(ink.redF()) + 0.7152 * linear(ink.greenF()) + 0.0722 * linear(ink.blueF())


def linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def contrast(first: str, second: str) -> float:
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_every_text_can_be_read_on_every_ground_it_stands_on(colours: Colours) -> None:
    grounds = (colours.window, colours.surface, colours.sunken, colours.hover)
    pairs = [(ink, ground) for ink in (colours.text, colours.muted, colours.link) for ground in grounds]
    pairs += [(pair.ink, pair.wash) for pair in colours.tones.values()]
    pairs += [(colours.text, pair.wash) for pair in colours.tones.values()]
    pairs += [(colours.on_accent, colours.accent)]
    weak = [(ink, ground, round(contrast(ink, ground), 2)) for ink, ground in pairs if contrast(ink, ground) < ENOUGH]
    assert weak == []


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (59.6, "1 min"), (61, "1 min 1 s"), (600, "10 min"), (4320, "1 h 12 min"), (90_000, "1 d 1 h")],
)
def test_durations_in_words(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_moments_are_told_relative_to_now() -> None:
    assert ago(NOW - timedelta(seconds=20), NOW) == "just now"
    assert ago(NOW - timedelta(minutes=12), NOW) == "12 min ago"
    assert ago(NOW - timedelta(days=3), NOW) == "3 d ago"
    assert ago(NOW + timedelta(minutes=5), NOW) == "in 5 min"
    assert happened(NOW + timedelta(minutes=5), NOW) == "just now"
    assert happened(NOW - timedelta(minutes=12), NOW) == "12 min ago"
    assert until(NOW - timedelta(seconds=5), NOW) == "now"


def test_text_of_strangers_cannot_turn_or_hide_what_stands_beside_it() -> None:
    assert plain("a\u202eb\x07c\u200bd\n\te") == "abcd\n\te"
    assert one_line("a\n b\t c") == "a b c"
    assert plain("abcdef", 3) == "abc…"


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "file:///etc/passwd", "//host/x", "http://", "HTTP:no", "https://["]
)
def test_only_web_addresses_are_links(url: str) -> None:
    assert safe_link(url) == ""


def test_a_web_address_is_a_link() -> None:
    assert safe_link("HTTPS://vendor.example/a?b#c") == "HTTPS://vendor.example/a?b#c"
