"""Where an identifier leads outside. Pure."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple
from urllib.parse import quote

from alexandria.biblio.keys import Kind

MOST: Final = 12  # values of one scheme that a page shows


class Outside(NamedTuple):
    """An identifier with the name of its scheme, and its page, where the scheme has pages."""

    scheme: str
    name: str
    value: str
    url: str | None


_NAMES: Final[Mapping[str, str]] = {
    "isbn13": "ISBN", "issn": "ISSN", "oclc": "WorldCat", "lccn": "Library of Congress", "doi": "DOI",
    "open_library": "Open Library", "goodreads": "Goodreads", "librarything": "LibraryThing", "google": "Google Books",
    "amazon": "Amazon", "ocaid": "Internet Archive", "storygraph": "StoryGraph", "overdrive": "OverDrive",
    "bookbrainz": "BookBrainz", "inventaire": "Inventaire", "gutenberg": "Project Gutenberg",
    "hathitrust": "HathiTrust", "librivox": "LibriVox", "wikidata": "Wikidata", "viaf": "VIAF", "isni": "ISNI",
    "orcid": "ORCID", "lc_naf": "LC names", "gnd": "GND", "bnf": "BnF", "opac_sbn": "OPAC SBN", "imdb": "IMDb",
    "musicbrainz": "MusicBrainz",
}  # fmt: skip
_ANY: Final[Mapping[str, str]] = {
    "issn": "https://portal.issn.org/resource/ISSN/{}",
    "oclc": "https://search.worldcat.org/title/{}",
    "lccn": "https://lccn.loc.gov/{}",
    "google": "https://books.google.com/books?id={}",
    "amazon": "https://www.amazon.com/dp/{}",
    "ocaid": "https://archive.org/details/{}",
    "overdrive": "https://www.overdrive.com/media/{}",
    "inventaire": "https://inventaire.io/entity/inv:{}",
    "hathitrust": "https://catalog.hathitrust.org/Record/{}",
    "wikidata": "https://www.wikidata.org/wiki/{}",
    "viaf": "https://viaf.org/viaf/{}",
    "isni": "https://isni.org/isni/{}",
    "orcid": "https://orcid.org/{}",
    "lc_naf": "https://id.loc.gov/authorities/names/{}",
    "gnd": "https://d-nb.info/gnd/{}",
    "bnf": "https://catalogue.bnf.fr/ark:/12148/cb{}",
}
_BY_KIND: Final[Mapping[str, tuple[str, Mapping[Kind, str]]]] = {  # the site, and where on it each kind is
    "goodreads": ("https://www.goodreads.com", {"edition": "book/show", "author": "author/show"}),
    "librarything": ("https://www.librarything.com", {"edition": "work", "work": "work", "author": "author"}),
    "storygraph": ("https://app.thestorygraph.com", {"edition": "books"}),
    "bookbrainz": ("https://bookbrainz.org", {"edition": "edition", "work": "work", "author": "author"}),
    "gutenberg": ("https://www.gutenberg.org", {"edition": "ebooks", "work": "ebooks", "author": "ebooks/author"}),
    "musicbrainz": ("https://musicbrainz.org", {"author": "artist"}),
}
_FOLDERS: Final = {"M": "books", "W": "works", "A": "authors"}


def outside(kind: Kind, identifiers: Mapping[str, Sequence[str]]) -> list[Outside]:
    """Every identifier of a record, by the name of its scheme."""
    found = [
        Outside(scheme, _NAMES.get(scheme, scheme.replace("_", " ")), value, page_of(kind, scheme, value))
        for scheme, values in identifiers.items()
        for value in values[:MOST]
    ]
    return sorted(found, key=lambda each: (each.url is None, each.name.lower(), each.value))


def page_of(kind: Kind, scheme: str, value: str) -> str | None:
    """The address of an identifier's page; None where its scheme has none that we know."""
    if scheme == "open_library":
        folder = _FOLDERS.get(value[-1:])
        return f"https://openlibrary.org/{folder}/{quote(value, safe='')}" if folder else None
    if scheme == "doi":
        return f"https://doi.org/{quote(value, safe='/')}"
    if scheme == "imdb":
        return f"https://www.imdb.com/{'name' if value.startswith('nm') else 'title'}/{quote(value, safe='')}/"
    told = quote(value, safe="")
    if scheme in _ANY:
        return _ANY[scheme].format(told)
    site, places = _BY_KIND.get(scheme, ("", {}))
    return f"{site}/{places[kind]}/{told}" if kind in places else None


def web_address(text: str | None) -> str | None:
    """The text if it is an address that a browser may be sent to: http or https, nothing else."""
    return text if text and text.startswith(("https://", "http://")) else None
