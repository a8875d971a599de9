"""Error answers of the API. All of them have the same JSON body, contract.errors.ErrorBody."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic_core import ErrorDetails
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match

from backend.contract.errors import (
    ErrorBody,
    ErrorFields,
    NotFound,
    OpenThreatError,
    SearchIndexDamaged,
    SourceError,
    StoreFull,
    StoreTooNew,
    StoreUnavailable,
)
from backend.contract.validation import reason_of
from backend.services.access.tokens import TokenNameTaken
from backend.services.bundle.bundle_file import BundleRefused
from backend.services.bundle.upload import BundleBusy
from backend.services.runs.schedule import BadCronLine, BadPause
from backend.services.webhooks.webhooks import WebhookRefused

log = logging.getLogger(__name__)

RETRY_AFTER_S = 5


class BadInput(OpenThreatError):  # noqa: N818 - names the input, not a fault of the program
    """A part of the request is invalid; the message names it and the reason."""


class PositionLost(OpenThreatError):  # noqa: N818 - names the input
    """The position in a list belongs to another list or sort order."""


class NotPermitted(OpenThreatError):  # noqa: N818 - names a state
    """The token of the request does not permit it."""


_STATUS: Mapping[type, HTTPStatus] = {
    NotPermitted: HTTPStatus.FORBIDDEN,
    TokenNameTaken: HTTPStatus.CONFLICT,
    BadInput: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadCronLine: HTTPStatus.UNPROCESSABLE_ENTITY,
    BundleRefused: HTTPStatus.UNPROCESSABLE_ENTITY,
    BundleBusy: HTTPStatus.CONFLICT,
    BadPause: HTTPStatus.CONFLICT,  # with the clock, and with the list: the form of the request is right
    PositionLost: HTTPStatus.CONFLICT,
    WebhookRefused: HTTPStatus.CONFLICT,
    NotFound: HTTPStatus.NOT_FOUND,
    StoreUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    SearchIndexDamaged: HTTPStatus.SERVICE_UNAVAILABLE,
    StoreTooNew: HTTPStatus.SERVICE_UNAVAILABLE,
    StoreFull: HTTPStatus.INSUFFICIENT_STORAGE,
    SourceError: HTTPStatus.BAD_GATEWAY,
}
TOO_LARGE = ErrorFields(title="Request too large", message="The body of the request is longer than the API accepts.")
_HTTP_ERRORS: Mapping[int, ErrorFields] = {
    404: ErrorFields(
        title="Not found", message="The API has no such address.", hint="All addresses are listed at /docs."
    ),
    405: ErrorFields(title="Method not allowed", message="This address does not support the method."),
    413: TOO_LARGE,
}


OPENAPI_RESPONSES: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": ErrorBody, "description": "The request is invalid or not allowed"},
    "5XX": {"model": ErrorBody, "description": "The API cannot answer now"},
}
"""Error responses of every address in the OpenAPI document."""


def error_response(status: int, error: ErrorFields, headers: Mapping[str, str] | None = None) -> Response:
    return Response(ErrorBody.of(error).model_dump_json(), status, headers, media_type="application/json")


def add_error_handlers(app: FastAPI, renew_search_index: Callable[[], object]) -> None:
    """Turn errors into answers.

    Args:
        renew_search_index: Begins to make the search index anew; called when a request finds it damaged.
    """

    async def handle_damaged_index(request: Request, error: Exception) -> Response:
        try:
            await run_in_threadpool(renew_search_index)
        except OpenThreatError as obstacle:
            log.warning("the search index is damaged and cannot be renewed now: %s", obstacle)
        return await _handle_expected(request, error)

    app.add_exception_handler(SearchIndexDamaged, handle_damaged_index)
    app.add_exception_handler(OpenThreatError, _handle_expected)
    app.add_exception_handler(RequestValidationError, _handle_invalid)
    app.add_exception_handler(HTTPException, _handle_http)
    app.add_exception_handler(Exception, _handle_unexpected)


def status_of(error: OpenThreatError) -> HTTPStatus:
    kinds = (kind for kind in type(error).__mro__ if kind in _STATUS)
    return next((_STATUS[kind] for kind in kinds), HTTPStatus.INTERNAL_SERVER_ERROR)


async def _handle_expected(request: Request, error: Exception) -> Response:  # noqa: ARG001 - Starlette's signature, here and below
    assert isinstance(error, OpenThreatError)  # noqa: S101 - registered for nothing else, here and below
    status = status_of(error)
    headers = {"Retry-After": str(RETRY_AFTER_S)} if status == HTTPStatus.SERVICE_UNAVAILABLE else None
    return error_response(status, error.fields, headers)


async def _handle_invalid(request: Request, error: Exception) -> Response:  # noqa: ARG001
    assert isinstance(error, RequestValidationError)  # noqa: S101
    problems: Sequence[ErrorDetails] = error.errors()
    if problems[0]["type"] == "json_invalid":
        return error_response(HTTPStatus.UNPROCESSABLE_ENTITY, ErrorFields(title="The request is not valid JSON"))
    return error_response(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        ErrorFields(title="The request is not valid", message="; ".join(map(_validation_message, problems)) + "."),
    )


def _validation_message(problem: ErrorDetails) -> str:
    """Translate an error of pydantic. The value that was sent is left out: it may be long or not printable."""
    location = [str(part) for part in problem["loc"] if part not in ("query", "path", "body")]
    return f"{'.'.join(location) or 'the body'} {reason_of(problem)}".encode("utf-8", "replace").decode("utf-8")


async def _handle_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    fields = _HTTP_ERRORS.get(error.status_code) or ErrorFields(
        title=HTTPStatus(error.status_code).phrase, message=str(error.detail)
    )
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_methods_of(request))
    return error_response(error.status_code, fields, headers)


def _methods_of(request: Request) -> list[str]:
    """Return the methods of all routes with this path; Starlette's own header names those of the first one only."""
    methods = set[str]()
    for route in request.app.routes:
        match, _ = route.matches(request.scope)
        if match is not Match.NONE:
            methods |= getattr(route, "methods", None) or set()
    return sorted(methods)


async def _handle_unexpected(request: Request, error: Exception) -> Response:
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return error_response(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        ErrorFields(
            title="Internal error",
            message="The request failed because of a fault in the program.",
            hint="The log of the API has the details.",
        ),
    )
