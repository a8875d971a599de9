"""One section per row of the merge table."""

from __future__ import annotations

from datetime import date
from itertools import permutations

import pytest
from msgspec.structs import replace

from backend.contract.names import Severity, Source, Tag
from backend.domain.claims import (
    Affected,
    Claim,
    Exploitation,
    Feed,
    Origin,
    RecordState,
    ReferenceClaim,
    Score,
    Weakness,
)
from backend.domain.merge import merge
from backend.domain.merge_rules import RULES_IN_WORDS
from backend.domain.vulnerability import Details, MergedVulnerability
from tests.unit.domain.claims_of import (
    CRITICAL_30,
    CRITICAL_31,
    CVE,
    HIGH_20,
    HIGH_40,
    MEDIUM_31,
    epss,
    eu_listed,
    euvd,
    instant,
    listed,
    mapped,
    merged,
    mitre,
    nvd,
    record,
    winner,
)


# -- which records ----------------------------------------------------------------------------------------------------
def test_epss_alone_makes_no_vulnerability() -> None:
    assert merge(CVE, [epss(0.9)]) is None
    assert merge(CVE, []) is None


@pytest.mark.parametrize("other", [nvd(Claim()), mitre(Claim()), listed(), euvd(Claim()), mapped(), eu_listed()])
def test_any_other_source_makes_one(other: object) -> None:
    assert merge(CVE, [other, epss(0.9)]) is not None  # type: ignore[list-item]


def test_an_euvd_record_without_a_cve_stands_under_its_own_id() -> None:
    vulnerability = merged(record(Feed.EUVD, Claim(description="A flaw."), about="EUVD-2025-31"))
    assert vulnerability.cve_id == "EUVD-2025-31"
    assert vulnerability.details.aliases == ()
    assert vulnerability.sources == (Source.EUVD,)


def test_names_all_sources_that_have_a_record() -> None:
    assert merged(mapped(), epss(0.1), mitre(Claim()), nvd(Claim())).sources == (
        Source.NVD,
        Source.EUVD,
        Source.MITRE,
        Source.EPSS,
    )


def test_refuses_an_id_of_another_form() -> None:
    with pytest.raises(ValueError, match=r"."):
        merge("GHSA", [record(Feed.NVD, Claim(), about="GHSA")])


# -- state ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("by_mitre", "by_nvd", "state", "source"),
    [
        (("REJECTED", "2024-03-01"), ("PUBLISHED", "2024-01-01"), "REJECTED", "mitre"),
        (("REJECTED", "2024-01-01"), ("PUBLISHED", "2024-03-01"), "REJECTED", "mitre"),
        (("PUBLISHED", "2024-03-01"), ("REJECTED", "2024-01-01"), "PUBLISHED", "mitre"),  # reinstated
        (("PUBLISHED", "2024-01-01"), ("REJECTED", "2024-03-01"), "REJECTED", "nvd"),
        (("PUBLISHED", "2024-01-01"), ("REJECTED", "2024-01-01"), "PUBLISHED", "mitre"),
        (("PUBLISHED", ""), ("REJECTED", "2024-03-01"), "PUBLISHED", "mitre"),
        (("PUBLISHED", "2024-03-01"), ("REJECTED", ""), "PUBLISHED", "mitre"),
        (("REJECTED", ""), ("REJECTED", ""), "REJECTED", "mitre"),
    ],
)
def test_mitre_decides_unless_nvd_rejected_later(
    by_mitre: tuple[str, str], by_nvd: tuple[str, str], state: str, source: str
) -> None:
    mitre_claim, nvd_claim = (
        Claim(state=RecordState(value), modified_at=instant(day) if day else None) for value, day in (by_mitre, by_nvd)
    )
    vulnerability = merged(nvd(nvd_claim), mitre(mitre_claim))
    assert (vulnerability.state, winner(vulnerability, "state")) == (state, source)


def test_nvd_decides_alone_where_mitre_has_no_record() -> None:
    vulnerability = merged(euvd(Claim()), nvd(Claim(state=RecordState.REJECTED)))
    assert (vulnerability.state, winner(vulnerability, "state")) == (RecordState.REJECTED, "nvd")


