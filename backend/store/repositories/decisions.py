"""The users' decisions on which product a program is."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, select

from backend.contract.access import Actor, actor_of
from backend.domain.products.product import ProductKey
from backend.domain.products.resolution import DecisionKey
from backend.store.dialects.bulk import upsert
from backend.store.exposure_tables import product_decisions

_ROW = product_decisions.c


class DecisionRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self) -> dict[DecisionKey, ProductKey | None]:
        """By program, its product; None: none of the known ones."""
        rows = self._connection.execute(select(_ROW.name, _ROW.publisher, _ROW.vendor, _ROW.product))
        return {
            DecisionKey(name, publisher): ProductKey(vendor, product) if product else None
            for name, publisher, vendor, product in rows
        }

    def listed(self) -> list[tuple[DecisionKey, ProductKey | None, datetime, Actor | None]]:
        """Program, product, moment and author of each decision, by name."""
        columns = select(_ROW.name, _ROW.publisher, _ROW.vendor, _ROW.product, _ROW.decided_at)
        rows = self._connection.execute(
            columns.add_columns(_ROW.by_user, _ROW.by_machine).order_by(_ROW.name, _ROW.publisher)
        )
        return [
            (
                DecisionKey(name, publisher),
                ProductKey(vendor, product) if product else None,
                at,
                actor_of(user, machine),
            )
            for name, publisher, vendor, product, at, user, machine in rows
        ]

    def put(self, program: DecisionKey, product: ProductKey | None, by: Actor, now: datetime) -> None:
        key = product or ProductKey("", "")
        values = {"vendor": key.vendor, "product": key.product, "decided_at": now}
        values |= {"by_user": by.user, "by_machine": by.machine}
        statement = upsert(self._connection, product_decisions).values(
            name=program.name, publisher=program.publisher, **values
        )
        self._connection.execute(statement.on_conflict_do_update(index_elements=["name", "publisher"], set_=values))

    def delete(self, program: DecisionKey) -> None:
        self._connection.execute(
            delete(product_decisions).where(_ROW.name == program.name, _ROW.publisher == program.publisher)
        )
