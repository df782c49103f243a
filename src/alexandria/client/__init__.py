"""The Python client: ask Alexandria, then Google Books, and tell Alexandria what that knew.

`Client` blocks, `AsyncClient` awaits; both drive the same flows (`calls`), which hold no IO. A circuit for each host
(`breaker`), one deadline for each call and at most one retry (`exchange`) keep an application from being hurt by hosts
that are away, slow or wrong. It needs the bare install only, and nothing else of this program.
"""

from typing import TYPE_CHECKING, Any

from alexandria.client.breaker import BreakerRule
from alexandria.client.client import Client
from alexandria.client.errors import (
    BadRequest,
    BadSetting,
    Broken,
    CircuitOpen,
    ClientClosed,
    ClientError,
    InvalidIsbn,
    LookupFailed,
    Malformed,
    NotAllowed,
    StillPending,
    Throttled,
    TooSlow,
    Unavailable,
    UnknownJob,
    Unreachable,
)
from alexandria.client.models import (
    Author,
    AuthorName,
    ClientHealth,
    Contributor,
    Edition,
    GiveBackHealth,
    HostHealth,
    IsbnResult,
    JobStatus,
    NormalizedResponse,
    Queued,
    Work,
    Written,
)

if TYPE_CHECKING:
    from alexandria.client.async_client import AsyncClient

__all__ = [
    "AsyncClient", "Author", "AuthorName", "BadRequest", "BadSetting", "BreakerRule", "Broken", "CircuitOpen", "Client",
    "ClientClosed", "ClientError", "ClientHealth", "Contributor", "Edition", "GiveBackHealth", "HostHealth",
    "InvalidIsbn", "IsbnResult", "JobStatus", "LookupFailed", "Malformed", "NormalizedResponse", "NotAllowed", "Queued",
    "StillPending", "Throttled", "TooSlow", "Unavailable", "UnknownJob", "Unreachable", "Work", "Written",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """`AsyncClient` only for who asks for it: asyncio and anyio take longer to import than all the rest."""
    if name == "AsyncClient":
        from alexandria.client.async_client import AsyncClient

        return AsyncClient
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
