"""What an analyst does every day, by mouse in at most four clicks, and by keyboard alone with a screen reader.

Each task begins at the Inbox, as after a start. Its goal is what is then on the screen, in a file or on the clipboard.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QSize, QTimer
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from backend.client.transport import Params
from backend.contract.exposure import FindingChange, FindingState
from backend.contract.searches import SavedSearches
from desktop.state.app_state import SnapshotArrived, StateStore
from desktop.ui.page_context import Memory, PageContext
from desktop.ui.pages import page_makers
from desktop.ui.window.main_window import MainWindow
from tests.ui.cases import CHANGED, DUE, NEW, NEW_TITLE, OLD_TITLE, TODAY, VENDORS, put_cases
from tests.ui.hand import Hand, Keys, Person
from tests.ui.states import with_workers
from tests.ui.station import ApiProcess
from tests.ui.world import furnish

MOST_CLICKS = 4
SIZE = QSize(1180, 760)


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiProcess]:
    """A world of its own: the tasks decide on findings."""
    home = tmp_path_factory.mktemp("analyst")
    furnish(home)
    put_cases(home)
    process = ApiProcess(home)
    yield process
    process.stop()


@pytest.fixture
def window(
    context: PageContext, store: StateStore, memory: Memory, api: ApiProcess, english: None, qtbot: QtBot
) -> Iterator[MainWindow]:
    """As after a start; the state is polled, as in the program."""
    made = MainWindow(context, memory, page_makers())
    made.resize(SIZE)
    qtbot.addWidget(made)
    timer = QTimer(made, interval=500)
    timer.timeout.connect(lambda: poll_state(store, api))
    timer.start()
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    yield made
    timer.stop()
    made.close()


def poll_state(store: StateStore, api: ApiProcess) -> None:
    fresh = api.client().snapshot()
    assert fresh is not None
    store.post(SnapshotArrived(with_workers(fresh.snapshot), datetime.now(UTC)))


@pytest.fixture(params=[Hand, Keys])
def analyst(request: pytest.FixtureRequest, window: MainWindow, qtbot: QtBot) -> Iterator[Person]:
    who: Person = request.param(window, qtbot)
    yield who
    request.node.user_properties.append(("acts", who.acts))
    if isinstance(who, Hand):
        assert who.acts <= MOST_CLICKS


@pytest.fixture
def verify(window: MainWindow, qtbot: QtBot) -> Person:
    """Looks at what has become of it; his clicks are not those of the task."""
    return Hand(window, qtbot)


def ids(api: ApiProcess, **filters: str | list[str]) -> set[str]:
    params: Params = {**filters, "page_size": 200}
    return {item.cve_id for item in api.client().listed(params).items}


def listed(analyst: Person) -> set[str]:
    return {word for row in analyst.rows("Vulnerabilities") for word in row.split() if word.startswith("CVE-")}


def installed(api: ApiProcess, program: str) -> str:
    """An exploited vulnerability of a program on this PC."""
    return api.client().findings({"exploited": "true", "software": program}).items[0].cve_id


def shows(analyst: Person, qtbot: QtBot, wanted: set[str]) -> None:
    def check() -> None:
        assert listed(analyst) == wanted

    qtbot.waitUntil(check, timeout=60_000)


def test_what_is_newly_exploited_for_three_vendors(analyst: Person, api: ApiProcess, qtbot: QtBot) -> None:
    """ "What is new and exploited at Microsoft, Cisco and Fortinet?" """
    analyst.go_to("newly expl", "Search: Newly exploited, in the last 7 days")
    analyst.press("Filters")
    for vendor in VENDORS:
        analyst.type(vendor, enter=True)
        analyst.sees(f"Remove {vendor}")
    analyst.leave()
    since = (TODAY - timedelta(days=7)).isoformat()
    wanted = ids(api, exploited="true", kev_added_after=since, vendor=list(VENDORS))
    assert set(NEW) - wanted == {"CVE-2026-77003"}
    shows(analyst, qtbot, wanted)
    analyst.sees(f"{len(wanted)} of ", "Remove filter: Vendor: microsoft, cisco, fortinet")


def test_whether_a_version_is_affected(analyst: Person, api: ApiProcess) -> None:
    """ "Is Chrome 9.1.0, which we have, affected by this CVE? And up to which version would it be?" """
    cve_id = installed(api, "Chrome")
    fixed = api.client().findings({"cve_id": cve_id}).items[0].fixed_in
    analyst.go_to(cve_id, cve_id)
    analyst.sees("Fixed in", "On this PC", f"Google Chrome 9.1.0 → update to {fixed}", "Affected")
    analyst.open_tab("Affected")
    analyst.sees(f"before {fixed}")


def test_what_changed_in_one_record_since_monday(analyst: Person) -> None:
    """ "What changed on this CVE since Monday?" """
    analyst.go_to(CHANGED, CHANGED)
    analyst.open_tab("Timeline")
    analyst.sees(f"{TODAY.isoformat()}", f"Title: {OLD_TITLE} → {NEW_TITLE}")


def test_what_changed_in_a_product_since_monday(analyst: Person, qtbot: QtBot) -> None:
    """ "What changed in our Tomcats since Monday, and what was it?" """
    analyst.go_to("changed", "Search: Changed since Monday")
    analyst.type("tomcat")
    shows(analyst, qtbot, {CHANGED})
    analyst.pick("Vulnerabilities", CHANGED)
    analyst.open_tab("Timeline")
    analyst.sees(f"Title: {OLD_TITLE} → {NEW_TITLE}")


def test_all_critical_ones_of_last_month_are_exported(analyst: Person, api: ApiProcess, tmp_path: Path) -> None:
    """ "I need all critical ones of last month in a spreadsheet." """
    analyst.go_to("critical", "Search: Critical, published last month")
    analyst.sees("Remove filter: Severity: Critical")
    analyst.choose("Export", "All results as CSV")
    analyst.sees("Export vulnerabilities")
    path = tmp_path / "last month.csv"
    analyst.type(str(path), instead=True)
    analyst.press("Save")
    analyst.sees(f"vulnerabilities to {path}")
    first = TODAY.replace(day=1)
    before = (first - timedelta(days=1)).replace(day=1)
    wanted = ids(api, severity="CRITICAL", published_after=before.isoformat(), published_before=first.isoformat())
    with path.open(encoding="utf-8-sig", newline="") as file:
        assert {row["cve_id"] for row in csv.DictReader(file)} == wanted
    assert wanted


def test_what_is_exploited_on_this_pc(analyst: Person) -> None:
    """ "What on this PC is being exploited, and what do I have to update to?" """
    analyst.section("This PC")
    analyst.sees("programs have vulnerabilities that are being exploited. Updating")
    analyst.pick("Programs with known vulnerabilities", "Google Chrome")
    (row,) = (row for row in analyst.rows("Programs with known vulnerabilities") if "Google Chrome" in row)
    assert "exploited" in row
    assert "Update to: " in row
    assert "Update to: empty" not in row
    analyst.sees("9.1.0", "Exploited: Exploited")


def test_a_finding_is_acknowledged_with_a_note(decided: None, analyst: Person, verify: Person) -> None:
    """ "Noted, we update on Thursday." """
    event, cve_id = unread_finding(analyst)
    analyst.pick("Events", event)
    analyst.press("Note")
    analyst.type("Update on Thursday", enter=True)
    analyst.sees("Note saved")
    analyst.press("Acknowledge")
    analyst.sees("1 vulnerability acknowledged")
    verify.go_to(cve_id, cve_id)
    verify.sees("Acknowledged", "Note: Update on Thursday")


def test_a_finding_is_ignored_until_next_month(decided: None, analyst: Person, verify: Person) -> None:
    """ "That service is switched off; ask me again next month." """
    event, cve_id = unread_finding(analyst)
    analyst.pick("Events", event)
    analyst.press("Ignore")
    analyst.type("Switched off")
    analyst.select("Ignore until", "for 30 days")
    analyst.enter()
    analyst.sees("1 vulnerability ignored")
    verify.go_to(cve_id, cve_id)
    verify.sees("Ignored", "Note: Switched off")


@pytest.fixture
def decided(api: ApiProcess) -> Iterator[None]:
    """What was decided is taken back afterwards."""
    client = api.client()
    unread = [event.id for event in client.inbox({"scope": "mine", "unread": "true", "page_size": 200}).items]
    yield
    for state in (FindingState.ACKNOWLEDGED, FindingState.IGNORED):
        found = client.findings({"state": state, "page_size": 500}).items
        client.change_findings([finding.id for finding in found], FindingChange(state=FindingState.OPEN))
    client.mark_events(unread, read=False)


def unread_finding(analyst: Person) -> tuple[str, str]:
    """The first unread event of something on this PC: its row and its id."""
    analyst.sees("Installed on this PC")
    row = next(row for row in analyst.rows("Events") if "Installed on this PC" in row and row.startswith("Unread"))
    return row, next(word.strip(".") for word in row.split() if word.startswith("CVE-"))


@pytest.fixture
def own_searches(api: ApiProcess) -> Iterator[None]:
    before = api.client().searches()
    api.client().change_searches(lambda _: SavedSearches())
    yield
    api.client().change_searches(lambda _: before)


def test_a_search_is_watched(own_searches: None, analyst: Person, verify: Person) -> None:
    """ "Tell me what happens about Ivanti from now on." """
    analyst.section("Vulnerabilities")
    analyst.press("Search")
    analyst.type("ivanti")
    analyst.sees(" vulnerabilities match")
    analyst.choose("Saved searches", "Save and watch this search…")
    analyst.type("Our Ivantis", enter=True)
    analyst.sees("“Our Ivantis” is saved and watched.")
    verify.section("Inbox")
    verify.finds("Events", "On the watchlist: Our Ivantis")


MAIL = """Hi, please check {0} and {1} first;
then https://nvd.nist.gov/vuln/detail/{2}, {3}
and ({4}).
Thanks!"""


@pytest.fixture
def five(api: ApiProcess) -> list[str]:
    return [item.cve_id for item in api.client().listed({"severity": "CRITICAL", "page_size": 5}).items]


@pytest.mark.parametrize(
    ("entry", "of_row"),
    [
        ("Copy all results as Markdown", lambda cve_id: f"| [{cve_id}](https://www.cve.org/CVERecord?id={cve_id}) |"),
        ("Copy all results as a table", lambda cve_id: f"{cve_id}\tCritical"),
    ],
)
def test_ids_of_a_mail_become_a_table(
    entry: str, of_row: Callable[[str], str], five: list[str], analyst: Person
) -> None:
    """ "Here are five ids; paste me a table of them into the ticket." """
    analyst.go_to(MAIL.format(*five), "List 5 pasted ID", pasted=True)
    analyst.sees("5 of 5 pasted IDs found")
    analyst.choose("Export", entry)
    analyst.sees("Copied 5 vulnerabilit")
    lines = QGuiApplication.clipboard().text().split("\n")
    assert all(any(line.startswith(of_row(cve_id)) for line in lines) for cve_id in five)
    assert "Title" in lines[0]


def test_what_of_mine_is_due(analyst: Person, api: ApiProcess, qtbot: QtBot) -> None:
    """ "Which of mine are due by CISA within two weeks?" """
    analyst.go_to("due", "Search: Mine, due within two weeks")
    analyst.choose("Columns", "Due")
    wanted = ids(api, mine="true", due_before=(TODAY + timedelta(days=15)).isoformat())
    assert DUE in wanted
    analyst.sees(f"{len(wanted)} of ")
    analyst.finds("Vulnerabilities", f"Due: {TODAY + timedelta(days=5)}")


def test_what_each_source_says(analyst: Person, api: ApiProcess) -> None:
    """ "What does each source say of this CVE, and why is it this title?" """
    cve_id = installed(api, "Chrome")
    analyst.go_to(cve_id, cve_id)
    analyst.open_tab("Sources")
    analyst.pick("What each source says", "Title")
    analyst.sees("✓ counts. Title: The CNA's title")


def test_a_weakness_is_found_by_its_name(analyst: Person, api: ApiProcess) -> None:
    """ "Which SQL injections do we know?" """
    analyst.section("Vulnerabilities")
    analyst.press("Filters")
    analyst.press("Weakness")
    analyst.type("sql injection", enter=True)
    analyst.sees("Remove CWE-89")
    analyst.leave()
    total = api.client().listed({"cwe": "CWE-89"}).total
    analyst.sees(f"{total} of ", "Remove filter: Weakness: CWE-89", "SQL injection in ")


NOTHING_FOUND = ("No matching vulnerabilities", "No vulnerability matches all filters.", "Clear all filters")


def test_words_that_find_nothing_are_answered_in_a_sentence(analyst: Person) -> None:
    analyst.go_to("zzyzx nonsense", "Search vulnerabilities for “zzyzx nonsense”")
    analyst.sees(*NOTHING_FOUND)
    analyst.press("Clear all filters")
    analyst.finds("Vulnerabilities", "CVE-")


def test_an_unknown_vendor_is_answered_in_a_sentence(analyst: Person) -> None:
    analyst.section("Vulnerabilities")
    analyst.press("Filters")
    analyst.type("No Such Company", enter=True)
    analyst.sees("Remove No Such Company")
    analyst.leave()
    analyst.sees("Remove filter: Vendor: No Such Company", *NOTHING_FOUND)


@pytest.mark.parametrize("text", ["\u202e=cmd|'/C calc'!A0 \x07", "%_\\\"'; --", "x" * 10_000])
def test_pasted_nonsense_is_answered_in_a_sentence(text: str, analyst: Person) -> None:
    analyst.section("Vulnerabilities")
    analyst.press("Search")
    analyst.paste(text)
    analyst.sees(*NOTHING_FOUND)


def test_pasted_ids_that_are_not_known_are_answered_in_a_sentence(analyst: Person) -> None:
    analyst.go_to("CVE-1999-9999 and\nCVE-1999-9998", "List 2 pasted ID", pasted=True)
    analyst.sees("0 of 2 pasted IDs found", "Not in the database")
