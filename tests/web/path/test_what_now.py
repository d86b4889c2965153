"""No attempts left, expired, withdrawn, revised, superseded, claimed: each page says what now."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone
from tests.factories.documents import a_document, a_unit
from tests.factories.learning import a_learner, published, started
from tests.web.path.browsing import address, attest, send_json, submit

from opencme.activities.document import PostTest
from opencme.learning import operations
from opencme.learning.models import Attempt, Participation, Playback

pytestmark = pytest.mark.django_db

EVERY_STEP = ("pre-test", "recording", "post-test")


def close(activity, *, days_ago, claim_days=30):
    """The provider had set an earlier end from the start: both the activity's and the revision's."""
    until = timezone.now().date() - timedelta(days=days_ago)
    activity.start_until = activity.complete_until = until
    activity.evaluate_and_claim_until = until + timedelta(days=claim_days)
    activity.save()
    return until


@pytest.fixture
def document(document):
    """Without dates of its own, so that the activity's decide."""
    today = timezone.now().date()
    dates = replace(
        document.dates,
        start_until=today - timedelta(days=400),
        complete_until=today - timedelta(days=400),
        evaluate_and_claim_until=today - timedelta(days=400),
    )
    return replace(document, dates=dates)


@pytest.fixture
def activity(db, document):
    activity = published(document)
    activity.start_until = activity.complete_until = timezone.now().date() + timedelta(days=9)
    activity.evaluate_and_claim_until = activity.complete_until + timedelta(days=30)
    activity.save()
    return activity


def test_locked_steps_say_what_opens_them(signed_in, participation):
    page = signed_in.get(address("step", participation, "post-test"))
    assert page.status_code == 403
    assert "Post-test opens when you send the pre-test." in page.text
    assert f'href="{address("step", participation, "pre-test")}"' in page.text


def test_a_locked_step_is_locked_on_every_route(signed_in, participation):
    attempt = submit(signed_in, participation, "pre-test")
    routes = [
        signed_in.get(address("step", participation, "post-test")),
        signed_in.get(address("step", participation, "post-test") + "?attempt=1"),
        signed_in.get(address("evaluation", participation)),
        signed_in.post(address("evaluation", participation), {"q-met-o1": "5", "q-barrier": "time"}),
    ]
    assert attempt.status_code == 302
    assert [route.status_code for route in routes] == [403] * 4
    forged = signed_in.post(address("step", participation, "post-test"), {"attempt": "x"})
    assert forged.status_code == 404
    assert not Attempt.objects.filter(step_key="post-test").exists()
    assert Participation.objects.get().evaluated_at is None


def test_expired_on_the_way(signed_in, participation, activity):
    submit(signed_in, participation, "pre-test")
    until = close(activity, days_ago=1)
    where = signed_in.get(address("path", participation)).url
    page = signed_in.get(where)
    assert page.status_code == 403
    assert f"Not certified after {until.day} " in page.text
    assert "Passed in time? Claim until" in page.text
    assert "Look at the content" in page.text
    content = signed_in.get(address("step", participation, "recording"))
    assert content.status_code == 200
    assert "data-beat-url" not in content.text
    beat = send_json(signed_in, "beat", participation, "recording", played=[[0, 9000]], position_ms=9000)
    assert beat.json()["review"] is True
    assert not Playback.objects.exists()


def test_passed_in_time_may_still_be_evaluated_and_claimed(signed_in, participation, activity):
    submit(signed_in, participation, "pre-test")
    attest(signed_in, participation)
    submit(signed_in, participation, "post-test")
    close(activity, days_ago=2)
    assert signed_in.get(address("evaluation", participation)).status_code == 200
    answers = {"q-met-o1": "5", "q-barrier": "time"}
    assert signed_in.post(address("evaluation", participation), answers).status_code == 302
    close(activity, days_ago=40)
    assert signed_in.get(address("path", participation)).url == address("claim", participation)
    assert "Claim your credit" in signed_in.get(address("claim", participation)).text


def test_after_the_claim_window_nothing_is_promised_any_more(signed_in, participation, activity):
    submit(signed_in, participation, "pre-test")
    attest(signed_in, participation)
    submit(signed_in, participation, "post-test")
    until = close(activity, days_ago=40)
    last_day = until + timedelta(days=30)
    page = signed_in.get(address("evaluation", participation))
    assert page.status_code == 403
    assert f"Credit could be claimed until {last_day.day} " in page.text
    assert "Passed in time?" not in page.text


