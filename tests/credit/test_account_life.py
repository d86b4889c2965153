"""Accounts opened, confirmed, closed, opened again, left and purged in any order, against a simple model."""

from datetime import timedelta
from itertools import count

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from tests.credit.test_purging import CREDIT_RECORDS
from tests.factories.credit import claimed
from tests.factories.dumps import places_of
from tests.factories.learning import AT, evaluated, passed, published, started

from opencme.core.keeping.audit import verify_audit
from opencme.core.models import OutboxMail
from opencme.credit.closing import close_learner
from opencme.credit.merging import confirm_learner
from opencme.credit.purging import PurgeReport, purge_due
from opencme.credit.queries import newest_certificate_of, verify_code
from opencme.people.closing import ClosingNotAllowed, reopen_account
from opencme.people.models import User
from opencme.people.operations import open_account
from opencme.people.queries import accounts_of, owner_of_address

_number = count(1)

MONTH, YEAR, KEPT = timedelta(days=30), timedelta(days=365), timedelta(days=366 * 6 + 2)


class Life(RuleBasedStateMachine):
    """One address in the hands of one person, who comes and goes; `self` is also the model."""

    def __init__(self):
        super().__init__()
        self.person = f"Person{next(_number)}X"
        self.address = f"{self.person.lower()}@hospital.example"
        self.activity = published()
        self.clock = AT
        self.typed = []  # accounts not confirmed yet
        self.open = None  # the account that the address signs in to
        self.closings = []  # what was closed and can perhaps be opened again
        self.codes = {}  # certificate code: (its account, when claimed)

    @initialize(claims=st.booleans())
    def begin(self, claims):
        self.start()
        self.confirm()
        if claims:
            self.claim()

    @rule()
    def start(self):
        self.clock += timedelta(hours=13)  # twelve codes a day are mailed at most
        user = open_account(
            address=self.address, name=self.person, profession="physician", letters="MD", at=self.clock
        )
        User.objects.filter(pk=user.pk).update(date_joined=self.clock)
        self.typed.append(user)

    @rule()
    def start_and_confirm(self):
        self.start()
        self.confirm()

    def confirm(self):
        user = self.typed.pop()
        code = OutboxMail.objects.filter(key__startswith=f"code:{user.uuid}").latest("pk").subject[:6]
        confirmed = confirm_learner(user=user, digits=code, at=self.clock)
        assert confirmed.account.pk == (self.open or user).pk
        self.open = confirmed.account

    @precondition(lambda self: self.open and self.clock < AT + 6 * MONTH and not self._has_claimed())
    @rule()
    def claim(self):
        at = self.clock
        row = evaluated(passed(started(self.activity, self.open, at=at), at=at), at=at)
        certificate = newest_certificate_of(claimed(row, name=self.person, at=at))
        self.codes[certificate.code] = (row.learner, at)

    @precondition(lambda self: self.open)
    @rule()
    def close(self):
        self.closings.append(self._closed(self.open))
        assert not any(account.is_active for account in accounts_of(self.open))
        self.open = None

    @precondition(lambda self: self.open)
    @rule()
    def close_and_begin_anew(self):
        self.close()
        self.start_and_confirm()
        self.open_again()

    @precondition(lambda self: self.typed)
    @rule()
    def close_unconfirmed(self):
        self._closed(self.typed.pop())

    @precondition(lambda self: self.closings)
    @rule()
    def open_again(self):
        closing = self.closings[-1]
        late = self.clock >= closing.blank_from
        try:
            user = reopen_account(closing=closing, door="web", at=self.clock)
        except ClosingNotAllowed as refusal:
            (reason,) = refusal.verdict.blocking
            assert reason.code == ("PEO007" if late else "PEO008")
            assert late or self.open
            return
        assert not late
        assert not self.open
        self.closings.pop()
        self.open = user

    @rule(days=st.sampled_from([1, 20, 31]))
    def wait(self, days):
        self.clock += timedelta(days=days)

    @rule(days=st.sampled_from([366, 366 * 7]))
    def wait_long(self, days):
        self.clock += timedelta(days=days)

    @rule()
    def purge(self):
        purge_due(at=self.clock)
        assert purge_due(at=self.clock) == PurgeReport()
        self.typed = [user for user in self.typed if User.objects.get(pk=user.pk).is_active]
        gone = [one for one in self.closings if self.clock >= one.blank_from]
        for closing in gone:
            self.closings.remove(closing)
            for account in accounts_of(closing.user):
                assert (account.name, account.contact_address) == ("", "")

    @invariant()
    def the_address_leads_where_it_should(self):
        owner = owner_of_address(self.address)
        assert owner == self.open

    @invariant()
    def every_certificate_is_verified(self):
        for code, (learner, at) in self.codes.items():
            printed = verify_code(code).printed
            assert printed is not None
            account = User.objects.get(pk=learner.pk)
            if printed.is_removed:
                assert self.clock > at + KEPT - timedelta(days=2)
                assert not account.is_active
            else:
                assert self.person in printed.full_name

    def teardown(self):
        """In the end everybody leaves, and years go by."""
        if self.open:
            self.close()
        self.clock += 2 * YEAR
        purge_due(at=self.clock)
        assert places_of(self.person) <= CREDIT_RECORDS
        purge_due(at=self.clock + KEPT)
        assert places_of(self.person) == set()
        assert verify_audit().broken == ()

    def _closed(self, user):
        return close_learner(user=user, base_url="https://cme.example", door="web", at=self.clock)

    def _has_claimed(self):
        mine = set(accounts_of(self.open).values_list("pk", flat=True))
        return any(learner.pk in mine for learner, _at in self.codes.values())


@pytest.mark.django_db
def test_accounts_come_and_go():
    run_state_machine_as_test(Life, settings=settings(max_examples=15, stateful_step_count=12, deadline=None))
