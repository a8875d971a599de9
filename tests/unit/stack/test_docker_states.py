"""Messages of the docker program and their states. Recorded on Linux; for Windows from its issue tracker."""

from __future__ import annotations

import pytest

from backend.contract.problem_catalogue import Remedy
from desktop.host.commands import CommandResult
from desktop.stack.docker.stack import download_progress
from desktop.stack.docker.states import DockerState, problem_of, refused_port, state_of

PIPE = "open //./pipe/dockerDesktopLinuxEngine: "
RECORDED = [
    (
        DockerState.NOT_RUNNING,
        1,
        "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
    ),
    (
        DockerState.NOT_RUNNING,
        1,
        "failed to connect to the docker API at unix:///var/run/docker.sock; check if the path is correct",
    ),
    (
        DockerState.NOT_RUNNING,
        1,
        f'error during connect: Get "http://%2F%2F.%2Fpipe%2Fx/v1.51/json": {PIPE}The system cannot find it',
    ),
    (DockerState.NOT_RUNNING, 1, f"error during connect: {PIPE}Das System kann die angegebene Datei nicht finden."),
    (
        DockerState.NOT_RUNNING,
        1,
        "Error response from daemon: Docker Desktop is manually paused. Unpause it through the Whale menu",
    ),
    (DockerState.NOT_RUNNING, 1, "Error response from daemon: Docker Desktop is unable to start"),
    (
        DockerState.ENGINE_STARTING,
        1,
        "request returned 500 Internal Server Error for API route and version http://%2F%2F.%2Fpipe%2Fx, check if",
    ),
    (
        DockerState.NO_PERMISSION,
        1,
        "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get x",
    ),
    (
        DockerState.NO_PERMISSION,
        1,
        "permission denied while trying to connect to the docker API at unix:///var/run/docker.sock",
    ),
    (DockerState.NO_PERMISSION, 1, "error during connect: open //./pipe/docker_engine: Access is denied."),
    (DockerState.NO_COMPOSE, 125, "unknown shorthand flag: 'f' in -f"),
    (DockerState.NO_COMPOSE, 1, "docker: 'compose' is not a docker command.\nSee 'docker --help'"),
    (DockerState.NO_COMPOSE, 125, "unknown flag: --project-name"),
    (
        DockerState.IMAGE_MISSING,
        18,
        "Error response from daemon: pull access denied for nobody/none, repository does not exist",
    ),
    (DockerState.IMAGE_MISSING, 1, "Error response from daemon: No such image: redis:7.2.15-alpine"),
    (
        DockerState.IMAGE_MISSING,
        18,
        'Get "https://images.example/v2/": dial tcp: lookup images.example: no such host',
    ),
    (
        DockerState.PORT_REFUSED,
        1,
        "Error starting userland proxy: listen tcp4 127.0.0.1:5432: bind: address already in use",
    ),
    (DockerState.PORT_REFUSED, 1, "Bind for 127.0.0.1:5432 failed: port is already allocated"),
    (DockerState.PORT_REFUSED, 1, "failed to bind host port 127.0.0.1:5432/tcp: address already in use"),
    (
        DockerState.PORT_REFUSED,
        1,
        "Ports are not available: exposing port TCP 127.0.0.1:5432 -> 0.0.0.0:0: listen tcp 127.0.0.1:5432: bind: An",
    ),
    (DockerState.DISK_FULL, 1, "failed to copy files: write /var/lib/docker/volumes/x: no space left on device"),
    (DockerState.UNHEALTHY, 1, "container openthreat-1-postgres-1 is unhealthy"),
    (
        DockerState.WINDOWS_CONTAINERS,
        1,
        "no matching manifest for windows/amd64 10.0.26100 in the manifest list entries",
    ),
    (DockerState.BROKEN, 15, "yaml: line 3: did not find expected key"),
    (DockerState.READY, 0, "whatever it says"),
]


@pytest.mark.parametrize(("state", "code", "text"), RECORDED)
def test_every_message_means_one_state(state: DockerState, code: int, text: str) -> None:
    assert state_of(CommandResult(code, tuple(text.splitlines()))) is state


def test_silence_is_a_state_of_its_own() -> None:
    assert state_of(CommandResult(None)) is DockerState.NOT_ANSWERING


@pytest.mark.parametrize("text", [text for state, _, text in RECORDED if state is DockerState.PORT_REFUSED])
def test_the_port_is_read_from_the_message(text: str) -> None:
    assert refused_port(text) == 5432


def test_every_state_has_a_sentence_of_its_own() -> None:
    titles = [problem_of(state).title for state in DockerState if state is not DockerState.READY]
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize(
    "state", [state for state in DockerState if state not in (DockerState.READY, DockerState.STARTING)]
)
def test_the_built_in_database_is_always_offered(state: DockerState) -> None:
    assert Remedy.USE_EMBEDDED in problem_of(state).remedies


def test_docker_desktop_is_started_where_it_is_installed_only() -> None:
    assert Remedy.START_DOCKER in problem_of(DockerState.NOT_RUNNING, desktop_installed=True).remedies
    assert Remedy.START_DOCKER not in problem_of(DockerState.NOT_RUNNING).remedies


def test_a_download_says_how_far_it_is() -> None:
    lines = (" redis Pulling ", " 1a2b Pulling fs layer ", " 3c4d Pulling fs layer ", " 1a2b Pull complete ")
    assert download_progress(lines) == "1 of 2 layers downloaded."
    assert download_progress(()) == ""
