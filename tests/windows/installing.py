"""Installers of this program and of a stand-in, and their traces in files and registry."""

from __future__ import annotations

import hashlib
import re
import runpy
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from backend.contract.version import VERSION
from tests.servers import wait_until
from tests.windows.frozen import Frozen
from tests.windows.machine import ROOT, Ended, Machine

_RELEASE = runpy.run_path(str(ROOT / "resources" / "release.py"))
INSTALLER, WINGET = _RELEASE["build"].installer, _RELEASE["winget"]
STANDIN = Path(__file__).with_name("standin.nsi")
DONE, NOTHING_CHANGED = 0, 2
_SHELL_FOLDERS = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Explorer\User Shell Folders"
_WAIT_TURNS = 30  # half a second each
_ENDED_WITHIN_S = 120
_FILES_CLOSING_ANNOUNCED, _FOLDERS_CLOSING_ANNOUNCED = 30, 3  # OpenThreat/logs/one.log, Programs/OpenThreat/_internal
_HOLDS = r"""
import ctypes, sys, time
kernel = ctypes.WinDLL("kernel32")
kernel.CreateFileW.restype = ctypes.c_void_p
handle = kernel.CreateFileW(sys.argv[1], 0x80000000, 0, None, 3, 0, None)  # for reading, shared with nobody
print("held" if handle != ctypes.c_void_p(-1).value else "not held", flush=True)
time.sleep(float(sys.argv[2]))
"""
_CREDENTIAL = r"""
import ctypes, sys
from ctypes import wintypes as w
class Credential(ctypes.Structure):
    _fields_ = [("flags", w.DWORD), ("kind", w.DWORD), ("target", w.LPWSTR), ("comment", w.LPWSTR),
                ("at", w.FILETIME), ("size", w.DWORD), ("blob", ctypes.c_char_p), ("persist", w.DWORD),
                ("count", w.DWORD), ("attributes", ctypes.c_void_p), ("alias", w.LPWSTR), ("user", w.LPWSTR)]
store, found = ctypes.WinDLL("advapi32"), ctypes.c_void_p()
made = Credential(kind=1, target="OpenThreat", size=2, blob=b"x\0", persist=2, user="NVD_API_KEY")
print(store.CredWriteW(ctypes.byref(made), 0) if sys.argv[1] == "write"
      else store.CredReadW("OpenThreat", 1, 0, ctypes.byref(found)))
"""


def make_setup(
    dist: Path, version: str, out: Path, icon: Path, *, kibibytes: int | None = None, sign: str = ""
) -> Path:
    """Build an installer of the folder `dist`, with fast compression."""
    defines = {**INSTALLER.defines(dist, version, icon, out, sign), "WAIT_TURNS": _WAIT_TURNS, "QUICK": 1}
    compile_script(INSTALLER.SCRIPT, defines if kibibytes is None else {**defines, "KIBIBYTES": kibibytes})
    return out


def make_standin(version: str, folder: Path) -> Path:
    """Create the stand-in's folder, with a file that only this version has."""
    inside = folder / "_internal" / "Ünter ordner"
    inside.mkdir(parents=True)
    for name, extra in (("OpenThreat.exe", {}), ("openthreat-cli.exe", {"CONSOLE": 1})):
        compile_script(STANDIN, {"VERSION": version, "OUT": folder / name, **extra})
    (inside / f"only in {version} 版.txt").write_text(version, encoding="utf-8")
    (folder / "_internal" / "library.dll").write_bytes(version.encode() * 1000)
    return folder


