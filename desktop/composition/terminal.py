"""`openthreat up` and `openthreat down`: the program in a terminal."""

from __future__ import annotations

import sys

from backend.contract.environment import Environment, read_environment
from backend.contract.errors import OpenThreatError
from backend.contract.names import UNREACHABLE
from backend.contract.settings import StackKind
from backend.contract.version import VERSION
from desktop.composition.services import compose, with_own_port
from desktop.host import Host, this_host
from desktop.instance.control import ControlServer
from desktop.instance.running_instance import InstanceLock, stop_running_instance
from desktop.logs.log_file import LogFile
from desktop.notifications.activity_log import ActivityLog
from desktop.settings.settings_file import SettingsFile
from desktop.state.app_state import AppState
from desktop.supervision.events import CloseRequested
from desktop.supervision.services import Phase, Supervision
from desktop.supervision.supervisor import Post, ThreadInbox

DONE, UNHEALTHY = 0, 1


class ConsoleRun:
    """Prints what happens, and closes the program on request or when no service can run any more."""

    def __init__(self, activity_log: ActivityLog, post: Post, stack: StackKind) -> None:
        self._activity_log, self._post, self._stack = activity_log, post, stack
        self._interrupted = False
        self.exit_code = DONE

    def interrupt(self, by_hand: bool) -> None:
        """Close in order; a second Ctrl-C (`by_hand`) kills everything at once."""
        self._post(CloseRequested(again=by_hand and self._interrupted))
        self._interrupted = True

    def on_change(self, before: Supervision, after: Supervision) -> None:
        """Listener of the supervisor."""
        if after.close_deadline is not None and before.close_deadline is None:
            self._activity_log.say("Stopping everything", closing=True)
            if any(service.failed for service in before.services):
                self.exit_code = self.exit_code or UNHEALTHY
        self._activity_log.changed(AppState(before, self._stack), AppState(after, self._stack))
        if after.close_deadline is None:
            self._close_if_hopeless(after)

    def _close_if_hopeless(self, state: Supervision) -> None:
        gave_up = [service for service in state.services if service.phase is Phase.GAVE_UP]
        blocked = any(service.blocked for service in gave_up)
        if blocked or (gave_up and not any(service.active for service in state.services)):
            self.exit_code = UNREACHABLE if blocked else UNHEALTHY
            self._post(CloseRequested())


_LOG_CLOSE_S = 2.0


def up(*, as_json: bool) -> int:
    """Run everything in the foreground until the program is asked to end.

    Returns:
        The exit code.

    Raises:
        OpenThreatError: The program runs already, or cannot start.
    """
    environment = read_environment()
    lock = InstanceLock(environment.home)
    if not lock.acquire():
        raise OpenThreatError(
            "OpenThreat is already running",
            f"It uses the data folder {environment.home}.",
            "`openthreat down` ends it.",
        )
    try:
        return _up(with_own_port(environment), this_host(), as_json=as_json)
    finally:
        lock.release()


def down(*, as_json: bool) -> int:
    """End the program that runs for the same data folder.

    Returns:
        The exit code.

    Raises:
        NotRunning: No program runs for it.
        OpenThreatError: It does not answer or does not end.
    """
    environment = read_environment()
    stop_running_instance(environment.home, InstanceLock(environment.home))
    sys.stdout.write('{"ended": true}\n' if as_json else "OpenThreat has ended.\n")
    return DONE


def _up(environment: Environment, host: Host, *, as_json: bool) -> int:
    loaded = SettingsFile(environment.home).load()
    inbox = ThreadInbox()
    log = LogFile(environment.log_folder / "supervisor.log")
    activity_log = ActivityLog(sys.stdout, log, f"{environment.api_base}/docs", as_json=as_json)
    run = ConsoleRun(activity_log, inbox.post, environment.stack_with(loaded.settings))
    session = compose(environment, loaded.settings, host, inbox, run.on_change)
    control = ControlServer(environment.home, {"quit": session.quit, "status": session.status})
    host.listen_for_stop(run.interrupt)
    activity_log.start()
    activity_log.say(f"OpenThreat {VERSION}, data in {environment.home}", version=VERSION, home=str(environment.home))
    if loaded.problem:
        activity_log.warn(loaded.problem)
    with control:
        session.run()
    activity_log.say("Stopped", exit_code=run.exit_code)
    activity_log.close(_LOG_CLOSE_S)
    return run.exit_code
