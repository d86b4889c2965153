"""Closing an account, opening it again, and blanking it for good."""

import re
import threading
from datetime import UTC, datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.db import connection, transaction
from tests.factories.audit import broken_places

from opencme.core.models import OutboxMail
from opencme.people.closing import (
    ClosingNotAllowed,
    blank_account,
    close_account,
    confirm_closing,
    reopen_account,
    send_closing_code,
)
from opencme.people.models import AddressCode, Closing, Qualification
from opencme.people.operations import (
    CodeNotAccepted,
    confirm_address,
    create_confirmed_account,
    open_account,
)
from opencme.people.queries import owner_of_address

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
BLANK_FROM = AT + timedelta(days=30)
ADDRESS = "jordan@hospital.example"

pytestmark = pytest.mark.django_db


def an_account(address=ADDRESS, **fields):
    return create_confirmed_account(
        address=address, name="Jordan Example", password=None, profession="physician", at=AT, **fields
    )


def closed(user, *, at=AT):
    return close_account(user=user, blank_from=BLANK_FROM, door="web", at=at)


def mailed_code():
    return re.search(r"\b\d{6}\b", OutboxMail.objects.latest("pk").text).group()


def codes(refusal):
    return [reason.code for reason in refusal.value.verdict.blocking]


def test_a_closed_account_is_found_by_no_log_in():
    user = an_account()
    before = user.get_session_auth_hash()
    closing = closed(user)
    user.refresh_from_db()

    assert (user.is_active, user.email, closing.address) == (False, "", ADDRESS)
    assert owner_of_address(ADDRESS) is None
    assert user.get_session_auth_hash() != before
    assert user.name == "Jordan Example"
    assert broken_places(user) == ()


def test_closing_twice_is_closing_once():
    user = an_account()
    assert closed(user) == closed(user, at=AT + timedelta(days=1))
    assert Closing.objects.count() == 1


def test_what_was_merged_into_it_is_closed_with_it():
    known = an_account()
    user = open_account(address=ADDRESS, name="J. Example", profession="physician", letters="MD", at=AT)
    confirm_address(user=user, digits=mailed_code(), at=AT)
    closed(known)

    user.refresh_from_db()
    assert (user.is_active, user.closings.count(), known.closings.count()) == (False, 1, 1)


def test_an_account_merged_since_it_was_read_is_closed_with_the_other():
    known = an_account()
    user = open_account(address=ADDRESS, name="J. Example", profession="physician", letters="MD", at=AT)
    confirm_address(user=user, digits=mailed_code(), at=AT)
    assert user.merged_into is None
    assert closed(user).user == known
    assert user.closings.count() == 1


def test_the_last_operator_stays():
    operator = an_account(is_operator=True)
    with pytest.raises(ClosingNotAllowed) as refusal:
        closed(operator)
    assert codes(refusal) == ["PEO006"]
    an_account("other@hospital.example", is_operator=True)
    assert closed(operator)


def test_an_account_opened_again_is_as_before_but_for_its_sessions():
    user = an_account()
    before = user.get_session_auth_hash()
    closing = closed(user)
    reopened = reopen_account(closing=closing, door="web", at=BLANK_FROM - timedelta(seconds=1))

    assert (reopened.pk, reopened.email, reopened.is_active) == (user.pk, ADDRESS, True)
    assert owner_of_address(ADDRESS) == user
    assert reopened.get_session_auth_hash() != before
    assert Closing.objects.get().address == ""
    assert reopen_account(closing=closing, door="web", at=AT) == user
    assert closed(reopened).pk != closing.pk


def test_it_is_not_opened_again_when_its_day_has_come():
    closing = closed(an_account())
    with pytest.raises(ClosingNotAllowed) as refusal:
        reopen_account(closing=closing, door="web", at=BLANK_FROM)
    assert codes(refusal) == ["PEO007"]


def test_it_is_not_opened_again_beside_a_newer_one():
    closing = closed(an_account())
    newer = an_account()
    with pytest.raises(ClosingNotAllowed) as refusal:
        reopen_account(closing=closing, door="web", at=AT)
    assert codes(refusal) == ["PEO008"]
    assert owner_of_address(ADDRESS) == newer


def test_blanking_leaves_a_row_that_names_nobody():
    user = an_account(letters="MD")
    send_closing_code(user=user, at=AT)
    closing = closed(user)
    blank_account(closing=closing, records_due_at=None, at=BLANK_FROM)

    user.refresh_from_db()
    assert (user.name, user.email, user.is_active, user.has_usable_password()) == ("", "", False, False)
    for model in (AddressCode, Qualification, EmailAddress):
        assert not model.objects.exists()
    assert Closing.objects.get().address == ""
    with pytest.raises(ClosingNotAllowed) as refusal:
        reopen_account(closing=closing, door="web", at=AT)
    assert codes(refusal) == ["PEO007"]


def test_a_closing_asks_for_a_code_of_its_own():
    user = an_account()
    with pytest.raises(CodeNotAccepted, match="No code"):
        confirm_closing(user=user, digits="123456", at=AT)
    send_closing_code(user=user, at=AT)
    code = mailed_code()
    with pytest.raises(CodeNotAccepted, match="does not match"):
        confirm_closing(user=user, digits=f"{(int(code) + 1) % 1_000_000:06d}", at=AT)
    confirm_closing(user=user, digits=code, at=AT)
    with pytest.raises(CodeNotAccepted, match="no longer good"):
        confirm_closing(user=user, digits=code, at=AT)


def test_wrong_codes_are_counted():
    user = an_account()
    send_closing_code(user=user, at=AT)
    wrong = f"{(int(mailed_code()) + 1) % 1_000_000:06d}"
    for _ in range(5):
        with pytest.raises(CodeNotAccepted):
            confirm_closing(user=user, digits=wrong, at=AT)
    with pytest.raises(CodeNotAccepted, match="Five tries"):
        confirm_closing(user=user, digits=mailed_code(), at=AT)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_an_address_confirmed_while_its_account_is_being_closed_goes_to_the_new_one():
    known = an_account()
    user = open_account(address=ADDRESS, name="Jordan Example", profession="physician", letters="MD", at=AT)
    code, found = mailed_code(), []

    def confirm():
        try:
            found.append(confirm_address(user=user, digits=code, at=AT))
        finally:
            connection.close()

    other = threading.Thread(target=confirm)
    with transaction.atomic():
        closed(known)
        other.start()
        other.join(1)  # it waits for this transaction
        assert not found
    other.join(20)
    assert (found[0].account, found[0].merged) == (user, None)
    assert owner_of_address(ADDRESS) == user
