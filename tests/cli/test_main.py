"""The program as a whole: every command explains itself, every error is one line, every result is JSON if asked."""

import errno
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main

from alexandria import __version__
from alexandria.cli.main import program
from alexandria.cli.screen import complain
from alexandria.errors import BadInput, DumpRefused, LoadFailed, SettingsInvalid
from tests.cli.conftest import Calls, Program, wait_for


def _commands(command: object = None, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], object]]:
    command = command or typer.main.get_command(program())
    children = getattr(command, "commands", {})
    if not children:
        yield path, command
    for name, child in children.items():
        yield from _commands(child, (*path, name))


COMMANDS = dict(_commands())


def test_the_commands() -> None:
    names = {" ".join(path) for path in COMMANDS}
    assert names == {
        *("init", "up", "demo", "api", "worker", "lookup", "search", "enqueue", "doctor", "simulate", "db migrate"),
        *("harvest authors", "harvest releases", "harvest status", "harvest pause", "harvest resume", "harvest cancel"),
        *("db status", "db distribute"),
        *("queue status", "queue list", "queue retry", "queue drop", "queue drain", "quota status", "quota report"),
        *(
            "mirror download",
            "mirror load",
            "mirror rollback",
            "mirror status",
            "sample dump",
            "sample catalogue",
            "keys create",
            "keys list",
            "keys revoke",
            "scheduler",
            "status",
            "schedule list",
            "schedule run",
            "schedule pause",
            "sync changes",
            "mirror refresh",
            "archive read",
            "backup",
            "restore",
            "covers run",
            "covers backlog",
            "covers check",
            "alerts list",
            "alerts test",
        ),
    }


def test_a_command_that_is_named_comes_alone() -> None:
    for word in ("lookup", "queue"):
        found = dict(_commands(typer.main.get_command(program(word))))
        assert found.keys() == {path for path in COMMANDS if path[0] == word}
    assert dict(_commands(typer.main.get_command(program("luukup")))).keys() == COMMANDS.keys()


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_and_option_has_help(path: tuple[str, ...], call: Calls) -> None:
    command = COMMANDS[path]
    assert len(getattr(command, "help", "")) > 20
    options = {name: option for option in getattr(command, "params", ()) for name in getattr(option, "opts", ())}
    assert "--json" in options
    assert [name for name, option in options.items() if not (option.hidden or getattr(option, "help", ""))] == []
    code, out, err = call(*path, "--help")
    assert (code, err) == (0, "")
    assert "--json" in out


def test_every_group_has_help(call: Calls) -> None:
    for path in ((), ("db",), ("mirror",), ("sample",), ("keys",)):
        code, out, err = call(*path)
        assert code == 2
        assert "Commands" in out
        assert err == ""


def test_version(call: Calls) -> None:
    assert call("--version") == (0, f"alexandria {__version__}\n", "")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("luukup",), "No such command 'luukup'. Did you mean 'lookup'? (see `alexandria --help`)"),
        (("mirror", "load"), "Missing argument"),
        (("up", "--port", "70000"), "--port"),
        (("up", "--port", "many"), "--port"),
        (("doctor", "--jason"), "--jason"),
        (("sample", "dump", "--out", "x"), "--editions"),
        (("sample", "dump", "--out", "x", "--editions", "999999999999"), "editions"),
        (("lookup", "9780743273566"), "isbn: 9780743273566: wrong check digit: 6, expected 5"),
        (("lookup", "tea\npot"), "isbn: tea pot: not an ISBN"),
        (("mirror", "load", "x", "--languages", "english,klingonese"), "languages: klingonese: no language"),
    ],
)
def test_bad_usage_is_one_line_and_exit_2(call: Calls, arguments: tuple[str, ...], says: str) -> None:
    code, out, err = call(*arguments)
    assert (code, out, err.count("\n")) == (2, "", 1), err
    assert says in err


