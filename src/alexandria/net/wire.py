"""One request over the wire: time-outs, a largest size, what went wrong in the words of the error tree.

The only place where an asynchronous request leaves this machine; `client` sees to it that none does without a permit.
"""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx2

from alexandria.errors import CutShort, Malformed, Unavailable
from alexandria.net.identity import certificates, shown, user_agent
from alexandria.net.messages import Reply, Request, hide
from alexandria.net.trip import Trip
from alexandria.net.unpack import Damaged, TooLarge, Unpacker
from alexandria.net.verdict import Faltered, TooSlow

_CONNECT = 5.0  # seconds; a host that is there answers the phone
_LIMITS = httpx2.Limits(max_connections=32, max_keepalive_connections=16, keepalive_expiry=30.0)


class Wire:
    """Connections to all providers; keeps no cookies. Close it."""

    def __init__(self, contact: str | None) -> None:
        for name in ("httpx2", "httpcore2"):  # they tell of every address, with the key in it
            logging.getLogger(name).setLevel(logging.WARNING)
        headers = {"User-Agent": user_agent(contact), "Accept": "application/json", "Accept-Encoding": "gzip"}
        jar = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
        self._http = httpx2.AsyncClient(headers=headers, cookies=jar, verify=certificates(), limits=_LIMITS)

    async def close(self) -> None:
        """Nothing; all connections are closed."""
        await self._http.aclose()

    async def send(self, request: Request, bucket: str, seconds: float, trip: Trip) -> Reply:
        """The answer, whatever its status; `trip` knows at any time how far it got.

        Raises Unavailable (Faltered when another try may help, TooSlow after `seconds`) and Malformed.
        """
        where = shown(request.url)
        try:
            with _told(request, bucket, trip):
                async with asyncio.timeout(seconds):
                    return await self._exchange(request, bucket, seconds, trip)
        except TooLarge:
            raise Malformed(bucket, f"{where} sends more than {request.limit:,} bytes") from None
        except Damaged as error:
            raise Malformed(bucket, f"what {where} sends cannot be unpacked: {error}") from None
        except (TimeoutError, httpx2.TimeoutException):
            if not trip.left:
                raise Faltered(bucket, f"{where} cannot be reached in time") from None
            raise TooSlow(bucket, f"{where} did not finish its answer in {seconds:.3g} s") from None

    async def _exchange(self, request: Request, bucket: str, seconds: float, trip: Trip) -> Reply:
        asked = self._http.build_request(
            request.method,
            request.url,
            params=request.params or None,
            headers=request.headers,
            content=request.content,
            timeout=httpx2.Timeout(seconds, connect=min(seconds, _CONNECT)),
            extensions={"trace": trip.follow},
        )
        response = await self._http.send(asked, stream=True)
        try:
            trip.status = response.status_code
            trip.headers = {name.lower(): value for name, value in response.headers.items()}
            unpacker = Unpacker(trip.headers.get("content-encoding", ""), request.limit)
            async for chunk in response.aiter_raw():
                trip.received += len(chunk)
                unpacker.add(chunk)
            body = unpacker.result()
        finally:
            await response.aclose()
        where, now = shown(request.url), datetime.now(UTC)
        return Reply(bucket, where, response.status_code, trip.headers, body, now, request.secrets)


@contextmanager
def _told(request: Request, bucket: str, trip: Trip) -> Iterator[None]:
    """Nothing; what goes wrong on the wire in the block is told in our words, without a secret."""
    where = shown(request.url)
    try:
        yield
    except httpx2.TimeoutException:
        raise
    except httpx2.TransportError as error:
        reason = " ".join(hide(str(error), request.secrets).split()) or type(error).__name__
        if not trip.left:
            raise Faltered(bucket, f"{where} cannot be reached ({reason})") from None
        if trip.status is not None and isinstance(error, httpx2.RemoteProtocolError):
            raise CutShort(bucket, f"the answer of {where} ends too early ({reason})") from None
        raise Faltered(bucket, f"{where} breaks off ({reason})") from None
    except httpx2.InvalidURL:
        raise Unavailable(bucket, f"{where} is no address that can be asked") from None
