"""Requests generated from the schema of the program itself, and all checks of schemathesis on the answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import schemathesis
from schemathesis import Case
from schemathesis.checks import CheckFunction
from schemathesis.config import SchemathesisConfig
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from backend.api.app import create_app
from backend.config import Settings
from backend.contract.names import API_PREFIX
from backend.services.runs.queue import TaskQueue
from backend.store.engine import Database
from tests.fakes.caller import from_caller

_HERE = {"Host": "localhost"}
_NOWHERE = "http://127.0.0.1:9"
_CONFIG = SchemathesisConfig.from_dict(
    {"checks": {"negative_data_rejection": {"expected-statuses": ["4xx"]}}}  # 414: too long as a whole
)
_EXCLUDED: dict[tuple[str, str], list[CheckFunction]] = {
    ("POST", f"{API_PREFIX}/bundle"): [positive_data_acceptance],
    ("POST", f"{API_PREFIX}/webhooks"): [positive_data_acceptance],
    ("PATCH", f"{API_PREFIX}/webhooks/{{webhook_id}}"): [positive_data_acceptance],
    ("PUT", f"{API_PREFIX}/searches"): [negative_data_rejection, positive_data_acceptance],
}
"""What a file or an address has to be is not in a schema, nor which searches can be watched; their filters are read as
those in an address, where a number may stand for a truth value."""


@pytest.fixture
def api_schema(database_url: str, home: Path) -> BaseSchema:
    database = Database(database_url)
    app = create_app(
        Settings(home=home, nvd_url=_NOWHERE, epss_url=_NOWHERE), database, TaskQueue(database, lambda *_: None)
    )
    return schemathesis.openapi.from_asgi("/openapi.json", from_caller(app), config=_CONFIG, headers=_HERE)


schema = schemathesis.pytest.from_fixture("api_schema")


@pytest.mark.timeout(3600)  # with the examples of the profile "full", for all routes together
@schema.parametrize()
def test_the_schema_says_what_is_true(case: Case[Any]) -> None:
    excluded = _EXCLUDED.get((case.operation.method.upper(), case.operation.path), [])
    case.call_and_validate(headers=_HERE, excluded_checks=excluded)
