"""Bundles: files with all that the sources state, for machines without internet."""

from __future__ import annotations

from backend.contract.names import Source
from backend.contract.wire import Instant, Wire

SUFFIX = ".otbundle"
"""The usual end of a bundle's name."""
MAX_BUNDLE = 2**30
"""Longest bundle that is loaded, in bytes: one with all known vulnerabilities has less than a tenth of it."""


class BundledSource(Wire):
    """One source in a bundle. watermark: everything up to this time of the source's own clock is in it."""

    source: Source
    watermark: Instant | None = None


class BundleSummary(Wire):
    """What a bundle says of itself. program: the version that made it.

    signed_by: the fingerprint of the key that its signature was checked with; None: not signed, or not checked.
    """

    id: str
    created_at: Instant
    program: str
    vulnerabilities: int
    sources: tuple[BundledSource, ...]
    size: int  # bytes
    signed: bool = False
    signed_by: str | None = None


class BundleAccepted(Wire):
    """The answer to an uploaded bundle.

    task_id: the run that loads it; None while it waits. waits_for: then, the id of the update that has to end before.
    """

    bundle: BundleSummary
    task_id: str | None
    waits_for: str = ""
    message: str
