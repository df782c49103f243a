"""A decoder: a process that does nothing but turn pictures into covers (`python -m alexandria.covers.decoder`).

What a stranger sent is decoded here, where it can do little: no secrets in the environment, no files to write, a bound
on memory and on processor time. Whatever goes wrong ends this process, and its owner starts another one. It reads
requests on stdin, one byte for what to do and four for the length of what follows, and answers on stdout: one byte
that says whether it goes on, four for the length, a message.
"""

import os
import resource
import signal
import sys
from contextlib import suppress
from typing import BinaryIO, Final

import msgspec

from alexandria.covers.image import prepare, render, to_jpeg
from alexandria.covers.talk import BACKGROUND, GOES_ON, TO_JPEG, WAS_LAST

PROCESSOR_SECONDS: Final = 20.0  # for one picture
MOST_MEMORY: Final = 1 << 30  # bytes of address space beside the programs': more than any accepted picture needs
NICENESS: Final = 10
GROWN: Final = 160 << 20  # bytes in memory after a picture at which the process makes room for a new one
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Nothing; answers until the source ends, or until so much memory is used that a new process is better."""
    while request := source.read(5):
        data = source.read(int.from_bytes(request[1:5], "big"))
        signal.setitimer(signal.ITIMER_PROF, PROCESSOR_SECONDS)  # its signal ends the process
        answer = _answer(request[:1], data)
        signal.setitimer(signal.ITIMER_PROF, 0)
        grown = _memory() > GROWN
        sink.write((WAS_LAST if grown else GOES_ON) + len(answer).to_bytes(4, "big") + answer)
        sink.flush()
        if grown:
            return


def _answer(verb: bytes, data: bytes) -> bytes:
    if verb == TO_JPEG:
        return to_jpeg(data)
    return msgspec.msgpack.encode(render(data))


def _memory() -> int:
    """Bytes of this process in memory; 0 where that is not known."""
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * _PAGE
    except OSError:
        return 0


def _confine() -> None:
    """Nothing; from here on this process can write no file, and have no more memory than it is allowed."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":  # elsewhere address space counts what nobody uses
        resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEMORY, MOST_MEMORY))


def _step_back() -> None:
    """Nothing; others come first, also where each session has a share of its own (Linux's autogroup)."""
    os.nice(NICENESS)
    with suppress(OSError), open("/proc/self/autogroup", "w") as group:
        group.write(str(NICENESS))


if __name__ == "__main__":
    prepare()
    if BACKGROUND in sys.argv[1:]:
        _step_back()
    _confine()
    serve(sys.stdin.buffer, sys.stdout.buffer)
