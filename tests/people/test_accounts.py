"""Opening an account at Start, and confirming its address by code."""

import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from tests.factories.audit import broken_places

from opencme.core.models import OutboxMail
from opencme.people.choices import CodePurpose
from opencme.people.closing import send_closing_code
from opencme.people.details import send_code_to_new_address
from opencme.people.operations import (
    CodeNotAccepted,
    CodeNotSent,
    confirm_address,
    correct_address,
    create_confirmed_account,
    open_account,
    send_address_code,
)
from opencme.people.queries import accounts_of, current_qualification, owner_of_address

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
ADDRESS = "jordan@hospital.example"

pytestmark = pytest.mark.django_db


def opened(*, address=ADDRESS, name="Jordan Example", profession="physician", letters="MD", at=AT):
    return open_account(address=address, name=name, profession=profession, letters=letters, at=at)


def mailed_code(address=ADDRESS):
    newest = OutboxMail.objects.filter(to=address).latest("pk")
    return re.search(r"\b\d{6}\b", newest.text).group()


def another_code(code):
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_an_opened_account_is_found_by_no_log_in():
    user = opened()
    assert (user.email, user.unconfirmed_address) == ("", ADDRESS)
    assert not user.has_usable_password()
    assert not EmailAddress.objects.exists()


def test_the_code_is_mailed_and_not_kept():
    user = opened()
    code = mailed_code()
    assert code not in user.address_codes.get().digest


def test_known_and_unknown_addresses_open_alike():
    create_confirmed_account(address=ADDRESS, name="Jordan Example", password=None, at=AT)
    known, unknown = opened(), opened(address="new@hospital.example")
    assert known.is_confirmed == unknown.is_confirmed
    assert OutboxMail.objects.count() == 2


def test_the_right_code_confirms():
    user = opened()
    confirmation = confirm_address(user=user, digits=mailed_code(), at=AT)
    assert confirmation.account == user
    assert confirmation.merged is None
    assert confirmation.account.email == ADDRESS
    assert owner_of_address(ADDRESS) == user
    assert broken_places(confirmation.account) == ()


def test_a_code_may_be_typed_with_a_space():
    user = opened()
    code = mailed_code()
    assert confirm_address(user=user, digits=f" {code[:3]} {code[3:]}", at=AT).account == user


def test_five_wrong_tries_end_a_code():
    user = opened()
    code = mailed_code()
    left = []
    for _ in range(5):
        with pytest.raises(CodeNotAccepted) as refusal:
            confirm_address(user=user, digits=another_code(code), at=AT)
        left.append(refusal.value.tries_left)
    assert left == [4, 3, 2, 1, 0]
    with pytest.raises(CodeNotAccepted, match="new code"):
        confirm_address(user=user, digits=code, at=AT)


def test_a_code_is_good_for_a_day():
    user = opened()
    with pytest.raises(CodeNotAccepted, match="no longer good"):
        confirm_address(user=user, digits=mailed_code(), at=AT + timedelta(hours=24, seconds=1))


def test_a_newer_code_voids_the_older_one():
    user = opened()
    older = mailed_code()
    send_address_code(user=user, at=AT + timedelta(minutes=2))
    if mailed_code() != older:
        with pytest.raises(CodeNotAccepted):
            confirm_address(user=user, digits=older, at=AT + timedelta(minutes=3))


def test_a_pause_lies_between_two_codes():
    user = opened()
    with pytest.raises(CodeNotSent, match="Wait 31 seconds"):
        send_address_code(user=user, at=AT + timedelta(seconds=30))
    send_address_code(user=user, at=AT + timedelta(seconds=60))


def test_an_account_gets_five_codes_an_hour_and_twelve_a_day():
    user = opened()
    for minute in range(2, 9):
        with suppress(CodeNotSent):
            send_address_code(user=user, at=AT + timedelta(minutes=minute))
    assert OutboxMail.objects.filter(to=ADDRESS).count() == 5
    for hour in range(1, 24):
        with suppress(CodeNotSent):
            send_address_code(user=user, at=AT + timedelta(hours=hour, minutes=5))
    assert OutboxMail.objects.filter(to=ADDRESS).count() == 12


def test_whoever_types_an_address_again_and_again_keeps_its_owner_waiting_for_no_code():
    for minute in range(20):
        opened(at=AT + timedelta(minutes=minute))
    owner = opened(at=AT + timedelta(minutes=20))
    assert confirm_address(user=owner, digits=mailed_code(), at=AT + timedelta(minutes=21)).account == owner


