"""Installs everything into `.venv` and runs one program there.

Usage: python3 resources/bootstrap.py [--test] PROGRAM [ARGUMENT ...]

    python3 resources/bootstrap.py openthreat up
    python3 resources/bootstrap.py --test pytest

Needs only Python 3.11+ and pip: Debian's Python has no ensurepip, so the environment is created without pip, and the
system's pip installs into it. Package versions and hashes are those of the lock files. With --test the test tools are
installed too, and on Debian as root apt-get installs the programs that tests start, after saying so: PostgreSQL, Redis,
a virtual screen with a tray. OPENTHREAT_TEST_SYSTEM_PACKAGES=no leaves the system as it is.
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
TEST_TOOLS = ("curl", "systemd")  # for the commands of the documentation, and to verify the systemd units
TEST_SCREEN = ("xvfb", "openbox", "trayer", "xdotool")
TEST_FONTS = ("fonts-dejavu-core", "fonts-noto-core")  # the layout is tested with both
QT_LIBRARIES = (  # system libraries that PySide6 and its X11 plugin need
    *("libegl1", "libgl1", "libdbus-1-3", "libfontconfig1", "libxkbcommon-x11-0"),
    *("libxcb-cursor0", "libxcb-icccm4", "libxcb-image0", "libxcb-keysyms1", "libxcb-randr0", "libxcb-render-util0"),
    *("libxcb-shape0", "libxcb-sync1", "libxcb-xfixes0", "libxcb-xkb1"),
)
_SYSTEM = "OPENTHREAT_TEST_SYSTEM_PACKAGES"


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
    if os.name == "nt":  # on Windows, exec leaves two processes reading from one console
        return subprocess.run([program, *command[1:]], check=False).returncode
    os.execv(program, [program, *command[1:]])


def programs_of(environment: Path) -> Path:
    return environment / ("Scripts" if os.name == "nt" else "bin")


def python_of(environment: Path) -> Path:
    return programs_of(environment) / ("python.exe" if os.name == "nt" else "python")


def install(lock: Path, environment: Path = ENVIRONMENT, *options: str) -> None:
    """Install the packages of a lock file, unless they are installed already; `options` are for pip."""
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
    """Install servers and a virtual screen for the tests. Does nothing except on Debian as root."""
    if os.name == "nt" or os.geteuid() != 0 or shutil.which("apt-get") is None or os.environ.get(_SYSTEM) == "no":
        return
    wanted = (*TEST_SERVERS, *TEST_TOOLS, *TEST_SCREEN, *TEST_FONTS, *QT_LIBRARIES)
    missing = [name for name in wanted if not _installed(name)]
    if not missing:
        return
    print(
        f"As root, apt-get now installs these system packages, which the tests start: {', '.join(missing)}.\n"
        f"Without them those tests skip themselves; {_SYSTEM}=no, or another user than root, installs none.",
        file=sys.stderr,
        flush=True,
    )
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    apt = ["apt-get", "-o", "DPkg::Lock::Timeout=300", "-qq"]
    subprocess.run([*apt, "update"], check=True, env=quiet)
    subprocess.run(
        [*apt, "install", "-y", "--no-install-recommends", *missing], check=True, env=quiet, stdout=subprocess.DEVNULL
    )


def _installed(package: str) -> bool:
    """Whether the package is installed; any installation of PostgreSQL counts."""
    if package == "postgresql" and any(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        return True
    return shutil.which(package) is not None or _known_to_dpkg(package)


def _known_to_dpkg(package: str) -> bool:
    asked = ["dpkg-query", "--show", "--showformat", "${db:Status-Abbrev}", package]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.startswith("ii")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
