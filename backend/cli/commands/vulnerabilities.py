"""Looking for vulnerabilities.

One vulnerability as a page of text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from textwrap import wrap

import click

from backend.cli.session import DONE, CommandContext, command
from backend.cli.tables import score
from backend.contract.formatting import number, plural, when
from backend.contract.names import Severity, Source
from backend.contract.vulnerabilities import AffectedProduct, ExploitationClaim, Vulnerability


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
    session: CommandContext, /, text: tuple[str, ...], severity: str | None, exploited: bool | None, **filters: object
) -> int:
    """Find vulnerabilities by words and filters."""
    from backend.cli.tables import vulnerability_rows
    from backend.contract.formatting import number

    asked = {
        **filters,
        "search": " ".join(text),
        "severity": severity,
        "exploited": None if exploited is None else str(exploited).lower(),
    }
    found = session.client.vulnerabilities(
        {name: str(value) for name, value in asked.items() if value not in (None, "")}
    )
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
def show(session: CommandContext, cve_id: str) -> int:
    """Show all that is known of one vulnerability."""
    item = session.client.vulnerability(cve_id)
    session.terminal.give(item, *record_lines(item, datetime.now(UTC), session.terminal.width))
    return DONE


COMMANDS = (search, show)


_LISTED = 12
"""Entries of a long list that are printed; the JSON form has them all."""
_MARGIN = 11  # letters; the widest label and its gap


def record_lines(item: Vulnerability, now: datetime, width: int) -> Iterator[str]:
    """Lines of at most `width` letters, as far as words and addresses allow."""
    yield f"{item.cve_id}  {item.title}" + ("  (REJECTED)" if item.state == "REJECTED" else "")
    yield ""
    for paragraph in item.description.splitlines():
        yield from wrap(paragraph, width) or [""]
    yield ""
    for label, values in _facts(item, now):
        for place, value in enumerate(filter(None, values)):
            yield from _labelled("" if place else label, value, width)
    if item.references:
        yield f"References ({plural(len(item.references), 'link')})"
        yield from (f"  {reference.url}" for reference in item.references[:_LISTED])


def _labelled(label: str, value: str, width: int) -> list[str]:
    margin = " " * _MARGIN
    first = f"{label:<{_MARGIN}}"
    return wrap(value, width, initial_indent=first, subsequent_indent=margin, break_long_words=False) or [first]


def _facts(item: Vulnerability, now: datetime) -> Iterator[tuple[str, Sequence[str]]]:
    yield "Severity", [f"{item.severity.value} {score(item.cvss_score)}".strip()]
    yield "CVSS", [f"{entry.score:.1f}  {entry.vector}  ({entry.origin})" for entry in item.cvss_scores]
    yield "Priority", [f"{item.priority_score:.3f}", *item.priority_reasons]
    yield "Exploited", list(dict.fromkeys(map(_exploitation, item.exploitation)))
    yield "EPSS", [f"{item.epss:.2%} within 30 days" if item.epss is not None else ""]
    yield "Do", [item.required_action + (f" Due {item.cisa_due_date}." if item.cisa_due_date else "")]
    yield "Published", [when(item.published_at, now) if item.published_at else ""]
    yield "Modified", [when(item.modified_at, now) if item.modified_at else ""]
    yield "Weakness", [_some(item.cwe_ids)]
    yield "Vendors", [_some(item.vendors)]
    yield "Products", [_some(item.products)]
    yield "Affected", _cut(list(dict.fromkeys(map(_affected, item.affected_products))))
    yield "Also", [_some(item.aliases)]
    yield "Sources", [_some([source.value for source in item.sources])]


def _exploitation(claim: ExploitationClaim) -> str:
    return f"{claim.by}: {claim.status}" + (f" since {claim.since}" if claim.since else "")


def _affected(entry: AffectedProduct) -> str:
    name = entry.cpe or " ".join(filter(None, (entry.vendor, entry.product, entry.package)))
    bounds = (
        ("from", entry.version_start_including),
        ("after", entry.version_start_excluding),
        ("up to", entry.version_end_including),
        ("before", entry.version_end_excluding),
    )
    versions = [f"{word} {version}" for word, version in bounds if version] or [", ".join(entry.versions)]
    return " ".join(filter(None, (name, *versions, "" if entry.vulnerable else "(not vulnerable itself)")))


def _cut(values: list[str]) -> list[str]:
    rest = len(values) - _LISTED
    return values if rest <= 0 else [*values[:_LISTED], f"and {number(rest)} more"]


def _some(values: Sequence[str]) -> str:
    return ", ".join(_cut(list(values)))
