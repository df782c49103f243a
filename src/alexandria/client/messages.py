"""Requests and answers as data; who is asked; addresses and keys that can be used at all. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal
from urllib.parse import urlsplit

from alexandria import __version__
from alexandria.client.errors import BadSetting

Host = Literal["alexandria", "google-books"]
ALEXANDRIA: Final = "alexandria"
GOOGLE_BOOKS: Final = "google-books"
NAMES: Final[Mapping[Host, str]] = {ALEXANDRIA: "Alexandria", GOOGLE_BOOKS: "Google Books"}
USER_AGENT: Final = f"alexandria-client/{__version__}"


@dataclass(frozen=True, slots=True)
class Request:
    """What to send. `repeatable`: sent twice, it does what it does once. Keys are in headers only, and not shown."""

    host: Host
    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes | None = field(default=None, repr=False)
    repeatable: bool = True


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that was read whole. Names of headers are in lower case."""

    host: Host
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def name(self) -> str:
        """The host's name in messages."""
        return NAMES[self.host]

    @property
    def retry_after(self) -> float | None:
        """Seconds to wait, where the answer says how many (a date is left aside)."""
        text = self.headers.get("retry-after", "")
        return min(float(text), 86_400.0) if text.isascii() and text.isdigit() else None


def read_base(text: str, name: str) -> str:
    """An address without a slash at its end. Raises BadSetting, which names the setting."""
    try:
        parts = urlsplit(text.strip())
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except (ValueError, AttributeError):
        raise BadSetting(f"{name} must be an address such as http://127.0.0.1:8000") from None
    if not usable or not text.isascii() or not text.strip().isprintable() or " " in text.strip():
        raise BadSetting(f"{name} must be an address such as http://127.0.0.1:8000")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise BadSetting(f"{name} must have neither a name and password nor a query; keys are settings of their own")
    return text.strip().rstrip("/")


def read_key(text: str | None, name: str) -> str | None:
    """A key as it can stand in a header; None for none. Raises BadSetting, which does not show it."""
    key = text.strip() if text else ""
    if not key.isascii() or not key.isprintable():
        raise BadSetting(f"{name} holds characters that no key has")
    return key or None
