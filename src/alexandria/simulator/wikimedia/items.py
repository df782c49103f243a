"""Items of Wikidata: which there are, what they are about, and by which identifiers they are found.

10,000,000,000 + n is author n, then follow at the same distance editions, works, merged items (which redirect to the
author), strangers (by the number in their Open Library key), second items of an author, publishers.
"""

import re
from typing import Literal, NamedTuple

from alexandria.biblio.isbn import hyphenate
from alexandria.simulator.catalogue import Catalogue, Edition, Person, numbers
from alexandria.simulator.catalogue.people import number_of_isni, number_of_viaf
from alexandria.simulator.open_library import keys

Kind = Literal["author", "edition", "work", "merged", "stranger", "twin", "publisher", "thing"]
KINDS: tuple[Kind, ...] = ("author", "edition", "work", "merged", "stranger", "twin", "publisher")
STRIDE = 10**10
_ITEM = re.compile(r"Q([1-9]\d{0,11})", re.ASCII)

THINGS = {
    "Q5": "human", "Q3331189": "version, edition or translation", "Q7725634": "literary work",
    "Q47461344": "written work", "Q571": "book", "Q6581097": "male", "Q6581072": "female",
    "Q48270": "non-binary", "Q1052281": "trans woman", "Q36180": "writer", "Q482980": "author",
    "Q145": "United Kingdom", "Q30": "United States", "Q183": "Germany", "Q142": "France", "Q38": "Italy",
    "Q29": "Spain", "Q159": "Russia", "Q36": "Poland", "Q43": "Turkey", "Q17": "Japan",
    "Q148": "People's Republic of China", "Q213": "Czech Republic", "Q1860": "English", "Q188": "German",
    "Q150": "French", "Q1321": "Spanish", "Q7737": "Russian", "Q652": "Italian", "Q7850": "Chinese",
    "Q5287": "Japanese", "Q5146": "Portuguese", "Q809": "Polish", "Q13955": "Arabic", "Q9288": "Hebrew",
    "Q256": "Turkish", "Q36510": "Modern Greek", "Q9176": "Korean", "Q9056": "Czech",
}  # fmt: skip


class Item(NamedTuple):
    """What an item is about."""

    id: str
    kind: Kind
    number: int


def write(kind: Kind, number: int) -> str:
    """The Q number of the item of that kind."""
    return f"Q{(KINDS.index(kind) + 1) * STRIDE + number}"


