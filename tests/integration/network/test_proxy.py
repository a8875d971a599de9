"""Updates and the check for new versions through a real proxy on loopback."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.connectors.http import Http
from backend.contract.errors import ProxyRefused, SourceError, SourceUnreachable
from backend.contract.problem_catalogue import ProblemId, Remedy
from backend.contract.proxy import ProxyMode, parse_proxy
from backend.network.access import NetworkAccess
from desktop.releases.check import Publisher
from tests.fakes.proxy import HttpProxy
from tests.fakes.tls_server import Authority, TlsServer
from tests.fakes.watch import CountingWatch
from tests.fakes.web import RawServer, answers, redirects

DATA = b'{"count": 7}'
LOGIN = "analyst:päss:w/rd"
PLAIN, ENCRYPTED = "http://feeds.example/x", "https://safe.example/x"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def plain() -> Iterator[RawServer]:
    with RawServer(answers(DATA)) as server:
        yield server


@pytest.fixture
def encrypted(authority: Authority) -> Iterator[TlsServer]:
    with TlsServer(answers(DATA), authority.context_for("safe.example")) as server:
        yield server


@pytest.fixture
def proxy(plain: RawServer, encrypted: TlsServer) -> Iterator[HttpProxy]:
    with HttpProxy({"feeds.example": plain.port, "safe.example": encrypted.port}) as server:
        yield server


def through(proxy: HttpProxy, authority: Authority, login: str = "") -> NetworkAccess:
    address = parse_proxy(proxy.place)
    user, _, password = login.partition(":")
    named = type(address)(address.scheme, address.host, address.port, user, password)
    return NetworkAccess(ProxyMode.MANUAL, named, authority.file)


def client(network: NetworkAccess, tmp_path: Path, watch: CountingWatch | None = None) -> Http:
    return Http(watch or CountingWatch(), tmp_path, source="NVD", network=network)


@pytest.mark.parametrize("login", ["", LOGIN], ids=["without a password", "with a password"])
def test_plain_and_encrypted_addresses_are_reached(
    proxy: HttpProxy, authority: Authority, tmp_path: Path, login: str
) -> None:
    proxy.login = login
    http = client(through(proxy, authority, login), tmp_path)
    assert [http.get(url).body for url in (PLAIN, ENCRYPTED)] == [DATA, DATA]
    assert proxy.targets == [f"GET {PLAIN}", "CONNECT safe.example:443"]


@pytest.mark.parametrize("url", [PLAIN, ENCRYPTED], ids=["plain", "CONNECT"])
@pytest.mark.parametrize(
    ("login", "reason"),
    [("analyst:wrong", "does not accept the user and the password"), ("", "requires a user and a password")],
)
def test_a_wrong_password_is_told_with_the_remedy_and_not_tried_again(
    proxy: HttpProxy, authority: Authority, tmp_path: Path, url: str, login: str, reason: str
) -> None:
    proxy.login, watch = LOGIN, CountingWatch()
    with pytest.raises(ProxyRefused, match=f"The proxy {proxy.place} {reason}") as caught:
        client(through(proxy, authority, login), tmp_path, watch).get(url)
    assert (caught.value.problem.id, watch.slept, len(proxy.requests)) == (ProblemId.PROXY_REFUSES, [], 1)
    assert "Network in the settings" in caught.value.hint
    assert Remedy.OPEN_NETWORK_SETTINGS in caught.value.problem.remedies
    assert "wrong" not in f"{caught.value} {caught.value.hint}"


def test_a_host_that_the_proxy_forbids_is_named(proxy: HttpProxy, authority: Authority, tmp_path: Path) -> None:
    proxy.refusal = "403 Forbidden"
    with pytest.raises(ProxyRefused, match=r"refuses to connect to safe\.example \(403 Forbidden\)"):
        client(through(proxy, authority), tmp_path).get(ENCRYPTED)


def test_a_host_that_the_proxy_cannot_reach_may_be_there_later(
    proxy: HttpProxy, authority: Authority, tmp_path: Path
) -> None:
    watch = CountingWatch()
    with pytest.raises(SourceUnreachable, match=r"cannot connect to other\.example \(502 Bad Gateway\)"):
        client(through(proxy, authority), tmp_path, watch).get("https://other.example/x")
    assert len(watch.slept) == 4


def test_a_proxy_that_is_away_is_named(tmp_path: Path) -> None:
    away = NetworkAccess(ProxyMode.MANUAL, parse_proxy("127.0.0.1:9"))
    for url in (PLAIN, ENCRYPTED):
        with pytest.raises(SourceUnreachable, match=r"The proxy 127\.0\.0\.1:9 on the way to .* could not be reached"):
            client(away, tmp_path).get(url)


@pytest.mark.parametrize("mode", [ProxyMode.SYSTEM, ProxyMode.MANUAL])
def test_this_machine_is_never_asked_through_a_proxy(
    plain: RawServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: ProxyMode
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    http = client(NetworkAccess(mode, parse_proxy("127.0.0.1:9")), tmp_path)
    assert http.get(plain.base).body == http.get(plain.base.replace("127.0.0.1", "localhost")).body == DATA


def test_the_proxy_of_the_system_is_used_unless_it_is_turned_off(
    proxy: HttpProxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", f"http://{proxy.place}")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert client(NetworkAccess(), tmp_path).get(PLAIN).body == DATA
    with pytest.raises(SourceError, match=r"feeds\.example could not be looked up"):
        client(NetworkAccess(ProxyMode.NONE), tmp_path).get(PLAIN)
    assert len(proxy.requests) == 1


def test_a_redirect_is_followed_by_the_same_decision(
    proxy: HttpProxy, plain: RawServer, authority: Authority, tmp_path: Path
) -> None:
    with RawServer(redirects(PLAIN)) as first:
        assert client(through(proxy, authority), tmp_path).get(first.base).body == DATA
    assert proxy.targets == [f"GET {PLAIN}"]


def test_the_check_for_new_versions_goes_the_same_way(proxy: HttpProxy, authority: Authority) -> None:
    proxy.login = LOGIN
    assert Publisher(ENCRYPTED, "", lambda: through(proxy, authority, LOGIN)).fetch() == DATA
    with pytest.raises(OSError, match="407"):
        Publisher(ENCRYPTED, "", lambda: through(proxy, authority, "analyst:wrong")).fetch()


def test_no_log_line_has_the_password(
    proxy: HttpProxy, authority: Authority, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    proxy.login = "analyst:geheimnis"
    network = through(proxy, authority, proxy.login)
    client(network, tmp_path).get(ENCRYPTED)
    assert "geheimnis" not in caplog.text + repr(network)
