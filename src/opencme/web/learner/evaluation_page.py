"""The evaluation and the plan as their pages show them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _

from opencme.activities.choices import QuestionKind
from opencme.activities.document import Evaluation, Question
from opencme.learning.choices import AskAgain
from opencme.learning.models import Plan
from opencme.learning.queries import LearnerPath, newest_plan
from opencme.web.templatetags.wording import questions

PROBLEMS = {
    "missing": lambda: _("This one is still open."),
    "unknown": lambda: _("Choose one of the answers shown."),
    "too_long": lambda: _("At most 4,000 characters, please."),
}


@dataclass(frozen=True, slots=True)
class ShownQuestion:
    """A question with what was given and what is wrong with it."""

    question: Question
    value: str
    why: str

    @property
    def name(self) -> str:
        """The name of its fields."""
        return f"q-{self.question.key}"

    @property
    def is_rating(self) -> bool:
        """Five targets."""
        return self.question.kind is QuestionKind.RATING

    @property
    def is_choice(self) -> bool:
        """One of several."""
        return self.question.kind is QuestionKind.CHOICE


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """Consecutive questions under one heading."""

    heading: str
    questions: tuple[ShownQuestion, ...]


def evaluation_context(
    path: LearnerPath,
    *,
    given: Mapping[str, str] | None = None,
    problems: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Everything that the form of the evaluation shows; nothing of it is stored before Submit."""
    evaluation = path.stripped.evaluation
    if evaluation is None:
        return {}
    shown = tuple(_shown(evaluation, given or {}, problems or {}))
    return {
        "digest": path.participation.revision.sha256,
        "is_untouched": not given and not problems,
        "evaluation": evaluation,
        "groups": [
            ShownGroup(heading, tuple(group))
            for heading, group in groupby(shown, key=lambda one: one.question.group)
        ],
        "count": questions(len(evaluation.questions)),
        "gaps": tuple(one for one in shown if one.why),
    }


def plan_context(
    path: LearnerPath, *, error: str = "", typed: str = "", asked: int | None = None
) -> dict[str, Any]:
    """The panel of the plan; what was `typed` and `asked` for stands before what is kept."""
    plan: Plan | None = newest_plan(path.participation)
    if asked not in tuple(AskAgain):
        asked = plan.ask_in_days if plan else AskAgain.NEVER
    return {
        "plan": plan,
        "plan_text": typed or (plan.text if plan else ""),
        "plan_error": error,
        "plan_choices": [
            (days.value, words, days.value == asked)
            for days, words in (
                (AskAgain.IN_30_DAYS, _("30 days")),
                (AskAgain.IN_60_DAYS, _("60 days")),
                (AskAgain.IN_90_DAYS, _("90 days")),
                (AskAgain.NEVER, _("Do not ask")),
            )
        ],
    }


def _shown(
    evaluation: Evaluation, given: Mapping[str, str], problems: Mapping[str, str]
) -> Iterator[ShownQuestion]:
    for question in evaluation.questions:
        why = PROBLEMS[problems[question.key]]() if question.key in problems else ""
        yield ShownQuestion(question, given.get(question.key, ""), why)
