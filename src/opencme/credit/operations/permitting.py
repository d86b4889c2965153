"""Permission to report credit to boards: asked at the claim, taken back at any time."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from opencme.core.audit import record
from opencme.core.compiled import insert
from opencme.core.databases.retrying import retried
from opencme.credit.models import ReportPermission
from opencme.learning.models import Participation
from opencme.people.models import User

REPORT_WORDING = "report-to-boards-1"
"""The version of the sentence by which a learner permits reporting."""


@retried
@transaction.atomic
def state_report_permission(
    *, participation: int, granted: bool, by: User, door: str, at: datetime
) -> ReportPermission:
    """Give the permission or take it back; what was stated before stays, dated."""
    row = Participation.objects.select_for_update(of=("self",)).get(pk=participation)
    permission = keep_report_permission(row, granted=granted, at=at)
    record(row, "report_permission_stated", at=at, by=by.uuid, door=door, granted=granted)
    return permission


def keep_report_permission(participation: Participation, *, granted: bool, at: datetime) -> ReportPermission:
    """Write what the learner stated, with its date and the version of its wording."""
    return insert(
        ReportPermission(participation=participation, granted=granted, wording=REPORT_WORDING, stated_at=at)
    )
