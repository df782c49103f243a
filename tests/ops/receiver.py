"""A real receiver of messages on this machine: it takes what apprise's `json://` sends."""

import json
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.listening import Listening


class Receiver(Listening):
    """Takes messages as long as it is entered; `status` is what it answers."""

    def __init__(self, path: str = "hook") -> None:
        super().__init__(self._take)
        self.got: list[dict[str, Any]] = []
        self.status = 200
        self.url = f"json://{self.address}/{path}"

    def _take(self, request: BaseHTTPRequestHandler, body: bytes) -> int:
        if self.status == 200:
            self.got.append(json.loads(body))
        return self.status
