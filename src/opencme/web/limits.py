"""Rate limits, shared by all processes through the database cache.

Counted in fixed windows: a busy moment may let a few more through, never fewer. Limits per
address are high, because a whole hospital may sit behind one; limits per account are tight.
"""

from __future__ import annotations

import hashlib
import time
from typing import TYPE_CHECKING

from allauth.account.adapter import get_adapter
from django.core.cache import cache

if TYPE_CHECKING:
    from django.http import HttpRequest


def is_within_limit(request: HttpRequest, action: str, *, limit: int, seconds: int, key: str = "") -> bool:
    """Count one `action` and say whether it is still allowed.

    Counted per client address, or per `key` where one is given (an account, a mail address).
    """
    window = int(time.time()) // seconds
    who = key or str(get_adapter().get_client_ip(request))
    digest = hashlib.sha256(who.encode()).hexdigest()[:32]
    name = f"limit:{action}:{window}:{digest}"
    count = int(cache.get(name, 0)) + 1
    cache.set(name, count, timeout=seconds)
    return count <= limit
