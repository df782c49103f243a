"""PostgreSQL's settings: ours, and those for this machine, from its memory and the room on its disk."""

import contextlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from alexandria.db.programs import Programs

MB = 1 << 20
GB = 1 << 30
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    # what a commit promises
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    # one server, no replicas: a bulk load need not be logged twice
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "checkpoint_timeout": "15min",
    "huge_pages": "try",
    "jit": "off",
    "random_page_cost": "1.1",
    "autovacuum": "on",
    "timezone": "UTC",
    "lc_messages": "C",
    "logging_collector": "on",
    "log_destination": "stderr",
    "log_filename": "postgresql-%a.log",
    "log_truncate_on_rotation": "on",
    "log_rotation_age": "1d",
    "log_rotation_size": "100MB",
    "log_timezone": "UTC",
    "log_startup_progress_interval": "2s",
    "log_min_duration_statement": "5s",
}


def settings_text(data_dir: Path, sockets: Path, programs: Programs, extra: Mapping[str, str]) -> str:
    """The text of `alexandria.conf` for this machine; `extra` wins over ours."""
    quoted = str(sockets).replace('"', '""')
    settings = {
        **SETTINGS,
        **memory_settings(memory()),
        **disk_settings(data_dir),
        "unix_socket_directories": f'"{quoted}"',
        "log_directory": str(data_dir / "log"),
    }
    if "--with-lz4" in programs.run("pg_config", "--configure")[1]:  # the wheel's has none
        settings["default_toast_compression"] = "lz4"
    if programs.has_extension("pg_stat_statements"):
        settings["shared_preload_libraries"] = "pg_stat_statements"
    lines = [f"{name} = '{_escape(value)}'" for name, value in (settings | dict(extra)).items()]
    return "\n".join(["# Written by Alexandria at each start; change postgresql.conf instead.", *lines, ""])


def _escape(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "''")


def memory(cgroups: Path = Path("/sys/fs/cgroup"), membership: Path = Path("/proc/self/cgroup")) -> int:
    """Bytes of memory we may use: the machine's, or less where a control group (a container) limits us."""
    limits = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for file in _limit_files(cgroups, membership):
        with contextlib.suppress(OSError, ValueError):  # no such group here, or "max"
            limits.append(int(file.read_text()))
    return min(limits)


def _limit_files(cgroups: Path, membership: Path) -> list[Path]:
    """Where the limits of our group and of the groups around it stand, for versions 1 and 2."""
    files = [cgroups / "memory.max", cgroups / "memory" / "memory.limit_in_bytes"]
    lines = membership.read_text().splitlines() if membership.is_file() else []
    for line in lines:
        _, controllers, group = line.split(":", 2)
        path = Path(group.lstrip("/"))
        if not controllers:
            files += [cgroups / part / "memory.max" for part in (path, *path.parents)]
        elif "memory" in controllers.split(","):
            parts = (path, *path.parents)
            files += [cgroups / "memory" / part / "memory.limit_in_bytes" for part in parts]
    return files


def memory_settings(available: int) -> dict[str, str]:
    """The memory settings for so many bytes: a quarter is shared, sorts stay modest for many connections."""
    return {
        "shared_buffers": _size(available // 4, 32 * MB, 8 * GB),
        "effective_cache_size": _size(available * 6 // 10, 64 * MB, 1024 * GB),
        "maintenance_work_mem": _size(available // 16, 32 * MB, 2 * GB),
        "work_mem": _size(available // 512, 4 * MB, 32 * MB),
    }


def disk_settings(folder: Path) -> dict[str, str]:
    """How large the write-ahead log may grow between checkpoints: a few GB, less on a nearly full disk."""
    return {"max_wal_size": _size(shutil.disk_usage(folder).free // 16, 128 * MB, 4 * GB)}


def _size(wanted: int, least: int, most: int) -> str:
    return f"{max(least, min(wanted, most)) // MB}MB"
