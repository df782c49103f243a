"""The composition root: from Settings to everything that does something, put together in one place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from alexandria.config import ProviderSettings, Settings
from alexandria.covers.hosts import bucket_policies
from alexandria.covers.pool import Decoders
from alexandria.covers.service import Covers, make_covers
from alexandria.db import Database
from alexandria.enrichment.chain import ENOUGH
from alexandria.enrichment.expire import expire as expire_log
from alexandria.enrichment.log import make_partitions
from alexandria.enrichment.pages import Pages
from alexandria.enrichment.pipeline import Pipeline
from alexandria.enrichment.refold import refold_jobs
from alexandria.enrichment.sources import Sources
from alexandria.enrichment.sweep import sweep
from alexandria.harvest.campaign import PLAN, STEP
from alexandria.harvest.schedule import JOBS as CAMPAIGNS
from alexandria.harvest.schedule import works as harvests
from alexandria.harvest.steps import Steps
from alexandria.harvest.tiers import Planner
from alexandria.net.client import Client
from alexandria.net.identity import is_loopback
from alexandria.ops.archive import archive
from alexandria.ops.reconcile import reconcile
from alexandria.providers.google_books.client import GoogleBooks
from alexandria.providers.isbndb.client import Isbndb
from alexandria.providers.isbndb.profile import profile
from alexandria.providers.open_library.client import OpenLibrary
from alexandria.providers.wikidata.client import Wikidata
from alexandria.providers.wikipedia.client import Wikipedia
from alexandria.queue.entities import REFOLDS as REFOLD_KINDS
from alexandria.queue.expire import expire as expire_jobs
from alexandria.queue.job import Handler, Work
from alexandria.queue.task import handle_alone
from alexandria.quota.breakers import SharedBreakers
from alexandria.quota.counted import CountedGate
from alexandria.quota.expire import expire as expire_calls
from alexandria.quota.ledger import Ledger
from alexandria.quota.policy import Policy
from alexandria.search.similar import refresh_similar
from alexandria.store.objects import Objects
from alexandria.sync.apart import refresh_handler
from alexandria.sync.follow import Followed, Follower, NothingToFollow, OnProgress
from alexandria.sync.news import News, measure_room
from alexandria.sync.refresh import Source
from alexandria.telemetry.metrics import Metrics

NEEDS_KEY = ("isbndb", "google-books")
EDITIONS, WORKS, AUTHORS, REFOLDS = 500, 50, 50, 500  # jobs of a kind in one batch
HOURS = 3_600.0
HARVESTS = 4  # authors or months at a time in one worker


@dataclass(frozen=True, slots=True)
class Services:
    """What acts on a database by these settings."""

    settings: Settings
    database: Database
    policies: Mapping[str, Policy]
    ledger: Ledger
    client: Client
    sources: Sources
    pipeline: Pipeline
    pages: Pages
    covers: Covers

    def works(self) -> Sequence[Work]:
        """Every kind of job with its handler."""
        return (
            Work("edition", self.pipeline.editions, batch=EDITIONS, concurrency=2),
            Work("work", self.pipeline.works, batch=WORKS),
            Work("author", self.pipeline.authors, batch=AUTHORS),
            *(Work(kind, refold_jobs, batch=REFOLDS) for kind in REFOLD_KINDS.values()),
            Work(PLAN, Planner(self.database).plans),
            Work(STEP, Steps(self.database, self.pages).steps, concurrency=HARVESTS),
            *self.covers.works(),
            *self._scheduled(),
        )

    def _scheduled(self) -> Sequence[Work]:
        """What runs by schedule (ops.schedule)."""
        return (
            Work("sweep", handle_alone(lambda: sweep(self.database))),
            Work("recommendations", handle_alone(lambda: refresh_similar(self.database)), longest=2 * HOURS),
            Work("reconcile", handle_alone(self._reconcile)),
            Work("partitions", handle_alone(self._make_partitions)),
            Work("archive", handle_alone(self._archive), longest=12 * HOURS),
            Work("changes", handle_alone(self._follow), longest=12 * HOURS),
            Work("refresh", self._refresh(), longest=72 * HOURS),
            *self._harvests(),
        )

    def _harvests(self) -> Sequence[Work]:
        if self._may_ask("isbndb"):
            return harvests(self.database)
        return [Work(kind, handle_alone(_nobody_asks)) for kind in CAMPAIGNS]

    async def follow(self, on_progress: OnProgress | None = None) -> Followed:
        """What following Open Library's changes did. Raises NothingToFollow, ProviderFailed, DatabaseUnavailable."""
        if not self._may_ask("open-library"):
            raise NothingToFollow(
                "Open Library may not be asked: set ALEXANDRIA_CONTACT, and leave ALEXANDRIA_OPEN_LIBRARY_ENABLED on"
            )
        usable = [self.settings.providers[name].bucket for name in self.sources.names("edition")]
        room = await measure_room(self.database, [self.policies[bucket] for bucket in usable])
        news = News(frozenset(work.kind for work in self.works()), ENOUGH, room)
        open_library = OpenLibrary(self.client, self.settings.providers["open-library"])
        return await Follower(self.database, open_library, news, on_progress=on_progress).follow()

    def _may_ask(self, provider: str) -> bool:
        return can_ask(self.settings.providers[provider], self.settings.contact)

    async def _follow(self) -> Mapping[str, Any]:
        try:
            done = await self.follow()
        except NothingToFollow as error:
            return {"reason": str(error)}
        return {"until": str(done.until), "applied": done.applied, "vain": done.vain, "gaps": len(done.gaps)}

    def _refresh(self) -> Handler:
        return refresh_handler(self.settings.database_direct_url or self.database.url, dump_source(self.settings))

    async def _reconcile(self) -> Mapping[str, Any]:
        if not self._may_ask("isbndb"):
            return await _nobody_asks()
        return {"left": (await reconcile(self.isbndb(), self.ledger)).left}

    async def _archive(self) -> Mapping[str, Any]:
        objects = open_archive(self.settings)
        try:
            owners = (expire_jobs, expire_log, expire_calls)
            return {"rows": await archive(self.database, objects, owners, self.settings.archive_days)}
        finally:
            objects.close()

    async def _make_partitions(self) -> Mapping[str, Any]:
        await self.ledger.make_partitions()
        await make_partitions(self.database)
        return {}

    def isbndb(self) -> Isbndb:
        """ISBNdb by these settings."""
        return Isbndb(self.client, self.settings.providers["isbndb"])

    async def close(self) -> None:
        """Nothing; requests under way are over, and the ledger knows of them."""
        await self.covers.close()
        await self.client.close()
        await self.ledger.close()


