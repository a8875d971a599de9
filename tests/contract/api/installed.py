"""What is installed on machines, and the statements about it."""

from __future__ import annotations

from collections.abc import Sequence

from backend.contract.names import Trigger
from backend.domain.claims import Affected, Claim, Feed, RecordState, SourceRecord
from backend.domain.exposure.derivation import statements_of
from backend.domain.exposure.statements import ProductStatements
from backend.services.exposure.matching_run import match_inventory, request_matching
from backend.store.repositories.statements import StatementRepository, statement_changes
from tests.contract.api.conftest import Json, Stage
from tests.fakes.sources import CountingRun
from tests.fakes.vulnerabilities import put_vulnerabilities, vulnerability

FIREFOX = "cpe:2.3:a:mozilla:firefox:*:*:*:*:*:*:*:*"
WINDOWS = "cpe:2.3:o:microsoft:windows_11_23h2:*:*:*:*:*:*:*:*"
OLD = {"name": "Mozilla Firefox (x64 en-US)", "publisher": "Mozilla", "version": "99.0"}
NEW = {"name": "Mozilla Firefox (x64 en-US)", "publisher": "Mozilla", "version": "200.0"}
OTHER = {"name": "Notes", "version": "1.0"}
SYSTEM = {"name": "Windows 11 Pro", "version": "23H2", "build": "10.0.22631.4317"}
CVES = ("CVE-2024-1001", "CVE-2024-1002")


def stated(cve_id: str, *affected: Affected) -> tuple[ProductStatements, ...]:
    return statements_of(RecordState.PUBLISHED, [SourceRecord(Feed.NVD, cve_id, cve_id, Claim(affected=affected))])


BEFORE_116 = stated(CVES[0], Affected(cpe=FIREFOX, version_end_excluding="116.0"))
BEFORE_100 = stated(CVES[1], Affected(cpe=FIREFOX, version_end_excluding="100.0"))


def state(
    stage: Stage, new: dict[str, Sequence[ProductStatements]], before: dict[str, Sequence[ProductStatements]]
) -> None:
    """Change the statements, as a page of an update does."""
    with stage.database.transaction() as connection:
        StatementRepository(connection).put(statement_changes(new, before=before))


def put_flaws(stage: Stage) -> Stage:
    """Store two vulnerabilities of Firefox, of which the second is known as exploited."""
    with stage.database.transaction() as connection:
        rows = [vulnerability(CVES[0]), vulnerability(CVES[1], exploited_in_the_wild=True)]
        put_vulnerabilities(connection, [(row, 0.5) for row in rows], stage.now)
    state(stage, {CVES[0]: BEFORE_116, CVES[1]: BEFORE_100}, {})
    return stage


def send(stage: Stage, *software: Json, machine: str = "pc-1", **more: object) -> Json:
    body = {"software": list(software), "machine": {"name": machine.upper(), "user": "me"}, **more}
    return stage.request("PUT", f"/machines/{machine}/inventory", 200, json=body)


def match(stage: Stage) -> Json:
    return match_inventory(stage.settings, stage.database, CountingRun(), lambda: stage.now)


def after_an_update(stage: Stage) -> str | None:
    """Request a matching, as an update does at its end."""
    with stage.database.transaction() as connection:
        return request_matching(connection, Trigger.SCHEDULE, stage.now)
