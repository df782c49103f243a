"""Where a redirect leads: to the same host or one that was named, never to a place that is easier to forge. Pure."""

from collections.abc import Collection
from dataclasses import replace

import httpx2

from alexandria.errors import Malformed
from alexandria.net.identity import shown
from alexandria.net.messages import Reply, Request

MOST = 5
_MOVED = (301, 302, 303, 307, 308)


def redirected(request: Request, reply: Reply) -> Request | None:
    """The request to send instead, or None when the answer is none of the redirects that were asked for.

    Raises Malformed for a redirect to another host than expected, or to nowhere.
    """
    target = reply.headers.get("location")
    if request.redirects is None or reply.status not in _MOVED or not target or request.method != "GET":
        return None
    here = httpx2.URL(request.url)
    try:
        there = here.join(target)
    except httpx2.InvalidURL:
        raise Malformed(reply.bucket, f"{reply.url} redirects to what is no URL") from None
    if here.scheme == "https" and there.scheme == "http":
        there = there.copy_with(scheme="https", port=None)
    same = (there.host, there.port) == (here.host, here.port)
    if there.scheme not in ("http", "https") or there.userinfo or not (same or _is_named(there, request.redirects)):
        raise Malformed(reply.bucket, f"{reply.url} redirects to {shown(str(there))}, which is no host we expect")
    headers = request.headers if same else _without_secrets(request)
    return replace(request, url=str(there), params={}, headers=headers)


def _is_named(place: httpx2.URL, hosts: Collection[str]) -> bool:
    """Whether it is one of the hosts, which are named with the port where it is not the usual one."""
    return (place.host if place.port is None else f"{place.host}:{place.port}") in hosts


def _without_secrets(request: Request) -> dict[str, str]:
    return {
        name: value
        for name, value in request.headers.items()
        if name.lower() != "authorization" and not any(secret in value for secret in request.secrets if secret)
    }
