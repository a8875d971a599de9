"""The sentences of the page, and the order of the machines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from backend.contract.exposure import Machine
from backend.contract.team import CommonProgram, ProgramMachines
from desktop.ui.formatting import number, one_line, program_words, translate

_SHOWN_OF_ID = 8  # characters


def worst_first(machines: Sequence[Machine]) -> tuple[Machine, ...]:
    """The machines with what is exploited first, then those with the most known vulnerabilities, then by name."""
    return tuple(
        sorted(machines, key=lambda item: (-item.findings.exploited, -item.findings.affected, item.name.casefold()))
    )


def machine_names(machines: Sequence[Machine], own: str) -> Mapping[str, str]:
    """By id, what each machine is called. Names are given by the machines: equal ones get the beginning of the id.

    own: the id of this PC; "" while it is not known.
    """
    counts = Counter(machine.name for machine in machines)
    return {machine.id: _name(machine, own, is_unique=counts[machine.name] == 1) for machine in machines}


def _name(machine: Machine, own: str, *, is_unique: bool) -> str:
    name = one_line(machine.name)
    if not is_unique:
        name = f"{name} ({one_line(machine.id[:_SHOWN_OF_ID])})"
    return translate("pcs", "{0} (this PC)").format(name) if machine.id == own else name


def headline(machines: Sequence[Machine]) -> str:
    total = number(len(machines))
    if exploited := sum(1 for machine in machines if machine.findings.exploited):
        words = translate("pcs", "%Ln of {0} PCs (has|have) vulnerabilities that are being exploited.", "", exploited)
        return words.format(total)
    if affected := sum(1 for machine in machines if machine.findings.affected):
        words = translate("pcs", "%Ln of {0} PCs (has|have) known vulnerabilities. None is exploited.", "", affected)
        return words.format(total)
    return translate("pcs", "No known vulnerability affects what is installed on %Ln PC(s).", "", len(machines))


def spread(program: CommonProgram) -> str:
    """On how many machines a program is: "Firefox 115.0 on 14 PCs"."""
    name = program_words(one_line(program.software.name), one_line(program.software.version))
    return translate("pcs", "{0} on %Ln PC(s)", "", program.machines).format(name)


def left_out(found: ProgramMachines) -> str:
    """How many machines are not listed; "" where all are."""
    missing = found.total - len(found.items)
    return translate("pcs", "%Ln more PC(s) (is|are) not listed.", "", missing) if missing > 0 else ""
