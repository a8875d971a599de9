"""Following a log in real files, written by `LogFile` where rotation matters."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop.logs.log_file import LogFile
from desktop.logs.log_lines import MAX_CHARACTERS, Level, LogLineParser
from desktop.logs.log_reader import MAX_BYTES, MAX_LINES, NEW_LINES, LogTail, NewLines


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "api.log"


def texts(news: NewLines) -> list[str]:
    return [line.text for line in (*news.lines, *news.later)]


def append(path: Path, text: str) -> None:
    with path.open("ab") as file:
        file.write(text.encode())


def test_first_gives_what_is_there_and_then_only_what_has_come(log: Path) -> None:
    log.write_text("one\ntwo\n", encoding="utf-8")
    tail = LogTail(log)
    assert texts(tail.read()) == ["one", "two"]
    assert texts(tail.read()) == []
    append(log, "three\n")
    assert texts(tail.read()) == ["three"]


def test_half_a_line_waits_for_its_end(log: Path) -> None:
    log.write_bytes(b"one\nspl")
    tail = LogTail(log)
    assert texts(tail.read()) == ["one"]
    append(log, "it ü\n")
    assert texts(tail.read()) == ["split ü"]


def test_a_log_that_does_not_exist_yet_is_followed_from_its_first_line(log: Path) -> None:
    tail = LogTail(log)
    assert texts(tail.read()) == []
    append(log, "born\n")
    assert texts(tail.read()) == ["born"]


def test_older_parts_are_read_where_the_newest_is_short(log: Path) -> None:
    log.with_name("api.log.2").write_text("oldest\n", encoding="utf-8")
    log.with_name("api.log.1").write_text("older\n", encoding="utf-8")
    log.write_text("newest\n", encoding="utf-8")
    assert texts(LogTail(log).read()) == ["oldest", "older", "newest"]


@pytest.mark.parametrize("per_look", [1, 3, 7])
def test_no_line_is_lost_or_told_twice_while_the_log_is_rotated(log: Path, per_look: int) -> None:
    writer, tail, seen = LogFile(log, max_bytes=100), LogTail(log), list[str]()
    tail.read()
    for number in range(84):
        writer.write(f"the line number {number:03}\n".encode())
        writer.flush()
        if number % per_look == 0:
            seen += texts(tail.read())
    writer.close()
    seen += texts(tail.read())
    assert seen == [f"the line number {number:03}" for number in range(84)]


def test_an_emptied_log_is_read_from_its_beginning(log: Path) -> None:
    log.write_text("long gone\nand more\n", encoding="utf-8")
    tail = LogTail(log)
    tail.read()
    log.write_bytes(b"new\n")
    assert texts(tail.read()) == ["new"]


def test_an_emptied_log_that_has_grown_past_the_old_place_is_read_from_its_beginning(log: Path) -> None:
    log.write_text("short\n", encoding="utf-8")
    tail = LogTail(log)
    tail.read()
    log.write_text("something else, and longer\n", encoding="utf-8")
    assert texts(tail.read()) == ["something else, and longer"]


def test_a_deleted_log_gives_nothing_until_it_is_back(log: Path) -> None:
    log.write_text("one\n", encoding="utf-8")
    tail = LogTail(log)
    tail.read()
    log.unlink()
    assert texts(tail.read()) == []
    append(log, "back\n")
    assert texts(tail.read()) == ["back"]


def test_of_a_huge_log_the_end_is_read(log: Path) -> None:
    with log.open("wb") as file:
        file.truncate(2**31)  # sparse: reading all of it would be noticed
        file.seek(0, 2)
        file.write(b"\n" + b"x" * 99 + b"\n" + b"the end\n")
    lines = texts(LogTail(log).read())
    assert lines[-1] == "the end"
    assert sum(map(len, lines)) <= MAX_BYTES


def test_no_more_lines_are_kept_than_can_be_shown(log: Path) -> None:
    log.write_bytes(b"".join(b"%d\n" % number for number in range(MAX_LINES + 500)))
    lines = texts(LogTail(log).read())
    assert (len(lines), lines[-1]) == (MAX_LINES, str(MAX_LINES + 499))


@pytest.mark.parametrize("padding", [0, 900], ids=["many lines", "many bytes"])
def test_of_a_flood_the_beginning_and_the_end_are_read_and_the_rest_is_counted(log: Path, padding: int) -> None:
    log.write_bytes(b"")
    tail = LogTail(log)
    tail.read()
    flood = [b"%05d" % number + b"." * padding for number in range(9000)]
    log.write_bytes(b"\n".join([*flood, b""]))
    news = tail.read()
    read = texts(news)
    assert read[0].startswith("00000")
    assert read[-1].startswith("08999")
    assert len(read) <= NEW_LINES
    assert news.skipped == log.stat().st_size - sum(len(line) + 1 for line in read)
    append(log, "after\n")
    assert texts(tail.read()) == ["after"]


def test_an_endless_line_is_told_in_pieces(log: Path) -> None:
    log.write_bytes(b"x" * 100_000)
    tail = LogTail(log)
    assert len(texts(tail.read())[0]) == MAX_CHARACTERS + 1


def test_lines_have_the_level_of_their_entry() -> None:
    lines = [
        b"Started by hand",
        b"2026-03-01 12:00:00,123 WARNING backend.x: careful",
        b"  more of it",
        b"2026-03-01 12:00:01,123 INFO    backend.x: fine, no ERROR here",
        b"2026-03-01T12:00:02+00:00 API: running",
        b"2026-03-01 12:00:03,123 CRITICAL backend.x: broken",
    ]
    judged = LogLineParser().parse(lines)
    assert [line.level for line in judged] == [
        Level.INFO,
        Level.WARNING,
        Level.WARNING,
        Level.INFO,
        Level.INFO,
        Level.ERROR,
    ]
    assert [line.begins for line in judged] == [False, True, False, True, True, True]


def test_a_crash_that_nobody_logged_is_an_error() -> None:
    judged = LogLineParser().parse(
        [b"2026-03-01 12:00:00,1 INFO a: b", b"Traceback (most recent call last):", b"  File"]
    )
    assert [line.level for line in judged] == [Level.INFO, Level.ERROR, Level.ERROR]


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b"\x1b[1;31mred\x1b[0m", "red"),
        (b"\x1b]0;title\x07text", "text"),
        (b"10 %\r20 %\r\r", "20 %"),
        (b"windows\r", "windows"),
        (b"\xff\xfe broken", "\ufffd\ufffd broken"),
        ("a\u202eb\x00\tc".encode(), "ab\tc"),
    ],
)
def test_what_a_terminal_would_obey_is_taken_out(raw: bytes, shown: str) -> None:
    assert LogLineParser().parse([raw])[0].text == shown
