"""The providers as the pipeline asks them: one method for each kind of record that a provider can answer about."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from alexandria.biblio.answers import EditionAnswer, Moved, WorkAnswer
from alexandria.biblio.keys import MINTED, Kind
from alexandria.enrichment.match import KnownAuthor, KnownWork, score_work
from alexandria.errors import ProviderFailed
from alexandria.net.gate import Lane
from alexandria.providers.google_books.client import GoogleBooks
from alexandria.providers.isbndb.client import Isbndb
from alexandria.providers.open_library.client import OpenLibrary
from alexandria.providers.provider import Found, NotFound, Price
from alexandria.providers.wikidata.client import Wikidata
from alexandria.providers.wikidata.parse.check import Sought
from alexandria.providers.wikipedia.client import Wikipedia

ISBNDB = "isbndb"
FREE = Price(request=0)
Said = Found[Any] | NotFound | Moved
Known = Mapping[str, Any]  # the fields of the record so far
Ask = Callable[[int, Known, Lane, float], Awaitable[Said]]
PERSONAL = ("wikidata", "viaf", "isni", "gnd", "lc_naf", "bnf")  # identifiers by which Wikidata finds a person


class Sources:
    """What can be asked. A provider that is not configured is None, and no part of any chain."""

    def __init__(
        self,
        *,
        isbndb: Isbndb | None = None,
        batch_price: Price = FREE,
        google_books: GoogleBooks | None = None,
        open_library: OpenLibrary | None = None,
        wikidata: Wikidata | None = None,
        wikipedia: Wikipedia | None = None,
    ) -> None:
        self._isbndb, self._batch_price = isbndb, batch_price
        self._asks: dict[Kind, dict[str, Ask]] = {"edition": {}, "work": {}, "author": {}}
        if isbndb:
            self._asks["edition"][ISBNDB] = _by_isbn(isbndb.book)
        if google_books:
            self._asks["edition"]["google-books"] = _by_isbn(google_books.by_isbn)
            self._asks["work"]["google-books"] = _google_work(google_books)
        if open_library:
            self._asks["edition"]["open-library"] = _by_isbn(open_library.edition_by_isbn)
            self._asks["work"]["open-library"] = _by_number(open_library.work)
            self._asks["author"]["open-library"] = _by_number(open_library.author)
        if wikidata:
            self._asks["edition"]["wikidata"] = _by_isbn(wikidata.edition_by_isbn)
            self._asks["author"]["wikidata"] = _wikidata_author(wikidata)
        if wikipedia:
            self._asks["author"]["wikipedia"] = _wikipedia_author(wikipedia)

    def names(self, kind: Kind) -> frozenset[str]:
        """The providers that can be asked about a kind."""
        return frozenset(self._asks[kind])

    def asking(self, kind: Kind, provider: str) -> Ask:
        """How a provider is asked about a kind."""
        return self._asks[kind][provider]

    @property
    def batch_size(self) -> int:
        """How many ISBNs one request of ISBNdb takes at present; 0 without it."""
        return self._isbndb.batch_size if self._isbndb else 0

    @property
    def units_per_isbn(self) -> int:
        """Units of ISBNdb's day that each ISBN of a batch costs; 0 where a request costs one, whatever is in it."""
        return self._batch_price.item if self._isbndb else 0

    async def ask_isbndb(
        self, isbns: Sequence[int], lane: Lane, patience: float
    ) -> dict[int, Found[EditionAnswer] | NotFound | ProviderFailed]:
        """What became of each ISBN, in as few requests as possible. Raises ProviderFailed when nothing was answered."""
        assert self._isbndb is not None
        batch = await self._isbndb.books(isbns, lane=lane, patience=patience)
        return {**batch.answers, **batch.failures}


def _by_isbn(method: Any) -> Ask:
    async def ask(isbn: int, known: Known, lane: Lane, patience: float) -> Said:
        said: Said = await method(isbn, lane=lane, patience=patience)
        return said

    return ask


def _by_number(method: Any) -> Ask:
    """Asks by Open Library's own number; nobody there knows ours."""

    async def ask(number: int, known: Known, lane: Lane, patience: float) -> Said:
        if not 0 < number < MINTED:
            return NotFound()
        said: Said = await method(number, lane=lane, patience=patience)
        return said

    return ask


def _google_work(google_books: GoogleBooks) -> Ask:
    """By title and author: what its editions there say of the work, of those that are of this work without a doubt."""

    async def ask(number: int, known: Known, lane: Lane, patience: float) -> Said:
        title: str = known.get("title") or ""
        names = [person["name"] for person in known.get("authors") or ()]
        if not names or not any(map(str.isalnum, title)):
            return NotFound()
        work = KnownWork(number, title, known.get("subtitle"), authors=[KnownAuthor(0, name) for name in names])
        volumes = await google_books.search(title, names[0], lane=lane, patience=patience)
        same = [volume for volume in volumes if score_work(volume.answer, work).verdict == "same"]
        if not same:
            return NotFound()
        told = max(same, key=lambda volume: len(volume.answer.description or ""))
        subjects = tuple(dict.fromkeys(subject for volume in same for subject in volume.answer.subjects))
        answer = WorkAnswer(title=told.answer.title, description=told.answer.description, subjects=subjects)
        return Found(answer, told.record, told.fetched_at)

    return ask


def _wikidata_author(wikidata: Wikidata) -> Ask:
    """By Open Library's key, else by an identifier, else by name where something else agrees, too."""

    async def ask(number: int, known: Known, lane: Lane, patience: float) -> Said:
        if 0 < number < MINTED:
            found = await wikidata.author_by_key(number, lane=lane, patience=patience)
            if isinstance(found, Found):
                return found
        identifiers = known.get("identifiers") or {}
        for scheme in PERSONAL:
            for value in identifiers.get(scheme, ())[:1]:
                return await wikidata.author_by_identifier(scheme, value, lane=lane, patience=patience)
        sought = Sought(known.get("name") or "", known.get("birth_year"), known.get("death_year"))
        if not sought.name or sought.birth_year is None:
            return NotFound()  # nothing but a name: whoever has it may be somebody else
        return await wikidata.author_by_name(sought, lane=lane, patience=patience)

    return ask


def _wikipedia_author(wikipedia: Wikipedia) -> Ask:
    """By the page that Wikidata names."""

    async def ask(number: int, known: Known, lane: Lane, patience: float) -> Said:
        items = (known.get("identifiers") or {}).get("wikidata") or ()
        title = ((known.get("metadata") or {}).get("sitelinks") or {}).get(wikipedia.wiki)
        if not items or not title:
            return NotFound()
        return await wikipedia.author(items[0], title, lane=lane, patience=patience)

    return ask
