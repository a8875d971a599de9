"""Addresses of the sources, and a check whether any of them can be reached.

Imports neither requests nor a connector, since beat uses it. The check opens a connection and closes it again.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlsplit, urlunsplit

from backend.config import Settings
from backend.contract.errors import ProxyUnusable, SourceError
from backend.contract.names import Source
from backend.network.access import NetworkAccess

CISA_CATALOGUE = "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json"
EPSS_SCORES = "https://epss.empiricalsecurity.com/epss_scores-current.csv.gz"
EPSS_API = "https://api.first.org/data/v1/epss"
MITRE_CHANGES = "https://raw.githubusercontent.com/CVEProject/cvelistV5/main/cves/deltaLog.json"
NVD_FEEDS = "https://nvd.nist.gov/feeds/json/cve/2.0/nvdcve-2.0-"
EUVD_API = "https://euvdservices.enisa.europa.eu/api"


def addresses(settings: Settings) -> Mapping[Source, str]:
    """Return the address of each enabled source; a configured base address unchanged."""
    known = {
        Source.CISA: settings.cisa_url or CISA_CATALOGUE,
        Source.EPSS: settings.epss_url or EPSS_SCORES,
        Source.MITRE: settings.mitre_url or MITRE_CHANGES,
        Source.NVD: settings.nvd_feeds_url or NVD_FEEDS,
        Source.EUVD: settings.euvd_url or EUVD_API,
    }
    return {source: address for source, address in known.items() if settings.user.source_enabled(source)}


def base_address(given: str, default: str) -> str:
    """Return `default` with the scheme, host and path prefix of `given`; its own path and query stay.

    Raises:
        SourceError: `given` is not an http address.
    """
    if not given:
        return default
    try:
        base, real = urlsplit(given), urlsplit(default)
        usable = base.scheme in ("http", "https") and bool(base.hostname)
    except ValueError:
        usable = False
    if not usable:
        raise SourceError(
            "A base address cannot be used",
            f"“{given}” is not an address of the form https://host/prefix.",
            "Correct the OPENTHREAT_…_URL variable, or remove it to use the real service.",
        )
    return urlunsplit((base.scheme, base.netloc, base.path.rstrip("/") + real.path, real.query, ""))


Endpoint = tuple[str, int]
"""Host and port."""
CONNECT_TIMEOUT_S = 3.0
_PORTS = {"http": 80, "https": 443}


def endpoints(settings: Settings) -> Sequence[Endpoint]:
    """Return host and port of each enabled source, or of the proxy on the way to it, each once."""
    found = (_endpoint(address, settings.network) for address in addresses(settings).values())
    return tuple(dict.fromkeys(endpoint for endpoint in found if endpoint))


def any_reachable(candidates: Iterable[Endpoint]) -> bool:
    return any(_is_reachable(endpoint) for endpoint in candidates)


def _endpoint(address: str, network: NetworkAccess) -> Endpoint | None:
    """Return host and port; None for an invalid address or proxy, which the update reports."""
    try:
        parts, proxy = urlsplit(address), network.proxy_for(address)
        port = parts.port or _PORTS.get(parts.scheme)
    except (ValueError, ProxyUnusable):
        return None
    if proxy is not None:
        return proxy.host, proxy.port
    return (parts.hostname, port) if parts.hostname and port else None


def _is_reachable(endpoint: Endpoint) -> bool:
    try:
        socket.create_connection(endpoint, timeout=CONNECT_TIMEOUT_S).close()
    except (OSError, UnicodeError):  # UnicodeError: the host name is invalid
        return False
    return True
