"""A gate and breakers in the test's own process: they refuse when told to, and remember what they are told."""

import asyncio
from dataclasses import dataclass, field
from math import inf

from alexandria.errors import AlexandriaError, ProviderFailed
from alexandria.net.gate import Call, Outcome, Permit


@dataclass
class Ledger:
    """Both Protocols of `net.gate`. `outcomes` are in the order of the permits, None for one that is still open."""

    refusal: ProviderFailed | None = None
    breaker: ProviderFailed | None = None
    away: AlexandriaError | None = None
    slowness: float = 0.0
    settling: int = 0
    calls: list[Call] = field(default_factory=list)
    outcomes: list[Outcome | None] = field(default_factory=list)
    reports: list[tuple[str, Outcome]] = field(default_factory=list)
    patience: list[float] = field(default_factory=list)
    late: int = 0  # so many of the next permits are over when they are handed out
    refuses_after: int = 0  # permits

    @property
    def outcome(self) -> Outcome:
        """The outcome of the only permit."""
        (found,) = self.outcomes
        assert found is not None, "the permit was not settled"
        return found

    @property
    def words(self) -> list[str | None]:
        """The error of each outcome."""
        return [each.error if each else "open" for each in self.outcomes]

    async def permit(self, call: Call, patience: float) -> Permit:
        self.patience.append(patience)
        if self.refusal and len(self.calls) >= self.refuses_after:
            raise self.refusal
        self.calls.append(call)
        self.outcomes.append(None)
        self.late -= 1
        return Permit(len(self.calls) - 1, call, until=-inf if self.late >= 0 else inf)

    async def settle(self, permit: Permit, outcome: Outcome) -> None:
        self.settling += 1
        await asyncio.sleep(self.slowness)
        assert self.outcomes[permit.id] is None, "settled twice"
        self.outcomes[permit.id] = outcome
        if self.away:
            raise self.away

    async def check(self, bucket: str) -> None:
        if self.breaker:
            raise self.breaker

    async def report(self, bucket: str, outcome: Outcome) -> None:
        self.reports.append((bucket, outcome))
