"""Where a request comes from: X-Forwarded-For is believed from the proxies that are named, from right to left."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alexandria.api.address import MOST_HOPS, Proxies, parse_address

TRUSTED = ("10.0.0.0/8", "2001:db8:aaaa::/48", "127.0.0.1/32")


@pytest.mark.parametrize(
    ("text", "address", "network"),
    [
        ("192.0.2.1", "192.0.2.1", "192.0.2.1"),
        ("192.0.2.1:443", "192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1", "192.0.2.1"),
        ("[::ffff:c000:201]:80", "192.0.2.1", "192.0.2.1"),
        ("2001:DB8:0:1:0::5", "2001:db8:0:1::5", "2001:db8:0:1::/64"),
        ("[2001:db8::1]", "2001:db8::1", "2001:db8::/64"),
        ('"[2001:db8::1]:4711"', "2001:db8::1", "2001:db8::/64"),
        ("fe80::1%eth0", "fe80::1", "fe80::/64"),
        ("::1", "::1", "::/64"),
    ],
)
def test_addresses(text: str, address: str, network: str) -> None:
    found = parse_address(text)
    assert found
    assert (found.text, found.network) == (address, network)


@pytest.mark.parametrize(
    "text",
    ["", "unknown", "_hidden", "256.1.1.1", "1.2.3", "1.2.3.4.5", "192.0.2.1:port", "[2001:db8::1", "[]", "[::1]x",
     "2001:db8::1:2:3:4:5:6:7:8", "192.0.2.1 192.0.2.2", "::1:99999999", "１.2.3.4", "192.0.2.01", "for=192.0.2.1"],
)  # fmt: skip
def test_what_is_no_address(text: str) -> None:
    assert parse_address(text) is None


@given(st.text(max_size=80))
def test_any_text_is_read_without_an_error(text: str) -> None:
    parse_address(text)


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("192.0.2.1", [], "192.0.2.1"),
        ("192.0.2.1", ["203.0.113.9"], "192.0.2.1"),  # not a proxy of ours: it may say what it likes
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["203.0.113.9"], "203.0.113.9"),
        ("::ffff:10.0.0.1", ["203.0.113.9"], "203.0.113.9"),
        ("10.0.0.1", ["198.51.100.7, 203.0.113.9"], "203.0.113.9"),  # the left one is the caller's invention
        ("10.0.0.1", ["198.51.100.7", "203.0.113.9"], "203.0.113.9"),  # the same in two headers
        ("10.0.0.1", ["127.0.0.1, 203.0.113.9"], "203.0.113.9"),
        ("10.0.0.1", ["203.0.113.9, 10.0.0.2, 2001:db8:aaaa::5"], "203.0.113.9"),  # two proxies more
        ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),  # from inside
        ("10.0.0.1", [" 203.0.113.9:1234 "], "203.0.113.9"),
        ("10.0.0.1", ["[2001:db8:1::7]:443"], "2001:db8:1::7"),
        ("10.0.0.1", ["203.0.113.9,, ,"], "203.0.113.9"),
        ("10.0.0.1", ["", " "], "10.0.0.1"),
        ("10.0.0.1", ["203.0.113.9, unknown"], "10.0.0.1"),  # behind the unknown anybody may be
        ("10.0.0.1", ["203.0.113.9, unknown, 10.0.0.2"], "10.0.0.2"),
        ("10.0.0.1", ["unknown, 203.0.113.9"], "203.0.113.9"),
        ("10.0.0.1", ["203.0.113.9, " + "1" * 5000], "10.0.0.1"),
        ("10.0.0.1", ["\xff\x00é"], "10.0.0.1"),
        ("10.0.0.1", ["203.0.113.9" + ", 10.0.0.2" * MOST_HOPS], "10.0.0.2"),  # more than anybody has
        ("", ["203.0.113.9"], ""),  # a Unix socket
    ],
)
def test_who_asks(peer: str, forwarded: list[str], address: str) -> None:
    assert Proxies(TRUSTED).caller(peer, [value.encode("latin-1") for value in forwarded]).text == address


@given(st.lists(st.binary(max_size=100), max_size=5))
def test_without_proxies_nothing_is_believed(forwarded: list[bytes]) -> None:
    assert Proxies(()).caller("10.0.0.1", forwarded).text == "10.0.0.1"


@given(st.lists(st.binary(max_size=60), max_size=5))
def test_whatever_a_caller_invents_the_proxy_says_who_it_is(invented: list[bytes]) -> None:
    assert Proxies(TRUSTED).caller("10.0.0.1", [*invented, b"203.0.113.9"]).text == "203.0.113.9"
