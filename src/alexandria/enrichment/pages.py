"""Pages of many editions: the books of an author, what was published in a month. Fetched, and stored from the page.

A page costs one unit however many editions are on it. Whoever asks for it says what else belongs to the transaction in
which it is stored, so that a page is stored and noted, or neither.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
import structlog

from alexandria.biblio.answers import EditionAnswer
from alexandria.biblio.dates import year_of
from alexandria.biblio.text import fold
from alexandria.db import Database, Transaction, load_statements
from alexandria.enrichment.answers import fields_of
from alexandria.enrichment.classes import class_of, home_language, known_titles, language_of
from alexandria.enrichment.evidence import attribute, is_about, is_named, names_on
from alexandria.enrichment.fields import SELF
from alexandria.enrichment.link import authors_named, known_author, link, works_of, write_links
from alexandria.enrichment.match import KnownAuthor
from alexandria.enrichment.miss import forget_misses
from alexandria.enrichment.sources import ISBNDB
from alexandria.enrichment.store import Storing, Write
from alexandria.errors import Malformed, Unavailable
from alexandria.net.gate import Lane
from alexandria.providers.isbndb.client import Isbndb
from alexandria.providers.isbndb.results import Page
from alexandria.providers.provider import Found
from alexandria.queue.job import NewJob
from alexandria.queue.store import enqueue_in

SQL = load_statements(__package__)
LANE: Final[Lane] = "harvest"
PATIENCE: Final = 60.0  # seconds that a request waits for the pace
COVER: Final = "cover"  # the kind of the job that searches for a cover
COVER_PRIORITY: Final = 2
MOST_WORKS: Final = 1_000  # of an author whose languages are looked at

log = structlog.get_logger(__name__)


class OtherAuthor(Malformed):
    """The page of an author is about somebody else."""


@dataclass(frozen=True, slots=True)
class Stored:
    """How many editions of a page were not known before, were changed, and are as they were."""

    new: int
    updated: int
    known: int


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page. `total` as the provider counts, `more` whether there is another; `digest` of the ISBNs on it."""

    editions: int
    more: bool
    total: int | None
    digest: bytes
    found: Mapping[int, Found[EditionAnswer]] = field(repr=False)
    author: KnownAuthor | None = None

    async def store(self, transaction: Transaction, *, skip_existing: bool, subjects: Sequence[str] = ()) -> Stored:
        """What became of the editions, which are written; with `subjects` only those about one of them.

        With `skip_existing` what the provider said before of an edition stays as it is.
        """
        chosen = {isbn: each for isbn, each in self.found.items() if _is_about_one(each.answer, subjects)}
        if not chosen:
            return Stored(0, 0, 0)
        rows = await transaction.fetch(SQL["find_known_editions"], {"isbns": sorted(chosen), "provider": ISBNDB})
        known = {isbn for isbn, is_known, _ in rows if is_known}
        said_before = {isbn for isbn, _, is_said in rows if is_said}
        wanted = [isbn for isbn in chosen if not (skip_existing and isbn in said_before)]
        answers = {isbn: each.answer for isbn, each in chosen.items()}
        if self.author:
            answers, sorts = await _read_page(transaction, self.author, answers)
        else:
            sorts = _sorts(answers, frozenset(), None)
        writes = [_write(isbn, chosen[isbn]) for isbn in wanted]
        storing = Storing(transaction)
        await storing.add(writes)
        links = await link(transaction, {isbn: [(ISBNDB, answer)] for isbn, answer in answers.items()}, sorts)
        await storing.add(links.writes)
        written = (await storing.finish())[: len(writes)]
        await write_links(transaction, links)
        await forget_misses(transaction, list(chosen))
        new = [isbn for isbn in chosen if isbn not in known]
        await enqueue_in(transaction, [NewJob(COVER, isbn, COVER_PRIORITY, "covers") for isbn in new])
        updated = sum(bool(did.updated) for isbn, did in zip(wanted, written, strict=True) if isbn in known)
        return Stored(len(new), updated, len(chosen) - len(new) - updated)


