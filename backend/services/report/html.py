"""A report as one page of HTML without scripts and further files, for browsers, for mail and for Qt's rich text.

Qt makes the PDF of it, which knows tables and a part of CSS 2.1 only: https://doc.qt.io/qt-6/richtext-html-subset.html.
All texts of sources and inventories are escaped and lose control and direction marks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import tzinfo
from html import escape
from re import fullmatch

from backend.contract.formatting import clean, duration, number, plural
from backend.contract.names import Severity
from backend.contract.report import OverdueItem, Report, ReportItem, ReportKind, ReportProgram, ReportScope
from backend.contract.version import VERSION

MAX_ROWS = 1_000
"""Rows of what happened; the other formats have all."""
_MAX_PROGRAMS, _MAX_OVERDUE, _MAX_NAMES = 25, 25, 3
_LONGEST = 200  # characters of a title or a name
_RECORD = "https://www.cve.org/CVERecord?id="
_STYLE = """
body { font-family: "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif; font-size: 10pt; color: #1f2328;
       background-color: #ffffff; margin: 0 auto; padding: 24px; max-width: 920px; }
h1 { font-size: 18pt; font-weight: 600; margin: 0 0 4px 0; }
h2 { font-size: 12pt; font-weight: 600; margin: 22px 0 6px 0; }
p { margin: 0 0 6px 0; }
a { color: #0b57a4; text-decoration: none; }
.lead { font-size: 12pt; margin: 10px 0 14px 0; }
.muted { color: #59636e; }
.small { font-size: 9pt; color: #59636e; }
table { border-collapse: collapse; width: 100%; }
th { text-align: left; font-weight: 600; font-size: 9pt; color: #59636e; padding: 4px 10px 4px 0;
     border-bottom: 1px solid #c5ccd3; vertical-align: bottom; }
td { padding: 5px 10px 5px 0; border-bottom: 1px solid #e6e9ec; vertical-align: top; }
td.figure { padding: 10px 14px; border: 1px solid #d9dee3; background-color: #f6f8fa; }
.big { font-size: 20pt; font-weight: 600; }
.right { text-align: right; }
.day { white-space: nowrap; }
.bad { color: #b42318; font-weight: 600; }
"""
_SCOPES = {
    ReportScope.MINE: "What concerns you: what affects your programs, and what you watch",
    ReportScope.EXPLOITED: "What is known to be exploited",
    ReportScope.ALL: "All that happened",
}
_WORDS = {
    ReportKind.EXPLOITED: "Now exploited",
    ReportKind.CRITICAL: "Critical",
    ReportKind.EPSS_ROSE: "EPSS rose",
    ReportKind.DUE_SOON: "Due soon",
}


def as_html(report: Report, zone: tzinfo) -> str:
    """Return the page. zone: in which its times are given."""
    body = "\n".join(_body(report, zone))
    title = f"Vulnerability report {report.until.astimezone(zone):%Y-%m-%d}"
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>\n'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>\n<body>\n{body}\n'
        "</body></html>\n"
    )


def headline(report: Report) -> str:
    """What the report says, in one sentence or two: also the subject of its mail."""
    figures = report.figures
    if not (figures.new or figures.fixed or figures.exploited):
        nothing = "Nothing new and nothing fixed."
        return f"{nothing} {number(report.overdue)} overdue." if report.overdue else nothing
    exploited = f", {number(figures.exploited)} exploited" if figures.exploited else ", none exploited"
    return f"{number(figures.new)} new{exploited}. {number(figures.fixed)} fixed, {number(report.overdue)} overdue."


def _body(report: Report, zone: tzinfo) -> Iterator[str]:
    begin, end = (f"{moment.astimezone(zone):%Y-%m-%d %H:%M}" for moment in (report.since, report.until))
    where = _text(report.machine) if report.machine else plural(report.machines, "PC")
    yield "<h1>Vulnerability report</h1>"
    yield f'<p class="muted">{begin} to {end} &#183; {where}<br>{_SCOPES[report.scope]}</p>'
    yield f'<p class="lead">{headline(report)}</p>'
    yield _figures(report)
    yield from _programs(report)
    yield from _overdue(report)
    yield from _lists(report, zone)
    written = f"{report.generated_at.astimezone(zone):%Y-%m-%d %H:%M}"
    yield f'<p class="small"><br>Written by OpenThreat {VERSION} at {written}.</p>'


# ---- the figures


def _figures(report: Report) -> str:
    now, before, length = report.figures, report.previous, _length(report)
    overdue = f"{number(report.became_overdue)} of them in these {length}" if report.overdue else ""
    cells = (
        ("New", now.new, _trend(now.new, before.new, length), False),
        ("Exploited", now.exploited, _trend(now.exploited, before.exploited, length), bool(now.exploited)),
        ("Fixed", now.fixed, _trend(now.fixed, before.fixed, length), False),
        ("Overdue", report.overdue, overdue, bool(report.overdue)),
    )
    shown = "".join(_figure(*cell) for cell in cells)
    return f'<table width="100%" cellspacing="0" style="margin-top: 12px"><tr>{shown}</tr></table>'


def _figure(title: str, value: int, remark: str, is_bad: bool) -> str:
    shown = f'<span class="big{" bad" if is_bad else ""}">{number(value)}</span>'
    return f'<td class="figure" width="25%">{title}<br>{shown}<br><span class="small">{remark or "&#160;"}</span></td>'


def _trend(now: int, before: int, length: str) -> str:
    if now == before:
        return f"as many as in the {length} before"
    return f"{number(abs(now - before))} {'more' if now > before else 'fewer'} than in the {length} before"


def _length(report: Report) -> str:
    length = report.until - report.since
    if length.days > 1:
        return plural(length.days, "day")
    hours = round(length.total_seconds() / 3600)
    return plural(hours, "hour") if hours else duration(length)


# ---- what to do


def _programs(report: Report) -> Iterator[str]:
    if not report.programs:
        return
    open_ones = f"{number(report.open)} open {'vulnerability' if report.open == 1 else 'vulnerabilities'}"
    yield f"<h2>What to update</h2><p>{open_ones} in {plural(len(report.programs), 'program')}.</p>"
    head = ("Program", "Installed", "Update to", "Open", "Exploited", *(("PCs",) if report.machines > 1 else ()))
    rows = [_program(program, several=report.machines > 1) for program in report.programs[:_MAX_PROGRAMS]]
    yield _table(head, rows, right=(3, 4), widths=("30%", "16%", "20%", "8%", "10%"))
    yield _rest(len(report.programs), len(rows))


def _program(program: ReportProgram, *, several: bool) -> Sequence[str]:
    exploited = f'<span class="bad">{number(program.exploited)}</span>' if program.exploited else ""
    target = (
        f"<b>{_text(program.update_to)}</b>" if program.update_to else '<span class="muted">no fixed version</span>'
    )
    share = f"fixes {number(program.mended)} of {number(program.affected)}"
    partly = program.update_to and program.mended < program.affected
    ends = f'<br><span class="small">{share}</span>' if partly else ""
    cells = (_text(program.name), _text(program.version), target + ends, number(program.affected), exploited)
    return (*cells, _names(program.machines)) if several else cells


def _overdue(report: Report) -> Iterator[str]:
    if not report.overdue_items:
        return
    yield "<h2>Overdue</h2><p>CISA's due date for these has passed.</p>"
    rows = [_overdue_row(item, several=report.machines > 1) for item in report.overdue_items[:_MAX_OVERDUE]]
    head = ("Due", "Vulnerability", "Program", *(("PC",) if report.machines > 1 else ()))
    yield _table(head, rows, widths=("14%", "44%", "30%"))
    yield _rest(len(report.overdue_items), len(rows))


def _overdue_row(item: OverdueItem, *, several: bool) -> Sequence[str]:
    due = f'<span class="bad day">{item.due_date:%Y-%m-%d}</span>'
    cells = (due, _vulnerability(item.cve_id, item.title), _installed(item.program, item.version, item.fixed_in))
    return (*cells, _text(item.machine)) if several else cells


# ---- what happened


_LISTS: Mapping[str, Callable[[ReportItem], bool]] = {
    "Exploited": lambda item: item.kind is ReportKind.EXPLOITED or (item.kind is ReportKind.NEW and item.exploited),
    "New": lambda item: item.kind is ReportKind.NEW and not item.exploited,
    "Fixed": lambda item: item.kind is ReportKind.FIXED,
    "Also happened": lambda item: item.kind in _WORDS and item.kind is not ReportKind.EXPLOITED,
}
"""The sections of what happened, and which items belong to each."""


def _lists(report: Report, zone: tzinfo) -> Iterator[str]:
    counted, left = [item for item in report.items if item.counted], MAX_ROWS
    hidden = 0
    for title, belongs in _LISTS.items():
        groups = _grouped(filter(belongs, counted))
        shown = groups[:left]
        left -= len(shown)
        hidden += len(groups) - len(shown)
        if shown:
            yield f"<h2>{title}</h2>"
            yield _items(shown, report, zone)
    yield from _left_out(report, len(report.items) - len(counted), hidden)


def _left_out(report: Report, not_counted: int, hidden: int) -> Iterator[str]:
    """Say what the page does not list, and why."""
    if hidden or report.items_total > len(report.items):
        missing = hidden + report.items_total - len(report.items)
        yield f'<p class="small"><br>{number(missing)} more are not listed here. The CSV and JSON files have '
        yield f"the {number(len(report.items))} most urgent of {number(report.items_total)}.</p>"
    if not_counted:
        yield f'<p class="small"><br>Not counted and only in the CSV and JSON files: {plural(not_counted, "finding")}, '
        yield "because it is not known whether the installed version is affected, because it is ignored, or because "
        yield "the PC was or stays affected all the same, as after an update to a version that is as vulnerable.</p>"


def _grouped(items: Iterable[ReportItem]) -> list[list[ReportItem]]:
    """Join what is the same on several machines."""
    groups: dict[tuple[object, ...], list[ReportItem]] = {}
    for item in items:
        groups.setdefault((item.kind, item.cve_id, item.program, item.version), []).append(item)
    return list(groups.values())


def _items(groups: Sequence[Sequence[ReportItem]], report: Report, zone: tzinfo) -> str:
    several = report.machines > 1
    head = ("Severity", "Vulnerability", "Program", *(("PCs",) if several else ()), "Date")
    rows = []
    for group in groups:
        first = group[0]
        where = (_names(sorted({item.machine for item in group if item.machine})),) if several else ()
        day = f'<span class="day">{first.happened_at.astimezone(zone):%Y-%m-%d}</span>'
        rows.append((_severity(first), _vulnerability(first.cve_id, first.title), _what(first), *where, day))
    return _table(head, rows, widths=("11%", "40%", "25%", "11%", "13%") if several else ("11%", "46%", "30%", "13%"))


def _severity(item: ReportItem) -> str:
    word = "Unknown" if item.severity is Severity.UNKNOWN else item.severity.capitalize()
    mark = '<br><span class="bad">Exploited</span>' if item.exploited and item.kind is not ReportKind.FIXED else ""
    return f"{word}{mark}"


def _what(item: ReportItem) -> str:
    """The program and what to update it to, why a finding ended, or what was said of the vulnerability."""
    if item.kind is ReportKind.FIXED:
        return f'{_named(item.program, item.version)}<br><span class="small">{_text(item.reason)}</span>'
    if item.kind is ReportKind.NEW:
        return _installed(item.program, item.version, item.fixed_in)
    rise = f" from {item.epss_before:.0%}" if item.epss_before is not None else ""
    rise += f" to {item.epss_after:.0%}" if item.epss_after is not None else ""
    due = f", due {item.due_date:%Y-%m-%d}" if item.due_date and item.kind is not ReportKind.EPSS_ROSE else ""
    return f"{_WORDS[item.kind]}{rise}{due}"


# ---- parts


def _vulnerability(cve_id: str, title: str) -> str:
    name = _text(cve_id)
    if fullmatch(r"CVE-\d{4}-\d{4,19}", cve_id):
        name = f'<a href="{_RECORD}{cve_id}">{cve_id}</a>'
    return f'{name}<br><span class="small">{_text(title)}</span>' if title else name


def _installed(program: str, version: str, fixed_in: str) -> str:
    if not program:
        return '<span class="muted">watched</span>'
    target = f'<br><span class="small">update to {_text(fixed_in)}</span>' if fixed_in else ""
    return f"{_named(program, version)}{target}"


def _named(program: str, version: str) -> str:
    """A program and its version, unless the name has it."""
    return _text(program if version in program else f"{program} {version}")


def _names(names: Sequence[str]) -> str:
    first = ", ".join(map(_text, names[:_MAX_NAMES]))
    return f"{first} and {number(len(names) - _MAX_NAMES)} more" if len(names) > _MAX_NAMES else first


def _table(
    head: Sequence[str], rows: Iterable[Sequence[str]], *, right: Sequence[int] = (), widths: Sequence[str] = ()
) -> str:
    """cells: HTML. right: columns of numbers; widths: of the first columns."""
    sides = [' class="right"' if place in right else "" for place in range(len(head))]
    shares = [f' width="{width}"' for width in widths] + [""] * (len(head) - len(widths))
    top = "".join(f"<th{side}{share}>{word}</th>" for word, side, share in zip(head, sides, shares, strict=True))
    body = "\n".join(
        f"<tr>{''.join(f'<td{side}>{cell}</td>' for cell, side in zip(row, sides, strict=True))}</tr>" for row in rows
    )
    return f'<table width="100%" cellspacing="0"><thead><tr>{top}</tr></thead>\n<tbody>\n{body}\n</tbody></table>'


def _rest(total: int, shown: int) -> str:
    return f'<p class="small">{number(total - shown)} more are not listed here.</p>' if total > shown else ""


def _text(text: str) -> str:
    """Text of sources and inventories as HTML."""
    short = clean(text)
    return escape(short if len(short) <= _LONGEST else f"{short[: _LONGEST - 1].rstrip()}…")
