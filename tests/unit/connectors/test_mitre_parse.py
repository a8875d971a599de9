from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest

from backend.connectors.connector import Parsed, ParseError, RawRecord
from backend.connectors.mitre.parse import parse, updated_at
from backend.contract.names import Tag
from backend.domain.claims import (
    Affected,
    Claim,
    Exploitation,
    Origin,
    RecordState,
    ReferenceClaim,
    Score,
    Weakness,
    decode_claim,
    encode_claim,
)
from tests.fakes.feed_mitre import record
from tests.fakes.feed_model import Json

CVE = "CVE-2024-10000"
VECTOR = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"


def parsed(value: object) -> Parsed:
    return parse(RawRecord(CVE, json.dumps(value).encode(), CVE))


def claim_of(value: object) -> Claim:
    ((vulnerability_id, claim),) = parsed(value).claims
    assert vulnerability_id == CVE
    assert decode_claim(encode_claim(claim)) == claim
    return claim


def claim(**cna: object) -> Claim:
    return claim_of(record(CVE, **cna))


def with_metadata(**metadata: object) -> Json:
    value = record(CVE)
    value["cveMetadata"] |= metadata
    return value


def with_adp(short_name: str, **content: object) -> Json:
    value = record(CVE)
    value["containers"]["adp"] = [{"providerMetadata": {"shortName": short_name}, **content}]
    return value


def ssvc(content: object) -> Json:
    return with_adp("CISA-ADP", metrics=[{"other": {"type": "ssvc", "content": content}}])


class TestPublishedRecord:
    def test_becomes_a_claim(self) -> None:
        assert claim() == Claim(
            title=f"Frob Server has flaw {CVE}",
            description=f"Flaw {CVE} of Frob.",
            published_at=datetime(2024, 2, 1, tzinfo=UTC),
            modified_at=datetime(2025, 1, 2, 3, 4, 5, 678000, tzinfo=UTC),
            scores=(Score(Origin.CNA, "3.1", VECTOR, 9.8),),
            weaknesses=(Weakness(Origin.CNA, "CWE-306"),),
            vendors=("Examplesoft",),
            products=("Frob Server",),
            affected=(
                Affected(
                    vendor="Examplesoft",
                    product="Frob Server",
                    versions=("all before 2.0",),
                    default_status="unaffected",
                ),
            ),
            references=(ReferenceClaim("https://example.com/advisory", ("vendor-advisory",)),),
        )

    def test_may_leave_nearly_everything_out(self) -> None:
        bare = {"cveMetadata": {"cveId": CVE}, "containers": {"cna": {}}}
        assert claim_of(bare) == Claim()
        assert parsed(bare).mended == []

    def test_unknown_fields_are_ignored(self) -> None:
        value = record(CVE, x_new=[1, {"a": None}])
        value |= {"dataVersion": "9.9", "x": {}}
        value["cveMetadata"]["serial"] = 7
        assert claim_of(value) == claim()

    def test_is_described_in_english_or_else_in_any_language(self) -> None:
        german, english = {"lang": "de", "value": "Fehler"}, {"lang": "en", "value": " A flaw \n"}
        assert claim(descriptions=[german, english]).description == "A flaw"
        assert claim(descriptions=[german]).description == "Fehler"
        assert claim(descriptions=[]).description == ""

    def test_of_200_kilobytes_lands(self) -> None:
        assert len(claim(descriptions=[{"lang": "en", "value": "x" * 200_000}]).description) == 200_000

    def test_text_that_cannot_be_stored_is_mended(self) -> None:
        assert claim(title="a\0b\ud800").title == "a\ufffdb\ufffd"


class TestRejectedRecord:
    def test_tells_why(self) -> None:
        value = {
            "cveMetadata": {"cveId": CVE, "state": "REJECTED", "dateRejected": "2024-05-01T00:00:00"},
            "containers": {"cna": {"rejectedReasons": [{"lang": "en", "value": "Not a flaw."}]}},
        }
        assert claim_of(value) == Claim(
            state=RecordState.REJECTED, description="Not a flaw.", modified_at=datetime(2024, 5, 1, tzinfo=UTC)
        )


class TestDates:
    def test_an_odd_one_is_reported_and_the_record_lands(self) -> None:
        odd = parsed(with_metadata(datePublished="0001-01-01T00:00:00", dateUpdated="2024-05-01T10:00:00-05:00"))
        assert odd.mended == ["datePublished: implausible year: 1"]
        parsed_claim = odd.claims[0][1]
        assert (parsed_claim.published_at, parsed_claim.modified_at) == (None, datetime(2024, 5, 1, 15, tzinfo=UTC))

    def test_the_version_of_a_record_is_known_without_reading_all_of_it(self) -> None:
        assert updated_at(json.dumps(record(CVE)).encode()) == claim().modified_at
        assert updated_at(b"{}") is None


