"""Claims: the statements of one source about one vulnerability, in one shape for all sources.

A connector's parser turns a record as the service sends it into claims; `merge` turns the claims of all sources into
one vulnerability. Claims are stored as JSON, so every field must survive a round trip through msgspec. They cannot form
reference cycles, so the garbage collector does not track them (gc=False): tracking took a third of the merge's time.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

import msgspec

from backend.contract.names import Source, Tag


class Feed(StrEnum):
    """One stream of records. A source may have several; the newest record of each is kept for a vulnerability."""

    KEV = "cisa"
    NVD = "nvd"
    MITRE = "mitre"
    EPSS = "epss"
    EUVD = "euvd"
    EUVD_MAPPING = "euvd-mapping"
    EUVD_KEV = "euvd-kev"

    @property
    def source(self) -> Source:
        return Source(self.value.partition("-")[0])


class Origin(StrEnum):
    """Who made a statement, as opposed to the source that relays it: NVD and EUVD repeat statements of CNAs."""

    NVD = "nvd"
    CNA = "cna"
    CISA_ADP = "cisa-adp"
    EUVD = "euvd"


class RecordState(StrEnum):
    PUBLISHED = "PUBLISHED"
    REJECTED = "REJECTED"


class Score(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One CVSS assessment. `stated` is the source's base score (0-10); scores are computed from `vector`."""

    origin: Origin
    version: str  # "2.0", "3.0", "3.1" or "4.0"
    vector: str
    stated: float | None = None
    scenario: str = ""  # the situation it holds in; "": in general


class Weakness(msgspec.Struct, frozen=True, gc=False):
    origin: Origin
    cwe_id: str  # "CWE-79"; also NVD's "NVD-CWE-noinfo" and "NVD-CWE-Other", which merging drops


class ReferenceClaim(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    url: str
    tags: tuple[str, ...] = ()


class Affected(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One product: a CPE 2.3 match string with its range (NVD), or vendor and product with versions.

    vulnerable: False for a product that only belongs to a vulnerable configuration, or that is called unaffected.
    configuration: of NVD, the number of the configuration whose other products it is vulnerable with; 0: by itself.
    origin: whose statement it is; None: NVD's own in its record, the CNA's in MITRE's, EUVD's in EUVD's.
    """

    cpe: str = ""
    vendor: str = ""
    product: str = ""
    package: str = ""
    purl: str = ""  # package URL, as the source writes it
    vulnerable: bool = True
    version_start_including: str = ""
    version_start_excluding: str = ""
    version_end_including: str = ""
    version_end_excluding: str = ""
    versions: tuple[str, ...] = ()  # as text: "1.0 to before 2.0", "4.12", "all before 3"
    version_type: str = ""  # the CVE record format's versionType, if it is the same for all versions
    default_status: str = ""
    platforms: tuple[str, ...] = ()
    configuration: int = 0
    origin: Origin | None = None


class Exploitation(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A statement that a vulnerability is exploited. by: "cisa-kev", "eu-kev", "euvd" or "cisa-ssvc"."""

    by: str
    since: date | None = None
    status: str = "active"  # SSVC distinguishes "none", "poc" and "active"


class KevEntry(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """The fields that only CISA's catalogue has."""

    date_added: date | None = None
    due_date: date | None = None
    ransomware: bool | None = None  # known use in ransomware campaigns; None: not stated
    required_action: str = ""
    notes: str = ""


class Claim(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One source record, normalised. Times are timezone-aware UTC; text carries no NUL and no lone surrogate."""

    state: RecordState = RecordState.PUBLISHED
    title: str = ""
    description: str = ""
    published_at: datetime | None = None
    modified_at: datetime | None = None
    scores: tuple[Score, ...] = ()
    weaknesses: tuple[Weakness, ...] = ()
    vendors: tuple[str, ...] = ()  # in the source's spelling; folded by the merge
    products: tuple[str, ...] = ()  # only those that are affected
    affected: tuple[Affected, ...] = ()
    repeated: tuple[Affected, ...] = ()  # the products of the CNA and of CISA, as NVD repeats them
    references: tuple[ReferenceClaim, ...] = ()
    aliases: tuple[str, ...] = ()  # other ids: EUVD, GHSA
    exploitation: tuple[Exploitation, ...] = ()
    kev: KevEntry | None = None
    tags: tuple[Tag, ...] = ()
    analysis: str = ""  # how far NVD's analysis is, in its own words: "Awaiting Analysis", "Deferred"
    epss: float | None = None  # probability 0-1
    epss_percentile: float | None = None  # 0-1


class SourceRecord(msgspec.Struct, frozen=True, gc=False):
    """A claim with its origin. `key` is the source's own id: the CVE id, except for EUVD's records and mapping.

    raw_hash: of the record as the source sent it, by which a repeated one is recognised.
    """

    feed: Feed
    key: str
    vulnerability_id: str  # "CVE-2024-1234", or "EUVD-2024-1234" for an EUVD record without a CVE alias
    claim: Claim
    raw_hash: bytes = b""


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Claim)


def encode_claim(claim: Claim) -> bytes:
    return _encoder.encode(claim)


def decode_claim(payload: bytes | str) -> Claim:
    """Decode a stored claim.

    Raises:
        msgspec.ValidationError: the payload was not written by this version.
    """
    return _decoder.decode(payload)
