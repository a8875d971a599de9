"""A fake of NVD with invented data: year feeds, the `modified` feed, their descriptions, and the CVE API."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from tests.fakes.feed_mitre import NUMBERS
from tests.fakes.feed_model import FeedRequest, Json, Reply, Route, World

NVD, CISA_ADP, CNA = "nvd@nist.gov", "134c704f-9b21-4f2e-91b3-4a467353bcc0", "security@example.com"
V31 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"


def cvss(source: str = NVD, score: float = 9.8, vector: str = V31, version: str = "3.1") -> Json:
    return {
        "source": source,
        "type": "Primary",
        "cvssData": {"version": version, "vectorString": vector, "baseScore": score},
    }


def record(cve_id: str, modified: str = "2025-01-02T03:04:05.678", **changes: object) -> Json:
    """The object under "cve" of an analysed record."""
    return {
        "id": cve_id,
        "sourceIdentifier": CNA,
        "published": "2024-02-01T00:15:00.000",
        "lastModified": modified,
        "vulnStatus": "Analyzed",
        "cveTags": [],
        "descriptions": [
            {"lang": "es", "value": "Un fallo."},
            {"lang": "en", "value": f'Flaw {cve_id} {{of "Frob"}}.'},
        ],
        "metrics": {"cvssMetricV31": [cvss()]},
        "weaknesses": [{"source": NVD, "type": "Primary", "description": [{"lang": "en", "value": "CWE-306"}]}],
        "configurations": [
            {
                "nodes": [
                    {
                        "operator": "OR",
                        "negate": False,
                        "cpeMatch": [
                            {
                                "vulnerable": True,
                                "criteria": "cpe:2.3:a:examplesoft:frob_server:*:*:*:*:*:*:*:*",
                                "versionEndExcluding": "2.0",
                                "matchCriteriaId": "00000000-0000-4000-8000-000000000000",
                            }
                        ],
                    }
                ]
            }
        ],
        "references": [{"url": "https://example.com/advisory", "source": CNA, "tags": ["Vendor Advisory"]}],
        **changes,
    }


def invent(world: World) -> None:
    world.nvd = {f"CVE-{number}": record(f"CVE-{number}") for number in NUMBERS}


def change(world: World, cve_id: str, at: datetime, **changes: object) -> None:
    """Add a new record, or a new version of one, with this date."""
    world.nvd[cve_id] = record(cve_id, f"{at:%Y-%m-%dT%H:%M:%S}.000", **changes)


def document(world: World, cves: Sequence[Json], total: int | None = None, *, spread: bool = False) -> bytes:
    """A document as the service writes it; `spread`: indented, as the feeds are."""
    value = {
        "resultsPerPage": len(cves),
        "startIndex": 0,
        "totalResults": len(cves) if total is None else total,
        "format": "NVD_CVE",
        "version": "2.0",
        "timestamp": f"{world.at:%Y-%m-%dT%H:%M:%S}.1234567",
        "vulnerabilities": [{"cve": cve} for cve in cves],
    }
    return json.dumps(value, indent=2, separators=(",", " : ")).encode() if spread else json.dumps(value).encode()


def feed(world: World, request: FeedRequest, name: str, ending: str) -> Reply:
    if name != "modified" and not 2002 <= int(name) <= world.at.year:
        return Reply(b"", status=404)
    since = f"{world.at - timedelta(days=8):%Y-%m-%dT%H:%M:%S}" if name == "modified" else ""
    held = [
        cve
        for cve_id, cve in world.nvd.items()
        if cve["lastModified"] >= since and name in ("modified", str(max(2002, int(cve_id.split("-")[1]))))
    ]
    content = document(world, held, len(held) + (request.fault == "bad-total"), spread=True)
    if request.fault == "bad-record":
        content = content.replace(b'"published" : "', b'"published" : 5, "was" : "', 1)
    if ending == "meta":
        sha256 = hashlib.sha256(content).hexdigest().upper()
        lines = [f"lastModifiedDate:{world.at:%Y-%m-%dT%H:%M:%S}-04:00", f"size:{len(content)}", f"sha256:{sha256}", ""]
        return Reply("\r\n".join(lines).encode(), "text/plain", validated=True)
    if request.fault == "empty":
        content = document(world, [])
    elif request.fault == "bad-checksum":
        content = content.replace(b"Frob", b"Brof", 1)
    return Reply(gzip.compress(content, mtime=0), "application/gzip", validated=True, ranges=True)


def api(world: World, request: FeedRequest) -> Reply:
    def refused(message: str) -> Reply:
        return Reply(b"", "text/plain", 404, {"message": message})

    start, size = int(request.query.get("startIndex", 0)), int(request.query.get("resultsPerPage", 2000))
    if request.headers.get("apiKey") == "invalid":
        return refused("Invalid apiKey.")
    if request.fault == "small-pages" and size > 500:
        return refused("Invalid resultsPerPage parameter.")
    chosen = [] if request.fault == "empty" else list(world.nvd.values())
    if "lastModStartDate" in request.query:
        first, last = (datetime.fromisoformat(request.query[f"lastMod{end}Date"]) for end in ("Start", "End"))
        if last - first > timedelta(days=120):
            return refused("The maximum allowable range is 120 consecutive days.")
        chosen = [
            cve for cve in chosen if first <= datetime.fromisoformat(cve["lastModified"]).replace(tzinfo=UTC) <= last
        ]
    return Reply(document(world, chosen[start : start + size], len(chosen)))


ROUTES = [
    Route("nvd_feeds", r"/feeds/json/cve/2\.0/nvdcve-2\.0-(\d{4}|modified)\.(json\.gz|meta)", feed),
    Route("nvd", r"/rest/json/cves/2\.0", api),
]
