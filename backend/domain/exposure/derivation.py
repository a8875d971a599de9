"""Derivation of the statements in a vulnerability from the claims of all sources.

A CNA's statement counts once: from MITRE's record, else from NVD's copy of it, else from EUVD's text.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from backend.contract.names import Source
from backend.domain.claim_set import SourcedClaim
from backend.domain.claims import Affected, Claim, RecordState
from backend.domain.exposure.cna_statements import cna_statements
from backend.domain.exposure.cpe_statements import cpe_statements
from backend.domain.exposure.statements import ProductStatements, Statement, plainest
from backend.domain.exposure.system_texts import RecordTexts
from backend.domain.products.product import ProductKey


def statements_of(state: RecordState, records: Iterable[SourcedClaim]) -> tuple[ProductStatements, ...]:
    """All statements in a vulnerability, by product; none in a rejected one.

    Args:
        state: of the merged vulnerability.
        records: all about it, in any order.
    """
    if state is RecordState.REJECTED:
        return ()
    stated: defaultdict[tuple[str, str], dict[Statement, None]] = defaultdict(dict)
    spellings: defaultdict[tuple[str, str], set[ProductKey]] = defaultdict(set)
    packages: defaultdict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    for product, statement, package in _statements(records):
        spelling = product.spelling
        stated[spelling][statement] = None
        spellings[spelling].add(product)
        if package:
            packages[spelling][package] = None
    return tuple(
        ProductStatements(plainest(spellings[spelling]), tuple(made), tuple(packages[spelling]) if packages else ())
        for spelling, made in sorted(stated.items())
    )


def _statements(records: Iterable[SourcedClaim]) -> Iterator[tuple[ProductKey, Statement, str]]:
    """Products, statements about them, and the package URL that one names beside its product."""
    claims: defaultdict[Source, list[Claim]] = defaultdict(list)
    for record in records:
        claims[record.feed.source].append(record.claim)
    texts = RecordTexts(text for made in claims.values() for claim in made for text in (claim.title, claim.description))
    for claim in claims[Source.NVD]:
        for product, statement in cpe_statements(claim.affected, texts):
            yield product, statement, ""
    for source, products in _of_cnas(claims):
        yield from cna_statements(products, source, texts)


def _of_cnas(claims: Mapping[Source, Sequence[Claim]]) -> Iterator[tuple[Source, tuple[Affected, ...]]]:
    """The products of the CNA from the first source that has any."""
    choices = (
        [(Source.MITRE, claim.affected) for claim in claims[Source.MITRE]],
        [(Source.NVD, claim.repeated) for claim in claims[Source.NVD]],
        [(Source.EUVD, claim.affected) for claim in claims[Source.EUVD]],
    )
    return iter(next((choice for choice in choices if any(products for _, products in choice)), ()))
