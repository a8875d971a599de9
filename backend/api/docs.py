"""The page at /docs with its scripts, served from here: no internet is needed, and browsers stay with this host."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

from backend.api.roles import needs
from backend.contract.access import AccessRole

PAGE = "/docs"
FILES = f"{PAGE}/files"
OPENAPI = "/openapi.json"
_POLICY = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:"
    )
}
"""Swagger UI starts by an inline script, styles its parts inline and draws its arrows from data URLs."""


def install(app: FastAPI) -> None:
    """Adds the page and its files. The app itself has to be made with `docs_url=None`."""
    page = get_swagger_ui_html(
        openapi_url=OPENAPI,
        title=f"{app.title} API",
        swagger_js_url=f"{FILES}/swagger-ui-bundle.js",
        swagger_css_url=f"{FILES}/swagger-ui.css",
        swagger_favicon_url=f"{FILES}/favicon-32x32.png",
        swagger_ui_parameters={"validatorUrl": None},  # unless null, a validator on the internet is sent the address
    )
    app.mount(FILES, StaticFiles(packages=[("fastapi_swagger", "resources")]))

    @app.get(PAGE, include_in_schema=False)
    @needs(AccessRole.READ)
    async def docs() -> HTMLResponse:
        return HTMLResponse(page.body, headers=_POLICY)
