"""Products and the statements about them: written with a page, found by product."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update

from backend.contract.errors import StoreDamaged
from backend.contract.names import Source
from backend.domain.claims import Origin
from backend.domain.exposure.statements import ProductStatements, Statement
from backend.domain.products.product import ProductKey
from backend.domain.versions import VersionRange
from backend.domain.versions.segments import Segment
from backend.store.engine import Database
from backend.store.exposure_tables import product_statements
from backend.store.repositories.products import ProductRepository
from backend.store.repositories.statements import (
    StatementRepository,
    StatementRow,
    read_statements,
    statement_changes,
)
from backend.store.tables import vulnerabilities
from tests.fakes.vulnerabilities import put_vulnerabilities, vulnerability

WIDGET, GADGET = ProductKey("widgetsoft", "widget"), ProductKey("widgetsoft", "gadget")
NOW = datetime(2024, 1, 1, tzinfo=UTC)
IDS = ("CVE-2024-1001", "CVE-2024-1002")

Stated = Mapping[str, tuple[ProductStatements, ...]]


def about(product: ProductKey, *versions: str) -> ProductStatements:
    segments = tuple(Segment(VersionRange.exactly(version)) for version in versions)
    return ProductStatements(product, (Statement(Source.NVD, Origin.NVD, segments),))


def put(database: Database, stated: Stated, before: Stated | None) -> None:
    with database.transaction() as connection:
        put_vulnerabilities(connection, [(vulnerability(name), 0.5) for name in IDS], NOW)
        StatementRepository(connection).put(statement_changes(stated, before=before))


def versions_of(database: Database, product: ProductKey) -> dict[str, list[str]]:
    """The versions by vulnerability id."""
    with database.reading() as connection:
        numbers = ProductRepository(connection).numbers([product.spelling])
        rows = [
            row for found in StatementRepository(connection).of_products(numbers.values()).values() for row in found
        ]
        names = dict(connection.execute(select(vulnerabilities.c.id, vulnerabilities.c.cve_id)).all())
        return {names[row.vulnerability]: _versions(row) for row in rows}


def _versions(row: StatementRow) -> list[str]:
    return [segment.range.start for made in read_statements(row.frame) for segment in made.segments]


def test_statements_are_found_by_product(database: Database) -> None:
    put(database, {IDS[0]: (about(WIDGET, "1"), about(GADGET, "7")), IDS[1]: (about(WIDGET, "2", "3"),)}, {})
    assert versions_of(database, WIDGET) == {IDS[0]: ["1"], IDS[1]: ["2", "3"]}
    assert versions_of(database, ProductKey("Widgetsoft Inc.", "Gadget")) == {IDS[0]: ["7"]}
    assert versions_of(database, ProductKey("nobody", "nothing")) == {}


def test_changed_statements_replace_the_stored_ones(database: Database) -> None:
    before = {IDS[0]: (about(WIDGET, "1"), about(GADGET, "7")), IDS[1]: (about(WIDGET, "2"),)}
    put(database, before, {})
    put(database, {IDS[0]: (about(WIDGET, "1", "1.1"),), IDS[1]: before[IDS[1]]}, before)
    assert versions_of(database, WIDGET) == {IDS[0]: ["1", "1.1"], IDS[1]: ["2"]}
    assert versions_of(database, GADGET) == {}


def test_a_vulnerability_without_statements_loses_the_stored_ones(database: Database) -> None:
    before = {IDS[0]: (about(WIDGET, "1"),), IDS[1]: (about(WIDGET, "2"),)}
    put(database, before, {})
    put(database, {IDS[0]: ()}, {IDS[0]: before[IDS[0]], IDS[1]: before[IDS[1]]})
    assert versions_of(database, WIDGET) == {}


def test_a_repeated_write_of_the_same_is_harmless(database: Database) -> None:
    stated = {IDS[0]: (about(WIDGET, "1"),)}
    for _ in range(2):
        put(database, stated, None)
    assert versions_of(database, WIDGET) == {IDS[0]: ["1"]}


def test_long_lists_of_versions_are_compressed(database: Database) -> None:
    versions = [f"12.{number}(33)sxh{number % 7}" for number in range(500)]
    put(database, {IDS[0]: (about(WIDGET, *versions),)}, {})
    assert versions_of(database, WIDGET) == {IDS[0]: versions}
    with database.reading() as connection:
        assert len(connection.execute(select(product_statements.c.statements)).scalar_one()) < 4000


@pytest.mark.parametrize("order", [1, -1])
def test_the_plainest_spelling_stands_for_a_product_whatever_comes_first(database: Database, order: int) -> None:
    spellings = [ProductKey("widgetsoft inc.", "widget"), WIDGET][::order]
    for name, spelling in zip(IDS, spellings, strict=True):
        put(database, {name: (about(spelling, "1"),)}, {})
    with database.transaction() as connection:
        ((_, found),) = ProductRepository(connection).with_forms(["widget", "gadget"])
    assert (found.key, found.records) == (WIDGET, 2)


def test_damage_is_reported(database: Database) -> None:
    put(database, {IDS[0]: (about(WIDGET, "1"),)}, {})
    with database.transaction() as connection:
        connection.execute(update(product_statements).values(statements=b"\x28\xb5\x2f\xfdnothing"))
    with pytest.raises(StoreDamaged):
        versions_of(database, WIDGET)


def test_products_are_found_by_shortened_names_and_packages(database: Database) -> None:
    client = ProductKey("widgetsoft", "widgetsoft frob client")
    put(database, {IDS[0]: (about(client, "1")._replace(packages=("pkg:npm/frob",)), about(WIDGET, "1"))}, {})
    with database.reading() as connection:
        products = ProductRepository(connection)
        for form in ("widgetsoftfrobclient", "frobclient", "frob", "pkg:npm/frob"):
            assert [(name, found.key) for name, found in products.with_forms([form, "nothing"])] == [(form, client)]
