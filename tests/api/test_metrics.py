"""`/metrics` and `/api/alerts` as Prometheus and people ask for them; request ids."""

import re
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families

from alexandria.db import Database, connect
from alexandria.ops.board import Board
from alexandria.ops.gauges import OF_ALL, OF_EACH, UP
from alexandria.ops.processes import Heart
from alexandria.telemetry.exposition import render
from alexandria.telemetry.metrics import Metrics
from tests.api.conftest import Start
from tests.ops.faults import POLICIES
from tests.waiting import until

Samples = dict[tuple[str, ...], float]
KEY = "r" * 32


def read(text: str) -> Samples:
    """Every sample by its name and labels, but for the process."""
    return {
        (sample.name, *(value for label, value in sorted(sample.labels.items()) if label != "process")): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def ask(client: httpx2.Client) -> Samples:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert answer.headers["cache-control"] == "no-store"
    return read(answer.text)


def test_every_metric_is_there(service: httpx2.Client) -> None:
    text = service.get("/metrics").text
    for family in (*OF_ALL, *OF_EACH):
        name = family.name.removesuffix("_total")
        assert re.search(rf"^# TYPE {name}(_total)? {family.kind}$", text, re.MULTILINE), family.name


def test_what_is_asked_is_counted(service: httpx2.Client) -> None:
    before = ask(service)
    assert before["alexandria_database_up",] == 1
    assert before["alexandria_mirror_records", "editions"] == 7
    service.get("/api/isbn?isbn=9780140328721")
    service.get("/api/isbn?isbn=9780140328721")
    service.get("/api/isbn?isbn=9780261102217")
    service.get("/api/isbn?isbn=nonsense")
    service.post("/api/isbn/batch", json={"isbns": ["9780140328721", "9780262033848"]})
    service.get("/api/works/OL45804W")
    service.head("/api/works/OL45804W")
    service.get("/nowhere/at/all")
    service.get("/covers/9780140328721/large")
    after: Samples = {}

    def counted() -> bool:
        after.update(ask(service))
        return news("alexandria_http_requests_total", "GET", "other", "api", "404") > 0

    def news(*sample: str) -> float:
        return after.get(sample, 0) - before.get(sample, 0)

    until(counted)
    assert news("alexandria_lookups_total", "hit", "api") >= 3
    assert news("alexandria_lookups_total", "deleted", "api") == 1
    assert news("alexandria_lookups_total", "missing", "api") >= 1
    assert news("alexandria_http_requests_total", "GET", "/api/isbn", "api", "200") == 2
    assert news("alexandria_http_requests_total", "GET", "/api/isbn", "api", "410") == 1
    assert news("alexandria_http_requests_total", "GET", "/api/isbn", "api", "400") == 1
    assert news("alexandria_http_requests_total", "POST", "/api/isbn/batch", "api", "200") == 1
    assert news("alexandria_http_requests_total", "GET", "/api/works/{key}", "api", "200") == 1
    assert news("alexandria_http_requests_total", "HEAD", "/api/works/{key}", "api", "200") == 1
    assert news("alexandria_http_requests_total", "GET", "/covers/{isbn}/{size}", "api", "404") == 1
    assert news("alexandria_http_request_seconds_count", "/api/isbn", "api") == 4
    assert news("alexandria_lookup_seconds_count", "api") >= 3
    assert after["alexandria_http_requests_in_flight", "api"] == 1  # this one
    assert after["alexandria_pool_connections", "api", "open"] >= 1
    assert after["alexandria_process_resident_memory_bytes", "api"] > 10_000_000


def test_strange_methods_and_paths_make_no_new_series(service: httpx2.Client) -> None:
    for number in range(5):
        service.request(f"STRANGE{number}", f"/strange/{number}")
    names = [key for key in ask(service) if any("STRANGE" in label or "strange" in label for label in key)]
    assert names == []


@pytest.mark.parametrize(
    ("given", "kept"),
    [("abc-1.2_Z", True), ("x" * 128, True), ("x" * 129, False), ("a b", False), ("a=1", False), ("é", False)],
)
def test_request_ids(service: httpx2.Client, given: str, kept: bool) -> None:
    for path in ("/api/isbn?isbn=9780140328721", "/api/works/OL45804W", "/api/isbn?isbn=x", "/nowhere"):
        answer = service.get(path, headers=[(b"X-Request-Id", given.encode("latin-1"))])
        assert (answer.headers["x-request-id"] == given) is kept
        assert answer.headers.get_list("x-request-id") == [answer.headers["x-request-id"]]
    assert re.fullmatch("[0-9a-f]{12}-[0-9a-f]+", service.get("/health").headers["x-request-id"])


def test_alerts_are_shown(start_service: Start, session_database: Callable[[], str]) -> None:
    """Two processes of one service answer alike, and only to whom they may."""
    url = session_database()
    client = start_service(url, workers="2", open_reads="false", internal_api_key=KEY)
    assert client.get("/metrics").status_code == 401
    assert client.get("/api/alerts").status_code == 401
    client.headers["authorization"] = f"Bearer {KEY}"
    assert client.get("/api/alerts").json() == {"alerts": []}
    with connect(url, autocommit=True) as connection:
        connection.execute(
            "insert into ops.alerts (rule, subject, severity, summary, runbook, value, raised_at, last_seen_at) "
            "values ('gap-found', 'mirror', 'warning', 'x', 'gap-found', 2, now(), now()), "
            "('key-refused', 'isbndb', 'critical', 'y', 'key-refused', null, now(), now())"
        )
    found = client.get("/api/alerts").json()["alerts"]
    assert [(each["rule"], each["severity"], each["value"]) for each in found] == [
        ("key-refused", "critical", None), ("gap-found", "warning", 2.0),
    ]  # fmt: skip
    until(lambda: ask(client).get(("alexandria_processes", "api")) == 2, 90)
    assert ask(client)["alexandria_alerts_open", "gap-found", "warning"] == 1
    text = client.get("/metrics").text
    assert len(set(re.findall(r'alexandria_process_start_time_seconds\{process="([^"]+)"', text))) == 2


@pytest.mark.anyio
@pytest.mark.usefixtures("impatient")
async def test_the_metrics_of_this_process_while_the_database_is_away() -> None:
    database, metrics = Database("postgresql://nobody@127.0.0.1:1/x"), Metrics()
    metrics.note_lookup("failed", 2.0)
    await database.open()
    board = Board(database, Heart(database, "api", metrics, Path("/")), POLICIES)
    try:
        found = read(render(await board.read())[0].decode())
    finally:
        await database.close()
    assert found[UP.name,] == 0
    assert found["alexandria_lookups_total", "failed", "api"] == 1
