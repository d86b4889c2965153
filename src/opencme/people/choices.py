"""The fixed vocabularies of accounts."""

from __future__ import annotations

import enum


class CodePurpose(enum.StrEnum):
    """What a mailed code is asked for."""

    CONFIRM = "confirm"
    CHANGE = "change"
    CLOSE = "close"