class Pages:
    """The pages of ISBNdb; without it (no key, not enabled) nobody is asked."""

    def __init__(self, database: Database, isbndb: Isbndb | None, *, patience: float = PATIENCE) -> None:
        self._database, self._isbndb, self._patience = database, isbndb, patience

    async def author(self, number: int, name: str, page: int) -> Fetched:
        """A page of the books of an author, who is asked for by name.

        Raises ProviderFailed: OtherAuthor, a Malformed, when nobody on it has the author's name.
        """
        row = await self._database.fetch_one(SQL["find_author"], {"id": number})
        author = known_author(row[0], msgspec.json.decode(row[1])) if row else KnownAuthor(number, name)
        found = await self._asked().author_page(name, page, lane=LANE, patience=self._patience)
        fetched = _fetched(found, author)
        answers = [each.answer for each in fetched.found.values()]
        if not is_about(answers, author):
            others = ", ".join(list(names_on(answers))[:3])
            log.warning("page of another author", author=name, page=page, names=others)
            raise OtherAuthor(ISBNDB, f"page {page} of {name} is about somebody else: {others}")
        return fetched

    async def published(self, month: str, page: int) -> Fetched:
        """A page of the books published in a month (2026-11). Raises ProviderFailed."""
        found = await self._asked().published(month, page, lane=LANE, patience=self._patience)
        return _fetched(found, None)

    def _asked(self) -> Isbndb:
        if self._isbndb is None:
            raise Unavailable(ISBNDB, "it is not set up: give ALEXANDRIA_ISBNDB_API_KEY and ALEXANDRIA_CONTACT")
        return self._isbndb


def _fetched(page: Page, author: KnownAuthor | None) -> Fetched:
    found = {each.answer.isbns[0]: each for each in page.editions}
    if page.unread:
        log.info("entries of a page were not understood", entries=page.unread, of=page.unread + len(page.editions))
    digest = hashlib.blake2b(",".join(map(str, sorted(found))).encode(), digest_size=16).digest()
    return Fetched(len(page.editions) + page.unread, page.more, page.total, digest, found, author)


def _write(isbn: int, found: Found[EditionAnswer]) -> Write:
    fields: dict[str, Any] = fields_of(found.answer)
    return Write("edition", isbn, ISBNDB, SELF, fields, patch=False, operation="harvest", record=found.record)


async def _read_page(
    transaction: Transaction, author: KnownAuthor, answers: Mapping[int, EditionAnswer]
) -> tuple[dict[int, EditionAnswer], dict[int, str]]:
    """The editions with the numbers of their authors, and what those are that are no plain editions of works."""
    namesakes = [
        each for each in await authors_named(transaction, {author.name.lower()}) if each.number != author.number
    ]
    works = await works_of(transaction, {author.number, *(each.number for each in namesakes)})
    attributed = attribute(answers, author, namesakes, works)
    params = {"id": author.number, "most": MOST_WORKS}
    spoken = {code: (count, year) for code, count, year in await transaction.fetch(
        SQL["find_languages_of_author"], params)}  # fmt: skip
    first = [answer for answer in attributed.values() if _is_first(answer, author)]
    home = home_language(_spoken(first, spoken))
    theirs = [work.title for work in works.get(author.number, ())]
    titles = known_titles(theirs, attributed.values())
    return attributed, _sorts(attributed, titles, home, author)


def _sorts(
    answers: Mapping[int, EditionAnswer], titles: frozenset[str], home: str | None, author: KnownAuthor | None = None
) -> dict[int, str]:
    """What those of the editions are that are no plain editions of works. In what language other authors write first
    is not known."""
    found: dict[int, str] = {}
    for isbn, answer in answers.items():
        if sort := class_of(answer, titles, home if author and _is_first(answer, author) else None):
            found[isbn] = sort
    return found


def _is_first(answer: EditionAnswer, author: KnownAuthor) -> bool:
    return bool(answer.authors) and is_named(answer.authors[0].name, author)


def _spoken(
    answers: Iterable[EditionAnswer], before: Mapping[str, tuple[int, int | None]]
) -> dict[str, tuple[int, int | None]]:
    """Titles and first year by language, of a page and of what the mirror has."""
    titles: dict[str, set[str]] = {}
    years: dict[str, list[int]] = {}
    for answer in answers:
        language, year = language_of(answer), year_of(answer.publication_date)
        if language and answer.title:
            titles.setdefault(language, set()).add(fold(answer.title))
            years.setdefault(language, []).extend([year] if year else [])
    found = {}
    for language in titles.keys() | before.keys():
        count, first = before.get(language, (0, None))
        known = [*years.get(language, ()), *([first] if first else ())]
        found[language] = (count + len(titles.get(language, ())), min(known, default=None))
    return found


def _is_about_one(answer: EditionAnswer, subjects: Sequence[str]) -> bool:
    """Whether an edition has one of the subjects, or a longer one that holds its words."""
    if not subjects:
        return True
    told = [f" {fold(subject)} " for subject in answer.subjects]
    return any(f" {fold(wanted)} " in subject for wanted in subjects for subject in told)
