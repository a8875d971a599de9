"""Design tokens: every distance, radius, text size and colour of the windows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Space(IntEnum):
    """Logical pixels."""

    XS = 4
    S = 8
    M = 12
    L = 16
    XL = 24


class Radius(IntEnum):
    """Logical pixels."""

    BADGE = 4
    CARD = 8


class Size(StrEnum):
    """Text sizes relative to the system's font."""

    SMALL = "small"
    NORMAL = "normal"
    LARGE = "large"
    TITLE = "title"


SCALE: Mapping[Size, float] = {Size.SMALL: 0.9, Size.NORMAL: 1.0, Size.LARGE: 1.25, Size.TITLE: 1.6}
ICON = 16
LARGE_ICON = 24
HERO_ICON = 48


class Tone(StrEnum):
    """The meaning of a colour."""

    NEUTRAL = "neutral"
    INFO = "info"
    GOOD = "good"
    NOTICE = "notice"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True)
class Pair:
    """A text colour and its background."""

    ink: str
    wash: str


@dataclass(frozen=True)
class Colours:
    window: str
    surface: str  # cards, tables, fields
    sunken: str  # alternating rows, logs
    hover: str
    border: str
    outline: str  # of fields, check boxes and radio buttons
    text: str
    muted: str
    link: str
    accent: str
    on_accent: str
    tones: Mapping[Tone, Pair]
    strong: Mapping[Tone, str]  # bars and marks of charts


LIGHT = Colours(
    window="#F4F5F7",
    surface="#FFFFFF",
    sunken="#F7F8FA",
    hover="#E8EBEF",
    border="#D5D9DF",
    outline="#868E98",
    text="#1B1F24",
    muted="#57606A",
    link="#0A58B0",
    accent="#0A5FBF",
    on_accent="#FFFFFF",
    tones={
        Tone.NEUTRAL: Pair("#4F5862", "#E9ECF0"),
        Tone.INFO: Pair("#0A55A5", "#DDEBFA"),
        Tone.GOOD: Pair("#17642F", "#DDF3E3"),
        Tone.NOTICE: Pair("#735000", "#FDF0C8"),
        Tone.WARNING: Pair("#8F3B00", "#FFE6D5"),
        Tone.BAD: Pair("#A10D26", "#FCE2E6"),
    },
    strong={
        Tone.NEUTRAL: "#8A94A0",
        Tone.INFO: "#2F7FD6",
        Tone.GOOD: "#2E9552",
        Tone.NOTICE: "#B98500",
        Tone.WARNING: "#D9661A",
        Tone.BAD: "#CC1F3D",
    },
)

DARK = Colours(
    window="#17191D",
    surface="#1F2227",
    sunken="#1B1D22",
    hover="#2B3037",
    border="#383E47",
    outline="#7A8490",
    text="#E7EAEE",
    muted="#A4ADB8",
    link="#7CB8FF",
    accent="#6CB0FF",
    on_accent="#0B1B2E",
    tones={
        Tone.NEUTRAL: Pair("#C0C7D0", "#30353D"),
        Tone.INFO: Pair("#8FC4FF", "#17324F"),
        Tone.GOOD: Pair("#82DFA2", "#173523"),
        Tone.NOTICE: Pair("#F0CB66", "#3C3214"),
        Tone.WARNING: Pair("#FFB689", "#452A17"),
        Tone.BAD: Pair("#FF9FAB", "#4A1C24"),
    },
    strong={
        Tone.NEUTRAL: "#7C8694",
        Tone.INFO: "#4C9BF0",
        Tone.GOOD: "#4CB873",
        Tone.NOTICE: "#D9AE3A",
        Tone.WARNING: "#EE8A4E",
        Tone.BAD: "#F0596C",
    },
)
