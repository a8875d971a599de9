"""settings.toml: a damaged file is replaced by the last valid one, and writing is atomic."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from backend.contract.errors import OpenThreatError
from backend.contract.problem_catalogue import ProblemId
from backend.contract.problems import Problem, problem
from backend.contract.settings import LAST_GOOD_FILE, SETTINGS_FILE, UserSettings, parse_settings
from backend.system.files import write_atomically

Toml = MutableMapping[str, Any]  # a tomlkit table


@dataclass(frozen=True)
class LoadedSettings:
    """The settings, and what was wrong with the file, if anything."""

    settings: UserSettings
    problem: Problem | None = None


class SettingsFile:
    """The settings file and two copies beside it: the last valid and the last damaged one."""

    def __init__(self, home: Path) -> None:
        self.path = home / SETTINGS_FILE
        self._good = home / LAST_GOOD_FILE
        self._bad = home / "settings.damaged.toml"

    def load(self) -> LoadedSettings:
        """Read the settings; an invalid file is moved aside and replaced by the last valid one.

        Raises:
            OpenThreatError: The file exists and cannot be read.
        """
        try:
            content = self.path.read_bytes()
            settings = parse_settings(content)
        except FileNotFoundError:
            return LoadedSettings(UserSettings())
        except ValueError as error:
            return self._recover(str(error))
        except OSError as error:
            raise OpenThreatError("The settings file cannot be read", f"{self.path}: {error.strerror}") from error
        with suppress(OSError):  # the copy is needed only if the file is damaged later
            write_atomically(self._good, content)
        return LoadedSettings(settings)

    def save(self, settings: UserSettings) -> None:
        """Write the settings; comments and unknown keys of the file stay.

        Raises:
            OpenThreatError: The file cannot be written; the old one stays.
        """
        try:
            document = tomlkit.parse(self.path.read_text(encoding="utf-8"))
        except (FileNotFoundError, UnicodeDecodeError, TOMLKitError):
            document = tomlkit.document()
        _merge(document, settings.model_dump(mode="json", exclude_none=True))
        if settings.stack is None:
            document.pop("stack", None)
        try:
            write_atomically(self.path, tomlkit.dumps(document).encode("utf-8"), durable=True)
        except OSError as error:
            raise OpenThreatError(
                "The settings cannot be saved",
                f"{self.path}: {error.strerror}",
                "Check the permissions of the data folder.",
            ) from error

    def _recover(self, reason: str) -> LoadedSettings:
        """Use the last valid settings, even if no file can be written."""
        good = self._last_good()
        try:
            self.path.replace(self._bad)
            outcome = f"The damaged file is kept as {self._bad.name}"
        except OSError as error:
            outcome = f"The damaged file cannot be moved ({error.strerror})"
        else:
            if good is not None:
                with suppress(OSError):  # then the next save creates the file
                    write_atomically(self.path, good, durable=True)
        used = "the default settings are used" if good is None else "the last valid settings are used"
        return LoadedSettings(
            UserSettings() if good is None else parse_settings(good),
            problem(
                ProblemId.SETTINGS_DAMAGED,
                {
                    "reason": f"{SETTINGS_FILE} {reason.splitlines()[0]}; {used}. {outcome}.",
                    "folder": str(self.path.parent),
                },
            ),
        )

    def _last_good(self) -> bytes | None:
        """Return the content of the last valid file, if it is still valid."""
        try:
            content = self._good.read_bytes()
            parse_settings(content)
        except (OSError, ValueError):
            return None
        return content


def _merge(table: Toml, values: Mapping[str, Any]) -> None:
    for key, value in values.items():
        if isinstance(value, Mapping):
            if not value:
                table.pop(key, None)
                continue
            if not isinstance(table.get(key), MutableMapping):
                table[key] = tomlkit.table()
            _merge(table[key], value)
        elif table.get(key) != value:
            table[key] = value
