"""What a learner is told before the start."""

from __future__ import annotations

from datetime import date

from opencme.activities.choices import FeeKind
from opencme.activities.document import ActivityDocument
from opencme.core.sentences import sentence as _
from opencme.providers.record import ProviderRecord

from .registry import Findings, Found, Reach, rule


@rule("CME018")
def is_told_before_the_start(document: ActivityDocument, provider: ProviderRecord, *, on: date) -> Findings:
    """ACCME, enduring materials: faculty and credentials, medium, method, estimated time."""
    del provider, on
    for place, person in enumerate(document.people):
        if person in document.faculty and not person.letters and not person.positions:
            yield Found(_("%(person)s has no credentials.", person=person.name), f"people[{place}].letters")
    if not document.medium:
        yield Found(_("The medium is not stated."), "medium")
    if not document.method_of_participation.strip():
        yield Found(_("The method of participation is not stated."), "method_of_participation")
    if document.minutes <= 0:
        yield Found(_("The estimated time is not stated."), "units")


@rule("CME019", reach=Reach.EVERY)
def help_is_at_hand(document: ActivityDocument, provider: ProviderRecord, *, on: date) -> Findings:
    """Internet activities: hardware and software, a way to ask, a privacy page. "None" is an answer."""
    del on
    if document.technical_requirements is None:
        yield Found(
            _("Technical requirements are not stated; “none” would be an answer."),
            "technical_requirements",
        )
    contact = document.contact
    if not (contact.content or provider.content_contact):
        yield Found(_("Nobody is named for questions about the content."), "contact.content")
    if not (contact.technical or provider.technical_contact):
        yield Found(_("Nobody is named for technical help."), "contact.technical")
    if not (contact.privacy_address or provider.privacy_address):
        yield Found(_("The privacy page is not linked."), "contact.privacy_address")


@rule("OWN015", reach=Reach.EVERY)
def states_the_fee(document: ActivityDocument, provider: ProviderRecord, *, on: date) -> Findings:
    """Learners know before the start what they pay; "free" is an answer, silence is none."""
    del provider, on
    if document.fee.kind is FeeKind.NOT_STATED:
        yield Found(_("The fee is not stated; “free” would be an answer."), "fee.kind")


@rule("OWN007", reach=Reach.EVERY)
def says_what_and_by_whom(document: ActivityDocument, provider: ProviderRecord, *, on: date) -> Findings:
    """AMA PRA, core requirements: purpose or objectives are communicated."""
    del provider, on
    if not document.title:
        yield Found(_("The activity has no title."), "title")
    if not document.objectives:
        yield Found(_("There is no objective."), "objectives")
    if not document.faculty:
        yield Found(_("Nobody is named who teaches."), "people")
    if not document.units:
        yield Found(_("There is nothing to take part in: no unit."), "units")
