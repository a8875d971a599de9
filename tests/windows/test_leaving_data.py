"""What leaves the frozen program: webhooks, reports, and the feed.

Mail is not tried here: Wine cannot check a certificate by an authority of one's own (see the Windows checklist).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import requests

from backend.contract.names import FINAL_STATES, RunState
from tests.fakes import rocket
from tests.fakes.feed_server import FeedServer
from tests.fakes.receiver import ACCEPTS, Receiver, never_answers
from tests.servers import wait_until
from tests.windows.frozen import CONSOLE, Frozen, Running

pytestmark = pytest.mark.full

ATOM = "{http://www.w3.org/2005/Atom}"
HEADS = {"html": b"<!DOCTYPE html>", "pdf": b"%PDF-", "csv": b"\xef\xbb\xbfkind,", "json": b"{"}
SETTINGS = """\
version = 1
stack = "embedded"

[report]
folder = {folder}
format = "pdf"
"""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def folder(frozen: Frozen, data: Path) -> Path:
    """The folder for scheduled reports, by the settings."""
    path = data / "Berichte ü"
    path.mkdir()
    settings = SETTINGS.format(folder=json.dumps(frozen.machine.seen(path)))
    (data / "settings.toml").write_text(settings, encoding="utf-8")
    return path


def starts(frozen: Frozen, data: Path, feeds: FeedServer) -> Running:
    up = frozen.running(data, CONSOLE, "up", "--json", **feeds.environment())
    up.all_run()
    return up


def run_command(frozen: Frozen, up: Running, *words: str) -> str:
    ended = frozen.types(up.data, *words, **up.variables)
    assert ended.code == 0, ended.output
    return ended.output


def run_task(up: Running, task: str) -> dict[str, Any]:
    """Start a task and return its run at its end."""
    started = requests.post(f"{up.api}/tasks/{task}", timeout=30).json()["task_id"]
    up.waits(lambda: up.get(f"tasks/{started}")["status"] in list(FINAL_STATES), f"{task} has ended", 300)
    return up.get(f"tasks/{started}")


def test_news_of_an_installed_program_leaves_once_in_every_form_also_when_it_is_killed(
    frozen: Frozen, data: Path, folder: Path, feeds: FeedServer, receiver: Receiver
) -> None:
    rocket.add_flaw(feeds.world)
    up = starts(frozen, data, feeds)
    assert up.is_updated()["status"] == RunState.SUCCESS, up.logs()
    installed = data / "installed.json"
    installed.write_text(json.dumps({"software": [rocket.entry(rocket.AFFECTED)]}), encoding="utf-8")
    own = (data / "machine-id").read_text(encoding="ascii")
    run_command(frozen, up, "inventory", "import", frozen.machine.seen(installed), "--machine", own)
    up.waits(lambda: [item["cve_id"] for item in up.get("findings")["items"]] == [rocket.FLAW], "the flaw concerns it")

    run_command(frozen, up, "webhook", "add", "SIEM", receiver.address, "--event", "exploited")
    receiver.reply = never_answers
    rocket.become_exploited(feeds.world)
    assert run_task(up, "update-vulnerabilities")["status"] == RunState.SUCCESS, up.logs()
    wait_until(lambda: len(receiver.received) == 1, "the receiver has the message", 120)
    up.main_process().kill()
    wait_until(lambda: frozen.processes() == [], "nothing of it is left")
    receiver.reply = ACCEPTS

    up = starts(frozen, data, feeds)
    up.waits(lambda: up.get("webhooks")["items"][0]["last_success_at"] is not None, "the message was accepted", 240)
    first, again = receiver.received
    assert (again.id, again.body, again.cve_ids) == (first.id, first.body, [rocket.FLAW])
    assert again.headers["webhook-signature"].startswith("v1,")

    for form, head in HEADS.items():
        run_command(frozen, up, "report", "-o", frozen.machine.seen(folder / f"by hand.{form}"))
        assert (folder / f"by hand.{form}").read_bytes().startswith(head)
    assert rocket.FLAW in (folder / "by hand.html").read_text(encoding="utf-8")

    run = run_task(up, "write-report")
    assert run["status"] == RunState.SUCCESS, run
    (written,) = folder.glob("openthreat-report-*.pdf")
    assert written.read_bytes().startswith(HEADS["pdf"])

    answer = requests.get(f"{up.api}/feed.atom?scope=exploited", timeout=30)
    entries = ElementTree.fromstring(answer.content).iter(f"{ATOM}entry")  # noqa: S314 - our own
    titles = [entry.findtext(f"{ATOM}title") or "" for entry in entries]
    assert sum(title.startswith(f"{rocket.FLAW}: known to be exploited") for title in titles) == 1, titles
    unchanged = requests.get(answer.url, headers={"If-None-Match": answer.headers["ETag"]}, timeout=30)
    assert unchanged.status_code == HTTPStatus.NOT_MODIFIED
    assert len(receiver.received) == 2
    assert frozen.types(data, "down").code == 0
    assert up.ends() == 0
