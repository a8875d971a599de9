"""The scheduled report: together the files have all that happened, once, whatever is interrupted."""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from errno import EACCES, ENOSPC, EROFS
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from backend.config import Settings
from backend.contract.errors import ReportNotDelivered, RunInterrupted
from backend.contract.inbox import EventKind
from backend.contract.names import RunState, TaskName, Trigger
from backend.contract.report import ReportFormat, ReportScope
from backend.contract.settings import MailSettings, ReportSettings, UserSettings
from backend.domain.claims import Affected
from backend.network.mail import MailServer
from backend.services.exposure.events import note_events
from backend.services.report.delivery import SETTLING_S, deliver_report
from backend.services.runs.queue import new_run
from backend.store.repositories.events import NewEvent
from backend.store.repositories.runs import RunRepository
from tests.contract.api.conftest import BERLIN, Stage
from tests.contract.api.installed import CVES, FIREFOX, NEW, OLD, match, put_flaws, send, state, stated
from tests.fakes.sources import CountingRun
from tests.fakes.vulnerabilities import put_vulnerabilities, vulnerability

PLAIN, EXPLOITED = CVES
Happened = tuple[str, str, str]
"""Kind, CVE id and moment."""


class KilledRun(CountingRun):
    """A run that ends at its transaction of that number, as by a kill; 0: it does not."""

    def __init__(self, name: str, kill_at: int = 0) -> None:
        super().__init__(name)
        self._kill_at, self._transactions = kill_at, 0

    def fence(self, connection: Connection) -> None:
        self._transactions += 1
        if self._transactions == self._kill_at:
            raise RunInterrupted("Killed")


@pytest.fixture
def world(stage: Stage) -> Stage:
    return put_flaws(stage)


def settings(stage: Stage, folder: Path | str, form: ReportFormat = ReportFormat.JSON) -> Settings:
    user = UserSettings(report=ReportSettings(folder=str(folder), format=form, scope=ReportScope.ALL))
    return stage.settings.model_copy(update={"user": user})


def write(stage: Stage, folder: Path | str, name: str = "run", kill_at: int = 0) -> str:
    run = KilledRun(name, kill_at)
    result = deliver_report(settings(stage, folder), stage.database, run, lambda: stage.now, lambda: BERLIN)
    assert run.slept in ([], [SETTLING_S])
    return str(result["folder"])


def reports(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.iterdir())]


def reported_events(folder: Path) -> Counter[Happened]:
    items = [item for report in reports(folder) for item in report["items"]]
    return Counter((item["kind"], item["cve_id"], item["happened_at"]) for item in items)


def history(stage: Stage) -> Counter[Happened]:
    """What happened to all findings, by their history, and the stored events of other kinds."""
    found = Counter[Happened]()
    listed = [*stage.all("/findings"), *stage.all("/findings", state="resolved")]
    for item in listed:
        found["new", item["cve_id"], item["first_seen_at"]] += 1
        last = "open"
        for change in stage.get(f"/findings/{item['id']}")["history"]:
            if change["state"] == "resolved":
                found["fixed", item["cve_id"], change["changed_at"]] += 1
            elif change["state"] == "open" and last == "resolved":
                found["new", item["cve_id"], change["changed_at"]] += 1
            last = change["state"]
    others = stage.all("/inbox", scope="everything", kind="exploited,critical")
    found.update((event["kind"], event["cve_id"], event["happened_at"]) for event in others)
    return found


def scan(stage: Stage, version: str, machine: str) -> None:
    send(stage, {**OLD, "version": version}, machine=machine)
    match(stage)


def flaw(stage: Stage, number: int, before: int) -> str:
    """Store a new vulnerability of Firefox before a version."""
    cve_id = f"CVE-2025-{number:04}"
    with stage.database.transaction() as connection:
        put_vulnerabilities(connection, [(vulnerability(cve_id), 0.5)], stage.now)
    state(stage, {cve_id: stated(cve_id, Affected(cpe=FIREFOX, version_end_excluding=str(before)))}, {})
    match(stage)
    return cve_id


