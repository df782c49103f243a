"""Identifiers of the outside world: (scheme, value) pairs, each in one spelling.

Providers write the same identifier as a bare id, with a prefix or as an address; here it becomes the bare
id, so that pairs can be compared and used as keys. A scheme nobody described here passes with its name
cleaned.
"""

import re
from collections.abc import Callable
from typing import Final, Literal, NamedTuple, get_args

from alexandria.biblio.isbn import find_isbns
from alexandria.biblio.text import clean_line

__all__ = ["SCHEMES", "Scheme", "normalise"]

Scheme = Literal[
    "isbn13", "issn", "oclc", "lccn", "doi", "open_library",
    "goodreads", "librarything", "google", "amazon", "ocaid", "storygraph", "overdrive", "bookbrainz",
    "inventaire", "gutenberg", "hathitrust", "librivox", "wikidata", "viaf", "isni", "orcid", "lc_naf",
    "gnd", "bnf", "opac_sbn", "imdb", "musicbrainz", ]  # fmt: skip

SCHEMES: Final[frozenset[str]] = frozenset(get_args(Scheme))

_LONGEST_VALUE: Final = 200
_LONGEST_TEXT: Final = 1000  # an address may carry a long title

_ALIASES: Final = {
    alias: scheme
    for scheme, aliases in {
        "isbn13": "isbn isbn10 isbn_10 isbn_13",
        "oclc": "oclc_number oclc_numbers oclc_control_number worldcat ocolc",
        "lccn": "lc_control_number lc_control_numbers lccns",
        "open_library": "openlibrary ol olid",
        "goodreads": "goodreads_id",
        "librarything": "library_thing librarything_id",
        "google": "google_books googlebooks google_id google_books_id",
        "amazon": "asin amazon_asin amazon_id amazon_com",
        "ocaid": "ia internet_archive archive_org internet_archive_id",
        "storygraph": "the_storygraph",
        "gutenberg": "project_gutenberg gutenberg_id",
        "hathitrust": "hathi_trust hathi",
        "wikidata": "wikidata_id wikidata_qid qid",
        "viaf": "viaf_id",
        "isni": "isni_id",
        "lc_naf": "lc_names lcnaf naf lcauth lc_auth loc library_of_congress_names",
        "gnd": "gnd_id dnb de_588",
        "bnf": "bnf_id",
        "opac_sbn": "opacsbn sbn_author iccu",
        "imdb": "imdb_id",
        "musicbrainz": "musicbrainz_id mbid",
        "inventaire": "inventaire_id",
    }.items()
    for alias in aliases.split()
}


def _same(value: str) -> str:
    return value


def _number(value: str) -> str:
    """The digits without leading zeros; nothing is left of zero."""
    return value.lstrip("0")


def _isbn(value: str) -> str | None:
    numbers = find_isbns(value)
    return str(numbers[0]) if len(numbers) == 1 else None


def _lccn(value: str) -> str | None:
    """The number as the Library of Congress normalises it: no blanks, no suffix, serial of six digits.

    Source: https://www.loc.gov/marc/lccn-namespace.html. "n78-890351" is n78890351, "85-2 " is 85000002.
    """
    value = value.lower().split("/", 1)[0]
    if "-" in value:
        year, _, serial = value.partition("-")
        if not (serial.isdigit() and len(serial) <= 6):
            return None
        value = year + serial.zfill(6)
    return value if re.fullmatch(r"[a-z]{0,3}[0-9]{8}|[a-z]{0,2}[0-9]{10}", value) else None


def _name_authority(value: str) -> str | None:
    number = _lccn(value)
    return number if number and number.startswith(("n", "s")) else None


def _sixteen(value: str) -> str | None:
    """Sixteen characters, bare, whose check digit fits (ISO 7064 mod 11-2: ISNI, ORCID)."""
    compact = re.sub(r"[\s-]", "", value).upper()
    if not re.fullmatch(r"[0-9]{15}[0-9X]", compact) or compact.startswith("0" * 15):
        return None
    total = 0
    for digit in compact[:15]:
        total = (total + int(digit)) * 2
    return compact if compact[15] == "0123456789X"[(12 - total) % 11] else None


