"""Eight weeks of the recorded world with days off and kills: report, feed and webhook have what happened, each once."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from backend.config import load_settings
from backend.contract.errors import OpenThreatError, RunInterrupted
from backend.services.exposure.matching_run import match_inventory
from backend.services.update.update import run_update
from tests.contract.api.conftest import Stage
from tests.contract.api.installed import send
from tests.contract.api.test_feed import ATOM, read, text_of
from tests.contract.api.test_webhooks import KilledRun, add, status, turn
from tests.contract.api.test_written_reports import history, reported_events, reports, write
from tests.fakes.receiver import ACCEPTS, Receiver
from tests.fakes.sources import CountingRun
from tests.integration.replay.world import ReplayedWorld

pytestmark = [pytest.mark.realdata, pytest.mark.full, pytest.mark.timeout(1800)]

BEGIN, DAYS = datetime(2024, 12, 2, 9, tzinfo=UTC), 56
WITHOUT_EPSS = "version = 1\n\n[sources]\nepss = false\n"
"""FIRST's table is of 2026."""
RELEASES = {
    ("7-Zip (x64)", "Igor Pavlov"): ("19.00", "22.01", "24.09"),
    ("Mozilla Firefox (x64 en-US)", "Mozilla"): ("130.0", "132.0", "134.0"),
    ("Google Chrome", "Google LLC"): ("130.0.6723.58", "131.0.6778.86", "132.0.6834.83"),
    ("Wireshark 4.x", "The Wireshark developer community"): ("4.0.0", "4.2.3", "4.4.2"),
    ("Adobe Acrobat (64-bit)", "Adobe"): ("24.001.20604", "24.004.20272", "24.005.20320"),
    ("Notepad++ (64-bit x64)", "Notepad++ Team"): ("8.5.2", "8.6.8", "8.7.4"),
}
"""Versions of programs with records of 2024 in the recorded feeds, by name and publisher."""
MACHINES = ("pc-1", "pc-2")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def world(feed_world: Path, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Iterator[ReplayedWorld]:
    world = ReplayedWorld(feed_world, at(BEGIN), "--no-nvd-limit", "--years", "2024")
    for name, value in world.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("OPENTHREAT_HOME", str(stage.settings.home))
    (stage.settings.home / "settings.toml").write_text(WITHOUT_EPSS, encoding="utf-8")
    stage.now = BEGIN
    yield world
    world.close()


def at(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}"


class EightWeeks:
    """What happens by chance, and what a reader of the feed has seen: the kind and CVE id of each entry by its id."""

    def __init__(self, stage: Stage, world: ReplayedWorld, receiver: Receiver, folder: Path, seed: int) -> None:
        self.stage, self.world, self.receiver, self.folder = stage, world, receiver, folder
        self.chance = random.Random(seed)
        self.entries: dict[str, tuple[str, str]] = {}
        self.kills = 0

    def later(self, **time: int) -> None:
        self.stage.now += timedelta(**time)

    def killed_first(self, act: Callable[[CountingRun], object], most: int) -> None:
        """Do something as a run, which in three of ten cases is killed at one of its first checkpoints and repeated."""
        if self.chance.random() < 0.3:
            kill = CountingRun(stop_after=self.chance.randrange(most), stop_with=RunInterrupted("Killed"))
            with suppress(RunInterrupted):
                act(kill)
                self.kills -= 1
            self.kills += 1
            self.later(minutes=1)
        act(CountingRun())

    def update(self) -> None:
        self.world.move_to(at(self.stage.now))
        self.killed_first(self._update, 60)

    def match(self) -> None:
        self.killed_first(
            lambda run: match_inventory(self.stage.settings, self.stage.database, run, lambda: self.stage.now), 4
        )

    def install(self, machine: str) -> None:
        """Give a machine some release of every program."""
        software = [
            {"name": name, "publisher": publisher, "version": self.chance.choice(versions)}
            for (name, publisher), versions in RELEASES.items()
        ]
        send(self.stage, *software, machine=machine)
        self.match()

    def send_webhooks(self) -> None:
        self.receiver.reply = status("503 Busy") if self.chance.random() < 0.2 else ACCEPTS
        if self.chance.random() < 0.3:
            with suppress(OpenThreatError):
                turn(self.stage, KilledRun(self.chance.randrange(1, 5)))
                self.kills -= 1
            self.kills += 1
        turn(self.stage)

    def write_report(self, day: int) -> None:
        kill_at = self.chance.randrange(3)
        if kill_at:
            self.kills += 1
            with pytest.raises(RunInterrupted):
                write(self.stage, self.folder, f"run {day}", kill_at)
            self.later(minutes=5)
        write(self.stage, self.folder, f"run {day}")

    def read_feed(self) -> None:
        answer = self.stage.client.get("/api/v1/feed.atom", params={"scope": "everything"})
        for entry in read(answer).findall(f"{ATOM}entry"):
            category = entry.find(f"{ATOM}category")
            assert category is not None
            about = (category.get("term") or "", text_of(entry, "title").partition(":")[0])
            assert self.entries.setdefault(text_of(entry, "id"), about) == about, "an id stays with its event"

    def _update(self, run: CountingRun) -> None:
        result = run_update(load_settings(), self.stage.database, run, clock=lambda: self.stage.now)
        assert result["status"] == "ok", result


def events(stage: Stage) -> Counter[tuple[str, str]]:
    """The kinds and CVE ids of all events."""
    return Counter((item["kind"], item["cve_id"]) for item in stage.all("/inbox", scope="everything"))


@pytest.mark.parametrize("seed", range(2))
def test_what_happened_is_reported_listed_and_sent_once(
    stage: Stage, world: ReplayedWorld, receiver: Receiver, folder: Path, seed: int
) -> None:
    weeks = EightWeeks(stage, world, receiver, folder, seed)
    weeks.update()
    for machine in MACHINES:
        weeks.install(machine)
    assert sum(events(stage).values()) < 200, "the feed has room for what a first scan finds"
    weeks.read_feed()
    add(stage, receiver, scope="everything")
    before = events(stage)
    for day in range(1, DAYS + 1):
        stage.now = BEGIN + timedelta(days=day, minutes=weeks.chance.randrange(60))
        if weeks.chance.random() < 0.3:
            continue  # the PC is off
        weeks.update()
        weeks.later(minutes=5)
        weeks.match()
        if weeks.chance.random() < 0.3:
            weeks.later(minutes=5)
            weeks.install(weeks.chance.choice(MACHINES))
        weeks.later(minutes=5)
        weeks.send_webhooks()
        weeks.read_feed()
        if weeks.chance.random() < 0.2:
            weeks.later(minutes=5)
            weeks.write_report(day)
    receiver.reply = ACCEPTS
    for _ in range(10):
        weeks.later(hours=1)
        turn(stage)
    weeks.read_feed()
    write(stage, folder, "the last")

    happened = events(stage)
    bodies = {message.id: message.body for message in receiver.received}
    assert all(message.body == bodies[message.id] for message in receiver.received), "a repeated message is the same"
    sent = [event for body in {m.id: m for m in receiver.received}.values() for event in body.json["events"]]
    assert len({event["id"] for event in sent}) == len(sent), "no event is in two messages"
    assert Counter((event["kind"], event["cve_id"]) for event in sent) == happened - before
    assert {event["id"] for event in sent} <= weeks.entries.keys(), "the feed names an event as the webhook does"
    assert Counter(weeks.entries.values()) == happened
    first = reports(folder)[0]["since"]
    assert reported_events(folder) == Counter({key: count for key, count in history(stage).items() if key[2] >= first})
    print(f"\n{weeks.kills} kills, {len(sent)} events sent, {sum(reported_events(folder).values())} reported")
    assert len(sent) > 50
    assert weeks.kills > 10