class TestScores:
    def test_all_versions_of_all_speakers_are_kept(self) -> None:
        v4, v2 = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", "AV:N/AC:L/Au:N/C:P/I:P/A:P"
        value = with_adp("CISA-ADP", metrics=[{"cvssV3_1": {"vectorString": VECTOR, "baseScore": 9.8}}])
        value["containers"]["cna"]["metrics"] = [
            {"cvssV4_0": {"vectorString": v4, "baseScore": 9.3}, "format": "CVSS"},
            {"cvssV2_0": {"vectorString": v2}},
            {"cvssV2_0": {"vectorString": v2}},
        ]
        assert claim_of(value).scores == (
            Score(Origin.CNA, "4.0", v4, 9.3),
            Score(Origin.CNA, "2.0", v2),
            Score(Origin.CISA_ADP, "3.1", VECTOR, 9.8),
        )

    def test_words_of_ones_own_are_no_score(self) -> None:
        assert claim(metrics=[{"other": {"type": "Red Hat severity rating", "content": "Important"}}]).scores == ()

    def test_only_cisa_is_heard_among_the_adps(self) -> None:
        assert len(claim_of(with_adp("CVE", metrics=[{"cvssV3_1": {"vectorString": VECTOR}}])).scores) == 1


class TestTags:
    @pytest.mark.parametrize(
        ("given", "tags"),
        [
            (["disputed"], (Tag.DISPUTED,)),
            (["unsupported-when-assigned", "disputed"], (Tag.UNSUPPORTED, Tag.DISPUTED)),
            (["exclusively-hosted-service", "exclusively-hosted-service"], (Tag.HOSTED,)),
            (["x_open-source", "disputed"], (Tag.DISPUTED,)),
            (["Disputed"], ()),
            ([], ()),
        ],
    )
    def test_are_those_of_the_record_format(self, given: list[str], tags: tuple[Tag, ...]) -> None:
        assert claim(tags=given).tags == tags


class TestScenarios:
    @pytest.mark.parametrize(
        ("named", "scenario"),
        [
            (["GENERAL"], ""),
            (["General. "], ""),
            (["rrdp-keep-responses enabled"], "rrdp-keep-responses enabled"),
            (["On Windows", "GENERAL"], ""),
            (["On Windows ", "On Linux"], "On Windows; On Linux"),
        ],
    )
    def test_the_general_one_is_none(self, named: list[str], scenario: str) -> None:
        scenarios = [{"lang": "en", "value": name} for name in named]
        metric = {"scenarios": scenarios, "cvssV3_1": {"vectorString": VECTOR, "baseScore": 9.8}}
        assert [score.scenario for score in claim(metrics=[metric]).scores] == [scenario]

    def test_none_is_needed(self) -> None:
        assert [score.scenario for score in claim().scores] == [""]


class TestWeaknesses:
    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ({"cweId": "CWE-79", "description": "XSS"}, ["CWE-79"]),
            ({"description": "CWE-79 Cross-site Scripting"}, ["CWE-79"]),
            ({"description": "CWE-79"}, ["CWE-79"]),
            ({"description": "n/a"}, []),
            ({"description": "Path traversal (CWE-22)"}, ["CWE-22"]),
            ({"description": "Cross-site scripting, cwe-79 and CWE 0080."}, ["CWE-79", "CWE-80"]),
            ({"cweId": "79"}, []),
            ({"cweId": "CWE-20", "description": "CWE-20, child of CWE-707"}, ["CWE-20"]),
            ({"description": "NVD-CWE-noinfo"}, []),
            ({"description": "XCWE-79"}, []),
            ({"cweId": "", "description": "CWE-20: Improper Input"}, ["CWE-20"]),
            ({}, []),
        ],
    )
    def test_are_named_by_id_or_anywhere_in_the_text(self, name: Json, expected: list[str]) -> None:
        parsed_claim = claim(problemTypes=[{"descriptions": [name, name]}])
        assert [weakness.cwe_id for weakness in parsed_claim.weaknesses] == expected

    def test_tell_who_named_them(self) -> None:
        value = with_adp("CISA-ADP", problemTypes=[{"descriptions": [{"cweId": "CWE-862"}]}])
        assert claim_of(value).weaknesses == (Weakness(Origin.CNA, "CWE-306"), Weakness(Origin.CISA_ADP, "CWE-862"))


