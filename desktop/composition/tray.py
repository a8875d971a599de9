"""`openthreat tray`: the program with an icon and windows."""

from __future__ import annotations

import sys
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from backend.contract.environment import Environment, read_environment
from backend.contract.errors import OpenThreatError
from backend.contract.problems import Diagnosis, Problem, Remedy
from backend.contract.settings import UserSettings
from backend.contract.version import VERSION
from desktop.composition.program_actions import ActionDependencies, ProgramActions
from desktop.composition.services import client_of, compose, variables_of_a_role, with_own_port
from desktop.diagnostics.doctor import diagnose
from desktop.host import INSTALL_HINT, Host, introduce, screen_trouble, this_host
from desktop.instance.control import ControlServer, Reply
from desktop.instance.running_instance import InstanceLock, NothingRuns, end_running, show_running
from desktop.logs.log_file import LogFile
from desktop.notifications.activity_log import ActivityLog
from desktop.notifications.memory_file import NotificationFile
from desktop.releases.check import Publisher, ReleaseCheck, ReleaseFile
from desktop.settings.secrets import Keyring, PrivateFiles, SecretCache, Secrets
from desktop.settings.settings_file import SettingsFile
from desktop.stack.docker.stack_file import use_other_ports
from desktop.stack.docker.survey import start_docker_desktop, survey
from desktop.state.app_state import AppState, SettingsSaved, StackChosen, StateStore, SupervisionChanged
from desktop.state.poller import Poller
from desktop.state.resource_sampler import ResourceSampler
from desktop.supervision.plan import STACK, UPDATER, plan
from desktop.supervision.services import Supervision
from desktop.supervision.session import SupervisedSession, SupervisorThread
from desktop.supervision.supervisor import SystemClock, ThreadInbox

if TYPE_CHECKING:
    from desktop.ui.app import App
    from desktop.ui.page_context import PageContext

_ENDED_WITHIN_S = 20.0  # more than closing may take
_NEVER_HERE = ("fastapi", "sqlalchemy", "celery")  # what they cost is for the services to pay
_ROOM_S = 2.0
_LAST_WORDS_S = 2.0


def run(*, hidden: bool, replace: bool) -> int:
    """Until somebody ends it. Gives the exit code; raises OpenThreatError.

    hidden: no window at the start, and nothing is asked. replace: in the place of what runs for the same data.
    """
    environment = read_environment()
    lock = InstanceLock(environment.home)
    if replace:
        _make_room(environment, lock)
    elif not lock.take():
        show_running(environment.home)
        return 0
    try:
        return _Tray(with_own_port(environment), this_host(), hidden=hidden).run()
    finally:
        lock.release()


def _make_room(environment: Environment, lock: InstanceLock) -> None:
    with suppress(NothingRuns):
        end_running(environment.home, lock)
    if not lock.take(_ROOM_S):
        raise OpenThreatError(
            "OpenThreat was started by somebody else meanwhile", f"Its data are in {environment.home}."
        )