def test_a_rejected_record_has_no_assessment_and_a_reinstated_one_has_it_again() -> None:
    analysis = nvd(
        Claim(
            scores=(Score(Origin.NVD, "3.1", CRITICAL_31),),
            vendors=("widgetsoft",),
            products=("widget",),
            affected=(Affected(cpe="cpe:2.3:a:widgetsoft:widget:*:*:*:*:*:*:*:*"),),
            exploitation=(Exploitation("cisa-ssvc", status="active"),),
        )
    )
    others = [analysis, listed(), eu_listed(), epss(0.9)]
    rejected = merged(mitre(Claim(state=RecordState.REJECTED, description="Not a flaw.")), *others)
    assert (rejected.cvss_score, rejected.cvss_vector, rejected.cvss_version) == (None, None, None)
    assert (rejected.severity, rejected.details.scores) == (Severity.UNKNOWN, ())
    assert (rejected.vendors, rejected.products, rejected.details.affected_products) == ((), (), ())
    assert (rejected.exploited_in_the_wild, rejected.eu_exploited, rejected.ssvc_exploitation) == (False, False, "")
    assert (rejected.kev_date_added, rejected.details.exploitation) == (None, ())
    assert rejected.description == "Not a flaw."
    assert Source.CISA in rejected.sources
    reinstated = merged(mitre(Claim()), *others)
    assert (reinstated.cvss_score, reinstated.exploited_in_the_wild, reinstated.vendors) == (9.8, True, ("widgetsoft",))


def test_euvd_rejects_nothing() -> None:
    assert merged(nvd(Claim()), euvd(Claim(state=RecordState.REJECTED))).state is RecordState.PUBLISHED


# -- title and description --------------------------------------------------------------------------------------------
def test_title_is_mitres_before_the_catalogues() -> None:
    catalogue = record(Feed.KEV, Claim(title="Widget Vulnerability"))
    assert merged(mitre(Claim(title="Overflow in widget")), catalogue).title == "Overflow in widget"
    vulnerability = merged(mitre(Claim(title="  ")), catalogue, nvd(Claim(title="not asked")))
    assert vulnerability.title == "Widget Vulnerability"
    assert winner(vulnerability, "title") == "cisa"


def test_title_falls_back_to_the_merged_descriptions_first_sentence() -> None:
    vulnerability = merged(nvd(Claim(description="NVD's text. More.")), mitre(Claim(description="The CNA's text. On.")))
    assert vulnerability.title == "The CNA's text."
    assert winner(vulnerability, "title") == "mitre"


def test_title_is_the_id_where_there_are_no_words() -> None:
    vulnerability = merged(mapped())
    assert vulnerability.title == CVE
    assert winner(vulnerability, "title") is None


def test_description_is_mitres_nvds_euvds_then_the_catalogues() -> None:
    records = [
        mitre(Claim(description="mitre")),
        nvd(Claim(description="nvd")),
        euvd(Claim(description="euvd")),
        record(Feed.KEV, Claim(description="cisa")),
    ]
    while records:
        vulnerability = merged(*records)
        first = records.pop(0).feed.source
        assert vulnerability.description == first
        assert winner(vulnerability, "description") == first


# -- CVSS and severity ------------------------------------------------------------------------------------------------
def test_nvds_own_score_comes_before_newer_versions_of_others() -> None:
    vulnerability = merged(
        nvd(Claim(scores=(Score(Origin.NVD, "3.1", MEDIUM_31), Score(Origin.CNA, "4.0", HIGH_40)))),
        mitre(Claim(scores=(Score(Origin.CNA, "4.0", HIGH_40),))),
    )
    assert (vulnerability.cvss_score, vulnerability.cvss_version, vulnerability.cvss_vector) == (6.1, "3.1", MEDIUM_31)
    assert vulnerability.severity is Severity.MEDIUM
    assert winner(vulnerability, "cvss_score") == winner(vulnerability, "severity") == "nvd"


def test_origins_are_believed_in_order() -> None:
    scores = [Score(origin, "3.1", CRITICAL_31) for origin in (Origin.NVD, Origin.CNA, Origin.CISA_ADP, Origin.EUVD)]
    for believed in range(len(scores)):
        vulnerability = merged(nvd(Claim(scores=tuple(reversed(scores[believed:])))))
        assert [entry.origin for entry in vulnerability.details.scores] == [score.origin for score in scores[believed:]]


