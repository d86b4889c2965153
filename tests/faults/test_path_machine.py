"""The path against a model of a few lines: whatever is pressed in whatever order, and by several at once."""

import threading
from datetime import timedelta

import pytest
from django.db import connections
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from tests.factories.audit import broken_places
from tests.factories.credit import claimed
from tests.factories.documents import a_document, a_recording, a_unit
from tests.factories.learning import AT, a_learner, path, published, reloaded, right_answers, started

from opencme.activities.document import PostTest
from opencme.credit.models import Certificate, CreditClaim
from opencme.credit.operations import ClaimNotAllowed
from opencme.learning import operations
from opencme.learning.choices import StepState
from opencme.learning.models import Attempt, HeldEvaluation, Participation
from opencme.learning.operations import AttemptAlreadySubmitted, StepLocked

REFUSALS = (AttemptAlreadySubmitted, StepLocked, ClaimNotAllowed)
ATTEMPTS = 2
ANSWERS = {"met-o1": "4", "barrier": "time", "improve": "Shorter."}

several = st.integers(1, 3)
tests = st.sampled_from(["pre-test", "post-test"])


def at_once(*calls):
    """What each call returned or was refused with, all of them begun at the same moment."""
    if len(calls) == 1:
        return [_outcome(calls[0])]
    results, ready = [None] * len(calls), threading.Barrier(len(calls))

    def run(place, call):
        ready.wait()
        try:
            results[place] = _outcome(call)
        except BaseException as failure:  # noqa: BLE001  raised below
            results[place] = failure
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for failure in results:
        if isinstance(failure, BaseException) and not isinstance(failure, REFUSALS):
            raise failure
    return results


def _outcome(call):
    try:
        return call()
    except REFUSALS as refusal:
        return refusal


