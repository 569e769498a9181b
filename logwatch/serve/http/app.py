"""The ASGI application: what is answered at each path."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from prometheus_client.exposition import choose_encoder
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from logwatch.evidence.escape import escape
from logwatch.reports.json_report import as_json, json_report
from logwatch.reports.safe_json import Json, dump
from logwatch.serve.http.gate import Gate
from logwatch.serve.http.limits import Limits
from logwatch.serve.http.page.assets import ASSETS
from logwatch.serve.http.page.render import problem_page, status_page
from logwatch.serve.http.reloading import Reloading
from logwatch.serve.http.served import Served
from logwatch.serve.http.web_file import WebFile
from logwatch.serve.snapshot import Snapshot, StreamState
from logwatch.timespec import format_span, iso_millis
from logwatch.verdict.wording import listed

HANGS_AFTER: Final = timedelta(minutes=5)
"""An exporter whose last turn is older does not run any more."""
_PLACES: Final = "/, /metrics, /api/v1/status, /-/healthy, /-/ready and POST /-/reload"


def build_app(
    exporter: Served,
    web: WebFile,
    reloading: Reloading,
    *,
    local: bool,
    forced: bool = False,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> ASGIApp:
    """Return the application over an exporter. `local` and `forced`: see `Gate`."""

    async def page(request: Request) -> Response:
        snapshot = exporter.snapshot
        asked = _window(request, snapshot)
        html = await run_in_threadpool(status_page, snapshot, asked, now())
        return Response(html, media_type="text/html")

    async def metrics(request: Request) -> Response:
        encode, content_type = choose_encoder(",".join(request.headers.getlist("accept")))
        body = await run_in_threadpool(encode, exporter.registry)
        return Response(body, headers={"Content-Type": content_type, "Vary": "Accept"})

    async def status(request: Request) -> Response:
        snapshot = exporter.snapshot
        asked = _window(request, snapshot)
        text = await run_in_threadpool(
            lambda: _status(snapshot) if asked is None else json_report(snapshot.verdicts[asked])
        )
        return Response(text, media_type="application/json")

    async def healthy(_request: Request) -> Response:
        age = now() - exporter.snapshot.at
        if age > HANGS_AFTER:
            return PlainTextResponse(f"the exporter hangs: its last turn was {format_span(age)} ago\n", 503)
        return PlainTextResponse("healthy\n")

    async def ready(_request: Request) -> Response:
        if exporter.snapshot.ready:
            return PlainTextResponse("ready\n")
        return PlainTextResponse("not ready: still reading what was written before the start\n", 503)

    async def reload(_request: Request) -> Response:
        loaded = await reloading.reload()
        if loaded.problem is None:
            return PlainTextResponse("reloaded\n")
        text = f"not reloaded, what was loaded before stays in force:\n{loaded.problem}\n"
        return PlainTextResponse(text, 500)

    async def asset(request: Request) -> Response:
        found = ASSETS.get(request.path_params["name"])
        if found is None:
            raise HTTPException(404)
        # its URL changes with its content
        lasting = {"Cache-Control": "private, max-age=31536000, immutable"}
        return Response(found.content, headers=lasting, media_type=found.media_type)

    application = Starlette(
        routes=[
            Route("/", page),
            Route("/metrics", metrics),
            Route("/api/v1/status", status),
            Route("/-/healthy", healthy),
            Route("/-/ready", ready),
            Route("/-/reload", reload, methods=["POST"]),
            Route("/assets/{name}", asset),
        ],
        exception_handlers={HTTPException: _refused},
        middleware=[Middleware(GZipMiddleware, minimum_size=1024, compresslevel=6)],
    )
    return Gate(application, web, limits, local=local, forced=forced)


def _window(request: Request, snapshot: Snapshot) -> str | None:
    """Return the window that is asked for, None where none is. Raises `HTTPException`."""
    asked = request.query_params.get("window")
    if asked is not None and asked not in snapshot.verdicts:
        known = listed(snapshot.verdicts, most=20) or "none yet"
        raise HTTPException(404, f"no window '{asked[:50]}' is configured; there are: {known}")
    return asked


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    text = error.detail
    if error.status_code == 404 and "window" not in request.query_params:
        text = f"nothing is at {request.url.path}; there are {_PLACES}"
    if error.status_code == 405:
        text = f"{request.url.path} is asked for with {(error.headers or {}).get('Allow', 'GET')}"
    text = escape(text)  # what was asked for may drive a terminal
    if "text/html" in request.headers.get("accept", ""):
        html = problem_page(error.status_code, text)
        return Response(html, error.status_code, error.headers, "text/html")
    return PlainTextResponse(f"{text}\n", error.status_code, error.headers)


def _status(snapshot: Snapshot) -> str:
    """Return everything that is known, each window's verdict as `check -f json` would tell it."""
    loaded = snapshot.loaded
    whole: Json = {
        "at": iso_millis(snapshot.at),
        "ready": snapshot.ready,
        "loaded": {"at": iso_millis(loaded.at), "problem": loaded.problem},
        "windows": {name: as_json(verdict) for name, verdict in snapshot.verdicts.items()},
        "inputs": [_input(stream) for stream in snapshot.streams],
    }
    return dump(whole, indent=2) + "\n"


def _input(stream: StreamState) -> Json:
    return {
        "name": stream.name,
        "format": stream.format,
        "lines": stream.lines,
        "unread_bytes": stream.unread_bytes,
        "lag_seconds": stream.lag,
        "last_event": iso_millis(stream.last_event) if stream.last_event else None,
        "trouble": stream.trouble,
    }
