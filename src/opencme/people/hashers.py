"""How passwords are kept: argon2id at 19 MiB, two passes, one lane.

The default of the library costs 190 ms and 100 MiB for each log-in, which one
busy morning turns into an outage. These are the parameters OWASP recommends as
its minimum (Password Storage Cheat Sheet, argon2id m=19456, t=2, p=1).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.contrib.auth.hashers import Argon2PasswordHasher

from opencme.core.processors import use_any

Said = TypeVar("Said", str, bool)


class Argon2idHasher(Argon2PasswordHasher):
    """Hashes in a few threads of its own.

    A thread that has hashed keeps its 19 MiB for the next time; done by whichever thread answers the
    request, a morning of log-ins left some of it with each of them, hundreds of mebibytes.
    """

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        """Hash a password."""
        return _in_its_own_thread(super().encode, password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        """Whether a password is the one that was hashed."""
        return _in_its_own_thread(super().verify, password, encoded)


def _in_its_own_thread(act: Callable[[str, str], Said], password: str, other: str) -> Said:
    return _threads.submit(act, password, other).result()


def _begin() -> None:
    """Threads do not cross a fork: a server's process begins with its own."""
    global _threads  # noqa: PLW0603
    _threads = ThreadPoolExecutor(
        max_workers=os.cpu_count(), thread_name_prefix="opencme-hashing", initializer=use_any
    )


_threads: ThreadPoolExecutor
_begin()
os.register_at_fork(after_in_child=_begin)
