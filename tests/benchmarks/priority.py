"""Measure the priority: how well does it predict what is exploited later?

    python -m tests.benchmarks.priority --feeds ../shared/feeds/public

Takes the vulnerabilities known at a moment, in the version of that day (where the recording began later: in the first
version recorded), without those that CISA's catalogue had listed already. Ranks them by each formula and shows which
share of those that the catalogue listed afterwards stands in the top 1, 5 and 10 %, with the interval that holds 95 %
of the shares of resampled listings (bootstrap): what lies within each other's intervals may be chance.

EPSS scores of one day are recorded, so everything with EPSS is measured from that day on. What needs no EPSS is also
measured from each recorded edition of the catalogue to the next, pooled; there a weight is chosen by the periods before
and tested in the one after.
"""

from __future__ import annotations

import argparse
import gzip
import random
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from datetime import UTC, date, datetime, time
from itertools import pairwise
from math import log
from pathlib import Path
from statistics import fmean, median

import msgspec

from backend.connectors.connector import RawRecord
from backend.connectors.epss.parse import model_version, score_date
from backend.connectors.mitre.parse import parse as parse_mitre
from backend.connectors.nvd.parse import parse as parse_nvd
from backend.domain.claims import Claim, Feed, RecordState, SourceRecord
from backend.domain.merge import merge
from backend.domain.names import product_key, vendor_key
from backend.domain.priority import CVSS_UNKNOWN, EPSS_UNKNOWN, PriorityFacts, facts_of, likelihood, priority_score

SHARES = (0.01, 0.05, 0.10)
NEW_DAYS = 30
RESAMPLES = 2000
PRIOR = 20.0
"""Vulnerabilities of the average kind by which a history is thinned: a vendor with one listed of one proves little."""
HISTORY_WEIGHTS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5)

Formula = Callable[[str, PriorityFacts], float]
Claims = dict[Feed, list[tuple[str, Claim]]]

_ID = re.compile(rb'"(?:id|cveId)":"(CVE-[0-9]+-[0-9]+)"')


class World(msgspec.Struct):
    """What was known at a moment, and what the catalogue listed later.

    histories: for each id the log of how many times as often as the average its vendor and product were listed before.
    recorded_later: of facts: those of which no version of that day was recorded.
    """

    day: date
    facts: dict[str, PriorityFacts]
    histories: dict[str, float]
    listed_later: list[str]
    recorded_later: int
    until: date
    model: str = ""


def read_claims(feeds: Path) -> Claims:
    return {Feed.NVD: list(_nvd_claims(feeds / "nvd")), Feed.MITRE: list(_mitre_claims(feeds / "mitre"))}


def read_world(feeds: Path, claims: Claims | None = None) -> World:
    """The world on the day of the recorded EPSS scores."""
    estimates, moment, model = _estimates(feeds / "epss" / "epss_scores-current.csv.gz")
    catalogue = _catalogue(feeds / "kev" / "known_exploited_vulnerabilities.json.gz")
    before = {cve_id for cve_id, added in catalogue.items() if added <= moment.date()}
    world = world_at(moment, claims or read_claims(feeds), before, set(catalogue) - before, estimates)
    world.until, world.model = max(catalogue.values()), model
    return world


def read_periods(feeds: Path, claims: Claims) -> list[World]:
    """The worlds at the recorded editions of the catalogue, each until the next edition."""
    files = [
        *sorted((feeds / "kev" / "history").glob("*.gz")),
        feeds / "kev" / "known_exploited_vulnerabilities.json.gz",
    ]
    editions = [_catalogue(file) for file in files]
    worlds = []
    for earlier, later in pairwise(editions):
        moment = datetime.combine(max(earlier.values()), time.max, UTC)
        world = world_at(moment, claims, earlier.keys(), later.keys() - earlier.keys(), None)
        world.until = max(later.values())
        worlds.append(world)
    return worlds


