"""All pages, drawn in both themes and fonts, with data and without: nothing is cut off, nameless or untranslated."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale, QSize
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QLabel

from backend.contract.problems import failure
from backend.contract.report import ReportFormat
from backend.contract.settings import LanguageChoice
from backend.contract.settings import ThemeChoice as Choice
from backend.contract.wire import utc_now
from desktop.diagnostics.machine import this_machine
from desktop.state.app_state import SnapshotArrived, SnapshotMissed, StateStore
from desktop.ui.language import LANGUAGE_NAMES, Language
from desktop.ui.page_context import Memory, PageContext, PageName
from desktop.ui.pages import page_makers
from desktop.ui.pages.settings.nvd_key import KEY_PAGE
from desktop.ui.pages.this_pc.finding_history import FindingHistory
from desktop.ui.pictures import picture
from desktop.ui.theme.apply import Theme
from desktop.ui.window.main_window import MainWindow
from tests.ui import checks
from tests.ui.fonts import FONTS, use_font
from tests.ui.installed import texts
from tests.ui.states import FOUND_AT_FIRST
from tests.ui.station import ApiProcess
from tests.ui.world import FLAWS, PRODUCTS

SMALLEST, SMALL = QSize(900, 600), QSize(1024, 700)
"""The least size of the window; and that from which on the list of vulnerabilities does not scroll sideways."""
_TWICE = ("--scale", "2", "--size", f"{SMALL.width()}x{SMALL.height()}", "--check")
OTHER_LANGUAGES = [language for language in LANGUAGE_NAMES if language is not LanguageChoice.ENGLISH]
SIZES = "bytes kB MB GB"
"""Units that come from QLocale."""
LEAST_COLOURS = 20
"""A picture with fewer colours is empty."""


@pytest.fixture(params=["data", "nothing"])
def any_desk(request: pytest.FixtureRequest) -> PageContext:
    return request.getfixturevalue("context" if request.param == "data" else "empty_context")


@pytest.fixture(params=zip((Choice.LIGHT, Choice.DARK), FONTS, strict=True), ids=lambda look: ", ".join(look))
def look(request: pytest.FixtureRequest, qapp: QApplication, theme: Theme) -> Iterator[None]:
    """Both themes and both fonts; a theme changes no width, so that two of the four pairs show everything."""
    choice, family = request.param
    theme.follow(choice)
    use_font(qapp, family)
    yield
    use_font(qapp, FONTS[0])


@pytest.fixture
def window(any_desk: PageContext, memory: Memory, qtbot: object) -> Iterator[MainWindow]:
    made = MainWindow(any_desk, memory, page_makers())
    yield made
    made.close()
    made.deleteLater()


@pytest.fixture(params=["longer", *OTHER_LANGUAGES])
def other_language(
    request: pytest.FixtureRequest, language_with: Callable[[LanguageChoice], Language]
) -> Iterator[None]:
    """A made-up language with texts that are longer by 40 %; and each that there are texts in."""
    if request.param in OTHER_LANGUAGES:
        language_with(request.param)
        yield
    else:
        translator = checks.Lengthening()
        checks.install(translator)
        yield
        checks.remove(translator)


@pytest.fixture
def bracketing(qapp: QApplication) -> Iterator[None]:
    translator = checks.Bracketing()
    checks.install(translator)
    yield
    checks.remove(translator)


@pytest.mark.parametrize("page", list(PageName))
def test_each_can_be_imported_before_it_is_opened(page: PageName) -> None:
    assert find_spec(f"desktop.ui.pages.{page}") is not None


@pytest.mark.parametrize("page", list(PageName))
def test_it_is_drawn_with_nothing_cut_off_or_nameless(
    page: PageName, look: None, window: MainWindow, any_desk: PageContext, tmp_path: Path
) -> None:
    window.show_page(page)
    picture(window, tmp_path / "page.png", any_desk, SMALL if page is PageName.VULNERABILITIES else SMALLEST)
    drawn = QImage(str(tmp_path / "page.png"))
    seen = {drawn.pixel(x, y) for x in range(0, drawn.width(), 3) for y in range(0, drawn.height(), 3)}
    assert len(seen) > LEAST_COLOURS
    assert checks.clipped(window) == []
    assert checks.nameless(window) == []
    assert checks.sideways(window) == []
    assert not checks.scrolls_whole(window)


@pytest.mark.parametrize("page", list(PageName))
def test_it_is_drawn_in_other_languages_with_nothing_cut_off(
    other_language: None, page: PageName, context: PageContext, memory: Memory, tmp_path: Path
) -> None:
    window = MainWindow(context, memory, page_makers())
    window.show_page(page)
    picture(window, tmp_path / "page.png", context, SMALL)
    cut_off, sideways = checks.clipped(window), checks.sideways(window)
    window.close()
    window.deleteLater()
    assert (cut_off, sideways) == ([], [])


@pytest.mark.parametrize("changes", [{}, {"stats": None}], ids=["data", "before the first update"])
@pytest.mark.parametrize("page", [PageName.INBOX, PageName.THIS_PC])
def test_a_problem_that_comes_up_later_is_not_cut_off(
    page: PageName,
    changes: dict[str, object],
    look: None,
    context: PageContext,
    store: StateStore,
    memory: Memory,
    tmp_path: Path,
) -> None:
    assert store.state.snapshot is not None
    store.post(SnapshotArrived(store.state.snapshot.model_copy(update=changes), utc_now()))
    window = MainWindow(context, memory, page_makers())
    window.show_page(page)
    picture(window, tmp_path / "page.png", context, SMALLEST)
    message = "Another program, or a long step of an update, has locked it for more than half a minute."
    hint = "Work continues as soon as it is released. If that takes long, close database tools that have it open."
    store.post(SnapshotMissed(failure("The database is busy", message, hint)))
    picture(window, tmp_path / "page.png", context, SMALLEST)
    assert "The database is busy" in {label.text() for label in window.findChildren(QLabel) if label.isVisible()}
    assert checks.clipped(window) == []
    window.close()
    window.deleteLater()


@pytest.mark.parametrize("page", list(PageName))
def test_all_its_words_go_through_translation(
    bracketing: None, page: PageName, window: MainWindow, any_desk: PageContext, api: ApiProcess, tmp_path: Path
) -> None:
    window.show_page(page)
    picture(window, tmp_path / "page.png", any_desk, SMALLEST)
    assert checks.untranslated(window, known_to(any_desk, tmp_path) + notes_shown(window, api)) == []


def notes_shown(window: MainWindow, api: ApiProcess) -> str:
    """Return the notes of the finding whose history is shown, which other tests may have written."""
    shown = window.findChild(FindingHistory)
    history = api.client().finding(shown._shown).history if shown and shown.isVisible() else ()
    return " ".join(event.note for event in history).casefold()


def known_to(context: PageContext, folder: Path) -> str:
    """Return all texts that the window got to show, which are not translated."""
    view = context.state
    snapshot = view.snapshot.model_dump_json() if view.snapshot else ""
    titles = " ".join(service.service.title for service in view.supervision.services)
    machine = asdict(this_machine(context.actions.home))
    found = context.actions.diagnose().model_dump_json()
    days = [QLocale().monthName(month) for month in range(1, 13)] + [QLocale().dayName(day) for day in range(1, 8)]
    reports = f"{context.actions.report_folder(view.settings)} {' '.join(ReportFormat)}"
    places = f"{folder} {context.actions.home} {context.actions.log_folder} {reports} {KEY_PAGE}"
    installed = " ".join((*texts(), str(FLAWS), str(PRODUCTS), *LANGUAGE_NAMES.values()))
    return f"{snapshot} {installed} {titles} {places} {machine} {found} {SIZES} {days} OpenThreat cron UTC".casefold()


@pytest.mark.parametrize(
    "options", [["--dark", "--font", FONTS[1]], ["--state", "empty"]], ids=["data, dark", "nothing, light"]
)
def test_all_are_drawn_at_twice_the_size(options: list[str], tmp_path: Path) -> None:
    """The scale applies to a whole process, so another process draws."""
    look = [sys.executable, "-m", "tests.ui.look", *_TWICE, "--to", str(tmp_path)]
    drawn = subprocess.run([*look, *options], cwd=Path(__file__).resolve().parents[2], capture_output=True, timeout=120)
    assert drawn.returncode == 0, (drawn.stdout + drawn.stderr).decode()
    pictures = [QImage(str(path)) for path in tmp_path.glob("*.png")]
    assert [picture.size() for picture in pictures] == [SMALL * 2] * (len(PageName) + len(FOUND_AT_FIRST))
