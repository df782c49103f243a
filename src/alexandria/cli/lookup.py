"""`alexandria lookup`: editions by ISBN, straight from the database."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
import typer

from alexandria.biblio.isbn import InvalidIsbn, hyphenate, parse_isbn
from alexandria.biblio.languages import language_name
from alexandria.catalog.lookup import Lookup, Outcome, State
from alexandria.cli.running import tell_wait
from alexandria.cli.screen import FAILED, Json, note, say, show_json, shown
from alexandria.config import Settings, read_settings
from alexandria.db import Database, connect, database, require_current
from alexandria.errors import BadInput

Isbns = Annotated[list[str], typer.Argument(help="ISBN-10 or ISBN-13, with or without hyphens.", show_default=False)]


def lookup(isbns: Isbns, json: Json = False) -> None:
    """Show the editions of ISBNs; exit code 1 when one of them is not in the catalogue."""
    numbers = [_parse(text) for text in isbns]
    settings = read_settings()
    with database(settings, tell_wait) as url:
        with connect(url) as connection:
            require_current(connection)
        outcomes = asyncio.run(_find(settings, url, numbers))
    if json:
        show_json({"results": [_result(text, outcomes[number]) for text, number in zip(isbns, numbers, strict=True)]})
    else:
        for number in numbers:
            _show(number, outcomes[number])
    if any(isinstance(outcome, State) for outcome in outcomes.values()):
        raise typer.Exit(FAILED)


def _parse(text: str) -> int:
    try:
        return parse_isbn(text)
    except InvalidIsbn as error:
        raise BadInput("isbn", f"{text[:40]}: {error.message}") from None


async def _find(settings: Settings, url: str, numbers: list[int]) -> Mapping[int, Outcome]:
    pool = Database(url, max_size=1, prepared=settings.pooler == "none")
    await pool.open()
    catalogue = Lookup(pool)
    try:
        return await catalogue.many(numbers)
    finally:
        await catalogue.close()
        await pool.close()


def _result(text: str, outcome: Outcome) -> dict[str, Any]:
    if isinstance(outcome, State):
        return {"isbn": text, "status": outcome.value}
    return {"isbn": text, "status": "found", "edition": msgspec.Raw(outcome)}


def _show(number: int, outcome: Outcome) -> None:
    if isinstance(outcome, State):
        reason = "deleted by Open Library" if outcome is State.DELETED else "not in the catalogue"
        note(f"{number}: {reason}")
        return
    edition = msgspec.json.decode(outcome)
    say(edition["title"] or "(untitled)")
    for name, value in _facts(number, edition).items():
        if value:
            say(f"  {name:<12} {shown(value)}")
    say()


def _facts(number: int, edition: dict[str, Any]) -> dict[str, str | None]:
    """What a person wants to know of an edition, in order."""
    work = edition["work"]
    pages = edition["page_count"]
    return {
        "subtitle": edition["subtitle"],
        "by": ", ".join(author["name"] or author["key"] for author in edition["authors"]),
        "publisher": edition["publisher"],
        "published": edition["publication_date"],
        "pages": str(pages) if pages else None,
        "format": edition["format"],
        "language": language_name(edition["language"]) if edition["language"] else None,
        "isbn-13": hyphenate(number) or str(number),
        "isbn-10": edition["isbn10"],
        "edition": edition["key"],
        "work": f"{work['key']} {work['title'] or ''}".strip(),
        "subjects": ", ".join(edition["subjects"] or work["subjects"]),
        "description": edition["description"] or work["description"],
    }
