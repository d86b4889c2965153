"""Every address of the installation, asked for by everyone: who gets what.

A new address fails here until somebody has decided who may see it.
"""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.apps import apps
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse
from django.utils import timezone
from tests.factories.documents import DESIGNATION, a_document
from tests.factories.learning import a_learner, published, right_answers

from opencme.activities.models import Series
from opencme.activities.operations import save_draft
from opencme.credit.models import Certificate
from opencme.credit.operations import Confirmed, claim_credit
from opencme.learning import operations
from opencme.learning.queries import participation_of, path_of
from opencme.providers.models import Person

# What is asked for, and what nobody, the owner, another learner and an operator get. 302 is the way to the
# log-in for nobody, and a redirect to where one belongs for the others; 404 hides that something exists.
PAGES = {
    # Open to the world
    "catalogue": (200, 200, 200, 200),
    "activity": (200, 200, 200, 200),
    "start": (200, 200, 200, 200),
    "report_problem": (200, 200, 200, 200),
    "series": (200, 200, 200, 200),
    "faculty": (200, 200, 200, 200),
    "verify": (200, 200, 200, 200),
    "verify_code": (200, 200, 200, 200),
    "accessibility": (200, 200, 200, 200),
    "privacy": (200, 200, 200, 200),
    "help": (200, 200, 200, 200),
    "style": (200, 200, 200, 200),
    "sitemap": (200, 200, 200, 200),
    "robots": (200, 200, 200, 200),
    "csrf": (200, 200, 200, 200),
    # A learner's own
    "path": (302, 302, 404, 404),
    "step": (302, 302, 404, 404),
    "result": (302, 200, 404, 404),
    "evaluation": (302, 200, 404, 404),
    "plan": (302, 200, 404, 404),
    "claim": (302, 302, 404, 404),
    "code": (302, 302, 404, 404),
    "certificate": (302, 200, 404, 404),
    "certificate_pdf": (302, 200, 404, 404),
    "learning": (302, 200, 200, 200),
    "transcript_csv": (302, 200, 200, 200),
    # One's own account
    "your_account": (302, 200, 200, 200),
    "account_data": (302, 200, 200, 200),
    "close_account": (302, 200, 200, 200),
    "account_closed": (200, 200, 200, 200),
    "account_blanked": (200, 200, 200, 200),
    "open_again": (404, 404, 404, 404),
    # Sent to, never looked at
    "save_answer": (302, 405, 405, 405),
    "beat": (302, 405, 405, 405),
    "read_segments": (302, 405, 405, 405),
    "attest_content": (302, 405, 405, 405),
    # By signed address only
    "media": (404, 404, 404, 404),
    # Operators
    "preview": (302, 403, 403, 200),
    "jobs": (302, 403, 403, 200),
    "retry_all_jobs": (302, 403, 403, 405),
    "retry_job": (302, 403, 403, 405),
    "discard_job": (302, 403, 403, 405),
    # The demonstration's
    "mail": (404, 404, 404, 404),
    # Accounts, of people who have no password yet
    "account_login": (200, 302, 302, 302),
    "account_logout": (302, 200, 200, 200),
    "account_inactive": (200, 200, 200, 200),
    "account_signup": (200, 302, 302, 302),
    "account_reauthenticate": (302, 403, 403, 403),
    "account_email": (302, 302, 302, 302),
    "account_email_verification_sent": (302, 302, 302, 302),
    "account_change_password": (302, 302, 302, 302),
    "account_set_password": (302, 200, 200, 200),
    "account_reset_password": (200, 200, 200, 200),
    "account_confirm_password_reset_code": (302, 302, 302, 302),
    "account_complete_password_reset": (302, 302, 302, 302),
    "account_password_reset_completed": (200, 200, 200, 200),
    "account_request_login_code": (200, 302, 302, 302),
    "account_confirm_login_code": (302, 302, 302, 302),
}

ROLES = ("nobody", "owner", "another", "operator")


