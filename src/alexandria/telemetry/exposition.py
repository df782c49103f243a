"""Metrics in the words of Prometheus: families and their rows, written as text."""

from collections.abc import Iterable, Iterator, Sequence

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from alexandria.telemetry.metrics import Family, Row

Found = tuple[Family, Sequence[Row]]


class Given(Collector):
    """Families whose numbers are known already."""

    def __init__(self, found: Iterable[Found]) -> None:
        self._found = list(found)

    def collect(self) -> Iterator[Metric]:
        """Each family with its rows."""
        for family, rows in self._found:
            yield _metric(family, rows)


def render(found: Iterable[Found], accept: str = "") -> tuple[bytes, str]:
    """The text, and its media type: OpenMetrics for who accepts that, else Prometheus' own."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Given(found))
    encode, media_type = choose_encoder(accept)
    return encode(registry), media_type


def _metric(family: Family, rows: Sequence[Row]) -> Metric:
    if family.kind == "histogram":
        histogram = HistogramMetricFamily(family.name, family.about, labels=family.labels)
        for labels, numbers in rows:
            histogram.add_metric(list(labels), _cumulative(family, numbers), numbers[-1])
        return histogram
    kind = CounterMetricFamily if family.kind == "counter" else GaugeMetricFamily
    metric = kind(family.name, family.about, labels=family.labels)
    for labels, numbers in rows:
        metric.add_metric(list(labels), numbers[0])
    return metric


def _cumulative(family: Family, numbers: Sequence[float]) -> list[tuple[str, float]]:
    """How many values were at most so much, for each bound and for +Inf."""
    found, total = [], 0.0
    for bound, count in zip((*map(repr, family.bounds), "+Inf"), numbers[:-1], strict=True):
        total += count
        found.append((bound, total))
    return found
