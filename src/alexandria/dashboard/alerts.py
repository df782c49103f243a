"""What the first page wants to know of an alert; whoever raises alerts gives the function that reads them."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Protocol

from alexandria.db import Database


class Alert(Protocol):
    """Something that is wrong until it is resolved: `rule` and `subject` name it, `runbook` says where help is."""

    @property
    def rule(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def severity(self) -> str: ...
    @property
    def summary(self) -> str: ...
    @property
    def runbook(self) -> str: ...
    @property
    def raised_at(self) -> datetime: ...


ReadAlerts = Callable[[Database], Awaitable[Sequence[Alert]]]
