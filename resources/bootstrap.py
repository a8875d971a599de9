"""Sets everything up in `.venv` and runs one program there.

Usage: python3 resources/bootstrap.py [--test] PROGRAM [ARGUMENT ...]

    python3 resources/bootstrap.py openthreat up
    python3 resources/bootstrap.py --test pytest

Needs nothing but Python 3.11+ and pip: Debian's Python comes without ensurepip, so the environment is made without pip
and filled by the pip that is there. Packages are those of the lock files, by hash. With --test the test tools come
too, and on Debian (as root) what the tests start: PostgreSQL, Redis, and a virtual screen with a tray.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = ROOT / ".venv"
TEST_SERVERS = ("postgresql", "redis-server")
TEST_TOOLS = ("curl", "systemd")  # the documentation's lines are typed, and the units are verified
TEST_SCREEN = ("xvfb", "openbox", "trayer", "xdotool")
TEST_FONTS = ("fonts-dejavu-core", "fonts-noto-core")  # windows are drawn with both
QT_LIBRARIES = (  # what PySide6's own libraries, and its plugin for X11, want of the system
    *("libegl1", "libgl1", "libdbus-1-3", "libfontconfig1", "libxkbcommon-x11-0"),
    *("libxcb-cursor0", "libxcb-icccm4", "libxcb-image0", "libxcb-keysyms1", "libxcb-randr0", "libxcb-render-util0"),
    *("libxcb-shape0", "libxcb-sync1", "libxcb-xfixes0", "libxcb-xkb1"),
)


def main(arguments: list[str]) -> int:
    if sys.version_info < (3, 11):
        print(f"OpenThreat needs Python 3.11 or newer; this is {sys.version.split()[0]}.", file=sys.stderr)
        return 2
    testing = arguments[:1] == ["--test"]
    command = arguments[1:] if testing else arguments
    if not command:
        print(__doc__, file=sys.stderr)
        return 2
    if testing:
        install_for_tests()
    install(ROOT / "tests" / "requirements.txt" if testing else ROOT / "requirements.txt")
    programs = programs_of(ENVIRONMENT)
    program = shutil.which(command[0], path=str(programs))
    if program is None:
        print(f"there is no program {command[0]} in {programs}", file=sys.stderr)
        return 2
    if os.name == "nt":  # exec on Windows would leave the console to two programs
        return subprocess.run([program, *command[1:]], check=False).returncode
    os.execv(program, [program, *command[1:]])


def programs_of(environment: Path) -> Path:
    return environment / ("Scripts" if os.name == "nt" else "bin")


def python_of(environment: Path) -> Path:
    return programs_of(environment) / ("python.exe" if os.name == "nt" else "python")


def install(lock: Path, environment: Path = ENVIRONMENT, *options: str) -> None:
    """Brings the environment to what the lock file says; does nothing when it is there already. options: for pip."""
    wanted = hashlib.sha256(lock.read_bytes() + (ROOT / "pyproject.toml").read_bytes()).hexdigest()
    stamp = environment / f".installed-{lock.parent.name}"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    python = python_of(environment)
    if not python.exists():
        venv.create(environment, with_pip=False)
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check", "install", "--quiet"]
    subprocess.run([*pip, *options, "--require-hashes", "-r", str(lock)], check=True)
    subprocess.run([*pip, "--no-deps", "-e", str(ROOT)], check=True)
    stamp.write_text(wanted, encoding="utf-8")


def install_for_tests() -> None:
    """Tests want real servers and a screen. Elsewhere than on Debian as root they are skipped, and say so."""
    if os.name == "nt" or os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    wanted = (*TEST_SERVERS, *TEST_TOOLS, *TEST_SCREEN, *TEST_FONTS, *QT_LIBRARIES)
    missing = [name for name in wanted if not _installed(name)]
    if not missing:
        return
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    apt = ["apt-get", "-o", "DPkg::Lock::Timeout=300", "-qq"]
    subprocess.run([*apt, "update"], check=True, env=quiet)
    subprocess.run(
        [*apt, "install", "-y", "--no-install-recommends", *missing], check=True, env=quiet, stdout=subprocess.DEVNULL
    )


def _installed(package: str) -> bool:
    """A PostgreSQL of any version and origin serves."""
    if package == "postgresql" and any(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        return True
    return shutil.which(package) is not None or _known_to_dpkg(package)


def _known_to_dpkg(package: str) -> bool:
    asked = ["dpkg-query", "--show", "--showformat", "${db:Status-Abbrev}", package]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.startswith("ii")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