def _orcid(value: str) -> str | None:
    compact = _sixteen(value)
    return "-".join(compact[i : i + 4] for i in range(0, 16, 4)) if compact else None


def _issn(value: str) -> str | None:
    compact = value.replace("-", "").upper()
    total = sum(weight * int(digit) for weight, digit in zip(range(8, 1, -1), compact[:7], strict=True))
    return f"{compact[:4]}-{compact[4:]}" if "0123456789X"[-total % 11] == compact[7] else None


def _opac_sbn(value: str) -> str:
    return value.replace("\\", "").upper()


def _asin(value: str) -> str | None:
    value = value.upper()
    return value if any(character.isdigit() for character in value) else None


class _Form(NamedTuple):
    """How one scheme is written; group 1 of both patterns is the id, `finish` brings it to one spelling."""

    bare: re.Pattern[str]
    address: re.Pattern[str] | None
    finish: Callable[[str], str | None]


def _form(
    identifier: str,
    finish: Callable[[str], str | None] = _same,
    *,
    before: str = "",
    after: str = "",
    address: str = "",
) -> _Form:
    """The form of an id that may have `before` and `after` around it, or stand behind `address` in a URL."""
    flags = re.IGNORECASE | re.ASCII
    in_address = re.compile(rf"(?<![\w-]){address}({identifier})(?![a-z0-9])", flags) if address else None
    return _Form(re.compile(rf"(?:{before})?({identifier})(?:{after})?", flags), in_address, finish)


_UUID: Final = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_SIXTEEN: Final = r"[0-9][0-9 -]{14,21}[0-9x]"

