"""Where each field of a record is from, as rows of a table. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from alexandria.dashboard.catalogue.links import web_address
from alexandria.dashboard.catalogue.texts import LICENCES, RULES, in_words, label, provider_name
from alexandria.enrichment.explain import Claim, Explanation
from alexandria.enrichment.fields import SELF

OURS = (SELF, "mirror")  # sources that are no keys


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody said, in words. `source` is the key that wrote it; None for what was fetched by us."""

    value: str
    provider: str
    source: str | None
    on: str | None
    licence: str


@dataclass(frozen=True, slots=True)
class Row:
    """A field with the value that is shown, who decided it, by which rule, who agrees, and what gave way."""

    name: str
    label: str
    best: Said
    rule: str
    also: Sequence[Said]
    losers: Sequence[Said]


@dataclass(frozen=True, slots=True)
class Credit:
    """Who is to be named with a text, where it comes from, and under which licence."""

    name: str
    url: str | None
    licence: str | None


def rows(explained: Mapping[str, Explanation]) -> list[Row]:
    """A row for each field, by the name of the field."""
    return [
        Row(
            name,
            label(name),
            Said(in_words(each.value), provider_name(each.provider), _source(each.source), _day(each.said_at),
                 LICENCES.get(each.licence, each.licence)),
            RULES.get(each.rule, each.rule),
            [_said(claim) for claim in each.also],
            [_said(claim) for claim in each.losers],
        )
        for name, each in explained.items()
    ]  # fmt: skip


def credit(explained: Mapping[str, Explanation], field: str, url: str | None = None) -> Credit | None:
    """Who is to be named with a text; None where nobody asks for it.

    `url` is the page that the text was taken from.
    """
    found = explained.get(field)
    if found is None or found.licence != "attribution":
        return None
    return Credit(provider_name(found.provider), web_address(url), _licence(explained, field))


def listed(explained: Mapping[str, Explanation], field: str) -> list[str]:
    """The texts of a field that is a list."""
    found = explained.get(field)
    return [in_words(each) for each in found.value] if found and isinstance(found.value, list | tuple) else []


def _licence(explained: Mapping[str, Explanation], field: str) -> str | None:
    metadata: Any = explained["metadata"].value if "metadata" in explained else None
    told = metadata.get(f"{field}_licence") if isinstance(metadata, Mapping) else None
    return told if isinstance(told, str) else None


def _said(claim: Claim) -> Said:
    licence = LICENCES.get(claim.licence, claim.licence)
    return Said(
        in_words(claim.value), provider_name(claim.provider), _source(claim.source), _day(claim.said_at), licence
    )


def _source(source: str) -> str | None:
    return None if source in OURS else source


def _day(said_at: str | None) -> str | None:
    return said_at[:10] if said_at else None
