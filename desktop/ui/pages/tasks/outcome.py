"""What a run did with each source: from its result, or from its progress while it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from pydantic import ValidationError

from backend.contract.formatting import sentences
from backend.contract.names import UPDATE_TASKS, Source
from backend.contract.problem_catalogue import Weight
from backend.contract.problems import Problem, failure
from backend.contract.tasks import OutcomeState, SourceProgress, SourceResult, TaskRun, UpdateResult
from desktop.ui.formatting import number, one_line, translate
from desktop.ui.widgets.problem_texts import problem_hint, problem_line


@dataclass(frozen=True)
class SourceFacts:
    """state: "waiting", "running", or an OutcomeState. result: the counts so far; trouble: why it is asked again."""

    state: str
    result: SourceResult
    trouble: str = ""


def source_facts(run: TaskRun) -> Mapping[Source, SourceFacts]:
    """Return the facts by source; empty for other tasks and for results of a newer version."""
    if run.result is None:
        return {source: _facts_of(progress) for source, progress in run.progress.sources.items()}
    update = _update_result(run)
    return {source: SourceFacts(result.state, result) for source, result in update.sources.items()} if update else {}


def counts_of(run: TaskRun) -> str:
    """Give "3 new, 140 changed" for vulnerabilities, the records read while the run goes on, or an empty string."""
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
    """Whether the run succeeded, but not for every source."""
    result = _update_result(run)
    return result is not None and result.status is OutcomeState.DEGRADED


def problem_of(run: TaskRun) -> Problem | None:
    """Return why the run failed, or why single sources failed in a run that succeeded."""
    if run.error is not None:
        return replace(run.error.problem, weight=Weight.ERROR, remedies=())
    errors = {source: facts.result.error for source, facts in source_facts(run).items() if facts.result.error}
    if not errors:
        return None
    names = ", ".join(source.upper() for source in errors)
    reasons = sentences(*(problem_line(error.problem) for error in errors.values()))
    title = translate("runs", "{0} could not be updated").format(names)
    hint = problem_hint(next(iter(errors.values())).problem)
    return failure(title, reasons, hint, weight=Weight.ATTENTION)


def problem_lines(sources: Mapping[Source, SourceFacts]) -> list[str]:
    """Return one line for each example of a record that was corrected or skipped."""
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


def _facts_of(progress: SourceProgress) -> SourceFacts:
    """Progress has the counts of a result, but other states."""
    try:
        return SourceFacts(
            progress.state,
            SourceResult.model_validate({**progress.model_dump(), "state": OutcomeState.OK}),
            progress.trouble,
        )
    except ValidationError:
        return SourceFacts(progress.state, SourceResult(state=OutcomeState.OK), progress.trouble)
