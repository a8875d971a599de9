"""Measure exposure matching: which product, which verdict, how fast: `python -m tests.benchmarks exposure`.

Truth is in public tables and in the raw records: names of programs with their CPE names, versions with their order,
Microsoft's table of Windows releases and CVEs with the fixed builds that its CNA records state. Speed is that of
300 programs in a new process over generated databases, before and after an update of 2 %.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from backend.contract.inventory import OperatingSystem
from backend.domain.claims import Feed, Origin, RecordState, SourceRecord
from backend.domain.exposure.conditions import Subject, applies
from backend.domain.exposure.derivation import statements_of
from backend.domain.exposure.statements import Statement
from backend.domain.exposure.verdicts import Verdict, judge
from backend.domain.products.product import ProductKey
from backend.domain.products.windows import resolve_windows
from backend.domain.versions import CannotCompare, Reason, Status, compare
from backend.domain.versions import judge as judge_segments
from backend.services.exposure.resolution import installed_system
from tests.benchmarks import nvd_ranges, products
from tests.benchmarks.ingest import BEGIN, child, databases, update
from tests.benchmarks.priority import Claims, read_claims
from tests.benchmarks.windows_builds import WindowsBuilds
from tests.benchmarks.world import Edition, FileWorld

SIGNS = {"<": -1, "=": 0, ">": 1}
MONTH = "2026-08"
MOST_VERSIONS = 20
"""Versions of one product at which two sources are compared."""

Spelling = tuple[str, str]


class Stated(NamedTuple):
    """The statements about one product in one vulnerability."""

    cve_id: str
    product: ProductKey
    statements: tuple[Statement, ...]


def report(sizes: Sequence[int], kinds: Sequence[str], feeds: Path, tables: Path = products.TABLES) -> None:
    for line in products.report(feeds, tables):
        if not line.startswith(" "):  # the list below a figure is for people who judge the names
            print(line, flush=True)
    print(of_versions(tables / "winget_version_vectors.csv"), flush=True)
    claims = read_claims(feeds)
    stated = list(statements(claims))
    print(of_month(claims, stated), flush=True)
    print(of_sources(stated), flush=True)
    print(of_nvds_ranges(claims, stated), flush=True)
    windows = WindowsBuilds(tables / "wesng_windows_cve_kb_2023_2026.csv.gz", feeds)
    print(of_windows(windows, stated), flush=True)
    for records in sizes:
        for kind in kinds:
            for line in of_speed(kind, records, feeds):
                print(line, flush=True)


def share(part: int, whole: int) -> str:
    return f"{part:,} of {whole:,} ({part / max(whole, 1):.2%})"


def statements(claims: Claims) -> Iterator[Stated]:
    """The statements in the newest recorded version of each vulnerability."""
    newest: defaultdict[str, dict[Feed, SourceRecord]] = defaultdict(dict)
    for feed, made in claims.items():
        for cve_id, claim in made:  # oldest first
            newest[cve_id][feed] = SourceRecord(feed, cve_id, cve_id, claim)
    for cve_id, records in newest.items():
        rejected = any(record.claim.state is RecordState.REJECTED for record in records.values())
        state = RecordState.REJECTED if rejected else RecordState.PUBLISHED
        for of_product in statements_of(state, records.values()):
            yield Stated(cve_id, of_product.product, of_product.statements)


def of_versions(table: Path) -> str:
    rows = products.rows(table)
    right = sum(_order(row["a"], row["b"]) == SIGNS[row["relation"]] for row in rows)
    return f"versions of Windows programs: {share(right, len(rows))} ordered as winget does"


def _order(a: str, b: str) -> int | None:
    try:
        return compare(a, b)
    except CannotCompare:
        return None


def of_month(claims: Claims, stated: Iterable[Stated]) -> str:
    """How many of the newest vulnerabilities have a statement by which a version can be judged."""
    usable, by_cpe = set[str](), set[str]()
    for cve_id, _, made in stated:
        bounded = [statement for statement in made if _is_bounded(statement)]
        usable.update([cve_id] if bounded else [])
        by_cpe.update([cve_id] if any(statement.origin is Origin.NVD for statement in bounded) else [])
    published = {
        cve_id
        for cve_id, claim in claims[Feed.NVD]
        if claim.published_at
        and claim.published_at.isoformat().startswith(MONTH)
        and claim.state is RecordState.PUBLISHED
    }
    return (
        f"published in {MONTH}: {share(len(published & usable), len(published))} have a statement that can be matched,"
        f" {share(len(published & by_cpe), len(published))} by CPE"
    )


def _is_bounded(statement: Statement) -> bool:
    """Whether it states of at least one version that it is affected or not."""
    return any(
        (segment.range.start or segment.range.end) and not segment.doubt and segment.status is not Status.UNKNOWN
        for segment in statement.segments
    )


def of_sources(stated: Sequence[Stated]) -> str:
    """How often the ranges of NVD and of the CNA give the same verdict on versions that records of the product name."""
    versions: defaultdict[Spelling, set[str]] = defaultdict(set)
    for _, product, made in stated:
        ranges = [segment.range for statement in made for segment in statement.segments]
        versions[product.spelling].update(text for bounds in ranges for text in (bounds.start, bounds.end) if text)
    same = Counter[bool]()
    for _, product, made in stated:
        named = sorted(versions[product.spelling])
        chosen = named[:: max(1, len(named) // MOST_VERSIONS)]
        same.update(agreement(product, made, chosen))
    return f"ranges of NVD and of the CNA: {share(same[True], same.total())} verdicts on real versions agree"


def agreement(product: ProductKey, made: Iterable[Statement], versions: Iterable[str]) -> Iterator[bool]:
    """Of each version that both NVD and the CNA judge, whether they agree."""
    there = [statement for statement in made if applies(statement.condition, product, Subject())]
    sides = [[statement for statement in there if statement.origin is origin] for origin in (Origin.NVD, Origin.CNA)]
    if all(sides):
        for version in versions:
            nvd, cna = (_affected(side, version) for side in sides)
            if nvd is not None and cna is not None:
                yield nvd is cna


def _affected(made: Iterable[Statement], version: str) -> bool | None:
    """Whether one statement calls a version affected, else whether one calls it unaffected."""
    judgements = [judge_segments(statement.segments, version, statement.default) for statement in made]
    verdicts = {judgement.affected for judgement in judgements if judgement.reason is not Reason.NOT_LISTED} - {None}
    return any(verdicts) if verdicts else None


def of_nvds_ranges(claims: Claims, stated: Iterable[Stated]) -> str:
    """How often a verdict at the ends of NVD's ranges is what they say; CNAs that differ from NVD count against it."""
    by_id: defaultdict[str, dict[Spelling, tuple[Statement, ...]]] = defaultdict(dict)
    for cve_id, product, made in stated:
        by_id[cve_id][product.spelling] = made
    counted = Counter[str]()
    for cve_id, claim in dict(claims[Feed.NVD]).items():  # the newest version of each
        counted.update(nvd_ranges.outcomes(claim, by_id.get(cve_id, {})))
    return f"verdicts at the ends of NVD's ranges: {share(counted['right'], counted.total())} right; {_others(counted)}"


