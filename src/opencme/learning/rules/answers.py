"""Which of two choices for one item counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

OLDEST_CHOICE_MS = 24 * 60 * 60 * 1000
"""The browser keeps unsent answers for a day; an older one is not to be believed."""


@dataclass(frozen=True, slots=True)
class Choice:
    """An answer as it was chosen: the options, the learner's own count, and when."""

    value: tuple[str, ...]
    n: int
    at: datetime


def chosen_at(*, at: datetime, age_ms: int) -> datetime:
    """Return when a choice was made, by the server's clock and the age that the browser states."""
    return at - timedelta(milliseconds=min(max(age_ms, 0), OLDEST_CHOICE_MS))


def later_choice(kept: Choice | None, sent: Choice) -> Choice:
    """Return which of two choices for one item counts: the one made later.

    Order of arrival does not matter, so a device that was offline cannot undo what was chosen
    elsewhere meanwhile. Of two made at once the one with the higher count wins.
    """
    if kept is None or (sent.at, sent.n) >= (kept.at, kept.n):
        return sent
    return kept
