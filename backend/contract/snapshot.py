"""Everything that the desktop shows, in one message."""

from __future__ import annotations

from backend.contract.health import Health
from backend.contract.inbox import InboxCounts
from backend.contract.schedule import ScheduledTask, SchedulePause
from backend.contract.searches import SavedSearch
from backend.contract.sources import SourceStatus
from backend.contract.stats import Stats
from backend.contract.tasks import TaskRun
from backend.contract.webhooks import Webhook
from backend.contract.wire import Wire
from backend.contract.workers import WorkersStatus


class Snapshot(Wire):
    """State of the whole backend. Without a database only `health` is filled, and gives the reason."""

    health: Health
    stats: Stats | None = None
    sources: tuple[SourceStatus, ...] = ()
    workers: WorkersStatus | None = None
    schedule: tuple[ScheduledTask, ...] = ()
    pause: SchedulePause = SchedulePause()
    runs: tuple[TaskRun, ...] = ()  # the newest 20
    inbox: InboxCounts = InboxCounts()
    searches: tuple[SavedSearch, ...] = ()
    webhooks: tuple[Webhook, ...] = ()
    machines: int = 0  # whose inventories are stored
    is_team: bool = False  # other PCs have sent inventories as well
