"""Sentences about an activity that are generated from its document, in the interface language.

Nothing here decides: rules do. What the document does not state is said to be not stated, never
invented.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from opencme.activities.choices import ActivityType, DisclosureAnswer, FeeKind, Role, SupportKind
from opencme.activities.document import (
    ActivityDocument,
    Designation,
    Disclosure,
    Fee,
    PersonInRole,
    PostTest,
    Recording,
    Unit,
)
from opencme.learning.rules import demanded_of
from opencme.providers import statements
from opencme.web.templatetags.wording import amount, clock, minutes, money, questions

ROLE_NAMES = {
    Role.FACULTY: gettext_lazy("faculty"),
    Role.MODERATOR: gettext_lazy("moderator"),
    Role.AUTHOR: gettext_lazy("author"),
    Role.PLANNER: gettext_lazy("planner"),
    Role.EDITOR: gettext_lazy("editor"),
    Role.REVIEWER: gettext_lazy("reviewer"),
}

TYPE_NAMES = {
    ActivityType.ENDURING: gettext_lazy("Enduring material"),
    ActivityType.LIVE: gettext_lazy("Live activity"),
    ActivityType.RSS: gettext_lazy("Regularly scheduled series"),
    ActivityType.OTHER: pgettext_lazy("activity type", "Other activity"),
}


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """A line of the credit's arithmetic."""

    title: str
    note: str = ""
    minutes: int = 0


