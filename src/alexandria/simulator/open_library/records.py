"""Records as Open Library keeps them, redirects and deleted ones too, with the mess of providers.md 4.

A record of the sample catalogue is what its dump says, with the revisions that the simulated days add.
"""

from collections.abc import Sequence
from typing import Any

from alexandria.sample.plan import scatter
from alexandria.simulator.catalogue import Catalogue, Edition, Person, numbers
from alexandria.simulator.open_library import keys
from alexandria.simulator.open_library.changes import BEGIN, Changes, moment

Record = dict[str, Any]
LAST = {"books": numbers.EDITIONS, "works": numbers.WORKS, "authors": numbers.AUTHORS}
_OLD_DATE = "2008-04-01T03:28:50.625462"
_FORMATS = (
    ("Hardcover", "hardback", "cloth"),
    ("Paperback", "pbk.", "Mass Market Paperback"),
    ("eBook", "E-book", "Audio CD"),
)
_MONTHS = "January February March April May June July August September October November December".split()
_ROLES: tuple[Any, ...] = ("/type/author_role", {"key": "/type/author_role"})


class Records:
    """Every record there is, by key."""

    def __init__(self, catalogue: Catalogue, changes: Changes) -> None:
        self._catalogue = catalogue
        self._changes = changes

    def get(self, key: str) -> Record | None:
        """The newest revision of a record, a redirect or a deleted one; None for a key of nothing."""
        sample = self._catalogue.sample.records.get(key)
        if sample is not None:
            return self._edited(key, sample)
        parsed = keys.parse(key)
        if parsed is None or not keys.LIVE <= parsed.number < keys.END:
            return None
        number = parsed.number % keys.LIVE
        if number >= LAST[parsed.kind]:
            return None
        if parsed.number >= keys.GONE:
            return {"key": key, "type": {"key": "/type/delete"}, "revision": 2, **self._stamps(key, 2)}
        if parsed.number >= keys.OLD:
            return self._redirect(key, parsed.kind, number)
        if parsed.kind == "works":
            return self._work(key, number)
        if parsed.kind == "authors":
            return self._author(key, self._catalogue.author(number))
        return self._edition(key, number) if self._catalogue.knows("open_library", number) else None

    def key_of_isbn(self, edition: int) -> str | None:
        """The key that the look-up by ISBN leads to, now and then an old or a deleted one; None when unknown."""
        sample = self._catalogue.sample.keys.get(numbers.isbn_of(edition))
        if sample:
            return sample
        if not self._catalogue.knows("open_library", edition):
            return None
        draw = scatter(edition, self._catalogue.seed + 40) % 200
        return keys.write("books", (keys.GONE if draw == 0 else keys.OLD if draw < 7 else keys.LIVE) + edition)

    def _edited(self, key: str, record: Record) -> Record:
        turn = self._changes.last_edit(key)
        if turn is None:
            return record
        stamp = {"type": "/type/datetime", "value": moment(turn)}
        revision = self._changes.revision(key)
        return {**record, "revision": revision, "latest_revision": revision, "last_modified": stamp}

    def _stamps(self, key: str, revision: int) -> Record:
        turn = self._changes.last_edit(key)
        return {
            "latest_revision": revision,
            "created": {"type": "/type/datetime", "value": _OLD_DATE},
            "last_modified": {"type": "/type/datetime", "value": moment(BEGIN if turn is None else turn)},
        }

    def _redirect(self, key: str, kind: keys.Kind, number: int) -> Record:
        """To the live record; one in ten by way of another redirect, one in a thousand to a deleted one or itself."""
        place, target = number % 1000, keys.LIVE + number
        if place in (500, 501):
            target = keys.GONE + number if place == 500 else keys.OLD + number
        elif number % 10 == 9:
            target = keys.OLD + number - 1
        revision = self._changes.revision(key)
        location = keys.write(kind, target)
        stamps = self._stamps(key, revision)
        return {"key": key, "type": {"key": "/type/redirect"}, "location": location, "revision": revision, **stamps}

    def _edition(self, key: str, number: int) -> Record:
        edition = self._catalogue.edition(number)
        bits, revision = edition.bits, self._changes.revision(key)
        record: Record = {
            "key": key,
            "type": {"key": "/type/edition"},
            "title": edition.title,
            **isbn_fields(edition),
            "publish_date": publish_date(edition),
            "revision": revision,
            **self._stamps(key, revision),
        }
        if bits & 31:
            old = bits & 31 == 1
            record["works"] = [{"key": keys.write("works", (keys.OLD if old else keys.LIVE) + edition.work)}]
        if bits >> 5 & 3:
            authors = [{"key": keys.write("authors", keys.LIVE + each)} for each in numbers.authors_of(edition.work)]
            record["authors"] = authors * (50 if bits >> 5 & 127 == 127 else 1)
        _add_optional(record, self._catalogue, edition)
        if bits & 15 == 3:
            del record["latest_revision"]
        return record

    def _work(self, key: str, number: int) -> Record:
        edition = self._catalogue.edition(numbers.editions_of(number)[0])
        bits, revision = scatter(number, 41), self._changes.revision(key)
        record: Record = {
            "key": key,
            "type": {"key": "/type/work"},
            "title": edition.title,
            "revision": revision,
            **self._stamps(key, revision),
        }
        if bits & 31:
            record["authors"] = [
                {"type": _ROLES[bits & 1], "author": {"key": keys.write("authors", keys.LIVE + author)}}
                for author in numbers.authors_of(number)
            ]
        if bits >> 5 & 3:
            record["subjects"] = list(edition.subjects)
        if bits >> 7 & 3 == 0:
            record["description"] = text_value(self._catalogue.words.texts[edition.text], bits)
        if bits >> 9 & 3 == 0:
            record["first_publish_date"] = str(first_year(self._catalogue, number))
        if bits >> 11 & 3 == 0:
            record["covers"] = [-1] if bits >> 11 & 15 == 0 else [10_000_000 + number % 10_000_000]
        return record

    def _author(self, key: str, person: Person) -> Record:
        bits, revision = person.bits, self._changes.revision(key)
        record: Record = {
            "key": key,
            "type": {"key": "/type/author"},
            "name": person.name,
            "personal_name": person.name,
            "revision": revision,
            **self._stamps(key, revision),
        }
        if bits >> 9 & 3:
            record["birth_date"] = (str(person.born), f"10 Apr {person.born}", f"ca. {person.born}")[bits >> 11 & 1]
        if person.died and bits >> 12 & 1:
            record["death_date"] = str(person.died)
        if bits >> 13 & 3 == 0:
            record["bio"] = text_value(self._catalogue.words.texts[person.number % 128], bits)
        if bits >> 15 & 3 == 0:
            record["remote_ids"] = {"viaf": person.viaf, "isni": person.isni}
        if bits >> 17 & 7 == 0:
            first, _, last = person.name.rpartition(" ")
            record["alternate_names"] = [f"{last}, {first}"]
        return record


