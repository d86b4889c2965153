"""Addresses that hold a uuid, put together once for each page: only the uuid changes."""

from __future__ import annotations

from functools import lru_cache
from uuid import UUID

from django.urls import reverse

_ANY = UUID("ffffffff-ffff-4fff-8fff-ffffffffffff")


def address(name: str, uuid: UUID, *rest: str) -> str:
    """What `reverse` gives for `uuid` and what follows it in the address, such as the key of a step."""
    before, after = _around(name, rest)
    return f"{before}{uuid}{after}"


@lru_cache(maxsize=4096)
def _around(name: str, rest: tuple[str, ...]) -> tuple[str, str]:
    before, after = reverse(name, args=[_ANY, *rest]).split(str(_ANY))
    return before, after
