"""What `openthreat doctor` finds, asked in a process of its own: it needs nothing that runs, nor its imports here."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from pydantic import ValidationError

from backend.contract.errors import OpenThreatError
from backend.contract.problems import Diagnosis
from desktop import role
from desktop.host.commands import CommandResult, run

PATIENCE_S = 60.0
_ASKED = ("doctor", "--json")


def diagnose(variables: Mapping[str, str], patience_s: float = PATIENCE_S) -> Diagnosis:
    """May wait that long. variables: the whole environment of a role. Raises OpenThreatError without a finding."""
    launch = role.launch(_ASKED, variables)
    try:
        outcome = run(launch.command, launch.environment, launch.folder, patience_s)
    except OSError as error:
        raise OpenThreatError("The examination cannot be started", f"{error}.") from error
    found = _findings_in(outcome.lines)
    if found is None:
        raise _failure(outcome, patience_s)
    return found


def _findings_in(lines: Sequence[str]) -> Diagnosis | None:
    """The document among whatever else was printed: warnings of libraries come before and after it."""
    for number, line in enumerate(lines):
        if line.startswith("{"):
            try:
                document, _ = json.JSONDecoder().raw_decode("\n".join(lines[number:]))
                return Diagnosis.model_validate(document)
            except (json.JSONDecodeError, ValidationError):
                continue
    return None


def _failure(outcome: CommandResult, patience_s: float) -> OpenThreatError:
    if outcome.code is None:
        return OpenThreatError(
            "The examination took too long",
            f"It was ended after {patience_s:.0f} seconds.",
            "Look at the services and their logs, and try again later.",
        )
    last = outcome.lines[-1] if outcome.lines else "It said nothing."
    return OpenThreatError(
        "The examination failed", f"Exit code {outcome.code}. {last}", "Its cause may be in the logs."
    )
