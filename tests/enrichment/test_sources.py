"""What the pipeline asks of providers that have no answer of just that kind."""

from typing import Any

import pytest

from alexandria.biblio.answers import WorkAnswer
from alexandria.enrichment.sources import Sources
from alexandria.providers.google_books import GoogleBooks
from alexandria.providers.provider import Found, NotFound
from tests.net.server import Server, json_answer
from tests.providers.conftest import client, google_books, google_books_settings, ledger, server

__all__ = ["client", "google_books", "google_books_settings", "ledger", "server"]
pytestmark = pytest.mark.anyio
FOX = {"title": "Fantastic Mr Fox", "authors": [{"name": "Roald Dahl"}]}


def volume(name: str, title: str, *authors: str, **more: Any) -> dict[str, Any]:
    return {"kind": "books#volume", "id": name, "volumeInfo": {"title": title, "authors": list(authors), **more}}


def volumes(*items: dict[str, Any]) -> Any:
    return json_answer({"kind": "books#volumes", "totalItems": len(items), "items": list(items)})


async def ask(google_books: GoogleBooks, known: dict[str, Any]) -> Any:
    asking = Sources(google_books=google_books).asking("work", "google-books")
    return await asking(45804, known, "enrichment", 5)


async def test_a_work_is_told_by_its_editions_and_no_others(google_books: GoogleBooks, server: Server) -> None:
    server.script = [
        volumes(
            volume("a", "Fantastic Mr. Fox", "Roald Dahl", description="Short.", categories=["Foxes"]),
            volume(
                "b", "Fantastic Mr Fox", "Dahl, Roald", description="The long story of a fox.", categories=["Farms"]
            ),
            volume("c", "Fantastic Mr Fox", "Somebody Else", description="x" * 500, categories=["Wrong"]),
            volume("d", "A Teacher's Guide to Fantastic Mr Fox", "Roald Dahl", description="x" * 500),
        )
    ]
    found = await ask(google_books, FOX)
    assert isinstance(found, Found)
    assert found.record == "b"
    assert found.answer == WorkAnswer(
        title="Fantastic Mr Fox", description="The long story of a fox.", subjects=("Foxes", "Farms")
    )


@pytest.mark.parametrize("known", [{}, {"title": "Fantastic Mr Fox"}, {**FOX, "title": "…"}])
async def test_without_title_and_author_nobody_is_asked(
    google_books: GoogleBooks, server: Server, known: dict[str, Any]
) -> None:
    assert await ask(google_books, known) == NotFound()
    assert server.asked == []


async def test_only_others_is_nothing(google_books: GoogleBooks, server: Server) -> None:
    server.script = [volumes(volume("c", "Fantastic Mr Fox", "Somebody Else"))]
    assert await ask(google_books, FOX) == NotFound()
