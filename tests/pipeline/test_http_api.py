"""The HTTP API: orders in, their state out, each merchant's own; every error a sentence for people."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from logwatch.pipeline import orders
from logwatch.pipeline.engine.context import JobContext
from logwatch.pipeline.errors import PermanentError, PipelineError
from logwatch.pipeline.handlers import Seams
from logwatch.pipeline.http.access import Access, check_bind, read_listen
from logwatch.pipeline.http.app import build_app
from logwatch.pipeline.http.server import PromptProtocol, config_of, listen
from logwatch.pipeline.settings import MAX_UPLOAD_BYTES

from .conftest import CSV, House

CSV_TYPE = {"Content-Type": "text/csv"}
MERCHANT = {"X-Merchant-Id": "m1"}


def tokens(folder: Path, text: str = "# ours\nm1 token-of-m1-012345\n\nm2 token-of-m2-012345\n") -> Access:
    path = folder / "tokens"
    path.write_text(text)
    return Access.from_file(path)


class Api:
    """The API as its clients see it, over ASGI."""

    def __init__(self, app: Starlette) -> None:
        self._app = app

    def ask(self, method: str, path: str, **request: object) -> httpx.Response:
        import anyio

        async def go() -> httpx.Response:
            transport = httpx.ASGITransport(app=self._app)
            async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
                return await client.request(method, path, **request)  # type: ignore[arg-type]

        return anyio.run(go)

    def get(self, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
        return self.ask("GET", path, headers=MERCHANT if headers is None else headers)

    def post(self, content: object, headers: dict[str, str] | None = None, query: str = "") -> httpx.Response:
        headers = {**MERCHANT, **CSV_TYPE} if headers is None else headers
        return self.ask("POST", f"/purchase-orders{query}", content=content, headers=headers)


@pytest.fixture
def api(house: House) -> Api:
    return Api(build_app(house.door, Access(None)))


def error_of(answer: httpx.Response) -> tuple[int, str]:
    assert list(answer.json()) == ["error"]
    return answer.status_code, answer.json()["error"]


def test_an_order_goes_in_and_its_state_images_and_review_session_come_out(house: House, api: Api) -> None:
    made = api.post(CSV)
    assert made.status_code == 201
    assert made.json() == {"id": made.json()["id"], "status": "received", "url": made.headers["location"]}
    place = made.headers["location"]
    assert place == f"/purchase-orders/{made.json()['id']}"

    received = api.get(place).json()
    assert (received["status"], received["drafts"], received["review_session"]) == ("received", [], None)

    house.run_waiting()  # the workflow
    completed = api.get(place).json()
    assert completed["status"] == "completed"
    assert [(draft["title"], draft["image_state"], draft["images"]) for draft in completed["drafts"]] == [
        ("Green Tea", "queued", []),
        ("Sugar 1kg", "queued", []),
        ("Unheard-of Thing", "queued", []),
    ]

    house.run_all()  # the background job
    through = api.get(place).json()
    assert [len(draft["images"]) for draft in through["drafts"]] == [2, 2, 0]
    assert through["review_session"].startswith("review_")
    assert through["images_at_ms"] >= through["completed_at_ms"] >= through["created_at_ms"]
    assert (through["filename"], through["merchant_id"], through["total_cents"]) == ("order.csv", "m1", 1400)


@pytest.mark.parametrize(
    ("headers", "query", "filename"),
    [
        ({"Content-Type": "application/json; charset=utf-8"}, "", "order.json"),
        ({"Content-Type": "application/octet-stream"}, "?filename=PO%207.CSV", "PO 7.CSV"),
        ({}, "?filename=../../etc/passwd.xlsx", "passwd.xlsx"),
    ],
)
def test_the_kind_of_file_is_told_by_content_type_or_by_name(
    api: Api, headers: dict[str, str], query: str, filename: str
) -> None:
    made = api.post(b"x", {**MERCHANT, **headers}, query)
    assert made.status_code == 201
    assert api.get(made.headers["location"]).json()["filename"] == filename


def test_a_file_that_cannot_be_read_fails_its_order_and_says_why(house: House, api: Api) -> None:
    place = api.post(b"qty\n2\n").headers["location"]
    house.run_all()
    reason = "order.csv: no column for the product's name; call one 'name' or 'description'"
    order = api.get(place).json()
    (dead,) = order["dead_jobs"]
    assert (order["status"], dead["stage"], dead["reason"]) == ("failed", "ai_parsing", reason)
    assert reason in house.log


def test_what_is_wrong_with_the_servers_is_told_to_the_operator_alone(house: House, api: Api) -> None:
    place = api.post(CSV).headers["location"]

    def broken(_context: JobContext) -> None:
        raise PermanentError("10.0.0.7: password of 'images' is wrong")

    house.run_all(house.deliverer(Seams(before_save=broken)))
    (dead,) = api.get(place).json()["dead_jobs"]
    assert (dead["stage"], dead["reason"]) == ("background_image_processing", None)
    (told,) = orders.look_at(house.door.engine, place.rpartition("/")[2], None).dead_jobs
    assert told.reason == "10.0.0.7: password of 'images' is wrong"


def test_merchants_see_only_their_own_orders(house: House, tmp_path: Path) -> None:
    api = Api(build_app(house.door, tokens(tmp_path)))
    first = {"Authorization": "Bearer token-of-m1-012345"}
    second = {"Authorization": "bearer token-of-m2-012345"}
    place = api.post(CSV, {**first, **CSV_TYPE}).headers["location"]
    assert api.get(place, first).status_code == 200
    # Another's order looks like none, and naming another merchant in a header changes nothing.
    assert error_of(api.get(place, {**second, "X-Merchant-Id": "m1"})) == (
        404,
        f"no purchase order '{place.rpartition('/')[2]}'",
    )


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Merchant-Id": "m1"},
        {"Authorization": "Bearer token-of-m3-012345"},
        {"Authorization": "Basic token-of-m1-012345"},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer tökén-of-m1-012345"},
    ],
)
def test_without_a_token_nobody_is_let_in(
    sqlite_house: House, tmp_path: Path, headers: dict[str, str]
) -> None:
    api = Api(build_app(sqlite_house.door, tokens(tmp_path)))
    told = (401, "who is asking? send the header Authorization: Bearer TOKEN")
    raw = {name: value.encode() for name, value in headers.items()}
    assert error_of(api.ask("GET", "/purchase-orders/po_1", headers=raw)) == told
    assert error_of(api.ask("POST", "/purchase-orders", headers={**raw, **CSV_TYPE}, content=CSV)) == told


NO_KIND = (
    "send the file as the body, with Content-Type text/csv, application/json, "
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet, or ?filename=NAME"
)
NO_MERCHANT = (
    "'m 1' is no merchant: expected 1 to 200 letters, digits, "
    "'_', '.', ':' or '-', the first a letter or digit"
)
NO_NAME = "no name to keep: over 400 characters, or not printable; rename the file"


@pytest.mark.parametrize(
    ("headers", "query", "status", "told"),
    [
        (CSV_TYPE, "", 401, "who is asking? send the header X-Merchant-Id: MERCHANT"),
        ({"X-Merchant-Id": "m 1", **CSV_TYPE}, "", 422, NO_MERCHANT),
        ({**MERCHANT, "Content-Type": "text/html"}, "", 415, NO_KIND),
        (MERCHANT, "?filename=o.pdf", 422, "o.pdf: not a purchase order; expected .csv, .json, .xlsx"),
        (MERCHANT, "?filename=a%0Ab.csv", 422, rf"a\nb.csv: {NO_NAME}"),
        (MERCHANT, f"?filename={'x' * 400}.csv", 422, f"{'x' * 80}: {NO_NAME}"),
    ],
)
def test_what_is_not_taken_is_said_with_the_remedy(
    sqlite_house: House, headers: dict[str, str], query: str, status: int, told: str
) -> None:
    api = Api(build_app(sqlite_house.door, Access(None)))
    assert error_of(api.post(CSV, headers, query)) == (status, told)
    assert sqlite_house.waiting() == []


def test_a_file_over_the_limit_is_refused_before_it_has_arrived(sqlite_house: House) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 10 * MAX_UPLOAD_BYTES:
            sent += 2**20
            yield b"x" * 2**20

    api = Api(build_app(sqlite_house.door, Access(None)))
    assert error_of(api.post(endless())) == (413, "the file is over 10485760 bytes; split the order")


def test_places_that_are_not_there_are_told_with_those_that_are(sqlite_house: House) -> None:
    api = Api(build_app(sqlite_house.door, Access(None)))
    there = "there are POST /purchase-orders, GET /purchase-orders/{id}, GET /metrics and GET /healthz"
    assert error_of(api.get("/orders")) == (404, f"GET /orders: not found; {there}")
    deleted = api.ask("DELETE", "/purchase-orders/po_1")
    assert error_of(deleted) == (405, f"DELETE /purchase-orders/po_1: method not allowed; {there}")
    assert error_of(api.get("/purchase-orders/po_1")) == (404, "no purchase order 'po_1'")


def test_a_database_that_does_not_answer_is_a_503_and_not_a_traceback(sqlite_house: House) -> None:
    api = Api(build_app(sqlite_house.door, Access(None)))
    with sqlite_house.door.transaction() as transaction:
        transaction.connection.exec_driver_sql("DROP TABLE purchase_orders")
    answer = api.get("/purchase-orders/po_1")
    assert error_of(answer) == (503, "the database does not answer; try again in a moment")
    assert answer.headers["retry-after"] == "5"
    assert "[error] ⚙️ dbos: the database does not answer: " in sqlite_house.log


def test_metrics_and_health_are_served_to_whoever_can_reach_them(sqlite_house: House, tmp_path: Path) -> None:
    api = Api(build_app(sqlite_house.door, tokens(tmp_path)))
    metrics = api.get("/metrics", {})
    assert metrics.headers["content-type"] == "text/plain; version=1.0.0; charset=utf-8"
    assert 'logwatch_pipeline_queue_depth{queue="ai-parsing"} 0.0' in metrics.text
    assert api.get("/healthz", {}).json() == {"status": "ok"}


def _end_of(client: socket.socket) -> bytes:
    try:
        return client.recv(1)
    except ConnectionResetError:
        return b""


def test_headers_that_do_not_come_keep_nobody_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PromptProtocol, "header_seconds", 0.3)

    async def slow(_request: Request) -> Response:
        await asyncio.sleep(0.5)
        return Response("done")

    listening = listen("127.0.0.1", 0)
    server = uvicorn.Server(config_of(Starlette(routes=[Route("/", slow)])))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        address = listening.getsockname()
        waiting = [socket.create_connection(address, timeout=10) for _ in range(100)]
        for one in waiting:
            one.sendall(b"GET / HTTP/1.1\r\nX:")
        assert [_end_of(one) for one in waiting] == [b""] * 100
        with httpx.Client(base_url=f"http://127.0.0.1:{address[1]}") as client:
            assert [client.get("/").text for _ in range(2)] == ["done", "done"]
        for one in waiting:
            one.close()
    finally:
        server.should_exit = True
        thread.join()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("m1\n", ":1: expected MERCHANT TOKEN, the token of 16 or more characters"),
        ("\nm1 short\n", ":2: expected MERCHANT TOKEN, the token of 16 or more characters"),
        (
            "m1 0123456789abcdef\nm2 0123456789abcdef\n",
            ":2: this token is another merchant's; give each its own",
        ),
        ("# nobody\n", ": no tokens in it"),
    ],
)
def test_a_token_file_that_is_wrong_says_where(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(PipelineError) as caught:
        tokens(tmp_path, text)
    assert str(caught.value) == f"{tmp_path}/tokens{fault}"


def test_tokens_are_not_in_what_is_printed_of_the_access(tmp_path: Path) -> None:
    assert repr(tokens(tmp_path)) == "Access()"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("127.0.0.1:8080", ("127.0.0.1", 8080)),
        (":0", ("127.0.0.1", 0)),
        ("8080", ("127.0.0.1", 8080)),
        ("[::1]:80", ("::1", 80)),
        ("localhost:65535", ("localhost", 65535)),
    ],
)
def test_an_address_is_host_and_port(text: str, place: tuple[str, int]) -> None:
    assert read_listen(text) == place


@pytest.mark.parametrize("text", ["localhost", "localhost:", "localhost:http", "localhost:65536", ":-1"])
def test_what_is_no_address_is_said(text: str) -> None:
    with pytest.raises(PipelineError) as caught:
        read_listen(text)
    assert str(caught.value) == f"'{text}' is not HOST:PORT, like 127.0.0.1:8080"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.com"])
def test_other_machines_are_let_in_only_with_tokens(tmp_path: Path, host: str) -> None:
    with pytest.raises(PipelineError) as caught:
        check_bind(host, Access(None))
    assert str(caught.value) == (
        f"'{host}' is open to other machines, and nobody has a token: give --tokens FILE or use 127.0.0.1"
    )
    check_bind(host, tokens(tmp_path))
    for local in ("127.0.0.1", "127.8.8.8", "::1", "localhost"):
        check_bind(local, Access(None))
