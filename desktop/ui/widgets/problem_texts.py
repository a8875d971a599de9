"""Translated texts of problems: title, message, advice and buttons; their tones; and the page of each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from backend.contract.names import TaskName, service_title
from backend.contract.problem_catalogue import ProblemId, Remedy, Weight
from backend.contract.problems import UPDATE, Problem
from backend.contract.wire import utc_now
from desktop.state.app_state import AppState
from desktop.ui.formatting import day_and_time, plain, translate
from desktop.ui.page_context import PageName
from desktop.ui.sentences import in_language
from desktop.ui.theme.tokens import Tone
from desktop.ui.widgets.looks import Look

_TONES = {Weight.INFO: Tone.INFO, Weight.ATTENTION: Tone.NOTICE, Weight.WARNING: Tone.WARNING, Weight.ERROR: Tone.BAD}


def problem_title(found: Problem) -> str:
    return _text(found, "title")


def problem_message(found: Problem) -> str:
    return _text(found, "message")


def problem_hint(found: Problem) -> str:
    return _text(found, "hint")


def problem_line(found: Problem) -> str:
    """Return title and message in one line."""
    title, message = problem_title(found), problem_message(found)
    return f"{title}: {message}" if message else title


def resolved_title(gone: Problem) -> str:
    """Return the title of the notification that the problem is over."""
    return _text(gone, "resolved")


def problem_tone(found: Problem) -> Tone:
    return _TONES[found.weight]


def problem_page(found: Problem) -> PageName:
    """Return the page with more about the problem."""
    return PageName(found.place.value)


def problem_key(found: Problem) -> str:
    """Return the key of the item on that page: a service or a run."""
    return found.service or (found.occurrences[0] if found.task and found.occurrences else "")


def age_words(state: AppState) -> str:
    """Return how old the data on the screen are; empty if they are current."""
    if state.stale_reason is None or state.snapshot_at is None:
        return ""
    return translate("window", "What you see is as of {0}.").format(day_and_time(state.snapshot_at, utc_now()))


def weight_look(weight: Weight) -> Look:
    return {
        Weight.INFO: Look("information", translate("state", "Information"), Tone.INFO),
        Weight.ATTENTION: Look("alert-outline", translate("state", "Warning"), Tone.NOTICE),
        Weight.WARNING: Look("alert", translate("state", "Warning"), Tone.WARNING),
        Weight.ERROR: Look("close-circle", translate("state", "Problem"), Tone.BAD),
    }[weight]


def remedy_words(remedy: Remedy) -> str:
    return {
        Remedy.START_DOCKER: translate("remedy", "Start Docker Desktop"),
        Remedy.USE_EMBEDDED: translate("remedy", "Use the built-in database"),
        Remedy.USE_OTHER_PORTS: translate("remedy", "Use other ports"),
        Remedy.FETCH_IMAGES: translate("remedy", "Download images"),
        Remedy.STOP_FETCHING: translate("remedy", "Cancel download"),
        Remedy.TRY_AGAIN: translate("remedy", "Try again"),
        Remedy.START_SERVICES: translate("remedy", "Start"),
        Remedy.RESTART_SERVICE: translate("remedy", "Restart"),
        Remedy.RESUME_SCHEDULE: translate("remedy", "Resume schedule"),
        Remedy.OPEN_SCHEDULE: translate("remedy", "Open schedule"),
        Remedy.OPEN_LOG: translate("remedy", "Show log"),
        Remedy.OPEN_SETTINGS: translate("remedy", "Open Settings"),
        Remedy.OPEN_NETWORK_SETTINGS: translate("remedy", "Network settings"),
        Remedy.OPEN_REPORT_SETTINGS: translate("remedy", "Settings of reports"),
        Remedy.OPEN_WEBHOOKS: translate("remedy", "Webhook settings"),
        Remedy.OPEN_FOLDER: translate("remedy", "Open data folder"),
        Remedy.UPDATE_NOW: translate("remedy", "Update now"),
    }[remedy]


def service_word(name: str) -> str:
    """Return the title of a service. resources/translate.py collects them with the problems, which name them."""
    return in_language(service_title(name))


def task_title(task: str) -> str:
    return {
        UPDATE: translate("notification", "The update"),
        TaskName.CLEAN_CACHE: translate("notification", "The cleanup"),
        TaskName.UPDATE_STATS: translate("notification", "Computing the statistics"),
        TaskName.TEST: translate("notification", "The test"),
        TaskName.MATCH: translate("notification", "Matching what is installed"),
        TaskName.REPORT: translate("notification", "The report"),
        TaskName.SEND_WEBHOOKS: translate("notification", "Sending to the webhooks"),
    }.get(task, task)


def says_unanswered(found: Problem | None) -> bool:
    """Whether a problem only says that the API does not answer, which is over once it does."""
    return found is not None and found.id in (ProblemId.API_DOWN, ProblemId.API_SILENT)


def _text(found: Problem, part: str) -> str:
    return plain(found.text(part, in_language, _words(found)))


def _words(found: Problem) -> Mapping[str, str]:
    """Return the parameters that depend on the user's language or time zone."""
    words = {"task": task_title(found.task)} if found.task else {}
    if "service" in found.parameters:
        words["service"] = in_language(found.parameters["service"])
    if "moment" not in found.parameters:
        return words
    moment = found.parameters["moment"]
    until = day_and_time(datetime.fromisoformat(moment), utc_now()) if moment else translate("problem", "it is resumed")
    return {**words, "until": until}
