"""Search among invented works made of the words of the real ones: how quick, how good, how large the index is.

`--editions N` is the number of invented works here. The long form has five million.
"""

import hashlib
import threading
import time
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path
from urllib.parse import quote

import msgspec

from alexandria.db import Connection, connect
from alexandria.sample.catalogue import write_sample
from bench import distractors
from bench.catalogue import Catalogue
from bench.distractors import FIRST, real_words, write_distractors
from bench.machine import ROOT
from bench.result import Figure, Result, command_of, figure, percentile
from bench.service import Client, service
from bench.workspace import BenchFailed, fingerprint, scratch

TITLE = "Search"
NAME = "search"  # the database
RECORDED = ROOT.parent / "shared" / "fixtures" / "openlibrary" / "dump"
DISTRACTORS = Path(distractors.__file__)
QUERIES = ROOT / "tests" / "search" / "queries.tsv"
RATE, SECONDS, QUICK_SECONDS = 30.0, 60.0, 0.5
TYPED, QUICK_TYPED = 6, 120  # one query in so many is typed, letter by letter
CONNECTIONS = 16
ENOUGH = 5_000_000  # works from which on the goals of speed are judged
ENOUGH_FOR_QUALITY = 1_000_000
P95_GOAL, WORST_GOAL, AUTOCOMPLETE_GOAL, AUTHOR_GOAL, QUALITY_GOAL = 60.0, 150.0, 25.0, 10.0, 95.0
FIRST_THREE = 3
Query = tuple[str, frozenset[str]]


def run(size: int, quick: bool) -> Result:
    """Searches over HTTP among invented works and the real ones, loaded by the code as it is now."""
    seconds = QUICK_SECONDS if quick else SECONDS
    catalogue = Catalogue(size)
    with catalogue.server, scratch() as folder:
        url = _ensure_loaded(catalogue, folder)
        catalogue.warm(url)
        with service(catalogue.data_dir, folder, 2, {"ALEXANDRIA_DATABASE_URL": url}) as port:
            figures = [*_quality(port, size), *_speed(port, size, seconds), *_worst(port, url, size)]
            figures += [*_autocomplete(port, size, QUICK_TYPED if quick else TYPED), _author(port, size)]
        with connect(url) as connection:
            figures += _sizes(connection)
    return Result(
        bench="search",
        title=TITLE,
        size=size,
        quick=quick,
        command=command_of("search", size, quick),
        figures=figures,
        notes=[
            f"The number in the title is that of invented works. {seconds:.0f} s of {RATE:.0f} requests a second at "
            "fixed times, whether or not those before are answered; latency from the time at which one was due. The "
            "queries are those of tests/search/queries.tsv (typos, scripts, initials, parts), in turn. Two workers.",
            "Titles and names of invented works are made of the words of the real ones and of invented words; those "
            "that are a query as a whole are left out, for nobody could say which of the two is meant.",
        ],
    )


def read_queries() -> list[Query]:
    """The hand-made queries with the keys that they are to find; those of recorded lines only where these are."""
    rows = [line.split("\t") for line in QUERIES.read_text(encoding="utf-8").splitlines() if line[:1] not in ("", "#")]
    return [(text, frozenset(keys.split(","))) for kind, text, keys in rows if kind != "fixtures" or RECORDED.is_dir()]


def _ensure_loaded(catalogue: Catalogue, folder: Path) -> str:
    """The URL of the database with the invented works and the real ones; that of an earlier run, if it is the same."""
    recorded, stamp = RECORDED if RECORDED.is_dir() else None, catalogue.data_dir / "searched.txt"
    identity = f"{fingerprint('mirror', 'biblio', 'sample', 'db/migrations')} {_hash(QUERIES, DISTRACTORS)} {recorded}"
    if stamp.exists() and stamp.read_text() == identity:
        return catalogue.url_of(NAME)
    stamp.unlink(missing_ok=True)
    url = _load(catalogue, folder, recorded)
    stamp.write_text(identity)
    return url


def _hash(*files: Path) -> str:
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


def _load(catalogue: Catalogue, folder: Path, recorded: Path | None) -> str:
    forbidden = [text for text, _ in read_queries()]
    invented = write_distractors(folder / "invented.txt.gz", catalogue.size, real_words(recorded), forbidden)
    files = [invented, *write_sample(folder / "sample"), *(sorted(recorded.glob("ol_dump_*")) if recorded else ())]
    url = catalogue.make_database(NAME)
    catalogue.load(url, files)
    return url


def _quality(port: int, size: int) -> Iterator[Figure]:
    client, queries = Client(port), read_queries()
    found = sum(not expected.isdisjoint(_first(client, text)) for text, expected in queries)
    client.close()
    share = 100 * found / len(queries)
    yield figure(
        "what is meant is among the first three",
        [share],
        "%",
        goal=f"≥ {QUALITY_GOAL:.0f}",
        met=share >= QUALITY_GOAL if size >= ENOUGH_FOR_QUALITY else None,
        note=f"{found} of {len(queries)}",
    )


