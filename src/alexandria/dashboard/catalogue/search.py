"""The search of the catalogue: one box for everything, filters beside it, results by the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from litestar import get

from alexandria.biblio.keys import format_key
from alexandria.biblio.languages import language_code
from alexandria.catalog.pages import read_cursor
from alexandria.catalog.stats import read_stats
from alexandria.dashboard.catalogue.cards import Card, result_card
from alexandria.dashboard.catalogue.reading import FOLDERS, Shown, decode, pages, read_colours, to
from alexandria.dashboard.catalogue.texts import FORMATS, languages
from alexandria.dashboard.page import Asked, page
from alexandria.errors import BadInput
from alexandria.search.answer import Answer, Page, search
from alexandria.search.asked import LONGEST_QUERY, Filters, read_query
from alexandria.search.filters import read_filters

RESULTS: Final = 20  # on a page
LABELS: Final = {"q": "Search", "language": "Language", "year": "Year", "format": "Format", "cursor": "Page"}


@dataclass(frozen=True, slots=True)
class Form:
    """What was typed and chosen, as the form shows it again."""

    q: str = ""
    language: str = ""
    year: str = ""
    format: str = ""
    has_cover: bool = False

    @property
    def narrows(self) -> bool:
        """Whether any filter is set."""
        return bool(self.language or self.year or self.format or self.has_cover)


@get("/catalogue")
async def get_catalogue(request: Asked) -> Shown:
    """The search box; below it what was found."""
    form = _read_form(request)
    if not form.q:
        return await _show(request, form, counts=(await read_stats(request.app.state.database))["mirror"])
    try:
        asked = read_query(form.q)
        filters = _read_filters(request, form)
        part = Page(RESULTS, read_cursor(request.query_params.get("cursor")))
        if asked.isbn is not None:
            return to(f"/editions/{asked.isbn}")
        if asked.key is not None:
            key = format_key(asked.key.kind, asked.key.number)
            return to(f"/{FOLDERS[key[-1]]}/{key}")
        answer = await search(request.app.state.database, request.app.state.lookup, asked, filters, part)
    except BadInput as error:
        return await _show(request, form, error=error)
    return await _show(request, form, answer=answer)


async def _show(
    request: Asked,
    form: Form,
    *,
    answer: Answer | None = None,
    error: BadInput | None = None,
    counts: dict[str, int] | None = None,
) -> Shown:
    spoken = language_code(form.language) if form.language else None
    return page(
        request,
        "catalogue/search.html",
        status=400 if error else 200,
        form=form,
        longest=LONGEST_QUERY,
        languages=languages(spoken),
        spoken=spoken,
        formats=FORMATS,
        counts=counts,
        trouble=f"{LABELS.get(error.field, error.field)}: {error.message}." if error else None,
        answer=answer,
        cards=await _cards(request, answer) if answer else [],
        **pages(request, answer.next if answer else None),
    )


async def _cards(request: Asked, answer: Answer) -> Sequence[Card]:
    works = [decode(each.work) if each.work else None for each in answer.results]
    editions = [decode(each.edition) if each.edition else None for each in answer.results]
    colours = await read_colours(request.app.state.database, [*works, *editions])
    return [
        result_card(work, edition, each.editions, each.languages, colours)
        for work, edition, each in zip(works, editions, answer.results, strict=True)
    ]


def _read_form(request: Asked) -> Form:
    told = request.query_params
    return Form(
        q=told.get("q", "").strip()[: LONGEST_QUERY + 1],
        language=told.get("language", "").strip()[:100],
        year=told.get("year", "").strip()[:40],
        format=told.get("format", ""),
        has_cover=told.get("has_cover", "") in ("true", "on", "1"),
    )


def _read_filters(request: Asked, form: Form) -> Filters:
    """The filters. Raises BadInput."""
    if form.format and form.format not in FORMATS:
        raise BadInput("format", f"one of {', '.join(FORMATS)}")
    return read_filters(
        request.headers.get("accept-language", ""),
        form.language or None,
        form.year or None,
        form.format or None,
        True if form.has_cover else None,
    )
