"""What the accreditation and designation statements say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from opencme.activities.choices import ActivityType, Providership, StatementKind
from opencme.activities.document import ActivityDocument, Designation, Statement
from opencme.core.verdicts import Severity
from opencme.providers.record import AccreditationRecord, ProviderRecord
from opencme.providers.statements import (
    AccreditationForm,
    CreditType,
    accreditation_forms,
    accreditor,
    designation_forms,
    format_of_type,
    formats_named,
    words_for,
)

from . import wording
from .registry import Findings, Found, rule
from .standing import accreditation_for, designations_of, is_by_this_provider

_OTHER_PROVIDERSHIP = {Providership.DIRECT: Providership.JOINT, Providership.JOINT: Providership.DIRECT}
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
        for _, designation, kind in designations_of(document)
        if is_by_this_provider(designation, provider)
    )
    return tuple(dict.fromkeys(one for one in used if one))


def provider_names(provider: ProviderRecord) -> tuple[str, ...]:
    """The ways in which statements may name the provider."""
    return (provider.name, *provider.known_as)


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
            yield Found(f"There is no accreditation statement ({body}).", "statements")
        for place, statement in statements:
            yield from _accreditation_findings(
                document, provider, accreditation, statement.text, f"statements[{place}].text", on=on
            )


def _accreditation_findings(
    document: ActivityDocument,
    provider: ProviderRecord,
    accreditation: AccreditationRecord,
    text: str,
    where: str,
    *,
    on: date,
) -> Findings:
    forms = accreditation_forms(accreditation.accreditor, document.providership, on=on)
    fillings = [_places(document, name, accreditation) for name in provider_names(provider)]
    if any(wording.read_as(text, forms, filled) for filled in fillings):
        return
    contradictions = tuple(_contradictions(document, provider, accreditation, text, on=on))
    for message in contradictions:
        yield Found(message, where)
    if not contradictions:
        changes = wording.difference(text, forms, fillings[0]) or "no wording is known for it"
        yield Found(
            f"The accreditation statement differs from the known wording: {changes}.",
            where,
            Severity.WARNS,
        )


def _places(document: ActivityDocument, name: str, accreditation: AccreditationRecord) -> dict[str, str]:
    return {
        "provider": name,
        "partners": words_for(document.joint_providers),
        "accreditor": accreditation.accreditor_name,
    }


def _contradictions(
    document: ActivityDocument,
    provider: ProviderRecord,
    accreditation: AccreditationRecord,
    text: str,
    *,
    on: date,
) -> Iterator[str]:
    if not any(wording.names(text, name) for name in provider_names(provider)):
        yield f"The accreditation statement does not name {provider.name}."
    body = accreditor(accreditation.accreditor)
    bodies = (accreditation.accreditor_name,) if body.named_by_provider else body.names
    if bodies and not any(wording.names(text, name) for name in bodies):
        yield f"The accreditation statement does not name the accreditor ({bodies[0] or body.name})."
    said_jointly = _says_joint(document, provider, accreditation, text, on=on)
    if said_jointly and document.providership is Providership.DIRECT:
        yield "The accreditation statement speaks of joint providership; the activity is direct."
    if not said_jointly and document.providership is Providership.JOINT:
        yield "The accreditation statement is the direct one; the activity is jointly provided."


def _says_joint(
    document: ActivityDocument,
    provider: ProviderRecord,
    accreditation: AccreditationRecord,
    text: str,
    *,
    on: date,
) -> bool:
    """Whether a statement speaks of a joint activity: by its words, its partners or its form."""
    if any(wording.names(text, words) for words in _JOINT_WORDS):
        return True
    if any(wording.names(text, partner) for partner in document.joint_providers):
        return True
    forms: tuple[AccreditationForm, ...] = accreditation_forms(
        accreditation.accreditor, _OTHER_PROVIDERSHIP[Providership.DIRECT], on=on
    )
    partners = {"provider": provider.name, "accreditor": accreditation.accreditor_name}
    return wording.read_as(text, forms, partners) is not None


@rule("CME002")
def partners_are_named(document: ActivityDocument, provider: ProviderRecord, *, on: date) -> Findings:
    """ACCME, joint providership: every partner is listed; a direct activity has none."""
    if document.providership is Providership.DIRECT:
        if document.joint_providers:
            yield Found(
                f"A direct activity has no joint provider; {words_for(document.joint_providers)} is one.",
                "joint_providers",
            )
        return
    if not document.joint_providers:
        yield Found("A joint activity names at least one partner.", "joint_providers")
    for accreditation in accreditations_used(document, provider, on=on):
        for place, statement in accreditation_statements(document, accreditation.accreditor):
            for partner in document.joint_providers:
                if not wording.names(statement.text, partner):
                    yield Found(
                        f"The accreditation statement does not name {partner}.",
                        f"statements[{place}].text",
                    )


# --- designation -----------------------------------------------------------------------


@rule("CME005")
def designation_statement_is_right(
    document: ActivityDocument, provider: ProviderRecord, *, on: date
) -> Findings:
    """AMA PRA, designation statement: the known wording, with the activity's own format."""
    for _, designation, kind in designations_of(document):
        if not kind.designation_required:
            continue
        statements = tuple(designation_statements(document, designation))
        if not statements:
            yield Found(f"There is no designation statement for {kind.name}.", "statements")
        for place, statement in statements:
            yield from _designation_findings(
                document, provider, designation, kind, statement.text, f"statements[{place}].text", on=on
            )


