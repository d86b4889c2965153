"""What holds for findings on any document, however broken."""

import re
from dataclasses import fields, replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from tests.factories.documents import (
    TODAY,
    a_designation,
    a_document,
    a_document_of_three_units,
    a_recording,
    a_recording_without_certification,
    a_unit,
)
from tests.factories.providers import a_provider, an_accredited_provider

from opencme.activities.choices import ActivityType, Providership, SupportKind
from opencme.activities.document import CommercialSupport, Contact, Dates, canonical_json, read_document
from opencme.compliance.rules import RULES, findings, readiness_of
from opencme.core.verdicts import Severity

CLEAN = a_document()
DAYS = st.none() | st.dates(min_value=date(2020, 1, 1), max_value=date(2032, 12, 31))
TEXTS = st.sampled_from(
    [
        "",
        " ",
        "AMA PRA Category 1 Credit™",
        "credit is pending",
        "*designates this* for a maximum of 1.5 Specimen Category 1 Credit",
        "designates this ( for 1..5 [x",
        "{provider} %s %(x)s \\",
        "Ταυτότητα и имя",
        CLEAN.statements[0].text,
        CLEAN.statements[1].text,
    ]
)


@st.composite
def documents(draw):
    """Documents with holes and contradictions of every kind."""
    document = draw(
        st.sampled_from([CLEAN, a_document_of_three_units(), a_recording_without_certification()])
    )
    dates = {field.name: draw(DAYS) for field in fields(Dates) if field.name != "originally_presented_as"}
    minutes = draw(st.integers(min_value=0, max_value=600))
    holes = {
        "dates": Dates(**dates),
        "statements": tuple(replace(one, text=draw(TEXTS)) for one in document.statements),
        "disclosure_statement": draw(TEXTS),
        "abstract": draw(TEXTS),
        "support": CommercialSupport(kind=draw(st.sampled_from(SupportKind)), statement=draw(TEXTS)),
        "activity_type": draw(st.sampled_from(ActivityType)),
        "providership": draw(st.sampled_from(Providership)),
        "joint_providers": draw(st.sampled_from([(), ("Sample Clinic",), ("A (b", "C*")])),
        "co_providers": draw(st.sampled_from([(), ("Model Academy",)])),
        "designations": tuple(
            a_designation(maximum=amount, credit_type=kind, provider=by)
            for amount, kind, by in draw(
                st.lists(
                    st.tuples(
                        st.decimals(min_value=0, max_value=20, places=2),
                        st.sampled_from(["specimen-category-1", "ama-pra-category-1", "ipce", "stars"]),
                        st.sampled_from([None, "model-academy"]),
                    ),
                    max_size=2,
                )
            )
        ),
        "units": draw(
            st.sampled_from(
                [
                    (),
                    (a_unit(post_test=None),),
                    (a_unit(pre_test=None, recordings=(a_recording(minutes=minutes, captions=None),)),),
                    document.units,
                ]
            )
        ),
        "people": draw(st.sampled_from([(), document.people])),
        "disclosures": draw(st.sampled_from([(), document.disclosures])),
        "items": draw(st.sampled_from([(), document.items])),
        "references": draw(st.sampled_from([(), document.references])),
        "contact": draw(st.sampled_from([Contact(), document.contact])),
        "evaluation": draw(st.sampled_from([None, document.evaluation])),
    }
    chosen = draw(st.sets(st.sampled_from(sorted(holes))))
    return replace(document, **{name: holes[name] for name in chosen})


def resolves(place, document):
    """Whether a key path leads somewhere in the document."""
    value = document
    for name, index in re.findall(r"([a-z_]+)|\[(\d+)\]", place):
        try:
            value = getattr(value, name) if name else value[int(index)]
        except (AttributeError, IndexError, TypeError):
            return False
    return True


@given(document=documents(), provider=st.sampled_from([a_provider(), an_accredited_provider()]))
def test_any_document_gets_an_answer_with_places_and_sources(document, provider):
    for reason in findings(document, provider, on=TODAY):
        assert reason.message.strip()
        assert reason.source
        assert resolves(reason.place, document), reason


@given(document=documents())
def test_findings_are_the_same_for_the_document_as_it_is_stored(document):
    stored = read_document(canonical_json(document))

    assert findings(stored, a_provider(), on=TODAY) == findings(document, a_provider(), on=TODAY)


@given(document=documents())
def test_readiness_agrees_with_the_findings(document):
    readiness = readiness_of(document, a_provider(), on=TODAY)
    unmet = {one.code for one in readiness.findings if one.severity is not Severity.NOTE}

    assert readiness.of - readiness.ready == len(unmet)
    assert readiness.of == sum(rule.applies_to(document) for rule in RULES)
    assert bool(readiness.verdict) == all(one.severity is not Severity.BLOCKS for one in readiness.findings)


@given(days=st.integers(min_value=-2000, max_value=2000))
def test_what_is_clean_stays_clean_until_a_date_passes(days):
    on = TODAY + timedelta(days=days)

    assert {one.code for one in findings(CLEAN, a_provider(), on=on)} <= {"CME013", "CME014"}


@given(
    minutes=st.integers(min_value=0, max_value=600),
    steps=st.integers(min_value=1, max_value=40),
)
def test_no_more_is_designated_than_the_time_supports(minutes, steps):
    amount = Decimal("0.25") * steps
    recording = a_recording(minutes=minutes)
    unit = a_unit(
        pre_test=None,
        readings=(),
        recordings=(recording,),
        post_test=replace(CLEAN.units[0].post_test, minutes=0),
    )
    document = a_document(units=(unit,), designations=(a_designation(maximum=amount),))
    weights = {one.severity for one in findings(document, a_provider(), on=TODAY) if one.code == "CME009"}
    claimed, given_time = amount * 60, minutes

    if claimed - given_time > Decimal("7.5"):
        assert weights == {Severity.BLOCKS}
    elif given_time - claimed >= Decimal("7.5"):
        assert weights == {Severity.NOTE}
    else:
        assert weights == set()
