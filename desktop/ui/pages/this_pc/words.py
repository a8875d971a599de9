"""The sentences of the page: what is wrong on a machine, what is not known, and why there is nothing to show."""

from __future__ import annotations

from datetime import datetime, timedelta

from backend.contract.exposure import Machine
from backend.contract.machine_exposure import MachineExposure, ProgramExposure
from backend.contract.problem_catalogue import Weight
from backend.contract.problems import Problem, failure
from desktop.state.app_state import AppState
from desktop.ui.formatting import ago, day, number, one_line, translate
from desktop.ui.pages.this_pc.groups import Group, Grouped
from desktop.ui.widgets.layout import EmptyReason

OLD = timedelta(days=3)
"""Scans are daily: a list of that age lacks what was installed since."""


def headline(groups: Grouped, *, is_loaded: bool) -> str:
    """Say how many programs are exploited, or affected, and what the updates end.

    is_loaded: the first update has ended; before that, what is not known yet must not sound like an answer.
    """
    affected = groups[Group.AFFECTED]
    rest = "" if is_loaded else translate("this pc", "The first update is still loading the vulnerabilities.")
    found = (_worst(groups), _updates(affected)) if affected or is_loaded else ()
    return " ".join(filter(None, (*found, rest)))


def is_loaded(state: AppState) -> bool:
    stats = state.snapshot.stats if state.snapshot else None
    return stats is not None and stats.last_update is not None


def _worst(groups: Grouped) -> str:
    affected = groups[Group.AFFECTED]
    exploited = sum(1 for program in affected if program.exploited)
    if exploited:
        return translate(
            "this pc", "%Ln program(s) (has|have) vulnerabilities that are being exploited.", "", exploited
        )
    if affected:
        known = translate("this pc", "%Ln program(s) (has|have) known vulnerabilities.", "", len(affected))
        return f"{known} {translate('this pc', 'None is known to be exploited.')}"
    if groups[Group.WAITING]:
        return translate("this pc", "%Ln program(s) (is|are) being matched.", "", len(groups[Group.WAITING]))
    if groups[Group.IGNORED]:
        return translate("this pc", "You ignore all known vulnerabilities of what is installed.")
    return translate("this pc", "No known vulnerability affects what is installed.")


def _updates(affected: tuple[ProgramExposure, ...]) -> str:
    updates = [program for program in affected if program.update_to]
    if not updates:
        return ""
    mended, total = sum(program.mended for program in updates), sum(program.affected for program in affected)
    words = translate("this pc", "Updating %Ln program(s) mends {0} of {1}.", "", len(updates))
    return words.format(number(mended), number(total))


def coverage(groups: Grouped, exposure: MachineExposure) -> str:
    """Return of how many programs anything is known, and of which nothing is."""
    counts = {group: len(programs) for group, programs in groups.items()}
    matched = sum(counts[group] for group in (Group.AFFECTED, Group.UNCERTAIN, Group.IGNORED, Group.CLEAR))
    parts = [translate("this pc", "%Ln program(s) matched", "", matched)]
    if counts[Group.UNKNOWN]:
        parts.append(translate("this pc", "%Ln without known product", "", counts[Group.UNKNOWN]))
    if counts[Group.UNREPORTED]:
        parts.append(translate("this pc", "%Ln that nobody has ever reported on", "", counts[Group.UNREPORTED]))
    if counts[Group.PART]:
        parts.append(translate("this pc", "%Ln part(s) of other programs", "", counts[Group.PART]))
    if exposure.windows_updates:
        parts.append(translate("this pc", "%Ln installed update(s) of Windows", "", exposure.windows_updates))
    return ", ".join(parts) + "."


def machine_words(machine: Machine, own: str) -> str:
    """Name a machine in the list of all. own: the id of this PC."""
    name = one_line(machine.name)
    if machine.id == own:
        return translate("this pc", "{0} (this PC)").format(name)
    if machine.is_gone:
        return translate("this pc", "{0} (not seen since {1})").format(name, day(machine.last_seen_at))
    return name


def reason_words(program: ProgramExposure) -> str:
    """Say why no product is named; with one, which."""
    if program.product is not None:
        return one_line(f"{program.product.vendor} {program.product.product}".replace("_", " "))
    return {
        "no_name": translate("this pc", "Nothing is left of the name"),
        "part": translate("this pc", "A part without records of its own"),
        "decided": translate("this pc", "You said that it is none of the known products"),
        "ambiguous": translate("this pc", "Several products have this name"),
        "publisher": translate("this pc", "Another publisher's product has this name"),
        "no_records": translate("this pc", "No record names such a product"),
    }.get(program.reason or "", translate("this pc", "Being matched"))


def empty_reason(state: AppState) -> EmptyReason:
    """Return why no machine is shown, where the API has answered that there is none.

    The button imports a file, scans, or opens the settings.
    """
    scan = state.scan
    if scan.unavailable:
        return EmptyReason(
            "file-import-outline",
            translate("this pc", "Import a list of what is installed"),
            translate(
                "this pc",
                "Installed programs are collected on Windows only: the packages of other systems have corrections"
                " that their versions do not show. Drop a file here: CSV, JSON, .reg, winget's export, CycloneDX,"
                " SPDX, requirements.txt or package-lock.json.",
            ),
            translate("this pc", "Import"),
        )
    if not state.settings.scan_installed:
        return EmptyReason(
            "eye-off-outline",
            translate("this pc", "Looking at this PC is switched off"),
            translate("this pc", "Settings can switch it on. A list from a file can be imported all the same."),
            translate("this pc", "Open Settings"),
        )
    if scan.problem is not None:
        return EmptyReason(
            "monitor-off",
            translate("this pc", "This PC could not be scanned"),
            translate("this pc", "It is tried again by itself."),
            translate("this pc", "Scan now"),
        )
    return EmptyReason(
        "monitor-eye",
        translate("this pc", "Looking at what is installed…"),
        translate("this pc", "The programs appear here in a few seconds, their vulnerabilities as they are matched."),
    )


def loading(state: AppState, *, is_failed: bool) -> EmptyReason:
    """Return the text until the API has answered for the first time. is_failed: it refused the last request."""
    if state.api_unavailable:
        return EmptyReason("monitor-dashboard", translate("this pc", "Waiting for the services"))
    if is_failed:
        title = translate("this pc", "What is known of this PC could not be loaded")
        return EmptyReason("alert", title, translate("this pc", "It is tried again by itself."))
    return EmptyReason("monitor-dashboard", translate("this pc", "Loading what is known of this PC…"))


def old_list(scanned_at: datetime, now: datetime) -> Problem | None:
    """Return that the list of this PC is old; None if it is not."""
    if now - scanned_at <= OLD:
        return None
    title = translate("this pc", "This list is old")
    message = translate("this pc", "It was made {0}. What was installed or updated since is not in it.")
    return failure(title, message.format(ago(scanned_at, now)), weight=Weight.ATTENTION)


def gone(machine: Machine) -> Problem | None:
    """Return that a machine has sent nothing for long: its list may be wrong, or it may not exist any more."""
    if not machine.is_gone:
        return None
    title = translate("this pc", "{0} has not been seen since {1}")
    message = translate("this pc", "What was installed or updated there since is not in this list.")
    words = title.format(one_line(machine.name), day(machine.last_seen_at))
    return failure(words, message, weight=Weight.ATTENTION)
