"""Where a redirect may lead."""

from datetime import UTC, datetime

import pytest

from alexandria.errors import Malformed
from alexandria.net.messages import Reply, Request
from alexandria.net.redirects import redirected


def lead(url: str, target: str, hosts: tuple[str, ...] = (), status: int = 302) -> str | None:
    request = Request(url=url, redirects=hosts)
    found = redirected(request, Reply("b", url, status, {"location": target}, b"", datetime.now(UTC)))
    return found.url if found else None


@pytest.mark.parametrize(
    ("target", "hosts", "expected"),
    [
        ("/b?c=1", (), "https://a.org/b?c=1"),
        ("b", (), "https://a.org/x/b"),
        ("https://a.org/b", (), "https://a.org/b"),
        ("http://a.org/b", (), "https://a.org/b"),  # never to a place that anybody may forge
        ("http://a.org:80/b", (), "https://a.org/b"),
        ("//b.org/c", ("b.org",), "https://b.org/c"),
        ("https://b.org:8443/c", ("b.org:8443",), "https://b.org:8443/c"),
    ],
)
def test_it_leads_on(target: str, hosts: tuple[str, ...], expected: str) -> None:
    assert lead("https://a.org/x/y", target, hosts) == expected


@pytest.mark.parametrize(
    "target",
    [
        "https://b.org/", "https://a.org.b.org/", "https://a.org@b.org/", "https://me:pw@a.org/", "https://a.org:8443/",
        "ftp://a.org/", "file:///etc/passwd", "javascript:alert(1)", "http://[",
        "https://c.org:8443/",
    ],
)  # fmt: skip
def test_it_does_not(target: str) -> None:
    with pytest.raises(Malformed) as caught:
        lead("https://a.org/x", target, ("c.org",))
    assert "pw" not in str(caught.value)


@pytest.mark.parametrize("status", [200, 300, 304, 404])
def test_other_statuses_are_answers(status: int) -> None:
    assert lead("https://a.org/", "/b", status=status) is None
