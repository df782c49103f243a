"""`alexandria simulate`: the providers, simulated on this machine."""

from typing import TYPE_CHECKING, Annotated

import typer

from alexandria.cli.running import stopped_by_signal, wait_for_signal
from alexandria.cli.screen import Json, note, say, show_json

if TYPE_CHECKING:
    from collections.abc import Mapping

FirstPort = Annotated[
    int, typer.Option("--port", min=0, max=65_000, help="The first of the ports, one for each host; 0: free ones.")
]
Speed = Annotated[
    float,
    typer.Option(min=0.01, max=100_000, help="How many times as fast as the wall's the days of the providers pass."),
]
Seed = Annotated[int, typer.Option(help="The seed of the synthetic dump whose titles and names the providers share.")]
RateLimits = Annotated[
    bool, typer.Option("--rate-limits/--no-limits", help="Hold everybody to the providers' limits, or to none.")
]


def simulate(
    port: FirstPort = 8100, speed: Speed = 1.0, seed: Seed = 1, rate_limits: RateLimits = True, json: Json = False
) -> None:
    """Answer as ISBNdb, Google Books, Open Library, Wikidata and Wikipedia do, until Ctrl-C.

    Prints the settings that make Alexandria, or a program of yours, ask here. What was asked, and how often it
    broke a limit, is at /_control/state of each address.
    """
    from alexandria.simulator.options import Options, settings_for
    from alexandria.simulator.server import serving

    options = Options(port=port, speed=speed, seed=seed, limited=rate_limits)
    with stopped_by_signal(), serving(options.make_world(), port) as urls:
        settings = settings_for(urls)
        show_json({"settings": settings}) if json else _show(settings)
        wait_for_signal()


def _show(settings: "Mapping[str, str]") -> None:
    for name, url in settings.items():
        say(f"{name}={url}")
    note("answering until Ctrl-C; any key is good that does not begin with 'bad'")
