"""Text made safe to store, folded to compare, freed of HTML.

Every text that enters the system passes `clean_line` or `clean_block` once, at the edge. What they return
is NFC, encodable as UTF-8, free of NUL and other controls, and no longer than the limit; cleaning it again
changes nothing.
"""

import html
import re
import unicodedata
from functools import cache
from typing import Final, NamedTuple

__all__ = [
    "MAY_BE_PILE",
    "MOST_ACCENTS",
    "Cleaned",
    "clean_block",
    "clean_block_cut",
    "clean_line",
    "clean_line_cut",
    "fold",
    "folded_words",
    "strip_html",
]


class Cleaned(NamedTuple):
    """A clean text, and how many characters of it the limit left out (0: all of it is there)."""

    text: str
    cut: int


# Out: controls that are no white space, lone surrogates, marks that turn the reading direction, marks
# nobody sees. The joiners U+200C and U+200D stay: Persian, Indic scripts and emoji are spelled with them.
_UNWANTED: Final = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u061c\u200b\u200e\u200f"
    "\u202a-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff]"
)
_MANY_LINE_ENDS: Final = re.compile("\n{3,}")
MOST_ACCENTS: Final = 30  # on one letter, as in Unicode's stream-safe text: putting n of them in order takes n² steps
MAY_BE_PILE: Final = re.compile(rf"[^\w\s!-~]{{{MOST_ACCENTS + 1},}}")
_MARKS_END: Final = 0x1F000  # beyond it no character goes on top of another


def clean_line(text: str, limit: int) -> str:
    """The text as one clean line of at most `limit` characters, cut at a word where there is one."""
    if (
        len(text) <= limit
        and text.isprintable()
        and "  " not in text
        and (text.isascii() or (not _has_piles(text) and unicodedata.is_normalized("NFC", text)))
        and text[:1] != " "
        and text[-1:] != " "
    ):
        return text
    return clean_line_cut(text, limit).text


def clean_line_cut(text: str, limit: int) -> Cleaned:
    """As `clean_line`, with the number of characters left out, for a caller that logs it."""
    return _cut(" ".join(_wanted(text).split()), limit)


def clean_block(text: str, limit: int) -> str:
    """The text in clean lines and paragraphs, at most `limit` characters, one empty line in a row at most."""
    if text.isprintable():  # one line
        return clean_line(text, limit)
    return clean_block_cut(text, limit).text


def clean_block_cut(text: str, limit: int) -> Cleaned:
    """As `clean_block`, with the number of characters left out, for a caller that logs it."""
    block = "\n".join(" ".join(_wanted(line).split()) for line in text.splitlines()).strip("\n")
    return _cut(_MANY_LINE_ENDS.sub("\n\n", block) if "\n\n\n" in block else block, limit)


def _wanted(text: str) -> str:
    """The text without unwanted characters, then composed: what goes may have parted what composes."""
    if not text.isprintable():  # nothing unwanted is printable
        text = _UNWANTED.sub("", text)
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", _piles().sub(r"\1", text) if _has_piles(text) else text)


def _has_piles(text: str) -> bool:
    """Whether a letter may carry more accents than any script needs."""
    return MAY_BE_PILE.search(text) is not None and _piles().search(text) is not None


@cache
def _piles() -> re.Pattern[str]:
    """Accents beyond the number that is kept, which is the first group."""
    marks = "".join(letter for letter in map(chr, range(0x300, _MARKS_END)) if unicodedata.combining(letter))
    return re.compile(f"([{marks}]{{{MOST_ACCENTS}}})[{marks}]+")


def _cut(text: str, limit: int) -> Cleaned:
    if len(text) <= limit:
        return Cleaned(text, 0)
    end = _word_end(text, max(limit, 0))
    while end > 0 and _continues(text, end):
        end -= 1
    short = text[:end].rstrip()
    return Cleaned(short, len(text) - len(short))


def _word_end(text: str, limit: int) -> int:
    """Where to cut: behind the last whole word, unless that would cost more than half of what is allowed."""
    if text[limit].isspace():
        return limit
    blank = max(text.rfind(" ", 0, limit), text.rfind("\n", 0, limit))
    return blank if blank > limit // 2 else limit


def _continues(text: str, position: int) -> bool:
    """Whether the character here belongs to the one before: accents, vowel signs, joiners, skin tones."""
    character = text[position]
    return (
        unicodedata.category(character) in ("Mn", "Mc", "Me")
        or "\u200d" in (character, text[position - 1])
        or "\U0001f3fb" <= character <= "\U0001f3ff"
    )