class Items:
    """The items of a catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._real = {
            record["remote_ids"]["wikidata"]: int(key[11:-1])
            for key, record in catalogue.sample.records.items()
            if key.startswith("/authors/") and "wikidata" in record.get("remote_ids", {})
        }
        self._real_back: dict[int, str] = {number: item for item, number in self._real.items()}

    def get(self, text: str) -> Item | None:
        """The item with a Q number, a merged one as itself; None when there is none."""
        if text in THINGS:
            return Item(text, "thing", 0)
        if text in self._real:
            return Item(text, "stranger", self._real[text])
        match = _ITEM.fullmatch(text)
        place, number = divmod(int(match[1]), STRIDE) if match else (0, 0)
        if not 1 <= place <= len(KINDS):
            return None
        item = Item(text, KINDS[place - 1], number)
        return item if self._is_known(item) else None

    def resolve(self, item: Item) -> Item:
        """The item that a merged one redirects to, any other itself."""
        return Item(write("author", item.number), "author", item.number) if item.kind == "merged" else item

    def person(self, item: Item) -> Person:
        """The person that an item of an author, its twin or a stranger is about."""
        return self.catalogue.stranger(item.number) if item.kind == "stranger" else self.catalogue.author(item.number)

    def item_of(self, person: Person) -> str:
        """The Q number of a person."""
        if person.is_stranger and person.number in self._real_back:
            return self._real_back[person.number]
        return write("stranger" if person.is_stranger else "author", person.number)

    def knows(self, person: Person) -> bool:
        """Whether a person has an item; all of the sample catalogue that Open Library links have."""
        return (person.is_stranger and person.number in self._real_back) or self.catalogue.knows_person(
            "wikidata", person
        )

    def find(self, prop: str, value: str) -> list[Item]:
        """The items with exactly this value of an identifier property; none for any other property."""
        found: list[Item] = []
        if prop == "P648":
            found = self._by_open_library(value)
        elif prop in ("P212", "P957"):
            found = self._by_isbn(prop, value)
        elif prop in ("P214", "P213"):
            numbered = number_of_viaf(value) if prop == "P214" else number_of_isni(value.replace(" ", ""))
            if numbered:
                person = self.catalogue.stranger(numbered[0]) if numbered[1] else self.catalogue.author(numbered[0])
                found = self._people([person]) if prop == "P214" or value == written_isni(person) else []
        return found

    def named(self, name: str) -> list[Item]:
        """The items of everybody of that name."""
        return self._people(self.catalogue.people_named(name))

    def _people(self, people: list[Person]) -> list[Item]:
        found = [self.get(self.item_of(person)) for person in people if self.knows(person)]
        return [item for item in found if item]

    def _by_open_library(self, value: str) -> list[Item]:
        key = keys.parse(value)
        if key is None or key.number >= keys.GONE:
            return []
        number, folder = key.number % keys.LIVE, key.number // keys.LIVE
        if key.kind != "authors":
            item = self.get(write("edition" if key.kind == "books" else "work", number)) if folder == 1 else None
            return [item] if item else []
        if folder == 0:
            return self._people([self.catalogue.stranger(number)])
        if number >= numbers.AUTHORS or (folder == 2 and not has_old_key(number)):
            return []
        twins = [Item(write("twin", number), "twin", number)] if folder == 1 and has_twin(number) else []
        found = self._people([self.catalogue.author(number)])
        return [*found, *twins] if found else []

    def _by_isbn(self, prop: str, value: str) -> list[Item]:
        number = self.catalogue.number(value)
        if number is None or not self.catalogue.knows("wikidata", number):
            return []
        edition = self.catalogue.edition(number)
        if isbn_values(edition).get(prop) != value:
            return []
        kind: Kind = "work" if isbn_is_on_work(edition) else "edition"
        item = self.get(write(kind, edition.work if kind == "work" else number))
        return [item] if item else []

    def _is_known(self, item: Item) -> bool:
        if item.kind == "publisher":
            return item.number < len(self.catalogue.words.publishers)
        if item.kind == "stranger":
            return item.number > 0 and self.knows(self.catalogue.stranger(item.number))
        if item.kind == "edition":
            return (
                item.number < numbers.EDITIONS
                and self.catalogue.knows("wikidata", item.number)
                and not isbn_is_on_work(self.catalogue.edition(item.number))
            )
        if item.kind == "work":
            return item.number < numbers.WORKS
        if item.number >= numbers.AUTHORS:
            return False
        if item.kind == "merged" and not has_old_key(item.number):
            return False
        if item.kind == "twin" and not has_twin(item.number):
            return False
        return self.knows(self.catalogue.author(item.number))


def has_old_key(author: int) -> bool:
    """Whether an author was merged: the item has two Open Library keys, and an older item redirects to it."""
    return author % 13 == 0


def has_twin(author: int) -> bool:
    """Whether an author has a second item with the same Open Library key."""
    return author % 97 == 5


def isbn_is_on_work(edition: Edition) -> bool:
    """Whether the ISBN stands, wrongly, on the item of the work."""
    return edition.bits >> 40 & 15 == 0


def isbn_values(edition: Edition) -> dict[str, str]:
    """The ISBN statements of an edition by property, hyphenated where the number lies in an assigned range."""
    thirteen, ten = hyphenate(edition.isbn), edition.isbn10
    draw = edition.bits >> 44 & 7
    found = {} if draw == 1 and ten else {"P212": thirteen or str(edition.isbn)}
    if ten and draw < 3:
        found["P957"] = f"{thirteen[4:-1]}{ten[-1]}" if thirteen else ten
    return found


def written_isni(person: Person) -> str:
    """The ISNI as it stands in the item, now and then with blanks."""
    isni = person.isni
    return " ".join(isni[start : start + 4] for start in range(0, 16, 4)) if person.bits >> 24 & 7 == 0 else isni
