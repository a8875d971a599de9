"""Draws the pictures of the README anew: `python -m tests.ui.readme_pictures SERVE_PY [--to resources/pictures]`.

SERVE_PY is the server of the recorded feeds (`serve.py` in their folder). The program runs on a data folder of its own:
it loads the records of one day, gets an inventory with versions of that time and a watchlist, and four days later it
updates. `openthreat pictures` then draws what it shows.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from backend.client.inventory.machine_id import own_machine_id
from tests.integration.replay.world import ReplayedWorld
from tests.servers import free_port, wait_until
from tests.system.running import Up

FIRST, LATER = "2026-03-11T00:00:00", "2026-03-15T00:00:00"
PICTURES = ("inbox-light.png", "vulnerabilities-dark.png")
UPDATE_S = 3600
_OS = {"name": "Windows 11 Pro", "version": "23H2", "build": "10.0.22631.4602", "architecture": "AMD64"}
_PROGRAMS = (
    ("Mozilla Firefox (x64 en-US)", "Mozilla", "134.0"),
    ("Google Chrome", "Google LLC", "132.0.6834.83"),
    ("7-Zip 24.08 (x64)", "Igor Pavlov", "24.08"),
    ("WinRAR 7.01 (64-bit)", "win.rar GmbH", "7.01.0"),
    ("VLC media player", "VideoLAN", "3.0.20"),
    ("LibreOffice 24.8.3.2", "The Document Foundation", "24.8.3.2"),
    ("PuTTY release 0.81 (64-bit)", "Simon Tatham", "0.81.0.0"),
    ("Notepad++ (64-bit x64)", "Notepad++ Team", "8.7"),
    ("Git", "The Git Development Community", "2.47.0"),
    ("Wireshark 4.4.2 x64", "The Wireshark developer community", "4.4.2"),
    ("Zoom Workplace (64-bit)", "Zoom Communications, Inc.", "6.2.10"),
    ("Adobe Acrobat Reader DC", "Adobe Systems Incorporated", "24.005.20320"),
)
_WATCHED = ({"vendor": "fortinet"}, {"vendor": "ivanti"})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("feeds", type=Path)
    parser.add_argument("--to", type=Path, default=Path("resources/pictures"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, _world(options.feeds) as world:
        home, drawn = Path(name) / "data", Path(name) / "pictures"
        home.mkdir()
        with _running(home, world) as program:
            _updated(program, 1)
            _install(program, home)
            world.move_to(LATER)
            program.types("update")
            _updated(program, 2)
            subprocess.run(Up.command("pictures", str(drawn)), env=program.environment, check=True)
        for picture in PICTURES:
            shutil.copy(drawn / picture, options.to / picture)
            print(options.to / picture)


@contextmanager
def _world(program: Path) -> Iterator[ReplayedWorld]:
    world = ReplayedWorld(program, FIRST, "--no-nvd-limit", "--years", "2025,2026")
    try:
        yield world
    finally:
        world.close()


@contextmanager
def _running(home: Path, world: ReplayedWorld) -> Iterator[Up]:
    program = Up(home, free_port(), **world.environment)
    try:
        yield program
    finally:
        program.process.terminate()
        program.ends(60)


def _updated(program: Up, times: int) -> None:
    def so_often() -> bool:
        runs = _get(program, "/tasks", state="SUCCESS").get("items", [])
        return sum("update_" in run["name"] and "stats" not in run["name"] for run in runs) >= times

    wait_until(so_often, f"{times} updates have ended", UPDATE_S)


def _install(program: Up, home: Path) -> None:
    """Let this PC have the programs and the watchlist, and wait until all of it is matched."""
    software = [dict(zip(("name", "publisher", "version"), entry, strict=True)) for entry in _PROGRAMS]
    machine = own_machine_id(home)
    body = {"os": _OS, "software": software, "machine": {"name": "DESK-7", "user": "ann"}}
    for path, content in ((f"/machines/{machine}/inventory", body), ("/watchlist", {"items": _WATCHED})):
        requests.put(program.api + path, json=content, timeout=60).raise_for_status()
    wait_until(lambda: _is_matched(_get(program, f"/machines/{machine}/exposure")), "the programs are matched", 600)


def _is_matched(exposure: dict[str, Any]) -> bool:
    return bool(exposure) and all(program["matched"] for program in exposure["programs"])


def _get(program: Up, path: str, **parameters: str) -> dict[str, Any]:
    """The API's answer; empty while it does not answer."""
    try:
        answer: dict[str, Any] = requests.get(program.api + path, params=parameters, timeout=30).json()
    except requests.RequestException:
        return {}
    return answer


if __name__ == "__main__":
    main()
