"""Names of authors, read so that they can be compared, and the key that equal names share.

A name is read as given names and then the family name, however it was written: "Tolkien, J. R. R., 1892-1973",
"J.R.R. Tolkien", "JRR Tolkien" and "Tolkien J R R" are one. Nothing is guessed beyond spelling: no nicknames, no
transliterations, and two words without a comma stay in their order (Henry James is not James Henry).
The same text is read the same way in every process and release, since keys are stored.
"""

import re
from functools import lru_cache
from hashlib import blake2b
from typing import Final, NamedTuple

from alexandria.biblio.text import fold
from alexandria.enrichment.match.words import (
    CORPORATE,
    DEGREES,
    GENERATIONS,
    HONORIFICS,
    LEGAL_FORMS,
    NOBODY,
    PARTICLES,
    ROLES,
)

__all__ = ["Name", "author_key", "read_name", "short_key"]

LONGEST_NAME: Final = 300  # characters of a name that are read
LONGEST_KEY: Final = 400  # bytes; an index entry of PostgreSQL has room for 2,700


class Name(NamedTuple):
    """A name that has been read: folded words, given names first, the family name last."""

    words: tuple[str, ...]
    """Without particles that are written small (von, de); one written large is part of its word (leguin)."""
    glued: tuple[str, ...]
    """With every particle as a part of the word that it belongs to: ludwig vanbeethoven."""
    particles: frozenset[str] = frozenset()
    generation: str = ""
    """jr, sr, ii, iii, iv, or empty."""
    note: str = ""
    """What stood in brackets to tell this one from others: politician."""
    born: int | None = None
    died: int | None = None
    whole: bool = False
    """No given and family name: a corporate body, several people, or a script that writes names in one."""
    nobody: bool = False
    """Anonymous, Unknown, Various: names that tell nobody from anybody."""


_YEAR: Final = r"(?:ca?\.?\s*|approximately\s+)?(\d{3,4})\??(?:\s*(B\.?\s?C\.?))?"
_THREE_DIGITS: Final = re.compile(r"\d{3}")
_LIFE: Final = re.compile(
    rf"[,(\s]\s*(?:(?P<end>born|b|geb|died|d|gest|active|fl)\.?\s+)?{_YEAR}"
    rf"(?P<dash>\s*[-–—]\s*(?:{_YEAR})?)?[\s).\]]*$",
    re.IGNORECASE,
)
_BRACKETS: Final = re.compile(r"[(\[（［〔【]([^()\[\]（）［］〔〕【】]*)[)\]）］〕】]")
_COMMA: Final = re.compile("[,，،、]")
_SEVERAL: Final = re.compile(r"[;&/]|\s(?:and|und|et|with|mit)\s", re.IGNORECASE)
_DEGREE_AT_END: Final = re.compile(r"(?<=\w\s)(?:Ph\.?\s?D|M\.?D|R\.?N|Ed\.?D|MBA|Esq)\.?\s*$")
_INNER_APOSTROPHE: Final = re.compile(r"(?<=\w)['’ʼ‘ʻ`´](?=\w)|(?<=\b[dlDLoO])['’ʼ]\s+")
_BETWEEN_WORDS: Final = re.compile(r"[\s.\-‐‑–—·・]+")
_IN_ONE: Final = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]")  # kana, Han, Hangul
_KATAKANA: Final = re.compile(r"[\u30a0-\u30ffA-Za-z.・\s]+")
_VOWELS: Final = frozenset("AEIOUY")
_NO_INITIALS: Final = DEGREES | {"ng"}


def author_key(name: str) -> str | None:
    """What equal names share: the words of the name in reading order, generation, note and year of birth.

    None for a name without a letter or digit: no author can be made of it. At most LONGEST_KEY bytes.
    """
    read = read_name(name)
    if not read.glued:
        return None
    key = " ".join(read.glued)
    if read.generation:
        key += f", {read.generation}"
    if read.note:
        key += f" ({read.note})"
    return short_key(key if read.born is None else f"{key} *{read.born}")


def short_key(key: str) -> str:
    """The key, or where it is too long for an index, its beginning and a digest of it."""
    encoded = key.encode()
    if len(encoded) <= LONGEST_KEY:
        return key
    digest = blake2b(encoded, digest_size=16).hexdigest()
    return encoded[: LONGEST_KEY - 40].decode(errors="ignore") + " #" + digest


@lru_cache(maxsize=1 << 14)
def read_name(text: str) -> Name:
    """The name as it is compared; of a text without a letter, a name without words."""
    text, born, died = _without_life(text[:LONGEST_NAME])
    notes = [fold(note) for note in _BRACKETS.findall(text)]
    bare = _BRACKETS.sub(" ", text) if notes else text
    if notes and not fold(bare):
        bare, notes = text, []
    parts, words, generation = _parts(_DEGREE_AT_END.sub("", bare) if bare.count(" ") > 1 else bare)
    if not bare.isascii() and _IN_ONE.search(bare):
        name = _read_in_one(parts)
    elif len(parts) > 2 or not CORPORATE.isdisjoint(words) or _SEVERAL.search(bare):
        name = _read_whole(parts)
    else:
        name = _read_person(" ".join(reversed(parts)))
    note = " ".join(note for note in notes if _is_note(note, name))
    return Name(
        name.words, name.glued, name.particles, generation, note, born, died, name.whole, " ".join(name.glued) in NOBODY
    )


