"""The rules on documents, as a table: one change, the codes that it must bring, and nothing else."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from tests.factories.documents import (
    DESIGNATION,
    TODAY,
    a_designation,
    a_document,
    a_document_of_three_units,
    a_recording,
    a_recording_without_certification,
    a_unit,
    statements_for,
)
from tests.factories.providers import a_provider

from opencme.activities.choices import (
    ActivityType,
    DisclosureAnswer,
    Providership,
    Role,
    StatementKind,
    SupportForm,
    SupportKind,
)
from opencme.activities.document import (
    ActivityDocument,
    CommercialSupport,
    Contact,
    Dates,
    Disclosure,
    Evaluation,
    Fee,
    Objective,
    PersonInRole,
    RelatedTag,
    Relationship,
    Share,
    Statement,
    SupportSource,
)
from opencme.compliance.rules import RULES, findings, readiness_of
from opencme.core.sentences import Sentence
from opencme.core.verdicts import Severity
from opencme.providers.choices import Standing

CLEAN = a_document()
ACCREDITATION, DESIGNATED = CLEAN.statements
LONGER = replace(CLEAN.units[0].readings[0], minutes=11)
PRE_TEST, POST_TEST = CLEAN.units[0].pre_test, CLEAN.units[0].post_test
FACULTY, PLANNER = CLEAN.people


def found(document, provider=None, *, on=TODAY):
    """Codes and severities, each once."""
    reasons = findings(document, provider or a_provider(), on=on)
    return {(reason.code, reason.severity.value) for reason in reasons}


def dated(**changes):
    return {"dates": replace(CLEAN.dates, **changes)}


def saying(accreditation=None, designation=None):
    """The two statements with other texts."""
    return {
        "statements": (
            replace(ACCREDITATION, text=accreditation or ACCREDITATION.text, wording=""),
            replace(DESIGNATED, text=designation or DESIGNATED.text, wording=""),
        )
    }


def unit(**changes):
    return {"units": (a_unit(**changes),)}


def supported(*sources, statement="Supported by Example Pharma with an educational grant.", **changes):
    kind = changes.pop("kind", SupportKind.RECEIVED)
    return {"support": CommercialSupport(kind=kind, sources=sources, statement=statement)}


GRANT = SupportSource(name="Example Pharma", form=SupportForm.MONETARY, agreement_signed_on=date(2025, 9, 1))
IN_KIND = replace(GRANT, form=SupportForm.IN_KIND, nature="a meeting room")
RELATED = Disclosure(
    person="imogen-sample",
    answer=DisclosureAnswer.RELATIONSHIPS,
    relationships=(Relationship(company="Example Pharma", nature="consultant"),),
)
MITIGATED = replace(RELATED.relationships[0], mitigation="peer review of the content")
TOLD = (
    "Imogen Sample, MD (faculty): consultant, Example Pharma. Quinn Placeholder, RN (planner): none. "
    "All relevant relationships have been mitigated."
)


@pytest.mark.parametrize(
    "document",
    [a_document(), a_document_of_three_units(), a_recording_without_certification()],
    ids=["one unit", "three units", "a recording without certification"],
)
def test_a_clean_document_has_no_findings(document):
    assert found(document) == set()


BLOCKS = [
    # accreditation statement
    ("CME001", "no accreditation statement", {"statements": (DESIGNATED,)}),
    (
        "CME001",
        "another provider",
        saying(ACCREDITATION.text.replace("Specimen Institute for", "Another House of")),
    ),
    (
        "CME001",
        "another accreditor",
        saying(ACCREDITATION.text.replace("Specimen Accreditation Board", "Some Board")),
    ),
    (
        "CME001",
        "a joint statement on a direct activity",
        saying(
            "This activity has been planned and implemented in accordance with the accreditation "
            "requirements of the Specimen Accreditation Board through the joint providership of "
            "Specimen Institute for Medical Learning and Sample Clinic. Specimen Institute for Medical "
            "Learning is accredited by the Specimen Accreditation Board for continuing medical education."
        ),
    ),
    ("CME002", "a direct activity with a partner", {"joint_providers": ("Sample Clinic",)}),
    # partners
    (
        "CME004",
        "a host that makes drugs",
        {"produced_by": ("Example Pharma",), "ineligible_companies": ("Example Pharma",)},
    ),
    # designation statement
    ("CME005", "no designation statement", {"statements": (ACCREDITATION,)}),
    (
        "CME005",
        "another provider designates",
        saying(None, DESIGNATED.text.replace("Specimen Institute for", "Another House of")),
    ),
    ("CME005", "the live format", {"statements": statements_for(format_word="live activity")}),
    ("CME005", "no format at all", {"statements": statements_for(format_word="educational activity")}),
    (
        "CME010",
        "designated after the release",
        {"designations": (a_designation(approved_on=date(2025, 11, 23)),)},
    ),
    (
        "OWN003",
        "another provider designates",
        {"designations": (a_designation(provider="model-academy"),)},
    ),
    ("CME006", "another number", {"statements": statements_for(amount="0.75")}),
    # dates
    ("CME011", "no release", dated(original_release=None)),
    ("CME011", "no termination", dated(complete_until=None)),
    (
        "CME012",
        "three years and a day",
        dated(
            last_review=date(2025, 11, 22), complete_until=date(2028, 11, 23), evaluate_and_claim_until=None
        ),
    ),
    # assessment
    ("CME015", "no pass mark", unit(post_test=replace(POST_TEST, pass_mark=None))),
    ("CME015", "a test without items", unit(post_test=replace(POST_TEST, items=(), pass_mark=None))),
    ("OWN006", "no pre-test", unit(pre_test=None, readings=(LONGER,))),
    ("OWN006", "no content", unit(recordings=(), readings=(), post_test=replace(POST_TEST, minutes=25))),
    ("CME017", "no reference", {"references": ()}),
    ("OWN005", "more to pass than items", unit(post_test=replace(POST_TEST, pass_mark=5))),
    ("OWN005", "nothing to pass", unit(post_test=replace(POST_TEST, pass_mark=0))),
    ("OWN005", "no attempt allowed", unit(post_test=replace(POST_TEST, attempts=0))),
    # the page before the start
    ("CME018", "no medium", {"medium": ""}),
    ("CME018", "no method", {"method_of_participation": " "}),
    (
        "CME018",
        "faculty without credentials",
        {"people": (replace(FACULTY, letters="", positions=()), PLANNER)},
    ),
    # people
    ("CME021", "a planner who has not disclosed", {"disclosures": CLEAN.disclosures[:1]}),
    (
        "CME023",
        "relationships announced and none listed",
        {
            "disclosures": (
                replace(CLEAN.disclosures[0], answer=DisclosureAnswer.RELATIONSHIPS),
                CLEAN.disclosures[1],
            )
        },
    ),
    (
        "CME023",
        "a relationship without nature",
        {
            "disclosure_statement": TOLD,
            "disclosures": (
                replace(RELATED, relationships=(Relationship(company="Example Pharma", nature=""),)),
                CLEAN.disclosures[1],
            ),
        },
    ),
    ("CME027", "a person not named", {"disclosure_statement": "Nothing to disclose: Imogen Sample, MD."}),
    (
        "CME027",
        "a company not named",
        {
            "disclosure_statement": TOLD.replace("Example Pharma", "a company"),
            "disclosures": (RELATED, CLEAN.disclosures[1]),
        },
    ),
    (
        "CME027",
        "mitigation not told",
        {
            "disclosure_statement": TOLD.replace(" All relevant relationships have been mitigated.", ""),
            "disclosures": (RELATED, CLEAN.disclosures[1]),
        },
    ),
    ("CME028", "a logo", {"disclosure_statement": CLEAN.disclosure_statement + " ![logo](logo.png)"}),
    # support
    ("CME031", "no agreement", supported(replace(GRANT, agreement_signed_on=None))),
    (
        "CME031",
        "an agreement after the start",
        supported(replace(GRANT, agreement_signed_on=date(2025, 11, 23))),
    ),
    ("CME032", "support not stated", {"support": CommercialSupport()}),
    ("CME032", "none, and a source", supported(GRANT, kind=SupportKind.NONE)),
    ("CME032", "received, and no source", supported()),
    ("CME032", "a source not named", supported(GRANT, statement="Supported by a company.")),
    ("CME032", "in kind without nature", supported(replace(IN_KIND, nature=""))),
    ("CME032", "in kind, nature not told", supported(IN_KIND)),
    # recordings
    (
        "CME020",
        "a live activity with a recording",
        {"activity_type": ActivityType.LIVE, "statements": statements_for(format_word="live activity")},
    ),
    ("CME020", "released before it was presented", dated(originally_presented_on=date(2026, 1, 1))),
    ("CME086", "no captions", unit(recordings=(a_recording(captions=None),))),
    ("CME086", "no text", unit(recordings=(a_recording(cues=()),))),
    # words
    ("CME041", "pending", {"abstract": "AMA PRA credit is pending."}),
    ("CME041", "pending approval", {"promise": "CME is pending approval."}),
    ("CME041", "applied for, wrapped", {"abstract": "AMA PRA credit is\npending."}),
    ("CME041", "applied for", {"announcement": "Specimen Category 1 Credit has been applied for."}),
    ("CME074", "no sections", {"related_to": (RelatedTag(key="oud", label="Opioid use disorder"),)}),
    (
        "CME074",
        "compliant",
        {
            "promise": "A REMS-compliant half hour.",
            "related_to": (RelatedTag(key="rems", label="Opioid analgesics", sections=("Section 1",)),),
        },
    ),
    # our own
    ("OWN002", "reviewed before it was released", dated(last_review=date(2025, 1, 1))),
    ("OWN002", "started after it ends", dated(start_until=date(2027, 11, 22))),
    ("OWN002", "claimed before it ends", dated(evaluate_and_claim_until=date(2027, 11, 20))),
    ("OWN006", "no evaluation", {"evaluation": None}),
    ("OWN006", "an evaluation without questions", {"evaluation": Evaluation()}),
    ("OWN007", "no title", {"title": ""}),
    ("OWN007", "no objective", {"objectives": ()}),
    ("OWN007", "nobody teaches", {"people": (replace(FACULTY, roles=(Role.REVIEWER,)), PLANNER)}),
    ("OWN009", "no designation", {"designations": ()}),
]


@pytest.mark.parametrize(
    ("code", "changes"),
    [(code, changes) for code, _, changes in BLOCKS],
    ids=[f"{c} {s}" for c, s, _ in BLOCKS],
)
def test_one_change_blocks_with_exactly_its_code(code, changes):
    assert found(a_document(**changes)) == {(code, "blocks")}


EXEMPT = Disclosure(
    person="quinn-placeholder", answer=DisclosureAnswer.EXEMPT, exemption_reason="non-clinical"
)

WARNS = [
    (
        "OWN014",
        "a wording that nobody knows",
        {"statements": (replace(ACCREDITATION, wording="specimen-9"), DESIGNATED)},
    ),
    (
        "OWN014",
        "another wording than the one named",
        {"statements": (replace(ACCREDITATION, wording="specimen-direct-2"), DESIGNATED)},
    ),
    (
        "CME029",
        "an exemption for no good reason",
        {"disclosures": (CLEAN.disclosures[0], replace(EXEMPT, exemption_reason="too busy"))},
    ),
    (
        "CME001",
        "a difference that contradicts nothing",
        saying(ACCREDITATION.text.replace("for continuing", "to give continuing")),
    ),
    ("CME005", "another last sentence", saying(None, DESIGNATED.text.replace("claim only", "should claim"))),
    (
        "CME014",
        "the three years are nearly over",
        {
            "dates": Dates(
                original_release=date(2024, 1, 10),
                start_until=date(2027, 1, 9),
                complete_until=date(2027, 1, 9),
            )
        },
    ),
    (
        "CME016",
        "an objective that nothing measures",
        {"objectives": (*CLEAN.objectives, Objective(key="o3", text="refer"))},
    ),
    ("OWN015", "the fee is not stated", {"fee": Fee()}),
    ("CME019", "no technical requirements", {"technical_requirements": None}),
    ("CME044", "a phrase without italics", {"abstract": "For AMA PRA Category 1 Credit™."}),
    ("CME044", "a phrase without trademark", {"abstract": "For *AMA PRA Category 1 Credit*."}),
    ("CME044", "a bare category", {"promise": "One Category 1 credit."}),
    ("CME044", "italics that do not end", {"abstract": "For *AMA PRA Category 1 Credit™ here*."}),
    ("CME044", "a topic", {"topics": ("ACCME credit",)}),
    ("CME044", "the wrong owner", {"promise": "One ACCME credit."}),
]


@pytest.mark.parametrize(
    ("code", "changes"),
    [(code, changes) for code, _, changes in WARNS],
    ids=[f"{c} {s}" for c, s, _ in WARNS],
)
def test_one_change_warns_with_exactly_its_code(code, changes):
    assert found(a_document(**changes)) == {(code, "warns")}


@pytest.mark.parametrize(
    "sentence",
    [
        "For *AMA PRA Category 1 Credit*™.",
        "For 1 *AMA PRA Category 1 Credits*™.",
        "For 1 *AMA PRA Category 1 Credit(s)*™.",
        "For _AMA PRA Category 1 Credit_™.",
        "For 1 AAPA Category 1 CME credit.",
        "For 1 Specimen Category 1 Credit.",
        (
            "Application for CME credit has been filed with the American Academy of Family Physicians. "
            "Determination of credit is pending."
        ),
        "Some results are pending. The credit is yours at once.",
        "For *AMA PRA\nCategory 1 Credit*™, wrapped by an editor.",
    ],
)
def test_words_that_are_fine(sentence):
    assert found(a_document(abstract=sentence)) == set()


def test_technical_requirements_none_is_a_value():
    assert found(a_document(technical_requirements="")) == set()


def test_the_provider_answers_for_contacts_that_the_activity_leaves_out():
    document = a_document(contact=Contact())
    silent = a_provider(content_contact="", technical_contact="", privacy_address="")

    assert found(document) == set()
    places = [reason.place for reason in findings(document, silent, on=TODAY)]
    assert places == ["contact.content", "contact.privacy_address", "contact.technical"]


# --- credit and time ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("minutes", "designated", "outcome"),
    [
        (30, "0.5", set()),
        (22, "0.25", set()),  # below the half step
        (23, "0.5", set()),  # above it
        (30, "0.75", {("CME009", "blocks")}),
        (30, "0.25", {("CME009", "note")}),
        (45, "0.5", {("CME009", "note")}),
        (120, "2", set()),
        (120, "2.00", set()),
    ],
)
def test_the_time_supports_the_credit(minutes, designated, outcome):
    reading = replace(CLEAN.units[0].readings[0], minutes=minutes - 24)
    document = a_document(
        units=(a_unit(readings=(reading,)),),
        designations=(a_designation(maximum=Decimal(designated)),),
        statements=statements_for(amount=designated),
    )

    assert found(document) == outcome


@pytest.mark.parametrize("amount", ["0", "0.1", "0.3", "0.55"])
def test_credit_comes_in_steps(amount):
    document = a_document(
        designations=(a_designation(maximum=Decimal(amount)),), statements=statements_for(amount=amount)
    )

    assert ("CME007", "blocks") in found(document)


def test_shares_come_in_steps_and_sum_to_the_designation():
    document = a_document_of_three_units()
    first = document.units[0]

    def with_share(amount):
        share = Share(designation=DESIGNATION, amount=Decimal(amount))
        return replace(document, units=(replace(first, shares=(share,)), *document.units[1:]))

    assert found(with_share("0.5")) == {("OWN001", "blocks")}
    assert found(with_share("0.3")) == {("OWN001", "blocks"), ("CME007", "blocks")}


def test_a_unit_that_earns_credit_has_a_test_of_its_own():
    document = a_document_of_three_units()
    untested = replace(document.units[1], post_test=None)
    reading = replace(untested.readings[0], minutes=10)
    untested = replace(untested, readings=(reading,))

    reasons = findings(
        replace(document, units=(document.units[0], untested, document.units[2])), a_provider(), on=TODAY
    )

    assert [(one.code, one.place) for one in reasons] == [("CME015", "units[1].post_test")]


def test_an_activity_without_any_test_is_not_certified():
    longer = replace(CLEAN.units[0].readings[0], minutes=16)
    document = a_document(units=(a_unit(post_test=None, readings=(longer,)),))

    (reason,) = findings(document, a_provider(), on=TODAY)
    assert (reason.code, reason.place) == ("CME015", "units")


@pytest.mark.parametrize(
    "test",
    [
        replace(POST_TEST, pass_mark=1),
        replace(POST_TEST, pass_mark=4),
        replace(POST_TEST, attempts=1),
    ],
    ids=["one to pass", "all to pass", "one attempt"],
)
def test_the_edges_of_a_test(test):
    assert found(a_document(units=(a_unit(post_test=test),))) == set()


def test_a_unit_that_earns_nothing_needs_no_test():
    document = a_document_of_three_units()
    extra = a_unit(key="unit-4", pre_test=None, recordings=(), post_test=None)
    longer = replace(document, units=(*document.units, extra))

    assert {code for code, weight in found(longer) if weight != "note"} == set()


def test_a_live_activity_needs_no_test():
    document = a_document(
        activity_type=ActivityType.LIVE,
        statements=statements_for(format_word="live activity"),
        units=(a_unit(recordings=(), post_test=None),),
    )

    assert found(document) == set()


def test_credit_is_designated_once_per_type():
    again = a_designation(uuid=CLEAN.uuid)

    assert ("OWN009", "blocks") in found(a_document(designations=(*CLEAN.designations, again)))


def test_the_time_of_a_live_activity_is_its_sessions():
    document = a_document(
        activity_type=ActivityType.LIVE,
        statements=statements_for(format_word="live activity", amount="4"),
        designations=(a_designation(maximum=Decimal(4)),),
        units=(a_unit(recordings=()),),
    )

    assert found(document) == set()


# --- standing ----------------------------------------------------------------------------


def test_only_an_accreditation_in_force_carries_credit():
    accreditation = replace(a_provider().accreditations[0], until=date(2026, 11, 21))
    ended = a_provider(accreditations=(accreditation,))

    assert found(CLEAN, ended) == {("OWN003", "blocks")}
    assert found(CLEAN, ended, on=date(2026, 11, 21)) == set()


def test_a_provider_without_standing_designates_nothing():
    document = a_document()

    assert ("OWN003", "blocks") in found(document, a_provider(standing=Standing.NOT_ACCREDITED))


def test_demonstration_and_real_credit_never_meet():
    real = a_document(designations=(a_designation(credit_type="ama-pra-category-1"),))

    assert ("OWN004", "blocks") in found(real)
    assert ("OWN004", "blocks") in found(CLEAN, a_provider(standing=Standing.ACCREDITED))


@pytest.mark.parametrize(
    ("named", "outcome"),
    [("Model Academy", set()), ("Other Academy", {("CME005", "blocks")})],
)
def test_a_co_provider_designates_in_its_own_name(named, outcome):
    text = DESIGNATED.text.replace("Specimen Institute for Medical Learning", "Model Academy")
    document = a_document(
        co_providers=(named,),
        designations=(a_designation(provider="model-academy"),),
        statements=(ACCREDITATION, replace(DESIGNATED, text=text, wording="")),
    )

    assert found(document) == outcome


def test_an_unknown_credit_type_is_a_finding():
    document = a_document(designations=(a_designation(credit_type="stars"),))

    assert ("OWN003", "blocks") in found(document)


# --- without certification ---------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"designations": (a_designation(),)},
        {"statements": (DESIGNATED,)},
        {"units": (a_unit(),)},
    ],
    ids=["a designation", "a designation statement", "a post-test"],
)
def test_a_recording_without_certification_carries_no_credit(changes):
    assert found(a_recording_without_certification(**changes)) == {("OWN008", "blocks")}


def test_designation_rules_do_not_apply_to_it():
    bare = a_recording_without_certification(references=(), medium="", method_of_participation="")

    assert found(bare) == set()


def test_disclosures_captions_and_support_do():
    bare = a_recording_without_certification(
        disclosures=(),
        disclosure_statement="",
        support=CommercialSupport(),
        units=(a_unit(post_test=None, recordings=(a_recording(captions=None, cues=()),)),),
    )

    assert found(bare) == {(code, "blocks") for code in ("CME021", "CME027", "CME032", "CME086")}


# --- dates -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("released", "reviewed", "ends", "codes"),
    [
        (date(2025, 11, 22), None, date(2028, 11, 22), set()),
        (date(2025, 11, 22), None, date(2028, 11, 23), {"CME012"}),
        (date(2020, 1, 1), date(2026, 1, 1), date(2029, 1, 1), set()),
        (date(2020, 1, 1), date(2026, 1, 1), date(2029, 1, 2), {"CME012"}),
        (date(2024, 2, 29), None, date(2027, 2, 28), set()),
        (date(2024, 2, 29), None, date(2027, 3, 1), {"CME012"}),
        (date(2025, 11, 22), None, date(2025, 11, 22), {"CME011"}),
        (date(2025, 11, 22), None, date(2025, 11, 21), {"CME011"}),
    ],
)
def test_three_years_from_release_or_review(released, reviewed, ends, codes):
    dates = Dates(original_release=released, last_review=reviewed, complete_until=ends)
    reasons = findings(a_document(dates=dates), a_provider(), on=min(released, ends))

    assert {reason.code for reason in reasons} == codes


@pytest.mark.parametrize(
    ("on", "codes"),
    [
        (date(2028, 8, 23), set()),
        (date(2028, 8, 24), {"CME014"}),  # ninety days before 22 Nov 2028
        (date(2028, 11, 22), {"CME014"}),
        (date(2028, 11, 23), {"CME013"}),
    ],
)
def test_a_review_is_called_for_before_the_limit_and_an_end_is_noted(on, codes):
    dates = Dates(original_release=date(2025, 11, 22), complete_until=date(2028, 11, 22))

    assert {code for code, _ in found(a_document(dates=dates), on=on)} == codes


@pytest.mark.parametrize(
    ("activity_type", "word", "codes"),
    [
        (ActivityType.ENDURING, "enduring material", {"CME011"}),
        (ActivityType.OTHER, "other activity", set()),
    ],
)
def test_only_enduring_material_needs_these_dates(activity_type, word, codes):
    document = a_document(
        activity_type=activity_type, dates=Dates(), statements=statements_for(format_word=word)
    )

    assert {code for code, _ in found(document)} == codes


@pytest.mark.parametrize("activity_type", [ActivityType.OTHER, ActivityType.ENDURING])
def test_the_three_years_are_those_of_enduring_material(activity_type):
    dates = Dates(original_release=date(2020, 1, 1), complete_until=date(2027, 1, 1))
    document = a_document(
        activity_type=activity_type,
        dates=dates,
        statements=statements_for(format_word="other activity or enduring material"),
    )
    expected = {"CME012", "CME014"} if activity_type is ActivityType.ENDURING else set()

    assert {code for code, _ in found(document)} == expected


def test_an_expired_activity_can_be_published_and_says_so():
    after = date(2027, 11, 22)

    assert readiness_of(CLEAN, a_provider(), on=after).verdict
    assert ("CME013", "note") in found(CLEAN, on=after)


# --- joint activities --------------------------------------------------------------------


JOINT = (
    "This activity has been planned and implemented in accordance with the accreditation requirements of "
    "the Specimen Accreditation Board through the joint providership of Specimen Institute for Medical "
    "Learning and {partners}. Specimen Institute for Medical Learning is accredited by the Specimen "
    "Accreditation Board for continuing medical education."
)


@pytest.mark.parametrize(
    ("partners", "text", "outcome"),
    [
        (("Sample Clinic",), JOINT.format(partners="Sample Clinic"), set()),
        (("Sample Clinic", "Model House"), JOINT.format(partners="Sample Clinic and Model House"), set()),
        (
            ("Sample Clinic", "Model House"),
            JOINT.format(partners="Sample Clinic"),
            {("CME002", "blocks"), ("CME001", "warns")},
        ),
        (("Sample Clinic",), ACCREDITATION.text, {("CME001", "blocks"), ("CME002", "blocks")}),
        ((), JOINT.format(partners="Sample Clinic"), {("CME002", "blocks"), ("CME001", "warns")}),
    ],
    ids=["one partner", "two partners", "one of two is named", "the direct statement", "nobody is a partner"],
)
def test_a_joint_activity_names_all_its_partners(partners, text, outcome):
    document = a_document(providership=Providership.JOINT, joint_providers=partners, **saying(text))

    assert found(document) == outcome


@pytest.mark.parametrize(
    ("providership", "standing", "codes"),
    [
        (Providership.JOINT, Standing.PROBATION, {"CME003"}),
        (Providership.JOINT, Standing.DEMONSTRATION, set()),
        (Providership.DIRECT, Standing.PROBATION, set()),
    ],
)
def test_on_probation_no_joint_activity_is_started(providership, standing, codes):
    partners = ("Sample Clinic",) if providership is Providership.JOINT else ()
    text = JOINT.format(partners="Sample Clinic") if partners else None
    document = a_document(providership=providership, joint_providers=partners, **saying(text))
    weights = found(document, a_provider(standing=standing))

    # The factory's credit is a demonstration's own, which a provider on probation cannot designate.
    assert {code for code, _ in weights} - {"OWN004"} == codes


# --- "other" -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "codes"),
    [("other activity", set()), ("activity", {"CME053"}), ("enduring material", {"CME005", "CME053"})],
)
def test_the_format_other_is_named(word, codes):
    document = a_document(activity_type=ActivityType.OTHER, statements=statements_for(format_word=word))

    assert {code for code, _ in found(document)} == codes


# --- people and places -------------------------------------------------------------------


def test_a_mitigated_relationship_that_is_told_is_fine():
    told = a_document(disclosures=(RELATED, CLEAN.disclosures[1]), disclosure_statement=TOLD)

    assert found(told) == set()


def test_a_relationship_that_is_not_relevant_need_not_be_told():
    relationship = replace(RELATED.relationships[0], relevant=False)
    own = replace(RELATED, relationships=(relationship,))

    assert found(a_document(disclosures=(own, CLEAN.disclosures[1]))) == set()


@pytest.mark.parametrize(
    ("disclosures", "codes"),
    [
        (CLEAN.disclosures, set()),
        ((), {"CME021", "CME027"}),
        (CLEAN.disclosures[:1], {"CME021", "CME027"}),
        ((RELATED, CLEAN.disclosures[1]), {"CME027"}),
        ((replace(RELATED, relationships=(MITIGATED,)), CLEAN.disclosures[1]), set()),
    ],
    ids=["all have none", "nobody disclosed", "one did not", "not mitigated", "mitigated"],
)
def test_a_generated_disclosure_needs_what_it_is_made_of(disclosures, codes):
    document = a_document(disclosure_statement="", disclosures=disclosures)

    assert {code for code, _ in found(document)} == codes


@pytest.mark.parametrize(
    ("support", "codes"),
    [
        (CommercialSupport(kind=SupportKind.NONE), set()),
        (CommercialSupport(kind=SupportKind.RECEIVED, sources=(GRANT,)), set()),
        (CommercialSupport(), {"CME032"}),
    ],
    ids=["none", "a source", "not stated"],
)
def test_a_generated_acknowledgement_needs_what_it_is_made_of(support, codes):
    assert {code for code, _ in found(a_document(support=support))} == codes


def test_a_trade_name_is_no_name_of_a_company():
    relationship = Relationship(company="Painaway", nature="consultant", relevant=False)
    own = replace(RELATED, relationships=(relationship,))
    document = a_document(disclosures=(own, CLEAN.disclosures[1]))

    assert found(document, a_provider(trade_names=("Painaway",))) == {("CME028", "blocks")}


def test_a_trade_name_has_no_place_in_a_disclosure():
    provider = a_provider(trade_names=("Painaway",))
    document = a_document(off_label_statement="Off-label use of PAINAWAY is discussed.")

    assert found(document, provider) == {("CME028", "blocks")}
    assert found(document) == set()


def test_support_that_is_agreed_and_told_is_fine():
    told = supported(
        GRANT,
        replace(IN_KIND, name="Model Devices"),
        statement="Example Pharma gave a grant; Model Devices lent a meeting room.",
    )

    assert found(a_document(**told)) == set()


def test_a_finding_says_where_it_is_mended():
    document = a_document_of_three_units()
    second = replace(document.units[1], post_test=replace(document.units[1].post_test, pass_mark=None))
    document = replace(document, units=(document.units[0], second, document.units[2]))

    (reason,) = findings(document, a_provider(), on=TODAY)

    assert reason.place == "units[1].post_test.pass_mark"
    assert reason.source.startswith("AMA PRA credit system since 1 July 2011")


def test_what_blocks_comes_first():
    document = a_document(technical_requirements=None, references=(), promise="One ACCME credit.")

    assert [reason.code for reason in findings(document, a_provider(), on=TODAY)] == [
        "CME017",
        "CME019",
        "CME044",
    ]


def test_readiness_counts_the_rules_that_are_met():
    clean = readiness_of(CLEAN, a_provider(), on=TODAY)
    broken = readiness_of(a_document(references=(), technical_requirements=None), a_provider(), on=TODAY)

    assert (clean.ready, clean.of) == (len(RULES), len(RULES))
    assert (broken.ready, broken.of) == (len(RULES) - 2, len(RULES))
    assert clean.verdict
    assert not broken.verdict


def test_a_provider_raises_a_warning_to_a_block():
    document = a_document(technical_requirements=None)

    assert found(document, a_provider(raised_to_block=("CME019",))) == {("CME019", "blocks")}


def test_a_note_is_never_raised():
    document = a_document(
        designations=(a_designation(maximum=Decimal("0.25")),), statements=statements_for(amount="0.25")
    )

    assert found(document, a_provider(raised_to_block=("CME009",))) == {("CME009", "note")}


def test_a_statement_of_another_kind_is_left_alone():
    other = Statement(kind=StatementKind.OTHER, text="Lunch will be applied for.")

    assert found(a_document(statements=(*CLEAN.statements, other))) == set()


def test_a_recording_may_be_released_on_the_day_it_was_presented():
    dates = replace(CLEAN.dates, originally_presented_on=date(2025, 11, 22))

    assert found(a_document(dates=dates)) == set()


def test_an_activity_without_time_says_so():
    def timeless(step):
        return replace(step, minutes=0)

    (unit_,) = CLEAN.units
    document = a_document(
        units=(
            replace(
                unit_,
                pre_test=timeless(unit_.pre_test),
                recordings=(timeless(unit_.recordings[0]),),
                readings=(timeless(unit_.readings[0]),),
                post_test=timeless(unit_.post_test),
            ),
        )
    )

    assert found(document) == {("CME009", "blocks"), ("CME018", "blocks")}


def test_an_activity_without_units_offers_nothing():
    places = [
        one.place for one in findings(a_document(units=()), a_provider(), on=TODAY) if one.code == "OWN007"
    ]

    assert places == ["units"]


def test_an_empty_draft_has_a_long_list_and_no_error():
    empty = ActivityDocument(uuid=CLEAN.uuid, title="", provider="specimen-institute")
    reasons = findings(empty, a_provider(), on=TODAY)

    assert len(reasons) >= 8
    assert all(reason.source and reason.message and reason.place for reason in reasons)
    assert {reason.severity for reason in reasons} == {Severity.BLOCKS, Severity.WARNS}


def test_an_exemption_with_its_reason_is_fine():
    assert found(a_document(disclosures=(CLEAN.disclosures[0], EXEMPT))) == set()


def test_who_is_exempt_need_not_be_named():
    text = "Nothing to disclose: Imogen Sample, MD."
    document = a_document(disclosure_statement=text, disclosures=(CLEAN.disclosures[0], EXEMPT))

    assert found(document) == set()


def test_a_scheduled_series_is_never_exempt():
    document = a_document(
        activity_type=ActivityType.RSS,
        statements=statements_for(format_word="live activity"),
        disclosures=(CLEAN.disclosures[0], EXEMPT),
        units=(a_unit(recordings=()),),
    )

    assert found(document) == {("CME029", "warns")}


def test_a_disclosure_of_somebody_else_is_no_error():
    stranger = replace(CLEAN.disclosures[0], person="nobody-here")

    assert found(a_document(disclosures=(*CLEAN.disclosures, stranger))) == set()


def test_an_agreement_signed_on_the_first_day_is_in_time():
    assert found(a_document(**supported(replace(GRANT, agreement_signed_on=date(2025, 11, 22))))) == set()


def test_an_accreditation_without_a_list_carries_all_that_its_accreditor_allows():
    (accreditation,) = a_provider().accreditations
    general = a_provider(accreditations=(replace(accreditation, credit_types=()),))
    other = a_provider(accreditations=(replace(accreditation, credit_types=("stars",)),))

    assert found(CLEAN, general) == set()
    assert found(CLEAN, other) == {("OWN003", "blocks")}


def test_a_statement_without_credit_type_speaks_of_the_only_one():
    silent = (ACCREDITATION, replace(DESIGNATED, credit_type=None))
    second = a_designation(uuid=CLEAN.uuid, credit_type="ipce")

    assert found(a_document(statements=silent)) == set()
    assert ("CME005", "blocks") in found(
        a_document(statements=silent, designations=(*CLEAN.designations, second))
    )


def test_approved_on_the_day_of_release_is_in_advance():
    assert found(a_document(designations=(a_designation(approved_on=date(2025, 11, 22)),))) == set()


def test_every_finding_can_be_said_in_another_language():
    empty = ActivityDocument(uuid=CLEAN.uuid, title="", provider="specimen-institute")
    documents = [empty, *(a_document(**changes) for _, _, changes in (*BLOCKS, *WARNS))]

    for document in documents:
        for reason in findings(document, a_provider(), on=TODAY):
            assert isinstance(reason.message, Sentence), reason


def test_people_of_any_role_must_disclose():
    for role in Role:
        person = PersonInRole(key="one-more", name="One More", letters="MD", roles=(role,))
        assert found(a_document(people=(*CLEAN.people, person))) == {("CME021", "blocks")}
