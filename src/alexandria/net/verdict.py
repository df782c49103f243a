"""What a status means: nothing special, or one of the typed failures. Pure.

Below 400, 404 and 410 are answers, for the provider's reader to understand. A provider whose statuses mean something
else gives its request a judge of its own.
"""

from alexandria.errors import Malformed, ProviderFailed, Throttled, Unauthorized, Unavailable
from alexandria.net.limits import wait_until
from alexandria.net.messages import Reply, words_of

_ANSWERS = (404, 410)
_BUSY = (408, 425)


class Faltered(Unavailable):
    """It broke in the middle, or said that it cannot now (5xx): the same request may do better in a moment."""


class TooSlow(Faltered):
    """It was asked, and did not finish in time."""


def verdict(reply: Reply) -> ProviderFailed | None:
    """The failure that an answer is, or None."""
    status = reply.status
    if status < 400 or status in _ANSWERS:
        return None
    said, again = describe(reply), wait_until(reply.headers, reply.received_at)
    if status == 429:
        return Throttled(reply.bucket, said, again)
    if status in (401, 403):
        return Unauthorized(reply.bucket, said)
    if status >= 500 or status in _BUSY:
        return Faltered(reply.bucket, said, again)
    return Malformed(reply.bucket, said)


def describe(reply: Reply) -> str:
    """An answer in one line: where, its status, its own words for it."""
    words = words_of(reply)
    return f"{reply.url} answers {reply.status}{f': {words}' if words else ''}"
