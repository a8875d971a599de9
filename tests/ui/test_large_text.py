"""Text at 200 %, as the system's accessibility settings can have it: nothing is cut off on any page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication

from desktop.ui.page_context import Memory, PageContext, PageName
from desktop.ui.pages import page_makers
from desktop.ui.pictures import picture
from desktop.ui.window.main_window import MainWindow
from tests.ui import checks
from tests.ui.fonts import FONTS, use_font

SIZE = QSize(1180, 760)
WIDER = (PageName.VULNERABILITIES, PageName.DIAGNOSTICS)
"""The table of the one has more columns than room; a path on the other has no place to wrap."""


@pytest.fixture
def large_text(qapp: QApplication, theme: object) -> Iterator[None]:
    use_font(qapp, FONTS[0], 2.0)
    yield
    use_font(qapp, FONTS[0])


@pytest.mark.parametrize("page", list(PageName))
def test_nothing_is_cut_off(
    page: PageName, large_text: None, context: PageContext, memory: Memory, tmp_path: Path
) -> None:
    window = MainWindow(context, memory, page_makers())
    window.show_page(page)
    picture(window, tmp_path / "page.png", context, SIZE)
    cut_off = checks.clipped(window)
    sideways = [] if page in WIDER else checks.sideways(window)
    window.close()
    window.deleteLater()
    assert cut_off == []
    assert sideways == []
