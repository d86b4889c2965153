"""What an examination finds, each with what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How a subject stands: trouble stops somebody or loses something, a warning may come to that."""

    FINE = "fine"
    WARNING = "warning"
    TROUBLE = "trouble"


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence about one subject; anything but fine carries a remedy."""

    subject: str
    state: State
    message: str
    remedy: str = ""


def fine(subject: str, message: str) -> Finding:
    return Finding(subject, State.FINE, message)


def warning(subject: str, message: str, remedy: str) -> Finding:
    return Finding(subject, State.WARNING, message, remedy)


def trouble(subject: str, message: str, remedy: str) -> Finding:
    return Finding(subject, State.TROUBLE, message, remedy)


def size(count: float) -> str:
    """Bytes as people read them: 3.4 GiB."""
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if count < 1024:
            return f"{count:.0f} {unit}" if unit == "bytes" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} TiB"
