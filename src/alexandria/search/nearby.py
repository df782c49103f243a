"""Words that may be meant by a word that is typed wrongly. Pure: the lexicon's words come in."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from rapidfuzz.distance import OSA

from alexandria.biblio.finding import is_in_one

__all__ = [
    "Known",
    "Neighbourhood",
    "can_be_wrong",
    "corrections",
    "halves",
    "neighbourhoods",
    "swapped",
    "words_to_look_up",
]

SHORTEST: Final = 3  # characters of a word that can be wrong
TWO_MISTAKES: Final = 7  # characters from which a word may have two
MIXED: Final = 1.25  # mistakes that all letters in another order count for
MOST: Final = 4  # words that may be meant


class Known(NamedTuple):
    """A word of the lexicon, and in how many documents it is."""

    word: str
    titles: int = 0
    authors: int = 0

    @property
    def spread(self) -> int:
        return self.titles + self.authors


class Neighbourhood(NamedTuple):
    """Words of a length that begin or end like a word."""

    size: int
    front: str
    back: str


def can_be_wrong(word: str) -> bool:
    """Whether a word is worth correcting: no number, and long enough to tell what is meant."""
    return len(word) >= SHORTEST and not any(character.isdigit() for character in word) and not is_in_one(word)


def most_mistakes(word: str) -> int:
    """How many letters may be wrong."""
    return 2 if len(word) >= TWO_MISTAKES else 1


def neighbourhoods(word: str) -> Iterator[Neighbourhood]:
    """Where the words are that a word may be meant for: one mistake leaves its first or its last half as it is."""
    mistakes = most_mistakes(word)
    half = len(word) // 2 if mistakes == 1 else max(3, len(word) * 2 // 5)
    for size in range(len(word) - mistakes, len(word) + mistakes + 1):
        yield Neighbourhood(size, word[:half], word[-half:][::-1])


def swapped(word: str) -> list[str]:
    """The word with two neighbouring letters swapped, in all places."""
    return [word[:n] + word[n + 1] + word[n] + word[n + 2 :] for n in range(len(word) - 1) if word[n] != word[n + 1]]


def halves(word: str) -> list[tuple[str, str]]:
    """The word as two words, in all places: starwars is star wars."""
    return [(word[:n], word[n:]) for n in range(2, len(word) - 1)]


def corrections(word: str, known: Iterable[Known], at_least: int = 1) -> list[tuple[Known, float]]:
    """The likeliest words to be meant by one, the best first, and how well each fits (0–1, 1 for the word itself).

    Of words that fit alike, the more frequent. `at_least` is how many documents a word must be in, unless it is a long
    one with a single mistake, which may be another spelling.
    """
    mistakes = most_mistakes(word)
    found: dict[str, tuple[float, Known, float]] = {}
    for each in known:
        if each.word == word:
            continue
        distance: float = OSA.distance(word, each.word, score_cutoff=2)
        if distance == 2 and word[0] != each.word[0]:
            continue
        if distance == 2 and sorted(word) == sorted(each.word):
            distance = MIXED  # grate for great
        if distance > max(mistakes, MIXED):
            continue
        if each.spread < at_least and (distance > 1 or len(word) < TWO_MISTAKES):
            continue
        fit = 1 - distance / (len(word) + 1) - (0.1 if word[0] != each.word[0] else 0.0)
        order = fit + 0.03 * min(each.spread, 1 << 16).bit_length()
        found[each.word] = max(found.get(each.word, (0.0, each, 0.0)), (order, each, fit))
    best = sorted(found.values(), key=lambda item: (-item[0], item[1].word))[:MOST]
    return [(each, max(0.4, fit) * 0.95) for _, each, fit in best]


def words_to_look_up(words: Sequence[str]) -> list[str]:
    """Everything whose count says how words are meant: themselves, swapped, split, and neighbours joined."""
    told = set(words)
    for word in words:
        if can_be_wrong(word):
            told.update(swapped(word))
            told.update(part for pair in halves(word) for part in pair)
    told.update(first + second for first, second in zip(words, words[1:], strict=False))
    return sorted(told)