def compile_script(script: Path, defines: Mapping[str, object]) -> None:
    """Build what an NSIS script describes."""
    words = [f"-D{name}={value}" for name, value in defines.items()]
    done = subprocess.run(
        [INSTALLER.compiler() or "makensis", "-V2", "-WX", *words, str(script)],
        capture_output=True, text=True, encoding="utf-8", errors="replace", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


class Packaging:
    """The installer while the release script builds it from the frozen program."""

    def __init__(self, frozen: Frozen) -> None:
        self.setup = frozen.folder.parent / f"OpenThreat-{VERSION}-setup.exe"
        python = "python3" if frozen.machine.is_wine else frozen.machine.python
        self._output = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the process
        self._process = subprocess.Popen(
            [python, "resources/build.py", "package"],
            cwd=frozen.machine.project, stdout=self._output, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def ended(self) -> Ended:
        code = self._process.wait(600)
        self._output.seek(0)
        return Ended(code, self._output.read().decode("utf-8", "replace"))

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        self._output.close()


class User:
    """Of Windows: where programs are installed for them, and all that is known of ours.

    local: %LOCALAPPDATA%, as we see it.
    """

    def __init__(self, machine: Machine, local: Path, log: Path) -> None:
        self.machine, self.local, self._log = machine, local, log
        self.folder = local / "Programs" / "OpenThreat"
        self.data = local / "OpenThreat"
        self.notes = local / "notes of the stand-in"  # what it does is written there
        self._given = {"OPENTHREAT_STANDIN": machine.seen(self.notes)}

    def installs(self, setup: Path, *words: str, **variables: str) -> int:
        """Run the installer and return its exit code."""
        return self._silently(setup, *words, **variables)

    def uninstalls(self, *words: str, **variables: str) -> None:
        """Run the uninstaller, whose copy in the temporary folder does the work."""
        self._silently(self.folder / "uninstall.exe", *words, **variables)
        wait_until(lambda: not _running("~nsu"), "the uninstaller has ended", _ENDED_WITHIN_S)

    def starts(self, *words: str) -> None:
        """Start the installed stand-in and wait until it runs."""
        before = self.started
        self._start(self.folder / "OpenThreat.exe", *words)
        wait_until(lambda: len(self.started) > len(before), "it runs", 20)

    @property
    def started(self) -> list[str]:
        """Version and arguments of each start of the stand-in."""
        path = self.notes / "started.txt"
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else []

    @property
    def runs(self) -> bool:
        return (self.notes / "running").exists()

    def _silently(self, program: Path, *words: str, **variables: str) -> int:
        process = self._start(program, "/S", *words, **variables)
        try:
            return process.wait(_ENDED_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            raise AssertionError(f"{program.name} has not ended in {_ENDED_WITHIN_S} s") from None

    def _start(self, program: Path, *words: str, **variables: str) -> subprocess.Popen[bytes]:
        """Run without a pipe, which a restarted program would keep open."""
        given = {**self._given, **variables}
        seen = self.machine.seen(program)
        return self.machine.start(seen, *words, folder=self.local, output=subprocess.DEVNULL, **given)

    @contextmanager
    def holds(self, path: Path, seconds: float) -> Iterator[None]:
        """Keep a file open exclusively, as virus scanners do."""
        with self.machine.start(
            self.machine.python, "-c", _HOLDS, self.machine.seen(path), str(seconds),
            folder=self.local, output=subprocess.PIPE,
        ) as holder:  # fmt: skip
            assert holder.stdout is not None
            assert holder.stdout.readline().strip() == b"held"
            yield
            holder.kill()

    def files(self) -> dict[str, str]:
        """SHA-256 by path below %LOCALAPPDATA% of the program, its data, and the files beside it."""
        places = [*self.folder.parent.glob("*"), self.data]
        return {
            path.relative_to(self.local).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for place in places
            for path in sorted([place, *place.rglob("*")])
            if path.is_file()
        }

    def registry(self) -> dict[str, str]:
        """Return all values of this program in the user's registry, by key and name."""
        target = self.local / "registry.reg"
        self.machine.run("reg", "export", "HKCU", self.machine.seen(target), "/y", folder=self.local)
        text = target.read_bytes().decode("utf-16")
        target.unlink()
        found, key = {}, ""
        for line in re.sub(r"\\\r?\n *", "", text).splitlines():
            if line.startswith("["):
                key = line.strip("[]")
            elif "=" in line and "openthreat" in f"{key}\\{line}".lower() and not _of_windows(key):
                name, _, value = line.partition("=")
                found[f"{key} {name}"] = value
        return found

    def entry(self, name: str, product_code: str = "OpenThreat") -> str:
        """Return a value of the entry in the list of installed programs."""
        place = f'Uninstall\\{product_code} "{name}"'
        [value] = [value for key, value in self.registry().items() if key.endswith(place)]
        return value.strip('"').replace("\\\\", "\\")

    def shortcuts(self) -> list[str]:
        found = self.machine.run(
            self.machine.python, "-c",
            "import os, pathlib; menu = pathlib.Path(os.environ['APPDATA'], 'Microsoft/Windows/Start Menu');"
            "print(*menu.rglob('*OpenThreat*'), sep='\\n')",
            folder=self.local,
        )  # fmt: skip
        return found.output.split("\n")[:-1] if found.output.strip() else []

    def identities(self) -> list[str]:
        """Return the application ids by which the Start menu entries identify the program to Windows."""
        ended = self.machine.run(
            self.machine.python, "-c",
            "import re, sys, pathlib;"
            "print(*[name.decode('utf-16-le') for path in sys.argv[1:] for name in"
            " re.findall(rb'(?:O.p.e.n.T.h.r.e.a.t.[.].)(?:[A-Z].(?:[a-z].)+)', pathlib.Path(path).read_bytes())])",
            *self.shortcuts(), folder=self.local,
        )  # fmt: skip
        return ended.output.split()

    def unpacked(self) -> list[str]:
        """What Windows sees in the folder of programs, which may be a disk of its own."""
        ended = self.machine.run(
            self.machine.python, "-c", "import os, sys; [print(name) for name in os.listdir(sys.argv[1])]",
            self.machine.seen(self.folder.parent), folder=self.local,
        )  # fmt: skip
        return ended.output.splitlines()

    def keeps_secret(self) -> None:
        """Store a secret in the Credential Manager, under the name that the program uses."""
        assert self._credential("write") == "1"

    def has_secret(self) -> bool:
        return self._credential("read") == "1"

    def _credential(self, wish: str) -> str:
        return self.machine.run(self.machine.python, "-c", _CREDENTIAL, wish, folder=self.local).output.strip()

    def reason(self) -> str:
        """Return the log that the last silent run left when it refused to install."""
        ended = self.machine.run(
            self.machine.python, "-c",
            "import os, sys, pathlib; log = pathlib.Path(os.environ['TEMP'], 'OpenThreat-setup.log');"
            "sys.stdout.buffer.write(log.read_text('utf-16').encode() if log.exists() else b'')",
            folder=self.local,
        )  # fmt: skip
        return ended.output.strip()

    def write_down(self, moment: str) -> None:
        """Append everything of this program at this moment to the log, for people."""
        registry = [f"  {key} = {value}" for key, value in sorted(self.registry().items())]
        menu = [f"  {path}" for path in self.shortcuts()]
        parts = [f"== {moment}", "Files", *_listed(self.files()), "Start menu", *menu, "Registry", *registry, ""]
        with self._log.open("a", encoding="utf-8") as log:
            log.write("\n".join(parts) + "\n")


def _listed(files: Mapping[str, str]) -> Iterator[str]:
    """Yield the files as lines, summed up by folder where a folder has many of them."""
    folders: dict[str, list[str]] = {}
    for path in files:
        folders.setdefault("/".join(path.split("/")[:_FOLDERS_CLOSING_ANNOUNCED]), []).append(path)
    for folder, paths in folders.items():
        if len(paths) > _FILES_CLOSING_ANNOUNCED:
            yield f"  {len(paths):10} files in {folder}"
        else:
            yield from (f"  {files[path][:12]}  {path}" for path in paths)


@contextmanager
def user_named(machine: Machine, name: str, log: Path) -> Iterator[User]:
    """Under Wine a user with a folder of that name; on Windows the user who runs the tests."""
    local = machine.folder / "Users" / name / "AppData" / "Local"
    if machine.is_wine:
        shutil.rmtree(local, ignore_errors=True)
        local.mkdir(parents=True)
        _redirect(machine, machine.seen(local))
    else:
        local = Path.home() / "AppData" / "Local"
    user = User(machine, local, log)
    user.notes.mkdir(exist_ok=True)
    try:
        yield user
    finally:
        _tidy(user)
        if machine.is_wine:
            _redirect(machine, r"%USERPROFILE%\AppData\Local")


def _redirect(machine: Machine, local: str) -> None:
    words = ["reg", "add", _SHELL_FOLDERS, "/v", "Local AppData", "/t", "REG_EXPAND_SZ", "/d", local, "/f"]
    assert machine.run(*words, folder=machine.folder).code == 0


def _tidy(user: User) -> None:
    with suppress(OSError):
        (user.notes / "deaf").unlink(missing_ok=True)
    if (user.folder / "uninstall.exe").exists():
        user.uninstalls("/DATA")
    for process in user.machine.processes_below(user.folder):
        process.kill()
    shutil.rmtree(user.notes, ignore_errors=True)


def _of_windows(key: str) -> bool:
    """Return whether a key belongs to lists that Windows or Wine itself keeps, such as those of started programs."""
    return any(
        name in key
        for name in ("MuiCache", "UserAssist", "RecentDocs", "AppCompatFlags", "FeatureUsage", "Software\\Wine")
    )


def _running(words: str) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if words in " ".join(process.cmdline()) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found
