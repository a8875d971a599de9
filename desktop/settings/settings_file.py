"""settings.toml: read so that a damaged file stops nobody, written so that it is never half there."""

from __future__ import annotations

import os
from collections.abc import Mapping, MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from backend.contract.errors import OpenThreatError
from backend.contract.problems import Problem, ProblemId, problem
from backend.contract.settings import LAST_GOOD_FILE, SETTINGS_FILE, UserSettings, parse_settings

Toml = MutableMapping[str, Any]  # tomlkit's own word for a table


@dataclass(frozen=True)
class Loaded:
    """trouble: what was wrong with the file, if anything, and what was done about it."""

    settings: UserSettings
    problem: Problem | None = None


class SettingsFile:
    """The file and, beside it, the last one that could be read and the last one that could not."""

    def __init__(self, home: Path) -> None:
        self.path = home / SETTINGS_FILE
        self._good = home / LAST_GOOD_FILE
        self._bad = home / "settings.damaged.toml"

    def load(self) -> Loaded:
        """Puts the last good file in the place of one that cannot be used, which is kept beside it.

        Raises OpenThreatError where the file cannot even be looked at.
        """
        try:
            content = self.path.read_bytes()
            settings = parse_settings(content)
        except FileNotFoundError:
            return Loaded(UserSettings())
        except ValueError as error:
            return self._recovered(str(error))
        except OSError as error:
            raise OpenThreatError("The settings file cannot be read", f"{self.path}: {error.strerror}") from error
        with suppress(OSError):  # without it only the next accident is worse
            _write(self._good, content)
        return Loaded(settings)

    def save(self, settings: UserSettings) -> None:
        """Keeps comments and keys of others. Raises OpenThreatError where it cannot be written: the old file stays."""
        try:
            document = tomlkit.parse(self.path.read_text(encoding="utf-8"))
        except (FileNotFoundError, UnicodeDecodeError, TOMLKitError):
            document = tomlkit.document()
        _merge(document, settings.model_dump(mode="json", exclude_none=True))
        if settings.stack is None:
            document.pop("stack", None)
        try:
            _write(self.path, tomlkit.dumps(document).encode("utf-8"))
        except OSError as error:
            raise OpenThreatError(
                "The settings cannot be saved", f"{self.path}: {error.strerror}", "Check the rights to the data folder."
            ) from error

    def _recovered(self, reason: str) -> Loaded:
        """Where nothing can be written the last good settings are used all the same."""
        good = self._last_good()
        try:
            self.path.replace(self._bad)
            fate = f"The damaged file is kept as {self._bad.name}"
        except OSError as error:
            fate = f"The damaged file cannot be put aside ({error.strerror})"
        else:
            if good is not None:
                with suppress(OSError):  # then it is missing, and the next save makes it
                    _write(self.path, good)
        now = "the program's own defaults are used" if good is None else "the last good settings are used"
        return Loaded(
            UserSettings() if good is None else parse_settings(good),
            problem(
                ProblemId.SETTINGS_DAMAGED,
                {
                    "reason": f"{SETTINGS_FILE} {reason.splitlines()[0]}; {now}. {fate}.",
                    "folder": str(self.path.parent),
                },
            ),
        )

    def _last_good(self) -> bytes | None:
        """Its content, if it can be used still."""
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


def _write(path: Path, content: bytes) -> None:
    """The file is the old one or the new one, whatever happens meanwhile."""
    beside = path.with_name(path.name + ".new")
    with beside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
