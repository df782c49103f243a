"""A Volume as Google tells it, in lists and alone, and the ids of volumes.

The shares are chosen; what occurs at all is what providers.md 2.2 lists. A volume's draw is a function of its number.
"""

import base64
import binascii
from typing import Any

from alexandria.sample.plan import scatter
from alexandria.sample.words import CODES
from alexandria.simulator.catalogue import Catalogue, Edition

PICTURES = "http://books.google.com"
_SPREAD, _MASK = 0x85EBCA6B, 0xFFFFFFFF
_BACK = pow(_SPREAD, -1, _MASK + 1)
TWO_LETTERS = dict(zip(CODES, "en de fr es ru it zh-CN ja pt-BR pl ar iw tr el ko cs".split(), strict=True))
_SIZES = ("smallThumbnail", "thumbnail", "small", "medium", "large", "extraLarge")
_LITE = ("title", "subtitle", "authors", "publisher", "publishedDate", "imageLinks", "previewLink", "infoLink")


def volume_id(edition: int, seed: int) -> str:
    """The id of an edition's volume: twelve characters, in which case matters."""
    value = (edition * _SPREAD & _MASK) << 40 | scatter(edition, seed + 30) & 0xFFFFFFFFFF
    return base64.urlsafe_b64encode(value.to_bytes(9, "big")).decode()


def edition_of_volume(text: str, seed: int) -> int | None:
    """The edition of the volume with this id; None when there is no such volume."""
    try:
        value = int.from_bytes(base64.urlsafe_b64decode(text.encode("ascii")), "big")
    except (UnicodeEncodeError, binascii.Error):
        return None
    edition = (value >> 40) * _BACK & _MASK
    return edition if volume_id(edition, seed) == text else None


def render_volume(
    catalogue: Catalogue, edition: Edition, base: str, *, alone: bool, lite: bool = False, pictures: str = PICTURES
) -> dict[str, Any]:
    """The JSON object of a volume: as an item of a list, or richer, `alone`; `base` is the API's address.

    `pictures` is that of the host of the pictures.
    """
    identity = volume_id(edition.number, catalogue.seed)
    info = _info(catalogue, edition, identity, pictures, alone=alone)
    volume: dict[str, Any] = {
        "kind": "books#volume",
        "id": identity,
        "etag": identity[::-1][:11],
        "selfLink": f"{base}/volumes/{identity}",
        "volumeInfo": {name: info[name] for name in _LITE if name in info} if lite else info,
    }
    if lite:
        return volume
    ebook = edition.form == 2
    volume["saleInfo"] = {"country": "US", "saleability": "FOR_SALE" if ebook else "NOT_FOR_SALE", "isEbook": ebook}
    volume["accessInfo"] = {
        "country": "US",
        "viewability": "PARTIAL" if edition.bits & 1 else "NO_PAGES",
        "embeddable": bool(edition.bits & 1),
        "publicDomain": False,
        "epub": {"isAvailable": ebook},
        "pdf": {"isAvailable": False},
    }
    if "description" in info and not alone:
        volume["searchInfo"] = {"textSnippet": info["description"][:120].replace(" the ", " the&nbsp;")}
    return volume


def has_picture(edition: Edition) -> bool:
    """Whether there is a picture of an edition's volume."""
    return edition.bits >> 11 & 7 > 1


def _info(catalogue: Catalogue, edition: Edition, identity: str, pictures: str, *, alone: bool) -> dict[str, Any]:
    bits = edition.bits
    info: dict[str, Any] = {"title": edition.title}
    if edition.subtitle:
        info["subtitle"] = edition.subtitle
    draw = bits >> 5 & 63
    if draw > 5:
        info["authors"] = [_upper_last(name) for name in edition.authors] if draw < 9 else list(edition.authors)
    if edition.publisher and draw != 11:
        info["publisher"] = f'"{edition.publisher}"' if draw < 14 else edition.publisher
    _add_date(info, edition)
    _add_description(info, catalogue, edition, alone=alone)
    identifiers = _identifiers(edition)
    if identifiers:
        info["industryIdentifiers"] = identifiers
    _add_counts(info, edition, alone=alone)
    info["printType"] = "BOOK"
    if draw & 7 != 2:
        info["categories"] = _categories(edition, alone=alone)
    if draw & 15 == 4:
        info |= {"averageRating": 1 + bits % 9 / 2, "ratingsCount": 1 + bits % 40}
    info["maturityRating"] = "NOT_MATURE"
    info["language"] = "un" if draw == 30 else TWO_LETTERS.get(edition.language, "en")
    if has_picture(edition):
        info["imageLinks"] = _images(identity, pictures, alone=alone)
    link = f"http://books.google.com/books?id={identity}"
    return info | {"previewLink": f"{link}&source=gbs_api", "infoLink": link, "canonicalVolumeLink": link}


def _upper_last(name: str) -> str:
    first, blank, last = name.rpartition(" ")
    return f"{first}{blank}{last.upper()}"


def _add_date(info: dict[str, Any], edition: Edition) -> None:
    draw, year = edition.bits >> 14 & 63, str(edition.year)
    month = f"{year}-{edition.month:02}"
    shapes = {5: f"{year[:2]}??", 6: f"{year}-", 7: f"{year}*"}
    if draw >= 5:
        info["publishedDate"] = shapes.get(
            draw, year if draw < 20 else month if draw < 29 else f"{month}-{edition.day:02}"
        )


def _add_description(info: dict[str, Any], catalogue: Catalogue, edition: Edition, *, alone: bool) -> None:
    if edition.bits >> 20 & 15 > 4:
        text = catalogue.words.texts[edition.text]
        html = "<p>" + text.replace("\r\n", "</p><p>") + "</p>"
        info["description"] = html if alone else text.replace("\r\n", " ")


def _identifiers(edition: Edition) -> list[dict[str, str]]:
    draw, ten = edition.bits >> 24 & 63, edition.isbn10
    thirteen = {"type": "ISBN_13", "identifier": str(edition.isbn)}
    if draw < 3:
        return []
    if draw < 5:
        return [{"type": "OTHER", "identifier": f"UOM:39015{edition.number % 10**9:09}"}]
    if ten is None or draw < 10:
        return [thirteen]
    first = {"type": "ISBN_10", "identifier": ten}
    return [first] if draw < 15 else [first, thirteen] if draw & 1 else [thirteen, first]


def _add_counts(info: dict[str, Any], edition: Edition, *, alone: bool) -> None:
    draw = edition.bits >> 30 & 15
    if draw:
        info["pageCount"] = 0 if draw == 1 else edition.pages
    if alone and draw > 1:
        info["printedPageCount"] = edition.pages + 8
        info["dimensions"] = {"height": f"{18 + draw}.40 cm", "width": "13.00 cm", "thickness": "2.10 cm"}


def _categories(edition: Edition, *, alone: bool) -> list[str]:
    if not alone:
        return [edition.subjects[0]]
    return [f"{edition.subjects[0]} / General", " / ".join(edition.subjects)]


def _images(identity: str, pictures: str, *, alone: bool) -> dict[str, str]:
    link = f"{pictures}/books/content?id={identity}&printsec=frontcover&img=1"
    zooms = {"smallThumbnail": 5, "thumbnail": 1, "small": 2, "medium": 3, "large": 4, "extraLarge": 6}
    token = f"&imgtk=AFLRE7{identity}" if alone else ""
    return {size: f"{link}&zoom={zooms[size]}&edge=curl{token}&source=gbs_api" for size in _SIZES[: 6 if alone else 2]}
