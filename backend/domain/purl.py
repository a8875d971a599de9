"""Package URLs (purl, ECMA-427): what identifies a package, without version and qualifiers."""

from __future__ import annotations

import re
from functools import lru_cache

from packageurl import PackageURL

WINGET = "winget"
"""The type of a Windows program in winget's repository, which is no package of an ecosystem."""

_WINGET_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+_-]{0,120}")


@lru_cache(maxsize=2**12)
def package_key(purl: str) -> str:
    """The package in lower case without version, qualifiers and subpath; "" for text that is no package URL."""
    package = _parsed(purl)
    return PackageURL(package.type, package.namespace, package.name).to_string().lower() if package else ""


def package_name(purl: str) -> str:
    """The name of the package without its namespace; "" for text that is no package URL."""
    package = _parsed(purl)
    return package.name if package else ""


def winget_id(purl: str) -> str:
    """The package's id in winget's repository, such as "Mozilla.Firefox"; "" for every other package URL.

    People paste it into a shell, so an id with other characters than winget's own ids have counts as none.
    """
    package = _parsed(purl)
    is_plain = package is not None and package.type == WINGET and _WINGET_ID.fullmatch(package.name)
    return package.name if package is not None and is_plain else ""


def _parsed(purl: str) -> PackageURL | None:
    try:
        return PackageURL.from_string(purl.strip()) if purl else None
    except ValueError:
        return None
