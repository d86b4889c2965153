"""The fixed vocabularies of learning."""

from __future__ import annotations

import enum


class EvidenceKind(enum.StrEnum):
    """How a learner took part in content."""

    PLAYED = "played"
    TEXT_READ = "text_read"
    GROUP_SESSION = "group_session"
    ATTESTED = "attested"
    GRANTED = "granted"


class StepState(enum.StrEnum):
    """Where a step of the path stands."""

    DONE = "done"
    OPEN = "open"
    LOCKED = "locked"


class AskAgain(enum.IntEnum):
    """In how many days a plan may be asked about; zero is never."""

    NEVER = 0
    IN_30_DAYS = 30
    IN_60_DAYS = 60
    IN_90_DAYS = 90
