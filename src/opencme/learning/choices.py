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


class PathStepKind(enum.StrEnum):
    """What a stop of the path is; recordings and readings of a unit are one content step."""

    PRE_TEST = "pre_test"
    CONTENT = "content"
    POST_TEST = "post_test"
    EVALUATION = "evaluation"
    CLAIM = "claim"


class StepState(enum.StrEnum):
    """Where a step of the path stands."""

    DONE = "done"
    OPEN = "open"
    LOCKED = "locked"


class LockCode(enum.StrEnum):
    """Why a step is locked; each says what opens it."""

    PRE_TEST_FIRST = "pre_test_first"
    CONTENT_MISSING = "content_missing"
    PASS_FIRST = "pass_first"  # noqa: S105  a word of the gate
    COMPLETE_FIRST = "complete_first"
    EVALUATION_FIRST = "evaluation_first"
    NO_ATTEMPTS_LEFT = "no_attempts_left"
    WINDOW_CLOSED = "window_closed"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"


class AskAgain(enum.IntEnum):
    """In how many days a plan may be asked about; zero is never."""

    NEVER = 0
    IN_30_DAYS = 30
    IN_60_DAYS = 60
    IN_90_DAYS = 90
