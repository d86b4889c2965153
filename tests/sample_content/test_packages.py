"""The demonstration's packages: what they promise about times, words, items, captions and files."""

import json
import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from opencme.activities.document import canonical_json, stripped
from opencme.interchange.package.read import read_package
from opencme.interchange.queries import check_alone
from opencme.sample_content.media_source.narration import FOLDER, NOTICE, read_narration
from opencme.sample_content.operations import DRAFTS, PACKAGES, PUBLISHED, SERIES

WRITTEN_AT = datetime(2026, 11, 22, 15, tzinfo=UTC)
READ = {name: read_package(PACKAGES / name) for name in (*PUBLISHED, *DRAFTS, *SERIES)}
ACTIVITIES = {name: READ[name].made for name in (*PUBLISHED, *DRAFTS)}
CONVERSATION = ACTIVITIES["biopsychosocial-conversation"]
WEBCASTS = ACTIVITIES["behavioral-medicine"]
SPOKEN = [read_narration(path) for path in sorted(FOLDER.glob("*.toml"))]
MEDIA = [path for path in PACKAGES.rglob("media/*") if path.is_file()]

# Words that judge a person, or that belong to another kind of activity.
NEVER = (
    r"addicts?\b",
    "narcotic",
    "catastrophiz",
    "failed therapy",
    "compliant",
    "dea-approved",
    "mme",
    "urine test",
    "clean urine",
    "dirty urine",
)


def recordings_of(document):
    return [recording for unit in document.units for recording in unit.recordings]


def spoken(narration):
    return [utterance for slide in narration.slides for utterance in slide.says]


def recording_of(narration):
    return next(r for r in recordings_of(ACTIVITIES[narration.package]) if r.key == narration.step)


def words(text):
    return len(text.split())


@pytest.mark.parametrize("name", PUBLISHED)
def test_nothing_stands_against_publication(name):
    checked = check_alone(READ[name], at=WRITTEN_AT)
    assert [(reason.code, reason.sentence) for reason in checked.blocking] == []


@pytest.mark.parametrize("name", READ)
def test_no_file_of_a_package_is_left_unused(name):
    assert READ[name].notes == ()


@pytest.mark.parametrize("name", DRAFTS)
def test_the_draft_has_at_least_eight_findings(name):
    rules = {reason.code for reason in check_alone(READ[name], at=WRITTEN_AT).blocking}
    assert len(rules) >= 8


def test_the_conversation_takes_half_an_hour():
    (unit,) = CONVERSATION.units
    assert [(step.kind.value, step.minutes) for step in unit.steps] == [
        ("pre_test", 5),
        ("recording", 9),
        ("reading", 6),
        ("post_test", 10),
    ]
    assert Decimal(CONVERSATION.minutes) / 60 == CONVERSATION.designations[0].maximum == Decimal("0.5")
    assert (unit.post_test.pass_mark, len(unit.post_test.items)) == (7, 10)


def test_each_webcast_takes_a_quarter_of_an_hour_and_earns_a_third():
    for unit in WEBCASTS.units:
        assert [step.minutes for step in unit.steps] == [5, 5, 5]
        assert [share.amount for share in unit.shares] == [Decimal("0.25")]
        assert (unit.post_test.pass_mark, len(unit.post_test.items)) == (4, 5)
        assert unit.pre_test is None
    assert WEBCASTS.designations[0].maximum == Decimal("0.75")


def test_texts_are_as_long_as_their_minutes():
    (reading,) = CONVERSATION.units[0].readings
    assert 1150 <= words(reading.text) <= 1400
    for unit in WEBCASTS.units:
        assert 900 <= words(unit.readings[0].text) <= 1150
    assert 900 <= words(ACTIVITIES["sleep-and-pain"].units[0].readings[0].text) <= 1300


@pytest.mark.parametrize("narration", SPOKEN, ids=lambda one: f"{one.package}-{one.step}")
def test_a_recording_is_as_long_as_it_says_and_spoken_at_an_easy_pace(narration):
    recording = recording_of(narration)
    assert recording.seconds == narration.seconds
    assert abs(recording.seconds - recording.minutes * 60) <= 30
    assert 105 <= narration.words / narration.seconds * 60 <= 145


