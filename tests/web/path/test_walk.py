"""The path, page by page, as a browser without scripts walks it."""

import pytest
from django.urls import reverse
from tests.factories.learning import a_learner
from tests.web.path.browsing import address, attest, submit

from opencme.learning.models import Attempt, ContentEvidence, HeldEvaluation, Participation, Plan

pytestmark = pytest.mark.django_db


def test_from_the_pre_test_to_the_claim(signed_in, participation):
    at_first = signed_in.get(address("path", participation))
    assert at_first.url == address("step", participation, "pre-test")
    page = signed_in.get(at_first.url)
    assert "Not graded" in page.text
    sent = submit(signed_in, participation, "pre-test")
    onward = sent.url
    assert onward == address("step", participation, "recording")
    assert signed_in.get(address("path", participation)).url == onward
    page = signed_in.get(onward).text
    assert "Thank you." in page
    assert "opens when 7:39 of the recording are played" in page
    attested = attest(signed_in, participation)
    assert attested.url.startswith(onward)
    page = signed_in.get(onward).text
    assert "Submit post-test" in page
    passed = submit(signed_in, participation, "post-test", wrong=1)
    assert passed.url == address("result", participation, "post-test")
    page = signed_in.get(passed.url).text
    assert "3 of 4. Passed." in page
    assert "<span>Open a conversation so that a patient feels believed</span>" in page
    assert "Submit evaluation" in page
    evaluated = signed_in.post(address("evaluation", participation), {"q-met-o1": "5", "q-barrier": "time"})
    assert evaluated.url == address("claim", participation)
    assert HeldEvaluation.objects.get().answers == {"met-o1": 5, "barrier": "time"}
    assert signed_in.get(address("path", participation)).url == address("claim", participation)


def test_a_failed_test_says_what_was_missed_and_tries_again(signed_in, participation):
    submit(signed_in, participation, "pre-test")
    attest(signed_in, participation)
    failed = submit(signed_in, participation, "post-test", wrong=3)
    page = signed_in.get(failed.url).text
    assert "1 of 4. 3 are needed. Nothing is lost." in page
    assert "Chapter 1 (4:30)" in page
    assert "Rationale" not in page
    back = signed_in.get(address("step", participation, "post-test"))
    assert back.url == failed.url
    again = signed_in.get(address("step", participation, "post-test") + "?attempt=2")
    assert "Attempt 2" in again.text
    passed = submit(signed_in, participation, "post-test")
    assert "4 of 4. Passed." in signed_in.get(passed.url).text
    stale = signed_in.get(address("step", participation, "post-test") + "?attempt=2")
    assert stale.url == passed.url
    assert ContentEvidence.objects.filter(kind="attested").count() == 2


def test_gaps_are_listed_and_nothing_is_lost(signed_in, participation):
    url = address("step", participation, "pre-test")
    signed_in.get(url)
    attempt = Attempt.objects.get()
    page = signed_in.post(url, {"attempt": attempt.uuid, "item-pre-2": "b"})
    assert page.status_code == 422
    assert 'href="#item-pre-1"' in page.text
    attempt.refresh_from_db()
    assert attempt.answers["pre-2"]["value"] == ["b"]
    assert attempt.submitted_at is None


def test_submitting_again_shows_the_first_result(signed_in, participation):
    url = address("step", participation, "pre-test")
    signed_in.get(url)
    attempt = Attempt.objects.get()
    data = {"attempt": attempt.uuid, "item-pre-1": "b", "item-pre-2": "b"}
    first = signed_in.post(url, data)
    again = signed_in.post(url, data)
    assert (first.status_code, again.status_code, again.url) == (302, 302, first.url)
    other = signed_in.post(url, data | {"item-pre-1": "a"})
    assert other.status_code == 409
    assert "What was submitted first counts." in other.text
    asked = signed_in.post(url, data | {"item-pre-1": "a"}, headers={"accept": "application/json"})
    assert asked.status_code == 409
    assert asked.json()["location"] == address("result", participation, "pre-test")
    attempt.refresh_from_db()
    assert attempt.score == 2


def test_an_answer_that_no_page_offers_is_400(signed_in, participation):
    url = address("step", participation, "pre-test")
    signed_in.get(url)
    data = {"attempt": Attempt.objects.get().uuid, "item-pre-1": ["a", "b"], "item-pre-2": "b"}
    assert signed_in.post(url, data).status_code == 400
    assert Attempt.objects.get().answers == {}


def test_a_script_is_told_where_to_go(signed_in, participation):
    sent = submit(signed_in, participation, "pre-test", accept="application/json, text/html;q=0.9")
    assert sent.json() == {"location": address("step", participation, "recording")}


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("path", []),
        ("step", ["pre-test"]),
        ("result", ["pre-test"]),
        ("evaluation", []),
        ("plan", []),
    ],
)
def test_another_learner_finds_nothing(client, participation, name, args):
    client.force_login(a_learner())
    assert client.get(address(name, participation, *args)).status_code == 404


@pytest.mark.parametrize(
    ("name", "args"),
    [("path", []), ("step", ["pre-test"]), ("save_answer", ["pre-test"]), ("beat", ["recording"])],
)
def test_nobody_is_asked_to_sign_in(client, participation, name, args):
    url = address(name, participation, *args)
    answer = client.post(url) if name in {"save_answer", "beat"} else client.get(url)
    assert answer.url == f"{reverse('account_login')}?next={url}"


@pytest.mark.parametrize("step", ["nowhere", "unit-1"])
def test_a_step_that_is_not_there(signed_in, participation, step):
    assert signed_in.get(address("step", participation, step)).status_code == 404


def test_a_reading_is_on_the_page_of_its_unit(signed_in, participation):
    answer = signed_in.get(address("step", participation, "reading"))
    assert answer.url == address("step", participation, "recording")


def test_the_plan_is_kept_from_the_result_page(signed_in, participation):
    data = {"will": "ask about sleep", "ask": "60"}
    answer = signed_in.post(address("plan", participation), data)
    assert answer.url == address("plan", participation) + "#plan"
    assert (Plan.objects.get().text, Plan.objects.get().ask_in_days) == ("ask about sleep", 60)
    assert "ask about sleep" in signed_in.get(address("plan", participation)).text
    refused = signed_in.post(address("plan", participation), {"will": "", "ask": "90"})
    assert refused.status_code == 422
    assert 'value="90" checked' in refused.text
    assert Participation.objects.get().evaluated_at is None
