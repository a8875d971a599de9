from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from backend.connectors.archive import Archive, MemberUnusable
from backend.contract.errors import SourceError

CONTENTS = {f"cves/2024/{number}xxx/CVE-2024-{number}.json": b"{%d}" % number * number for number in range(50)}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "cves.zip"


def write(file: Path, method: int = zipfile.ZIP_DEFLATED, *, wide: bool = False, comment: bytes = b"") -> None:
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.comment = comment
        for name, content in CONTENTS.items():
            with archive.open(zipfile.ZipInfo(name), "w", force_zip64=wide) as member:
                member.write(content)


def contents(archive: Archive, position: int = 0) -> dict[str, bytes]:
    return {member.name: archive.read(member, 2**20) for member in archive.members(position)}


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("wide", [False, True])
def test_reads_what_zipfile_writes(file: Path, method: int, wide: bool) -> None:
    write(file, method, wide=wide, comment=b"made at midnight")
    with Archive(file) as archive:
        assert archive.count == len(CONTENTS)
        assert contents(archive) == CONTENTS


def test_goes_on_from_any_member(file: Path) -> None:
    write(file)
    with Archive(file) as archive:
        first = [member.following for member, _ in zip(archive.members(), range(20), strict=False)]
    with Archive(file) as again:
        assert list(contents(again, first[-1])) == list(CONTENTS)[20:]


def test_reads_archives_of_more_members_than_fit_into_sixteen_bits(file: Path) -> None:
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(66_000):
            archive.writestr(zipfile.ZipInfo(str(number)), b"")
    with Archive(file) as archive:
        assert archive.count == 66_000
        assert sum(1 for _ in archive.members()) == 66_000


def test_reads_sizes_and_places_beyond_four_gigabytes(file: Path) -> None:
    """Move sizes of a small archive into the extra field, where zipfile writes only values beyond 32 bits."""
    write(file)
    raw = bytearray(file.read_bytes())
    start = raw.rindex(b"PK\1\2")
    name_length = int.from_bytes(raw[start + 28 : start + 30], "little")
    offset = raw[start + 42 : start + 46]
    raw[start + 42 : start + 46] = b"\xff" * 4
    extra = b"\x99\x99\2\0ab" + b"\1\0\x08\0" + offset + bytes(4)
    raw[start + 30 : start + 32] = len(extra).to_bytes(2, "little")
    raw[start + 46 + name_length : start + 46 + name_length] = extra
    end = raw.rindex(b"PK\5\6")
    raw[end + 12 : end + 16] = (int.from_bytes(raw[end + 12 : end + 16], "little") + len(extra)).to_bytes(4, "little")
    file.write_bytes(raw)
    with Archive(file) as archive:
        assert contents(archive) == CONTENTS


@pytest.mark.parametrize("keep", [0, 3, 100, 2000, -1, -10])
def test_an_archive_that_is_cut_off_is_told(file: Path, keep: int) -> None:
    write(file)
    file.write_bytes(file.read_bytes()[:keep])
    with pytest.raises(SourceError, match=r"cves\.zip"):
        Archive(file)


def test_every_damaged_byte_is_noticed_or_harmless(file: Path) -> None:
    write(file)
    whole = file.read_bytes()
    for place in range(0, len(whole), 7):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 0x5A]) + whole[place + 1 :])
        try:
            with Archive(file) as archive:
                found = contents(archive)
        except (SourceError, MemberUnusable):
            continue
        assert set(found.values()) <= set(CONTENTS.values())


def test_a_member_larger_than_agreed_is_not_unpacked(file: Path) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("large", bytes(3 * 2**20))
        archive.writestr("small", b"ok")
    with Archive(file) as archive:
        large, small = archive.members()
        with pytest.raises(MemberUnusable, match="larger than 2 MiB"):
            archive.read(large, 2 * 2**20)
        assert archive.read(small, 2 * 2**20) == b"ok"


def test_a_member_that_lies_about_its_size_is_noticed(file: Path) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb", bytes(20 * 2**20))
    with Archive(file) as archive:
        member = next(archive.members())
        wrong_size = replace(member, size=1000)
        with pytest.raises(SourceError, match="damaged"):
            archive.read(wrong_size, 2**20)


def test_encrypted_and_unknown_packing_concern_one_member(file: Path) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("other", b"content")
    with Archive(file) as archive, pytest.raises(MemberUnusable, match="unsupported"):
        archive.read(next(archive.members()), 100)
