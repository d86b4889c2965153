"""The dated data: complete, consistent, with a source each, and read as the rules need them."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.factories.documents import TODAY

from opencme.activities.choices import ActivityType, Providership
from opencme.providers import statements
from opencme.providers.statements import Mark, WordingKind, credit_type

AMA = credit_type("ama-pra-category-1")


def test_every_datum_has_a_source():
    rows = (
        *statements.accreditors(),
        *statements.activity_formats(),
        *statements.credit_types(),
        *(
            form
            for one in statements.accreditors()
            for providership in Providership
            for form in statements.accreditation_forms(one.key, providership, on=TODAY)
        ),
        *(
            form
            for one in statements.credit_types()
            for form in statements.designation_forms(one.key, on=TODAY)
        ),
    )

    assert len(rows) > 30
    assert all(row.source.strip() for row in rows)


def test_what_is_invented_says_so():
    for row in (*statements.accreditors(), *statements.credit_types()):
        assert row.demonstration_only == (row.mark is Mark.OWN)


def test_credit_types_name_known_accreditors_and_professions():
    known = {row.key for row in statements.accreditors()}
    professions = {row.key for row in statements.professions()}
    for kind in statements.credit_types():
        assert set(kind.accreditors) <= known
        assert set(kind.professions) <= professions
        assert kind.minimum % kind.increment == 0
        invented = {statements.accreditor(key).demonstration_only for key in kind.accreditors}
        assert invented == {kind.demonstration_only}


def test_every_designated_type_has_a_wording_in_force():
    for kind in statements.credit_types():
        assert bool(statements.designation_forms(kind.key, on=TODAY)) == kind.designation_required


def test_every_activity_type_has_one_format():
    for activity_type in ActivityType:
        format_ = statements.format_of_type(activity_type)
        assert format_.word == format_.words[0]
        assert format_ in statements.formats_named(format_.word.upper())


def test_wordings_change_with_their_dates():
    old = statements.designation_forms("ama-pra-category-1", on=date(2010, 6, 30))
    new = statements.designation_forms("ama-pra-category-1", on=date(2011, 7, 1))

    assert [form.id for form in old] == ["ama-2006"]
    assert [form.id for form in new] == ["ama-2011"]


def test_the_regular_accreditation_statement_comes_first():
    forms = statements.accreditation_forms("accme", "direct", on=TODAY)

    assert forms[0].id == "accme-direct-1"
    assert "(ACCME)" in forms[0].text


def test_a_participation_wording_awards_nothing():
    for kind in statements.credit_types():
        wording = statements.certificate_wording(kind.key, WordingKind.PARTICIPATION, on=TODAY)
        assert "award" not in wording.text
        assert "designated for {amount}" in wording.text


def test_a_specimen_awards_nothing_either():
    wording = statements.certificate_wording("specimen-category-1", WordingKind.CREDIT, on=TODAY)

    assert "award" not in wording.text


def test_a_credit_type_without_words_of_its_own_takes_the_general_ones():
    general = statements.certificate_wording("aapa-category-1", WordingKind.CREDIT, on=TODAY)

    assert general.id == "credit-1"


def test_what_is_not_known_is_an_error_and_no_guess():
    for ask in (
        statements.credit_type,
        statements.accreditor,
        statements.profession,
        statements.activity_format,
    ):
        with pytest.raises(statements.UnknownWord):
            ask("moon-board")
    with pytest.raises(statements.UnknownWord):
        statements.certificate_wording("stars", WordingKind.CREDIT, on=date(1999, 1, 1))


@pytest.mark.parametrize(
    ("amount", "phrase"),
    [
        ("0.25", "*AMA PRA Category 1 Credit*™"),
        ("1", "*AMA PRA Category 1 Credit*™"),
        ("1.25", "*AMA PRA Category 1 Credits*™"),
    ],
)
def test_the_phrase_takes_its_number(amount, phrase):
    assert AMA.phrase_for(Decimal(amount)) == phrase


@pytest.mark.parametrize(
    ("letters", "professions"),
    [
        ("MD", ["physician"]),
        ("M.D.", ["physician"]),
        ("mbbs", ["physician"]),
        ("PharmD", ["pharmacist"]),
        ("DNP", ["nurse", "nurse-practitioner"]),
        ("BA", []),
    ],
)
def test_degrees_belong_to_professions(letters, professions):
    assert [row.key for row in statements.professions_of_degree(letters)] == professions


# --- rounding ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("minutes", "up", "down"),
    [
        ("0", "0", "0"),
        ("7", "0", "0"),
        ("7.5", "0.25", "0"),  # the tie that nobody has decided: a setting
        ("8", "0.25", "0.25"),
        ("15", "0.25", "0.25"),
        ("22", "0.25", "0.25"),
        ("22.5", "0.5", "0.25"),
        ("23", "0.5", "0.5"),
        ("30", "0.5", "0.5"),
        ("37.5", "0.75", "0.5"),
        ("60", "1", "1"),
        ("127.5", "2.25", "2"),
    ],
)
def test_minutes_round_to_the_nearest_quarter(minutes, up, down):
    assert statements.rounded_credit(Decimal(minutes), AMA) == Decimal(up)
    assert statements.rounded_credit(Decimal(minutes), AMA, half_goes_up=False) == Decimal(down)


@given(minutes=st.integers(min_value=0, max_value=6000), half_goes_up=st.booleans())
def test_rounding_is_never_off_by_more_than_half_a_step(minutes, half_goes_up):
    rounded = statements.rounded_credit(minutes, AMA, half_goes_up=half_goes_up)

    assert rounded % AMA.increment == 0
    assert abs(rounded * 60 - minutes) <= AMA.increment * 60 / 2


@given(minutes=st.integers(min_value=0, max_value=6000), more=st.integers(min_value=0, max_value=600))
def test_more_time_never_makes_less_credit(minutes, more):
    assert statements.rounded_credit(minutes, AMA) <= statements.rounded_credit(minutes + more, AMA)


@pytest.mark.parametrize(
    ("names", "words"),
    [((), ""), (("A",), "A"), (("A", "B"), "A and B"), (("A", "B", "C"), "A, B and C")],
)
def test_names_as_a_list_in_words(names, words):
    assert statements.words_for(names) == words
