"""Structured logs on stderr: one line an event, with the id of the request that it belongs to, and without secrets.

Tracebacks are plain, without local variables (they may hold secrets). What libraries log is written the same way.
"""

import logging
import re
import sys
from collections.abc import Iterable
from contextvars import ContextVar
from typing import Any, Final, Literal

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

REQUEST_ID: Final[ContextVar[bytes]] = ContextVar("request_id")
HIDDEN: Final = "[hidden]"
LEAST: Final = 6  # characters; what is shorter is no secret, and would be hidden in ordinary words
_PATTERNS: Final = (
    re.compile(r"(?<=://)[^\s/?#@\"']*:[^\s/?#@\"']*(?=@)"),  # user:password of a URL
    re.compile(r"(?i)(?<=[?&;])((?:x[-_]?)?(?:api[-_]?)?key|(?:access[-_]?)?token|password|secret)=[^\s&#;\"']+"),
    re.compile(r"(?i)\b(?:bearer|basic)\s+[a-z0-9+/=._~-]{8,}"),
    re.compile(r"(?<=\balx_[a-z2-7]{10}_)[a-z2-7]{8,}"),  # what may not be shown of a key of ours
)

Format = Literal["logfmt", "json"]


def configure_logs(secrets: Iterable[str] = (), format: Format = "logfmt") -> None:
    """Nothing; this process logs as described. Called by entry points, never on import.

    `secrets` are never shown, wherever they turn up; nor is what looks like one.
    """
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)  # it tells of every attempt while the server is away
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        _add_request_id,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        Hiding(secrets),
    ]
    render: Processor = structlog.processors.LogfmtRenderer(
        key_order=["timestamp", "level", "event"], bool_as_flag=False
    )
    if format == "json":
        render = structlog.processors.JSONRenderer()
    structlog.configure(processors=[*shared, render], logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    handler = _Handler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, render]
        )
    )
    root = logging.getLogger()
    root.handlers = [*(each for each in root.handlers if not isinstance(each, _Handler)), handler]


class _Handler(logging.StreamHandler[Any]):
    """Ours, to be told from others."""


def _add_request_id(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """The event with the id of the request in whose course it happened."""
    if id := REQUEST_ID.get(b""):
        event.setdefault("request_id", id.decode("ascii", "replace"))
    return event


class Hiding:
    """Takes out of an event whatever is secret, or looks like it."""

    def __init__(self, secrets: Iterable[str]) -> None:
        known = sorted({each for each in secrets if len(each) >= LEAST}, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None

    def __call__(self, logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
        """The event, without them."""
        return {key: self._hide(value) if key not in ("timestamp", "level") else value for key, value in event.items()}

    def _hide(self, value: Any) -> Any:
        if value is None or isinstance(value, bool | int | float):
            return value
        text = value if isinstance(value, str) else str(value)
        return self.hide(text)

    def hide(self, text: str) -> str:
        """The text without secrets."""
        if self._known:
            text = self._known.sub(HIDDEN, text)
        for pattern in _PATTERNS:
            text = pattern.sub(HIDDEN, text)
        return text
