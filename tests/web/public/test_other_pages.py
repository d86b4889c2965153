"""Series, faculty, reports, drafts, pages about the site, and pages that say what went wrong."""

import json
import re
from datetime import UTC, datetime

import pytest
from allauth.core.ratelimit import respond_429
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import RequestFactory
from django.urls import reverse
from tests.factories.documents import a_document, a_recording_without_certification
from tests.factories.learning import a_learner
from tests.factories.pages import AT, a_draft, a_provider_row, an_operator, another, offered

from opencme.activities.document import ActivityDocument
from opencme.activities.models import ProblemReport, Revision
from opencme.activities.operations import save_series
from opencme.activities.series_document import SeriesDocument
from opencme.core.models import OutboxMail
from opencme.providers.models import Person
from opencme.web.learner.prestart import prestart_block
from opencme.web.learner.views import errors

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(AT)]


def a_series(*activities, **changes):
    values = {
        "uuid": another(99).uuid,
        "title": "Specimen pain webinars",
        "provider": "specimen-institute",
        "promise": "Short recordings.",
        "text": "About *them*.",
        "objectives": ("Listen first",),
        "activities": tuple(one.uuid for one in activities),
    }
    document = SeriesDocument(**(values | changes))
    return save_series(provider=a_provider_row(), document=document, at=AT)


# --- series and faculty -------------------------------------------------------------------------


def test_series_rows_in_their_order_without_a_button(client):
    one, two = offered(another(1)), offered(a_recording_without_certification(title="A recording"))
    series = a_series(two, one)
    page = client.get(reverse("series", args=[series.uuid, series.slug]))
    assert [row.entry.title for row in page.context["rows"]] == ["A recording", "Activity 1"]
    html = page.content.decode()
    assert "Listen first" in html
    assert "button--primary" not in html


def test_series_shows_what_has_ended_and_queries_stay_equal(client, django_assert_num_queries):
    series = a_series(offered(another(0)))
    with django_assert_num_queries(2):
        client.get(reverse("series", args=[series.uuid, series.slug]))
    series = a_series(*(offered(another(number)) for number in range(8)))
    with django_assert_num_queries(2):
        client.get(reverse("series", args=[series.uuid, series.slug]))


def test_the_activity_names_its_series(client):
    activity = offered()
    series = a_series(activity)
    html = client.get(reverse("activity", args=[activity.uuid, activity.slug])).content.decode()
    assert reverse("series", args=[series.uuid, series.slug]) in html


def test_faculty_page_has_biography_and_activities(client):
    offered()
    person = Person.objects.get(key="imogen-sample")
    page = client.get(reverse("faculty", args=[person.uuid, person.slug]))
    html = page.content.decode()
    assert "Imogen Sample, MD" in html
    assert "Internal medicine, Specimen Institute" in html
    assert [row.entry.title for row in page.context["rows"]] == ["Listening first in chronic pain"]


def test_planners_have_no_page(client):
    offered()
    person = Person.objects.get(key="quinn-placeholder")
    assert client.get(reverse("faculty", args=[person.uuid, person.slug])).status_code == 404


# --- report a problem ---------------------------------------------------------------------------


@pytest.fixture
def report(client):
    cache.clear()  # what other tests sent from the same address
    activity = offered()

    def send(**changes):
        values = {"kind": "bias", "text": "Slide 3 names one brand only.", "reply_to": "me@example.org"}
        return client.post(reverse("report_problem", args=[activity.uuid]), values | changes)

    return send


def test_a_report_is_kept_and_mailed(report):
    assert report().status_code == 302
    kept = ProblemReport.objects.get()
    assert (kept.kind, kept.text, kept.reply_to) == (
        "bias",
        "Slide 3 names one brand only.",
        "me@example.org",
    )
    assert kept.revision is not None
    mail = OutboxMail.objects.get(to="education@specimen.example")
    assert "Slide 3 names one brand only." in mail.text
    assert "me@example.org" in mail.text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"text": ""}, "A sentence is enough, but we need one."),
        ({"kind": ""}, "Choose the nearest one"),
        ({"reply_to": "nobody"}, "This does not look like an address."),
    ],
)
def test_an_unfinished_report_says_what_is_missing(report, changes, sentence):
    page = report(**changes)
    assert page.status_code == 422
    assert sentence in page.content.decode()
    assert not ProblemReport.objects.exists()


