"""The pages of the window. Each is imported when it is first shown."""

from __future__ import annotations

from collections.abc import Mapping

from desktop.ui.page import Page, PageMaker
from desktop.ui.page_context import Desk, Memory, PageName


def page_makers() -> Mapping[PageName, PageMaker]:
    return {
        PageName.OVERVIEW: _overview,
        PageName.VULNERABILITIES: _vulnerabilities,
        PageName.TASKS: _tasks,
        PageName.SCHEDULE: _schedule,
        PageName.SERVICES: _services,
        PageName.LOGS: _logs,
        PageName.DIAGNOSTICS: _diagnostics,
        PageName.SETTINGS: _settings,
    }


def _overview(desk: Desk, memory: Memory, title: str) -> Page:
    from desktop.ui.pages.overview import OverviewPage

    return OverviewPage(desk, memory, title)


def _vulnerabilities(desk: Desk, memory: Memory, title: str) -> Page:
    from desktop.ui.pages.vulnerabilities import VulnerabilitiesPage

    return VulnerabilitiesPage(desk, memory, title)


def _tasks(desk: Desk, memory: Memory, title: str) -> Page:
    from desktop.ui.pages.tasks import TasksPage

    return TasksPage(desk, memory, title)


def _schedule(desk: Desk, memory: Memory, title: str) -> Page:
    from desktop.ui.pages.schedule import SchedulePage

    return SchedulePage(desk, memory, title)


def _services(desk: Desk, memory: Memory, title: str) -> Page:
    from desktop.ui.pages.services import ServicesPage

    return ServicesPage(desk, memory, title)


def _logs(desk: Desk, memory: Memory, title: str) -> Page:
    from desktop.ui.pages.logs import LogsPage

    return LogsPage(desk, memory, title)


def _diagnostics(desk: Desk, memory: Memory, title: str) -> Page:
    from desktop.ui.pages.diagnostics import DiagnosticsPage

    return DiagnosticsPage(desk, memory, title)


def _settings(desk: Desk, memory: Memory, title: str) -> Page:
    from desktop.ui.pages.settings import SettingsPage

    return SettingsPage(desk, memory, title)
