"""From a page summary to the answer for an author, and the names of pages; pure."""

import re
from urllib.parse import quote, urlsplit

from alexandria.biblio.answers import AuthorAnswer
from alexandria.biblio.text import clean_block, clean_line
from alexandria.errors import BadInput, Malformed
from alexandria.providers.wikipedia.profile import BUCKET
from alexandria.providers.wikipedia.wire import ImageWire, SummaryWire

LICENCE = "CC BY-SA 4.0"
BLOCK, LINE = 20_000, 1_000  # characters
LONGEST_TITLE = 255  # bytes, as the wiki allows
PATH = "/api/rest_v1/page/summary/"
_LANGUAGE = re.compile(r"[a-z]{2,12}(?:-[a-z]{2,12}){0,2}")
_ITEM = re.compile(r"Q[1-9]\d{0,11}", re.ASCII)


def read_summary(wire: SummaryWire, item: str, asked: str, language: str) -> AuthorAnswer | None:
    """The answer for the author whose item this is. `asked` is the title that led here.

    None for a page that is no article, has no text, or is not known to be about the item: titles move, and then another
    page stands under the one that Wikidata names. Raises Malformed for an answer that does not say what it is.
    """
    if wire.type is None:
        raise Malformed(BUCKET, "a page summary without a type")
    if wire.type != "standard" or wire.wikibase_item != item:
        return None
    text = clean_block(wire.extract or "", BLOCK)
    if not text:
        return None
    title = (wire.titles.canonical if wire.titles else None) or wire.title or asked
    return AuthorAnswer(
        bio=text,
        bio_url=_page(wire) or page_url(title, language),
        photo_url=_free_image(wire.originalimage) or _free_image(wire.thumbnail),
        identifiers={"wikidata": (item,)},
        metadata={"bio_licence": LICENCE, "bio_language": language, "bio_title": clean_line(title, LINE)},
    )


def summary_path(title: str) -> str:
    """The path of a title's summary: blanks become underscores, then everything is encoded, slashes too."""
    name = title.strip().replace(" ", "_")
    if not name or len(name.encode("utf-8", "replace")) > LONGEST_TITLE or name in (".", ".."):
        raise BadInput("title", "must be the title of a page")
    return PATH + quote(name, safe="", errors="replace")


def page_url(title: str, language: str) -> str:
    """The address of an article, for readers."""
    return f"https://{language}.wikipedia.org/wiki/{quote(title.replace(' ', '_'), safe='', errors='replace')}"


def check_language(language: str) -> str:
    """The language, which becomes part of a host's name: only letters."""
    if not _LANGUAGE.fullmatch(language):
        raise BadInput("language", "must be the code of a Wikipedia such as en or zh-yue")
    return language


def check_item(item: str) -> str:
    """The id of an item."""
    if not _ITEM.fullmatch(item):
        raise BadInput("item", "must be the id of a Wikidata item such as Q42")
    return item


def _page(wire: SummaryWire) -> str | None:
    """The page's own address, for readers."""
    page = wire.content_urls.desktop.page if wire.content_urls and wire.content_urls.desktop else None
    return clean_line(page, LINE) if page and _is_plain(page) else None


def _free_image(image: ImageWire | None) -> str | None:
    """The picture when it lies on Commons: local files may be there without a licence (fair use)."""
    source = image.source if image else ""
    if source.startswith("//"):
        source = f"https:{source}"
    return source if _is_plain(source) and urlsplit(source).path.startswith("/wikipedia/commons/") else None


def _is_plain(url: str) -> bool:
    """Whether it is an address of the web without a name or password in it."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    is_written_so = url.isascii() and url.isprintable() and " " not in url
    return is_written_so and parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