def test_a_program_that_fills_every_field_is_thanked_and_forgotten(report):
    assert report(website="https://spam.example").status_code == 302
    assert not ProblemReport.objects.exists()


def test_a_flood_is_refused_with_a_page(report):
    for _ in range(60):
        assert report().status_code == 302
    page = report()
    assert page.status_code == 429
    assert "A little too fast" in page.content.decode()
    assert ProblemReport.objects.count() == 60


def test_the_subject_of_the_mail_cannot_carry_a_header(report):
    report(text="One\r\nBcc: everybody@example.org")
    assert "\n" not in OutboxMail.objects.get(to="education@specimen.example").subject


# --- drafts ---------------------------------------------------------------------------------------

THIN = ActivityDocument(
    uuid=another(3).uuid,
    title="A thin draft",
    provider="specimen-institute",
    announcement="Access a free recording.",
)


def test_a_draft_shows_what_it_has_and_what_it_lacks_to_operators(client):
    draft = a_draft(THIN)
    client.force_login(an_operator())
    page = client.get(reverse("preview", args=[draft.uuid]))
    html = page.content.decode()
    assert page.status_code == 200
    assert "A thin draft" in html
    assert "Access a free recording." in html
    assert "Draft." in html
    assert 'content="noindex, nofollow"' in html
    assert "button--primary" not in html
    assert len(re.findall(r'<li class="finding">', html)) == len(page.context["readiness"].findings) > 5
    assert "CME" in html


def test_the_day_of_a_draft_is_the_day_where_the_provider_is(client):
    draft = a_draft(THIN, at=datetime(2026, 11, 22, 3, 0, tzinfo=UTC))
    client.force_login(an_operator())
    page = client.get(reverse("preview", args=[draft.uuid])).content.decode()
    assert '<time datetime="2026-11-21">21 Nov 2026</time>' in page


def test_a_draft_is_nobody_elses_business(client):
    draft = a_draft(THIN)
    path = reverse("preview", args=[draft.uuid])
    assert client.get(path)["Location"].startswith(reverse("account_login"))
    client.force_login(a_learner())
    assert client.get(path).status_code == 403


# --- what is read before the start ------------------------------------------------------------------


def test_the_block_before_start_has_all_that_must_be_read(client):
    document = a_document()
    html, digest = prestart_block(document, a_provider_row().record)
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))
    for fact in (
        "Imogen Sample, MD",
        "Nobody in control of this content",
        "No commercial support",
        "Internet: recorded talk and text",
        "4 questions, 3 of 4 passes, unlimited attempts",
        "30 min",
        "22 Nov 2025",
        "16 Nov 2026",
        "21 Nov 2027 (ET)",
        "21 Dec 2027 (ET)",
        "is accredited by the Specimen Accreditation Board",
        "designates this enduring material for at most 0.5",
        "asks for: pre-test sent, content played or read, post-test passed, evaluation sent.",
    ):
        assert fact in words
    assert prestart_block(document, a_provider_row().record) == (html, digest)


def test_any_change_of_the_block_changes_its_hash():
    provider = a_provider_row().record
    _html, digest = prestart_block(a_document(), provider)
    for changed in (
        a_document(off_label_statement="Off-label use is discussed."),
        a_document(statements=()),
        a_document(people=()),
    ):
        assert prestart_block(changed, provider)[1] != digest


def test_the_snapshot_of_a_revision_is_the_page_and_the_block():
    activity = offered()
    snapshot = Revision.objects.get(activity=activity).snapshot
    _html, digest = prestart_block(a_document(), a_provider_row().record)
    assert f'id="prestart-{digest}"' in snapshot
    assert "Listening first in chronic pain" in snapshot
    assert "Start ·" not in snapshot
    assert "Rationale of" not in snapshot