def become_exploited(stage: Stage, cve_id: str) -> None:
    with stage.database.transaction() as connection:
        note_events(connection, [NewEvent(EventKind.EXPLOITED, cve_id, stage.now.isoformat(), stage.now)])


@pytest.mark.parametrize("seed", range(2))
def test_eight_weeks_with_days_off_and_kills(world: Stage, folder: Path, seed: int) -> None:
    """Things happen, days are skipped, reports are due on some days, and some of their runs are killed and repeated."""
    chance, known = random.Random(seed), list(CVES)
    for day in range(56):
        world.now += timedelta(days=1, minutes=chance.randrange(60))
        if chance.random() < 0.3:
            continue  # the PC is off
        for _ in range(chance.randrange(4)):
            world.now += timedelta(minutes=1)
            act = chance.random()
            if act < 0.6:
                scan(world, str(chance.choice((80, 99, 99.5, 105, 150, 200))), f"pc-{chance.randrange(2)}")
            elif act < 0.85:
                known.append(flaw(world, 1000 + len(known), chance.choice((90, 120, 300))))
            elif world.get("/machines")["items"]:
                become_exploited(world, known[0])
        if chance.random() < 0.25:
            world.now += timedelta(minutes=1)
            name, kill_at = f"run {day}", chance.randrange(3)
            if kill_at:
                with pytest.raises(RunInterrupted):
                    write(world, folder, name, kill_at)
                world.now += timedelta(minutes=5)
                scan(world, "100", "pc-0")
                world.now += timedelta(minutes=5)
            write(world, folder, name)
    world.now += timedelta(minutes=1)
    write(world, folder, "the last")
    ends = [(report["since"], report["until"]) for report in reports(folder)]
    assert [since for since, _ in ends[1:]] == [until for _, until in ends[:-1]], "one begins where another ended"
    before_the_first = ends[0][0]
    expected = Counter({key: count for key, count in history(world).items() if key[2] >= before_the_first})
    assert reported_events(folder) == expected
    assert sum(expected.values()) > 20


class TestPeriods:
    def test_the_first_is_of_a_week(self, world: Stage, folder: Path) -> None:
        write(world, folder)
        (report,) = reports(folder)
        assert datetime.fromisoformat(report["until"]) - datetime.fromisoformat(report["since"]) == timedelta(days=7)

    def test_three_weeks_off_are_one_report(self, world: Stage, folder: Path) -> None:
        write(world, folder, "first")
        world.now += timedelta(days=1)
        scan(world, "99", "pc-1")
        world.now += timedelta(days=21)
        write(world, folder, "second")
        first, second = reports(folder)
        assert second["since"] == first["until"]
        assert second["figures"]["new"] == 2

    def test_a_repeated_run_after_its_end_writes_nothing_more(self, world: Stage, folder: Path) -> None:
        write(world, folder)
        world.now += timedelta(days=1)
        assert write(world, folder) == "Nothing happened since the last report."
        assert len(reports(folder)) == 1

    def test_a_clock_that_was_set_back_loses_nothing(self, world: Stage, folder: Path) -> None:
        write(world, folder, "first")
        world.now -= timedelta(days=2)
        write(world, folder, "second")
        world.now += timedelta(days=3)
        scan(world, "99", "pc-1")
        world.now += timedelta(days=1)
        write(world, folder, "third")
        assert sum(reported_events(folder).values()) == 2

    def test_it_ends_before_a_run_that_still_writes(self, world: Stage, folder: Path) -> None:
        began = world.now
        with world.database.transaction() as connection:
            update = new_run(TaskName.UPDATE, Trigger.SCHEDULE, began)
            RunRepository(connection).add(update)
            assert RunRepository(connection).claim(update.task_id, "slow@here:1", began)
        world.now += timedelta(hours=1)
        scan(world, "99", "pc-1")
        world.now += timedelta(hours=1)
        write(world, folder)
        (report,) = reports(folder)
        assert (datetime.fromisoformat(report["until"]), report["items"]) == (began, [])


