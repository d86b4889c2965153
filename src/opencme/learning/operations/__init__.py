"""Writes of learning: starting, tests, content evidence, the evaluation and the plan."""

from .attempts import (
    AnswerNotAllowed,
    AnswersMissing,
    AttemptAlreadySubmitted,
    SavedAnswer,
    begin_attempt,
    grant_attempt,
    save_answer,
    submit_attempt,
    test_of,
)
from .beats import Beats, Reported, unwritten_beats
from .content import attest_content, record_played, record_segments_read
from .evaluation import (
    HELD_UNTIL,
    AnswersNotAllowed,
    move_held_evaluations,
    submit_evaluation,
)
from .forgetting import drafts_of_ended, forget_drafts_of_ended, forget_evidence, forget_what_is_personal
from .plans import PlanNotAllowed, keep_plan
from .starting import StartNotAllowed, start_participation
from .stepping import NoSuchStep, StepLocked

__all__ = [
    "HELD_UNTIL",
    "AnswerNotAllowed",
    "AnswersMissing",
    "AnswersNotAllowed",
    "AttemptAlreadySubmitted",
    "Beats",
    "NoSuchStep",
    "PlanNotAllowed",
    "Reported",
    "SavedAnswer",
    "StartNotAllowed",
    "StepLocked",
    "attest_content",
    "begin_attempt",
    "drafts_of_ended",
    "forget_drafts_of_ended",
    "forget_evidence",
    "forget_what_is_personal",
    "grant_attempt",
    "keep_plan",
    "move_held_evaluations",
    "record_played",
    "record_segments_read",
    "save_answer",
    "start_participation",
    "submit_attempt",
    "submit_evaluation",
    "test_of",
    "unwritten_beats",
]
