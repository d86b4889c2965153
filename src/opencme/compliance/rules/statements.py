"""What the accreditation and designation statements say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from opencme.activities.choices import ActivityType, Providership, StatementKind
from opencme.activities.document import ActivityDocument, Designation, Statement
from opencme.core.sentences import sentence as _
from opencme.core.verdicts import Severity
from opencme.providers.record import AccreditationRecord, ProviderRecord
from opencme.providers.statements import (
    CreditType,
    DesignationForm,
    accreditation_forms,
    accreditor,
    designation_forms,
    format_of_type,
    formats_named,
    wording_of,
    words_for,
)

from . import wording
from .registry import Findings, Found, Reach, rule
from .standing import accreditation_for, designations_of, is_by_this_provider

_BRACKETS = re.compile(r"\s*\(([^)]+)\)")
_JOINT_WORDS = ("joint providership", "jointly provided", "joint sponsorship", "jointly sponsored")


def accreditation_statements(
    document: ActivityDocument, accreditor_key: str
) -> Iterator[tuple[int, Statement]]:
    """The statements on one accreditor; one that names no accreditor counts for any."""
    for place, statement in enumerate(document.statements):
        if statement.kind is StatementKind.ACCREDITATION and statement.accreditor in (
            None,
            accreditor_key,
        ):
            yield place, statement


def designation_statements(
    document: ActivityDocument, designation: Designation
) -> Iterator[tuple[int, Statement]]:
    """The statements on one credit type; one that names none counts where only one is designated."""
    sole = len(document.designations) == 1
    for place, statement in enumerate(document.statements):
        if statement.kind is StatementKind.DESIGNATION and (
            statement.credit_type == designation.credit_type or (statement.credit_type is None and sole)
        ):
            yield place, statement


def accreditations_used(
    document: ActivityDocument, provider: ProviderRecord, *, on: date
) -> tuple[AccreditationRecord, ...]:
    """The accreditations on which the designations rest, each once."""
    used = (
        accreditation_for(kind, provider, on=on)
        for _place, designation, kind in designations_of(document)
        if is_by_this_provider(designation, provider)
    )
    return tuple(dict.fromkeys(one for one in used if one))


def provider_names(provider: ProviderRecord) -> tuple[str, ...]:
    """The ways in which statements may name the provider."""
    return (provider.name, *provider.known_as)


@dataclass(frozen=True, slots=True)
class Printed:
    """A statement under examination: what it says, where it stands, and what it speaks of."""

    document: ActivityDocument
    provider: ProviderRecord
    text: str
    where: str
    on: date

    def names_any(self, names: tuple[str, ...]) -> bool:
        """Whether it names one of these."""
        return any(wording.names(self.text, name) for name in names)


# --- accreditation ---------------------------------------------------------------------


@rule("CME001")
def accreditation_statement_is_right(
    document: ActivityDocument, provider: ProviderRecord, *, on: date
) -> Findings:
    """ACCME, accreditation statements: present, and not contradicting the record."""
    for accreditation in accreditations_used(document, provider, on=on):
        statements = tuple(accreditation_statements(document, accreditation.accreditor))
        if not statements:
            body = accreditor(accreditation.accreditor).name
            yield Found(_("There is no accreditation statement (%(body)s).", body=body), "statements")
        for place, statement in statements:
            printed = Printed(document, provider, statement.text, f"statements[{place}].text", on)
            yield from _on_accreditation(printed, accreditation)


def _on_accreditation(printed: Printed, accreditation: AccreditationRecord) -> Findings:
    forms = accreditation_forms(accreditation.accreditor, printed.document.providership, on=printed.on)
    fillings = [_places(printed.document, name, accreditation) for name in provider_names(printed.provider)]
    if any(wording.read_as(printed.text, forms, filled) for filled in fillings):
        return
    contradictions = tuple(_contradictions(printed, accreditation))
    for message in contradictions:
        yield Found(message, printed.where)
    if not contradictions:
        changes = wording.difference(printed.text, forms, fillings[0]) or "no wording is known for it"
        yield Found(
            _("The accreditation statement differs from the known wording: %(changes)s.", changes=changes),
            printed.where,
            Severity.WARNS,
        )


def _places(document: ActivityDocument, name: str, accreditation: AccreditationRecord) -> dict[str, str]:
    return {
        "provider": name,
        "partners": words_for(document.joint_providers),
        **_accreditor_places(accreditation),
    }


def _accreditor_places(accreditation: AccreditationRecord) -> dict[str, str]:
    """The name of an accreditor that the provider names itself, and its abbreviation."""
    name = accreditation.accreditor_name
    abbreviation = _BRACKETS.search(name)
    return {"accreditor": name, "abbreviation": abbreviation[1] if abbreviation else name}


def _contradictions(printed: Printed, accreditation: AccreditationRecord) -> Iterator[str]:
    if not printed.names_any(provider_names(printed.provider)):
        yield _("The accreditation statement does not name %(provider)s.", provider=printed.provider.name)
    body = accreditor(accreditation.accreditor)
    own = _BRACKETS.sub("", accreditation.accreditor_name)
    bodies = (own,) if body.named_by_provider else body.names
    if not printed.names_any(bodies):
        yield _(
            "The accreditation statement does not name the accreditor (%(body)s).",
            body=bodies[0] or body.name,
        )
    said_jointly = _says_joint(printed, accreditation)
    is_joint = printed.document.providership is Providership.JOINT
    if said_jointly and not is_joint:
        yield _("The accreditation statement speaks of joint providership; the activity is direct.")
    if is_joint and not said_jointly:
        yield _("The accreditation statement is the direct one; the activity is jointly provided.")


def _says_joint(printed: Printed, accreditation: AccreditationRecord) -> bool:
    """Whether a statement speaks of a joint activity: by its words, its partners or its form."""
    if printed.names_any(_JOINT_WORDS) or printed.names_any(printed.document.joint_providers):
        return True
    forms = accreditation_forms(accreditation.accreditor, Providership.JOINT, on=printed.on)
    known = {"provider": printed.provider.name, **_accreditor_places(accreditation)}
    return wording.read_as(printed.text, forms, known) is not None


@rule("CME002")
def partners_are_named(document: ActivityDocument, provider: ProviderRecord, *, on: date) -> Findings:
    """ACCME, joint providership: every partner is listed; a direct activity has none."""
    partners = document.joint_providers
    if document.providership is Providership.DIRECT:
        if partners:
            message = _(
                "A direct activity has no joint provider; %(partners)s is one.", partners=words_for(partners)
            )
            yield Found(message, "joint_providers")
        return
    if not partners:
        yield Found(_("A joint activity names at least one partner."), "joint_providers")
    for accreditation in accreditations_used(document, provider, on=on):
        for place, statement in accreditation_statements(document, accreditation.accreditor):
            for partner in partners:
                if not wording.names(statement.text, partner):
                    message = _("The accreditation statement does not name %(partner)s.", partner=partner)
                    yield Found(message, f"statements[{place}].text")


# --- designation -----------------------------------------------------------------------


@rule("CME005")
def designation_statement_is_right(
    document: ActivityDocument, provider: ProviderRecord, *, on: date
) -> Findings:
    """AMA PRA, designation statement: the known wording, with the activity's own format."""
    for _place, designation, kind in designations_of(document):
        if not kind.designation_required:
            continue
        statements = tuple(designation_statements(document, designation))
        if not statements:
            yield Found(_("There is no designation statement for %(kind)s.", kind=kind.name), "statements")
        for place, statement in statements:
            printed = Printed(document, provider, statement.text, f"statements[{place}].text", on)
            yield from _on_designation(printed, designation, kind)


