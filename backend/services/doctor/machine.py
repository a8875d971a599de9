"""Checks of the machine: the data folder, free disk space and the clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

from backend.config import Settings
from backend.contract.diagnosis import CheckResult
from backend.contract.errors import OpenThreatError
from backend.contract.folder_rights import reason_open
from backend.contract.problem_catalogue import ProblemId
from backend.contract.problems import problem
from backend.network.session import NetworkSession
from backend.services.doctor.results import well
from backend.system.machine import free_bytes
from backend.system.time_zone import odd_setting, zone_in_words

ROOM_WANTED = 5 * 10**9
"""Bytes: the database of all vulnerabilities with the downloads of a first load."""
ROOM_NEEDED = 500 * 10**6
CLOCK_TOLERATED = timedelta(minutes=2)
_TIMEOUT_S = 5.0
_CLOCKS = ("https://www.cisa.gov/", "https://nvd.nist.gov/")

NetworkTime = Callable[[Settings], datetime | None]
FreeBytes = Callable[[Path], int | None]


def disk(settings: Settings, free: FreeBytes = free_bytes) -> CheckResult:
    room = free(settings.home)
    if room is None:
        return well("disk", "The room on the disk is not known", f"The system does not say it for {settings.home}.")
    words = {"room": f"{room / 10**9:.1f} GB", "folder": str(settings.home)}
    if room >= ROOM_WANTED:
        return well("disk", "There is room on the disk", "{room} free in the data folder ({folder}).".format(**words))
    return CheckResult.of("disk", problem(ProblemId.DISK_LOW if room >= ROOM_NEEDED else ProblemId.DISK_FULL, words))


def data_folder(settings: Settings) -> CheckResult:
    try:
        reason = reason_open(settings.home)
    except OSError as error:
        reason = f"{error}."
    if reason:
        return CheckResult.of("data folder", problem(ProblemId.DATA_FOLDER_OPEN, {"reason": reason}))
    return well("data folder", "Only you can open the data folder")


def network_time(settings: Settings) -> datetime | None:
    """Return the time of a source's web server in UTC; None if no server answers."""
    session = NetworkSession(settings.network)
    for address in (settings.cisa_url, settings.nvd_url, *_CLOCKS):
        if not address:
            continue
        try:
            date = session.head(address, timeout=_TIMEOUT_S, allow_redirects=False).headers.get("Date", "")
            return parsedate_to_datetime(date).astimezone(UTC)
        except (OSError, ValueError, OpenThreatError):  # of requests; of an unusable proxy or certificate file
            continue
    return None


def time_zone() -> CheckResult:
    if odd := odd_setting():
        return CheckResult.of("time zone", problem(ProblemId.TIME_ZONE_ODD, {"setting": odd, "zone": zone_in_words()}))
    return well("time zone", "The time zone is known", f"{zone_in_words()}.")


def clock(now: datetime, there: datetime | None) -> CheckResult:
    """Compare the machine's clock with the time of a source's server. there: None if no server answered."""
    if there is None:
        return well("clock", "The clock was not checked", "No source could be asked for the time.")
    off = abs(now - there)
    if off <= CLOCK_TOLERATED:
        return well("clock", "The clock is right")
    which = "ahead" if now > there else "behind"
    return CheckResult.of("clock", problem(ProblemId.CLOCK_WRONG, {"difference": f"{_roughly(off)} {which}"}))


def _roughly(length: timedelta) -> str:
    for unit, name in ((timedelta(days=1), "days"), (timedelta(hours=1), "hours")):
        if length > 2 * unit:
            return f"{length // unit} {name}"
    return f"{length // timedelta(minutes=1)} minutes"