class PathMachine(RuleBasedStateMachine):
    """One learner; the model is the attributes."""

    activity = None

    @initialize()
    def begin(self):
        self.learner, self.now = a_learner(), AT
        self.participation = None
        self.open, self.kept, self.numbers = {}, {}, {}
        self.handed_in = {"pre-test": [], "post-test": []}
        self.has_content = self.has_passed = self.has_evaluated = self.has_claimed = False

    def at(self):
        self.now += timedelta(seconds=1)
        return self.now

    def refusal_of(self, test):
        """What the model says to somebody who begins a test."""
        if test == "pre-test":
            return AttemptAlreadySubmitted if self.handed_in[test] else None
        if self.has_passed:
            return AttemptAlreadySubmitted
        is_open = self.handed_in["pre-test"] and self.has_content and len(self.handed_in[test]) < ATTEMPTS
        return None if is_open else StepLocked

    # --- what a learner may press --------------------------------------------------------------------

    @rule(times=several)
    def start(self, times):
        at = self.at()
        rows = at_once(*[lambda: started(self.activity, self.learner, at=at)] * times)
        assert len({row.pk for row in rows}) == 1
        self.participation = rows[0]

    @precondition(lambda self: self.participation)
    @rule(times=several, test=tests)
    def begin_a_test(self, times, test):
        at, expected = self.at(), self.refusal_of(test)
        now = path(self.participation, at=at)
        found = at_once(*[lambda: operations.begin_attempt(path=now, step_key=test, at=at)] * times)
        if expected:
            assert {type(one) for one in found} == {expected}
            return
        assert len({one.uuid for one in found}) == 1
        if test not in self.open:
            self.open[test], self.kept[test] = found[0], {}
        assert self.open[test].uuid == found[0].uuid

    @precondition(lambda self: self.open)
    @rule(times=several, test=tests, place=st.integers(0, 3), option=st.integers(0, 1))
    def save(self, times, test, place, option):
        if test not in self.open:
            return
        item, value = self.choice(test, place, option)
        n, at = self.next_number(item), self.at()
        found = at_once(*[lambda: self.saved(test, item, value, n, at)] * times)
        assert {one.value for one in found} == {(value,)}
        self.kept[test][item] = value

    @precondition(lambda self: self.open)
    @rule(test=tests, place=st.integers(0, 3))
    def change_ones_mind_faster_than_the_network(self, test, place):
        if test not in self.open:
            return
        item, first = self.choice(test, place, 0)
        _, second = self.choice(test, place, 1)
        n, later, at = self.next_number(item), self.next_number(item), self.at()
        at_once(
            lambda: self.saved(test, item, second, later, at),
            lambda: self.saved(test, item, first, n, at),
        )
        self.kept[test][item] = second

    @precondition(lambda self: self.open)
    @rule(times=several, test=tests, wrong=st.integers(0, 4), saves=st.booleans())
    def hand_in(self, times, test, wrong, saves):
        """Perhaps while an answer of the same test is still on its way."""
        if test not in self.open:
            return
        attempt, at = self.open.pop(test), self.at()
        answers = right_answers(self.document, test, wrong=wrong)
        item = next(iter(answers))
        number = self.next_number(item)
        late = [lambda: self.saved_to(attempt, item, self.choice(test, 0, 1)[1], number, at)] * saves
        found = at_once(*[lambda: self.submitted(attempt, answers, at)] * times, *late)
        rows = found[:times]
        assert len({(row.pk, row.score, row.submitted_at) for row in rows}) == 1
        assert rows[0].score == len(answers) - min(wrong, len(answers))
        self.handed_in[test].append((attempt.uuid, {key: set(value) for key, value in answers.items()}))
        if test == "post-test":
            self.has_passed = rows[0].score >= self.document.step_of[test].pass_mark

    @precondition(lambda self: any(self.handed_in.values()))
    @rule(test=tests)
    def change_what_was_handed_in(self, test):
        if not self.handed_in[test]:
            return
        uuid, answers = self.handed_in[test][-1]
        other = {key: [self.other_than(key, value)] for key, value in answers.items()}
        attempt, at = Attempt.objects.get(uuid=uuid), self.at()
        (again,) = at_once(lambda: self.submitted(attempt, other, at))
        assert isinstance(again, AttemptAlreadySubmitted)
        item, value = next(iter(other.items()))
        (late,) = at_once(lambda: self.saved_to(attempt, item, value[0], 99, at))
        assert isinstance(late, AttemptAlreadySubmitted)

    @precondition(lambda self: self.participation)
    @rule(times=several)
    def attest(self, times):
        at = self.at()
        found = at_once(
            *[
                lambda: operations.attest_content(
                    path=path(self.participation, at=at), step_key="recording", wording="I did.", at=at
                )
            ]
            * times
        )
        refused = {isinstance(one, StepLocked) for one in found}
        assert refused == {not self.handed_in["pre-test"]}
        self.has_content |= refused == {False}

    @precondition(lambda self: self.participation)
    @rule(times=several)
    def evaluate(self, times):
        at = self.at()
        found = at_once(*[lambda: self.evaluated(at)] * times)
        assert {isinstance(one, StepLocked) for one in found} == {not self.has_passed}
        self.has_evaluated = self.has_passed

    @precondition(lambda self: self.participation)
    @rule(times=several)
    def claim(self, times):
        at = self.at()
        found = at_once(*[lambda: self.claimed(at)] * times)
        may = self.has_passed and self.has_evaluated
        assert {isinstance(one, ClaimNotAllowed) for one in found} == {not may}
        assert len({one.pk for one in found if isinstance(one, CreditClaim)}) == may
        self.has_claimed = may

    @rule(times=several, wrong=st.sampled_from([0, 0, 2]))
    def do_what_comes_next(self, times, wrong):
        """Chance alone would seldom come to the claim."""
        if not self.participation:
            self.start(times)
        for test in self.open:
            self.hand_in(times, test, wrong, saves=False)
            return
        if not self.refusal_of("pre-test"):
            self.begin_a_test(times, "pre-test")
        elif not self.has_content:
            self.attest(times)
        elif not self.refusal_of("post-test"):
            self.begin_a_test(times, "post-test")
        elif self.has_passed and not self.has_evaluated:
            self.evaluate(times)
        else:
            self.claim(times)

    @precondition(lambda self: self.has_passed and not self.has_evaluated)
    @rule()
    def evaluate_and_claim_in_two_windows(self):
        at = self.at()
        done, won = at_once(lambda: self.evaluated(at), lambda: self.claimed(at))
        assert isinstance(done, Participation)
        self.has_evaluated, self.has_claimed = True, isinstance(won, CreditClaim)

    # --- how it is pressed ---------------------------------------------------------------------------

    @property
    def document(self):
        return path(self.participation, at=self.now).document

    def choice(self, test, place, option):
        item = self.document.step_of[test].items[place % len(self.document.step_of[test].items)]
        return item, self.document.item_of[item].options[option].key

    def other_than(self, item, value):
        return next(one.key for one in self.document.item_of[item].options if {one.key} != value)

    def next_number(self, item):
        self.numbers[item] = self.numbers.get(item, 0) + 1
        return self.numbers[item]

    def saved(self, test, item, value, n, at):
        return self.saved_to(self.open[test], item, value, n, at)

    def saved_to(self, attempt, item, value, n, at):
        return operations.save_answer(
            learner=self.learner,
            participation=self.participation.uuid,
            step_key=attempt.step_key,
            attempt=attempt.uuid,
            item=item,
            value=[value],
            n=n,
            age_ms=0,
            at=at,
        )

    def submitted(self, attempt, answers, at):
        return operations.submit_attempt(
            participation=self.participation, attempt=attempt.uuid, answers=answers, at=at
        )

    def evaluated(self, at):
        return operations.submit_evaluation(path=path(self.participation, at=at), answers=ANSWERS, at=at)

    def claimed(self, at):
        return claimed(reloaded(self.participation), at=at)

    # --- what must always hold -------------------------------------------------------------------------

    @invariant()
    def what_is_there_is_what_the_model_says(self):
        if not getattr(self, "participation", None):
            return
        row = Participation.objects.get(learner=self.learner)
        attempts = Attempt.objects.filter(participation=row)
        for test, done in self.handed_in.items():
            kept = {one.uuid: one for one in attempts if one.step_key == test and one.submitted_at}
            assert {uuid: _values(one) for uuid, one in kept.items()} == dict(done)
            started_now = [one for one in attempts if one.step_key == test and not one.submitted_at]
            assert [one.uuid for one in started_now] == [one.uuid for one in [self.open.get(test)] if one]
            for one in started_now:
                assert _values(one) == {item: {value} for item, value in self.kept[test].items()}
        assert bool(row.evaluated_at) == self.has_evaluated
        assert HeldEvaluation.objects.filter(participation=row).count() == self.has_evaluated
        assert CreditClaim.objects.filter(participation=row).count() == self.has_claimed
        assert Certificate.objects.filter(participation=row).count() == self.has_claimed
        assert broken_places(row) == ()

    @invariant()
    def the_gate_says_the_same(self):
        if not getattr(self, "participation", None):
            return
        now = path(self.participation, at=self.now)
        for test in ("pre-test", "post-test"):
            expected = {None: StepState.OPEN, StepLocked: StepState.LOCKED}.get(
                self.refusal_of(test), StepState.DONE
            )
            assert now.step(test).state is expected
        content = now.step("recording").state
        if not self.handed_in["pre-test"]:
            assert content is StepState.LOCKED
        else:
            assert (content is StepState.DONE) == self.has_content


def _values(attempt):
    return {item: set(one["value"]) for item, one in attempt.answers.items()}


@pytest.mark.django_db(transaction=True)
def test_the_path_is_its_model():
    unit = a_unit(
        recordings=(a_recording(demanded_percent=85),),
        post_test=PostTest(
            key="post-test",
            items=("post-1", "post-2", "post-3", "post-4"),
            minutes=10,
            pass_mark=3,
            attempts=ATTEMPTS,
        ),
    )
    PathMachine.activity = published(a_document(units=(unit,)))
    run_state_machine_as_test(
        PathMachine,
        settings=settings(
            max_examples=8,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],  # to look for a shorter story takes minutes where threads race
            print_blob=True,
        ),
    )
    go_on_to_the_claim()  # for chance alone may stop before it, in all of them


def go_on_to_the_claim():
    """One more story, in which everything is pressed twice at once and in order."""
    story = PathMachine()
    story.begin()
    for _ in range(10):
        story.do_what_comes_next(2, 0)
        story.what_is_there_is_what_the_model_says()
        story.the_gate_says_the_same()
    assert story.has_claimed
