"""Another secret key: nobody is signed out while the former one is still named, everybody when it is not."""

import re

import pytest
from django.core.cache import cache
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from opencme.core.models import OutboxMail
from opencme.media.links import end_of_address, is_good_address, signature_of
from opencme.people.operations import (
    CodeNotAccepted,
    confirm_address,
    create_confirmed_account,
    open_account,
)
from opencme.web.devices import known_device

ADDRESS, PASSWORD = "jordan@hospital.example", "correct-horse-battery"
NEW = "another-key-for-tests-that-opens-nothing-9876543210"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_was_counted_before(db):
    cache.clear()


@pytest.fixture
def signed_in():
    create_confirmed_account(address=ADDRESS, name="Jordan", password=PASSWORD, at=timezone.now())
    client = Client()
    client.post(reverse("account_login"), {"login": ADDRESS, "password": PASSWORD})
    return client


@pytest.fixture
def change(settings):
    def change_key(*, keep):
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY] if keep else []
        settings.SECRET_KEY = NEW

    return change_key


def account_of(client):
    return client.get(reverse("csrf")).json()["account"]


@pytest.mark.parametrize("keep", [True, False])
def test_a_session_lives_on_while_the_former_key_is_named(signed_in, change, keep):
    assert account_of(signed_in)
    change(keep=keep)
    assert bool(account_of(signed_in)) is keep


@pytest.mark.parametrize("keep", [True, False])
def test_a_code_on_its_way_is_good_while_the_former_key_is_named(change, keep):
    at = timezone.now()
    user = open_account(address=ADDRESS, name="Jordan", profession="physician", letters="MD", at=at)
    digits = re.search(r"\b\d{6}\b", OutboxMail.objects.get().text).group()
    change(keep=keep)
    if keep:
        assert confirm_address(user=user, digits=digits, at=at).account == user
    else:
        with pytest.raises(CodeNotAccepted):
            confirm_address(user=user, digits=digits, at=at)


@pytest.mark.parametrize("keep", [True, False])
def test_a_browser_stays_known_while_the_former_key_is_named(signed_in, change, keep):
    change(keep=keep)
    request = RequestFactory().get("/")
    request.COOKIES = {name: morsel.value for name, morsel in signed_in.cookies.items()}
    assert bool(known_device(request, ADDRESS)) is keep


@pytest.mark.parametrize("keep", [True, False])
def test_a_recording_plays_on_while_the_former_key_is_named(change, keep):
    at = timezone.now()
    until = end_of_address(at)
    signature = signature_of("0" * 64, until=until)
    change(keep=keep)
    assert is_good_address("0" * 64, until=str(until), signature=signature, at=at) is keep
