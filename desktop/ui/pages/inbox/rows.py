"""The events in words. Rows are formatted in the background when they are fetched, to keep painting fast."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from backend.contract.exposure import FindingState
from backend.contract.inbox import EventKind, InboxEvent
from desktop.ui.formatting import number, one_line, percent, program_words, translate
from desktop.ui.sentences import translated
from desktop.ui.theme.tokens import Tone
from desktop.ui.widgets.looks import Look, exploited_look, severity_look

_NAME, _TITLE = 80, 200
_WATCHED = 3


@dataclass(frozen=True)
class InboxRow:
    """An event as the list shows it.

    Attributes:
        what: What happened.
        subject: The program with its version; the title where no program here is concerned.
        update: The version that is fixed, and how many other programs are concerned.
        title: The title, unless it is the subject.
        chips: Its severity, and that it is exploited, unless `what` says so; none once something is no longer here.
        due: CISA's due date, marked once it has passed.
        why: Why it concerns the person.
    """

    event: InboxEvent
    what: Look
    subject: str
    update: str
    title: str
    chips: tuple[Look, ...]
    due: Look | None
    why: str

    @property
    def is_unread(self) -> bool:
        return self.event.read_at is None

    @property
    def spoken(self) -> str:
        """The whole row in one sentence, for screen readers and for copying."""
        state = translate("inbox", "Unread") if self.is_unread else ""
        looks = (look.word for look in (*self.chips, self.due) if look)
        parts = (
            state,
            self.what.word,
            f"{self.subject} {self.update}".strip(),
            self.event.cve_id,
            self.title,
            *looks,
            self.why,
        )
        return ". ".join(part for part in parts if part)

    def marked(self, read_at: datetime | None) -> InboxRow:
        return replace(self, event=self.event.model_copy(update={"read_at": read_at}))


def row_of(event: InboxEvent, machine_id: str, today: date) -> InboxRow:
    """Return the row of an event. machine_id: the id of this machine."""
    subject = subject_words(event)
    title = one_line(event.title, _TITLE)
    resolved = event.kind is EventKind.RESOLVED
    return InboxRow(
        event,
        happened_look(event, machine_id),
        subject or title,
        update_words(event),
        title if subject else "",
        () if resolved else _chips(event),
        None if resolved else due_look(event.due_date, today),
        why_words(event, machine_id),
    )


def happened_look(event: InboxEvent, machine_id: str) -> Look:
    match event.kind:
        case EventKind.EXPLOITED:
            return Look("fire", translate("inbox", "Now exploited"), Tone.BAD)
        case EventKind.CRITICAL:
            return Look("alert-octagon", translate("inbox", "New critical"), Tone.BAD)
        case EventKind.EPSS_ROSE:
            return Look("trending-up", epss_words(event), Tone.WARNING)
        case EventKind.DUE_SOON:
            return Look("calendar-alert", translate("inbox", "Due soon"), Tone.WARNING)
        case EventKind.RESOLVED:
            return Look(
                "check-circle", translate("inbox", "No longer {0}").format(place_words(event, machine_id)), Tone.GOOD
            )
        case EventKind.FINDING if event.exploited:
            return Look("fire", translate("inbox", "Exploited, {0}").format(place_words(event, machine_id)), Tone.BAD)
    return Look("laptop", translate("inbox", "Found {0}").format(place_words(event, machine_id)), Tone.NOTICE)


def _chips(event: InboxEvent) -> tuple[Look, ...]:
    implied = (EventKind.EXPLOITED, EventKind.FINDING)
    exploited = (exploited_look(),) if event.exploited and event.kind not in implied else ()
    severity = () if event.kind is EventKind.CRITICAL else (severity_look(event.severity),)
    return (*exploited, *severity)


def epss_words(event: InboxEvent) -> str:
    """Give "EPSS rose from 2 % to 61 %"."""
    after = percent(event.epss_after or 0)
    if event.epss_before is None:
        return translate("inbox", "EPSS is {0}").format(after)
    return translate("inbox", "EPSS rose from {0} to {1}").format(percent(event.epss_before), after)


def place_words(event: InboxEvent, machine_id: str) -> str:
    """Give "on this PC", "on RECEPTION", or "on 3 PCs"."""
    machines = {found.machine_id: found.machine for found in event.on_machines}
    if len(machines) > 1:
        return translate("inbox", "on %Ln PC(s)", "", len(machines))
    if not machines or machine_id in machines:
        return translate("inbox", "on this PC")
    return translate("inbox", "on {0}").format(one_line(next(iter(machines.values())), _NAME))


def subject_words(event: InboxEvent) -> str:
    """Give "Mozilla Firefox 115.0"; empty where no program is concerned."""
    first = next(iter(event.on_machines), None)
    return program_words(first.program, first.version) if first else ""


def update_words(event: InboxEvent) -> str:
    """Give "→ 128.0.2 +1": the version to update to, and how many other programs are concerned."""
    found = event.on_machines
    fixed_in = found[0].fixed_in if found and event.kind is not EventKind.RESOLVED else None
    update = translate("inbox", "→ {0}").format(one_line(fixed_in, _NAME)) if fixed_in else ""
    others = len({(each.program, each.version) for each in found}) - 1
    return f"{update} +{number(others)}".strip() if others > 0 else update


def due_look(due: date | None, today: date) -> Look | None:
    if due is None:
        return None
    if due < today:
        return Look("calendar-alert", translate("inbox", "Overdue {0}").format(due.isoformat()), Tone.BAD)
    return Look("calendar", translate("inbox", "Due {0}").format(due.isoformat()), Tone.NEUTRAL)


def why_words(event: InboxEvent, machine_id: str) -> str:
    """Give "Installed on this PC", "On the watchlist: apache tomcat", or why something is no longer here."""
    if event.kind is EventKind.RESOLVED and event.reason:
        return one_line(translated(event.reason), _TITLE)
    parts: list[str] = []
    if event.on_machines:
        parts += [translate("inbox", "Installed {0}").format(place_words(event, machine_id)), _decided(event)]
    if event.watched:
        names = ", ".join(one_line(name, _NAME) for name in event.watched[:_WATCHED])
        parts.append(translate("inbox", "On the watchlist: {0}").format(names))
    return " · ".join(filter(None, parts))


def _decided(event: InboxEvent) -> str:
    """Return what the person has decided on all findings of the event; empty while one of them is open."""
    states = {found.state for found in event.on_machines}
    if states == {FindingState.ACKNOWLEDGED}:
        return translate("inbox", "acknowledged")
    return translate("inbox", "ignored") if states == {FindingState.IGNORED} else ""
