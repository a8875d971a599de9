"""Writes resources/configuration.md: every setting of the program, as the settings model describes it.

Run it with the Python of the virtual environment after a setting was added or changed; a test compares the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time
from enum import Enum
from pathlib import Path
from types import NoneType, UnionType
from typing import Literal, Union, get_args, get_origin

from annotated_types import Ge, Le
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from backend.config import Settings
from backend.contract.environment import PREFIX
from backend.contract.settings import SETTINGS_FILE, SettingsTable, UserSettings
from backend.services.runs.schedule import DEFAULT_ENTRIES, DefaultEntry

REFERENCE = Path(__file__).with_name("configuration.md")
_TEXT = f"""\
# Configuration

Written by `resources/config_reference.py` from the settings model: change the model, not this file.

A setting is looked for in the environment first, then in the file `.env` of the data folder (one `NAME=value` a line),
then in `{SETTINGS_FILE}` beside it, which the settings page writes.

## Environment and `.env`

{{variables}}

## {SETTINGS_FILE}

{{keys}}

## Schedule

Until somebody changes it on the schedule page or by `PATCH /api/v1/tasks/scheduled/NAME`. Cron lines are read in the
machine's own time zone.

{{entries}}
"""


def reference() -> str:
    """Return the content of the file."""
    fields = ((_variable(name, field), field) for name, field in Settings.model_fields.items() if name != "user")
    return _TEXT.format(
        variables=_table("Variable", "Meaning", "Values", "Default", rows=(_row(*pair) for pair in fields)),
        keys=_table("Key", "Meaning", "Values", "Default", rows=(_row(*pair) for pair in _keys(UserSettings))),
        entries=_table(
            "Name",
            "Meaning",
            "Cron line",
            rows=(_entry(entry) for entry in DEFAULT_ENTRIES),
        ),
    )


def _entry(entry: DefaultEntry) -> tuple[str, ...]:
    off = "" if entry.enabled else " Off until somebody turns it on."
    return f"`{entry.name}`", f"{entry.description}.{off}", f"`{entry.cron}`"


def _variable(name: str, field: FieldInfo) -> str:
    return str(field.validation_alias or PREFIX + name.upper())


def _keys(table: type[SettingsTable], prefix: str = "") -> Iterator[tuple[str, FieldInfo]]:
    for name, field in table.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, SettingsTable):
            yield from _keys(field.annotation, f"{prefix}{name}.")
        else:
            yield prefix + name, field


def _row(name: str, field: FieldInfo) -> tuple[str, ...]:
    return f"`{name}`", field.description or "", _values(field), _default(field)


def _values(field: FieldInfo) -> str:
    """Describe the values of a setting by its type and bounds."""
    low = next((bound.ge for bound in field.metadata if isinstance(bound, Ge)), None)
    high = next((bound.le for bound in field.metadata if isinstance(bound, Le)), None)
    bounds = f"{low} to {high}" if high is not None else f"{low} or more" if low is not None else ""
    return bounds or _kind(field.annotation)


def _kind(kind: object) -> str:
    if get_origin(kind) in (Union, UnionType):
        return ", ".join(_kind(each) for each in get_args(kind) if each is not NoneType)
    if get_origin(kind) is Literal:
        return ", ".join(f"`{value}`" for value in get_args(kind))
    if get_origin(kind) is dict:
        return f"a table: {_kind(get_args(kind)[0])} = {_kind(get_args(kind)[1])}"
    if get_origin(kind) is tuple:
        return "a list of texts"
    if isinstance(kind, type) and issubclass(kind, Enum):
        return ", ".join(f"`{member.value}`" for member in kind)
    kinds: dict[object, str] = {
        bool: "`true`, `false`",
        str: "text",
        int: "number",
        SecretStr: "secret text",
        Path: "path",
        time: "time",
    }
    return kinds[kind]


def _default(field: FieldInfo) -> str:
    value = field.default
    if field.default_factory is not None or value in (None, "", ()):
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value:%H:%M}`" if isinstance(value, time) else f"`{value}`"


def _table(*heads: str, rows: Iterator[tuple[str, ...]]) -> str:
    lines = (heads, tuple("---" for _ in heads), *rows)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    REFERENCE.write_text(reference(), encoding="utf-8", newline="\n")
