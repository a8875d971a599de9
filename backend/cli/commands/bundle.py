"""The commands `openthreat bundle`: all that the sources state, as one file for machines without internet."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from backend.cli.commands.tasks import wait_for
from backend.cli.session import DONE, CommandContext, command
from backend.contract.bundle import BundleAccepted, BundleSummary
from backend.contract.errors import OpenThreatError
from backend.contract.formatting import number, size
from backend.contract.names import TaskName

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nacl.signing import SigningKey

_LOAD_BEGINS_WITHIN_S = 60.0
"""Longest time from the end of an update to the start of the load: beat looks every few seconds."""
_POLL_S = 0.5
_FILE = click.Path(dir_okay=False, path_type=Path)
_EXISTING_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("bundle")
def bundle() -> None:
    """Move all data to PCs without internet.

    A bundle is one file with all that the sources state.
    """


@command("create")
@click.argument("file", type=_FILE)
@click.option("--sign", "key_file", type=_EXISTING_FILE, help="Sign it with the secret key in this file.")
def create(context: CommandContext, file: Path, key_file: Path | None) -> int:
    """Write all that the sources state into FILE."""
    from backend.services.bundle.bundle_file import open_bundle
    from backend.services.bundle.signature import sign

    key = _secret_key(key_file) if key_file else None
    try:
        context.client.save_bundle(file)
        if key is not None:
            sign(file, key)
    except OSError as error:
        raise _unusable("The bundle cannot be written", file, error, "Choose another folder, or free space.") from error
    with open_bundle(file) as made:
        summary = made.summary()
    context.terminal.show(summary, f"Wrote {file}.", *_lines(summary))
    return DONE


@command("load")
@click.argument("file", type=_EXISTING_FILE)
@click.option("--wait", is_flag=True, help="Wait until all is loaded and show the progress.")
def load(context: CommandContext, file: Path, wait: bool) -> int:
    """Load the bundle FILE. What is newer here stays."""
    try:
        accepted = context.client.load_bundle(file)
    except OSError as error:
        raise _unusable("The bundle cannot be read", file, error, "Choose another file.") from error
    if wait:
        task_id = _run_of(context, accepted)
        return wait_for(context, task_id, f"The bundle is being loaded ({task_id}).")
    context.terminal.show(accepted, *_lines(accepted.bundle), accepted.message)
    return DONE


@command("inspect")
@click.argument("file", type=_EXISTING_FILE)
def inspect(context: CommandContext, file: Path) -> int:
    """Show what the bundle FILE has, and check that it is intact."""
    from backend.services.bundle.bundle_file import open_bundle
    from backend.services.bundle.signature import checked_signer

    with open_bundle(file) as opened:
        summary = opened.summary(checked_signer(opened, context.settings.user.bundle.trusted_key))
    context.terminal.show(summary, *_lines(summary))
    return DONE


@command("key")
@click.argument("file", type=_FILE)
def key(context: CommandContext, file: Path) -> int:
    """Write a new secret key into FILE.

    The public key for the setting `bundle.trusted_key` is printed.
    """
    from backend.services.bundle.signature import make_key

    try:
        public = make_key(file)
    except OSError as error:
        raise _unusable("The key cannot be written", file, error, "Name another file.") from error
    context.terminal.print_line(public)
    if context.terminal.as_json:
        context.terminal.print_json({"public_key": public})
    return DONE


def _run_of(context: CommandContext, accepted: BundleAccepted) -> str:
    """The run that loads the bundle, once there is one."""
    from backend.cli.follow import follow

    if accepted.task_id is not None:
        return accepted.task_id
    context.terminal.print_line(accepted.message)
    update = follow(context.client, accepted.waits_for, context.terminal)
    until = time.monotonic() + _LOAD_BEGINS_WITHIN_S
    while time.monotonic() < until:
        loads = context.client.runs({"name": TaskName.LOAD_BUNDLE, "page_size": 1}).items
        if loads and loads[0].queued_at > update.queued_at:  # no other can have been queued while the update was active
            return loads[0].task_id
        time.sleep(_POLL_S)
    hint = "`openthreat doctor` shows whether the schedule is running."
    raise OpenThreatError("The bundle still waits", "No run has begun to load it.", hint)


def _secret_key(file: Path) -> SigningKey:
    from backend.services.bundle.signature import read_key

    try:
        return read_key(file)
    except OSError as error:
        raise _unusable("The key cannot be read", file, error, "Name another file.") from error


def _unusable(title: str, file: Path, error: OSError, hint: str) -> OpenThreatError:
    return OpenThreatError(title, f"{file}: {error.strerror or error}.", hint)


def _lines(summary: BundleSummary) -> Iterator[str]:
    yield f"{number(summary.vulnerabilities)} vulnerabilities, {size(summary.size)}"
    yield f"made {summary.created_at:%Y-%m-%d %H:%M} UTC by OpenThreat {summary.program}"
    if summary.signed:
        yield f"signed with {summary.signed_by}" if summary.signed_by else "signed; the signature was not checked"
    for source in summary.sources:
        reached = f"up to {source.watermark:%Y-%m-%d %H:%M} UTC" if source.watermark else ""
        yield f"  {source.source:<6} {reached}".rstrip()


for _command in (create, load, inspect, key):
    bundle.add_command(_command)

COMMANDS = (bundle,)
