"""The diagnostic report, a zip file that users can send to support: logs, settings, findings, states, no secrets.

Only what is listed here is included: no database, no `.env`, no `stack.env`, no key of a running program.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import JsonValue

from backend.contract.diagnosis import Diagnosis
from backend.contract.environment import DOTENV_FILE
from backend.contract.errors import OpenThreatError
from backend.contract.redaction import redacted, secrets_in
from backend.contract.snapshot import Snapshot
from backend.contract.stack import STACK_FILE
from backend.system.files import replacing
from desktop.diagnostics.machine import this_machine
from desktop.instance.control import KEY_FILE
from desktop.logs.log_reader import end_of_log
from desktop.state.app_state import AppState
from desktop.supervision.services import ServiceState

LOG_BYTES = 5 * 2**20
"""Limit for each service: the end of its log and older parts."""
_BLOCK = 32 * 1024
_ABOUT = """\
Diagnostic report of OpenThreat Desktop.

machine.json      versions, system, memory, disk
diagnosis.json    findings of the diagnosis
services.json     states of the services
snapshot.json     the API's last snapshot, without vulnerabilities
settings.toml     the settings
environment.txt   names of the variables that are set, without their values
logs/             the end of each log

Passwords, keys and tokens are replaced by *** in all files.
"""


@dataclass(frozen=True)
class ReportInput:
    """What a report is made of.

    Attributes:
        variables: The environment.
        stored_secrets: Secrets from elsewhere, such as the keyring.
    """

    home: Path
    log_folder: Path
    state: AppState
    diagnosis: Diagnosis | None
    variables: Mapping[str, str]
    stored_secrets: Iterable[str] = ()


def write_report(target: Path, report: ReportInput) -> None:
    """Write the report atomically. May block.

    Raises:
        OpenThreatError: The file cannot be written.
    """
    try:
        with replacing(target) as temporary:
            _write(temporary, report)
    except OSError as error:
        raise OpenThreatError(
            "The report cannot be saved", f"{target}: {error.strerror or error}.", "Choose another folder."
        ) from error


def known_secrets(report: ReportInput) -> frozenset[str]:
    """Collect all secrets that must be removed: environment, files, keyring, control key."""
    files = (_pairs(report.home / name) for name in (DOTENV_FILE, STACK_FILE))
    found = secrets_in(report.variables).union(*map(secrets_in, files))
    return found | frozenset(report.stored_secrets) | _control_key(report.home / KEY_FILE)


def _write(path: Path, report: ReportInput) -> None:
    secrets = known_secrets(report)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, document in _documents(report):
            text = document if isinstance(document, str) else _json(_cleaned(document, secrets))
            archive.writestr(name, _bytes(redacted(text, secrets)))
        for log in sorted(report.log_folder.glob("*.log")):
            with archive.open(f"logs/{log.name}", "w") as entry:
                for block in _blocks(end_of_log(log, LOG_BYTES)):
                    entry.write(_bytes(redacted(block, secrets)))


def _documents(report: ReportInput) -> Iterator[tuple[str, JsonValue]]:
    """Yield the name and content of each file; what is not a text becomes JSON."""
    state = report.state
    yield "about.txt", _ABOUT
    yield "machine.json", asdict(this_machine(report.home))
    if report.diagnosis:
        yield "diagnosis.json", report.diagnosis.model_dump(mode="json")
    services = [_service_document(service) for service in state.supervision.services]
    yield "services.json", {"stack": state.stack, "services": services}
    if state.snapshot:
        yield "snapshot.json", _without_feeds(state.snapshot)
    yield "environment.txt", "".join(f"{name}\n" for name in sorted(report.variables))
    settings = report.home / "settings.toml"
    if settings.is_file():
        yield "settings.toml", settings.read_text(encoding="utf-8", errors="replace")


def _service_document(state: ServiceState) -> JsonValue:
    return {
        "name": state.name,
        "phase": state.phase,
        "wanted": state.wanted,
        "pid": state.pid,
        "restarts": state.restarts,
        "task": state.task.name if state.task else None,
        "problem": asdict(state.reported_problem) if state.reported_problem else None,
    }


def _without_feeds(snapshot: Snapshot) -> JsonValue:
    """Leave out figures and results: they describe the data, not the fault."""
    document: JsonValue = snapshot.model_dump(mode="json", exclude={"stats": True, "runs": {"__all__": {"result"}}})
    return document


def _blocks(log: bytes) -> Iterator[str]:
    """Split into blocks of lines: redaction holds the GIL, and the GUI thread should wait for one block at most."""
    start = 0
    while start < len(log):
        end = log.find(b"\n", start + _BLOCK) + 1 or len(log)
        yield log[start:end].decode("utf-8", "replace")
        start = end


def _pairs(path: Path) -> Mapping[str, str]:
    """Parse the NAME=VALUE lines of a file; a missing file has none."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return {}
    pairs = (line.removeprefix("export ").partition("=") for line in lines)
    return {name.strip(): value.strip().strip("'\"") for name, _, value in pairs}


def _control_key(path: Path) -> frozenset[str]:
    """Return the key that authenticates commands to the running program."""
    try:
        key = json.loads(path.read_text(encoding="utf-8")).get("key", "")
    except (FileNotFoundError, ValueError, AttributeError):
        return frozenset()
    return frozenset({key}) if isinstance(key, str) and key else frozenset()


def _cleaned(document: JsonValue, secrets: frozenset[str]) -> JsonValue:
    """Redact before encoding as JSON, which would escape quotes in a secret and hide it from redaction."""
    match document:
        case str():
            return redacted(document, secrets)
        case list():
            return [_cleaned(item, secrets) for item in document]
        case dict():
            return {name: _cleaned(value, secrets) for name, value in document.items()}
    return document


def _bytes(text: str) -> bytes:
    """Encode; names of files and variables may contain lone surrogates."""
    return text.encode("utf-8", "replace")


def _json(document: JsonValue) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False)
