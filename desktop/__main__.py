"""`openthreat`: the supervisor and its faces here, everything else in the backend's roles and commands.

A windowed program on Windows that nobody gave pipes has no streams at all: `sys.stdout` is None there.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import sys
from multiprocessing import freeze_support
from pathlib import Path

from backend.contract.errors import ConfigurationError, OpenThreatError
from backend.contract.names import UNREACHABLE
from desktop.role import ROLE_FLAG
from desktop.role import main as run_role

_ICON_ERROR = 0x10


def fill_streams() -> bool:
    """Libraries write to the streams without asking: what they say goes nowhere then. Gives whether any was missing."""
    missing = sys.stdout is None or sys.stderr is None
    if missing:
        nowhere = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - as long as the process
        sys.stdout, sys.stderr = sys.stdout or nowhere, sys.stderr or nowhere
    return missing


def show_error(title: str, text: str) -> None:
    """In a box, until somebody has read it: on Windows, for a program that has nowhere else to say it."""
    ctypes.CDLL("user32").MessageBoxW(None, text, title, _ICON_ERROR)


_UNHEALTHY, _WRONG_USAGE = 1, 2


def main(argv: list[str] | None = None) -> int:
    """Gives the exit code."""
    words = sys.argv[1:] if argv is None else argv
    silent = fill_streams()
    match words:
        case []:
            return _tray([], silent=silent)
        case ["tray", *options]:
            return _tray(options, silent=silent)
        case ["pictures", *options]:
            return _pictures(options)
        case [("up" | "down") as command, *options]:
            return _supervise(command, options)
        case ["--json", ("up" | "down") as command, *options]:
            return _supervise(command, ["--json", *options])
        case [first, *role] if first == ROLE_FLAG:
            return run_role(role)
    return run_role(words)


def _tray(words: list[str], *, silent: bool) -> int:
    """silent: there is no terminal, so that what goes wrong has to be shown."""
    parser = argparse.ArgumentParser("openthreat tray", description="the icon in the tray, which runs everything")
    parser.add_argument("--hidden", action="store_true", help="no window at the start, and nothing is asked")
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument("--quit", action="store_true", help="end the one that runs for this data folder")
    instead.add_argument("--replace", action="store_true", help="end the one that runs, and take its place")
    options = parser.parse_args(words)

    from desktop.composition import terminal, tray  # a role needs none of it

    try:
        if options.quit:
            return terminal.down(as_json=False)
        return tray.run(hidden=options.hidden, replace=options.replace)
    except OpenThreatError as error:
        if silent:
            show_error(error.problem.title, f"{error.problem.message}\n\n{error.problem.hint}".strip())
        return _complain(error, as_json=False)


def _supervise(command: str, words: list[str]) -> int:
    starts = "starts and looks after everything, until Ctrl-C"
    ends = "ends what runs for this data folder"
    parser = argparse.ArgumentParser(f"openthreat {command}", description=starts if command == "up" else ends)
    parser.add_argument("--json", action="store_true", help="JSON, one document a line")
    options = parser.parse_args(words)

    from desktop.composition import terminal  # a role needs none of it

    try:
        return terminal.up(as_json=options.json) if command == "up" else terminal.down(as_json=options.json)
    except OpenThreatError as error:
        return _complain(error, as_json=options.json)


def _pictures(words: list[str]) -> int:
    what = "draws every page of the window, with the data of the program that runs, light and dark"
    parser = argparse.ArgumentParser("openthreat pictures", description=what)
    parser.add_argument("folder", type=Path, help="where the PNG files are put")
    parser.add_argument("--scale", type=float, default=1.0, help="pixels for each logical pixel (default: 1)")
    options = parser.parse_args(words)

    from desktop.composition import pictures  # a role needs none of it

    try:
        return pictures.run(options.folder, scale=options.scale)
    except OpenThreatError as error:
        return _complain(error, as_json=False)


def _complain(error: OpenThreatError, *, as_json: bool) -> int:
    """Gives the exit code."""
    from desktop.instance.running_instance import NothingRuns

    if as_json:
        sys.stdout.write(json.dumps({"error": vars(error.problem)}) + "\n")
    else:
        sys.stderr.write(f"{error}\n" + (f"{error.problem.hint}\n" if error.problem.hint else ""))
    codes = {ConfigurationError: _WRONG_USAGE, NothingRuns: UNREACHABLE}
    return codes.get(type(error), _UNHEALTHY)


if __name__ == "__main__":
    freeze_support()  # what multiprocessing starts is this program again
    sys.exit(main())