@pytest.mark.parametrize("narration", SPOKEN, ids=lambda one: f"{one.package}-{one.step}")
def test_captions_say_what_is_spoken_one_after_the_other(narration):
    recording = recording_of(narration)
    assert [cue.text for cue in recording.cues] == [utterance.caption for utterance in spoken(narration)]
    for earlier, later in zip(recording.cues, recording.cues[1:], strict=False):
        assert earlier.starts_at < earlier.ends_at <= later.starts_at
    assert recording.cues[-1].ends_at <= recording.seconds


@pytest.mark.parametrize("narration", SPOKEN, ids=lambda one: f"{one.package}-{one.step}")
def test_chapters_and_slides_follow_the_narration(narration):
    recording = recording_of(narration)
    assert [chapter.title for chapter in recording.chapters] == [c.title for c in narration.chapters]
    assert [slide.title for slide in recording.slides] == [slide.title for slide in narration.slides]
    assert [slide.text for slide in recording.slides] == [slide.markdown for slide in narration.slides]
    told = [slide.picture.alternative_text for slide in recording.slides]
    assert told == [slide.alternative_text for slide in narration.slides]
    for starts in ([c.starts_at for c in recording.chapters], [slide.at for slide in recording.slides]):
        assert starts[0] == 0
        assert starts == sorted(set(starts))
        assert starts[-1] < recording.seconds


@pytest.mark.parametrize("narration", SPOKEN, ids=lambda one: f"{one.package}-{one.step}")
def test_the_first_and_the_last_slide_carry_the_notice(narration):
    assert narration.slides[0].kind == narration.slides[-1].kind == "notice"
    assert "not reviewed by a clinician" in NOTICE
    assert "No credit" in NOTICE


@pytest.mark.parametrize("name", ACTIVITIES)
def test_items_have_one_defensible_key(name):
    for item in ACTIVITIES[name].items:
        if item.kind.value == "multiple":
            assert 2 <= len(item.keys) < len(item.options), item.key
        else:
            assert len(item.keys) == 1, item.key
        assert len({option.text for option in item.options}) == len(item.options), item.key


@pytest.mark.parametrize("name", PUBLISHED)
def test_items_teach_afterwards_why(name):
    document = ACTIVITIES[name]
    sources = {reference.key for reference in document.references}
    for item in document.items:
        assert words(item.rationale) >= 15, item.key
        assert item.references, item.key
        assert set(item.references) <= sources


@pytest.mark.parametrize("name", ["biopsychosocial-conversation", "behavioral-medicine", "sleep-and-pain"])
def test_items_lead_back_to_a_chapter(name):
    document = ACTIVITIES[name]
    chapters = {chapter.title for recording in recordings_of(document) for chapter in recording.chapters}
    assert {item.chapter for item in document.items} <= chapters


@pytest.mark.parametrize("name", ["biopsychosocial-conversation", "behavioral-medicine", "sleep-and-pain"])
def test_every_objective_is_asked_about_in_a_post_test(name):
    document = ACTIVITIES[name]
    asked = [document.item_of[key] for unit in document.units for key in unit.post_test.items]
    covered = {objective for item in asked for objective in item.objectives}
    assert covered == {objective.key for objective in document.objectives}


def test_the_pre_test_has_its_twins_in_the_post_test():
    (unit,) = CONVERSATION.units
    items = CONVERSATION.item_of
    assert len(unit.pre_test.items) == 5
    for key in unit.pre_test.items:
        twin = items[items[key].twin]
        assert twin.twin == key
        assert twin.key in unit.post_test.items
        assert (twin.kind, twin.objectives) == (items[key].kind, items[key].objectives)
        assert twin.stem != items[key].stem


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_longest_answer_does_not_give_the_key_away(name):
    items = [item for item in ACTIVITIES[name].items if item.kind.value == "single"]
    longest = sum(max(item.options, key=lambda option: len(option.text)).is_key for item in items)
    assert longest <= len(items) * 0.6


