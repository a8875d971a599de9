"""The icon, word and tone of each state, the same on all pages."""

from __future__ import annotations

from dataclasses import dataclass

from backend.contract.names import RunState, Severity, TaskName, Trigger
from backend.contract.sources import SourceState
from desktop.supervision.services import Phase, ServiceState
from desktop.ui.formatting import number, translate
from desktop.ui.theme.tokens import Tone


@dataclass(frozen=True)
class Look:
    """icon: the name of a Material Design icon."""

    icon: str
    word: str
    tone: Tone


def severity_look(severity: Severity) -> Look:
    return {
        Severity.CRITICAL: Look("alert-octagon", translate("state", "Critical"), Tone.BAD),
        Severity.HIGH: Look("chevron-double-up", translate("state", "High"), Tone.WARNING),
        Severity.MEDIUM: Look("chevron-up", translate("state", "Medium"), Tone.NOTICE),
        Severity.LOW: Look("chevron-down", translate("state", "Low"), Tone.GOOD),
        Severity.NONE: Look("minus", translate("state", "None"), Tone.NEUTRAL),
        Severity.UNKNOWN: Look("help", translate("state", "Unknown"), Tone.NEUTRAL),
    }[severity]


def exploited_look() -> Look:
    return Look("fire", translate("state", "Exploited"), Tone.BAD)


def priority_look(score: float) -> Look:
    """Look of a priority from 0 to 1; from 0.7 on, a source reports that the vulnerability is exploited."""
    tone = Tone.BAD if score >= 0.9 else Tone.WARNING if score >= 0.7 else Tone.NEUTRAL
    return Look("fire" if score >= 0.7 else "flag-outline", number(score, 3), tone)


def run_look(state: RunState) -> Look:
    return {
        RunState.PENDING: Look("clock-outline", translate("state", "Waiting"), Tone.NEUTRAL),
        RunState.STARTED: Look("progress-download", translate("state", "Running"), Tone.INFO),
        RunState.RETRY: Look("refresh", translate("state", "Retrying"), Tone.NOTICE),
        RunState.SUCCESS: Look("check-circle", translate("state", "Completed"), Tone.GOOD),
        RunState.FAILURE: Look("close-circle", translate("state", "Failed"), Tone.BAD),
        RunState.REVOKED: Look("cancel", translate("state", "Cancelled"), Tone.NEUTRAL),
    }[state]


def degraded_look() -> Look:
    """Look of a run that succeeded, but not for every source."""
    return Look("check-circle-outline", translate("state", "Partly completed"), Tone.NOTICE)


def cancelling_look() -> Look:
    """Look of a run that is being cancelled."""
    return Look("progress-close", translate("state", "Cancelling"), Tone.NEUTRAL)


def paused_look() -> Look:
    return Look("pause-circle-outline", translate("state", "Paused"), Tone.NOTICE)


def phase_look(phase: Phase) -> Look:
    return {
        Phase.STOPPED: Look("stop-circle-outline", translate("state", "Stopped"), Tone.NEUTRAL),
        Phase.STARTING: Look("progress-clock", translate("state", "Starting"), Tone.INFO),
        Phase.RUNNING: Look("check-circle", translate("state", "Running"), Tone.GOOD),
        Phase.STOPPING: Look("progress-close", translate("state", "Stopping"), Tone.NEUTRAL),
        Phase.BACKOFF: Look("refresh", translate("state", "Restarting"), Tone.NOTICE),
        Phase.GAVE_UP: Look("close-circle", translate("state", "Failed"), Tone.BAD),
        Phase.FOREIGN: Look("account-arrow-right-outline", translate("state", "Started elsewhere"), Tone.INFO),
    }[phase]


def service_look(service: ServiceState) -> Look:
    """One that keeps failing has failed, although it will be started again."""
    return phase_look(Phase.GAVE_UP if service.failed else service.phase)


def source_look(state: SourceState) -> Look:
    return {
        SourceState.OK: Look("check-circle", translate("state", "Up to date"), Tone.GOOD),
        SourceState.STALE: Look("clock-alert-outline", translate("state", "Out of date"), Tone.NOTICE),
        SourceState.DEGRADED: Look("alert", translate("state", "Last update failed"), Tone.WARNING),
        SourceState.FAILING: Look("close-circle", translate("state", "Failing"), Tone.BAD),
        SourceState.NEVER: Look("circle-outline", translate("state", "No data yet"), Tone.NEUTRAL),
    }[state]


def ok_look() -> Look:
    """Return the look of a check that found nothing wrong."""
    return Look("check-circle", translate("state", "OK"), Tone.GOOD)


def off_look() -> Look:
    return Look("power-standby", translate("state", "Off"), Tone.NEUTRAL)


def trigger_word(trigger: Trigger) -> str:
    return {
        Trigger.SCHEDULE: translate("state", "Schedule"),
        Trigger.API: translate("state", "Manual"),
        Trigger.FIRST_START: translate("state", "First start"),
        Trigger.FOREIGN: translate("state", "Another program"),
    }[trigger]


def task_word(name: str) -> str:
    """Return the name of a task for people; of a task that this version does not know, its technical name."""
    words: dict[str, str] = {
        TaskName.UPDATE: translate("state", "Update"),
        TaskName.MANUAL_UPDATE: translate("state", "Manual update"),
        TaskName.CLEAN_CACHE: translate("state", "Cleanup"),
        TaskName.UPDATE_STATS: translate("state", "Statistics"),
        TaskName.TEST: translate("state", "Test"),
        TaskName.MATCH: translate("state", "Matching"),
        TaskName.LOAD_BUNDLE: translate("state", "Bundle"),
        TaskName.REPORT: translate("state", "Report"),
        TaskName.SEND_WEBHOOKS: translate("state", "Webhooks"),
    }
    return words.get(name, name)
