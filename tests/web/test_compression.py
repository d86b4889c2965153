"""Pages go out as gzip where the visitor takes it."""

import gzip

import pytest
from django.http import HttpResponse, JsonResponse
from django.test import RequestFactory

from opencme.web.compression import CompressPages, gzipped

LONG = "A sentence of a page. " * 200


def answered(response, accepts="gzip, br"):
    request = RequestFactory().get("/", headers={"accept-encoding": accepts})
    return CompressPages(lambda _request: response)(request)


def test_what_is_unpacked_is_what_was_said_and_the_size_varies():
    packed = [gzipped(LONG.encode()) for _ in range(20)]
    assert {gzip.decompress(one) for one in packed} == {LONG.encode()}
    assert len({len(one) for one in packed}) > 1


def test_a_page_is_smaller_and_says_so():
    answer = answered(HttpResponse(LONG, headers={"ETag": '"abc"'}))
    assert gzip.decompress(answer.content).decode() == LONG
    assert (answer["Content-Encoding"], answer["Vary"]) == ("gzip", "Accept-Encoding")
    assert int(answer["Content-Length"]) == len(answer.content) < len(LONG) / 4
    assert answer["ETag"] == 'W/"abc"'


def test_who_does_not_take_it_gets_the_text():
    answer = answered(HttpResponse(LONG), accepts="br")
    assert answer.content.decode() == LONG
    assert answer["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    "response",
    [
        HttpResponse("short"),
        HttpResponse(LONG, content_type="video/mp4"),
        HttpResponse(LONG, status=206),
        HttpResponse(LONG, headers={"Content-Encoding": "br"}),
    ],
)
def test_what_is_short_compressed_or_a_part_is_left_alone(response):
    before = response.content
    assert answered(response).content == before


def test_answers_to_scripts_are_compressed_too():
    assert answered(JsonResponse({"words": LONG}))["Content-Encoding"] == "gzip"


@pytest.mark.django_db
def test_every_page_carries_the_policy(client):
    for address in ("/", "/help/", "/nothing-here/", "/robots.txt"):
        policy = client.get(address)["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