def _without_life(text: str) -> tuple[str, int | None, int | None]:
    """The text before the years of birth and death, and these: "Plato, 427-347 B.C."."""
    match = _LIFE.search(text) if _THREE_DIGITS.search(text) else None
    if not match or not (match["end"] or match["dash"]) or not fold(text[: match.start()]):
        return text, None, None
    word, first, first_bc, _, second, second_bc = match.groups()
    before = text[: match.start()]
    word = (word or "").lower()
    born = -int(first) if first_bc or second_bc else int(first)
    died = (-int(second) if second_bc else int(second)) if second else None
    if word in ("active", "fl"):
        return before, None, None
    return (before, None, born) if word in ("d", "died", "gest") else (before, born, died)


def _is_note(note: str, name: Name) -> bool:
    """Whether what stood in brackets tells this one from others: no role, no [美], no J. (John) spelled out."""
    if not note or ROLES.issuperset(note.split()) or (len(note) <= 2 and _IN_ONE.search(note)):
        return False
    given = name.words[:-1]
    initials, spelled_out = ("".join(word[0] for word in words) for words in (given, note.split()))
    return not (any(len(word) == 1 for word in given) and initials.startswith(spelled_out))


def _parts(text: str) -> tuple[list[str], list[str], str]:
    """The parts between commas that are names, their folded words, the generation; no titles or degrees."""
    parts: list[str] = []
    all_words: list[str] = []
    generation = ""
    for part in _COMMA.split(text):
        words = fold(part).split()
        if not words or (parts and (HONORIFICS.issuperset(words) or LEGAL_FORMS.issuperset(words))):
            continue
        if len(all_words) > 1 and "".join(words) in DEGREES:  # but Smith, M. D.
            continue
        if words[-1] in GENERATIONS and (parts or len(words) > 1):
            generation = GENERATIONS[words.pop()]
            part = part.strip().rpartition(" ")[0]
        if words:
            parts.append(part)
            all_words += words
    return parts, all_words, generation


def _read_in_one(parts: list[str]) -> Name:
    """A name that is written without blanks: family first by custom, but in katakana the comma turns it."""
    if len(parts) == 2 and all(_KATAKANA.fullmatch(part) for part in parts):
        parts = [parts[1], parts[0]]
    words = " ".join(fold(part) for part in parts).split()
    if len(words) > 1 and words[-1] in ROLES:
        words.pop()
    word = "".join(words)
    return Name((word,), (word,), whole=True)


def _read_whole(parts: list[str]) -> Name:
    """A name whose words all count, in their order."""
    words = fold(_INNER_APOSTROPHE.sub("", " ".join(parts))).replace("ё", "е").split()
    while len(words) > 1 and words[-1] in LEGAL_FORMS:
        words.pop()
    return Name(tuple(words), tuple(words), whole=True)


def _read_person(text: str) -> Name:
    """The name of a person, whose family name stands last or before nothing but initials."""
    tokens = [token for token in _BETWEEN_WORDS.split(_INNER_APOSTROPHE.sub("", text)) if _word(token)]
    tokens = _with_initials_apart(tokens)
    while len(tokens) > 2 and _word(tokens[0]) in HONORIFICS:
        del tokens[0]
    end = len(tokens)
    while end > 1 and len(tokens[end - 1]) == 1 and tokens[end - 1].isupper():
        end -= 1
    if end < len(tokens) and len(tokens[0]) > 1:  # Tolkien J R R
        tokens = tokens[end:] + tokens[:end]
    return _with_particles(tokens)


@lru_cache(maxsize=1 << 14)
def _word(token: str) -> str:
    """The token folded into one word; `fold` in short for the common case."""
    if token.isascii() and token.isalpha():
        return token.lower()
    return fold(token).replace("ё", "е").replace(" ", "")


def _with_initials_apart(tokens: list[str]) -> list[str]:
    """The tokens, with JRR as J R R where the name is not in capitals throughout."""
    if all(token.isupper() for token in tokens):
        return tokens
    if not any(token.isupper() and len(token) > 1 for token in tokens):
        return tokens
    apart: list[str] = []
    for position, token in enumerate(tokens):
        initials = 2 <= len(token) <= 3 and token.isascii() and token.isalpha() and token.isupper()
        if initials and position == len(tokens) - 1:  # Rowling JK; but Wei LI
            initials = _VOWELS.isdisjoint(token) and token.lower() not in _NO_INITIALS
        apart.extend(token if initials else (token,))
    return apart


def _with_particles(tokens: list[str]) -> Name:
    words: list[str] = []
    glued: list[str] = []
    particles: list[str] = []
    small = large = ""
    for position, token in enumerate(tokens):
        word = _word(token)
        if word in PARTICLES and 0 < position < len(tokens) - 1:
            small += word
            if token.islower():
                particles.append(word)
            else:
                large += word
            continue
        words.append(large + word)
        glued.append(small + word)
        small = large = ""
    return Name(tuple(words), tuple(glued), frozenset(particles))
