"""The messages of `openthreat doctor` and `openthreat selftest`: the results of their checks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum

from pydantic import Field

from backend.contract.problem_catalogue import ProblemId, Remedy, Weight
from backend.contract.problems import Problem, failure, problem
from backend.contract.wire import Wire


class CheckState(StrEnum):
    OK = "ok"
    WARNING = "warning"  # works, but with a fault or only for a limited time
    PROBLEM = "problem"


class CheckResult(Wire):
    """The result of one check of `openthreat doctor` or `openthreat selftest`. `id` is empty if it passed."""

    name: str
    state: CheckState
    id: str = ""  # a ProblemId
    title: str
    message: str = ""
    remedy: str = ""  # what a person can do
    action: str = ""  # a Remedy
    service: str = ""  # concerned: "api", "beat", "worker-slow", or "worker" for all workers
    parameters: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def of(cls, name: str, found: Problem) -> CheckResult:
        return cls(
            name=name,
            state=CheckState.PROBLEM if found.weight >= Weight.WARNING else CheckState.WARNING,
            id=found.id,
            title=found.title,
            message=found.message,
            remedy=found.advice,
            action=found.remedies[0] if found.remedies else "",
            service=found.service,
            parameters=dict(found.parameters),
        )

    @property
    def problem(self) -> Problem | None:
        """The problem; None if the check passed. Of an id unknown to this version, the texts are kept."""
        if self.state is CheckState.OK:
            return None
        remedies = (Remedy(self.action),) if self.action in list(Remedy) else ()
        weight = Weight.WARNING if self.state is CheckState.PROBLEM else Weight.ATTENTION
        if self.id not in list(ProblemId):
            found = failure(self.title, self.message, self.remedy, remedies)
        else:
            found = problem(ProblemId(self.id), self.parameters, remedies=remedies)
            weight = max(weight, found.weight)
        return replace(found, weight=weight, service=self.service)


class Diagnosis(Wire):
    healthy: bool
    findings: tuple[CheckResult, ...]

    @classmethod
    def of(cls, findings: Sequence[CheckResult]) -> Diagnosis:
        return cls(healthy=all(finding.state is CheckState.OK for finding in findings), findings=tuple(findings))
