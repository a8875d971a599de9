"""The HTTP session of connectors: what is said to one service is not repeated to another."""

from __future__ import annotations

from urllib.parse import urlsplit

import requests

KEY_HEADERS = ("apiKey",)
"""Headers that carry a key of the user's."""


class Session(requests.Session):
    """requests itself takes only its own Authorization away when a service redirects to another place."""

    def rebuild_auth(self, prepared_request: requests.PreparedRequest, response: requests.Response) -> None:
        super().rebuild_auth(prepared_request, response)  # type: ignore[no-untyped-call]  # the stubs have no types for it
        if _place(response.request.url) != _place(prepared_request.url):
            for name in KEY_HEADERS:
                prepared_request.headers.pop(name, None)


def _place(url: str | None) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url or "")
    return parts.scheme, parts.hostname, parts.port
