"""Answers to POST /match: the product of each entry, what was compared, and its vulnerabilities. Nothing is stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from sqlalchemy import Connection

from backend.contract.inventory import (
    FindingVerdict,
    MatchAnswer,
    MatchCounts,
    MatchedProduct,
    MatchFinding,
    MatchRequest,
    ProductName,
    SoftwareMatch,
    SystemMatch,
)
from backend.contract.names import Tag
from backend.domain.exposure.verdicts import Judgement, Verdict
from backend.domain.products.product import ProductKey, Resolution
from backend.domain.products.windows import resolve_windows
from backend.services.exposure.matching import InstalledProduct, match
from backend.services.exposure.resolution import Resolver, installed, installed_system, system_of_machine
from backend.store.repositories.vulnerabilities import ListedVulnerability, VulnerabilityRepository

_DISPUTED = " The record is disputed."
_Judged = Mapping[int, Judgement]


def answer(connection: Connection, request: MatchRequest) -> MatchAnswer:
    """Match all entries of a request, and its operating system."""
    system = system_of_machine(request.os)
    resolutions = Resolver(connection).resolve_all(request.software)
    named = [
        installed(entry, resolution, system)
        for entry, resolution in zip(request.software, resolutions, strict=True)
        if resolution.keys
    ]
    judged = iter(match(connection, named))
    of_entries = [next(judged) if resolution.keys else {} for resolution in resolutions]
    resolved_system = resolve_windows(request.os) if request.os else None
    of_system = _match_one(connection, installed_system(resolved_system)) if resolved_system else {}
    listed = _listed(connection, [*of_entries, of_system])
    return MatchAnswer(
        os=SystemMatch(software=request.os, **_match(resolved_system, of_system, listed))
        if request.os and resolved_system
        else None,
        items=tuple(
            SoftwareMatch(software=entry, **_match(resolution, found, listed))
            for entry, resolution, found in zip(request.software, resolutions, of_entries, strict=True)
        ),
    )


def _match_one(connection: Connection, product: InstalledProduct) -> _Judged:
    return match(connection, [product])[0] if product.keys else {}


def _listed(connection: Connection, judged: Iterable[_Judged]) -> dict[int, ListedVulnerability]:
    """The rows of all vulnerabilities that are answered."""
    numbers = {
        number
        for found in judged
        for number, judgement in found.items()
        if judgement.verdict is not Verdict.NOT_AFFECTED
    }
    return VulnerabilityRepository(connection).listed(numbers)


def _match(resolution: Resolution, judged: _Judged, listed: Mapping[int, ListedVulnerability]) -> dict[str, object]:
    counts = Counter(judgement.verdict for judgement in judged.values())
    findings = [
        _finding(listed[number], judgement)
        for number, judgement in judged.items()
        if judgement.verdict is not Verdict.NOT_AFFECTED and number in listed
    ]
    return {
        "product": product_of(resolution),
        "candidates": candidates_of(resolution),
        "version": resolution.version or None,
        "findings": tuple(sorted(findings, key=_urgency)),
        "counts": MatchCounts(**{verdict.value: count for verdict, count in counts.items()}),
    }


def product_of(resolution: Resolution) -> MatchedProduct | None:
    """The product as the API names it; None for an unknown one."""
    if not resolution.keys or resolution.confidence is None or resolution.by is None:
        return None
    keys = tuple(map(str, resolution.keys))
    vendor, _, product = keys[0].partition(":")
    return MatchedProduct(vendor=vendor, product=product, confidence=resolution.confidence, by=resolution.by, keys=keys)


def candidates_of(resolution: Resolution) -> tuple[ProductName, ...]:
    return tuple(map(_name, resolution.candidates))


def _name(key: ProductKey) -> ProductName:
    vendor, _, product = str(key).partition(":")
    return ProductName(vendor=vendor, product=product)


def _finding(row: ListedVulnerability, judgement: Judgement) -> MatchFinding:
    return MatchFinding(
        cve_id=row.cve_id,
        verdict=FindingVerdict(judgement.verdict.value),
        reason=judgement.reason + (_DISPUTED if Tag.DISPUTED in row.tags else ""),
        fixed_in=judgement.fixed_in or None,
        source=judgement.source,
        severity=row.severity,
        exploited_in_the_wild=row.exploited_in_the_wild,
        priority_score=row.priority_score,
    )


def _urgency(finding: MatchFinding) -> tuple[bool, bool, float, str]:
    """The exploited ones first, then those that surely affect, then by priority."""
    return (
        not finding.exploited_in_the_wild,
        finding.verdict is not FindingVerdict.AFFECTED,
        -finding.priority_score,
        finding.cve_id,
    )
