"""Store apps, by the package repository in the registry.

Each package has a key named by its full name: name_version_architecture_resource_publisher
(learn.microsoft.com/windows/apps/desktop/modernize/package-identity-overview).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from backend.client.inventory.entries import SkipReason
from backend.client.inventory.uninstall import Values, text_of

REPOSITORY = r"Software\Classes\Local Settings\Software\Microsoft\Windows\CurrentVersion\AppModel\Repository\Packages"

_FULL_NAME = re.compile(
    r"(?P<name>[A-Za-z0-9.-]{1,100})_(?P<version>[0-9]{1,5}(?:\.[0-9]{1,5}){3})_(?P<architecture>[A-Za-z0-9]{1,10})"
    r"_(?P<resource>[^_]{0,60})_(?P<publisher>[a-z0-9]{13})"
)
_PUBLISHERS = {"8wekyb3d8bbwe": "Microsoft Corporation", "cw5n1h2txyewy": "Microsoft Corporation"}
"""Ids of publishers, which are hashes of their certificates' names."""
_RESOURCES = ("@{", "ms-resource:")  # a display name that stands in the package's files
_WHOLE = frozenset({"", "~", "neutral"})


class PackageName(NamedTuple):
    name: str
    version: str
    resource: str
    publisher_id: str


def package_name(full_name: str) -> PackageName | None:
    """The parts of a package's full name; None for other text."""
    found = _FULL_NAME.fullmatch(full_name)
    return PackageName(found["name"], found["version"], found["resource"], found["publisher"]) if found else None


def store_fields(full_name: str, values: Values) -> dict[str, str] | SkipReason:
    """The fields of the entry of a package, or why it is none.

    The display name is used where it is plain text; of apps by Microsoft, and of others without one, the package's name
    is (Microsoft.WindowsNotepad).
    """
    package = package_name(full_name)
    if package is None:
        return SkipReason.UNREADABLE
    if package.resource not in _WHOLE:
        return SkipReason.HIDDEN  # languages and pictures of an app
    shown = text_of(values.get("displayname"))
    publisher = _PUBLISHERS.get(package.publisher_id, "")
    plain = shown and not shown.startswith(_RESOURCES) and not publisher
    return {"name": shown if plain else package.name, "publisher": publisher, "version": package.version}
