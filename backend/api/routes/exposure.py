"""Routes for what is installed: its product, and the vulnerabilities that concern it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response, status

from backend.api.parameters import FindingFilters, FindingId, InstalledName, MachineId
from backend.api.roles import Router, Sender, needs
from backend.client.inventory.machine_id import known_machine_id
from backend.config import Settings
from backend.contract.access import AccessRole
from backend.contract.exposure import (
    FindingChange,
    FindingDetails,
    FindingPage,
    FindingsChange,
    FindingsChanged,
    InventoryStored,
    MachineDetails,
    MachineList,
    ProductDecision,
    ResolvedProduct,
    StoredDecisions,
)
from backend.contract.inventory import Inventory, MatchAnswer, MatchRequest
from backend.contract.machine_exposure import MachineExposure
from backend.contract.names import Trigger
from backend.services.exposure.answer import answer
from backend.services.exposure.findings import change_finding, change_findings, get_finding, list_findings
from backend.services.exposure.inventories import delete_machine, get_machine, list_machines, store_inventory
from backend.services.exposure.machine_exposure import machine_exposure
from backend.services.exposure.matching_run import request_matching
from backend.services.exposure.products import decide, list_decisions, resolve_product
from backend.services.runs.queue import TaskQueue
from backend.store.engine import Database


def router(settings: Settings, database: Database, queue: TaskQueue, clock: Callable[[], datetime]) -> APIRouter:
    routes = Router(tags=["exposure"])

    @routes.post("/match", response_model=MatchAnswer)
    @needs(AccessRole.READ)
    def match(request: MatchRequest) -> Response:
        """The known vulnerabilities of installed software and of its operating system. Stores nothing."""
        with database.reading() as connection:
            found = answer(connection, request)
        return Response(found.model_dump_json(), media_type="application/json")  # not validated a second time

    @routes.get("/products/resolve")
    @needs(AccessRole.READ)
    def resolve(program: Annotated[InstalledName, Query()]) -> ResolvedProduct:
        """The product that a program's name means."""
        with database.reading() as connection:
            return resolve_product(connection, program.entry())

    @routes.get("/products/decisions")
    @needs(AccessRole.READ)
    def get_decisions() -> StoredDecisions:
        """The decisions on what programs are, with who took each and when."""
        with database.reading() as connection:
            return list_decisions(connection)

    @routes.put("/products/decisions")
    @needs(AccessRole.TRIAGE)
    def put_decision(decision: ProductDecision, sender: Sender) -> ResolvedProduct:
        """Say which product a program is, or that it is none of the known ones. It holds for all its versions."""
        with database.transaction() as connection:
            decided = decide(connection, decision, sender, clock())
            task_id = request_matching(connection, Trigger.API, clock())
        queue.publish_waiting(task_id)
        return decided

    routes.include_router(_inventory_routes(settings, database, queue, clock))
    routes.include_router(_finding_routes(settings, database, clock))
    return routes


def _inventory_routes(
    settings: Settings, database: Database, queue: TaskQueue, clock: Callable[[], datetime]
) -> APIRouter:
    routes = Router(prefix="/machines", tags=["exposure"])

    @routes.get("")
    @needs(AccessRole.READ)
    def get_machines() -> MachineList:
        """All machines whose inventories are stored, with their open findings."""
        with database.reading() as connection:
            return list_machines(connection, clock())

    @routes.put("/{machine_id}/inventory")
    @needs(AccessRole.TRIAGE)
    def put_inventory(machine_id: MachineId, inventory: Inventory) -> InventoryStored:
        """Store all that is installed on a machine. What changed is then matched; the same again writes nothing."""
        with database.transaction() as connection:
            stored = store_inventory(connection, machine_id, inventory, known_machine_id(settings.home), clock())
            task_id = request_matching(connection, Trigger.API, clock())
        queue.publish_waiting(task_id)
        return stored.model_copy(update={"task_id": task_id})

    @routes.get("/{machine_id}")
    @needs(AccessRole.READ)
    def get_one_machine(machine_id: MachineId) -> MachineDetails:
        """One machine with all that is installed on it."""
        with database.reading() as connection:
            return get_machine(connection, machine_id, clock())

    @routes.get("/{machine_id}/exposure")
    @needs(AccessRole.READ)
    def get_machine_exposure(machine_id: MachineId) -> MachineExposure:
        """One machine with what is known of each of its programs, and what to update to."""
        with database.reading() as connection:
            return machine_exposure(connection, machine_id, clock())

    @routes.delete("/{machine_id}", status_code=status.HTTP_204_NO_CONTENT)
    @needs(AccessRole.ADMINISTER)
    def remove_machine(machine_id: MachineId) -> None:
        """Remove a machine with its findings."""
        with database.transaction() as connection:
            delete_machine(connection, machine_id)

    return routes


def _finding_routes(settings: Settings, database: Database, clock: Callable[[], datetime]) -> APIRouter:
    routes = Router(tags=["exposure"])

    @routes.get("/findings")
    @needs(AccessRole.READ)
    def get_findings(filters: Annotated[FindingFilters, Query()]) -> FindingPage:
        """The findings of all machines, the exploited ones first; without a state, those that are not resolved."""
        with database.reading() as connection:
            return list_findings(connection, filters.query(known_machine_id(settings.home)))

    @routes.get("/findings/{finding_id}")
    @needs(AccessRole.READ)
    def get_one_finding(finding_id: FindingId) -> FindingDetails:
        """One finding with its history."""
        with database.reading() as connection:
            return get_finding(connection, finding_id)

    @routes.patch("/findings")
    @needs(AccessRole.TRIAGE)
    def triage_several(change: FindingsChange, sender: Sender) -> FindingsChanged:
        """The same triage of several findings. Those that do not exist or are resolved are named in `unknown`."""
        with database.transaction() as connection:
            return change_findings(connection, change, sender, clock())

    @routes.patch("/findings/{finding_id}")
    @needs(AccessRole.TRIAGE)
    def triage(finding_id: FindingId, change: FindingChange, sender: Sender) -> FindingDetails:
        """Acknowledge a finding, ignore it (until a time), or open it again."""
        with database.transaction() as connection:
            return change_finding(connection, finding_id, change, sender, clock())

    return routes
