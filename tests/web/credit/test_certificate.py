"""The certificate as a page, as a file and by mail."""

import re
from io import BytesIO

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pypdf import PdfReader
from tests.credit.test_queries import real_certificate
from tests.factories.credit import certified
from tests.factories.documents import a_designation, a_document
from tests.factories.learning import (
    AT,
    a_learner,
    another_uuid,
    evaluated,
    minutes,
    passed,
    published,
    started,
)

from opencme.core.models import OutboxMail
from opencme.credit.models import ReportPermission
from opencme.credit.operations import correct_certificate_name, revoke_certificate
from opencme.credit.queries import may_be_reported
from opencme.web.learner.views.certificate import masked

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(AT)]


def signed_in(client, certificate):
    client.force_login(certificate.learner)
    return client


def page_of(certificate):
    return reverse("certificate", args=[certificate.uuid])


def text_of(response):
    return " ".join(re.sub(r"<[^>]+>", "", response.content.decode()).split())


def test_the_certificate_stands_on_the_page(client):
    certificate = certified()
    text = text_of(signed_in(client, certificate).get(page_of(certificate)))

    assert "Your certificate" in text
    assert "Sent to l…@example.org on 22 Nov 2026, 10:00 (ET)." in text
    for said in ("SPECIMEN - NO CREDIT", "Jordan Example, MD, MPH", "Listening first in chronic pain"):
        assert said in text
    assert "Specimen. 0 added. It stands in your transcript and counts nothing." in text


def test_real_credit_is_added_to_the_year(client):
    learner = a_learner()
    real_certificate(learner, amount="0.25")
    certificate = real_certificate(learner)
    text = text_of(signed_in(client, certificate).get(page_of(certificate)))

    assert "0.5 added. 0.75 AMA PRA Category 1 Credit™ this year, in your transcript." in text
    assert "SPECIMEN" not in text


def test_the_file_has_a_name_that_can_be_found_again(client):
    certificate = certified()
    answer = signed_in(client, certificate).get(reverse("certificate_pdf", args=[certificate.uuid]))

    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == (
        'attachment; filename="2026-11-22_listening-first-in-chronic-pain_0.5_example.pdf"'
    )
    assert "Jordan Example, MD, MPH" in PdfReader(BytesIO(answer.content)).pages[0].extract_text()
    assert (settings.OPENCME_DATA_DIR / "certificate-signer.pem").stat().st_mode & 0o777 == 0o600


def test_the_same_file_is_served_again_and_can_be_shown(client):
    certificate = certified()
    address = reverse("certificate_pdf", args=[certificate.uuid])
    signed_in(client, certificate)

    assert client.get(address).content == client.get(address).content
    assert client.get(f"{address}?show").headers["Content-Disposition"].startswith("inline")


def test_while_the_key_is_missing_a_file_is_put_off_in_words(tmp_path, settings):
    settings.OPENCME_DATA_DIR = tmp_path
    client, (kept, asked) = Client(raise_request_exception=False), (certified(), certified())
    addresses = [reverse("certificate_pdf", args=[one.uuid]) for one in (kept, asked)]
    whole = signed_in(client, kept).get(addresses[0]).content
    (tmp_path / "certificate-signer.pem").unlink()

    assert client.get(addresses[0]).content == whole
    signed_in(client, asked)
    for address in (addresses[1], reverse("account_data")):
        answer = client.get(address)
        assert (answer.status_code, answer["Retry-After"]) == (503, "300")
        assert "Certificates cannot be signed right now" in text_of(answer)
        assert "signer.pem" not in text_of(answer)


def test_nobody_else_sees_it(client):
    certificate = certified()
    client.force_login(a_learner())

    for name in ("certificate", "certificate_pdf"):
        address = reverse(name, args=[certificate.uuid])
        assert client.get(address).status_code == 404
        client.logout()
        assert client.get(address).status_code == 302
        client.force_login(a_learner())


def test_an_earlier_versions_address_leads_to_the_newest(client):
    first = certified()
    second = correct_certificate_name(
        code=first.code, name="Jordan Sample", letters="", by=None, door="cli", at=minutes(5)
    )
    answer = signed_in(client, first).get(page_of(first))

    assert answer.headers["Location"] == page_of(second)


def test_a_revoked_certificate_says_so(client):
    certificate = real_certificate()
    revoke_certificate(code=certificate.code, reason="claimed twice", by=None, door="cli", at=minutes(5))

    assert "has revoked this certificate" in text_of(signed_in(client, certificate).get(page_of(certificate)))


def test_the_link_can_be_sent_again(client):
    certificate = certified()
    signed_in(client, certificate)
    before = OutboxMail.objects.count()
    answer = client.post(page_of(certificate), {"action": "resend"}, follow=True)

    assert "The link is on its way to l…@example.org." in text_of(answer)
    assert OutboxMail.objects.count() == before + 1


def test_sending_again_has_a_limit(client):
    certificate = certified()
    signed_in(client, certificate)
    codes = [client.post(page_of(certificate), {"action": "resend"}).status_code for _ in range(6)]

    assert codes == [302] * 5 + [429]


def queries_of(client, address):
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return [query["sql"] for query in queries]


def another_certificate(learner):
    activity = published(a_document(uuid=another_uuid(), designations=(a_designation(uuid=another_uuid()),)))
    participation = evaluated(passed(started(activity, learner)))
    return certified(participation, designation=activity.designations.get().uuid)


def test_the_page_takes_five_queries_with_one_certificate_and_with_fifty(client):
    few, many = a_learner(), a_learner()
    only = another_certificate(few)
    last = [another_certificate(many) for _ in range(50)][-1]

    signed_in(client, only)
    cost = len(queries_of(client, page_of(only)))
    signed_in(client, last)
    assert len(queries_of(client, page_of(last))) == cost <= 5


def test_the_kept_file_takes_four_queries(client):
    certificate = certified()
    address = reverse("certificate_pdf", args=[certificate.uuid])
    signed_in(client, certificate).get(address)

    assert len(queries_of(client, address)) <= 4


def test_an_address_is_masked():
    assert masked("jordan@hospital.example") == "j…@hospital.example"


def test_permission_to_report_can_be_given_and_taken_back(client):
    certificate = certified()
    signed_in(client, certificate)
    assert "Report to boards: no" in text_of(client.get(page_of(certificate)))

    client.post(page_of(certificate), {"action": "permit"})
    assert may_be_reported(certificate.participation)
    assert "Report to boards: yes" in text_of(client.get(page_of(certificate)))
    client.post(page_of(certificate), {"action": "forbid"})
    assert not may_be_reported(certificate.participation)
    assert [row.granted for row in ReportPermission.objects.order_by("pk")] == [False, True, False]
