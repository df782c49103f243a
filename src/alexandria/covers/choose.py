"""Which of two covers is better, and when it is good enough to stop looking. Pure."""

from datetime import datetime
from typing import Final, NamedTuple

from alexandria.covers.find import ORDER, USER, Candidate
from alexandria.covers.keys import SIZES

LARGER: Final = 1.2  # times as many pixels, or it is not worth the change


class Standing(NamedTuple):
    """What counts of a cover: whose it is, its large picture's size, since when it is there (None: not yet)."""

    provider: str
    width: int
    height: int
    at: datetime | None = None

    @property
    def is_enough(self) -> bool:
        """Whether the medium size is filled."""
        width, height = SIZES["medium"]
        return self.width >= width or self.height >= height

    @property
    def pixels(self) -> int:
        return self.width * self.height


def is_better(new: Standing, old: Standing | None) -> bool:
    """Whether the new cover takes the old one's place.

    A user's word counts, the last one most; then a picture that is large enough; then the earlier source; then size.
    """
    if old is None or new.provider == USER:
        return True
    if old.provider == USER:
        return False
    if new.is_enough != old.is_enough:
        return new.is_enough
    if new.is_enough and new.provider != old.provider:
        return _rank(new) < _rank(old)
    return new.pixels > old.pixels * LARGER


def is_worth_asking(candidate: Candidate, best: Standing | None) -> bool:
    """Whether a candidate could be better than what there is, for all that is known before it is fetched."""
    if candidate.provider == USER:
        return best is None or best.provider != USER or _is_newer(candidate, best)
    if best is None:
        return True
    if best.provider == USER:
        return False
    return not best.is_enough or candidate.rank < _rank(best)


def _is_newer(candidate: Candidate, best: Standing) -> bool:
    return candidate.at is not None and best.at is not None and candidate.at > best.at


def _rank(standing: Standing) -> int:
    return ORDER.index(standing.provider)
