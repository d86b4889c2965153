"""The memory of a process with hundreds of threads."""

from __future__ import annotations

import ctypes
import os

_M_ARENA_MAX = -8  # malloc.h
_FEW = 2


def use_few_heaps() -> None:
    """Let all threads share two heaps of the C library; call it before anything begins a thread.

    The library would give them eight for each processor, and each keeps what it once needed: a tenth to a
    quarter more memory, which goes on growing for an hour. Heaps of their own keep threads from waiting
    for each other, and ours wait for Python anyway. Processes that are forked have it, too.
    `MALLOC_ARENA_MAX` has the last word; other libraries than glibc do as they do.
    """
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)
    if set_option is not None and "MALLOC_ARENA_MAX" not in os.environ:
        set_option(_M_ARENA_MAX, _FEW)
