"""The words of titles and names, as `alexandria.sample` invents them, and the way back from a text to them."""

import json
import re
import unicodedata
from functools import lru_cache
from random import Random

import msgspec

from alexandria.sample.words import CODES, invented_name, make_words, phrase, sentences

PUBLISHERS, SUBJECTS, TEXTS = 512, 48, 128
_HOUSES = ("Press", "Verlag", "Books", "& Sons", "Éditions", "Ltd.", "Inc.", "Publishing Group")
_WORD = re.compile(r"[^\W_]+")

Places = dict[str, list[int]]


class Vocabulary(msgspec.Struct, frozen=True):
    """Words by number, and for titles and names the numbers by folded word."""

    heads: list[list[str]]  # by language, as in `CODES`
    tails: list[list[str]]
    given: list[str]
    family: list[str]
    by_weight: bytes
    publishers: list[str]
    subjects: list[str]
    subject_pairs: list[tuple[str, str]]  # by the first one's number
    texts: list[str]
    head_places: dict[str, list[tuple[int, int]]]  # folded head → (language, number)
    tail_places: dict[str, list[tuple[int, int]]]
    given_places: Places
    family_places: Places
    publisher_places: Places
    subject_places: Places


@lru_cache(maxsize=2)
def make_vocabulary(seed: int) -> Vocabulary:
    """The vocabulary of a seed; titles and names are those of the synthetic dump of that seed."""
    words, random = make_words(seed), Random(f"simulator {seed}")  # noqa: S311
    heads, tails = [_plain(texts) for texts in words.heads], [_plain(texts) for texts in words.tails]
    given, family = words.given, _plain(words.family)
    publishers = [f"{invented_name(random)} {random.choice(_HOUSES)}" for _ in range(PUBLISHERS)]
    subjects = [phrase(random).capitalize() for _ in range(SUBJECTS)]
    return Vocabulary(
        heads=heads,
        tails=tails,
        given=given,
        family=family,
        by_weight=words.by_weight,
        publishers=publishers,
        subjects=subjects,
        subject_pairs=[(subjects[first], subjects[(first + 5) % SUBJECTS]) for first in range(SUBJECTS)],
        texts=[sentences(random, int(700 * random.lognormvariate(-0.18, 0.6))) for _ in range(TEXTS)],
        head_places=_by_language(heads, without_article=True),
        tail_places=_by_language(tails),
        given_places=_places(given),
        family_places=_places(family),
        publisher_places=_places(publishers),
        subject_places=_places(subjects),
    )


def fold(text: str) -> str:
    """The text for comparing: lower case, no accents, anything but letters and digits as one blank."""
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text.replace("ı", "i"))
        text = "".join(character for character in decomposed if not unicodedata.combining(character))
    return " ".join(_WORD.findall(text.casefold()))


def _plain(escaped: list[str]) -> list[str]:
    return [json.loads(f'"{text}"') for text in escaped]


def _places(texts: list[str]) -> Places:
    found: Places = {}
    for number, text in enumerate(texts):
        found.setdefault(fold(text), []).append(number)
    return found


def _by_language(lists: list[list[str]], *, without_article: bool = False) -> dict[str, list[tuple[int, int]]]:
    found: dict[str, list[tuple[int, int]]] = {}
    for language in range(len(CODES)):
        for number, text in enumerate(lists[language]):
            folded = fold(text)
            found.setdefault(folded, []).append((language, number))
            if without_article and folded.startswith("the "):
                found.setdefault(folded.removeprefix("the "), []).append((language, number))
    return found
