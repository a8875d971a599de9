"""What the command palette offers: pages, searches, actions, and the vulnerabilities that a text finds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from backend.client.api import ApiClient
from backend.contract.names import TaskName
from backend.contract.vulnerabilities import VulnerabilitySummary
from backend.contract.vulnerability_ids import ids_in
from backend.contract.wire import utc_now
from desktop.ui.formatting import one_line, translate
from desktop.ui.page_context import SAVED_SEARCH, PageContext, PageName
from desktop.ui.sections import PAGES, page_title, section_of, section_title
from desktop.ui.suggestions import SUGGESTED, Suggestion, suggestion_title
from desktop.ui.widgets.pause import PauseFor, pause_end

MOST_FOUND = 6
SHORTEST = 3
"""Letters from which on vulnerabilities are searched."""
_ID = re.compile(r"CVE-[0-9]{4}-[0-9]{4,19}|EUVD-[0-9]{4}-[0-9]{1,19}|GHSA(-[0-9A-Z]{4}){3}", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Command:
    """act: called in the GUI thread. ask: called in the background, instead of `act`; its failure is shown."""

    icon: str
    title: str
    act: Callable[[], None] = lambda: None
    ask: Callable[[ApiClient], object] | None = None


def page_commands(enter: Callable[[PageName], None]) -> list[Command]:
    """Every page; a tab with the section that it belongs to."""
    return [Command("arrow-right", _page_words(page), partial(enter, page)) for page in PageName]


def _page_words(page: PageName) -> str:
    section = section_of(page)
    title = page_title(page)
    if page is PAGES[section][0] and title == section_title(section):
        return title
    return translate("commands", "{0}: {1}").format(section_title(section), title)


def search_commands(context: PageContext) -> list[Command]:
    """The saved searches."""
    snapshot = context.state.snapshot
    return [
        Command(
            "bookmark-outline",
            translate("commands", "Saved search: {0}").format(one_line(search.name)),
            partial(context.open, PageName.VULNERABILITIES, SAVED_SEARCH + search.name),
        )
        for search in (snapshot.searches if snapshot else ())
    ]


def suggestion_commands(context: PageContext) -> list[Command]:
    """The searches that the program itself suggests."""
    return [
        Command(
            "lightbulb-outline",
            translate("commands", "Search: {0}").format(suggestion_title(suggestion)),
            partial(context.open, PageName.VULNERABILITIES, SUGGESTED + suggestion),
        )
        for suggestion in Suggestion
    ]


def action_commands(context: PageContext) -> list[Command]:
    """What can be done from anywhere, in the present state."""
    snapshot, actions = context.state.snapshot, context.actions
    paused = snapshot is not None and snapshot.pause.paused
    update = Command("refresh", translate("commands", "Update now"), ask=_update)
    resume = Command("play", translate("commands", "Resume schedule"), ask=ApiClient.resume_schedule)
    scan = Command("monitor-eye", translate("commands", "Scan this PC again"), actions.scan_now)
    start = Command("play-circle-outline", translate("commands", "Start all services"), actions.start_service)
    leave = Command("power", translate("commands", "Quit OpenThreat"), actions.quit)
    schedule = [resume] if paused else _pauses()
    return [update, *schedule, *([] if context.state.scan.unavailable else [scan]), start, leave]


def _update(client: ApiClient) -> object:
    return client.request_run(TaskName.UPDATE)


def _pauses() -> list[Command]:
    words = {
        PauseFor.HOUR: translate("commands", "Pause schedule for 1 hour"),
        PauseFor.TOMORROW: translate("commands", "Pause schedule until tomorrow morning"),
        PauseFor.RESUMED: translate("commands", "Pause schedule until resumed"),
    }
    return [Command("pause", text, ask=partial(_pause, choice)) for choice, text in words.items()]


def _pause(choice: PauseFor, client: ApiClient) -> object:
    return client.pause_schedule(pause_end(choice, utc_now()))


def text_commands(context: PageContext, text: str) -> list[Command]:
    """What a typed text leads to by itself: the record with this id, the list of several, or a search for it."""
    if len(ids := ids_in(text)) > 1:
        words = translate("commands", "List %Ln pasted ID(s)", "", len(ids))
        key = " ".join(ids).upper()
        return [Command("format-list-bulleted", words, partial(context.open, PageName.VULNERABILITIES, key))]
    if _ID.fullmatch(text):
        cve_id = text.upper() if not text.upper().startswith("GHSA") else text
        words = translate("commands", "Open {0}").format(cve_id)
        return [Command("shield-bug-outline", words, partial(context.open, PageName.VULNERABILITIES, cve_id))]
    if len(text) < SHORTEST:
        return []
    words = translate("commands", "Search vulnerabilities for “{0}”").format(one_line(text, 60))
    return [Command("magnify", words, partial(context.open, PageName.VULNERABILITIES, text))]


def found_commands(context: PageContext, found: Iterable[VulnerabilitySummary]) -> list[Command]:
    """Vulnerabilities that the search found."""
    return [
        Command(
            "shield-bug-outline",
            translate("commands", "{0}: {1}").format(item.cve_id, one_line(item.title, 100)),
            partial(context.open, PageName.VULNERABILITIES, item.cve_id),
        )
        for item in found
    ]


def matching(commands: Iterable[Command], text: str) -> list[Command]:
    """The commands of whose titles some words begin with the words of a text; those that begin with it come first."""
    wanted = [word.casefold() for word in _WORD.findall(text)]
    fitting = [command for command in commands if _fits(command.title, wanted)]
    return sorted(fitting, key=lambda command: not command.title.casefold().startswith(text.casefold()))


def _fits(title: str, wanted: Iterable[str]) -> bool:
    words = [word.casefold() for word in _WORD.findall(title)]
    return all(any(word.startswith(start) for word in words) for start in wanted)
