"""`alexandria search`: works by whatever is typed, straight from the database."""

import asyncio
from typing import Annotated, Any

import msgspec
import typer

from alexandria.biblio.languages import language_code
from alexandria.catalog.lookup import Lookup
from alexandria.cli.running import tell_wait
from alexandria.cli.screen import FAILED, Json, note, say, show_json, show_table
from alexandria.config import Settings, read_settings
from alexandria.db import Database, connect, database, require_current
from alexandria.errors import BadInput
from alexandria.search.answer import Answer, Page
from alexandria.search.answer import search as find_answer
from alexandria.search.asked import Asked, Filters, read_query

Text = Annotated[list[str], typer.Argument(help="Title, author, both, an ISBN or a key.", show_default=False)]
Limit = Annotated[int, typer.Option("--limit", min=1, max=100, help="How many works at the most.")]
Language = Annotated[str | None, typer.Option("--language", help="Only works in this language, such as en.")]


def search(text: Text, limit: Limit = 10, language: Language = None, json: Json = False) -> None:
    """Search for works; exit code 1 when none is found."""
    asked = read_query(" ".join(text))
    code = language_code(language)
    if language and code is None:
        raise BadInput("language", "not a language that we know; a code such as en or ger, or a name")
    settings = read_settings()
    with database(settings, tell_wait) as url:
        with connect(url) as connection:
            require_current(connection)
        answer = asyncio.run(_find(settings, url, asked, Filters(language=code), Page(limit)))
    if json:
        show_json(msgspec.Raw(answer.body()))
    else:
        _show(answer)
    if not answer.results:
        raise typer.Exit(FAILED)


async def _find(settings: Settings, url: str, asked: Asked, filters: Filters, page: Page) -> Answer:
    pool = Database(url, max_size=1, prepared=settings.pooler == "none")
    await pool.open()
    lookup = Lookup(pool)
    try:
        return await find_answer(pool, lookup, asked, filters, page)
    finally:
        await lookup.close()
        await pool.close()


def _show(answer: Answer) -> None:
    for word, other in answer.corrected:
        note(f"{word}: read as {other}")
    if not answer.complete:
        note("the words are so common that not everything was looked at; add another one")
    if not answer.results:
        say("nothing found")
        return
    results = [msgspec.json.decode(result.body()) for result in answer.results]
    heads = ("work", "title", "by", "year", "editions", "isbn")
    show_table(f"by {answer.detected}", heads, [_row(result) for result in results])


def _row(result: dict[str, Any]) -> tuple[object, ...]:
    work = result["work"] or {}
    edition = result["edition"] or {}
    shown = work or edition
    people = ", ".join(author["name"] or "" for author in shown["authors"])
    year = work.get("first_publication_year")
    isbn = edition.get("isbn13") or ""
    return (shown["key"] or "", shown["title"] or "", people, str(year or ""), result["edition_count"], isbn)
