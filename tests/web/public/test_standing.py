"""The button of an activity's page and the path itself must say the same."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from tests.factories.credit import claimed
from tests.factories.documents import (
    DESIGNATION,
    a_designation,
    a_document,
    a_document_of_three_units,
    a_recording,
    a_recording_without_certification,
    a_unit,
)
from tests.factories.learning import (
    AT,
    another_uuid,
    evaluated,
    minutes,
    passed,
    path,
    started,
    submitted,
)
from tests.factories.pages import offered

from opencme.activities.document import Share
from opencme.credit.queries import path_of_learner
from opencme.learning import operations
from opencme.learning.choices import PathStepKind
from opencme.learning.rules import content_left_ms
from opencme.web.learner.standing import standing_of
from opencme.web.templatetags.wording import clock

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(AT)]

TIMES = (AT, AT.replace(year=2027, month=12, day=1), AT.replace(year=2028))
"""While all is open, while only the claim is, and after that."""


# --- what a learner may do ------------------------------------------------------------------------


def send(step, *, wrong=0):
    return lambda participation: submitted(participation, step, wrong=wrong)


def begin(step):
    return lambda participation: operations.begin_attempt(path=path(participation), step_key=step, at=AT)


def play(recording, *stretches, at):
    return lambda participation: operations.record_played(
        path=path(participation), step_key=recording, played=stretches, position_ms=0, at=minutes(at)
    )


def attest(recording):
    return lambda participation: operations.attest_content(
        path=path(participation), step_key=recording, wording="I saw it.", at=AT
    )


def grant(step):
    return lambda participation: operations.grant_attempt(
        participation=participation, step_key=step, reason="A cut line.", at=AT
    )


def claim(amount, seq=1, designation=DESIGNATION):
    return lambda participation: claimed(participation, amount=amount, seq=seq, designation=designation)


# --- what they do it in ---------------------------------------------------------------------------

MOST_OF_IT = a_document(units=(a_unit(recordings=(a_recording(demanded_percent=85),)),))
TWICE = a_document(units=(a_unit(post_test=replace(a_unit().post_test, attempts=2)),))
OTHER = another_uuid()


def of_two_credits():
    """Three units that earn two kinds of credit, claimed apart."""
    document = a_document_of_three_units()
    second = a_designation(
        uuid=OTHER, credit_type="specimen-category-1", maximum=Decimal("0.75"), requires_pre_test=False
    )
    units = tuple(
        replace(unit, shares=(*unit.shares, Share(designation=OTHER, amount=Decimal("0.25"))))
        for unit in document.units
    )
    return replace(document, units=units, designations=(*document.designations, second))


WAYS = {
    "half the recording": (
        MOST_OF_IT,
        (
            begin("pre-test"),
            send("pre-test"),
            play("recording", (0, 30_000), at=0),
            play("recording", (100_000, 540_000), at=9),
            begin("post-test"),
            send("post-test", wrong=4),
            send("post-test", wrong=1),
            evaluated,
            claim("0.25"),
        ),
    ),
    "attested": (MOST_OF_IT, (send("pre-test"), attest("recording"), send("post-test"), evaluated)),
    "no attempts left": (
        TWICE,
        (
            send("pre-test"),
            send("post-test", wrong=4),
            send("post-test", wrong=4),
            grant("post-test"),
            send("post-test"),
            evaluated,
            claim("0.5"),
        ),
    ),
    "unit by unit": (
        a_document_of_three_units(),
        (
            send("post-test-2"),
            evaluated,
            claim("0.25"),
            play("recording-1", (0, 30_000), at=0),
            send("post-test-1", wrong=2),
            send("post-test-1"),
            send("post-test-3"),
            claim("0.5", 2),
        ),
    ),
    "all units at once": (
        a_document_of_three_units(),
        (send("post-test-1"), send("post-test-2"), send("post-test-3"), evaluated, claim("0.75")),
    ),
    "without certification": (
        a_recording_without_certification(),
        (
            send("pre-test"),
            play("recording", (0, 30_000), at=0),
            play("recording", (0, 540_000), at=9),
        ),
    ),
    "two credits": (
        of_two_credits(),
        (
            send("post-test-1"),
            evaluated,
            claim("0.25"),
            send("post-test-2"),
            send("post-test-3"),
            claim("0.75", designation=OTHER),
            claim("0.5", 2),
        ),
    ),
}


# --- the button that the path leads to ------------------------------------------------------------


def button_of(participation, at):
    """Where the button leads, as the path has it, and what its label begins with."""
    way = path_of_learner(participation.learner, participation.uuid, at=at)
    step = way.current
    if step is None:
        newest = participation.certificates.order_by("-issued_at", "-version").first()
        if newest:
            return reverse("certificate", args=[newest.uuid]), "View certificate"
        return reverse("path", args=[participation.uuid]), "See where you are"
    if step.kind is PathStepKind.CLAIM:
        return reverse("claim", args=[participation.uuid]), "Claim "
    return reverse("path", args=[participation.uuid]), f"Continue: {words_of(way, step)}"


def words_of(way, step):
    unit = next((one for one in way.document.units if one.key == step.unit), None)
    left = content_left_ms(unit, way.state) if step.kind is PathStepKind.CONTENT else 0
    if left:
        return f"recording, {clock(left / 1000)} left"
    if unit and len(way.document.units) > 1:
        return f"{unit.title}, 15 min"
    return way.document.step_of[step.key].title.lower()


def assert_same(participation, activity):
    for at in TIMES:
        href, words = button_of(participation, at)
        standing = standing_of(participation.learner, activity, at=at)
        assert (standing.href, standing.label[: len(words)]) == (href, words)


@pytest.mark.parametrize("way", WAYS)
def test_button_and_path_agree_after_each_step(way):
    document, acts = WAYS[way]
    activity = offered(document)
    participation = started(activity)
    assert_same(participation, activity)
    for act in acts:
        act(participation)
        assert_same(participation, activity)


# --- on an earlier version ------------------------------------------------------------------------


def renamed(document):
    """A revision whose tests and recordings are called otherwise."""
    units = tuple(
        replace(
            unit,
            recordings=tuple(replace(one, key=f"new-{one.key}") for one in unit.recordings),
            post_test=unit.post_test and replace(unit.post_test, key=f"new-{unit.post_test.key}"),
        )
        for unit in document.units
    )
    return replace(document, title="Revised", units=units)


@pytest.mark.parametrize("way", WAYS)
def test_they_agree_on_an_earlier_version_whose_steps_had_other_names(way):
    document, acts = WAYS[way]
    participation = started(offered(document))
    revised = renamed(document)
    activity = offered(revised, at=AT + timedelta(days=1))
    for act in acts:
        act(participation)
        assert_same(participation, activity)


def test_who_has_passed_an_earlier_version_is_not_sent_to_its_post_test():
    participation = passed(started(offered()))
    revised = a_document(units=(a_unit(post_test=None),), title="Revised")
    activity = offered(revised, at=AT + timedelta(days=1))
    standing = standing_of(participation.learner, activity, at=AT)
    assert standing.label == "Continue: evaluation"
    assert standing.unit_states == {"unit-1": ("earned", "Passed, 4 of 4")}
