"""The path against a simple model of it, whatever a learner does, in whatever order and from two windows."""

import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.db import close_old_connections, connections
from hypothesis import HealthCheck, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run
from tests.factories.credit import BASE_URL, confirmed
from tests.factories.documents import DESIGNATION, a_document, a_recording, a_unit
from tests.factories.learning import a_learner, minutes, path, published, reloaded, right_answers, started

from opencme.core.audit import broken_entries
from opencme.credit.models import Certificate, CreditClaim
from opencme.credit.operations import ClaimDiffers, ClaimNotAllowed, claim_credit
from opencme.learning import operations
from opencme.learning.models import Attempt, ContentEvidence
from opencme.learning.operations import AttemptAlreadySubmitted, StepLocked

pytestmark = pytest.mark.django_db(transaction=True)

DOCUMENT = a_document(units=(a_unit(recordings=(a_recording(demanded_percent=85),)),))
PASS_MARK = DOCUMENT.step_of["post-test"].pass_mark
ITEMS = DOCUMENT.step_of["post-test"].items
LENGTH = DOCUMENT.step_of["recording"].seconds * 1000
EVALUATION = {"met-o1": "4", "barrier": "time", "improve": "Shorter."}
AMOUNTS = (Decimal("0.25"), Decimal("0.5"))


def outcome(act):
    """What came of an act: its result, or the kind of refusal."""
    try:
        return act()
    except (AttemptAlreadySubmitted, StepLocked, ClaimDiffers, ClaimNotAllowed) as refusal:
        return type(refusal)


def from_two_windows(*acts):
    """The outcomes of acts that begin at the same moment."""
    together = threading.Barrier(len(acts))

    def one(act):
        close_old_connections()
        together.wait(timeout=30)
        try:
            return outcome(act)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(one, acts))


