"""The progress of a whole update: one share that never goes back, the time left, and several sources at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.connectors.connector import RecordPage
from backend.contract.errors import RunInterrupted, SourceError
from backend.contract.names import Source
from backend.contract.tasks import ProgressUnit, RunPhase
from backend.domain.claims import Feed
from backend.services.update.progress import Part, SourceRun, Stage, StageRun, UpdateProgress, parts_of
from backend.services.update.side_by_side import SideBySide
from tests.fakes.sources import CountingRun

CISA, NVD = Source.CISA, Source.NVD
PARTS = parts_of({CISA: False, NVD: False})
DURATIONS = {part.key: seconds for part, seconds in zip(PARTS, (10, 10, 20, 40, 10, 10), strict=True)}


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def run() -> CountingRun:
    return CountingRun()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def whole(run: CountingRun, clock: Clock) -> UpdateProgress:
    return UpdateProgress(run, PARTS, DURATIONS, clock)


def test_parts_weigh_as_much_as_they_took(run: CountingRun, whole: UpdateProgress) -> None:
    for part, share in zip(PARTS, (0.1, 0.2, 0.4, 0.8, 0.9, 1.0), strict=True):
        whole.begin(part)
        whole.reach(part, 1.0)
        assert run.shares[-1][0] == pytest.approx(share)


def test_a_first_load_is_weighed_by_first_loads(run: CountingRun) -> None:
    first = Part(Stage.READ, NVD, first=True)
    assert first.key != Part(Stage.READ, NVD).key
    whole = UpdateProgress(run, parts_of({CISA: False, NVD: True}), {})
    whole.reach(first, 1.0)
    assert run.shares[-1][0] > 0.4, "without earlier runs, by what is usual"


@given(st.lists(st.tuples(st.sampled_from(PARTS), st.floats(0, 2)), max_size=40))
def test_the_share_never_goes_back_and_never_beyond_the_end(reports: list[tuple[Part, float]]) -> None:
    run = CountingRun()
    whole = UpdateProgress(run, PARTS, DURATIONS, Clock())
    for part, share in reports:
        whole.reach(part, share)
    shares = [share for share, _ in run.shares]
    assert shares == sorted(shares)
    assert all(0 <= share <= 1 for share in shares)


def test_the_time_left_is_what_the_last_runs_took_at_the_pace_of_this_one(
    run: CountingRun, whole: UpdateProgress, clock: Clock
) -> None:
    whole.reach(PARTS[0], 0.1)
    assert run.shares[-1][1] == pytest.approx(99), "too early to judge the pace"
    clock.now = 40.0  # twice as long as these two parts usually take
    whole.reach(PARTS[0], 1.0)
    whole.reach(PARTS[1], 1.0)
    assert run.shares[-1][1] == pytest.approx(160)


def test_without_earlier_runs_the_time_left_is_extrapolated(run: CountingRun, clock: Clock) -> None:
    whole = UpdateProgress(run, PARTS, {}, clock)
    whole.reach(PARTS[0], 0.5)
    assert run.shares[-1][1] is None
    clock.now = 30.0
    for part in PARTS[:4]:
        whole.reach(part, 1.0)
    share, left = run.shares[-1]
    assert left == pytest.approx(30 * (1 - share) / share)


def test_only_the_time_that_is_spent_on_a_part_counts(whole: UpdateProgress, clock: Clock) -> None:
    for part, seconds in ((PARTS[0], 3), (PARTS[2], 1), (PARTS[0], 2), (PARTS[1], 4)):
        whole.begin(part)
        clock.now += seconds
    whole.stop()
    assert whole.taken == {PARTS[0]: 5, PARTS[1]: 4, PARTS[2]: 1}


def test_a_source_is_shown_while_it_has_its_turn_and_always_in_its_own_entry(
    run: CountingRun, whole: UpdateProgress
) -> None:
    cisa, nvd = (SourceRun(run, whole, source, first=False) for source in (CISA, NVD))
    whole.begin(cisa.reading)
    nvd.progress(RunPhase.DOWNLOADING, 5, 10, "NVD", ProgressUnit.BYTES)
    cisa.progress(RunPhase.READING, 1, 4, "CISA KEV")
    assert run.phases == [(RunPhase.READING, "CISA KEV")]
    assert run.sources[NVD]["done"] == 5
    assert run.sources[CISA]["phase"] is RunPhase.READING


def test_parts_of_a_source_count_by_the_share_that_it_states(run: CountingRun, whole: UpdateProgress) -> None:
    nvd = SourceRun(run, whole, NVD, first=False)
    nvd.progress(RunPhase.READING, 100, 100, "NVD 2002", share=0.1)
    small = run.shares[-1][0]
    nvd.progress(RunPhase.READING, 1, 100, "NVD 2003", share=0.5)
    assert small < 0.05 < run.shares[-1][0]


def test_the_work_after_the_sources_moves_on_too(run: CountingRun, whole: UpdateProgress) -> None:
    merge = StageRun(run, whole, PARTS[-2])
    merge.progress(RunPhase.MERGING, 1, 2)
    merge.progress(RunPhase.INDEXING, 0, None)
    assert run.shares[-1][0] == pytest.approx(0.0475)
    assert run.phases[-1][0] is RunPhase.INDEXING


def test_what_is_in_the_way_is_said_at_once_and_taken_back(run: CountingRun, whole: UpdateProgress) -> None:
    cisa = SourceRun(run, whole, CISA, first=False)
    cisa.trouble("www.cisa.gov did not answer in time.")
    assert run.sources[CISA]["trouble"] == "www.cisa.gov did not answer in time."
    cisa.trouble("")
    assert run.sources[CISA]["trouble"] == ""


def test_what_still_fetches_when_the_update_ends_is_stopped(run: CountingRun, whole: UpdateProgress) -> None:
    cisa = SourceRun(run, whole, CISA, first=False)
    cisa.checkpoint()
    whole.stop()
    with pytest.raises(RunInterrupted):
        cisa.sleep(1)


def page(cursor: bytes) -> RecordPage:
    return RecordPage(Feed.KEV, (), cursor)


def test_all_sources_are_asked_at_once_and_read_in_their_order(run: CountingRun) -> None:
    barrier, main = threading.Barrier(3, timeout=30), threading.get_ident()

    def reading(source: Source) -> Iterator[RecordPage]:
        assert threading.get_ident() != main
        barrier.wait()
        yield page(b"1")
        assert threading.get_ident() == main, "further pages are read by the one who writes"
        yield page(b"2")

    readings = {source: lambda source=source: reading(source) for source in (CISA, NVD, Source.EUVD)}
    waited: list[Source] = []
    with SideBySide(run, readings, waited.append) as sources:
        read = [(source, [page.cursor for page in pages]) for source, pages in sources]
    assert read == [(source, [b"1", b"2"]) for source in (CISA, NVD, Source.EUVD)]
    assert waited == [CISA, NVD, Source.EUVD]


def test_who_does_not_answer_keeps_nobody_waiting(run: CountingRun) -> None:
    silence = threading.Event()

    def silent() -> Iterator[RecordPage]:
        silence.wait(30)
        raise SourceError("CISA cannot be reached")
        yield page(b"")

    read: list[Source] = []
    with SideBySide(run, {CISA: silent, NVD: lambda: iter([page(b"1")])}, lambda _: None) as sources:
        for source, pages in sources:
            read.append(source)
            if source is NVD:
                assert [page.cursor for page in pages] == [b"1"]
                silence.set()
            else:
                with pytest.raises(SourceError, match="cannot be reached"):
                    list(pages)
    assert read == [NVD, CISA]


def test_waiting_ends_with_the_run() -> None:
    silence = threading.Event()

    def silent() -> Iterator[RecordPage]:
        silence.wait(30)
        yield page(b"")

    stopping = CountingRun(stop_after=2, stop_with=RunInterrupted("stopping"))
    try:
        with pytest.raises(RunInterrupted), SideBySide(stopping, {CISA: silent}, lambda _: None) as sources:
            next(iter(sources))
    finally:
        silence.set()
