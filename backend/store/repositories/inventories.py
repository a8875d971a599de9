"""Machines and what is installed on them. Equal entries of all machines are one program, which is matched once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from sqlalchemy import Connection, bindparam, delete, exists, func, select, update

from backend.store.dialects.bulk import insert_rows, like, staged, temporary_table, upsert
from backend.store.exposure_tables import (
    finding_history,
    findings,
    machine_programs,
    machines,
    products,
    program_matches,
    program_products,
    programs,
)
from backend.store.repositories.concern import is_of_pc
from backend.store.repositories.matching import is_due, programs_in_order

_MACHINE, _PROGRAM, _INSTALLED = machines.c, programs.c, machine_programs.c
_ENTRY_COLUMNS = ("digest", "entry", "name", "is_system")
_incoming = temporary_table("incoming_programs", *(like(_PROGRAM[name]) for name in _ENTRY_COLUMNS))


@dataclass(frozen=True, slots=True)
class StoredMachine:
    """sent_by: the id of the PC that sent the last inventory; "" where an older version did not note it."""

    number: int
    id: str
    name: str
    user: str
    os: str | None
    digest: bytes
    first_seen_at: datetime
    last_seen_at: datetime
    sent_by: str


@dataclass(frozen=True, slots=True)
class ProgramEntry:
    """An entry of an inventory. entry: as JSON."""

    entry: str
    name: str
    is_system: bool = False

    @property
    def digest(self) -> bytes:
        return blake2b(self.entry.encode(), digest_size=16, person=b"system" if self.is_system else b"").digest()


@dataclass(frozen=True, slots=True)
class InventoryChanges:
    """Numbers of programs that came and went."""

    added: Collection[int]
    removed: Collection[int]


class InventoryRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # ---- machines

    def machine(self, machine_id: str) -> StoredMachine | None:
        row = self._connection.execute(select(machines).where(_MACHINE.id == machine_id)).first()
        return StoredMachine(*row) if row else None

    def machines(self) -> list[StoredMachine]:
        return [StoredMachine(*row) for row in self._connection.execute(select(machines).order_by(_MACHINE.name))]

    def count_machines(self) -> int:
        return self._connection.execute(select(func.count()).select_from(machines)).scalar_one()

    def has_others(self, machine_id: str) -> bool:
        """Whether another PC than this one has sent an inventory."""
        return bool(self._connection.execute(select(exists().where(~is_of_pc(machine_id)))).scalar_one())

    def put_machine(
        self,
        machine_id: str,
        name: str,
        user: str,
        system: str | None,
        digest: bytes,
        sent_by: str,
        now: datetime,
    ) -> int:
        """Create or update a machine and return its number. sent_by: the id of the PC that sent its inventory."""
        values = {
            "name": name,
            "user": user,
            "os": system,
            "digest": digest,
            "last_seen_at": now,
            "sent_by": sent_by,
        }
        statement = upsert(self._connection, machines).values(id=machine_id, first_seen_at=now, **values)
        written = statement.on_conflict_do_update(index_elements=["id"], set_=values).returning(_MACHINE.number)
        number: int = self._connection.execute(written).scalar_one()
        return number

    def see_machine(self, number: int, sent_by: str, now: datetime) -> None:
        seen = update(machines).where(_MACHINE.number == number).values(last_seen_at=now, sent_by=sent_by)
        self._connection.execute(seen)

    def delete_machine(self, number: int) -> None:
        """Delete a machine with its findings and their history."""
        own = select(findings.c.id).where(findings.c.machine == number)
        self._connection.execute(delete(finding_history).where(finding_history.c.finding_id.in_(own)))
        self._connection.execute(delete(findings).where(findings.c.machine == number))
        self._connection.execute(delete(machine_programs).where(_INSTALLED.machine == number))
        self._connection.execute(delete(machines).where(_MACHINE.number == number))

    def program_counts(self) -> dict[int, int]:
        """The number of programs by machine."""
        query = select(_INSTALLED.machine, func.count()).group_by(_INSTALLED.machine)
        return dict(self._connection.execute(query).all())

    def programs_of(self, machine: int) -> list[tuple[str, str | None, bool, int, dict[str, int]]]:
        """The programs of a machine, by name, without its system.

        Returns:
            Of each its entry, its resolution, whether it is matched, and how many vulnerabilities do not affect it, and
            by verdict the others.
        """
        counts: dict[int, dict[str, int]] = {}
        verdicts = select(program_matches.c.program_id, program_matches.c.verdict, func.count()).join(
            machine_programs, _INSTALLED.program_id == program_matches.c.program_id
        )
        grouped = verdicts.where(_INSTALLED.machine == machine).group_by(
            program_matches.c.program_id, program_matches.c.verdict
        )
        for program, verdict, count in self._connection.execute(grouped):
            counts.setdefault(program, {})[verdict] = count
        query = (
            select(_PROGRAM.id, _PROGRAM.entry, _PROGRAM.resolution, ~is_due, _PROGRAM.not_affected)
            .join(machine_programs, _INSTALLED.program_id == _PROGRAM.id)
            .where(_INSTALLED.machine == machine, _PROGRAM.is_system.is_(False))
            .order_by(func.lower(_PROGRAM.name), _PROGRAM.id)
        )
        return [
            (entry, resolution, bool(is_matched), not_affected, counts.get(program, {}))
            for program, entry, resolution, is_matched, not_affected in self._connection.execute(query)
        ]

    # ---- programs

    def put_programs(self, entries: Collection[ProgramEntry]) -> dict[bytes, int]:
        """Create the programs that are not stored yet, and return the numbers of all by their digests.

        Each gets its place among the new ones, by which it is matched: of all inventories the first programs go before
        the second ones, so that one of 20,000 entries does not hold up the others.
        """
        rows = [(entry.digest, entry.entry, entry.name, entry.is_system) for entry in entries]
        if not rows:
            return {}
        with staged(self._connection, _incoming, _ENTRY_COLUMNS, rows):
            place = func.row_number().over(order_by=_incoming.c.digest) - 1
            missing = (
                select(*(_incoming.c[name] for name in _ENTRY_COLUMNS), place)
                .outerjoin_from(_incoming, programs, _PROGRAM.digest == _incoming.c.digest)
                .where(_PROGRAM.id.is_(None))
                .order_by(_incoming.c.digest)  # of two inventories at once one waits, never both
            )
            added = upsert(self._connection, programs).from_select((*_ENTRY_COLUMNS, "place"), missing)
            self._connection.execute(added.on_conflict_do_nothing())
            known = select(_PROGRAM.digest, _PROGRAM.id).join(_incoming, _incoming.c.digest == _PROGRAM.digest)
            return {bytes(digest): number for digest, number in self._connection.execute(known)}

    def program_numbers(self, entries: Collection[ProgramEntry]) -> dict[bytes, int]:
        """The numbers of the programs that are stored, by their digests."""
        query = select(_PROGRAM.digest, _PROGRAM.id).where(_PROGRAM.digest.in_([entry.digest for entry in entries]))
        return {bytes(digest): number for digest, number in self._connection.execute(query)}

    def install(self, machine: int, wanted: Collection[int], now: datetime) -> InventoryChanges:
        """Let exactly these programs be installed on a machine.

        Until the transaction ends, none of the added ones gets other matches: of a matching and an inventory at once,
        each would miss the rows of the other, and the findings that follow from both.
        """
        query = select(_INSTALLED.program_id).where(_INSTALLED.machine == machine)
        known = set(self._connection.execute(query).scalars())
        added, removed = sorted(set(wanted) - known), sorted(known - set(wanted))
        self._connection.execute(programs_in_order(self._connection, added).with_for_update(read=True, key_share=True))
        insert_rows(
            self._connection,
            machine_programs,
            ("machine", "program_id", "first_seen_at"),
            [(machine, program, now) for program in added],
        )
        if removed:
            removal = delete(machine_programs).where(
                _INSTALLED.machine == machine, _INSTALLED.program_id == bindparam("program")
            )
            self._connection.execute(removal, [{"program": program} for program in removed])
        return InventoryChanges(added, removed)

    def want_again(self) -> None:
        """Have all programs matched again, as after a decision on a product."""
        self._connection.execute(update(programs).values(wanted=_PROGRAM.wanted + 1))

    def same_products(self, machine: int, program_ids: Collection[int]) -> dict[int, str]:
        """By program, the name of one with the same product that the machine has now."""
        other = programs.alias("other")
        query = (
            select(_PROGRAM.id, other.c.entry)
            .join(other, (other.c.product == _PROGRAM.product) & (other.c.id != _PROGRAM.id))
            .join(machine_programs, _INSTALLED.program_id == other.c.id)
            .where(_INSTALLED.machine == machine, _PROGRAM.id.in_(program_ids))
        )
        return dict(self._connection.execute(query).all())

    def products_of(self, program_ids: Collection[int]) -> dict[int, str]:
        """The leading products of programs; unknown ones are absent."""
        query = select(_PROGRAM.id, _PROGRAM.product).where(_PROGRAM.product.is_not(None))
        return dict(self._connection.execute(query.where(_PROGRAM.id.in_(program_ids))).all())

    def unmatched(self, machine: int) -> list[tuple[str, bool]]:
        """The programs of a machine that were never matched: their entries, and whether each is a system."""
        query = select(_PROGRAM.entry, _PROGRAM.is_system).join(machine_programs, _INSTALLED.program_id == _PROGRAM.id)
        rows = self._connection.execute(query.where(_INSTALLED.machine == machine, _PROGRAM.matched == 0))
        return [(entry, is_system) for entry, is_system in rows]


def want_programs_of(connection: Connection, product_ids: Collection[int]) -> None:
    """Have the programs matched again that are one of these products."""
    if not product_ids or connection.execute(select(program_products.c.program_id).limit(1)).first() is None:
        return
    of_products = (
        select(program_products.c.program_id)
        .join(
            products,
            (products.c.product_key == program_products.c.product_key)
            & (products.c.vendor_key == program_products.c.vendor_key),
        )
        .where(products.c.id.in_(product_ids))
    )
    connection.execute(update(programs).where(_PROGRAM.id.in_(of_products)).values(wanted=_PROGRAM.wanted + 1))
