"""Pages of a provider for authors of whom only facts are known, with the noise that such pages have.

It shares nothing with what judges the pages. The noise, each with the patterns seen in shops and providers' answers:

    editions      series and edition notes behind the title, capitals, "A Novel", missing languages; names turned round,
                  marked, or left out
    sets          box sets, "3 Books Collection Set", titles joined by "/" and "and", Schuber, coffret
    splits        "Part 1 of 2", "Band 2 von 3", "Volume I", "(Part Two)"
    samplers      previews, first chapters, Leseprobe, extrait
    derived       study guides, summaries, screenplays, calendars, graphic adaptations
    translations  in the language of the book, some without a language but with "(German Edition)"
    misspellings  the author's name as others write it
    namesakes     books of somebody else of that name
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.harvest.gold.facts import Author, Work

LANGUAGES = {"de": "German", "fr": "French", "es": "Spanish", "en": "English", "ru": "Russian", "it": "Italian"}
NOTES = ("", "", "", " (Penguin Classics)", " (Vintage International)", " (Everyman's Library)", ": A Novel",
         " (Reissue)", " [Large Print]", " (Oxford World's Classics)")  # fmt: skip
SETS = ("{a} / {b}", "{a} and {b}", "{a}, {b}, {c} (3 Books in 1)", "{last} 3 Books Collection Set", "{name} Box Set",
        "The {last} Boxed Set: {a}, {b}", "{a} & {b} (Omnibus)", "Coffret {last} : {a}, {b}",
        "{last}: Romane in 3 Bänden (Schuber)", "{a}; {b}; {c}")  # fmt: skip
SPLITS = ("{a} (Part 1 of 2)", "{a}, Volume 1", "{a}: Band 2 von 3", "{a} - Tome 1", "{a}, Vol. II", "{a} (Part Two)",
          "{a} [Book 2 of 4]")  # fmt: skip
SAMPLERS = ("{a}: A Sampler", "{a} (Free Preview)", "{a} - Leseprobe", "{a}: Chapters 1-5", "{a} (extrait)",
            "{a}: First Chapter Excerpt")  # fmt: skip
DERIVED = ("A Study Guide for {name}'s {a}", "{a} (SparkNotes Literature Guide)", "CliffsNotes on {last}'s {a}",
           "Summary of {a} by {name}", "{a}: The Screenplay", "{last} 2019 Wall Calendar", "{a}: The Graphic Novel",
           "Lektürehilfe: {a}", "{a} Coloring Book", "{a}: Teacher's Guide")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Book:
    """A book as the provider would send it; `sort` and `work` are the truth that only the measure sees."""

    isbn: int
    wire: dict[str, Any]
    sort: str
    work: int | None


def build_books(author: Author) -> list[Book]:
    """Every book on the pages of an author, in the order of the provider: none."""
    random = Random(f"gold {author.name}")
    drafts = [*_editions(author, random), *_noise(author, random)]
    random.shuffle(drafts)
    return [_book(author, place, *draft) for place, draft in enumerate(drafts)]


Draft = tuple[dict[str, Any], str, int | None]


def _editions(author: Author, random: Random) -> Iterator[Draft]:
    for place, work in enumerate(author.works):
        for turn in range(random.randint(2, 4)):
            yield _edition(author, work, random, plain=turn == 0), "edition", place
        for code, title in work.translations:
            for _ in range(random.randint(1, 2)):
                yield _translation(author, work, code, title, random), "translation", place
    for place in random.sample(range(len(author.works)), 2):
        told = _edition(author, author.works[place], random, plain=True)
        yield {**told, "authors": [author.misspelt]}, "edition", place


def _edition(author: Author, work: Work, random: Random, *, plain: bool) -> dict[str, Any]:
    title = work.title if plain else work.title + random.choice(NOTES)
    if not plain and random.random() < 0.1:
        title = title.upper()
    told: dict[str, Any] = {"title": title, "date_published": str(_year(work.year, 0, random))}
    if random.random() > 0.1:
        told["language"] = author.language
    return told | _names(author.name, random)


def _translation(author: Author, work: Work, code: str, title: str, random: Random) -> dict[str, Any]:
    told: dict[str, Any] = {"title": title, "date_published": str(_year(work.year, 8, random)), "language": code}
    if code in LANGUAGES and random.random() < 0.35:
        told["title"] = f"{title} ({LANGUAGES[code]} Edition)"
        if random.random() < 0.3:
            del told["language"]
    return told | _names(author.name, random)


def _year(first: int, later: int, random: Random) -> int:
    """A year in which an edition with an ISBN can have been printed."""
    return min(max(first + later, 1970 + later) + random.randint(0, 30), 2025)


def _names(name: str, random: Random) -> dict[str, Any]:
    draw, (first, _, last) = random.random(), name.rpartition(" ")
    if draw < 0.05:
        return {}
    if draw < 0.1:
        return {"authors": [f"{name} ~autofilled~"]}
    return {"authors": [f"{last}, {first}" if draw < 0.35 else name]}


def _noise(author: Author, random: Random) -> Iterator[Draft]:
    for sort, patterns, count in (
        ("set", SETS, 3),
        ("split", SPLITS, 2),
        ("sampler", SAMPLERS, 2),
        ("derived", DERIVED, 3),
    ):
        for pattern in random.sample(patterns, count):
            a, b, c = random.sample([work.title for work in author.works], 3)
            title = pattern.format(a=a, b=b, c=c, name=author.name, last=author.name.rpartition(" ")[2])
            told = {"title": title, "language": author.language, "date_published": str(random.randint(1990, 2024))}
            yield told | {"authors": [author.name]}, sort, None
    for title in author.namesake:
        yield {"title": title, "language": "en", "date_published": "2005", "authors": [author.name]}, "namesake", None


def _book(author: Author, place: int, wire: dict[str, Any], sort: str, work: int | None) -> Book:
    isbn = isbn_of(author.number * 1_000 + place)
    return Book(isbn, {**wire, "isbn13": str(isbn), "publisher": "Invented House", "binding": "Paperback"}, sort, work)


def isbn_of(number: int) -> int:
    """A valid ISBN that nobody else has."""
    digits = f"9798{number:08}"
    check = -sum(int(digit) * (1, 3)[place % 2] for place, digit in enumerate(digits)) % 10
    return int(digits + str(check))
