from __future__ import annotations

import io
import json

from backend.cli.session import Terminal, tolerant_stream
from backend.contract.errors import ErrorFields


def make_terminal(*, as_json: bool = False) -> tuple[Terminal, io.StringIO, io.StringIO]:
    out, err = io.StringIO(), io.StringIO()
    return Terminal(as_json=as_json, out=out, err=err), out, err


def test_people_get_lines_and_programs_one_document() -> None:
    people, lines, _ = make_terminal()
    programs, document, _ = make_terminal(as_json=True)
    for terminal in (people, programs):
        terminal.show(ErrorFields(title="Ü"), "a line", "another")
        terminal.print_line("and more")
    assert lines.getvalue() == "a line\nanother\nand more\n"
    assert json.loads(document.getvalue()) == {"title": "Ü", "message": "", "hint": "", "id": ""}
    assert document.getvalue().isascii()


def test_columns_are_aligned_and_only_the_last_is_cut() -> None:
    people, out, _ = make_terminal()
    people.table(("ID", "TITLE"), [("CVE-2024-1", "short"), ("CVE-2024-12345", "x" * 300)])
    head, first, second = out.getvalue().splitlines()
    assert head == "ID              TITLE"
    assert first == "CVE-2024-1      short"
    assert second.startswith("CVE-2024-12345  xxx")
    assert second.endswith("…")
    assert len(second) == 16 + 100


def test_markup_in_text_is_printed_as_it_stands() -> None:
    people, out, _ = make_terminal()
    people.print_line("[bold]not bold[/bold] :smile:")
    assert out.getvalue() == "[bold]not bold[/bold] :smile:\n"


def test_a_console_that_lacks_a_letter_gets_a_question_mark() -> None:
    raw = io.BytesIO()
    console = io.TextIOWrapper(raw, encoding="cp1252")
    tolerant_stream(console)
    Terminal(out=console).print_line("資料 …")
    assert raw.getvalue().rstrip() == b"?? \x85"
