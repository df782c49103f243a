"""What a bucket allows, as data, and what each lane may have of a day. Pure: the ledger's statement does the same sums.

Pace. A request every 1 / (0.9 × rate) seconds, and never two at once: at exactly the rate, the jitter of a few
milliseconds would put one too many into a second.

Day. A = limit − buffer units, or less when the provider's own count says so. A lane may have

    A − used − ⌊leaves × A × ahead⌋ − own

where `leaves` is the share kept for the lanes that come before it, and `ahead` the part of the day that is still
to come: 1 when it begins, falling evenly to 0 at 23/24 of it, then 0. `own` is what the harvest has not used yet of
⌊harvest × A⌋ units that are its own while `ahead` is not 0; nobody but people takes of them, so that a long queue at
the beginning of a day does not leave it without any. For the harvest itself `own` is 0, and up to that number it need
leave nothing but people's share. What others have not asked for by then is for whoever asks: the day is used up, and
`used` never exceeds A. The lane `anonymous` may have ⌊most × A⌋ in all; where there is no limit, A is for this purpose
what the pace allows in a day. (docs/decisions/0014-a-share-for-the-harvest.md)
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import floor
from types import MappingProxyType

from alexandria.config import ProviderSettings
from alexandria.net.gate import Lane

SHARE_OF_RATE = 0.9
FREE_FOR_ALL = 1 / 24  # of the day, at its end
PEOPLE = 0.2  # of the day, kept for those who wait
HARVEST = {"isbndb": 0.4}  # of the day, the harvest's own where it asks: as much as then is left for the queue
_ZONES = {"google-books": "America/Los_Angeles"}


@dataclass(frozen=True, slots=True)
class LaneRule:
    """A lane leaves this share of the day to the lanes before it, and gets at most that share (None: no bound)."""

    leaves: float
    most: float | None = None


LANES: Mapping[Lane, LaneRule] = MappingProxyType(
    {
        "interactive": LaneRule(leaves=0.0),
        "enrichment": LaneRule(leaves=PEOPLE),
        "harvest": LaneRule(leaves=0.4),
        "covers": LaneRule(leaves=0.4),
        "anonymous": LaneRule(leaves=0.4, most=0.05),
    }
)


@dataclass(frozen=True, slots=True)
class Policy:
    """One bucket: `rate` in requests a second, `limit` in units a day (None: none), the zone whose midnight ends it.

    `harvest`: the share of the day that is the harvest's own.
    """

    bucket: str
    rate: float
    limit: int | None = None
    buffer: int = 0
    zone: str = "UTC"
    harvest: float = 0.0

    @property
    def pace(self) -> float:
        """Seconds between two requests."""
        return 1 / (SHARE_OF_RATE * self.rate)

    @property
    def allowance(self) -> int | None:
        """Units of a day that we may use; None: there is no limit."""
        return None if self.limit is None else max(self.limit - self.buffer, 0)

    @property
    def capacity(self) -> int:
        """Requests that the pace allows in a day."""
        return floor(86_400 / self.pace)

    def allowed(self, ceiling: int | None = None) -> int | None:
        """The allowance, or the provider's own count where that is less."""
        known = [most for most in (self.allowance, ceiling) if most is not None]
        return min(known, default=None)

    def room(self, lane: Lane, used: Mapping[Lane, int], ahead: float, ceiling: int | None = None) -> int | None:
        """Units that a lane may have now; None: as many as it likes. `ahead` is that of `part_ahead`."""
        rule, allowed = LANES[lane], self.allowed(ceiling)
        rooms = []
        if allowed is not None:
            left = allowed - sum(used.values())
            own = max(floor(self.harvest * allowed) - used["harvest"], 0)
            held = own if ahead > 0 and lane not in ("interactive", "harvest") else 0
            rooms.append(left - floor(rule.leaves * allowed * ahead) - held)
            if lane == "harvest":
                rooms = [max(rooms[0], min(own, left - floor(PEOPLE * allowed * ahead)))]
        if rule.most is not None:
            rooms.append(floor(rule.most * (self.capacity if allowed is None else allowed)) - used[lane])
        return max(min(rooms), 0) if rooms else None


def part_ahead(at: datetime, began: datetime, ended: datetime) -> float:
    """The part of the day for which a share is still kept: 1 at its beginning, 0 in its last 24th."""
    length = (ended - began).total_seconds()
    return max(((ended - at).total_seconds() - length * FREE_FOR_ALL) / (length * (1 - FREE_FOR_ALL)), 0.0)


def make_policies(providers: Mapping[str, ProviderSettings]) -> Mapping[str, Policy]:
    """The policy of each bucket, by its name. Providers that share one get the least that one of them says."""
    found: dict[str, Policy] = {}
    for each in providers.values():
        zone, harvest = _ZONES.get(each.bucket, "UTC"), HARVEST.get(each.bucket, 0.0)
        new = Policy(each.bucket, each.rate, each.daily_limit, each.buffer, zone, harvest)
        found[each.bucket] = _lesser(found.get(each.bucket, new), new)
    return MappingProxyType(found)


def _lesser(one: Policy, other: Policy) -> Policy:
    limits = [each.limit for each in (one, other) if each.limit is not None]
    return Policy(
        one.bucket,
        min(one.rate, other.rate),
        min(limits, default=None),
        max(one.buffer, other.buffer),
        one.zone,
        one.harvest,
    )
