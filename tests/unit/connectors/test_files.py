from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import pytest

from backend.connectors.files import CHUNK, gunzip
from backend.contract.errors import SourceError

CONTENT = b"".join(b"%d," % number for number in range(200_000))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "feed.json.gz"


def test_unpacks_in_chunks_and_feeds_a_digest(file: Path) -> None:
    file.write_bytes(gzip.compress(CONTENT))
    digest = hashlib.sha256()
    chunks = list(gunzip(file, len(CONTENT), digest))
    assert b"".join(chunks) == CONTENT
    assert len(chunks) > 1
    assert max(map(len, chunks)) <= CHUNK
    assert digest.digest() == hashlib.sha256(CONTENT).digest()


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_nothing_is_lost_where_a_chunk_is_exactly_full(file: Path, size: int) -> None:
    file.write_bytes(gzip.compress(bytes(size)))
    assert b"".join(gunzip(file, size)) == bytes(size)


def test_reads_several_members_and_padding(file: Path) -> None:
    file.write_bytes(gzip.compress(b"one ") + gzip.compress(b"two") + bytes(512))
    assert b"".join(gunzip(file, 100)) == b"one two"


@pytest.mark.parametrize("keep", [0, 1, 9, 20, 1000, -1, -8])
def test_a_file_that_is_cut_off_is_told(file: Path, keep: int) -> None:
    file.write_bytes(gzip.compress(CONTENT)[:keep])
    with pytest.raises(SourceError, match="ends too early"):
        list(gunzip(file, len(CONTENT)))


def test_a_wrong_checksum_is_told(file: Path) -> None:
    packed = gzip.compress(CONTENT)
    file.write_bytes(packed[:-8] + bytes(4) + packed[-4:])
    with pytest.raises(SourceError, match=r"feed\.json\.gz: it is damaged"):
        list(gunzip(file, len(CONTENT)))


@pytest.mark.parametrize("content", [CONTENT, b"{}", b"#", b"PK\3\4", b"\x1f\x8c"])
def test_a_file_that_was_unpacked_on_the_way_is_read_as_it_is(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    digest = hashlib.sha256()
    assert b"".join(gunzip(file, len(content), digest)) == content
    assert digest.digest() == hashlib.sha256(content).digest()


def test_the_size_of_an_unpacked_file_is_limited_as_well(file: Path) -> None:
    file.write_bytes(CONTENT)
    with pytest.raises(SourceError, match="more than 0 MiB"):
        list(gunzip(file, 100))


def test_a_file_that_unpacks_beyond_measure_is_given_up_early(file: Path) -> None:
    file.write_bytes(gzip.compress(bytes(50 * 2**20)))
    taken = 0
    with pytest.raises(SourceError, match="more than 2 MiB"):  # noqa: PT012 - how much came before is the point
        for chunk in gunzip(file, 2 * 2**20):
            taken += len(chunk)
    assert taken <= 2 * 2**20
