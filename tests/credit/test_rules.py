"""What may be claimed, as tables that read like the rule book. No database."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.factories.documents import (
    DESIGNATION,
    TODAY,
    a_designation,
    a_document,
    a_document_of_three_units,
    an_evaluation,
)
from tests.factories.providers import a_provider, an_accredited_provider

from opencme.activities.choices import ActivityType
from opencme.activities.document import Share
from opencme.credit.choices import CertificateKind, RecordKind, ReissueReason
from opencme.credit.rules import (
    CertificateContents,
    ClaimState,
    EarlierClaim,
    FrozenFacts,
    StatedQualification,
    amount_is_claimable,
    certificate_is_complete,
    claimable_amounts,
    claimable_maximum,
    earned_amount,
    identity_is_confirmed,
    may_claim,
    may_delete_records,
    may_earn,
    may_issue_again,
    provider_may_award,
    retain_until,
)
from opencme.learning.rules import PathState, TestRecord, Window
from opencme.providers.choices import Standing
from opencme.providers.statements import IdentityLevel, credit_type, format_of_type

SPECIMEN = credit_type("specimen-category-1")
AMA = credit_type("ama-pra-category-1")
AT = datetime(2026, 11, 22, 16, tzinfo=UTC)
PHYSICIAN = (StatedQualification(profession="physician", letters="MD"),)
QUARTER = Decimal("0.25")


def passed_at(document, *units, sent=True):
    """The state of a learner who passed these units."""
    tests = {}
    for unit in document.units:
        if unit.pre_test and sent:
            tests[unit.pre_test.key] = TestRecord(submitted=1, submitted_at=AT)
        if unit.key in units:
            tests[unit.post_test.key] = TestRecord(submitted=1, passed=True, submitted_at=AT, passed_at=AT)
    return PathState(started_at=AT, tests=tests, evaluated_at=AT)


def state_of(document, *units, **changes):
    state = ClaimState(
        path=passed_at(document, *units),
        window=Window(
            complete_until=document.dates.complete_until,
            evaluate_and_claim_until=document.dates.evaluate_and_claim_until,
        ),
        identity=IdentityLevel.ADDRESS_CONFIRMED,
        qualifications=PHYSICIAN,
    )
    return replace(state, **changes)


ONE = a_document()
THREE = a_document_of_three_units()
DONE = state_of(ONE, "unit-1")


def why_not(state=DONE, *, document=ONE, provider=None, on=TODAY):
    verdict = may_claim(document, document.designations[0], SPECIMEN, provider or a_provider(), state, on=on)
    assert bool(verdict) == (not verdict.blocking)
    return {reason.code for reason in verdict.reasons}


# --- may it be claimed? ------------------------------------------------------------------


def test_who_has_done_everything_may_claim():
    assert why_not() == set()


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("CME048", state_of(ONE)),
        ("CME048", replace(DONE, path=passed_at(ONE, "unit-1", sent=False))),
        ("CME049", replace(DONE, path=replace(DONE.path, evaluated_at=None))),
        ("CME045", replace(DONE, qualifications=(StatedQualification(profession="psychologist"),))),
        ("CME045", replace(DONE, qualifications=())),
        ("OWN011", replace(DONE, identity=IdentityLevel.STATED)),
        ("OWN013", replace(DONE, window=replace(DONE.window, is_withdrawn=True))),
        ("OWN013", replace(DONE, path=replace(DONE.path, is_superseded=True))),
    ],
    ids=[
        "not passed",
        "the pre-test was left out",
        "not evaluated",
        "another profession",
        "no profession",
        "address not confirmed",
        "withdrawn",
        "superseded",
    ],
)
def test_each_thing_that_is_missing_is_said_alone(code, state):
    assert why_not(state) == {code}


def test_everything_that_is_missing_is_said_at_once():
    nobody = state_of(ONE, identity=IdentityLevel.STATED, qualifications=(), path=PathState(started_at=AT))

    assert why_not(nobody) == {"CME045", "CME048", "CME049", "OWN011"}


@pytest.mark.parametrize(
    ("on", "codes"),
    [
        (date(2027, 11, 21), set()),
        (date(2027, 11, 22), set()),  # terminated; those who passed in time still claim
        (date(2027, 12, 21), set()),
        (date(2027, 12, 22), {"OWN010"}),
    ],
)
def test_credit_is_claimed_inside_its_window(on, codes):
    assert why_not(on=on) == codes


def test_an_optional_evaluation_holds_nobody_up():
    silent = replace(DONE, path=replace(DONE.path, evaluated_at=None))

    assert why_not(silent, document=a_document(evaluation=an_evaluation(required=False))) == set()


@pytest.mark.parametrize(
    ("provider", "codes"),
    [
        (a_provider(), set()),
        (a_provider(standing=Standing.NOT_ACCREDITED), {"OWN012"}),
        (an_accredited_provider(), {"OWN012"}),  # a real provider awards no invented credit
    ],
)
def test_the_provider_must_be_able_to_award(provider, codes):
    assert why_not(provider=provider) == codes


def test_who_is_not_accredited_awards_no_real_credit_either():
    unaccredited = an_accredited_provider(standing=Standing.NOT_ACCREDITED)

    assert not provider_may_award(AMA, unaccredited)
    assert provider_may_award(AMA, an_accredited_provider())
    assert provider_may_award(AMA, an_accredited_provider(standing=Standing.PROBATION))


@pytest.mark.parametrize(
    ("asked", "known", "enough"),
    [
        (IdentityLevel.STATED, IdentityLevel.STATED, True),
        (IdentityLevel.ADDRESS_CONFIRMED, IdentityLevel.STATED, False),
        (IdentityLevel.ADDRESS_CONFIRMED, IdentityLevel.LICENSE_MATCHED, True),
        (IdentityLevel.LICENSE_MATCHED, IdentityLevel.ADDRESS_CONFIRMED, False),
        (IdentityLevel.LICENSE_MATCHED, IdentityLevel.LICENSE_MATCHED, True),
    ],
)
def test_a_credit_type_asks_how_well_the_learner_is_known(asked, known, enough):
    assert bool(identity_is_confirmed(replace(AMA, identity_level=asked), known)) is enough


def test_what_is_missing_is_named():
    matched = replace(AMA, identity_level=IdentityLevel.LICENSE_MATCHED)

    (address,) = identity_is_confirmed(AMA, IdentityLevel.STATED).reasons
    (more,) = identity_is_confirmed(matched, IdentityLevel.STATED).reasons

    assert address.message == "Your address is not confirmed yet."
    assert more.message == "This credit asks for more than a confirmed address."


def test_a_demonstration_never_awards_real_credit():
    verdict = may_claim(ONE, a_designation(), AMA, a_provider(), DONE, on=TODAY)

    assert {reason.code for reason in verdict.blocking} == {"OWN012"}


@pytest.mark.parametrize(
    ("profession", "letters", "named", "may"),
    [
        ("physician", "MD", (), True),
        ("physician", "", (), True),
        ("nurse", "RN", (), False),
        ("psychologist", "PhD", (), False),
        ("psychologist", "PhD, M.D.", (), True),  # a physician too
        ("other", "do", (), True),
        ("other", "MDiv", (), False),
        ("nurse", "RN", ("nurse", "physician"), True),  # the designation names whom it is for
        ("physician", "MD", ("nurse",), False),
        ("other", "MD", ("nurse",), False),
        ("other", "RN", ("nurse",), False),  # a degree counts where the credit type knows it
    ],
)
def test_credit_follows_qualifications(profession, letters, named, may):
    designation = a_designation(eligible=named)
    stated = (StatedQualification(profession=profession, letters=letters),)

    assert bool(may_earn(designation, AMA, stated)) is may
    assert bool(may_earn(designation, SPECIMEN, stated)) is may


def test_the_refusal_says_whom_the_credit_is_for():
    (reason,) = may_earn(a_designation(eligible=("physician", "nurse")), SPECIMEN, ()).reasons

    assert reason.message == (
        "Specimen Category 1 Credit is for physicians and nurses; others get a certificate of participation."
    )


def test_one_of_several_qualifications_is_enough():
    both = (StatedQualification(profession="psychologist"), *PHYSICIAN)

    assert may_earn(a_designation(), AMA, both)


def test_every_reason_has_its_source():
    nobody = state_of(ONE, identity=IdentityLevel.STATED, qualifications=(), path=PathState(started_at=AT))
    verdict = may_claim(ONE, a_designation(), SPECIMEN, a_provider(), nobody, on=TODAY)

    assert all(reason.source and reason.message for reason in verdict.reasons)


# --- amounts -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("maximum", "amounts"),
    [
        ("0.5", ["0.50", "0.25"]),
        ("0.25", ["0.25"]),
        ("1", ["1.00", "0.75", "0.50", "0.25"]),
        ("0", []),
        ("0.2", []),
        ("0.6", ["0.50", "0.25"]),
    ],
)
def test_claimable_amounts(maximum, amounts):
    assert claimable_amounts(Decimal(maximum), QUARTER) == tuple(Decimal(one) for one in amounts)


@given(
    maximum=st.decimals(min_value=0, max_value=100, places=2),
    increment=st.sampled_from([Decimal(one) for one in ("0.01", "0.1", "0.25", "0.5", "1")]),
)
def test_claimable_amounts_are_steps_up_to_the_maximum(maximum, increment):
    amounts = claimable_amounts(maximum, increment)

    assert all(0 < amount <= maximum and amount % increment == 0 for amount in amounts)
    assert list(amounts) == sorted(set(amounts), reverse=True)
    assert len(amounts) == maximum // increment


@pytest.mark.parametrize(
    ("amount", "codes"),
    [
        ("0.5", set()),
        ("0.25", set()),
        ("0.50", set()),
        ("0", {"CME046"}),
        ("-0.25", {"CME046"}),
        ("0.3", {"CME046"}),
        ("0.75", {"CME046"}),
    ],
)
def test_an_amount_is_above_zero_within_the_designation_and_in_steps(amount, codes):
    verdict = amount_is_claimable(Decimal(amount), ONE, ONE.designations[0], SPECIMEN, DONE)

    assert {reason.code for reason in verdict.blocking} == codes


@pytest.mark.parametrize(
    ("passed", "earned"),
    [
        ((), "0"),
        (("unit-1",), "0.25"),
        (("unit-1", "unit-3"), "0.5"),
        (("unit-1", "unit-2", "unit-3"), "0.75"),
    ],
)
def test_each_passed_unit_earns_its_share(passed, earned):
    designation = THREE.designations[0]
    units = tuple(unit for unit in THREE.units if unit.key in passed)

    assert earned_amount(THREE, designation, units) == Decimal(earned)
    assert claimable_maximum(THREE, designation, state_of(THREE, *passed)) == Decimal(earned)


@pytest.mark.parametrize(
    ("passed", "most"), [(("unit-1", "unit-2"), "0"), (("unit-1", "unit-2", "unit-3"), "0.75")]
)
def test_all_or_nothing_is_a_switch(passed, most):
    whole = replace(THREE, all_or_nothing=True)

    assert claimable_maximum(whole, whole.designations[0], state_of(whole, *passed)) == Decimal(most)


def earlier(amount, *units):
    return EarlierClaim(units=frozenset(units), amount=Decimal(amount))


@pytest.mark.parametrize(
    ("passed", "before", "most"),
    [
        (("unit-1", "unit-2"), (earlier("0.25", "unit-1"),), "0.25"),
        (("unit-1",), (earlier("0.25", "unit-1"),), "0"),
        (("unit-1", "unit-2", "unit-3"), (earlier("0.5", "unit-1", "unit-2"),), "0.25"),
        # What was left of a claimed unit is not offered again.
        (("unit-1", "unit-2", "unit-3"), (earlier("0.25", "unit-1", "unit-2"),), "0.25"),
        (("unit-1", "unit-2", "unit-3"), (earlier("0.25", "unit-1"), earlier("0.25", "unit-2")), "0.25"),
        # Claimed under a designation that was larger then: the whole stays within the maximum.
        (("unit-1", "unit-2", "unit-3"), (earlier("0.75", "unit-1"),), "0"),
    ],
)
def test_later_units_add_a_supplement_within_the_designation(passed, before, most):
    state = state_of(THREE, *passed, earlier=before)

    assert claimable_maximum(THREE, THREE.designations[0], state) == Decimal(most)


def test_no_more_than_the_designation_over_all_claims():
    state = state_of(THREE, "unit-1", earlier=(earlier("0.25", "unit-1"),))
    verdict = amount_is_claimable(QUARTER, THREE, THREE.designations[0], SPECIMEN, state)

    assert {reason.code for reason in verdict.blocking} == {"CME050"}


@given(data=st.data())
def test_whoever_claims_in_whatever_order_never_exceeds_the_designation(data):
    document, designation = THREE, THREE.designations[0]
    claims: tuple[EarlierClaim, ...] = ()
    passed: tuple[str, ...] = ()
    for key in data.draw(st.permutations([unit.key for unit in document.units])):
        passed += (key,)
        if data.draw(st.booleans()):
            continue  # goes on to the next unit first
        state = state_of(document, *passed, earlier=claims)
        offered = claimable_amounts(claimable_maximum(document, designation, state), QUARTER)
        amount = data.draw(st.sampled_from(offered))
        assert amount_is_claimable(amount, document, designation, SPECIMEN, state)
        claims += (EarlierClaim(units=frozenset(passed), amount=amount),)
    total = sum((claim.amount for claim in claims), Decimal(0))

    assert total <= designation.maximum
    assert total % QUARTER == 0


@given(steps=st.lists(st.integers(min_value=0, max_value=8), min_size=1, max_size=5))
def test_shares_that_exceed_the_designation_are_cut_to_it(steps):
    units = tuple(
        replace(unit, key=f"unit-{place}", shares=(Share(designation=DESIGNATION, amount=QUARTER * step),))
        for place, (unit, step) in enumerate(zip(THREE.units * 2, steps, strict=False))
    )
    document = replace(THREE, units=units)

    assert earned_amount(document, document.designations[0], units) == min(
        sum((QUARTER * step for step in steps), Decimal(0)), Decimal("0.75")
    )


# --- certificates --------------------------------------------------------------------------


def certificate(**changes):
    contents = CertificateContents(
        kind=CertificateKind.CREDIT,
        name="Jordan Example, MD",
        provider="Example Academy",
        title="Listening first",
        format="enduring material",
        completed_on=TODAY,
        amount=Decimal("0.5"),
        claimed=Decimal("0.5"),
        phrase="*AMA PRA Category 1 Credit*™",
        text="Example Academy certifies that Jordan Example, MD has participated in the enduring material "
        "titled Listening first on 22 Nov 2026 and is awarded 0.5 AMA PRA Category 1 Credit™.",
    )
    return replace(contents, **changes)


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        (None, {}),
        ("CME052", {"name": ""}),
        ("CME052", {"name": "Somebody Else"}),
        ("CME052", {"provider": "Another House"}),
        ("CME052", {"title": "Another title"}),
        ("CME052", {"format": "live activity"}),
        ("CME052", {"completed_on": None}),
        ("CME052", {"amount": Decimal(1)}),
        ("CME052", {"phrase": "AMA PRA Category 1 Credits™"}),
        ("CME052", {"is_live": True}),
        ("CME052", {"is_live": True, "place": "Rochester"}),
    ],
)
def test_what_a_certificate_says(code, changes):
    codes = {reason.code for reason in certificate_is_complete(certificate(**changes)).blocking}

    assert codes == ({code} if code else set())


def test_a_certificate_of_participation_awards_nothing():
    awarding = certificate(kind=CertificateKind.PARTICIPATION, amount=Decimal(0), claimed=Decimal(0))
    text = awarding.text.replace("and is awarded", "; this activity was designated for")

    assert {one.code for one in certificate_is_complete(awarding).blocking} == {"CME045"}
    assert certificate_is_complete(replace(awarding, text=text))


def test_a_title_may_speak_of_awards():
    title = "An award-winning talk, awarded twice"
    text = f"Example Academy certifies that Jordan Example, MD participated in the enduring material {title}"

    assert certificate_is_complete(
        certificate(
            kind=CertificateKind.PARTICIPATION, title=title, text=text, amount=Decimal(0), claimed=Decimal(0)
        )
    )


def test_the_format_other_stands_on_the_certificate():
    word = format_of_type(ActivityType.OTHER).word
    silent = certificate(format=word)

    assert {one.code for one in certificate_is_complete(silent).blocking} == {"CME052", "CME053"}
    assert certificate_is_complete(replace(silent, text=silent.text.replace("enduring material", word)))


ISSUED = FrozenFacts(
    provider="Example Academy",
    title="Listening first",
    format="enduring material",
    credit_type="ama-pra-category-1",
    completed_on=TODAY,
    full_name="Jordan Exmaple, MD",
    amount=Decimal("0.25"),
)
LATER = TODAY + timedelta(days=3)


@pytest.mark.parametrize(
    ("reason", "changes", "may"),
    [
        (ReissueReason.NAME_CORRECTED, {"full_name": "Jordan Example, MD"}, True),
        (ReissueReason.NAME_CORRECTED, {"amount": Decimal("0.5")}, False),
        (ReissueReason.NAME_CORRECTED, {"title": "Another title"}, False),
        (ReissueReason.NAME_CORRECTED, {"completed_on": LATER}, False),
        (ReissueReason.NEW_TOTAL, {"amount": Decimal("0.5"), "completed_on": LATER}, True),
        (ReissueReason.NEW_TOTAL, {}, True),
        (ReissueReason.NEW_TOTAL, {"amount": Decimal(0)}, False),
        (ReissueReason.NEW_TOTAL, {"full_name": "Jordan Example, MD"}, False),
        (ReissueReason.NEW_TOTAL, {"format": "live activity"}, False),
    ],
)
def test_a_certificate_is_frozen_but_for_its_correction(reason, changes, may):
    assert bool(may_issue_again(ISSUED, replace(ISSUED, **changes), reason)) is may


# --- retention -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "facts", "until"),
    [
        (RecordKind.PARTICIPATION, {}, date(2032, 11, 22)),
        (RecordKind.PARTICIPATION, {"retention_years": 10}, date(2036, 11, 22)),
        (RecordKind.PARTICIPATION, {"retention_years": 1}, date(2032, 11, 22)),
        (RecordKind.ACTIVITY_FILE, {}, date(2027, 11, 22)),
        (RecordKind.ACTIVITY_FILE, {"term_ends_on": date(2029, 7, 31)}, date(2029, 7, 31)),
        (RecordKind.ACTIVITY_FILE, {"term_ends_on": date(2026, 12, 31)}, date(2027, 11, 22)),
        (RecordKind.ACTIVITY_FILE, {"is_jointly_accredited": True}, date(2032, 11, 22)),
    ],
)
def test_records_are_kept_until_their_last_day(kind, facts, until):
    assert retain_until(kind, last_day=TODAY, **facts) == until
    assert not may_delete_records(until, on=until)
    assert may_delete_records(until, on=until + timedelta(days=1))


def test_the_refusal_names_the_day_and_its_rule():
    (reason,) = may_delete_records(date(2032, 11, 22), on=TODAY).reasons

    assert reason.code == "CME055"
    assert "22 Nov 2032" in reason.message
