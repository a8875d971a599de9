"""Only its user may enter the data folder, whichever process made it; folders that others need are unchanged."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from backend.config import load_settings
from backend.contract import environment, folder_rights
from backend.contract.diagnosis import CheckState
from backend.contract.environment import read_environment
from backend.contract.folder_rights import make_private, reason_open
from backend.contract.problem_catalogue import ProblemId
from backend.services.doctor import machine

posix = pytest.mark.skipif(sys.platform == "win32", reason="modes of files")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    folder.chmod(0o755)
    return folder


@posix
def test_a_new_data_folder_is_private_from_the_beginning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENTHREAT_HOME", str(tmp_path / "above" / "data"))
    monkeypatch.setattr(environment, "make_private", lambda _: None)
    old = os.umask(0)
    try:
        home = read_environment().home
    finally:
        os.umask(old)
    assert mode(home) == 0o700


@posix
@pytest.mark.parametrize("rights", [0o777, 0o775, 0o750, 0o711, 0o701])
def test_an_existing_data_folder_is_narrowed_by_every_process(home: Path, rights: int) -> None:
    for read in (read_environment, load_settings):
        home.chmod(rights)
        read()
        assert mode(home) == 0o700
    assert machine.data_folder(load_settings()).state is CheckState.OK


@posix
def test_narrower_rights_stay(folder: Path) -> None:
    folder.chmod(0o500)
    make_private(folder)
    assert mode(folder) == 0o500
    assert reason_open(folder) == ""


@posix
def test_a_folder_behind_a_link_is_narrowed(folder: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(folder)
    make_private(link)
    assert mode(folder) == 0o700


@posix
@pytest.mark.parametrize("needed", ["temporary files", "the user's", "Python's"])
def test_a_folder_that_holds_more_than_the_data_keeps_its_rights(
    folder: Path, needed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if needed == "temporary files":
        folder.chmod(0o1777)
    elif needed == "the user's":
        monkeypatch.setenv("HOME", str(folder / "alice"))
    else:
        monkeypatch.setattr(sys, "prefix", str(folder / "python"))
    before = mode(folder)
    make_private(folder)
    assert mode(folder) == before
    assert "holds more than the program's data" in reason_open(folder)


@posix
@pytest.mark.parametrize(("path", "shared"), [("/", True), ("/srv", True), ("/srv/openthreat", False)])
def test_top_level_folders_count_as_shared(path: str, shared: bool) -> None:
    assert folder_rights._is_shared(Path(path), 0o755) is shared


@posix
def test_a_folder_of_another_user_is_left_alone_and_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: folder.stat().st_uid + 1)
    make_private(folder)
    assert mode(folder) == 0o755
    assert reason_open(folder) == f"{folder} belongs to another user and has the rights drwxr-xr-x."


@posix
@pytest.mark.parametrize("refusal", [None, PermissionError("no rights here")])
def test_a_file_system_without_rights_stops_nothing_and_is_named_by_the_doctor(
    home: Path, refusal: Exception | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def chmod(_: Path, __: int) -> None:
        if refusal is not None:
            raise refusal

    home.chmod(0o777)
    monkeypatch.setattr(Path, "chmod", chmod)
    found = machine.data_folder(load_settings())
    assert found.id == ProblemId.DATA_FOLDER_OPEN
    assert "keeps the rights drwxrwxrwx" in found.message


def test_on_windows_the_users_own_folder_counts_as_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_rights, "_is_posix", lambda: False)
    monkeypatch.setattr(folder_rights, "_user_folder", lambda: tmp_path)
    assert reason_open(tmp_path / "AppData") == ""
    assert "lies outside your user folder" in reason_open(tmp_path.parent)
