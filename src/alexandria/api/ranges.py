"""Parts of a body: the one range of bytes that a request asks for (RFC 9110, 14). Pure."""

import re

_RANGE = re.compile(r"bytes=\s*(\d{0,18})\s*-\s*(\d{0,18})\s*", re.ASCII | re.IGNORECASE)


def read_range(wanted: str | None, if_range: str | None, etag: str, length: int) -> range | None:
    """The bytes to send; empty where there are none of those asked for; None for all of them.

    Several ranges, other units and what cannot be read are answered with all, and so is a part of another version.
    """
    match = _RANGE.fullmatch(wanted) if wanted and (if_range is None or if_range.strip() == etag) else None
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        count = min(int(last), length)
        return range(length - count, length)
    if last and int(last) < int(first):
        return None
    return range(int(first), min(int(last) + 1, length) if last else length)