# --- machines -----------------------------------------------------------------------------------------


def test_sitemap_lists_listed_pages(client):
    activity = offered()
    series = a_series(activity)
    xml = client.get(reverse("sitemap")).content.decode()
    assert f"<loc>http://testserver{reverse('activity', args=[activity.uuid, activity.slug])}</loc>" in xml
    assert f"<loc>http://testserver{reverse('series', args=[series.uuid, series.slug])}</loc>" in xml
    assert "<lastmod>2026-11-22</lastmod>" in xml


def test_robots_keeps_private_pages_out(client):
    text = client.get(reverse("robots")).content.decode()
    assert "Disallow: /path/" in text
    assert "Sitemap: http://testserver/sitemap.xml" in text


@pytest.mark.parametrize("name", ["accessibility", "privacy", "help", "style"])
def test_pages_about_the_site_cost_no_query(client, django_assert_num_queries, name):
    with django_assert_num_queries(0):
        assert client.get(reverse(name)).status_code == 200


# --- what went wrong ------------------------------------------------------------------------------


def test_the_policy_allows_nothing_from_elsewhere_and_nothing_inline(client):
    policy = client.get(reverse("catalogue"))["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for part in ("script-src", "style-src", "img-src", "media-src", "connect-src", "font-src"):
        assert f"{part} 'self'" in policy


@pytest.mark.parametrize(
    ("view", "status"),
    [
        (errors.bad_request, 400),
        (errors.forbidden, 403),
        (errors.not_found, 404),
        (errors.conflict, 409),
        (errors.too_many, 429),
    ],
)
def test_every_error_has_a_page_in_the_style_of_the_house(view, status):
    page = view(RequestFactory().get("/somewhere/"), PermissionDenied())
    html = page.content.decode()
    assert page.status_code == status
    assert '<main id="main"' in html
    assert "Ways on" in html
    assert not re.search(
        r"Error|Invalid|Oops|Forbidden", re.sub(r"<template.*?</template>", "", html, flags=re.DOTALL)
    )


def test_not_found_is_answered_by_its_page(client):
    page = client.get("/nothing/here/")
    assert page.status_code == 404
    assert "This page is not here" in page.content.decode()


def test_a_broken_page_works_with_the_database_gone(django_db_blocker, client):
    request = RequestFactory().get("/?q=1")
    connection.close()
    with django_db_blocker.block():
        page = errors.server_error(request)
    assert page.status_code == 500
    html = page.content.decode()
    assert "Something broke on our side" in html
    assert 'href="/?q=1"' in html


def test_a_broken_page_names_what_the_log_names():
    request = RequestFactory().get("/", **{"opencme.request_id": "4f0c9c3b2a6d"})
    assert "name 4f0c9c3b2a6d:" in errors.server_error(request).content.decode()
    assert "Reference" not in errors.server_error(RequestFactory().get("/")).content.decode()


def test_limits_of_sign_in_are_answered_in_the_style_of_the_house():
    page = respond_429(RequestFactory().get("/accounts/login/"))
    assert page.status_code == 429
    assert "A little too fast" in page.content.decode()
    assert page["Retry-After"] == "60"


def test_lists_and_people_are_linked_data_too(client):
    activity = offered()
    series = a_series(activity)
    person = Person.objects.get(key="imogen-sample")
    full = f"http://testserver{reverse('activity', args=[activity.uuid, activity.slug])}"
    for path, kind in (
        (reverse("catalogue"), "ItemList"),
        (reverse("series", args=[series.uuid, series.slug]), "ItemList"),
        (reverse("faculty", args=[person.uuid, person.slug]), "Person"),
    ):
        html = client.get(path).content.decode()
        data = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', html).group(1))
        assert data["@type"] == kind
        if kind == "ItemList":
            assert [one["url"] for one in data["itemListElement"]] == [full]
