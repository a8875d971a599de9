"""Inventories of installed software, and the answer that names the product and the vulnerabilities of each entry."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, WithJsonSchema

from backend.contract.names import Severity
from backend.contract.wire import Body, Wire, storable

MAX_MATCHED = 2_000
"""Entries in one request that stores nothing (POST /match)."""
MAX_ENTRIES = 20_000
"""Entries of one machine."""
MAX_NAME = 400  # characters of a name, publisher or version; the registry's own names end at 255
MAX_IDENTIFIER = 1_000  # characters of a CPE name or package URL


class EntryKind(StrEnum):
    PROGRAM = "program"  # an entry of the Uninstall keys
    STORE_APP = "store_app"
    COMPONENT = "component"  # a part of the system with a version of its own: .NET Framework, Defender's engine
    WINDOWS_UPDATE = "windows_update"
    PACKAGE = "package"  # of a language's or distribution's package manager
    LIBRARY = "library"  # a component of an SBOM
    WATCHED = "watched"  # not installed here: a product of the watchlist with its version


def _none_as_empty(value: object) -> object:
    return "" if value is None else value


def _kind(value: object) -> object:
    return value if isinstance(value, str) and value in set(EntryKind) else EntryKind.PROGRAM


def _or_null(longest: int) -> WithJsonSchema:
    return WithJsonSchema({"anyOf": [{"type": "string", "maxLength": longest}, {"type": "null"}]}, mode="validation")


Label = Annotated[str, BeforeValidator(_none_as_empty), StringConstraints(max_length=MAX_NAME), _or_null(MAX_NAME)]
StoredLabel = Annotated[Label, AfterValidator(storable)]
Identifier = Annotated[
    str, BeforeValidator(_none_as_empty), StringConstraints(max_length=MAX_IDENTIFIER), _or_null(MAX_IDENTIFIER)
]
_ANY_KIND = WithJsonSchema({"description": f"One of {', '.join(EntryKind)}"}, mode="validation")


class SoftwareEntry(Wire):
    """One installed program, app, package or update. Everything but the name may be "" for not stated."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=MAX_NAME)]
    publisher: Label = ""
    version: Label = ""
    cpe: Identifier = ""
    purl: Identifier = ""
    kind: Annotated[EntryKind, BeforeValidator(_kind), _ANY_KIND] = (
        EntryKind.PROGRAM
    )  # an unknown one counts as a program


class OperatingSystem(Wire):
    """The system of a machine, for example "Windows 11 Pro", "23H2", "10.0.22631.4317", "AMD64"."""

    name: Label
    version: Label = ""
    build: Label = ""  # with the update build revision, which says which updates are installed
    architecture: Label = ""


class MachineIdentity(Wire):
    name: StoredLabel
    user: StoredLabel = ""


class MatchRequest(Body):
    os: OperatingSystem | None = None
    software: Annotated[tuple[SoftwareEntry, ...], Field(max_length=MAX_MATCHED)] = ()


class Inventory(Body):
    """All that is installed on one machine."""

    os: OperatingSystem | None = None
    software: Annotated[tuple[SoftwareEntry, ...], Field(max_length=MAX_ENTRIES)] = ()
    machine: MachineIdentity | None = None


class Confidence(StrEnum):
    CERTAIN = "certain"
    LIKELY = "likely"


class ResolvedBy(StrEnum):
    """What named the product."""

    USER = "user"
    CPE = "cpe"
    PURL = "purl"
    RULE = "rule"
    NAME = "name"


class ProductName(Wire):
    vendor: str
    product: str


class MatchedProduct(ProductName):
    confidence: Confidence
    by: ResolvedBy
    keys: tuple[str, ...]  # every "vendor:product" whose statements are matched


class FindingVerdict(StrEnum):
    AFFECTED = "affected"
    CANNOT_TELL = "cannot_tell"


class MatchFinding(Wire):
    """One vulnerability of one entry. `reason` is a sentence."""

    cve_id: str
    verdict: FindingVerdict
    reason: str
    fixed_in: str | None = None
    source: str
    severity: Severity
    exploited_in_the_wild: bool
    priority_score: float


class MatchCounts(Wire):
    affected: int = 0
    cannot_tell: int = 0
    not_affected: int = 0


class _Match(Wire):
    product: MatchedProduct | None
    candidates: tuple[ProductName, ...] = ()  # products that it may be, where none is named
    version: str | None = None  # the version that was compared; null: none
    findings: tuple[MatchFinding, ...] = ()
    counts: MatchCounts = MatchCounts()


class SoftwareMatch(_Match):
    software: SoftwareEntry


class SystemMatch(_Match):
    software: OperatingSystem


class MatchAnswer(Wire):
    os: SystemMatch | None = None
    items: tuple[SoftwareMatch, ...] = ()
