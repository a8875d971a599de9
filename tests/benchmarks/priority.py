"""Measure the priority: how well does it predict what is exploited later?

    python -m tests.benchmarks.priority --feeds ../shared/feeds/public

Takes the vulnerabilities known on the day of the recorded EPSS scores, in the version of that day (where the recording
began later: in the first version recorded), without those that CISA's catalogue had listed already. Ranks them by each
formula and tells which share of those that the catalogue listed afterwards stands in the top 1, 5 and 10 %.
"""

from __future__ import annotations

import argparse
import gzip
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from datetime import date, datetime
from pathlib import Path
from statistics import median

import msgspec

from backend.connectors.connector import RawRecord
from backend.connectors.epss.parse import score_date
from backend.connectors.mitre.parse import parse as parse_mitre
from backend.connectors.nvd.parse import parse as parse_nvd
from backend.domain.claims import Claim, Feed, RecordState, SourceRecord
from backend.domain.merge import merge
from backend.domain.priority import CVSS_UNKNOWN, EPSS_UNKNOWN, PriorityFacts, facts_of, priority_score

SHARES = (0.01, 0.05, 0.10)
NEW_DAYS = 30

Formula = Callable[[PriorityFacts], float]

_ID = re.compile(rb'"(?:id|cveId)":"(CVE-[0-9]+-[0-9]+)"')


class World(msgspec.Struct):
    """What was known on a day, and what the catalogue listed later."""

    day: date
    facts: dict[str, PriorityFacts]
    listed_later: list[str]
    recorded_later: int  # of facts: those of which no version of that day was recorded
    until: date


def read_world(feeds: Path) -> World:
    estimates, moment = _estimates(feeds / "epss" / "epss_scores-current.csv.gz")
    catalogue = _catalogue(feeds / "kev" / "known_exploited_vulnerabilities.json.gz")
    day = moment.date()
    unlisted = estimates.keys() - {cve_id for cve_id, added in catalogue.items() if added <= day}
    said: dict[str, list[SourceRecord]] = {}
    for feed, claims in ((Feed.NVD, _nvd_claims(feeds / "nvd")), (Feed.MITRE, _mitre_claims(feeds / "mitre"))):
        for cve_id, claim in _as_of(moment, claims).items():
            if cve_id in unlisted and claim.published_at and claim.published_at <= moment:
                said.setdefault(cve_id, []).append(SourceRecord(feed, cve_id, cve_id, claim))
    facts, younger = {}, 0
    for cve_id, records in said.items():
        estimate = SourceRecord(Feed.EPSS, cve_id, cve_id, Claim(epss=estimates[cve_id]))
        merged = merge(cve_id, [*records, estimate])
        if merged and merged.state is RecordState.PUBLISHED:
            facts[cve_id] = facts_of(merged)
            younger += bool(merged.modified_at and merged.modified_at > moment)
    listed_later = sorted(facts.keys() & catalogue.keys())
    return World(day, facts, listed_later, younger, max(catalogue.values()))


def _estimates(file: Path) -> tuple[dict[str, float], datetime]:
    head, _, *rows = gzip.decompress(file.read_bytes()).splitlines()
    moment = score_date(head)
    if moment is None:
        raise SystemExit(f"{file} does not say of which day it is")
    cells = (row.decode().split(",") for row in rows)
    return {cve_id: float(estimate) for cve_id, estimate, _ in cells}, moment


def _catalogue(file: Path) -> dict[str, date]:
    entries = msgspec.json.decode(gzip.decompress(file.read_bytes()))["vulnerabilities"]
    return {entry["cveID"]: date.fromisoformat(entry["dateAdded"]) for entry in entries}


def _nvd_claims(folder: Path) -> Iterator[tuple[str, Claim]]:
    for line in _lines([*sorted(folder.glob("base/*.gz")), folder / "updates.jsonl.gz"]):
        yield from parse_nvd(_id_in(line), line).claims


def _mitre_claims(folder: Path) -> Iterator[tuple[str, Claim]]:
    for line in _lines([*sorted(folder.glob("base/*.gz")), *sorted(folder.glob("updates-*.gz"))]):
        cve_id = _id_in(line)
        yield from parse_mitre(RawRecord(cve_id, line, cve_id)).claims


def _id_in(line: bytes) -> str:
    match = _ID.search(line)
    if match is None:
        raise SystemExit(f"a record without a CVE id: {line[:80]!r}")
    return match[1].decode()


def _lines(files: Iterable[Path]) -> Iterator[bytes]:
    for file in files:
        with gzip.open(file) as lines:
            yield from lines


def _as_of(moment: datetime, claims: Iterable[tuple[str, Claim]]) -> dict[str, Claim]:
    """Return for each id the newest version that is not later than the moment, else the oldest. Input: oldest first."""
    chosen: dict[str, Claim] = {}
    for cve_id, claim in claims:
        if cve_id not in chosen or (claim.modified_at and claim.modified_at <= moment):
            chosen[cve_id] = claim
    return {cve_id: _without_hindsight(claim, moment.date()) for cve_id, claim in chosen.items()}


