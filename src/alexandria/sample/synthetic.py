"""Invented records that fill the sample catalogue up, visible as such at a glance.

Keys start at 900,000,001; Open Library's own are far below. ISBNs are 978-99999-NNNN-C: the registration group
99999 is assigned to no agency, so no real book carries one. One edition has a number under 979-9, where nothing is
assigned either, because 979 has no ISBN-10. Every title says that it is invented, in its own language.
"""

from collections.abc import Iterator

from alexandria.sample.lines import Record, datetime_object

KEY_BASE = 900_000_000
MISSING_ISBN = 9789999988889  # 978-99999-8888-9: valid, synthetic, in no record of the sample

NO_WORK, ISBN10_ONLY, SHARED_WITH_PREVIOUS, PREFIX_979, OLD_WORK = 5, 7, 11, 13, 17
EDITIONS_PER_WORK = 4 / 3
WORKS_PER_AUTHOR = 3
STAMP = "2026-10-01T12:00:00.000000"

# MARC code, how an invented title begins, what it is about, an invented publisher and author
LANGUAGES: tuple[tuple[str, str, tuple[str, ...], str, str], ...] = (
    ("eng", "An Invented Book of", ("Lighthouses", "Rivers", "Clocks"), "Sample Press", "Ada Sample"),
    ("ger", "Das erfundene Buch der", ("Leuchttürme", "Flüsse", "Uhren"), "Musterverlag", "Jörg Muster"),
    ("fre", "Le livre inventé des", ("phares", "rivières", "horloges"), "Éditions Exemple", "Zoé Exemple"),
    ("spa", "El libro inventado de los", ("faros", "ríos", "relojes"), "Ediciones Muestra", "Íñigo Muestra"),
    ("ita", "Il libro inventato dei", ("fari", "fiumi", "pendoli"), "Edizioni Campione", "Niccolò Campione"),
    (
        "tur",
        "Uydurma",
        ("Fenerler Kitabı", "Irmaklar Kitabı", "Saatler Kitabı"),
        "Örnek Yayınları",
        "Işıl Örnek",
    ),
    ("rus", "Выдуманная книга о", ("маяках", "реках", "часах"), "Образец", "Анна Образцова"),
    ("gre", "Το επινοημένο βιβλίο για", ("φάρους", "ποταμούς", "ρολόγια"), "Δείγμα", "Ελένη Δείγμα"),
    ("heb", "הספר הבדוי על", ("מגדלורים", "נהרות", "שעונים"), "דוגמה", "נועה דוגמה"),
    ("ara", "الكتاب المختلق عن", ("المنارات", "الأنهار", "الساعات"), "دار المثال", "ليلى المثال"),
    ("jpn", "架空の本", ("灯台", "川", "時計"), "見本出版", "見本 花子"),
    ("chi", "虚构之书", ("灯塔", "河流", "钟表"), "样本出版社", "样本 明"),
)
MONTHS = ("January", "March", "May", "July", "October", "December")
FORMATS = ("Paperback", "Hardcover", "Mass Market Paperback", "eBook", "Audio CD")


def isbn13_text(twelve: str) -> str:
    """The 13 digits of an ISBN, given the first twelve."""
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(twelve))
    return twelve + str(-total % 10)


def isbn10_text(nine: str) -> str:
    """The ten characters of an ISBN-10, given the first nine."""
    total = sum(int(digit) * (10 - place) for place, digit in enumerate(nine))
    return nine + "0123456789X"[-total % 11]


def synthetic_works(editions: int) -> int:
    """How many works stand behind that many synthetic editions."""
    return int(editions / EDITIONS_PER_WORK)


def author_records(editions: int) -> Iterator[Record]:
    """The invented authors: one for three works, named in the language of their works."""
    for number in range(_author_of(synthetic_works(editions) - 1) + 1):
        name = LANGUAGES[number % len(LANGUAGES)][4]
        yield {
            "name": f"{name} {number // len(LANGUAGES) + 1}",
            "personal_name": name,
            "birth_date": str(1900 + number),
            **_envelope("author", f"/authors/OL{KEY_BASE + 1 + number}A"),
        }


