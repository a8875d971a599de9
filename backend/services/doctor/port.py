"""The check of the API's port: this API, another program, or nothing listens on it."""

from __future__ import annotations

import errno

from backend.client.api import ApiClient
from backend.client.transport import ApiError
from backend.config import Settings
from backend.contract.diagnosis import CheckResult
from backend.contract.health import Presence, home_fingerprint
from backend.contract.names import Role
from backend.contract.problem_catalogue import CATALOGUE, ProblemId
from backend.contract.problems import problem
from backend.services.doctor.results import well
from backend.system.ports import binding_error, port_holder

_TIMEOUT_S = 3.0


def api_port(settings: Settings) -> CheckResult:
    found = _ask(settings)
    if found is None:
        return _without_our_api(settings)
    if found.home != home_fingerprint(settings.home):
        return _found(ProblemId.API_OF_ANOTHER, pid=str(found.pid), port=str(settings.api_port))
    return well("api", "The API answers", f"Version {found.version}, process {found.pid}, {settings.api_base}.")


def _ask(settings: Settings) -> Presence | None:
    try:
        return ApiClient(settings.api_base, settings.token, wait_s=_TIMEOUT_S).live()
    except ApiError:
        return None


def _without_our_api(settings: Settings) -> CheckResult:
    host, port = settings.api_host, settings.api_port
    if error := binding_error(host, port):
        if error.errno == errno.EADDRNOTAVAIL:
            return _found(ProblemId.API_ADDRESS_FOREIGN, host=host)
        holder = port_holder(port)
        if holder or error.errno == errno.EADDRINUSE:
            return _found(ProblemId.API_PORT_TAKEN, port=str(port), holder=str(holder or "Another program"))
        return _found(ProblemId.API_PORT_RESERVED, port=str(port))
    return _found(ProblemId.API_DOWN, service=Role.API)


def _found(problem_id: ProblemId, *, service: str = "", **words: str) -> CheckResult:
    """Make the finding. It has a remedy only if starting a service may help."""
    remedies = CATALOGUE[problem_id].remedies if service else ()
    return CheckResult.of("api", problem(problem_id, words, remedies=remedies, service=service))
