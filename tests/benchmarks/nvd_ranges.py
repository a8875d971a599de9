"""A reading of NVD's ranges of applications that uses nothing but the order of versions, to compare verdicts with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from backend.domain.claims import Affected, Claim
from backend.domain.exposure.conditions import Subject, applies
from backend.domain.exposure.statements import Statement
from backend.domain.exposure.verdicts import Verdict, judge
from backend.domain.products.product import ProductKey
from backend.domain.versions import CannotCompare, compare


def outcomes(claim: Claim, statements: Mapping[tuple[str, str], tuple[Statement, ...]]) -> Iterator[str]:
    """Compare the verdicts on the ends of NVD's ranges with what the ranges say.

    Args:
        claim: of NVD, about one vulnerability.
        statements: of all sources about it, by the spelling of the product.
    """
    for key, ranges in _ranges(claim).items():
        own = [made for made in statements.get(key.spelling, ()) if applies(made.condition, key, Subject())]
        for version in {version for entry in ranges for version in _ends(entry)}:
            expected, found = _is_in(version, ranges), judge(version, own)
            if expected is None or found is None:
                yield "not comparable"
            elif found.verdict is Verdict.CANNOT_TELL:
                yield "cannot tell"
            elif (found.verdict is Verdict.AFFECTED) is expected:
                yield "right"
            else:
                yield "missed" if expected else "wrongly affected"


def _ranges(claim: Claim) -> dict[ProductKey, list[Affected]]:
    found: defaultdict[ProductKey, list[Affected]] = defaultdict(list)
    for entry in claim.affected:
        parts = entry.cpe.replace("\\", "").split(":")
        plain = len(parts) == 13 and parts[2] == "a" and set(parts[6:]) <= {"*"} and not entry.configuration
        if plain and entry.vulnerable and any(_ends(entry)):
            found[ProductKey.of(parts[3], parts[4])].append(entry)
    return found


def _ends(entry: Affected) -> tuple[str, ...]:
    ends = (
        entry.version_start_including,
        entry.version_start_excluding,
        entry.version_end_including,
        entry.version_end_excluding,
    )
    return tuple(end for end in ends if end)


def _is_in(version: str, ranges: Iterable[Affected]) -> bool | None:
    try:
        return any(
            (not entry.version_start_including or compare(version, entry.version_start_including) >= 0)
            and (not entry.version_start_excluding or compare(version, entry.version_start_excluding) > 0)
            and (not entry.version_end_including or compare(version, entry.version_end_including) <= 0)
            and (not entry.version_end_excluding or compare(version, entry.version_end_excluding) < 0)
            for entry in ranges
        )
    except CannotCompare:
        return None
