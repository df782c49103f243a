"""RIS, as reference managers read it."""

from collections.abc import Iterator, Sequence

from alexandria.api.formats.item import Item

ROLES = {"translator": "A4", "editor": "A3"}


def write_ris(items: Sequence[Item]) -> bytes:
    """A reference for each item."""
    return "".join(f"{tag}  - {' '.join(value.split())}\r\n" for item in items for tag, value in _lines(item)).encode()


def _lines(item: Item) -> Iterator[tuple[str, str]]:
    yield "TY", "EBOOK" if item.format == "ebook" else "BOOK"
    yield "ID", item.key
    for name in item.authors:
        yield "AU", name.inverted
    for contributor, role in item.contributors:
        yield ROLES.get((role or "").lower(), "A2"), contributor
    told = {
        "TI": item.full_title,
        "PB": item.publisher,
        "PY": str(item.date.year) if item.date else item.date_text,
        "DA": _date(item),
        "SN": item.isbn,
        "SP": str(item.pages) if item.pages else None,
        "LA": item.language,
        "AB": item.description,
        "UR": item.url,
        "N1": "; ".join(item.credits),
    }
    yield from ((tag, value) for tag, value in told.items() if value)
    yield from (("KW", subject) for subject in item.subjects)
    yield "ER", ""


def _date(item: Item) -> str | None:
    """Year, month and day between slashes, as far as they are known."""
    date = item.date
    if date is None or date.month is None:
        return None
    return f"{date.year:04d}/{date.month:02d}/{f'{date.day:02d}' if date.day else ''}"
