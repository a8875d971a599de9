"""The size of a log is bounded, whatever is written."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.logs.log_file import MAX_LINE, LineCutter, LogFile


def everything(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())


def test_old_parts_are_kept_and_the_oldest_dropped(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "api.log", max_bytes=100, keep=2)
    for number in range(100):
        log.write(f"line {number:04}\n".encode())
    log.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["api.log", "api.log.1", "api.log.2"]
    assert everything(tmp_path) <= 300
    assert (tmp_path / "api.log").read_text().splitlines()[-1] == "line 0099"
    assert (tmp_path / "api.log.1").read_text().splitlines()[-1] == "line 0089"


def test_writing_goes_on_after_what_is_there(tmp_path: Path) -> None:
    for word in ("one", "two"):
        log = LogFile(tmp_path / "new folder" / "api.log")
        log.write(f"{word}\n".encode())
        log.close()
    assert (tmp_path / "new folder" / "api.log").read_text() == "one\ntwo\n"


def test_a_log_that_cannot_be_renamed_is_bounded_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError("another program reads it")

    monkeypatch.setattr(Path, "replace", refuse)
    log = LogFile(tmp_path / "api.log", max_bytes=100)
    for number in range(100):
        log.write(f"line {number:04}\n".encode())
    log.close()
    assert everything(tmp_path) <= 100
    assert (tmp_path / "api.log").read_text().endswith("line 0099\n")


def test_a_disk_that_takes_nothing_loses_lines_and_raises_nothing(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file where the folder should be")
    log = LogFile(tmp_path / "logs" / "api.log")
    log.write(b"lost\n")
    log.flush()
    log.close()
    assert (tmp_path / "logs").read_text() == "a file where the folder should be"


@given(st.lists(st.binary(max_size=40)), st.integers(1, 17))
def test_short_lines_come_out_as_they_went_in_however_they_are_cut_up(words: list[bytes], size: int) -> None:
    lines = [word.replace(b"\n", b"") for word in words]
    text, cutter = b"".join(line + b"\n" for line in lines), LineCutter()
    found = b"".join(cutter.cut(text[start : start + size]) for start in range(0, len(text), size))
    assert found + cutter.last() == text


@pytest.mark.parametrize("size", [1000, 64 * 1024])
def test_a_long_line_is_cut_and_says_so_and_the_next_is_whole(size: int) -> None:
    text, cutter = b"x" * (10 * MAX_LINE) + b"\nnext\n", LineCutter()
    found = b"".join(cutter.cut(text[start : start + size]) for start in range(0, len(text), size))
    assert found == b"x" * MAX_LINE + " … (cut off)\n".encode() + b"next\n"


def test_a_last_line_without_an_end_is_kept() -> None:
    cutter = LineCutter()
    assert cutter.cut(b"half") == b""
    assert cutter.last() == b"half\n"
