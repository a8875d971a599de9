"""Errors are written in English where they occur, and shown in the language of the windows."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QCoreApplication

from backend.client.inventory.entries import SkipReason
from backend.contract.errors import ErrorFields, OpenThreatError
from backend.contract.settings import LanguageChoice
from desktop.assets import asset
from desktop.ui.language import Language
from desktop.ui.pages.this_pc.importing import skipped_lines
from desktop.ui.sentences import translated
from desktop.ui.widgets.problem_texts import problem_hint, problem_line, problem_message, problem_title


def test_texts_are_translated_as_far_as_they_are_known(language: Language) -> None:
    language.follow(LanguageChoice.GERMAN)
    found = OpenThreatError("The file is damaged", "Line 3: odd.", "Choose another file.").problem
    assert problem_title(found) == "Die Datei ist beschädigt"
    assert problem_message(found) == "Zeile 3: odd."
    assert problem_hint(found) == "Wählen Sie eine andere Datei."
    assert translated("Nobody wrote this. It broke.") == "Nobody wrote this. It broke."


TEMPLATES = asset("translations/sentences.txt").read_text(encoding="utf-8").splitlines()


class Values(dict[str, str]):
    """A value for each placeholder, which is no word and identifies its placeholder."""

    def __missing__(self, name: str) -> str:
        return f"«{name}»"


@pytest.mark.parametrize("template", [text for text in TEMPLATES if "{" in text])
def test_every_sentence_with_values_is_recognised(language: Language, template: str) -> None:
    english = template.format_map(Values())
    language.follow(LanguageChoice.ENGLISH)
    assert translated(english) == english
    language.follow(LanguageChoice.GERMAN)
    assert translated(english) == QCoreApplication.translate("problem", template).format_map(Values())


@pytest.mark.parametrize(
    ("english", "german"),
    [
        (
            "The CNA calls versions from 1.0 to before 2.0, 3.1 and 2 more affected.",
            "Die CNA bezeichnet Versionen ab 1.0 bis vor 2.0, 3.1 und 2 weitere als betroffen.",
        ),
        ("The installed version is not known (the CNA).", "Die installierte Version ist nicht bekannt (die CNA)."),
        (
            "CISA calls no version affected, but NVD calls only versions up to 2 affected.",
            "CISA bezeichnet keine Version als betroffen, aber NVD bezeichnet nur Versionen bis 2 als betroffen.",
        ),
        ("High: CVSS 7.5", "Hoch: CVSS 7.5"),
        ("Published 3 days ago", "Veröffentlicht vor 3 Tagen"),
        (
            "NVD cannot be reached: The name nvd.example could not be looked up. It failed 3 times in a row.",
            "NVD ist nicht erreichbar: Der Name nvd.example ließ sich nicht auflösen. Das misslang 3-mal nacheinander.",
        ),
        (
            "CISA sent invalid data: 3 of 9 records were refused. One of them, CVE-1: no id.",
            "CISA schickte ungültige Daten: 3 von 9 Einträgen wurden abgelehnt. Einer davon, CVE-1: no id.",
        ),
        ("A sentence of a library. EUVD refused the request.", "A sentence of a library. EUVD lehnte die Anfrage ab."),
    ],
)
def test_values_that_are_sentences_or_lists_of_words_are_translated_too(
    language: Language, english: str, german: str
) -> None:
    assert translated(english) == english
    language.follow(LanguageChoice.GERMAN)
    assert translated(english) == german


def test_so_are_those_that_come_over_the_api(language: Language) -> None:
    language.follow(LanguageChoice.GERMAN)
    assert problem_line(ErrorFields(title="Interrupted", message="").problem) == "Unterbrochen"


def test_so_are_findings_of_the_diagnosis(language: Language) -> None:
    assert translated("The API answers") == "The API answers"
    language.follow(LanguageChoice.GERMAN)
    assert translated("The API answers") == "Die API antwortet"


def test_so_are_the_reasons_why_entries_of_a_list_are_left_out(language: Language) -> None:
    language.follow(LanguageChoice.GERMAN)
    assert skipped_lines({SkipReason.NO_NAME: 2}, ()) == "2: Er hat keinen Namen."
