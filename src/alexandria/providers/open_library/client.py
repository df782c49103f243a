"""Asks Open Library. Redirects and deletions of records come with HTTP 200, and are told as `Moved`.

Records name authors by key only, so whoever asks for an edition or a work waits for one more request, which brings the
names. Answers are what the dump's records are; `get_many` gives the records themselves, raw beside.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime
from functools import partial
from typing import TypeVar

import msgspec

from alexandria.biblio.answers import Answer, AuthorAnswer, EditionAnswer, Moved, WorkAnswer
from alexandria.biblio.keys import Key, format_key
from alexandria.biblio.records import Author, Edition, Redirect, Work
from alexandria.config import ProviderSettings
from alexandria.errors import BadInput, Malformed
from alexandria.net.client import PATIENCE, Client
from alexandria.net.gate import Call, Lane
from alexandria.net.messages import Note, Reply, Request, decode
from alexandria.providers.open_library import parse
from alexandria.providers.open_library.changes import LONGEST_PAGE, Page, changes_path, check_window, read_changes
from alexandria.providers.open_library.names import MOST_HOPS, GetMany, authors_of_work, name_authors
from alexandria.providers.open_library.profile import MOST_KEYS
from alexandria.providers.open_library.records import Fetched, Many, path_of, read_fetched, read_many
from alexandria.providers.open_library.wire import SearchWire
from alexandria.providers.provider import Found, NotFound

COVERS_URL = "https://covers.openlibrary.org"
MOST_WORKS = 10  # of a search
SEARCHED = "key,title,subtitle,author_key,author_name,first_publish_year,cover_i"
_ABSENT = (404, 410)
T = TypeVar("T")
A = TypeVar("A", bound=Answer)


class OpenLibrary:
    """Open Library's web API. `covers_url` is where its pictures are, for the addresses in answers.

    Every method raises ProviderFailed and waits up to `patience` seconds for each of its requests.
    """

    def __init__(self, client: Client, settings: ProviderSettings, covers_url: str = COVERS_URL) -> None:
        self._client, self._settings, self._covers_url = client, settings, covers_url

    async def edition(
        self, number: int, *, lane: Lane = "enrichment", patience: float = PATIENCE
    ) -> Found[EditionAnswer] | NotFound | Moved:
        """The edition of a number."""
        found = await self._fetch(Key("edition", number), lane, patience)
        return await self._edition(*found, lane, patience) if isinstance(found, tuple) else found

    async def edition_by_isbn(
        self, isbn: int, *, lane: Lane = "enrichment", patience: float = PATIENCE
    ) -> Found[EditionAnswer] | NotFound:
        """The edition that has the ISBN; where it was merged, the one that it became, unless that does not have it.

        Raises Malformed when what comes without a merge does not have it.
        """
        found = await self._ask(f"/isbn/{isbn}.json", "isbn", _record_of(None), lane, patience)
        seen: set[Key] = set()
        while isinstance(found, tuple) and isinstance(found[0].record, Redirect):
            key, target = found[0].key, found[0].record.target
            seen.add(key)
            if target is None or target.kind != "edition":
                return NotFound()
            if target in seen or len(seen) > MOST_HOPS:
                raise Malformed(self._settings.bucket, f"the edition of {isbn} leads from record to record")
            found = await self._ask(f"{path_of(target)}.json", "edition", _record_of(target), lane, patience)
        if found is None:
            return NotFound()
        fetched, when = found
        has_it = isinstance(fetched.record, Edition) and isbn in fetched.record.isbns
        if seen and not has_it:  # somebody there put two books together: asking again will not part them
            return NotFound()
        if not has_it:
            raise Malformed(self._settings.bucket, f"sent {path_of(fetched.key)} for {isbn}, which it does not have")
        return await self._edition(fetched, when, lane, patience)

    async def work(
        self, number: int, *, lane: Lane = "enrichment", patience: float = PATIENCE
    ) -> Found[WorkAnswer] | NotFound | Moved:
        """The work of a number."""
        found = await self._fetch(Key("work", number), lane, patience)
        if not isinstance(found, tuple):
            return found
        fetched, when = found
        assert isinstance(fetched.record, Work)
        people = await name_authors(self._getter(lane, patience), fetched.record.authors)
        return _answered(parse.read_work(fetched.record, people, self._covers_url), fetched, when)

    async def author(
        self, number: int, *, lane: Lane = "enrichment", patience: float = PATIENCE
    ) -> Found[AuthorAnswer] | NotFound | Moved:
        """The author of a number."""
        found = await self._fetch(Key("author", number), lane, patience)
        if not isinstance(found, tuple):
            return found
        fetched, when = found
        assert isinstance(fetched.record, Author)
        return _answered(parse.read_author(fetched.record, self._covers_url), fetched, when)

    async def get_many(self, keys: Collection[Key], *, lane: Lane = "enrichment", patience: float = PATIENCE) -> Many:
        """What became of each of up to 100 keys of any kind, in one request, or as many as the settings ask for."""
        if len(keys) > MOST_KEYS:
            raise BadInput("keys", f"{len(keys)} keys, where one request takes {MOST_KEYS}")
        wanted, size = [key for key in dict.fromkeys(keys) if _own(key)], max(1, self._settings.batch)
        found = Many({}, (), {})
        for start in range(0, len(wanted), size):
            more = await self._get(wanted[start : start + size], lane, patience)
            found = Many(
                {**found.found, **more.found},
                found.missing + more.missing,
                {**found.unreadable, **more.unreadable},
            )
        return found

    async def _get(self, keys: Sequence[Key], lane: Lane, patience: float) -> Many:
        def read(reply: Reply) -> tuple[Many, Note]:
            found = read_many(_body(reply), keys)
            return found, Note(found=len(found.found))

        wanted = {"keys": msgspec.json.encode([_own(key) for key in keys]).decode()}
        return await self._ask("/api/get_many", "get_many", read, lane, patience, wanted, len(keys))

    async def recent_changes(
        self,
        day: date,
        kind: str | None = None,
        *,
        bot: bool | None = None,
        offset: int = 0,
        limit: int = LONGEST_PAGE,
        lane: Lane = "enrichment",
        patience: float = PATIENCE,
    ) -> Page:
        """A page of a day's changes (UTC), newest first: all, of one kind, by bots only or by people only.

        A day gives no more than about 11,000: `offset` is refused beyond 10,000, and the last page says when it is cut.
        """
        check_window(offset, limit)
        params = {"limit": str(limit), "offset": str(offset)}
        if bot is not None:
            params["bot"] = "true" if bot else "false"

        def read(reply: Reply) -> tuple[Page, Note]:
            page = read_changes(_body(reply), offset, limit)
            return page, Note(found=len(page.changesets))

        return await self._ask(changes_path(day, kind), "recent_changes", read, lane, patience, params)

    async def search(
        self, title: str, author: str | None = None, *, lane: Lane = "enrichment", patience: float = PATIENCE
    ) -> tuple[Found[WorkAnswer], ...]:
        """The works that may be meant, best first, without a judgement whether one of them is; empty for none."""
        if not title.strip():
            raise BadInput("title", "must not be empty")
        params = {"title": title, "fields": SEARCHED, "limit": str(MOST_WORKS)}
        if author and author.strip():
            params["author"] = author

        def read(reply: Reply) -> tuple[tuple[Found[WorkAnswer], ...], Note]:
            works = parse.read_search(decode(reply, SearchWire))[:MOST_WORKS]
            found = tuple(Found(work, format_key("work", work.number or 0), reply.received_at) for work in works)
            return found, Note(found=len(found))

        return await self._ask("/search.json", "search", read, lane, patience, params)

    async def _fetch(self, key: Key, lane: Lane, patience: float) -> tuple[Fetched, datetime] | NotFound | Moved:
        """A record that is there, and when it came."""
        found = await self._ask(f"{_own(key)}.json", key.kind, _record_of(key), lane, patience)
        if found is None:
            return NotFound()
        return parse.read_moved(found[0].record) or found

    async def _edition(self, fetched: Fetched, when: datetime, lane: Lane, patience: float) -> Found[EditionAnswer]:
        """The answer for an edition, whose authors are often named on its work only."""
        edition, get = fetched.record, self._getter(lane, patience)
        assert isinstance(edition, Edition)
        authors: Sequence[int] = edition.authors or await authors_of_work(get, edition.work)
        people = await name_authors(get, authors)
        return _answered(parse.read_edition(edition, authors, people, self._covers_url), fetched, when)

    def _getter(self, lane: Lane, patience: float) -> GetMany:
        return partial(self.get_many, lane=lane, patience=patience)

    async def _ask(
        self,
        path: str,
        kind: str,
        read: Callable[[Reply], tuple[T, Note]],
        lane: Lane,
        patience: float,
        params: dict[str, str] | None = None,
        items: int = 1,
    ) -> T:
        request = Request(
            url=self._settings.url + path, params=params or {}, timeout=self._settings.timeout, redirects=()
        )
        call = Call(self._settings.bucket, lane, kind, items=items)
        return await self._client.ask(request, call, read, patience=patience)


def _record_of(asked: Key | None) -> Callable[[Reply], tuple[tuple[Fetched, datetime] | None, Note]]:
    """A reader of one record: None where there is none of that key.

    An unknown ISBN (None asked) is told with a web page; for a key such a page is a wrong address.
    """

    def read(reply: Reply) -> tuple[tuple[Fetched, datetime] | None, Note]:
        is_page = reply.headers.get("content-type", "").startswith("text/html")
        if reply.status in _ABSENT and not (asked and is_page):
            return None, Note(found=0)
        return (read_fetched(_body(reply), asked), reply.received_at), Note(found=1)

    return read


def _body(reply: Reply) -> bytes:
    if not 200 <= reply.status < 300:
        raise Malformed(reply.bucket, f"{reply.url} answers {reply.status}, which is no answer to this question")
    return reply.body


def _own(key: Key) -> str:
    """The path of one of Open Library's own keys. BadInput for one of ours."""
    try:
        return path_of(key)
    except ValueError as error:
        raise BadInput("key", str(error)) from None


def _answered(answer: A, fetched: Fetched, when: datetime) -> Found[A]:
    revision = str(fetched.revision) if fetched.revision else None
    return Found(answer, format_key(*fetched.key), when, revision)
