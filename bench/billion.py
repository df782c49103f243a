"""What a billion editions and ten thousand lookups a second would take: arithmetic over measured figures.

`python -m bench.billion` prints the tables of docs/scale.md; a test holds the page against them. What is measured comes
from docs/benchmarks.md, on two processors; what is assumed is named as such. The spreading of keys is simulated.
"""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from math import ceil

from rich.console import Console

TB, GB = 1e12, 1e9
HOURS = 3_600.0


@dataclass(frozen=True, slots=True)
class Measured:
    """From docs/benchmarks.md: the loads of one and five million editions, lookups, cold lookups, permits."""

    bytes_of_edition: float = 1_060.0  # on disk, with its share of works, authors and search
    index_bytes: float = 259.0  # of them
    lookups_of_processor: float = 4_706 / 2  # service, PostgreSQL and load generator together on two
    blocks_of_cold_lookup: float = 8.36  # of which the upper levels of indexes are soon in memory
    table_blocks_of_cold_lookup: float = 3.9
    lines_loaded: float = 17_792  # all five files, a second, on two processors
    lines_of_edition: float = 2.0


@dataclass(frozen=True, slots=True)
class Assumed:
    """What was not measured, with a margin where it matters."""

    spreading_costs: float = 3.0  # times the processor time of a lookup on one server: planning twice, and the network
    used_share: float = 0.5  # of the processors, so that an ordinary peak is no overload
    authors: float = 0.27  # for each edition, as at Open Library
    bytes_of_author: float = 250.0  # table and index
    largest_shard: float = 20 * GB  # moved or rebuilt in minutes
    random_reads: float = 200_000.0  # of 8 kB, a second, of one NVMe disk
    disk: float = 3.5 * TB  # of one server that is kept free by a third
    month: float = 250.0  # euros for a rented server: 16 processors, 128 GB of memory, that disk


@dataclass(frozen=True, slots=True)
class Need:
    """What a size takes. Bytes, processors, servers and euros a month; hours for a whole load."""

    mirror: float
    indexes: float
    during_reload: float
    authors_everywhere: float
    shards: int
    processors_of_one: float
    processors_spread: float
    reads_cold: float
    reads_indexes_in_memory: float
    disks: float
    load_hours: float
    servers: int
    euros: float


def need(
    editions: float,
    lookups: float,
    measured: Measured = Measured(),  # noqa: B008
    assumed: Assumed = Assumed(),  # noqa: B008
) -> Need:
    """What so many editions and lookups a second take. Each server has a standby of the same size."""
    mirror = editions * measured.bytes_of_edition
    processors = lookups / measured.lookups_of_processor / assumed.used_share
    spread = processors * assumed.spreading_costs
    reads = lookups * measured.blocks_of_cold_lookup
    during_reload = 2 * mirror
    by_disk = ceil(during_reload / (assumed.disk * 2 / 3))
    by_processors = ceil((processors if by_disk == 1 else spread) / 16)
    servers = max(by_disk, by_processors)
    return Need(
        mirror=mirror,
        indexes=editions * measured.index_bytes,
        during_reload=during_reload,
        authors_everywhere=editions * assumed.authors * assumed.bytes_of_author,
        shards=ceil(mirror / assumed.largest_shard),
        processors_of_one=processors,
        processors_spread=spread,
        reads_cold=reads,
        reads_indexes_in_memory=lookups * measured.table_blocks_of_cold_lookup,
        disks=reads / assumed.random_reads,
        load_hours=editions * measured.lines_of_edition / measured.lines_loaded / HOURS,
        servers=servers,
        euros=2 * servers * assumed.month,
    )


SIZES = ((54.9e6, 1_000.0), (200e6, 10_000.0), (1e9, 10_000.0), (1e9, 50_000.0))


def table() -> str:
    """The sizes as the rows of a Markdown table."""
    rows = ["| | " + " | ".join(_title(*size) for size in SIZES) + " |", "| --- |" + " --- |" * len(SIZES)]
    needs = [need(*size) for size in SIZES]
    for name, values in _rows(needs):
        rows.append(f"| {name} | " + " | ".join(values) + " |")
    return "\n".join(rows)


def _title(editions: float, lookups: float) -> str:
    return f"{editions / 1e6:,.0f} M editions, {lookups:,.0f} lookups/s"


def _rows(needs: list[Need]) -> Iterator[tuple[str, list[str]]]:
    yield "mirror on disk", [f"{each.mirror / TB:.2f} TB" for each in needs]
    yield "of it indexes", [f"{each.indexes / GB:,.0f} GB" for each in needs]
    yield "while a load builds the next one", [f"{each.during_reload / TB:.2f} TB" for each in needs]
    yield "authors, on every server of a cluster", [f"{each.authors_everywhere / GB:,.0f} GB" for each in needs]
    yield "shards of at most 20 GB", [f"{each.shards}" for each in needs]
    yield "processors for lookups, one database", [f"{each.processors_of_one:.0f}" for each in needs]
    yield "processors for lookups, spread", [f"{each.processors_spread:.0f}" for each in needs]
    yield "disk reads a second, nothing in memory", [f"{each.reads_cold:,.0f}" for each in needs]
    yield "disk reads a second, indexes in memory", [f"{each.reads_indexes_in_memory:,.0f}" for each in needs]
    yield "NVMe disks for the former", [f"{each.disks:.1f}" for each in needs]
    yield "a whole load on two processors", [f"{each.load_hours:.1f} h" for each in needs]
    yield "on sixteen, at best", [f"{each.load_hours / 8:.1f} h" for each in needs]
    yield "servers, each with a standby", [f"{each.servers} + {each.servers}" for each in needs]
    yield "rent a month", [f"{each.euros:,.0f} €" for each in needs]


# --- simulated ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Balance:
    """How evenly keys lie: the fullest and the most asked shard as multiples of the mean, and what a batch touches."""

    shards: int
    fullest: float
    most_asked: float
    touched_by_batch: float


def simulate(shards: int, works: int = 50_000, lookups: int = 50_000, batch: int = 1_000, seed: int = 1) -> Balance:
    """Works with as many editions as Zipf's law gives them, hashed over shards, asked for by popularity (Zipf too)."""
    draw = random.Random(seed)
    home = [draw.randrange(shards) for _ in range(works)]
    held: Counter[int] = Counter()
    for work in range(works):
        held[home[work]] += 1 + int(2_000 / (work + 1))  # the first has two thousand editions, nearly all have one
    weights = list(accumulate(1 / (rank + 20) for rank in range(works)))
    asked = Counter(home[work] for work in draw.choices(range(works), cum_weights=weights, k=lookups))
    touched = len({home[draw.randrange(works)] for _ in range(batch)})
    return Balance(
        shards=shards,
        fullest=max(held.values()) / (sum(held.values()) / shards),
        most_asked=max(asked.values()) / (lookups / shards),
        touched_by_batch=touched / shards,
    )


def balance_table() -> str:
    """The balance of some numbers of shards as a Markdown table."""
    rows = [
        "| shards | fullest shard | most asked shard | shards that a batch of 1,000 asks |",
        "| --- |" + " --- |" * 3,
    ]
    for each in map(simulate, (8, 32, 64, 128)):
        rows.append(
            f"| {each.shards} | {each.fullest:.2f} × the mean | {each.most_asked:.2f} × the mean "
            f"| {each.touched_by_batch:.0%} |"
        )
    return "\n".join(rows)


if __name__ == "__main__":
    Console(width=200).print(table() + "\n\n" + balance_table(), markup=False)
