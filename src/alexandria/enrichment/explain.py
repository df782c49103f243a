"""Where each field of a record is from: value, who said it and when, by which rule it won, and what gave way."""

from collections.abc import Mapping
from typing import Any

import msgspec

from alexandria.biblio.keys import Kind
from alexandria.db import Database
from alexandria.enrichment.merge import Choice, Stated, fold
from alexandria.enrichment.store import read_stated


class Claim(msgspec.Struct, frozen=True):
    """What one answer says about a field."""

    provider: str
    source: str
    said_at: str | None
    licence: str
    value: Any


class Explanation(msgspec.Struct, frozen=True):
    """A field's value, the answer that decided it, who else gave it, the rule, and the claims that gave way."""

    value: Any
    provider: str
    source: str
    said_at: str | None
    licence: str
    rule: str
    also: list[Claim]
    losers: list[Claim]


async def explain(database: Database, kind: Kind, number: int) -> Mapping[str, Explanation]:
    """Every field of a record with its reasons; empty when nobody says anything.

    An edition is asked for by its ISBN, one without by its own number, negative.
    """
    async with database.transaction() as transaction:
        stated = await read_stated(transaction, kind, [number])
    return {name: _explained(name, choice) for name, choice in sorted(fold(kind, stated[number]).items())}


def _explained(name: str, choice: Choice) -> Explanation:
    best = choice.winners[0]
    return Explanation(
        value=choice.value,
        provider=best.provider,
        source=best.source,
        said_at=best.said.get(name) or None,
        licence=best.licence,
        rule=choice.rule,
        also=[_claim(name, answer) for answer in choice.winners[1:]],
        losers=[_claim(name, answer) for answer in choice.losers],
    )


def _claim(name: str, answer: Stated) -> Claim:
    return Claim(answer.provider, answer.source, answer.said.get(name) or None, answer.licence, answer.fields[name])
