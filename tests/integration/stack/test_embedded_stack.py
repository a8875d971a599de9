"""The embedded stack moves a damaged broker file aside, and nothing else."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from desktop.stack.embedded import EmbeddedStack


def made(path: Path) -> Path:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript("CREATE TABLE messages (text); INSERT INTO messages VALUES (hex(randomblob(20000)))")
    return path


def test_nothing_is_made_where_nothing_is(home: Path) -> None:
    EmbeddedStack(home).bring_up()
    assert list(home.iterdir()) == []


def test_a_sound_file_stays(home: Path) -> None:
    file = made(home / "broker.db")
    before = file.read_bytes()
    EmbeddedStack(home).bring_up()
    assert file.read_bytes() == before


@pytest.mark.parametrize("damage", ["garbage", "half", "hole"])
def test_a_damaged_file_is_put_aside(home: Path, damage: str) -> None:
    file = made(home / "broker.db")
    whole = file.read_bytes()
    pieces = {"garbage": b"\x88" * 9999, "half": whole[: len(whole) // 2], "hole": whole[:4096] + b"\xff" * 20000}
    file.write_bytes(pieces[damage])
    EmbeddedStack(home).bring_up()
    assert [path.name for path in home.iterdir()] == ["broker.damaged.db"]
    EmbeddedStack(home).bring_up()
