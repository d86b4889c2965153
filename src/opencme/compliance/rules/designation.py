"""The credit that is designated: its amount, its shares and what it asks."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal

from opencme.activities.choices import ActivityType, StatementKind
from opencme.activities.document import ActivityDocument
from opencme.core.dates import in_words
from opencme.core.sentences import sentence as _
from opencme.core.verdicts import Severity
from opencme.providers.record import ProviderRecord
from opencme.providers.statements import CreditType, rounded_credit

from .registry import Findings, Found, Reach, rule
from .standing import designations_of


def printed(amount: Decimal) -> str:
    """An amount without needless zeros: 0.5, 1, 0.75."""
    return f"{amount.normalize():f}"


def is_in_steps(amount: Decimal, kind: CreditType) -> bool:
    """Whether an amount is a multiple of the credit type's increment."""
    return amount % kind.increment == 0


@rule("CME007")
def amount_is_in_steps(document: ActivityDocument, provider: ProviderRecord, *, on: date) -> Findings:
    """AMA PRA, amounts: steps of a quarter, and no less than one step."""
    del provider, on
    for place, designation, kind in designations_of(document):
        step = printed(kind.increment)
        if designation.maximum < kind.minimum or not is_in_steps(designation.maximum, kind):
            yield Found(
                _(
                    "%(maximum)s is not a multiple of %(step)s, or less than %(minimum)s.",
                    maximum=printed(designation.maximum),
                    step=step,
                    minimum=printed(kind.minimum),
                ),
                f"designations[{place}].maximum",
            )
        for at, unit in enumerate(document.units):
            for nth, share in enumerate(unit.shares):
                if share.designation == designation.uuid and not is_in_steps(share.amount, kind):
                    yield Found(
                        _(
                            "The unit's share of %(amount)s is not a multiple of %(step)s.",
                            amount=printed(share.amount),
                            step=step,
                        ),
                        f"units[{at}].shares[{nth}].amount",
                    )


@rule("CME009")
def time_supports_the_amount(document: ActivityDocument, provider: ProviderRecord, *, on: date) -> Findings:
    """ACCME, enduring materials: the credit is the estimated time to complete."""
    del on
    if document.activity_type not in (ActivityType.ENDURING, ActivityType.OTHER):
        return
    for place, designation, kind in designations_of(document):
        supported = rounded_credit(document.minutes, kind, half_goes_up=provider.half_goes_up)
        if designation.maximum == supported:
            continue
        said = {
            "minutes": document.minutes,
            "supported": printed(supported),
            "maximum": printed(designation.maximum),
        }
        where = f"designations[{place}].maximum"
        if designation.maximum > supported:
            yield Found(
                _("%(minutes)s minutes make %(supported)s; %(maximum)s is designated.", **said), where
            )
        else:
            yield Found(
                _("%(minutes)s minutes make %(supported)s; only %(maximum)s is designated.", **said),
                where,
                Severity.NOTE,
            )


@rule("CME010")
def is_designated_in_advance(document: ActivityDocument, provider: ProviderRecord, *, on: date) -> Findings:
    """AMA PRA, core requirements: in advance, never retroactively. An approval that is stated counts."""
    del provider, on
    released = document.dates.original_release
    for place, designation in enumerate(document.designations):
        approved = designation.approved_on
        if approved and released and approved > released:
            yield Found(
                _(
                    "The designation was approved on %(approved)s, after the release on %(released)s.",
                    approved=in_words(approved),
                    released=in_words(released),
                ),
                f"designations[{place}].approved_on",
            )


@rule("OWN001")
def shares_sum_to_the_amount(document: ActivityDocument, provider: ProviderRecord, *, on: date) -> Findings:
    """Credit per assessed unit: the shares of all units are the designation."""
    del provider, on
    for place, designation, _kind in designations_of(document):
        total = sum((document.share_of(unit, designation) for unit in document.units), Decimal(0))
        if document.units and total != designation.maximum:
            yield Found(
                _(
                    "The units' shares sum to %(total)s; %(maximum)s is designated.",
                    total=printed(total),
                    maximum=printed(designation.maximum),
                ),
                f"designations[{place}].maximum",
            )


@rule("OWN006")
def requirements_can_be_met(document: ActivityDocument, provider: ProviderRecord, *, on: date) -> Findings:
    """A designation asks only for steps that the activity has."""
    del provider, on
    has_evaluation = document.evaluation is not None and bool(document.evaluation.questions)
    for place, designation in enumerate(document.designations):
        if designation.requires_evaluation and not has_evaluation:
            yield Found(
                _("The designation requires an evaluation, and there is none."),
                f"designations[{place}].requires_evaluation",
            )
        if designation.requires_pre_test and not any(unit.pre_test for unit in document.units):
            yield Found(
                _("The designation requires a pre-test, and no unit has one."),
                f"designations[{place}].requires_pre_test",
            )
        if designation.requires_content and not any(unit.content for unit in document.units):
            yield Found(
                _("The designation requires content, and no unit has a recording or a reading."),
                f"designations[{place}].requires_content",
            )


@rule("OWN008", reach=Reach.EVERY)
def uncertified_carries_no_credit(
    document: ActivityDocument, provider: ProviderRecord, *, on: date
) -> Findings:
    """A recording without certification has no designation, no statement of one, no post-test."""
    del provider, on
    if document.certified:
        return
    if document.designations:
        yield Found(_("A recording without certification designates no credit."), "designations")
    for place, statement in enumerate(document.statements):
        if statement.kind is StatementKind.DESIGNATION:
            yield Found(
                _(
                    "A recording without certification states no credit; what was said of the live "
                    "activity belongs into past_live_statement."
                ),
                f"statements[{place}]",
            )
    for place, unit in enumerate(document.units):
        if unit.post_test:
            yield Found(_("A recording without certification has no post-test."), f"units[{place}].post_test")


@rule("OWN009")
def credit_is_designated_once(document: ActivityDocument, provider: ProviderRecord, *, on: date) -> Findings:
    """A certified activity designates credit, each type once."""
    del provider, on
    if not document.designations:
        yield Found(_("A certified activity designates credit; there is no designation."), "designations")
    counts = Counter(designation.credit_type for designation in document.designations)
    for credit_type, count in counts.items():
        if count > 1:
            yield Found(
                _("“%(credit_type)s” is designated %(count)s times.", credit_type=credit_type, count=count),
                "designations",
            )
