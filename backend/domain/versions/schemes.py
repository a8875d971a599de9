"""The schemes of versions, and which one a source means."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache


class Scheme(StrEnum):
    WINDOWS = "windows"
    PEP440 = "pep440"
    SEMVER = "semver"
    NPM = "npm"
    NUGET = "nuget"
    MAVEN = "maven"
    DEBIAN = "debian"
    RPM = "rpm"
    ALPINE = "alpine"
    GEM = "gem"
    PACKAGIST = "packagist"
    PUB = "pub"
    CARGO = "cargo"
    GO = "go"
    NUMBERS = "numbers"  # nothing but numbers, every one of which counts
    DATE = "date"
    TEXT = "text"  # in the order of its bytes
    GIT = "git"  # commits: equal or not, no order


_NAMES = {scheme.value: scheme for scheme in Scheme} | {
    "python": Scheme.PEP440,
    "pypi": Scheme.PEP440,
    "pip": Scheme.PEP440,
    "sem": Scheme.SEMVER,
    "hex": Scheme.SEMVER,
    "swift": Scheme.SEMVER,
    "conan": Scheme.SEMVER,
    "node": Scheme.NPM,
    "deb": Scheme.DEBIAN,
    "dpkg": Scheme.DEBIAN,
    "redhat": Scheme.RPM,
    "alpm": Scheme.RPM,
    "apk": Scheme.ALPINE,
    "gentoo": Scheme.ALPINE,
    "ebuild": Scheme.ALPINE,
    "rubygems": Scheme.GEM,
    "composer": Scheme.PACKAGIST,
    "php": Scheme.PACKAGIST,
    "crates": Scheme.CARGO,
    "crates.io": Scheme.CARGO,
    "rust": Scheme.CARGO,
    "golang": Scheme.GO,
    "cran": Scheme.NUMBERS,
    "hackage": Scheme.NUMBERS,
    "intdot": Scheme.NUMBERS,
    "datetime": Scheme.DATE,
    "lexicographic": Scheme.TEXT,
    "original_commit_for_fix": Scheme.GIT,
    "commit": Scheme.GIT,
}
"""Types of package URLs and of vers (package-url/purl-spec, package-url/vers-spec), and versionTypes of CNAs."""


@lru_cache(maxsize=2**10)
def scheme_of(name: str) -> Scheme:
    """The scheme of a CNA's versionType, a package URL's type or an ecosystem.

    A versionType is free text ("custom", "8.0 U1b", "firmware"): what is not known compares like a Windows program.
    """
    return _NAMES.get(name.strip().lower(), Scheme.WINDOWS)
