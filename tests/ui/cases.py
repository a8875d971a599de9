"""Records that the tasks of an analyst need and the generated world has only by chance."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from backend.config import Settings
from backend.contract.names import Severity, Source
from backend.domain.vulnerability import MergedVulnerability
from backend.store.engine import Database
from backend.store.repositories.merged_rows import ChangeRow, IngestRepository
from tests.fakes.vulnerabilities import put_vulnerabilities, vulnerability

NOW = datetime.now(UTC)
TODAY = NOW.date()
VENDORS = ("microsoft", "cisco", "fortinet")
NEW = {f"CVE-2026-7700{place}": vendor for place, vendor in enumerate((*VENDORS, "adobe"))}
"""Known to be exploited since yesterday; one of another vendor's product."""
CHANGED, DUE = "CVE-2026-77010", "CVE-2026-77011"
OLD_TITLE, NEW_TITLE = "A flaw in Tomcat", "Request smuggling in Apache Tomcat"


def _exploited(cve_id: str, vendor: str, listed: date, due: date) -> MergedVulnerability:
    return vulnerability(
        cve_id,
        title=f"An attack on {vendor}",
        severity=Severity.HIGH,
        vendors=(vendor,),
        products=("gateway",),
        exploited_in_the_wild=True,
        kev_date_added=listed,
        cisa_due_date=due,
        sources=(Source.NVD, Source.CISA),
    )


def put_cases(home: Path) -> None:
    """Add them to the furnished database of a data folder."""
    yesterday, soon = TODAY - timedelta(days=1), TODAY + timedelta(days=5)
    news = [_exploited(cve_id, vendor, yesterday, TODAY + timedelta(days=90)) for cve_id, vendor in NEW.items()]
    changed = vulnerability(CHANGED, title=OLD_TITLE, vendors=("apache",), products=("tomcat",))
    due = _exploited(DUE, "apache", TODAY - timedelta(days=60), soon)
    database = Database(Settings(home=home).database_url)
    try:
        with database.transaction() as connection:
            put_vulnerabilities(connection, [(item, 0.9) for item in (*news, changed, due)], NOW - timedelta(days=40))
        after = vulnerability(CHANGED, title=NEW_TITLE, vendors=("apache",), products=("tomcat",))
        change = ChangeRow(CHANGED, "title", f'"{OLD_TITLE}"', f'"{NEW_TITLE}"', Source.NVD)
        with database.transaction() as connection:
            put_vulnerabilities(connection, [(after, 0.9)], NOW)
            IngestRepository(connection).add_changes([change], "run-0001", NOW)
    finally:
        database.close()
