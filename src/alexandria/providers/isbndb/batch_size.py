"""How many ISBNs fit into one request: an answer of more than some megabytes fails. Pure."""

LARGEST_ANSWER = 3 << 20  # bytes; it is known to fail at about 6 MB
SMALLEST = 10  # a batch that fails below that does not fail for its size


class BatchSize:
    """The size of the next batch, at most `most`: less after a failure and for heavy editions, slowly more again."""

    def __init__(self, most: int) -> None:
        self._most, self._size = most, most
        self._weight = 0.0  # bytes of an edition: believed at once when it grows, slowly when it shrinks

    @property
    def now(self) -> int:
        """How many ISBNs to ask for."""
        return self._size

    def answered(self, asked: int, found: int, size: int) -> None:
        """Nothing; a batch of `asked` ISBNs brought `found` editions in `size` bytes."""
        if found:
            weight = size / found
            self._weight = weight if weight > self._weight else 0.75 * self._weight + 0.25 * weight
        fits = int(LARGEST_ANSWER / self._weight) if self._weight else self._most
        grown = self._size + max(1, self._size // 4) if asked >= self._size else self._size
        self._size = max(1, min(self._most, grown, fits))

    def failed(self, asked: int) -> None:
        """Nothing; a batch of `asked` ISBNs was too large."""
        self._size = min(self._size, max(asked // 2, min(SMALLEST, self._most)))
