"""What a body must be: it comes in time, and whole. Who sends a byte now and then takes a place from others."""

import asyncio

from litestar.types import Receive, ReceiveMessage

from alexandria.api.problems import Refused, problem


def hurried(receive: Receive, seconds: float) -> Receive:
    """As `receive`, but the whole body has to come within so many seconds after it was first asked for.

    It raises Refused with 408 otherwise, and with 400 for one that breaks off: its chunks make no sense, or the caller
    has gone. What comes after the body, the news that the caller has gone, may take as long as it likes.
    """
    deadline: float | None = None
    is_whole = False

    async def receive_soon() -> ReceiveMessage:
        nonlocal deadline, is_whole
        if is_whole:
            return await receive()
        now = asyncio.get_running_loop().time()
        deadline = now + seconds if deadline is None else deadline
        try:
            async with asyncio.timeout_at(deadline):
                message = await receive()
        except TimeoutError:
            raise Refused(
                problem(408, f"The body did not come within {seconds:g} seconds."), [(b"connection", b"close")]
            ) from None
        if message["type"] == "http.disconnect":
            raise Refused(problem(400, "The body broke off, or its chunks have no right size."))
        is_whole = not message.get("more_body", False)
        return message

    return receive_soon
