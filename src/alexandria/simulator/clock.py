"""The simulated clock: days pass `speed` times as fast as on the wall."""

import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

PACIFIC = ZoneInfo("America/Los_Angeles")


class Clock:
    """The time as the providers have it: equal to the wall's at `epoch` (Unix seconds), then `speed` times as fast."""

    def __init__(self, speed: float = 1.0, epoch: float | None = None) -> None:
        self.speed = speed
        self.epoch = time.time() if epoch is None else epoch
        self.ahead = 0.0  # seconds that were leapt over

    def now(self) -> datetime:
        """The simulated moment, UTC."""
        passed = (time.time() - self.epoch) * self.speed
        return datetime.fromtimestamp(self.epoch + passed + self.ahead, UTC)

    def day(self, zone: ZoneInfo | None = None) -> str:
        """The simulated day in a zone (UTC without one), such as `2026-11-30`."""
        return self.now().astimezone(zone or UTC).date().isoformat()

    def seconds_left(self, zone: ZoneInfo | None = None) -> float:
        """Simulated seconds until the next midnight in a zone."""
        return seconds_to_midnight(self.now(), zone)


def seconds_to_midnight(moment: datetime, zone: ZoneInfo | None = None) -> float:
    """Seconds from a moment until the next midnight in a zone (UTC without one)."""
    tomorrow = moment.astimezone(zone or UTC).date() + timedelta(days=1)
    midnight = datetime.combine(tomorrow, datetime.min.time(), zone or UTC)
    return (midnight.astimezone(UTC) - moment).total_seconds()  # in UTC, since a local day may have 23 hours
