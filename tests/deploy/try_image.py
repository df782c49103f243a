"""Does what the Dockerfile says, without a container engine, and runs the result as a container would run it.

As root, in the checkout: .venv/bin/python -m tests.deploy.try_image

The build stage's commands run in a temporary folder, with `/opt/alexandria` inside it. Then `alexandria` runs as the
image's user in a mount namespace of its own: everything read-only but the data and an empty `/tmp`, no HOME, only the
image's environment. The demo must walk from a miss to a hit with its cover, `up` must answer the health check.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.deploy.dockerfile import ROOT, read_dockerfile

PROGRAM = "/opt/alexandria"
WRITES = 'touch "$1/x" /tmp/x && ! touch "$2/x" 2>/dev/null && ! touch /x 2>/dev/null && test -z "$HOME" && id -u'
HEALTHY = """
! "$@" 2>/dev/null || exit 1
alexandria up & up=$!
for second in $(seq 60); do sleep 1; if "$@"; then kill $up; wait $up; exit $?; fi; done
exit 1
"""


class Container:
    """The file system that the Dockerfile makes, in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.build, self.final = read_dockerfile()
        self.data = folder / "data"

    def make(self) -> None:
        """Nothing; the build stage's commands have run, and the data folder is there."""
        work = self.folder / self.build.last("WORKDIR").rest.lstrip("/")
        work.mkdir()
        for each in self.build.instructions:
            if each.word == "COPY":
                self._copy(work, *each.arguments())
            elif each.word == "RUN":
                environ = {**os.environ, **self.build.environ()}
                subprocess.run(["sh", "-c", self.moved(each.rest)], cwd=work, env=environ, check=True)
        shutil.rmtree(work)
        self.data.mkdir(mode=0o700)
        os.chown(self.data, self.user, self.user)

    def _copy(self, work: Path, *names: str) -> None:
        *sources, target = names
        for name in sources:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, work / target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                (work / target).mkdir(parents=True, exist_ok=True)  # a target of files is a folder
                shutil.copy(ROOT / name, work / target)

    @property
    def user(self) -> int:
        return int(self.final.last("USER").rest)

    def moved(self, text: str) -> str:
        """The text with the image's paths as they are here."""
        return text.replace(PROGRAM, f"{self.folder}{PROGRAM}").replace("/data", str(self.data))

    def run(self, script: str, *arguments: str) -> int:
        """The exit code of a shell script in the container, with a network of its own."""
        passwd = self.folder / "passwd"
        passwd.write_text(
            f"{Path('/etc/passwd').read_text()}\nimage:x:{self.user}:{self.user}::/nonexistent:/bin/false\n"
        )
        environ = {name: self.moved(value) for name, value in self.final.environ().items()}
        environ["PATH"] = environ["PATH"].replace("$PATH", "/usr/local/bin:/usr/bin:/bin")
        outside = (
            f"set -e; ip link set lo up; mount --make-rprivate /; mount --bind {passwd} /etc/passwd; {self._python()}"
            f"mount --rbind {self.data} {self.data}; mount -t tmpfs tmpfs /tmp; mount -o remount,bind,ro /; "
            f"cd {self.data}; "
            f"exec setpriv --reuid={self.user} --regid={self.user} --clear-groups --no-new-privs --bounding-set=-all "
            'sh -c "$@"'
        )
        command = ["unshare", "--mount", "--net", "--pid", "--fork", "--mount-proc", "sh", "-c", outside, "sh"]
        return subprocess.run([*command, script, "sh", *arguments], env=environ, check=False).returncode

    def _python(self) -> str:
        """Commands that let the image's user reach this machine's Python, where it lies in a home that is closed."""
        prefix = Path(sys.base_prefix)
        home = Path("/", prefix.parts[1])
        if home.stat().st_mode & 1:
            return ""
        (self.folder / "python").mkdir(exist_ok=True)
        return (
            f"mount --bind {prefix} {self.folder}/python; mount -t tmpfs -o mode=755 tmpfs {home}; "
            f"mkdir -p {prefix}; mount --bind {self.folder}/python {prefix}; "
        )


def main() -> None:
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        Path(name).chmod(0o755)
        container = Container(Path(name))
        container.make()
        entry = container.final.last("ENTRYPOINT").executed()
        _check("only data and /tmp can be written to", container.run(WRITES, str(container.data), f"{name}{PROGRAM}"))
        _check("the demo walks", container.run('exec "$@"', *entry, "demo", "--exit"))
        health = container.final.last("HEALTHCHECK").executed()
        begun = time.monotonic()
        _check("the health check is content when it runs, and not before", container.run(HEALTHY, *health))
        _say(f"{time.monotonic() - begun:.1f} s until it was, and until the end after SIGTERM")
        _say(f"what the image adds to its base: {_megabytes(container.folder / 'opt'):.0f} MB")


def _check(what: str, code: int) -> None:
    _say(f"{'ok  ' if code == 0 else 'FAIL'} {what}")
    if code:
        sys.exit(1)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _megabytes(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink()) / 1e6


if __name__ == "__main__":
    main()
