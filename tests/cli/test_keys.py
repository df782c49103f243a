"""`keys`: made, listed and revoked; the key itself is shown once."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from alexandria.cli.keys import read_expiry
from alexandria.errors import BadInput
from tests.cli.conftest import Calls

KEY = re.compile(r"alx_([a-z2-7]{10})_[a-z2-7]{40}")


def test_from_making_to_revoking(call_on_database: Calls) -> None:
    call = call_on_database
    code, out, err = call("keys", "create", "--name", "reading app", "--scope", "write", "--expires", "90d")
    found = KEY.fullmatch(out.strip())
    assert (code, err.count("\n")) == (0, 1)
    assert found, "stdout is the key alone, so that a script may take it"
    assert found[0] not in err
    assert "not shown again" in err
    made = call.result("keys", "create", "--name", "other")
    assert (made["scope"], made["expires_at"]) == ("read", None)
    assert KEY.fullmatch(made["key"])
    code, out, err = call("keys", "list")
    assert code == 0
    assert found[1] in out
    assert found[0][-40:] not in out + err
    revoked = call.result("keys", "revoke", made["id"])
    assert (revoked["id"], revoked["name"]) == (made["id"], "other")
    listed = call.result("keys", "list")["keys"]
    assert [(key["name"], key["scope"], key["state"]) for key in listed] == [
        ("other", "read", "revoked"), ("reading app", "write", "active"),
    ]  # fmt: skip
    assert "key" not in listed[0]
    assert "digest" not in listed[0]
    code, out, _ = call("keys", "revoke", found[0])  # whole, as it was found in the wrong place
    assert (code, out.split()[:2]) == (0, ["revoked", found[1]])
    assert found[0] not in out


def test_the_bootstrap_key_is_told_but_not_shown(call_on_database: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALEXANDRIA_INTERNAL_API_KEY", "a secret of many characters")
    code, _, err = call_on_database("keys", "list")
    assert code == 2  # blanks
    assert "many" not in err
    monkeypatch.setenv("ALEXANDRIA_INTERNAL_API_KEY", "a-secret-of-many-characters")
    code, out, err = call_on_database("keys", "list")
    assert (code, "internal" in err, "many" in out + err) == (0, True, False)


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("create", "--name", "x", "--scope", "root"), 2, "scope: must be one of read, write, admin"),
        (("create", "--name", " "), 2, "name: must have 1 to 100 characters"),
        (("create", "--name", "x", "--expires", "soon"), 2, "expires: must look like 90d"),
        (("create", "--name", "x", "--expires", "2001-01-01"), 2, "expires: 2001-01-01 is not in the future"),
        (("create",), 2, "--name"),
        (("revoke", "aaaaaaaaaa"), 1, "there is no key with the id aaaaaaaaaa"),
        (("revoke", "internal"), 1, "take ALEXANDRIA_INTERNAL_API_KEY away"),
        (("revoke", "alx_aaaaaaaaaa_toosecret"), 1, "this is not the id of a key"),
        (("revoke", "\udcff\x00"), 1, "this is not the id of a key"),
    ],
)
def test_what_is_refused(call_on_database: Calls, arguments: tuple[str, ...], code: int, says: str) -> None:
    got, out, err = call_on_database("keys", *arguments)
    assert (got, out, err.count("\n")) == (code, "", 1), err
    assert says in err
    assert "toosecret" not in err


NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [("", None), ("12h", NOW + timedelta(hours=12)), ("90d", NOW + timedelta(days=90)),
     ("2026-11-23", datetime(2026, 11, 23, tzinfo=UTC)), ("9999-12-31", datetime(9999, 12, 31, tzinfo=UTC))],
)  # fmt: skip
def test_when_a_key_ends(text: str, moment: datetime | None) -> None:
    assert read_expiry(text, NOW) == moment


@pytest.mark.parametrize("text", ["0d", "-1d", "1w", "999999999d", "999999h0", "2026-11-22", "2026-02-30", "1.5d", "d"])
def test_what_is_no_end(text: str) -> None:
    with pytest.raises(BadInput, match="expires"):
        read_expiry(text, NOW)