def test_a_date_moved_forward_never_cuts_off_and_a_later_one_extends(signed_in, participation, activity):
    close(activity, days_ago=1)
    assert signed_in.get(address("step", participation, "pre-test")).status_code == 403
    activity.complete_until = timezone.now().date() + timedelta(days=1)
    activity.save()
    assert signed_in.get(address("step", participation, "pre-test")).status_code == 200


def test_withdrawn_on_the_way(signed_in, participation, activity):
    submit(signed_in, participation, "pre-test")
    activity.withdrawn_at, activity.withdrawn_reason = timezone.now(), "The evidence has changed."
    activity.save()
    for step in EVERY_STEP[1:]:
        page = signed_in.get(address("step", participation, step))
        assert page.status_code == 403
        assert "Withdrawn by the provider." in page.text
        assert "The evidence has changed." in page.text


def test_revised_on_the_way_keeps_its_own_version(signed_in, participation, document):
    assert "You are on the version of" not in signed_in.get(address("step", participation, "pre-test")).text
    published(replace(document, title="Quite another title"))
    page = signed_in.get(address("step", participation, "pre-test")).text
    assert "You are on the version of 22 Nov 2026; it counts." in page
    assert "Quite another title" not in page


def test_no_attempts_left_shows_the_way_out(client):
    test = PostTest(key="post-test", items=("post-1", "post-2"), minutes=10, pass_mark=2, attempts=1)
    learner = a_learner()
    client.force_login(learner)
    activity = published(a_document(units=(a_unit(post_test=test),)))
    participation = started(activity, learner, at=timezone.now())
    submit(client, participation, "pre-test")
    failed = submit(client, participation, "post-test", wrong=2)
    result = client.get(failed.url).text
    assert "That was the last attempt." in result
    assert "Try again" not in result
    assert str(participation.uuid) in result
    page = client.get(address("step", participation, "post-test") + "?attempt=2")
    assert page.status_code == 403
    assert "No attempts are left." in page.text
    assert "education@specimen.example" in page.text
    operations.grant_attempt(
        participation=participation, step_key="post-test", reason="power cut", at=timezone.now()
    )
    assert "Try again" in client.get(failed.url).text
    assert "4 of 4" not in client.get(failed.url).text
    assert submit(client, participation, "post-test").status_code == 302
    assert "2 of 2. Passed." in client.get(failed.url).text


def test_superseded_leads_to_the_one_that_counts(signed_in, participation, activity):
    other = started(activity, a_learner(), at=timezone.now())
    participation.superseded_by = other
    participation.save()
    page = signed_in.get(address("step", participation, "pre-test"))
    assert page.status_code == 403
    assert f'href="{address("path", other)}"' in page.text


def test_a_preview_says_so_on_every_page(client, activity):
    learner = a_learner()
    client.force_login(learner)
    participation = started(activity, learner, at=timezone.now(), is_preview=True)
    assert (
        "Nothing you do here is reported or counted."
        in client.get(address("step", participation, "pre-test")).text
    )


def test_after_the_evaluation_it_only_says_thanks(signed_in, participation):
    submit(signed_in, participation, "pre-test")
    attest(signed_in, participation)
    passed = submit(signed_in, participation, "post-test")
    answers = {"q-met-o1": "5", "q-barrier": "time"}
    signed_in.post(address("evaluation", participation), answers)
    again = signed_in.post(address("evaluation", participation), {"q-met-o1": "1"})
    assert again.url == address("evaluation", participation)
    page = signed_in.get(again.url).text
    assert "Thank you. Your evaluation is sent." in page
    assert f'data-draft-done="{participation.uuid}"' in page
    result = signed_in.get(passed.url).text
    assert "Submit evaluation" not in result
    assert "Claim your credit" in result


def test_open_questions_of_the_evaluation_are_named(signed_in, participation):
    submit(signed_in, participation, "pre-test")
    attest(signed_in, participation)
    submit(signed_in, participation, "post-test")
    page = signed_in.post(address("evaluation", participation), {"q-met-o1": "5", "q-improve": "More."})
    assert page.status_code == 422
    assert 'href="#row-barrier"' in page.text
    assert "This one is still open." in page.text
    assert "More." in page.text


@pytest.mark.parametrize("step", EVERY_STEP)
def test_pages_of_tests_are_kept_nowhere(signed_in, participation, step):
    answer = signed_in.get(address("step", participation, step))
    assert "no-store" in answer.headers["Cache-Control"]
