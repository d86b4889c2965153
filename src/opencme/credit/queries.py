"""Reads of credit: a learner's certificates and transcript, and what anyone may verify."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import BigAutoField, CharField, Exists, F, OuterRef, QuerySet, Subquery, UUIDField

from opencme.activities.models import Activity
from opencme.core.beside import beside
from opencme.core.compiled import Compiled, Given
from opencme.core.ids import CODE_LENGTH, is_well_formed, read_code, spaced_code
from opencme.core.models import OutboxMail
from opencme.learning.models import Participation
from opencme.learning.queries import (
    LearnerPath,
    counting,
    in_activity,
    participations_of,
    path_from,
    with_evidence,
)
from opencme.people.models import User
from opencme.people.queries import belongs_to

from .choices import CertificateKind, CertificateState, ReissueReason
from .models import Certificate, CreditClaim, ReportPermission, Revocation
from .printed import PrintedCertificate
from .wording import amount_text


@dataclass(frozen=True, slots=True)
class CertificateRecord:
    """One certificate as its learner sees it: the newest version and whether it still stands."""

    certificate: Certificate
    printed: PrintedCertificate
    is_revoked: bool

    @property
    def counted(self) -> Decimal:
        """What it adds to a total; a specimen, a revoked one and a participation add nothing."""
        if self.is_revoked or self.certificate.is_specimen:
            return Decimal(0)
        return self.printed.amount


@dataclass(frozen=True, slots=True)
class Total:
    """The sum of one credit type; what specimens show stands beside it and counts nothing."""

    credit_type: str
    phrase: str
    counted: Decimal
    specimen: Decimal


@dataclass(frozen=True, slots=True)
class Transcript:
    """A learner's certificates of a stretch of time, newest first, with totals per credit type."""

    records: tuple[CertificateRecord, ...]
    totals: tuple[Total, ...]


@dataclass(frozen=True, slots=True)
class Correction:
    """What changed between two versions of a certificate, and when."""

    reason: ReissueReason
    on: date
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What whoever holds a code is told: what is printed on the certificate, nothing else."""

    state: CertificateState
    code: str
    printed: PrintedCertificate | None = None
    certificate: Certificate | None = None
    corrections: tuple[Correction, ...] = field(default=())
    revocation: Revocation | None = None

    @property
    def revoked_on(self) -> date | None:
        """The day of the revocation in the provider's zone."""
        if self.revocation is None or self.printed is None:
            return None
        return self.revocation.revoked_at.astimezone(ZoneInfo(self.printed.provider_zone)).date()

    @property
    def questions_to(self) -> str:
        """Whom to ask at the provider; empty where it names nobody."""
        return contact_for_records(self.certificate) if self.certificate else ""

    @property
    def length_is_off(self) -> bool:
        """Whether the code cannot be one for having too few or too many characters."""
        return len(self.code) != CODE_LENGTH + 1

    @property
    def has_a_slip(self) -> bool:
        """Whether the check character tells that at least one character was misread."""
        return not is_well_formed(self.code)


_LEARNER, _UUID, _KEY = (
    Given("learner", BigAutoField()),
    Given("uuid", UUIDField()),
    Given("pk", BigAutoField()),
)


def _certificates_of(learner: Given) -> QuerySet[Certificate]:
    rows = Certificate.objects.filter(belongs_to(learner)).select_related("provider")
    return rows.annotate(revoked=Exists(Revocation.objects.filter(code=OuterRef("code"))))


_CERTIFICATES = Compiled(lambda: _certificates_of(_LEARNER).order_by("code", "version"))
_CERTIFICATE = Compiled(
    lambda: (
        _certificates_of(_LEARNER)
        .filter(code=Subquery(Certificate.objects.filter(uuid=_UUID).values("code")[:1]))
        .order_by("-version")[:1]
    )
)
_EARNED = Compiled(lambda: Certificate.objects.filter(claims=_KEY).order_by("-version")[:1])


def certificates_of(learner: User) -> tuple[CertificateRecord, ...]:
    """The newest version of each certificate of the learner, newest first. One query."""
    newest: dict[str, Certificate] = {}
    for row in _CERTIFICATES(learner=learner.pk):
        newest[row.code] = row
    records = [_record_of(row) for row in newest.values()]
    return tuple(sorted(records, key=_recency, reverse=True))


def _recency(record: CertificateRecord) -> tuple[date, int]:
    return record.printed.completed_on, record.certificate.pk


def certificate_of(learner: User, uuid: UUID) -> CertificateRecord | None:
    """The newest version of the certificate that `uuid`, of any version, names. One query."""
    newest = _CERTIFICATE.one(learner=learner.pk, uuid=uuid)
    return _record_of(newest) if newest else None


