"""Connections that go where they were checked to go: a name is looked up once, and the address that was seen is asked.

A name that answers differently the second time (DNS rebinding) gains nothing: nobody looks it up a second time. No
connection is kept: one that was made for one name must not be used for another one on the same address. Proxies of
the environment are not used, since they would look the name up themselves.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence

import httpx2

from alexandria.net.addresses import UrlRefused, is_public, read_address
from alexandria.net.identity import certificates

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
MOST_ADDRESSES = 3  # of a host that are tried
_LIMITS = httpx2.Limits(max_connections=64, max_keepalive_connections=0)


async def look_up(host: str, port: int) -> Sequence[str]:
    """The addresses of a host, as texts. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


class PinnedTransport(httpx2.AsyncBaseTransport):
    """Sends requests to public addresses only, or to any address of a host of which `may_be_private` says so.

    Raises UrlRefused before anything is sent.
    """

    def __init__(self, may_be_private: Callable[[str, int], bool], resolve: Resolve = look_up) -> None:
        self._may_be_private, self._resolve = may_be_private, resolve
        self._inner = httpx2.AsyncHTTPTransport(verify=certificates(), trust_env=False, limits=_LIMITS)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """The answer of the first address that takes a connection."""
        host = request.url.raw_host.decode("ascii").strip("[]")
        port = request.url.port or (443 if request.url.scheme == "https" else 80)
        addresses = await self.find(host, port)
        for address in addresses[:-1]:
            try:
                return await self._inner.handle_async_request(_pinned(request, host, address))
            except (httpx2.ConnectError, httpx2.ConnectTimeout):
                continue
        return await self._inner.handle_async_request(_pinned(request, host, addresses[-1]))

    async def find(self, host: str, port: int, *, public: bool = False) -> Sequence[str]:
        """The addresses that may be asked; with `public`, only public ones whatever host it is.

        Raises UrlRefused when one of them is private: whoever mixes them means no good.
        """
        try:
            found = [host] if read_address(host) else await self._resolve(host, port)
        except (OSError, UnicodeError):
            found = []
        if not found:
            raise httpx2.ConnectError(f"{host} cannot be looked up")
        if public or not self._may_be_private(host, port):
            for text in found:
                address = read_address(text)
                if address is None or not is_public(address):
                    raise UrlRefused("private", f"{host} is at a private address, which is not asked")
        return list(found)[:MOST_ADDRESSES]

    async def aclose(self) -> None:
        """Nothing; no connection is left."""
        await self._inner.aclose()


def _pinned(request: httpx2.Request, host: str, address: str) -> httpx2.Request:
    """The same request to an address, with the name in its Host header and in the check of the certificate."""
    return httpx2.Request(
        request.method,
        request.url.copy_with(host=address),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": host},
    )
