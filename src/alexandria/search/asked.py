"""What was typed, read: an ISBN, a key, or words with the fields in which they are looked for. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

from alexandria.biblio.finding import read_words, split_title
from alexandria.biblio.isbn import InvalidIsbn, parse_isbn
from alexandria.biblio.keys import Key, parse_key
from alexandria.biblio.text import clean_line
from alexandria.errors import BadInput

__all__ = ["LONGEST_QUERY", "Asked", "Field", "Filters", "Wanted", "read_query", "read_title_and_author"]

LONGEST_QUERY: Final = 500  # characters
MOST_WORDS: Final = 14  # that are looked for; what follows only tells equal ones apart

Field = Literal["any", "title", "author"]
_ISBN_LABEL: Final = re.compile(r"^\s*(?:isbn(?:-?1[03])?)\s*:?\s*", re.IGNORECASE)


class Wanted(NamedTuple):
    """A word that was asked for."""

    word: str
    field: Field = "any"
    is_open: bool = False
    """Whether it may be the beginning of a word: the last one, which may not have been typed to its end."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What results must be. `wished` is the language that comes first, `language` the only one."""

    language: str | None = None
    from_year: int | None = None
    to_year: int | None = None
    format: str | None = None
    has_cover: bool | None = None
    wished: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A query as it is understood: an ISBN, a key, or words (and the whole title that they may be)."""

    isbn: int | None = None
    key: Key | None = None
    wanted: Sequence[Wanted] = ()
    titles: Sequence[Sequence[str]] = ()
    corrections: Mapping[str, str] = field(default_factory=dict)


def read_query(text: str) -> Asked:
    """What a text means in which anything may be typed. Raises BadInput("q")."""
    line = clean_query("q", text)
    bare = _ISBN_LABEL.sub("", line)
    if len(bare) <= 30:
        try:
            return Asked(isbn=parse_isbn(bare))
        except InvalidIsbn:
            pass
    try:
        return Asked(key=parse_key(line))
    except BadInput:
        return _of_words([(line, "any")], line)


def read_title_and_author(title: str | None, author: str | None) -> Asked:
    """What is meant by a title, an author or both. Raises BadInput."""
    parts: list[tuple[str, Field]] = []
    if title is not None:
        parts.append((clean_query("title", title), "title"))
    if author is not None:
        parts.append((clean_query("author", author), "author"))
    return _of_words(parts, title)


def clean_query(name: str, text: str) -> str:
    """The text as one line. Raises BadInput for none, and for one that is too long to be a question."""
    if len(text) > LONGEST_QUERY:
        raise BadInput(name, f"at most {LONGEST_QUERY} characters")
    line = clean_line(text, LONGEST_QUERY)
    if not line:
        raise BadInput(name, "must not be empty")
    return line


def _of_words(parts: Sequence[tuple[str, Field]], title: str | None) -> Asked:
    wanted = [Wanted(word, name) for text, name in parts for word in dict.fromkeys(read_words(text))]
    wanted = wanted[:MOST_WORDS]
    last = parts[-1][0]
    if wanted and last[-1:].isalnum():
        wanted[-1] = wanted[-1]._replace(is_open=True)
    titles: list[Sequence[str]] = []
    if title:
        whole = read_words(title)
        main, _ = split_title(clean_line(title, LONGEST_QUERY))
        titles = [each for each in (whole, main) if each]
        titles = [each for place, each in enumerate(titles) if each not in titles[:place]]
    return Asked(wanted=wanted, titles=titles)
