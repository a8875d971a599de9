from __future__ import annotations

import pytest

from backend.contract.proxy import Proxy, ProxyMode, parse_proxy, parse_proxy_choice


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("proxy.example:3128", Proxy("http", "proxy.example", 3128)),
        (" http://proxy.example:3128/ ", Proxy("http", "proxy.example", 3128)),
        ("HTTPS://proxy.example", Proxy("https", "proxy.example", 443)),
        ("proxy.example", Proxy("http", "proxy.example", 80)),
        ("[fd00::1]:8080", Proxy("http", "fd00::1", 8080)),
        ("http://me:p%40ss@10.0.0.1:8080", Proxy("http", "10.0.0.1", 8080, "me", "p@ss")),
    ],
)
def test_addresses_are_read_with_and_without_scheme_and_login(text: str, expected: Proxy) -> None:
    assert parse_proxy(text) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "host:port"),
        ("proxy.example:port", "host:port"),
        ("proxy.example:70000", "host:port"),
        ("proxy.example:0", "host:port"),
        ("http://", "host:port"),
        ("http://[broken", "host:port"),
        ("my proxy:80", "host:port"),
        ("ftp://proxy.example:21", "host:port"),
        ("socks5://proxy.example:1080", "SOCKS"),
        ("http://wpad.example/proxy.pac", "PAC"),
    ],
)
def test_what_is_no_proxy_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_proxy(text)


def test_a_refusal_does_not_repeat_the_password() -> None:
    with pytest.raises(ValueError, match="host:port") as caught:
        parse_proxy("http://me:geheim@[broken")
    assert "geheim" not in str(caught.value)


def test_the_text_of_a_proxy_has_no_login_and_its_address_an_encoded_one() -> None:
    proxy = Proxy("http", "fd00::1", 8080, "an@lyst", "p:/ß")
    assert (str(proxy), proxy.url) == ("[fd00::1]:8080", "http://an%40lyst:p%3A%2F%C3%9F@[fd00::1]:8080")
    assert "p:/ß" not in repr(proxy)
    assert parse_proxy(proxy.url) == proxy


def test_the_choice_is_a_word_or_an_address() -> None:
    assert parse_proxy_choice(" System ") == (ProxyMode.SYSTEM, None)
    assert parse_proxy_choice("none") == (ProxyMode.NONE, None)
    assert parse_proxy_choice("proxy.example:3128") == (ProxyMode.MANUAL, Proxy("http", "proxy.example", 3128))
