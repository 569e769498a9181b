"""The metrics that the database knows: depth and oldest age by queue, dead letters, worker leases."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from logwatch.pipeline.overview import Overview


class QueueCollector(Collector):
    """Reads the database at each scrape; where it cannot be read.

    `…_database_up` is 0 and the rest is left out.
    """

    def __init__(self, read: Callable[[], Overview]) -> None:
        self._read = read

    def describe(self) -> Iterable[Metric]:
        """Return nothing: registering must not read the database."""
        return []

    def collect(self) -> Iterable[Metric]:
        """Yield the gauges of this moment."""
        up = GaugeMetricFamily("logwatch_pipeline_database_up", "1 if the pipeline's database could be read.")
        try:
            overview = self._read()
        except Exception:
            up.add_metric([], 0)
            yield up
            return
        up.add_metric([], 1)
        yield up
        depth = GaugeMetricFamily(
            "logwatch_pipeline_queue_depth", "Jobs queued or running, by queue.", labels=["queue"]
        )
        age = GaugeMetricFamily(
            "logwatch_pipeline_queue_oldest_age_seconds", "Age of the oldest of them.", labels=["queue"]
        )
        dead = GaugeMetricFamily(
            "logwatch_pipeline_dead_letters", "Dead letters waiting for a decision.", labels=["queue"]
        )
        for queue in overview.queues:
            depth.add_metric([queue.queue], queue.depth)
            age.add_metric([queue.queue], queue.oldest_age_seconds)
            dead.add_metric([queue.queue], queue.dead)
        leases = GaugeMetricFamily(
            "logwatch_pipeline_worker_leases", "Workers by the state of their lease.", labels=["state"]
        )
        leases.add_metric(["live"], overview.workers_live)
        leases.add_metric(["expired"], overview.workers_expired)
        yield from (depth, age, dead, leases)
