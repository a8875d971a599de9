"""Certificates are verified by the system's store, and by a file of the user's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.connectors.http import Http
from backend.contract.errors import CertificateUntrusted
from backend.contract.problem_catalogue import ProblemId
from backend.network.access import NetworkAccess
from tests.fakes.tls_server import Authority, TlsServer
from tests.fakes.watch import CountingWatch
from tests.fakes.web import answers

DATA = b'{"count": 7}'


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def server(authority: Authority) -> Iterator[TlsServer]:
    with TlsServer(answers(DATA), authority.context_for("localhost")) as server:
        yield server


def get(server: TlsServer, folder: Path, ca_file: Path | None, watch: CountingWatch | None = None) -> bytes:
    http = Http(watch or CountingWatch(), folder, source="NVD", network=NetworkAccess(ca_file=ca_file))
    return http.get(f"https://localhost:{server.port}/").body


def test_an_unknown_authority_is_told_with_the_remedy_and_not_tried_again(server: TlsServer, tmp_path: Path) -> None:
    watch = CountingWatch()
    with pytest.raises(CertificateUntrusted, match="The certificate of localhost could not be verified: ") as caught:
        get(server, tmp_path, None, watch)
    assert (caught.value.problem.id, watch.slept, server.requests) == (ProblemId.CERTIFICATE_UNTRUSTED, [], [])
    assert "certificate file" in caught.value.hint


@pytest.mark.parametrize("form", ["PEM", "DER"])
def test_a_file_of_ones_own_is_trusted_besides_the_systems(
    server: TlsServer, authority: Authority, tmp_path: Path, form: str
) -> None:
    assert get(server, tmp_path, authority.file if form == "PEM" else authority.der_file) == DATA


def test_remarks_in_the_file_do_no_harm(server: TlsServer, authority: Authority, tmp_path: Path) -> None:
    remarked = tmp_path / "remarked.pem"
    remarked.write_bytes("# Wurzelzertifikat für Äpfel\n".encode() + authority.file.read_bytes())
    assert get(server, tmp_path, remarked) == DATA


def test_the_systems_store_is_asked(
    server: TlsServer, authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SSL_CERT_FILE takes the place of the system's list of authorities on Linux."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    assert get(server, tmp_path, None) == DATA


def test_another_authoritys_file_is_not_enough(server: TlsServer, tmp_path: Path) -> None:
    with pytest.raises(CertificateUntrusted, match="could not be verified"):
        get(server, tmp_path, Authority(tmp_path, "Another").file)


def test_a_certificate_for_another_host_and_an_expired_one_are_told_apart(authority: Authority, tmp_path: Path) -> None:
    for context, reason in (
        (authority.context_for("other.example"), "localhost"),
        (authority.context_for("localhost", expired=True), "expired"),
    ):
        with TlsServer(answers(DATA), context) as server, pytest.raises(CertificateUntrusted, match=reason):
            get(server, tmp_path, authority.file)


@pytest.mark.parametrize("content", [None, b"", b"no certificate", b"-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_a_file_that_is_none_is_named_and_not_tried_again(
    server: TlsServer, tmp_path: Path, content: bytes | None
) -> None:
    file, watch = tmp_path / "root.pem", CountingWatch()
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(CertificateUntrusted, match=r"certificate file cannot be used: .*root\.pem: ") as caught:
        get(server, tmp_path, file, watch)
    assert watch.slept == []
    assert "OPENTHREAT_CA_FILE" in caught.value.hint
