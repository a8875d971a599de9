"""Which manifests are accepted, what is reported, and how often a manifest is requested. Signatures are real."""

from __future__ import annotations

import base64
import json
import runpy
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from nacl.signing import SigningKey

from backend.contract.settings import StackKind, UserSettings
from backend.network.access import NetworkAccess
from desktop.notifications.memory import NotificationKind, NotificationMemory
from desktop.notifications.notifications import notifications_of
from desktop.releases.check import Publisher, ReleaseCheck, ReleaseFile, release_check
from desktop.releases.manifest import Manifest, ManifestRejected, ReleaseMemory, verified_manifest, version_numbers
from desktop.releases.publication import ManifestAddress, Publication
from desktop.state.app_state import AppState, ReleaseChecked, ReleaseStatus, StateStore, reduce_state
from desktop.supervision.plan import plan
from desktop.supervision.services import Supervision

ROOT = Path(__file__).resolve().parents[3]
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PAGE = "https://example.org/releases/"
KEY, STRANGER = SigningKey(bytes(range(32))), SigningKey(bytes(32))
PUBLISHER = Publisher("https://example.org/latest.json", KEY.verify_key.encode().hex(), NetworkAccess)
PUBLICATION = Publication("OpenThreat.Desktop", PAGE, PAGE)
RUNNING = "0.9.0"
SIGNING = runpy.run_path(str(ROOT / "resources" / "sign_release.py"))


def document(
    version: str = "0.10.0", *, page: str = PAGE, at: datetime = NOW, days: int = 90, by: SigningKey = KEY
) -> str:
    return str(SIGNING["signed"](by, version, page, at, timedelta(days=days)))


def verified(text: str, known: Manifest | None = None) -> Manifest:
    return verified_manifest(text.encode(), PUBLISHER.verify, known, NOW)


class FakePublisher:
    """A publisher that counts requests."""

    verify = staticmethod(PUBLISHER.verify)

    def __init__(self, *answers: str | OSError) -> None:
        self.answers, self.requests = list(answers), 0

    def fetch(self) -> bytes:
        self.requests += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, OSError):
            raise answer
        return answer.encode()


class Installation:
    """A program of one version, at one time."""

    def __init__(self, home: Path, source: FakePublisher, running: str = RUNNING) -> None:
        self.home, self.source, self.running, self.now = home, source, running, NOW
        self.log: list[str] = []
        self.store = StateStore(AppState(Supervision.of(plan()), StackKind.EMBEDDED))

    def check(self, later: timedelta = timedelta()) -> ReleaseStatus | None:
        """Check as a program that has just started."""
        self.now += later
        file = ReleaseFile(self.home)
        ReleaseCheck(self.source, file, self.store, self.log.append, lambda: self.now, self.running).check()
        return self.store.state.release


def changed(text: str, change: Callable[[dict[str, str]], None]) -> str:
    whole = json.loads(text)
    change(whole)
    return json.dumps(whole)


def test_the_publishers_word_is_believed() -> None:
    manifest = verified(document())
    assert (manifest.version, manifest.page) == ("0.10.0", PAGE)


def other_text(whole: dict[str, str]) -> None:
    whole["manifest"] = whole["manifest"].replace("0.10.0", "9.0.0")


def other_signature(whole: dict[str, str]) -> None:
    whole["signature"] = base64.b64encode(bytes(64)).decode()


def short_signature(whole: dict[str, str]) -> None:
    whole["signature"] = base64.b64encode(b"short").decode()


def no_signature(whole: dict[str, str]) -> None:
    del whole["signature"]


@pytest.mark.parametrize("change", [other_text, other_signature, short_signature, no_signature])
def test_what_was_changed_on_its_way_is_not_believed(change: Callable[[dict[str, str]], None]) -> None:
    with pytest.raises(ManifestRejected):
        verified(changed(document(), change))


@pytest.mark.parametrize(
    "text",
    [
        document(by=STRANGER),
        document(at=NOW - timedelta(days=91)),  # it has ended
        document("0.10.0; rm"),
        document("1.2.3.4.5"),
        document(page="http://example.org/"),
        document(page="javascript:alert(1)"),
        document(page="https://example.org/\u202ecod.exe"),
        "",
        "null",
        '{"manifest": {}}',
        "<html>the hotel's login page</html>",
    ],
)
def test_what_is_strange_is_not_believed(text: str) -> None:
    with pytest.raises(ManifestRejected):
        verified(text)


def test_an_older_word_is_not_believed_again() -> None:
    newest = verified(document("0.11.0", at=NOW))
    with pytest.raises(ManifestRejected, match="older than the last one"):
        verified(document("0.10.0", at=NOW - timedelta(days=1)), known=newest)
    assert verified(document("0.11.0", at=NOW), known=newest) == newest


@pytest.mark.parametrize(("newer", "older"), [("0.10.0", "0.9.0"), ("1.0.1", "1.0"), ("2", "1.99.99")])
def test_versions_are_compared_by_their_numbers(newer: str, older: str) -> None:
    assert version_numbers(newer) > version_numbers(older)
    assert version_numbers("1.0.0") == version_numbers("1")