class TestAffected:
    @pytest.mark.parametrize(
        ("version", "expected"),
        [
            ({"version": "4.12", "status": "affected"}, "4.12"),
            ({"version": "4.12"}, "4.12"),
            ({"version": "n/a", "status": "affected"}, "n/a"),
            ({"version": "1.0", "lessThan": "2.0"}, "1.0 to before 2.0"),
            ({"version": "1.0", "lessThanOrEqual": "2.0"}, "1.0 to 2.0"),
            ({"version": "0", "lessThan": "2.0"}, "all before 2.0"),
            ({"version": "unspecified", "lessThanOrEqual": "2.0"}, "all up to 2.0"),
            ({"version": "3", "lessThan": "*"}, "3 and later"),
            ({"version": "0", "lessThan": "*"}, "all"),
            ({"version": "2.1", "status": "unaffected"}, "unaffected: 2.1"),
            (
                {"version": "2", "lessThan": "3", "changes": [{"at": "2.4", "status": "unaffected"}]},
                "2 to before 3, unaffected from 2.4",
            ),
            ({}, ""),
        ],
    )
    def test_versions_are_told_in_words(self, version: Json, expected: str) -> None:
        parsed_claim = claim(affected=[{"vendor": "v", "product": "p", "versions": [version]}])
        assert parsed_claim.affected[0].versions == (expected,)

    def test_a_package_may_stand_in_place_of_a_product(self) -> None:
        parsed_claim = claim(
            affected=[{"packageName": "frob", "collectionURL": "https://packages.example", "platforms": ["Linux"]}]
        )
        assert parsed_claim.affected == (Affected(package="frob", platforms=("Linux",)),)
        assert (parsed_claim.vendors, parsed_claim.products) == ((), ("frob",))

    @pytest.mark.parametrize(
        ("purl", "product"),
        [
            ("pkg:pypi/frob", ("frob",)),
            ("pkg:npm/%40frob/core", ("core",)),
            ("pkg:maven/org.frob/frob-core@1.0?type=jar#x", ("frob-core",)),
            ("pkg:golang/example.com/frob/v2", ("v2",)),
            ("frob", ()),
        ],
    )
    def test_a_package_url_may_stand_in_place_of_both(self, purl: str, product: tuple[str, ...]) -> None:
        parsed_claim = claim(affected=[{"packageURL": purl}])
        assert parsed_claim.affected == (Affected(purl=purl),)
        assert parsed_claim.products == product

    @pytest.mark.parametrize(
        ("stated", "unaffected"),
        [
            ({"defaultStatus": "unaffected"}, True),
            ({"versions": [{"version": "1.0", "status": "unaffected"}]}, True),
            ({"defaultStatus": "unaffected", "versions": [{"version": "1", "status": "unaffected"}]}, True),
            ({"defaultStatus": "unaffected", "versions": [{"version": "1", "status": "affected"}]}, False),
            ({"defaultStatus": "affected", "versions": [{"version": "2", "status": "unaffected"}]}, False),
            ({"defaultStatus": "unknown", "versions": [{"version": "2", "status": "unaffected"}]}, False),
            ({"defaultStatus": "unaffected", "versions": [{"version": "1", "status": "unknown"}]}, False),
            (
                {
                    "versions": [
                        {"version": "0", "status": "unaffected", "changes": [{"at": "1.1", "status": "affected"}]}
                    ]
                },
                False,
            ),
            ({}, False),
        ],
    )
    def test_a_product_called_unaffected_is_marked_and_none_of_the_record(
        self, stated: Json, *, unaffected: bool
    ) -> None:
        entry = {"vendor": "V", "product": "p", "cpes": ["cpe:2.3:a:v:p", "cpe:2.3:o:v:p"], **stated}
        parsed_claim = claim(affected=[entry])
        assert {affected.vulnerable for affected in parsed_claim.affected} == {not unaffected}
        assert (parsed_claim.vendors, parsed_claim.products) == (((), ()) if unaffected else (("V",), ("p",)))

    def test_every_vendor_and_product_is_named_once(self) -> None:
        parsed_claim = claim(
            affected=[{"vendor": "A", "product": "x"}, {"vendor": "A", "product": "y"}, {"vendor": "B"}]
        )
        assert (parsed_claim.vendors, parsed_claim.products) == (("A", "B"), ("x", "y"))

    @pytest.mark.parametrize(
        ("types", "expected"), [(["semver", "semver"], "semver"), (["semver", "custom"], ""), ([None, None], "")]
    )
    def test_the_type_of_the_versions_is_kept_where_they_share_it(self, types: list[str | None], expected: str) -> None:
        versions = [{"version": "1"} | ({"versionType": kind} if kind else {}) for kind in types]
        assert claim(affected=[{"vendor": "A", "versions": versions}]).affected[0].version_type == expected

    def test_each_cpe_name_is_kept(self) -> None:
        parsed_claim = claim(
            affected=[
                {
                    "vendor": "A",
                    "product": "x",
                    "cpes": ["cpe:2.3:a:a:x", "cpe:2.3:a:a:y"],
                    "versions": [{"version": "1"}],
                }
            ]
        )
        assert parsed_claim.affected == (
            Affected(cpe="cpe:2.3:a:a:x", vendor="A", product="x", versions=("1",)),
            Affected(cpe="cpe:2.3:a:a:y", vendor="A", product="x"),
        )

    def test_cisas_cpe_names_count_where_the_cna_gave_none(self) -> None:
        looked_up = [{"vendor": "examplesoft", "product": "frob", "cpes": ["cpe:2.3:a:examplesoft:frob"]}]
        value = with_adp("CISA-ADP", affected=looked_up)
        assert [(product.cpe, product.origin) for product in claim_of(value).affected] == [
            ("", None),
            ("cpe:2.3:a:examplesoft:frob", Origin.CISA_ADP),
        ]
        value["containers"]["cna"]["affected"][0]["cpes"] = ["cpe:2.3:a:cna:frob"]
        assert [product.cpe for product in claim_of(value).affected] == ["cpe:2.3:a:cna:frob"]


