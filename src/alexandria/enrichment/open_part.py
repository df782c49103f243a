"""What may be passed on: a record without what only proprietary sources say, and the credits that are asked for."""

from collections.abc import Mapping, Sequence
from typing import Any

from alexandria.biblio.keys import Kind
from alexandria.db import Database
from alexandria.enrichment.merge import fold
from alexandria.enrichment.record import served_fields
from alexandria.enrichment.store import read_stated

PROPRIETARY, ATTRIBUTION = "proprietary", "attribution"


async def replace_proprietary(database: Database, kind: Kind, number: int) -> Mapping[str, Any]:
    """The fields to lay over a record (an edition by its ISBN), so that nothing proprietary is left.

    A field that only proprietary sources fill is None.
    """
    async with database.transaction() as transaction:
        stated = (await read_stated(transaction, kind, [number]))[number]
    kept = served_fields(fold(kind, [answer for answer in stated if answer.licence != PROPRIETARY]))
    return {
        name: kept.get(name)
        for name, choice in fold(kind, stated).items()
        if any(answer.licence == PROPRIETARY for answer in choice.winners)
    }


async def list_credits(database: Database, kind: Kind, number: int) -> Sequence[str]:
    """The providers whose shown texts ask for being named, each once."""
    async with database.transaction() as transaction:
        stated = (await read_stated(transaction, kind, [number]))[number]
    choices = fold(kind, stated).values()
    named = {answer.provider for choice in choices for answer in choice.winners[:1] if answer.licence == ATTRIBUTION}
    return [f"With data of {name}" for name in sorted(named)]
