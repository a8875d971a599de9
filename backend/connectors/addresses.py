"""Where each source is asked first, unless a setting names another base. Beat needs no more of the connectors.

Is the network up? It is, as soon as something that an update needs accepts a connection.

Nothing is asked of anybody here: the door is opened and closed again. Not built on requests, which beat does without.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlsplit, urlunsplit
from urllib.request import getproxies, proxy_bypass

from backend.config import Settings
from backend.contract.errors import SourceError
from backend.contract.names import Source
from backend.system.ports import is_loopback

CISA_CATALOGUE = "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json"
EPSS_SCORES = "https://epss.empiricalsecurity.com/epss_scores-current.csv.gz"
MITRE_CHANGES = "https://raw.githubusercontent.com/CVEProject/cvelistV5/main/cves/deltaLog.json"
NVD_FEEDS = "https://nvd.nist.gov/feeds/json/cve/2.0/nvdcve-2.0-"
EUVD_API = "https://euvdservices.enisa.europa.eu/api"


def addresses(settings: Settings) -> Mapping[Source, str]:
    """Of the sources that are switched on. A base address from the settings is told as it was given."""
    known = {
        Source.CISA: settings.cisa_url or CISA_CATALOGUE,
        Source.EPSS: settings.epss_url or EPSS_SCORES,
        Source.MITRE: settings.mitre_url or MITRE_CHANGES,
        Source.NVD: settings.nvd_feeds_url or NVD_FEEDS,
        Source.EUVD: settings.euvd_url or EUVD_API,
    }
    return {source: address for source, address in known.items() if settings.user.source_enabled(source)}


def base_address(given: str, default: str) -> str:
    """`default` with its scheme and host replaced by `given` (which may carry a prefix); its path and query stay.

    Raises SourceError where `given` is not an http address.
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
            "Correct the OPENTHREAT_…_URL variable, or remove it to ask the real service.",
        )
    return urlunsplit((base.scheme, base.netloc, base.path.rstrip("/") + real.path, real.query, ""))


Door = tuple[str, int]
"""Host and port."""
PATIENCE = 3.0
"""Seconds for one door."""
_PORTS = {"http": 80, "https": 443}


def doors(settings: Settings) -> Sequence[Door]:
    """Of the sources that are switched on, or of the proxy on the way to them; each once."""
    found = (_door(address) for address in addresses(settings).values())
    return tuple(dict.fromkeys(door for door in found if door))


def any_opens(candidates: Iterable[Door]) -> bool:
    return any(_opens(door) for door in candidates)


def _door(address: str) -> Door | None:
    """None for an address that is none: the update itself says so."""
    direct = _parsed(address)
    if direct is None or is_loopback(direct[0]) or proxy_bypass(direct[0]):
        return direct
    proxies = getproxies()
    proxy = proxies.get(urlsplit(address).scheme) or proxies.get("all")
    return _parsed(proxy if "://" in proxy else f"http://{proxy}") if proxy else direct


def _parsed(address: str) -> Door | None:
    try:
        parts = urlsplit(address)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return None
    return (parts.hostname, port) if parts.hostname and port else None


def _opens(door: Door) -> bool:
    try:
        socket.create_connection(door, timeout=PATIENCE).close()
    except (OSError, UnicodeError):  # UnicodeError: a host name that cannot be one
        return False
    return True
