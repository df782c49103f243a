"""Pictures for the bench of covers, and the host that has them (`python -m bench.pictures FOLDER`)."""

import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

VARIANTS = 40  # different pictures, 500×750 as JPEG


def make_pictures(folder: Path, variants: int = VARIANTS) -> None:
    """Nothing; the folder holds so many JPEG pictures of 500×750 pixels, with edges, areas and grain as covers have."""
    import pyvips

    folder.mkdir()
    for number in range(variants):
        draw = random.Random(number)
        picture = pyvips.Image.black(500, 750, bands=3) + [draw.randrange(40, 220) for _ in range(3)]
        for _ in range(14):
            colour = [draw.randrange(256) for _ in range(3)]
            left, top = draw.randrange(450), draw.randrange(700)
            picture = picture.draw_rect(colour, left, top, draw.randrange(5, 260), draw.randrange(5, 200), fill=True)
        grain = pyvips.Image.gaussnoise(500, 750, mean=0, sigma=9, seed=number).gaussblur(0.7)
        picture = (picture.gaussblur(0.6) + grain).cast("uchar").copy(interpretation="srgb")
        (folder / f"{number:03}.jpg").write_bytes(picture.jpegsave_buffer(Q=88))


@contextmanager
def host(folder: Path) -> Iterator[str]:
    """The address of a host, in a process of its own, that has one of the pictures under every path."""
    command = [sys.executable, "-m", "bench.pictures", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.terminate()


def serve(folder: Path) -> None:
    """Nothing, ever; prints its port and answers."""
    pictures = [path.read_bytes() for path in sorted(folder.iterdir())]

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

        def do_GET(self) -> None:  # noqa: N802
            number = int("".join(filter(str.isdigit, self.path)) or 0)
            body = pictures[number % len(pictures)]
            head = f"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: {len(body)}\r\n\r\n"
            self.wfile.write(head.encode() + body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
