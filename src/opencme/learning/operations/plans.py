"""The plan: what the learner means to do, kept with their name."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from opencme.core.audit import record
from opencme.core.databases.retrying import retried
from opencme.learning.choices import AskAgain
from opencme.learning.models import Participation, Plan

from .stepping import locked_participation

LONGEST_PLAN = 1000


class PlanNotAllowed(Exception):
    """A plan without words, too long, or with a day that is not offered."""


@retried
@transaction.atomic
def keep_plan(
    *, participation: Participation, text: str, ask_in_days: int, at: datetime, door: str = "web"
) -> Plan:
    """Keep the plan with the learner's name; `ask_in_days` is consent to be asked then, 0 is none.

    A changed plan is a new row and the newest counts; the same again changes nothing.
    """
    words = " ".join(text.split())
    if not words or len(words) > LONGEST_PLAN or ask_in_days not in tuple(AskAgain):
        raise PlanNotAllowed
    locked = locked_participation(participation.uuid)
    last = Plan.objects.filter(participation=locked).order_by("-kept_at", "-pk").first()
    if last and (last.text, last.ask_in_days) == (words, ask_in_days):
        return last
    plan = Plan.objects.create(participation=locked, text=words, ask_in_days=ask_in_days, kept_at=at)
    by = locked.learner.uuid
    record(locked, "plan_kept", at=at, by=by, door=door, plan=plan.uuid, ask_in_days=ask_in_days)
    return plan
