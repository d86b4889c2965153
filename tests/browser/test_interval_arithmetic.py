"""The scripts reckon intervals as the rules do, and the meter counts only what can have been played."""

import random

import pytest

from opencme.media.rules import covered_ms, merged, missing_of

RECKON = """async ([mine, known]) => {
  const js = await import('/static/opencme/js/intervals.js');
  const copy = (value) => structuredClone(value);
  return [js.merged(copy(mine), copy(known)), js.without(copy(mine), copy(known)), js.covered(copy(mine))];
}"""

# media: [milliseconds by the clock, media time in seconds, speed]; an event may be named instead
MEASURE = """async (course) => {
  const { Meter } = await import('/static/opencme/js/player.js');
  const media = { currentTime: 0, paused: false, seeking: false, playbackRate: 1 };
  let clock = 0;
  const meter = new Meter(media, () => clock);
  const played = [];
  for (const [at, seconds, speed, event] of course) {
    clock = at;
    media.playbackRate = speed;
    media.currentTime = seconds;
    if (event === 'seek') played.push(...meter.end());
    else if (event === 'pause') { played.push(...meter.tick(), ...meter.end()); }
    else played.push(...meter.tick());
  }
  return played;
}"""


@pytest.fixture
def script(page, site):
    """A page whose scripts can be called."""
    page.goto(f"{site.address}/verify/")
    return page


def stretches(rng):
    starts = [rng.randrange(0, 60_000) for _ in range(rng.randrange(0, 8))]
    return [[start, start + rng.randrange(0, 15_000)] for start in starts]


def test_scripts_and_rules_reckon_alike(script):
    rng = random.Random(20261122)
    for _ in range(200):
        mine, known = stretches(rng), stretches(rng)
        union, left, time = script.evaluate(RECKON, [mine, known])
        assert union == [list(one) for one in merged(mine, known)]
        assert left == [list(one) for one in missing_of(merged(known), merged(mine))]
        assert time == covered_ms(mine)


@pytest.mark.parametrize(
    ("course", "played"),
    [
        # plain playing, looked at four times a second
        ([[0, 0, 1], [250, 0.25, 1], [500, 0.5, 1], [500, 0.5, 1, "pause"]], [[0, 500]]),
        # at double speed twice as much media passes
        ([[0, 0, 2], [250, 0.5, 2], [500, 1.0, 2], [500, 1.0, 2, "pause"]], [[0, 1000]]),
        # a seek forward: what was jumped over was not played
        (
            [
                [0, 0, 1],
                [1000, 1, 1],
                [1100, 60, 1, "seek"],
                [1200, 60, 1],
                [2200, 61, 1],
                [2200, 61, 1, "pause"],
            ],
            [[0, 1000], [60_000, 61_000]],
        ),
        # a jump without a seek event is found out all the same
        (
            [[0, 0, 1], [250, 0.25, 1], [500, 90, 1], [750, 90.25, 1], [750, 90.25, 1, "pause"]],
            [[0, 250], [90_000, 90_250]],
        ),
        # the machine slept for an hour while the recording stood still
        (
            [[0, 0, 1], [1000, 1, 1], [3_601_000, 1.2, 1], [3_602_000, 2.2, 1], [3_602_000, 2.2, 1, "pause"]],
            [[0, 2200]],
        ),
        # back by 15 seconds: the same stretch twice, merged later
        (
            [
                [0, 20, 1],
                [1000, 21, 1],
                [1000, 6, 1, "seek"],
                [1100, 6, 1],
                [2100, 7, 1],
                [2100, 7, 1, "pause"],
            ],
            [[20_000, 21_000], [6000, 7000]],
        ),
    ],
    ids=["plain", "double speed", "seek", "unannounced jump", "sleep", "back"],
)
def test_only_what_can_have_been_played_counts(script, course, played):
    assert script.evaluate(MEASURE, course) == played
