"""The route for reports: what happened in a period."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from typing import Annotated

from fastapi import APIRouter, Query, Response

from backend.api.parameters import ReportParameters
from backend.api.roles import Router, needs
from backend.contract.access import AccessRole
from backend.contract.report import Report, ReportFormat
from backend.services.report.content import build_report
from backend.services.report.rendering import MEDIA_TYPES, render
from backend.store.engine import Database

_OTHER_FORMATS: Mapping[str, dict[str, object]] = {
    MEDIA_TYPES[form].partition(";")[0]: {} for form in (ReportFormat.HTML, ReportFormat.CSV)
}


def router(database: Database, clock: Callable[[], datetime], zone: Callable[[], tzinfo]) -> APIRouter:
    routes = Router(tags=["report"])

    @routes.get("/report", response_model=Report, responses={200: {"content": _OTHER_FORMATS}})
    @needs(AccessRole.READ)
    def get_report(wanted: Annotated[ReportParameters, Query()]) -> Response:
        """What happened in the last day, week or month, what is open, and what to update."""
        now = clock()
        with database.reading() as connection:
            report = build_report(connection, wanted.query(now), now)
        return Response(render(report, wanted.format, zone()), media_type=MEDIA_TYPES[wanted.format])

    return routes
