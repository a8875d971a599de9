"""Resolution of inventory entries to products, with the products of the database and the users' decisions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from packageurl import PackageURL
from sqlalchemy import Connection

from backend.contract.inventory import EntryKind, OperatingSystem, SoftwareEntry
from backend.domain.exposure.conditions import SEPARATE_EDITIONS, Subject, System, edition_of, system_of
from backend.domain.exposure.tracks import family_of
from backend.domain.products.product import KnownProduct, ProductKey, Resolution
from backend.domain.products.resolution import resolve
from backend.domain.products.windows import resolve_windows
from backend.domain.purl import WINGET
from backend.services.exposure.matching import InstalledProduct
from backend.store.repositories.decisions import DecisionRepository
from backend.store.repositories.products import ProductRepository

_HOTPATCHED = ("windows server 2022", "windows server 2025")
"""Releases with hotpatches: learn.microsoft.com/windows-server/get-started/hotpatch."""


class Resolver:
    """Names products of one inventory or request.

    The products that its entries may ask for are read at once: a query for each entry takes longer than all else.
    """

    def __init__(self, connection: Connection) -> None:
        self._products = ProductRepository(connection)
        self._decisions = DecisionRepository(connection).all()

    def resolve_all(self, entries: Sequence[SoftwareEntry]) -> list[Resolution]:
        asked = _AskedForms()
        for entry in entries:
            resolve(entry, asked, self._decisions)
        known = _ReadProducts(self._products, asked.forms)
        return [resolve(entry, known, self._decisions) for entry in entries]


def resolve_programs(connection: Connection, programs: Sequence[tuple[str, bool]]) -> list[Resolution]:
    """Resolve programs as they are stored: each an entry in JSON, and whether it is an operating system."""
    entries = [SoftwareEntry.model_validate_json(entry) for entry, is_system in programs if not is_system]
    resolved = iter(Resolver(connection).resolve_all(entries))
    return [
        resolve_windows(OperatingSystem.model_validate_json(entry)) if is_system else next(resolved)
        for entry, is_system in programs
    ]


class _AskedForms:
    """An index without products that notes which ones are asked for."""

    def __init__(self) -> None:
        self.forms: dict[str, None] = {}

    def find(self, forms: Sequence[str]) -> Iterable[KnownProduct]:
        self.forms |= dict.fromkeys(forms)
        return ()


class _ReadProducts:
    """The products that have some forms, read at once, and others on demand."""

    def __init__(self, products: ProductRepository, forms: Iterable[str]) -> None:
        self._products = products
        self._found: dict[str, list[KnownProduct]] = {form: [] for form in forms}
        self._read(list(self._found))

    def find(self, forms: Sequence[str]) -> Iterable[KnownProduct]:
        self._read([form for form in forms if form not in self._found])
        return dict.fromkeys(product for form in forms for product in self._found[form])

    def _read(self, forms: Sequence[str]) -> None:
        if not forms:
            return
        for form in forms:
            self._found[form] = []
        for form, product in self._products.with_forms(forms):
            self._found[form].append(KnownProduct(product.key, product.records))


def installed(entry: SoftwareEntry, resolution: Resolution, system: System) -> InstalledProduct:
    """What is matched of an entry whose product is known."""
    if entry.kind == EntryKind.WATCHED:
        return InstalledProduct(resolution.keys, resolution.version, Subject(is_elsewhere=True))
    edition = edition_of(entry.name)
    keys = _with_all_editions(resolution.keys) if edition else resolution.keys
    return InstalledProduct(
        keys,
        resolution.version,
        Subject(system, ecosystem=_ecosystem(entry.purl), edition=edition, family=family_of(keys)),
    )


def installed_system(resolution: Resolution) -> InstalledProduct:
    is_hotpatched = any(key.product.startswith(_HOTPATCHED) for key in resolution.keys)
    subject = Subject(System.WINDOWS, is_system=True, is_hotpatched=is_hotpatched)
    return InstalledProduct(resolution.keys, resolution.version, subject)


def system_of_machine(system: OperatingSystem | None) -> System:
    """The system that decides which statements apply; Windows where it is not stated."""
    return (system_of(system.name) if system else None) or System.WINDOWS


def _with_all_editions(keys: Iterable[ProductKey]) -> tuple[ProductKey, ...]:
    """Also the key without the edition: CPE names have it as software edition, or in the product's name."""
    found: dict[ProductKey, None] = {}
    for key in keys:
        words = [word for word in key.product.split() if word not in SEPARATE_EDITIONS]
        found |= {key: None, ProductKey(key.vendor, " ".join(words)): None}
    return tuple(found)


def _ecosystem(purl: str) -> str:
    """The type of a package URL; "" for a program, which winget's are as well."""
    try:
        found: str = PackageURL.from_string(purl.strip()).type if purl else ""
    except ValueError:
        return ""
    return "" if found == WINGET else found
