"""How a simulator is started, from the command line and from a test alike."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from alexandria.simulator.world import World

PICTURES = "_pictures"  # how the names of hosts end that only have pictures


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`port` is the first of as many as there are hosts (0: free ones); the others are those of `World`."""

    port: int = 0
    speed: float = 1.0
    epoch: float | None = None
    seed: int = 1
    editions: int = 300_000
    limited: bool = True

    def make_world(self) -> "World":
        """The world that these options describe."""
        from alexandria.simulator.world import World  # here, since whoever only starts a simulator needs no world

        return World(speed=self.speed, epoch=self.epoch, seed=self.seed, editions=self.editions, limited=self.limited)


def settings_for(urls: Mapping[str, str]) -> dict[str, str]:
    """The settings with which Alexandria asks these hosts instead of the real ones, by their variables' names.

    Hosts that only have pictures are no settings of their own; their addresses stand in answers.
    """
    pictures = [url.removeprefix("http://") for name, url in urls.items() if name.endswith(PICTURES)]
    found = {f"ALEXANDRIA_{name.upper()}_URL": url for name, url in urls.items() if not name.endswith(PICTURES)}
    return {**found, "ALEXANDRIA_COVER_HOSTS": ",".join(pictures)} if pictures else found