class _Tray:
    def __init__(self, environment: Environment, host: Host, *, hidden: bool) -> None:
        self._environment, self._host, self._hidden = environment, host, hidden
        self._file = SettingsFile(environment.home)
        loaded = self._file.load()
        stack = environment.stack_with(loaded.settings)
        self._store = StateStore(AppState(Supervision.of(plan(stack)), stack, loaded.settings, loaded.problem))
        self._app = _app(loaded.settings)
        self._engine = SupervisorThread(self._composed, self._refused, self._app.ended.emit)
        self._log = LogFile(environment.log_folder / "supervisor.log")
        self._voice = ActivityLog(None, self._log, f"{environment.api_base}/docs", as_json=False)
        self._store.watch(self._voice.changed)
        self._secrets = Secrets(Keyring(), PrivateFiles(environment.home))
        self._at_hand = SecretCache(self._secrets, self._restart_updater)
        self._poller = Poller(client_of(environment), self._store, ResourceSampler().usage_of, _now)
        publisher = Publisher(environment.releases_url, environment.releases_key)
        self._releases = ReleaseCheck(publisher, ReleaseFile(environment.home), self._store, self._voice.say, _now)

    def run(self) -> int:
        commands = {"quit": self._quit, "show": self._show, "status": self._status, "view": self._view}
        control = ControlServer(self._environment.home, commands)  # a data folder without room is found out here
        settings = self._store.state.settings
        asks = not self._hidden and _nothing_chosen(self._environment, settings)
        from desktop.ui.page_context import Memory, PageContext

        client = partial(client_of, self._environment, self._poller.hurry)
        context = PageContext(self._store, self._actions(), client, SystemClock())
        memory = Memory(self._environment.home)
        self._app.open(
            context, memory, NotificationFile(self._environment.home), self._poller.watched, first_start=asks
        )
        self._host.listen_for_stop(self._stop)
        try:
            with control:
                return self._app.run(partial(self._begin, None if asks else settings), hidden=self._hidden)
        finally:
            self._end(context)

    def _begin(self, settings: UserSettings | None) -> None:
        """The icon stands: now there is time. settings None: nothing runs until somebody has chosen."""
        self._at_hand.start()
        self._voice.start()
        self._voice.say(f"OpenThreat {VERSION}, data in {self._environment.home}")
        self._engine.start()
        self._poller.start()
        self._releases.start()
        if settings is not None:
            self._engine.run(settings)

    def _end(self, context: PageContext) -> None:
        """Also when the session ends, and Qt with it, before the services do."""
        self._engine.close()
        self._engine.join(_ENDED_WITHIN_S)
        self._poller.stop()
        self._releases.stop()
        context.close()
        self._voice.say("Stopped")
        self._voice.close(_LAST_WORDS_S)

    def _composed(self, settings: UserSettings) -> SupervisedSession:
        stack, inbox = self._environment.stack_with(settings), ThreadInbox()
        program = compose(
            self._environment, settings, self._host, inbox, self._supervision_changed, self._at_hand.variables
        )
        self._store.post(StackChosen(stack, program.state))
        return program

    def _supervision_changed(self, _before: Supervision, after: Supervision) -> None:
        self._store.post(SupervisionChanged(after))

    def _refused(self, problem: Problem) -> None:
        self._voice.warn(problem)
        self._store.post(SettingsSaved(self._store.state.settings, problem))

    def _actions(self) -> ProgramActions:
        remedies = {
            Remedy.START_DOCKER: start_docker_desktop,
            Remedy.USE_OTHER_PORTS: self._use_other_ports,
            Remedy.FETCH_IMAGES: self._fetch_images,
        }
        means = ActionDependencies(self._diagnose, survey, remedies, self._at_hand.start)
        return ProgramActions(
            self._environment, self._store, self._engine, self._file, self._secrets, means, self._quit_program
        )

    def _diagnose(self) -> Diagnosis:
        return diagnose(variables_of_a_role(self._environment, self._at_hand.variables()))

    def _use_other_ports(self) -> None:
        """Every service knows the old ones."""
        use_other_ports(self._environment.home)
        self._engine.run(self._store.state.settings)

    def _fetch_images(self) -> None:
        """By the stack, which tells how far it is and can be stopped; begun anew it does not wait for its next try."""
        if self._engine.program is not None:
            self._engine.program.stop(STACK)
            self._engine.program.start(STACK)

    def _restart_updater(self) -> None:
        if self._engine.program is not None:
            self._engine.program.restart(UPDATER)

    def _stop(self, _by_hand: bool) -> None:
        self._quit_program()

    def _quit_program(self) -> None:
        self._app.closing.emit()
        self._engine.close()

    def _quit(self) -> Reply:
        self._quit_program()
        return {"closing": True}

    def _show(self) -> Reply:
        self._app.show_wanted.emit()
        return {"shown": True}

    def _status(self) -> Reply:
        return self._engine.program.status() if self._engine.program else {"services": []}

    def _view(self) -> Reply:
        heavy = [name for name in _NEVER_HERE if name in sys.modules]
        return {**self._app.report(), "heavy": [*heavy]}


def _app(settings: UserSettings) -> App:
    """Raises OpenThreatError where there is no screen, or no library to draw on it."""
    introduce()
    if problem := screen_trouble():
        raise OpenThreatError("The windows cannot be shown", *problem)
    try:
        from desktop.ui.app import App
    except ImportError as error:
        raise OpenThreatError("The windows cannot be shown", f"{error}.", INSTALL_HINT) from error
    return App(settings.theme)


def _nothing_chosen(environment: Environment, settings: UserSettings) -> bool:
    """Data that are there already were gathered by somebody who was not asked, in the built-in database."""
    chosen = environment.fixed_stack or settings.stack
    return chosen is None and not environment.database_file.exists()


def _now() -> datetime:
    return datetime.now(UTC)
