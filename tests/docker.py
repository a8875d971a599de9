"""The docker program for tests: the fake one, or the real engine where it is available."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from backend.contract.problem_catalogue import ProblemId
from desktop.stack import StackUnavailable
from desktop.stack.docker.stack import DockerStack
from desktop.stack.docker.stack_file import make_access, write_access
from tests.fakes import docker_program
from tests.fakes.docker_engine import Engine
from tests.servers import free_port, wait_until

PROJECT = Path(__file__).resolve().parents[1]
ENGINE = PROJECT.parent / "shared" / "docker" / "engine.sh"


class FakeDocker:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self._engine = Engine(folder)

    def find(self) -> Sequence[str]:
        return sys.executable, "-IS", docker_program.__file__, str(self.folder)

    def refuse(self, **answers: tuple[int, str]) -> None:
        (self.folder / "refusals.json").write_text(json.dumps(answers), encoding="utf-8")

    def commands(self) -> str:
        return (self.folder / "commands.txt").read_text(encoding="utf-8")

    def kill(self, project: str, service: str) -> None:
        self._engine.kill(service)

    def remove(self, project: str) -> None:
        self._engine.close()


class RealDocker:
    """The real engine beside the project. Requires root."""

    def __init__(self) -> None:
        if not ENGINE.exists() or os.name != "posix" or os.geteuid() != 0:
            pytest.skip("no real Docker engine: it needs root and ../shared/docker")
        for words in (["up"], ["images", str(PROJECT / "docker-compose.yml")]):
            subprocess.run([ENGINE, *words], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def find(self) -> Sequence[str]:
        return (str(shutil.which("docker")),)

    def kill(self, project: str, service: str) -> None:
        self.run("kill", f"{project}-{service}-1")

    def remove(self, project: str) -> None:
        self.run("compose", "-p", project, "-f", str(PROJECT / "docker-compose.yml"), "down", "-v")

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run([*self.find(), *words], capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"docker {' '.join(words)}: {done.stderr}"
        return done


Docker = FakeDocker | RealDocker


def brought_up(stack: DockerStack) -> None:
    """Call `bring_up` until the stack runs, as the monitor does."""

    def up() -> bool:
        try:
            stack.bring_up()
        except StackUnavailable:
            return False
        return True

    wait_until(up, "the stack is up", 60)


def refusal(stack: DockerStack) -> StackUnavailable:
    """Why the stack does not come up, as soon as docker has answered: on a busy machine that takes several calls."""
    seen: list[StackUnavailable] = []

    def answered() -> bool:
        with pytest.raises(StackUnavailable) as away:
            stack.bring_up()
        seen.append(away.value)
        return away.value.problem.id is not ProblemId.DOCKER_STARTING

    wait_until(answered, "docker has answered")
    return seen[-1]


def with_ports_of_its_own(home: Path) -> None:
    """Use free ports, because the default ones may be in use."""
    write_access(home, make_access(home).model_copy(update={"postgres_port": free_port(), "redis_port": free_port()}))
