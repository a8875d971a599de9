"""What a notification says: a title of a few words, and one or two lines below it."""

from __future__ import annotations

from dataclasses import dataclass

from backend.contract.formatting import sentences
from backend.contract.names import TaskName
from desktop.notifications.memory import Alert, AlertKind
from desktop.notifications.notifications import UPDATE
from desktop.ui.formatting import number, one_line, translate

_IDS_SHOWN = 3
_LOOKALIKES = str.maketrans(
    {"<": "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}", ">": "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}"}
)
_LONGEST = 240  # Windows cuts a notification's text off after 255 characters


@dataclass(frozen=True)
class Words:
    title: str
    text: str


def words_of(alert: Alert) -> Words:
    """A reason that is too long is cut off; how often it happened is not."""
    again = _again(alert)
    reason = one_line(_reason(alert), _LONGEST - len(again))
    return Words(_harmless(_title(alert)), _harmless(" ".join(part for part in (reason, again) if part)))


def _harmless(text: str) -> str:
    """Qt's balloon and some services take what looks like HTML for it; others would show what is escaped."""
    return text.translate(_LOOKALIKES)


def task_title(task: str) -> str:
    return {
        UPDATE: translate("alert", "The update"),
        TaskName.CLEAN_CACHE: translate("alert", "The clean-up"),
        TaskName.UPDATE_STATS: translate("alert", "Computing the statistics"),
        TaskName.TEST: translate("alert", "The test run"),
    }.get(task, task)


def _title(alert: Alert) -> str:
    if alert.kind is AlertKind.SERVICE_GAVE_UP and alert.trouble:
        return one_line(alert.trouble.title)  # not all that give up keep failing: a port may be taken
    return {
        AlertKind.RUN_FAILED: translate("alert", "{0} failed"),
        AlertKind.RUN_RECOVERED: translate("alert", "{0} works again"),
        AlertKind.SOURCES_FAILED: translate("alert", "{0} could not be updated"),
        AlertKind.SOURCES_RECOVERED: translate("alert", "{0} is up to date again"),
        AlertKind.SERVICE_GAVE_UP: translate("alert", "{0} keeps failing"),
        AlertKind.SERVICE_RECOVERED: translate("alert", "{0} runs again"),
        AlertKind.EXPLOITED: translate("alert", "Exploited now: {0}"),
        AlertKind.SUCCEEDED: translate("alert", "{0} is done"),
        AlertKind.RELEASE: translate("alert", "OpenThreat {0} is out"),
        AlertKind.SUMMARY: translate("alert", "While it was quiet"),
    }[alert.kind].format(_subject(alert))


def _subject(alert: Alert) -> str:
    match alert.kind:
        case AlertKind.SOURCES_FAILED | AlertKind.SOURCES_RECOVERED:
            return ", ".join(item.upper() for item in alert.items)
        case AlertKind.EXPLOITED:
            return _listed(alert.items)
        case AlertKind.SERVICE_GAVE_UP | AlertKind.SERVICE_RECOVERED | AlertKind.RELEASE:
            return alert.subject
    return task_title(alert.subject)


def _reason(alert: Alert) -> str:
    if alert.kind is AlertKind.SUMMARY:
        return " · ".join(_title(part) for part in alert.parts)
    if alert.kind is AlertKind.EXPLOITED:
        return translate("alert", "CISA says that attackers use it. You watch its vendor.")
    if alert.kind is AlertKind.RELEASE:
        return translate("alert", "Nothing is installed by itself. The settings lead to its page.")
    if alert.kind is AlertKind.SOURCES_FAILED and len(alert.items) > 1:
        return translate("alert", "What the other sources gave is there.")
    if alert.trouble is None:
        return ""
    if alert.kind is AlertKind.SERVICE_GAVE_UP:
        return sentences(alert.trouble.message, alert.trouble.hint)
    return sentences(str(alert.trouble))


def _again(alert: Alert) -> str:
    if alert.count < 2 or alert.kind not in (AlertKind.RUN_FAILED, AlertKind.SERVICE_GAVE_UP, AlertKind.SUCCEEDED):
        return ""
    return translate("alert", "{0} times since it was last told.").format(number(alert.count))


def _listed(ids: tuple[str, ...]) -> str:
    shown, more = ", ".join(ids[:_IDS_SHOWN]), len(ids) - _IDS_SHOWN
    return translate("alert", "{0} and {1} more").format(shown, number(more)) if more > 0 else shown
