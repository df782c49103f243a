"""The gate, with what passes it counted."""

from alexandria.errors import QuotaExhausted, Throttled
from alexandria.net.gate import Call, Gate, Outcome, Permit
from alexandria.telemetry import traces
from alexandria.telemetry.metrics import Metrics


class CountedGate:
    """A gate whose permits, and what became of them, are counted."""

    def __init__(self, gate: Gate, metrics: Metrics) -> None:
        self._gate, self._metrics = gate, metrics

    async def permit(self, call: Call, patience: float) -> Permit:
        """As the gate's."""
        try:
            with traces.child("permit", bucket=call.bucket, lane=call.lane):
                permit = await self._gate.permit(call, patience)
        except Throttled:
            self._metrics.permits.add(call.bucket, call.lane, "throttled")
            raise
        except QuotaExhausted:
            self._metrics.permits.add(call.bucket, call.lane, "exhausted")
            raise
        self._metrics.permits.add(call.bucket, call.lane, "granted")
        return permit

    async def settle(self, permit: Permit, outcome: Outcome) -> None:
        """As the gate's."""
        bucket = permit.call.bucket
        if outcome.sent:
            self._metrics.provider_requests.add(bucket, outcome.error or "ok")
            self._metrics.provider_seconds.observe(outcome.ms / 1000, bucket)
            told = {"kind": permit.call.kind, "units": permit.call.units, "outcome": outcome.error or "ok"}
            traces.note(f"ask {bucket}", outcome.ms / 1000, **told, status=outcome.status or 0)
        else:
            self._metrics.provider_requests.add(bucket, "unsent")
        await self._gate.settle(permit, outcome)
