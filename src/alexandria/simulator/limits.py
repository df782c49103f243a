"""What each provider allows, as data that a test may change while the simulator runs."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated

import msgspec

Count = Annotated[int, msgspec.Meta(ge=1)]
Rate = Annotated[float, msgspec.Meta(gt=0)]


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one provider allows; None is without limit.

    `rate` in requests a second, `daily` in units, `parallel` in requests at once (SPARQL only), `batch` in items of one
    request, `answer_bytes` in bytes of one answer (more is a 500). `spent` are units of each day that somebody else
    uses of the same allowance. `headers` says whether answers carry `ratelimit` headers.
    """

    rate: Rate | None = None
    daily: Count | None = None
    parallel: Count | None = None
    batch: Count | None = None
    answer_bytes: Count | None = None
    spent: Annotated[int, msgspec.Meta(ge=0)] = 0
    headers: bool = True
    plan: str = "basic"


NONE = Limits(plan="enterprise")

# ISBNdb's plans as providers.md 1.2 has them; where its sources disagree on the day, what the program assumes
PLANS: Mapping[str, Limits] = MappingProxyType(
    {
        "academic": Limits(rate=1, daily=2_000, batch=10, answer_bytes=6_000_000, plan="academic"),
        "trial": Limits(rate=1, daily=500, batch=100, answer_bytes=6_000_000, plan="trial"),
        "basic": Limits(rate=1, daily=1_000, batch=100, answer_bytes=6_000_000, plan="basic"),
        "premium": Limits(rate=3, daily=15_000, batch=1_000, answer_bytes=6_000_000, plan="premium"),
        "pro": Limits(rate=5, daily=15_000, batch=1_000, answer_bytes=6_000_000, plan="pro"),
        "enterprise": Limits(rate=10, daily=50_000, batch=1_000, answer_bytes=6_000_000, plan="enterprise"),
    }
)

# by bucket: whoever counts together. Wikimedia's own numbers are unknown: "thousands" an hour are one a second.
DEFAULTS: Mapping[str, Limits] = MappingProxyType(
    {
        "isbndb": PLANS["basic"],
        "google_books": Limits(rate=1, daily=1_000),
        "open_library": Limits(rate=3),
        "wikimedia": Limits(rate=1, parallel=5),
        "open_library_covers": Limits(rate=400 / 60),
        "internet_archive": Limits(rate=1),
        "google_books_pictures": NONE,
        "isbndb_pictures": NONE,
        "dumps": NONE,
    }
)


def changed(bucket: str, old: Limits, change: Mapping[str, object] | None) -> Limits:
    """The limits after a change: all lifted for None; a `plan` first gives all that ISBNdb allows in it.

    Raises ValueError, which says what is wrong.
    """
    if change is None:
        return NONE
    base = old
    plan = change.get("plan")
    if plan is not None:
        if bucket != "isbndb" or plan not in PLANS:
            raise ValueError(f"plan must be one of isbndb's: {', '.join(PLANS)}")
        base = PLANS[str(plan)]
    return msgspec.convert({**msgspec.to_builtins(base), **change}, Limits)