def _without_hindsight(claim: Claim, day: date) -> Claim:
    """Word of exploitation bears its date and is left out where that is later: CISA's often follows the listing."""
    known = tuple(word for word in claim.exploitation if word.since is not None and word.since <= day)
    return msgspec.structs.replace(claim, exploitation=known)


def formulas(day: date) -> dict[str, Formula]:
    def cvss(facts: PriorityFacts) -> float:
        return facts.cvss_score or 0.0

    def original(facts: PriorityFacts) -> float:
        """0.4 CVSS + 0.2 recency + 0.4 KEV; nothing here is in KEV, and recency is taken to fall to 0 within a year."""
        return 0.4 * cvss(facts) / 10 + 0.2 * max(0.0, 1 - _age(facts, day) / 365)

    return {
        "CVSS alone": cvss,
        "original formula": original,
        "EPSS alone": lambda facts: facts.epss or 0.0,
        "priority": lambda facts: priority_score(facts, day),
    }


def places(facts: Mapping[str, PriorityFacts], sought: Iterable[str], formula: Formula) -> list[float]:
    """Return the ranks of the wanted ids, from 0 (top) to 1 (end); equal scores share their mean rank."""
    scores = {cve_id: formula(fact) for cve_id, fact in facts.items()}
    ordered = sorted(scores.values())
    return [_place(ordered, scores[cve_id]) for cve_id in sought]


def _place(ordered: list[float], score: float) -> float:
    above = len(ordered) - bisect_right(ordered, score)
    equal = bisect_right(ordered, score) - bisect_left(ordered, score)
    return (above + equal / 2) / len(ordered)


def found(stands: list[float], share: float) -> int:
    return sum(place <= share for place in stands)


def report(world: World) -> Iterator[str]:
    number = len(world.listed_later)
    yield f"{len(world.facts):,} vulnerabilities known on {world.day} and not in CISA's catalogue;"
    yield f"{world.recorded_later:,} of them are recorded in a later version only: their CVSS may be of later, too."
    yield f"{number} of them were listed until {world.until}. One is {1 / number:.0%}: small differences are chance."
    yield ""
    yield f"{'found in the top':24}" + "".join(f"{share:>12.0%}" for share in SHARES)
    for name, formula in formulas(world.day).items():
        stands = places(world.facts, world.listed_later, formula)
        cells = (f"{found(stands, share):>4} = {found(stands, share) / number:>4.0%}" for share in SHARES)
        yield f"{name:24}" + "".join(f"{cell:>12}" for cell in cells)


def report_unknowns(world: World) -> Iterator[str]:
    """Evaluate values that replace an unknown estimate, as in a vulnerability's first days."""
    new = {cve_id: facts for cve_id, facts in world.facts.items() if _age(facts, world.day) <= NEW_DAYS}
    later = set(world.listed_later)
    yield f"published within {NEW_DAYS} days before: {len(new):,}, of these listed later: {len(new.keys() & later)}"
    yield f"their median EPSS: {median(facts.epss or 0 for facts in new.values()):.5f}"
    yield from _trial("EPSS", world, new.keys(), "epss", (0.0004, 0.001, 0.002, EPSS_UNKNOWN, 0.01, 0.02))
    scored = {cve_id: facts.cvss_score for cve_id, facts in world.facts.items() if facts.cvss_score is not None}
    unscored = world.facts.keys() - scored.keys()
    yield f"without a CVSS score: {len(unscored):,}, of these listed later: {len(unscored & later)}"
    yield f"median CVSS score of the others: {median(scored.values()):.1f}"
    yield from _trial("CVSS", world, new.keys(), "cvss_score", (0.0, 5.0, CVSS_UNKNOWN, 8.0, 10.0))


def _age(facts: PriorityFacts, day: date) -> float:
    return (day - facts.published_at.date()).days if facts.published_at else float("inf")


def _trial(name: str, world: World, hidden: Set[str], field: str, values: Iterable[float]) -> Iterator[str]:
    """Evaluate the formula with a field of the new records replaced by a value."""
    for value in values:
        assumed = {cve_id: msgspec.structs.replace(world.facts[cve_id], **{field: value}) for cve_id in hidden}
        stands = places(world.facts | assumed, world.listed_later, lambda facts: priority_score(facts, world.day))
        cells = "".join(f"{found(stands, share):>12}" for share in SHARES)
        yield f"{f'  {name} taken as {value}':24}{cells}   mean place {sum(stands) / len(stands):.3f}"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--feeds", type=Path, required=True, help="folder of recorded feeds")
    world = read_world(arguments.parse_args().feeds)
    if not world.listed_later:
        raise SystemExit("None of the recorded vulnerabilities was listed later: nothing to measure.")
    for line in (*report(world), "", *report_unknowns(world)):
        print(line)


if __name__ == "__main__":
    main()
