"""Metrics for the textfile collector of Prometheus's node exporter: every figure of a verdict as a gauge."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from logwatch.evidence.escape import escape
from logwatch.reports.outcome import Outcome, outcome
from logwatch.verdict.verdict import RuleVerdict, Status, Verdict

VERDICT_VALUES = {Status.PASS: 1, Status.FAIL: 0, Status.INCONCLUSIVE: -1}
"""How a verdict is said in a metric, here and wherever else one is exported."""
VERDICT_SAYS = "1 pass, 0 fail, -1 inconclusive"
_OUTCOMES = (
    "completed",
    "failed",
    "skipped",
    "timed_out",
    "in_flight",
    "superseded",
    "evicted",
    "unknown_gap",
)
_ODDITIES = ("orphan_end", "duplicate_end", "unkeyed")
_MEASURED = {"s": "seconds", "bytes": "bytes", "count": "values"}

Samples = Iterable[tuple[tuple[str, ...], float | None]]


def prometheus(verdict: Verdict) -> str:
    """Return the verdict in the Prometheus text format."""
    registry = CollectorRegistry()
    registry.register(_Figures(verdict))
    return generate_latest(registry).decode("utf-8")


class _Figures(Collector):
    """All metrics of one verdict. A figure that a rule does not have is no sample."""

    def __init__(self, verdict: Verdict) -> None:
        self._verdict = verdict

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the metrics that have samples."""
        for family in (*self._whole(), *self._coverage(), *self._rules(), *self._figures()):
            if family.samples:
                yield family

    def _whole(self) -> Iterator[GaugeMetricFamily]:
        verdict = self._verdict
        yield _gauge("verdict", f"The verdict: {VERDICT_SAYS}.", (), [((), VERDICT_VALUES[verdict.status])])
        yield _gauge(
            "info",
            "How it was judged, and the deployment whose window it is.",
            ("assurance", "deployment"),
            [((verdict.assurance.value, verdict.deployment or ""), 1)],
        )
        outcomes = [outcome(rule) for rule in verdict.rules]
        yield _gauge(
            "rules",
            "Rules by how they came out; warning: failed without a say in the verdict.",
            ("outcome",),
            [((kind.value,), outcomes.count(kind)) for kind in Outcome],
        )
        window = verdict.window
        for name, edge, says in (
            ("window_start", window.since, "Begin of the judged window."),
            ("window_end", window.until, "End of the judged window."),
            ("as_of", window.as_of, "The moment that was judged from."),
        ):
            yield _gauge(f"{name}_timestamp_seconds", says, (), [((), edge.timestamp())])

    def _coverage(self) -> Iterator[GaugeMetricFamily]:
        read = self._verdict.coverage
        for name, value, says in (
            ("lines", read.lines, "Lines in the window."),
            ("records", read.records, "Records in the window."),
            ("undated_records", read.undated, "Records without a time of their own."),
            ("read_bytes", read.bytes, "Bytes of the lines in the window."),
            ("buckets", read.buckets.total, "Stretches that the window is cut into."),
            ("buckets_with_records", read.buckets.with_records, "Stretches that hold a record."),
            ("sources", len(read.sources), "Sources that were asked for."),
            ("damaged_sources", len(read.damaged), "Sources that could not be read whole."),
        ):
            yield _gauge(name, says, (), [((), value)])
        last = [source.last.timestamp() for source in read.sources if source.last]
        says = "Time of the last record in the window."
        yield _gauge("last_record_timestamp_seconds", says, (), [((), max(last, default=None))])

    def _rules(self) -> Iterator[GaugeMetricFamily]:
        rules = self._verdict.rules
        yield _gauge(
            "rule_verdict",
            f"The verdict on a rule: {VERDICT_SAYS}; none for rules that are for information.",
            ("rule", "severity"),
            [((rule.id, rule.severity.value), VERDICT_VALUES.get(rule.status)) for rule in rules],
        )
        yield _gauge(
            "rule_decides",
            "Whether the rule has a say in the verdict.",
            ("rule",),
            [((rule.id,), int(rule.decides)) for rule in rules],
        )
        yield self._counted("matches", "Records that match.")
        yield self._counted("numerator", "The upper sum of a ratio.")
        yield self._counted("denominator", "The lower sum of a ratio.")
        yield self._counted("started", "Runs whose last start lies in the window.", "started_runs")
        yield self._counted("attempts", "Starts of those runs.")
        yield self._counted("skewed", "Runs whose end was logged before their start.", "skewed_runs")
        yield self._split("runs", "Runs by outcome.", "outcome", _OUTCOMES)
        yield self._split("stray_records", "Records that fit no run.", "oddity", _ODDITIES)

    def _figures(self) -> Iterator[GaugeMetricFamily]:
        rated = [(rule, rule.rate) for rule in self._verdict.rules if rule.rate is not None]
        for name, says in (
            ("value", "Share of runs that succeeded."),
            ("lower", "One-sided 95 % lower bound of that share."),
            ("upper", "One-sided 95 % upper bound of that share."),
            ("target", "The share that is aimed at."),
            ("reject", "A pass rules out a share below this."),
        ):
            samples = [((rule.id,), float(getattr(rate, name))) for rule, rate in rated]
            yield _gauge(
                "rule_success_ratio" + ("" if name == "value" else f"_{name}"), says, ("rule",), samples
            )
        first = [((rule.id,), rule.first_attempt_rate) for rule in self._verdict.rules]
        yield _gauge(
            "rule_first_attempt_success_ratio", "Share of first attempts that succeeded.", ("rule",), first
        )
        exposed = [(rule, rule.exposure) for rule in self._verdict.rules if rule.exposure is not None]
        for name, suffix, says in (
            ("n", "runs", "Runs that could have shown what must not occur."),
            ("required", "required_runs", "Runs that silence needs to say something."),
            ("upper", "upper_ratio", "One-sided 95 % upper bound of how often it occurs, per run."),
        ):
            samples = [((rule.id,), float(getattr(exposure, name))) for rule, exposure in exposed]
            yield _gauge(f"rule_exposure_{suffix}", says, ("rule",), samples)
        for unit, suffix in _MEASURED.items():
            yield _gauge(
                f"rule_measured_{suffix}",
                "Quantiles and the maximum of what a rule measures, durations of runs included.",
                ("rule", "figure"),
                [sample for rule in self._verdict.rules for sample in _measured(rule, unit)],
            )
        for end, says in (("first", "first"), ("last", "last")):
            times = [(rule, getattr(rule, end)) for rule in self._verdict.rules]
            yield _gauge(
                f"rule_{end}_timestamp_seconds",
                f"Time of the {says} match, or of the {says} run's start.",
                ("rule",),
                [((rule.id,), time.timestamp()) for rule, time in times if time is not None],
            )

    def _counted(self, count: str, says: str, name: str = "") -> GaugeMetricFamily:
        samples = [((rule.id,), _count(rule, count)) for rule in self._verdict.rules]
        return _gauge(f"rule_{name or count}", says, ("rule",), samples)

    def _split(self, name: str, says: str, label: str, counts: tuple[str, ...]) -> GaugeMetricFamily:
        samples = [
            ((rule.id, count), _count(rule, count)) for rule in self._verdict.rules for count in counts
        ]
        return _gauge(f"rule_{name}", says, ("rule", label), samples)


def _count(rule: RuleVerdict, name: str) -> float | None:
    n = (rule.counts or {}).get(name)
    return n if isinstance(n, int | float) else None


def _measured(rule: RuleVerdict, unit: str) -> Iterator[tuple[tuple[str, ...], float | None]]:
    if rule.quantiles is not None and rule.quantiles.unit == unit:
        for figure in ("p50", "p95", "p99", "max"):
            yield (rule.id, figure), getattr(rule.quantiles, figure)


def _gauge(name: str, says: str, labels: tuple[str, ...], samples: Samples) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"logwatch_check_{name}", says, labels=labels)
    for values, value in samples:
        if value is not None:
            family.add_metric([escape(text) for text in values], value)
    return family
