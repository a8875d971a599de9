"""The catalogue of problems is whole, and ARCHITECTURE.md shows it."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from backend.contract.data_problems import data_problems
from backend.contract.diagnosis import CheckResult, CheckState
from backend.contract.errors import ErrorFields, OpenThreatError, SourceUnreachable, StoreFull
from backend.contract.names import SERVICE_TITLES, Source
from backend.contract.problem_catalogue import CATALOGUE, ProblemId, Remedy, Weight
from backend.contract.problems import common_cause, failure, problem, problem_id_in, with_problem_id, without_problem_id
from backend.contract.schedule import SchedulePause
from backend.contract.sources import SourceState, SourceStatus

ARCHITECTURE = Path(__file__).parents[3] / "ARCHITECTURE.md"


def table() -> list[str]:
    """As it stands in ARCHITECTURE.md. Parameters are in braces, as in the sentences."""
    rows = ["| id | meaning | weight | remedies |", "|---|---|---|---|"]
    for problem_id, kind in CATALOGUE.items():
        remedies = ", ".join(kind.remedies) or kind.hint
        rows.append(f"| `{problem_id}` | {kind.title} | {kind.weight.word} | {remedies} |")
    return rows


def test_every_id_has_its_sentences() -> None:
    assert list(CATALOGUE) == list(ProblemId)
    assert all(kind.title for kind in CATALOGUE.values())


def test_only_terminals_say_what_to_type() -> None:
    """The windows show a hint beside buttons; who reads them may have no terminal."""
    assert [kind.title for kind in CATALOGUE.values() if "`" in kind.hint] == []
    found = problem(ProblemId.QUEUE_UNSERVED, {"queue": "slow"}, service="worker-slow")
    assert found.hint == ""
    assert "`openthreat worker -Q slow`" in found.advice
    assert "`openthreat worker -Q slow`" in CheckResult.of("workers", found).remedy
    chosen = problem(ProblemId.QUEUE_UNSERVED, {"queue": "slow", "hint": ""}, service="worker-slow")
    assert chosen.advice == ""


def test_services_have_one_name_for_people() -> None:
    words = "worker|beat|stack|celery|queue"
    assert [title for title in SERVICE_TITLES.values() if re.search(words, title, re.IGNORECASE)] == []
    assert problem(ProblemId.SERVICE_ENDED, service="beat").title == "The Schedule service ended unexpectedly"
    assert problem(ProblemId.SERVICE_ENDED, service="worker-other").title == (
        "The worker-other service ended unexpectedly"
    )
    of_others = [kind.title for kind in CATALOGUE.values() if re.search(r"\b(workers?|beat)\b", kind.title)]
    assert of_others == []


def test_architecture_has_the_table_of_all_problems() -> None:
    """If not: put the rows of `table()` between the marks."""
    text = ARCHITECTURE.read_text(encoding="utf-8")
    between = text.partition("<!-- problems -->\n")[2].partition("<!-- /problems -->")[0]
    assert between.splitlines() == table()


@pytest.mark.parametrize("problem_id", ProblemId)
def test_templates_have_named_parameters_only(problem_id: ProblemId) -> None:
    kind = CATALOGUE[problem_id]
    for text in (kind.title, kind.message, kind.hint, kind.resolved):
        for _, name, format_spec, _ in string.Formatter().parse(text):
            assert name is None or name.isidentifier()
            assert not format_spec


def test_a_translation_takes_the_template_and_the_parameters_apart() -> None:
    found = problem(ProblemId.API_PORT_TAKEN, {"port": "8001", "holder": "python3"})
    templates = list[str]()

    def translated(template: str) -> str:
        templates.append(template)
        return template.replace("is taken", "ist belegt")

    assert found.title == "Port 8001 is taken"
    assert found.text("title", translated) == "Port 8001 ist belegt"
    assert found.text("message", translated, {"holder": "ein Programm"}) == "ein Programm listens there."
    assert {"Port {port} is taken", "{holder} listens there.", "python3"} <= set(templates)


def test_parameters_of_an_older_version_leave_gaps_and_break_nothing() -> None:
    assert problem(ProblemId.API_PORT_TAKEN).title == "Port  is taken"


def test_an_error_keeps_its_words_and_has_the_weight_of_its_id() -> None:
    error = StoreFull("The database server's disk is full", "No space left.", "Free some space.")
    assert (error.problem.id, error.problem.weight) == (ProblemId.DISK_FULL, Weight.ERROR)
    assert (error.problem.title, error.problem.message) == ("The database server's disk is full", "No space left.")
    assert error.fields.problem == error.problem
    assert OpenThreatError("No").problem == failure("No")
    assert SourceUnreachable("NVD cannot be reached").problem.id is ProblemId.SOURCE_UNREACHABLE
    assert ErrorFields(title="Of a newer version", id="unheard-of").problem.id is ProblemId.ACTION_FAILED


def test_a_finding_is_a_problem_again_on_the_other_side() -> None:
    found = problem(ProblemId.QUEUE_UNSERVED, {"queue": "slow"}, service="worker-slow")
    finding = CheckResult.model_validate_json(CheckResult.of("workers", found).model_dump_json())
    assert (finding.state, finding.id, finding.action) == (CheckState.PROBLEM, "queue-unserved", "restart-service")
    assert finding.problem == found
    stranger = CheckResult(name="x", state=CheckState.WARNING, id="unheard-of", title="Odd", action="fly")
    assert stranger.problem == failure("Odd", remedies=(), weight=Weight.ATTENTION)


def test_only_what_all_sources_share_explains_them() -> None:
    away = ProblemId.SOURCE_UNREACHABLE
    assert common_cause([away, away]) is ProblemId.NETWORK_AWAY
    assert common_cause([away]) is None
    assert common_cause([away, ProblemId.SOURCE_FAILED]) is None
    assert common_cause([ProblemId.SOURCE_FAILED, ProblemId.SOURCE_FAILED]) is None
    assert common_cause([]) is None


@pytest.mark.parametrize("cause", [ProblemId.PROXY_REFUSES, ProblemId.CERTIFICATE_UNTRUSTED])
def test_what_refuses_on_the_way_explains_all_sources_with_the_way_to_mend_it(cause: ProblemId) -> None:
    error = ErrorFields(
        title="X cannot be reached", message="The proxy p:1 requires a user.", hint="Enter it.", id=cause
    )
    sources = [
        SourceStatus(name=source, enabled=True, records=1, state=SourceState.DEGRADED, failures=1, last_error=error)
        for source in Source
    ]
    [found] = data_problems(sources, [], [], SchedulePause())
    assert (found.id, found.message.startswith("The proxy p:1 requires a user.")) == (cause, True)
    assert found.remedies[0] is Remedy.OPEN_NETWORK_SETTINGS


def test_the_last_line_of_a_process_names_the_problem() -> None:
    line = with_problem_id("The database is damaged: x.", ProblemId.DATABASE_DAMAGED)
    assert problem_id_in(f"Traceback\n{line}") is ProblemId.DATABASE_DAMAGED
    assert without_problem_id(line) == "The database is damaged: x."
    assert with_problem_id("No.", ProblemId.ACTION_FAILED) == "No."
    assert problem_id_in("all [1] good [nonsense]") is ProblemId.ACTION_FAILED


def test_remedies_of_all_problems_are_known_to_be_unique() -> None:
    for kind in CATALOGUE.values():
        assert len(set(kind.remedies)) == len(kind.remedies)
        assert set(kind.remedies) <= set(Remedy)
