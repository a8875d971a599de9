"""What a run of the tests left out: the markers that were not selected, and what was skipped and whether that may be.

A skip whose reason is not in `allowed_skips.txt` is a failure: a test that quietly stops running protects nothing.
OPENTHREAT_TEST_SKIPS names a file that several runs share; each of them then ends with the list of all so far.
"""

from __future__ import annotations

import os
import re
import sys
from collections import Counter
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
FOLDERS = ("integration", "packaging", "system", "windows")
"""All tests below these have a marker of the same name."""
MARKERS = {*FOLDERS, "servers", "realdata", "docker", "full"}
SERVER_FIXTURES = {"postgres", "postgres_address", "postgres_url", "redis_server", "redis_url"}
_HANDED_OVER = "openthreat_deselected"


@dataclass(frozen=True)
class AllowedSkips:
    """reasons: regular expressions, each for the whole reason."""

    reasons: tuple[str, ...]

    @classmethod
    def read(cls, text: str, platform: str) -> AllowedSkips:
        """Each line has a platform, as `sys.platform` names it or `any`, and an expression; # begins a comment."""
        lines = [line.split(maxsplit=1) for line in text.splitlines() if line.strip() and not line.startswith("#")]
        return cls(tuple(reason for where, reason in lines if where in ("any", platform)))

    def allow(self, reason: str) -> bool:
        return any(re.fullmatch(allowed, reason) for allowed in self.reasons)


@dataclass(eq=False)  # pytest keeps plugins in sets
class Reckoning:
    """A pytest plugin. Under xdist the workers leave tests out, and the controller reports it."""

    allowed: AllowedSkips
    deselected: Counter[str] = field(default_factory=Counter)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            folder = item.path.relative_to(TESTS).parts[0]
            if folder in FOLDERS:
                item.add_marker(folder)
            if SERVER_FIXTURES.intersection(getattr(item, "fixturenames", ())):
                item.add_marker("servers")

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        self._refuse(report)
        return report

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_make_collect_report(self) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        report = yield
        self._refuse(report)
        return report

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        for item in items:
            markers = {mark.name for mark in item.iter_markers()} & MARKERS
            self.deselected[" ".join(sorted(markers)) or "others"] += 1

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: object) -> None:
        """Every worker collects, so all of them have left out the same."""
        self.deselected |= Counter(getattr(node, "workeroutput", {}).get(_HANDED_OVER, {}))

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if hasattr(session.config, "workeroutput"):
            session.config.workeroutput[_HANDED_OVER] = dict(self.deselected)

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        reports: list[pytest.TestReport] = terminalreporter.stats.get("skipped", [])
        if skipped := skipped_so_far([f"{report.nodeid}: {_reason(report)}" for report in reports]):
            terminalreporter.section("skipped, as allowed by tests/allowed_skips.txt")
            terminalreporter.write("".join(f"{line}\n" for line in skipped))
        if self.deselected:
            terminalreporter.section("not selected; -m selects by these markers")
            for markers, times in self.deselected.most_common():
                terminalreporter.line(f"{times:6} {markers}")

    def _refuse(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        if report.skipped and not hasattr(report, "wasxfail") and not self.allowed.allow(_reason(report)):
            report.outcome = "failed"
            report.longrepr = (
                f"{report.nodeid} was skipped, which tests/allowed_skips.txt does not allow: {_reason(report)}"
            )


def reckoning() -> Reckoning:
    text = (TESTS / "allowed_skips.txt").read_text(encoding="utf-8")
    return Reckoning(AllowedSkips.read(text, sys.platform))


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    """The reason that the skip gives."""
    where_and_why = report.longrepr
    why = where_and_why[2] if isinstance(where_and_why, tuple) else str(where_and_why)
    return why.removeprefix("Skipped: ")


def skipped_so_far(lines: list[str]) -> list[str]:
    """With those of the runs before, where they share a file."""
    if "OPENTHREAT_TEST_SKIPS" not in os.environ:
        return lines
    path = Path(os.environ["OPENTHREAT_TEST_SKIPS"])
    before = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    path.write_text("".join(f"{line}\n" for line in [*before, *lines]), encoding="utf-8")
    return [*before, *lines]
