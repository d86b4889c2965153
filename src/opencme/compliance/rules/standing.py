"""On whose accreditation a designation rests, and whether it carries the credit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from opencme.activities.choices import Providership
from opencme.activities.document import ActivityDocument, Designation
from opencme.core.sentences import sentence as _
from opencme.core.verdicts import Severity
from opencme.providers.choices import Standing
from opencme.providers.record import AccreditationRecord, ProviderRecord
from opencme.providers.statements import CreditType, UnknownWord, accreditor, credit_type

from .registry import Findings, Found, rule


def known_credit_type(key: str) -> CreditType | None:
    """The credit type of that key, or nothing where the data do not know it."""
    try:
        return credit_type(key)
    except UnknownWord:
        return None


def designations_of(
    document: ActivityDocument,
) -> Iterator[tuple[int, Designation, CreditType]]:
    """The designations whose credit type is known, with their place in the document."""
    for place, designation in enumerate(document.designations):
        kind = known_credit_type(designation.credit_type)
        if kind:
            yield place, designation, kind


def accreditation_for(kind: CreditType, provider: ProviderRecord, *, on: date) -> AccreditationRecord | None:
    """The accreditation in force that day that lets the provider designate this credit."""
    for accreditation in provider.accreditations:
        carries = not accreditation.credit_types or kind.key in accreditation.credit_types
        if accreditation.accreditor in kind.accreditors and carries and accreditation.holds_on(on):
            return accreditation
    return None


def is_by_this_provider(designation: Designation, provider: ProviderRecord) -> bool:
    """Whether the designation is the provider's own, and not a co-provider's."""
    return designation.provider in (None, provider.key)


@rule("CME003")
def no_new_joint_activity_on_probation(
    document: ActivityDocument, provider: ProviderRecord, *, on: date
) -> Findings:
    """ACCME, joint providership: on probation no new joint activity is started.

    The record has no date of the agreement between the partners, so that a person must compare.
    """
    del on
    if provider.standing is Standing.PROBATION and document.providership is Providership.JOINT:
        message = _(
            "%(provider)s is on probation and starts no new joint activity; only an agreement older "
            "than that decision counts.",
            provider=provider.name,
        )
        yield Found(message, "providership", Severity.WARNS)


@rule("OWN003")
def accreditation_carries_the_credit(
    document: ActivityDocument, provider: ProviderRecord, *, on: date
) -> Findings:
    """Only a provider with an accreditation in force may designate."""
    for place, designation in enumerate(document.designations):
        where = f"designations[{place}].credit_type"
        kind = known_credit_type(designation.credit_type)
        if kind is None:
            yield Found(
                _("There is no credit type “%(credit_type)s”.", credit_type=designation.credit_type), where
            )
        elif provider.standing is Standing.NOT_ACCREDITED:
            yield Found(
                _(
                    "%(provider)s is not accredited and cannot designate %(kind)s.",
                    provider=provider.name,
                    kind=kind.name,
                ),
                where,
            )
        elif not is_by_this_provider(designation, provider):
            if not document.co_providers:
                message = _("Another provider designates this, and no co-provider is named.")
                yield Found(message, f"designations[{place}].provider")
        elif not accreditation_for(kind, provider, on=on):
            bodies = ", ".join(accreditor(key).name for key in kind.accreditors)
            yield Found(
                _(
                    "%(provider)s has no accreditation in force that carries %(kind)s (%(bodies)s).",
                    provider=provider.name,
                    kind=kind.name,
                    bodies=bodies,
                ),
                where,
            )


@rule("OWN004")
def demonstration_stays_apart(document: ActivityDocument, provider: ProviderRecord, *, on: date) -> Findings:
    """A demonstration designates invented credit only, a real provider never does."""
    del on
    for place, _designation, kind in designations_of(document):
        if kind.demonstration_only and not provider.is_demonstration:
            message = _("%(kind)s is invented; only a demonstration may designate it.", kind=kind.name)
        elif provider.is_demonstration and not kind.demonstration_only:
            message = _(
                "%(provider)s is a demonstration and cannot designate %(kind)s.",
                provider=provider.name,
                kind=kind.name,
            )
        else:
            continue
        yield Found(message, f"designations[{place}].credit_type")
