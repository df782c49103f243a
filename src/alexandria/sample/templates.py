"""Record templates of a synthetic dump: fields that need not be unique, mixed as in the real fixture lines.

The number before each field is the share of the 734 edition, 661 work or 712 author lines of the fixture that
carry it, except where a comment says otherwise; lengths and list lengths follow the same lines.
"""

from collections.abc import Callable
from random import Random
from typing import NamedTuple

from alexandria.sample.words import CODES, escape, invented_name, phrase, sentences

OLD = "2008-04-01T03:28:50.625462"  # the commonest `created`: the site's first import
UNIQUE, TITLE = "<unique>", "<title>"  # marks, cut out when the template is made

Fields = dict[str, tuple[float, Callable[[], str]]]


class Template(NamedTuple):
    """A record in pieces: unique numbers join `start`, the title (or name) joins `middle`, then key, date, end."""

    revision: str
    start: list[str]
    middle: list[str]
    before_date: str
    end: str


def edition_template(random: Random, language: int) -> Template:
    """An edition in the language of that number."""
    year = random.randint(1950, 2024)
    fields: Fields = {
        "publishers": (0.993, lambda: listed(random, _publisher, 0.01)),
        "publish_date": (0.986, lambda: quoted(_date(random, year))),
        "physical_format": (0.871, lambda: quoted(random.choice(_FORMATS))),
        "created": (0.673, lambda: stamp(OLD)),
        "subjects": (0.666, lambda: listed(random, _subject, 0.6)),
        "number_of_pages": (0.604, lambda: str(int(random.lognormvariate(5.4, 0.5)))),
        "languages": (0.437, lambda: f'[{{"key": "/languages/{CODES[language]}"}}]'),
        "identifiers": (0.360, lambda: random.choice(_IDENTIFIERS)),
        "oclc_numbers": (0.311, lambda: f'["{UNIQUE}"]'),
        "subtitle": (0.294, lambda: quoted(f"{phrase(random, language)} {phrase(random, language)}")),
        "covers": (0.215, lambda: _covers(random)),
        "edition_name": (0.198, lambda: quoted(random.choice(_EDITION_NAMES))),
        "source_records": (0.176, lambda: _sources(random)),
        **_library_fields(random, year),
        "notes": (0.10, lambda: long_text(random, 80, 0.02)),  # fixture 0.119
        "description": (0.05, lambda: long_text(random, 390, 0.1)),  # fixture 0.015; later records have more
        "first_sentence": (0.005, lambda: long_text(random, 120, 0.0)),
        "table_of_contents": (0.005, lambda: _contents(random)),
    }
    revision = random.choices((1, 2, 3, 4, 5, 6, 7, 8), (94, 150, 210, 116, 54, 43, 26, 13))[0]
    return _template(random, "edition", "title", fields, revision, counted=0.875)


def work_template(random: Random, language: int) -> Template:
    """A work in the language of that number."""
    fields: Fields = {
        "created": (1.0, lambda: stamp("2009-12-11T01:57:38.254267")),
        "covers": (0.298, lambda: _covers(random)),
        "subjects": (0.185, lambda: listed(random, _subject, 0.65)),
        "subject_places": (0.104, lambda: listed(random, _place, 0.3)),
        "subject_times": (0.027, lambda: '["20th century"]'),
        "subject_people": (0.023, lambda: listed(random, invented_name, 0.3)),
        "subtitle": (0.021, lambda: quoted(phrase(random, language))),
        "first_publish_date": (0.05, lambda: quoted(str(random.randint(1800, 2020)))),  # fixture none
        "description": (0.05, lambda: long_text(random, 400, 0.1)),  # fixture 0.005; later records have more
    }
    revision = random.choices((1, 2, 3, 4, 6), (345, 39, 213, 54, 9))[0]
    return _template(random, "work", "title", fields, revision, counted=1.0)


