"""The wire of the client that awaits: one request and its whole answer before a deadline."""

import asyncio

import httpcore2

from alexandria.client.body import Body
from alexandria.client.errors import TooSlow
from alexandria.client.exchange import Send
from alexandria.client.messages import NAMES, Reply
from alexandria.client.wire import CONNECTIONS, FAILURES, IDLE, failure, read_headers


class AsyncWire:
    """Sends requests; all of them in one event loop."""

    def __init__(self) -> None:
        self._pools: dict[bool, httpcore2.AsyncConnectionPool] = {}

    async def send(self, step: Send) -> Reply:
        """The answer, read whole. Raises Unavailable."""
        host = NAMES[step.request.host]
        try:
            async with asyncio.timeout(step.seconds):
                return await self._send(step, host)
        except TimeoutError:
            raise TooSlow(host, step.seconds) from None
        except FAILURES as error:
            raise failure(host, step.seconds, error) from error

    async def _send(self, step: Send, host: str) -> Reply:
        request = step.request
        async with self._pool(request.url).stream(
            request.method, request.url, headers=list(request.headers), content=request.body
        ) as response:
            headers = read_headers(response)
            body = Body(host, headers.get("content-encoding", ""))
            async for piece in response.aiter_stream():
                body.add(piece)
            return Reply(request.host, response.status, headers, body.whole())

    async def close(self) -> None:
        """Nothing; all connections are closed."""
        for pool in self._pools.values():
            await pool.aclose()

    def _pool(self, url: str) -> httpcore2.AsyncConnectionPool:
        safe = url.startswith("https:")
        if safe not in self._pools:
            context = httpcore2.default_ssl_context() if safe else None
            self._pools[safe] = httpcore2.AsyncConnectionPool(
                context, max_connections=CONNECTIONS, keepalive_expiry=IDLE
            )
        return self._pools[safe]
