"""The texts of notifications: title and text, and the page that a click opens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from backend.contract.formatting import sentences
from backend.contract.inbox import EventKind
from backend.contract.problems import Problem
from desktop.notifications.events import NotifiedEvent
from desktop.notifications.memory import Notification, NotificationKind
from desktop.ui.formatting import number, one_line, program_words, translate
from desktop.ui.page_context import PageName
from desktop.ui.widgets.problem_texts import (
    problem_hint,
    problem_message,
    problem_page,
    problem_title,
    resolved_title,
)

_SHOWN = 3
_NAME = 60
_LOOKALIKES = str.maketrans(
    {"<": "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}", ">": "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}"}
)
_LONGEST = 240  # Windows cuts a notification's text off after 255 characters
_PAGES: Mapping[NotificationKind, PageName] = {
    NotificationKind.SUCCEEDED: PageName.TASKS,
    NotificationKind.EVENTS: PageName.INBOX,
    NotificationKind.FIRST_UPDATE: PageName.INBOX,
    NotificationKind.RELEASE: PageName.SETTINGS,
    NotificationKind.SUMMARY: PageName.NOTIFICATIONS,
}


@dataclass(frozen=True)
class Words:
    title: str
    text: str


def words_of(notification: Notification) -> Words:
    """Return title and text. What to do comes first, and a long reason is cut: the number of occurrences stays."""
    again = _again(notification)
    reason = one_line(_reason(notification), _LONGEST - len(again))
    return Words(_harmless(one_line(_title(notification))), _harmless(" ".join(filter(None, (reason, again)))))


def page_of(notification: Notification) -> tuple[PageName, str]:
    """Return the page that a click opens, and the item on it."""
    if notification.problem is not None:
        return problem_page(notification.problem), notification.key
    if notification.kind is NotificationKind.EVENTS:
        return PageName.INBOX, str(notification.events[0].id) if len(notification.events) == 1 else "mine"
    return _PAGES[notification.kind], notification.key


def _harmless(text: str) -> str:
    """Replace angle brackets: some notification services render HTML, others would show escapes literally."""
    return text.translate(_LOOKALIKES)


def _title(notification: Notification) -> str:
    match notification:
        case Notification(kind=NotificationKind.PROBLEM, problem=Problem() as found):
            return problem_title(found)
        case Notification(kind=NotificationKind.RESOLVED, problem=Problem() as gone):
            return resolved_title(gone)
        case Notification(kind=NotificationKind.EVENTS):
            return _events_title(notification.events)
        case Notification(kind=NotificationKind.FIRST_UPDATE):
            return translate("notification", "The first update is done")
        case Notification(kind=NotificationKind.RELEASE):
            return translate("notification", "OpenThreat {0} is available").format(notification.subject)
        case Notification(kind=NotificationKind.SUCCEEDED):
            return translate("notification", "Update completed")
    return translate("notification", "During quiet hours")


def _reason(notification: Notification) -> str:
    match notification:
        case Notification(kind=NotificationKind.SUMMARY):
            return " · ".join(_title(part) for part in notification.parts)
        case Notification(kind=NotificationKind.EVENTS):
            return _events_text(notification.events)
        case Notification(kind=NotificationKind.FIRST_UPDATE):
            known, exploited = notification.figures
            counted = translate("notification", "%Ln vulnerabilit(y|ies) (is|are) known", "", known)
            also = translate("notification", "%Ln of them (is|are) being exploited", "", exploited)
            return translate("notification", "{0}, {1}.").format(counted, also)
        case Notification(kind=NotificationKind.RELEASE):
            return translate(
                "notification", "It is not installed automatically. The download page is linked in Settings."
            )
        case Notification(kind=NotificationKind.PROBLEM, problem=Problem() as found):
            return sentences(problem_hint(found), problem_message(found))
    return ""


def _events_title(events: tuple[NotifiedEvent, ...]) -> str:
    """Give "Mozilla Firefox 115.0 on this PC"; the number of vulnerabilities where several programs are concerned."""
    places = {_place(event) for event in events}
    if len(places) == 1 and (place := places.pop()):
        return place
    exploited = len({event.cve_id for event in events if event.exploited})
    if exploited:
        return translate(
            "notification", "%Ln vulnerabilit(y|ies) that concern(s|) you (is|are) being exploited", "", exploited
        )
    count = len({event.cve_id for event in events})
    return translate("notification", "%Ln vulnerabilit(y|ies) that concern(s|) you (is|are) new", "", count)


def _events_text(events: tuple[NotifiedEvent, ...]) -> str:
    """Say what happened and what to do; of several programs, which ones and what to update them to."""
    cves = tuple(dict.fromkeys(event.cve_id for event in events))
    places = {_place(event) for event in events}
    if len(places) > 1 or places == {""}:
        programs = dict.fromkeys(_program_and_update(event) for event in events if event.program)
        return f"{_listed(tuple(programs) or cves)}."
    happened = _several_in_it(events, len(cves)) if len(cves) > 1 else _happened(events[0])
    return f"{happened} {_what_to_do(events)} {_listed(cves)}"


def _happened(event: NotifiedEvent) -> str:
    """Say what happened to a program that the title names."""
    if event.exploited and event.kind is not EventKind.DUE_SOON:
        return translate("notification", "A vulnerability in it is being exploited.")
    match event.kind:
        case EventKind.DUE_SOON:
            return translate("notification", "CISA's due date for a vulnerability in it is near.")
        case EventKind.EPSS_ROSE:
            return translate("notification", "A vulnerability in it has become more likely to be exploited.")
    return translate("notification", "A critical vulnerability in it has become known.")


def _several_in_it(events: tuple[NotifiedEvent, ...], count: int) -> str:
    exploited = len({event.cve_id for event in events if event.exploited})
    if exploited:
        return translate("notification", "%Ln vulnerabilit(y|ies) in it (is|are) being exploited.", "", exploited)
    return translate("notification", "%Ln vulnerabilit(y|ies) in it (is|are) new.", "", count)


def _what_to_do(events: tuple[NotifiedEvent, ...]) -> str:
    """Name the version to update to, if all events name the same one: versions are not compared here."""
    fixed = {event.fixed_in for event in events}
    if len(fixed) == 1 and (version := fixed.pop()):
        return translate("notification", "Update to {0}.").format(one_line(version, _NAME))
    return translate("notification", "Open it to see what to do.")


def _place(event: NotifiedEvent) -> str:
    """Give "Mozilla Firefox 115.0 on this PC"; empty where nothing names a program."""
    name = program_words(event.program, event.version)
    if not event.machine or not name:
        return name
    if event.is_here:
        return translate("notification", "{0} on this PC").format(name)
    return translate("notification", "{0} on {1}").format(name, one_line(event.machine, _NAME))


def _program_and_update(event: NotifiedEvent) -> str:
    """Give "Mozilla Firefox 115.0 → 128.0.2"."""
    name = program_words(event.program, event.version)
    if not event.fixed_in:
        return name
    return translate("inbox", "{0} → {1}").format(name, one_line(event.fixed_in, _NAME))


def _again(notification: Notification) -> str:
    if notification.count < 2 or notification.kind not in (NotificationKind.PROBLEM, NotificationKind.SUCCEEDED):
        return ""
    return translate("notification", "{0} times since the last notification.").format(number(notification.count))


def _listed(names: tuple[str, ...]) -> str:
    shown, more = ", ".join(names[:_SHOWN]), len(names) - _SHOWN
    return translate("notification", "{0} and {1} more").format(shown, number(more)) if more > 0 else shown
