"""Software bills of materials: CycloneDX as JSON, SPDX 2 as JSON and tag-value, SPDX 3 as JSON.

Specifications: cyclonedx.org/docs, spdx.github.io/spdx-spec.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeAlias

import msgspec

from backend.client.inventory.entries import EntryList, SkipReason
from backend.client.inventory.json_items import each
from backend.client.inventory.text_files import lines_of
from backend.contract.inventory import EntryKind

_NO_SOFTWARE = frozenset({"file", "device", "data", "machine-learning-model", "cryptographic-asset"})
_PROGRAMS = frozenset({"application", "operating-system"})
_NO_ASSERTION = frozenset({"NOASSERTION", "NONE"})
_SUPPLIERS = ("Organization:", "Person:", "Tool:")
_IDENTIFIERS = {
    "cpe22type": "cpe",
    "cpe23type": "cpe",
    "cpe22": "cpe",
    "cpe23": "cpe",
    "purl": "purl",
    "packageurl": "purl",
}
_MAX_DEPTH = 32  # of components in components

Text: TypeAlias = "str | None"


class _Organization(msgspec.Struct):
    name: Text = None


class _Component(msgspec.Struct):
    type: Text = None
    name: Text = None
    group: Text = None
    version: Text = None
    publisher: Text = None
    supplier: _Organization | None = None
    cpe: Text = None
    purl: Text = None
    components: list[msgspec.Raw] | None = None


class CycloneDx(msgspec.Struct):
    components: list[msgspec.Raw] = []


class _Reference(msgspec.Struct, rename="camel"):
    reference_type: str = ""
    reference_locator: str = ""


class _Package(msgspec.Struct, rename="camel"):
    name: Text = None
    version_info: Text = None
    supplier: Text = None
    external_refs: list[_Reference] | None = None


class Spdx2(msgspec.Struct):
    packages: list[msgspec.Raw] = []


class _Identifier(msgspec.Struct, rename={"kind": "externalIdentifierType"}):
    kind: str = ""
    identifier: str = ""


class _Element(
    msgspec.Struct,
    rename={
        "version": "software_packageVersion",
        "purl": "software_packageUrl",
        "identifiers": "externalIdentifier",
    },
):
    type: str = ""
    name: Text = None
    version: Text = None
    purl: Text = None
    identifiers: list[_Identifier] | None = None


class Spdx3(msgspec.Struct, rename={"graph": "@graph"}):
    graph: list[msgspec.Raw] = []


class _TagPackage(NamedTuple):
    line: int
    tags: dict[str, str]
    references: list[tuple[str, str]]


def add_cyclonedx(document: CycloneDx, entries: EntryList) -> None:
    """Add the components, also those within components."""
    _add_components(document.components, "component", entries, 0)


def add_spdx2(document: Spdx2, entries: EntryList) -> None:
    for where, package in each(document.packages, _Package, "package", entries):
        references = [(ref.reference_type, ref.reference_locator) for ref in package.external_refs or ()]
        _add_spdx(where, (package.name, package.version_info, package.supplier), references, entries)


def add_spdx3(document: Spdx3, entries: EntryList) -> None:
    for where, element in each(document.graph, _Element, "element", entries):
        if element.type == "software_Package":
            stated = [(found.kind, found.identifier) for found in element.identifiers or ()]
            references = [("purl", element.purl or ""), *stated]
            _add_spdx(where, (element.name, element.version, None), references, entries)


def read_spdx_tags(data: bytes, entries: EntryList) -> None:
    """Add the packages of a tag-value document, each of which begins with "PackageName:"."""
    for package in _tag_packages(data):
        named = (
            package.tags.get("PackageName"),
            package.tags.get("PackageVersion"),
            package.tags.get("PackageSupplier"),
        )
        _add_spdx(f"line {package.line}", named, package.references, entries)


def _add_components(items: Iterable[msgspec.Raw], what: str, entries: EntryList, depth: int) -> None:
    for where, component in each(items, _Component, what, entries):
        _add_component(where, component, entries)
        if component.components and depth < _MAX_DEPTH:
            _add_components(component.components, f"{where}, component", entries, depth + 1)


def _add_component(where: str, component: _Component, entries: EntryList) -> None:
    name = "/".join(part for part in (component.group, component.name) if part) if component.name else ""
    if component.type in _NO_SOFTWARE:
        entries.skip(where, name, SkipReason.NOT_SOFTWARE)
        return
    supplier = component.supplier.name if component.supplier else None
    fields = {
        "name": name,
        "publisher": component.publisher or supplier or "",
        "version": component.version or "",
        "cpe": component.cpe or "",
        "purl": component.purl or "",
    }
    entries.add(where, fields, EntryKind.PROGRAM if component.type in _PROGRAMS else EntryKind.LIBRARY)


def _add_spdx(
    where: str, named: tuple[Text, Text, Text], references: Iterable[tuple[str, str]], entries: EntryList
) -> None:
    name, version, supplier = ("" if text is None or text in _NO_ASSERTION else text for text in named)
    fields = {"name": name, "version": version, "publisher": _supplier(supplier)}
    for kind, locator in references:
        if locator and (field := _IDENTIFIERS.get(kind.rpartition("/")[2].casefold())):
            fields.setdefault(field, locator)
    entries.add(where, fields, EntryKind.LIBRARY)


def _supplier(supplier: str) -> str:
    """Without "Organization:" in front and an address behind."""
    kind = next((kind for kind in _SUPPLIERS if supplier.startswith(kind)), "")
    return supplier.removeprefix(kind).partition("(")[0].strip()


def _tag_packages(data: bytes) -> Iterator[_TagPackage]:
    package: _TagPackage | None = None
    for number, line in enumerate(lines_of(data), 1):
        tag, _, value = (part.strip() for part in line.partition(":"))
        if tag in {"PackageName", "FileName", "SnippetSPDXID", "Relationship"}:
            if package:
                yield package
            package = _TagPackage(number, {}, []) if tag == "PackageName" else None
        if package and tag == "ExternalRef" and len(parts := value.split()) > 2:
            package.references.append((parts[1], parts[2]))
        elif package:
            package.tags.setdefault(tag, value)
    if package:
        yield package
