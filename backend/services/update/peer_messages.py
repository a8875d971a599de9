"""The messages between the worker and its peer: MessagePack, each after its length in four bytes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, TypeVar

import msgspec

from backend.contract.names import Source
from backend.services.update.outcome import PartOutcome
from backend.services.update.page import Part
from backend.store.repositories.runs import Lease

_LENGTH = 4  # bytes, big-endian

_Message = TypeVar("_Message")


class PageTask(msgspec.Struct, frozen=True):
    """A page to ingest. lease: of the run that it belongs to; merged_up_to: as for `PageIngest`."""

    number: int
    source: Source
    parts: list[Part]
    merged_up_to: str | None
    lease: Lease


class Ready(msgspec.Struct, frozen=True, tag=True):
    """The peer has started."""


class PageDone(msgspec.Struct, frozen=True, tag=True):
    """The page is written. outcomes: of its parts."""

    number: int
    outcomes: list[PartOutcome]


TASKS = msgspec.msgpack.Decoder(PageTask)
ANSWERS = msgspec.msgpack.Decoder(Ready | PageDone)


def send(stream: BinaryIO, message: msgspec.Struct) -> None:
    """Write one message.

    Raises:
        OSError: the other process has ended.
    """
    body = msgspec.msgpack.encode(message)
    stream.write(len(body).to_bytes(_LENGTH, "big"))
    stream.write(body)
    stream.flush()


def received(stream: BinaryIO, decoder: msgspec.msgpack.Decoder[_Message]) -> Iterator[_Message]:
    """Read messages until the other side has ended, perhaps in the middle of one.

    Raises:
        msgspec.DecodeError: what was read is no such message.
    """
    while len(head := stream.read(_LENGTH)) == _LENGTH:
        length = int.from_bytes(head, "big")
        if len(body := stream.read(length)) < length:
            return
        yield decoder.decode(body)
