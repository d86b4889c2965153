"""What the scripts of the path send, and what they are answered."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from tests.factories.learning import a_learner
from tests.web.path.browsing import address, attest, send_json, submit

from opencme.learning.models import Attempt, Playback

pytestmark = pytest.mark.django_db


@pytest.fixture
def attempt(signed_in, participation):
    signed_in.get(address("step", participation, "pre-test"))
    return Attempt.objects.get()


def save(client, participation, begun, **changes):
    value = {
        "attempt": str(begun.uuid),
        "item": "pre-1",
        "value": ["b"],
        "n": 1,
        "age_ms": 0,
    }
    return send_json(client, "save_answer", participation, "pre-test", **(value | changes))


def test_an_answer_is_saved_and_on_the_page_again(signed_in, participation, attempt):
    answer = save(signed_in, participation, attempt).json()
    assert (answer["item"], answer["value"], answer["n"]) == ("pre-1", ["b"], 1)
    assert answer["saved_at"]
    page = signed_in.get(address("step", participation, "pre-test")).text
    assert 'name="item-pre-1" value="b" checked' in page
    assert 'data-n="1"' in page
    assert "1 of 2 answered" in page
    assert "Saved " in page


def test_a_later_choice_elsewhere_is_answered(signed_in, participation, attempt):
    save(signed_in, participation, attempt, value=["c"], n=1)
    answer = save(signed_in, participation, attempt, value=["a"], n=5, age_ms=60_000).json()
    assert (answer["value"], answer["n"]) == (["c"], 1)


def test_after_submit_a_save_is_409_and_leads_to_the_result(signed_in, participation, attempt):
    submit(signed_in, participation, "pre-test")
    answer = save(signed_in, participation, attempt)
    assert answer.status_code == 409
    assert answer.json() == {
        "message": "This test has been submitted.",
        "location": address("result", participation, "pre-test"),
    }


def test_after_the_window_a_save_is_409_and_leads_to_the_page_that_says_so(
    signed_in, participation, activity, attempt
):
    activity.withdrawn_at = timezone.now()
    activity.save()
    answer = save(signed_in, participation, attempt)
    assert (answer.status_code, answer.json()["code"]) == (409, "withdrawn")
    page = signed_in.get(answer.json()["location"])
    assert page.status_code == 403
    assert "Withdrawn by the provider." in page.text


@pytest.mark.parametrize(
    "changes",
    [
        {"value": ["z"]},
        {"value": ["a", "b"]},
        {"value": "a"},
        {"value": [1]},
        {"item": "post-1"},
        {"item": 7},
        {"attempt": "no uuid"},
        {"n": 2**70},
        {"n": "1"},
        {"age_ms": None},
    ],
)
def test_what_cannot_be_an_answer_is_400(signed_in, participation, attempt, changes):
    assert save(signed_in, participation, attempt, **changes).status_code == 400
    attempt.refresh_from_db()
    assert attempt.answers == {}


@pytest.mark.parametrize("body", ["", "[]", "null", "{", "[" * 100_000, "\xff"])
def test_a_body_that_is_no_object_is_400(signed_in, participation, attempt, body):
    for name, step in (("save_answer", "pre-test"), ("beat", "recording")):
        answer = signed_in.post(address(name, participation, step), body, content_type="application/json")
        assert answer.status_code == 400


def test_a_body_beyond_all_sense_is_400_in_words(signed_in, participation, attempt):
    url = address("save_answer", participation, "pre-test")
    answer = signed_in.post(url, " " * (1024 * 1024 + 1), content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["message"] == "This answer could not be read."


def test_another_learner_saves_nothing(participation, attempt):
    other = Client()
    other.force_login(a_learner())
    assert save(other, participation, attempt).status_code == 404
    assert save(Client(), participation, attempt).status_code == 302
    attempt.refresh_from_db()
    assert attempt.answers == {}


def test_a_save_needs_its_token(learner, participation, attempt):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(learner)
    assert save(strict, participation, attempt).status_code == 403


# --- beats


def beat(client, participation, *stretches, position_ms=0):
    return send_json(
        client, "beat", participation, "recording", played=list(stretches), position_ms=position_ms
    )


@pytest.fixture
def watching(signed_in, participation):
    submit(signed_in, participation, "pre-test")
    return participation


def test_beats_add_up_and_open_the_post_test(signed_in, watching):
    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        first = beat(signed_in, watching, [0, 10_000], position_ms=10_000).json()
        assert first["played"] == [[0, 10_000]]
        assert first["played_text"] == "0:10 of 9:00 played"
        assert first["missing_text"] == "7:29 to go. Jump to what is missing"
        assert first["missing"] == [[10_000, 540_000]]
        assert first["reason"] == "Post-test opens after 7:29 more of the recording."
        assert first["next"]["open"] is False
        clock.shift(timedelta(minutes=5))
        last = beat(signed_in, watching, [0, 459_000], position_ms=459_000).json()
    assert last["next"] == {"open": True, "url": address("step", watching, "post-test")}
    assert (last["missing"], last["missing_text"], last["reason"]) == ([], "", "")
    page = signed_in.get(address("step", watching, "recording")).text
    assert "data-fragment" in page
    assert 'data-resume-ms="459000"' in page


def test_reading_is_counted_apart(signed_in, watching):
    answer = send_json(signed_in, "read_segments", watching, "recording", read=[[0, 20_000]]).json()
    assert (answer["read"], answer["played"]) == ([[0, 20_000]], [])
    assert answer["played_text"] == "0:20 of 9:00 played"


def test_two_devices_report_into_one_union(signed_in, watching, learner):
    other = Client()
    other.force_login(learner)
    beat(signed_in, watching, [0, 10_000])
    answer = beat(other, watching, [5_000, 20_000]).json()
    assert answer["played"] == [[0, 20_000]]
    assert Playback.objects.count() == 1


def test_a_beat_before_the_pre_test_is_refused_in_words(signed_in, participation):
    answer = beat(signed_in, participation, [0, 10_000])
    assert answer.status_code == 409
    assert answer.json()["message"] == "Recording and reading opens when you send the pre-test."
    assert not Playback.objects.exists()


@pytest.mark.parametrize(
    "stretches", [[[0]], [["0", "1"]], [[0, 2**40]], [[0, True]], ["x"], [[0, 1]] * 501, [[None, 1]]]
)
def test_stretches_that_are_none(signed_in, watching, stretches):
    assert beat(signed_in, watching, *stretches).status_code == 400


def test_beats_of_what_is_no_recording_are_not_found(signed_in, watching):
    for step in ("reading", "pre-test", "nowhere"):
        answer = send_json(signed_in, "beat", watching, step, played=[], position_ms=0)
        assert answer.status_code == 404


def test_an_attestation_without_its_tick_counts_nothing(signed_in, watching):
    signed_in.post(address("attest_content", watching, "recording"), {})
    assert signed_in.get(address("step", watching, "post-test")).status_code == 403
    attest(signed_in, watching)
    assert signed_in.get(address("step", watching, "post-test")).status_code == 200
