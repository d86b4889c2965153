"""The claim: attested by the learner, granted by the rules, frozen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import UUIDField

from opencme.activities.models import CreditDesignation
from opencme.core.audit import record
from opencme.core.compiled import Compiled, Given, insert
from opencme.core.databases.retrying import retried
from opencme.core.verdicts import Verdict
from opencme.credit.desk import ClaimDesk, ClaimOffer, claim_desk
from opencme.credit.models import Certificate, CreditClaim
from opencme.credit.queries import claimed_units, mail_key
from opencme.credit.rules import amount_is_claimable, earned_units
from opencme.credit.wording import attestation_text, known_zone, name_line
from opencme.learning.operations.stepping import locked_participation
from opencme.learning.queries import day_in
from opencme.learning.rules import completed_at
from opencme.people.models import Qualification, User

from .issuing import issue_certificate, mail_link
from .names import printable_letters, printable_name
from .permitting import keep_report_permission

_DESIGNATION = Compiled(lambda: CreditDesignation.objects.filter(uuid=Given("uuid", UUIDField())))


class ClaimNotAllowed(Exception):
    """The credit cannot be claimed; `verdict` says why."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(" ".join(reason.message for reason in verdict.blocking))
        self.verdict = verdict


class ClaimDiffers(Exception):
    """The same credit was claimed before with another amount; what was stored first counts."""

    def __init__(self, claim: CreditClaim) -> None:
        super().__init__(str(claim.uuid))
        self.claim = claim


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """What the learner confirms by claiming."""

    name: str
    letters: str = ""
    zone: str = ""
    """The learner's own time zone; the provider's counts where the browser names none."""
    may_report: bool = False


@retried
@transaction.atomic
def claim_credit(
    *,
    learner: User,
    participation: UUID,
    designation: UUID,
    seq: int,
    amount: Decimal,
    confirmed: Confirmed,
    base_url: str,
    door: str = "web",
    at: datetime,
) -> CreditClaim:
    """Claim credit of one designation and issue its certificate, or the next version with the new total.

    `seq` is 1 for the first claim, 2 and more for units passed later. The same claim sent again
    returns the first one; another amount under the same `seq` raises `ClaimDiffers`. Raises
    `ClaimNotAllowed` with all reasons, `NameMissing` and `UndrawableName`.
    """
    row = locked_participation(participation)
    desk = claim_desk(row, learner, at=at)
    offer = desk.offer(designation)
    if offer is None:
        raise CreditDesignation.DoesNotExist
    made = next((one for one in offer.claims if one.seq == seq and one.participation_id == row.pk), None)
    if made:
        return _replayed(made, amount)
    verdict = offer.may_claim & amount_is_claimable(
        amount, desk.document, offer.designation, offer.kind, offer.state
    )
    if not verdict:
        raise ClaimNotAllowed(verdict)
    claim = _write_claim(desk, offer, amount, confirmed, at=at)
    certificate = issue_certificate(desk, offer, claim, base_url=base_url, at=at)
    _record_claim(desk, claim, certificate, confirmed, learner=learner, door=door, at=at)
    return claim


@retried
@transaction.atomic
def certify_participation(
    *,
    learner: User,
    participation: UUID,
    confirmed: Confirmed,
    base_url: str,
    door: str = "web",
    at: datetime,
) -> CreditClaim:
    """Issue a certificate of participation to a learner whom no designation is for (R#45).

    Sent again, it returns the first. Raises as `claim_credit` does.
    """
    row = locked_participation(participation)
    desk = claim_desk(row, learner, at=at)
    made = next((one for one in desk.claims if one.designation_id is None), None)
    if made:
        return made
    offer = desk.offers[0]
    if not desk.is_for_participation_alone:
        raise ClaimNotAllowed(offer.may_claim)
    if not offer.may_certify:
        raise ClaimNotAllowed(offer.may_certify)
    claim = _write_claim(desk, offer, Decimal(0), confirmed, at=at, participates=True)
    certificate = issue_certificate(desk, offer, claim, base_url=base_url, at=at)
    _record_claim(desk, claim, certificate, confirmed, learner=learner, door=door, at=at)
    return claim


def _replayed(made: CreditClaim, amount: Decimal) -> CreditClaim:
    if made.amount != amount:
        raise ClaimDiffers(made)
    return made


def _write_claim(
    desk: ClaimDesk,
    offer: ClaimOffer,
    amount: Decimal,
    confirmed: Confirmed,
    *,
    at: datetime,
    participates: bool = False,
) -> CreditClaim:
    """Write the claim with everything that a later change of profession or activity must not touch."""
    row, first = desk.participation, next(iter(offer.claims), None)
    named = first or next(iter(desk.claims), None)  # one name on all certificates of a participation
    name = named.printed_name if named else printable_name(confirmed.name)
    letters = named.printed_letters if named else printable_letters(confirmed.letters)
    zone = known_zone(confirmed.zone) or row.provider.time_zone
    units = earned_units(desk.document, offer.designation, desk.path.state)
    claimed_before = claimed_units(offer.claims)
    finished = completed_at(desk.document, desk.path.state, offer.designation) or at
    claim = CreditClaim(
        participation=row,
        provider_id=row.provider_id,
        designation=None if participates else _designation(offer.designation.uuid),
        seq=1 if participates else offer.seq,
        supplements=first,
        period=offer.designation.period,
        credit_type="" if participates else offer.kind.key,
        amount_hundredths=int(amount * 100),
        units=[unit.key for unit in units if unit.key not in claimed_before],
        printed_name=name,
        printed_letters=letters,
        qualification=_frozen_qualification(desk.qualification),
        attestation=attestation_text(name_line(name, letters), amount),
        claimed_at=at,
        completed_on=day_in(zone, finished),
        time_zone=zone,
        is_specimen=row.provider.record.is_demonstration,
    )
    return insert(claim)


def _designation(uuid: UUID) -> CreditDesignation:
    found = _DESIGNATION.one(uuid=uuid)
    if found is None:
        raise CreditDesignation.DoesNotExist
    return found


def _frozen_qualification(stated: Qualification | None) -> dict[str, str]:
    if stated is None:
        return {}
    return {
        "profession": stated.profession,
        "letters": stated.letters,
        "country": stated.country,
        "stated_at": stated.stated_at.isoformat(),
    }


def _record_claim(
    desk: ClaimDesk,
    claim: CreditClaim,
    certificate: Certificate,
    confirmed: Confirmed,
    *,
    learner: User,
    door: str,
    at: datetime,
) -> None:
    """Keep the permission, chain the event, and put the mail with the link into the outbox."""
    keep_report_permission(desk.participation, granted=confirmed.may_report, at=at)
    record(
        desk.participation,
        "credit_claimed" if claim.designation_id else "participation_certified",
        at=at,
        by=learner.uuid,
        door=door,
        claim=claim.uuid,
        designation=claim.designation,
        amount=str(claim.amount),
        certificate=certificate.uuid,
        version=certificate.version,
    )
    mail_link(certificate, key=mail_key(certificate), to=learner.email, at=at)
