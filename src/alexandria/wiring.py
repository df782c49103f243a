"""The composition root: from Settings to everything that does something, put together in one place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from alexandria.config import ProviderSettings, Settings
from alexandria.db import Database
from alexandria.enrichment.pages import Pages
from alexandria.enrichment.pipeline import Pipeline
from alexandria.enrichment.refold import refold_jobs
from alexandria.enrichment.sources import Sources
from alexandria.harvest.campaign import PLAN, STEP
from alexandria.harvest.steps import Steps
from alexandria.harvest.tiers import Planner
from alexandria.net.client import Client
from alexandria.net.identity import is_loopback
from alexandria.providers.google_books.client import GoogleBooks
from alexandria.providers.isbndb.client import Isbndb
from alexandria.providers.isbndb.profile import profile
from alexandria.providers.open_library.client import OpenLibrary
from alexandria.providers.wikidata.client import Wikidata
from alexandria.providers.wikipedia.client import Wikipedia
from alexandria.queue.job import Work
from alexandria.quota.breakers import SharedBreakers
from alexandria.quota.ledger import Ledger
from alexandria.quota.policy import Policy, make_policies

NEEDS_KEY = ("isbndb", "google-books")
EDITIONS, WORKS, AUTHORS, REFOLDS = 500, 50, 50, 500  # jobs of a kind in one batch
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

    def works(self) -> Sequence[Work]:
        """Every kind of job with its handler."""
        return (
            Work("edition", self.pipeline.editions, batch=EDITIONS, concurrency=2),
            Work("work", self.pipeline.works, batch=WORKS),
            Work("author", self.pipeline.authors, batch=AUTHORS),
            Work("refold", refold_jobs, batch=REFOLDS),
            Work(PLAN, Planner(self.database).plans),
            Work(STEP, Steps(self.database, self.pages).steps, concurrency=HARVESTS),
        )

    def isbndb(self) -> Isbndb:
        """ISBNdb by these settings."""
        return Isbndb(self.client, self.settings.providers["isbndb"])

    async def close(self) -> None:
        """Nothing; requests under way are over, and the ledger knows of them."""
        await self.client.close()
        await self.ledger.close()


def make_services(settings: Settings, database: Database) -> Services:
    """Everything that acts on a database; close it at the end."""
    policies = make_policies(settings.providers)
    ledger = Ledger(database, policies)
    client = Client(ledger, SharedBreakers(database), settings.contact)
    sources = make_sources(settings, client)
    isbndb = settings.providers["isbndb"]
    pages = Pages(database, Isbndb(client, isbndb) if can_ask(isbndb, settings.contact) else None)
    return Services(settings, database, policies, ledger, client, sources, Pipeline(database, sources), pages)


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
