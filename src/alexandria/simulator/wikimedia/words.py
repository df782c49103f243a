"""How every Wikimedia host refuses."""

from alexandria.simulator.messages import Response, html_response, json_response

POLICY = b"Please set a user-agent and respect our robot policy https://w.wiki/4wJS. See also https://phabricator.wikimedia.org/T400119."


def no_user_agent() -> Response:
    """The refusal of a client that does not say who it is."""
    return Response(403, POLICY, {}, "text/plain")


def failure(status: int) -> Response:
    """The words for a status: a page of the cache servers in front, with a time to wait where waiting helps."""
    response = html_response("Wikimedia Error", status)
    if status == 404:
        return json_response({"httpCode": 404, "httpReason": "Not Found"}, 404)
    return response._replace(headers={"Retry-After": "1"}) if status in (429, 503) else response
