"""An author: who it is, and what they wrote."""

from typing import Final

from litestar import get

from alexandria.biblio.keys import parse_key
from alexandria.catalog.pages import list_works, read_cursor
from alexandria.catalog.records import Missing
from alexandria.dashboard.catalogue.cards import Record, work_card
from alexandria.dashboard.catalogue.explained import credit, rows
from alexandria.dashboard.catalogue.links import outside, web_address
from alexandria.dashboard.catalogue.reading import (
    Shown,
    decode,
    find,
    not_here,
    not_understood,
    pages,
    read_colours,
    to,
)
from alexandria.dashboard.catalogue.texts import UNNAMED, paragraphs
from alexandria.dashboard.page import Asked, page
from alexandria.enrichment.explain import explain
from alexandria.errors import BadInput

WORKS: Final = 20  # on a page
NAMES: Final = 12


@get("/authors/{key:str}")
async def get_author(request: Asked, key: str) -> Shown:
    """The page of an author."""
    try:
        cursor = read_cursor(request.query_params.get("cursor"))
        author = await find(request, "author", key)
    except BadInput as error:
        return not_understood(request, "This is no author’s key.", key, error)
    if isinstance(author, Missing):
        return not_here(request, "author", key, author)
    if isinstance(author, str):
        return to(author)
    database, number = request.app.state.database, parse_key(author["key"], "author").number
    found = await list_works(database, number, cursor, WORKS, every=True)
    works = [decode(body) for body in found.results]
    explained = await explain(database, "author", number)
    colours = await read_colours(database, works)
    return page(
        request,
        "catalogue/author.html",
        author=author,
        name=author["name"] or UNNAMED,
        life=_life(author),
        bio=paragraphs(author["bio"]),
        credit=credit(explained, "bio", author["bio_url"]),
        portrait=web_address(author["author_photo_url"]),
        other_names=author["alternate_names"][:NAMES],
        identifiers=outside("author", _identifiers(author)),
        works=[work_card(work, colours) for work in works],
        rows=rows(explained),
        **pages(request, found.next),
    )


def _life(author: Record) -> list[str]:
    """A line on when and where they lived, in parts."""
    born = author["birth_date"] or author["birth_year"]
    died = author["death_date"] or author["death_year"]
    return [text for text in (f"{born or ''} – {died or ''}" if born or died else "", author["nationality"]) if text]


def _identifiers(author: Record) -> dict[str, list[str]]:
    own = {"open_library": [author["key"]]} if author["key"].startswith("OL") else {}
    return {**author["identifiers"], **own}
