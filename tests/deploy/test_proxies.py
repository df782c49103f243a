"""The files for nginx and Caddy: understood by them where they are installed, and fit for the service in any case."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.deploy.dockerfile import ROOT

NGINX, CADDY = ROOT / "deploy" / "nginx.conf", ROOT / "deploy" / "Caddyfile"


def test_nginx_says_where_a_request_came_from() -> None:
    text = NGINX.read_text()
    assert re.search(r"proxy_set_header X-Forwarded-For \$proxy_add_x_forwarded_for;", text)
    assert re.findall(r"server (127\.0\.0\.1:\d+)", text) == ["127.0.0.1:8001", "127.0.0.1:8002"]
    page = (ROOT / "docs" / "how-to" / "behind-a-proxy.md").read_text()
    named = re.findall(r"^\| `([\w ]+?) ?…?`(?:, `([^`]+)`)? \|", page, re.MULTILINE)
    assert named
    assert all(line in text for each in named for line in each if line)


@pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed")
def test_nginx_understands_its_file(tmp_path: Path) -> None:
    whole = tmp_path / "nginx.conf"
    whole.write_text(f"pid {tmp_path}/pid; error_log stderr; events {{}} http {{ include {NGINX}; }}")
    done = subprocess.run(["nginx", "-t", "-c", whole], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(shutil.which("caddy") is None, reason="Caddy is not installed")
@pytest.mark.parametrize("site", [":8000", "books.example.org"])
def test_caddy_understands_its_file(tmp_path: Path, site: str) -> None:
    done = subprocess.run(
        ["caddy", "validate", "--config", CADDY, "--adapter", "caddyfile"],
        capture_output=True, text=True, check=False, env={"SITE": site, "HOME": str(tmp_path), "PATH": "/usr/bin"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