def _on_designation(printed: Printed, designation: Designation, kind: CreditType) -> Findings:
    forms = designation_forms(kind.key, on=printed.on)
    own = is_by_this_provider(designation, printed.provider)
    named = provider_names(printed.provider) if own else printed.document.co_providers
    if not named:
        return  # OWN003 speaks of it
    readings = (wording.read_as(printed.text, forms, {"provider": name}) for name in named)
    reading = next((one for one in readings if one), None)
    contradictions = tuple(_contradicting_designation(printed, reading, named, forms))
    for message in contradictions:
        yield Found(message, printed.where)
    if not reading and not contradictions:
        shown = {
            "provider": named[0],
            "amount": f"{designation.maximum.normalize():f}",
            "format": format_of_type(printed.document.activity_type).word,
        }
        changes = wording.difference(printed.text, forms, shown)
        yield Found(
            _("The designation statement differs from the known wording: %(changes)s.", changes=changes),
            printed.where,
            Severity.WARNS,
        )


def _contradicting_designation(
    printed: Printed,
    reading: wording.Reading | None,
    named: tuple[str, ...],
    forms: tuple[DesignationForm, ...],
) -> Iterator[str]:
    if any("{provider}" in form.text for form in forms) and not printed.names_any(named):
        yield _(
            "The designation statement does not name %(provider)s.",
            provider=words_for(named),
        )
    own = format_of_type(printed.document.activity_type)
    words = (
        (reading.format_word,) if reading and reading.format_word else wording.format_words_in(printed.text)
    )
    for word in words:
        known = formats_named(word)
        if known and own not in known:
            yield _(
                "The designation statement says “%(word)s”; the activity's format is “%(format)s”.",
                word=word,
                format=own.word,
            )
        elif not known and own.key != "other":  # CME053 speaks of that one
            yield _(
                "The designation statement says “%(word)s”, which is no format; say “%(format)s”.",
                word=word,
                format=own.word,
            )


