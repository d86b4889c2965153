"""The gate as a table: what is open, what is locked, and what opens it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from opencme.activities.choices import ItemKind
from opencme.activities.document import (
    ActivityDocument,
    Dates,
    Designation,
    Evaluation,
    Item,
    Option,
    PostTest,
    PreTest,
    Reading,
    Recording,
    Unit,
)
from opencme.learning import rules
from opencme.learning.choices import LockCode, StepState
from opencme.learning.rules import ContentRecord, PathState, TestRecord, Window

TODAY = date(2026, 11, 22)
AT = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
CREDIT = Designation(uuid=UUID(int=7), credit_type="specimen", maximum=Decimal("0.5"))


def an_item(key):
    options = (Option(key="a", text="A", is_key=True), Option(key="b", text="B"))
    return Item(key=key, kind=ItemKind.SINGLE, stem="?", options=options)


def a_unit(name="", *, pre_test=True, demanded=85, attempts=None, post_test=True):
    return Unit(
        key=f"unit{name}",
        pre_test=PreTest(key=f"pre{name}", items=("q1",), minutes=5) if pre_test else None,
        recordings=(Recording(key=f"rec{name}", minutes=9, seconds=540, demanded_percent=demanded),),
        readings=(Reading(key=f"read{name}", minutes=6, text="..."),),
        post_test=(
            PostTest(key=f"post{name}", items=("q1", "q2"), minutes=10, pass_mark=1, attempts=attempts)
            if post_test
            else None
        ),
    )


def a_document(*units, **fields):
    return ActivityDocument(
        **{
            "uuid": UUID(int=1),
            "title": "Pain",
            "provider": "specimen",
            "units": units or (a_unit(),),
            "items": (an_item("q1"), an_item("q2")),
            "designations": (CREDIT,),
            "evaluation": Evaluation(),
            **fields,
        }
    )


SENT = TestRecord(submitted=1, submitted_at=AT)
FAILED = TestRecord(submitted=1, submitted_at=AT, right=0, of=2)
PASSED = TestRecord(submitted=1, submitted_at=AT, passed=True, passed_at=AT, right=2, of=2)
SEEN = ContentRecord(played=((0, 540_000),), met_at=AT)


def a_path(*, tests=None, content=None, **fields):
    return PathState(started_at=AT, tests=tests or {}, content=content or {}, **fields)


def states(document, path, *, window=None, on=TODAY):
    steps = rules.path_steps(document, path, window or Window(), on=on)
    return {step.key: step.lock.code if step.lock else step.state for step in steps}


OPEN, DONE = StepState.OPEN, StepState.DONE
PRE, LEFT, PASS = LockCode.PRE_TEST_FIRST, LockCode.CONTENT_MISSING, LockCode.PASS_FIRST
EVALUATE, CLOSED = LockCode.EVALUATION_FIRST, LockCode.WINDOW_CLOSED


@pytest.mark.parametrize(
    ("tests", "content", "evaluated", "expected"),
    [
        # nothing done: only the pre-test is open
        ({}, {}, None, (OPEN, PRE, PRE, PASS, EVALUATE)),
        # pre-test sent: the content opens, the post-test waits for it
        ({"pre": SENT}, {}, None, (DONE, OPEN, LEFT, PASS, EVALUATE)),
        # part of it played
        (
            {"pre": SENT},
            {"rec": ContentRecord(played=((0, 374_000),))},
            None,
            (DONE, OPEN, LEFT, PASS, EVALUATE),
        ),
        # the demanded 85 % of 9:00 is 7:39
        (
            {"pre": SENT},
            {"rec": ContentRecord(played=((0, 459_000),))},
            None,
            (DONE, OPEN, OPEN, PASS, EVALUATE),
        ),
        # text read is an equal route, also half and half
        (
            {"pre": SENT},
            {"rec": ContentRecord(played=((0, 200_000),), read=((190_000, 459_000),))},
            None,
            (DONE, OPEN, OPEN, PASS, EVALUATE),
        ),
        # attested: the content needs nothing more
        ({"pre": SENT}, {"rec": ContentRecord(attested_at=AT)}, None, (DONE, DONE, OPEN, PASS, EVALUATE)),
        # failed with attempts left
        ({"pre": SENT, "post": FAILED}, {"rec": SEEN}, None, (DONE, DONE, OPEN, PASS, EVALUATE)),
        # passed: the evaluation opens
        ({"pre": SENT, "post": PASSED}, {"rec": SEEN}, None, (DONE, DONE, DONE, OPEN, EVALUATE)),
        # evaluated: the claim opens
        ({"pre": SENT, "post": PASSED}, {"rec": SEEN}, AT, (DONE, DONE, DONE, DONE, OPEN)),
    ],
)
def test_the_path_opens_step_by_step(tests, content, evaluated, expected):
    path = a_path(tests=tests, content=content, evaluated_at=evaluated)
    assert tuple(states(a_document(), path).values()) == expected


def step(key, path, document=None, window=None, on=TODAY):
    document = document or a_document()
    steps = rules.path_steps(document, path, window or Window(), on=on)
    return next(one for one in steps if one.key == key)


def test_a_lock_says_how_much_is_left():
    path = a_path(tests={"pre": SENT}, content={"rec": ContentRecord(played=((0, 374_000),))})
    lock = step("post", path).lock
    assert (lock.left_ms, lock.demanded_ms, lock.opened_by) == (85_000, 459_000, "rec")


def test_a_lock_names_the_pass_mark():
    lock = step("evaluation", a_path(tests={"pre": SENT})).lock
    assert (lock.pass_mark, lock.of, lock.opened_by) == (1, 2, "post")


def test_a_verdict_carries_the_reason_of_the_lock():
    verdict = step("post", a_path()).verdict
    assert not verdict
    assert [reason.code for reason in verdict.reasons] == ["GATE_PRE_TEST_FIRST"]
    assert all(reason.source and reason.message for reason in verdict.reasons)
    assert step("pre", a_path()).verdict


def test_by_default_the_recording_is_measured_and_does_not_block():
    path = a_path(tests={"pre": SENT})
    document = a_document(a_unit(demanded=None))
    assert states(document, path)["rec"] is OPEN
    assert states(document, path)["post"] is OPEN


def test_without_a_post_test_the_content_itself_is_demanded():
    document = a_document(a_unit(demanded=None, post_test=False))
    assert states(document, a_path(tests={"pre": SENT}))["evaluation"] is LockCode.COMPLETE_FIRST
    path = a_path(tests={"pre": SENT}, content={"rec": SEEN})
    assert states(document, path)["evaluation"] is OPEN


@pytest.mark.parametrize(("granted", "expected"), [(0, LockCode.NO_ATTEMPTS_LEFT), (1, OPEN)])
def test_a_limit_of_attempts_and_the_way_out_of_it(granted, expected):
    document = a_document(a_unit(attempts=1))
    tests = {"pre": SENT, "post": replace(FAILED, granted=granted)}
    assert states(document, a_path(tests=tests, content={"rec": SEEN}))["post"] is expected


def test_a_passed_test_stays_done_when_no_attempt_is_left():
    document = a_document(a_unit(attempts=1))
    path = a_path(tests={"pre": SENT, "post": PASSED}, content={"rec": SEEN})
    assert states(document, path)["post"] is DONE


def test_units_may_be_taken_in_any_order_and_one_passed_opens_the_evaluation():
    document = a_document(a_unit("1"), a_unit("2"))
    path = a_path(tests={"pre2": SENT, "post2": PASSED}, content={"rec2": SEEN})
    found = states(document, path)
    assert (found["pre1"], found["post2"], found["evaluation"]) == (OPEN, DONE, OPEN)


def test_the_next_thing_to_do_is_the_next_unfinished_unit():
    document = a_document(a_unit("1"), a_unit("2"))
    path = a_path(tests={"pre1": SENT, "post1": PASSED}, content={"rec1": SEEN})
    steps = rules.path_steps(document, path, Window(), on=TODAY)
    assert rules.current_step(steps).key == "pre2"


def test_an_evaluation_that_is_not_required_does_not_hold_the_claim():
    document = a_document(evaluation=Evaluation(required=False))
    path = a_path(tests={"pre": SENT, "post": PASSED}, content={"rec": SEEN})
    assert states(document, path)["claim"] is OPEN


def test_a_recording_without_certification_ends_with_its_content():
    document = a_document(
        a_unit(post_test=False, demanded=None), certified=False, designations=(), evaluation=None
    )
    assert states(document, a_path()) == {"pre": OPEN, "rec": PRE}
    assert states(document, a_path(tests={"pre": SENT})) == {"pre": DONE, "rec": OPEN}


def test_a_reading_is_on_the_content_step_of_its_unit():
    steps = rules.path_steps(a_document(), a_path(), Window(), on=TODAY)
    assert rules.step_holding(steps, "read").key == "rec"
    assert rules.step_holding(steps, "nowhere") is None


@pytest.mark.parametrize("code", LockCode)
def test_every_lock_has_a_sentence_and_a_source(code):
    reason = rules.Lock(code).reason
    assert reason.message.endswith(".")
    assert reason.source


# --- dates


UNTIL = date(2026, 10, 31)
CLAIM_UNTIL = date(2026, 11, 30)


@pytest.mark.parametrize(
    ("on", "tests", "expected"),
    [
        (UNTIL, {}, (OPEN, PRE, PRE, PASS, EVALUATE)),  # inclusive: the last day counts
        (UNTIL + timedelta(1), {}, (CLOSED, CLOSED, CLOSED, CLOSED, CLOSED)),
        # on the way when it closed: the recording may be seen, nothing counts
        (UNTIL + timedelta(1), {"pre": SENT}, (DONE, OPEN, CLOSED, CLOSED, CLOSED)),
        # passed in time: evaluate and claim until the end of the longer window
        (CLAIM_UNTIL, {"pre": SENT, "post": PASSED}, (DONE, DONE, DONE, OPEN, EVALUATE)),
        (CLAIM_UNTIL + timedelta(1), {"pre": SENT, "post": PASSED}, (DONE, DONE, DONE, CLOSED, CLOSED)),
    ],
)
def test_the_windows_are_inclusive(on, tests, expected):
    window = Window(complete_until=UNTIL, evaluate_and_claim_until=CLAIM_UNTIL)
    document = a_document(a_unit(demanded=None))
    assert tuple(states(document, a_path(tests=tests), window=window, on=on).values()) == expected


def test_after_the_window_there_is_nothing_to_do_next():
    window = Window(complete_until=UNTIL, evaluate_and_claim_until=CLAIM_UNTIL)
    steps = rules.path_steps(a_document(), a_path(tests={"pre": SENT}), window, on=TODAY)
    assert rules.current_step(steps) is None
    assert next(one for one in steps if one.key == "rec").is_review


def test_withdrawal_stops_all():
    window = Window(is_withdrawn=True)
    path = a_path(tests={"pre": SENT, "post": PASSED}, content={"rec": SEEN})
    found = states(a_document(), path, window=window)
    assert {found["rec"], found["evaluation"], found["claim"]} == {LockCode.WITHDRAWN}


def test_a_superseded_participation_goes_nowhere():
    found = states(a_document(), a_path(tests={"pre": SENT}, is_superseded=True))
    assert set(found.values()) - {DONE} == {LockCode.SUPERSEDED}


def test_after_the_claim_a_visit_is_review():
    path = a_path(
        tests={"pre": SENT, "post": PASSED}, content={"rec": SEEN}, evaluated_at=AT, claimed={"unit"}
    )
    steps = rules.path_steps(a_document(), path, Window(), on=TODAY)
    assert {one.state for one in steps} == {DONE}
    assert rules.is_review(a_document(), path, Window(), on=TODAY)


def test_a_unit_passed_after_the_claim_opens_the_claim_again():
    document = a_document(a_unit("1"), a_unit("2"))
    tests = {"pre1": SENT, "post1": PASSED}
    path = a_path(tests=tests, content={"rec1": SEEN}, evaluated_at=AT, claimed={"unit1"})
    assert (states(document, path)["claim"], states(document, path)["pre2"]) == (DONE, OPEN)
    assert not rules.is_review(document, path, Window(), on=TODAY)
    both = replace(path, tests=tests | {"pre2": SENT, "post2": PASSED}, content={"rec1": SEEN, "rec2": SEEN})
    assert states(document, both)["claim"] is OPEN
    assert [unit.key for unit in rules.unclaimed_units(document, both)] == ["unit2"]


OCTOBER, NOVEMBER, DECEMBER = date(2026, 10, 31), date(2026, 11, 30), date(2026, 12, 31)


@pytest.mark.parametrize(
    ("own", "current", "complete", "claim"),
    [
        # stated nowhere: 30 days more
        (Dates(complete_until=OCTOBER), Dates(complete_until=OCTOBER), OCTOBER, NOVEMBER),
        # a later date extends
        (Dates(complete_until=OCTOBER), Dates(complete_until=NOVEMBER), NOVEMBER, date(2026, 12, 30)),
        # an earlier one never cuts off one who has started
        (Dates(complete_until=NOVEMBER), Dates(complete_until=OCTOBER), NOVEMBER, date(2026, 12, 30)),
        (
            Dates(complete_until=OCTOBER, evaluate_and_claim_until=DECEMBER),
            Dates(complete_until=OCTOBER),
            OCTOBER,
            DECEMBER,
        ),
        (Dates(), Dates(complete_until=OCTOBER), None, None),
    ],
)
def test_window_of_one_who_has_started(own, current, complete, claim):
    window = rules.window_of(own, current)
    assert (window.complete_until, window.evaluate_and_claim_until) == (complete, claim)


@pytest.mark.parametrize(
    ("dates", "withdrawn", "codes"),
    [
        (Dates(), False, []),
        (Dates(complete_until=TODAY), False, []),
        (Dates(complete_until=TODAY - timedelta(1)), False, ["GATE_WINDOW_CLOSED"]),
        (Dates(start_until=TODAY - timedelta(1), complete_until=DECEMBER), False, ["GATE_WINDOW_CLOSED"]),
        (Dates(complete_until=DECEMBER), True, ["GATE_WITHDRAWN"]),
    ],
)
def test_may_start(dates, withdrawn, codes):
    verdict = rules.may_start(dates, is_withdrawn=withdrawn, on=TODAY)
    assert [reason.code for reason in verdict.reasons] == codes


# --- what is fulfilled


LATER = AT + timedelta(hours=1)


def test_completion_is_the_last_content_or_test_requirement_met():
    path = a_path(
        tests={"pre": SENT, "post": replace(PASSED, passed_at=LATER)},
        content={"rec": SEEN},
        evaluated_at=LATER + timedelta(days=3),
    )
    assert rules.completed_at(a_document(), path, CREDIT) == LATER


def test_nothing_is_completed_before_the_test_is_passed():
    path = a_path(tests={"pre": SENT, "post": FAILED}, content={"rec": SEEN})
    assert rules.completed_at(a_document(), path, CREDIT) is None
    assert rules.fulfilled_units(a_document(), path, CREDIT) == ()


def test_each_designation_asks_for_its_own():
    content_alone = replace(CREDIT, uuid=UUID(int=8), requires_post_test=False)
    path = a_path(tests={"pre": SENT}, content={"rec": SEEN})
    document = a_document(designations=(CREDIT, content_alone))
    assert rules.fulfilled_units(document, path, content_alone) == document.units
    assert rules.fulfilled_units(document, path, CREDIT) == ()
    assert rules.completed_at(document, path, content_alone) == AT


# --- answers


def a_choice(value, n, seconds):
    return rules.Choice((value,), n, AT + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("kept", "sent", "counts"),
    [
        (None, a_choice("a", 1, 0), "a"),
        (a_choice("a", 1, 0), a_choice("b", 2, 5), "b"),
        # a device that was offline sends late what was chosen early
        (a_choice("b", 1, 60), a_choice("a", 7, 5), "b"),
        (a_choice("a", 7, 5), a_choice("b", 1, 60), "b"),
        # made in the same instant: the higher count
        (a_choice("a", 2, 0), a_choice("b", 1, 0), "a"),
        (a_choice("a", 1, 0), a_choice("b", 1, 0), "b"),
    ],
)
def test_the_later_choice_counts_whatever_the_order_of_arrival(kept, sent, counts):
    assert rules.later_choice(kept, sent).value == (counts,)


@pytest.mark.parametrize(
    ("age_ms", "earlier"),
    [(0, 0), (1500, 1.5), (-5000, 0), (10**12, 24 * 3600)],
)
def test_when_a_choice_was_made(age_ms, earlier):
    assert rules.chosen_at(at=AT, age_ms=age_ms) == AT - timedelta(seconds=earlier)


def test_a_provider_may_give_more_or_fewer_days_to_claim():
    dates = Dates(complete_until=OCTOBER)
    window = rules.window_of(dates, dates, window_days=14)
    assert window.evaluate_and_claim_until == date(2026, 11, 14)
