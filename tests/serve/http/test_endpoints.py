"""What is answered at each path, by a real server: to Prometheus, to programs, to probes, and to strangers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import httpx
import jsonschema
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from logwatch.reports import RenderOptions, render
from logwatch.reports.json_schema import report_schema
from logwatch.serve.snapshot import Snapshot

from .world import NOW, Serving, StillExporter, at, connect, everything_from, loaded, serving, snapshot

MATCHES = 'logwatch_rule_matches_total{rule="unknown-workflow-stage"} 3.0'


@pytest.fixture(scope="module")
def served() -> Iterator[Serving]:
    with serving() as one:
        yield one


def get(served: Serving, path: str, **headers: str) -> httpx.Response:
    return httpx.get(served.url + path, headers={"accept": "*/*", **headers})


def test_metrics_come_in_the_format_that_is_asked_for(served: Serving) -> None:
    plain = get(served, "/metrics")
    assert plain.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert MATCHES in plain.text
    assert "job=" not in plain.text  # exemplars are OpenMetrics alone

    asks = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3"
    open_metrics = get(served, "/metrics", accept=asks)
    assert open_metrics.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    assert f'{MATCHES} # {{job="wf_1"}} 3.0' in open_metrics.text
    assert [family.name for family in text_string_to_metric_families(open_metrics.text)] == [
        "logwatch_rule_matches"
    ]
    assert "Accept" in plain.headers["vary"]


def test_what_is_large_is_compressed_for_those_who_ask(served: Serving) -> None:
    packed = get(served, "/", **{"accept-encoding": "gzip"})
    plain = get(served, "/", **{"accept-encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.text == plain.text
    assert int(packed.headers["content-length"]) < len(plain.content) / 2


def test_the_status_is_the_report_of_check_for_each_window(served: Serving) -> None:
    whole = get(served, "/api/v1/status")
    assert whole.headers["content-type"] == "application/json"
    status = whole.json()
    assert list(status["windows"]) == ["30m", "24h"]
    for name, verdict in snapshot().verdicts.items():
        reported = render("json", verdict, RenderOptions())
        assert status["windows"][name] == json.loads(reported)
        jsonschema.validate(status["windows"][name], report_schema())
        assert get(served, f"/api/v1/status?window={name}").text == reported
    assert {key: status[key] for key in ("at", "ready", "loaded")} == {
        "at": "2025-10-11T18:05:04.000Z",
        "ready": True,
        "loaded": {"at": "2025-10-11T16:35:00.000Z", "problem": None},
    }
    assert status["inputs"][1] == {
        "name": "/var/log/worker/api.log",
        "format": "json (pino)",
        "lines": 1204,
        "unread_bytes": 88213,
        "lag_seconds": 42.5,
        "last_event": "2025-10-11T18:04:10.000Z",
        "trouble": None,
    }


def test_a_window_that_is_not_configured_is_told_with_those_that_are(served: Serving) -> None:
    for path in ("/", "/api/v1/status"):
        refused = get(served, f"{path}?window=%1b7d")
        assert (refused.status_code, refused.text) == (
            404,
            "no window '\\x1b7d' is configured; there are: 30m, 24h\n",
        )


def test_readiness_waits_until_what_was_there_is_read() -> None:
    exporter = StillExporter(snapshot(ready=False))
    with serving(exporter) as served:
        waiting = get(served, "/-/ready")
        assert (waiting.status_code, waiting.text) == (
            503,
            "not ready: still reading what was written before the start\n",
        )
        assert get(served, "/-/healthy").status_code == 200
        exporter.snapshot = replace(exporter.snapshot, ready=True)
        assert (get(served, "/-/ready").status_code, get(served, "/-/ready").text) == (200, "ready\n")


def test_health_ends_when_the_exporter_hangs() -> None:
    with serving(now=NOW + timedelta(minutes=4)) as served:
        assert (get(served, "/-/healthy").status_code, get(served, "/-/healthy").text) == (200, "healthy\n")
    with serving(now=at(1804) + timedelta(minutes=6)) as served:
        sick = get(served, "/-/healthy")
        assert (sick.status_code, sick.text) == (503, "the exporter hangs: its last turn was 6m ago\n")


def test_a_reload_says_how_it_went() -> None:
    exporter = StillExporter(reloads=[loaded(), loaded("rules.yml:3: unknown key 'wndow'")])
    with serving(exporter) as served:
        good = httpx.post(f"{served.url}/-/reload")
        assert (good.status_code, good.text) == (200, "reloaded\n")
        bad = httpx.post(f"{served.url}/-/reload")
        assert (bad.status_code, bad.text) == (
            500,
            "not reloaded, what was loaded before stays in force:\nrules.yml:3: unknown key 'wndow'\n",
        )
    assert exporter.reloaded == 2


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://evil.example"}, {"Origin": "null"}]
)
def test_pages_of_other_sites_may_not_reload(served: Serving, headers: dict[str, str]) -> None:
    elsewhere = httpx.post(f"{served.url}/-/reload", headers=headers)
    assert (elsewhere.status_code, elsewhere.text) == (403, "another site's page asks for this\n")


def test_paths_and_methods_that_are_not_there_are_told_with_what_is(served: Serving) -> None:
    places = "there are /, /metrics, /api/v1/status, /-/healthy, /-/ready and POST /-/reload"
    nothing = get(served, "/nothing%1b")
    assert (nothing.status_code, nothing.text) == (404, f"nothing is at /nothing\\x1b; {places}\n")
    assert get(served, "/assets/view.py").status_code == 404

    reload = get(served, "/-/reload")
    assert (reload.status_code, reload.headers["allow"]) == (405, "POST")
    assert reload.text == "/-/reload is asked for with POST\n"
    post = httpx.post(f"{served.url}/metrics")
    assert (post.status_code, set(post.headers["allow"].split(", "))) == (405, {"GET", "HEAD"})

    page = get(served, "/<script>", accept="text/html")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "nothing is at /&lt;script&gt;; there are" in page.text


@pytest.mark.parametrize("path", ["/", "/metrics", "/api/v1/status", "/-/healthy", "/-/ready", "/nothing"])
def test_head_is_get_without_a_body(served: Serving, path: str) -> None:
    got, head = get(served, path), httpx.head(served.url + path, headers={"accept": "*/*"})
    assert head.content == b""
    changing = {"date"}
    assert {k: v for k, v in head.headers.items() if k not in changing} == {
        k: v for k, v in got.headers.items() if k not in changing
    }


def test_every_answer_carries_the_headers_that_keep_browsers_safe(served: Serving) -> None:
    for answer in (
        *(get(served, path) for path in ("/", "/metrics", "/api/v1/status", "/-/ready", "/nothing")),
        get(served, "/?" + "x" * 3000),
        httpx.post(f"{served.url}/-/reload", content=b"x" * 2000),
    ):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-frame-options"] == "DENY"
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'self'; script-src 'self'; ")
        assert "unsafe" not in policy
        assert "server" not in answer.headers


def test_style_and_script_are_kept_for_as_long_as_their_url_lasts(served: Serving) -> None:
    style = get(served, "/assets/page.css?v=1")
    assert style.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert style.headers["content-type"] == "text/css; charset=utf-8"


@pytest.mark.parametrize(
    ("head", "body", "status", "told"),
    [
        (b"GET /%b HTTP/1.1" % (b"x" * 2100), b"", 414, "the URL is over 2048 bytes"),
        (
            b"POST /-/reload HTTP/1.1\r\nContent-Length: 1025",
            b"",
            413,
            "the body is over 1024 bytes; send none",
        ),
        (
            b"GET / HTTP/1.1\r\nContent-Length: 99999999999",
            b"",
            413,
            "the body is over 1024 bytes; send none",
        ),
        (
            b"POST /-/reload HTTP/1.1\r\nTransfer-Encoding: chunked",
            b"%x\r\n%b\r\n" % (1025, b"x" * 1025),
            413,
            "the body is over 1024 bytes; send none",
        ),
        (
            b"POST /-/reload HTTP/1.1\r\nContent-Encoding: gzip\r\nContent-Length: 20",
            b"\x1f\x8b" + b"\0" * 18,
            415,
            "bodies are not decompressed here; send none",
        ),
        (b"no HTTP", b"", 400, "Invalid HTTP request received."),
    ],
)
def test_what_is_too_much_is_refused(
    served: Serving, head: bytes, body: bytes, status: int, told: str
) -> None:
    with connect(served.port, head + b"\r\nHost: localhost\r\nConnection: close\r\n\r\n" + body) as client:
        answer = everything_from(client).decode()
    assert answer.startswith(f"HTTP/1.1 {status} ")
    assert answer.rstrip().endswith(told)


def test_a_header_that_grows_and_grows_is_refused(served: Serving) -> None:
    with connect(served.port, b"GET / HTTP/1.1\r\nX: " + b"x" * 20_000) as client:
        assert everything_from(client).endswith(b"\r\n\r\nInvalid HTTP request received.")


def test_a_small_body_is_forgiven(served: Serving) -> None:
    assert httpx.post(f"{served.url}/-/reload", content=b"{}").status_code == 200


@pytest.mark.parametrize("host", ["localhost:1", "127.0.0.1", "[::1]:9437", "LOCALHOST."])
def test_this_machine_is_known_by_its_own_names(served: Serving, host: str) -> None:
    assert get(served, "/-/ready", host=host).status_code == 200


def test_a_name_that_was_made_to_mean_this_machine_is_refused(served: Serving) -> None:
    refused = get(served, "/", host="evil.example:9437")
    assert (refused.status_code, refused.text) == (
        421,
        "this name is not known here: ask for localhost or 127.0.0.1, or give basic_auth_users in "
        "--web.config.file\n",
    )
    with serving(forced=True) as open_to_all:
        assert get(open_to_all, "/", host="monitor.example").status_code == 200


def test_before_the_first_verdict_everything_answers() -> None:
    with serving(StillExporter(Snapshot(at=at(1804), loaded=loaded()))) as served:
        assert get(served, "/api/v1/status").json()["windows"] == {}
        assert "no verdict yet" in get(served, "/").text
        assert get(served, "/metrics").status_code == 200


def test_a_fault_of_ours_is_told_as_one_and_does_not_end_the_server(caplog: pytest.LogCaptureFixture) -> None:
    exporter = StillExporter()
    with serving(exporter) as served:
        exporter.snapshot = None  # type: ignore[assignment]
        broken = get(served, "/-/ready")
        assert (broken.status_code, broken.headers["cache-control"]) == (500, "no-store")
        exporter.snapshot = snapshot()
        assert get(served, "/-/ready").status_code == 200
    assert "Exception in ASGI application" in caplog.text
