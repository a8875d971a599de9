"""What a person may set, as it stands in settings.toml. The desktop writes the file, every role reads it."""

from __future__ import annotations

import logging
import tomllib
from datetime import time
from enum import StrEnum
from pathlib import Path

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
)

from backend.contract.errors import ConfigurationError
from backend.contract.names import Source

SETTINGS_VERSION = 1
SETTINGS_FILE = "settings.toml"
LAST_GOOD_FILE = "settings.last-good.toml"
"""The last settings.toml that could be used, which the desktop keeps beside it."""


PREFIX = "OPENTHREAT_"
WITHOUT_PREFIX = ("DATABASE_URL", "REDIS_URL", "NVD_API_KEY")
"""Variables that the platform's users know by these names."""


def variable_of(*place: str | int) -> str:
    """The environment variable of a setting, from where pydantic found fault with it."""
    name = "_".join(map(str, place)).upper()
    return name if name in WITHOUT_PREFIX else PREFIX + name


class StackKind(StrEnum):
    EMBEDDED = "embedded"
    DOCKER = "docker"
    EXTERNAL = "external"


class Retention(BaseModel):
    model_config = ConfigDict(extra="ignore")

    run_days: int = Field(default=90, ge=1, le=3650, description="finished runs are kept this long")


class ThemeChoice(StrEnum):
    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class QuietHours(BaseModel):
    """No notification from `start` to `end`, local time; across midnight where `end` is the earlier one."""

    model_config = ConfigDict(extra="ignore")

    enabled: bool = False
    start: time = time(22, 0)
    end: time = time(7, 0)


class Notifications(BaseModel):
    model_config = ConfigDict(extra="ignore")

    failures: bool = Field(default=True, description="a run failed, or works again after it failed")
    services: bool = Field(default=True, description="a service gave up")
    exploited: bool = Field(default=True, description="a vulnerability of a watched vendor became known as exploited")
    successes: bool = Field(default=False, description="every update that succeeded")
    quiet_hours: QuietHours = Field(default_factory=QuietHours)


class DockerSettings(BaseModel):
    model_config = ConfigDict(extra="ignore")

    stop_containers: bool = Field(default=True, description="when the program ends, its containers are stopped too")


class UserSettings(BaseModel):
    """The content of settings.toml. Unknown keys are ignored, so an older program reads a newer file of its version."""

    model_config = ConfigDict(extra="ignore")

    version: int = SETTINGS_VERSION
    stack: StackKind | None = None  # None: not chosen yet, which means embedded
    sources: dict[Source, bool] = Field(default_factory=dict, description="sources switched off; absent means on")
    retention: Retention = Field(default_factory=Retention)
    watched_vendors: tuple[str, ...] = Field(default=(), description="whose exploited vulnerabilities are told of")
    notifications: Notifications = Field(default_factory=Notifications)
    docker: DockerSettings = Field(default_factory=DockerSettings)
    theme: ThemeChoice = ThemeChoice.SYSTEM
    release_check: bool = Field(default=True, description="once a day, whether there is a new version of the program")

    def source_enabled(self, source: Source) -> bool:
        return self.sources.get(source, True)


log = logging.getLogger(__name__)


def settings_of(home: Path) -> UserSettings:
    """What settings.toml says; where that cannot be used, the last one that could. Raises ConfigurationError."""
    try:
        return _read(home / SETTINGS_FILE)
    except ConfigurationError as error:
        good = _last_good(home / LAST_GOOD_FILE)
        if good is None:
            raise
        log.warning("%s. The last good settings are used.", error)
        return good


def _last_good(path: Path) -> UserSettings | None:
    """If it is there, and good still."""
    try:
        return _read(path) if path.exists() else None
    except ConfigurationError:
        return None


def _read(path: Path) -> UserSettings:
    """The file, or the defaults where there is none. Raises ConfigurationError for a file that cannot be used."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        settings = UserSettings.model_validate(raw)
    except FileNotFoundError:
        return UserSettings()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise ConfigurationError(
            "The settings file cannot be read",
            f"{path}: {error}",
            "Mend the file, or delete it to start from the defaults.",
        ) from error
    if settings.version > SETTINGS_VERSION:
        raise ConfigurationError(
            "The settings file is of a newer version of the program",
            f"{path} has version {settings.version}; this program knows {SETTINGS_VERSION}.",
            "Install the newer version again, or delete the file to start from the defaults.",
        )
    return settings
