"""The Windows system for the tests: it starts programs and translates paths."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import IO

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[2]
WINE_TOOLS = ROOT.parent / "shared" / "windows"
_TRAY = (1268, 780)  # the corner of desk.sh's screen
FILLER = "fills it"  # the file that takes a small disk's room
_SCREEN = Path("/tmp/.X11-unix/X77")  # noqa: S108 - where X servers listen
_AWKWARD = "Ünï cödé 資料"
_KEPT = (".venv", ".venv-build")  # installed packages; everything else is created again


class Machine:
    """A machine with a folder `share` that both systems can access, for all files of the tests."""

    share: Path
    environment: dict[str, str]
    is_wine: bool

    def __init__(self) -> None:
        self.folder = self.share / os.environ.get("OPENTHREAT_TEST_FOLDER", _AWKWARD)  # one run at a time in each
        self.project = self.folder / "openthreat"
        self.pictures = self.folder / "pictures"

    def set_up(self) -> None:
        """Raises SetUpError."""

    def seen(self, path: Path) -> str:
        """Return the path in the form of Windows."""
        raise NotImplementedError

    def words(self, folder: Path, command: Sequence[str], variables: dict[str, str]) -> list[str]:
        raise NotImplementedError

    @property
    def python(self) -> str:
        """As Windows names it."""
        raise NotImplementedError

    def take_picture(self, path: Path) -> None:
        """Of the whole screen, as PNG."""
        raise NotImplementedError

    def open_tray_menu(self) -> None:
        """With a right click on the only icon there."""
        raise NotImplementedError

    def click(self, x: int, y: int) -> None:
        raise NotImplementedError

    def small_disk(self, folder: Path, *, read_only: bool) -> AbstractContextManager[Path]:
        """Make the folder a disk that is full or cannot be written, and return its path for this process."""
        raise NotImplementedError

    def copy_project(self) -> None:
        """What is not ignored, as it is now: what is tried must not depend on what lies around in the work tree."""
        self.project.mkdir(parents=True, exist_ok=True)
        for old in self.project.iterdir():
            if old.name not in _KEPT:
                shutil.rmtree(old) if old.is_dir() else old.unlink()
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            check=True,
            capture_output=True,
        )
        for name in filter(None, listed.stdout.decode().split("\0")):
            target = self.project / name
            target.parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileNotFoundError):  # deleted in the work tree, and not yet in the index
                shutil.copyfile(ROOT / name, target)

    def start(
        self, *command: str, folder: Path | None = None, output: IO[bytes] | int | None = None, **variables: str
    ) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self.words(folder or self.project, command, variables),
            env={**self.environment, **({} if self.is_wine else variables)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output is not None else None,
        )

    def run(self, *command: str, folder: Path | None = None, timeout: float = 120, **variables: str) -> Ended:
        """Run it with its output in a file: processes of Wine's own that it started would hold a pipe open for ever.

        What it started itself is killed with it when it takes too long: it would disturb the next tests.
        """
        before = {process.pid for process in self._own_processes()}
        with (
            tempfile.TemporaryFile() as output,
            self.start(*command, folder=folder, output=output, **variables) as process,
        ):
            try:
                process.wait(timeout)
            except subprocess.TimeoutExpired:
                for left in self._own_processes():
                    if left.pid not in before:
                        left.kill()
                raise AssertionError(f"{command} has not ended in {timeout:.0f} s: {_read_output(output)}") from None
            finally:
                process.kill()  # whatever ended the wait, pytest's own time limit too: else its end is waited for
            return Ended(process.returncode, _read_output(output))

    def _own_processes(self) -> list[psutil.Process]:
        """Those that may have been started by a test."""
        return self.processes_below(self.project)

    def processes_below(self, folder: Path) -> list[psutil.Process]:
        """Those whose program lies in the folder, with those that a virtual environment's launcher started."""
        place = self.seen(folder).casefold()
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                words = process.cmdline()
                if words and process.status() != psutil.STATUS_ZOMBIE and words[0].casefold().startswith(place):
                    found.append(process)
        return found


class Ended:
    """The exit code and the output of a process that has ended."""

    def __init__(self, code: int, output: str) -> None:
        self.code, self.output = code, output


def _read_output(output: IO[bytes]) -> str:
    output.seek(0)
    return output.read().decode("utf-8", "replace").replace("\r\n", "\n")


class SetUpError(Exception):
    """Why Windows cannot be had here."""


def _forget_dead_screen() -> None:
    """A socket that a reboot left over looks like a screen."""
    with socket.socket(socket.AF_UNIX) as caller:
        try:
            caller.connect(str(_SCREEN))
        except ConnectionRefusedError:
            _SCREEN.unlink()
        except FileNotFoundError:
            return


