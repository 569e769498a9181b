"""Families of metrics, made sample by sample; a whole list of them is what a scrape gets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from prometheus_client.core import Metric
from prometheus_client.registry import Collector
from prometheus_client.samples import Exemplar as OpenMetricsExemplar

from logwatch.evidence.escape import escape
from logwatch.serve.counters import Distribution, Exemplar

Labels = dict[str, str]


class Published(Collector):
    """What scrapes get: what was published last, whole. Publishing and scraping may happen at the same time."""

    def __init__(self) -> None:
        self._families: tuple[Metric, ...] = ()

    def publish(self, families: Iterable[Metric]) -> None:
        """Have scrapes get these from now on; nobody changes them any more."""
        self._families = tuple(families)

    def collect(self) -> Iterator[Metric]:
        """Yield the families."""
        yield from self._families


class CounterFamily:
    """Counters of one name, with when they were created."""

    def __init__(self, name: str, says: str) -> None:
        self._base = name.removesuffix("_total")
        self._says = says
        self._samples: dict[tuple[tuple[str, str], ...], tuple[float, float, Exemplar | None]] = {}

    def add(self, labels: Labels, value: float, created: float, exemplar: Exemplar | None = None) -> None:
        """Add one counter. Two whose labels look the same once they are safe are one: no scrape may hold both."""
        key = tuple((name, escape(text)) for name, text in labels.items())
        if key in self._samples:
            before, since, shown = self._samples[key]
            value, created, exemplar = value + before, min(created, since), exemplar or shown
        self._samples[key] = value, created, exemplar

    def family(self) -> Metric:
        """Return them."""
        metric = Metric(self._base, self._says, "counter")
        for key, (value, created, exemplar) in self._samples.items():
            labels = dict(key)
            metric.add_sample(f"{self._base}_total", labels, value, exemplar=_shown(exemplar))
            metric.add_sample(f"{self._base}_created", labels, created)
        return metric


class GaugeFamily:
    """Gauges of one name."""

    def __init__(self, name: str, says: str) -> None:
        self._metric = Metric(name, says, "gauge")
        self._keys: set[tuple[str, ...]] = set()

    def add(self, labels: Labels, value: float) -> None:
        """Add one gauge, unless one is there whose labels look the same."""
        safe = {name: escape(text) for name, text in labels.items()}
        key = tuple(safe.values())
        if key not in self._keys:
            self._keys.add(key)
            self._metric.add_sample(self._metric.name, safe, value)

    def family(self) -> Metric:
        """Return them."""
        return self._metric


class HistogramFamily:
    """Histograms of one name."""

    def __init__(self, name: str, says: str) -> None:
        self._metric = Metric(name, says, "histogram")

    def add(self, labels: Labels, distribution: Distribution) -> None:
        """Add one histogram."""
        name, total = self._metric.name, 0
        safe = {label: escape(text) for label, text in labels.items()}
        for place, n in enumerate(distribution.buckets):
            total += n
            bounds = distribution.bounds
            bound = str(bounds[place]) if place < len(bounds) else "+Inf"
            shown = _shown(distribution.exemplars.get(place))
            self._metric.add_sample(f"{name}_bucket", safe | {"le": bound}, total, exemplar=shown)
        self._metric.add_sample(f"{name}_count", safe, total)
        self._metric.add_sample(f"{name}_sum", safe, distribution.sum)
        self._metric.add_sample(f"{name}_created", safe, distribution.created)

    def family(self) -> Metric:
        """Return them."""
        return self._metric


def _shown(exemplar: Exemplar | None) -> OpenMetricsExemplar | None:
    if exemplar is None:
        return None
    labels = {name: escape(text) for name, text in exemplar.labels.items()}
    return OpenMetricsExemplar(labels, exemplar.value, exemplar.time)
