"""States that the demonstration does not come by: axe finds nothing, nothing scrolls sideways.

Django's test client renders them from the factories; the browser gets that answer, with the real
styles, fonts and scripts, in place of a server's.
"""

import re
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone
from tests.browser.looks import look_at
from tests.credit.test_queries import real_certificate
from tests.factories.credit import certified, certified_participation
from tests.factories.documents import a_document, a_document_of_three_units, a_unit
from tests.factories.learning import (
    AT,
    a_learner,
    another_uuid,
    evaluated,
    passed,
    right_answers,
    started,
    submitted,
)
from tests.factories.pages import a_draft, an_operator, another, offered
from time_machine import travel

from opencme.activities.document import ActivityDocument
from opencme.activities.operations import set_successor, withdraw_activity
from opencme.core.databases.errors import ConnectionLost, StorageFull
from opencme.core.jobs.transitions import fail, plan_recurring, take_next
from opencme.core.models import OutboxMail, Worker
from opencme.core.operations import queue_mail
from opencme.credit.operations import correct_certificate_name, revoke_certificate
from opencme.learning.models import Attempt
from opencme.people.operations import create_confirmed_account, open_account
from opencme.providers.models import Person
from opencme.web.learner.views import errors

pytestmark = pytest.mark.django_db

HOST = "http://localhost"  # which browsers trust without TLS
LONG_NAME = "Maximiliana Konstantinopoulou-Featherstonehaugh"
CLAIMS_OPEN = AT.replace(year=2027, month=12, day=1)
ALL_OVER = AT.replace(year=2028)
PASSWORD = "correct-horse-battery"
STATES = {}


def shows(*phrases):
    """Name a function a state of a page; the answer that it returns must say these phrases."""

    def keep(make):
        STATES[make.__name__] = (make, phrases)
        return make

    return keep


@pytest.fixture(autouse=True)
def _fresh_limits():
    """What is counted here of codes and reports counts in no other test."""
    cache.clear()
    yield
    cache.clear()


@pytest.mark.parametrize("name", STATES)
def test_a_rare_state(page, client, settings, name):
    settings.EMAIL_BACKEND = "opencme.core.mail.OutboxBackend"  # as in an installation
    make, phrases = STATES[name]
    with travel(AT, tick=False) as clock:
        answer = make(client, clock)
    words = " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())
    for phrase in phrases:
        assert phrase in words
    show(page, answer, f"{HOST}/looked-at/")
    look_at(page, f"rare-{name.replace('_', '-')}")


def show(page, answer, address):
    """Let the browser open an answer of the test client, and fetch what that page asks for."""

    def fulfill(route):
        path = urlsplit(route.request.url).path
        static = finders.find(path.removeprefix("/static/")) if path.startswith("/static/") else None
        if route.request.url == address:
            headers = {**answer.headers, "Content-Length": str(len(answer.content))}
            route.fulfill(status=answer.status_code, headers=headers, body=answer.content)
        elif static:
            route.fulfill(path=static)
        else:
            route.fulfill(status=404)

    page.route(f"{HOST}/**", fulfill)
    page.goto(address)


# --- on the way -----------------------------------------------------------------------------------


def visit(client, participation, name="path", *args):
    client.force_login(participation.learner)
    return client.get(reverse(name, args=[participation.uuid, *args]), follow=True)


def begun(document=None):
    participation = started(offered(document))
    submitted(participation, "pre-test")
    return participation


def out_of_attempts():
    once = replace(a_unit().post_test, attempts=1)
    participation = begun(a_document(units=(a_unit(post_test=once),)))
    submitted(participation, "post-test", wrong=4)
    return participation


@shows("That was the last attempt.")
def last_attempt_failed(client, clock):
    return visit(client, out_of_attempts(), "result", "post-test")


@shows("No attempts are left.")
def no_attempts_left(client, clock):
    return visit(client, out_of_attempts())


@shows("Post-test opens when you send the pre-test.")
def locked(client, clock):
    return visit(client, started(offered()), "step", "post-test")


@shows("Withdrawn by the provider.", "A source was retracted.")
def withdrawn_on_the_way(client, clock):
    participation = begun()
    withdraw(participation.activity)
    return visit(client, participation)


def withdraw(activity):
    withdraw_activity(activity=activity, reason="A source was retracted.", withdrawn_by=None, door="t", at=AT)


