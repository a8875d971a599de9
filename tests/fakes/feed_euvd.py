"""A fake of EUVD with invented data: search by days, latest records, mapping to CVE ids, dump of exploited ones."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from tests.fakes.feed_mitre import NUMBERS
from tests.fakes.feed_model import FeedRequest, Json, Reply, Route, World, json_reply

DATES = "%b %d, %Y, %I:%M:%S %p"


def record(euvd_id: str, aliases: str, updated: datetime, **changes: object) -> Json:
    return {
        "id": euvd_id,
        "enisaUuid": "00000000-0000-3000-8000-000000000000",
        "description": f'Flaw {euvd_id} of "{{Frob}}".',
        "datePublished": "Feb 1, 2024, 12:15:00 AM",
        "dateUpdated": updated.strftime(DATES),
        "baseScore": 9.8,
        "baseScoreVersion": "3.1",
        "baseScoreVector": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        "references": "https://example.com/advisory\nhttps://example.com/fix\n",
        "aliases": aliases,
        "assigner": "example",
        "epss": 4.25,
        "enisaIdProduct": [
            {
                "id": "00000000-0000-3000-8000-000000000001",
                "product": {"name": "Frob Server", "vendor": {"name": "Examplesoft"}},
                "product_version": "0 <2.0",
            }
        ],
        "enisaIdVendor": [{"id": "00000000-0000-3000-8000-000000000002", "vendor": {"name": "Examplesoft"}}],
        **changes,
    }


def invent(world: World) -> None:
    """A record a day, the newest on the day before; the last one has no CVE id."""
    names = [f"CVE-{number}\nGHSA-aaaa-bbbb-{number[-4:]}\n" for number in NUMBERS] + ["GHSA-zzzz-zzzz-zzzz\n"]
    world.euvd = [
        record(f"EUVD-2024-{place}", aliases, world.at - timedelta(days=place, hours=2))
        for place, aliases in enumerate(names, 1)
    ]


def updated(item: Json) -> datetime:
    return datetime.strptime(item["dateUpdated"], DATES).replace(tzinfo=UTC)


def cves(item: Json) -> list[str]:
    return [alias for alias in item["aliases"].split("\n") if alias.startswith("CVE-")]


def visible(world: World, request: FeedRequest) -> list[Json]:
    if request.fault == "empty":
        return []
    return sorted((item for item in world.euvd if updated(item) <= world.at), key=updated, reverse=True)


def search(world: World, request: FeedRequest) -> Reply:
    first = date.fromisoformat(request.query.get("fromUpdatedDate", "1999-01-01"))
    last = date.fromisoformat(request.query.get("toUpdatedDate", "2999-01-01"))
    items = [item for item in visible(world, request) if first <= updated(item).date() <= last]
    start = int(request.query.get("page", 0)) * 100
    shown: list[object] = list(items[start : start + 100])
    if request.fault == "bad-record" and shown:
        shown[0] = {"id": 7, "dateUpdated": []}
    return json_reply({"items": shown, "total": len(items)})


def latest(world: World, request: FeedRequest) -> Reply:
    return json_reply(visible(world, request)[:8])


def mapping(world: World, request: FeedRequest) -> Reply:
    lines = ["euvd_id,cve_id", *(f"{item['id']},{cve}" for item in visible(world, request) for cve in cves(item))]
    if request.fault == "bad-record":
        lines.insert(2, '"EUVD-2024-1;CVE-2024')  # an unclosed quote
    return Reply("\n".join([*lines, ""]).encode(), "text/csv")


def kev_dump(world: World, request: FeedRequest) -> Reply:
    """CISA's entries. The first of them and the record without a CVE id are also on the EU's list."""
    entries: list[Json] = [
        {"cveId": entry["cveID"], "euvdId": None, "dateAdded": entry["dateAdded"], "sources": ["cisa_kev"]}
        for entry in world.kev
    ]
    entries[0]["sources"].append("eukev_kev")
    entries.append({"cveId": None, "euvdId": world.euvd[-1]["id"], "dateAdded": "2024-12-24", "sources": ["eu_kev"]})
    return json_reply([] if request.fault == "empty" else entries)


ROUTES = [
    Route("euvd", r"/api/search", search),
    Route("euvd", r"/api/lastvulnerabilities", latest),
    Route("euvd-listings", r"/api/dump/cve-euvd-mapping", mapping),
    Route("euvd-listings", r"/api/kev/dump", kev_dump),
]
