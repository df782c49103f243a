"""An edition: all that is known of it, where each field is from, and how to take it along; or that it is asked for."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from litestar import get

from alexandria.biblio.isbn import hyphenate, parse_isbn
from alexandria.biblio.languages import language_name
from alexandria.catalog.lookup import Outcome, State
from alexandria.catalog.records import Missing
from alexandria.dashboard.catalogue.cards import Record, answers_number, edition_cover, names
from alexandria.dashboard.catalogue.explained import credit, listed, rows
from alexandria.dashboard.catalogue.links import outside
from alexandria.dashboard.catalogue.reading import (
    Shown,
    decode,
    find,
    not_here,
    not_understood,
    read_colours,
    to,
)
from alexandria.dashboard.catalogue.texts import FORMATS, UNTITLED, paragraphs
from alexandria.dashboard.page import Asked, page
from alexandria.enrichment.explain import explain
from alexandria.enrichment.miss import Queued
from alexandria.errors import BadInput

SUBJECTS: Final = 40
EXPORTS: Final = (
    ("bibtex", "BibTeX"), ("ris", "RIS"), ("csl", "CSL-JSON"), ("marc", "MARC21"), ("marcxml", "MARCXML"),
)  # fmt: skip
AskFor = Callable[[Any, int], Awaitable[Outcome | Queued]]
"""What the API does about an ISBN that is not here, for the caller of an ASGI scope: found at once, or asked for."""


@get("/editions/{key:str}")
async def get_edition(request: Asked, key: str) -> Shown:
    """The page of an edition, by its key or an ISBN of it."""
    try:
        edition = await _find(request, key)
    except BadInput as error:
        return not_understood(request, "This is no ISBN and no edition’s key.", key, error)
    if isinstance(edition, Missing):
        return not_here(request, "edition", key, edition)
    if isinstance(edition, Queued):
        return _asked_for(request, parse_isbn(key), edition)
    if isinstance(edition, str):
        return to(edition)
    return await _show(request, edition)


async def _find(request: Asked, text: str) -> Record | Missing | Queued | str:
    """The edition, why there is none, or the address of its page. Raises BadInput."""
    if text.strip()[:2].upper() == "OL":
        return await find(request, "edition", text)
    isbn = parse_isbn(text)
    if text != str(isbn):
        return f"/editions/{isbn}"
    outcome: Outcome | Queued = await request.app.state.lookup.one(isbn)
    if outcome is State.MISSING:
        outcome = await request.app.state.ask_for(request.scope, isbn)
    if isinstance(outcome, State):
        return Missing.DELETED
    return outcome if isinstance(outcome, Queued) else decode(outcome)


def _asked_for(request: Asked, isbn: int, queued: Queued) -> Shown:
    """404 for people, which says whether somebody is asked; the page looks again by itself."""
    job = queued.job_id if queued.reason is None else None
    return page(
        request, "catalogue/asked.html", status=404, isbn=hyphenate(isbn) or str(isbn), job=job, why=queued.reason
    )


async def _show(request: Asked, edition: Record) -> Shown:
    database = request.app.state.database
    explained = await explain(database, "edition", answers_number(edition))
    colours = await read_colours(database, [edition])
    work = edition["work"]
    return page(
        request,
        "catalogue/edition.html",
        edition=edition,
        title=edition["title"] or (work and work["title"]) or UNTITLED,
        work=work,
        authors=names(edition["authors"]),
        cover=edition_cover(edition, colours, "medium"),
        description=paragraphs(edition["description"]),
        credit=credit(explained, "description"),
        facts=_facts(edition, listed(explained, "series")),
        subjects=edition["subjects"][:SUBJECTS],
        identifiers=outside("edition", _identifiers(edition)),
        exports=_exports(edition),
        rows=rows(explained),
    )


def _facts(edition: Record, series: Sequence[str]) -> list[tuple[str, str]]:
    """Names of fields and what stands in them, of those where something does."""
    isbn = edition["isbn13"]
    people = [f"{each['name']} ({each['role']})" if each["role"] else each["name"] for each in edition["contributors"]]
    told = {
        "ISBN-13": isbn and (hyphenate(int(isbn)) or isbn),
        "ISBN-10": edition["isbn10"],
        "Published": edition["publication_date"],
        "Publisher": ", ".join(edition["publishers"]) or edition["publisher"],
        "Pages": edition["page_count"] and f"{edition['page_count']:,}",
        "Format": FORMATS.get(edition["format"] or ""),
        "Language": edition["language"] and language_name(edition["language"]),
        "Series": ", ".join(series),
        "With": ", ".join(people),
        "Key": edition["key"],
        "Completeness": f"{edition['completeness']} of 100",
        "Updated": (edition["updated_at"] or "")[:10],
    }
    return [(name, text) for name, text in told.items() if text]


def _identifiers(edition: Record) -> dict[str, list[str]]:
    own = {"open_library": [edition["key"]]} if (edition["key"] or "").startswith("OL") else {}
    return {**edition["identifiers"], **own}


def _exports(edition: Record) -> list[tuple[str, str]]:
    """Names of formats, and where the edition is to be had in them."""
    isbn, key = edition["isbn13"], edition["key"]
    base = f"/api/editions/{key}?as=" if key else f"/api/search?isbn={isbn}&as="
    record = f"/api/editions/{key}" if key else f"/api/isbn?isbn={isbn}"
    return [*((name, base + form) for form, name in EXPORTS), ("JSON", record)]
