"""The rules of learning: the gate, its windows, what is fulfilled, which answer counts.

Pure functions over the document, the state of one participation and a date. `on` is always a
date in the provider's time zone; the dates of an activity are inclusive.
"""

from .answers import Choice, chosen_at, later_choice
from .content import (
    content_left_ms,
    demanded_of,
    is_part_met,
    is_wholly_covered,
    part_left_ms,
)
from .dates import CLAIM_DAYS, claim_until, may_start, start_until, window_of
from .fulfilment import (
    completed_at,
    demands_evaluation,
    demands_pre_test,
    fulfilled_units,
    is_fulfilled,
    is_unit_done,
    unclaimed_units,
)
from .gate import CLAIM_KEY, current_step, is_review, path_steps, step_holding
from .records import ContentRecord, Lock, PathState, PathStep, TestRecord, Window
from .responses import LONGEST_TEXT, Response, read_responses

__all__ = [
    "CLAIM_DAYS",
    "CLAIM_KEY",
    "LONGEST_TEXT",
    "Choice",
    "ContentRecord",
    "Lock",
    "PathState",
    "PathStep",
    "Response",
    "TestRecord",
    "Window",
    "chosen_at",
    "claim_until",
    "completed_at",
    "content_left_ms",
    "current_step",
    "demanded_of",
    "demands_evaluation",
    "demands_pre_test",
    "fulfilled_units",
    "is_fulfilled",
    "is_part_met",
    "is_review",
    "is_unit_done",
    "is_wholly_covered",
    "later_choice",
    "may_start",
    "part_left_ms",
    "path_steps",
    "read_responses",
    "start_until",
    "step_holding",
    "unclaimed_units",
    "window_of",
]