def _designation_findings(
    document: ActivityDocument,
    provider: ProviderRecord,
    designation: Designation,
    kind: CreditType,
    text: str,
    where: str,
    *,
    on: date,
) -> Findings:
    forms = designation_forms(kind.key, on=on)
    named = provider_names(provider) if is_by_this_provider(designation, provider) else document.co_providers
    readings = (wording.read_as(text, forms, {"provider": name}) for name in named)
    reading = next((one for one in readings if one), None)
    words = (reading.format_word,) if reading and reading.format_word else wording.format_words_in(text)
    wrong = tuple(_wrong_format(document, words))
    for message in wrong:
        yield Found(message, where)
    needs_name = any("{provider}" in form.text for form in forms)
    if needs_name and not any(wording.names(text, name) for name in named):
        yield Found(f"The designation statement does not name {words_for(named) or provider.name}.", where)
    elif not reading and not wrong:
        shown = {"provider": (*named, provider.name)[0], "amount": str(designation.maximum)}
        shown["format"] = format_of_type(document.activity_type).word
        yield Found(
            "The designation statement differs from the known wording: "
            f"{wording.difference(text, forms, shown)}.",
            where,
            Severity.WARNS,
        )


def _wrong_format(document: ActivityDocument, words: tuple[str, ...]) -> Iterator[str]:
    own = format_of_type(document.activity_type)
    for word in words:
        named = formats_named(word)
        if not named and own.key == "other":
            continue  # CME053 speaks of it
        if not named:
            yield f"The designation statement says “{word}”, which is no format; say “{own.word}”."
        elif own not in named:
            yield f"The designation statement says “{word}”; the activity's format is “{own.word}”."


@rule("CME006")
def stated_number_is_the_maximum(
    document: ActivityDocument, provider: ProviderRecord, *, on: date
) -> Findings:
    """AMA PRA, designation statement: its number is the designated maximum."""
    del provider, on
    for _, designation, kind in designations_of(document):
        for place, statement in designation_statements(document, designation):
            numbers = _numbers(statement.text, kind)
            where = f"statements[{place}].text"
            if not numbers:
                yield Found(f"The designation statement gives no number of {kind.name}.", where)
            elif any(number != designation.maximum for number in numbers):
                stated = words_for(tuple(str(number) for number in numbers))
                yield Found(
                    f"The designation statement says {stated}; the designated maximum is "
                    f"{designation.maximum.normalize():f}.",
                    where,
                )


def _numbers(text: str, kind: CreditType) -> tuple[Decimal, ...]:
    return wording.amounts_in(text, kind.name) or wording.amounts_in(text, kind.phrase)


@rule("CME053")
def other_format_is_named(document: ActivityDocument, provider: ProviderRecord, *, on: date) -> Findings:
    """AMA and ACCME alignment: "other" stands in the designation statement, as on certificates."""
    del provider, on
    if document.activity_type is not ActivityType.OTHER:
        return
    known = format_of_type(document.activity_type).words
    for _, designation, _kind in designations_of(document):
        for place, statement in designation_statements(document, designation):
            if not any(wording.names(statement.text, word) for word in known):
                yield Found(
                    f"The designation statement does not name the format; say “{known[0]}”.",
                    f"statements[{place}].text",
                )
