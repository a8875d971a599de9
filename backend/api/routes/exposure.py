"""Routes for what is installed: its product, and the vulnerabilities that concern it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response

from backend.api.parameters import InstalledName
from backend.contract.exposure import ProductDecision, ResolvedProduct
from backend.contract.inventory import MatchAnswer, MatchRequest
from backend.services.exposure.answer import answer
from backend.services.exposure.products import decide, resolve_product
from backend.store.engine import Database


def router(database: Database, clock: Callable[[], datetime]) -> APIRouter:
    routes = APIRouter(tags=["exposure"])

    @routes.post("/match", response_model=MatchAnswer)
    def match(request: MatchRequest) -> Response:
        """The known vulnerabilities of installed software and of its operating system. Stores nothing."""
        with database.reading() as connection:
            found = answer(connection, request)
        return Response(found.model_dump_json(), media_type="application/json")  # not validated a second time

    @routes.get("/products/resolve")
    def resolve(program: Annotated[InstalledName, Query()]) -> ResolvedProduct:
        """The product that a program's name means."""
        with database.reading() as connection:
            return resolve_product(connection, program.entry())

    @routes.put("/products/decisions")
    def put_decision(decision: ProductDecision) -> ResolvedProduct:
        """Say which product a program is, or that it is none of the known ones. It holds for all its versions."""
        with database.transaction() as connection:
            return decide(connection, decision, clock())

    return routes