def build():
    now = timezone.now()
    begun = now - timedelta(hours=2)
    activity = published(a_document(), at=begun)
    owner = a_learner("Olive Owner")
    participation = walked(owner, activity, begun)
    certificate = Certificate.objects.get()
    series = Series.objects.create(provider=activity.provider, slug="series", title="Series", updated_at=now)
    person = Person.objects.create(
        provider=activity.provider,
        key="imogen-sample",
        slug="imogen-sample",
        printed_json={"key": "imogen-sample", "name": "Imogen Sample", "roles": ["faculty"]},
        updated_at=now,
    )
    draft = save_draft(provider=activity.provider, document=a_document(), saved_by=None, at=now)
    of_activity = {"uuid": activity.uuid, "slug": activity.slug}
    of_step = {"participation": participation.uuid, "key": "post-test"}
    of_certificate = {"uuid": certificate.uuid}
    arguments = {
        "activity": of_activity,
        "start": of_activity,
        "report_problem": {"uuid": activity.uuid},
        "series": {"uuid": series.uuid, "slug": series.slug},
        "faculty": {"uuid": person.uuid, "slug": person.slug},
        "verify_code": {"code": certificate.code},
        "path": {"participation": participation.uuid},
        "step": of_step,
        "result": of_step,
        "save_answer": of_step,
        "beat": of_step | {"key": "recording"},
        "read_segments": of_step | {"key": "recording"},
        "attest_content": of_step | {"key": "recording"},
        "evaluation": {"participation": participation.uuid},
        "plan": {"participation": participation.uuid},
        "claim": {"participation": participation.uuid},
        "code": {"participation": participation.uuid},
        "certificate": of_certificate,
        "certificate_pdf": of_certificate,
        "open_again": {"token": "no-such-token"},
        "preview": {"uuid": draft.uuid},
        "retry_job": {"job": draft.uuid},
        "discard_job": {"job": draft.uuid},
        "media": {"sha256": "0" * 64, "name": "talk.mp4"},
    }
    people = {"owner": owner, "another": a_learner("Anna Other")}
    people["operator"] = a_learner("Otto Operator", is_operator=True)
    browsers = {"nobody": Client()} | {role: signed_in(person) for role, person in people.items()}
    return browsers, arguments


def walked(learner, activity, begun):
    """The learner's participation, from the start to the claim."""
    made = operations.start_participation(
        learner=learner, activity=activity, shown_block_sha256="0" * 64, at=begun
    )

    def path(at):
        return path_of(participation_of(learner, made.uuid), at=at)

    def hand_in(step, at):
        attempt = operations.begin_attempt(path=path(at), step_key=step, at=at)
        answers = right_answers(path(at).document, step)
        operations.submit_attempt(participation=made, attempt=attempt.uuid, answers=answers, at=at)

    hand_in("pre-test", begun + timedelta(minutes=5))
    hand_in("post-test", begun + timedelta(minutes=60))
    at = begun + timedelta(minutes=70)
    operations.submit_evaluation(path=path(at), answers={"met-o1": "5", "barrier": "time"}, at=at)
    claim_credit(
        learner=learner,
        participation=made.uuid,
        designation=DESIGNATION,
        seq=1,
        amount=Decimal("0.5"),
        confirmed=Confirmed(name="Olive Owner"),
        base_url="http://testserver",
        at=at,
    )
    return made


def signed_in(person):
    browser = Client()
    browser.force_login(person)
    return browser


def names(resolver=None):
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            yield from names(pattern)
        else:
            yield pattern.name


def test_every_address_is_in_the_table():
    assert set(names()) == set(PAGES)


@pytest.mark.django_db
def test_everyone_gets_what_they_may():
    browsers, arguments = build()
    got = {}
    for name in PAGES:
        address = reverse(name, kwargs=arguments.get(name))
        got[name] = tuple(browsers[role].get(address).status_code for role in ROLES)
    assert {name: got[name] for name in PAGES if got[name] != PAGES[name]} == {}


OWN = (
    "step",
    "result",
    "save_answer",
    "beat",
    "read_segments",
    "attest_content",
    "evaluation",
    "plan",
    "claim",
    "code",
    "certificate",
)


@pytest.mark.django_db
def test_nobody_writes_into_what_is_not_theirs():
    others = ("nobody", "another", "operator")
    browsers, arguments = build()
    before = everything()
    got = {}
    for name in OWN:
        address = reverse(name, kwargs=arguments[name])
        got[name] = tuple(browsers[role].post(address).status_code for role in others)
    # 400 and 405 come before anything is looked up
    assert set(got.values()) <= {(302, 404, 404), (302, 405, 405), (302, 400, 400)}
    assert everything() == before


def everything():
    """How many rows each table of ours has."""
    return {
        model._meta.label: model._base_manager.count()
        for model in apps.get_models()
        if model.__module__.startswith("opencme.")
    }
