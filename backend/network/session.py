"""HTTP requests that take the program's way to the internet, and trust what the system trusts."""

from __future__ import annotations

import base64
import ssl
from collections.abc import Mapping
from pathlib import Path

import requests
import truststore
from requests.adapters import HTTPAdapter

from backend.contract.errors import CertificateUntrusted
from backend.contract.proxy import parse_proxy
from backend.network.access import NetworkAccess

_PEM = b"-----BEGIN "


class NetworkSession(requests.Session):
    """A session that reads neither proxies, certificates nor passwords (.netrc) from the environment by itself."""

    def __init__(self, access: NetworkAccess) -> None:
        super().__init__()
        self.trust_env = False
        for scheme in ("http://", "https://"):
            self.mount(scheme, _AccessAdapter(access))


class _AccessAdapter(HTTPAdapter):
    """Chooses the proxy for each request, so also for each one that a redirect leads to."""

    def __init__(self, access: NetworkAccess) -> None:
        self._access, self._own_missing = access, access.ca_file
        self._trust = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        super().__init__()

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,
        verify: bool | str = True,
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,  # noqa: ARG002 - a session's own choice, which is always empty
    ) -> requests.Response:
        url = request.url or ""
        if self._own_missing is not None and url.startswith("https:"):
            trust_file(self._trust, self._own_missing)
            self._own_missing = None
        proxy = self._access.proxy_for(url)
        return super().send(request, stream, timeout, verify, cert, {"all": proxy.url} if proxy else {})

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **options: object) -> None:
        super().init_poolmanager(connections, maxsize, block, ssl_context=self._trust, **options)

    def proxy_manager_for(self, proxy: str, **options: object) -> object:
        return super().proxy_manager_for(proxy, ssl_context=self._trust, proxy_ssl_context=self._trust, **options)

    def proxy_headers(self, proxy: str) -> dict[str, str]:
        """Send user and password in UTF-8 (RFC 7617), as browsers do; requests knows only the letters of Latin-1."""
        parsed = parse_proxy(proxy)
        login = base64.b64encode(f"{parsed.user}:{parsed.password}".encode()).decode()
        return {"Proxy-Authorization": f"Basic {login}"} if parsed.user else {}

    def cert_verify(self, conn: object, url: str, verify: object, cert: object) -> None:
        """Leave the verification to the context; requests would trust a list of its own as well."""


def check_certificates(path: Path) -> None:
    """Raise CertificateUntrusted if the file has no certificate that could be trusted."""
    trust_file(truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT), path)


def trust_file(context: truststore.SSLContext, path: Path) -> None:
    """Trust the certificate authorities in a file besides the system's.

    Args:
        path: PEM, or DER as Windows exports single certificates.

    Raises:
        CertificateUntrusted: The file cannot be read, or has no certificate.
    """
    try:
        content = path.read_bytes()
        context.load_verify_locations(cadata=content.decode("ascii", "ignore") if _PEM in content else content)
    except (ssl.SSLError, ValueError) as error:  # ValueError: the file is empty
        raise _unusable(path, "It has no valid certificate") from error
    except OSError as error:
        raise _unusable(path, error.strerror or str(error)) from error


def _unusable(path: Path, reason: str) -> CertificateUntrusted:
    return CertificateUntrusted(
        "The certificate file cannot be used",
        f"{path}: {reason}.",
        "Choose a file with the certificate in PEM or DER under Network in the settings, or remove it there "
        "(OPENTHREAT_CA_FILE).",
    )
