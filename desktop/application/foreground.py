"""The face of the program in a terminal: `openthreat up`."""

from __future__ import annotations

from backend.contract.names import UNREACHABLE
from desktop.notifications.activity_log import Voice
from desktop.supervision.events import CloseRequested
from desktop.supervision.services import Phase, Supervision
from desktop.supervision.supervisor import Post

DONE, UNHEALTHY = 0, 1


class Foreground:
    """Tells what happens, and closes the program when somebody wants that or nothing is left that it could do."""

    def __init__(self, voice: Voice, post: Post) -> None:
        self._voice, self._post = voice, post
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
        self._voice.changed(before, after)
        if after.closing_by is None:
            self._judge(after)

    def _judge(self, state: Supervision) -> None:
        gave_up = [one for one in state.services if one.phase is Phase.GAVE_UP]
        blocked = any(one.blocked for one in gave_up)
        if blocked or (gave_up and not any(one.at_work for one in state.services)):
            self.exit_code = UNREACHABLE if blocked else UNHEALTHY
            self._post(CloseRequested())