_FORMS: Final[dict[str, _Form]] = {
    "isbn13": _form(r".+", _isbn),
    "issn": _form(r"[0-9]{4}-?[0-9]{3}[0-9x]", _issn, before=r"issn:?\s*", address=r"issn\.org/resource/issn/"),
    "oclc": _form(
        r"[0-9]{1,12}",
        _number,
        before=r"\(ocolc\)(?:ocm|ocn|on)?|oclc:?|ocm|ocn|on",
        address=r"worldcat\.org/(?:title/)?(?:[\w-]+/)?(?:oclc/)?",
    ),
    "lccn": _form(r"[a-z]{0,3}[0-9-]+", _lccn, before=r"lccn:?", after=r"/.*", address=r"lccn\.loc\.gov/"),
    "doi": _form(r"10\.[0-9]{4,9}/\S+", str.lower, before=r"doi:\s*", address=r"doi\.org/"),
    "open_library": _form(
        r"OL[1-9][0-9]{0,11}[MWA]",
        str.upper,
        before=r"/(?:books|works|authors)/",
        address=r"openlibrary\.org/\w+/",
    ),
    "goodreads": _form(
        r"[0-9]{1,12}",
        _number,
        after=r"[.-].*",
        address=r"goodreads\.com/(?:[a-z]{2}/)?\w+/(?:show|editions)/",
    ),
    "librarything": _form(
        r"[a-z0-9][a-z0-9_'-]{0,79}", str.lower, address=r"librarything\.[a-z.]{2,6}/(?:work|author)/"
    ),
    "google": _form(
        r"[\w-]{12}", address=r"google\.[a-z.]{2,6}/books(?:/edition/[^/]*/|/?\?(?:[^#]*&)?id=|/v1/volumes/)"
    ),
    "amazon": _form(r"[a-z0-9]{10}", _asin, address=r"amazon\.[a-z.]{2,6}/(?:[^/]*/){0,4}(?:dp|product|e|asin)/"),
    "ocaid": _form(
        r"[a-z0-9][a-z0-9._-]{2,99}",
        before=r"ia:",
        address=r"archive\.org/(?:details|download|embed|stream)/",
    ),
    "storygraph": _form(_UUID, str.lower, address=r"thestorygraph\.com/\w+/"),
    "overdrive": _form(_UUID, str.lower, address=r"overdrive\.com/(?:ContentDetails\.htm\?ID=)?"),
    "bookbrainz": _form(_UUID, str.lower, address=r"bookbrainz\.org/[\w-]+/"),
    "musicbrainz": _form(_UUID, str.lower, address=r"musicbrainz\.org/[\w-]+/"),
    "inventaire": _form(r"[0-9a-f]{32}", str.lower, before=r"inv:", address=r"inventaire\.io/entity/(?:inv:)?"),
    "gutenberg": _form(r"[0-9]{1,7}", _number, address=r"gutenberg\.org/\w+/"),
    "hathitrust": _form(r"[0-9]{9}", address=r"hathitrust\.org/Record/"),
    "librivox": _form(r"[0-9]{1,7}", _number),
    "wikidata": _form(r"Q[1-9][0-9]{0,11}", str.upper, address=r"wikidata\.org/(?:wiki|entity)/"),
    "viaf": _form(r"[1-9][0-9]{0,21}", before=r"viaf:\s*", address=r"viaf\.org/(?:viaf/)?"),
    "isni": _form(_SIXTEEN, _sixteen, before=r"isni:?\s*", address=r"isni\.org/(?:isni/|page/)?"),
    "orcid": _form(_SIXTEEN, _orcid, before=r"orcid:?\s*", address=r"orcid\.org/"),
    "lc_naf": _form(r"[a-z]{1,3}[0-9-]+", _name_authority, before=r"lcn?af:", address=r"loc\.gov/authorities/\w+/"),
    "gnd": _form(
        r"1[0-9]{7,8}[0-9x]|[1-9][0-9]{0,7}-[0-9x]|3[0-9]{7}[0-9x]",
        str.upper,
        before=r"\(de-588\)|gnd:?\s*",
        address=r"d-nb\.info/gnd/",
    ),
    "bnf": _form(
        r"[0-9]{8}[0-9b-df-hj-np-tv-xz]",
        str.lower,
        before=r"(?:ark:/12148/)?cb",
        address=r"bnf\.fr/(?:ark:/12148/)?(?:cb)?",
    ),
    "opac_sbn": _form(r"[a-z0-9]{3,4}\\?[0-9]{6}", _opac_sbn, before=r"it\\iccu\\"),
    "imdb": _form(r"(?:nm|tt)[0-9]{7,8}", str.lower, address=r"imdb\.com/(?:name|title)/"),
}
_KNOWN: Final = {scheme: scheme for scheme in SCHEMES} | _ALIASES
_NUMBERS: Final = frozenset(("oclc", "goodreads"))  # of at most twelve digits; in dumps there are millions
_BLANKS_COUNT_FOR_NOTHING: Final = frozenset(("lccn", "lc_naf", "oclc"))


def normalise(scheme: str, value: str) -> tuple[str, str] | None:
    """The pair (scheme, id) in one spelling, or None when the value is empty or cannot be such an id.

    Aliases are resolved ("oclc_numbers" is "oclc"); prefixes and addresses are reduced to the id; check
    digits, where a scheme has them, must fit. The name of an unknown scheme is brought to [a-z0-9_]{1,40};
    its value may have up to 200 characters.
    """
    name = _KNOWN.get(scheme) or _scheme_name(scheme)
    form = _FORMS.get(name)
    if form is None:
        cleaned = clean_line(value, _LONGEST_VALUE + 1)
        return (name, cleaned) if name and 0 < len(cleaned) <= _LONGEST_VALUE else None
    if name in _NUMBERS and len(value) <= 12 and value.isdigit() and value.isascii():
        number = _number(value)
        return (name, number) if number else None
    if len(value) > _LONGEST_TEXT:
        return None
    value = value.strip()
    if name in _BLANKS_COUNT_FOR_NOTHING:
        value = value.replace(" ", "")
    match = form.bare.fullmatch(value) or (form.address.search(value) if form.address else None)
    finished = form.finish(match[1]) if match else None
    return (name, finished) if finished else None


def _scheme_name(scheme: str) -> str:
    """The name in [a-z0-9_]{1,40}, aliases resolved; empty when nothing sensible is left."""
    name = re.sub(r"[^a-z0-9]+", "_", scheme.lower()).strip("_")
    return _KNOWN.get(name, name) if len(name) <= 40 else ""
