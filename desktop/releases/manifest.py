"""What a publisher says of the newest version, and whether that is to be believed and told. Pure.

The document is JSON, {"manifest": TEXT, "signature": BASE64}: an Ed25519 signature over the bytes of the text, which is
JSON itself. An old document that somebody keeps sending tells nothing new: each has its time of issue, of which the
newest is remembered, and its end.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Base64Bytes, BaseModel, Field, ValidationError

from desktop.state.app_state import Release, ReleaseStatus

Numbers = tuple[int, ...]
Verify = Callable[[bytes, bytes], bool]
"""Whether the signature (second) is the publisher's, of that text."""

ONCE_A = timedelta(days=1)
AFTER_A_FAILURE = timedelta(hours=1)
_VERSION = re.compile(r"\d{1,6}(\.\d{1,6}){0,3}", re.ASCII)
_PAGE = re.compile(r"https://[\w.-]+(:\d{1,5})?/[!-~]*", re.ASCII)


class Doubtful(Exception):  # noqa: N818 - says what the document is
    """It is not believed, and why."""


def _matching(shape: re.Pattern[str]) -> AfterValidator:
    def check(text: str) -> str:
        if not shape.fullmatch(text):
            raise ValueError("is not of the right form")
        return text

    return AfterValidator(check)


class Manifest(BaseModel):
    """page: where people read of the version and fetch it."""

    version: Annotated[str, _matching(_VERSION)]
    page: Annotated[str, Field(max_length=500), _matching(_PAGE)]
    issued_at: AwareDatetime
    expires_at: AwareDatetime


class Signed(BaseModel):
    manifest: str
    signature: Base64Bytes


@dataclass(frozen=True)
class ReleaseMemory:
    """asked_at: when the publisher was last asked, with or without success. manifest: the newest that was believed."""

    asked_at: AwareDatetime | None = None
    failed: bool = False
    manifest: Manifest | None = None

    def due_in(self, now: datetime) -> timedelta:
        """Until the next question. A clock that was set back does not put it off for long."""
        apart = AFTER_A_FAILURE if self.failed else ONCE_A
        if self.asked_at is None or self.asked_at > now:
            return timedelta()
        return max(timedelta(), self.asked_at + apart - now)

    def standing_for(self, version: str) -> ReleaseStatus:
        """What there is to tell somebody who runs this version."""
        known = self.manifest
        newer = known is not None and numbers(known.version) > numbers(version)
        release = Release(known.version, known.page) if known is not None and newer else None
        return ReleaseStatus(release, self.asked_at, self.failed)


def believed(document: bytes, verify: Verify, known: Manifest | None, now: datetime) -> Manifest:
    """known: the newest that was believed before. Raises Doubtful."""
    try:
        signed = Signed.model_validate_json(document)
    except ValidationError as error:
        raise Doubtful("it is no signed manifest") from error
    text = signed.manifest.encode()
    if not verify(text, signed.signature):
        raise Doubtful("its signature is not the publisher's")
    try:
        manifest = Manifest.model_validate_json(text)
    except ValidationError as error:
        raise Doubtful(f"this version does not understand it: {error.error_count()} fault(s)") from error
    if manifest.expires_at <= now:
        raise Doubtful(f"it has ended on {manifest.expires_at:%Y-%m-%d}")
    if known is not None and manifest.issued_at < known.issued_at:
        raise Doubtful("it is older than one that was seen before")
    return manifest


def numbers(version: str) -> Numbers:
    """To compare by: 0.10 is newer than 0.9, and 1.0 is 1."""
    parts = [int(part) for part in version.split(".")]
    while parts and parts[-1] == 0:
        parts.pop()
    return tuple(parts)