class Path(RuleBasedStateMachine):
    """The model: what was handed in, played, passed, evaluated and claimed."""

    @initialize(already_done=st.integers(0, 5))
    def start(self, already_done):
        self.participation = started(published(DOCUMENT), a_learner())
        self.clock = 1
        self.pre_test_sent = False
        self.content_met = False
        self.passed = False
        self.evaluated = False
        self.claimed = None
        self.results = {}  # attempt: (score, passed)
        for _ in range(already_done):
            self.go_on()

    def now(self):
        self.clock += 40
        return minutes(self.clock)

    # --- what a learner can do ----------------------------------------------------------------------

    @rule(wrong=st.integers(0, len(ITEMS)))
    def hand_in_the_pre_test(self, wrong):
        found = outcome(self.handing_in("pre-test", wrong))
        assert (found is AttemptAlreadySubmitted) == self.pre_test_sent
        self.pre_test_sent = True

    @rule(start=st.integers(0, LENGTH), length=st.integers(0, LENGTH))
    def play(self, start, length):
        at = self.now()
        found = outcome(
            lambda: operations.record_played(
                path=path(self.participation, at=at),
                step_key="recording",
                played=[(start, min(LENGTH, start + length))],
                position_ms=start,
                at=at,
            )
        )
        assert (found is StepLocked) == (not self.pre_test_sent)
        if found is not StepLocked:
            self.content_met |= found.state.part("recording").met_at is not None

    @rule()
    def attest(self):
        at = self.now()
        found = outcome(
            lambda: operations.attest_content(
                path=path(self.participation, at=at), step_key="recording", wording="I did.", at=at
            )
        )
        assert (found is StepLocked) == (not self.pre_test_sent)
        self.content_met |= self.pre_test_sent

    @rule(wrong=st.integers(0, len(ITEMS)))
    def hand_in_the_post_test(self, wrong):
        found = outcome(self.handing_in("post-test", wrong))
        if not (self.pre_test_sent and self.content_met):
            assert found is StepLocked
        elif self.passed:
            assert found is AttemptAlreadySubmitted
        else:
            assert found.score == len(ITEMS) - wrong
            assert found.passed == (found.score >= PASS_MARK)
            self.keep(found)

    @precondition(lambda self: self.pre_test_sent and self.content_met and not self.passed)
    @rule(wrong=st.tuples(st.integers(0, len(ITEMS)), st.integers(0, len(ITEMS))))
    def hand_in_the_same_post_test_twice(self, wrong):
        """From two windows: one counts; the other is its replay, or is told that it came late."""
        at, row = self.now(), self.begun("post-test")
        results = from_two_windows(*(self.submitting(row, "post-test", one, at) for one in wrong))
        counted = [one for one in results if isinstance(one, Attempt)]
        note(f"{wrong}: {results}")
        assert len(counted) == (2 if wrong[0] == wrong[1] else 1)
        assert {one.score for one in counted} <= {len(ITEMS) - one for one in wrong}
        self.keep(counted[0])

    @rule()
    def evaluate(self):
        at = self.now()
        results = from_two_windows(*[lambda: self.evaluating(at)] * 2)
        if self.passed:
            assert [one.evaluated_at is not None for one in results] == [True, True]
        else:
            assert results == [StepLocked, StepLocked]
        self.evaluated |= self.passed

    @rule(amounts=st.tuples(st.sampled_from(AMOUNTS), st.sampled_from(AMOUNTS)))
    def claim(self, amounts):
        """From two windows, of the same amount or of two."""
        at = self.now()
        results = from_two_windows(*(lambda amount=amount: self.claiming(amount, at) for amount in amounts))
        note(f"{amounts}: {results}")
        if not self.evaluated:
            assert set(results) == {ClaimNotAllowed}
            return
        made = [one.amount for one in results if isinstance(one, CreditClaim)]
        if self.claimed is None:
            assert made
            self.claimed = made[0]
        assert set(made) <= {self.claimed}
        assert len(made) == amounts.count(self.claimed)

    @rule()
    def go_on(self):
        """The next thing to do, done well: most learners do nothing else."""
        if not self.pre_test_sent:
            self.hand_in_the_pre_test(2)
        elif not self.content_met:
            self.attest()
        elif not self.passed:
            self.hand_in_the_post_test(0)
        elif not self.evaluated:
            self.evaluate()
        else:
            self.claim(AMOUNTS)

    # --- how it is done -----------------------------------------------------------------------------

    def begun(self, step):
        at = self.now()
        return operations.begin_attempt(path=path(self.participation, at=at), step_key=step, at=at)

    def submitting(self, row, step, wrong, at):
        answers = right_answers(DOCUMENT, step, wrong=wrong)
        return lambda: operations.submit_attempt(
            participation=self.participation, attempt=row.uuid, answers=answers, at=at
        )

    def handing_in(self, step, wrong):
        def act():
            return self.submitting(self.begun(step), step, wrong, self.now())()

        return act

    def evaluating(self, at):
        return operations.submit_evaluation(path=path(self.participation, at=at), answers=EVALUATION, at=at)

    def claiming(self, amount, at):
        return claim_credit(
            learner=self.participation.learner,
            participation=self.participation.uuid,
            designation=DESIGNATION,
            seq=1,
            amount=amount,
            confirmed=confirmed(),
            base_url=BASE_URL,
            at=at,
        )

    def keep(self, attempt):
        self.passed |= bool(attempt.passed)
        self.results[attempt.uuid] = (attempt.score, attempt.passed)

    # --- what holds at every moment -----------------------------------------------------------------

    @invariant()
    def what_was_handed_in_stands(self):
        stored = Attempt.objects.filter(
            participation=self.participation, step_key="post-test", submitted_at__isnull=False
        )
        assert {row.uuid: (row.score, row.passed) for row in stored} == self.results

    @invariant()
    def the_path_says_what_the_model_says(self):
        state = path(self.participation, at=minutes(self.clock)).state
        assert bool(state.test("pre-test").submitted) == self.pre_test_sent
        assert state.test("post-test").passed == self.passed
        assert (state.evaluated_at is not None) == self.evaluated
        met = ContentEvidence.objects.filter(participation=self.participation).exists()
        assert met == self.content_met

    @invariant()
    def credit_exists_once_and_is_what_was_claimed(self):
        claims = CreditClaim.objects.filter(participation=self.participation)
        assert [one.amount for one in claims] == ([] if self.claimed is None else [self.claimed])
        certificates = Certificate.objects.filter(participation=self.participation)
        assert certificates.count() == (self.claimed is not None)

    @invariant()
    def the_audit_chain_holds(self):
        assert broken_entries(reloaded(self.participation)) == ()


def test_whatever_a_learner_does_the_path_follows_the_model():
    run(
        Path,
        settings=settings(
            max_examples=15,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
