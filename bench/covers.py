"""Covers: from bytes on a host to three stored pictures, and served again.

The worker is held against a bare loop of the same libvips calls on the same pictures and processors, which neither
fetches nor stores anything. `python -m bench.covers FOLDER PICTURES` is that loop.
"""

import asyncio
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import msgspec

from alexandria.config import Settings, read_settings
from alexandria.covers.pool import Decoders
from alexandria.covers.service import Covers, make_covers
from alexandria.db import Database, EmbeddedServer, Statement, connect, migrate
from alexandria.queue.job import NewJob
from alexandria.queue.status import counts
from alexandria.queue.store import enqueue
from alexandria.queue.worker import Worker
from alexandria.simulator.catalogue.numbers import isbn_of
from alexandria.telemetry.log import configure_logs
from bench import wrk
from bench.machine import processors
from bench.pictures import VARIANTS, host, make_pictures
from bench.result import Figure, Result, command_of, figure, skipped
from bench.service import base_of, service
from bench.usage import peak_memory
from bench.workspace import BenchFailed, scratch

TITLE = "Covers"
ROUNDS, QUICK_ROUNDS = 3, 1
PICTURES, QUICK_PICTURES = 600, 8  # in one round
SECONDS, QUICK_SECONDS = 8, 1
CONNECTIONS = 32
SHARE_GOAL, RATE_GOAL, MEMORY_GOAL = 0.8, 12.0, 300.0  # of the loop; covers a second; MB
SERVE_GOAL, P99_GOAL = 2_000.0, 20.0  # requests a second; ms
ROUND = 10_000  # invented editions for each round
_SAY = Statement(
    "say",
    """insert into enriched.answers (kind, id, provider, source, licence, fields, said, quality, created_at, updated_at)
    select 'edition', n, 'open-library', 'self', 'open',
        jsonb_build_object('cover_url', %(base)s || '/b/id/' || (n / 10 %% 1000000 + 1) || '-L.jpg'), '{}', 50,
        now(), now()
    from unnest(%(isbns)s::bigint[]) n on conflict do nothing""",
    "What Open Library says of ISBNs: each has a cover.",
)


def run(size: int, quick: bool) -> Result:
    """Rounds of the bare loop and of a worker in turn, then the service on what is stored."""
    rounds, many = (QUICK_ROUNDS, QUICK_PICTURES) if quick else (ROUNDS, PICTURES)
    with scratch() as folder, ExitStack() as stack:
        variants = min(VARIANTS, many)
        make_pictures(folder / "pictures", variants)
        folder.chmod(0o755)  # PostgreSQL may be another user
        (folder / "data").mkdir(mode=0o755)
        server = stack.enter_context(EmbeddedServer(folder / "data"))
        with connect(server.url, autocommit=True) as connection:
            migrate(connection)
        base = stack.enter_context(host(folder / "pictures"))
        settings = settings_for(folder / "data", base)
        loops, workers, memory = [], [], 0.0
        for number in range(rounds):
            loops.append(loop_rate(folder / "pictures", many))
            rate, used = asyncio.run(work(server.url, settings, isbns_of(number, many), base))
            workers.append(rate)
            memory = max(memory, used)
        served = serving(folder, isbns_of(0, many), quick)
    return Result(
        bench="covers",
        title=TITLE,
        size=size,
        quick=quick,
        command=command_of("covers", size, quick),
        figures=[*worker_figures(loops, workers, memory), *served],
        notes=[
            f"{rounds} rounds of {many} covers, from {variants} different JPEG pictures of 500×750 pixels, about 70 kB "
            "each. The host of the pictures, PostgreSQL (fsync on), the worker and its decoders share the processors; "
            "the bare loop has them for itself, in as many processes. Both use the same libvips calls and settings.",
            "The worker's time is from the first claim to the last settled job: permit, request, decoding, three WebP "
            "pictures written to a folder, rows, settled jobs. Its pace is set so high that it never waits.",
        ],
    )