def world_at(
    moment: datetime, claims: Claims, before: Set[str], after: Set[str], estimates: Mapping[str, float] | None
) -> World:
    """estimates: EPSS by id, to which the world is then limited; None: no vulnerability has any."""
    by_id: dict[str, list[SourceRecord]] = {}
    for feed, made in claims.items():
        for cve_id, claim in _as_of(moment, made).items():
            if claim.published_at and claim.published_at <= moment and (estimates is None or cve_id in estimates):
                by_id.setdefault(cve_id, []).append(SourceRecord(feed, cve_id, cve_id, claim))
    facts, names, younger = {}, {}, 0
    for cve_id, records in by_id.items():
        estimate = SourceRecord(Feed.EPSS, cve_id, cve_id, Claim(epss=estimates[cve_id] if estimates else None))
        merged = merge(cve_id, [*records, estimate])
        if merged and merged.state is RecordState.PUBLISHED:
            names[cve_id] = (
                {vendor_key(name) for name in merged.vendors},
                {product_key(name) for name in merged.products},
            )
            if cve_id not in before:
                facts[cve_id] = facts_of(merged)
                younger += bool(merged.modified_at and merged.modified_at > moment)
    histories = _histories(names, before)
    return World(moment.date(), facts, histories, sorted(facts.keys() & after), younger, moment.date())


def _histories(names: Mapping[str, tuple[set[str], set[str]]], listed: Set[str]) -> dict[str, float]:
    """How often what bears the same names was listed before the moment: the vendor's rate, refined by the product's."""
    known, exploited = Counter[str](), Counter[str]()
    for cve_id, (vendors, products) in names.items():
        tokens = [*(f"v={name}" for name in vendors), *(f"p={name}" for name in products)]
        known.update(tokens)
        if cve_id in listed:
            exploited.update(tokens)
    average = max(len(listed & names.keys()), 1) / max(len(names), 1)

    def rate(token: str, otherwise: float) -> float:
        return (exploited[token] + PRIOR * otherwise) / (known[token] + PRIOR)

    histories = {}
    for cve_id, (vendors, products) in names.items():
        of_vendor = max((rate(f"v={name}", average) for name in vendors), default=average)
        of_product = max((rate(f"p={name}", of_vendor) for name in products), default=of_vendor)
        histories[cve_id] = log(of_product / average)
    return histories


def _estimates(file: Path) -> tuple[dict[str, float], datetime, str]:
    head, _, *rows = gzip.decompress(file.read_bytes()).splitlines()
    moment = score_date(head)
    if moment is None:
        raise SystemExit(f"{file} does not say of which day it is")
    cells = (row.decode().split(",") for row in rows)
    return {cve_id: float(estimate) for cve_id, estimate, _ in cells}, moment, model_version(head) or "unknown"


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
    """A report of exploitation has its date and is left out where that is later: CISA's often follows the listing."""
    known = tuple(word for word in claim.exploitation if word.since is not None and word.since <= day)
    return msgspec.structs.replace(claim, exploitation=known)


def formulas(world: World) -> dict[str, Formula]:
    day = world.day

    def original(_: str, facts: PriorityFacts) -> float:
        """0.4 CVSS + 0.2 recency + 0.4 KEV; nothing here is in KEV, and recency is taken to fall to 0 within a year."""
        return 0.4 * (facts.cvss_score or 0.0) / 10 + 0.2 * max(0.0, 1 - _age(facts, day) / 365)

    return {
        "CVSS alone": lambda _, facts: facts.cvss_score or 0.0,
        "original formula": original,
        "EPSS alone": lambda _, facts: facts.epss or 0.0,
        "priority": lambda _, facts: priority_score(facts, day),
        "without tags": lambda _, facts: priority_score(msgspec.structs.replace(facts, tags=()), day),
        **{f"history x {weight}": with_history(world, weight) for weight in HISTORY_WEIGHTS[1:]},
    }


def with_history(world: World, weight: float) -> Formula:
    """The priority's likelihood plus the weighted history of vendor and product."""
    return lambda cve_id, facts: likelihood(facts, world.day) + weight * world.histories[cve_id]


def places(facts: Mapping[str, PriorityFacts], sought: Iterable[str], formula: Formula) -> list[float]:
    """Return the ranks of the wanted ids, from 0 (top) to 1 (end); equal scores share their mean rank."""
    scores = {cve_id: formula(cve_id, fact) for cve_id, fact in facts.items()}
    ordered = sorted(scores.values())
    return [_place(ordered, scores[cve_id]) for cve_id in sought]


def _place(ordered: list[float], score: float) -> float:
    above = len(ordered) - bisect_right(ordered, score)
    equal = bisect_right(ordered, score) - bisect_left(ordered, score)
    return (above + equal / 2) / len(ordered)


def found(stands: Sequence[float], share: float) -> int:
    return sum(place <= share for place in stands)


