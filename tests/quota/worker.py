"""A process that asks for permits as fast as it gets them, and writes down when it uses each.

`python -m tests.quota.worker '{"url": …, "out": …, "policy": {…}, "callers": [[lane, units], …]}'` runs until killed.
A line is: the time, the slot (seconds since 1970), the lane, the units, the process.
"""

import asyncio
import os
import sys
import time
from typing import Any

import msgspec

from alexandria.errors import QuotaExhausted, Throttled
from alexandria.net.gate import Call, Lane, Outcome
from alexandria.quota.ledger import Ledger
from alexandria.quota.policy import Policy
from tests.quota.ledgers import ledger_on


async def work(ledger: Ledger, out: int, lane: Lane, units: int) -> None:
    while True:
        try:
            permit = await ledger.permit(Call("b", lane, "book", units), 5)
        except (QuotaExhausted, Throttled):
            await asyncio.sleep(0.05)
            continue
        assert permit.at
        os.write(out, f"{time.time()} {permit.at.timestamp()} {lane} {units} {os.getpid()}\n".encode())
        await ledger.settle(permit, Outcome(sent=True, status=200))


async def main(task: dict[str, Any]) -> None:
    out = os.open(task["out"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    async with ledger_on(task["url"], Policy(**task["policy"])) as ledger:
        await asyncio.gather(*(work(ledger, out, lane, units) for lane, units in task["callers"]))


if __name__ == "__main__":
    asyncio.run(main(msgspec.json.decode(sys.argv[1])))