class TestReferences:
    def test_of_all_containers_are_united_without_noise(self) -> None:
        value = with_adp(
            "CVE",
            references=[
                {"url": "https://example.com/advisory", "tags": ["patch", "x_transferred", "x_refsource_MISC"]},
                {"url": " ftp://example.com/file ", "name": "file"},
                {"url": "see the manual"},
                {"url": ""},
            ],
        )
        assert claim_of(value).references == (
            ReferenceClaim("https://example.com/advisory", ("vendor-advisory", "patch")),
            ReferenceClaim("ftp://example.com/file"),
            ReferenceClaim("see the manual"),
        )


class TestExploitation:
    def test_cisa_tells_whether_it_is_exploited(self) -> None:
        value = ssvc(
            {"options": [{"Automatable": "no"}, {"Exploitation": "poc"}], "timestamp": "2024-11-20T16:55:21.818957Z"}
        )
        assert claim_of(value).exploitation == (Exploitation("cisa-ssvc", date(2024, 11, 20), "poc"),)

    def test_and_whether_its_catalogue_has_it(self) -> None:
        value = with_adp("CISA-ADP", metrics=[{"other": {"type": "kev", "content": {"dateAdded": "2022-09-14"}}}])
        assert claim_of(value).exploitation == (Exploitation("cisa-kev", date(2022, 9, 14)),)

    def test_nobody_else_is_heard(self) -> None:
        decided = {"type": "ssvc", "content": {"options": [{"Exploitation": "active"}]}}
        value = with_adp("other", metrics=[{"other": decided}])
        assert claim_of(value).exploitation == ()

    @pytest.mark.parametrize("content", [[], "active", {"options": "none"}, {"options": [7]}, 7, None])
    def test_an_unknown_shape_costs_only_itself(self, content: object) -> None:
        odd = parsed(ssvc(content))
        assert odd.claims[0][1] == claim()
        assert len(odd.mended) == 1
        assert odd.mended[0].startswith("ssvc of CISA-ADP")


class TestUnusableRecords:
    @pytest.mark.parametrize(
        "value",
        [
            None,
            [],
            7,
            "record",
            {},
            {"cveMetadata": {}},
            {"cveMetadata": [{"cveId": CVE}], "containers": {"cna": {}}},
            {"cveMetadata": {"cveId": 7}, "containers": {"cna": {}}},
            {"cveMetadata": {"cveId": None}, "containers": {"cna": {}}},
        ],
    )
    def test_are_parse_errors(self, value: object) -> None:
        with pytest.raises(ParseError):
            parsed(value)

    def test_one_of_another_id_than_its_files_name_is_not_believed(self) -> None:
        with pytest.raises(ParseError, match="CVE-2024-10001"):
            parsed(record("CVE-2024-10001"))

    @pytest.mark.parametrize("raw", [b"", b"{", b"404: Not Found", b"[" * 100_000])
    def test_so_is_what_is_no_json(self, raw: bytes) -> None:
        with pytest.raises(ParseError):
            parse(RawRecord(CVE, raw, CVE))
