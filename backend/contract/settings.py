"""The user's settings in settings.toml. The desktop writes the file, every role reads it."""

from __future__ import annotations

import logging
import re
import tomllib
from datetime import time
from enum import StrEnum
from pathlib import Path
from typing import Self

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from backend.contract.errors import ConfigurationError
from backend.contract.names import Source
from backend.contract.proxy import ProxyMode, parse_proxy
from backend.contract.report import ReportFormat, ReportScope

SETTINGS_VERSION = 1
SETTINGS_FILE = "settings.toml"
LAST_GOOD_FILE = "settings.last-good.toml"
"""A copy of the last valid settings.toml, which the desktop keeps beside the file."""

log = logging.getLogger(__name__)


class StackKind(StrEnum):
    EMBEDDED = "embedded"
    DOCKER = "docker"
    EXTERNAL = "external"


class ThemeChoice(StrEnum):
    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class LanguageChoice(StrEnum):
    """The system's language, or one that there are texts in, by its ISO 639 code."""

    SYSTEM = "system"
    ENGLISH = "en"
    GERMAN = "de"


class SettingsTable(BaseModel):
    """A table of settings.toml. Unknown keys are ignored: an older program reads a newer file of its version."""

    model_config = ConfigDict(extra="ignore")


class Retention(SettingsTable):
    run_days: int = Field(default=90, ge=1, le=3650, description="Days that finished runs are kept.")


class InboxThresholds(SettingsTable):
    """What becomes an event of the Inbox."""

    exploited: bool = Field(default=True, description="An event when a vulnerability becomes known as exploited.")
    critical: bool = Field(default=True, description="An event when a vulnerability is new and critical.")
    epss_above: float = Field(
        default=0.5, ge=0, le=1, description="An event when the EPSS score of a vulnerability reaches this."
    )
    epss_rise: float = Field(
        default=0.2, ge=0.01, le=1, description="An event when the EPSS score rises by this from one day to the next."
    )
    due_days: int = Field(
        default=7, ge=0, le=365, description="An event this many days before CISA's due date for what concerns you."
    )


class BundleSettings(SettingsTable):
    trusted_key: str = Field(
        default="",
        description="The public key that bundles have to be signed with, in hexadecimal. Empty: none is needed.",
    )


class MailSecurity(StrEnum):
    STARTTLS = "starttls"  # begins in plain text, mostly at port 587
    TLS = "tls"  # from the beginning, mostly at port 465


