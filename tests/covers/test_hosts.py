"""What hosts of pictures allow: our own choice, or the operator's."""

import pytest

from alexandria.config import Settings
from alexandria.covers.hosts import GOOGLE, ISBNDB, bucket_policies
from alexandria.net.ssrf import ELSEWHERE


@pytest.mark.parametrize(("set_to", "rates"), [(None, (2.0, 2.0, 5.0)), (10.0, (10.0, 10.0, 10.0))])
def test_pictures_have_a_pace_of_their_own(set_to: float | None, rates: tuple[float, ...]) -> None:
    policies = bucket_policies(Settings(cover_rate=set_to))
    assert tuple(policies[bucket].rate for bucket in (GOOGLE, ISBNDB, ELSEWHERE)) == rates
    assert policies["isbndb"] == bucket_policies(Settings())["isbndb"], "the data's is none of it"
