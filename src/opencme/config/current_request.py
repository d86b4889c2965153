"""What is known of the request at hand, for its log lines and figures."""

from __future__ import annotations

from contextvars import ContextVar


class CurrentRequest:
    """One request while it is answered. It names no person."""

    __slots__ = ("database_seconds", "id", "queries", "status", "view")

    def __init__(self, identifier: str) -> None:
        self.id = identifier
        self.view = ""
        """The name of its address; empty until that is known, and where it has none."""
        self.status = 0
        self.queries = 0
        self.database_seconds = 0.0


_current: ContextVar[CurrentRequest | None] = ContextVar("opencme_request", default=None)

current_request = _current.get
begin_request = _current.set
end_request = _current.reset
