"""What is asked of Wikidata: authors by identifier, authors by name with proof, editions by ISBN.

The search index finds ids by statement, the items say whether it is true: what is found is used only when the item
itself has the identifier. SPARQL is asked only where one question is about many keys.
"""

from collections.abc import Callable, Collection, Iterable, Sequence

from alexandria.biblio.answers import AuthorAnswer, EditionAnswer
from alexandria.biblio.identifiers import normalise
from alexandria.biblio.isbn import hyphenate, isbn10, isbn13
from alexandria.biblio.keys import MINTED, format_key
from alexandria.config import ProviderSettings
from alexandria.errors import BadInput
from alexandria.net.client import PATIENCE, Client
from alexandria.net.gate import Lane
from alexandria.providers.provider import Found, NotFound
from alexandria.providers.wikidata.api import Items, Turn, WikidataApi
from alexandria.providers.wikidata.parse.author import read_author
from alexandria.providers.wikidata.parse.check import Sought, agrees, check_sought, has_name, is_by, same_person
from alexandria.providers.wikidata.parse.edition import (
    Linked,
    choose_edition,
    lacks_authors,
    names_needed,
    people_of,
    read_edition,
    work_of,
)
from alexandria.providers.wikidata.parse.entities import PERSON, identifiers_of, open_library_numbers
from alexandria.providers.wikidata.parse.hits import LONGEST_QUERY, having, plain_words
from alexandria.providers.wikidata.parse.values import claims_of, items
from alexandria.providers.wikidata.wire import PROPERTIES, EntityWire

AUTHOR_PROPS = "info|labels|aliases|descriptions|claims|sitelinks"
MOST_FORMER = 12  # keys of one search
MOST_NAMESAKES = 10
MOST_WORKS = 20
_PROPERTY_OF = {scheme: PROPERTIES.get(scheme, "") for scheme in PERSON} | {"goodreads": PROPERTIES["goodreads_author"]}