def author_template(random: Random) -> Template:
    """An author; the name goes where other records have their title."""
    born = random.randint(1750, 1990)
    births = (f"{born}", f"{born}", f"{born}", f"ca. {born}", f"10 Apr {born}", f"{born} or {born % 10 + 1}")
    fields: Fields = {
        "birth_date": (0.270, lambda: quoted(random.choice(births))),
        "created": (0.194, lambda: stamp(OLD)),
        "death_date": (0.074, lambda: quoted(str(born + random.randint(30, 90)))),
        "remote_ids": (0.024, lambda: f'{{"viaf": "{UNIQUE}", "wikidata": "Q9{UNIQUE}"}}'),
        "alternate_names": (0.018, lambda: listed(random, _person, 0.4)),
        "bio": (0.013, lambda: long_text(random, 1300, 0.2)),
        "photos": (0.011, lambda: f"[{UNIQUE}]"),
        "title": (0.007, lambda: '"Sir"'),
        "links": (0.003, lambda: f'[{{"url": "https://example.org/{UNIQUE}", "title": "Invented"}}]'),
    }
    revision = random.choices((1, 2, 3, 4, 5), (172, 470, 42, 20, 8))[0]
    second = f', "personal_name": "{TITLE}"' if random.random() < 0.823 else ""
    return _template(random, "author", "name", fields, revision, counted=0.187, second=second)


def quoted(text: str) -> str:
    """A text as a JSON string."""
    return f'"{escape(text)}"'


def stamp(value: str) -> str:
    """A point in time as the object that wraps it in a record."""
    return f'{{"type": "/type/datetime", "value": "{value}"}}'


def long_text(random: Random, length: int, plain: float) -> str:
    """A long text, as a `/type/text` object or (with the share `plain`) as a bare string."""
    text = quoted(sentences(random, int(length * random.lognormvariate(-0.18, 0.6))))
    return text if random.random() < plain else f'{{"type": "/type/text", "value": {text}}}'


def listed(random: Random, make: Callable[[Random], str], more: float) -> str:
    """A JSON list of one made text, and of another as long as `more` holds, up to six."""
    texts = [make(random)]
    while random.random() < more and len(texts) < 6:
        texts.append(make(random))
    return f"[{', '.join(map(quoted, texts))}]"


_FORMATS = ("Paperback", "Paperback", "Paperback", "Hardcover", "Hardcover", "Unknown Binding", "eBook")
_EDITION_NAMES = ("1st ed.", "New Ed edition", "2 edition", "1. Aufl.", "Rev. ed.")
_PLACES = ("London", "New York", "Oxford", "Berlin", "Paris", "Moskva", "Madrid", "Roma", "Kraków", "São Paulo")
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "September", "October", "December")
_ODD_DATES = ("c{}", "[{}?]", "©{}", "{}-03", "novembre {}", "{0}, {0}", "n.d.", "19--", "0000", "", "{}-12-31")
_COUNTRIES = ("nyu", "enk", "gw ", "fr ", "ru ", "cau")
_HOUSES = ("Press", "Verlag", "Books", "& Sons", "Éditions", "Ltd", "Inc.")
_COVERS = (f"[{UNIQUE}]", f"[{UNIQUE}, 10{UNIQUE}]", "[-1]", "[null]")
_IDENTIFIERS = (
    f'{{"goodreads": ["{UNIQUE}"]}}',
    f'{{"goodreads": ["{UNIQUE}"], "librarything": ["9{UNIQUE}"]}}',
    "{}",
)


