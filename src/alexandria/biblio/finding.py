"""What a book is found by: the words of titles and names as they are looked for, and the document made of them.

A document is the text that the search index is made of. Whoever writes records makes it with `make_document`, whoever
searches reads what was typed with `read_words`: both fold alike, whatever the database's locale, so that what is
stored is findable.
"""

import re
import unicodedata
import zlib
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from alexandria.biblio.text import folded_words

__all__ = [
    "ARTICLES", "AUTHOR", "FORMATS", "IDENTIFIER", "LANGUAGE", "Document", "identifier_term", "initials_of",
    "is_in_one", "lexicon_words", "make_document", "pairs_of", "read_words", "split_title", "title_code",
]  # fmt: skip

AUTHOR: Final = "@"  # in front of a word of an author's name in the index
LANGUAGE: Final = "="  # in front of a language's code
IDENTIFIER: Final = "!"  # in front of a scheme and an identifier
_NO_WORDS: Final = LANGUAGE + IDENTIFIER
FORMATS: Final = ("hardcover", "paperback", "ebook", "audiobook")  # by their bits in a document

_FORMAT_BITS: Final = {name: 1 << place for place, name in enumerate(FORMATS)}

LONGEST_WORD: Final = 40
MOST_TITLE_WORDS, MOST_OTHERS, MOST_NAMES = 40, 12, 24
MOST_MORE_WORDS, MOST_NAME_WORDS = 120, 80

ARTICLES: Final = frozenset(
    "the a an der die das ein eine le la les un une el los las una il lo gli het een den det os".split()
)
_SUBTITLE: Final = re.compile(r"\s*(?::\s+|\s[-–—=/]+\s|;\s|：|\s\()")
_ELISION: Final = re.compile(r"\b([ldjmtsnc]|qu|dell|nell|all)['’](?=\w{2})", re.IGNORECASE)
_APOSTROPHES: Final = re.compile(r"(?<=\w)['’ʼ‘`´](?=\w)")
_APOSTROPHE_SIGNS: Final = frozenset("'’ʼ‘`´")
_SUBTITLE_SIGNS: Final = frozenset(":;：(-–—=/")  # where none of these is, no subtitle is told apart

# Marks that many leave out when they type; others part letters (й and и, か and が).
_LATIN_MARKS: Final = "\u0300-\u036f"
_MARKS: Final = re.compile(
    f"(?<=[\u0370-\u03ff\u1f00-\u1fff])[{_LATIN_MARKS}]+"  # Greek
    "|[\u0300\u0301]"  # stress in Cyrillic
    "|[\u02b9-\u02bf\ufe20-\ufe2f]"  # of transliterations: primes, ayn, ligatures
    "|[\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0640]"  # Hebrew points, Arabic vowels
)
_ALIKE: Final = str.maketrans(
    {"ё": "е", "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه", "ک": "ك", "ی": "ي"}
)
# Scripts that write several words in one: Han, kana, Hangul, Thai, Lao, Khmer, Burmese.
_IN_ONE: Final = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
    "\U00020000-\U0003ffff]"
)


def read_words(text: str) -> list[str]:
    """The words of a text in order, as they are indexed and looked for."""
    if not _APOSTROPHE_SIGNS.isdisjoint(text):
        text = _APOSTROPHES.sub("", _ELISION.sub(r"\1 ", text))
    words = folded_words(text)
    if text.isascii():
        return words if len(text) <= LONGEST_WORD else [word[:LONGEST_WORD] for word in words]
    folded = " ".join(words)
    if not folded.isascii():
        bare = _MARKS.sub("", unicodedata.normalize("NFD", folded))
        words = unicodedata.normalize("NFC", bare).translate(_ALIKE).split()
    return [word[:LONGEST_WORD] for word in words]


def is_in_one(word: str) -> bool:
    """Whether a word is of a script without blanks between words."""
    return not word.isascii() and _IN_ONE.search(word) is not None


def pairs_of(word: str) -> list[str]:
    """The pairs of neighbouring characters, by which parts of a text without blanks are found."""
    return [word[place : place + 2] for place in range(len(word) - 1)] if len(word) > 2 else []


def without_article(words: Sequence[str]) -> Sequence[str]:
    """The words without an article in front of others."""
    return words[1:] if len(words) > 1 and words[0] in ARTICLES else words


def title_code(words: Sequence[str]) -> int:
    """A number that equal titles share, article or not; fits a four-byte integer."""
    return zlib.crc32(" ".join(without_article(words)).encode()) - 2**31


def split_title(title: str, subtitle: str | None = None) -> tuple[list[str], list[str]]:
    """The words of the main title, and those of what follows it."""
    head, comma, tail = title.rpartition(",")
    if comma and tail.strip().lower() in ARTICLES:  # Hobbit, The
        title = head
    parts = [title] if _SUBTITLE_SIGNS.isdisjoint(title) else _SUBTITLE.split(title, maxsplit=1)
    main = read_words(parts[0])
    rest = read_words(" ".join([*parts[1:], subtitle or ""])) if subtitle or len(parts) > 1 else []
    return (main, rest) if main else (rest, [])


