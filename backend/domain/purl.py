"""Package URLs (purl, ECMA-427): what identifies a package, without version and qualifiers."""

from __future__ import annotations

from functools import lru_cache

from packageurl import PackageURL

WINGET = "winget"
"""The type of a Windows program in winget's repository, which is no package of an ecosystem."""


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
    """The package's id in winget's repository, such as "Mozilla.Firefox"; "" for every other package URL."""
    package = _parsed(purl)
    return package.name if package and package.type == WINGET else ""


def _parsed(purl: str) -> PackageURL | None:
    try:
        return PackageURL.from_string(purl.strip()) if purl else None
    except ValueError:
        return None