class TestFolder:
    def test_without_a_choice_it_is_in_the_data_folder(self, world: Stage) -> None:
        path = Path(write(world, ""))
        assert path.parent == world.settings.home / "reports"
        assert path.name == "openthreat-report-2026-03-01-130000.json", "named by the local time of its end"

    @pytest.mark.parametrize(
        ("number", "reason", "hint"),
        [(ENOSPC, "no room", "Free"), (EACCES, "be written to", "Allow"), (EROFS, "be written to", "Allow")],
    )
    def test_what_is_wrong_is_said_and_the_next_one_covers_it(
        self, world: Stage, folder: Path, monkeypatch: pytest.MonkeyPatch, number: int, reason: str, hint: str
    ) -> None:
        def refuse(*_: object, **__: object) -> None:
            raise OSError(number, os.strerror(number))

        scan(world, "99", "pc-1")
        world.now += timedelta(days=1)
        with monkeypatch.context() as patched:
            patched.setattr("backend.services.report.folder.write_atomically", refuse)
            with pytest.raises(ReportNotDelivered) as caught:
                write(world, folder, "first")
        assert reason in caught.value.title
        assert hint in caught.value.hint
        assert "settings" in caught.value.hint
        assert "next report covers" in caught.value.message
        world.now += timedelta(days=7)
        write(world, folder, "second")
        assert sum(reported_events(folder).values()) == 2

    def test_a_chosen_folder_that_is_gone_is_not_made(self, world: Stage, tmp_path: Path) -> None:
        gone = tmp_path / "usb stick"
        with pytest.raises(ReportNotDelivered) as caught:
            write(world, gone)
        assert "not there" in caught.value.title
        assert not gone.exists()

    def test_nothing_is_left_of_a_file_that_failed(self, world: Stage, folder: Path) -> None:
        place = folder / "openthreat-report-2026-03-01-130000.json"
        place.mkdir()
        with pytest.raises(ReportNotDelivered):
            write(world, folder)
        assert list(folder.iterdir()) == [place]


class TestMail:
    """A mail that a server may have accepted is not sent again; each way of delivery has its own position."""

    @pytest.fixture
    def sent(self, monkeypatch: pytest.MonkeyPatch) -> list[EmailMessage]:
        accepted: list[EmailMessage] = []
        self.kill_after = self.refuse = False

        def send(_: MailServer, message: EmailMessage, handing_over: Callable[[], None]) -> str:
            handing_over()
            if self.refuse:
                raise ReportNotDelivered("The mail server refuses the message")
            accepted.append(message)
            if self.kill_after:
                raise RunInterrupted("Killed")
            return ""

        monkeypatch.setattr("backend.services.report.mail.send_mail", send)
        return accepted

    def mailed(self, stage: Stage, folder: Path, name: str, form: ReportFormat = ReportFormat.JSON) -> str:
        addresses = {"sender": "a@example.org", "recipients": ("b@example.org",)}
        mail = MailSettings(enabled=True, server="mail.example.org", **addresses)
        user = UserSettings(report=ReportSettings(folder=str(folder), format=form, mail=mail))
        wanted = stage.settings.model_copy(update={"user": user})
        result = deliver_report(wanted, stage.database, KilledRun(name), lambda: stage.now, lambda: BERLIN)
        return str(result["mail"])

    def test_a_mail_has_the_page_and_the_file(self, world: Stage, folder: Path, sent: list[EmailMessage]) -> None:
        scan(world, "99", "pc-1")
        world.now += timedelta(days=1)
        assert self.mailed(world, folder, "first") == "Sent to b@example.org."
        (mail,) = sent
        assert mail["Subject"] == "Vulnerability report 2026-03-02: 2 new, 1 exploited. 0 fixed, 0 overdue."
        page = mail.get_body(("html",))
        assert page is not None
        assert PLAIN in page.get_content()
        (attached,) = mail.iter_attachments()
        assert attached.get_filename() == "openthreat-report-2026-03-02-130000.json"

    def test_a_kill_after_the_server_took_it_sends_nothing_twice(
        self, world: Stage, folder: Path, sent: list[EmailMessage]
    ) -> None:
        self.kill_after = True
        with pytest.raises(RunInterrupted):
            self.mailed(world, folder, "first")
        self.kill_after = False
        assert "not sent again" in self.mailed(world, folder, "first")
        world.now += timedelta(days=7)
        scan(world, "99", "pc-1")
        world.now += timedelta(days=1)
        self.mailed(world, folder, "second")
        assert len(sent) == 2
        assert "2 new" in sent[1]["Subject"]

    def test_a_kill_that_nothing_repeats_counts_as_sent_too(
        self, world: Stage, folder: Path, sent: list[EmailMessage]
    ) -> None:
        scan(world, "99", "pc-1")
        world.now += timedelta(days=1)
        self.kill_after = True
        with pytest.raises(RunInterrupted):
            self.mailed(world, folder, "first")
        self.kill_after = False
        world.now += timedelta(days=1)
        self.mailed(world, folder, "second")
        assert [("2 new" in mail["Subject"]) for mail in sent] == [True, False]

    def test_what_was_refused_is_in_the_next_one_and_the_file_is_there(
        self, world: Stage, folder: Path, sent: list[EmailMessage]
    ) -> None:
        scan(world, "99", "pc-1")
        world.now += timedelta(days=1)
        self.refuse = True
        with pytest.raises(ReportNotDelivered, match="refuses the message"):
            self.mailed(world, folder, "first")
        assert len(reports(folder)) == 1
        self.refuse = False
        world.now += timedelta(days=1)
        self.mailed(world, folder, "second")
        assert "2 new" in sent[0]["Subject"]
        assert [report["figures"]["new"] for report in reports(folder)] == [2, 0]

    def test_a_folder_that_is_gone_does_not_hold_up_the_mail(
        self, world: Stage, tmp_path: Path, sent: list[EmailMessage]
    ) -> None:
        with pytest.raises(ReportNotDelivered, match="not there"):
            self.mailed(world, tmp_path / "gone", "first")
        assert len(sent) == 1

    def test_each_report_has_an_id_of_its_own(self, world: Stage, folder: Path, sent: list[EmailMessage]) -> None:
        for name in ("first", "second"):
            self.mailed(world, folder, name)
            world.now += timedelta(days=1)
        first, second = (str(mail["Message-ID"]) for mail in sent)
        assert first != second
        assert first.endswith("@example.org>")


