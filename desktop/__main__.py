"""`openthreat`: dispatches to tray, supervisor and pictures in this package, everything else to the backend's roles.

On Windows a windowed program that was started without pipes has no streams: `sys.stdout` is None there.
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
from backend.contract.problems import described
from backend.system.program import PDF_COMMAND
from desktop.role import ROLE_FLAG
from desktop.role import main as run_role

_ICON_ERROR = 0x10
_UNHEALTHY, _WRONG_USAGE = 1, 2


def fill_streams() -> bool:
    """Replace missing standard streams by the null device, since libraries write to them without checking.

    Returns:
        Whether a stream was missing.
    """
    missing = sys.stdout is None or sys.stderr is None
    if missing:
        null = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - as long as the process
        sys.stdout, sys.stderr = sys.stdout or null, sys.stderr or null
    return missing


def show_error(title: str, text: str) -> None:
    """Show a message box and wait until it is closed. Windows only, for a process without a terminal."""
    ctypes.CDLL("user32").MessageBoxW(None, text, title, _ICON_ERROR)


def main(argv: list[str] | None = None) -> int:
    """Run a command and return its exit code."""
    words = sys.argv[1:] if argv is None else argv
    without_terminal = fill_streams()
    match words:
        case []:
            return _tray([], without_terminal=without_terminal)
        case ["tray", *options]:
            return _tray(options, without_terminal=without_terminal)
        case ["pictures", *options]:
            return _pictures(options)
        case [first] if first == PDF_COMMAND:
            return _print_pdf()
        case [("up" | "down") as command, *options]:
            return _supervise(command, options)
        case ["--json", ("up" | "down") as command, *options]:
            return _supervise(command, ["--json", *options])
        case ["inventory", "scan", *options]:
            return _scan(options)
        case ["--json", "inventory", "scan", *options]:
            return _scan(["--json", *options])
        case [first, *role] if first == ROLE_FLAG:
            return run_role(role)
    return run_role(words)


def _tray(words: list[str], *, without_terminal: bool) -> int:
    """Run or end the tray program. Without a terminal, errors are shown in a message box."""
    parser = argparse.ArgumentParser("openthreat tray", description="Run everything, with an icon in the tray.")
    parser.add_argument("--hidden", action="store_true", help="Open no window at the start.")
    running = parser.add_mutually_exclusive_group()
    running.add_argument("--quit", action="store_true", help="End the program that runs for this data folder.")
    running.add_argument("--replace", action="store_true", help="End the program that runs, and start in its place.")
    options = parser.parse_args(words)

    from desktop.composition import terminal, tray  # roles do not need it

    try:
        if options.quit:
            return terminal.down(as_json=False)
        return tray.run(hidden=options.hidden, replace=options.replace)
    except OpenThreatError as error:
        if without_terminal:
            show_error(error.problem.title, f"{error.problem.message}\n\n{error.problem.hint}".strip())
        return _print_error(error, as_json=False)


def _supervise(command: str, words: list[str]) -> int:
    up = "Run everything in this terminal until Ctrl-C."
    down = "End the program that runs for this data folder."
    parser = argparse.ArgumentParser(f"openthreat {command}", description=up if command == "up" else down)
    parser.add_argument("--json", action="store_true", help="Print JSON, one document a line.")
    options = parser.parse_args(words)

    from desktop.composition import terminal  # roles do not need it

    try:
        return terminal.up(as_json=options.json) if command == "up" else terminal.down(as_json=options.json)
    except OpenThreatError as error:
        return _print_error(error, as_json=options.json)


def _scan(words: list[str]) -> int:
    parser = argparse.ArgumentParser("openthreat inventory scan", description="Store what is installed on this PC.")
    parser.add_argument("--json", action="store_true", help="Print one JSON document.")
    options = parser.parse_args(words)

    from desktop.composition import inventory_scan  # roles do not need it

    try:
        return inventory_scan.scan(as_json=options.json)
    except OpenThreatError as error:
        return _print_error(error, as_json=options.json)


def _print_pdf() -> int:
    from desktop.composition import pdf  # roles do not need it

    return pdf.run(sys.stdin.buffer, sys.stdout.buffer)


def _pictures(words: list[str]) -> int:
    description = "Draw every page of the window with the data of the running program, light and dark."
    parser = argparse.ArgumentParser("openthreat pictures", description=description)
    parser.add_argument("folder", type=Path, help="Folder for the PNG files.")
    parser.add_argument("--scale", type=float, default=1.0, help="Pixels for each logical pixel (default: 1).")
    options = parser.parse_args(words)

    from desktop.composition import pictures  # roles do not need it

    try:
        return pictures.run(options.folder, scale=options.scale)
    except OpenThreatError as error:
        return _print_error(error, as_json=False)


def _print_error(error: OpenThreatError, *, as_json: bool) -> int:
    """Print the error and return the exit code."""
    from desktop.instance.running_instance import NotRunning

    if as_json:
        sys.stdout.write(json.dumps({"error": described(error.problem)}) + "\n")
    else:
        sys.stderr.write(f"{error}\n" + (f"{error.problem.hint}\n" if error.problem.hint else ""))
    codes = {ConfigurationError: _WRONG_USAGE, NotRunning: UNREACHABLE}
    return codes.get(type(error), _UNHEALTHY)


if __name__ == "__main__":
    freeze_support()  # multiprocessing starts this program again
    sys.exit(main())
