"""The content step: the recording's text, its chapters and slides, and where one goes on."""

import itertools
import re

import pytest
from tests.factories.documents import a_document, a_recording, a_unit
from tests.web.path.browsing import address, submit

from opencme.activities.document import Cue, Slide
from opencme.web.learner.content_page import segments_of

pytestmark = pytest.mark.django_db

CUES = tuple(
    Cue(starts_at=second + 0.2, ends_at=second + 5.0, text=f"Sentence at {second}.")
    for second in range(0, 540, 5)
)


@pytest.fixture
def document():
    recording = a_recording(
        demanded_percent=85,
        cues=CUES,
        slides=(Slide(at=0, title="First slide"), Slide(at=90, title="Second slide")),
    )
    return a_document(units=(a_unit(recordings=(recording,)),))


@pytest.fixture
def page(signed_in, participation):
    submit(signed_in, participation, "pre-test")
    return lambda query="": signed_in.get(address("step", participation, "recording") + query).text


def stretches(html):
    found = re.findall(r'data-segment data-start-ms="(\d+)" data-end-ms="(\d+)"', html)
    return [(int(start), int(end)) for start, end in found]


def test_the_text_covers_the_whole_recording_without_gap_or_overlap(page):
    found = stretches(page())
    assert found[0][0] == 0
    assert found[-1][1] == 540_000
    assert all(before[1] == after[0] for before, after in itertools.pairwise(found))
    assert 15 <= len(found) <= 40


def test_every_caption_is_in_the_text_once(page):
    html = page()
    assert [html.count(f"Sentence at {second}.") for second in range(0, 540, 5)] == [1] * 108


def test_paragraphs_begin_with_their_chapter(page):
    html = page()
    listening, planning = html.split("1. Listening")[1].split("2. Planning")
    assert 'data-segment data-start-ms="270000"' in planning
    assert 'data-segment data-start-ms="270000"' not in listening
    assert (
        'data-chapters="[[0, 270000, &quot;Listening&quot;], [270000, 540000, &quot;Planning&quot;]]"' in html
    )


def test_a_recording_without_captions_has_no_paragraph():
    assert list(segments_of((), starts=[0], length_ms=1000)) == []


def test_slides_lead_into_the_recording(page):
    html = page()
    assert "Second slide" in html
    assert 'data-seek-ms="90000"' in html


@pytest.mark.parametrize(
    ("query", "resume"),
    [
        ("", 0),
        ("?at=270", 270_000),
        ("?at=99999", 540_000),
        ("?at=-1", 0),
        ("?at=x", 0),
        ("?at=" + "9" * 400, 540_000),
    ],
)
def test_a_link_to_a_chapter_begins_there(page, query, resume):
    assert f'data-resume-ms="{resume}"' in page(query)


def test_it_plays_without_scripts_and_offers_the_attested_route(page):
    html = page()
    assert "<video" in html
    assert " controls" in html
    assert "I completed this another way" in html
    assert re.search(r'src="/media/[0-9a-f]{64}/talk.mp4\?until=\d+&amp;key=', html)


def test_nothing_inline_that_the_policy_would_refuse(page):
    html = page()
    assert "style=" not in html
    assert not re.search(r"<script(?![^>]*src=)", html)
    assert not re.search(r"\son[a-z]+=", html)