@pytest.mark.parametrize("modern", [("4.0", HIGH_40), ("3.1", MEDIUM_31), ("3.0", CRITICAL_30)])
@pytest.mark.parametrize("origin", list(Origin))
def test_any_modern_score_comes_before_any_of_version_2(modern: tuple[str, str], origin: Origin) -> None:
    scores = (Score(Origin.NVD, "2.0", HIGH_20), Score(Origin.CNA, "2.0", HIGH_20), Score(origin, *modern))
    vulnerability = merged(nvd(Claim(scores=scores)))
    assert (vulnerability.cvss_version, vulnerability.cvss_vector) == modern
    assert [entry.version for entry in vulnerability.details.scores] == [modern[0], "2.0", "2.0"]


def test_scores_of_version_2_come_in_the_same_order_of_origins() -> None:
    scores = tuple(Score(origin, "2.0", HIGH_20) for origin in (Origin.EUVD, Origin.CNA, Origin.NVD))
    vulnerability = merged(nvd(Claim(scores=scores)))
    assert [entry.origin for entry in vulnerability.details.scores] == [Origin.NVD, Origin.CNA, Origin.EUVD]


@pytest.mark.parametrize(
    ("scores", "counts"),
    [
        (((MEDIUM_31, ""), (CRITICAL_31, "")), CRITICAL_31),
        (((MEDIUM_31, ""), (CRITICAL_31, "on a router")), MEDIUM_31),
        (((CRITICAL_31, "on a router"), (MEDIUM_31, "on a switch")), CRITICAL_31),
        (((CRITICAL_31, "on a router"), (CRITICAL_31, "")), CRITICAL_31),
        (((CRITICAL_31, "on a router"), (MEDIUM_31, ""), (CRITICAL_31, "")), CRITICAL_31),
    ],
)
def test_of_several_scores_of_one_origin_the_general_or_else_the_highest_counts(
    scores: tuple[tuple[str, str], ...], counts: str
) -> None:
    for order in permutations(scores):
        given = tuple(Score(Origin.CNA, "3.1", vector, scenario=scenario) for vector, scenario in order)
        vulnerability = merged(mitre(Claim(scores=given)))
        assert vulnerability.cvss_vector == counts
        assert len(vulnerability.details.scores) == len({vector for vector, _ in scores})


def test_nvds_copy_of_a_score_does_not_make_it_general() -> None:
    scores = (Score(Origin.CNA, "3.1", CRITICAL_31, scenario="on a router"), Score(Origin.CNA, "3.1", MEDIUM_31))
    copies = tuple(Score(score.origin, score.version, score.vector) for score in scores)
    assert merged(nvd(Claim(scores=copies)), mitre(Claim(scores=scores))).cvss_vector == MEDIUM_31


def test_within_an_origin_the_newest_version_counts() -> None:
    scores = (
        Score(Origin.CNA, "2.0", HIGH_20),
        Score(Origin.CNA, "3.0", CRITICAL_30),
        Score(Origin.CNA, "4.0", HIGH_40),
        Score(Origin.CNA, "3.1", MEDIUM_31),
    )
    vulnerability = merged(mitre(Claim(scores=scores)))
    assert [entry.version for entry in vulnerability.details.scores] == ["4.0", "3.1", "3.0", "2.0"]
    assert (vulnerability.cvss_score, vulnerability.severity) == (8.7, Severity.HIGH)


def test_an_origin_without_a_usable_score_is_passed_over() -> None:
    unusable = Score(Origin.NVD, "3.1", "CVSS:3.1/AV:N")
    vulnerability = merged(nvd(Claim(scores=(unusable, Score(Origin.CNA, "2.0", HIGH_20)))))
    assert (vulnerability.cvss_score, vulnerability.cvss_version) == (7.5, "2.0")
    assert vulnerability.severity is Severity.HIGH
    assert len(vulnerability.details.scores) == 1


def test_a_wrong_stated_number_is_corrected() -> None:
    assert merged(nvd(Claim(scores=(Score(Origin.NVD, "4.0", HIGH_40, stated=2.3),)))).cvss_score == 8.7


