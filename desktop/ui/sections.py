"""The sections of the window, which the navigation lists, and the pages of each."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from desktop.ui.formatting import translate
from desktop.ui.page_context import PageName


class Section(StrEnum):
    """An entry of the navigation."""

    INBOX = "inbox"
    THIS_PC = "this_pc"
    VULNERABILITIES = "vulnerabilities"
    PCS = "pcs"
    SYSTEM = "system"
    SETTINGS = "settings"


PAGES: Mapping[Section, tuple[PageName, ...]] = {
    Section.INBOX: (PageName.INBOX, PageName.WATCHLIST, PageName.NOTIFICATIONS),
    Section.THIS_PC: (PageName.THIS_PC,),
    Section.VULNERABILITIES: (PageName.VULNERABILITIES,),
    Section.PCS: (PageName.PCS,),
    Section.SYSTEM: (
        PageName.TASKS,
        PageName.SCHEDULE,
        PageName.SERVICES,
        PageName.LOGS,
        PageName.DIAGNOSTICS,
    ),
    Section.SETTINGS: (PageName.SETTINGS,),
}
"""The pages of each section; those of a section with several are its tabs."""


def shown_sections(machines: int) -> tuple[Section, ...]:
    """The sections that the navigation lists. machines: whose inventories are stored; the page PCs compares several."""
    return tuple(section for section in Section if section is not Section.PCS or machines > 1)


def section_of(page: PageName) -> Section:
    return next(section for section, pages in PAGES.items() if page in pages)


def page_title(page: PageName) -> str:
    return {
        PageName.INBOX: translate("pages", "Inbox"),
        PageName.NOTIFICATIONS: translate("pages", "Notifications"),
        PageName.WATCHLIST: translate("pages", "Watchlist"),
        PageName.THIS_PC: translate("pages", "This PC"),
        PageName.VULNERABILITIES: translate("pages", "Vulnerabilities"),
        PageName.PCS: translate("pages", "PCs"),
        PageName.TASKS: translate("pages", "Tasks"),
        PageName.SCHEDULE: translate("pages", "Schedule"),
        PageName.SERVICES: translate("pages", "Services"),
        PageName.LOGS: translate("pages", "Logs"),
        PageName.DIAGNOSTICS: translate("pages", "Diagnostics"),
        PageName.SETTINGS: translate("pages", "Settings"),
    }[page]


def section_title(section: Section) -> str:
    return translate("pages", "System") if section is Section.SYSTEM else page_title(PAGES[section][0])
