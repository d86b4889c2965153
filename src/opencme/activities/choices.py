"""The fixed vocabularies of an activity document."""

from __future__ import annotations

import enum


class ActivityType(enum.StrEnum):
    """The accreditation format; the page may call it something else (`display_type`)."""

    ENDURING = "enduring_material"
    LIVE = "live_activity"
    RSS = "regularly_scheduled_series"
    OTHER = "other"


class Providership(enum.StrEnum):
    """Whether the accredited provider plans alone or with a non-accredited one."""

    DIRECT = "direct"
    JOINT = "joint"


class Listing(enum.StrEnum):
    """Listed in the catalogue, or published by link only."""

    LISTED = "listed"
    UNLISTED = "unlisted"


class FeeKind(enum.StrEnum):
    """Free, an amount, or not said; "free" is never assumed."""

    NOT_STATED = "not_stated"
    FREE = "free"
    AMOUNT = "amount"


class Role(enum.StrEnum):
    """In what way a person controls content."""

    FACULTY = "faculty"
    PLANNER = "planner"
    REVIEWER = "reviewer"
    EDITOR = "editor"
    AUTHOR = "author"
    MODERATOR = "moderator"


class DisclosureAnswer(enum.StrEnum):
    """What a person in control of content has disclosed."""

    NONE = "none"
    RELATIONSHIPS = "relationships"
    EXEMPT = "exempt"


class SupportKind(enum.StrEnum):
    """Commercial support; "none" and "not stated" differ."""

    NOT_STATED = "not_stated"
    NONE = "none"
    RECEIVED = "received"


class SupportForm(enum.StrEnum):
    """How a source supports."""

    MONETARY = "monetary"
    IN_KIND = "in_kind"


class StatementKind(enum.StrEnum):
    """What a printed statement states."""

    ACCREDITATION = "accreditation"
    DESIGNATION = "designation"
    PARTICIPATION = "participation"
    OTHER = "other"


class StepKind(enum.StrEnum):
    """The kinds of steps of a unit, and the evaluation of the activity."""

    PRE_TEST = "pre_test"
    RECORDING = "recording"
    READING = "reading"
    POST_TEST = "post_test"
    EVALUATION = "evaluation"


class ItemKind(enum.StrEnum):
    """How an item is answered and scored."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    TRUE_FALSE = "true_false"


class QuestionKind(enum.StrEnum):
    """How a question of the evaluation is answered."""

    RATING = "rating"
    CHOICE = "choice"
    TEXT = "text"


class EvaluationMeasure(enum.StrEnum):
    """What a question of the evaluation measures, for outcomes."""

    OBJECTIVE_MET = "objective_met"
    USEFUL = "useful"
    BALANCED = "balanced"
    EVIDENCE = "evidence"
    LENGTH = "length"
    CONFIDENCE_BEFORE = "confidence_before"
    CONFIDENCE_NOW = "confidence_now"
    BARRIER = "barrier"
    COMMENT = "comment"
    OTHER = "other"
