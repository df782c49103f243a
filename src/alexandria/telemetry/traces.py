"""Traces by OpenTelemetry, where they are configured; else nothing is imported and nothing happens.

A miss is one trace: the request, its job (which takes the `traceparent` along in its payload from process to process),
what providers were asked for it, and the writing of what they said. Like logs, traces are of a process: an entry point
configures them.
"""

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from alexandria.errors import SettingsInvalid

PARENT: Final = "traceparent"  # in a header, and in the payload of a job
NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
_SHAPE: Final = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_OFF: Final[AbstractContextManager[None]] = nullcontext()
_state: Final[dict[str, "Tracing"]] = {}  # under one name: that of this process, once it is configured
_jobs: ContextVar[Mapping[UUID, Any]] = ContextVar("jobs")  # the spans of the jobs that are worked on here


class Tracing:
    """Spans of one service, sent to the OTLP collector at `url`. Raises SettingsInvalid where the extra is missing."""

    def __init__(self, url: str, service: str) -> None:
        try:
            from opentelemetry import trace
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
            from opentelemetry.sdk.resources import Resource
            from opentelemetry.sdk.trace import TracerProvider
            from opentelemetry.sdk.trace.export import BatchSpanProcessor
            from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
        except ImportError:
            missing = "ALEXANDRIA_TRACES_URL needs OpenTelemetry: pip install 'alexandria-catalog[server,traces]'"
            raise SettingsInvalid([missing]) from None
        self._provider = TracerProvider(resource=Resource({"service.name": f"alexandria-{service}"}))
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{url}/v1/traces")))
        self.tracer = self._provider.get_tracer("alexandria")
        self.trace = trace
        self._propagator = TraceContextTextMapPropagator()

    def read(self, parent: str | None) -> Any:
        """The context that a traceparent names; None, which is the current one, for what is none."""
        if parent is None or not _SHAPE.fullmatch(parent):
            return None
        return self._propagator.extract({PARENT: parent})

    def carry(self) -> Mapping[str, str]:
        """The current span, as others can go on from it."""
        carrier: dict[str, str] = {}
        self._propagator.inject(carrier)
        return carrier

    def is_under_way(self) -> bool:
        """Whether there is a current span."""
        return self.trace.get_current_span().get_span_context().is_valid

    def close(self) -> None:
        """Nothing; what is left was sent, or cannot be."""
        self._provider.shutdown()


def configure_traces(url: str | None, service: str) -> None:
    """Nothing; spans of this process are sent there from now on, or nowhere. Raises SettingsInvalid."""
    end_traces()
    if url:
        _state[""] = Tracing(url, service)


def end_traces() -> None:
    """Nothing; what is left was sent, and no more will be."""
    if tracing := _state.pop("", None):
        tracing.close()


def is_on() -> bool:
    """Whether this process traces."""
    return bool(_state)


def span(name: str, parent: str | None = None, **attributes: Any) -> AbstractContextManager[Any]:
    """A block that is a span, under the current one or that of another process. Gives the span, None when off."""
    if not _state:
        return _OFF
    tracing = _state[""]
    return tracing.tracer.start_as_current_span(name, context=tracing.read(parent), attributes=attributes)


def child(name: str, **attributes: Any) -> AbstractContextManager[Any]:
    """As `span`, where there is a current one; else nothing."""
    return span(name, **attributes) if _state and _state[""].is_under_way() else _OFF


def note(name: str, seconds: float, **attributes: Any) -> None:
    """Nothing; what just ended, and took so many seconds, is a span under the current one, where there is one."""
    if _state and (tracing := _state[""]).is_under_way():
        now = time.time_ns()
        begun = now - int(seconds * 1e9)
        tracing.tracer.start_span(name, attributes=attributes, start_time=begun).end(now)


def carry() -> Mapping[str, str]:
    """What a job takes along so that its trace goes on; nothing when off."""
    return _state[""].carry() if _state else NOTHING


def parent_of(payload: Mapping[str, Any]) -> str | None:
    """The span that a job was enqueued in."""
    parent = payload.get(PARENT)
    return parent if isinstance(parent, str) else None


def begin(name: str, parent: str, first: Any, **attributes: Any) -> Any:
    """A span that somebody else ends; it names the `first`, in which stands what was done for both."""
    tracing = _state[""]
    links = [tracing.trace.Link(first.get_span_context())] if first else []
    return tracing.tracer.start_span(name, context=tracing.read(parent), attributes=attributes, links=links)


@contextmanager
def under(span: Any, jobs: Mapping[UUID, Any] | None = None) -> Iterator[None]:
    """Nothing; in the block the span is the current one, and `of_job` finds those of these jobs."""
    token = _jobs.set(jobs) if jobs is not None else None
    try:
        with _state[""].trace.use_span(span, end_on_exit=False):
            yield
    finally:
        if token:
            _jobs.reset(token)


def of_job(id: UUID) -> AbstractContextManager[None]:
    """A block that belongs to one of the jobs that are worked on here; nothing when it is not traced."""
    found = _jobs.get(NOTHING).get(id) if _state else None  # type: ignore[call-overload]
    return _OFF if found is None else under(found)
