"""The simulator as a process: started, told, ended, from Python and from the command line."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx2
import pytest
import typer.testing

from alexandria.config import read_settings, variables
from alexandria.sample.catalogue import sample_isbns
from alexandria.simulator import Simulator, SimulatorFailed
from tests.simulator.conftest import AGENT
from tests.waiting import until

KEY = {"Authorization": "simulated-key"}


def is_alive(url: str) -> bool:
    address = httpx2.URL(url)
    with contextlib.suppress(OSError), socket.create_connection((address.host, address.port or 80), timeout=5):
        return True
    return False


def test_the_urls_are_settings_that_the_program_takes(simulator: Simulator) -> None:
    known = {f"ALEXANDRIA_{entry.name.upper()}" for entry in variables()}
    assert set(simulator.environ) <= known
    settings = read_settings(simulator.environ, env_file=Path("/nonexistent"))
    assert settings.providers["google-books"].url == simulator.urls["google_books"]
    assert settings.providers["wikipedia"].url.endswith("/{language}")


def test_it_ends_with_the_block_and_twice_means_two() -> None:
    with Simulator() as one, Simulator() as two:
        assert not set(one.urls.values()) & set(two.urls.values())
        urls = [*one.urls.values(), *two.urls.values()]
        assert all(is_alive(url) for url in urls)
    assert not any(is_alive(url) for url in urls)


def test_it_ends_when_its_starter_is_killed() -> None:
    script = (
        "import time; from alexandria.simulator import Simulator; s = Simulator().__enter__(); "
        "print(s.urls['isbndb'], flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        url = process.stdout.readline().strip()
        assert is_alive(url)
        process.kill()
    until(lambda: not is_alive(url))


def test_a_taken_port_is_said(simulator: Simulator) -> None:
    port = httpx2.URL(simulator.urls["isbndb"]).port
    assert port
    with pytest.raises(SimulatorFailed, match=f"port {port} for isbndb cannot be listened on"), Simulator(port=port):
        pass


def test_equal_questions_have_equal_answers_in_another_process(simulator: Simulator, http: httpx2.Client) -> None:
    paths = {
        "isbndb": f"/book/{sample_isbns().hit}",
        "google_books": f"/volumes?q=isbn:{sample_isbns().miss}&key=k",
        "open_library": "/works/OL10000000007W.json",
        "wikidata": "/wiki/Special:EntityData/Q10000000001.json",
    }
    with Simulator(limited=False) as other:
        for host, path in paths.items():
            own, others = (http.get(each.urls[host] + path, headers=KEY) for each in (simulator, other))
            assert own.status_code == others.status_code == 200
            assert without_places(own.text, simulator) == without_places(others.text, other)


def without_places(text: str, simulator: Simulator) -> str:
    """The text without the addresses of its simulator, and without what is signed for a time."""
    for name, url in simulator.urls.items():
        text = text.replace(url, name)
    return re.sub(r"\?expires=[^\"]*", "", text)


def test_limits_can_be_changed_and_lifted(simulator: Simulator, http: httpx2.Client) -> None:
    simulator.limits(isbndb={"plan": "pro"})
    assert simulator.state()["isbndb"]["limits"]["rate"] == 5
    simulator.limits(isbndb={"rate": 7, "daily": None})
    found = simulator.state()["isbndb"]["limits"]
    assert (found["rate"], found["daily"], found["batch"], found["plan"]) == (7, None, 1000, "pro")
    simulator.limits(isbndb=None)
    assert simulator.state()["isbndb"]["limits"]["batch"] is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"nobody": {}}, "no provider"),
        ({"isbndb": {"rate": 0}}, "rate"),
        ({"isbndb": {"speed": 3}}, "speed"),
        ({"isbndb": {"plan": "gold"}}, "plan must be one of"),
        ({"wikimedia": {"plan": "basic"}}, "plan must be one of"),
        ({"isbndb": {"rate": 3}, "nobody": {}}, "no provider"),
    ],
)
def test_bad_limits_are_refused_whole(simulator: Simulator, change: Any, said: str) -> None:
    before = simulator.state()["isbndb"]["limits"]
    with pytest.raises(SimulatorFailed, match=said):
        simulator.limits(**change)
    assert simulator.state()["isbndb"]["limits"] == before


def test_control_requests_are_not_counted_and_bad_ones_answered(simulator: Simulator, http: httpx2.Client) -> None:
    base = simulator.urls["open_library"] + "/_control/"
    assert http.get(base + "state").json()["open_library"]["requests"] == 0
    assert http.get(base + "nothing").status_code == 404
    for body in (b"", b"[]", b"{", b'{"isbndb": 3}', b"\xff"):
        assert http.post(base + "limits", content=body).status_code == 400
        assert http.post(base + "faults", content=body).status_code == 400


@pytest.mark.parametrize(
    "path",
    ["/", "//", "/book/", "/book/%FF%00", "/book/" + "9" * 5000, "/works/OL0W.json", "/isbn/.json", "/sparql?query=%FF",
     "/w/api.php?action=query&list=search&srsearch=%22&format=json", "/recentchanges/0000/00/00.json",
     "/recentchanges/9999/12/31.json", "/search.json?q=isbn:(&limit=-1", "/books/2026-99?column=date_published",
     "/books/v1/volumes?key=k&q=isbn:&fields=" + "a(" * 900, "/en/api/rest_v1/page/summary/%20(writer,%209999999999)",
     "/wiki/Special:EntityData/Q99999999999.json", "/authors/OL19999999999A/works.json",
     "/works/OL19999999999W/editions.json",
     "/author/%20", "/authors/OL19999999999A.json", "/search.json?author_key=OL19999999999A",
     "/sparql?query=SELECT+?a+{+?a+wdt:P50+wd:Q19999999999+}&format=json"],
)  # fmt: skip
def test_no_input_makes_it_fail(simulator: Simulator, http: httpx2.Client, path: str) -> None:
    for url in simulator.urls.values():
        base = url.partition("/books")[0].partition("/{")[0]
        assert http.get(base + path, headers=KEY).status_code < 500
        assert http.post(base + path, headers=KEY, content=b"\xff\x00").status_code < 500
    assert all(each["kind"] != "simulator" for found in simulator.violations().values() for each in found)


def test_a_body_without_a_length_or_too_large_is_refused(simulator: Simulator, http: httpx2.Client) -> None:
    url = simulator.urls["isbndb"] + "/books"
    assert http.post(url, content=iter([b"{}"]), headers=KEY).status_code == 411
    address = httpx2.URL(url)
    with socket.create_connection((address.host, address.port or 0), timeout=20) as connection:
        connection.sendall(b"POST /books HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999999\r\n\r\n")
        assert connection.recv(65_536).startswith(b"HTTP/1.1 413 ")
    assert http.head(simulator.urls["isbndb"] + "/stats", headers=KEY).content == b""


def run_command(*arguments: str) -> subprocess.Popen[str]:
    script = (
        "import sys, typer; from alexandria.cli.simulate import simulate; app = typer.Typer(); "
        "app.command()(simulate); app(sys.argv[1:])"
    )
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_prints_settings_and_runs_until_a_signal(number: signal.Signals) -> None:
    with run_command("--port", "0", "--json", "--no-limits", "--seed", "2") as process:
        assert process.stdout
        settings = json.loads(process.stdout.readline())["settings"]
        url = settings["ALEXANDRIA_ISBNDB_URL"]
        state = httpx2.get(f"{url}/_control/state", headers=AGENT, timeout=60).json()
        assert (state["seed"], state["isbndb"]["limits"]["rate"]) == (2, None)
        os.kill(process.pid, number)
        assert process.wait(120) == 0
    assert not is_alive(url)


def test_the_command_in_words(simulator: Simulator) -> None:
    with run_command("--port", "0") as process:
        assert process.stdout
        lines = [process.stdout.readline() for _ in range(6)]
        process.terminate()
    assert lines[0].startswith("ALEXANDRIA_ISBNDB_URL=http://127.0.0.1:")
    assert lines[5].rstrip().endswith("/{language}")


def test_the_command_says_what_is_taken(simulator: Simulator) -> None:
    from alexandria.cli.simulate import simulate
    from alexandria.errors import AddressInUse

    app = typer.Typer()
    app.command()(simulate)
    port = str(httpx2.URL(simulator.urls["isbndb"]).port)
    result = typer.testing.CliRunner().invoke(app, ["--port", port])
    assert isinstance(result.exception, AddressInUse)


def test_ctrl_c_in_the_terminal_is_not_for_it() -> None:
    with Simulator() as simulator:
        assert simulator._process is not None
        os.kill(simulator._process.pid, signal.SIGINT)
        simulator._process.communicate()  # its input ends
        assert simulator._process.returncode == 0
