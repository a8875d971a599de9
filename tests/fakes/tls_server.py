"""A certificate authority of the test, and a server on loopback with a certificate of it."""

from __future__ import annotations

import socket
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.fakes.web import RawServer, Reply

pytest.importorskip("cryptography", reason="cryptography, which makes certificates, is in the lock file for Linux only")

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


class Authority:
    """Issues certificates. `file` is its own certificate in PEM, `der_file` the same as Windows exports it."""

    def __init__(self, folder: Path, name: str = "Company root") -> None:
        self._folder, self._key = folder, ec.generate_private_key(ec.SECP256R1())
        self._name = _named(name)
        self._own = self._issue(self._name, self._key, x509.BasicConstraints(ca=True, path_length=None))
        self.file, self.der_file = folder / f"{name}.pem", folder / f"{name}.cer"
        self.file.write_bytes(self._own.public_bytes(Encoding.PEM))
        self.der_file.write_bytes(self._own.public_bytes(Encoding.DER))

    def context_for(self, host: str, *, expired: bool = False) -> ssl.SSLContext:
        """Return the context of a server with a certificate for a host name."""
        key, path = ec.generate_private_key(ec.SECP256R1()), self._folder / f"{host}.pem"
        names = x509.SubjectAlternativeName([x509.DNSName(host)])
        made = self._issue(_named(host), key, names, expired=expired)
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        path.write_bytes(made.public_bytes(Encoding.PEM) + private)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def _issue(
        self, name: x509.Name, key: ec.EllipticCurvePrivateKey, extension: x509.ExtensionType, *, expired: bool = False
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=2))
            .not_valid_after(now + timedelta(days=-1 if expired else 1))
            .add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
            .sign(self._key, hashes.SHA256())
        )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


class TlsServer(RawServer):
    def __init__(self, reply: Reply, context: ssl.SSLContext) -> None:
        super().__init__(reply)
        self._context = context

    def _answer(self, visitor: socket.socket) -> None:
        try:
            encrypted = self._context.wrap_socket(visitor, server_side=True)
        except OSError:  # the client does not trust the certificate, or only probes the port
            visitor.close()
        else:
            super()._answer(encrypted)
