"""My learning: what is left, the transcript with its totals, and the same as a file."""

import csv
import io
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.credit.test_queries import real_certificate
from tests.factories.credit import certified, certified_participation, claimed, without_details
from tests.factories.documents import (
    a_designation,
    a_document,
    a_document_of_three_units,
    a_recording_without_certification,
)
from tests.factories.learning import (
    AT,
    a_learner,
    another_uuid,
    evaluated,
    passed,
    published,
    started,
    submitted,
)

from opencme.credit.operations import revoke_certificate

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(AT)]


def learning_page(client, learner, **query):
    client.force_login(learner)
    answer = client.get(reverse("learning"), query)
    assert answer.status_code == 200
    return answer.content.decode()


def text_of(page):
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def rows_of(page):
    return re.findall(r"<tr role=\"row\"><td.*?</tr>", page, re.DOTALL)


def another_activity(**changes):
    return published(
        a_document(uuid=another_uuid(), designations=(a_designation(uuid=another_uuid()),), **changes)
    )


def certified_in(activity, learner, at=AT):
    participation = evaluated(passed(started(activity, learner, at=at), at=at), at=at)
    return certified(participation, designation=activity.designations.get().uuid, at=at)


def test_an_empty_transcript_says_how_it_fills(client):
    text = text_of(learning_page(client, a_learner()))

    assert "No credit yet. Certificates appear here the moment you claim." in text
    assert "To finish" not in text


def test_totals_come_first_and_a_specimen_counts_nothing(client):
    learner = a_learner()
    real_certificate(learner)
    certified_in(another_activity(), learner)
    page = learning_page(client, learner)
    text = text_of(page)

    assert "0.5 AMA PRA Category 1 Credit™" in text
    assert "0 Specimen Category 1 Credit 0.5 on a specimen, which counts 0" in text
    assert text.index("on a specimen, which counts 0") < text.index("Credit in 2026")
    assert len(rows_of(page)) == 2


def test_ranges_hold_what_was_completed_in_them(client, time_machine):
    learner = a_learner()
    certified_in(another_activity(), learner, at=AT - timedelta(days=340))
    real_certificate(learner)

    assert "Specimen Category 1" not in text_of(learning_page(client, learner))
    assert "Specimen Category 1" in text_of(learning_page(client, learner, range="two-years"))
    cycle = text_of(learning_page(client, learner, range="cycle", since="2025-12-01", until="2025-12-31"))
    assert "Credit from 1 Dec 2025 to 31 Dec 2025" in cycle
    assert "Specimen Category 1" in cycle
    assert "AMA PRA" not in cycle


@pytest.mark.parametrize("query", [{"range": "bogus"}, {"range": "cycle", "since": "31 Feb", "until": "x"}])
def test_a_range_that_is_none_breaks_nothing(client, query):
    learner = a_learner()
    real_certificate(learner)

    assert "AMA PRA Category 1 Credit" in text_of(learning_page(client, learner, **query))


def test_what_is_begun_stands_above_with_its_next_step_and_its_last_day(client):
    learner = a_learner()
    participation = started(another_activity(title="Begun"), learner)
    page = learning_page(client, learner)

    assert "To finish" in page
    assert "Begun : next is “Pre-test”. Until 21 Nov 2027 (ET)." in text_of(page)
    assert reverse("step", args=[participation.uuid, "pre-test"]) in page


def test_what_earns_nothing_is_not_left_to_finish(client):
    learner = a_learner()
    started(published(a_recording_without_certification(uuid=another_uuid())), learner)

    assert "To finish" not in learning_page(client, learner)


def test_the_claim_has_its_own_last_day(client):
    learner = a_learner()
    evaluated(passed(started(another_activity(), learner)))

    assert "next is “Claim”. Until 21 Dec 2027 (ET)." in text_of(learning_page(client, learner))


def test_what_is_claimed_is_finished_and_what_is_left_of_it_is_not(client):
    learner = a_learner()
    participation = started(published(a_document_of_three_units()), learner)
    submitted(participation, "post-test-1")
    claimed(evaluated(participation), amount="0.25")
    assert "next is “Webcast 2”." in text_of(learning_page(client, learner))

    whole = a_learner()
    certified_in(another_activity(), whole)
    assert "To finish" not in learning_page(client, whole)


def test_a_revoked_certificate_and_a_participation_count_nothing(client):
    learner = a_learner()
    certificate = real_certificate(learner)
    revoke_certificate(code=certificate.code, reason="claimed twice", by=None, door="cli", at=AT)
    assert "revoked, counts 0" in text_of(learning_page(client, learner))

    nurse = certified_participation().learner
    assert "Participation, no credit" in text_of(learning_page(client, nurse))


def test_the_file_has_the_same_rows(client):
    learner = a_learner()
    certificate = real_certificate(learner)
    client.force_login(learner)
    answer = client.get(reverse("transcript_csv"))

    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    head, row = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert dict(zip(head, row, strict=True)) == {
        "Completed": "2026-11-22",
        "Time zone": "America/New_York",
        "Activity": "Listening first in chronic pain",
        "Format": "enduring material",
        "Provider": "Example Academy of Medicine",
        "Credit type": "AMA PRA Category 1 Credit™",
        "Amount shown": "0.5",
        "Amount counted": "0.5",
        "State": "valid",
        "Code": certificate.printed["face"]["code"],
        "Verification": f"https://cme.example/verify/{certificate.code}/",
    }


def test_a_certificate_without_its_details_stays_a_row_that_counts_nothing(client):
    learner = a_learner()
    kept = certified_in(another_activity(title="Kept"), learner)
    certificate = real_certificate(learner)
    without_details(certificate)
    page = learning_page(client, learner)

    assert "The personal details on it were removed. Example Academy of Medicine" in text_of(page)
    assert len(rows_of(page)) == 2
    assert "AMA PRA" not in page
    assert reverse("certificate", args=[kept.uuid]) in page
    for name in ("certificate", "certificate_pdf"):
        assert reverse(name, args=[certificate.uuid]) not in page
        assert client.get(reverse(name, args=[certificate.uuid])).status_code == 404
    rows = client.get(reverse("transcript_csv")).content.decode()
    assert f"The personal details on it were removed.,,{certificate.provider.name}," in rows


def test_a_title_cannot_become_a_formula(client):
    learner = a_learner()
    certified_in(another_activity(title="=HYPERLINK(1)"), learner)
    client.force_login(learner)

    assert "'=HYPERLINK(1)" in client.get(reverse("transcript_csv")).content.decode()


def test_nobody_without_an_account_sees_a_transcript(client):
    for name in ("learning", "transcript_csv"):
        answer = client.get(reverse(name))
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith(reverse("account_login"))


def queries_at(client, learner, name):
    client.force_login(learner)
    client.get(reverse(name))
    with CaptureQueriesContext(connection) as queries:
        assert client.get(reverse(name)).status_code == 200
    return len(queries)


@pytest.mark.parametrize(("name", "most"), [("learning", 8), ("transcript_csv", 3)])
def test_the_transcript_costs_the_same_with_one_row_and_with_fifty(client, name, most):
    few, many = a_learner(), a_learner()
    for learner, count in ((few, 1), (many, 50)):
        for _ in range(count):
            certified_in(another_activity(), learner)

    cost = queries_at(client, few, name)
    assert cost == queries_at(client, many, name)
    assert cost <= most
