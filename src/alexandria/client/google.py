"""Google Books, asked directly: the request for an ISBN, and its answer in our shape. Pure.

It answers with another book now and then, so a volume counts only if it carries the ISBN; and it refuses with 400, 403
and 429 alike, so its words are read. A refusal is never an absence.
"""

import html
import re
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import msgspec

from alexandria.client.errors import Broken, ClientError, InvalidIsbn, Malformed, NotAllowed, Throttled
from alexandria.client.isbn import isbn10, isbn13
from alexandria.client.messages import GOOGLE_BOOKS, USER_AGENT, Reply, Request
from alexandria.client.models import Author, AuthorName, Edition, NormalizedResponse, Work

URL: Final = "https://www.googleapis.com/books/v1"
COUNTRY: Final = "US"  # answers depend on the caller's country, and fail where Google cannot guess it
PAUSE: Final = 60.0  # seconds to leave it alone, where it does not say how many
PAUSE_OF_A_DAY: Final = 900.0  # where the day's requests are used up
LONGEST: Final = 1_000  # characters of a line
LONGEST_TEXT: Final = 20_000
MOST_PAGES: Final = 50_000
_LIMIT: Final = ("ratelimit", "rate limit", "quota", "limitexceeded", "resource_exhausted")
_DAY: Final = ("perday", "per day", "daily")
_OF_A_PICTURE: Final = ("id", "printsec", "img", "zoom", "source")  # edge=curl draws a turned page, imgtk is a token
_TAG: Final = re.compile(r"<[^<>]*>")


class _Identifier(msgspec.Struct):
    type: str | None = None
    identifier: str | None = None


class _Pictures(msgspec.Struct):
    thumbnail: str | None = None
    smallThumbnail: str | None = None


class _Info(msgspec.Struct):
    title: str | None = None
    subtitle: str | None = None
    authors: list[str | None] | None = None
    publisher: str | None = None
    publishedDate: str | None = None
    description: str | None = None
    industryIdentifiers: list[_Identifier] | None = None
    pageCount: int | None = None
    categories: list[str | None] | None = None
    language: str | None = None
    imageLinks: _Pictures | None = None
    infoLink: str | None = None


class _Volume(msgspec.Struct):
    id: str
    volumeInfo: _Info = msgspec.field(default_factory=_Info)


class _List(msgspec.Struct):
    kind: str
    items: list[msgspec.Raw] | None = None


class Google:
    """Builds requests to Google Books, or to what stands in for it at `url`."""

    def __init__(self, url: str, key: str | None) -> None:
        self._url, self.has_key = url, key is not None
        # in a header, since addresses are logged on the way
        self._headers = (
            ("User-Agent", USER_AGENT), ("Accept", "application/json"), ("Accept-Encoding", "gzip"),
            *((("X-Goog-Api-Key", key),) if key else ()),
        )  # fmt: skip

    def isbn(self, isbn: str) -> Request:
        query = urlencode({"q": f"isbn:{isbn}", "maxResults": 10, "country": COUNTRY})
        return Request(GOOGLE_BOOKS, "GET", f"{self._url}/volumes?{query}", self._headers)


def read_isbn(reply: Reply, isbn: str, *, has_key: bool = True) -> NormalizedResponse | None:
    """The volume that carries the ISBN, the fullest if there are several; None where Google says that it has none."""
    if reply.status != 200:
        raise _refusal(reply, has_key)
    volumes, unread = _volumes(reply)
    right = [volume for volume in volumes if isbn in _isbns(volume.volumeInfo)]
    if right:
        return max((normalized(volume, isbn) for volume in right), key=_fullness)
    if unread:
        raise Malformed(reply.name, f"{unread} of the volumes that it answers with cannot be read")
    return None


def normalized(volume: _Volume, isbn: str) -> NormalizedResponse:
    """A volume in our shape."""
    info = volume.volumeInfo
    names = tuple(dict.fromkeys(filter(None, map(_line, info.authors or ()))))
    authors = tuple(AuthorName(name=name) for name in names)
    subjects = _subjects(info.categories or ())
    description = _text(info.description)
    title = _line(info.title)
    publisher = (_line(info.publisher) or "").strip("\"'“”„«» ") or None
    pictures = info.imageLinks or _Pictures()
    work = Work(title=title, authors=authors, description=description, subjects=subjects)
    edition = Edition(
        isbn13=isbn,
        isbn10=isbn10(isbn),
        title=title,
        subtitle=_line(info.subtitle),
        authors=authors,
        work=work,
        publisher=publisher,
        publishers=(publisher,) if publisher else (),
        publication_date=_line(info.publishedDate),
        page_count=info.pageCount if info.pageCount and 0 < info.pageCount <= MOST_PAGES else None,
        language=_language(info.language),
        description=description,
        subjects=subjects,
        identifiers={"google": (volume.id,)},
        cover_url_small=_picture(pictures.thumbnail) or _picture(pictures.smallThumbnail),
    )
    return NormalizedResponse(
        source=GOOGLE_BOOKS,
        editions=(edition,),
        works=(work,),
        authors=tuple(Author(name=name) for name in names),
        link=_address(info.infoLink, ("id",)),
    )


