"""Small values, compressed with a dictionary that the program ships."""

from __future__ import annotations

import pytest

from backend.contract.errors import StoreDamaged
from backend.store.compression import Compressor, Dictionary, _load, decompress, zstd

SHIPPED = (32_769, 32_770, 32_771, 32_772)
"""Every dictionary of a commit on main: databases have frames that need them."""


@pytest.mark.parametrize("dictionary", [*Dictionary, None])
def test_a_value_comes_back(dictionary: Dictionary | None) -> None:
    compressor = Compressor(dictionary)
    values = [b"", b"acmesoft rocket", "Überlauf 資料".encode() * 1000]
    assert [decompress(compressor.compress(value)) for value in values] == values


@pytest.mark.parametrize("number", SHIPPED)
def test_what_an_earlier_program_wrote_is_read(number: int) -> None:
    frame = zstd.compress(b"acmesoft rocket", zstd_dict=_load(number))
    assert zstd.get_frame_info(frame).dictionary_id == number
    assert decompress(frame) == b"acmesoft rocket"


def test_new_values_have_dictionaries_that_are_shipped() -> None:
    assert {int(dictionary) for dictionary in Dictionary} <= set(SHIPPED)


@pytest.mark.parametrize("frame", [b"", b"no frame", Compressor(Dictionary.CLAIMS).compress(b"text" * 99)[:-3]])
def test_a_damaged_value_is_said(frame: bytes) -> None:
    with pytest.raises(StoreDamaged):
        decompress(frame)


def test_an_unknown_dictionary_is_said() -> None:
    frame = zstd.compress(b"text", zstd_dict=_load(32_769))
    newer = frame.replace((32_769).to_bytes(2, "little"), (40_000).to_bytes(2, "little"), 1)
    with pytest.raises(StoreDamaged, match="dictionary 40000 is not known"):
        decompress(newer)