def _others(counted: Counter[str]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in counted.items() if name != "right") or "no others"


def of_windows(truth: WindowsBuilds, stated: Iterable[Stated]) -> str:
    """How often a build is judged as table and raw records say, of the CVEs that either side calls affected."""
    by_key: defaultdict[Spelling, list[Stated]] = defaultdict(list)
    for statements in stated:
        by_key[statements.product.spelling].append(statements)
    outcomes = Counter[str]()
    for release, builds in truth.builds().items():
        for build in builds:
            judged = _judged_system(release, build, by_key)
            outcomes.update(truth.outcomes(release, build, judged))
    return f"Windows builds: {share(outcomes['right'], outcomes.total())} build x CVE right; {_others(outcomes)}"


def _judged_system(release: str, build: str, stated: Mapping[Spelling, Sequence[Stated]]) -> dict[str, Verdict]:
    """The verdict on each CVE that names a release of Windows."""
    product = installed_system(resolve_windows(OperatingSystem(name=release, build=build)))
    found: defaultdict[str, list[Statement]] = defaultdict(list)
    for key in product.keys:
        for cve_id, _, made in stated.get(key.spelling, ()):
            found[cve_id] += [statement for statement in made if applies(statement.condition, key, product.subject)]
    judged = {cve_id: judge(product.version, made, product.subject) for cve_id, made in found.items()}
    return {cve_id: judgement.verdict for cve_id, judgement in judged.items() if judgement}


def of_speed(kind: str, records: int, feeds: Path) -> Iterator[str]:
    """Match in a new process over a new database, and after an update that changes 2 % of the records."""
    with databases(kind) as (folder, url):
        home = folder / "home"
        home.mkdir()
        for days, edition in ((0, Edition.FIRST), (40, Edition.FEW_CHANGED)):
            with TemporaryDirectory(dir=folder, prefix=edition.name) as world:
                FileWorld(Path(world), feeds, records, BEGIN + timedelta(days=days), edition)
                update(Path(world), home, url)
            result = child("one_match", {"DATABASE_URL": url, "OPENTHREAT_HOME": str(home)})
            yield (
                f"{kind}, {records:,} records, {edition.value} changed: {result['programs']:.0f} programs,"
                f" {result['findings']:,.0f} findings in {result['cold']:.2f} s cold, {result['warm']:.2f} s warm,"
                f" {result['memory_mb']:.0f} MB more memory"
            )
