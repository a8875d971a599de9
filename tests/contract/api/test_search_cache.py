"""Search results are cached until the next update."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from backend.contract.names import RunState, TaskName, Trigger
from backend.services.query.search_cache import KIND, MIN_CACHED_TOTAL
from backend.services.runs.queue import new_run
from backend.store.repositories.runs import RunOutcome, RunRepository
from backend.store.tables import caches
from tests.contract.api.conftest import Stage
from tests.fakes.vulnerabilities import put_vulnerabilities, vulnerability
from tests.servers import wait_until

COMMON = MIN_CACHED_TOTAL + 20


def store(stage: Stage, first: int, count: int) -> None:
    rows = [(vulnerability(f"CVE-2024-{number}", title="A common flaw"), 0.5) for number in range(first, first + count)]
    with stage.database.transaction() as connection:
        put_vulnerabilities(connection, rows, stage.now)


def begin_update(stage: Stage) -> str:
    stage.now += timedelta(minutes=1)
    run = new_run(TaskName.UPDATE, Trigger.API, stage.now)
    with stage.database.transaction() as connection:
        assert RunRepository(connection).add(run)
    return run.task_id


def end_update(stage: Stage, task_id: str) -> None:
    with stage.database.transaction() as connection:
        runs = RunRepository(connection)
        hold = runs.claim(task_id, "slow@here:1", stage.now)
        assert hold is not None
        assert runs.finish(hold, RunOutcome(RunState.SUCCESS, "{}"), stage.now)


def stored_answers(stage: Stage) -> list[str]:
    with stage.database.reading() as connection:
        return list(connection.execute(select(caches.c.value).where(caches.c.kind == KIND)).scalars())


def found(stage: Stage, text: str = "common") -> object:
    return stage.get("/vulnerabilities", search=text)["total"]


def test_a_kept_answer_is_given_again_until_the_next_update_ends(stage: Stage) -> None:
    store(stage, 1000, COMMON)
    end_update(stage, begin_update(stage))
    first = stage.get("/vulnerabilities", search="common", page_size=10)
    wait_until(lambda: len(stored_answers(stage)) == 1, "the answer is kept")
    store(stage, 5000, 7)  # unlike an update, this does not invalidate the cache
    assert stage.get("/vulnerabilities", search="common", page_size=10) == first
    end_update(stage, begin_update(stage))
    assert found(stage) == COMMON + 7


def test_while_an_update_runs_nothing_is_kept_or_taken_for_true(stage: Stage) -> None:
    store(stage, 1000, COMMON)
    begin_update(stage)
    assert found(stage) == COMMON
    store(stage, 5000, 7)
    assert found(stage) == COMMON + 7
    assert stored_answers(stage) == []


def test_what_is_found_fast_is_not_kept(stage: Stage) -> None:
    store(stage, 1000, COMMON)
    end_update(stage, begin_update(stage))
    assert found(stage, "cve-2024-1001") == 1
    assert found(stage) == COMMON
    wait_until(lambda: len(stored_answers(stage)) == 1, "only the long answer is kept")


def test_other_questions_have_other_answers(stage: Stage) -> None:
    store(stage, 1000, COMMON)
    end_update(stage, begin_update(stage))
    pages = [stage.get("/vulnerabilities", search="common", page=page, page_size=50)["items"] for page in (1, 2)]
    wait_until(lambda: len(stored_answers(stage)) == 2, "both pages are kept")
    again = [stage.get("/vulnerabilities", search="common", page=page, page_size=50)["items"] for page in (1, 2)]
    assert again == pages
    assert pages[0] != pages[1]