# --- comparing ----------------------------------------------------------------------------------------------

# Latin letters that Unicode does not take apart.
_LATIN_LETTERS: Final = str.maketrans(
    dict(zip("øłđðħıŧŋ", "olddhitn", strict=True)) | {"æ": "ae", "œ": "oe", "þ": "th"}
)
_LATIN_ACCENTS: Final = re.compile("([a-z])[\u0300-\u036f]+")
_NOT_WORD: Final = re.compile(r"[^\w+# ]|_")  # C, C++ and C# are three titles


def _ascii_folded(character: str) -> str:
    if character.isalnum() or character in "+#":
        return character.lower()
    return "" if _UNWANTED.match(character) else " "


_ASCII_FOLDED: Final = {code: _ascii_folded(chr(code)) for code in range(128)}


def fold(text: str) -> str:
    """The text for comparing: lower case, Latin letters without accents, one blank for all that is no word.

    Accents of other scripts stay: й and и, か and が are different letters.
    """
    return " ".join(folded_words(text))


def folded_words(text: str) -> list[str]:
    """The words of the folded text."""
    plain = text.translate(_plainly_folded())
    return plain.split() if plain.isascii() else _fold_any(text).split()


def _fold_any(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", _UNWANTED.sub("", text)).casefold()
    letters = unicodedata.normalize("NFKD", decomposed).translate(_LATIN_LETTERS)
    composed = unicodedata.normalize("NFC", _LATIN_ACCENTS.sub(r"\1", letters))
    return " ".join(_NOT_WORD.sub(_blank_or_mark, composed).split())


def _blank_or_mark(match: re.Match[str]) -> str:
    """A blank for punctuation and symbols, nothing for joiners; combining marks are part of their word."""
    character = match[0]
    if character in "\u200c\u200d":
        return ""
    return character if unicodedata.category(character)[0] == "M" else " "


@cache
def _plainly_folded() -> dict[int, str]:
    """What each character becomes that stands for ASCII whatever its neighbours: Latin letters, punctuation."""
    latin = (*range(0x80, 0x250), *range(0x1E00, 0x1F00), *range(0x2010, 0x2028))
    folded = {code: _fold_any(f"a{chr(code)}a")[1:-1] for code in latin}
    return _ASCII_FOLDED | {code: text for code, text in folded.items() if text.isascii()}


# --- HTML ---------------------------------------------------------------------------------------------------

_TAG: Final = re.compile(r"/?([A-Za-z][A-Za-z0-9]*)\b[^<>]*>|[!?][^<>]*>")
_BREAKS: Final = {"br": "\n", "li": "\n", "tr": "\n", "dt": "\n", "dd": "\n"} | dict.fromkeys(
    ("p", "div", "ul", "ol", "table", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "hr"), "\n\n"
)
_UNREADABLE: Final = {name: re.compile(f"</{name}", re.IGNORECASE) for name in ("script", "style")}
_ABSURD_REFERENCE: Final = re.compile(r"&#[0-9]{8,};?")  # html.unescape fails on thousands of digits


def strip_html(text: str) -> str:
    """The text without tags, comments, scripts; entities decoded; line breaks for <br>, paragraphs for <p>.

    A "<" that opens no tag stays. Not a sanitiser: the result is plain text, and is to be escaped when shown.
    """
    if "<" in text:
        text = _without_tags(text)
    if "&" in text:
        text = html.unescape(_ABSURD_REFERENCE.sub("\ufffd", text))
    return text


def _without_tags(text: str) -> str:
    """One pass from "<" to "<", so that hostile input costs no more than its length."""
    kept: list[str] = []
    position = 0
    while (start := text.find("<", position)) >= 0:
        kept.append(text[position:start])
        kept_instead, position = _after_tag(text, start)
        kept.append(kept_instead)
    kept.append(text[position:])
    return "".join(kept)


def _after_tag(text: str, start: int) -> tuple[str, int]:
    """What stands for the tag at `start`, and where reading goes on."""
    if text.startswith("<!--", start):
        end = text.find("-->", start + 4)
        return "", end + 3 if end >= 0 else len(text)
    match = _TAG.match(text, start + 1)
    if not match:
        return "<", start + 1
    name = (match[1] or "").lower()
    if name in _UNREADABLE and text[start + 1] != "/":
        end_tag = _UNREADABLE[name].search(text, match.end())
        return "", end_tag.start() if end_tag else len(text)
    return _BREAKS.get(name, ""), match.end()