@pytest.mark.parametrize("version", ["0.8.9", RUNNING])
def test_nothing_is_told_of_a_version_that_is_not_newer(tmp_path: Path, version: str) -> None:
    standing = Installation(tmp_path, FakePublisher(document(version))).check()
    assert standing == ReleaseStatus(None, NOW, failed=False)


def test_it_is_asked_once_a_day_and_what_is_known_is_told_at_every_start(tmp_path: Path) -> None:
    installation = Installation(tmp_path, FakePublisher(document()))
    for later in (timedelta(), timedelta(hours=1), timedelta(hours=22)):
        standing = installation.check(later)
        assert standing is not None
        assert standing.newer is not None
        assert (standing.newer.version, installation.source.requests) == ("0.10.0", 1)
    installation.check(timedelta(hours=1))
    assert installation.source.requests == 2


def test_a_failure_is_written_to_the_log_and_tried_again_after_an_hour(tmp_path: Path) -> None:
    installation = Installation(tmp_path, FakePublisher(OSError("no route to host"), document()))
    standing = installation.check()
    assert standing is not None
    assert (standing.failed, standing.newer) == (True, None)
    assert "no route to host" in installation.log[0]
    installation.check(timedelta(minutes=59))
    assert installation.source.requests == 1
    standing = installation.check(timedelta(minutes=1))
    assert standing is not None
    assert standing.newer is not None
    assert installation.source.requests == 2


def test_a_failure_does_not_make_forget_what_is_known(tmp_path: Path) -> None:
    installation = Installation(tmp_path, FakePublisher(document(), OSError("no route to host")))
    installation.check()
    standing = installation.check(timedelta(days=1))
    assert standing is not None
    assert standing.failed
    assert standing.newer is not None


def test_an_upgrade_ends_it(tmp_path: Path) -> None:
    source = FakePublisher(document("0.10.0"))
    Installation(tmp_path, source).check()
    standing = Installation(tmp_path, source, running="0.10.0").check()
    assert standing is not None
    assert standing.newer is None


def test_who_does_not_want_it_is_not_asked_for(tmp_path: Path) -> None:
    installation = Installation(tmp_path, FakePublisher(document()))
    view = AppState(Supervision.of(plan()), StackKind.EMBEDDED, UserSettings(release_check=False))
    installation.store = StateStore(view)
    installation.check()
    assert installation.source.requests == 0


@pytest.mark.parametrize("content", ["", "{", '{"asked_at": "2026-03-02T09:00:00"}', '{"manifest": {"version": "9"}}'])
def test_a_damaged_memory_costs_a_question_and_nothing_else(tmp_path: Path, content: str) -> None:
    (tmp_path / "release.json").write_text(content, encoding="utf-8")
    installation = Installation(tmp_path, FakePublisher(document()))
    installation.check()
    assert installation.source.requests == 1


def test_a_clock_that_was_wrong_does_not_put_it_off() -> None:
    assert ReleaseMemory(asked_at=NOW + timedelta(days=900)).due_in(NOW) == timedelta()


def test_each_version_is_told_of_once_for_ever() -> None:
    plain = AppState(Supervision.of(plan()), StackKind.EMBEDDED)
    updated = reduce_state(
        plain, ReleaseChecked(ReleaseMemory(manifest=verified(document("0.10.0"))).status_for(RUNNING))
    )
    first = notifications_of(updated, NotificationMemory(), NOW)
    assert [(item.kind, item.subject, item.key) for item in first.notifications] == [
        (NotificationKind.RELEASE, "0.10.0", "about")
    ]
    again = notifications_of(updated, first.memory, NOW + timedelta(days=3))
    assert again.notifications == ()
    newer = reduce_state(
        plain, ReleaseChecked(ReleaseMemory(manifest=verified(document("0.11.0"))).status_for(RUNNING))
    )
    assert [item.subject for item in notifications_of(newer, again.memory, NOW).notifications] == ["0.11.0"]


def built_with(publication: Publication | None, home: Path, store: StateStore) -> ReleaseCheck | None:
    return release_check(publication, home, NetworkAccess, store, lambda _: None, lambda: NOW)


@pytest.mark.parametrize("publication", [None, PUBLICATION])
def test_a_build_without_an_address_has_no_check_and_says_nothing(
    tmp_path: Path, publication: Publication | None
) -> None:
    store = StateStore(AppState(Supervision.of(plan()), StackKind.EMBEDDED))
    assert built_with(publication, tmp_path, store) is None
    assert store.state.release is None


def test_a_build_with_an_address_knows_at_once_what_was_found_before(tmp_path: Path) -> None:
    found = ReleaseMemory(NOW, manifest=verified(document("99.0")))
    ReleaseFile(tmp_path).save(found)
    store = StateStore(AppState(Supervision.of(plan()), StackKind.EMBEDDED))
    address = ManifestAddress(PUBLISHER.url, PUBLISHER.key)
    assert built_with(replace(PUBLICATION, manifest=address), tmp_path, store) is not None
    assert store.state.release == found.status_for(RUNNING)
