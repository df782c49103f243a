"""Where a cover may be had: candidates from what is known of an ISBN, in the order of their sources. Pure.

What a user gave comes first. Then Google Books, Open Library by the number of its cover, a scan of the Internet
Archive, Wikimedia Commons, and ISBNdb last, whose pictures are small and often placeholders.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

import msgspec

from alexandria.covers.hosts import EXPECTED

USER: Final = "user"
ORDER: Final = (USER, "google-books", "open-library", "internet-archive", "wikidata", "isbndb")
SELF: Final = "self"  # the source of answers that we fetched ourselves
MOST: Final = 12  # candidates of one ISBN
_FITTED: Final = "w512-h768"  # Google's way to ask for a picture that fits into a box
_OPEN_LIBRARY: Final = re.compile(r"/b/id/([1-9][0-9]{0,11})(?:-[SML])?\.jpg\Z")
_OCAID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,99}")
_COMMONS: Final = (
    re.compile(r"/wiki/Special:(?:FilePath|Redirect/file)/(.+)\Z"),
    re.compile(r"/wikipedia/commons/(?:[0-9a-f]/[0-9a-f]{2}/([^/]+)|thumb/[0-9a-f]/[0-9a-f]{2}/([^/]+)/[^/]+)\Z"),
)


class Told(msgspec.Struct, frozen=True):
    """The addresses in one answer, and its Internet Archive ids."""

    url: str | None = None
    large: str | None = None
    medium: str | None = None
    small: str | None = None
    ocaids: tuple[str, ...] = ()

    @property
    def addresses(self) -> tuple[str, ...]:
        """The largest first; of three sizes of one picture only one is worth a request."""
        best = next((url for url in (self.large, self.medium, self.small) if url), None)
        return tuple(dict.fromkeys(url for url in (best, self.url) if url))


@dataclass(frozen=True, slots=True)
class Said:
    """An answer about an edition: whose, through whom, when, and what it says of covers."""

    provider: str
    source: str
    at: datetime
    told: Told


@dataclass(frozen=True, slots=True)
class Sites:
    """Where providers are, as set: the addresses to make URLs with, and those whose pictures are asked for."""

    open_library: str
    internet_archive: str
    enabled: frozenset[str]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A picture that may be had. `expected`: the only hosts that may be asked for it (None: any).

    `file` is its name at Commons, whose licence is asked for first. `page` is what to link to where it is shown.
    """

    provider: str
    url: str
    expected: Collection[str] | None = None
    file: str | None = None
    page: str | None = None
    at: datetime | None = None

    @property
    def rank(self) -> int:
        """Its place in the order of sources, 0 first."""
        return ORDER.index(self.provider)


def list_candidates(
    answers: Sequence[Said],
    cover_ids: Sequence[int],
    ocaids: Sequence[str],
    sites: Sites,
    passing: str | None = None,
) -> list[Candidate]:
    """Every picture that may be had, best source first, each once. `passing` is ISBNdb's original, if one is known."""
    found = [
        *([Candidate("isbndb", passing, EXPECTED["isbndb"])] if passing else []),
        *(each for answer in answers for each in _of_answer(answer)),
        *(_of_open_library(number, sites) for number in cover_ids[:2] if number > 0),
        *(_of_archive(name, sites) for name in _ocaids(answers, ocaids)[:2]),
    ]
    usable = [each for each in found if each.provider == USER or each.provider in sites.enabled]
    by_url: dict[str, Candidate] = {}
    for candidate in sorted(usable, key=lambda each: each.rank):
        by_url.setdefault(candidate.url, candidate)
    return list(by_url.values())[:MOST]


def _of_answer(said: Said) -> Iterator[Candidate]:
    if said.provider not in ORDER:
        return
    expected = EXPECTED.get(said.provider) if said.source == SELF else None
    for url in filter(_can_be_read, said.told.addresses):
        file = _commons_file(url) if said.provider == "wikidata" else None
        if file is None and said.provider == "wikidata":
            continue  # a wiki's own picture may be shown there, and nowhere else
        if said.provider == "open-library" and (number := _OPEN_LIBRARY.search(urlsplit(url).path)):
            url = f"{url.partition('/b/id/')[0]}/b/id/{number[1]}-L.jpg?default=false"
        page = None
        if said.provider == "google-books":
            url, page = _fitted(url)
        yield Candidate(said.provider, url, expected, file, page, said.at if said.provider == USER else None)


def _can_be_read(url: str) -> bool:
    try:
        return urlsplit(url).scheme in ("http", "https")
    except ValueError:
        return False


def _of_open_library(number: int, sites: Sites) -> Candidate:
    url = f"{sites.open_library}/b/id/{number}-L.jpg?default=false"
    return Candidate("open-library", url, EXPECTED["open-library"])


def _of_archive(name: str, sites: Sites) -> Candidate:
    url = f"{sites.internet_archive}/download/{name}/page/cover_w500_h500.jpg"
    page = f"{sites.internet_archive}/details/{name}"
    return Candidate("internet-archive", url, EXPECTED["internet-archive"], page=page)


def _ocaids(answers: Sequence[Said], ocaids: Sequence[str]) -> list[str]:
    named = (*ocaids, *(name for answer in answers for name in answer.told.ocaids))
    return [name for name in dict.fromkeys(named) if _OCAID.fullmatch(name)]


def _fitted(url: str) -> tuple[str, str | None]:
    """Google's address of the picture of a volume at our size, and the page of the volume.

    What lists name is a thumbnail. Their larger sizes may be pages from inside the book, so only this one is asked for.
    """
    parts = urlsplit(url)
    query: Mapping[str, str] = dict(parse_qsl(parts.query))
    if parts.path != "/books/content" or "id" not in query:
        return url, None
    zoom = {"zoom": "1"} if query.get("zoom") == "5" else {}
    asked = urlencode({**query, **zoom, "fife": _FITTED})
    return parts._replace(query=asked).geturl(), f"https://books.google.com/books?id={quote(query['id'], safe='')}"


def _commons_file(url: str) -> str | None:
    """The name of the file at Commons; None for an address that is not Commons', which may be no free picture."""
    path = urlsplit(url).path
    for pattern in _COMMONS:
        if match := pattern.search(path):
            return unquote(next(group for group in match.groups() if group)).replace("_", " ")
    return None
