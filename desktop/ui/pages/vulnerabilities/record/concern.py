"""What a vulnerability means here: the versions that mend it, and the programs that it is in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from backend.contract.exposure import Finding, FindingPage, FindingState
from backend.contract.inventory import FindingVerdict
from backend.contract.record_details import FixedVersions
from desktop.ui.formatting import number, one_line, program_words, translate
from desktop.ui.pages.vulnerabilities.record.facts import source_words
from desktop.ui.sentences import translated
from desktop.ui.theme.tokens import Tone
from desktop.ui.widgets.looks import Look

_MOST_PRODUCTS, _MOST_VERSIONS, _MOST_LINES = 6, 24, 12


@dataclass(frozen=True)
class Concern:
    """One line. look: the badge before it. text: what weighs most; detail: below it."""

    text: str
    detail: str = ""
    look: Look | None = None
    tip: str = ""


def fix_lines(fixes: Iterable[FixedVersions]) -> tuple[Concern, ...]:
    """The fixed versions, those of each group of products in one line."""
    given = list(fixes)
    lines = [_fix(fix) for fix in given[:_MOST_LINES]]
    more = len(given) - _MOST_LINES
    if more > 0:
        rest = translate("vulnerability", "and {0} more: see the affected versions").format(number(more))
        lines.append(Concern(rest))
    return tuple(lines)


def _fix(fix: FixedVersions) -> Concern:
    return Concern(
        _some(fix.versions, _MOST_VERSIONS),
        _some(fix.products, _MOST_PRODUCTS),
        Look("bandage", source_words("+".join(fix.sources)), Tone.GOOD),
        "\n".join(fix.products),
    )


def _some(names: tuple[str, ...], most: int) -> str:
    shown = ", ".join(one_line(name) for name in names[:most])
    more = len(names) - most
    return translate("vulnerability", "{0} and {1} more").format(shown, number(more)) if more > 0 else shown


def finding_lines(page: FindingPage, machine: str) -> tuple[Concern, ...]:
    """The programs that it is in, those of this PC first, and what to update each to.

    machine: the id of this PC; "" while it is not known.
    """
    ordered = sorted(
        page.items, key=lambda finding: (finding.machine != machine, finding.verdict != FindingVerdict.AFFECTED)
    )
    lines = [_finding(finding, is_here=finding.machine == machine) for finding in ordered]
    more = page.total - len(lines)
    if more > 0:
        lines.append(Concern(translate("vulnerability", "and {0} more").format(number(more))))
    return tuple(lines)


def place_words(page: FindingPage, machine: str) -> str:
    """The title of those lines."""
    if all(finding.machine == machine for finding in page.items):
        return translate("vulnerability", "On this PC")
    return translate("vulnerability", "On your PCs")


def _finding(finding: Finding, *, is_here: bool) -> Concern:
    program = program_words(finding.software, finding.version)
    if not is_here:
        program = translate("vulnerability", "{0} on {1}").format(program, one_line(finding.machine_name))
    if finding.verdict is FindingVerdict.AFFECTED and finding.fixed_in:
        program = translate("vulnerability", "{0} → update to {1}").format(program, one_line(finding.fixed_in))
    detail = one_line(translated(finding.reason or ""))
    if finding.note:
        detail = translate("vulnerability", "{0} Note: {1}").format(detail, one_line(finding.note)).strip()
    return Concern(program, detail, _finding_look(finding))


def _finding_look(finding: Finding) -> Look:
    if finding.state is FindingState.IGNORED:
        return Look("eye-off-outline", translate("vulnerability", "Ignored"), Tone.NEUTRAL)
    if finding.verdict is not FindingVerdict.AFFECTED:
        return Look("help", translate("vulnerability", "Cannot tell"), Tone.NEUTRAL)
    if finding.state is FindingState.ACKNOWLEDGED:
        return Look("check", translate("vulnerability", "Acknowledged"), Tone.INFO)
    return Look("alert", translate("vulnerability", "Affected"), Tone.WARNING)
