"""BibTeX, in UTF-8."""

import re
from collections.abc import Sequence

from alexandria.api.formats.item import Item, PersonName

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
}  # fmt: skip  (a brace would count as one even behind a backslash)
_TO_ESCAPE = re.compile("[" + re.escape("".join(_SPECIAL)) + "]")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def write_bibtex(items: Sequence[Item]) -> bytes:
    """An entry for each item."""
    return "\n".join(_entry(item) for item in items).encode()


def _entry(item: Item) -> str:
    date = item.date
    fields = {
        "author": " and ".join(_name(name) for name in item.authors),
        "title": f"{{{_escaped(item.full_title)}}}",
        "publisher": _escaped(item.publisher),
        "year": str(date.year) if date else _escaped(item.date_text),
        "isbn": item.isbn or "",
        "pagetotal": str(item.pages or ""),
        "language": item.language or "",
        "abstract": _escaped(item.description),
        "keywords": _escaped(", ".join(item.subjects)),
        "url": item.url or "",
        "note": _escaped("; ".join(item.credits)),
    }
    lines = [f"  {name} = {{{value}}},\n" for name, value in fields.items() if value and value != "{}"]
    if date and date.month:
        lines.append(f"  month = {_MONTHS[date.month - 1]},\n")
    return f"@book{{{item.key},\n{''.join(lines)}}}\n"


def _name(name: PersonName) -> str:
    """A name as BibTeX parts it; a whole one in braces."""
    if name.given:
        return f"{_escaped(name.family)}, {_escaped(name.given)}"
    return f"{{{_escaped(name.family)}}}"


def _escaped(text: str | None) -> str:
    return _TO_ESCAPE.sub(lambda match: _SPECIAL[match[0]], " ".join(text.split())) if text else ""
