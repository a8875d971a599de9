"""HTML on paper: PDF without a window, in this process and as the services make it."""

from __future__ import annotations

import re

import pytest
from pytestqt.qtbot import QtBot

from backend.contract.errors import ReportNotDelivered
from backend.services.report import rendering
from backend.services.report.rendering import as_pdf
from desktop.ui.printing import pdf_of

ROW = "<tr><td>A row</td></tr>"


def pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf))


def test_a_short_page_is_one_sheet_and_a_long_one_several(qtbot: QtBot) -> None:
    short, long = pdf_of("<p>Short</p>"), pdf_of(f"<table>{ROW * 300}</table>")
    assert short.startswith(b"%PDF-")
    assert pages(short) == 1
    assert pages(long) > 3


def test_a_pdf_has_the_title_of_its_page(qtbot: QtBot) -> None:
    """As UTF-16, which readers of PDF show in the title bar and read out."""
    pdf = pdf_of("<html><head><title>Grüße (1)</title></head><body><p>Text</p></body></html>")
    assert b"/Title (" + "\ufeffGrüße ".encode("utf-16-be") in pdf


def test_the_program_prints_in_a_process_of_its_own() -> None:
    assert pages(as_pdf("<p>Grüße</p>".encode())) == 1


@pytest.mark.parametrize(
    "command", [["no such program"], ["false"], ["true"]], ids=["missing", "that fails", "that says nothing"]
)
def test_a_program_that_prints_nothing_is_an_error(monkeypatch: pytest.MonkeyPatch, command: list[str]) -> None:
    monkeypatch.setattr(rendering, "whole_program", lambda: command)
    with pytest.raises(ReportNotDelivered, match="PDF cannot be made"):
        as_pdf(b"<p>Text</p>")
