"""Asks Wikidata's hosts: searches, items, names of items, and one kind of query."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple, TypeVar

from alexandria.config import ProviderSettings
from alexandria.errors import ProviderFailed
from alexandria.net.client import Client
from alexandria.net.gate import Call, Lane
from alexandria.net.limits import wait_until
from alexandria.net.messages import Note, Reply, Request, decode
from alexandria.providers.wikidata.parse.entities import name_of, read_entities
from alexandria.providers.wikidata.parse.hits import items_of_authors, read_hits, read_items_of_authors
from alexandria.providers.wikidata.profile import MOST_ITEMS, MOST_KEYS
from alexandria.providers.wikidata.wire import EntitiesWire, EntityWire, SearchWire, SparqlWire

LARGEST = 32 << 20  # bytes of an answer: some items have thousands of statements
MOST_LABELS = 20_000  # names of items that are remembered
# The languages of names and labels that are asked for: beside the one wanted, the most frequent.
LANGUAGES = ("mul", "en", "de", "fr", "es", "it", "pt", "nl", "pl", "ru", "ja", "zh", "ar")
W = TypeVar("W")
T = TypeVar("T")


class Turn(NamedTuple):
    """On whose account a question is asked, and for how long each of its requests may wait."""

    lane: Lane
    patience: float


class Items(NamedTuple):
    """Items by the id that was asked for, and when they came."""

    entities: Mapping[str, EntityWire]
    received_at: datetime


class WikidataApi:
    """Single requests, each with its permit; remembers the names of countries, languages and the like."""

    def __init__(
        self, client: Client, settings: ProviderSettings, query_settings: ProviderSettings, language: str
    ) -> None:
        self._client, self._settings, self._queries = client, settings, query_settings
        self._labels: dict[str, str | None] = {}
        self.languages = tuple(dict.fromkeys((language, *LANGUAGES)))
        self._wiki = f"{language.replace('-', '_')}wiki"

    async def search(self, text: str, turn: Turn, most: int = 10) -> list[str]:
        """The ids of the items found, best first."""
        params = {
            "action": "query", "list": "search", "srsearch": text, "srnamespace": "0", "srlimit": str(most),
            "srprop": "", "format": "json",
        }  # fmt: skip

        def read(reply: Reply) -> tuple[list[str], Note]:
            found = _patient(reply, SearchWire, read_hits)[:most]
            return found, Note(found=len(found))

        return await self._ask(params, "search", read, turn)

    async def items(
        self, ids: Iterable[str], turn: Turn, props: str = "info|labels|aliases|descriptions|claims"
    ) -> Items:
        """Whole items, in as few requests as allowed; those that are missing are left out."""
        found, wanted = Items({}, datetime.now(UTC)), list(dict.fromkeys(ids))
        size = max(1, min(self._settings.batch, MOST_ITEMS))
        for start in range(0, len(wanted), size):
            more = await self._items(wanted[start : start + size], turn, props)
            found = Items({**found.entities, **more.entities}, more.received_at)
        return found

    async def _items(self, ids: Sequence[str], turn: Turn, props: str) -> Items:
        params = {
            "action": "wbgetentities", "ids": "|".join(ids), "props": props, "redirects": "yes",
            "languages": "|".join(self.languages), "format": "json",
        }  # fmt: skip
        if "sitelinks" in props:
            params["sitefilter"] = "|".join(dict.fromkeys((self._wiki, "enwiki")))

        def read(reply: Reply) -> tuple[Items, Note]:
            found = _patient(reply, EntitiesWire, lambda wire: read_entities(wire, ids))
            return Items(found, reply.received_at), Note(found=len(found))

        return await self._ask(params, "entities", read, turn, len(ids))

    async def labels(self, ids: Iterable[str], turn: Turn) -> dict[str, str]:
        """The names of items, asked for once; nameless and missing ones are left out."""
        wanted = list(dict.fromkeys(ids))
        new = [each for each in wanted if each not in self._labels]
        if len(self._labels) + len(new) > MOST_LABELS:
            self._labels.clear()
            new = wanted
        found = (await self.items(new, turn, "labels")).entities
        for each in new:
            self._labels[each] = name_of(found[each], self.languages) if each in found else None
        return {each: name for each in wanted if (name := self._labels.get(each))}

    async def items_of_authors(self, numbers: Sequence[int], turn: Turn) -> dict[int, list[str]]:
        """The ids of the items that name Open Library authors, up to some hundreds in one query."""
        params = {"query": items_of_authors(numbers), "format": "json"}

        def read(reply: Reply) -> tuple[dict[int, list[str]], Note]:
            found = read_items_of_authors(decode(reply, SparqlWire))
            return found, Note(found=len(found))

        request = Request(  # one attempt: what did not end in its minute will not in the next
            url=f"{self._queries.url}/sparql", params=params, timeout=self._queries.timeout, limit=LARGEST, attempts=1,
            headers={"Accept": "application/sparql-results+json"}, redirects=(),
        )  # fmt: skip
        call = Call(self._queries.bucket, turn.lane, "sparql", items=len(numbers))
        return await self._client.ask(request, call, read, patience=turn.patience)

    @property
    def most_keys(self) -> int:
        """How many keys one query may name."""
        return max(1, min(self._queries.batch, MOST_KEYS))

    async def _ask(
        self,
        params: Mapping[str, str],
        kind: str,
        read: Callable[[Reply], tuple[T, Note]],
        turn: Turn,
        items: int = 1,
    ) -> T:
        request = Request(
            url=f"{self._settings.url}/w/api.php", params=params, timeout=self._settings.timeout, limit=LARGEST
        )
        call = Call(self._settings.bucket, turn.lane, kind, items=items)
        return await self._client.ask(request, call, read, patience=turn.patience)


def _patient(reply: Reply, shape: type[W], read: Callable[[W], T]) -> T:
    """What `read` makes of the answer; a fault that came with HTTP 200 has its Retry-After."""
    try:
        return read(decode(reply, shape))
    except ProviderFailed as error:
        if error.retry_at is None:
            error.retry_at = wait_until(reply.headers, reply.received_at)
        raise