@shows("Withdrawn by the provider.", "A source was retracted.")
def withdrawn_activity(client, clock):
    activity = offered()
    withdraw(activity)
    return activity_page(client, activity)


def activity_page(client, activity):
    return client.get(reverse("activity", args=[activity.uuid, activity.slug]), follow=True)


@shows("You go on in another participation of yours.")
def superseded(client, clock):
    participation = begun()
    participation.superseded_by = started(participation.activity, a_learner())
    participation.save()
    return visit(client, participation, "step", "recording")


@shows("You are on the version of 22 Nov 2026")
def revised_on_the_way(client, clock):
    participation = begun()
    offered(a_document(title="Quite another title"), at=AT + timedelta(days=1))
    return visit(client, participation)


@shows("You are on the version of 22 Nov 2026")
def revised_seen_from_the_activity(client, clock):
    participation = begun()
    activity = offered(a_document(title="Quite another title"), at=AT + timedelta(days=1))
    client.force_login(participation.learner)
    return activity_page(client, activity)


@shows("Not certified after 21 Nov 2027", "Passed in time? Claim until")
def expired_on_the_way(client, clock):
    participation = begun()
    clock.move_to(CLAIMS_OPEN)
    return visit(client, participation)


@shows("Not certified after 21 Nov 2027")
def expired_recording_to_look_at(client, clock):
    participation = begun()
    clock.move_to(CLAIMS_OPEN)
    return visit(client, participation, "step", "recording")


@shows("Credit could be claimed until 21 Dec 2027")
def evaluation_after_the_claim_window(client, clock):
    participation = passed(started(offered()))
    clock.move_to(ALL_OVER)
    return visit(client, participation, "evaluation")


@shows("Credit could be claimed until 21 Dec 2027")
def claim_after_the_claim_window(client, clock):
    participation = evaluated(passed(started(offered())))
    clock.move_to(ALL_OVER)
    return visit(client, participation, "claim")


@shows("The post-test is not passed yet.")
def claim_before_the_pass(client, clock):
    return visit(client, begun(), "claim")


@shows("Not certified after 21 Nov 2027", "Passed in time? Claim until", "The newer one")
def expired_activity_with_a_successor(client, clock):
    activity, newer = offered(), offered(another(7, title="The newer one"))
    set_successor(activity=activity, successor=newer, set_by=None, door="t", at=AT)
    clock.move_to(CLAIMS_OPEN)
    return activity_page(client, activity)


@shows("Not certified after 21 Nov 2027")
def expired_activity_after_the_claim_window(client, clock):
    activity = offered()
    clock.move_to(ALL_OVER)
    return activity_page(client, activity)


@shows("2 of 2. Passed.", "Go on: Webcast 2")
def units_on_the_way(client, clock):
    participation = started(offered(a_document_of_three_units()))
    submitted(participation, "post-test-1")
    return visit(client, participation, "result", "post-test-1")


@shows("Thank you. Your evaluation is sent.")
def evaluation_sent(client, clock):
    return visit(client, evaluated(passed(started(offered()))), "evaluation")


@shows("This one is still open.")
def evaluation_with_gaps(client, clock):
    participation = passed(started(offered()))
    client.force_login(participation.learner)
    return client.post(reverse("evaluation", args=[participation.uuid]), {"q-met-o1": "4"})


@shows("This test has been submitted.")
def a_test_sent_twice(client, clock):
    participation = begun()
    wrong = right_answers(a_document(), "pre-test", wrong=1)
    answers = {f"item-{key}": value for key, value in wrong.items()}
    attempt = Attempt.objects.get(participation=participation, step_key="pre-test")
    client.force_login(participation.learner)
    return client.post(
        reverse("step", args=[participation.uuid, "pre-test"]), {**answers, "attempt": attempt.uuid}
    )


# --- start, code, signing in ------------------------------------------------------------------------


@shows("The certificate needs a name.")
def start_with_errors(client, clock):
    activity = offered()
    block = re.search(r'name="block" value="([0-9a-f]{64})"', start_page(client, activity).text)[1]
    address = reverse("start", args=[activity.uuid, activity.slug])
    return client.post(address, {"email": "jordan@", "name": "", "profession": "", "block": block})


