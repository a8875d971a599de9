"""Start at login: the Linux version on a real disk, the Windows version with a registry in memory."""

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import pytest

from backend.contract.errors import OpenThreatError
from desktop import role
from desktop.host import session_linux, session_windows
from tests.fakes.registry import FakeRegistry

RUN = r"Software\Microsoft\Windows\CurrentVersion\Run"
APPROVED = r"Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run"
COMMAND = ["/opt/Open Threat/openthreat", "tray"]


class Login(Protocol):
    def starts_at_login(self) -> bool: ...

    def start_at_login(self, on: bool, command: Sequence[str]) -> None: ...


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> FakeRegistry:
    registry = FakeRegistry()
    monkeypatch.setitem(sys.modules, "winreg", registry)
    return registry


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "config"


@pytest.fixture(params=["linux", "windows"])
def login(request: pytest.FixtureRequest, registry: FakeRegistry, config: Path) -> Login:
    twins: dict[str, Login] = {"linux": session_linux, "windows": session_windows}
    return twins[request.param]


def test_nothing_starts_at_login_until_somebody_wants_it(login: Login) -> None:
    assert not login.starts_at_login()
    login.start_at_login(False, COMMAND)
    assert not login.starts_at_login()


def test_on_and_off_again_and_twice_is_no_error(login: Login) -> None:
    for _ in range(2):
        login.start_at_login(True, COMMAND)
        assert login.starts_at_login()
    for _ in range(2):
        login.start_at_login(False, COMMAND)
        assert not login.starts_at_login()


def exec_of(config: Path) -> list[str]:
    """Parse Exec as a desktop does: string escapes, then quoted arguments, then field codes."""
    lines = (config / "autostart" / "openthreat.desktop").read_text(encoding="utf-8").splitlines()
    [command] = [line.removeprefix("Exec=") for line in lines if line.startswith("Exec=")]
    for written, meant in (("\\\\", "\0"), ("\\n", "\n"), ("\\t", "\t"), ("\0", "\\")):
        command = command.replace(written, meant)
    words = re.findall(r'"((?:[^"\\]|\\.)*)"|(\S+)', command, re.DOTALL)
    return [re.sub(r"\\(.)", r"\1", quoted).replace("%%", "%") or plain for quoted, plain in words]


@pytest.mark.parametrize(
    "command",
    [
        COMMAND,
        ["/usr/bin/python3", "-m", "desktop", "tray"],
        ["/home/o'neill/100% $HOME/`id`/a\"b", "back\\slash", "; rm -rf", "", "Ünï cödé"],
        ["/srv/line\nbreak", "tab\tulator"],
    ],
    ids=["blank", "plain", "everything reserved", "white space"],
)
def test_the_command_reaches_the_desktop_as_it_is(config: Path, command: list[str]) -> None:
    session_linux.start_at_login(True, command)
    assert exec_of(config) == command


@pytest.mark.usefixtures("config")
@pytest.mark.parametrize("line", ["Hidden=true", "X-GNOME-Autostart-enabled = false"])
def test_what_was_switched_off_in_the_desktops_own_settings_is_off(config: Path, line: str) -> None:
    session_linux.start_at_login(True, COMMAND)
    entry = config / "autostart" / "openthreat.desktop"
    entry.write_text(f"[Desktop Entry]\n{line}\n", encoding="utf-8")
    assert not session_linux.starts_at_login()
    session_linux.start_at_login(True, COMMAND)
    assert session_linux.starts_at_login()


def test_without_a_named_folder_for_settings_it_is_the_usual_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    for named in ("", "relative"):
        monkeypatch.setenv("XDG_CONFIG_HOME", named)
        session_linux.start_at_login(True, COMMAND)
        assert (tmp_path / ".config" / "autostart" / "openthreat.desktop").exists()


def test_a_folder_that_cannot_be_written_is_said(config: Path) -> None:
    config.write_text("a file in the place of the folder")
    with pytest.raises(OpenThreatError, match="cannot be changed"):
        session_linux.start_at_login(True, COMMAND)


def test_windows_is_given_one_line(registry: FakeRegistry) -> None:
    session_windows.start_at_login(True, [r"C:\Program Files\OpenThreat\openthreat.exe", "tray"])
    assert registry.keys[RUN]["OpenThreat"] == r'"C:\Program Files\OpenThreat\openthreat.exe" tray'


def test_what_was_switched_off_in_the_task_manager_is_off_until_it_is_wanted_again(registry: FakeRegistry) -> None:
    session_windows.start_at_login(True, COMMAND)
    registry.keys[APPROVED] = {"OpenThreat": bytes([3, 0, 0, 0])}
    assert not session_windows.starts_at_login()
    session_windows.start_at_login(True, COMMAND)
    assert session_windows.starts_at_login()


def test_what_windows_itself_would_not_start_is_refused(registry: FakeRegistry) -> None:
    with pytest.raises(OpenThreatError, match="260"):
        session_windows.start_at_login(True, ["C:\\" + "x" * 300])
    assert not session_windows.starts_at_login()


def test_a_registry_that_cannot_be_written_is_said(registry: FakeRegistry) -> None:
    registry.read_only = True
    with pytest.raises(OpenThreatError, match="Access is denied"):
        session_windows.start_at_login(True, COMMAND)


@pytest.mark.parametrize(("there", "used"), [("python.exe", "python.exe"), ("pythonw.exe", "pythonw.exe")])
def test_from_source_the_same_python_starts_the_tray_without_a_console_where_it_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: str, used: str
) -> None:
    (tmp_path / there).touch()
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python.exe"))
    assert role.tray_command() == [str(tmp_path / used), "-m", "desktop", "tray"]


def test_a_frozen_program_starts_itself_without_a_console_where_it_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    console, windowed = tmp_path / "openthreat-cli.exe", tmp_path / "OpenThreat.exe"
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(console))
    assert role.tray_command() == [str(console), "tray"]
    windowed.touch()
    assert role.tray_command() == [str(windowed), "tray"]
