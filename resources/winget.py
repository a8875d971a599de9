"""The manifests by which winget finds and installs a version; each names its schema in its first line."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from installer import NAME, uninstall_entry

from desktop.releases.publication import PUBLISHER, Publication

_SCHEMA_VERSION = "1.10.0"
_LOCALE = "en-US"
_OLDEST_WINDOWS = "10.0.17763.0"  # Qt's oldest: Windows 10 1809
Value = str | list["Value"] | dict[str, "Value"]


def manifests(
    publication: Publication, version: str, released: date, setup: Path, project: Mapping[str, str]
) -> dict[str, str]:
    """Return the three manifests of a version by file name.

    Args:
        publication: Where the version is published.
        version: The program's version.
        released: The day of the release.
        setup: The installer, as it is published.
        project: The table of that name in pyproject.toml.
    """
    page = publication.page_of(version)
    installer: dict[str, Value] = {
        "Platform": ["Windows.Desktop"],
        "MinimumOSVersion": _OLDEST_WINDOWS,
        "InstallerType": "nullsoft",
        "Scope": "user",
        "UpgradeBehavior": "install",
        "ReleaseDate": released.isoformat(),
        "ProductCode": NAME,
        "AppsAndFeaturesEntries": [{**uninstall_entry(version), "ProductCode": NAME}],
        "Installers": [
            {
                "Architecture": "x64",
                "InstallerUrl": publication.address_of(setup.name, version),
                "InstallerSha256": hashlib.sha256(setup.read_bytes()).hexdigest().upper(),
            }
        ],
    }
    locale: dict[str, Value] = {
        "PackageLocale": _LOCALE,
        "Publisher": PUBLISHER,
        "PackageName": NAME,
        "PackageUrl": page,
        "License": project["license"],
        "ShortDescription": project["description"],
        "Moniker": NAME.lower(),
        "ReleaseNotesUrl": page,
    }
    name = publication.winget_id
    return {
        f"{name}.yaml": _manifest("version", name, version, {"DefaultLocale": _LOCALE}),
        f"{name}.installer.yaml": _manifest("installer", name, version, installer),
        f"{name}.locale.{_LOCALE}.yaml": _manifest("defaultLocale", name, version, locale),
    }


def _manifest(kind: str, winget_id: str, version: str, content: dict[str, Value]) -> str:
    package: dict[str, Value] = {"PackageIdentifier": winget_id, "PackageVersion": version}
    ending: dict[str, Value] = {"ManifestType": kind, "ManifestVersion": _SCHEMA_VERSION}
    schema = f"https://aka.ms/winget-manifest.{kind}.{_SCHEMA_VERSION}.schema.json"
    lines = [f"# yaml-language-server: $schema={schema}", *_yaml({**package, **content, **ending}), ""]
    return "\n".join(lines)


def _yaml(value: Value) -> Iterator[str]:
    """Yield the lines of a value in YAML's block style. Texts are quoted as in JSON, which YAML reads alike."""
    if isinstance(value, str):
        yield json.dumps(value, ensure_ascii=False)
    elif isinstance(value, list):
        for item in value:
            first, *others = _yaml(item)
            yield f"- {first}"
            yield from (f"  {line}" for line in others)
    else:
        for key, item in value.items():
            lines = list(_yaml(item))
            yield f"{key}: {lines[0]}" if isinstance(item, str) else f"{key}:"
            yield from (f"  {line}" for line in lines if not isinstance(item, str))