def test_a_stated_number_without_a_vector_is_better_than_nothing() -> None:
    vulnerability = merged(euvd(Claim(scores=(Score(Origin.EUVD, "3.1", "", stated=9.1),))))
    assert (vulnerability.cvss_score, vulnerability.cvss_vector) == (9.1, None)
    assert vulnerability.severity is Severity.CRITICAL


def test_the_cnas_score_is_kept_once_as_mitre_tells_it() -> None:
    spelled_out = HIGH_40 + "/E:X/CR:X/IR:X/AR:X"
    vulnerability = merged(
        nvd(Claim(scores=(Score(Origin.CNA, "4.0", spelled_out),))),
        mitre(Claim(scores=(Score(Origin.CNA, "4.0", HIGH_40),))),
    )
    (entry,) = vulnerability.details.scores
    assert (entry.vector, entry.source) == (HIGH_40, Source.MITRE)


def test_a_cna_score_that_only_nvd_passes_on_counts_too() -> None:
    vulnerability = merged(nvd(Claim(scores=(Score(Origin.CNA, "3.1", CRITICAL_31),))), mitre(Claim()))
    assert vulnerability.cvss_score == 9.8
    assert winner(vulnerability, "cvss_score") == "nvd"


def test_no_score_at_all_is_unknown() -> None:
    vulnerability = merged(nvd(Claim()))
    assert (vulnerability.cvss_score, vulnerability.cvss_vector, vulnerability.cvss_version) == (None, None, None)
    assert vulnerability.severity is Severity.UNKNOWN
    assert winner(vulnerability, "severity") is None


# -- dates ------------------------------------------------------------------------------------------------------------
EARLY, LATE, LATEST = instant("2023-01-05"), instant("2024-02-06"), instant("2025-03-07")


@pytest.mark.parametrize(("cve_id", "first"), [("CVE-2023-10001", "mitre"), ("CVE-2022-10001", "nvd")])
def test_mitres_publication_is_believed_from_2023_on(cve_id: str, first: str) -> None:
    records = {
        "mitre": record(Feed.MITRE, Claim(published_at=EARLY), about=cve_id),
        "nvd": record(Feed.NVD, Claim(published_at=LATE), about=cve_id),
        "euvd": record(Feed.EUVD, Claim(published_at=LATEST), "EUVD-2023-1", about=cve_id),
    }
    second = ({"mitre", "nvd"} - {first}).pop()
    for believed in (first, second, "euvd"):
        vulnerability = merged(*records.values())
        assert vulnerability.published_at == records.pop(believed).claim.published_at
        assert winner(vulnerability, "published_at") == believed


def test_the_newest_modification_of_any_source_counts() -> None:
    records = nvd(Claim(modified_at=LATE)), mitre(Claim(modified_at=EARLY)), euvd(Claim(modified_at=LATEST))
    vulnerability = merged(*records)
    assert vulnerability.modified_at == LATEST
    assert winner(vulnerability, "modified_at") == "euvd"


def test_the_daily_estimate_is_no_modification() -> None:
    assert merged(nvd(Claim(modified_at=EARLY)), record(Feed.EPSS, Claim(modified_at=LATE))).modified_at == EARLY


# -- exploitation -----------------------------------------------------------------------------------------------------
def test_the_catalogue_makes_it_exploited_and_gives_its_dates() -> None:
    vulnerability = merged(
        nvd(Claim()),
        listed(due_date=date(2024, 5, 23), ransomware=True, required_action="Patch it.", notes="https://example.com"),
    )
    assert vulnerability.exploited_in_the_wild
    assert vulnerability.kev_date_added == date(2024, 5, 2)
    assert vulnerability.cisa_due_date == date(2024, 5, 23)
    assert vulnerability.known_ransomware is True
    assert (vulnerability.details.required_action, vulnerability.details.kev_notes) == (
        "Patch it.",
        "https://example.com",
    )
    assert winner(vulnerability, "exploited_in_the_wild") == winner(vulnerability, "cisa_due_date") == "cisa"


def test_unknown_ransomware_use_is_not_no() -> None:
    assert merged(listed(ransomware=None)).known_ransomware is None
    assert merged(listed(ransomware=False)).known_ransomware is False