def _library_fields(random: Random, year: int) -> Fields:
    number = random.randint
    return {
        "weight": (0.131, lambda: quoted(f"{number(20, 400) / 10} ounces")),
        "publish_country": (0.128, lambda: quoted(random.choice(_COUNTRIES))),
        "pagination": (0.128, lambda: quoted(f"xii, {number(40, 900)} p. :")),
        "physical_dimensions": (0.128, lambda: quoted(f"{number(50, 99) / 10} x 5.4 x {number(1, 30) / 10} inches")),
        "publish_places": (0.125, lambda: listed(random, _place, 0.04)),
        "lc_classifications": (0.121, lambda: f'["PZ{number(1, 99)}.N{number(100, 999)} {year}"]'),
        "lccn": (0.114, lambda: f'["{year % 100:02}{UNIQUE}"]'),
        "by_statement": (0.113, lambda: quoted(f"by {_person(random)} ; edited by {_person(random)}.")),
        "dewey_decimal_class": (0.093, lambda: f'["{number(0, 999):03}/.{number(1, 99)}"]'),
        "contributions": (0.087, lambda: listed(random, lambda r: f"{_person(r)}, 1920-, ill.", 0.3)),
        "ocaid": (0.067, lambda: f'"invented{UNIQUE}u0000synt"'),  # u0000 here is no escaped NUL
        "subject_place": (0.037, lambda: listed(random, _place, 0.3)),
        "series": (0.034, lambda: listed(random, lambda r: f"{phrase(r)} ;", 0.5)),
        "local_id": (0.030, lambda: f'["urn:sfpl:3122{UNIQUE}"]'),
        "classifications": (0.029, lambda: "{}"),
    }


def _template(
    random: Random, kind: str, title: str, fields: Fields, revision: int, counted: float, second: str = ""
) -> Template:
    """The drawn fields, shuffled; those with unique numbers first, the rest on both sides of the key."""
    drawn = [f'"{name}": {make()}' for name, (share, make) in fields.items() if random.random() < share]
    drawn += [f'"revision": {revision}', f'"type": {{"key": "/type/{kind}"}}']
    if random.random() < counted:
        drawn.append(f'"latest_revision": {revision}')
    random.shuffle(drawn)
    cut = random.randint(0, len(drawn))
    start = [field for place, field in enumerate(drawn) if place < cut or UNIQUE in field]
    rest = [field for place, field in enumerate(drawn) if place >= cut and UNIQUE not in field]
    half = len(rest) // 2
    folder, letter = {"edition": ("books", "M"), "work": ("works", "W"), "author": ("authors", "A")}[kind]
    middle = f'"{title}": "{TITLE}"{second}, ' + "".join(f"{field}, " for field in rest[:half])
    return Template(
        str(revision),
        "".join(f"{field}, " for field in start).split(UNIQUE),
        f'{middle}"key": "/{folder}/OL'.split(TITLE),
        f'{letter}", "last_modified": {{"type": "/type/datetime", "value": "',
        "".join(['"}', *(f", {field}" for field in rest[half:]), "}\n"]),
    )


def _place(random: Random) -> str:
    return random.choice(_PLACES)


def _person(random: Random) -> str:
    return f"{invented_name(random)} {invented_name(random)}"


def _publisher(random: Random) -> str:
    return f"{invented_name(random)} {random.choice(_HOUSES)}"


def _subject(random: Random) -> str:
    return f"{phrase(random).capitalize()}" + random.choice(("", " -- History", " -- Fiction"))


def _date(random: Random, year: int) -> str:
    """Fixture: month, day and year 53 %, month and year 23 %, year 23 %; the 3 % of odd ones are chosen."""
    draw, month = random.random(), random.choice(_MONTHS)
    if draw < 0.03:
        return random.choice(_ODD_DATES).format(year)
    if draw < 0.56:
        return f"{month} {random.randint(1, 28)}, {year}"
    return f"{month} {year}" if draw < 0.79 else str(year)


def _covers(random: Random) -> str:
    return random.choices(_COVERS, (87, 10, 2, 1))[0]


def _sources(random: Random) -> str:
    places = [
        f"marc:invented_library/part{random.randint(1, 40):02}.dat:{UNIQUE}:{random.randint(500, 2500)}",
        f"ia:invented{UNIQUE}",
        f"promise:invented_pallet_2022-11-17:{UNIQUE}",
        f"bwb:{UNIQUE}",
    ]
    drawn = random.sample(places, random.choice((1, 1, 2, 3)))
    return f"[{', '.join(map(quoted, drawn))}]"


def _contents(random: Random) -> str:
    titles = [quoted(phrase(random).capitalize()) for _ in range(random.randint(5, 20))]
    rows = (f'{{"level": 0, "title": {title}, "type": {{"key": "/type/toc_item"}}}}' for title in titles)
    return f"[{', '.join(rows)}]"