def work_records(editions: int) -> Iterator[Record]:
    """The invented works, each with its author; every fourth with subjects and a first date."""
    for number in range(synthetic_works(editions)):
        author = {"key": f"/authors/OL{KEY_BASE + 1 + _author_of(number)}A"}
        extra = {"subjects": ["Sample data"], "first_publish_date": str(1950 + number % 70)}
        yield {
            "title": _title(number),
            "authors": [{"type": {"key": "/type/author_role"}, "author": author}],
            **(extra if number % 4 == 0 else {}),
            **_envelope("work", f"/works/OL{KEY_BASE + 1 + number}W"),
        }


def edition_records(editions: int) -> Iterator[Record]:
    """The invented editions: three quarters are their work's first, the others its second."""
    works = synthetic_works(editions)
    for number in range(editions):
        work = number % works
        language = LANGUAGES[_author_of(work) % len(LANGUAGES)]
        yield {
            "title": _title(work),
            **_isbns(number),
            **({} if number == NO_WORK else {"works": [{"key": _work_key(number, work)}]}),
            "authors": [{"key": f"/authors/OL{KEY_BASE + 1 + _author_of(work)}A"}],
            "publishers": [language[3]],
            "publish_date": _messy_date(number),
            "languages": [{"key": f"/languages/{language[0]}"}],
            "number_of_pages": 80 + number * 7 % 500,
            "physical_format": FORMATS[number % len(FORMATS)],
            **({"covers": [-1]} if number % 29 == 3 else {}),
            **_envelope("edition", f"/books/OL{KEY_BASE + 1 + number}M"),
        }


def redirect_records() -> Iterator[Record]:
    """Invented redirects: two chains of two hops (one ends in a real redirect), an author's, an edition's."""
    for source, target in (
        (f"/works/OL{KEY_BASE + 901}W", f"/works/OL{KEY_BASE + 902}W"),
        (f"/works/OL{KEY_BASE + 902}W", f"/works/OL{KEY_BASE + 1 + OLD_WORK}W"),
        (f"/works/OL{KEY_BASE + 903}W", "/works/OL100005W"),
        (f"/authors/OL{KEY_BASE + 901}A", f"/authors/OL{KEY_BASE + 1}A"),
        (f"/books/OL{KEY_BASE + 901}M", f"/books/OL{KEY_BASE + 1}M"),
    ):
        yield {"location": target, **_envelope("redirect", source)}


def delete_records() -> Iterator[Record]:
    """An invented deleted record of each type."""
    for key in (
        f"/books/OL{KEY_BASE + 951}M",
        f"/works/OL{KEY_BASE + 951}W",
        f"/authors/OL{KEY_BASE + 951}A",
    ):
        yield _envelope("delete", key)


def _envelope(kind: str, key: str) -> Record:
    return {
        "key": key,
        "type": {"key": f"/type/{kind}"},
        "latest_revision": 2,
        "revision": 2,
        "created": datetime_object("2026-09-01T12:00:00.000000"),
        "last_modified": datetime_object(STAMP),
    }


def _author_of(work: int) -> int:
    return work // WORKS_PER_AUTHOR


def _work_key(number: int, work: int) -> str:
    return f"/works/OL{KEY_BASE + (901 if number == OLD_WORK else 1 + work)}W"


def _title(work: int) -> str:
    _, lead, things, _, _ = LANGUAGES[_author_of(work) % len(LANGUAGES)]
    return f"{lead} {things[work % len(things)]}, {work + 1}"


def _isbns(number: int) -> Record:
    if number == PREFIX_979:
        return {"isbn_13": [isbn13_text(f"9799000{number:05}")]}
    own = number - 1 if number == SHARED_WITH_PREVIOUS else number
    ten = {"isbn_10": [isbn10_text(f"99999{own:04}")]}
    if number == ISBN10_ONLY:
        return ten
    return {**ten, "isbn_13": [isbn13_text(f"97899999{own:04}")]}


def _messy_date(number: int) -> str:
    year = 1960 + number * 13 % 66
    month = MONTHS[number % len(MONTHS)]
    shapes = (
        f"{year}",
        f"{month} {number % 28 + 1}, {year}",
        f"{month} {year}",
        f"c{year}",
        f"[{year}?]",
        f"{year}-0{number % 9 + 1}-1{number % 10}",
        f"©{year}",
        "n.d.",
    )
    return shapes[number % 24 if number % 24 < len(shapes) else number % 3]