async def _nobody_asks() -> Mapping[str, Any]:
    return {"reason": "ISBNdb is not asked"}


def make_services(
    settings: Settings, database: Database, *, decoders: Decoders | None = None, metrics: Metrics | None = None
) -> Services:
    """Everything that acts on a database, with these decoders of pictures, else one; close it at the end.

    What it asks of providers is counted in `metrics`.
    """
    policies = bucket_policies(settings)
    ledger = Ledger(database, policies)
    gate = CountedGate(ledger, metrics or Metrics())
    client = Client(gate, SharedBreakers(database), settings.contact)
    sources = make_sources(settings, client)
    covers = make_covers(settings, database, decoders or Decoders(1), gate=gate)
    pipeline = Pipeline(database, sources, tell_picture=covers.passing.note)
    isbndb = settings.providers["isbndb"]
    pages = Pages(database, Isbndb(client, isbndb) if can_ask(isbndb, settings.contact) else None)
    return Services(settings, database, policies, ledger, client, sources, pipeline, pages, covers)


def make_sources(settings: Settings, client: Client) -> Sources:
    """The providers that are enabled, have their key, and may be asked: outside of this machine only with a contact."""
    all_of_them = settings.providers
    usable = {name: each for name, each in all_of_them.items() if can_ask(each, settings.contact)}
    return Sources(
        isbndb=Isbndb(client, usable["isbndb"]) if "isbndb" in usable else None,
        batch_price=profile(all_of_them["isbndb"]).prices["editions_by_isbns"],
        google_books=GoogleBooks(client, usable["google-books"]) if "google-books" in usable else None,
        open_library=_open_library(client, usable, all_of_them["open-library-covers"]),
        wikidata=_wikidata(client, usable),
        wikipedia=Wikipedia(client, usable["wikipedia"]) if "wikipedia" in usable else None,
    )


def _open_library(
    client: Client, usable: Mapping[str, ProviderSettings], covers: ProviderSettings
) -> OpenLibrary | None:
    return OpenLibrary(client, usable["open-library"], covers.url) if "open-library" in usable else None


def _wikidata(client: Client, usable: Mapping[str, ProviderSettings]) -> Wikidata | None:
    if "wikidata" not in usable or "wikidata-sparql" not in usable:
        return None
    return Wikidata(client, usable["wikidata"], usable["wikidata-sparql"])


def can_ask(provider: ProviderSettings, contact: str | None) -> bool:
    """Whether a provider is enabled, has the key that it needs, and is told who asks."""
    if not provider.enabled or (provider.name in NEEDS_KEY and provider.api_key is None):
        return False
    return contact is not None or is_loopback(urlsplit(provider.url).hostname or "")


def dump_source(settings: Settings) -> Source:
    """Where dumps are published, and the folder that they are downloaded to."""
    return Source(base=settings.dumps_url, contact=settings.contact, folder=settings.data_dir / "dumps")


def open_archive(settings: Settings) -> Objects:
    """Where what is old is kept; close it. Raises SettingsInvalid."""
    return Objects(settings.archive_url or (settings.data_dir / "archive").as_uri(), "ALEXANDRIA_ARCHIVE_URL")
