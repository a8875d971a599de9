"""Why two versions cannot be compared, or not surely."""

from __future__ import annotations

from enum import StrEnum


class Doubt(StrEnum):
    """The reason why the order of two versions, or the place of a version in a range, is not known."""

    NO_VERSION = "no-version"  # nothing, or a placeholder such as "n/a", "*", "-"
    NOT_A_VERSION = "not-a-version"  # words without a number
    TOO_LONG = "too-long"
    REVISION = "revision"  # a commit: only equality can be determined
    DATE = "date"  # a date against a number
    SHAPE = "shape"  # 25.1 against 2025.1
    SUFFIX = "suffix"  # letters against numbers, or two words without a known order
    OTHER_TRACK = "other-track"  # between two branches, of which only the ends are stated
    NO_BOUNDS = "no-bounds"  # "all versions": a statement without a version
    UNSTATED = "unstated"  # the source does not know, or says nothing about it
    UNREADABLE = "unreadable"  # the statement's text is not understood


class CannotCompare(ValueError):  # noqa: N818 - names the answer, not a fault of the program
    """Two texts have no order as versions.

    Attributes:
        doubt: why.
    """

    def __init__(self, doubt: Doubt, text: str) -> None:
        super().__init__(f"{text[:80]!r} cannot be compared: {doubt}")
        self.doubt = doubt
