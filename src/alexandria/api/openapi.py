"""What the OpenAPI document says of keys: how they are sent, which operation needs one, and the answers without.

And of bodies: which of them may hold nothing but what is named, and which answers come in other programs' formats.
"""

from typing import Any

from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from alexandria.api.auth import OPEN, scope_of
from alexandria.api.formats.negotiate import NAMED
from alexandria.api.problems import PROBLEM_JSON

SCHEMES = {
    "ApiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "See `alexandria keys`"},
    "Bearer": {"type": "http", "scheme": "bearer", "description": "The same key as a bearer token"},
}
_PROBLEM = {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}}
_UNAUTHORIZED = {"description": "A key is needed, or the one sent is wrong, revoked or expired", "content": _PROBLEM}
_FORBIDDEN = {"description": "The key has not the scope that is needed", "content": _PROBLEM}
_TOO_SLOW = {"description": "The body did not come in time (ALEXANDRIA_PATIENCE)", "content": _PROBLEM}
_TOO_MANY = {"description": "Too many requests; Retry-After says when to ask again", "content": _PROBLEM}


def describe(app: Litestar, *, open_reads: bool) -> dict[str, Any]:
    """The OpenAPI document of an application, with what its routes need."""
    document: dict[str, Any] = app.openapi_schema.to_schema()
    document.setdefault("components", {})["securitySchemes"] = SCHEMES
    for route in app.routes:
        if isinstance(route, HTTPRoute) and (path := document["paths"].get(route.path_format)):
            for method, (handler, _) in route.route_handler_map.items():
                _close(document, handler)
                if operation := path.get(method.lower()):
                    _add(operation, scope_of(handler), open_reads)
                    _add_formats(operation)
                    operation["responses"] = dict(sorted(operation["responses"].items()))
    return document


def _close(document: dict[str, Any], handler: HTTPRouteHandler) -> None:
    """Nothing; the shape of the body that a route takes refuses other fields, if it does."""
    body = handler.parsed_fn_signature.parameters.get("data")
    config = getattr(body and body.annotation, "__struct_config__", None)
    if body and config and config.forbid_unknown_fields:
        document["components"]["schemas"][body.annotation.__name__]["additionalProperties"] = False


def _add_formats(operation: dict[str, Any]) -> None:
    """Nothing; the answer of an operation that can be asked for by format comes in each of them."""
    if any(parameter["name"] == "as" for parameter in operation.get("parameters") or ()):
        for each in NAMED.values():
            operation["responses"]["200"]["content"].setdefault(each.media_type.partition(";")[0], {"schema": {}})


def _add(operation: dict[str, Any], scope: str, open_reads: bool) -> None:
    """Nothing; the operation says what it needs."""
    responses = operation["responses"]
    responses.setdefault("429", _TOO_MANY)
    if "requestBody" in operation:
        responses.setdefault("408", _TOO_SLOW)
    if scope == OPEN:
        operation["security"] = []
        return
    responses.setdefault("401", _UNAUTHORIZED)
    operation["security"] = [{name: [scope]} for name in SCHEMES]
    if scope == "read":
        if open_reads:
            operation["security"].insert(0, {})
        return
    responses.setdefault("403", _FORBIDDEN)
    needs = f"Needs a key with scope `{scope}`."
    operation["description"] = f"{operation.get('description') or ''} {needs}".strip()
