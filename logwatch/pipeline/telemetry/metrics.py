"""The metrics of a worker or an HTTP server, each with its own registry."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics

disable_created_metrics()  # type: ignore[no-untyped-call]

_PREFIX = "logwatch_pipeline"
_JOB_SECONDS = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 180)
_ORDER_SECONDS = (0.1, 0.5, 1, 2.5, 5, 10, 20, 30, 45, 60, 120, 180, 300, 600)
_COUNTS = (0, 1, 2, 5, 10, 20, 50, 100)

# The outcomes of one delivery of a job.
OUTCOMES = ("completed", "skipped", "retried", "dead", "duplicate")


class PipelineMetrics:
    """Counters are of this process since its start; what the database knows is added by `QueueCollector`."""

    def __init__(self, stages: tuple[str, ...] = (), refusals: tuple[str, ...] = ()) -> None:
        self.registry = CollectorRegistry()
        r = self.registry
        self.jobs = Counter(
            f"{_PREFIX}_jobs", "Deliveries of jobs by outcome.", ["stage", "outcome"], registry=r
        )
        self.job_seconds = Histogram(
            f"{_PREFIX}_job_duration_seconds",
            "Time a delivery took, whatever its outcome.",
            ["stage"],
            buckets=_JOB_SECONDS,
            registry=r,
        )
        self.retries = Counter(f"{_PREFIX}_job_retries", "Attempts after the first.", ["stage"], registry=r)
        self.dead_letters = Counter(f"{_PREFIX}_jobs_dead", "Jobs given up.", ["stage"], registry=r)
        self.refused = Counter(
            f"{_PREFIX}_envelopes_refused", "Envelopes turned away, by reason.", ["reason"], registry=r
        )
        self.in_flight = Gauge(f"{_PREFIX}_jobs_in_flight", "Jobs running right now.", ["stage"], registry=r)
        self.workflow_seconds = Histogram(
            f"{_PREFIX}_workflow_duration_seconds",
            "From the start of an order's workflow to its completion.",
            buckets=_ORDER_SECONDS,
            registry=r,
        )
        self.images_seconds = Histogram(
            f"{_PREFIX}_order_to_images_seconds",
            "From the upload of an order to its images.",
            buckets=_ORDER_SECONDS,
            registry=r,
        )
        self.order_images = Histogram(
            f"{_PREFIX}_order_images", "Images attached to one order.", buckets=_COUNTS, registry=r
        )
        self.order_sessions = Histogram(
            f"{_PREFIX}_order_review_sessions", "Review sessions of one order.", buckets=(0, 1), registry=r
        )
        self.manual_uploads = Counter(
            f"{_PREFIX}_manual_image_uploads", "Images uploaded by hand.", registry=r
        )
        self.recovered = Counter(
            f"{_PREFIX}_jobs_recovered", "Jobs taken over from workers whose lease ran out.", registry=r
        )
        # A series that first appears at 1 has, for rate(), never increased: all start at 0.
        for stage in stages:
            for outcome in OUTCOMES:
                self.jobs.labels(stage, outcome)
            self.retries.labels(stage)
            self.dead_letters.labels(stage)
            self.in_flight.labels(stage)
            self.job_seconds.labels(stage)
        for reason in refusals:
            self.refused.labels(reason)
