"""The control routes, on every port under `/_control/`: state, reset, limits, faults, clock."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from alexandria.simulator.faults import Fault
from alexandria.simulator.limits import changed
from alexandria.simulator.messages import CONTROL, Request, Response, json_response
from alexandria.simulator.world import World


class _Leap(msgspec.Struct, forbid_unknown_fields=True):
    """How many seconds the clock is ahead of what it would say by itself."""

    ahead: float


def control(world: World, request: Request) -> Response:
    """The answer to a control request; 400 names what is wrong with it."""
    try:
        match (request.method, request.path.removeprefix(CONTROL)):
            case ("GET", "state"):
                return json_response(world.state())
            case ("POST", "reset"):
                world.reset()
            case ("POST", "limits"):
                _set_limits(world, _decode(request, dict[str, dict[str, Any] | None]))
            case ("POST", "faults"):
                _set_faults(world, _decode(request, dict[str, list[Fault] | None]))
            case ("POST", "clock"):
                world.clock.ahead = msgspec.json.decode(request.body, type=_Leap).ahead
            case _:
                return json_response({"error": "GET state, POST reset, POST limits, POST faults, POST clock"}, 404)
    except (ValueError, msgspec.MsgspecError) as error:
        return json_response({"error": str(error)}, 400)
    return json_response({"done": True})


def _decode(request: Request, kind: Any) -> Any:
    return msgspec.json.decode(request.body, type=kind)


def _set_limits(world: World, changes: Mapping[str, Mapping[str, Any] | None]) -> None:
    for bucket in changes:
        _check(bucket, world.meters)
    after = {bucket: changed(bucket, world.meters[bucket].limits, change) for bucket, change in changes.items()}
    for bucket, limits in after.items():
        world.meters[bucket].limits = limits


def _set_faults(world: World, scripts: Mapping[str, Sequence[Fault] | None]) -> None:
    """The script of a bucket is given to each of its hosts."""
    for name in scripts:
        _check(name, {**world.hosts, **world.meters})
    for name, faults in scripts.items():
        for host in world.hosts.values():
            if name in (host.name, host.bucket):
                world.scripts[host.name].replace(faults or ())


def _check(name: str, known: Mapping[str, object]) -> None:
    if name not in known:
        raise ValueError(f"no provider {name!r}; there are {', '.join(known)}")
