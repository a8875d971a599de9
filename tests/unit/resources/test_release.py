"""What is published of a version: notes, checksums, manifests for winget and for the check for new versions."""

from __future__ import annotations

import hashlib
import re
import runpy
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from nacl.signing import SigningKey

from backend.contract.errors import OpenThreatError
from backend.contract.version import VERSION
from backend.network.access import NetworkAccess
from desktop.releases.check import Publisher
from desktop.releases.manifest import verified_manifest
from desktop.releases.publication import PUBLISHER, ManifestAddress, Publication

ROOT = Path(__file__).resolve().parents[3]
TOOL = runpy.run_path(str(ROOT / "resources" / "release.py"))
NOTES, SIGNING, WINGET = TOOL["release_notes"], TOOL["sign_release"], TOOL["winget"]
KEY, STRANGER = SigningKey(bytes(range(32))), SigningKey(bytes(32))
NOW = datetime(2027, 4, 5, 6, 7, tzinfo=UTC)
MANIFEST = ManifestAddress("https://example.org/latest.json", KEY.verify_key.encode().hex())
PUBLICATION = Publication(
    "Example.Threats", "https://example.org/v{version}", "https://example.org/files/{version}", MANIFEST
)
PROJECT = {"license": "Apache-2.0", "description": "Says: what's new, \"what's\" \\old"}
CHANGELOG = """\
# Changelog

## 2.0.0 (unreleased)

- Later.

## 1.10.0 (2027-04-05)

- New: über.
  Second line.

### Details

- More.

## 1.1.0 (2027-02-03)

- Old.

## 1.0.0 (2027-01-02)

"""


@pytest.fixture
def built(tmp_path: Path) -> tuple[Path, Path]:
    setup, sbom = tmp_path / "OpenThreat-1.10.0-setup.exe", tmp_path / "OpenThreat-1.10.0-sbom.cdx.json"
    setup.write_bytes(b"MZ setup")
    sbom.write_bytes(b"{}")
    return setup, sbom


@pytest.fixture(autouse=True)
def key_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "secret"
    path.write_text(KEY.encode().hex(), encoding="ascii")
    monkeypatch.setenv("OPENTHREAT_RELEASE_KEY", str(path))
    return path


def texts(publication: Publication | None, built: tuple[Path, Path]) -> dict[str, str]:
    notes = NOTES.notes_of(CHANGELOG, "1.10.0")
    made: dict[str, str] = TOOL["texts"](publication, "1.10.0", notes, built, PROJECT, NOW)
    return made


class Installer(msgspec.Struct, rename="pascal"):
    installer_url: str
    installer_sha256: str


class InstallerManifest(msgspec.Struct, rename="pascal"):
    """What the tests read of winget's manifest of the installers."""

    installers: list[Installer]
    apps_and_features_entries: list[dict[str, str]]
    product_code: str
    scope: str
    installer_type: str
    release_date: str


def installer_manifest(built: tuple[Path, Path]) -> InstallerManifest:
    read = yaml.safe_load(texts(PUBLICATION, built)["winget/Example.Threats.installer.yaml"])
    return msgspec.convert(read, InstallerManifest)


def test_the_notes_are_the_section_of_the_version() -> None:
    notes = NOTES.notes_of(CHANGELOG, "1.10.0")
    assert notes.released == date(2027, 4, 5)
    assert notes.text == "- New: über.\n  Second line.\n\n### Details\n\n- More.\n"
    assert NOTES.notes_of(CHANGELOG, "1.1.0").text == "- Old.\n"


@pytest.mark.parametrize(
    ("version", "reason"),
    [("1.9.0", "no section of version 1.9.0"), ("1", "no section"), ("2.0.0", "unreleased"), ("1.0.0", "is empty")],
)
def test_a_version_without_notes_or_day_is_not_released(version: str, reason: str) -> None:
    with pytest.raises(OpenThreatError, match=re.escape(reason)) as refused:
        NOTES.notes_of(CHANGELOG, version)
    assert refused.value.hint


