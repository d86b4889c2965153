"""Several units: the way leads through all of them before the evaluation, and may be cut short."""

import pytest
from django.utils import timezone
from tests.factories.documents import a_document_of_three_units
from tests.factories.learning import a_learner, published, started
from tests.web.path.browsing import address, submit

pytestmark = pytest.mark.django_db


@pytest.fixture
def participation(client):
    participation = started(published(a_document_of_three_units()), a_learner(), at=timezone.now())
    client.force_login(participation.learner)
    return participation


def result_of(client, participation, number):
    return client.get(submit(client, participation, f"post-test-{number}").url).text


def test_a_passed_unit_leads_to_the_next_one(client, participation):
    page = result_of(client, participation, 1)
    assert "Passed." in page
    assert "Go on: Webcast 2" in page
    assert "Submit evaluation" not in page
    assert f'href="{address("evaluation", participation)}">Evaluate and claim what you have passed' in page


def test_the_evaluation_follows_the_last_unit_on_the_same_page(client, participation):
    for number in (1, 2):
        submit(client, participation, f"post-test-{number}")
    page = result_of(client, participation, 3)
    assert "Submit evaluation" in page
    assert "Enough for now?" not in page


def test_one_who_claims_early_is_sent_to_the_evaluation_that_the_claim_waits_for(client, participation):
    submit(client, participation, "post-test-1")
    page = client.get(address("claim", participation)).text
    assert "The evaluation has not been submitted." in page
    assert "Go on: Evaluation" in page
