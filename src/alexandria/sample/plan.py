"""What stands where in a synthetic dump, by arithmetic alone: a record is a function of its index and the seed.

Shares, and where each comes from ("fixture" = the 734 real edition, 661 work, 712 author lines of 2020):

* per edition 0.73 works and 0.27 authors: Open Library's own counts (DESIGN: 54.9 M, 40.2 M, 14.7 M);
* redirects 1 %, deletes 1 % of the editions' number: chosen;
* editions without a work 4 %: chosen, the fixture's 24 % is a property of the old import it shows;
* works of an author, editions of a work: a first share has one each, the others fall on index n * u² (u uniform),
  so that of ten million editions the most frequent work has about a thousand: chosen;
* works without an author 3 %: chosen (fixture 0 %, which the reference says is too good).

The ISBNs are in `numbers.py`, the fields in `templates.py`.
"""

from collections.abc import Callable
from math import gcd

import msgspec

from alexandria.sample.numbers import LARGEST

OLD_WORK_EVERY, OLD_WORK_AT = 500, 77  # an edition that names its work by a key since redirected
MALFORMED_EVERY, MALFORMED_AT = 200_000, 1_234  # a damaged line before this edition's
NUL_EVERY, NUL_AT = 50_000, 777  # a title with an escaped NUL
CROWD_EVERY, CROWD_AT = 5_000, 4_321  # the same author named fifty times over
CHAIN_EVERY, TO_DELETED_EVERY, TO_ITSELF_EVERY = 10, 1_000, 5_000  # redirects
UNIFORM = 20  # the upper bits of `scatter` that serve as a uniform number


def scatter(value: int, salt: int) -> int:
    """52 well mixed bits of a value."""
    value = (value * 0x9E3779B1 + salt * 0x632BE5AB) & 0xFFFFFFFF
    return (value ^ value >> 15) * 0x85EBCA77C2B2AE3D >> 30 & 0xFFFFFFFFFFFFF


def work_place(edition: int) -> int:
    """Which of 100 places: below 4 without a work, below 74 the first edition of one, above it of any."""
    return edition * 61 % 100


def count_without_work(editions: int) -> int:
    """How many of the first so many editions name no work."""
    rounds, rest = divmod(editions, 100)
    return 4 * rounds + sum(work_place(edition) < 4 for edition in range(rest))


class KeyNumbers(msgspec.Struct, frozen=True):
    """The key numbers of one kind: live records first, then redirected ones, then deleted ones."""

    live: int
    redirected: int
    deleted: int
    modulus: int
    step: int
    offset: int
    salt: int

    def number(self, index: int) -> int:
        """The key number at an index: unique, spread, in no order; a seventh of the range stays unused."""
        return (index * self.step + self.offset) % self.modulus + 1

    def numbering(self) -> Callable[[int], int]:
        """`number` as a bare function, which is faster."""
        step, offset, modulus = self.step, self.offset, self.modulus
        return lambda index: (index * step + offset) % modulus + 1

    def redirect_target(self, index: int) -> int:
        """Where this kind's redirect leads: to a live record, an older redirect, a deleted record, itself."""
        if index % CHAIN_EVERY == CHAIN_EVERY - 1:
            return self.live + index - 1
        if index % TO_DELETED_EVERY == TO_DELETED_EVERY // 2 and self.deleted:
            return self.live + self.redirected + index % self.deleted
        if index % TO_ITSELF_EVERY == TO_ITSELF_EVERY // 2 + 1:
            return self.live + index
        return self.merged_into(index)

    def merged_into(self, index: int) -> int:
        """The live record that this kind's redirect means in the end."""
        if index % CHAIN_EVERY == CHAIN_EVERY - 1:
            index -= 1
        return scatter(index, self.salt) % self.live


class Plan(msgspec.Struct, frozen=True):
    """How many records of each kind a dump holds and how they refer to one another."""

    records: dict[str, int]  # well-formed lines by kind
    seed: int
    date: str
    edition_keys: KeyNumbers
    work_keys: KeyNumbers
    author_keys: KeyNumbers

    def work_finder(self) -> Callable[[int, int], int]:
        """A function of an edition's index and bits that gives its work's index, -1 for none."""
        works = self.work_keys.live

        def work_of(edition: int, bits: int) -> int:
            place = edition * 61 % 100  # as work_place
            if place < 74:
                return -1 if place < 4 else (edition // 100 * 70 + place - 4) % works
            uniform = bits >> 32
            return uniform * uniform * works >> 2 * UNIFORM

        return work_of

    def author_finder(self) -> Callable[[int, int], int]:
        """A function of a work's index and bits that gives its author's index, -1 for none."""
        authors = self.author_keys.live

        def author_of(work: int, bits: int) -> int:
            place = work % 100
            if place < 34:
                return (work // 100 * 34 + place) % authors
            if place >= 97:
                return -1
            uniform = bits >> 32
            return uniform * uniform * authors >> 2 * UNIFORM

        return author_of

    def old_work(self, edition: int, work: int) -> tuple[int, int]:
        """The index of an edition's work, and of the redirected key by which the edition still names it."""
        keys = self.work_keys
        if not keys.redirected:
            return work, work
        old = edition // OLD_WORK_EVERY % keys.redirected
        return keys.merged_into(old), keys.live + old


def make_plan(editions: int, seed: int, date: str) -> Plan:
    """The plan of a dump of that many editions, which may be from one to `LARGEST`."""
    if not 1 <= editions <= LARGEST:
        raise ValueError(f"a synthetic dump has 1 to {LARGEST:,} editions, not {editions:,}")
    works, authors, gone = max(editions * 73 // 100, 1), max(editions * 27 // 100, 1), editions // 100
    gone_works, gone_editions = gone // 2, gone // 4
    return Plan(
        records={
            "authors": authors,
            "works": works,
            "editions": editions,
            "redirects": gone,
            "deletes": gone,
        },
        seed=seed,
        date=date,
        edition_keys=_key_numbers(editions, gone_editions, seed + 2),
        work_keys=_key_numbers(works, gone_works, seed + 3),
        author_keys=_key_numbers(authors, gone - gone_works - gone_editions, seed + 4),
    )


def _key_numbers(live: int, gone: int, seed: int) -> KeyNumbers:
    modulus = (live + 2 * gone) * 7 // 6 + 7
    step = modulus * 1_000 // 1_618
    while gcd(step, modulus) != 1:
        step += 1
    offset = scatter(live, seed) % modulus
    return KeyNumbers(live, gone, gone, modulus, step, offset, salt=seed)
