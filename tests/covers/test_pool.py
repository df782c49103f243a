"""Decoders do one picture at a time, end under what is too much for them, and are followed by others."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pyvips
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alexandria.covers import pool
from alexandria.covers.pool import DecoderFailed, Decoders
from alexandria.covers.result import Refused, Rendered
from tests.covers.pictures import jpeg, picture

pytestmark = pytest.mark.anyio
Process = asyncio.subprocess.Process


@pytest.fixture
async def decoders() -> AsyncIterator[Decoders]:
    made = Decoders(2)
    yield made
    await made.close()


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> list[Process]:
    """Every decoder that is started."""
    started: list[Process] = []
    start = pool._start

    async def note(background: bool) -> Process:
        started.append(await start(background))
        return started[-1]

    monkeypatch.setattr(pool, "_start", note)
    return started


async def test_pictures_are_shared_out(decoders: Decoders, processes: list[Process]) -> None:
    found = await asyncio.gather(*(decoders.render(jpeg(200, 300, seed % 3)) for seed in range(12)))
    assert all(isinstance(each, Rendered) for each in found)
    assert len({each.look for each in found if isinstance(each, Rendered)}) == 3
    assert len(processes) == 2, "no more than allowed, and each does many"


async def test_they_end_with_their_owner(processes: list[Process]) -> None:
    decoders = Decoders(2)
    await asyncio.gather(*(decoders.render(jpeg(64, 96)) for _ in range(4)))
    await decoders.close()
    assert [process.returncode for process in processes] == [0, 0]
    await decoders.close()


@pytest.mark.parametrize(("background", "niceness"), [(True, 10), (False, 0)])
async def test_in_the_background_others_come_first(processes: list[Process], background: bool, niceness: int) -> None:
    decoders = Decoders(1, background=background)
    await decoders.render(jpeg(64, 96))
    assert os.getpriority(os.PRIO_PROCESS, processes[0].pid) == os.getpriority(os.PRIO_PROCESS, 0) + niceness
    group = Path(f"/proc/{processes[0].pid}/autogroup")
    assert not group.exists() or group.read_text().endswith(f" nice {niceness}\n")
    await decoders.close()


async def test_a_decoder_knows_no_secret(decoders: Decoders, processes: list[Process]) -> None:
    os.environ["ALEXANDRIA_ISBNDB_API_KEY"] = "verysecret"
    try:
        await decoders.render(jpeg(64, 96))
    finally:
        del os.environ["ALEXANDRIA_ISBNDB_API_KEY"]
    environ = Path(f"/proc/{processes[0].pid}/environ").read_text()
    assert "VIPS_CONCURRENCY=1" in environ
    assert "verysecret" not in environ
    assert "HOME=" not in environ


def _killed(after: int) -> Any:
    """An exchange before which the first so many decoders are killed."""
    exchange, count = pool._exchange, 0

    async def kill(process: Process, verb: bytes, data: bytes) -> tuple[bool, bytes]:
        nonlocal count
        count += 1
        if count <= after:
            process.send_signal(signal.SIGSEGV)
        return await exchange(process, verb, data)

    return kill


async def test_a_decoder_that_dies_is_not_the_picture_s_fault(
    decoders: Decoders, processes: list[Process], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "_exchange", _killed(1))
    assert isinstance(await decoders.render(jpeg(64, 96)), Rendered)
    assert len(processes) == 2


async def test_a_picture_that_ends_two_decoders_is_refused(
    decoders: Decoders, processes: list[Process], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "_exchange", _killed(2))
    found = await decoders.render(jpeg(64, 96))
    assert found == Refused("damaged", "cannot be decoded: it ends its decoder")
    assert isinstance(await decoders.render(jpeg(64, 96)), Rendered), "the next one is not harmed"
    monkeypatch.setattr(pool, "_exchange", _killed(2))
    with pytest.raises(DecoderFailed):
        await decoders.to_jpeg(jpeg(64, 96))


async def test_a_decoder_that_hangs_is_ended(
    decoders: Decoders, processes: list[Process], monkeypatch: pytest.MonkeyPatch
) -> None:
    await decoders.render(jpeg(64, 96))
    monkeypatch.setattr(pool, "LONGEST", 0.2)
    processes[0].send_signal(signal.SIGSTOP)
    exchange = pool._exchange

    async def stop(process: Process, verb: bytes, data: bytes) -> tuple[bool, bytes]:
        process.send_signal(signal.SIGSTOP)
        return await exchange(process, verb, data)

    monkeypatch.setattr(pool, "_exchange", stop)
    found = await decoders.render(jpeg(64, 96))
    assert found == Refused("damaged", "cannot be decoded: it takes too long")
    assert all(process.returncode is not None for process in processes)


async def test_a_cancelled_caller_leaves_no_decoder_behind(decoders: Decoders, processes: list[Process]) -> None:
    await decoders.render(jpeg(64, 96))
    waiting = asyncio.create_task(decoders.render(jpeg(800, 1200)))
    await asyncio.sleep(0.01)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert isinstance(await decoders.render(jpeg(64, 96)), Rendered)


async def test_the_loop_goes_on_meanwhile(decoders: Decoders) -> None:
    await decoders.render(jpeg(64, 96))
    rendering = asyncio.create_task(decoders.render(jpeg(800, 1200)))
    turns = 0
    while not rendering.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 100
    assert isinstance(rendering.result(), Rendered)


@pytest.mark.slow
async def test_the_dearest_picture_fits_into_memory(
    decoders: Decoders, processes: list[Process], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The most that is accepted: 40 million pixels of a progressive JPEG, which is unpacked as a whole."""
    exchange = pool._exchange
    peaks: list[float] = []
    kept: list[float] = []

    async def note(process: Process, verb: bytes, data: bytes) -> tuple[bool, bytes]:
        answer = await exchange(process, verb, data)
        status = Path(f"/proc/{process.pid}/status").read_text().splitlines()
        for name, found in (("VmHWM", peaks), ("VmRSS", kept)):
            found.append(next(int(line.split()[1]) for line in status if line.startswith(name)) / 1000)
        return answer

    monkeypatch.setattr(pool, "_exchange", note)
    tile = picture(500, 500, 3)
    large = tile.replicate(16, 10)
    data = bytes(large.jpegsave_buffer(Q=20, interlace=True, subsample_mode="off"))
    assert isinstance(await decoders.render(data), Rendered)
    assert 200 < peaks[0] < 300
    assert isinstance(await decoders.render(jpeg(64, 96)), Rendered)
    assert kept[-1] < 100, "memory that was needed once is not kept"
    wider = tile.replicate(17, 10)
    found = await decoders.render(bytes(wider.jpegsave_buffer(Q=20)))
    assert isinstance(found, Refused)
    assert found.reason == "too_large"


FILES = [
    jpeg(80, 120, 1),
    bytes(picture(80, 120, 1).pngsave_buffer()),
    bytes(picture(80, 120, 1).webpsave_buffer()),
    bytes(picture(80, 120, 1).tiffsave_buffer()),
    bytes(picture(80, 120, 1).heifsave_buffer(compression="av1", effort=0)),
    bytes(pyvips.Image.black(80, 120).gifsave_buffer()),
]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(FILES), st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=12))
async def test_damaged_bytes_never_fail_otherwise(
    shared_decoders: Decoders, data: bytes, changes: list[tuple[int, int]]
) -> None:
    damaged = bytearray(data)
    for place, value in changes:
        damaged[place % len(damaged)] = value
    assert isinstance(await shared_decoders.render(bytes(damaged)), Rendered | Refused)


@pytest.fixture
async def shared_decoders() -> AsyncIterator[Decoders]:
    made = Decoders(1)
    yield made
    await made.close()
