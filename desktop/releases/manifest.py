"""The signed manifest of the newest version, and its verification. Pure.

The document is JSON, {"manifest": TEXT, "signature": BASE64}: an Ed25519 signature over the bytes of the text, which is
JSON itself. Replaying an old document has no effect: each has a time of issue, of which the latest is remembered, and
an expiry.
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
"""Takes a text and a signature; whether the signature is the publisher's and belongs to the text."""

CHECK_INTERVAL = timedelta(days=1)
RETRY_INTERVAL = timedelta(hours=1)
_VERSION = re.compile(r"\d{1,6}(\.\d{1,6}){0,3}", re.ASCII)
_PAGE = re.compile(r"https://[\w.-]+(:\d{1,5})?/[!-~]*", re.ASCII)


class ManifestRejected(Exception):  # noqa: N818 - names a state of the document
    """The manifest must not be used; the text says why."""


def _matches(shape: re.Pattern[str]) -> AfterValidator:
    def check(text: str) -> str:
        if not shape.fullmatch(text):
            raise ValueError("is not of the right form")
        return text

    return AfterValidator(check)


class Manifest(BaseModel):
    """A published version; `page`: the web page with its description and download."""

    version: Annotated[str, _matches(_VERSION)]
    page: Annotated[str, Field(max_length=500), _matches(_PAGE)]
    issued_at: AwareDatetime
    expires_at: AwareDatetime


class SignedManifest(BaseModel):
    manifest: str
    signature: Base64Bytes


@dataclass(frozen=True)
class ReleaseMemory:
    """What is stored between checks.

    Attributes:
        asked_at: When the publisher was last asked, with or without success.
        manifest: The latest manifest that was verified.
    """

    asked_at: AwareDatetime | None = None
    failed: bool = False
    manifest: Manifest | None = None

    def due_in(self, now: datetime) -> timedelta:
        """Return the time until the next check. A clock that was set back does not delay it."""
        interval = RETRY_INTERVAL if self.failed else CHECK_INTERVAL
        if self.asked_at is None or self.asked_at > now:
            return timedelta()
        return max(timedelta(), self.asked_at + interval - now)

    def status_for(self, version: str) -> ReleaseStatus:
        """Return the result for a program of this version."""
        known = self.manifest
        newer = known is not None and version_numbers(known.version) > version_numbers(version)
        release = Release(known.version, known.page) if known is not None and newer else None
        return ReleaseStatus(release, self.asked_at, self.failed)


def verified_manifest(document: bytes, verify: Verify, known: Manifest | None, now: datetime) -> Manifest:
    """Verify and parse a document.

    Args:
        known: The latest manifest that was verified before.

    Raises:
        ManifestRejected: The document is not valid, not signed by the publisher, expired, or older than `known`.
    """
    try:
        signed = SignedManifest.model_validate_json(document)
    except ValidationError as error:
        raise ManifestRejected("it is not a signed manifest") from error
    text = signed.manifest.encode()
    if not verify(text, signed.signature):
        raise ManifestRejected("its signature is not the publisher's")
    try:
        manifest = Manifest.model_validate_json(text)
    except ValidationError as error:
        raise ManifestRejected(f"it has {error.error_count()} invalid field(s)") from error
    if manifest.expires_at <= now:
        raise ManifestRejected(f"it expired on {manifest.expires_at:%Y-%m-%d}")
    if known is not None and manifest.issued_at < known.issued_at:
        raise ManifestRejected("it is older than the last one")
    return manifest


def version_numbers(version: str) -> Numbers:
    """Return a key for comparing: 0.10 is newer than 0.9, and 1.0 equals 1."""
    parts = [int(part) for part in version.split(".")]
    while parts and parts[-1] == 0:
        parts.pop()
    return tuple(parts)
