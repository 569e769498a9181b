"""Items of kind http, against a real server that answers as a test tells it to."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable

import pytest

from logwatch.verdict.verdict import Status
from tests.pipeline.local_server import Answer, Asked, local_server
from tests.verify.world import LIVE, Place, minutes


def ok(document: object, status: int = 200) -> Answer:
    return Answer(status, json.dumps(document).encode())


def checklist(url: str, *steps: str, deadline: str = "10m") -> str:
    lines = "".join(f"          - {step.replace('URL', url)}\n" for step in steps)
    return f"""
  - id: one
    items:
      - id: api
        kind: http
        title: The API answers
        deadline: {deadline}
        every: 5s
        steps:
{lines}"""


def result_of(
    place: Place, answer: Callable[[Asked], Answer | None], *steps: str
) -> tuple[str, str, list[Asked]]:
    """Return how the item stands after one attempt, what was said, and what the server was asked."""
    with local_server(answer) as server:
        place.begin(checklist(server.url, *steps))
        place.carry_on()
        row = place.board()["api"]
        assert row.result is not None
        return row.state.value, row.result.summary.replace(server.url, "URL"), server.asked


def test_steps_are_taken_in_order_and_pass(place: Place) -> None:
    state, said, asked = result_of(
        place,
        lambda a: (
            ok({"id": "x1"}, 201)
            if a.method == "POST"
            else ok({"status": "done", "parts": [{"n": 1}, {"n": 2}]})
        ),
        "{method: POST, url: 'URL/things', body: 'a,b', headers: {X-Who: me}, status: 201, keep: {thing: id}}",
        "{url: 'URL/things/${thing}', json: [{path: status, equals: done}, {path: 'parts[*].n', at_least: 1}]}",
    )
    assert (state, said) == ("done", "2 of 2 steps; GET URL/things/${thing}: status 200")
    assert [(a.method, a.path, a.body) for a in asked] == [
        ("POST", "/things", b"a,b"),
        ("GET", "/things/x1", b""),
    ]
    assert asked[0].headers["x-who"] == "me"


@pytest.mark.parametrize(
    ("answer", "step", "said"),
    [
        (Answer(500, b"oh"), "{url: URL}", "status 500, expected success (2xx)"),
        (Answer(302), "{url: URL}", "status 302, expected success (2xx)"),
        (Answer(200), "{url: URL, status: 204}", "status 200, expected 204"),
        (Answer(200, b"<html>"), "{url: URL, json: [{path: a, equals: 1}]}", "status 200, but the answer is no JSON"),
        (ok({"a": 1}), "{url: URL, json: [{path: b, equals: 2}]}", "nothing at b, expected '2'"),
        (ok({"a": 1}), "{url: URL, json: [{path: a, equals: 2}]}", "a is '1', expected '2'"),
        (ok({"a": [1, 3]}), "{url: URL, json: [{path: 'a[*]', at_least: 2}]}", "a[*] is '1', expected at least 2"),
        (ok({"a": True}), "{url: URL, json: [{path: a, at_least: 1}]}", "a is 'true', expected at least 1"),
        (ok({"a": None}), "{url: URL, json: [{path: a, present: true}]}", "a is 'null', expected a value"),
        (ok({"a": "xy"}), "{url: URL, json: [{path: a, pattern: '^y'}]}", "a is 'xy', expected a text that matches ^y"),
        (ok({"a": 1}), "{url: URL, keep: {b: b}}", "nothing at b to keep as 'b'"),
    ],
)  # fmt: skip
def test_an_answer_that_is_not_as_expected_fails(place: Place, answer: Answer, step: str, said: str) -> None:
    state, told, _ = result_of(place, lambda _a: answer, step)
    assert (state, told) == ("failed", f"step 1 of 1, GET URL: {said}")


@pytest.mark.parametrize(
    "step",
    [
        "{url: URL, json: [{path: a, equals: true}, {path: b, equals: x}, {path: c, equals: 2.5}]}",
        "{url: URL, json: [{path: list, at_least: 2}, {path: '$.list[1]', equals: 8, pattern: '8'}]}",
        "{url: URL, json: [{path: b, present: true}]}",
    ],
)
def test_an_answer_that_is_as_expected_passes(place: Place, step: str) -> None:
    document = {"a": True, "b": "x", "c": 2.5, "list": [7, 8]}
    assert result_of(place, lambda _a: ok(document), step)[0] == "done"


def test_what_was_answered_is_the_evidence_without_its_secrets(place: Place) -> None:
    body = b'{"error": "no access", "password": "hunter2hunter2"}\n\x1b[31mred'
    with local_server(lambda _a: Answer(403, body)) as server:
        place.begin(checklist(server.url, "{url: URL}"))
        place.carry_on()
    result = place.board()["api"].result
    assert result is not None
    assert result.evidence == (
        '{"error": "no access", "password": [redacted password]}',
        r"\x1b[31mred",
    )


def test_secrets_of_the_environment_are_sent_and_never_kept(place: Place) -> None:
    place.environment = {"API_TOKEN": "tok-123456"}
    state, said, asked = result_of(
        place,
        lambda _a: Answer(401),
        "{url: 'URL/?key=${env.API_TOKEN}', headers: {Authorization: 'Bearer ${env.API_TOKEN}'}}",
    )
    assert (state, said) == (
        "failed",
        "step 1 of 1, GET URL/?key=${env.API_TOKEN}: status 401, expected success (2xx)",
    )
    assert asked[0].headers["authorization"] == "Bearer tok-123456"
    assert asked[0].path == "/?key=tok-123456"
    assert b"tok-123456" not in (place.state / "ledger.db").read_bytes()


def test_an_answer_that_repeats_a_secret_of_the_environment_does_not_show_it(place: Place) -> None:
    place.environment = {"API_TOKEN": "tok-123456"}
    step = "{url: URL, headers: {X-Key: '${env.API_TOKEN}'}, json: [{path: key, equals: x}]}"
    state, said, _ = result_of(place, lambda a: ok({"key": a.headers["x-key"]}), step)
    assert (state, said) == ("failed", "step 1 of 1, GET URL: key is '[env.API_TOKEN]', expected 'x'")
    assert b"tok-123456" not in (place.state / "ledger.db").read_bytes()


def test_a_secret_that_is_not_there_is_inconclusive(place: Place) -> None:
    state, said, asked = result_of(place, lambda _a: Answer(200), "{url: 'URL/${env.NO_SUCH}'}")
    assert (state, said, asked) == ("due", "the environment has no NO_SUCH; set it for logwatch", [])


def test_the_deployment_can_be_named(place: Place) -> None:
    place.mark("d2", minutes(1), commit="abcdef0")
    place.at(2)
    with local_server(lambda _a: ok({"commit": "abcdef0"})) as server:
        step = "{url: 'URL/${deployment.id}', json: [{path: commit, equals: abcdef0}]}"
        place.begin(checklist(server.url, step), deploy="d2")
        assert place.carry_on().status is Status.PASS
    assert server.asked[0].path == "/d2"


def test_nobody_answering_is_inconclusive_and_asked_again(place: Place) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # a port on which nobody listens
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        place.begin(checklist(url, "{url: URL}"))
        board = place.carry_on(wait=True)
    assert board.status is Status.INCONCLUSIVE
    assert place.clock.now == LIVE + minutes(10)
    assert place.summary("api") == f"step 1 of 1, GET {url}: cannot connect (Connection refused)"


def test_a_step_is_repeated_until_the_answer_is_as_expected(place: Place) -> None:
    place.beat = minutes(1 / 60)
    with local_server(lambda _a: ok({"done": place.clock.now >= LIVE + minutes(2)})) as server:
        step = "{url: URL, json: [{path: done, equals: true}], within: 3m}"
        place.begin(checklist(server.url, step))
        board = place.carry_on(wait=True)
    assert board.status is Status.PASS
    assert LIVE + minutes(2) <= place.clock.now <= LIVE + minutes(2.1)


def test_a_step_that_is_repeated_for_too_long_fails(place: Place) -> None:
    with local_server(lambda _a: ok({"done": False})) as server:
        step = "{url: URL, json: [{path: done, equals: true}], within: 3m}"
        place.begin(checklist(server.url, step))
        place.carry_on()
        assert place.summary("api").endswith("done is 'false', expected 'true'; asked again for up to 3m")
        board = place.carry_on(wait=True)
    assert board.status is Status.FAIL
    assert place.summary("api").endswith(": done is 'false', expected 'true', after 3m")


def test_a_step_that_was_taken_is_not_taken_again_after_an_interruption(place: Place) -> None:
    ready = False

    def answer(asked: Asked) -> Answer:
        return ok({"id": "x1"}, 201) if asked.method == "POST" else ok({"ready": ready})

    with local_server(answer) as server:
        steps = ("{method: POST, url: 'URL/things', status: 201, keep: {thing: id}}",
                 "{url: 'URL/things/${thing}', json: [{path: ready, equals: true}], within: 5m}")  # fmt: skip
        place.begin(checklist(server.url, *steps))
        place.carry_on()
        place.again()  # another process
        place.at(1).carry_on()
        ready = True
        place.again()
        assert place.at(2).carry_on().status is Status.PASS
        assert [(a.method, a.path) for a in server.asked] == [
            ("POST", "/things"), *[("GET", "/things/x1")] * 3
        ]  # fmt: skip


def test_the_patience_of_a_step_survives_an_interruption(place: Place) -> None:
    with local_server(lambda _a: Answer(503)) as server:
        place.begin(checklist(server.url, "{url: URL, within: 3m}"))
        place.carry_on()
        place.again()
        board = place.at(3).carry_on()
    assert board.status is Status.FAIL


def test_an_answer_that_never_ends_is_cut_off(place: Place) -> None:
    state, said, _ = result_of(place, lambda _a: Answer(chunks=(b"x" * 700_000,) * 3), "{url: URL}")
    assert (state, said) == ("due", "step 1 of 1, GET URL: answered with more than 1 MiB")


def test_a_connection_that_breaks_off_is_no_answer(place: Place) -> None:
    state, said, _ = result_of(
        place, lambda _a: Answer(headers={"Content-Length": "99"}, chunks=(b"half",)), "{url: URL}"
    )
    assert (state, said) == (
        "due",
        "step 1 of 1, GET URL: no answer that can be understood (RemoteProtocolError)",
    )


def test_what_is_no_url_is_said_without_its_secrets(place: Place) -> None:
    place.environment = {"HOST": "not a url"}
    state, said, _ = result_of(place, lambda _a: None, "{url: '${env.HOST}/x'}")
    assert (state, said) == (
        "due",
        "step 1 of 1, GET ${env.HOST}/x: no URL to ask; write it like https://host/path",
    )


def test_after_the_next_deployment_nothing_is_tried_any_more(place: Place) -> None:
    place.mark("d2", minutes(1))
    with local_server(lambda _a: Answer(200)) as server:
        place.begin(checklist(server.url, "{url: URL}"))
        board = place.at(2).carry_on()
    assert board.status is Status.INCONCLUSIVE
    assert place.summary("api") == "replaced by d2, which is what would be tried now"
    assert server.asked == []
