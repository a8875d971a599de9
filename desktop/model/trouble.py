"""What a person should read when something is wrong: the same three fields as the API's error body."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Remedy(StrEnum):
    """What the program itself can do about a trouble: a button."""

    START_DOCKER = "start-docker"
    USE_EMBEDDED = "use-embedded"
    USE_OTHER_PORTS = "use-other-ports"
    FETCH_IMAGES = "fetch-images"
    STOP_FETCHING = "stop-fetching"
    TRY_AGAIN = "try-again"
    OPEN_LOG = "open-log"
    OPEN_SETTINGS = "open-settings"
    OPEN_FOLDER = "open-folder"
    UPDATE_NOW = "update-now"


@dataclass(frozen=True)
class Trouble:
    """title: a few words; message: what it means; hint: what to do about it, may be empty.

    remedies: what can be done about it here and now, the best first. details: for those who look closer, such as the
    last lines of a log.
    """

    title: str
    message: str = ""
    hint: str = ""
    remedies: tuple[Remedy, ...] = ()
    details: str = ""

    def __str__(self) -> str:
        return f"{self.title}: {self.message}" if self.message else self.title


class DesktopError(Exception):
    """Carries a trouble to whoever can show it."""

    def __init__(self, title: str, message: str = "", hint: str = "", remedies: tuple[Remedy, ...] = ()) -> None:
        super().__init__(title, message, hint, remedies)
        self.trouble = Trouble(title, message, hint, remedies)

    def __str__(self) -> str:
        return str(self.trouble)


class SettingsError(DesktopError):
    """What somebody set cannot be used."""
