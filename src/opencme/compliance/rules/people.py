"""Those in control of content, and what learners read of their relationships."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from opencme.activities.choices import ActivityType, DisclosureAnswer
from opencme.activities.document import ActivityDocument, Disclosure, PersonInRole
from opencme.core.sentences import sentence as _
from opencme.providers.record import ProviderRecord
from opencme.providers.statements import words_for

from .registry import Findings, Found, Reach, rule
from .wording import names

EXEMPTIONS = ("non-clinical", "learner-controlled", "self-directed")
_PICTURE = re.compile(r"!\[|<img\b", re.IGNORECASE)


@rule("CME004", reach=Reach.EVERY)
def no_partner_is_an_ineligible_company(
    document: ActivityDocument, provider: ProviderRecord, *, on: date
) -> Findings:
    """ACCME, joint providership: an ineligible company cannot be a joint provider or host."""
    del provider, on
    flagged = {*document.ineligible_companies, *(one.name for one in document.support.sources)}
    known = {name.casefold() for name in flagged}
    for field in ("joint_providers", "co_providers", "produced_by"):
        for place, name in enumerate(getattr(document, field)):
            if name.casefold() in known:
                yield Found(
                    _("%(name)s is an ineligible company and cannot take part.", name=name),
                    f"{field}[{place}]",
                )


@rule("CME021", reach=Reach.EVERY)
def everyone_has_disclosed(document: ActivityDocument, provider: ProviderRecord, *, on: date) -> Findings:
    """Standards for Integrity and Independence, 3: everyone in control of content."""
    del provider, on
    disclosed = {disclosure.person for disclosure in document.disclosures}
    for place, person in enumerate(document.people):
        if person.key not in disclosed:
            yield Found(_("%(person)s has not disclosed.", person=person.name), f"people[{place}]")


@rule("CME023", reach=Reach.EVERY)
def relationships_have_company_and_nature(
    document: ActivityDocument, provider: ProviderRecord, *, on: date
) -> Findings:
    """Standards for Integrity and Independence, 3: company and nature of each relationship."""
    del provider, on
    for place, disclosure in enumerate(document.disclosures):
        where = f"disclosures[{place}].relationships"
        stated = disclosure.answer is DisclosureAnswer.RELATIONSHIPS
        if stated != bool(disclosure.relationships):
            yield Found(_("The answer and the list of relationships contradict each other."), where)
        for nth, one in enumerate(disclosure.relationships):
            if not one.company or not one.nature:
                yield Found(_("A relationship needs a company and a nature."), f"{where}[{nth}]")


@rule("CME027", reach=Reach.EVERY)
def learners_read_the_disclosures(
    document: ActivityDocument, provider: ProviderRecord, *, on: date
) -> Findings:
    """Standards for Integrity and Independence, 3.5: names, companies, nature, mitigation, and none.

    Without a text of its own the activity's page is generated from the disclosures; then they must
    be there, and say how relationships were mitigated.
    """
    del provider, on
    text = document.disclosure_statement
    if not text.strip():
        yield from _ungenerated(document)
        return
    people = {person.key: person for person in document.people}
    for disclosure in document.disclosures:
        for message in _untold(disclosure, people.get(disclosure.person), text):
            yield Found(message, "disclosure_statement")


def _ungenerated(document: ActivityDocument) -> Findings:
    """What a generated text would leave out."""
    disclosed = {disclosure.person for disclosure in document.disclosures}
    silent = tuple(person.name for person in document.people if person.key not in disclosed)
    if silent:
        yield Found(
            _("Learners are told no disclosure of %(silent)s.", silent=words_for(silent)),
            "disclosure_statement",
        )
    for place, disclosure in enumerate(document.disclosures):
        for nth, one in enumerate(disclosure.relationships):
            if one.relevant and not one.mitigation:
                yield Found(
                    _(
                        "Learners are not told that the relationship with %(company)s was mitigated.",
                        company=one.company,
                    ),
                    f"disclosures[{place}].relationships[{nth}].mitigation",
                )


def _untold(disclosure: Disclosure, person: PersonInRole | None, text: str) -> Iterator[str]:
    if person is None or disclosure.answer is DisclosureAnswer.EXEMPT:
        return
    if not names(text, person.name):
        yield _("The disclosures do not name %(person)s.", person=person.name)
    relevant = [one for one in disclosure.relationships if one.relevant]
    for one in relevant:
        for part in (one.company, one.nature):
            if part and not names(text, part):
                yield _(
                    "The disclosure of %(person)s does not say “%(part)s”.", person=person.name, part=part
                )
    if relevant and "mitigat" not in text.casefold():
        yield _("The disclosures do not say that all relevant relationships have been mitigated.")


@rule("CME029", reach=Reach.EVERY)
def exemptions_have_a_reason(document: ActivityDocument, provider: ProviderRecord, *, on: date) -> Findings:
    """Standards for Integrity and Independence, 3: the exceptions, never for a scheduled series."""
    del provider, on
    for place, disclosure in enumerate(document.disclosures):
        if disclosure.answer is not DisclosureAnswer.EXEMPT:
            continue
        where = f"disclosures[{place}].exemption_reason"
        if disclosure.exemption_reason not in EXEMPTIONS:
            reasons = words_for(EXEMPTIONS)
            yield Found(_("An exemption has one of the reasons %(reasons)s.", reasons=reasons), where)
        elif document.activity_type is ActivityType.RSS:
            yield Found(_("Scheduled series are not exempt."), where)


@rule("CME028", reach=Reach.EVERY)
def disclosures_do_not_advertise(
    document: ActivityDocument, provider: ProviderRecord, *, on: date
) -> Findings:
    """ACCME, Standard 5: no logo and no trade name in disclosures and acknowledgements."""
    del on
    for place, text in _told(document):
        if _PICTURE.search(text):
            yield Found(_("A disclosure or acknowledgement carries no picture or logo."), place)
        for name in provider.trade_names:
            if re.search(rf"\b{re.escape(name)}\b", text, re.IGNORECASE):
                yield Found(_("“%(name)s” is a trade name; name the company.", name=name), place)


def _told(document: ActivityDocument) -> Iterator[tuple[str, str]]:
    """Each text from which learners read of relationships and support, with its place."""
    yield "disclosure_statement", document.disclosure_statement
    yield "off_label_statement", document.off_label_statement
    yield "support.statement", document.support.statement
    for place, source in enumerate(document.support.sources):
        yield f"support.sources[{place}]", f"{source.name} {source.nature}"
    for place, disclosure in enumerate(document.disclosures):
        for nth, one in enumerate(disclosure.relationships):
            yield f"disclosures[{place}].relationships[{nth}]", f"{one.company} {one.nature}"
