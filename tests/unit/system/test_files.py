"""A file is the old one or the new one, whatever happens while it is written."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from backend.system.files import create_atomically, replacing, write_atomically


def test_the_new_content_takes_the_place_of_the_old(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    write_atomically(path, b"new\n")
    assert path.read_bytes() == b"new\n"
    assert list(tmp_path.iterdir()) == [path]


def test_what_an_earlier_program_left_half_written_is_no_obstacle(tmp_path: Path) -> None:
    path = tmp_path / "file"
    (tmp_path / "file.new").write_bytes(b"half")
    write_atomically(path, b"whole", private=True, durable=True)
    assert path.read_bytes() == b"whole"


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_where_it_cannot_be_written_the_old_file_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(*((os, "fsync", refuse) if call == "fsync" else (Path, "replace", refuse)))
    with pytest.raises(OSError, match="No space left"):
        write_atomically(path, b"new", durable=True)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_writer_that_fails_leaves_nothing_beside(tmp_path: Path) -> None:
    path = tmp_path / "file"

    def fail() -> None:
        with replacing(path) as beside:
            beside.write_bytes(b"half")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_is_not_created_again(tmp_path: Path) -> None:
    path = tmp_path / "file"
    create_atomically(path, b"first", private=True, durable=True)
    create_atomically(path, b"second")
    assert path.read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_is_created_where_there_are_no_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    create_atomically(tmp_path / "file", b"content")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"content"]


@pytest.mark.skipif(os.name != "posix", reason="on Windows the folder's rights decide who reads a file")
def test_a_private_file_is_its_owners_alone_also_in_the_place_of_a_public_one(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"public")
    path.chmod(0o666)
    write_atomically(path, b"secret", private=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
