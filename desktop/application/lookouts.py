"""What the patrols see of the stack, and of the API's port and answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from backend.client.api import ApiClient
from backend.client.transport import ApiAbsent, ApiError
from backend.contract.health import DependencyState, Health, Presence
from backend.contract.problems import Remedy, Trouble
from desktop.host import Holder
from desktop.model.events import (
    Event,
    ForeignFound,
    PortFound,
    PortTaken,
    ProbeFailed,
    ServiceReady,
    ServiceUnready,
    StackDown,
)
from desktop.model.plan import API, STACK
from desktop.model.services import Phase, Supervision
from desktop.stack import Stack, StackAway

_BRIEF_LOOKS = 4


class StackLookout:
    def __init__(self, stack: Stack) -> None:
        self._stack = stack

    def look(self, state: Supervision) -> Iterator[Event]:
        try:
            match state[STACK].phase:
                case Phase.STARTING:
                    self._stack.bring_up()
                    yield ServiceReady(STACK)
                case Phase.RUNNING:
                    self._stack.check()
                    yield ServiceReady(STACK)
                case Phase.STOPPING:
                    self._stack.take_down(closing=state.closing_by is not None)
                    yield StackDown(STACK)
        except StackAway as error:
            yield ServiceUnready(STACK, error.trouble)


@dataclass(frozen=True)
class Place:
    """Where our API listens, and by what it is known to be ours: the supervisor's instance and the data folder."""

    host: str
    port: int
    instance: str
    home: str


class ApiLookout:
    """Before the API is started: who is at its port. Afterwards: whether it answers, and as whom.

    As long as all is well it is asked for its health only now and then: that costs it ten times as much as an answer.
    """

    def __init__(
        self,
        client: ApiClient,
        place: Place,
        port_is_free: Callable[[str, int], bool],
        port_holder: Callable[[int], Holder | None],
    ) -> None:
        self._client, self._place = client, place
        self._port_is_free, self._port_holder = port_is_free, port_holder
        self._brief_looks_left = 0

    def look(self, state: Supervision) -> Iterable[Event]:
        api = state[API]
        if api.phase is Phase.STARTING and not api.cleared:
            return [self._survey()]
        if api.pid is not None or api.phase is Phase.FOREIGN:
            return [self._probe(foreign=api.phase is Phase.FOREIGN)]
        self._brief_looks_left = 0
        return []

    def _survey(self) -> Event:
        try:
            health = self._client.health()
        except ApiAbsent:
            return PortFound(API) if self._port_is_free(self._place.host, self._place.port) else self._taken()
        except ApiError:
            return self._taken()
        return ForeignFound(API, health.pid) if health.home == self._place.home else self._taken()

    def _taken(self) -> Event:
        port, holder = self._place.port, self._port_holder(self._place.port)
        return PortTaken(
            API,
            Trouble(
                f"Port {port} is taken",
                f"{holder} listens there." if holder else "The system does not give it away.",
                f"End that program, or set OPENTHREAT_API_PORT to another port, for example {port + 1}.",
                (Remedy.TRY_AGAIN,),
            ),
        )

    def _probe(self, *, foreign: bool) -> Event:
        brief, self._brief_looks_left = self._brief_looks_left > 0, max(0, self._brief_looks_left - 1)
        try:
            who = self._client.live() if brief else self._client.health()
        except ApiError as error:
            self._brief_looks_left = 0
            return ProbeFailed(API, replace(error.trouble, remedies=(Remedy.OPEN_LOG,)))
        if not foreign and who.instance != self._place.instance:
            return ProbeFailed(API, Trouble("Another API answers at its port", f"It is process {who.pid}."))
        return self._readiness(who)

    def _readiness(self, who: Presence) -> Event:
        if isinstance(who, Health):
            if who.database.state is DependencyState.DOWN:
                return ServiceUnready(API, Trouble("The database is away", who.database.message))
            self._brief_looks_left = _BRIEF_LOOKS
        return ServiceReady(API)
