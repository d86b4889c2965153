"""What is played, on a server that merges it in memory."""

import pytest
from django.urls import reverse
from tests.web.path.browsing import address, send_json, submit

from opencme.learning.models import Playback
from opencme.learning.operations import unwritten_beats

STRETCH = [0, 10_000]


@pytest.fixture(autouse=True)
def merging(settings):
    settings.OPENCME_MERGE_BEATS = True
    yield
    unwritten_beats.forget()


@pytest.fixture
def watching(signed_in, participation):
    submit(signed_in, participation, "pre-test")
    return participation


def beat(client, participation, **changes):
    sent = {"played": [STRETCH], "position_ms": 10_000} | changes
    return send_json(client, "beat", participation, "recording", **sent).json()


def test_words_say_what_is_known_and_figures_what_is_written(signed_in, watching):
    answer = beat(signed_in, watching)
    assert (answer["played"], answer["played_text"]) == ([], "0:10 of 9:00 played")
    assert not Playback.objects.exists()
    unwritten_beats.write()
    assert beat(signed_in, watching, played=[])["played"] == [STRETCH]


def test_the_last_beat_before_a_pause_is_written_at_once(signed_in, watching):
    beat(signed_in, watching)
    answer = beat(signed_in, watching, played=[[10_000, 12_000]], last=True)
    assert answer["played"] == [[0, 12_000]]
    assert Playback.objects.get().intervals == [[0, 12_000]]


def test_a_page_of_the_path_shows_what_was_played_a_moment_ago(signed_in, watching):
    beat(signed_in, watching)
    page = signed_in.get(address("step", watching, "recording")).text
    assert "0:10 of 9:00 played" in page
    assert Playback.objects.get().intervals == [STRETCH]


def test_reading_is_merged_too(signed_in, watching):
    answer = send_json(signed_in, "read_segments", watching, "recording", read=[STRETCH]).json()
    assert answer["read"] == []
    unwritten_beats.write()
    assert Playback.objects.get().segments == [STRETCH]


def test_a_submit_has_it_written_first(signed_in, watching):
    beat(signed_in, watching)
    signed_in.post(reverse("step", args=[watching.uuid, "post-test"]), {"attempt": watching.uuid})
    assert Playback.objects.get().intervals == [STRETCH]