def _first(client: Client, text: str) -> list[str]:
    answer = client.read(_path(text, f"&limit={FIRST_THREE}"))
    results = msgspec.json.decode(answer)["results"]
    shown = [result["work"] or result["edition"]["work"] for result in results]  # of a work without a record: its key
    return [work["key"] for work in shown if work]


def _path(text: str, more: str = "") -> str:
    return f"/api/search/combined?q={quote(text)}{more}"


def _speed(port: int, size: int, seconds: float) -> list[Figure]:
    times = at_rate(port, [_path(text) for text, _ in read_queries()], RATE, seconds)
    p95 = percentile(times, 0.95)
    return [
        figure(f"search, {RATE:.0f} a second, median", [percentile(times, 0.5)], "ms"),
        figure(
            f"search, {RATE:.0f} a second, p95",
            [p95],
            "ms",
            goal=f"≤ {P95_GOAL:.0f} on ≥ {ENOUGH / 1e6:.0f} M works",
            met=p95 <= P95_GOAL if size >= ENOUGH else None,
        ),
        figure(f"search, {RATE:.0f} a second, slowest", [max(times)], "ms"),
    ]


def at_rate(port: int, paths: Sequence[str], rate: float, seconds: float) -> list[float]:
    """Milliseconds of requests that are due at a fixed rate, from when each was due."""
    due = iter(enumerate(islice(cycle(paths), int(rate * seconds))))
    times: list[float] = []
    errors: list[Exception] = []
    lock, start = threading.Lock(), time.perf_counter() + 0.2

    def work() -> None:
        client = Client(port)
        try:
            while True:
                with lock:
                    number, path = next(due, (-1, ""))
                if number < 0:
                    return
                moment = start + number / rate
                time.sleep(max(0.0, moment - time.perf_counter()))
                client.get(path)
                times.append((time.perf_counter() - moment) * 1000)
        except Exception as error:  # told to the bench
            errors.append(error)
        finally:
            client.close()

    threads = [threading.Thread(target=work) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise BenchFailed(f"a search failed: {errors[0]}")
    return times


def _worst(port: int, url: str, size: int) -> list[Figure]:
    """The slowest of queries made of the commonest words."""
    with connect(url) as connection:
        rows = connection.execute("select word from mirror.lexicon order by titles + authors desc limit 12").fetchall()
    words = [word for (word,) in rows]
    texts = [*words, *(f"{a} {b}" for a, b in zip(words, words[1:], strict=False)), " ".join(words[:6])]
    client = Client(port)
    times = [client.get(_path(text)) for text in texts for _ in range(2)]
    client.close()
    worst = max(times)
    goal = f"≤ {WORST_GOAL:.0f} on ≥ {ENOUGH / 1e6:.0f} M works"
    return [
        figure(
            "commonest words, slowest",
            [worst],
            "ms",
            goal=goal,
            met=worst <= WORST_GOAL if size >= ENOUGH else None,
            note=", ".join(words[:6]),
        )
    ]


def _autocomplete(port: int, size: int, step: int) -> Iterator[Figure]:
    """As somebody types one query in `step`, letter by letter."""
    client = Client(port)
    typed = [text[:length] for text, _ in read_queries()[::step] for length in range(1, min(len(text), 16))]
    times = [client.get(f"/api/autocomplete?q={quote(text)}") for text in typed if text.strip()]
    client.close()
    p95 = percentile(times, 0.95)
    goal = f"≤ {AUTOCOMPLETE_GOAL:.0f} on ≥ {ENOUGH / 1e6:.0f} M works"
    met = p95 <= AUTOCOMPLETE_GOAL if size >= ENOUGH else None
    yield figure("autocomplete, median", [percentile(times, 0.5)], "ms")
    yield figure("autocomplete, p95", [p95], "ms", goal=goal, met=met)


def _author(port: int, size: int) -> Figure:
    """The first page of the author with the most works."""
    client = Client(port)
    times = [client.get(f"/api/authors/OL{FIRST}A/works") for _ in range(200)]
    client.close()
    p99 = percentile(times, 0.99)
    goal = f"≤ {AUTHOR_GOAL:.0f} on ≥ {ENOUGH / 1e6:.0f} M works"
    return figure(
        "first page of the largest author, p99",
        [p99],
        "ms",
        goal=goal,
        met=p99 <= AUTHOR_GOAL if size >= ENOUGH else None,
        note=f"about {size // 500:,} works",
    )


def _sizes(connection: Connection) -> list[Figure]:
    rows = connection.execute(
        "select c.relname, pg_relation_size(c.oid) from pg_class c join pg_namespace n on n.oid = c.relnamespace "
        "where n.nspname = 'mirror' and c.relkind in ('r', 'i') "
        "and c.relname ~ '^(documents|lexicon|popularity|work_(classes|series))' order by 2 desc"
    ).fetchall()
    return [figure(f"on disk, {name}", [size / 1e6], "MB") for name, size in rows]
