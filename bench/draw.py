"""Random ISBNs that are known, drawn by arithmetic alone: the same way, and as cheaply, in pgbench, Lua and Python.

A draw by a table of ISBNs would cost pgbench an index lookup that the service does not pay. So all three compute it:
of every 10,000 editions of a synthetic dump, 8,205 carry both forms of one ISBN, and `number`
gives the r-th of them; a draw is a uniform `block` of 10,000 and a uniform `r`. Nothing is looked up, and the formula
is checked against `alexandria.sample.numbers` before it is used. The other 18 % (one form only, shared, messy or
no ISBN) are not asked for.
"""

from collections.abc import Iterator
from random import Random

from alexandria.sample.numbers import IsbnShape, isbn_forms, isbn_shape, nth_isbn
from bench.workspace import BenchFailed

BLOCK = 10_000
CHOICES = 8_205
INVERSE = pow(7919, -1, BLOCK)
SHIFT = 13
TOP = 1_000_000_000
OFFSET = int(isbn_forms(0)[1][3:12])
STEP = (int(isbn_forms(1)[1][3:12]) - OFFSET) % TOP
LARGEST = (1 << 53) // STEP  # editions; beyond, Lua's numbers are too coarse


def blocks_of(size: int) -> int:
    """How many whole blocks a dump has. Raises BenchFailed when the formula does not fit it."""
    if not BLOCK <= size <= LARGEST:
        raise BenchFailed(f"lookups are measured on {BLOCK:,} to {LARGEST:,} editions, not on {size:,}")
    blocks = size // BLOCK
    for block in {0, blocks - 1}:
        for r in range(0, CHOICES, 5):
            index = index_of(block, r)
            if isbn_shape(index) != IsbnShape.BOTH or nth_isbn(index) != number(block, r):
                raise BenchFailed("alexandria.sample.numbers makes other ISBNs than bench/draw.py expects: adapt it")
    return blocks


def index_of(block: int, r: int) -> int:
    """The index of the r-th edition with both forms in a block."""
    return block * BLOCK + (r - SHIFT) * INVERSE % BLOCK


def number(block: int, r: int) -> int:
    """Its ISBN-13, by the formula that pgbench and Lua use."""
    nine = (index_of(block, r) * STEP + OFFSET) % TOP
    digits = [int(digit) for digit in f"{nine:09}"]
    check = -(38 + sum(digit * (1 if place % 2 else 3) for place, digit in enumerate(digits))) % 10
    return 9_780_000_000_000 + nine * 10 + check


def draws(size: int, seed: int) -> Iterator[int]:
    """Known ISBNs without end."""
    random, blocks = Random(seed), blocks_of(size)
    while True:
        yield number(random.randrange(blocks), random.randrange(CHOICES))


def pgbench_lines(size: int, few: int = 0) -> str:
    r"""The lines of a pgbench script that set `:isbn`; with `few`, every other time to one of so many."""
    rare = ":rare * " if few else ""
    places = " + ".join(f"{1 if place % 2 else 3} * (:nine / {10 ** (8 - place)} % 10)" for place in range(9))
    return "\n".join(
        (
            *([r"\set rare random(0, 1)"] if few else []),
            rf"\set block {rare}random(0, {blocks_of(size) - 1})",
            rf"\set r random(0, {few - 1} + :rare * {CHOICES - few})" if few else rf"\set r random(0, {CHOICES - 1})",
            rf"\set place ((:r + {BLOCK - SHIFT}) * {INVERSE}) % {BLOCK}",
            rf"\set nine ((:block * {BLOCK} + :place) * {STEP} + {OFFSET}) % {TOP}",
            rf"\set check (10 - (38 + {places}) % 10) % 10",
            r"\set isbn 9780000000000 + :nine * 10 + :check",
        )
    )


def lua_arguments(size: int) -> list[str]:
    """The arguments with which `draw.lua` draws the same."""
    return [str(value) for value in (blocks_of(size), CHOICES, BLOCK, INVERSE, SHIFT, STEP, OFFSET)]
