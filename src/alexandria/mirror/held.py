"""What the live mirror holds of some records, before they change."""

from collections.abc import Iterable, Sequence
from typing import Any

from alexandria.biblio.keys import Key, Kind
from alexandria.db import Transaction, load_statements
from alexandria.mirror.revise import Held

SQL = load_statements(__package__)


async def read_held(transaction: Transaction, keys: Iterable[Key]) -> dict[Key, Held]:
    """What the mirror has of each record that it has."""
    rows = await transaction.fetch(SQL["read_held"], columns_of(keys))
    return {Key(kind, number): _held(*rest) for kind, number, *rest in rows}


def _held(
    is_redirect: bool,
    revision: int,
    work: int | None,
    isbns: Sequence[int] | None,
    authors: Sequence[int] | None,
    target_kind: Kind | None,
    target: int | None,
) -> Held:
    leads = Key(target_kind, target) if target_kind and target else None
    return Held(is_redirect, revision, work, tuple(isbns or ()), tuple(authors or ()), leads)


def listed_works(key: Key, work: int | None, authors: Iterable[int]) -> list[tuple[int, int]]:
    """The pairs of author and work that stand in the lists because of a record."""
    if key.kind == "work":
        return [(author, key.number) for author in authors]
    return [(author, work) for author in authors] if work is not None and work < 0 else []


def columns_of(keys: Iterable[Key]) -> dict[str, list[Any]]:
    """Keys as the parameters of a statement, `kinds` and `ids`."""
    numbers = list(keys)
    return {"kinds": [kind for kind, _ in numbers], "ids": [number for _, number in numbers]}
