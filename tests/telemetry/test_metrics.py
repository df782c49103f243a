"""What is counted is what is told: counters, histograms, their text, quantiles."""

from bisect import bisect_left

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from alexandria.telemetry.exposition import render
from alexandria.telemetry.metrics import (
    FAST,
    LOOKUP_SECONDS,
    LOOKUPS,
    OWN,
    REQUESTS,
    Family,
    Histogram,
    Metrics,
)
from alexandria.telemetry.summary import Totals, add_up, find_quantile, summarize


def test_what_a_process_counts() -> None:
    metrics = Metrics()
    metrics.note_request("GET", "/api/isbn", 200, 0.001)
    metrics.note_request("GET", "/api/isbn", 503, 0.001)
    metrics.note_lookup("hit", 0.001)
    metrics.note_lookup("missing", 7.0)
    assert add_up(metrics.snapshot()) == Totals(2, 1, 2, 1, (0, 0, 1, *[0] * 11, 1, 0))
    assert Totals(5, 2, 4, 3, (2, 3)).since(Totals(4, 0, 4, 1)) == Totals(1, 2, 0, 2, (2, 3))
    assert Totals(5, 2, 4, 3, (2, 3)).since(Totals(4, 0, 4, 1, (1, 3))) == Totals(1, 2, 0, 2, (1, 0))
    assert set(metrics.snapshot()) == {family.name for family in OWN}
    assert all(family.fits(row) for family in OWN for row in metrics.snapshot()[family.name])


def test_the_text_is_what_prometheus_reads() -> None:
    metrics = Metrics()
    metrics.note_lookup("hit", 0.0004)
    metrics.note_lookup("hit", 99.0)
    snapshot = metrics.snapshot()
    text, media_type = render([(family, snapshot[family.name]) for family in (LOOKUPS, LOOKUP_SECONDS)])
    assert media_type.startswith("text/plain")
    found = {each.name: {(s.name, *s.labels.values()): s.value for s in each.samples}
             for each in text_string_to_metric_families(text.decode())}  # fmt: skip
    assert found["alexandria_lookups"] == {("alexandria_lookups_total", "hit"): 2}
    seconds = found["alexandria_lookup_seconds"]
    assert seconds["alexandria_lookup_seconds_count",] == 2
    assert seconds["alexandria_lookup_seconds_sum",] == pytest.approx(99.0004)
    assert seconds["alexandria_lookup_seconds_bucket", "0.0005"] == 1
    assert seconds["alexandria_lookup_seconds_bucket", "0.00025"] == 0
    assert seconds["alexandria_lookup_seconds_bucket", "+Inf"] == 2
    assert render([], "application/openmetrics-text; version=1.0.0")[1].startswith("application/openmetrics-text")


@pytest.mark.parametrize("family", OWN, ids=lambda each: each.name)
def test_names_follow_the_conventions(family: Family) -> None:
    assert family.name.startswith("alexandria_")
    assert family.name.endswith("_total") == (family.kind == "counter")
    assert not {"milliseconds", "ms", "minutes", "kilobytes", "percent"} & set(family.name.split("_"))
    assert (family.kind == "histogram") == bool(family.bounds)
    assert family.about.endswith(".")


def test_a_row_of_another_version_does_not_fit() -> None:
    assert REQUESTS.fits((("GET", "/", "200"), [1]))
    assert not REQUESTS.fits((("GET", "/"), [1]))
    assert not LOOKUP_SECONDS.fits(((), [1, 2, 3]))


@given(st.lists(st.floats(0, 20), min_size=1), st.floats(0.01, 1))
def test_a_quantile_lies_in_the_bucket_of_the_true_one(values: list[float], share: float) -> None:
    histogram = Histogram(LOOKUP_SECONDS)
    for value in values:
        histogram.observe(value)
    [(_, numbers)] = histogram.rows()
    assert sum(numbers[:-1]) == len(values)
    found = find_quantile(numbers[:-1], FAST, share)
    assert found is not None
    rank = next(rank for rank in range(1, len(values) + 1) if rank >= share * len(values) * (1 - 1e-9))
    true = sorted(values)[rank - 1]
    place = bisect_left(FAST, true)
    lower, upper = (FAST[place - 1] if place else 0.0), FAST[min(place, len(FAST) - 1)]
    assert lower * (1 - 1e-9) <= found <= upper * (1 + 1e-9)


def test_no_values_have_no_quantile() -> None:
    assert find_quantile([0] * (len(FAST) + 1), FAST, 0.5) is None


def test_the_lookups_of_many_processes_in_few_numbers() -> None:
    one, other = Metrics(), Metrics()
    for metrics, seconds in ((one, 0.0003), (one, 0.0003), (other, 0.0003), (other, 7.0)):
        metrics.note_lookup("hit" if seconds < 1 else "missing", seconds)
    other.batched.add("hit", amount=6)
    found = summarize([one.snapshot(), other.snapshot()])
    assert (found.lookups, found.hits, found.misses) == (10, 9, 1)
    assert found.median is not None
    assert 0.00025 < found.median < 0.0005
    assert found.p99 is not None
    assert 5 < found.p99 <= 10
    assert summarize([]).median is None
