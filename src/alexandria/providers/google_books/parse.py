"""From a volume of Google Books to the neutral answer. Pure."""

from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from alexandria.biblio.answers import EditionAnswer, Person
from alexandria.biblio.dates import parse_date
from alexandria.biblio.identifiers import SCHEMES, normalise
from alexandria.biblio.isbn import find_isbns
from alexandria.biblio.languages import language_code
from alexandria.biblio.text import clean_block, clean_line, fold, strip_html
from alexandria.providers.google_books.wire import IdentifierWire, InfoWire, PicturesWire, VolumeWire

LINE: Final = 1_000
BLOCK: Final = 20_000
MANY: Final = 100
MOST_PAGES: Final = 50_000
_QUOTES: Final = "\"'“”„«» "
_OF_A_PICTURE: Final = ("id", "printsec", "img", "zoom", "source")  # edge=curl draws a turned page, imgtk is a token


def read_volume(wire: VolumeWire) -> EditionAnswer:
    """What a volume says."""
    info = wire.volumeInfo
    return EditionAnswer(
        isbns=read_isbns(info),
        title=_line(info.title),
        subtitle=_line(info.subtitle),
        authors=tuple(map(Person, _lines(info.authors or ()))),
        publisher=_line((info.publisher or "").strip(_QUOTES)),
        publication_date=_date(info.publishedDate),
        page_count=info.pageCount if info.pageCount and 0 < info.pageCount <= MOST_PAGES else None,
        language=language_code(info.language),
        description=clean_block(strip_html(info.description or ""), BLOCK) or None,
        subjects=_subjects(info.categories or ()),
        identifiers=_identifiers(wire.id, info.industryIdentifiers or ()),
        cover_url=_picture(info.imageLinks),
        metadata=_metadata(info),
    )


def read_isbns(info: InfoWire) -> tuple[int, ...]:
    """Every valid ISBN of the volume, each once; often only the short or only the long form is there."""
    given = (each for each in info.industryIdentifiers or () if (each.type or "").startswith("ISBN"))
    return tuple(dict.fromkeys(isbn for each in given for isbn in find_isbns(each.identifier or "")))[:MANY]


def _line(text: str | None) -> str | None:
    return clean_line(strip_html(text), LINE) or None if text else None


def _lines(texts: Iterable[str | None]) -> list[str]:
    """Clean lines, each once however it is written."""
    found: dict[str, str] = {}
    for line in filter(None, map(_line, texts)):
        found.setdefault(fold(line) or line, line)
    return list(found.values())[:MANY]


def _date(text: str | None) -> str | None:
    """The date as precise as it is certain; else its text ("19??"), where there is a date in it at all."""
    text = clean_line(text or "", 40)
    date = parse_date(text)
    if date is None:
        return None
    return text if date.approximate else date.iso


def _subjects(categories: Iterable[str | None]) -> tuple[str, ...]:
    """Each step of the paths "A / B / C", once."""
    return tuple(_lines(step for path in categories if path for step in path.split(" / ")))


def _identifiers(volume: str, given: Iterable[IdentifierWire]) -> dict[str, tuple[str, ...]]:
    """The volume's id, and numbers that others use too; the shelf marks of single libraries are left out."""
    pairs = [("google", volume)]
    for each in given:
        scheme, value = each.type or "", each.identifier or ""
        if scheme == "OTHER":
            scheme, _, value = value.partition(":")
        pairs.append((scheme, value))
    found: dict[str, list[str]] = {}
    for pair in filter(None, (normalise(*pair) for pair in pairs)):
        if pair[0] in SCHEMES and pair[0] != "isbn13" and pair[1] not in found.setdefault(pair[0], []):
            found[pair[0]].append(pair[1])
    return {scheme: tuple(values) for scheme, values in found.items()}


def _picture(pictures: PicturesWire | None) -> str | None:
    """The address of the largest picture, safe, without decoration and token.

    By https, but where it names a port, as none of Google's does.
    """
    if pictures is None:
        return None
    sizes = (pictures.extraLarge, pictures.large, pictures.medium, pictures.small, pictures.thumbnail)
    return next((address for url in (*sizes, pictures.smallThumbnail) if (address := _address(url))), None)


def _address(url: str | None) -> str | None:
    try:
        parts = urlsplit((url or "").strip())
        host = f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname
        query = urlencode([(name, value) for name, value in parse_qsl(parts.query) if name in _OF_A_PICTURE])
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https") or not host or len(url or "") > LINE:
        return None
    scheme = parts.scheme.lower() if ":" in host else "https"
    address = urlunsplit((scheme, host, parts.path, query, ""))
    return address if address.isascii() and address.isprintable() and " " not in address else None


def _metadata(info: InfoWire) -> dict[str, Any]:
    return {"print_type": "magazine"} if info.printType == "MAGAZINE" else {}