@rule("CME006")
def stated_number_is_the_maximum(
    document: ActivityDocument, provider: ProviderRecord, *, on: date
) -> Findings:
    """AMA PRA, designation statement: its number is the designated maximum."""
    del provider, on
    for _place, designation, kind in designations_of(document):
        maximum = designation.maximum
        for place, statement in designation_statements(document, designation):
            numbers = wording.amounts_in(statement.text, kind.name) or wording.amounts_in(
                statement.text, kind.phrase
            )
            where = f"statements[{place}].text"
            if not numbers:
                yield Found(
                    _("The designation statement gives no number of %(kind)s.", kind=kind.name), where
                )
            elif any(number != maximum for number in numbers):
                stated = words_for(tuple(str(number) for number in numbers))
                yield Found(
                    _(
                        "The designation statement says %(stated)s; the designated maximum is %(maximum)s.",
                        stated=stated,
                        maximum=f"{maximum.normalize():f}",
                    ),
                    where,
                )


@rule("OWN014", reach=Reach.EVERY)
def wording_is_the_one_named(document: ActivityDocument, provider: ProviderRecord, *, on: date) -> Findings:
    """A statement that names a dated wording follows it."""
    del on
    known = {"partners": words_for(document.joint_providers)}
    for place, statement in enumerate(document.statements):
        if not statement.wording:
            continue
        form = wording_of(statement.wording)
        if form is None:
            message = _("No wording is known as “%(wording)s”.", wording=statement.wording)
            yield Found(message, f"statements[{place}].wording")
        elif not any(
            wording.read_as(statement.text, (form,), {**known, "provider": name})
            for name in (*provider_names(provider), *document.co_providers)
        ):
            message = _("The statement is not printed as “%(wording)s” says.", wording=statement.wording)
            yield Found(message, f"statements[{place}].wording")


@rule("CME053")
def other_format_is_named(document: ActivityDocument, provider: ProviderRecord, *, on: date) -> Findings:
    """AMA and ACCME alignment: "other" stands in the designation statement, as on certificates."""
    del provider, on
    if document.activity_type is not ActivityType.OTHER:
        return
    known = format_of_type(document.activity_type).words
    for _place, designation, _kind in designations_of(document):
        for place, statement in designation_statements(document, designation):
            if not any(wording.names(statement.text, word) for word in known):
                yield Found(
                    _(
                        "The designation statement does not name the format; say “%(format)s”.",
                        format=known[0],
                    ),
                    f"statements[{place}].text",
                )
