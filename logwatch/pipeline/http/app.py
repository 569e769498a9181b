"""The HTTP API: `POST /purchase-orders`, `GET /purchase-orders/{id}`, `/metrics`, `/healthz`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Final

import sqlalchemy as sa
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from logwatch.pipeline import orders
from logwatch.pipeline.engine.door import Door
from logwatch.pipeline.errors import NotFoundError, PipelineError
from logwatch.pipeline.settings import MAX_UPLOAD_BYTES

from .access import MERCHANT_HEADER, Access

_BODY_SECONDS: Final = 30.0
_SUFFIX_OF: Final = {
    "text/csv": "order.csv",
    "application/json": "order.json",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "order.xlsx",
}


class _RefusedError(Exception):
    def __init__(self, status: int, message: str) -> None:
        self.status = status
        super().__init__(message)


def build_app(door: Door, access: Access) -> Starlette:
    """Return the ASGI application over a door."""

    def merchant_of(request: Request) -> str:
        merchant = access.merchant(request.headers)
        if merchant is None:
            how = (
                "Authorization: Bearer TOKEN"
                if access.merchants is not None
                else f"{MERCHANT_HEADER}: MERCHANT"
            )
            raise _RefusedError(401, f"who is asking? send the header {how}")
        return merchant

    async def submit(request: Request) -> Response:
        merchant = merchant_of(request)
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        filename = request.query_params.get("filename") or _SUFFIX_OF.get(kind)
        if filename is None:
            raise _RefusedError(
                415,
                f"send the file as the body, with Content-Type {', '.join(_SUFFIX_OF)}, or ?filename=NAME",
            )
        content = await _body(request)
        try:
            order_id = await run_in_threadpool(orders.submit, door, merchant, filename, content)
        except PipelineError as error:
            raise _RefusedError(422, str(error)) from None
        place = f"/purchase-orders/{order_id}"
        return JSONResponse({"id": order_id, "status": "received", "url": place}, 201, {"Location": place})

    async def show(request: Request) -> Response:
        merchant = merchant_of(request)
        try:
            view = await run_in_threadpool(
                orders.look_at, door.engine, request.path_params["order_id"], merchant
            )
        except NotFoundError as error:
            raise _RefusedError(404, str(error)) from None
        return JSONResponse(asdict(view))

    async def metrics(_request: Request) -> Response:
        text = await run_in_threadpool(generate_latest, door.metrics.registry)
        return Response(text, media_type=CONTENT_TYPE_LATEST)

    async def health(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    return Starlette(
        routes=[
            Route("/purchase-orders", _answering(door, submit), methods=["POST"]),
            Route("/purchase-orders/{order_id}", _answering(door, show), methods=["GET"]),
            Route("/metrics", metrics, methods=["GET"]),
            Route("/healthz", health, methods=["GET"]),
        ],
        exception_handlers={HTTPException: _no_such_place},
    )


async def _no_such_place(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    text = f"{request.method} {request.url.path}: {error.detail.lower()}; there are POST /purchase-orders, "
    text += "GET /purchase-orders/{id}, GET /metrics and GET /healthz"
    return JSONResponse({"error": text}, error.status_code, error.headers)


def _answering(
    door: Door,
    endpoint: Callable[[Request], Awaitable[Response]],
) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except _RefusedError as error:
            return JSONResponse({"error": str(error)}, error.status)
        except (sa.exc.OperationalError, sa.exc.TimeoutError) as error:
            door.log.engine("error", f"the database does not answer: {error}")
            text = "the database does not answer; try again in a moment"
            return JSONResponse({"error": text}, 503, {"Retry-After": "5"})

    return answer


async def _body(request: Request) -> bytes:
    content = bytearray()
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            async for chunk in request.stream():
                content += chunk
                # Counted as it comes: Content-Length may be missing, or lie.
                if len(content) > MAX_UPLOAD_BYTES:
                    raise _RefusedError(413, f"the file is over {MAX_UPLOAD_BYTES} bytes; split the order")
    except TimeoutError:
        raise _RefusedError(408, f"the file did not arrive within {_BODY_SECONDS:.0f} s") from None
    except ClientDisconnect:
        raise _RefusedError(400, "the connection was closed before the file had arrived") from None
    return bytes(content)
