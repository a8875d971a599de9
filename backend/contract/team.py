"""Messages about what several machines have in common: each program with the machines that have it."""

from __future__ import annotations

from backend.contract.inventory import SoftwareEntry
from backend.contract.names import Severity
from backend.contract.wire import Instant, Wire


class CommonProgram(Wire):
    """A program in one version, or an operating system in one build, with the number of machines that have it.

    Attributes:
        id: Names the program in GET /findings and GET /programs/{id}/machines.
        affected, exploited, worst: Of the known vulnerabilities of this version, whatever was decided on a machine.
    """

    id: int
    software: SoftwareEntry
    is_system: bool = False
    machines: int
    affected: int = 0
    exploited: int = 0
    worst: Severity = Severity.UNKNOWN


class CommonProgramPage(Wire):
    """One page of the programs of all machines, the exploited ones first."""

    items: tuple[CommonProgram, ...]
    total: int
    page: int
    page_size: int
    total_pages: int


class ProgramMachine(Wire):
    """A machine that has a program. since: when it was seen there first."""

    id: str
    name: str
    user: str
    last_seen_at: Instant
    since: Instant


class ProgramMachines(Wire):
    """total: all machines that have the program; `items` are the first 500 of them by name."""

    items: tuple[ProgramMachine, ...] = ()
    total: int = 0