class Document(NamedTuple):
    """A record as the search index has it.

    `title` is the main title without an article; the first line of `more` what follows it, each further line another
    title; `authors` a line for each name, with AUTHOR in front of each word; `extra` what else it is found by.
    """

    popularity: int
    title_code: int
    year: int | None
    last_year: int | None
    formats: int
    has_cover: bool
    languages: str
    title: str
    more: str
    authors: str
    extra: str


def make_document(
    title: str | None,
    subtitle: str | None = None,
    *,
    names: Iterable[str | None] = (),
    titles: Iterable[str | None] = (),
    languages: Iterable[str | None] = (),
    formats: Iterable[str | None] = (),
    year: int | None = None,
    last_year: int | None = None,
    has_cover: bool = False,
    popularity: int = 1,
) -> Document:
    """The document of a work or edition: its title, other titles of its editions, names of its authors."""
    main, rest = split_title(title, subtitle) if title else ([], [])
    main = list(without_article(main[:MOST_TITLE_WORDS]))
    rest = rest[:MOST_TITLE_WORDS]
    told = f"{title}: {subtitle}" if subtitle else title
    different = [each for each in titles if each and each != told]
    others = _others(different, {*main, *rest}) if different else []
    if not main and others:
        main, others = others[0][:MOST_TITLE_WORDS], others[1:]
    people = _people(names)
    codes = sorted({code for code in languages if code})
    extra = [f"{LANGUAGE}{code}" for code in codes]
    for words in (main, rest, *others):
        if words:
            extra += _also(words)
    for name in people:
        extra += name.also
    return Document(
        popularity,
        title_code(main) if main else 0,
        year,
        last_year if last_year is not None else year,
        _bits(formats),
        has_cover,
        " ".join(codes),
        " ".join(main),
        "\n".join([" ".join(words) for words in (rest, *others)]) if others else " ".join(rest),
        "\n".join([name.line for name in people]),
        " ".join(dict.fromkeys(extra)),
    )


def _bits(formats: Iterable[str | None]) -> int:
    return sum([_FORMAT_BITS.get(name or "", 0) for name in set(formats)])


def lexicon_words(document: Document) -> tuple[set[str], set[str]]:
    """The words of a document's titles and of its names that belong into the lexicon: of two characters or more."""
    titles = {word for word in f"{document.title} {document.more}".split() if len(word) > 1}
    authors = {word[1:] for word in document.authors.split() if len(word) > 2}
    for term in document.extra.split():
        if term[0] == AUTHOR:
            authors.add(term[1:])
        elif term[0] not in _NO_WORDS:
            titles.add(term)
    return titles, authors


def identifier_term(scheme: str, value: str) -> str:
    """The term by which a record is found that has this identifier; `extra` holds it."""
    return f"{IDENTIFIER}{scheme}:{'_'.join(value.split())[:200]}"


def _others(titles: Iterable[str], seen: set[str]) -> list[list[str]]:
    """The titles that bring words which are not seen yet, such as translations."""
    found: list[list[str]] = []
    room = MOST_MORE_WORDS
    for title in titles:
        words = list(without_article(read_words(title)[:MOST_TITLE_WORDS]))
        if seen.issuperset(words) or len(words) > room:
            continue
        seen.update(words)
        found.append(words)
        room -= len(words)
        if len(found) == MOST_OTHERS:
            break
    return found


class _Person(NamedTuple):
    """A name as documents have it: its words, the same with AUTHOR in front, what else it is found by."""

    words: tuple[str, ...]
    line: str
    also: tuple[str, ...]


@lru_cache(maxsize=1 << 15)  # most authors have several works
def _person(name: str) -> _Person:
    words = tuple(read_words(name)[:MOST_TITLE_WORDS])
    line = " ".join([f"{AUTHOR}{word}" for word in words])
    return _Person(words, line, tuple(f"{AUTHOR}{term}" for term in _also(words)))


def _people(names: Iterable[str | None]) -> list[_Person]:
    """Each name that brings new words."""
    seen: set[str] = set()
    found: list[_Person] = []
    room = MOST_NAME_WORDS
    for name in names:
        person = _person(name) if name else None
        if person is None or seen.issuperset(person.words) or len(person.words) > room:
            continue
        seen.update(person.words)
        found.append(person)
        room -= len(person.words)
        if len(found) == MOST_NAMES:
            break
    return found


def _also(words: Sequence[str]) -> list[str]:
    """What words are found by beside themselves: initials as one word, parts of words without blanks."""
    also = list(initials_of(words)) if list(map(len, words)).count(1) > 1 else []
    if not "".join(words).isascii():
        for word in words:
            if is_in_one(word):
                also += pairs_of(word)
    return also


def initials_of(words: Sequence[str]) -> Iterator[str]:
    """Initials in a row as one word: jrr for "J. R. R. Tolkien"."""
    run = ""
    for word in (*words, ""):
        if len(word) == 1 and word.isalpha():
            run += word
            continue
        if len(run) > 1:
            yield run
        run = ""
