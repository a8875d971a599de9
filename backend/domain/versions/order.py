"""The order of two versions: the total order of a scheme, and the careful one, which says when usage leaves a doubt."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from functools import lru_cache
from typing import Protocol, Self, TypeAlias, TypeVar

from backend.domain.versions import distributions, maven, packages, pep440, semver, windows
from backend.domain.versions.doubt import CannotCompare, Doubt
from backend.domain.versions.schemes import Scheme, scheme_of

LIMIT = 500
"""Characters of the longest text that is read as a version."""
_CACHED = 2**14  # the bounds of some thousand products; a parsed version takes about 0.5 KB


class Ordered(Protocol):
    def __lt__(self, other: Self, /) -> bool: ...


Order: TypeAlias = Callable[[str, str], int]
K = TypeVar("K", bound=Hashable)
S = TypeVar("S", bound=Ordered)


def compare(a: str, b: str, scheme: str = Scheme.WINDOWS) -> int:
    """Order two versions in the total order of their scheme.

    Args:
        a: a version as text.
        b: another one.
        scheme: a `Scheme`, or a name that `scheme_of` knows.

    Returns:
        -1 if a is below b, 0 if they are equal, 1 if a is above b.

    Raises:
        CannotCompare: one is a placeholder or no version of the scheme, only one is a date, or both are commits.
    """
    if len(a) > LIMIT or len(b) > LIMIT:
        raise CannotCompare(Doubt.TOO_LONG, max(a, b, key=len))
    return _ORDERS[scheme_of(scheme)](a, b)


def highest(versions: Iterable[str], scheme: str = Scheme.WINDOWS) -> str:
    """The highest of some versions, without those that cannot be compared with the ones before; "" of none."""
    found = ""
    for version in versions:
        try:
            found = version if not found or compare(version, found, scheme) > 0 else found
        except CannotCompare:
            continue
    return found


def order_surely(a: str, b: str, scheme: str = Scheme.WINDOWS) -> int | None:
    """Order two versions where usage leaves no doubt; None where it does, or where they cannot be compared."""
    order = order_or_doubt(a, b, scheme)
    return None if isinstance(order, Doubt) else order


def order_or_doubt(a: str, b: str, scheme: str = Scheme.WINDOWS) -> int | Doubt:
    """Order two versions as `order_surely` does, or say why that is not possible."""
    named = scheme_of(scheme)
    if len(a) > LIMIT or len(b) > LIMIT:
        return Doubt.TOO_LONG
    try:
        if named is Scheme.WINDOWS or not _is_of(named, a, b):
            return windows.order_or_doubt(_windows(a), _windows(b))
        return _mistaken_shape(named, a, b) or compare(a, b, named)
    except CannotCompare as error:
        return error.doubt


def _is_of(scheme: Scheme, a: str, b: str) -> bool:
    """Whether both are versions of the scheme. CNAs name a scheme that their versions do not always keep."""
    if scheme is Scheme.PEP440:
        return pep440.is_valid(a) and pep440.is_valid(b)
    return scheme not in _SEMANTIC or (semver.is_strict(a) and semver.is_strict(b))


def _mistaken_shape(scheme: Scheme, a: str, b: str) -> Doubt | None:
    """A doubt about numbers that count different things, which a scheme does not rule out (25.1 and 2025.1)."""
    if scheme is not Scheme.SEMVER:
        return None
    order = windows.order_or_doubt(_windows(a), _windows(b))
    return order if order in (Doubt.SHAPE, Doubt.DATE) else None


def _by_key(key: Callable[[str], S]) -> Order:
    cached = lru_cache(maxsize=_CACHED)(key)

    def order(a: str, b: str) -> int:
        left, right = cached(a), cached(b)
        return (right < left) - (left < right)

    return order


def _by_comparison(parse: Callable[[str], K], compared: Callable[[K, K], int]) -> Order:
    cached = lru_cache(maxsize=_CACHED)(parse)
    return lambda a, b: compared(cached(a), cached(b))


def _commits(a: str, b: str) -> int:
    if a.strip().lower() == b.strip().lower():
        return 0
    raise CannotCompare(Doubt.REVISION, a)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


_windows = lru_cache(maxsize=_CACHED)(windows.parse)
_SEMANTIC = frozenset({Scheme.SEMVER, Scheme.NPM, Scheme.NUGET, Scheme.CARGO, Scheme.GO, Scheme.PUB})
_semantic = _by_key(semver.key)
_ORDERS: dict[Scheme, Order] = {
    Scheme.WINDOWS: lambda a, b: windows.compare(_windows(a), _windows(b)),
    Scheme.PEP440: _by_key(pep440.key),
    Scheme.SEMVER: _semantic,
    Scheme.NPM: _semantic,
    Scheme.CARGO: _semantic,
    Scheme.GO: _semantic,
    Scheme.NUGET: _by_key(semver.nuget_key),
    Scheme.PUB: _by_key(semver.pub_key),
    Scheme.MAVEN: _by_comparison(maven.parse, maven.compare),
    Scheme.DEBIAN: _by_key(distributions.debian_key),
    Scheme.RPM: _by_key(distributions.rpm_key),
    Scheme.ALPINE: _by_key(distributions.alpine_key),
    Scheme.GEM: _by_key(packages.gem_key),
    Scheme.PACKAGIST: _by_comparison(packages.parse_php, packages.compare_php),
    Scheme.NUMBERS: _by_key(packages.numbers_key),
    Scheme.DATE: _by_key(packages.date_key),
    Scheme.TEXT: _by_key(_bytes),
    Scheme.GIT: _commits,
}
