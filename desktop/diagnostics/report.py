"""The report that a person can send to whoever helps: logs, settings, findings and states, and not one secret.

What is not on the list here is not in it: no database, no `.env`, no `stack.env`, no key of a running program.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import JsonValue

from backend.contract.environment import DOTENV_FILE
from backend.contract.errors import OpenThreatError
from backend.contract.problems import Diagnosis
from backend.contract.redaction import redacted, secrets_in
from backend.contract.snapshot import Snapshot
from backend.contract.stack import STACK_FILE
from desktop.diagnostics.machine import this_machine
from desktop.instance.control import KEY_FILE
from desktop.logs.log_reader import end_of_log
from desktop.state.app_state import AppState
from desktop.supervision.services import ServiceState

LOG_BYTES = 5 * 2**20
"""Of each service's log with its older parts, the end."""
_STRETCH = 32 * 1024
_ABOUT = """\
Report of OpenThreat Desktop, for finding out why something does not work.

machine.json      versions, system, memory, disk
diagnosis.json    what the examination found
services.json     how the services are
snapshot.json     what the API said last, without vulnerabilities
settings.toml     the settings
environment.txt   names of the variables that are set; never their values
logs/             the end of each log

Passwords, keys and tokens were taken out of all of it (***).
"""


@dataclass(frozen=True)
class Evidence:
    """What a report is made of. variables: the environment; kept: secrets from elsewhere, such as the keyring."""

    home: Path
    log_folder: Path
    view: AppState
    diagnosis: Diagnosis | None
    variables: Mapping[str, str]
    kept: Iterable[str] = ()


def save_bundle(target: Path, evidence: Evidence) -> None:
    """May wait. The file is there as a whole or not at all. Raises OpenThreatError where it cannot be written."""
    beside = target.with_name(target.name + ".part")
    try:
        _write(beside, evidence)
        beside.replace(target)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise OpenThreatError(
            "The report cannot be saved", f"{target}: {error.strerror or error}.", "Choose another folder."
        ) from error


def known_secrets(evidence: Evidence) -> frozenset[str]:
    """Everything that must not be in a report, from wherever it is kept."""
    files = (_pairs(evidence.home / name) for name in (DOTENV_FILE, STACK_FILE))
    found = secrets_in(evidence.variables).union(*map(secrets_in, files))
    return found | frozenset(evidence.kept) | _door_key(evidence.home / KEY_FILE)


def _write(path: Path, evidence: Evidence) -> None:
    secrets = known_secrets(evidence)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, document in _documents(evidence):
            text = document if isinstance(document, str) else _json(_cleaned(document, secrets))
            archive.writestr(name, _bytes(redacted(text, secrets)))
        for log in sorted(evidence.log_folder.glob("*.log")):
            with archive.open(f"logs/{log.name}", "w") as entry:
                for stretch in _stretches(end_of_log(log, LOG_BYTES)):
                    entry.write(_bytes(redacted(stretch, secrets)))


def _documents(evidence: Evidence) -> Iterator[tuple[str, JsonValue]]:
    """Texts as they are; anything else becomes JSON."""
    view = evidence.view
    yield "about.txt", _ABOUT
    yield "machine.json", asdict(this_machine(evidence.home))
    if evidence.diagnosis:
        yield "diagnosis.json", evidence.diagnosis.model_dump(mode="json")
    yield "services.json", {"stack": view.stack, "services": [_described(one) for one in view.supervision.services]}
    if view.snapshot:
        yield "snapshot.json", _without_feeds(view.snapshot)
    yield "environment.txt", "".join(f"{name}\n" for name in sorted(evidence.variables))
    settings = evidence.home / "settings.toml"
    if settings.is_file():
        yield "settings.toml", settings.read_text(encoding="utf-8", errors="replace")


def _described(one: ServiceState) -> JsonValue:
    return {
        "name": one.name,
        "phase": one.phase,
        "wanted": one.wanted,
        "pid": one.pid,
        "restarts": one.restarts,
        "task": one.task.name if one.task else None,
        "problem": asdict(one.problem) if one.problem else None,
    }


def _without_feeds(snapshot: Snapshot) -> JsonValue:
    """Neither figures nor results: they tell what is in the database, not why something does not work."""
    document: JsonValue = snapshot.model_dump(mode="json", exclude={"stats": True, "runs": {"__all__": {"result"}}})
    return document


def _stretches(log: bytes) -> Iterator[str]:
    """A few lines at a time: other threads, such as the window's, wait no longer than for one of them."""
    start = 0
    while start < len(log):
        end = log.find(b"\n", start + _STRETCH) + 1 or len(log)
        yield log[start:end].decode("utf-8", "replace")
        start = end


def _pairs(path: Path) -> Mapping[str, str]:
    """NAME=VALUE lines of a file; without one, or without a text in it, none."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return {}
    pairs = (line.removeprefix("export ").partition("=") for line in lines)
    return {name.strip(): value.strip().strip("'\"") for name, _, value in pairs}


def _door_key(path: Path) -> frozenset[str]:
    """Only the program's owner may talk to it."""
    try:
        key = json.loads(path.read_text(encoding="utf-8")).get("key", "")
    except (FileNotFoundError, ValueError, AttributeError):
        return frozenset()
    return frozenset({key}) if isinstance(key, str) and key else frozenset()


def _cleaned(document: JsonValue, secrets: frozenset[str]) -> JsonValue:
    """Before it becomes JSON, in which a secret with quotes would be spelt differently."""
    match document:
        case str():
            return redacted(document, secrets)
        case list():
            return [_cleaned(item, secrets) for item in document]
        case dict():
            return {name: _cleaned(value, secrets) for name, value in document.items()}
    return document


def _bytes(text: str) -> bytes:
    """Names of files and variables can have letters that are none."""
    return text.encode("utf-8", "replace")


def _json(document: JsonValue) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False)