def test_what_others_say_of_exploitation_is_kept_beside_it() -> None:
    vulnerability = merged(
        eu_listed(date(2024, 6, 1)),
        mitre(Claim(exploitation=(Exploitation("cisa-ssvc", date(2024, 6, 2), "active"),))),
        euvd(Claim(exploitation=(Exploitation("euvd", date(2024, 6, 3)),))),
    )
    assert not vulnerability.exploited_in_the_wild
    assert vulnerability.eu_exploited
    assert vulnerability.ssvc_exploitation == "active"
    assert {(entry.by, entry.source, entry.since) for entry in vulnerability.details.exploitation} == {
        ("eu-kev", Source.EUVD, date(2024, 6, 1)),
        ("cisa-ssvc", Source.MITRE, date(2024, 6, 2)),
        ("euvd", Source.EUVD, date(2024, 6, 3)),
    }
    assert winner(vulnerability, "exploitation") == "euvd+mitre"


def test_euvds_own_flag_is_not_the_eu_catalogue() -> None:
    assert not merged(euvd(Claim(exploitation=(Exploitation("euvd"),)))).eu_exploited


@pytest.mark.parametrize(
    ("by_mitre", "by_nvd", "status", "source"),
    [("none", "active", "active", "nvd"), ("poc", "none", "poc", "mitre"), ("none", "none", "none", "mitre")],
)
def test_the_graver_word_of_ssvc_counts(by_mitre: str, by_nvd: str, status: str, source: str) -> None:
    vulnerability = merged(
        mitre(Claim(exploitation=(Exploitation("cisa-ssvc", status=by_mitre),))),
        nvd(Claim(exploitation=(Exploitation("cisa-ssvc", status=by_nvd),))),
    )
    assert vulnerability.ssvc_exploitation == status
    assert winner(vulnerability, "ssvc_exploitation") == source


# -- EPSS -------------------------------------------------------------------------------------------------------------
def test_epss_is_firsts_before_euvds() -> None:
    vulnerability = merged(euvd(Claim(epss=0.5)), epss(0.25, 0.75))
    assert (vulnerability.epss, vulnerability.epss_percentile) == (0.25, 0.75)
    assert winner(vulnerability, "epss") == "epss"


def test_euvd_repeats_epss_where_first_is_silent() -> None:
    vulnerability = merged(nvd(Claim()), euvd(Claim(epss=0.5)))
    assert (vulnerability.epss, vulnerability.epss_percentile) == (0.5, None)
    assert winner(vulnerability, "epss") == "euvd"


def test_an_estimate_of_zero_is_an_estimate() -> None:
    assert merged(nvd(Claim()), epss(0.0), euvd(Claim(epss=0.5))).epss == 0.0


# -- weaknesses -------------------------------------------------------------------------------------------------------
def test_weaknesses_are_united_in_the_order_of_who_made_them() -> None:
    first, second, third, fourth, fifth = (f"CWE-{number}" for number in range(1, 6))
    cna, nvds, adp = Origin.CNA, Origin.NVD, Origin.CISA_ADP
    vulnerability = merged(
        record(Feed.KEV, Claim(weaknesses=(Weakness(adp, fifth), Weakness(adp, first)))),
        nvd(Claim(weaknesses=(Weakness(adp, fourth), Weakness(nvds, third), Weakness(cna, second)))),
        mitre(Claim(weaknesses=(Weakness(adp, fourth), Weakness(cna, first)))),
    )
    assert vulnerability.cwe_ids == ("CWE-1", "CWE-2", "CWE-3", "CWE-4", "CWE-5")


@pytest.mark.parametrize("cwe_id", ["NVD-CWE-noinfo", "NVD-CWE-Other", "CWE-", "CWE-12a", "79", ""])
def test_what_is_no_weakness_is_dropped(cwe_id: str) -> None:
    vulnerability = merged(nvd(Claim(weaknesses=(Weakness(Origin.NVD, cwe_id),))))
    assert vulnerability.cwe_ids == ()
    assert winner(vulnerability, "cwe_ids") is None


