"""Answers as bytes: the JSON that the database built, with an ETag and how long it may be kept."""

import hashlib
from collections.abc import Iterable

import msgspec
from litestar import Response

FRESH = "public, max-age=60, stale-while-revalidate=600"


def etag_of(body: bytes) -> str:
    """A strong ETag: the same bytes have the same one, on every machine."""
    return f'"{hashlib.blake2b(body, digest_size=9).hexdigest()}"'


def is_known(if_none_match: str | None, etag: str) -> bool:
    """Whether the caller already has it (RFC 9110, weak comparison)."""
    if if_none_match is None:
        return False
    return if_none_match.strip() == "*" or etag in (
        item.strip().removeprefix("W/") for item in if_none_match.split(",")
    )


def record(body: bytes, if_none_match: str | None) -> Response[bytes]:
    """200 with the record, or 304."""
    etag = etag_of(body)
    headers = {"ETag": etag, "Cache-Control": FRESH}
    if is_known(if_none_match, etag):
        return Response(b"", status_code=304, headers=headers, media_type="application/json")
    return Response(body, headers=headers, media_type="application/json")


def page(results: Iterable[bytes], following: str | None) -> bytes:
    """A list's body: `{results, next}`."""
    return b'{"results":[' + b",".join(results) + b'],"next":' + msgspec.json.encode(following) + b"}"
