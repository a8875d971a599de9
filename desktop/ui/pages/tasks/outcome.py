"""What a run says of each source: in its result when it is over, in its progress until then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from pydantic import ValidationError

from backend.contract.formatting import sentences
from backend.contract.names import UPDATE_TASKS, Source
from backend.contract.problems import Problem, Weight, failure
from backend.contract.tasks import OutcomeState, SourceProgress, SourceResult, TaskRun, UpdateResult
from desktop.ui.formatting import number, one_line, translate


@dataclass(frozen=True)
class SourceFacts:
    """state: "waiting", "running", or an OutcomeState. result: as far as it has come."""

    state: str
    result: SourceResult


def source_facts(run: TaskRun) -> Mapping[Source, SourceFacts]:
    """Empty where the run has nothing to do with sources, or a newer version wrote what this one cannot read."""
    if run.result is None:
        return {source: _facts_of(told) for source, told in run.progress.sources.items()}
    result = _update_result(run)
    return {source: SourceFacts(told.state, told) for source, told in result.sources.items()} if result else {}


def came_of(run: TaskRun) -> str:
    """ "3 new, 140 changed": vulnerabilities. Until the run is over, how many records it has read; else empty."""
    result = _update_result(run)
    if result is None:
        read = sum(facts.result.seen for facts in source_facts(run).values())
        return _read_words(read) if read else ""
    if result.new_vulnerabilities is None or result.changed_vulnerabilities is None:
        return _read_words(result.records_seen)
    words = (
        translate("runs", "{0} new").format(number(result.new_vulnerabilities)),
        translate("runs", "{0} changed").format(number(result.changed_vulnerabilities)),
    )
    return ", ".join(words)


def _read_words(records: int) -> str:
    return translate("runs", "{0} records read").format(number(records))


def is_degraded(run: TaskRun) -> bool:
    """It succeeded, but not for every source."""
    result = _update_result(run)
    return result is not None and result.status is OutcomeState.DEGRADED


def problem_of(run: TaskRun) -> Problem | None:
    """Why it failed; of one that succeeded, what the sources say that did not."""
    if run.error is not None:
        return replace(run.error.problem, weight=Weight.ERROR, remedies=())
    said = {source: facts.result.error for source, facts in source_facts(run).items() if facts.result.error}
    if not said:
        return None
    names = ", ".join(source.upper() for source in said)
    reasons = sentences(*(str(error) for error in said.values()))
    title, hint = translate("runs", "Not read: {0}").format(names), next(iter(said.values())).hint
    return failure(title, reasons, hint, weight=Weight.ATTENTION)


def problem_lines(sources: Mapping[Source, SourceFacts]) -> list[str]:
    """The examples that the run kept of records it could not take in as they are."""
    return [
        f"{source.upper()}  {one_line(problem.record)}: {one_line(problem.reason)}"
        for source, facts in sources.items()
        for problem in facts.result.problems
    ]


def _update_result(run: TaskRun) -> UpdateResult | None:
    if run.result is None or run.name not in UPDATE_TASKS:
        return None
    try:
        return UpdateResult.model_validate(run.result)
    except ValidationError:
        return None


def _facts_of(told: SourceProgress) -> SourceFacts:
    """Progress tells the same counts, under a state of its own."""
    try:
        return SourceFacts(told.state, SourceResult.model_validate({**told.model_dump(), "state": OutcomeState.OK}))
    except ValidationError:
        return SourceFacts(told.state, SourceResult(state=OutcomeState.OK))
