"""The installed version in the form in which the records state versions.

The registry's version of some programs is another number than the one that their vendor publishes. Each rule of the
curated table reads one such form; what does not have that form is left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from backend.domain.products.program_name import version_in

_PYTHON_LEVELS = {10: "a", 11: "b", 12: "rc"}
_PARTS = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})*")
_HAS_DIGIT = re.compile(r"[0-9]")
_ZOOM = re.compile(r"([0-9.]{1,40}) \(([0-9]{1,9})\)")
_UPDATE = re.compile(r" ([0-9]{1,2}) update ([0-9]{1,4})\b", re.IGNORECASE)
_PACKAGE_REVISION = re.compile(r"([0-9]+(?:\.[0-9]+)+)[-+_ ].*")
_YEAR_2000 = 2000


def compared_version(rule: str, name: str, version: str) -> str:
    """Read the version by a rule of the curated table.

    Args:
        rule: one of `RULES`; "" takes the registry's version, and without one that of the name.
        name: as the registry shows it.
        version: the registry's version.

    Returns:
        "" where there is no version that can be compared ("unknown", "VersionApplication").
    """
    text = " ".join(version.split())
    stated = text if _HAS_DIGIT.search(text) else ""
    if rule:
        return RULES[rule](name, stated)
    return stated or version_in(name)


def _of_name(name: str, version: str) -> str:
    return version_in(name) or version


def _of_name_only(name: str, _version: str) -> str:
    """The version of .NET's runtimes stands in the name; the registry's (48.83.63169) is another count."""
    return version_in(name)


def _python(_name: str, version: str) -> str:
    """3.10.6150.0 is 3.10.6: the third number is micro * 1000 + level * 10 + serial (CPython's Tools/msi)."""
    numbers = _numbers(version)
    if len(numbers) < 3 or numbers[2] < 100:
        return version
    micro, rest = divmod(numbers[2], 1000)
    level, serial = divmod(rest, 10)
    stage = f"{_PYTHON_LEVELS[level]}{serial}" if level in _PYTHON_LEVELS else ""
    return f"{numbers[0]}.{numbers[1]}.{micro}{stage}"


def _java(name: str, version: str) -> str:
    """8.0.3510.10, or "8 Update 351" in the name, is 1.8.0 update 351 in Oracle's and NVD's form."""
    return _with_update(name, version, "1.{}.0:update{}")


def _openjdk(name: str, version: str) -> str:
    """As `_java`, for builds whose third number is the update itself: Temurin's 8.0.352.8 is 8 update 352."""
    numbers = _numbers(version)
    if len(numbers) > 2 and numbers[0] == 8 and numbers[2] < 1000:
        return f"1.8.0:update{numbers[2]}"
    return _with_update(name, version, "1.{}.0:update{}")


def _with_update(name: str, version: str, form: str) -> str:
    numbers = _numbers(version)
    if len(numbers) > 2 and numbers[0] in {5, 6, 7, 8} and numbers[2] % 10 == 0:
        return form.format(numbers[0], numbers[2] // 10)
    if found := _UPDATE.search(f" {name}"):
        return form.format(found[1], found[2])
    return version or version_in(name)


def _warp(_name: str, version: str) -> str:
    """Cloudflare publishes 2025.1 as 25.1 in the installer."""
    numbers = _numbers(version)
    return f"{_YEAR_2000 + numbers[0]}{version[2:]}" if numbers and 20 <= numbers[0] <= 99 else version


def _citrix(_name: str, version: str) -> str:
    """Citrix publishes 23.9.1.104 as 2309.1.104: year and month."""
    numbers = _numbers(version)
    if len(numbers) < 3 or not 18 <= numbers[0] <= 99 or not 1 <= numbers[1] <= 12:
        return version
    return ".".join([f"{numbers[0]}{numbers[1]:02}", *map(str, numbers[2:])])


def _zoom(_name: str, version: str) -> str:
    """5.11.1 (6602) is 5.11.1.6602."""
    found = _ZOOM.fullmatch(version)
    return f"{found[1]}.{found[2]}" if found else version


def _without_revision(name: str, version: str) -> str:
    """14.5-1 and 3.0.0+build are packages of 14.5 and 3.0.0."""
    stated = version or version_in(name)
    found = _PACKAGE_REVISION.fullmatch(stated)
    return found[1] if found else stated


def _numbers(version: str) -> list[int]:
    found = _PARTS.match(version)
    return [int(part) for part in found[0].split(".")] if found else []


RULES: dict[str, Callable[[str, str], str]] = {
    "name": _of_name,
    "name-only": _of_name_only,
    "python": _python,
    "java": _java,
    "openjdk": _openjdk,
    "warp": _warp,
    "citrix": _citrix,
    "zoom": _zoom,
    "revision": _without_revision,
}
