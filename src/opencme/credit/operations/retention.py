"""Records are kept as long as an accreditor may ask for them (R#55)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from opencme.core.releasing import release_stream
from opencme.core.verdicts import Verdict
from opencme.credit.choices import RecordKind
from opencme.credit.models import Certificate, CertificateFile, CreditClaim, ReportPermission, Revocation
from opencme.credit.rules import may_delete_records, retain_until
from opencme.learning.models import Participation
from opencme.learning.operations import forget_evidence
from opencme.learning.queries import day_in
from opencme.providers.statements import credit_type, keeping


class RetentionNotOver(Exception):
    """The records must still be kept; `verdict` says until when."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.blocking[0].message)
        self.verdict = verdict


def kept_until(participation: Participation) -> date:
    """The last day, in the provider's zone, on which a participation and what it earned must be there.

    By the schedule from the last thing that happened, longer where a credit type asks for more.
    """
    claims = list(participation.claims.all())
    last_at = max((participation.started_at, *(claim.claimed_at for claim in claims)))
    day = day_in(participation.provider.time_zone, last_at)
    scheduled = keeping("credit" if claims else "participation", on=day).years
    asked = [credit_type(claim.credit_type).retention_years for claim in claims if claim.credit_type]
    return retain_until(RecordKind.PARTICIPATION, last_day=day, retention_years=max(scheduled, *asked, 0))


def kept_until_moment(participation: Participation) -> datetime:
    """The end of that day: the moment from which the records may go."""
    following = kept_until(participation) + timedelta(days=1)
    return datetime.combine(following, time.min, ZoneInfo(participation.provider.time_zone))


def require_retention_over(*, participation: Participation, at: datetime) -> None:
    """Refuse to delete a participation and what it earned before its time.

    Whatever deletes records asks here first. Raises `RetentionNotOver`.
    """
    verdict = may_delete_records(kept_until(participation), on=day_in(participation.provider.time_zone, at))
    if not verdict:
        raise RetentionNotOver(verdict)


def release_records(*, participation: Participation, at: datetime) -> int:
    """Remove a participation's evidence and audit entries, and blank what is personal in its credit.

    That a certificate was issued stays, with its code, number and dates, so that it can be verified
    for good. The caller holds the lock on the participation. Says how many certificates were
    blanked. Raises `RetentionNotOver`.
    """
    require_retention_over(participation=participation, at=at)
    release_stream(participation, kept_until=kept_until_moment(participation), at=at)
    forget_evidence(participation)
    CertificateFile.objects.filter(certificate__participation=participation).delete()
    ReportPermission.objects.filter(participation=participation).delete()
    Revocation.objects.filter(certificate__participation=participation).update(reason="")
    CreditClaim.objects.filter(participation=participation).update(
        printed_name="", printed_letters="", attestation="", qualification={}
    )
    return Certificate.objects.filter(participation=participation).update(printed={})
