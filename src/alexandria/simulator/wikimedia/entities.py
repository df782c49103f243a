"""Entities: the whole JSON of an item, with the quirks of providers.md 8.2."""

from typing import Any

from alexandria.sample.words import CODES
from alexandria.simulator.catalogue import Person, numbers
from alexandria.simulator.catalogue.editions import publisher_of
from alexandria.simulator.open_library import keys
from alexandria.simulator.wikimedia.articles import sites_of
from alexandria.simulator.wikimedia.claims import (
    Claim,
    by_property,
    item_claim,
    language_claim,
    number_claim,
    text_claim,
    time_claim,
    unknown_claim,
)
from alexandria.simulator.wikimedia.items import (
    THINGS,
    Item,
    Items,
    has_old_key,
    isbn_is_on_work,
    isbn_values,
    write,
    written_isni,
)

Entity = dict[str, Any]
LANGUAGES = dict(zip(CODES, "en de fr es ru it zh ja pt pl ar he tr el ko cs".split(), strict=True))
_LANGUAGE_ITEMS = dict(
    zip(
        CODES,
        "Q1860 Q188 Q150 Q1321 Q7737 Q652 Q7850 Q5287 Q5146 Q809 Q13955 Q9288 Q256 Q36510 Q9176 Q9056".split(),
        strict=True,
    )
)


def render_entity(items: Items, item: Item) -> Entity:
    """The JSON of an item that is no redirect; a map with nothing in it is a list, as PHP writes it."""
    claims: list[Claim]
    if item.kind == "thing":
        labels, claims = {"en": THINGS[item.id]}, []
    elif item.kind == "publisher":
        labels, claims = {"mul": items.catalogue.words.publishers[item.number]}, []
    elif item.kind == "edition":
        labels, claims = _edition(items, item.number)
    elif item.kind == "work":
        labels, claims = _work(items, item.number)
    else:
        return _person(items, item)
    return _entity(item, labels, {}, {}, by_property(item.id, claims), {})


def _entity(
    item: Item, labels: dict[str, str], descriptions: dict[str, str], aliases: Any, claims: Any, sites: Any
) -> Entity:
    return {
        "pageid": 1 + int(item.id[1:]) % 100_000_000,
        "ns": 0,
        "title": item.id,
        "lastrevid": 2_000_000_000 + item.number % 1_000_000,
        "modified": "2026-08-12T17:50:31Z",
        "type": "item",
        "id": item.id,
        "labels": _texts(labels) or [],
        "descriptions": _texts(descriptions) or [],
        "aliases": aliases or [],
        "claims": claims or [],
        "sitelinks": sites or [],
    }


def _texts(texts: dict[str, str]) -> Any:
    return {language: {"language": language, "value": text} for language, text in texts.items()}


def _person(items: Items, item: Item) -> Entity:
    person = items.person(item)
    draw = person.bits >> 27 & 15
    last, _, first = person.name[::-1].partition(" ")
    labels = {"mul": person.name} if draw < 4 else {"en": person.name, "de": person.name}
    if draw == 4:
        labels = {"fr": person.name}
    country = THINGS[person.country]
    descriptions = {"en": f"writer from {country} (born {person.born})"} if draw & 1 else {}
    aliases = {"en": [{"language": "en", "value": f"{last[::-1]}, {first[::-1]}"}]} if draw & 2 else {}
    sites = {
        f"{language}wiki": {"site": f"{language}wiki", "title": title, "badges": []}
        for language, title in sites_of(items.catalogue, person).items()
    }
    return _entity(item, labels, descriptions, aliases, by_property(item.id, _person_claims(item, person)), sites)


