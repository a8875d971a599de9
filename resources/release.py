"""Collects what is published of a version, in `dist/release`.

Usage: python resources/bootstrap.py python resources/release.py

It needs what `resources/build.py` has made, and writes:

    OpenThreat-VERSION-setup.exe      the installer
    OpenThreat-VERSION-sbom.cdx.json  what the program is made of (SBOM, CycloneDX)
    RELEASE_NOTES.md                  the section of the version in CHANGELOG.md
    SHA256SUMS                        for `sha256sum --check`
    winget                            folder of the manifests for winget
    latest.json                       the manifest for the check for new versions, signed with OPENTHREAT_RELEASE_KEY

The last two are written where desktop/releases/publication.py says where releases are published.
resources/releasing.md has the whole procedure.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

RESOURCES = Path(__file__).resolve().parent
ROOT = RESOURCES.parent
sys.path.insert(0, str(RESOURCES))

import build
import release_notes
import sign_release
import winget

from backend.contract.errors import OpenThreatError
from backend.contract.version import VERSION
from desktop.releases.publication import PUBLICATION, Publication

FOLDER = build.OUT / "release"
_CHANGELOG, _PROJECT = ROOT / "CHANGELOG.md", ROOT / "pyproject.toml"


def main() -> int:
    project = tomllib.loads(_PROJECT.read_text(encoding="utf-8"))["project"]
    try:
        notes = release_notes.notes_of(_CHANGELOG.read_text(encoding="utf-8"), VERSION)
        files = texts(PUBLICATION, VERSION, notes, (build.SETUP, build.SBOM), project, datetime.now(UTC))
    except OpenThreatError as error:
        print(f"{error} {error.hint}", file=sys.stderr)
        return 1
    collect((build.SETUP, build.SBOM), files, FOLDER)
    build.say(f"{FOLDER}: {', '.join(sorted(path.name for path in FOLDER.iterdir()))}")
    if PUBLICATION is None:
        build.say("no manifests: desktop/releases/publication.py does not say where releases are published")
    return 0


def texts(
    publication: Publication | None,
    version: str,
    notes: release_notes.ReleaseNotes,
    built: tuple[Path, Path],
    project: Mapping[str, str],
    at: datetime,
) -> dict[str, str]:
    """Return the texts of a release by their paths in its folder.

    Args:
        publication: The build settings.
        version: The program's version.
        notes: What has changed.
        built: The installer and the SBOM.
        project: The table of that name in pyproject.toml.
        at: The time of the signature.

    Raises:
        OpenThreatError: Something is not built, or the manifest cannot be signed.
    """
    for path in built:
        if not path.is_file():
            raise OpenThreatError("The release is not built", f"{path} is missing.", "Run python resources/build.py.")
    files = {
        "RELEASE_NOTES.md": notes.text,
        "SHA256SUMS": "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in built),
    }
    if publication is not None:
        catalogue = winget.manifests(publication, version, notes.released, built[0], project)
        files |= {f"winget/{name}": text for name, text in catalogue.items()}
        if publication.manifest is not None:
            files["latest.json"] = sign_release.signed_manifest(publication, version, at) + "\n"
    return files


def collect(built: tuple[Path, Path], files: Mapping[str, str], folder: Path) -> None:
    """Replace the folder by one with the built files and the texts."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for path in built:
        shutil.copyfile(path, folder / path.name)
    for name, text in files.items():
        target = folder / name
        target.parent.mkdir(exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    sys.exit(main())
