"""The files of the embedded server below DATA_DIR: the cluster, its password, its socket folder.

postgresql/             the cluster, made under another name and renamed when complete
postgresql.password     of the role `alexandria`, mode 0600
postgresql.lock         held while somebody starts or stops the server
postgresql.users        held, shared, by everybody who uses it
run/                    the socket, mode 0700
log/                    PostgreSQL's log, a file for each day of the week
"""

import contextlib
import hashlib
import os
import secrets
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from alexandria.db.programs import Account, Programs
from alexandria.errors import ServerFailed

ROLE = "alexandria"
_SOCKET = ".s.PGSQL.5432"
_LONGEST = 107 if sys.platform == "linux" else 103  # bytes of a Unix socket's path
_INCLUDE = "include_if_exists = 'alexandria.conf'"


@dataclass(frozen=True, slots=True)
class Cluster:
    """The paths of the embedded server of one data folder."""

    data_dir: Path

    @property
    def folder(self) -> Path:
        return self.data_dir / "postgresql"

    @property
    def log(self) -> Path:
        return self.data_dir / "log"

    @property
    def password_file(self) -> Path:
        return self.data_dir / "postgresql.password"

    def password(self) -> str:
        """The password of our role. Raises ServerFailed when its file is gone."""
        try:
            return self.password_file.read_text(encoding="ascii").strip()
        except OSError as error:
            raise ServerFailed(
                f"{self.password_file} cannot be read ({error.strerror}): put it back from a backup"
            ) from error


def prepare_folders(cluster: Cluster, account: Account) -> None:
    """Make DATA_DIR and check that the account can reach it. Raises ServerFailed naming the closed folder."""
    data_dir = cluster.data_dir
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o755)
        for folder in [*reversed(data_dir.parents), data_dir] if account.switch else []:
            if not account.may_enter(folder):
                raise ServerFailed(
                    f"{folder} is closed to the system user '{account.name}', who runs PostgreSQL for root: "
                    f"`chmod o+x {folder}`, or set ALEXANDRIA_DATA_DIR, to /var/lib/alexandria for example"
                )
        cluster.log.mkdir(exist_ok=True, mode=0o700)
        account.own(cluster.log)
    except OSError as error:
        raise ServerFailed(f"{data_dir} cannot be used: {error}; set ALEXANDRIA_DATA_DIR to another folder") from error


