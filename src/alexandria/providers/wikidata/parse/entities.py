"""Items as they were asked for, and what every kind of item has: names, identifiers, pages on wikis."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from alexandria.biblio.identifiers import normalise
from alexandria.biblio.keys import Kind, parse_key
from alexandria.biblio.text import clean_line
from alexandria.errors import BadInput, Malformed, ProviderFailed, Throttled, Unavailable
from alexandria.providers.wikidata.parse.values import LINE, as_map, claims_of, texts
from alexandria.providers.wikidata.profile import BUCKET
from alexandria.providers.wikidata.wire import ClaimsWire, EntitiesWire, EntityWire, Statements

MOST_ALIASES = 50
_THROTTLED = frozenset(("maxlag", "ratelimited"))
_AWAY = ("internal_api_error", "readonly", "cirrussearch-backend-error", "search-backend-error", "failed-save")
Select = Callable[[ClaimsWire], Statements]

PERSON: Mapping[str, Select] = {
    "viaf": lambda claims: claims.viaf,
    "isni": lambda claims: claims.isni,
    "lc_naf": lambda claims: claims.lc_naf,
    "gnd": lambda claims: claims.gnd,
    "bnf": lambda claims: claims.bnf,
    "goodreads": lambda claims: claims.goodreads_author,
    "open_library": lambda claims: claims.open_library,
}
BOOK: Mapping[str, Select] = {
    "oclc": lambda claims: claims.oclc,
    "goodreads": lambda claims: claims.goodreads,
    "google": lambda claims: claims.google,
    "ocaid": lambda claims: claims.ocaid,
}


def read_entities(wire: EntitiesWire, asked: Sequence[str]) -> dict[str, EntityWire]:
    """The items by the id that was asked for; one that is missing is left out, one that was merged has another `id`.

    Raises what `read_fault` gives for a fault, Malformed for an answer that leaves an id out or brings another item.
    """
    fault = read_fault(wire.error, wire.errors)
    if fault is not None and fault[0] == "no-such-entity" and len(asked) == 1:
        return {}
    if fault is not None:
        raise fault[1]
    found: dict[str, EntityWire] = {}
    answered = set()
    for key, entity in (wire.entities or {}).items():
        entity.id = entity.id or key
        names = _names_asked(key, entity, asked)
        if not names:
            raise Malformed(BUCKET, f"sent the item {entity.id[:20]!r}, which was not asked for")
        answered.update(names)
        if entity.missing is msgspec.UNSET:
            found |= dict.fromkeys(names, entity)
    if not answered.issuperset(asked):
        raise Malformed(BUCKET, f"says nothing of {len(set(asked) - answered)} of the {len(asked)} items asked for")
    return found


def _names_asked(key: str, entity: EntityWire, asked: Sequence[str]) -> set[str]:
    """The ids by which an item was asked for: its own, and the one that was merged into it; none for another item.

    A merged item stands under either of the two.
    """
    redirect, own = entity.redirects, entity.id or key
    names = {own, redirect.source} if redirect and redirect.source and redirect.target == own else {own}
    return names.intersection(asked) if key in names else set()


def read_fault(error: Any, errors: Any) -> tuple[str, ProviderFailed] | None:
    """The code of a fault that came with HTTP 200 in either of its two forms, and what to raise; None without one."""
    if isinstance(errors, list) and errors:
        error = errors[0]
    if not error:
        return None
    code = error.get("code") if isinstance(error, dict) else None
    code = clean_line(code, 60) if isinstance(code, str) else "unknown"
    message = f"the API says {code}"
    if code in _THROTTLED:
        return code, Throttled(BUCKET, message)
    return code, Unavailable(BUCKET, message) if code.startswith(_AWAY) else Malformed(BUCKET, message)


def name_of(entity: EntityWire, languages: Sequence[str]) -> str | None:
    """The item's label: in the languages wanted, in their order, else in any."""
    labels = as_map(entity.labels)
    for term in (*(labels[code] for code in languages if code in labels), *labels.values()):
        if name := clean_line(term.value, LINE):
            return name
    return None


def names_of(entity: EntityWire, languages: Sequence[str], most: int | None = MOST_ALIASES) -> tuple[str, ...]:
    """The item's names in the languages wanted: labels, aliases, birth name, pseudonyms; each once, up to `most`."""
    labels, aliases, claims = as_map(entity.labels), as_map(entity.aliases), claims_of(entity)
    found = [labels[code].value for code in languages if code in labels]
    found += [name for code in languages for name in _aliases(aliases.get(code))]
    lines = (clean_line(name, LINE) for name in (*found, *texts(claims.birth_name), *texts(claims.pseudonym)))
    return tuple(dict.fromkeys(line for line in lines if line))[:most]


def description_of(entity: EntityWire, languages: Sequence[str]) -> str | None:
    """The short description in the first of the languages that has one."""
    terms = as_map(entity.descriptions)
    found = (clean_line(terms[code].value, LINE) for code in languages if code in terms)
    return next((text for text in found if text), None)


def identifiers_of(entity: EntityWire, selected: Mapping[str, Select]) -> dict[str, tuple[str, ...]]:
    """Identifiers by scheme in our spelling, the item's own id among them."""
    claims = claims_of(entity)
    found: dict[str, tuple[str, ...]] = {"wikidata": (entity.id,)} if entity.id else {}
    for scheme, select in selected.items():
        pairs = (normalise(scheme, text) for text in texts(select(claims)))
        if numbers := tuple(dict.fromkeys(pair[1] for pair in pairs if pair)):
            found[scheme] = numbers
    return found


def open_library_numbers(entity: EntityWire, kind: Kind) -> list[int]:
    """The numbers of the Open Library keys of one kind that the item names."""
    numbers = []
    for text in texts(claims_of(entity).open_library):
        try:
            numbers.append(parse_key(text, kind).number)
        except BadInput:
            continue
    return numbers


def number_of(entity: EntityWire) -> int:
    """The number in the item's id: items are numbered as they are made."""
    digits = (entity.id or "")[1:]
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 13 else 0


def sitelinks_of(entity: EntityWire) -> dict[str, str]:
    """Titles of the item's pages, by wiki (`enwiki`)."""
    return {wiki: title for wiki, link in as_map(entity.sitelinks).items() if (title := clean_line(link.title, LINE))}


def _aliases(terms: Any) -> Iterator[str]:
    """Aliases as terms, or as bare texts."""
    for term in terms if isinstance(terms, list) else ():
        value = term.get("value") if isinstance(term, dict) else term
        if isinstance(value, str):
            yield value