def test_keys_stand_in_every_place():
    """Options are shuffled for a learner, but the printed order should not be a pattern either."""
    items = [
        item for document in ACTIVITIES.values() for item in document.items if item.kind.value == "single"
    ]
    places = [next(n for n, option in enumerate(item.options) if option.is_key) for item in items]
    assert min(places.count(place) for place in range(4)) >= len(items) // 8


def test_the_evaluation_is_nine_rows_a_choice_and_two_texts():
    kinds = [question.kind.value for question in CONVERSATION.evaluation.questions]
    assert (kinds.count("rating"), kinds.count("choice"), kinds.count("text")) == (9, 1, 2)
    assert not any(q.required for q in CONVERSATION.evaluation.questions if q.kind.value == "text")
    measures = [question.measure.value for question in CONVERSATION.evaluation.questions]
    assert {"confidence_before", "confidence_now", "barrier", "balanced"} <= set(measures)


@pytest.mark.parametrize("name", ACTIVITIES)
def test_numbers_of_sources_in_the_texts_exist(name):
    document = ACTIVITIES[name]
    texts = [document.abstract, *(reading.text for unit in document.units for reading in unit.readings)]
    texts += [slide.text for recording in recordings_of(document) for slide in recording.slides]
    cited = {
        int(number)
        for text in texts
        for group in re.findall(r"\[([\d, ]+)\]", text)
        for number in group.split(",")
    }
    assert all(1 <= number <= len(document.references) for number in cited)


@pytest.mark.parametrize("name", ACTIVITIES)
def test_no_word_judges_a_person_or_claims_what_it_may_not(name):
    told = "\n".join(
        path.read_text("utf-8")
        for path in (PACKAGES / name).rglob("*")
        if path.suffix in {".toml", ".md", ".vtt"}
    ).lower()
    assert [word for word in NEVER if re.search(rf"\b{word}", told)] == []


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_document_says_that_it_is_a_demonstration(name):
    assert ACTIVITIES[name].disclaimer == NOTICE
    assert READ[name].provider.is_demonstration


def test_the_webcasts_say_that_they_are_no_rems_activity():
    assert canonical_json(WEBCASTS).count("not an opioid REMS activity") == 1
    assert "not an opioid REMS activity" in WEBCASTS.requirements_note
    assert WEBCASTS.related_to[0].sections


def test_the_recording_without_certification_has_a_gate_and_no_credit():
    document = ACTIVITIES["pacing-in-practice"]
    (unit,) = document.units
    assert not document.certified
    assert document.designations == ()
    assert unit.pre_test is not None
    assert unit.post_test is None


def test_the_series_holds_three_activities():
    members = [
        str(one.uuid)
        for one in (CONVERSATION, ACTIVITIES["pacing-in-practice"], ACTIVITIES["sleep-and-pain"])
    ]
    assert [str(uuid) for uuid in READ["specimen-pain-webinars"].made.activities] == members


def test_media_are_small():
    sizes = {path: path.stat().st_size for path in MEDIA}
    assert max(sizes.values()) < 3_500_000
    assert sum(sizes.values()) < 12_000_000


@pytest.mark.parametrize(
    "path", [path for path in MEDIA if path.suffix in {".mp4", ".m4a"}], ids=lambda p: p.name
)
def test_recordings_begin_to_play_before_they_are_loaded(path):
    """The index stands before the sound and pictures, so a browser needs no second request for it."""
    boxes, content, at = [], path.read_bytes(), 0
    while at < len(content):
        length = int.from_bytes(content[at : at + 4])
        boxes.append(content[at + 4 : at + 8].decode())
        at += length
    assert boxes[0] == "ftyp"
    assert boxes.index("moov") < boxes.index("mdat")


def test_a_stripped_document_gives_no_key_away():
    told = json.dumps([str(item) for item in stripped(CONVERSATION).items])
    assert "is_key=True" not in told
    assert CONVERSATION.items[0].rationale not in told
