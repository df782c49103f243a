"""Structured logs on stderr: one line an event, plain tracebacks without local variables (they may hold secrets)."""

import logging
import sys

import structlog


def configure_logs() -> None:
    """Sets up structlog for this process; called by entry points, never on import."""
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)  # it tells of every attempt while the server is away
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"], bool_as_flag=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
