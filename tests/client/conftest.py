"""Both clients behind one face, and two real servers that stand for Alexandria and for Google Books."""

import asyncio
import inspect
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeVar

import pytest

from alexandria.client import AsyncClient, BreakerRule, Client
from tests.net.server import Answer, Asked, Server, json_answer, serving

T = TypeVar("T")
ISBN = "9780140328721"
KEY, GOOGLE_KEY = "alexandria-key-0123", "google-key-0123"
PATIENT = BreakerRule(failures=1_000, timeouts=1_000)  # for tests that are about something else
Face = Callable[..., Any]


class Loop:
    """An event loop in a thread of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, what: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(60)

    def enter(self, context: AbstractAsyncContextManager[T]) -> T:
        return self.run(_entered(context))

    def leave(self, context: AbstractAsyncContextManager[Any]) -> None:
        self.run(_left(context))

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


async def _entered(context: AbstractAsyncContextManager[T]) -> T:
    return await context.__aenter__()


async def _left(context: AbstractAsyncContextManager[Any]) -> None:
    await context.__aexit__(None, None, None)


class Awaiting:
    """An AsyncClient with the methods of a Client."""

    def __init__(self, client: AsyncClient, loop: Loop) -> None:
        self._client, self._loop = client, loop

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._client, name)
        if not inspect.iscoroutinefunction(method):
            return method
        return lambda *args, **named: self._loop.run(method(*args, **named))


@pytest.fixture(scope="session")
def loop() -> Iterator[Loop]:
    loop = Loop()
    yield loop
    loop.close()


def _served(loop: Loop) -> Iterator[Server]:
    context = serving()
    yield loop.enter(context)
    loop.leave(context)


@pytest.fixture
def alexandria(loop: Loop) -> Iterator[Server]:
    """Knows nothing, and takes what it is told."""
    for server in _served(loop):
        server.script = knows_nothing
        yield server


@pytest.fixture
def google(loop: Loop) -> Iterator[Server]:
    """Knows nothing."""
    for server in _served(loop):
        server.script = lambda asked: volumes()
        yield server


@pytest.fixture(params=["blocking", "awaiting"])
def make(request: pytest.FixtureRequest, loop: Loop, alexandria: Server, google: Server) -> Iterator[Face]:
    """Makes a client of the one or the other kind, for the two servers unless it is told others."""
    made: list[Any] = []

    def make(**settings: Any) -> Any:
        given: dict[str, Any] = {
            "base_url": alexandria.url,
            "api_key": KEY,
            "google_books_url": google.url,
            "breaker": PATIENT,
        }
        given = {**given, "google_books_key": GOOGLE_KEY, **settings}
        if request.param == "blocking":
            made.append(Client(**given))
        else:
            made.append(Awaiting(AsyncClient(**given), loop))
        return made[-1]

    yield make
    for client in made:
        client.close()


# --- what the servers say ---------------------------------------------------------------------------------------


def edition(isbn: str = ISBN, **changes: Any) -> dict[str, Any]:
    """An edition as Alexandria gives it."""
    empty = dict.fromkeys(
        ("subtitle", "publisher", "publication_date", "page_count", "format", "language", "description",
         "cover_url_large", "cover_url_medium", "cover_url_small", "updated_at")
    )  # fmt: skip
    work = {"key": "OL45804W", "title": "Fantastic Mr Fox", "description": None, "subjects": ["Foxes"]}
    return {
        "isbn13": isbn, "isbn10": None, "key": "OL7353617M", "title": "Fantastic Mr. Fox", **empty,
        "authors": [{"key": "OL34184A", "name": "Roald Dahl"}], "publishers": [], "subjects": [], "identifiers": {},
        "work": {**work, "first_publication_year": 1970}, "contributors": [], "series": [],
        "completeness": 12, **changes,
    }  # fmt: skip


def hit(isbn: str = ISBN, **changes: Any) -> Answer:
    return json_answer({"query": isbn, "results": [edition(isbn, **changes)]})


def problem(status: int, detail: str = "No.", **more: Any) -> Answer:
    document = {"status": status, "title": "No", "error": "No", "detail": detail, **more}
    answer = json_answer(document, status)
    return Answer(answer.body, status, {}, None, "application/problem+json")


def written(isbn: str = ISBN) -> Answer:
    return json_answer({**edition(isbn), "created": True, "fields_updated": ["title"], "quality": 40}, 201)


def knows_nothing(asked: Asked) -> Answer:
    return written() if asked.method == "POST" else problem(404)


def volume(isbn: str = ISBN, **info: Any) -> dict[str, Any]:
    """A volume as Google Books gives it."""
    said = {
        "title": "Fantastic Mr Fox",
        "authors": ["Roald Dahl"],
        "publisher": '"Puffin"',
        "publishedDate": "1988-10-01",
        "description": "A <b>fox</b> &amp; three farmers.",
        "industryIdentifiers": [{"type": "ISBN_13", "identifier": isbn}],
        "pageCount": 96,
        "categories": ["Juvenile Fiction / Animals"],
        "language": "en",
        "imageLinks": {"thumbnail": "http://books.google.com/c?id=x1&zoom=1&edge=curl&imgtk=T"},
        "infoLink": "http://books.google.com/books?id=x1&source=gbs_api",
    }
    return {"kind": "books#volume", "id": "x1", "volumeInfo": {**said, **info}}


def volumes(*items: dict[str, Any]) -> Answer:
    return json_answer({"kind": "books#volumes", "totalItems": len(items), **({"items": items} if items else {})})
