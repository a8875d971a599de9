"""A fake of CISA's catalogue with invented data."""

from __future__ import annotations

from dataclasses import replace

from tests.fakes.feed_model import FeedRequest, Json, Reply, Route, World, json_reply

EXPLOITED = ("CVE-2023-20001", "CVE-2024-10003", "CVE-2024-10007")


def entry(cve_id: str, **changes: object) -> Json:
    return {
        "cveID": cve_id,
        "vendorProject": "Examplesoft ",
        "product": "Frob\u00a0Server",
        "vulnerabilityName": f"Examplesoft Frob Server {cve_id} Vulnerability",
        "dateAdded": "2024-12-02",
        "shortDescription": "Examplesoft Frob Server lets anybody in.",
        "requiredAction": "Apply the update.",
        "dueDate": "2024-12-23",
        "knownRansomwareCampaignUse": "Unknown",
        "notes": "https://example.com/advisory ; https://nvd.example/1",
        "cwes": ["CWE-306"],
        **changes,
    }


def invent(world: World) -> None:
    world.kev = [entry(cve_id) for cve_id in EXPLOITED]
    world.kev[0]["knownRansomwareCampaignUse"] = "Known"


def catalogue(world: World, request: FeedRequest) -> Reply:
    entries = [] if request.fault == "empty" else list(world.kev)
    if request.fault == "bad-record":
        entries.insert(1, {"cveID": 7, "product": None})
    reply = json_reply(
        {
            "title": "CISA Catalog of Known Exploited Vulnerabilities",
            "catalogVersion": "2025.01.10",
            "dateReleased": world.at.strftime("%Y-%m-%dT%H:%M:%S.6019Z"),
            "count": len(entries) + (request.fault == "miscount"),
            "vulnerabilities": entries,
        },
        validated=True,
    )
    if request.fault == "broken-record":  # not JSON
        return replace(reply, body=reply.body.replace(b'"cwes": [', b'"cwes": nonsense [', 1))
    return reply


ROUTES = [
    Route("cisa-own", r"/sites/default/files/feeds/known_exploited_vulnerabilities\.json", catalogue),
    Route("cisa-mirror", r"/cisagov/kev-data/develop/known_exploited_vulnerabilities\.json", catalogue),
]
