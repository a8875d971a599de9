"""How the program reaches the internet: the proxy for an address, and the file of further certificate authorities.

Everything that leaves this machine asks here: updates, the checks of network and clock, and the check for new versions.
Imports no HTTP client, since beat uses it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies, proxy_bypass

from backend.contract.environment import Environment
from backend.contract.errors import ProxyUnusable
from backend.contract.proxy import Proxy, ProxyMode, parse_proxy, parse_proxy_choice
from backend.contract.settings import UserSettings
from backend.system.ports import is_loopback

_HINT = "Choose another proxy under Network in the settings, or set OPENTHREAT_PROXY."


@dataclass(frozen=True)
class NetworkAccess:
    """The decision of the user or the environment.

    Attributes:
        mode: Where the proxy comes from.
        proxy: The proxy of the mode `manual`, with user and password.
        ca_file: Certificate authorities that are trusted besides the system's.
    """

    mode: ProxyMode = ProxyMode.SYSTEM
    proxy: Proxy | None = None
    ca_file: Path | None = None

    def proxy_for(self, url: str) -> Proxy | None:
        """Return the proxy for an address; None if it is reached directly, as this machine always is.

        The system's exceptions (on Linux NO_PROXY) hold for the mode `manual` too.

        Raises:
            ProxyUnusable: The system names a proxy that is not supported.
            ValueError: The address is invalid.
        """
        parts = urlsplit(url)
        if self.mode is ProxyMode.NONE or is_loopback(parts.hostname or "") or proxy_bypass(_place(parts)):
            return None
        return self.proxy if self.mode is ProxyMode.MANUAL else _system_proxy(parts.scheme)


def network_access(environment: Environment, user: UserSettings, stored_password: str = "") -> NetworkAccess:
    """Return the access that environment and settings ask for; the environment has precedence.

    Args:
        stored_password: The proxy's password in the system's keyring.
    """
    password = environment.proxy_password.get_secret_value() if environment.proxy_password else stored_password
    ca_file = environment.ca_file or (Path(user.network.ca_file) if user.network.ca_file else None)
    if environment.proxy is not None:
        mode, given = parse_proxy_choice(environment.proxy.get_secret_value())
        return NetworkAccess(mode, given and replace(given, password=given.password or password), ca_file)
    if user.network.proxy is not ProxyMode.MANUAL:
        return NetworkAccess(user.network.proxy, None, ca_file)
    proxy = replace(parse_proxy(user.network.proxy_address), user=user.network.proxy_user, password=password)
    return NetworkAccess(ProxyMode.MANUAL, proxy, ca_file)


def _system_proxy(scheme: str) -> Proxy | None:
    """Return the proxy that Windows' settings or the usual variables name; proxy scripts (PAC) are not run."""
    proxies = getproxies()
    named = proxies.get(scheme) or proxies.get("all")
    try:
        return parse_proxy(named) if named else None
    except ValueError as error:
        raise ProxyUnusable("The system's proxy cannot be used", f"It {error}.", _HINT) from error


def _place(parts: SplitResult) -> str:
    """Return host and port, as the lists of exceptions have them."""
    return parts.netloc.rpartition("@")[2]
