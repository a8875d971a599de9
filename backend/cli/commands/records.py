"""Looking for vulnerabilities."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from backend.cli.session import DONE, Session, command
from backend.contract.names import Severity, Source


@command("search")
@click.argument("text", nargs=-1)
@click.option("--severity", type=click.Choice([level.value for level in Severity], case_sensitive=False))
@click.option(
    "--exploited/--not-exploited", default=None, help="Only those that CISA lists as exploited, or only the others."
)
@click.option("--vendor")
@click.option("--product")
@click.option("--cwe", metavar="CWE-ID")
@click.option(
    "--source", type=click.Choice([source.value for source in Source]), help="Only those this source speaks of."
)
@click.option("--min-cvss", type=click.FloatRange(0, 10), metavar="0-10")
@click.option("--min-priority", type=click.FloatRange(0, 1), metavar="0-1")
@click.option("--published-after", metavar="YYYY-MM-DD")
@click.option("--published-before", metavar="YYYY-MM-DD")
@click.option(
    "--sort-by", metavar="FIELD", help="priority_score, published_at, modified_at, cvss_score, epss, cve_id, ..."
)
@click.option("--sort-order", type=click.Choice(["asc", "desc"]))
@click.option("--page", type=click.IntRange(min=1), default=1, show_default=True)
@click.option("--page-size", type=click.IntRange(1, 500), default=20, show_default=True)
def search(
    session: Session, /, text: tuple[str, ...], severity: str | None, exploited: bool | None, **filters: object
) -> int:
    """Find vulnerabilities by words and filters."""
    from backend.cli.reports import vulnerability_rows
    from backend.contract.formatting import number
    from backend.contract.vulnerabilities import VulnerabilityPage

    asked = {
        **filters,
        "search": " ".join(text) or None,
        "severity": severity,
        "exploited": None if exploited is None else str(exploited).lower(),
    }
    found = session.client.get("/vulnerabilities", VulnerabilityPage, asked)
    session.terminal.give(found)
    if found.items:
        session.terminal.table(
            ("ID", "SEVERITY", "CVSS", "PRIORITY", "", "PUBLISHED", "TITLE"), list(vulnerability_rows(found.items))
        )
    total = number(found.total) + ("+" if found.total_capped else "")
    session.terminal.say(
        f"{total} found, page {found.page} of {max(1, found.total_pages)}." if found.items else "Nothing found."
    )
    return DONE


@command("show")
@click.argument("cve_id", metavar="CVE-ID")
def show(session: Session, cve_id: str) -> int:
    """Show all that is known of one vulnerability."""
    from backend.cli.record_report import record_lines
    from backend.client.transport import segment
    from backend.contract.vulnerabilities import Vulnerability

    item = session.client.get(f"/vulnerabilities/{segment(cve_id)}", Vulnerability)
    session.terminal.give(item, *record_lines(item, datetime.now(UTC), session.terminal.width))
    return DONE


COMMANDS = (search, show)
