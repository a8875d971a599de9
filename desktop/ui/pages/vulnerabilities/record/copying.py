"""A record to paste elsewhere: as text, as Markdown, and as JSON as the API gives it."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from desktop.ui.formatting import translate
from desktop.ui.pages.vulnerabilities.record.content import Content
from desktop.ui.pages.vulnerabilities.record.line import Line
from desktop.ui.pages.vulnerabilities.record.links import record_pages

_MARKDOWN_SIGNS = str.maketrans({sign: f"\\{sign}" for sign in "\\`*_{}[]<>#|!~"})


class CopyForm(StrEnum):
    TEXT = "text"
    MARKDOWN = "markdown"
    JSON = "json"


def copied(content: Content, form: CopyForm) -> str:
    if form is CopyForm.JSON:
        return content.item.model_dump_json(indent=2)
    return "\n".join(_text(content) if form is CopyForm.TEXT else _markdown(content))


Section = tuple[str, list[str]]


def _sections(content: Content) -> list[Section]:
    """Titles and lines, in the order of the record; without those that are empty."""
    sections = [
        (
            translate("vulnerability", "Fixed in"),
            [f"{fix.text} ({fix.detail})" if fix.detail else fix.text for fix in content.fixes],
        ),
        (
            content.place,
            [f"{found.text}: {found.look.word}" for found in content.findings if found.look],
        ),
        *((fact.label, fact.text.splitlines()) for fact in content.facts if fact.label),
        (translate("vulnerability", "Affected products"), [_joined(line) for line in content.affected]),
    ]
    return [section for section in sections if section[1]]


def _joined(line: Line) -> str:
    return ": ".join(cell for cell in line.cells[:2] if cell)


def _text(content: Content) -> Iterator[str]:
    yield f"{content.cve_id}  {content.title}"
    yield ", ".join(look.word for look in content.looks)
    yield from (address for _, address in record_pages(content.cve_id))
    yield from ("", content.whole_description)
    for title, lines in _sections(content):
        yield from ("", f"{title}:", *(f"  {line}" for line in lines))
    yield from ("", *(line.cells[1] for line in content.references))


def _markdown(content: Content) -> Iterator[str]:
    yield f"## {content.cve_id}: {escaped_markdown(content.title)}"
    yield from ("", escaped_markdown(", ".join(look.word for look in content.looks)), "")
    yield " · ".join(f"[{name}]({address})" for name, address in record_pages(content.cve_id))
    yield from ("", escaped_markdown(content.whole_description))
    for title, lines in _sections(content):
        yield from ("", f"**{escaped_markdown(title)}**", "", *(f"- {escaped_markdown(line)}" for line in lines))
    links = (line for line in content.references if line.link)
    yield from ("", *(f"- {escaped_markdown(line.cells[0])}: <{line.link}>" for line in links))


def escaped_markdown(text: str) -> str:
    """Return text that Markdown shows as it is."""
    return text.translate(_MARKDOWN_SIGNS)