def create_cluster(cluster: Cluster, programs: Programs) -> None:
    """Make the cluster if there is none. What an interrupted run left behind is removed; call under the lock.

    Raises ServerFailed for a folder that is no cluster, or was written by another major version.
    """
    for leftover in cluster.data_dir.glob("postgresql.new-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    if _is_complete(cluster.folder, programs):
        return
    temporary = cluster.data_dir / f"postgresql.new-{secrets.token_hex(4)}"
    temporary.mkdir(mode=0o700)
    programs.account.own(temporary)
    _make_password(cluster, programs.account)
    code, output = programs.run(
        "initdb",
        *("--pgdata", str(temporary), "--username", ROLE, "--pwfile", str(cluster.password_file)),
        *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--data-checksums"),
        *("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--no-instructions"),
    )
    if code != 0:
        shutil.rmtree(temporary, ignore_errors=True)
        raise ServerFailed(f"a database cannot be made in {cluster.data_dir}: {' '.join(output.split())[-400:]}")
    with (temporary / "postgresql.conf").open("a", encoding="utf-8") as file:
        file.write(f"\n{_INCLUDE}  # Alexandria's, written anew at each start; your own lines go below\n")
    temporary.rename(cluster.folder)
    _sync(cluster.data_dir)


def _is_complete(folder: Path, programs: Programs) -> bool:
    try:
        found = (folder / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        if not folder.exists():
            return False
        if not any(folder.iterdir()):
            folder.rmdir()
            return False
        raise ServerFailed(
            f"{folder} holds no PostgreSQL cluster (no PG_VERSION): move it away, or restore it from a backup"
        ) from None
    if found != programs.major():
        raise ServerFailed(
            f"{folder} was written by PostgreSQL {found}, this Alexandria brings {programs.major()}: run "
            "`alexandria backup` with the Alexandria that wrote it, move it away, then `alexandria restore`"
        )
    return True


def _make_password(cluster: Cluster, account: Account) -> None:
    if not cluster.password_file.exists():
        write_private(cluster.password_file, secrets.token_urlsafe(32) + "\n", account)


def write_private(path: Path, text: str, account: Account) -> None:
    """Write a file whole or not at all, mode 0600, owned by the account; a link in its place is replaced."""
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        if account.switch:
            os.fchown(descriptor, account.uid, account.gid)
        file.write(text)
        file.flush()
        os.fsync(descriptor)
    temporary.replace(path)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def socket_folder(cluster: Cluster, account: Account) -> Path:
    """The folder of the socket, mode 0700: DATA_DIR/run, or one in the temp folder when that is too long.

    Raises ServerFailed when the folder is a link, or another user's.
    """
    folder = _socket_place(cluster)
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
        account.own(folder)
    if account.switch and folder.lstat().st_uid == 0:  # made by an earlier run of ours, killed before giving it
        account.own(folder)
    status = folder.lstat()
    if folder.is_symlink() or not folder.is_dir() or status.st_uid != account.uid:
        raise ServerFailed(
            f"{folder} must be a folder of the user {account.name}: remove it, "
            "or set ALEXANDRIA_DATA_DIR to a shorter path"
        )
    folder.chmod(0o700)
    return folder


def _socket_place(cluster: Cluster) -> Path:
    folder = cluster.data_dir / "run"
    if len(os.fsencode(folder / _SOCKET)) <= _LONGEST and "," not in str(folder):  # a comma separates hosts
        return folder
    digest = hashlib.sha256(os.fsencode(cluster.data_dir)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"alexandria-{digest}"


def remove_socket_folder(cluster: Cluster) -> None:
    """Remove the folder in the temp folder, when the server has ended."""
    folder = _socket_place(cluster)
    if folder.parent != cluster.data_dir:
        with contextlib.suppress(OSError):
            folder.rmdir()


def running_socket(cluster: Cluster) -> Path | None:
    """The socket named in the running (or killed) server's postmaster.pid; None without such a file."""
    lines = postmaster_lines(cluster)
    return Path(lines[4]) / f".s.PGSQL.{lines[3]}" if len(lines) > 4 and lines[4] else None


def postmaster_lines(cluster: Cluster) -> list[str]:
    """The lines of postmaster.pid (process id, folder, start, port, socket folder, …); none without it."""
    with contextlib.suppress(OSError):
        return (cluster.folder / "postmaster.pid").read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    return []


def postmaster_pid(cluster: Cluster) -> int:
    """The process id in postmaster.pid, whoever has it now; 0 without the file."""
    lines = postmaster_lines(cluster)
    return int(lines[0]) if lines and lines[0].strip().isdigit() else 0


def ready_pid(cluster: Cluster) -> int:
    """The process id of a server that says in postmaster.pid that it accepts connections; 0 for none."""
    lines = postmaster_lines(cluster)
    return postmaster_pid(cluster) if len(lines) > 7 and lines[7].strip() == "ready" else 0


def disown_pid_file(cluster: Cluster, account: Account) -> None:
    """Let PostgreSQL see that a killed server's process id, now another program's (or a zombie's), is no server's.

    It ignores its starter's id in that file, and still checks the shared memory named there. Call it under the
    lock, when nobody answers.
    """
    if socket := running_socket(cluster):
        socket.with_name(f"{socket.name}.lock").unlink(missing_ok=True)
    path = cluster.folder / "postmaster.pid"
    if lines := postmaster_lines(cluster):
        write_private(path, "\n".join([str(os.getpid()), *lines[1:]]) + "\n", account)
    else:
        path.unlink(missing_ok=True)  # empty: the disk was full


def cluster_url(cluster: Cluster, database: str) -> str:
    """The URL of a database of the running server. Raises ServerFailed when none runs."""
    path = running_socket(cluster)
    if path is None:
        raise ServerFailed("the embedded PostgreSQL is not running")
    folder, password = quote(os.fsencode(path.parent), safe=""), quote(cluster.password(), safe="")
    return f"postgresql://{ROLE}:{password}@/{database}?host={folder}&port={path.suffix[1:]}"
