"""`openthreat`: the supervisor and its faces here, everything else in the backend's roles and commands."""

from __future__ import annotations

import argparse
import json
import sys

from backend.contract.exits import UNREACHABLE
from desktop.model.trouble import DesktopError, SettingsError
from desktop.role import ROLE_FLAG
from desktop.role import main as run_role

_NO_WINDOWS_YET = """\
The windows come with the next version. Until then `openthreat up` runs everything in this terminal,
and `openthreat --help` lists all commands.
"""
_UNHEALTHY, _WRONG_USAGE = 1, 2


def main(argv: list[str] | None = None) -> int:
    """Gives the exit code."""
    words = sys.argv[1:] if argv is None else argv
    match words:
        case [] | ["tray", *_]:
            sys.stderr.write(_NO_WINDOWS_YET)
            return _UNHEALTHY
        case [("up" | "down") as command, *options]:
            return _supervise(command, options)
        case ["--json", ("up" | "down") as command, *options]:
            return _supervise(command, ["--json", *options])
        case [first, *role] if first == ROLE_FLAG:
            return run_role(role)
    return run_role(words)


def _supervise(command: str, words: list[str]) -> int:
    starts = "starts and looks after everything, until Ctrl-C"
    ends = "ends what `openthreat up` runs for this data folder"
    parser = argparse.ArgumentParser(f"openthreat {command}", description=starts if command == "up" else ends)
    parser.add_argument("--json", action="store_true", help="JSON, one document a line")
    options = parser.parse_args(words)

    from desktop import composition  # a role needs none of it
    from desktop.application.foreground import NothingRuns

    try:
        return composition.up(as_json=options.json) if command == "up" else composition.down(as_json=options.json)
    except DesktopError as error:
        _complain(error, as_json=options.json)
        codes = {SettingsError: _WRONG_USAGE, NothingRuns: UNREACHABLE}
        return codes.get(type(error), _UNHEALTHY)


def _complain(error: DesktopError, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps({"error": vars(error.trouble)}) + "\n")
    else:
        sys.stderr.write(f"{error}\n" + (f"{error.trouble.hint}\n" if error.trouble.hint else ""))


if __name__ == "__main__":
    sys.exit(main())
