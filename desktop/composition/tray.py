"""`openthreat tray`: the program with an icon and windows."""

from __future__ import annotations

import sys
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from backend.client.inventory.machine_id import own_machine_id
from backend.contract.diagnosis import Diagnosis
from backend.contract.environment import Environment, read_environment
from backend.contract.errors import OpenThreatError
from backend.contract.problem_catalogue import Remedy
from backend.contract.problems import Problem
from backend.contract.settings import UserSettings
from backend.contract.version import VERSION
from backend.contract.wire import utc_now
from backend.network.access import NetworkAccess, network_access
from backend.secret_store import stored_secrets
from desktop.composition.installation_scans import InstallationScans
from desktop.composition.program_actions import ActionDependencies, ProgramActions
from desktop.composition.services import api_client, compose, role_environment, with_own_port
from desktop.diagnostics.doctor import diagnose
from desktop.host import INSTALL_HINT, Host, display_problem, set_app_id, this_host, this_registry
from desktop.instance.control import ControlServer, Reply
from desktop.instance.running_instance import InstanceLock, NotRunning, show_running_instance, stop_running_instance
from desktop.logs.log_file import LogFile
from desktop.notifications.activity_log import ActivityLog
from desktop.notifications.memory_file import NotificationFile
from desktop.releases.check import release_check
from desktop.releases.publication import PUBLICATION
from desktop.settings.secrets import PROXY_PASSWORD, SecretCache
from desktop.settings.settings_file import SettingsFile
from desktop.stack.docker.detection import detect_docker, start_docker_desktop
from desktop.stack.docker.stack_file import use_other_ports
from desktop.state.app_state import AppState, SettingsSaved, StackChosen, StateStore, SupervisionChanged
from desktop.state.poller import Poller
from desktop.state.resource_sampler import ResourceSampler
from desktop.supervision.plan import API, STACK, UPDATER, plan
from desktop.supervision.services import Supervision
from desktop.supervision.session import SupervisedSession, SupervisorThread
from desktop.supervision.supervisor import SystemClock, ThreadInbox

if TYPE_CHECKING:
    from desktop.ui.app import App
    from desktop.ui.page_context import PageContext

_ENDED_WITHIN_S = 20.0  # longer than closing may take
_BACKEND_ONLY = ("fastapi", "sqlalchemy", "celery")  # too much memory for the tray process
_LOCK_S = 2.0
_LOG_CLOSE_S = 2.0


def run(*, hidden: bool, replace: bool) -> int:
    """Run the program until the user ends it.

    Args:
        hidden: Open no window at the start, and do not show the first-start page.
        replace: End the program that runs for the same data folder first.

    Returns:
        The exit code.

    Raises:
        OpenThreatError: The program cannot start.
    """
    environment = read_environment()
    lock = InstanceLock(environment.home)
    if replace:
        _end_running(environment, lock)
    elif not lock.acquire():
        show_running_instance(environment.home)
        return 0
    try:
        return _Tray(with_own_port(environment), this_host(), hidden=hidden).run()
    finally:
        lock.release()


def _end_running(environment: Environment, lock: InstanceLock) -> None:
    with suppress(NotRunning):
        stop_running_instance(environment.home, lock)
    if not lock.acquire(_LOCK_S):
        raise OpenThreatError("OpenThreat was started again meanwhile", f"It uses the data folder {environment.home}.")


