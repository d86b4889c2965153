"""Fetching a media file: signed, in parts."""

import io
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.template import Context, Template

from opencme.activities.document import MediaRef
from opencme.media.operations import store_media

MIB = 1024 * 1024
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
VIDEO = bytes(range(256)) * 8192  # 2 MiB

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_ten(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    with time_machine.travel(NOW, tick=False):
        yield


def stored(content: bytes = VIDEO, media_type: str = "video/mp4", name: str = "talk.mp4") -> MediaRef:
    row = store_media(source=io.BytesIO(content), media_type=media_type, at=NOW)
    return MediaRef(sha256=row.sha256, media_type=media_type, length=len(content), name=name)


def address_of(ref: MediaRef) -> str:
    return Template(
        "{% load media_links %}{% autoescape off %}{% media_url ref %}{% endautoescape %}"
    ).render(Context({"ref": ref}))


def test_a_range_is_answered_with_its_bytes(client):
    response = client.get(address_of(stored()), headers={"range": "bytes=10-19"})
    assert response.status_code == 206
    assert response.content == VIDEO[10:20]
    assert response["Content-Range"] == f"bytes 10-19/{len(VIDEO)}"
    assert response["Content-Length"] == "10"
    assert response["Content-Type"] == "video/mp4"


def test_an_open_range_is_cut_to_a_mebibyte_and_never_streamed(client):
    response = client.get(address_of(stored()), headers={"range": "bytes=0-"})
    assert not response.streaming
    assert response["Content-Range"] == f"bytes 0-{MIB - 1}/{len(VIDEO)}"
    assert response.content == VIDEO[:MIB]


def test_the_parts_make_the_whole(client):
    address, got = address_of(stored()), b""
    while len(got) < len(VIDEO):
        got += client.get(address, headers={"range": f"bytes={len(got)}-"}).content
    assert got == VIDEO


def test_without_a_range_the_whole_file_comes(client):
    response = client.get(address_of(stored()))
    assert (response.status_code, response.content) == (200, VIDEO)
    assert response["Accept-Ranges"] == "bytes"


def test_a_range_outside_is_a_416_that_tells_the_length(client):
    response = client.get(address_of(stored()), headers={"range": f"bytes={len(VIDEO)}-"})
    assert response.status_code == 416
    assert response["Content-Range"] == f"bytes */{len(VIDEO)}"


def test_head_tells_the_length_and_sends_nothing(client):
    response = client.head(address_of(stored()), headers={"range": "bytes=0-9"})
    assert (response.status_code, response.content) == (200, b"")
    assert response["Content-Length"] == str(len(VIDEO))


def test_if_range_sends_the_whole_file_where_it_is_another_one(client):
    ref = stored()
    same = client.get(address_of(ref), headers={"range": "bytes=0-9", "if-range": f'"{ref.sha256}"'})
    other = client.get(address_of(ref), headers={"range": "bytes=0-9", "if-range": '"other"'})
    assert (same.status_code, other.status_code) == (206, 200)


def test_a_browser_that_has_the_file_is_told_so(client):
    ref = stored()
    response = client.get(address_of(ref), headers={"if-none-match": f'"{ref.sha256}"'})
    assert (response.status_code, response.content) == (304, b"")


def test_the_browser_alone_keeps_a_signed_file(client):
    assert client.get(address_of(stored()))["Cache-Control"] == "private, max-age=31536000, immutable"


def test_a_picture_has_one_public_address(client):
    ref = stored(b"picture", "image/webp", "face.webp")
    assert address_of(ref) == f"/media/{ref.sha256}/face.webp"
    assert client.get(address_of(ref))["Cache-Control"] == "public, max-age=31536000, immutable"


def test_an_address_stays_the_same_for_hours_and_ends_after_a_day():
    ref = stored()
    address = address_of(ref)
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        assert address_of(ref) == address
    until = int(parse_qs(urlsplit(address).query)["until"][0])
    assert NOW + timedelta(hours=12) < datetime.fromtimestamp(until, tz=UTC) <= NOW + timedelta(hours=24)


def test_an_address_that_has_ended_says_what_to_do(client):
    address = address_of(stored())
    with time_machine.travel(NOW + timedelta(hours=25), tick=False):
        response = client.get(address, headers={"range": "bytes=0-"})
    assert response.status_code == 403
    assert "load that page again" in response.content.decode()


@pytest.mark.parametrize(
    "query",
    ["", "?until=9999999999", "?until=9999999999&key=x", "?until=²&key=x", f"?until={'9' * 30}&key=x"],
)
def test_without_a_good_signature_nothing_is_sent(client, query):
    ref = stored()
    assert client.get(f"/media/{ref.sha256}/{ref.name}{query}").status_code == 403


def test_a_signature_serves_its_own_file_alone(client):
    query = urlsplit(address_of(stored())).query
    other = stored(b"captions", "text/vtt", "talk.vtt")
    assert client.get(f"/media/{other.sha256}/{other.name}?{query}").status_code == 403


def test_an_address_made_with_an_old_key_still_serves(client, settings):
    address = address_of(stored())
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-key-for-tests-0123456789-0123456789-0123456789"
    assert client.get(address, headers={"range": "bytes=0-0"}).status_code == 206


def test_an_unknown_file_is_a_404(client):
    assert client.get(f"/media/{'0' * 64}/none.webp").status_code == 404


def test_nothing_can_be_written(client):
    assert client.post(address_of(stored())).status_code == 405


def test_a_file_of_another_kind_is_saved_and_not_shown(client):
    ref = stored(b"slides", "application/zip", "slides.zip")
    assert client.get(address_of(ref))["Content-Disposition"] == 'attachment; filename="slides.zip"'


def test_a_part_is_never_compressed_and_captions_are(client):
    captions = stored(b"WEBVTT\n\n" + b"00:00.000 --> 00:01.000\nwords\n\n" * 100, "text/vtt", "talk.vtt")
    whole = client.get(address_of(captions), headers={"accept-encoding": "gzip"})
    part = client.get(address_of(captions), headers={"accept-encoding": "gzip", "range": "bytes=0-999"})
    assert (whole["Content-Encoding"], part.has_header("Content-Encoding")) == ("gzip", False)
    assert len(part.content) == 1000


def test_a_large_file_is_sent_in_ranges_only(client, monkeypatch):
    monkeypatch.setattr("opencme.web.learner.views.media.LARGEST_WHOLE", 100)
    address = address_of(stored())
    assert client.get(address).status_code == 400
    assert client.get(address, headers={"range": "bytes=0-"}).status_code == 206


def test_the_server_in_front_may_send_the_file(client, settings):
    settings.OPENCME_MEDIA_ACCEL_PREFIX = "/kept/"
    ref = stored()
    response = client.get(address_of(ref), headers={"range": "bytes=0-"})
    assert (response.status_code, response.content) == (200, b"")
    assert response["X-Accel-Redirect"] == f"/kept/{ref.sha256[:2]}/{ref.sha256}"


def test_a_file_asked_for_again_costs_no_query(client, django_assert_num_queries):
    address = address_of(stored())
    client.get(address, headers={"range": "bytes=0-0"})
    with django_assert_num_queries(0):
        client.get(address, headers={"range": "bytes=1-1"})