class TestSchedule:
    def test_it_is_off_until_it_is_switched_on(self, stage: Stage) -> None:
        entry = next(task for task in stage.get("/tasks/scheduled/list")["scheduled_tasks"] if "report" in task["name"])
        assert (entry["name"], entry["enabled"], entry["schedule"]) == ("write-report", False, "0 7 * * 1")

    def test_a_reset_restores_the_time_and_leaves_it_off(self, stage: Stage) -> None:
        path = "/tasks/scheduled/write-report"
        stage.request("PATCH", path, 200, json={"schedule": "0 8 * * *"})
        reset = stage.post(f"{path}/reset", status=200)
        assert (reset["schedule"], reset["enabled"]) == ("0 7 * * 1", False)
        stage.request("PATCH", path, 200, json={"enabled": True})
        assert stage.post(f"{path}/reset", status=200)["enabled"] is True

    def test_one_runs_at_a_time(self, stage: Stage) -> None:
        first = stage.post("/tasks/write-report")
        second = stage.post("/tasks/write-report", status=200)
        assert (second["task_id"], second["already_running"]) == (first["task_id"], True)
        assert second["status"] == RunState.PENDING
        assert "report" in second["message"]


def test_a_year_has_no_leap_in_the_names(world: Stage, folder: Path) -> None:
    """Names sort like the ends of the periods."""
    world.now = datetime(2026, 9, 9, tzinfo=UTC)
    write(world, folder, "first")
    world.now = datetime(2026, 10, 1, tzinfo=UTC)
    write(world, folder, "second")
    names = [path.name for path in sorted(folder.iterdir())]
    assert names == ["openthreat-report-2026-09-09-020000.json", "openthreat-report-2026-10-01-020000.json"]


def test_an_updated_program_is_fixed_in_its_report(world: Stage, folder: Path) -> None:
    scan(world, "99", "pc-1")
    world.now += timedelta(hours=1)
    send(world, NEW)
    match(world)
    world.now += timedelta(hours=1)
    write(world, folder)
    (report,) = reports(folder)
    assert report["figures"] == {"new": 2, "exploited": 1, "fixed": 2}
