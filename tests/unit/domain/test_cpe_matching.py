"""Reading and matching of CPE names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.cpe import ANY, NA, InvalidCpe, Pattern, literal, matches, parse, version_of


def name(version: str = "*", update: str = "*", product: str = "frob", target_sw: str = "*") -> str:
    return f"cpe:2.3:a:examplesoft:{product}:{version}:{update}:*:*:*:{target_sw}:*:*"


def test_a_formatted_string() -> None:
    read = parse(r"cpe:2.3:a:Example\:Soft:frob\/server:1.0\(2\):update_3:-:*:pro:windows:x64:*")
    assert read == ("a", "example:soft", "frob/server", "1.0(2)", "update_3", NA, ANY, "pro", "windows", "x64", ANY)


def test_literals_of_a_name() -> None:
    read = parse(name("1.0", "update_3", target_sw="fr*"))
    assert [literal(value) for value in (read.vendor, read.edition, read.target_sw)] == ["examplesoft", "", ""]
    assert (version_of(read), version_of(parse(name("1.0"))), version_of(parse(name("-", "sp1")))) == (
        "1.0 update_3",
        "1.0",
        "",
    )


def test_a_uri() -> None:
    read = parse("cpe:/a:examplesoft:frob%2fserver:1.0:-::en")
    assert read[:7] == ("a", "examplesoft", "frob/server", "1.0", NA, ANY, "en")
    assert parse("cpe:/o:examplesoft:frob") == ("o", "examplesoft", "frob", *[ANY] * 8)


def test_a_uri_whose_edition_holds_more_attributes() -> None:
    read = parse("cpe:/a:examplesoft:frob:1.0:sp1:~home~pro~windows~x64~")
    assert read[3:] == ("1.0", "sp1", "home", ANY, "pro", "windows", "x64", ANY)


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("cpe:2.3:a:v:fr*", Pattern(0, "fr", None)),
        ("cpe:2.3:a:v:?fr??", Pattern(1, "fr", 2)),
        (r"cpe:2.3:a:v:*fr\*", Pattern(None, "fr*", 0)),
        ("cpe:/a:v:fr%02", Pattern(0, "fr", None)),
        ("cpe:/a:v:%01%01fr", Pattern(2, "fr", 0)),
    ],
)
def test_wildcards(text: str, pattern: Pattern) -> None:
    assert parse(text).product == pattern


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "cpe:2.3:",
        "cpe:2.3:a:v",
        "cpe:2.3:x:v:p:1",
        "cpe:2.3:a:v::1",
        "cpe:2.3:a:v:p*q:1",
        "cpe:2.3:a:v:p?q:1",
        "cpe:2.3:a:v:p\\",
        "cpe:2.3:a:v:p q:1",
        "cpe:2.3:a:v:p\x00:1",
        "cpe:2.3:a:v:p" + ":*" * 9,
        "cpe:/a:v",
        "cpe:/",
        "cpe:/a:v:p%0a",
        "cpe:2.2:a:v:p:1",
        "cpe:2.3:a:v:" + "p" * 2_000,
    ],
)
def test_what_is_no_name(text: str) -> None:
    with pytest.raises(InvalidCpe):
        parse(text)
    assert not matches(text, name("1.0"))
    assert not matches(name(), text)


@pytest.mark.parametrize(
    ("stated", "component", "matching"),
    [
        (name("1.0"), name("1.0"), True),
        (name("1.0"), name("1.0.0"), True),
        (name("1.0"), name("1.1"), False),
        (name("1.0"), "cpe:/a:examplesoft:frob:1.0", True),
        (name("1.0"), "CPE:2.3:A:ExampleSoft:Frob:1.0", True),
        (name("1.0"), name("1.0", product="frob_server"), False),
        (name(), name("1.0"), True),
        (name("-"), name("1.0"), False),
        (name("1.0"), name("-"), False),
        (name(), name("-"), True),
        (name("-"), name(), True),
        (name("-"), name("-"), True),
        (name("1.*"), name("1.7"), True),
        (name("1.*"), name("2.7"), False),
        (name("1.?"), name("1.7"), True),
        (name("1.?"), name("1.17"), False),
        (name("1.*"), name("1.?"), False),
        (name("1.*"), name("-"), False),
        (name(r"1.\*"), name("1.7"), False),
        (name("1.8.0", "update351"), name("1.8.0", "update351"), True),
        (name("1.8.0", "update_351"), name("1.8.0", "update351"), True),
        (name("1.8.0", "update351"), name("1.8.0", "update361"), False),
        (name("1.8.0", "update351"), name("1.8.0", "-"), False),
        (name("1.8.0", "update351"), name("1.8.0"), True),
        (name("2019", "cumulative_update_23"), name("2019", "cu23"), True),
        (name("2.0", "rc1"), name("2.0", "rc2"), False),
        (name("2.0", "stable"), name("2.0", "gold"), False),
        (name(target_sw="android"), name("1.0", target_sw="windows"), False),
        (name(target_sw="android"), name("1.0"), True),
    ],
)
def test_names(stated: str, component: str, matching: bool) -> None:
    assert matches(stated, component) is matching


@pytest.mark.parametrize(
    ("component", "bounds", "matching"),
    [
        (name("1.0"), {"start_including": "1.0"}, True),
        (name("1.0"), {"start_excluding": "1.0"}, False),
        (name("1.9"), {"start_including": "1.0", "end_excluding": "2.0"}, True),
        (name("2.0"), {"start_including": "1.0", "end_excluding": "2.0"}, False),
        (name("2.0"), {"start_including": "1.0", "end_including": "2.0"}, True),
        (name("0.9"), {"start_including": "1.0", "end_including": "2.0"}, False),
        (name("-"), {"end_including": "2.0"}, False),
        (name("unknown"), {"start_including": "1.0"}, False),
        (name("1.*"), {"end_including": "2.0"}, False),
        (name(), {"end_including": "2.0"}, True),
        (name("a_word"), {"end_including": "2.0"}, False),
        (name("1.8.0", "update351"), {"end_excluding": "1.8.0:update_361"}, True),
        (name("1.8.0", "update351"), {"end_excluding": "1.8.0:update351"}, False),
        (name("1.8.0", "update351"), {"end_including": "1.8.0_351"}, True),
        (name("1.8.0", "update351"), {"end_including": "1.8.0"}, False),
        (name("1.8.0", "-"), {"end_including": "1.8.0"}, True),
        (name("2.0", "rc1"), {"end_excluding": "2.0"}, True),
        (name("2.0", "rc2"), {"start_including": "2.0:rc1", "end_excluding": "2.0"}, True),
        (name("2019", "cu9"), {"end_excluding": "2019:cumulative_update_10"}, True),
        (name("2019", "cu11"), {"end_excluding": "2019:cumulative_update_10"}, False),
        (name("10", "sp2"), {"start_including": "10:sp1", "end_including": "10:sp3"}, True),
        (name(r"12.5\(1\)", "su2"), {"end_excluding": r"12.5\(1\):su4"}, True),
        (name(r"12.5\(2\)"), {"end_excluding": r"12.5\(1\)su4"}, False),
    ],
)
def test_versions_with_their_update_in_a_range(component: str, bounds: dict[str, str], matching: bool) -> None:
    assert matches(name(), component, **bounds) is matching


@pytest.mark.parametrize(
    ("component", "matching"),
    [
        (name("1.6.0", "update20"), True),
        (name("1.6.0", "update_25"), True),
        (name("1.6.0", "update26"), False),
        (name("1.5.0", "update40"), True),
        (name("1.5.0", "-"), True),
        (name("1.7.0", "update1"), False),
    ],
)
def test_the_update_of_a_statement_with_a_range_belongs_to_its_end(component: str, matching: bool) -> None:
    assert matches(name("*", "update_25"), component, end_including="1.6.0") is matching


def test_names_that_leave_open_different_things_do_not_match() -> None:
    assert not matches("cpe:2.3:a:examplesoft:*:*", "cpe:2.3:a:*:frob:1.0")
    assert not matches("cpe:2.3:a:*:frob:1.0", "cpe:2.3:a:examplesoft:*:*")
    assert matches("cpe:2.3:a:*:frob:*", "cpe:2.3:a:examplesoft:frob:1.0")


PARTS = st.lists(
    st.sampled_from(["a", "1.0", "*", "?", "-", "\\", "\\:", ":", "%02", "~", "update_1", "é", " "]), max_size=14
)
CPES = st.tuples(st.sampled_from(["cpe:2.3:a:", "cpe:/a:", ""]), PARTS).map(lambda parts: parts[0] + ":".join(parts[1]))


@given(CPES, CPES, st.text(max_size=12))
def test_any_text_matches_or_does_not(stated: str, component: str, bound: str) -> None:
    assert matches(stated, component, end_including=bound) in (True, False)
    assert matches(stated, stated) is readable(stated)


def readable(text: str) -> bool:
    try:
        return bool(parse(text))
    except InvalidCpe:
        return False


@pytest.mark.parametrize("piece", ["*", "?", "\\", "\\:", ":", "a", "~", "%02", "1."])
def test_long_texts_are_read_at_once(piece: str) -> None:
    for prefix in ("cpe:2.3:a:v:", "cpe:/a:v:"):
        text = prefix + piece * 5_000
        assert matches(text, name("1.0")) is False
        assert matches("cpe:2.3:a:v:*" + "a" * 5_000 + "*", text) in (True, False)