def worker_figures(loops: list[float], workers: list[float], memory: float) -> list[Figure]:
    shares = [worker / loop for worker, loop in zip(workers, loops, strict=True)]
    return [
        figure("a bare loop of libvips calls", loops, "covers/s"),
        figure(
            "a worker, fetching and storing",
            workers,
            "covers/s",
            ratio=sum(shares) / len(shares),
            ratio_to="the bare loop",
            goal=f"≥ {SHARE_GOAL} × the loop, ≥ {RATE_GOAL:.0f}",
            met=sum(shares) / len(shares) >= SHARE_GOAL and min(workers) >= RATE_GOAL,
            note="by round: " + ", ".join(f"{share:.2f}" for share in shares),
        ),
        figure(
            "most memory of one of its processes",
            [memory],
            "MB",
            goal=f"≤ {MEMORY_GOAL:.0f}",
            met=memory <= MEMORY_GOAL,
        ),
    ]


def settings_for(data_dir: Path, base: str) -> Settings:
    """Settings in which the host is Open Library's, and allows everything."""
    environ = {
        "ALEXANDRIA_DATA_DIR": str(data_dir),
        "ALEXANDRIA_OPEN_LIBRARY_COVERS_URL": base,
        "ALEXANDRIA_OPEN_LIBRARY_COVERS_RATE": "1000000",
    }
    return read_settings(environ, data_dir / "none")


# --- the worker --------------------------------------------------------------------------------------------------


def isbns_of(number: int, many: int) -> list[int]:
    """So many ISBNs, other ones in each round."""
    return [isbn_of(number * ROUND + place) for place in range(many)]


async def work(url: str, settings: Settings, isbns: list[int], base: str) -> tuple[float, float]:
    """Covers a second, and the most megabytes of one process."""
    configure_logs()
    database = Database(url, max_size=8, timeout_ms=60_000)
    await database.open()
    covers = make_covers(settings, database, Decoders(processors()))
    try:
        await database.execute(_SAY, {"base": base, "isbns": isbns})
        worker = Worker(database, covers.works())
        await warm(covers)
        await enqueue(database, [NewJob("cover", isbn) for isbn in isbns])
        begun = time.perf_counter()
        running = asyncio.create_task(worker.run())
        while await left(database):
            await asyncio.sleep(0.1)
        seconds = time.perf_counter() - begun
        memory = max(peak_memory(), *map(peak_of, covers.decoders.pids)) / 1e6
        worker.stop()
        await running
        found = await database.fetch(_COUNT, {"isbns": isbns})
    finally:
        await covers.close()
        await database.close()
    if found != [(len(isbns),)]:
        raise BenchFailed(f"of {len(isbns)} covers only {found} were stored")
    return len(isbns) / seconds, memory


_COUNT = Statement("count", "select count(*) from covers.covers where isbn = any(%(isbns)s::bigint[])", "Covers.")


async def left(database: Database) -> int:
    found = {each.kind: each for each in await counts(database)}
    return found["cover"].pending + found["cover"].running if "cover" in found else 0


async def warm(covers: Covers) -> None:
    """Nothing; every decoder has started."""
    await asyncio.gather(*(covers.decoders.render(b"GIF89a") for _ in range(processors() * 2)))


