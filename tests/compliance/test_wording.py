"""Printed statements against known wordings, on the real ones."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from tests.factories.documents import TODAY, a_designation, a_document
from tests.factories.providers import an_accredited_provider

from opencme.activities.choices import Providership, StatementKind
from opencme.activities.document import Statement
from opencme.compliance.rules import findings
from opencme.compliance.rules.wording import plain, read_as
from opencme.providers.record import AccreditationRecord
from opencme.providers.statements import designation_forms

DIRECT = (
    "The Example Academy of Medicine is accredited by the Accreditation Council for Continuing Medical "
    "Education (ACCME) to provide continuing medical education for physicians."
)
JOINT = (
    "This activity has been planned and implemented in accordance with the accreditation requirements and "
    "policies of the Accreditation Council for Continuing Medical Education (ACCME) through the joint "
    "providership of Example Academy of Medicine and Sample Clinic. The Example Academy of Medicine is "
    "accredited by the ACCME to provide continuing medical education for physicians."
)
DESIGNATED = (
    "The Example Academy of Medicine designates this enduring material for a maximum of 0.5 *AMA PRA "
    "Category 1 Credit(s)*™. Physicians should claim only the credit commensurate with the extent of their "
    "participation in the activity."
)


def real(accreditation=DIRECT, designation=DESIGNATED, **changes):
    document = a_document(
        provider="example-academy",
        designations=(a_designation(credit_type="ama-pra-category-1"),),
        statements=(
            Statement(kind=StatementKind.ACCREDITATION, text=accreditation, accreditor="accme"),
            Statement(kind=StatementKind.DESIGNATION, text=designation, credit_type="ama-pra-category-1"),
        ),
    )
    return replace(document, **changes)


def found(document, provider=None, *, on=TODAY):
    reasons = findings(document, provider or an_accredited_provider(), on=on)
    return {(reason.code, reason.severity.value) for reason in reasons}


@pytest.mark.parametrize(
    ("statement", "outcome"),
    [
        (DIRECT, set()),
        (DIRECT.replace("The Example", "Example"), set()),
        (DIRECT.replace(" (ACCME)", ""), set()),
        ("  ".join(DIRECT.split(" ")), set()),
        (f"*{DIRECT}*", set()),
        (DIRECT.replace("for physicians", "for doctors"), {("CME001", "warns")}),
        (DIRECT.replace("Example Academy", "Other Academy"), {("CME001", "blocks")}),
        (JOINT, {("CME001", "blocks")}),
        (
            DIRECT.replace("Accreditation Council for Continuing Medical Education (ACCME)", "Board"),
            {("CME001", "blocks")},
        ),
    ],
    ids=[
        "regular",
        "no article",
        "no abbreviation",
        "spaces",
        "emphasis",
        "a word",
        "another provider",
        "joint",
        "another accreditor",
    ],
)
def test_the_direct_accreditation_statement(statement, outcome):
    assert found(real(statement)) == outcome


@pytest.mark.parametrize(
    ("known", "printed", "shown"),
    [
        ("for physicians", "for doctors", "“doctors” instead of “physicians”."),
        (" continuing medical education for", " education for", "“continuing medical” is missing."),
        ("for physicians", "for all physicians", "“all” is added."),
    ],
)
def test_a_difference_is_shown_word_for_word(known, printed, shown):
    (reason,) = findings(real(DIRECT.replace(known, printed)), an_accredited_provider(), on=TODAY)

    assert reason.message.endswith(shown)


def test_a_designation_statement_without_number_says_so():
    silent = real(designation=DESIGNATED.replace("0.5 ", ""))

    assert found(silent) == {("CME005", "warns"), ("CME006", "blocks")}


def test_contact_hours_need_no_designation_statement():
    provider = an_accredited_provider(
        accreditations=(AccreditationRecord(accreditor="ancc", credit_types=("ancc-contact-hours",)),)
    )
    text = (
        "Example Academy of Medicine is accredited as a provider of nursing continuing professional "
        "development by the American Nurses Credentialing Center's Commission on Accreditation."
    )
    document = real(
        designations=(a_designation(credit_type="ancc-contact-hours"),),
        statements=(Statement(kind=StatementKind.ACCREDITATION, text=text),),
    )

    assert found(document, provider) == set()
    assert found(replace(document, statements=()), provider) == {("CME001", "blocks")}


def test_the_joint_accreditation_statement():
    joint = {"providership": Providership.JOINT, "joint_providers": ("Sample Clinic",)}

    assert found(real(JOINT, **joint)) == set()
    assert found(real(JOINT.replace(" (ACCME)", ""), **joint)) == set()
    assert found(real(DIRECT, **joint)) == {("CME001", "blocks"), ("CME002", "blocks")}


def test_joint_sponsorship_was_a_wording_once():
    old = (
        "This activity has been planned and implemented in accordance with the Essential Areas and policies "
        "of the Accreditation Council for Continuing Medical Education through the joint sponsorship of "
        "Example Academy of Medicine and Sample Clinic. The Example Academy of Medicine is accredited by "
        "the ACCME to provide continuing medical education for physicians."
    )
    document = real(old, providership=Providership.JOINT, joint_providers=("Sample Clinic",))

    assert ("CME001", "warns") in found(document)
    assert ("CME001", "warns") not in found(document, on=date(2015, 12, 31))


def test_a_state_accredited_provider_names_its_own_accreditor():
    provider = an_accredited_provider(
        accreditations=(
            AccreditationRecord(
                accreditor="state-recognized",
                accreditor_name="Sample State Medical Society",
                credit_types=("ama-pra-category-1",),
            ),
        )
    )
    own = Statement(
        kind=StatementKind.ACCREDITATION,
        text="The Example Academy of Medicine is accredited by the Sample State Medical Society to provide "
        "continuing medical education for physicians.",
    )
    document = real()
    fine = replace(document, statements=(own, document.statements[1]))
    wrong = replace(document, statements=(replace(own, text=DIRECT), document.statements[1]))

    assert found(fine, provider) == set()
    assert found(wrong, provider) == {("CME001", "blocks")}


def test_an_accreditor_may_be_abbreviated_after_its_name():
    provider = an_accredited_provider(
        accreditations=(
            AccreditationRecord(
                accreditor="state-recognized",
                accreditor_name="Sample State Medical Society (SSMS)",
                credit_types=("ama-pra-category-1",),
            ),
        )
    )
    text = (
        "This activity has been planned and implemented in accordance with the accreditation requirements "
        "and policies of the Sample State Medical Society (SSMS) through the joint providership of Example "
        "Academy of Medicine and Sample Clinic. The Example Academy of Medicine is accredited by the SSMS "
        "to provide continuing medical education for physicians."
    )
    document = real(providership=Providership.JOINT, joint_providers=("Sample Clinic",))
    statement = Statement(kind=StatementKind.ACCREDITATION, text=text)

    assert found(replace(document, statements=(statement, document.statements[1])), provider) == set()


def test_the_joint_accreditors_are_all_named():
    provider = an_accredited_provider(
        accreditations=(
            AccreditationRecord(accreditor="joint-accreditation", credit_types=("ama-pra-category-1",)),
        )
    )
    text = (
        "In support of improving patient care, Example Academy of Medicine is jointly accredited by the "
        "Accreditation Council for Continuing Medical Education (ACCME), the Accreditation Council for "
        "Pharmacy Education (ACPE), and the American Nurses Credentialing Center (ANCC), to provide "
        "continuing education for the healthcare team."
    )
    document = real()
    statement = Statement(kind=StatementKind.ACCREDITATION, text=text)

    assert found(replace(document, statements=(statement, document.statements[1])), provider) == set()


@pytest.mark.parametrize(
    ("statement", "outcome"),
    [
        (DESIGNATED, set()),
        (DESIGNATED.replace("Credit(s)*™", "Credits*™"), set()),
        (DESIGNATED.replace("Credit(s)*™", "Credit*™"), set()),
        (DESIGNATED.replace("enduring material", "internet enduring material activity"), set()),
        (DESIGNATED.replace("enduring material", "online Enduring Material (webcast)"), set()),
        (DESIGNATED.replace("enduring material", "enduringmaterial"), {("CME005", "blocks")}),
        (DESIGNATED.replace("0.5", "0.50"), set()),
        (DESIGNATED.replace("0.5", "1.0"), {("CME006", "blocks")}),
        (DESIGNATED.replace("enduring material", "live activity"), {("CME005", "blocks")}),
        (DESIGNATED.replace("Example Academy", "Other Academy"), {("CME005", "blocks")}),
        (DESIGNATED.replace("should claim only", "may claim"), {("CME005", "warns")}),
        (DESIGNATED.replace("*", ""), {("CME044", "warns")}),
        (DESIGNATED.replace("™", ""), {("CME005", "warns"), ("CME044", "warns")}),
    ],
)
def test_the_designation_statement(statement, outcome):
    assert found(real(designation=statement)) == outcome


def test_places_are_read_out_of_a_statement():
    forms = designation_forms("ama-pra-category-1", on=TODAY)
    reading = read_as(DESIGNATED, forms, {"provider": "Example Academy of Medicine"})

    assert reading.form.id == "ama-2011"
    assert (reading.format_word, reading.amount) == ("enduring material", Decimal("0.5"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("the “best”  credit", 'the "best" credit'),
        ("Credit(s)™", "Credits™"),
        ("*Credit*™", "Credit (TM)"),
        ("provider\u2019s", "provider's"),
        ("It ends.", "It ends"),
    ],
)
def test_what_makes_no_difference(one, other):
    assert plain(one) == plain(other)
