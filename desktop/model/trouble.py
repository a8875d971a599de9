"""What a person should read when something is wrong: the same three fields as the API's error body."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Trouble:
    """title: a few words; message: what it means; hint: what to do about it, may be empty."""

    title: str
    message: str = ""
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.title}: {self.message}" if self.message else self.title


class DesktopError(Exception):
    """Carries a trouble to whoever can show it."""

    def __init__(self, title: str, message: str = "", hint: str = "") -> None:
        super().__init__(title, message, hint)
        self.trouble = Trouble(title, message, hint)

    def __str__(self) -> str:
        return str(self.trouble)


class SettingsError(DesktopError):
    """What somebody set cannot be used."""
