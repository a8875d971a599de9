"""Problems: one thing each that is wrong now, described by its id of the catalogue."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import JsonValue

from backend.contract.formatting import sentences
from backend.contract.names import service_title
from backend.contract.problem_catalogue import AFFECTED, CATALOGUE, Outlook, Place, ProblemId, Remedy, Weight


class _Parameters(dict[str, str]):
    """Parameters of a template. Missing ones, as in data of an older version, become empty text."""

    def __missing__(self, key: str) -> str:
        return ""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong now.

    Args:
        parameters: The parameters of the id's templates. `title`, `message` and `hint` replace the template itself by
            the text of an error.
        service: Name of the service that has it; "worker" for all workers.
        sources: The sources that have it.
        task: Name of the task whose runs failed; UPDATE for any kind of update.
        occurrences: Identify the single occurrences, such as ids of failed runs, newest first.
        affects: Names of what does not work as a consequence.
        details: Further text, such as the last lines of a log.
    """

    id: ProblemId
    weight: Weight
    remedies: tuple[Remedy, ...] = ()
    outlook: Outlook = Outlook.BY_HAND
    parameters: Mapping[str, str] = field(default_factory=dict)
    service: str = ""
    sources: tuple[str, ...] = ()
    task: str = ""
    occurrences: tuple[str, ...] = ()
    affects: tuple[str, ...] = ()
    details: str = ""

    @property
    def title(self) -> str:
        return self.text("title")

    @property
    def message(self) -> str:
        return self.text("message")

    @property
    def hint(self) -> str:
        return self.text("hint")

    @property
    def advice(self) -> str:
        """The hint for terminals, with what to type; an error's own hint stands alone."""
        return self.hint if "hint" in self.parameters else sentences(self.hint, self.text("command"))

    @property
    def place(self) -> Place:
        return CATALOGUE[self.id].place

    @property
    def causes(self) -> tuple[str, ...]:
        """The keys by which problems are recognised as the same: each cause is reported once."""
        if self.task:
            return (f"run:{self.task}",)
        if self.sources:
            return tuple(f"source:{source}" for source in self.sources)
        return (f"service:{self.service}",) if self.service else (self.id.value,)

    def text(self, part: str, translated: Callable[[str], str] = str, words: Mapping[str, str] | None = None) -> str:
        """Return one of its texts.

        Args:
            part: "title", "message", "hint", "command" or "resolved".
            translated: Translates a template, and the parameters: what an error says.
            words: Translated parameters, which replace the problem's own.
        """
        if part in self.parameters:
            text = translated(self.parameters[part])
        else:
            template: str = getattr(CATALOGUE[self.id], part)
            values = {"service": service_title(self.service)} if self.service else {}
            values = {name: translated(value) for name, value in {**values, **self.parameters}.items()}
            text = translated(template).format_map(_Parameters({**values, **(words or {})}))
        if part == "message" and self.affects:
            names = ", ".join(translated(name) for name in self.affects)
            text = sentences(text, translated(AFFECTED).format(names=names))
        return text.strip()

    def __str__(self) -> str:
        return f"{self.title}: {self.message}" if self.message else self.title


def described(found: Problem) -> dict[str, JsonValue]:
    """Return the problem as JSON for other programs."""
    return {
        "id": found.id,
        "weight": found.weight.word,
        "title": found.title,
        "message": found.message,
        "hint": found.hint,
        "remedies": list(found.remedies),
        "details": found.details,
    }


UPDATE = "update"
"""Problem.task of every update, scheduled or requested."""


def problem(
    problem_id: ProblemId,
    parameters: Mapping[str, str] | None = None,
    *,
    weight: Weight | None = None,
    remedies: tuple[Remedy, ...] | None = None,
    service: str = "",
    details: str = "",
) -> Problem:
    """Make a problem with the weight, remedies and texts of its id.

    Args:
        parameters: The parameters of the templates.
        weight: Replaces the weight of the id.
        remedies: Replace the remedies of the id.
        service: Name of the service that has it.
        details: Further text, such as the last lines of a log.
    """
    kind = CATALOGUE[problem_id]
    return Problem(
        problem_id,
        kind.weight if weight is None else weight,
        kind.remedies if remedies is None else remedies,
        kind.outlook,
        parameters or {},
        service=service,
        details=details,
    )


def failure(
    title: str,
    message: str = "",
    hint: str = "",
    remedies: tuple[Remedy, ...] | None = None,
    problem_id: ProblemId = ProblemId.ACTION_FAILED,
    *,
    weight: Weight | None = None,
) -> Problem:
    """Make a problem with the texts of an error."""
    return problem(problem_id, {"title": title, "message": message, "hint": hint}, weight=weight, remedies=remedies)


_LINE_END = re.compile(r" \[([a-z-]+)\]$")


def with_problem_id(line: str, problem_id: ProblemId) -> str:
    """Append the id to the last line of a failing process, from which the supervisor reads it."""
    return line if problem_id is ProblemId.ACTION_FAILED else f"{line} [{problem_id}]"


def without_problem_id(line: str) -> str:
    return _LINE_END.sub("", line)


def problem_id_in(output: str) -> ProblemId:
    """Return the id that the last line of an output names; ACTION_FAILED if it names none."""
    found = _LINE_END.search(output)
    return ProblemId(found[1]) if found and found[1] in list(ProblemId) else ProblemId.ACTION_FAILED


_COMMON = {
    ProblemId.SOURCE_UNREACHABLE: ProblemId.NETWORK_AWAY,
    ProblemId.PROXY_REFUSES: ProblemId.PROXY_REFUSES,
    ProblemId.CERTIFICATE_UNTRUSTED: ProblemId.CERTIFICATE_UNTRUSTED,
    ProblemId.DISK_FULL: ProblemId.DISK_FULL,
}
COMMON_CAUSES = frozenset(_COMMON.values())
"""What may explain that every source fails."""


def common_cause(ids: Sequence[ProblemId]) -> ProblemId | None:
    """Return the problem that explains why all sources fail.

    Args:
        ids: The problem of each enabled source.

    Returns:
        None if they fail for different reasons, or for one that does not concern all sources.
    """
    return _COMMON.get(ids[0]) if len(ids) > 1 and len(set(ids)) == 1 else None
