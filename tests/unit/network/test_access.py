"""Which proxy is used for an address, and which setting has precedence."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from backend.config import Settings, load_settings
from backend.contract.errors import ConfigurationError, ProxyUnusable
from backend.contract.proxy import Proxy, ProxyMode, parse_proxy
from backend.contract.settings import UserSettings, parse_settings
from backend.network.access import NetworkAccess, network_access

ELSEWHERE = "https://nvd.nist.gov/feeds"
MANUAL = UserSettings.model_validate(
    {
        "network": {
            "proxy": "manual",
            "proxy_address": "proxy.example:3128",
            "proxy_user": "analyst",
            "ca_file": "/a.pem",
        }
    }
)


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def test_a_manual_proxy_has_the_user_of_the_settings_and_the_stored_password(home: Path) -> None:
    network = network_access(Settings(home=home), MANUAL, "geheim")
    assert network.proxy_for(ELSEWHERE) == Proxy("http", "proxy.example", 3128, "analyst", "geheim")
    assert network.ca_file == Path("/a.pem")


def test_the_environment_has_precedence_over_settings_and_keyring(home: Path) -> None:
    password = Settings(home=home, proxy_password=SecretStr("other"), ca_file=Path("/b.pem"))
    network = network_access(password, MANUAL, "geheim")
    assert (network.proxy and network.proxy.password, network.ca_file) == ("other", Path("/b.pem"))
    chosen = Settings(home=home, proxy=SecretStr("http://me:mine@127.0.0.1:8080"))
    assert network_access(chosen, MANUAL, "geheim").proxy == Proxy("http", "127.0.0.1", 8080, "me", "mine")
    none = Settings(home=home, proxy=SecretStr("none"))
    assert network_access(none, MANUAL, "geheim").proxy_for(ELSEWHERE) is None


@pytest.mark.parametrize("url", ["http://127.0.0.1:8001/", "https://localhost/", "http://[::1]:9/"])
def test_this_machine_is_reached_directly(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://proxy.example:3128")
    assert NetworkAccess(ProxyMode.MANUAL, parse_proxy("proxy.example")).proxy_for(url) is None
    assert NetworkAccess().proxy_for(url) is None


def test_no_proxy_names_exceptions_in_every_mode(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "intranet.example,mirror.example:8443")
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    for network in (NetworkAccess(), NetworkAccess(ProxyMode.MANUAL, parse_proxy("proxy.example:3128"))):
        assert network.proxy_for("https://feeds.intranet.example/x") is None
        assert network.proxy_for("https://me:word@mirror.example:8443/x") is None
        assert str(network.proxy_for("https://mirror.example/x")) == "proxy.example:3128"


def test_the_systems_proxy_may_be_of_a_kind_that_is_not_supported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://proxy.example:1080")
    with pytest.raises(ProxyUnusable, match="SOCKS") as caught:
        NetworkAccess().proxy_for(ELSEWHERE)
    assert "settings" in caught.value.hint


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ('proxy = "manual"', "needs a proxy_address"),
        ('proxy_address = "socks5://x:1"', "SOCKS"),
        ('proxy_address = "http://me:geheim@x:1"', "proxy_user"),
        ('proxy = "automatic"', "network.proxy"),
    ],
)
def test_a_settings_file_with_a_wrong_proxy_is_refused_without_its_password(table: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as caught:
        parse_settings(f"[network]\n{table}\n".encode())
    assert "geheim" not in str(caught.value)


def test_a_wrong_variable_is_named_without_its_value(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENTHREAT_PROXY", "http://me:geheim@[broken")
    with pytest.raises(
        ConfigurationError, match="OPENTHREAT_PROXY cannot be used: The proxy's address has the form"
    ) as caught:
        load_settings()
    assert "geheim" not in str(caught.value)
