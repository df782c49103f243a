"""One value of a write request: made clean, or refused with the field's name and why."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import msgspec
import structlog

from alexandria.biblio.dates import parse_date
from alexandria.biblio.keys import Kind, format_key, parse_key
from alexandria.biblio.languages import language_code
from alexandria.biblio.text import (
    MAY_BE_PILE,
    MOST_ACCENTS,
    Cleaned,
    clean_block,
    clean_block_cut,
    clean_line,
    clean_line_cut,
)
from alexandria.errors import BadInput

LINE, BLOCK, LONGEST_URL = 2_000, 50_000, 2_048  # characters
METADATA_BYTES, METADATA_DEPTH = 64 << 10, 8
_URL = re.compile(
    r"https?://(?:[^\s/?#@:\[\]\\<>\"]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?(?:[/?#][^\s\\<>\"]*)?", re.IGNORECASE
)
_WHOLE = 1e16  # from here on a number comes back from the database without a decimal point

log = structlog.get_logger(__name__)


def _as_it_is(name: str, value: Any) -> Any:
    return value


def _line(name: str, text: str, longest: int = LINE) -> str:
    _check_accents(name, text)
    return clean_line(text, longest) if len(text) <= longest else _noted(name, clean_line_cut(text, longest))


def _block(name: str, text: str) -> str:
    _check_accents(name, text)
    return clean_block(text, BLOCK) if len(text) <= BLOCK else _noted(name, clean_block_cut(text, BLOCK))


def _noted(name: str, cleaned: Cleaned) -> str:
    if cleaned.cut:
        log.info("text cut", field=name, characters=cleaned.cut)
    return cleaned.text


def _check_accents(name: str, text: str) -> None:
    for heap in MAY_BE_PILE.finditer(text):
        accents = 0
        for character in heap[0]:
            if unicodedata.combining(character):
                accents += 1
            elif character.isprintable():  # what nobody sees is left out before accents are put in order
                accents = 0
            if accents > MOST_ACCENTS:
                raise BadInput(name, f"must not have more than {MOST_ACCENTS} accents on one letter")


def _date(name: str, text: str) -> str:
    clean = _line(name, text, 100)
    if clean and parse_date(clean) is None:
        raise BadInput(name, "must name a year: 1988, 1988-10 or 1988-10-01")
    return clean


def _language(name: str, text: str) -> str:
    code = language_code(text)
    if text.strip() and code is None:
        raise BadInput(name, "must be a language's code or English name, such as en, eng or English")
    return code or ""


def _url(name: str, text: str) -> str:
    stripped = text.strip()
    if stripped and (len(stripped) > LONGEST_URL or not _URL.fullmatch(stripped) or not stripped.isprintable()):
        raise BadInput(name, f"must be an http or https address of up to {LONGEST_URL} characters")
    return stripped


def key_number(field: str, text: str, kind: Kind) -> int:
    """The number of a key of that kind. Raises BadInput with the request's own name of the field."""
    try:
        return parse_key(text, kind).number
    except BadInput as error:
        raise BadInput(field, error.message) from None


def _work_key(name: str, text: str) -> str:
    return format_key("work", key_number(name, text, "work")) if text.strip() else ""


def _subjects(name: str, texts: list[str]) -> list[str]:
    return [clean for text in texts if (clean := _line(name, text, 200))]


def _authors(name: str, texts: list[str]) -> list[dict[str, str]]:
    names = dict.fromkeys(clean for text in texts if (clean := _line(name, text, 200)))
    return [{"name": each} for each in names]


def _metadata(name: str, value: dict[str, Any]) -> dict[str, Any]:
    inside: dict[str, Any] = _inside(value, METADATA_DEPTH)
    try:
        size = len(msgspec.json.encode(inside))
    except (OverflowError, ValueError, UnicodeError) as error:
        raise BadInput(name, f"cannot be stored: {error}") from None
    if size > METADATA_BYTES:
        raise BadInput(name, f"must not be longer than {METADATA_BYTES:,} bytes, and has {size:,}")
    return inside


def _inside(value: Any, depth: int) -> Any:
    """The value as it comes back from the database, or the same body sent again would seem to be another one."""
    if isinstance(value, str):
        if "\0" in value:
            raise BadInput("metadata", "must not hold NUL characters")
        return value
    if isinstance(value, float):
        return int(Decimal(repr(value))) if abs(value) >= _WHOLE else value
    if not isinstance(value, dict | list):
        return value
    if depth == 0:
        raise BadInput("metadata", f"must not be nested deeper than {METADATA_DEPTH} levels")
    if isinstance(value, list):
        return [_inside(inner, depth - 1) for inner in value]
    return {_inside(name, depth): _inside(inner, depth - 1) for name, inner in value.items()}


_COVERS: dict[str, Callable[[str, Any], Any]] = {
    "cover_url_large": _url, "cover_url_medium": _url, "cover_url_small": _url, "metadata": _metadata,
}  # fmt: skip
# By kind: the fields that may be told, with what makes their values clean; those that must not be empty.
CLEAN: Mapping[Kind, Mapping[str, Callable[[str, Any], Any]]] = {
    "edition": {
        "work_key": _work_key, "title": _line, "subtitle": _line, "authors": _authors, "publisher": _line,
        "publication_date": _date, "page_count": _as_it_is, "format": _as_it_is, "language": _language,
        "description": _block, "subject_tags": _subjects, **_COVERS,
    },
    "work": {
        "title": _line, "subtitle": _line, "description": _block, "original_language": _language,
        "first_publication_year": _as_it_is, "subject_tags": _subjects, **_COVERS,
    },
    "author": {
        "name": _line, "gender": _as_it_is, "nationality": _line, "birth_year": _as_it_is, "death_year": _as_it_is,
        "bio": _block, "author_photo_url": _url, "metadata": _metadata,
    },
}  # fmt: skip
NEEDED: Mapping[Kind, tuple[str, ...]] = {"edition": (), "work": ("title",), "author": ("name",)}
INSIDE = {"subject_tags": "subjects", "author_photo_url": "photo_url"}  # what they are called in `enrichment`


def shown_field(name: str) -> str:
    """The name under which records show a field of `enrichment`."""
    return "author_photo_url" if name == "photo_url" else name
