"""What logs and lists of failures may not tell: whom it was about."""

from __future__ import annotations

import re

_MAIL_ADDRESS = re.compile(r"[^\s<>()\"'=,;:]+@[^\s<>()\"'=,;:]+")


def without_mail_addresses(text: str) -> str:
    """The text with each e-mail address blotted out."""
    return _MAIL_ADDRESS.sub("[address]", text)
