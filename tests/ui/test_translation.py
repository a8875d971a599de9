"""The catalogue of texts matches the sources, and plurals are correct."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QTranslator
from PySide6.QtWidgets import QApplication

from desktop.assets import asset

FOLDER = asset("translations")
TOOL = Path(__file__).resolve().parents[2] / "resources" / "translate.py"


def test_the_catalogue_is_up_to_date(tmp_path: Path) -> None:
    """If not, run `python resources/translate.py`."""
    runpy.run_path(str(TOOL))["write"](tmp_path)
    for made in tmp_path.iterdir():
        assert (FOLDER / made.name).read_bytes() == made.read_bytes(), made.name


def test_a_text_put_together_at_run_time_is_refused(tmp_path: Path) -> None:
    (tmp_path / "page.py").write_text("class A:\n    def f(self, n):\n        self.tr(f'{n} runs')\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"page\.py: line 3"):
        runpy.run_path(str(TOOL))["messages"](tmp_path)


def test_one_and_many_are_told_apart(qapp: QApplication, tmp_path: Path) -> None:
    tool = runpy.run_path(str(TOOL))
    lines = ["class Page:", "    def f(self, n):"]
    lines += ['        self.tr("%n run(s)", "", n)', '        self.tr("%n entr(y|ies)", "", n)']
    (tmp_path / "page.py").write_text("\n".join(lines), encoding="utf-8")
    source = tmp_path / "made.ts"
    source.write_text(tool["document"](tool["messages"](tmp_path)), encoding="utf-8")
    tool["compile_catalogue"](source, tmp_path / "made.qm")
    translator = QTranslator()
    assert translator.load("made", str(tmp_path))
    QCoreApplication.installTranslator(translator)
    said = [QCoreApplication.translate("Page", text, "", n) for text in ("%n run(s)", "%n entr(y|ies)") for n in (1, 2)]
    QCoreApplication.removeTranslator(translator)
    assert said == ["1 run", "2 runs", "1 entry", "2 entries"]
