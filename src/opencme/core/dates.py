"""Reckoning with calendar dates."""

from __future__ import annotations

from datetime import date


def years_after(start: date, years: int) -> date:
    """The same day some years later; 29 February becomes the 28th."""
    try:
        return start.replace(year=start.year + years)
    except ValueError:
        return start.replace(year=start.year + years, day=28)


def in_words(day: date) -> str:
    """A date as people read it: 22 Nov 2026."""
    return f"{day.day} {day:%b %Y}"