class Wikidata:
    """Wikidata. `language` is that of names and descriptions, where there is a choice.

    Every method raises ProviderFailed and waits up to `patience` seconds for each of its requests.
    """

    def __init__(
        self, client: Client, settings: ProviderSettings, query_settings: ProviderSettings, language: str = "en"
    ) -> None:
        self._api = WikidataApi(client, settings, query_settings, language)

    async def author_by_key(
        self,
        number: int,
        former: Collection[int] = (),
        *,
        lane: Lane = "enrichment",
        patience: float = PATIENCE,
    ) -> Found[AuthorAnswer] | NotFound:
        """The author whom an item names by this Open Library number, or by a `former` one that was merged into it."""
        numbers = [number, *former][:MOST_FORMER]
        turn = Turn(lane, patience)
        keys = [(PROPERTIES["open_library"], _author_key(each)) for each in numbers]
        return await self._author(having(*keys), lambda entity: _has_key(entity, numbers), number, turn)

    async def authors_by_keys(
        self, numbers: Sequence[int], *, lane: Lane = "enrichment", patience: float = PATIENCE
    ) -> dict[int, Found[AuthorAnswer] | NotFound]:
        """What `author_by_key` gives, for many at once: one query for a hundred, and a request for fifty items."""
        turn, size = Turn(lane, patience), self._api.most_keys
        wanted = [number for number in dict.fromkeys(numbers) if _author_key(number)]
        ids: dict[int, list[str]] = {}
        for start in range(0, len(wanted), size):
            ids |= await self._api.items_of_authors(wanted[start : start + size], turn)
        came = await self._api.items([each for number in wanted for each in ids.get(number, ())], turn, AUTHOR_PROPS)
        countries = [each for entity in came.entities.values() for each in items(claims_of(entity).citizenship)]
        await self._api.labels(countries, turn)
        result: dict[int, Found[AuthorAnswer] | NotFound] = {}
        for number in wanted:
            here = [came.entities[each] for each in ids.get(number, ()) if each in came.entities]
            chosen = same_person([entity for entity in _once(here) if _has_key(entity, [number])])
            result[number] = await self._found_author(chosen, came, number, turn) if chosen else NotFound()
        return result

    async def author_by_identifier(
        self, scheme: str, value: str, *, lane: Lane = "enrichment", patience: float = PATIENCE
    ) -> Found[AuthorAnswer] | NotFound:
        """The author whose item has the identifier: `viaf`, `isni`, `gnd`, `bnf`, `lc_naf`, `goodreads`, `wikidata`."""
        pair, turn = normalise(scheme, value), Turn(lane, patience)
        if pair is None or (pair[0] != "wikidata" and pair[0] not in PERSON):
            raise BadInput(scheme, "no identifier that authors have at Wikidata")
        name, number = pair
        if name == "wikidata":
            came = await self._api.items([number], turn, AUTHOR_PROPS)
            entity = came.entities.get(number)
            return await self._found_author(entity, came, None, turn) if entity else NotFound()

        def is_meant(entity: EntityWire) -> bool:
            return number in identifiers_of(entity, PERSON).get(name, ())

        spaced = " ".join(number[at : at + 4] for at in range(0, 16, 4))  # as ISNIs were written there once
        for spelling in (number, spaced) if name == "isni" else (number,):
            found = await self._author(having((_PROPERTY_OF[name], spelling)), is_meant, None, turn)
            if isinstance(found, Found):
                return found
        return NotFound()

    async def author_by_name(
        self, sought: Sought, *, lane: Lane = "enrichment", patience: float = PATIENCE
    ) -> Found[AuthorAnswer] | NotFound:
        """The one person of the name for whom a birth year, an identifier or a known work speaks too.

        Namesakes without proof, and several with it, are NotFound. BadInput when there is nothing to prove it by.
        """
        check_sought(sought)
        turn = Turn(lane, patience)
        hits = await self._api.search(plain_words(sought.name), turn, MOST_NAMESAKES)
        if not hits:
            return NotFound()
        came = await self._api.items(hits, turn, AUTHOR_PROPS)
        namesakes = [entity for entity in _once(came.entities.values()) if has_name(entity, sought.name)]
        verdicts = [(entity, agrees(entity, sought)) for entity in namesakes]
        proven = [entity for entity, verdict in verdicts if verdict]
        if not proven and sought.titles:
            open_ = [entity for entity, verdict in verdicts if verdict is None]
            proven = await self._authors_of(open_, sought.titles, turn)
        return await self._found_author(proven[0], came, None, turn) if len(proven) == 1 else NotFound()

    async def edition_by_isbn(
        self, isbn: int, *, lane: Lane = "enrichment", patience: float = PATIENCE
    ) -> Found[EditionAnswer] | NotFound:
        """The edition, or the work, that has the ISBN; of a work only what holds for every edition."""
        turn, query = Turn(lane, patience), having(*_isbn_statements(isbn))
        hits = await self._api.search(query, turn)
        if not hits:
            return NotFound()
        came = await self._api.items(hits, turn)
        entity = choose_edition(_once(came.entities.values()), isbn)
        if entity is None:
            return NotFound()
        answer = read_edition(entity, isbn, await self._linked(entity, turn), self._api.languages)
        return Found(answer, entity.id or "", came.received_at, _revision(entity))

    async def _author(
        self, query: str, is_meant: Callable[[EntityWire], bool], number: int | None, turn: Turn
    ) -> Found[AuthorAnswer] | NotFound:
        """The one item of a search that has what was searched for."""
        hits = await self._api.search(query, turn)
        if not hits:
            return NotFound()
        came = await self._api.items(hits, turn, AUTHOR_PROPS)
        chosen = same_person([entity for entity in _once(came.entities.values()) if is_meant(entity)])
        return await self._found_author(chosen, came, number, turn) if chosen else NotFound()

    async def _found_author(
        self, entity: EntityWire, came: Items, number: int | None, turn: Turn
    ) -> Found[AuthorAnswer]:
        labels = await self._api.labels(items(claims_of(entity).citizenship), turn)
        if number is None:
            numbers = open_library_numbers(entity, "author")
            number = numbers[0] if len(numbers) == 1 else None
        answer = read_author(entity, number, labels, self._api.languages)
        return Found(answer, entity.id or "", came.received_at, _revision(entity))

    async def _authors_of(
        self, candidates: Sequence[EntityWire], titles: Sequence[str], turn: Turn
    ) -> list[EntityWire]:
        """Those of the candidates who wrote a work of one of the titles, as the works say."""
        if not candidates:
            return []
        authors = having(*((PROPERTIES["author"], entity.id or "") for entity in candidates))
        words = plain_words(titles[0], LONGEST_QUERY - len(authors) - 1)
        hits = await self._api.search(f"{words} {authors}", turn, MOST_WORKS)
        if not hits:
            return []
        works = _once((await self._api.items(hits, turn, "labels|aliases|claims")).entities.values())
        return [each for each in candidates if any(is_by(work, each.id or "", titles) for work in works)]

    async def _linked(self, entity: EntityWire, turn: Turn) -> Linked:
        """What an edition points at: its work and people as items, all else by name."""
        works, ids = work_of(entity), [*work_of(entity), *people_of(entity)]
        entities = dict((await self._api.items(ids, turn, "labels|claims")).entities) if ids else {}
        named = [entity, *(entities[each] for each in works if each in entities)]
        if lacks_authors(entity) and (authors := [each for work in named[1:] for each in people_of(work)]):
            entities |= (await self._api.items(authors, turn, "labels|claims")).entities
        return Linked(entities, await self._api.labels([each for one in named for each in names_needed(one)], turn))


def _isbn_statements(isbn: int) -> list[tuple[str, str]]:
    """The ISBN as Wikidata writes it: both forms with hyphens, without where no range is known."""
    written = hyphenate(isbn)
    ten = isbn10(isbn)
    statements = [(PROPERTIES["isbn_13"], written or isbn13(isbn))]
    if ten:
        short = f"{written[4:-1]}{ten[-1]}" if written else ten
        statements.append((PROPERTIES["isbn_10"], short))
    return statements


def _author_key(number: int) -> str:
    if not 0 < number < MINTED:
        raise BadInput("author", "not an author of Open Library's own")
    return format_key("author", number)


def _has_key(entity: EntityWire, numbers: Collection[int]) -> bool:
    return any(number in numbers for number in open_library_numbers(entity, "author"))


def _once(entities: Iterable[EntityWire]) -> list[EntityWire]:
    """Each item once: two ids that were asked for may have become one."""
    return list({entity.id: entity for entity in entities}.values())


def _revision(entity: EntityWire) -> str | None:
    return str(entity.lastrevid) if entity.lastrevid else None
