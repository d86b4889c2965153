"""Your account: what one says of oneself, one's sessions, and everything that is kept, as files."""

import csv
import io
import json
import zipfile
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from tests.factories.audit import broken_places
from tests.factories.credit import certified, claimed
from tests.factories.learning import AT, a_learner, evaluated, passed, started

from opencme.core.models import OutboxMail
from opencme.core.operations import queue_mail
from opencme.credit.closing import close_learner
from opencme.learning.operations import keep_plan
from opencme.people.closing import reopen_account
from opencme.people.models import AddressCode
from opencme.people.operations import confirm_address, create_confirmed_account, open_account
from opencme.people.queries import current_qualification, owner_of_address

pytestmark = pytest.mark.django_db

PAGE = reverse("your_account")


@pytest.fixture
def learner():
    return a_learner("Jordan Example")


@pytest.fixture
def signed_in(client, learner):
    client.force_login(learner)
    return client


def archive_of(client):
    answer = client.get(reverse("account_data"))
    assert answer.status_code == 200
    return zipfile.ZipFile(io.BytesIO(answer.content))


def test_nobody_sees_it(client):
    for name in ("your_account", "account_data", "close_account"):
        assert client.get(reverse(name)).status_code == 302


def test_it_shows_what_one_said(signed_in, learner):
    page = signed_in.get(PAGE).content.decode()
    for said in ("Jordan Example", learner.email, 'value="MD"', "Choose a password"):
        assert said in page


def test_saving_changes_what_comes_next_and_nothing_printed(signed_in, learner):
    certificate = certified(evaluated(passed(started(learner=learner))))
    said = {"name": " Jordan  Sample ", "profession": "nurse", "letters": "RN"}
    with time_machine.travel(AT + timedelta(minutes=5)):
        assert signed_in.post(PAGE, said).status_code == 302
    learner.refresh_from_db()
    certificate.refresh_from_db()

    assert learner.name == "Jordan Sample"
    assert (current_qualification(learner).profession, current_qualification(learner).letters) == (
        "nurse",
        "RN",
    )
    assert certificate.printed["name"] == "Jordan Example"
    assert broken_places(learner) == ()
    length = learner.audit_length
    signed_in.post(PAGE, said)
    learner.refresh_from_db()
    assert learner.audit_length == length


def test_a_name_is_needed(signed_in, learner):
    answer = signed_in.post(PAGE, {"name": " ", "profession": "nurse", "letters": ""})
    assert answer.status_code == 422
    assert "The certificate needs a name." in answer.content.decode()


def test_signing_out_everywhere_else(signed_in, learner):
    elsewhere = Client()
    elsewhere.force_login(learner)
    assert elsewhere.get(PAGE).status_code == 200
    assert signed_in.post(PAGE, {"action": "sessions"}).status_code == 302

    assert elsewhere.get(PAGE).status_code == 302
    assert signed_in.get(PAGE).status_code == 200


def mailed_code():
    return OutboxMail.objects.latest("pk").subject[:6]


def test_another_address_is_taken_once_its_code_was_typed(signed_in, learner):
    before = learner.email
    signed_in.post(PAGE, {"action": "address", "new-email": "New@hospital.example"})
    learner.refresh_from_db()
    assert learner.email == before
    assert "We mailed it to new@hospital.example" in signed_in.get(PAGE).content.decode()
    code = mailed_code()
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    assert signed_in.post(PAGE, {"action": "code", "code": wrong}).status_code == 422
    assert signed_in.post(PAGE, {"action": "code", "code": code}).status_code == 302

    learner.refresh_from_db()
    assert learner.email == "new@hospital.example"
    assert (owner_of_address("new@hospital.example"), owner_of_address(before)) == (learner, None)
    assert OutboxMail.objects.latest("pk").to == before
    assert "We mailed it to" not in signed_in.get(PAGE).content.decode()
    assert broken_places(learner) == ()


def test_ones_own_address_is_no_other_one(signed_in, learner):
    sent = {"action": "address", "new-email": learner.email.upper()}
    answer = signed_in.post(PAGE, sent)
    assert answer.status_code == 422
    assert "This is the address of your account already." in answer.content.decode()
    assert not AddressCode.objects.filter(user=learner).exists()


def test_a_wrong_password_is_said_to_be_wrong(signed_in, learner):
    learner.set_password("the-right-one-2026")
    learner.save()
    signed_in.force_login(learner)
    said = {"oldpassword": "another", "password1": "a-new-one-2026", "password2": "a-new-one-2026"}
    answer = signed_in.post(reverse("account_change_password"), said)
    assert "This is not the password of today." in answer.content.decode()


def test_an_address_of_another_account_is_not_taken(signed_in, learner):
    other = a_learner("Somebody Else")
    answer = signed_in.post(PAGE, {"action": "address", "new-email": other.email}, follow=True)
    assert "A code is on its way" in answer.content.decode()
    answer = signed_in.post(PAGE, {"action": "code", "code": mailed_code()})
    assert answer.status_code == 422
    assert "Another account of yours has this address." in answer.content.decode()
    assert owner_of_address(other.email) == other


def test_the_page_of_several_addresses_leads_here(signed_in):
    assert signed_in.get("/accounts/email/").url == PAGE
    assert signed_in.post("/accounts/email/", {"action_add": "", "email": "x@hospital.example"}).url == PAGE


