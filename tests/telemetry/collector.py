"""A real collector of traces on this machine: an HTTP server that takes OTLP and decodes it."""

import gzip
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.listening import Listening


@dataclass(frozen=True)
class Span:
    """A span as it was sent."""

    service: str
    name: str
    trace: str
    id: str
    parent: str
    attributes: dict[str, Any]


class Collector(Listening):
    """Takes spans as long as it is entered."""

    def __init__(self) -> None:
        super().__init__(self._take)
        self.spans: list[Span] = []
        self.url = f"http://{self.address}"

    def _take(self, request: BaseHTTPRequestHandler, body: bytes) -> int:
        if request.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        assert request.path == "/v1/traces"
        self._keep(ExportTraceServiceRequest.FromString(body))
        return 200

    def _keep(self, request: ExportTraceServiceRequest) -> None:
        for resource in request.resource_spans:
            service = _values(resource.resource.attributes)["service.name"]
            for scope in resource.scope_spans:
                for span in scope.spans:
                    ids = (span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex())
                    self.spans.append(Span(service, span.name, *ids, _values(span.attributes)))


def _values(attributes: Any) -> dict[str, Any]:
    return {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in attributes}
