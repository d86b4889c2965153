"""The claim desk: what a learner may claim of one participation, and why not more.

Read by the claim page and, under the lock, by the operation that grants the claim, so that both
say the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from opencme.activities.document import ActivityDocument, Designation
from opencme.core.verdicts import Verdict
from opencme.learning.models import Participation
from opencme.learning.queries import LearnerPath, path_of
from opencme.people.models import Qualification, User
from opencme.people.queries import current_qualification
from opencme.providers.statements import CreditType, IdentityLevel, credit_type

from .models import CreditClaim
from .queries import claimed_units, claims_of_person
from .rules import (
    ClaimState,
    EarlierClaim,
    StatedQualification,
    claimable_amounts,
    claimable_maximum,
    may_certify_participation,
    may_claim,
    may_earn,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimOffer:
    """One designation as it stands for this learner."""

    designation: Designation
    kind: CreditType
    state: ClaimState
    seq: int
    """The number that the next claim of it has."""
    claims: tuple[CreditClaim, ...]
    may_claim: Verdict
    may_certify: Verdict
    may_earn: Verdict
    maximum: Decimal
    amounts: tuple[Decimal, ...]
    """What can be chosen, the most first."""

    @property
    def claimed(self) -> Decimal:
        """What was claimed of it before."""
        return sum((claim.amount for claim in self.claims), Decimal(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimDesk:
    """A participation at the claim, with one offer for each designation."""

    participation: Participation
    path: LearnerPath
    qualification: Qualification | None
    offers: tuple[ClaimOffer, ...]
    claims: tuple[CreditClaim, ...]

    @property
    def document(self) -> ActivityDocument:
        """The activity as this participation knows it."""
        return self.path.document

    @property
    def open_offers(self) -> tuple[ClaimOffer, ...]:
        """What can be claimed now."""
        return tuple(offer for offer in self.offers if offer.may_claim and offer.amounts)

    @property
    def is_for_participation_alone(self) -> bool:
        """Whether no designation is for this learner's profession, so that participation is certified."""
        return bool(self.offers) and not any(offer.may_earn for offer in self.offers)

    def offer(self, designation: UUID) -> ClaimOffer | None:
        """The offer of one designation."""
        return next((one for one in self.offers if one.designation.uuid == designation), None)


def claim_desk(
    participation: Participation,
    learner: User,
    *,
    at: datetime,
    path: LearnerPath | None = None,
    expects_confirmation: bool = False,
) -> ClaimDesk:
    """Everything that the claim of this participation rests on.

    `path` is its path with what was claimed, where that was read already. `expects_confirmation`: the
    page that asks for the mailed code shows what there will be to claim once it is typed; the
    operation never assumes so.
    """
    claims = tuple(claims_of_person(learner, participation))
    own = tuple(claim for claim in claims if claim.participation_id == participation.pk)
    path = path or path_of(participation, at=at, claimed=claimed_units(own))
    qualification = current_qualification(learner)
    confirmed = learner.is_confirmed or expects_confirmation
    identity = IdentityLevel.ADDRESS_CONFIRMED if confirmed else IdentityLevel.STATED
    stated = (
        (StatedQualification(profession=qualification.profession, letters=qualification.letters),)
        if qualification
        else ()
    )
    offers = tuple(
        _offer(path, one, stated=stated, identity=identity, claims=claims)
        for one in path.document.designations
    )
    return ClaimDesk(
        participation=participation, path=path, qualification=qualification, offers=offers, claims=own
    )


def _offer(
    path: LearnerPath,
    designation: Designation,
    *,
    stated: tuple[StatedQualification, ...],
    identity: IdentityLevel,
    claims: Sequence[CreditClaim],
) -> ClaimOffer:
    document, provider, on = path.document, path.participation.provider.record, path.on
    kind = credit_type(designation.credit_type)
    of_it = tuple(
        claim for claim in claims if claim.designation and claim.designation.uuid == designation.uuid
    )
    state = ClaimState(
        path=path.state,
        window=path.window,
        identity=identity,
        qualifications=stated,
        earlier=tuple(EarlierClaim(units=frozenset(one.units), amount=one.amount) for one in of_it),
    )
    maximum = claimable_maximum(document, designation, state)
    return ClaimOffer(
        designation=designation,
        kind=kind,
        state=state,
        seq=1 + sum(1 for claim in of_it if claim.participation_id == path.participation.pk),
        claims=of_it,
        may_claim=may_claim(document, designation, kind, provider, state, on=on),
        may_certify=may_certify_participation(document, designation, kind, provider, state, on=on),
        may_earn=may_earn(designation, kind, stated),
        maximum=maximum,
        amounts=_amounts(document, kind, maximum),
    )


def _amounts(document: ActivityDocument, kind: CreditType, maximum: Decimal) -> tuple[Decimal, ...]:
    amounts = claimable_amounts(maximum, kind.increment)
    return amounts[:1] if document.all_or_nothing else amounts
