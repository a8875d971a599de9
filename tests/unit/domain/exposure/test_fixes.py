"""The versions in which a vulnerability is fixed."""

from __future__ import annotations

from backend.contract.names import Source
from backend.domain.claims import Affected, Claim, Feed, RecordState, SourceRecord
from backend.domain.exposure.derivation import statements_of
from backend.domain.exposure.fixes import Fix, fixes_of


def fixes(**claims: tuple[Affected, ...]) -> tuple[Fix, ...]:
    records = [
        SourceRecord(Feed(feed), "CVE-2024-1", "CVE-2024-1", Claim(affected=affected))
        for feed, affected in claims.items()
    ]
    return fixes_of(statements_of(RecordState.PUBLISHED, records))


def cpe(product: str, version: str = "*", rest: str = "*:*:*:*:*:*:*", **bounds: str) -> Affected:
    return Affected(cpe=f"cpe:2.3:a:acme:{product}:{version}:{rest}", **bounds)


def cna(product: str, *versions: str, **more: object) -> Affected:
    return Affected(vendor="Acme", product=product, versions=versions, **more)


def test_branches_are_listed_from_the_lowest_and_each_once() -> None:
    stated = [cpe("anvil", version_end_excluding=version) for version in ("10.1.8", "9.0.72", "10.1.8")]
    assert fixes(nvd=tuple(stated)) == (Fix(("acme anvil",), ("9.0.72", "10.1.8"), (Source.NVD,)),)


def test_sources_that_agree_are_named_together_and_others_apart() -> None:
    agreed = fixes(nvd=(cpe("anvil", version_end_excluding="2.0"),), mitre=(cna("Anvil", "1.0 to before 2.0"),))
    assert agreed == (Fix(("acme anvil",), ("2.0",), (Source.NVD, Source.MITRE)),)
    apart = fixes(nvd=(cpe("anvil", version_end_excluding="2.0"),), mitre=(cna("Anvil", "all before 2.1"),))
    assert [(fix.versions, fix.sources) for fix in apart] == [(("2.0",), (Source.NVD,)), (("2.1",), (Source.MITRE,))]


def test_products_with_the_same_fix_are_one_line() -> None:
    [fix] = fixes(nvd=(cpe("anvil", version_end_excluding="2.0"), cpe("hammer", version_end_excluding="2.0")))
    assert fix.products == ("acme anvil", "acme hammer")


def test_editions_and_systems_are_named() -> None:
    edition = cpe("fox", rest="*:*:*:esr:*:*:*", version_end_excluding="115.9")
    target = cpe("gallery", rest="*:*:*:*:wordpress:*:*", version_end_excluding="3.1")
    system = cna("Chat", "all before 7.0", platforms=("Windows",))
    named = [name for fix in fixes(nvd=(edition, target), mitre=(system,)) for name in fix.products]
    assert sorted(named) == ["acme chat (windows)", "acme fox (esr)", "acme gallery (wordpress)"]


def test_updates_within_a_version_are_kept() -> None:
    [fix] = fixes(nvd=(cpe("jdk", version_end_excluding="1.8.0:update_361"),))
    assert fix.versions == ("1.8.0 update_361",)


def test_spellings_of_one_version_are_one_line() -> None:
    [fix] = fixes(
        mitre=(cna("Anvil", "all before V3.1"), cna("Anvil", "all before 3.1"), cna("Acme", "all before v3.1"))
    )
    assert fix == Fix(("acme", "acme anvil"), ("v3.1",), (Source.MITRE,))


def test_commits_are_nothing_to_update_to_and_escapes_are_resolved() -> None:
    assert fixes(mitre=(cna("Anvil", "all before 4bfd20d5f5c"),)) == ()
    [fix] = fixes(mitre=(cna(r"Anvil\, hammer", "all before 20240101"),))
    assert (fix.products, fix.versions) == (("acme anvil, hammer",), ("20240101",))


def test_what_names_no_fixed_version_is_absent() -> None:
    unfixed = (cpe("anvil", version_end_including="1.9"), cpe("anvil", "1.5"), cpe("anvil"))
    assert fixes(nvd=unfixed, mitre=(cna("Anvil", "1.0 to 1.9", "n/a", "unaffected: 3.0"),)) == ()


def test_a_rejected_record_has_none() -> None:
    record = SourceRecord(Feed.NVD, "CVE-2024-1", "CVE-2024-1", Claim(affected=(cpe("a", version_end_excluding="2"),)))
    assert fixes_of(statements_of(RecordState.REJECTED, [record])) == ()
