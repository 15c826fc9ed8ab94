"""The pages /docs and /redoc: from this server alone, and with no script but those they name."""

import base64
import hashlib
import re
from importlib.resources import files

from fastapi import FastAPI, Request, Response
from fastapi.openapi.docs import get_redoc_html, get_swagger_ui_html
from fastapi.responses import HTMLResponse

DOCS, REDOC = "/docs", "/redoc"
_ASSETS = "/static-offline-docs"  # fastapi-offline serves its files there
_REDOC_SCRIPT = "/redoc/redoc.standalone.js"
_LOGO = b"https://cdn.redoc.ly/redoc/logo-mini.svg"
_VIEWER = "SwaggerUIBundle({"
_WITH_CSRF = """
    requestInterceptor: async (request) => {
        if (request.method && !["GET", "HEAD"].includes(request.method.toUpperCase())) {
            const told = await fetch("ROOT/api/access/session");
            const token = told.ok ? (await told.json()).csrfToken : null;
            if (token) request.headers["X-CSRF-Token"] = token;
        }
        return request;
    },"""
"""A session that tries the API out may change something, as any page of the service."""
_INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def install(app: FastAPI) -> None:
    """Add the pages, on fastapi-offline's assets.

    Its own pages could not say which inline script is theirs, and its Redoc asks for a logo
    elsewhere. FastAPI remembers handlers for as long as the process lives, so none holds the app.
    """
    app.get(DOCS, include_in_schema=False)(_docs)
    app.get(REDOC, include_in_schema=False)(_redoc)
    app.get(_REDOC_SCRIPT, include_in_schema=False)(_redoc_script)


async def _docs(request: Request) -> HTMLResponse:
    app, root = request.app, request.scope.get("root_path", "")
    page = get_swagger_ui_html(
        openapi_url=f"{root}{app.openapi_url}",
        title=f"{app.title}: try it",
        swagger_js_url=f"{root}{_ASSETS}/swagger-ui-bundle.js",
        swagger_css_url=f"{root}{_ASSETS}/swagger-ui.css",
        swagger_favicon_url=f"{root}{_ASSETS}/favicon.png",
    )
    begin, rest = bytes(page.body).decode().split(_VIEWER, 1)
    with_token = _WITH_CSRF.replace("ROOT", root)
    return _with_policy(HTMLResponse(f"{begin}{_VIEWER}{with_token}{rest}"))


async def _redoc(request: Request) -> HTMLResponse:
    app, root = request.app, request.scope.get("root_path", "")
    return _with_policy(
        get_redoc_html(
            openapi_url=f"{root}{app.openapi_url}",
            title=f"{app.title}: read it",
            redoc_js_url=f"{root}{_REDOC_SCRIPT}",
            redoc_favicon_url=f"{root}{_ASSETS}/favicon.png",
            with_google_fonts=False,
        )
    )


def _redoc_script(request: Request) -> Response:
    icon = f"{request.scope.get('root_path', '')}{_ASSETS}/favicon.png"
    script = files("fastapi_offline").joinpath("static/redoc.standalone.js").read_bytes()
    return Response(script.replace(_LOGO, icon.encode()), media_type="text/javascript")


def _with_policy(page: HTMLResponse) -> HTMLResponse:
    """Allow the page its inline scripts by their hashes; both viewers set styles from scripts."""
    scripts = _INLINE_SCRIPT.findall(bytes(page.body).decode())
    page.headers["Content-Security-Policy"] = "; ".join(
        [
            "default-src 'none'",
            " ".join(["script-src 'self'", *map(_hash, scripts)]),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            "worker-src blob:",  # Redoc's search
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        ]
    )
    return page


def _hash(script: str) -> str:
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
