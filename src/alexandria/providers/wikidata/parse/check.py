"""Whether an item of the right name is the person that is meant. A name alone is never enough."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from alexandria.biblio.identifiers import normalise
from alexandria.biblio.text import fold
from alexandria.errors import BadInput
from alexandria.providers.wikidata.parse.entities import PERSON, identifiers_of, names_of, number_of
from alexandria.providers.wikidata.parse.values import Time, as_map, claims_of, items, texts, times
from alexandria.providers.wikidata.wire import EntityWire


@dataclass(frozen=True, slots=True)
class Sought:
    """An author as far as we know one: a name, and something that must agree.

    `titles` are of works that are surely the author's; `identifiers` as in answers, scheme to values.
    """

    name: str
    birth_year: int | None = None
    death_year: int | None = None
    titles: tuple[str, ...] = ()
    identifiers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def check_sought(sought: Sought) -> None:
    """Nothing; BadInput when there is no name, or nothing that a namesake would fail."""
    if not any(map(str.isalnum, sought.name)):
        raise BadInput("name", "must have letters")
    if sought.birth_year is None and not any(map(fold, sought.titles)) and not any(sought.identifiers.values()):
        raise BadInput("birth_year", "a name alone finds namesakes: give a birth year, a title or an identifier too")


def has_name(entity: EntityWire, name: str) -> bool:
    """Whether one of the item's names is this one, given either way round: "Adams, Douglas" is Douglas Adams."""
    languages = list(dict.fromkeys((*as_map(entity.labels), *as_map(entity.aliases))))
    last, _, first = name.partition(",")
    wanted = {fold(name), fold(f"{first} {last}")}
    return any(fold(each) in wanted for each in names_of(entity, languages, most=None))


def agrees(entity: EntityWire, sought: Sought) -> bool | None:
    """Whether the item is the one sought: an identifier settles it, then years; None when neither says anything."""
    known = {(scheme, value) for scheme, found in identifiers_of(entity, PERSON).items() for value in found}
    if any(normalise(scheme, value) in known for scheme, found in sought.identifiers.items() for value in found):
        return True
    claims = claims_of(entity)
    born = _same_year(times(claims.born), sought.birth_year)
    died = _same_year(times(claims.died), sought.death_year)
    return False if born is False or died is False else born


def is_by(work: EntityWire, author: str, titles: Sequence[str]) -> bool:
    """Whether an item is a work of the author and has one of the titles, with or without its subtitle."""
    if author not in items(claims_of(work).author):
        return False
    languages = list(dict.fromkeys((*as_map(work.labels), *as_map(work.aliases))))
    names = (*names_of(work, languages, most=None), *texts(claims_of(work).title))
    wanted = {folded for title in titles for folded in _foldings(title)}
    return any(not wanted.isdisjoint(_foldings(name)) for name in names)


def same_person(entities: Sequence[EntityWire]) -> EntityWire | None:
    """The one item, or the oldest of several that may be one person twice; None when their birth years differ.

    One identifier may stand on two items: often the same person, not yet merged.
    """
    years = [{time.year for time in times(claims_of(entity).born) if time.year is not None} for entity in entities]
    known = [each for each in years if each]
    if not entities or any(one.isdisjoint(other) for one in known for other in known):
        return None
    return min(entities, key=number_of)


def _same_year(found: Sequence[Time], year: int | None) -> bool | None:
    """None when either side does not know. A date of the old calendar may be of the year beside."""
    known = [time for time in found if time.year is not None]
    if year is None or not known:
        return None
    return any(time.year == year or (time.is_julian and abs((time.year or 0) - year) == 1) for time in known)


def _foldings(title: str) -> set[str]:
    folded = {fold(title), fold(title.partition(":")[0])}
    return {each for each in folded if each}
