"""The catalogue as one thing to ask: editions by number, ISBN, author, title, month, publisher, subject; people."""

import re
from collections.abc import Iterable

from alexandria.biblio.isbn import bare_isbn
from alexandria.sample.plan import scatter
from alexandria.sample.synthetic import MISSING_ISBN
from alexandria.simulator.catalogue import numbers
from alexandria.simulator.catalogue.editions import (
    Edition,
    make_edition,
    works_about,
    works_published_by,
    works_titled,
)
from alexandria.simulator.catalogue.people import Person, authors_named, make_person, name_of
from alexandria.simulator.catalogue.real import Sample, read_sample
from alexandria.simulator.catalogue.words import Vocabulary, fold, make_vocabulary

UNKNOWN_PERCENT = 15
_SALTS = {"isbndb": 901, "google_books": 902, "open_library": 903, "wikidata": 904, "wikipedia": 905}


class Catalogue:
    """An invented catalogue of every ISBN there can be, with the sample catalogue in it.

    `seed` is that of the synthetic dump whose names and titles it shares. Searches by month, subject and publisher
    list only editions numbered below `editions`, so that a month can be harvested.
    """

    def __init__(self, seed: int = 1, editions: int = 300_000) -> None:
        self.seed = seed
        self.listed = editions
        self.words: Vocabulary = make_vocabulary(seed)
        self.sample: Sample = read_sample()
        self._always = {*self.sample.editions, numbers.edition_of(MISSING_ISBN)}  # what the demo shows

    def knows(self, provider: str, edition: int) -> bool:
        """Whether a provider knows an edition: 85 % of them, other ones at each, and all of the sample catalogue."""
        return scatter(edition, self.seed + _SALTS[provider]) % 100 >= UNKNOWN_PERCENT or edition in self._always

    def knows_person(self, provider: str, person: Person) -> bool:
        """Whether a provider knows a person: 85 % of them."""
        return scatter(person.number, self.seed + _SALTS[provider] + 50) % 100 >= UNKNOWN_PERCENT

    def edition(self, number: int) -> Edition:
        """The edition of that number."""
        return self.sample.editions.get(number) or make_edition(number, self.words, self.seed)

    def number(self, text: str) -> int | None:
        """The edition number of an ISBN as digits, with or without hyphens; None when it is none."""
        isbn = bare_isbn(text) or bare_isbn(text.replace("-", "").replace(" ", ""))
        return numbers.edition_of(isbn) if isbn else None

    def another(self, provider: str, edition: int) -> int:
        """The next edition of another work that this provider knows."""
        found = (edition // numbers.EDITIONS_PER_WORK + 1) * numbers.EDITIONS_PER_WORK
        while not self.knows(provider, found):
            found += 1
        return found

    def by_author(self, name: str) -> list[int]:
        """The editions of everybody of that name."""
        works = [work for author in authors_named(name, self.words) for work in numbers.works_of(author)]
        return [*self.sample.numbers_by_author.get(fold(name), []), *self._editions(works)]

    def by_title(self, title: str) -> list[int]:
        """The editions of every work of that title."""
        works = works_titled(title, self.words, self.seed)
        return [*self.sample.numbers_by_title.get(fold(title), []), *self._editions(works)]

    def by_text(self, text: str) -> list[int]:
        """The editions whose title, author, or title and author (in either order) the text is."""
        found = self.by_title(text) or self.by_author(text)
        parts = text.split()
        for cut in range(1, len(parts)):
            if found:
                break
            first, second = " ".join(parts[:cut]), " ".join(parts[cut:])
            found = self.by_both(first, second) or self.by_both(second, first)
        return found

    def by_both(self, title: str, author: str) -> list[int]:
        """The editions of that title by somebody of that name."""
        by_author = set(self.by_author(author))
        return [number for number in self.by_title(title) if number in by_author] if by_author else []

    def by_date(self, text: str) -> list[int]:
        """The listed editions of a year, a month or a day (`2026`, `2026-03`, `2026-03-05`)."""
        match = re.fullmatch(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", text, re.ASCII)
        if not match:
            return []
        months = [int(match[2]) - 1] if match[2] else range(12)
        start = (int(match[1]) - numbers.FIRST_YEAR) * 12
        found = [number for month in months for number in numbers.editions_in(start + month, self.listed)]
        return [number for number in found if self.edition(number).day == int(match[3])] if match[3] else found

    def by_subject(self, text: str) -> list[int]:
        """The listed editions about a subject."""
        places, below = self.words.subject_places.get(fold(text), []), self.listed // numbers.EDITIONS_PER_WORK
        return self._editions(work for place in places for work in works_about(place, below))

    def by_publisher(self, text: str) -> list[int]:
        """The listed editions of a publisher."""
        places, below = self.words.publisher_places.get(fold(text), []), self.listed // numbers.EDITIONS_PER_WORK
        return self._editions(work for place in places for work in works_published_by(place, below))

    def author(self, number: int) -> Person:
        """The author of that number."""
        return make_person(number, name_of(number, self.words), self.seed)

    def stranger(self, number: int) -> Person:
        """The person whom an Open Library key of that number means that is not of this catalogue."""
        name = self.sample.author_names.get(number) or name_of(scatter(number, self.seed + 60) & 0xFFFFF, self.words)
        return make_person(number, name, self.seed, is_stranger=True)

    def people_named(self, name: str) -> list[Person]:
        """Everybody of that name, strangers of the sample catalogue included."""
        folded = fold(name)
        strangers = [number for number, known in self.sample.author_names.items() if fold(known) == folded]
        return [self.author(number) for number in authors_named(name, self.words)] + [
            self.stranger(number) for number in strangers
        ]

    def _editions(self, works: Iterable[int]) -> list[int]:
        return [number for work in works for number in numbers.editions_of(work)]