class Wine(Machine):
    """A Windows Python in a Debian chroot: see its README."""

    is_wine = True

    def __init__(self) -> None:
        given = os.environ.get("OPENTHREAT_WINE")
        self.root = Path(given) if given else Path.home() / ".cache" / "openthreat-wine"
        self.share = self.root / "share"
        self.environment = {**os.environ, "OPENTHREAT_WINE": str(self.root), "DISPLAY": ":77"}
        super().__init__()

    def set_up(self) -> None:
        if not (WINE_TOOLS / "setup.sh").exists():
            raise SetUpError("../shared/windows, which sets Wine up, does not lie beside the project")
        if os.geteuid() != 0 or shutil.which("apt-get") is None:
            raise SetUpError("Wine is set up by root on Debian only")
        made = all((self.share / name).exists() for name in ("prefix/system.reg", "py/cp312/python.exe"))
        if not made or not all(shutil.which(name) for name in ("makensis", "xdotool", "import")):
            self._by("setup.sh")
        self._by("mounts.sh", "up")
        _forget_dead_screen()
        self._by("desk.sh", "up")

    def _by(self, tool: str, *words: str) -> None:
        """Into a file: what it leaves running would hold a pipe open."""
        with tempfile.TemporaryFile() as output:
            done = subprocess.run(
                [str(WINE_TOOLS / tool), *words], check=False, env=self.environment,
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip
            if done.returncode:
                raise SetUpError(f"{tool} has failed, so Wine is not set up: {_read_output(output)[-1000:].strip()}")

    def seen(self, path: Path) -> str:
        return "Z:\\w\\" + str(path.relative_to(self.share)).replace("/", "\\")

    @property
    def python(self) -> str:
        return r"Z:\w\py\cp312\python.exe"

    def _own_processes(self) -> list[psutil.Process]:
        return [*super()._own_processes(), *self.processes_below(self.share / "py")]

    def words(self, folder: Path, command: Sequence[str], variables: dict[str, str]) -> list[str]:
        place = Path("/w") / folder.relative_to(self.share)
        given = [f"{name}={value}" for name, value in variables.items()]
        return [str(WINE_TOOLS / "win"), "env", "-C", str(place), *given, "wine", *command]

    @contextmanager
    def small_disk(self, folder: Path, *, read_only: bool) -> Iterator[Path]:
        place = self.root / "trixie" / "w" / folder.relative_to(self.share)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(place)], check=True)
        try:
            with suppress(OSError), (place / FILLER).open("wb", buffering=0) as file:
                while file.write(bytes(4096)):
                    pass
            if read_only:
                subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
            yield place
        finally:
            subprocess.run(["umount", str(place)], check=True)

    def open_tray_menu(self) -> None:
        self._click(*_TRAY, button="3")

    def click(self, x: int, y: int) -> None:
        self._click(x, y, button="1")

    def _click(self, x: int, y: int, *, button: str) -> None:
        subprocess.run(["xdotool", "mousemove", str(x), str(y)], env=self.environment, check=True)
        time.sleep(0.5)  # Wine follows the pointer
        subprocess.run(["xdotool", "click", button], env=self.environment, check=True)

    def take_picture(self, path: Path) -> None:
        subprocess.run(["import", "-display", ":77", "-window", "root", str(path)], check=True)


class ThisWindows(Machine):
    is_wine = False

    def __init__(self) -> None:
        self.share = Path(tempfile.gettempdir()) / "openthreat-windows"
        self.environment = dict(os.environ)
        super().__init__()

    def seen(self, path: Path) -> str:
        return str(path)

    @property
    def python(self) -> str:
        return sys.executable

    def words(self, folder: Path, command: Sequence[str], variables: dict[str, str]) -> list[str]:
        return list(command)

    def small_disk(self, folder: Path, *, read_only: bool) -> AbstractContextManager[Path]:
        pytest.skip("a disk of one's own takes administrator rights: by hand, see resources/windows-checklist.md")

    def open_tray_menu(self) -> None:
        pytest.skip("nobody clicks on Windows' own taskbar here: by hand, see resources/windows-checklist.md")

    def take_picture(self, path: Path) -> None:
        program = (
            "import sys; from PySide6.QtGui import QGuiApplication; application = QGuiApplication([]); "
            "sys.exit(not application.primaryScreen().grabWindow(0).save(sys.argv[1]))"
        )
        subprocess.run([sys.executable, "-c", program, str(path)], check=True)
