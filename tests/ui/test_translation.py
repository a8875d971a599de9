"""The catalogues match the sources: nothing is missing in any language, and placeholders and plurals are right."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QTranslator
from PySide6.QtWidgets import QApplication

from backend.contract.settings import LanguageChoice
from desktop.assets import asset
from desktop.ui.language import LANGUAGE_NAMES

FOLDER = asset("translations")
TOOL = runpy.run_path(str(Path(__file__).resolve().parents[2] / "resources" / "translate.py"))
Message, Translation = TOOL["Message"], TOOL["Translation"]
RUNS = Message("Page", "{0}: %Ln run(s)", "", plural=True)
SAVE = Message("Page", "&Save to <b>{name}</b>", "", plural=False)


def test_the_catalogues_are_up_to_date(tmp_path: Path) -> None:
    """If not, run `python resources/translate.py`."""
    TOOL["write"](tmp_path)
    for made in tmp_path.iterdir():
        assert (FOLDER / made.name).read_bytes() == made.read_bytes(), made.name


def test_there_is_a_catalogue_of_each_language_that_can_be_chosen() -> None:
    offered = {language.value for language in LANGUAGE_NAMES}
    assert offered == set(TOOL["LANGUAGES"]) == {*LanguageChoice} - {LanguageChoice.SYSTEM}
    assert {path.name for path in FOLDER.glob("*.qm")} == {f"openthreat_{language}.qm" for language in offered}


def test_no_translation_is_missing_or_wrong() -> None:
    """If one is, translate it in desktop/assets/translations/openthreat_<language>.ts."""
    assert TOOL["all_faults"]() == []


@pytest.mark.parametrize(
    ("message", "known", "fault"),
    [
        (SAVE, None, "is not translated"),
        (SAVE, Translation(("&Speichern in <b>{name}</b>",), finished=False), "is not translated"),
        (SAVE, Translation((" ",)), "an empty form"),
        (SAVE, Translation(("&Speichern in <b>{0}</b>",)), "other placeholders"),
        (SAVE, Translation(("&Speichern in {name}",)), "other placeholders"),
        (SAVE, Translation(("Speichern in <b>{name}</b>",)), "other placeholders"),
        (RUNS, Translation(("{0}: %Ln Läufe",)), "1 forms instead of 2"),
        (RUNS, Translation(("{0}: %Ln Lauf", "{0}: %n Läufe")), "other placeholders"),
        (RUNS, Translation(("{0}: %Ln Lauf", "")), "an empty form"),
    ],
)
def test_faults_of_a_translation_are_found(message: object, known: object, fault: str) -> None:
    [found] = TOOL["faults"]([message], {} if known is None else {TOOL["_key"](message): known})
    assert fault in found


def test_correct_translations_have_no_fault() -> None:
    known = {
        ("Page", SAVE.source, ""): Translation(("In <b>{name}</b> &speichern",)),
        ("Page", RUNS.source, ""): Translation(("%Ln Lauf: {0}", "%Ln Läufe: {0}")),
    }
    assert TOOL["faults"]([SAVE, RUNS], known) == []


def test_translations_stay_when_texts_are_collected_anew(tmp_path: Path) -> None:
    """Also those with signs of XML, line breaks, or the same text with another comment."""
    texts = [
        Message("Page", "a < b & c\nd", "", plural=False),
        Message("Page", "Open", "a state", plural=False),
        Message("Page", "Open", "", plural=False),
        RUNS,
    ]
    known = {
        ("Page", "a < b & c\nd", ""): Translation(("c > „b“\n&amp;",)),
        ("Page", "Open", "a state"): Translation(("Offen",)),
        ("Page", "Open", ""): Translation(("Öffnen",), finished=False),
        ("Page", RUNS.source, ""): Translation(("{0}: %Ln Lauf", "{0}: %Ln Läufe")),
    }
    source = tmp_path / "made.ts"
    source.write_text(TOOL["document"](texts, "de_DE", known), encoding="utf-8")
    assert TOOL["translations"](source) == known


def test_a_new_text_is_marked_as_unfinished_and_one_that_is_gone_is_left_out(tmp_path: Path) -> None:
    source = tmp_path / "made.ts"
    gone = ("Page", "Gone", "")
    source.write_text(TOOL["document"]([SAVE, RUNS], "de_DE", {gone: Translation(("Fort",))}), encoding="utf-8")
    written = source.read_text(encoding="utf-8")
    assert TOOL["translations"](source) == {}
    assert written.count('type="unfinished"') == 2
    assert written.count("<numerusform></numerusform>") == 2
    assert "Gone" not in written


def test_a_language_without_a_file_has_no_translations(tmp_path: Path) -> None:
    assert TOOL["translations"](tmp_path / "openthreat_xx.ts") == {}


def test_the_comment_that_tells_equal_texts_apart_is_collected(tmp_path: Path) -> None:
    lines = ["class A:", "    def f(self, n):", '        self.tr("Open", "a state")']
    lines += ['        translate("words", "%n run(s)", "of the list", n)']
    (tmp_path / "page.py").write_text("\n".join(lines), encoding="utf-8")
    assert TOOL["messages"](tmp_path) == [
        Message("A", "Open", "a state", plural=False),
        Message("words", "%n run(s)", "of the list", plural=True),
    ]


def test_sentences_of_errors_and_findings_are_collected_where_they_are_written(tmp_path: Path) -> None:
    """From calls of the base class, of classes that derive from one that derives from it, and of functions."""
    lines = ["class Lost(OpenThreatError): ...", "class Gone(Lost): ...", "class Other(ValueError): ..."]
    lines += ["HINT = 'Wait.'", "Gone('It is gone', f'{x} is away', HINT)", "Other('Not shown')", "print('Not shown')"]
    lines += ["failure('No way', hint='Now.' if x else 'Later.')", "well('name', 'Good')"]
    lines += ["ErrorFields(title='Title', id='some id')"]
    lines += ["said = f'{here._x} and {x}, {y()} and {y(2)}, {{x}}. {HINT}'", "log(f'{x} is not said')"]
    (tmp_path / "backend").mkdir()
    (tmp_path / "backend" / "module.py").write_text("\n".join(lines), encoding="utf-8")
    assert TOOL["sentences"](tmp_path) == {
        *("It is gone", "{x} is away", "Wait.", "No way", "Now.", "Later.", "Good", "Title"),
        "{x} and {value2}, {value3} and {value4}, {{x}}. Wait.",
    }


def test_a_text_put_together_at_run_time_is_refused(tmp_path: Path) -> None:
    (tmp_path / "page.py").write_text("class A:\n    def f(self, n):\n        self.tr(f'{n} runs')\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"page\.py: line 3"):
        TOOL["messages"](tmp_path)


def test_one_and_many_are_told_apart(qapp: QApplication, tmp_path: Path) -> None:
    lines = ["class Page:", "    def f(self, n):"]
    lines += ['        self.tr("%n run(s)", "", n)', '        self.tr("%n entr(y|ies)", "", n)']
    (tmp_path / "page.py").write_text("\n".join(lines), encoding="utf-8")
    source, found = tmp_path / "made.ts", TOOL["messages"](tmp_path)
    source.write_text(TOOL["document"](found, "en_US", TOOL["english"](found)), encoding="utf-8")
    TOOL["compile_catalogue"](source, tmp_path / "made.qm")
    translator = QTranslator()
    assert translator.load("made", str(tmp_path))
    QCoreApplication.installTranslator(translator)
    texts = [
        QCoreApplication.translate("Page", text, "", n) for text in ("%n run(s)", "%n entr(y|ies)") for n in (1, 2)
    ]
    QCoreApplication.removeTranslator(translator)
    assert texts == ["1 run", "2 runs", "1 entry", "2 entries"]
