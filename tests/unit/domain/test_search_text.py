"""What a search text finds, and in which order of kinds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.contract.names import Source, Tag
from backend.domain.claims import Affected, RecordState
from backend.domain.search_text import (
    MAX_QUERY_WORDS,
    MAX_WORD,
    REJECTED,
    Facet,
    product_facet,
    read_text,
    search_words,
    vendor_facet,
    weakness_facet,
)
from backend.domain.vulnerability import AffectedEntry, Details, ReferenceEntry
from tests.fakes.search_index import grade_of
from tests.fakes.vulnerabilities import vulnerability


def finds(query: str, text: str) -> bool:
    return grade_of(vulnerability("CVE-2024-1234", title=text), query) is not None


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("apache", "Apache HTTP Server"),
        ("http apa", "Apache HTTP Server"),
        ("CVE-2024-1234", "anything"),
        ("cve-2024-12", "anything"),
        ("2024-12", "anything"),
        ("1234", "anything"),
        ("log4j", "Log4j2 JNDI"),
        ("strasse", "Straße"),
        ("\uff26\uff35\uff2c\uff2c", "full width"),
        ("资料", "资料库"),
        ("cve-2021-44228", "An incomplete fix of CVE-2021-44228"),
        ("2024-12", "Firmware of 2024-12-31"),
        ("10.0.19041", "Windows 10.0.19041.1"),
        ("CWE-79", "An instance of CWE-79."),
    ],
)
def test_finds(query: str, text: str) -> None:
    assert finds(query, text)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("ache", "Apache"),
        ("apache tomcat", "Apache HTTP Server"),
        ("CVE-2024-123456", "anything"),
        ("2024-9", "anything"),
        ("", "anything"),
    ],
)
def test_does_not_find(query: str, text: str) -> None:
    assert not finds(query, text)


@pytest.mark.parametrize(
    ("query", "found", "others"),
    [
        (
            "2.17.1",
            ["Zorp before 2.17.1 leaks", "Fixed in v2.17.1.", "zorp-2.17.1.jar"],
            ["Room 17 server 1 port 2000"],
        ),
        ("v1.2", ["up to 1.2"], ["1 2", "version 21.2"]),
        ("1.0.0-beta", ["Frob 1.0.0-beta2"], ["Frob 1.0.0"]),
        (".NET", ["Flaw in .NET 8", "A flaw (.net)"], ["Network card", "the net"]),
        ("ASP.NET", ["ASP.NET Core", "aspnet core"], ["asp and net"]),
        ("C++", ["the C++ parser", "c++."], ["Camera crash", "a C compiler", "C# code"]),
        ("C#", ["a C# library"], ["C++", "c"]),
        ("node.js", ["Node.js before 20", "nodejs"], ["a node of js"]),
        ("notepad++", ["Notepad++ 8.5"], ["Notepad"]),
        ("vue.js", ["Vue.js 3"], ["a vue, js"]),
        ("example.com", ["www.example.com/path", "see example.com."], ["an example, com port"]),
        ("漏洞", ["某产品存在漏洞可执行", "漏洞"], ["某产品存在漏", "洞漏"]),
        ("洞", ["存在漏洞"], ["漏"]),
        ("テスト", ["これはテストです"], ["テス", "スト"]),
        ("취약", ["심각한취약점이"], ["취 약"]),
        ("SQL注入", ["存在SQL注入漏洞"], ["注入"]),
    ],
)
def test_versions_names_with_signs_and_words_without_spaces_are_words(
    query: str, found: list[str], others: list[str]
) -> None:
    assert [text for text in (*found, *others) if finds(query, text)] == found


@pytest.mark.parametrize("text", ['"', "*", '" * "', "-- !", "?!", "%", "++", "  ", ""])
def test_signs_alone_ask_for_nothing(text: str) -> None:
    assert read_text(text) is None


@pytest.mark.parametrize(
    ("query", "texts"),
    [
        ("linux", ["Linux kernel", "linuxserver"]),
        ("2.17.1", ["zorp 2.17.1", "zorp 2.17.10"]),
        ("c", ["written in c", "camera"]),
        ("node.js", ["node.js", "node.jsx", "nodejs"]),
        ("frob zorp", ["frob zorp", "frobber zorp"]),
    ],
)
def test_whole_words_come_before_their_beginnings(query: str, texts: list[str]) -> None:
    grades = [grade_of(vulnerability("CVE-2024-1", title=text), query) for text in texts]
    assert grades == [0, *[1] * (len(texts) - 1)]


def grades(query: str, *ids: str, mention: str = "") -> list[int | None]:
    rows = [vulnerability(name) for name in ids] + ([vulnerability("CVE-1999-1", title=mention)] if mention else [])
    return [grade_of(row, query) for row in rows]


@pytest.mark.parametrize(
    "query",
    [
        "CVE-2024-1234",
        "cve-2024-1234",
        " Cve 2024 1234 ",
        "CVE_2024_1234",
        "CVE\u20132024\u20131234",
        "CVE\u20112024\u20111234",
        "https://nvd.nist.gov/vuln/detail/CVE-2024-1234",
        "https://www.cve.org/CVERecord?id=cve-2024-1234#top",
        "(CVE-2024-1234)",
        "see CVE-2024-1234 in widget",
    ],
)
def test_an_id_is_understood_as_it_is_pasted(query: str) -> None:
    found = grades(query, "CVE-2024-1234", "CVE-2024-12345", "CVE-2024-1235", mention="Incomplete fix of CVE-2024-1234")
    assert found == [0, 1, None, 2]


@pytest.mark.parametrize(
    "query",
    [
        "CVE-2024-1234, CVE-2024-1235",
        "CVE-2024-1235 CVE-2024-1234",
        "CVE-2024-1234\nCVE-2024-1235\n",
        "https://a.example/CVE-2024-1234 and https://b.example/CVE-2024-1235",
        "CVE-2024-1234;cve-2024-1235;CVE-2024-1234",
    ],
)
def test_several_ids_find_exactly_these(query: str) -> None:
    assert grades(query, "CVE-2024-1234", "CVE-2024-1235", "CVE-2024-12345", mention="CVE-2024-1234") == [
        0,
        0,
        None,
        None,
    ]


def test_the_beginning_of_an_id_finds_ids_before_texts() -> None:
    assert grades("cve-2024-12", "CVE-2024-1234", "CVE-2024-1300", mention="like CVE-2024-1234") == [0, None, 1]


@pytest.mark.parametrize("query", ["2024-1234", "2024-123", "cve20241234", "cve 2024 1234", "1234", "cve 1234"])
def test_an_id_is_found_without_its_kind_or_its_hyphens(query: str) -> None:
    found = grades(query, "CVE-2024-1234", "CVE-2023-1235", mention="a fix of CVE-2024-1234")
    assert found[0] is not None
    assert found[1] is None
    assert found[2] is not None


@pytest.mark.parametrize("query", ["ghsa-jfh8", "GHSA-jfh8-c2", "ghsa-jfh8-c2jp-5v3"])
def test_the_beginning_of_an_advisory_finds_it(query: str) -> None:
    row = vulnerability("CVE-2024-1", details=Details(aliases=("GHSA-jfh8-c2jp-5v3q",)))
    assert grade_of(row, query) == 0
    assert grade_of(vulnerability("CVE-2024-2", details=Details(aliases=("GHSA-2222-c2jp-5v3q",))), query) is None


@pytest.mark.parametrize("alias", ["EUVD-2026-900", "GHSA-2222-3333-4444", "EUVD-2025-1", "GHSA-jfh8-c2jp-5v3q"])
def test_other_ids_of_a_record_find_it(alias: str) -> None:
    row = vulnerability("CVE-2024-1234", details=Details(aliases=(alias,)))
    for query in (alias, alias.lower(), f"https://example.com/{alias}", f"{alias}, CVE-2024-9999"):
        assert grade_of(row, query) == 0
    assert grade_of(vulnerability("CVE-2024-1"), alias) is None


def test_an_advisory_in_an_address_mentions_it() -> None:
    url = "https://github.com/advisories/GHSA-jfh8-c2jp-5v3q"
    row = vulnerability("CVE-2024-1", details=Details(references=(ReferenceEntry(url, (), (Source.MITRE,)),)))
    assert grade_of(row, "ghsa-jfh8-c2jp-5v3q") == 1


@pytest.mark.parametrize(
    "query",
    [
        "CWE-79",
        "cwe-79",
        "CWE 79",
        "cwe79",
        "CWE-0079",
        "https://cwe.mitre.org/data/definitions/79.html",
        "CWE-20 CWE-79",
    ],
)
def test_a_weakness_finds_all_that_have_it(query: str) -> None:
    assert grade_of(vulnerability("CVE-2024-1", cwe_ids=("CWE-79",)), query) == 0
    assert grade_of(vulnerability("CVE-2024-1", cwe_ids=("CWE-790",)), query) is None


def test_a_weakness_and_words_must_both_match() -> None:
    row = vulnerability("CVE-2024-1", cwe_ids=("CWE-79",), title="Plugin")
    assert grade_of(row, "CWE-79 plugin") == 0
    assert grade_of(row, "CWE-79 theme") is None


@pytest.mark.parametrize("text", ["79", "CWE-79", "cwe-79", "CWE 79", " cwe79 ", "0079"])
def test_a_weakness_may_be_given_as_its_number(text: str) -> None:
    assert weakness_facet(text) == Facet.CWE.of("CWE-79")


@pytest.mark.parametrize(
    "query",
    [
        "cpe:2.3:a:zorp_co:zorp:2.16:*:*:*:*:*:*:*",
        "CPE:2.3:a:Zorp_Co:zorp",
        "cpe:2.3:a:zorp_co:*:*",
        "cpe:2.3:*:*:zorp:-:*",
        "cpe:/a:zorp_co:zorp:2.16",
        "cpe:/a:zorp%5fco:zorp",
        "affected: cpe:2.3:a:zorp_co:zorp:1.0:*:*:*:*:*:*:* zorp",
    ],
)
def test_a_cpe_name_finds_vendor_and_product(query: str) -> None:
    words = {"title": "affected: zorp"}
    assert grade_of(vulnerability("CVE-2024-1", vendors=("zorp co",), products=("zorp",), **words), query) == 0
    assert grade_of(vulnerability("CVE-2024-1", vendors=("other",), products=("others",), **words), query) is None


def packaged(**named: str) -> Details:
    return Details(affected_products=(AffectedEntry(Source.MITRE, Affected(**named)),))


@pytest.mark.parametrize(
    ("query", "named", "grade"),
    [
        ("zorbl", {"package": "org.zorbl:zorbl-core"}, 0),
        ("org.zorbl:zorbl-core", {"package": "org.zorbl:zorbl-core"}, 0),
        ("quuxlib", {"purl": "pkg:pypi/quuxlib"}, 0),
        ("pkg:pypi/quuxlib", {"purl": "pkg:pypi/quuxlib"}, 0),
        ("pkg:pypi/quuxlib@1.2?x=y#z", {"purl": "pkg:PyPI/QuuxLib"}, 0),
        ("pkg:npm/%40frob/core", {"purl": "pkg:npm/%40frob/core"}, 0),
        ("pkg:npm/frob", {"package": "frob"}, 1),
        ("pkg:maven/org.zorbl/zorbl-core", {"package": "org.zorbl:zorbl-core"}, 1),
        ("pkg:pypi/other", {"purl": "pkg:pypi/quuxlib"}, None),
    ],
)
def test_packages_are_found_by_name_and_url(query: str, named: dict[str, str], grade: int | None) -> None:
    assert grade_of(vulnerability("CVE-2024-1", details=packaged(**named)), query) == grade


def test_a_package_is_found_as_a_product() -> None:
    document = search_words(vulnerability("CVE-2024-1", details=packaged(package="org.zorbl:zorbl-core"))).split(" ")
    assert {product_facet("zorbl-core"), product_facet("org.zorbl:zorbl-core")} <= set(document)


def test_every_field_gives_its_words() -> None:
    document = search_words(
        vulnerability(
            "CVE-2024-1234",
            title="tiger",
            description="lion",
            vendors=("bear",),
            products=("wolf",),
            details=Details(aliases=("GHSA-abcd-efgh",), other_names=("grizzly",)),
        )
    ).split(" ")
    assert {
        "tiger",
        "lion",
        "bear",
        "grizzly",
        "wolf",
        "cve",
        "2024",
        "1234",
        "i=cve-2024-1234",
        "i=ghsa-abcd-efgh",
    } <= set(document)
    assert len(document) == len(set(document))


def test_a_facet_is_a_whole_name_and_no_word() -> None:
    row = vulnerability(
        "CVE-2024-1",
        state=RecordState.REJECTED,
        vendors=("apache software foundation",),
        products=("a/b 'c' \"d\"",),
        cwe_ids=("CWE-79",),
        tags=(Tag.DISPUTED,),
        nvd_status="Awaiting Analysis",
    )
    document = set(search_words(row).split(" "))
    assert {vendor_facet("Apache"), product_facet("A/B 'c' \"D\""), Facet.CWE.of("cwe-79")} <= document
    assert {Facet.TAG.of("disputed"), Facet.NVD_STATUS.of("awaiting analysis"), REJECTED} <= document
    assert vendor_facet("apache group") not in document
    assert grade_of(row, "v=apache") is None
    assert not {REJECTED, Facet.NVD_STATUS.of("")} & set(search_words(vulnerability("CVE-2024-1")).split(" "))


def test_a_word_that_begins_another_asks_for_nothing_more() -> None:
    assert read_text("linux li lin kernel") == read_text("linux kernel")


def test_what_is_asked_and_stored_has_bounds() -> None:
    many = read_text(" ".join(f"x{number}y" for number in range(1000)))
    assert many is not None
    assert len(many.matches.parts) == MAX_QUERY_WORDS
    assert finds("a" * 500, "a" * 500)
    assert finds("1.2" * 100, "1.2" * 100)
    assert max(map(len, search_words(vulnerability("CVE-2024-1", title="a" * 500)).split(" "))) == MAX_WORD
    long = vulnerability(
        "CVE-2024-1", vendors=("kept",), description=" ".join(f"word{number}" for number in range(60_000))
    )
    assert len(search_words(long)) <= 200_000
    assert vendor_facet("kept") in search_words(long).split(" ")


@given(st.text())
def test_any_text_with_words_finds_itself(text: str) -> None:
    assert finds(text, text) or read_text(text) is None or _has_own_meaning(text)


def _has_own_meaning(text: str) -> bool:
    """Whether a text names ids, weaknesses or products instead of words."""
    return any(sign in text.lower() for sign in ("cve", "euvd", "ghsa", "cwe", "cpe:", "pkg:"))


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1))
def test_tokens_are_never_empty_and_hold_no_blank(name: str) -> None:
    document = search_words(vulnerability("CVE-2024-1", vendors=(name,), title=name))
    assert all(token and token.split() == [token] for token in document.split(" "))
