"""Decoders: so many processes that turn pictures into covers, each one picture at a time.

Whoever asks waits for a free one. A picture that ends its decoder is tried once more, since a process may also die of
something else; the second time it is the picture. None of this blocks the event loop.
"""

import asyncio
import os
import signal
import sys
from contextlib import suppress
from typing import Final

import msgspec

from alexandria.covers.result import Refused, Rendered
from alexandria.covers.talk import BACKGROUND, GOES_ON, RENDER, TO_JPEG
from alexandria.errors import AlexandriaError

LONGEST: Final = 120.0  # seconds on the wall for one picture, however busy the machine is
GRACE: Final = 1.0  # seconds for a decoder that should end by itself
_MODULE: Final = "alexandria.covers.decoder"
_ENVIRONMENT: Final = {"MALLOC_ARENA_MAX": "2", "VIPS_CONCURRENCY": "1"}  # few arenas: freed memory goes back
_ANSWER: Final[msgspec.msgpack.Decoder[Rendered | Refused]] = msgspec.msgpack.Decoder(Rendered | Refused)


def processors() -> int:
    """How many processors we may use: as many decoders keep them busy."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class DecoderFailed(AlexandriaError):
    """One of our own pictures could not be decoded."""


class _Died(Exception):
    """The decoder ended under a picture; `by` is the signal that ended it, if one did."""

    def __init__(self, by: int | None) -> None:
        super().__init__(by)
        self.by = by


class Decoders:
    """Up to `count` decoders, started when they are needed; close them.

    In the background they take the processor only as far as those who answer somebody leave it to them.
    """

    def __init__(self, count: int, *, background: bool = False) -> None:
        self._free = asyncio.Semaphore(count)
        self._background = background
        self._idle: list[asyncio.subprocess.Process] = []

    @property
    def pids(self) -> list[int]:
        """The processes that wait for a picture."""
        return [process.pid for process in self._idle]

    async def render(self, data: bytes) -> Rendered | Refused:
        """The cover that a picture becomes, or the refusal."""
        by = None
        for _ in range(2):
            try:
                return _ANSWER.decode(await self._ask(RENDER, data))
            except _Died as error:
                by = error.by
                if by == signal.SIGPROF:
                    break
        why = "takes too long" if by in (signal.SIGPROF, signal.SIGKILL) else "ends its decoder"
        return Refused("damaged", f"cannot be decoded: it {why}")

    async def to_jpeg(self, webp: bytes) -> bytes:
        """One of our own pictures as JPEG. Raises DecoderFailed."""
        try:
            return await self._ask(TO_JPEG, webp)
        except _Died as error:
            raise DecoderFailed("a stored picture cannot be decoded: see `alexandria covers check`") from error

    async def close(self) -> None:
        """Nothing; all decoders have ended."""
        idle, self._idle = self._idle, []
        for process in idle:
            await _end(process)

    async def _ask(self, verb: bytes, data: bytes) -> bytes:
        async with self._free:
            process = self._idle.pop() if self._idle else await _start(self._background)
            try:
                async with asyncio.timeout(LONGEST):
                    goes_on, answer = await _exchange(process, verb, data)
            except (ConnectionError, asyncio.IncompleteReadError):
                raise _Died(await _end(process)) from None
            except BaseException as error:  # nobody waits for it any more
                _kill(process)
                by = await asyncio.shield(_end(process))
                if isinstance(error, TimeoutError):
                    raise _Died(by) from None
                raise
            if goes_on:
                self._idle.append(process)
            else:
                await asyncio.shield(_end(process))
            return answer


async def _start(background: bool) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", _MODULE, *([BACKGROUND] if background else []),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        env={**_ENVIRONMENT, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        start_new_session=True,  # Ctrl-C is for its owner, who ends it
    )  # fmt: skip


async def _exchange(process: asyncio.subprocess.Process, verb: bytes, data: bytes) -> tuple[bool, bytes]:
    """Whether the decoder goes on, and its answer."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(verb + len(data).to_bytes(4, "big"))
    process.stdin.write(data)
    await process.stdin.drain()
    head = await process.stdout.readexactly(5)
    return head[:1] == GOES_ON, await process.stdout.readexactly(int.from_bytes(head[1:], "big"))


async def _end(process: asyncio.subprocess.Process) -> int | None:
    """The signal that ended the process, if one did; ours, when it does not end by itself."""
    if process.stdin is not None:
        process.stdin.close()  # it is idle, and takes that as its end, or its pipe broke
    with suppress(TimeoutError):
        async with asyncio.timeout(GRACE):
            await process.wait()
    if process.returncode is None:
        _kill(process)
        await process.wait()
    code = process.returncode
    return -code if code is not None and code < 0 else None


def _kill(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.kill()