def test_an_address_gets_eighty_mails_a_day_and_start_still_lets_in():
    for minute in range(85):
        assert opened(at=AT + timedelta(minutes=minute)).pk
    assert OutboxMail.objects.filter(to=ADDRESS).count() == 80
    opened(at=AT + timedelta(days=1))
    assert OutboxMail.objects.filter(to=ADDRESS).count() == 81


def test_whoever_types_an_address_keeps_its_owner_neither_from_closing_nor_from_changing():
    owner = create_confirmed_account(address=ADDRESS, name="Jordan Example", password=None, at=AT)
    newly = create_confirmed_account(address="old@hospital.example", name="Robin", password=None, at=AT)
    for minute in range(85):
        opened(at=AT + timedelta(minutes=minute))
    later = AT + timedelta(minutes=90)
    assert send_closing_code(user=owner, at=later).purpose == CodePurpose.CLOSE
    assert send_code_to_new_address(user=newly, address=ADDRESS, at=later).purpose == CodePurpose.CHANGE


def test_an_address_gets_forty_codes_a_day_of_those_who_want_it_for_theirs():
    for number in range(4):
        one = create_confirmed_account(address=f"{number}@elsewhere.example", name="", password=None, at=AT)
        for hour in range(12):
            with suppress(CodeNotSent):
                send_code_to_new_address(user=one, address=ADDRESS, at=AT + timedelta(hours=hour))
    assert OutboxMail.objects.filter(to=ADDRESS).count() == 40


def test_a_wrong_address_can_be_corrected():
    user = opened(address="jrodan@hospital.example")
    correct_address(user=user, address=ADDRESS, at=AT + timedelta(seconds=5))
    user.refresh_from_db()
    assert user.unconfirmed_address == ADDRESS
    assert confirm_address(user=user, digits=mailed_code(), at=AT + timedelta(minutes=1)).account == user


def test_a_code_asked_for_while_the_address_is_corrected_goes_to_the_new_address():
    """Two requests at once: one read the account before the other corrected its address."""
    known = create_confirmed_account(address=ADDRESS, name="Jordan Example", password=None, at=AT)
    intruder = opened(address="intruder@elsewhere.example")
    read_before = type(intruder).objects.get(pk=intruder.pk)
    correct_address(user=intruder, address=ADDRESS, at=AT + timedelta(minutes=2))
    with pytest.raises(CodeNotSent):
        send_address_code(user=read_before, at=AT + timedelta(minutes=2, seconds=1))
    assert OutboxMail.objects.filter(to="intruder@elsewhere.example").count() == 1
    assert set(accounts_of(known)) == {known}


def test_no_code_is_mailed_for_an_address_that_was_confirmed_meanwhile():
    user = opened()
    read_before = type(user).objects.get(pk=user.pk)
    confirm_address(user=user, digits=mailed_code(), at=AT)
    with pytest.raises(CodeNotAccepted, match="confirmed already"):
        send_address_code(user=read_before, at=AT + timedelta(minutes=2))


def test_a_code_mailed_to_one_address_does_not_confirm_another():
    create_confirmed_account(address=ADDRESS, name="Jordan Example", password=None, at=AT)
    intruder = opened(address="intruder@elsewhere.example")
    type(intruder).objects.filter(pk=intruder.pk).update(unconfirmed_address=ADDRESS)
    with pytest.raises(CodeNotAccepted):
        confirm_address(user=intruder, digits=mailed_code("intruder@elsewhere.example"), at=AT)


def test_the_code_of_a_known_address_leads_into_the_known_account():
    known = create_confirmed_account(
        address=ADDRESS, name="Jordan Example", password=None, at=AT, profession="nurse", letters="RN"
    )
    user = opened(at=AT + timedelta(days=1))
    confirmation = confirm_address(user=user, digits=mailed_code(), at=AT + timedelta(days=1))
    assert confirmation.account == known
    assert confirmation.merged == user
    assert set(accounts_of(known)) == {known, user}
    assert current_qualification(known).letters == "MD"
    assert known.qualifications.count() == 2


def test_a_stranger_cannot_enter_with_an_address_alone():
    create_confirmed_account(address=ADDRESS, name="Jordan Example", password=None, at=AT)
    stranger = opened()
    with pytest.raises(CodeNotAccepted):
        confirm_address(user=stranger, digits=another_code(mailed_code()), at=AT)
    stranger.refresh_from_db()
    assert stranger.merged_into is None
