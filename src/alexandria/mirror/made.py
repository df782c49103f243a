"""What is derived of a work's titles: what it is found by, its class, the series that it is in. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from alexandria.biblio.classes import Class, may_tell, told_class
from alexandria.biblio.finding import Document, make_document
from alexandria.biblio.series import InSeries, most_told, series_code

MOST_SERIES: Final = 500  # editions whose series are looked at
READERS: Final = 10  # who make a work as popular as one more edition does
Row = tuple[Any, ...]

_decode = msgspec.json.Decoder(list[str]).decode


class Made(NamedTuple):
    """What is derived of a work: its document, its class, the series that it is in."""

    work: int
    document: Document
    editions: int
    told: Class | None
    series: tuple[InSeries, ...]

    def series_rows(self) -> list[dict[str, Any]]:
        """The rows of its series."""
        return [
            {"work_id": self.work, "place": place, "code": series_code(each.name), **each._asdict()}
            for place, each in enumerate(self.series, 1)
        ]


def read_made(rows: Iterable[Row]) -> Iterator[Made]:
    """The documents and classes of works, as the statements tell of them; none for a work without title and names."""
    for row in rows:
        work, title, subtitle, year, editions, titles, languages, formats, first, last, cover = row[:11]
        series, names, others, readers = row[11:]
        document = make_document(
            title,
            subtitle,
            names=[*(names or ()), *_texts(others)],
            titles=titles or (),
            languages=languages or (),
            formats=formats or (),
            year=year if first is None or (year is not None and year < first) else first,
            last_year=last,
            has_cover=bool(cover),
            popularity=(editions or 0) + (readers or 0) // READERS,
        )
        if document.title or document.authors:
            may = may_tell(f"{document.title} {document.more}")
            told = told_class(title or (titles or [""])[0], subtitle) if may else None
            in_series = most_told(map(_decode, series[:MOST_SERIES])) if series else ()
            yield Made(work, document, editions or 0, told, in_series)


def _texts(lists: Sequence[str] | None) -> Iterator[str]:
    """The texts of JSON lists: other names of the authors."""
    for text in lists or ():
        yield from _decode(text)
