"""Articles of Wikipedia: which people have one, under which title, in which language."""

import re
from typing import Literal, NamedTuple

from alexandria.simulator.catalogue import Catalogue, Person
from alexandria.simulator.catalogue.people import authors_named

_TITLE = re.compile(r"(.+?) \(writer(?:, (\d{1,10}))?\)", re.ASCII)
_OTHERS = ("de", "fr", "es", "it")


class Article(NamedTuple):
    """What stands under a title: an article about a person, a page that names several, or the way to another title."""

    kind: Literal["article", "disambiguation", "redirect"]
    title: str  # of the redirect: where it leads
    person: Person


def sites_of(catalogue: Catalogue, person: Person) -> dict[str, str]:
    """The titles of a person's articles by language; mostly English, sometimes another one or none."""
    if not catalogue.knows_person("wikipedia", person):
        return {}
    title, draw = title_of(person), person.bits >> 36 & 7
    return {language: title for language in ("en", _OTHERS[draw & 3])[: 2 if draw & 4 else 1]}


def title_of(person: Person) -> str:
    """The title of a person's article; where the bare name leads to a list of namesakes, with an addition."""
    if person.is_stranger:
        return f"{person.name} (writer, {person.number})"
    return f"{person.name} (writer)" if person.number % 4 == 0 else person.name


def find_article(catalogue: Catalogue, language: str, text: str) -> Article | None:
    """What stands under a title (blanks or underscores, first letter in any case); None when nothing does."""
    title = text.replace("_", " ").strip()
    title = title[:1].upper() + title[1:]
    match = _TITLE.fullmatch(title)
    if match and match[2]:
        people = [catalogue.stranger(int(match[2]))]
    else:
        people = [catalogue.author(number) for number in authors_named(match[1] if match else title, catalogue.words)]
    person = people[0] if people else None
    if person is None or language not in sites_of(catalogue, person):
        return None
    own = title_of(person)
    if title == own:
        return Article("article", own, person)
    if title == person.name:
        return Article("disambiguation", title, person)
    return Article("redirect", own, person)
