"""From an entry of an inventory to its product: by decision, CPE name, package URL, curated table, or its name."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from packageurl import PackageURL

from backend.contract.inventory import Confidence, EntryKind, ResolvedBy, SoftwareEntry
from backend.domain.cpe import InvalidCpe, parse, vendor_and_product, vendor_and_product_of_uri, version_of
from backend.domain.names import vendor_key
from backend.domain.products.curated import CuratedProgram, curated_table
from backend.domain.products.generic import generic_match
from backend.domain.products.installed_version import compared_version
from backend.domain.products.name_forms import product_forms, spelled_forms
from backend.domain.products.packages import keys_of_package
from backend.domain.products.product import ProductIndex, ProductKey, Resolution, UnknownReason, united
from backend.domain.products.program_name import readings, with_own_number
from backend.domain.products.publishers import may_be_same
from backend.domain.purl import WINGET, package_key

_NO_PROGRAMS = frozenset({EntryKind.PACKAGE, EntryKind.LIBRARY})
"""Kinds whose names are those of an ecosystem: a package "requests" is no Windows program of that name."""
_MAX_SPELLINGS = 64  # keys of one product


class DecisionKey(NamedTuple):
    """The entries for which a decision holds: all versions of a name by a publisher."""

    name: str
    publisher: str

    @classmethod
    def of(cls, name: str, publisher: str) -> DecisionKey:
        return cls((readings(name) or ("",))[-1], vendor_key(publisher))


Decisions = Mapping[DecisionKey, ProductKey | None]
"""What the user decided: the product, or that it is none of the known ones."""


def resolve(entry: SoftwareEntry, known: ProductIndex, decisions: Decisions) -> Resolution:
    """Name the product of an installed program.

    The user's decision goes before the entry's CPE name, its package URL and the curated table, all of which are
    certain. A name that only agrees with a product of the records is likely. Several products that fit are candidates.

    Args:
        known: the products of the records.
        decisions: the user's decisions, which hold for all versions of a program.
    """
    decision = DecisionKey.of(entry.name, entry.publisher)
    if decision in decisions:
        return _decided(entry, decisions[decision], known)
    if key := _key_of_cpe(entry.cpe):
        return _certain(entry, key, ResolvedBy.CPE, known)
    if entry.purl and (resolution := _by_purl(entry, known)):
        return resolution
    if entry.kind in _NO_PROGRAMS:
        return Resolution(version=entry.version, reason=UnknownReason.NO_RECORDS)
    if entry.kind == EntryKind.WINDOWS_UPDATE:
        return Resolution(version=entry.version, reason=UnknownReason.PART, part="update")
    if program := curated_table().find(entry.name, entry.publisher):
        return _curated(entry, program, known)
    return _by_name(entry, known)


def _decided(entry: SoftwareEntry, key: ProductKey | None, known: ProductIndex) -> Resolution:
    if key is None:
        return Resolution(version=entry.version, reason=UnknownReason.DECIDED)
    return _certain(entry, key, ResolvedBy.USER, known)


def _certain(entry: SoftwareEntry, key: ProductKey, by: ResolvedBy, known: ProductIndex) -> Resolution:
    """The product of a key, with the further keys and the version form that the curated table knows for it."""
    program = curated_table().with_key(key)
    keys = united((key, *(program.keys if program else ())))
    is_name = by == ResolvedBy.USER  # a CPE name states the version as the records do
    version = (
        compared_version(program.version if program else "", entry.name, entry.version) if is_name else entry.version
    )
    return Resolution(
        keys=_with_spellings(keys, known),
        confidence=Confidence.CERTAIN,
        by=by,
        version=version or _version_in_cpe(entry.cpe),
        scheme=program.scheme if program else "windows",
    )


def _by_purl(entry: SoftwareEntry, known: ProductIndex) -> Resolution | None:
    """The product of a package, and what records name with its URL; None for text that is no package URL.

    Records do not use winget's ids, so those programs are known by their names.
    """
    try:
        package = PackageURL.from_string(entry.purl.strip())
    except ValueError:
        return None
    if package.type == WINGET:
        return None
    found = sorted(known.find([package_key(entry.purl)]), key=lambda product: (-product.records, product.key))
    keys = united((*keys_of_package(entry.purl), *(product.key for product in found)))
    version = entry.version or package.version or ""
    if not keys:
        return Resolution(version=version, scheme=package.type, reason=UnknownReason.NO_RECORDS)
    return Resolution(
        keys=keys, confidence=Confidence.CERTAIN, by=ResolvedBy.PURL, version=version, scheme=package.type
    )


def _curated(entry: SoftwareEntry, program: CuratedProgram, known: ProductIndex) -> Resolution:
    if not program.keys:
        return Resolution(version=entry.version, reason=UnknownReason.PART, part=program.part)
    version = compared_version(program.version, entry.name, entry.version)
    return Resolution(
        keys=_with_spellings(_of_branch(program.keys, version), known),
        confidence=Confidence.CERTAIN,
        by=ResolvedBy.RULE,
        version=version,
        scheme=program.scheme,
    )


def _of_branch(keys: tuple[ProductKey, ...], version: str) -> tuple[ProductKey, ...]:
    """The keys without those of other branches: ".NET 8.0" is not the product of an installed 6.0.20."""
    names = {key.product for key in keys}
    return tuple(key for key in keys if _is_branch_of(key.product, names, version))


def _is_branch_of(name: str, names: Collection[str], version: str) -> bool:
    product, _, branch = name.rpartition(" ")
    of_branch = product in names and branch.replace(".", "").isdecimal() and "." in branch
    return not of_branch or not version or f"{version}.".startswith(f"{branch}.")


def _by_name(entry: SoftwareEntry, known: ProductIndex) -> Resolution:
    match = generic_match(with_own_number(entry.name, entry.version), entry.publisher, known)
    version = compared_version("", entry.name, entry.version)
    if not match.keys:
        return Resolution(candidates=match.candidates, version=version, reason=match.reason)
    return Resolution(keys=match.keys, confidence=Confidence.LIKELY, by=ResolvedBy.NAME, version=version)


def _key_of_cpe(cpe: str) -> ProductKey | None:
    name = cpe.strip()
    read = vendor_and_product if name.startswith("cpe:2.3:") else vendor_and_product_of_uri
    vendor, product = read(name) if name.startswith("cpe:") else ("", "")
    return ProductKey.of(vendor, product) if vendor and product else None


def _version_in_cpe(cpe: str) -> str:
    """The version of a CPE name; "" for one that is missing, any or not applicable, and for text that is no name."""
    try:
        return version_of(parse(cpe))
    except InvalidCpe:
        return ""


def _with_spellings(keys: tuple[ProductKey, ...], known: ProductIndex) -> tuple[ProductKey, ...]:
    """Add the records' further spellings of the same products: "SQL Server 2019 (CU 28)", "Oracle VM VirtualBox"."""
    forms = {key: frozenset(spelled_forms(key)) for key in keys}
    found = sorted(product.key for product in known.find(sorted(frozenset().union(*forms.values()))))
    same = (key for key in found if any(_is_spelling(key, own, stated) for own, stated in forms.items()))
    return united((*keys, *same))[:_MAX_SPELLINGS]


def _is_spelling(key: ProductKey, own: ProductKey, forms: frozenset[str]) -> bool:
    return not forms.isdisjoint(product_forms(key).complete) and may_be_same(key.vendor, own.vendor)
