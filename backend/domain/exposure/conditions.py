"""Whether a statement is about an installed product at all: system, host program, edition, kind of CPE name."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

import msgspec
from msgspec.structs import replace

from backend.domain.exposure.statements import Condition
from backend.domain.products.product import ProductKey


class System(StrEnum):
    WINDOWS = "windows"
    MACOS = "macos"
    LINUX = "linux"
    ANDROID = "android"
    IOS = "ios"
    OTHER = "other"  # telephones, watches, servers of other kinds, content management systems


_SYSTEM_WORDS = {
    "windows": System.WINDOWS,
    "win32": System.WINDOWS,
    "win64": System.WINDOWS,
    "macos": System.MACOS,
    "mac": System.MACOS,
    "osx": System.MACOS,
    "macosx": System.MACOS,
    "linux": System.LINUX,
    "ubuntu": System.LINUX,
    "debian": System.LINUX,
    "android": System.ANDROID,
    "iphone": System.IOS,
    "ipad": System.IOS,
    "ipados": System.IOS,
    "ios": System.IOS,
}
_OTHER_SYSTEMS = frozenset({
    "aix", "chromeos", "freebsd", "harmonyos", "hp-ux", "hpux", "netbsd", "openbsd", "opensuse", "redhat", "rhel",
    "solaris", "suse", "tvos", "unix", "visionos", "watchos", "webos",
})  # fmt: skip
_WORD = re.compile(r"[a-z][a-z0-9-]*")
_JOINED = (("mac os", "macos"), ("os x", "osx"), ("chrome os", "chromeos"), ("red hat", "redhat"))
_LISTED = re.compile(r"[,;/&]|\band\b|\bor\b")

_ECOSYSTEM_TARGETS = {
    "npm": ("node.js", "nodejs", "javascript"),
    "pypi": ("python",),
    "maven": ("java", "jre", "jdk"),
    "gem": ("ruby", "rails", "ruby_on_rails"),
    "golang": ("go", "golang"),
    "cargo": ("rust",),
    "composer": ("php",),
    "nuget": (".net", ".net_framework", "asp.net"),
    "hex": ("erlang", "elixir"),
    "pub": ("dart", "flutter"),
}
"""By the type of a package URL, the target software in CPE names of such packages."""
SEPARATE_EDITIONS = frozenset({"esr"})
"""Editions whose versions lie among those of the others, and whose installed names say so."""
_PROCESSOR = re.compile(
    r"(?:(?:x|i|ia|arm|amd|aarch)(?:64|32|86|386)|32|64|x86[-_]64|arm)(?:[- _]?(?:bit|based))?(?: systems?)?"
)
"""Stated as target software by mistake, and as platforms beside systems."""


class Subject(msgspec.Struct, frozen=True):
    """What an installed product is, as far as conditions ask for it.

    Attributes:
        system: of the machine.
        is_system: whether the product is the operating system itself.
        is_hotpatched: whether it is one whose errors may be repaired without the build of the regular update.
        ecosystem: of a package, the type of its package URL; "": a program.
        edition: one of `SEPARATE_EDITIONS`; "": any other.
        family: with tracks (`tracks.family_of`); "": none.
        is_elsewhere: whether nothing is known of where it runs: every condition may hold.
    """

    system: System = System.WINDOWS
    is_system: bool = False
    is_hotpatched: bool = False
    ecosystem: str = ""
    edition: str = ""
    family: str = ""
    is_elsewhere: bool = False


@lru_cache(maxsize=2**12)
def edition_of(name: str) -> str:
    """The separate edition that a product's or program's name contains; "" for all others."""
    return next((word for word in _WORD.findall(name.lower()) if word in SEPARATE_EDITIONS), "")


@lru_cache(maxsize=2**10)
def systems_of(platforms: tuple[str, ...]) -> tuple[System, ...]:
    """The systems that a source's platforms name; none if one of them names something else than systems, such as "All".

    Processors beside systems ("Linux", "ARM") say nothing about systems.
    """
    found: dict[System, None] = {}
    for platform in platforms:
        system = system_of(platform)
        if system is not None:
            found[system] = None
        elif not _PROCESSOR.fullmatch(platform.strip().lower()):
            return ()
    return tuple(found)


def system_of(text: str) -> System | None:
    """The system that a platform, a target software or a product's name means; None for anything else."""
    folded = text.lower().replace("_", " ")
    for spaced, joined in _JOINED:
        folded = folded.replace(spaced, joined)
    words = _WORD.findall(folded)
    for word in words:
        if word in _SYSTEM_WORDS:
            return _SYSTEM_WORDS[word]
    return System.OTHER if _OTHER_SYSTEMS.intersection(words) else None


@lru_cache(maxsize=2**12)  # the products of one vendor are named again and again
def systems_in_name(product: str) -> tuple[System, ...]:
    """The systems that a product is made for by its name: "Firefox for iOS", "Client for Mac and Linux"."""
    _, made_for, tail = product.lower().rpartition(" for ")
    if not made_for:
        return ()
    found = [system for part in _LISTED.split(tail) if (system := system_of(part)) is not None]
    return tuple(dict.fromkeys(found))


def applies(condition: Condition, product: ProductKey, subject: Subject) -> bool:
    """Whether a statement about a product under this condition is about it as it is installed."""
    return subject.is_elsewhere or (
        _part_applies(condition.part, subject)
        and _target_applies(condition.target, subject)
        and (not condition.platforms or subject.system in condition.platforms)
        and _runs_there(condition.running_on, subject)
        and _edition(condition.edition, product) == subject.edition
    )


def is_for_other_systems(condition: Condition, product: ProductKey, subject: Subject) -> bool:
    """Whether a statement would be about the installed product if it did not name other systems."""
    return bool(condition.platforms) and applies(replace(condition, platforms=()), product, subject)


def _part_applies(part: str, subject: Subject) -> bool:
    return part in ("", "o" if subject.is_system else "a")


def _target_applies(target: str, subject: Subject) -> bool:
    """Of a package, its own ecosystem; of a program, the machine's system: any other software is that of a plug-in."""
    if not target or _PROCESSOR.fullmatch(target):
        return True
    if subject.ecosystem:
        return target in _ECOSYSTEM_TARGETS.get(subject.ecosystem, ())
    return system_of(target) is subject.system


def _runs_there(names: tuple[str, ...], subject: Subject) -> bool:
    """Whether one of the needed products may be there: of systems only this one, of programs any."""
    systems = [system for name in names if (system := system_of(name.partition(":")[2])) is not None]
    return not systems or subject.system in systems


def _edition(edition: str, product: ProductKey) -> str:
    """The separate edition of a statement, which stands in its CPE name or in its product's name."""
    return edition if edition in SEPARATE_EDITIONS else edition_of(product.product)
