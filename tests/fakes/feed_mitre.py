"""A fake of the CVE list with invented data: releases with an archive, the change log, single records."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import datetime, timedelta

from tests.fakes.feed_model import FeedRequest, Json, Reply, Route, World, json_reply

NUMBERS = (
    "2019-0708",
    *(f"2023-{number}" for number in range(20000, 20008)),
    *(f"2024-{number}" for number in range(10000, 10016)),
)


def record(cve_id: str, updated: str = "2025-01-02T03:04:05.678Z", **cna: object) -> Json:
    """A published record; `cna` replaces parts of the CNA's container."""
    return {
        "dataType": "CVE_RECORD",
        "dataVersion": "5.1",
        "cveMetadata": {
            "cveId": cve_id,
            "assignerOrgId": "00000000-0000-4000-9000-000000000000",
            "state": "PUBLISHED",
            "assignerShortName": "example",
            "dateReserved": "2024-01-31T12:00:00",
            "datePublished": "2024-02-01T00:00:00.000Z",
            "dateUpdated": updated,
        },
        "containers": {
            "cna": {
                "providerMetadata": {"orgId": "00000000-0000-4000-9000-000000000000", "shortName": "example"},
                "title": f"Frob Server has flaw {cve_id}",
                "descriptions": [
                    {"lang": "de", "value": "Ein Fehler."},
                    {"lang": "en-US", "value": f"Flaw {cve_id} of Frob."},
                ],
                "affected": [
                    {
                        "vendor": "Examplesoft",
                        "product": "Frob Server",
                        "defaultStatus": "unaffected",
                        "versions": [{"version": "0", "status": "affected", "lessThan": "2.0"}],
                    }
                ],
                "problemTypes": [{"descriptions": [{"lang": "en", "description": "CWE-306 Missing Authentication"}]}],
                "metrics": [
                    {
                        "cvssV3_1": {
                            "version": "3.1",
                            "baseScore": 9.8,
                            "baseSeverity": "CRITICAL",
                            "vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
                        }
                    }
                ],
                "references": [{"url": "https://example.com/advisory", "tags": ["vendor-advisory", "x_transferred"]}],
                **cna,
            },
            "adp": [],
        },
    }


def invent(world: World) -> None:
    world.mitre = {f"CVE-{number}": record(f"CVE-{number}") for number in NUMBERS}
    commit(world, "CVE-2024-10000", at=world.at - timedelta(days=20))
    commit(world, "CVE-2024-10001", at=world.at - timedelta(hours=30))


def change(world: World, cve_id: str, at: datetime, *, logged: bool = True, **cna: object) -> None:
    """Add a new record, or a new version of one, published at this time; `logged`: also in the change log."""
    world.mitre[cve_id] = record(cve_id, at.strftime("%Y-%m-%dT%H:%M:%S.000Z"), **cna)
    if logged:
        commit(world, cve_id, at)


def commit(world: World, cve_id: str, at: datetime) -> None:
    updated = world.mitre[cve_id]["cveMetadata"]["dateUpdated"]
    world.mitre_commits.insert(
        0,
        {
            "fetchTime": at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "numberOfChanges": 1,
            "new": [],
            "updated": [{"cveId": cve_id, "dateUpdated": updated}],
            "error": [],
        },
    )


def raw(world: World, cve_id: str) -> bytes:
    return json.dumps(world.mitre[cve_id], indent=4).encode()


def path_of(cve_id: str) -> str:
    _, year, number = cve_id.split("-")
    return f"cves/{year}/{number[:-3]}xxx/{cve_id}.json"


def latest(world: World, request: FeedRequest) -> Reply:
    day = f"{world.at:%Y-%m-%d}"
    tag = f"cve_{day}_{world.at:%H}00Z"
    base = f"https://github.com/CVEProject/cvelistV5/releases/download/{tag}"
    names = [f"{day}_delta_CVEs_at_{world.at:%H}00Z.zip", f"{day}_all_CVEs_at_midnight.zip.zip"]
    return json_reply(
        {
            "tag_name": tag,
            "published_at": f"{world.at:%Y-%m-%dT%H}:00:00Z",
            "assets": [{"name": name, "browser_download_url": f"{base}/{name}"} for name in names],
        }
    )


def archive(world: World, request: FeedRequest) -> Reply:
    inner, outer = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as records:
        records.writestr("cves/deltaLog.json", b"[]")
        for cve_id in () if request.fault == "empty" else sorted(world.mitre):
            records.writestr(zipfile.ZipInfo(path_of(cve_id)), raw(world, cve_id))
        if request.fault == "bad-record":
            records.writestr(path_of("CVE-2024-66666"), b'{"cveMetadata": []}')
    packed = bytearray(inner.getvalue())
    if request.fault == "bad-checksum":
        packed[len(packed) // 3] ^= 0xFF
    with zipfile.ZipFile(outer, "w", zipfile.ZIP_DEFLATED) as wrapping:
        wrapping.writestr(zipfile.ZipInfo("cves.zip"), bytes(packed))
    return Reply(outer.getvalue(), "application/zip", validated=True, ranges=True)


def log(world: World, request: FeedRequest) -> Reply:
    oldest = (world.at - timedelta(days=30)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    commits = [commit for commit in world.mitre_commits if oldest <= commit["fetchTime"]]
    if request.fault == "bad-record":
        commits = [{"fetchTime": "yesterday"}]
    return json_reply([] if request.fault == "empty" else commits, validated=True)


def single(world: World, request: FeedRequest, cve_id: str) -> Reply:
    if cve_id not in world.mitre:
        return Reply(b"404: Not Found", "text/plain", 404)
    return Reply(raw(world, cve_id), "text/plain; charset=utf-8", validated=True)


RELEASES = r"/CVEProject/cvelistV5/releases/download/[\w.-]+"
ROUTES = [
    Route("mitre", r"/repos/CVEProject/cvelistV5/releases/latest", latest),
    Route("mitre-archive", RELEASES + r"/\d{4}-\d\d-\d\d_all_CVEs_at_midnight\.zip\.zip", archive),
    Route("mitre-log", r"/CVEProject/cvelistV5/main/cves/deltaLog\.json", log),
    Route("mitre-record", r"/CVEProject/cvelistV5/main/cves/\d{4}/\d+xxx/(CVE-\d+-\d+)\.json", single),
]
