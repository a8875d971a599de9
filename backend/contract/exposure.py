"""Messages about machines and what is installed on them: products, findings, triage, and what is watched besides."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, StringConstraints

from backend.contract.access import Actor
from backend.contract.inventory import (
    MAX_NAME,
    FindingVerdict,
    MatchCounts,
    MatchedProduct,
    OperatingSystem,
    ProductName,
    SoftwareEntry,
    StoredLabel,
)
from backend.contract.names import Severity
from backend.contract.wire import Body, Instant, RequestedInstant, Wire, storable

MAX_NOTE = 2_000  # characters
MAX_WATCHED = 500
MAX_CHANGED = 10_000
"""Findings that one request changes."""
ProductPart = Annotated[str, StringConstraints(min_length=1, max_length=MAX_NAME), AfterValidator(storable)]


class ResolvedProduct(Wire):
    """The product that a program's name means; without one, those that it may be.

    reason: why none is named, in one word: "no_records", "ambiguous", "publisher", "part", "decided", "no_name".
    """

    product: MatchedProduct | None
    candidates: tuple[ProductName, ...] = ()
    version: str | None = None
    reason: str | None = None


class DecidedProduct(ProductName):
    vendor: ProductPart
    product: ProductPart


class ProductDecision(Body):
    """A user's decision for all versions of a program, by name and publisher. product: null for none of the known ones.

    forget: the decision is taken back.
    """

    name: ProductPart
    publisher: StoredLabel = ""
    product: DecidedProduct | None = None
    forget: StrictBool = False


class StoredDecision(Wire):
    """A user's decision on a program. product: null where it is none of the known ones."""

    name: str
    publisher: str
    product: ProductName | None
    decided_at: Instant
    decided_by: Actor | None = None


class StoredDecisions(Wire):
    items: tuple[StoredDecision, ...] = ()


class FindingState(StrEnum):
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    IGNORED = "ignored"
    RESOLVED = "resolved"  # only the program sets it


class MachineFindings(Wire):
    """The findings of a machine that are not resolved. exploited: those of the affected that are known exploited."""

    affected: int = 0
    cannot_tell: int = 0
    exploited: int = 0


class Machine(Wire):
    """A machine whose inventory is stored. is_gone: it has sent nothing for 90 days."""

    id: str
    name: str
    user: str
    os: OperatingSystem | None = None
    first_seen_at: Instant
    last_seen_at: Instant
    is_gone: bool = False
    programs: int = 0
    findings: MachineFindings = MachineFindings()


class MachineList(Wire):
    items: tuple[Machine, ...]


class InstalledProgram(Wire):
    """An entry of a machine's inventory. matched: whether it has been matched since it or its statements changed."""

    software: SoftwareEntry
    product: MatchedProduct | None = None
    candidates: tuple[ProductName, ...] = ()
    version: str | None = None
    reason: str | None = None  # why no product is named, as in ResolvedProduct
    matched: bool = False
    counts: MatchCounts = MatchCounts()


class MachineDetails(Machine):
    software: tuple[InstalledProgram, ...] = ()


class InventoryStored(Wire):
    """What an inventory changed. task_id: the run that matches the changes; null where there is nothing to match."""

    machine: str
    programs: int
    added: int
    removed: int
    duplicates: int
    task_id: str | None = None


class Finding(Wire):
    """A vulnerability of a program on a machine.

    verdict, reason, fixed_in and source are null once it is resolved; `resolution` then says why.
    """

    id: int
    machine: str
    machine_name: str
    software: str
    version: str
    product: str | None
    cve_id: str
    title: str
    severity: Severity
    exploited_in_the_wild: bool
    priority_score: float
    verdict: FindingVerdict | None
    reason: str | None
    fixed_in: str | None
    source: str | None
    state: FindingState
    note: str
    until: Instant | None
    first_seen_at: Instant
    resolved_at: Instant | None
    resolution: str | None


class FindingPage(Wire):
    items: tuple[Finding, ...]
    total: int
    page: int
    page_size: int
    total_pages: int


class FindingChange(BaseModel):
    """The triage of a finding.

    note: left out or null: it stays as it is; "": it is removed. until: with `ignored`, when it counts as open again;
    null: never.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    state: Literal[FindingState.OPEN, FindingState.ACKNOWLEDGED, FindingState.IGNORED]
    note: Annotated[str, StringConstraints(max_length=MAX_NOTE), AfterValidator(storable)] | None = None
    until: RequestedInstant | None = None


class FindingsChange(FindingChange):
    """The same triage of several findings."""

    ids: Annotated[tuple[Annotated[int, Field(ge=1, lt=2**31)], ...], Field(min_length=1, max_length=MAX_CHANGED)]


class FindingTriage(Wire):
    id: int
    state: FindingState
    note: str
    until: Instant | None


class FindingsChanged(Wire):
    """before: the triage of the changed findings as it was, to undo it; unknown: ids that are not open findings."""

    before: tuple[FindingTriage, ...]
    unknown: tuple[int, ...] = ()


class FindingEvent(Wire):
    """A change of a finding. by: null where the program did it, or an older version did not note who."""

    changed_at: Instant
    state: FindingState
    note: str
    by: Actor | None = None


class FindingDetails(Finding):
    history: tuple[FindingEvent, ...] = ()


class Watched(Wire):
    """Something that concerns a person without being installed: a vendor, a product, or a saved search.

    version: of the product; without one, all its vulnerabilities concern.
    """

    vendor: StoredLabel = ""
    product: StoredLabel = ""
    version: StoredLabel = ""
    search: StoredLabel = ""


class Watchlist(Body):
    items: Annotated[tuple[Watched, ...], Field(max_length=MAX_WATCHED)] = ()


class WatchlistChange(Wire):
    changed_at: Instant
    by: Actor
    added: tuple[Watched, ...] = ()
    removed: tuple[Watched, ...] = ()


class WatchlistHistory(Wire):
    """The last 100 changes of the watchlist, the newest first."""

    items: tuple[WatchlistChange, ...] = ()