def test_wrong_settings_are_all_listed(call: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {"PORT": "http", "POOLER": "session", "WORKERS": "0", "DATABASE_URL": "mysql://root:hunter2@db/x"}
    for name, value in wrong.items():
        monkeypatch.setenv(f"ALEXANDRIA_{name}", value)
    for command in (("up",), ("api",), ("db", "status"), ("mirror", "status"), ("lookup", "9780743273565")):
        code, out, err = call(*command)
        assert (code, out) == (2, "")
        assert [line.split()[1] for line in err.splitlines()] == [
            "ALEXANDRIA_DATABASE_URL",
            "ALEXANDRIA_POOLER",
            "ALEXANDRIA_PORT",
            "ALEXANDRIA_WORKERS",
        ]
        assert "hunter2" not in err


def test_a_data_folder_that_cannot_be(call: Calls, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for command in ("up", "demo", "api"):
        code, out, err = call(command, "--data-dir", tmp_path / "file" / "data", "--port", "1234")
        assert (code, out) == (1, "")
        last = err.splitlines()[-1]
        assert str(tmp_path / "file") in last
        assert "ALEXANDRIA_DATA_DIR" in last


def test_an_address_that_is_not_ours(call: Calls) -> None:
    code, out, err = call("up", "--host", "192.0.2.7", "--port", "1234")
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert "cannot listen on 192.0.2.7" in err
    assert "ALEXANDRIA_HOST" in err


def test_a_database_that_is_away(call: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALEXANDRIA_DATABASE_URL", "postgresql://me:hunter2@127.0.0.1:1/x")
    for command in (("up", "--port", "1234"), ("db", "migrate"), ("mirror", "status"), ("lookup", "9780743273565")):
        code, out, err = call(*command)
        assert (code, out, err.count("\n")) == (1, "", 1), err
        assert "127.0.0.1:1 is not available" in err
        assert "hunter2" not in err


class _Database(Exception):
    sqlstate = "53100"


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/data/x"), 1, "/data/x: No space left on device; free some"),
        (PermissionError(errno.EACCES, "Permission denied", "/data"), 1, "/data: Permission denied; choose another"),
        (_Database("could not extend file\nHINT: free"), 1, "the database's disk is full: could not extend file HINT"),
        (ZeroDivisionError("division by zero"), 1, "unexpected ZeroDivisionError: division by zero; run it again"),
        (DumpRefused("x.gz: two\nlines"), 1, "alexandria: x.gz: two lines"),
        (LoadFailed("No space left on device"), 1, "left on device; free some space on that disk"),
        (BadInput("isbn", "is empty"), 2, "isbn: is empty"),
        (SettingsInvalid(["A is wrong"]), 2, "alexandria: A is wrong"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_errors_say_what_to_do(
    error: Exception, code: int, says: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ALEXANDRIA_DEBUG", raising=False)
    assert complain(error) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert says in err
    monkeypatch.setenv("ALEXANDRIA_DEBUG", "1")
    complain(error)
    assert type(error).__name__ in capsys.readouterr().err.splitlines()[0] + "Traceback"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_a_command_quietly(on_database: Program, number: int, code: int) -> None:
    """The command hangs in reading a pipe to which nobody writes."""
    pipe = on_database.folder / "pipe"
    os.mkfifo(pipe)
    process = on_database.start("mirror", "load", pipe)
    descriptor = wait_for(lambda: _open_writer(pipe), "the loader opens it")
    wait_for(lambda: _sleeps(process.pid), "the loader reads")  # a signal just before that is handled after it
    process.send_signal(number)
    assert process.wait(60) == code
    os.close(descriptor)
    assert process.stdout
    assert process.stdout.read() == ""
    process.stdout.close()
    assert "Traceback" not in on_database.said()


def _open_writer(pipe: Path) -> int | None:
    try:
        return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
    except OSError:  # nobody reads yet
        return None


def _sleeps(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].startswith("S")