def answer_of(found: NormalizedResponse) -> dict[str, Any]:
    """What is told to Alexandria about a find; what its write API has no field for goes into `metadata`."""
    edition = found.editions[0]
    more: dict[str, Any] = {
        "identifiers": {scheme: list(values) for scheme, values in edition.identifiers.items()},
        "link": found.link,
    }
    said = {
        "isbn": edition.isbn13,
        "primary_provider": GOOGLE_BOOKS,
        "title": edition.title,
        "subtitle": edition.subtitle,
        "authors": [each.name for each in edition.authors],
        "publisher": edition.publisher,
        "publication_date": edition.publication_date,
        "page_count": edition.page_count,
        "language": edition.language,
        "description": edition.description,
        "subject_tags": list(edition.subjects),
        "cover_url_small": edition.cover_url_small,
        "metadata": {name: value for name, value in more.items() if value},
    }
    return {name: value for name, value in said.items() if value}


def _volumes(reply: Reply) -> tuple[list[_Volume], int]:
    """The volumes of a list, and how many of them cannot be read."""
    try:
        wire = msgspec.json.decode(reply.body, type=_List)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(reply.name, f"what it answers is not what it documents ({error})") from None
    if wire.kind != "books#volumes":
        raise Malformed(reply.name, "what it answers is not a list of volumes")
    found, items = [], wire.items or []
    for item in items:
        try:
            found.append(msgspec.json.decode(item, type=_Volume))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            continue
    return found, len(items) - len(found)


def _refusal(reply: Reply, has_key: bool) -> ClientError:
    """What a status other than 200 means."""
    said = reply.body[:4_096].decode("utf-8", "replace").lower()
    if reply.status == 429 or (reply.status in (400, 403) and any(word in said for word in _LIMIT)):
        daily = any(word in said for word in _DAY)
        advice = "" if has_key else "; without google_books_key all the world shares one quota, which is used up"
        what = "the day's requests are used up" if daily else "too many requests"
        return Throttled(reply.name, what + advice, reply.retry_after or (PAUSE_OF_A_DAY if daily else PAUSE))
    if reply.status >= 500:
        return Broken(reply.name, reply.status, "", reply.retry_after)
    if reply.status in (400, 401, 403) and '"error"' in said:
        return NotAllowed(f"{reply.name} answered {reply.status}: it does not accept google_books_key; check it")
    return Malformed(reply.name, f"answered {reply.status}, which it does not document; is google_books_url right?")


def _isbns(info: _Info) -> set[str]:
    """The ISBNs of a volume; often only the short or only the long form is there."""
    found = set()
    for each in info.industryIdentifiers or ():
        if (each.type or "").startswith("ISBN"):
            try:
                found.add(isbn13(each.identifier or ""))
            except InvalidIsbn:
                continue
    return found


def _fullness(found: NormalizedResponse) -> int:
    return sum(bool(getattr(found.editions[0], name)) for name in Edition.__struct_fields__)


def _line(text: str | None) -> str | None:
    plain = html.unescape(_TAG.sub(" ", (text or "")[: 4 * LONGEST]))
    return " ".join("".join(sign if sign.isprintable() else " " for sign in plain).split())[:LONGEST] or None


def _text(text: str | None) -> str | None:
    plain = html.unescape(re.sub(r"(?i)<(?:br|/p|/div)\b[^<>]*>", "\n", (text or "")[: 4 * LONGEST_TEXT]))
    lines = (" ".join(line.split()) for line in _TAG.sub("", plain).splitlines())
    return "\n".join(line for line in lines if line)[:LONGEST_TEXT].replace("\0", "") or None


def _subjects(categories: Iterable[str | None]) -> tuple[str, ...]:
    """Each step of the paths "A / B / C", once."""
    steps = (_line(step) for path in categories if path for step in path.split(" / "))
    return tuple(dict.fromkeys(step for step in steps if step))


def _language(text: str | None) -> str | None:
    code = (text or "").partition("-")[0].lower()
    return code if code.isalpha() and code.isascii() and 2 <= len(code) <= 3 and code not in ("un", "und") else None


def _picture(url: str | None) -> str | None:
    return _address(url, _OF_A_PICTURE)


def _address(url: str | None, kept: tuple[str, ...]) -> str | None:
    """The address over https, with only those parts of its query that are kept."""
    try:
        parts = urlsplit((url or "").strip())
        query = urlencode([pair for pair in parse_qsl(parts.query) if pair[0] in kept])
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return None
        host = f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname
    except ValueError:
        return None
    address = urlunsplit(("https", host, parts.path, query, ""))
    return address if address.isascii() and address.isprintable() and " " not in address else None