# -- vendors, products, affected --------------------------------------------------------------------------------------
def test_names_of_vendors_and_products_are_folded_and_united() -> None:
    vulnerability = merged(
        nvd(Claim(vendors=("example_soft",), products=("widget_pro",))),
        mitre(Claim(vendors=("Example  Soft", "n/a"), products=("Widget", ""))),
        record(Feed.KEV, Claim(vendors=("Acme",), products=("Widget Pro ",))),
        euvd(Claim(vendors=("N/A",), products=("ÄRGER",))),
    )
    assert vulnerability.vendors == ("acme", "example soft")
    assert vulnerability.products == ("widget", "widget pro", "ärger")
    assert winner(vulnerability, "vendors") == "nvd+mitre+cisa"
    assert winner(vulnerability, "products") == "nvd+mitre+cisa+euvd"


@pytest.mark.parametrize(
    ("by_nvd", "by_mitre", "vendors", "others"),
    [
        ("apache", "Apache Software Foundation", ("apache",), ("apache software foundation",)),
        ("oracle", "Oracle Corporation", ("oracle",), ("oracle corporation",)),
        ("sap", "SAP_SE", ("sap",), ("sap se",)),
        ("redhat", "Red Hat", ("redhat",), ("red hat",)),
        ("linux", "Linux Foundation", ("linux", "linux foundation"), ()),
        ("n/a", "[unknown]", (), ()),
        ("-", "unspecified", (), ()),
    ],
)
def test_spellings_of_one_vendor_unite_and_all_are_kept(
    by_nvd: str, by_mitre: str, vendors: tuple[str, ...], others: tuple[str, ...]
) -> None:
    for records in permutations((nvd(Claim(vendors=(by_nvd,))), mitre(Claim(vendors=(by_mitre,))))):
        vulnerability = merged(*records)
        assert (vulnerability.vendors, vulnerability.details.other_names) == (vendors, others)


def test_spellings_of_one_product_unite_and_signs_that_matter_separate() -> None:
    names = ("File_Manager", "file-manager", "C++", "C", "unknown")
    vulnerability = merged(nvd(Claim(products=names)))
    assert vulnerability.products == ("c", "c++", "file manager")
    assert vulnerability.details.other_names == ("file-manager",)


# -- tags and analysis ------------------------------------------------------------------------------------------------
def test_tags_of_the_cna_and_of_nvd_are_united() -> None:
    by_nvd = nvd(Claim(tags=(Tag.UNSUPPORTED, Tag.DISPUTED)))
    vulnerability = merged(mitre(Claim(tags=(Tag.DISPUTED,))), by_nvd)
    assert vulnerability.tags == (Tag.DISPUTED, Tag.UNSUPPORTED)
    assert winner(vulnerability, "tags") == "mitre+nvd"
    assert merged(nvd(Claim())).tags == ()


@pytest.mark.parametrize("status", ["Awaiting Analysis", "Deferred", "Undergoing Analysis", "Received", "Analyzed"])
def test_the_status_is_nvds(status: str) -> None:
    vulnerability = merged(nvd(Claim(analysis=status)), mitre(Claim(analysis="not asked")))
    assert (vulnerability.nvd_status, winner(vulnerability, "nvd_status")) == (status, "nvd")
    assert merged(mitre(Claim())).nvd_status == ""


# -- text -------------------------------------------------------------------------------------------------------------
def test_text_is_plain() -> None:
    vulnerability = merged(
        mitre(Claim(title="Tom &amp; <b>Jerry</b>", description="<p>First &lt;one&gt;.</p><p>Second</p>")),
        listed(required_action="<p>Apply &quot;updates&quot;</p>", notes="https://example.com/?a=1&amp;b=2"),
    )
    assert (vulnerability.title, vulnerability.description) == ("Tom & Jerry", "First <one>.\nSecond")
    assert vulnerability.details.required_action == 'Apply "updates"'
    assert vulnerability.details.kev_notes == "https://example.com/?a=1&b=2"


def test_affected_products_are_listed_once_each_with_their_source() -> None:
    cpe = Affected(cpe="cpe:2.3:a:example:widget:*:*:*:*:*:*:*:*", version_end_excluding="2")
    words = Affected(vendor="Example", product="Widget", versions=("all before 2",))
    in_words = Claim(affected=(words,))
    vulnerability = merged(euvd(in_words), mitre(in_words), nvd(Claim(affected=(cpe, cpe))))
    assert [(entry.source, entry.product) for entry in vulnerability.details.affected_products] == [
        (Source.NVD, cpe),
        (Source.MITRE, words),
        (Source.EUVD, words),
    ]


