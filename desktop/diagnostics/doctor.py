"""Runs `openthreat doctor` as a separate process, so that no service has to run and the tray imports no backend."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from pydantic import ValidationError

from backend.contract.diagnosis import Diagnosis
from backend.contract.errors import OpenThreatError
from desktop import role
from desktop.host.commands import CommandResult, run

TIMEOUT_S = 60.0
_COMMAND = ("doctor", "--json")


def diagnose(variables: Mapping[str, str], timeout_s: float = TIMEOUT_S) -> Diagnosis:
    """Run the doctor and return its findings. Blocks until it ends or the timeout.

    Args:
        variables: The complete environment of a role.

    Raises:
        OpenThreatError: It cannot be started, or ends without findings.
    """
    launch = role.launch(_COMMAND, variables)
    try:
        result = run(launch.command, launch.environment, launch.folder, timeout_s)
    except OSError as error:
        raise OpenThreatError("The diagnosis cannot be started", f"{error}.") from error
    found = _findings_in(result.lines)
    if found is None:
        raise _failure(result, timeout_s)
    return found


def _findings_in(lines: Sequence[str]) -> Diagnosis | None:
    """Find the JSON document in the output: libraries may print warnings before and after it."""
    for number, line in enumerate(lines):
        if line.startswith("{"):
            try:
                document, _ = json.JSONDecoder().raw_decode("\n".join(lines[number:]))
                return Diagnosis.model_validate(document)
            except (json.JSONDecodeError, ValidationError):
                continue
    return None


def _failure(result: CommandResult, timeout_s: float) -> OpenThreatError:
    if result.code is None:
        return OpenThreatError(
            "The diagnosis took too long",
            f"It was ended after {timeout_s:.0f} seconds.",
            "Check the services and their logs, and try again later.",
        )
    last = result.lines[-1] if result.lines else "It printed nothing."
    return OpenThreatError("The diagnosis failed", f"Exit code {result.code}. {last}", "The logs may show the cause.")
