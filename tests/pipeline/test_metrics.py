"""`/metrics` of a worker and of the API: every event is counted, and every series is there before its first."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator

import httpx
import pytest
import sqlalchemy as sa
from prometheus_client.parser import text_string_to_metric_families

from logwatch.pipeline import orders
from logwatch.pipeline.data.models import WorkerLease
from logwatch.pipeline.engine.leases import end_lease, take_lease
from logwatch.pipeline.errors import (
    EnvelopeRefusedError,
    PermanentError,
    PipelineError,
    Refusal,
    RetryableError,
)
from logwatch.pipeline.handlers import Tools
from logwatch.pipeline.http.server import MetricsServer, address_of, listen
from logwatch.pipeline.images import FoundImage
from logwatch.pipeline.stages import STAGES, StageName

from .conftest import CSV, House

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@pytest.fixture
def url(house: House) -> Iterator[str]:
    """The address of a worker's metrics."""
    listening = listen("127.0.0.1", 0)
    with MetricsServer(house.door.metrics.registry, listening):
        yield f"http://{address_of(listening)}/metrics"


def scrape(url: str) -> Samples:
    answer = httpx.get(url)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return {
        (sample.name.removeprefix("logwatch_pipeline_"), tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


class Failing:
    """An image source that fails as a test says, one error after the other, then finds nothing."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)

    def find(self, title: str, sku: str | None, timeout_seconds: float) -> tuple[FoundImage, ...]:
        if self.errors:
            raise self.errors.pop(0)
        return ()


def test_every_series_known_in_advance_is_there_at_zero(house: House, url: str) -> None:
    found = scrape(url)
    outcomes = ("completed", "skipped", "retried", "dead", "duplicate")
    for stage in StageName:
        for outcome in outcomes:
            assert found["jobs_total", (("outcome", outcome), ("stage", stage.value))] == 0
        for name in ("job_retries_total", "jobs_dead_total", "jobs_in_flight", "job_duration_seconds_count"):
            assert found[name, (("stage", stage.value),)] == 0
    for refusal in Refusal:
        assert found["envelopes_refused_total", (("reason", refusal.value),)] == 0
    for stage in STAGES.values():
        for name in ("queue_depth", "queue_oldest_age_seconds", "dead_letters"):
            assert found[name, (("queue", stage.queue),)] == 0
    for name in (
        "workflow_duration_seconds",
        "order_to_images_seconds",
        "order_images",
        "order_review_sessions",
    ):
        assert found[f"{name}_count", ()] == 0
    assert found["manual_image_uploads_total", ()] == found["jobs_recovered_total", ()] == 0
    assert (
        found["worker_leases", (("state", "live"),)] == found["worker_leases", (("state", "expired"),)] == 0
    )
    assert found["database_up", ()] == 1


def test_an_order_is_counted_from_its_upload_to_its_images(house: House, url: str) -> None:
    orders.submit(house.door, "m1", "order.csv", CSV)
    waiting = scrape(url)
    assert waiting["queue_depth", (("queue", "ai-parsing"),)] == 1
    assert waiting["queue_oldest_age_seconds", (("queue", "ai-parsing"),)] >= 0
    house.run_all()
    found = scrape(url)
    for stage in StageName:
        assert found["jobs_total", (("outcome", "completed"), ("stage", stage.value))] == 1
        assert found["job_duration_seconds_count", (("stage", stage.value),)] == 1
    assert found["queue_depth", (("queue", "ai-parsing"),)] == 0
    assert found["workflow_duration_seconds_count", ()] == 1
    assert found["order_to_images_seconds_count", ()] == 1
    assert found["order_images_sum", ()] == 4
    assert found["order_review_sessions_sum", ()] == 1


def test_retries_dead_letters_and_refusals_are_counted_by_stage_and_reason(house: House, url: str) -> None:
    source = Failing(RetryableError("busy"), PermanentError("refused"))
    tools = Tools(house.settings.open_parser(), source, house.settings.open_store())
    orders.submit(house.door, "m1", "order.csv", CSV)
    house.run_all(house.deliverer(tools=tools))
    with house.door.transaction() as transaction, pytest.raises(EnvelopeRefusedError):
        house.door.add_job(transaction, {"purchaseOrderId": "po_1", "merchantId": "m1"})
    found = scrape(url)
    stage = (("stage", "background_image_processing"),)
    assert found["jobs_total", (("outcome", "retried"), *stage)] == 1
    assert found["jobs_total", (("outcome", "dead"), *stage)] == 1
    assert (found["job_retries_total", stage], found["jobs_dead_total", stage]) == (1, 1)
    assert found["dead_letters", (("queue", "background-image-processing"),)] == 1
    assert found["envelopes_refused_total", (("reason", "missing_stage"),)] == 1
    assert found["envelopes_refused_total", (("reason", "not_json"),)] == 0


def test_jobs_running_right_now_are_in_flight(house: House, url: str) -> None:
    seen: list[float] = []

    class Watching(Failing):
        def find(self, title: str, sku: str | None, timeout_seconds: float) -> tuple[FoundImage, ...]:
            seen.append(scrape(url)["jobs_in_flight", (("stage", "background_image_processing"),)])
            return ()

    tools = Tools(house.settings.open_parser(), Watching(), house.settings.open_store())
    orders.submit(house.door, "m1", "order.csv", b"name\nTea\n")
    house.run_all(house.deliverer(tools=tools))
    assert seen == [1]
    assert scrape(url)["jobs_in_flight", (("stage", "background_image_processing"),)] == 0


def test_worker_leases_are_counted_by_whether_they_have_run_out(house: House, url: str) -> None:
    take_lease(house.door.engine, 60)
    gone = take_lease(house.door.engine, 60)
    end_lease(house.door.engine, gone.executor_id)
    found = scrape(url)
    assert found["worker_leases", (("state", "live"),)] == 1
    assert found["worker_leases", (("state", "expired"),)] == 1


def test_a_database_that_cannot_be_read_is_said_and_stops_no_scrape(house: House, url: str) -> None:
    with house.door.transaction() as transaction:
        transaction.connection.execute(sa.text(f"DROP TABLE {WorkerLease.__tablename__}"))
    found = scrape(url)
    assert found["database_up", ()] == 0
    assert not [name for name, _ in found if name.startswith(("queue_", "worker_"))]
    assert found["jobs_in_flight", (("stage", "ai_parsing"),)] == 0


def test_nothing_but_metrics_is_served(house: House, url: str) -> None:
    assert httpx.get(url.removesuffix("metrics")).status_code == 404
    assert httpx.post(url).status_code == 501


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed (package prometheus)")
def test_promtool_finds_nothing_to_say_about_the_metrics(sqlite_house: House) -> None:
    house = sqlite_house
    orders.submit(house.door, "m1", "order.csv", CSV)
    house.run_all()
    listening = listen("127.0.0.1", 0)
    with MetricsServer(house.door.metrics.registry, listening):
        text = httpx.get(f"http://{address_of(listening)}/metrics").text
    done = subprocess.run(
        ["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_port_in_use_is_said() -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PipelineError) as caught:
            listen("127.0.0.1", port)
    assert str(caught.value) == (
        f"cannot listen on 127.0.0.1:{port}: Address already in use; give another address"
    )


def test_an_ipv6_address_is_written_as_in_a_url() -> None:
    with listen("::1", 0) as listening:
        assert address_of(listening) == f"[::1]:{listening.getsockname()[1]}"
