from __future__ import annotations

import pytest

from backend.domain.products.patterns import PatternError, expanded, fits, is_literal, leading_letters


def test_optional_and_alternative_parts_become_literal_names() -> None:
    assert expanded("[mozilla ]firefox") == ("firefox", "mozilla firefox")
    assert expanded("google chrome[ {beta|dev}]") == ("google chrome", "google chrome beta", "google chrome dev")
    assert expanded("dell command | update") == ("dell command | update",)


@pytest.mark.parametrize(
    ("pattern", "name", "matches"),
    [
        ("java # update #", "java 8 update 351", True),
        ("java # update #", "java 8 update", False),
        ("visual studio 2022*", "visual studio 2022", True),
        ("visual studio 2022*", "visual studio 2022 preview", True),
        ("godot*", "godotengine", False),
        ("update for *", "update for windows", True),
        ("update for *", "update for", False),
        ("notepad++*", "notepad++ 8", True),
    ],
)
def test_open_patterns(pattern: str, name: str, matches: bool) -> None:
    (text,) = expanded(pattern)
    assert not is_literal(text)
    assert fits(text, name) is matches
    assert leading_letters(text) == leading_letters(name) or not matches


@pytest.mark.parametrize("pattern", ["a[b", "a}b", "a*b", "", "[a]", "{" + "|".join(map(str, range(200))) + "}"])
def test_refuses_what_is_not_in_the_language(pattern: str) -> None:
    with pytest.raises(PatternError):
        expanded(pattern)
