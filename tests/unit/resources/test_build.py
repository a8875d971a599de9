"""The build: one version number, one name for Windows' list of programs, signatures, and the SBOM."""

from __future__ import annotations

import json
import runpy
import struct
import subprocess
import sys
import tomllib
from pathlib import Path

import msgspec
import pytest
from PySide6.QtGui import QImage

from backend.contract.version import VERSION

ROOT = Path(__file__).resolve().parents[3]
BUILD = runpy.run_path(str(ROOT / "resources" / "build.py"))
INGREDIENTS, INSTALLER = BUILD["ingredients"], BUILD["installer"]
NOTES_FILES = "import pathlib, sys; pathlib.Path(sys.argv[1]).open('a').write(sys.argv[2] + '\\n')"
LOCK = """\
celery==5.7.0 \\
    --hash=sha256:00
PySide6.Essentials==6.11 ; sys_platform == 'win32' \\
    --hash=sha256:00
"""


class Part(msgspec.Struct):
    name: str
    version: str = ""


class Metadata(msgspec.Struct):
    component: Part


class Dependency(msgspec.Struct, rename="camel"):
    ref: str
    depends_on: list[str] = []


class Sbom(msgspec.Struct):
    """What the tests read of a CycloneDX document."""

    metadata: Metadata
    components: list[Part]
    dependencies: list[Dependency]


def component(name: str, version: str = "1.0") -> dict[str, str]:
    return {"type": "library", "bom-ref": f"{name}=={version}", "name": name, "version": version}


@pytest.fixture
def sbom(tmp_path: Path) -> Sbom:
    """Of an environment that has more than the program, turned into that of the program."""
    (tmp_path / "lock.txt").write_text(LOCK, encoding="utf-8")
    path = tmp_path / "sbom.json"
    names = ("celery", "pyside6_essentials", "pyinstaller", "cyclonedx-bom")
    environment = {
        "metadata": {"component": {"bom-ref": "root", "name": "openthreat-desktop", "type": "application"}},
        "components": [component(name) for name in names],
        "dependencies": [
            {"ref": "root", "dependsOn": ["celery==1.0", "cyclonedx-bom==1.0"]},
            {"ref": "celery==1.0", "dependsOn": ["pyside6_essentials==1.0"]},
            {"ref": "cyclonedx-bom==1.0"},
        ],
    }
    path.write_text(json.dumps(environment), encoding="utf-8")
    INGREDIENTS.keep_bundled(path, tmp_path / "lock.txt", "7.8.9", [component("CPython", "3.99")])
    return msgspec.json.decode(path.read_bytes(), type=Sbom)


def test_the_sbom_has_what_the_program_contains_and_no_build_tool(sbom: Sbom) -> None:
    assert {part.name for part in sbom.components} == {"celery", "pyside6_essentials", "pyinstaller", "CPython"}
    assert sbom.metadata.component.version == "7.8.9"


def test_the_sbom_says_what_needs_what(sbom: Sbom) -> None:
    needs = {entry.ref: set(entry.depends_on) for entry in sbom.dependencies}
    assert needs == {
        "root": {"celery==1.0", "CPython==3.99"},
        "celery==1.0": {"pyside6_essentials==1.0"},
        "pyside6_essentials==1.0": set(),
        "pyinstaller==1.0": set(),
        "CPython==3.99": set(),
    }


def test_python_is_listed_with_the_libraries_in_it() -> None:
    listed = {part["name"]: part["version"] for part in INGREDIENTS.python_components()}
    assert listed["CPython"] == ".".join(map(str, sys.version_info[:3]))
    assert {"OpenSSL", "SQLite", "zlib", "Expat"} < set(listed)
    assert all(version[0].isdigit() for version in listed.values())


def test_every_file_is_signed_by_the_command_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, files = tmp_path / "signed", [tmp_path / "one.exe", tmp_path / "with blank.exe"]
    program = tmp_path / "note it.py"
    program.write_text(NOTES_FILES, encoding="utf-8")
    monkeypatch.setenv("OPENTHREAT_SIGN", f'"{sys.executable}" "{program}" "{log}"')
    BUILD["sign"](*files)
    assert log.read_text().splitlines() == list(map(str, files))


def test_a_signature_that_fails_ends_the_build(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENTHREAT_SIGN", f'"{sys.executable}" -c "raise SystemExit(3)"')
    with pytest.raises(subprocess.CalledProcessError):
        BUILD["sign"](Path("one.exe"))


def test_what_is_not_signed_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("OPENTHREAT_SIGN", raising=False)
    BUILD["sign"](Path("one.exe"))
    assert "not signed" in capsys.readouterr().out


def test_the_installer_writes_the_entry_that_winget_is_told(tmp_path: Path) -> None:
    (tmp_path / "program.exe").write_bytes(bytes(5000))
    entry = INSTALLER.uninstall_entry("7.8.9")
    given = INSTALLER.defines(tmp_path, "7.8.9", tmp_path / "i.ico", tmp_path / "setup.exe")
    assert entry == {"DisplayName": given["NAME"], "Publisher": given["PUBLISHER"], "DisplayVersion": given["VERSION"]}
    assert given["KIBIBYTES"] == 4
    assert "SIGN" not in given
    signed = INSTALLER.defines(tmp_path, "7.8.9", tmp_path / "i.ico", tmp_path / "setup.exe", "signtool sign")
    assert signed["SIGN"] == "signtool sign"


@pytest.mark.parametrize("name", ["pyproject.toml", "build.spec", "resources/installer.nsi", "resources/build.py"])
def test_the_version_is_written_nowhere_else(name: str) -> None:
    assert f'"{VERSION}"' not in (ROOT / name).read_text(encoding="utf-8")


def test_the_package_reads_the_version_from_the_program() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert "version" not in settings["project"]
    assert "version" in settings["project"]["dynamic"]
    assert settings["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "backend.contract.version.VERSION"}
    assert all(VERSION in BUILD[name].name for name in ("SETUP", "SBOM"))


def test_the_icon_has_a_picture_of_each_size(tmp_path: Path) -> None:
    tool, icon = ROOT / "resources" / "icon_file.py", tmp_path / "openthreat.ico"
    command = [sys.executable, str(tool), str(ROOT / "desktop" / "assets" / "icons" / "logo.svg"), str(icon)]
    subprocess.run(command, check=True)
    content = icon.read_bytes()
    _, kind, count = struct.unpack_from("<HHH", content)
    entries = [struct.unpack_from("<BBBBHHII", content, 6 + 16 * number) for number in range(count)]
    assert (kind, [entry[0] or 256 for entry in entries]) == (1, [16, 20, 24, 32, 40, 48, 64, 128, 256])
    for width, *_, size, offset in entries:
        assert QImage.fromData(content[offset : offset + size], "PNG").width() == (width or 256)
    assert QImage(str(icon.with_suffix(".png"))).width() == 128
