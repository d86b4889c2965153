"""Beats merged in memory: written together, before anything depends on them, and never twice."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from tests.factories.documents import a_document, a_recording, a_unit
from tests.factories.learning import AT, minutes, path, published, started, submitted

from opencme.learning.models import ContentEvidence, Playback
from opencme.learning.operations import StepLocked, record_played
from opencme.learning.operations.beats import Beats, Report, Waiting

pytestmark = pytest.mark.django_db

STEP = "recording"


@pytest.fixture
def at_recording():
    participation = started()
    submitted(participation, "pre-test")
    return participation


def demanding():
    document = a_document(units=(a_unit(recordings=(a_recording(demanded_percent=85),)),))
    participation = started(published(document))
    submitted(participation, "pre-test")
    return participation, document.step_of[STEP].seconds * 1000


def play(kept, participation, *stretches, at, **options):
    return kept.report_played(
        path=path(participation, at=at),
        step_key=STEP,
        played=stretches,
        position_ms=stretches[-1][1],
        at=at,
        **options,
    )


def stored():
    row = Playback.objects.get()
    return row.intervals, row.position


def test_what_is_being_written_counts_meanwhile(at_recording):
    kept, meanwhile = Beats(), []

    def reported_while_it_is_written(execute, sql, params, many, context):
        if sql.startswith("INSERT"):
            meanwhile.append(play(kept, at_recording, (10_000, 20_000), at=minutes(2)))
        return execute(sql, params, many, context)

    play(kept, at_recording, (0, 10_000), at=minutes(1))
    with connection.execute_wrapper(reported_while_it_is_written):
        kept.write()
    (reported,) = meanwhile
    assert reported.path.state.part(STEP).played == ((0, 20_000),)
    assert kept.write() == 1
    assert stored() == ([[0, 20_000]], 20.0)


def test_a_beat_is_known_at_once_and_written_later(at_recording):
    kept = Beats()
    reported = play(kept, at_recording, (0, 10_000), at=minutes(1))
    assert reported.path.state.part(STEP).played == ((0, 10_000),)
    assert reported.written.played == ()
    assert not Playback.objects.exists()
    assert kept.write() == 1
    assert stored() == ([[0, 10_000]], 10.0)
    assert kept.write() == 0


def test_many_beats_of_many_viewers_are_two_statements(at_recording):
    others = [started(at_recording.activity) for _ in range(9)]
    for one in others:
        submitted(one, "pre-test")
    kept = Beats()
    for number in range(3):
        for one in (at_recording, *others):
            play(kept, one, (number * 10_000, (number + 1) * 10_000), at=minutes(1 + number))
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert kept.write() == 10
    assert len([one for one in asked.captured_queries if "learning_playback" in one["sql"]]) == 2
    assert {str(row.intervals) for row in Playback.objects.all()} == {"[[0, 30000]]"}


def test_written_and_merged_are_the_same_as_written_one_by_one(at_recording):
    reports = [(0, 20_000), (15_000, 60_000), (5_000, 7_000), (100_000, 190_000)]
    one_by_one = started(at_recording.activity)
    submitted(one_by_one, "pre-test")
    kept = Beats()
    for number, stretch in enumerate(reports):
        at = AT + timedelta(seconds=20 * number)
        play(kept, at_recording, stretch, at=at)
        if number == 1:
            kept.write()
        record_played(
            path=path(one_by_one, at=at), step_key=STEP, played=[stretch], position_ms=stretch[1], at=at
        )
    kept.write()
    merged, alone = Playback.objects.order_by("participation_id")
    for name in ("intervals", "seconds", "position", "first_beat_at", "last_beat_at"):
        assert getattr(merged, name) == getattr(alone, name), name


def test_what_was_read_is_kept_beside_what_was_played(at_recording):
    kept = Beats()
    play(kept, at_recording, (0, 10_000), at=minutes(1))
    kept.report_read(path=path(at_recording), step_key=STEP, read=[(50_000, 60_000)], at=minutes(1))
    kept.write()
    row = Playback.objects.get()
    assert (row.intervals, row.segments) == ([[0, 10_000]], [[50_000, 60_000]])


def test_what_depends_on_them_is_read_after_they_are_written(at_recording):
    kept = Beats()
    play(kept, at_recording, (0, 10_000), at=minutes(1))
    kept.write_of(started(at_recording.activity).uuid)
    assert not Playback.objects.exists()
    kept.write_of(at_recording.uuid)
    assert path(at_recording).state.part(STEP).played == ((0, 10_000),)


def test_the_last_report_is_written_at_once_with_those_before(at_recording):
    kept = Beats()
    play(kept, at_recording, (0, 10_000), at=minutes(1))
    last = play(kept, at_recording, (10_000, 15_000), at=minutes(1), at_once=True)
    assert stored() == ([[0, 15_000]], 15.0)
    assert last.written.played == ((0, 15_000),)
    after = play(kept, at_recording, (15_000, 20_000), at=minutes(2))
    assert after.path.state.part(STEP).played == ((0, 20_000),)
    assert kept.write() == 1
    assert stored() == ([[0, 20_000]], 20.0)


def test_what_meets_the_demand_is_written_at_once():
    participation, length = demanding()
    kept = Beats()
    play(kept, participation, (0, length // 2), at=minutes(1))
    play(kept, participation, (0, length // 2), at=minutes(60))
    assert not ContentEvidence.objects.exists()
    after = play(kept, participation, (length // 2, length), at=minutes(61))
    assert after.path.state.part(STEP).met_at == minutes(61)
    assert ContentEvidence.objects.get().kind == "played"
    assert stored()[0] == [[0, length]]


def test_a_locked_step_takes_nothing():
    kept = Beats()
    with pytest.raises(StepLocked):
        play(kept, started(), (0, 10_000), at=minutes(1))
    assert kept.write() == 0


def test_what_cannot_be_written_waits(at_recording):
    kept = Beats()
    play(kept, at_recording, (0, 10_000), at=minutes(1))
    with connection.execute_wrapper(disk_is_full):
        with pytest.raises(DatabaseError):
            kept.write()
        play(kept, at_recording, (10_000, 20_000), at=minutes(2))
    assert kept.write() == 1
    assert stored() == ([[0, 20_000]], 20.0)


def disk_is_full(execute, sql, params, many, context):
    if sql.startswith(("INSERT", "UPDATE")):
        raise DatabaseError("no room")
    return execute(sql, params, many, context)


def test_who_reports_no_more_is_forgotten(at_recording):
    other = started(at_recording.activity)
    submitted(other, "pre-test")
    kept = Beats()
    play(kept, at_recording, (0, 10_000), at=minutes(1))
    kept.write()
    play(kept, other, (0, 10_000), at=minutes(30))
    kept.write()
    assert list(kept._viewings) == [other.uuid]


@pytest.mark.django_db(transaction=True)
def test_one_that_is_gone_does_not_keep_the_others_waiting(at_recording, caplog):
    kept = Beats()
    other = started(at_recording.activity)
    submitted(other, "pre-test")
    for one in (at_recording, other):
        play(kept, one, (0, 10_000), at=minutes(1))
    for viewing in kept._viewings[other.uuid].values():
        viewing.row.participation_id = 10**9
    assert kept.write() == 2
    assert stored() == ([[0, 10_000]], 10.0)
    assert "Participation 1000000000 is gone" in caplog.text
    assert kept.write() == 0


@pytest.mark.django_db(transaction=True)
def test_nothing_is_lost_between_reports_and_writing(at_recording):
    """Reports of one viewer in threads, while another thread writes all the time."""
    kept = Beats()

    def report(number):
        play(kept, at_recording, (number * 1_000, number * 1_000 + 1_000), at=minutes(30))
        connection.close()

    def write(_number):
        kept.write()
        connection.close()

    play(kept, at_recording, (0, 1), at=AT)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: write(n) if n % 3 == 0 else report(n), range(60)))
    kept.write()
    reported = [number for number in range(60) if number % 3]
    assert stored()[0][1:] == [[n * 1_000, n * 1_000 + 2_000] for n in reported[::2]]


INSTANTS = st.integers(0, 600).map(lambda value: AT + timedelta(seconds=value))
REPORTS = st.builds(
    lambda start, length, at: Waiting(played=Report(((start, start + length),), at, at), position_ms=start),
    st.integers(0, 100_000),
    st.integers(1, 50_000),
    INSTANTS,
)


@given(st.lists(REPORTS, min_size=1, max_size=6))
def test_the_order_of_reports_changes_no_stretch(reports):
    def together(several):
        whole = several[0]
        for one in several[1:]:
            whole = whole.with_later(one)
        return whole.played

    assert together(reports) == together(reports[::-1])
