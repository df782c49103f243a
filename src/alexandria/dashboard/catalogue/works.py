"""A work: what it is, its editions, books like it."""

from typing import Final

from litestar import get

from alexandria.biblio.keys import parse_key
from alexandria.biblio.languages import language_name
from alexandria.catalog.pages import list_editions, read_cursor
from alexandria.catalog.records import Missing
from alexandria.dashboard.catalogue.cards import (
    Record,
    edition_card,
    edition_cover,
    names,
    work_card,
    work_cover,
)
from alexandria.dashboard.catalogue.explained import credit, rows
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
from alexandria.dashboard.catalogue.texts import UNTITLED, paragraphs
from alexandria.dashboard.page import Asked, page
from alexandria.enrichment.explain import explain
from alexandria.errors import BadInput
from alexandria.search.similar import read_similar

EDITIONS: Final = 12  # on a page
SIMILAR: Final = 8
SUBJECTS: Final = 24


@get("/works/{key:str}")
async def get_work(request: Asked, key: str) -> Shown:
    """The page of a work."""
    try:
        cursor = read_cursor(request.query_params.get("cursor"))
        work = await find(request, "work", key)
    except BadInput as error:
        return not_understood(request, "This is no work’s key.", key, error)
    if isinstance(work, Missing):
        return not_here(request, "work", key, work)
    if isinstance(work, str):
        return to(work)
    database, number = request.app.state.database, parse_key(work["key"], "work").number
    found = await list_editions(database, number, cursor, EDITIONS)
    editions = [decode(body) for body in found.results]
    similar = [(decode(body), each.because) for each, body in await read_similar(database, number, SIMILAR)]
    explained = await explain(database, "work", number)
    colours = await read_colours(database, [work, *editions, *(other for other, _ in similar)])
    cover = work_cover(work, colours, "medium")
    if cover.url is None and editions:
        cover = edition_cover(editions[0], colours, "medium")
    return page(
        request,
        "catalogue/work.html",
        work=work,
        title=work["title"] or UNTITLED,
        original=language_name(work["original_language"]) if work["original_language"] else None,
        authors=names(work["authors"]),
        cover=cover,
        description=paragraphs(work["description"]),
        credit=credit(explained, "description"),
        series=_series(work),
        subjects=work["subjects"][:SUBJECTS],
        about=[
            (name, work[field][:SUBJECTS])
            for name, field in (("People", "subject_people"), ("Places", "subject_places"), ("Times", "subject_times"))
            if work[field]
        ],
        editions=[edition_card({**edition, "authors": []}, colours) for edition in editions],  # the work's: named above
        similar=[work_card(other, colours, because) for other, because in similar],
        rows=rows(explained),
        **pages(request, found.next),
    )


def _series(work: Record) -> list[str]:
    """The series that it is in, each with its place in it where that is known."""
    return [f"{each['name']}, {each['position']}" if each["position"] else each["name"] for each in work["series"]]
