"""Every answer that is not a success has the same JSON body, whatever went wrong and wherever."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from backend.contract.errors import (
    ErrorBody,
    ErrorFields,
    NotFound,
    OpenThreatError,
    StoreFull,
    StoreTooNew,
    StoreUnavailable,
)
from backend.services.runs.schedule import BadCronLine, BadPause

log = logging.getLogger(__name__)

RETRY_AFTER_S = 5


class BadInput(OpenThreatError):  # noqa: N818 - names what came in, not a fault of the program
    """Something in the request cannot be used; the message says what and why."""


_STATUS: Mapping[type[OpenThreatError], HTTPStatus] = {
    BadInput: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadCronLine: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadPause: HTTPStatus.UNPROCESSABLE_ENTITY,
    NotFound: HTTPStatus.NOT_FOUND,
    StoreUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    StoreTooNew: HTTPStatus.SERVICE_UNAVAILABLE,
    StoreFull: HTTPStatus.INSUFFICIENT_STORAGE,
}
TOO_LARGE = ErrorFields(title="Request too large", message="The body of the request is longer than the API accepts.")
_IN_WORDS: Mapping[int, ErrorFields] = {
    404: ErrorFields(
        title="Not found", message="There is nothing at this address.", hint="All addresses are listed at /docs."
    ),
    405: ErrorFields(title="Method not allowed", message="This address does not understand that method."),
    413: TOO_LARGE,
}
_SENTENCES: Mapping[str, str] = {
    "missing": "is missing",
    "int_parsing": "is not a whole number",
    "int_parsing_size": "is far too large",
    "int_type": "is not a whole number",
    "float_parsing": "is not a number",
    "float_type": "is not a number",
    "finite_number": "is not a finite number",
    "bool_parsing": "is neither true nor false",
    "bool_type": "is neither true nor false",
    "string_type": "is not a text",
    "string_too_long": "is longer than {max_length} characters",
    "string_too_short": "is empty",
    "too_long": "is longer than {max_length} characters",
    "too_short": "is empty",
    "timezone_aware": "has no time zone",
    "greater_than_equal": "is less than {ge}",
    "less_than_equal": "is more than {le}",
    "enum": "is none of {expected}",
    "literal_error": "is none of {expected}",
    "extra_forbidden": "is not known here",
    "value_error": "{error}",
}


DOCUMENTED: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": ErrorBody, "description": "The request cannot be answered as it stands"},
    "5XX": {"model": ErrorBody, "description": "The API cannot answer right now"},
}
"""What OpenAPI says of every address."""


def answer(status: int, error: ErrorFields, headers: Mapping[str, str] | None = None) -> Response:
    return Response(ErrorBody.of(error).model_dump_json(), status, headers, media_type="application/json")


def install(app: FastAPI) -> None:
    app.add_exception_handler(OpenThreatError, _expected)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


async def _expected(request: Request, error: Exception) -> Response:  # noqa: ARG001 - Starlette's signature, here and below
    assert isinstance(error, OpenThreatError)  # noqa: S101 - registered for nothing else, here and below
    status = _STATUS.get(type(error), HTTPStatus.INTERNAL_SERVER_ERROR)
    headers = {"Retry-After": str(RETRY_AFTER_S)} if status == HTTPStatus.SERVICE_UNAVAILABLE else None
    return answer(status, error.fields, headers)


async def _invalid(request: Request, error: Exception) -> Response:  # noqa: ARG001
    assert isinstance(error, RequestValidationError)  # noqa: S101
    problems: Sequence[Any] = error.errors()
    if problems[0]["type"] == "json_invalid":
        return answer(HTTPStatus.UNPROCESSABLE_ENTITY, ErrorFields(title="The request is not valid JSON"))
    return answer(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        ErrorFields(title="The request cannot be understood", message="; ".join(map(_sentence, problems)) + "."),
    )


def _sentence(problem: Mapping[str, Any]) -> str:
    """pydantic's finding in a person's words. What was sent is not repeated: it may be long, or not fit for display."""
    place = [str(part) for part in problem["loc"] if part not in ("query", "path", "body")]
    sentence = _SENTENCES.get(problem["type"])
    told = sentence.format_map(problem.get("ctx", {})) if sentence else "cannot be used: " + problem["msg"]
    return f"{'.'.join(place) or 'the body'} {told}".encode("utf-8", "replace").decode("utf-8")


async def _http(request: Request, error: Exception) -> Response:  # noqa: ARG001
    assert isinstance(error, HTTPException)  # noqa: S101
    words = _IN_WORDS.get(error.status_code) or ErrorFields(
        title=HTTPStatus(error.status_code).phrase, message=str(error.detail)
    )
    return answer(error.status_code, words, error.headers)


async def _unexpected(request: Request, error: Exception) -> Response:
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return answer(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        ErrorFields(
            title="The API made a mistake",
            message="This request met a fault in the program.",
            hint="The API's log has the details.",
        ),
    )
