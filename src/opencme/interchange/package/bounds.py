"""Values of the right kind that still cannot stand: beyond all sense, or naming what is not there."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import available_timezones

from django.utils.translation import gettext as _

from opencme.activities.document import SCHEMA_VERSION, Line

from .problems import ProblemKind
from .texts import refused_in_line

MAX_NUMBER = 100_000_000
MAX_AMOUNT = 1000
LIMITS = {"demanded_percent": 100, "claim_window_days": 3660}
YEARS = range(1900, 2201)
ADDRESSES = ("web", "privacy_address")

# Control characters, and the two signs that turn the direction of reading against the letters.
_CONTROL = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f\\u202d\\u202e]")

Refusal = tuple[ProblemKind, str]


def refused_value(takes: Any, value: Any, name: str) -> Refusal | None:
    """Say why a value of the right kind cannot stand under this name, or ``None``."""
    if takes == Line and (markup := refused_in_line(value)):
        return ProblemKind.UNSAFE_TEXT, markup
    sentence = _refused_text(takes, value, name) if isinstance(value, str) else _refused_number(value, name)
    return (ProblemKind.NOT_ALLOWED_VALUE, sentence) if sentence else None


def _refused_text(takes: Any, text: str, name: str) -> str | None:
    if _CONTROL.search(text):
        return _("This text has control characters. Nobody can see them; take them out.")
    if takes == Line and name == "time_zone" and text not in available_timezones():
        return _("“%(zone)s” is no time zone. Use a name such as America/New_York.") % {"zone": text}
    if takes == Line and name in ADDRESSES and text and not re.match(r"https?://\S+$", text):
        return _("“%(value)s” is no address. It begins with https:// or http://") % {"value": text}
    return None


def _refused_number(value: Any, name: str) -> str | None:
    """Keep numbers and dates where nothing behind them overflows."""
    if name == "schema" and value != SCHEMA_VERSION:
        sentence = _("This package is of version %(version)s of the format; this program reads %(known)s.")
        return sentence % {"version": value, "known": SCHEMA_VERSION}
    if isinstance(value, int) and not isinstance(value, bool):
        limit = LIMITS.get(name, MAX_NUMBER)
        if not 0 <= value <= limit:
            return _("A number from 0 to %(limit)s is wanted here.") % {"limit": limit}
    if isinstance(value, Decimal) and not (0 <= value <= MAX_AMOUNT and value * 100 == int(value * 100)):
        sentence = _("An amount from 0 to %(limit)s with two decimals at most is wanted here.")
        return sentence % {"limit": MAX_AMOUNT}
    if isinstance(value, date) and value.year not in YEARS:
        return _("The year is beyond %(first)s to %(last)s.") % {"first": YEARS[0], "last": YEARS[-1]}
    return None