def _person_claims(item: Item, person: Person) -> list[Claim]:
    bits, number = person.bits >> 31, person.number
    claims = [
        item_claim("P31", "Q5"),
        item_claim("P21", person.gender, old_form=bits & 15 == 1),
        item_claim("P27", person.country),
        item_claim("P106", "Q36180"),
        item_claim("P106", "Q482980"),
        text_claim("P648", f"OL{number if person.is_stranger else keys.LIVE + number}A"),
        *_life("P569", person.born, bits),
        *(_life("P570", person.died, bits >> 6) if person.died else []),
    ]
    if item.kind == "twin":
        return claims
    if not person.is_stranger and has_old_key(number):
        claims.append(text_claim("P648", f"OL{keys.OLD + number}A"))
    if bits & 3:
        claims += [text_claim("P214", person.viaf), text_claim("P213", written_isni(person))]
    if bits & 3 == 2:
        claims.append(text_claim("P18", f"{person.name} {number}.jpg", datatype="commonsMedia"))
    if not person.died and bits & 31 == 7:
        claims.append(unknown_claim("P570", "time", "novalue"))
    return claims


def _life(prop: str, year: int, bits: int) -> list[Claim]:
    """A date of birth or death: to the day, month, year or decade, unknown, or several that contradict each other."""
    draw, month, day = bits & 31, 1 + bits % 12, 1 + bits % 28
    if draw == 0:
        return [unknown_claim(prop, "time", "somevalue")]
    if draw == 1:
        return [time_claim(prop, year, 0, 0, 9, "preferred"), time_claim(prop, year - 1, month, day, 11)]
    if draw == 2:
        return [time_claim(prop, year + 30, month, day, 11, "deprecated"), time_claim(prop, year, month, day, 11)]
    precision = 8 if draw == 3 else 9 if draw < 12 else 10 if draw < 14 else 11
    return [time_claim(prop, year // 10 * 10 if precision == 8 else year, month, day, precision)]


def _edition(items: Items, number: int) -> tuple[dict[str, str], list[Claim]]:
    edition = items.catalogue.edition(number)
    bits, language = edition.bits >> 46, LANGUAGES.get(edition.language, "en")
    claims = [
        item_claim("P31", "Q3331189"),
        item_claim("P629", write("work", edition.work)),
        language_claim("P1476", edition.title, language),
        text_claim("P648", f"OL{keys.LIVE + number}M"),
        *(text_claim(prop, value) for prop, value in isbn_values(edition).items()),
        *_authors(items, edition.work, edition.authors),
        time_claim("P577", edition.year, edition.month, edition.day, 9 if bits & 1 else 11),
        item_claim("P407", _LANGUAGE_ITEMS.get(edition.language, "Q1860")),
        item_claim("P123", write("publisher", publisher_of(edition.work))),
    ]
    if bits & 2:
        claims.append(number_claim("P1104", edition.pages))
    if bits & 56 == 8:
        claims.append(text_claim("P18", f"Cover of an edition, {edition.year} {number}.jpg", datatype="commonsMedia"))
    if edition.subtitle:
        claims.append(language_claim("P1680", edition.subtitle, language))
    return ({"mul": edition.title} if bits & 4 else {language: edition.title}), claims


def _work(items: Items, number: int) -> tuple[dict[str, str], list[Claim]]:
    editions = [items.catalogue.edition(each) for each in numbers.editions_of(number)]
    first = editions[0]
    language = LANGUAGES.get(first.language, "en")
    known = [each for each in editions if items.catalogue.knows("wikidata", each.number)]
    claims = [
        item_claim("P31", "Q7725634" if number % 3 else "Q47461344"),
        language_claim("P1476", first.title, language),
        text_claim("P648", f"OL{keys.LIVE + number}W"),
        *_authors(items, number, first.authors),
        time_claim("P577", min(each.year for each in editions), 0, 0, 9),
    ]
    for edition in known:
        if isbn_is_on_work(edition):
            claims += [text_claim(prop, value) for prop, value in isbn_values(edition).items()]
        else:
            claims.append(item_claim("P747", write("edition", edition.number)))
    return {language: first.title}, claims


def _authors(items: Items, work: int, names: tuple[str, ...]) -> list[Claim]:
    """The authors as items; as bare names where they have none."""
    people = [items.catalogue.author(author) for author in numbers.authors_of(work)]
    if [person.name for person in people] != list(names):
        return [text_claim("P2093", name, datatype="string") for name in names]
    return [
        item_claim("P50", items.item_of(each))
        if items.knows(each)
        else text_claim("P2093", each.name, datatype="string")
        for each in people
    ]
