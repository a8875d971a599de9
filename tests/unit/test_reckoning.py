"""Checks of the test gates: skips that are not allowed are failures, and every marker is selected by some gate."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests import reckoning
from tests.reckoning import MARKERS, AllowedSkips, Reckoning

ROOT = Path(__file__).resolve().parents[2]
LISTED = """
# a comment
any    no \\w+ here
linux  asks Windows itself
win32  signals
"""


def report_of(outcome: str, reason: str) -> pytest.TestReport:
    where_and_why = ("tests/some.py", 7, f"Skipped: {reason}")
    return pytest.TestReport("tests/some.py::test", ("some.py", 7, "test"), {}, outcome, where_and_why, "setup")


def judged(report: pytest.TestReport, allowed: AllowedSkips) -> pytest.TestReport:
    hook = Reckoning(allowed).pytest_runtest_makereport()
    next(hook)
    with pytest.raises(StopIteration) as ended:
        hook.send(report)
    judged: pytest.TestReport = ended.value.value
    return judged


@pytest.mark.parametrize(
    ("platform", "reason", "allowed"),
    [
        ("linux", "no feeds here", True),
        ("linux", "there are no feeds here", False),
        ("linux", "no feeds here or there", False),
        ("linux", "asks Windows itself", True),
        ("win32", "asks Windows itself", False),
        ("win32", "signals", True),
        ("linux", "", False),
    ],
)
def test_a_reason_is_allowed_as_a_whole_and_on_its_platform(platform: str, reason: str, allowed: bool) -> None:
    assert AllowedSkips.read(LISTED, platform).allow(reason) is allowed


def test_a_skip_that_is_not_allowed_is_a_failure_that_names_its_reason() -> None:
    report = judged(report_of("skipped", "not today"), AllowedSkips(("no feeds",)))
    assert report.failed
    assert "not today" in str(report.longrepr)


def test_other_reports_stay_what_they_are() -> None:
    nothing = AllowedSkips(())
    assert judged(report_of("skipped", "no feeds"), AllowedSkips(("no feeds",))).skipped
    assert judged(report_of("passed", ""), nothing).passed
    expected = report_of("skipped", "a known fault")
    expected.wasxfail = "a known fault"
    assert judged(expected, nothing).skipped


@pytest.mark.parametrize("platform", ["linux", "win32"])
def test_the_list_can_be_read(platform: str) -> None:
    text = (reckoning.TESTS / "allowed_skips.txt").read_text(encoding="utf-8")
    reasons = AllowedSkips.read(text, platform).reasons
    assert reasons
    assert all(re.compile(reason) for reason in reasons)


def test_runs_that_share_a_file_end_with_what_all_of_them_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENTHREAT_TEST_SKIPS", str(tmp_path / "skips"))
    assert reckoning.skipped_so_far(["a: no screen"]) == ["a: no screen"]
    assert reckoning.skipped_so_far(["b: no feeds"]) == ["a: no screen", "b: no feeds"]


def test_what_plain_pytest_leaves_out_is_what_the_gates_ask_for() -> None:
    options = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pytest"]["ini_options"]
    assert {line.partition(":")[0] for line in options["markers"]} == MARKERS
    assert f"not ({' or '.join(words(options['addopts'][-1]))})" == options["addopts"][-1]
    assert set(words(options["addopts"][-1])) == MARKERS
    gate = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    selected = re.search(r'-m "not full and \((.*)\)"$', gate.rstrip())
    assert selected
    assert set(words(selected[1])) == MARKERS - {"full"}
    full = (ROOT / ".ci" / "full").read_text(encoding="utf-8")
    assert re.findall(r"pytest .*-m (\S+)", full) == ['""']


def test_the_tests_of_a_group_run_one_after_the_other(tmp_path: Path) -> None:
    """The versions of pytest and pytest-xdist have to fit: the tests of one engine must not stop it for each other."""
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    (tmp_path / "test_some.py").write_text(
        "import os, pathlib, pytest\n"
        "@pytest.mark.xdist_group('one')\n"
        "@pytest.mark.parametrize('number', range(8))\n"
        "def test_it(number):\n"
        "    (pathlib.Path(__file__).parent / os.environ['PYTEST_XDIST_WORKER']).touch()\n",
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "pytest", "-n", "2", "--dist=loadgroup", "-p", "no:cacheprovider", str(tmp_path)]
    bare = {name: text for name, text in os.environ.items() if not name.startswith("PYTEST_")}
    subprocess.run(command, cwd=tmp_path, env=bare, check=True, capture_output=True)
    assert len(list(tmp_path.glob("gw*"))) == 1


def words(expression: str) -> list[str]:
    return [word for word in re.findall(r"\w+", expression) if word not in ("not", "or")]


def test_the_gates_begin_with_the_test_line_of_the_readme() -> None:
    [line] = re.findall(r"^python3 resources/bootstrap\.py --test pytest.*$", readme(), re.MULTILINE)
    assert line == "python3 resources/bootstrap.py --test pytest"
    for gate in ("run", "full"):
        assert ". .ci/checks\n" in (ROOT / ".ci" / gate).read_text(encoding="utf-8")


def readme() -> str:
    return (ROOT / "README.md").read_text(encoding="utf-8")
