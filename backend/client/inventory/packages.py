"""Lists of packages: requirements.txt, package-lock.json, and what `winget export` writes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import msgspec
from packageurl import PackageURL
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from backend.client.inventory.entries import EntryList, SkipReason
from backend.client.inventory.json_items import each
from backend.client.inventory.text_files import head_of, lines_of
from backend.contract.inventory import EntryKind

_COMMENT = re.compile(r"(?:^|\s)#.*$")
_OPTIONS = re.compile(r"\s--?[a-z].*$")  # "--hash=..." behind a requirement
_PINNED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?:\[[^\]]*\])?\s*(?:==|>=|~=|<|!=|@)\s*\S")
_CASE = re.compile(r"(?<=[a-z])(?=[A-Z])")
_MAX_REQUIREMENT = 2_000  # characters
_MAX_DEPTH = 64


class _WingetPackage(msgspec.Struct, rename="pascal"):
    package_identifier: str = ""
    version: str | None = None


class _WingetSource(msgspec.Struct, rename="pascal"):
    packages: list[msgspec.Raw] = []


class WingetExport(msgspec.Struct, rename="pascal"):
    sources: list[msgspec.Raw] = []


class _LockedPackage(msgspec.Struct):
    name: str | None = None  # where it differs from the folder
    version: str | None = None
    link: bool = False
    dependencies: dict[str, msgspec.Raw] = {}  # in version 1 of the format, the packages within; later, ranges


class PackageLock(msgspec.Struct):
    packages: dict[str, msgspec.Raw] = {}
    dependencies: dict[str, msgspec.Raw] = {}


def add_winget(export: WingetExport, entries: EntryList) -> None:
    """Add the packages. An identifier is "Publisher.Name"; capitals separate the words of the name.

    The package URL keeps the identifier, by which winget updates the program.
    """
    for _, source in each(export.sources, _WingetSource, "source", entries):
        for where, package in each(source.packages, _WingetPackage, "package", entries):
            publisher, _, name = package.package_identifier.partition(".")
            fields = {
                "name": _words(name or publisher),
                "publisher": _words(publisher),
                "version": package.version or "",
                "purl": _winget_purl(package.package_identifier),
            }
            entries.add(where, fields)


def _winget_purl(identifier: str) -> str:
    return PackageURL("winget", None, identifier).to_string() if identifier else ""


def add_package_lock(lock: PackageLock, entries: EntryList) -> None:
    """Add the packages of npm's lock file, version 1 (nested dependencies) or later (paths of folders)."""
    for path, package in _decoded(lock.packages, "", entries):
        if package.link or "node_modules/" not in path:
            entries.skip(path or "the project itself", package.name or path, SkipReason.NOT_A_PACKAGE)
        else:
            _add_npm(path, package.name or path.rpartition("node_modules/")[2], package.version, entries)
    if not lock.packages:
        _add_nested(lock.dependencies, "", entries)


def looks_like_requirements(data: bytes, file_name: str) -> bool:
    """Whether the name of the file says so, or most lines of its beginning are requirements with a version."""
    name = file_name.casefold()
    if "requirements" in name and name.endswith((".txt", ".in")):
        return True
    lines = [text for line in head_of(data).splitlines() if (text := _COMMENT.sub("", line).strip())]
    return bool(lines) and sum(bool(_PINNED.match(line)) for line in lines) * 2 > len(lines)


def read_requirements(data: bytes, entries: EntryList) -> None:
    """Add the requirements of a pip file; only exact ones have a version."""
    for place, line in enumerate(_continued(lines_of(data)), 1):
        text = _OPTIONS.sub("", _COMMENT.sub("", line)).strip()
        if text:
            _add_requirement(f"line {place}", text, entries)


def _add_requirement(where: str, text: str, entries: EntryList) -> None:
    if text.startswith(("-", ".", "/")) or "://" in text.split("@", 1)[0]:
        entries.skip(where, text, SkipReason.NOT_A_PACKAGE)
        return
    try:
        requirement = Requirement(text[:_MAX_REQUIREMENT])
    except InvalidRequirement:
        entries.skip(where, text, SkipReason.UNREADABLE)
        return
    exact = [
        clause.version
        for clause in requirement.specifier
        if clause.operator in {"==", "==="} and "*" not in clause.version
    ]
    version = exact[0] if len(exact) == 1 else ""
    purl = PackageURL("pypi", None, canonicalize_name(requirement.name), version or None).to_string()
    entries.add(where, {"name": requirement.name, "version": version, "purl": purl}, EntryKind.PACKAGE)


def _add_npm(where: str, name: str, version: str | None, entries: EntryList) -> None:
    namespace, _, own = name.rpartition("/")
    if not own or (version or "").startswith(("file:", "git", "http")):
        entries.skip(where, name, SkipReason.NOT_A_PACKAGE)
        return
    purl = PackageURL("npm", namespace or None, own, version or None).to_string()
    entries.add(where, {"name": name, "version": version or "", "purl": purl}, EntryKind.PACKAGE)


def _add_nested(packages: Mapping[str, msgspec.Raw], path: str, entries: EntryList, depth: int = 0) -> None:
    for name, package in _decoded(packages, path, entries):
        _add_npm(path + name, name, package.version, entries)
        if package.dependencies and depth < _MAX_DEPTH:
            _add_nested(package.dependencies, f"{path}{name}/", entries, depth + 1)


def _decoded(
    packages: Mapping[str, msgspec.Raw], path: str, entries: EntryList
) -> Iterator[tuple[str, _LockedPackage]]:
    for name, raw in packages.items():
        try:
            package = msgspec.json.decode(raw, type=_LockedPackage)
        except (msgspec.DecodeError, RecursionError):
            entries.skip(path + name, name, SkipReason.UNREADABLE)
        else:
            yield name, package


def _continued(lines: Iterator[str]) -> Iterator[str]:
    joined = ""
    for line in lines:
        if line.endswith("\\") and len(joined) < _MAX_REQUIREMENT:
            joined += line[:-1] + " "
            continue
        yield joined + line
        joined = ""
    if joined:
        yield joined


def _words(identifier: str) -> str:
    return _CASE.sub(" ", identifier.replace(".", " "))