def test_the_changelog_begins_with_this_version() -> None:
    headings = re.findall(r"^## (\S+) \(.+\)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert headings[0] == VERSION


def test_checksums_are_of_the_files_as_published(built: tuple[Path, Path], tmp_path: Path) -> None:
    folder = tmp_path / "release"
    TOOL["collect"](built, texts(PUBLICATION, built), folder)
    lines = [line.split("  ") for line in (folder / "SHA256SUMS").read_text(encoding="ascii").splitlines()]
    assert [name for _, name in lines] == [path.name for path in built]
    for digest, name in lines:
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    assert b"\r" not in (folder / "SHA256SUMS").read_bytes()


def test_nothing_of_an_earlier_release_is_left(built: tuple[Path, Path], tmp_path: Path) -> None:
    folder = tmp_path / "release"
    folder.mkdir()
    (folder / "OpenThreat-1.9.0-setup.exe").touch()
    TOOL["collect"](built, texts(None, built), folder)
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*")}
    assert names == {"RELEASE_NOTES.md", "SHA256SUMS", *(path.name for path in built)}


@pytest.mark.parametrize("missing", [0, 1])
def test_what_is_not_built_is_not_released(built: tuple[Path, Path], missing: int) -> None:
    built[missing].unlink()
    with pytest.raises(OpenThreatError, match=built[missing].name):
        texts(PUBLICATION, built)


def test_winget_finds_the_installer_and_the_installed_program(built: tuple[Path, Path]) -> None:
    manifest = installer_manifest(built)
    [installer] = manifest.installers
    assert installer.installer_url == f"https://example.org/files/1.10.0/{built[0].name}"
    assert installer.installer_sha256 == hashlib.sha256(built[0].read_bytes()).hexdigest().upper()
    [entry] = manifest.apps_and_features_entries
    assert entry == {
        "DisplayName": "OpenThreat",
        "Publisher": PUBLISHER,
        "DisplayVersion": "1.10.0",
        "ProductCode": "OpenThreat",
    }
    assert manifest.product_code == entry["ProductCode"]
    assert (manifest.scope, manifest.installer_type) == ("user", "nullsoft")
    assert manifest.release_date == "2027-04-05"


def test_the_three_manifests_of_winget_belong_together(built: tuple[Path, Path]) -> None:
    found = {name: text for name, text in texts(PUBLICATION, built).items() if name.startswith("winget/")}
    read = {yaml.safe_load(text)["ManifestType"]: yaml.safe_load(text) for text in found.values()}
    assert set(read) == {"version", "installer", "defaultLocale"}
    for kind, manifest in read.items():
        assert (manifest["PackageIdentifier"], manifest["PackageVersion"]) == ("Example.Threats", "1.10.0")
        assert any(f".{kind}.{manifest['ManifestVersion']}.schema.json" in text for text in found.values())
    locale = read["defaultLocale"]
    assert read["version"]["DefaultLocale"] == locale["PackageLocale"]
    assert (locale["License"], locale["ShortDescription"]) == (PROJECT["license"], PROJECT["description"])
    assert locale["ReleaseNotesUrl"] == "https://example.org/v1.10.0"


_TEXTS = st.text(st.characters(categories=("L", "N", "P", "S", "Zs")))
_KEYS = st.text("abc", min_size=1)


@given(
    st.recursive(
        _TEXTS, lambda inner: st.lists(inner, min_size=1) | st.dictionaries(_KEYS, inner, min_size=1), max_leaves=8
    )
)
def test_any_value_is_read_as_it_was_written(value: object) -> None:
    assert yaml.safe_load(WINGET._manifest("installer", "A.B", "1.0", {"Value": value}))["Value"] == value


def test_the_program_accepts_the_signed_manifest(built: tuple[Path, Path]) -> None:
    made = texts(PUBLICATION, built)["latest.json"].encode()
    manifest = verified_manifest(made, Publisher(MANIFEST.url, MANIFEST.key, NetworkAccess).verify, None, NOW)
    assert (manifest.version, manifest.page) == ("1.10.0", "https://example.org/v1.10.0")
    assert manifest.expires_at - NOW == timedelta(days=90)


@pytest.mark.parametrize("publication", [None, replace(PUBLICATION, manifest=None)])
def test_a_build_without_check_has_no_manifest(publication: Publication | None, built: tuple[Path, Path]) -> None:
    made = texts(publication, built)
    assert "latest.json" not in made
    assert any(name.startswith("winget/") for name in made) is (publication is not None)


@pytest.mark.parametrize("content", [STRANGER.encode().hex(), "no key", "abcd", None])
def test_a_manifest_that_the_program_would_reject_is_not_published(
    content: str | None, key_file: Path, built: tuple[Path, Path]
) -> None:
    if content is None:
        key_file.unlink()
    else:
        key_file.write_text(content, encoding="ascii")
    with pytest.raises(OpenThreatError) as refused:
        texts(PUBLICATION, built)
    assert refused.value.hint


def test_a_page_that_the_program_would_not_open_is_not_published(built: tuple[Path, Path]) -> None:
    with pytest.raises(OpenThreatError, match="invalid field"):
        texts(replace(PUBLICATION, page="http://example.org/{version}"), built)


def test_a_manifest_at_an_address_that_the_program_would_not_request_is_not_published(built: tuple[Path, Path]) -> None:
    manifest = replace(MANIFEST, url="http://example.org/latest.json")
    with pytest.raises(OpenThreatError, match="does not begin with https"):
        texts(replace(PUBLICATION, manifest=manifest), built)


def test_a_key_is_made_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "new"
    monkeypatch.setenv("OPENTHREAT_RELEASE_KEY", str(path))
    assert SIGNING.main(["keys"]) == 0
    public, secret = capsys.readouterr().out.strip(), path.read_text(encoding="ascii")
    assert SigningKey(bytes.fromhex(secret)).verify_key.encode().hex() == public
    with pytest.raises(SystemExit):
        SIGNING.main(["keys"])
    assert path.read_text(encoding="ascii") == secret


def test_without_an_address_no_manifest_is_made() -> None:
    with pytest.raises(OpenThreatError, match="does not check for new versions"):
        SIGNING.signed_manifest(None, "1.0.0", NOW)
