"""What the harvest makes of the pages: which canonical works an author's list has, and what else is on it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec

from alexandria.db import Database, Statement, connect
from alexandria.enrichment.pages import Pages
from alexandria.providers.isbndb.parse import read_book
from alexandria.providers.isbndb.results import Page
from alexandria.providers.isbndb.wire import BookWire
from alexandria.providers.provider import Found
from tests.harvest.gold.builder import Book, build_books
from tests.harvest.gold.facts import Author

LISTED = Statement(
    "listed",
    """select w.work_id, e.isbn from (
           select work_id from enriched.work_authors where author_id = %(id)s
           union select work_id from mirror.work_authors where author_id = %(id)s) w
       left join enriched.editions e on e.work_id = w.work_id""",
    "The works on an author's list, with their editions: (work_id, isbn or null).",
)
DOUBLES = Statement(
    "doubles",
    "select name from enriched.authors where author_id >= 1000000000000 and name = any(%(names)s::text[])",
    "Authors of ours who bear one of these names: (name).",
)
STRANGERS = 100_000  # numbers of namesakes in the mirror begin here


@dataclass(slots=True)
class Tally:
    """Counts over some authors; `pollutants` by sort, `missed` and `extra` in words."""

    canonical: int = 0
    found: int = 0
    listed: int = 0
    polluting: int = 0
    pollutants: Counter[str] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)

    @property
    def recall(self) -> float:
        return self.found / self.canonical

    @property
    def pollution(self) -> float:
        return self.polluting / self.listed


class Shelf:
    """ISBNdb, as far as pages go: those that were built."""

    def __init__(self, books: Mapping[str, Sequence[Book]]) -> None:
        self._books = books

    async def author_page(self, name: str, page: int = 1, **asked: object) -> Page:
        books = self._books[name][(page - 1) * 100 : page * 100]
        read = [read_book(msgspec.convert(book.wire, BookWire)) for book in books]
        found = tuple(Found(answer, str(answer.isbns[0]), datetime.now(UTC)) for answer in read)
        return Page(found, more=page * 100 < len(self._books[name]), total=len(self._books[name]))


def fill_mirror(url: str, authors: Iterable[Author]) -> None:
    """Nothing; the mirror has the authors, every other work of theirs, and their namesakes with two books."""
    with connect(url) as connection:
        for author in authors:
            people = [(author.number, [work.title for work in author.works[1::2]])]
            if author.namesake:
                people.append((STRANGERS + author.number, list(author.namesake[:2])))
            for number, titles in people:
                connection.execute(
                    "insert into mirror.authors (id, revision, name) values (%s, 1, %s)", (number, author.name)
                )
                for place, title in enumerate(titles):
                    work = number * 100 + place
                    connection.execute(
                        "insert into mirror.works (id, revision, author_ids, title) values (%s, 1, %s, %s)",
                        (work, [number], title),
                    )
                    connection.execute("insert into mirror.work_authors values (%s, %s)", (number, work))


async def harvest(database: Database, authors: Sequence[Author]) -> dict[str, list[Book]]:
    """The books of each author, whose pages were stored."""
    books = {author.name: build_books(author) for author in authors}
    pages = Pages(database, Shelf(books))  # type: ignore[arg-type]
    for author in authors:
        for page in range(1, len(books[author.name]) // 100 + 2):
            fetched = await pages.author(author.number, author.name, page)
            async with database.transaction() as transaction:
                await fetched.store(transaction, skip_existing=True)
    return books


async def measure(database: Database, authors: Sequence[Author], books: Mapping[str, Sequence[Book]]) -> Tally:
    """What is on the lists of these authors."""
    tally = Tally()
    for author in authors:
        truth = {book.isbn: book for book in books[author.name]}
        works: dict[int, list[Book]] = {}
        for work, isbn in await database.fetch(LISTED, {"id": author.number}):
            works.setdefault(work, []).extend([truth[isbn]] if isbn in truth else [])
        found: set[int] = set()
        for held in works.values():
            if held:  # else it is the mirror's own, of which no page told
                _judge(author, held, found, tally)
        tally.canonical += len(author.works)
        tally.found += len(found)
        tally.missed += [
            f"{author.name}: {author.works[place].title}" for place in set(range(len(author.works))) - found
        ]
    return tally


async def list_mixed(
    database: Database, authors: Sequence[Author], books: Mapping[str, Sequence[Book]]
) -> tuple[list[str], list[str]]:
    """Books of authors that stand on the list of a namesake, and spellings of authors that became authors of their own.

    Where there is a namesake, another spelling may be either's, and is nobody's.
    """
    strays = []
    for author in (each for each in authors if each.namesake):
        truth = {book.isbn: book for book in books[author.name]}
        rows = await database.fetch(LISTED, {"id": STRANGERS + author.number})
        strays += [truth[isbn].wire["title"] for _, isbn in rows if isbn in truth and truth[isbn].sort != "namesake"]
    names = [name for each in authors if not each.namesake for name in (each.name, each.misspelt)]
    return strays, [name for (name,) in await database.fetch(DOUBLES, {"names": names})]


def _judge(author: Author, held: Sequence[Book], found: set[int], tally: Tally) -> None:
    """Nothing; a listed work is counted as a canonical one, once, or as something that should not be there."""
    tally.listed += 1
    places = Counter(book.work for book in held if book.sort == "edition")
    place = places.most_common(1)[0][0] if places else None
    if place is not None and place not in found:
        found.add(place)
        return
    tally.polluting += 1
    sort = "doubled" if place is not None else held[0].sort
    tally.pollutants[sort] += 1
    tally.extra.append(f"{author.name}: {sort}: {held[0].wire['title']}")
