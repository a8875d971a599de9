"""Builds the installer: `python resources/build.py` on Windows, with nothing but Python and NSIS.

Usage: python resources/build.py [freeze | package]

    freeze    pinned packages into .venv-build, PyInstaller, licences, ingredients (SBOM), self-test of the result
    package   signatures, installer, checksums, of what was frozen before; needs no packages

Without a word it does both. The result lies in `dist`. A certificate is named in OPENTHREAT_SIGN: a command line that
signs the file whose path is put after it. NSIS is looked for on the path, in MAKENSIS, and where its own installer puts
it. Frozen on Linux, the program is for trying out: there is no installer then.
"""

from __future__ import annotations

import hashlib
import json
import os
import shlex
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

from backend.contract.version import VERSION

ENVIRONMENT = ROOT / ".venv-build"
PYTHON = str(bootstrap.python_of(ENVIRONMENT))
LOCK, BUNDLED = RESOURCES / "requirements.txt", ROOT / "requirements.txt"
OUT = ROOT / "dist"
FOLDER = OUT / "OpenThreat"
WINDOWS = os.name == "nt"
SETUP = OUT / f"OpenThreat-{VERSION}-setup.exe"
SBOM = OUT / f"OpenThreat-{VERSION}-sbom.cdx.json"
CHECKSUMS = OUT / "SHA256SUMS"
ICON = ROOT / "build" / "openthreat.ico"
_WEIGHTY = 12


def main(words: list[str]) -> int:
    if len(words) > 1 or (words and words[0] not in ("freeze", "package")):
        print(__doc__, file=sys.stderr)
        return 2
    wanted = words or ["freeze", "package"]
    if "freeze" in wanted:
        bootstrap.install(LOCK, ENVIRONMENT, "--no-compile")  # PyInstaller compiles what it needs of it
        freeze()
        add_licences()
        list_ingredients()
        tell_sizes()
        check()
    if "package" in wanted:
        sign(*(program for program in FOLDER.glob("*.exe")))
        make_installer()
        sign(*([SETUP] if SETUP.exists() else []))
        add_checksums()
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
    shutil.copytree(RESOURCES / "licences", FOLDER / "licences", dirs_exist_ok=True)  # that packages only name


def list_ingredients() -> None:
    say("list of ingredients (CycloneDX)")
    run(
        PYTHON, "-m", "cyclonedx_py", "environment", PYTHON,
        "--pyproject", str(ROOT / "pyproject.toml"), "--output-reproducible", "--of", "JSON", "-o", str(SBOM),
    )  # fmt: skip
    ingredients.keep_bundled(SBOM, BUNDLED, sys.version.split()[0])


def tell_sizes() -> None:
    weights = ingredients.sizes(FOLDER)
    say(f"{sum(weights.values()) / 2**20:.1f} MiB, of which")
    for name, size in weights.most_common(_WEIGHTY):
        print(f"  {size / 2**20:6.1f}  {name}")


def check() -> None:
    """The frozen program imports all its parts, keeps data and carries a message, on a data folder of its own."""
    say("self-test of the frozen program")
    program = FOLDER / ("openthreat-cli.exe" if WINDOWS else "openthreat-cli")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        answer = run(str(program), "selftest", "--json", capture=True, OPENTHREAT_HOME=home)
    for finding in json.loads(answer)["findings"]:
        print(f"  {finding['state']:8} {finding['title']}")


def sign(*files: Path) -> None:
    command = os.environ.get("OPENTHREAT_SIGN", "")
    if not command:
        say(f"not signed, for OPENTHREAT_SIGN names no command: {', '.join(file.name for file in files)}")
        return
    for file in files:
        run(*shlex.split(command, posix=not WINDOWS), str(file))


def make_installer() -> None:
    compiler = installer_compiler()
    if compiler is None:
        say("no installer, for there is no NSIS here")
        return
    say("installer")
    kibibytes = sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file()) // 1024
    flag = "/" if WINDOWS else "-"
    defines = {"VERSION": VERSION, "DIST": FOLDER, "OUT": SETUP, "KIBIBYTES": kibibytes, "ICON": ICON}
    run(
        compiler,
        f"{flag}V2",
        *(f"{flag}D{name}={value}" for name, value in defines.items()),
        str(RESOURCES / "installer.nsi"),
    )


def installer_compiler() -> str | None:
    places = [
        Path(os.environ.get(name, "")) / "NSIS" / "makensis.exe" for name in ("ProgramFiles(x86)", "ProgramFiles")
    ]
    installed = next((str(place) for place in places if place.is_file()), None)
    return os.environ.get("MAKENSIS") or shutil.which("makensis") or installed


def add_checksums() -> None:
    made = [path for path in (SETUP, SBOM) if path.exists()]
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in made]
    CHECKSUMS.write_text("".join(lines), encoding="utf-8", newline="\n")
    print("".join(lines), end="")


def run(*command: str, capture: bool = False, **variables: str) -> str:
    """Its output, if captured. Raises CalledProcessError, with what it said shown, where it fails."""
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
