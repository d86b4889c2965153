"""Reading what was answered to the questions of an evaluation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from opencme.activities.choices import QuestionKind
from opencme.activities.document import Evaluation, Question

LONGEST_TEXT = 4000

Response: TypeAlias = int | str


def read_responses(
    evaluation: Evaluation, sent: Mapping[str, str]
) -> tuple[dict[str, Response], dict[str, str]]:
    """Return the answers that can be kept, and by question what stands against the others.

    Problems are codes: `missing`, `unknown` (no such choice or rating) and `too_long`. What was
    sent for no question is dropped.
    """
    given: dict[str, Response] = {}
    problems: dict[str, str] = {}
    for question in evaluation.questions:
        text = sent.get(question.key, "").strip()
        if not text:
            if question.required:
                problems[question.key] = "missing"
            continue
        problem = _problem(question, text)
        if problem:
            problems[question.key] = problem
        else:
            given[question.key] = int(text) if question.kind == QuestionKind.RATING else text
    return given, problems


def _problem(question: Question, text: str) -> str:
    if question.kind == QuestionKind.RATING:
        return "" if text in {"1", "2", "3", "4", "5"} else "unknown"
    if question.kind == QuestionKind.CHOICE:
        return "" if text in {choice.key for choice in question.choices} else "unknown"
    return "too_long" if len(text) > LONGEST_TEXT else ""
