"""Records are kept as long as an accreditor may ask for them (R#55)."""

from __future__ import annotations

from datetime import datetime

from opencme.core.verdicts import Verdict
from opencme.credit.choices import RecordKind
from opencme.credit.queries import claims_of
from opencme.credit.rules import RETAIN_YEARS, may_delete_records, retain_until
from opencme.learning.models import Participation
from opencme.learning.queries import day_in
from opencme.providers.statements import credit_type


class RetentionNotOver(Exception):
    """The records must still be kept; `verdict` says until when."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.blocking[0].message)
        self.verdict = verdict


def require_retention_over(*, participation: Participation, at: datetime) -> None:
    """Refuse to delete a participation and what it earned before its time.

    Whatever deletes records asks here first. Raises `RetentionNotOver`. Six years from the last thing
    that happened, longer where a credit type asks for more.
    """
    zone = participation.provider.time_zone
    claims = list(claims_of(participation))
    last_at = max(
        (participation.started_at, *(claim.claimed_at for claim in claims)),
    )
    years = max(
        (credit_type(claim.credit_type).retention_years for claim in claims if claim.credit_type),
        default=RETAIN_YEARS,
    )
    until = retain_until(RecordKind.PARTICIPATION, last_day=day_in(zone, last_at), retention_years=years)
    verdict = may_delete_records(until, on=day_in(zone, at))
    if not verdict:
        raise RetentionNotOver(verdict)