def start_page(client, activity):
    return client.get(reverse("start", args=[activity.uuid, activity.slug]))


@shows("What you read before you start has changed.")
def start_with_a_changed_block(client, clock):
    activity = offered()
    lines = {"email": "j@hospital.example", "name": LONG_NAME, "profession": "physician", "letters": "MD"}
    address = reverse("start", args=[activity.uuid, activity.slug])
    return client.post(address, {**lines, "block": "0" * 64})


def unconfirmed():
    address = "maximiliana.konstantinopoulou@teaching-hospital.example"
    learner = open_account(address=address, name=LONG_NAME, profession="physician", letters="MD", at=AT)
    return evaluated(passed(started(offered(), learner)))


@shows("6-digit code")
def code_page(client, clock):
    return visit(client, unconfirmed(), "code")


@shows("The code does not match.")
def code_page_with_a_wrong_code(client, clock):
    participation = unconfirmed()
    client.force_login(participation.learner)
    return client.post(reverse("code", args=[participation.uuid]), {"code": "12"})


@shows("This does not look like an address.")
def code_page_with_a_wrong_address(client, clock):
    participation = unconfirmed()
    client.force_login(participation.learner)
    address = reverse("code", args=[participation.uuid])
    return client.post(address, {"action": "correct", "email": "maximiliana@"})


@shows("A certificate needs a name.")
def claim_with_errors(client, clock):
    participation = unconfirmed()
    client.force_login(participation.learner)
    return client.post(reverse("claim", args=[participation.uuid]), {"code": "12", "name": ""})


@shows("are not correct.")
def sign_in_refused(client, clock):
    return client.post(reverse("account_login"), {"login": "no@one.example", "password": "x"})


def asked(client, name):
    create_confirmed_account(address="jordan@hospital.example", name="Jordan", password=PASSWORD, at=AT)
    return client.post(reverse(name), {"email": "jordan@hospital.example"}, follow=True)


@shows("Type the code")
def sign_in_code_to_type(client, clock):
    return asked(client, "account_request_login_code")


@shows("Incorrect code.")
def sign_in_code_refused(client, clock):
    asked(client, "account_request_login_code")
    return client.post(reverse("account_confirm_login_code"), {"code": "000000"})


@shows("Type the code")
def new_password_code_to_type(client, clock):
    return asked(client, "account_reset_password")


def to_the_new_password(client):
    asked(client, "account_reset_password")
    code = re.search(r"\b\d{6}\b", OutboxMail.objects.latest("pk").text)[0]
    return client.post(reverse("account_confirm_password_reset_code"), {"code": code}, follow=True)


@shows("The same once more", "Keep this password")
def new_password(client, clock):
    return to_the_new_password(client)


@shows("This password is too short.")
def new_password_refused(client, clock):
    address = to_the_new_password(client).request["PATH_INFO"]
    return client.post(address, {"password1": "short", "password2": "other"})


@shows("press Start")
def no_sign_up(client, clock):
    return client.get(reverse("account_signup"))


# --- certificates -----------------------------------------------------------------------------------


def verified(client, code):
    return client.get(reverse("verify_code", args=[code]))


def corrected_certificate():
    certificate = real_certificate()
    correct_certificate_name(
        code=certificate.code, name=LONG_NAME, letters="MD", by=None, door="cli", at=AT + timedelta(days=1)
    )
    return certificate


def revoked_certificate(learner=None):
    certificate = real_certificate(learner)
    revoke_certificate(code=certificate.code, reason="claimed twice.", by=None, door="cli", at=AT)
    return certificate


@shows("Valid. Issued 22 Nov 2026")
def verify_valid(client, clock):
    return verified(client, real_certificate().code)


@shows("Valid, corrected.", LONG_NAME)
def verify_corrected(client, clock):
    return verified(client, corrected_certificate().code)


@shows("Revoked.", "Reason given: claimed twice.")
def verify_revoked(client, clock):
    return verified(client, revoked_certificate().code)


@shows("No credit was awarded.")
def verify_participation(client, clock):
    return verified(client, certified_participation().code)


@shows("Valid", "Specimen", "Revoked", "Not found")
def verify_a_pasted_list(client, clock):
    codes = [real_certificate().code, certified().code, corrected_certificate().code]
    codes += [revoked_certificate().code, "7K3M"]
    return client.get(reverse("verify"), {"codes": "\n".join(codes)})


