"""What was played: the arithmetic of intervals."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencme.media import rules

LENGTH = 540_000
stretch = st.tuples(st.integers(-1_000, LENGTH + 1_000), st.integers(-1_000, LENGTH + 1_000))
stretches = st.lists(stretch, max_size=12)


@pytest.mark.parametrize(
    ("reported", "union"),
    [
        ([], ()),
        ([(0, 10)], ((0, 10),)),
        ([(0, 10), (10, 20)], ((0, 20),)),
        ([(10, 20), (0, 5)], ((0, 5), (10, 20))),
        ([(0, 20), (5, 10)], ((0, 20),)),
        ([(7, 7), (9, 3)], ()),
        ([[0, 4], [2, 6], [8, 9]], ((0, 6), (8, 9))),
    ],
)
def test_merged(reported, union):
    assert rules.merged(reported) == union


@given(stretches, stretches)
def test_the_order_of_arrival_does_not_matter(one, other):
    assert rules.merged(one, other) == rules.merged(other, one)
    assert rules.merged(rules.merged(one), other) == rules.merged(one, rules.merged(other))


@given(stretches)
def test_the_same_beat_twice_changes_nothing(some):
    assert rules.merged(some, some) == rules.merged(some) == rules.merged(rules.merged(some))


@given(stretches)
def test_the_union_counts_each_millisecond_once(some):
    small = [(s // 10_000, e // 10_000) for s, e in some]
    points = {n for s, e in small for n in range(s, e)}
    assert rules.covered_ms(small) == len(points)


@given(stretches)
def test_covered_and_left_out_make_the_whole(some):
    covered = rules.clipped(some, length_ms=LENGTH)
    left = rules.missing_of(covered, ((0, LENGTH),))
    assert rules.covered_ms(covered) + rules.covered_ms(left) == LENGTH
    assert rules.merged(covered, left) == ((0, LENGTH),)


def test_missing_leaves_out_gaps_that_nobody_can_close():
    played = [(0, 100_000), (100_400, 300_000)]
    assert rules.missing(played, length_ms=LENGTH) == ((300_000, LENGTH),)


def test_nothing_played_leaves_everything_missing():
    assert rules.missing([], length_ms=LENGTH) == ((0, LENGTH),)
    assert rules.missing([], length_ms=400) == ((0, 400),)


@given(stretches, stretches, st.integers(0, 2 * LENGTH))
def test_admitted_keeps_the_known_and_never_exceeds_the_limit(known, reported, limit):
    before = rules.clipped(known, length_ms=LENGTH)
    after = rules.admitted(known, reported, length_ms=LENGTH, limit_ms=limit)
    assert rules.merged(before, after) == after
    assert rules.covered_ms(after) <= max(limit, rules.covered_ms(before))
    assert rules.missing_of(rules.clipped([*known, *reported], length_ms=LENGTH), after) == ()


@given(stretches, stretches)
def test_admitted_takes_all_that_is_plausible(known, reported):
    after = rules.admitted(known, reported, length_ms=LENGTH, limit_ms=LENGTH)
    assert after == rules.clipped([*known, *reported], length_ms=LENGTH)


def test_a_whole_recording_reported_in_the_first_second_is_cut():
    first = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
    limit = rules.plausible_ms(first_at=first, at=first + timedelta(seconds=1))
    assert limit == 32_000
    assert rules.admitted([], [(0, LENGTH)], length_ms=LENGTH, limit_ms=limit) == ((0, 32_000),)


def test_what_was_cut_is_taken_once_it_is_plausible():
    first = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
    soon = rules.plausible_ms(first_at=first, at=first)
    known = rules.admitted([], [(0, 90_000)], length_ms=LENGTH, limit_ms=soon)
    later = rules.plausible_ms(first_at=first, at=first + timedelta(seconds=30))
    assert rules.admitted(known, [(0, 90_000)], length_ms=LENGTH, limit_ms=later) == ((0, 90_000),)


def test_a_clock_that_went_backward_leaves_the_grace():
    first = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
    earlier = first - timedelta(hours=1)
    assert rules.plausible_ms(first_at=first, at=earlier) == rules.GRACE_MS


@pytest.mark.parametrize(("share", "demanded"), [(0, 0), (85, 459_000), (100, LENGTH), (120, LENGTH)])
def test_demanded_share(share, demanded):
    assert rules.demanded_ms(length_ms=LENGTH, share_percent=share) == demanded


def test_overlap_with_a_chapter():
    played = [(0, 60_000), (90_000, 200_000)]
    assert rules.overlap_ms(played, start_ms=50_000, end_ms=100_000) == 20_000