def standing_record(
    records: Sequence[CertificateRecord], learner: User, uuid: UUID
) -> CertificateRecord | None:
    """The record among `records` that `uuid` names; an older version leads to the newest."""
    for record in records:
        if record.certificate.uuid == uuid:
            return record
    older = Certificate.objects.filter(belongs_to(learner), uuid=uuid).values_list("code", flat=True).first()
    return next((record for record in records if record.certificate.code == older), None)


def contact_for_records(certificate: Certificate) -> str:
    """The address of the provider's office for questions about a certificate."""
    provider = certificate.provider.record
    return provider.records_contact or provider.content_contact


def newest_certificate_of(claim: CreditClaim) -> Certificate:
    """The newest version of the certificate that a claim earned."""
    found = _EARNED.one(pk=claim.pk)
    if found is None:
        raise Certificate.DoesNotExist
    return found


def transcript_from(
    records: Iterable[CertificateRecord], *, since: date | None = None, until: date | None = None
) -> Transcript:
    """The part of `records` completed in a stretch of time, with its totals."""
    chosen = tuple(record for record in records if _is_within(record.printed.completed_on, since, until))
    return Transcript(chosen, tuple(_totals(chosen)))


def _participations_of(learner: Given) -> QuerySet[Participation]:
    return Participation.objects.filter(belongs_to(learner)).values("pk")  # type: ignore[return-value]


_CLAIMS = Compiled(
    lambda: CreditClaim.objects.filter(participation__in=_participations_of(_LEARNER)).only(
        "participation", "units"
    )
)
_CLAIMS_OF_PERSON = Compiled(
    lambda: (
        CreditClaim.objects.filter(
            # A union: with an "or" PostgreSQL would look at everybody's claims.
            participation__in=_participations_of(_LEARNER).union(
                Participation.objects.filter(pk=_KEY).values("pk")
            ),
            period=Given("period", CharField()),
        )
        .annotate(activity=F("participation__activity"))
        .select_related("designation")
        .order_by("designation", "seq")
    )
)


def claims_of_person(learner: User, participation: Participation) -> tuple[CreditClaim, ...]:
    """What the person claimed in this activity and certification period, under any merged account.

    The activity is looked at here: asked for it, the database would begin with everybody's claims in it.
    """
    row = participation
    found: list[Any] = list(_CLAIMS_OF_PERSON(learner=learner.pk, pk=row.pk, period=row.period))
    return tuple(claim for claim in found if claim.activity == row.activity_id)


def claimed_units_of(learner: User) -> dict[int, frozenset[str]]:
    """The units whose credit was claimed, by participation, of everything the learner claimed."""
    units: dict[int, set[str]] = {}
    for claim in _CLAIMS(learner=learner.pk):
        units.setdefault(claim.participation_id, set()).update(claim.units)
    return {participation: frozenset(keys) for participation, keys in units.items()}


def claimed_units(claims: Iterable[CreditClaim]) -> frozenset[str]:
    """The units that some of `claims` covers."""
    return frozenset(key for claim in claims for key in claim.units)


def _with_claims(rows: QuerySet[Participation]) -> QuerySet[Participation]:
    claims = beside(CreditClaim.objects.all(), "participation", only=("units",))
    return with_evidence(rows).annotate(claims_made=claims)


_OWN = Compiled(lambda: _with_claims(participations_of(_LEARNER)).filter(uuid=_UUID))
_COUNTING = Compiled(
    lambda: (
        _with_claims(counting(in_activity(participations_of(_LEARNER))))
        .select_related(None)
        .select_related("revision")
        .annotate(
            certificate_uuid=Subquery(
                Certificate.objects.filter(participation=OuterRef("pk"))
                .order_by("-issued_at", "-version")
                .values("uuid")[:1]
            )
        )
        .order_by("-started_at", "-pk")[:1]
    )
)


def path_of_learner(learner: User, uuid: UUID, *, at: datetime) -> LearnerPath:
    """The path of a person's participation, knowing what of it was claimed. One query.

    Raises `Participation.DoesNotExist` also where it is somebody else's.
    """
    row: Any = _OWN.one(learner=learner.pk, uuid=uuid)
    if row is None:
        raise Participation.DoesNotExist
    return path_from(row, row, at=at, claimed=claimed_units(row.claims_made))


