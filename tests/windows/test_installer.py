"""The installer: in, over a running copy, out again, and every way in which that can go wrong.

Tried with a small stand-in for the program, by a user whose name is not Latin. What lies where at each moment is
written to installer.txt beside the pictures.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import yaml

from desktop.host.session_windows import APP_ID
from desktop.releases.publication import Publication
from tests.servers import wait_until
from tests.windows.installing import (
    DONE,
    INSTALLER,
    NOTHING_CHANGED,
    WINGET,
    User,
    make_setup,
    make_standin,
    user_named,
)
from tests.windows.machine import FILLER, ROOT, Machine

OLD, NEW = "0.9.0", "0.10.0"
AT_LOGIN = r"Microsoft\Windows\CurrentVersion\Run"


class Setups:
    def __init__(self, folder: Path) -> None:
        self.folder, self.icon = folder, folder / "openthreat.ico"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        drawn = [
            sys.executable,
            ROOT / "resources" / "icon_file.py",
            ROOT / "desktop" / "assets" / "icons" / "logo.svg",
            self.icon,
        ]
        subprocess.run(drawn, check=True)
        self.dist = {version: make_standin(version, folder / version) for version in (OLD, NEW)}
        self.old, self.new = self.made(OLD), self.made(NEW)

    def made(self, version: str, *, kibibytes: int | None = None, sign: str = "") -> Path:
        out = self.folder / f"setup {version} {kibibytes}.exe"
        return make_setup(self.dist[version], version, out, self.icon, kibibytes=kibibytes, sign=sign)


@pytest.fixture(scope="module")
def setups(windows: Machine, nsis: None) -> Setups:
    return Setups(windows.folder / "setups")


@pytest.fixture(scope="module")
def log(windows: Machine) -> Path:
    path = windows.pictures.parent / "installer.txt"
    path.unlink(missing_ok=True)
    return path


@pytest.fixture
def user(windows: Machine, log: Path) -> Iterator[User]:
    with user_named(windows, "Ünï cödé 用户", log) as somebody:
        yield somebody


def program_of(setups: Setups, version: str) -> set[str]:
    dist = setups.dist[version]
    names = {path.relative_to(dist).as_posix() for path in dist.rglob("*") if path.is_file()}
    return {f"Programs/OpenThreat/{name}" for name in {*names, "uninstall.exe", "notification.png"}}


def with_data(user: User) -> dict[str, str]:
    """Create a database in the data folder, and return the files there."""
    user.data.mkdir(exist_ok=True)
    (user.data / "openthreat.db").write_bytes(b"years of work")
    return {path: digest for path, digest in user.files().items() if path.startswith("OpenThreat/")}


def at_login(user: User) -> list[str]:
    return [value for key, value in user.registry().items() if AT_LOGIN in key and "Uninstall" not in key]


def is_listed_as_in_winget_manifest(user: User, setup: Path, version: str) -> None:
    """Winget recognizes what is installed by the values that Windows lists."""
    publication = Publication("Example.Threats", "https://example.org/", "https://example.org")
    made = WINGET.manifests(publication, version, date(2027, 4, 5), setup, {"license": "MIT", "description": "None"})
    [entry] = yaml.safe_load(made["Example.Threats.installer.yaml"])["AppsAndFeaturesEntries"]
    product_code = entry.pop("ProductCode")
    assert entry == {name: user.entry(name, product_code) for name in entry}
    assert entry["DisplayVersion"] == version


def test_the_whole_cycle_leaves_nothing_but_the_data(user: User, setups: Setups, log: Path) -> None:
    before = user.registry()
    user.write_down("before")
    assert (user.files(), user.shortcuts()) == ({}, [])

    assert user.installs(setups.old) == DONE
    user.write_down(f"after the installation of {OLD}")
    data = with_data(user)
    assert set(user.files()) == program_of(setups, OLD) | set(data)
    is_listed_as_in_winget_manifest(user, setups.old, OLD)
    assert int(user.entry("EstimatedSize").removeprefix("dword:"), 16) > 0
    assert user.entry("DisplayIcon") == user.machine.seen(user.folder / "OpenThreat.exe")
    assert len(user.shortcuts()) == 1
    assert at_login(user) == []
    assert user.started == []

    user.starts("tray")
    assert user.installs(setups.new) == DONE
    user.write_down(f"after the upgrade to {NEW} over a running copy")
    assert set(user.files()) == program_of(setups, NEW) | set(data)
    is_listed_as_in_winget_manifest(user, setups.new, NEW)
    wait_until(lambda: user.started == [f"{OLD} tray", f"{NEW} tray --hidden"], "the new version runs", 20)

    user.uninstalls()
    user.write_down("after the uninstallation under a running copy")
    print("\n", log.read_text(encoding="utf-8"), sep="")
    assert not user.runs
    assert user.files() == data
    assert user.registry() == before
    assert user.shortcuts() == []


@pytest.mark.full
def test_the_start_menu_entry_names_the_program_as_it_names_itself(user: User, setups: Setups) -> None:
    assert f'!define APP_ID "{APP_ID}"' in INSTALLER.SCRIPT.read_text(encoding="utf-8")
    user.installs(setups.old)
    assert user.identities() == ([] if user.machine.is_wine else [APP_ID])  # Wine keeps no properties of entries


def test_the_uninstaller_is_signed_before_it_is_packed(setups: Setups) -> None:
    """A command that fails ends the build, so that no installer with an unsigned uninstaller is made."""
    log = setups.folder / "signed.txt"
    noting = "import pathlib, sys; pathlib.Path(sys.argv[1]).write_bytes(pathlib.Path(sys.argv[2]).read_bytes()[:2])"
    setups.made(OLD, kibibytes=2, sign=f'"{sys.executable}" -c "{noting}" "{log}"')
    assert log.read_bytes() == b"MZ"
    with pytest.raises(AssertionError, match="command returned"):
        setups.made(OLD, kibibytes=3, sign=f'"{sys.executable}" -c "raise SystemExit(1)"')


@pytest.mark.full
def test_what_did_not_run_is_not_started(user: User, setups: Setups) -> None:
    user.installs(setups.old)
    assert user.installs(setups.new) == DONE
    assert user.started == []


@pytest.mark.full
def test_data_go_when_the_user_wants_that(user: User, setups: Setups) -> None:
    user.installs(setups.old)
    with_data(user)
    user.keeps_secret()
    assert user.has_secret()
    user.uninstalls("/DATA")
    assert (user.files(), user.has_secret()) == ({}, False)


@pytest.mark.full
def test_an_upgrade_keeps_the_choice_of_starting_at_login(user: User, setups: Setups) -> None:
    assert user.installs(setups.old, "/ATLOGIN") == DONE
    chosen = at_login(user)
    assert len(chosen) == 1
    assert "--hidden" in chosen[0]
    user.installs(setups.new)
    assert at_login(user) == chosen
    user.uninstalls()
    assert at_login(user) == []


@pytest.mark.full
def test_a_file_that_is_held_for_ten_seconds_is_waited_for(user: User, setups: Setups) -> None:
    user.installs(setups.old)
    with user.holds(user.folder / "_internal" / "library.dll", 10):
        assert user.installs(setups.new) == DONE
    assert set(user.files()) == program_of(setups, NEW)


@pytest.mark.full
def test_a_file_that_is_never_released_leaves_the_old_version_whole(user: User, setups: Setups) -> None:
    user.installs(setups.old)
    user.starts("tray")
    files, registry = user.files(), user.registry()
    with user.holds(user.folder / "_internal" / "library.dll", 120):
        assert user.installs(setups.new) == NOTHING_CHANGED
        assert "still in use" in user.reason()
        wait_until(lambda: user.started == [f"{OLD} tray", f"{OLD} tray --hidden"], "it runs again", 20)
    assert (user.files(), user.registry()) == (files, registry)


@pytest.mark.full
def test_what_cannot_be_removed_stays_whole_and_runs_on(user: User, setups: Setups) -> None:
    user.installs(setups.old)
    user.starts("tray")
    files, registry = user.files(), user.registry()
    with user.holds(user.folder / "_internal" / "library.dll", 120):
        user.uninstalls()
        assert "Nothing was removed" in user.reason()
        wait_until(lambda: user.started == [f"{OLD} tray", f"{OLD} tray --hidden"], "it runs again", 20)
    assert (user.files(), user.registry()) == (files, registry)


@pytest.mark.full
def test_a_copy_that_does_not_end_is_left_running(user: User, setups: Setups) -> None:
    user.installs(setups.old)
    user.starts("tray")
    (user.notes / "deaf").touch()
    files, registry = user.files(), user.registry()
    assert user.installs(setups.new) == NOTHING_CHANGED
    assert (user.files(), user.registry(), user.runs) == (files, registry, True)
    user.uninstalls()
    assert "Nothing was removed" in user.reason()
    assert (user.files(), user.registry(), user.runs) == (files, registry, True)


@pytest.mark.full
def test_an_older_version_is_refused_in_a_sentence(user: User, setups: Setups) -> None:
    user.installs(setups.new)
    files, registry = user.files(), user.registry()
    assert user.installs(setups.old) == NOTHING_CHANGED
    assert f"Version {NEW} of OpenThreat is installed, which is newer" in user.reason()
    assert (user.files(), user.registry()) == (files, registry)


@pytest.mark.full
def test_the_same_version_mends_what_is_broken(user: User, setups: Setups) -> None:
    user.installs(setups.old)
    whole = user.files()
    (user.folder / "_internal" / "library.dll").unlink()
    (user.folder / "stale.dll").touch()
    assert user.installs(setups.old) == DONE
    assert user.files() == whole


@pytest.mark.full
def test_an_upgrade_goes_on_where_the_power_failed(user: User, setups: Setups) -> None:
    user.installs(setups.old)
    user.folder.rename(user.folder.with_name("OpenThreat.old"))  # the first of the two renames
    (user.folder.with_name("OpenThreat.new")).mkdir()
    assert user.installs(setups.new) == DONE
    assert set(user.files()) == program_of(setups, NEW)


@pytest.mark.full
def test_a_disk_without_room_is_told_before_anything_is_written(user: User, setups: Setups) -> None:
    user.installs(setups.old)
    files, registry = user.files(), user.registry()
    huge = setups.made(NEW, kibibytes=2**31 - 1)
    assert user.installs(huge) == NOTHING_CHANGED
    assert "Free disk space" in user.reason()
    assert (user.files(), user.registry()) == (files, registry)


@pytest.mark.full
@pytest.mark.parametrize("read_only", [False, True])
def test_a_disk_that_is_full_or_read_only_is_left_as_it_was(user: User, setups: Setups, read_only: bool) -> None:
    """The room is only seen to be too small when it is used up."""
    registry = user.registry()
    user.folder.parent.mkdir(exist_ok=True)
    small = setups.made(NEW, kibibytes=1)
    with user.machine.small_disk(user.folder.parent, read_only=read_only):
        assert user.installs(small) == NOTHING_CHANGED
        assert user.unpacked() == [FILLER]
        assert "Nothing was changed" in user.reason()
    assert (user.registry(), user.shortcuts()) == (registry, [])


@pytest.mark.full
def test_what_cannot_be_unpacked_leaves_nothing_behind(user: User, setups: Setups) -> None:
    user.installs(setups.old)
    files, registry = user.files(), user.registry()
    obstacle = user.folder.with_name("OpenThreat.new")
    obstacle.write_text("a file where the folder has to go", encoding="utf-8")
    assert user.installs(setups.new) == NOTHING_CHANGED
    assert "cannot be created" in user.reason()
    obstacle.unlink()
    assert (user.files(), user.registry()) == (files, registry)


@pytest.mark.full
def test_a_folder_of_somebody_else_is_not_replaced(user: User, setups: Setups) -> None:
    user.folder.mkdir(parents=True)
    theirs = user.folder / "letters.txt"
    theirs.write_text("not ours", encoding="utf-8")
    assert user.installs(setups.new) == NOTHING_CHANGED
    assert "do not belong" in user.reason()
    assert theirs.read_text(encoding="utf-8") == "not ours"
    shutil.rmtree(user.folder)