@shows("The provider has revoked this certificate.")
def certificate_revoked(client, clock):
    certificate = revoked_certificate()
    client.force_login(certificate.participation.learner)
    return client.get(reverse("certificate", args=[certificate.uuid]))


@shows("No credit yet.")
def learning_empty(client, clock):
    client.force_login(a_learner())
    return client.get(reverse("learning"))


@shows("To finish", "revoked, counts 0", "AMA PRA Category 1 Credit", "on a specimen, which counts 0")
def learning_with_entries(client, clock):
    learner = a_learner()
    real_certificate(learner)
    revoked_certificate(learner)
    certified(evaluated(passed(started(learner=learner))))
    begun_too = another(8, title="Begun and not finished, with a title that is rather long for its row")
    started(offered(begun_too), learner)
    client.force_login(learner)
    return client.get(reverse("learning"))


# --- reports, drafts, people, errors -----------------------------------------------------------------


def report_page():
    return reverse("report_problem", args=[offered().uuid])


@shows("A sentence is enough, but we need one.", "This does not look like an address.")
def report_with_errors(client, clock):
    return client.post(report_page(), {"kind": "", "text": "", "reply_to": "nobody"})


@shows("Thank you. The office has it.")
def report_sent(client, clock):
    sent = {"kind": "bias", "text": "Slide 3 names one brand only.", "reply_to": ""}
    return client.post(report_page(), sent, follow=True)


@shows("A thin draft", "12 findings stand against publishing.")
def preview_with_findings(client, clock):
    thin = ActivityDocument(uuid=another_uuid(), title="A thin draft", provider="specimen-institute")
    client.force_login(an_operator())
    return client.get(reverse("preview", args=[a_draft(thin).uuid]))


@shows("Nothing stands against publishing.")
def preview_of_a_whole_draft(client, clock):
    client.force_login(an_operator())
    return client.get(reverse("preview", args=[a_draft().uuid]))


@shows("Nobody does this work.", "Nothing waits and nothing runs.")
def jobs_without_a_worker(client, clock):
    client.force_login(an_operator())
    return client.get(reverse("jobs"))


@shows(
    "1 job has failed for good.", "Tried again by themselves", "Try again", "learning.move_held_evaluations"
)
def jobs_that_failed(client, clock):
    Worker.objects.create(name="host:1:abc", started_at=AT, beat_at=timezone.now())
    plan_recurring(at=AT)
    for words, times in (("no such user", 10), ("come back later", 1)):
        queue_mail(key=words, to="ana@example.org", subject="Your code", text="123456", at=AT)
        at = AT
        for _ in range(times):
            at = fail(take_next("mail", worker="one", at=at), ValueError(words), at=at)
    client.force_login(an_operator())
    return client.get(reverse("jobs"))


@shows("Imogen Sample, MD")
def faculty(client, clock):
    offered()
    person = Person.objects.get(key="imogen-sample")
    return client.get(reverse("faculty", args=[person.uuid, person.slug]))


@shows("This page belongs to someone else")
def error_403(client, clock):
    client.force_login(a_learner())
    return client.get(reverse("preview", args=[a_draft().uuid]))


@shows("Please send that once more")
def error_403_without_token(client, clock):
    return errors.csrf_failure(somewhere())


def somewhere():
    return RequestFactory().get("/somewhere/")


@shows("This request did not make sense to us")
def error_400(client, clock):
    return errors.bad_request(somewhere(), PermissionDenied())


@shows("This was already decided")
def error_409(client, clock):
    return errors.conflict(somewhere())


@shows("A little too fast")
def error_429(client, clock):
    return errors.too_many(somewhere())


@shows("Something broke on our side")
def error_500(client, clock):
    return errors.server_error(somewhere())


@shows("Nothing can be saved right now")
def error_503_full_disk(client, clock):
    return errors.database_trouble(RequestFactory().post("/somewhere/"), StorageFull("no room"))


@shows("The database does not answer right now")
def error_503_database_gone(client, clock):
    return errors.database_trouble(somewhere(), ConnectionLost("gone"))


@shows("Certificates cannot be signed right now")
def error_503_unsigned(client, clock):
    return errors.unsigned(somewhere())
