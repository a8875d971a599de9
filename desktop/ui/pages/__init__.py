"""The pages of the window. Each is imported when it is first shown."""

from __future__ import annotations

from collections.abc import Mapping

from desktop.ui.page import Page, PageMaker
from desktop.ui.page_context import Memory, PageContext, PageName


def page_makers() -> Mapping[PageName, PageMaker]:
    return {
        PageName.INBOX: _inbox,
        PageName.WATCHLIST: _watchlist,
        PageName.NOTIFICATIONS: _notifications,
        PageName.THIS_PC: _this_pc,
        PageName.VULNERABILITIES: _vulnerabilities,
        PageName.PCS: _pcs,
        PageName.TASKS: _tasks,
        PageName.SCHEDULE: _schedule,
        PageName.SERVICES: _services,
        PageName.LOGS: _logs,
        PageName.DIAGNOSTICS: _diagnostics,
        PageName.SETTINGS: _settings,
    }


def _inbox(context: PageContext, memory: Memory, title: str) -> Page:
    from desktop.ui.pages.inbox import InboxPage

    return InboxPage(context, memory, title)


def _notifications(context: PageContext, memory: Memory, title: str) -> Page:
    from desktop.ui.pages.notifications import NotificationsPage

    return NotificationsPage(context, memory, title)


def _watchlist(context: PageContext, memory: Memory, title: str) -> Page:
    from desktop.ui.pages.watchlist import WatchlistPage

    return WatchlistPage(context, memory, title)


def _this_pc(context: PageContext, memory: Memory, title: str) -> Page:
    from desktop.ui.pages.this_pc import ThisPcPage

    return ThisPcPage(context, memory, title)


def _vulnerabilities(context: PageContext, memory: Memory, title: str) -> Page:
    from desktop.ui.pages.vulnerabilities import VulnerabilitiesPage

    return VulnerabilitiesPage(context, memory, title)


def _pcs(context: PageContext, memory: Memory, title: str) -> Page:
    from desktop.ui.pages.pcs import PcsPage

    return PcsPage(context, memory, title)


def _tasks(context: PageContext, memory: Memory, title: str) -> Page:
    from desktop.ui.pages.tasks import TasksPage

    return TasksPage(context, memory, title)


def _schedule(context: PageContext, memory: Memory, title: str) -> Page:
    from desktop.ui.pages.schedule import SchedulePage

    return SchedulePage(context, memory, title)


def _services(context: PageContext, memory: Memory, title: str) -> Page:
    from desktop.ui.pages.services import ServicesPage

    return ServicesPage(context, memory, title)


def _logs(context: PageContext, memory: Memory, title: str) -> Page:
    from desktop.ui.pages.logs import LogsPage

    return LogsPage(context, memory, title)


def _diagnostics(context: PageContext, memory: Memory, title: str) -> Page:
    from desktop.ui.pages.diagnostics import DiagnosticsPage

    return DiagnosticsPage(context, memory, title)


def _settings(context: PageContext, memory: Memory, title: str) -> Page:
    from desktop.ui.pages.settings import SettingsPage

    return SettingsPage(context, memory, title)
