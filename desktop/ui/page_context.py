"""What every page is given: the view as it changes, and ways to ask and to act that never hold up the GUI thread.

Work that takes its time, done on a few threads of its own; the program's end waits for none of them.

What the windows remember from one start to the next: sizes, columns, filters. An INI file in the data folder.
"""

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
from desktop.supervision.supervisor import Clock
from desktop.ui.actions import Actions

Tool = TypeVar("Tool")


class Background(Generic[Tool]):
    """Jobs are begun in the order in which they came; each is handed its thread's own tool. A job must not raise."""

    def __init__(self, name: str, threads: int, tool_of: Callable[[], Tool]) -> None:
        self._jobs: Queue[Callable[[Tool], None] | None] = Queue()
        self._tool_of = tool_of
        self._threads = [
            threading.Thread(target=self._work, name=f"{name} {number}", daemon=True) for number in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, job: Callable[[Tool], None]) -> None:
        self._jobs.put(job)

    @property
    def is_idle(self) -> bool:
        """Whether all that was submitted is done."""
        return not self._jobs.unfinished_tasks

    def close(self) -> None:
        """What was submitted before is still done, in its own time."""
        for _ in self._threads:
            self._jobs.put(None)

    def _work(self) -> None:
        tool = self._tool_of()
        while (job := self._jobs.get()) is not None:
            job(tool)
            self._jobs.task_done()


Outcome = TypeVar("Outcome")
_ASKERS, _WORKERS = 3, 2


class PageName(StrEnum):
    OVERVIEW = "overview"
    VULNERABILITIES = "vulnerabilities"
    TASKS = "tasks"
    SCHEDULE = "schedule"
    SERVICES = "services"
    LOGS = "logs"
    DIAGNOSTICS = "diagnostics"
    SETTINGS = "settings"


class Request:
    """Something asked for whose answer has not come yet."""

    def __init__(self) -> None:
        self.wanted = True

    def forget(self) -> None:
        """Its answer is no longer of interest; what has not begun is not done."""
        self.wanted = False


class PageContext(QObject):
    """client_of makes an ApiClient: each asking thread has its own."""

    changed = Signal(object)
    """The View, in the GUI thread; several changes at once come as one."""
    wanted = Signal(str, str)
    """A page is to be shown: its PageName, and the key of an item on it or "" """
    _news = Signal()
    _settled = Signal(object)

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
        self._askers = Background("asks the API", _ASKERS, client_of)
        self._workers = Background("works for the windows", _WORKERS, lambda: None)
        self._news_waits = False
        self._news.connect(self._tell)
        self._settled.connect(_deliver)
        store.watch(self._noted)

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
        """Asks the API in the background. The answer comes in the GUI thread, unless the owner is gone by then."""
        request = Request()
        self._askers.submit(lambda client: self._carry_out(lambda: call(client), done, failed, owner, request))
        return request

    def work(
        self,
        call: Callable[[], Outcome],
        done: Callable[[Outcome], None],
        failed: Callable[[Problem], None],
        *,
        owner: QObject,
    ) -> Request:
        """The same for disks, the keyring and other programs."""
        request = Request()
        self._workers.submit(lambda _: self._carry_out(call, done, failed, owner, request))
        return request

    @property
    def is_idle(self) -> bool:
        """Whether all that was asked for has an answer, which may still be on its way to the GUI thread."""
        return self._askers.is_idle and self._workers.is_idle

    def open(self, page: PageName, key: str = "") -> None:
        self.wanted.emit(page, key)

    def close(self) -> None:
        self._askers.close()
        self._workers.close()

    def _carry_out(
        self,
        call: Callable[[], Outcome],
        done: Callable[[Outcome], None],
        failed: Callable[[Problem], None],
        owner: QObject,
        request: Request,
    ) -> None:
        """In a thread of the background."""
        if not request.wanted:
            return
        try:
            outcome = call()
        except OpenThreatError as error:
            problem = error.problem
            self._settle(lambda: failed(problem), owner, request)
        except OSError as error:
            problem = failure("The system refused it", f"{error}.")
            self._settle(lambda: failed(problem), owner, request)
        else:
            self._settle(lambda: done(outcome), owner, request)

    def _settle(self, tell: Callable[[], None], owner: QObject, request: Request) -> None:
        def told() -> None:
            if request.wanted and shiboken6.isValid(owner):
                tell()

        if shiboken6.isValid(self):
            self._settled.emit(told)

    def _noted(self, _before: AppState, _after: AppState) -> None:
        """In the thread that posted."""
        if not self._news_waits and shiboken6.isValid(self):
            self._news_waits = True
            self._news.emit()

    def _tell(self) -> None:
        self._news_waits = False
        self.changed.emit(self._store.state)


def _deliver(tell: Callable[[], None]) -> None:
    tell()


class Memory:
    """A file that is damaged or cannot be written costs the remembered sizes, and nothing else."""

    def __init__(self, home: Path) -> None:
        self._settings = QSettings(str(home / "window.ini"), QSettings.Format.IniFormat)

    def keep(self, key: str, value: str | QByteArray) -> None:
        """key: `<page>/<what>`."""
        self._settings.setValue(key, value)

    def text(self, key: str, otherwise: str = "") -> str:
        value = self._settings.value(key, otherwise)
        return value if isinstance(value, str) else otherwise

    def state(self, key: str) -> QByteArray:
        """Empty where nothing is remembered."""
        value = self._settings.value(key)
        return value if isinstance(value, QByteArray) else QByteArray()
