"""Commands that search vulnerabilities and show one of them as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from textwrap import wrap

import click

from backend.cli.session import DONE, CommandContext, command
from backend.cli.tables import score
from backend.contract.formatting import number, plural, when
from backend.contract.names import Severity, Source
from backend.contract.vulnerabilities import (
    AffectedProduct,
    CvssScore,
    ExploitationClaim,
    Vulnerability,
    VulnerabilityPage,
)
from backend.contract.weaknesses import weakness_name
from backend.contract.wire import utc_now
from backend.domain.search import SortKey

_SORT_KEYS = [SortKey.PRIORITY.value, *(key.value for key in SortKey if key is not SortKey.PRIORITY)]


class _Day(click.ParamType[str]):
    """A date, checked before it is sent: an error of the API names its own parameter instead of the option."""

    name = "YYYY-MM-DD"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            date.fromisoformat(value)
        except ValueError:
            self.fail("expected a day like 2026-01-31.", param, ctx)
        return value


@command("search")
@click.argument("text", nargs=-1)
@click.option(
    "--severity",
    type=click.Choice([level.value for level in Severity], case_sensitive=False),
    help="Only this severity.",
)
@click.option("--exploited/--not-exploited", default=None, help="Only those in CISA's catalogue, or only the others.")
@click.option("--vendor", multiple=True, help="Only this vendor. Repeat it for several.")
@click.option("--product", multiple=True, help="Only this product. Repeat it for several.")
@click.option("--cwe", metavar="CWE-ID", multiple=True, help="Only this weakness, such as CWE-79, or 79. Repeatable.")
@click.option(
    "--tag",
    type=click.Choice(["disputed", "unsupported-when-assigned", "exclusively-hosted-service"]),
    help="Only those that the CNA calls so.",
)
@click.option("--nvd-status", metavar="STATUS", help="Only those with this status in NVD, such as Deferred.")
@click.option(
    "--state",
    type=click.Choice(["published", "rejected", "any"]),
    help="Default: published, and a rejected one only by its own id.",
)
@click.option(
    "--source",
    type=click.Choice([source.value for source in Source]),
    help="Only those of which this source has a record.",
)
@click.option("--min-cvss", type=click.FloatRange(0, 10), metavar="SCORE", help="Lowest CVSS score.")
@click.option("--min-priority", type=click.FloatRange(0, 1), metavar="SCORE", help="Lowest priority.")
@click.option("--min-epss", type=click.FloatRange(0, 1), metavar="SHARE", help="Lowest EPSS score, from 0 to 1.")
@click.option("--kev-added-after", type=_Day(), help="Listed by CISA on this day or later.")
@click.option("--due-before", type=_Day(), help="CISA's due date is before this day.")
@click.option("--ransomware/--no-ransomware", default=None, help="Only those that ransomware uses, or only the others.")
@click.option("--changed-after", type=_Day(), help="Changed in this database on this day or later.")
@click.option("--mine", is_flag=True, help="Only what concerns the known machines, or is watched.")
@click.option("--published-after", type=_Day(), help="Published on this day or later.")
@click.option("--published-before", type=_Day(), help="Published before this day.")
@click.option(
    "--sort-by",
    metavar="FIELD",
    type=click.Choice(_SORT_KEYS),
    help=f"{_SORT_KEYS[0]} (default), {', '.join(_SORT_KEYS[1:-1])} or {_SORT_KEYS[-1]}.",
)
@click.option("--sort-order", type=click.Choice(["asc", "desc"]), help="Default: desc.")
@click.option("--page", type=click.IntRange(min=1), default=1, show_default=True, help="Number of the page.")
@click.option("--page-size", type=click.IntRange(1, 500), default=20, show_default=True, help="Entries per page.")
def search(
    context: CommandContext, /, text: tuple[str, ...], **filters: str | float | bool | tuple[str, ...] | None
) -> int:
    """Search vulnerabilities by words and filters."""
    from backend.cli.tables import vulnerability_rows

    parameters = {**filters, "search": " ".join(text)}
    page = context.client.vulnerabilities(
        {name: _parameter(value) for name, value in parameters.items() if value not in (None, "", ())}
    )
    context.terminal.show(page)
    if page.items:
        context.terminal.table(
            ("ID", "SEVERITY", "CVSS", "PRIORITY", "", "PUBLISHED", "TITLE"), list(vulnerability_rows(page.items))
        )
    total = number(page.total) + ("+" if page.total_capped else "")
    context.terminal.print_line(
        f"{total} found, page {page.page} of {max(1, page.total_pages)}."
        if page.items
        else _nothing(" ".join(text), page)
    )
    return DONE


def _parameter(value: str | float | bool | tuple[str, ...] | None) -> str | tuple[str, ...]:
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, tuple) else str(value)


def _nothing(text: str, page: VulnerabilityPage) -> str:
    if page.total:
        return f"Page {page.page} is empty: {number(page.total)} found, on {plural(page.total_pages, 'page')}."
    if text and not any(map(str.isalnum, text)):
        return "Nothing found: signs alone are no words. Search for letters or digits."
    return "Nothing found."


@command("show")
@click.argument("cve_id", metavar="ID")
def show(context: CommandContext, cve_id: str) -> int:
    """Show one record.

    ID is a CVE, EUVD or GHSA id.
    """
    item = context.client.vulnerability(cve_id)
    context.terminal.show(item, *record_lines(item, utc_now(), context.terminal.width))
    return DONE


@command("claims")
@click.argument("cve_id", metavar="CVE-ID")
def claims(context: CommandContext, cve_id: str) -> int:
    """Show what each source states about a record.

    It is printed as JSON, as stored before merging.
    """
    stated = context.client.claims(cve_id)
    context.terminal.show(stated, *stated.model_dump_json(indent=2).splitlines())
    return DONE


_MAX_LISTED = 12
"""Entries of a long list that are printed; JSON has all of them."""
_MARGIN = 11  # characters: the widest label and its gap


def record_lines(item: Vulnerability, now: datetime, width: int) -> Iterator[str]:
    """Yield the record as lines of at most `width` characters; long words and addresses may exceed that."""
    marks = [*(["REJECTED"] if item.state == "REJECTED" else []), *item.tags]
    yield f"{item.cve_id}  {item.title}" + (f"  ({', '.join(marks)})" if marks else "")
    yield ""
    for paragraph in item.description.splitlines():
        yield from wrap(paragraph, width) or [""]
    yield ""
    for label, values in _facts(item, now):
        for index, value in enumerate(filter(None, values)):
            yield from _labelled("" if index else label, value, width)
    if item.references:
        yield f"References ({plural(len(item.references), 'link')})"
        yield from (f"  {reference.url}" for reference in item.references[:_MAX_LISTED])


def _labelled(label: str, value: str, width: int) -> list[str]:
    margin = " " * _MARGIN
    first = f"{label:<{_MARGIN}}"
    return wrap(value, width, initial_indent=first, subsequent_indent=margin, break_long_words=False) or [first]


def _facts(item: Vulnerability, now: datetime) -> Iterator[tuple[str, Sequence[str]]]:
    version = f" (CVSS {item.cvss_version})" if item.cvss_version else ""
    yield "Severity", [f"{item.severity.value} {score(item.cvss_score)}".strip() + version]
    yield "CVSS", list(map(_score, item.cvss_scores))
    yield "NVD", [f"status: {item.nvd_status}" if item.nvd_status else ""]
    yield "Tags", [_join(item.tags)]
    yield "Priority", [f"{item.priority_score:.3f}", *item.priority_reasons]
    yield "Exploited", list(dict.fromkeys(map(_exploitation, item.exploitation)))
    yield "EPSS", [f"{item.epss:.2%} within 30 days" if item.epss is not None else ""]
    yield "Action", [item.required_action + (f" Due {item.cisa_due_date}." if item.cisa_due_date else "")]
    yield "Published", [when(item.published_at, now) if item.published_at else ""]
    yield "Modified", [when(item.modified_at, now) if item.modified_at else ""]
    yield "Weakness", [f"{cwe_id} {weakness_name(cwe_id)}".rstrip() for cwe_id in item.cwe_ids]
    yield "Vendors", [_join(item.vendors)]
    yield "Products", [_join(item.products)]
    yield "Spellings", [_join(item.other_names)]
    yield "Affected", _shorten(list(dict.fromkeys(map(_affected, item.affected_products))))
    yield "Aliases", [_join(item.aliases)]
    yield "Sources", [_join([source.value for source in item.sources])]


def _score(entry: CvssScore) -> str:
    origin = entry.origin + (f", {entry.scenario}" if entry.scenario else "")
    return f"{entry.score:.1f}  {entry.vector or 'CVSS ' + entry.version}  ({origin})"


def _exploitation(claim: ExploitationClaim) -> str:
    return f"{claim.by}: {claim.status}" + (f" since {claim.since}" if claim.since else "")


def _affected(entry: AffectedProduct) -> str:
    name = entry.cpe or " ".join(filter(None, (entry.vendor, entry.product, entry.package, entry.purl)))
    bounds = (
        ("from", entry.version_start_including),
        ("after", entry.version_start_excluding),
        ("up to", entry.version_end_including),
        ("before", entry.version_end_excluding),
    )
    versions = [f"{word} {version}" for word, version in bounds if version] or [", ".join(entry.versions)]
    return " ".join(filter(None, (name, *versions, "" if entry.vulnerable else "(not affected)")))


def _shorten(values: list[str]) -> list[str]:
    rest = len(values) - _MAX_LISTED
    return values if rest <= 0 else [*values[:_MAX_LISTED], f"and {number(rest)} more"]


def _join(values: Sequence[str]) -> str:
    return ", ".join(_shorten(list(values)))


COMMANDS = (search, show, claims)
