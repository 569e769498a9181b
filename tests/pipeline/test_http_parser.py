"""The parser behind an OpenAI-compatible endpoint, against a local server that behaves as such servers do."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from logwatch.pipeline import orders
from logwatch.pipeline.calls import retry_after_seconds
from logwatch.pipeline.errors import PermanentError, PipelineError, RetryableError, UnreadableOrderError
from logwatch.pipeline.house import open_tools
from logwatch.pipeline.parsing import ParsedDocument, choose_parser
from logwatch.pipeline.parsing.http import HttpParser

from .conftest import House
from .local_server import Answer, Asked, local_server
from .test_tables import workbook

ORDER = {
    "supplier": "Acme",
    "number": "PO-7",
    "lines": [{"name": "Tea", "quantity": 2, "unit_price_cents": 350}],
}


def completion(content: str) -> Answer:
    return Answer(
        body=json.dumps({"choices": [{"message": {"role": "assistant", "content": content}}]}).encode()
    )


def parse(
    answer: Answer | None, *, seconds: float = 10, name: str = "o.csv", content: bytes = b"Tea x 2"
) -> tuple[ParsedDocument, Asked]:
    with local_server(lambda _asked: answer) as server:
        parser = choose_parser(f"{server.url}/v1/", "sk-secret", "some-model")
        return parser.parse(name, content, seconds), server.asked[0]


def test_the_order_is_what_the_model_answers() -> None:
    document, asked = parse(completion(json.dumps(ORDER)))
    assert document.model_dump() == {
        "supplier": "Acme",
        "number": "PO-7",
        "lines": ({"name": "Tea", "sku": None, "quantity": 2.0, "unit_price_cents": 350},),
    }
    assert (asked.method, asked.path) == ("POST", "/v1/chat/completions")
    assert asked.headers["authorization"] == "Bearer sk-secret"
    request = json.loads(asked.body)
    assert request["model"] == "some-model"
    assert request["messages"][1] == {"role": "user", "content": "File o.csv:\nTea x 2"}


def test_a_code_fence_around_the_answer_is_taken_off() -> None:
    document, _ = parse(completion(f"```json\n{json.dumps(ORDER)}\n```"))
    assert document.number == "PO-7"


def test_a_workbook_reaches_the_model_as_text() -> None:
    _, asked = parse(
        completion(json.dumps(ORDER)), name="o.xlsx", content=workbook(("name", "qty"), ("Tea", 2))
    )
    assert json.loads(asked.body)["messages"][1]["content"] == "File o.xlsx:\nname,qty\nTea,2\n"


def test_a_file_that_is_no_text_is_never_sent() -> None:
    with local_server(lambda _asked: None) as server:
        with pytest.raises(
            UnreadableOrderError, match=r"^o.csv: row 2: not UTF-8 text; save the file as UTF-8$"
        ):
            HttpParser(server.url, None, "m").parse("o.csv", b"name\n\xff\n", 10)
        assert server.asked == []


@pytest.mark.parametrize(
    "body", [b"<html>", b'{"choices": []}', b'{"choices": [{"message": {"content": null}}]}']
)
def test_what_is_no_chat_completion_is_worth_another_try(body: bytes) -> None:
    with pytest.raises(RetryableError, match=r"^the parser endpoint's answer is not a chat completion$"):
        parse(Answer(body=body))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (
            '{"lines": [{',
            "JSON: Expecting property name enclosed in double quotes: line 1 column 13 (char 12)",
        ),
        ("Sure! Here it is.", "JSON: Expecting value: line 1 column 1 (char 0)"),
        (
            '{"lines": []}',
            "the order asked for: lines: Tuple should have at least 1 item after validation, not 0",
        ),
        (
            '{"lines": [{"name": "Tea", "quantity": "many"}]}',
            "the order asked for: lines.0.quantity: Input should be a valid number, "
            "unable to parse string as a number",
        ),
        (
            '{"lines": [{"name": "Tea\\u0000"}]}',
            "the order asked for: lines.0.name: Value error, contains the control character U+0000",
        ),
    ],
)
def test_an_answer_that_is_not_the_order_is_worth_another_try(content: str, reason: str) -> None:
    with pytest.raises(RetryableError) as caught:
        parse(completion(content))
    assert str(caught.value) == f"the model's answer is not {reason}"


@pytest.mark.parametrize(
    ("answer", "reason", "wait"),
    [
        (Answer(500), "the parser endpoint answered 500", 0),
        (Answer(408), "the parser endpoint answered 408", 0),
        (Answer(429, headers={"Retry-After": "7"}), "the parser endpoint answered 429", 7),
        (Answer(chunks=(b"x" * 2**20,) * 9), "the parser endpoint's answer is larger than 8388608 bytes", 0),
        (
            Answer(headers={"Content-Encoding": "zstd"}),
            "the parser endpoint answered in an encoding that was not asked for",
            0,
        ),
    ],
)
def test_a_server_in_trouble_is_asked_again_after_the_wait_it_asks_for(
    answer: Answer, reason: str, wait: float
) -> None:
    with pytest.raises(RetryableError) as caught:
        parse(answer)
    assert (str(caught.value), caught.value.after_seconds) == (reason, wait)


@pytest.mark.parametrize("status", [301, 400, 401, 404])
def test_a_refusal_is_not_tried_again(status: int) -> None:
    with pytest.raises(PermanentError) as caught:
        parse(Answer(status, headers={"Location": "http://127.0.0.1:9/elsewhere"}))
    assert str(caught.value) == (
        f"the parser endpoint refused the request: {status}; check its URL, key and model"
    )


def test_a_server_that_says_nothing_is_a_time_out() -> None:
    with pytest.raises(RetryableError, match=r"^the parser endpoint did not answer in time$"):
        parse(None, seconds=0.2)


def test_a_server_that_says_a_byte_now_and_then_is_a_time_out_too() -> None:
    with (
        local_server(
            lambda _asked: Answer(chunks=(b" ",) * 1000, between=lambda: server.gone.wait(0.02))
        ) as server,
        pytest.raises(RetryableError, match=r"^the parser endpoint did not answer in time$"),
    ):
        HttpParser(server.url, None, "m").parse("o.csv", b"Tea", 0.3)


def test_a_server_that_is_not_there_is_worth_another_try() -> None:
    with local_server(lambda _asked: None) as server:
        url = server.url
    with pytest.raises(RetryableError, match=r"^the parser endpoint cannot be reached: .*refused"):
        HttpParser(url, None, "m").parse("o.csv", b"Tea", 10)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("", 0), ("12", 12), ("0.5", 0.5), ("-3", 0), ("9999", 300), ("nan", 0), ("soon", 0)],
)
def test_retry_after_in_seconds_is_bounded(header: str, seconds: float) -> None:
    assert retry_after_seconds(httpx.Headers({"Retry-After": header})) == seconds


def test_retry_after_as_a_date_is_the_time_until_then() -> None:
    then = datetime.now(UTC) + timedelta(seconds=100)
    assert 90 < retry_after_seconds(httpx.Headers({"Retry-After": format_datetime(then)})) <= 100
    assert retry_after_seconds(httpx.Headers({"Retry-After": "Sat, 11 Oct 2025 17:30:00 GMT"})) == 0


def test_the_key_is_not_in_what_is_printed_of_a_parser() -> None:
    assert "sk-secret" not in repr(HttpParser("http://localhost", "sk-secret", "m"))


@pytest.mark.parametrize("url", ["api.example.com", "ftp://host/x", "http://"])
def test_an_endpoint_that_is_no_url_is_refused_at_the_start(url: str) -> None:
    with pytest.raises(PipelineError) as caught:
        choose_parser(url, None, "m")
    assert str(caught.value) == (
        f"LOGWATCH_PARSER_URL: '{url}' is not a URL, like https://api.example.com/v1"
    )


def test_an_order_is_read_by_the_endpoint_after_the_wait_that_it_asked_for(sqlite_house: House) -> None:
    answers = [Answer(429, headers={"Retry-After": "70"}), completion("Sure!"), completion(json.dumps(ORDER))]
    with local_server(lambda _asked: answers.pop(0)) as server:
        settings = replace(sqlite_house.settings, parser_endpoint=server.url)
        order = orders.submit(sqlite_house.door, "m1", "order.csv", b"whatever a model may make of it")
        sqlite_house.run_all(sqlite_house.deliverer(tools=open_tools(settings)))
    view = orders.look_at(sqlite_house.door.engine, order, None)
    assert (view.status, view.supplier, view.number, view.total_cents) == ("completed", "Acme", "PO-7", 700)
    job = f"ai_parsing job {view.workflow_id}-1"
    assert f"🔁 Retrying {job}: attempt 2 of 5 in 70.0 s" in sqlite_house.log
    assert f"🔁 Retrying {job}: attempt 3 of 5 in " in sqlite_house.log
    assert "processAIParsing - Read 1 line items from order.csv (http)" in sqlite_house.log
