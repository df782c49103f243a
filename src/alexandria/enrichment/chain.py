"""Whom to ask next: the chain of each kind of record, what was tried already, and when to stop. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal

from alexandria.biblio.keys import Kind
from alexandria.net.gate import Lane

CHAINS: Mapping[Kind, tuple[str, ...]] = MappingProxyType(
    {
        "edition": ("isbndb", "google-books", "open-library", "wikidata"),
        "work": ("open-library", "google-books"),
        "author": ("open-library", "wikidata", "wikipedia"),
    }
)
ANONYMOUS = ("open-library", "wikidata", "google-books", "isbndb")  # free ones first, for callers without a key
ENOUGH = 75  # percent of completeness at which nobody else is asked
MISS_DAYS = (1, 7, 30, 90)

Verdict = Literal["found", "not_found", "failed"]


@dataclass(slots=True)
class Trail:
    """How far a record has come along its chain: who is still to be asked, who was, and who could not answer now.

    `waiting` are providers that may answer later, by when; `broken` those that failed in a way that waiting does not
    mend by itself.
    """

    to_try: tuple[str, ...]
    attempted: list[str] = field(default_factory=list)
    succeeded: list[str] = field(default_factory=list)
    waiting: dict[str, datetime | None] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)

    def next(self, enabled: Collection[str]) -> str | None:
        """The provider to ask now; None when all were asked, or cannot answer now."""
        for name in self.to_try:
            if name in enabled and name not in self.attempted and name not in self.waiting and name not in self.broken:
                return name
        return None

    def note(self, provider: str, verdict: Verdict) -> None:
        """Nothing; the provider was asked and answered, or failed for good."""
        if verdict == "failed":
            return
        self.attempted.append(provider)
        if verdict == "found":
            self.succeeded.append(provider)

    def payload(self) -> dict[str, Any]:
        """What a job keeps of it."""
        return {
            "providers_to_try": list(self.to_try),
            "providers_attempted": self.attempted,
            "providers_succeeded": self.succeeded,
        }


def begin(kind: Kind, lane: Lane, payload: Mapping[str, Any]) -> Trail:
    """The trail of a job, where it stands."""
    to_try: Sequence[str] = payload.get("providers_to_try") or _chain(kind, lane)
    return Trail(
        tuple(to_try), list(payload.get("providers_attempted") or ()), list(payload.get("providers_succeeded") or ())
    )


def _chain(kind: Kind, lane: Lane) -> tuple[str, ...]:
    if lane != "anonymous":
        return CHAINS[kind]
    return tuple(name for name in ANONYMOUS if name in CHAINS[kind])
