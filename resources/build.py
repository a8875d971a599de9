"""Builds the installer: `python resources/build.py` on Windows; needs only Python and NSIS.

Usage: python resources/build.py [freeze | package]

    freeze    installs the locked packages into .venv-build, runs PyInstaller, adds licences and SBOM, runs a self-test
    package   signs the frozen program, builds and signs the installer; needs no packages

Without an argument both steps run. The result is in `dist`. OPENTHREAT_SIGN is the command line for signing; the path
of the file, in quotes, is appended. NSIS is searched in MAKENSIS, on the path, and in its default folder. On Linux the
program can be frozen for tests, without an installer. resources/releasing.md says how a release is made.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

RESOURCES = Path(__file__).resolve().parent
ROOT = RESOURCES.parent
sys.path[:0] = [str(RESOURCES), str(ROOT)]

import bootstrap
import ingredients
import installer

from backend.contract.version import VERSION

ENVIRONMENT = ROOT / ".venv-build"
PYTHON = str(bootstrap.python_of(ENVIRONMENT))
LOCK, BUNDLED = RESOURCES / "requirements.txt", ROOT / "requirements.txt"
OUT = ROOT / "dist"
FOLDER = OUT / installer.NAME
WINDOWS = os.name == "nt"
SETUP = OUT / f"{installer.NAME}-{VERSION}-setup.exe"
SBOM = OUT / f"{installer.NAME}-{VERSION}-sbom.cdx.json"
ICON = ROOT / "build" / "openthreat.ico"
_SIGN = "OPENTHREAT_SIGN"
_CYCLONEDX = "1.6"
_VALIDATE = """
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
with open(sys.argv[1], encoding="utf-8") as sbom:
    sys.exit(JsonStrictValidator(SchemaVersion.from_version(sys.argv[2])).validate_str(sbom.read()))
"""
_LARGEST = 12


def main(words: list[str]) -> int:
    if len(words) > 1 or (words and words[0] not in ("freeze", "package")):
        print(__doc__, file=sys.stderr)
        return 2
    wanted = words or ["freeze", "package"]
    if "freeze" in wanted:
        bootstrap.install(LOCK, ENVIRONMENT, "--no-compile")  # PyInstaller compiles what it bundles
        freeze()
        add_licences()
        write_sbom()
        print_sizes()
        check()
    if "package" in wanted:
        sign(*(program for program in FOLDER.glob("*.exe")))
        make_installer()
        sign(*([SETUP] if SETUP.exists() else []))
    return 0


def freeze() -> None:
    say("PyInstaller")
    run(PYTHON, str(RESOURCES / "icon_file.py"), str(ROOT / "desktop" / "assets" / "icons" / "logo.svg"), str(ICON))
    work = ROOT / "build"
    run(
        PYTHON, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN",
        "--distpath", str(OUT), "--workpath", str(work), str(ROOT / "build.spec"),
    )  # fmt: skip


def add_licences() -> None:
    say("licences")
    installed = run(PYTHON, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", capture=True).strip()
    packages = ingredients.bundled_packages(Path(installed), BUNDLED)
    python_licence = Path(sys.base_prefix) / "LICENSE.txt"
    ingredients.add_licences(packages, python_licence, ROOT / "LICENSE", FOLDER / "licences")
    # Texts that packages refer to but do not contain.
    shutil.copytree(RESOURCES / "licences", FOLDER / "licences", dirs_exist_ok=True)


def write_sbom() -> None:
    say("SBOM (CycloneDX)")
    run(
        PYTHON, "-m", "cyclonedx_py", "environment", PYTHON,
        "--pyproject", str(ROOT / "pyproject.toml"), "--output-reproducible",
        "--of", "JSON", "--sv", _CYCLONEDX, "-o", str(SBOM),
    )  # fmt: skip
    ingredients.keep_bundled(SBOM, BUNDLED, VERSION, ingredients.python_components())
    run(PYTHON, "-c", _VALIDATE, str(SBOM), _CYCLONEDX)


def print_sizes() -> None:
    sizes_by_package = ingredients.sizes(FOLDER)
    say(f"{sum(sizes_by_package.values()) / 2**20:.1f} MiB, of which")
    for name, size in sizes_by_package.most_common(_LARGEST):
        print(f"  {size / 2**20:6.1f}  {name}")


def check() -> None:
    """Run the frozen program's self-test in a temporary data folder: imports, database, broker."""
    say("self-test of the frozen program")
    program = FOLDER / ("openthreat-cli.exe" if WINDOWS else "openthreat-cli")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        answer = run(str(program), "selftest", "--json", capture=True, OPENTHREAT_HOME=home)
    for finding in json.loads(answer)["findings"]:
        print(f"  {finding['state']:8} {finding['title']}")


def sign(*files: Path) -> None:
    command = os.environ.get(_SIGN, "")
    if not command:
        say(f"not signed: {_SIGN} is not set: {', '.join(file.name for file in files)}")
        return
    for file in files:
        subprocess.run(f'{command} "{file}"', shell=True, check=True, cwd=ROOT)  # as NSIS does for the uninstaller


def make_installer() -> None:
    compiler = installer.compiler()
    if compiler is None:
        say("no installer: NSIS was not found")
        return
    say("installer")
    flag = "/" if WINDOWS else "-"
    defines = installer.defines(FOLDER, VERSION, ICON, SETUP, os.environ.get(_SIGN, ""))
    words = [f"{flag}D{name}={value}" for name, value in defines.items()]
    run(compiler, f"{flag}V2", *words, str(installer.SCRIPT))


def run(*command: str, capture: bool = False, **variables: str) -> str:
    """Run a command and return its output, if captured.

    Raises:
        CalledProcessError: It fails; its captured output is printed.
    """
    environment = {**os.environ, "PYTHONUTF8": "1", **variables}
    done = subprocess.run(
        command, check=False, env=environment, cwd=ROOT, text=True, stdout=subprocess.PIPE if capture else None
    )
    if done.returncode:
        print(done.stdout or "", file=sys.stderr)
        done.check_returncode()
    return done.stdout or ""


def say(text: str) -> None:
    print(f"== {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