def first_year(catalogue: Catalogue, work: int) -> int:
    """The year of the first edition of a work."""
    return min(catalogue.edition(number).year for number in numbers.editions_of(work))


def isbn_fields(edition: Edition) -> Record:
    """The ISBNs in one of the shapes in which records hold them."""
    ten, thirteen, draw = edition.isbn10, str(edition.isbn), edition.bits >> 12 & 63
    if ten is None:
        return {"isbn_13": [thirteen]}
    hyphens = f"{thirteen[:3]}-{thirteen[3]}-{thirteen[4:8]}-{thirteen[8:12]}-{thirteen[12]}"
    odd: dict[int, Record] = {
        0: {"isbn_10": [ten], "isbn_13": [hyphens]},
        1: {"isbn_10": [f"{ten}\t{ten}"]},
        2: {"isbn_10": [thirteen], "isbn_13": [ten]},
        3: {"isbn_10": [f"{ten.lower()} (pbk.)"]},
        4: {"isbn_10": [ten, ""], "isbn_13": [thirteen]},
    }
    if draw in odd:
        return odd[draw]
    return (
        {"isbn_10": [ten]}
        if draw < 13
        else {"isbn_13": [thirteen]}
        if draw < 22
        else {"isbn_10": [ten], "isbn_13": [thirteen]}
    )


def publish_date(edition: Edition) -> str:
    """The date as free text."""
    draw, year, month = edition.bits >> 18 & 63, edition.year, _MONTHS[edition.month - 1]
    odd = (f"c{year}", f"[{year}?]", f"©{year}", f"{year}-{edition.month:02}", "n.d.", "", "19--", f"{year}, {year}")
    if draw < len(odd):
        return odd[draw]
    return str(year) if draw < 22 else f"{month} {year}" if draw < 36 else f"{month} {edition.day}, {year}"


def text_value(text: str, bits: int) -> Any:
    """A text as it stands in a record: in an object, or bare."""
    return text if bits >> 20 & 3 == 0 else {"type": "/type/text", "value": text}


def _add_optional(record: Record, catalogue: Catalogue, edition: Edition) -> None:
    draw = edition.bits >> 24
    optional: Sequence[tuple[object, str, Any]] = (
        (draw & 31, "publishers", [edition.publisher]),
        (draw >> 5 & 3, "languages", [{"key": f"/languages/{edition.language}"}]),
        (draw >> 7 & 3, "number_of_pages", edition.pages if draw >> 7 & 31 != 3 else 0),
        (draw >> 9 & 3, "physical_format", _FORMATS[edition.form][draw % 3]),
        (draw >> 11 & 3 == 1, "subjects", [*edition.subjects, ""]),
        (edition.subtitle, "subtitle", edition.subtitle),
        (draw >> 13 & 7 == 1, "description", text_value(catalogue.words.texts[edition.text], edition.bits)),
        (draw >> 13 & 7 == 2, "notes", text_value("Invented.\r\nIncludes index.", edition.bits)),
        (draw >> 16 & 1, "covers", [[10_000_000 + edition.number % 10_000_000], [-1], [None]][draw % 16 % 3]),
        (draw >> 17 & 3, "source_records", [f"bwb:{edition.isbn}"]),
        (draw >> 19 & 3 == 1, "oclc_numbers", [f"9{edition.number:09}"]),
        (draw >> 21 & 3 == 1, "identifiers", {"goodreads": [f"8{edition.number:09}"]} if draw & 1 else {}),
        (draw >> 23 & 7 == 1, "classifications", {}),
    )
    record.update({name: value for there, name, value in optional if there})
