"""Pictures of pages to look at: `python -m tests.ui.look [PAGE ...] [--dark] [--scale 2] [--state old] [--size 9x6]`.

The page "first-start" is the window of the first start, drawn for each state of Docker. All others show made-up data,
with --state also nothing yet (empty), the start of the services (loading), what was known when the API stopped
answering (old), or an API that refuses what pages ask for (failing).
The files are written to `<system's temporary folder>/look`. With --check, texts that are cut off, controls without a
name and areas that scroll horizontally are printed too, and make the exit code 1.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from tests.ui.fonts import FONTS, use_font


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", nargs="*")
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--scale", default="1")
    parser.add_argument("--state", choices=("full", "empty", "loading", "old", "failing"), default="full")
    parser.add_argument("--size", default="", help="of the windows, as 900x600")
    parser.add_argument("--font", default=FONTS[0])
    parser.add_argument("--text", type=float, default=1.0, help="size of the text, 2 for 200 %%")
    parser.add_argument("--language", choices=("en", "de", "longer"), default="en", help="longer: a made-up one")
    parser.add_argument("--contrast", action="store_true", help="a contrast theme of the system")
    parser.add_argument("--to", type=Path, default=Path(tempfile.gettempdir()) / "look")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    os.environ["QT_SCALE_FACTOR"] = options.scale
    sys.exit(1 if _draw(options) else 0)


def _draw(options: argparse.Namespace) -> list[str]:
    """Draw the pages and return the faults, if they are to be checked."""
    from PySide6.QtCore import QLocale, QSize
    from PySide6.QtWidgets import QApplication, QWidget

    from backend.contract.problems import failure
    from backend.contract.settings import LanguageChoice
    from backend.contract.settings import ThemeChoice as Choice
    from desktop.stack.docker.states import DockerState
    from desktop.state.app_state import SnapshotMissed, StateStore
    from desktop.supervision.supervisor import SystemClock
    from desktop.ui.language import Language
    from desktop.ui.page_context import Memory, PageContext, PageName
    from desktop.ui.pages import page_makers
    from desktop.ui.pictures import WINDOW, picture
    from desktop.ui.theme.apply import Theme
    from desktop.ui.window.first_start import FirstWindow
    from desktop.ui.window.main_window import MainWindow
    from tests.fakes.actions import RecordingActions
    from tests.ui import checks
    from tests.ui.contrast import contrast_palette
    from tests.ui.states import FOUND_AT_FIRST, empty_view, found, running_state
    from tests.ui.station import ApiProcess, unreachable
    from tests.ui.world import furnish

    application = QApplication([])
    use_font(application, options.font, options.text)
    longer = checks.Lengthening()
    chosen = LanguageChoice.ENGLISH if options.language == "longer" else LanguageChoice(options.language)
    Language(application, chosen, QLocale("en_US"))
    if options.language == "longer":
        checks.install(longer)
    choice = Choice.DARK if options.dark else Choice.LIGHT
    theme = Theme(application, choice, lambda: bool(options.contrast), contrast_palette)
    faults: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        if options.state != "empty":
            furnish(home)
        api = ApiProcess(home)
        fresh = api.client().snapshot()
        assert fresh is not None
        store = StateStore(empty_view() if options.state in ("empty", "loading") else running_state(fresh.snapshot))
        if options.state == "old":
            store.post(SnapshotMissed(failure("The API does not answer", "Nothing was heard of it for 3 s.")))
        away = options.state in ("loading", "failing")
        actions = RecordingActions(home, found(DockerState.NOT_INSTALLED))
        context = PageContext(store, actions, unreachable if away else api.client, SystemClock())
        names = options.pages or [FirstWindow.page_name, *PageName]
        pages = [PageName(page) for page in names if page != FirstWindow.page_name]
        memory = Memory(home)
        memory.save("window/page", [*pages, PageName.INBOX][0])
        window = MainWindow(context, memory, page_makers())
        fixed = QSize(*map(int, options.size.split("x"))) if options.size else None

        def draw(shown: QWidget, what: str, size: QSize) -> None:
            look = "contrast" if options.contrast else "dark" if options.dark else "light"
            words = [what, look, options.scale, options.state]
            words += [f"text{options.text:g}"] if options.text != 1 else []
            words += [options.language] if options.language != "en" else []
            path = options.to / f"{'-'.join([*words, *([options.size] if options.size else [])])}.png"
            picture(shown, path, context, fixed or size)
            print(path)
            if options.check:
                faults.extend([*checks.clipped(shown), *checks.nameless(shown), *checks.sideways(shown)])

        for page in pages:
            window.turn_to(page)
            draw(window, page, WINDOW)
        for state in FOUND_AT_FIRST if FirstWindow.page_name in names else ():
            actions.docker = found(state)
            first = FirstWindow(context)
            draw(first, f"{FirstWindow.page_name}-{state}", first.size())
            first.close()
        window.close()
        context.close()
        api.stop()
    del theme
    print(*faults, sep="\n")
    return faults


if __name__ == "__main__":
    main()