def path_in(learner: User, activity: Activity, *, at: datetime) -> tuple[LearnerPath, UUID | None] | None:
    """The person's path that counts in an activity, and their newest certificate of it. One query."""
    row: Any = _COUNTING.one(learner=learner.pk, activity=activity.pk)
    if row is None:
        return None
    row.activity, row.provider = activity, activity.provider
    path = path_from(row, row, at=at, claimed=claimed_units(row.claims_made))
    return path, row.certificate_uuid


_PERMISSION = Compiled(
    lambda: ReportPermission.objects.filter(participation=_KEY).order_by("-stated_at", "-pk")[:1]
)
_MAIL = Compiled(lambda: OutboxMail.objects.filter(key=Given("key", CharField())))


def may_be_reported(participation: Participation | int) -> bool:
    """Whether the learner's newest statement permits reporting to boards."""
    newest = _PERMISSION.one(pk=participation if isinstance(participation, int) else participation.pk)
    return newest is not None and newest.granted


def mail_key(certificate: Certificate) -> str:
    """The outbox key of the mail that carries a certificate's link."""
    return f"certificate:{certificate.code}:{certificate.version}"


def certificate_mail(certificate: Certificate) -> OutboxMail | None:
    """The mail that carried the link when this version was issued."""
    return _MAIL.one(key=mail_key(certificate))


def verify_code(typed: str) -> Verification:
    """What stands behind one code, however it was typed."""
    return verify_codes([typed])[0]


def verify_codes(typed: Sequence[str]) -> tuple[Verification, ...]:
    """What stands behind each code, in the order given. Two queries for any number."""
    codes = [read_code(text) for text in typed]
    versions: dict[str, list[Certificate]] = {}
    known = [code for code in codes if is_well_formed(code)]
    rows = Certificate.objects.filter(code__in=known).select_related("provider")
    for certificate in rows.order_by("version"):
        versions.setdefault(certificate.code, []).append(certificate)
    revoked = Revocation.objects.filter(code__in=versions).in_bulk(field_name="code") if versions else {}
    return tuple(_verification(code, versions.get(code, []), revoked.get(code)) for code in codes)


def _verification(code: str, versions: list[Certificate], revocation: Revocation | None) -> Verification:
    if not versions:
        return Verification(CertificateState.NOT_FOUND, code)
    newest = versions[-1]
    corrections = tuple(_corrections(versions))
    if newest.is_specimen:
        state = CertificateState.SPECIMEN
    elif revocation:
        state = CertificateState.REVOKED
    elif len(versions) > 1:
        state = CertificateState.CORRECTED
    else:
        state = CertificateState.VALID
    printed = _printed_on(newest, first=versions[0])
    return Verification(state, code, printed, newest, corrections, revocation)


def _corrections(versions: list[Certificate]) -> Iterable[Correction]:
    for before, after in pairwise(versions):
        reason = ReissueReason(after.reason)
        was, became = _printed_on(before), _printed_on(after)
        if was.is_removed or became.is_removed:
            continue
        if reason is ReissueReason.NAME_CORRECTED:
            yield Correction(reason, became.changed_on, was.full_name, became.full_name)
        else:
            yield Correction(reason, became.changed_on, amount_text(was.amount), amount_text(became.amount))


def _record_of(row: Certificate) -> CertificateRecord:
    revoked = bool(row.revoked)  # type: ignore[attr-defined]
    return CertificateRecord(row, _printed_on(row), revoked)


def _printed_on(row: Certificate, *, first: Certificate | None = None) -> PrintedCertificate:
    """What is printed on a certificate, or what is left to say where it was removed."""
    if row.printed:
        return PrintedCertificate.from_json(row.printed)
    provider = row.provider
    issued_on = (first or row).issued_at.astimezone(ZoneInfo(provider.time_zone)).date()
    return PrintedCertificate.removed(
        code=spaced_code(row.code), provider=provider.name, zone=provider.time_zone, issued_on=issued_on
    )


def _is_within(day: date, since: date | None, until: date | None) -> bool:
    return (since is None or since <= day) and (until is None or day <= until)


def _totals(records: Iterable[CertificateRecord]) -> Iterable[Total]:
    """Yield one total for each credit type that a standing certificate of credit names."""
    by_type: dict[str, list[CertificateRecord]] = {}
    for record in records:
        if record.printed.is_removed or record.is_revoked:
            continue
        if record.certificate.kind == CertificateKind.CREDIT:
            by_type.setdefault(record.printed.credit_type, []).append(record)
    for credit_type, earned in sorted(by_type.items()):
        counted = sum((record.counted for record in earned), Decimal(0))
        shown = sum((record.printed.amount for record in earned), Decimal(0))
        yield Total(credit_type, earned[0].printed.plain_phrase, counted, shown - counted)
