"""What a file is, told by its bytes."""

import pytest
from tests.factories.media import a_picture, a_webvtt, an_mp4

from opencme.media.recognition import NotRecognized, recognize

WEBM = b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webm"


def a_file(tmp_path, content):
    path = tmp_path / "file"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("content", "media_type", "seconds"),
    [
        pytest.param(an_mp4(seconds=540), "video/mp4", 540, id="MP4"),
        pytest.param(an_mp4(seconds=61, handler=b"soun"), "audio/mp4", 61, id="M4A"),
        pytest.param(WEBM + b"V_VP9", "video/webm", None, id="WebM"),
        pytest.param(WEBM + b"A_OPUS", "audio/webm", None, id="WebM sound"),
        pytest.param(b"OggS\x00\x02", "audio/ogg", None, id="Ogg"),
        pytest.param(b"ID3\x04", "audio/mpeg", None, id="MP3 with a title"),
        pytest.param(b"\xff\xfb\x90\x00", "audio/mpeg", None, id="MP3"),
        pytest.param(b"%PDF-1.7\n", "application/pdf", None, id="PDF"),
    ],
)
def test_what_is_recognized(tmp_path, content, media_type, seconds):
    recognized = recognize(a_file(tmp_path, content))
    assert (recognized.media_type, recognized.seconds) == (media_type, seconds)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"A text about a video.mp4", id="text"),
        pytest.param(a_picture(), id="picture"),
        pytest.param(a_picture(kind="JPEG"), id="photograph"),
        pytest.param(a_webvtt(), id="captions"),
        pytest.param(b"<html><script>", id="HTML"),
        pytest.param(an_mp4()[:60], id="MP4 that is cut off"),
        pytest.param(an_mp4(handler=b"text"), id="MP4 without picture and sound"),
        pytest.param(b"\x00\x00\x00\x08ftyp" * 20_000, id="MP4 of boxes without end"),
        pytest.param(b"\x00\x00\x00\x10ftypisom\x00\x00\x00\x00\x00\x00\x00\x02moov", id="box of no length"),
        pytest.param(b"\x1aE\xdf\xa3 matroska", id="Matroska, which browsers do not play"),
    ],
)
def test_what_is_not(tmp_path, content):
    with pytest.raises(NotRecognized):
        recognize(a_file(tmp_path, content))
