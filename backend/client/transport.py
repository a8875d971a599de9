"""Why the API gave no answer that can be used.

The commands' way to the running API.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar
from urllib.parse import quote

import requests
from pydantic import BaseModel, ValidationError

from backend.contract.errors import ErrorBody, ErrorFields, OpenThreatError
from backend.contract.problems import Problem, ProblemId, failure, problem


class ApiError(Exception):
    """No answer that can be used; the text says why."""

    @property
    def problem(self) -> Problem:
        return problem(ProblemId.API_SILENT, {"reason": self._sentence})

    @property
    def _sentence(self) -> str:
        text = str(self)
        return f"{text[:1].upper()}{text[1:]}."


class ApiAbsent(ApiError):  # noqa: N818 - names a state
    """Nobody listens there."""


class ApiSilent(ApiError):  # noqa: N818
    """Somebody listens, and does not answer in time."""


class ApiNonsense(ApiError):  # noqa: N818
    """The answer is not one that our API gives."""


class ApiRefused(ApiError):  # noqa: N818
    """Our API answered that it cannot do it now, or that it must not be done so."""

    def __init__(self, status: int, said: ErrorFields | None = None) -> None:
        super().__init__(str(said) if said else f"it answers with status {status}")
        self.status, self._said = status, said

    @property
    def problem(self) -> Problem:
        if self._said is None:
            return failure("The request was refused", self._sentence)
        return self._said.problem


Message = TypeVar("Message", bound=BaseModel)
_TIMEOUT_S = (3.0, 30.0)  # to connect, to answer
PREFIX = "/api/v1"


class Unreachable(OpenThreatError):  # noqa: N818 - names a state
    """Nobody answers, or the API cannot reach what it needs; the same call may succeed later."""


class Refused(OpenThreatError):  # noqa: N818
    """The API answered and said no."""

    def __init__(self, status: int, title: str, message: str = "", hint: str = "") -> None:
        super().__init__(title, message, hint)
        self.status = status

    @property
    def bad_input(self) -> bool:
        return self.status in (requests.codes.unprocessable, requests.codes.request_uri_too_large)


def segment(text: str) -> str:
    """Text as one piece of a path."""
    return quote(_typed(text), safe="")


def _typed(text: str) -> str:
    """What a person typed under a locale that cannot say it (Python kept the bytes) is UTF-8 all the same."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


class Client:
    """Calls return the model asked for, or raise Unreachable or Refused.

    Proxies and .netrc of the environment are not used: what we call is near.
    """

    def __init__(self, base: str, token: str = "") -> None:
        self._base = base
        self._session = requests.Session()
        self._session.trust_env = False
        if token:
            self._session.headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str, answer: type[Message], params: Mapping[str, object] | None = None) -> Message:
        return self._call("GET", path, answer, params=params)

    def post(self, path: str, answer: type[Message], params: Mapping[str, object] | None = None) -> Message:
        return self._call("POST", path, answer, params=params)

    def patch(self, path: str, answer: type[Message], change: BaseModel) -> Message:
        return self._call("PATCH", path, answer, change=change.model_dump(mode="json", exclude_unset=True))

    def put(self, path: str, answer: type[Message], wanted: BaseModel) -> Message:
        return self._call("PUT", path, answer, change=wanted.model_dump(mode="json"))

    def delete(self, path: str, answer: type[Message]) -> Message:
        return self._call("DELETE", path, answer)

    def _call(
        self,
        method: str,
        path: str,
        answer: type[Message],
        *,
        params: Mapping[str, object] | None = None,
        change: Mapping[str, object] | None = None,
    ) -> Message:
        given = [(name, _typed(str(value))) for name, value in (params or {}).items() if value is not None]
        try:
            response = self._session.request(
                method, self._base + PREFIX + path, params=given, json=change, timeout=_TIMEOUT_S
            )
        except (requests.ConnectionError, requests.Timeout) as error:
            raise Unreachable(
                "The API does not answer",
                f"Nothing usable listens at {self._base}.",
                "Start everything with `openthreat up`, or look for the cause with `openthreat doctor`.",
            ) from error
        if response.status_code >= requests.codes.bad_request:
            raise _refusal(response)
        try:
            return answer.model_validate_json(response.content)
        except ValidationError as error:
            raise self._stranger() from error

    def _stranger(self) -> Unreachable:
        return Unreachable(
            "Another program answers there",
            f"What listens at {self._base} is not OpenThreat's API.",
            "Set OPENTHREAT_API_PORT to a free port and start again.",
        )


def _refusal(response: requests.Response) -> OpenThreatError:
    try:
        told = ErrorBody.model_validate_json(response.content).error
    except ValidationError:
        return Unreachable(
            "Another program answers there",
            f"{response.url} says {response.status_code}, but not in OpenThreat's words.",
            "Set OPENTHREAT_API_PORT to a free port and start again.",
        )
    if response.status_code == requests.codes.unavailable:
        return Unreachable(told.title, told.message, told.hint)
    return Refused(response.status_code, told.title, told.message, told.hint)
