"""Entry points of the roles api, worker, beat and load. Each imports only what it needs, which saves memory."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from functools import partial

from backend.config import Settings, load_settings
from backend.contract.errors import OpenThreatError
from backend.contract.names import RECYCLED, UNREACHABLE, Queue, Role
from backend.system.machine import host_name
from backend.worker.process import report_fatal


def main(argv: Sequence[str]) -> int:
    """Run the role named by the first argument until it is stopped, or else a command. Returns the exit code."""
    if not argv or argv[0] not in list(Role):
        from backend.cli.main import main as command_line

        return command_line(list(argv))
    try:
        return run_role(Role(argv[0]), argv[1:], load_settings())
    except OpenThreatError as error:
        return report_fatal(error)


def run_role(role: Role, options: Sequence[str], settings: Settings) -> int:
    from backend.log import set_up_logging

    queues = _worker_queues(options) if role is Role.WORKER else _no_options(role, options)
    set_up_logging(settings)
    match role:
        case Role.API:
            return run_api(settings)
        case Role.WORKER:
            return run_worker(settings, queues)
        case Role.BEAT:
            return run_beat(settings)
        case Role.LOAD:
            return run_load(settings)


def run_api(settings: Settings) -> int:
    """Run the API until it is stopped. It also answers while the database cannot be reached.

    Raises:
        PortTaken: Another program listens on the API's port.
        StoreTooNew: The database is this user's own file, and belongs to a newer version of the program.
    """
    from backend.api.app import create_app
    from backend.api.server import ApiServer, open_listener, prepare_database, server_config
    from backend.services.runs.queue import TaskQueue
    from backend.store.engine import Database
    from backend.worker.process import StopRequest, listen_for_stop

    database, stopping = Database(settings.database_url), StopRequest()
    app = create_app(settings, database, TaskQueue(database, partial(_publish_when_needed, settings)))
    listener = open_listener(settings.api_host, settings.api_port)
    prepare_database(database, stopping)
    server = ApiServer(server_config(app, settings))
    listen_for_stop(server.stop)
    try:
        server.run(sockets=[listener])
    finally:
        stopping.set()
        database.close()
    return 0 if server.started else UNREACHABLE


def run_worker(settings: Settings, queues: Sequence[str]) -> int:
    from backend.celery_app import app

    app.settings = settings
    name = f"{'-'.join(queues)}@{host_name()}"
    worker = app.Worker(
        hostname=name,
        loglevel=settings.log_level,
        queues=list(queues),
        pool_cls="solo",
        quiet=True,
        without_gossip=True,
        without_mingle=True,
    )
    worker.start()
    return _with_reason(int(worker.exitcode or 0), settings)


def _with_reason(exit_code: int, settings: Settings) -> int:
    """Name a broker that takes no tasks as the reason for a worker's failure: it is tried again soon, and for ever."""
    if exit_code in (0, RECYCLED):
        return exit_code
    from backend.services.runs.broker_errors import BrokerUnavailable
    from backend.services.status.health import broker_for

    try:
        broker_for(settings).check()
    except BrokerUnavailable as error:
        return report_fatal(error)
    return exit_code


def run_beat(settings: Settings) -> int:
    from backend.celery_app import app

    app.settings = settings
    app.Beat(loglevel=settings.log_level, quiet=True).run()
    return 0


def run_load(settings: Settings) -> int:
    """Ingest the pages that a worker sends to standard input, until that ends. Standard output is for the answers."""
    from backend.services.update.peer_process import serve_pages

    answers, sys.stdout = sys.stdout.buffer, sys.stderr
    # Python closes sys.stdin at the end, and aborts where a thread still reads it: this reader is closed by nobody.
    tasks = os.fdopen(sys.stdin.fileno(), "rb", closefd=False)
    serve_pages(settings, tasks, answers, end=partial(os._exit, 0))
    return 0


def _publish_when_needed(settings: Settings, task_id: str, name: str, queue: str) -> None:
    """Publish a run. Celery is imported with the first one, because it takes a third of the API's memory."""
    from backend.celery_app import app
    from backend.worker.celery.app import publisher

    app.settings = settings
    publisher(app)(task_id, name, queue)


def _worker_queues(options: Sequence[str]) -> Sequence[str]:
    parser = argparse.ArgumentParser(prog="openthreat worker", description="Run tasks until stopped.")
    parser.add_argument(
        "-Q",
        "--queues",
        default=",".join(Queue),
        metavar="slow,fast",
        help="slow: updates; fast: everything else. Default: both.",
    )
    queues = [name.strip() for name in str(parser.parse_args(options).queues).split(",")]
    if unknown := [name for name in queues if name not in list(Queue)]:
        parser.error(f"unknown queue {unknown[0]!r}; the queues are {' and '.join(Queue)}")
    return queues


def _no_options(role: Role, options: Sequence[str]) -> Sequence[str]:
    argparse.ArgumentParser(prog=f"openthreat {role}", description="Run this service until stopped.").parse_args(
        options
    )
    return ()
