"""Everything about covers in one process, put together.

covers = make_covers(settings, database, Decoders(1))
…
await covers.close()
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from alexandria.config import Settings
from alexandria.covers.backlog import SWEEP, Sweeper
from alexandria.covers.commons import Commons
from alexandria.covers.find import Sites
from alexandria.covers.hosts import bucket_policies, make_places
from alexandria.covers.offer import Offers
from alexandria.covers.passing import Passing
from alexandria.covers.pipeline import KIND, Pipeline
from alexandria.covers.pool import Decoders
from alexandria.covers.seek import Seeker
from alexandria.covers.shelf import Shelf
from alexandria.db import Database
from alexandria.net.client import Client
from alexandria.net.gate import Gate
from alexandria.net.ssrf import SECONDS, Guard
from alexandria.queue.job import Work
from alexandria.quota.breakers import SharedBreakers
from alexandria.quota.ledger import Ledger
from alexandria.store.objects import Objects

BATCH: Final = 64  # searches that a worker takes together
_SOURCES: Final = {
    "google-books": "google-books",
    "open-library-covers": "open-library",
    "internet-archive": "internet-archive",
    "commons": "wikidata",
    "isbndb": "isbndb",
}  # whose pictures a provider's setting `…_ENABLED` is about


@dataclass(frozen=True, slots=True)
class Covers:
    """What acts on covers. `shelf` reads them, `offers` is for callers, `pipeline` and `sweeper` are for the queue."""

    objects: Objects
    shelf: Shelf
    offers: Offers
    pipeline: Pipeline
    passing: Passing
    sweeper: Sweeper
    decoders: Decoders
    guard: Guard
    client: Client
    own_ledger: Ledger | None

    def works(self) -> Sequence[Work]:
        """The kinds of jobs with their handlers."""
        return (
            Work(KIND, self.pipeline.covers, batch=BATCH),
            Work(SWEEP, self.sweeper.sweeps),
        )

    async def close(self) -> None:
        """Nothing; requests are over, decoders have ended."""
        await self.guard.close()
        await self.client.close()
        if self.own_ledger:
            await self.own_ledger.close()
        await self.decoders.close()
        self.objects.close()


def make_covers(
    settings: Settings,
    database: Database,
    decoders: Decoders,
    *,
    gate: Gate | None = None,
    seconds: float = SECONDS,
) -> Covers:
    """Everything that acts on covers, with these decoders; close it, and them with it, at the end.

    `gate` is that of the process, where there is one already, and knows its buckets; `seconds` bound a fetch.
    """
    objects = make_store(settings)
    own_ledger = None if gate else Ledger(database, bucket_policies(settings))
    gate = gate or own_ledger
    assert gate is not None
    breakers = SharedBreakers(database)
    guard = Guard(gate, breakers, settings.contact, make_places(settings), seconds=seconds)
    client = Client(gate, breakers, settings.contact)
    commons = Commons(client, settings.providers["commons"])
    passing = Passing()
    seeker = Seeker(guard, commons, decoders, objects, make_sites(settings), passing)
    shelf = Shelf(database, objects, decoders)
    return Covers(
        objects=objects,
        shelf=shelf,
        offers=Offers(database, guard, seeker, shelf),
        pipeline=Pipeline(database, seeker),
        passing=passing,
        sweeper=Sweeper(database),
        decoders=decoders,
        guard=guard,
        client=client,
        own_ledger=own_ledger,
    )


def make_store(settings: Settings) -> Objects:
    """Where the pictures are."""
    return Objects(settings.covers_url or (settings.data_dir / "covers").as_uri())


def make_sites(settings: Settings) -> Sites:
    """Where providers are, and whose pictures are wanted."""
    providers = settings.providers
    return Sites(
        providers["open-library-covers"].url,
        providers["internet-archive"].url,
        frozenset(source for name, source in _SOURCES.items() if providers[name].enabled),
    )
