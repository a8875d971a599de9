"""Commands about what is installed: match a program, import and list inventories, show what concerns the machines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from backend.cli.session import DONE, CommandContext, checked, command
from backend.contract.errors import NotFound
from backend.contract.exposure import (
    DecidedProduct,
    Finding,
    FindingPage,
    InstalledProgram,
    Machine,
    MachineList,
    ProductDecision,
    ResolvedProduct,
    StoredDecision,
)
from backend.contract.formatting import number, plural, when
from backend.contract.inventory import FindingVerdict, MatchFinding, MatchRequest, SoftwareEntry, SoftwareMatch
from backend.contract.wire import utc_now
from backend.domain.versions import highest

if TYPE_CHECKING:
    from backend.client.inventory.reading import ImportedInventory

_MOST_LISTED = 20
"""Vulnerabilities of one program that are printed; JSON has all of them."""
_NO_INVENTORY = (
    "No inventory is stored. `openthreat inventory scan` stores that of this PC (Windows), "
    "`openthreat inventory import FILE` one from a file."
)
_UNKNOWN = {
    "no_name": "nothing is left of the name",
    "part": "a part without records of its own",
    "decided": "you decided that it is none of the known products",
    "ambiguous": "several products fit",
    "publisher": "another publisher's product has this name",
    "no_records": "no record names such a product",
}


@command("match")
@click.argument("name")
@click.option("--publisher", default="", help="Who made it.")
@click.option("--version", default="", help="The installed version.")
def match(context: CommandContext, name: str, publisher: str, version: str) -> int:
    """Show the known vulnerabilities of a program.

    NAME is what the list of installed apps calls it.
    """
    entry = checked(SoftwareEntry, {"name": name, "publisher": publisher, "version": version})
    answer = context.client.match(MatchRequest(software=(entry,)))
    context.terminal.show(answer)
    (found,) = answer.items
    for line in _match_lines(found):
        context.terminal.print_line(line)
    if found.findings:
        shown = found.findings[:_MOST_LISTED]
        context.terminal.table(("ID", "SEVERITY", "", "FIXED IN", "REASON"), [_match_row(finding) for finding in shown])
        if len(found.findings) > len(shown):
            context.terminal.print_line(f"{number(len(found.findings) - len(shown))} more: --json has all of them.")
    return DONE


def _match_lines(found: SoftwareMatch) -> Iterator[str]:
    if found.product is None:
        yield "Product: unknown"
        yield from (f"  It may be {item.vendor}:{item.product}" for item in found.candidates)
        return
    yield f"Product: {found.product.vendor}:{found.product.product} ({found.product.confidence})"
    yield f"Version: {found.version or 'unknown'}"
    counts = found.counts
    undetermined = f"{number(counts.cannot_tell)} cannot be determined"
    yield f"{number(counts.affected)} affect it, {undetermined}, {number(counts.not_affected)} do not."
    if newest := highest(finding.fixed_in for finding in found.findings if finding.fixed_in):
        yield f"Update to {newest} or later."


def _match_row(finding: MatchFinding) -> tuple[str, ...]:
    mark = "EXPLOITED" if finding.exploited_in_the_wild else "" if finding.verdict is FindingVerdict.AFFECTED else "?"
    return finding.cve_id, finding.severity, mark, finding.fixed_in or "", finding.reason


@click.group("inventory")
def inventory() -> None:
    """Store and list what is installed on machines.

    On Windows, `openthreat inventory scan` stores what is installed on this PC.
    """


@command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--machine", default="", help="Id of the machine. Default: its name in the file, or the file's name.")
def import_file(context: CommandContext, file: Path, machine: str) -> int:
    """Store the inventory in FILE.

    It may be CSV, JSON, .reg, winget's export, CycloneDX, SPDX, requirements.txt or package-lock.json.
    """
    from backend.client.inventory.reading import read_inventory_file

    imported = read_inventory_file(file)
    stored = context.client.put_inventory(machine or imported.machine_id(file), imported.inventory)
    context.terminal.show(stored, *_skipped_lines(imported))
    changes = f"{number(stored.added)} new, {number(stored.removed)} gone"
    context.terminal.print_line(f"{stored.machine}: {plural(stored.programs, 'program')}, {changes}.")
    if stored.task_id:
        context.terminal.print_line("They are being matched; `openthreat exposure` shows what concerns them.")
    return DONE


def _skipped_lines(imported: ImportedInventory) -> Iterator[str]:
    for reason, count in imported.skip_counts.items():
        yield f"{number(count)} skipped: {reason}"


@command("list")
@click.argument("machine", default="")
def list_machines(context: CommandContext, machine: str) -> int:
    """List the machines, or all that is installed on one of them."""
    if machine:
        details = context.client.machine(machine)
        context.terminal.show(details)
        context.terminal.table(
            ("PROGRAM", "VERSION", "PRODUCT", "AFFECTED", "?"), [_program_row(program) for program in details.software]
        )
        return DONE
    listed = context.client.machines()
    context.terminal.show(listed)
    if listed.items:
        head = ("ID", "NAME", "SYSTEM", "PROGRAMS", "AFFECTED", "EXPLOITED", "?", "LAST SEEN")
        context.terminal.table(head, [_machine_row(item) for item in listed.items])
    else:
        context.terminal.print_line(_NO_INVENTORY)
    return DONE


def _machine_row(machine: Machine) -> tuple[str, ...]:
    system, counts = machine.os, machine.findings
    return (
        machine.id,
        machine.name,
        f"{system.name} {system.build}".strip() if system else "",
        number(machine.programs),
        number(counts.affected),
        number(counts.exploited),
        number(counts.cannot_tell),
        when(machine.last_seen_at, utc_now()) + (" (gone)" if machine.is_gone else ""),
    )


def _program_row(program: InstalledProgram) -> tuple[str, ...]:
    product = program.product
    named = f"{product.vendor}:{product.product}" if product else f"unknown: {_UNKNOWN.get(program.reason or '', '…')}"
    counts = program.counts
    return (
        program.software.name,
        program.software.version,
        named,
        number(counts.affected) if counts.affected else "",
        number(counts.cannot_tell) if counts.cannot_tell else "",
    )


@command("decide")
@click.argument("name")
@click.option("--publisher", default="", help="Who made it, as the list of installed apps says.")
@click.option("--product", help="The product it is, as vendor:product.")
@click.option("--none", "is_none", is_flag=True, help="It is none of the known products.")
@click.option("--forget", is_flag=True, help="Take the decision back.")
def decide(
    context: CommandContext, name: str, publisher: str, product: str | None, *, is_none: bool, forget: bool
) -> int:
    """Decide which product a program is.

    It holds for all versions, and for all who share the database.
    """
    if [bool(product), is_none, forget].count(True) != 1:
        raise click.UsageError("Give one of --product, --none and --forget.")
    chosen = _product(product) if product else None
    values = {"name": name, "publisher": publisher, "product": chosen, "forget": forget}
    decided = context.client.decide_product(checked(ProductDecision, values))
    context.terminal.show(decided, _decided_line(decided))
    return DONE


@command("decisions")
def decisions(context: CommandContext) -> int:
    """List the decisions on products, with who took each and when."""
    listed = context.client.product_decisions()
    context.terminal.show(listed)
    if listed.items:
        head = ("PROGRAM", "PUBLISHER", "PRODUCT", "DECIDED", "BY")
        context.terminal.table(head, [_decision_row(item) for item in listed.items])
    else:
        context.terminal.print_line("There is no decision. `openthreat inventory decide NAME` makes one.")
    return DONE


def _decision_row(item: StoredDecision) -> tuple[str, ...]:
    product = f"{item.product.vendor}:{item.product.product}" if item.product else "none of the known ones"
    decided = when(item.decided_at, utc_now())
    return item.name, item.publisher, product, decided, str(item.decided_by or "")


def _product(text: str) -> DecidedProduct:
    vendor, _, product = text.partition(":")
    if not vendor.strip() or not product.strip():
        raise click.UsageError("A product is given as vendor:product, such as mozilla:firefox.")
    return checked(DecidedProduct, {"vendor": vendor.strip(), "product": product.strip()})


def _decided_line(decided: ResolvedProduct) -> str:
    product = decided.product
    return f"Product: {product.vendor}:{product.product}" if product else "Product: unknown"


@command("exposure")
@click.option("--machine", help="Only this machine, by id or name.")
@click.option("--exploited", is_flag=True, help="Only what is known to be exploited.")
@click.option("--page", type=click.IntRange(min=1), default=1, show_default=True, help="Number of the page.")
@click.option("--page-size", type=click.IntRange(1, 500), default=20, show_default=True, help="Entries per page.")
def exposure(context: CommandContext, machine: str | None, page: int, page_size: int, *, exploited: bool) -> int:
    """Show what concerns the known machines.

    These are all whose inventories are stored. What is exploited comes first.
    """
    filters = {"page": str(page), "page_size": str(page_size)}
    filters |= {"machine": machine} if machine else {}
    filters |= {"exploited": "true"} if exploited else {}
    found = context.client.findings(filters)
    if machine and not found.total:
        _require_machine(context, machine)
    context.terminal.show(found)
    if found.items:
        head = ("ID", "SEVERITY", "", "MACHINE", "PROGRAM", "VERSION", "UPDATE TO")
        context.terminal.table(head, [_finding_row(item) for item in found.items])
        context.terminal.print_line(f"{number(found.total)} found, page {found.page} of {max(1, found.total_pages)}.")
    else:
        context.terminal.print_line(_nothing_found(found, context.client.machines()))
    return DONE


def _require_machine(context: CommandContext, wanted: str) -> None:
    """Check that a machine has this id or name.

    Raises:
        NotFound: None has.
    """
    if not any(wanted in (item.id, item.name) for item in context.client.machines().items):
        raise NotFound(
            "No such machine", f"There is no machine “{wanted[:80]}”.", "`openthreat inventory list` lists all."
        )


def _nothing_found(found: FindingPage, machines: MachineList) -> str:
    if found.total:
        return f"Page {found.page} is empty: {number(found.total)} found, on {plural(found.total_pages, 'page')}."
    return "Nothing known concerns these machines." if machines.items else _NO_INVENTORY


def _finding_row(finding: Finding) -> tuple[str, ...]:
    mark = "EXPLOITED" if finding.exploited_in_the_wild else "" if finding.verdict is FindingVerdict.AFFECTED else "?"
    return (
        finding.cve_id,
        finding.severity,
        mark,
        finding.machine_name,
        finding.software,
        finding.version,
        finding.fixed_in or "",
    )


for _subcommand in (import_file, list_machines, decide, decisions):
    inventory.add_command(_subcommand)

COMMANDS: tuple[click.Command, ...] = (match, inventory, exposure)
