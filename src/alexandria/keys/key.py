"""API keys as text, and what their scopes include. Pure, but for the system's random numbers.

A key is `alx_<id>_<secret>`: ten characters that may be shown, and forty (200 bits) that may not. What is stored is
its SHA-256. Slow and salted hashes protect passwords that people chose, which can be guessed; of 2^200 equally likely
secrets none can, so a fast hash gives nothing away and every request can be checked in a microsecond.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, get_args

Scope = Literal["read", "write", "admin"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
INCLUDES: Mapping[str, frozenset[str]] = MappingProxyType(
    {scope: frozenset(SCOPES[: number + 1]) for number, scope in enumerate(SCOPES)}
)
INTERNAL = "internal"  # the id of the bootstrap key, shorter than any other

_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"  # 5 bits each, and one double click takes the whole key
_SHAPE = re.compile(rb"alx_([a-z2-7]{10})_[a-z2-7]{40}")


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key as it was just made: its id, the text that is shown once, the digest that is stored."""

    id: str
    text: str = field(repr=False)
    digest: bytes = field(repr=False)


def make_key() -> NewKey:
    """A key that nobody had before."""
    key_id, secret = _random(10), _random(40)
    text = f"alx_{key_id}_{secret}"
    return NewKey(key_id, text, digest_of(text.encode()))


def _random(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def read_key_id(text: bytes) -> str | None:
    """The id in the text of a key; None for what is no key of ours by its shape."""
    found = _SHAPE.fullmatch(text)
    return found[1].decode() if found else None


def digest_of(text: bytes) -> bytes:
    """What is stored of a key: 32 bytes."""
    return hashlib.sha256(text).digest()


def is_same(digest: bytes, other: bytes) -> bool:
    """Whether two digests are equal; how long it takes says nothing about where they differ."""
    return hmac.compare_digest(digest, other)