def test_a_product_of_several_configurations_is_listed_once() -> None:
    cpe = Affected(cpe="cpe:2.3:a:example:widget:*:*:*:*:*:*:*:*")
    twice = tuple(replace(cpe, configuration=number) for number in (1, 2))
    vulnerability = merged(nvd(Claim(affected=twice)))
    assert [entry.product for entry in vulnerability.details.affected_products] == [cpe]


def test_nvds_copy_of_the_cnas_products_is_listed_where_the_record_itself_is_missing() -> None:
    words, copied = (Affected(vendor="Example", product="Widget", origin=origin) for origin in (None, Origin.CNA))
    copy = nvd(Claim(repeated=(copied,)))
    assert [entry.product for entry in merged(copy).details.affected_products] == [copied]
    both = merged(copy, mitre(Claim(affected=(words,))))
    assert [(entry.source, entry.product) for entry in both.details.affected_products] == [(Source.MITRE, words)]


# -- references -------------------------------------------------------------------------------------------------------
def test_references_are_united_by_address_with_all_tags_and_sources() -> None:
    by_the_cna = ReferenceClaim("https://EXAMPLE.com/a/", ("vendor-advisory",)), ReferenceClaim("https://example.com/b")
    vulnerability = merged(
        mitre(Claim(references=by_the_cna)),
        nvd(Claim(references=(ReferenceClaim("https://example.com/a", ("Patch", "Exploit")),))),
        record(Feed.KEV, Claim(references=(ReferenceClaim("https://example.com:443/a"),))),
    )
    first, second = vulnerability.details.references
    assert (first.url, first.tags) == ("https://example.com/a", ("Exploit", "Patch", "vendor-advisory"))
    assert first.source == (Source.NVD, Source.MITRE, Source.CISA)
    assert (second.url, second.source) == ("https://example.com/b", (Source.MITRE,))


def test_one_source_that_repeats_itself_is_named_once() -> None:
    twice = ReferenceClaim("https://example.com/a", ("x", "x")), ReferenceClaim("https://example.com/a/")
    vulnerability = merged(nvd(Claim(references=twice)))
    (entry,) = vulnerability.details.references
    assert (entry.tags, entry.source) == (("x",), (Source.NVD,))


def test_an_empty_reference_is_none() -> None:
    assert merged(nvd(Claim(references=(ReferenceClaim(" "),)))).details.references == ()


# -- aliases ----------------------------------------------------------------------------------------------------------
def test_aliases_are_united_without_cve_ids() -> None:
    vulnerability = merged(
        mapped("EUVD-2024-7001"),
        euvd(Claim(aliases=("GHSA-2222-3333-4444", CVE, "CVE-2024-10002")), "EUVD-2024-7000"),
    )
    assert vulnerability.details.aliases == ("EUVD-2024-7000", "EUVD-2024-7001", "GHSA-2222-3333-4444")
    assert winner(vulnerability, "aliases") == "euvd"


# -- several records of EUVD ------------------------------------------------------------------------------------------
def test_the_newest_of_several_euvd_records_speaks_first() -> None:
    vulnerability = merged(
        euvd(Claim(description="older", modified_at=EARLY), "EUVD-2024-1"),
        euvd(Claim(description="newer", modified_at=LATE), "EUVD-2024-2"),
        euvd(Claim(description="undated"), "EUVD-2024-0"),
    )
    assert vulnerability.description == "newer"


def test_of_equally_old_euvd_records_the_first_by_id_speaks() -> None:
    records = [euvd(Claim(description=key, modified_at=EARLY), key) for key in ("EUVD-2024-2", "EUVD-2024-1")]
    assert merged(*records).description == "EUVD-2024-1"


# -- words ------------------------------------------------------------------------------------------------------------
def test_the_rule_of_each_field_is_said_in_words() -> None:
    fields = {*MergedVulnerability.__struct_fields__, *Details.__struct_fields__}
    assert RULES_IN_WORDS.keys() == fields - {"cve_id", "sources", "details", "provenance"}
    assert all(sentence.endswith(".") for sentence in RULES_IN_WORDS.values())