def peak_of(pid: int) -> int:
    """The most bytes that a process has had in memory."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024


# --- the bare loop -----------------------------------------------------------------------------------------------


def loop_rate(folder: Path, many: int) -> float:
    """Covers a second of bare libvips, in as many processes as there are processors."""
    share = many // processors()
    command = [sys.executable, "-m", "bench.covers", str(folder), str(share)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(processors())]
    seconds = [float(process.communicate()[0]) for process in running]
    return share * len(running) / max(seconds)


def loop(folder: Path, many: int) -> float:
    """Seconds for so many pictures: decoded, made smaller, encoded; nothing else."""
    import pyvips

    from alexandria.covers.image import EFFORT, QUALITY, prepare
    from alexandria.covers.keys import SIZES

    prepare()
    pictures = [path.read_bytes() for path in sorted(folder.iterdir())]
    begun = 0.0
    for number in range(-2, many):
        if number == 0:
            begun = time.perf_counter()
        picture = None
        for width, height in SIZES.values():
            if picture is None:
                data = pictures[number % len(pictures)]
                picture = pyvips.Image.thumbnail_buffer(
                    data, width, height=height, size="down", option_string="[fail_on=error]"
                ).copy_memory()
            else:
                picture = picture.thumbnail_image(width, height=height, size="down").copy_memory()
            picture.webpsave_buffer(Q=QUALITY, effort=EFFORT, keep="none")
    return time.perf_counter() - begun


# --- serving -----------------------------------------------------------------------------------------------------


def serving(folder: Path, isbns: list[int], quick: bool) -> list[Figure]:
    """The service under wrk, asked for covers that it has just served."""
    goal = f"≥ {SERVE_GOAL:,.0f}"
    if missing := wrk.missing():
        return [skipped("GET /covers/{isbn}/{size}", "requests/s", missing, goal)]
    script = folder / "covers.lua"
    script.write_text(_LUA % {"isbns": ", ".join(f'"{isbn}"' for isbn in isbns)})
    with service(folder / "data", folder) as port:
        _wrk(port, script, 1 if quick else 2)
        loads = [_wrk(port, script, QUICK_SECONDS if quick else SECONDS) for _ in range(1 if quick else ROUNDS)]
    rates, p99s = [load.rate for load in loads], [load.p99 for load in loads]
    return [
        figure(
            "GET /covers/{isbn}/{size}, one process", rates, "requests/s", goal=goal, met=min(rates) >= SERVE_GOAL,
            note=f"{CONNECTIONS} connections of wrk on the same processors, any of {len(isbns)} covers in any size",
        ),
        figure(
            "GET /covers/{isbn}/{size}, p99", p99s, "ms", goal=f"≤ {P99_GOAL:.0f}",
            met=sorted(p99s)[len(p99s) // 2] <= P99_GOAL,
        ),
    ]  # fmt: skip


def _wrk(port: int, script: Path, seconds: int) -> wrk.Load:
    command = [
        *("wrk", "--latency", "--connections", str(CONNECTIONS), "--threads", "2", "--duration", f"{seconds}s"),
        *("--timeout", f"{wrk.PATIENCE}s"),
        *("--script", str(script), base_of(port)),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = [line.removeprefix("JSON ") for line in done.stdout.splitlines() if line.startswith("JSON {")]
    if not found:
        raise BenchFailed(f"wrk failed: {' '.join((done.stdout + done.stderr).split())[-300:]}")
    load = msgspec.json.decode(found[0].encode(), type=wrk.Load)
    if load.refused or load.broken or not load.requests:
        raise BenchFailed(f"of {load.requests} requests {load.refused} were refused and {load.broken} broke")
    return load


_LUA = """
local sizes = { "large", "medium", "small" }
local isbns = { %(isbns)s }
math.randomseed(os.time())
request = function()
    return wrk.format("GET", "/covers/" .. isbns[math.random(#isbns)] .. "/" .. sizes[math.random(3)])
end
done = function(summary, latency, requests)
    io.write(string.format(
        'JSON {"requests":%%d,"seconds":%%f,"p50":%%f,"p95":%%f,"p99":%%f,"most":%%f,"refused":%%d,"broken":%%d}\\n',
        summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(95) / 1e3,
        latency:percentile(99) / 1e3, latency.max / 1e3, summary.errors.status,
        summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
"""


if __name__ == "__main__":
    sys.stdout.write(f"{loop(Path(sys.argv[1]), int(sys.argv[2]))}\n")
