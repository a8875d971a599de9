"""Messages that show one machine: each of its programs with what is known of it, in one answer."""

from __future__ import annotations

from backend.contract.exposure import Machine
from backend.contract.inventory import MatchedProduct, ProductName, SoftwareEntry
from backend.contract.names import Severity
from backend.contract.wire import Wire


class ProgramExposure(Wire):
    """A program of a machine, or its operating system, with its findings that are neither ignored nor resolved.

    Attributes:
        id: Names the program in GET /findings.
        reason: Why no product is named, as in ResolvedProduct.
        matched: Whether it has been matched since it or its statements changed.
        exploited, worst, priority: Of the vulnerabilities that affect it.
        update_to: The lowest version without those of its vulnerabilities that have a fixed version.
        mended: How many vulnerabilities that version ends.
        winget: Its id in winget's repository, from its package URL, else from the table of known programs.
    """

    id: int
    software: SoftwareEntry
    is_system: bool = False
    product: MatchedProduct | None = None
    candidates: tuple[ProductName, ...] = ()
    version: str | None = None
    reason: str | None = None
    matched: bool = False
    affected: int = 0
    cannot_tell: int = 0
    not_affected: int = 0
    ignored: int = 0
    exploited: int = 0
    worst: Severity = Severity.UNKNOWN
    priority: float = 0.0
    update_to: str | None = None
    mended: int = 0
    winget: str = ""


class MachineExposure(Wire):
    """programs: the exploited ones first, then by priority. windows_updates: installed ones, which are not listed."""

    machine: Machine
    programs: tuple[ProgramExposure, ...] = ()
    windows_updates: int = 0
