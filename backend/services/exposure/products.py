"""The product of one program's name, and the users' decisions about it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from backend.contract.access import Actor
from backend.contract.exposure import ProductDecision, ResolvedProduct, StoredDecision, StoredDecisions
from backend.contract.inventory import ProductName, SoftwareEntry
from backend.domain.products.product import ProductKey
from backend.domain.products.resolution import DecisionKey
from backend.services.exposure.answer import candidates_of, product_of
from backend.services.exposure.resolution import Resolver
from backend.store.repositories.decisions import DecisionRepository
from backend.store.repositories.inventories import InventoryRepository


def resolve_product(connection: Connection, entry: SoftwareEntry) -> ResolvedProduct:
    (resolution,) = Resolver(connection).resolve_all([entry])
    return ResolvedProduct(
        product=product_of(resolution),
        candidates=candidates_of(resolution),
        version=resolution.version or None,
        reason=resolution.reason,
    )


def list_decisions(connection: Connection) -> StoredDecisions:
    """Return all decisions, by name."""
    stored = DecisionRepository(connection).listed()
    return StoredDecisions(
        items=tuple(
            StoredDecision(
                name=program.name,
                publisher=program.publisher,
                product=ProductName(vendor=product.vendor, product=product.product) if product else None,
                decided_at=at,
                decided_by=by,
            )
            for program, product, at, by in stored
        )
    )


def decide(connection: Connection, decision: ProductDecision, by: Actor, now: datetime) -> ResolvedProduct:
    """Store a decision, have all programs matched again, and return what it makes of the program."""
    program, decisions = DecisionKey.of(decision.name, decision.publisher), DecisionRepository(connection)
    if decision.forget:
        decisions.delete(program)
    else:
        named = decision.product
        product = ProductKey.of(named.vendor, named.product) if named else None
        decisions.put(program, product, by, now)
    InventoryRepository(connection).want_again()
    return resolve_product(connection, SoftwareEntry(name=decision.name, publisher=decision.publisher))
