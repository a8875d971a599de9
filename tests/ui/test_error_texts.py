"""Errors are written in English where they occur, and said in the language of the windows."""

from __future__ import annotations

from backend.client.inventory.entries import SkipReason
from backend.contract.errors import ErrorFields, OpenThreatError
from backend.contract.settings import LanguageChoice
from desktop.ui.language import Language
from desktop.ui.pages.this_pc.importing import skipped_lines
from desktop.ui.widgets.problem_texts import problem_hint, problem_line, problem_message, problem_title, said


def test_texts_without_values_are_translated_and_the_others_stay(language: Language) -> None:
    language.follow(LanguageChoice.GERMAN)
    found = OpenThreatError("The file is damaged", "Line 3: odd.", "Choose another file.").problem
    assert problem_title(found) == "Die Datei ist beschädigt"
    assert problem_message(found) == "Line 3: odd."
    assert problem_hint(found) == "Wählen Sie eine andere Datei."


def test_so_are_those_that_come_over_the_api(language: Language) -> None:
    language.follow(LanguageChoice.GERMAN)
    assert problem_line(ErrorFields(title="Interrupted", message="").problem) == "Unterbrochen"


def test_so_are_findings_of_the_diagnosis(language: Language) -> None:
    assert said("The API answers") == "The API answers"
    language.follow(LanguageChoice.GERMAN)
    assert said("The API answers") == "Die API antwortet"


def test_so_are_the_reasons_why_entries_of_a_list_are_left_out(language: Language) -> None:
    language.follow(LanguageChoice.GERMAN)
    assert skipped_lines({SkipReason.NO_NAME: 2}, ()) == "2: Er hat keinen Namen."