class MailSettings(SettingsTable):
    """The mail server that takes reports. The password is in the system's keyring."""

    enabled: bool = Field(default=False, description="Mail each report that the schedule writes.")
    server: str = Field(default="", description="Name of the mail server (SMTP).")
    port: int = Field(default=587, ge=1, le=65535, description="Its port.")
    security: MailSecurity = Field(
        default=MailSecurity.STARTTLS, description="Its encryption. Nothing is sent without."
    )
    user: str = Field(default="", description="The user of the mail server; empty: it requires none.")
    sender: str = Field(default="", description="The address that mails come from.")
    recipients: tuple[str, ...] = Field(default=(), description="The addresses that mails go to.")

    @field_validator("server")
    @classmethod
    def _is_host(cls, server: str) -> str:
        if server and not re.fullmatch(r"[^\s/@]+", server):
            raise ValueError("is not the name of a server")
        return server

    @field_validator("sender")
    @classmethod
    def _is_address(cls, address: str) -> str:
        return check_mail_address(address) if address else address

    @field_validator("recipients")
    @classmethod
    def _are_addresses(cls, addresses: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(map(check_mail_address, addresses))

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if self.enabled and not (self.server and self.sender and self.recipients):
            raise ValueError("mail needs a server, a sender and at least one recipient")
        return self


def check_mail_address(address: str) -> str:
    """Return a mail address without blanks around it.

    Raises:
        ValueError: It is none. The text continues a sentence that begins with the address.
    """
    stripped = address.strip()
    if not re.fullmatch(r"[^\s@<>(),;:\"\x00-\x1f\x7f]+@[^\s@<>(),;:\"\x00-\x1f\x7f]+", stripped):
        raise ValueError("is not a mail address such as name@example.org")
    return stripped


class ReportSettings(SettingsTable):
    """The report that the schedule writes: its entry `write-report` says when."""

    folder: str = Field(
        default="", description="The folder that reports are written into. Empty: `reports` in the data folder."
    )
    format: ReportFormat = Field(default=ReportFormat.HTML, description="The form of the reports.")
    scope: ReportScope = Field(
        default=ReportScope.MINE, description="What they are about: what concerns you, what is exploited, or all."
    )
    mail: MailSettings = Field(default_factory=MailSettings)


class QuietHours(SettingsTable):
    """Local times; they span midnight if `end` is earlier than `start`."""

    enabled: bool = Field(default=False, description="No notification is shown from `start` to `end`.")
    start: time = Field(default=time(22, 0), description="Beginning of the quiet hours, local time.")
    end: time = Field(default=time(7, 0), description="End of the quiet hours, local time.")


class Notifications(SettingsTable):
    failures: bool = Field(default=True, description="Notify when a task failed, and when it succeeds again.")
    services: bool = Field(default=True, description="Notify when a service keeps failing.")
    events: bool = Field(
        default=True,
        validation_alias=AliasChoices("events", "exploited"),  # the name before there was an inbox
        description="Notify of events of the inbox that concern what is installed or watched.",
    )
    successes: bool = Field(default=False, description="Notify of every update that succeeded.")
    quiet_hours: QuietHours = Field(default_factory=QuietHours)


class NetworkSettings(SettingsTable):
    """How the internet is reached. The proxy's password is in the system's keyring."""

    proxy: ProxyMode = Field(
        default=ProxyMode.SYSTEM,
        description="The proxy of the system (its settings, or HTTP_PROXY, HTTPS_PROXY and NO_PROXY), none, or "
        "`proxy_address`. Proxy scripts (PAC) are not supported. This machine itself is never asked through a proxy.",
    )
    proxy_address: str = Field(
        default="", description="The proxy of `manual`, such as `proxy.example:3128`; without user and password."
    )
    proxy_user: str = Field(default="", description="The user of the proxy; empty: it requires none.")
    ca_file: str = Field(
        default="",
        description="A file of certificate authorities (PEM or DER) that are trusted besides the system's.",
    )

    @field_validator("proxy_address")
    @classmethod
    def _is_proxy(cls, address: str) -> str:
        if address and parse_proxy(address).user:
            raise ValueError("the user belongs in proxy_user, the password in OPENTHREAT_PROXY_PASSWORD or the keyring")
        return address

    @model_validator(mode="after")
    def _has_address(self) -> Self:
        if self.proxy is ProxyMode.MANUAL and not self.proxy_address:
            raise ValueError("a manual proxy needs a proxy_address")
        return self


class DockerSettings(SettingsTable):
    stop_containers: bool = Field(default=True, description="Stop the program's containers when the program ends.")


class UserSettings(SettingsTable):
    """The content of settings.toml."""

    version: int = Field(default=SETTINGS_VERSION, description="Version of the file's format.")
    stack: StackKind | None = Field(default=None, description="The chosen stack. Not set: not chosen yet (embedded).")
    sources: dict[Source, bool] = Field(
        default_factory=dict, description="Which sources an update reads; one that is not named is read."
    )
    retention: Retention = Field(default_factory=Retention)
    inbox: InboxThresholds = Field(default_factory=InboxThresholds)
    bundle: BundleSettings = Field(default_factory=BundleSettings)
    report: ReportSettings = Field(default_factory=ReportSettings)
    watched_vendors: tuple[str, ...] = Field(
        default=(), description="Vendors that an earlier version watched. The tray moves them to the watchlist."
    )
    notifications: Notifications = Field(default_factory=Notifications)
    docker: DockerSettings = Field(default_factory=DockerSettings)
    network: NetworkSettings = Field(default_factory=NetworkSettings)
    theme: ThemeChoice = Field(default=ThemeChoice.SYSTEM, description="Colours of the windows.")
    language: LanguageChoice = Field(
        default=LanguageChoice.SYSTEM, description="Language of the windows, the tray and the notifications."
    )
    scan_installed: bool = Field(
        default=True, description="Look at what is installed on this PC. It is sent to the chosen database only."
    )
    release_check: bool = Field(
        default=True,
        description="Look once a day for a new version of the program, where the build has an address for that.",
    )

    def source_enabled(self, source: Source) -> bool:
        return self.sources.get(source, True)


def report_folder(home: Path, settings: UserSettings) -> Path:
    """Return the folder that reports are written into. home: the data folder."""
    return Path(settings.report.folder) if settings.report.folder else home / "reports"


def parse_settings(content: bytes) -> UserSettings:
    """Parse a settings file.

    Raises:
        ValueError: It is invalid. The text continues a sentence that begins with the file's name.
    """
    try:
        settings = UserSettings.model_validate(tomllib.loads(content.decode("utf-8")))
    except UnicodeDecodeError as error:
        raise ValueError("is no text in UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"is no valid TOML: {error}") from error
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        raise ValueError(f"has a wrong value for {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    if settings.version > SETTINGS_VERSION:
        raise ValueError(f"has version {settings.version} of a newer program; this one knows {SETTINGS_VERSION}")
    return settings


def read_user_settings(home: Path) -> UserSettings:
    """Read settings.toml; without the file, return the defaults.

    If the file is invalid, the copy of the last valid one is used, with a warning in the log.

    Raises:
        ConfigurationError: Neither the file nor the copy is valid.
    """
    path = home / SETTINGS_FILE
    try:
        return parse_settings(path.read_bytes())
    except FileNotFoundError:
        return UserSettings()
    except (OSError, ValueError) as error:
        reason = f"{path} {error}" if isinstance(error, ValueError) else str(error)
        good = _last_good(home / LAST_GOOD_FILE)
        if good is None:
            raise ConfigurationError(
                "The settings file cannot be used",
                f"{reason}.",
                "Correct the file, or delete it to start from the defaults.",
            ) from error
        log.warning("%s. The last good settings are used.", reason)
        return good


def _last_good(path: Path) -> UserSettings | None:
    """Return the settings of the copy; None if it is missing or invalid."""
    try:
        return parse_settings(path.read_bytes())
    except (OSError, ValueError):
        return None
