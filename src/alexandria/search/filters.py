"""What results must be, read from the texts of a request. Pure."""

import re
from typing import Final

from alexandria.biblio.languages import language_code
from alexandria.errors import BadInput
from alexandria.search.asked import Filters

_YEARS: Final = re.compile(r"(-?\d{1,4})?\s*(?:(-|–|\.\.)\s*(-?\d{1,4})?)?", re.ASCII)
_ACCEPTED: Final = re.compile(r"^\s*([A-Za-z]{2,3})(?:-[A-Za-z0-9-]*)?\s*(?:$|[,;])")


def read_filters(
    accept_language: str,
    language: str | None = None,
    year: str | None = None,
    format: str | None = None,  # noqa: A002 (the name of the parameter)
    has_cover: bool | None = None,
) -> Filters:
    """The filters of a request, with the language that its sender reads. Raises BadInput."""
    first, last = read_years(year)
    wished = _ACCEPTED.match(accept_language)
    return Filters(
        language=_language(language),
        from_year=first,
        to_year=last,
        format=format,
        has_cover=has_cover,
        wished=language_code(wished[1]) if wished else None,
    )


def _language(text: str | None) -> str | None:
    if text is None:
        return None
    code = language_code(text)
    if code is None:
        raise BadInput("language", "not a language that we know; a code such as en or ger, or a name")
    return code


def read_years(text: str | None) -> tuple[int | None, int | None]:
    """The first and last year of `1999`, `1990-1999`, `1990-` or `-1999`. Raises BadInput("year")."""
    if text is None:
        return None, None
    match = _YEARS.fullmatch(text.strip())
    if not match or not (match[1] or match[3]):
        raise BadInput("year", "a year such as 1999, or years such as 1990-1999")
    first = int(match[1]) if match[1] else None
    last = int(match[3]) if match[3] else (None if match[2] else first)
    return first, last
