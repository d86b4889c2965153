"""Those who send the body of a request: each holds a thread until the last byte has come.

A sender that stalls can be cut off by the proxy alone. So there are so many at once, and of one address so
many fewer that nobody alone keeps all others from sending.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Condition
from typing import Any


class TooManySenders(Exception):
    """Others are sending, and did not end in time."""


class Senders:
    """How many may send at once, all together and of one address."""

    def __init__(self, *, together: int, of_one_address: int) -> None:
        self._together = together
        self._of_one_address = of_one_address
        self._sending: Counter[str] = Counter()
        self._changed = Condition()

    @contextmanager
    def sending(self, address: str, *, wait_seconds: float) -> Iterator[None]:
        """Count as one who sends, after a wait if one must. Raises `TooManySenders`."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._has_room(address), timeout=wait_seconds):
                raise TooManySenders
            self._sending[address] += 1
        try:
            yield
        finally:
            with self._changed:
                self._sending[address] -= 1
                if not self._sending[address]:
                    del self._sending[address]
                self._changed.notify_all()

    def _has_room(self, address: str) -> bool:
        return self._sending[address] < self._of_one_address and self._sending.total() < self._together


def address_of(environ: Mapping[str, Any], *, proxies: int) -> str:
    """The address that a request comes from, as the outermost of so many proxies of ours names it."""
    passed = [one.strip() for one in environ.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    named: str = passed[-proxies] if len(passed) >= proxies > 0 else ""
    return named or environ.get("REMOTE_ADDR", "")
