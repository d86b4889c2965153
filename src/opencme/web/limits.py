"""Rate limits, shared by all processes.

Counted in fixed windows: a busy moment may let a few more through, never fewer. Limits per
address are high, because a whole hospital may sit behind one; limits per account are tight. Nobody
alone can use up an account's limits for its owner: tries are counted per account and address
together, what one address is refused does not count for all of them, and a browser that has been in
before counts for itself (`devices`).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from allauth.account.adapter import get_adapter

from opencme.web.counts import Window, count_once, counts_of
from opencme.web.devices import known_device
from opencme.web.networks import network_of

if TYPE_CHECKING:
    from django.http import HttpRequest

MINUTE, HOUR, DAY = 60, 3600, 24 * 3600


class Per(Enum):
    """Whom a limit counts."""

    ADDRESS = auto()
    """Everybody behind an address of the network together."""
    ACCOUNT_AND_ADDRESS = auto()
    """One account from one address; from a browser that has been in before, that browser."""
    ACCOUNT_FROM_STRANGERS = auto()
    """One account from all browsers together that have not been in before."""


@dataclass(frozen=True, slots=True)
class Limit:
    """So many times in so many seconds."""

    times: int
    seconds: int
    per: Per


LIMITS = {
    # A log-in costs 20 ms of hashing, whoever asks for it.
    "log-in": (Limit(1200, MINUTE, Per.ADDRESS),),
    "wrong-password": (
        Limit(300, MINUTE, Per.ADDRESS),
        Limit(10, 5 * MINUTE, Per.ACCOUNT_AND_ADDRESS),
        Limit(100, HOUR, Per.ACCOUNT_FROM_STRANGERS),
    ),
    # Five tries at each code: by the hour and the day, so that nobody guesses one in the end.
    "mailed-code": (
        Limit(300, MINUTE, Per.ADDRESS),
        Limit(3, MINUTE, Per.ACCOUNT_AND_ADDRESS),
        Limit(8, HOUR, Per.ACCOUNT_AND_ADDRESS),
        Limit(12, DAY, Per.ACCOUNT_AND_ADDRESS),
        Limit(24, DAY, Per.ACCOUNT_FROM_STRANGERS),
    ),
    "mailed-code-kept-apart": (
        Limit(2, DAY, Per.ACCOUNT_AND_ADDRESS),
        Limit(16, DAY, Per.ACCOUNT_FROM_STRANGERS),
    ),
}
"""Limits of what concerns one account. Others stand where they are asked for."""

KEPT_APART = {"mailed-code": "mailed-code-kept-apart"}
"""What is left to an address once strangers together have used up theirs. Whoever is new has no browser
that was in before, and two addresses would otherwise keep them from the claim for a day."""


def is_within_limit(request: HttpRequest, action: str, *, limit: int, seconds: int, key: str = "") -> bool:
    """Count one `action` and say whether it is still allowed.

    Counted per client address, or per `key` where one is given (an account that is signed in).
    """
    (count,) = count_once([_window(action, seconds, key or client_address(request))])
    return count <= limit


def is_within_limits(request: HttpRequest, action: str, *, account: str) -> bool:
    """Count one `action` on an account, named by its mail address, in its `LIMITS`.

    What an address is refused for itself is not counted for all strangers together: one alone would
    use up what they have.
    """
    limits = _counted(request, action, account)
    if not _is_counted_within([one for one in limits if one[0].per is not Per.ACCOUNT_FROM_STRANGERS]):
        return False
    if _is_counted_within([one for one in limits if one[0].per is Per.ACCOUNT_FROM_STRANGERS]):
        return True
    kept_apart = KEPT_APART.get(action)
    return kept_apart is not None and is_within_limits(request, kept_apart, account=account)


def may_still(request: HttpRequest, action: str, *, account: str) -> bool:
    """Whether one more `action` would be allowed; counts nothing."""
    limits = _counted(request, action, account)
    counts = counts_of([window for _, window in limits])
    return all(count < limit.times for count, (limit, _) in zip(counts, limits, strict=True))


def client_address(request: HttpRequest) -> str:
    """The address that limits count."""
    return network_of(get_adapter().get_client_ip(request))


def _counted(request: HttpRequest, action: str, account: str) -> list[tuple[Limit, Window]]:
    """The limits that apply, each with the window that counts it."""
    device = known_device(request, account)
    whom = {
        Per.ADDRESS: client_address(request),
        Per.ACCOUNT_AND_ADDRESS: f"{account} {device or client_address(request)}",
        Per.ACCOUNT_FROM_STRANGERS: account,
    }
    return [
        (limit, _window(f"{action}-{number}", limit.seconds, whom[limit.per]))
        for number, limit in enumerate(LIMITS[action])
        if not (device and limit.per is Per.ACCOUNT_FROM_STRANGERS)
    ]


def _is_counted_within(limits: list[tuple[Limit, Window]]) -> bool:
    """Count one in each window and say whether all of them still allow it; without any it is allowed."""
    if not limits:
        return True
    counts = count_once([window for _, window in limits])
    return all(count <= limit.times for count, (limit, _) in zip(counts, limits, strict=True))


def _window(action: str, seconds: int, who: str) -> Window:
    digest = hashlib.sha256(who.encode()).hexdigest()[:32]
    return Window(f"{action}:{digest}", seconds)
