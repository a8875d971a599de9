"""Who listens where the API should."""

from __future__ import annotations

import errno

from backend.client.api import ApiClient
from backend.client.transport import ApiError
from backend.config import Settings
from backend.contract.health import Health, home_fingerprint
from backend.contract.names import Role
from backend.contract.problems import Finding
from backend.services.doctor.findings import problem, restart, well
from backend.system.ports import binding_error, port_holder

_TIMEOUT_S = 3.0
_OTHER_PORT = "Stop that program, or set OPENTHREAT_API_PORT to a free port and start again."


def api_port(settings: Settings) -> Finding:
    health = _ask(settings)
    if health is None:
        return _nobody_of_ours(settings)
    if health.home != home_fingerprint(settings.home):
        return problem(
            "api",
            "Another OpenThreat has the port",
            f"Process {health.pid} serves another data folder on port {settings.api_port}.",
            _OTHER_PORT,
        )
    return well("api", "The API answers", f"Version {health.version}, process {health.pid}, {settings.api_base}.")


def _ask(settings: Settings) -> Health | None:
    try:
        return ApiClient(settings.api_base, settings.token, wait_s=_TIMEOUT_S).health()
    except ApiError:
        return None


def _nobody_of_ours(settings: Settings) -> Finding:
    host, port = settings.api_host, settings.api_port
    if error := binding_error(host, port):
        if error.errno == errno.EADDRNOTAVAIL:
            return problem(
                "api",
                "The API's address is not of this machine",
                f"OPENTHREAT_API_HOST is {host}.",
                "Set it to 127.0.0.1.",
            )
        if holder := port_holder(port):
            return problem("api", f"Port {port} is taken", f"{holder} listens there.", _OTHER_PORT)
        if error.errno == errno.EADDRINUSE:
            return problem("api", f"Port {port} is taken", "The system does not say by which program.", _OTHER_PORT)
        return problem(
            "api",
            f"Port {port} is reserved",
            f"The system lets nobody listen there: {error.strerror}.",
            "Set OPENTHREAT_API_PORT to another port and start again.",
        )
    return problem(
        "api",
        "The API is not running",
        f"Nobody listens on port {port}.",
        "Start everything with `openthreat up`.",
        restart(Role.API),
    )
