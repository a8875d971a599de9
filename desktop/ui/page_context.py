"""The context of every page: changes of the state, background requests, actions, and remembered view settings."""

from __future__ import annotations

import threading
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from queue import Queue
from typing import Generic, TypeVar

import shiboken6
from PySide6.QtCore import QByteArray, QObject, QSettings, Signal

from backend.client.api import ApiClient
from backend.contract.errors import OpenThreatError
from backend.contract.problems import Problem, failure
from desktop.state.app_state import AppState, StateStore
from desktop.state.last_answers import LastAnswers
from desktop.supervision.supervisor import Clock
from desktop.ui.actions import Actions

Resource = TypeVar("Resource")


class WorkerThreads(Generic[Resource]):
    """Daemon threads that run jobs in the order of submission. Each thread creates a resource, which its jobs get.

    A job must not raise. The end of the program does not wait for jobs.
    """

    def __init__(self, name: str, threads: int, make_resource: Callable[[], Resource]) -> None:
        self._jobs: Queue[Callable[[Resource], None] | None] = Queue()
        self._make_resource = make_resource
        self._threads = [
            threading.Thread(target=self._run, name=f"{name} {number}", daemon=True) for number in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, job: Callable[[Resource], None]) -> None:
        self._jobs.put(job)

    @property
    def is_idle(self) -> bool:
        """Whether all submitted jobs are done."""
        return not self._jobs.unfinished_tasks

    def close(self) -> None:
        """End the threads after the jobs that are already submitted; does not wait for them."""
        for _ in self._threads:
            self._jobs.put(None)

    def _run(self) -> None:
        resource = self._make_resource()
        while (job := self._jobs.get()) is not None:
            job(resource)
            self._jobs.task_done()


Outcome = TypeVar("Outcome")
_API_THREADS, _WORK_THREADS = 3, 2


class PageName(StrEnum):
    """Each is also the name of its package in `desktop.ui.pages`."""

    INBOX = "inbox"
    WATCHLIST = "watchlist"
    NOTIFICATIONS = "notifications"
    THIS_PC = "this_pc"
    VULNERABILITIES = "vulnerabilities"
    PCS = "pcs"
    TASKS = "tasks"
    SCHEDULE = "schedule"
    SERVICES = "services"
    LOGS = "logs"
    DIAGNOSTICS = "diagnostics"
    SETTINGS = "settings"


SAVED_SEARCH = "saved:"
"""Begins the key of a saved search on the page of the vulnerabilities, before its name."""


MACHINE = "machine:"
"""Begins the key of a machine on the page This PC, before its id."""


class Request:
    """A request that has not been answered yet."""

    def __init__(self) -> None:
        self.wanted = True

    def forget(self) -> None:
        """Drop the answer; a request that has not started is not carried out."""
        self.wanted = False


class PageContext(QObject):
    """Connects pages with the state, the API and the program; see ARCHITECTURE.md, "The windows"."""

    changed = Signal(object)
    """The AppState, emitted in the GUI thread; changes in quick succession are combined."""
    wanted = Signal(str, str)
    """The PageName of a page to show, and the key of an item on it or an empty string."""
    announced = Signal(str, str)
    """Title and text of a notification that the user asked for; shown at once."""
    notified = Signal()
    """What was notified has been stored."""
    _state_posted = Signal()
    _answered = Signal(object)

    def __init__(
        self,
        store: StateStore,
        actions: Actions,
        client_of: Callable[[], ApiClient],
        clock: Clock,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._store, self.actions, self.clock = store, actions, clock
        self.last_answers = LastAnswers(actions.home, actions.database_name)
        self._api_threads = WorkerThreads("api request", _API_THREADS, client_of)
        self._work_threads = WorkerThreads("window work", _WORK_THREADS, lambda: None)
        self._delivery_pending = False
        self._state_posted.connect(self._deliver_state)
        self._answered.connect(_call)
        store.add_listener(self._on_state_posted)

    @property
    def state(self) -> AppState:
        return self._store.state

    def ask(
        self,
        call: Callable[[ApiClient], Outcome],
        done: Callable[[Outcome], None],
        failed: Callable[[Problem], None],
        *,
        owner: QObject,
    ) -> Request:
        """Call the API in the background.

        Args:
            call: runs in a background thread with that thread's client.
            done: called in the GUI thread with the result.
            failed: called in the GUI thread if `call` raises ApiError, OpenThreatError or OSError.
            owner: neither is called once this object has been destroyed.
        """
        request = Request()
        self._api_threads.submit(lambda client: self._run(lambda: call(client), done, failed, owner, request))
        return request

    def work(
        self,
        call: Callable[[], Outcome],
        done: Callable[[Outcome], None],
        failed: Callable[[Problem], None],
        *,
        owner: QObject,
    ) -> Request:
        """Do other blocking work in the background: disks, the keyring, other programs. As `ask` otherwise."""
        request = Request()
        self._work_threads.submit(lambda _: self._run(call, done, failed, owner, request))
        return request

    @property
    def is_idle(self) -> bool:
        """Whether all requests are answered; answers may still be queued for the GUI thread."""
        return self._api_threads.is_idle and self._work_threads.is_idle

    def open(self, page: PageName, key: str = "") -> None:
        self.wanted.emit(page, key)

    def close(self) -> None:
        self._api_threads.close()
        self._work_threads.close()

    def _run(
        self,
        call: Callable[[], Outcome],
        done: Callable[[Outcome], None],
        failed: Callable[[Problem], None],
        owner: QObject,
        request: Request,
    ) -> None:
        """Runs in a background thread."""
        if not request.wanted:
            return
        try:
            outcome = call()
        except OpenThreatError as error:
            problem = error.problem
            self._answer(lambda: failed(problem), owner, request)
        except OSError as error:
            problem = failure("The system refused it", f"{error}.")
            self._answer(lambda: failed(problem), owner, request)
        else:
            self._answer(lambda: done(outcome), owner, request)

    def _answer(self, callback: Callable[[], None], owner: QObject, request: Request) -> None:
        def call_if_wanted() -> None:
            if request.wanted and shiboken6.isValid(owner):
                callback()

        if shiboken6.isValid(self):
            self._answered.emit(call_if_wanted)

    def _on_state_posted(self, _before: AppState, _after: AppState) -> None:
        """Runs in the thread that posted."""
        if not self._delivery_pending and shiboken6.isValid(self):
            self._delivery_pending = True
            self._state_posted.emit()

    def _deliver_state(self) -> None:
        self._delivery_pending = False
        self.changed.emit(self._store.state)


def _call(callback: Callable[[], None]) -> None:
    callback()


class Memory:
    """What windows remember between starts, such as sizes, columns and filters, in an INI file of the data folder.

    A damaged or read-only file loses what is remembered, and nothing else.
    """

    def __init__(self, home: Path) -> None:
        self._settings = QSettings(str(home / "window.ini"), QSettings.Format.IniFormat)

    def save(self, key: str, value: str | QByteArray) -> None:
        """Remember a value. key: `<page>/<what>`."""
        self._settings.setValue(key, value)

    def text(self, key: str, default: str = "") -> str:
        value = self._settings.value(key, default)
        return value if isinstance(value, str) else default

    def state(self, key: str) -> QByteArray:
        """Return the remembered state of a widget; empty if there is none."""
        value = self._settings.value(key)
        return value if isinstance(value, QByteArray) else QByteArray()
