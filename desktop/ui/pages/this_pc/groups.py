"""The groups in which the programs of a machine are listed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from backend.contract.machine_exposure import ProgramExposure
from desktop.ui.formatting import translate


class Group(StrEnum):
    """In the order of the buttons."""

    AFFECTED = "affected"
    UNCERTAIN = "uncertain"  # whether it is affected is unknown for each of its vulnerabilities
    IGNORED = "ignored"  # all that affects it is ignored
    CLEAR = "clear"
    UNKNOWN = "unknown"  # several products may be meant, or none of the known ones
    UNREPORTED = "unreported"  # no record names such a product
    PART = "part"  # of a system or program, without records of its own
    WAITING = "waiting"  # not matched yet


Grouped = Mapping[Group, tuple[ProgramExposure, ...]]


def grouped(programs: Iterable[ProgramExposure]) -> Grouped:
    """Divide programs by their group, in their order."""
    found: dict[Group, list[ProgramExposure]] = {group: [] for group in Group}
    for program in programs:
        found[_group_of(program)].append(program)
    return {group: tuple(members) for group, members in found.items()}


def _group_of(program: ProgramExposure) -> Group:
    if program.affected:
        return Group.AFFECTED
    if program.cannot_tell:
        return Group.UNCERTAIN
    if program.ignored:
        return Group.IGNORED
    if program.product is not None:
        return Group.CLEAR if program.matched else Group.WAITING
    if program.reason is None:
        return Group.WAITING
    return {"no_records": Group.UNREPORTED, "part": Group.PART}.get(program.reason, Group.UNKNOWN)


def group_title(group: Group) -> str:
    return {
        Group.AFFECTED: translate("this pc", "Vulnerable"),
        Group.UNCERTAIN: translate("this pc", "Uncertain"),
        Group.IGNORED: translate("this pc", "Ignored"),
        Group.CLEAR: translate("this pc", "Nothing known"),
        Group.UNKNOWN: translate("this pc", "Product unknown"),
        Group.UNREPORTED: translate("this pc", "Never reported"),
        Group.PART: translate("this pc", "Parts"),
        Group.WAITING: translate("this pc", "Being matched"),
    }[group]


def group_words(group: Group) -> str:
    """Say what the group means, as the tooltip of its button."""
    return {
        Group.AFFECTED: translate("this pc", "Known vulnerabilities affect the installed version."),
        Group.UNCERTAIN: translate(
            "this pc", "Vulnerabilities of the product are known; whether the installed version has them is not."
        ),
        Group.IGNORED: translate("this pc", "You ignore all known vulnerabilities of the installed version."),
        Group.CLEAR: translate("this pc", "No known vulnerability affects the installed version."),
        Group.UNKNOWN: translate("this pc", "The name does not say which product it is. You can choose the product."),
        Group.UNREPORTED: translate("this pc", "No record of any source names such a product."),
        Group.PART: translate("this pc", "Parts of Windows and of other programs, which have no records of their own."),
        Group.WAITING: translate("this pc", "They are compared with the records now."),
    }[group]
