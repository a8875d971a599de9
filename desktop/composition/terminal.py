"""`openthreat up` and `openthreat down`: the program in a terminal.

The face of the program in a terminal: `openthreat up`.
"""

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
from desktop.instance.running_instance import InstanceLock, end_running
from desktop.logs.log_file import LogFile
from desktop.notifications.activity_log import ActivityLog
from desktop.settings.settings_file import SettingsFile
from desktop.state.app_state import AppState
from desktop.supervision.events import CloseRequested
from desktop.supervision.services import Phase, Supervision
from desktop.supervision.supervisor import Post, ThreadInbox

DONE, UNHEALTHY = 0, 1


class ConsoleRun:
    """Writes what happens, and closes the program when that is requested or nothing is left that it could do."""

    def __init__(self, voice: ActivityLog, post: Post, stack: StackKind) -> None:
        self._voice, self._post, self._stack = voice, post, stack
        self._interrupted = False
        self.exit_code = DONE

    def interrupt(self, by_hand: bool) -> None:
        """Asked to stop from outside. Ctrl-C once more: whoever presses it does not want to wait."""
        self._post(CloseRequested(again=by_hand and self._interrupted))
        self._interrupted = True

    def changed(self, before: Supervision, after: Supervision) -> None:
        """A watch of the supervisor."""
        if after.closing_by is not None and before.closing_by is None:
            self._voice.say("Stopping everything", closing=True)
            if any(one.phase is Phase.GAVE_UP for one in before.services):
                self.exit_code = self.exit_code or UNHEALTHY
        self._voice.changed(AppState(before, self._stack), AppState(after, self._stack))
        if after.closing_by is None:
            self._judge(after)

    def _judge(self, state: Supervision) -> None:
        gave_up = [one for one in state.services if one.phase is Phase.GAVE_UP]
        blocked = any(one.blocked for one in gave_up)
        if blocked or (gave_up and not any(one.at_work for one in state.services)):
            self.exit_code = UNREACHABLE if blocked else UNHEALTHY
            self._post(CloseRequested())


_LAST_WORDS_S = 2.0


def up(*, as_json: bool) -> int:
    """Everything, in the foreground, until somebody wants it to end. Gives the exit code; raises OpenThreatError."""
    environment = read_environment()
    lock = InstanceLock(environment.home)
    if not lock.take():
        raise OpenThreatError(
            "OpenThreat runs already", f"Its data are in {environment.home}.", "`openthreat down` ends it."
        )
    try:
        return _up(with_own_port(environment), this_host(), as_json=as_json)
    finally:
        lock.release()


def down(*, as_json: bool) -> int:
    """Ends what runs for the same data. Raises NothingRuns, or OpenThreatError where it does not end."""
    environment = read_environment()
    end_running(environment.home, InstanceLock(environment.home))
    sys.stdout.write('{"ended": true}\n' if as_json else "Everything has ended\n")
    return DONE


def _up(environment: Environment, host: Host, *, as_json: bool) -> int:
    loaded = SettingsFile(environment.home).load()
    inbox = ThreadInbox()
    log = LogFile(environment.log_folder / "supervisor.log")
    voice = ActivityLog(sys.stdout, log, f"{environment.api_base}/docs", as_json=as_json)
    face = ConsoleRun(voice, inbox.post, environment.stack_with(loaded.settings))
    program = compose(environment, loaded.settings, host, inbox, face.changed)
    control = ControlServer(environment.home, {"quit": program.quit, "status": program.status})
    host.listen_for_stop(face.interrupt)
    voice.start()
    voice.say(f"OpenThreat {VERSION}, data in {environment.home}", version=VERSION, home=str(environment.home))
    if loaded.problem:
        voice.warn(loaded.problem)
    with control:
        program.run()
    voice.say("Stopped", exit_code=face.exit_code)
    voice.close(_LAST_WORDS_S)
    return face.exit_code
