"""The wheel: what is in it, and that a program installed from it, far from any checkout, is whole."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
import uv
from PySide6.QtGui import QImage

from desktop.ui.page_context import PageName
from tests.fakes.feed_server import FeedServer
from tests.servers import wait_until
from tests.system.screen import Screen
from tests.system.tray import Tray, shows

pytestmark = [pytest.mark.timeout(1200), pytest.mark.xdist_group("packaging")]  # one wheel for all

ROOT = Path(__file__).resolve().parents[2]
COMPOSE_FILE = "desktop/assets/docker-compose.yml"
SOURCES_OF_TRANSLATIONS = ".ts"
THEMES = 2


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from the source distribution, so that nothing counts that only lies in the work tree."""
    folder = tmp_path_factory.mktemp("built")
    run(uv.find_uv_bin(), "build", "--out-dir", folder, ROOT)
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def constraints(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The versions of the lock, for installers that check no hashes of a wheel that was just built."""
    pins = re.findall(r"^[a-z].*?(?= \\$)", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.MULTILINE)
    path = tmp_path_factory.mktemp("pins") / "constraints.txt"
    path.write_text("\n".join(pins), encoding="utf-8")
    return path


@dataclass(frozen=True)
class Installed:
    """The program in an environment of its own, started from a folder where no checkout is near."""

    program: Path
    elsewhere: Path

    def run(self, *words: str | Path, **variables: str) -> str:
        return run(self.program, *words, folder=self.elsewhere, **variables)


@pytest.fixture(
    scope="module",
    params=["pip 3.11", *(pytest.param(way, marks=pytest.mark.full) for way in ("pip 3.13", "pipx 3.11", "uv 3.13"))],
)
def installed(
    request: pytest.FixtureRequest, wheel: Path, constraints: Path, tmp_path_factory: pytest.TempPathFactory
) -> Installed:
    installer, version = request.param.split()
    python, folder = interpreter(version), tmp_path_factory.mktemp("installed")
    programs = folder / "bin"
    pinned = {"PIP_CONSTRAINT": str(constraints), "UV_CONSTRAINT": str(constraints), "UV_COMPILE_BYTECODE": "1"}
    match installer:
        case "pip":
            run(uv.find_uv_bin(), "venv", "--seed", "--python", python, folder)
            programs = folder / ("Scripts" if os.name == "nt" else "bin")
            run(programs / "python", "-m", "pip", "install", "--quiet", wheel, **pinned)
        case "pipx":
            places = {"PIPX_HOME": str(folder / "home"), "PIPX_BIN_DIR": str(programs)}
            run(sys.executable, "-m", "pipx", "install", "--python", python, wheel, **pinned, **places)
        case "uv":
            places = {"UV_TOOL_DIR": str(folder / "tools"), "UV_TOOL_BIN_DIR": str(programs)}
            run(uv.find_uv_bin(), "tool", "install", "--python", python, wheel, **pinned, **places)
    return Installed(programs / "openthreat", tmp_path_factory.mktemp("elsewhere"))


class InstalledTray(Tray):
    """Its icon is on a screen, its data come from an invented world."""

    def __init__(self, installed: Installed, home: Path, screen: Screen, feeds: FeedServer) -> None:
        self.installed = installed
        variables = {**screen.variables, "XDG_CONFIG_HOME": str(home / "config"), **feeds.environment()}
        super().__init__(home, variables, "--hidden")

    def types(self, *words: str) -> subprocess.Popen[bytes]:
        command = [self.installed.program, *words]
        return subprocess.Popen(command, env=self.environment, cwd=self.installed.elsewhere)


def test_the_wheel_holds_every_file_of_the_packages_and_the_compose_file(wheel: Path) -> None:
    listed = run("git", "ls-files", "--cached", "--others", "--exclude-standard", "backend", "desktop").splitlines()
    expected = {name for name in listed if (ROOT / name).is_file() and not name.endswith(SOURCES_OF_TRANSLATIONS)}
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
        assert held == {*expected, COMPOSE_FILE}
        assert archive.read(COMPOSE_FILE) == (ROOT / "docker-compose.yml").read_bytes()


def test_the_selftest_passes(installed: Installed, home: Path) -> None:
    assert json.loads(installed.run("selftest", "--json"))["healthy"]


def test_tray_icon_plurals_docs_and_pictures_are_there(installed: Installed, home: Path, tmp_path: Path) -> None:
    screen = Screen()
    with FeedServer() as feeds:
        tray = InstalledTray(installed, home, screen, feeds)
        try:
            tray.updated(1)
            assert screen.has_icon()
            tray.sees("the end of the first update is notified", lambda view: bool(view.get("notifications")))
            wait_until(lambda: not screen.has_notification(), "no balloon stands before the icon", 60)
            screen.click_icon()
            tray.sees("the window is open", lambda view: view.get("page") == PageName.INBOX)
            screen.press("ctrl+3")
            total = f"{tray.get('/stats')['total_vulnerabilities']:,} vulnerabilities"
            tray.sees("texts have their plurals", lambda view: shows(view, total))

            script = f"{tray.api.removesuffix('/api/v1')}/docs/files/swagger-ui-bundle.js"
            assert requests.get(script, timeout=10).status_code == 200

            drawn = installed.run("pictures", tmp_path, **tray.environment).split()
            assert len(drawn) == THEMES * len(PageName)
            assert not any(QImage(path).isNull() for path in drawn)
            tray.quits()
        finally:
            tray.close()
            screen.close()


def interpreter(version: str) -> str:
    """Skips the test where there is none. Those of pyenv are tried first: its shims fail for all but one."""
    installed = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions").glob(f"{version}.*/bin/python")
    found = next(map(str, installed), None) or shutil.which(f"python{version}")
    if found is None:
        pytest.skip(f"there is no Python {version} here")
    return found


def run(*command: str | Path, folder: Path = ROOT, **variables: str) -> str:
    """Gives the standard output. A program that fails ends the test, with what it wrote."""
    done = subprocess.run(command, cwd=folder, env={**os.environ, **variables}, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout
