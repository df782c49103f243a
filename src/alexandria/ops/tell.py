"""Sending a message to the services that ALEXANDRIA_ALERT_URLS names, by apprise.

No address is ever shown: it is a secret. A receiver is known by its kind and a fingerprint of its address, such as
`json-3f9a1c`.
"""

import asyncio
import hashlib
import logging
import re
from collections.abc import Sequence
from typing import Any, Final

from alexandria.ops.rules import Severity

TYPES: Final = {"info": "info", "warning": "warning", "critical": "failure"}  # apprise's words
_CODE = re.compile(r"error=(\d{3})\b")


class Telling:
    """The receivers of messages."""

    def __init__(self, urls: Sequence[str]) -> None:
        self._urls = {name_of(url): url for url in urls}

    def __bool__(self) -> bool:
        return bool(self._urls)

    @property
    def names(self) -> list[str]:
        """How the receivers are called."""
        return list(self._urls)

    async def tell(
        self, title: str, body: str, severity: Severity, reached: frozenset[str] = frozenset()
    ) -> tuple[frozenset[str], str | None]:
        """All who have the message now, and why not everybody has it; None when everybody has. Never raises."""
        had, errors = set(reached), []
        for name, url in self._urls.items():
            if name in reached:
                continue
            error = await asyncio.to_thread(_notify, url, title, body, TYPES[severity])
            if error is None:
                had.add(name)
            else:
                errors.append(f"{name} {error}")
        return frozenset(had), "; ".join(errors) or None


def name_of(url: str) -> str:
    """What a receiver is called: its kind, and a fingerprint of its address."""
    kind = url.partition(":")[0]
    return f"{kind}-{hashlib.sha256(url.encode()).hexdigest()[:6]}"


def _notify(url: str, title: str, body: str, kind: str) -> str | None:
    """Nothing, or why the message did not arrive; nothing of the address is in it."""
    import apprise  # here, since only those who send need all of it

    logger = logging.getLogger("apprise")
    heard = _Heard()
    logger.addHandler(heard)
    logger.propagate = False  # what it tells may hold addresses
    logger.setLevel(logging.WARNING)
    try:
        services: Any = apprise.Apprise(asset=apprise.AppriseAsset(app_id="Alexandria", async_mode=False))
        if not services.add(url):
            return "is no service that apprise knows; see its list of URLs"
        if services.notify(title=title, body=body, notify_type=kind, body_format="text"):
            return None
    except Exception as error:  # a plug-in that breaks must not take the others with it
        return f"broke ({type(error).__name__})"
    finally:
        logger.removeHandler(heard)
    return f"refused it (HTTP {heard.code})" if heard.code else "could not be reached, or refused it"


class _Heard(logging.Handler):
    """The HTTP status that apprise tells of."""

    code: str | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Nothing; the status is noted."""
        if found := _CODE.search(record.getMessage()):
            self.code = found[1]
