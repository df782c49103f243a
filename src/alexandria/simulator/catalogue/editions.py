"""Editions of the catalogue: what is true of them, before each provider tells it in its own way."""

import msgspec

from alexandria.sample.plan import scatter
from alexandria.sample.words import CODES
from alexandria.simulator.catalogue import numbers
from alexandria.simulator.catalogue.people import name_of
from alexandria.simulator.catalogue.words import PUBLISHERS, SUBJECTS, TEXTS, Vocabulary, fold

_UNDER_978, _UNDER_979_8 = range(333_333_334), range(600_000_000, 633_333_334)  # the works whose titles are searched
_SPREAD, _MASK = 0x9E3779B1, 0xFFFFFFFF
_BACK = pow(_SPREAD, -1, _MASK + 1)
_WORKS_A_PUBLISHER = 7  # in a row


class Edition(msgspec.Struct, gc=False):
    """An edition as it is. `number` and `work` are the catalogue's, also for an edition of the sample catalogue."""

    number: int
    isbn: int
    isbn10: str | None
    bits: int  # 52, for whatever a provider draws about this edition
    work: int
    title: str
    subtitle: str
    authors: tuple[str, ...]
    publisher: str
    year: int
    month: int  # 1 to 12
    day: int
    pages: int
    form: int  # 0 hardcover, 1 paperback, 2 e-book
    language: str  # MARC code
    subjects: tuple[str, ...]
    text: int  # number of the description among the vocabulary's texts


def make_edition(number: int, words: Vocabulary, salt: int) -> Edition:
    """The edition of that number."""
    work, bits = numbers.work_of(number), scatter(number, salt + 20)
    isbn, ten = numbers.isbns_of(number)
    year, month = divmod(numbers.month_of(number), 12)
    authors = numbers.authors_of(work)
    language = language_of(authors[0], words, salt)
    names = (name_of(authors[0], words),)
    return Edition(  # by place, since batches of hundreds are made so
        number,
        isbn,
        ten,
        bits,
        work,
        title_of(work, language, words),
        words.heads[language][work & 255] if work % 10 < 3 else "",
        names if len(authors) == 1 else (*names, name_of(authors[1], words)),
        words.publishers[publisher_of(work)],
        numbers.FIRST_YEAR + year,
        month + 1,
        1 + bits % 28,
        60 + (bits >> 6) % 840,
        number % numbers.EDITIONS_PER_WORK,
        CODES[language],
        words.subject_pairs[work % SUBJECTS],
        work % TEXTS,
    )


def language_of(author: int, words: Vocabulary, salt: int) -> int:
    """The number of the language an author writes in."""
    return words.by_weight[scatter(author, salt + 21) >> 20 & 255]


def _language_of_work(work: int, words: Vocabulary, salt: int) -> int:
    return language_of(numbers.authors_of(work)[0], words, salt)


def title_of(work: int, language: int, words: Vocabulary) -> str:
    """The title of a work: head, tail and a name, mixed from its number."""
    mixed = work * _SPREAD & _MASK
    head, tail = words.heads[language][mixed & 255], words.tails[language][mixed >> 8 & 1023]
    return f"{head}{tail} {words.given[mixed >> 18 & 511]}"


def works_titled(title: str, words: Vocabulary, salt: int) -> list[int]:
    """The works of that title, in any case, without accents and leading "the"."""
    body, _, last = fold(title).rpartition(" ")
    given = words.given_places.get(last, [])
    pairs = _heads_and_tails(body.split(), words) if given else []
    found = []
    for language, head, tail in pairs:
        for name in given:
            for rest in range(32):
                work = (rest << 27 | name << 18 | tail << 8 | head) * _BACK & _MASK
                if (work in _UNDER_978 or work in _UNDER_979_8) and _language_of_work(work, words, salt) == language:
                    found.append(work)
    return sorted(set(found))


def _heads_and_tails(parts: list[str], words: Vocabulary) -> list[tuple[int, int, int]]:
    found = []
    for cut in range(1, len(parts)):
        heads = words.head_places.get(" ".join(parts[:cut]), [])
        tails = words.tail_places.get(" ".join(parts[cut:]), []) if heads else []
        found += [(one, head, tail) for one, head in heads for other, tail in tails if one == other]
    return found


def publisher_of(work: int) -> int:
    """The number of a work's publisher."""
    return work // _WORKS_A_PUBLISHER % PUBLISHERS


def works_published_by(publisher: int, below: int) -> list[int]:
    """The works of a publisher whose number is less than `below`."""
    step = _WORKS_A_PUBLISHER * PUBLISHERS
    starts = range(publisher * _WORKS_A_PUBLISHER, below, step)
    return [work for start in starts for work in range(start, min(start + _WORKS_A_PUBLISHER, below))]


def works_about(subject: int, below: int) -> range:
    """The works with a subject as their first, of those whose number is less than `below`."""
    return range(subject, below, SUBJECTS)
