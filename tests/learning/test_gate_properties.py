"""What holds of the gate whatever a learner has done, in whatever order."""

from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st
from tests.factories.documents import a_document, a_document_of_three_units, a_recording, a_unit

from opencme.learning import rules
from opencme.learning.choices import LockCode, PathStepKind, StepState
from opencme.learning.rules import ContentRecord, PathState, TestRecord, Window

AT = datetime(2026, 11, 22, 10, tzinfo=UTC)
TODAY = date(2026, 11, 22)
DEMANDING = a_document(units=(a_unit(recordings=(a_recording(demanded_percent=85),)),))
DOCUMENTS = (a_document(), DEMANDING, a_document_of_three_units())

SENT = TestRecord(submitted=1, submitted_at=AT)
PASSED = TestRecord(submitted=1, submitted_at=AT, passed=True, passed_at=AT)
records = st.sampled_from([TestRecord(), SENT, PASSED])
stretches = st.lists(st.tuples(st.integers(0, 540), st.integers(0, 540)), max_size=3).map(
    lambda pairs: tuple((start * 1000, end * 1000) for start, end in pairs)
)
contents = st.builds(
    ContentRecord,
    played=stretches,
    read=stretches,
    attested_at=st.sampled_from([None, None, AT]),
)


@st.composite
def walks(draw):
    """A document and a state, and the same state with one thing more done."""
    document = draw(st.sampled_from(DOCUMENTS))
    keys = [step.key for step in document.steps]
    state = PathState(
        started_at=AT,
        tests={key: draw(records) for key in keys},
        content={key: draw(contents) for key in keys},
        evaluated_at=draw(st.sampled_from([None, AT])),
    )
    key = draw(st.sampled_from(keys))
    more = draw(
        st.sampled_from(
            [
                replace(state, tests=state.tests | {key: PASSED}),
                replace(state, content=state.content | {key: ContentRecord(attested_at=AT)}),
                replace(state, evaluated_at=AT),
            ]
        )
    )
    return document, state, more


def steps_of(document, state, window=None):
    return rules.path_steps(document, state, window or Window(), on=TODAY)


@given(walks())
def test_doing_more_never_locks_a_step(walk):
    document, state, more = walk
    before, after = steps_of(document, state), steps_of(document, more)
    for one, other in zip(before, after, strict=True):
        assert not (one.state is not StepState.LOCKED and other.state is StepState.LOCKED)


@given(walks())
def test_a_step_is_locked_exactly_where_it_has_a_lock(walk):
    document, state, _ = walk
    for step in steps_of(document, state):
        assert (step.state is StepState.LOCKED) == (step.lock is not None) == (not step.verdict)


@given(walks())
def test_an_open_post_test_has_its_content_and_its_pre_test(walk):
    document, state, _ = walk
    for step in steps_of(document, state):
        if step.kind is PathStepKind.POST_TEST and step.state is StepState.OPEN:
            unit = next(one for one in document.units if one.key == step.unit)
            assert rules.content_left_ms(unit, state) == 0
            assert (
                not unit.pre_test
                or not rules.demands_pre_test(document)
                or (state.test(unit.pre_test.key).submitted)
            )


@given(walks())
def test_an_open_claim_has_something_to_claim_and_a_date(walk):
    document, state, _ = walk
    claim = next(one for one in steps_of(document, state) if one.kind is PathStepKind.CLAIM)
    (designation,) = document.designations
    if claim.state is StepState.OPEN:
        assert rules.fulfilled_units(document, state, designation)
        assert rules.completed_at(document, state, designation) is not None
        assert state.evaluated_at


@given(walks())
def test_withdrawal_leaves_nothing_open(walk):
    document, state, _ = walk
    steps = steps_of(document, state, Window(is_withdrawn=True))
    assert rules.current_step(steps) is None
    assert {step.lock.code for step in steps if step.lock} <= {LockCode.WITHDRAWN}


@given(walks())
def test_there_is_a_next_step_until_all_is_done(walk):
    document, state, _ = walk
    steps = steps_of(document, state)
    assert rules.current_step(steps) or all(step.state is StepState.DONE for step in steps)
