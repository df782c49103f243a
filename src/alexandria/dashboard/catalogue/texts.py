"""Values in words: languages, formats, providers, names of fields. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from alexandria.biblio.languages import language_name

UNTITLED: Final = "Untitled"
UNNAMED: Final = "Nameless"
SHORTEST_CUT: Final = 300  # characters of a value that a table shows
LANGUAGES: Final = (  # to choose from; most books are in one of them
    "ar", "bn", "bg", "ca", "zh", "hr", "cs", "da", "nl", "en", "et", "fi", "fr", "de", "el", "he", "hi", "hu", "is",
    "id", "it", "ja", "ko", "la", "lv", "lt", "no", "fa", "pl", "pt", "ro", "ru", "sr", "sk", "sl", "es", "sv", "ta",
    "th", "tr", "uk", "ur", "vi", "cy",
)  # fmt: skip
FORMATS: Final[Mapping[str, str]] = {
    "hardcover": "Hardcover", "paperback": "Paperback", "ebook": "E-book", "audiobook": "Audiobook",
}  # fmt: skip
PROVIDERS: Final[Mapping[str, str]] = {
    "open-library": "Open Library", "google-books": "Google Books", "isbndb": "ISBNdb", "wikidata": "Wikidata",
    "wikipedia": "Wikipedia", "user": "a person", "match": "matching",
}  # fmt: skip
RULES: Final[Mapping[str, str]] = {
    "locked": "locked by a person",
    "says more": "says more",
    "precedence": "believed more about this",
    "better answer": "the better answer as a whole",
    "newest": "said last",
    "united": "all put together",
}
LICENCES: Final[Mapping[str, str]] = {
    "open": "open", "attribution": "to be credited", "proprietary": "not to be passed on",
}  # fmt: skip
_LABELS: Final[Mapping[str, str]] = {
    "publication_date": "Published", "page_count": "Pages", "cover_url": "Cover", "work_key": "Work",
    "first_publication_year": "First published", "bio": "Biography", "bio_url": "Biography’s page",
    "photo_url": "Portrait", "alternate_names": "Other names",
}  # fmt: skip


def label(field: str) -> str:
    """The name of a field, for a heading."""
    return _LABELS.get(field) or field.replace("_", " ").capitalize()


def provider_name(provider: str) -> str:
    return PROVIDERS.get(provider, provider)


def languages(chosen: str | None) -> list[tuple[str, str]]:
    """Codes and names to choose from, by name; the chosen one is always among them."""
    codes = {*LANGUAGES, *([chosen] if chosen else [])}
    return sorted(((code, language_name(code)) for code in codes), key=lambda each: each[1])


def paragraphs(text: str | None) -> list[str]:
    """The paragraphs of a text."""
    return [part.strip() for part in (text or "").split("\n\n") if part.strip()]


def in_words(value: Any) -> str:
    """Any value of a field in one line, cut where it is very long."""
    text = _words(value)
    return text if len(text) <= SHORTEST_CUT else text[: SHORTEST_CUT - 1].rstrip() + "…"


def _words(value: Any) -> str:
    if value is None:
        return "—"
    if isinstance(value, Mapping):
        if "name" in value:
            return f"{value['name']} ({value['role']})" if value.get("role") else str(value["name"])
        return "; ".join(f"{str(name).replace('_', ' ')}: {_words(inner)}" for name, inner in value.items()) or "—"
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return ", ".join(map(_words, value)) or "—"
    return str(value)


def count_of(number: int, noun: str) -> str:
    """`1 edition`, `1,200 editions`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