def interval(values: Sequence[float]) -> tuple[float, float]:
    """The range that holds 95 % of the means of resampled values."""
    chance = random.Random(1)
    means = sorted(fmean(chance.choices(values, k=len(values))) for _ in range(RESAMPLES))
    return means[int(0.025 * RESAMPLES)], means[int(0.975 * RESAMPLES) - 1]


def _hits(stands: Sequence[float], share: float) -> list[float]:
    return [float(place <= share) for place in stands]


def _row(name: str, stands: Sequence[float]) -> str:
    cells = []
    for share in SHARES:
        low, high = interval(_hits(stands, share))
        cells.append(f"{found(stands, share):>4} = {found(stands, share) / len(stands):>4.0%} ({low:.0%}-{high:.0%})")
    return f"{name:24}" + "".join(f"{cell:>24}" for cell in cells)


def _difference(stands: Sequence[float], basis: Sequence[float]) -> str:
    """The differences to other ranks of the same listings, resampled in pairs."""
    cells = []
    for share in SHARES:
        pairs = zip(_hits(stands, share), _hits(basis, share), strict=True)
        low, high = interval([hits - basis_hits for hits, basis_hits in pairs])
        word = "chance" if low <= 0 <= high else "beyond chance"
        cells.append(f"{low:+.0%} to {high:+.0%} {word}")
    low, high = interval([place - basis_place for place, basis_place in zip(stands, basis, strict=True)])
    word = "chance" if low <= 0 <= high else "beyond chance"
    return (
        "  to the basis          "
        + "".join(f"{cell:>24}" for cell in cells)
        + f"   mean place {low:+.3f} to {high:+.3f} {word}"
    )


def report(world: World) -> Iterator[str]:
    number = len(world.listed_later)
    yield f"{len(world.facts):,} vulnerabilities known on {world.day} and not in CISA's catalogue;"
    yield f"their EPSS is of the model {world.model}, another model may rank differently;"
    yield f"{world.recorded_later:,} of them are recorded in a later version only: their CVSS may be of later, too."
    yield f"{number} of them were listed until {world.until}. In brackets: 95 % of the resampled shares."
    yield ""
    yield f"{'found in the top':24}" + "".join(f"{share:>24.0%}" for share in SHARES)
    stands = {name: places(world.facts, world.listed_later, formula) for name, formula in formulas(world).items()}
    for name, found_at in stands.items():
        yield _row(name, found_at)
        if name.startswith(("history", "without")):
            yield _difference(found_at, stands["priority"])


def report_periods(worlds: Sequence[World]) -> Iterator[str]:
    """What needs no EPSS, over all recorded editions of the catalogue."""
    by_weight = {
        weight: [places(world.facts, world.listed_later, with_history(world, weight)) for world in worlds]
        for weight in HISTORY_WEIGHTS
    }
    yield f"Without EPSS, {len(worlds)} periods: " + ", ".join(
        f"{world.day} to {world.until}: {len(world.listed_later)} of {len(world.facts):,}" for world in worlds
    )
    basis = [place for period in by_weight[0.0] for place in period]
    for weight, periods in by_weight.items():
        pooled = [place for period in periods for place in period]
        yield _row(f"history x {weight}", pooled)
        if weight:
            yield _difference(pooled, basis)
    chosen, tested, base = [], list[float](), list[float]()
    for number in range(1, len(worlds)):
        best = min(HISTORY_WEIGHTS, key=lambda weight: sum(map(sum, by_weight[weight][:number])))
        chosen.append(best)
        tested += by_weight[best][number]
        base += by_weight[0.0][number]
    yield f"chosen by the periods before: {', '.join(map(str, chosen))}; in the periods after:"
    yield _row("chosen weight", tested)
    yield _row("no history", base)
    yield _difference(tested, base)


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
        stands = places(world.facts | assumed, world.listed_later, lambda _, facts: priority_score(facts, world.day))
        cells = "".join(f"{found(stands, share):>12}" for share in SHARES)
        yield f"{f'  {name} taken as {value}':24}{cells}   mean place {sum(stands) / len(stands):.3f}"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--feeds", type=Path, required=True, help="folder of recorded feeds")
    feeds = arguments.parse_args().feeds
    claims = read_claims(feeds)
    world = read_world(feeds, claims)
    if not world.listed_later:
        raise SystemExit("None of the recorded vulnerabilities was listed later: nothing to measure.")
    for line in (*report(world), "", *report_periods(read_periods(feeds, claims)), "", *report_unknowns(world)):
        print(line)


if __name__ == "__main__":
    main()
