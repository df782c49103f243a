"""What single fields become: text cleaned, references numbered, languages and identifiers understood."""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache, partial

from alexandria.biblio.identifiers import normalise
from alexandria.biblio.isbn import bare_isbn, find_isbns
from alexandria.biblio.keys import ol_number
from alexandria.biblio.languages import language_code
from alexandria.biblio.openlibrary.wire import EditionWire, Numbers, RedirectWire, Ref, Refs, Text, TextValue
from alexandria.biblio.text import clean_block, clean_line

LINE, BLOCK, MANY = 1_000, 20_000, 100  # characters of a line, of a block; items of a list
Clean = Callable[[str], str]


# An escape in JSON of anything but a letter of Latin or Cyrillic (composed, as it stays), a quotation mark, a dash.
_ODD_ESCAPE = re.compile(rb"""\\(?!u0(?:0[c-fC-F]|1[0-7]|4[0-7])[0-9a-fA-F]|u20(?:1[3489cdCD])|["/\\])""")


def choose_cleaner(raw: bytes) -> Clean:
    """The quickest way to clean the short texts of a record, given the JSON that they come from."""
    if not _is_plain(raw):
        return _clean
    return _squeeze if len(raw) <= LINE else _squeeze_if_short


def _is_plain(raw: bytes) -> bool:
    """Whether no text in it can need more than its blanks folded (JSON has no bare controls)."""
    return raw.isascii() and b"\x7f" not in raw and (b"\\" not in raw or _ODD_ESCAPE.search(raw) is None)


def _squeeze(text: str) -> str:
    """`clean_line` for a text that is short and plain."""
    return text.strip() if "  " not in text else " ".join(text.split())


def _squeeze_if_short(text: str) -> str:
    return _squeeze(text) if len(text) <= LINE else _clean(text)


_clean: Clean = partial(clean_line, limit=LINE)


def read_block(text: Text) -> str:
    """Long text, from either of its shapes, with its paragraphs."""
    if isinstance(text, TextValue):
        text = text.value
    return clean_block(text, BLOCK) if text else ""


def read_terms(texts: list[str], clean: Clean) -> list[str]:
    """Short texts, cleaned, each once, in order."""
    if len(texts) == 1:
        term = clean(texts[0])
        return [term] if term else []
    return list(dict.fromkeys(filter(None, map(clean, texts[:MANY]))))


def read_numbers(refs: list[Ref]) -> tuple[int, ...]:
    """The numbers of keys, each once, in order: one edition repeats the same two authors several hundred times."""
    if len(refs) == 1:
        try:
            return (ol_number(refs[0].key),)
        except ValueError:
            return ()
    numbers: dict[int, None] = {}
    for ref in refs:
        try:
            numbers[ol_number(ref.key)] = None
        except ValueError:
            continue
    return tuple(numbers)[:MANY]


def first_number(refs: Refs) -> int | None:
    """The number of the first key, or None."""
    if not refs:
        return None
    try:
        return ol_number(refs[0].key)
    except ValueError:
        works = read_numbers(refs)
        return works[0] if works else None


def read_isbns(wire: EditionWire | RedirectWire) -> tuple[int, ...]:
    """Every valid ISBN of a record as ISBN-13, each once.

    Nearly always an ISBN-13 and its ISBN-10: then the nine digits that they share say all.
    """
    ten, thirteen = wire.isbn_10, wire.isbn_13
    if thirteen:
        if len(thirteen) == 1 and (
            not ten or (len(ten) == 1 and len(ten[0]) == 10 and thirteen[0][3:12] == ten[0][:9])
        ):
            number = bare_isbn(thirteen[0])
            if number:
                return (number,)
    elif not ten:
        return ()
    return _all_isbns((thirteen, ten))


def _all_isbns(lists: Iterable[list[str] | None]) -> tuple[int, ...]:
    found = (isbn for texts in lists if texts for text in texts for isbn in find_isbns(text))
    return tuple(dict.fromkeys(found))[:MANY]


def read_covers(numbers: Numbers) -> list[int]:
    """Positive ids in order: -1 and null mean that there is none."""
    return [number for number in numbers if number and number > 0][:MANY] if numbers else []


def read_languages(refs: list[Ref]) -> list[str]:
    """The codes of languages, each once, in order."""
    if len(refs) == 1:
        code = language_code(refs[0].key)
        return [code] if code else []
    return list(dict.fromkeys(code for ref in refs if (code := language_code(ref.key))))


def read_contributors(wire: EditionWire, clean: Clean) -> list[dict[str, str | None]]:
    """Everybody who took part but the author: `{name, role}`, the newer field first."""
    people = [(person.name, person.role) for person in wire.contributors or ()]
    people += [(name, None) for name in wire.contributions or ()]
    return [
        {"name": name, "role": (clean(role) or None) if role else None}
        for text, role in people[:MANY]
        if (name := clean(text))
    ]


def read_identifiers(wire: EditionWire) -> dict[str, list[str]]:
    """The identifiers of an edition by scheme, from the map and from the fields of their own."""
    found: dict[str, list[str]] = dict(wire.identifiers or {})
    for scheme, values in (
        ("oclc", wire.oclc_numbers),
        ("oclc", wire.oclc_number),
        ("lccn", wire.lccn),
        ("ocaid", [wire.ocaid] if wire.ocaid else None),
    ):
        if values:
            found[scheme] = found.get(scheme, []) + values
    return read_schemes(found.items()) if found else {}


def read_schemes(pairs: Iterable[tuple[str, list[str]]]) -> dict[str, list[str]]:
    """Identifiers by scheme, in one spelling, each once."""
    kept: dict[str, list[str]] = {}
    for scheme, values in pairs:
        for value in values[:MANY]:
            pair = normalise(scheme, value)
            if pair is None:
                continue
            name, number = pair
            known = kept.get(name)
            if known is None:
                kept[name] = [number]
            elif number not in known:
                known.append(number)
    return kept


FORMATS = (
    ("audiobook", ("audio", "cassette", "mp3", "cd-rom audio", "sound recording", "hörbuch")),
    ("ebook", ("ebook", "e-book", "kindle", "electronic", "epub", "pdf", "digital")),
    (
        "paperback",
        (
            "paperback",
            "paper back",
            "softcover",
            "soft cover",
            "pbk",
            "taschenbuch",
            "broché",
            "poche",
            "broschiert",
            "rústica",
            "tapa blanda",
            "brossura",
        ),
    ),
    (
        "hardcover",
        (
            "hardcover",
            "hardback",
            "hard cover",
            "hardbound",
            "gebunden",
            "relié",
            "tapa dura",
            "library binding",
            "cartonné",
            "rilegato",
        ),
    ),
)


@lru_cache(maxsize=4096)
def book_format(text: str | None) -> str | None:
    """One of hardcover, paperback, ebook, audiobook; None for other or unknown free text."""
    folded = (text or "").casefold()
    return next((name for name, words in FORMATS if any(word in folded for word in words)), None)
