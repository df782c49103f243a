"""The child process of `Simulator`: `python -m alexandria.simulator JSON`, ready when it has printed its URLs.

It ends when its standard input ends, so that it never outlives whoever started it.
"""

import signal
import sys

import msgspec

from alexandria.errors import AddressInUse
from alexandria.simulator.options import Options
from alexandria.simulator.server import serving


def main(text: str) -> int:
    """The exit code, after standard input has ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C in the terminal is for whoever started it, who still asks
    options = msgspec.json.decode(text, type=Options)
    try:
        with serving(options.make_world(), options.port) as urls:
            sys.stdout.buffer.write(msgspec.json.encode(urls) + b"\n")
            sys.stdout.flush()
            sys.stdin.buffer.read()
    except AddressInUse as error:
        sys.stdout.buffer.write(msgspec.json.encode({"error": str(error)}) + b"\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