@pytest.mark.parametrize("name", ["account_set_password", "account_change_password"])
def test_a_password_is_chosen_and_changed(signed_in, learner, name):
    said = {"password1": "a-quiet-harbor-7", "password2": "a-quiet-harbor-7"}
    if name == "account_change_password":
        learner.set_password("an-older-harbor-6")
        learner.save()
        signed_in.force_login(learner)
        said["oldpassword"] = "an-older-harbor-6"
    assert "Keep this password" in signed_in.get(reverse(name)).content.decode()
    answer = signed_in.post(reverse(name), said, follow=True)
    assert answer.request["PATH_INFO"] == PAGE
    assert "The new password is kept." in answer.content.decode()
    learner.refresh_from_db()
    assert learner.check_password("a-quiet-harbor-7")


def test_an_unconfirmed_account_is_told_so(client):
    user = open_account(address="x@hospital.example", name="X", profession="nurse", letters="", at=AT)
    client.force_login(user)
    page = client.get(PAGE).content.decode()
    assert "x@hospital.example" in page
    assert "not confirmed yet" in page
    client.post(PAGE, {"action": "address", "new-email": "y@hospital.example"})
    assert OutboxMail.objects.count() == 1


def test_the_archive_holds_everything_and_no_key(signed_in, learner):
    row = evaluated(passed(started(learner=learner)))
    keep_plan(participation=row, text="I will ask first.", ask_in_days=30, at=AT)
    claimed(row)
    other = certified()
    archive = archive_of(signed_in)
    told = json.loads(archive.read("your-data.json"))
    participation = told["participations"][0]

    assert told["accounts"][0]["address"] == learner.email
    assert [test["passed"] for test in participation["tests"]] == [None, True]
    assert participation["tests"][1]["answers"][0]["chosen"]
    assert participation["plans"][0]["text"] == "I will ask first."
    assert participation["claims"][0]["attestation"].startswith("I, Jordan Example")
    assert participation["evaluation_not_yet_set_free"]["answers"]["improve"] == "Shorter."
    assert {event["event"] for event in told["what_happened"]} >= {"account_opened", "credit_claimed"}
    assert told["mail"][0]["to"] == learner.email
    assert len(list(csv.reader(io.StringIO(archive.read("transcript.csv").decode())))) == 2
    (pdf,) = [name for name in archive.namelist() if name.endswith(".pdf")]
    assert archive.read(pdf).startswith(b"%PDF")
    for held in ("is_key", "rationale", "password"):
        assert held not in archive.read("your-data.json").decode().replace("has_password", "")
    assert other.code not in archive.read("your-data.json").decode()


def test_the_archive_tells_no_code(signed_in, learner):
    with time_machine.travel(AT + timedelta(minutes=5)):
        signed_in.post(reverse("close_account"), {"action": "code"})
        told = archive_of(signed_in).read("your-data.json").decode()
    assert json.loads(told)["mail"][0] | {"written_at": "", "sent_at": ""} == {
        "to": learner.email,
        "subject": None,
        "text": None,
        "written_at": "",
        "sent_at": "",
    }
    assert mailed_code() not in told


def test_the_archive_of_an_address_only_typed_tells_no_mail(client):
    owner = a_learner()
    claimed(evaluated(passed(started(learner=owner))))
    stranger = open_account(address=owner.email, name="X", profession="nurse", letters="", at=AT)
    client.force_login(stranger)
    told = archive_of(client).read("your-data.json").decode()
    assert json.loads(told)["mail"] == []
    assert mailed_code() not in told
    assert "Jordan Example" not in told


def test_the_archive_tells_no_mail_of_who_had_the_address_before(client):
    address, later = "desk@hospital.example", AT + timedelta(days=1)
    former = create_confirmed_account(
        address=address, name="Former Holder", password=None, at=AT, profession="physician", letters="MD"
    )
    claimed(evaluated(passed(started(learner=former))))
    close_learner(user=former, base_url="https://cme.example", door="web", at=AT)
    learner = open_account(address=address, name="X", profession="nurse", letters="", at=later)
    confirm_address(user=learner, digits=mailed_code(), at=later)
    # Handed to the mail server late, or written for a certificate of the account that was closed.
    queue_mail(key="closed:late", to=address, subject="Closed", text="The way back", at=later)
    queue_mail(key="revoked:0000-0000-0000-0", to=address, subject="Revoked", text="Former", at=later)
    queue_mail(key=f"address-changed:{learner.uuid}:9", to=address, subject="Changed", text="Yours", at=later)
    client.force_login(learner)
    mail = json.loads(archive_of(client).read("your-data.json"))["mail"]
    assert OutboxMail.objects.filter(to=address, created_at=AT).count() == 2
    assert {one["written_at"] for one in mail} == {later.isoformat()}
    assert [one["text"] for one in mail if one["text"]] == ["Yours"]


def test_the_archive_never_tells_the_way_back_into_an_account(signed_in, learner):
    claimed(evaluated(passed(started(learner=learner))))
    closing = close_learner(user=learner, base_url="https://cme.example", door="web", at=AT)
    reopen_account(closing=closing, door="web", at=AT)
    learner.refresh_from_db()
    signed_in.force_login(learner)
    mail = json.loads(archive_of(signed_in).read("your-data.json"))["mail"]
    assert [bool(one["text"]) for one in mail] == [True, False]


def test_the_archive_of_somebody_new_is_small_and_whole(signed_in):
    assert archive_of(signed_in).namelist() == ["READ-ME.txt", "your-data.json", "transcript.csv"]


def test_an_archive_costs_the_same_queries_for_many_activities(
    signed_in, learner, django_assert_max_num_queries
):
    certified(evaluated(passed(started(learner=learner))))
    archive_of(signed_in)
    with django_assert_max_num_queries(30):
        archive_of(signed_in)


def test_archives_are_limited(signed_in):
    answers = [signed_in.get(reverse("account_data")).status_code for _ in range(7)]
    assert answers == [200] * 6 + [429]