class _Tray:
    def __init__(self, environment: Environment, host: Host, *, hidden: bool) -> None:
        self._environment, self._host, self._hidden = environment, host, hidden
        self._file = SettingsFile(environment.home)
        loaded = self._file.load()
        stack = environment.stack_with(loaded.settings)
        self._store = StateStore(AppState(Supervision.of(plan()), stack, loaded.settings, loaded.problem))
        self._app = _app(loaded.settings)
        self._supervisor = SupervisorThread(self._compose, self._on_refused, self._app.ended.emit)
        self._log = LogFile(environment.log_folder / "supervisor.log")
        self._activity_log = ActivityLog(None, self._log, f"{environment.api_base}/docs", as_json=False)
        self._store.add_listener(self._activity_log.changed)
        self._secrets = stored_secrets(environment.home)
        self._secret_cache = SecretCache(self._secrets, self._restart_users_of_secrets)
        self._poller = Poller(api_client(environment), self._store, ResourceSampler().usage_of, utc_now)
        self._releases = release_check(
            PUBLICATION, environment.home, self._network, self._store, self._activity_log.say, utc_now
        )
        self._scans = InstallationScans(
            self._store,
            api_client(environment, self._poller.poll_soon),
            partial(own_machine_id, environment.home),
            this_registry(),
            utc_now,
        )

    def run(self) -> int:
        commands = {"quit": self._quit, "show": self._show, "status": self._status, "view": self._window_report}
        control = ControlServer(self._environment.home, commands)  # fails here if the data folder cannot be written
        settings = self._store.state.settings
        first_start = not self._hidden and _no_stack_chosen(self._environment, settings)
        from desktop.ui.page_context import Memory, PageContext

        client = partial(api_client, self._environment, self._poller.poll_soon)
        context = PageContext(self._store, self._actions(), client, SystemClock())
        memory = Memory(self._environment.home)
        self._app.open(
            context,
            memory,
            NotificationFile(self._environment.home),
            self._poller.set_window_open,
            first_start=first_start,
        )
        self._host.listen_for_stop(self._stop)
        try:
            with control:
                return self._app.run(partial(self._begin, None if first_start else settings), hidden=self._hidden)
        finally:
            self._end(context)

    def _begin(self, settings: UserSettings | None) -> None:
        """Start everything else once the icon is shown; settings None: no service starts until the user has chosen."""
        self._secret_cache.start()
        self._activity_log.start()
        self._activity_log.say(f"OpenThreat {VERSION}, data in {self._environment.home}")
        self._supervisor.start()
        self._poller.start()
        if self._releases is not None:
            self._releases.start()
        self._scans.start()
        if settings is not None:
            self._supervisor.run(settings)

    def _end(self, context: PageContext) -> None:
        """Called also when the user logs off and Qt ends before the services."""
        self._supervisor.close()
        self._supervisor.join(_ENDED_WITHIN_S)
        self._poller.stop()
        if self._releases is not None:
            self._releases.stop()
        self._scans.stop()
        context.close()
        self._activity_log.say("Stopped")
        self._activity_log.close(_LOG_CLOSE_S)

    def _compose(self, settings: UserSettings) -> SupervisedSession:
        stack, inbox = self._environment.stack_with(settings), ThreadInbox()
        session = compose(
            self._environment, settings, self._host, inbox, self._on_supervision_changed, self._secret_cache.variables
        )
        self._store.post(StackChosen(stack, session.state))
        return session

    def _on_supervision_changed(self, _before: Supervision, after: Supervision) -> None:
        self._store.post(SupervisionChanged(after))

    def _on_refused(self, problem: Problem) -> None:
        self._activity_log.warn(problem)
        self._store.post(SettingsSaved(self._store.state.settings, problem))

    def _actions(self) -> ProgramActions:
        remedies = {
            Remedy.START_DOCKER: start_docker_desktop,
            Remedy.USE_OTHER_PORTS: self._use_other_ports,
            Remedy.FETCH_IMAGES: self._fetch_images,
        }
        dependencies = ActionDependencies(
            self._diagnose, detect_docker, remedies, self._secret_cache.start, self._scans.scan_soon
        )
        return ProgramActions(
            self._environment,
            self._store,
            self._supervisor,
            self._file,
            self._secrets,
            dependencies,
            self._quit_program,
        )

    def _diagnose(self) -> Diagnosis:
        return diagnose(role_environment(self._environment, self._secret_cache.variables()))

    def _use_other_ports(self) -> None:
        """Start a new session: every service has read the old ports."""
        use_other_ports(self._environment.home)
        self._supervisor.run(self._store.state.settings)

    def _fetch_images(self) -> None:
        """Restart the stack: it downloads at once, shows its progress, and can be stopped."""
        if self._supervisor.session is not None:
            self._supervisor.session.stop(STACK)
            self._supervisor.session.start(STACK)

    def _restart_users_of_secrets(self) -> None:
        if self._supervisor.session is not None:
            for name in (API, UPDATER):
                self._supervisor.session.restart(name)

    def _network(self) -> NetworkAccess:
        password = self._secret_cache.variables().get(PROXY_PASSWORD, "")
        return network_access(self._environment, self._store.state.settings, password)

    def _stop(self, _by_hand: bool) -> None:
        self._quit_program()

    def _quit_program(self) -> None:
        self._app.closing.emit()
        self._supervisor.close()

    def _quit(self) -> Reply:
        self._quit_program()
        return {"closing": True}

    def _show(self) -> Reply:
        self._app.show_wanted.emit()
        return {"shown": True}

    def _status(self) -> Reply:
        return self._supervisor.session.status() if self._supervisor.session else {"services": []}

    def _window_report(self) -> Reply:
        heavy = [name for name in _BACKEND_ONLY if name in sys.modules]
        return {**self._app.report(), "heavy": [*heavy]}


def _app(settings: UserSettings) -> App:
    """Make the Qt application.

    Raises:
        OpenThreatError: There is no display, or a library for drawing on it is missing.
    """
    set_app_id()
    if problem := display_problem():
        raise OpenThreatError("The windows cannot be shown", *problem)
    try:
        from desktop.ui.app import App
    except ImportError as error:
        raise OpenThreatError("The windows cannot be shown", f"{error}.", INSTALL_HINT) from error
    return App(settings)


def _no_stack_chosen(environment: Environment, settings: UserSettings) -> bool:
    """Existing data in the built-in database mean that an earlier version ran with it: then nothing is asked."""
    chosen = environment.fixed_stack or settings.stack
    return chosen is None and not environment.database_file.exists()