@dataclass(frozen=True, slots=True)
class CreditLine:
    """An amount of one kind of credit as a page writes it; the phrase is Markdown."""

    amount: Decimal
    phrase: str
    professions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Amount and phrase as plain text."""
        return self.markdown.replace("*", "")

    @property
    def markdown(self) -> str:
        """Amount and phrase with their emphasis: some phrases are only right in italics (R#44)."""
        return f"{amount(self.amount)} {self.phrase}"


# --- credit -------------------------------------------------------------------------------------


def credit_line(designation: Designation) -> CreditLine:
    """A designation in words; an unknown credit type is written as its key."""
    try:
        kind = statements.credit_type(designation.credit_type)
    except statements.UnknownWord:
        return CreditLine(designation.maximum, designation.credit_type, designation.eligible)
    return CreditLine(
        designation.maximum,
        kind.phrase_for(designation.maximum),
        designation.eligible or kind.professions,
    )


def phrase_of(credit_type: str, value: Decimal) -> str:
    """The phrase of a credit type for an amount, as Markdown; its key where it is unknown."""
    try:
        return statements.credit_type(credit_type).phrase_for(value)
    except statements.UnknownWord:
        return credit_type


def profession_name(key: str) -> str:
    """A profession in words; its key where it is unknown."""
    try:
        return statements.profession(key).name
    except statements.UnknownWord:
        return key.replace("-", " ").capitalize()


def fee_text(fee: Fee) -> str:
    """The fee in a word: "Free", "USD 25", or "not stated"."""
    if fee.kind is FeeKind.NOT_STATED:
        return _("not stated")
    if fee.kind is FeeKind.FREE:
        return _("Free")
    return money(fee.amount_minor, fee.currency)


# --- how to earn credit ---------------------------------------------------------------------------


def ledger(document: ActivityDocument) -> tuple[LedgerEntry, ...]:
    """The steps with their minutes, generated from the document."""
    if len(document.units) == 1:
        entries = list(_unit_entries(document.units[0]))
    else:
        entries = [
            LedgerEntry(unit.title, "; ".join(_unit_notes(unit)), unit.minutes) for unit in document.units
        ]
    if document.evaluation is not None:
        count = len(document.evaluation.questions)
        note = _("%(questions)s, not counted") % {"questions": questions(count)}
        entries.append(LedgerEntry(document.evaluation.title, note))
    if document.certified and document.designations:
        entries.append(LedgerEntry(_("Claim"), _claim_note(document)))
    return tuple(entries)


def ledger_total(document: ActivityDocument) -> LedgerEntry | None:
    """The last line: the minutes and the credit that they make; its title is Markdown."""
    if not document.minutes:
        return None
    credit = _(" and ").join(credit_line(one).markdown for one in document.designations)
    if document.certified and credit:
        title = _("%(minutes)s make %(credit)s") % {
            "minutes": minutes(document.minutes),
            "credit": credit,
        }
    else:
        title = _("In all, without credit")
    return LedgerEntry(title, "", document.minutes)


def _claim_note(document: ActivityDocument) -> str:
    if len(document.units) > 1 and not document.all_or_nothing:
        return _("one claim for the parts you passed; your certificate appears at once")
    return _("your certificate appears at once")


def _unit_entries(unit: Unit) -> Iterator[LedgerEntry]:
    if unit.pre_test:
        note = _("%(questions)s, not graded") % {"questions": questions(len(unit.pre_test.items))}
        yield LedgerEntry(unit.pre_test.title, note, unit.pre_test.minutes)
    if unit.content:
        spent = sum(part.minutes for part in unit.content)
        yield LedgerEntry(content_title(unit), "; ".join(_content_notes(unit)), spent)
    if unit.post_test:
        yield LedgerEntry(unit.post_test.title, test_note(unit.post_test), unit.post_test.minutes)


def _unit_notes(unit: Unit) -> Iterator[str]:
    for entry in _unit_entries(unit):
        note = f"{entry.title}, {entry.note}" if entry.note else entry.title
        yield f"{note} ({minutes(entry.minutes)})" if entry.minutes else note


def content_title(unit: Unit) -> str:
    """What the page of a unit's recordings and readings is called."""
    if unit.recordings and unit.readings:
        return _("Recording and reading")
    if len(unit.content) == 1:
        return unit.content[0].title
    return _("Recordings") if unit.recordings else _("Readings")


def _content_notes(unit: Unit) -> Iterator[str]:
    for recording in unit.recordings:
        yield _recording_note(unit, recording)
    if not unit.recordings:
        yield _("read at your own pace")


def _recording_note(unit: Unit, recording: Recording) -> str:
    length = clock(recording.seconds)
    demanded = demanded_of(unit, recording) // 1000
    if demanded:
        return _("%(part)s of the %(length)s played, or the transcript read instead") % {
            "part": clock(demanded),
            "length": length,
        }
    return _("%(length)s; the transcript counts the same") % {"length": length}


def test_note(test: PostTest) -> str:
    """Questions, pass mark and attempts: "10 questions, 7 of 10 passes, unlimited attempts"."""
    parts = [questions(len(test.items))]
    if test.pass_mark is not None:
        parts.append(_("%(mark)s of %(count)s passes") % {"mark": test.pass_mark, "count": len(test.items)})
    parts.append(attempts_text(test.attempts))
    return ", ".join(parts)


def attempts_text(attempts: int | None) -> str:
    """The number of attempts in words."""
    if attempts is None:
        return _("unlimited attempts")
    return ngettext("%(count)s attempt", "%(count)s attempts", attempts) % {"count": attempts}


def requirements(document: ActivityDocument) -> tuple[tuple[CreditLine, str], ...]:
    """What each designation asks before it can be claimed."""
    return tuple(
        (credit_line(one), ", ".join(_requirement_words(document, one))) for one in document.designations
    )


def _requirement_words(document: ActivityDocument, designation: Designation) -> Iterator[str]:
    units = document.units
    if designation.requires_pre_test and any(unit.pre_test for unit in units):
        yield _("pre-test sent")
    if designation.requires_content and any(unit.content for unit in units):
        yield _("content played or read")
    if designation.requires_post_test and any(unit.post_test for unit in units):
        yield _("post-test passed")
    if designation.requires_evaluation and document.evaluation and document.evaluation.required:
        yield _("evaluation sent")


# --- people, disclosures, support -------------------------------------------------------------------


def roles_of(person: PersonInRole) -> str:
    """The roles in words: "faculty, planner"."""
    return ", ".join(str(ROLE_NAMES[role]) for role in person.roles)


def _names(people: Iterable[PersonInRole]) -> str:
    return "; ".join(f"{person.full_name} ({roles_of(person)})" for person in people)


def disclosure_paragraphs(document: ActivityDocument) -> tuple[str, ...]:
    """What the people in control of content disclosed, as Markdown paragraphs.

    The provider's own wording where the document has one (a rule checks that it is complete),
    else generated from the disclosures.
    """
    if document.disclosure_statement:
        return (document.disclosure_statement,)
    return tuple(_generated_disclosures(document))


def _generated_disclosures(document: ActivityDocument) -> Iterator[str]:
    disclosed = {one.person: one for one in document.disclosures}
    none = [p for p in document.people if _answer(disclosed, p) is DisclosureAnswer.NONE]
    exempt = [p for p in document.people if _answer(disclosed, p) is DisclosureAnswer.EXEMPT]
    missing = [p for p in document.people if p.key not in disclosed]
    for person in document.people:
        if _answer(disclosed, person) is DisclosureAnswer.RELATIONSHIPS:
            yield _relationship_paragraph(person, disclosed[person.key])
    if none and len(none) == len(document.people):
        yield _(
            "Nobody in control of this content has a relevant financial relationship with an "
            "ineligible company in the past 24 months: %(names)s."
        ) % {"names": _names(none)}
    elif none:
        yield _(
            "No relevant financial relationship with an ineligible company in the past 24 months: %(names)s."
        ) % {"names": _names(none)}
    if exempt:
        yield _("Exempt from disclosure: %(names)s.") % {"names": _names(exempt)}
    if missing or not document.people:
        yield _not_stated(missing)


def _not_stated(missing: list[PersonInRole]) -> str:
    if not missing:
        return _("Disclosures: not stated.")
    return _("Disclosure not stated: %(names)s.") % {"names": _names(missing)}


def _answer(disclosed: dict[str, Disclosure], person: PersonInRole) -> DisclosureAnswer | None:
    return disclosed[person.key].answer if person.key in disclosed else None


def _relationship_paragraph(person: PersonInRole, disclosure: Disclosure) -> str:
    relations = []
    for one in disclosure.relationships:
        words = f"{one.company}, {one.nature}"
        if one.ended:
            words = _("%(relationship)s (ended)") % {"relationship": words}
        if one.mitigation:
            words = _("%(relationship)s; mitigated: %(mitigation)s") % {
                "relationship": words,
                "mitigation": one.mitigation,
            }
        relations.append(words)
    return f"{person.full_name} ({roles_of(person)}): {'. '.join(relations)}."


def support_paragraphs(document: ActivityDocument) -> tuple[str, ...]:
    """Commercial support as Markdown paragraphs; "none" and "not stated" differ."""
    support = document.support
    if support.statement:
        return (support.statement,)
    if support.kind is SupportKind.NONE:
        return (_("No commercial support was received."),)
    if support.kind is SupportKind.NOT_STATED:
        return (_("Commercial support: not stated."),)
    sources = "; ".join(
        f"{source.name} ({source.nature})" if source.nature else source.name for source in support.sources
    )
    return (_("Supported by: %(sources)s.") % {"sources": sources},)


def period_of(rule: statements.Keeping) -> str:
    """How long one kind of record is kept, and from when it counts."""
    if rule.years:
        length = ngettext("%(count)s year", "%(count)s years", rule.years) % {"count": rule.years}
    elif rule.days:
        length = ngettext("%(count)s day", "%(count)s days", rule.days) % {"count": rule.days}
    else:
        return _("until your account is blanked")
    return f"{length} {_COUNTED_FROM[rule.counted_from]}"


_COUNTED_FROM = {
    "closing": gettext_lazy("after you close the account"),
    "start": gettext_lazy("after you pressed Start"),
    "last record": gettext_lazy("after the last thing you did there, and as long as your account is open"),
    "sending": gettext_lazy("after it was written"),
    "end of the activity": gettext_lazy("after the activity was last offered"),
}
