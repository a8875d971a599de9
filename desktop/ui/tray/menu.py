"""The tray's menu: the state, updates, the schedule, the services. It changes in place, also while it is open."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from pydantic import JsonValue
from PySide6.QtWidgets import QMenu, QWidget

from backend.client.api import ApiClient
from backend.contract.inbox import InboxCounts
from backend.contract.names import TaskName
from backend.contract.problem_catalogue import Weight
from backend.contract.problems import Problem
from backend.contract.wire import utc_now
from desktop.problems.overall_status import Kind, OverallStatus
from desktop.state.app_state import AppState
from desktop.supervision.services import Phase, ServiceState, Supervision
from desktop.ui.page_context import PageContext, PageName
from desktop.ui.sections import PAGES, Section, page_title, section_title
from desktop.ui.theme.icons import icon
from desktop.ui.tray.status import pause_line, status_line, updating
from desktop.ui.tray.unread import UnreadEvents
from desktop.ui.widgets.looks import Look, service_look
from desktop.ui.widgets.pause import PauseFor, PauseMenu, pause_end
from desktop.ui.widgets.problem_texts import service_word


class TrayPauseMenu(PauseMenu):
    def __init__(self, context: PageContext, failed: Callable[[Problem], None], parent: QWidget) -> None:
        super().__init__(self.tr("Pause schedule"), parent)
        self._context, self._failed = context, failed
        self._resume = self.addAction(self.tr("Resume schedule"), lambda: self._ask(ApiClient.resume_schedule))
        self.chosen.connect(self._pause)

    def show_state(self, state: AppState) -> None:
        paused = pause_line(state, utc_now())
        self.setTitle(paused or self.tr("Pause schedule"))
        self._resume.setVisible(bool(paused))
        self.setEnabled(state.snapshot is not None and state.stale_reason is None)

    def _pause(self, choice: str) -> None:
        until = pause_end(PauseFor(choice), utc_now())
        self._ask(lambda client: client.pause_schedule(until))

    def _ask(self, call: Callable[[ApiClient], object]) -> None:
        self._context.ask(call, lambda _: None, self._failed, owner=self)


class SystemMenu(QMenu):
    """The pages of the section System, then the services, each with its state and actions."""

    def __init__(self, context: PageContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self.setTitle(section_title(Section.SYSTEM))
        for page in PAGES[Section.SYSTEM]:
            self.addAction(page_title(page), partial(context.open, page))
        self.addSeparator()
        self._services: dict[str, ServiceMenu] = {}

    def show_supervision(self, supervision: Supervision) -> None:
        names = [state.name for state in supervision.services]
        if names != list(self._services):
            for menu in self._services.values():
                self.removeAction(menu.menuAction())
                menu.deleteLater()
            self._services = {name: ServiceMenu(name, self._context, self) for name in names}
            for menu in self._services.values():
                self.addMenu(menu)
        for state in supervision.services:
            self._services[state.name].show_state(state)


class ServiceMenu(QMenu):
    def __init__(self, name: str, context: PageContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._look: Look | None = None
        self._start = self.addAction(self.tr("Start"), lambda: context.actions.start_service(name))
        self._stop = self.addAction(self.tr("Stop"), lambda: context.actions.stop_service(name))
        self._restart = self.addAction(self.tr("Restart"), lambda: context.actions.restart_service(name))

    def show_state(self, state: ServiceState) -> None:
        if (look := service_look(state)) != self._look:
            self._look = look
            self.setTitle(self.tr("{0}: {1}").format(service_word(state.name), look.word))
            self.setIcon(icon(look.icon, look.tone))
        foreign = state.phase is Phase.FOREIGN
        self._start.setEnabled(not state.wanted or state.phase in (Phase.GAVE_UP, Phase.BACKOFF))
        self._stop.setEnabled(state.wanted and not foreign)
        self._restart.setEnabled(state.wanted and state.service.has_process and not foreign)


def _is_calm(status: OverallStatus) -> bool:
    """Whether the lines on what is unread say enough: no problem needs a line of its own, and nothing is starting."""
    calm = status.problem is None or status.problem.weight <= Weight.INFO
    return calm and status.kind in (Kind.WELL, Kind.ATTENTION)


class TrayMenu(QMenu):
    """The menu. failed: receives the reason when a chosen action fails."""

    def __init__(
        self, context: PageContext, open_window: Callable[[], None], failed: Callable[[Problem], None]
    ) -> None:
        super().__init__()
        self._context, self._failed = context, failed
        self._exploited_here = self.addAction("", lambda: context.open(PageName.INBOX, "exploited"))
        self._exploited_elsewhere = self.addAction("", lambda: context.open(PageName.INBOX, "exploited"))
        self._new = self.addAction("", lambda: context.open(PageName.INBOX, "mine"))
        self._status_line = self.addAction("")
        self._status_line.setEnabled(False)
        self.addSeparator()
        self._update = self.addAction(self.tr("Update now"), self._update_now)
        self._cancel = self.addAction(self.tr("Cancel update"), self._cancel_update)
        self._pause = TrayPauseMenu(context, failed, self)
        self.addMenu(self._pause)
        self.addSeparator()
        self.setDefaultAction(self.addAction(self.tr("Open OpenThreat"), open_window))
        self._system = SystemMenu(context, self)
        self.addMenu(self._system)
        self.addAction(page_title(PageName.SETTINGS), lambda: context.open(PageName.SETTINGS))
        self._login = self.addAction(self.tr("Start at sign-in"))
        self._login.setCheckable(True)
        self._login.triggered.connect(self._start_at_login)
        self.addSeparator()
        self._quit = self.addAction(self.tr("Quit"), context.actions.quit)
        self.aboutToShow.connect(self._look_at_login)

    def show_state(self, state: AppState, status: OverallStatus, unread: UnreadEvents) -> None:
        self._show_unread(status.unread, unread)
        self._status_line.setText(status_line(status))
        self._status_line.setVisible(not (status.unread.unread and _is_calm(status)))
        running = state.update if state.stale_reason is None else None
        self._update.setText(updating(status.share) if running else self.tr("Update now"))
        self._update.setVisible(status.kind is not Kind.UPDATING)  # the first line says it
        self._update.setEnabled(running is None and state.snapshot is not None and state.stale_reason is None)
        self._cancel.setVisible(running is not None)
        self._cancel.setEnabled(running is not None and not running.cancel_requested)
        self._pause.show_state(state)
        self._system.show_supervision(state.supervision)

    def places(self) -> dict[str, JsonValue]:
        """Return the screen position of each entry while the menu is open, for tests."""
        entries = [action for action in self.actions() if self.isVisible() and action.isVisible() and action.text()]
        middles = [(action.text(), self.mapToGlobal(self.actionGeometry(action).center())) for action in entries]
        return {text: [place.x(), place.y()] for text, place in middles}

    def _show_unread(self, counts: InboxCounts, unread: UnreadEvents) -> None:
        """Say how much is unread. Which of it is on this PC is known from the newest events."""
        elsewhere = min(unread.exploited_elsewhere, counts.unread_exploited)
        here = counts.unread_exploited - elsewhere
        for entry, count, text in (
            (self._exploited_here, here, self.tr("%Ln exploited on this PC", "", here)),
            (self._exploited_elsewhere, elsewhere, self.tr("%Ln exploited, watched or on other PCs", "", elsewhere)),
            (self._new, counts.unread, self.tr("%Ln new for you", "", counts.unread)),
        ):
            entry.setText(text)
            entry.setVisible(count > 0)

    def _update_now(self) -> None:
        self._context.ask(lambda client: client.request_run(TaskName.UPDATE), lambda _: None, self._failed, owner=self)

    def _cancel_update(self) -> None:
        if running := self._context.state.update:
            self._context.ask(lambda client: client.cancel(running.task_id), lambda _: None, self._failed, owner=self)

    def _look_at_login(self) -> None:
        self._context.work(self._context.actions.starts_at_login, self._login.setChecked, self._failed, owner=self)

    def _start_at_login(self, on: bool) -> None:
        def not_done(problem: Problem) -> None:
            self._login.setChecked(not on)
            self._failed(problem)

        self._context.work(lambda: self._context.actions.start_at_login(on), lambda _: None, not_done, owner=self)
