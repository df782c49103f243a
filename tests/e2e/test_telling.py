"""What the running program tells of itself: a miss is one trace through its processes, and no log holds a secret."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import httpx2
import pytest

from alexandria.cli.address import free_port
from alexandria.db import connect
from alexandria.sample.numbers import nth_isbn
from alexandria.simulator.launch import Simulator
from tests.cli.conftest import HOST, Program
from tests.ops.receiver import Receiver
from tests.telemetry.collector import Collector, Span
from tests.waiting import until

pytestmark = pytest.mark.slow
KEYS = {
    "internal_api_key": "internal-sesame-0001",
    "isbndb_api_key": "isbndb-sesame-0002",
    "google_books_api_key": "google-sesame-0003",
}
GIVEN = ("header-sesame-0004", "bearer-sesame-0005", "query-sesame-0006", "cookie-sesame-0007", "user-sesame-0008")
HOOK = "hook-sesame-0009"
TRACE = "0af7651916cd43dd8448eb211c80319c"


@dataclass
class Running:
    """API and worker as two processes, and everybody whom they tell something."""

    client: httpx2.Client
    program: Program
    collector: Collector
    receiver: Receiver
    url: str


@pytest.fixture(scope="module")
def running(
    simulator: Simulator, session_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    url, port, folder = session_database(), free_port(HOST), tmp_path_factory.mktemp("telling")
    with Collector() as collector, Receiver(HOOK) as receiver:
        program = Program(
            folder, database_url=url, data_dir=folder / "data", contact="tests@example.org", port=port,
            traces_url=collector.url, alert_urls=receiver.url, **KEYS,
        )  # fmt: skip
        program.environ |= simulator.environ
        processes = [program.start("api"), program.start("worker")]
        client = httpx2.Client(
            base_url=f"http://{HOST}:{port}", headers={"X-API-Key": KEYS["internal_api_key"]}, timeout=60
        )
        try:
            until(lambda: "worker started" in program.said() and answers(client), 120)
            yield Running(client, program, collector, receiver, url)
        finally:
            client.close()
            for process in processes:
                process.terminate()
            for process in processes:
                process.wait(60)
                if process.stdout:
                    process.stdout.close()


def answers(client: httpx2.Client) -> bool:
    try:
        return client.get("/ready").status_code == 200
    except httpx2.TransportError:
        return False


def test_a_miss_is_one_trace(running: Running) -> None:
    isbn, client = str(nth_isbn(1_500)), running.client
    parent = f"00-{TRACE}-b7ad6b7169203331-01"
    missed = client.get("/api/isbn", params={"isbn": isbn}, headers={"traceparent": parent, "X-Request-Id": "story-1"})
    assert missed.status_code == 404
    until(lambda: client.get(missed.json()["status_url"]).json()["status"] == "completed")

    def spans() -> dict[str, Span]:
        return {each.id: each for each in running.collector.spans if each.trace == TRACE}

    def names() -> set[tuple[str, str]]:
        return {(each.service, each.name) for each in spans().values()}

    wanted = {
        ("alexandria-api", "GET /api/isbn"), ("alexandria-worker", "job edition"),
        ("alexandria-worker", "ask isbndb"), ("alexandria-worker", "store"),
    }  # fmt: skip

    def hangs_together() -> bool:
        found = spans()
        return all(each.parent in found for each in found.values() if each.name != "GET /api/isbn")

    until(lambda: wanted <= names() and hangs_together())  # a span may be told before the one around it has ended
    found = spans()
    [root] = [each for each in found.values() if each.name == "GET /api/isbn"]
    assert root.parent == "b7ad6b7169203331"
    assert root.attributes["request.id"] == "story-1"
    assert root.attributes["http.response.status_code"] == 404
    [job] = [each for each in found.values() if each.name == "job edition"]
    assert (job.parent, job.attributes["job.key"], job.attributes["job.outcome"]) == (root.id, int(isbn), "done")
    assert {each.parent for each in found.values() if each.name in ("ask isbndb", "store")} == {job.id}


def test_no_secret_is_in_the_log(running: Running, simulator: Simulator) -> None:
    client, (header, bearer, query, cookie, user) = running.client, GIVEN
    for path in ("/api/isbn?isbn=9780140328721", "/api/works/OL1W", "/nowhere"):
        client.get(path, headers={"X-API-Key": header})
        client.get(path, headers={"Authorization": f"Bearer {bearer}", "Cookie": f"session={cookie}"})
        client.get(path, params={"api_key": query})
        client.get(path, auth=(user, user))
    simulator.faults(isbndb=[{"fault": "status", "status": 401}], google_books=[{"fault": "status", "status": 500}])
    for number in range(1_600, 1_603):
        client.get("/api/isbn", params={"isbn": str(nth_isbn(number))})
    until(lambda: refused(running) > 0)
    with connect(running.url, autocommit=True) as connection:
        connection.execute("update ops.rounds set at = '-infinity'")  # so that the rules are looked at now
        until(lambda: any("key-refused" in each["title"] for each in running.receiver.got), 120)
        connection.execute("select pg_terminate_backend(pid) from pg_stat_activity "
                           "where datname = current_database() and pid <> pg_backend_pid()")  # fmt: skip
    simulator.faults(isbndb=[], google_books=[])
    until(lambda: answers(client), 120)
    said = running.program.said() + client.get("/metrics").text + client.get("/api/alerts").text
    secrets = (*KEYS.values(), *GIVEN, HOOK)
    assert [secret for secret in secrets if secret in said] == []


def refused(running: Running) -> int:
    with connect(running.url, autocommit=True) as connection:
        row = connection.execute("select count(*) from quota.breakers where open_until is not null").fetchone()
    assert row
    return int(row[0])
