"""Captions: read into what is shown, searched and read, or refused at a line."""

import pytest

from opencme.media.captions import Caption, CaptionsRefused, read_captions

GOOD = """\
WEBVTT - A talk
Kind: captions

NOTE
Made by hand.

STYLE
::cue { color: white }

1
00:00.000 --> 00:04.500 align:start line:90%
<v Imogen Sample>First we <i>listen</i>,
then we ask &amp; wait.

01:00:05.000 --> 01:00:06.250
At last.
"""


def test_captions_are_read_without_their_markup():
    assert read_captions(GOOD) == (
        Caption(0.0, 4.5, "First we listen, then we ask & wait."),
        Caption(3605.0, 3606.25, "At last."),
    )


def test_line_ends_and_marks_of_other_systems_are_read():
    assert read_captions("\ufeff" + GOOD.replace("\n", "\r\n")) == read_captions(GOOD)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param("", 1, id="empty"),
        pytest.param("1\n00:00:01,000 --> 00:00:02,000\nHi\n", 1, id="SubRip"),
        pytest.param("WEBVTTX\n\n00:01.000 --> 00:02.000\nHi\n", 1, id="another word"),
        pytest.param("WEBVTT\n00:01.000 --> 00:02.000\nHi\n", 2, id="no empty line"),
        pytest.param("WEBVTT\n\n00:01.000 --> 00:02\nHi\n", 3, id="no milliseconds"),
        pytest.param("WEBVTT\n\none\ntwo\n00:01.000 --> 00:02.000\nHi\n", 4, id="no times"),
        pytest.param("WEBVTT\n\n00:03.000 --> 00:02.000\nHi\n", 3, id="backwards"),
        pytest.param("WEBVTT\n\n00:03.000 --> 00:03.000\nHi\n", 3, id="no time at all"),
        pytest.param(
            "WEBVTT\n\n00:03.000 --> 00:04.000\nHi\n\n00:01.000 --> 00:02.000\nHo\n", 6, id="not in order"
        ),
        pytest.param("WEBVTT\n\nNOTE nothing\n", 4, id="no captions"),
    ],
)
def test_what_is_refused_and_where(text, line):
    with pytest.raises(CaptionsRefused) as refused:
        read_captions(text)
    assert refused.value.line == line
